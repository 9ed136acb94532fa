// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What TableGen makes of util.td, and the little that it leaves open.

#include "compiler/dialects/util.h"

#include "llvm/ADT/TypeSwitch.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/CAPI/IR.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

// clang-format off
#include "util_dialect.h.inc"
#define GET_TYPEDEF_CLASSES
#include "util_types.h.inc"
#define GET_OP_CLASSES
#include "util_ops.h.inc"

#include "util_dialect.cc.inc"
#define GET_TYPEDEF_CLASSES
#include "util_types.cc.inc"
#define GET_OP_CLASSES
#include "util_ops.cc.inc"
// clang-format on

namespace tenon::util {

void UtilDialect::initialize() {
  addTypes<BufferType>();
  addOperations<BufferConstantOp, OptimizationBarrierOp>();
}

// What comes out is what goes in.
mlir::LogicalResult OptimizationBarrierOp::inferReturnTypes(
    mlir::MLIRContext*, std::optional<mlir::Location>, mlir::ValueRange operands,
    mlir::DictionaryAttr, mlir::OpaqueProperties, mlir::RegionRange,
    llvm::SmallVectorImpl<mlir::Type>& types) {
  llvm::append_range(types, operands.getTypes());
  return mlir::success();
}

}  // namespace tenon::util

void tenon_util_load(MlirContext context) {
  unwrap(context)->loadDialect<tenon::util::UtilDialect>();
}

bool tenon_util_is_buffer(MlirType type) {
  return mlir::isa<tenon::util::BufferType>(unwrap(type));
}
