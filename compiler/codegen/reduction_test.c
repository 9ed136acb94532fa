// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Dispatches with reduction loops, and groups of members, against plain loops in C.

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

static const int64_t sizes[] = {0, 1, 2, 5, 17, 33, 64, 130};
#define SIZE_COUNT ((int)(sizeof(sizes) / sizeof(*sizes)))

// |count| numbers of either kind, and a guard behind them. Small integers: floats add them up exactly in any order.
static int32_t* integers(int64_t count, uint32_t seed) {
  int32_t* data = malloc(((size_t)count + 1) * sizeof(*data));
  for (int64_t i = 0; i <= count; ++i) {
    seed = seed * 1664525u + 1013904223u;
    data[i] = (int32_t)(seed >> 26) - 32;
  }
  return data;
}

static float* floats(int64_t count, uint32_t seed) {
  int32_t* numbers = integers(count, seed);
  float* data = malloc(((size_t)count + 1) * sizeof(*data));
  for (int64_t i = 0; i <= count; ++i) data[i] = (float)numbers[i];
  free(numbers);
  return data;
}

//===----------------------------------------------------------------------===//
// Sums of rows, of columns, of everything
//===----------------------------------------------------------------------===//

static const char sums[] =
    "func.func @rows(%a: tensor<?x?xf32>, %init: tensor<?xf32>, %n: index, %m: index) -> "
    "tensor<?xf32> attributes {tenon.dims = [array<i64: 0, 1, 3>], tenon.results = [array<i64: "
    "2>]} {\n"
    "  %r = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) "
    "-> (d0)>], iterator_types = [\"parallel\", \"reduction\"]} ins(%a : tensor<?x?xf32>) "
    "outs(%init : tensor<?xf32>) {\n  ^bb0(%x: f32, %o: f32):\n    %v = arith.addf %o, %x : f32\n "
    "   linalg.yield %v : f32\n  } -> tensor<?xf32>\n  return %r : tensor<?xf32>\n}\n"
    "func.func @columns(%a: tensor<?x?xi32>, %init: tensor<?xi32>, %n: index, %m: index) -> "
    "tensor<?xi32> attributes {tenon.dims = [array<i64: 0, 0, 2>], tenon.results = [array<i64: "
    "3>]} {\n"
    "  %r = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) "
    "-> (d1)>], iterator_types = [\"reduction\", \"parallel\"]} ins(%a : tensor<?x?xi32>) "
    "outs(%init : tensor<?xi32>) {\n  ^bb0(%x: i32, %o: i32):\n    %v = arith.addi %x, %o : i32\n "
    "   linalg.yield %v : i32\n  } -> tensor<?xi32>\n  return %r : tensor<?xi32>\n}\n"
    // The largest, and how many are positive.
    "func.func @all(%a: tensor<?x?xi32>, %c: tensor<i64>, %n: index, %m: index) -> (tensor<i32>, "
    "tensor<i64>) attributes {tenon.dims = [array<i64: 0, 0, 2>, array<i64: 0, 1, 3>]} {\n"
    "  %start = arith.constant dense<-1000> : tensor<i32>\n"
    "  %r:2 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, "
    "d1) -> ()>, affine_map<(d0, d1) -> ()>], iterator_types = [\"reduction\", \"reduction\"]} "
    "ins(%a : tensor<?x?xi32>) outs(%start, %c : tensor<i32>, tensor<i64>) {\n  ^bb0(%x: i32, "
    "%best: i32, %count: i64):\n    %v = arith.maxsi %x, %best : i32\n    %zero = arith.constant 0 "
    ": i32\n    %positive = arith.cmpi sgt, %x, %zero : i32\n    %one = arith.extui %positive : i1 "
    "to i64\n    %next = arith.addi %count, %one : i64\n    linalg.yield %v, %next : i32, i64\n  } "
    "-> (tensor<i32>, tensor<i64>)\n  return %r#0, %r#1 : tensor<i32>, tensor<i64>\n}\n";

static void check_rows(const tenon_loaded_t* loaded, int64_t n, int64_t m, int parts) {
  float *a = floats(n * m, 1), *init = floats(n, 2), *r = floats(n, 3), guard = r[n];
  tenon_call(loaded, 0, (void*[]){a, init, r}, (int64_t[]){n * m, n, n}, (int64_t[]){n, m}, parts);
  for (int64_t i = 0; i < n; ++i) {
    float sum = init[i];
    for (int64_t k = 0; k < m; ++k) sum += a[i * m + k];
    if (r[i] != sum) fail_msg("%lld of %lldx%lld", (long long)i, (long long)n, (long long)m);
  }
  assert_true(r[n] == guard);
  free(a);
  free(init);
  free(r);
}

static void check_columns(const tenon_loaded_t* loaded, int64_t n, int64_t m, int parts) {
  int32_t *a = integers(n * m, 1), *init = integers(m, 2), *r = integers(m, 3), guard = r[m];
  tenon_call(loaded, 1, (void*[]){a, init, r}, (int64_t[]){n * m, m, m}, (int64_t[]){n, m}, parts);
  for (int64_t k = 0; k < m; ++k) {
    int32_t sum = init[k];
    for (int64_t i = 0; i < n; ++i) sum += a[i * m + k];
    if (r[k] != sum) fail_msg("%lld of %lldx%lld", (long long)k, (long long)n, (long long)m);
  }
  assert_int_equal(r[m], guard);
  free(a);
  free(init);
  free(r);
}

static void check_all(const tenon_loaded_t* loaded, int64_t n, int64_t m) {
  int32_t *a = integers(n * m, 7), best = -1000, r = 0;
  int64_t count = 5, c = 0;
  tenon_call(loaded, 2, (void*[]){a, &count, &r, &c}, (int64_t[]){n * m, 1, 1, 1},
             (int64_t[]){n, m}, 1);
  for (int64_t i = 0; i < n * m; ++i) {
    if (a[i] > best) best = a[i];
    count += a[i] > 0;
  }
  assert_int_equal(r, best);
  assert_int_equal(c, count);
  free(a);
}

static void check_sums(const tenon_options_t* options) {
  tenon_loaded_t loaded = tenon_load_dispatches(options, sums);
  for (int i = 0; i < SIZE_COUNT; ++i) {
    for (int k = 0; k < SIZE_COUNT; ++k) {
      for (int parts = 1; parts <= 3; parts += 2) {
        check_rows(&loaded, sizes[i], sizes[k], parts);
        check_columns(&loaded, sizes[i], sizes[k], parts);
      }
      check_all(&loaded, sizes[i], sizes[k]);
    }
  }
  tenon_unload(&loaded);
}

static void sums_of_all_sizes(void** state) {
  tenon_options_t options = tenon_default_options();
  check_sums(&options);
  options.target_cpu = "host";
  check_sums(&options);
}

//===----------------------------------------------------------------------===//
// Products of matrices
//===----------------------------------------------------------------------===//

// @plain adds to what is there. @layer is max(A*B + bias, 0) in one dispatch of three members.
static const char product_functions[] =
    "func.func @plain(%a: tensor<?x?xf32>, %b: tensor<?x?xf32>, %c: tensor<?x?xf32>, %n: index, "
    "%m: index, %k: index) -> tensor<?x?xf32> attributes {tenon.dims = [array<i64: 0, 1, 5>, "
    "array<i64: 1, 0, 5>], tenon.results = [array<i64: 3, 4>]} {\n"
    "  %r = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, "
    "d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = [\"parallel\", "
    "\"parallel\", \"reduction\"]} ins(%a, %b : tensor<?x?xf32>, tensor<?x?xf32>) outs(%c : "
    "tensor<?x?xf32>) {\n  ^bb0(%x: f32, %y: f32, %o: f32):\n    %p = arith.mulf %x, %y : f32\n    "
    "%s = arith.addf %o, %p : f32\n    linalg.yield %s : f32\n  } -> tensor<?x?xf32>\n  return %r "
    ": tensor<?x?xf32>\n}\n"
    "func.func @layer(%a: tensor<?x?xf32>, %b: tensor<?x?xf32>, %bias: tensor<?xf32>, %n: index, "
    "%m: index, %k: index) -> tensor<?x?xf32> attributes {tenon.outer = 2 : i64, tenon.dims = "
    "[array<i64: 0, 1, 5>, array<i64: 1, 0, 5>], tenon.results = [array<i64: 3, 4>]} {\n"
    "  %zero = arith.constant 0.0 : f32\n  %e = tensor.empty(%n, %m) : tensor<?x?xf32>\n"
    "  %f = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>], iterator_types = "
    "[\"parallel\", \"parallel\"]} outs(%e : tensor<?x?xf32>) {\n  ^bb0(%o: f32):\n    "
    "linalg.yield %zero : f32\n  } -> tensor<?x?xf32>\n"
    "  %p = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, "
    "d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = [\"parallel\", "
    "\"parallel\", \"reduction\"]} ins(%a, %b : tensor<?x?xf32>, tensor<?x?xf32>) outs(%f : "
    "tensor<?x?xf32>) {\n  ^bb0(%x: f32, %y: f32, %o: f32):\n    %p = arith.mulf %x, %y : f32\n    "
    "%s = arith.addf %o, %p : f32\n    linalg.yield %s : f32\n  } -> tensor<?x?xf32>\n"
    "  %r = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) "
    "-> (d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = [\"parallel\", \"parallel\"]} "
    "ins(%p, %bias : tensor<?x?xf32>, tensor<?xf32>) outs(%e : tensor<?x?xf32>) {\n  ^bb0(%x: f32, "
    "%y: f32, %o: f32):\n    %s = arith.addf %x, %y : f32\n    %v = arith.maximumf %s, %zero : "
    "f32\n    linalg.yield %v : f32\n  } -> tensor<?x?xf32>\n  return %r : tensor<?x?xf32>\n}\n";

static void check_product(const tenon_loaded_t* loaded, uint32_t ordinal, int64_t n, int64_t m,
                          int64_t k, int parts) {
  float *a = floats(n * k, 1), *b = floats(k * m, 2), *c = floats(ordinal ? m : n * m, 3);
  float *r = floats(n * m, 4), guard = r[n * m];
  tenon_call(loaded, ordinal, (void*[]){a, b, c, r},
             (int64_t[]){n * k, k * m, ordinal ? m : n * m, n * m}, (int64_t[]){n, m, k}, parts);
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < m; ++j) {
      float sum = ordinal ? c[j] : c[i * m + j];
      for (int64_t l = 0; l < k; ++l) sum += a[i * k + l] * b[l * m + j];
      if (ordinal && sum < 0) sum = 0;
      if (r[i * m + j] != sum) {
        fail_msg("%lld, %lld of %lldx%lldx%lld: %f instead of %f", (long long)i, (long long)j,
                 (long long)n, (long long)m, (long long)k, (double)r[i * m + j], (double)sum);
      }
    }
  }
  assert_true(r[n * m] == guard);
  free(a);
  free(b);
  free(c);
  free(r);
}

static void check_products(const tenon_options_t* options) {
  tenon_loaded_t loaded = tenon_load_dispatches(options, product_functions);
  for (int i = 0; i < SIZE_COUNT; ++i) {
    for (int j = 0; j < SIZE_COUNT; ++j) {
      for (int l = 0; l < SIZE_COUNT; l += 3) {
        check_product(&loaded, 0, sizes[i], sizes[j], sizes[l], 1 + (i + j) % 3);
        check_product(&loaded, 1, sizes[i], sizes[j], sizes[l], 1 + (i + j) % 3);
      }
    }
  }
  tenon_unload(&loaded);
}

static void products_of_all_sizes(void** state) {
  tenon_options_t options = tenon_default_options();
  check_products(&options);
  options.target_cpu = "host";
  check_products(&options);
}

//===----------------------------------------------------------------------===//
// Groups with loops of their own
//===----------------------------------------------------------------------===//

// In each row: the largest element, the differences to it (an array), their sum, and each element's share in 1000.
static const char shares[] =
    "func.func @shares(%a: tensor<?x?xi32>, %n: index, %m: index) -> (tensor<?x?xi32>, "
    "tensor<?x?xi32>, tensor<?xi32>) attributes {tenon.outer = 1 : i64, tenon.results = "
    "[array<i64: 1, 2>, array<i64: 1, 2>, array<i64: 1>]} {\n"
    "  %e1 = tensor.empty(%n) : tensor<?xi32>\n  %e2 = tensor.empty(%n, %m) : tensor<?x?xi32>\n"
    "  %low = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>], iterator_types = "
    "[\"parallel\"]} outs(%e1 : tensor<?xi32>) {\n  ^bb0(%o: i32):\n    %v = arith.constant "
    "-2147483648 : i32\n    linalg.yield %v : i32\n  } -> tensor<?xi32>\n"
    "  %max = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, "
    "d1) -> (d0)>], iterator_types = [\"parallel\", \"reduction\"]} ins(%a : tensor<?x?xi32>) "
    "outs(%low : tensor<?xi32>) {\n  ^bb0(%x: i32, %o: i32):\n    %v = arith.maxsi %x, %o : i32\n  "
    "  linalg.yield %v : i32\n  } -> tensor<?xi32>\n"
    "  %diff = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, "
    "d1) -> (d0)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = [\"parallel\", "
    "\"parallel\"]} ins(%a, %max : tensor<?x?xi32>, tensor<?xi32>) outs(%e2 : tensor<?x?xi32>) {\n "
    " ^bb0(%x: i32, %y: i32, %o: i32):\n    %v = arith.subi %y, %x : i32\n    linalg.yield %v : "
    "i32\n  } -> tensor<?x?xi32>\n"
    "  %zero = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>], iterator_types = "
    "[\"parallel\"]} outs(%e1 : tensor<?xi32>) {\n  ^bb0(%o: i32):\n    %v = arith.constant 1 : "
    "i32\n    linalg.yield %v : i32\n  } -> tensor<?xi32>\n"
    "  %sum = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, "
    "d1) -> (d0)>], iterator_types = [\"parallel\", \"reduction\"]} ins(%diff : tensor<?x?xi32>) "
    "outs(%zero : tensor<?xi32>) {\n  ^bb0(%x: i32, %o: i32):\n    %v = arith.addi %x, %o : i32\n  "
    "  linalg.yield %v : i32\n  } -> tensor<?xi32>\n"
    "  %share = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, "
    "d1) -> (d0)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = [\"parallel\", "
    "\"parallel\"]} ins(%diff, %sum : tensor<?x?xi32>, tensor<?xi32>) outs(%e2 : tensor<?x?xi32>) "
    "{\n  ^bb0(%x: i32, %y: i32, %o: i32):\n    %c = arith.constant 1000 : i32\n    %p = "
    "arith.muli %x, %c : i32\n    %v = arith.divsi %p, %y : i32\n    linalg.yield %v : i32\n  } -> "
    "tensor<?x?xi32>\n"
    "  return %diff, %share, %sum : tensor<?x?xi32>, tensor<?x?xi32>, tensor<?xi32>\n}\n";

static void check_shares(const tenon_loaded_t* loaded, int64_t n, int64_t m, int parts) {
  int32_t *a = integers(n * m, 1), *d = integers(n * m, 2), *s = integers(n * m, 3);
  int32_t *t = integers(n, 4), guards[] = {d[n * m], s[n * m], t[n]};
  tenon_call(loaded, 0, (void*[]){a, d, s, t}, (int64_t[]){n * m, n * m, n * m, n},
             (int64_t[]){n, m}, parts);
  for (int64_t i = 0; i < n; ++i) {
    int32_t max = INT32_MIN, sum = 1;
    for (int64_t k = 0; k < m; ++k) max = a[i * m + k] > max ? a[i * m + k] : max;
    for (int64_t k = 0; k < m; ++k) sum += max - a[i * m + k];
    assert_int_equal(t[i], sum);
    for (int64_t k = 0; k < m; ++k) {
      assert_int_equal(d[i * m + k], max - a[i * m + k]);
      assert_int_equal(s[i * m + k], (max - a[i * m + k]) * 1000 / sum);
    }
  }
  assert_int_equal(d[n * m], guards[0]);
  assert_int_equal(s[n * m], guards[1]);
  assert_int_equal(t[n], guards[2]);
  free(a);
  free(d);
  free(s);
  free(t);
}

static void groups_with_arrays(void** state) {
  tenon_options_t options = tenon_default_options();
  tenon_loaded_t loaded = tenon_load_dispatches(&options, shares);
  for (int i = 0; i < SIZE_COUNT; ++i) {
    for (int k = 0; k < SIZE_COUNT; ++k) check_shares(&loaded, sizes[i], sizes[k], 1 + i % 3);
  }
  tenon_unload(&loaded);
}

// A product whose rows are a member's own loop, and the largest of each row.
static const char product_rows[] =
    "func.func @rows(%a: tensor<?x?xi64>, %b: tensor<?x?xi64>, %n: index, %m: index, %k: index) -> "
    "(tensor<?x?xi64>, tensor<?x?xi64>, tensor<?xi64>) attributes {tenon.outer = 1 : i64, "
    "tenon.results = [array<i64: 2, 3>, array<i64: 2, 3>, array<i64: 2>], tenon.dims = "
    "[array<i64: 0, 1, 4>, array<i64: 1, 0, 4>]} {\n"
    "  %e2 = tensor.empty(%n, %m) : tensor<?x?xi64>\n  %e1 = tensor.empty(%n) : tensor<?xi64>\n"
    "  %least = arith.constant -1000000 "
    ": i64\n"
    "  %f = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>], iterator_types = "
    "[\"parallel\", \"parallel\"]} outs(%e2 : tensor<?x?xi64>) {\n  ^bb0(%o: i64):\n    %j = "
    "linalg.index 1 : index\n    %v = arith.index_cast %j : index to i64\n    linalg.yield %v : "
    "i64\n  } -> tensor<?x?xi64>\n"
    "  %p = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1)>, affine_map<(d0, "
    "d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d2)>], iterator_types = [\"parallel\", "
    "\"reduction\", \"parallel\"]} ins(%a, %b : tensor<?x?xi64>, tensor<?x?xi64>) outs(%f : "
    "tensor<?x?xi64>) {\n  ^bb0(%x: i64, %y: i64, %o: i64):\n    %p = arith.muli %x, %y : i64\n    "
    "%s = arith.addi %o, %p : i64\n    linalg.yield %s : i64\n  } -> tensor<?x?xi64>\n"
    "  %g = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>], iterator_types = "
    "[\"parallel\"]} outs(%e1 : tensor<?xi64>) {\n  ^bb0(%o: i64):\n    linalg.yield %least : "
    "i64\n  } -> tensor<?xi64>\n"
    "  %r = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) "
    "-> (d0)>], iterator_types = [\"parallel\", \"reduction\"]} ins(%p : tensor<?x?xi64>) outs(%g "
    ": tensor<?xi64>) {\n  ^bb0(%x: i64, %o: i64):\n    %v = arith.maxsi %x, %o : i64\n    "
    "linalg.yield %v : i64\n  } -> tensor<?xi64>\n  return %f, %p, %r : tensor<?x?xi64>, "
    "tensor<?x?xi64>, tensor<?xi64>\n}\n";

static void check_product_rows(const tenon_loaded_t* loaded, int64_t n, int64_t m, int64_t k) {
  size_t size = sizeof(int64_t);
  int64_t *a = malloc((size_t)(n * k + 1) * size), *b = malloc((size_t)(k * m + 1) * size);
  int64_t *f = malloc((size_t)(n * m + 1) * size), *p = malloc((size_t)(n * m + 1) * size);
  int64_t* r = malloc((size_t)(n + 1) * size);
  for (int64_t i = 0; i < n * k; ++i) a[i] = i * 7 % 31 - 15;
  for (int64_t i = 0; i < k * m; ++i) b[i] = i * 5 % 37 - 18;
  f[n * m] = p[n * m] = r[n] = 77;
  tenon_call(loaded, 0, (void*[]){a, b, f, p, r}, (int64_t[]){n * k, k * m, n * m, n * m, n},
             (int64_t[]){n, m, k}, 3);
  for (int64_t i = 0; i < n; ++i) {
    int64_t most = -1000000;
    for (int64_t j = 0; j < m; ++j) {
      int64_t sum = j;
      for (int64_t l = 0; l < k; ++l) sum += a[i * k + l] * b[l * m + j];
      assert_int_equal(p[i * m + j], sum);
      if (sum > most) most = sum;
    }
    assert_int_equal(r[i], most);
  }
  assert_true(f[n * m] == 77 && p[n * m] == 77 && r[n] == 77);
  free(a);
  free(b);
  free(f);
  free(p);
  free(r);
}

static void groups_with_products(void** state) {
  tenon_options_t options = tenon_default_options();
  for (int host = 0; host < 2; ++host) {
    if (host) options.target_cpu = "host";
    tenon_loaded_t loaded = tenon_load_dispatches(&options, product_rows);
    static const int64_t widths[] = {0, 1, 5, 33, 256, 257, 700};
    for (int j = 0; j < 7; ++j) {
      for (int64_t k = 0; k < 8; k += 1 + k) check_product_rows(&loaded, 5, widths[j], k);
    }
    tenon_unload(&loaded);
  }
}

//===----------------------------------------------------------------------===//
// Convolutions
//===----------------------------------------------------------------------===//

// NHWC with a kernel of 3x2 and stride 2x1; i8 inputs, i32 sums.
static void convolutions(void** state) {
  static const char convolution[] =
      "func.func @f(%a: tensor<2x9x7x3xi8>, %w: tensor<3x2x3x5xi8>, %c: tensor<2x4x6x5xi32>) -> "
      "tensor<2x4x6x5xi32> {\n"
      "  %r = linalg.generic {indexing_maps = [affine_map<(n, h, w, f, y, x, c) -> (n, h * 2 + y, "
      "w + x, c)>, affine_map<(n, h, w, f, y, x, c) -> (y, x, c, f)>, affine_map<(n, h, w, f, y, "
      "x, c) -> (n, h, w, f)>], iterator_types = [\"parallel\", \"parallel\", \"parallel\", "
      "\"parallel\", \"reduction\", \"reduction\", \"reduction\"]} ins(%a, %w : "
      "tensor<2x9x7x3xi8>, tensor<3x2x3x5xi8>) outs(%c : tensor<2x4x6x5xi32>) {\n  ^bb0(%p: i8, "
      "%q: i8, %o: i32):\n    %p4 = arith.extsi %p : i8 to i32\n    %q4 = arith.extsi %q : i8 to "
      "i32\n    %v = arith.muli %p4, %q4 : i32\n    %s = arith.addi %o, %v : i32\n    linalg.yield "
      "%s : i32\n  } -> tensor<2x4x6x5xi32>\n  return %r : tensor<2x4x6x5xi32>\n}\n";
  tenon_options_t options = tenon_default_options();
  tenon_loaded_t loaded = tenon_load_dispatches(&options, convolution);
  int8_t a[2][9][7][3], w[3][2][3][5];
  int32_t c[2][4][6][5], r[2][4][6][5];
  for (size_t i = 0; i < sizeof(a); ++i) ((int8_t*)a)[i] = (int8_t)(i * 37);
  for (size_t i = 0; i < sizeof(w); ++i) ((int8_t*)w)[i] = (int8_t)(i * 91);
  for (size_t i = 0; i < sizeof(c) / 4; ++i) ((int32_t*)c)[i] = (int32_t)i;
  tenon_call(&loaded, 0, (void*[]){a, w, c, r},
             (int64_t[]){sizeof(a), sizeof(w), sizeof(c) / 4, sizeof(r) / 4}, NULL, 2);
  for (int i = 0; i < 2 * 4 * 6 * 5; ++i) {
    int f = i % 5, x = i / 5 % 6, y = i / 30 % 4, n = i / 120;
    int32_t sum = c[n][y][x][f];
    for (int k = 0; k < 3 * 2 * 3; ++k) {
      int z = k % 3, kx = k / 3 % 2, ky = k / 6;
      sum += a[n][y * 2 + ky][x + kx][z] * w[ky][kx][z][f];
    }
    assert_int_equal(r[n][y][x][f], sum);
  }
  tenon_unload(&loaded);
}

//===----------------------------------------------------------------------===//
// Refusals
//===----------------------------------------------------------------------===//

static void expect_refusal(const char* function, const char* expected) {
  tenon_options_t options = tenon_default_options();
  tenon_bytes_t file;
  char message[512];
  if (tenon_compile_dispatches(&options, function, &file, message))
    fail_msg("not refused: %s", function);
  if (!strstr(message, expected)) fail_msg("expected '%s' in: %s", expected, message);
}

static void refuses_groups_that_are_none(void** state) {
// Two members: the second reads by |map| what the first wrote; |returned| are the function's results.
#define GROUP(attributes, map, returned, types)                                                    \
  "func.func @f(%a: tensor<4x4xi32>) -> " types attributes                                         \
  " {\n  %e = tensor.empty() : tensor<4x4xi32>\n  %x = linalg.generic {indexing_maps = "           \
  "[affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = "        \
  "[\"parallel\", \"parallel\"]} ins(%a : tensor<4x4xi32>) outs(%e : tensor<4x4xi32>) {\n  "       \
  "^bb0(%v: i32, %o: i32):\n    linalg.yield %v : i32\n  } -> tensor<4x4xi32>\n  %y = "            \
  "linalg.generic {indexing_maps = [affine_map<(d0, d1) -> " map                                   \
  ">, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = [\"parallel\", \"parallel\"]} ins(%x : " \
  "tensor<4x4xi32>) outs(%e : tensor<4x4xi32>) {\n  ^bb0(%v: i32, %o: i32):\n    linalg.yield "    \
  "%v : i32\n  } -> tensor<4x4xi32>\n  return " returned " : " types "\n}\n"
#define ONE "tensor<4x4xi32>"
  expect_refusal(GROUP("", "(d0, d1)", "%y", ONE), "'tenon.outer' must say how many loops");
  expect_refusal(GROUP(" attributes {tenon.outer = 3 : i64}", "(d0, d1)", "%y", ONE),
                 "the first 3 iterators must be parallel");
  expect_refusal(GROUP(" attributes {tenon.outer = 2 : i64}", "(d1, d0)", "%y", ONE),
                 "by another index than the outer loop that wrote it");
  expect_refusal(GROUP(" attributes {tenon.outer = 1 : i64}", "(d0, d1)", "%y", ONE),
                 "the dispatch must return it");
  expect_refusal(GROUP(" attributes {tenon.outer = 2 : i64}", "(d0, d1)", "%a", ONE),
                 "must be a result of a linalg.generic or tenon.update");
#undef ONE
#undef GROUP
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sums_of_all_sizes),  cmocka_unit_test(products_of_all_sizes),
      cmocka_unit_test(groups_with_arrays), cmocka_unit_test(groups_with_products),
      cmocka_unit_test(convolutions),       cmocka_unit_test(refuses_groups_that_are_none),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
