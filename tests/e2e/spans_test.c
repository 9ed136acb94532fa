// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Native functions that take any number of values, called by a compiled program.
// Usage: spans_test FOLDER-OF-MODULES.

#include "iree/base/internal/file_io.h"
#include "iree/vm/bytecode_module.h"
#include "vm/testing/vm_test.h"

static const char* module_folder;

//===-- The module `spans` -----------------------------------------------------------------------------------------------===//

IREE_VM_ABI_VLA_STRUCT(FCiD, count, values, {
  double f0;
  int32_t count;
  int32_t values[];
});
static IREE_VM_ABI_DEFINE_SHIM(FCiD, F) IREE_VM_ABI_EXPORT(spans_sum, void, FCiD, F) {
  double sum = 0;
  for (int32_t i = 0; i < args->count; ++i) sum += args->values[i];
  rets->f0 = args->f0 * sum;
  return iree_ok_status();
}

IREE_VM_ABI_VLA_STRUCT(CirD, count, pairs, {
  int32_t count;
  struct __attribute__((packed)) {
    int32_t i0;
    iree_vm_ref_t r1;
  } pairs[];
});
static IREE_VM_ABI_DEFINE_SHIM(CirD, I) IREE_VM_ABI_EXPORT(spans_pairs, void, CirD, I) {
  rets->i0 = 0;
  for (int32_t i = 0; i < args->count; ++i) {
    iree_vm_buffer_t* buffer = NULL;
    IREE_RETURN_IF_ERROR(iree_vm_buffer_check_deref(args->pairs[i].r1, &buffer));
    rets->i0 += args->pairs[i].i0 * (int64_t)iree_vm_buffer_length(buffer);
  }
  return iree_ok_status();
}

static const iree_vm_native_export_descriptor_t exports[] = {
    {.local_name = IREE_VM_NATIVE_STR("pairs"),
     .calling_convention = IREE_VM_NATIVE_STR("0CirD_I")},
    {.local_name = IREE_VM_NATIVE_STR("sum"), .calling_convention = IREE_VM_NATIVE_STR("0FCiD_F")},
};
static const iree_vm_native_function_ptr_t functions[] = {
    {iree_vm_shim_CirD_I, (iree_vm_native_function_target_t)spans_pairs},
    {iree_vm_shim_FCiD_F, (iree_vm_native_function_target_t)spans_sum},
};
static const iree_vm_native_module_descriptor_t descriptor = {
    .name = IREE_VM_NATIVE_STR("spans"),
    .export_count = IREE_ARRAYSIZE(exports),
    .exports = exports,
    .function_count = IREE_ARRAYSIZE(functions),
    .functions = functions,
};

//===-- The tests --------------------------------------------------------------------------------------------------------===//

typedef struct fixture_t {
  iree_vm_instance_t* instance;
  iree_vm_context_t* context;
  iree_vm_list_t* inputs;
  iree_vm_list_t* outputs;
} fixture_t;

static iree_vm_module_t* load_program(iree_vm_instance_t* instance) {
  char path[1024];
  snprintf(path, sizeof(path), "%s/spans.vmfb", module_folder);
  iree_file_contents_t* contents = NULL;
  expect_ok(iree_file_read_contents(path, iree_allocator_system(), &contents));
  iree_vm_module_t* module = NULL;
  expect_ok(iree_vm_bytecode_module_create(instance, contents->const_buffer,
                                           iree_file_contents_deallocator(contents),
                                           iree_allocator_system(), &module));
  return module;
}

static int open_fixture(void** state) {
  fixture_t* fixture = calloc(1, sizeof(*fixture));
  iree_allocator_t allocator = iree_allocator_system();
  expect_ok(iree_vm_instance_create(allocator, &fixture->instance));
  iree_vm_module_t interface, *modules[2] = {NULL, load_program(fixture->instance)};
  expect_ok(iree_vm_module_initialize(&interface, NULL));
  expect_ok(iree_vm_native_module_create(&interface, &descriptor, fixture->instance, allocator,
                                         &modules[0]));
  expect_ok(iree_vm_context_create_with_modules(fixture->instance, IREE_VM_CONTEXT_FLAG_NONE, 2,
                                                modules, allocator, &fixture->context));
  iree_vm_module_release(modules[0]);
  iree_vm_module_release(modules[1]);
  expect_ok(iree_vm_list_create(NULL, 4, allocator, &fixture->inputs));
  expect_ok(iree_vm_list_create(NULL, 4, allocator, &fixture->outputs));
  *state = fixture;
  return 0;
}

static int close_fixture(void** state) {
  fixture_t* fixture = *state;
  iree_vm_list_release(fixture->inputs);
  iree_vm_list_release(fixture->outputs);
  iree_vm_context_release(fixture->context);
  iree_vm_instance_release(fixture->instance);
  free(fixture);
  return 0;
}

static void push(fixture_t* fixture, iree_vm_value_t value) {
  expect_ok(iree_vm_list_push_value(fixture->inputs, &value));
}

static void call(fixture_t* fixture, const char* name) {
  iree_vm_function_t function;
  expect_ok(
      iree_vm_context_resolve_function(fixture->context, iree_make_cstring_view(name), &function));
  expect_ok(iree_vm_invoke(fixture->context, function, IREE_VM_INVOCATION_FLAG_NONE, NULL,
                           fixture->inputs, fixture->outputs, iree_allocator_system()));
}

static iree_vm_value_t result(fixture_t* fixture, iree_host_size_t i) {
  iree_vm_value_t value;
  expect_ok(iree_vm_list_get_value(fixture->outputs, i, &value));
  return value;
}

static void test_values(void** state) {
  fixture_t* fixture = *state;
  push(fixture, iree_vm_value_make_f64(0.5));
  push(fixture, iree_vm_value_make_i32(-7));
  push(fixture, iree_vm_value_make_i32(INT32_MAX));
  push(fixture, iree_vm_value_make_i32(100));
  call(fixture, "module.sums");
  assert_true(result(fixture, 0).f64 == 0.0);
  assert_true(result(fixture, 1).f64 == -3.5);
  assert_true(result(fixture, 2).f64 == 0.5 * (INT32_MAX + 93.0));
}

static void test_tuples(void** state) {
  fixture_t* fixture = *state;
  iree_vm_buffer_t* buffer = NULL;
  expect_ok(iree_vm_buffer_create(IREE_VM_BUFFER_ACCESS_ORIGIN_HOST, 11, 16,
                                  iree_allocator_system(), &buffer));
  push(fixture, iree_vm_value_make_i32(-2));
  iree_vm_ref_t ref = iree_vm_buffer_move_ref(buffer);
  expect_ok(iree_vm_list_push_ref_move(fixture->inputs, &ref));
  call(fixture, "module.pairs");
  assert_true(result(fixture, 0).i64 == -2 * 11 + 3 * 4 + 3 * 11);
}

static void test_null_in_a_tuple(void** state) {
  fixture_t* fixture = *state;
  push(fixture, iree_vm_value_make_i32(1));
  iree_vm_ref_t null = iree_vm_ref_null();
  expect_ok(iree_vm_list_push_ref_move(fixture->inputs, &null));
  iree_vm_function_t function;
  expect_ok(iree_vm_context_resolve_function(fixture->context, IREE_SV("module.pairs"), &function));
  expect_message(IREE_STATUS_INVALID_ARGUMENT, "spans.pairs",
                 iree_vm_invoke(fixture->context, function, IREE_VM_INVOCATION_FLAG_NONE, NULL,
                                fixture->inputs, fixture->outputs, iree_allocator_system()));
}

static void test_optional(void** state) {
  fixture_t* fixture = *state;
  push(fixture, iree_vm_value_make_i64(INT64_MIN));
  call(fixture, "module.absent");
  assert_true(result(fixture, 0).i64 == INT64_MIN);
}

// A function that is implemented for other arguments than its export says finds out.
static void test_wrong_sizes(void** state) {
  uint8_t storage[20] = {0};
  int32_t count = 3;
  memcpy(storage + 8, &count, sizeof(count));
  double unused = 0;
  iree_byte_span_t results = iree_make_byte_span(&unused, sizeof(unused));
  const iree_host_size_t wrong[] = {0, 11, 12, 20};
  for (size_t i = 0; i < IREE_ARRAYSIZE(wrong); ++i) {
    expect_message(IREE_STATUS_INVALID_ARGUMENT, "implemented as 0FCiD_F",
                   iree_vm_shim_FCiD_F(NULL, IREE_VM_NATIVE_FUNCTION_CALL_BEGIN,
                                       iree_make_byte_span(storage, wrong[i]), results,
                                       (iree_vm_native_function_target_t)spans_sum, NULL, NULL));
  }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_fixture, close_fixture)

int main(int argc, char** argv) {
  if (argc != 2) return 1;
  module_folder = argv[1];
  const struct CMUnitTest tests[] = {
      TEST(test_values),   TEST(test_tuples),      TEST(test_null_in_a_tuple),
      TEST(test_optional), TEST(test_wrong_sizes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
