// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Turns: the order of invocations that touch what a context keeps between them (mutable globals).
//
// One timeline per context. Its number says how many turns are over. An invocation takes the next ticket n when it is
// called; its turn comes when n turns are over, and n+1 are when it ends: with the frame that began it, however that is
// left (returned, failed, aborted). A failed turn is over like any other. Nothing that only waits holds a thread.
//
//   tenon_turn_begin()                    takes a ticket and suspends the invocation until its turn has come
//   tenon_turn_take(), tenon_turn_enter() the same in two steps, for an invocation that returns at once and lets
//                                         another one do its work: a reference `vm.turn` stands for the ticket
//
// *Nested.* A stack that is in a turn stays in it: begin does nothing there. Nor does a call wait for it that comes from
// inside, on the same stack or, on the same thread, on another one (a native function that calls back into the
// context): it takes a turn *inside* of the turn, on a timeline that the stack has of its own from then on. So what is
// called from inside is ordered, too, a begin of the stack itself comes after what it has begun by then, and the turn is
// over when all those inside of it are. Beyond that the turn goes with the stack: while that is suspended no thread is
// in it, and whichever thread resumes it is.
//
// *Given up.* The last reference to a `vm.turn` that nobody has entered gives its ticket back, as does a stack that is
// cleaned up while it waits: the turn is over as soon as it comes.
//
// Speed: while nobody waits a turn costs a handful of atomic operations; no lock, no memory. The semaphore is made for
// the first that waits, or takes a turn in two steps. Errors come before a ticket is taken: nobody waits for one that was lost.
//
// Ownership: a context has its turns; whoever waits or holds a `vm.turn` keeps the context.
// Thread-safety: of turns, any thread at any time. Of a stack, as stack.h says. What a turn has written is there for the
// next one to read.

#ifndef TENON_VM_TURNS_H_
#define TENON_VM_TURNS_H_

#include <pthread.h>

#include "iree/base/internal/atomics.h"
#include "iree/hal/semaphore.h"
#include "iree/vm/context.h"
#include "iree/vm/ref.h"
#include "iree/vm/stack.h"

// A ticket, what `vm.turn` refers to.
typedef struct tenon_turn_t tenon_turn_t;

typedef struct tenon_turns_t tenon_turns_t;
struct tenon_turns_t {
  uint64_t next;  // atomic: tickets given out
  uint64_t
      over;  // atomic: turns that are over. Changed by whoever has the turn, or has its ticket given back
  // atomic: who must be through with the present turn, if anybody has begun it: the stack that it is the turn of, and the
  // turns inside of it
  uint32_t members;
  pthread_mutex_t mutex;            // of the rest
  iree_hal_semaphore_t* semaphore;  // follows |over| where somebody waits; NULL until somebody does
  tenon_turn_t* dropped;            // tickets given back before they came
  iree_vm_context_t* context;       // borrowed
  // Of turns inside of a turn: those that it is one of, counted, and their own count. They go with the last reference.
  tenon_turns_t* outer;
  iree_atomic_ref_count_t ref_count;
};

// |turns| is zeroed.
void tenon_turns_initialize(tenon_turns_t* turns, iree_vm_context_t* context);
// Nobody is in a turn or waits.
void tenon_turns_deinitialize(tenon_turns_t* turns);

// The context's, in context.c; and where its memory comes from.
tenon_turns_t* tenon_vm_context_turns(iree_vm_context_t* context);
iree_allocator_t tenon_vm_context_allocator(const iree_vm_context_t* context);

// Begins a turn of |stack|, whose topmost frame is the one that tenon_turn_end() will be called for if *out_holds is set.
//   OK        it is this stack's turn.
//   DEFERRED  it waits: the frame suspends and calls this again when it is resumed, or ends.
//   RESOURCE_EXHAUSTED, FAILED_PRECONDITION (the stack has no context)
iree_status_t tenon_turn_begin(iree_vm_stack_t* stack, bool* out_holds);

// Takes a ticket: *out_turn is a `vm.turn`, *out_fence a `hal.fence` for when its turn has come, null if it has. Both are
// null before, and stay so on failure.
iree_status_t tenon_turn_take(iree_vm_stack_t* stack, iree_vm_ref_t* out_turn,
                              iree_vm_ref_t* out_fence);

// Begins the turn of |turn|, which has come, for |stack|'s topmost frame: then tenon_turn_end() must be called for it.
//   INVALID_ARGUMENT     |turn| is null or something else.
//   FAILED_PRECONDITION  it has not come, is another context's, was entered before, or the stack is in a turn.
iree_status_t tenon_turn_enter(iree_vm_stack_t* stack, const iree_vm_ref_t* turn);

// Ends what begin or enter began: called when the frame is left.
void tenon_turn_end(iree_vm_stack_t* stack);

// This thread goes on with |stack|, which may be in a turn, or has suspended it: called in pairs, but after a begin or
// enter only the latter is; and not after the end.
void tenon_turn_go_on(iree_vm_stack_t* stack);
void tenon_turn_pause(iree_vm_stack_t* stack);

#endif  // TENON_VM_TURNS_H_
