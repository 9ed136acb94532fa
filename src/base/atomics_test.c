// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <pthread.h>

#include "iree/base/internal/atomics.h"

// A count as a field that is assigned, as modules do it.
typedef struct object_t {
  iree_atomic_ref_count_t counter;
} object_t;

static void test_counting_on_one_thread(void** state) {
  object_t object;
  object.counter = IREE_ATOMIC_VAR_INIT(1);
  iree_atomic_ref_count_inc(&object.counter);
  assert_int_equal(iree_atomic_ref_count_load(&object.counter), 2);
  assert_int_equal(iree_atomic_ref_count_dec(&object.counter), 2);
  assert_int_equal(iree_atomic_ref_count_dec(&object.counter), 1);
  iree_atomic_ref_count_init(&object.counter);
  assert_int_equal(iree_atomic_ref_count_load(&object.counter), 1);
  iree_atomic_ref_count_init_value(&object.counter, 5);
  assert_int_equal(iree_atomic_ref_count_dec(&object.counter), 5);
}

static void test_operations(void** state) {
  iree_atomic_int32_t a = IREE_ATOMIC_VAR_INIT(6);
  assert_int_equal(iree_atomic_fetch_add_int32(&a, 4, iree_memory_order_seq_cst), 6);
  assert_int_equal(iree_atomic_fetch_sub_int32(&a, 3, iree_memory_order_relaxed), 10);
  assert_int_equal(iree_atomic_exchange_int32(&a, 12, iree_memory_order_acq_rel), 7);
  assert_int_equal(iree_atomic_fetch_or(&a, 3, iree_memory_order_relaxed), 12);
  assert_int_equal(iree_atomic_fetch_and(&a, 9, iree_memory_order_relaxed), 15);
  assert_int_equal(iree_atomic_fetch_xor(&a, 1, iree_memory_order_relaxed), 9);
  assert_int_equal(iree_atomic_load_int32(&a, iree_memory_order_acquire), 8);
  int32_t expected = 7;
  assert_false(iree_atomic_compare_exchange_strong(&a, &expected, 1, iree_memory_order_acq_rel,
                                                   iree_memory_order_relaxed));
  assert_int_equal(expected, 8);
  assert_true(iree_atomic_compare_exchange_strong(&a, &expected, 1, iree_memory_order_acq_rel,
                                                  iree_memory_order_relaxed));
  iree_atomic_int64_t b;
  iree_atomic_store_int64(&b, INT64_MAX, iree_memory_order_release);
  assert_true(iree_atomic_load_int64(&b, iree_memory_order_acquire) == INT64_MAX);
  iree_atomic_intptr_t c = 0;
  iree_atomic_store_intptr(&c, -1, iree_memory_order_release);
  assert_true(iree_atomic_fetch_add_intptr(&c, 1, iree_memory_order_relaxed) == -1);
}

#define THREADS 4
#define ROUNDS 100000

static void* count_up_and_down(void* argument) {
  iree_atomic_ref_count_t* count = argument;
  for (int i = 0; i < ROUNDS; ++i) iree_atomic_ref_count_inc(count);
  for (int i = 0; i < ROUNDS - 1; ++i) iree_atomic_ref_count_dec(count);
  return NULL;
}

static void test_counting_on_several_threads(void** state) {
  iree_atomic_ref_count_t count;
  iree_atomic_ref_count_init(&count);
  pthread_t threads[THREADS];
  for (int i = 0; i < THREADS; ++i)
    assert_int_equal(pthread_create(&threads[i], NULL, count_up_and_down, &count), 0);
  for (int i = 0; i < THREADS; ++i) pthread_join(threads[i], NULL);
  assert_int_equal(iree_atomic_ref_count_load(&count), 1 + THREADS);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_counting_on_one_thread),
      cmocka_unit_test(test_operations),
      cmocka_unit_test(test_counting_on_several_threads),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
