// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/dispatch/outline.h"

#include <stdio.h>
#include <stdlib.h>

#include "compiler/dispatch/function.h"
#include "compiler/program.h"
#include "compiler/support/mlir_util.h"

// A dispatch function that exists, and its text without its name.
typedef struct known_t {
  char* text;
  size_t length;
  MlirOperation function;
} known_t;

typedef struct outliner_t {
  MlirContext context;
  MlirOperation module;
  MlirBlock dispatches;  // the body of the nested module; null until there is one
  struct {
    known_t* data;
    size_t count, capacity;
  } known;
  tenon_map_t functions;  // tenon.dispatch -> its function
} outliner_t;

//===--------------------------------------------------------------------===//
// Equal functions
//===--------------------------------------------------------------------===//

static tenon_text_t print_function(MlirOperation function) {
  tenon_text_t text = {0};
  MlirOpPrintingFlags flags = mlirOpPrintingFlagsCreate();
  mlirOpPrintingFlagsPrintGenericOpForm(flags);
  mlirOpPrintingFlagsUseLocalScope(flags);
  mlirOperationPrintWithFlags(function, flags, tenon_text_callback, &text);
  mlirOpPrintingFlagsDestroy(flags);
  return text;
}

static const known_t* find_known(const outliner_t* outliner, const tenon_text_t* text) {
  for (size_t i = 0; i < outliner->known.count; ++i) {
    const known_t* known = &outliner->known.data[i];
    if (known->length == text->length && memcmp(known->text, text->data, text->length) == 0) {
      return known;
    }
  }
  return NULL;
}

static MlirBlock dispatches_block(outliner_t* outliner) {
  if (!mlirBlockIsNull(outliner->dispatches)) return outliner->dispatches;
  MlirModule module = mlirModuleCreateEmpty(mlirOperationGetLocation(outliner->module));
  MlirOperation op = mlirModuleGetOperation(module);
  mlirOperationSetAttributeByName(op, tenon_str("sym_name"),
                                  tenon_string_attr(outliner->context, TENON_DISPATCHES_NAME));
  mlirBlockAppendOwnedOperation(mlirModuleGetBody(mlirModuleFromOperation(outliner->module)), op);
  outliner->dispatches = mlirModuleGetBody(module);
  return outliner->dispatches;
}

// Takes over |function|; returns the equal one in the nested module.
static MlirOperation add_function(outliner_t* outliner, MlirOperation function,
                                  MlirStringRef host_name, int* number) {
  tenon_text_t text = print_function(function);
  const known_t* known = find_known(outliner, &text);
  if (known) {
    free(text.data);
    mlirOperationDestroy(function);
    return known->function;
  }
  tenon_text_t name = {0};
  tenon_text_append(&name, host_name.data, host_name.length);
  tenon_text_appendf(&name, "_dispatch_%d", (*number)++);
  mlirOperationSetAttributeByName(function, tenon_str("sym_name"),
                                  tenon_string_attr(outliner->context, name.data));
  mlirBlockAppendOwnedOperation(dispatches_block(outliner), function);
  known_t added = {text.data, text.length, function};
  TENON_APPEND(&outliner->known, added);
  free(name.data);
  return function;
}

//===--------------------------------------------------------------------===//
// The host's side
//===--------------------------------------------------------------------===//

static void outline(outliner_t* outliner, const tenon_group_t* group, MlirStringRef host_name,
                    int* number) {
  MlirContext context = outliner->context;
  tenon_dispatch_t dispatch = tenon_build_dispatch(group, &outliner->functions);
  MlirOperation function = add_function(outliner, dispatch.function, host_name, number);
  MlirOperation last = group->members.data[group->members.count - 1];
  const MlirNamedAttribute attributes[] = {
      tenon_attr(context, "callee", mlirFlatSymbolRefAttrGet(context, tenon_symbol_name(function))),
      tenon_attr(context, TENON_UPDATES_ATTRIBUTE, mlirUnitAttrGet(context)),
  };
  tenon_value_list_t operands = {0};
  if (dispatch.updates) TENON_APPEND(&operands, mlirOperationGetOperand(last, 0));
  for (size_t i = 0; i < dispatch.operands.count; ++i) {
    TENON_APPEND(&operands, dispatch.operands.data[i]);
  }
  tenon_type_list_t types = {0};
  for (size_t i = 0; i < dispatch.results.count; ++i) {
    TENON_APPEND(&types, mlirValueGetType(dispatch.results.data[i]));
  }
  MlirOperation call = tenon_insert_op(last, "tenon.dispatch", (intptr_t)types.count, types.data,
                                       (intptr_t)operands.count, operands.data,
                                       dispatch.updates ? 2 : 1, attributes);
  tenon_map_set(&outliner->functions, call.ptr, function.ptr);
  for (size_t i = 0; i < dispatch.results.count; ++i) {
    mlirValueReplaceAllUsesOfWith(dispatch.results.data[i],
                                  mlirOperationGetResult(call, (intptr_t)i));
  }
  for (size_t i = group->members.count; i-- > 0;) mlirOperationDestroy(group->members.data[i]);
  free(types.data);
  free(operands.data);
  tenon_dispatch_free(&dispatch);
}

static bool is_function(MlirOperation op) { return tenon_op_is(op, "func.func"); }

void tenon_outline_dispatches(MlirOperation module) {
  outliner_t outliner = {.context = mlirOperationGetContext(module), .module = module};
  tenon_op_list_t functions = tenon_collect_ops(module, is_function);
  for (size_t i = 0; i < functions.count; ++i) {
    int number = 0;
    tenon_group_list_t groups = tenon_find_groups(functions.data[i]);
    for (size_t j = 0; j < groups.count; ++j) {
      outline(&outliner, &groups.data[j], tenon_symbol_name(functions.data[i]), &number);
    }
    tenon_free_groups(&groups);
  }
  for (size_t i = 0; i < outliner.known.count; ++i) free(outliner.known.data[i].text);
  free(outliner.known.data);
  tenon_map_free(&outliner.functions);
  free(functions.data);
}
