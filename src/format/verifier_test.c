// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// For every instruction of the op table and every operand of it: all well-formed forms are accepted
// and the malformed ones refused, in a message that names the place. What is well-formed follows
// from the operand letters alone, so that a new instruction is tested without a line here.

#include "format/verifier.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
// cmocka needs those before it.
#include <cmocka.h>

#include "base/testing/failing_allocator.h"
#include "format/op_info.h"
#include "format/testing/sample_module.h"
#include "format/writer.h"

// The function under test has two registers of each class: i32 0 1, i64 2 3, f32 4 5, f64 6 7, refs
// 0 1.
enum { I32 = 0, I64 = 2, F32 = 4, F64 = 6, VALUE_COUNT = 8, REF_COUNT = 2 };

typedef struct code_t {
  uint16_t units[64];
  uint32_t count;
} code_t;

static void put(code_t* code, uint32_t unit) { code->units[code->count++] = (uint16_t)unit; }
static void put_u32(code_t* code, uint32_t value) {
  put(code, value & 0xFFFF);
  put(code, value >> 16);
}

// The status of a module whose function 0 (0v_FrI) has this code. Function 1 is (0iIfFr_iIfFr),
// import 0 (0iCrID_F).
static iree_status_t verify(const uint16_t* units, size_t count, uint32_t call_storage_size,
                            iree_allocator_t allocator) {
  tenon_writer_t* writer = tenon_writer_create();
  uint32_t name = tenon_writer_cstring(writer, "tested");
  tenon_writer_set_name(writer, name);
  tenon_writer_add_rodata(writer, TENON_RODATA_DATA, 0, "", 0);
  tenon_writer_add_ref_global(writer);
  tenon_writer_add_value_global(writer);
  tenon_writer_add_type(writer, tenon_writer_cstring(writer, "vm.list"));
  tenon_writer_add_import(writer, tenon_writer_cstring(writer, "a.b"),
                          tenon_writer_cstring(writer, "0iCrID_F"), 0, NULL, 0);
  uint32_t tested =
      tenon_writer_declare_function(writer, name, tenon_writer_cstring(writer, "0v_FrI"));
  uint32_t callee =
      tenon_writer_declare_function(writer, name, tenon_writer_cstring(writer, "0iIfFr_iIfFr"));
  tenon_function_t record = {.i32_count = 2,
                             .i64_count = 2,
                             .f32_count = 2,
                             .f64_count = 2,
                             .ref_count = REF_COUNT,
                             .call_storage_size = call_storage_size};
  tenon_writer_define_function(writer, tested, &record, units, count, NULL, 0);
  static const uint16_t callee_code[] = {TENON_OP_FAIL, 2, 0, 0, 0};
  record.call_storage_size = 0;
  tenon_writer_define_function(writer, callee, &record, callee_code, 5, NULL, 0);
  uint8_t* data = NULL;
  size_t length = 0;
  assert_true(tenon_writer_serialize(writer, &data, &length));
  tenon_writer_destroy(writer);
  tenon_module_file_t file;
  IREE_CHECK_OK(tenon_module_file_read(iree_make_const_byte_span(data, length), &file));
  iree_status_t status = tenon_module_file_verify(&file, allocator);
  free(data);
  return status;
}

// Units of a module's strings: "", "tested", "a.b", ...; segments, globals, types, imports:
// 1; functions: 2.
enum { STRING_COUNT = 7 };

// A well-formed operand.
static void put_operand(code_t* code, char letter) {
  static const char values[] = "iIlLfFdD";
  const char* value = strchr(values, letter);
  if (value) {
    put(code, (uint32_t)(value - values) | 1);
    return;
  }
  switch (letter) {
    case 'r':
      put(code, 1 | TENON_REG_MOVE);
      break;
    case 'R':
    case 'p':
      put(code, 1);
      break;
    case '8':
      put_u32(code, 1);
      put_u32(code, 2);
      break;
    case 'c':
      put_u32(code, 1);
      break;
    case 't':
      put_u32(code, TENON_TYPE_REF(0));
      break;
    case '4':
      put_u32(code, 3);  // also a status code, for fail
      break;
    default:
      put_u32(code, 0);
      break;
  }
}

static const uint16_t call_arguments[] = {5, I32, I64, F32, F64, 1 | TENON_REG_MOVE};
static const uint16_t call_results[] = {5, I32, I64, F32, F64, 1};
static const uint16_t import_arguments[] = {6, I32, 2, 0, I64, 1 | TENON_REG_MOVE, I64 + 1};
static const uint16_t import_results[] = {1, F64};
static const uint16_t returned[] = {3, F64, 0, I64};
// Arguments i32, count, 2 * (ref, i64); result f64: each rounded up to 16.
enum { IMPORT_STORAGE = 64 + 16 };

static const uint16_t* list_of(uint32_t op, char letter) {
  if (letter == 'z') return returned;
  if (op == TENON_OP_CALL) return letter == 'a' ? call_arguments : call_results;
  return letter == 'a' ? import_arguments : import_results;
}

// The instruction, well-formed but for the operand |bad_letter| (counted from 0; -1 for none),
// whose units are |bad_units|.
static void put_instruction(code_t* code, uint32_t op, int bad_letter, const uint16_t* bad_units,
                            size_t bad_count) {
  put(code, op);
  for (int i = 0; tenon_op_operands[op][i]; ++i) {
    char letter = tenon_op_operands[op][i];
    if (i == bad_letter) {
      for (size_t j = 0; j < bad_count; ++j) put(code, bad_units[j]);
    } else if (strchr("aoz", letter)) {
      const uint16_t* list = list_of(op, letter);
      for (int j = 0; j <= list[0]; ++j) put(code, list[j]);
    } else {
      put_operand(code, letter);
    }
  }
}

static void put_return(code_t* code) { put_instruction(code, TENON_OP_RETURN, -1, NULL, 0); }

// Code with the instruction at TESTED_PC, and whether a return follows.
enum { TESTED_PC = 2 };
static code_t code_of(uint32_t op, int bad_letter, const uint16_t* bad_units, size_t bad_count,
                      bool returns) {
  code_t code = {.count = 0};
  put(&code, TENON_OP_NULL_REF);
  put(&code, 0);
  put_instruction(&code, op, bad_letter, bad_units, bad_count);
  if (returns) put_return(&code);
  return code;
}

static uint32_t storage_of(uint32_t op) { return op == TENON_OP_CALL_IMPORT ? IMPORT_STORAGE : 0; }

// Refused for the instruction at |pc|.
static void expect_refused_at(uint32_t pc, const code_t* code, uint32_t storage, const char* text,
                              const char* what) {
  char place[32];
  snprintf(place, sizeof(place), "in @tested at pc %u: ", pc);
  iree_status_t status = verify(code->units, code->count, storage, iree_allocator_system());
  char buffer[512] = "OK";
  iree_host_size_t length = 0;
  if (!iree_status_is_ok(status)) iree_status_format(status, sizeof(buffer), buffer, &length);
  if (!iree_status_is_invalid_argument(status) || !strstr(buffer, text) || !strstr(buffer, place)) {
    fail_msg("%s: expected \"%s\" %s, found: %s", what, text, place, buffer);
  }
  iree_status_ignore(status);
}

static void expect_refused(const code_t* code, uint32_t storage, const char* text,
                           const char* what) {
  expect_refused_at(TESTED_PC, code, storage, text, what);
}

static void expect_accepted(const code_t* code, uint32_t storage, const char* what) {
  iree_status_t status = verify(code->units, code->count, storage, iree_allocator_system());
  if (iree_status_is_ok(status)) return;
  iree_status_fprint(stderr, status);
  fail_msg("well-formed %s is refused", what);
}

static const char* const mnemonics[] = {
#define TENON_OP_MNEMONIC(name, mnemonic, operands) mnemonic,
    TENON_OPS(TENON_OP_MNEMONIC)
#undef TENON_OP_MNEMONIC
};

static void test_every_instruction_is_accepted(void** state) {
  for (uint32_t op = 0; op < TENON_OP_COUNT; ++op) {
    code_t code = code_of(op, -1, NULL, 0, true);
    expect_accepted(&code, storage_of(op), mnemonics[op]);
  }
}

// An instruction that ends the code early, at every unit.
static void test_every_instruction_cut_short(void** state) {
  for (uint32_t op = 0; op < TENON_OP_COUNT; ++op) {
    code_t code = code_of(op, -1, NULL, 0, false);
    for (; code.count > TESTED_PC + 1; --code.count) {
      code_t cut = code;
      --cut.count;
      expect_refused(&cut, storage_of(op), "the code ends within the instruction", mnemonics[op]);
    }
  }
}

// Only br, return and fail may be last.
static void test_falling_off_the_end(void** state) {
  for (uint32_t op = 0; op < TENON_OP_COUNT; ++op) {
    code_t code = code_of(op, -1, NULL, 0, false);
    if (op == TENON_OP_BR || op == TENON_OP_RETURN || op == TENON_OP_FAIL) {
      expect_accepted(&code, 0, mnemonics[op]);
    } else {
      expect_refused_at(code.count, &code, storage_of(op), "the code runs off its end",
                        mnemonics[op]);
    }
  }
  code_t empty = {.count = 0};
  expect_refused_at(0, &empty, 0, "the code runs off its end (there is none)", "no code");
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

// One form of an operand of an instruction: its units, and what the refusal says, NULL if it is
// well-formed.
static void check_form(uint32_t op, int operand, const uint16_t* units, size_t count,
                       const char* refusal) {
  char what[64];
  snprintf(what, sizeof(what), "%s operand %d with 0x%x 0x%x", mnemonics[op], operand, units[0],
           count > 1 ? units[1] : 0);
  code_t code = code_of(op, operand, units, count, true);
  if (refusal) {
    expect_refused(&code, storage_of(op), refusal, what);
  } else {
    expect_accepted(&code, storage_of(op), what);
  }
}
static void check_unit(uint32_t op, int operand, uint32_t unit, const char* refusal) {
  check_form(op, operand, (const uint16_t[]){(uint16_t)unit}, 1, refusal);
}
static void check_u32(uint32_t op, int operand, uint32_t value, const char* refusal) {
  check_form(op, operand, (const uint16_t[]){(uint16_t)value, (uint16_t)(value >> 16)}, 2, refusal);
}

// The type of the value register |unit|, or NUL: an i32 i, i64 I, f32 f, f64 F.
static char type_of_register(uint32_t unit) { return unit < VALUE_COUNT ? "iIfF"[unit / 2] : 0; }

static const uint16_t registers[] = {0,      1,      2,      3,      4,      5,      6,
                                     7,      8,      9,      0x7FFF, 0x8000, 0x8001, 0x8002,
                                     0x8003, 0x8004, 0x8005, 0x8006, 0x8007, 0xFFFF};

// What says no to a register for a value of |type| or, 'r', a ref; NULL if the register is one.
static const char* refusal_of_register(char type, bool may_move, uint32_t unit) {
  if (type == 'r') {
    bool exists = (may_move ? unit & ~TENON_REG_MOVE : unit) < REF_COUNT;
    return exists ? NULL : "does not exist (there are 2)";
  }
  if (type_of_register(unit) == type) return NULL;
  return type == 'i'   ? "is not one of type i32 (these are 0 to 1)"
         : type == 'I' ? "is not one of type i64 (these are 2 to 3)"
         : type == 'f' ? "is not one of type f32 (these are 4 to 5)"
                       : "is not one of type f64 (these are 6 to 7)";
}

static void check_register_operand(uint32_t op, int operand, char letter) {
  static const char letters[] = "iIlLfFdDrR", types[] = "iiIIffFFrr";
  char type = types[strchr(letters, letter) - letters];
  for (size_t i = 0; i < IREE_ARRAYSIZE(registers); ++i) {
    check_unit(op, operand, registers[i], refusal_of_register(type, letter == 'r', registers[i]));
  }
}

// An index of |count| things. Of a callee only the one that fits the lists behind it is well-formed.
static void check_index_operand(uint32_t op, int operand, char letter, uint32_t count) {
  char refusal[64];
  for (uint32_t i = letter == 'c' ? 1 : 0; i < count; ++i) check_u32(op, operand, i, NULL);
  const uint32_t outside[] = {count, count + 1, 0xFFFF, 0x10000, 0x80000000, UINT32_MAX};
  for (size_t i = 0; i < IREE_ARRAYSIZE(outside); ++i) {
    snprintf(refusal, sizeof(refusal), "%s %u does not exist (there are %u)",
             letter == 'k'   ? "rodata segment"
             : letter == 's' ? "string"
             : letter == 'g' ? "ref global"
             : letter == 'u' ? "value global"
             : letter == 'c' ? "function"
                             : "import",
             outside[i], count);
    check_u32(op, operand, outside[i], refusal);
  }
}

// A list's elements may be of any type; what a reference is cast to must be one of references.
static void check_type_operand(uint32_t op, int operand) {
  bool of_any = op == TENON_OP_LIST_ALLOC;
  for (uint32_t type = TENON_TYPE_I8; type <= TENON_TYPE_F64; ++type) {
    check_u32(op, operand, type, of_any ? NULL : "does not exist or is none of a reference");
  }
  static const uint32_t good[] = {TENON_TYPE_ANY, TENON_TYPE_ANY_REF, TENON_TYPE_REF(0)};
  for (size_t i = 0; i < IREE_ARRAYSIZE(good); ++i) check_u32(op, operand, good[i], NULL);
  static const uint32_t bad[] = {7, 8, 0xFFFF, 0x10000, 0x40000000, 0x7FFFFFFE};
  for (size_t i = 0; i < IREE_ARRAYSIZE(bad); ++i) check_u32(op, operand, bad[i], "does not exist");
  static const uint32_t bad_refs[] = {1, 2, 0x10000, 0x7FFFFFFF};
  for (size_t i = 0; i < IREE_ARRAYSIZE(bad_refs); ++i) {
    char refusal[64];
    snprintf(refusal, sizeof(refusal), "reference type %u does not exist (there are 1)",
             bad_refs[i]);
    check_u32(op, operand, TENON_TYPE_REF(bad_refs[i]), refusal);
  }
}

// Every unit of the code, and beyond.
static void check_target_operand(uint32_t op, int operand) {
  code_t code = code_of(op, -1, NULL, 0, false);
  const uint32_t starts[] = {0, TESTED_PC, code.count};
  put_return(&code);
  for (uint32_t target = 0; target < code.count; ++target) {
    bool is_start = target == starts[0] || target == starts[1] || target == starts[2];
    char refusal[64];
    snprintf(refusal, sizeof(refusal), "the branch target %u is not the start of an instruction",
             target);
    check_u32(op, operand, target, is_start ? NULL : refusal);
  }
  const uint32_t outside[] = {code.count, code.count + 1, 0xFFFF, 0x10000, UINT32_MAX};
  for (size_t i = 0; i < IREE_ARRAYSIZE(outside); ++i) {
    char refusal[64];
    snprintf(refusal, sizeof(refusal), "branch target %u does not exist (there are %u)", outside[i],
             code.count);
    check_u32(op, operand, outside[i], refusal);
  }
}

static void check_predicate_operand(uint32_t op, int operand) {
  for (uint32_t i = 0; i <= TENON_FCMP_TRUE; ++i) check_unit(op, operand, i, NULL);
  static const uint16_t outside[] = {16, 17, 0x100, 0x8000, 0xFFFF};
  for (size_t i = 0; i < IREE_ARRAYSIZE(outside); ++i) {
    char refusal[64];
    snprintf(refusal, sizeof(refusal), "predicate %u does not exist", outside[i]);
    check_unit(op, operand, outside[i], refusal);
  }
}

// Anything goes, but for the status of fail.
static void check_immediate_operand(uint32_t op, int operand, size_t count) {
  static const uint16_t patterns[] = {0, 1, 0x7FFF, 0x8000, 0xFFFF};
  for (size_t i = 0; i < IREE_ARRAYSIZE(patterns); ++i) {
    const uint16_t units[] = {patterns[i], patterns[i], patterns[i], patterns[i]};
    if (op != TENON_OP_FAIL) check_form(op, operand, units, count, NULL);
  }
  for (uint32_t status_code = 0; status_code < 40 && op == TENON_OP_FAIL; ++status_code) {
    bool is_one = status_code >= IREE_STATUS_CANCELLED && status_code < IREE_STATUS_DEFERRED;
    check_u32(op, operand, status_code, is_one ? NULL : "has the status code");
    check_u32(op, operand, status_code | 0x10000, "has the status code");
  }
}

//===----------------------------------------------------------------------===//
// Register lists
//===----------------------------------------------------------------------===//

// What each unit of a list is: a type, or # for the number of a span's tuples.
static const char* types_of_list(uint32_t op, char letter) {
  if (letter == 'z') return "FrI";
  if (op == TENON_OP_CALL) return "iIfFr";
  return letter == 'a' ? "i#rIrI" : "F";
}

static void check_list_operand(uint32_t op, int operand, char letter) {
  const uint16_t* list = list_of(op, letter);
  const char* types = types_of_list(op, letter);
  uint16_t units[16] = {0};
  uint16_t count = list[0];
  assert_int_equal(strlen(types), count);
  // Too few and too many units, the code's end among them.
  for (uint16_t n = 0; n <= count + 2; ++n) {
    memcpy(units, list, (count + 1u) * sizeof(*units));
    units[0] = n;
    char refusal[96] = "a register list is too short";
    if (n > count) {
      snprintf(refusal, sizeof(refusal),
               "a register list has %u units and its calling convention asks for %u", n, count);
    }
    check_form(op, operand, units, n + 1u, n == count ? NULL : refusal);
  }
  units[0] = UINT16_MAX;
  check_form(op, operand, units, count + 1u, "the code ends within the instruction");
  // Each register of each type, and each number of tuples, at each place.
  for (uint16_t i = 0; i < count; ++i) {
    for (size_t n = 0; n < IREE_ARRAYSIZE(registers); ++n) {
      memcpy(units, list, (count + 1u) * sizeof(*units));
      units[1 + i] = registers[n];
      bool is_same = units[1 + i] == list[1 + i];
      const char* refusal = types[i] == '#'
                                ? (is_same ? NULL : "a register list ")
                                : refusal_of_register(types[i], letter == 'a', registers[n]);
      check_form(op, operand, units, count + 1u, refusal);
    }
  }
}

static void check_operand(uint32_t op, int operand, char letter) {
  switch (letter) {
    case 'k':
    case 'g':
    case 'u':
    case 'm':
      check_index_operand(op, operand, letter, 1);
      break;
    case 'c':
      check_index_operand(op, operand, letter, 2);
      break;
    case 's':
      check_index_operand(op, operand, letter, STRING_COUNT);
      break;
    case 't':
      check_type_operand(op, operand);
      break;
    case 'b':
      check_target_operand(op, operand);
      break;
    case 'p':
      check_predicate_operand(op, operand);
      break;
    case '4':
      check_immediate_operand(op, operand, 2);
      break;
    case '8':
      check_immediate_operand(op, operand, 4);
      break;
    case 'a':
    case 'o':
    case 'z':
      check_list_operand(op, operand, letter);
      break;
    default:
      if (!strchr("iIlLfFdDrR", letter)) fail_msg("no forms for operand '%c'", letter);
      check_register_operand(op, operand, letter);
      break;
  }
}

static void test_every_form_of_every_operand(void** state) {
  for (uint32_t op = 0; op < TENON_OP_COUNT; ++op) {
    const char* letters = tenon_op_operands[op];
    for (int i = 0; letters[i]; ++i) check_operand(op, i, letters[i]);
  }
}

static void test_unknown_opcodes(void** state) {
  static const uint16_t opcodes[] = {TENON_OP_COUNT, 0x8000, 0xFFFF};
  for (size_t i = 0; i < IREE_ARRAYSIZE(opcodes); ++i) {
    code_t code = {.count = 0};
    put(&code, opcodes[i]);
    put_return(&code);
    expect_refused_at(0, &code, 0, "opcode", "unknown");
  }
}

static void test_call_storage(void** state) {
  static const uint32_t sizes[] = {0, IMPORT_STORAGE - 16, IMPORT_STORAGE + 16, UINT32_MAX};
  code_t code = {.count = 0};
  put_instruction(&code, TENON_OP_CALL_IMPORT, -1, NULL, 0);
  put_return(&code);
  for (size_t i = 0; i < IREE_ARRAYSIZE(sizes); ++i) {
    expect_refused_at(code.count, &code, sizes[i], "need 80 bytes of storage", "call storage");
  }
}

static iree_status_t verify_with(iree_allocator_t allocator, void* user_data) {
  const code_t* code = (const code_t*)user_data;
  return verify(code->units, code->count, 0, allocator);
}

static void test_failing_allocator(void** state) {
  code_t code = {.count = 0};
  put_return(&code);
  assert_int_equal(tenon_test_for_each_failure(verify_with, &code), 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_instruction_is_accepted),
      cmocka_unit_test(test_every_instruction_cut_short),
      cmocka_unit_test(test_falling_off_the_end),
      cmocka_unit_test(test_every_form_of_every_operand),
      cmocka_unit_test(test_unknown_opcodes),
      cmocka_unit_test(test_call_storage),
      cmocka_unit_test(test_failing_allocator),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
