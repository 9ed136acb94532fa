// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Instructions on buffers of bytes.

#include <string.h>

#include "vm/buffer_internal.h"
#include "vm/builtin_types.h"
#include "vm/bytecode/objects.h"

// The value of operand |n|, counted in units from 1.
#define V(n) f->values[units[n]]

// The |length| bytes of the buffer in the register at |operand|, whose offset is the operand behind
// it; |is_target|: to be written.
static iree_status_t tenon_map(tenon_frame_t* f, const uint16_t* operand, int64_t length,
                               bool is_target, uint8_t** out_bytes) {
  const iree_vm_ref_t* ref = tenon_bytecode_ref(f, operand[0]);
  int64_t offset = f->values[operand[1]].i64;
  IREE_RETURN_IF_ERROR(iree_vm_ref_check(*ref, TENON_VM_BUFFER_TYPE));
  const iree_vm_buffer_t* buffer = (const iree_vm_buffer_t*)ref->ptr;
  IREE_RETURN_IF_ERROR((is_target ? tenon_buffer_check_writable : tenon_buffer_check_range)(
      buffer, (iree_host_size_t)offset, (iree_host_size_t)length));
  // A buffer without bytes may have no address; memcpy and the like want one.
  *out_bytes = length ? buffer->data.data + offset : (uint8_t*)ref->ptr;
  return iree_ok_status();
}

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

// Bytes of each type of loads and stores, i8 to f64: log2 of them, in two bits each.
#define TENON_ELEMENT_SHIFTS 0xEE4u

static uint64_t tenon_load(const uint8_t* source, uint32_t shift) {
  int16_t i16;
  uint32_t u32;
  uint64_t u64;
  switch (shift) {
    case 0:
      return (uint32_t)(int8_t)*source;
    case 1:
      memcpy(&i16, source, sizeof(i16));
      return (uint32_t)i16;
    case 2:
      memcpy(&u32, source, sizeof(u32));
      return u32;
    default:
      memcpy(&u64, source, sizeof(u64));
      return u64;
  }
}

static void tenon_store(uint64_t value, uint32_t shift, uint8_t* target) {
  if (shift == 3) {
    memcpy(target, &value, 8);
  } else if (shift == 2) {
    memcpy(target, &value, 4);
  } else {
    *target = (uint8_t)value;
    if (shift) target[1] = (uint8_t)(value >> 8);
  }
}

static iree_status_t tenon_buffer_element(tenon_frame_t* f, const uint16_t* units) {
  bool is_store = units[0] >= TENON_OP_BUFFER_STORE_I8;
  uint32_t type = units[0] - (is_store ? TENON_OP_BUFFER_STORE_I8 : TENON_OP_BUFFER_LOAD_I8);
  uint32_t shift = TENON_ELEMENT_SHIFTS >> 2 * type & 3;
  const uint16_t* operand = units + 2 - is_store;
  uint8_t* bytes = NULL;
  IREE_RETURN_IF_ERROR(tenon_map(f, operand, INT64_C(1) << shift, is_store, &bytes));
  if (is_store) {
    tenon_store(V(3).u64, shift, bytes);
  } else {
    V(1).u64 = tenon_load(bytes, shift);
  }
  tenon_bytecode_end_use(f, *operand);
  return iree_ok_status();
}

//===----------------------------------------------------------------------===//
// Ranges
//===----------------------------------------------------------------------===//

static iree_status_t tenon_buffer_fill(tenon_frame_t* f, const uint16_t* units) {
  uint32_t size = 1u << (units[0] - TENON_OP_BUFFER_FILL_I8);
  int64_t offset = V(2).i64, length = V(3).i64;
  if ((offset | length) & (size - 1)) {
    return iree_make_status(
        IREE_STATUS_INVALID_ARGUMENT,
        "offset %lld and length %lld of a fill are no multiples of its pattern's %u bytes",
        (long long)offset, (long long)length, size);
  }
  uint8_t* target = NULL;
  IREE_RETURN_IF_ERROR(tenon_map(f, units + 1, length, true, &target));
  uint64_t pattern = V(4).u64;
  for (uint32_t bits = 8 * size; bits < 64; bits *= 2) {
    pattern = (pattern & ((UINT64_C(1) << bits) - 1)) | pattern << bits;
  }
  for (; length > 8; length -= 8, target += 8) memcpy(target, &pattern, 8);
  memcpy(target, &pattern, (size_t)length);
  tenon_bytecode_end_use(f, units[1]);
  return iree_ok_status();
}

// copy and compare, which has its operands behind its result.
static iree_status_t tenon_buffer_pair(tenon_frame_t* f, const uint16_t* units) {
  bool is_copy = units[0] == TENON_OP_BUFFER_COPY;
  const uint16_t* operands = units + 2 - is_copy;
  int64_t length = f->values[operands[4]].i64;
  uint8_t *first = NULL, *second = NULL;
  IREE_RETURN_IF_ERROR(tenon_map(f, operands, length, false, &first));
  IREE_RETURN_IF_ERROR(tenon_map(f, operands + 2, length, is_copy, &second));
  if (is_copy) {
    memmove(second, first, (size_t)length);
  } else {
    V(1).u64 = memcmp(first, second, (size_t)length) == 0;
  }
  tenon_bytecode_end_use(f, operands[0]);
  tenon_bytecode_end_use(f, operands[2]);
  return iree_ok_status();
}

// alloc, and clone, which copies a range.
static iree_status_t tenon_buffer_make(iree_vm_stack_frame_t* frame, const uint16_t* units) {
  tenon_frame_t* f = tenon_bytecode_frame(frame);
  bool is_clone = units[0] == TENON_OP_BUFFER_CLONE;
  int64_t length = V(is_clone ? 4 : 2).i64;
  uint8_t* source = NULL;
  IREE_RETURN_IF_ERROR(is_clone ? tenon_map(f, units + 2, length, false, &source)
                                : tenon_bytecode_check_size(length));
  iree_vm_buffer_t* buffer = NULL;
  IREE_RETURN_IF_ERROR(
      iree_vm_buffer_create(IREE_VM_BUFFER_ACCESS_MUTABLE | IREE_VM_BUFFER_ACCESS_ORIGIN_GUEST,
                            (iree_host_size_t)length, 0, tenon_bytecode_allocator(frame), &buffer));
  if (is_clone) {
    memcpy(buffer->data.data, source, (size_t)length);
    // Before the target is written: it may be the same register.
    tenon_bytecode_end_use(f, units[2]);
  }
  tenon_bytecode_set_ref(f, units, iree_vm_buffer_move_ref(buffer));
  return iree_ok_status();
}

static iree_status_t tenon_buffer_length(tenon_frame_t* f, const uint16_t* units) {
  const iree_vm_ref_t* ref = tenon_bytecode_ref(f, units[2]);
  IREE_RETURN_IF_ERROR(iree_vm_ref_check(*ref, TENON_VM_BUFFER_TYPE));
  V(1).u64 = ((const iree_vm_buffer_t*)ref->ptr)->data.data_length;
  tenon_bytecode_end_use(f, units[2]);
  return iree_ok_status();
}

iree_status_t tenon_bytecode_run_buffer(iree_vm_stack_frame_t* frame, const uint16_t* units) {
  tenon_frame_t* f = tenon_bytecode_frame(frame);
  uint32_t op = units[0];
  if (op >= TENON_OP_BUFFER_LOAD_I8) return tenon_buffer_element(f, units);
  if (op >= TENON_OP_BUFFER_FILL_I8) return tenon_buffer_fill(f, units);
  if (op >= TENON_OP_BUFFER_COPY) return tenon_buffer_pair(f, units);
  if (op == TENON_OP_BUFFER_LENGTH) return tenon_buffer_length(f, units);
  return tenon_buffer_make(frame, units);
}
