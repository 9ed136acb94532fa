// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Frames entered and left, for the interpreter alone: each call and return of a program does this,
// so it is all inline.

#ifndef TENON_VM_BYTECODE_ENTER_H_
#define TENON_VM_BYTECODE_ENTER_H_

#include "vm/bytecode/frame.h"
#include "vm/stack_internal.h"
#include "vm/turns.h"

static void tenon_bytecode_cleanup(iree_vm_stack_frame_t* frame) {
  tenon_frame_t* f = tenon_bytecode_frame(frame);
  if (frame->user_flags & TENON_FRAME_IN_CALL) {
    const tenon_bytecode_import_t* import = f->import;
    iree_vm_function_release_storage(
        iree_make_string_view(import->arguments, import->argument_length), f->call_arguments);
    iree_vm_function_release_storage(iree_make_string_view(import->results, import->result_length),
                                     f->call_results);
  }
  // Up to the values; most are null by now.
  for (iree_vm_ref_t* ref = f->refs; ref < (iree_vm_ref_t*)f->values; ++ref) {
    if (ref->ptr) iree_vm_ref_release(ref);
  }
  // Last: another invocation may begin its turn before this returns.
  if (IREE_UNLIKELY(frame->user_flags & TENON_FRAME_IN_TURN)) tenon_turn_end(f->stack);
}

// Makes an entered frame one of |function|, with zeroed values and null refs.
static inline tenon_frame_t* tenon_bytecode_start_frame(iree_vm_stack_frame_t* frame,
                                                        const tenon_bytecode_module_t* module,
                                                        const tenon_bytecode_function_t* function) {
  tenon_frame_t* f = tenon_bytecode_frame(frame);
  uint8_t* registers = (uint8_t*)f + TENON_FRAME_HEADER_SIZE;
  f->function = function;
  f->module = module;
  f->refs = (iree_vm_ref_t*)registers;
  f->values = (tenon_slot_t*)(f->refs + function->record->ref_count);
  f->call_storage = registers + function->register_size;
  // A multiple of 16, mostly small: a call of memset would cost more.
  for (uint8_t* p = registers; p < f->call_storage; p += 16) {
    ((uint64_t*)p)[0] = 0;
    ((uint64_t*)p)[1] = 0;
  }
  return f;
}

// Calls a function of the same module from |caller|: a new frame, its arguments copied or moved from the caller's registers.
static iree_status_t tenon_bytecode_call_internal(iree_vm_stack_t* stack,
                                                  iree_vm_stack_frame_t* caller,
                                                  const tenon_bytecode_function_t* callee,
                                                  const uint16_t* units,
                                                  iree_vm_stack_frame_t** out_frame) {
  uint32_t index = tenon_load_u32(units);
  tenon_frame_t* from = tenon_bytecode_frame(caller);
  const iree_vm_function_t function = {caller->function.module, IREE_VM_FUNCTION_LINKAGE_INTERNAL,
                                       (uint16_t)index};
  iree_vm_stack_frame_t* frame = tenon_stack_try_enter(
      stack, caller, function, caller->module_state, callee->frame_size, tenon_bytecode_cleanup);
  if (IREE_UNLIKELY(!frame)) {
    IREE_RETURN_IF_ERROR(
        iree_vm_stack_function_enter(stack, &function, IREE_VM_STACK_FRAME_BYTECODE,
                                     callee->frame_size, tenon_bytecode_cleanup, &frame));
  }
  frame->user_flags = TENON_FRAME_INTERNAL;
  tenon_frame_t* to = tenon_bytecode_start_frame(frame, from->module, callee);
  const uint16_t* sources = units + 3;
  to->return_list = tenon_skip_list(units + 2);
  for (uint32_t i = 0; i < callee->argument_count; ++i) {
    uint32_t source = sources[i], target = callee->argument_registers[i];
    if (callee->arguments[i] != 'r') {
      to->values[target] = from->values[source];
    } else {
      iree_vm_ref_retain_or_move(source & TENON_REG_MOVE, &from->refs[source & ~TENON_REG_MOVE],
                                 &to->refs[target]);
    }
  }
  *out_frame = frame;
  return iree_ok_status();
}

// Moves the results of |callee|'s return into the registers that the call in |caller| names.
static void tenon_bytecode_return_internal(iree_vm_stack_frame_t* caller,
                                           iree_vm_stack_frame_t* callee, const uint16_t* sources,
                                           const uint16_t* targets) {
  tenon_frame_t* from = tenon_bytecode_frame(callee);
  tenon_frame_t* to = tenon_bytecode_frame(caller);
  const char* letters = from->function->results;
  for (uint32_t i = 0; i < from->function->result_count; ++i) {
    if (letters[i] != 'r') {
      to->values[targets[i]] = from->values[sources[i]];
    } else {
      iree_vm_ref_move(&from->refs[sources[i]], &to->refs[targets[i]]);
    }
  }
}

// Leaves the frame of a function that has returned.
static inline void tenon_bytecode_leave(iree_vm_stack_t* stack, iree_vm_stack_frame_t* frame) {
  if (IREE_LIKELY(!stack->segment)) tenon_bytecode_cleanup(frame);
  // Can't fail: the frame is there.
  if (!tenon_stack_try_leave(stack, frame)) {
    iree_status_ignore(iree_vm_stack_function_leave(stack));
  }
}

#endif  // TENON_VM_BYTECODE_ENTER_H_
