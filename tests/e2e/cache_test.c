// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Calls that change a few rows of a table in a global, in place where they can, compared with an array. Usage: cache_test FOLDER-OF-MODULES
// [PATTERN-OF-TESTS].

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
// cmocka wants the four above first.
#include <cmocka.h>

#include "async_support.h"

enum { ROWS = 8, COLUMNS = 4, SIZE = ROWS * COLUMNS };

typedef struct model_t {
  int32_t table[SIZE], before[SIZE];
  int32_t row[COLUMNS], all[SIZE];
  int64_t i, j;
} model_t;

static void set_row(model_t* model, int64_t i, const int32_t* row) {
  memcpy(&model->table[i * COLUMNS], row, COLUMNS * sizeof(*row));
}

static void write_row(model_t* model) { set_row(model, model->i, model->row); }
static void move_row(model_t* model) {
  set_row(model, model->i, model->row);
  set_row(model, model->j, &model->before[model->i * COLUMNS]);
}
static void copy_row(model_t* model) {
  set_row(model, model->j, &model->before[model->i * COLUMNS]);
}
static void fill(model_t* model) {
  for (int64_t i = 0; i < model->i; ++i) set_row(model, i, model->row);
}
static void build(model_t* model) {
  memset(model->table, 0, sizeof(model->table));
  fill(model);
}
// The result is the table with all rows; kept is what it was in the last odd round.
static void build_and_keep(model_t* model) {
  build(model);
  memcpy(model->before, model->table, sizeof(model->table));
  if (model->i % 2) memset(&model->table[(model->i - 1) * COLUMNS], 0, sizeof(model->row));
}
static void reset(model_t* model) { memcpy(model->table, model->all, sizeof(model->table)); }
static void no_change(model_t* model) { (void)model; }

// What a function takes, in this order: i, j, a row, the whole table.
static const struct {
  const char* name;
  const char* arguments;
  void (*apply)(model_t* model);
  // Of the result: none, the table, or what it was before (what |apply| leaves there), or twice one of those.
  enum { NOTHING, AFTER, BEFORE, TWICE_AFTER, TWICE_BEFORE } result;
} functions[] = {
    {"cache.write", "ir", write_row, NOTHING},
    {"cache.read", "", no_change, AFTER},
    {"cache.write_and_read", "ir", write_row, AFTER},
    {"cache.write_and_read_old", "ir", write_row, TWICE_BEFORE},
    {"cache.move", "ijr", move_row, NOTHING},
    {"cache.copy_row", "ij", copy_row, NOTHING},
    {"cache.fill", "ir", fill, NOTHING},
    {"cache.fill_and_read_old", "ir", fill, TWICE_BEFORE},
    {"cache.build", "ir", build, TWICE_AFTER},
    {"cache.build_and_keep", "ir", build_and_keep, BEFORE},
    {"cache.reset", "t", reset, NOTHING},
};

static void push_table(invocation_t* invocation, const int32_t* table) {
  push_view(invocation, new_tensor(invocation->fixture, 2, (const iree_hal_dim_t[]){ROWS, COLUMNS},
                                   IREE_HAL_ELEMENT_TYPE_SINT_32, table));
}

static void push_arguments(invocation_t* invocation, const model_t* model, const char* arguments) {
  for (const char* p = arguments; *p; ++p) {
    if (*p == 'i' || *p == 'j') push_i64(invocation, *p == 'i' ? model->i : model->j);
    if (*p == 'r') push_tensor_i32(invocation, COLUMNS, model->row);
    if (*p == 't') push_table(invocation, model->all);
  }
}

static void expect_table(const invocation_t* invocation, const int32_t* expected, int32_t factor) {
  int32_t actual[SIZE];
  iree_hal_buffer_view_t* view = iree_vm_list_get_buffer_view_assign(invocation->outputs, 0);
  IREE_CHECK_OK(
      iree_hal_buffer_map_read(iree_hal_buffer_view_buffer(view), 0, actual, sizeof(actual)));
  for (int i = 0; i < SIZE; ++i) assert_int_equal(actual[i], factor * expected[i]);
  // The caller's own: whoever comes later must not see this.
  memset(actual, 0x55, sizeof(actual));
  IREE_CHECK_OK(
      iree_hal_buffer_map_write(iree_hal_buffer_view_buffer(view), 0, actual, sizeof(actual)));
}

static void call(fixture_t* fixture, model_t* model, size_t index, bool is_inside) {
  invocation_t invocation;
  invocation_initialize(&invocation, fixture, NULL);
  push_arguments(&invocation, model, functions[index].arguments);
  if (is_inside) {
    IREE_CHECK_OK(iree_runtime_session_call_by_name(fixture->session,
                                                    iree_make_cstring_view(functions[index].name),
                                                    invocation.inputs, invocation.outputs));
  } else {
    start(&invocation, functions[index].name);
    expect_reached(&invocation);
  }
  memcpy(model->before, model->table, sizeof(model->table));
  functions[index].apply(model);
  if (functions[index].result == AFTER) expect_table(&invocation, model->table, 1);
  if (functions[index].result == BEFORE) expect_table(&invocation, model->before, 1);
  if (functions[index].result == TWICE_AFTER) expect_table(&invocation, model->table, 2);
  if (functions[index].result == TWICE_BEFORE) expect_table(&invocation, model->before, 2);
  invocation_deinitialize(&invocation);
}

static void draw(model_t* model) {
  model->i = rand() % ROWS;
  model->j = rand() % ROWS;
  for (int k = 0; k < COLUMNS; ++k) model->row[k] = rand() % 1000;
  for (int k = 0; k < SIZE; ++k) model->all[k] = rand() % 1000;
}

static void run_randomly(void** state, const char* module, bool is_inside) {
  fixture_t fixture;
  fixture_open(&fixture, *state, path_of_module(module));
  model_t model = {{0}, {0}, {0}, {0}, 0, 0};
  srand(1);
  for (int i = 0; i < 600; ++i) {
    draw(&model);
    call(&fixture, &model, (size_t)rand() % IREE_ARRAYSIZE(functions), is_inside);
    if (i % 7 == 0) call(&fixture, &model, 1, is_inside);
  }
  fixture_close(&fixture);
}

static void test_random_calls(void** state) { run_randomly(state, "cache", false); }
static void test_random_calls_inside(void** state) { run_randomly(state, "cache_inside", true); }

// A row that isn't there: nothing changes, and others go on.
static void test_rows_outside(void** state) {
  fixture_t fixture;
  fixture_open(&fixture, *state, path_of_module("cache_inside"));
  model_t model = {{0}, {0}, {1, 2, 3, 4}, {0}, ROWS, 0};
  for (int i = 0; i < 2; ++i) {
    invocation_t invocation;
    invocation_initialize(&invocation, &fixture, NULL);
    model.i = i ? -1 : ROWS;
    push_arguments(&invocation, &model, "ir");
    expect_failure(iree_runtime_session_call_by_name(fixture.session, IREE_SV("cache.write"),
                                                     invocation.inputs, invocation.outputs),
                   IREE_STATUS_INVALID_ARGUMENT, "tensor.insert_slice");
    invocation_deinitialize(&invocation);
    call(&fixture, &model, 1, true);
  }
  fixture_close(&fixture);
}

// Many in flight, of which each must see those before.
static void test_in_flight(void** state) {
  fixture_t fixture;
  fixture_open(&fixture, *state, path_of_module("cache"));
  iree_hal_fence_t* wait = new_fence(&fixture);
  invocation_t writes[ROWS], reads[ROWS];
  int32_t table[SIZE] = {0};
  for (int i = 0; i < ROWS; ++i) {
    const int32_t row[COLUMNS] = {i + 1, i + 2, i + 3, i + 4};
    invocation_initialize(&writes[i], &fixture, wait);
    push_i64(&writes[i], i);
    push_tensor_i32(&writes[i], COLUMNS, row);
    start(&writes[i], "cache.write");
    invocation_initialize(&reads[i], &fixture, NULL);
    start(&reads[i], "cache.read");
    expect_pending(&reads[i]);
  }
  IREE_CHECK_OK(iree_hal_fence_signal(wait));
  iree_hal_fence_release(wait);
  for (int i = 0; i < ROWS; ++i) {
    for (int k = 0; k < COLUMNS; ++k) table[i * COLUMNS + k] = i + 1 + k;
    expect_reached(&reads[i]);
    expect_table(&reads[i], table, 1);
    invocation_deinitialize(&reads[i]);
    expect_reached(&writes[i]);
    invocation_deinitialize(&writes[i]);
  }
  fixture_close(&fixture);
}

int main(int argc, char** argv) {
  if (!take_arguments(argc, argv)) return 1;
  const struct CMUnitTest tests[] = {
      ON_ALL(test_random_calls),
      ON_ALL(test_random_calls_inside),
      ON_ALL(test_rows_outside),
      ON_ALL(test_in_flight),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
