// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Stage 4: every function of @tenon_dispatches becomes a range function, and all of them one
// executable (docs/dispatch-abi.md). A dispatch's ordinal is its place among the functions of
// @tenon_dispatches.
//
// Elementwise kernels go from linalg straight to LLVM IR: their loops are simple, and built in the
// form that LLVM's vectoriser wants they need neither MLIR's conversions nor most of LLVM's passes.
//
// LLVM takes nearly all the time of a compilation, so its work is spread over the cores, in chunks
// (chunk.h). Which dispatches are in a chunk follows from the program alone, and chunks are linked
// in order: the same bytes come out whatever the number of threads. LLVM IR is built by one thread,
// which reads MLIR; it takes a few hundredths of the time.

#include <stdlib.h>
#include <string.h>

#include "compiler/codegen/chunk.h"
#include "compiler/codegen/dump.h"
#include "compiler/codegen/ir.h"
#include "compiler/codegen/link.h"
#include "compiler/codegen/pool.h"
#include "compiler/codegen/target.h"
#include "compiler/program.h"
#include "compiler/support/mlir_util.h"
#include "task/threads.h"

// What a chunk weighs at least before the next begins; a dispatch weighs what TENON_DISPATCH_WEIGHT
// is, and 1 for each operation. A chunk costs as much as some three dispatches in itself.
#define TENON_CHUNK_WEIGHT 256
#define TENON_DISPATCH_WEIGHT 20
// More chunks than any machine has use for would be more files for the linker than a process may open.
#define TENON_MAX_CHUNKS 64

typedef struct tenon_codegen_t {
  tenon_program_t* program;
  MlirLocation location;
  tenon_target_t target;
  tenon_dump_t dump;
  size_t count;              // of dispatches
  MlirOperation* functions;  // in order, as the next ones
  size_t* weights;
  tenon_kernel_t* kernels;
  tenon_plan_t* plans;
  tenon_dispatch_row_t* rows;
  size_t chunk_count;
  tenon_chunk_t* chunks;
} tenon_codegen_t;

static MlirOperation tenon_find_dispatches(MlirModule module) {
  for (MlirOperation op = mlirBlockGetFirstOperation(mlirModuleGetBody(module));
       !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    if (tenon_op_is(op, "builtin.module") &&
        tenon_str_equal(tenon_symbol_name(op), TENON_DISPATCHES_NAME))
      return op;
  }
  return (MlirOperation){0};
}

static MlirOperation tenon_first_dispatch(MlirOperation dispatches) {
  if (mlirOperationIsNull(dispatches)) return dispatches;
  return mlirBlockGetFirstOperation(mlirRegionGetFirstBlock(mlirOperationGetRegion(dispatches, 0)));
}

//===----------------------------------------------------------------------===//
// Chunks
//===----------------------------------------------------------------------===//

static MlirWalkResult tenon_count_operation(MlirOperation op, void* count) {
  ++*(size_t*)count;
  return MlirWalkResultAdvance;
}

static size_t tenon_weigh(MlirOperation function) {
  size_t weight = TENON_DISPATCH_WEIGHT;
  mlirOperationWalk(function, tenon_count_operation, &weight, MlirWalkPreOrder);
  return weight;
}

// The number after the last dispatch of the chunk that begins at |first|.
static size_t tenon_chunk_end(const tenon_codegen_t* codegen, size_t first, size_t enough) {
  size_t weight = 0, end = first;
  while (end < codegen->count && weight < enough) weight += codegen->weights[end++];
  return end;
}

// What a chunk of this program weighs at least.
static size_t tenon_enough_weight(const tenon_codegen_t* codegen) {
  size_t total = 0;
  for (size_t i = 0; i < codegen->count; ++i) total += codegen->weights[i];
  size_t enough = total / TENON_MAX_CHUNKS + 1;
  return enough > TENON_CHUNK_WEIGHT ? enough : TENON_CHUNK_WEIGHT;
}

static MlirLogicalResult tenon_open_chunk(tenon_codegen_t* codegen, size_t number) {
  tenon_chunk_t* chunk = &codegen->chunks[number];
  chunk->number = number;
  chunk->dump = &codegen->dump;
  chunk->keep_text = codegen->program->options->last_stage == TENON_STAGE_CODEGEN;
  if (tenon_chunk_open(&codegen->target, chunk)) return mlirLogicalResultSuccess();
  return tenon_error_at(codegen->location, "%s", chunk->error);
}

//===----------------------------------------------------------------------===//
// LLVM IR
//===----------------------------------------------------------------------===//

static MlirLogicalResult tenon_emit_dispatch(tenon_codegen_t* codegen, size_t i,
                                             const tenon_ir_t* ir) {
  tenon_kernel_t* kernel = &codegen->kernels[i];
  if (mlirLogicalResultIsFailure(tenon_dump_source(&codegen->dump, i, codegen->functions[i])) ||
      mlirLogicalResultIsFailure(tenon_kernel_read(codegen->functions[i], kernel)))
    return mlirLogicalResultFailure();
  tenon_plan_make(kernel, &codegen->target.vectors, &codegen->plans[i]);
  LLVMValueRef function = tenon_emit_range_function(ir, kernel, &codegen->plans[i]);
  codegen->rows[i] = (tenon_dispatch_row_t){kernel, &codegen->plans[i], function};
  return function ? mlirLogicalResultSuccess() : mlirLogicalResultFailure();
}

// A range function that the table of another module points to. Its name says its number: there is
// no other of that name, in the device library neither.
static void tenon_export(const tenon_codegen_t* codegen, size_t i, LLVMValueRef function) {
  MlirStringRef name = codegen->kernels[i].name;
  tenon_text_t text = {0};
  tenon_text_appendf(&text, "%zu.%.*s", i, (int)name.length, name.data);
  LLVMSetValueName2(function, text.data, text.length);
  LLVMSetLinkage(function, LLVMExternalLinkage);
  LLVMSetVisibility(function, LLVMHiddenVisibility);
  free(text.data);
}

static LLVMValueRef tenon_declare(const tenon_codegen_t* codegen, size_t i, const tenon_ir_t* ir) {
  LLVMTypeRef parameters[] = {ir->ptr, ir->i64, ir->i64};
  LLVMTypeRef type = LLVMFunctionType(ir->i32, parameters, 3, false);
  LLVMValueRef function = LLVMAddFunction(ir->module, "", type);
  tenon_export(codegen, i, function);
  return function;
}

static void tenon_emit_rows(const tenon_codegen_t* codegen, const tenon_ir_t* ir) {
  tenon_emit_table(ir, codegen->rows, codegen->count, codegen->target.triple,
                   codegen->target.required_features);
}

// One chunk, the table in the same module: nothing crosses, and no other thread is needed.
static MlirLogicalResult tenon_emit_whole(tenon_codegen_t* codegen) {
  codegen->chunk_count = 1;
  codegen->chunks = tenon_xcalloc(1, sizeof(*codegen->chunks));
  if (mlirLogicalResultIsFailure(tenon_open_chunk(codegen, 0))) return mlirLogicalResultFailure();
  for (size_t i = 0; i < codegen->count; ++i) {
    if (mlirLogicalResultIsFailure(tenon_emit_dispatch(codegen, i, &codegen->chunks[0].ir)))
      return mlirLogicalResultFailure();
  }
  tenon_emit_rows(codegen, &codegen->chunks[0].ir);
  tenon_chunk_compile(&codegen->chunks[0]);
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult tenon_emit_chunks(tenon_codegen_t* codegen, size_t enough,
                                           tenon_pool_t* pool) {
  size_t number = 0;
  for (size_t first = 0; first < codegen->count; ++number) {
    if (mlirLogicalResultIsFailure(tenon_open_chunk(codegen, number)))
      return mlirLogicalResultFailure();
    size_t end = tenon_chunk_end(codegen, first, enough);
    for (; first < end; ++first) {
      if (mlirLogicalResultIsFailure(
              tenon_emit_dispatch(codegen, first, &codegen->chunks[number].ir)))
        return mlirLogicalResultFailure();
      tenon_export(codegen, first, codegen->rows[first].function);
    }
    tenon_pool_add(pool, &codegen->chunks[number]);
  }
  // The table comes last, in a module of its own.
  tenon_chunk_t* table = &codegen->chunks[number];
  if (mlirLogicalResultIsFailure(tenon_open_chunk(codegen, number)))
    return mlirLogicalResultFailure();
  for (size_t i = 0; i < codegen->count; ++i)
    codegen->rows[i].function = tenon_declare(codegen, i, &table->ir);
  tenon_emit_rows(codegen, &table->ir);
  tenon_pool_add(pool, table);
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult tenon_emit_parts(tenon_codegen_t* codegen, size_t enough) {
  for (size_t first = 0; first < codegen->count; ++codegen->chunk_count)
    first = tenon_chunk_end(codegen, first, enough);
  ++codegen->chunk_count;
  codegen->chunks = tenon_xcalloc(codegen->chunk_count, sizeof(*codegen->chunks));
  int threads = codegen->program->options->codegen_threads;
  tenon_pool_t* pool = tenon_pool_create(tenon_chunk_compile, codegen->chunk_count,
                                         threads ? threads : (int)tenon_processor_count());
  MlirLogicalResult result = tenon_emit_chunks(codegen, enough, pool);
  tenon_pool_finish(pool);
  return result;
}

//===----------------------------------------------------------------------===//
// The executable
//===----------------------------------------------------------------------===//

// The dispatches as LLVM IR, for people.
static char* tenon_join_texts(const tenon_codegen_t* codegen) {
  tenon_text_t text = {0};
  for (size_t i = 0; i < codegen->chunk_count; ++i)
    tenon_text_appendf(&text, "%s", codegen->chunks[i].text);
  return text.data;
}

static MlirLogicalResult tenon_link_chunks(tenon_codegen_t* codegen) {
  tenon_object_t objects[TENON_MAX_CHUNKS + 1];
  for (size_t i = 0; i < codegen->chunk_count; ++i) {
    const tenon_chunk_t* chunk = &codegen->chunks[i];
    if (chunk->error) return tenon_error_at(codegen->location, "%s", chunk->error);
    objects[i] =
        (tenon_object_t){LLVMGetBufferStart(chunk->object), LLVMGetBufferSize(chunk->object)};
  }
  return tenon_link_executable(codegen->location, codegen->target.triple, objects,
                               codegen->chunk_count, &codegen->program->executable);
}

static MlirLogicalResult tenon_generate(tenon_codegen_t* codegen) {
  size_t enough = tenon_enough_weight(codegen);
  bool whole = tenon_chunk_end(codegen, 0, enough) == codegen->count;
  if (mlirLogicalResultIsFailure(whole ? tenon_emit_whole(codegen)
                                       : tenon_emit_parts(codegen, enough)) ||
      mlirLogicalResultIsFailure(tenon_link_chunks(codegen)))
    return mlirLogicalResultFailure();
  if (codegen->program->options->last_stage == TENON_STAGE_CODEGEN)
    codegen->program->dispatch_text = tenon_join_texts(codegen);
  return tenon_dump_binary(&codegen->dump, codegen->location, codegen->program->executable);
}

static void tenon_collect(tenon_codegen_t* codegen, MlirOperation first, size_t count) {
  codegen->functions = tenon_xcalloc(count, sizeof(*codegen->functions));
  codegen->weights = tenon_xcalloc(count, sizeof(*codegen->weights));
  codegen->kernels = tenon_xcalloc(count, sizeof(*codegen->kernels));
  codegen->plans = tenon_xcalloc(count, sizeof(*codegen->plans));
  codegen->rows = tenon_xcalloc(count, sizeof(*codegen->rows));
  for (MlirOperation op = first; !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    codegen->functions[codegen->count] = op;
    codegen->weights[codegen->count++] = tenon_weigh(op);
  }
}

static void tenon_codegen_free(tenon_codegen_t* codegen) {
  for (size_t i = 0; i < codegen->chunk_count; ++i) tenon_chunk_free(&codegen->chunks[i]);
  for (size_t i = 0; i < codegen->count; ++i) tenon_kernel_free(&codegen->kernels[i]);
  free(codegen->chunks);
  free(codegen->functions);
  free(codegen->weights);
  free(codegen->kernels);
  free(codegen->plans);
  free(codegen->rows);
  tenon_dump_close(&codegen->dump);
  tenon_target_free(&codegen->target);
}

MlirLogicalResult tenon_stage_codegen(tenon_program_t* program) {
  MlirOperation dispatches = tenon_find_dispatches(program->module);
  size_t count = 0;
  for (MlirOperation op = tenon_first_dispatch(dispatches); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op))
    ++count;
  tenon_codegen_t codegen = {
      .program = program,
      .location = mlirOperationGetLocation(mlirModuleGetOperation(program->module))};
  if (!count) return mlirLogicalResultSuccess();
  if (mlirLogicalResultIsFailure(
          tenon_target_make(program->options, codegen.location, &codegen.target)))
    return mlirLogicalResultFailure();
  MlirLogicalResult result = tenon_dump_open(program->options, codegen.location, &codegen.dump);
  if (mlirLogicalResultIsSuccess(result)) {
    tenon_collect(&codegen, tenon_first_dispatch(dispatches), count);
    result = tenon_generate(&codegen);
  }
  tenon_codegen_free(&codegen);
  return result;
}
