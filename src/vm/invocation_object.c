// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Invocations as objects. Each has a loop of its own, which is drained by those who ask about it.
#include <pthread.h>

#include "iree/base/internal/atomics.h"
#include "iree/base/loop_sync.h"
#include "iree/vm/invocation.h"

struct iree_vm_invocation_t {
  iree_atomic_ref_count_t ref_count;
  iree_allocator_t allocator;
  iree_loop_sync_t* loop;
  iree_loop_sync_scope_t scope;
  iree_vm_async_invoke_state_t state;
  iree_vm_list_t* outputs;
  pthread_mutex_t mutex;
  // Under the mutex.
  bool is_over;
  bool is_cancelled;
  iree_status_t status;
};

static iree_status_t tenon_invocation_on_end(void* user_data, iree_loop_t loop,
                                             iree_status_t status, iree_vm_list_t* outputs) {
  iree_vm_invocation_t* invocation = (iree_vm_invocation_t*)user_data;
  pthread_mutex_lock(&invocation->mutex);
  invocation->is_over = true;
  if (invocation->is_cancelled && iree_status_is_aborted(status)) {
    iree_status_ignore(status);
    status = iree_make_status(IREE_STATUS_CANCELLED, "the invocation was cancelled");
  }
  invocation->status = status;
  pthread_mutex_unlock(&invocation->mutex);
  return iree_ok_status();
}

static void tenon_invocation_destroy(iree_vm_invocation_t* invocation) {
  if (invocation->loop) {
    iree_loop_sync_scope_deinitialize(&invocation->scope);
    iree_loop_sync_free(invocation->loop);
  }
  iree_vm_list_release(invocation->outputs);
  iree_status_ignore(invocation->status);
  pthread_mutex_destroy(&invocation->mutex);
  iree_allocator_free(invocation->allocator, invocation);
}

// The loop and the list of results.
static iree_status_t tenon_invocation_prepare(iree_vm_invocation_t* invocation) {
  IREE_RETURN_IF_ERROR(iree_vm_list_create(NULL, 0, invocation->allocator, &invocation->outputs));
  IREE_RETURN_IF_ERROR(iree_loop_sync_allocate((iree_loop_sync_options_t){0, 0},
                                               invocation->allocator, &invocation->loop));
  iree_loop_sync_scope_initialize(invocation->loop, NULL, NULL, &invocation->scope);
  return iree_ok_status();
}

iree_status_t iree_vm_invocation_create(iree_vm_context_t* context, iree_vm_function_t function,
                                        iree_vm_invocation_flags_t flags,
                                        const iree_vm_invocation_policy_t* policy,
                                        const iree_vm_list_t* inputs,
                                        iree_allocator_t host_allocator,
                                        iree_vm_invocation_t** out_invocation) {
  *out_invocation = NULL;
  iree_vm_invocation_t* invocation = NULL;
  IREE_RETURN_IF_ERROR(
      iree_allocator_malloc(host_allocator, sizeof(*invocation), (void**)&invocation));
  iree_atomic_ref_count_init(&invocation->ref_count);
  invocation->allocator = host_allocator;
  pthread_mutex_init(&invocation->mutex, NULL);
  iree_status_t status = tenon_invocation_prepare(invocation);
  if (iree_status_is_ok(status)) {
    status = iree_vm_async_invoke(iree_loop_sync_scope(&invocation->scope), &invocation->state,
                                  context, function, flags, policy, inputs, invocation->outputs,
                                  host_allocator, tenon_invocation_on_end, invocation);
  }
  if (!iree_status_is_ok(status)) {
    tenon_invocation_destroy(invocation);
    return status;
  }
  *out_invocation = invocation;
  return iree_ok_status();
}

void iree_vm_invocation_retain(iree_vm_invocation_t* invocation) {
  if (invocation) iree_atomic_ref_count_inc(&invocation->ref_count);
}

void iree_vm_invocation_release(iree_vm_invocation_t* invocation) {
  if (!invocation || iree_atomic_ref_count_dec(&invocation->ref_count) != 1) return;
  tenon_invocation_destroy(invocation);
}

iree_status_t iree_vm_invocation_await(iree_vm_invocation_t* invocation, iree_time_t deadline_ns) {
  iree_status_t status =
      iree_loop_drain(iree_loop_sync_scope(&invocation->scope), iree_make_deadline(deadline_ns));
  pthread_mutex_lock(&invocation->mutex);
  if (invocation->is_over) {
    iree_status_ignore(status);
    status = iree_status_clone(invocation->status);
  }
  pthread_mutex_unlock(&invocation->mutex);
  return status;
}

iree_status_t iree_vm_invocation_query_status(iree_vm_invocation_t* invocation) {
  iree_status_t status = iree_vm_invocation_await(invocation, IREE_TIME_INFINITE_PAST);
  pthread_mutex_lock(&invocation->mutex);
  const bool is_over = invocation->is_over;
  pthread_mutex_unlock(&invocation->mutex);
  if (is_over || !iree_status_is_deadline_exceeded(status)) return status;
  iree_status_ignore(status);
  return iree_make_status(IREE_STATUS_UNAVAILABLE, "the invocation is not over yet");
}

const iree_vm_list_t* iree_vm_invocation_outputs(iree_vm_invocation_t* invocation) {
  pthread_mutex_lock(&invocation->mutex);
  const bool has_outputs = invocation->is_over && iree_status_is_ok(invocation->status);
  pthread_mutex_unlock(&invocation->mutex);
  return has_outputs ? invocation->outputs : NULL;
}

void iree_vm_invocation_cancel(iree_vm_invocation_t* invocation) {
  pthread_mutex_lock(&invocation->mutex);
  invocation->is_cancelled = true;
  pthread_mutex_unlock(&invocation->mutex);
  tenon_loop_sync_scope_abort(&invocation->scope);
  // Ends it here unless another thread, or this one, runs it right now.
  iree_status_ignore(
      iree_loop_drain(iree_loop_sync_scope(&invocation->scope), iree_immediate_timeout()));
}
