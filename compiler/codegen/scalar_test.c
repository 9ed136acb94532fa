// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every scalar operation on edge values, against its definition in C: what docs/dispatch-abi.md
// promises where C and LLVM leave things undefined.

#include <float.h>
#include <math.h>
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

// Appends `r = op(x, y)` over flat tensors; |body| computes %r.
static void append_function(tenon_text_t* text, const char* name, const char* in, const char* out,
                            const char* body) {
  tenon_text_appendf(
      text,
      "func.func @%s(%%a: tensor<?x%s>, %%b: tensor<?x%s>, %%n: index) -> tensor<?x%s> {\n"
      "  %%e = tensor.empty(%%n) : tensor<?x%s>\n"
      "  %%g = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> "
      "(d0)>, "
      "affine_map<(d0) -> (d0)>], iterator_types = [\"parallel\"]} ins(%%a, %%b : tensor<?x%s>, "
      "tensor<?x%s>) "
      "outs(%%e : tensor<?x%s>) {\n  ^bb0(%%x: %s, %%y: %s, %%o: %s):\n    %s\n    linalg.yield "
      "%%r : %s\n"
      "  } -> tensor<?x%s>\n  return %%g : tensor<?x%s>\n}\n",
      name, in, in, out, out, in, in, out, in, in, out, body, out, out, out);
}

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

// Operands as signed and unsigned numbers of |width| bits; the result's low bits count.
typedef struct integers_t {
  int64_t a, b;
  uint64_t ua, ub;
  int width;
  int64_t least;
} integers_t;

typedef uint64_t (*integer_reference_t)(integers_t v);

static int64_t safe_quotient(integers_t v) {
  if (v.b == 0) return 0;
  return v.b == -1 ? (int64_t)(0 - (uint64_t)v.a) : v.a / v.b;
}
static int64_t safe_remainder(integers_t v) {
  if (v.b == 0) return v.a;
  return v.b == -1 ? 0 : v.a % v.b;
}
static bool rounds(integers_t v) { return v.b != 0 && safe_remainder(v) != 0; }

static uint64_t ref_addi(integers_t v) { return v.ua + v.ub; }
static uint64_t ref_subi(integers_t v) { return v.ua - v.ub; }
static uint64_t ref_muli(integers_t v) { return v.ua * v.ub; }
static uint64_t ref_andi(integers_t v) { return v.ua & v.ub; }
static uint64_t ref_ori(integers_t v) { return v.ua | v.ub; }
static uint64_t ref_xori(integers_t v) { return v.ua ^ v.ub; }
static uint64_t ref_divsi(integers_t v) { return (uint64_t)safe_quotient(v); }
static uint64_t ref_divui(integers_t v) { return v.ub ? v.ua / v.ub : 0; }
static uint64_t ref_remsi(integers_t v) { return (uint64_t)safe_remainder(v); }
static uint64_t ref_remui(integers_t v) { return v.ub ? v.ua % v.ub : v.ua; }
static uint64_t ref_ceildivsi(integers_t v) {
  return (uint64_t)safe_quotient(v) + (rounds(v) && (v.a < 0) == (v.b < 0));
}
static uint64_t ref_floordivsi(integers_t v) {
  return (uint64_t)safe_quotient(v) - (rounds(v) && (v.a < 0) != (v.b < 0));
}
static uint64_t ref_ceildivui(integers_t v) { return v.ub ? v.ua / v.ub + (v.ua % v.ub != 0) : 0; }
static uint64_t ref_shli(integers_t v) { return v.ub < (uint64_t)v.width ? v.ua << v.ub : 0; }
static uint64_t ref_shrui(integers_t v) { return v.ub < (uint64_t)v.width ? v.ua >> v.ub : 0; }
static uint64_t ref_shrsi(integers_t v) {
  return (uint64_t)(v.a >> (v.ub < (uint64_t)v.width ? v.ub : (uint64_t)v.width - 1));
}
static uint64_t ref_minsi(integers_t v) { return (uint64_t)(v.a < v.b ? v.a : v.b); }
static uint64_t ref_maxsi(integers_t v) { return (uint64_t)(v.a > v.b ? v.a : v.b); }
static uint64_t ref_minui(integers_t v) { return v.ua < v.ub ? v.ua : v.ub; }
static uint64_t ref_maxui(integers_t v) { return v.ua > v.ub ? v.ua : v.ub; }

// clang-format off
#define INTEGER_OPS(X) \
  X(addi) X(subi) X(muli) X(andi) X(ori) X(xori) X(divsi) X(divui) X(remsi) X(remui) \
  X(ceildivsi) X(floordivsi) X(ceildivui) X(shli) X(shrui) X(shrsi) X(minsi) X(maxsi) \
  X(minui) X(maxui)
// clang-format on

#define NAME(op) #op,
static const char* const integer_names[] = {INTEGER_OPS(NAME)};
#undef NAME
#define REFERENCE(op) ref_##op,
static const integer_reference_t integer_references[] = {INTEGER_OPS(REFERENCE)};
#undef REFERENCE
#define INTEGER_OP_COUNT (sizeof(integer_names) / sizeof(*integer_names))

static void store_bits(void* array, int width, size_t i, uint64_t value) {
  memcpy((char*)array + i * (size_t)width / 8, &value,
         (size_t)width / 8);  // little-endian, as all supported hosts
}
static uint64_t load_bits(const void* array, int width, size_t i) {
  uint64_t value = 0;
  memcpy(&value, (const char*)array + i * (size_t)width / 8, (size_t)width / 8);
  return value;
}

#define EDGES 24
static size_t edge_values(int width, uint64_t* out) {
  uint64_t mask = width == 64 ? UINT64_MAX : ((uint64_t)1 << width) - 1;
  uint64_t least = (uint64_t)1 << (width - 1);
  const uint64_t values[EDGES] = {
      0,  1,  2,   3,   5,     7,         8,         15,        16,   31,       32,       63,
      64, 65, 100, 127, least, least + 1, least - 1, least / 2, mask, mask - 1, mask - 2, mask - 6};
  for (int i = 0; i < EDGES; ++i) out[i] = values[i] & mask;
  return EDGES;
}

static void check_integers(const tenon_loaded_t* loaded, uint32_t ordinal, size_t op, int width) {
  uint64_t edges[EDGES], mask = width == 64 ? UINT64_MAX : ((uint64_t)1 << width) - 1;
  size_t count = edge_values(width, edges), n = count * count;
  int64_t length = (int64_t)n, lengths[] = {length, length, length};
  void *a = calloc(n, 8), *b = calloc(n, 8), *r = calloc(n, 8);
  for (size_t i = 0; i < n; ++i) {
    store_bits(a, width, i, edges[i / count]);
    store_bits(b, width, i, edges[i % count]);
  }
  tenon_call(loaded, ordinal, (void*[]){a, b, r}, lengths, &length, 1);
  for (size_t i = 0; i < n; ++i) {
    integers_t v = {.ua = edges[i / count], .ub = edges[i % count], .width = width};
    v.a = (int64_t)(v.ua << (64 - width)) >> (64 - width);
    v.b = (int64_t)(v.ub << (64 - width)) >> (64 - width);
    uint64_t expected = integer_references[op](v) & mask;
    if (load_bits(r, width, i) != expected) {
      fail_msg("%s i%d (%lld, %lld): %llx instead of %llx", integer_names[op], width,
               (long long)v.a, (long long)v.b, (unsigned long long)load_bits(r, width, i),
               (unsigned long long)expected);
    }
  }
  free(a);
  free(b);
  free(r);
}

static void integer_operations(void** state) {
  static const int widths[] = {8, 16, 32, 64};
  for (int host = 0; host < 2; ++host) {
    tenon_options_t options = tenon_default_options();
    if (host) options.target_cpu = "host";
    tenon_text_t text = {0};
    for (size_t w = 0; w < 4; ++w) {
      for (size_t op = 0; op < INTEGER_OP_COUNT; ++op) {
        char type[8], name[32], body[64];
        snprintf(type, sizeof(type), "i%d", widths[w]);
        snprintf(name, sizeof(name), "%s_%s", integer_names[op], type);
        snprintf(body, sizeof(body), "%%r = arith.%s %%x, %%y : %s", integer_names[op], type);
        append_function(&text, name, type, type, body);
      }
    }
    tenon_loaded_t loaded = tenon_load_dispatches(&options, text.data);
    for (size_t i = 0; i < 4 * INTEGER_OP_COUNT; ++i) {
      check_integers(&loaded, (uint32_t)i, i % INTEGER_OP_COUNT, widths[i / INTEGER_OP_COUNT]);
    }
    tenon_unload(&loaded);
    free(text.data);
  }
}

// Divisors that are constants take the same rules as those that are not.
static void division_by_constants(void** state) {
  static const int64_t divisors[] = {0, 1, -1, 3, -7, INT32_MIN};
  static const char* const ops[] = {"divsi", "remsi", "floordivsi", "ceildivsi"};
  static const integer_reference_t references[] = {ref_divsi, ref_remsi, ref_floordivsi,
                                                   ref_ceildivsi};
  tenon_text_t text = {0};
  for (size_t i = 0; i < 24; ++i) {
    char name[32], body[128];
    snprintf(name, sizeof(name), "f%zu", i);
    snprintf(body, sizeof(body), "%%c = arith.constant %lld : i32 %%r = arith.%s %%x, %%c : i32",
             (long long)divisors[i % 6], ops[i / 6]);
    append_function(&text, name, "i32", "i32", body);
  }
  tenon_options_t options = tenon_default_options();
  tenon_loaded_t loaded = tenon_load_dispatches(&options, text.data);
  int32_t a[] = {0, 1, -1, 2, -2, 6, 7, 8, -6, -7, -8, INT32_MAX, INT32_MIN, INT32_MIN + 1}, r[14];
  int64_t n = 14, lengths[] = {n, n, n};
  for (size_t i = 0; i < 24; ++i) {
    tenon_call(&loaded, (uint32_t)i, (void*[]){a, a, r}, lengths, &n, 1);
    for (int k = 0; k < n; ++k) {
      uint64_t expected =
          references[i / 6]((integers_t){.a = a[k], .b = divisors[i % 6], .width = 32});
      assert_int_equal((uint32_t)r[k], (uint32_t)expected);
    }
  }
  tenon_unload(&loaded);
  free(text.data);
}

static void extended_arithmetic(void** state) {
  tenon_text_t text = {0};
  append_function(&text, "high_u", "i64", "i64", "%l, %r = arith.mului_extended %x, %y : i64");
  append_function(&text, "high_s", "i64", "i64", "%l, %r = arith.mulsi_extended %x, %y : i64");
  append_function(&text, "carry", "i64", "i1", "%l, %r = arith.addui_extended %x, %y : i64, i1");
  tenon_options_t options = tenon_default_options();
  tenon_loaded_t loaded = tenon_load_dispatches(&options, text.data);
  int64_t a[] = {3, -1, INT64_MIN, INT64_MAX}, b[] = {5, -1, INT64_MIN, 4}, r[4];
  uint8_t carry[4];
  int64_t n = 4, lengths[] = {n, n, n};
  tenon_call(&loaded, 0, (void*[]){a, b, r}, lengths, &n, 1);
  for (int i = 0; i < 4; ++i)
    assert_true((uint64_t)r[i] ==
                (uint64_t)(((unsigned __int128)(uint64_t)a[i] * (uint64_t)b[i]) >> 64));
  tenon_call(&loaded, 1, (void*[]){a, b, r}, lengths, &n, 1);
  for (int i = 0; i < 4; ++i) assert_true(r[i] == (int64_t)(((__int128)a[i] * b[i]) >> 64));
  tenon_call(&loaded, 2, (void*[]){a, b, carry}, lengths, &n, 1);
  for (int i = 0; i < 4; ++i)
    assert_int_equal(carry[i], (uint64_t)a[i] + (uint64_t)b[i] < (uint64_t)a[i]);
  tenon_unload(&loaded);
  free(text.data);
}

static void integer_comparisons_and_select(void** state) {
  static const char* const predicates[] = {"eq",  "ne",  "slt", "sle", "sgt",
                                           "sge", "ult", "ule", "ugt", "uge"};
  tenon_text_t text = {0};
  for (int i = 0; i < 10; ++i) {
    char body[128];
    snprintf(body, sizeof(body), "%%r = arith.cmpi %s, %%x, %%y : i32", predicates[i]);
    append_function(&text, predicates[i], "i32", "i1", body);
  }
  append_function(&text, "pick", "i32", "i32",
                  "%c = arith.cmpi slt, %x, %y : i32 %r = arith.select %c, %y, %x : i32");
  append_function(&text, "widen", "i1", "i32",
                  "%s = arith.extsi %x : i1 to i32 %u = arith.extui %y : i1 to i32 %r = arith.subi "
                  "%u, %s : i32");
  append_function(&text, "to_index", "i8", "index",
                  "%s = arith.index_cast %x : i8 to index %u = arith.index_castui %y : i8 to index "
                  "%r = arith.addi %s, %u : index");
  tenon_options_t options = tenon_default_options();
  tenon_loaded_t loaded = tenon_load_dispatches(&options, text.data);
  int32_t values[] = {0, 1, -1, INT32_MIN, INT32_MAX}, a[25], b[25], picked[25];
  uint8_t r[25];
  for (int i = 0; i < 25; ++i) a[i] = values[i / 5], b[i] = values[i % 5];
  int64_t n = 25, lengths[] = {n, n, n};
  for (uint32_t p = 0; p < 10; ++p) {
    tenon_call(&loaded, p, (void*[]){a, b, r}, lengths, &n, 1);
    for (int i = 0; i < 25; ++i) {
      uint32_t x = (uint32_t)a[i], y = (uint32_t)b[i];
      const bool expected[] = {a[i] == b[i], a[i] != b[i],      a[i]<b[i], a[i] <= b[i], a[i]> b[i],
                               a[i] >= b[i], x<y, x <= y, x> y, x >= y};
      assert_int_equal(r[i], expected[p]);
    }
  }
  tenon_call(&loaded, 10, (void*[]){a, b, picked}, lengths, &n, 1);
  for (int i = 0; i < 25; ++i) assert_int_equal(picked[i], a[i] > b[i] ? a[i] : b[i]);
  uint8_t x[] = {0, 1, 0, 1}, y[] = {0, 0, 1, 1};
  n = 4;
  tenon_call(&loaded, 11, (void*[]){x, y, picked}, (int64_t[]){4, 4, 4}, &n, 1);
  for (int i = 0; i < 4; ++i) assert_int_equal(picked[i], y[i] + x[i]);
  uint8_t s[] = {5, 0x80, 0xFF}, u[] = {5, 0x80, 0xFF};
  int64_t sums[3];
  n = 3;
  tenon_call(&loaded, 12, (void*[]){s, u, sums}, (int64_t[]){3, 3, 3}, &n, 1);
  assert_int_equal(sums[0], 10);
  assert_int_equal(sums[1], 0);
  assert_int_equal(sums[2], 254);
  tenon_unload(&loaded);
  free(text.data);
}

//===----------------------------------------------------------------------===//
// Floating point
//===----------------------------------------------------------------------===//

static const double float_values[] = {
    0.0,   -0.0,   1.0,      -1.0,      0.5,   1.5,          -1.5,          3.0,
    1e-40, -1e-40, 127.5,    -128.5,    255.9, 1e5,          1e10,          -1e10,
    1e19,  -1e19,  INFINITY, -INFINITY, NAN,   2147483647.0, -2147483648.0, 7.25};
#define FLOATS (sizeof(float_values) / sizeof(*float_values))

static bool same_double(double a, double b) {
  return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof(a)) == 0;
}
static bool same_float(float a, float b) {
  return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof(a)) == 0;
}

// NaN if one is; -0 is less than 0.
static double ref_minimum(double a, double b) {
  if (isnan(a) || isnan(b)) return NAN;
  return a == b ? (signbit(a) ? a : b) : (a < b ? a : b);
}
static double ref_maximum(double a, double b) { return -ref_minimum(-a, -b); }

static const char* const float_names[] = {"addf",     "subf",     "mulf",    "divf",   "remf",
                                          "minimumf", "maximumf", "minnumf", "maxnumf"};
static double float_reference(size_t op, double a, double b) {
  switch (op) {
    case 0:
      return a + b;
    case 1:
      return a - b;
    case 2:
      return a * b;
    case 3:
      return a / b;
    case 4:
      return fmod(a, b);
    case 5:
      return ref_minimum(a, b);
    case 6:
      return ref_maximum(a, b);
    case 7:
      return fmin(a, b);
    default:
      return fmax(a, b);
  }
}

static void float_operations(void** state) {
  enum { OPS = 9, N = FLOATS * FLOATS };
  for (int host = 0; host < 2; ++host) {
    tenon_options_t options = tenon_default_options();
    if (host) options.target_cpu = "host";
    tenon_text_t text = {0};
    for (size_t i = 0; i < 2 * OPS; ++i) {
      const char* type = i < OPS ? "f64" : "f32";
      char name[32], body[64];
      snprintf(name, sizeof(name), "%s_%s", float_names[i % OPS], type);
      snprintf(body, sizeof(body), "%%r = arith.%s %%x, %%y : %s", float_names[i % OPS], type);
      append_function(&text, name, type, type, body);
    }
    tenon_loaded_t loaded = tenon_load_dispatches(&options, text.data);
    static double a[N], b[N], r[N];
    static float fa[N], fb[N], fr[N];
    for (size_t i = 0; i < N; ++i) {
      fa[i] = (float)(a[i] = float_values[i / FLOATS]);
      fb[i] = (float)(b[i] = float_values[i % FLOATS]);
    }
    int64_t n = N, lengths[] = {N, N, N};
    for (uint32_t op = 0; op < OPS; ++op) {
      tenon_call(&loaded, op, (void*[]){a, b, r}, lengths, &n, 1);
      tenon_call(&loaded, OPS + op, (void*[]){fa, fb, fr}, lengths, &n, 1);
      for (size_t i = 0; i < N; ++i) {
        // Which zero minnum gives is open.
        double expected = float_reference(op, a[i], b[i]);
        if (!same_double(r[i], expected) && !(op >= 7 && r[i] == expected)) {
          fail_msg("%s(%g, %g) = %g instead of %g", float_names[op], a[i], b[i], r[i], expected);
        }
        // One operation in double and a rounding are one rounding to float, remainders are exact.
        float single = (float)float_reference(op, fa[i], fb[i]);
        if (!same_float(fr[i], single) && !(op >= 7 && fr[i] == single)) {
          fail_msg("%s f32(%g, %g) = %g instead of %g", float_names[op], fa[i], fb[i], fr[i],
                   single);
        }
      }
    }
    tenon_unload(&loaded);
    free(text.data);
  }
}

static void float_comparisons(void** state) {
  static const char* const predicates[] = {"false", "oeq", "ogt", "oge", "olt", "ole",
                                           "one",   "ord", "ueq", "ugt", "uge", "ult",
                                           "ule",   "une", "uno", "true"};
  tenon_text_t text = {0};
  for (int i = 0; i < 16; ++i) {
    char name[16], body[64];
    snprintf(name, sizeof(name), "p%d", i);
    snprintf(body, sizeof(body), "%%r = arith.cmpf %s, %%x, %%y : f32", predicates[i]);
    append_function(&text, name, "f32", "i1", body);
  }
  tenon_options_t options = tenon_default_options();
  tenon_loaded_t loaded = tenon_load_dispatches(&options, text.data);
  const float values[] = {0, -0.0f, 1, -2, NAN, INFINITY};
  float a[36], b[36];
  uint8_t r[36];
  for (int i = 0; i < 36; ++i) a[i] = values[i / 6], b[i] = values[i % 6];
  int64_t n = 36, lengths[] = {n, n, n};
  for (uint32_t p = 0; p < 16; ++p) {
    tenon_call(&loaded, p, (void*[]){a, b, r}, lengths, &n, 1);
    for (int i = 0; i < 36; ++i) {
      float x = a[i], y = b[i];
      bool u = isnan(x) || isnan(y);
      const bool ordered[] = {false, x == y, x > y, x >= y, x < y, x <= y, !u && x != y, !u};
      const bool unordered[] = {u || x == y, u || x > y,  u || x >= y, u || x < y,
                                u || x <= y, u || x != y, u,           true};
      assert_int_equal(r[i], p < 8 ? ordered[p] : unordered[p - 8]);
    }
  }
  tenon_unload(&loaded);
  free(text.data);
}

// To integers: saturating, NaN is 0. From integers: rounded to nearest.
static void conversions(void** state) {
  static const int widths[] = {8, 16, 32, 64};
  tenon_text_t text = {0};
  for (int w = 0; w < 4; ++w) {
    for (int is_signed = 0; is_signed < 2; ++is_signed) {
      char name[32], type[8], body[64];
      snprintf(type, sizeof(type), "i%d", widths[w]);
      snprintf(name, sizeof(name), "f%d_%d", widths[w], is_signed);
      snprintf(body, sizeof(body), "%%r = arith.fpto%ci %%x : f64 to %s", is_signed ? 's' : 'u',
               type);
      append_function(&text, name, "f64", type, body);
    }
  }
  append_function(&text, "s", "i64", "f32", "%r = arith.sitofp %x : i64 to f32");
  append_function(&text, "u", "i64", "f64", "%r = arith.uitofp %x : i64 to f64");
  append_function(&text, "narrow", "f64", "f32", "%r = arith.truncf %x : f64 to f32");
  append_function(&text, "wide", "f32", "f64",
                  "%w = arith.extf %x : f32 to f64 %r = arith.negf %w : f64");
  append_function(&text, "bits", "f32", "i32", "%r = arith.bitcast %x : f32 to i32");
  append_function(&text, "low", "i64", "i8", "%r = arith.trunci %x : i64 to i8");
  tenon_options_t options = tenon_default_options();
  tenon_loaded_t loaded = tenon_load_dispatches(&options, text.data);
  double a[FLOATS];
  memcpy(a, float_values, sizeof(a));
  uint64_t out[FLOATS];
  int64_t n = FLOATS, lengths[] = {n, n, n};
  for (int k = 0; k < 8; ++k) {
    int width = widths[k / 2];
    tenon_call(&loaded, (uint32_t)k, (void*[]){a, a, out}, lengths, &n, 1);
    for (size_t i = 0; i < FLOATS; ++i) {
      double least = k % 2 ? -ldexp(1, width - 1) : 0, above = ldexp(1, k % 2 ? width - 1 : width);
      uint64_t mask = width == 64 ? UINT64_MAX : ((uint64_t)1 << width) - 1, expected;
      if (isnan(a[i])) {
        expected = 0;
      } else if (a[i] <= least) {
        expected = (uint64_t)(k % 2 ? (uint64_t)1 << (width - 1) : 0);
      } else if (a[i] >= above) {
        expected = k % 2 ? mask >> 1 : mask;
      } else {
        expected = k % 2 ? (uint64_t)(int64_t)a[i] : (uint64_t)a[i];
      }
      if (load_bits(out, width, i) != (expected & mask))
        fail_msg("%g to %s%d", a[i], k % 2 ? "i" : "u", width);
    }
  }
  int64_t integers[] = {0, 1, -1, INT64_MAX, INT64_MIN, 16777217, -300};
  float f[FLOATS];
  double d[FLOATS];
  int8_t low[7];
  n = 7;
  tenon_call(&loaded, 8, (void*[]){integers, integers, f}, lengths, &n, 1);
  for (int i = 0; i < 7; ++i) assert_true(f[i] == (float)integers[i]);
  tenon_call(&loaded, 9, (void*[]){integers, integers, d}, lengths, &n, 1);
  for (int i = 0; i < 7; ++i) assert_true(d[i] == (double)(uint64_t)integers[i]);
  tenon_call(&loaded, 13, (void*[]){integers, integers, low}, lengths, &n, 1);
  for (int i = 0; i < 7; ++i) assert_int_equal(low[i], (int8_t)integers[i]);
  n = FLOATS;
  tenon_call(&loaded, 10, (void*[]){a, a, f}, lengths, &n, 1);
  for (size_t i = 0; i < FLOATS; ++i) assert_true(same_float(f[i], (float)a[i]));
  tenon_call(&loaded, 11, (void*[]){f, f, d}, lengths, &n, 1);
  for (size_t i = 0; i < FLOATS; ++i) assert_true(same_double(d[i], -(double)f[i]));
  int32_t bits[FLOATS];
  tenon_call(&loaded, 12, (void*[]){f, f, bits}, lengths, &n, 1);
  assert_memory_equal(bits, f, sizeof(bits));
  tenon_unload(&loaded);
  free(text.data);
}

// Scalars come in 64-bit slots; constants and splats are part of the code.
static void scalars_of_all_types(void** state) {
  static const char function[] =
      "func.func @f(%p: i1, %q: i8, %s: i16, %t: i32, %u: i64, %v: f32, %w: f64, %k: index) -> "
      "tensor<3xf64> {\n"
      "  %e = tensor.empty() : tensor<3xf64>\n  %splat = arith.constant dense<0.5> : "
      "tensor<3xf64>\n"
      "  %r = linalg.generic {indexing_maps = [affine_map<(d0) -> ()>, affine_map<(d0) -> (d0)>, "
      "affine_map<(d0) -> (d0)>], "
      "iterator_types = [\"parallel\"]} ins(%w, %splat : f64, tensor<3xf64>) outs(%e : "
      "tensor<3xf64>) {\n"
      "  ^bb0(%x: f64, %y: f64, %o: f64):\n    %one = arith.constant 1 : i64\n    %zero = "
      "arith.constant 0 : i64\n"
      "    %a = arith.select %p, %one, %zero : i64\n    %b = arith.extsi %q : i8 to i64\n    %c = "
      "arith.extsi %s : i16 to i64\n"
      "    %d = arith.extsi %t : i32 to i64\n    %g = arith.index_cast %k : index to i64\n    %h = "
      "arith.addi %a, %b : i64\n"
      "    %i = arith.addi %h, %c : i64\n    %j = arith.addi %i, %d : i64\n    %l = arith.addi %j, "
      "%g : i64\n"
      "    %m = arith.addi %l, %u : i64\n    %n = arith.sitofp %m : i64 to f64\n    %f = "
      "arith.extf %v : f32 to f64\n"
      "    %z = arith.addf %n, %f : f64\n    %z1 = arith.addf %z, %x : f64\n    %z2 = arith.addf "
      "%z1, %y : f64\n"
      "    linalg.yield %z2 : f64\n  } -> tensor<3xf64>\n  return %r : tensor<3xf64>\n}\n";
  tenon_options_t options = tenon_default_options();
  tenon_loaded_t loaded = tenon_load_dispatches(&options, function);
  float single = 0.25f;
  double wide = -1000.0, r[3];
  int64_t constants[] = {1, -2, -300, 70000, 1 << 20, 0, 0, 12};
  memcpy(&constants[5], &single, sizeof(single));
  memcpy(&constants[6], &wide, sizeof(wide));
  tenon_call(&loaded, 0, (void*[]){r}, (int64_t[]){3}, constants, 1);
  for (int i = 0; i < 3; ++i)
    assert_true(r[i] == 1 - 2 - 300 + 70000 + (1 << 20) + 12 + 0.25 - 1000.0 + 0.5);
  tenon_unload(&loaded);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(integer_operations),  cmocka_unit_test(division_by_constants),
      cmocka_unit_test(extended_arithmetic), cmocka_unit_test(integer_comparisons_and_select),
      cmocka_unit_test(float_operations),    cmocka_unit_test(float_comparisons),
      cmocka_unit_test(conversions),         cmocka_unit_test(scalars_of_all_types),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
