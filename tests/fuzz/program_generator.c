// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "program_generator.h"

#include <string.h>

#include "format/op_info.h"
#include "format/writer.h"

enum { FUNCTIONS = 3, LABELS = 6, REGISTERS = 4, SEGMENTS = 2, GLOBALS = 2, TYPES = 2 };

static const struct {
  const char *name, *cconv;
} imports[] = {
    {"custom.twice", "0i_i"}, {"custom.mix", "0IfFr_rFfI"}, {"custom.sum", "0iCrID_I"},
    {"custom.same", "0r_r"},  {"custom.fail", "0ir_r"},     {"custom.yield", "0ri_i"},
    {"custom.refs", "0r_i"},
};
enum { IMPORTS = sizeof(imports) / sizeof(imports[0]) };
static const char* const cconvs[FUNCTIONS] = {"0iIfFr_iIfFr", "0rri_rr", "0I_i"};

// The bytes, then zeros.
typedef struct source_t {
  const uint8_t* bytes;
  size_t left;
} source_t;

static uint32_t take(source_t* source, uint32_t limit) {
  if (!source->left) return 0;
  --source->left;
  return *source->bytes++ % limit;
}

static uint64_t take_bits(source_t* source) {
  uint64_t bits = 0;
  for (int i = 0; i < 8; ++i) bits = bits << 8 | take(source, 256);
  return bits;
}

static tenon_register_class_t class_of(char letter) {
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

static tenon_register_t take_register(source_t* source, tenon_register_class_t register_class,
                                      bool may_move) {
  tenon_register_t reg = tenon_register(register_class, take(source, REGISTERS));
  if (register_class == TENON_CLASS_REF && may_move && take(source, 2)) {
    return tenon_register_move(reg);
  }
  return reg;
}

// Registers for the values of |letters| up to |end|, spans with up to 3 tuples.
static size_t take_list(source_t* source, const char* letters, char end, bool may_move,
                        tenon_register_t* out) {
  size_t count = 0;
  for (; *letters && *letters != end; ++letters) {
    if (*letters == 'v') continue;
    if (*letters != 'C') {
      out[count++] = take_register(source, class_of(*letters), may_move);
      continue;
    }
    uint32_t tuples = take(source, 4);
    out[count++] = tenon_register_span(tuples);
    for (uint32_t i = 0; i < tuples; ++i) {
      count += take_list(source, letters + 1, 'D', may_move, out + count);
    }
    letters = strchr(letters, 'D');
  }
  return count;
}

static void generate_call(tenon_assembler_t* as, source_t* source, bool is_import) {
  uint32_t callee = take(source, is_import ? IMPORTS : FUNCTIONS);
  const char* cconv = is_import ? imports[callee].cconv : cconvs[callee];
  tenon_register_t arguments[32], results[16];
  size_t argument_count = take_list(source, cconv + 1, '_', true, arguments);
  size_t result_count = take_list(source, strchr(cconv, '_') + 1, 0, false, results);
  if (is_import) {
    tenon_assembler_call_import(as, callee, arguments, argument_count, results, result_count);
  } else {
    tenon_assembler_call(as, callee, arguments, argument_count, results, result_count);
  }
}

// Of all kinds for lists, else of references.
static uint64_t generate_type(source_t* source, tenon_op_t op) {
  uint32_t kind = take(source, op == TENON_OP_LIST_ALLOC ? 10 : 4);
  if (kind < TYPES) return TENON_TYPE_REF(kind);
  kind -= TYPES;
  if (kind == 0) return TENON_TYPE_ANY_REF;
  return kind - 1;  // any, the scalars
}

static uint64_t generate_operand(source_t* source, tenon_op_t op, char letter) {
  switch (letter) {
    case 'i':
    case 'I':
      return take_register(source, TENON_CLASS_I32, false);
    case 'l':
    case 'L':
      return take_register(source, TENON_CLASS_I64, false);
    case 'f':
    case 'F':
      return take_register(source, TENON_CLASS_F32, false);
    case 'd':
    case 'D':
      return take_register(source, TENON_CLASS_F64, false);
    case 'r':
    case 'R':
      return take_register(source, TENON_CLASS_REF, letter == 'r');
    case '4':
      // A status code in the one op that wants one.
      return op == TENON_OP_FAIL ? 1 + take(source, 16) : (uint32_t)take_bits(source);
    case '8':
      return take_bits(source);
    case 'p':
      return take(source, 16);
    case 'b':
      return take(source, LABELS);
    case 'k':
      return take(source, SEGMENTS);
    case 'g':
    case 'u':
      return take(source, GLOBALS);
    case 't':
      return generate_type(source, op);
    case 'm':
      return take(source, IMPORTS);
    default:
      return take(source, 3);  // 's'
  }
}

static void generate_return(tenon_assembler_t* as, source_t* source, uint32_t function) {
  tenon_register_t results[16];
  size_t count = take_list(source, strchr(cconvs[function], '_') + 1, 0, false, results);
  tenon_assembler_return(as, results, count);
}

static void generate_instruction(tenon_assembler_t* as, source_t* source, uint32_t function) {
  tenon_op_t op = (tenon_op_t)take(source, TENON_OP_COUNT);
  // Calls and refs are where the danger is: more of them.
  uint32_t kind = take(source, 8);
  if (kind < 2) op = (tenon_op_t)(TENON_OP_CALL + take(source, 2));
  if (kind == 2 || kind == 3) {
    op = (tenon_op_t)(TENON_OP_CMP_EQ_REF +
                      take(source, TENON_OP_LIST_SET_REF - TENON_OP_CMP_EQ_REF + 1));
  }
  if (op == TENON_OP_CALL || op == TENON_OP_CALL_IMPORT) {
    generate_call(as, source, op == TENON_OP_CALL_IMPORT);
    return;
  }
  if (op == TENON_OP_RETURN) {
    generate_return(as, source, function);
    return;
  }
  uint64_t operands[TENON_MAX_OPERANDS];
  size_t count = 0;
  for (const char* letter = tenon_op_operands[op]; *letter; ++letter) {
    operands[count++] = generate_operand(source, op, *letter);
  }
  tenon_assembler_emit(as, op, operands, count);
}

static void generate_function(tenon_writer_t* writer, source_t* source, uint32_t function) {
  tenon_assembler_t* as = tenon_assembler_create(writer, function);
  for (int i = 0; i < LABELS; ++i) tenon_assembler_new_label(as);
  for (uint32_t label = 0; label < LABELS; ++label) {
    tenon_assembler_bind(as, label);
    for (uint32_t n = take(source, 8); n; --n) generate_instruction(as, source, function);
  }
  generate_return(as, source, function);
  tenon_assembler_finish(as);
}

void tenon_generate_program(const uint8_t* bytes, size_t size, uint8_t** out_data,
                            size_t* out_length) {
  *out_data = NULL;
  source_t source = {bytes, size};
  tenon_writer_t* writer = tenon_writer_create();
  if (!writer) return;
  tenon_writer_set_name(writer, tenon_writer_cstring(writer, "program"));
  tenon_writer_cstring(writer, "{1} not {0}");
  for (uint32_t i = 0; i < SEGMENTS; ++i) {
    tenon_writer_add_rodata(writer, TENON_RODATA_DATA, 0, "segment", i * 7);
  }
  for (uint32_t i = 0; i < GLOBALS; ++i) {
    tenon_writer_add_ref_global(writer);
    tenon_writer_add_value_global(writer);
  }
  tenon_writer_add_type(writer, tenon_writer_cstring(writer, "vm.buffer"));
  tenon_writer_add_type(writer, tenon_writer_cstring(writer, "vm.list"));
  for (uint32_t i = 0; i < IMPORTS; ++i) {
    tenon_writer_add_import(writer, tenon_writer_cstring(writer, imports[i].name),
                            tenon_writer_cstring(writer, imports[i].cconv), 0, NULL, 0);
  }
  for (uint32_t i = 0; i < FUNCTIONS; ++i) {
    uint32_t name = tenon_writer_string(writer, &"abc"[i], 1);
    tenon_writer_declare_function(writer, name, tenon_writer_cstring(writer, cconvs[i]));
    tenon_writer_add_export(writer, name, i, NULL, 0);
  }
  for (uint32_t i = 0; i < FUNCTIONS; ++i) generate_function(writer, &source, i);
  tenon_writer_serialize(writer, out_data, out_length);
  tenon_writer_destroy(writer);
}
