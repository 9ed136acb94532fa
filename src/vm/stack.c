// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "iree/vm/stack.h"

#include <string.h>

#include "iree/base/alignment.h"
#include "vm/stack_internal.h"
#include "vm/turns.h"

#define TENON_STACK_SEGMENT_SIZE (32 * 1024)

//===--------------------------------------------------------------------------------------------===//
// Lifetime
//===--------------------------------------------------------------------------------------------===//

IREE_API_EXPORT iree_status_t iree_vm_stack_initialize(iree_byte_span_t storage,
                                                       iree_vm_invocation_flags_t flags,
                                                       iree_vm_state_resolver_t state_resolver,
                                                       iree_allocator_t allocator,
                                                       iree_vm_stack_t** out_stack) {
  *out_stack = NULL;
  if (storage.data_length < IREE_VM_STACK_MIN_SIZE) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "storage of a stack needs at least %d bytes; it has %zu",
                            IREE_VM_STACK_MIN_SIZE, storage.data_length);
  }
  uint8_t* base =
      (uint8_t*)iree_host_align((iree_host_size_t)(uintptr_t)storage.data, TENON_STACK_ALIGNMENT);
  iree_vm_stack_t* stack = (iree_vm_stack_t*)(void*)base;
  const iree_host_size_t padding = (iree_host_size_t)(base - storage.data);
  tenon_stack_setup(stack, storage.data_length - padding, flags, state_resolver, allocator);
  *out_stack = stack;
  return iree_ok_status();
}

IREE_API_EXPORT void iree_vm_stack_deinitialize(iree_vm_stack_t* stack) {
  iree_vm_stack_reset(stack);
  if (stack->spare) iree_allocator_free(stack->allocator, stack->spare);
  stack->spare = NULL;
}

IREE_API_EXPORT iree_status_t iree_vm_stack_allocate(iree_vm_invocation_flags_t flags,
                                                     iree_vm_state_resolver_t state_resolver,
                                                     iree_allocator_t allocator,
                                                     iree_vm_stack_t** out_stack) {
  *out_stack = NULL;
  void* storage = NULL;
  IREE_RETURN_IF_ERROR(
      iree_allocator_malloc_uninitialized(allocator, IREE_VM_STACK_DEFAULT_SIZE, &storage));
  // Memory from an allocator is aligned, so the stack lies at the start of the block.
  iree_status_t status =
      iree_vm_stack_initialize(iree_make_byte_span(storage, IREE_VM_STACK_DEFAULT_SIZE), flags,
                               state_resolver, allocator, out_stack);
  if (!iree_status_is_ok(status)) iree_allocator_free(allocator, storage);
  return status;
}

IREE_API_EXPORT void iree_vm_stack_free(iree_vm_stack_t* stack) {
  if (!stack) return;
  const iree_allocator_t allocator = stack->allocator;
  iree_vm_stack_deinitialize(stack);
  iree_allocator_free(allocator, stack);
}

IREE_API_EXPORT void iree_vm_stack_reset(iree_vm_stack_t* stack) {
  while (stack->top) iree_status_ignore(iree_vm_stack_function_leave(stack));
  tenon_stack_drop_wait(stack);
}

//===--------------------------------------------------------------------------------------------===//
// Queries
//===--------------------------------------------------------------------------------------------===//

IREE_API_EXPORT iree_vm_invocation_flags_t
iree_vm_stack_invocation_flags(const iree_vm_stack_t* stack) {
  return stack->flags;
}

IREE_API_EXPORT iree_allocator_t iree_vm_stack_allocator(const iree_vm_stack_t* stack) {
  return stack->allocator;
}

IREE_API_EXPORT iree_vm_stack_frame_t* iree_vm_stack_top(iree_vm_stack_t* stack) {
  return stack->top;
}

IREE_API_EXPORT iree_vm_stack_frame_t* iree_vm_stack_current_frame(iree_vm_stack_t* stack) {
  return stack->top;
}

IREE_API_EXPORT iree_vm_stack_frame_t* iree_vm_stack_parent_frame(iree_vm_stack_t* stack) {
  return stack->top ? stack->top->parent : NULL;
}

IREE_API_EXPORT iree_status_t iree_vm_stack_query_module_state(
    iree_vm_stack_t* stack, iree_vm_module_t* module, iree_vm_module_state_t** out_module_state) {
  if (IREE_LIKELY(stack->cached_module == module && module)) {
    *out_module_state = stack->cached_state;
    return iree_ok_status();
  }
  *out_module_state = NULL;
  IREE_RETURN_IF_ERROR(stack->state_resolver.query_module_state(stack->state_resolver.self, module,
                                                                out_module_state));
  stack->cached_module = module;
  stack->cached_state = *out_module_state;
  return iree_ok_status();
}

//===--------------------------------------------------------------------------------------------===//
// Segments
//===--------------------------------------------------------------------------------------------===//

static iree_status_t tenon_stack_make_limit_error(const iree_vm_stack_t* stack,
                                                  iree_host_size_t frame_size) {
  const int depth = stack->top ? stack->top->depth + 1 : 0;
  return iree_make_status(IREE_STATUS_RESOURCE_EXHAUSTED,
                          "stack overflow: at a depth of %d calls there is no room for a frame of "
                          "%zu bytes within the limit of %d bytes of stack",
                          depth, frame_size, IREE_VM_STACK_MAX_SIZE);
}

// Makes a segment with room for |size| bytes the current one.
static iree_status_t tenon_stack_grow(iree_vm_stack_t* stack, iree_host_size_t size) {
  iree_host_size_t segment_size = TENON_STACK_SEGMENT_SIZE;
  if (size > segment_size - TENON_STACK_SEGMENT_HEADER_SIZE) {
    if (size > IREE_VM_STACK_MAX_SIZE) return tenon_stack_make_limit_error(stack, size);
    segment_size = size + TENON_STACK_SEGMENT_HEADER_SIZE;
  }
  tenon_stack_segment_t* segment = stack->spare;
  if (segment && segment->size >= segment_size) {
    segment_size = segment->size;
  } else {
    segment = NULL;
  }
  if (segment_size > IREE_VM_STACK_MAX_SIZE ||
      stack->total_size > IREE_VM_STACK_MAX_SIZE - segment_size) {
    return tenon_stack_make_limit_error(stack, size);
  }
  if (segment) {
    stack->spare = NULL;
  } else {
    IREE_RETURN_IF_ERROR(
        iree_allocator_malloc_uninitialized(stack->allocator, segment_size, (void**)&segment));
  }
  segment->previous = stack->segment;
  segment->size = segment_size;
  segment->previous_next = stack->next;
  segment->previous_limit = stack->limit;
  stack->segment = segment;
  stack->total_size += segment_size;
  stack->next = (uint8_t*)segment + TENON_STACK_SEGMENT_HEADER_SIZE;
  stack->limit = (uint8_t*)segment + segment_size;
  return iree_ok_status();
}

// Leaves the current segment, which has no frame any more.
static void tenon_stack_shrink(iree_vm_stack_t* stack) {
  tenon_stack_segment_t* segment = stack->segment;
  stack->segment = segment->previous;
  stack->next = segment->previous_next;
  stack->limit = segment->previous_limit;
  stack->total_size -= segment->size;
  if (stack->spare) iree_allocator_free(stack->allocator, stack->spare);
  stack->spare = segment;
}

//===--------------------------------------------------------------------------------------------===//
// Frames
//===--------------------------------------------------------------------------------------------===//

// The state for a frame of |function|, which is often that of its caller.
static iree_status_t tenon_stack_find_state(iree_vm_stack_t* stack,
                                            const iree_vm_function_t* function,
                                            iree_vm_module_state_t** out_module_state) {
  const iree_vm_stack_frame_t* top = stack->top;
  if (top && top->function.module == function->module) {
    *out_module_state = top->module_state;
    return iree_ok_status();
  }
  return iree_vm_stack_query_module_state(stack, function->module, out_module_state);
}

IREE_API_EXPORT iree_status_t iree_vm_stack_function_enter(
    iree_vm_stack_t* stack, const iree_vm_function_t* function,
    iree_vm_stack_frame_type_t frame_type, iree_host_size_t frame_size,
    iree_vm_stack_frame_cleanup_fn_t frame_cleanup_fn, iree_vm_stack_frame_t** out_callee_frame) {
  *out_callee_frame = NULL;
  iree_vm_module_state_t* module_state = NULL;
  const bool has_function = function && function->module;
  if (has_function) IREE_RETURN_IF_ERROR(tenon_stack_find_state(stack, function, &module_state));
  if (IREE_UNLIKELY(frame_size > IREE_VM_STACK_MAX_SIZE)) {
    return tenon_stack_make_limit_error(stack, frame_size);
  }
  const iree_host_size_t size =
      TENON_STACK_FRAME_HEADER_SIZE + iree_host_align(frame_size, TENON_STACK_ALIGNMENT);
  if (IREE_UNLIKELY(size > (iree_host_size_t)(stack->limit - stack->next))) {
    IREE_RETURN_IF_ERROR(tenon_stack_grow(stack, size));
  }
  *out_callee_frame =
      tenon_stack_push(stack, stack->top, has_function ? *function : (iree_vm_function_t){0},
                       module_state, frame_type, size, frame_cleanup_fn);
  return iree_ok_status();
}

IREE_API_EXPORT iree_status_t iree_vm_stack_function_leave(iree_vm_stack_t* stack) {
  iree_vm_stack_frame_t* frame = stack->top;
  if (IREE_UNLIKELY(!frame)) {
    return iree_make_status(IREE_STATUS_FAILED_PRECONDITION, "the stack has no frame to leave");
  }
  if (frame->cleanup_fn) frame->cleanup_fn(frame);
  const bool ends_segment = tenon_stack_ends_segment(stack, frame);
  tenon_stack_pop(stack, frame);
  if (IREE_UNLIKELY(ends_segment)) tenon_stack_shrink(stack);
  return iree_ok_status();
}

//===--------------------------------------------------------------------------------------------===//
// Backtraces
//===--------------------------------------------------------------------------------------------===//

// Appends where |frame| stands: "at PLACE in bytecode function MODULE.FUNCTION", or "while invoking
// native function MODULE.FUNCTION" if the place is not known.
static iree_status_t tenon_stack_format_frame(iree_vm_stack_frame_t* frame,
                                              iree_string_builder_t* builder) {
  static const char kinds[][9] = {"external", "native", "bytecode"};
  iree_vm_module_t* module = frame->function.module;
  iree_string_view_t module_name = iree_string_view_empty(), function_name = module_name;
  const char* before = "while invoking";
  if (module) {
    module_name = iree_vm_module_name(module);
    function_name = iree_vm_function_name(&frame->function);
    iree_vm_source_location_t location;
    iree_status_t status = iree_vm_module_resolve_source_location(module, frame, &location);
    if (iree_status_is_ok(status)) {
      IREE_RETURN_IF_ERROR(iree_string_builder_append_cstring(builder, "at "));
      IREE_RETURN_IF_ERROR(iree_vm_source_location_format(
          &location, IREE_VM_SOURCE_LOCATION_FORMAT_FLAG_SINGLE_LINE, builder));
      before = " in";
    }
    // Places are told where they are known.
    iree_status_ignore(status);
  }
  return iree_string_builder_append_format(
      builder, module ? "%s %s function %.*s.%.*s" : "%s %s function", before, kinds[frame->type],
      (int)module_name.size, module_name.data, (int)function_name.size, function_name.data);
}

IREE_API_EXPORT iree_status_t iree_vm_stack_format_backtrace(iree_vm_stack_t* stack,
                                                             iree_string_builder_t* builder) {
  for (iree_vm_stack_frame_t* frame = stack->top; frame; frame = frame->parent) {
    IREE_RETURN_IF_ERROR(iree_string_builder_append_format(builder, "[%2d] ", (int)frame->depth));
    IREE_RETURN_IF_ERROR(tenon_stack_format_frame(frame, builder));
    IREE_RETURN_IF_ERROR(iree_string_builder_append_cstring(builder, "\n"));
  }
  return iree_ok_status();
}

// Adds the text in |builder|, whose making has come to |text_status|, to a failure.
static iree_status_t tenon_stack_annotate(iree_status_t base_status, iree_status_t text_status,
                                          iree_string_builder_t* builder) {
  if (iree_status_is_ok(text_status)) {
    const iree_string_view_t text = iree_string_view_trim(iree_string_builder_view(builder));
    base_status = iree_status_annotate_f(base_status, "%.*s", (int)text.size, text.data);
  }
  // The failure counts, also without its place.
  iree_status_ignore(text_status);
  iree_string_builder_deinitialize(builder);
  return base_status;
}

IREE_API_EXPORT iree_status_t iree_vm_stack_annotate_backtrace(iree_vm_stack_t* stack,
                                                               iree_status_t base_status) {
  if (iree_status_is_ok(base_status) || !stack->top) return base_status;
  iree_string_builder_t builder;
  iree_string_builder_initialize(stack->allocator, &builder);
  iree_status_t status = iree_string_builder_append_cstring(&builder, "backtrace:\n");
  if (iree_status_is_ok(status)) status = iree_vm_stack_format_backtrace(stack, &builder);
  return tenon_stack_annotate(base_status, status, &builder);
}

// How many places a failure names, besides the outermost.
#define TENON_MAX_NAMED_PLACES 16

// Adds where |frame| stands, and |count| - 1 more there, to a failure.
static iree_status_t tenon_stack_annotate_frame(iree_vm_stack_t* stack,
                                                iree_vm_stack_frame_t* frame, uint32_t count,
                                                iree_status_t base_status) {
  iree_string_builder_t builder;
  iree_string_builder_initialize(stack->allocator, &builder);
  iree_status_t status = tenon_stack_format_frame(frame, &builder);
  if (iree_status_is_ok(status) && count > 1) {
    status = iree_string_builder_append_format(&builder, " (repeated %u times)", count);
  }
  return tenon_stack_annotate(base_status, status, &builder);
}

// Whether both stand at the same place.
static bool tenon_stack_frames_agree(const iree_vm_stack_frame_t* a,
                                     const iree_vm_stack_frame_t* b) {
  return a->pc == b->pc && a->function.module == b->function.module &&
         a->function.linkage == b->function.linkage && a->function.ordinal == b->function.ordinal;
}

iree_status_t tenon_stack_unwind(iree_vm_stack_t* stack, const iree_vm_stack_frame_t* end,
                                 iree_status_t status) {
  uint32_t place_count = 0, unnamed_count = 0, count = 0;
  for (iree_vm_stack_frame_t* frame; (frame = stack->top) != end;
       iree_status_ignore(iree_vm_stack_function_leave(stack))) {
    const bool is_last = frame->parent == end;
    ++count;
    if (!is_last && tenon_stack_frames_agree(frame, frame->parent)) continue;
    if (++place_count > TENON_MAX_NAMED_PLACES && !is_last) {
      unnamed_count += count;
    } else {
      if (unnamed_count) status = iree_status_annotate_f(status, "... %u calls", unnamed_count);
      status = tenon_stack_annotate_frame(stack, frame, count, status);
    }
    count = 0;
  }
  return status;
}

//===--------------------------------------------------------------------------------------------===//
// Resumption
//===--------------------------------------------------------------------------------------------===//

iree_status_t tenon_stack_make_no_frame_error(void) {
  return iree_make_status(IREE_STATUS_INTERNAL,
                          "the function returned DEFERRED without a frame to resume it by");
}

// Resumes the topmost frame, and checks that its module keeps to the protocol.
static iree_status_t tenon_stack_resume_top(iree_vm_stack_t* stack) {
  iree_vm_stack_frame_t* frame = stack->top;
  iree_vm_module_t* module = frame->function.module;
  if (!module || !module->resume_call) {
    return iree_make_status(IREE_STATUS_INTERNAL, "the suspended frame can't be resumed: %s",
                            module ? "its module has no resume_call" : "it has no function");
  }
  const int32_t depth = frame->depth;
  const iree_byte_span_t call_results = frame->call_results;
  frame->call_results = iree_byte_span_empty();
  iree_status_t status = module->resume_call(module->self, stack, call_results);
  const bool frame_is_there = stack->top && stack->top->depth >= depth;
  if (iree_status_is_ok(status) && frame_is_there) {
    return iree_make_status(IREE_STATUS_INTERNAL,
                            "a resumed function completed without leaving its frame");
  }
  if (iree_status_is_deferred(status) && !stack->top) {
    iree_status_ignore(status);
    return iree_make_status(IREE_STATUS_INTERNAL,
                            "a resumed function suspended itself without a frame");
  }
  return status;
}

// Frames that the application has put there are not the VM's to resume or to remove.
static bool tenon_stack_has_calls(const iree_vm_stack_t* stack) {
  return stack->top && stack->top->type != IREE_VM_STACK_FRAME_EXTERNAL;
}

IREE_API_EXPORT iree_status_t iree_vm_stack_resume(iree_vm_stack_t* stack) {
  if (!tenon_stack_has_calls(stack)) {
    return iree_make_status(IREE_STATUS_FAILED_PRECONDITION, "the stack has no frame to resume");
  }
  if (tenon_stack_has_wait(stack) && !tenon_stack_poll_wait(stack)) {
    return iree_status_from_code(IREE_STATUS_DEFERRED);
  }
  iree_status_t status = iree_ok_status();
  tenon_turn_go_on(stack);
  while (tenon_stack_has_calls(stack) && iree_status_is_ok(status)) {
    status = tenon_stack_resume_top(stack);
  }
  tenon_turn_pause(stack);
  if (IREE_LIKELY(iree_status_is_ok(status) || iree_status_is_deferred(status))) return status;
  // The function that failed has named itself; its callers don't run any more.
  iree_vm_stack_frame_t* end = stack->top;
  while (end && end->type != IREE_VM_STACK_FRAME_EXTERNAL) end = end->parent;
  return tenon_stack_unwind(stack, end, status);
}
