// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loops: what runs callbacks later, one after the other, when something has come about. A loop is a value of two
// pointers, passed by copy; what it refers to belongs to whoever made it (loop_sync.h, loop_inline.h, or a
// control function of your own over an event loop that is there already).
//
// Whoever asks a loop for something gets one of two answers:
//   OK     the callback is called, exactly once, and tells how it went.
//   else   the callback is never called. INVALID_ARGUMENT: the loop or the callback is null. RESOURCE_EXHAUSTED: the
//          loop has no room or no memory. ABORTED: the loop, or this part of it, is being given up.
//
// Callbacks run where the loop runs them, and must not block. A callback
//   - owns |status|: OK; DEADLINE_EXCEEDED where there is a timeout; the failure of the wait source; or ABORTED if
//     the loop gives up: then nothing more can be asked of it.
//   - gets a loop to go on with, and is over before what it asks of that loop is begun.
//   - returns OK, or a failure for the loop to report, which gives up everything else that was asked of the
//     same loop.
//
// |user_data|, arrays, and what wait sources refer to are borrowed until the callback.
#ifndef IREE_BASE_LOOP_H_
#define IREE_BASE_LOOP_H_

#include <stddef.h>
#include <stdint.h>

#include "iree/base/attributes.h"
#include "iree/base/status.h"
#include "iree/base/time.h"
#include "iree/base/wait_source.h"

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

typedef enum iree_loop_command_e {
  // The types of |params| follow. |inout_ptr| is NULL.
  IREE_LOOP_COMMAND_CALL = 0u,   // iree_loop_call_params_t
  IREE_LOOP_COMMAND_DISPATCH,    // iree_loop_dispatch_params_t
  IREE_LOOP_COMMAND_WAIT_UNTIL,  // iree_loop_wait_until_params_t
  IREE_LOOP_COMMAND_WAIT_ONE,    // iree_loop_wait_one_params_t
  IREE_LOOP_COMMAND_WAIT_ANY,    // iree_loop_wait_multi_params_t
  IREE_LOOP_COMMAND_WAIT_ALL,    // iree_loop_wait_multi_params_t
  IREE_LOOP_COMMAND_DRAIN,       // iree_loop_drain_params_t
} iree_loop_command_t;

typedef iree_status_t(IREE_API_PTR* iree_loop_ctl_fn_t)(void* self, iree_loop_command_t command,
                                                        const void* params, void** inout_ptr);

typedef struct iree_loop_t {
  void* self;
  // NULL: the null loop, which refuses everything.
  iree_loop_ctl_fn_t ctl;
} iree_loop_t;

static inline iree_loop_t iree_loop_null(void) {
  iree_loop_t loop = {NULL, NULL};
  return loop;
}

typedef iree_status_t(IREE_API_PTR* iree_loop_callback_fn_t)(void* user_data, iree_loop_t loop,
                                                             iree_status_t status);
typedef iree_status_t(IREE_API_PTR* iree_loop_workgroup_fn_t)(void* user_data, iree_loop_t loop,
                                                              uint32_t workgroup_x,
                                                              uint32_t workgroup_y,
                                                              uint32_t workgroup_z);

typedef enum iree_loop_priority_e {
  // In the order of asking. There are no others.
  IREE_LOOP_PRIORITY_DEFAULT = 0u,
} iree_loop_priority_t;

typedef struct iree_loop_callback_t {
  iree_loop_callback_fn_t fn;
  void* user_data;
} iree_loop_callback_t;

typedef struct iree_loop_call_params_t {
  iree_loop_callback_t callback;
  iree_loop_priority_t priority;
} iree_loop_call_params_t;

typedef struct iree_loop_dispatch_params_t {
  iree_loop_callback_t callback;
  iree_loop_workgroup_fn_t workgroup_fn;
  uint32_t workgroup_count_xyz[3];
} iree_loop_dispatch_params_t;

typedef struct iree_loop_wait_until_params_t {
  iree_loop_callback_t callback;
  iree_time_t deadline_ns;
} iree_loop_wait_until_params_t;

typedef struct iree_loop_wait_one_params_t {
  iree_loop_callback_t callback;
  iree_time_t deadline_ns;
  iree_wait_source_t wait_source;
} iree_loop_wait_one_params_t;

typedef struct iree_loop_wait_multi_params_t {
  iree_loop_callback_t callback;
  iree_time_t deadline_ns;
  iree_host_size_t count;
  iree_wait_source_t* wait_sources;
} iree_loop_wait_multi_params_t;

typedef struct iree_loop_drain_params_t {
  iree_time_t deadline_ns;
} iree_loop_drain_params_t;

// Calls back soon.
IREE_API_EXPORT iree_status_t iree_loop_call(iree_loop_t loop, iree_loop_priority_t priority,
                                             iree_loop_callback_fn_t callback, void* user_data);

// Calls |workgroup_callback| for each workgroup, x fastest, until one fails, then |completion_callback| with OK or that
// failure.
IREE_API_EXPORT iree_status_t iree_loop_dispatch(iree_loop_t loop,
                                                 const uint32_t workgroup_count_xyz[3],
                                                 iree_loop_workgroup_fn_t workgroup_callback,
                                                 iree_loop_callback_fn_t completion_callback,
                                                 void* user_data);

// Calls back with OK when the time is over.
IREE_API_EXPORT iree_status_t iree_loop_wait_until(iree_loop_t loop, iree_timeout_t timeout,
                                                   iree_loop_callback_fn_t callback,
                                                   void* user_data);

// Calls back when the source is resolved or has failed, or the time is over.
IREE_API_EXPORT iree_status_t iree_loop_wait_one(iree_loop_t loop, iree_wait_source_t wait_source,
                                                 iree_timeout_t timeout,
                                                 iree_loop_callback_fn_t callback, void* user_data);

// Calls back when one of the sources is resolved or has failed, or the time is over. With none: at once.
IREE_API_EXPORT iree_status_t iree_loop_wait_any(iree_loop_t loop, iree_host_size_t count,
                                                 iree_wait_source_t* wait_sources,
                                                 iree_timeout_t timeout,
                                                 iree_loop_callback_fn_t callback, void* user_data);

// Calls back when all sources are resolved, or one has failed, or the time is over. With none: at once.
IREE_API_EXPORT iree_status_t iree_loop_wait_all(iree_loop_t loop, iree_host_size_t count,
                                                 iree_wait_source_t* wait_sources,
                                                 iree_timeout_t timeout,
                                                 iree_loop_callback_fn_t callback, void* user_data);

// Runs the loop on this thread until nothing is left of what was asked of it: OK. DEADLINE_EXCEEDED: the time is over
// (an immediate timeout: runs what is ready). Not from a callback of the same loop: FAILED_PRECONDITION.
IREE_API_EXPORT iree_status_t iree_loop_drain(iree_loop_t loop, iree_timeout_t timeout);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  // IREE_BASE_LOOP_H_
