// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How globals are written, for the C++ that TableGen makes of util_global.td.

#ifndef TENON_COMPILER_DIALECTS_UTIL_GLOBAL_H_
#define TENON_COMPILER_DIALECTS_UTIL_GLOBAL_H_

#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"

namespace tenon::util {

// `public`, `private` or nothing.
mlir::ParseResult parseVisibility(mlir::OpAsmParser& parser, mlir::StringAttr& visibility);
void printVisibility(mlir::OpAsmPrinter& printer, mlir::Operation* op, mlir::StringAttr visibility);

// `: type`, or `= value` of that type.
mlir::ParseResult parseTypeOrValue(mlir::OpAsmParser& parser, mlir::TypeAttr& type,
                                   mlir::TypedAttr& value);
void printTypeOrValue(mlir::OpAsmPrinter& printer, mlir::Operation* op, mlir::TypeAttr type,
                      mlir::TypedAttr value);

// What comes behind `util.initializer` and `util.return`.
mlir::ParseResult parseInitializer(mlir::OpAsmParser& parser, mlir::OperationState& result);
mlir::ParseResult parseInitializerReturn(mlir::OpAsmParser& parser, mlir::OperationState& result);

}  // namespace tenon::util

#endif  // TENON_COMPILER_DIALECTS_UTIL_GLOBAL_H_
