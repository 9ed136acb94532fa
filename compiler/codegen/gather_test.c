// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Elements at computed places: tensor.extract, tenon.read and tenon.update, inside of their tensors and outside.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// cmocka.h needs the headers above.
#include <cmocka.h>

#include "compiler/codegen/codegen_testing.h"
#include "compiler/support/mlir_util.h"

static const int64_t sizes[] = {0, 1, 2, 7, 33, 1000};
#define SIZE_COUNT ((int)(sizeof(sizes) / sizeof(*sizes)))

static int32_t* numbers(int64_t count, int32_t factor, int32_t first) {
  int32_t* data = malloc(((size_t)count + 1) * sizeof(*data));
  for (int64_t i = 0; i <= count; ++i) data[i] = (int32_t)i * factor + first;
  return data;
}

// Both targets: with and without instructions that load under a mask.
static void on_both(const char* functions, void (*check)(const tenon_loaded_t* loaded)) {
  tenon_options_t options = tenon_default_options();
  for (int host = 0; host < 2; ++host) {
    if (host) options.target_cpu = "host";
    tenon_loaded_t loaded = tenon_load_dispatches(&options, functions);
    check(&loaded);
    tenon_unload(&loaded);
  }
}

//===----------------------------------------------------------------------===//
// tensor.extract
//===----------------------------------------------------------------------===//

// Rows of %table that %ids says.
static const char lookup[] =
    "func.func @lookup(%ids: tensor<?xi32>, %table: tensor<?x?xi32>, %n: index, %m: index, %rows: "
    "index) -> tensor<?x?xi32> attributes {tenon.results = [array<i64: 2, 3>], tenon.dims = "
    "[array<i64: 1, 0, 4>, array<i64: 1, 1, 3>]} {\n"
    "  %e = tensor.empty(%n, %m) : tensor<?x?xi32>\n"
    "  %r = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0)>, affine_map<(d0, d1) -> "
    "(d0, d1)>], iterator_types = [\"parallel\", \"parallel\"]} ins(%ids : tensor<?xi32>) outs(%e "
    ": tensor<?x?xi32>) {\n  ^bb0(%id: i32, %o: i32):\n    %row = arith.index_cast %id : i32 to "
    "index\n    %column = linalg.index 1 : index\n    %v = tensor.extract %table[%row, %column] : "
    "tensor<?x?xi32>\n    linalg.yield %v : i32\n  } -> tensor<?x?xi32>\n  return %r : "
    "tensor<?x?xi32>\n}\n";

static void check_lookup(const tenon_loaded_t* loaded) {
  for (int i = 0; i < SIZE_COUNT; ++i) {
    for (int k = 0; k < SIZE_COUNT; ++k) {
      int64_t n = sizes[i], m = sizes[k], rows = 5;
      int32_t *ids = numbers(n, 1, 0), *table = numbers(rows * m, 3, 1), *r = numbers(n * m, 0, 77);
      for (int64_t id = 0; id < n; ++id) ids[id] = (int32_t)(id * 3 % rows);
      void* bindings[] = {ids, table, r};
      int64_t lengths[] = {n, rows * m, n * m};
      tenon_call(loaded, 0, bindings, lengths, (int64_t[]){n, m, rows}, 1 + k % 3);
      for (int64_t e = 0; e < n * m; ++e) assert_int_equal(r[e], table[ids[e / m] * m + e % m]);
      assert_int_equal(r[n * m], 77);
      // Outside by one, and far.
      for (int wrong = 0; wrong < 3 && n && m; ++wrong) {
        ids[n / 2] = wrong == 0 ? 5 : wrong == 1 ? -1 : INT32_MIN;
        assert_int_equal(
            tenon_call_result(loaded, 0, bindings, lengths, (int64_t[]){n, m, rows}, 2),
            TENON_DISPATCH_OUTSIDE);
      }
      // An empty tensor has no element to read.
      assert_int_equal(
          tenon_call_result(loaded, 0, (void*[]){ids, NULL, r}, lengths, (int64_t[]){n, m, 0}, 1),
          n && m ? TENON_DISPATCH_OUTSIDE : 0);
      free(ids);
      free(table);
      free(r);
    }
  }
}

static void extracts_at_any_place(void** state) { on_both(lookup, check_lookup); }

// Each element and the one |shift| behind it, and the place 10 of a constant.
static const char shifted[] =
    "func.func @shifted(%a: tensor<?xi32>, %n: index, %size: index, %shift: index) -> "
    "tensor<?xi32> attributes {tenon.results = [array<i64: 1>], tenon.dims = [array<i64: 0, 0, "
    "2>]} {\n"
    "  %e = tensor.empty(%n) : tensor<?xi32>\n  %ten = arith.constant 10 : index\n"
    "  %c = arith.constant dense<100> : tensor<11xi32>\n"
    "  %r = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>], iterator_types = "
    "[\"parallel\"]} outs(%e : tensor<?xi32>) {\n  ^bb0(%o: i32):\n    %i = linalg.index 0 : "
    "index\n    %j = arith.addi %i, %shift : index\n    %x = tensor.extract %a[%i] : "
    "tensor<?xi32>\n    %y = tensor.extract %a[%j] : tensor<?xi32>\n    %z = tensor.extract "
    "%c[%ten] : tensor<11xi32>\n    %s = arith.addi %x, %y : i32\n    %v = arith.addi %s, %z : "
    "i32\n    linalg.yield %v : i32\n  } -> tensor<?xi32>\n  return %r : tensor<?xi32>\n}\n";

static void check_shifted(const tenon_loaded_t* loaded) {
  int32_t *a = numbers(1000, 7, 5), *r = numbers(1000, 0, 77);
  for (int i = 0; i < SIZE_COUNT; ++i) {
    for (int64_t shift = 0; shift < 40; shift += 13) {
      int64_t n = sizes[i], size = n + shift;
      if (size > 1000) continue;
      tenon_call(loaded, 0, (void*[]){a, r}, (int64_t[]){1000, n}, (int64_t[]){n, size, shift}, 2);
      for (int64_t e = 0; e < n; ++e) assert_int_equal(r[e], a[e] + a[e + shift] + 100);
      if (!n) continue;
      static const int64_t wrong[] = {1, -40, INT64_MAX, INT64_MIN};
      for (int w = 0; w < 4; ++w) {
        int64_t constants[] = {n, size, w ? wrong[w] : shift + 1};
        assert_int_equal(
            tenon_call_result(loaded, 0, (void*[]){a, r}, (int64_t[]){1000, n}, constants, 1),
            TENON_DISPATCH_OUTSIDE);
      }
    }
  }
  free(a);
  free(r);
}

static void extracts_at_sums_of_indices(void** state) { on_both(shifted, check_shifted); }

//===----------------------------------------------------------------------===//
// tenon.read
//===----------------------------------------------------------------------===//

// A matrix with a border of 9s: as wide as it has to be on any side, or cut.
static const char padded[] =
    "func.func @padded(%a: tensor<?x?xi32>, %n: index, %m: index, %rows: index, %columns: index, "
    "%top: index, %left: index) -> tensor<?x?xi32> attributes {tenon.results = [array<i64: 1, "
    "2>], tenon.dims = [array<i64: 0, 0, 3>, array<i64: 0, 1, 4>]} {\n"
    "  %e = tensor.empty(%n, %m) : tensor<?x?xi32>\n"
    "  %r = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>], iterator_types = "
    "[\"parallel\", \"parallel\"]} outs(%e : tensor<?x?xi32>) {\n  ^bb0(%o: i32):\n    %nine = "
    "arith.constant 9 : i32\n    %i = linalg.index 0 : index\n    %j = linalg.index 1 : index\n    "
    "%y = arith.subi %i, %top : index\n    %x = arith.subi %j, %left : index\n    %v = "
    "\"tenon.read\"(%nine, %a, %y, %x) : (i32, tensor<?x?xi32>, index, index) -> i32\n    "
    "linalg.yield %v : i32\n  } -> tensor<?x?xi32>\n  return %r : tensor<?x?xi32>\n}\n";

static void check_padded(const tenon_loaded_t* loaded) {
  static const int64_t offsets[] = {0, 3, -2, 50, INT64_MIN};
  for (int t = 0; t < SIZE_COUNT * SIZE_COUNT * 25; ++t) {
    int64_t rows = sizes[t % 6] > 33 ? 40 : sizes[t % 6], columns = sizes[t / 6 % 6];
    int64_t top = offsets[t / 36 % 5], left = offsets[t / 180 % 5];
    int64_t n = rows + 4, m = columns + 5;
    int32_t *a = numbers(rows * columns, 1, 100), *r = numbers(n * m, 0, 77);
    tenon_call(loaded, 0, (void*[]){rows && columns ? a : NULL, r},
               (int64_t[]){rows * columns, n * m}, (int64_t[]){n, m, rows, columns, top, left},
               1 + t % 2);
    for (int64_t e = 0; e < n * m; ++e) {
      uint64_t y = (uint64_t)(e / m) - (uint64_t)top, x = (uint64_t)(e % m) - (uint64_t)left;
      bool inside = y < (uint64_t)rows && x < (uint64_t)columns;
      assert_int_equal(r[e], inside ? a[y * (uint64_t)columns + x] : 9);
    }
    assert_int_equal(r[n * m], 77);
    free(a);
    free(r);
  }
}

static void reads_outside_give_the_default(void** state) { on_both(padded, check_padded); }

//===----------------------------------------------------------------------===//
// tenon.update
//===----------------------------------------------------------------------===//

// @slice writes %s at (%top, %left); @scatter writes %s[i] to the place %ids[i], and leaves out nothing.
static const char updates[] =
    "func.func @slice(%s: tensor<?x?xi32>, %rows: index, %columns: index, %top: index, %left: "
    "index, %n: index, %m: index) -> tensor<?x?xi32> attributes {tenon.results = [array<i64: 5, "
    "6>], tenon.dims = [array<i64: 0, 0, 1>, array<i64: 0, 1, 2>]} {\n"
    "  %e = tensor.empty(%n, %m) : tensor<?x?xi32>\n"
    "  %r = \"tenon.update\"(%e, %rows, %columns) ({\n  ^bb0(%i: index, %j: index):\n    %v = "
    "tensor.extract %s[%i, %j] : tensor<?x?xi32>\n    %y = arith.addi %i, %top : index\n    %x = "
    "arith.addi %j, %left : index\n    \"tenon.yield\"(%v, %y, %x) : (i32, index, index) -> ()\n  "
    "}) : (tensor<?x?xi32>, index, index) -> tensor<?x?xi32>\n  return %r : tensor<?x?xi32>\n}\n"
    "func.func @scatter(%ids: tensor<?xi64>, %s: tensor<?xi1>, %count: index, %n: index) -> "
    "tensor<?xi1> attributes {tenon.results = [array<i64: 3>], tenon.dims = [array<i64: 0, 0, 2>, "
    "array<i64: 1, 0, 2>]} {\n"
    "  %e = tensor.empty(%n) : tensor<?xi1>\n"
    "  %r = \"tenon.update\"(%e, %count) ({\n  ^bb0(%i: index):\n    %v = tensor.extract %s[%i] : "
    "tensor<?xi1>\n    %id = tensor.extract %ids[%i] : tensor<?xi64>\n    %at = arith.index_cast "
    "%id : i64 to index\n    \"tenon.yield\"(%v, %at) : (i1, index) -> ()\n  }) : (tensor<?xi1>, "
    "index) -> tensor<?xi1>\n  return %r : tensor<?xi1>\n}\n"
    "func.func @one(%v: f32, %i: index) -> tensor<4xf32> {\n"
    "  %e = tensor.empty() : tensor<4xf32>\n"
    "  %r = \"tenon.update\"(%e) ({\n    \"tenon.yield\"(%v, %i) : (f32, index) -> ()\n  }) : "
    "(tensor<4xf32>) -> tensor<4xf32>\n  return %r : tensor<4xf32>\n}\n";

static void check_slices(const tenon_loaded_t* loaded, int64_t rows, int64_t columns) {
  int64_t n = rows + 3, m = columns + 6;
  int32_t *s = numbers(rows * columns, 1, 100), *r = numbers(n * m, 1, -5000);
  for (int64_t top = -1; top < 5; ++top) {
    for (int64_t left = -1; left < 8; ++left) {
      int64_t constants[] = {rows, columns, top, left, n, m};
      bool fits = top >= 0 && left >= 0 && top <= 3 && left <= 6;
      int result = tenon_call_result(loaded, 0, (void*[]){s, r}, (int64_t[]){rows * columns, n * m},
                                     constants, 2);
      assert_int_equal(result, fits || !rows || !columns ? 0 : TENON_DISPATCH_OUTSIDE);
      for (int64_t e = 0; e <= n * m; ++e) {
        int64_t y = e / m - top, x = e % m - left;
        bool inside = fits && y >= 0 && y < rows && x >= 0 && x < columns;
        assert_int_equal(r[e], inside ? s[y * columns + x] : (int32_t)e - 5000);
        r[e] = (int32_t)e - 5000;
      }
    }
  }
  free(s);
  free(r);
}

static void check_scatter(const tenon_loaded_t* loaded, int64_t count) {
  int64_t n = count * 2 + 1, *ids = malloc(((size_t)count + 1) * sizeof(*ids));
  uint8_t *s = malloc((size_t)count + 1), *r = malloc((size_t)n + 1);
  memset(r, 2, (size_t)n + 1);
  for (int64_t i = 0; i < count; ++i) {
    ids[i] = (count - i) * 2;
    s[i] = (uint8_t)(i % 3 == 0);
  }
  void* bindings[] = {ids, s, r};
  int64_t lengths[] = {count, count, n}, constants[] = {count, n};
  tenon_call(loaded, 1, bindings, lengths, constants, 3);
  for (int64_t e = 0; e <= n; ++e) {
    bool written = e > 0 && e < n && e % 2 == 0;
    assert_int_equal(r[e], written ? s[count - e / 2] : 2);
  }
  for (int wrong = 0; wrong < 2 && count; ++wrong) {
    ids[count - 1] = wrong ? n : -1;
    assert_int_equal(tenon_call_result(loaded, 1, bindings, lengths, constants, 1),
                     TENON_DISPATCH_OUTSIDE);
    assert_int_equal(r[n], 2);
  }
  free(ids);
  free(s);
  free(r);
}

static void check_updates(const tenon_loaded_t* loaded) {
  for (int i = 0; i < SIZE_COUNT - 1; ++i) {
    for (int k = 0; k < SIZE_COUNT - 1; ++k) check_slices(loaded, sizes[i], sizes[k]);
  }
  for (int i = 0; i < SIZE_COUNT; ++i) check_scatter(loaded, sizes[i]);
  float r[4] = {1, 2, 3, 4}, value = 9;
  int64_t constants[] = {0, 2};
  memcpy(&constants[0], &value, sizeof(value));
  tenon_call(loaded, 2, (void*[]){r}, (int64_t[]){4}, constants, 1);
  assert_true(r[1] == 2 && r[2] == 9 && r[3] == 4);
  constants[1] = 4;
  assert_int_equal(tenon_call_result(loaded, 2, (void*[]){r}, (int64_t[]){4}, constants, 1),
                   TENON_DISPATCH_OUTSIDE);
}

static void updates_at_computed_places(void** state) { on_both(updates, check_updates); }

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(extracts_at_any_place),
      cmocka_unit_test(extracts_at_sums_of_indices),
      cmocka_unit_test(reads_outside_give_the_default),
      cmocka_unit_test(updates_at_computed_places),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
