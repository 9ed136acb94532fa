// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "format/disassembler.h"

#include <string.h>

#include "format/instruction_text.h"
#include "format/op_info.h"

typedef struct tenon_disassembler_t {
  tenon_instruction_text_t text;
  const uint16_t* code;
  uint64_t* targets;  // a bit per unit
} tenon_disassembler_t;

static void tenon_print_location(tenon_disassembler_t* d, uint32_t pc) {
  const tenon_module_file_t* file = d->text.file;
  const tenon_location_t* location = tenon_module_find_location(file, d->text.function, pc);
  if (!location) return;
  const char* context = tenon_module_text(file, location->context);
  tenon_instruction_text_append(&d->text, "  ; %s:%u:%u%s%s",
                                tenon_module_text(file, location->file), location->line,
                                location->column, *context ? " " : "", context);
}

static const uint16_t* tenon_print_instruction(tenon_disassembler_t* d, const uint16_t* units) {
  uint32_t pc = (uint32_t)(units - d->code);
  if (d->targets[pc / 64] >> (pc % 64) & 1) tenon_instruction_text_append(&d->text, "L%u:\n", pc);
  tenon_instruction_text_append(&d->text, "%6u  ", pc);
  units = tenon_instruction_text(&d->text, units);
  tenon_print_location(d, pc);
  tenon_instruction_text_append(&d->text, "\n");
  return units;
}

static void tenon_mark_targets(tenon_disassembler_t* d) {
  // Nothing is appended: just for the lengths.
  tenon_instruction_text_t text = {.file = d->text.file, .function = d->text.function};
  const uint16_t* end = d->code + text.function->bytecode_length;
  for (const uint16_t* units = d->code; units < end; units = tenon_instruction_text(&text, units)) {
    const char* letters = tenon_op_operands[*units];
    const char* branch = strchr(letters, 'b');
    if (!branch) continue;
    const uint16_t* operand = units + 1 + (branch - letters);
    uint32_t target = operand[0] | (uint32_t)operand[1] << 16;
    d->targets[target / 64] |= 1ull << (target % 64);
  }
}

static void tenon_print_function(tenon_disassembler_t* d) {
  const tenon_module_file_t* file = d->text.file;
  const tenon_function_t* function = d->text.function;
  tenon_instruction_text_append(
      &d->text, "@%s (%s): i32 %u, i64 %u, f32 %u, f64 %u, ref %u, call storage %u\n",
      tenon_module_text(file, function->name),
      tenon_module_text(file, function->calling_convention), function->i32_count,
      function->i64_count, function->f32_count, function->f64_count, function->ref_count,
      function->call_storage_size);
  const uint16_t* end = d->code + function->bytecode_length;
  for (const uint16_t* units = d->code; units < end;) units = tenon_print_instruction(d, units);
}

iree_status_t tenon_disassemble_function(const tenon_module_file_t* file, uint32_t function,
                                         iree_allocator_t allocator,
                                         iree_string_builder_t* builder) {
  const tenon_function_t* record = &file->functions[function];
  tenon_disassembler_t d = {
      .text = {.file = file, .function = record, .builder = builder},
      .code = file->bytecode + record->bytecode_begin,
  };
  IREE_RETURN_IF_ERROR(iree_allocator_malloc(
      allocator, ((iree_host_size_t)record->bytecode_length / 64 + 1) * sizeof(*d.targets),
      (void**)&d.targets));
  tenon_mark_targets(&d);
  tenon_print_function(&d);
  iree_allocator_free(allocator, d.targets);
  return d.text.status;
}
