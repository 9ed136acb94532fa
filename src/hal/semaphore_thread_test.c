// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Semaphores and fences on several threads. A wake-up that is lost makes a test hang.

#include <pthread.h>
#include <time.h>

#include "hal/testing/hal_testing.h"
#include "hal/timepoint.h"

// cmocka's assertions are for the main thread only.
#define CHECK(condition)                                                      \
  do {                                                                        \
    if (!(condition)) {                                                       \
      fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__, #condition); \
      abort();                                                                \
    }                                                                         \
  } while (0)

static iree_hal_semaphore_t* create_semaphore(void) {
  iree_hal_semaphore_t* semaphore = NULL;
  IREE_CHECK_OK(tenon_hal_semaphore_create(0, iree_allocator_system(), &semaphore));
  return semaphore;
}

static void start(pthread_t* thread, void* (*function)(void*), void* argument) {
  assert_int_equal(pthread_create(thread, NULL, function, argument), 0);
}

static void join(pthread_t thread) { assert_int_equal(pthread_join(thread, NULL), 0); }

static uint32_t next_random(uint32_t* state) {
  *state ^= *state << 13;
  *state ^= *state >> 17;
  *state ^= *state << 5;
  return *state;
}

// Nothing, some spinning, or a sleep: signals come before, while and after the other side spins.
static void dawdle(uint32_t* random) {
  const uint32_t number = next_random(random);
  if (number % 4 == 0) return;
  if (number % 16 == 1) {
    const struct timespec time = {0, number % 100000};
    nanosleep(&time, NULL);
    return;
  }
  for (volatile uint32_t i = 0; i < number % 3000; ++i) continue;
}

// ---- One signals, others wait ---------------------------------------------------------------------

enum { ROUND_COUNT = 5000 };

static void* play(void* argument) {
  iree_hal_semaphore_t** sides = argument;
  for (uint64_t i = 1; i <= ROUND_COUNT; ++i) {
    IREE_CHECK_OK(iree_hal_semaphore_wait(sides[0], i, iree_infinite_timeout()));
    IREE_CHECK_OK(iree_hal_semaphore_signal(sides[1], i));
  }
  return NULL;
}

static void test_ping_pong(void** state) {
  iree_hal_semaphore_t* sides[2] = {create_semaphore(), create_semaphore()};
  pthread_t thread;
  start(&thread, play, sides);
  for (uint64_t i = 1; i <= ROUND_COUNT; ++i) {
    expect_ok(iree_hal_semaphore_signal(sides[0], i));
    expect_ok(iree_hal_semaphore_wait(sides[1], i, iree_infinite_timeout()));
  }
  join(thread);
  iree_hal_semaphore_release(sides[0]);
  iree_hal_semaphore_release(sides[1]);
}

typedef struct waiter_t {
  iree_hal_semaphore_t* semaphore;
  uint32_t random;
  const uint64_t* written;  // by the signaler, each before its signal
} waiter_t;

// Waits for each value, with timeouts that end about when the signal comes.
static void* wait_for_each(void* argument) {
  waiter_t* waiter = argument;
  for (uint64_t i = 1; i <= ROUND_COUNT / 5; ++i) {
    for (;;) {
      const uint32_t number = next_random(&waiter->random);
      const iree_timeout_t timeout = number % 5 == 0 ? iree_immediate_timeout()
                                     : number % 5 == 1
                                         ? iree_infinite_timeout()
                                         : iree_make_timeout_ns((number >> 8) % 60000 + 1);
      iree_status_t status = iree_hal_semaphore_wait(waiter->semaphore, i, timeout);
      if (iree_status_is_ok(status)) break;
      CHECK(number % 5 != 1);
      CHECK(iree_status_consume_code(status) == IREE_STATUS_DEADLINE_EXCEEDED);
    }
    // What the signaler wrote before is seen.
    CHECK(waiter->written[i] == i);
  }
  return NULL;
}

static void test_many_waiters_and_timeouts(void** state) {
  enum { COUNT = 6 };
  static uint64_t written[ROUND_COUNT / 5 + 1];
  iree_hal_semaphore_t* semaphore = create_semaphore();
  pthread_t threads[COUNT];
  waiter_t waiters[COUNT];
  for (uint32_t i = 0; i < COUNT; ++i) {
    waiters[i] = (waiter_t){semaphore, i * 7919 + 1, written};
    start(&threads[i], wait_for_each, &waiters[i]);
  }
  uint32_t random = 12345;
  for (uint64_t i = 1; i <= ROUND_COUNT / 5; ++i) {
    dawdle(&random);
    written[i] = i;
    expect_ok(iree_hal_semaphore_signal(semaphore, i));
  }
  for (int i = 0; i < COUNT; ++i) join(threads[i]);
  iree_hal_semaphore_release(semaphore);
}

// ---- Many signal ----------------------------------------------------------------------------------

typedef struct contest_t {
  iree_hal_semaphore_t* semaphore;
  iree_atomic_int32_t win_count;
} contest_t;

// Everybody signals every value; one of them gets each at most.
static void* signal_each(void* argument) {
  contest_t* contest = argument;
  for (uint64_t i = 1; i <= ROUND_COUNT; ++i) {
    iree_status_t status = iree_hal_semaphore_signal(contest->semaphore, i);
    if (iree_status_is_ok(status)) {
      iree_atomic_fetch_add(&contest->win_count, 1, iree_memory_order_relaxed);
    } else {
      CHECK(iree_status_consume_code(status) == IREE_STATUS_OUT_OF_RANGE);
    }
  }
  return NULL;
}

static void test_every_value_is_signaled_once(void** state) {
  contest_t contest = {create_semaphore(), 0};
  pthread_t threads[4];
  for (int i = 0; i < 4; ++i) start(&threads[i], signal_each, &contest);
  expect_ok(iree_hal_semaphore_wait(contest.semaphore, ROUND_COUNT, iree_infinite_timeout()));
  for (int i = 0; i < 4; ++i) join(threads[i]);
  assert_int_equal(contest.win_count, ROUND_COUNT);
  iree_hal_semaphore_release(contest.semaphore);
}

static void* fail_it(void* argument) {
  iree_hal_semaphore_fail(
      argument, iree_make_status(IREE_STATUS_DATA_LOSS, "thread %p", (void*)pthread_self()));
  return NULL;
}

static void* wait_for_failure(void* argument) {
  return iree_hal_semaphore_wait(argument, 1, iree_infinite_timeout());
}

static void test_the_first_failure_wins(void** state) {
  for (int round = 0; round < 200; ++round) {
    iree_hal_semaphore_t* semaphore = create_semaphore();
    pthread_t waiters[2], failers[3];
    for (int i = 0; i < 2; ++i) start(&waiters[i], wait_for_failure, semaphore);
    for (int i = 0; i < 3; ++i) start(&failers[i], fail_it, semaphore);
    for (int i = 0; i < 3; ++i) join(failers[i]);
    char text[256] = {0};
    uint64_t value = 0;
    iree_status_t failure = iree_hal_semaphore_query(semaphore, &value);
    iree_status_format(failure, sizeof(text), text, NULL);
    assert_int_equal(iree_status_consume_code(failure), IREE_STATUS_DATA_LOSS);
    for (int i = 0; i < 2; ++i) {
      void* result = NULL;
      assert_int_equal(pthread_join(waiters[i], &result), 0);
      expect_failure(result, IREE_STATUS_ABORTED, text);
    }
    iree_hal_semaphore_release(semaphore);
  }
}

// ---- Several points -------------------------------------------------------------------------------

enum { LIST_COUNT = 12 };

typedef struct list_signaler_t {
  iree_hal_semaphore_t** semaphores;
  uint32_t random;
  int first;  // signals every second one from here
} list_signaler_t;

static void* signal_half(void* argument) {
  list_signaler_t* signaler = argument;
  for (int i = signaler->first; i < LIST_COUNT; i += 2) {
    dawdle(&signaler->random);
    IREE_CHECK_OK(iree_hal_semaphore_signal(signaler->semaphores[i], 1));
  }
  return NULL;
}

static void wait_for_list(int round, iree_hal_wait_mode_t mode) {
  iree_hal_semaphore_t* semaphores[LIST_COUNT];
  uint64_t values[LIST_COUNT];
  for (int i = 0; i < LIST_COUNT; ++i) {
    semaphores[i] = create_semaphore();
    values[i] = 1;
  }
  // Short lists are waited for without memory, long ones with.
  const iree_hal_semaphore_list_t list = {round % 2 ? LIST_COUNT : 3, semaphores, values};
  list_signaler_t signalers[2];
  pthread_t threads[2];
  for (int i = 0; i < 2; ++i) {
    signalers[i] = (list_signaler_t){semaphores, (uint32_t)(round * 2 + i + 1), i};
    start(&threads[i], signal_half, &signalers[i]);
  }
  for (uint32_t random = (uint32_t)round + 99;;) {
    const iree_timeout_t timeout = round % 3 == 0
                                       ? iree_make_timeout_ns(next_random(&random) % 50000 + 1)
                                       : iree_infinite_timeout();
    iree_status_t status = tenon_hal_semaphore_list_wait(list, mode, timeout);
    if (!iree_status_is_deadline_exceeded(status)) {
      expect_ok(status);
      break;
    }
    iree_status_free(status);
  }
  int reached_count = 0;
  for (iree_host_size_t i = 0; i < list.count; ++i)
    reached_count += tenon_hal_semaphore_is_reached(semaphores[i], 1);
  assert_true(mode == IREE_HAL_WAIT_MODE_ANY ? reached_count >= 1
                                             : reached_count == (int)list.count);
  for (int i = 0; i < 2; ++i) join(threads[i]);
  for (int i = 0; i < LIST_COUNT; ++i) iree_hal_semaphore_release(semaphores[i]);
}

static void test_all(void** state) {
  for (int round = 0; round < 200; ++round) wait_for_list(round, IREE_HAL_WAIT_MODE_ALL);
}

static void test_any(void** state) {
  for (int round = 0; round < 200; ++round) wait_for_list(round, IREE_HAL_WAIT_MODE_ANY);
}

// A failed point ends ALL though others stay pending, and ANY when no other is left.
static void test_failures_end_waits(void** state) {
  for (int round = 0; round < 200; ++round) {
    iree_hal_semaphore_t* semaphores[3];
    uint64_t values[3] = {1, 1, 1};
    for (int i = 0; i < 3; ++i) semaphores[i] = create_semaphore();
    pthread_t threads[3];
    start(&threads[1], fail_it, semaphores[1]);
    const iree_hal_semaphore_list_t list = {3, semaphores, values};
    expect_failure(
        tenon_hal_semaphore_list_wait(list, IREE_HAL_WAIT_MODE_ALL, iree_infinite_timeout()),
        IREE_STATUS_ABORTED, "DATA_LOSS; thread");
    start(&threads[0], fail_it, semaphores[0]);
    start(&threads[2], fail_it, semaphores[2]);
    expect_failure(
        tenon_hal_semaphore_list_wait(list, IREE_HAL_WAIT_MODE_ANY, iree_infinite_timeout()),
        IREE_STATUS_ABORTED, "DATA_LOSS; thread");
    for (int i = 0; i < 3; ++i) {
      join(threads[i]);
      iree_hal_semaphore_release(semaphores[i]);
    }
  }
}

// ---- Lifetimes ------------------------------------------------------------------------------------

// A mailbox of one, for what a thread is to do next.
typedef struct mailbox_t {
  iree_hal_semaphore_t* posted;
  iree_hal_semaphore_t* taken;
  void* letter;
} mailbox_t;

static void* signal_letters(void* argument) {
  mailbox_t* mailbox = argument;
  for (uint64_t i = 1; i <= ROUND_COUNT; ++i) {
    IREE_CHECK_OK(iree_hal_semaphore_wait(mailbox->posted, i, iree_infinite_timeout()));
    iree_hal_semaphore_t* letter = mailbox->letter;
    IREE_CHECK_OK(iree_hal_semaphore_signal(mailbox->taken, i));
    IREE_CHECK_OK(iree_hal_semaphore_signal(letter, 1));
  }
  return NULL;
}

// Whoever waits may be the only owner, and destroy the semaphore while it is just being signaled.
static void test_waiters_may_destroy_what_was_signaled(void** state) {
  mailbox_t mailbox = {create_semaphore(), create_semaphore(), NULL};
  pthread_t thread;
  start(&thread, signal_letters, &mailbox);
  for (uint64_t i = 1; i <= ROUND_COUNT; ++i) {
    iree_hal_semaphore_t* semaphore = create_semaphore();
    mailbox.letter = semaphore;
    expect_ok(iree_hal_semaphore_signal(mailbox.posted, i));
    expect_ok(iree_hal_semaphore_wait(semaphore, 1, iree_infinite_timeout()));
    iree_hal_semaphore_release(semaphore);
    expect_ok(iree_hal_semaphore_wait(mailbox.taken, i, iree_infinite_timeout()));
  }
  join(thread);
  iree_hal_semaphore_release(mailbox.posted);
  iree_hal_semaphore_release(mailbox.taken);
}

typedef struct counted_point_t {
  tenon_timepoint_t timepoint;
  iree_atomic_int32_t call_count;
} counted_point_t;

static void count_call(tenon_timepoint_t* timepoint, iree_status_t failure) {
  iree_atomic_fetch_add(&((counted_point_t*)timepoint)->call_count, 1, iree_memory_order_release);
}

static void* signal_with_pauses(void* argument) {
  uint32_t random = 4711;
  for (uint64_t i = 1; i <= ROUND_COUNT; ++i) {
    for (volatile uint32_t j = 0; j < next_random(&random) % 500; ++j) continue;
    IREE_CHECK_OK(iree_hal_semaphore_signal(argument, i));
  }
  return NULL;
}

static void test_cancelled_or_called(void** state) {
  iree_hal_semaphore_t* semaphore = create_semaphore();
  pthread_t thread;
  start(&thread, signal_with_pauses, semaphore);
  int outcomes[2] = {0, 0};
  for (uint64_t value = 0; value < ROUND_COUNT;) {
    expect_ok(iree_hal_semaphore_query(semaphore, &value));
    counted_point_t point = {.call_count = 0};
    iree_status_t failure;
    if (!tenon_hal_semaphore_listen(semaphore, value + 1, count_call, &point.timepoint, &failure)) {
      expect_ok(failure);
      continue;
    }
    const bool is_cancelled = tenon_hal_semaphore_cancel(semaphore, &point.timepoint);
    ++outcomes[is_cancelled];
    while (!is_cancelled && !iree_atomic_load(&point.call_count, iree_memory_order_acquire))
      continue;
    assert_int_equal(point.call_count, !is_cancelled);
  }
  assert_true(outcomes[1] > 0);
  join(thread);
  iree_hal_semaphore_release(semaphore);
}

// ---- Listeners --------------------------------------------------------------------------------------

typedef struct heard_t {
  iree_atomic_int32_t count;
  iree_status_code_t code;
  iree_hal_semaphore_t* done;
} heard_t;

static void hear(void* user_data, iree_status_t status) {
  heard_t* heard = user_data;
  heard->code = iree_status_consume_code(status);
  CHECK(iree_atomic_fetch_add(&heard->count, 1, iree_memory_order_relaxed) == 0);
  IREE_CHECK_OK(iree_hal_semaphore_signal(heard->done, 1));
}

// What a thread does with one point of a fence: signals it, fails it, or drops it.
typedef struct actor_t {
  iree_hal_semaphore_t* semaphore;
  uint32_t action;
  uint32_t random;
} actor_t;

static void* act(void* argument) {
  actor_t* actor = argument;
  dawdle(&actor->random);
  if (actor->action == 0) {
    IREE_CHECK_OK(iree_hal_semaphore_signal(actor->semaphore, 1));
  } else if (actor->action == 1) {
    iree_hal_semaphore_fail(actor->semaphore, iree_status_from_code(IREE_STATUS_DATA_LOSS));
  }
  iree_hal_semaphore_release(actor->semaphore);
  return NULL;
}

static void test_listeners_hear_once(void** state) {
  int outcomes[2] = {0, 0};
  for (uint32_t round = 0; round < 1000; ++round) {
    heard_t heard = {.done = create_semaphore()};
    iree_hal_fence_t* fence = NULL;
    expect_ok(iree_hal_fence_create(3, iree_allocator_system(), &fence));
    actor_t actors[3];
    bool has_failure = false;
    for (uint32_t i = 0; i < 3; ++i) {
      const uint32_t kind = (round / (i == 0 ? 1 : i == 1 ? 4 : 16)) % 4;
      actors[i] = (actor_t){create_semaphore(), kind == 3 ? 0 : kind, round * 3 + i + 1};
      has_failure |= actors[i].action != 0;
      expect_ok(iree_hal_fence_insert(fence, actors[i].semaphore, 1));
    }
    pthread_t threads[3];
    for (int i = 0; i < 3; ++i) start(&threads[i], act, &actors[i]);
    iree_status_t status = tenon_wait_source_listen(iree_hal_fence_await(fence),
                                                    (tenon_wait_listener_t){hear, &heard});
    iree_hal_fence_release(fence);
    const iree_status_code_t code = iree_status_consume_code(status);
    const bool is_called = code == IREE_STATUS_DEFERRED;
    ++outcomes[is_called];
    if (is_called) expect_ok(iree_hal_semaphore_wait(heard.done, 1, iree_infinite_timeout()));
    for (int i = 0; i < 3; ++i) join(threads[i]);
    assert_int_equal(heard.count, is_called);
    assert_int_equal((is_called ? heard.code : code) != IREE_STATUS_OK, has_failure);
    iree_hal_semaphore_release(heard.done);
  }
  assert_true(outcomes[1] > 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_ping_pong),
      cmocka_unit_test(test_many_waiters_and_timeouts),
      cmocka_unit_test(test_every_value_is_signaled_once),
      cmocka_unit_test(test_the_first_failure_wins),
      cmocka_unit_test(test_all),
      cmocka_unit_test(test_any),
      cmocka_unit_test(test_failures_end_waits),
      cmocka_unit_test(test_waiters_may_destroy_what_was_signaled),
      cmocka_unit_test(test_cancelled_or_called),
      cmocka_unit_test(test_listeners_hear_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
