// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The executable's table of dispatches, as constants of the LLVM module. The struct types follow
// src/hal/local/executable_abi.h member by member, with the C layout of the target.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/codegen/ir.h"
#include "compiler/support/mlir_util.h"

static LLVMValueRef tenon_u32(const tenon_ir_t* ir, uint32_t value) {
  return LLVMConstInt(ir->i32, value, false);
}

static LLVMValueRef tenon_struct(const tenon_ir_t* ir, LLVMValueRef* members, unsigned count) {
  return LLVMConstStructInContext(ir->context, members, count, false);
}

// A constant in read-only data; equal ones are one, as LLVM has them once. NULL pointers stand for empty arrays.
static LLVMValueRef tenon_global(const tenon_ir_t* ir, LLVMValueRef value) {
  LLVMValueRef global = tenon_map_get(ir->globals, value);
  if (global) return global;
  global = LLVMAddGlobal(ir->module, LLVMTypeOf(value), "");
  LLVMSetInitializer(global, value);
  LLVMSetGlobalConstant(global, true);
  LLVMSetLinkage(global, LLVMPrivateLinkage);
  LLVMSetUnnamedAddress(global, LLVMGlobalUnnamedAddr);
  tenon_map_set(ir->globals, value, global);
  return global;
}

static LLVMValueRef tenon_global_array(const tenon_ir_t* ir, LLVMValueRef* values, size_t count) {
  if (!count) return LLVMConstNull(ir->ptr);
  // Equal types: every struct of one kind has the same members.
  return tenon_global(ir, LLVMConstArray2(LLVMTypeOf(values[0]), values, count));
}

static LLVMValueRef tenon_global_string(const tenon_ir_t* ir, const char* data, size_t length) {
  return tenon_global(ir, LLVMConstStringInContext2(ir->context, data, length, false));
}

// tenon_extent_term_t
static LLVMValueRef tenon_term(const tenon_ir_t* ir, int64_t scale, int32_t constant) {
  LLVMValueRef members[] = {tenon_ir_i64(ir, scale), tenon_u32(ir, (uint32_t)constant),
                            tenon_u32(ir, 0)};
  return tenon_struct(ir, members, 3);
}

// tenon_extent_t
static LLVMValueRef tenon_extent(const tenon_ir_t* ir, int64_t base, LLVMValueRef* terms,
                                 unsigned term_count) {
  LLVMValueRef members[] = {tenon_ir_i64(ir, base), tenon_u32(ir, term_count), tenon_u32(ir, 0),
                            tenon_global_array(ir, terms, term_count)};
  return tenon_struct(ir, members, 4);
}

static LLVMValueRef tenon_scaled_extent(const tenon_ir_t* ir, int64_t scale, int32_t constant) {
  if (constant < 0 || scale == 0) return tenon_extent(ir, scale, NULL, 0);
  LLVMValueRef term = tenon_term(ir, scale, constant);
  return tenon_extent(ir, 0, &term, 1);
}

// An extent that nothing told is of an array that is not touched.
static LLVMValueRef tenon_array_extent(const tenon_ir_t* ir, tenon_count_t count) {
  if (count.constant >= 0) return tenon_scaled_extent(ir, 1, count.constant);
  return tenon_extent(ir, count.fixed < 0 ? 0 : count.fixed, NULL, 0);
}

// tenon_binding_info_t
static LLVMValueRef tenon_binding(const tenon_ir_t* ir, const tenon_array_t* array) {
  LLVMValueRef dims[TENON_KERNEL_MAX_RANK];
  for (int p = 0; p < array->rank; ++p) dims[p] = tenon_array_extent(ir, array->extents[p]);
  LLVMValueRef members[] = {
      tenon_u32(ir, tenon_element_size(array->type)),
      LLVMConstInt(ir->i16, array->written ? TENON_BINDING_WRITE : TENON_BINDING_READ, false),
      LLVMConstInt(ir->i16, (unsigned)array->rank, false),
      tenon_global_array(ir, dims, (size_t)array->rank)};
  return tenon_struct(ir, members, 4);
}

// tenon_grid_dim_t
static LLVMValueRef tenon_grid_dim(const tenon_ir_t* ir, const tenon_plan_grid_t* grid) {
  LLVMValueRef members[] = {tenon_scaled_extent(ir, grid->extent.scale, grid->extent.constant),
                            tenon_ir_i64(ir, grid->tile_size)};
  return tenon_struct(ir, members, 2);
}

// "file:line:col" of the dispatch's operation, or "".
static LLVMValueRef tenon_source(const tenon_ir_t* ir, const tenon_kernel_t* kernel) {
  tenon_position_t position;
  tenon_text_t text = {0};
  if (tenon_resolve_location(mlirOperationGetLocation(kernel->members[0].op), &position)) {
    tenon_text_appendf(&text, "%.*s:%d:%d", (int)position.file.length, position.file.data,
                       position.line, position.column);
  }
  LLVMValueRef source = tenon_global_string(ir, text.data ? text.data : "", text.length);
  free(text.data);
  return source;
}

// tenon_dispatch_info_t
static LLVMValueRef tenon_dispatch(const tenon_ir_t* ir, const tenon_dispatch_row_t* row) {
  const tenon_kernel_t* kernel = row->kernel;
  LLVMValueRef bindings[TENON_DISPATCH_MAX_BINDINGS], grid[TENON_KERNEL_MAX_RANK];
  for (int i = 0; i < kernel->array_count; ++i) bindings[i] = tenon_binding(ir, &kernel->arrays[i]);
  for (int g = 0; g < row->plan->grid_rank; ++g) grid[g] = tenon_grid_dim(ir, &row->plan->grid[g]);
  LLVMValueRef members[] = {tenon_global_string(ir, kernel->name.data, kernel->name.length),
                            tenon_source(ir, kernel),
                            row->function,
                            tenon_u32(ir, (uint32_t)kernel->array_count),
                            tenon_u32(ir, (uint32_t)kernel->constant_count),
                            tenon_u32(ir, (uint32_t)row->plan->grid_rank),
                            tenon_u32(ir, 0),
                            tenon_global_array(ir, bindings, (size_t)kernel->array_count),
                            tenon_global_array(ir, grid, (size_t)row->plan->grid_rank)};
  return tenon_struct(ir, members, 9);
}

// `const tenon_executable_info_t* tenon_executable_query(uint32_t max_version)`
static void tenon_emit_query(const tenon_ir_t* ir, LLVMValueRef table) {
  LLVMTypeRef parameter = ir->i32;
  LLVMTypeRef type = LLVMFunctionType(ir->ptr, &parameter, 1, false);
  LLVMValueRef function = LLVMAddFunction(ir->module, TENON_EXECUTABLE_QUERY_SYMBOL, type);
  unsigned nounwind = LLVMGetEnumAttributeKindForName("nounwind", 8);
  LLVMAddAttributeAtIndex(function, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                          LLVMCreateEnumAttribute(ir->context, nounwind, 0));
  LLVMPositionBuilderAtEnd(ir->builder, LLVMAppendBasicBlockInContext(ir->context, function, ""));
  LLVMValueRef known = LLVMBuildICmp(ir->builder, LLVMIntUGE, LLVMGetParam(function, 0),
                                     tenon_u32(ir, TENON_EXECUTABLE_ABI_VERSION), "");
  LLVMBuildRet(ir->builder, LLVMBuildSelect(ir->builder, known, table, LLVMConstNull(ir->ptr), ""));
}

void tenon_emit_table(const tenon_ir_t* module_ir, const tenon_dispatch_row_t* rows,
                      size_t row_count, const char* triple, const char* required_features) {
  tenon_map_t globals = {0};
  tenon_ir_t table_ir = *module_ir;
  table_ir.globals = &globals;
  const tenon_ir_t* ir = &table_ir;
  LLVMValueRef* dispatches = tenon_xcalloc(row_count, sizeof(*dispatches));
  for (size_t i = 0; i < row_count; ++i) dispatches[i] = tenon_dispatch(ir, &rows[i]);
  LLVMValueRef members[] = {tenon_u32(ir, TENON_EXECUTABLE_ABI_VERSION),
                            tenon_u32(ir, (uint32_t)row_count),
                            tenon_global_array(ir, dispatches, row_count),
                            tenon_global_string(ir, triple, strlen(triple)),
                            tenon_global_string(ir, required_features, strlen(required_features))};
  tenon_emit_query(ir, tenon_global(ir, tenon_struct(ir, members, 5)));
  free(dispatches);
  tenon_map_free(&globals);
}
