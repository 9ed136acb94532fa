// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// aot_experiment LIBRARY.so HOST.vmfb IMPORT.vmfb: nanoseconds of host functions in bytecode, compiled ahead of time, and
// compiled but called from bytecode, a `name value` on each line. aot_experiment.py makes the files and runs it.

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench_program.h"

#define COUNT 1000000

typedef int32_t (*loop_fn_t)(int32_t count);

// The compiled @mix.
static int32_t (*compiled_mix)(int32_t x, int32_t i);

IREE_VM_ABI_EXPORT(mix, void, ii, i) {
  rets->i0 = compiled_mix(args->i0, args->i1);
  return iree_ok_status();
}

static const iree_vm_native_export_descriptor_t exports[] = {
    {.local_name = IREE_VM_NATIVE_STR("mix"), .calling_convention = IREE_VM_NATIVE_STR("0ii_i")},
};
static const iree_vm_native_function_ptr_t functions[] = {
    {(iree_vm_native_function_shim_t)iree_vm_shim_ii_i, (iree_vm_native_function_target_t)mix},
};
static const iree_vm_native_module_descriptor_t descriptor = {
    .name = IREE_VM_NATIVE_STR("aot"),
    .export_count = 1,
    .exports = exports,
    .function_count = 1,
    .functions = functions,
};

// One round of a loop in bytecode.
static double time_bytecode(const char* path, const char* function) {
  program_t program = {0};
  program_open(&program, "local-sync");
  iree_vm_module_t interface;
  iree_vm_module_t* module = NULL;
  IREE_CHECK_OK(iree_vm_module_initialize(&interface, NULL));
  IREE_CHECK_OK(iree_vm_native_module_create(&interface, &descriptor,
                                             iree_runtime_instance_vm_instance(program.instance),
                                             iree_allocator_system(), &module));
  IREE_CHECK_OK(iree_runtime_session_append_module(program.session, module));
  iree_vm_module_release(module);
  program_load(&program, path, function);
  iree_vm_value_t count = iree_vm_value_make_i32(COUNT);
  IREE_CHECK_OK(iree_vm_list_push_value(program.inputs, &count));
  double result = program_time_calls(&program, 1) / COUNT;
  program_close(&program);
  return result;
}

// One round of a compiled loop.
static double time_compiled(void* library, const char* name) {
  loop_fn_t loop = (loop_fn_t)dlsym(library, name);
  double rounds[ROUNDS];
  for (int i = 0; i < ROUNDS; ++i) {
    double start = now_ns();
    loop(COUNT);
    rounds[i] = (now_ns() - start) / COUNT;
  }
  return median(rounds, ROUNDS);
}

int main(int argc, char** argv) {
  void* library = argc == 4 ? dlopen(argv[1], RTLD_NOW) : NULL;
  if (!library) {
    fprintf(stderr, "usage: aot_experiment LIBRARY.so HOST.vmfb IMPORT.vmfb\n");
    return 1;
  }
  compiled_mix = (int32_t (*)(int32_t, int32_t))dlsym(library, "mix");
  double here = time_bytecode(argv[2], "host.mix_here");
  double compiled_here = time_compiled(library, "mix_here");
  printf("bytecode_loop %.2f\n", here);
  printf("compiled_loop %.2f\n", compiled_here);
  printf("bytecode_call %.2f\n", time_bytecode(argv[2], "host.mix_by_call") - here);
  printf("compiled_call %.2f\n", time_compiled(library, "mix_by_call") - compiled_here);
  printf("import_call %.2f\n", time_bytecode(argv[3], "aot_experiment.mix_by_import") - here);
  return 0;
}
