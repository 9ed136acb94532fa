// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/input/vm_imports.h"

#include <stdlib.h>

#include "compiler/dialects/dialects.h"
#include "compiler/input/imports.h"
#include "compiler/input/ir.h"
#include "compiler/support/mlir_util.h"

#define STR(ref) (int)(ref).length, (ref).data

static MlirAttribute attribute_of(MlirOperation op, const char* name) {
  return mlirOperationGetAttributeByName(op, tenon_str(name));
}

static bool has_attribute(MlirOperation op, const char* name) {
  return !mlirAttributeIsNull(attribute_of(op, name));
}

//===--------------------------------------------------------------------===//
// Imports
//===--------------------------------------------------------------------===//

static MlirType import_type(MlirOperation import) {
  return mlirTypeAttrGetValue(attribute_of(import, "function_type"));
}

static bool is_span(MlirOperation import, intptr_t argument) {
  MlirAttribute array = attribute_of(import, "arg_attrs");
  if (mlirAttributeIsNull(array) || argument >= mlirArrayAttrGetNumElements(array)) return false;
  MlirAttribute dictionary = mlirArrayAttrGetElement(array, argument);
  return mlirAttributeIsADictionary(dictionary) &&
         !mlirAttributeIsNull(
             mlirDictionaryAttrGetElementByName(dictionary, tenon_str("vm.variadic")));
}

// The letter of |type| in calling conventions; 0 if it can't be passed.
static char letter_of(MlirType type) {
  if (mlirTypeIsAIndex(type)) return 'I';
  if (mlirTypeIsAF32(type)) return 'f';
  if (mlirTypeIsAF64(type)) return 'F';
  if (mlirTypeIsAInteger(type) && mlirIntegerTypeIsSignless(type)) {
    unsigned width = mlirIntegerTypeGetWidth(type);
    if (width == 64) return 'I';
    return width == 1 || width == 8 || width == 16 || width == 32 ? 'i' : 0;
  }
  return tenon_type_is_ref(type) || tenon_type_is_vm(type) ? 'r' : 0;
}

// The types of one item of an argument: of a tuple its elements.
static intptr_t item_count(MlirType type) {
  return mlirTypeIsATuple(type) ? mlirTupleTypeGetNumTypes(type) : 1;
}
static MlirType item_type(MlirType type, intptr_t index) {
  return mlirTypeIsATuple(type) ? mlirTupleTypeGetType(type, index) : type;
}

static bool check_passed(MlirOperation import, MlirType type) {
  if (letter_of(type)) return true;
  MlirStringRef name = tenon_symbol_name(import);
  tenon_text_t text = {0};
  mlirTypePrint(type, tenon_text_callback, &text);
  tenon_error(import,
              "the import '%.*s': type %s is not supported in 'vm.import': expected i1, i8, i16, "
              "i32, i64, f32, f64, index or a reference%s",
              STR(name), text.data,
              mlirTypeIsATensor(type) ? " (an import of tensors is declared with func.func)"
              : mlirTypeIsATuple(type)
                  ? " (tuples are for spans: `tuple<...> ...`, of at least one value each)"
                  : "");
  free(text.data);
  return false;
}

static bool check_import(MlirOperation import) {
  MlirStringRef name = tenon_symbol_name(import);
  if (!tenon_is_import_name(name)) {
    tenon_error(import,
                "'vm.import': '%.*s' is not the name of an import: these are named module.function",
                STR(name));
    return false;
  }
  MlirType type = import_type(import);
  for (intptr_t i = 0; i < mlirFunctionTypeGetNumInputs(type); ++i) {
    MlirType input = mlirFunctionTypeGetInput(type, i);
    bool tuples = is_span(import, i) && mlirTypeIsATuple(input) && item_count(input) > 0;
    for (intptr_t j = 0; j < (tuples ? item_count(input) : 1); ++j) {
      if (!check_passed(import, tuples ? item_type(input, j) : input)) return false;
    }
  }
  for (intptr_t i = 0; i < mlirFunctionTypeGetNumResults(type); ++i) {
    if (!check_passed(import, mlirFunctionTypeGetResult(type, i))) return false;
  }
  return true;
}

// "0fCiD_i"
static tenon_text_t convention_of(MlirOperation import) {
  tenon_text_t text = {0};
  MlirType type = import_type(import);
  intptr_t input_count = mlirFunctionTypeGetNumInputs(type);
  intptr_t result_count = mlirFunctionTypeGetNumResults(type);
  tenon_text_append(&text, "0", 1);
  for (intptr_t i = 0; i < input_count; ++i) {
    MlirType input = mlirFunctionTypeGetInput(type, i);
    if (is_span(import, i)) tenon_text_append(&text, "C", 1);
    for (intptr_t j = 0; j < item_count(input); ++j) {
      char letter = letter_of(item_type(input, j));
      tenon_text_append(&text, &letter, 1);
    }
    if (is_span(import, i)) tenon_text_append(&text, "D", 1);
  }
  if (input_count == 0) tenon_text_append(&text, "v", 1);
  tenon_text_append(&text, "_", 1);
  for (intptr_t i = 0; i < result_count; ++i) {
    char letter = letter_of(mlirFunctionTypeGetResult(type, i));
    tenon_text_append(&text, &letter, 1);
  }
  if (result_count == 0) tenon_text_append(&text, "v", 1);
  return text;
}

// "sync func @custom.sum(%input0: f32, %input1: i32 ...) -> (%output0: i32)"
static tenon_text_t declaration_of(MlirOperation import) {
  tenon_text_t text = {0};
  MlirType type = import_type(import);
  MlirStringRef name = tenon_symbol_name(import);
  tenon_text_appendf(&text, "sync func @%.*s(", STR(name));
  for (intptr_t i = 0; i < mlirFunctionTypeGetNumInputs(type); ++i) {
    tenon_text_appendf(&text, "%s%%input%d: ", i ? ", " : "", (int)i);
    mlirTypePrint(mlirFunctionTypeGetInput(type, i), tenon_text_callback, &text);
    if (is_span(import, i)) tenon_text_appendf(&text, " ...");
  }
  tenon_text_appendf(&text, ") -> (");
  for (intptr_t i = 0; i < mlirFunctionTypeGetNumResults(type); ++i) {
    tenon_text_appendf(&text, "%s%%output%d: ", i ? ", " : "", (int)i);
    mlirTypePrint(mlirFunctionTypeGetResult(type, i), tenon_text_callback, &text);
  }
  tenon_text_appendf(&text, ")");
  return text;
}

//===--------------------------------------------------------------------===//
// Calls
//===--------------------------------------------------------------------===//

// The segments of a call: those of vm.call.variadic are written down, those of vm.call are values.
static intptr_t segment_count(MlirOperation call) {
  MlirAttribute sizes = attribute_of(call, "segment_sizes");
  return mlirAttributeIsNull(sizes) ? mlirOperationGetNumOperands(call)
                                    : mlirDenseArrayGetNumElements(sizes);
}
static int32_t segment_size(MlirOperation call, intptr_t segment) {
  MlirAttribute sizes = attribute_of(call, "segment_sizes");
  return mlirAttributeIsNull(sizes) ? -1 : mlirDenseI32ArrayGetElement(sizes, segment);
}
static MlirType segment_type(MlirOperation call, intptr_t segment) {
  MlirAttribute types = attribute_of(call, "segment_types");
  return mlirAttributeIsNull(types) ? mlirValueGetType(mlirOperationGetOperand(call, segment))
                                    : mlirTypeAttrGetValue(mlirArrayAttrGetElement(types, segment));
}

static bool refuse_call_type(MlirOperation call, const char* what, intptr_t index, MlirType found,
                             MlirType expected) {
  MlirStringRef name = tenon_op_name(call);
  tenon_text_t found_text = {0}, expected_text = {0};
  mlirTypePrint(found, tenon_text_callback, &found_text);
  mlirTypePrint(expected, tenon_text_callback, &expected_text);
  tenon_error(call, "'%.*s': %s %d is %s, but the import has %s", STR(name), what, (int)index,
              found_text.data, expected_text.data);
  free(found_text.data);
  free(expected_text.data);
  return false;
}

// An import may name a type as programs have it, or as it is at run time.
static bool type_matches(MlirType found, MlirType expected) {
  return mlirTypeEqual(found, expected) || tenon_import_type_matches(found, expected);
}

static bool segment_matches(MlirType found, MlirType expected) {
  if (mlirTypeIsATuple(found) != mlirTypeIsATuple(expected)) return false;
  if (item_count(found) != item_count(expected)) return false;
  for (intptr_t i = 0; i < item_count(found); ++i) {
    if (!type_matches(item_type(found, i), item_type(expected, i))) return false;
  }
  return true;
}

static bool check_segments(MlirOperation call, MlirOperation import) {
  MlirStringRef name = tenon_op_name(call), callee = tenon_symbol_name(import);
  MlirType type = import_type(import);
  intptr_t count = mlirFunctionTypeGetNumInputs(type);
  if (segment_count(call) != count) {
    tenon_error(call, "'%.*s': %d arguments, but the import '%.*s' has %d", STR(name),
                (int)segment_count(call), STR(callee), (int)count);
    return false;
  }
  for (intptr_t i = 0; i < count; ++i) {
    MlirType expected = mlirFunctionTypeGetInput(type, i);
    if (is_span(import, i) != (segment_size(call, i) >= 0)) {
      tenon_error(call, "'%.*s': argument %d is %s, but that of the import '%.*s' is %s", STR(name),
                  (int)i, is_span(import, i) ? "one value" : "a span", STR(callee),
                  is_span(import, i) ? "a span: use 'vm.call.variadic' with [...]" : "one value");
      return false;
    }
    if (!segment_matches(segment_type(call, i), expected)) {
      return refuse_call_type(call, "argument", i, segment_type(call, i), expected);
    }
  }
  return true;
}

static bool check_results(MlirOperation call, MlirOperation import) {
  MlirType type = import_type(import);
  intptr_t count = mlirOperationGetNumResults(call);
  if (count != mlirFunctionTypeGetNumResults(type)) {
    MlirStringRef name = tenon_op_name(call), callee = tenon_symbol_name(import);
    tenon_error(call, "'%.*s': %d results, but the import '%.*s' has %d", STR(name), (int)count,
                STR(callee), (int)mlirFunctionTypeGetNumResults(type));
    return false;
  }
  for (intptr_t i = 0; i < count; ++i) {
    MlirType found = mlirValueGetType(mlirOperationGetResult(call, i));
    MlirType expected = mlirFunctionTypeGetResult(type, i);
    if (!type_matches(found, expected)) {
      return refuse_call_type(call, "result", i, found, expected);
    }
  }
  return true;
}

// The vm.import that |op| names; null when there is none.
static MlirOperation find_import(MlirOperation op) {
  const char* attribute = tenon_op_is(op, "vm.import.resolved") ? "import" : "callee";
  MlirStringRef name = mlirFlatSymbolRefAttrGetValue(attribute_of(op, attribute));
  return tenon_find_in_module(op, "vm.import", name);
}

bool tenon_check_vm_op(MlirOperation op) {
  if (tenon_op_is(op, "vm.import")) return check_import(op);
  MlirOperation import = find_import(op);
  if (mlirOperationIsNull(import)) {
    MlirStringRef name = tenon_op_name(op);
    tenon_error(op, "'%.*s' names no 'vm.import' of the program", STR(name));
    return false;
  }
  if (tenon_op_is(op, "vm.import.resolved")) return true;
  return check_segments(op, import) && check_results(op, import);
}

//===--------------------------------------------------------------------===//
// Lowering
//===--------------------------------------------------------------------===//

typedef struct type_list_t {
  MlirType* data;
  size_t count, capacity;
} type_list_t;

static MlirType flat_type(MlirContext context, const type_list_t* inputs, MlirOperation import) {
  type_list_t results = {0};
  MlirType type = import_type(import);
  for (intptr_t i = 0; i < mlirFunctionTypeGetNumResults(type); ++i) {
    TENON_APPEND(&results, mlirFunctionTypeGetResult(type, i));
  }
  MlirType flat = mlirFunctionTypeGet(context, (intptr_t)inputs->count, inputs->data,
                                      (intptr_t)results.count, results.data);
  free(results.data);
  return flat;
}

// The import's types with as many of each span's as |sizes| say.
static MlirType flat_signature(MlirOperation import, const int32_t* sizes) {
  type_list_t inputs = {0};
  MlirType type = import_type(import);
  for (intptr_t i = 0; i < mlirFunctionTypeGetNumInputs(type); ++i) {
    MlirType input = mlirFunctionTypeGetInput(type, i);
    if (sizes[i] < 0) TENON_APPEND(&inputs, input);
    for (int32_t j = 0; j < sizes[i]; ++j) {
      for (intptr_t k = 0; k < item_count(input); ++k) TENON_APPEND(&inputs, item_type(input, k));
    }
  }
  MlirType flat = flat_type(mlirOperationGetContext(import), &inputs, import);
  free(inputs.data);
  return flat;
}

// Of each span the number of the flat argument before which it begins, and how many values or tuples
// it has.
static MlirAttribute spans_of(MlirOperation import, const int32_t* sizes) {
  MlirType type = import_type(import);
  intptr_t input_count = mlirFunctionTypeGetNumInputs(type), count = 0;
  int32_t* spans = tenon_xcalloc(2 * (size_t)input_count + 1, sizeof(*spans));
  int32_t position = 0;
  for (intptr_t i = 0; i < input_count; ++i) {
    if (sizes[i] < 0) {
      ++position;
      continue;
    }
    spans[count++] = position;
    spans[count++] = sizes[i];
    position += sizes[i] * (int32_t)item_count(mlirFunctionTypeGetInput(type, i));
  }
  MlirAttribute attribute = mlirDenseI32ArrayGet(mlirOperationGetContext(import), count, spans);
  free(spans);
  return attribute;
}

static MlirAttribute text_attribute(MlirContext context, tenon_text_t text) {
  MlirAttribute attribute = mlirStringAttrGet(context, mlirStringRefCreate(text.data, text.length));
  free(text.data);
  return attribute;
}

// A function that stands for calls of |import| with |sizes| and values of |type|. Its symbol is made of the import's name and
// |number|, with a character that no name in a file of MLIR text has without quotes.
static MlirAttribute declare(MlirOperation import, const int32_t* sizes, MlirType type,
                             size_t number) {
  MlirContext context = mlirOperationGetContext(import);
  MlirStringRef name = tenon_symbol_name(import);
  tenon_text_t symbol = {0};
  tenon_text_appendf(&symbol, "%.*s#%zu", STR(name), number);
  MlirAttribute symbol_attribute =
      mlirFlatSymbolRefAttrGet(context, mlirStringRefCreate(symbol.data, symbol.length));
  MlirNamedAttribute attributes[9] = {
      tenon_attr(context, "sym_name", text_attribute(context, symbol)),
      tenon_attr(context, "sym_visibility", tenon_string_attr(context, "private")),
      tenon_attr(context, "function_type", mlirTypeAttrGet(type)),
      tenon_attr(context, "vm.signature", mlirTypeAttrGet(flat_signature(import, sizes))),
      tenon_attr(context, "tenon.source_name", mlirStringAttrGet(context, name)),
      tenon_attr(context, "tenon.declaration", text_attribute(context, declaration_of(import))),
      tenon_attr(context, "tenon.convention", text_attribute(context, convention_of(import))),
      tenon_attr(context, "tenon.spans", spans_of(import, sizes)),
  };
  intptr_t count = 8;
  if (has_attribute(import, "is_optional")) {
    attributes[count++] = tenon_attr(context, "tenon.optional", mlirUnitAttrGet(context));
  }
  MlirRegion region = mlirRegionCreate();
  MlirOperationState state =
      mlirOperationStateGet(tenon_str("func.func"), mlirOperationGetLocation(import));
  mlirOperationStateAddAttributes(&state, count, attributes);
  mlirOperationStateAddOwnedRegions(&state, 1, &region);
  mlirBlockInsertOwnedOperationBefore(mlirOperationGetBlock(import), import,
                                      mlirOperationCreate(&state));
  return symbol_attribute;
}

static void lower_call(MlirOperation call, MlirOperation import, size_t number) {
  MlirContext context = mlirOperationGetContext(call);
  intptr_t count = segment_count(call);
  int32_t* sizes = tenon_xcalloc((size_t)count, sizeof(*sizes));
  for (intptr_t i = 0; i < count; ++i) sizes[i] = segment_size(call, i);
  type_list_t inputs = {0}, results = {0};
  tenon_value_list_t operands = {0};
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(call); ++i) {
    MlirValue operand = mlirOperationGetOperand(call, i);
    TENON_APPEND(&operands, operand);
    TENON_APPEND(&inputs, mlirValueGetType(operand));
  }
  for (intptr_t i = 0; i < mlirOperationGetNumResults(call); ++i) {
    TENON_APPEND(&results, mlirValueGetType(mlirOperationGetResult(call, i)));
  }
  MlirType type = mlirFunctionTypeGet(context, (intptr_t)inputs.count, inputs.data,
                                      (intptr_t)results.count, results.data);
  MlirNamedAttribute callee = tenon_attr(context, "callee", declare(import, sizes, type, number));
  MlirOperation replacement =
      tenon_insert_op(call, "func.call", (intptr_t)results.count, results.data,
                      (intptr_t)operands.count, operands.data, 1, &callee);
  tenon_replace_op(call, replacement, 0);
  free(operands.data);
  free(results.data);
  free(inputs.data);
  free(sizes);
}

static void lower_resolved(MlirOperation op, MlirOperation import, size_t number) {
  MlirContext context = mlirOperationGetContext(op);
  intptr_t count = mlirFunctionTypeGetNumInputs(import_type(import));
  int32_t* sizes = tenon_xcalloc((size_t)count, sizeof(*sizes));
  for (intptr_t i = 0; i < count; ++i) sizes[i] = is_span(import, i) ? 0 : -1;
  MlirAttribute symbol = declare(import, sizes, flat_signature(import, sizes), number);
  free(sizes);
  MlirType bit = mlirIntegerTypeGet(context, 1);
  MlirType type = mlirValueGetType(mlirOperationGetResult(op, 0));
  MlirNamedAttribute callee = tenon_attr(context, "callee", symbol);
  MlirValue value = mlirOperationGetResult(
      tenon_insert_op(op, "tenon.import_exists", 1, &bit, 0, NULL, 1, &callee), 0);
  if (!mlirTypeEqual(type, bit)) {
    value =
        mlirOperationGetResult(tenon_insert_op(op, "arith.extui", 1, &type, 1, &value, 0, NULL), 0);
  }
  mlirValueReplaceAllUsesOfWith(mlirOperationGetResult(op, 0), value);
  mlirOperationDestroy(op);
}

static bool is_vm_import(MlirOperation op) { return tenon_op_is(op, "vm.import"); }

static bool is_vm_use(MlirOperation op) {
  return tenon_has_prefix(tenon_op_name(op), "vm.") && !is_vm_import(op);
}

void tenon_lower_vm_imports(MlirOperation module) {
  tenon_op_list_t uses = tenon_collect_ops(module, is_vm_use);
  for (size_t i = 0; i < uses.count; ++i) {
    MlirOperation op = uses.data[i];
    if (tenon_op_is(op, "vm.import.resolved")) {
      lower_resolved(op, find_import(op), i);
    } else {
      lower_call(op, find_import(op), i);
    }
  }
  free(uses.data);
  tenon_op_list_t imports = tenon_collect_ops(module, is_vm_import);
  for (size_t i = 0; i < imports.count; ++i) mlirOperationDestroy(imports.data[i]);
  free(imports.data);
}
