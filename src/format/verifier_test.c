// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// For every instruction of the op table: its well-formed form is accepted, and every malformed form
// of each of its operands refused.

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
  switch (letter) {
    case 'i':
    case 'I':
      put(code, I32 + 1);
      break;
    case 'l':
    case 'L':
      put(code, I64);
      break;
    case 'f':
    case 'F':
      put(code, F32 + 1);
      break;
    case 'd':
    case 'D':
      put(code, F64);
      break;
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

static uint32_t storage_of(uint32_t op) { return op == TENON_OP_CALL_IMPORT ? IMPORT_STORAGE : 0; }

static void expect_refused(const code_t* code, uint32_t storage, const char* text,
                           const char* what) {
  iree_status_t status = verify(code->units, code->count, storage, iree_allocator_system());
  char buffer[512] = "OK";
  iree_host_size_t length = 0;
  if (!iree_status_is_ok(status)) iree_status_format(status, sizeof(buffer), buffer, &length);
  if (!iree_status_is_invalid_argument(status) || !strstr(buffer, text) ||
      !strstr(buffer, "@tested at pc")) {
    fail_msg("%s: expected \"%s\", found: %s", what, text, buffer);
  }
  iree_status_ignore(status);
}

static const char* const mnemonics[] = {
#define TENON_OP_MNEMONIC(name, mnemonic, operands) mnemonic,
    TENON_OPS(TENON_OP_MNEMONIC)
#undef TENON_OP_MNEMONIC
};

static void test_every_instruction_is_accepted(void** state) {
  for (uint32_t op = 0; op < TENON_OP_COUNT; ++op) {
    code_t code = {.count = 0};
    put_instruction(&code, op, -1, NULL, 0);
    put_return(&code);
    iree_status_t status = verify(code.units, code.count, storage_of(op), iree_allocator_system());
    if (!iree_status_is_ok(status)) {
      iree_status_fprint(stderr, status);
      fail_msg("well-formed %s is refused", mnemonics[op]);
    }
  }
}

// An instruction that ends the code early, at every unit.
static void test_every_instruction_cut_short(void** state) {
  for (uint32_t op = 0; op < TENON_OP_COUNT; ++op) {
    code_t code = {.count = 0};
    put_instruction(&code, op, -1, NULL, 0);
    for (; code.count > 1; --code.count) {
      code_t cut = code;
      --cut.count;
      expect_refused(&cut, storage_of(op), "the code ends within the instruction", mnemonics[op]);
    }
  }
}

// Only br, return and fail may be last.
static void test_falling_off_the_end(void** state) {
  for (uint32_t op = 0; op < TENON_OP_COUNT; ++op) {
    code_t code = {.count = 0};
    put_instruction(&code, op, -1, NULL, 0);
    if (op == TENON_OP_BR || op == TENON_OP_RETURN || op == TENON_OP_FAIL) {
      IREE_CHECK_OK(verify(code.units, code.count, 0, iree_allocator_system()));
    } else {
      expect_refused(&code, storage_of(op), "the code runs off its end", mnemonics[op]);
    }
  }
  code_t empty = {.count = 0};
  expect_refused(&empty, 0, "the code runs off its end (there is none)", "no code");
}

typedef struct bad_operand_t {
  char letter;
  const char* text;
  uint16_t units[2];
  int count;
} bad_operand_t;

static const bad_operand_t bad_operands[] = {
    {'i', "not one of type i32", {I64}, 1},
    {'i', "not one of type i32", {TENON_REG_MOVE}, 1},
    {'i', "not one of type i32", {0xFFFF}, 1},
    {'I', "not one of type i32", {I64}, 1},
    {'I', "not one of type i32", {VALUE_COUNT}, 1},
    {'l', "not one of type i64", {I64 - 1}, 1},
    {'l', "not one of type i64", {F32}, 1},
    {'L', "not one of type i64", {I64 - 1}, 1},
    {'L', "not one of type i64", {F32}, 1},
    {'f', "not one of type f32", {F32 - 1}, 1},
    {'f', "not one of type f32", {F64}, 1},
    {'F', "not one of type f32", {F32 - 1}, 1},
    {'F', "not one of type f32", {F64}, 1},
    {'d', "not one of type f64", {F64 - 1}, 1},
    {'d', "not one of type f64", {VALUE_COUNT}, 1},
    {'D', "not one of type f64", {F64 - 1}, 1},
    {'D', "not one of type f64", {VALUE_COUNT}, 1},
    {'r', "ref register 2 does not exist", {REF_COUNT}, 1},
    {'r', "ref register 2 does not exist", {REF_COUNT | TENON_REG_MOVE}, 1},
    {'R', "ref register 2 does not exist", {REF_COUNT}, 1},
    {'R', "ref register 32768 does not exist", {TENON_REG_MOVE}, 1},
    {'p', "predicate 16 does not exist", {16}, 1},
    {'b', "not the start of an instruction", {1, 0}, 2},
    {'b', "branch target 65535 does not exist", {0xFFFF, 0}, 2},
    {'b', "branch target 4294967295 does not exist", {0xFFFF, 0xFFFF}, 2},
    {'k', "rodata segment 1 does not exist (there are 1)", {1, 0}, 2},
    {'k', "rodata segment 65536 does not exist", {0, 1}, 2},
    {'s', "string 7 does not exist", {STRING_COUNT, 0}, 2},
    {'g', "ref global 1 does not exist", {1, 0}, 2},
    {'u', "value global 1 does not exist (there are 1)", {1, 0}, 2},
    {'u', "value global 4294967295 does not exist", {0xFFFF, 0xFFFF}, 2},
    {'t', "type 7 does not exist", {7, 0}, 2},
    {'t', "type 65536 does not exist", {0, 1}, 2},
    {'t', "type 2147483646 does not exist", {0xFFFE, 0x7FFF}, 2},
    {'t', "reference type 1 does not exist (there are 1)", {1, 0x8000}, 2},
    {'t', "reference type 2147483647 does not exist (there are 1)", {0xFFFF, 0xFFFF}, 2},
    {'c', "function 2 does not exist", {2, 0}, 2},
    {'m', "import 1 does not exist", {1, 0}, 2},
};

static void test_every_operand_malformed(void** state) {
  bool seen[IREE_ARRAYSIZE(bad_operands)] = {false};
  for (uint32_t op = 0; op < TENON_OP_COUNT; ++op) {
    for (int i = 0; tenon_op_operands[op][i]; ++i) {
      bool has_case = strchr("48aoz", tenon_op_operands[op][i]) != NULL;
      for (size_t j = 0; j < IREE_ARRAYSIZE(bad_operands); ++j) {
        const bad_operand_t* bad = &bad_operands[j];
        if (bad->letter != tenon_op_operands[op][i]) continue;
        has_case = seen[j] = true;
        code_t code = {.count = 0};
        put_instruction(&code, op, i, bad->units, (size_t)bad->count);
        put_return(&code);
        expect_refused(&code, storage_of(op), bad->text, mnemonics[op]);
      }
      if (!has_case) fail_msg("no malformed case for operand '%c'", tenon_op_operands[op][i]);
    }
  }
  for (size_t j = 0; j < IREE_ARRAYSIZE(bad_operands); ++j) assert_true(seen[j]);
}

typedef struct bad_list_t {
  uint32_t op;
  int operand;
  const char* text;
  uint16_t units[10];
} bad_list_t;

// Each list with too many and too few registers, and with a wrong one at each place.
static const bad_list_t bad_lists[] = {
    {TENON_OP_CALL, 1, "has 6 units", {6, I32, I64, F32, F64, 0, 0}},
    {TENON_OP_CALL, 1, "list is too short", {4, I32, I64, F32, F64}},
    {TENON_OP_CALL, 1, "ends within", {0xFFFF}},
    {TENON_OP_CALL, 1, "type i32", {5, I64, I64, F32, F64, 0}},
    {TENON_OP_CALL, 1, "type i64", {5, I32, I32, F32, F64, 0}},
    {TENON_OP_CALL, 1, "type f32", {5, I32, I64, F64, F64, 0}},
    {TENON_OP_CALL, 1, "type f64", {5, I32, I64, F32, F32, 0}},
    {TENON_OP_CALL, 1, "ref register", {5, I32, I64, F32, F64, 2}},
    {TENON_OP_CALL, 2, "list is too short", {0}},
    {TENON_OP_CALL, 2, "has 6 units", {6, I32, I64, F32, F64, 0, 0}},
    {TENON_OP_CALL, 2, "type i64", {5, I32, F32, F32, F64, 0}},
    {TENON_OP_CALL, 2, "ref register 32769", {5, I32, I64, F32, F64, 1 | TENON_REG_MOVE}},
    {TENON_OP_CALL_IMPORT, 1, "list is too short", {5, I32, 2, 0, I64, 1}},
    {TENON_OP_CALL_IMPORT, 1, "has 7 units", {7, I32, 2, 0, I64, 1, I64, 0}},
    // The span's number of tuples doesn't fit the units.
    {TENON_OP_CALL_IMPORT, 1, "has 6 units", {6, I32, 1, 0, I64, 1, I64}},
    {TENON_OP_CALL_IMPORT, 1, "list is too short", {6, I32, 3, 0, I64, 1, I64}},
    {TENON_OP_CALL_IMPORT, 1, "ref register", {6, I32, 2, 2, I64, 1, I64}},
    {TENON_OP_CALL_IMPORT, 1, "type i64", {6, I32, 2, 0, F64, 1, I64}},
    {TENON_OP_CALL_IMPORT, 1, "type i64", {6, I32, 2, 0, I64, 1, I32}},
    {TENON_OP_CALL_IMPORT, 1, "list is too short", {0}},
    {TENON_OP_CALL_IMPORT, 2, "list is too short", {0}},
    {TENON_OP_CALL_IMPORT, 2, "type f64", {1, F32}},
    {TENON_OP_RETURN, 0, "list is too short", {0}},
    {TENON_OP_RETURN, 0, "has 4 units", {4, F64, 0, I64, 0}},
    {TENON_OP_RETURN, 0, "type f64", {3, F32, 0, I64}},
    {TENON_OP_RETURN, 0, "ref register 32768", {3, F64, TENON_REG_MOVE, I64}},
};

static void test_malformed_lists(void** state) {
  for (size_t i = 0; i < IREE_ARRAYSIZE(bad_lists); ++i) {
    const bad_list_t* bad = &bad_lists[i];
    code_t code = {.count = 0};
    size_t count = bad->units[0] == 0xFFFF ? 1 : (size_t)bad->units[0] + 1;
    put_instruction(&code, bad->op, bad->operand, bad->units, count);
    put_return(&code);
    char what[64];
    snprintf(what, sizeof(what), "list %zu", i);
    expect_refused(&code, storage_of(bad->op), bad->text, what);
  }
}

static void test_unknown_opcodes(void** state) {
  static const uint16_t opcodes[] = {TENON_OP_COUNT, 0x8000, 0xFFFF};
  for (size_t i = 0; i < IREE_ARRAYSIZE(opcodes); ++i) {
    code_t code = {.count = 0};
    put(&code, opcodes[i]);
    put_return(&code);
    expect_refused(&code, 0, "opcode", "unknown");
  }
}

static void test_status_codes(void** state) {
  for (uint32_t status_code = 0; status_code < 40; ++status_code) {
    code_t code = {.count = 0};
    put(&code, TENON_OP_FAIL);
    put_u32(&code, status_code);
    put_u32(&code, 0);
    if (status_code >= IREE_STATUS_CANCELLED && status_code < IREE_STATUS_DEFERRED) {
      IREE_CHECK_OK(verify(code.units, code.count, 0, iree_allocator_system()));
    } else {
      expect_refused(&code, 0, "status code", "fail");
    }
  }
}

static void test_call_storage(void** state) {
  static const uint32_t sizes[] = {0, IMPORT_STORAGE - 16, IMPORT_STORAGE + 16, UINT32_MAX};
  code_t code = {.count = 0};
  put_instruction(&code, TENON_OP_CALL_IMPORT, -1, NULL, 0);
  put_return(&code);
  for (size_t i = 0; i < IREE_ARRAYSIZE(sizes); ++i) {
    expect_refused(&code, sizes[i], "need 80 bytes of storage", "call storage");
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
      cmocka_unit_test(test_every_operand_malformed),
      cmocka_unit_test(test_malformed_lists),
      cmocka_unit_test(test_unknown_opcodes),
      cmocka_unit_test(test_status_codes),
      cmocka_unit_test(test_call_storage),
      cmocka_unit_test(test_failing_allocator),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
