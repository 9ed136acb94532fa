// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// programs.mlir in a context: every operation of math on numbers gives the bits that the device
// library gives as native code, and on integers what is written out here.
// Usage: bytecode_test PROGRAMS.vmfb.

#include "iree/base/internal/file_io.h"
#include "iree/vm/bytecode_module.h"
#include "tests/math/arguments.h"
#include "tests/math/functions.h"
#include "vm/testing/vm_test.h"

// Arguments of each function: enough to reach all selections.
#define COUNT 2000

static const char* module_path;

typedef struct fixture_t {
  iree_vm_instance_t* instance;
  iree_vm_context_t* context;
  iree_vm_list_t* inputs;
  iree_vm_list_t* outputs;
} fixture_t;

static int open_fixture(void** state) {
  static fixture_t fixture;
  iree_allocator_t allocator = iree_allocator_system();
  expect_ok(iree_vm_instance_create(allocator, &fixture.instance));
  iree_file_contents_t* contents = NULL;
  expect_ok(iree_file_read_contents(module_path, allocator, &contents));
  iree_vm_module_t* module = NULL;
  expect_ok(iree_vm_bytecode_module_create(fixture.instance, contents->const_buffer,
                                           iree_file_contents_deallocator(contents), allocator,
                                           &module));
  expect_ok(iree_vm_context_create_with_modules(fixture.instance, IREE_VM_CONTEXT_FLAG_NONE, 1,
                                                &module, allocator, &fixture.context));
  iree_vm_module_release(module);
  expect_ok(iree_vm_list_create(NULL, 4, allocator, &fixture.inputs));
  expect_ok(iree_vm_list_create(NULL, 4, allocator, &fixture.outputs));
  *state = &fixture;
  return 0;
}

static int close_fixture(void** state) {
  fixture_t* fixture = *state;
  iree_vm_list_release(fixture->inputs);
  iree_vm_list_release(fixture->outputs);
  iree_vm_context_release(fixture->context);
  iree_vm_instance_release(fixture->instance);
  return 0;
}

static iree_vm_function_t find(fixture_t* fixture, const char* name) {
  char full[64];
  snprintf(full, sizeof(full), "module.%s", name);
  iree_vm_function_t function;
  expect_ok(
      iree_vm_context_resolve_function(fixture->context, iree_make_cstring_view(full), &function));
  return function;
}

// Pushes the |count| arguments and calls.
static void call(fixture_t* fixture, iree_vm_function_t function, size_t count,
                 const iree_vm_value_t* arguments) {
  iree_vm_list_clear(fixture->inputs);
  iree_vm_list_clear(fixture->outputs);
  for (size_t i = 0; i < count; ++i)
    expect_ok(iree_vm_list_push_value(fixture->inputs, &arguments[i]));
  expect_ok(iree_vm_invoke(fixture->context, function, IREE_VM_INVOCATION_FLAG_NONE, NULL,
                           fixture->inputs, fixture->outputs, iree_allocator_system()));
}

static iree_vm_value_t result(fixture_t* fixture, iree_host_size_t i) {
  iree_vm_value_t value;
  expect_ok(iree_vm_list_get_value(fixture->outputs, i, &value));
  return value;
}

//===-- Floats ------------------------------------------------------------------------------------------------------------===//

// A function as native code: letters of its arguments and result (f, F; n is the i64 of fpowi, q an answer).
typedef struct native_t {
  const char* name;
  const char* form;
  void (*function)(void);
} native_t;

#define NATIVE(name, form) {#name, form, (void (*)(void))__tenon_##name}
#define UNARY_ENTRY(name, ...) NATIVE(name##_f32, "ff"), NATIVE(name##_f64, "FF"),
#define BINARY_ENTRY(name, ...) NATIVE(name##_f32, "fff"), NATIVE(name##_f64, "FFF"),
#define QUESTION_ENTRY(name, ...) NATIVE(name##_f32, "fq"), NATIVE(name##_f64, "Fq"),
static const native_t natives[] = {
    UNARY(UNARY_ENTRY) EXACT(UNARY_ENTRY) BINARY(BINARY_ENTRY) QUESTIONS(QUESTION_ENTRY)
        NATIVE(copysign_f32, "fff"),
    NATIVE(copysign_f64, "FFF"),
    NATIVE(fma_f32, "ffff"),
    NATIVE(fma_f64, "FFFF"),
    NATIVE(clampf_f32, "ffff"),
    NATIVE(clampf_f64, "FFFF"),
    NATIVE(fpowi_f32_i64, "fnf"),
    NATIVE(fpowi_f64_i64, "FnF"),
};

static iree_vm_value_t run_native_f32(const native_t* native, const iree_vm_value_t* a) {
  float value = 0;
  if (strcmp(native->form, "ff") == 0) {
    value = ((float (*)(float))native->function)(a[0].f32);
  } else if (strcmp(native->form, "fff") == 0) {
    value = ((float (*)(float, float))native->function)(a[0].f32, a[1].f32);
  } else if (strcmp(native->form, "ffff") == 0) {
    value = ((float (*)(float, float, float))native->function)(a[0].f32, a[1].f32, a[2].f32);
  } else if (strcmp(native->form, "fnf") == 0) {
    value = ((float (*)(float, int64_t))native->function)(a[0].f32, a[1].i64);
  } else {
    return iree_vm_value_make_i32(((uint8_t (*)(float))native->function)(a[0].f32) & 1);
  }
  return iree_vm_value_make_f32(value);
}

static iree_vm_value_t run_native_f64(const native_t* native, const iree_vm_value_t* a) {
  double value = 0;
  if (strcmp(native->form, "FF") == 0) {
    value = ((double (*)(double))native->function)(a[0].f64);
  } else if (strcmp(native->form, "FFF") == 0) {
    value = ((double (*)(double, double))native->function)(a[0].f64, a[1].f64);
  } else if (strcmp(native->form, "FFFF") == 0) {
    value = ((double (*)(double, double, double))native->function)(a[0].f64, a[1].f64, a[2].f64);
  } else if (strcmp(native->form, "FnF") == 0) {
    value = ((double (*)(double, int64_t))native->function)(a[0].f64, a[1].i64);
  } else {
    return iree_vm_value_make_i32(((uint8_t (*)(double))native->function)(a[0].f64) & 1);
  }
  return iree_vm_value_make_f64(value);
}

static bool same(iree_vm_value_t a, iree_vm_value_t b) {
  if (a.type != b.type) return false;
  switch (a.type) {
    case IREE_VM_VALUE_TYPE_F32:
      if (a.f32 != a.f32) return b.f32 != b.f32;
      return tenon_bits_of_float(a.f32) == tenon_bits_of_float(b.f32);
    case IREE_VM_VALUE_TYPE_F64:
      if (a.f64 != a.f64) return b.f64 != b.f64;
      return tenon_bits_of_double(a.f64) == tenon_bits_of_double(b.f64);
    default:
      return a.i32 == b.i32;
  }
}

static iree_vm_value_t make_argument(char letter, uint64_t i) {
  double corner = tenon_corners[i % tenon_corner_count];
  bool is_corner = i % 3 == 0;
  if (letter == 'f') return iree_vm_value_make_f32(is_corner ? (float)corner : tenon_random_f32(i));
  if (letter == 'F') return iree_vm_value_make_f64(is_corner ? corner : tenon_random_f64(i));
  return iree_vm_value_make_i64((int64_t)tenon_random_bits() >> (i % 64));
}

static void test_natives(void** state) {
  fixture_t* fixture = *state;
  for (size_t f = 0; f < sizeof(natives) / sizeof(natives[0]); ++f) {
    const native_t* native = &natives[f];
    iree_vm_function_t function = find(fixture, native->name);
    size_t argument_count = strlen(native->form) - 1;
    tenon_random_seed(f);
    for (uint64_t i = 0; i < COUNT; ++i) {
      iree_vm_value_t arguments[3];
      for (size_t k = 0; k < argument_count; ++k) {
        arguments[k] = make_argument(native->form[k], i + k * (i / 7));
      }
      call(fixture, function, argument_count, arguments);
      iree_vm_value_t expected = native->form[0] == 'f' ? run_native_f32(native, arguments)
                                                        : run_native_f64(native, arguments);
      if (same(result(fixture, 0), expected)) continue;
      fail_msg("%s: arguments %" PRIu64 " give other bits than native code", native->name, i);
    }
  }
}

// sincos is both sin and cos, the exponents of fpowi are widened, and square roots are right.
static void test_others(void** state) {
  fixture_t* fixture = *state;
  iree_vm_function_t sincos32 = find(fixture, "sincos_f32"), sincos64 = find(fixture, "sincos_f64");
  iree_vm_function_t sqrt32 = find(fixture, "sqrt_f32"), sqrt64 = find(fixture, "sqrt_f64");
  for (uint64_t i = 0; i < COUNT; ++i) {
    iree_vm_value_t x = make_argument('f', i), y = make_argument('F', i);
    call(fixture, sincos32, 1, &x);
    assert_true(same(result(fixture, 0), iree_vm_value_make_f32(__tenon_sin_f32(x.f32))));
    assert_true(same(result(fixture, 1), iree_vm_value_make_f32(__tenon_cos_f32(x.f32))));
    call(fixture, sincos64, 1, &y);
    assert_true(same(result(fixture, 0), iree_vm_value_make_f64(__tenon_sin_f64(y.f64))));
    assert_true(same(result(fixture, 1), iree_vm_value_make_f64(__tenon_cos_f64(y.f64))));
    call(fixture, sqrt32, 1, &x);
    assert_true(same(result(fixture, 0), iree_vm_value_make_f32(__builtin_sqrtf(x.f32))));
    call(fixture, sqrt64, 1, &y);
    assert_true(same(result(fixture, 0), iree_vm_value_make_f64(__builtin_sqrt(y.f64))));
  }
  static const struct {
    const char* name;
    bool is_i64;
    int32_t exponent;
  } powers[] = {{"fpowi_f64_i8", false, -128},
                {"fpowi_f64_i16", false, -321},
                {"fpowi_f64_i32", false, -1023},
                {"fpowi_f64_index", true, -1074}};
  for (size_t i = 0; i < sizeof(powers) / sizeof(powers[0]); ++i) {
    iree_vm_value_t arguments[] = {iree_vm_value_make_f64(2),
                                   iree_vm_value_make_i32(powers[i].exponent)};
    if (powers[i].is_i64) arguments[1] = iree_vm_value_make_i64(powers[i].exponent);
    call(fixture, find(fixture, powers[i].name), 2, arguments);
    assert_true(result(fixture, 0).f64 == __builtin_ldexp(1, powers[i].exponent));
  }
}

//===-- Integers ----------------------------------------------------------------------------------------------------------===//

static int64_t sign_extend(uint64_t bits, int width) {
  return width == 1 ? (int64_t)(bits & 1) : (int64_t)(bits << (64 - width)) >> (64 - width);
}

static uint64_t expect_absi(uint64_t x, uint64_t n, int width) {
  (void)n;
  return width > 1 && (int64_t)x < 0 ? 0 - x : x;
}
static uint64_t low_bits(uint64_t x, int width) {
  return width == 64 ? x : x & ((UINT64_C(1) << width) - 1);
}
static uint64_t expect_ctlz(uint64_t x, uint64_t n, int width) {
  (void)n;
  x = low_bits(x, width);
  return x ? (uint64_t)(__builtin_clzll(x) - (64 - width)) : (uint64_t)width;
}
static uint64_t expect_cttz(uint64_t x, uint64_t n, int width) {
  (void)n;
  x = low_bits(x, width);
  return x ? (uint64_t)__builtin_ctzll(x) : (uint64_t)width;
}
static uint64_t expect_ctpop(uint64_t x, uint64_t n, int width) {
  (void)n;
  return (uint64_t)__builtin_popcountll(low_bits(x, width));
}
// By repeated squaring.
static uint64_t expect_ipowi(uint64_t x, uint64_t n, int width) {
  if (width == 1) return x | (n ^ 1);
  if ((int64_t)n < 0) {
    if (x == 1) return 1;
    return (int64_t)x == -1 ? (n & 1 ? x : 1) : 0;
  }
  uint64_t power = 1;
  for (; n; n >>= 1, x *= x) {
    if (n & 1) power *= x;
  }
  return power;
}

static int64_t integer_argument(uint64_t i, int width) {
  static const int64_t corners[] = {0,  1,  -1, 2,  -2, 3, INT64_MIN, INT64_MAX,
                                    63, 64, 65, 31, 32, 7, 8};
  if (width == 1) return (int64_t)(i & 1);
  if (i % 4 == 0) return sign_extend((uint64_t)corners[i / 4 % 15], width);
  if (i % 4 == 1) return sign_extend(UINT64_C(1) << (tenon_random_bits() % (unsigned)width), width);
  return sign_extend(tenon_random_bits() >> (i % 64), width);
}

static iree_vm_value_t make_integer(int64_t value, int width) {
  return width == 64 ? iree_vm_value_make_i64(value) : iree_vm_value_make_i32((int32_t)value);
}

static void test_integers(void** state) {
  fixture_t* fixture = *state;
  static const struct {
    const char* name;
    size_t argument_count;
    uint64_t (*expected)(uint64_t x, uint64_t n, int width);
  } functions[] = {{"absi", 1, expect_absi},
                   {"ctlz", 1, expect_ctlz},
                   {"cttz", 1, expect_cttz},
                   {"ctpop", 1, expect_ctpop},
                   {"ipowi", 2, expect_ipowi}};
  static const struct {
    const char* name;
    int width;
  } types[] = {{"i1", 1}, {"i8", 8}, {"i16", 16}, {"i32", 32}, {"i64", 64}, {"index", 64}};
  tenon_random_seed(9);
  for (size_t k = 0; k < 5 * 6; ++k) {
    int width = types[k % 6].width;
    char name[32];
    snprintf(name, sizeof(name), "%s_%s", functions[k / 6].name, types[k % 6].name);
    iree_vm_function_t function = find(fixture, name);
    for (uint64_t i = 0; i < COUNT; ++i) {
      int64_t x = integer_argument(i, width), n = integer_argument(i / 3, width);
      iree_vm_value_t arguments[] = {make_integer(x, width), make_integer(n, width)};
      call(fixture, function, functions[k / 6].argument_count, arguments);
      iree_vm_value_t got = result(fixture, 0);
      int64_t value = width == 64 ? got.i64 : got.i32;
      int64_t expected =
          sign_extend(functions[k / 6].expected((uint64_t)x, (uint64_t)n, width), width);
      if (value == expected) continue;
      fail_msg("%s(%" PRId64 ", %" PRId64 ") is %" PRId64 ", expected %" PRId64, name, x, n, value,
               expected);
    }
  }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_fixture, close_fixture)

int main(int argc, char** argv) {
  if (argc != 2) return 1;
  module_path = argv[1];
  const struct CMUnitTest tests[] = {TEST(test_natives), TEST(test_others), TEST(test_integers)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
