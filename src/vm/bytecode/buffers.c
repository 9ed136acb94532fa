// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Instructions on buffers of bytes.

#include <string.h>

#include "vm/buffer_internal.h"
#include "vm/builtin_types.h"
#include "vm/bytecode/objects.h"

// The value of operand |n|, counted in units from 1.
#define V(n) f->values[units[n]]

// The |length| bytes at |offset| of the buffer in a register; |is_target|: to be written.
static iree_status_t tenon_map(const tenon_frame_t* f, uint32_t operand, int64_t offset,
                               int64_t length, bool is_target, uint8_t** out_bytes) {
  const iree_vm_ref_t* ref = tenon_bytecode_ref(f, operand);
  IREE_RETURN_IF_ERROR(iree_vm_ref_check(*ref, TENON_VM_BUFFER_TYPE));
  const iree_vm_buffer_t* buffer = (const iree_vm_buffer_t*)ref->ptr;
  IREE_RETURN_IF_ERROR((is_target ? tenon_buffer_check_writable : tenon_buffer_check_range)(
      buffer, (iree_host_size_t)offset, (iree_host_size_t)length));
  // A buffer without bytes may have no address; memcpy and the like want one.
  *out_bytes = length ? buffer->data.data + offset : (uint8_t*)ref->ptr;
  return iree_ok_status();
}

static iree_status_t tenon_buffer_alloc(const iree_vm_stack_frame_t* frame, tenon_frame_t* f,
                                        const uint16_t* units) {
  IREE_RETURN_IF_ERROR(tenon_bytecode_check_size(V(2).i64));
  iree_vm_buffer_t* buffer = NULL;
  IREE_RETURN_IF_ERROR(iree_vm_buffer_create(
      IREE_VM_BUFFER_ACCESS_MUTABLE | IREE_VM_BUFFER_ACCESS_ORIGIN_GUEST,
      (iree_host_size_t)V(2).i64, 0, tenon_bytecode_allocator(frame), &buffer));
  iree_vm_ref_t ref = iree_vm_buffer_move_ref(buffer);
  iree_vm_ref_move(&ref, &f->refs[units[1]]);
  return iree_ok_status();
}

static iree_status_t tenon_buffer_clone(const iree_vm_stack_frame_t* frame, tenon_frame_t* f,
                                        const uint16_t* units) {
  const iree_vm_ref_t* source = tenon_bytecode_ref(f, units[2]);
  IREE_RETURN_IF_ERROR(iree_vm_ref_check(*source, TENON_VM_BUFFER_TYPE));
  iree_vm_buffer_t* buffer = NULL;
  IREE_RETURN_IF_ERROR(iree_vm_buffer_clone(
      IREE_VM_BUFFER_ACCESS_MUTABLE | IREE_VM_BUFFER_ACCESS_ORIGIN_GUEST,
      (const iree_vm_buffer_t*)source->ptr, (iree_host_size_t)V(3).i64, (iree_host_size_t)V(4).i64,
      0, tenon_bytecode_allocator(frame), &buffer));
  // Before the target is written: it may be the same register.
  tenon_bytecode_end_use(f, units[2]);
  iree_vm_ref_t ref = iree_vm_buffer_move_ref(buffer);
  iree_vm_ref_move(&ref, &f->refs[units[1]]);
  return iree_ok_status();
}

static iree_status_t tenon_buffer_length(const tenon_frame_t* f, const uint16_t* units) {
  uint8_t* bytes = NULL;
  IREE_RETURN_IF_ERROR(tenon_map(f, units[2], 0, 0, false, &bytes));
  V(1).u64 = ((const iree_vm_buffer_t*)tenon_bytecode_ref(f, units[2])->ptr)->data.data_length;
  tenon_bytecode_end_use(f, units[2]);
  return iree_ok_status();
}

static iree_status_t tenon_buffer_copy(const tenon_frame_t* f, const uint16_t* units) {
  int64_t length = V(5).i64;
  uint8_t *source = NULL, *target = NULL;
  IREE_RETURN_IF_ERROR(tenon_map(f, units[1], V(2).i64, length, false, &source));
  IREE_RETURN_IF_ERROR(tenon_map(f, units[3], V(4).i64, length, true, &target));
  memmove(target, source, (size_t)length);
  tenon_bytecode_end_use(f, units[1]);
  tenon_bytecode_end_use(f, units[3]);
  return iree_ok_status();
}

static iree_status_t tenon_buffer_compare(const tenon_frame_t* f, const uint16_t* units) {
  int64_t length = V(6).i64;
  uint8_t *lhs = NULL, *rhs = NULL;
  IREE_RETURN_IF_ERROR(tenon_map(f, units[2], V(3).i64, length, false, &lhs));
  IREE_RETURN_IF_ERROR(tenon_map(f, units[4], V(5).i64, length, false, &rhs));
  V(1).u64 = memcmp(lhs, rhs, (size_t)length) == 0;
  tenon_bytecode_end_use(f, units[2]);
  tenon_bytecode_end_use(f, units[4]);
  return iree_ok_status();
}

static iree_status_t tenon_buffer_fill(const tenon_frame_t* f, const uint16_t* units) {
  uint32_t size = 1u << (units[0] - TENON_OP_BUFFER_FILL_I8);
  int64_t offset = V(2).i64, length = V(3).i64;
  if ((offset | length) & (size - 1)) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "offset %lld and length %lld of a fill are no multiples of its "
                            "pattern's %u bytes",
                            (long long)offset, (long long)length, size);
  }
  uint8_t* target = NULL;
  IREE_RETURN_IF_ERROR(tenon_map(f, units[1], offset, length, true, &target));
  uint64_t pattern = V(4).u64;
  for (uint32_t bits = 8 * size; bits < 64; bits *= 2) {
    pattern = (pattern & ((UINT64_C(1) << bits) - 1)) | pattern << bits;
  }
  for (; length > 8; length -= 8, target += 8) memcpy(target, &pattern, 8);
  memcpy(target, &pattern, (size_t)length);
  tenon_bytecode_end_use(f, units[1]);
  return iree_ok_status();
}

// log2 of the bytes of each type of loads and stores, i8 to f64, in two bits each.
#define TENON_ELEMENT_SHIFTS 0xEE4u
static uint32_t tenon_element_size(uint32_t type) {
  return 1u << (TENON_ELEMENT_SHIFTS >> 2 * type & 3);
}

static iree_status_t tenon_buffer_load(const tenon_frame_t* f, const uint16_t* units) {
  uint32_t size = tenon_element_size(units[0] - TENON_OP_BUFFER_LOAD_I8);
  uint8_t* source = NULL;
  IREE_RETURN_IF_ERROR(tenon_map(f, units[2], V(3).i64, size, false, &source));
  tenon_slot_t value = {.u64 = 0};
  switch (size) {
    case 1:
      value.u32 = (uint32_t)(int8_t)*source;
      break;
    case 2: {
      int16_t narrow;
      memcpy(&narrow, source, 2);
      value.u32 = (uint32_t)narrow;
      break;
    }
    case 4:
      memcpy(&value, source, 4);
      break;
    default:
      memcpy(&value, source, 8);
      break;
  }
  V(1) = value;
  tenon_bytecode_end_use(f, units[2]);
  return iree_ok_status();
}

static iree_status_t tenon_buffer_store(const tenon_frame_t* f, const uint16_t* units) {
  uint32_t size = tenon_element_size(units[0] - TENON_OP_BUFFER_STORE_I8);
  uint8_t* target = NULL;
  IREE_RETURN_IF_ERROR(tenon_map(f, units[1], V(2).i64, size, true, &target));
  memcpy(target, &V(3), size);
  tenon_bytecode_end_use(f, units[1]);
  return iree_ok_status();
}

iree_status_t tenon_bytecode_run_buffer(iree_vm_stack_frame_t* frame, const uint16_t* units) {
  tenon_frame_t* f = tenon_bytecode_frame(frame);
  uint32_t op = units[0];
  if (op >= TENON_OP_BUFFER_STORE_I8) return tenon_buffer_store(f, units);
  if (op >= TENON_OP_BUFFER_LOAD_I8) return tenon_buffer_load(f, units);
  if (op >= TENON_OP_BUFFER_FILL_I8) return tenon_buffer_fill(f, units);
  if (op == TENON_OP_BUFFER_COMPARE) return tenon_buffer_compare(f, units);
  if (op == TENON_OP_BUFFER_COPY) return tenon_buffer_copy(f, units);
  if (op == TENON_OP_BUFFER_LENGTH) return tenon_buffer_length(f, units);
  if (op == TENON_OP_BUFFER_CLONE) return tenon_buffer_clone(frame, f, units);
  return tenon_buffer_alloc(frame, f, units);
}
