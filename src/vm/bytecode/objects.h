// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The instructions on what refs hold: casts, buffers, lists. They run out of the loop, compiled for
// size. |units| are an instruction, its opcode first. When one fails nothing has changed.

#ifndef TENON_VM_BYTECODE_OBJECTS_H_
#define TENON_VM_BYTECODE_OBJECTS_H_

#include "vm/bytecode/frame.h"

// cast.ref and all of the two below.
iree_status_t tenon_bytecode_run_object(iree_vm_stack_frame_t* frame, const uint16_t* units);
// buffers.c
iree_status_t tenon_bytecode_run_buffer(iree_vm_stack_frame_t* frame, const uint16_t* units);
// lists.c
iree_status_t tenon_bytecode_run_list(iree_vm_stack_frame_t* frame, const uint16_t* units);

// Gives the register's reference to |out_ref|, or a copy of it.
void tenon_bytecode_read_ref(iree_vm_ref_t* refs, uint32_t operand, iree_vm_ref_t* out_ref);

// select.ref
void tenon_bytecode_select_ref(iree_vm_ref_t* refs, int32_t condition, const uint16_t* units);

// INVALID_ARGUMENT if |ref| is neither null nor of the type at |type_units|, which is a reference's.
iree_status_t tenon_bytecode_check_cast(tenon_frame_t* f, iree_vm_ref_t ref,
                                        const uint16_t* type_units);

// rem.f64, and rem.f32: what is exact in the one is exact in the other.
double tenon_bytecode_rem(double a, double b);

// A number as an integer, toward zero, saturating; NaN gives 0. |type| is 0 to 3 for s32, u32, s64, u64,
// as the conversions are numbered. An integer of 32 bits is the low half, and the high one zero.
uint64_t tenon_bytecode_to_integer(double value, uint32_t type);
// The other way, correctly rounded: |types| counts the instructions from CVT_S32_F32 on.
void tenon_bytecode_from_integer(const tenon_slot_t* source, uint32_t types, tenon_slot_t* target);

// INVALID_ARGUMENT if |size| is negative.
iree_status_t tenon_bytecode_check_size(int64_t size);

// Where objects that a program makes come from: they may outlive its invocations.
static inline iree_allocator_t tenon_bytecode_allocator(const iree_vm_stack_frame_t* frame) {
  return ((const tenon_bytecode_state_t*)frame->module_state)->allocator;
}

static inline iree_vm_ref_t* tenon_bytecode_ref(tenon_frame_t* f, uint32_t operand) {
  return &f->refs[operand & ~TENON_REG_MOVE];
}

// The end of an instruction's use of a ref that it has read: drops what the register gives away.
void tenon_bytecode_end_use(tenon_frame_t* f, uint32_t operand);

// Makes |ref| what an instruction writes to its first operand.
void tenon_bytecode_set_ref(tenon_frame_t* f, const uint16_t* units, iree_vm_ref_t ref);

#endif  // TENON_VM_BYTECODE_OBJECTS_H_
