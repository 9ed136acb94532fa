// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Traces of what is executed, for IREE_VM_INVOCATION_FLAG_TRACE_EXECUTION.

#include <stdio.h>

#include "format/instruction_text.h"
#include "vm/bytecode/frame.h"

typedef struct tenon_trace_t {
  tenon_instruction_text_t text;
  const tenon_frame_t* frame;
  const char* separator;
} tenon_trace_t;

static void tenon_trace_register(void* user_data, char register_class, uint32_t number,
                                 uint32_t index) {
  tenon_trace_t* trace = user_data;
  tenon_instruction_text_append(&trace->text, "%s%c%u=", trace->separator, register_class, number);
  trace->separator = " ";
  if (register_class != 'r') {
    tenon_instruction_text_append_value(&trace->text, register_class,
                                        trace->frame->values[index].u64);
    return;
  }
  const iree_vm_ref_t* ref = &trace->frame->refs[index];
  const iree_string_view_t name = ref->ptr ? iree_vm_ref_type_name(ref->type) : IREE_SV("null");
  tenon_instruction_text_append(&trace->text, ref->ptr ? "%.*s %p" : "%.*s", (int)name.size,
                                name.data, ref->ptr);
}

void tenon_bytecode_trace(iree_vm_stack_t* stack, iree_vm_stack_frame_t* frame,
                          const uint16_t* ip) {
  const tenon_frame_t* f = tenon_bytecode_frame(frame);
  const tenon_module_file_t* file = f->function->module->file;
  const tenon_function_t* function = f->function->record;
  iree_string_builder_t builder;
  iree_string_builder_initialize(iree_vm_stack_allocator(stack), &builder);
  tenon_trace_t trace = {
      .text = {.file = file, .function = function, .builder = &builder},
      .frame = f,
      .separator = "  // ",
  };
  tenon_instruction_text_append(
      &trace.text, "[%s.%s+%05u] ", tenon_module_text(file, file->header->name),
      tenon_module_text(file, function->name), (uint32_t)(ip - f->function->code));
  tenon_instruction_text(&trace.text, ip);
  // The same without text, for the registers.
  tenon_instruction_text_t registers = {
      .file = file, .function = function, .read_fn = tenon_trace_register, .user_data = &trace};
  tenon_instruction_text(&registers, ip);
  tenon_instruction_text_append(&trace.text, "\n");
  // In one piece, so that the lines of several threads don't mix. Without memory there is none.
  const iree_string_view_t line = iree_string_builder_view(&builder);
  if (iree_status_is_ok(trace.text.status) && line.size) fwrite(line.data, 1, line.size, stderr);
  iree_status_ignore(trace.text.status);
  iree_string_builder_deinitialize(&builder);
}
