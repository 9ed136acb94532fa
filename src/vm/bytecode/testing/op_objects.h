// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Objects for the instructions that work on refs, and short ways to run these. For cmocka programs:
// include after cmocka.h.

#ifndef TENON_VM_BYTECODE_TESTING_OP_OBJECTS_H_
#define TENON_VM_BYTECODE_TESTING_OP_OBJECTS_H_

#include "vm/bytecode/testing/op_runner.h"

#define MOVE(n) ((n) | TENON_REG_MOVE)
#define OPERANDS(...) ((const uint64_t[TENON_MAX_OPERANDS]){__VA_ARGS__})

// Registers of a run: refs 0 to 2.
typedef struct registers_t {
  iree_vm_ref_t refs[OP_REFS];
  op_result_t result;
} registers_t;

static inline void release_registers(registers_t* r) {
  for (int i = 0; i < OP_REFS; ++i) iree_vm_ref_release(&r->refs[i]);
}

static inline iree_vm_ref_t make_buffer(iree_vm_buffer_access_t access, const char* text) {
  iree_vm_buffer_t* buffer = NULL;
  IREE_CHECK_OK(iree_vm_buffer_create(access, strlen(text), 0, iree_allocator_system(), &buffer));
  memcpy(buffer->data.data, text, strlen(text));
  return iree_vm_buffer_move_ref(buffer);
}
static inline iree_vm_ref_t writable(const char* text) {
  return make_buffer(IREE_VM_BUFFER_ACCESS_MUTABLE, text);
}
static inline iree_vm_ref_t read_only(const char* text) { return make_buffer(0, text); }

static inline iree_vm_ref_t list_of(iree_vm_type_def_t type, int64_t size) {
  iree_vm_list_t* list = NULL;
  IREE_CHECK_OK(iree_vm_list_create(&type, 0, iree_allocator_system(), &list));
  IREE_CHECK_OK(iree_vm_list_resize(list, (iree_host_size_t)size));
  return iree_vm_list_move_ref(list);
}
static inline iree_vm_ref_t variants(int64_t size) {
  return list_of(iree_vm_type_def_make_variant_type(), size);
}
static inline iree_vm_ref_t scalars(iree_vm_value_type_t type, int64_t size) {
  return list_of(iree_vm_type_def_make_value_type(type), size);
}

static inline int count_of(iree_vm_ref_t ref) {
  return iree_atomic_ref_count_load(
      (iree_atomic_ref_count_t*)((uint8_t*)ref.ptr + ref.offsetof_counter));
}

static inline void expect_bytes(iree_vm_ref_t ref, const char* text) {
  iree_string_view_t bytes = iree_vm_buffer_as_string(iree_vm_buffer_deref(ref));
  assert_int_equal(bytes.size, strlen(text));
  assert_memory_equal(bytes.data, text, bytes.size);
}

#define RUN(op, r, ...) \
  IREE_CHECK_OK(op_run(TENON_OP_##op, OPERANDS(__VA_ARGS__), (r)->refs, &(r)->result))
#define REFUSED(op, r, code, text, ...)                                                 \
  EXPECT_FAILURE(op_run(TENON_OP_##op, OPERANDS(__VA_ARGS__), (r)->refs, &(r)->result), \
                 IREE_STATUS_##code, text, "; at pc 0 in bytecode function m.run")

#endif  // TENON_VM_BYTECODE_TESTING_OP_OBJECTS_H_
