// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/input/globals.h"

#include <stdlib.h>

#include "compiler/dialects/dialects.h"
#include "compiler/input/ir.h"
#include "compiler/input/types.h"
#include "compiler/support/mlir_util.h"

bool tenon_check_global(MlirOperation op, const tenon_options_t* options) {
  MlirStringRef name = tenon_symbol_name(op);
  MlirType type = mlirTypeAttrGetValue(mlirOperationGetAttributeByName(op, tenon_str("type")));
  if (mlirTypeIsATensor(type)) {
    tenon_error(op,
                "the global '%.*s': globals that hold tensors are not supported yet; keep numbers, "
                "or a !util.buffer",
                (int)name.length, name.data);
    return false;
  }
  if (!tenon_check_type(mlirOperationGetLocation(op), type, name, options)) return false;
  MlirAttribute value = mlirOperationGetAttributeByName(op, tenon_str("initial_value"));
  if (mlirAttributeIsNull(value) || mlirAttributeIsAInteger(value) ||
      mlirAttributeIsAFloat(value)) {
    return true;
  }
  tenon_error(op,
              "the global '%.*s': the initial value is not supported: expected a number; store "
              "others in a util.initializer",
              (int)name.length, name.data);
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

void tenon_lower_initializers(MlirOperation module) {
  tenon_op_list_t initializers = tenon_collect_ops(module, tenon_is_initializer);
  if (initializers.count > 0) {
    MlirOperation function = make_function(module, mlirOperationGetLocation(initializers.data[0]));
    MlirRegion region = mlirOperationGetFirstRegion(function);
    MlirBlock last = {NULL};
    for (size_t i = 0; i < initializers.count; ++i) {
      MlirBlock first = move_blocks(initializers.data[i], region);
      if (!mlirBlockIsNull(last)) end_blocks(last, first);
      last = first;
    }
  }
  free(initializers.data);
}
