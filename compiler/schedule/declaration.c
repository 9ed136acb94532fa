// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <stdlib.h>

#include "compiler/schedule/schedule.h"

static void print_values(tenon_text_t* text, const char* stem, MlirType function_type,
                         intptr_t count, MlirType (*get)(MlirType, intptr_t)) {
  for (intptr_t i = 0; i < count; ++i) {
    tenon_text_appendf(text, "%s%%%s%d: ", i ? ", " : "", stem, (int)i);
    mlirTypePrint(get(function_type, i), tenon_text_callback, text);
  }
}

MlirAttribute tenon_declaration(MlirContext context, const tenon_function_info_t* info) {
  MlirAttribute written = mlirOperationGetAttributeByName(info->op, tenon_str("tenon.declaration"));
  if (!mlirAttributeIsNull(written)) return written;
  MlirType function_type = info->type;
  MlirAttribute source = mlirOperationGetAttributeByName(info->op, tenon_str("tenon.source_name"));
  MlirStringRef name = mlirAttributeIsNull(source) ? info->name : mlirStringAttrGetValue(source);
  tenon_text_t text = {0};
  tenon_text_appendf(&text, "%s func @%.*s(", info->fenced ? "async" : "sync", (int)name.length,
                     name.data);
  print_values(&text, "input", function_type, mlirFunctionTypeGetNumInputs(function_type),
               mlirFunctionTypeGetInput);
  tenon_text_appendf(&text, ") -> (");
  print_values(&text, "output", function_type, mlirFunctionTypeGetNumResults(function_type),
               mlirFunctionTypeGetResult);
  tenon_text_appendf(&text, ")");
  MlirAttribute attribute = mlirStringAttrGet(context, mlirStringRefCreate(text.data, text.length));
  free(text.data);
  return attribute;
}
