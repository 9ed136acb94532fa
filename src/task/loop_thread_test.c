// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loops and delays with several threads.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <sched.h>

#include "iree/base/api.h"
#include "iree/base/internal/atomics.h"
#include "iree/base/loop_sync.h"

#define CALL_COUNT 500
#define THREAD_COUNT 3

static void expect_ok(iree_status_t status) {
  assert_int_equal(iree_status_consume_code(status), IREE_STATUS_OK);
}

typedef struct shared_t {
  iree_loop_t loop;
  iree_loop_sync_t* loop_sync;
  iree_atomic_int32_t count;
  iree_atomic_int32_t aborted_count;
  iree_atomic_int32_t accepted_count;
} shared_t;

static iree_status_t count_call(void* user_data, iree_loop_t loop, iree_status_t status) {
  shared_t* shared = (shared_t*)user_data;
  const bool is_aborted = iree_status_is_aborted(status);
  iree_status_ignore(status);
  iree_atomic_fetch_add(is_aborted ? &shared->aborted_count : &shared->count, 1,
                        iree_memory_order_relaxed);
  return iree_ok_status();
}

static void* ask_often(void* user_data) {
  shared_t* shared = (shared_t*)user_data;
  for (int i = 0; i < CALL_COUNT; ++i) {
    iree_status_t status =
        i % 3 ? iree_loop_call(shared->loop, IREE_LOOP_PRIORITY_DEFAULT, count_call, shared)
              : iree_loop_wait_one(shared->loop,
                                   iree_wait_source_delay(iree_time_now() + 1000 * (i % 50)),
                                   iree_infinite_timeout(), count_call, shared);
    if (iree_status_is_ok(status)) {
      iree_atomic_fetch_add(&shared->accepted_count, 1, iree_memory_order_relaxed);
    }
    iree_status_ignore(status);
  }
  return NULL;
}

static void* drain_once(void* user_data) {
  shared_t* shared = (shared_t*)user_data;
  expect_ok(iree_loop_sync_wait_idle(shared->loop_sync, iree_infinite_timeout()));
  return NULL;
}

static int32_t load(iree_atomic_int32_t* value) {
  return iree_atomic_load(value, iree_memory_order_acquire);
}

static void test_many_ask_and_many_drain(void** state) {
  shared_t shared = {0};
  expect_ok(iree_loop_sync_allocate((iree_loop_sync_options_t){0}, iree_allocator_system(),
                                    &shared.loop_sync));
  iree_loop_sync_scope_t scope;
  iree_loop_sync_scope_initialize(shared.loop_sync, NULL, NULL, &scope);
  shared.loop = iree_loop_sync_scope(&scope);
  pthread_t askers[THREAD_COUNT], drainers[THREAD_COUNT];
  for (int i = 0; i < THREAD_COUNT; ++i) {
    assert_int_equal(pthread_create(&askers[i], NULL, ask_often, &shared), 0);
    assert_int_equal(pthread_create(&drainers[i], NULL, drain_once, &shared), 0);
  }
  for (int i = 0; i < THREAD_COUNT; ++i) {
    pthread_join(askers[i], NULL);
    pthread_join(drainers[i], NULL);
  }
  drain_once(&shared);
  assert_int_equal(load(&shared.count), THREAD_COUNT * CALL_COUNT);
  iree_loop_sync_scope_deinitialize(&scope);
  iree_loop_sync_free(shared.loop_sync);
}

// Everything that was accepted is called back before the scope is gone.
static void test_given_up_while_asked_and_drained(void** state) {
  for (int round = 0; round < 20; ++round) {
    shared_t shared = {0};
    expect_ok(iree_loop_sync_allocate((iree_loop_sync_options_t){0}, iree_allocator_system(),
                                      &shared.loop_sync));
    iree_loop_sync_scope_t scope;
    iree_loop_sync_scope_initialize(shared.loop_sync, NULL, NULL, &scope);
    shared.loop = iree_loop_sync_scope(&scope);
    pthread_t asker, drainer;
    assert_int_equal(pthread_create(&asker, NULL, ask_often, &shared), 0);
    assert_int_equal(pthread_create(&drainer, NULL, drain_once, &shared), 0);
    while (load(&shared.accepted_count) < round * 20) sched_yield();
    tenon_loop_sync_scope_abort(&scope);
    pthread_join(asker, NULL);
    pthread_join(drainer, NULL);
    iree_loop_sync_scope_deinitialize(&scope);
    iree_loop_sync_free(shared.loop_sync);
    assert_int_equal(load(&shared.count) + load(&shared.aborted_count),
                     load(&shared.accepted_count));
  }
}

//===--------------------------------------------------------------------------------------------===//
// Delays
//===--------------------------------------------------------------------------------------------===//

typedef struct heard_t {
  iree_time_t deadline_ns;
  iree_atomic_int32_t* count;
} heard_t;

static void hear(void* user_data, iree_status_t status) {
  heard_t* heard = (heard_t*)user_data;
  assert_true(iree_status_is_ok(status));
  assert_true(iree_time_now() >= heard->deadline_ns);
  iree_atomic_fetch_add(heard->count, 1, iree_memory_order_release);
}

static void test_delays(void** state) {
  const iree_wait_source_t past = iree_wait_source_delay(IREE_TIME_INFINITE_PAST);
  const iree_wait_source_t future = iree_wait_source_delay(IREE_TIME_INFINITE_FUTURE);
  assert_true(iree_wait_source_is_delay(past));
  assert_false(iree_wait_source_is_delay(iree_wait_source_immediate()));
  iree_status_code_t code = IREE_STATUS_UNKNOWN;
  expect_ok(iree_wait_source_query(past, &code));
  assert_int_equal(code, IREE_STATUS_OK);
  expect_ok(iree_wait_source_query(future, &code));
  assert_int_equal(code, IREE_STATUS_DEFERRED);
  expect_ok(iree_wait_source_wait_one(past, iree_immediate_timeout()));
  assert_int_equal(
      iree_status_consume_code(iree_wait_source_wait_one(future, iree_make_timeout_ms(1))),
      IREE_STATUS_DEADLINE_EXCEEDED);
  const iree_time_t deadline_ns = iree_time_now() + 2000000;
  expect_ok(
      iree_wait_source_wait_one(iree_wait_source_delay(deadline_ns), iree_infinite_timeout()));
  assert_true(iree_time_now() >= deadline_ns);
  assert_int_equal(iree_status_consume_code(iree_wait_source_delay_ctl(
                       past, (iree_wait_source_command_t)99, NULL, NULL)),
                   IREE_STATUS_UNIMPLEMENTED);
}

static void test_delays_are_listened_to(void** state) {
  static heard_t heard[64];
  static iree_atomic_int32_t count;
  const tenon_wait_listener_t nobody = {hear, NULL};
  expect_ok(tenon_wait_source_listen(iree_wait_source_delay(0), nobody));
  int expected = 0;
  for (int i = 0; i < 64; ++i) {
    heard[i].deadline_ns = iree_time_now() + (i * 37 % 64) * 100000;
    heard[i].count = &count;
    iree_status_t status = tenon_wait_source_listen(iree_wait_source_delay(heard[i].deadline_ns),
                                                    (tenon_wait_listener_t){hear, &heard[i]});
    expected += iree_status_is_deferred(status);
    assert_true(iree_status_is_ok(status) || iree_status_is_deferred(status));
    iree_status_ignore(status);
    // So that the thread ends and begins again.
    if (i == 30) {
      while (load(&count) != expected) iree_wait_until(iree_time_now() + 1000000);
    }
  }
  while (load(&count) != expected) iree_wait_until(iree_time_now() + 1000000);
  assert_true(expected > 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_many_ask_and_many_drain),
      cmocka_unit_test(test_given_up_while_asked_and_drained),
      cmocka_unit_test(test_delays),
      cmocka_unit_test(test_delays_are_listened_to),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
