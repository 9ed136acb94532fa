// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Anything that can be waited for, by value: a fence, a semaphore's value, or what a user's own
// function waits for when it suspends an invocation (iree/vm/stack.h).
//
// A source is *pending*, then once and for all *resolved* or *failed*. Asking again gives the same
// answer.
//
// Ownership: a source borrows what it refers to. Whoever keeps one keeps that alive. A listener is
// the exception: once it is registered the object may go; if nothing else can resolve the source
// any more, the listener is told that it failed.
// Thread-safety: sources may be used from any thread.
#ifndef IREE_BASE_WAIT_SOURCE_H_
#define IREE_BASE_WAIT_SOURCE_H_

#include <stdbool.h>
#include <stdint.h>

#include "iree/base/attributes.h"
#include "iree/base/status.h"
#include "iree/base/time.h"

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

// What a control function is asked to do, with the types of |params| and |inout_ptr|.
typedef enum iree_wait_source_command_e {
  // (NULL, iree_status_code_t*): OK when resolved, DEFERRED while pending, else the failure's code.
  IREE_WAIT_SOURCE_COMMAND_QUERY = 0u,
  // (iree_wait_source_wait_params_t, NULL): blocks. DEADLINE_EXCEEDED when the time is over.
  IREE_WAIT_SOURCE_COMMAND_WAIT_ONE = 1u,
  // (tenon_wait_listener_t, NULL): see tenon_wait_source_listen(). Tenon's own.
  TENON_WAIT_SOURCE_COMMAND_LISTEN = 0x100u,
} iree_wait_source_command_t;

typedef struct iree_wait_source_wait_params_t {
  iree_timeout_t timeout;
} iree_wait_source_wait_params_t;

struct iree_wait_source_t;
typedef iree_status_t(IREE_API_PTR* iree_wait_source_ctl_fn_t)(
    struct iree_wait_source_t wait_source, iree_wait_source_command_t command, const void* params,
    void** inout_ptr);

typedef struct iree_wait_source_t {
  union {
    struct {
      void* self;
      uint64_t data;
    };
    uint64_t storage[2];
  };
  // NULL: the immediate source, which is resolved.
  iree_wait_source_ctl_fn_t ctl;
} iree_wait_source_t;

// The source that is always resolved.
static inline iree_wait_source_t iree_wait_source_immediate(void) {
  iree_wait_source_t source = {{{NULL, 0ull}}, NULL};
  return source;
}
static inline bool iree_wait_source_is_immediate(iree_wait_source_t wait_source) {
  return wait_source.ctl == NULL;
}

// The source that is resolved when |deadline_ns| has passed; see time.h. It refers to nothing. Listening to one has a
// thread of the process wait, which is there as long as delays are listened to; loops (loop.h) wait without it.
IREE_API_EXPORT iree_status_t iree_wait_source_delay_ctl(iree_wait_source_t wait_source,
                                                         iree_wait_source_command_t command,
                                                         const void* params, void** inout_ptr);
static inline iree_wait_source_t iree_wait_source_delay(iree_time_t deadline_ns) {
  iree_wait_source_t source = {{{NULL, (uint64_t)deadline_ns}}, iree_wait_source_delay_ctl};
  return source;
}
static inline bool iree_wait_source_is_delay(iree_wait_source_t wait_source) {
  return wait_source.ctl == iree_wait_source_delay_ctl;
}

// How the source stands, without waiting: OK, DEFERRED, or the code that it failed with.
IREE_API_EXPORT iree_status_t iree_wait_source_query(iree_wait_source_t wait_source,
                                                     iree_status_code_t* out_wait_status_code);

// Blocks until the source is resolved: OK. DEADLINE_EXCEEDED: the time is over (at once for an
// immediate timeout). Else it has failed.
IREE_API_EXPORT iree_status_t iree_wait_source_wait_one(iree_wait_source_t wait_source,
                                                        iree_timeout_t timeout);

// Told once how a source ended. It runs on whichever thread resolved the source, with no lock held,
// and must be short and not block. |status| is OK or the failure, which the listener owns. A listener
// that signals something else tells the listeners of that inside its own call: chains of them take
// stack, some 150 bytes each (queue operations and tenon_async_run() chain without).
typedef struct tenon_wait_listener_t {
  void(IREE_API_PTR* fn)(void* user_data, iree_status_t status);
  void* user_data;
} tenon_wait_listener_t;

// Waits without blocking.
//   OK        the source is resolved; the listener is not called.
//   DEFERRED  the listener is or will be called, once, possibly before this returns.
//   else      the source has failed, or can't be listened to (UNIMPLEMENTED), or there is no memory;
//             the listener is not called.
IREE_API_EXPORT iree_status_t tenon_wait_source_listen(iree_wait_source_t wait_source,
                                                       tenon_wait_listener_t listener);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  // IREE_BASE_WAIT_SOURCE_H_
