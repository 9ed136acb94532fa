// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/dispatch/outline.h"

#include <stdio.h>
#include <stdlib.h>

#include "compiler/input/generic.h"
#include "compiler/program.h"
#include "compiler/support/mlir_util.h"

// A dispatch function that exists: its text without its name, and its name.
typedef struct known_t {
  char* text;
  size_t length;
  MlirAttribute callee;
} known_t;

typedef struct outliner_t {
  MlirContext context;
  MlirOperation module;
  MlirBlock dispatches;  // the body of the nested module; null until there is one
  struct {
    known_t* data;
    size_t count, capacity;
  } known;
} outliner_t;

// One dispatch: the host's values that it is given, and what they are inside.
typedef struct dispatch_t {
  MlirOperation generic;
  tenon_value_list_t operands;  // tensors, then scalars
  MlirBlock block;              // of the function, one argument for each operand
  tenon_attr_list_t dims;       // the elements of TENON_DIMS_ATTRIBUTE
  // Constants of the host, and their clones inside.
  tenon_value_list_t constants, clones;
} dispatch_t;

//===--------------------------------------------------------------------===//
// What a dispatch is given
//===--------------------------------------------------------------------===//

static intptr_t add_operand(dispatch_t* dispatch, MlirValue value) {
  intptr_t position = tenon_value_list_find(&dispatch->operands, value);
  if (position >= 0) return position;
  TENON_APPEND(&dispatch->operands, value);
  mlirBlockAddArgument(dispatch->block, mlirValueGetType(value), mlirValueGetLocation(value));
  return (intptr_t)dispatch->operands.count - 1;
}

static bool is_constant(MlirValue value) {
  return !mlirAttributeIsNull(tenon_constant_value(value));
}

// Calls |visit| for every operand of an operation in |body| that is defined outside.
static void visit_captures(MlirBlock body, dispatch_t* dispatch,
                           void (*visit)(dispatch_t* dispatch, MlirOperation op,
                                         intptr_t position)) {
  for (MlirOperation op = mlirBlockGetFirstOperation(body); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op)) {
    for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
      MlirValue value = mlirOperationGetOperand(op, i);
      MlirBlock owner = mlirValueIsABlockArgument(value)
                            ? mlirBlockArgumentGetOwner(value)
                            : mlirOperationGetBlock(mlirOpResultGetOwner(value));
      if (!mlirBlockEqual(owner, body)) visit(dispatch, op, i);
    }
  }
}

static void add_capture(dispatch_t* dispatch, MlirOperation op, intptr_t position) {
  MlirValue value = mlirOperationGetOperand(op, position);
  if (!is_constant(value)) add_operand(dispatch, value);
}

static MlirOperation empty_of(MlirOperation generic, intptr_t output) {
  return tenon_defining_op(
      mlirOperationGetOperand(generic, tenon_linalg_input_count(generic) + output));
}

static void add_operands(dispatch_t* dispatch) {
  MlirOperation generic = dispatch->generic;
  for (intptr_t i = 0; i < tenon_linalg_input_count(generic); ++i) {
    add_operand(dispatch, mlirOperationGetOperand(generic, i));
  }
  visit_captures(mlirRegionGetFirstBlock(mlirOperationGetRegion(generic, 0)), dispatch,
                 add_capture);
  for (intptr_t i = 0; i < mlirOperationGetNumResults(generic); ++i) {
    MlirOperation empty = empty_of(generic, i);
    for (intptr_t d = 0; d < mlirOperationGetNumOperands(empty); ++d) {
      MlirValue dim = mlirOperationGetOperand(empty, d);
      if (!is_constant(dim)) add_operand(dispatch, dim);
    }
  }
}

//===--------------------------------------------------------------------===//
// Dimensions that are no loop's
//===--------------------------------------------------------------------===//

// Whether no loop tells how large dimension |dim| of |tensor| is, since an index into it is
// something else than a loop.
static bool has_own_size(MlirOperation generic, MlirValue tensor, intptr_t dim) {
  if (!mlirShapedTypeIsDynamicDim(mlirValueGetType(tensor), dim)) return false;
  MlirAttribute maps = tenon_linalg_maps(generic);
  for (intptr_t i = 0; i < tenon_linalg_input_count(generic); ++i) {
    if (mlirValueEqual(mlirOperationGetOperand(generic, i), tensor) &&
        !mlirAffineExprIsADim(mlirAffineMapGetResult(tenon_linalg_map(maps, i), dim))) {
      return true;
    }
  }
  return false;
}

// The scalar that is dimension |dim| of |tensor|: one that the dispatch is given anyway, or a new
// one.
static intptr_t add_size(dispatch_t* dispatch, MlirValue tensor, intptr_t dim) {
  for (size_t i = 0; i < dispatch->operands.count; ++i) {
    MlirOperation op = tenon_defining_op(dispatch->operands.data[i]);
    int64_t number = -1;
    if (!mlirOperationIsNull(op) && tenon_op_is(op, "tensor.dim") &&
        mlirValueEqual(mlirOperationGetOperand(op, 0), tensor) &&
        tenon_constant_int(mlirOperationGetOperand(op, 1), &number) && number == dim) {
      return (intptr_t)i;
    }
  }
  return add_operand(dispatch, tenon_insert_dim(dispatch->generic, tensor, dim));
}

static void add_sizes(dispatch_t* dispatch, MlirContext context) {
  for (intptr_t t = 0; t < (intptr_t)dispatch->operands.count; ++t) {
    MlirValue tensor = dispatch->operands.data[t];
    if (!tenon_value_is_tensor(tensor)) break;
    for (intptr_t d = 0; d < mlirShapedTypeGetRank(mlirValueGetType(tensor)); ++d) {
      if (!has_own_size(dispatch->generic, tensor, d)) continue;
      const int64_t entry[] = {t, d, add_size(dispatch, tensor, d)};
      TENON_APPEND(&dispatch->dims, mlirDenseI64ArrayGet(context, 3, entry));
    }
  }
}

//===--------------------------------------------------------------------===//
// The function
//===--------------------------------------------------------------------===//

// What |value| of the host is inside: an argument, or a constant cloned in.
static MlirValue inside(dispatch_t* dispatch, MlirValue value) {
  intptr_t position = tenon_value_list_find(&dispatch->operands, value);
  if (position >= 0) return mlirBlockGetArgument(dispatch->block, position);
  position = tenon_value_list_find(&dispatch->constants, value);
  if (position >= 0) return dispatch->clones.data[position];
  MlirOperation clone = mlirOperationClone(tenon_defining_op(value));
  mlirBlockInsertOwnedOperation(dispatch->block, 0, clone);
  TENON_APPEND(&dispatch->constants, value);
  TENON_APPEND(&dispatch->clones, mlirOperationGetResult(clone, 0));
  return mlirOperationGetResult(clone, 0);
}

static void replace_capture(dispatch_t* dispatch, MlirOperation op, intptr_t position) {
  mlirOperationSetOperand(op, position, inside(dispatch, mlirOperationGetOperand(op, position)));
}

static void build_body(dispatch_t* dispatch) {
  MlirOperation generic = mlirOperationClone(dispatch->generic);
  mlirBlockAppendOwnedOperation(dispatch->block, generic);
  intptr_t input_count = tenon_linalg_input_count(generic);
  for (intptr_t i = 0; i < input_count; ++i) {
    mlirOperationSetOperand(generic, i, inside(dispatch, mlirOperationGetOperand(generic, i)));
  }
  visit_captures(mlirRegionGetFirstBlock(mlirOperationGetRegion(generic, 0)), dispatch,
                 replace_capture);
  tenon_value_list_t results = {0};
  for (intptr_t i = 0; i < mlirOperationGetNumResults(generic); ++i) {
    MlirOperation empty = mlirOperationClone(empty_of(dispatch->generic, i));
    mlirBlockInsertOwnedOperationBefore(dispatch->block, generic, empty);
    for (intptr_t d = 0; d < mlirOperationGetNumOperands(empty); ++d) {
      mlirOperationSetOperand(empty, d, inside(dispatch, mlirOperationGetOperand(empty, d)));
    }
    mlirOperationSetOperand(generic, input_count + i, mlirOperationGetResult(empty, 0));
    TENON_APPEND(&results, mlirOperationGetResult(generic, i));
  }
  mlirBlockAppendOwnedOperation(
      dispatch->block, tenon_build_op("func.return", mlirOperationGetLocation(generic), 0, NULL,
                                      (intptr_t)results.count, results.data, 0, NULL));
  free(results.data);
}

static MlirType function_type(outliner_t* outliner, dispatch_t* dispatch) {
  tenon_type_list_t inputs = {0}, results = {0};
  for (size_t i = 0; i < dispatch->operands.count; ++i) {
    TENON_APPEND(&inputs, mlirValueGetType(dispatch->operands.data[i]));
  }
  for (intptr_t i = 0; i < mlirOperationGetNumResults(dispatch->generic); ++i) {
    TENON_APPEND(&results, mlirValueGetType(mlirOperationGetResult(dispatch->generic, i)));
  }
  MlirType type = mlirFunctionTypeGet(outliner->context, (intptr_t)inputs.count, inputs.data,
                                      (intptr_t)results.count, results.data);
  free(inputs.data);
  free(results.data);
  return type;
}

// A detached function without a name of its own yet.
static MlirOperation build_function(outliner_t* outliner, dispatch_t* dispatch) {
  MlirContext context = outliner->context;
  add_operands(dispatch);
  add_sizes(dispatch, context);
  build_body(dispatch);
  const MlirNamedAttribute attributes[] = {
      tenon_attr(context, "sym_name", tenon_string_attr(context, "dispatch")),
      tenon_attr(context, "function_type", mlirTypeAttrGet(function_type(outliner, dispatch))),
      tenon_attr(context, TENON_DIMS_ATTRIBUTE,
                 mlirArrayAttrGet(context, (intptr_t)dispatch->dims.count, dispatch->dims.data)),
  };
  MlirRegion region = mlirRegionCreate();
  mlirRegionAppendOwnedBlock(region, dispatch->block);
  MlirOperationState state =
      mlirOperationStateGet(tenon_str("func.func"), mlirOperationGetLocation(dispatch->generic));
  mlirOperationStateAddAttributes(&state, dispatch->dims.count ? 3 : 2, attributes);
  mlirOperationStateAddOwnedRegions(&state, 1, &region);
  return mlirOperationCreate(&state);
}

//===--------------------------------------------------------------------===//
// Equal functions
//===--------------------------------------------------------------------===//

static tenon_text_t print_function(MlirOperation function) {
  tenon_text_t text = {0};
  MlirOpPrintingFlags flags = mlirOpPrintingFlagsCreate();
  mlirOpPrintingFlagsPrintGenericOpForm(flags);
  mlirOpPrintingFlagsUseLocalScope(flags);
  mlirOperationPrintWithFlags(function, flags, tenon_text_callback, &text);
  mlirOpPrintingFlagsDestroy(flags);
  return text;
}

static const known_t* find_known(const outliner_t* outliner, const tenon_text_t* text) {
  for (size_t i = 0; i < outliner->known.count; ++i) {
    const known_t* known = &outliner->known.data[i];
    if (known->length == text->length && memcmp(known->text, text->data, text->length) == 0) {
      return known;
    }
  }
  return NULL;
}

static MlirBlock dispatches_block(outliner_t* outliner) {
  if (!mlirBlockIsNull(outliner->dispatches)) return outliner->dispatches;
  MlirModule module = mlirModuleCreateEmpty(mlirOperationGetLocation(outliner->module));
  MlirOperation op = mlirModuleGetOperation(module);
  mlirOperationSetAttributeByName(op, tenon_str("sym_name"),
                                  tenon_string_attr(outliner->context, TENON_DISPATCHES_NAME));
  mlirBlockAppendOwnedOperation(mlirModuleGetBody(mlirModuleFromOperation(outliner->module)), op);
  outliner->dispatches = mlirModuleGetBody(module);
  return outliner->dispatches;
}

// Takes over |function|; returns the name of the equal one in the nested module.
static MlirAttribute add_function(outliner_t* outliner, MlirOperation function,
                                  MlirStringRef host_name, int* number) {
  tenon_text_t text = print_function(function);
  const known_t* known = find_known(outliner, &text);
  if (known) {
    free(text.data);
    mlirOperationDestroy(function);
    return known->callee;
  }
  tenon_text_t name = {0};
  tenon_text_append(&name, host_name.data, host_name.length);
  tenon_text_appendf(&name, "_dispatch_%d", (*number)++);
  mlirOperationSetAttributeByName(function, tenon_str("sym_name"),
                                  tenon_string_attr(outliner->context, name.data));
  mlirBlockAppendOwnedOperation(dispatches_block(outliner), function);
  known_t added = {text.data, text.length,
                   mlirFlatSymbolRefAttrGet(outliner->context, tenon_str(name.data))};
  TENON_APPEND(&outliner->known, added);
  free(name.data);
  return added.callee;
}

//===--------------------------------------------------------------------===//
// The host's side
//===--------------------------------------------------------------------===//

static void outline(outliner_t* outliner, MlirOperation generic, MlirStringRef host_name,
                    int* number) {
  dispatch_t dispatch = {.generic = generic, .block = mlirBlockCreate(0, NULL, NULL)};
  MlirOperation function = build_function(outliner, &dispatch);
  MlirNamedAttribute callee =
      tenon_attr(outliner->context, "callee", add_function(outliner, function, host_name, number));
  tenon_type_list_t types = {0};
  for (intptr_t i = 0; i < mlirOperationGetNumResults(generic); ++i) {
    TENON_APPEND(&types, mlirValueGetType(mlirOperationGetResult(generic, i)));
  }
  MlirOperation call =
      tenon_insert_op(generic, "tenon.dispatch", (intptr_t)types.count, types.data,
                      (intptr_t)dispatch.operands.count, dispatch.operands.data, 1, &callee);
  tenon_replace_op(generic, call, 0);
  free(types.data);
  free(dispatch.operands.data);
  free(dispatch.dims.data);
  free(dispatch.constants.data);
  free(dispatch.clones.data);
}

static bool is_function(MlirOperation op) { return tenon_op_is(op, "func.func"); }

void tenon_outline_dispatches(MlirOperation module) {
  outliner_t outliner = {.context = mlirOperationGetContext(module), .module = module};
  tenon_op_list_t functions = tenon_collect_ops(module, is_function);
  for (size_t i = 0; i < functions.count; ++i) {
    int number = 0;
    tenon_op_list_t generics = tenon_collect_ops(functions.data[i], tenon_is_generic);
    for (size_t j = 0; j < generics.count; ++j) {
      outline(&outliner, generics.data[j], tenon_symbol_name(functions.data[i]), &number);
    }
    free(generics.data);
  }
  for (size_t i = 0; i < outliner.known.count; ++i) free(outliner.known.data[i].text);
  free(outliner.known.data);
  free(functions.data);
}
