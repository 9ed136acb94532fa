// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Submitting, signaling and waiting from many threads at once. What the threads see they hand back; the
// test looks at it when they have ended.
#include "conformance.h"

enum { THREADS = 6, STEPS = 100 };

// The first failure that a thread met.
static void keep(iree_status_t* result, iree_status_t status) {
  if (iree_status_is_ok(*result)) {
    *result = status;
  } else {
    iree_status_ignore(status);
  }
}

typedef struct worker_t {
  ct_env_t* ct;
  int index;
  iree_hal_semaphore_t* shared;
  iree_hal_command_buffer_t* commands;
  iree_hal_buffer_t* buffer;
  iree_status_t result;
} worker_t;

static void run_workers(ct_env_t* ct, void* (*entry)(void*), worker_t template) {
  worker_t workers[THREADS];
  ct_thread_t threads[THREADS];
  for (int i = 0; i < THREADS; ++i) {
    workers[i] = template;
    workers[i].ct = ct;
    workers[i].index = i;
    threads[i] = ct_start(entry, &workers[i]);
  }
  for (int i = 0; i < THREADS; ++i) ct_join(threads[i]);
  for (int i = 0; i < THREADS; ++i) expect_ok(workers[i].result);
}

// Each thread has a timeline of its own on shared devices and writes its own part of a shared buffer.
static void* own_timeline(void* argument) {
  worker_t* w = argument;
  iree_hal_semaphore_t* time = NULL;
  keep(&w->result, iree_hal_semaphore_create(w->ct->device, 0, &time));
  if (!time) return NULL;
  for (uint64_t i = 0; i < STEPS; ++i) {
    const uint8_t byte = (uint8_t)(i + (uint64_t)w->index);
    keep(&w->result, iree_hal_device_queue_fill(ON(i % 2 ? w->ct->device : w->ct->other),
                                                AT(time, i), AT(time, i + 1), w->buffer,
                                                (iree_device_size_t)w->index * 512, 512, &byte, 1));
  }
  keep(&w->result, iree_hal_semaphore_wait(time, STEPS, ct_long_time()));
  iree_hal_semaphore_release(time);
  return NULL;
}

static void test_own_timelines(void** state) {
  ct_env_t* ct = *state;
  iree_hal_buffer_t* buffer = ct_buffer(ct, THREADS * 512, 0);
  run_workers(ct, own_timeline, (worker_t){.buffer = buffer});
  for (int i = 0; i < THREADS; ++i)
    ct_expect_bytes(buffer, (iree_device_size_t)i * 512, 512, (uint8_t)(STEPS - 1 + i));
  iree_hal_buffer_release(buffer);
}

// One timeline that all threads lengthen: thread i submits the steps i, i + THREADS, ...
static void* shared_timeline(void* argument) {
  worker_t* w = argument;
  for (uint64_t i = (uint64_t)w->index; i < STEPS * THREADS; i += THREADS) {
    const uint8_t byte = (uint8_t)i;
    keep(&w->result, iree_hal_device_queue_fill(ON(w->ct->device), AT(w->shared, i),
                                                AT(w->shared, i + 1), w->buffer, 0, 64, &byte, 1));
  }
  return NULL;
}

static void test_shared_timeline(void** state) {
  ct_env_t* ct = *state;
  iree_hal_buffer_t* buffer = ct_buffer(ct, 64, 0);
  iree_hal_semaphore_t* time = ct_semaphore(ct, 0);
  run_workers(ct, shared_timeline, (worker_t){.buffer = buffer, .shared = time});
  ct_wait(time, STEPS * THREADS);
  ct_expect_bytes(buffer, 0, 64, (uint8_t)(STEPS * THREADS - 1));
  iree_hal_buffer_release(buffer);
  iree_hal_semaphore_release(time);
}

// A ball goes round: thread i waits for i, i + THREADS, ... and signals the next number.
static void* pass_the_ball(void* argument) {
  worker_t* w = argument;
  for (uint64_t i = (uint64_t)w->index; i < STEPS * THREADS; i += THREADS) {
    keep(&w->result, iree_hal_semaphore_wait(w->shared, i, ct_long_time()));
    keep(&w->result, iree_hal_semaphore_signal(w->shared, i + 1));
  }
  return NULL;
}

static void test_pass_the_ball(void** state) {
  ct_env_t* ct = *state;
  iree_hal_semaphore_t* time = ct_semaphore(ct, 0);
  run_workers(ct, pass_the_ball, (worker_t){.shared = time});
  ct_expect_value(time, STEPS * THREADS);
  iree_hal_semaphore_release(time);
}

// One recording, submitted by all. It holds a dispatch that adds to nothing and copies of nothing, so its
// runs don't disturb one another.
static void* share_commands(void* argument) {
  worker_t* w = argument;
  iree_hal_semaphore_t* done = NULL;
  keep(&w->result, iree_hal_semaphore_create(w->ct->device, 0, &done));
  if (!done) return NULL;
  for (uint64_t i = 0; i < STEPS; ++i) {
    keep(&w->result, iree_hal_device_queue_execute(ON(w->ct->device), AT(done, i), AT(done, i + 1),
                                                   1, &w->commands));
  }
  keep(&w->result, iree_hal_semaphore_wait(done, STEPS, ct_long_time()));
  iree_hal_semaphore_release(done);
  return NULL;
}

static void test_shared_command_buffer(void** state) {
  ct_env_t* ct = *state;
  iree_hal_executable_t* kernels = ct_load_kernels(ct->allocator);
  iree_hal_buffer_t* buffer = ct_buffer(ct, 64, 0x11);
  iree_hal_command_buffer_t* commands = ct_begin(ct, 0);
  const int64_t constants[] = {0, 1};
  expect_ok(tenon_hal_command_buffer_dispatch(commands, kernels, CT_KERNEL_ADD, 1, &buffer, 2,
                                              constants));
  expect_ok(iree_hal_command_buffer_copy_buffer(commands, buffer, 0, buffer, 32, 0));
  expect_ok(iree_hal_command_buffer_end(commands));
  run_workers(ct, share_commands, (worker_t){.commands = commands});
  ct_expect_bytes(buffer, 0, 64, 0x11);
  iree_hal_command_buffer_release(commands);
  iree_hal_buffer_release(buffer);
  iree_hal_executable_release(kernels);
}

// A one-shot recording goes to exactly one of those who submit it at the same time.
static void* submit_once(void* argument) {
  worker_t* w = argument;
  w->result = iree_hal_device_queue_execute(ON(w->ct->device), NONE, NONE, 1, &w->commands);
  return NULL;
}

static void test_one_shot_race(void** state) {
  ct_env_t* ct = *state;
  for (int round = 0; round < 20; ++round) {
    iree_hal_command_buffer_t* commands = ct_begin(ct, IREE_HAL_COMMAND_BUFFER_MODE_ONE_SHOT);
    expect_ok(iree_hal_command_buffer_end(commands));
    worker_t workers[THREADS];
    ct_thread_t threads[THREADS];
    for (int i = 0; i < THREADS; ++i) {
      workers[i] = (worker_t){.ct = ct, .commands = commands};
      threads[i] = ct_start(submit_once, &workers[i]);
    }
    int accepted = 0;
    for (int i = 0; i < THREADS; ++i) {
      ct_join(threads[i]);
      if (iree_status_is_ok(workers[i].result)) {
        ++accepted;
      } else {
        ct_expect_refused(workers[i].result, IREE_STATUS_FAILED_PRECONDITION);
      }
    }
    assert_int_equal(accepted, 1);
    iree_hal_command_buffer_release(commands);
  }
}

//===--- Races --------------------------------------------------------------------------------===//

// Signals, fails, waits for and queries one semaphore at the same time: each sees one history.
static void* race(void* argument) {
  worker_t* w = argument;
  iree_hal_semaphore_t* semaphore = w->shared;
  uint64_t last = 0;
  for (uint64_t i = 1; i <= STEPS; ++i) {
    if (w->index < 2) {
      iree_status_ignore(iree_hal_semaphore_signal(semaphore, i));
      if (w->index == 1 && i == STEPS / 2)
        iree_hal_semaphore_fail(semaphore, iree_make_status(IREE_STATUS_DATA_LOSS, "half way"));
    } else if (w->index < 4) {
      uint64_t value = 0;
      iree_status_t status = iree_hal_semaphore_query(semaphore, &value);
      if (value < last)
        keep(&w->result, iree_make_status(IREE_STATUS_UNKNOWN, "the number went backwards"));
      last = value;
      iree_status_ignore(status);
    } else {
      iree_status_t status = iree_hal_semaphore_wait(semaphore, i, iree_make_timeout_ms(10000));
      if (iree_status_is_ok(status) || iree_status_is_aborted(status)) {
        iree_status_ignore(status);
      } else {
        keep(&w->result, status);
      }
    }
  }
  return NULL;
}

static void test_races(void** state) {
  ct_env_t* ct = *state;
  for (int round = 0; round < 20; ++round) {
    iree_hal_semaphore_t* semaphore = ct_semaphore(ct, 0);
    run_workers(ct, race, (worker_t){.shared = semaphore});
    uint64_t value = 0;
    ct_expect_refused(iree_hal_semaphore_query(semaphore, &value), IREE_STATUS_DATA_LOSS);
    assert_true(value >= STEPS / 2);
    expect_ok(iree_hal_semaphore_wait(semaphore, value, iree_immediate_timeout()));
    ct_expect_failed(semaphore, value + 1, IREE_STATUS_DATA_LOSS, "half way");
    iree_hal_semaphore_release(semaphore);
  }
}

// A point that is reached before the semaphore fails is reached, however closely one follows the other.
static void* signal_then_fail(void* argument) {
  iree_hal_semaphore_t* semaphore = argument;
  iree_status_ignore(iree_hal_semaphore_signal(semaphore, 1));
  iree_hal_semaphore_fail(semaphore, iree_make_status(IREE_STATUS_DATA_LOSS, "right behind it"));
  iree_hal_semaphore_release(semaphore);
  return NULL;
}

static void test_reached_then_failed(void** state) {
  ct_env_t* ct = *state;
  for (int round = 0; round < 400; ++round) {
    iree_hal_semaphore_t* semaphore = ct_semaphore(ct, 0);
    iree_hal_semaphore_t* done = ct_semaphore(ct, 0);
    iree_hal_semaphore_retain(semaphore);
    expect_ok(iree_hal_device_queue_barrier(ON(ct->device), AT(semaphore, 1), AT(done, 1)));
    const ct_thread_t thread = ct_start(signal_then_fail, semaphore);
    iree_status_t status = iree_ok_status();
    do {
      iree_status_ignore(status);
      status = round % 2 ? iree_hal_semaphore_wait(semaphore, 1, iree_immediate_timeout())
                         : iree_hal_semaphore_list_wait(AT2(semaphore, 1, semaphore, 0),
                                                        iree_make_timeout_ns(1000));
    } while (iree_status_is_deadline_exceeded(status));
    expect_ok(status);
    ct_wait(done, 1);
    ct_expect_failed(semaphore, 2, IREE_STATUS_DATA_LOSS, "right behind it");
    ct_join(thread);
    iree_hal_semaphore_release(semaphore);
    iree_hal_semaphore_release(done);
  }
}

// Submitting against the signal, the failure or the last release of what is waited for.
enum { SIGNAL, FAIL, DROP, END_COUNT };

typedef struct end_t {
  iree_hal_semaphore_t* gate;
  int kind;
} end_t;

static void* end_gate(void* argument) {
  end_t* end = argument;
  if (end->kind == SIGNAL) iree_status_ignore(iree_hal_semaphore_signal(end->gate, 1));
  if (end->kind == FAIL)
    iree_hal_semaphore_fail(end->gate, iree_make_status(IREE_STATUS_DATA_LOSS, "ended"));
  iree_hal_semaphore_release(end->gate);
  return NULL;
}

static void test_submit_while_it_ends(void** state) {
  ct_env_t* ct = *state;
  iree_hal_buffer_t* buffer = ct_buffer(ct, 64, 0);
  for (int round = 0; round < 150; ++round) {
    end_t end = {ct_semaphore(ct, 0), round % END_COUNT};
    iree_hal_semaphore_t* gate = end.gate;
    iree_hal_semaphore_t* done = ct_semaphore(ct, 0);
    iree_hal_semaphore_retain(gate);
    const ct_thread_t thread = ct_start(end_gate, &end);
    if (round % 2) ct_pause_us((uint32_t)(round % 60));
    expect_ok(iree_hal_device_queue_fill(ON(ct->device), AT(gate, 1), AT(done, 1), buffer, 0, 64,
                                         "\x22", 1));
    iree_hal_semaphore_release(gate);
    if (end.kind == SIGNAL) ct_wait(done, 1);
    if (end.kind == FAIL) ct_expect_failed(done, 1, IREE_STATUS_DATA_LOSS, "ended");
    if (end.kind == DROP) ct_expect_failed(done, 1, IREE_STATUS_CANCELLED, "");
    ct_join(thread);
    iree_hal_semaphore_release(done);
  }
  iree_hal_buffer_release(buffer);
}

int ct_run_threads(void) {
  const struct CMUnitTest tests[] = {
      CT_TEST(test_own_timelines),       CT_TEST(test_shared_timeline),
      CT_TEST(test_pass_the_ball),       CT_TEST(test_shared_command_buffer),
      CT_TEST(test_one_shot_race),       CT_TEST(test_races),
      CT_TEST(test_reached_then_failed), CT_TEST(test_submit_while_it_ends),
  };
  return cmocka_run_group_tests_name("threads", tests, NULL, NULL);
}
