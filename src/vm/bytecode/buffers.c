// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Instructions on buffers of bytes. All go the same way: which bytes of which buffers, are these
// there, what is done with them.

#include <string.h>

#include "vm/buffer_internal.h"
#include "vm/builtin_types.h"
#include "vm/bytecode/objects.h"

// The value of operand |n|, counted in units from 1.
#define V(n) f->values[units[n]]

// What an instruction asks for: |length| bytes of one buffer or of two. Each operand that is a
// buffer has its offset behind it.
typedef struct tenon_access_t {
  const uint16_t* operands[2];
  int64_t length;
  bool writes[2];
  uint8_t* bytes[2];
} tenon_access_t;

// Bytes of each type of loads and stores, i8 to f64: log2 of them, in two bits each.
#define TENON_ELEMENT_SHIFTS 0xEE4u
static int64_t tenon_element_size(uint32_t type) {
  return INT64_C(1) << (TENON_ELEMENT_SHIFTS >> 2 * type & 3);
}

// Of all but alloc and length.
static void tenon_access_of(tenon_frame_t* f, const uint16_t* units, tenon_access_t* out_access) {
  uint32_t op = units[0];
  bool writes = op >= TENON_OP_BUFFER_STORE_I8 ||
                (op >= TENON_OP_BUFFER_FILL_I8 && op <= TENON_OP_BUFFER_FILL_I64);
  bool has_result = !writes && op != TENON_OP_BUFFER_COPY;
  tenon_access_t access = {.operands = {units + 1 + has_result}, .writes = {writes}};
  if (op >= TENON_OP_BUFFER_STORE_I8) {
    access.length = tenon_element_size(op - TENON_OP_BUFFER_STORE_I8);
  } else if (op >= TENON_OP_BUFFER_LOAD_I8) {
    access.length = tenon_element_size(op - TENON_OP_BUFFER_LOAD_I8);
  } else {
    if (op == TENON_OP_BUFFER_COPY || op == TENON_OP_BUFFER_COMPARE) {
      access.operands[1] = access.operands[0] + 2;
      access.writes[1] = op == TENON_OP_BUFFER_COPY;
    }
    access.length = f->values[access.operands[access.operands[1] != NULL][2]].i64;
  }
  *out_access = access;
}

// Finds the bytes.
static iree_status_t tenon_access_map(tenon_frame_t* f, tenon_access_t* access) {
  for (int i = 0; i < 2 && access->operands[i]; ++i) {
    const iree_vm_ref_t* ref = tenon_bytecode_ref(f, access->operands[i][0]);
    int64_t offset = f->values[access->operands[i][1]].i64;
    IREE_RETURN_IF_ERROR(iree_vm_ref_check(*ref, TENON_VM_BUFFER_TYPE));
    const iree_vm_buffer_t* buffer = (const iree_vm_buffer_t*)ref->ptr;
    IREE_RETURN_IF_ERROR(
        (access->writes[i] ? tenon_buffer_check_writable : tenon_buffer_check_range)(
            buffer, (iree_host_size_t)offset, (iree_host_size_t)access->length));
    // A buffer without bytes may have no address; memcpy and the like want one.
    access->bytes[i] = access->length ? buffer->data.data + offset : (uint8_t*)ref->ptr;
  }
  return iree_ok_status();
}

// A fresh buffer for what is written, with a copy of |source| unless that is NULL.
static iree_status_t tenon_buffer_make(iree_vm_stack_frame_t* frame, const uint16_t* units,
                                       int64_t length, const uint8_t* source) {
  tenon_frame_t* f = tenon_bytecode_frame(frame);
  iree_vm_buffer_t* buffer = NULL;
  IREE_RETURN_IF_ERROR(tenon_bytecode_check_size(length));
  IREE_RETURN_IF_ERROR(
      iree_vm_buffer_create(IREE_VM_BUFFER_ACCESS_MUTABLE | IREE_VM_BUFFER_ACCESS_ORIGIN_GUEST,
                            (iree_host_size_t)length, 0, tenon_bytecode_allocator(frame), &buffer));
  if (source) {
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

static iree_status_t tenon_buffer_check_fill(tenon_frame_t* f, const uint16_t* units,
                                             uint32_t size) {
  int64_t offset = V(2).i64, length = V(3).i64;
  if (!((offset | length) & (size - 1))) return iree_ok_status();
  return iree_make_status(
      IREE_STATUS_INVALID_ARGUMENT,
      "offset %lld and length %lld of a fill are no multiples of its pattern's %u bytes",
      (long long)offset, (long long)length, size);
}

// |length| is a multiple of the pattern's |size|.
static void tenon_buffer_fill(uint8_t* target, int64_t length, uint64_t pattern, uint32_t size) {
  for (uint32_t bits = 8 * size; bits < 64; bits *= 2) {
    pattern = (pattern & ((UINT64_C(1) << bits) - 1)) | pattern << bits;
  }
  for (; length > 8; length -= 8, target += 8) memcpy(target, &pattern, 8);
  memcpy(target, &pattern, (size_t)length);
}

static void tenon_buffer_load(const uint8_t* source, int64_t size, tenon_slot_t* target) {
  tenon_slot_t value = {.u64 = 0};
  if (size == 8) {
    memcpy(&value, source, 8);
  } else if (size == 4) {
    memcpy(&value, source, 4);
  } else if (size == 2) {
    int16_t narrow;
    memcpy(&narrow, source, 2);
    value.u32 = (uint32_t)narrow;
  } else {
    value.u32 = (uint32_t)(int8_t)*source;
  }
  *target = value;
}

iree_status_t tenon_bytecode_run_buffer(iree_vm_stack_frame_t* frame, const uint16_t* units) {
  tenon_frame_t* f = tenon_bytecode_frame(frame);
  uint32_t op = units[0];
  if (op == TENON_OP_BUFFER_ALLOC) return tenon_buffer_make(frame, units, V(2).i64, NULL);
  if (op == TENON_OP_BUFFER_LENGTH) return tenon_buffer_length(f, units);
  tenon_access_t access;
  tenon_access_of(f, units, &access);
  bool is_fill = op >= TENON_OP_BUFFER_FILL_I8 && op <= TENON_OP_BUFFER_FILL_I64;
  uint32_t fill_size = is_fill ? 1u << (op - TENON_OP_BUFFER_FILL_I8) : 1;
  if (is_fill) IREE_RETURN_IF_ERROR(tenon_buffer_check_fill(f, units, fill_size));
  IREE_RETURN_IF_ERROR(tenon_access_map(f, &access));
  if (op == TENON_OP_BUFFER_CLONE) {
    return tenon_buffer_make(frame, units, access.length, access.bytes[0]);
  }
  if (op >= TENON_OP_BUFFER_STORE_I8) {
    memcpy(access.bytes[0], &V(3), (size_t)access.length);
  } else if (op >= TENON_OP_BUFFER_LOAD_I8) {
    tenon_buffer_load(access.bytes[0], access.length, &V(1));
  } else if (is_fill) {
    tenon_buffer_fill(access.bytes[0], access.length, V(4).u64, fill_size);
  } else if (op == TENON_OP_BUFFER_COPY) {
    memmove(access.bytes[1], access.bytes[0], (size_t)access.length);
  } else {
    V(1).u64 = memcmp(access.bytes[0], access.bytes[1], (size_t)access.length) == 0;
  }
  for (int i = 0; i < 2 && access.operands[i]; ++i) {
    tenon_bytecode_end_use(f, access.operands[i][0]);
  }
  return iree_ok_status();
}
