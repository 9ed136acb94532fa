// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "base/testing/failing_allocator.h"
#include "hal/testing/hal_testing.h"
#include "iree/hal/api.h"

#define MIB ((iree_device_size_t)1024 * 1024)

typedef struct fixture_t {
  tenon_failing_allocator_t counter;
  iree_hal_allocator_t* heap;
  iree_host_size_t own_blocks;  // of the heap itself
} fixture_t;

static void setup(fixture_t* f) {
  tenon_failing_allocator_initialize(0, &f->counter);
  const iree_allocator_t allocator = tenon_failing_allocator(&f->counter);
  expect_ok(iree_hal_allocator_create_heap(iree_make_cstring_view("test"), allocator, allocator,
                                           &f->heap));
  f->own_blocks = f->counter.live_count;
}

static iree_status_t try_allocate(fixture_t* f, iree_device_size_t size,
                                  iree_hal_buffer_t** out_buffer) {
  const iree_hal_buffer_params_t params = {0};
  return iree_hal_allocator_allocate_buffer(f->heap, params, size, iree_const_byte_span_empty(),
                                            out_buffer);
}

// Allocates and releases at once.
static void pass(fixture_t* f, iree_device_size_t size) {
  iree_hal_buffer_t* buffer = NULL;
  expect_ok(try_allocate(f, size, &buffer));
  const uint8_t byte = 0x5A;
  expect_ok(iree_hal_buffer_map_fill(buffer, 0, IREE_WHOLE_BUFFER, &byte, 1));
  iree_hal_buffer_release(buffer);
}

static iree_host_size_t kept(const fixture_t* f) { return f->counter.live_count - f->own_blocks; }

static void teardown(fixture_t* f) {
  iree_hal_allocator_release(f->heap);
  assert_int_equal(f->counter.live_count, 0);
}

static void test_large_blocks_are_used_again(void** state) {
  fixture_t f;
  setup(&f);
  pass(&f, 3 * MIB);
  assert_int_equal(kept(&f), 1);
  const iree_host_size_t calls = f.counter.call_count;
  for (int i = 0; i < 5; ++i) pass(&f, 3 * MIB - (iree_device_size_t)i * 4096);
  assert_int_equal(f.counter.call_count, calls);
  // Two at a time need a second.
  iree_hal_buffer_t *a = NULL, *b = NULL;
  expect_ok(try_allocate(&f, 3 * MIB, &a));
  expect_ok(try_allocate(&f, 3 * MIB, &b));
  assert_int_equal(f.counter.call_count, calls + 1);
  iree_hal_buffer_release(a);
  iree_hal_buffer_release(b);
  assert_int_equal(kept(&f), 2);
  teardown(&f);
}

static void test_small_blocks_are_not_kept(void** state) {
  fixture_t f;
  setup(&f);
  pass(&f, 1000);
  pass(&f, MIB - 1);
  assert_int_equal(kept(&f), 0);
  teardown(&f);
}

static void test_blocks_of_other_sizes_stay(void** state) {
  fixture_t f;
  setup(&f);
  pass(&f, 8 * MIB);
  const iree_host_size_t calls = f.counter.call_count;
  pass(&f, 2 * MIB);      // far too large for it
  pass(&f, 8 * MIB + 1);  // too small
  assert_int_equal(f.counter.call_count, calls + 2);
  assert_int_equal(kept(&f), 3);
  pass(&f, 7 * MIB);
  assert_int_equal(f.counter.call_count, calls + 2);
  teardown(&f);
}

static void test_no_more_is_kept_than_the_capacity(void** state) {
  fixture_t f;
  setup(&f);
  // Each size is too far from the others; the oldest go.
  for (iree_device_size_t mib = 20; mib <= 100; mib += mib / 2) pass(&f, mib * MIB);
  assert_int_equal(kept(&f), 4);  // 100 + 67 + 45 + 30; 20 had to go
  pass(&f, 140 * MIB);
  assert_int_equal(kept(&f), 2);  // 140 + 100
  pass(&f, 300 * MIB);
  assert_int_equal(kept(&f), 0);  // alone it is too much
  teardown(&f);
}

static void test_trim_frees_what_is_kept(void** state) {
  fixture_t f;
  setup(&f);
  pass(&f, 2 * MIB);
  pass(&f, 5 * MIB);
  assert_int_equal(kept(&f), 2);
  expect_ok(iree_hal_allocator_trim(f.heap));
  assert_int_equal(kept(&f), 0);
  pass(&f, 2 * MIB);
  teardown(&f);
}

static void test_kept_memory_makes_room(void** state) {
  fixture_t f;
  setup(&f);
  pass(&f, 2 * MIB);
  f.counter.fail_at = f.counter.call_count + 1;
  pass(&f, 6 * MIB);
  assert_true(f.counter.has_failed);
  assert_int_equal(kept(&f), 1);
  teardown(&f);
}

static void test_buffers_outlive_the_heap(void** state) {
  fixture_t f;
  setup(&f);
  iree_hal_buffer_t* buffer = NULL;
  expect_ok(try_allocate(&f, 4 * MIB, &buffer));
  iree_hal_allocator_release(f.heap);
  iree_hal_buffer_release(buffer);
  assert_int_equal(f.counter.live_count, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_large_blocks_are_used_again),
      cmocka_unit_test(test_small_blocks_are_not_kept),
      cmocka_unit_test(test_blocks_of_other_sizes_stay),
      cmocka_unit_test(test_no_more_is_kept_than_the_capacity),
      cmocka_unit_test(test_trim_frees_what_is_kept),
      cmocka_unit_test(test_kept_memory_makes_room),
      cmocka_unit_test(test_buffers_outlive_the_heap),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
