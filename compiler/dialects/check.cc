// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What TableGen makes of check.td, and the text of tolerances.

#include "compiler/dialects/check.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/CAPI/IR.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributeInterfaces.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/OpImplementation.h"

namespace tenon::check {

// `, atol 1.0e-3` and `, rtol 1.0e-3`, each at most once.
static mlir::ParseResult parseTolerances(mlir::OpAsmParser& parser, mlir::FloatAttr& atol,
                                         mlir::FloatAttr& rtol) {
  while (mlir::succeeded(parser.parseOptionalComma())) {
    llvm::StringRef name;
    double value = 0;
    llvm::SMLoc place = parser.getCurrentLocation();
    if (parser.parseKeyword(&name)) return mlir::failure();
    mlir::FloatAttr& attribute = name == "atol" ? atol : rtol;
    if ((name != "atol" && name != "rtol") || attribute) {
      return parser.emitError(place, "expected `atol` or `rtol`, each at most once");
    }
    if (parser.parseFloat(value)) return mlir::failure();
    attribute = parser.getBuilder().getF32FloatAttr(static_cast<float>(value));
  }
  return mlir::success();
}

static void printTolerances(mlir::OpAsmPrinter& printer, mlir::Operation*, mlir::FloatAttr atol,
                            mlir::FloatAttr rtol) {
  if (atol) printer << ", atol " << atol.getValue();
  if (rtol) printer << ", rtol " << rtol.getValue();
}

}  // namespace tenon::check

// clang-format off
#include "check_dialect.h.inc"
#define GET_OP_CLASSES
#include "check_ops.h.inc"

#include "check_dialect.cc.inc"
#define GET_OP_CLASSES
#include "check_ops.cc.inc"
// clang-format on

namespace tenon::check {

void CheckDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "check_ops.cc.inc"
      >();
}

}  // namespace tenon::check

void tenon_check_load(MlirContext context) {
  unwrap(context)->loadDialect<tenon::check::CheckDialect>();
}

void tenon_check_register(MlirDialectRegistry registry) {
  unwrap(registry)->insert<tenon::check::CheckDialect>();
}
