// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Frames entered and left, for the interpreter alone: each call and return of a program does this,
// so it is all inline.

#ifndef TENON_VM_BYTECODE_ENTER_H_
#define TENON_VM_BYTECODE_ENTER_H_

#include <string.h>

#include "vm/bytecode/frame.h"
#include "vm/stack_internal.h"
#include "vm/turns.h"

// Releases what a frame owns besides its registers.
static IREE_ATTRIBUTE_COLD IREE_ATTRIBUTE_NOINLINE void tenon_bytecode_cleanup_rest(
    iree_vm_stack_frame_t* frame) {
  tenon_frame_t* f = tenon_bytecode_frame(frame);
  if (frame->user_flags & TENON_FRAME_IN_CALL) {
    const uint16_t* units = f->function->code + frame->pc + 1;
    const tenon_bytecode_import_t* import = &f->function->module->imports[tenon_load_u32(units)];
    iree_vm_function_release_storage(
        iree_make_string_view(import->arguments, import->argument_length), frame->arguments);
    iree_vm_function_release_storage(iree_make_string_view(import->results, import->result_length),
                                     frame->call_results);
  }
  // Last: another invocation may begin its turn before this returns.
  if (frame->user_flags & TENON_FRAME_IN_TURN) tenon_turn_end(f->stack);
}

static void tenon_bytecode_cleanup(iree_vm_stack_frame_t* frame) {
  tenon_frame_t* f = tenon_bytecode_frame(frame);
  // Most are null by now.
  iree_vm_ref_t* ref = f->refs;
  for (uint32_t n = f->function->ref_count; n; --n, ++ref) {
    if (ref->ptr) iree_vm_ref_release(ref);
  }
  if (IREE_UNLIKELY(frame->user_flags & (TENON_FRAME_IN_CALL | TENON_FRAME_IN_TURN))) {
    tenon_bytecode_cleanup_rest(frame);
  }
}

// Makes an entered frame one of |function|, with zeroed values and null refs.
static inline tenon_frame_t* tenon_bytecode_start_frame(iree_vm_stack_frame_t* frame,
                                                        const tenon_bytecode_function_t* function) {
  static const uint64_t zeros[2] = {0, 0};
  tenon_frame_t* f = tenon_bytecode_frame(frame);
  f->function = function;
  f->refs = (iree_vm_ref_t*)(void*)((uint8_t*)f->values + function->ref_offset);
  // A multiple of 16, mostly small: a call of memset would cost more.
  uint8_t* end = (uint8_t*)f->values + function->register_size;
  f->call_storage = end;
  for (uint8_t* p = (uint8_t*)f->values; p < end; p += 16) memcpy(p, zeros, 16);
  return f;
}

//===----------------------------------------------------------------------===//
// Calls within a module
//===----------------------------------------------------------------------===//

// Enters a frame of |callee| in a new segment of the stack.
static IREE_ATTRIBUTE_COLD IREE_ATTRIBUTE_NOINLINE iree_status_t
tenon_bytecode_enter_segment(iree_vm_stack_t* stack, const tenon_bytecode_function_t* callee) {
  iree_vm_stack_frame_t* frame = NULL;
  IREE_RETURN_IF_ERROR(
      iree_vm_stack_function_enter(stack, &callee->function, IREE_VM_STACK_FRAME_BYTECODE,
                                   callee->frame_size, tenon_bytecode_cleanup, &frame));
  frame->user_flags = TENON_FRAME_INTERNAL | TENON_FRAME_NOT_PLAIN;
  return iree_ok_status();
}

// Copies or moves the registers |sources| of |from| to where the arguments of a new frame arrive;
// some may be refs.
static IREE_ATTRIBUTE_NOINLINE void tenon_bytecode_pass_refs(tenon_frame_t* to, tenon_frame_t* from,
                                                             const uint16_t* sources) {
  const tenon_bytecode_function_t* callee = to->function;
  for (uint32_t i = 0; i < callee->argument_count; ++i) {
    uint32_t source = sources[i], target = callee->argument_registers[i];
    if (callee->arguments[i] != 'r') {
      to->values[target] = from->values[source];
    } else {
      iree_vm_ref_retain_or_move(source & TENON_REG_MOVE, &from->refs[source & ~TENON_REG_MOVE],
                                 &to->refs[target]);
    }
  }
}

// Calls |callee|, of the same module, by the call with the operands at |units|: a new frame, its
// arguments copied or moved from the registers of |from|. NULL and *out_status if that fails.
static inline IREE_ATTRIBUTE_ALWAYS_INLINE tenon_frame_t* tenon_bytecode_call_internal(
    iree_vm_stack_t* stack, tenon_frame_t* from, const tenon_bytecode_function_t* callee,
    const uint16_t* units, iree_status_t* out_status) {
  iree_vm_stack_frame_t* frame = tenon_stack_try_enter_internal(
      stack, tenon_bytecode_stack_frame(from), &callee->function, callee->frame_size,
      callee->internal_flags, tenon_bytecode_cleanup);
  if (IREE_UNLIKELY(!frame)) {
    *out_status = tenon_bytecode_enter_segment(stack, callee);
    if (!iree_status_is_ok(*out_status)) return NULL;
    frame = stack->top;
  }
  tenon_frame_t* to = tenon_bytecode_start_frame(frame, callee);
  to->return_ip = units + callee->return_offset;
  const uint16_t* sources = units + 3;
  if (IREE_UNLIKELY(callee->ref_count)) {
    tenon_bytecode_pass_refs(to, from, sources);
    return to;
  }
  const uint16_t* targets = callee->argument_registers;
  const uint16_t* end = targets + callee->argument_count;
  while (targets != end) to->values[*targets++] = from->values[*sources++];
  return to;
}

// Returns the registers |sources| of |from| to the call in |to|, and leaves |from|; for frames that
// are not plain.
static IREE_ATTRIBUTE_COLD IREE_ATTRIBUTE_NOINLINE void tenon_bytecode_return_not_plain(
    iree_vm_stack_t* stack, tenon_frame_t* to, tenon_frame_t* from, const uint16_t* sources) {
  const tenon_bytecode_function_t* function = from->function;
  const uint16_t* targets = from->return_ip - function->result_count;
  for (uint32_t i = 0; i < function->result_count; ++i) {
    if (function->results[i] != 'r') {
      to->values[targets[i]] = from->values[sources[i]];
    } else {
      iree_vm_ref_move(&from->refs[sources[i]], &to->refs[targets[i]]);
    }
  }
  // Can't fail: the frame is there.
  iree_status_ignore(iree_vm_stack_function_leave(stack));
}

// The same for any. |sources| are the operands of the return.
static inline IREE_ATTRIBUTE_ALWAYS_INLINE void tenon_bytecode_return_internal(
    iree_vm_stack_t* stack, tenon_frame_t* to, tenon_frame_t* from, const uint16_t* sources) {
  iree_vm_stack_frame_t* frame = tenon_bytecode_stack_frame(from);
  if (IREE_UNLIKELY(frame->user_flags != TENON_FRAME_INTERNAL)) {
    tenon_bytecode_return_not_plain(stack, to, from, sources + 1);
    return;
  }
  const uint16_t* end = from->return_ip;
  const uint16_t* targets = end - *sources;
  while (targets != end) to->values[*targets++] = from->values[*++sources];
  tenon_stack_pop(stack, frame);
}

// Leaves the frame of a function that has returned to outside.
static inline void tenon_bytecode_leave(iree_vm_stack_t* stack, iree_vm_stack_frame_t* frame) {
  if (IREE_UNLIKELY(tenon_stack_ends_segment(stack, frame))) {
    // Can't fail: the frame is there.
    iree_status_ignore(iree_vm_stack_function_leave(stack));
    return;
  }
  tenon_bytecode_cleanup(frame);
  tenon_stack_pop(stack, frame);
}

#endif  // TENON_VM_BYTECODE_ENTER_H_
