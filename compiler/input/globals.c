// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/input/globals.h"

#include <stdlib.h>

#include "compiler/dialects/dialects.h"
#include "compiler/input/ir.h"
#include "compiler/input/types.h"
#include "compiler/support/memory.h"
#include "compiler/support/mlir_util.h"

static MlirType type_of(MlirOperation global) {
  return mlirTypeAttrGetValue(mlirOperationGetAttributeByName(global, tenon_str("type")));
}

static MlirAttribute value_of(MlirOperation global) {
  return mlirOperationGetAttributeByName(global, tenon_str("initial_value"));
}

bool tenon_check_global(MlirOperation op, const tenon_options_t* options) {
  MlirStringRef name = tenon_symbol_name(op);
  MlirType type = type_of(op);
  if (!tenon_check_type(mlirOperationGetLocation(op), type, name, options)) return false;
  MlirAttribute value = value_of(op);
  bool is_tensor = mlirTypeIsATensor(type);
  if (mlirAttributeIsNull(value) ||
      (is_tensor ? mlirAttributeIsAElements(value)
                 : mlirAttributeIsAInteger(value) || mlirAttributeIsAFloat(value))) {
    return true;
  }
  tenon_error(op,
              "the global '%.*s': the initial value is not supported: expected %s; store "
              "others in a util.initializer",
              (int)name.length, name.data, is_tensor ? "the elements of a tensor" : "a number");
  return false;
}

//===--------------------------------------------------------------------===//
// Initializers
//===--------------------------------------------------------------------===//

// A function without blocks.
static MlirOperation make_function(MlirOperation module, MlirLocation location) {
  MlirContext context = mlirOperationGetContext(module);
  MlirNamedAttribute attributes[] = {
      tenon_attr(context, "sym_name", tenon_string_attr(context, "__init")),
      tenon_attr(context, "function_type",
                 mlirTypeAttrGet(mlirFunctionTypeGet(context, 0, NULL, 0, NULL))),
      tenon_attr(context, "tenon.initializer", mlirUnitAttrGet(context)),
      tenon_attr(context, "iree.abi.model", tenon_string_attr(context, "sync")),
  };
  MlirRegion region = mlirRegionCreate();
  MlirOperationState state = mlirOperationStateGet(tenon_str("func.func"), location);
  mlirOperationStateAddAttributes(&state, sizeof(attributes) / sizeof(attributes[0]), attributes);
  mlirOperationStateAddOwnedRegions(&state, 1, &region);
  MlirOperation function = mlirOperationCreate(&state);
  mlirBlockAppendOwnedOperation(mlirRegionGetFirstBlock(mlirOperationGetFirstRegion(module)),
                                function);
  return function;
}

MlirOperation tenon_make_initializers(MlirOperation module, MlirLocation location) {
  MlirOperation function = make_function(module, location);
  MlirBlock block = mlirBlockCreate(0, NULL, NULL);
  mlirRegionAppendOwnedBlock(mlirOperationGetFirstRegion(function), block);
  mlirBlockAppendOwnedOperation(block,
                                tenon_build_op("func.return", location, 0, NULL, 0, NULL, 0, NULL));
  return function;
}

// Every return of the blocks from |first| on goes to |next|, which comes behind them.
static void end_blocks(MlirBlock first, MlirBlock next) {
  for (MlirBlock block = first; !mlirBlockEqual(block, next);
       block = mlirBlockGetNextInRegion(block)) {
    MlirOperation end = mlirBlockGetTerminator(block);
    if (!tenon_op_is(end, "func.return")) continue;
    MlirOperationState state =
        mlirOperationStateGet(tenon_str("cf.br"), mlirOperationGetLocation(end));
    mlirOperationStateAddSuccessors(&state, 1, &next);
    mlirBlockAppendOwnedOperation(block, mlirOperationCreate(&state));
    mlirOperationDestroy(end);
  }
}

// Moves the blocks of |initializer| to the end of |target|; returns the first.
static MlirBlock move_blocks(MlirOperation initializer, MlirRegion target) {
  MlirRegion source = mlirOperationGetFirstRegion(initializer);
  MlirBlock first = mlirRegionGetFirstBlock(source);
  for (MlirBlock block = first; !mlirBlockIsNull(block); block = mlirRegionGetFirstBlock(source)) {
    mlirBlockDetach(block);
    mlirRegionAppendOwnedBlock(target, block);
  }
  mlirOperationDestroy(initializer);
  return first;
}

static MlirOperation merge_initializers(MlirOperation module) {
  tenon_op_list_t initializers = tenon_collect_ops(module, tenon_is_initializer);
  MlirOperation function = {NULL};
  if (initializers.count > 0) {
    function = make_function(module, mlirOperationGetLocation(initializers.data[0]));
    MlirRegion region = mlirOperationGetFirstRegion(function);
    MlirBlock last = {NULL};
    for (size_t i = 0; i < initializers.count; ++i) {
      MlirBlock first = move_blocks(initializers.data[i], region);
      if (!mlirBlockIsNull(last)) end_blocks(last, first);
      last = first;
    }
  }
  free(initializers.data);
  return function;
}

//===--------------------------------------------------------------------===//
// What tensors begin with
//===--------------------------------------------------------------------===//

static bool is_tensor_global(MlirOperation op) {
  return tenon_op_is(op, "util.global") && mlirTypeIsATensor(type_of(op));
}

static bool is_load(MlirOperation op) { return tenon_op_is(op, "util.global.load"); }
static bool is_store(MlirOperation op) { return tenon_op_is(op, "util.global.store"); }

// Notes |global| -> |marks| for all globals that operations of a kind name.
static void mark_globals(MlirSymbolTable symbols, const tenon_op_list_t* ops, tenon_map_t* marks) {
  for (size_t i = 0; i < ops->count; ++i) {
    MlirAttribute name = mlirOperationGetAttributeByName(ops->data[i], tenon_str("global"));
    MlirOperation global = mlirSymbolTableLookup(symbols, mlirFlatSymbolRefAttrGetValue(name));
    tenon_map_set(marks, global.ptr, global.ptr);
  }
}

// Loads of what never changes are constants.
static void replace_loads(MlirSymbolTable symbols, const tenon_op_list_t* loads,
                          const tenon_map_t* stored) {
  for (size_t i = 0; i < loads->count; ++i) {
    MlirOperation load = loads->data[i];
    MlirAttribute name = mlirOperationGetAttributeByName(load, tenon_str("global"));
    MlirOperation global = mlirSymbolTableLookup(symbols, mlirFlatSymbolRefAttrGetValue(name));
    if (!is_tensor_global(global) || mlirAttributeIsNull(value_of(global)) ||
        tenon_map_get(stored, global.ptr)) {
      continue;
    }
    MlirValue constant = tenon_insert_constant(load, type_of(global), value_of(global));
    tenon_replace_op(load, tenon_defining_op(constant), 0);
  }
}

// A tensor of |number| everywhere, with nothing where a dimension is dynamic.
static MlirValue insert_splat(MlirOperation before, MlirType type, MlirAttribute number) {
  tenon_value_list_t operands = {0};
  TENON_APPEND(&operands,
               tenon_insert_constant(before, mlirShapedTypeGetElementType(type), number));
  for (intptr_t i = 0; i < mlirShapedTypeGetRank(type); ++i) {
    if (mlirShapedTypeIsDynamicDim(type, i)) TENON_APPEND(&operands, tenon_insert_index(before, 0));
  }
  MlirOperation splat = tenon_insert_op(before, "tensor.splat", 1, &type, (intptr_t)operands.count,
                                        operands.data, 0, NULL);
  free(operands.data);
  return mlirOperationGetResult(splat, 0);
}

static MlirAttribute zero_of(MlirType type) {
  return mlirTypeIsAFloat(type) ? mlirFloatAttrDoubleGet(mlirTypeGetContext(type), type, 0.0)
                                : mlirIntegerAttrGet(type, 0);
}

// The host has no complex numbers.
static MlirValue insert_complex_zeros(MlirOperation before, MlirType type) {
  static const uint8_t zeros[16] = {0};
  MlirType element = mlirShapedTypeGetElementType(type);
  int64_t dims[TENON_MAX_RANK];
  intptr_t rank = mlirShapedTypeGetRank(type);
  for (intptr_t i = 0; i < rank; ++i) {
    dims[i] = mlirShapedTypeIsDynamicDim(type, i) ? 0 : mlirShapedTypeGetDimSize(type, i);
  }
  MlirType sized = mlirRankedTensorTypeGet(rank, dims, element, mlirAttributeGetNull());
  size_t size = 2 * mlirFloatTypeGetWidth(mlirComplexTypeGetElementType(element)) / 8;
  MlirAttribute value = mlirDenseElementsAttrRawBufferGet(sized, size, zeros);
  MlirValue constant = tenon_insert_constant(before, sized, value);
  if (mlirTypeEqual(sized, type)) return constant;
  return mlirOperationGetResult(
      tenon_insert_op(before, "tensor.cast", 1, &type, 1, &constant, 0, NULL), 0);
}

// What |global| begins with. The same number everywhere needs no room in the file.
static MlirValue insert_beginning(MlirOperation before, MlirOperation global) {
  MlirType type = type_of(global), element = mlirShapedTypeGetElementType(type);
  MlirAttribute value = value_of(global);
  bool is_complex = mlirTypeIsAComplex(element);
  if (mlirAttributeIsNull(value)) {
    return is_complex ? insert_complex_zeros(before, type)
                      : insert_splat(before, type, zero_of(element));
  }
  bool is_splat = mlirAttributeIsADenseElements(value) && mlirDenseElementsAttrIsSplat(value);
  return is_splat && !is_complex
             ? insert_splat(before, type, mlirDenseElementsAttrGetSplatValue(value))
             : tenon_insert_constant(before, type, value);
}

// Stores what |globals| begin with at the start of the initializers, of which there are none if |function| is null.
static void begin_globals(MlirOperation module, MlirOperation function,
                          const tenon_op_list_t* globals) {
  MlirContext context = mlirOperationGetContext(module);
  if (mlirOperationIsNull(function)) {
    function = tenon_make_initializers(module, mlirOperationGetLocation(globals->data[0]));
  }
  MlirBlock entry = mlirRegionGetFirstBlock(mlirOperationGetFirstRegion(function));
  MlirOperation first = mlirBlockGetFirstOperation(entry);
  for (size_t i = 0; i < globals->count; ++i) {
    MlirStringRef name = tenon_symbol_name(globals->data[i]);
    MlirNamedAttribute symbol =
        tenon_attr(context, "global", mlirFlatSymbolRefAttrGet(context, name));
    // At the global, so that what goes wrong is said of it.
    MlirOperation place = tenon_build_op("func.return", mlirOperationGetLocation(globals->data[i]),
                                         0, NULL, 0, NULL, 0, NULL);
    mlirBlockInsertOwnedOperationBefore(entry, first, place);
    MlirValue value = insert_beginning(place, globals->data[i]);
    tenon_insert_op(place, "util.global.store", 0, NULL, 1, &value, 1, &symbol);
    mlirOperationDestroy(place);
  }
}

static void lower_tensor_globals(MlirOperation module, MlirOperation function) {
  tenon_op_list_t globals = tenon_collect_ops(module, is_tensor_global);
  if (globals.count > 0) {
    tenon_op_list_t stores = tenon_collect_ops(module, is_store);
    tenon_op_list_t loads = tenon_collect_ops(module, is_load);
    MlirSymbolTable symbols = mlirSymbolTableCreate(module);
    tenon_map_t stored = {0};
    mark_globals(symbols, &stores, &stored);
    replace_loads(symbols, &loads, &stored);
    size_t count = 0;
    for (size_t i = 0; i < globals.count; ++i) {
      MlirOperation global = globals.data[i];
      bool is_constant =
          !mlirAttributeIsNull(value_of(global)) && !tenon_map_get(&stored, global.ptr);
      if (is_constant) {
        mlirOperationDestroy(global);
      } else {
        globals.data[count++] = global;
      }
    }
    globals.count = count;
    if (count > 0) begin_globals(module, function, &globals);
    tenon_map_free(&stored);
    mlirSymbolTableDestroy(symbols);
    free(loads.data);
    free(stores.data);
  }
  free(globals.data);
}

void tenon_lower_initializers(MlirOperation module) {
  MlirOperation function = merge_initializers(module);
  lower_tensor_globals(module, function);
}
