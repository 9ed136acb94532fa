// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/compile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "compiler/context.h"
#include "compiler/diagnostics.h"
#include "compiler/picture.h"
#include "compiler/support/mlir_util.h"
#include "compiler/support/parse.h"
#include "compiler/vet.h"

typedef struct stage_t {
  const char* name;
  MlirLogicalResult (*run)(tenon_program_t* program);
} stage_t;

// The whole way. After every stage the module is verified.
static const stage_t stages[TENON_STAGE_COUNT] = {
    [TENON_STAGE_INPUT] = {"input", tenon_stage_input},
    [TENON_STAGE_DISPATCH] = {"dispatch", tenon_stage_dispatch},
    [TENON_STAGE_SCHEDULE] = {"schedule", tenon_stage_schedule},
    [TENON_STAGE_CODEGEN] = {"codegen", tenon_stage_codegen},
    [TENON_STAGE_EMIT] = {"end", tenon_stage_emit},
};

const char* tenon_stage_name(tenon_stage_t stage) { return stages[stage].name; }

static double seconds(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

typedef struct stage_timer_t {
  double wall, processor;
} stage_timer_t;

static stage_timer_t timer_start(void) {
  return (stage_timer_t){seconds(CLOCK_MONOTONIC), seconds(CLOCK_PROCESS_CPUTIME_ID)};
}

static void timer_report(const tenon_options_t* options, stage_timer_t start, const char* what) {
  if (!options->timing) return;
  fprintf(stderr, "%-10s wall %8.3f ms  processor %8.3f ms\n", what,
          (seconds(CLOCK_MONOTONIC) - start.wall) * 1e3,
          (seconds(CLOCK_PROCESS_CPUTIME_ID) - start.processor) * 1e3);
}

static void print_module(MlirModule module, tenon_text_t* text) {
  mlirOperationPrint(mlirModuleGetOperation(module), tenon_text_callback, text);
}

static bool run_stage(tenon_program_t* program, tenon_stage_t stage) {
  stage_timer_t start = timer_start();
  if (mlirLogicalResultIsFailure(stages[stage].run(program))) return false;
  timer_report(program->options, start, stages[stage].name);
  if (stage == TENON_STAGE_EMIT) return true;
  if (program->options->print_ir_after_all) {
    tenon_text_t text = {0};
    print_module(program->module, &text);
    fprintf(stderr, "// -----// IR Dump After stage %s //----- //\n%s\n", stages[stage].name,
            text.data);
    free(text.data);
  }
  if (!mlirOperationVerify(mlirModuleGetOperation(program->module))) return false;
  const char* picture = program->options->dump_schedule;
  return stage != TENON_STAGE_SCHEDULE || !picture ||
         mlirLogicalResultIsSuccess(tenon_picture_write(program, picture));
}

static bool run_stages(tenon_program_t* program) {
  for (int stage = 0; stage <= (int)program->options->last_stage; ++stage) {
    if (!run_stage(program, (tenon_stage_t)stage)) return false;
  }
  return true;
}

// Null, with a diagnostic, when the source is no module.
static MlirModule read_module(MlirContext context, tenon_diagnostics_t* diagnostics) {
  if (!tenon_vet_source(context, diagnostics, tenon_parse_module)) return (MlirModule){NULL};
  return tenon_parse_module(context,
                            mlirStringRefCreate(diagnostics->source, diagnostics->source_length),
                            tenon_str(diagnostics->source_name));
}

bool tenon_compile(const tenon_options_t* options, const char* source, size_t source_length,
                   const char* source_name, tenon_bytes_t* out_result) {
  *out_result = (tenon_bytes_t){0};
  stage_timer_t start = timer_start();
  tenon_program_t program = {.options = options, .context = tenon_context_create()};
  tenon_diagnostics_t diagnostics = {
      .source = source, .source_length = source_length, .source_name = source_name};
  tenon_diagnostics_attach(program.context, &diagnostics);
  program.module = read_module(program.context, &diagnostics);
  bool ok = !mlirModuleIsNull(program.module);
  timer_report(options, start, "parse");
  ok = ok && run_stages(&program);
  if (ok && options->last_stage == TENON_STAGE_EMIT) {
    *out_result = program.file;
  } else if (ok) {
    tenon_text_t text = {0};
    print_module(program.module, &text);
    tenon_text_append(&text, "\n", 1);
    if (program.dispatch_text)
      tenon_text_append(&text, program.dispatch_text, strlen(program.dispatch_text));
    *out_result = (tenon_bytes_t){(uint8_t*)text.data, text.length};
  } else if (diagnostics.error_count == 0) {
    fprintf(stderr,
            "%s: error: compilation failed without a message; please report this with the source\n",
            source_name);
  }
  if (!ok) free(program.file.data);
  free(program.executable.data);
  free(program.dispatch_text);
  if (!mlirModuleIsNull(program.module)) mlirModuleDestroy(program.module);
  mlirContextDestroy(program.context);
  timer_report(options, start, "total");
  return ok;
}
