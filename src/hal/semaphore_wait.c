// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Waiting for semaphores by blocking a thread: first it helps and spins, then it parks.

#include <pthread.h>
#include <time.h>

#include "hal/timepoint.h"
#include "task/ready.h"
#include "task/threads.h"

#define NANOS_PER_SECOND 1000000000

// About what parking and waking a thread takes.
#define SPIN_NANOS 20000

// ---- Time ---------------------------------------------------------------------------------------

static int64_t monotonic_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * NANOS_PER_SECOND + now.tv_nsec;
}

// The end of the waiting that begins now, on the monotonic clock; INT64_MAX: none.
static int64_t monotonic_deadline(iree_timeout_t timeout) {
  const iree_duration_t duration = timeout.type == IREE_TIMEOUT_ABSOLUTE
                                       ? iree_absolute_deadline_to_timeout_ns(timeout.nanos)
                                       : timeout.nanos;
  int64_t deadline;
  return __builtin_add_overflow(monotonic_now(), duration, &deadline) ? INT64_MAX : deadline;
}

// ---- What is waited for ---------------------------------------------------------------------------

typedef struct wait_t {
  iree_hal_semaphore_list_t list;
  iree_hal_wait_mode_t mode;
  int64_t deadline;
} wait_t;

bool tenon_hal_semaphore_list_poll(iree_hal_semaphore_list_t list, iree_hal_wait_mode_t wait_mode,
                                   iree_status_t* out_failure) {
  const bool needs_all = wait_mode == IREE_HAL_WAIT_MODE_ALL;
  bool is_pending = false;
  iree_status_t failure = iree_ok_status();
  for (iree_host_size_t i = 0; i < list.count; ++i) {
    iree_status_t status = iree_ok_status();
    if (!tenon_hal_semaphore_poll(list.semaphores[i], list.payload_values[i], &status)) {
      is_pending = true;
    } else if (!iree_status_is_ok(status)) {
      failure = iree_status_join(failure, status);
      if (needs_all) break;
    } else if (!needs_all) {
      is_pending = false;
      failure = iree_status_ignore(failure);
      break;
    }
  }
  if (is_pending && !(needs_all && !iree_status_is_ok(failure))) {
    *out_failure = iree_status_ignore(failure);
    return false;
  }
  *out_failure = failure;
  return true;
}

static bool is_over(const wait_t* wait, iree_status_t* out_failure) {
  return tenon_hal_semaphore_list_poll(wait->list, wait->mode, out_failure);
}

static iree_status_t make_deadline_exceeded(const wait_t* wait) {
  iree_host_size_t i = 0;
  while (i + 1 < wait->list.count &&
         tenon_hal_semaphore_is_reached(wait->list.semaphores[i], wait->list.payload_values[i]))
    ++i;
  uint64_t value = 0;
  IREE_IGNORE_ERROR(iree_hal_semaphore_query(wait->list.semaphores[i], &value));
  return iree_make_status(IREE_STATUS_DEADLINE_EXCEEDED,
                          "the time is over: waited for value %" PRIu64
                          " of a semaphore that is at %" PRIu64,
                          wait->list.payload_values[i], value);
}

// ---- Spinning -----------------------------------------------------------------------------------

// Whether what is waited for can happen on another processor meanwhile.
static bool can_spin(void) {
  if (TENON_IS_SINGLE_THREADED) return false;
  static iree_atomic_int32_t known_count;  // 0: not asked yet
  int32_t count = iree_atomic_load(&known_count, iree_memory_order_relaxed);
  if (!count) {
    count = (int32_t)tenon_processor_count();
    iree_atomic_store(&known_count, count, iree_memory_order_relaxed);
  }
  return count > 1;
}

// Whether the waiting was over soon.
static bool spin(const wait_t* wait, iree_status_t* out_failure) {
  if (!can_spin()) return false;
  int64_t now = monotonic_now();
  const int64_t end = wait->deadline - now < SPIN_NANOS ? wait->deadline : now + SPIN_NANOS;
  for (; now < end; now = monotonic_now()) {
    tenon_pause_processor();
    if (is_over(wait, out_failure)) return true;
  }
  return false;
}

// ---- Parking ------------------------------------------------------------------------------------

// A parked thread. Semaphores are asked again when it wakes: this only says when.
typedef struct parked_t {
  pthread_mutex_t mutex;
  pthread_cond_t cond;
  bool needs_all;
  bool is_awake;
  iree_host_size_t listening_count;  // timepoints whose function may still be called
} parked_t;

typedef struct parked_point_t {
  tenon_timepoint_t timepoint;
  parked_t* parked;
} parked_point_t;

// Lists up to this length are waited for without memory from an allocator.
#define STACK_POINT_COUNT 8

// One of the points is reached or failed.
static void point_is_over(tenon_timepoint_t* timepoint, iree_status_t failure) {
  parked_t* const parked = ((parked_point_t*)timepoint)->parked;
  pthread_mutex_lock(&parked->mutex);
  --parked->listening_count;
  const bool is_decisive = iree_status_is_ok(failure) != parked->needs_all;
  if (is_decisive || parked->listening_count == 0) {
    parked->is_awake = true;
    // With the mutex: the thread that wakes takes its stack, and this, away.
    pthread_cond_signal(&parked->cond);
  }
  pthread_mutex_unlock(&parked->mutex);
}

static void listen_to_all(const wait_t* wait, parked_t* parked, parked_point_t* points) {
  parked->listening_count = wait->list.count;
  for (iree_host_size_t i = 0; i < wait->list.count; ++i) {
    points[i].parked = parked;
    iree_status_t failure = iree_ok_status();
    if (!tenon_hal_semaphore_listen(wait->list.semaphores[i], wait->list.payload_values[i],
                                    point_is_over, &points[i].timepoint, &failure)) {
      point_is_over(&points[i].timepoint, failure);
      iree_status_free(failure);
    }
  }
}

static void sleep_until_awake(parked_t* parked, int64_t deadline) {
  const struct timespec time = {deadline / NANOS_PER_SECOND, deadline % NANOS_PER_SECOND};
  pthread_mutex_lock(&parked->mutex);
  while (!parked->is_awake) {
    if (deadline == INT64_MAX) {
      pthread_cond_wait(&parked->cond, &parked->mutex);
    } else if (pthread_cond_timedwait(&parked->cond, &parked->mutex, &time) != 0) {
      break;
    }
  }
  pthread_mutex_unlock(&parked->mutex);
}

// After this no function is called any more, nor being called.
static void listen_to_none(const wait_t* wait, parked_t* parked, parked_point_t* points) {
  iree_host_size_t cancelled_count = 0;
  for (iree_host_size_t i = 0; i < wait->list.count; ++i)
    cancelled_count += tenon_hal_semaphore_cancel(wait->list.semaphores[i], &points[i].timepoint);
  pthread_mutex_lock(&parked->mutex);
  parked->listening_count -= cancelled_count;
  while (parked->listening_count > 0) pthread_cond_wait(&parked->cond, &parked->mutex);
  pthread_mutex_unlock(&parked->mutex);
}

static void park_with(const wait_t* wait, parked_point_t* points) {
  parked_t parked = {.needs_all = wait->mode == IREE_HAL_WAIT_MODE_ALL};
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(&parked.cond, &attributes);
  pthread_condattr_destroy(&attributes);
  pthread_mutex_init(&parked.mutex, NULL);
  listen_to_all(wait, &parked, points);
  sleep_until_awake(&parked, wait->deadline);
  listen_to_none(wait, &parked, points);
  pthread_mutex_destroy(&parked.mutex);
  pthread_cond_destroy(&parked.cond);
}

static iree_status_t park(const wait_t* wait) {
  if (wait->list.count <= STACK_POINT_COUNT) {
    parked_point_t points[STACK_POINT_COUNT];
    park_with(wait, points);
    return iree_ok_status();
  }
  const iree_allocator_t allocator = tenon_hal_semaphore_host_allocator(wait->list.semaphores[0]);
  parked_point_t* points = NULL;
  IREE_RETURN_IF_ERROR(
      iree_allocator_malloc_array(allocator, wait->list.count, sizeof(*points), (void**)&points));
  park_with(wait, points);
  iree_allocator_free(allocator, points);
  return iree_ok_status();
}

// ---- Waiting ------------------------------------------------------------------------------------

static iree_status_t wait_for(const wait_t* wait, iree_status_t* out_failure) {
  // What is waited for may be behind this thread in its own list.
  tenon_ready_help();
  if (is_over(wait, out_failure) || spin(wait, out_failure)) return iree_ok_status();
  IREE_RETURN_IF_ERROR(park(wait));
  return is_over(wait, out_failure) ? iree_ok_status() : make_deadline_exceeded(wait);
}

iree_status_t tenon_hal_semaphore_list_wait(iree_hal_semaphore_list_t semaphore_list,
                                            iree_hal_wait_mode_t wait_mode,
                                            iree_timeout_t timeout) {
  wait_t wait = {semaphore_list, wait_mode, 0};
  iree_status_t failure = iree_ok_status();
  if (!is_over(&wait, &failure)) {
    // Polling needs no text.
    if (iree_timeout_is_immediate(timeout))
      return iree_status_from_code(IREE_STATUS_DEADLINE_EXCEEDED);
    wait.deadline = monotonic_deadline(timeout);
    IREE_RETURN_IF_ERROR(wait_for(&wait, &failure));
  }
  if (IREE_LIKELY(iree_status_is_ok(failure))) return iree_ok_status();
  return tenon_hal_semaphore_make_aborted(failure);
}

iree_status_t iree_hal_semaphore_list_wait(iree_hal_semaphore_list_t semaphore_list,
                                           iree_timeout_t timeout) {
  return tenon_hal_semaphore_list_wait(semaphore_list, IREE_HAL_WAIT_MODE_ALL, timeout);
}

iree_status_t iree_hal_semaphore_wait(iree_hal_semaphore_t* semaphore, uint64_t value,
                                      iree_timeout_t timeout) {
  const iree_hal_semaphore_list_t list = {1, &semaphore, &value};
  return iree_hal_semaphore_list_wait(list, timeout);
}
