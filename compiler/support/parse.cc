// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/support/parse.h"

#include "mlir/CAPI/IR.h"
#include "mlir/CAPI/Support.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"

MlirModule tenon_parse_module(MlirContext context, MlirStringRef source,
                              MlirStringRef source_name) {
  mlir::ParserConfig config(unwrap(context));
  mlir::OwningOpRef<mlir::ModuleOp> module =
      mlir::parseSourceString<mlir::ModuleOp>(unwrap(source), config, unwrap(source_name));
  return MlirModule{module ? module.release().getOperation() : nullptr};
}
