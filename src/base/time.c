// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "iree/base/time.h"

#include <errno.h>
#include <time.h>

#define TENON_NANOS_PER_SECOND 1000000000
#define TENON_NANOS_PER_MILLISECOND 1000000

static iree_time_t tenon_clock_now(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (iree_time_t)now.tv_sec * TENON_NANOS_PER_SECOND + now.tv_nsec;
}

static int64_t tenon_saturating_add(int64_t a, int64_t b) {
  int64_t sum;
  return __builtin_add_overflow(a, b, &sum) ? (b < 0 ? INT64_MIN : INT64_MAX) : sum;
}

iree_time_t iree_time_now(void) { return tenon_clock_now(CLOCK_REALTIME); }

iree_time_t iree_relative_timeout_to_deadline_ns(iree_duration_t timeout_ns) {
  if (timeout_ns <= IREE_DURATION_ZERO) return IREE_TIME_INFINITE_PAST;
  if (timeout_ns == IREE_DURATION_INFINITE) return IREE_TIME_INFINITE_FUTURE;
  return tenon_saturating_add(iree_time_now(), timeout_ns);
}

iree_duration_t iree_absolute_deadline_to_timeout_ns(iree_time_t deadline_ns) {
  if (deadline_ns == IREE_TIME_INFINITE_PAST) return IREE_DURATION_ZERO;
  if (deadline_ns == IREE_TIME_INFINITE_FUTURE) return IREE_DURATION_INFINITE;
  iree_time_t now = iree_time_now();
  return deadline_ns <= now ? IREE_DURATION_ZERO : deadline_ns - now;
}

uint32_t iree_absolute_deadline_to_timeout_ms(iree_time_t deadline_ns) {
  iree_duration_t timeout_ns = iree_absolute_deadline_to_timeout_ns(deadline_ns);
  if (timeout_ns == IREE_DURATION_INFINITE) return UINT32_MAX;
  int64_t timeout_ms =
      timeout_ns / TENON_NANOS_PER_MILLISECOND + (timeout_ns % TENON_NANOS_PER_MILLISECOND != 0);
  // A finite deadline never reads as the infinite one.
  return timeout_ms < UINT32_MAX ? (uint32_t)timeout_ms : UINT32_MAX - 1;
}

iree_time_t iree_timeout_as_deadline_ns(iree_timeout_t timeout) {
  return timeout.type == IREE_TIMEOUT_ABSOLUTE
             ? timeout.nanos
             : iree_relative_timeout_to_deadline_ns(timeout.nanos);
}

void iree_convert_timeout_to_absolute(iree_timeout_t* timeout) {
  *timeout = iree_make_deadline(iree_timeout_as_deadline_ns(*timeout));
}

iree_timeout_t iree_timeout_min(iree_timeout_t lhs, iree_timeout_t rhs) {
  if (lhs.type != rhs.type) {
    iree_convert_timeout_to_absolute(&lhs);
    iree_convert_timeout_to_absolute(&rhs);
  }
  return lhs.nanos <= rhs.nanos ? lhs : rhs;
}

bool iree_wait_until(iree_time_t deadline_ns) {
  int64_t wake_ns = tenon_saturating_add(tenon_clock_now(CLOCK_MONOTONIC),
                                         iree_absolute_deadline_to_timeout_ns(deadline_ns));
  struct timespec wake = {.tv_sec = wake_ns / TENON_NANOS_PER_SECOND,
                          .tv_nsec = wake_ns % TENON_NANOS_PER_SECOND};
  int error;
  do {
    error = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &wake, NULL);
  } while (error == EINTR);
  return error == 0;
}
