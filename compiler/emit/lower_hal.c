// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tensors' operations as calls of the hal module. In a synchronous program they have ended when their
// call returns; in an asynchronous one the calls take the point to wait for and give the one that they
// make.

#include <stdlib.h>

#include "compiler/emit/lower.h"
#include "iree/hal/element_type.h"

static MlirType tensor_type(MlirOperation op) {
  return mlirTypeAttrGetValue(mlirOperationGetAttributeByName(op, tenon_str("type")));
}

void tenon_lower_hal_begin(tenon_lowering_t* lowering, tenon_hal_export_t function,
                           tenon_call_t* call) {
  tenon_call_begin(call, tenon_emitter_hal_import(lowering->emitter, function));
}

MlirLogicalResult tenon_lower_element_type(tenon_lowering_t* lowering, MlirOperation op,
                                           tenon_var_t* out_var) {
  MlirType type = mlirShapedTypeGetElementType(tensor_type(op));
  uint32_t value = 0;
  if (tenon_element_type_of(type, &value)) {
    *out_var = tenon_lower_i32(lowering, (int32_t)value);
    return mlirLogicalResultSuccess();
  }
  tenon_text_t text = {0};
  mlirTypePrint(type, tenon_text_callback, &text);
  tenon_error(op,
              "tensors of %s are not supported; supported are i1, i4, i8, i16, i32, i64, index, "
              "f16, bf16, f32, f64, complex<f32> and complex<f64>",
              text.data);
  free(text.data);
  return mlirLogicalResultFailure();
}

void tenon_lower_dims(tenon_lowering_t* lowering, MlirOperation op, intptr_t first,
                      tenon_call_t* call) {
  MlirType type = tensor_type(op);
  intptr_t rank = mlirShapedTypeGetRank(type);
  tenon_call_span(call, (size_t)rank);
  for (intptr_t i = 0; i < rank; ++i) {
    tenon_var_t dim;
    if (!mlirShapedTypeIsDynamicDim(type, i)) {
      dim = tenon_lower_i64(lowering, mlirShapedTypeGetDimSize(type, i));
    } else if (first < 0) {
      dim = tenon_lower_i64(lowering, -1);
    } else {
      dim = tenon_lower_operand(lowering, op, first++);
    }
    tenon_call_argument(call, dim);
  }
}

// What the operation is for, as schedule.c said it: "argument 0 of @main".
static uint32_t source_with_context(tenon_lowering_t* lowering, MlirOperation op) {
  MlirAttribute attribute = mlirOperationGetAttributeByName(op, tenon_str("context"));
  MlirStringRef text = mlirAttributeIsNull(attribute) ? mlirStringRefCreate("", 0)
                                                      : mlirStringAttrGetValue(attribute);
  return tenon_lower_source(lowering, mlirOperationGetLocation(op), "%.*s", (int)text.length,
                            text.data);
}

uint32_t tenon_lower_source_with_type(tenon_lowering_t* lowering, MlirOperation op,
                                      const char* verb) {
  tenon_text_t text = {0};
  mlirTypePrint(tensor_type(op), tenon_text_callback, &text);
  uint32_t source =
      tenon_lower_source(lowering, mlirOperationGetLocation(op), "%s %s", verb, text.data);
  free(text.data);
  return source;
}

// The point that |op|, if it is in an asynchronous program, waits for: its first operand.
static void append_wait(tenon_lowering_t* lowering, MlirOperation op, tenon_call_t* call) {
  if (!lowering->emitter->asynchronous) return;
  tenon_call_argument(call, tenon_lower_operand(lowering, op, 0));
}

// ... and the one that it makes, its result |index|.
static void append_point(tenon_lowering_t* lowering, MlirOperation op, intptr_t index,
                         tenon_call_t* call) {
  if (!lowering->emitter->asynchronous) return;
  tenon_lower_bind(lowering, op, index, tenon_call_result(lowering, call, TENON_CLASS_REF));
}

//===----------------------------------------------------------------------===//
// The border
//===----------------------------------------------------------------------===//

// The number of dynamic dims that the import gives: all, or none if nothing uses any.
static intptr_t imported_dims(MlirOperation op) {
  intptr_t count = mlirOperationGetNumResults(op) - 1;
  for (intptr_t i = 1; i <= count; ++i) {
    if (!mlirOpOperandIsNull(mlirValueGetFirstUse(mlirOperationGetResult(op, i)))) return count;
  }
  return 0;
}

static MlirLogicalResult lower_tensor_import(tenon_lowering_t* lowering, MlirOperation op) {
  tenon_var_t view = tenon_lower_operand(lowering, op, 0), type;
  MlirLogicalResult status = tenon_lower_element_type(lowering, op, &type);
  if (mlirLogicalResultIsFailure(status)) return status;
  intptr_t dims = imported_dims(op);
  tenon_call_t call;
  tenon_lower_hal_begin(lowering, (tenon_hal_export_t)(TENON_HAL_BUFFER_VIEW_IMPORT + dims), &call);
  tenon_call_argument(&call, view);
  tenon_call_argument(&call, type);
  tenon_lower_dims(lowering, op, -1, &call);
  tenon_lower_bind(lowering, op, 0, tenon_call_result(lowering, &call, TENON_CLASS_REF));
  for (intptr_t i = 1; i <= dims; ++i) {
    tenon_lower_bind(lowering, op, i, tenon_call_result(lowering, &call, TENON_CLASS_I64));
  }
  tenon_call_end(lowering, &call, source_with_context(lowering, op), TENON_OP_CALL_IMPORT);
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult lower_tensor_export(tenon_lowering_t* lowering, MlirOperation op) {
  tenon_var_t type;
  MlirLogicalResult status = tenon_lower_element_type(lowering, op, &type);
  if (mlirLogicalResultIsFailure(status)) return status;
  tenon_call_t call;
  tenon_lower_hal_begin(lowering, TENON_HAL_BUFFER_VIEW_CREATE, &call);
  tenon_call_argument(&call, tenon_lower_operand(lowering, op, 0));
  tenon_call_argument(&call, type);
  tenon_lower_dims(lowering, op, 1, &call);
  tenon_lower_bind(lowering, op, 0, tenon_call_result(lowering, &call, TENON_CLASS_REF));
  tenon_call_end(lowering, &call, source_with_context(lowering, op), TENON_OP_CALL_IMPORT);
  return mlirLogicalResultSuccess();
}

//===----------------------------------------------------------------------===//
// Buffers
//===----------------------------------------------------------------------===//

static MlirLogicalResult lower_constant(tenon_lowering_t* lowering, MlirOperation op) {
  uint32_t global = 0;
  MlirLogicalResult status = tenon_emitter_constant(
      lowering->emitter, op, mlirOperationGetAttributeByName(op, tenon_str("value")), &global);
  if (mlirLogicalResultIsFailure(status)) return status;
  tenon_lower_bind(lowering, op, 0, tenon_lower_known(lowering, TENON_OP_GLOBAL_LOAD_REF, global));
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult lower_alloc(tenon_lowering_t* lowering, MlirOperation op) {
  tenon_var_t type;
  MlirLogicalResult status = tenon_lower_element_type(lowering, op, &type);
  if (mlirLogicalResultIsFailure(status)) return status;
  tenon_call_t call;
  tenon_lower_hal_begin(lowering, TENON_HAL_BUFFER_ALLOCATE, &call);
  tenon_call_argument(&call, type);
  tenon_lower_dims(lowering, op, 1, &call);
  tenon_lower_bind(lowering, op, 0, tenon_call_result(lowering, &call, TENON_CLASS_REF));
  bool is_told = !mlirAttributeIsNull(mlirOperationGetAttributeByName(op, tenon_str("context")));
  uint32_t source = is_told ? source_with_context(lowering, op)
                            : tenon_lower_source_with_type(lowering, op, "allocating");
  tenon_call_end(lowering, &call, source, TENON_OP_CALL_IMPORT);
  if (lowering->emitter->asynchronous) {
    // Memory of the heap is there at once.
    tenon_lower_bind(lowering, op, 1, tenon_lower_operand(lowering, op, 0));
  }
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult lower_subspan(tenon_lowering_t* lowering, MlirOperation op) {
  tenon_call_t call;
  tenon_lower_hal_begin(lowering, TENON_HAL_BUFFER_SUBSPAN, &call);
  for (intptr_t i = 0; i < 3; ++i) {
    tenon_call_argument(&call, tenon_lower_operand(lowering, op, i));
  }
  tenon_lower_bind(lowering, op, 0, tenon_call_result(lowering, &call, TENON_CLASS_REF));
  uint32_t source =
      tenon_lower_source(lowering, mlirOperationGetLocation(op), "a part of temporary memory");
  tenon_call_end(lowering, &call, source, TENON_OP_CALL_IMPORT);
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult lower_clone(tenon_lowering_t* lowering, MlirOperation op) {
  tenon_var_t type;
  MlirLogicalResult status = tenon_lower_element_type(lowering, op, &type);
  if (mlirLogicalResultIsFailure(status)) return status;
  tenon_call_t call;
  tenon_lower_hal_begin(
      lowering, lowering->emitter->asynchronous ? TENON_HAL_QUEUE_CLONE : TENON_HAL_BUFFER_CLONE,
      &call);
  append_wait(lowering, op, &call);
  tenon_call_argument(&call, tenon_lower_operand(lowering, op, 1));
  tenon_call_argument(&call, type);
  tenon_lower_dims(lowering, op, 2, &call);
  tenon_lower_bind(lowering, op, 0, tenon_call_result(lowering, &call, TENON_CLASS_REF));
  append_point(lowering, op, 1, &call);
  tenon_call_end(lowering, &call, tenon_lower_source_with_type(lowering, op, "copying"),
                 TENON_OP_CALL_IMPORT);
  return mlirLogicalResultSuccess();
}

// Programs that copy to what is there already are asynchronous.
static MlirLogicalResult lower_copy(tenon_lowering_t* lowering, MlirOperation op) {
  tenon_var_t type;
  MlirLogicalResult status = tenon_lower_element_type(lowering, op, &type);
  if (mlirLogicalResultIsFailure(status)) return status;
  tenon_call_t call;
  tenon_lower_hal_begin(lowering, TENON_HAL_QUEUE_COPY, &call);
  append_wait(lowering, op, &call);
  tenon_call_argument(&call, tenon_lower_operand(lowering, op, 1));
  tenon_call_argument(&call, tenon_lower_operand(lowering, op, 2));
  tenon_call_argument(&call, type);
  tenon_lower_dims(lowering, op, 3, &call);
  append_point(lowering, op, 0, &call);
  tenon_call_end(lowering, &call, tenon_lower_source_with_type(lowering, op, "copying"),
                 TENON_OP_CALL_IMPORT);
  return mlirLogicalResultSuccess();
}

// A 64-bit slot of the dispatch ABI as a value of |kind|.
static tenon_var_t from_slot(tenon_lowering_t* lowering, tenon_var_t slot, tenon_kind_t kind) {
  switch (kind.register_class) {
    case TENON_CLASS_I32:
      return TENON_MAKE(lowering, TENON_OP_TRUNC_I64_I32, slot);
    case TENON_CLASS_F32:
      return TENON_MAKE(lowering, TENON_OP_BITS_I32_F32,
                        TENON_MAKE(lowering, TENON_OP_TRUNC_I64_I32, slot));
    case TENON_CLASS_F64:
      return TENON_MAKE(lowering, TENON_OP_BITS_I64_F64, slot);
    default:
      return slot;
  }
}

// The slot of an element of a buffer: of f16 and bf16 the runtime gives the bits, of i4 the byte.
static tenon_var_t element_of(tenon_lowering_t* lowering, tenon_var_t slot, tenon_kind_t kind) {
  if (kind.narrow) {
    tenon_var_t bits = TENON_MAKE(lowering, TENON_OP_TRUNC_I64_I32, slot);
    return tenon_lower_of_narrow_bits(lowering, bits, kind);
  }
  tenon_var_t var = from_slot(lowering, slot, kind);
  return kind.width == 4 ? tenon_lower_narrow(lowering, var, 4) : var;
}

static MlirLogicalResult lower_load(tenon_lowering_t* lowering, MlirOperation op) {
  tenon_var_t type;
  MlirLogicalResult status = tenon_lower_element_type(lowering, op, &type);
  if (mlirLogicalResultIsFailure(status)) return status;
  // The runtime loads whole bytes.
  tenon_kind_t kind = tenon_lower_kind(mlirOperationGetResult(op, 0));
  if (kind.width == 4) type = tenon_lower_i32(lowering, (int32_t)IREE_HAL_ELEMENT_TYPE_INT_8);
  tenon_call_t call;
  tenon_lower_hal_begin(lowering, TENON_HAL_BUFFER_LOAD, &call);
  tenon_call_argument(&call, tenon_lower_operand(lowering, op, 0));
  tenon_call_argument(&call, tenon_lower_operand(lowering, op, 1));
  tenon_call_argument(&call, type);
  tenon_var_t slot = tenon_call_result(lowering, &call, TENON_CLASS_I64);
  tenon_call_end(lowering, &call, tenon_lower_source_with_type(lowering, op, "an element of"),
                 TENON_OP_CALL_IMPORT);
  tenon_lower_bind(lowering, op, 0, element_of(lowering, slot, kind));
  return mlirLogicalResultSuccess();
}

//===----------------------------------------------------------------------===//
// Dispatches
//===----------------------------------------------------------------------===//

// A scalar as a 64-bit slot of the dispatch ABI.
static tenon_var_t slot(tenon_lowering_t* lowering, MlirValue value) {
  tenon_var_t var = tenon_lower_var(lowering, value);
  tenon_kind_t kind = tenon_lower_kind(value);
  switch (kind.register_class) {
    case TENON_CLASS_I32:
      return TENON_MAKE(lowering, TENON_OP_EXTS_I32_I64, var);
    case TENON_CLASS_F32:
      return TENON_MAKE(lowering, TENON_OP_EXTU_I32_I64,
                        TENON_MAKE(lowering, TENON_OP_BITS_F32_I32, var));
    case TENON_CLASS_F64:
      return TENON_MAKE(lowering, TENON_OP_BITS_F64_I64, var);
    default:
      return var;
  }
}

typedef struct execute_t {
  intptr_t buffer_count, scalar_begin, scalar_count;
} execute_t;

// Operands: the point, buffers, scalars.
static execute_t execute_operands(MlirOperation op) {
  intptr_t count = mlirOperationGetNumOperands(op), i = 1;
  while (i < count &&
         tenon_lower_kind(mlirOperationGetOperand(op, i)).register_class == TENON_CLASS_REF) {
    ++i;
  }
  return (execute_t){i - 1, i, count - i};
}

static MlirLogicalResult lower_execute(tenon_lowering_t* lowering, MlirOperation op) {
  if (lowering->emitter->program->executable.length == 0) {
    return tenon_error(op, "internal error: the program has a dispatch but no executable");
  }
  execute_t operands = execute_operands(op);
  int64_t ordinal =
      mlirIntegerAttrGetValueInt(mlirOperationGetAttributeByName(op, tenon_str("ordinal")));
  tenon_var_t executable = tenon_lower_known(lowering, TENON_OP_GLOBAL_LOAD_REF,
                                             tenon_emitter_executable(lowering->emitter));
  tenon_call_t call;
  tenon_lower_hal_begin(
      lowering, lowering->emitter->asynchronous ? TENON_HAL_QUEUE_DISPATCH : TENON_HAL_DISPATCH,
      &call);
  tenon_call_argument(&call, executable);
  tenon_call_argument(&call, tenon_lower_i32(lowering, (int32_t)ordinal));
  append_wait(lowering, op, &call);
  tenon_call_span(&call, (size_t)operands.buffer_count);
  for (intptr_t i = 0; i < operands.buffer_count; ++i) {
    tenon_call_argument(&call, tenon_lower_operand(lowering, op, 1 + i));
  }
  tenon_call_span(&call, (size_t)operands.scalar_count);
  for (intptr_t i = 0; i < operands.scalar_count; ++i) {
    tenon_call_argument(&call,
                        slot(lowering, mlirOperationGetOperand(op, operands.scalar_begin + i)));
  }
  append_point(lowering, op, 0, &call);
  MlirStringRef callee =
      mlirFlatSymbolRefAttrGetValue(mlirOperationGetAttributeByName(op, tenon_str("callee")));
  uint32_t source = tenon_lower_source(lowering, mlirOperationGetLocation(op), "dispatch @%.*s",
                                       (int)callee.length, callee.data);
  tenon_call_end(lowering, &call, source, TENON_OP_CALL_IMPORT);
  return mlirLogicalResultSuccess();
}

//===----------------------------------------------------------------------===//
// The list
//===----------------------------------------------------------------------===//

tenon_lower_result_t tenon_lower_hal(tenon_lowering_t* lowering, MlirOperation op) {
  static const tenon_lower_entry_t operations[] = {
      {"tenon.tensor_import", lower_tensor_import},
      {"tenon.tensor_export", lower_tensor_export},
      {"tenon.constant", lower_constant},
      {"tenon.alloc", lower_alloc},
      {"tenon.subspan", lower_subspan},
      {"tenon.clone", lower_clone},
      {"tenon.execute", lower_execute},
      {"tenon.copy", lower_copy},
      {"tenon.load", lower_load},
  };
  return tenon_lower_listed(lowering, op, operations, sizeof(operations) / sizeof(operations[0]));
}
