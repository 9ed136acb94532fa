// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Code is collected in units with a class beside each: registers get their final numbers, which
// depend on how many of each class the function uses, and branches their targets, when the function
// is finished.

#include <stdio.h>
#include <stdlib.h>

#include "format/op_info.h"
#include "format/writer.h"
#include "format/writer_internal.h"

#define TENON_UNBOUND UINT32_MAX

// What a unit still lacks.
enum { TENON_UNIT_RAW = TENON_CLASS_COUNT };

typedef struct tenon_fixup_t {
  uint32_t pc;  // of the two units
  tenon_label_t label;
} tenon_fixup_t;

struct tenon_assembler_t {
  tenon_writer_t* writer;
  uint32_t function;
  tenon_array_t code;         // uint16_t
  tenon_array_t classes;      // uint8_t, one per unit: a register of this class, or TENON_UNIT_RAW
  tenon_array_t labels;       // uint32_t: pc or TENON_UNBOUND
  tenon_array_t fixups;       // tenon_fixup_t
  tenon_array_t locations;    // tenon_location_t
  tenon_location_t location;  // of the next instruction
  bool has_location;
  uint32_t counts[TENON_CLASS_COUNT];
  uint32_t call_storage_size;
};

static const char* const tenon_op_mnemonics[TENON_OP_COUNT] = {
#define TENON_OP_MNEMONIC(name, mnemonic, operands) mnemonic,
    TENON_OPS(TENON_OP_MNEMONIC)
#undef TENON_OP_MNEMONIC
};
static const char* const tenon_class_names[] = {"i32", "i64", "f32", "f64", "ref", "span"};

static bool tenon_assembler_stopped(const tenon_assembler_t* as) {
  return !as || as->writer->error != NULL;
}

static void tenon_assembler_fail(tenon_assembler_t* as, tenon_op_t op, const char* what) {
  const tenon_writer_body_t* body =
      (const tenon_writer_body_t*)as->writer->functions.data + as->function;
  tenon_writer_fail(as->writer, "function @%s, pc %zu, %s: %s",
                    tenon_writer_text(as->writer, body->record.name), as->code.count,
                    tenon_op_mnemonics[op], what);
}

static tenon_register_class_t tenon_class_of_letter(char letter) {
  switch (letter) {
    case 'i':
      return TENON_CLASS_I32;
    case 'I':
      return TENON_CLASS_I64;
    case 'f':
      return TENON_CLASS_F32;
    case 'F':
      return TENON_CLASS_F64;
    default:
      return TENON_CLASS_REF;
  }
}

tenon_assembler_t* tenon_assembler_create(tenon_writer_t* writer, uint32_t function) {
  tenon_assembler_t* as = calloc(1, sizeof(*as));
  if (!as) {
    tenon_writer_fail(writer, "out of memory");
    return NULL;
  }
  as->writer = writer;
  as->function = function;
  if (writer->error) return as;
  if (function >= writer->functions.count) {
    tenon_writer_fail(writer, "function %u has code but was never declared", function);
    return as;
  }
  const tenon_writer_body_t* body = (const tenon_writer_body_t*)writer->functions.data + function;
  tenon_cconv_t cconv;
  if (!tenon_writer_cconv(writer, body->record.calling_convention, false, &cconv)) return as;
  for (uint32_t i = 0; i < cconv.argument_length; ++i) {
    ++as->counts[tenon_class_of_letter(cconv.arguments[i])];
  }
  return as;
}

void tenon_assembler_destroy(tenon_assembler_t* as) {
  if (!as) return;
  free(as->code.data);
  free(as->classes.data);
  free(as->labels.data);
  free(as->fixups.data);
  free(as->locations.data);
  free(as);
}

tenon_register_t tenon_assembler_argument(tenon_assembler_t* as, size_t index) {
  if (tenon_assembler_stopped(as)) return 0;
  const tenon_writer_body_t* body =
      (const tenon_writer_body_t*)as->writer->functions.data + as->function;
  tenon_cconv_t cconv;
  if (!tenon_writer_cconv(as->writer, body->record.calling_convention, false, &cconv)) return 0;
  if (index >= cconv.argument_length) {
    tenon_writer_fail(as->writer, "function @%s has no argument %zu",
                      tenon_writer_text(as->writer, body->record.name), index);
    return 0;
  }
  tenon_register_class_t register_class = tenon_class_of_letter(cconv.arguments[index]);
  uint32_t number = 0;
  for (size_t i = 0; i < index; ++i) {
    number += tenon_class_of_letter(cconv.arguments[i]) == register_class;
  }
  return tenon_register(register_class, number);
}

tenon_register_t tenon_assembler_new_register(tenon_assembler_t* as,
                                              tenon_register_class_t register_class) {
  if (tenon_assembler_stopped(as)) return 0;
  return tenon_register(register_class, as->counts[register_class]++);
}

tenon_label_t tenon_assembler_new_label(tenon_assembler_t* as) {
  if (tenon_assembler_stopped(as)) return 0;
  uint32_t unbound = TENON_UNBOUND;
  tenon_writer_push(as->writer, &as->labels, &unbound, 1, sizeof(unbound));
  return (tenon_label_t)as->labels.count - 1;
}

void tenon_assembler_bind(tenon_assembler_t* as, tenon_label_t label) {
  if (tenon_assembler_stopped(as)) return;
  uint32_t* labels = as->labels.data;
  if (label >= as->labels.count || labels[label] != TENON_UNBOUND) {
    tenon_writer_fail(as->writer, "label %u is bound twice or does not exist", label);
    return;
  }
  labels[label] = (uint32_t)as->code.count;
}

void tenon_assembler_location(tenon_assembler_t* as, uint32_t file, uint32_t line, uint32_t column,
                              uint32_t context) {
  if (tenon_assembler_stopped(as)) return;
  as->location = (tenon_location_t){0, file, line, column, context};
  as->has_location = true;
}

//===----------------------------------------------------------------------===//
// Units
//===----------------------------------------------------------------------===//

static void tenon_assembler_push_unit(tenon_assembler_t* as, uint16_t unit, uint8_t unit_class) {
  if (tenon_writer_push(as->writer, &as->code, &unit, 1, sizeof(unit))) {
    tenon_writer_push(as->writer, &as->classes, &unit_class, 1, 1);
  }
}

static void tenon_assembler_push_bits(tenon_assembler_t* as, uint64_t bits, int unit_count) {
  for (int i = 0; i < unit_count; ++i) {
    tenon_assembler_push_unit(as, (uint16_t)(bits >> (16 * i)), TENON_UNIT_RAW);
  }
}

static void tenon_assembler_push_opcode(tenon_assembler_t* as, tenon_op_t op) {
  if (as->has_location) {
    as->location.pc = (uint32_t)as->code.count;
    tenon_writer_push(as->writer, &as->locations, &as->location, 1, sizeof(as->location));
    as->has_location = false;
  }
  tenon_assembler_push_unit(as, (uint16_t)op, TENON_UNIT_RAW);
}

static void tenon_assembler_push_register(tenon_assembler_t* as, tenon_op_t op,
                                          tenon_register_class_t expected, bool may_move,
                                          uint64_t operand) {
  char text[96];
  uint32_t found = (uint32_t)(operand >> 16);
  if (operand > UINT32_MAX || found != (uint32_t)expected) {
    snprintf(text, sizeof(text), "expected a register of class %s, not of %s",
             tenon_class_names[expected],
             found <= TENON_CLASS_SPAN ? tenon_class_names[found] : "none");
    tenon_assembler_fail(as, op, text);
    return;
  }
  if ((operand & TENON_REG_MOVE) && !may_move) {
    tenon_assembler_fail(as, op, "only refs that are read can be moved");
    return;
  }
  uint32_t index = (uint32_t)operand & 0x7FFFu;
  if (index >= as->counts[expected]) as->counts[expected] = index + 1;
  tenon_assembler_push_unit(as, (uint16_t)operand, (uint8_t)expected);
}

static void tenon_assembler_push_label(tenon_assembler_t* as, tenon_op_t op, uint64_t label) {
  if (label >= as->labels.count) {
    tenon_assembler_fail(as, op, "a branch to a label that does not exist");
    return;
  }
  tenon_fixup_t fixup = {(uint32_t)as->code.count, (tenon_label_t)label};
  tenon_writer_push(as->writer, &as->fixups, &fixup, 1, sizeof(fixup));
  tenon_assembler_push_bits(as, 0, 2);
}

static void tenon_assembler_push_index(tenon_assembler_t* as, tenon_op_t op, uint64_t value,
                                       size_t count, const char* what) {
  char text[96];
  if (value >= count) {
    snprintf(text, sizeof(text), "%s %llu does not exist", what, (unsigned long long)value);
    tenon_assembler_fail(as, op, text);
    return;
  }
  tenon_assembler_push_bits(as, value, 2);
}

static void tenon_assembler_push_type(tenon_assembler_t* as, tenon_op_t op, uint64_t type) {
  if (type <= UINT32_MAX && (type & TENON_TYPE_REF_BIT)) {
    uint64_t index = type & ~(uint64_t)TENON_TYPE_REF_BIT;
    if (index >= as->writer->types.count) tenon_assembler_fail(as, op, "no such reference type");
  } else if (type != TENON_TYPE_ANY_REF &&
             (type > TENON_TYPE_F64 || (type != TENON_TYPE_ANY && op != TENON_OP_LIST_ALLOC))) {
    tenon_assembler_fail(as, op, "no such type");
  }
  tenon_assembler_push_bits(as, type, 2);
}

static void tenon_assembler_push_operand(tenon_assembler_t* as, tenon_op_t op, char letter,
                                         uint64_t value) {
  // Two letters for each class of values, in the order of the classes.
  static const char value_letters[] = "iIlLfFdD";
  const char* value_letter = strchr(value_letters, letter);
  if (value_letter) {
    tenon_register_class_t value_class =
        (tenon_register_class_t)((value_letter - value_letters) / 2);
    tenon_assembler_push_register(as, op, value_class, false, value);
    return;
  }
  const tenon_writer_t* writer = as->writer;
  switch (letter) {
    case 'r':
      tenon_assembler_push_register(as, op, TENON_CLASS_REF, true, value);
      break;
    case 'R':
      tenon_assembler_push_register(as, op, TENON_CLASS_REF, false, value);
      break;
    case '4':
      if (value > UINT32_MAX && value < (uint64_t)INT32_MIN) {
        tenon_assembler_fail(as, op, "the immediate does not fit 32 bits");
      }
      tenon_assembler_push_bits(as, value, 2);
      break;
    case '8':
      tenon_assembler_push_bits(as, value, 4);
      break;
    case 'p':
      if (value > TENON_FCMP_TRUE) tenon_assembler_fail(as, op, "no such predicate");
      tenon_assembler_push_bits(as, value, 1);
      break;
    case 'b':
      tenon_assembler_push_label(as, op, value);
      break;
    case 'k':
      tenon_assembler_push_index(as, op, value, writer->segments.count, "rodata segment");
      break;
    case 's':
      tenon_assembler_push_index(as, op, value, writer->strings.count, "string");
      break;
    case 'g':
      tenon_assembler_push_index(as, op, value, writer->ref_global_count, "ref global");
      break;
    case 'u':
      tenon_assembler_push_index(as, op, value, writer->value_global_count, "value global");
      break;
    case 't':
      tenon_assembler_push_type(as, op, value);
      break;
    case 'm':
      tenon_assembler_push_index(as, op, value, writer->imports.count, "import");
      break;
    default:
      tenon_assembler_fail(as, op, "has register lists: use call, call_import or return");
      break;
  }
}

void tenon_assembler_emit(tenon_assembler_t* as, tenon_op_t op, const uint64_t* operands,
                          size_t operand_count) {
  if (tenon_assembler_stopped(as)) return;
  const char* letters = tenon_op_operands[op];
  if (strlen(letters) != operand_count) {
    tenon_assembler_fail(as, op, "wrong number of operands");
    return;
  }
  tenon_assembler_push_opcode(as, op);
  for (size_t i = 0; i < operand_count; ++i) {
    tenon_assembler_push_operand(as, op, letters[i], operands[i]);
  }
}

//===----------------------------------------------------------------------===//
// Register lists
//===----------------------------------------------------------------------===//

// A walk over a register list beside the letters that it has to match.
typedef struct tenon_list_t {
  const tenon_register_t* registers;
  size_t count;
  size_t used;
  uint64_t storage_size;
  bool may_move;
} tenon_list_t;

static void tenon_assembler_push_value(tenon_assembler_t* as, tenon_op_t op, tenon_list_t* list,
                                       char letter) {
  if (list->used == list->count) {
    tenon_assembler_fail(as, op, "too few registers for the calling convention");
    return;
  }
  tenon_assembler_push_register(as, op, tenon_class_of_letter(letter), list->may_move,
                                list->registers[list->used++]);
  list->storage_size += tenon_cconv_value_size(letter);
}

// Takes the span whose tuples' letters are |letters| to the next 'D'. Returns their number.
static uint32_t tenon_assembler_push_span(tenon_assembler_t* as, tenon_op_t op, tenon_list_t* list,
                                          const char* letters) {
  uint32_t width = 0;
  while (letters[width] != 'D') ++width;
  if (list->used == list->count ||
      tenon_register_class_of(list->registers[list->used]) != TENON_CLASS_SPAN) {
    tenon_assembler_fail(as, op, "expected tenon_register_span() before a span's registers");
    return width;
  }
  uint32_t tuple_count = list->registers[list->used++] & 0xFFFFu;
  list->storage_size += 4;
  tenon_assembler_push_unit(as, (uint16_t)tuple_count, TENON_UNIT_RAW);
  for (uint32_t i = 0; i < tuple_count * width && !as->writer->error; ++i) {
    tenon_assembler_push_value(as, op, list, letters[i % width]);
  }
  return width;
}

// Returns the size of the packed values.
static uint32_t tenon_assembler_push_list(tenon_assembler_t* as, tenon_op_t op, const char* letters,
                                          uint32_t letter_count, const tenon_register_t* registers,
                                          size_t count, bool may_move) {
  if (count > UINT16_MAX) {
    tenon_assembler_fail(as, op, "more than 65535 registers in a list");
    return 0;
  }
  tenon_assembler_push_bits(as, count, 1);
  tenon_list_t list = {registers, count, 0, 0, may_move};
  for (uint32_t i = 0; i < letter_count && !as->writer->error; ++i) {
    if (letters[i] == 'C') {
      i += 1 + tenon_assembler_push_span(as, op, &list, letters + i + 1);
    } else {
      tenon_assembler_push_value(as, op, &list, letters[i]);
    }
  }
  if (list.used != count) {
    tenon_assembler_fail(as, op, "too many registers for the calling convention");
  }
  return (uint32_t)list.storage_size;
}

void tenon_assembler_call(tenon_assembler_t* as, uint32_t function,
                          const tenon_register_t* arguments, size_t argument_count,
                          const tenon_register_t* results, size_t result_count) {
  if (tenon_assembler_stopped(as)) return;
  tenon_assembler_push_opcode(as, TENON_OP_CALL);
  tenon_assembler_push_index(as, TENON_OP_CALL, function, as->writer->functions.count, "function");
  if (as->writer->error) return;
  const tenon_writer_body_t* body =
      (const tenon_writer_body_t*)as->writer->functions.data + function;
  tenon_cconv_t cconv;
  if (!tenon_writer_cconv(as->writer, body->record.calling_convention, false, &cconv)) return;
  tenon_assembler_push_list(as, TENON_OP_CALL, cconv.arguments, cconv.argument_length, arguments,
                            argument_count, true);
  tenon_assembler_push_list(as, TENON_OP_CALL, cconv.results, cconv.result_length, results,
                            result_count, false);
}

void tenon_assembler_call_import(tenon_assembler_t* as, uint32_t import,
                                 const tenon_register_t* arguments, size_t argument_count,
                                 const tenon_register_t* results, size_t result_count) {
  if (tenon_assembler_stopped(as)) return;
  tenon_op_t op = TENON_OP_CALL_IMPORT;
  tenon_assembler_push_opcode(as, op);
  tenon_assembler_push_index(as, op, import, as->writer->imports.count, "import");
  if (as->writer->error) return;
  const tenon_import_t* record = (const tenon_import_t*)as->writer->imports.data + import;
  tenon_cconv_t cconv;
  if (!tenon_writer_cconv(as->writer, record->calling_convention, true, &cconv)) return;
  uint32_t argument_size = tenon_assembler_push_list(as, op, cconv.arguments, cconv.argument_length,
                                                     arguments, argument_count, true);
  uint32_t result_size = tenon_assembler_push_list(as, op, cconv.results, cconv.result_length,
                                                   results, result_count, false);
  uint32_t storage_size =
      tenon_cconv_round_storage(argument_size) + tenon_cconv_round_storage(result_size);
  if (storage_size > as->call_storage_size) as->call_storage_size = storage_size;
}

// A ref that is returned twice would be null the second time, since results move: copies it first.
static tenon_register_t* tenon_assembler_copy_twins(tenon_assembler_t* as,
                                                    const tenon_register_t* results, size_t count) {
  tenon_register_t* copies = malloc((count + 1) * sizeof(*copies));
  if (!copies) {
    tenon_writer_fail(as->writer, "out of memory");
    return NULL;
  }
  for (size_t i = 0; i < count; ++i) {
    copies[i] = results[i];
    bool is_twin = false;
    for (size_t j = 0; j < i && !is_twin; ++j) {
      is_twin = results[j] == results[i] && tenon_register_class_of(results[i]) == TENON_CLASS_REF;
    }
    if (!is_twin) continue;
    copies[i] = tenon_assembler_new_register(as, TENON_CLASS_REF);
    TENON_EMIT(as, TENON_OP_MOV_REF, copies[i], results[i]);
  }
  return copies;
}

void tenon_assembler_return(tenon_assembler_t* as, const tenon_register_t* results,
                            size_t result_count) {
  if (tenon_assembler_stopped(as)) return;
  tenon_register_t* registers = tenon_assembler_copy_twins(as, results, result_count);
  tenon_assembler_push_opcode(as, TENON_OP_RETURN);
  const tenon_writer_body_t* body =
      (const tenon_writer_body_t*)as->writer->functions.data + as->function;
  tenon_cconv_t cconv;
  if (tenon_writer_cconv(as->writer, body->record.calling_convention, false, &cconv)) {
    tenon_assembler_push_list(as, TENON_OP_RETURN, cconv.results, cconv.result_length, registers,
                              result_count, false);
  }
  free(registers);
}

//===----------------------------------------------------------------------===//
// The end
//===----------------------------------------------------------------------===//

static void tenon_assembler_resolve_labels(tenon_assembler_t* as) {
  uint16_t* code = as->code.data;
  const uint32_t* labels = as->labels.data;
  const tenon_fixup_t* fixups = as->fixups.data;
  for (size_t i = 0; i < as->fixups.count; ++i) {
    uint32_t target = labels[fixups[i].label];
    if (target == TENON_UNBOUND) {
      tenon_writer_fail(as->writer, "pc %u branches to label %u, which is not bound", fixups[i].pc,
                        fixups[i].label);
      return;
    }
    code[fixups[i].pc] = (uint16_t)target;
    code[fixups[i].pc + 1] = (uint16_t)(target >> 16);
  }
}

static void tenon_assembler_resolve_registers(tenon_assembler_t* as) {
  uint32_t value_count = 0;
  uint32_t bases[TENON_CLASS_COUNT] = {0};
  for (int i = 0; i < TENON_CLASS_REF; ++i) {
    bases[i] = value_count;
    value_count += as->counts[i];
  }
  if (value_count > TENON_MAX_REGISTERS || as->counts[TENON_CLASS_REF] > TENON_MAX_REGISTERS) {
    tenon_writer_fail(as->writer, "a function needs more than %u registers", TENON_MAX_REGISTERS);
    return;
  }
  uint16_t* code = as->code.data;
  const uint8_t* classes = as->classes.data;
  for (size_t i = 0; i < as->code.count; ++i) {
    if (classes[i] < TENON_CLASS_REF) code[i] = (uint16_t)(code[i] + bases[classes[i]]);
  }
}

void tenon_assembler_finish(tenon_assembler_t* as) {
  if (!as) return;
  if (!tenon_assembler_stopped(as)) tenon_assembler_resolve_labels(as);
  if (!tenon_assembler_stopped(as)) tenon_assembler_resolve_registers(as);
  if (!tenon_assembler_stopped(as)) {
    tenon_function_t record = {
        .i32_count = (uint16_t)as->counts[TENON_CLASS_I32],
        .i64_count = (uint16_t)as->counts[TENON_CLASS_I64],
        .f32_count = (uint16_t)as->counts[TENON_CLASS_F32],
        .f64_count = (uint16_t)as->counts[TENON_CLASS_F64],
        .ref_count = (uint16_t)as->counts[TENON_CLASS_REF],
        .call_storage_size = as->call_storage_size,
    };
    tenon_writer_define_function(as->writer, as->function, &record, as->code.data, as->code.count,
                                 as->locations.data, as->locations.count);
  }
  tenon_assembler_destroy(as);
}
