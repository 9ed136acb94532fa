// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <string.h>

#include "vm/bytecode/frame.h"
#include "vm/bytecode/module.h"
#include "vm/stack_internal.h"

static iree_status_t tenon_format_location(void* self, uint64_t data[2],
                                           iree_vm_source_location_format_flags_t flags,
                                           iree_string_builder_t* builder) {
  const tenon_module_file_t* file = (const tenon_module_file_t*)self;
  const tenon_location_t* location = (const tenon_location_t*)(uintptr_t)data[0];
  if (!location) return iree_string_builder_append_format(builder, "pc %u", (unsigned)data[1]);
  const char* context = tenon_module_text(file, location->context);
  return iree_string_builder_append_format(builder, *context ? "%s:%u:%u (%s)" : "%s:%u:%u",
                                           tenon_module_text(file, location->file), location->line,
                                           location->column, context);
}

iree_status_t tenon_bytecode_resolve_source_location(void* self, iree_vm_stack_frame_t* frame,
                                                     iree_vm_source_location_t* out_location) {
  const tenon_bytecode_module_t* module = (const tenon_bytecode_module_t*)self;
  const tenon_location_t* location = tenon_module_find_location(
      module->file, tenon_bytecode_frame(frame)->function->record, (uint32_t)frame->pc);
  *out_location = (iree_vm_source_location_t){
      .self = (void*)module->file,
      .data = {(uint64_t)(uintptr_t)location, frame->pc},
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

iree_status_t tenon_bytecode_unwind(iree_vm_stack_t* stack, iree_status_t status) {
  const iree_vm_stack_frame_t* frame = iree_vm_stack_top(stack);
  while (frame->user_flags & TENON_FRAME_INTERNAL) frame = frame->parent;
  return tenon_stack_unwind(stack, frame->parent, status);
}

iree_status_t tenon_bytecode_fail(const tenon_frame_t* f, const uint16_t* units) {
  const tenon_module_file_t* file = f->function->module->file;
  return iree_status_allocate((iree_status_code_t)tenon_load_u32(units), __FILE__, __LINE__,
                              tenon_module_string(file, tenon_load_u32(units + 2)));
}

iree_status_t tenon_bytecode_check_failed(const tenon_frame_t* f, const uint16_t* units) {
  const tenon_slot_t* v = f->values;
  return tenon_bytecode_make_check_failure(
      tenon_module_string(f->function->module->file, tenon_load_u32(units + 2)), v[units[0]].i64,
      v[units[1]].i64);
}
