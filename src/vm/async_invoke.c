// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Invocations that a loop drives: one operation of the loop is pending from the beginning to the callback.
#include <sched.h>
#include <string.h>

#include "iree/vm/invocation.h"

// A call that suspends itself without saying what for is resumed in turn this often, in a row; from then on it waits
// this long between two turns, since it seems to be asking for something again and again.
#define TENON_ASYNC_EAGER_YIELDS 64
#define TENON_ASYNC_YIELD_NS 50000

// Whether what |state| waits for is pending. Nothing in particular never is.
static bool tenon_invoke_is_waiting(const iree_vm_invoke_state_t* state) {
  const iree_wait_source_t source = tenon_vm_invoke_wait_source(state);
  iree_status_code_t code = IREE_STATUS_OK;
  iree_status_t status = iree_wait_source_query(source, &code);
  const bool is_pending = iree_status_is_ok(status) && code == IREE_STATUS_DEFERRED;
  iree_status_ignore(status);
  return is_pending;
}

iree_status_t iree_vm_wait_invoke(iree_vm_invoke_state_t* state, iree_vm_wait_frame_t* wait_frame,
                                  iree_time_t deadline_ns) {
  if (!state->stack) {
    return iree_make_status(IREE_STATUS_FAILED_PRECONDITION,
                            "there is no invocation in this state");
  }
  if (!iree_status_is_deferred(state->status)) return iree_ok_status();
  const iree_wait_source_t source = tenon_vm_invoke_wait_source(state);
  if (iree_wait_source_is_immediate(source)) sched_yield();
  iree_status_t status = iree_wait_source_wait_one(source, iree_make_deadline(deadline_ns));
  // How the wait has ended is for the function to learn.
  if (tenon_invoke_is_waiting(state)) return status;
  return iree_status_ignore(status);
}

static iree_status_t tenon_async_step(void* user_data, iree_loop_t loop, iree_status_t status);

// Has the loop come back when the invocation, which is suspended or has finished, can go on.
static iree_status_t tenon_async_schedule(iree_vm_async_invoke_state_t* state, iree_loop_t loop) {
  if (iree_status_is_deferred(state->base.status)) {
    const iree_wait_source_t source = tenon_vm_invoke_wait_source(&state->base);
    if (!iree_wait_source_is_immediate(source)) {
      state->yield_count = 0;
      return iree_loop_wait_one(loop, source, iree_infinite_timeout(), tenon_async_step, state);
    }
    if (++state->yield_count > TENON_ASYNC_EAGER_YIELDS) {
      return iree_loop_wait_until(loop, iree_make_timeout_ns(TENON_ASYNC_YIELD_NS),
                                  tenon_async_step, state);
    }
  }
  return iree_loop_call(loop, IREE_LOOP_PRIORITY_DEFAULT, tenon_async_step, state);
}

// The invocation, which has ended or been aborted, has come to |status|.
static iree_status_t tenon_async_complete(iree_vm_async_invoke_state_t* state, iree_loop_t loop,
                                          iree_status_t status) {
  const iree_vm_async_invoke_state_t ended = *state;
  memset(state, 0, sizeof(*state));
  if (!iree_status_is_ok(status) && ended.outputs) iree_vm_list_clear(ended.outputs);
  status = ended.callback(ended.user_data, loop, status, ended.outputs);
  iree_vm_list_release(ended.outputs);
  return status;
}

static iree_status_t tenon_async_step(void* user_data, iree_loop_t loop, iree_status_t status) {
  iree_vm_async_invoke_state_t* state = (iree_vm_async_invoke_state_t*)user_data;
  // A failure is a source's own, which is for the function to learn, if the source has ended; otherwise the loop gives
  // up. A call that has finished is told as it ended all the same.
  const bool is_suspended = iree_status_is_deferred(state->base.status);
  const bool is_wait = !iree_wait_source_is_immediate(tenon_vm_invoke_wait_source(&state->base));
  if (!is_suspended || (is_wait && !tenon_invoke_is_waiting(&state->base))) {
    status = iree_status_ignore(status);
  }
  if (iree_status_is_ok(status)) {
    status = iree_vm_resume_invoke(&state->base);
    if (iree_status_is_deferred(status)) {
      iree_status_ignore(status);
      status = tenon_async_schedule(state, loop);
      if (iree_status_is_ok(status)) return status;
    }
  }
  if (!iree_status_is_ok(status)) {
    iree_vm_abort_invoke(&state->base);
    return tenon_async_complete(state, loop, status);
  }
  iree_status_t outcome = iree_ok_status();
  status = iree_vm_end_invoke(&state->base, state->outputs, &outcome);
  return tenon_async_complete(state, loop, iree_status_join(outcome, status));
}

iree_status_t iree_vm_async_invoke(iree_loop_t loop, iree_vm_async_invoke_state_t* state,
                                   iree_vm_context_t* context, iree_vm_function_t function,
                                   iree_vm_invocation_flags_t flags,
                                   const iree_vm_invocation_policy_t* policy,
                                   const iree_vm_list_t* inputs, iree_vm_list_t* outputs,
                                   iree_allocator_t host_allocator,
                                   iree_vm_async_invoke_callback_fn_t callback, void* user_data) {
  memset(state, 0, sizeof(*state));
  if (!callback) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "there is no function to tell how the invocation ended");
  }
  iree_status_t status =
      iree_vm_begin_invoke(&state->base, context, function, flags, policy, inputs, host_allocator);
  if (!iree_status_is_ok(status) && !iree_status_is_deferred(status)) return status;
  iree_status_ignore(status);
  state->outputs = outputs;
  iree_vm_list_retain(outputs);
  state->callback = callback;
  state->user_data = user_data;
  status = tenon_async_schedule(state, loop);
  if (iree_status_is_ok(status)) return status;
  iree_vm_abort_invoke(&state->base);
  iree_vm_list_release(outputs);
  memset(state, 0, sizeof(*state));
  return status;
}
