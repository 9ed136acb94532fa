// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What tests of threads share. Included once per test program.

#ifndef TENON_TASK_TESTING_TASK_TESTING_H_
#define TENON_TASK_TESTING_TASK_TESTING_H_

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/testing/failing_allocator.h"
#include "iree/base/api.h"

// Opens when it was counted down to 0.
typedef struct latch_t {
  pthread_mutex_t mutex;
  pthread_cond_t cond;
  int count;
} latch_t;

static inline void latch_initialize(latch_t* latch, int count) {
  pthread_mutex_init(&latch->mutex, NULL);
  pthread_cond_init(&latch->cond, NULL);
  latch->count = count;
}

static inline void latch_deinitialize(latch_t* latch) {
  pthread_cond_destroy(&latch->cond);
  pthread_mutex_destroy(&latch->mutex);
}

// The latch may be gone when this returns.
static inline void latch_count_down(latch_t* latch) {
  pthread_mutex_lock(&latch->mutex);
  if (--latch->count == 0) pthread_cond_broadcast(&latch->cond);
  pthread_mutex_unlock(&latch->mutex);
}

static inline void latch_wait(latch_t* latch) {
  pthread_mutex_lock(&latch->mutex);
  while (latch->count) pthread_cond_wait(&latch->cond, &latch->mutex);
  pthread_mutex_unlock(&latch->mutex);
}

static inline void sleep_ms(int ms) {
  const struct timespec time = {ms / 1000, (ms % 1000) * 1000000};
  nanosleep(&time, NULL);
}

// The processor time of all threads together.
static inline int64_t process_time_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

// The status must be a failure of this code whose text contains |part|. Consumes it.
static inline void expect_failure(iree_status_t status, iree_status_code_t code, const char* part) {
  char text[1024] = {0};
  iree_status_format(status, sizeof(text), text, NULL);
  const iree_status_code_t actual = iree_status_consume_code(status);
  if (actual != code || !strstr(text, part)) {
    fail_msg("expected %s with '%s', but got: %s", iree_status_code_string(code), part, text);
  }
}

// Threads let go of their pool some moments after their last work.
static inline void wait_until_freed(tenon_failing_allocator_t* allocator) {
  for (int i = 0; i < 10000; ++i) {
    if (iree_atomic_load(&allocator->live_count, __ATOMIC_ACQUIRE) == 0) return;
    sleep_ms(1);
  }
  fail_msg("%zu blocks are still alive", (size_t)allocator->live_count);
}

#endif  // TENON_TASK_TESTING_TASK_TESTING_H_
