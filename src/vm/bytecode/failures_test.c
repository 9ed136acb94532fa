// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a failure says: whole texts, with every frame that it leaves.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
// cmocka needs those before it.
#include <cmocka.h>

#include "base/testing/failing_allocator.h"
#include "iree/vm/bytecode_module.h"
#include "vm/bytecode/testing/test_module.h"

// Expects a failure of exactly this text, which is the user's whole message.
static void expect_text(iree_status_t status, const char* expected) {
  char buffer[4096] = "OK";
  iree_host_size_t length = 0;
  if (!iree_status_is_ok(status)) iree_status_format(status, sizeof(buffer), buffer, &length);
  iree_status_ignore(status);
  // Where in the runtime's source it was made, which builds without NDEBUG tell.
  const char* text = strstr(buffer, iree_status_code_string(iree_status_code(status)));
  assert_string_equal(text ? text : buffer, expected);
}

// A function @name: a call of @callee, or of the import, at line |line|, with all arguments.
static void define_caller(test_module_t* module, uint32_t function, uint32_t callee, bool is_import,
                          uint32_t line, size_t argument_count) {
  tenon_assembler_t* as = tenon_assembler_create(module->writer, function);
  tenon_register_t arguments[4], result = tenon_assembler_new_register(as, TENON_CLASS_I32);
  for (size_t i = 0; i < argument_count; ++i) arguments[i] = tenon_assembler_argument(as, i);
  tenon_assembler_location(as, text_of(module, "p.mlir"), line, 5, 0);
  (is_import ? tenon_assembler_call_import : tenon_assembler_call)(as, callee, arguments,
                                                                   argument_count, &result, 1);
  tenon_assembler_return(as, &result, 1);
  tenon_assembler_finish(as);
}

//===----------------------------------------------------------------------===//
// Imports
//===----------------------------------------------------------------------===//

static void expect_refused(const char* import, const char* convention, const char* expected) {
  test_module_t module = begin_module();
  uint32_t callee = declare_import(&module, import, convention);
  define_caller(&module, declare_export(&module, "main", "0i_i"), callee, true, 3, 1);
  write_module(&module);
  expect_text(tenon_harness_create(archive_of(&module), iree_allocator_system(), &module.harness),
              expected);
  free(module.data);
}

static void test_unresolved_imports(void** state) {
  expect_refused("nowhere.f", "0i_i",
                 "NOT_FOUND; module 'm' imports 'nowhere.f', but no module 'nowhere' is registered "
                 "before it (registered: custom); register module 'nowhere' before 'm'; while "
                 "registering module 'm'");
  expect_refused("custom.f", "0i_i",
                 "NOT_FOUND; module 'custom' has no exported function 'f'; it exports: twice, mix, "
                 "sum, same, fail, yield, refs; module 'm' imports 'custom.f'; while registering "
                 "module 'm'");
  expect_refused("custom.refs", "0i_i",
                 "INTERNAL; module 'm' imports 'custom.refs' as 0i_i, but the module that was "
                 "registered has it as 0r_i; change the declaration in the program or the "
                 "function's signature so that they agree; while registering module 'm'");
}

//===----------------------------------------------------------------------===//
// Frames
//===----------------------------------------------------------------------===//

// A native function is given a reference to something else.
static void test_wrong_type_for_native_function(void** state) {
  test_module_t module = begin_module();
  uint32_t refs = declare_import(&module, "custom.refs", "0r_i");
  uint32_t inner = tenon_writer_declare_function(module.writer, text_of(&module, "inner"),
                                                 text_of(&module, "0r_i"));
  define_caller(&module, inner, refs, true, 3, 1);
  define_caller(&module, declare_export(&module, "main", "0r_i"), inner, false, 7, 1);
  load_module(&module);
  iree_vm_list_t *inputs = make_list(), *outputs = make_list();
  iree_vm_ref_t list = iree_vm_list_move_ref(make_list());
  IREE_CHECK_OK(iree_vm_list_push_ref_move(inputs, &list));
  expect_text(tenon_harness_call(&module.harness, "main", inputs, outputs),
              "INVALID_ARGUMENT; expected a vm.buffer but the reference is a vm.list; while "
              "invoking native function custom.refs; at p.mlir:3:5 in bytecode function m.inner; "
              "at p.mlir:7:5 in bytecode function m.main");
  iree_vm_list_release(inputs);
  iree_vm_list_release(outputs);
  end_module(&module);
}

// @__init fails, so the module can't be registered.
static void test_initializer(void** state) {
  test_module_t module = begin_module();
  uint32_t divide = tenon_writer_declare_function(module.writer, text_of(&module, "divide"),
                                                  text_of(&module, "0v_i"));
  tenon_assembler_t* as = tenon_assembler_create(module.writer, divide);
  tenon_register_t zero = tenon_assembler_new_register(as, TENON_CLASS_I32);
  tenon_assembler_location(as, text_of(&module, "p.mlir"), 2, 3, text_of(&module, "in @divide"));
  TENON_EMIT(as, TENON_OP_DIVS_I32, zero, zero, zero);
  tenon_assembler_return(as, &zero, 1);
  tenon_assembler_finish(as);
  as = tenon_assembler_create(module.writer, declare_export(&module, "__init", "0v_v"));
  tenon_register_t result = tenon_assembler_new_register(as, TENON_CLASS_I32);
  tenon_assembler_call(as, divide, NULL, 0, &result, 1);
  tenon_assembler_return(as, NULL, 0);
  tenon_assembler_finish(as);
  write_module(&module);
  expect_text(tenon_harness_create(archive_of(&module), iree_allocator_system(), &module.harness),
              "INVALID_ARGUMENT; integer division by zero; at p.mlir:2:3 (in @divide) in bytecode "
              "function m.divide; at pc 0 in bytecode function m.__init; while registering module "
              "'m'");
  free(module.data);
}

// Functions that call each other, @f0 through the others and again @f0, until the stack ends.
static void build_circle(test_module_t* module, uint32_t count) {
  uint32_t functions[32];
  for (uint32_t i = 0; i < count; ++i) {
    char name[16];
    snprintf(name, sizeof(name), "f%u", i);
    functions[i] = declare_export(module, name, "0i_i");
  }
  for (uint32_t i = 0; i < count; ++i) {
    define_caller(module, functions[i], functions[(i + 1) % count], false, i + 1, 1);
  }
  load_module(module);
}

// Of very many places the innermost and the outermost are named; the rest is counted.
static void test_many_places(void** state) {
  test_module_t module = begin_module();
  build_circle(&module, 2);
  iree_vm_list_t *inputs = make_list(), *outputs = make_list();
  push_i32(inputs, 0);
  char buffer[4096];
  iree_host_size_t length = 0;
  iree_status_t status = tenon_harness_call(&module.harness, "f0", inputs, outputs);
  assert_true(iree_status_format(status, sizeof(buffer), buffer, &length));
  iree_status_ignore(status);
  unsigned depth = 0, unnamed = 0, named = 0;
  const char* text = strstr(buffer, "at a depth of ");
  assert_non_null(text);
  assert_int_equal(sscanf(text, "at a depth of %u calls", &depth), 1);
  for (const char* p = buffer; (p = strstr(p, "in bytecode function m.f")) != NULL; ++p) ++named;
  assert_int_equal(named, 17);
  text = strstr(buffer, "; ... ");
  assert_non_null(text);
  assert_int_equal(sscanf(text, "; ... %u calls;", &unnamed), 1);
  assert_int_equal(named + unnamed, depth);
  static const char end[] = " calls; at p.mlir:1:5 in bytecode function m.f0";
  assert_string_equal(buffer + length - strlen(end), end);
  iree_vm_list_release(inputs);
  iree_vm_list_release(outputs);
  end_module(&module);
}

// Suspended in a recursion and resumed, then failing: frames that did not run any more when it failed.
static void test_suspended_recursion(void** state) {
  test_module_t module = begin_module();
  uint32_t yield = declare_import(&module, "custom.yield", "0ri_i");
  uint32_t again = tenon_writer_declare_function(module.writer, text_of(&module, "again"),
                                                 text_of(&module, "0rii_i"));
  tenon_assembler_t* as = tenon_assembler_create(module.writer, again);
  tenon_register_t ref = tenon_assembler_argument(as, 0), n = tenon_assembler_argument(as, 1);
  tenon_register_t depth = tenon_assembler_argument(as, 2);
  tenon_register_t one = tenon_assembler_new_register(as, TENON_CLASS_I32);
  tenon_label_t deeper = tenon_assembler_new_label(as);
  TENON_EMIT(as, TENON_OP_CONST_I32, one, 1);
  TENON_EMIT(as, TENON_OP_SUB_I32, depth, depth, one);
  TENON_EMIT(as, TENON_OP_BR_IF, depth, deeper);
  tenon_assembler_location(as, text_of(&module, "p.mlir"), 4, 5, 0);
  tenon_assembler_call_import(as, yield, (const tenon_register_t[]){ref, n}, 2, &n, 1);
  tenon_assembler_return(as, &n, 1);
  tenon_assembler_bind(as, deeper);
  tenon_assembler_location(as, text_of(&module, "p.mlir"), 6, 5, 0);
  tenon_assembler_call(as, again, (const tenon_register_t[]){ref, n, depth}, 3, &n, 1);
  tenon_assembler_return(as, &n, 1);
  tenon_assembler_finish(as);
  define_caller(&module, declare_export(&module, "main", "0rii_i"), again, false, 9, 3);
  load_module(&module);
  iree_vm_list_t *inputs = make_list(), *outputs = make_list();
  iree_vm_buffer_t* buffer = push_buffer(inputs);
  push_i32(inputs, -1);
  push_i32(inputs, 100);
  expect_text(tenon_harness_call(&module.harness, "main", inputs, outputs),
              "ABORTED; gave up; while invoking native function custom.yield; at p.mlir:4:5 in "
              "bytecode function m.again; at p.mlir:6:5 in bytecode function m.again (repeated 99 "
              "times); at p.mlir:9:5 in bytecode function m.main");
  assert_int_equal(ref_count(buffer), 1);
  iree_vm_list_release(inputs);
  iree_vm_list_release(outputs);
  end_module(&module);
}

//===----------------------------------------------------------------------===//
// Backtraces on request
//===----------------------------------------------------------------------===//

static iree_status_t shim_explain(iree_vm_stack_t* stack, iree_vm_native_function_flags_t flags,
                                  iree_byte_span_t args, iree_byte_span_t rets,
                                  iree_vm_native_function_target_t target, void* module,
                                  void* state) {
  iree_vm_stack_frame_t* frame = NULL;
  IREE_RETURN_IF_ERROR(
      iree_vm_stack_function_enter(stack, NULL, IREE_VM_STACK_FRAME_NATIVE, 16, NULL, &frame));
  return iree_vm_stack_annotate_backtrace(stack, iree_make_status(IREE_STATUS_DATA_LOSS, "why"));
}

static const iree_vm_native_export_descriptor_t native_exports[] = {
    {IREE_VM_NATIVE_STR("explain"), IREE_VM_NATIVE_STR("0i_i"), 0, NULL}};
static const iree_vm_native_function_ptr_t native_functions[] = {{shim_explain, NULL}};
static const iree_vm_native_module_descriptor_t native_descriptor = {
    .name = IREE_VM_NATIVE_STR("native"),
    .export_count = 1,
    .exports = native_exports,
    .function_count = 1,
    .functions = native_functions,
};

static void test_backtrace(void** state) {
  test_module_t module = begin_module();
  uint32_t explain = declare_import(&module, "native.explain", "0i_i");
  uint32_t inner = tenon_writer_declare_function(module.writer, text_of(&module, "inner"),
                                                 text_of(&module, "0i_i"));
  define_caller(&module, inner, explain, true, 3, 1);
  define_caller(&module, declare_export(&module, "main", "0i_i"), inner, false, 7, 1);
  write_module(&module);
  iree_allocator_t allocator = iree_allocator_system();
  iree_vm_instance_t* instance = NULL;
  IREE_CHECK_OK(iree_vm_instance_create(allocator, &instance));
  iree_vm_module_t interface, *modules[2] = {NULL, NULL};
  IREE_CHECK_OK(iree_vm_module_initialize(&interface, NULL));
  IREE_CHECK_OK(iree_vm_native_module_create(&interface, &native_descriptor, instance, allocator,
                                             &modules[0]));
  IREE_CHECK_OK(iree_vm_bytecode_module_create(instance, archive_of(&module), iree_allocator_null(),
                                               allocator, &modules[1]));
  iree_vm_context_t* context = NULL;
  IREE_CHECK_OK(iree_vm_context_create_with_modules(instance, IREE_VM_CONTEXT_FLAG_NONE, 2, modules,
                                                    allocator, &context));
  iree_vm_function_t function;
  IREE_CHECK_OK(iree_vm_context_resolve_function(context, IREE_SV("m.main"), &function));
  iree_vm_list_t *inputs = make_list(), *outputs = make_list();
  push_i32(inputs, 0);
  expect_text(iree_vm_invoke(context, function, IREE_VM_INVOCATION_FLAG_NONE, NULL, inputs, outputs,
                             allocator),
              "DATA_LOSS; why; backtrace:\n"
              "[ 2] while invoking native function\n"
              "[ 1] at p.mlir:3:5 in bytecode function m.inner\n"
              "[ 0] at p.mlir:7:5 in bytecode function m.main; while invoking native function "
              "native.explain; at p.mlir:3:5 in bytecode function "
              "m.inner; at p.mlir:7:5 in bytecode function m.main");
  iree_vm_list_release(inputs);
  iree_vm_list_release(outputs);
  iree_vm_context_release(context);
  for (int i = 0; i < 2; ++i) iree_vm_module_release(modules[i]);
  iree_vm_instance_release(instance);
  free(module.data);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_unresolved_imports),
      cmocka_unit_test(test_wrong_type_for_native_function),
      cmocka_unit_test(test_initializer),
      cmocka_unit_test(test_many_places),
      cmocka_unit_test(test_suspended_recursion),
      cmocka_unit_test(test_backtrace),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
