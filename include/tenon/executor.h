// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Executors: the threads of local-task devices (task_device.h). Tenon's own addition to the API.
//
// An executor has *workers*, which compute, and a pool of *blocking threads* (blocking_pool.h), on which
// user code runs that a suspended program goes on with. Several devices may share one executor; it
// costs nothing until the first large work: threads start when they are needed.
//
// Small work never reaches a worker: waking a parked one costs more than the work. Work whose buffers
// are smaller than |inline_size| together runs on the thread that makes it ready. Larger work is cut
// into ranges, which the workers take one after another.
//
// Idle workers park: they spin for |worker_spin_ns|, then use no processor time at all.
//
// Threads may run where the thread that created the executor might, whoever starts them, unless |processors| says
// otherwise; they have the signal mask of whoever starts them. After fork() the child has none of them: it must not use
// an executor of its parent, nor a device on it, but can create its own.
//
// Ownership: counted; an executor is created with a count of 1. Devices retain theirs. Releasing the last
// reference never blocks: the threads finish what was submitted and go by themselves.
// Thread-safety: everything may be called from any thread, also from the executor's own.

#ifndef TENON_EXECUTOR_H_
#define TENON_EXECUTOR_H_

#include "iree/base/api.h"
#include "tenon/blocking_pool.h"

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

typedef struct tenon_executor_t tenon_executor_t;

#define TENON_EXECUTOR_MAX_WORKER_COUNT 256
// What inline_size is by default: touching it takes some 20 us, four times what waking a worker costs.
#define TENON_EXECUTOR_DEFAULT_INLINE_SIZE (256 * 1024)

typedef struct tenon_executor_options_t {
  // 0: one for each of |processors|, or else one for each processor that the process may run on
  // (sched_getaffinity), at most TENON_EXECUTOR_MAX_WORKER_COUNT. May be more than there are processors.
  iree_host_size_t worker_count;
  // Worker i runs on processor processors[i % processor_count] only; none: wherever the system likes.
  // Borrowed during creation.
  iree_host_size_t processor_count;
  const uint32_t* processors;
  // How long an idle worker spins before it parks; 0 by default, at most 1 ms.
  iree_duration_t worker_spin_ns;
  // See above.
  iree_device_size_t inline_size;
  // Of the pool of blocking threads.
  tenon_blocking_pool_options_t blocking_pool;
} tenon_executor_options_t;

// The defaults.
IREE_API_EXPORT void tenon_executor_options_initialize(tenon_executor_options_t* out_options);

//   INVALID_ARGUMENT: too many workers, a processor that the process may not use, too long a spin;
//   the message says which.
IREE_API_EXPORT iree_status_t tenon_executor_create(const tenon_executor_options_t* options,
                                                    iree_allocator_t host_allocator,
                                                    tenon_executor_t** out_executor);
IREE_API_EXPORT void tenon_executor_retain(tenon_executor_t* executor);
IREE_API_EXPORT void tenon_executor_release(tenon_executor_t* executor);

IREE_API_EXPORT iree_host_size_t tenon_executor_worker_count(const tenon_executor_t* executor);

// The executor's pool of blocking threads. Borrowed.
IREE_API_EXPORT tenon_blocking_pool_t* tenon_executor_blocking_pool(tenon_executor_t* executor);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  // TENON_EXECUTOR_H_
