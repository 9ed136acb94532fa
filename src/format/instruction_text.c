// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "format/instruction_text.h"

#include <stdarg.h>
#include <string.h>

#include "format/op_info.h"

// Longest part of a string that is shown.
#define TENON_SHOWN_STRING 72

static const char tenon_fcmp_names[][6] = {"false", "oeq", "ogt", "oge", "olt", "ole",
                                           "one",   "ord", "ueq", "ugt", "uge", "ult",
                                           "ule",   "une", "uno", "true"};

void tenon_instruction_text_append(tenon_instruction_text_t* text, const char* format, ...) {
  if (!text->builder || !iree_status_is_ok(text->status)) return;
  va_list varargs;
  va_start(varargs, format);
  text->status = iree_string_builder_append_format_va(text->builder, format, varargs);
  va_end(varargs);
}

static void tenon_append_string(tenon_instruction_text_t* text, uint32_t string) {
  const char* next = tenon_module_text(text->file, string);
  tenon_instruction_text_append(text, "\"");
  for (uint32_t left = TENON_SHOWN_STRING; *next && left; ++next, --left) {
    unsigned char c = (unsigned char)*next;
    bool plain = c >= ' ' && c != '"' && c != '\\' && c != 0x7F;
    tenon_instruction_text_append(text, plain ? "%c" : "\\%02X", c);
  }
  tenon_instruction_text_append(text, *next ? "...\"" : "\"");
}

static void tenon_append_register(tenon_instruction_text_t* text, uint32_t operand, bool is_ref,
                                  bool is_read) {
  const uint16_t counts[] = {text->function->i32_count, text->function->i64_count,
                             text->function->f32_count, text->function->f64_count};
  const char* letter = "ilfdr";
  uint32_t index = operand, number;
  if (is_ref) {
    letter += 4;
    number = index = operand & ~TENON_REG_MOVE;
  } else {
    number = index;
    for (const uint16_t* count = counts; number >= *count; ++letter) number -= *count++;
  }
  tenon_instruction_text_append(text, "%s%c%u", index == operand ? "" : "move ", *letter, number);
  if (is_read && text->read_fn) text->read_fn(text->user_data, *letter, number, index);
}

// The registers at |next|, which are those of |letters| up to their end or to a `_`: in
// parentheses, the tuples of a span in brackets.
static void tenon_append_list(tenon_instruction_text_t* text, const char* letters,
                              const uint16_t* next, bool is_read) {
  const char* span = letters;
  const char* separator = "(";
  uint32_t tuples_left = 0;
  for (; *letters && *letters != '_'; ++letters) {
    if (*letters == 'v') break;
    if (*letters == 'D') {
      if (--tuples_left) {
        letters = span;
      } else {
        tenon_instruction_text_append(text, "]");
      }
      continue;
    }
    tenon_instruction_text_append(text, "%s", separator);
    separator = ", ";
    if (*letters != 'C') {
      tenon_append_register(text, *next++, *letters == 'r', is_read);
      continue;
    }
    span = letters;
    tuples_left = *next++;
    tenon_instruction_text_append(text, "[");
    if (tuples_left) {
      separator = "";
    } else {
      tuples_left = 1;
      while (letters[1] != 'D') ++letters;
    }
  }
  tenon_instruction_text_append(text, *separator == '(' ? "()" : ")");
}

void tenon_instruction_text_append_value(tenon_instruction_text_t* text, char register_class,
                                         uint64_t bits) {
  union {
    uint64_t bits;
    uint32_t narrow_bits;
    float f32;
    double f64;
  } value = {.bits = bits};
  switch (register_class) {
    case 'i':
      tenon_instruction_text_append(text, "%d", (int)value.narrow_bits);
      break;
    case 'l':
      tenon_instruction_text_append(text, "%lld", (long long)bits);
      break;
    case 'f':
      tenon_instruction_text_append(text, "%.9g", (double)value.f32);
      break;
    default:
      tenon_instruction_text_append(text, "%.17g", value.f64);
      break;
  }
}

static void tenon_append_type(tenon_instruction_text_t* text, uint32_t type) {
  static const char names[][4] = {"any", "i8", "i16", "i32", "i64", "f32", "f64"};
  if (type & TENON_TYPE_REF_BIT) {
    const tenon_module_file_t* file = text->file;
    tenon_instruction_text_append(text, "!%s",
                                  tenon_module_text(file, file->types[type ^ TENON_TYPE_REF_BIT]));
  } else {
    tenon_instruction_text_append(text, "%s", type == TENON_TYPE_ANY_REF ? "ref" : names[type]);
  }
}

// Shows the operand at |units|, of which |letter| says the kind, behind an operand of kind |before|
// (NUL: it is the first). An immediate is the value of the register before it, else a status code.
// Returns where the operand ends.
static const uint16_t* tenon_append_operand(tenon_instruction_text_t* text, char before,
                                            char letter, const uint16_t* units) {
  const tenon_module_file_t* file = text->file;
  uint64_t bits;
  uint32_t operand = *units++;
  // Whether it takes a further unit.
  if (strchr("48bksgutcm", letter)) operand |= (uint32_t)*units++ << 16;
  switch (letter) {
    case '4':
    case '8':
      bits = operand;
      if (letter == '8') {
        bits |= (uint64_t)units[0] << 32 | (uint64_t)units[1] << 48;
        units += 2;
      }
      if (before) {
        tenon_instruction_text_append_value(text, (char)(before | 0x20), bits);
      } else {
        tenon_instruction_text_append(text, "%s",
                                      iree_status_code_string((iree_status_code_t)bits));
      }
      break;
    case 'p':
      tenon_instruction_text_append(text, "%s", tenon_fcmp_names[operand]);
      break;
    case 'b':
      tenon_instruction_text_append(text, "L%u", operand);
      break;
    case 'k':
      tenon_instruction_text_append(text, "#%u ", operand);
      tenon_append_string(text, file->rodata[operand].name);
      break;
    case 's':
      tenon_append_string(text, operand);
      break;
    case 'g':
      tenon_instruction_text_append(text, "global %u", operand);
      break;
    case 'u':
      tenon_instruction_text_append(text, "value %u", operand);
      break;
    case 't':
      tenon_append_type(text, operand);
      break;
    case 'c':
      text->callee = file->functions[operand].calling_convention;
      tenon_instruction_text_append(text, "@%s",
                                    tenon_module_text(file, file->functions[operand].name));
      break;
    case 'm':
      text->callee = file->imports[operand].calling_convention;
      tenon_instruction_text_append(text, "%s",
                                    tenon_module_text(file, file->imports[operand].full_name));
      break;
    case 'a':
    case 'o':
    case 'z': {
      const uint32_t convention = letter == 'z' ? text->function->calling_convention : text->callee;
      const char* list = tenon_module_text(file, convention) + 1;
      tenon_append_list(text, letter == 'a' ? list : strchr(list, '_') + 1, units, letter != 'o');
      units += operand;
      break;
    }
    default:
      // Letters of what is read are small.
      tenon_append_register(text, operand, (letter | 0x20) == 'r', letter >= 'a');
      break;
  }
  return units;
}

const uint16_t* tenon_instruction_text(tenon_instruction_text_t* text, const uint16_t* units) {
  const uint32_t op = *units++;
  const char* mnemonic = tenon_op_texts;
  for (uint32_t i = 0; i < 2 * op; ++i) mnemonic += strlen(mnemonic) + 1;
  const char* const letters = mnemonic + strlen(mnemonic) + 1;
  tenon_instruction_text_append(text, *letters ? "%-16s " : "%s", mnemonic);
  char before = 0;
  for (const char* letter = letters; *letter; before = *letter++) {
    if (before && *letter != 'a') {
      tenon_instruction_text_append(text, *letter == 'o' ? " -> " : ", ");
    }
    units = tenon_append_operand(text, before, *letter, units);
  }
  return units;
}
