// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every instruction of the op table. Those on values run against results written down here and, all
// corners of their types with each other, against references (ops_reference_test.c). The others'
// tests are in files of their own (ops_test.h). An instruction that none of these has run fails.

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
// cmocka needs those before it.
#include <cmocka.h>

#include "vm/bytecode/ops_test.h"
#include "vm/bytecode/testing/op_runner.h"

// A run of an instruction: its inputs and immediates in the order of its operands, as bits, and its
// output; of a branch 1 if it is taken.
typedef struct case_t {
  tenon_op_t op;
  uint64_t in[3];
  uint64_t out;
  iree_status_code_t code;  // expected failure
  bool taken;               // of an instruction that has an output and branches
} case_t;

static uint64_t i(int64_t value) { return (uint32_t)value; }
static uint64_t l(int64_t value) { return (uint64_t)value; }
static uint64_t f(float value) { return tenon_f32_bits(value); }
static uint64_t d(double value) { return tenon_f64_bits(value); }

#define X INT32_MIN
#define Y INT32_MAX
#define LX INT64_MIN
#define LY INT64_MAX
#define DIVIDE_BY_ZERO IREE_STATUS_INVALID_ARGUMENT

//===----------------------------------------------------------------------===//
// Running a case
//===----------------------------------------------------------------------===//

static bool is_nan_of(char letter, uint64_t bits) {
  if (letter == 'F') return (bits & 0x7FFFFFFF) > 0x7F800000;
  return letter == 'D' && (bits & INT64_MAX) > 0x7FF0000000000000;
}

static void expect(const case_t* c, op_result_t result) {
  char letter = tenon_op_operands[c->op][0];
  bool has_value = strchr("ILFD", letter) != NULL;
  bool both_nan = is_nan_of(letter, result.value) && is_nan_of(letter, c->out);
  // Of a NaN that was computed the bits are the processor's affair.
  bool bits_matter = c->op == TENON_OP_NEG_F32 || c->op == TENON_OP_NEG_F64;
  uint64_t found = has_value ? result.value : result.taken;
  if ((found != c->out && (!both_nan || bits_matter)) || (has_value && result.taken != c->taken)) {
    fail_msg("%s of 0x%llx, 0x%llx, 0x%llx: expected 0x%llx%s, found 0x%llx%s", op_mnemonics[c->op],
             (unsigned long long)c->in[0], (unsigned long long)c->in[1],
             (unsigned long long)c->in[2], (unsigned long long)c->out, c->taken ? ", taken" : "",
             (unsigned long long)found, result.taken ? ", taken" : "");
  }
}

static void run_case(const case_t* c) {
  const char* letters = tenon_op_operands[c->op];
  uint64_t operands[TENON_MAX_OPERANDS] = {0};
  size_t input = 0;
  for (size_t n = 0; letters[n]; ++n) {
    if (!strchr("ILFDb", letters[n])) operands[n] = c->in[input++];
  }
  op_result_t result;
  iree_status_t status = op_run(c->op, operands, NULL, &result);
  assert_int_equal(iree_status_code(status), c->code);
  if (iree_status_is_ok(status)) expect(c, result);
  iree_status_ignore(status);
}

//===----------------------------------------------------------------------===//
// The cases
//===----------------------------------------------------------------------===//

static void run_cases(const case_t* cases, size_t count) {
  for (size_t n = 0; n < count; ++n) {
    run_case(&cases[n]);
  }
}
#define RUN(...)                                        \
  do {                                                  \
    const case_t cases[] = {__VA_ARGS__};               \
    run_cases(cases, sizeof(cases) / sizeof(cases[0])); \
  } while (0)
// The short name of an instruction, inputs, output.
#define A(op, a, out) {TENON_OP_##op, {a}, out, IREE_STATUS_OK, false}
#define B(op, a, b, out) {TENON_OP_##op, {a, b}, out, IREE_STATUS_OK, false}
#define C(op, a, b, c, out) {TENON_OP_##op, {a, b, c}, out, IREE_STATUS_OK, false}
#define BRANCHES(op, a, b, c, out, taken) {TENON_OP_##op, {a, b, c}, out, IREE_STATUS_OK, taken}
#define FAILS(op, a, b) {TENON_OP_##op, {a, b}, 0, DIVIDE_BY_ZERO, false}

static void test_branches(void** state) {
  RUN(A(BR_IF, i(0), 0), A(BR_IF, i(1), 1), A(BR_IF, i(X), 1),  //
      B(BR_EQ_I32, i(3), i(3), 1), B(BR_EQ_I32, i(3), i(-3), 0), B(BR_NE_I32, i(3), i(3), 0),
      B(BR_NE_I32, i(3), i(-3), 1), B(BR_SLT_I32, i(X), i(Y), 1), B(BR_SLT_I32, i(Y), i(X), 0),
      B(BR_SLT_I32, i(1), i(1), 0), B(BR_SLE_I32, i(-1), i(0), 1), B(BR_SLE_I32, i(1), i(0), 0),
      B(BR_SLE_I32, i(1), i(1), 1), B(BR_ULT_I32, i(-1), i(0), 0), B(BR_ULT_I32, i(0), i(-1), 1),
      B(BR_ULT_I32, i(7), i(7), 0), B(BR_ULE_I32, i(-1), i(0), 0), B(BR_ULE_I32, i(0), i(-1), 1),
      B(BR_ULE_I32, i(7), i(7), 1));
  // The low halves are equal or the other way round.
  int64_t high = 1ll << 32;
  RUN(B(BR_EQ_I64, l(3), l(3), 1), B(BR_EQ_I64, l(3), l(3 + high), 0), B(BR_NE_I64, l(3), l(3), 0),
      B(BR_NE_I64, l(3), l(3 + high), 1), B(BR_SLT_I64, l(LX), l(LY), 1),
      B(BR_SLT_I64, l(high), l(1), 0), B(BR_SLE_I64, l(1), l(high), 1),
      B(BR_SLE_I64, l(LY), l(LX), 0), B(BR_SLE_I64, l(5), l(5), 1), B(BR_ULT_I64, l(-1), l(0), 0),
      B(BR_ULT_I64, l(1), l(high), 1), B(BR_ULE_I64, l(-1), l(0), 0),
      B(BR_ULE_I64, l(high), l(high), 1));
}

// Sums wrap before they are compared.
static void test_adding_branches(void** state) {
  RUN(BRANCHES(ADD_BR_SLT_I32, i(1), i(2), i(4), i(3), true),
      BRANCHES(ADD_BR_SLT_I32, i(1), i(2), i(3), i(3), false),
      BRANCHES(ADD_BR_SLT_I32, i(Y), i(1), i(0), i(X), true),
      BRANCHES(ADD_BR_SLT_I32, i(X), i(-1), i(Y), i(Y), false),
      BRANCHES(ADD_BR_SLT_I32, i(-1), i(0), i(0), i(-1), true),
      BRANCHES(ADD_BR_SLT_I64, l(1), l(2), l(4), l(3), true),
      BRANCHES(ADD_BR_SLT_I64, l(1), l(2), l(3), l(3), false),
      BRANCHES(ADD_BR_SLT_I64, l(LY), l(1), l(0), l(LX), true),
      BRANCHES(ADD_BR_SLT_I64, l(LX), l(-1), l(LY), l(LY), false),
      BRANCHES(ADD_BR_SLT_I64, l(UINT32_MAX), l(1), l(2), l(1ll << 32), false));
}

static void test_constants_moves_and_selects(void** state) {
  uint64_t nan32 = 0x7FA12345, nan64 = 0x7FF4123456789ABC;
  RUN(A(CONST_I32, i(X), i(X)), A(CONST_I32, i(-2), i(-2)), A(CONST_I32, 0x12345678, 0x12345678),
      A(CONST_I64, l(LX), l(LX)), A(CONST_I64, l(0x123456789ABCDEF0), l(0x123456789ABCDEF0)),
      A(CONST_F32, f(-0.0f), f(-0.0f)), A(CONST_F32, f(1.5f), f(1.5f)),
      A(CONST_F64, d(-0.0), d(-0.0)), A(CONST_F64, d(1e300), d(1e300)), A(MOV_I32, i(X), i(X)),
      A(MOV_I64, l(LX + 1), l(LX + 1)), A(MOV_F32, nan32, nan32), A(MOV_F64, nan64, nan64),
      A(MOV_F64, d(-0.0), d(-0.0)), C(SELECT_I32, i(1), i(5), i(6), i(5)),
      C(SELECT_I32, i(0), i(5), i(6), i(6)), C(SELECT_I32, i(X), i(5), i(6), i(5)),
      C(SELECT_I64, i(1), l(LX), l(6), l(LX)), C(SELECT_I64, i(0), l(LX), l(6), l(6)),
      C(SELECT_F32, i(2), f(5), f(6), f(5)), C(SELECT_F32, i(0), f(5), f(6), f(6)),
      C(SELECT_F64, i(-1), d(5), d(6), d(5)), C(SELECT_F64, i(0), d(5), d(6), d(6)));
}

static void test_i32(void** state) {
  RUN(B(ADD_I32, i(Y), i(1), i(X)), B(ADD_I32, i(-1), i(1), i(0)), B(SUB_I32, i(X), i(1), i(Y)),
      B(SUB_I32, i(3), i(5), i(-2)), B(MUL_I32, i(Y), i(2), i(-2)), B(MUL_I32, i(X), i(-1), i(X)),
      B(MUL_I32, i(65536), i(65536), i(0)),  //
      B(DIVS_I32, i(-7), i(2), i(-3)), B(DIVS_I32, i(X), i(-1), i(X)),
      B(DIVS_I32, i(7), i(-1), i(-7)), FAILS(DIVS_I32, i(7), i(0)), B(DIVU_I32, i(-1), i(2), i(Y)),
      B(DIVU_I32, i(X), i(-1), i(0)), FAILS(DIVU_I32, i(0), i(0)),  //
      B(REMS_I32, i(-7), i(2), i(-1)), B(REMS_I32, i(X), i(-1), i(0)),
      B(REMS_I32, i(7), i(-3), i(1)), FAILS(REMS_I32, i(X), i(0)), B(REMU_I32, i(-1), i(10), i(5)),
      FAILS(REMU_I32, i(1), i(0)), B(AND_I32, i(12), i(10), i(8)), B(OR_I32, i(12), i(10), i(14)),
      B(XOR_I32, i(12), i(-1), i(~12)), B(SHL_I32, i(1), i(31), i(X)),
      B(SHL_I32, i(-1), i(32), i(0)), B(SHL_I32, i(-1), i(-1), i(0)),
      B(SHL_I32, i(5), i(0), i(5)),  //
      B(SHRS_I32, i(X), i(31), i(-1)), B(SHRS_I32, i(X), i(32), i(-1)),
      B(SHRS_I32, i(Y), i(-1), i(0)), B(SHRS_I32, i(-8), i(1), i(-4)),
      B(SHRU_I32, i(X), i(31), i(1)), B(SHRU_I32, i(X), i(32), i(0)),
      B(SHRU_I32, i(-1), i(-1), i(0)), B(SHRU_I32, i(-8), i(1), i(Y - 3)));
  RUN(B(CMP_EQ_I32, i(X), i(X), 1), B(CMP_EQ_I32, i(X), i(Y), 0), B(CMP_NE_I32, i(X), i(X), 0),
      B(CMP_NE_I32, i(X), i(Y), 1), B(CMP_SLT_I32, i(X), i(Y), 1), B(CMP_SLT_I32, i(Y), i(X), 0),
      B(CMP_SLT_I32, i(Y), i(Y), 0), B(CMP_SLE_I32, i(Y), i(Y), 1), B(CMP_SLE_I32, i(Y), i(X), 0),
      B(CMP_ULT_I32, i(X), i(Y), 0), B(CMP_ULT_I32, i(Y), i(X), 1), B(CMP_ULT_I32, i(Y), i(Y), 0),
      B(CMP_ULE_I32, i(Y), i(Y), 1), B(CMP_ULE_I32, i(X), i(Y), 0));
}

static void test_i64(void** state) {
  int64_t high = 1ll << 32;
  RUN(B(ADD_I64, l(LY), l(1), l(LX)), B(ADD_I64, l(high - 1), l(1), l(high)),
      B(SUB_I64, l(LX), l(1), l(LY)), B(SUB_I64, l(high), l(1), l(high - 1)),
      B(MUL_I64, l(high), l(high), l(0)), B(MUL_I64, l(LX), l(-1), l(LX)),
      B(MUL_I64, l(high - 1), l(2), l(2 * high - 2)),  //
      B(DIVS_I64, l(-7), l(2), l(-3)), B(DIVS_I64, l(LX), l(-1), l(LX)),
      FAILS(DIVS_I64, l(LX), l(0)), B(DIVS_I64, l(high), l(high), l(1)),
      B(DIVU_I64, l(-1), l(2), l(LY)), B(DIVU_I64, l(LX), l(-1), l(0)),
      FAILS(DIVU_I64, l(1), l(0)),  //
      B(REMS_I64, l(-7), l(2), l(-1)), B(REMS_I64, l(LX), l(-1), l(0)), FAILS(REMS_I64, l(1), l(0)),
      B(REMU_I64, l(-1), l(10), l(5)), FAILS(REMU_I64, l(1), l(0)),
      // The divisor's low half alone is 0.
      B(REMU_I64, l(high + 5), l(high), l(5)),  //
      B(MULHS_I64, l(LX), l(LX), l(1ll << 62)), B(MULHS_I64, l(-1), l(1), l(-1)),
      B(MULHS_I64, l(-1), l(-1), l(0)), B(MULHU_I64, l(-1), l(-1), l(-2)),
      B(MULHU_I64, l(high), l(high), l(1)),  //
      B(AND_I64, l(12 + high), l(10 + high), l(8 + high)), B(OR_I64, l(12), l(high), l(12 + high)),
      B(XOR_I64, l(12), l(-1), l(~12)),  //
      B(SHL_I64, l(1), l(63), l(LX)), B(SHL_I64, l(1), l(64), l(0)),
      B(SHL_I64, l(1), l(high), l(0)), B(SHRS_I64, l(LX), l(63), l(-1)),
      B(SHRS_I64, l(LX), l(64), l(-1)), B(SHRS_I64, l(LY), l(-1), l(0)),
      B(SHRS_I64, l(-8), l(1), l(-4)), B(SHRU_I64, l(LX), l(63), l(1)),
      B(SHRU_I64, l(LX), l(64), l(0)), B(SHRU_I64, l(-1), l(high), l(0)));
  RUN(B(CMP_EQ_I64, l(1), l(1 + high), 0), B(CMP_EQ_I64, l(LX), l(LX), 1),
      B(CMP_NE_I64, l(1), l(1 + high), 1), B(CMP_NE_I64, l(LX), l(LX), 0),
      B(CMP_SLT_I64, l(LX), l(LY), 1), B(CMP_SLT_I64, l(high), l(1), 0),
      B(CMP_SLE_I64, l(LY), l(LY), 1), B(CMP_SLE_I64, l(LY), l(LX), 0),
      B(CMP_ULT_I64, l(LX), l(LY), 0), B(CMP_ULT_I64, l(1), l(high), 1),
      B(CMP_ULE_I64, l(-1), l(-1), 1), B(CMP_ULE_I64, l(-1), l(0), 0));
}

// Counted in bits; sums that the branch compares, wrapped.
static void test_leading_zeros(void** state) {
  RUN(A(CTLZ_I32, i(0), i(32)), A(CTLZ_I32, i(-1), i(0)), A(CTLZ_I32, i(X), i(0)),
      A(CTLZ_I64, l(0), l(64)), A(CTLZ_I64, l(-1), l(0)));
  for (int n = 0; n < 64; ++n) {
    if (n < 32) RUN(A(CTLZ_I32, i(1ll << n), i(31 - n)));
    RUN(A(CTLZ_I64, 1ull << n, l(63 - n)), A(CTLZ_I64, (1ull << n) | 1, l(n ? 63 - n : 63)));
  }
}

static void test_f32(void** state) {
  float inf = INFINITY, nan = NAN, tiny = 0x1p-149f;
  RUN(B(ADD_F32, f(1.5f), f(2), f(3.5f)), B(ADD_F32, f(FLT_MAX), f(FLT_MAX), f(inf)),
      B(ADD_F32, f(inf), f(-inf), f(nan)), B(ADD_F32, f(-0.0f), f(0.0f), f(0.0f)),
      // Rounded to float, not carried in double: the smallest step above 1 is 2^-23.
      B(ADD_F32, f(1), f(0x1p-24f), f(1)), B(SUB_F32, f(1), f(2), f(-1)),
      B(SUB_F32, f(tiny), f(tiny), f(0)), B(MUL_F32, f(3), f(-2), f(-6)),
      B(MUL_F32, f(tiny), f(0.5f), f(0)), B(MUL_F32, f(0), f(inf), f(nan)),
      B(MUL_F32, f(0x1p-75f), f(0x1p-74f), f(tiny)), B(DIV_F32, f(1), f(0), f(inf)),
      B(DIV_F32, f(-1), f(0), f(-inf)), B(DIV_F32, f(0), f(0), f(nan)),
      B(DIV_F32, f(1), f(4), f(0.25f)), B(REM_F32, f(5.5f), f(2), f(1.5f)),
      B(REM_F32, f(-5.5f), f(2), f(-1.5f)), B(REM_F32, f(5), f(-3), f(2)),
      B(REM_F32, f(1), f(0), f(nan)), B(REM_F32, f(inf), f(2), f(nan)),
      B(REM_F32, f(3), f(inf), f(3)), B(REM_F32, f(FLT_MAX), f(tiny), f(0)),
      A(SQRT_F32, f(4), f(2)), A(SQRT_F32, f(-0.0f), f(-0.0f)), A(SQRT_F32, f(-1), f(nan)),
      A(SQRT_F32, f(inf), f(inf)), A(SQRT_F32, f(-inf), f(nan)), A(SQRT_F32, f(nan), f(nan)),
      A(SQRT_F32, f(2), 0x3FB504F3), A(SQRT_F32, f(tiny), 0x1A3504F3),
      A(SQRT_F32, f(FLT_MAX), 0x5F7FFFFF),  //
      A(NEG_F32, f(0), f(-0.0f)), A(NEG_F32, f(-inf), f(inf)), A(NEG_F32, 0x7FC00001, 0xFFC00001));
}

static void test_f64(void** state) {
  double inf = INFINITY, nan = NAN, tiny = 0x1p-1074;
  RUN(B(ADD_F64, d(1.5), d(2), d(3.5)), B(ADD_F64, d(DBL_MAX), d(DBL_MAX), d(inf)),
      B(ADD_F64, d(1), d(0x1p-53), d(1)), B(SUB_F64, d(1), d(2), d(-1)),
      B(SUB_F64, d(inf), d(inf), d(nan)), B(MUL_F64, d(3), d(-2), d(-6)),
      B(MUL_F64, d(tiny), d(0.5), d(0)), B(DIV_F64, d(1), d(0), d(inf)),
      B(DIV_F64, d(0), d(0), d(nan)), B(DIV_F64, d(1), d(4), d(0.25)),
      B(REM_F64, d(5.5), d(2), d(1.5)), B(REM_F64, d(-5.5), d(2), d(-1.5)),
      B(REM_F64, d(1), d(0), d(nan)), B(REM_F64, d(DBL_MAX), d(tiny), d(0)),
      B(REM_F64, d(3), d(inf), d(3)), A(SQRT_F64, d(9), d(3)), A(SQRT_F64, d(-0.0), d(-0.0)),
      A(SQRT_F64, d(-1), d(nan)), A(SQRT_F64, d(inf), d(inf)),
      A(SQRT_F64, d(2), 0x3FF6A09E667F3BCD), A(SQRT_F64, d(tiny), d(0x1p-537)),
      A(SQRT_F64, d(DBL_MAX), 0x5FEFFFFFFFFFFFFF), A(NEG_F64, d(0), d(-0.0)),
      A(NEG_F64, d(inf), d(-inf)), A(NEG_F64, 0x7FF8000000000001, 0xFFF8000000000001));
}

// All predicates on all relations.
static void test_comparisons(void** state) {
  static const double lhs[] = {1, 2, 1, NAN, 1, NAN, 0.0, INFINITY};
  static const double rhs[] = {1, 1, 2, 1, NAN, NAN, -0.0, INFINITY};
  for (uint64_t predicate = 0; predicate < 16; ++predicate) {
    for (size_t n = 0; n < sizeof(lhs) / sizeof(lhs[0]); ++n) {
      double a = lhs[n], b = rhs[n];
      bool unordered = isnan(a) || isnan(b);
      const bool expected[16] = {false,
                                 a == b,
                                 a > b,
                                 a >= b,
                                 a < b,
                                 a <= b,
                                 a < b || a > b,
                                 !unordered,
                                 unordered || a == b,
                                 unordered || a > b,
                                 unordered || a >= b,
                                 unordered || a < b,
                                 unordered || a <= b,
                                 a != b,
                                 unordered,
                                 true};
      RUN(C(CMP_F32, f((float)a), f((float)b), predicate, expected[predicate]),
          C(CMP_F64, d(a), d(b), predicate, expected[predicate]));
    }
  }
}

static void test_integer_conversions(void** state) {
  RUN(A(EXTS_I8_I32, i(0x80), i(-128)), A(EXTS_I8_I32, i(0x17F), i(127)),
      A(EXTS_I16_I32, i(0x8000), i(-32768)), A(EXTS_I16_I32, i(0x17FFF), i(32767)),
      A(EXTS_I32_I64, i(X), l(X)), A(EXTS_I32_I64, i(Y), l(Y)), A(EXTU_I32_I64, i(X), l(1ll << 31)),
      A(EXTU_I32_I64, i(-1), l(UINT32_MAX)), A(TRUNC_I64_I32, l(LX + 7), i(7)),
      A(TRUNC_I64_I32, l(-1), i(-1)));
  RUN(A(CVT_S32_F32, i(-5), f(-5)), A(CVT_S32_F32, i(X), f(-0x1p31f)),
      A(CVT_S32_F32, i(Y), f(0x1p31f)), A(CVT_U32_F32, i(-1), f(0x1p32f)),
      A(CVT_U32_F32, i(7), f(7)), A(CVT_S64_F32, l(LX), f(-0x1p63f)),
      A(CVT_S64_F32, l(16777217), f(16777216)),
      // Rounded once: through double it would be 2^24 + 2.
      A(CVT_S64_F32, l((1ll << 62) + (1ll << 38) + 1), f(0x1.000002p62f)),
      A(CVT_U64_F32, l(-1), f(0x1p64f)), A(CVT_U64_F32, l(3), f(3)),
      A(CVT_S32_F64, i(X), d(-0x1p31)), A(CVT_U32_F64, i(-1), d(UINT32_MAX)),
      A(CVT_S64_F64, l(LX), d(-0x1p63)), A(CVT_S64_F64, l(-3), d(-3)),
      A(CVT_U64_F64, l(-1), d(0x1p64)), A(CVT_U64_F64, l(LX), d(0x1p63)));
}

static void test_float_to_integer(void** state) {
  float inf = INFINITY, nan = NAN;
  RUN(A(CVT_F32_S32, f(-2.9f), i(-2)), A(CVT_F32_S32, f(2.9f), i(2)),
      A(CVT_F32_S32, f(0x1p31f), i(Y)), A(CVT_F32_S32, f(-0x1p31f), i(X)),
      A(CVT_F32_S32, f(0x1.fffffep30f), i(2147483520)), A(CVT_F32_S32, f(inf), i(Y)),
      A(CVT_F32_S32, f(-inf), i(X)), A(CVT_F32_S32, f(nan), i(0)), A(CVT_F32_U32, f(2.9f), i(2)),
      A(CVT_F32_U32, f(-0.9f), i(0)), A(CVT_F32_U32, f(-5), i(0)),
      A(CVT_F32_U32, f(0x1p32f), i(-1)), A(CVT_F32_U32, f(0x1p31f), i(X)),
      A(CVT_F32_U32, f(nan), i(0)), A(CVT_F32_S64, f(-2.9f), l(-2)),
      A(CVT_F32_S64, f(0x1p63f), l(LY)), A(CVT_F32_S64, f(-0x1p63f), l(LX)),
      A(CVT_F32_S64, f(-inf), l(LX)), A(CVT_F32_S64, f(nan), l(0)),
      A(CVT_F32_S64, f(0x1p40f), l(1ll << 40)), A(CVT_F32_U64, f(0x1p63f), l(LX)),
      A(CVT_F32_U64, f(0x1p64f), l(-1)), A(CVT_F32_U64, f(-1), l(0)), A(CVT_F32_U64, f(nan), l(0)),
      A(CVT_F32_U64, f(3.5f), l(3)));
  RUN(A(CVT_F64_S32, d(-2.9), i(-2)), A(CVT_F64_S32, d(2147483647.9), i(Y)),
      A(CVT_F64_S32, d(-2147483648.9), i(X)), A(CVT_F64_S32, d(1e300), i(Y)),
      A(CVT_F64_S32, d(-1e300), i(X)), A(CVT_F64_S32, d(NAN), i(0)),
      A(CVT_F64_U32, d(4294967295.9), i(-1)), A(CVT_F64_U32, d(1e10), i(-1)),
      A(CVT_F64_U32, d(-0.5), i(0)), A(CVT_F64_U32, d(NAN), i(0)), A(CVT_F64_U32, d(7.7), i(7)),
      A(CVT_F64_S64, d(-2.9), l(-2)), A(CVT_F64_S64, d(0x1p63), l(LY)),
      A(CVT_F64_S64, d(-0x1p63), l(LX)), A(CVT_F64_S64, d(0x1.fffffffffffffp62), l(LY - 1023)),
      A(CVT_F64_S64, d(-inf), l(LX)), A(CVT_F64_S64, d(NAN), l(0)),
      A(CVT_F64_U64, d(0x1p63), l(LX)), A(CVT_F64_U64, d(0x1p64), l(-1)),
      A(CVT_F64_U64, d(inf), l(-1)), A(CVT_F64_U64, d(-1), l(0)), A(CVT_F64_U64, d(NAN), l(0)),
      A(CVT_F64_U64, d(9.99), l(9)));
  RUN(A(EXT_F32_F64, f(0.1f), d(0.1f)), A(EXT_F32_F64, f(-inf), d(-inf)),
      A(TRUNC_F64_F32, d(0.1), f(0.1f)), A(TRUNC_F64_F32, d(1e300), f(inf)),
      A(TRUNC_F64_F32, d(-0.0), f(-0.0f)), A(TRUNC_F64_F32, d(0x1p-150), f(0)),
      A(BITS_F32_I32, f(-0.0f), i(X)), A(BITS_F32_I32, 0x7FA00001, 0x7FA00001),
      A(BITS_I32_F32, i(0x3F800000), f(1)), A(BITS_F64_I64, d(-0.0), l(LX)),
      A(BITS_I64_F64, l(0x3FF0000000000000), d(1)));
}

static void test_every_instruction_ran(void** state) {
  for (uint32_t op = 0; op < TENON_OP_COUNT; ++op) {
    if (!op_covered[op]) fail_msg("%s has no test", op_mnemonics[op]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_branches),
      cmocka_unit_test(test_adding_branches),
      cmocka_unit_test(test_constants_moves_and_selects),
      cmocka_unit_test(test_i32),
      cmocka_unit_test(test_i64),
      cmocka_unit_test(test_leading_zeros),
      cmocka_unit_test(test_f32),
      cmocka_unit_test(test_f64),
      cmocka_unit_test(test_comparisons),
      cmocka_unit_test(test_integer_conversions),
      cmocka_unit_test(test_float_to_integer),
  };
  const struct CMUnitTest last[] = {cmocka_unit_test(test_every_instruction_ran)};
  int failed = cmocka_run_group_tests_name("values", tests, NULL, NULL);
  failed += run_reference_tests() + run_control_tests() + run_buffer_tests() + run_list_tests();
  return failed + cmocka_run_group_tests_name("all", last, NULL, NULL);
}
