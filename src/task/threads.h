// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Threads that serve one queue: what executors and blocking pools have in common. Threads start when
// there is work and none is idle, park while there is none, and go by themselves when the last
// reference has gone and the queue is empty. What the queue holds is the owner's matter.

#ifndef TENON_TASK_THREADS_H_
#define TENON_TASK_THREADS_H_

#include <pthread.h>
#include <sched.h>

#include "iree/base/api.h"
#include "iree/base/internal/atomics.h"

// The first field of its owner's structure. The owner zeroes it and sets the fields of the first part.
typedef struct tenon_threads_t tenon_threads_t;
struct tenon_threads_t {
  const char* name;                 // of the threads, for debuggers: up to 15 letters
  iree_host_size_t max_count;       // >= 1
  iree_host_size_t stack_size;      // 0: the system's
  iree_duration_t spin_ns;          // how long an idle thread watches before it parks
  iree_duration_t idle_timeout_ns;  // how long it stays; IREE_DURATION_INFINITE: to the end
  // What a new thread does first; may be NULL. |index| counts the threads from 0.
  void (*begin)(tenon_threads_t* threads, uint32_t index);
  // Called with the lock. If the queue is empty it returns false; else it takes something, calls
  // tenon_threads_unlock_and_bring(), does it, locks again, and returns true. |index| is the
  // thread's, or max_count if no thread could be started and the submitting one stands in.
  bool (*step)(tenon_threads_t* threads, uint32_t index);
  // Frees the owner.
  void (*destroy)(tenon_threads_t* threads);

  // How many threads the queue has work for. The owner changes it with the lock.
  iree_atomic_int64_t wanted;
  pthread_mutex_t mutex;

  // The rest is private.
  pthread_cond_t wake;
  iree_atomic_ref_count_t references;
  iree_atomic_ref_count_t members;  // threads, calls under way, and one for all references
  iree_host_size_t thread_count;    // with those that are being started
  uint32_t next_index;
  bool closing;
  bool has_stand_in;
  int waker_processor;
  // Where the thread that created this might run. A new thread would inherit that of whoever starts it, which may be
  // bound to one processor.
  cpu_set_t processors;
  // Idle threads; all but the parked ones will look at the queue.
  int64_t starting, spinning, waking, parked;
};

// With one reference.
void tenon_threads_initialize(tenon_threads_t* threads);
void tenon_threads_retain(tenon_threads_t* threads);
// The last one never blocks; what is in the queue is done first.
void tenon_threads_release(tenon_threads_t* threads);

// Unlocks, and brings up to |max_count| more threads if the queue wants more than are on their way. If
// there are none and none can be started, this thread empties the queue before it returns.
void tenon_threads_unlock_and_bring(tenon_threads_t* threads, int max_count);

// Changes |wanted|, with the lock.
static inline void tenon_threads_want(tenon_threads_t* threads, int64_t change) {
  iree_atomic_store(&threads->wanted, threads->wanted + change, iree_memory_order_relaxed);
}

// The number of processors that the process may run on; at least 1.
iree_host_size_t tenon_processor_count(void);

// Tells the processor that this thread looks at memory in a loop.
static inline void tenon_pause_processor(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

// Watches until |*value| is 0 (or is not, if |until_set|), for at most |spin_ns|.
void tenon_spin(const iree_atomic_int64_t* value, bool until_set, iree_duration_t spin_ns);

#endif  // TENON_TASK_THREADS_H_
