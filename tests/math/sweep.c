// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The error of every function of the device library, in units in the last place, over many
// arguments: prints the largest of each and fails above the bound that functions.h states.
//
//   sweep f32 [STEP] [NAME]   of every STEP-th (default 4096) bit pattern one, chosen by a fixed
//                             hash. Step 1 takes all 2^32
//   sweep f64 [COUNT] [NAME]  corners and COUNT (default 20000) random arguments
//   sweep f16 [STEP] [NAME]   the functions of f32, rounded: every number of f16, whatever the step
//   sweep bf16 [STEP] [NAME]  likewise
//
// Functions of two numbers take all pairs of corners and random pairs, COUNT or 2^30 / STEP.
// f64 is measured against MPFR. The others are measured against the C library's function of doubles,
// which is exact to some 2^-28 ulp of f32, and every 64th value (of a sweep of more than 2^26 every
// 4096th) against MPFR. All processors take part.

#include <inttypes.h>
#include <math.h>
#include <mpfr.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/math/arguments.h"
#include "tests/math/functions.h"

//===--------------------------------------------------------------------===//
// The functions
//===--------------------------------------------------------------------===//

static int exact_rsqrt(mpfr_t result, const mpfr_t x, mpfr_rnd_t rounding) {
  if (!mpfr_zero_p(x)) return mpfr_rec_sqrt(result, x, rounding);
  mpfr_set_inf(result, mpfr_signbit(x) ? -1 : 1);
  return 0;
}
static double libm_rsqrt(double x) { return 1 / sqrt(x); }

// fpowi as a function of two floats: the exponent is the integer nearest to y / 8, cut to i64.
static int64_t exponent_of(double y) {
  if (isnan(y)) return 7;
  y = rint(y / 8);
  return y >= 0x1p63 ? INT64_MAX : y < -0x1p63 ? INT64_MIN : (int64_t)y;
}
static int exact_fpowi(mpfr_t result, const mpfr_t x, const mpfr_t y, mpfr_rnd_t rounding) {
  return mpfr_pow_si(result, x, exponent_of(mpfr_get_d(y, MPFR_RNDN)), rounding);
}
static float fpowi_f32(float x, float y) { return __tenon_fpowi_f32_i64(x, exponent_of(y)); }
static double fpowi_f64(double x, double y) { return __tenon_fpowi_f64_i64(x, exponent_of(y)); }

// A function of one number, or of two.
typedef struct function_t {
  const char* name;
  double bound32, bound64;
  int (*exact)(mpfr_t result, const mpfr_t x, mpfr_rnd_t rounding);
  double (*libm)(double x);
  float (*f32)(float x);
  double (*f64)(double x);
  int (*exact2)(mpfr_t result, const mpfr_t x, const mpfr_t y, mpfr_rnd_t rounding);
  double (*libm2)(double x, double y);  // NULL: MPFR for all
  float (*f32_2)(float x, float y);
  double (*f64_2)(double x, double y);
} function_t;

#define ENTRY1(name, mpfr, libm, bound32, bound64)                                  \
  {#name, bound32, bound64, mpfr, libm, __tenon_##name##_f32, __tenon_##name##_f64, \
   NULL,  NULL,    NULL,    NULL},
#define ENTRY2(name, mpfr, libm, bound32, bound64) \
  {#name,                                          \
   bound32,                                        \
   bound64,                                        \
   NULL,                                           \
   NULL,                                           \
   NULL,                                           \
   NULL,                                           \
   mpfr,                                           \
   libm,                                           \
   __tenon_##name##_f32,                           \
   __tenon_##name##_f64},
static const function_t functions[] = {UNARY(ENTRY1) BINARY(ENTRY2){
    "fpowi", 0.51, 1.0, NULL, NULL, NULL, NULL, exact_fpowi, NULL, fpowi_f32, fpowi_f64}};

//===--------------------------------------------------------------------===//
// Errors
//===--------------------------------------------------------------------===//

// The numbers of a type: digits and the exponent of the smallest normal.
typedef struct format_t {
  int digits, min_exponent, max_exponent;
} format_t;
static const format_t half = {11, -14, 15}, brain = {8, -126, 127};
static const format_t single = {24, -126, 127}, twice = {53, -1022, 1023};

static bool is_single(format_t format) { return format.digits == single.digits; }

// Of normal numbers.
static int exponent_of_bits(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof(bits));
  return (int)(bits >> 52 & 0x7FF) - 1023;
}
static double power_of_two(int exponent) {
  uint64_t bits = (uint64_t)(exponent + 1023) << 52;
  double x;
  memcpy(&x, &bits, sizeof(x));
  return x;
}

// To the nearest number of the format, ties to even.
static float round_to(float x, format_t format) {
  if (is_single(format) || !isfinite(x) || x == 0) return x;
  int exponent = exponent_of_bits(x);
  if (exponent < format.min_exponent) exponent = format.min_exponent;
  double unit = power_of_two(exponent - format.digits + 1), rounded = rint(x / unit) * unit;
  if (fabs(rounded) >= power_of_two(format.max_exponent + 1)) return copysignf(INFINITY, x);
  return copysignf((float)rounded, x);
}

static double wrong_kind(double got, double exact) {
  if (isnan(exact)) return isnan(got) ? 0 : INFINITY;
  return got == exact && !signbit(got) == !signbit(exact) ? 0 : INFINITY;
}

// |got - exact| in ulp of the exact value; infinite for a wrong special value or sign of zero.
static double ulp_error_mpfr(double got, mpfr_t exact, format_t format) {
  if (!mpfr_regular_p(exact)) return wrong_kind(got, mpfr_get_d(exact, MPFR_RNDN));
  if (isnan(got) || (!signbit(got)) != (mpfr_sgn(exact) > 0)) return INFINITY;
  long exponent = mpfr_get_exp(exact) - 1;
  if (isinf(got) && exponent > format.max_exponent) return 0;
  if (exponent < format.min_exponent) exponent = format.min_exponent;
  mpfr_t difference;
  mpfr_init2(difference, 120);
  if (isinf(got)) {
    mpfr_set_si_2exp(difference, got > 0 ? 1 : -1, format.max_exponent + 1, MPFR_RNDN);
  } else {
    mpfr_set_d(difference, got, MPFR_RNDN);
  }
  mpfr_sub(difference, difference, exact, MPFR_RNDN);
  mpfr_mul_2si(difference, difference, format.digits - 1 - exponent, MPFR_RNDN);
  double error = fabs(mpfr_get_d(difference, MPFR_RNDN));
  mpfr_clear(difference);
  return error;
}

// The same for narrower formats, with the exact value as a double.
static double ulp_error(float got, double exact, format_t format) {
  if (isnan(exact) || isinf(exact) || exact == 0) return wrong_kind(got, exact);
  if (isnan(got) || !signbit(got) != !signbit(exact)) return INFINITY;
  int exponent = exponent_of_bits(exact);
  if (isinf(got) && exponent > format.max_exponent) return 0;
  if (exponent < format.min_exponent) exponent = format.min_exponent;
  double value = isinf(got) ? copysign(power_of_two(format.max_exponent + 1), got) : got;
  return fabs(value - exact) * power_of_two(format.digits - 1 - exponent);
}

typedef struct worst_t {
  double error, x, y;
  uint64_t wrong, count;
} worst_t;

static void note(worst_t* worst, double error, double bound, double x, double y) {
  ++worst->count;
  if (!(error <= bound)) ++worst->wrong;
  if (error > worst->error) {
    worst->error = error;
    worst->x = x;
    worst->y = y;
  }
}

// What |other| found, too.
static void merge(worst_t* worst, const worst_t* other) {
  worst->wrong += other->wrong;
  worst->count += other->count;
  if (other->error <= worst->error) return;
  worst->error = other->error;
  worst->x = other->x;
  worst->y = other->y;
}

static bool report(const function_t* function, const char* type, const worst_t* worst,
                   double bound) {
  printf("%-6s %s  %8.4f ulp at %.17g", function->name, type, worst->error, worst->x);
  if (function->exact2) printf(", %.17g", worst->y);
  printf(" (bound %.3f, %" PRIu64 " arguments)\n", bound, worst->count);
  if (worst->wrong) printf("FAILED: %" PRIu64 " above the bound\n", worst->wrong);
  fflush(stdout);
  return worst->wrong == 0;
}

//===--------------------------------------------------------------------===//
// Sweeps
//===--------------------------------------------------------------------===//

static uint32_t hash32(uint32_t x) {
  x = (x ^ (x >> 16)) * 0x45D9F3Bu;
  x = (x ^ (x >> 16)) * 0x45D9F3Bu;
  return x ^ (x >> 16);
}

static double error_by_mpfr(const function_t* function, double x, double y, double got,
                            format_t format) {
  mpfr_t a, b;
  mpfr_inits2(120, a, b, (mpfr_ptr)0);
  mpfr_set_d(a, x, MPFR_RNDN);
  mpfr_set_d(b, y, MPFR_RNDN);
  if (function->exact2) {
    function->exact2(a, a, b, MPFR_RNDN);
  } else {
    function->exact(a, a, MPFR_RNDN);
  }
  double error = ulp_error_mpfr(got, a, format);
  mpfr_clears(a, b, (mpfr_ptr)0);
  return error;
}

// The first bound that is above any rounding of what is within the bound of f32.
static double bound_of(const function_t* function, format_t format) {
  return is_single(format) ? function->bound32 : 0.501;
}

static void measure(const function_t* function, format_t format, float x, float y, bool with_mpfr,
                    worst_t* worst) {
  float got = round_to(function->exact2 ? function->f32_2(x, y) : function->f32(x), format);
  double exact = 0;
  if (function->libm2) exact = function->libm2(x, y);
  if (function->libm) exact = function->libm(x);
  // The C library's result is of no use where it is rounded to a subnormal.
  with_mpfr |= (!function->libm && !function->libm2) || (exact != 0 && fabs(exact) < 0x1p-900);
  double error =
      with_mpfr ? error_by_mpfr(function, x, y, got, format) : ulp_error(got, exact, format);
  note(worst, error, bound_of(function, format), x, y);
}

static void measure_f64(const function_t* function, double x, double y, worst_t* worst) {
  double got = function->exact2 ? function->f64_2(x, y) : function->f64(x);
  note(worst, error_by_mpfr(function, x, y, got, twice), function->bound64, x, y);
}

// What one thread does of a sweep: the patterns number begin to end.
typedef struct share_t {
  const function_t* function;
  uint64_t step, begin, end;
  worst_t worst;
} share_t;

static void* sweep_share(void* argument) {
  share_t* share = argument;
  uint64_t every = share->step < 64 ? 4096 : 64;
  for (uint64_t i = share->begin; i < share->end; ++i) {
    uint32_t pattern = (uint32_t)(i * share->step + hash32((uint32_t)i) % share->step);
    measure(share->function, single, tenon_float_of(pattern), 0, i % every == 0, &share->worst);
  }
  mpfr_free_cache();
  return NULL;
}

enum { MAX_THREADS = 256 };

static void sweep_in_shares(const function_t* function, uint64_t step, worst_t* worst) {
  static share_t shares[MAX_THREADS];
  pthread_t threads[MAX_THREADS];
  long processors = sysconf(_SC_NPROCESSORS_ONLN);
  uint64_t count = processors < 1             ? 1
                   : processors > MAX_THREADS ? MAX_THREADS
                                              : (uint64_t)processors;
  uint64_t patterns = ((UINT64_C(1) << 32) + step - 1) / step;
  for (uint64_t i = 0; i < count; ++i) {
    shares[i] = (share_t){.function = function,
                          .step = step,
                          .begin = patterns * i / count,
                          .end = patterns * (i + 1) / count};
    if (pthread_create(&threads[i], NULL, sweep_share, &shares[i])) {
      fprintf(stderr, "no thread could be made\n");
      exit(1);
    }
  }
  for (uint64_t i = 0; i < count; ++i) {
    pthread_join(threads[i], NULL);
    merge(worst, &shares[i].worst);
  }
}

static bool sweep_f32(const function_t* function, uint64_t step) {
  worst_t worst = {0};
  sweep_in_shares(function, step, &worst);
  for (size_t i = 0; i < tenon_corner_count; ++i) {
    measure(function, single, (float)tenon_corners[i], 0, true, &worst);
  }
  return report(function, "f32", &worst, function->bound32);
}

// The number of f16 or bf16 with these bits.
static float small_of(uint32_t pattern, format_t format) {
  int fraction_bits = format.digits - 1;
  uint32_t field = (pattern & 0x7FFF) >> fraction_bits;
  double fraction = pattern & ((1u << fraction_bits) - 1);
  int exponent = (int)(field ? field : 1) - 1 + format.min_exponent - fraction_bits;
  double value = ldexp(field ? fraction + (1 << fraction_bits) : fraction, exponent);
  if (field == 0x7FFFu >> fraction_bits) value = fraction == 0 ? INFINITY : NAN;
  return (float)(pattern & 0x8000 ? -value : value);
}

static bool sweep_small(const function_t* function, const char* type, format_t format) {
  worst_t worst = {0};
  for (uint32_t pattern = 0; pattern < 65536; ++pattern) {
    measure(function, format, small_of(pattern, format), 0, pattern % 64 == 0, &worst);
  }
  return report(function, type, &worst, bound_of(function, format));
}

static bool sweep_f64(const function_t* function, uint64_t count) {
  worst_t worst = {0};
  for (size_t i = 0; i < tenon_corner_count; ++i)
    measure_f64(function, tenon_corners[i], 0, &worst);
  for (uint64_t i = 0; i < count; ++i) measure_f64(function, tenon_random_f64(i), 0, &worst);
  return report(function, "f64", &worst, function->bound64);
}

static bool sweep_pairs(const function_t* function, const char* type, format_t format,
                        uint64_t count) {
  bool is_f64 = format.digits == twice.digits;
  worst_t worst = {0};
  for (size_t i = 0; i < tenon_corner_count * tenon_corner_count; ++i) {
    double x = tenon_corners[i / tenon_corner_count], y = tenon_corners[i % tenon_corner_count];
    if (is_f64) {
      measure_f64(function, x, y, &worst);
    } else {
      measure(function, format, round_to((float)x, format), round_to((float)y, format), true,
              &worst);
    }
  }
  for (uint64_t i = 0; i < count; ++i) {
    if (is_f64) {
      double x = tenon_random_f64(i), y = tenon_random_f64(i / 6);
      measure_f64(function, x, y, &worst);
    } else {
      float x = round_to(tenon_random_f32(i), format),
            y = round_to(tenon_random_f32(i / 6), format);
      measure(function, format, x, y, i % 64 == 0, &worst);
    }
  }
  return report(function, type, &worst, is_f64 ? function->bound64 : bound_of(function, format));
}

static bool sweep(const function_t* function, const char* type, format_t format, uint64_t number) {
  bool is_f64 = format.digits == twice.digits;
  tenon_random_seed(1);
  if (function->exact2) {
    uint64_t pairs = is_f64 ? number : (UINT64_C(1) << 32) / number / 4;
    return sweep_pairs(function, type, format, pairs);
  }
  if (is_f64) return sweep_f64(function, number);
  return is_single(format) ? sweep_f32(function, number) : sweep_small(function, type, format);
}

int main(int argc, char** argv) {
  static const struct {
    const char* name;
    const format_t* format;
  } types[] = {{"f16", &half}, {"bf16", &brain}, {"f32", &single}, {"f64", &twice}};
  const format_t* format = NULL;
  for (size_t i = 0; argc > 1 && i < sizeof(types) / sizeof(types[0]); ++i) {
    if (strcmp(argv[1], types[i].name) == 0) format = types[i].format;
  }
  if (!format) {
    fprintf(stderr, "usage: %s f16|bf16|f32 [STEP] [NAME] | f64 [COUNT] [NAME]\n", argv[0]);
    return 2;
  }
  uint64_t number = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
  if (number == 0) number = format == &twice ? 20000 : 4096;
  const char* only = argc > 3 ? argv[3] : NULL;
  bool ok = true;
  for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); ++i) {
    const function_t* function = &functions[i];
    if (only && strcmp(only, function->name) != 0) continue;
    ok = sweep(function, argv[1], *format, number) && ok;
  }
  mpfr_free_cache();
  return ok ? 0 : 1;
}
