// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/schedule/schedule.h"

#include <stdlib.h>

#include "compiler/dialects/dialects.h"
#include "compiler/schedule/exclusive.h"
#include "compiler/schedule/globals.h"
#include "compiler/schedule/origins.h"
#include "compiler/schedule/slab.h"
#include "compiler/schedule/split.h"
#include "compiler/schedule/turns.h"

bool tenon_is_tensor(MlirType type) { return mlirTypeIsATensor(type); }

tenon_function_info_t* tenon_schedule_find(tenon_schedule_t* schedule, MlirAttribute symbol) {
  MlirOperation op =
      mlirSymbolTableLookup(schedule->host_symbols, mlirFlatSymbolRefAttrGetValue(symbol));
  if (mlirOperationIsNull(op)) return NULL;
  size_t index = (size_t)tenon_map_get(&schedule->function_indices, op.ptr);
  return index ? &schedule->functions.data[index - 1] : NULL;
}

//===----------------------------------------------------------------------===//
// Finding the functions
//===----------------------------------------------------------------------===//

static MlirLogicalResult refuse_unranked(MlirOperation op, MlirType type) {
  if (!mlirTypeIsAUnrankedTensor(type)) return mlirLogicalResultSuccess();
  return tenon_error(op,
                     "tensors without a rank are not supported; give every tensor a shape, "
                     "with '?' for sizes that are not known");
}

static MlirLogicalResult check_signature(MlirOperation op, MlirType type) {
  for (intptr_t i = 0; i < mlirFunctionTypeGetNumInputs(type); ++i) {
    MlirLogicalResult status = refuse_unranked(op, mlirFunctionTypeGetInput(type, i));
    if (mlirLogicalResultIsFailure(status)) return status;
  }
  for (intptr_t i = 0; i < mlirFunctionTypeGetNumResults(type); ++i) {
    MlirLogicalResult status = refuse_unranked(op, mlirFunctionTypeGetResult(type, i));
    if (mlirLogicalResultIsFailure(status)) return status;
  }
  return mlirLogicalResultSuccess();
}

static bool is_public(MlirOperation op) {
  MlirAttribute visibility = mlirOperationGetAttributeByName(op, tenon_str("sym_visibility"));
  return mlirAttributeIsNull(visibility) ||
         tenon_str_equal(mlirStringAttrGetValue(visibility), "public");
}

// Whether |op| asks for "coarse-fences", or the execution model does for an export that asks for nothing.
static bool is_fenced(tenon_schedule_t* schedule, MlirOperation op, tenon_function_kind_t kind) {
  MlirAttribute model = mlirOperationGetAttributeByName(op, tenon_str("iree.abi.model"));
  if (!mlirAttributeIsNull(model)) {
    return tenon_str_equal(mlirStringAttrGetValue(model), "coarse-fences");
  }
  return kind == TENON_FUNCTION_EXPORT &&
         schedule->program->options->execution_model == TENON_MODEL_ASYNC_EXTERNAL;
}

static MlirLogicalResult add_function(tenon_schedule_t* schedule, MlirOperation op) {
  tenon_function_info_t info = {.op = op, .name = tenon_symbol_name(op)};
  info.internal = info.name;
  info.type = mlirTypeAttrGetValue(mlirOperationGetAttributeByName(op, tenon_str("function_type")));
  bool has_body = !mlirBlockIsNull(mlirRegionGetFirstBlock(mlirOperationGetFirstRegion(op)));
  info.kind = !has_body       ? TENON_FUNCTION_IMPORT
              : is_public(op) ? TENON_FUNCTION_EXPORT
                              : TENON_FUNCTION_INTERNAL;
  info.fenced = is_fenced(schedule, op, info.kind);
  info.nosideeffects =
      !mlirAttributeIsNull(mlirOperationGetAttributeByName(op, tenon_str("nosideeffects")));
  schedule->asynchronous |= info.fenced;
  if (!has_body && !memchr(info.name.data, '.', info.name.length)) {
    return tenon_error(op,
                       "'%.*s' has no body: an import must be named module.function after the "
                       "module that provides it",
                       (int)info.name.length, info.name.data);
  }
  TENON_APPEND(&schedule->functions, info);
  tenon_map_set(&schedule->function_indices, op.ptr, (void*)schedule->functions.count);
  return check_signature(op, info.type);
}

static void find_dispatches(tenon_schedule_t* schedule, MlirOperation module) {
  schedule->dispatches = module;
  schedule->dispatch_symbols = mlirSymbolTableCreate(module);
  MlirBlock body = mlirRegionGetFirstBlock(mlirOperationGetFirstRegion(module));
  intptr_t ordinal = 0;
  MlirOperation op = mlirBlockGetFirstOperation(body);
  for (; !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    if (!tenon_op_is(op, "func.func")) continue;
    tenon_map_set(&schedule->dispatch_ordinals, op.ptr, (void*)++ordinal);
  }
}

static MlirLogicalResult find_functions(tenon_schedule_t* schedule) {
  MlirOperation op = mlirBlockGetFirstOperation(mlirModuleGetBody(schedule->program->module));
  for (; !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    MlirLogicalResult status = mlirLogicalResultSuccess();
    if (tenon_op_is(op, "func.func")) {
      status = add_function(schedule, op);
    } else if (tenon_op_is(op, "builtin.module") &&
               tenon_str_equal(tenon_symbol_name(op), TENON_DISPATCHES_NAME)) {
      find_dispatches(schedule, op);
    } else if (!tenon_op_is(op, "util.global")) {
      MlirStringRef name = tenon_op_name(op);
      status = tenon_error(op, "'%.*s' is not supported beside functions and globals",
                           (int)name.length, name.data);
    }
    if (mlirLogicalResultIsFailure(status)) return status;
  }
  return mlirLogicalResultSuccess();
}

static MlirWalkResult note_call(MlirOperation op, void* user_data) {
  if (tenon_op_is(op, "func.call")) {
    tenon_function_info_t* callee =
        tenon_schedule_find(user_data, mlirOperationGetAttributeByName(op, tenon_str("callee")));
    if (callee) callee->called = true;
  }
  return MlirWalkResultAdvance;
}

MlirStringRef tenon_unused_name(tenon_schedule_t* schedule, MlirStringRef stem,
                                const char* ending) {
  tenon_text_t text = {0};
  tenon_text_appendf(&text, "%.*s$%s", (int)stem.length, stem.data, ending);
  while (!mlirOperationIsNull(
      mlirSymbolTableLookup(schedule->host_symbols, mlirStringRefCreate(text.data, text.length)))) {
    tenon_text_appendf(&text, "$");
  }
  MlirIdentifier identifier =
      mlirIdentifierGet(schedule->context, mlirStringRefCreate(text.data, text.length));
  free(text.data);
  return mlirIdentifierStr(identifier);
}

static void find_calls(tenon_schedule_t* schedule) {
  mlirOperationWalk(mlirModuleGetOperation(schedule->program->module), note_call, schedule,
                    MlirWalkPreOrder);
  for (size_t i = 0; i < schedule->functions.count; ++i) {
    tenon_function_info_t* info = &schedule->functions.data[i];
    if (info->kind == TENON_FUNCTION_EXPORT && info->called) {
      info->internal = tenon_unused_name(schedule, info->name, "internal");
    }
  }
}

//===----------------------------------------------------------------------===//
// The stage
//===----------------------------------------------------------------------===//

static void mark_asynchronous(tenon_schedule_t* schedule) {
  mlirOperationSetDiscardableAttributeByName(mlirModuleGetOperation(schedule->program->module),
                                             tenon_str("tenon.asynchronous"),
                                             mlirUnitAttrGet(schedule->context));
}

static MlirLogicalResult convert_functions(tenon_schedule_t* schedule) {
  MlirLogicalResult status = mlirLogicalResultSuccess();
  for (size_t i = 0; i < schedule->functions.count; ++i) {
    if (mlirLogicalResultIsFailure(
            tenon_convert_function(schedule, &schedule->functions.data[i]))) {
      status = mlirLogicalResultFailure();
    }
  }
  if (mlirLogicalResultIsFailure(status)) return status;
  for (size_t i = 0; i < schedule->functions.count; ++i) {
    mlirOperationDestroy(schedule->functions.data[i].op);
  }
  tenon_finish_tensor_globals(schedule);
  tenon_pack_transients(schedule);
  return mlirLogicalResultSuccess();
}

static tenon_schedule_t begin(tenon_program_t* program) {
  MlirContext context = program->context;
  return (tenon_schedule_t){
      .program = program,
      .context = context,
      .buffer_type = tenon_buffer_type(context),
      .view_type = tenon_view_type(context),
      .timepoint_type = tenon_timepoint_type(context),
      .fence_type = tenon_fence_type(context),
      .index_type = mlirIndexTypeGet(context),
      .asynchronous = program->options->execution_model == TENON_MODEL_ASYNC_EXTERNAL,
      .host_symbols = mlirSymbolTableCreate(mlirModuleGetOperation(program->module)),
  };
}

static void end(tenon_schedule_t* schedule) {
  for (size_t i = 0; i < schedule->functions.count; ++i) {
    tenon_origins_free(schedule->functions.data[i].origins);
  }
  free(schedule->functions.data);
  tenon_map_free(&schedule->function_indices);
  tenon_map_free(&schedule->changed_globals);
  tenon_map_free(&schedule->tensor_globals);
  tenon_map_free(&schedule->copied_stores);
  tenon_map_free(&schedule->dispatch_ordinals);
  mlirSymbolTableDestroy(schedule->host_symbols);
  if (!mlirOperationIsNull(schedule->dispatches)) {
    mlirSymbolTableDestroy(schedule->dispatch_symbols);
  }
  tenon_arena_free(&schedule->arena);
}

MlirLogicalResult tenon_stage_schedule(tenon_program_t* program) {
  tenon_schedule_t schedule = begin(program);
  MlirLogicalResult status = find_functions(&schedule);
  if (mlirLogicalResultIsSuccess(status)) {
    find_calls(&schedule);
    tenon_find_stateful(&schedule);
    tenon_add_tensor_globals(&schedule);
    status = tenon_origins_analyse(&schedule);
  }
  if (mlirLogicalResultIsSuccess(status)) {
    tenon_find_exclusive_globals(&schedule);
    if (schedule.asynchronous) {
      mark_asynchronous(&schedule);
      tenon_find_waits(&schedule);
    }
    status = convert_functions(&schedule);
  }
  end(&schedule);
  if (mlirLogicalResultIsFailure(status)) return status;
  return tenon_verify_ops(mlirModuleGetOperation(program->module));
}
