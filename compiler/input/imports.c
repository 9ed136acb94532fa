// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/input/imports.h"

#include <stdlib.h>

#include "compiler/dialects/dialects.h"
#include "compiler/input/ir.h"
#include "compiler/support/mlir_util.h"

#define STR(ref) (int)(ref).length, (ref).data

bool tenon_is_import_name(MlirStringRef name) {
  const char* dot = memchr(name.data, '.', name.length);
  return dot && dot != name.data && dot != name.data + name.length - 1;
}

static bool has_body(MlirOperation function) {
  return !mlirBlockIsNull(mlirRegionGetFirstBlock(mlirOperationGetRegion(function, 0)));
}

static MlirType type_of(MlirOperation function) {
  return mlirTypeAttrGetValue(
      mlirOperationGetAttributeByName(function, tenon_str("function_type")));
}

static bool check_is_import(MlirOperation function, const char* attribute) {
  if (!has_body(function)) return true;
  MlirStringRef name = tenon_symbol_name(function);
  tenon_error(function, "function '%.*s': '%s' is for imports, and this has a body", STR(name),
              attribute);
  return false;
}

//===--------------------------------------------------------------------===//
// vm.signature
//===--------------------------------------------------------------------===//

static bool is_wide(MlirType type) {
  if (mlirTypeIsAIndex(type)) return true;
  return mlirTypeIsAInteger(type) && mlirIntegerTypeGetWidth(type) >= 32;
}

// The name of what a value of |type| is at run time, like "!custom.string".
static void append_name(MlirType type, tenon_text_t* text) {
  if (tenon_type_is_util_buffer(type)) {
    tenon_text_appendf(text, "!vm.buffer");
  } else if (mlirTypeIsATensor(type)) {
    tenon_text_appendf(text, "!hal.buffer_view");
  } else if (tenon_type_is_object(type)) {
    tenon_text_appendf(text, "?");
  } else if (tenon_type_is_list(type)) {
    MlirType element = tenon_list_element_type(type);
    tenon_text_appendf(text, "!vm.list<");
    if (mlirTypeIsNull(element)) {
      tenon_text_appendf(text, "?");
    } else if (mlirTypeIsAIndex(element)) {
      tenon_text_appendf(text, "i64");
    } else {
      append_name(element, text);
    }
    tenon_text_appendf(text, ">");
  } else {
    mlirTypePrint(type, tenon_text_callback, text);
  }
}

// Takes every "!vm.ref<" and its ">" out of the text of a type, which nests as "<" and ">" do.
static void strip_refs(char* text) {
  static const char opening[] = "!vm.ref<";
  const size_t length = sizeof(opening) - 1;
  for (char* start = strstr(text, opening); start; start = strstr(text, opening)) {
    memmove(start, start + length, strlen(start + length) + 1);
    char* end = start;
    for (int depth = 0; *end && (*end != '>' || depth > 0); ++end)
      depth += (*end == '<') - (*end == '>');
    if (*end) memmove(end, end + 1, strlen(end + 1) + 1);
  }
}

// Whether |called| is !vm.ref<NAME> or NAME of |declared|, or says less: of any type, a list of anything.
static bool is_ref_of(MlirType declared, MlirType called) {
  tenon_text_t name = {0}, found = {0};
  append_name(declared, &name);
  mlirTypePrint(called, tenon_text_callback, &found);
  strip_refs(found.data);
  bool matches = strcmp(found.data, name.data) == 0 || strcmp(found.data, "?") == 0 ||
                 (tenon_type_is_list(declared) && strcmp(found.data, "!vm.list<?>") == 0);
  free(name.data);
  free(found.data);
  return matches;
}

bool tenon_import_type_matches(MlirType declared, MlirType called) {
  if (mlirTypeIsATensor(declared) || tenon_type_is_ref(declared)) {
    return is_ref_of(declared, called);
  }
  if (mlirTypeEqual(declared, called)) return true;
  if (!mlirTypeIsAInteger(called) || !mlirIntegerTypeIsSignless(called)) return false;
  unsigned width = mlirIntegerTypeGetWidth(called);
  if (is_wide(declared)) return width == 32 || width == 64;
  return mlirTypeIsAInteger(declared) && width == 32;
}

static bool refuse_type(MlirOperation function, const char* what, intptr_t index, MlirType declared,
                        MlirType called) {
  MlirStringRef name = tenon_symbol_name(function);
  tenon_text_t found = {0}, expected = {0};
  mlirTypePrint(called, tenon_text_callback, &found);
  if (mlirTypeIsATensor(declared) || tenon_type_is_ref(declared)) {
    tenon_text_appendf(&expected, "!vm.ref<");
    append_name(declared, &expected);
    tenon_text_appendf(&expected, ">");
  } else if (is_wide(declared)) {
    tenon_text_appendf(&expected, "i32 or i64");
  } else if (mlirTypeIsAInteger(declared)) {
    tenon_text_appendf(&expected, "i32");
  } else {
    mlirTypePrint(declared, tenon_text_callback, &expected);
  }
  tenon_error(function, "the import '%.*s': %s %d of vm.signature is %s, expected %s", STR(name),
              what, (int)index, found.data, expected.data);
  free(found.data);
  free(expected.data);
  return false;
}

static bool check_types(MlirOperation function, MlirType declared, MlirType called) {
  for (intptr_t i = 0; i < mlirFunctionTypeGetNumInputs(declared); ++i) {
    MlirType a = mlirFunctionTypeGetInput(declared, i), b = mlirFunctionTypeGetInput(called, i);
    if (!tenon_import_type_matches(a, b)) return refuse_type(function, "argument", i, a, b);
  }
  for (intptr_t i = 0; i < mlirFunctionTypeGetNumResults(declared); ++i) {
    MlirType a = mlirFunctionTypeGetResult(declared, i), b = mlirFunctionTypeGetResult(called, i);
    if (!tenon_import_type_matches(a, b)) return refuse_type(function, "result", i, a, b);
  }
  return true;
}

static bool has_fences(MlirOperation function) {
  MlirAttribute model = mlirOperationGetAttributeByName(function, tenon_str("iree.abi.model"));
  return !mlirAttributeIsNull(model) && mlirAttributeIsAString(model) &&
         tenon_str_equal(mlirStringAttrGetValue(model), "coarse-fences");
}

bool tenon_check_import_signature(MlirOperation function, MlirAttribute signature) {
  if (!check_is_import(function, "vm.signature")) return false;
  MlirStringRef name = tenon_symbol_name(function);
  if (!mlirAttributeIsAType(signature) || !mlirTypeIsAFunction(mlirTypeAttrGetValue(signature))) {
    tenon_error(function,
                "the import '%.*s': vm.signature must be a type of functions, like "
                "(!vm.ref<!custom.string>) -> i64",
                STR(name));
    return false;
  }
  if (has_fences(function)) {
    tenon_error(function,
                "the import '%.*s': vm.signature is not supported of a function with fences",
                STR(name));
    return false;
  }
  MlirType declared = type_of(function), called = mlirTypeAttrGetValue(signature);
  intptr_t inputs = mlirFunctionTypeGetNumInputs(declared);
  intptr_t results = mlirFunctionTypeGetNumResults(declared);
  if (mlirFunctionTypeGetNumInputs(called) == inputs &&
      mlirFunctionTypeGetNumResults(called) == results) {
    return check_types(function, declared, called);
  }
  tenon_error(function,
              "the import '%.*s': vm.signature has %d arguments and %d results, expected %d and %d",
              STR(name), (int)mlirFunctionTypeGetNumInputs(called),
              (int)mlirFunctionTypeGetNumResults(called), (int)inputs, (int)results);
  return false;
}

//===--------------------------------------------------------------------===//
// vm.fallback
//===--------------------------------------------------------------------===//

// The function beside |op|, or in the module around it, that |symbol| names; null when there is none.
static MlirOperation find_function(MlirOperation op, MlirAttribute symbol) {
  return tenon_find_in_module(op, "func.func", mlirFlatSymbolRefAttrGetValue(symbol));
}

bool tenon_check_import_fallback(MlirOperation function, MlirAttribute fallback) {
  if (!check_is_import(function, "vm.fallback")) return false;
  MlirStringRef name = tenon_symbol_name(function);
  if (!mlirAttributeIsAFlatSymbolRef(fallback)) {
    tenon_error(function, "the import '%.*s': vm.fallback must name a function, like @name",
                STR(name));
    return false;
  }
  MlirStringRef target = mlirFlatSymbolRefAttrGetValue(fallback);
  MlirOperation found = find_function(function, fallback);
  if (mlirOperationIsNull(found) || !has_body(found)) {
    tenon_error(function, "the import '%.*s': vm.fallback names @%.*s, which %s", STR(name),
                STR(target),
                mlirOperationIsNull(found) ? "is no function of the program" : "has no body");
    return false;
  }
  if (mlirTypeEqual(type_of(function), type_of(found))) return true;
  tenon_text_t actual = {0}, expected = {0};
  mlirTypePrint(type_of(found), tenon_text_callback, &actual);
  mlirTypePrint(type_of(function), tenon_text_callback, &expected);
  tenon_error(function, "the import '%.*s': its fallback @%.*s is of type %s, expected %s",
              STR(name), STR(target), actual.data, expected.data);
  free(actual.data);
  free(expected.data);
  return false;
}

// A region that calls |callee| as |call| does and yields its results.
static MlirRegion make_branch(MlirOperation call, MlirAttribute callee) {
  MlirOperation clone = mlirOperationClone(call);
  mlirOperationSetAttributeByName(clone, tenon_str("callee"), callee);
  intptr_t count = mlirOperationGetNumResults(clone);
  MlirOperationState state =
      mlirOperationStateGet(tenon_str("scf.yield"), mlirOperationGetLocation(call));
  for (intptr_t i = 0; i < count; ++i) {
    MlirValue result = mlirOperationGetResult(clone, i);
    mlirOperationStateAddOperands(&state, 1, &result);
  }
  MlirBlock block = mlirBlockCreate(0, NULL, NULL);
  mlirBlockAppendOwnedOperation(block, clone);
  mlirBlockAppendOwnedOperation(block, mlirOperationCreate(&state));
  MlirRegion region = mlirRegionCreate();
  mlirRegionAppendOwnedBlock(region, block);
  return region;
}

void tenon_lower_optional_call(MlirOperation call) {
  MlirAttribute callee = mlirOperationGetAttributeByName(call, tenon_str("callee"));
  MlirOperation import = find_function(call, callee);
  if (mlirOperationIsNull(import)) return;
  MlirAttribute fallback = mlirOperationGetAttributeByName(import, tenon_str("vm.fallback"));
  if (mlirAttributeIsNull(fallback)) return;
  MlirContext context = mlirOperationGetContext(call);
  MlirType bit = mlirIntegerTypeGet(context, 1);
  MlirNamedAttribute attribute = tenon_attr(context, "callee", callee);
  MlirOperation exists =
      tenon_insert_op(call, "tenon.import_exists", 1, &bit, 0, NULL, 1, &attribute);
  MlirValue condition = mlirOperationGetResult(exists, 0);
  MlirRegion regions[] = {make_branch(call, callee), make_branch(call, fallback)};
  MlirOperationState state =
      mlirOperationStateGet(tenon_str("scf.if"), mlirOperationGetLocation(call));
  mlirOperationStateAddOperands(&state, 1, &condition);
  intptr_t count = mlirOperationGetNumResults(call);
  for (intptr_t i = 0; i < count; ++i) {
    MlirType type = mlirValueGetType(mlirOperationGetResult(call, i));
    mlirOperationStateAddResults(&state, 1, &type);
  }
  mlirOperationStateAddOwnedRegions(&state, 2, regions);
  MlirOperation choice = mlirOperationCreate(&state);
  mlirBlockInsertOwnedOperationBefore(mlirOperationGetBlock(call), call, choice);
  tenon_replace_op(call, choice, 0);
}
