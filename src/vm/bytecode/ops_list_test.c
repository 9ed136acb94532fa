// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The instructions on lists, with everything that they refuse; and what both these and those on
// buffers say to other objects.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
// cmocka needs those before it.
#include <cmocka.h>

#include "vm/bytecode/ops_test.h"
#include "vm/bytecode/testing/op_objects.h"

static void test_list_alloc(void** state) {
  static const struct {
    uint32_t type;
    iree_vm_type_def_t element;
  } types[] = {{TENON_TYPE_ANY, {0}},
               {TENON_TYPE_I8, {.value_type = IREE_VM_VALUE_TYPE_I8}},
               {TENON_TYPE_I16, {.value_type = IREE_VM_VALUE_TYPE_I16}},
               {TENON_TYPE_I32, {.value_type = IREE_VM_VALUE_TYPE_I32}},
               {TENON_TYPE_I64, {.value_type = IREE_VM_VALUE_TYPE_I64}},
               {TENON_TYPE_F32, {.value_type = IREE_VM_VALUE_TYPE_F32}},
               {TENON_TYPE_F64, {.value_type = IREE_VM_VALUE_TYPE_F64}},
               {TENON_TYPE_ANY_REF, {.ref_type = IREE_VM_REF_TYPE_ANY}}};
  registers_t r = {0};
  for (size_t i = 0; i < IREE_ARRAYSIZE(types); ++i) {
    RUN(LIST_ALLOC, &r, 0, types[i].type, i);
    iree_vm_list_t* list = iree_vm_list_deref(r.refs[0]);
    iree_vm_type_def_t found = iree_vm_list_element_type(list);
    assert_int_equal(found.value_type, types[i].element.value_type);
    assert_int_equal(found.ref_type, types[i].element.ref_type);
    assert_int_equal(iree_vm_list_size(list), 0);
    assert_true(iree_vm_list_capacity(list) >= i);
  }
  RUN(LIST_ALLOC, &r, 0, TENON_TYPE_REF(OP_TYPE_BUFFER), 3);
  assert_int_equal(iree_vm_list_element_type(iree_vm_list_deref(r.refs[0])).ref_type,
                   iree_vm_buffer_type_id());
  REFUSED(LIST_ALLOC, &r, INVALID_ARGUMENT, "the size -5 is negative", 0, TENON_TYPE_I8,
          (uint64_t)-5);
  REFUSED(LIST_ALLOC, &r, RESOURCE_EXHAUSTED, "9223372036854775807", 0, TENON_TYPE_I32, INT64_MAX);
  release_registers(&r);
}

static void test_list_size(void** state) {
  registers_t r = {.refs = {variants(0)}};
  iree_vm_list_t* list = iree_vm_list_deref(r.refs[0]);
  RUN(LIST_RESERVE, &r, 0, 100);
  assert_true(iree_vm_list_capacity(list) >= 100);
  RUN(LIST_SIZE, &r, 0, 0);
  assert_int_equal(r.result.value, 0);
  RUN(LIST_RESIZE, &r, 0, 7);
  RUN(LIST_SIZE, &r, 0, 0);
  assert_int_equal(r.result.value, 7);
  RUN(LIST_RESIZE, &r, 0, 0);
  assert_int_equal(iree_vm_list_size(list), 0);
  REFUSED(LIST_RESIZE, &r, INVALID_ARGUMENT, "the size -1 is negative", 0, (uint64_t)-1);
  REFUSED(LIST_RESERVE, &r, INVALID_ARGUMENT, "the size -9223372036854775808 is negative", 0,
          (uint64_t)INT64_MIN);
  REFUSED(LIST_RESERVE, &r, RESOURCE_EXHAUSTED, "", 0, INT64_MAX);
  RUN(LIST_RESERVE, &r, MOVE(0), 1);
  assert_null(r.refs[0].ptr);
  r.refs[0] = variants(2);
  RUN(LIST_SIZE, &r, 0, MOVE(0));
  assert_int_equal(r.result.value, 2);
  assert_null(r.refs[0].ptr);
  r.refs[0] = variants(2);
  RUN(LIST_RESIZE, &r, MOVE(0), 3);
  assert_null(r.refs[0].ptr);
}

// Sets an element of a list of |type| with one instruction and gets it with another.
typedef struct element_t {
  iree_vm_value_type_t type;  // NONE: a variant list
  tenon_op_t set;
  uint64_t value;
  tenon_op_t get;
  uint64_t expected;
} element_t;

#define SET(type) TENON_OP_LIST_SET_##type
#define GET(type) TENON_OP_LIST_GET_##type
#define LIST(type) IREE_VM_VALUE_TYPE_##type
static const element_t elements[] = {
    {LIST(I8), SET(I32), 0x180, GET(I32), 0xFFFFFF80},
    {LIST(I8), SET(I64), 0x17F, GET(I64), 0x7F},
    {LIST(I16), SET(I32), 0x18000, GET(I32), 0xFFFF8000},
    {LIST(I16), SET(I32), 0x8000, GET(I64), 0xFFFFFFFFFFFF8000},
    {LIST(I32), SET(I32), 0x80000000, GET(I32), 0x80000000},
    {LIST(I32), SET(I32), 0x80000000, GET(I64), 0xFFFFFFFF80000000},
    {LIST(I32), SET(I64), 0x100000005, GET(I64), 5},
    {LIST(I64), SET(I32), 0xFFFFFFFF, GET(I64), 0xFFFFFFFFFFFFFFFF},
    {LIST(I64), SET(I64), 0x8000000000000000, GET(I64), 0x8000000000000000},
    {LIST(I64), SET(I64), 0x700000003, GET(I32), 3},
    {LIST(F32), SET(F32), 0x3FC00000, GET(F32), 0x3FC00000},
    {LIST(F32), SET(F64), 0x3FF8000000000000, GET(F32), 0x3FC00000},
    {LIST(F32), SET(F32), 0xBFC00000, GET(F64), 0xBFF8000000000000},
    {LIST(F64), SET(F64), 0x8000000000000000, GET(F64), 0x8000000000000000},
    {LIST(F64), SET(F64), 0x7FEFFFFFFFFFFFFF, GET(F32), 0x7F800000},
    // A variant takes the type of what is stored.
    {LIST(NONE), SET(I32), 0x80000000, GET(I64), 0xFFFFFFFF80000000},
    {LIST(NONE), SET(I64), 0x8000000000000001, GET(I64), 0x8000000000000001},
    {LIST(NONE), SET(F32), 0x7FA00001, GET(F32), 0x7FA00001},
    {LIST(NONE), SET(F64), 0x3FF8000000000000, GET(F64), 0x3FF8000000000000},
};

static void test_list_elements(void** state) {
  for (size_t n = 0; n < IREE_ARRAYSIZE(elements); ++n) {
    const element_t* e = &elements[n];
    registers_t r = {
        .refs = {e->type == IREE_VM_VALUE_TYPE_NONE ? variants(3) : scalars(e->type, 3)}};
    for (uint64_t i = 0; i < 3; ++i) {
      IREE_CHECK_OK(op_run(e->set, OPERANDS(0, i, e->value), r.refs, &r.result));
      IREE_CHECK_OK(op_run(e->get, OPERANDS(0, 0, i), r.refs, &r.result));
      assert_int_equal(r.result.value, e->expected);
    }
    static const int64_t outside[] = {3, INT64_MAX, -1, INT64_MIN};
    for (size_t i = 0; i < IREE_ARRAYSIZE(outside); ++i) {
      char text[96];
      snprintf(text, sizeof(text), "index %lld is outside of a list of 3 elements",
               (long long)outside[i]);
      EXPECT_FAILURE(op_run(e->set, OPERANDS(0, (uint64_t)outside[i], 0), r.refs, &r.result),
                     IREE_STATUS_OUT_OF_RANGE, text);
      EXPECT_FAILURE(op_run(e->get, OPERANDS(0, 0, (uint64_t)outside[i]), r.refs, &r.result),
                     IREE_STATUS_OUT_OF_RANGE, text);
    }
    iree_vm_list_t* list = iree_vm_list_deref(r.refs[0]);
    iree_vm_list_retain(list);
    IREE_CHECK_OK(op_run(e->set, OPERANDS(MOVE(0), 0, e->value), r.refs, &r.result));
    assert_null(r.refs[0].ptr);
    r.refs[0] = iree_vm_list_move_ref(list);
    IREE_CHECK_OK(op_run(e->get, OPERANDS(0, MOVE(0), 0), r.refs, &r.result));
    assert_null(r.refs[0].ptr);
    assert_int_equal(r.result.value, e->expected);
  }
}

static void test_list_mismatches(void** state) {
  registers_t r = {.refs = {scalars(IREE_VM_VALUE_TYPE_I32, 1), variants(1),
                            list_of(iree_vm_type_def_make_ref_type(IREE_VM_REF_TYPE_ANY), 1)}};
  REFUSED(LIST_GET_F32, &r, FAILED_PRECONDITION, "a value of type i32 is no f32", 0, 0, 0);
  REFUSED(LIST_SET_F64, &r, FAILED_PRECONDITION, "a value of type f64 is no i32", 0, 0, 0);
  REFUSED(LIST_GET_I32, &r, FAILED_PRECONDITION, "a value of type empty is no i32", 0, 1, 0);
  REFUSED(LIST_GET_I64, &r, FAILED_PRECONDITION, "expected a scalar", 0, 2, 0);
  REFUSED(LIST_SET_I64, &r, FAILED_PRECONDITION, "but the element is a scalar", 2, 0, 0);
  REFUSED(LIST_GET_REF, &r, FAILED_PRECONDITION, "but the element is i32", 1, 0, 0, TENON_TYPE_ANY);
  REFUSED(LIST_SET_REF, &r, FAILED_PRECONDITION, "but the element is a reference", 0, 0, 1);
  release_registers(&r);
}

static void test_list_refs(void** state) {
  const iree_vm_type_def_t types[] = {
      iree_vm_type_def_make_variant_type(),
      iree_vm_type_def_make_ref_type(IREE_VM_REF_TYPE_ANY),
      iree_vm_type_def_make_ref_type(iree_vm_buffer_type_id()),
  };
  for (size_t n = 0; n < IREE_ARRAYSIZE(types); ++n) {
    registers_t r = {.refs = {list_of(types[n], 2), writable("x")}};
    void* object = r.refs[1].ptr;
    RUN(LIST_SET_REF, &r, 0, 1, 1);
    assert_int_equal(count_of(r.refs[1]), 2);
    RUN(LIST_SET_REF, &r, 0, 0, MOVE(1));
    assert_null(r.refs[1].ptr);
    RUN(LIST_GET_REF, &r, 1, 0, 1, TENON_TYPE_REF(OP_TYPE_BUFFER));
    assert_ptr_equal(r.refs[1].ptr, object);
    assert_int_equal(count_of(r.refs[1]), 3);
    REFUSED(LIST_GET_REF, &r, INVALID_ARGUMENT,
            "expected a vm.list but the reference is a vm.buffer", 2, 0, 1,
            TENON_TYPE_REF(OP_TYPE_LIST));
    assert_int_equal(count_of(r.refs[1]), 3);
    RUN(LIST_SET_REF, &r, 0, 1, 2);  // null
    RUN(LIST_GET_REF, &r, 2, 0, 1, TENON_TYPE_REF(OP_TYPE_LIST));
    assert_null(r.refs[2].ptr);
    static const int64_t outside[] = {2, INT64_MAX, -1};
    for (size_t i = 0; i < IREE_ARRAYSIZE(outside); ++i) {
      REFUSED(LIST_GET_REF, &r, OUT_OF_RANGE, "is outside of a list of 2 elements", 2, 0,
              (uint64_t)outside[i], TENON_TYPE_ANY_REF);
      REFUSED(LIST_SET_REF, &r, OUT_OF_RANGE, "is outside of a list of 2 elements", 0,
              (uint64_t)outside[i], MOVE(1));
    }
    assert_int_equal(count_of(r.refs[1]), 2);
    // Onto the list itself, which goes away; what was in it stays.
    RUN(LIST_GET_REF, &r, 0, n ? 0 : MOVE(0), 0, TENON_TYPE_ANY_REF);
    assert_ptr_equal(r.refs[0].ptr, object);
    assert_int_equal(count_of(r.refs[0]), 2);
    release_registers(&r);
  }
  registers_t r = {.refs = {list_of(types[2], 1), variants(0)}};
  REFUSED(LIST_SET_REF, &r, INVALID_ARGUMENT, "expected a vm.buffer but the reference is a vm.list",
          0, 0, MOVE(1));
  RUN(LIST_SET_REF, &r, MOVE(0), 0, 2);
  assert_null(r.refs[0].ptr);
  release_registers(&r);
}

// What each instruction on a buffer or list says to a null and to the other type.
static void test_wrong_objects(void** state) {
  for (uint32_t op = TENON_OP_BUFFER_ALLOC; op <= TENON_OP_LIST_SET_REF; ++op) {
    const char* letters = tenon_op_operands[op];
    const char* ref = strchr(letters, 'r');
    if (!ref) continue;
    bool is_list = op >= TENON_OP_LIST_ALLOC;
    char wrong[80], null[80];
    snprintf(wrong, sizeof(wrong), "expected a %s but the reference is a %s",
             is_list ? "vm.list" : "vm.buffer", is_list ? "vm.buffer" : "vm.list");
    snprintf(null, sizeof(null), "expected a %s but the reference is null",
             is_list ? "vm.list" : "vm.buffer");
    registers_t r = {
        .refs = {is_list ? writable("abc") : variants(3), is_list ? variants(3) : writable("abc")}};
    // All refs from the first on, then the second of two.
    for (int first = 0; first < 2; ++first) {
      uint64_t operands[TENON_MAX_OPERANDS] = {0};
      const char* bad = first == 0 ? ref : strchr(ref + 1, 'r');
      if (!bad || (op == TENON_OP_LIST_SET_REF && first)) continue;
      if (first) operands[ref - letters] = 1;
      EXPECT_FAILURE(op_run((tenon_op_t)op, operands, r.refs, &r.result),
                     IREE_STATUS_INVALID_ARGUMENT, wrong, "; at pc 0 in bytecode function m.run");
      operands[bad - letters] = 2;
      EXPECT_FAILURE(op_run((tenon_op_t)op, operands, r.refs, &r.result),
                     IREE_STATUS_INVALID_ARGUMENT, null, "; at pc 0 in bytecode function m.run");
    }
    release_registers(&r);
  }
}

int run_list_tests(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_list_alloc),    cmocka_unit_test(test_list_size),
      cmocka_unit_test(test_list_elements), cmocka_unit_test(test_list_mismatches),
      cmocka_unit_test(test_list_refs),     cmocka_unit_test(test_wrong_objects),
  };
  return cmocka_run_group_tests_name("lists", tests, NULL, NULL);
}
