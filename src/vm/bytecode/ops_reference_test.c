// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every instruction on values, on all corners of its types with each other and with registers
// shared in every way, against references that are computed in another way.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
// cmocka needs those before it.
#include <cmocka.h>

#include "vm/bytecode/ops_test.h"
#include "vm/bytecode/testing/op_runner.h"
#include "vm/bytecode/testing/reference_arithmetic.h"

// What an instruction does with its inputs (values, immediates, predicate in order), as bits.
typedef struct outcome_t {
  uint64_t value;
  bool taken;
  bool fails;  // as a division by zero does
} outcome_t;

//===----------------------------------------------------------------------===//
// References
//===----------------------------------------------------------------------===//

// Input |n| as each type.
#define S32(n) ((int64_t)(int32_t)in[n])
#define U32(n) ((uint64_t)(uint32_t)in[n])
#define S64(n) ((s128_t)(int64_t)in[n])
#define U64(n) ((u128_t)in[n])
#define F32(n) f32_of(in[n])
#define F64(n) f64_of(in[n])
#define QUAD(n) ((wide_float_t)f64_of(in[n]))

#define VALUE(x) ((outcome_t){.value = (uint64_t)(x)})
#define TAKEN(x) ((outcome_t){.taken = (x)})
#define DIVIDED(divisor, x) ((divisor) == 0 ? (outcome_t){.fails = true} : VALUE(x))

// Integer operations, for S and U of a width.
#define INTEGER_REFERENCES(R, N)                                                              \
  R(BR_EQ_I##N, TAKEN(U##N(0) == U##N(1)))                                                    \
  R(BR_NE_I##N, TAKEN(U##N(0) != U##N(1)))                                                    \
  R(BR_SLT_I##N, TAKEN(S##N(0) < S##N(1)))                                                    \
  R(BR_SLE_I##N, TAKEN(S##N(0) <= S##N(1)))                                                   \
  R(BR_ULT_I##N, TAKEN(U##N(0) < U##N(1)))                                                    \
  R(BR_ULE_I##N, TAKEN(U##N(0) <= U##N(1)))                                                   \
  R(ADD_BR_SLT_I##N,                                                                          \
    ((outcome_t){.value = (uint64_t)(U##N(0) + U##N(1)),                                      \
                 .taken = (int64_t)sign_extend((uint64_t)(U##N(0) + U##N(1)), N) < S##N(2)})) \
  R(ADD_I##N, VALUE(U##N(0) + U##N(1)))                                                       \
  R(SUB_I##N, VALUE(U##N(0) - U##N(1)))                                                       \
  R(MUL_I##N, VALUE(U##N(0) * U##N(1)))                                                       \
  R(DIVS_I##N, DIVIDED(S##N(1), S##N(0) / S##N(1)))                                           \
  R(DIVU_I##N, DIVIDED(U##N(1), U##N(0) / U##N(1)))                                           \
  R(REMS_I##N, DIVIDED(S##N(1), S##N(0) - S##N(0) / S##N(1) * S##N(1)))                       \
  R(REMU_I##N, DIVIDED(U##N(1), U##N(0) - U##N(0) / U##N(1) * U##N(1)))                       \
  R(AND_I##N, VALUE(bitwise(in[0], in[1], 8)))                                                \
  R(OR_I##N, VALUE(bitwise(in[0], in[1], 14)))                                                \
  R(XOR_I##N, VALUE(bitwise(in[0], in[1], 6)))                                                \
  R(SHL_I##N, VALUE(shift_left(in[0], (uint64_t)U##N(1))))                                    \
  R(SHRS_I##N, VALUE(shift_right(S##N(0), (uint64_t)U##N(1))))                                \
  R(SHRU_I##N, VALUE(shift_right((s128_t)U##N(0), (uint64_t)U##N(1))))                        \
  R(CMP_EQ_I##N, VALUE(U##N(0) == U##N(1)))                                                   \
  R(CMP_NE_I##N, VALUE(U##N(0) != U##N(1)))                                                   \
  R(CMP_SLT_I##N, VALUE(S##N(0) < S##N(1)))                                                   \
  R(CMP_SLE_I##N, VALUE(S##N(0) <= S##N(1)))                                                  \
  R(CMP_ULT_I##N, VALUE(U##N(0) < U##N(1)))                                                   \
  R(CMP_ULE_I##N, VALUE(U##N(0) <= U##N(1)))                                                  \
  R(CTLZ_I##N, VALUE(leading_zeros(in[0], N)))

// What only moves bits.
#define BITS_REFERENCES(R, T) \
  R(CONST_##T, VALUE(in[0]))  \
  R(MOV_##T, VALUE(in[0]))    \
  R(SELECT_##T, VALUE(U32(0) != 0 ? in[1] : in[2]))

#define REFERENCES(R)                                                \
  R(BR_IF, TAKEN(U32(0) != 0))                                       \
  INTEGER_REFERENCES(R, 32)                                          \
  INTEGER_REFERENCES(R, 64)                                          \
  BITS_REFERENCES(R, I32)                                            \
  BITS_REFERENCES(R, I64)                                            \
  BITS_REFERENCES(R, F32)                                            \
  BITS_REFERENCES(R, F64)                                            \
  R(MULHS_I64, VALUE(multiply_high_signed(in[0], in[1])))            \
  R(MULHU_I64, VALUE(multiply_high(in[0], in[1])))                   \
  R(ADD_F32, VALUE(f32_bits(F32(0) + F32(1))))                       \
  R(SUB_F32, VALUE(f32_bits(F32(0) - F32(1))))                       \
  R(MUL_F32, VALUE(f32_bits(F32(0) * F32(1))))                       \
  R(DIV_F32, VALUE(f32_bits(F32(0) / F32(1))))                       \
  R(REM_F32, VALUE(f32_bits(fmod(F32(0), F32(1)))))                  \
  R(SQRT_F32, VALUE(f32_bits(square_root(F32(0)))))                  \
  R(NEG_F32, VALUE(in[0] ^ 0x80000000))                              \
  R(CMP_F32, VALUE(compare(F32(0), F32(1), in[2])))                  \
  R(ADD_F64, VALUE(quad_bits(QUAD(0) + QUAD(1))))                    \
  R(SUB_F64, VALUE(quad_bits(QUAD(0) - QUAD(1))))                    \
  R(MUL_F64, VALUE(quad_bits(QUAD(0) * QUAD(1))))                    \
  R(DIV_F64, VALUE(quad_bits(QUAD(0) / QUAD(1))))                    \
  R(REM_F64, VALUE(f64_bits(fmod(F64(0), F64(1)))))                  \
  R(SQRT_F64, VALUE(f64_bits(square_root(F64(0)))))                  \
  R(NEG_F64, VALUE(in[0] ^ 0x8000000000000000))                      \
  R(CMP_F64, VALUE(compare(F64(0), F64(1), in[2])))                  \
  R(EXTS_I8_I32, VALUE(sign_extend(in[0], 8)))                       \
  R(EXTS_I16_I32, VALUE(sign_extend(in[0], 16)))                     \
  R(EXTS_I32_I64, VALUE(sign_extend(in[0], 32)))                     \
  R(EXTU_I32_I64, VALUE(U32(0)))                                     \
  R(TRUNC_I64_I32, VALUE(in[0] % 0x100000000))                       \
  R(CVT_S32_F32, VALUE(f32_bits(from_signed(S32(0), round_to_f32)))) \
  R(CVT_U32_F32, VALUE(f32_bits(round_to_f32(U32(0), 0, false))))    \
  R(CVT_S64_F32, VALUE(f32_bits(from_signed(S64(0), round_to_f32)))) \
  R(CVT_U64_F32, VALUE(f32_bits(round_to_f32(U64(0), 0, false))))    \
  R(CVT_S32_F64, VALUE(f64_bits(from_signed(S32(0), round_to_f64)))) \
  R(CVT_U32_F64, VALUE(f64_bits(round_to_f64(U32(0), 0, false))))    \
  R(CVT_S64_F64, VALUE(f64_bits(from_signed(S64(0), round_to_f64)))) \
  R(CVT_U64_F64, VALUE(f64_bits(round_to_f64(U64(0), 0, false))))    \
  R(CVT_F32_S32, VALUE(to_integer(F32(0), INT32_MIN, INT32_MAX)))    \
  R(CVT_F32_U32, VALUE(to_integer(F32(0), 0, UINT32_MAX)))           \
  R(CVT_F32_S64, VALUE(to_integer(F32(0), INT64_MIN, INT64_MAX)))    \
  R(CVT_F32_U64, VALUE(to_integer(F32(0), 0, UINT64_MAX)))           \
  R(CVT_F64_S32, VALUE(to_integer(F64(0), INT32_MIN, INT32_MAX)))    \
  R(CVT_F64_U32, VALUE(to_integer(F64(0), 0, UINT32_MAX)))           \
  R(CVT_F64_S64, VALUE(to_integer(F64(0), INT64_MIN, INT64_MAX)))    \
  R(CVT_F64_U64, VALUE(to_integer(F64(0), 0, UINT64_MAX)))           \
  R(EXT_F32_F64, VALUE(f64_bits(F32(0))))                            \
  R(TRUNC_F64_F32, VALUE(f32_bits(F64(0))))                          \
  R(BITS_F32_I32, VALUE(in[0]))                                      \
  R(BITS_I32_F32, VALUE(in[0]))                                      \
  R(BITS_F64_I64, VALUE(in[0]))                                      \
  R(BITS_I64_F64, VALUE(in[0]))

#define DEFINE_REFERENCE(name, outcome) \
  static outcome_t reference_##name(const uint64_t* in) { return outcome; }
REFERENCES(DEFINE_REFERENCE)

typedef outcome_t (*reference_t)(const uint64_t* in);
static const reference_t references[TENON_OP_COUNT] = {
#define REFERENCE_OF(name, outcome) [TENON_OP_##name] = reference_##name,
    REFERENCES(REFERENCE_OF)};

//===----------------------------------------------------------------------===//
// Corners
//===----------------------------------------------------------------------===//

static const uint64_t i32_corners[] = {
    0,    1,      0xFFFFFFFF, 0x80000000, 0x7FFFFFFF, 2,          0xFFFFFFFE,
    31,   32,     33,         0x80000001, 0x55555555, 0x7F,       0x80,
    0xFF, 0x7FFF, 0x8000,     0x10000,    0xFFFF0000, 1000000007, 0xFFFFFFE0};
static const uint64_t i64_corners[] = {0,
                                       1,
                                       UINT64_MAX,
                                       1ull << 63,
                                       INT64_MAX,
                                       2,
                                       63,
                                       64,
                                       65,
                                       (1ull << 63) + 1,
                                       1ull << 32,
                                       0xFFFFFFFF,
                                       (1ull << 32) + 1,
                                       1ull << 31,
                                       0xFFFFFFFF80000000,
                                       1ull << 53,
                                       (1ull << 53) + 1,
                                       16777217,
                                       0x5555555555555555,
                                       1000000000000000003,
                                       (1ull << 62) + (1ull << 38) + 1};
// Zeros, one, the least and largest of each kind, ties of rounding, limits of integers, NaNs.
static const uint64_t f32_corners[] = {
    0,          0x80000000, 0x3F800000, 0xBF800000, 0x00000001, 0x80000001, 0x007FFFFF, 0x00800000,
    0x80800000, 0x7F7FFFFF, 0xFF7FFFFF, 0x7F800000, 0xFF800000, 0x7FC00000, 0xFFC12345, 0x7FA00001,
    0x3F800001, 0x33800000, 0x40490FDB, 0x4EFFFFFF, 0x4F000000, 0xCF000000, 0x4F800000, 0x5F000000,
    0xDF000000, 0x5F800000, 0x3F7FFFFF, 0xC0200000, 0x3EAAAAAB, 0x00000003};
static const uint64_t f64_corners[] = {
    0,
    0x8000000000000000,
    0x3FF0000000000000,
    0xBFF0000000000000,
    0x0000000000000001,
    0x8000000000000001,
    0x000FFFFFFFFFFFFF,
    0x0010000000000000,
    0x7FEFFFFFFFFFFFFF,
    0xFFEFFFFFFFFFFFFF,
    0x7FF0000000000000,
    0xFFF0000000000000,
    0x7FF8000000000000,
    0xFFF8123456789ABC,
    0x7FF4000000000001,
    0x3FF0000000000001,
    0x3CA0000000000000,
    0x400921FB54442D18,
    0x41DFFFFFFFC00000,  // 2^31 - 1
    0x41E0000000000000,
    0xC1E0000000200000,  // -2^31 - 1
    0x41EFFFFFFFF00000,  // 2^32 - 0.5
    0x43E0000000000000,  // 2^63
    0xC3E0000000000000,
    0x43F0000000000000,  // 2^64
    0x36A0000000000000,  // 2^-149, the least float
    0x3690000000000000,  // half of it
    0x3690000000000001,
    0x47EFFFFFE0000000,  // the largest float
    0x47EFFFFFF0000000,  // a tie between it and infinity
    0x3FF0000010000000,  // a tie between floats
    0x3FF0000030000000,
    0xC004000000000000,  // -2.5
    0x3FD5555555555555,
};
static const uint64_t predicates[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

static size_t corners_of(char letter, char written, const uint64_t** out_corners) {
#define CORNERS(array) (*out_corners = (array), IREE_ARRAYSIZE(array))
  switch (letter) {
    case 'i':
      return CORNERS(i32_corners);
    case 'l':
      return CORNERS(i64_corners);
    case 'f':
      return CORNERS(f32_corners);
    case 'd':
      return CORNERS(f64_corners);
    case 'p':
      return CORNERS(predicates);
    default:  // an immediate, for what is written
      return corners_of((char)(written | 0x20), 0, out_corners);
  }
}

//===----------------------------------------------------------------------===//
// All together
//===----------------------------------------------------------------------===//

static bool is_nan_of(char letter, uint64_t bits) {
  if (letter == 'F') return (bits & 0x7FFFFFFF) > 0x7F800000;
  return letter == 'D' && (bits & INT64_MAX) > 0x7FF0000000000000;
}

// Of a NaN that was computed the bits are the processor's affair.
static bool is_computed(tenon_op_t op) {
  const char* name = op_mnemonics[op];
  return strncmp(name, "const", 5) && strncmp(name, "mov", 3) && strncmp(name, "select", 6) &&
         strncmp(name, "neg", 3) && strncmp(name, "bits", 4);
}

static void check(op_program_t* program, const uint64_t* operands) {
  const char* letters = tenon_op_operands[program->op];
  uint64_t in[TENON_MAX_OPERANDS] = {0};
  size_t count = 0;
  for (size_t i = 0; letters[i]; ++i) {
    if (!strchr("ILFDb", letters[i])) in[count++] = operands[program->same_as[i]];
  }
  outcome_t expected = references[program->op](in);
  if (strchr("IF", letters[0])) expected.value = (uint32_t)expected.value;
  // A sum in the place of what it is compared with is not less than that.
  bool is_adding = strchr("IL", letters[0]) && strchr(letters, 'b');
  if (is_adding && program->same_as[0] == program->same_as[3]) expected.taken = false;
  op_result_t result = {0};
  iree_status_t status = op_call(program, operands, NULL, &result);
  bool matches = iree_status_is_invalid_argument(status) == expected.fails &&
                 (expected.fails || iree_status_is_ok(status));
  if (matches && !expected.fails) {
    bool are_nans = is_computed(program->op) && is_nan_of(letters[0], expected.value) &&
                    is_nan_of(letters[0], result.value);
    matches = result.taken == expected.taken && (are_nans || result.value == expected.value);
  }
  if (!matches) {
    iree_status_fprint(stderr, status);
    fail_msg(
        "%s of 0x%llx, 0x%llx, 0x%llx with registers shared as %d %d %d %d: expected 0x%llx "
        "taken %d fails %d, found 0x%llx taken %d",
        op_mnemonics[program->op], (unsigned long long)in[0], (unsigned long long)in[1],
        (unsigned long long)in[2], program->same_as[0], program->same_as[1], program->same_as[2],
        program->same_as[3], (unsigned long long)expected.value, expected.taken, expected.fails,
        (unsigned long long)result.value, result.taken);
  }
  iree_status_ignore(status);
}

// Each corner for each operand from |i| on that is a register of its own.
static void check_values(op_program_t* program, uint64_t* operands, size_t i) {
  const char* letters = tenon_op_operands[program->op];
  if (!letters[i]) {
    check(program, operands);
    return;
  }
  if (!strchr("ilfd", letters[i]) || program->same_as[i] != i) {
    check_values(program, operands, i + 1);
    return;
  }
  const uint64_t* corners = NULL;
  size_t count = corners_of(letters[i], 0, &corners);
  // Of three values the first corners only: all would take long.
  if (strlen(letters) >= 4 && strspn(letters + 1, "ilfd") >= 3 && count > 8) count = 8;
  for (size_t n = 0; n < count; ++n) {
    operands[i] = corners[n];
    check_values(program, operands, i + 1);
  }
}

static void check_sharing(tenon_op_t op, uint64_t* operands, const uint8_t* same_as) {
  op_program_t program = op_program(op, operands, same_as);
  check_values(&program, operands, 0);
  op_program_end(&program);
}

static char class_of(char letter) { return strchr("ILFDilfd", letter) ? (char)(letter | 0x20) : 0; }

// Registers of operands from |i| on shared in every way: with one before, or, if it is written
// (which is the first), with one behind.
static void check_sharings(tenon_op_t op, uint64_t* operands, uint8_t* same_as, uint8_t i) {
  const char* letters = tenon_op_operands[op];
  if (!letters[i]) {
    bool writes = strchr("ILFD", letters[0]) != NULL;
    same_as[0] = 0;
    check_sharing(op, operands, same_as);
    for (uint8_t n = 1; letters[n] && writes; ++n) {
      if (same_as[n] != n || class_of(letters[n]) != class_of(letters[0])) continue;
      same_as[0] = n;
      check_sharing(op, operands, same_as);
    }
    same_as[0] = 0;
    return;
  }
  same_as[i] = i;
  check_sharings(op, operands, same_as, (uint8_t)(i + 1));
  for (uint8_t n = 0; n < i && strchr("ilfd", letters[i]); ++n) {
    if (same_as[n] != n || letters[n] != letters[i]) continue;
    same_as[i] = n;
    check_sharings(op, operands, same_as, (uint8_t)(i + 1));
  }
  same_as[i] = i;
}

static void check_instruction(tenon_op_t op) {
  const char* letters = tenon_op_operands[op];
  uint64_t operands[TENON_MAX_OPERANDS] = {0};
  uint8_t same_as[TENON_MAX_OPERANDS] = {0};
  const char* immediate = strpbrk(letters, "48p");
  if (!immediate) {
    check_sharings(op, operands, same_as, 0);
    return;
  }
  const uint64_t* corners = NULL;
  size_t count = corners_of(*immediate, letters[0], &corners);
  for (size_t n = 0; n < count; ++n) {
    operands[immediate - letters] = corners[n];
    check_sharings(op, operands, same_as, 0);
  }
}

static void test_all(void** state) {
  for (uint32_t op = 0; op < TENON_OP_COUNT; ++op) {
    // Of values, immediates and predicates only, and not only of a place to go to.
    const char* letters = tenon_op_operands[op];
    bool is_of_values =
        strspn(letters, "ilfdILFD48pb") == strlen(letters) && strpbrk(letters, "ilfdILFD");
    if (!is_of_values) continue;
    if (!references[op]) fail_msg("%s has no reference", op_mnemonics[op]);
    check_instruction((tenon_op_t)op);
  }
}

int run_reference_tests(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_all)};
  return cmocka_run_group_tests_name("references", tests, NULL, NULL);
}
