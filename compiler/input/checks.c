// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/input/checks.h"

#include <stdio.h>
#include <stdlib.h>

#include "compiler/input/ir.h"
#include "compiler/support/mlir_util.h"

#define STR(ref) (int)(ref).length, (ref).data

void tenon_insert_check(MlirOperation before, const char* name, MlirValue a, MlirValue b,
                        const char* message) {
  MlirContext context = mlirOperationGetContext(before);
  MlirNamedAttribute attribute =
      tenon_attr(context, "message", tenon_string_attr(context, message));
  MlirValue operands[] = {a, b};
  tenon_insert_op(before, name, 0, NULL, 2, operands, 1, &attribute);
}

static bool is_dynamic(MlirValue tensor, intptr_t dim) {
  return mlirShapedTypeIsDynamicDim(mlirValueGetType(tensor), dim);
}

//===--------------------------------------------------------------------===//
// Elementwise operations and casts
//===--------------------------------------------------------------------===//

// Checks dimension |dim| of |other| against that of operand 0. |label| is a printf-style
// description with one %d.
static void check_against_first(MlirOperation op, MlirValue other, const char* label, int number,
                                intptr_t dim) {
  MlirValue first = mlirOperationGetOperand(op, 0);
  if (!is_dynamic(first, dim) && !is_dynamic(other, dim)) return;
  MlirStringRef name = tenon_op_name(op);
  char message[160];
  snprintf(message, sizeof(message),
           "%.*s: dimension %d of %s %d is {1}, but that of operand 0 is {0}", STR(name), (int)dim,
           label, number);
  tenon_insert_check(op, "tenon.check_eq", tenon_insert_dim(op, first, dim),
                     tenon_insert_dim(op, other, dim), message);
}

static void check_elementwise(MlirOperation op) {
  intptr_t rank = mlirShapedTypeGetRank(mlirValueGetType(mlirOperationGetOperand(op, 0)));
  for (intptr_t i = 1; i < mlirOperationGetNumOperands(op); ++i) {
    MlirValue operand = mlirOperationGetOperand(op, i);
    if (mlirValueEqual(operand, mlirOperationGetOperand(op, 0))) continue;
    for (intptr_t d = 0; d < rank; ++d) check_against_first(op, operand, "operand", (int)i, d);
  }
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i) {
    MlirValue result = mlirOperationGetResult(op, i);
    for (intptr_t d = 0; d < rank; ++d) {
      if (!is_dynamic(result, d)) check_against_first(op, result, "result", (int)i, d);
    }
  }
}

static void check_cast(MlirOperation op) {
  MlirValue source = mlirOperationGetOperand(op, 0), result = mlirOperationGetResult(op, 0);
  for (intptr_t d = 0; d < mlirShapedTypeGetRank(mlirValueGetType(result)); ++d) {
    if (!is_dynamic(source, d) || is_dynamic(result, d)) continue;
    char message[80];
    snprintf(message, sizeof(message), "tensor.cast: dimension %d is {0}, expected {1}", (int)d);
    tenon_insert_check(op, "tenon.check_eq", tenon_insert_dim(op, source, d),
                       tenon_insert_dim(op, result, d), message);
  }
}

// (Not `index + 1` against the size, which the largest index would get past.)
static void check_extract(MlirOperation op) {
  MlirValue tensor = mlirOperationGetOperand(op, 0);
  for (intptr_t d = 0; d < mlirOperationGetNumOperands(op) - 1; ++d) {
    MlirValue index = mlirOperationGetOperand(op, d + 1);
    char message[80];
    snprintf(message, sizeof(message), "tensor.extract: index %d is {0}, expected {1} or more",
             (int)d);
    tenon_insert_check(op, "tenon.check_ge", index, tenon_insert_index(op, 0), message);
    snprintf(message, sizeof(message), "tensor.extract: index %d is {1}, expected {0} or less",
             (int)d);
    MlirValue last = tenon_insert_binary(op, "arith.subi", tenon_insert_dim(op, tensor, d),
                                         tenon_insert_index(op, 1));
    tenon_insert_check(op, "tenon.check_ge", last, index, message);
  }
}

void tenon_insert_checks(MlirOperation op) {
  if (tenon_op_is(op, "tensor.cast")) {
    check_cast(op);
  } else if (tenon_op_is(op, "tensor.extract")) {
    check_extract(op);
  } else if (tenon_is_elementwise(op)) {
    check_elementwise(op);
  } else if (tenon_is_linalg(op)) {
    tenon_insert_linalg_checks(op);
  }
}
