// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The ready list of a thread: work that became ready by something that this thread did, to be run by
// this thread before it goes on. It keeps chains of work from becoming recursion: work that makes more
// work ready only puts it on the list. Every thread has one, so it needs no lock.
//
// Whoever pushes also drains; a drain within a drain does nothing. A thread that is about to block
// calls help instead: what it waits for may be behind it in its own list.

#ifndef TENON_TASK_READY_H_
#define TENON_TASK_READY_H_

#include <stdbool.h>

typedef struct tenon_ready_item_t tenon_ready_item_t;
struct tenon_ready_item_t {
  tenon_ready_item_t* next;
  // Runs the item; may free it. No lock is held.
  void (*run)(tenon_ready_item_t* item);
};

// Appends |item| to this thread's list. tenon_ready_drain() must follow before the thread returns to
// its caller.
void tenon_ready_push(tenon_ready_item_t* item);

// Runs items in order until none is left; nothing if this thread is in a drain already, or a hold.
void tenon_ready_drain(void);

// Puts drains off until tenon_ready_unhold(), which drains and takes what this returned. For a thread that calls
// several functions of which each may push and drain: no item runs before all have been called.
bool tenon_ready_hold(void);
void tenon_ready_unhold(bool was_held);

// Runs items in order until none is left, even inside a drain. For a thread that is about to block.
void tenon_ready_help(void);

#endif  // TENON_TASK_READY_H_
