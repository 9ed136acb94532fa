// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the interpreter costs: nanoseconds for an iteration of a loop, for calls and for branches.
// One line per figure:
//
//   FIGURE NANOSECONDS
//
// Each is the best of several rounds, since everything else on a machine only adds.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "format/writer.h"
#include "iree/vm/api.h"
#include "iree/vm/bytecode_module.h"

enum { ITERATIONS = 1000 * 1000, ROUNDS = 15 };

//===----------------------------------------------------------------------===//
// The module under test: functions (0i_i) of a number of iterations
//===----------------------------------------------------------------------===//

typedef struct program_t {
  tenon_writer_t* writer;
  uint32_t twice;     // import (0i_i)
  uint32_t identity;  // function (0i_i)
} program_t;

typedef struct loop_t {
  tenon_assembler_t* as;
  tenon_register_t count, i, one, sum;
  tenon_label_t head;
} loop_t;

static uint32_t text(program_t* p, const char* string) {
  return tenon_writer_cstring(p->writer, string);
}

static loop_t begin_loop(program_t* p, const char* name) {
  uint32_t function = tenon_writer_declare_function(p->writer, text(p, name), text(p, "0i_i"));
  tenon_writer_add_export(p->writer, text(p, name), function, NULL, 0);
  loop_t loop = {.as = tenon_assembler_create(p->writer, function)};
  loop.count = tenon_assembler_argument(loop.as, 0);
  loop.i = tenon_assembler_new_register(loop.as, TENON_CLASS_I32);
  loop.one = tenon_assembler_new_register(loop.as, TENON_CLASS_I32);
  loop.sum = tenon_assembler_new_register(loop.as, TENON_CLASS_I32);
  loop.head = tenon_assembler_new_label(loop.as);
  TENON_EMIT(loop.as, TENON_OP_CONST_I32, loop.one, 1);
  tenon_assembler_bind(loop.as, loop.head);
  return loop;
}

static void end_loop(loop_t* loop) {
  TENON_EMIT(loop->as, TENON_OP_ADD_I32, loop->i, loop->i, loop->one);
  TENON_EMIT(loop->as, TENON_OP_BR_SLT_I32, loop->i, loop->count, loop->head);
  tenon_assembler_return(loop->as, &loop->sum, 1);
  tenon_assembler_finish(loop->as);
}

static void define_identity(program_t* p) {
  p->identity = tenon_writer_declare_function(p->writer, text(p, "identity"), text(p, "0i_i"));
  tenon_assembler_t* as = tenon_assembler_create(p->writer, p->identity);
  tenon_register_t x = tenon_assembler_argument(as, 0);
  tenon_assembler_return(as, &x, 1);
  tenon_assembler_finish(as);
}

static void build(uint8_t** data, size_t* length) {
  program_t p = {.writer = tenon_writer_create()};
  tenon_writer_set_name(p.writer, text(&p, "bench"));
  p.twice =
      tenon_writer_add_import(p.writer, text(&p, "native.twice"), text(&p, "0i_i"), 0, NULL, 0);
  define_identity(&p);

  loop_t loop = begin_loop(&p, "loop");
  end_loop(&loop);
  loop = begin_loop(&p, "loop add");
  TENON_EMIT(loop.as, TENON_OP_ADD_I32, loop.sum, loop.sum, loop.i);
  end_loop(&loop);
  loop = begin_loop(&p, "internal call");
  tenon_assembler_call(loop.as, p.identity, &loop.i, 1, &loop.sum, 1);
  end_loop(&loop);
  loop = begin_loop(&p, "native call i32");
  tenon_assembler_call_import(loop.as, p.twice, &loop.i, 1, &loop.sum, 1);
  end_loop(&loop);

  if (!tenon_writer_serialize(p.writer, data, length)) {
    fprintf(stderr, "%s\n", tenon_writer_error(p.writer));
    exit(1);
  }
  tenon_writer_destroy(p.writer);
}

//===----------------------------------------------------------------------===//
// The native module
//===----------------------------------------------------------------------===//

IREE_VM_ABI_EXPORT(native_twice, void, i, i) {
  rets->i0 = (int32_t)((uint32_t)args->i0 * 2u);
  return iree_ok_status();
}

static const iree_vm_native_export_descriptor_t native_exports[] = {
    {IREE_VM_NATIVE_STR("twice"), IREE_VM_NATIVE_STR("0i_i"), 0, NULL},
};
static const iree_vm_native_function_ptr_t native_functions[] = {
    {(iree_vm_native_function_shim_t)iree_vm_shim_i_i,
     (iree_vm_native_function_target_t)native_twice},
};
static const iree_vm_native_module_descriptor_t native_descriptor = {
    .name = IREE_VM_NATIVE_STR("native"),
    .export_count = 1,
    .exports = native_exports,
    .function_count = 1,
    .functions = native_functions,
};

//===----------------------------------------------------------------------===//
// Timing
//===----------------------------------------------------------------------===//

static double now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static double measure(iree_vm_context_t* context, const char* name, int32_t iterations) {
  char full_name[64];
  snprintf(full_name, sizeof(full_name), "bench.%s", name);
  iree_vm_function_t function;
  IREE_CHECK_OK(
      iree_vm_context_resolve_function(context, iree_make_cstring_view(full_name), &function));
  iree_allocator_t allocator = iree_allocator_system();
  iree_vm_list_t *inputs = NULL, *outputs = NULL;
  IREE_CHECK_OK(iree_vm_list_create(NULL, 1, allocator, &inputs));
  IREE_CHECK_OK(iree_vm_list_create(NULL, 1, allocator, &outputs));
  iree_vm_value_t count = iree_vm_value_make_i32(iterations);
  IREE_CHECK_OK(iree_vm_list_push_value(inputs, &count));
  double best = 1e30;
  for (int round = 0; round < ROUNDS; ++round) {
    double begin = now_ns();
    IREE_CHECK_OK(iree_vm_invoke(context, function, IREE_VM_INVOCATION_FLAG_NONE, NULL, inputs,
                                 outputs, allocator));
    double elapsed = now_ns() - begin;
    if (elapsed < best) best = elapsed;
  }
  iree_vm_list_release(inputs);
  iree_vm_list_release(outputs);
  return best / iterations;
}

int main(void) {
  iree_allocator_t allocator = iree_allocator_system();
  uint8_t* data = NULL;
  size_t length = 0;
  build(&data, &length);
  iree_vm_instance_t* instance = NULL;
  IREE_CHECK_OK(iree_vm_instance_create(allocator, &instance));
  iree_vm_module_t* modules[2] = {NULL};
  iree_vm_module_t interface;
  IREE_CHECK_OK(iree_vm_module_initialize(&interface, NULL));
  IREE_CHECK_OK(iree_vm_native_module_create(&interface, &native_descriptor, instance, allocator,
                                             &modules[0]));
  IREE_CHECK_OK(iree_vm_bytecode_module_create(instance, iree_make_const_byte_span(data, length),
                                               allocator, allocator, &modules[1]));
  iree_vm_context_t* context = NULL;
  IREE_CHECK_OK(iree_vm_context_create_with_modules(instance, IREE_VM_CONTEXT_FLAG_NONE, 2, modules,
                                                    allocator, &context));
  double loop = measure(context, "loop", ITERATIONS);
  printf("loop_ns %.2f\n", loop);
  printf("add_ns %.2f\n", measure(context, "loop add", ITERATIONS) - loop);
  printf("loop_add_ns %.2f\n", measure(context, "loop add", ITERATIONS));
  printf("internal_call_ns %.2f\n", measure(context, "internal call", ITERATIONS) - loop);
  printf("native_call_i32_ns %.2f\n", measure(context, "native call i32", ITERATIONS) - loop);
  printf("invoke_ns %.2f\n", measure(context, "loop", 1));
  iree_vm_context_release(context);
  iree_vm_module_release(modules[0]);
  iree_vm_module_release(modules[1]);
  iree_vm_instance_release(instance);
  return 0;
}
