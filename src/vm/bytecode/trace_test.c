// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What is printed of what is executed.

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
// cmocka needs those before it.
#include <cmocka.h>

#include "format/testing/sample_module.h"
#include "vm/bytecode/testing/test_module.h"

#if defined(IREE_VM_EXECUTION_TRACING_FORCE_ENABLE) && IREE_VM_EXECUTION_TRACING_FORCE_ENABLE
static const bool is_forced = true;
#else
static const bool is_forced = false;
#endif

//===----------------------------------------------------------------------===//
// Standard error
//===----------------------------------------------------------------------===//

typedef struct capture_t {
  FILE* file;
  int saved;
  char text[8192];
} capture_t;

static void begin_capture(capture_t* capture) {
  capture->file = tmpfile();
  assert_non_null(capture->file);
  fflush(stderr);
  capture->saved = dup(STDERR_FILENO);
  assert_int_equal(dup2(fileno(capture->file), STDERR_FILENO), STDERR_FILENO);
}

static void end_capture(capture_t* capture) {
  fflush(stderr);
  dup2(capture->saved, STDERR_FILENO);
  close(capture->saved);
  rewind(capture->file);
  size_t size = fread(capture->text, 1, sizeof(capture->text) - 1, capture->file);
  capture->text[size] = 0;
  fclose(capture->file);
}

// Addresses differ from run to run; " 0x..." becomes " *".
static void hide_addresses(char* text) {
  char* target = text;
  for (const char* p = text; *p;) {
    if (strncmp(p, " 0x", 3) == 0) {
      *target++ = ' ';
      *target++ = '*';
      p += 3 + strspn(p + 3, "0123456789abcdef");
    } else {
      *target++ = *p++;
    }
  }
  *target = 0;
}

//===----------------------------------------------------------------------===//
// The sample module
//===----------------------------------------------------------------------===//

static test_module_t load_sample(void) {
  test_module_t module = {0};
  tenon_make_sample_module(&module.data, &module.length);
  IREE_CHECK_OK(
      tenon_harness_create(archive_of(&module), iree_allocator_system(), &module.harness));
  return module;
}

static iree_vm_list_t* make_sample_arguments(void) {
  iree_vm_list_t* inputs = make_list();
  push_i32(inputs, 21);
  push_i64(inputs, 1ll << 40);
  iree_vm_value_t narrow = iree_vm_value_make_f32(1.5f), wide = iree_vm_value_make_f64(-2.25);
  IREE_CHECK_OK(iree_vm_list_push_value(inputs, &narrow));
  IREE_CHECK_OK(iree_vm_list_push_value(inputs, &wide));
  push_buffer(inputs);
  return inputs;
}

static iree_status_t call(iree_vm_context_t* context, iree_vm_module_t* module, const char* name,
                          iree_vm_invocation_flags_t flags, iree_vm_list_t* inputs,
                          iree_vm_list_t* outputs, iree_allocator_t allocator) {
  iree_vm_function_t function;
  IREE_RETURN_IF_ERROR(iree_vm_module_lookup_function_by_name(
      module, IREE_VM_FUNCTION_LINKAGE_EXPORT, iree_make_cstring_view(name), &function));
  return iree_vm_invoke(context, function, flags, NULL, inputs, outputs, allocator);
}

static const char sample_trace[] =
    "[sample.main+00000] br.sle.i32       i1, i0, L10  // i1=0 i0=21\n"
    "[sample.main+00010] call.import      custom.twice(i0) -> (i0)  // i0=21\n"
    "[sample.main+00017] call             @helper(move r0, l0) -> (r0, l0)"
    "  // r0=vm.buffer * l0=1099511627776\n"
    "[sample.helper+00000] const.i32        i1, 1\n"
    "[sample.helper+00004] const.i32        i2, 2\n"
    "[sample.helper+00008] add.i64          l1, l1, l0  // l1=0 l0=1099511627776\n"
    "[sample.helper+00012] add.i32          i0, i0, i1  // i0=0 i1=1\n"
    "[sample.helper+00016] br.slt.i32       i0, i2, L8  // i0=1 i2=2\n"
    "[sample.helper+00008] add.i64          l1, l1, l0  // l1=1099511627776 l0=1099511627776\n"
    "[sample.helper+00012] add.i32          i0, i0, i1  // i0=1 i1=1\n"
    "[sample.helper+00016] br.slt.i32       i0, i2, L8  // i0=2 i2=2\n"
    "[sample.helper+00021] global.load.ref  r0, global 0\n"
    "[sample.helper+00025] return           (r0, l1)  // r0=vm.buffer * l1=2199023255552\n"
    "[sample.main+00026] call.import      custom.sum(i1, [r0, l0, r0, l1]) -> (l1)"
    "  // i1=0 r0=vm.buffer * l0=2199023255552 r0=vm.buffer * l1=0\n"
    "[sample.main+00038] check.eq.i64     l1, l0, \"sum is {0}, expected {1}\""
    "  // l1=2199023255552 l0=2199023255552\n"
    "[sample.main+00043] const.f32        f1, 2\n"
    "[sample.main+00047] mul.f32          f0, f0, f1  // f0=1.5 f1=2\n"
    "[sample.main+00051] const.f64        d1, 2\n"
    "[sample.main+00057] mul.f64          d0, d0, d1  // d0=-2.25 d1=2\n"
    "[sample.main+00061] cmp.f64          i1, d0, d1, olt  // d0=-4.5 d1=2\n"
    "[sample.main+00066] select.ref       r0, i1, move r0, r0"
    "  // i1=1 r0=vm.buffer * r0=vm.buffer *\n"
    "[sample.main+00071] const.i64        l1, 1\n"
    "[sample.main+00077] return           (i0, l0, f0, d0, r0)"
    "  // i0=42 l0=2199023255552 f0=3 d0=-4.5 r0=vm.buffer *\n";

// Traces by the flag of an invocation; without it nothing is printed.
static void test_invocation(void** state) {
  test_module_t module = load_sample();
  iree_vm_list_t *inputs = make_sample_arguments(), *outputs = make_list();
  const iree_vm_invocation_flags_t flags[] = {IREE_VM_INVOCATION_FLAG_NONE,
                                              IREE_VM_INVOCATION_FLAG_TRACE_EXECUTION};
  for (int i = 0; i < 2; ++i) {
    const bool is_traced = is_forced || flags[i];
    capture_t capture;
    begin_capture(&capture);
    iree_status_t status = call(module.harness.context, module.harness.module, "main", flags[i],
                                inputs, outputs, iree_allocator_system());
    end_capture(&capture);
    IREE_CHECK_OK(status);
    assert_int_equal(get_integer(outputs, 0), 42);
    char address[32];
    snprintf(address, sizeof(address), "r0=vm.buffer %p ",
             iree_vm_list_get_ref_deref(inputs, 4, iree_vm_buffer_get_descriptor()));
    assert_int_equal(strstr(capture.text, address) != NULL, is_traced);
    hide_addresses(capture.text);
    assert_string_equal(capture.text, is_traced ? sample_trace : "");
  }
  iree_vm_list_release(inputs);
  iree_vm_list_release(outputs);
  end_module(&module);
}

// Traces by the flag of a context, which is for `__init`, too.
static void test_context(void** state) {
  test_module_t module = load_sample();
  iree_vm_list_t *inputs = make_sample_arguments(), *outputs = make_list();
  iree_vm_module_t* modules[] = {module.harness.custom, module.harness.module};
  capture_t capture;
  begin_capture(&capture);
  iree_vm_context_t* context = NULL;
  iree_status_t status = iree_vm_context_create_with_modules(
      module.harness.instance, IREE_VM_CONTEXT_FLAG_TRACE_EXECUTION, 2, modules,
      iree_allocator_system(), &context);
  if (iree_status_is_ok(status)) {
    status = call(context, module.harness.module, "main", IREE_VM_INVOCATION_FLAG_NONE, inputs,
                  outputs, iree_allocator_system());
  }
  end_capture(&capture);
  IREE_CHECK_OK(status);
  hide_addresses(capture.text);
  static const char init_trace[] =
      "[sample.__init+00000] rodata           r0, #0 \"bytes\"\n"
      "[sample.__init+00004] global.store.ref move r0, global 0  // r0=vm.buffer *\n"
      "[sample.__init+00008] return           ()\n";
  char expected[sizeof(init_trace) + sizeof(sample_trace)];
  snprintf(expected, sizeof(expected), "%s%s", init_trace, sample_trace);
  assert_string_equal(capture.text, expected);
  iree_vm_context_release(context);
  iree_vm_list_release(inputs);
  iree_vm_list_release(outputs);
  end_module(&module);
}

static iree_status_t fail_to_allocate(void* self, iree_allocator_command_t command,
                                      const void* params, void** inout_ptr) {
  return iree_status_from_code(IREE_STATUS_RESOURCE_EXHAUSTED);
}

// Without memory for its lines, a trace has none; the program runs all the same.
static void test_without_memory(void** state) {
  test_module_t module = load_sample();
  iree_vm_list_t *inputs = make_sample_arguments(), *outputs = make_list();
  const iree_allocator_t allocators[] = {{NULL, fail_to_allocate}, iree_allocator_null()};
  for (int i = 0; i < 2; ++i) {
    capture_t capture;
    begin_capture(&capture);
    iree_status_t status =
        call(module.harness.context, module.harness.module, "main",
             IREE_VM_INVOCATION_FLAG_TRACE_EXECUTION, inputs, outputs, allocators[i]);
    end_capture(&capture);
    IREE_CHECK_OK(status);
    assert_int_equal(get_integer(outputs, 0), 42);
    assert_string_equal(capture.text, "");
  }
  iree_vm_list_release(inputs);
  iree_vm_list_release(outputs);
  end_module(&module);
}

//===----------------------------------------------------------------------===//
// Other ways to run
//===----------------------------------------------------------------------===//

// A suspended call shows once, and what comes after it when the invocation has been resumed.
static void test_suspended(void** state) {
  test_module_t module = begin_module();
  uint32_t yield = declare_import(&module, "custom.yield", "0ri_i");
  uint32_t function = declare_export(&module, "main", "0ri_i");
  tenon_assembler_t* as = tenon_assembler_create(module.writer, function);
  tenon_register_t ref = tenon_assembler_argument(as, 0), n = tenon_assembler_argument(as, 1);
  tenon_assembler_call_import(as, yield, (const tenon_register_t[]){ref, n}, 2, &n, 1);
  TENON_EMIT(as, TENON_OP_ADD_I32, n, n, n);
  tenon_assembler_return(as, &n, 1);
  tenon_assembler_finish(as);
  load_module(&module);
  iree_vm_list_t* inputs = make_list();
  push_null(inputs);
  push_i32(inputs, 2);
  iree_vm_function_t main_function;
  IREE_CHECK_OK(iree_vm_module_lookup_function_by_name(
      module.harness.module, IREE_VM_FUNCTION_LINKAGE_EXPORT, IREE_SV("main"), &main_function));
  capture_t capture;
  begin_capture(&capture);
  iree_vm_invoke_state_t invocation = {0};
  iree_status_t status = iree_vm_begin_invoke(&invocation, module.harness.context, main_function,
                                              IREE_VM_INVOCATION_FLAG_TRACE_EXECUTION, NULL, inputs,
                                              iree_allocator_system());
  while (iree_status_is_deferred(status)) status = iree_vm_resume_invoke(&invocation);
  end_capture(&capture);
  IREE_CHECK_OK(status);
  iree_vm_list_t* outputs = make_list();
  IREE_CHECK_OK(iree_vm_end_invoke(&invocation, outputs, &status));
  IREE_CHECK_OK(status);
  assert_int_equal(get_integer(outputs, 0), 8);
  assert_string_equal(capture.text,
                      "[m.main+00000] call.import      custom.yield(r0, i0) -> (i0)"
                      "  // r0=null i0=2\n"
                      "[m.main+00008] add.i32          i0, i0, i0  // i0=4 i0=4\n"
                      "[m.main+00012] return           (i0)  // i0=8\n");
  iree_vm_list_release(inputs);
  iree_vm_list_release(outputs);
  end_module(&module);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_invocation),
      cmocka_unit_test(test_context),
      cmocka_unit_test(test_without_memory),
      cmocka_unit_test(test_suspended),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
