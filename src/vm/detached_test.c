// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Invocations that go on by themselves: with a scheduler that the test runs by hand, and with threads.
#include "vm/detached.h"

#include <pthread.h>

#include "base/testing/failing_allocator.h"
#include "vm/testing/test_gate.h"
#include "vm/testing/vm_test.h"

//===--------------------------------------------------------------------------------------------===//
// Scheduler and outcome
//===--------------------------------------------------------------------------------------------===//

typedef struct scheduler_t {
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  // Under the mutex: a list through storage[0], how many there have been, whether threads end.
  tenon_vm_resumption_t* first;
  int count;
  bool is_closed;
} scheduler_t;

static void scheduler_resume(void* self, tenon_vm_resumption_t* resumption) {
  scheduler_t* scheduler = (scheduler_t*)self;
  pthread_mutex_lock(&scheduler->mutex);
  resumption->storage[0] = scheduler->first;
  scheduler->first = resumption;
  ++scheduler->count;
  pthread_cond_signal(&scheduler->changed);
  pthread_mutex_unlock(&scheduler->mutex);
}

// The next resumption; NULL if there is none and |wait| is false or the scheduler is closed.
static tenon_vm_resumption_t* scheduler_take(scheduler_t* scheduler, bool wait) {
  pthread_mutex_lock(&scheduler->mutex);
  while (wait && !scheduler->first && !scheduler->is_closed) {
    pthread_cond_wait(&scheduler->changed, &scheduler->mutex);
  }
  tenon_vm_resumption_t* resumption = scheduler->first;
  if (resumption) scheduler->first = (tenon_vm_resumption_t*)resumption->storage[0];
  pthread_mutex_unlock(&scheduler->mutex);
  return resumption;
}

static int scheduler_run(scheduler_t* scheduler) {
  int count = 0;
  for (tenon_vm_resumption_t* r; (r = scheduler_take(scheduler, false)) != NULL; ++count) r->run(r);
  return count;
}

static void* scheduler_thread(void* arg) {
  for (tenon_vm_resumption_t* r; (r = scheduler_take((scheduler_t*)arg, true)) != NULL;) r->run(r);
  return NULL;
}

typedef struct outcome_t {
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  int count;
  iree_status_t status;
} outcome_t;

#define OUTCOME_INIT {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, NULL}

static void complete(void* user_data, iree_status_t status) {
  outcome_t* outcome = (outcome_t*)user_data;
  pthread_mutex_lock(&outcome->mutex);
  iree_status_ignore(outcome->status);
  outcome->status = status;
  ++outcome->count;
  pthread_cond_signal(&outcome->changed);
  pthread_mutex_unlock(&outcome->mutex);
}

// The outcome's status, once there is one; it must be the only one.
static iree_status_t take(outcome_t* outcome) {
  pthread_mutex_lock(&outcome->mutex);
  while (!outcome->count) pthread_cond_wait(&outcome->changed, &outcome->mutex);
  assert_int_equal(outcome->count, 1);
  outcome->count = 0;
  iree_status_t status = outcome->status;
  outcome->status = iree_ok_status();
  pthread_mutex_unlock(&outcome->mutex);
  return status;
}

static int outcome_count(outcome_t* outcome) {
  pthread_mutex_lock(&outcome->mutex);
  const int count = outcome->count;
  pthread_mutex_unlock(&outcome->mutex);
  return count;
}

//===--------------------------------------------------------------------------------------------===//
// Fixture
//===--------------------------------------------------------------------------------------------===//

typedef struct fixture_t {
  iree_vm_context_t* context;
  scheduler_t scheduler;
} fixture_t;

static int setup(void** state) {
  static fixture_t fixture;
  memset(&fixture, 0, sizeof(fixture));
  pthread_mutex_init(&fixture.scheduler.mutex, NULL);
  pthread_cond_init(&fixture.scheduler.changed, NULL);
  expect_ok(test_gate_register());
  expect_ok(test_gate_context_create(iree_allocator_system(), &fixture.context));
  *state = &fixture;
  return 0;
}

static int teardown(void** state) {
  fixture_t* f = (fixture_t*)*state;
  iree_vm_context_release(f->context);
  return test_gate_live_count() + test_gate_frame_count();
}

static iree_vm_function_t find(fixture_t* f, const char* name) {
  iree_vm_function_t function;
  expect_ok(iree_vm_context_resolve_function(f->context, iree_make_cstring_view(name), &function));
  return function;
}

static iree_status_t invoke(fixture_t* f, const char* name, void* arguments, iree_host_size_t size,
                            outcome_t* outcome) {
  const tenon_vm_scheduler_t scheduler = {&f->scheduler, scheduler_resume};
  const tenon_vm_completion_t completion = {complete, outcome};
  return tenon_vm_invoke_detached(f->context, find(f, name), 0,
                                  iree_make_byte_span(arguments, size), scheduler, completion,
                                  iree_allocator_system());
}

// Invokes gates.wait or gates.wait_two with references of their own.
static void invoke_wait(fixture_t* f, test_gate_t* gate, test_gate_t* second, outcome_t* outcome) {
  iree_vm_ref_t arguments[2] = {test_gate_retain_ref(gate), test_gate_retain_ref(second)};
  const iree_host_size_t count = second ? 2 : 1;
  expect_ok(invoke(f, second ? "gates.wait_two" : "gates.wait", arguments, count * 16, outcome));
  assert_true(iree_vm_ref_is_null(&arguments[0]));
  assert_true(iree_vm_ref_is_null(&arguments[1]));
}

//===--------------------------------------------------------------------------------------------===//
// Tests
//===--------------------------------------------------------------------------------------------===//

static void test_at_once(void** state) {
  fixture_t* f = (fixture_t*)*state;
  outcome_t outcome = OUTCOME_INIT;
  int64_t times = 0;
  expect_ok(invoke(f, "gates.spin", &times, sizeof(times), &outcome));
  assert_int_equal(outcome_count(&outcome), 1);
  expect_ok(take(&outcome));
  // A wait for what has happened does not even leave the thread.
  test_gate_t* gate = test_gate_create(false);
  test_gate_open(gate, IREE_STATUS_OK);
  invoke_wait(f, gate, gate, &outcome);
  assert_int_equal(outcome_count(&outcome), 1);
  expect_ok(take(&outcome));
  test_gate_release(gate);
  assert_int_equal(f->scheduler.count, 0);
}

static void test_without_source(void** state) {
  fixture_t* f = (fixture_t*)*state;
  outcome_t outcome = OUTCOME_INIT;
  int64_t times = 3;
  expect_ok(invoke(f, "gates.spin", &times, sizeof(times), &outcome));
  assert_int_equal(outcome_count(&outcome), 0);
  assert_int_equal(scheduler_run(&f->scheduler), 3);
  expect_ok(take(&outcome));
}

static void test_waits(void** state) {
  fixture_t* f = (fixture_t*)*state;
  outcome_t outcome = OUTCOME_INIT;
  test_gate_t* gates[2] = {test_gate_create(false), test_gate_create(false)};
  invoke_wait(f, gates[0], gates[1], &outcome);
  assert_int_equal(scheduler_run(&f->scheduler), 0);
  test_gate_open(gates[0], IREE_STATUS_OK);
  assert_int_equal(scheduler_run(&f->scheduler), 1);
  assert_int_equal(outcome_count(&outcome), 0);
  assert_int_equal(test_gate_frame_count(), 1);
  test_gate_open(gates[1], IREE_STATUS_OK);
  assert_int_equal(outcome_count(&outcome), 0);  // Listeners only schedule.
  assert_int_equal(scheduler_run(&f->scheduler), 1);
  expect_ok(take(&outcome));
  test_gate_release(gates[1]);
  test_gate_release(gates[0]);
}

static void test_failures(void** state) {
  fixture_t* f = (fixture_t*)*state;
  outcome_t outcome = OUTCOME_INIT;
  test_gate_t* gate = test_gate_create(false);
  invoke_wait(f, gate, gate, &outcome);
  test_gate_open(gate, IREE_STATUS_DATA_LOSS);
  assert_int_equal(scheduler_run(&f->scheduler), 1);
  expect_message(IREE_STATUS_DATA_LOSS, "the gate is stuck", take(&outcome));
  invoke_wait(f, gate, gate, &outcome);  // It has failed already.
  expect_message(IREE_STATUS_DATA_LOSS, "gates.wait_two", take(&outcome));
  test_gate_release(gate);
  gate = test_gate_create(true);
  invoke_wait(f, gate, NULL, &outcome);
  expect_code(IREE_STATUS_UNIMPLEMENTED, take(&outcome));
  test_gate_release(gate);
  expect_ok(invoke(f, "gates.bad", NULL, 0, &outcome));
  expect_message(IREE_STATUS_INTERNAL, "without a frame", take(&outcome));
}

// An invocation does not keep what it waits for: if nobody else does it fails.
static void test_abandoned_gate(void** state) {
  fixture_t* f = (fixture_t*)*state;
  outcome_t outcome = OUTCOME_INIT;
  iree_vm_ref_t argument = test_gate_move_ref(test_gate_create(false));
  expect_ok(invoke(f, "gates.wait", &argument, sizeof(argument), &outcome));
  assert_int_equal(test_gate_live_count(), 0);
  assert_int_equal(scheduler_run(&f->scheduler), 1);
  expect_code(IREE_STATUS_CANCELLED, take(&outcome));
}

static void test_keeps_context(void** state) {
  fixture_t* f = (fixture_t*)*state;
  outcome_t outcome = OUTCOME_INIT;
  test_gate_t* gate = test_gate_create(false);
  invoke_wait(f, gate, gate, &outcome);
  iree_vm_context_release(f->context);
  f->context = NULL;
  test_gate_open(gate, IREE_STATUS_OK);
  assert_int_equal(scheduler_run(&f->scheduler), 1);
  expect_ok(take(&outcome));
  test_gate_release(gate);
}

static void test_many_at_once(void** state) {
  fixture_t* f = (fixture_t*)*state;
  outcome_t outcomes[10];
  test_gate_t* gate = test_gate_create(false);
  for (int i = 0; i < 10; ++i) {
    outcomes[i] = (outcome_t)OUTCOME_INIT;
    invoke_wait(f, gate, NULL, &outcomes[i]);
  }
  test_gate_open(gate, IREE_STATUS_OK);
  assert_int_equal(scheduler_run(&f->scheduler), 10);
  for (int i = 0; i < 10; ++i) expect_ok(take(&outcomes[i]));
  test_gate_release(gate);
}

#define RACE_COUNT 400

typedef struct race_t {
  pthread_barrier_t barrier;
  test_gate_t* gates[2];
} race_t;

static void* open_gates(void* arg) {
  race_t* race = (race_t*)arg;
  for (int i = 0; i < RACE_COUNT; ++i) {
    pthread_barrier_wait(&race->barrier);
    for (int k = 0; k < 2; ++k) {
      test_gate_open(race->gates[(i + k) % 2], IREE_STATUS_OK);
    }
    pthread_barrier_wait(&race->barrier);
  }
  return NULL;
}

// Gates open while the invocation begins to listen; resumptions run on other threads meanwhile.
static void test_races(void** state) {
  fixture_t* f = (fixture_t*)*state;
  race_t race;
  pthread_barrier_init(&race.barrier, NULL, 2);
  pthread_t workers[2], opener;
  for (int i = 0; i < 2; ++i) {
    assert_int_equal(pthread_create(&workers[i], NULL, scheduler_thread, &f->scheduler), 0);
  }
  assert_int_equal(pthread_create(&opener, NULL, open_gates, &race), 0);
  for (int i = 0; i < RACE_COUNT; ++i) {
    outcome_t outcome = OUTCOME_INIT;
    for (int k = 0; k < 2; ++k) race.gates[k] = test_gate_create(false);
    pthread_barrier_wait(&race.barrier);
    invoke_wait(f, race.gates[0], race.gates[1], &outcome);
    expect_ok(take(&outcome));
    pthread_barrier_wait(&race.barrier);
    for (int k = 0; k < 2; ++k) test_gate_release(race.gates[k]);
  }
  assert_int_equal(pthread_join(opener, NULL), 0);
  pthread_mutex_lock(&f->scheduler.mutex);
  f->scheduler.is_closed = true;
  pthread_cond_broadcast(&f->scheduler.changed);
  pthread_mutex_unlock(&f->scheduler.mutex);
  for (int i = 0; i < 2; ++i) assert_int_equal(pthread_join(workers[i], NULL), 0);
  pthread_barrier_destroy(&race.barrier);
}

static iree_status_t invoke_with(iree_allocator_t allocator, void* user_data) {
  fixture_t* f = (fixture_t*)user_data;
  outcome_t outcome = OUTCOME_INIT;
  test_gate_t* gate = test_gate_create(false);
  iree_vm_ref_t argument = test_gate_retain_ref(gate);
  const tenon_vm_scheduler_t scheduler = {&f->scheduler, scheduler_resume};
  const tenon_vm_completion_t completion = {complete, &outcome};
  iree_status_t status = tenon_vm_invoke_detached(f->context, find(f, "gates.wait"), 0,
                                                  iree_make_byte_span(&argument, sizeof(argument)),
                                                  scheduler, completion, allocator);
  assert_int_equal(iree_vm_ref_is_null(&argument), iree_status_is_ok(status));
  iree_vm_ref_release(&argument);
  test_gate_open(gate, IREE_STATUS_OK);
  scheduler_run(&f->scheduler);
  test_gate_release(gate);
  return iree_status_is_ok(status) ? take(&outcome) : status;
}

static void test_allocation_failures(void** state) {
  assert_int_equal(tenon_test_for_each_failure(invoke_with, *state), 1);
}

static void test_stack_context(void** state) {
  fixture_t* f = (fixture_t*)*state;
  iree_vm_stack_t* stack = NULL;
  expect_ok(iree_vm_stack_allocate(0, iree_vm_context_state_resolver(f->context),
                                   iree_allocator_system(), &stack));
  assert_ptr_equal(tenon_vm_stack_context(stack), f->context);
  iree_vm_stack_free(stack);
  const iree_vm_state_resolver_t other = {f->context, NULL};
  expect_ok(iree_vm_stack_allocate(0, other, iree_allocator_system(), &stack));
  assert_null(tenon_vm_stack_context(stack));
  iree_vm_stack_free(stack);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_at_once, setup, teardown),
      cmocka_unit_test_setup_teardown(test_without_source, setup, teardown),
      cmocka_unit_test_setup_teardown(test_waits, setup, teardown),
      cmocka_unit_test_setup_teardown(test_failures, setup, teardown),
      cmocka_unit_test_setup_teardown(test_abandoned_gate, setup, teardown),
      cmocka_unit_test_setup_teardown(test_keeps_context, setup, teardown),
      cmocka_unit_test_setup_teardown(test_many_at_once, setup, teardown),
      cmocka_unit_test_setup_teardown(test_races, setup, teardown),
      cmocka_unit_test_setup_teardown(test_allocation_failures, setup, teardown),
      cmocka_unit_test_setup_teardown(test_stack_context, setup, teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
