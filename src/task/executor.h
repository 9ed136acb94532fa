// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Ranges of work for an executor's workers. tenon/executor.h is the public side.

#ifndef TENON_TASK_EXECUTOR_H_
#define TENON_TASK_EXECUTOR_H_

#include <stdbool.h>

#include "iree/base/api.h"
#include "iree/base/internal/atomics.h"

typedef struct tenon_executor_t tenon_executor_t;

// The numbers [0, count) to be worked through in ranges, on any workers, in any order, at the same time.
// Part of the submitter's own structure; it stays where it is until |done| is called, which may free it.
// The submitter sets the fields of the first part; the others need no value.
typedef struct tenon_range_job_t tenon_range_job_t;
struct tenon_range_job_t {
  int64_t count;  // > 0
  int64_t grain;  // numbers per range, >= 1
  // Works through [begin, end). |worker_id| is below tenon_executor_worker_count() + 2, and no other range
  // of this job has it at the same time. A result other than 0 ends the job early: ranges that have not
  // begun are left out.
  int (*run)(tenon_range_job_t* job, int64_t begin, int64_t end, uint32_t worker_id);
  // Called once, on the thread that ended the last range, with the first result that was not 0, or 0.
  void (*done)(tenon_range_job_t* job, int result);

  // The executor's. |next|, |seats| and the flags change with its lock.
  tenon_range_job_t* next;
  int64_t range_count;
  int64_t seats;    // how many more workers may take part
  bool is_awaited;  // by tenon_executor_run, which may
  bool is_parked;   // sleep by now
  iree_atomic_int64_t next_range;
  iree_atomic_int64_t participants;  // changes with the lock, too
  iree_atomic_int32_t result;
};

// Hands |job| to the workers and returns; up to tenon_executor_worker_count() of them take part. Starts
// workers if need be. If none can be started at all a thread that submits does the work.
void tenon_executor_submit(tenon_executor_t* executor, tenon_range_job_t* job);

// Works through |job| on this thread, which stands in for one of the workers, and on the others; it is over
// when this returns. Returns its result; job->done is not called.
int tenon_executor_run(tenon_executor_t* executor, tenon_range_job_t* job);

// The executor of which the calling thread is a worker, borrowed; NULL if it is none.
tenon_executor_t* tenon_executor_of_this_thread(void);

// Work below this many bytes runs on the thread that makes it ready.
iree_device_size_t tenon_executor_inline_size(const tenon_executor_t* executor);

#endif  // TENON_TASK_EXECUTOR_H_
