// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs the random programs of numeric/async_graph_test.py: asynchronous functions of three numbers and three tensors, of 1, 2 and 3
// elements that are 11, 22 and 33. Usage: graph_run MODULE DRIVER [--fail], with lines `FUNCTION NUMBER NUMBER NUMBER` on standard
// input; each gives a line with the function's three results, or `fails`; with --fail the custom functions fail now and then. Calls of one function that follow one another are in flight
// at the same time, the first, third, ... with a wait fence that is signaled when all have begun.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
// cmocka wants the four above first.
#include <cmocka.h>

#include "async_support.h"

#define MAX_LINES 1024

typedef struct line_t {
  char function[64];
  long long numbers[3];
} line_t;

static const char *module_path, *driver;
static line_t lines[MAX_LINES];
static int line_count;
static bool fails;

static bool read_line(line_t* line) {
  return scanf("%63s %lld %lld %lld", line->function, &line->numbers[0], &line->numbers[1],
               &line->numbers[2]) == 4;
}

static void expect_data_loss(iree_status_t status) {
  if (!iree_status_is_data_loss(status)) IREE_CHECK_OK(status);
  iree_status_ignore(status);
}

static void begin(invocation_t* invocation, const line_t* line) {
  for (int i = 0; i < 3; ++i) push_i64(invocation, line->numbers[i]);
  for (int32_t i = 1; i <= 3; ++i) {
    push_tensor_i32(invocation, (iree_host_size_t)i, (const int32_t[]){11 * i, 11 * i, 11 * i});
  }
  iree_status_t status = try_start(invocation, line->function);
  if (!iree_status_is_ok(status)) expect_data_loss(status);
}

static void print_results(invocation_t* invocation) {
  if (fails) {
    iree_status_t status = iree_hal_fence_wait(invocation->signal, patience());
    bool failed = iree_status_is_aborted(status);
    iree_status_ignore(status);
    if (failed) {
      expect_data_loss(iree_hal_fence_query(invocation->signal));
      printf("fails\n");
      return;
    }
  }
  expect_reached(invocation);
  for (iree_host_size_t i = 0; i < 3; ++i) {
    int64_t value = 0;
    IREE_CHECK_OK(iree_hal_buffer_map_read(
        iree_hal_buffer_view_buffer(iree_vm_list_get_buffer_view_assign(invocation->outputs, i)), 0,
        &value, sizeof(value)));
    printf("%lld%c", (long long)value, i < 2 ? ' ' : '\n');
  }
}

// Runs lines[begin_line] and those after it that name the same function; returns where the next begin.
static int run_group(int begin_line) {
  static invocation_t invocations[MAX_LINES];
  int end = begin_line;
  fixture_t fixture;
  fixture_open(&fixture, driver, module_path);
  custom_behave(fails ? FAIL_THIRDS : ANSWER);
  iree_hal_fence_t* wait = new_fence(&fixture);
  for (; end < line_count && strcmp(lines[end].function, lines[begin_line].function) == 0; ++end) {
    invocation_t* invocation = &invocations[end];
    invocation_initialize(invocation, &fixture, (end - begin_line) % 2 ? NULL : wait);
    begin(invocation, &lines[end]);
  }
  IREE_CHECK_OK(iree_hal_fence_signal(wait));
  iree_hal_fence_release(wait);
  for (int i = begin_line; i < end; ++i) {
    print_results(&invocations[i]);
    invocation_deinitialize(&invocations[i]);
  }
  fixture_close(&fixture);
  return end;
}

int main(int argc, char** argv) {
  fails = argc == 4 && strcmp(argv[3], "--fail") == 0;
  if (argc != 3 && !fails) {
    fprintf(stderr, "usage: graph_run MODULE DRIVER [--fail] < LINES\n");
    return 1;
  }
  module_path = argv[1];
  driver = argv[2];
  while (line_count < MAX_LINES && read_line(&lines[line_count])) ++line_count;
  for (int i = 0; i < line_count;) i = run_group(i);
  return 0;
}
