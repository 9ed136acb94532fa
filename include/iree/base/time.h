// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Points in time, durations and timeouts, all in nanoseconds, all saturating: infinities stay
// infinite.
//
// A time counts from the Unix epoch, so deadlines may be computed from any clock of that epoch. A
// wait looks at the clock when it begins, and then sleeps on the monotonic clock for what remains:
// setting the clock moves no wait under way.
#ifndef IREE_BASE_TIME_H_
#define IREE_BASE_TIME_H_

#include <stdbool.h>
#include <stdint.h>

#include "iree/base/attributes.h"

#ifdef __cplusplus
extern "C" {
#endif

// Nanoseconds since the Unix epoch.
typedef int64_t iree_time_t;
// Nanoseconds.
typedef int64_t iree_duration_t;

#define IREE_TIME_INFINITE_PAST INT64_MIN
#define IREE_TIME_INFINITE_FUTURE INT64_MAX
#define IREE_DURATION_ZERO 0
#define IREE_DURATION_INFINITE INT64_MAX

// Whether a timeout is a deadline, which stands still, or counts from the moment the waiting
// begins.
typedef enum iree_timeout_type_e {
  IREE_TIMEOUT_ABSOLUTE = 0,
  IREE_TIMEOUT_RELATIVE = 1,
} iree_timeout_type_t;

// How long a wait may last. A wait for several things converts it to a deadline once.
typedef struct iree_timeout_t {
  iree_timeout_type_t type;
  // A time when absolute, a duration when relative.
  iree_time_t nanos;
} iree_timeout_t;

// The time now, to the resolution of the system's clock.
IREE_API_EXPORT iree_time_t iree_time_now(void);

// now + timeout. A duration <= 0 gives IREE_TIME_INFINITE_PAST, an infinite one
// IREE_TIME_INFINITE_FUTURE.
IREE_API_EXPORT iree_time_t iree_relative_timeout_to_deadline_ns(iree_duration_t timeout_ns);
// What remains until the deadline; 0 when it has passed; IREE_DURATION_INFINITE for the infinite
// future.
IREE_API_EXPORT iree_duration_t iree_absolute_deadline_to_timeout_ns(iree_time_t deadline_ns);
// The same in milliseconds, rounded up so that a wait of that length does not end early; UINT32_MAX
// is infinite.
IREE_API_EXPORT uint32_t iree_absolute_deadline_to_timeout_ms(iree_time_t deadline_ns);

// Polls: what is ready now.
static inline iree_timeout_t iree_immediate_timeout(void) {
  iree_timeout_t timeout = {IREE_TIMEOUT_ABSOLUTE, IREE_TIME_INFINITE_PAST};
  return timeout;
}
// Waits for ever.
static inline iree_timeout_t iree_infinite_timeout(void) {
  iree_timeout_t timeout = {IREE_TIMEOUT_ABSOLUTE, IREE_TIME_INFINITE_FUTURE};
  return timeout;
}
static inline iree_timeout_t iree_make_deadline(iree_time_t deadline_ns) {
  iree_timeout_t timeout = {IREE_TIMEOUT_ABSOLUTE, deadline_ns};
  return timeout;
}
static inline iree_timeout_t iree_make_timeout_ns(iree_duration_t timeout_ns) {
  iree_timeout_t timeout = {IREE_TIMEOUT_RELATIVE, timeout_ns};
  return timeout;
}
// Saturates at infinity.
static inline iree_timeout_t iree_make_timeout_ms(iree_duration_t timeout_ms) {
  return iree_make_timeout_ns(timeout_ms > INT64_MAX / 1000000   ? IREE_DURATION_INFINITE
                              : timeout_ms < INT64_MIN / 1000000 ? INT64_MIN
                                                                 : timeout_ms * 1000000);
}
// True for every timeout that can't wait: the infinite past, and durations <= 0.
static inline bool iree_timeout_is_immediate(iree_timeout_t timeout) {
  return timeout.type == IREE_TIMEOUT_ABSOLUTE ? timeout.nanos == IREE_TIME_INFINITE_PAST
                                               : timeout.nanos <= IREE_DURATION_ZERO;
}
static inline bool iree_timeout_is_infinite(iree_timeout_t timeout) {
  return timeout.nanos == INT64_MAX;
}

// The deadline that the timeout means when the waiting begins now.
IREE_API_EXPORT iree_time_t iree_timeout_as_deadline_ns(iree_timeout_t timeout);
// Makes *timeout absolute, for repeated waits.
IREE_API_EXPORT void iree_convert_timeout_to_absolute(iree_timeout_t* timeout);
// The one that ends first; absolute when the kinds differ.
IREE_API_EXPORT iree_timeout_t iree_timeout_min(iree_timeout_t lhs, iree_timeout_t rhs);

// Sleeps until the deadline (signals do not end it early). False when the system can't sleep. The
// infinite future never returns.
IREE_API_EXPORT bool iree_wait_until(iree_time_t deadline_ns);

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // IREE_BASE_TIME_H_
