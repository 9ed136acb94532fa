// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Whole dispatches: element types, sizes; targets; refusals. random_test.c has maps of all kinds, scalar_test.c the
// single operations.

#include <dlfcn.h>
#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// cmocka.h needs the headers above.
#include <cmocka.h>

#include "compiler/codegen/codegen_testing.h"
#include "compiler/support/mlir_util.h"

//===----------------------------------------------------------------------===//
// Flat dispatches
//===----------------------------------------------------------------------===//

#define FLAT(name, type, op)                                                                     \
  "func.func @" name "(%a: tensor<?x" type ">, %b: tensor<?x" type                               \
  ">, %n: index) -> tensor<?x" type                                                              \
  "> {\n"                                                                                        \
  "  %e = tensor.empty(%n) : tensor<?x" type                                                     \
  ">\n"                                                                                          \
  "  %r = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>, " \
  "affine_map<(d0) -> (d0)>], iterator_types = [\"parallel\"]} ins(%a, %b : tensor<?x" type      \
  ">, tensor<?x" type                                                                            \
  ">) "                                                                                          \
  "outs(%e : tensor<?x" type ">) {\n  ^bb0(%x: " type ", %y: " type ", %o: " type                \
  "):\n    %v = " op " %x, %y : " type "\n    linalg.yield %v : " type "\n  } -> tensor<?x" type \
  ">\n  return %r : tensor<?x" type ">\n}\n"

static const char flat_functions[] = FLAT("i8", "i8", "arith.muli") FLAT("i16", "i16", "arith.muli")
    FLAT("i32", "i32", "arith.muli") FLAT("i64", "i64", "arith.muli")
        FLAT("f32", "f32", "arith.mulf") FLAT("f64", "f64", "arith.mulf")
            FLAT("index", "index", "arith.muli") FLAT("i1", "i1", "arith.xori");

static const int64_t flat_sizes[] = {0,  1,   2,    5,    15,   16,   17,   31,
                                     33, 255, 1000, 4095, 4096, 4097, 8192, 100003};

// Runs dispatch |ordinal| on arrays of |T| with guards behind the result.
#define CHECK_FLAT(loaded, ordinal, T, expected)                                            \
  for (size_t s = 0; s < sizeof(flat_sizes) / sizeof(*flat_sizes); ++s) {                   \
    for (int parts = 1; parts <= 3; ++parts) {                                              \
      int64_t n = flat_sizes[s], lengths[3] = {n, n, n};                                    \
      T *a = malloc(((size_t)n + 1) * sizeof(T)), *b = malloc(((size_t)n + 1) * sizeof(T)); \
      T* r = malloc(((size_t)n + 1) * sizeof(T));                                           \
      for (int64_t i = 0; i < n; ++i) {                                                     \
        a[i] = (T)(i * 7 + 3);                                                              \
        b[i] = (T)(i * 5 + 1);                                                              \
      }                                                                                     \
      memset(r, 0x5A, ((size_t)n + 1) * sizeof(T));                                         \
      tenon_call(&loaded, ordinal, (void*[]){a, b, r}, lengths, &n, parts);                 \
      for (int64_t i = 0; i < n; ++i) {                                                     \
        T x = a[i], y = b[i];                                                               \
        if (r[i] != (T)(expected))                                                          \
          fail_msg(#T " element %lld of %lld", (long long)i, (long long)n);                 \
      }                                                                                     \
      T guard;                                                                              \
      memset(&guard, 0x5A, sizeof(T));                                                      \
      assert_memory_equal(&r[n], &guard, sizeof(T));                                        \
      free(a);                                                                              \
      free(b);                                                                              \
      free(r);                                                                              \
    }                                                                                       \
  }

static void check_flat_types(const tenon_options_t* options) {
  tenon_loaded_t loaded = tenon_load_dispatches(options, flat_functions);
  CHECK_FLAT(loaded, 0, uint8_t, x* y)
  CHECK_FLAT(loaded, 1, uint16_t, (uint32_t)x* y)
  CHECK_FLAT(loaded, 2, uint32_t, x* y)
  CHECK_FLAT(loaded, 3, uint64_t, x* y)
  CHECK_FLAT(loaded, 4, float, x* y)
  CHECK_FLAT(loaded, 5, double, x* y)
  CHECK_FLAT(loaded, 6, uint64_t, x* y)
  tenon_unload(&loaded);
}

static void flat_types_and_sizes(void** state) {
  tenon_options_t options = tenon_default_options();
  check_flat_types(&options);
}

static void flat_types_and_sizes_on_host(void** state) {
  tenon_options_t options = tenon_default_options();
  options.target_cpu = "host";
  check_flat_types(&options);
}

// i1 is one byte; whatever is not 0 is true, and what is written is 0 or 1.
static void booleans_are_bytes(void** state) {
  tenon_options_t options = tenon_default_options();
  tenon_loaded_t loaded = tenon_load_dispatches(&options, flat_functions);
  int64_t n = 1001, lengths[] = {n, n, n};
  uint8_t a[1001], b[1001], r[1002];
  for (int i = 0; i < n; ++i) {
    a[i] = (i % 3 == 0) * (uint8_t)(i | 1);
    b[i] = i % 2;
  }
  r[n] = 77;
  tenon_call(&loaded, 7, (void*[]){a, b, r}, lengths, &n, 1);
  for (int i = 0; i < n; ++i) assert_int_equal(r[i], (a[i] != 0) ^ b[i]);
  assert_int_equal(r[n], 77);
  tenon_unload(&loaded);
}

static void metadata_is_whole(void** state) {
  tenon_options_t options = tenon_default_options();
  tenon_loaded_t loaded = tenon_load_dispatches(&options, flat_functions);
  assert_int_equal(loaded.info->abi_version, TENON_EXECUTABLE_ABI_VERSION);
  assert_int_equal(loaded.info->dispatch_count, 8);
  assert_string_equal(loaded.info->required_features, "");
  assert_non_null(strstr(loaded.info->target_triple, "linux"));
  const tenon_dispatch_info_t* dispatch = &loaded.info->dispatches[5];
  assert_string_equal(dispatch->name, "f64");
  assert_int_equal(dispatch->binding_count, 3);
  assert_int_equal(dispatch->constant_count, 1);
  assert_int_equal(dispatch->bindings[0].element_size, 8);
  assert_int_equal(dispatch->bindings[0].access, TENON_BINDING_READ);
  assert_int_equal(dispatch->bindings[2].access, TENON_BINDING_WRITE);
  assert_int_equal(loaded.info->dispatches[7].bindings[2].element_size, 1);
  assert_in_range(loaded.file.length, 1, 16 * 1024);
  tenon_unload(&loaded);
}

//===----------------------------------------------------------------------===//
// Targets and refusals
//===----------------------------------------------------------------------===//

static void expect_refusal(const tenon_options_t* options, const char* functions,
                           const char* expected) {
  tenon_bytes_t file;
  char message[512];
  if (tenon_compile_dispatches(options, functions, &file, message))
    fail_msg("not refused: %s", functions);
  if (!strstr(message, expected)) fail_msg("expected '%s' in: %s", expected, message);
  assert_null(file.data);
}

static void compiles_for_aarch64(void** state) {
  tenon_options_t options = tenon_default_options();
  options.target_triple = "aarch64-linux-gnu";
  tenon_bytes_t file;
  char message[512];
  assert_true(
      tenon_compile_dispatches(&options, FLAT("remainder", "f64", "arith.remf"), &file, message));
  assert_in_range(file.length, sizeof(Elf64_Ehdr), 64 * 1024);
  assert_int_equal(((Elf64_Ehdr*)file.data)->e_machine, EM_AARCH64);
  assert_int_equal(((Elf64_Ehdr*)file.data)->e_type, ET_DYN);
  free(file.data);
  options.target_cpu = "neoverse-n1";
  assert_true(tenon_compile_dispatches(&options, flat_functions, &file, message));
  free(file.data);
}

static void names_required_features(void** state) {
  tenon_options_t options = tenon_default_options();
  options.target_triple = "x86_64-linux-gnu";
  options.target_cpu_features = "+avx2,+fma";
  tenon_bytes_t file;
  char message[512];
  assert_true(tenon_compile_dispatches(&options, flat_functions, &file, message));
  static const char expected[] = "sse3,ssse3,sse4.1,sse4.2,avx,avx2,fma";
  assert_non_null(memmem(file.data, file.length, expected, sizeof(expected)));
  free(file.data);
}

static void refuses_unknown_targets(void** state) {
  tenon_options_t options = tenon_default_options();
  options.target_triple = "mips-linux-gnu";
  expect_refusal(&options, flat_functions, "expected x86_64 or aarch64");
  options.target_triple = "x86_64-apple-macos";
  expect_refusal(&options, flat_functions, "is not supported");
  options.target_triple = "nonsense";
  expect_refusal(&options, flat_functions, "is not supported");
  options.target_triple = "x86_64-linux-gnu";
  options.target_cpu = "nonsense";
  expect_refusal(&options, flat_functions, "unknown processor 'nonsense'");
  options.target_cpu = "generic";
  options.target_cpu_features = "+avx2,+nonsense";
  expect_refusal(&options, flat_functions, "unknown processor feature '+nonsense'");
  options.target_cpu_features = "avx2";
  expect_refusal(&options, flat_functions, "unknown processor feature 'avx2'");
}

static void refuses_what_it_does_not_know(void** state) {
  tenon_options_t options = tenon_default_options();
#define UNARY(type, body)                                                                       \
  "func.func @f(%a: tensor<4x" type ">) -> tensor<4x" type                                      \
  "> { %e = tensor.empty() : tensor<4x" type                                                    \
  "> %r = "                                                                                     \
  "linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], "      \
  "iterator_types = "                                                                           \
  "[\"parallel\"]} ins(%a : tensor<4x" type ">) outs(%e : tensor<4x" type ">) { ^bb0(%x: " type \
  ", %o: " type "): " body " linalg.yield %y : " type " } -> tensor<4x" type                    \
  "> return %r : tensor<4x" type "> }"
  expect_refusal(
      &options,
      UNARY("f32", "%y = func.call @g(%x) : (f32) -> f32") "func.func private @g(%x: f32) -> f32",
      "'func.call' is not supported in a dispatch");
  expect_refusal(&options, UNARY("f80", "%y = arith.addf %x, %x : f80"),
                 "element type is not supported");
  expect_refusal(&options,
                 UNARY("i32", "%w = arith.extsi %x : i32 to i48 %y = arith.trunci %w : i48 to i32"),
                 "a type that dispatches don't support");
  expect_refusal(&options,
                 "func.func @f(%a: tensor<4xf32>) -> tensor<f32> { %e = tensor.empty() : "
                 "tensor<f32> %r = linalg.generic "
                 "{indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> ()>], "
                 "iterator_types = [\"parallel\"]} "
                 "ins(%a : tensor<4xf32>) outs(%e : tensor<f32>) { ^bb0(%x: f32, %o: f32): "
                 "linalg.yield %x : f32 } -> tensor<f32> return %r : tensor<f32> }",
                 "does not appear in the indexing map of result #0");
#undef UNARY
  expect_refusal(
      &options,
      "func.func @f(%v: f32) -> tensor<4294967296x4294967296xf32> { %e = tensor.empty() : "
      "tensor<4294967296x4294967296xf32> "
      "%r = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>], iterator_types = "
      "[\"parallel\", "
      "\"parallel\"]} outs(%e : tensor<4294967296x4294967296xf32>) { ^bb0(%o: f32): linalg.yield "
      "%v : f32 } -> "
      "tensor<4294967296x4294967296xf32> return %r : tensor<4294967296x4294967296xf32> }",
      "too many elements");
}

// A dimension that the code takes for granted is checked before anything is read, whatever numbers
// the host passes.
static void refuses_to_read_too_far(void** state) {
  tenon_options_t options = tenon_default_options();
  tenon_loaded_t loaded =
      tenon_load_dispatches(&options,
                            "func.func @f(%a: tensor<9xf32>, %n: index) -> tensor<?xf32> { %e = "
                            "tensor.empty(%n) : tensor<?xf32> %r = linalg.generic "
                            "{indexing_maps = [affine_map<(d0) -> (d0 * 2 + 1)>, affine_map<(d0) "
                            "-> (d0)>], iterator_types = [\"parallel\"]} ins(%a : "
                            "tensor<9xf32>) outs(%e : tensor<?xf32>) { ^bb0(%x: f32, %o: f32): "
                            "linalg.yield %x : f32 } -> tensor<?xf32> return %r : "
                            "tensor<?xf32> }");
  float a[9] = {0, 1, 2, 3, 4, 5, 6, 7, 8}, r[16];
  int64_t n = 4;
  tenon_call(&loaded, 0, (void*[]){a, r}, (int64_t[]){9, 4}, &n, 1);
  assert_true(r[3] == 7);
  tenon_dispatch_state_t call = {.bindings = (void*[]){a, r}, .constants = &n};
  n = 5;
  assert_int_not_equal(loaded.info->dispatches[0].function(&call, 0, 1), 0);
  n = INT64_MAX / 2 + 1;
  assert_int_not_equal(loaded.info->dispatches[0].function(&call, 0, 1), 0);
  tenon_unload(&loaded);
}

// The same for a dimension whose size is a number that the host passes: it has to agree with what
// is read, and the binding has to have that size.
static void checks_passed_dimensions(void** state) {
#define ROWS(dims)                                                                             \
  "func.func @f(%a: tensor<?x?xf32>, %n: index, %m: index, %rows: index, %columns: index) -> " \
  "tensor<?x?xf32> attributes {tenon.dims = " dims                                             \
  "} { %e = tensor.empty(%n, %m) : tensor<?x?xf32> %r = linalg.generic {indexing_maps = "      \
  "[affine_map<(d0, d1) -> (d0 * 2, d0 + d1 + 1)>, affine_map<(d0, d1) -> (d0, d1)>], "        \
  "iterator_types = [\"parallel\", \"parallel\"]} ins(%a : tensor<?x?xf32>) outs(%e : "        \
  "tensor<?x?xf32>) { ^bb0(%x: f32, %o: f32): linalg.yield %x : f32 } -> tensor<?x?xf32> "     \
  "return %r : tensor<?x?xf32> }"
  tenon_options_t options = tenon_default_options();
  tenon_loaded_t loaded =
      tenon_load_dispatches(&options, ROWS("[array<i64: 0, 0, 3>, array<i64: 0, 1, 4>]"));
  // n, m, rows, columns: the last element read is that of row 2, column 4.
  int64_t constants[] = {2, 3, 3, 5};
  float a[15], r[6];
  for (int i = 0; i < 15; ++i) a[i] = (float)i;
  void* const bindings[] = {a, r};
  tenon_call(&loaded, 0, bindings, (int64_t[]){15, 6}, constants, 1);
  static const float expected[] = {1, 2, 3, 12, 13, 14};
  assert_memory_equal(r, expected, sizeof(expected));
  static const int64_t wrong[][4] = {
      {2, 3, 3, 4}, {2, 3, 2, 5}, {2, 3, 0, 5}, {2, 3, 3, 0}, {INT64_MAX, INT64_MAX, 3, 5},
  };
  for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); ++i) {
    tenon_dispatch_state_t call = {.bindings = bindings, .constants = wrong[i]};
    assert_int_equal(loaded.info->dispatches[0].function(&call, 0, 1), 1);
  }
  // Nothing to compute needs nothing.
  tenon_call(&loaded, 0, bindings, (int64_t[]){0, 0}, (int64_t[]){2, 0, 0, 5}, 1);
  tenon_unload(&loaded);
  expect_refusal(&options, ROWS("[array<i64: 0, 0, 3>]"),
                 "operand #0: the dynamic dimension 1 is not indexed by a loop alone");
  static const char malformed[] = "'tenon.dims' must be an array of";
  expect_refusal(&options, ROWS("3"), malformed);
  expect_refusal(&options, ROWS("[array<i64: 0, 0>]"), malformed);
  expect_refusal(&options, ROWS("[array<i64: 1, 0, 3>]"), malformed);
  expect_refusal(&options, ROWS("[array<i64: 0, 2, 3>]"), malformed);
  expect_refusal(&options, ROWS("[array<i64: 0, 0, 0>]"), malformed);
  expect_refusal(&options, ROWS("[array<i64: 0, 0, 5>]"), malformed);
#undef ROWS
}

static void says_where_it_needs_a_folder(void** state) {
  tenon_options_t options = tenon_default_options();
  char* before = getenv("TMPDIR") ? strdup(getenv("TMPDIR")) : NULL;
  setenv("TMPDIR", "/dev/null/nowhere", 1);
  expect_refusal(&options, flat_functions, "set TMPDIR to a writable folder");
  if (before) {
    setenv("TMPDIR", before, 1);
  } else {
    unsetenv("TMPDIR");
  }
  free(before);
}

static void nothing_makes_nothing(void** state) {
  tenon_options_t options = tenon_default_options();
  tenon_bytes_t file;
  char message[512];
  assert_true(tenon_compile_dispatches(&options, "", &file, message));
  assert_null(file.data);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(flat_types_and_sizes),
      cmocka_unit_test(flat_types_and_sizes_on_host),
      cmocka_unit_test(booleans_are_bytes),
      cmocka_unit_test(metadata_is_whole),
      cmocka_unit_test(compiles_for_aarch64),
      cmocka_unit_test(names_required_features),
      cmocka_unit_test(refuses_unknown_targets),
      cmocka_unit_test(refuses_what_it_does_not_know),
      cmocka_unit_test(refuses_to_read_too_far),
      cmocka_unit_test(checks_passed_dimensions),
      cmocka_unit_test(says_where_it_needs_a_folder),
      cmocka_unit_test(nothing_makes_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
