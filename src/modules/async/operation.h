// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What every asynchronous function is underneath: wait for a fence, do something on a pool, signal a fence.

#ifndef TENON_MODULES_ASYNC_OPERATION_H_
#define TENON_MODULES_ASYNC_OPERATION_H_

#include "iree/hal/fence.h"
#include "tenon/blocking_pool.h"

// Part of the structure of whoever begins one; stays where it is until |end| frees it.
typedef struct tenon_async_operation_t tenon_async_operation_t;

// Does the work if |wait_status| is OK, else passes that on; frees the operation; returns what to signal. Called once, on the
// pool.
typedef iree_status_t (*tenon_async_end_fn_t)(tenon_async_operation_t* operation,
                                              iree_status_t wait_status);

struct tenon_async_operation_t {
  tenon_blocking_work_t work;
  tenon_blocking_pool_t* pool;
  iree_hal_fence_t* signal_fence;
  iree_status_t wait_status;
  tenon_async_end_fn_t end;
};

// Begins the operation; see tenon_async_run(). It can't fail. The operation must not be touched afterwards.
void tenon_async_operation_begin(tenon_async_operation_t* operation, tenon_blocking_pool_t* pool,
                                 iree_hal_fence_t* wait_fence, iree_hal_fence_t* signal_fence,
                                 tenon_async_end_fn_t end);

#endif  // TENON_MODULES_ASYNC_OPERATION_H_
