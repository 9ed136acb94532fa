// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The loop that does everything at once: iree_loop_call() and the others run their callbacks, and wait, before they
// return, on the thread that asks. No memory is allocated.
//
// What a callback asks of the loop that it was given runs after it, in order, before the outermost call returns; up to
// TENON_LOOP_INLINE_CAPACITY at a time, then RESOURCE_EXHAUSTED. Each waits in turn and holds up those behind it.
//
// A failure that a callback returns is stored in *out_status, and what is still to run is called back with ABORTED.
#ifndef IREE_BASE_LOOP_INLINE_H_
#define IREE_BASE_LOOP_INLINE_H_

#include "iree/base/loop.h"

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

#define TENON_LOOP_INLINE_CAPACITY 16

// The control function of inline loops.
IREE_API_EXPORT iree_status_t iree_loop_inline_ctl(void* self, iree_loop_command_t command,
                                                   const void* params, void** inout_ptr);

// |out_status| (may be NULL: failures are dropped) is owned by the caller, holds a status (OK at first), gets the first
// failure, and outlives the loop. A loop is for one thread at a time.
static inline iree_loop_t iree_loop_inline(iree_status_t* out_status) {
  iree_loop_t loop = {out_status, iree_loop_inline_ctl};
  return loop;
}

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  // IREE_BASE_LOOP_INLINE_H_
