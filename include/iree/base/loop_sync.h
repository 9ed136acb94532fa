// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A loop that runs when somebody drains it: iree_loop_drain() or iree_loop_sync_wait_idle(). Its callbacks run there
// and nowhere else, in the order in which what they wait for came about. It has no threads of its own, and a drain that
// has nothing to run sleeps.
//
//   iree_loop_sync_t* loop_sync;
//   iree_loop_sync_allocate((iree_loop_sync_options_t){0}, iree_allocator_system(), &loop_sync);
//   iree_loop_sync_scope_t scope;
//   iree_loop_sync_scope_initialize(loop_sync, NULL, NULL, &scope);
//   iree_loop_call(iree_loop_sync_scope(&scope), IREE_LOOP_PRIORITY_DEFAULT, fn, user_data);
//   iree_loop_drain(iree_loop_sync_scope(&scope), iree_infinite_timeout());
//   iree_loop_sync_scope_deinitialize(&scope);
//   iree_loop_sync_free(loop_sync);
//
// *Scopes* are parts of a loop that fail, are drained and are given up on their own.
//
// Thread-safety: anything may be asked of the loop from any thread, also while another drains it. Several threads may
// drain at once: each callback runs on one of them. Allocation, initialisation, freeing and deinitialisation are one
// thread's.
//
// Wait sources are listened to (wait_source.h). A source that can't be listened to is asked once a millisecond. A wait
// that ends before its source, because of a timeout or a failure, leaves a small block behind until the source
// ends: the allocator must stay that long.
#ifndef IREE_BASE_LOOP_SYNC_H_
#define IREE_BASE_LOOP_SYNC_H_

#include <stdbool.h>

#include "iree/base/allocator.h"
#include "iree/base/loop.h"

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

typedef struct iree_loop_sync_t iree_loop_sync_t;

// The most that may be pending at a time; past it, RESOURCE_EXHAUSTED. 0: no limit but memory.
typedef struct iree_loop_sync_options_t {
  // Calls, dispatches and waits.
  iree_host_size_t max_queue_depth;
  // Wait sources.
  iree_host_size_t max_wait_count;
} iree_loop_sync_options_t;

IREE_API_EXPORT iree_status_t iree_loop_sync_allocate(iree_loop_sync_options_t options,
                                                      iree_allocator_t allocator,
                                                      iree_loop_sync_t** out_loop_sync);

// Calls everything that is pending, in whichever scope, back with ABORTED, on this thread, and frees the loop. No
// thread may be draining it. Scopes that still stand refuse everything from then on; they are deinitialised as ever.
IREE_API_EXPORT void iree_loop_sync_free(iree_loop_sync_t* loop_sync);

// iree_loop_drain() for all scopes.
IREE_API_EXPORT iree_status_t iree_loop_sync_wait_idle(iree_loop_sync_t* loop_sync,
                                                       iree_timeout_t timeout);

// Told what callbacks of a scope fail with; owns |status|. Runs on the thread that ran the callback, before everything
// else in the scope is called back with ABORTED.
typedef void(IREE_API_PTR* iree_loop_sync_error_fn_t)(void* user_data, iree_status_t status);

// Not to be moved or changed while it is initialised.
typedef struct iree_loop_sync_scope_t {
  iree_loop_sync_t* loop_sync;
  int32_t pending_count;
  // Nothing can be asked of it, for the moment or for ever.
  bool is_aborting;
  bool is_given_up;
  iree_loop_sync_error_fn_t error_fn;
  void* error_user_data;
} iree_loop_sync_scope_t;

// |error_fn| NULL: failures are dropped. The scope can be used again after a failure.
IREE_API_EXPORT void iree_loop_sync_scope_initialize(iree_loop_sync_t* loop_sync,
                                                     iree_loop_sync_error_fn_t error_fn,
                                                     void* error_user_data,
                                                     iree_loop_sync_scope_t* out_scope);

// Calls everything that is pending in the scope back with ABORTED, on this thread, and waits for callbacks that run on
// others: none runs any more when this returns. Not from a callback of the scope.
IREE_API_EXPORT void iree_loop_sync_scope_deinitialize(iree_loop_sync_scope_t* scope);

// From any thread, also from a callback of the scope: gives it up. What is pending is called back with ABORTED by
// whoever drains the scope or deinitialises it, and it refuses everything from then on.
IREE_API_EXPORT void tenon_loop_sync_scope_abort(iree_loop_sync_scope_t* scope);

// The control function of scopes.
IREE_API_EXPORT iree_status_t iree_loop_sync_ctl(void* self, iree_loop_command_t command,
                                                 const void* params, void** inout_ptr);

// The loop of a scope.
static inline iree_loop_t iree_loop_sync_scope(iree_loop_sync_scope_t* scope) {
  iree_loop_t loop = {scope, iree_loop_sync_ctl};
  return loop;
}

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  // IREE_BASE_LOOP_SYNC_H_
