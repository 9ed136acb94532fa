// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/support/mlir_util.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "mlir-c/Pass.h"

MlirStringRef tenon_op_name(MlirOperation op) {
  return mlirIdentifierStr(mlirOperationGetName(op));
}

bool tenon_op_is(MlirOperation op, const char* name) {
  return tenon_str_equal(tenon_op_name(op), name);
}

MlirLogicalResult tenon_error_at(MlirLocation location, const char* format, ...) {
  char message[2048];
  va_list args;
  va_start(args, format);
  vsnprintf(message, sizeof(message), format, args);
  va_end(args);
  mlirEmitError(location, message);
  return mlirLogicalResultFailure();
}

MlirNamedAttribute tenon_attr(MlirContext context, const char* name, MlirAttribute value) {
  return mlirNamedAttributeGet(mlirIdentifierGet(context, tenon_str(name)), value);
}

MlirAttribute tenon_string_attr(MlirContext context, const char* text) {
  return mlirStringAttrGet(context, tenon_str(text));
}

MlirOperation tenon_build_op(const char* name, MlirLocation location, intptr_t result_count,
                             const MlirType* results, intptr_t operand_count,
                             const MlirValue* operands, intptr_t attribute_count,
                             const MlirNamedAttribute* attributes) {
  MlirOperationState state = mlirOperationStateGet(tenon_str(name), location);
  mlirOperationStateAddResults(&state, result_count, results);
  mlirOperationStateAddOperands(&state, operand_count, operands);
  mlirOperationStateAddAttributes(&state, attribute_count, attributes);
  return mlirOperationCreate(&state);
}

MlirStringRef tenon_symbol_name(MlirOperation op) {
  MlirAttribute name = mlirOperationGetAttributeByName(op, tenon_str("sym_name"));
  return mlirAttributeIsNull(name) ? mlirStringRefCreate("", 0) : mlirStringAttrGetValue(name);
}

bool tenon_resolve_location(MlirLocation location, tenon_position_t* out_position) {
  if (mlirLocationIsAFileLineColRange(location)) {
    out_position->file = mlirIdentifierStr(mlirLocationFileLineColRangeGetFilename(location));
    out_position->line = mlirLocationFileLineColRangeGetStartLine(location);
    out_position->column = mlirLocationFileLineColRangeGetStartColumn(location);
    out_position->context = mlirStringRefCreate("", 0);
    return true;
  }
  if (mlirLocationIsAName(location)) {
    bool found = tenon_resolve_location(mlirLocationNameGetChildLoc(location), out_position);
    if (found) out_position->context = mlirIdentifierStr(mlirLocationNameGetName(location));
    return found;
  }
  if (mlirLocationIsACallSite(location)) {
    return tenon_resolve_location(mlirLocationCallSiteGetCallee(location), out_position) ||
           tenon_resolve_location(mlirLocationCallSiteGetCaller(location), out_position);
  }
  if (mlirLocationIsAFused(location)) {
    unsigned count = mlirLocationFusedGetNumLocations(location);
    MlirLocation* parts = calloc(count ? count : 1, sizeof(*parts));
    bool found = false;
    if (parts) mlirLocationFusedGetLocations(location, parts);
    for (unsigned i = 0; parts && i < count && !found; ++i)
      found = tenon_resolve_location(parts[i], out_position);
    free(parts);
    return found;
  }
  return false;
}

void tenon_text_append(tenon_text_t* text, const char* data, size_t length) {
  if (text->length + length + 1 > text->capacity) {
    size_t capacity = (text->length + length + 1) * 2;
    char* grown = realloc(text->data, capacity);
    if (!grown) {
      fputs("iree-compile: error: out of memory\n", stderr);
      exit(1);
    }
    text->data = grown;
    text->capacity = capacity;
  }
  memcpy(text->data + text->length, data, length);
  text->length += length;
  text->data[text->length] = 0;
}

void tenon_text_appendf(tenon_text_t* text, const char* format, ...) {
  char* part = NULL;
  va_list args;
  va_start(args, format);
  int length = vasprintf(&part, format, args);
  va_end(args);
  if (length >= 0) tenon_text_append(text, part, (size_t)length);
  if (length >= 0) free(part);
}

void tenon_text_callback(MlirStringRef part, void* text) {
  tenon_text_append(text, part.data, part.length);
}

static void print_error(MlirStringRef part, void* user_data) {
  tenon_text_callback(part, user_data);
}

MlirLogicalResult tenon_run_passes(tenon_program_t* program, MlirOperation op,
                                   const char* pipeline) {
  MlirPassManager manager = mlirPassManagerCreateOnOperation(
      program->context, mlirIdentifierStr(mlirOperationGetName(op)));
  tenon_text_t error = {0};
  MlirLogicalResult result = mlirParsePassPipeline(mlirPassManagerGetAsOpPassManager(manager),
                                                   tenon_str(pipeline), print_error, &error);
  if (mlirLogicalResultIsFailure(result)) {
    tenon_error(op, "internal error in the pass pipeline '%s': %s", pipeline,
                error.data ? error.data : "");
  } else {
    if (program->options->print_ir_after_all) {
      MlirOpPrintingFlags flags = mlirOpPrintingFlagsCreate();
      mlirPassManagerEnableIRPrinting(manager, /*printBeforeAll=*/false, /*printAfterAll=*/true,
                                      /*printModuleScope=*/false, /*printAfterOnlyOnChange=*/false,
                                      /*printAfterOnlyOnFailure=*/false, flags,
                                      /*treePrintingPath=*/mlirStringRefCreate(NULL, 0));
      mlirOpPrintingFlagsDestroy(flags);
    }
    result = mlirPassManagerRunOnOp(manager, op);
  }
  free(error.data);
  mlirPassManagerDestroy(manager);
  return result;
}
