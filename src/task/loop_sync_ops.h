// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The inside of loop_sync: what is pending, and how it becomes ready.
//
// An operation is in the list of those that wait, or in the list of those that are ready, or being run. Listeners that
// were not called yet keep it, and it keeps the loop's memory.
#ifndef TENON_TASK_LOOP_SYNC_OPS_H_
#define TENON_TASK_LOOP_SYNC_OPS_H_

#include <pthread.h>

#include "iree/base/internal/atomics.h"
#include "iree/base/loop_sync.h"

typedef struct tenon_loop_op_t tenon_loop_op_t;

typedef enum tenon_loop_wait_state_e {
  // Its listener will be called.
  TENON_LOOP_WAIT_LISTENING = 0,
  // It has to be asked.
  TENON_LOOP_WAIT_POLLED,
  TENON_LOOP_WAIT_ENDED,
} tenon_loop_wait_state_t;

// One source that an operation waits for; what its listener gets.
typedef struct tenon_loop_wait_t {
  tenon_loop_op_t* op;
  iree_wait_source_t source;
  tenon_loop_wait_state_t state;
} tenon_loop_wait_t;

struct tenon_loop_op_t {
  tenon_loop_op_t* next;
  tenon_loop_op_t* previous;
  iree_loop_sync_t* loop;
  iree_loop_sync_scope_t* scope;
  iree_allocator_t allocator;
  // The loop's until the callback has run, and one for each listener.
  iree_atomic_ref_count_t ref_count;
  iree_loop_command_t command;
  iree_loop_callback_t callback;
  iree_loop_dispatch_params_t dispatch;

  // Under the loop's mutex.
  iree_time_t deadline_ns;
  // Its sources are listened to and it is in a list: what it waits for may go as soon as it has been called back.
  bool is_added;
  // The waiting has ended.
  bool is_over;
  bool is_aborted;
  // How the waiting has ended; the callback's then.
  iree_status_t status;
  // Of |waits|, those that have not ended.
  iree_host_size_t pending_count;
  iree_host_size_t count;
  tenon_loop_wait_t waits[];
};

typedef struct tenon_loop_list_t {
  tenon_loop_op_t* first;
  tenon_loop_op_t* last;
  iree_host_size_t count;
} tenon_loop_list_t;

struct iree_loop_sync_t {
  iree_atomic_ref_count_t ref_count;
  iree_allocator_t allocator;
  iree_loop_sync_options_t options;
  pthread_mutex_t mutex;
  // Something is ready, or has run, or is waited for.
  pthread_cond_t changed;

  // Under the mutex.
  bool is_closed;
  // Operations whose callbacks have not returned.
  int32_t pending_count;
  // Operations that have run.
  uint64_t run_count;
  // Sources of the operations that wait.
  iree_host_size_t wait_count;
  tenon_loop_list_t waiting;
  tenon_loop_list_t ready;
  // No deadline of an operation that waits, nor a delay, ends before.
  iree_time_t next_deadline_ns;
  // Whether sources that have to be asked are waited for, delays aside.
  bool is_polling;
};

void tenon_loop_retain(iree_loop_sync_t* loop);
void tenon_loop_release(iree_loop_sync_t* loop);

// Takes what is asked of |scope|.
iree_status_t tenon_loop_enqueue(iree_loop_sync_scope_t* scope, iree_loop_command_t command,
                                 const void* params);

// Drops one count.
void tenon_loop_op_release(tenon_loop_op_t* op);

// The rest is called with the mutex.

void tenon_loop_list_remove(tenon_loop_list_t* list, tenon_loop_op_t* op);

// Makes what is pending in |scope| (NULL: in all) ready, with ABORTED.
void tenon_loop_abort_scope(iree_loop_sync_t* loop, const iree_loop_sync_scope_t* scope);

// Makes operations ready whose deadline is over or whose sources, asked, have ended.
void tenon_loop_check_waits(iree_loop_sync_t* loop);

#endif  // TENON_TASK_LOOP_SYNC_OPS_H_
