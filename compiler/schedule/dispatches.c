// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Dispatches: which buffers they read and write.

#include <stdlib.h>

#include "compiler/schedule/convert.h"
#include "compiler/schedule/origins.h"
#include "compiler/schedule/ownership.h"

static MlirLogicalResult find_dispatch(tenon_schedule_t* schedule, MlirOperation op,
                                       MlirAttribute* out_symbol, MlirOperation* out_callee) {
  *out_symbol = mlirOperationGetAttributeByName(op, tenon_str("callee"));
  MlirStringRef name = mlirFlatSymbolRefAttrGetValue(*out_symbol);
  if (!mlirOperationIsNull(schedule->dispatches)) {
    *out_callee = mlirSymbolTableLookup(schedule->dispatch_symbols, name);
  }
  if (!mlirOperationIsNull(*out_callee)) return mlirLogicalResultSuccess();
  return tenon_error(op, "there is no dispatch '%.*s' in @" TENON_DISPATCHES_NAME, (int)name.length,
                     name.data);
}

bool tenon_dispatch_updates(MlirOperation op) {
  return tenon_op_is(op, "tenon.dispatch") &&
         !mlirAttributeIsNull(mlirOperationGetAttributeByName(op, tenon_str("updates")));
}

//===----------------------------------------------------------------------===//
// The dimensions of results
//===----------------------------------------------------------------------===//

// The arguments of |callee| that are the dimensions of its result |index|; null if it doesn't say.
static MlirAttribute result_arguments(MlirOperation callee, intptr_t index) {
  MlirAttribute none = {NULL};
  MlirAttribute all = mlirOperationGetAttributeByName(callee, tenon_str("tenon.results"));
  if (mlirAttributeIsNull(all) || !mlirAttributeIsAArray(all)) return none;
  if (index >= mlirArrayAttrGetNumElements(all)) return none;
  MlirAttribute arguments = mlirArrayAttrGetElement(all, index);
  return mlirAttributeIsADenseI64Array(arguments) ? arguments : none;
}

static MlirLogicalResult result_dims(MlirOperation op, MlirOperation callee, intptr_t index,
                                     tenon_value_list_t* out_dims) {
  MlirAttribute arguments = result_arguments(callee, index);
  intptr_t count = tenon_dynamic_dim_count(mlirValueGetType(mlirOperationGetResult(op, index)));
  bool is_right =
      !mlirAttributeIsNull(arguments) && mlirDenseArrayGetNumElements(arguments) == count;
  for (intptr_t i = 0; i < count && is_right; ++i) {
    int64_t argument = mlirDenseI64ArrayGetElement(arguments, i);
    // The function doesn't take what is updated.
    intptr_t operand = (intptr_t)argument + tenon_dispatch_updates(op);
    is_right = argument >= 0 && operand < mlirOperationGetNumOperands(op) &&
               mlirTypeIsAIndex(mlirValueGetType(mlirOperationGetOperand(op, operand)));
    if (is_right) TENON_APPEND(out_dims, mlirOperationGetOperand(op, operand));
  }
  if (is_right) return mlirLogicalResultSuccess();
  return tenon_error(op,
                     "internal error: the function of the dispatch doesn't say which of its "
                     "arguments are the dynamic dimensions of result %d",
                     (int)index);
}

MlirLogicalResult tenon_dispatch_dims(tenon_schedule_t* schedule, MlirOperation op, intptr_t index,
                                      tenon_value_list_t* out_dims) {
  MlirAttribute symbol;
  MlirOperation callee = {NULL};
  MlirLogicalResult found = find_dispatch(schedule, op, &symbol, &callee);
  return mlirLogicalResultIsFailure(found) ? found : result_dims(op, callee, index, out_dims);
}

//===----------------------------------------------------------------------===//
// Buffers
//===----------------------------------------------------------------------===//

// Where result |index| of the dispatch |op| goes, if that is there already: the program's own result. Else null.
static MlirValue target_of(const tenon_converter_t* converter, MlirOperation op, intptr_t index) {
  return (MlirValue){tenon_map_get(&converter->in_place, mlirOperationGetResult(op, index).ptr)};
}

// A buffer for result |index| of the dispatch |op|.
static MlirLogicalResult place_result(tenon_converter_t* converter, MlirOperation op,
                                      MlirOperation callee, intptr_t index,
                                      tenon_tensor_t** out_tensor) {
  tenon_builder_t* builder = &converter->builder;
  tenon_value_list_t dims = {0};
  MlirLogicalResult status = result_dims(op, callee, index, &dims);
  if (mlirLogicalResultIsSuccess(status)) {
    for (size_t i = 0; i < dims.count; ++i) {
      dims.data[i] = tenon_converted_scalar(converter, dims.data[i]);
    }
    MlirType type = mlirValueGetType(mlirOperationGetResult(op, index));
    MlirValue target = target_of(converter, op, index);
    *out_tensor = mlirValueIsNull(target) ? tenon_build_alloc(builder, type, dims.data)
                                          : tenon_build_in_place(builder, type, dims.data, target);
  }
  free(dims.data);
  return status;
}

// The buffer of an update: that of what is updated, or a copy.
static tenon_tensor_t* place_update(tenon_converter_t* converter, MlirOperation op) {
  tenon_builder_t* builder = &converter->builder;
  MlirValue destination = mlirOperationGetOperand(op, 0), target = target_of(converter, op, 0);
  const tenon_tensor_t* source = tenon_converted_tensor(converter, destination);
  if (tenon_updates_in_place(converter->info->origins->ownership, op)) {
    tenon_tensor_t* tensor =
        tenon_build_in_place(builder, source->type, source->dims, source->buffer);
    tensor->point = tenon_point_to_write(converter, destination, source);
    return tensor;
  }
  if (mlirValueIsNull(target)) return tenon_build_clone(builder, source);
  tenon_tensor_t* tensor = tenon_build_in_place(builder, source->type, source->dims, target);
  tensor->point = tenon_build_copy(builder, source, target);
  return tensor;
}

// The dispatch |op|, or a copy that it waits for, reads all its operands until |point|.
static void note_reader(tenon_converter_t* converter, MlirOperation op, MlirValue point) {
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
    MlirValue operand = mlirOperationGetOperand(op, i);
    if (!tenon_is_tensor(mlirValueGetType(operand))) return;
    tenon_note_reader(converter, operand, point);
  }
}

MlirLogicalResult tenon_convert_dispatch(tenon_converter_t* converter, MlirOperation op) {
  MlirAttribute symbol;
  MlirOperation callee = {NULL};
  MlirLogicalResult status = find_dispatch(converter->schedule, op, &symbol, &callee);
  if (mlirLogicalResultIsFailure(status)) return status;

  bool updates = tenon_dispatch_updates(op);
  intptr_t result_count = mlirOperationGetNumResults(op), input_count = 0;
  tenon_tensor_t** inputs = tenon_xcalloc((size_t)mlirOperationGetNumOperands(op), sizeof(*inputs));
  tenon_tensor_t** outputs = tenon_xcalloc((size_t)result_count, sizeof(*outputs));
  tenon_value_list_t scalars = {0};
  for (intptr_t i = updates; i < mlirOperationGetNumOperands(op); ++i) {
    MlirValue operand = mlirOperationGetOperand(op, i);
    if (tenon_is_tensor(mlirValueGetType(operand))) {
      inputs[input_count++] = tenon_converted_tensor(converter, operand);
    } else {
      TENON_APPEND(&scalars, tenon_converted_scalar(converter, operand));
    }
  }
  if (updates) outputs[0] = place_update(converter, op);
  for (intptr_t i = updates; i < result_count && mlirLogicalResultIsSuccess(status); ++i) {
    status = place_result(converter, op, callee, i, &outputs[i]);
  }
  if (mlirLogicalResultIsSuccess(status)) {
    for (intptr_t i = 0; i < result_count; ++i) {
      tenon_map_tensor(converter, mlirOperationGetResult(op, i), outputs[i]);
    }
    int64_t ordinal =
        (int64_t)(intptr_t)tenon_map_get(&converter->schedule->dispatch_ordinals, callee.ptr) - 1;
    tenon_build_execute(&converter->builder, symbol, ordinal, inputs, input_count, outputs,
                        result_count, scalars.data, (intptr_t)scalars.count);
    note_reader(converter, op, outputs[0]->point);
  }
  free(scalars.data);
  free(outputs);
  free(inputs);
  return status;
}
