// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The instructions on buffers, with everything that they refuse.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
// cmocka needs those before it.
#include <cmocka.h>

#include "vm/bytecode/ops_test.h"
#include "vm/bytecode/testing/op_objects.h"

static void test_alloc_and_length(void** state) {
  registers_t r = {.refs = {writable("abc")}};
  RUN(BUFFER_LENGTH, &r, 0, 0);
  assert_int_equal(r.result.value, 3);
  static const int64_t sizes[] = {0, 1, 1000};
  for (size_t i = 0; i < IREE_ARRAYSIZE(sizes); ++i) {
    RUN(BUFFER_ALLOC, &r, 0, (uint64_t)sizes[i]);
    iree_vm_buffer_t* buffer = iree_vm_buffer_deref(r.refs[0]);
    assert_int_equal(buffer->data.data_length, sizes[i]);
    assert_true(buffer->access & IREE_VM_BUFFER_ACCESS_MUTABLE);
    for (int64_t j = 0; j < sizes[i]; ++j) assert_int_equal(buffer->data.data[j], 0);
    RUN(BUFFER_LENGTH, &r, 0, 0);
    assert_int_equal(r.result.value, sizes[i]);
  }
  REFUSED(BUFFER_ALLOC, &r, INVALID_ARGUMENT, "the size -1 is negative", 0, (uint64_t)-1);
  REFUSED(BUFFER_ALLOC, &r, RESOURCE_EXHAUSTED, "out of memory", 0, INT64_MAX);
  RUN(BUFFER_LENGTH, &r, 0, MOVE(0));
  assert_int_equal(r.result.value, 1000);
  assert_null(r.refs[0].ptr);
}

static void test_clone(void** state) {
  registers_t r = {.refs = {read_only("abcdef")}};
  RUN(BUFFER_CLONE, &r, 1, 0, 1, 3);
  expect_bytes(r.refs[1], "bcd");
  assert_true(iree_vm_buffer_deref(r.refs[1])->access & IREE_VM_BUFFER_ACCESS_MUTABLE);
  RUN(BUFFER_CLONE, &r, 1, 0, 6, 0);
  expect_bytes(r.refs[1], "");
  REFUSED(BUFFER_CLONE, &r, OUT_OF_RANGE, "1 bytes at offset 6 leave a buffer of 6 bytes", 1, 0, 6,
          1);
  REFUSED(BUFFER_CLONE, &r, OUT_OF_RANGE, "-1 bytes at offset 0 leave a buffer of 6 bytes", 1, 0, 0,
          (uint64_t)-1);
  // Onto its source.
  RUN(BUFFER_CLONE, &r, 0, 0, 2, 4);
  expect_bytes(r.refs[0], "cdef");
  RUN(BUFFER_CLONE, &r, 0, MOVE(0), 1, 2);
  expect_bytes(r.refs[0], "de");
  RUN(BUFFER_CLONE, &r, 1, MOVE(0), 0, 2);
  expect_bytes(r.refs[1], "de");
  assert_null(r.refs[0].ptr);
  release_registers(&r);
}

static void test_copy(void** state) {
  registers_t r = {.refs = {read_only("abcdef"), writable("......")}};
  RUN(BUFFER_COPY, &r, 0, 1, 1, 2, 3);
  expect_bytes(r.refs[1], "..bcd.");
  RUN(BUFFER_COPY, &r, 0, 6, 1, 6, 0);
  // Within one buffer, both ways.
  RUN(BUFFER_COPY, &r, 1, 2, 1, 3, 3);
  expect_bytes(r.refs[1], "..bbcd");
  RUN(BUFFER_COPY, &r, 1, 3, 1, 1, 3);
  expect_bytes(r.refs[1], ".bcdcd");
  REFUSED(BUFFER_COPY, &r, OUT_OF_RANGE, "7 bytes at offset 0 leave a buffer of 6", 0, 0, 1, 0, 7);
  REFUSED(BUFFER_COPY, &r, OUT_OF_RANGE, "2 bytes at offset 5 leave", 0, 0, 1, 5, 2);
  REFUSED(BUFFER_COPY, &r, OUT_OF_RANGE, "1 bytes at offset -1 leave", 0, (uint64_t)-1, 1, 0, 1);
  REFUSED(BUFFER_COPY, &r, OUT_OF_RANGE, "-2 bytes at offset 4 leave", 0, 4, 1, 0, (uint64_t)-2);
  // The sum of both overflows.
  REFUSED(BUFFER_COPY, &r, OUT_OF_RANGE, "bytes at offset 9223372036854775807 leave", 0, 0, 1,
          INT64_MAX, 6);
  REFUSED(BUFFER_COPY, &r, PERMISSION_DENIED, "the buffer is read-only", 1, 0, 0, 0, 1);
  REFUSED(BUFFER_COPY, &r, INVALID_ARGUMENT, "expected a vm.buffer but the reference is null", 0, 0,
          2, 0, 0);
  RUN(BUFFER_COPY, &r, MOVE(1), 0, MOVE(1), 0, 1);
  assert_null(r.refs[1].ptr);
  release_registers(&r);
}

static void test_compare(void** state) {
  registers_t r = {.refs = {read_only("abcabd"), writable("abc")}};
  RUN(BUFFER_COMPARE, &r, 0, 0, 0, 1, 0, 3);
  assert_int_equal(r.result.value, 1);
  RUN(BUFFER_COMPARE, &r, 0, 0, 3, 1, 0, 3);
  assert_int_equal(r.result.value, 0);
  RUN(BUFFER_COMPARE, &r, 0, 0, 3, 0, 0, 2);
  assert_int_equal(r.result.value, 1);
  RUN(BUFFER_COMPARE, &r, 0, 0, 6, 1, 3, 0);
  assert_int_equal(r.result.value, 1);
  REFUSED(BUFFER_COMPARE, &r, OUT_OF_RANGE, "4 bytes at offset 0 leave a buffer of 3 bytes", 0, 0,
          0, 1, 0, 4);
  REFUSED(BUFFER_COMPARE, &r, OUT_OF_RANGE, "3 bytes at offset 4 leave a buffer of 6 bytes", 0, 0,
          4, 1, 0, 3);
  RUN(BUFFER_COMPARE, &r, 0, MOVE(0), 0, MOVE(1), 0, 1);
  assert_null(r.refs[0].ptr);
  assert_null(r.refs[1].ptr);
}

static void test_fill(void** state) {
  static const struct {
    tenon_op_t op;
    int64_t size;
    uint64_t pattern;
  } fills[] = {{TENON_OP_BUFFER_FILL_I8, 1, 0x11},
               {TENON_OP_BUFFER_FILL_I16, 2, 0x2211},
               {TENON_OP_BUFFER_FILL_I32, 4, 0x44332211},
               {TENON_OP_BUFFER_FILL_I64, 8, 0x8877665544332211}};
  for (size_t n = 0; n < IREE_ARRAYSIZE(fills); ++n) {
    int64_t size = fills[n].size;
    registers_t r = {
        .refs = {writable("0123456789abcdefghijklmnopqrstuvwxyz"), read_only("........")}};
    uint8_t* data = iree_vm_buffer_data(iree_vm_buffer_deref(r.refs[0]));
    for (int64_t length = 0; length <= 24; length += size) {
      memset(data, 0xEE, 36);
      IREE_CHECK_OK(
          op_run(fills[n].op,
                 OPERANDS(0, 8, (uint64_t)length, ~UINT64_C(0) << 31 << 33 | fills[n].pattern),
                 r.refs, &r.result));
      for (int64_t i = 0; i < 36; ++i) {
        bool is_filled = i >= 8 && i < 8 + length;
        assert_int_equal(data[i], is_filled ? 0x11 * ((i - 8) % size + 1) : 0xEE);
      }
    }
    if (size > 1) {
      EXPECT_FAILURE(op_run(fills[n].op, OPERANDS(0, 1, (uint64_t)size, 0), r.refs, &r.result),
                     IREE_STATUS_INVALID_ARGUMENT, "offset 1 and length ", "no multiples");
      EXPECT_FAILURE(op_run(fills[n].op, OPERANDS(0, 0, (uint64_t)size + 1, 0), r.refs, &r.result),
                     IREE_STATUS_INVALID_ARGUMENT, "offset 0 and length ", "no multiples");
    }
    EXPECT_FAILURE(op_run(fills[n].op, OPERANDS(0, 40, 0, 0), r.refs, &r.result),
                   IREE_STATUS_OUT_OF_RANGE, "0 bytes at offset 40 leave a buffer of 36 bytes");
    EXPECT_FAILURE(op_run(fills[n].op, OPERANDS(0, 0, (uint64_t)-8, 0), r.refs, &r.result),
                   IREE_STATUS_OUT_OF_RANGE, "-8 bytes at offset 0 leave a buffer of 36 bytes");
    EXPECT_FAILURE(op_run(fills[n].op, OPERANDS(1, 0, 8, 0), r.refs, &r.result),
                   IREE_STATUS_PERMISSION_DENIED, "read-only");
    IREE_CHECK_OK(op_run(fills[n].op, OPERANDS(MOVE(0), 0, 0, 0), r.refs, &r.result));
    assert_null(r.refs[0].ptr);
    release_registers(&r);
  }
}

typedef struct access_t {
  tenon_op_t load, store;
  int64_t size;
  uint64_t value;   // stored
  uint64_t loaded;  // back
} access_t;

static const access_t accesses[] = {
    {TENON_OP_BUFFER_LOAD_I8, TENON_OP_BUFFER_STORE_I8, 1, 0x12345680, 0xFFFFFF80},
    {TENON_OP_BUFFER_LOAD_I8, TENON_OP_BUFFER_STORE_I8, 1, 0xFFFFFF7F, 0x7F},
    {TENON_OP_BUFFER_LOAD_I16, TENON_OP_BUFFER_STORE_I16, 2, 0x12348000, 0xFFFF8000},
    {TENON_OP_BUFFER_LOAD_I16, TENON_OP_BUFFER_STORE_I16, 2, 0xFFFF7FFF, 0x7FFF},
    {TENON_OP_BUFFER_LOAD_I32, TENON_OP_BUFFER_STORE_I32, 4, 0x80000001, 0x80000001},
    {TENON_OP_BUFFER_LOAD_I64, TENON_OP_BUFFER_STORE_I64, 8, 0x8000000000000001,
     0x8000000000000001},
    // A signaling NaN keeps its bits.
    {TENON_OP_BUFFER_LOAD_F32, TENON_OP_BUFFER_STORE_F32, 4, 0x7FA12345, 0x7FA12345},
    {TENON_OP_BUFFER_LOAD_F64, TENON_OP_BUFFER_STORE_F64, 8, 0xFFF4123456789ABC,
     0xFFF4123456789ABC},
};

static void test_load_and_store(void** state) {
  for (size_t n = 0; n < IREE_ARRAYSIZE(accesses); ++n) {
    const access_t* a = &accesses[n];
    registers_t r = {.refs = {writable("................"), read_only("")}};
    uint8_t* data = iree_vm_buffer_data(iree_vm_buffer_deref(r.refs[0]));
    for (int64_t offset = 0; offset <= 16 - a->size; ++offset) {
      memset(data, '.', 16);
      IREE_CHECK_OK(op_run(a->store, OPERANDS(0, (uint64_t)offset, a->value), r.refs, &r.result));
      for (int64_t i = 0; i < 16; ++i) {
        bool is_stored = i >= offset && i < offset + a->size;
        assert_int_equal(data[i], is_stored ? a->value >> 8 * (i - offset) & 0xFF : '.');
      }
      IREE_CHECK_OK(op_run(a->load, OPERANDS(0, 0, (uint64_t)offset), r.refs, &r.result));
      assert_int_equal(r.result.value, a->loaded);
    }
    static const int64_t outside[] = {16, 17, INT64_MAX, -1, INT64_MIN};
    for (size_t i = 0; i < IREE_ARRAYSIZE(outside); ++i) {
      char text[96];
      snprintf(text, sizeof(text), "%d bytes at offset %lld leave a buffer of 16 bytes",
               (int)a->size, (long long)outside[i]);
      EXPECT_FAILURE(op_run(a->load, OPERANDS(0, 0, (uint64_t)outside[i]), r.refs, &r.result),
                     IREE_STATUS_OUT_OF_RANGE, text);
      EXPECT_FAILURE(op_run(a->store, OPERANDS(0, (uint64_t)outside[i], 0), r.refs, &r.result),
                     IREE_STATUS_OUT_OF_RANGE, text);
    }
    EXPECT_FAILURE(op_run(a->load, OPERANDS(0, 1, 0), r.refs, &r.result), IREE_STATUS_OUT_OF_RANGE,
                   "bytes at offset 0 leave a buffer of 0 bytes");
    EXPECT_FAILURE(op_run(a->store, OPERANDS(1, 0, 0), r.refs, &r.result),
                   IREE_STATUS_PERMISSION_DENIED, "the buffer is read-only");
    IREE_CHECK_OK(op_run(a->load, OPERANDS(0, MOVE(0), 0), r.refs, &r.result));
    assert_null(r.refs[0].ptr);
    r.refs[0] = writable("........");
    IREE_CHECK_OK(op_run(a->store, OPERANDS(MOVE(0), 0, 0), r.refs, &r.result));
    assert_null(r.refs[0].ptr);
    release_registers(&r);
  }
}

int run_buffer_tests(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_alloc_and_length),
      cmocka_unit_test(test_clone),
      cmocka_unit_test(test_copy),
      cmocka_unit_test(test_compare),
      cmocka_unit_test(test_fill),
      cmocka_unit_test(test_load_and_store),
  };
  return cmocka_run_group_tests_name("buffers", tests, NULL, NULL);
}
