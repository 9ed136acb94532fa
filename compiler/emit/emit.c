// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/emit/emit.h"

#include <stdlib.h>

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

// The function's reflection; how many attributes |out_attribute| got, 0 or 1.
static size_t declaration(tenon_writer_t* writer, MlirOperation op,
                          tenon_attribute_t* out_attribute) {
  MlirAttribute text = mlirOperationGetAttributeByName(op, tenon_str("tenon.declaration"));
  if (mlirAttributeIsNull(text)) return 0;
  MlirStringRef value = mlirStringAttrGetValue(text);
  out_attribute->key = tenon_writer_cstring(writer, "iree.abi.declaration");
  out_attribute->value = tenon_writer_string(writer, value.data, value.length);
  return 1;
}

// The name in the source, where the schedule split a function in two.
static MlirStringRef source_name(MlirOperation op) {
  MlirAttribute name = mlirOperationGetAttributeByName(op, tenon_str("tenon.source_name"));
  return mlirAttributeIsNull(name) ? tenon_symbol_name(op) : mlirStringAttrGetValue(name);
}

static MlirLogicalResult declare_function(tenon_emitter_t* emitter, MlirOperation op) {
  tenon_writer_t* writer = emitter->writer;
  tenon_callee_t callee = {.op = op, .name = source_name(op)};
  callee.is_import = mlirBlockIsNull(mlirRegionGetFirstBlock(mlirOperationGetFirstRegion(op)));
  callee.is_export = !callee.is_import && is_public(op);
  uint32_t convention = 0;
  MlirLogicalResult status = tenon_calling_convention(writer, op, function_type(op), &convention);
  if (mlirLogicalResultIsFailure(status)) return status;
  uint32_t name = tenon_writer_string(writer, callee.name.data, callee.name.length);
  tenon_attribute_t attribute = {0};
  if (callee.is_import) {
    size_t count = declaration(writer, op, &attribute);
    callee.index = tenon_writer_add_import(writer, name, convention, 0, &attribute, count);
  } else {
    callee.index = tenon_writer_declare_function(writer, name, convention);
  }
  if (callee.is_export) {
    size_t count = declaration(writer, op, &attribute);
    tenon_writer_add_export(writer, name, callee.index, &attribute, count);
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

static void set_module_name(tenon_emitter_t* emitter) {
  MlirStringRef name = tenon_symbol_name(mlirModuleGetOperation(emitter->program->module));
  if (name.length == 0) name = tenon_str("module");
  tenon_writer_set_name(emitter->writer,
                        tenon_writer_string(emitter->writer, name.data, name.length));
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
  tenon_emitter_t emitter = {.program = program, .writer = tenon_writer_create()};
  if (!emitter.writer) return tenon_error(module, "out of memory");
  emitter.symbols = mlirSymbolTableCreate(module);
  set_module_name(&emitter);
  MlirLogicalResult status = declare_functions(&emitter);
  if (mlirLogicalResultIsSuccess(status)) status = emit_functions(&emitter);
  if (mlirLogicalResultIsSuccess(status)) status = serialize(&emitter);
  mlirSymbolTableDestroy(emitter.symbols);
  tenon_map_free(&emitter.callee_indices);
  free(emitter.callees.data);
  free(emitter.segments.data);
  tenon_writer_destroy(emitter.writer);
  tenon_arena_free(&emitter.arena);
  return status;
}
