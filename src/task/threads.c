// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "task/threads.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

iree_host_size_t tenon_processor_count(void) {
  cpu_set_t set;
  const long count = sched_getaffinity(0, sizeof(set), &set) == 0 ? (long)CPU_COUNT(&set)
                                                                  : sysconf(_SC_NPROCESSORS_ONLN);
  return count < 1 ? 1 : (iree_host_size_t)count;
}

static struct timespec tenon_monotonic_after(iree_duration_t duration_ns) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  time.tv_sec += (time_t)(duration_ns / 1000000000);
  time.tv_nsec += (long)(duration_ns % 1000000000);
  if (time.tv_nsec >= 1000000000) {
    time.tv_nsec -= 1000000000;
    ++time.tv_sec;
  }
  return time;
}

void tenon_spin(const iree_atomic_int64_t* value, bool until_set, iree_duration_t spin_ns) {
  const struct timespec end = tenon_monotonic_after(spin_ns);
  struct timespec now;
  do {
    for (int i = 0; i < 16; ++i) {
      if ((iree_atomic_load(value, iree_memory_order_acquire) != 0) == until_set) return;
      tenon_pause_processor();
    }
    clock_gettime(CLOCK_MONOTONIC, &now);
  } while (now.tv_sec < end.tv_sec || (now.tv_sec == end.tv_sec && now.tv_nsec < end.tv_nsec));
}

//===--- References ---------------------------------------------------------------------------===//

void tenon_threads_initialize(tenon_threads_t* threads) {
  iree_atomic_ref_count_init(&threads->references);
  iree_atomic_ref_count_init(&threads->members);
  sched_getaffinity(0, sizeof(threads->processors), &threads->processors);
  pthread_mutex_init(&threads->mutex, NULL);
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(&threads->wake, &attributes);
  pthread_condattr_destroy(&attributes);
}

// A member may use the structure without a reference.
static void tenon_threads_leave(tenon_threads_t* threads) {
  if (iree_atomic_ref_count_dec(&threads->members) != 1) return;
  pthread_cond_destroy(&threads->wake);
  pthread_mutex_destroy(&threads->mutex);
  threads->destroy(threads);
}

void tenon_threads_retain(tenon_threads_t* threads) {
  iree_atomic_ref_count_inc(&threads->references);
}

void tenon_threads_release(tenon_threads_t* threads) {
  if (iree_atomic_ref_count_dec(&threads->references) != 1) return;
  pthread_mutex_lock(&threads->mutex);
  threads->closing = true;
  pthread_mutex_unlock(&threads->mutex);
  pthread_cond_broadcast(&threads->wake);
  tenon_threads_leave(threads);
}

//===--- A thread -----------------------------------------------------------------------------===//

// Watches for work; not on the processor of whoever brought a thread last: that one may have been put aside
// for this thread, and have more to do.
static void tenon_threads_spin(tenon_threads_t* threads) {
  if (threads->waker_processor == sched_getcpu()) return;
  ++threads->spinning;
  pthread_mutex_unlock(&threads->mutex);
  tenon_spin(&threads->wanted, /*until_set=*/true, threads->spin_ns);
  pthread_mutex_lock(&threads->mutex);
  --threads->spinning;
}

// Waits to be woken; false if the thread has waited long enough.
static bool tenon_threads_park(tenon_threads_t* threads) {
  const bool forever = threads->idle_timeout_ns == IREE_DURATION_INFINITE;
  const struct timespec end = tenon_monotonic_after(forever ? 0 : threads->idle_timeout_ns);
  int error = 0;
  ++threads->parked;
  while (!threads->waking && !threads->closing && error != ETIMEDOUT) {
    error = forever ? pthread_cond_wait(&threads->wake, &threads->mutex)
                    : pthread_cond_timedwait(&threads->wake, &threads->mutex, &end);
  }
  if (threads->waking) {
    --threads->waking;  // whoever wakes counts a thread as parked no more
    return true;
  }
  --threads->parked;
  return threads->closing;
}

static void* tenon_threads_main(void* arg) {
  tenon_threads_t* threads = (tenon_threads_t*)arg;
  pthread_setname_np(pthread_self(), threads->name);
  pthread_setaffinity_np(pthread_self(), sizeof(threads->processors), &threads->processors);
  pthread_mutex_lock(&threads->mutex);
  const uint32_t index = threads->next_index++;
  if (threads->begin) threads->begin(threads, index);
  --threads->starting;
  bool has_spun = false;
  for (;;) {
    if (threads->step(threads, index)) {
      has_spun = false;
    } else if (threads->closing) {
      break;
    } else if (!has_spun && threads->spin_ns) {
      tenon_threads_spin(threads);
      has_spun = true;
    } else if (!tenon_threads_park(threads)) {
      break;
    }
  }
  --threads->thread_count;
  pthread_mutex_unlock(&threads->mutex);
  tenon_threads_leave(threads);
  return NULL;
}

//===--- Bringing threads ---------------------------------------------------------------------===//

// Starts a thread that is counted already. A stack that is too small for the program's own thread-local variables, which
// lie on it, is refused with EINVAL: then it gets the system's.
static bool tenon_threads_start(tenon_threads_t* threads) {
  iree_host_size_t stack_size = threads->stack_size;
  for (;; stack_size = 0) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    if (stack_size) pthread_attr_setstacksize(&attributes, stack_size);
    pthread_t thread;
    const int error = pthread_create(&thread, &attributes, tenon_threads_main, threads);
    pthread_attr_destroy(&attributes);
    if (error != EINVAL || !stack_size) return error == 0;
  }
}

// Takes back the count of a thread that didn't start. If it was the only one this thread does the work,
// unless another does so already (perhaps this one, further out), which then finds all that is queued.
static void tenon_threads_stand_in(tenon_threads_t* threads) {
  pthread_mutex_lock(&threads->mutex);
  --threads->starting;
  if (--threads->thread_count == 0 && !threads->has_stand_in) {
    threads->has_stand_in = true;
    while (threads->step(threads, (uint32_t)threads->max_count)) {
    }
    threads->has_stand_in = false;
  }
  pthread_mutex_unlock(&threads->mutex);
  tenon_threads_leave(threads);
}

void tenon_threads_unlock_and_bring(tenon_threads_t* threads, int max_count) {
  int signal_count = 0, start_count = 0;
  while (signal_count + start_count < max_count &&
         threads->wanted > threads->starting + threads->spinning + threads->waking) {
    if (threads->parked) {
      --threads->parked;
      ++threads->waking;
      ++signal_count;
    } else if (threads->thread_count < threads->max_count) {
      ++threads->thread_count;
      ++threads->starting;
      ++start_count;
      iree_atomic_ref_count_inc(&threads->members);
    } else {
      break;
    }
  }
  if (signal_count + start_count) threads->waker_processor = sched_getcpu();
  // The lock is not held while the system wakes and starts threads, which takes microseconds. Until then
  // the work may be done and all references gone.
  if (signal_count) iree_atomic_ref_count_inc(&threads->members);
  pthread_mutex_unlock(&threads->mutex);
  if (signal_count) {
    while (signal_count--) pthread_cond_signal(&threads->wake);
    tenon_threads_leave(threads);
  }
  // Every thread that is to be started is a member.
  while (start_count--) {
    if (!tenon_threads_start(threads)) tenon_threads_stand_in(threads);
  }
}
