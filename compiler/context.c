// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/context.h"

#include "compiler/dialects/dialects.h"
#include "compiler/support/passes.h"
#include "mlir-c/Dialect/Arith.h"
#include "mlir-c/Dialect/ControlFlow.h"
#include "mlir-c/Dialect/Func.h"
#include "mlir-c/Dialect/Linalg.h"
#include "mlir-c/Dialect/Math.h"
#include "mlir-c/Dialect/SCF.h"
#include "mlir-c/Dialect/Tensor.h"

static void load_dialects(MlirContext context) {
  const MlirDialectHandle handles[] = {
      mlirGetDialectHandle__arith__(),  mlirGetDialectHandle__cf__(),
      mlirGetDialectHandle__func__(),   mlirGetDialectHandle__linalg__(),
      mlirGetDialectHandle__math__(),   mlirGetDialectHandle__scf__(),
      mlirGetDialectHandle__tensor__(),
  };
  for (size_t i = 0; i < sizeof(handles) / sizeof(handles[0]); ++i) {
    mlirDialectHandleRegisterDialect(handles[i], context);
    mlirDialectHandleLoadDialect(handles[i], context);
  }
  tenon_load_dialects(context);
}

MlirContext tenon_context_create(void) {
  tenon_register_passes();
  MlirContext context = mlirContextCreateWithThreading(false);
  mlirContextSetAllowUnregisteredDialects(context, true);
  load_dialects(context);
  return context;
}
