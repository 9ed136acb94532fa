// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/input/complex.h"

#include <stdio.h>
#include <stdlib.h>

#include "compiler/input/ir.h"
#include "compiler/input/linalg_rules.h"
#include "compiler/input/math.h"
#include "compiler/support/mlir_util.h"

// The parts of a complex number.
typedef struct parts_t {
  MlirValue re, im;
} parts_t;

static bool is_complex(MlirOperation op) { return tenon_has_prefix(tenon_op_name(op), "complex."); }

static bool is_complex_value(MlirValue value) {
  return mlirTypeIsAComplex(mlirValueGetType(value));
}

static MlirValue insert_unary(MlirOperation before, const char* name, MlirType type,
                              MlirValue value) {
  return mlirOperationGetResult(tenon_insert_op(before, name, 1, &type, 1, &value, 0, NULL), 0);
}

// The parts of operand |position| of |op|.
static parts_t operand_parts(MlirOperation op, intptr_t position) {
  MlirValue value = mlirOperationGetOperand(op, position);
  MlirType part = mlirComplexTypeGetElementType(mlirValueGetType(value));
  return (parts_t){insert_unary(op, "complex.re", part, value),
                   insert_unary(op, "complex.im", part, value)};
}

static void replace(MlirOperation op, MlirValue value) {
  mlirValueReplaceAllUsesOfWith(mlirOperationGetResult(op, 0), value);
  mlirOperationDestroy(op);
}

static void replace_by_parts(MlirOperation op, MlirType type, parts_t parts) {
  MlirValue values[] = {parts.re, parts.im};
  replace(op, mlirOperationGetResult(
                  tenon_insert_op(op, "complex.create", 1, &type, 2, values, 0, NULL), 0));
}

//===--------------------------------------------------------------------===//
// Arithmetic
//===--------------------------------------------------------------------===//

static void lower_constant(MlirOperation op) {
  MlirType type = mlirValueGetType(mlirOperationGetResult(op, 0));
  MlirType part = mlirComplexTypeGetElementType(type);
  MlirAttribute values = mlirOperationGetAttributeByName(op, tenon_str("value"));
  replace_by_parts(op, type,
                   (parts_t){tenon_insert_constant(op, part, mlirArrayAttrGetElement(values, 0)),
                             tenon_insert_constant(op, part, mlirArrayAttrGetElement(values, 1))});
}

static parts_t combine(MlirOperation op, const char* name, parts_t a, parts_t b) {
  return (parts_t){tenon_insert_binary(op, name, a.re, b.re),
                   tenon_insert_binary(op, name, a.im, b.im)};
}

static parts_t multiply(MlirOperation op, parts_t a, parts_t b) {
  return (parts_t){
      tenon_insert_binary(op, "arith.subf", tenon_insert_binary(op, "arith.mulf", a.re, b.re),
                          tenon_insert_binary(op, "arith.mulf", a.im, b.im)),
      tenon_insert_binary(op, "arith.addf", tenon_insert_binary(op, "arith.mulf", a.re, b.im),
                          tenon_insert_binary(op, "arith.mulf", a.im, b.re))};
}

static parts_t negate(MlirOperation op, parts_t a, bool is_conjugate) {
  MlirType type = mlirValueGetType(a.re);
  return (parts_t){is_conjugate ? a.re : insert_unary(op, "arith.negf", type, a.re),
                   insert_unary(op, "arith.negf", type, a.im)};
}

// complex.eq and complex.neq.
static void lower_comparison(MlirOperation op, bool is_equal) {
  enum { OEQ = 1, UNE = 13 };
  MlirContext context = mlirOperationGetContext(op);
  MlirType bit = mlirIntegerTypeGet(context, 1);
  MlirNamedAttribute predicate =
      tenon_attr(context, "predicate",
                 mlirIntegerAttrGet(mlirIntegerTypeGet(context, 64), is_equal ? OEQ : UNE));
  parts_t a = operand_parts(op, 0), b = operand_parts(op, 1);
  MlirValue re[] = {a.re, b.re}, im[] = {a.im, b.im};
  MlirValue same_re =
      mlirOperationGetResult(tenon_insert_op(op, "arith.cmpf", 1, &bit, 2, re, 1, &predicate), 0);
  MlirValue same_im =
      mlirOperationGetResult(tenon_insert_op(op, "arith.cmpf", 1, &bit, 2, im, 1, &predicate), 0);
  replace(op, tenon_insert_binary(op, is_equal ? "arith.andi" : "arith.ori", same_re, same_im));
}

// arith.select of two complex numbers.
static void lower_select(MlirOperation op) {
  parts_t yes = operand_parts(op, 1), no = operand_parts(op, 2);
  MlirType part = mlirValueGetType(yes.re);
  MlirValue condition = mlirOperationGetOperand(op, 0);
  MlirValue re[] = {condition, yes.re, no.re}, im[] = {condition, yes.im, no.im};
  replace_by_parts(
      op, mlirValueGetType(mlirOperationGetResult(op, 0)),
      (parts_t){
          mlirOperationGetResult(tenon_insert_op(op, "arith.select", 1, &part, 3, re, 0, NULL), 0),
          mlirOperationGetResult(tenon_insert_op(op, "arith.select", 1, &part, 3, im, 0, NULL),
                                 0)});
}

//===--------------------------------------------------------------------===//
// Functions of the library
//===--------------------------------------------------------------------===//

// The integer exponent of complex.powi, as a complex number.
static parts_t convert_exponent(MlirOperation op, MlirType part) {
  MlirValue exponent = mlirOperationGetOperand(op, 1);
  MlirValue zero = tenon_insert_constant(
      op, part, mlirFloatAttrDoubleGet(mlirOperationGetContext(op), part, 0.0));
  return (parts_t){insert_unary(op, "arith.sitofp", part, exponent), zero};
}

static void lower_function(MlirOperation op, const char* function) {
  MlirContext context = mlirOperationGetContext(op);
  MlirValue result = mlirOperationGetResult(op, 0);
  MlirType part = mlirComplexTypeGetElementType(mlirValueGetType(mlirOperationGetOperand(op, 0)));
  MlirValue operands[4];
  intptr_t count = 0;
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
    bool is_number = !is_complex_value(mlirOperationGetOperand(op, i));
    parts_t parts = is_number ? convert_exponent(op, part) : operand_parts(op, i);
    operands[count++] = parts.re;
    operands[count++] = parts.im;
  }
  char name[64];
  snprintf(name, sizeof(name), TENON_LIBRARY_PREFIX "complex_%s_%s", function,
           mlirTypeIsAF64(part) ? "f64" : "f32");
  MlirNamedAttribute callee =
      tenon_attr(context, "callee", mlirFlatSymbolRefAttrGet(context, tenon_str(name)));
  const MlirType parts[] = {part, part};
  bool is_pair = is_complex_value(result);
  MlirOperation call =
      tenon_insert_op(op, "func.call", is_pair ? 2 : 1, parts, count, operands, 1, &callee);
  if (is_pair) {
    replace_by_parts(op, mlirValueGetType(result),
                     (parts_t){mlirOperationGetResult(call, 0), mlirOperationGetResult(call, 1)});
  } else {
    replace(op, mlirOperationGetResult(call, 0));
  }
}

// The library's functions, by what follows "complex."
static const char* function_of(MlirOperation op) {
  static const char* const names[] = {"abs",   "angle", "atan2", "cos", "div",   "exp",
                                      "expm1", "log",   "log1p", "pow", "rsqrt", "sign",
                                      "sin",   "sqrt",  "tan",   "tanh"};
  MlirStringRef name = tenon_op_name(op);
  if (tenon_op_is(op, "complex.powi")) return "pow";
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); ++i) {
    if (name.length == strlen("complex.") + strlen(names[i]) &&
        memcmp(name.data + strlen("complex."), names[i], strlen(names[i])) == 0) {
      return names[i];
    }
  }
  return NULL;
}

static void lower(MlirOperation op) {
  const char* function = function_of(op);
  MlirType type = mlirValueGetType(mlirOperationGetResult(op, 0));
  if (function) {
    lower_function(op, function);
  } else if (tenon_op_is(op, "arith.select")) {
    lower_select(op);
  } else if (tenon_op_is(op, "complex.constant")) {
    lower_constant(op);
  } else if (tenon_op_is(op, "complex.add") || tenon_op_is(op, "complex.sub")) {
    const char* name = tenon_op_is(op, "complex.add") ? "arith.addf" : "arith.subf";
    replace_by_parts(op, type, combine(op, name, operand_parts(op, 0), operand_parts(op, 1)));
  } else if (tenon_op_is(op, "complex.mul")) {
    replace_by_parts(op, type, multiply(op, operand_parts(op, 0), operand_parts(op, 1)));
  } else if (tenon_op_is(op, "complex.neg") || tenon_op_is(op, "complex.conj")) {
    replace_by_parts(op, type, negate(op, operand_parts(op, 0), tenon_op_is(op, "complex.conj")));
  } else if (tenon_op_is(op, "complex.eq") || tenon_op_is(op, "complex.neq")) {
    lower_comparison(op, tenon_op_is(op, "complex.eq"));
  }
}

//===--------------------------------------------------------------------===//
// What the host would have to compute
//===--------------------------------------------------------------------===//

bool tenon_is_body_complex(MlirOperation op) {
  static const char* const names[] = {"complex.create",   "complex.re",  "complex.im",
                                      "complex.constant", "complex.add", "complex.sub",
                                      "complex.mul",      "complex.neg", "complex.conj",
                                      "complex.eq",       "complex.neq"};
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); ++i) {
    if (tenon_op_is(op, names[i])) return true;
  }
  return is_complex(op) && function_of(op) != NULL;
}

static bool may_use_complex(MlirOperation op) {
  MlirStringRef name = tenon_op_name(op);
  return tenon_has_prefix(name, "linalg.") || tenon_has_prefix(name, "tensor.") ||
         !mlirOperationIsNull(tenon_enclosing_body(op));
}

bool tenon_check_host_complex(MlirOperation op) {
  MlirStringRef name = tenon_op_name(op);
  bool ok = tenon_op_is(op, "complex.constant") || tenon_op_is(op, "complex.create");
  MlirOpOperand use = mlirValueGetFirstUse(mlirOperationGetResult(op, 0));
  for (; ok && !mlirOpOperandIsNull(use); use = mlirOpOperandGetNextUse(use)) {
    ok = may_use_complex(mlirOpOperandGetOwner(use));
  }
  if (ok) return true;
  tenon_error(op,
              "'%.*s' is not supported here: complex numbers are elements of tensors; outside of "
              "the bodies of "
              "linalg and tensor operations they may only be made, by complex.constant and "
              "complex.create, for these",
              (int)name.length, name.data);
  return false;
}

static bool makes_complex(MlirOperation op) {
  return is_complex(op) && mlirOperationGetNumResults(op) == 1 &&
         is_complex_value(mlirOperationGetResult(op, 0)) &&
         mlirOperationIsNull(tenon_enclosing_body(op));
}

// Gives each body that uses the result of |op| a copy of it; nobody else may need it.
static void sink(MlirOperation op) {
  MlirValue result = mlirOperationGetResult(op, 0);
  MlirOpOperand use = mlirValueGetFirstUse(result);
  while (!mlirOpOperandIsNull(use)) {
    MlirOpOperand next = mlirOpOperandGetNextUse(use);
    MlirOperation user = mlirOpOperandGetOwner(use);
    if (!mlirOperationIsNull(tenon_enclosing_body(user))) {
      MlirOperation copy = mlirOperationClone(op);
      mlirBlockInsertOwnedOperation(mlirOperationGetBlock(user), 0, copy);
      mlirOperationSetOperand(user, mlirOpOperandGetOperandNumber(use),
                              mlirOperationGetResult(copy, 0));
    }
    use = next;
  }
  if (mlirOpOperandIsNull(mlirValueGetFirstUse(result))) mlirOperationDestroy(op);
}

static bool is_lowered(MlirOperation op) {
  if (mlirOperationIsNull(tenon_enclosing_body(op))) return false;
  if (tenon_op_is(op, "arith.select")) return is_complex_value(mlirOperationGetResult(op, 0));
  return is_complex(op);
}

void tenon_lower_complex(MlirOperation module) {
  tenon_op_list_t makers = tenon_collect_ops(module, makes_complex);
  for (size_t i = 0; i < makers.count; ++i) sink(makers.data[i]);
  free(makers.data);
  tenon_op_list_t ops = tenon_collect_ops(module, is_lowered);
  for (size_t i = 0; i < ops.count; ++i) lower(ops.data[i]);
  free(ops.data);
}
