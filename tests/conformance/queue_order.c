// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The order that semaphores give to queue operations: waits before signals, chains, joins, diamonds,
// across devices.
#include "conformance.h"

static iree_status_t barrier(iree_hal_device_t* device, iree_hal_semaphore_list_t wait,
                             iree_hal_semaphore_list_t signal) {
  return iree_hal_device_queue_barrier(ON(device), wait, signal);
}

static void test_wait_before_signal(void** state) {
  ct_env_t* ct = *state;
  iree_hal_semaphore_t* gate = ct_semaphore(ct, 0);
  iree_hal_semaphore_t* done = ct_semaphore(ct, 0);
  iree_hal_buffer_t* buffer = ct_buffer(ct, 64, 0x11);
  expect_ok(iree_hal_device_queue_fill(ON(ct->device), AT(gate, 2), AT(done, 1), buffer, 0, 64,
                                       "\x22", 1));
  ct_expect_pending(done, 1);
  expect_ok(iree_hal_semaphore_signal(gate, 1));
  ct_expect_pending(done, 1);
  ct_expect_bytes(buffer, 0, 64, 0x11);
  // Beyond the value that is waited for.
  expect_ok(iree_hal_semaphore_signal(gate, 10));
  ct_wait(done, 1);
  ct_expect_bytes(buffer, 0, 64, 0x22);
  iree_hal_buffer_release(buffer);
  iree_hal_semaphore_release(gate);
  iree_hal_semaphore_release(done);
}

static void test_no_lists(void** state) {
  ct_env_t* ct = *state;
  iree_hal_semaphore_t* done = ct_semaphore(ct, 0);
  expect_ok(barrier(ct->device, NONE, NONE));
  expect_ok(barrier(ct->device, AT(done, 0), AT(done, 1)));
  ct_wait(done, 1);
  iree_hal_semaphore_release(done);
}

// Chains as long as these would overflow the stack if work ran inside other work.
static void test_long_chain(void** state) {
  ct_env_t* ct = *state;
  enum { LENGTH = 20000 };
  iree_hal_semaphore_t* time = ct_semaphore(ct, 0);
  for (uint64_t i = 1; i <= LENGTH; ++i) {
    iree_hal_device_t* device = i % 2 ? ct->device : ct->other;
    expect_ok(barrier(device, AT(time, i), AT(time, i + 1)));
  }
  ct_expect_value(time, 0);
  expect_ok(iree_hal_semaphore_signal(time, 1));
  ct_wait(time, LENGTH + 1);
  iree_hal_semaphore_release(time);
}

// Each link on a semaphore of its own, failing from the front.
static void test_long_chain_of_semaphores(void** state) {
  ct_env_t* ct = *state;
  enum { LENGTH = 5000 };
  iree_hal_semaphore_t** semaphores = calloc(LENGTH + 1, sizeof(*semaphores));
  for (int fails = 0; fails < 2; ++fails) {
    for (int i = 0; i <= LENGTH; ++i) semaphores[i] = ct_semaphore(ct, 0);
    for (int i = LENGTH - 1; i >= 0; --i)
      expect_ok(barrier(ct->device, AT(semaphores[i], 1), AT(semaphores[i + 1], 1)));
    if (fails) {
      iree_hal_semaphore_fail(semaphores[0],
                              iree_make_status(IREE_STATUS_DATA_LOSS, "at the head"));
      ct_expect_failed(semaphores[LENGTH], 1, IREE_STATUS_DATA_LOSS, "at the head");
    } else {
      expect_ok(iree_hal_semaphore_signal(semaphores[0], 1));
      ct_wait(semaphores[LENGTH], 1);
    }
    for (int i = 0; i <= LENGTH; ++i) iree_hal_semaphore_release(semaphores[i]);
  }
  // Dropped from the front: each link's end drops the next.
  for (int i = 0; i <= LENGTH; ++i) semaphores[i] = ct_semaphore(ct, 0);
  for (int i = 0; i < LENGTH; ++i)
    expect_ok(barrier(ct->device, AT(semaphores[i], 1), AT(semaphores[i + 1], 1)));
  for (int i = LENGTH - 1; i >= 0; --i) iree_hal_semaphore_release(semaphores[i]);
  ct_expect_failed(semaphores[LENGTH], 1, IREE_STATUS_CANCELLED, "");
  iree_hal_semaphore_release(semaphores[LENGTH]);
  free(semaphores);
}

// Data goes through every link: the last sees all.
static void test_chain_moves_data(void** state) {
  ct_env_t* ct = *state;
  enum { LINKS = 16 };
  for (int large = 0; large < 2; ++large) {
    const iree_device_size_t size = large ? 1 << 20 : 64;
    iree_hal_semaphore_t* time = ct_semaphore(ct, 0);
    iree_hal_buffer_t* buffers[LINKS + 1];
    for (int i = 0; i <= LINKS; ++i) buffers[i] = ct_buffer(ct, size, (uint8_t)i);
    // The last is submitted first.
    for (int i = LINKS - 1; i >= 0; --i) {
      expect_ok(iree_hal_device_queue_copy(ON(i % 3 ? ct->device : ct->other),
                                           AT(time, (uint64_t)i + 1), AT(time, (uint64_t)i + 2),
                                           buffers[i], 0, buffers[i + 1], 0, size));
    }
    expect_ok(iree_hal_device_queue_fill(ON(ct->device), NONE, AT(time, 1), buffers[0], 0, size,
                                         "\x77", 1));
    ct_wait(time, LINKS + 1);
    for (int i = 0; i <= LINKS; ++i) {
      ct_expect_bytes(buffers[i], 0, size, 0x77);
      iree_hal_buffer_release(buffers[i]);
    }
    iree_hal_semaphore_release(time);
  }
}

static void test_join_of_many(void** state) {
  ct_env_t* ct = *state;
  enum { WIDTH = 100 };
  iree_hal_semaphore_t* semaphores[WIDTH];
  uint64_t values[WIDTH];
  for (int i = 0; i < WIDTH; ++i) {
    semaphores[i] = ct_semaphore(ct, 0);
    values[i] = (uint64_t)(i % 3 + 1);
  }
  iree_hal_semaphore_t* done = ct_semaphore(ct, 0);
  expect_ok(barrier(ct->device, ct_list(WIDTH, semaphores, values), AT(done, 1)));
  for (int i = 0; i < WIDTH; ++i) {
    ct_expect_pending(done, 1);
    const int each = (i * 37) % WIDTH;
    expect_ok(iree_hal_semaphore_signal(semaphores[each], values[each]));
  }
  ct_wait(done, 1);
  // One operation signals as many.
  for (int i = 0; i < WIDTH; ++i) values[i] += 5;
  expect_ok(barrier(ct->device, AT(done, 2), ct_list(WIDTH, semaphores, values)));
  expect_ok(iree_hal_semaphore_signal(done, 2));
  for (int i = 0; i < WIDTH; ++i) {
    ct_wait(semaphores[i], values[i]);
    iree_hal_semaphore_release(semaphores[i]);
  }
  iree_hal_semaphore_release(done);
}

static void test_many_wait_for_one(void** state) {
  ct_env_t* ct = *state;
  enum { COUNT = 300 };
  iree_hal_semaphore_t* gate = ct_semaphore(ct, 0);
  iree_hal_semaphore_t* done[COUNT];
  iree_hal_buffer_t* buffer = ct_buffer(ct, COUNT, 0);
  for (int i = 0; i < COUNT; ++i) {
    done[i] = ct_semaphore(ct, 0);
    expect_ok(iree_hal_device_queue_fill(ON(i % 2 ? ct->device : ct->other),
                                         AT(gate, (uint64_t)(i % 7 + 1)), AT(done[i], 1), buffer,
                                         (iree_device_size_t)i, 1, "\x5A", 1));
  }
  for (uint64_t value = 1; value <= 7; ++value) expect_ok(iree_hal_semaphore_signal(gate, value));
  for (int i = 0; i < COUNT; ++i) {
    ct_wait(done[i], 1);
    iree_hal_semaphore_release(done[i]);
  }
  ct_expect_bytes(buffer, 0, COUNT, 0x5A);
  iree_hal_buffer_release(buffer);
  iree_hal_semaphore_release(gate);
}

// fill -> two copies to different buffers -> one copy of each into the halves of a third.
static void test_diamond(void** state) {
  ct_env_t* ct = *state;
  for (int large = 0; large < 2; ++large) {
    const iree_device_size_t size = large ? 1 << 20 : 256;
    iree_hal_semaphore_t* top = ct_semaphore(ct, 0);
    iree_hal_semaphore_t* left = ct_semaphore(ct, 0);
    iree_hal_semaphore_t* right = ct_semaphore(ct, 0);
    iree_hal_semaphore_t* done[] = {ct_semaphore(ct, 0), ct_semaphore(ct, 0)};
    iree_hal_buffer_t* a = ct_buffer(ct, size, 1);
    iree_hal_buffer_t* b = ct_buffer(ct, size, 2);
    iree_hal_buffer_t* c = ct_buffer(ct, size, 3);
    iree_hal_buffer_t* d = ct_buffer(ct, 2 * size, 4);
    expect_ok(iree_hal_device_queue_copy(ON(ct->device), AT2(left, 1, right, 1), AT(done[0], 1), b,
                                         0, d, 0, size));
    expect_ok(iree_hal_device_queue_copy(ON(ct->other), AT2(right, 1, left, 1), AT(done[1], 1), c,
                                         0, d, size, size));
    expect_ok(
        iree_hal_device_queue_copy(ON(ct->device), AT(top, 2), AT(left, 1), a, 0, b, 0, size));
    expect_ok(
        iree_hal_device_queue_copy(ON(ct->other), AT(top, 2), AT(right, 1), a, 0, c, 0, size));
    expect_ok(
        iree_hal_device_queue_fill(ON(ct->device), AT(top, 1), AT(top, 2), a, 0, size, "\x66", 1));
    expect_ok(iree_hal_semaphore_signal(top, 1));
    for (int i = 0; i < 2; ++i) {
      ct_wait(done[i], 1);
      iree_hal_semaphore_release(done[i]);
    }
    ct_expect_bytes(d, 0, 2 * size, 0x66);
    ct_expect_bytes(b, 0, size, 0x66);
    ct_expect_bytes(c, 0, size, 0x66);
    iree_hal_buffer_release(a);
    iree_hal_buffer_release(b);
    iree_hal_buffer_release(c);
    iree_hal_buffer_release(d);
    iree_hal_semaphore_release(top);
    iree_hal_semaphore_release(left);
    iree_hal_semaphore_release(right);
  }
}

// Repeated points, points that are reached already, several points of one timeline.
static void test_repeated_points(void** state) {
  ct_env_t* ct = *state;
  iree_hal_semaphore_t* time = ct_semaphore(ct, 3);
  iree_hal_semaphore_t* semaphores[] = {time, time, time, time};
  uint64_t values[] = {5, 1, 4, 5};
  iree_hal_semaphore_t* done = ct_semaphore(ct, 0);
  expect_ok(barrier(ct->device, ct_list(4, semaphores, values), AT(done, 1)));
  expect_ok(iree_hal_semaphore_signal(time, 4));
  ct_expect_pending(done, 1);
  expect_ok(iree_hal_semaphore_signal(time, 5));
  ct_wait(done, 1);
  // A timeline that steps twice in one signal list.
  expect_ok(barrier(ct->device, AT(done, 1), AT2(time, 6, time, 7)));
  ct_wait(time, 7);
  iree_hal_semaphore_release(time);
  iree_hal_semaphore_release(done);
}

// Points reached before a failure are reached: who waits only for those runs.
static void test_reached_before_failure(void** state) {
  ct_env_t* ct = *state;
  iree_hal_semaphore_t* time = ct_semaphore(ct, 0);
  iree_hal_semaphore_t* early = ct_semaphore(ct, 0);
  iree_hal_semaphore_t* late = ct_semaphore(ct, 0);
  expect_ok(barrier(ct->device, AT(time, 1), AT(early, 1)));
  expect_ok(barrier(ct->device, AT(time, 2), AT(late, 1)));
  expect_ok(iree_hal_semaphore_signal(time, 1));
  iree_hal_semaphore_fail(time, iree_make_status(IREE_STATUS_UNKNOWN, "broken"));
  ct_wait(early, 1);
  ct_expect_failed(late, 1, IREE_STATUS_UNKNOWN, "broken");
  // Also those that come later.
  expect_ok(barrier(ct->device, AT(time, 1), AT(early, 2)));
  ct_wait(early, 2);
  iree_hal_semaphore_release(time);
  iree_hal_semaphore_release(early);
  iree_hal_semaphore_release(late);
}

// What is told of a point submits more work, which waits or doesn't.
typedef struct next_t {
  ct_env_t* ct;
  iree_hal_semaphore_t* time;
  iree_hal_buffer_t* buffer;
  iree_status_t result;
} next_t;

static void submit_next(void* user_data, iree_status_t status) {
  next_t* next = user_data;
  next->result = iree_status_join(
      status, iree_hal_device_queue_fill(ON(next->ct->device), NONE, AT(next->time, 3),
                                         next->buffer, 0, IREE_WHOLE_BUFFER, "\x33", 1));
}

static void test_submit_when_told(void** state) {
  ct_env_t* ct = *state;
  for (int large = 0; large < 2; ++large) {
    const iree_device_size_t size = large ? 1 << 20 : 64;
    next_t next = {ct, ct_semaphore(ct, 0), ct_buffer(ct, size, 0x11), iree_ok_status()};
    iree_hal_semaphore_t* done = ct_semaphore(ct, 0);
    iree_hal_buffer_t* copy = ct_buffer(ct, size, 0x22);
    expect_ok(iree_hal_device_queue_copy(ON(ct->device), AT(next.time, 3), AT(done, 1), next.buffer,
                                         0, copy, 0, size));
    ct_expect_refused(tenon_wait_source_listen(iree_hal_semaphore_await(next.time, 2),
                                               (tenon_wait_listener_t){submit_next, &next}),
                      IREE_STATUS_DEFERRED);
    expect_ok(barrier(ct->device, AT(next.time, 1), AT(next.time, 2)));
    expect_ok(iree_hal_semaphore_signal(next.time, 1));
    ct_wait(done, 1);
    expect_ok(next.result);
    ct_expect_bytes(copy, 0, size, 0x33);
    iree_hal_buffer_release(next.buffer);
    iree_hal_buffer_release(copy);
    iree_hal_semaphore_release(next.time);
    iree_hal_semaphore_release(done);
  }
}

int ct_run_queue_order(void) {
  const struct CMUnitTest tests[] = {
      CT_TEST(test_wait_before_signal), CT_TEST(test_no_lists),
      CT_TEST(test_long_chain),         CT_TEST(test_long_chain_of_semaphores),
      CT_TEST(test_chain_moves_data),   CT_TEST(test_join_of_many),
      CT_TEST(test_many_wait_for_one),  CT_TEST(test_diamond),
      CT_TEST(test_repeated_points),    CT_TEST(test_reached_before_failure),
      CT_TEST(test_submit_when_told),
  };
  return cmocka_run_group_tests_name("queue_order", tests, NULL, NULL);
}
