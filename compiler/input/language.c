// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/input/language.h"

#include <stdlib.h>

#include "compiler/diagnostics.h"
#include "compiler/input/expectations.h"
#include "compiler/input/ir.h"
#include "compiler/input/foralls.h"
#include "compiler/input/complex.h"
#include "compiler/input/globals.h"
#include "compiler/input/imports.h"
#include "compiler/input/linalg_rules.h"
#include "compiler/input/math.h"
#include "compiler/input/scf_ops.h"
#include "compiler/input/tensor_ops.h"
#include "compiler/input/types.h"
#include "compiler/input/util_ops.h"
#include "compiler/input/vm_imports.h"
#include "compiler/support/mlir_util.h"

// printf arguments for "%.*s".
#define STR(ref) (int)(ref).length, (ref).data

//===--------------------------------------------------------------------===//
// Functions
//===--------------------------------------------------------------------===//

static bool is_declaration(MlirOperation function) {
  return mlirBlockIsNull(mlirRegionGetFirstBlock(mlirOperationGetRegion(function, 0)));
}

static bool is_private(MlirOperation function) {
  MlirAttribute visibility = mlirOperationGetAttributeByName(function, tenon_str("sym_visibility"));
  return !mlirAttributeIsNull(visibility) &&
         !tenon_str_equal(mlirStringAttrGetValue(visibility), "public");
}

bool tenon_is_import(MlirOperation function) { return is_declaration(function); }

// Imports may be scheduled behind fences, and so are the exports of an async-external program.
static bool check_model(MlirOperation function, MlirAttribute model,
                        const tenon_options_t* options) {
  MlirStringRef symbol = tenon_symbol_name(function);
  bool is_string = mlirAttributeIsAString(model);
  if (is_string && tenon_str_equal(mlirStringAttrGetValue(model), "sync")) return true;
  if (!is_string || !tenon_str_equal(mlirStringAttrGetValue(model), "coarse-fences")) {
    tenon_text_t text = {0};
    mlirAttributePrint(model, tenon_text_callback, &text);
    tenon_error(function,
                "function '%.*s': iree.abi.model = %s is not supported: expected \"sync\" or "
                "\"coarse-fences\"",
                STR(symbol), text.data);
    free(text.data);
    return false;
  }
  if (is_declaration(function)) return true;
  if (is_private(function)) {
    tenon_error(function,
                "function '%.*s': iree.abi.model = \"coarse-fences\" is for imports and exports, "
                "and this is neither",
                STR(symbol));
    return false;
  }
  if (options->execution_model == TENON_MODEL_ASYNC_EXTERNAL) return true;
  tenon_error(function,
              "function '%.*s': iree.abi.model = \"coarse-fences\" of an export needs "
              "--iree-execution-model=async-external",
              STR(symbol));
  return false;
}

// Refuses the attributes by which IREE's programs ask for what isn't built yet; others mean nothing
// here.
static bool check_attribute(MlirOperation function, MlirNamedAttribute attribute) {
  MlirStringRef name = mlirIdentifierStr(attribute.name);
  if (!tenon_has_prefix(name, "iree.") && !tenon_has_prefix(name, "vm.")) return true;
  MlirStringRef symbol = tenon_symbol_name(function);
  tenon_error(function, "function '%.*s': the attribute '%.*s' is not supported", STR(symbol),
              STR(name));
  return false;
}

static bool check_function_attribute(MlirOperation function, MlirNamedAttribute attribute,
                                     const tenon_options_t* options) {
  MlirStringRef name = mlirIdentifierStr(attribute.name);
  if (tenon_str_equal(name, "iree.abi.model")) {
    return check_model(function, attribute.attribute, options);
  }
  if (tenon_str_equal(name, "nosideeffects") && !mlirAttributeIsAUnit(attribute.attribute)) {
    MlirStringRef symbol = tenon_symbol_name(function);
    tenon_error(function, "function '%.*s': the attribute 'nosideeffects' takes no value",
                STR(symbol));
    return false;
  }
  // Their values are looked at where they are written to the file.
  if (tenon_str_equal(name, "iree.reflection") || tenon_str_equal(name, "vm.minimum_version")) {
    return true;
  }
  if (tenon_str_equal(name, "vm.signature")) {
    return tenon_check_import_signature(function, attribute.attribute);
  }
  if (tenon_str_equal(name, "vm.fallback")) {
    return tenon_check_import_fallback(function, attribute.attribute);
  }
  return check_attribute(function, attribute);
}

// |attribute_name| is an array of one dictionary for each argument or result, or absent.
static bool check_dictionaries(MlirOperation function, const char* attribute_name) {
  MlirAttribute array = mlirOperationGetAttributeByName(function, tenon_str(attribute_name));
  if (mlirAttributeIsNull(array) || !mlirAttributeIsAArray(array)) return true;
  bool ok = true;
  for (intptr_t i = 0; i < mlirArrayAttrGetNumElements(array); ++i) {
    MlirAttribute dictionary = mlirArrayAttrGetElement(array, i);
    for (intptr_t j = 0; j < mlirDictionaryAttrGetNumElements(dictionary); ++j) {
      ok = check_attribute(function, mlirDictionaryAttrGetElement(dictionary, j)) && ok;
    }
  }
  return ok;
}

static bool check_function_attributes(MlirOperation function, const tenon_options_t* options) {
  bool ok = check_dictionaries(function, "arg_attrs");
  ok = check_dictionaries(function, "res_attrs") && ok;
  for (intptr_t i = 0; i < mlirOperationGetNumDiscardableAttributes(function); ++i) {
    ok = check_function_attribute(function, mlirOperationGetDiscardableAttribute(function, i),
                                  options) &&
         ok;
  }
  return ok;
}

// A type that was refused as an argument's is not told a second time as a result's.
static bool is_input(MlirType function_type, MlirType type) {
  for (intptr_t i = 0; i < mlirFunctionTypeGetNumInputs(function_type); ++i) {
    if (mlirTypeEqual(mlirFunctionTypeGetInput(function_type, i), type)) return true;
  }
  return false;
}

static bool check_signature(MlirOperation function, const tenon_options_t* options) {
  MlirAttribute attribute = mlirOperationGetAttributeByName(function, tenon_str("function_type"));
  MlirType type = mlirTypeAttrGetValue(attribute);
  MlirBlock entry = mlirRegionGetFirstBlock(mlirOperationGetRegion(function, 0));
  MlirLocation location = mlirOperationGetLocation(function);
  MlirStringRef name = tenon_symbol_name(function);
  bool ok = true;
  for (intptr_t i = 0; i < mlirFunctionTypeGetNumInputs(type); ++i) {
    MlirLocation place =
        mlirBlockIsNull(entry) ? location : mlirValueGetLocation(mlirBlockGetArgument(entry, i));
    ok = tenon_check_type(place, mlirFunctionTypeGetInput(type, i), name, options) && ok;
  }
  for (intptr_t i = 0; i < mlirFunctionTypeGetNumResults(type); ++i) {
    MlirType result = mlirFunctionTypeGetResult(type, i);
    if (!ok && is_input(type, result)) continue;
    ok = tenon_check_type(location, result, name, options) && ok;
  }
  return ok;
}

// Names are C strings in the file of the module.
static bool check_text(MlirOperation op) {
  MlirStringRef name = tenon_symbol_name(op);
  if (name.length == 0 || !memchr(name.data, 0, name.length)) return true;
  tenon_error(op, "the name that begins with '%s' contains a NUL", name.data);
  return false;
}

// So are the texts of failures.
static bool check_message(MlirOperation op, const char* attribute_name) {
  MlirAttribute attribute = mlirOperationGetAttributeByName(op, tenon_str(attribute_name));
  if (mlirAttributeIsNull(attribute)) return true;
  MlirStringRef text = mlirStringAttrGetValue(attribute);
  if (text.length == 0 || !memchr(text.data, 0, text.length)) return true;
  tenon_error(op, "'%.*s': its text, which begins with '%s', contains a NUL",
              STR(tenon_op_name(op)), text.data);
  return false;
}

// Names that the file of the module can't have, or has for itself.
static bool check_name(MlirOperation op) {
  MlirStringRef name = tenon_symbol_name(op);
  static const char* const reserved[] = {TENON_DISPATCHES_NAME, "__init", "__deinit"};
  for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); ++i) {
    if (!tenon_str_equal(name, reserved[i])) continue;
    tenon_error(op, "the name '%.*s' is reserved", STR(name));
    return false;
  }
  if (tenon_has_prefix(name, TENON_LIBRARY_PREFIX)) {
    tenon_error(op, "the name '%.*s' is reserved, as all that begin with " TENON_LIBRARY_PREFIX,
                STR(name));
    return false;
  }
  if (name.length == 0) {
    tenon_error(op, "a function needs a name that isn't empty");
    return false;
  }
  return check_text(op);
}

static bool check_function(MlirOperation function, const tenon_options_t* options) {
  MlirStringRef name = tenon_symbol_name(function);
  if (!check_name(function)) return false;
  if (is_declaration(function) && !tenon_is_import_name(name)) {
    tenon_error(function,
                "function '%.*s' has no body, and its name is not that of an import: imports are "
                "named module.function",
                STR(name));
    return false;
  }
  if (is_declaration(function) && !is_private(function)) {
    tenon_error(function, "the import '%.*s' must be private", STR(name));
    return false;
  }
  bool ok = check_function_attributes(function, options);
  return check_signature(function, options) && ok;
}

//===--------------------------------------------------------------------===//
// Operations
//===--------------------------------------------------------------------===//

static bool is_listed(MlirStringRef name) {
  static const char* const names[] = {
      "func.func",        "func.call",          "func.return",       "cf.br",
      "cf.cond_br",       "cf.assert",          "cf.switch",         "scf.for",
      "scf.if",           "scf.while",          "scf.condition",     "scf.yield",
      "scf.index_switch", "scf.execute_region", "scf.forall",        "scf.forall.in_parallel",
      "scf.parallel",     "scf.reduce",         "scf.reduce.return",
  };
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); ++i) {
    if (tenon_str_equal(name, names[i])) return true;
  }
  // Of util and check the language has what the dialects have.
  return tenon_has_prefix(name, "arith.") || tenon_has_prefix(name, "math.") ||
         tenon_has_prefix(name, "tensor.") || tenon_has_prefix(name, "check.") ||
         tenon_has_prefix(name, "util.");
}

static bool check_constant(MlirOperation op) {
  MlirAttribute value = mlirOperationGetAttributeByName(op, tenon_str("value"));
  if (mlirAttributeIsAInteger(value) || mlirAttributeIsAFloat(value) ||
      mlirAttributeIsADenseElements(value)) {
    return true;
  }
  MlirStringRef name = tenon_op_name(op);
  tenon_error(op, "'%.*s': expected a number or dense elements", STR(name));
  return false;
}

static bool check_dim(MlirOperation op, const tenon_options_t* options) {
  MlirValue tensor = mlirOperationGetOperand(op, 0);
  int64_t dim = 0;
  if (!tenon_value_is_tensor(tensor))
    return tenon_check_type(mlirOperationGetLocation(op), mlirValueGetType(tensor),
                            tenon_op_name(op), options);
  int64_t rank = mlirShapedTypeGetRank(mlirValueGetType(tensor));
  if (!tenon_constant_int(mlirOperationGetOperand(op, 1), &dim)) {
    if (rank > 0) return true;
  } else if (dim >= 0 && dim < rank) {
    return true;
  }
  tenon_error(op, "'tensor.dim': dimension %lld of a tensor of rank %lld", (long long)dim,
              (long long)rank);
  return false;
}

static bool check_values(MlirOperation op, const tenon_options_t* options) {
  MlirLocation location = mlirOperationGetLocation(op);
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i) {
    if (!tenon_check_type(location, mlirValueGetType(mlirOperationGetResult(op, i)),
                          tenon_op_name(op), options)) {
      return false;
    }
  }
  return true;
}

static bool check_op(MlirOperation op, const tenon_options_t* options) {
  MlirStringRef name = tenon_op_name(op);
  MlirOperation parent = mlirOperationGetParentOperation(op);
  if (mlirOperationIsNull(parent)) return check_text(op);
  if (tenon_str_equal(name, "util.unreachable")) {
    return tenon_check_unreachable(op) && check_message(op, "message");
  }
  if (!mlirContextIsRegisteredOperation(mlirOperationGetContext(op), name)) {
    tenon_error(op, "unknown operation '%.*s': " TENON_LANGUAGE, STR(name));
    return false;
  }
  MlirStringRef outer = tenon_op_name(parent);
  MlirOperation body = tenon_enclosing_body(op);
  if (!mlirOperationIsNull(body)) return tenon_check_body_op(op, body);
  if (tenon_has_prefix(name, "linalg.")) return tenon_check_linalg(op, options);
  if (tenon_has_prefix(name, "complex.")) return tenon_check_host_complex(op);
  bool at_top = tenon_str_equal(outer, "builtin.module");
  if (tenon_has_prefix(name, "vm.") && at_top == tenon_str_equal(name, "vm.import")) {
    return tenon_check_vm_op(op) && check_values(op, options);
  }
  bool is_global = tenon_str_equal(name, "util.global");
  if (!is_listed(name) || at_top != (is_global || tenon_str_equal(name, "func.func"))) {
    tenon_error(op, "'%.*s' is not supported%s: " TENON_LANGUAGE, STR(name),
                at_top ? " at the top of a module" : "");
    return false;
  }
  if (tenon_str_equal(name, "func.func")) return check_function(op, options);
  if (is_global) return check_text(op) && tenon_check_global(op, options);
  if (tenon_str_equal(name, "tensor.dim")) return check_dim(op, options);
  if (!check_values(op, options)) return false;
  if (tenon_has_prefix(name, "tensor.") && !tenon_check_tensor_op(op)) return false;
  if (tenon_has_prefix(name, "scf.") && !tenon_check_parallel_op(op)) return false;
  if (tenon_str_equal(name, "arith.constant") ||
      tenon_str_equal(name, "util.unfoldable_constant")) {
    return check_constant(op);
  }
  if (tenon_has_prefix(name, "check.")) return tenon_check_expectation(op);
  if (tenon_str_equal(name, "scf.for")) return tenon_check_step(op);
  if (tenon_str_equal(name, "cf.assert")) return check_message(op, "msg");
  return tenon_check_util_op(op);
}

typedef struct check_t {
  const tenon_options_t* options;
  bool ok;
} check_t;

static MlirWalkResult check(MlirOperation op, void* user_data) {
  check_t* state = user_data;
  if (check_op(op, state->options)) return MlirWalkResultAdvance;
  state->ok = false;
  return MlirWalkResultSkip;  // what is inside of a refused operation needs no word
}

MlirLogicalResult tenon_check_language(MlirOperation module, const tenon_options_t* options) {
  check_t state = {options, true};
  mlirOperationWalk(module, check, &state, MlirWalkPreOrder);
  return state.ok ? mlirLogicalResultSuccess() : mlirLogicalResultFailure();
}
