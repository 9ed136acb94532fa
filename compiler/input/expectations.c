// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/input/expectations.h"

#include <stdio.h>
#include <stdlib.h>

#include "compiler/dialects/dialects.h"
#include "compiler/input/ir.h"
#include "compiler/input/types.h"
#include "compiler/support/memory.h"
#include "compiler/support/mlir_util.h"

#define STR(ref) (int)(ref).length, (ref).data

static MlirAttribute attribute_of(MlirOperation op, const char* name) {
  return mlirOperationGetAttributeByName(op, tenon_str(name));
}

static bool is_almost(MlirOperation op) {
  return tenon_has_prefix(tenon_op_name(op), "check.expect_almost_eq");
}

//===--------------------------------------------------------------------===//
// Checks
//===--------------------------------------------------------------------===//

static bool is_view(MlirType type) {
  return mlirTypeIsAOpaque(type) &&
         tenon_str_equal(mlirOpaqueTypeGetDialectNamespace(type), "hal") &&
         tenon_str_equal(mlirOpaqueTypeGetData(type), "buffer_view");
}

static bool check_operand(MlirOperation op, bool numbers) {
  MlirType type = mlirValueGetType(mlirOperationGetOperand(op, 0));
  if (mlirTypeIsARankedTensor(type) || is_view(type) || (numbers && tenon_is_number(type))) {
    return true;
  }
  MlirStringRef name = tenon_op_name(op);
  tenon_text_t text = {0};
  mlirTypePrint(type, tenon_text_callback, &text);
  tenon_error(op,
              "'%.*s': type %s is not supported: expected %sa ranked tensor or !hal.buffer_view",
              STR(name), text.data, numbers ? "a number, " : "");
  free(text.data);
  return false;
}

// Whether a constant tensor of type |constant| may be what a tensor of type |expected| is compared with.
static bool shapes_agree(MlirType constant, MlirType expected) {
  intptr_t rank = mlirShapedTypeGetRank(expected);
  if (mlirShapedTypeGetRank(constant) != rank) return false;
  for (intptr_t d = 0; d < rank; ++d) {
    if (mlirShapedTypeIsDynamicDim(expected, d)) continue;
    if (mlirShapedTypeGetDimSize(constant, d) != mlirShapedTypeGetDimSize(expected, d))
      return false;
  }
  return mlirTypeEqual(mlirShapedTypeGetElementType(constant),
                       mlirShapedTypeGetElementType(expected));
}

static bool check_constant(MlirOperation op) {
  MlirAttribute value = attribute_of(op, "value");
  if (mlirAttributeIsNull(value)) return true;
  MlirType found = mlirAttributeGetType(value);
  MlirType expected = mlirValueGetType(mlirOperationGetOperand(op, 0));
  bool agree = mlirTypeEqual(found, expected);
  if (mlirTypeIsARankedTensor(found)) {
    agree =
        is_view(expected) || (mlirTypeIsARankedTensor(expected) && shapes_agree(found, expected));
  }
  if (agree) return true;
  MlirStringRef name = tenon_op_name(op);
  tenon_text_t found_text = {0}, expected_text = {0};
  mlirTypePrint(found, tenon_text_callback, &found_text);
  mlirTypePrint(expected, tenon_text_callback, &expected_text);
  tenon_error(op, "'%.*s': the constant is of type %s, but what is compared with it of type %s",
              STR(name), found_text.data, expected_text.data);
  free(found_text.data);
  free(expected_text.data);
  return false;
}

static bool check_tolerance(MlirOperation op, const char* attribute) {
  MlirAttribute value = attribute_of(op, attribute);
  if (mlirAttributeIsNull(value) || mlirFloatAttrGetValueDouble(value) >= 0) return true;
  MlirStringRef name = tenon_op_name(op);
  tenon_error(op, "'%.*s': %s is %g, expected a number from 0 up", STR(name), attribute,
              mlirFloatAttrGetValueDouble(value));
  return false;
}

bool tenon_check_expectation(MlirOperation op) {
  if (tenon_op_is(op, "check.expect_true") || tenon_op_is(op, "check.expect_false")) return true;
  if (tenon_op_is(op, "check.expect_all_true")) return check_operand(op, false);
  return check_operand(op, true) && check_constant(op) &&
         (!is_almost(op) || (check_tolerance(op, "atol") && check_tolerance(op, "rtol")));
}

//===--------------------------------------------------------------------===//
// Calls
//===--------------------------------------------------------------------===//

// The functions of the module. Values that are not numbers go as views.
typedef enum import_e {
  EXPECT_TRUE,
  EXPECT_FALSE,
  EXPECT_ALL_TRUE,
  EXPECT_EQ,
  EXPECT_EQ_I64,
  EXPECT_EQ_F64,
  EXPECT_ALMOST_EQ,
  EXPECT_ALMOST_EQ_F64,
  IMPORT_COUNT,
} import_t;
static const char* const import_names[IMPORT_COUNT] = {
    "check.expect_true",      "check.expect_false",         "check.expect_all_true",
    "check.expect_eq",        "check.expect_eq.i64",        "check.expect_eq.f64",
    "check.expect_almost_eq", "check.expect_almost_eq.f64",
};

typedef struct lowering_t {
  MlirOperation module;
  MlirContext context;
  tenon_map_t symbols[IMPORT_COUNT];  // type of a function -> its number + 1
  size_t count;                       // of all functions
} lowering_t;

// The symbol of a declaration of |import| with |type|, with a character that no name in a file of MLIR text has without
// quotes. The types of one import's calls differ, and a function has one.
static MlirAttribute symbol_of(lowering_t* lowering, import_t import, MlirType type) {
  tenon_map_t* symbols = &lowering->symbols[import];
  size_t number = (size_t)tenon_map_get(symbols, type.ptr);
  bool is_new = number == 0;
  if (is_new) {
    number = ++lowering->count;
    tenon_map_set(symbols, type.ptr, (void*)number);
  }
  MlirContext context = lowering->context;
  char text[64];
  snprintf(text, sizeof(text), "%s#c%zu", import_names[import], number);
  if (is_new) {
    MlirNamedAttribute attributes[] = {
        tenon_attr(context, "sym_name", tenon_string_attr(context, text)),
        tenon_attr(context, "sym_visibility", tenon_string_attr(context, "private")),
        tenon_attr(context, "function_type", mlirTypeAttrGet(type)),
        tenon_attr(context, "tenon.source_name", tenon_string_attr(context, import_names[import])),
    };
    MlirRegion region = mlirRegionCreate();
    MlirOperationState state =
        mlirOperationStateGet(tenon_str("func.func"), mlirOperationGetLocation(lowering->module));
    mlirOperationStateAddAttributes(&state, sizeof(attributes) / sizeof(attributes[0]), attributes);
    mlirOperationStateAddOwnedRegions(&state, 1, &region);
    MlirBlock block = mlirRegionGetFirstBlock(mlirOperationGetRegion(lowering->module, 0));
    mlirBlockAppendOwnedOperation(block, mlirOperationCreate(&state));
  }
  return mlirFlatSymbolRefAttrGet(context, tenon_str(text));
}

// Calls |import| in the place of |op|.
static void replace_by_call(lowering_t* lowering, MlirOperation op, import_t import, intptr_t count,
                            const MlirValue* operands) {
  MlirType types[4];
  for (intptr_t i = 0; i < count; ++i) types[i] = mlirValueGetType(operands[i]);
  MlirType type = mlirFunctionTypeGet(lowering->context, count, types, 0, NULL);
  MlirNamedAttribute callee =
      tenon_attr(lowering->context, "callee", symbol_of(lowering, import, type));
  tenon_insert_op(op, "func.call", 0, NULL, count, operands, 1, &callee);
  mlirOperationDestroy(op);
}

static MlirValue insert_conversion(MlirOperation op, const char* name, MlirType type,
                                   MlirValue value) {
  if (mlirTypeEqual(mlirValueGetType(value), type)) return value;
  return mlirOperationGetResult(tenon_insert_op(op, name, 1, &type, 1, &value, 0, NULL), 0);
}

// An integer in a type that has all of its values.
static MlirValue widen_integer(MlirOperation op, MlirType wide, MlirValue value) {
  MlirType type = mlirValueGetType(value);
  bool is_bit = mlirTypeIsAInteger(type) && mlirIntegerTypeGetWidth(type) == 1;
  return insert_conversion(op,
                           mlirTypeIsAIndex(type) ? "arith.index_cast"
                           : is_bit               ? "arith.extui"
                                                  : "arith.extsi",
                           wide, value);
}

// Whether |value| is not zero, as i32; one that is not wider as it is.
static MlirValue insert_condition(MlirOperation op, MlirValue value) {
  MlirContext context = mlirOperationGetContext(op);
  MlirType type = mlirValueGetType(value), i32 = mlirIntegerTypeGet(context, 32);
  if (mlirTypeIsAInteger(type) && mlirIntegerTypeGetWidth(type) <= 32) {
    return widen_integer(op, i32, value);
  }
  MlirType bit = mlirIntegerTypeGet(context, 1);
  MlirNamedAttribute differs =
      tenon_attr(context, "predicate", mlirIntegerAttrGet(mlirIntegerTypeGet(context, 64), 1));
  MlirValue compared[] = {value, tenon_insert_constant(op, type, mlirIntegerAttrGet(type, 0))};
  MlirValue result = mlirOperationGetResult(
      tenon_insert_op(op, "arith.cmpi", 1, &bit, 2, compared, 1, &differs), 0);
  return insert_conversion(op, "arith.extui", i32, result);
}

// What |op| compares its first operand with.
static MlirValue insert_expected(MlirOperation op) {
  MlirAttribute value = attribute_of(op, "value");
  if (mlirAttributeIsNull(value)) return mlirOperationGetOperand(op, 1);
  MlirType type = mlirValueGetType(mlirOperationGetOperand(op, 0));
  MlirValue constant = tenon_insert_constant(op, mlirAttributeGetType(value), value);
  return mlirTypeIsARankedTensor(type) ? insert_conversion(op, "tensor.cast", type, constant)
                                       : constant;
}

//===--------------------------------------------------------------------===//
// Tolerances
//===--------------------------------------------------------------------===//

// What numbers of |type| may differ by unless the program says it: iree/modules/check/module.h. Numbers are converted before
// they are compared, so that the module doesn't know their type.
static double default_atol(MlirType type) {
  if (mlirTypeIsAF16(type)) return 1e-3;
  return mlirTypeIsABF16(type) ? 1e-2 : 1e-4;
}

static MlirValue insert_tolerance(MlirOperation op, const char* attribute, double otherwise) {
  MlirType f32 = mlirF32TypeGet(mlirOperationGetContext(op));
  MlirAttribute value = attribute_of(op, attribute);
  if (mlirAttributeIsNull(value)) {
    value = mlirFloatAttrDoubleGet(mlirOperationGetContext(op), f32, otherwise);
  }
  return tenon_insert_constant(op, f32, value);
}

//===--------------------------------------------------------------------===//
// Lowering
//===--------------------------------------------------------------------===//

static void lower_comparison(lowering_t* lowering, MlirOperation op) {
  MlirValue operands[4] = {mlirOperationGetOperand(op, 0), insert_expected(op)};
  MlirType type = mlirValueGetType(operands[0]);
  bool is_float = mlirTypeIsAFloat(type), almost = is_almost(op);
  if (tenon_is_number(type)) {
    for (int i = 0; i < 2; ++i) {
      operands[i] =
          is_float
              ? insert_conversion(op, "arith.extf", mlirF64TypeGet(lowering->context), operands[i])
              : widen_integer(op, mlirIntegerTypeGet(lowering->context, 64), operands[i]);
    }
    if (!is_float) return replace_by_call(lowering, op, EXPECT_EQ_I64, 2, operands);
    if (!almost) return replace_by_call(lowering, op, EXPECT_EQ_F64, 2, operands);
  }
  if (!almost) return replace_by_call(lowering, op, EXPECT_EQ, 2, operands);
  // Less than zero: the module's for the type.
  operands[2] = insert_tolerance(op, "atol", is_float ? default_atol(type) : -1);
  operands[3] = insert_tolerance(op, "rtol", 0);
  replace_by_call(lowering, op, is_float ? EXPECT_ALMOST_EQ_F64 : EXPECT_ALMOST_EQ, 4, operands);
}

static bool is_expectation(MlirOperation op) {
  return tenon_has_prefix(tenon_op_name(op), "check.");
}

static void lower(lowering_t* lowering, MlirOperation op) {
  if (tenon_op_is(op, "check.expect_true") || tenon_op_is(op, "check.expect_false")) {
    import_t import = tenon_op_is(op, "check.expect_true") ? EXPECT_TRUE : EXPECT_FALSE;
    MlirValue condition = insert_condition(op, mlirOperationGetOperand(op, 0));
    replace_by_call(lowering, op, import, 1, &condition);
  } else if (tenon_op_is(op, "check.expect_all_true")) {
    MlirValue operand = mlirOperationGetOperand(op, 0);
    replace_by_call(lowering, op, EXPECT_ALL_TRUE, 1, &operand);
  } else {
    lower_comparison(lowering, op);
  }
}

void tenon_lower_expectations(MlirOperation module) {
  lowering_t lowering = {.module = module, .context = mlirOperationGetContext(module)};
  tenon_op_list_t ops = tenon_collect_ops(module, is_expectation);
  for (size_t i = 0; i < ops.count; ++i) lower(&lowering, ops.data[i]);
  free(ops.data);
  for (int i = 0; i < IMPORT_COUNT; ++i) tenon_map_free(&lowering.symbols[i]);
}
