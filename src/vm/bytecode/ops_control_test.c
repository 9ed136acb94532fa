// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The instructions of control, references and globals. How calls fail, and where, is in
// calls_test.c; how turns order invocations in turn_test.c.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
// cmocka needs those before it.
#include <cmocka.h>

#include "vm/bytecode/ops_test.h"
#include "vm/bytecode/testing/op_objects.h"

//===----------------------------------------------------------------------===//
// Control
//===----------------------------------------------------------------------===//

static void test_branch(void** state) {
  registers_t r = {0};
  RUN(BR, &r, 0);
  assert_true(r.result.taken);
}

// Each status code, with a string of the module ("bytes", of the runner's) as the message.
static void test_fail(void** state) {
  for (uint32_t code = IREE_STATUS_CANCELLED; code < IREE_STATUS_DEFERRED; ++code) {
    registers_t r = {.refs = {writable("kept")}};
    EXPECT_FAILURE(op_run(TENON_OP_FAIL, OPERANDS(code, OP_STRING_BYTES), r.refs, &r.result),
                   (iree_status_code_t)code, "; bytes; at pc 0 in bytecode function m.run");
    // Registers have let go of what they held.
    assert_int_equal(count_of(r.refs[0]), 1);
    release_registers(&r);
  }
  op_covered[TENON_OP_FAIL] = true;
}

static void test_checks(void** state) {
  static const int64_t corners[] = {0, 1, -1, 1ll << 32, (1ll << 32) + 1, INT64_MIN, INT64_MAX};
  registers_t r = {0};
  for (size_t i = 0; i < IREE_ARRAYSIZE(corners); ++i) {
    for (size_t j = 0; j < IREE_ARRAYSIZE(corners); ++j) {
      uint64_t a = (uint64_t)corners[i], b = (uint64_t)corners[j];
      char values[64];
      snprintf(values, sizeof(values), "%lld, %lld", (long long)a, (long long)b);
      // By the places among the corners in order: MIN, -1, 0, 1, 2^32, 2^32 + 1, MAX.
      static const int rank[] = {2, 3, 1, 4, 5, 0, 6};
      if (i == j) {
        RUN(CHECK_EQ_I64, &r, a, b, OP_STRING_BYTES);
      } else {
        REFUSED(CHECK_EQ_I64, &r, INVALID_ARGUMENT, "bytes", a, b, OP_STRING_BYTES);
      }
      if (rank[i] >= rank[j]) {
        RUN(CHECK_GE_I64, &r, a, b, OP_STRING_BYTES);
      } else {
        REFUSED(CHECK_GE_I64, &r, INVALID_ARGUMENT, "bytes", a, b, OP_STRING_BYTES);
      }
    }
  }
}

// Arguments and results of each class, through a function of the module and an import (custom.mix
// and custom.sum). Registers of results are those of arguments, too, and refs move or are copied.
static void test_calls(void** state) {
  test_module_t module = begin_module();
  uint32_t turn_round = tenon_writer_declare_function(module.writer, text_of(&module, "turn_round"),
                                                      text_of(&module, "0IfFr_rFfI"));
  uint32_t mix = declare_import(&module, "custom.mix", "0IfFr_rFfI");
  uint32_t sum = declare_import(&module, "custom.sum", "0iCrID_I");
  tenon_register_t registers[4];
  tenon_assembler_t* as = tenon_assembler_create(module.writer, turn_round);
  for (size_t i = 0; i < 4; ++i) registers[i] = tenon_assembler_argument(as, 3 - i);
  tenon_assembler_return(as, registers, 4);
  tenon_assembler_finish(as);

  as = tenon_assembler_create(module.writer, declare_export(&module, "main", "0IfFr_IfFrrI"));
  for (size_t i = 0; i < 4; ++i) registers[i] = tenon_assembler_argument(as, i);
  const tenon_register_t l = registers[0], f = registers[1], d = registers[2], r = registers[3];
  const tenon_register_t copy = tenon_assembler_new_register(as, TENON_CLASS_REF);
  const tenon_register_t total = tenon_assembler_new_register(as, TENON_CLASS_I64);
  const tenon_register_t none = tenon_assembler_new_register(as, TENON_CLASS_I32);
  const tenon_register_t results[] = {r, d, f, l}, other[] = {copy, d, f, l};
  tenon_assembler_call(as, turn_round, registers, 4, other, 4);
  tenon_assembler_call_import(as, mix, registers, 4, results, 4);
  registers[3] = tenon_register_move(r);
  tenon_assembler_call(as, turn_round, registers, 4, results, 4);
  tenon_assembler_call_import(as, mix, registers, 4, results, 4);
  // Spans of no tuple, one and two.
  tenon_assembler_call_import(as, sum, (const tenon_register_t[]){none, tenon_register_span(0)}, 2,
                              &total, 1);
  tenon_assembler_call_import(
      as, sum, (const tenon_register_t[]){none, tenon_register_span(2), r, l, copy, total}, 6,
      &total, 1);
  tenon_assembler_call_import(
      as, sum, (const tenon_register_t[]){none, tenon_register_span(1), r, total}, 4, &total, 1);
  const tenon_register_t returned[] = {l, f, d, r, copy, total};
  tenon_assembler_return(as, returned, 6);
  tenon_assembler_finish(as);
  op_covered[TENON_OP_CALL] = op_covered[TENON_OP_CALL_IMPORT] = op_covered[TENON_OP_RETURN] = true;
  load_module(&module);

  iree_vm_list_t *inputs = make_list(), *outputs = make_list();
  push_i64(inputs, INT64_MIN + 5);
  iree_vm_value_t narrow = iree_vm_value_make_f32(-0.5f), wide = iree_vm_value_make_f64(1e300);
  IREE_CHECK_OK(iree_vm_list_push_value(inputs, &narrow));
  IREE_CHECK_OK(iree_vm_list_push_value(inputs, &wide));
  iree_vm_buffer_t* buffer = push_buffer(inputs);
  IREE_CHECK_OK(tenon_harness_call(&module.harness, "main", inputs, outputs));
  assert_int_equal(get_integer(outputs, 0), INT64_MIN + 5);
  IREE_CHECK_OK(iree_vm_list_get_value(outputs, 1, &narrow));
  IREE_CHECK_OK(iree_vm_list_get_value(outputs, 2, &wide));
  assert_true(narrow.f32 == -0.5f && wide.f64 == 1e300);
  for (size_t i = 3; i < 5; ++i) {
    assert_ptr_equal(iree_vm_list_get_ref_deref(outputs, i, iree_vm_buffer_get_descriptor()),
                     buffer);
  }
  assert_int_equal(get_integer(outputs, 5), INT64_MIN + 5);
  assert_int_equal(ref_count(buffer), 3);
  iree_vm_list_release(outputs);
  assert_int_equal(ref_count(buffer), 1);
  iree_vm_list_release(inputs);
  end_module(&module);
}

static void test_import_exists(void** state) {
  test_module_t module = begin_module();
  uint32_t imports[2] = {
      declare_import(&module, "custom.twice", "0i_i"),
      tenon_writer_add_import(module.writer, text_of(&module, "custom.nothing"),
                              text_of(&module, "0i_i"), TENON_IMPORT_OPTIONAL, NULL, 0)};
  tenon_assembler_t* as =
      tenon_assembler_create(module.writer, declare_export(&module, "main", "0ii_ii"));
  tenon_register_t found[2] = {tenon_assembler_argument(as, 0), tenon_assembler_argument(as, 1)};
  for (int i = 0; i < 2; ++i) TENON_EMIT(as, TENON_OP_IMPORT_EXISTS, found[i], imports[i]);
  tenon_assembler_return(as, found, 2);
  tenon_assembler_finish(as);
  op_covered[TENON_OP_IMPORT_EXISTS] = true;
  load_module(&module);
  iree_vm_list_t *inputs = make_list(), *outputs = make_list();
  push_i32(inputs, -1);
  push_i32(inputs, -1);
  IREE_CHECK_OK(tenon_harness_call(&module.harness, "main", inputs, outputs));
  assert_int_equal(get_integer(outputs, 0), 1);
  assert_int_equal(get_integer(outputs, 1), 0);
  iree_vm_list_release(inputs);
  iree_vm_list_release(outputs);
  end_module(&module);
}

// Nobody else is at work: every turn comes at once.
static void test_turns(void** state) {
  registers_t r = {.refs = {writable("dropped"), writable("dropped")}};
  RUN(TURN_BEGIN, &r, 0);
  // A turn keeps its context, which looks into the module file at its end.
  op_program_t program = op_program(TENON_OP_TURN_TAKE, OPERANDS(0, 1), NULL);
  IREE_CHECK_OK(op_call(&program, OPERANDS(0, 1), r.refs, &r.result));
  assert_string_equal(iree_vm_ref_type_name(r.refs[0].type).data, "vm.turn");
  assert_null(r.refs[1].ptr);
  assert_int_equal(count_of(r.refs[0]), 1);
  release_registers(&r);
  op_program_end(&program);
  r.refs[0] = writable("no turn");
  REFUSED(TURN_ENTER, &r, INVALID_ARGUMENT, "expected a vm.turn but the reference is a vm.buffer",
          0);
  REFUSED(TURN_ENTER, &r, INVALID_ARGUMENT, "expected a vm.turn but the reference is null",
          MOVE(1));
  release_registers(&r);
  // Taken and entered in one context.
  test_module_t module = begin_module();
  tenon_assembler_t* as =
      tenon_assembler_create(module.writer, declare_export(&module, "main", "0r_rr"));
  tenon_register_t turn = tenon_assembler_argument(as, 0);
  tenon_register_t fence = tenon_assembler_new_register(as, TENON_CLASS_REF);
  TENON_EMIT(as, TENON_OP_TURN_TAKE, turn, fence);
  TENON_EMIT(as, TENON_OP_TURN_ENTER, tenon_register_move(turn));
  tenon_assembler_return(as, (const tenon_register_t[]){turn, fence}, 2);
  tenon_assembler_finish(as);
  op_covered[TENON_OP_TURN_ENTER] = true;
  load_module(&module);
  for (int round = 0; round < 2; ++round) {
    iree_vm_list_t *inputs = make_list(), *outputs = make_list();
    push_buffer(inputs);
    IREE_CHECK_OK(tenon_harness_call(&module.harness, "main", inputs, outputs));
    for (size_t i = 0; i < 2; ++i) {
      iree_vm_ref_t ref = iree_vm_ref_null();
      IREE_CHECK_OK(iree_vm_list_get_ref_assign(outputs, i, &ref));
      assert_null(ref.ptr);
    }
    iree_vm_list_release(inputs);
    iree_vm_list_release(outputs);
  }
  end_module(&module);
}

//===----------------------------------------------------------------------===//
// References
//===----------------------------------------------------------------------===//

static void test_moves(void** state) {
  registers_t r = {.refs = {writable("a"), writable("b")}};
  void* a = r.refs[0].ptr;
  RUN(MOV_REF, &r, 1, 0);
  assert_ptr_equal(r.refs[1].ptr, a);
  assert_int_equal(count_of(r.refs[0]), 2);
  RUN(MOV_REF, &r, 1, MOVE(0));
  assert_null(r.refs[0].ptr);
  assert_int_equal(count_of(r.refs[1]), 1);
  // Onto itself.
  RUN(MOV_REF, &r, 1, 1);
  RUN(MOV_REF, &r, 1, MOVE(1));
  assert_ptr_equal(r.refs[1].ptr, a);
  assert_int_equal(count_of(r.refs[1]), 1);
  // Null, copied and moved.
  RUN(MOV_REF, &r, 1, 0);
  assert_null(r.refs[1].ptr);
  r.refs[1] = writable("c");
  RUN(MOV_REF, &r, 1, MOVE(2));
  assert_null(r.refs[1].ptr);
  r.refs[1] = writable("d");
  RUN(NULL_REF, &r, 1);
  assert_null(r.refs[1].ptr);
  RUN(NULL_REF, &r, 1);
  assert_null(r.refs[1].ptr);
}

// Each condition, each way of reading, each target: one of its own, the chosen, the other.
static void test_select(void** state) {
  static const uint32_t conditions[] = {0, 1, 0x80000000, 0xFFFFFFFF};
  for (uint32_t n = 0; n < 4 * 2 * 2 * 3; ++n) {
    uint32_t condition = conditions[n % 4], target = n / 16;
    bool moves[2] = {n / 4 % 2, n / 8 % 2};
    registers_t r = {.refs = {writable("true"), writable("false"), writable("old")}};
    iree_vm_ref_t before[2] = {r.refs[0], r.refs[1]};
    for (int i = 0; i < 2; ++i) iree_vm_ref_retain_inplace(&before[i]);
    RUN(SELECT_REF, &r, target, condition, moves[0] ? MOVE(0) : 0, moves[1] ? MOVE(1) : 1);
    uint32_t chosen = condition ? 0 : 1;
    assert_ptr_equal(r.refs[target].ptr, before[chosen].ptr);
    for (uint32_t i = 0; i < 2; ++i) {
      if (i != target) assert_ptr_equal(r.refs[i].ptr, moves[i] ? NULL : before[i].ptr);
    }
    release_registers(&r);
    for (int i = 0; i < 2; ++i) {
      assert_int_equal(count_of(before[i]), 1);
      iree_vm_ref_release(&before[i]);
    }
  }
  // Both from one register.
  registers_t r = {.refs = {writable("one")}};
  RUN(SELECT_REF, &r, 1, 1, MOVE(0), MOVE(0));
  expect_bytes(r.refs[1], "one");
  assert_null(r.refs[0].ptr);
  assert_int_equal(count_of(r.refs[1]), 1);
  release_registers(&r);
}

static void test_compare_refs(void** state) {
  registers_t r = {.refs = {writable("a"), writable("a")}};
  RUN(CMP_EQ_REF, &r, 0, 0, 0);
  assert_int_equal(r.result.value, 1);
  RUN(CMP_EQ_REF, &r, 0, 0, 1);
  assert_int_equal(r.result.value, 0);
  RUN(CMP_EQ_REF, &r, 0, 0, 2);
  assert_int_equal(r.result.value, 0);
  RUN(CMP_EQ_REF, &r, 0, 2, 2);
  assert_int_equal(r.result.value, 1);
  RUN(CMP_EQ_REF, &r, 0, MOVE(0), 0);
  assert_int_equal(r.result.value, 1);
  assert_null(r.refs[0].ptr);
  RUN(CMP_EQ_REF, &r, 0, MOVE(0), MOVE(1));
  assert_int_equal(r.result.value, 0);
  assert_null(r.refs[1].ptr);
}

static void test_cast(void** state) {
  registers_t r = {.refs = {writable("a")}};
  void* object = r.refs[0].ptr;
  static const uint32_t types[] = {TENON_TYPE_ANY, TENON_TYPE_ANY_REF,
                                   TENON_TYPE_REF(OP_TYPE_BUFFER)};
  for (size_t i = 0; i < IREE_ARRAYSIZE(types); ++i) {
    RUN(CAST_REF, &r, 1, 0, types[i]);
    assert_ptr_equal(r.refs[1].ptr, object);
    assert_int_equal(count_of(r.refs[0]), 2);
    RUN(CAST_REF, &r, 0, MOVE(1), types[i]);
    assert_null(r.refs[1].ptr);
    assert_int_equal(count_of(r.refs[0]), 1);
    // Onto itself.
    RUN(CAST_REF, &r, 0, 0, types[i]);
    RUN(CAST_REF, &r, 0, MOVE(0), types[i]);
    assert_int_equal(count_of(r.refs[0]), 1);
  }
  REFUSED(CAST_REF, &r, INVALID_ARGUMENT, "expected a vm.list but the reference is a vm.buffer", 1,
          MOVE(0), TENON_TYPE_REF(OP_TYPE_LIST));
  assert_int_equal(count_of(r.refs[0]), 1);
  // Null is of every type; what the target held is dropped.
  RUN(CAST_REF, &r, 0, 2, TENON_TYPE_REF(OP_TYPE_LIST));
  assert_null(r.refs[0].ptr);
}

static void test_rodata(void** state) {
  registers_t r = {.refs = {writable("old")}};
  RUN(RODATA, &r, 0, 0);
  iree_vm_buffer_t* buffer = iree_vm_buffer_deref(r.refs[0]);
  assert_int_equal(buffer->data.data_length, 5);
  assert_memory_equal(buffer->data.data, "\1\2\3\4\5", 5);
  assert_false(buffer->access & IREE_VM_BUFFER_ACCESS_MUTABLE);
  // Of the second segment, which is empty.
  RUN(RODATA, &r, 0, 1);
  assert_int_equal(iree_vm_buffer_deref(r.refs[0])->data.data_length, 0);
  release_registers(&r);
}

//===----------------------------------------------------------------------===//
// Globals
//===----------------------------------------------------------------------===//

// main(a): gives what the global held before and what it holds after a was stored, copied or moved.
static void test_ref_globals(void** state) {
  test_module_t module = begin_module();
  uint32_t global = 0;
  for (int i = 0; i < 3; ++i) global = tenon_writer_add_ref_global(module.writer);
  for (int moves = 0; moves < 2; ++moves) {
    tenon_assembler_t* as = tenon_assembler_create(
        module.writer, declare_export(&module, moves ? "move" : "copy", "0r_rrr"));
    tenon_register_t a = tenon_assembler_argument(as, 0);
    tenon_register_t before = tenon_assembler_new_register(as, TENON_CLASS_REF);
    tenon_register_t after = tenon_assembler_new_register(as, TENON_CLASS_REF);
    TENON_EMIT(as, TENON_OP_GLOBAL_LOAD_REF, before, global);
    TENON_EMIT(as, TENON_OP_GLOBAL_STORE_REF, moves ? tenon_register_move(a) : a, global);
    TENON_EMIT(as, TENON_OP_GLOBAL_LOAD_REF, after, global);
    tenon_assembler_return(as, (const tenon_register_t[]){before, after, a}, 3);
    tenon_assembler_finish(as);
  }
  op_covered[TENON_OP_GLOBAL_LOAD_REF] = op_covered[TENON_OP_GLOBAL_STORE_REF] = true;
  load_module(&module);
  iree_vm_list_t *inputs = make_list(), *outputs = make_list();
  iree_vm_buffer_t* buffers[4] = {push_buffer(inputs), push_buffer(inputs), push_buffer(inputs),
                                  NULL};
  void* held = NULL;
  for (int round = 0; round < 4; ++round) {
    iree_vm_list_t* argument = make_list();
    iree_vm_ref_t ref = iree_vm_buffer_retain_ref(buffers[round]);
    IREE_CHECK_OK(iree_vm_list_push_ref_move(argument, &ref));
    iree_vm_list_clear(outputs);
    IREE_CHECK_OK(
        tenon_harness_call(&module.harness, round % 2 ? "move" : "copy", argument, outputs));
    void* found[3];
    for (size_t i = 0; i < 3; ++i) {
      found[i] = iree_vm_list_get_ref_deref(outputs, i, iree_vm_buffer_get_descriptor());
    }
    assert_ptr_equal(found[0], held);
    assert_ptr_equal(found[1], buffers[round]);
    assert_ptr_equal(found[2], round % 2 ? NULL : buffers[round]);
    held = buffers[round];
    iree_vm_list_release(argument);
  }
  iree_vm_list_clear(outputs);
  for (int i = 0; i < 3; ++i) assert_int_equal(ref_count(buffers[i]), 1);
  iree_vm_list_release(inputs);
  iree_vm_list_release(outputs);
  end_module(&module);
}

// Values that one invocation leaves are there for the next, in all their bits.
static void test_value_globals(void** state) {
  static const struct {
    const char* cconv;
    tenon_op_t load, store;
    uint64_t bits;
  } kinds[] = {{"0i_i", TENON_OP_GLOBAL_LOAD_I32, TENON_OP_GLOBAL_STORE_I32, 0x80000001},
               {"0I_I", TENON_OP_GLOBAL_LOAD_I64, TENON_OP_GLOBAL_STORE_I64, 0x8000000100000002},
               {"0f_f", TENON_OP_GLOBAL_LOAD_F32, TENON_OP_GLOBAL_STORE_F32, 0x7FA12345},
               {"0F_F", TENON_OP_GLOBAL_LOAD_F64, TENON_OP_GLOBAL_STORE_F64, 0xFFF4000000000003}};
  test_module_t module = begin_module();
  for (uint32_t n = 0; n < 2 * IREE_ARRAYSIZE(kinds); ++n) {
    tenon_writer_add_value_global(module.writer);
  }
  // Each gives what its global held and stores its argument there.
  for (uint32_t n = 0; n < IREE_ARRAYSIZE(kinds); ++n) {
    char name[2] = {(char)('a' + n), 0};
    tenon_assembler_t* as =
        tenon_assembler_create(module.writer, declare_export(&module, name, kinds[n].cconv));
    tenon_register_t value = tenon_assembler_argument(as, 0);
    tenon_register_t before = tenon_assembler_new_register(as, tenon_register_class_of(value));
    TENON_EMIT(as, kinds[n].load, before, 2 * n + 1);
    TENON_EMIT(as, kinds[n].store, value, 2 * n + 1);
    tenon_assembler_return(as, &before, 1);
    tenon_assembler_finish(as);
    op_covered[kinds[n].load] = op_covered[kinds[n].store] = true;
  }
  load_module(&module);
  for (int round = 0; round < 2; ++round) {
    for (uint32_t n = 0; n < IREE_ARRAYSIZE(kinds); ++n) {
      char name[2] = {(char)('a' + n), 0};
      iree_vm_list_t *inputs = make_list(), *outputs = make_list();
      static const iree_vm_value_type_t types[] = {IREE_VM_VALUE_TYPE_I32, IREE_VM_VALUE_TYPE_I64,
                                                   IREE_VM_VALUE_TYPE_F32, IREE_VM_VALUE_TYPE_F64};
      iree_vm_value_t value = iree_vm_value_make_i64((int64_t)kinds[n].bits);
      value.type = types[n];
      IREE_CHECK_OK(iree_vm_list_push_value(inputs, &value));
      IREE_CHECK_OK(tenon_harness_call(&module.harness, name, inputs, outputs));
      IREE_CHECK_OK(iree_vm_list_get_value(outputs, 0, &value));
      uint64_t expected = round ? kinds[n].bits : 0, found = 0;
      memcpy(&found, value.value_storage, n % 2 ? 8 : 4);
      assert_int_equal(found, expected);
      iree_vm_list_release(inputs);
      iree_vm_list_release(outputs);
    }
  }
  end_module(&module);
}

int run_control_tests(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_branch),        cmocka_unit_test(test_fail),
      cmocka_unit_test(test_checks),        cmocka_unit_test(test_calls),
      cmocka_unit_test(test_import_exists), cmocka_unit_test(test_turns),
      cmocka_unit_test(test_moves),         cmocka_unit_test(test_select),
      cmocka_unit_test(test_compare_refs),  cmocka_unit_test(test_cast),
      cmocka_unit_test(test_rodata),        cmocka_unit_test(test_ref_globals),
      cmocka_unit_test(test_value_globals),
  };
  return cmocka_run_group_tests_name("control", tests, NULL, NULL);
}
