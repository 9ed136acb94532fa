// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loops of both kinds, on one thread.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/testing/failing_allocator.h"
#include "iree/base/api.h"
#include "iree/base/loop_sync.h"

#define MILLISECOND ((iree_duration_t)1000000)

static void expect(iree_status_code_t code, iree_status_t status) {
  assert_int_equal(iree_status_consume_code(status), code);
}
#define expect_ok(status) expect(IREE_STATUS_OK, status)

//===--------------------------------------------------------------------------------------------===//
// A source that the test opens
//===--------------------------------------------------------------------------------------------===//

typedef struct door_t {
  iree_status_code_t code;  // DEFERRED: closed
  bool is_deaf;
  int listener_count;
  tenon_wait_listener_t listeners[16];
  // How often it was asked; opens when that was |open_after| times.
  int query_count, open_after;
} door_t;

static iree_status_t door_ctl(iree_wait_source_t source, iree_wait_source_command_t command,
                              const void* params, void** inout_ptr) {
  door_t* door = (door_t*)source.self;
  if (command == IREE_WAIT_SOURCE_COMMAND_QUERY) {
    if (++door->query_count == door->open_after) door->code = IREE_STATUS_OK;
    *(iree_status_code_t*)inout_ptr = door->code;
    return iree_ok_status();
  }
  if (command == IREE_WAIT_SOURCE_COMMAND_WAIT_ONE) {
    return iree_status_from_code(door->code == IREE_STATUS_DEFERRED ? IREE_STATUS_DEADLINE_EXCEEDED
                                                                    : door->code);
  }
  if (door->is_deaf) return iree_status_from_code(IREE_STATUS_UNIMPLEMENTED);
  if (door->code == IREE_STATUS_DEFERRED) {
    assert_true(door->listener_count < 16);
    door->listeners[door->listener_count++] = *(const tenon_wait_listener_t*)params;
  }
  return door->code == IREE_STATUS_OK || door->code == IREE_STATUS_DEFERRED
             ? iree_status_from_code(door->code)
             : iree_make_status(door->code, "jammed");
}

static door_t closed_door(void) { return (door_t){.code = IREE_STATUS_DEFERRED}; }
static iree_wait_source_t door_source(door_t* door) {
  return (iree_wait_source_t){{{door, 0}}, door_ctl};
}
static void open_door(door_t* door, iree_status_code_t code) {
  door->code = code;
  for (int i = 0; i < door->listener_count; ++i) {
    door->listeners[i].fn(door->listeners[i].user_data,
                          code ? iree_make_status(code, "jammed") : iree_ok_status());
  }
  door->listener_count = 0;
}

//===--------------------------------------------------------------------------------------------===//
// Callbacks
//===--------------------------------------------------------------------------------------------===//

// What was called back, in order: its name and how it went.
typedef struct journal_t {
  int count;
  char names[64];
  iree_status_code_t codes[64];
} journal_t;

// One callback: writes itself down, asks for |next|, if there is one, and fails with |failure|.
typedef struct step_t {
  journal_t* journal;
  char name;
  iree_status_code_t failure;
  struct step_t* next;
  iree_status_code_t next_code;
} step_t;

static iree_status_t run_step(void* user_data, iree_loop_t loop, iree_status_t status) {
  step_t* step = (step_t*)user_data;
  journal_t* journal = step->journal;
  assert_true(journal->count < 64);
  journal->names[journal->count] = step->name;
  journal->codes[journal->count++] = iree_status_consume_code(status);
  const int before = journal->count;
  if (step->next) {
    step->next_code = iree_status_consume_code(
        iree_loop_call(loop, IREE_LOOP_PRIORITY_DEFAULT, run_step, step->next));
  }
  expect(IREE_STATUS_FAILED_PRECONDITION, iree_loop_drain(loop, iree_immediate_timeout()));
  // Not inside this one.
  assert_int_equal(journal->count, before);
  return iree_status_from_code(step->failure);
}

static void expect_journal(const journal_t* journal, const char* names) {
  assert_int_equal(journal->count, strlen(names));
  assert_memory_equal(journal->names, names, strlen(names));
}

static iree_status_t call(iree_loop_t loop, step_t* step) {
  return iree_loop_call(loop, IREE_LOOP_PRIORITY_DEFAULT, run_step, step);
}

// A loop of either kind.
typedef struct fixture_t {
  bool is_inline;
  iree_status_t failure;
  int failure_count;
  iree_loop_sync_t* loop_sync;
  iree_loop_sync_scope_t scope;
  iree_loop_t loop;
  journal_t journal;
} fixture_t;

static void on_error(void* user_data, iree_status_t status) {
  fixture_t* f = (fixture_t*)user_data;
  ++f->failure_count;
  iree_status_ignore(f->failure);
  f->failure = status;
}

static fixture_t* make_fixture(bool is_inline) {
  static fixture_t fixture;
  fixture_t* f = &fixture;
  memset(f, 0, sizeof(*f));
  f->is_inline = is_inline;
  if (is_inline) {
    f->loop = iree_loop_inline(&f->failure);
    return f;
  }
  expect_ok(iree_loop_sync_allocate((iree_loop_sync_options_t){0}, iree_allocator_system(),
                                    &f->loop_sync));
  iree_loop_sync_scope_initialize(f->loop_sync, on_error, f, &f->scope);
  f->loop = iree_loop_sync_scope(&f->scope);
  return f;
}
static void end_fixture(fixture_t* f) {
  iree_status_ignore(f->failure);
  if (f->is_inline) return;
  iree_loop_sync_scope_deinitialize(&f->scope);
  iree_loop_sync_free(f->loop_sync);
}
static void drain(fixture_t* f) { expect_ok(iree_loop_drain(f->loop, iree_infinite_timeout())); }

//===--------------------------------------------------------------------------------------------===//
// Both kinds
//===--------------------------------------------------------------------------------------------===//

static void test_calls_in_order(void** state) {
  for (int is_inline = 0; is_inline < 2; ++is_inline) {
    fixture_t* f = make_fixture(is_inline);
    step_t d = {&f->journal, 'd', 0, NULL, 0}, c = {&f->journal, 'c', 0, &d, 0};
    step_t b = {&f->journal, 'b', 0, NULL, 0}, a = {&f->journal, 'a', 0, &c, 0};
    expect_ok(call(f->loop, &a));
    expect_journal(&f->journal, is_inline ? "acd" : "");
    expect_ok(call(f->loop, &b));
    drain(f);
    expect_journal(&f->journal, is_inline ? "acdb" : "abcd");
    for (int i = 0; i < 4; ++i) assert_int_equal(f->journal.codes[i], 0);
    end_fixture(f);
  }
}

static void test_null_loops_and_functions(void** state) {
  journal_t journal = {0};
  step_t a = {&journal, 'a', 0, NULL, 0};
  const iree_wait_source_t source = iree_wait_source_immediate();
  expect(IREE_STATUS_INVALID_ARGUMENT, call(iree_loop_null(), &a));
  expect(IREE_STATUS_INVALID_ARGUMENT, iree_loop_drain(iree_loop_null(), iree_immediate_timeout()));
  for (int is_inline = 0; is_inline < 2; ++is_inline) {
    fixture_t* f = make_fixture(is_inline);
    expect(IREE_STATUS_INVALID_ARGUMENT,
           iree_loop_wait_one(f->loop, source, iree_infinite_timeout(), NULL, NULL));
    const uint32_t counts[3] = {1, 1, 1};
    expect(IREE_STATUS_INVALID_ARGUMENT, iree_loop_dispatch(f->loop, counts, NULL, run_step, &a));
    const iree_loop_call_params_t params = {{run_step, &a}, IREE_LOOP_PRIORITY_DEFAULT};
    expect(IREE_STATUS_UNIMPLEMENTED,
           f->loop.ctl(f->loop.self, (iree_loop_command_t)77, &params, NULL));
    end_fixture(f);
  }
  assert_int_equal(journal.count, 0);
}

typedef struct grid_t {
  step_t step;  // First: the completion takes it.
  uint32_t seen[24], count, fail_at;
} grid_t;

static iree_status_t visit(void* user_data, iree_loop_t loop, uint32_t x, uint32_t y, uint32_t z) {
  grid_t* grid = (grid_t*)user_data;
  grid->seen[grid->count++] = x + 10 * y + 100 * z;
  return grid->count == grid->fail_at ? iree_status_from_code(IREE_STATUS_DATA_LOSS)
                                      : iree_ok_status();
}

static void test_dispatch(void** state) {
  for (int is_inline = 0; is_inline < 2; ++is_inline) {
    fixture_t* f = make_fixture(is_inline);
    const uint32_t counts[3] = {2, 3, 2}, none[3] = {2, 0, 2};
    grid_t grid = {.step = {&f->journal, 'g', 0, NULL, 0}};
    expect_ok(iree_loop_dispatch(f->loop, counts, visit, run_step, &grid));
    drain(f);
    assert_int_equal(grid.count, 12);
    assert_int_equal(grid.seen[1], 1);
    assert_int_equal(grid.seen[2], 10);
    assert_int_equal(grid.seen[11], 121);
    expect_ok(iree_loop_dispatch(f->loop, none, visit, run_step, &grid));
    drain(f);
    assert_int_equal(grid.count, 12);
    grid.count = 0;
    grid.fail_at = 5;
    expect_ok(iree_loop_dispatch(f->loop, counts, visit, run_step, &grid));
    drain(f);
    assert_int_equal(grid.count, 5);
    expect_journal(&f->journal, "ggg");
    assert_int_equal(f->journal.codes[1], IREE_STATUS_OK);
    assert_int_equal(f->journal.codes[2], IREE_STATUS_DATA_LOSS);
    end_fixture(f);
  }
}

static void test_waits(void** state) {
  for (int i = 0; i < 4; ++i) {
    fixture_t* f = make_fixture(i % 2);
    step_t a = {&f->journal, 'a', 0, NULL, 0};
    door_t open = {.code = IREE_STATUS_OK, .is_deaf = i > 1}, shut = closed_door(),
           jammed = {.code = IREE_STATUS_DATA_LOSS, .is_deaf = i > 1};
    shut.is_deaf = i > 1;
    const iree_timeout_t soon = iree_make_timeout_ms(2), never = iree_infinite_timeout();
    iree_wait_source_t sources[3] = {door_source(&open), iree_wait_source_immediate(),
                                     iree_wait_source_delay(iree_time_now() + MILLISECOND)};
    iree_wait_source_t failing[2] = {door_source(&shut), door_source(&jammed)};
    iree_wait_source_t mixed[2] = {door_source(&shut), door_source(&open)};
    iree_status_code_t expected[16];
    int count = 0;
#define WAIT(code, expression) \
  expect_ok(expression);       \
  drain(f);                    \
  expected[count++] = (code);  \
  assert_int_equal(f->journal.count, count)
    WAIT(0, iree_loop_wait_one(f->loop, sources[0], never, run_step, &a));
    WAIT(0, iree_loop_wait_one(f->loop, sources[1], iree_immediate_timeout(), run_step, &a));
    WAIT(0, iree_loop_wait_one(f->loop, sources[2], never, run_step, &a));
    WAIT(0, iree_loop_wait_all(f->loop, 3, sources, never, run_step, &a));
    WAIT(0, iree_loop_wait_all(f->loop, 0, NULL, never, run_step, &a));
    WAIT(0, iree_loop_wait_any(f->loop, 0, NULL, never, run_step, &a));
    WAIT(0, iree_loop_wait_any(f->loop, 2, mixed, never, run_step, &a));
    WAIT(IREE_STATUS_DATA_LOSS, iree_loop_wait_any(f->loop, 2, failing, never, run_step, &a));
    WAIT(IREE_STATUS_DATA_LOSS, iree_loop_wait_all(f->loop, 2, failing, never, run_step, &a));
    WAIT(IREE_STATUS_DATA_LOSS, iree_loop_wait_one(f->loop, failing[1], never, run_step, &a));
    WAIT(IREE_STATUS_DEADLINE_EXCEEDED, iree_loop_wait_all(f->loop, 2, mixed, soon, run_step, &a));
    WAIT(IREE_STATUS_DEADLINE_EXCEEDED, iree_loop_wait_any(f->loop, 1, mixed, soon, run_step, &a));
    WAIT(IREE_STATUS_DEADLINE_EXCEEDED,
         iree_loop_wait_one(f->loop, failing[0], iree_immediate_timeout(), run_step, &a));
    const iree_time_t begin = iree_time_now();
    WAIT(0, iree_loop_wait_until(f->loop, soon, run_step, &a));
    assert_true(iree_time_now() >= begin + 2 * MILLISECOND);
#undef WAIT
    for (int j = 0; j < count; ++j) assert_int_equal(f->journal.codes[j], expected[j]);
    end_fixture(f);
    // What waits that ended before have left behind goes with the source.
    open_door(&shut, IREE_STATUS_OK);
  }
}

static void test_failing_callbacks(void** state) {
  for (int is_inline = 0; is_inline < 2; ++is_inline) {
    fixture_t* f = make_fixture(is_inline);
    step_t c = {&f->journal, 'c', 0, NULL, 0}, b = {&f->journal, 'b', IREE_STATUS_NOT_FOUND, &c, 0};
    step_t a = {&f->journal, 'a', 0, &b, 0};
    expect_ok(call(f->loop, &a));
    drain(f);
    expect_journal(&f->journal, "abc");
    assert_int_equal(b.next_code, IREE_STATUS_OK);
    assert_int_equal(f->journal.codes[2], IREE_STATUS_ABORTED);
    assert_true(iree_status_is_not_found(f->failure));
    // The first failure counts, and the loop goes on.
    expect_ok(call(f->loop, &c));
    drain(f);
    expect_journal(&f->journal, "abcc");
    assert_int_equal(f->journal.codes[3], IREE_STATUS_OK);
    end_fixture(f);
  }
}

static void test_inline_drops_failures(void** state) {
  iree_loop_t loop = iree_loop_inline(NULL);
  journal_t journal = {0};
  step_t a = {&journal, 'a', IREE_STATUS_INTERNAL, NULL, 0};
  expect_ok(call(loop, &a));
  expect_journal(&journal, "a");
}

static iree_status_t fill_inline(void* user_data, iree_loop_t loop, iree_status_t status) {
  step_t* step = (step_t*)user_data;
  for (int i = 0; i < TENON_LOOP_INLINE_CAPACITY; ++i) expect_ok(call(loop, step));
  expect(IREE_STATUS_RESOURCE_EXHAUSTED, call(loop, step));
  return status;
}

static void test_inline_capacity(void** state) {
  journal_t journal = {0};
  step_t a = {&journal, 'a', 0, NULL, 0};
  expect_ok(iree_loop_call(iree_loop_inline(NULL), IREE_LOOP_PRIORITY_DEFAULT, fill_inline, &a));
  assert_int_equal(journal.count, TENON_LOOP_INLINE_CAPACITY);
}

// A deaf source among those that can be listened to opens while the loop asks.
static void test_sources_that_open_when_asked(void** state) {
  for (int is_inline = 0; is_inline < 2; ++is_inline) {
    fixture_t* f = make_fixture(is_inline);
    step_t a = {&f->journal, 'a', 0, NULL, 0};
    door_t door = {.code = IREE_STATUS_DEFERRED, .is_deaf = true, .open_after = 4};
    iree_wait_source_t sources[2] = {iree_wait_source_immediate(), door_source(&door)};
    expect_ok(iree_loop_wait_all(f->loop, 2, sources, iree_infinite_timeout(), run_step, &a));
    drain(f);
    expect_journal(&f->journal, "a");
    assert_int_equal(door.query_count, 4);
    end_fixture(f);
  }
}

//===--------------------------------------------------------------------------------------------===//
// loop_sync
//===--------------------------------------------------------------------------------------------===//

static void test_sync_waits_for_others(void** state) {
  fixture_t* f = make_fixture(false);
  step_t a = {&f->journal, 'a', 0, NULL, 0}, b = {&f->journal, 'b', 0, NULL, 0};
  door_t first = closed_door(), second = closed_door();
  iree_wait_source_t sources[2] = {door_source(&first), door_source(&second)};
  expect_ok(iree_loop_wait_all(f->loop, 2, sources, iree_infinite_timeout(), run_step, &a));
  expect_ok(iree_loop_wait_any(f->loop, 2, sources, iree_infinite_timeout(), run_step, &b));
  for (int i = 0; i < 2; ++i) {
    expect(IREE_STATUS_DEADLINE_EXCEEDED, iree_loop_drain(f->loop, iree_immediate_timeout()));
  }
  expect(IREE_STATUS_DEADLINE_EXCEEDED, iree_loop_drain(f->loop, iree_make_timeout_ms(1)));
  open_door(&second, IREE_STATUS_OK);
  expect(IREE_STATUS_DEADLINE_EXCEEDED, iree_loop_drain(f->loop, iree_immediate_timeout()));
  expect_journal(&f->journal, "b");
  open_door(&first, IREE_STATUS_OUT_OF_RANGE);
  expect_ok(iree_loop_drain(f->loop, iree_immediate_timeout()));
  expect_journal(&f->journal, "ba");
  assert_int_equal(f->journal.codes[1], IREE_STATUS_OUT_OF_RANGE);
  end_fixture(f);
}

// Given up with everything pending; then the sources end.
static void test_sync_is_given_up(void** state) {
  for (int i = 0; i < 3; ++i) {
    fixture_t* f = make_fixture(false);
    step_t c = {&f->journal, 'c', 0, NULL, 0};
    step_t a = {&f->journal, 'a', IREE_STATUS_INTERNAL, &c, 0}, b = {&f->journal, 'b', 0, NULL, 0};
    door_t door = closed_door();
    expect_ok(
        iree_loop_wait_one(f->loop, door_source(&door), iree_infinite_timeout(), run_step, &a));
    expect_ok(iree_loop_wait_until(f->loop, iree_infinite_timeout(), run_step, &b));
    expect_ok(call(f->loop, &b));
    if (i == 0) iree_loop_sync_free(f->loop_sync);
    if (i == 1) tenon_loop_sync_scope_abort(&f->scope);
    if (i < 2) expect(IREE_STATUS_ABORTED, call(f->loop, &c));
    if (i == 1) drain(f);
    iree_loop_sync_scope_deinitialize(&f->scope);
    assert_int_equal(f->journal.count, 3);
    for (int j = 0; j < 3; ++j) assert_int_equal(f->journal.codes[j], IREE_STATUS_ABORTED);
    assert_int_equal(a.next_code, IREE_STATUS_ABORTED);
    assert_int_equal(f->failure_count, 0);
    if (i > 0) iree_loop_sync_free(f->loop_sync);
    assert_int_equal(door.listener_count, 1);
    open_door(&door, i == 2 ? IREE_STATUS_DATA_LOSS : IREE_STATUS_OK);
    assert_int_equal(f->journal.count, 3);
  }
  iree_loop_sync_free(NULL);
}

static void test_sync_scopes_fail_alone(void** state) {
  fixture_t* f = make_fixture(false);
  iree_loop_sync_scope_t other_scope;
  iree_loop_sync_scope_initialize(f->loop_sync, NULL, NULL, &other_scope);
  iree_loop_t other = iree_loop_sync_scope(&other_scope);
  door_t door = closed_door();
  step_t x = {&f->journal, 'x', IREE_STATUS_DATA_LOSS, NULL, 0}, y = {&f->journal, 'y', 0, NULL, 0};
  step_t a = {&f->journal, 'a', 0, NULL, 0};
  expect_ok(call(other, &x));
  expect_ok(call(f->loop, &a));
  expect_ok(iree_loop_wait_one(other, door_source(&door), iree_infinite_timeout(), run_step, &y));
  expect_ok(call(other, &y));
  // Draining one runs the others', too.
  drain(f);
  expect_journal(&f->journal, "xyya");
  assert_int_equal(f->journal.codes[1], IREE_STATUS_ABORTED);
  assert_int_equal(f->journal.codes[2], IREE_STATUS_ABORTED);
  assert_int_equal(f->journal.codes[3], IREE_STATUS_OK);
  assert_int_equal(f->failure_count, 0);
  expect_ok(call(f->loop, &x));
  expect_ok(call(other, &y));
  expect_ok(iree_loop_sync_wait_idle(f->loop_sync, iree_infinite_timeout()));
  expect_journal(&f->journal, "xyyaxy");
  assert_int_equal(f->failure_count, 1);
  assert_int_equal(f->journal.codes[5], IREE_STATUS_OK);
  iree_loop_sync_scope_deinitialize(&other_scope);
  open_door(&door, IREE_STATUS_OK);
  end_fixture(f);
}

static void test_sync_limits(void** state) {
  iree_loop_sync_t* loop_sync = NULL;
  expect_ok(
      iree_loop_sync_allocate((iree_loop_sync_options_t){.max_queue_depth = 3, .max_wait_count = 2},
                              iree_allocator_system(), &loop_sync));
  iree_loop_sync_scope_t scope;
  iree_loop_sync_scope_initialize(loop_sync, NULL, NULL, &scope);
  iree_loop_t loop = iree_loop_sync_scope(&scope);
  journal_t journal = {0};
  step_t c = {&journal, 'c', 0, NULL, 0}, a = {&journal, 'a', 0, &c, 0};
  door_t door = closed_door();
  iree_wait_source_t sources[3] = {door_source(&door), door_source(&door), door_source(&door)};
  const iree_timeout_t never = iree_infinite_timeout();
  expect(IREE_STATUS_RESOURCE_EXHAUSTED, iree_loop_wait_all(loop, 3, sources, never, run_step, &a));
  expect(IREE_STATUS_RESOURCE_EXHAUSTED,
         iree_loop_wait_all(loop, SIZE_MAX / 8, sources, never, run_step, &a));
  expect_ok(iree_loop_wait_all(loop, 2, sources, never, run_step, &a));
  expect(IREE_STATUS_RESOURCE_EXHAUSTED, iree_loop_wait_one(loop, sources[0], never, run_step, &a));
  expect_ok(call(loop, &c));
  expect_ok(call(loop, &c));
  expect(IREE_STATUS_RESOURCE_EXHAUSTED, call(loop, &c));
  open_door(&door, IREE_STATUS_OK);
  expect_ok(iree_loop_drain(loop, never));
  expect_journal(&journal, "ccac");
  iree_loop_sync_scope_deinitialize(&scope);
  iree_loop_sync_free(loop_sync);
}

static iree_status_t use_loop(iree_allocator_t allocator, void* user_data) {
  iree_loop_sync_t* loop_sync = NULL;
  IREE_RETURN_IF_ERROR(
      iree_loop_sync_allocate((iree_loop_sync_options_t){0}, allocator, &loop_sync));
  iree_loop_sync_scope_t scope;
  iree_loop_sync_scope_initialize(loop_sync, NULL, NULL, &scope);
  iree_loop_t loop = iree_loop_sync_scope(&scope);
  journal_t journal = {0};
  step_t a = {&journal, 'a', 0, NULL, 0};
  door_t door = closed_door();
  iree_wait_source_t sources[2] = {door_source(&door), iree_wait_source_immediate()};
  iree_status_t status =
      iree_loop_wait_all(loop, 2, sources, iree_infinite_timeout(), run_step, &a);
  const int accepted = iree_status_is_ok(status);
  if (accepted) status = call(loop, &a);
  open_door(&door, IREE_STATUS_OK);
  expect_ok(iree_loop_drain(loop, iree_infinite_timeout()));
  assert_int_equal(journal.count, accepted + iree_status_is_ok(status));
  iree_loop_sync_scope_deinitialize(&scope);
  iree_loop_sync_free(loop_sync);
  return status;
}

static void test_sync_allocation_failures(void** state) {
  assert_int_equal(tenon_test_for_each_failure(use_loop, NULL), 3);
}

// Timers do not starve behind a callback that always asks for the next.
typedef struct busy_t {
  step_t step;
  int count;
  bool* is_over;
} busy_t;

static iree_status_t set_flag(void* user_data, iree_loop_t loop, iree_status_t status) {
  *(bool*)user_data = true;
  return status;
}
static iree_status_t stay_busy(void* user_data, iree_loop_t loop, iree_status_t status) {
  busy_t* busy = (busy_t*)user_data;
  ++busy->count;
  return *busy->is_over ? status
                        : iree_loop_call(loop, IREE_LOOP_PRIORITY_DEFAULT, stay_busy, busy);
}

static void test_sync_is_fair(void** state) {
  fixture_t* f = make_fixture(false);
  bool is_over = false;
  busy_t busy = {.is_over = &is_over};
  expect_ok(iree_loop_call(f->loop, IREE_LOOP_PRIORITY_DEFAULT, stay_busy, &busy));
  expect_ok(iree_loop_wait_until(f->loop, iree_make_timeout_ms(1), set_flag, &is_over));
  drain(f);
  assert_true(busy.count > 1);
  end_fixture(f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_calls_in_order),
      cmocka_unit_test(test_null_loops_and_functions),
      cmocka_unit_test(test_dispatch),
      cmocka_unit_test(test_waits),
      cmocka_unit_test(test_failing_callbacks),
      cmocka_unit_test(test_inline_drops_failures),
      cmocka_unit_test(test_inline_capacity),
      cmocka_unit_test(test_sources_that_open_when_asked),
      cmocka_unit_test(test_sync_waits_for_others),
      cmocka_unit_test(test_sync_is_given_up),
      cmocka_unit_test(test_sync_scopes_fail_alone),
      cmocka_unit_test(test_sync_limits),
      cmocka_unit_test(test_sync_allocation_failures),
      cmocka_unit_test(test_sync_is_fair),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
