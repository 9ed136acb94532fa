// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/codegen/chunk.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/support/mlir_util.h"
#include "llvm-c/Error.h"
#include "llvm-c/Transforms/PassBuilder.h"

// The loops arrive in the form that the vectoriser wants (nest.c), so little is needed before and
// after it.
#define TENON_LLVM_PASSES                                                                   \
  "function(mem2reg,early-cse,instcombine<no-verify-fixpoint>,simplifycfg,loop-mssa(licm)," \
  "loop-vectorize,instcombine<no-verify-fixpoint>,simplifycfg,loop(loop-unroll-full),sroa," \
  "instcombine<no-verify-fixpoint>,loop-mssa(licm),early-cse)"

bool tenon_chunk_open(const tenon_target_t* target, tenon_chunk_t* out_chunk) {
  out_chunk->machine = tenon_target_machine(target);
  if (!out_chunk->machine) {
    tenon_text_t text = {0};
    tenon_text_appendf(&text, "LLVM can't make code for '%s'", target->triple);
    out_chunk->error = text.data;
    return false;
  }
  LLVMContextRef context = LLVMContextCreate();
  LLVMContextSetDiscardValueNames(context, true);
  out_chunk->ir = (tenon_ir_t){
      .context = context,
      .module = LLVMModuleCreateWithNameInContext("tenon", context),
      .builder = LLVMCreateBuilderInContext(context),
      .i1 = LLVMInt1TypeInContext(context),
      .i4 = LLVMIntTypeInContext(context, 4),
      .i8 = LLVMInt8TypeInContext(context),
      .i16 = LLVMInt16TypeInContext(context),
      .i32 = LLVMInt32TypeInContext(context),
      .i64 = LLVMInt64TypeInContext(context),
      .f16 = LLVMHalfTypeInContext(context),
      .f32 = LLVMFloatTypeInContext(context),
      .f64 = LLVMDoubleTypeInContext(context),
      .ptr = LLVMPointerTypeInContext(context, 0),
      .converts_half = target->converts_half,
  };
  LLVMTargetDataRef layout = LLVMCreateTargetDataLayout(out_chunk->machine);
  LLVMSetModuleDataLayout(out_chunk->ir.module, layout);
  LLVMDisposeTargetData(layout);
  LLVMSetTarget(out_chunk->ir.module, target->triple);
  return true;
}

// Sets |error| to what LLVM says, "WHAT: MESSAGE".
static void fail(tenon_chunk_t* chunk, const char* what, const char* message) {
  tenon_text_t text = {0};
  tenon_text_appendf(&text, "%s: %s", what, message);
  chunk->error = text.data;
}

static void optimize(tenon_chunk_t* chunk) {
  LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
  LLVMErrorRef error = LLVMRunPasses(chunk->ir.module, TENON_LLVM_PASSES, chunk->machine, options);
  LLVMDisposePassBuilderOptions(options);
  if (!error) return;
  char* message = LLVMGetErrorMessage(error);
  fail(chunk, "optimising the dispatches failed", message);
  LLVMDisposeErrorMessage(message);
}

// Making machine code changes |module|.
static LLVMMemoryBufferRef generate(tenon_chunk_t* chunk, LLVMModuleRef module,
                                    LLVMCodeGenFileType type) {
  LLVMMemoryBufferRef code = NULL;
  char* message = NULL;
  if (LLVMTargetMachineEmitToMemoryBuffer(chunk->machine, module, type, &message, &code)) {
    fail(chunk, "making machine code for the dispatches failed", message);
    LLVMDisposeMessage(message);
  }
  return code;
}

// Writes the module as it is for --iree-hal-dump-executable-intermediates-to.
static void dump_module(tenon_chunk_t* chunk, const char* suffix) {
  if (chunk->error || !chunk->dump->intermediates) return;
  char* text = LLVMPrintModuleToString(chunk->ir.module);
  chunk->error = tenon_dump_intermediate(chunk->dump, chunk->number, suffix, text, strlen(text));
  LLVMDisposeMessage(text);
}

static void dump_buffer(tenon_chunk_t* chunk, const char* suffix, LLVMMemoryBufferRef buffer) {
  if (chunk->error) return;
  chunk->error = tenon_dump_intermediate(chunk->dump, chunk->number, suffix,
                                         LLVMGetBufferStart(buffer), LLVMGetBufferSize(buffer));
}

static void dump_assembly(tenon_chunk_t* chunk) {
  if (chunk->error || !chunk->dump->intermediates) return;
  LLVMModuleRef copy = LLVMCloneModule(chunk->ir.module);
  LLVMMemoryBufferRef assembly = generate(chunk, copy, LLVMAssemblyFile);
  dump_buffer(chunk, "s", assembly);
  if (assembly) LLVMDisposeMemoryBuffer(assembly);
  LLVMDisposeModule(copy);
}

static void keep_text(tenon_chunk_t* chunk) {
  if (!chunk->keep_text) return;
  char* text = LLVMPrintModuleToString(chunk->ir.module);
  chunk->text = strdup(text);
  LLVMDisposeMessage(text);
}

// What machine code was made of is not needed any longer.
static void close_module(tenon_chunk_t* chunk) {
  if (chunk->ir.builder) LLVMDisposeBuilder(chunk->ir.builder);
  if (chunk->ir.module) LLVMDisposeModule(chunk->ir.module);
  if (chunk->ir.context) LLVMContextDispose(chunk->ir.context);
  if (chunk->machine) LLVMDisposeTargetMachine(chunk->machine);
  memset(&chunk->ir, 0, sizeof(chunk->ir));
  chunk->machine = NULL;
}

void tenon_chunk_compile(void* argument) {
  tenon_chunk_t* chunk = argument;
  dump_module(chunk, "codegen.ll");
  if (!chunk->error) optimize(chunk);
  dump_module(chunk, "optimized.ll");
  keep_text(chunk);
  dump_assembly(chunk);
  if (!chunk->error) chunk->object = generate(chunk, chunk->ir.module, LLVMObjectFile);
  if (chunk->dump->intermediates) dump_buffer(chunk, "o", chunk->object);
  close_module(chunk);
}

void tenon_chunk_free(tenon_chunk_t* chunk) {
  close_module(chunk);
  if (chunk->object) LLVMDisposeMemoryBuffer(chunk->object);
  free(chunk->text);
  free(chunk->error);
}
