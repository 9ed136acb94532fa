// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/dialects/dialects.h"

#include <string.h>

#include "compiler/dialects/check.h"
#include "compiler/dialects/tenon_dialect.h"
#include "compiler/dialects/util.h"
#include "compiler/dialects/vm.h"
#include "compiler/support/mlir_util.h"

typedef struct op_form_t {
  const char* name;
  const char* operands;
  const char* results;
  const char* attributes;
} op_form_t;

static const op_form_t op_forms[] = {
#define TENON_OP(name, operands, results, attributes) {name, operands, results, attributes},
#include "compiler/dialects/tenon_ops.def"
#undef TENON_OP
};

void tenon_load_dialects(MlirContext context) {
  mlirContextSetAllowUnregisteredDialects(context, true);
  tenon_check_load(context);
  tenon_dialect_load(context);
  tenon_util_load(context);
  tenon_vm_load(context);
}

void tenon_register_dialects(MlirDialectRegistry registry) {
  tenon_check_register(registry);
  tenon_dialect_register(registry);
  tenon_util_register(registry);
  tenon_vm_register(registry);
}

//===--------------------------------------------------------------------===//
// Types
//===--------------------------------------------------------------------===//

static MlirType opaque_type(MlirContext context, const char* name) {
  return mlirOpaqueTypeGet(context, tenon_str("tenon"), tenon_str(name));
}

static bool is_opaque_type(MlirType type, const char* name) {
  return mlirTypeIsAOpaque(type) &&
         tenon_str_equal(mlirOpaqueTypeGetDialectNamespace(type), "tenon") &&
         tenon_str_equal(mlirOpaqueTypeGetData(type), name);
}

MlirType tenon_buffer_type(MlirContext context) { return opaque_type(context, "buffer"); }
MlirType tenon_view_type(MlirContext context) { return opaque_type(context, "view"); }
MlirType tenon_timepoint_type(MlirContext context) { return opaque_type(context, "timepoint"); }
MlirType tenon_fence_type(MlirContext context) { return opaque_type(context, "fence"); }
MlirType tenon_turn_type(MlirContext context) { return opaque_type(context, "turn"); }

bool tenon_type_is_buffer(MlirType type) { return is_opaque_type(type, "buffer"); }
bool tenon_type_is_view(MlirType type) { return is_opaque_type(type, "view"); }
bool tenon_type_is_timepoint(MlirType type) { return is_opaque_type(type, "timepoint"); }
bool tenon_type_is_fence(MlirType type) { return is_opaque_type(type, "fence"); }
bool tenon_type_is_turn(MlirType type) { return is_opaque_type(type, "turn"); }

bool tenon_type_is_ref(MlirType type) {
  return tenon_util_is_buffer(type) || tenon_util_is_list(type) || tenon_util_is_object(type) ||
         (mlirTypeIsAOpaque(type) &&
          !tenon_str_equal(mlirOpaqueTypeGetDialectNamespace(type), "tenon"));
}

bool tenon_type_is_util_buffer(MlirType type) { return tenon_util_is_buffer(type); }
bool tenon_type_is_list(MlirType type) { return tenon_util_is_list(type); }
bool tenon_type_is_object(MlirType type) { return tenon_util_is_object(type); }
MlirType tenon_list_element_type(MlirType type) { return tenon_util_list_element(type); }

bool tenon_type_is_vm(MlirType type) {
  return tenon_str_equal(mlirDialectGetNamespace(mlirTypeGetDialect(type)), "vm");
}

bool tenon_is_initializer(MlirOperation function) {
  return !mlirAttributeIsNull(
      mlirOperationGetAttributeByName(function, tenon_str("tenon.initializer")));
}

//===--------------------------------------------------------------------===//
// Verification
//===--------------------------------------------------------------------===//

static bool is_number(MlirType type) {
  return mlirTypeIsAIndex(type) || mlirTypeIsAInteger(type) || mlirTypeIsAFloat(type);
}

static bool type_matches(MlirType type, char letter) {
  switch (letter) {
    case 'x':
      return mlirTypeIsAIndex(type);
    case 's':
      return is_number(type);
    case 'e':
      return is_number(type) || mlirTypeIsAComplex(type);
    case 'T':
      return mlirTypeIsARankedTensor(type);
    case 'b':
      return tenon_type_is_buffer(type);
    case 'v':
      return tenon_type_is_view(type);
    case 't':
      return tenon_type_is_timepoint(type);
    case 'f':
      return tenon_type_is_fence(type);
    case 'r':
      return tenon_type_is_ref(type) || tenon_type_is_turn(type);
    default:
      return false;
  }
}

static bool attribute_matches(MlirAttribute attribute, MlirStringRef kind) {
  if (mlirAttributeIsNull(attribute)) return false;
  if (tenon_str_equal(kind, "string")) return mlirAttributeIsAString(attribute);
  if (tenon_str_equal(kind, "symbol")) return mlirAttributeIsAFlatSymbolRef(attribute);
  if (tenon_str_equal(kind, "dense")) return mlirAttributeIsADenseElements(attribute);
  return mlirAttributeIsAType(attribute) &&
         mlirTypeIsARankedTensor(mlirTypeAttrGetValue(attribute));
}

typedef MlirValue (*value_getter_t)(MlirOperation op, intptr_t position);

// Matches values against a pattern, starred letters greedily (no pattern needs backtracking).
static bool values_match(MlirOperation op, value_getter_t get, intptr_t count,
                         const char* pattern) {
  intptr_t position = 0;
  for (const char* letter = pattern; *letter; ++letter) {
    if (letter[1] == '*') {
      while (position < count && type_matches(mlirValueGetType(get(op, position)), *letter)) {
        ++position;
      }
      ++letter;
    } else if (position >= count || !type_matches(mlirValueGetType(get(op, position)), *letter)) {
      return false;
    } else {
      ++position;
    }
  }
  return position == count;
}

// |list| is "name:kind name:kind ...".
static bool attributes_match(MlirOperation op, const char* list) {
  while (*list) {
    size_t name_length = strcspn(list, ":");
    const char* kind = list + name_length + 1;
    size_t kind_length = strcspn(kind, " ");
    MlirAttribute attribute =
        mlirOperationGetAttributeByName(op, mlirStringRefCreate(list, name_length));
    if (!attribute_matches(attribute, mlirStringRefCreate(kind, kind_length))) return false;
    list = kind + kind_length;
    if (*list == ' ') ++list;
  }
  return true;
}

static const op_form_t* find_form(MlirStringRef name) {
  for (size_t i = 0; i < sizeof(op_forms) / sizeof(op_forms[0]); ++i) {
    if (tenon_str_equal(name, op_forms[i].name)) return &op_forms[i];
  }
  return NULL;
}

static MlirWalkResult verify_op(MlirOperation op, void* failed) {
  MlirStringRef name = tenon_op_name(op);
  if (name.length < 6 || memcmp(name.data, "tenon.", 6) != 0) return MlirWalkResultAdvance;
  const op_form_t* form = find_form(name);
  if (!form) {
    tenon_error(op, "internal error: '%.*s' is no operation of the tenon dialect", (int)name.length,
                name.data);
  } else if (!values_match(op, mlirOperationGetOperand, mlirOperationGetNumOperands(op),
                           form->operands) ||
             !values_match(op, mlirOperationGetResult, mlirOperationGetNumResults(op),
                           form->results) ||
             !attributes_match(op, form->attributes)) {
    tenon_error(op,
                "internal error: '%s' is ill-formed: expected operands \"%s\", results \"%s\", "
                "attributes \"%s\"",
                form->name, form->operands, form->results, form->attributes);
  } else {
    return MlirWalkResultAdvance;
  }
  *(bool*)failed = true;
  return MlirWalkResultAdvance;
}

MlirLogicalResult tenon_verify_ops(MlirOperation root) {
  bool failed = false;
  mlirOperationWalk(root, verify_op, &failed, MlirWalkPreOrder);
  return failed ? mlirLogicalResultFailure() : mlirLogicalResultSuccess();
}
