// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <stdio.h>
#include <string.h>

#include "vm/bytecode/frame.h"
#include "vm/bytecode/module.h"

// Adds to a failure where in the program it happened: the instruction's location, or its pc if it
// has none, and the function; and whom the instruction was calling, unless |callee| is NULL.
static iree_status_t tenon_bytecode_annotate(const tenon_bytecode_module_t* module,
                                             const tenon_bytecode_function_t* function, uint32_t pc,
                                             const char* callee, iree_status_t status) {
  const tenon_module_file_t* file = module->file;
  const char* calling = callee ? "while calling " : "";
  const char* separator = callee ? " at " : "at ";
  if (!callee) callee = "";
  const char* module_name = tenon_module_text(file, file->header->name);
  const char* function_name = tenon_module_text(file, function->record->name);
  const tenon_location_t* location = tenon_module_find_location(file, function->record, pc);
  if (!location) {
    return iree_status_annotate_f(status, "%s%s%spc %u of %s.%s", calling, callee, separator, pc,
                                  module_name, function_name);
  }
  const char* context = tenon_module_text(file, location->context);
  return iree_status_annotate_f(status, "%s%s%s%s:%u:%u%s%s%s in %s.%s", calling, callee, separator,
                                tenon_module_text(file, location->file), location->line,
                                location->column, *context ? " (" : "", context,
                                *context ? ")" : "", module_name, function_name);
}

static iree_status_t tenon_format_location(void* self, uint64_t data[2],
                                           iree_vm_source_location_format_flags_t flags,
                                           iree_string_builder_t* builder) {
  const tenon_module_file_t* file = (const tenon_module_file_t*)self;
  const tenon_location_t* location = (const tenon_location_t*)(uintptr_t)data[0];
  return iree_string_builder_append_format(builder, "%s:%u:%u",
                                           tenon_module_text(file, location->file), location->line,
                                           location->column);
}

iree_status_t tenon_bytecode_resolve_source_location(void* self, iree_vm_stack_frame_t* frame,
                                                     iree_vm_source_location_t* out_location) {
  const tenon_bytecode_module_t* module = (const tenon_bytecode_module_t*)self;
  const tenon_location_t* location = tenon_module_find_location(
      module->file, tenon_bytecode_frame(frame)->function->record, (uint32_t)frame->pc);
  if (!location) return iree_status_from_code(IREE_STATUS_UNAVAILABLE);
  *out_location = (iree_vm_source_location_t){
      .self = (void*)module->file,
      .data = {(uint64_t)(uintptr_t)location, 0},
      .format = tenon_format_location,
  };
  return iree_ok_status();
}

// The failure of a check of two values: |text| with its first {0} and {1} replaced by them, or with
// both appended if it has neither.
static iree_status_t tenon_bytecode_make_check_failure(iree_string_view_t text, int64_t a,
                                                       int64_t b) {
  const char* first = strstr(text.data, "{0}");
  const char* second = strstr(text.data, "{1}");
  if (!first && !second) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "%s", text.data);
  }
  // In the order of the text.
  bool swapped = !first || (second && second < first);
  const char* places[2] = {swapped ? second : first, swapped ? first : second};
  int64_t values[2] = {swapped ? b : a, swapped ? a : b};
  const char* middle = places[0] + 3;
  if (!places[1]) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "%.*s%lld%s",
                            (int)(places[0] - text.data), text.data, (long long)values[0], middle);
  }
  return iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "%.*s%lld%.*s%lld%s",
                          (int)(places[0] - text.data), text.data, (long long)values[0],
                          (int)(places[1] - middle), middle, (long long)values[1], places[1] + 3);
}

// How many frames a failure names; of a deep recursion the innermost and the outermost.
#define TENON_MAX_NAMED_FRAMES 16

iree_status_t tenon_bytecode_unwind(iree_vm_stack_t* stack, iree_status_t status) {
  const tenon_bytecode_module_t* module = tenon_bytecode_frame(iree_vm_stack_top(stack))->module;
  const char* callee = NULL;
  uint32_t unnamed_count = 0;
  for (uint32_t i = 0;; ++i) {
    iree_vm_stack_frame_t* frame = iree_vm_stack_top(stack);
    tenon_frame_t* f = tenon_bytecode_frame(frame);
    bool is_internal = (frame->user_flags & TENON_FRAME_INTERNAL) != 0;
    if (frame->user_flags & TENON_FRAME_IN_CALL) {
      callee = tenon_module_text(module->file, f->import->record->full_name);
    }
    if (is_internal && i >= TENON_MAX_NAMED_FRAMES) {
      ++unnamed_count;
    } else {
      if (unnamed_count) status = iree_status_annotate_f(status, "... %u calls", unnamed_count);
      status = tenon_bytecode_annotate(module, f->function, (uint32_t)frame->pc, callee, status);
    }
    callee = tenon_module_text(module->file, f->function->record->name);
    status = iree_status_join(status, iree_vm_stack_function_leave(stack));
    if (!is_internal) return status;
  }
}

iree_status_t tenon_bytecode_fail(const tenon_frame_t* f, const uint16_t* units) {
  const tenon_module_file_t* file = f->module->file;
  return iree_status_allocate((iree_status_code_t)tenon_load_u32(units), __FILE__, __LINE__,
                              tenon_module_string(file, tenon_load_u32(units + 2)));
}

iree_status_t tenon_bytecode_check_failed(const tenon_frame_t* f, const uint16_t* units) {
  const tenon_slot_t* v = f->values;
  return tenon_bytecode_make_check_failure(
      tenon_module_string(f->module->file, tenon_load_u32(units + 2)), v[units[0]].i64,
      v[units[1]].i64);
}
