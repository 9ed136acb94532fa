// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "modules/async/operation.h"

#include "hal/timepoint.h"
#include "tenon/async.h"

// On the pool. The operation is gone before its end is told, so that whoever waits for that finds nothing left of it.
static void IREE_API_PTR tenon_async_operation_run(tenon_blocking_work_t* work) {
  tenon_async_operation_t* operation = (tenon_async_operation_t*)work;
  tenon_blocking_pool_t* pool = operation->pool;
  iree_hal_fence_t* signal_fence = operation->signal_fence;
  iree_status_t status = operation->end(operation, operation->wait_status);
  if (IREE_UNLIKELY(iree_status_is_deferred(status))) {
    // A fence that failed with this code would look like one that is pending.
    status =
        iree_status_join(iree_make_status(IREE_STATUS_INTERNAL,
                                          "an asynchronous function returned DEFERRED; it must "
                                          "end before it returns"),
                         status);
  }
  if (iree_status_is_ok(status)) status = iree_hal_fence_signal(signal_fence);
  // Signaling fails if somebody else has signaled the fence: then all that waits for the rest of it learns why.
  if (!iree_status_is_ok(status)) iree_hal_fence_fail(signal_fence, status);
  iree_hal_fence_release(signal_fence);
  tenon_blocking_pool_release(pool);
}

// On whichever thread signals: all the rest, cleaning up included, is for the pool.
static void IREE_API_PTR tenon_async_operation_wake(void* user_data, iree_status_t status) {
  tenon_async_operation_t* operation = (tenon_async_operation_t*)user_data;
  operation->wait_status = status;
  tenon_blocking_pool_submit(operation->pool, &operation->work);
}

void tenon_async_operation_begin(tenon_async_operation_t* operation, tenon_blocking_pool_t* pool,
                                 iree_hal_fence_t* wait_fence, iree_hal_fence_t* signal_fence,
                                 tenon_async_end_fn_t end) {
  operation->work.next = NULL;
  operation->work.run = tenon_async_operation_run;
  operation->pool = pool;
  operation->signal_fence = signal_fence;
  operation->wait_status = iree_ok_status();
  operation->end = end;
  tenon_blocking_pool_retain(pool);
  iree_hal_fence_retain(signal_fence);
  iree_status_t status = iree_ok_status();
  if (!tenon_hal_fence_is_reached(wait_fence)) {
    const tenon_wait_listener_t listener = {tenon_async_operation_wake, operation};
    status = tenon_wait_source_listen(iree_hal_fence_await(wait_fence), listener);
    if (iree_status_is_deferred(status)) {  // the listener is called, or was
      iree_status_ignore(status);
      return;
    }
  }
  tenon_async_operation_wake(operation, status);
}

//===--------------------------------------------------------------------------------------------===//
// One function
//===--------------------------------------------------------------------------------------------===//

typedef struct tenon_async_run_t {
  tenon_async_operation_t operation;
  tenon_async_fn_t fn;
  tenon_async_cleanup_fn_t cleanup;
  void* user_data;
  iree_allocator_t host_allocator;
} tenon_async_run_t;

static iree_status_t tenon_async_run_end(tenon_async_operation_t* operation, iree_status_t status) {
  tenon_async_run_t* run = (tenon_async_run_t*)operation;
  if (iree_status_is_ok(status)) status = run->fn(run->user_data);
  if (run->cleanup) run->cleanup(run->user_data);
  iree_allocator_free(run->host_allocator, run);
  return status;
}

IREE_API_EXPORT iree_status_t tenon_async_run(tenon_blocking_pool_t* pool,
                                              iree_hal_fence_t* wait_fence,
                                              iree_hal_fence_t* signal_fence, tenon_async_fn_t fn,
                                              void* user_data, tenon_async_cleanup_fn_t cleanup,
                                              iree_allocator_t host_allocator) {
  tenon_async_run_t* run = NULL;
  IREE_RETURN_IF_ERROR(
      iree_allocator_malloc_uninitialized(host_allocator, sizeof(*run), (void**)&run));
  run->fn = fn;
  run->cleanup = cleanup;
  run->user_data = user_data;
  run->host_allocator = host_allocator;
  tenon_async_operation_begin(&run->operation, pool, wait_fence, signal_fence, tenon_async_run_end);
  return iree_ok_status();
}
