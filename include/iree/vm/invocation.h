// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Calling functions of a context:
//   iree_vm_invoke()                at once; blocks while the call is suspended
//   begin, resume, wait, end        step by step, by hand; on any threads
//   iree_vm_async_invoke()          driven by a loop (iree/base/loop.h), which calls back when it is over
//   iree_vm_invocation_create()     as an object that can be shared, polled, waited for and cancelled
// However it is driven, a call begins on the thread that makes it, and has finished or suspended itself before that
// returns.
//
// Arguments: a list with one element per argument. Scalars convert as in list.h, references are
// retained out of the list.
// Results: the list is resized to the number of results and filled; capacity is reused, so a list
// that is used again costs no allocation.
//
// Functions with fences (attribute `iree.abi.model` = `coarse-fences`) take two more arguments, a fence to wait for and
// one to signal, and return before their work is done. If the call of one fails once its arguments were accepted, or is
// aborted (CANCELLED), its last argument, the fence to signal, is failed with the same failure: nobody waits in vain.
//
// Thread-safety: see context.h. The lists must not change while they are used. An
// iree_vm_invoke_state_t is one thread's at a time.
//
// Calls within calls: a native function may call back into the virtual machine, in its own invocation or a new one. What
// is left of the thread's C stack bounds how deep that goes: RESOURCE_EXHAUSTED.
//
// Errors, besides what the function itself fails with: INVALID_ARGUMENT for a wrong number of
// arguments (the message shows the function, its signature and both numbers), an argument of the
// wrong kind (it says which one), a missing list, and a function whose calling convention is not
// known or has spans.
#ifndef IREE_VM_INVOCATION_H_
#define IREE_VM_INVOCATION_H_

#include "iree/base/api.h"
#include "iree/base/loop.h"
#include "iree/vm/context.h"
#include "iree/vm/list.h"
#include "iree/vm/module.h"
#include "iree/vm/stack.h"

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

// There are none yet: pass NULL.
typedef struct iree_vm_invocation_policy_t iree_vm_invocation_policy_t;

// Calls |function| and waits until it is done. If it suspends itself this blocks until what it waits for has
// ended (iree_vm_stack_wait_on; without that, yields the processor) and resumes it. |inputs| may be NULL if there are no arguments,
// |outputs| if there are no results. |host_allocator| serves deep stacks; common calls allocate
// nothing.
//
// Blocks likewise until the call's turn comes (context.h, Order). Don't while an invocation before it is suspended
// that only this thread would resume, begun by iree_vm_begin_invoke() for example: begin this one, too.
//
// On failure |outputs| is left empty.
IREE_API_EXPORT iree_status_t iree_vm_invoke(iree_vm_context_t* context,
                                             iree_vm_function_t function,
                                             iree_vm_invocation_flags_t flags,
                                             const iree_vm_invocation_policy_t* policy,
                                             const iree_vm_list_t* inputs, iree_vm_list_t* outputs,
                                             iree_allocator_t host_allocator);

// An invocation in steps. Allocated by the caller; between begin and end it must not be copied or
// moved. Zeroed: none.
typedef struct iree_vm_invoke_state_t {
  iree_vm_context_t* context;
  iree_allocator_t host_allocator;
  iree_vm_function_t function;
  iree_vm_stack_t* stack;
  iree_string_view_t cconv_arguments;
  iree_string_view_t cconv_results;
  iree_byte_span_t arguments;
  iree_byte_span_t results;
  // DEFERRED while suspended; the function's outcome when it has finished.
  iree_status_t status;
  // The last argument while the function has not finished, if that is a fence.
  iree_vm_ref_t signal;
} iree_vm_invoke_state_t;

// Begins a call in *state.
//   OK        the function has finished, well or badly: iree_vm_end_invoke() tells.
//   DEFERRED  it is suspended: iree_vm_resume_invoke(). Also where it waits for its turn (context.h, Order).
//   else      it could not begin (see above); nothing is left to end, *state is zeroed.
// The context is retained until the end; |inputs| is not used after this returns.
IREE_API_EXPORT iree_status_t iree_vm_begin_invoke(
    iree_vm_invoke_state_t* state, iree_vm_context_t* context, iree_vm_function_t function,
    iree_vm_invocation_flags_t flags, const iree_vm_invocation_policy_t* policy,
    const iree_vm_list_t* inputs, iree_allocator_t host_allocator);

// What a suspended call waits for: the immediate source if it is nothing in particular. Borrowed, until it is
// resumed or aborted.
IREE_API_EXPORT iree_wait_source_t tenon_vm_invoke_wait_source(const iree_vm_invoke_state_t* state);

// Goes on with a suspended call, on whichever thread this is called. Returns OK or DEFERRED as
// above. Never blocks: while what the call waits for is pending nothing runs and this is DEFERRED. Resuming one that has finished returns OK and does nothing; FAILED_PRECONDITION without an
// invocation.
IREE_API_EXPORT iree_status_t iree_vm_resume_invoke(iree_vm_invoke_state_t* state);

// Ends a finished call: *out_status is the function's outcome, owned by the caller, and |outputs|
// has its results if that is OK. The state is zeroed.
//   FAILED_PRECONDITION: it is still suspended (resume or abort it; nothing has changed), or there
//     is none.
//   RESOURCE_EXHAUSTED and others: |outputs| could not take the results. They are dropped, the
//     state is zeroed, and *out_status is OK.
IREE_API_EXPORT iree_status_t iree_vm_end_invoke(iree_vm_invoke_state_t* state,
                                                 iree_vm_list_t* outputs,
                                                 iree_status_t* out_status);

// Gives up a call at any point between begin and end: frames are cleaned up from the top, arguments
// and results released. Nothing of the function runs any more, except the cleanup of its frames.
// Does nothing on a zeroed state.
IREE_API_EXPORT void iree_vm_abort_invoke(iree_vm_invoke_state_t* state);

// There are none yet: pass NULL.
typedef struct iree_vm_wait_frame_t iree_vm_wait_frame_t;

// Blocks until what a suspended call waits for has ended, well or badly, so that it can be resumed: OK. At once for one
// that has finished or waits for nothing in particular (the processor is yielded). DEADLINE_EXCEEDED: the time is over.
// FAILED_PRECONDITION without an invocation.
IREE_API_EXPORT iree_status_t iree_vm_wait_invoke(iree_vm_invoke_state_t* state,
                                                  iree_vm_wait_frame_t* wait_frame,
                                                  iree_time_t deadline_ns);

//===--------------------------------------------------------------------------------------------===//
// On a loop
//===--------------------------------------------------------------------------------------------===//

// Told once how an invocation ended. Runs where |loop| runs its callbacks; owns |status|. |outputs| is the list that
// was passed, borrowed: it has the results if |status| is OK, and is empty otherwise. The invocation's state is zeroed:
// it may be used again, or freed. What this returns is the loop's, see loop.h.
typedef iree_status_t(IREE_API_PTR* iree_vm_async_invoke_callback_fn_t)(void* user_data,
                                                                        iree_loop_t loop,
                                                                        iree_status_t status,
                                                                        iree_vm_list_t* outputs);

// An invocation that a loop drives. Allocated by the caller, in any state; not to be touched, copied or moved until the
// callback.
typedef struct iree_vm_async_invoke_state_t {
  iree_vm_invoke_state_t base;
  iree_vm_list_t* outputs;
  iree_vm_async_invoke_callback_fn_t callback;
  void* user_data;
  // How often in a row the call suspended itself without saying what for.
  uint32_t yield_count;
} iree_vm_async_invoke_state_t;

// Calls |function| and goes on with it on |loop|, whenever what it waits for has ended, until it is done. Never waits.
//   OK    |callback| is called, exactly once, by the loop: also if the call has finished already. On a loop that does
//         everything at once (loop_inline.h) before this returns.
//   else  it is not called, and nothing is left of the invocation: it could not begin (see iree_vm_begin_invoke), or the
//         loop refused it, which aborts a call that has begun.
//
// |inputs| is not used after this returns. |outputs| (may be NULL without results) is retained until the callback has
// returned, and must not be used before. The context is retained.
//
// A call that suspends itself without a wait source takes turns with what else the loop has to run; one that keeps
// doing so is resumed some 20,000 times a second at most.
//
// The callback's status, besides what the function fails with and iree_vm_end_invoke() says: ABORTED, the loop was given
// up, or RESOURCE_EXHAUSTED, it had no room; the invocation has been aborted then.
IREE_API_EXPORT iree_status_t iree_vm_async_invoke(
    iree_loop_t loop, iree_vm_async_invoke_state_t* state, iree_vm_context_t* context,
    iree_vm_function_t function, iree_vm_invocation_flags_t flags,
    const iree_vm_invocation_policy_t* policy, const iree_vm_list_t* inputs,
    iree_vm_list_t* outputs, iree_allocator_t host_allocator,
    iree_vm_async_invoke_callback_fn_t callback, void* user_data);

//===--------------------------------------------------------------------------------------------===//
// As an object
//===--------------------------------------------------------------------------------------------===//

// An invocation that goes on inside the calls that ask about it, iree_vm_invocation_query_status() and
// iree_vm_invocation_await(), on their threads: nobody else runs it.
// So one that has to wait for its turn (context.h), behind another that nobody asks about, waits until somebody does.
//
// Ownership: counted; it keeps the context and, until it is released, the results. The last release cancels it.
// Thread-safety: everything, from any thread. A function must not wait for its own invocation: FAILED_PRECONDITION.
typedef struct iree_vm_invocation_t iree_vm_invocation_t;

// Begins a call: it has finished or suspended itself when this returns OK. A function that fails is an invocation that
// has failed; what iree_vm_begin_invoke() refuses is refused here, with no invocation made.
IREE_API_EXPORT iree_status_t iree_vm_invocation_create(
    iree_vm_context_t* context, iree_vm_function_t function, iree_vm_invocation_flags_t flags,
    const iree_vm_invocation_policy_t* policy, const iree_vm_list_t* inputs,
    iree_allocator_t host_allocator, iree_vm_invocation_t** out_invocation);

IREE_API_EXPORT void iree_vm_invocation_retain(iree_vm_invocation_t* invocation);
IREE_API_EXPORT void iree_vm_invocation_release(iree_vm_invocation_t* invocation);

// Goes on with the invocation as far as that is possible without waiting, and tells how it stands: OK, it is over;
// UNAVAILABLE, it is not; CANCELLED; or what it failed with, each time with its message.
IREE_API_EXPORT iree_status_t iree_vm_invocation_query_status(iree_vm_invocation_t* invocation);

// The results, once the invocation is over and OK, otherwise NULL. Borrowed; nobody changes it any more.
IREE_API_EXPORT const iree_vm_list_t* iree_vm_invocation_outputs(iree_vm_invocation_t* invocation);

// Waits until the invocation is over, and tells how, as iree_vm_invocation_query_status() does. DEADLINE_EXCEEDED: the
// time is over and it goes on with the next call that asks.
IREE_API_EXPORT iree_status_t iree_vm_invocation_await(iree_vm_invocation_t* invocation,
                                                       iree_time_t deadline_ns);

// Gives the invocation up, unless it is over: it is CANCELLED, its frames are cleaned up, and fences that it owes are
// failed. If a thread runs it right now that happens there, when the function suspends itself next, unless it
// finishes: this does not wait.
IREE_API_EXPORT void iree_vm_invocation_cancel(iree_vm_invocation_t* invocation);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  // IREE_VM_INVOCATION_H_
