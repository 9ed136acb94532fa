// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "task/ready.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <pthread.h>

static int order[8];
static int order_count;
static int depth;
static int max_depth;

typedef struct test_item_t {
  tenon_ready_item_t item;
  int number;
  // Pushed by this item, which then drains (as whoever pushes does), or helps.
  struct test_item_t* follower;
  bool helps;
} test_item_t;

static void run_item(tenon_ready_item_t* item) {
  test_item_t* self = (test_item_t*)item;
  if (++depth > max_depth) max_depth = depth;
  if (self->follower) {
    tenon_ready_push(&self->follower->item);
    if (self->helps) {
      tenon_ready_help();
    } else {
      tenon_ready_drain();
    }
  }
  order[order_count++] = self->number;
  --depth;
}

static int reset(void** state) {
  order_count = depth = max_depth = 0;
  return 0;
}

static void expect_order(int count, const int* numbers) {
  assert_int_equal(order_count, count);
  for (int i = 0; i < count; ++i) assert_int_equal(order[i], numbers[i]);
}

static void test_items_run_in_order(void** state) {
  test_item_t a = {{NULL, run_item}, 1, NULL, false};
  test_item_t b = {{NULL, run_item}, 2, NULL, false};
  tenon_ready_drain();
  tenon_ready_help();
  assert_int_equal(order_count, 0);
  tenon_ready_push(&a.item);
  tenon_ready_push(&b.item);
  assert_int_equal(order_count, 0);
  tenon_ready_drain();
  expect_order(2, (const int[]){1, 2});
  // The list can be used again, and help runs it too.
  tenon_ready_push(&b.item);
  tenon_ready_help();
  expect_order(3, (const int[]){1, 2, 2});
}

static void test_a_drain_inside_a_drain_does_nothing(void** state) {
  test_item_t c = {{NULL, run_item}, 3, NULL, false};
  test_item_t b = {{NULL, run_item}, 2, &c, false};
  test_item_t a = {{NULL, run_item}, 1, &b, false};
  tenon_ready_push(&a.item);
  tenon_ready_drain();
  expect_order(3, (const int[]){1, 2, 3});
  assert_int_equal(max_depth, 1);
  // Nor does one inside help.
  tenon_ready_push(&a.item);
  tenon_ready_help();
  assert_int_equal(order_count, 6);
  assert_int_equal(max_depth, 1);
}

static void test_help_inside_a_drain_runs_what_is_there(void** state) {
  test_item_t d = {{NULL, run_item}, 4, NULL, false};
  test_item_t c = {{NULL, run_item}, 3, &d, false};
  test_item_t b = {{NULL, run_item}, 2, NULL, false};
  test_item_t a = {{NULL, run_item}, 1, &c, true};
  tenon_ready_push(&a.item);
  tenon_ready_push(&b.item);
  tenon_ready_drain();
  expect_order(4, (const int[]){2, 3, 4, 1});
  assert_int_equal(max_depth, 2);
}

static void test_a_hold_puts_drains_off(void** state) {
  test_item_t b = {{NULL, run_item}, 2, NULL, false};
  test_item_t a = {{NULL, run_item}, 1, NULL, false};
  const bool outer = tenon_ready_hold();
  tenon_ready_push(&a.item);
  tenon_ready_drain();
  const bool inner = tenon_ready_hold();
  tenon_ready_push(&b.item);
  tenon_ready_unhold(inner);
  assert_int_equal(order_count, 0);
  tenon_ready_unhold(outer);
  expect_order(2, (const int[]){1, 2});
  // Who waits is not held up.
  const bool again = tenon_ready_hold();
  tenon_ready_push(&a.item);
  tenon_ready_help();
  expect_order(3, (const int[]){1, 2, 1});
  tenon_ready_unhold(again);
}

typedef struct chain_t {
  tenon_ready_item_t item;
  int remaining;
} chain_t;

static void run_chain(tenon_ready_item_t* item) {
  chain_t* chain = (chain_t*)item;
  if (--chain->remaining == 0) {
    free(chain);  // an item may free itself
    return;
  }
  tenon_ready_push(item);
  tenon_ready_drain();
}

static void test_a_long_chain_takes_no_stack(void** state) {
  chain_t* chain = malloc(sizeof(*chain));
  assert_non_null(chain);
  *chain = (chain_t){{NULL, run_chain}, 1000000};
  tenon_ready_push(&chain->item);
  tenon_ready_drain();
}

static void* run_thread(void* argument) {
  tenon_ready_help();  // not what the other thread has
  const int seen = order_count;
  tenon_ready_push(argument);
  tenon_ready_drain();
  return (void*)(intptr_t)seen;
}

static void test_each_thread_has_its_own(void** state) {
  test_item_t a = {{NULL, run_item}, 1, NULL, false};
  test_item_t b = {{NULL, run_item}, 2, NULL, false};
  tenon_ready_push(&a.item);
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, NULL, run_thread, &b.item), 0);
  void* seen = NULL;
  assert_int_equal(pthread_join(thread, &seen), 0);
  assert_null(seen);
  expect_order(1, (const int[]){2});
  tenon_ready_drain();
  expect_order(2, (const int[]){2, 1});
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(test_items_run_in_order, reset),
      cmocka_unit_test_setup(test_a_drain_inside_a_drain_does_nothing, reset),
      cmocka_unit_test_setup(test_help_inside_a_drain_runs_what_is_there, reset),
      cmocka_unit_test_setup(test_a_hold_puts_drains_off, reset),
      cmocka_unit_test_setup(test_a_long_chain_takes_no_stack, reset),
      cmocka_unit_test_setup(test_each_thread_has_its_own, reset),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
