// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Programs of many dispatches: made on any number of threads they are the same bytes, and every dispatch is in its
// place.

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// cmocka.h needs the headers above.
#include <cmocka.h>

#include "compiler/codegen/codegen_testing.h"
#include "compiler/codegen/pool.h"
#include "compiler/support/mlir_util.h"

// |count| functions, the i-th of which adds i + 1. Each |every|-th has a long body; 0: none has.
static char* make_functions(int count, int every) {
  tenon_text_t text = {0};
  for (int i = 0; i < count; ++i) {
    tenon_text_appendf(
        &text,
        "func.func @\"the %d-th / name\"(%%a: tensor<?xi32>, %%n: index) -> tensor<?xi32> { %%e = "
        "tensor.empty(%%n) : tensor<?xi32> %%c = arith.constant %d : i32 %%r = linalg.generic "
        "{indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = "
        "[\"parallel\"]} ins(%%a : tensor<?xi32>) outs(%%e : tensor<?xi32>) { ^bb0(%%x: i32, %%o: "
        "i32): %%v0 = arith.addi %%x, %%c : i32 ",
        i, i + 1);
    int length = every && i % every == 0 ? 300 : 0;
    for (int k = 0; k < length; ++k)
      tenon_text_appendf(&text, "%%v%d = arith.xori %%v%d, %%%s : i32 ", k + 1, k,
                         k % 4 < 2 ? "x" : "c");
    tenon_text_appendf(&text,
                       "linalg.yield %%v%d : i32 } -> tensor<?xi32> return %%r : tensor<?xi32> }\n",
                       length);
  }
  return text.data;
}

static void check_values(const tenon_options_t* options, const char* functions, int count) {
  tenon_loaded_t loaded = tenon_load_dispatches(options, functions);
  assert_int_equal(loaded.info->dispatch_count, count);
  for (int i = 0; i < count; ++i) {
    int32_t a[3] = {10, 20, 30}, r[3];
    int64_t n = 3;
    char name[64];
    snprintf(name, sizeof(name), "the %d-th / name", i);
    assert_string_equal(loaded.info->dispatches[i].name, name);
    tenon_call(&loaded, (uint32_t)i, (void*[]){a, r}, (int64_t[]){3, 3}, &n, 1);
    for (int k = 0; k < 3; ++k) assert_int_equal(r[k], a[k] + i + 1);
  }
  tenon_unload(&loaded);
}

static void check_program(int count, int every, int thread_counts) {
  char* functions = make_functions(count, every);
  tenon_options_t options = tenon_default_options();
  tenon_bytes_t files[5];
  static const int threads[5] = {1, 3, 2, 64, 0};
  char message[512];
  for (int i = 0; i < thread_counts; ++i) {
    options.codegen_threads = threads[i];
    if (!tenon_compile_dispatches(&options, functions, &files[i], message)) fail_msg("%s", message);
    assert_int_equal(files[i].length, files[0].length);
    assert_memory_equal(files[i].data, files[0].data, files[0].length);
  }
  for (int i = 0; i < thread_counts; ++i) free(files[i].data);
  check_values(&options, functions, count);
  free(functions);
}

static void any_number_of_threads(void** state) {
  static const int counts[] = {1, 2, 8, 9, 10, 60};
  for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); ++i) check_program(counts[i], 0, 5);
}

// Dispatches of very different lengths.
static void long_and_short(void** state) { check_program(20, 7, 5); }

// More dispatches than there may be chunks of the smallest size.
static void more_than_chunks(void** state) { check_program(700, 0, 2); }

// What fails is named, the first one, while others are under way.
static void stops_at_the_first_error(void** state) {
  char* good = make_functions(40, 0);
  tenon_text_t text = {0};
  tenon_text_appendf(&text,
                     "%s func.func @bad1(%%a: f32) -> f32 { return %%a : f32 } "
                     "func.func @bad2() { return }",
                     good);
  tenon_options_t options = tenon_default_options();
  options.codegen_threads = 4;
  tenon_bytes_t file;
  char message[512];
  assert_false(tenon_compile_dispatches(&options, text.data, &file, message));
  assert_non_null(strstr(message, "a dispatch must hold"));
  assert_null(file.data);
  free(text.data);
  free(good);
}

//===----------------------------------------------------------------------===//
// The pool
//===----------------------------------------------------------------------===//

static void count_run(void* item) { ++*(_Atomic int*)item; }

static void pool_runs_everything_once(void** state) {
  enum { COUNT = 200 };
  static _Atomic int runs[COUNT];
  for (int threads = 0; threads <= 9; threads += 3) {
    for (int added = 0; added <= COUNT; added += 50) {
      memset(runs, 0, sizeof(runs));
      tenon_pool_t* pool = tenon_pool_create(count_run, COUNT, threads);
      for (int i = 0; i < added; ++i) tenon_pool_add(pool, (void*)&runs[i]);
      tenon_pool_finish(pool);
      for (int i = 0; i < COUNT; ++i) assert_int_equal(runs[i], i < added);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(any_number_of_threads),     cmocka_unit_test(long_and_short),
      cmocka_unit_test(more_than_chunks),          cmocka_unit_test(stops_at_the_first_error),
      cmocka_unit_test(pool_runs_everything_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
