// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/emit/emit.h"

#include <stdlib.h>

#include "compiler/dialects/dialects.h"

//===----------------------------------------------------------------------===//
// Declaring: every function and import gets its index before any code names it
//===----------------------------------------------------------------------===//

static MlirType function_type(MlirOperation op) {
  return mlirTypeAttrGetValue(mlirOperationGetAttributeByName(op, tenon_str("function_type")));
}

static bool is_public(MlirOperation op) {
  MlirAttribute visibility = mlirOperationGetAttributeByName(op, tenon_str("sym_visibility"));
  return mlirAttributeIsNull(visibility) ||
         tenon_str_equal(mlirStringAttrGetValue(visibility), "public");
}

// The name in the source, where it is another: the schedule split the function in two, or it stands
// for some calls of an import with spans.
static MlirStringRef source_name(MlirOperation op) {
  MlirAttribute name = mlirOperationGetAttributeByName(op, tenon_str("tenon.source_name"));
  return mlirAttributeIsNull(name) ? tenon_symbol_name(op) : mlirStringAttrGetValue(name);
}

// What is called: the function's type, unless the import says otherwise.
static MlirType signature_of(MlirOperation op, MlirType type) {
  MlirAttribute signature = mlirOperationGetAttributeByName(op, tenon_str("vm.signature"));
  return mlirAttributeIsNull(signature) ? type : mlirTypeAttrGetValue(signature);
}

// Lists the type in the file, which is loaded only where it is registered.
static void note_type(tenon_emitter_t* emitter, MlirType type) {
  if (mlirTypeIsAOpaque(type) && tenon_type_is_ref(type)) tenon_emitter_type(emitter, type);
}

// Values of a type come from functions, lists and casts; the code of these names theirs.
static void note_types(tenon_emitter_t* emitter, MlirType type) {
  for (intptr_t i = 0; i < mlirFunctionTypeGetNumInputs(type); ++i) {
    note_type(emitter, mlirFunctionTypeGetInput(type, i));
  }
  for (intptr_t i = 0; i < mlirFunctionTypeGetNumResults(type); ++i) {
    note_type(emitter, mlirFunctionTypeGetResult(type, i));
  }
}

static bool is_optional(MlirOperation op) {
  return !mlirAttributeIsNull(mlirOperationGetAttributeByName(op, tenon_str("tenon.optional")));
}

static MlirLogicalResult calling_convention(const tenon_emitter_t* emitter,
                                            const tenon_callee_t* callee, uint32_t* out_string) {
  MlirAttribute written =
      mlirOperationGetAttributeByName(callee->op, tenon_str("tenon.convention"));
  if (mlirAttributeIsNull(written)) {
    return tenon_calling_convention(emitter, callee->op, callee->signature, out_string);
  }
  MlirStringRef text = mlirStringAttrGetValue(written);
  *out_string = tenon_writer_string(emitter->writer, text.data, text.length);
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult declare_function(tenon_emitter_t* emitter, MlirOperation op) {
  tenon_writer_t* writer = emitter->writer;
  tenon_callee_t callee = {.op = op, .name = source_name(op), .type = function_type(op)};
  callee.signature = signature_of(op, callee.type);
  callee.is_import = mlirBlockIsNull(mlirRegionGetFirstBlock(mlirOperationGetFirstRegion(op)));
  bool is_initializer = tenon_is_initializer(op);
  callee.is_export = !callee.is_import && is_public(op) && !is_initializer;
  uint32_t convention = 0;
  MlirLogicalResult status = calling_convention(emitter, &callee, &convention);
  if (mlirLogicalResultIsFailure(status)) return status;
  note_types(emitter, callee.type);
  uint32_t name = tenon_writer_string(writer, callee.name.data, callee.name.length);
  tenon_attribute_t* attributes = NULL;
  size_t count = 0;
  if (callee.is_import || callee.is_export) {
    status = tenon_emitter_reflect(emitter, op, &attributes, &count);
    if (mlirLogicalResultIsFailure(status)) return status;
  }
  if (callee.is_import) {
    uint32_t minimum_version = 0;
    status = tenon_emitter_version(op, "vm.minimum_version", &minimum_version);
    if (mlirLogicalResultIsFailure(status)) return status;
    uint32_t flags = is_optional(op) ? TENON_IMPORT_OPTIONAL : 0;
    callee.index = tenon_writer_add_import(writer, name, convention, flags, attributes, count);
    tenon_writer_set_import_version(writer, callee.index, minimum_version);
  } else {
    callee.index = tenon_writer_declare_function(writer, name, convention);
    if (is_initializer) {
      emitter->initializers = callee.index;
      emitter->initializers_location = mlirOperationGetLocation(op);
    }
  }
  if (callee.is_export) {
    tenon_writer_add_export(writer, name, callee.index, attributes, count);
  }
  TENON_APPEND(&emitter->callees, callee);
  tenon_map_set(&emitter->callee_indices, op.ptr, (void*)emitter->callees.count);
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult declare_functions(tenon_emitter_t* emitter) {
  MlirOperation op = mlirBlockGetFirstOperation(mlirModuleGetBody(emitter->program->module));
  for (; !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    if (!tenon_op_is(op, "func.func")) continue;
    MlirLogicalResult status = declare_function(emitter, op);
    if (mlirLogicalResultIsFailure(status)) return status;
  }
  return mlirLogicalResultSuccess();
}

//===----------------------------------------------------------------------===//
// The stage
//===----------------------------------------------------------------------===//

static MlirLogicalResult describe_module(tenon_emitter_t* emitter) {
  MlirOperation module = mlirModuleGetOperation(emitter->program->module);
  tenon_writer_t* writer = emitter->writer;
  MlirStringRef name = tenon_symbol_name(module);
  if (name.length == 0) name = tenon_str("module");
  tenon_writer_set_name(writer, tenon_writer_string(writer, name.data, name.length));
  uint32_t version = 0;
  tenon_attribute_t* attributes = NULL;
  size_t count = 0;
  MlirLogicalResult status = tenon_emitter_version(module, "vm.version", &version);
  if (mlirLogicalResultIsSuccess(status)) {
    status = tenon_emitter_reflect(emitter, module, &attributes, &count);
  }
  tenon_writer_set_version(writer, version);
  if (count) tenon_writer_set_attributes(writer, attributes, count);
  return status;
}

static MlirLogicalResult emit_functions(tenon_emitter_t* emitter) {
  for (size_t i = 0; i < emitter->callees.count; ++i) {
    if (emitter->callees.data[i].is_import) continue;
    MlirLogicalResult status = tenon_emit_function(emitter, &emitter->callees.data[i]);
    if (mlirLogicalResultIsFailure(status)) return status;
  }
  tenon_emitter_add_init(emitter);
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult serialize(tenon_emitter_t* emitter) {
  tenon_bytes_t* file = &emitter->program->file;
  if (tenon_writer_serialize(emitter->writer, &file->data, &file->length)) {
    return mlirLogicalResultSuccess();
  }
  return tenon_error(mlirModuleGetOperation(emitter->program->module),
                     "the module can't be written: %s", tenon_writer_error(emitter->writer));
}

MlirLogicalResult tenon_stage_emit(tenon_program_t* program) {
  MlirOperation module = mlirModuleGetOperation(program->module);
  tenon_emitter_t emitter = {
      .program = program, .writer = tenon_writer_create(), .initializers = TENON_NO_INDEX};
  if (!emitter.writer) return tenon_error(module, "out of memory");
  emitter.symbols = mlirSymbolTableCreate(module);
  emitter.asynchronous = !mlirAttributeIsNull(
      mlirOperationGetAttributeByName(module, tenon_str("tenon.asynchronous")));
  MlirLogicalResult status = describe_module(&emitter);
  if (mlirLogicalResultIsSuccess(status)) status = declare_functions(&emitter);
  if (mlirLogicalResultIsSuccess(status)) status = emit_functions(&emitter);
  if (mlirLogicalResultIsSuccess(status)) status = serialize(&emitter);
  mlirSymbolTableDestroy(emitter.symbols);
  tenon_map_free(&emitter.callee_indices);
  tenon_map_free(&emitter.signalers);
  free(emitter.callees.data);
  free(emitter.segments.data);
  free(emitter.texts.data);
  free(emitter.globals.data);
  tenon_map_free(&emitter.global_positions);
  tenon_map_free(&emitter.segments_by_hash);
  tenon_map_free(&emitter.constants);
  tenon_writer_destroy(emitter.writer);
  tenon_arena_free(&emitter.arena);
  return status;
}
