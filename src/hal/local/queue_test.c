// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Queue operations: order, failures, lifetimes, refusals.

#include <pthread.h>

#include "base/testing/failing_allocator.h"
#include "hal/local/testing/local_testing.h"

enum { COUNT = 100000 };  // numbers in a large buffer

//===--- Order --------------------------------------------------------------------------------===//

static void test_waits_come_before_signals(void** state) {
  iree_hal_device_t* device = create_device(state);
  iree_hal_semaphore_t* time = create_semaphore(device);
  iree_hal_buffer_t* a = create_numbers(device, COUNT, 1);
  iree_hal_buffer_t* b = create_numbers(device, COUNT, 2);
  const int32_t seven = 7, nine = 9;
  // In the opposite order of their points.
  expect_ok(
      iree_hal_device_queue_update(device, 0, POINT(time, 3), POINT(time, 4), &nine, 0, b, 0, 4));
  expect_ok(iree_hal_device_queue_copy(device, ANY_QUEUE, POINT(time, 2), POINT(time, 3), a, 0, b,
                                       0, IREE_WHOLE_BUFFER));
  expect_ok(iree_hal_device_queue_fill(device, ANY_QUEUE, POINT(time, 1), POINT(time, 2), a, 0,
                                       IREE_WHOLE_BUFFER, &seven, 4));
  expect_ok(iree_hal_device_queue_barrier(device, ANY_QUEUE, POINT(time, 4), POINT(time, 5)));
  expect_ok(iree_hal_device_queue_flush(device, ANY_QUEUE));
  expect_numbers(a, 1);
  expect_numbers(b, 2);
  expect_ok(iree_hal_semaphore_signal(time, 1));
  wait_for(time, 5);
  expect_numbers(a, 7);
  int32_t first[2] = {0};
  expect_ok(iree_hal_buffer_map_read(b, 0, first, 8));
  assert_int_equal(first[0], 9);
  assert_int_equal(first[1], 7);
  // Nothing of the operations is left.
  assert_int_equal(ref_count(a), 1);
  assert_int_equal(ref_count(b), 1);
  assert_int_equal(ref_count(device), 1);
  iree_hal_buffer_release(a);
  iree_hal_buffer_release(b);
  iree_hal_semaphore_release(time);
  iree_hal_device_release(device);
}

static void test_several_waits_and_signals(void** state) {
  enum { WAITS = 3, SIGNALS = 20 };
  iree_hal_device_t* device = create_device(state);
  iree_hal_semaphore_t* semaphores[WAITS + SIGNALS];
  uint64_t values[WAITS + SIGNALS];
  for (int i = 0; i < WAITS + SIGNALS; ++i) {
    semaphores[i] = create_semaphore(device);
    values[i] = (uint64_t)i + 1;
  }
  const iree_hal_semaphore_list_t waits = {WAITS, semaphores, values};
  const iree_hal_semaphore_list_t signals = {SIGNALS, semaphores + WAITS, values + WAITS};
  expect_ok(iree_hal_semaphore_signal(semaphores[1], 2));
  expect_ok(iree_hal_device_queue_barrier(device, ANY_QUEUE, waits, signals));
  expect_ok(iree_hal_semaphore_signal(semaphores[2], 3));
  expect_failure(iree_hal_device_wait_semaphores(device, IREE_HAL_WAIT_MODE_ANY, signals,
                                                 iree_immediate_timeout()),
                 IREE_STATUS_DEADLINE_EXCEEDED, "");
  expect_ok(iree_hal_semaphore_signal(semaphores[0], 1));
  expect_ok(iree_hal_device_wait_semaphores(device, IREE_HAL_WAIT_MODE_ALL, signals,
                                            iree_make_timeout_ms(60000)));
  for (int i = 0; i < WAITS + SIGNALS; ++i) {
    uint64_t value = 0;
    expect_ok(iree_hal_semaphore_query(semaphores[i], &value));
    assert_int_equal(value, values[i]);
    iree_hal_semaphore_release(semaphores[i]);
  }
  iree_hal_device_release(device);
}

// One signal sets off all, without recursion.
static void test_long_chain(void** state) {
  enum { LENGTH = 20000 };
  iree_hal_device_t* device = create_device(state);
  iree_hal_semaphore_t* time = create_semaphore(device);
  iree_hal_buffer_t* buffer = create_numbers(device, 1, 0);
  for (int32_t i = 1; i <= LENGTH; ++i) {
    expect_ok(iree_hal_device_queue_update(device, ANY_QUEUE, POINT(time, (uint64_t)i),
                                           POINT(time, (uint64_t)i + 1), &i, 0, buffer, 0, 4));
  }
  expect_ok(iree_hal_semaphore_signal(time, 1));
  wait_for(time, LENGTH + 1);
  expect_numbers(buffer, LENGTH);
  iree_hal_buffer_release(buffer);
  iree_hal_semaphore_release(time);
  iree_hal_device_release(device);
}

typedef struct producer_t {
  iree_hal_device_t* device;
  iree_hal_semaphore_t* mine;
  iree_hal_semaphore_t* other;
  iree_hal_buffer_t* buffer;
  uint64_t first;  // the point of |other| that it starts with
} producer_t;

enum { ROUNDS = 300 };

// Appends to the buffer's only number in turn with the other thread.
static void* produce(void* user_data) {
  const producer_t* self = user_data;
  for (uint64_t i = 0; i < ROUNDS; ++i) {
    const int32_t number = (int32_t)(2 * i + self->first);
    iree_status_t status = iree_hal_device_queue_fill(
        self->device, ANY_QUEUE, POINT(self->other, i + self->first), POINT(self->mine, i + 1),
        self->buffer, 0, IREE_WHOLE_BUFFER, &number, 4);
    if (!iree_status_is_ok(status)) return status;
  }
  return NULL;
}

static void test_two_threads_in_turn(void** state) {
  iree_hal_device_t* device = create_device(state);
  iree_hal_semaphore_t* ping = create_semaphore(device);
  iree_hal_semaphore_t* pong = create_semaphore(device);
  iree_hal_buffer_t* buffer = create_numbers(device, 1000, -1);
  producer_t producers[2] = {{device, ping, pong, buffer, 0}, {device, pong, ping, buffer, 1}};
  pthread_t threads[2];
  for (int i = 0; i < 2; ++i)
    assert_int_equal(pthread_create(&threads[i], NULL, produce, &producers[i]), 0);
  for (int i = 0; i < 2; ++i) {
    void* result = NULL;
    pthread_join(threads[i], &result);
    expect_ok((iree_status_t)result);
  }
  wait_for(pong, ROUNDS);
  expect_numbers(buffer, 2 * (ROUNDS - 1) + 1);
  assert_int_equal(ref_count(buffer), 1);
  iree_hal_buffer_release(buffer);
  iree_hal_semaphore_release(ping);
  iree_hal_semaphore_release(pong);
  iree_hal_device_release(device);
}

//===--- Failures -----------------------------------------------------------------------------===//

static void test_failures_travel(void** state) {
  iree_hal_device_t* device = create_device(state);
  iree_hal_semaphore_t* s[5];
  for (int i = 0; i < 5; ++i) s[i] = create_semaphore(device);
  iree_hal_buffer_t* buffer = create_numbers(device, COUNT, 1);
  const int32_t two = 2;
  iree_hal_semaphore_t* both[] = {s[0], s[1]};
  uint64_t ones[] = {1, 1};
  const iree_hal_semaphore_list_t waits = {2, both, ones};
  expect_ok(iree_hal_device_queue_fill(device, ANY_QUEUE, waits, POINT(s[2], 1), buffer, 0,
                                       IREE_WHOLE_BUFFER, &two, 4));
  expect_ok(iree_hal_device_queue_barrier(device, ANY_QUEUE, POINT(s[2], 1), POINT(s[3], 1)));
  iree_hal_semaphore_fail(s[1], iree_make_status(IREE_STATUS_DATA_LOSS, "the first failure"));
  // It has failed before the other point is reached.
  uint64_t value = 0;
  expect_failure(iree_hal_semaphore_query(s[3], &value), IREE_STATUS_DATA_LOSS,
                 "the first failure");
  expect_failure(iree_hal_semaphore_wait(s[2], 1, iree_infinite_timeout()), IREE_STATUS_ABORTED,
                 "the first failure");
  assert_int_equal(ref_count(buffer), 1);
  assert_int_equal(ref_count(device), 1);
  // A second failure changes nothing.
  iree_hal_semaphore_fail(s[0], iree_make_status(IREE_STATUS_INTERNAL, "the second failure"));
  expect_failure(iree_hal_semaphore_query(s[2], &value), IREE_STATUS_DATA_LOSS,
                 "the first failure");
  // What is submitted later fails, too.
  expect_ok(iree_hal_device_queue_barrier(device, ANY_QUEUE, POINT(s[3], 1), POINT(s[4], 1)));
  expect_failure(iree_hal_semaphore_query(s[4], &value), IREE_STATUS_DATA_LOSS,
                 "the first failure");
  expect_numbers(buffer, 1);
  iree_hal_buffer_release(buffer);
  for (int i = 0; i < 5; ++i) iree_hal_semaphore_release(s[i]);
  iree_hal_device_release(device);
}

static void test_dropped_and_backward_points(void** state) {
  iree_hal_device_t* device = create_device(state);
  iree_hal_semaphore_t* dropped = create_semaphore(device);
  iree_hal_semaphore_t* pending = create_semaphore(device);
  iree_hal_semaphore_t* end = create_semaphore(device);
  iree_hal_semaphore_t* both[] = {dropped, pending};
  uint64_t ones[] = {1, 1};
  const iree_hal_semaphore_list_t waits = {2, both, ones};
  expect_ok(iree_hal_device_queue_barrier(device, ANY_QUEUE, waits, POINT(end, 1)));
  assert_int_equal(ref_count(dropped), 1);
  iree_hal_semaphore_release(dropped);
  uint64_t value = 0;
  expect_failure(iree_hal_semaphore_query(end, &value), IREE_STATUS_CANCELLED, "");
  expect_ok(iree_hal_semaphore_signal(pending, 5));
  // Backward.
  expect_ok(iree_hal_device_queue_barrier(device, ANY_QUEUE, NO_POINTS, POINT(pending, 5)));
  expect_failure(iree_hal_semaphore_query(pending, &value), IREE_STATUS_OUT_OF_RANGE, "5");
  iree_hal_semaphore_release(pending);
  iree_hal_semaphore_release(end);
  iree_hal_device_release(device);
}

//===--- Lifetimes ----------------------------------------------------------------------------===//

static void test_everything_is_released_in_flight(void** state) {
  iree_hal_device_t* device = create_device(state);
  iree_hal_semaphore_t* start = create_semaphore(device);
  iree_hal_semaphore_t* middle = create_semaphore(device);
  iree_hal_semaphore_t* end = create_semaphore(device);
  iree_hal_buffer_t* a = create_numbers(device, COUNT, 1);
  iree_hal_buffer_t* b = create_numbers(device, COUNT, 2);
  const int32_t seven = 7;
  expect_ok(iree_hal_device_queue_fill(device, ANY_QUEUE, POINT(start, 1), POINT(middle, 1), a, 0,
                                       IREE_WHOLE_BUFFER, &seven, 4));
  expect_ok(iree_hal_device_queue_copy(device, ANY_QUEUE, POINT(middle, 1), POINT(end, 1), a, 0, b,
                                       0, IREE_WHOLE_BUFFER));
  iree_hal_buffer_release(a);
  iree_hal_semaphore_release(middle);
  iree_hal_device_release(device);
  expect_ok(iree_hal_semaphore_signal(start, 1));
  iree_hal_semaphore_release(start);
  wait_for(end, 1);
  expect_numbers(b, 7);
  iree_hal_buffer_release(b);
  iree_hal_semaphore_release(end);
}

static void test_alloca(void** state) {
  iree_hal_device_t* device = create_device(state);
  iree_hal_semaphore_t* time = create_semaphore(device);
  iree_hal_buffer_t* buffer = NULL;
  expect_ok(iree_hal_device_queue_alloca(device, ANY_QUEUE, POINT(time, 1), POINT(time, 2),
                                         IREE_HAL_ALLOCATOR_POOL_DEFAULT,
                                         (iree_hal_buffer_params_t){0}, COUNT * 4, &buffer));
  assert_int_equal(iree_hal_buffer_byte_length(buffer), COUNT * 4);
  const int32_t seven = 7;
  expect_ok(iree_hal_device_queue_fill(device, ANY_QUEUE, POINT(time, 2), POINT(time, 3), buffer, 0,
                                       IREE_WHOLE_BUFFER, &seven, 4));
  expect_ok(
      iree_hal_device_queue_dealloca(device, ANY_QUEUE, POINT(time, 4), POINT(time, 5), buffer));
  expect_ok(iree_hal_semaphore_signal(time, 1));
  wait_for(time, 3);
  expect_numbers(buffer, 7);
  assert_int_equal(ref_count(buffer), 2);
  expect_ok(iree_hal_semaphore_signal(time, 4));
  assert_int_equal(ref_count(buffer), 1);
  wait_for(time, 5);
  iree_hal_buffer_release(buffer);
  expect_failure(iree_hal_device_queue_alloca(device, ANY_QUEUE, NO_POINTS, NO_POINTS, 1,
                                              (iree_hal_buffer_params_t){0}, 4, &buffer),
                 IREE_STATUS_INVALID_ARGUMENT, "the pool must be the default, 0; it is 1");
  assert_null(buffer);
  iree_hal_semaphore_release(time);
  iree_hal_device_release(device);
}

//===--- What is refused ----------------------------------------------------------------------===//

static void test_refused_fills_and_updates(void** state) {
  iree_hal_device_t* device = create_device(state);
  iree_hal_semaphore_t* time = create_semaphore(device);
  const iree_hal_semaphore_list_t signal = POINT(time, 1);
  iree_hal_buffer_t* buffer = create_numbers(device, 4, 1);
  const int64_t p = 0;
  expect_failure(
      iree_hal_device_queue_fill(device, ANY_QUEUE, NO_POINTS, signal, NULL, 0, 4, &p, 4),
      IREE_STATUS_INVALID_ARGUMENT, "the target buffer is null");
  expect_failure(
      iree_hal_device_queue_fill(device, ANY_QUEUE, NO_POINTS, signal, buffer, 0, 4, NULL, 4),
      IREE_STATUS_INVALID_ARGUMENT, "the pattern is null");
  expect_failure(
      iree_hal_device_queue_fill(device, ANY_QUEUE, NO_POINTS, signal, buffer, 0, 3, &p, 3),
      IREE_STATUS_INVALID_ARGUMENT, "has 1, 2, 4 or 8 bytes; this one has 3");
  expect_failure(
      iree_hal_device_queue_fill(device, ANY_QUEUE, NO_POINTS, signal, buffer, 2, 8, &p, 4),
      IREE_STATUS_INVALID_ARGUMENT, "multiple of the pattern's 4 bytes");
  expect_failure(
      iree_hal_device_queue_fill(device, ANY_QUEUE, NO_POINTS, signal, buffer, 8, 12, &p, 4),
      IREE_STATUS_OUT_OF_RANGE, "16");
  expect_failure(
      iree_hal_device_queue_update(device, ANY_QUEUE, NO_POINTS, signal, &p, 0, buffer, 12, 8),
      IREE_STATUS_OUT_OF_RANGE, "16");
  expect_failure(
      iree_hal_device_queue_update(device, ANY_QUEUE, NO_POINTS, signal, NULL, 0, buffer, 12, 4),
      IREE_STATUS_INVALID_ARGUMENT, "the source is null");
  expect_failure(iree_hal_device_queue_dealloca(device, ANY_QUEUE, NO_POINTS, signal, NULL),
                 IREE_STATUS_INVALID_ARGUMENT, "the buffer is null");
  iree_hal_semaphore_t* none = NULL;
  uint64_t one = 1;
  const iree_hal_semaphore_list_t broken = {1, &none, &one};
  expect_failure(iree_hal_device_queue_barrier(device, ANY_QUEUE, broken, signal),
                 IREE_STATUS_INVALID_ARGUMENT, "the wait list of 1 points");
  expect_failure(iree_hal_device_queue_barrier(device, ANY_QUEUE, NO_POINTS, broken),
                 IREE_STATUS_INVALID_ARGUMENT, "the signal list of 1 points");
  // Empty ranges are legal.
  expect_ok(iree_hal_device_queue_fill(device, ANY_QUEUE, NO_POINTS, NO_POINTS, buffer, 16,
                                       IREE_WHOLE_BUFFER, &p, 8));
  expect_ok(iree_hal_device_queue_update(device, ANY_QUEUE, NO_POINTS, NO_POINTS, NULL, 0, buffer,
                                         16, 0));
  // Nothing has been submitted by what was refused.
  uint64_t value = 0;
  expect_ok(iree_hal_semaphore_query(time, &value));
  assert_int_equal(value, 0);
  expect_numbers(buffer, 1);
  iree_hal_buffer_release(buffer);
  iree_hal_semaphore_release(time);
  iree_hal_device_release(device);
}

static void test_refused_copies(void** state) {
  iree_hal_device_t* device = create_device(state);
  iree_hal_buffer_t* a = create_numbers(device, 8, 1);
  iree_hal_buffer_t* half = NULL;
  expect_ok(iree_hal_buffer_subspan(a, 16, 16, &half));
  iree_hal_buffer_t* read_only = NULL;
  const iree_hal_buffer_params_t params = {.access = IREE_HAL_MEMORY_ACCESS_READ};
  expect_ok(iree_hal_allocator_allocate_buffer(iree_hal_device_allocator(device), params, 32,
                                               iree_const_byte_span_empty(), &read_only));
#define COPY(source, source_offset, target, target_offset, length)                           \
  iree_hal_device_queue_copy(device, ANY_QUEUE, NO_POINTS, NO_POINTS, source, source_offset, \
                             target, target_offset, length)
  expect_failure(COPY(NULL, 0, a, 0, 4), IREE_STATUS_INVALID_ARGUMENT, "the source buffer is null");
  expect_failure(COPY(a, 0, NULL, 0, 4), IREE_STATUS_INVALID_ARGUMENT, "the target buffer is null");
  expect_failure(COPY(a, 0, half, 0, 17), IREE_STATUS_OUT_OF_RANGE, "16");
  expect_failure(COPY(a, 4, half, 0, 16), IREE_STATUS_INVALID_ARGUMENT, "overlap");
  expect_failure(COPY(a, 0, read_only, 0, 4), IREE_STATUS_PERMISSION_DENIED, "the target buffer");
  expect_ok(COPY(a, 0, half, 0, 16));
  // As much as both have.
  expect_ok(COPY(read_only, 28, a, 8, IREE_WHOLE_BUFFER));
#undef COPY
  iree_hal_buffer_release(half);
  iree_hal_buffer_release(read_only);
  iree_hal_buffer_release(a);
  iree_hal_device_release(device);
}

static void keep(iree_hal_buffer_t* buffer) {}

static void test_foreign_buffers(void** state) {
  iree_hal_device_t* device = create_device(state);
  static const iree_hal_buffer_vtable_t vtable = {.destroy = keep};
  iree_hal_buffer_t foreign;
  iree_hal_buffer_initialize(iree_allocator_system(), NULL, &foreign, 16, 0, 16,
                             IREE_HAL_MEMORY_TYPE_DEVICE_LOCAL, IREE_HAL_MEMORY_ACCESS_ALL,
                             IREE_HAL_BUFFER_USAGE_TRANSFER, &vtable, &foreign);
  iree_hal_buffer_t* own = create_numbers(device, 4, 1);
  expect_failure(
      iree_hal_device_queue_copy(device, ANY_QUEUE, NO_POINTS, NO_POINTS, &foreign, 0, own, 0, 4),
      IREE_STATUS_INVALID_ARGUMENT, "this device did not make");
  expect_failure(iree_hal_device_queue_fill(device, ANY_QUEUE, NO_POINTS, NO_POINTS, &foreign, 0, 4,
                                            "1234", 4),
                 IREE_STATUS_INVALID_ARGUMENT, "this device did not make");
  assert_int_equal(ref_count(&foreign), 1);
  iree_hal_buffer_release(own);
  iree_hal_device_release(device);
}

static iree_hal_buffer_t* import_numbers(iree_hal_device_t* device, int32_t* numbers,
                                         iree_host_size_t count) {
  iree_hal_external_buffer_t external = {.type = IREE_HAL_EXTERNAL_BUFFER_TYPE_HOST_ALLOCATION,
                                         .size = count * 4,
                                         .handle.host_allocation.ptr = numbers};
  iree_hal_buffer_t* buffer = NULL;
  expect_ok(iree_hal_allocator_import_buffer(iree_hal_device_allocator(device),
                                             (iree_hal_buffer_params_t){0}, &external,
                                             iree_hal_buffer_release_callback_null(), &buffer));
  return buffer;
}

// Which the buffers don't know of.
static void test_copy_of_overlapping_imports(void** state) {
  iree_hal_device_t* device = create_device(state);
  iree_hal_semaphore_t* time = create_semaphore(device);
  int32_t* numbers = malloc(sizeof(*numbers) * (COUNT + 1));
  for (int32_t i = 0; i <= COUNT; ++i) numbers[i] = i;
  iree_hal_buffer_t* source = import_numbers(device, numbers, COUNT);
  iree_hal_buffer_t* target = import_numbers(device, numbers + 1, COUNT);
  expect_ok(iree_hal_device_queue_copy(device, ANY_QUEUE, NO_POINTS, POINT(time, 1), source, 0,
                                       target, 0, IREE_WHOLE_BUFFER));
  wait_for(time, 1);
  for (int32_t i = 0; i < COUNT; ++i) assert_int_equal(numbers[i + 1], i);
  iree_hal_buffer_release(source);
  iree_hal_buffer_release(target);
  free(numbers);
  iree_hal_semaphore_release(time);
  iree_hal_device_release(device);
}

//===--- Out of memory ------------------------------------------------------------------------===//

typedef struct faults_t {
  tenon_executor_t* executor;
  // Of the system's memory: the thread that signals may hold it a moment longer than who waits.
  iree_hal_semaphore_t* time;
} faults_t;

static iree_status_t submit_all(iree_hal_device_t* device, const faults_t* faults,
                                iree_hal_buffer_t* a) {
  uint64_t now = 0;
  IREE_RETURN_IF_ERROR(iree_hal_semaphore_query(faults->time, &now));
  iree_hal_semaphore_t* time = faults->time;
  const int32_t seven = 7;
  iree_hal_buffer_t* b = NULL;
  iree_status_t status = iree_hal_device_queue_alloca(device, ANY_QUEUE, POINT(time, now + 1),
                                                      NO_POINTS, IREE_HAL_ALLOCATOR_POOL_DEFAULT,
                                                      (iree_hal_buffer_params_t){0}, 4000, &b);
  if (iree_status_is_ok(status)) {
    status = iree_hal_device_queue_fill(device, ANY_QUEUE, POINT(time, now + 1),
                                        POINT(time, now + 2), a, 0, IREE_WHOLE_BUFFER, &seven, 4);
  }
  uint64_t last = now + 1;
  if (iree_status_is_ok(status)) {
    last = now + 2;
    status = iree_hal_device_queue_copy(device, ANY_QUEUE, POINT(time, now + 2),
                                        POINT(time, now + 3), a, 0, b, 0, IREE_WHOLE_BUFFER);
  }
  if (iree_status_is_ok(status)) {
    last = now + 3;
    status = iree_hal_device_queue_update(device, ANY_QUEUE, POINT(time, now + 3),
                                          POINT(time, now + 4), &seven, 0, b, 0, 4);
  }
  if (iree_status_is_ok(status)) last = now + 4;
  // What was submitted is done.
  status = iree_status_join(status, iree_hal_semaphore_signal(time, now + 1));
  status =
      iree_status_join(status, iree_hal_semaphore_wait(time, last, iree_make_timeout_ms(60000)));
  iree_hal_buffer_release(b);
  return status;
}

static iree_status_t faults_body(iree_allocator_t allocator, void* user_data) {
  const faults_t* faults = user_data;
  iree_hal_device_t* device = NULL;
  IREE_RETURN_IF_ERROR(tenon_hal_local_device_create(iree_make_cstring_view("test"),
                                                     faults->executor, NULL, allocator, &device));
  iree_hal_buffer_t* a = NULL;
  iree_status_t status = iree_hal_allocator_allocate_buffer(iree_hal_device_allocator(device),
                                                            (iree_hal_buffer_params_t){0}, 4000,
                                                            iree_const_byte_span_empty(), &a);
  if (iree_status_is_ok(status)) status = submit_all(device, faults, a);
  iree_hal_buffer_release(a);
  iree_hal_device_release(device);
  return status;
}

static void test_every_allocation_fails(void** state) {
  faults_t faults = {.executor = create_executor(*state)};
  expect_ok(tenon_hal_semaphore_create(0, iree_allocator_system(), &faults.time));
  assert_true(tenon_test_for_each_failure(faults_body, &faults) >= 7);
  iree_hal_semaphore_release(faults.time);
  if (faults.executor) tenon_executor_release(faults.executor);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST_ON_EACH_DEVICE(test_waits_come_before_signals),
      TEST_ON_EACH_DEVICE(test_several_waits_and_signals),
      TEST_ON_EACH_DEVICE(test_long_chain),
      TEST_ON_EACH_DEVICE(test_two_threads_in_turn),
      TEST_ON_EACH_DEVICE(test_failures_travel),
      TEST_ON_EACH_DEVICE(test_dropped_and_backward_points),
      TEST_ON_EACH_DEVICE(test_everything_is_released_in_flight),
      TEST_ON_EACH_DEVICE(test_alloca),
      TEST_ON_EACH_DEVICE(test_refused_fills_and_updates),
      TEST_ON_EACH_DEVICE(test_refused_copies),
      TEST_ON_EACH_DEVICE(test_foreign_buffers),
      TEST_ON_EACH_DEVICE(test_copy_of_overlapping_imports),
      TEST_ON_EACH_DEVICE(test_every_allocation_fails),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
