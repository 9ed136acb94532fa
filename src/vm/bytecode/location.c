// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <stdio.h>
#include <string.h>

#include "vm/bytecode/frame.h"
#include "vm/bytecode/module.h"

iree_status_t tenon_bytecode_annotate(const tenon_bytecode_module_t* module,
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

iree_status_t tenon_bytecode_make_check_failure(iree_string_view_t text, int64_t a, int64_t b) {
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
