// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Calling functions of a context: at once (iree_vm_invoke), or step by step (begin, resume, end),
// where the call may be suspended and resumed on another thread.
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
// Errors, besides what the function itself fails with: INVALID_ARGUMENT for a wrong number of
// arguments (the message shows the function, its signature and both numbers), an argument of the
// wrong kind (it says which one), a missing list, and a function whose calling convention is not
// known or has spans.
#ifndef IREE_VM_INVOCATION_H_
#define IREE_VM_INVOCATION_H_

#include "iree/base/api.h"
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
//   DEFERRED  it is suspended: iree_vm_resume_invoke().
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

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  // IREE_VM_INVOCATION_H_
