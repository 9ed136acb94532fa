// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Draining: what is ready runs, batch by batch; between batches the clock and the sources that can't be listened to
// are asked, if there are such; and when nothing is ready the drain sleeps.
#include "iree/base/loop_sync.h"

#include <string.h>

#include "base/loop_run.h"
#include "task/loop_sync_ops.h"
#include "task/ready.h"

// How often sources that can't be listened to are asked.
#define TENON_LOOP_POLL_NS 1000000

// The loops of which this thread runs callbacks, innermost first.
typedef struct tenon_loop_running_t {
  const struct tenon_loop_running_t* outer;
  const iree_loop_sync_t* loop;
} tenon_loop_running_t;
static _Thread_local const tenon_loop_running_t* tenon_loop_running;

static bool tenon_loop_is_running(const iree_loop_sync_t* loop) {
  const tenon_loop_running_t* running = tenon_loop_running;
  while (running && running->loop != loop) running = running->outer;
  return running != NULL;
}

//===--------------------------------------------------------------------------------------------===//
// Running
//===--------------------------------------------------------------------------------------------===//

// Runs the callback of |op|, which is in no list any more; without the mutex.
static iree_status_t tenon_loop_run_op(iree_loop_sync_t* loop, tenon_loop_op_t* op) {
  const tenon_loop_running_t running = {tenon_loop_running, loop};
  tenon_loop_running = &running;
  const iree_loop_t handle = iree_loop_sync_scope(op->scope);
  iree_status_t status = op->status;
  if (op->command == IREE_LOOP_COMMAND_DISPATCH && iree_status_is_ok(status)) {
    status = tenon_loop_run_workgroups(handle, &op->dispatch);
  }
  status = op->callback.fn(op->callback.user_data, handle, status);
  tenon_loop_running = running.outer;
  return status;
}

static void tenon_loop_run_scope(iree_loop_sync_t* loop, const iree_loop_sync_scope_t* scope);

// A callback of |scope| has failed with |status|: tells, and calls back what is pending. Called without the mutex, while
// the callback still counts: so the scope is there.
static void tenon_loop_fail_scope(iree_loop_sync_t* loop, iree_loop_sync_scope_t* scope,
                                  iree_status_t status) {
  if (scope->error_fn) {
    scope->error_fn(scope->error_user_data, status);
  } else {
    iree_status_ignore(status);
  }
  pthread_mutex_lock(&loop->mutex);
  const bool was_aborting = scope->is_aborting;
  scope->is_aborting = true;
  tenon_loop_abort_scope(loop, scope);
  tenon_loop_run_scope(loop, scope);
  // It can be used again, unless it was given up, meanwhile or before.
  scope->is_aborting = was_aborting || scope->is_given_up;
  pthread_mutex_unlock(&loop->mutex);
}

// Runs |op| and accounts for it. Called with the mutex, which is given up meanwhile.
static void tenon_loop_run_locked(iree_loop_sync_t* loop, tenon_loop_op_t* op) {
  iree_loop_sync_scope_t* scope = op->scope;
  const bool was_aborted = op->is_aborted;
  pthread_mutex_unlock(&loop->mutex);
  iree_status_t status = tenon_loop_run_op(loop, op);
  if (was_aborted) {
    iree_status_ignore(status);
  } else if (!iree_status_is_ok(status)) {
    tenon_loop_fail_scope(loop, scope, status);
  }
  tenon_loop_op_release(op);
  pthread_mutex_lock(&loop->mutex);
  --scope->pending_count;
  --loop->pending_count;
  ++loop->run_count;
  pthread_cond_broadcast(&loop->changed);
}

// Runs what is ready in |scope|, until nothing is.
static void tenon_loop_run_scope(iree_loop_sync_t* loop, const iree_loop_sync_scope_t* scope) {
  tenon_loop_op_t* op = loop->ready.first;
  while (op) {
    if (op->scope != scope) {
      op = op->next;
      continue;
    }
    tenon_loop_list_remove(&loop->ready, op);
    tenon_loop_run_locked(loop, op);
    // The list may have changed entirely.
    op = loop->ready.first;
  }
}

// Runs what is ready by now, and not what becomes ready meanwhile.
static void tenon_loop_run_batch(iree_loop_sync_t* loop) {
  for (iree_host_size_t i = loop->ready.count; i > 0 && loop->ready.first; --i) {
    tenon_loop_op_t* op = loop->ready.first;
    tenon_loop_list_remove(&loop->ready, op);
    tenon_loop_run_locked(loop, op);
  }
}

//===--------------------------------------------------------------------------------------------===//
// Draining
//===--------------------------------------------------------------------------------------------===//

// Sleeps until something changes or |deadline_ns| is over, of the wall clock.
static void tenon_loop_sleep(iree_loop_sync_t* loop, iree_time_t deadline_ns) {
  if (deadline_ns == IREE_TIME_INFINITE_FUTURE) {
    pthread_cond_wait(&loop->changed, &loop->mutex);
    return;
  }
  struct timespec wake;
  clock_gettime(CLOCK_MONOTONIC, &wake);
  const iree_duration_t remaining = iree_absolute_deadline_to_timeout_ns(deadline_ns);
  const int64_t nanos = wake.tv_nsec + remaining % 1000000000;
  wake.tv_sec += (time_t)(remaining / 1000000000 + nanos / 1000000000);
  wake.tv_nsec = (long)(nanos % 1000000000);
  pthread_cond_timedwait(&loop->changed, &loop->mutex, &wake);
}

// Waits for something to happen. What it is for may be behind this thread in its own list of ready work.
static void tenon_loop_idle(iree_loop_sync_t* loop, iree_time_t deadline_ns) {
  const uint64_t seen = loop->run_count;
  pthread_mutex_unlock(&loop->mutex);
  tenon_ready_help();
  pthread_mutex_lock(&loop->mutex);
  if (loop->ready.first || loop->run_count != seen) return;
  iree_time_t wake_ns = loop->next_deadline_ns;
  if (loop->is_polling) {
    const iree_time_t poll_ns = iree_time_now() + TENON_LOOP_POLL_NS;
    if (poll_ns < wake_ns) wake_ns = poll_ns;
  }
  tenon_loop_sleep(loop, wake_ns < deadline_ns ? wake_ns : deadline_ns);
}

// Drains until |*pending_count|, the loop's or a scope's, is 0. Called with the mutex.
static iree_status_t tenon_loop_drain_locked(iree_loop_sync_t* loop, const int32_t* pending_count,
                                             iree_time_t deadline_ns) {
  for (;;) {
    tenon_loop_check_waits(loop);
    tenon_loop_run_batch(loop);
    if (!*pending_count) return iree_ok_status();
    if (deadline_ns != IREE_TIME_INFINITE_FUTURE && iree_time_now() >= deadline_ns) {
      return iree_status_from_code(IREE_STATUS_DEADLINE_EXCEEDED);
    }
    if (!loop->ready.first) tenon_loop_idle(loop, deadline_ns);
  }
}

static iree_status_t tenon_loop_drain(iree_loop_sync_t* loop, const int32_t* pending_count,
                                      iree_time_t deadline_ns) {
  if (tenon_loop_is_running(loop)) {
    return iree_make_status(IREE_STATUS_FAILED_PRECONDITION,
                            "a loop can't be drained by one of its own callbacks");
  }
  pthread_mutex_lock(&loop->mutex);
  iree_status_t status = tenon_loop_drain_locked(loop, pending_count, deadline_ns);
  pthread_mutex_unlock(&loop->mutex);
  return status;
}

iree_status_t iree_loop_sync_wait_idle(iree_loop_sync_t* loop_sync, iree_timeout_t timeout) {
  return tenon_loop_drain(loop_sync, &loop_sync->pending_count,
                          iree_timeout_as_deadline_ns(timeout));
}

iree_status_t iree_loop_sync_ctl(void* self, iree_loop_command_t command, const void* params,
                                 void** inout_ptr) {
  iree_loop_sync_scope_t* scope = (iree_loop_sync_scope_t*)self;
  if (command == IREE_LOOP_COMMAND_DRAIN) {
    return tenon_loop_drain(scope->loop_sync, &scope->pending_count,
                            ((const iree_loop_drain_params_t*)params)->deadline_ns);
  }
  return tenon_loop_enqueue(scope, command, params);
}

//===--------------------------------------------------------------------------------------------===//
// Lifetime
//===--------------------------------------------------------------------------------------------===//

void iree_loop_sync_scope_initialize(iree_loop_sync_t* loop_sync,
                                     iree_loop_sync_error_fn_t error_fn, void* error_user_data,
                                     iree_loop_sync_scope_t* out_scope) {
  tenon_loop_retain(loop_sync);
  out_scope->loop_sync = loop_sync;
  out_scope->pending_count = 0;
  out_scope->is_aborting = out_scope->is_given_up = false;
  out_scope->error_fn = error_fn;
  out_scope->error_user_data = error_user_data;
}

void tenon_loop_sync_scope_abort(iree_loop_sync_scope_t* scope) {
  iree_loop_sync_t* loop = scope->loop_sync;
  pthread_mutex_lock(&loop->mutex);
  tenon_loop_abort_scope(loop, scope);
  scope->is_aborting = scope->is_given_up = true;
  pthread_mutex_unlock(&loop->mutex);
}

void iree_loop_sync_scope_deinitialize(iree_loop_sync_scope_t* scope) {
  iree_loop_sync_t* loop = scope->loop_sync;
  tenon_loop_sync_scope_abort(scope);
  pthread_mutex_lock(&loop->mutex);
  for (tenon_loop_run_scope(loop, scope); scope->pending_count;) {
    pthread_cond_wait(&loop->changed, &loop->mutex);
    tenon_loop_run_scope(loop, scope);
  }
  pthread_mutex_unlock(&loop->mutex);
  memset(scope, 0, sizeof(*scope));
  tenon_loop_release(loop);
}

void iree_loop_sync_free(iree_loop_sync_t* loop_sync) {
  if (!loop_sync) return;
  pthread_mutex_lock(&loop_sync->mutex);
  loop_sync->is_closed = true;
  tenon_loop_abort_scope(loop_sync, NULL);
  while (loop_sync->ready.first) tenon_loop_run_batch(loop_sync);
  pthread_mutex_unlock(&loop_sync->mutex);
  tenon_loop_release(loop_sync);
}
