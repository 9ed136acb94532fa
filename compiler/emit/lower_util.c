// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The util dialect, and what an import's vm.fallback becomes.

#include "compiler/emit/lower.h"

static MlirLogicalResult lower_buffer_constant(tenon_lowering_t* lowering, MlirOperation op) {
  MlirStringRef bytes =
      mlirStringAttrGetValue(mlirOperationGetAttributeByName(op, tenon_str("value")));
  uint32_t source = tenon_lower_source(lowering, mlirOperationGetLocation(op), "making a buffer");
  tenon_lower_bind(lowering, op, 0,
                   TENON_MAKE_AT(lowering, source, TENON_OP_RODATA,
                                 tenon_emitter_text(lowering->emitter, bytes)));
  return mlirLogicalResultSuccess();
}

// Nothing is optimised from here on.
static MlirLogicalResult lower_barrier(tenon_lowering_t* lowering, MlirOperation op) {
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
    tenon_lower_bind(lowering, op, i, tenon_lower_operand(lowering, op, i));
  }
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult lower_import_exists(tenon_lowering_t* lowering, MlirOperation op) {
  const tenon_callee_t* callee = tenon_emitter_find(
      lowering->emitter, mlirOperationGetAttributeByName(op, tenon_str("callee")));
  if (!callee || !callee->is_import) return tenon_error(op, "the import does not exist");
  tenon_lower_bind(lowering, op, 0, TENON_MAKE(lowering, TENON_OP_IMPORT_EXISTS, callee->index));
  return mlirLogicalResultSuccess();
}

tenon_lower_result_t tenon_lower_util(tenon_lowering_t* lowering, MlirOperation op) {
  static const struct {
    const char* name;
    MlirLogicalResult (*lower)(tenon_lowering_t* lowering, MlirOperation op);
  } operations[] = {
      {"util.buffer.constant", lower_buffer_constant},
      {"util.optimization_barrier", lower_barrier},
      {"tenon.import_exists", lower_import_exists},
  };
  for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); ++i) {
    if (!tenon_op_is(op, operations[i].name)) continue;
    MlirLogicalResult status = operations[i].lower(lowering, op);
    return mlirLogicalResultIsSuccess(status) ? TENON_LOWER_DONE : TENON_LOWER_FAILED;
  }
  return TENON_LOWER_UNKNOWN;
}
