// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "format/disassembler.h"

#include <string.h>

#include "format/calling_convention.h"
#include "format/op_info.h"

// Longest part of a string that is shown.
#define TENON_SHOWN_STRING 72

static const char* const tenon_op_mnemonics[TENON_OP_COUNT] = {
#define TENON_OP_MNEMONIC(name, mnemonic, operands) mnemonic,
    TENON_OPS(TENON_OP_MNEMONIC)
#undef TENON_OP_MNEMONIC
};
static const char* const tenon_fcmp_names[] = {"false", "oeq", "ogt", "oge", "olt", "ole",
                                               "one",   "ord", "ueq", "ugt", "uge", "ult",
                                               "ule",   "une", "uno", "true"};

typedef struct tenon_disassembler_t {
  const tenon_module_file_t* file;
  const tenon_function_t* function;
  const uint16_t* code;
  const uint16_t* next;  // the operand
  tenon_op_t op;
  tenon_cconv_t callee;
  uint64_t* targets;  // a bit per unit
  iree_string_builder_t* builder;
} tenon_disassembler_t;

static uint32_t tenon_load_u32(const uint16_t* units) {
  return units[0] | (uint32_t)units[1] << 16;
}

static uint32_t tenon_take_u32(tenon_disassembler_t* d) {
  d->next += 2;
  return tenon_load_u32(d->next - 2);
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

static iree_status_t tenon_print_register(tenon_disassembler_t* d, bool is_ref) {
  uint32_t reg = *d->next++;
  if (is_ref) {
    return iree_string_builder_append_format(
        d->builder, "%sr%u", reg & TENON_REG_MOVE ? "move " : "", reg & ~TENON_REG_MOVE);
  }
  const uint16_t counts[] = {d->function->i32_count, d->function->i64_count, d->function->f32_count,
                             d->function->f64_count};
  int register_class = 0;
  while (reg >= counts[register_class]) reg -= counts[register_class++];
  return iree_string_builder_append_format(d->builder, "%c%u", "ilfd"[register_class], reg);
}

static iree_status_t tenon_print_string(tenon_disassembler_t* d, uint32_t string) {
  IREE_RETURN_IF_ERROR(iree_string_builder_append_cstring(d->builder, "\""));
  const char* text = tenon_module_text(d->file, string);
  uint32_t length = d->file->strings[string].length;
  for (uint32_t i = 0; i < length && i < TENON_SHOWN_STRING; ++i) {
    unsigned char c = (unsigned char)text[i];
    bool plain = c >= ' ' && c != '"' && c != '\\' && c != 0x7F;
    IREE_RETURN_IF_ERROR(iree_string_builder_append_format(d->builder, plain ? "%c" : "\\%02X", c));
  }
  return iree_string_builder_append_cstring(d->builder,
                                            length > TENON_SHOWN_STRING ? "...\"" : "\"");
}

static iree_status_t tenon_print_immediate(tenon_disassembler_t* d, bool is_wide) {
  uint64_t bits = tenon_take_u32(d);
  if (is_wide) bits |= (uint64_t)tenon_take_u32(d) << 32;
  if (d->op == TENON_OP_CONST_F32) {
    uint32_t narrow = (uint32_t)bits;
    float value;
    memcpy(&value, &narrow, sizeof(value));
    return iree_string_builder_append_format(d->builder, "%.9g", (double)value);
  }
  if (d->op == TENON_OP_CONST_F64) {
    double value;
    memcpy(&value, &bits, sizeof(value));
    return iree_string_builder_append_format(d->builder, "%.17g", value);
  }
  if (d->op == TENON_OP_FAIL) {
    return iree_string_builder_append_cstring(d->builder,
                                              iree_status_code_string((iree_status_code_t)bits));
  }
  return iree_string_builder_append_format(
      d->builder, "%lld", is_wide ? (long long)bits : (long long)(int32_t)(uint32_t)bits);
}

static iree_status_t tenon_print_callee(tenon_disassembler_t* d, bool is_import) {
  uint32_t index = tenon_take_u32(d);
  uint32_t cconv, name;
  if (is_import) {
    cconv = d->file->imports[index].calling_convention;
    name = d->file->imports[index].full_name;
  } else {
    cconv = d->file->functions[index].calling_convention;
    name = d->file->functions[index].name;
  }
  tenon_cconv_parse(tenon_module_text(d->file, cconv), d->file->strings[cconv].length, is_import,
                    &d->callee);
  return iree_string_builder_append_format(d->builder, "%s%s", is_import ? "" : "@",
                                           tenon_module_text(d->file, name));
}

// A register list in parentheses; the tuples of a span in brackets.
static iree_status_t tenon_print_list(tenon_disassembler_t* d, const char* letters,
                                      uint32_t length) {
  ++d->next;  // the number of units
  uint32_t span_begin = 0, tuples_left = 0;
  const char* separator = "";
  IREE_RETURN_IF_ERROR(iree_string_builder_append_cstring(d->builder, "("));
  for (uint32_t i = 0; i < length; ++i) {
    if (letters[i] == 'D') {
      if (--tuples_left) {
        i = span_begin;
        continue;
      }
      IREE_RETURN_IF_ERROR(iree_string_builder_append_cstring(d->builder, "]"));
      separator = ", ";
      continue;
    }
    IREE_RETURN_IF_ERROR(iree_string_builder_append_cstring(d->builder, separator));
    separator = ", ";
    if (letters[i] != 'C') {
      IREE_RETURN_IF_ERROR(tenon_print_register(d, letters[i] == 'r'));
      continue;
    }
    span_begin = i;
    tuples_left = *d->next++;
    separator = tuples_left ? "" : ", ";
    IREE_RETURN_IF_ERROR(iree_string_builder_append_cstring(d->builder, tuples_left ? "[" : "[]"));
    if (!tuples_left) {
      while (letters[i] != 'D') ++i;
    }
  }
  return iree_string_builder_append_cstring(d->builder, ")");
}

static iree_status_t tenon_print_returned(tenon_disassembler_t* d) {
  uint32_t string = d->function->calling_convention;
  tenon_cconv_t cconv;
  tenon_cconv_parse(tenon_module_text(d->file, string), d->file->strings[string].length, false,
                    &cconv);
  return tenon_print_list(d, cconv.results, cconv.result_length);
}

static iree_status_t tenon_print_operand(tenon_disassembler_t* d, char letter) {
  uint32_t index;
  switch (letter) {
    case 'r':
    case 'R':
      return tenon_print_register(d, true);
    case '4':
      return tenon_print_immediate(d, false);
    case '8':
      return tenon_print_immediate(d, true);
    case 'p':
      return iree_string_builder_append_cstring(d->builder, tenon_fcmp_names[*d->next++]);
    case 'b':
      return iree_string_builder_append_format(d->builder, "L%u", tenon_take_u32(d));
    case 'k':
      index = tenon_take_u32(d);
      IREE_RETURN_IF_ERROR(iree_string_builder_append_format(d->builder, "#%u ", index));
      return tenon_print_string(d, d->file->rodata[index].name);
    case 's':
      return tenon_print_string(d, tenon_take_u32(d));
    case 'g':
      return iree_string_builder_append_format(d->builder, "global %u", tenon_take_u32(d));
    case 'c':
      return tenon_print_callee(d, false);
    case 'm':
      return tenon_print_callee(d, true);
    case 'a':
      return tenon_print_list(d, d->callee.arguments, d->callee.argument_length);
    case 'o':
      return tenon_print_list(d, d->callee.results, d->callee.result_length);
    case 'z':
      return tenon_print_returned(d);
    default:
      return tenon_print_register(d, false);
  }
}

// What stands between this operand and the one before.
static const char* tenon_operand_separator(const char* letters, const char* letter) {
  if (letter == letters || *letter == 'a') return "";
  return *letter == 'o' ? " -> " : ", ";
}

//===----------------------------------------------------------------------===//
// Instructions
//===----------------------------------------------------------------------===//

static iree_status_t tenon_print_location(tenon_disassembler_t* d, uint32_t pc) {
  const tenon_location_t* location = tenon_module_find_location(d->file, d->function, pc);
  if (!location) return iree_ok_status();
  const char* context = tenon_module_text(d->file, location->context);
  return iree_string_builder_append_format(
      d->builder, "  ; %s:%u:%u%s%s", tenon_module_text(d->file, location->file), location->line,
      location->column, *context ? " " : "", context);
}

static iree_status_t tenon_print_instruction(tenon_disassembler_t* d) {
  uint32_t pc = (uint32_t)(d->next - d->code);
  if (d->targets[pc / 64] >> (pc % 64) & 1) {
    IREE_RETURN_IF_ERROR(iree_string_builder_append_format(d->builder, "L%u:\n", pc));
  }
  d->op = (tenon_op_t)*d->next++;
  const char* letters = tenon_op_operands[d->op];
  IREE_RETURN_IF_ERROR(iree_string_builder_append_format(
      d->builder, *letters ? "%6u  %-16s " : "%6u  %s", pc, tenon_op_mnemonics[d->op]));
  for (const char* letter = letters; *letter; ++letter) {
    IREE_RETURN_IF_ERROR(
        iree_string_builder_append_cstring(d->builder, tenon_operand_separator(letters, letter)));
    IREE_RETURN_IF_ERROR(tenon_print_operand(d, *letter));
  }
  IREE_RETURN_IF_ERROR(tenon_print_location(d, pc));
  return iree_string_builder_append_cstring(d->builder, "\n");
}

// The units of the instruction at |units|.
static uint32_t tenon_instruction_length(const uint16_t* units) {
  const uint16_t* next = units + 1;
  for (const char* letter = tenon_op_operands[*units]; *letter; ++letter) {
    if (strchr("aoz", *letter)) {
      next += 1 + *next;
    } else if (strchr("4bksgcm", *letter)) {
      next += 2;
    } else {
      next += *letter == '8' ? 4 : 1;
    }
  }
  return (uint32_t)(next - units);
}

static void tenon_mark_targets(tenon_disassembler_t* d) {
  for (uint32_t pc = 0; pc < d->function->bytecode_length;
       pc += tenon_instruction_length(d->code + pc)) {
    const char* letters = tenon_op_operands[d->code[pc]];
    const char* branch = strchr(letters, 'b');
    if (!branch) continue;
    uint32_t target = tenon_load_u32(d->code + pc + 1 + (branch - letters));
    d->targets[target / 64] |= 1ull << (target % 64);
  }
}

static iree_status_t tenon_print_function(tenon_disassembler_t* d) {
  const tenon_function_t* function = d->function;
  IREE_RETURN_IF_ERROR(iree_string_builder_append_format(
      d->builder, "@%s (%s): i32 %u, i64 %u, f32 %u, f64 %u, ref %u, call storage %u\n",
      tenon_module_text(d->file, function->name),
      tenon_module_text(d->file, function->calling_convention), function->i32_count,
      function->i64_count, function->f32_count, function->f64_count, function->ref_count,
      function->call_storage_size));
  while (d->next < d->code + function->bytecode_length) {
    IREE_RETURN_IF_ERROR(tenon_print_instruction(d));
  }
  return iree_ok_status();
}

iree_status_t tenon_disassemble_function(const tenon_module_file_t* file, uint32_t function,
                                         iree_allocator_t allocator,
                                         iree_string_builder_t* builder) {
  tenon_disassembler_t d = {
      .file = file,
      .function = &file->functions[function],
      .code = file->bytecode + file->functions[function].bytecode_begin,
      .builder = builder,
  };
  d.next = d.code;
  IREE_RETURN_IF_ERROR(iree_allocator_malloc(
      allocator, ((iree_host_size_t)d.function->bytecode_length / 64 + 1) * sizeof(*d.targets),
      (void**)&d.targets));
  tenon_mark_targets(&d);
  iree_status_t status = tenon_print_function(&d);
  iree_allocator_free(allocator, d.targets);
  return status;
}
