// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tenon/blocking_pool.h"

#include "iree/base/internal/atomics.h"
#include "task/testing/task_testing.h"

static tenon_blocking_pool_t* create_pool(tenon_blocking_pool_options_t options) {
  tenon_blocking_pool_t* pool = NULL;
  assert_true(
      iree_status_is_ok(tenon_blocking_pool_create(&options, iree_allocator_system(), &pool)));
  return pool;
}

typedef struct shared_t {
  latch_t finished;
  iree_atomic_int32_t running, most_running;
  iree_atomic_int32_t next_number, out_of_order;
  iree_atomic_int32_t inline_count;
  pthread_t submitter;
  int sleep_ms;
} shared_t;

typedef struct work_t {
  tenon_blocking_work_t base;  // first
  shared_t* shared;
  int number;
} work_t;

static void run_work(tenon_blocking_work_t* base) {
  work_t* work = (work_t*)base;
  shared_t* shared = work->shared;
  const int32_t running = iree_atomic_fetch_add(&shared->running, 1, iree_memory_order_relaxed) + 1;
  int32_t most = iree_atomic_load(&shared->most_running, iree_memory_order_relaxed);
  while (running > most &&
         !iree_atomic_compare_exchange_weak(&shared->most_running, &most, running,
                                            iree_memory_order_relaxed, iree_memory_order_relaxed)) {
  }
  if (iree_atomic_fetch_add(&shared->next_number, 1, iree_memory_order_relaxed) != work->number) {
    iree_atomic_fetch_add(&shared->out_of_order, 1, iree_memory_order_relaxed);
  }
  if (pthread_equal(pthread_self(), shared->submitter)) {
    iree_atomic_fetch_add(&shared->inline_count, 1, iree_memory_order_relaxed);
  }
  if (shared->sleep_ms) sleep_ms(shared->sleep_ms);
  free(work);
  iree_atomic_fetch_sub(&shared->running, 1, iree_memory_order_relaxed);
  latch_count_down(&shared->finished);
}

static void shared_initialize(shared_t* shared, int count, int ms) {
  memset(shared, 0, sizeof(*shared));
  latch_initialize(&shared->finished, count);
  shared->submitter = pthread_self();
  shared->sleep_ms = ms;
}

static void submit(tenon_blocking_pool_t* pool, shared_t* shared, int number) {
  work_t* work = (work_t*)malloc(sizeof(*work));
  *work = (work_t){.base = {.run = run_work}, .shared = shared, .number = number};
  tenon_blocking_pool_submit(pool, &work->base);
}

static void test_one_thread_keeps_the_order(void** state) {
  tenon_blocking_pool_t* pool = create_pool((tenon_blocking_pool_options_t){.max_thread_count = 1});
  shared_t shared;
  shared_initialize(&shared, 2000, 0);
  for (int i = 0; i < 2000; ++i) submit(pool, &shared, i);
  latch_wait(&shared.finished);
  assert_int_equal(shared.out_of_order, 0);
  assert_int_equal(shared.most_running, 1);
  assert_int_equal(shared.inline_count, 0);
  latch_deinitialize(&shared.finished);
  tenon_blocking_pool_release(pool);
}

// 8 x 4 sleeps of 20 ms at a time take 80 ms when as many threads as allowed run, 640 one by one.
static void test_bound(void** state) {
  tenon_blocking_pool_t* pool = create_pool((tenon_blocking_pool_options_t){.max_thread_count = 8});
  shared_t shared;
  shared_initialize(&shared, 32, 20);
  for (int i = 0; i < 32; ++i) submit(pool, &shared, i);
  latch_wait(&shared.finished);
  assert_int_equal(shared.most_running, 8);
  latch_deinitialize(&shared.finished);
  tenon_blocking_pool_release(pool);
}

// Each waits until all are there: every one has a thread of its own.
typedef struct meeting_t {
  tenon_blocking_work_t base;  // first
  latch_t* arrived;
  latch_t* finished;
} meeting_t;

static void run_meeting(tenon_blocking_work_t* base) {
  meeting_t* meeting = (meeting_t*)base;
  latch_count_down(meeting->arrived);
  latch_wait(meeting->arrived);
  latch_count_down(meeting->finished);
}

static void test_as_many_threads_as_work(void** state) {
  tenon_blocking_pool_t* pool = create_pool((tenon_blocking_pool_options_t){0});
  for (int round = 0; round < 200; ++round) {
    meeting_t meetings[TENON_BLOCKING_POOL_DEFAULT_THREAD_COUNT];
    // At first fewer, so that idle threads, some of them watching, meet with new ones.
    const int count = 1 + round % TENON_BLOCKING_POOL_DEFAULT_THREAD_COUNT;
    latch_t arrived, finished;
    latch_initialize(&arrived, count);
    latch_initialize(&finished, count);
    for (int i = 0; i < count; ++i) {
      meetings[i] = (meeting_t){{.run = run_meeting}, &arrived, &finished};
      tenon_blocking_pool_submit(pool, &meetings[i].base);
    }
    latch_wait(&finished);
    latch_deinitialize(&arrived);
    latch_deinitialize(&finished);
  }
  tenon_blocking_pool_release(pool);
}

//===--- Ownership ----------------------------------------------------------------------------===//

typedef struct tree_t {
  tenon_blocking_work_t base;  // first
  tenon_blocking_pool_t* pool;
  int depth;
  latch_t* finished;
} tree_t;

static void run_tree(tenon_blocking_work_t* base);

static void plant(tenon_blocking_pool_t* pool, int depth, latch_t* finished) {
  tree_t* tree = (tree_t*)malloc(sizeof(*tree));
  *tree = (tree_t){{.run = run_tree}, pool, depth, finished};
  tenon_blocking_pool_retain(pool);
  tenon_blocking_pool_submit(pool, &tree->base);
}

static void run_tree(tenon_blocking_work_t* base) {
  tree_t tree = *(tree_t*)base;
  free(base);
  for (int i = 0; i < 2 && tree.depth; ++i) plant(tree.pool, tree.depth - 1, tree.finished);
  tenon_blocking_pool_release(tree.pool);
  latch_count_down(tree.finished);
}

static void test_work_submits_work_after_release(void** state) {
  tenon_failing_allocator_t allocator;
  tenon_failing_allocator_initialize(0, &allocator);
  for (int round = 0; round < 20; ++round) {
    tenon_blocking_pool_options_t options = {.max_thread_count = 1 + (iree_host_size_t)round % 5};
    tenon_blocking_pool_t* pool = NULL;
    assert_true(iree_status_is_ok(
        tenon_blocking_pool_create(&options, tenon_failing_allocator(&allocator), &pool)));
    latch_t finished;
    latch_initialize(&finished, 63);
    plant(pool, 5, &finished);
    tenon_blocking_pool_release(pool);
    latch_wait(&finished);
    latch_deinitialize(&finished);
  }
  wait_until_freed(&allocator);
}

// What is in line when the last reference goes is done.
static void test_release_with_work_in_line(void** state) {
  tenon_failing_allocator_t allocator;
  tenon_failing_allocator_initialize(0, &allocator);
  tenon_blocking_pool_options_t options = {.max_thread_count = 1};
  tenon_blocking_pool_t* pool = NULL;
  assert_true(iree_status_is_ok(
      tenon_blocking_pool_create(&options, tenon_failing_allocator(&allocator), &pool)));
  shared_t shared;
  shared_initialize(&shared, 10, 2);
  for (int i = 0; i < 10; ++i) submit(pool, &shared, i);
  tenon_blocking_pool_release(pool);
  latch_wait(&shared.finished);
  assert_int_equal(shared.out_of_order, 0);
  latch_deinitialize(&shared.finished);
  wait_until_freed(&allocator);
}

static void* submit_many(void* arg) {
  tenon_blocking_pool_t* pool = (tenon_blocking_pool_t*)arg;
  for (int i = 0; i < 50; ++i) {
    shared_t shared;
    shared_initialize(&shared, 20, 0);
    for (int j = 0; j < 20; ++j) submit(pool, &shared, j);
    latch_wait(&shared.finished);
    latch_deinitialize(&shared.finished);
  }
  return NULL;
}

static void test_several_submitters(void** state) {
  tenon_blocking_pool_t* pool = create_pool((tenon_blocking_pool_options_t){.max_thread_count = 3});
  pthread_t threads[4];
  for (int i = 0; i < 4; ++i) {
    assert_int_equal(pthread_create(&threads[i], NULL, submit_many, pool), 0);
  }
  for (int i = 0; i < 4; ++i) pthread_join(threads[i], NULL);
  tenon_blocking_pool_release(pool);
}

//===--- Idle threads -------------------------------------------------------------------------===//

static void test_idle_threads_go_and_come_back(void** state) {
  // A timeout so short that threads go while new work arrives.
  tenon_blocking_pool_t* pool = create_pool(
      (tenon_blocking_pool_options_t){.max_thread_count = 4, .idle_timeout_ns = 50 * 1000});
  for (int round = 0; round < 300; ++round) {
    shared_t shared;
    shared_initialize(&shared, 8, 0);
    for (int i = 0; i < 8; ++i) submit(pool, &shared, i);
    latch_wait(&shared.finished);
    latch_deinitialize(&shared.finished);
    const struct timespec pause = {0, (round % 10) * 20000};
    nanosleep(&pause, NULL);
  }
  tenon_blocking_pool_release(pool);
}

static void test_idle_threads_use_no_processor(void** state) {
  tenon_blocking_pool_t* pool = create_pool((tenon_blocking_pool_options_t){0});
  shared_t shared;
  shared_initialize(&shared, 16, 5);
  for (int i = 0; i < 16; ++i) submit(pool, &shared, i);
  latch_wait(&shared.finished);
  latch_deinitialize(&shared.finished);
  sleep_ms(50);
  const int64_t before = process_time_ns();
  sleep_ms(200);
  assert_true(process_time_ns() - before < 50 * 1000000);
  tenon_blocking_pool_release(pool);
}

// Stacks larger than the address space: no thread starts.
static void test_without_threads_the_submitter_works(void** state) {
  tenon_blocking_pool_t* pool =
      create_pool((tenon_blocking_pool_options_t){.stack_size = SIZE_MAX / 2 & ~(size_t)65535});
  shared_t shared;
  shared_initialize(&shared, 10, 0);
  for (int i = 0; i < 10; ++i) {
    submit(pool, &shared, i);
    assert_int_equal(shared.inline_count, i + 1);
  }
  latch_wait(&shared.finished);
  latch_deinitialize(&shared.finished);
  // Work of work is done, too, before the outermost submission returns.
  latch_t finished;
  latch_initialize(&finished, 127);
  plant(pool, 6, &finished);
  assert_int_equal(finished.count, 0);
  latch_deinitialize(&finished);
  // The last reference may go in the work.
  tree_t* tree = (tree_t*)malloc(sizeof(*tree));
  latch_initialize(&finished, 3);
  *tree = (tree_t){{.run = run_tree}, pool, 1, &finished};
  tenon_blocking_pool_submit(pool, &tree->base);
  assert_int_equal(finished.count, 0);
  latch_deinitialize(&finished);
}

// Thread-local variables of the program lie on every thread's stack.
static _Thread_local volatile char large_variable[512 * 1024];

static void test_a_stack_too_small_for_the_programs_variables(void** state) {
  large_variable[0] = 1;
  tenon_blocking_pool_t* pool =
      create_pool((tenon_blocking_pool_options_t){.stack_size = 256 * 1024});
  shared_t shared;
  shared_initialize(&shared, 1, 0);
  submit(pool, &shared, 0);
  latch_wait(&shared.finished);
  assert_int_equal(shared.inline_count, 0);
  latch_deinitialize(&shared.finished);
  tenon_blocking_pool_release(pool);
}

static void test_options(void** state) {
  tenon_blocking_pool_t* pool = NULL;
  expect_failure(
      tenon_blocking_pool_create(&(tenon_blocking_pool_options_t){.max_thread_count = 4097},
                                 iree_allocator_system(), &pool),
      IREE_STATUS_INVALID_ARGUMENT, "at most 4096 of them (not 4097)");
  expect_failure(tenon_blocking_pool_create(&(tenon_blocking_pool_options_t){.idle_timeout_ns = -1},
                                            iree_allocator_system(), &pool),
                 IREE_STATUS_INVALID_ARGUMENT, "(not -1 ns)");
  assert_null(pool);
  // Less than any stack can have is as much as it must have.
  pool = create_pool((tenon_blocking_pool_options_t){.stack_size = 1});
  shared_t shared;
  shared_initialize(&shared, 1, 0);
  submit(pool, &shared, 0);
  latch_wait(&shared.finished);
  assert_int_equal(shared.inline_count, 0);
  latch_deinitialize(&shared.finished);
  tenon_blocking_pool_release(pool);
  tenon_blocking_pool_retain(NULL);
  tenon_blocking_pool_release(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_one_thread_keeps_the_order),
      cmocka_unit_test(test_bound),
      cmocka_unit_test(test_as_many_threads_as_work),
      cmocka_unit_test(test_work_submits_work_after_release),
      cmocka_unit_test(test_release_with_work_in_line),
      cmocka_unit_test(test_several_submitters),
      cmocka_unit_test(test_idle_threads_go_and_come_back),
      cmocka_unit_test(test_idle_threads_use_no_processor),
      cmocka_unit_test(test_without_threads_the_submitter_works),
      cmocka_unit_test(test_a_stack_too_small_for_the_programs_variables),
      cmocka_unit_test(test_options),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
