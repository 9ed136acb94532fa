// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Native modules in C: tables, shims, calls from outside and direct calls, calling conventions.
#include "base/testing/failing_allocator.h"
#include "vm/native_module_call.h"
#include "vm/testing/vm_test.h"

//===--------------------------------------------------------------------------------------------===//
// A module with state and functions of many signatures
//===--------------------------------------------------------------------------------------------===//

typedef struct test_state_t {
  iree_allocator_t allocator;
  int32_t counter;
} test_state_t;

static iree_status_t test_alloc_state(void* self, iree_allocator_t allocator,
                                      iree_vm_module_state_t** out_module_state) {
  test_state_t* state = NULL;
  IREE_RETURN_IF_ERROR(iree_allocator_malloc(allocator, sizeof(*state), (void**)&state));
  state->allocator = allocator;
  state->counter = 100;
  *out_module_state = (iree_vm_module_state_t*)state;
  return iree_ok_status();
}
static void test_free_state(void* self, iree_vm_module_state_t* module_state) {
  test_state_t* state = (test_state_t*)module_state;
  iree_allocator_free(state->allocator, state);
}

IREE_VM_ABI_EXPORT(test_increment, test_state_t, i, i) {
  state->counter += args->i0;
  rets->i0 = state->counter;
  return iree_ok_status();
}
IREE_VM_ABI_EXPORT(test_add_f32, test_state_t, ff, f) {
  rets->f0 = args->f0 + args->f1;
  return iree_ok_status();
}
IREE_VM_ABI_EXPORT(test_add_f64, test_state_t, FF, F) {
  rets->f0 = args->f0 + args->f1;
  return iree_ok_status();
}
IREE_VM_ABI_EXPORT(test_widen, test_state_t, i, I) {
  rets->i0 = args->i0 * (1ll << 32);
  return iree_ok_status();
}
IREE_VM_ABI_EXPORT(test_nop, test_state_t, v, v) { return iree_ok_status(); }
IREE_VM_ABI_EXPORT(test_make, test_state_t, i, r) {
  test_thing_t* thing = NULL;
  IREE_RETURN_IF_ERROR(test_thing_create(args->i0, state->allocator, &thing));
  rets->r0 = test_thing_move_ref(thing);
  return iree_ok_status();
}
// Borrows its argument.
IREE_VM_ABI_EXPORT(test_value_of, test_state_t, r, i) {
  test_thing_t* thing = NULL;
  IREE_RETURN_IF_ERROR(test_thing_check_deref(args->r0, &thing));
  rets->i0 = thing->value;
  return iree_ok_status();
}
// Moves both arguments into the results, swapped.
IREE_VM_ABI_EXPORT(test_swap, test_state_t, rr, rr) {
  rets->r0 = args->r1;
  rets->r1 = args->r0;
  args->r0 = args->r1 = iree_vm_ref_null();
  return iree_ok_status();
}
// Takes one of its arguments, makes a result, and fails.
IREE_VM_ABI_EXPORT(test_fail, test_state_t, rr, r) {
  iree_vm_ref_t taken = args->r1;
  args->r1 = iree_vm_ref_null();
  iree_vm_ref_release(&taken);
  test_thing_t* thing = NULL;
  IREE_RETURN_IF_ERROR(test_thing_create(1, state->allocator, &thing));
  rets->r0 = test_thing_move_ref(thing);
  return iree_make_status(IREE_STATUS_DATA_LOSS, "failed on purpose");
}

// A signature of the user's own, packed without padding.
IREE_VM_ABI_FIXED_STRUCT(irIfF, {
  int32_t i0;
  iree_vm_ref_t r1;
  int64_t i2;
  float f3;
  double f4;
});
IREE_VM_ABI_FIXED_STRUCT(Fr, {
  double f0;
  iree_vm_ref_t r1;
});
static IREE_VM_ABI_DEFINE_SHIM(irIfF, Fr) IREE_VM_ABI_EXPORT(test_mixed, test_state_t, irIfF, Fr) {
  test_thing_t* thing = NULL;
  IREE_RETURN_IF_ERROR(test_thing_check_deref_or_null(args->r1, &thing));
  rets->f0 = args->i0 + (thing ? thing->value : 0) + (double)args->i2 + args->f3 + args->f4;
  rets->r1 = args->r1;
  args->r1 = iree_vm_ref_null();
  return iree_ok_status();
}

#define EXPORT(name, cconv) {IREE_VM_NATIVE_STR(name), IREE_VM_NATIVE_STR(cconv), 0, NULL}
static const iree_string_pair_t test_attrs[] = {
    {{{"iree.abi.declaration", 20}}, {{"sync func @increment(%x: i32) -> i32", 36}}},
};
static const iree_vm_native_export_descriptor_t test_exports[] = {
    {IREE_VM_NATIVE_STR("increment"), IREE_VM_NATIVE_STR("0i_i"), 1, test_attrs},
    EXPORT("add.f32", "0ff_f"),
    EXPORT("add.f64", "0FF_F"),
    EXPORT("widen", "0i_I"),
    EXPORT("nop", "0v_v"),
    EXPORT("make", "0i_r"),
    EXPORT("value_of", "0r_i"),
    EXPORT("swap", "0rr_rr"),
    EXPORT("fail", "0rr_r"),
    EXPORT("mixed", "0irIfF_Fr"),
    EXPORT("__hidden", "0v_v"),
};
#define FUNCTION(shim, target) {(shim), (iree_vm_native_function_target_t)(target)}
static const iree_vm_native_function_ptr_t test_functions[] = {
    FUNCTION(iree_vm_shim_i_i, test_increment), FUNCTION(iree_vm_shim_ff_f, test_add_f32),
    FUNCTION(iree_vm_shim_FF_F, test_add_f64),  FUNCTION(iree_vm_shim_i_I, test_widen),
    FUNCTION(iree_vm_shim_v_v, test_nop),       FUNCTION(iree_vm_shim_i_r, test_make),
    FUNCTION(iree_vm_shim_r_i, test_value_of),  FUNCTION(iree_vm_shim_rr_rr, test_swap),
    FUNCTION(iree_vm_shim_rr_r, test_fail),     FUNCTION(iree_vm_shim_irIfF_Fr, test_mixed),
    FUNCTION(iree_vm_shim_v_v, test_nop),
};
static const iree_vm_native_module_descriptor_t test_descriptor = {
    .name = IREE_VM_NATIVE_STR("test"),
    .version = 7,
    .attr_count = 1,
    .attrs = test_attrs,
    .export_count = IREE_ARRAYSIZE(test_exports),
    .exports = test_exports,
    .function_count = IREE_ARRAYSIZE(test_functions),
    .functions = test_functions,
};

static iree_status_t make_module(iree_vm_instance_t* instance, iree_allocator_t allocator,
                                 iree_vm_module_t** out_module) {
  iree_vm_module_t interface;
  IREE_RETURN_IF_ERROR(iree_vm_module_initialize(&interface, NULL));
  interface.alloc_state = test_alloc_state;
  interface.free_state = test_free_state;
  return iree_vm_native_module_create(&interface, &test_descriptor, instance, allocator,
                                      out_module);
}

//===--------------------------------------------------------------------------------------------===//
// Fixture
//===--------------------------------------------------------------------------------------------===//

typedef struct fixture_t {
  iree_vm_instance_t* instance;
  iree_vm_module_t* module;
  iree_vm_context_t* context;
  iree_vm_list_t* inputs;
  iree_vm_list_t* outputs;
} fixture_t;

static int setup(void** state) {
  static fixture_t fixture;
  const iree_allocator_t allocator = iree_allocator_system();
  expect_ok(test_thing_register());
  expect_ok(iree_vm_instance_create(allocator, &fixture.instance));
  expect_ok(make_module(fixture.instance, allocator, &fixture.module));
  expect_ok(iree_vm_context_create_with_modules(fixture.instance, 0, 1, &fixture.module, allocator,
                                                &fixture.context));
  expect_ok(iree_vm_list_create(NULL, 4, allocator, &fixture.inputs));
  expect_ok(iree_vm_list_create(NULL, 4, allocator, &fixture.outputs));
  *state = &fixture;
  return 0;
}

static int teardown(void** state) {
  fixture_t* f = (fixture_t*)*state;
  iree_vm_list_release(f->inputs);
  iree_vm_list_release(f->outputs);
  iree_vm_context_release(f->context);
  iree_vm_module_release(f->module);
  iree_vm_instance_release(f->instance);
  return test_thing_live_count();
}

static void push_i32(fixture_t* f, int32_t v) {
  const iree_vm_value_t value = iree_vm_value_make_i32(v);
  expect_ok(iree_vm_list_push_value(f->inputs, &value));
}
static void push_thing(fixture_t* f, int v) {
  test_thing_t* thing = NULL;
  expect_ok(test_thing_create(v, iree_allocator_system(), &thing));
  iree_vm_ref_t ref = test_thing_move_ref(thing);
  expect_ok(iree_vm_list_push_ref_move(f->inputs, &ref));
}

static iree_vm_function_t find(fixture_t* f, const char* name) {
  iree_vm_function_t function;
  expect_ok(iree_vm_module_lookup_function_by_name(f->module, IREE_VM_FUNCTION_LINKAGE_EXPORT,
                                                   iree_make_cstring_view(name), &function));
  return function;
}

// Calls with the inputs and clears them.
static iree_status_t invoke(fixture_t* f, const char* name) {
  iree_status_t status = iree_vm_invoke(f->context, find(f, name), 0, NULL, f->inputs, f->outputs,
                                        iree_allocator_system());
  iree_vm_list_clear(f->inputs);
  return status;
}

static iree_vm_value_t result(fixture_t* f, iree_host_size_t i) {
  iree_vm_value_t value;
  expect_ok(iree_vm_list_get_value(f->outputs, i, &value));
  return value;
}

//===--------------------------------------------------------------------------------------------===//
// Tests
//===--------------------------------------------------------------------------------------------===//

static void test_queries(void** state) {
  fixture_t* f = (fixture_t*)*state;
  assert_true(iree_string_view_equal(iree_vm_module_name(f->module), IREE_SV("test")));
  const iree_vm_module_signature_t signature = iree_vm_module_signature(f->module);
  assert_int_equal(signature.version, 7);
  assert_int_equal(signature.export_function_count, IREE_ARRAYSIZE(test_exports));
  iree_vm_function_t function = find(f, "add.f32");
  assert_int_equal(function.ordinal, 1);
  assert_true(iree_string_view_equal(iree_vm_function_name(&function), IREE_SV("add.f32")));
  assert_true(iree_string_view_equal(iree_vm_function_signature(&function).calling_convention,
                                     IREE_SV("0ff_f")));
  assert_true(iree_string_view_equal(
      iree_vm_module_lookup_attr_by_name(f->module, IREE_SV("iree.abi.declaration")),
      test_attrs[0].value));
  assert_int_equal(iree_vm_module_lookup_attr_by_name(f->module, IREE_SV("none")).size, 0);
  function = find(f, "increment");
  assert_int_equal(
      iree_vm_function_lookup_attr_by_name(&function, IREE_SV("iree.abi.declaration")).size, 36);
  iree_string_pair_t attr;
  expect_code(IREE_STATUS_OUT_OF_RANGE, iree_vm_function_get_attr(function, 1, &attr));
  expect_ok(iree_vm_module_lookup_function_by_ordinal(f->module, IREE_VM_FUNCTION_LINKAGE_EXPORT, 4,
                                                      &function));
  assert_int_equal(function.ordinal, 4);
  expect_code(IREE_STATUS_OUT_OF_RANGE,
              iree_vm_module_lookup_function_by_ordinal(f->module, IREE_VM_FUNCTION_LINKAGE_EXPORT,
                                                        99, &function));
  expect_message(IREE_STATUS_NOT_FOUND,
                 "module 'test' has no exported function 'nosuch'; it exports: increment, add.f32, "
                 "add.f64, widen, nop, make, value_of, swap, fail, mixed",
                 iree_vm_module_lookup_function_by_name(f->module, IREE_VM_FUNCTION_LINKAGE_EXPORT,
                                                        IREE_SV("nosuch"), &function));
  assert_true(iree_vm_function_is_null(function));
  expect_message(IREE_STATUS_NOT_FOUND, "it imports: nothing",
                 iree_vm_module_lookup_function_by_name(f->module, IREE_VM_FUNCTION_LINKAGE_IMPORT,
                                                        IREE_SV("a.b"), &function));
}

static void test_scalars(void** state) {
  fixture_t* f = (fixture_t*)*state;
  push_i32(f, 5);
  expect_ok(invoke(f, "increment"));
  assert_int_equal(result(f, 0).i32, 105);
  push_i32(f, -1);
  expect_ok(invoke(f, "increment"));
  assert_int_equal(result(f, 0).i32, 104);
  push_i32(f, -3);
  expect_ok(invoke(f, "widen"));
  assert_int_equal(result(f, 0).i64, -3ll * (1ll << 32));
  iree_vm_value_t value = iree_vm_value_make_f32(1.5f);
  expect_ok(iree_vm_list_push_value(f->inputs, &value));
  value = iree_vm_value_make_f64(0.25);  // Converts.
  expect_ok(iree_vm_list_push_value(f->inputs, &value));
  expect_ok(invoke(f, "add.f32"));
  assert_true(result(f, 0).f32 == 1.75f);
  expect_ok(iree_vm_list_push_value(f->inputs, &value));
  expect_ok(iree_vm_list_push_value(f->inputs, &value));
  expect_ok(invoke(f, "add.f64"));
  assert_true(result(f, 0).f64 == 0.5);
  expect_ok(invoke(f, "nop"));
  assert_int_equal(iree_vm_list_size(f->outputs), 0);
  expect_ok(
      iree_vm_invoke(f->context, find(f, "nop"), 0, NULL, NULL, NULL, iree_allocator_system()));
}

static void test_references(void** state) {
  fixture_t* f = (fixture_t*)*state;
  push_i32(f, 42);
  expect_ok(invoke(f, "make"));
  const test_thing_t* thing =
      (test_thing_t*)iree_vm_list_get_ref_deref(f->outputs, 0, test_thing_get_descriptor());
  assert_int_equal(thing->value, 42);
  assert_int_equal(iree_atomic_ref_count_load(&thing->ref_object.counter), 1);
  push_thing(f, 9);
  expect_ok(invoke(f, "value_of"));
  assert_int_equal(result(f, 0).i32, 9);
  assert_int_equal(test_thing_live_count(), 0);
  push_thing(f, 1);
  push_thing(f, 2);
  expect_ok(invoke(f, "swap"));
  thing = (test_thing_t*)iree_vm_list_get_ref_deref(f->outputs, 0, test_thing_get_descriptor());
  assert_int_equal(thing->value, 2);
  iree_vm_list_clear(f->outputs);
  assert_int_equal(test_thing_live_count(), 0);
}

static void test_mixed_signature(void** state) {
  fixture_t* f = (fixture_t*)*state;
  for (int with_thing = 0; with_thing < 2; ++with_thing) {
    push_i32(f, 1);
    if (with_thing) {
      push_thing(f, 10);
    } else {
      expect_ok(iree_vm_list_resize(f->inputs, 2));
    }
    iree_vm_value_t value = iree_vm_value_make_i64(100);
    expect_ok(iree_vm_list_push_value(f->inputs, &value));
    value = iree_vm_value_make_f32(0.5f);
    expect_ok(iree_vm_list_push_value(f->inputs, &value));
    value = iree_vm_value_make_f64(0.25);
    expect_ok(iree_vm_list_push_value(f->inputs, &value));
    expect_ok(invoke(f, "mixed"));
    assert_true(result(f, 0).f64 == (with_thing ? 111.75 : 101.75));
    iree_vm_ref_t ref = iree_vm_ref_null();
    expect_ok(iree_vm_list_get_ref_assign(f->outputs, 1, &ref));
    assert_int_equal(test_thing_isa(ref), with_thing);
  }
  iree_vm_list_clear(f->outputs);
}

static void test_failures(void** state) {
  fixture_t* f = (fixture_t*)*state;
  push_thing(f, 1);
  push_thing(f, 2);
  expect_message(IREE_STATUS_DATA_LOSS, "failed on purpose", invoke(f, "fail"));
  assert_int_equal(test_thing_live_count(), 0);
  assert_int_equal(iree_vm_list_size(f->outputs), 0);
  push_thing(f, 1);
  push_thing(f, 2);
  expect_message(IREE_STATUS_DATA_LOSS, "while invoking native function test.fail",
                 invoke(f, "fail"));
  // A null, and a reference of another type.
  expect_ok(iree_vm_list_resize(f->inputs, 1));
  expect_message(IREE_STATUS_INVALID_ARGUMENT, "expected a test.thing but the reference is null",
                 invoke(f, "value_of"));
  iree_vm_ref_t ref = iree_vm_list_retain_ref(f->outputs);
  expect_ok(iree_vm_list_push_ref_move(f->inputs, &ref));
  expect_message(IREE_STATUS_INVALID_ARGUMENT,
                 "expected a test.thing but the reference is a vm.list", invoke(f, "value_of"));
}

static void test_wrong_arguments(void** state) {
  fixture_t* f = (fixture_t*)*state;
  expect_message(IREE_STATUS_INVALID_ARGUMENT,
                 "expected 1 argument but 0 were provided for test.increment with signature 0i_i: "
                 "sync func @increment(%x: i32) -> i32",
                 invoke(f, "increment"));
  push_i32(f, 1);
  push_i32(f, 1);
  push_i32(f, 1);
  expect_message(IREE_STATUS_INVALID_ARGUMENT, "expected 2 arguments but 3 were provided",
                 invoke(f, "swap"));
  push_i32(f, 1);
  expect_message(IREE_STATUS_INVALID_ARGUMENT, "expected 0 arguments but 1 was provided",
                 invoke(f, "nop"));
  push_thing(f, 1);
  push_i32(f, 1);
  expect_message(IREE_STATUS_INVALID_ARGUMENT, "expected a reference but it is an i32",
                 invoke(f, "swap"));
  push_thing(f, 1);
  push_i32(f, 1);
  expect_message(IREE_STATUS_INVALID_ARGUMENT, "argument 1 of test.swap with signature 0rr_rr",
                 invoke(f, "swap"));
  push_thing(f, 1);
  expect_message(IREE_STATUS_INVALID_ARGUMENT, "expected an i32 but it is a reference",
                 invoke(f, "increment"));
  expect_ok(iree_vm_list_resize(f->inputs, 1));
  expect_message(IREE_STATUS_INVALID_ARGUMENT, "expected an i32 but it is nothing",
                 invoke(f, "increment"));
  assert_int_equal(test_thing_live_count(), 0);
  push_i32(f, 1);
  expect_message(IREE_STATUS_INVALID_ARGUMENT, "no list to put them into",
                 iree_vm_invoke(f->context, find(f, "increment"), 0, NULL, f->inputs, NULL,
                                iree_allocator_system()));
  const iree_vm_function_t null_function = {0};
  expect_code(IREE_STATUS_INVALID_ARGUMENT, iree_vm_invoke(f->context, null_function, 0, NULL, NULL,
                                                           NULL, iree_allocator_system()));
  iree_vm_list_clear(f->inputs);
}

// Results that don't fit into a typed list are dropped without a leak.
static void test_wrong_result_list(void** state) {
  fixture_t* f = (fixture_t*)*state;
  const iree_vm_type_def_t type = iree_vm_type_def_make_value_type(IREE_VM_VALUE_TYPE_I32);
  iree_vm_list_t* outputs = NULL;
  expect_ok(iree_vm_list_create(&type, 0, iree_allocator_system(), &outputs));
  push_i32(f, 1);
  expect_message(IREE_STATUS_FAILED_PRECONDITION, "result 0 of test.make",
                 iree_vm_invoke(f->context, find(f, "make"), 0, NULL, f->inputs, outputs,
                                iree_allocator_system()));
  assert_int_equal(iree_vm_list_size(outputs), 0);
  assert_int_equal(test_thing_live_count(), 0);
  iree_vm_list_clear(f->inputs);
  iree_vm_list_release(outputs);
}

static void test_direct_calls(void** state) {
  fixture_t* f = (fixture_t*)*state;
  tenon_native_import_t import;
  iree_vm_function_t function = find(f, "increment");
  assert_true(tenon_native_import_bind(&function, &import));
  uint8_t storage[IREE_VM_STACK_MIN_SIZE];
  iree_vm_stack_t* stack = NULL;
  expect_ok(iree_vm_stack_initialize(iree_make_byte_span(storage, sizeof(storage)), 0,
                                     iree_vm_context_state_resolver(f->context),
                                     iree_allocator_system(), &stack));
  int32_t argument = 1, sum = 0;
  for (int i = 1; i <= 3; ++i) {
    const int32_t before = sum;
    expect_ok(tenon_native_import_call(stack, NULL, &import,
                                       iree_make_byte_span(&argument, sizeof(argument)),
                                       iree_make_byte_span(&sum, sizeof(sum))));
    if (i > 1) assert_int_equal(sum, before + 1);
  }
  expect_message(IREE_STATUS_INVALID_ARGUMENT,
                 "implemented as 0i_i, but it was called with 0 bytes",
                 tenon_native_import_call(stack, NULL, &import, iree_byte_span_empty(),
                                          iree_make_byte_span(&sum, sizeof(sum))));
  function.ordinal = 99;
  assert_false(tenon_native_import_bind(&function, &import));
  const iree_vm_function_call_t call = {function, {NULL, 0}, {NULL, 0}};
  expect_message(IREE_STATUS_INVALID_ARGUMENT, "is no export of it",
                 iree_vm_module_begin_call(stack, call));
  iree_vm_stack_deinitialize(stack);
}

static void test_bad_tables(void** state) {
  fixture_t* f = (fixture_t*)*state;
  iree_vm_module_t interface;
  iree_vm_module_t* module = NULL;
  expect_ok(iree_vm_module_initialize(&interface, NULL));
  iree_vm_native_module_descriptor_t descriptor = test_descriptor;
  descriptor.function_count = 1;
  expect_message(IREE_STATUS_INVALID_ARGUMENT, "11 exports for 1 functions",
                 iree_vm_native_module_create(&interface, &descriptor, f->instance,
                                              iree_allocator_system(), &module));
  static const char* const bad[] = {"",     "0",     "1i_i",  "0i",       "0_",    "0i_",   "0iv_v",
                                    "0x_v", "0Ci_v", "0CD_v", "0CCiDD_v", "0iD_v", "0i_i_i"};
  for (size_t i = 1; i < IREE_ARRAYSIZE(bad); ++i) {
    const iree_vm_native_export_descriptor_t exports[] = {
        {IREE_VM_NATIVE_STR("f"), iree_make_cstring_view(bad[i]), 0, NULL}};
    descriptor.export_count = descriptor.function_count = 1;
    descriptor.exports = exports;
    expect_message(IREE_STATUS_INVALID_ARGUMENT, "export 0 'f' of module 'test'",
                   iree_vm_native_module_create(&interface, &descriptor, f->instance,
                                                iree_allocator_system(), &module));
    assert_null(module);
  }
}

static void test_calling_conventions(void** state) {
  iree_vm_function_signature_t signature = {IREE_SV("0iCrID_CfDF")};
  iree_string_view_t arguments, results;
  expect_ok(iree_vm_function_call_get_cconv_fragments(&signature, &arguments, &results));
  assert_true(iree_string_view_equal(arguments, IREE_SV("iCrID")));
  assert_true(iree_string_view_equal(results, IREE_SV("CfDF")));
  assert_true(iree_vm_function_call_is_variadic_cconv(arguments));
  assert_false(iree_vm_function_call_is_variadic_cconv(IREE_SV("iIfFr")));
  iree_host_size_t argument_count = 0, result_count = 0, size = 0;
  expect_ok(iree_vm_function_call_count_arguments_and_results(&signature, &argument_count,
                                                              &result_count));
  assert_int_equal(argument_count, 2);
  assert_int_equal(result_count, 2);
  expect_ok(iree_vm_function_call_compute_cconv_fragment_size(IREE_SV("iIfFr"), NULL, &size));
  assert_int_equal(size, 4 + 8 + 4 + 8 + 16);
  expect_code(IREE_STATUS_INVALID_ARGUMENT,
              iree_vm_function_call_compute_cconv_fragment_size(arguments, NULL, &size));
  union {
    iree_vm_register_list_t list;
    uint16_t words[2];
  } counts;
  counts.words[0] = 1;
  counts.words[1] = 3;
  expect_ok(iree_vm_function_call_compute_cconv_fragment_size(arguments, &counts.list, &size));
  assert_int_equal(size, 4 + 4 + 3 * 24);
  signature.calling_convention = iree_string_view_empty();
  expect_ok(iree_vm_function_call_get_cconv_fragments(&signature, &arguments, &results));
  assert_int_equal(arguments.size + results.size, 0);
}

// Releases references in spans; a count that leaves the storage stops it.
static void test_release_storage(void** state) {
  uint8_t storage[4 + 2 * 20 + 16];
  const int32_t count = 2, huge = 1000000;
  memset(storage, 0, sizeof(storage));
  memcpy(storage, &count, sizeof(count));
  for (int i = 0; i < 3; ++i) {
    test_thing_t* thing = NULL;
    expect_ok(test_thing_create(i, iree_allocator_system(), &thing));
    const iree_vm_ref_t ref = test_thing_move_ref(thing);
    memcpy(storage + 4 + i * 20 + (i < 2 ? 4 : 0), &ref, sizeof(ref));
  }
  assert_int_equal(test_thing_live_count(), 3);
  iree_vm_function_release_storage(IREE_SV("CirDr"), iree_make_byte_span(storage, sizeof(storage)));
  assert_int_equal(test_thing_live_count(), 0);
  memcpy(storage, &huge, sizeof(huge));
  iree_vm_function_release_storage(IREE_SV("CirDr"), iree_make_byte_span(storage, sizeof(storage)));
}

//===--------------------------------------------------------------------------------------------===//
// Under allocation failures
//===--------------------------------------------------------------------------------------------===//

static iree_status_t call_everything(iree_vm_context_t* context, iree_allocator_t allocator,
                                     iree_vm_list_t* inputs, iree_vm_list_t* outputs) {
  iree_vm_function_t function;
  IREE_RETURN_IF_ERROR(iree_vm_context_resolve_function(context, IREE_SV("test.make"), &function));
  const iree_vm_value_t value = iree_vm_value_make_i32(1);
  IREE_RETURN_IF_ERROR(iree_vm_list_push_value(inputs, &value));
  IREE_RETURN_IF_ERROR(iree_vm_invoke(context, function, 0, NULL, inputs, outputs, allocator));
  IREE_RETURN_IF_ERROR(iree_vm_context_resolve_function(context, IREE_SV("test.swap"), &function));
  iree_vm_invoke_state_t state;
  iree_vm_list_t* pair = NULL;
  IREE_RETURN_IF_ERROR(iree_vm_list_clone(outputs, allocator, &pair));
  iree_status_t status = iree_vm_list_resize(pair, 2);
  if (iree_status_is_ok(status)) {
    status = iree_vm_begin_invoke(&state, context, function, 0, NULL, pair, allocator);
  }
  if (iree_status_is_ok(status)) {
    iree_status_t outcome = iree_ok_status();
    status = iree_vm_end_invoke(&state, outputs, &outcome);
    status = iree_status_join(status, outcome);
  }
  iree_vm_list_release(pair);
  return status;
}

static iree_status_t use_module(iree_allocator_t allocator, void* user_data) {
  iree_vm_instance_t* instance = NULL;
  iree_vm_module_t* module = NULL;
  iree_vm_context_t* context = NULL;
  iree_vm_list_t* inputs = NULL;
  iree_vm_list_t* outputs = NULL;
  iree_status_t status = iree_vm_instance_create(allocator, &instance);
  if (iree_status_is_ok(status)) status = make_module(instance, allocator, &module);
  if (iree_status_is_ok(status)) {
    status = iree_vm_context_create_with_modules(instance, 0, 1, &module, allocator, &context);
  }
  if (iree_status_is_ok(status)) status = iree_vm_list_create(NULL, 0, allocator, &inputs);
  if (iree_status_is_ok(status)) status = iree_vm_list_create(NULL, 0, allocator, &outputs);
  if (iree_status_is_ok(status)) status = call_everything(context, allocator, inputs, outputs);
  iree_vm_list_release(outputs);
  iree_vm_list_release(inputs);
  iree_vm_context_release(context);
  iree_vm_module_release(module);
  iree_vm_instance_release(instance);
  return status;
}

static void test_allocation_failures(void** state) {
  assert_true(tenon_test_for_each_failure(use_module, NULL) >= 10);
  assert_int_equal(test_thing_live_count(), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_queries),           cmocka_unit_test(test_scalars),
      cmocka_unit_test(test_references),        cmocka_unit_test(test_mixed_signature),
      cmocka_unit_test(test_failures),          cmocka_unit_test(test_wrong_arguments),
      cmocka_unit_test(test_wrong_result_list), cmocka_unit_test(test_direct_calls),
      cmocka_unit_test(test_bad_tables),        cmocka_unit_test(test_calling_conventions),
      cmocka_unit_test(test_release_storage),   cmocka_unit_test(test_allocation_failures),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
