// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/codegen/codegen_testing.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// cmocka.h needs the headers above.
#include <cmocka.h>

#include "compiler/context.h"
#include "compiler/support/mlir_util.h"
#include "mlir-c/Diagnostics.h"

tenon_options_t tenon_default_options(void) {
  return (tenon_options_t){.input_path = "-",
                           .output_path = "-",
                           .last_stage = TENON_STAGE_EMIT,
                           .targets_cpu = true,
                           .target_cpu = "generic",
                           .target_cpu_features = ""};
}

static void tenon_keep_text(MlirStringRef part, void* user_data) {
  char* message = user_data;
  size_t used = strlen(message);
  snprintf(message + used, 512 - used, "%.*s", (int)part.length, part.data);
}

static MlirLogicalResult tenon_keep_first(MlirDiagnostic diagnostic, void* user_data) {
  if (!*(char*)user_data) mlirDiagnosticPrint(diagnostic, tenon_keep_text, user_data);
  return mlirLogicalResultSuccess();
}

bool tenon_compile_dispatches(const tenon_options_t* options, const char* functions,
                              tenon_bytes_t* out_file, char* out_message) {
  tenon_program_t program = {.options = options, .context = tenon_context_create()};
  *out_message = 0;
  MlirDiagnosticHandlerID handler =
      mlirContextAttachDiagnosticHandler(program.context, tenon_keep_first, out_message, NULL);
  tenon_text_t text = {0};
  tenon_text_appendf(&text, "module { module @tenon_dispatches {\n%s\n} }", functions);
  program.module =
      mlirModuleCreateParse(program.context, mlirStringRefCreate(text.data, text.length));
  if (mlirModuleIsNull(program.module))
    fail_msg("the test's own module does not parse: %s\n%s", out_message, text.data);
  bool ok = mlirLogicalResultIsSuccess(tenon_stage_codegen(&program));
  assert_true(ok || *out_message);
  *out_file = program.executable;
  mlirContextDetachDiagnosticHandler(program.context, handler);
  free(text.data);
  free(program.dispatch_text);
  mlirModuleDestroy(program.module);
  mlirContextDestroy(program.context);
  return ok;
}

tenon_loaded_t tenon_load_dispatches(const tenon_options_t* options, const char* functions) {
  tenon_loaded_t loaded = {.descriptor = memfd_create("executable", MFD_CLOEXEC)};
  char message[512], path[64];
  if (!tenon_compile_dispatches(options, functions, &loaded.file, message))
    fail_msg("%s\n%s", message, functions);
  assert_int_equal(write(loaded.descriptor, loaded.file.data, loaded.file.length),
                   (ssize_t)loaded.file.length);
  snprintf(path, sizeof(path), "/proc/self/fd/%d", loaded.descriptor);
  loaded.handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!loaded.handle) fail_msg("%s", dlerror());
  tenon_executable_query_function_t query;
  *(void**)&query = dlsym(loaded.handle, TENON_EXECUTABLE_QUERY_SYMBOL);
  assert_non_null(query);
  assert_null(query(0));
  loaded.info = query(TENON_EXECUTABLE_ABI_VERSION);
  assert_non_null(loaded.info);
  assert_ptr_equal(query(1000), loaded.info);
  return loaded;
}

void tenon_unload(tenon_loaded_t* loaded) {
  dlclose(loaded->handle);
  close(loaded->descriptor);
  free(loaded->file.data);
}

static int64_t tenon_evaluate(const tenon_extent_t* extent, const int64_t* constants,
                              uint32_t constant_count) {
  int64_t sum = extent->base;
  for (uint32_t i = 0; i < extent->term_count; ++i) {
    assert_true(extent->terms[i].scale > 0);
    assert_true(extent->terms[i].constant < constant_count);
    if (constants[extent->terms[i].constant] == 0) return 0;
    sum += extent->terms[i].scale * constants[extent->terms[i].constant];
  }
  return sum < 0 ? 0 : sum;
}

int tenon_call_result(const tenon_loaded_t* loaded, uint32_t ordinal, void* const* bindings,
                      const int64_t* lengths, const int64_t* constants, int parts) {
  assert_true(ordinal < loaded->info->dispatch_count);
  const tenon_dispatch_info_t* dispatch = &loaded->info->dispatches[ordinal];
  for (uint32_t i = 0; i < dispatch->binding_count; ++i) {
    int64_t elements = 1;
    for (uint32_t d = 0; d < dispatch->bindings[i].rank; ++d) {
      elements *=
          tenon_evaluate(&dispatch->bindings[i].dims[d], constants, dispatch->constant_count);
    }
    if (elements > lengths[i]) {
      fail_msg("%s: binding %u asks for %lld elements of %lld", dispatch->name, i,
               (long long)elements, (long long)lengths[i]);
    }
  }
  int64_t tiles = 1;
  for (uint32_t g = 0; g < dispatch->grid_rank; ++g) {
    int64_t size = dispatch->grid[g].tile_size;
    assert_true(size >= 1);
    tiles *= (tenon_evaluate(&dispatch->grid[g].extent, constants, dispatch->constant_count) +
              size - 1) /
             size;
  }
  tenon_dispatch_state_t state = {.bindings = bindings, .constants = constants};
  int result = 0;
  for (int part = parts - 1; part >= 0; --part) {
    int64_t begin = tiles * part / parts, end = tiles * (part + 1) / parts;
    int one = dispatch->function(&state, begin, end);
    if (one) result = one;
  }
  return result;
}

void tenon_call(const tenon_loaded_t* loaded, uint32_t ordinal, void* const* bindings,
                const int64_t* lengths, const int64_t* constants, int parts) {
  assert_int_equal(tenon_call_result(loaded, ordinal, bindings, lengths, constants, parts), 0);
}
