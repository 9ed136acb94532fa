// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "task/loop_sync_ops.h"

#include <string.h>

#include "base/loop_run.h"
#include "iree/base/alignment.h"

//===--------------------------------------------------------------------------------------------===//
// Memory
//===--------------------------------------------------------------------------------------------===//

iree_status_t iree_loop_sync_allocate(iree_loop_sync_options_t options, iree_allocator_t allocator,
                                      iree_loop_sync_t** out_loop_sync) {
  *out_loop_sync = NULL;
  iree_loop_sync_t* loop = NULL;
  IREE_RETURN_IF_ERROR(iree_allocator_malloc(allocator, sizeof(*loop), (void**)&loop));
  iree_atomic_ref_count_init(&loop->ref_count);
  loop->allocator = allocator;
  loop->options = options;
  loop->next_deadline_ns = IREE_TIME_INFINITE_FUTURE;
  pthread_mutex_init(&loop->mutex, NULL);
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(&loop->changed, &attributes);
  pthread_condattr_destroy(&attributes);
  *out_loop_sync = loop;
  return iree_ok_status();
}

void tenon_loop_retain(iree_loop_sync_t* loop) { iree_atomic_ref_count_inc(&loop->ref_count); }

void tenon_loop_release(iree_loop_sync_t* loop) {
  if (iree_atomic_ref_count_dec(&loop->ref_count) != 1) return;
  pthread_cond_destroy(&loop->changed);
  pthread_mutex_destroy(&loop->mutex);
  iree_allocator_free(loop->allocator, loop);
}

void tenon_loop_op_release(tenon_loop_op_t* op) {
  if (iree_atomic_ref_count_dec(&op->ref_count) != 1) return;
  iree_loop_sync_t* loop = op->loop;
  iree_allocator_free(op->allocator, op);
  tenon_loop_release(loop);
}

static iree_status_t tenon_loop_op_create(iree_loop_sync_scope_t* scope,
                                          iree_loop_command_t command,
                                          iree_loop_callback_t callback, iree_time_t deadline_ns,
                                          iree_host_size_t count, const iree_wait_source_t* sources,
                                          tenon_loop_op_t** out_op) {
  iree_loop_sync_t* loop = scope->loop_sync;
  tenon_loop_op_t* op = NULL;
  iree_host_size_t size = 0;
  if (!iree_host_size_checked_mul(count, sizeof(op->waits[0]), &size) ||
      !iree_host_size_checked_add(size, sizeof(*op), &size)) {
    return iree_make_status(IREE_STATUS_RESOURCE_EXHAUSTED, "%zu wait sources are too many", count);
  }
  IREE_RETURN_IF_ERROR(iree_allocator_malloc(loop->allocator, size, (void**)&op));
  op->loop = loop;
  op->scope = scope;
  op->allocator = loop->allocator;
  op->command = command;
  op->callback = callback;
  op->deadline_ns = deadline_ns;
  op->pending_count = op->count = count;
  for (iree_host_size_t i = 0; i < count; ++i) {
    op->waits[i].op = op;
    op->waits[i].source = sources[i];
  }
  iree_atomic_ref_count_init(&op->ref_count);
  tenon_loop_retain(loop);
  *out_op = op;
  return iree_ok_status();
}

//===--------------------------------------------------------------------------------------------===//
// Lists
//===--------------------------------------------------------------------------------------------===//

static void tenon_loop_list_append(tenon_loop_list_t* list, tenon_loop_op_t* op) {
  op->next = NULL;
  op->previous = list->last;
  *(list->last ? &list->last->next : &list->first) = op;
  list->last = op;
  ++list->count;
}

void tenon_loop_list_remove(tenon_loop_list_t* list, tenon_loop_op_t* op) {
  *(op->previous ? &op->previous->next : &list->first) = op->next;
  *(op->next ? &op->next->previous : &list->last) = op->previous;
  op->next = op->previous = NULL;
  --list->count;
}

// Moves |op|, which is over, from those that wait to those that are ready.
static void tenon_loop_op_make_ready(tenon_loop_op_t* op) {
  iree_loop_sync_t* loop = op->loop;
  loop->wait_count -= op->count;
  tenon_loop_list_remove(&loop->waiting, op);
  tenon_loop_list_append(&loop->ready, op);
  pthread_cond_broadcast(&loop->changed);
}

static void tenon_loop_op_end(tenon_loop_op_t* op, iree_status_t status) {
  op->is_over = true;
  op->status = status;
  tenon_loop_op_make_ready(op);
}

//===--------------------------------------------------------------------------------------------===//
// Waiting
//===--------------------------------------------------------------------------------------------===//

// |wait| has ended with |status|, which it takes.
static void tenon_loop_wait_end(tenon_loop_wait_t* wait, iree_status_t status) {
  tenon_loop_op_t* op = wait->op;
  wait->state = TENON_LOOP_WAIT_ENDED;
  --op->pending_count;
  if (op->is_over || !(op->command == IREE_LOOP_COMMAND_WAIT_ANY || !op->pending_count ||
                       !iree_status_is_ok(status))) {
    iree_status_ignore(status);
    return;
  }
  op->is_over = true;
  op->status = status;
  // Until it has been added, its other sources are still being listened to.
  if (op->is_added) tenon_loop_op_make_ready(op);
}

static void tenon_loop_on_wait_end(void* user_data, iree_status_t status) {
  tenon_loop_wait_t* wait = (tenon_loop_wait_t*)user_data;
  tenon_loop_op_t* op = wait->op;
  pthread_mutex_lock(&op->loop->mutex);
  tenon_loop_wait_end(wait, status);
  pthread_mutex_unlock(&op->loop->mutex);
  tenon_loop_op_release(op);
}

// Sees whether |wait|, which is not listened to, has ended, and otherwise when to look again.
static void tenon_loop_wait_poll(tenon_loop_wait_t* wait, iree_time_t now_ns) {
  iree_loop_sync_t* loop = wait->op->loop;
  iree_status_t status = iree_ok_status();
  const bool is_delay = iree_wait_source_is_delay(wait->source);
  const iree_time_t deadline_ns = (iree_time_t)wait->source.data;
  if (is_delay ? deadline_ns <= now_ns : tenon_loop_poll(wait->source, &status)) {
    tenon_loop_wait_end(wait, status);
  } else if (!is_delay) {
    loop->is_polling = true;
  } else if (deadline_ns < loop->next_deadline_ns) {
    loop->next_deadline_ns = deadline_ns;
  }
}

// Asks the sources of |op| that have to be asked, and the clock.
static void tenon_loop_op_check(tenon_loop_op_t* op, iree_time_t now_ns) {
  for (iree_host_size_t i = 0; i < op->count && !op->is_over; ++i) {
    if (op->waits[i].state == TENON_LOOP_WAIT_POLLED) tenon_loop_wait_poll(&op->waits[i], now_ns);
  }
  if (op->is_over) return;
  if (op->deadline_ns <= now_ns) {
    tenon_loop_op_end(op, op->command == IREE_LOOP_COMMAND_WAIT_UNTIL
                              ? iree_ok_status()
                              : iree_status_from_code(IREE_STATUS_DEADLINE_EXCEEDED));
  } else if (op->deadline_ns < op->loop->next_deadline_ns) {
    op->loop->next_deadline_ns = op->deadline_ns;
  }
}

void tenon_loop_check_waits(iree_loop_sync_t* loop) {
  if (!loop->is_polling && loop->next_deadline_ns == IREE_TIME_INFINITE_FUTURE) return;
  const iree_time_t now_ns = iree_time_now();
  if (!loop->is_polling && now_ns < loop->next_deadline_ns) return;
  loop->is_polling = false;
  loop->next_deadline_ns = IREE_TIME_INFINITE_FUTURE;
  for (tenon_loop_op_t *op = loop->waiting.first, *next; op; op = next) {
    next = op->next;
    tenon_loop_op_check(op, now_ns);
  }
}

// Listens to |wait|'s source. Without the mutex: its listener may be called at once.
static void tenon_loop_wait_listen(tenon_loop_wait_t* wait) {
  tenon_loop_op_t* op = wait->op;
  const tenon_wait_listener_t listener = {tenon_loop_on_wait_end, wait};
  iree_atomic_ref_count_inc(&op->ref_count);
  iree_status_t status = tenon_wait_source_listen(wait->source, listener);
  if (iree_status_is_deferred(status)) {
    iree_status_ignore(status);
    return;
  }
  tenon_loop_op_release(op);
  iree_status_t outcome = iree_ok_status();
  const bool has_ended = iree_status_is_ok(status) || tenon_loop_poll(wait->source, &outcome);
  // What listening failed with is the source's own failure, with its text, or has nothing to do with it.
  if (iree_status_code(status) == iree_status_code(outcome)) {
    iree_status_t code = outcome;
    outcome = status;
    status = code;
  }
  iree_status_ignore(status);
  pthread_mutex_lock(&op->loop->mutex);
  if (has_ended) {
    tenon_loop_wait_end(wait, outcome);
  } else {
    wait->state = TENON_LOOP_WAIT_POLLED;
  }
  pthread_mutex_unlock(&op->loop->mutex);
}

static void tenon_loop_op_listen(tenon_loop_op_t* op) {
  for (iree_host_size_t i = 0; i < op->count; ++i) {
    if (iree_wait_source_is_delay(op->waits[i].source)) {
      op->waits[i].state = TENON_LOOP_WAIT_POLLED;
    } else {
      tenon_loop_wait_listen(&op->waits[i]);
    }
  }
}

//===--------------------------------------------------------------------------------------------===//
// What is asked of a loop
//===--------------------------------------------------------------------------------------------===//

void tenon_loop_abort_scope(iree_loop_sync_t* loop, const iree_loop_sync_scope_t* scope) {
  for (tenon_loop_op_t *op = loop->waiting.first, *next; op; op = next) {
    next = op->next;
    if (!scope || op->scope == scope) tenon_loop_op_end(op, iree_ok_status());
  }
  for (tenon_loop_op_t* op = loop->ready.first; op; op = op->next) {
    if (scope && op->scope != scope) continue;
    iree_status_ignore(op->status);
    op->status = iree_status_from_code(IREE_STATUS_ABORTED);
    op->is_aborted = true;
  }
}

// Counts |op|, if there is room and the scope takes anything.
static iree_status_t tenon_loop_admit(tenon_loop_op_t* op) {
  iree_loop_sync_t* loop = op->loop;
  const iree_loop_sync_options_t* options = &loop->options;
  if (loop->is_closed || op->scope->is_aborting) {
    return iree_make_status(IREE_STATUS_ABORTED, "the loop is being given up");
  }
  const iree_host_size_t queued_count = loop->waiting.count + loop->ready.count;
  if ((options->max_queue_depth && queued_count >= options->max_queue_depth) ||
      (options->max_wait_count && op->count > options->max_wait_count - loop->wait_count)) {
    return iree_make_status(
        IREE_STATUS_RESOURCE_EXHAUSTED,
        "the loop is full: %zu operations are pending that wait for %zu sources; its limits are "
        "%zu and %zu (0: none)",
        queued_count, loop->wait_count, options->max_queue_depth, options->max_wait_count);
  }
  loop->wait_count += op->count;
  ++loop->pending_count;
  ++op->scope->pending_count;
  return iree_ok_status();
}

// Puts |op|, whose sources are listened to, where it belongs.
static void tenon_loop_add(tenon_loop_op_t* op) {
  iree_loop_sync_t* loop = op->loop;
  op->is_added = true;
  tenon_loop_list_append(&loop->waiting, op);
  if (loop->is_closed || op->scope->is_aborting) {
    if (op->is_over) iree_status_ignore(op->status);
    op->is_aborted = true;
    tenon_loop_op_end(op, iree_status_from_code(IREE_STATUS_ABORTED));
  } else if (op->is_over || op->command < IREE_LOOP_COMMAND_WAIT_UNTIL) {
    tenon_loop_op_make_ready(op);
  } else {
    tenon_loop_op_check(op, iree_time_now());
  }
  pthread_cond_broadcast(&loop->changed);
}

static iree_status_t tenon_loop_submit(tenon_loop_op_t* op) {
  pthread_mutex_t* mutex = &op->loop->mutex;
  pthread_mutex_lock(mutex);
  iree_status_t status = tenon_loop_admit(op);
  pthread_mutex_unlock(mutex);
  if (!iree_status_is_ok(status)) {
    tenon_loop_op_release(op);
    return status;
  }
  tenon_loop_op_listen(op);
  pthread_mutex_lock(mutex);
  tenon_loop_add(op);
  pthread_mutex_unlock(mutex);
  return iree_ok_status();
}

iree_status_t tenon_loop_enqueue(iree_loop_sync_scope_t* scope, iree_loop_command_t command,
                                 const void* params) {
  // Every command's parameters begin with the callback.
  const iree_loop_callback_t callback = *(const iree_loop_callback_t*)params;
  iree_time_t deadline_ns = IREE_TIME_INFINITE_FUTURE;
  iree_host_size_t count = 0;
  const iree_wait_source_t* sources = NULL;
  switch (command) {
    case IREE_LOOP_COMMAND_CALL:
    case IREE_LOOP_COMMAND_DISPATCH:
      break;
    case IREE_LOOP_COMMAND_WAIT_UNTIL:
      deadline_ns = ((const iree_loop_wait_until_params_t*)params)->deadline_ns;
      break;
    case IREE_LOOP_COMMAND_WAIT_ONE:
      deadline_ns = ((const iree_loop_wait_one_params_t*)params)->deadline_ns;
      count = 1;
      sources = &((const iree_loop_wait_one_params_t*)params)->wait_source;
      break;
    case IREE_LOOP_COMMAND_WAIT_ANY:
    case IREE_LOOP_COMMAND_WAIT_ALL:
      deadline_ns = ((const iree_loop_wait_multi_params_t*)params)->deadline_ns;
      count = ((const iree_loop_wait_multi_params_t*)params)->count;
      sources = ((const iree_loop_wait_multi_params_t*)params)->wait_sources;
      break;
    default:
      return iree_make_status(IREE_STATUS_UNIMPLEMENTED, "loops have no command %d", command);
  }
  tenon_loop_op_t* op = NULL;
  IREE_RETURN_IF_ERROR(
      tenon_loop_op_create(scope, command, callback, deadline_ns, count, sources, &op));
  if (command == IREE_LOOP_COMMAND_DISPATCH) {
    op->dispatch = *(const iree_loop_dispatch_params_t*)params;
  }
  return tenon_loop_submit(op);
}
