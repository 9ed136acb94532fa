// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The instructions on references, buffers and lists, with everything that they refuse.

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
// cmocka needs those before it.
#include <cmocka.h>

#include "vm/bytecode/testing/op_runner.h"

#define MOVE(n) ((n) | TENON_REG_MOVE)
#define OPERANDS(...) ((const uint64_t[TENON_MAX_OPERANDS]){__VA_ARGS__})

// Registers of a run: refs 0 to 2.
typedef struct registers_t {
  iree_vm_ref_t refs[OP_REFS];
  op_result_t result;
} registers_t;

static void release_registers(registers_t* r) {
  for (int i = 0; i < OP_REFS; ++i) iree_vm_ref_release(&r->refs[i]);
}

static iree_vm_ref_t make_buffer(iree_vm_buffer_access_t access, const char* text) {
  iree_vm_buffer_t* buffer = NULL;
  IREE_CHECK_OK(iree_vm_buffer_create(access, strlen(text), 0, iree_allocator_system(), &buffer));
  memcpy(buffer->data.data, text, strlen(text));
  return iree_vm_buffer_move_ref(buffer);
}
static iree_vm_ref_t writable(const char* text) {
  return make_buffer(IREE_VM_BUFFER_ACCESS_MUTABLE, text);
}
static iree_vm_ref_t read_only(const char* text) { return make_buffer(0, text); }

static iree_vm_ref_t list_of(iree_vm_type_def_t type, int64_t size) {
  iree_vm_list_t* list = NULL;
  IREE_CHECK_OK(iree_vm_list_create(&type, 0, iree_allocator_system(), &list));
  IREE_CHECK_OK(iree_vm_list_resize(list, (iree_host_size_t)size));
  return iree_vm_list_move_ref(list);
}
static iree_vm_ref_t variants(int64_t size) {
  return list_of(iree_vm_type_def_make_variant_type(), size);
}
static iree_vm_ref_t scalars(iree_vm_value_type_t type, int64_t size) {
  return list_of(iree_vm_type_def_make_value_type(type), size);
}

static int count_of(iree_vm_ref_t ref) {
  return iree_atomic_ref_count_load(
      (iree_atomic_ref_count_t*)((uint8_t*)ref.ptr + ref.offsetof_counter));
}

static void expect_bytes(iree_vm_ref_t ref, const char* text) {
  iree_string_view_t bytes = iree_vm_buffer_as_string(iree_vm_buffer_deref(ref));
  assert_int_equal(bytes.size, strlen(text));
  assert_memory_equal(bytes.data, text, bytes.size);
}

#define RUN(op, r, ...) \
  IREE_CHECK_OK(op_run(TENON_OP_##op, OPERANDS(__VA_ARGS__), (r)->refs, &(r)->result))
#define REFUSED(op, r, code, text, ...)                                                 \
  EXPECT_FAILURE(op_run(TENON_OP_##op, OPERANDS(__VA_ARGS__), (r)->refs, &(r)->result), \
                 IREE_STATUS_##code, text, "; at pc 0 in bytecode function m.run")

//===----------------------------------------------------------------------===//
// References
//===----------------------------------------------------------------------===//

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

//===----------------------------------------------------------------------===//
// Buffers
//===----------------------------------------------------------------------===//

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

//===----------------------------------------------------------------------===//
// Lists
//===----------------------------------------------------------------------===//

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

//===----------------------------------------------------------------------===//
// All
//===----------------------------------------------------------------------===//

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

static void test_every_instruction_ran(void** state) {
  for (uint32_t op = TENON_OP_GLOBAL_LOAD_I32; op <= TENON_OP_LIST_SET_REF; ++op) {
    if (!op_covered[op]) fail_msg("%s has no test", op_mnemonics[op]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_compare_refs),
      cmocka_unit_test(test_cast),
      cmocka_unit_test(test_alloc_and_length),
      cmocka_unit_test(test_clone),
      cmocka_unit_test(test_copy),
      cmocka_unit_test(test_compare),
      cmocka_unit_test(test_fill),
      cmocka_unit_test(test_load_and_store),
      cmocka_unit_test(test_list_alloc),
      cmocka_unit_test(test_list_size),
      cmocka_unit_test(test_list_elements),
      cmocka_unit_test(test_list_mismatches),
      cmocka_unit_test(test_list_refs),
      cmocka_unit_test(test_wrong_objects),
      cmocka_unit_test(test_value_globals),
      cmocka_unit_test(test_every_instruction_ran),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
