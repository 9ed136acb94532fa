// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The frame of a running function: its storage on the invocation's stack is this header, the value
// registers, the ref registers and the storage of the call in flight.

#ifndef TENON_VM_BYTECODE_FRAME_H_
#define TENON_VM_BYTECODE_FRAME_H_

#include "format/ops.h"
#include "vm/bytecode/module.h"
#include "vm/bytecode/state.h"
#include "vm/stack_internal.h"

// A value register. An i32 or f32 lies in the low half and the other is zero: written whole, since a processor that has just written
// half of a slot waits before it can copy all of it.
typedef union tenon_slot_t {
  int32_t i32;
  uint32_t u32;
  int64_t i64;
  uint64_t u64;
  float f32;
  double f64;
} tenon_slot_t;

static inline uint32_t tenon_bits_of_f32(float value) {
  tenon_slot_t slot = {.f32 = value};
  return slot.u32;
}

typedef struct tenon_frame_t {
  const tenon_bytecode_function_t* function;
  iree_vm_ref_t* refs;
  uint8_t* call_storage;
  // With TENON_FRAME_INTERNAL: behind the call, where the caller goes on.
  const uint16_t* return_ip;
  // With TENON_FRAME_IN_TURN: the stack that it is on.
  iree_vm_stack_t* stack;
  // Where they lie is known without a look, and where the frame lies is known from them.
  _Alignas(16) tenon_slot_t values[];
} tenon_frame_t;
_Static_assert(sizeof(tenon_frame_t) % 16 == 0, "registers are cleared in steps of 16 bytes");

// The frame's user_flags.
enum {
  // Called by the frame below, which is of the same module: returns to its registers.
  TENON_FRAME_INTERNAL = 1u << 0,
  // The call of an import, at the frame's pc, did not complete: it is suspended, or it has failed.
  // Its storages, the frame's arguments and call_results, may hold references.
  TENON_FRAME_IN_CALL = 1u << 1,
  // The stack's turn ends with this frame.
  TENON_FRAME_IN_TURN = 1u << 2,
  // There may be more to leaving it than to forget it: refs, the end of a segment.
  TENON_FRAME_NOT_PLAIN = 1u << 3,
};

static inline tenon_frame_t* tenon_bytecode_frame(iree_vm_stack_frame_t* frame) {
  return (tenon_frame_t*)iree_vm_stack_frame_storage(frame);
}

static inline iree_vm_stack_frame_t* tenon_bytecode_stack_frame(tenon_frame_t* f) {
  return (iree_vm_stack_frame_t*)(void*)((uint8_t*)f - TENON_STACK_FRAME_HEADER_SIZE);
}
// The frame whose values these are.
static inline tenon_frame_t* tenon_bytecode_frame_of(tenon_slot_t* values) {
  // NOLINTNEXTLINE(clang-analyzer-security.ArrayBound): the registers are the frame's last field.
  return (tenon_frame_t*)(void*)((uint8_t*)values - offsetof(tenon_frame_t, values));
}

static inline uint32_t tenon_load_u32(const uint16_t* units) {
  return units[0] | (uint32_t)units[1] << 16;
}

// Enters a frame for |callee|, the function of |call|, which comes in from outside and has storages
// of the right sizes; then as tenon_bytecode_run().
iree_status_t tenon_bytecode_begin(iree_vm_stack_t* stack, const tenon_bytecode_function_t* callee,
                                   const iree_vm_function_call_t* call);

// Runs the topmost frame, one of a bytecode module, from |pc|, with everything it calls, until the
// function that came in from outside returns, fails or is suspended. Leaves the frames it
// completes, and all of the module's topmost ones on failure.
iree_status_t tenon_bytecode_run(iree_vm_stack_t* stack, uint32_t pc);

// Prints the instruction at |ip|, which |frame| is about to execute, with the values that it reads to
// standard error (trace.c).
void tenon_bytecode_trace(iree_vm_stack_t* stack, iree_vm_stack_frame_t* frame, const uint16_t* ip);

//===----------------------------------------------------------------------===//
// Failures (location.c)
//===----------------------------------------------------------------------===//

// What the `fail` and the failing check with the operands at |units| come to.
iree_status_t tenon_bytecode_fail(const tenon_frame_t* f, const uint16_t* units);
iree_status_t tenon_bytecode_check_failed(const tenon_frame_t* f, const uint16_t* units);

// Leaves the frames of one entry into a module, from the top, saying at each where it stood.
iree_status_t tenon_bytecode_unwind(iree_vm_stack_t* stack, iree_status_t status);

//===----------------------------------------------------------------------===//
// Calls of imports (call.c)
//===----------------------------------------------------------------------===//

// Calls |target|, the import of the call.import at |units| (its operands), with arguments from and
// results to the frame's registers. The frame's pc is set. On DEFERRED everything is kept for
// resumption.
iree_status_t tenon_bytecode_call_import(iree_vm_stack_t* stack, tenon_frame_t* f,
                                         tenon_bytecode_target_t* target, const uint16_t* units);

// The same for a plain native function.
iree_status_t tenon_bytecode_call_plain(iree_vm_stack_t* stack, tenon_frame_t* f,
                                        tenon_bytecode_target_t* target, const uint16_t* units);

// What a plain call comes to that did not return OK: keeps what it leaves and returns its status.
iree_status_t tenon_bytecode_end_plain_call(iree_vm_stack_t* stack, tenon_frame_t* f,
                                            tenon_bytecode_target_t* target, iree_status_t status);

// Takes over the |results| of the call that the frame was suspended in.
void tenon_bytecode_finish_import(iree_vm_stack_frame_t* frame, tenon_frame_t* f,
                                  const uint16_t* units, iree_byte_span_t results);

// Moves packed arguments into the registers of a new frame, leaving null references behind, and a
// frame's results into packed storage; |units| are the operands of the return.
void tenon_bytecode_unpack_arguments(tenon_frame_t* f, iree_byte_span_t arguments);
void tenon_bytecode_pack_results(tenon_frame_t* f, const uint16_t* units, uint8_t* results);

// Runs the turn.* instruction at |ip| (turn.c). The frame's pc is set.
iree_status_t tenon_bytecode_turn(iree_vm_stack_t* stack, iree_vm_stack_frame_t* frame,
                                  const uint16_t* ip);

// Operands behind a register list.
static inline const uint16_t* tenon_skip_list(const uint16_t* units) {
  return units + 1 + units[0];
}

#endif  // TENON_VM_BYTECODE_FRAME_H_
