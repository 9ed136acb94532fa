// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Waiting for semaphores that other threads signal, fail or drop: blocking, and by being told.
#include "conformance.h"
#include "iree/base/internal/atomics.h"

enum { WAITER_COUNT = 8 };

typedef struct waiter_t {
  iree_hal_semaphore_t* semaphore;
  uint64_t value;
  iree_status_t result;
} waiter_t;

static void* wait_on_thread(void* argument) {
  waiter_t* waiter = argument;
  waiter->result =
      iree_hal_semaphore_wait(waiter->semaphore, waiter->value, iree_infinite_timeout());
  return NULL;
}

static void test_each_waiter_wakes(void** state) {
  ct_env_t* ct = *state;
  iree_hal_semaphore_t* semaphore = ct_semaphore(ct, 0);
  waiter_t waiters[WAITER_COUNT];
  ct_thread_t threads[WAITER_COUNT];
  for (int i = 0; i < WAITER_COUNT; ++i) {
    waiters[i] = (waiter_t){semaphore, (uint64_t)(i / 2 + 1), iree_ok_status()};
    threads[i] = ct_start(wait_on_thread, &waiters[i]);
  }
  ct_pause_us(2000);
  for (uint64_t value = 1; value <= WAITER_COUNT / 2; ++value) {
    expect_ok(iree_hal_semaphore_signal(semaphore, value));
    // Those who waited for this value wake without the next one.
    for (int i = 0; i < WAITER_COUNT; ++i) {
      if (waiters[i].value != value) continue;
      ct_join(threads[i]);
      expect_ok(waiters[i].result);
    }
  }
  iree_hal_semaphore_release(semaphore);
}

static void test_failure_wakes_all(void** state) {
  ct_env_t* ct = *state;
  iree_hal_semaphore_t* semaphore = ct_semaphore(ct, 0);
  waiter_t waiters[WAITER_COUNT];
  ct_thread_t threads[WAITER_COUNT];
  for (int i = 0; i < WAITER_COUNT; ++i) {
    waiters[i] = (waiter_t){semaphore, (uint64_t)(i + 1), iree_ok_status()};
    threads[i] = ct_start(wait_on_thread, &waiters[i]);
  }
  ct_pause_us(1000);
  expect_ok(iree_hal_semaphore_signal(semaphore, WAITER_COUNT / 2));
  iree_hal_semaphore_fail(semaphore, iree_make_status(IREE_STATUS_UNAVAILABLE, "out of paper"));
  for (int i = 0; i < WAITER_COUNT; ++i) {
    ct_join(threads[i]);
    if (waiters[i].value <= WAITER_COUNT / 2) {
      expect_ok(waiters[i].result);
    } else {
      expect_failure(waiters[i].result, IREE_STATUS_ABORTED, "out of paper");
    }
  }
  iree_hal_semaphore_release(semaphore);
}

// A waiter holds a reference of its own while it waits.
static void* drop_then_signal(void* argument) {
  iree_hal_semaphore_t* semaphore = argument;
  ct_pause_us(500);
  iree_status_ignore(iree_hal_semaphore_signal(semaphore, 1));
  iree_hal_semaphore_release(semaphore);
  return NULL;
}

static void test_last_reference_is_the_signalers(void** state) {
  ct_env_t* ct = *state;
  for (int i = 0; i < 50; ++i) {
    iree_hal_semaphore_t* semaphore = ct_semaphore(ct, 0);
    iree_hal_semaphore_retain(semaphore);
    const ct_thread_t thread = ct_start(drop_then_signal, semaphore);
    ct_wait(semaphore, 1);
    iree_hal_semaphore_release(semaphore);
    ct_join(thread);
  }
}

typedef struct any_waiter_t {
  ct_env_t* ct;
  iree_hal_semaphore_t* a;
  iree_hal_semaphore_t* b;
  iree_hal_wait_mode_t mode;
  iree_status_t result;
} any_waiter_t;

static void* wait_for_two(void* argument) {
  any_waiter_t* waiter = argument;
  waiter->result = iree_hal_device_wait_semaphores(
      waiter->ct->device, waiter->mode, AT2(waiter->a, 1, waiter->b, 1), iree_infinite_timeout());
  return NULL;
}

static void test_wait_any_and_all(void** state) {
  ct_env_t* ct = *state;
  for (int i = 0; i < 40; ++i) {
    iree_hal_semaphore_t* a = ct_semaphore(ct, 0);
    iree_hal_semaphore_t* b = ct_semaphore(ct, 0);
    any_waiter_t any = {ct, a, b, IREE_HAL_WAIT_MODE_ANY, iree_ok_status()};
    any_waiter_t all = {ct, a, b, IREE_HAL_WAIT_MODE_ALL, iree_ok_status()};
    const ct_thread_t any_thread = ct_start(wait_for_two, &any);
    const ct_thread_t all_thread = ct_start(wait_for_two, &all);
    if (i % 2) ct_pause_us(200);
    if (i % 4 < 2) {
      expect_ok(iree_hal_semaphore_signal(b, 1));
      ct_join(any_thread);
      expect_ok(any.result);
      iree_hal_semaphore_fail(a, iree_make_status(IREE_STATUS_UNKNOWN, "one is enough"));
    } else {
      iree_hal_semaphore_fail(a, iree_make_status(IREE_STATUS_UNKNOWN, "one is enough"));
      ct_pause_us(100);
      iree_hal_semaphore_fail(b, iree_make_status(IREE_STATUS_UNKNOWN, "the last"));
      ct_join(any_thread);
      ct_expect_refused(any.result, IREE_STATUS_ABORTED);
    }
    ct_join(all_thread);
    expect_failure(all.result, IREE_STATUS_ABORTED, "one is enough");
    iree_hal_semaphore_release(a);
    iree_hal_semaphore_release(b);
  }
}

// Long lists, the decisive point anywhere in them.
typedef struct list_waiter_t {
  ct_env_t* ct;
  iree_hal_semaphore_list_t list;
  iree_hal_wait_mode_t mode;
  iree_status_t result;
} list_waiter_t;

static void* wait_for_list(void* argument) {
  list_waiter_t* waiter = argument;
  waiter->result = iree_hal_device_wait_semaphores(waiter->ct->device, waiter->mode, waiter->list,
                                                   iree_infinite_timeout());
  return NULL;
}

static void test_long_lists(void** state) {
  ct_env_t* ct = *state;
  enum { COUNT = 40 };
  for (int decisive = 0; decisive < COUNT; decisive += 3) {
    iree_hal_semaphore_t* semaphores[COUNT];
    uint64_t values[COUNT];
    for (int i = 0; i < COUNT; ++i) {
      semaphores[i] = ct_semaphore(ct, 0);
      values[i] = (uint64_t)i + 1;
    }
    const iree_hal_semaphore_list_t list = ct_list(COUNT, semaphores, values);
    list_waiter_t any = {ct, list, IREE_HAL_WAIT_MODE_ANY, iree_ok_status()};
    list_waiter_t all = {ct, list, IREE_HAL_WAIT_MODE_ALL, iree_ok_status()};
    const ct_thread_t any_thread = ct_start(wait_for_list, &any);
    const ct_thread_t all_thread = ct_start(wait_for_list, &all);
    if (decisive % 2) ct_pause_us(300);
    ct_expect_refused(iree_hal_device_wait_semaphores(ct->device, IREE_HAL_WAIT_MODE_ALL, list,
                                                      iree_make_timeout_ns(100 * 1000)),
                      IREE_STATUS_DEADLINE_EXCEEDED);
    expect_ok(iree_hal_semaphore_signal(semaphores[decisive], values[decisive]));
    ct_join(any_thread);
    expect_ok(any.result);
    for (int i = 0; i < COUNT; ++i) {
      if (i != decisive) expect_ok(iree_hal_semaphore_signal(semaphores[i], values[i]));
    }
    ct_join(all_thread);
    expect_ok(all.result);
    for (int i = 0; i < COUNT; ++i) iree_hal_semaphore_release(semaphores[i]);
  }
}

// A wait that gives up just when it is signaled: either is right, and nothing is left of it.
static void* signal_soon(void* argument) {
  ct_pause_us(50);
  iree_status_ignore(iree_hal_semaphore_signal(argument, 1));
  iree_hal_semaphore_release(argument);
  return NULL;
}

static void test_timeout_against_signal(void** state) {
  ct_env_t* ct = *state;
  for (int i = 0; i < 200; ++i) {
    iree_hal_semaphore_t* semaphore = ct_semaphore(ct, 0);
    iree_hal_semaphore_retain(semaphore);
    const ct_thread_t thread = ct_start(signal_soon, semaphore);
    iree_status_t status =
        iree_hal_semaphore_wait(semaphore, 1, iree_make_timeout_ns((40 + i) * 1000));
    if (!iree_status_is_ok(status)) ct_expect_refused(status, IREE_STATUS_DEADLINE_EXCEEDED);
    ct_wait(semaphore, 1);
    iree_hal_semaphore_release(semaphore);
    ct_join(thread);
  }
}

//===--- Wait sources -------------------------------------------------------------------------===//

typedef struct listener_t {
  iree_atomic_int32_t count;
  iree_status_t status;
} listener_t;

static void on_told(void* user_data, iree_status_t status) {
  listener_t* listener = user_data;
  listener->status = status;
  iree_atomic_fetch_add(&listener->count, 1, iree_memory_order_release);
}

static iree_status_t listen(iree_wait_source_t source, listener_t* listener) {
  iree_atomic_store(&listener->count, 0, iree_memory_order_relaxed);
  listener->status = iree_ok_status();
  return tenon_wait_source_listen(source, (tenon_wait_listener_t){on_told, listener});
}

static int told(listener_t* listener) {
  return iree_atomic_load(&listener->count, iree_memory_order_acquire);
}

static void expect_code(iree_wait_source_t source, iree_status_code_t expected) {
  iree_status_code_t code = IREE_STATUS_UNKNOWN;
  expect_ok(iree_wait_source_query(source, &code));
  assert_int_equal(code, expected);
}

static void test_wait_source(void** state) {
  ct_env_t* ct = *state;
  expect_code(iree_wait_source_immediate(), IREE_STATUS_OK);
  expect_ok(iree_wait_source_wait_one(iree_wait_source_immediate(), iree_immediate_timeout()));
  iree_hal_semaphore_t* semaphore = ct_semaphore(ct, 1);
  const iree_wait_source_t reached = iree_hal_semaphore_await(semaphore, 1);
  const iree_wait_source_t pending = iree_hal_semaphore_await(semaphore, 2);
  expect_code(reached, IREE_STATUS_OK);
  expect_code(pending, IREE_STATUS_DEFERRED);
  expect_ok(iree_wait_source_wait_one(reached, iree_immediate_timeout()));
  ct_expect_refused(iree_wait_source_wait_one(pending, iree_immediate_timeout()),
                    IREE_STATUS_DEADLINE_EXCEEDED);
  iree_hal_semaphore_fail(semaphore, iree_make_status(IREE_STATUS_NOT_FOUND, "no such thing"));
  expect_code(reached, IREE_STATUS_OK);
  expect_code(pending, IREE_STATUS_NOT_FOUND);
  iree_status_t status = iree_wait_source_wait_one(pending, iree_infinite_timeout());
  assert_false(iree_status_is_ok(status));
  expect_failure(status, iree_status_code(status), "no such thing");
  iree_hal_semaphore_release(semaphore);
}

static void test_listeners(void** state) {
  ct_env_t* ct = *state;
  iree_hal_semaphore_t* semaphore = ct_semaphore(ct, 1);
  listener_t first, second, third;
  expect_ok(listen(iree_hal_semaphore_await(semaphore, 1), &first));
  assert_int_equal(told(&first), 0);
  ct_expect_refused(listen(iree_hal_semaphore_await(semaphore, 2), &first), IREE_STATUS_DEFERRED);
  ct_expect_refused(listen(iree_hal_semaphore_await(semaphore, 3), &second), IREE_STATUS_DEFERRED);
  ct_expect_refused(listen(iree_hal_semaphore_await(semaphore, 4), &third), IREE_STATUS_DEFERRED);
  expect_ok(iree_hal_semaphore_signal(semaphore, 2));
  assert_int_equal(told(&first), 1);
  assert_int_equal(told(&second), 0);
  expect_ok(first.status);
  iree_hal_semaphore_fail(semaphore, iree_make_status(IREE_STATUS_NOT_FOUND, "no such thing"));
  assert_int_equal(told(&second), 1);
  assert_int_equal(told(&third), 1);
  assert_int_equal(told(&first), 1);
  expect_failure(second.status, iree_status_code(second.status), "no such thing");
  expect_failure(third.status, iree_status_code(third.status), "no such thing");
  iree_status_t status = listen(iree_hal_semaphore_await(semaphore, 4), &third);
  assert_false(iree_status_is_ok(status) || iree_status_is_deferred(status));
  expect_failure(status, iree_status_code(status), "no such thing");
  assert_int_equal(told(&third), 0);
  iree_hal_semaphore_release(semaphore);
}

// Nobody is left who could signal.
static void test_dropped_semaphore_tells(void** state) {
  ct_env_t* ct = *state;
  iree_hal_semaphore_t* semaphore = ct_semaphore(ct, 0);
  listener_t listeners[3];
  for (int i = 0; i < 3; ++i) {
    ct_expect_refused(listen(iree_hal_semaphore_await(semaphore, 1), &listeners[i]),
                      IREE_STATUS_DEFERRED);
  }
  iree_hal_semaphore_release(semaphore);
  for (int i = 0; i < 3; ++i) {
    assert_int_equal(told(&listeners[i]), 1);
    ct_expect_refused(listeners[i].status, IREE_STATUS_CANCELLED);
  }
}

// What is told may signal in its turn, and let go of what told it.
typedef struct relay_t {
  iree_hal_semaphore_t* from;
  iree_hal_semaphore_t* to;
} relay_t;

static void relay(void* user_data, iree_status_t status) {
  const relay_t* self = user_data;
  if (iree_status_is_ok(status)) {
    iree_status_ignore(iree_hal_semaphore_signal(self->to, 1));
  } else {
    iree_hal_semaphore_fail(self->to, status);
  }
  iree_hal_semaphore_release(self->from);
}

static void test_listeners_that_signal(void** state) {
  ct_env_t* ct = *state;
  enum { LENGTH = 20 };
  for (int fails = 0; fails < 2; ++fails) {
    iree_hal_semaphore_t* semaphores[LENGTH + 1];
    relay_t relays[LENGTH];
    for (int i = 0; i <= LENGTH; ++i) semaphores[i] = ct_semaphore(ct, 0);
    iree_hal_semaphore_t* head = semaphores[0];
    iree_hal_semaphore_retain(head);
    for (int i = 0; i < LENGTH; ++i) {
      relays[i] = (relay_t){semaphores[i], semaphores[i + 1]};
      ct_expect_refused(tenon_wait_source_listen(iree_hal_semaphore_await(semaphores[i], 1),
                                                 (tenon_wait_listener_t){relay, &relays[i]}),
                        IREE_STATUS_DEFERRED);
    }
    if (fails) {
      iree_hal_semaphore_fail(head, iree_make_status(IREE_STATUS_DATA_LOSS, "at the head"));
      ct_expect_failed(semaphores[LENGTH], 1, IREE_STATUS_DATA_LOSS, "at the head");
    } else {
      expect_ok(iree_hal_semaphore_signal(head, 1));
      ct_wait(semaphores[LENGTH], 1);
    }
    iree_hal_semaphore_release(head);
    iree_hal_semaphore_release(semaphores[LENGTH]);
  }
}

static void* signal_on_thread(void* argument) {
  iree_status_ignore(iree_hal_semaphore_signal(argument, 1));
  return NULL;
}

static void test_listening_while_signaled(void** state) {
  ct_env_t* ct = *state;
  for (int i = 0; i < 100; ++i) {
    iree_hal_semaphore_t* semaphore = ct_semaphore(ct, 0);
    const ct_thread_t thread = ct_start(signal_on_thread, semaphore);
    if (i % 3) ct_pause_us((uint32_t)(i % 50));
    listener_t listener;
    iree_status_t status = listen(iree_hal_semaphore_await(semaphore, 1), &listener);
    ct_join(thread);
    assert_int_equal(told(&listener), iree_status_is_deferred(status) ? 1 : 0);
    if (!iree_status_is_deferred(status)) expect_ok(status);
    expect_ok(listener.status);
    iree_hal_semaphore_release(semaphore);
  }
}

int ct_run_waiting(void) {
  const struct CMUnitTest tests[] = {
      CT_TEST(test_each_waiter_wakes),
      CT_TEST(test_failure_wakes_all),
      CT_TEST(test_last_reference_is_the_signalers),
      CT_TEST(test_wait_any_and_all),
      CT_TEST(test_long_lists),
      CT_TEST(test_timeout_against_signal),
      CT_TEST(test_wait_source),
      CT_TEST(test_listeners),
      CT_TEST(test_dropped_semaphore_tells),
      CT_TEST(test_listeners_that_signal),
      CT_TEST(test_listening_while_signaled),
  };
  return cmocka_run_group_tests_name("waiting", tests, NULL, NULL);
}
