// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How failures travel: along chains, through lists, across devices; always the first failure itself.
#include "conformance.h"
#include "iree/base/internal/atomics.h"

static iree_status_t reason(void) {
  return iree_make_status(IREE_STATUS_DATA_LOSS, "the disk is gone");
}

static iree_status_t barrier(iree_hal_device_t* device, iree_hal_semaphore_list_t wait,
                             iree_hal_semaphore_list_t signal) {
  return iree_hal_device_queue_barrier(ON(device), wait, signal);
}

// Every kind of operation fails what it would have signaled and touches nothing.
static void test_operations_do_not_run(void** state) {
  ct_env_t* ct = *state;
  for (int early = 0; early < 2; ++early) {
    iree_hal_semaphore_t* gate = ct_semaphore(ct, 0);
    iree_hal_semaphore_t* done[7];
    for (int i = 0; i < 7; ++i) done[i] = ct_semaphore(ct, 0);
    iree_hal_buffer_t* a = ct_buffer(ct, 64, 0x11);
    iree_hal_buffer_t* b = ct_buffer(ct, 64, 0x22);
    iree_hal_buffer_t* fresh = NULL;
    iree_hal_command_buffer_t* commands = ct_begin(ct, 0);
    expect_ok(iree_hal_command_buffer_fill_buffer(commands, a, 0, 64, "x", 1));
    expect_ok(iree_hal_command_buffer_end(commands));
    if (early) iree_hal_semaphore_fail(gate, reason());
    iree_hal_device_t* d = ct->device;
    const iree_hal_semaphore_list_t wait = AT(gate, 1);
    iree_hal_buffer_params_t params = {0};
    expect_ok(iree_hal_device_queue_fill(ON(d), wait, AT(done[0], 1), a, 0, 64, "x", 1));
    expect_ok(iree_hal_device_queue_update(ON(d), wait, AT(done[1], 1), "xxxx", 0, a, 0, 4));
    expect_ok(iree_hal_device_queue_copy(ON(d), wait, AT(done[2], 1), a, 0, b, 0, 64));
    expect_ok(iree_hal_device_queue_execute(ON(d), wait, AT(done[3], 1), 1, &commands));
    expect_ok(barrier(d, wait, AT(done[4], 1)));
    expect_ok(iree_hal_device_queue_dealloca(ON(d), wait, AT(done[5], 1), b));
    iree_status_t status = iree_hal_device_queue_alloca(
        ON(d), wait, AT(done[6], 1), IREE_HAL_ALLOCATOR_POOL_DEFAULT, params, 64, &fresh);
    if (!early) iree_hal_semaphore_fail(gate, reason());
    expect_ok(status);
    for (int i = 0; i < 7; ++i) {
      ct_expect_failed(done[i], 1, IREE_STATUS_DATA_LOSS, "the disk is gone");
      ct_expect_failed(done[i], 1, IREE_STATUS_DATA_LOSS, "failures.c");
      iree_hal_semaphore_release(done[i]);
    }
    ct_expect_bytes(a, 0, 64, 0x11);
    ct_expect_bytes(b, 0, 64, 0x22);
    iree_hal_command_buffer_release(commands);
    iree_hal_buffer_release(a);
    iree_hal_buffer_release(b);
    iree_hal_buffer_release(fresh);
    iree_hal_semaphore_release(gate);
  }
}

// Down a chain, over both devices, into a tree; and nothing grows on the way.
static void test_propagation(void** state) {
  ct_env_t* ct = *state;
  enum { LENGTH = 50, LEAVES = 8 };
  iree_hal_semaphore_t* chain[LENGTH];
  iree_hal_semaphore_t* leaves[LEAVES];
  for (int i = 0; i < LENGTH; ++i) chain[i] = ct_semaphore(ct, 0);
  for (int i = 1; i < LENGTH; ++i)
    expect_ok(barrier(i % 2 ? ct->other : ct->device, AT(chain[i - 1], 1), AT(chain[i], 1)));
  for (int i = 0; i < LEAVES; ++i) {
    leaves[i] = ct_semaphore(ct, 0);
    expect_ok(barrier(ct->device, AT2(chain[i], 1, chain[LENGTH - 1], 1), AT(leaves[i], 1)));
  }
  iree_hal_semaphore_fail(chain[0], reason());
  char first[2048] = {0}, last[2048] = {0};
  ct_expect_failed(chain[LENGTH - 1], 1, IREE_STATUS_DATA_LOSS, "the disk is gone");
  uint64_t value = 0;
  iree_status_t status = iree_hal_semaphore_query(chain[0], &value);
  iree_status_format(status, sizeof(first), first, NULL);
  iree_status_ignore(status);
  status = iree_hal_semaphore_query(chain[LENGTH - 1], &value);
  iree_status_format(status, sizeof(last), last, NULL);
  iree_status_ignore(status);
  assert_string_equal(first, last);
  for (int i = 0; i < LEAVES; ++i) {
    ct_expect_failed(leaves[i], 1, IREE_STATUS_DATA_LOSS, "the disk is gone");
    iree_hal_semaphore_release(leaves[i]);
  }
  for (int i = 0; i < LENGTH; ++i) iree_hal_semaphore_release(chain[i]);
}

// All of a signal list fail; semaphores of it that have failed before keep their own reason.
static void test_signal_lists(void** state) {
  ct_env_t* ct = *state;
  iree_hal_semaphore_t* gate = ct_semaphore(ct, 0);
  iree_hal_semaphore_t* a = ct_semaphore(ct, 4);
  iree_hal_semaphore_t* b = ct_semaphore(ct, 0);
  expect_ok(barrier(ct->device, AT(gate, 1), AT2(a, 5, b, 1)));
  iree_hal_semaphore_fail(b, iree_make_status(IREE_STATUS_NOT_FOUND, "b's own"));
  iree_hal_semaphore_fail(gate, reason());
  ct_expect_failed(a, 5, IREE_STATUS_DATA_LOSS, "the disk is gone");
  ct_expect_failed(b, 1, IREE_STATUS_NOT_FOUND, "b's own");
  expect_ok(iree_hal_semaphore_wait(a, 4, iree_immediate_timeout()));
  iree_hal_semaphore_release(gate);
  iree_hal_semaphore_release(a);
  iree_hal_semaphore_release(b);
}

// An operation that runs signals what it can, though one semaphore of its list has failed.
static void test_signaling_a_failed_semaphore(void** state) {
  ct_env_t* ct = *state;
  for (int order = 0; order < 2; ++order) {
    iree_hal_semaphore_t* failed = ct_semaphore(ct, 0);
    iree_hal_semaphore_t* good = ct_semaphore(ct, 0);
    iree_hal_buffer_t* buffer = ct_buffer(ct, 64, 0x11);
    iree_hal_semaphore_fail(failed, reason());
    expect_ok(iree_hal_device_queue_fill(ON(ct->device), NONE,
                                         order ? AT2(failed, 1, good, 1) : AT2(good, 1, failed, 1),
                                         buffer, 0, 64, "\x22", 1));
    ct_wait(good, 1);
    ct_expect_bytes(buffer, 0, 64, 0x22);
    ct_expect_failed(failed, 1, IREE_STATUS_DATA_LOSS, "the disk is gone");
    iree_hal_buffer_release(buffer);
    iree_hal_semaphore_release(failed);
    iree_hal_semaphore_release(good);
  }
}

// Of several that wait lists name, one of the failures is passed on, whole.
static void test_several_failures(void** state) {
  ct_env_t* ct = *state;
  iree_hal_semaphore_t* a = ct_semaphore(ct, 0);
  iree_hal_semaphore_t* b = ct_semaphore(ct, 0);
  iree_hal_semaphore_t* pending = ct_semaphore(ct, 0);
  iree_hal_semaphore_t* done = ct_semaphore(ct, 0);
  iree_hal_semaphore_t* semaphores[] = {pending, a, b};
  uint64_t values[] = {1, 1, 1};
  expect_ok(barrier(ct->device, ct_list(3, semaphores, values), AT(done, 1)));
  iree_hal_semaphore_fail(a, reason());
  iree_hal_semaphore_fail(b, iree_make_status(IREE_STATUS_NOT_FOUND, "the second"));
  expect_ok(iree_hal_semaphore_signal(pending, 1));
  ct_expect_failed(done, 1, IREE_STATUS_DATA_LOSS, "the disk is gone");
  iree_hal_semaphore_release(a);
  iree_hal_semaphore_release(b);
  iree_hal_semaphore_release(pending);
  iree_hal_semaphore_release(done);
}

// The last reference to what work waits for goes: nobody can signal it any more.
static void test_dropped_semaphores(void** state) {
  ct_env_t* ct = *state;
  enum { COUNT = 5 };
  iree_hal_semaphore_t* gate = ct_semaphore(ct, 0);
  iree_hal_semaphore_t* done[COUNT];
  iree_hal_buffer_t* buffer = ct_buffer(ct, 64, 0x11);
  for (int i = 0; i < COUNT; ++i) {
    done[i] = ct_semaphore(ct, 0);
    expect_ok(iree_hal_device_queue_fill(ON(ct->device), AT(gate, (uint64_t)i), AT(done[i], 1),
                                         buffer, (iree_device_size_t)i, 1, "\x22", 1));
  }
  expect_ok(iree_hal_semaphore_signal(gate, 2));
  iree_hal_semaphore_release(gate);
  for (int i = 0; i < COUNT; ++i) {
    if (i <= 2) {
      ct_wait(done[i], 1);
    } else {
      ct_expect_failed(done[i], 1, IREE_STATUS_CANCELLED, "");
    }
    iree_hal_semaphore_release(done[i]);
  }
  ct_expect_bytes(buffer, 0, 3, 0x22);
  ct_expect_bytes(buffer, 3, 61, 0x11);
  iree_hal_buffer_release(buffer);
}

// Two operations that wait for each other: dropping both semaphores ends them.
static void test_cycles_end(void** state) {
  ct_env_t* ct = *state;
  iree_hal_semaphore_t* a = ct_semaphore(ct, 0);
  iree_hal_semaphore_t* b = ct_semaphore(ct, 0);
  iree_hal_semaphore_t* gate = ct_semaphore(ct, 0);
  expect_ok(barrier(ct->device, AT2(a, 1, gate, 1), AT(b, 1)));
  expect_ok(barrier(ct->device, AT(b, 1), AT(a, 1)));
  ct_expect_pending(a, 1);
  ct_expect_pending(b, 1);
  // Neither can ever be reached, each retained by the other's operation; cancelling one ends both.
  iree_hal_semaphore_fail(b, iree_make_status(IREE_STATUS_CANCELLED, "no way out"));
  ct_expect_failed(a, 1, IREE_STATUS_CANCELLED, "no way out");
  iree_hal_semaphore_release(a);
  iree_hal_semaphore_release(b);
  iree_hal_semaphore_release(gate);
}

// A timeline that fails in the middle: what was reached stays, all later points fail alike.
static void test_timeline_fails_in_the_middle(void** state) {
  ct_env_t* ct = *state;
  enum { LENGTH = 10, BAD = 5 };
  iree_hal_semaphore_t* time = ct_semaphore(ct, 0);
  iree_hal_semaphore_t* bad = ct_semaphore(ct, 0);
  iree_hal_semaphore_t* after[LENGTH];
  iree_hal_buffer_t* buffer = ct_buffer(ct, LENGTH, 0x11);
  for (uint64_t i = 0; i < LENGTH; ++i) {
    after[i] = ct_semaphore(ct, 0);
    const iree_hal_semaphore_list_t wait = i == BAD ? AT2(time, i + 1, bad, 1) : AT(time, i + 1);
    expect_ok(
        iree_hal_device_queue_fill(ON(ct->device), wait, AT(time, i + 2), buffer, i, 1, "\x22", 1));
    expect_ok(barrier(ct->other, AT(time, i + 2), AT(after[i], 1)));
  }
  expect_ok(iree_hal_semaphore_signal(time, 1));
  ct_wait(time, BAD + 1);
  ct_expect_pending(time, BAD + 2);
  iree_hal_semaphore_fail(bad, reason());
  for (uint64_t i = 0; i < LENGTH; ++i) {
    if (i < BAD) {
      ct_wait(after[i], 1);
    } else {
      ct_expect_failed(after[i], 1, IREE_STATUS_DATA_LOSS, "the disk is gone");
      ct_expect_failed(time, i + 2, IREE_STATUS_DATA_LOSS, "the disk is gone");
    }
    iree_hal_semaphore_release(after[i]);
  }
  ct_expect_bytes(buffer, 0, BAD, 0x22);
  ct_expect_bytes(buffer, BAD, LENGTH - BAD, 0x11);
  iree_hal_semaphore_release(time);
  iree_hal_semaphore_release(bad);
  iree_hal_buffer_release(buffer);
}

// A bare code has no text to lose, and none is needed.
static void test_bare_codes(void** state) {
  ct_env_t* ct = *state;
  iree_hal_semaphore_t* gate = ct_semaphore(ct, 0);
  iree_hal_semaphore_t* done = ct_semaphore(ct, 0);
  expect_ok(barrier(ct->device, AT(gate, 1), AT(done, 1)));
  iree_hal_semaphore_fail(gate, iree_status_from_code(IREE_STATUS_UNAUTHENTICATED));
  ct_expect_failed(done, 1, IREE_STATUS_UNAUTHENTICATED, "");
  iree_hal_semaphore_release(gate);
  iree_hal_semaphore_release(done);
}

//===--- No memory ----------------------------------------------------------------------------===//

// Submits one of each while allocations fail: the call fails and has no effect, or the operation is
// whole. Returns whether an allocation has failed.
static bool submit_all(ct_env_t* ct, iree_host_size_t fail_at) {
  iree_hal_semaphore_t* gate = ct_semaphore(ct, 0);
  iree_hal_semaphore_t* done[5];
  for (int i = 0; i < 5; ++i) done[i] = ct_semaphore(ct, 0);
  iree_hal_buffer_t* buffer = ct_buffer(ct, 64, 0x11);
  iree_hal_buffer_t* fresh = NULL;
  iree_hal_command_buffer_t* commands = ct_begin(ct, 0);
  expect_ok(iree_hal_command_buffer_end(commands));
  const iree_hal_semaphore_list_t wait = AT(gate, 1);
  iree_hal_device_t* d = ct->device;
  iree_hal_buffer_params_t params = {0};
  ct->allocations.has_failed = false;
  ct->allocations.call_count = 0;
  ct->allocations.fail_at = fail_at;
  iree_status_t results[5] = {
      iree_hal_device_queue_fill(ON(d), wait, AT(done[0], 1), buffer, 0, 8, "\x22", 1),
      iree_hal_device_queue_update(ON(d), wait, AT(done[1], 1), "\x33\x33\x33\x33", 0, buffer, 8,
                                   4),
      iree_hal_device_queue_copy(ON(d), wait, AT(done[2], 1), buffer, 60, buffer, 16, 4),
      iree_hal_device_queue_execute(ON(d), wait, AT(done[3], 1), 1, &commands),
      iree_hal_device_queue_alloca(ON(d), wait, AT(done[4], 1), IREE_HAL_ALLOCATOR_POOL_DEFAULT,
                                   params, 64, &fresh),
  };
  iree_status_t signaled = iree_hal_semaphore_signal(gate, 1);
  // Operations may allocate while they run, here or on other threads.
  const bool is_submitted[5] = {iree_status_is_ok(results[0]), iree_status_is_ok(results[1]),
                                iree_status_is_ok(results[2]), iree_status_is_ok(results[3]),
                                iree_status_is_ok(results[4])};
  for (int i = 0; i < 5; ++i) {
    if (!is_submitted[i]) {
      ct_expect_refused(results[i], IREE_STATUS_RESOURCE_EXHAUSTED);
      ct_expect_value(done[i], 0);
      continue;
    }
    iree_status_t ended = iree_hal_semaphore_wait(done[i], 1, ct_long_time());
    if (!iree_status_is_ok(ended)) expect_failure(ended, IREE_STATUS_ABORTED, "RESOURCE_EXHAUSTED");
  }
  expect_ok(signaled);
  const bool has_failed = iree_atomic_load(&ct->allocations.has_failed, iree_memory_order_acquire);
  ct->allocations.fail_at = 0;
  if (!has_failed) {
    ct_expect_bytes(buffer, 0, 8, 0x22);
    ct_expect_bytes(buffer, 8, 4, 0x33);
    ct_expect_bytes(buffer, 12, 52, 0x11);
  }
  iree_hal_command_buffer_release(commands);
  iree_hal_buffer_release(buffer);
  iree_hal_buffer_release(fresh);
  iree_hal_semaphore_release(gate);
  for (int i = 0; i < 5; ++i) iree_hal_semaphore_release(done[i]);
  return has_failed;
}

static void test_no_memory(void** state) {
  ct_env_t* ct = *state;
  submit_all(ct, 0);
  for (iree_host_size_t fail_at = 1; submit_all(ct, fail_at); ++fail_at) assert_true(fail_at < 500);
}

int ct_run_failures(void) {
  const struct CMUnitTest tests[] = {
      CT_TEST(test_operations_do_not_run),
      CT_TEST(test_propagation),
      CT_TEST(test_signal_lists),
      CT_TEST(test_signaling_a_failed_semaphore),
      CT_TEST(test_several_failures),
      CT_TEST(test_dropped_semaphores),
      CT_TEST(test_cycles_end),
      CT_TEST(test_timeline_fails_in_the_middle),
      CT_TEST(test_bare_codes),
      CT_TEST(test_no_memory),
  };
  return cmocka_run_group_tests_name("failures", tests, NULL, NULL);
}
