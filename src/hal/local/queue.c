// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hal/local/queue.h"

#include <string.h>

#include "hal/local/command_buffer.h"
#include "hal/timepoint.h"
#include "task/executor.h"

typedef struct tenon_op_t tenon_op_t;

typedef struct tenon_op_wait_t {
  tenon_timepoint_t timepoint;
  tenon_op_t* op;
} tenon_op_wait_t;

// One large command, or a group of small ones: one number each.
typedef struct tenon_op_job_t {
  tenon_range_job_t job;
  tenon_op_t* op;
  const tenon_command_t* const* commands;
  bool is_group;
} tenon_op_job_t;

struct tenon_op_t {
  tenon_ready_item_t ready;
  iree_allocator_t host_allocator;
  iree_hal_device_t* device;
  tenon_executor_t* executor;  // the device's; NULL: none
  // One for the waits, one for the run.
  iree_atomic_ref_count_t ref_count;
  // Points that have neither been reached nor failed, and one for the submission.
  iree_atomic_int32_t waits_left;
  // Whoever sets it owns |failure|.
  iree_atomic_int32_t has_failed;
  iree_status_t failure;
  iree_hal_semaphore_list_t signals;  // retained
  // What it does: the command or, if that is NULL, the command buffers. Retained.
  const tenon_command_t* command;
  iree_hal_command_buffer_t** command_buffers;
  iree_host_size_t span_count;
  // Where the next segment starts.
  iree_host_size_t span;
  iree_host_size_t position;
  // Jobs of this segment that have not ended, and one for who starts them.
  iree_atomic_int64_t jobs_left;
  tenon_op_job_t* jobs;
  // Behind: the waits, jobs, signals, command buffers and the command.
};

//===--- Failing and ending -------------------------------------------------------------------===//

void tenon_hal_queue_resolve(iree_hal_semaphore_list_t signal_list, iree_status_t status) {
  for (iree_host_size_t i = 0; i < signal_list.count; ++i) {
    iree_hal_semaphore_t* semaphore = signal_list.semaphores[i];
    iree_status_t failure =
        iree_status_is_ok(status)
            ? iree_hal_semaphore_signal(semaphore, signal_list.payload_values[i])
            : iree_status_clone(status);
    if (IREE_UNLIKELY(!iree_status_is_ok(failure))) iree_hal_semaphore_fail(semaphore, failure);
  }
  iree_status_free(status);
}

// Whether this is the first failure; then the caller sets |failure|.
static bool tenon_op_is_first_failure(tenon_op_t* op) {
  return !iree_atomic_exchange(&op->has_failed, 1, iree_memory_order_acq_rel);
}

static void tenon_op_unref(tenon_op_t* op) {
  if (iree_atomic_ref_count_dec(&op->ref_count) == 1) iree_allocator_free(op->host_allocator, op);
}

// Lets go of all but the semaphores.
static void tenon_op_release_payload(tenon_op_t* op) {
  if (op->command) {
    tenon_command_release(op->command);
  } else {
    for (iree_host_size_t i = 0; i < op->span_count; ++i)
      iree_hal_command_buffer_release(op->command_buffers[i]);
  }
  iree_hal_device_release(op->device);
}

static void tenon_op_release_signals(iree_hal_semaphore_list_t signals) {
  for (iree_host_size_t i = 0; i < signals.count; ++i)
    iree_hal_semaphore_release(signals.semaphores[i]);
}

static void tenon_op_end(tenon_op_t* op) {
  iree_hal_semaphore_list_t signals = op->signals;
  iree_status_t failure = op->failure;
  tenon_op_release_payload(op);
  // What fits goes to the stack, so that the op is gone when it is signaled.
  iree_hal_semaphore_t* semaphores[TENON_OP_STACK_SIGNALS];
  uint64_t values[TENON_OP_STACK_SIGNALS];
  const iree_host_size_t kept =
      signals.count < TENON_OP_STACK_SIGNALS ? signals.count : TENON_OP_STACK_SIGNALS;
  signals.count -= kept;
  if (kept) {
    memcpy(semaphores, signals.semaphores + signals.count, kept * sizeof(*semaphores));
    memcpy(values, signals.payload_values + signals.count, kept * sizeof(*values));
  }
  if (IREE_UNLIKELY(signals.count)) {
    tenon_hal_queue_resolve(signals, iree_status_clone(failure));
    tenon_op_release_signals(signals);
  }
  tenon_op_unref(op);
  const iree_hal_semaphore_list_t rest = {kept, semaphores, values};
  tenon_hal_queue_resolve(rest, failure);
  tenon_op_release_signals(rest);
}

//===--- Running ------------------------------------------------------------------------------===//

static tenon_command_span_t tenon_op_span(const tenon_op_t* op, iree_host_size_t index) {
  if (op->command) return (tenon_command_span_t){&op->command, 1};
  return tenon_hal_local_command_buffer_span(op->command_buffers[index]);
}

// Takes the commands up to the next barrier out of |inout_span|. None: no commands are left.
static tenon_command_span_t tenon_command_span_take(tenon_command_span_t* inout_span) {
  while (inout_span->count && !*inout_span->commands) {
    ++inout_span->commands;
    --inout_span->count;
  }
  tenon_command_span_t segment = {inout_span->commands, 0};
  while (segment.count < inout_span->count && segment.commands[segment.count]) ++segment.count;
  inout_span->commands += segment.count;
  inout_span->count -= segment.count;
  return segment;
}

static tenon_command_span_t tenon_op_next_segment(tenon_op_t* op) {
  tenon_command_span_t segment = {NULL, 0};
  for (; op->span < op->span_count; ++op->span, op->position = 0) {
    const tenon_command_span_t span = tenon_op_span(op, op->span);
    tenon_command_span_t left = {span.commands + op->position, span.count - op->position};
    segment = tenon_command_span_take(&left);
    op->position = span.count - left.count;
    if (segment.count) break;
  }
  return segment;
}

static bool tenon_op_is_large(tenon_executor_t* executor, const tenon_command_t* command) {
  return executor && command->count && command->size >= tenon_executor_inline_size(executor);
}

// Runs what isn't large of |count| commands.
static int tenon_op_run_small(tenon_op_t* op, const tenon_command_t* const* commands,
                              iree_host_size_t count, uint32_t worker_id) {
  for (iree_host_size_t i = 0; i < count; ++i) {
    const tenon_command_t* command = commands[i];
    if (command->count == 0 || tenon_op_is_large(op->executor, command)) continue;
    const int result = tenon_command_run(command, 0, command->count, worker_id);
    if (IREE_LIKELY(result == 0)) continue;
    if (tenon_op_is_first_failure(op)) op->failure = tenon_command_error(command, result);
    return result;
  }
  return 0;
}

static int tenon_op_job_run(tenon_range_job_t* base, int64_t begin, int64_t end,
                            uint32_t worker_id) {
  tenon_op_job_t* job = (tenon_op_job_t*)base;
  if (job->is_group) {
    return tenon_op_run_small(job->op, job->commands + begin, (iree_host_size_t)(end - begin),
                              worker_id);
  }
  const tenon_command_t* command = *job->commands;
  const int result = tenon_command_run(command, begin, end, worker_id);
  if (IREE_UNLIKELY(result != 0) && tenon_op_is_first_failure(job->op))
    job->op->failure = tenon_command_error(command, result);
  return result;
}

static bool tenon_op_end_job(tenon_op_t* op) {
  return iree_atomic_fetch_sub_int64(&op->jobs_left, 1, iree_memory_order_acq_rel) == 1;
}

static void tenon_op_continue(tenon_op_t* op);

static void tenon_op_job_done(tenon_range_job_t* base, int result) {
  tenon_op_t* op = ((tenon_op_job_t*)base)->op;
  if (tenon_op_end_job(op)) tenon_op_continue(op);
}

static void tenon_op_start_job(tenon_op_t* op, tenon_op_job_t* job,
                               const tenon_command_t* const* commands, int64_t count,
                               bool is_group) {
  job->op = op;
  job->commands = commands;
  job->is_group = is_group;
  job->job.count = count;
  job->job.grain = tenon_command_grain(count, tenon_executor_worker_count(op->executor));
  job->job.run = tenon_op_job_run;
  job->job.done = tenon_op_job_done;
  tenon_executor_submit(op->executor, &job->job);
}

// Starts the jobs of a segment and runs the rest. Whether the segment has ended.
static bool tenon_op_run_segment(tenon_op_t* op, tenon_command_span_t segment) {
  int64_t job_count = 0;
  iree_device_size_t small_size = 0;
  for (iree_host_size_t i = 0; i < segment.count; ++i) {
    if (tenon_op_is_large(op->executor, segment.commands[i])) {
      ++job_count;
    } else {
      small_size += segment.commands[i]->size;
    }
  }
  // Many small ones are large together.
  const bool is_grouped = op->executor && segment.count - (iree_host_size_t)job_count > 1 &&
                          small_size >= tenon_executor_inline_size(op->executor);
  job_count += is_grouped;
  iree_atomic_store(&op->jobs_left, job_count + 1, iree_memory_order_relaxed);
  tenon_op_job_t* job = op->jobs;
  if (is_grouped) tenon_op_start_job(op, job++, segment.commands, (int64_t)segment.count, true);
  for (iree_host_size_t i = 0; i < segment.count; ++i) {
    if (!tenon_op_is_large(op->executor, segment.commands[i])) continue;
    tenon_op_start_job(op, job++, &segment.commands[i], segment.commands[i]->count, false);
  }
  if (!is_grouped) tenon_op_run_small(op, segment.commands, segment.count, 0);
  return tenon_op_end_job(op);
}

// Runs segments until one has jobs that others end, and then go on here, or none is left.
static void tenon_op_continue(tenon_op_t* op) {
  while (!iree_atomic_load(&op->has_failed, iree_memory_order_acquire)) {
    const tenon_command_span_t segment = tenon_op_next_segment(op);
    if (!segment.count) break;
    if (!tenon_op_run_segment(op, segment)) return;
  }
  tenon_op_end(op);
}

static void tenon_op_run(tenon_ready_item_t* item) { tenon_op_continue((tenon_op_t*)item); }

//===--- Waiting ------------------------------------------------------------------------------===//

// Ends one wait. The last one makes the op ready, unless a failure has.
static void tenon_op_end_wait(tenon_op_t* op) {
  if (iree_atomic_fetch_sub(&op->waits_left, 1, iree_memory_order_acq_rel) != 1) return;
  if (!iree_atomic_load(&op->has_failed, iree_memory_order_relaxed)) tenon_ready_push(&op->ready);
  tenon_op_unref(op);
}

// |failure| is borrowed.
static void tenon_op_fail_wait(tenon_op_t* op, iree_status_t failure) {
  if (!tenon_op_is_first_failure(op)) return;
  op->failure = iree_status_clone(failure);
  tenon_ready_push(&op->ready);
}

static void tenon_op_wait_ended(tenon_timepoint_t* timepoint, iree_status_t failure) {
  tenon_op_t* op = ((tenon_op_wait_t*)timepoint)->op;
  if (!iree_status_is_ok(failure)) tenon_op_fail_wait(op, failure);
  tenon_op_end_wait(op);
}

static void tenon_op_listen(tenon_op_t* op, iree_hal_semaphore_list_t wait_list,
                            tenon_op_wait_t* waits) {
  for (iree_host_size_t i = 0; i < wait_list.count; ++i) {
    waits[i].op = op;
    iree_status_t failure = iree_ok_status();
    if (tenon_hal_semaphore_listen(wait_list.semaphores[i], wait_list.payload_values[i],
                                   tenon_op_wait_ended, &waits[i].timepoint, &failure)) {
      continue;
    }
    if (!iree_status_is_ok(failure)) {
      tenon_op_fail_wait(op, failure);
      iree_status_free(failure);
    }
    tenon_op_end_wait(op);
  }
  tenon_op_end_wait(op);
  tenon_ready_drain();
}

//===--- Submitting ---------------------------------------------------------------------------===//

// The most jobs that a segment of |span| can have.
static iree_host_size_t tenon_count_jobs(tenon_executor_t* executor, tenon_command_span_t span) {
  if (!executor) return 0;
  iree_host_size_t most = 0;
  for (;;) {
    const tenon_command_span_t segment = tenon_command_span_take(&span);
    if (!segment.count) return most;
    iree_host_size_t count = segment.count > 1;  // a group
    for (iree_host_size_t i = 0; i < segment.count; ++i)
      count += tenon_op_is_large(executor, segment.commands[i]);
    if (count > most) most = count;
  }
}

// How many there are of what follows an op.
typedef struct tenon_op_counts_t {
  iree_host_size_t waits;
  iree_host_size_t jobs;
  iree_host_size_t signals;
  iree_host_size_t command_buffers;
  iree_host_size_t command_size;  // a multiple of 8
} tenon_op_counts_t;

// Adds an array to |*inout_total|; false: too large.
static bool tenon_add_array(iree_host_size_t count, iree_host_size_t size,
                            iree_host_size_t* inout_total) {
  return iree_host_size_checked_mul(count, size, &size) &&
         iree_host_size_checked_add(*inout_total, size, inout_total);
}

static iree_status_t tenon_op_allocate(iree_hal_device_t* device, const tenon_op_counts_t* counts,
                                       tenon_op_t** out_op) {
  *out_op = NULL;
  iree_host_size_t total = sizeof(tenon_op_t);
  if (!tenon_add_array(counts->waits, sizeof(tenon_op_wait_t), &total) ||
      counts->waits >= INT32_MAX ||
      !tenon_add_array(counts->jobs, sizeof(tenon_op_job_t), &total) ||
      !tenon_add_array(counts->signals, sizeof(void*) + sizeof(uint64_t), &total) ||
      !tenon_add_array(counts->command_buffers, sizeof(void*), &total) ||
      !tenon_add_array(counts->command_size, 1, &total)) {
    return iree_make_status(IREE_STATUS_RESOURCE_EXHAUSTED, "the operation is too large");
  }
  iree_allocator_t host_allocator = iree_hal_device_host_allocator(device);
  tenon_op_t* op = NULL;
  IREE_RETURN_IF_ERROR(iree_allocator_malloc_uninitialized(host_allocator, total, (void**)&op));
  *op = (tenon_op_t){
      .ready = {.run = tenon_op_run},
      .host_allocator = host_allocator,
      .device = device,
      .executor = tenon_hal_local_device_executor(device),
      .ref_count = 2,
      .waits_left = (int32_t)counts->waits + 1,
  };
  *out_op = op;
  return iree_ok_status();
}

// Retains what the op signals, and the device, and lets it go. |end| is behind all but the signals.
static void tenon_op_submit(tenon_op_t* op, iree_hal_semaphore_list_t wait_list,
                            iree_hal_semaphore_list_t signal_list, tenon_op_wait_t* waits,
                            void* end) {
  const iree_host_size_t count = signal_list.count;
  op->signals = (iree_hal_semaphore_list_t){count, (iree_hal_semaphore_t**)end,
                                            (uint64_t*)((iree_hal_semaphore_t**)end + count)};
  for (iree_host_size_t i = 0; i < count; ++i) {
    op->signals.semaphores[i] = signal_list.semaphores[i];
    op->signals.payload_values[i] = signal_list.payload_values[i];
    iree_hal_semaphore_retain(signal_list.semaphores[i]);
  }
  iree_hal_device_retain(op->device);
  tenon_op_listen(op, wait_list, waits);
}

iree_status_t tenon_hal_queue_submit_command(iree_hal_device_t* device,
                                             iree_hal_semaphore_list_t wait_list,
                                             iree_hal_semaphore_list_t signal_list,
                                             const tenon_command_t* command) {
  tenon_op_counts_t counts = {
      .waits = wait_list.count,
      .jobs = tenon_op_is_large(tenon_hal_local_device_executor(device), command),
      .signals = signal_list.count,
  };
  if (!tenon_command_clone_size(command, &counts.command_size))
    return iree_make_status(IREE_STATUS_RESOURCE_EXHAUSTED, "the operation is too large");
  tenon_op_t* op = NULL;
  IREE_RETURN_IF_ERROR(tenon_op_allocate(device, &counts, &op));
  tenon_op_wait_t* waits = (tenon_op_wait_t*)(op + 1);
  op->jobs = (tenon_op_job_t*)(waits + counts.waits);
  uint8_t* end = (uint8_t*)(op->jobs + counts.jobs);
  op->command = tenon_command_clone(command, end);
  op->span_count = 1;
  tenon_op_submit(op, wait_list, signal_list, waits, end + counts.command_size);
  return iree_ok_status();
}

iree_status_t tenon_hal_queue_submit_command_buffers(
    iree_hal_device_t* device, iree_hal_semaphore_list_t wait_list,
    iree_hal_semaphore_list_t signal_list, iree_host_size_t command_buffer_count,
    iree_hal_command_buffer_t* const* command_buffers) {
  tenon_executor_t* executor = tenon_hal_local_device_executor(device);
  tenon_op_counts_t counts = {.waits = wait_list.count,
                              .signals = signal_list.count,
                              .command_buffers = command_buffer_count};
  for (iree_host_size_t i = 0; i < command_buffer_count; ++i) {
    IREE_RETURN_IF_ERROR(tenon_hal_local_command_buffer_check(command_buffers[i]));
    const iree_host_size_t job_count =
        tenon_count_jobs(executor, tenon_hal_local_command_buffer_span(command_buffers[i]));
    if (job_count > counts.jobs) counts.jobs = job_count;
  }
  tenon_op_t* op = NULL;
  IREE_RETURN_IF_ERROR(tenon_op_allocate(device, &counts, &op));
  iree_status_t status =
      tenon_hal_local_command_buffers_claim(command_buffer_count, command_buffers);
  if (!iree_status_is_ok(status)) {
    iree_allocator_free(op->host_allocator, op);
    return status;
  }
  tenon_op_wait_t* waits = (tenon_op_wait_t*)(op + 1);
  op->jobs = (tenon_op_job_t*)(waits + counts.waits);
  op->command_buffers = (iree_hal_command_buffer_t**)(op->jobs + counts.jobs);
  op->span_count = command_buffer_count;
  for (iree_host_size_t i = 0; i < command_buffer_count; ++i) {
    op->command_buffers[i] = command_buffers[i];
    iree_hal_command_buffer_retain(command_buffers[i]);
  }
  tenon_op_submit(op, wait_list, signal_list, waits, op->command_buffers + command_buffer_count);
  return iree_ok_status();
}
