// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The functions of exports.h that wait, or begin work that is done later. A point is a fence, or null.

#include <assert.h>

#include "hal/timepoint.h"
#include "modules/hal/shim.h"
#include "vm/detached.h"

// A fence in argument storage, borrowed from it; NULL for null.
static iree_status_t load_fence(const hal_module_t* module, const uint8_t* p,
                                iree_hal_fence_t** out_fence) {
  const iree_vm_ref_t ref = load_ref(p);
  *out_fence = ref.ptr;
  return ref.type && ref.type != module->fence_type
             ? iree_vm_ref_make_type_error(ref, module->fence_type)
             : iree_ok_status();
}

static void release_arguments(uint8_t* refs, iree_host_size_t count) {
  for (iree_host_size_t i = 0; i < count; ++i) release_argument(refs + i * REF_SIZE);
}

// Returns |fence|, or null, with the caller's count of it.
static void store_fence(const hal_module_t* module, iree_byte_span_t results,
                        iree_hal_fence_t* fence) {
  if (fence) store_result(results, fence, module->fence_type);
}

//===--------------------------------------------------------------------------------------------===//
// fence
//===--------------------------------------------------------------------------------------------===//

SHIM(tenon_hal_shim_fence_await) {
  if (flags & IREE_VM_NATIVE_FUNCTION_CALL_RESUME) {
    iree_status_t status = iree_vm_stack_consume_wait_status(stack);
    return iree_status_join(status, iree_vm_stack_function_leave(stack));
  }
  iree_hal_fence_t* fence = NULL;
  IREE_RETURN_IF_ERROR(tenon_hal_check_sizes(arguments, REF_SIZE, results, 0));
  IREE_RETURN_IF_ERROR(load_fence(self, arguments.data, &fence));
  iree_status_t status = iree_hal_fence_query(fence);
  if (iree_status_is_ok(status)) release_argument(arguments.data);
  if (!iree_status_is_deferred(status)) return status;
  iree_status_ignore(status);
  iree_vm_stack_frame_t* frame = NULL;
  IREE_RETURN_IF_ERROR(
      iree_vm_stack_function_enter(stack, NULL, IREE_VM_STACK_FRAME_NATIVE, 0, NULL, &frame));
  iree_vm_ref_t owner = load_ref(arguments.data);
  memset(arguments.data, 0, REF_SIZE);
  iree_vm_stack_wait_on(stack, iree_hal_fence_await(fence), &owner);
  return iree_status_from_code(IREE_STATUS_DEFERRED);
}

SHIM(tenon_hal_shim_fence_create) {
  hal_module_t* module = self;
  iree_hal_fence_t* fence = NULL;
  IREE_RETURN_IF_ERROR(tenon_hal_check_sizes(arguments, 0, results, REF_SIZE));
  IREE_RETURN_IF_ERROR(tenon_hal_fence_create_pending(module->host_allocator, &fence));
  store_fence(module, results, fence);
  return iree_ok_status();
}

// The references in |refs| that are to be waited for, moved to its front. Counts them and their points.
static iree_status_t keep_pending(const hal_module_t* module, uint8_t* refs, iree_host_size_t count,
                                  iree_host_size_t* out_pending, iree_host_size_t* out_points) {
  iree_host_size_t pending = 0, points = 0;
  for (iree_host_size_t i = 0; i < count; ++i) {
    uint8_t* ref = refs + i * REF_SIZE;
    iree_hal_fence_t* fence = NULL;
    IREE_RETURN_IF_ERROR(load_fence(module, ref, &fence));
    if (tenon_hal_fence_is_reached(fence)) {
      release_argument(ref);
      continue;
    }
    points += iree_hal_fence_timepoint_count(fence);
    const iree_vm_ref_t kept = load_ref(ref);
    memset(ref, 0, REF_SIZE);
    memcpy(refs + pending++ * REF_SIZE, &kept, REF_SIZE);
  }
  *out_pending = pending;
  *out_points = points;
  return iree_ok_status();
}

static iree_status_t join_fences(const hal_module_t* module, const uint8_t* refs,
                                 iree_host_size_t count, iree_host_size_t points,
                                 iree_hal_fence_t** out_fence) {
  IREE_RETURN_IF_ERROR(iree_hal_fence_create(points, module->host_allocator, out_fence));
  iree_status_t status = iree_ok_status();
  for (iree_host_size_t i = 0; i < count && iree_status_is_ok(status); ++i) {
    status = iree_hal_fence_extend(*out_fence, load_ref(refs + i * REF_SIZE).ptr);
  }
  if (!iree_status_is_ok(status)) iree_hal_fence_release(*out_fence);
  return status;
}

// One point in the place of all of |*fence|.
static iree_status_t merge_points(const hal_module_t* module, iree_hal_fence_t** fence) {
  iree_hal_fence_t* merged = NULL;
  iree_status_t status = tenon_hal_fence_create_pending(module->host_allocator, &merged);
  if (iree_status_is_ok(status)) {
    status = tenon_hal_local_device_signal_after(module->device, *fence, merged);
  }
  iree_hal_fence_release(*fence);
  if (!iree_status_is_ok(status)) iree_hal_fence_release(merged);
  *fence = merged;
  return status;
}

SHIM(tenon_hal_shim_fence_join) {
  // A loop may join what it began to what was joined in the round before, without end.
  enum { MAX_POINTS = 64 };
  hal_module_t* module = self;
  const iree_host_size_t head = sizeof(int32_t);
  iree_host_size_t count = 0, points = 0;
  if (arguments.data_length >= head) count = (uint32_t)load_i32(arguments.data);
  IREE_RETURN_IF_ERROR(
      tenon_hal_check_sizes(arguments, head + count * REF_SIZE, results, REF_SIZE));
  uint8_t* refs = arguments.data + head;
  IREE_RETURN_IF_ERROR(keep_pending(module, refs, count, &count, &points));
  if (count == 1) {
    memcpy(results.data, refs, REF_SIZE);
    memset(refs, 0, REF_SIZE);
  } else if (count) {
    iree_hal_fence_t* fence = NULL;
    IREE_RETURN_IF_ERROR(join_fences(module, refs, count, points, &fence));
    if (points > MAX_POINTS) IREE_RETURN_IF_ERROR(merge_points(module, &fence));
    store_fence(module, results, fence);
    release_arguments(refs, count);
  }
  return iree_ok_status();
}

//===--------------------------------------------------------------------------------------------===//
// invoke
//===--------------------------------------------------------------------------------------------===//

// How the device lets a suspended invocation go on. It lies in the resumption's storage, which is that one's start.
static_assert(sizeof(tenon_hal_resumption_t) <= sizeof(((tenon_vm_resumption_t*)0)->storage) &&
                  offsetof(tenon_vm_resumption_t, storage) == 0,
              "the scheduler's own");

static void resume_invocation(tenon_hal_resumption_t* item) {
  tenon_vm_resumption_t* resumption = (tenon_vm_resumption_t*)(void*)item;
  resumption->run(resumption);
}

static void schedule_invocation(void* device, tenon_vm_resumption_t* resumption) {
  tenon_hal_resumption_t* item = (tenon_hal_resumption_t*)(void*)resumption;
  item->run = resume_invocation;
  tenon_hal_local_device_resume(device, item);
}

// An invocation that has succeeded has signaled, or has arranged for it.
static void complete_invocation(void* user_data, iree_status_t status) {
  iree_hal_fence_t* signal = user_data;
  if (iree_status_is_ok(status) || !signal) {
    iree_status_ignore(status);
  } else {
    iree_hal_fence_fail(signal, status);
  }
  iree_hal_fence_release(signal);
}

// Whether |convention| is `0r..I.._v`.
static bool takes(iree_string_view_t convention, iree_host_size_t ref_count,
                  iree_host_size_t value_count) {
  const char* p = convention.data;
  const iree_host_size_t count = ref_count + value_count;
  if (convention.size != (count ? count : 1) + 3 || *p++ != '0') return false;
  if (!count && *p++ != 'v') return false;
  while (ref_count--) {
    if (*p++ != 'r') return false;
  }
  while (value_count--) {
    if (*p++ != 'I') return false;
  }
  return p[0] == '_' && p[1] == 'v';
}

// Finds internal function |ordinal| of the module whose function is calling.
static iree_status_t find_callee(iree_vm_stack_t* stack, int32_t ordinal,
                                 iree_host_size_t ref_count, iree_host_size_t value_count,
                                 iree_vm_function_t* out_function) {
  const iree_vm_stack_frame_t* caller = iree_vm_stack_top(stack);
  iree_vm_module_t* module = caller ? caller->function.module : NULL;
  if (!module || !tenon_vm_stack_context(stack)) {
    return iree_make_status(IREE_STATUS_FAILED_PRECONDITION,
                            "only a module's function in a context can begin an invocation");
  }
  iree_string_view_t name = iree_string_view_empty();
  iree_vm_function_signature_t signature = {iree_string_view_empty()};
  IREE_RETURN_IF_ERROR(module->get_function(module->self, IREE_VM_FUNCTION_LINKAGE_INTERNAL,
                                            (uint32_t)ordinal, out_function, &name, &signature),
                       "internal function %" PRIi32, ordinal);
  const iree_string_view_t convention = signature.calling_convention;
  if (takes(convention, ref_count, value_count)) return iree_ok_status();
  return iree_make_status(
      IREE_STATUS_INVALID_ARGUMENT,
      "'%.*s' has the calling convention %.*s; it is to be invoked with %" PRIhsz
      " references, then %" PRIhsz " i64, and no results",
      (int)name.size, name.data, (int)convention.size, convention.data, ref_count, value_count);
}

SHIM(tenon_hal_shim_invoke) {
  hal_module_t* module = self;
  const iree_host_size_t count_size = sizeof(int32_t);
  uint8_t* signal = arguments.data + sizeof(int32_t);
  uint8_t* refs = signal + REF_SIZE + count_size;
  iree_host_size_t size = sizeof(int32_t) + REF_SIZE + 2 * count_size;
  iree_host_size_t ref_count = 0, value_count = 0;
  if (arguments.data_length >= size) {
    ref_count = (uint32_t)load_i32(refs - count_size);
    size += ref_count * REF_SIZE;
  }
  uint8_t* values = refs + ref_count * REF_SIZE + count_size;
  if (arguments.data_length >= size) {
    value_count = (uint32_t)load_i32(values - count_size);
    size += value_count * sizeof(int64_t);
  }
  IREE_RETURN_IF_ERROR(tenon_hal_check_sizes(arguments, size, results, 0));
  iree_hal_fence_t* fence = NULL;
  IREE_RETURN_IF_ERROR(load_fence(module, signal, &fence));
  iree_vm_function_t function;
  IREE_RETURN_IF_ERROR(
      find_callee(stack, load_i32(arguments.data), ref_count, value_count, &function));
  // The callee's arguments are the same without the count in between, which goes for the time being.
  memmove(values - count_size, values, value_count * sizeof(int64_t));
  const iree_byte_span_t storage = {refs, ref_count * REF_SIZE + value_count * sizeof(int64_t)};
  const tenon_vm_scheduler_t scheduler = {module->device, schedule_invocation};
  const tenon_vm_completion_t completion = {complete_invocation, fence};
  iree_hal_fence_retain(fence);
  iree_status_t status = tenon_vm_invoke_detached(tenon_vm_stack_context(stack), function,
                                                  iree_vm_stack_invocation_flags(stack), storage,
                                                  scheduler, completion, module->host_allocator);
  const int32_t count = (int32_t)value_count;
  memmove(values, values - count_size, value_count * sizeof(int64_t));
  memcpy(values - count_size, &count, sizeof(count));
  if (!iree_status_is_ok(status)) {
    iree_hal_fence_release(fence);
    return status;
  }
  release_argument(signal);
  // A device without threads resumes on this one.
  tenon_ready_drain();
  return iree_ok_status();
}

//===--------------------------------------------------------------------------------------------===//
// queue
//===--------------------------------------------------------------------------------------------===//

SHIM(tenon_hal_shim_queue_barrier) {
  hal_module_t* module = self;
  iree_hal_fence_t* wait = NULL;
  iree_hal_fence_t* signal = NULL;
  IREE_RETURN_IF_ERROR(tenon_hal_check_sizes(arguments, 2 * REF_SIZE, results, 0));
  IREE_RETURN_IF_ERROR(load_fence(module, arguments.data, &wait));
  IREE_RETURN_IF_ERROR(load_fence(module, arguments.data + REF_SIZE, &signal));
  if (signal) {
    IREE_RETURN_IF_ERROR(tenon_hal_local_device_signal_after(module->device, wait, signal));
  }
  release_arguments(arguments.data, 2);
  return iree_ok_status();
}

static iree_status_t copy_after(const hal_module_t* module, const uint8_t* wait,
                                const copy_arguments_t* copy, iree_hal_fence_t** out_fence) {
  iree_hal_fence_t* fence = NULL;
  IREE_RETURN_IF_ERROR(load_fence(module, wait, &fence));
  return tenon_hal_local_device_copy_after(module->device, fence, copy->source, copy->target,
                                           copy->size, out_fence);
}

SHIM(tenon_hal_shim_queue_clone) {
  hal_module_t* module = self;
  copy_arguments_t copy = {NULL, NULL, 0};
  IREE_RETURN_IF_ERROR(tenon_hal_load_copy(module, arguments, REF_SIZE, true, results, 2, &copy));
  iree_hal_fence_t* fence = NULL;
  iree_status_t status = copy_after(module, arguments.data, &copy, &fence);
  if (!iree_status_is_ok(status)) {
    iree_hal_buffer_release(copy.target);
    return status;
  }
  store_result(results, copy.target, module->buffer_type);
  store_fence(module, iree_make_byte_span(results.data + REF_SIZE, REF_SIZE), fence);
  release_arguments(arguments.data, 2);
  return iree_ok_status();
}

SHIM(tenon_hal_shim_queue_copy) {
  hal_module_t* module = self;
  copy_arguments_t copy = {NULL, NULL, 0};
  IREE_RETURN_IF_ERROR(tenon_hal_load_copy(module, arguments, REF_SIZE, false, results, 1, &copy));
  iree_hal_fence_t* fence = NULL;
  IREE_RETURN_IF_ERROR(copy_after(module, arguments.data, &copy, &fence));
  store_fence(module, results, fence);
  release_arguments(arguments.data, 3);
  return iree_ok_status();
}

SHIM(tenon_hal_shim_queue_dispatch) {
  hal_module_t* module = self;
  const iree_host_size_t wait_offset = REF_SIZE + sizeof(int32_t);
  iree_hal_buffer_t* buffers[TENON_DISPATCH_MAX_BINDINGS];
  int64_t constants[TENON_DISPATCH_MAX_CONSTANTS];
  dispatch_arguments_t loaded = {0};
  IREE_RETURN_IF_ERROR(load_dispatch(module, arguments, wait_offset + REF_SIZE, results, REF_SIZE,
                                     buffers, constants, &loaded));
  iree_hal_fence_t* wait = NULL;
  IREE_RETURN_IF_ERROR(load_fence(module, arguments.data + wait_offset, &wait));
  IREE_ASSERT(loaded.executable);
  const tenon_hal_dispatch_t dispatch = make_dispatch(&loaded, buffers, constants);
  iree_hal_fence_t* fence = NULL;
  IREE_RETURN_IF_ERROR(
      tenon_hal_local_device_dispatch_after(module->device, wait, &dispatch, &fence));
  store_fence(module, results, fence);
  release_argument(arguments.data + wait_offset);
  release_dispatch(arguments, &loaded, buffers);
  return iree_ok_status();
}
