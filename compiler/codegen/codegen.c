// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Stage 4: every function of @tenon_dispatches becomes a range function, all of them one LLVM
// module, and that one executable (docs/dispatch-abi.md). A dispatch's ordinal is its place among
// the functions of @tenon_dispatches.
//
// Elementwise kernels go from linalg straight to LLVM IR: their loops are simple, and built in the
// form that LLVM's vectoriser wants they need neither MLIR's conversions nor most of LLVM's passes.

#include <stdlib.h>
#include <string.h>

#include "compiler/codegen/ir.h"
#include "compiler/codegen/link.h"
#include "compiler/codegen/target.h"
#include "compiler/program.h"
#include "compiler/support/mlir_util.h"
#include "llvm-c/Error.h"
#include "llvm-c/Transforms/PassBuilder.h"

// The loops arrive in the form that the vectoriser wants (nest.c), so little is needed before and
// after it.
#define TENON_LLVM_PASSES                                                                          \
  "function(early-cse,instcombine<no-verify-fixpoint>,simplifycfg,loop-mssa(licm),loop-vectorize," \
  "instcombine<no-verify-fixpoint>,simplifycfg,loop-mssa(licm),early-cse)"

typedef struct tenon_dispatch_list_t {
  tenon_kernel_t* kernels;
  tenon_plan_t* plans;
  tenon_dispatch_row_t* rows;
  size_t count;
} tenon_dispatch_list_t;

static MlirOperation tenon_find_dispatches(MlirModule module) {
  for (MlirOperation op = mlirBlockGetFirstOperation(mlirModuleGetBody(module));
       !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    if (tenon_op_is(op, "builtin.module") &&
        tenon_str_equal(tenon_symbol_name(op), TENON_DISPATCHES_NAME))
      return op;
  }
  return (MlirOperation){0};
}

static MlirOperation tenon_first_dispatch(MlirOperation dispatches) {
  if (mlirOperationIsNull(dispatches)) return dispatches;
  return mlirBlockGetFirstOperation(mlirRegionGetFirstBlock(mlirOperationGetRegion(dispatches, 0)));
}

static tenon_ir_t tenon_ir_make(const tenon_target_t* target) {
  LLVMContextRef context = LLVMContextCreate();
  LLVMContextSetDiscardValueNames(context, true);
  tenon_ir_t ir = {
      .context = context,
      .module = LLVMModuleCreateWithNameInContext("tenon", context),
      .builder = LLVMCreateBuilderInContext(context),
      .i1 = LLVMInt1TypeInContext(context),
      .i4 = LLVMIntTypeInContext(context, 4),
      .i8 = LLVMInt8TypeInContext(context),
      .i16 = LLVMInt16TypeInContext(context),
      .i32 = LLVMInt32TypeInContext(context),
      .i64 = LLVMInt64TypeInContext(context),
      .f16 = LLVMHalfTypeInContext(context),
      .f32 = LLVMFloatTypeInContext(context),
      .f64 = LLVMDoubleTypeInContext(context),
      .ptr = LLVMPointerTypeInContext(context, 0),
      .converts_half = target->converts_half,
  };
  LLVMTargetDataRef layout = LLVMCreateTargetDataLayout(target->machine);
  LLVMSetModuleDataLayout(ir.module, layout);
  LLVMDisposeTargetData(layout);
  LLVMSetTarget(ir.module, target->triple);
  return ir;
}

static void tenon_ir_free(tenon_ir_t* ir) {
  LLVMDisposeBuilder(ir->builder);
  LLVMDisposeModule(ir->module);
  LLVMContextDispose(ir->context);
}

static MlirLogicalResult tenon_emit_dispatches(const tenon_ir_t* ir, MlirOperation first,
                                               tenon_dispatch_list_t* list) {
  for (MlirOperation op = first; !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    tenon_kernel_t* kernel = &list->kernels[list->count];
    tenon_plan_t* plan = &list->plans[list->count];
    if (mlirLogicalResultIsFailure(tenon_kernel_read(op, kernel)))
      return mlirLogicalResultFailure();
    tenon_plan_make(kernel, plan);
    list->rows[list->count++] =
        (tenon_dispatch_row_t){kernel, plan, tenon_emit_range_function(ir, kernel, plan)};
    if (!list->rows[list->count - 1].function) return mlirLogicalResultFailure();
  }
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult tenon_optimize(const tenon_ir_t* ir, const tenon_target_t* target,
                                        MlirLocation location) {
  LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
  LLVMErrorRef error = LLVMRunPasses(ir->module, TENON_LLVM_PASSES, target->machine, options);
  LLVMDisposePassBuilderOptions(options);
  if (!error) return mlirLogicalResultSuccess();
  char* message = LLVMGetErrorMessage(error);
  MlirLogicalResult result =
      tenon_error_at(location, "optimising the dispatches failed: %s", message);
  LLVMDisposeErrorMessage(message);
  return result;
}

// Machine code for the module, linked.
static MlirLogicalResult tenon_make_executable(const tenon_ir_t* ir, const tenon_target_t* target,
                                               MlirLocation location,
                                               tenon_bytes_t* out_executable) {
  LLVMMemoryBufferRef object = NULL;
  char* message = NULL;
  if (LLVMTargetMachineEmitToMemoryBuffer(target->machine, ir->module, LLVMObjectFile, &message,
                                          &object)) {
    MlirLogicalResult result =
        tenon_error_at(location, "making machine code for the dispatches failed: %s", message);
    LLVMDisposeMessage(message);
    return result;
  }
  MlirLogicalResult result =
      tenon_link_executable(location, target->triple, LLVMGetBufferStart(object),
                            LLVMGetBufferSize(object), out_executable);
  LLVMDisposeMemoryBuffer(object);
  return result;
}

// The dispatches as LLVM IR, for people.
static char* tenon_ir_text(const tenon_ir_t* ir) {
  char* text = LLVMPrintModuleToString(ir->module);
  char* copy = strdup(text);
  LLVMDisposeMessage(text);
  return copy;
}

static MlirLogicalResult tenon_generate(tenon_program_t* program, MlirOperation dispatches,
                                        const tenon_target_t* target, tenon_dispatch_list_t* list) {
  MlirLocation location = mlirOperationGetLocation(dispatches);
  tenon_ir_t ir = tenon_ir_make(target);
  MlirLogicalResult result = tenon_emit_dispatches(&ir, tenon_first_dispatch(dispatches), list);
  if (mlirLogicalResultIsSuccess(result)) {
    tenon_emit_table(&ir, list->rows, list->count, target->triple, target->required_features);
    result = tenon_optimize(&ir, target, location);
  }
  if (mlirLogicalResultIsSuccess(result)) {
    if (program->options->last_stage == TENON_STAGE_CODEGEN)
      program->dispatch_text = tenon_ir_text(&ir);
    result = tenon_make_executable(&ir, target, location, &program->executable);
  }
  tenon_ir_free(&ir);
  return result;
}

MlirLogicalResult tenon_stage_codegen(tenon_program_t* program) {
  MlirOperation dispatches = tenon_find_dispatches(program->module);
  size_t count = 0;
  for (MlirOperation op = tenon_first_dispatch(dispatches); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op))
    ++count;
  if (!count) return mlirLogicalResultSuccess();

  tenon_target_t target;
  MlirLocation location = mlirOperationGetLocation(mlirModuleGetOperation(program->module));
  if (mlirLogicalResultIsFailure(tenon_target_make(program->options, location, &target)))
    return mlirLogicalResultFailure();
  tenon_dispatch_list_t list = {
      .kernels = tenon_xcalloc(count, sizeof(*list.kernels)),
      .plans = tenon_xcalloc(count, sizeof(*list.plans)),
      .rows = tenon_xcalloc(count, sizeof(*list.rows)),
  };
  MlirLogicalResult result = tenon_generate(program, dispatches, &target, &list);
  for (size_t i = 0; i < count; ++i) tenon_kernel_free(&list.kernels[i]);
  free(list.kernels);
  free(list.plans);
  free(list.rows);
  tenon_target_free(&target);
  return result;
}
