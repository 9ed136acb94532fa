// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/codegen/affine.h"

#include <string.h>

#include "compiler/support/mlir_util.h"

// Numbers up to this: sums of products with any counts stay within 128 bits.
#define TENON_MAX_NUMBER ((int64_t)1 << 31)
// Operations to look at for one index: a value that is used often is looked at as often.
#define TENON_MAX_STEPS 64

typedef struct tenon_reader_t {
  const tenon_kernel_t* kernel;
  const tenon_member_t* member;
  tenon_affine_t* affine;
  int steps;
} tenon_reader_t;

static bool tenon_constant_number(MlirValue value, int64_t* out_number) {
  if (!mlirValueIsAOpResult(value)) return false;
  MlirOperation op = mlirOpResultGetOwner(value);
  if (!tenon_op_is(op, "arith.constant") || !mlirTypeIsAIndex(mlirValueGetType(value)))
    return false;
  *out_number = mlirIntegerAttrGetValueInt(mlirOperationGetAttributeByName(op, tenon_str("value")));
  return *out_number > -TENON_MAX_NUMBER && *out_number < TENON_MAX_NUMBER;
}

// Adds |amount| to |sum|; returns false when it leaves the numbers that are looked at.
static bool tenon_add_number(int64_t amount, int64_t* sum) {
  *sum += amount;
  return *sum > -TENON_MAX_NUMBER && *sum < TENON_MAX_NUMBER;
}

static bool tenon_add_constant(tenon_affine_t* affine, int constant, int64_t factor) {
  for (int i = 0; i < affine->term_count; ++i) {
    if (affine->terms[i].constant == constant)
      return tenon_add_number(factor, &affine->terms[i].factor);
  }
  if (affine->term_count == TENON_AFFINE_TERMS) return false;
  affine->terms[affine->term_count].constant = constant;
  affine->terms[affine->term_count++].factor = factor;
  return true;
}

// The member's loop whose index |value| is, or -1.
static int tenon_loop_of_value(const tenon_member_t* member, MlirValue value) {
  if (mlirValueIsABlockArgument(value)) {
    bool own = member->updates && mlirBlockEqual(mlirBlockArgumentGetOwner(value), member->body);
    return own ? member->loop_of[mlirBlockArgumentGetArgNumber(value)] : -1;
  }
  MlirOperation op = mlirOpResultGetOwner(value);
  if (!tenon_op_is(op, "linalg.index")) return -1;
  return member
      ->loop_of[mlirIntegerAttrGetValueInt(mlirOperationGetAttributeByName(op, tenon_str("dim")))];
}

// Adds |factor| * |value|.
static bool tenon_affine_add(tenon_reader_t* reader, MlirValue value, int64_t factor) {
  if (++reader->steps > TENON_MAX_STEPS || !mlirTypeIsAIndex(mlirValueGetType(value))) return false;
  int64_t number = 0;
  if (tenon_constant_number(value, &number)) {
    return !__builtin_mul_overflow(number, factor, &number) && number < TENON_MAX_NUMBER &&
           number > -TENON_MAX_NUMBER && tenon_add_number(number, &reader->affine->base);
  }
  int loop = tenon_loop_of_value(reader->member, value);
  if (loop >= 0) return tenon_add_number(factor, &reader->affine->loops[loop]);
  int constant = tenon_kernel_constant(reader->kernel, value);
  if (constant >= 0) return tenon_add_constant(reader->affine, constant, factor);
  if (!mlirValueIsAOpResult(value)) return false;
  MlirOperation op = mlirOpResultGetOwner(value);
  if (mlirOperationGetNumOperands(op) != 2) return false;
  MlirValue a = mlirOperationGetOperand(op, 0), b = mlirOperationGetOperand(op, 1);
  if (tenon_op_is(op, "arith.addi"))
    return tenon_affine_add(reader, a, factor) && tenon_affine_add(reader, b, factor);
  if (tenon_op_is(op, "arith.subi"))
    return tenon_affine_add(reader, a, factor) && tenon_affine_add(reader, b, -factor);
  if (!tenon_op_is(op, "arith.muli")) return false;
  bool first = tenon_constant_number(a, &number);
  if (!first && !tenon_constant_number(b, &number)) return false;
  if (__builtin_mul_overflow(number, factor, &number) || number >= TENON_MAX_NUMBER ||
      number <= -TENON_MAX_NUMBER)
    return false;
  return tenon_affine_add(reader, first ? b : a, number);
}

bool tenon_affine_read(const tenon_kernel_t* kernel, const tenon_member_t* member, MlirValue index,
                       tenon_affine_t* out_affine) {
  memset(out_affine, 0, sizeof(*out_affine));
  tenon_reader_t reader = {.kernel = kernel, .member = member, .affine = out_affine};
  return tenon_affine_add(&reader, index, 1);
}

tenon_index_kind_t tenon_index_kind(const tenon_kernel_t* kernel, const tenon_member_t* member,
                                    MlirValue index, tenon_count_t extent,
                                    tenon_affine_t* out_affine) {
  if (!tenon_affine_read(kernel, member, index, out_affine)) return TENON_INDEX_FREE;
  if (out_affine->term_count || out_affine->base < 0) return TENON_INDEX_AFFINE;
  tenon_linear_t linear = {.base = out_affine->base};
  for (int d = 0; d < TENON_KERNEL_MAX_RANK; ++d) {
    if (out_affine->loops[d] < 0 || out_affine->loops[d] > TENON_MAX_COEFFICIENT)
      return TENON_INDEX_AFFINE;
    linear.coefficients[d] = out_affine->loops[d];
  }
  tenon_linear_t needed = tenon_needed_extent(&linear);
  return tenon_never_exceeds(member, &needed, extent) ? TENON_INDEX_SAFE : TENON_INDEX_AFFINE;
}
