// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/support/passes.h"

#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

void tenon_register_passes(void) {
  static bool registered = false;
  if (registered) return;
  registered = true;
  using factory = std::unique_ptr<mlir::Pass>;
  mlir::registerPass([]() -> factory { return mlir::createCanonicalizerPass(); });
  mlir::registerPass([]() -> factory { return mlir::createCSEPass(); });
  mlir::registerPass([]() -> factory { return mlir::createSymbolDCEPass(); });
  mlir::registerPass([]() -> factory { return mlir::createSCFToControlFlowPass(); });
}
