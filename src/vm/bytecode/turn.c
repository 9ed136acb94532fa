// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The instructions of turns: rare, and compiled for size.

#include "vm/bytecode/frame.h"
#include "vm/turns.h"

// The frame's end is the turn's.
static void tenon_bytecode_hold_turn(iree_vm_stack_t* stack, iree_vm_stack_frame_t* frame) {
  tenon_bytecode_frame(frame)->stack = stack;
  frame->user_flags |= TENON_FRAME_IN_TURN;
}

static iree_status_t tenon_bytecode_take_turn(iree_vm_stack_t* stack, iree_vm_ref_t* refs,
                                              const uint16_t* units) {
  iree_vm_ref_t turn = iree_vm_ref_null(), fence = iree_vm_ref_null();
  IREE_RETURN_IF_ERROR(tenon_turn_take(stack, &turn, &fence));
  iree_vm_ref_move(&turn, &refs[units[0]]);
  iree_vm_ref_move(&fence, &refs[units[1]]);
  return iree_ok_status();
}

static iree_status_t tenon_bytecode_enter_turn(iree_vm_stack_t* stack, iree_vm_stack_frame_t* frame,
                                               uint32_t operand) {
  iree_vm_ref_t* ref = &tenon_bytecode_frame(frame)->refs[operand & ~TENON_REG_MOVE];
  IREE_RETURN_IF_ERROR(tenon_turn_enter(stack, ref));
  tenon_bytecode_hold_turn(stack, frame);
  if (operand & TENON_REG_MOVE) iree_vm_ref_release(ref);
  return iree_ok_status();
}

iree_status_t tenon_bytecode_turn(iree_vm_stack_t* stack, iree_vm_stack_frame_t* frame,
                                  const uint16_t* ip) {
  if (*ip == TENON_OP_TURN_TAKE) {
    return tenon_bytecode_take_turn(stack, tenon_bytecode_frame(frame)->refs, ip + 1);
  }
  if (*ip == TENON_OP_TURN_ENTER) return tenon_bytecode_enter_turn(stack, frame, ip[1]);
  // It may be suspended.
  frame->call_results = iree_byte_span_empty();
  bool holds = false;
  iree_status_t status = tenon_turn_begin(stack, &holds);
  if (holds) tenon_bytecode_hold_turn(stack, frame);
  return status;
}
