// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Linking: order, imports, what messages say when they are missing or differ, initialisers, states,
// signals.
#include "base/testing/failing_allocator.h"
#include "vm/testing/vm_test.h"

// What happened, a word each.
static char test_log[256];
static void log_event(const char* module, const char* event) {
  strncat(test_log, module, sizeof(test_log) - strlen(test_log) - 1);
  strncat(test_log, event, sizeof(test_log) - strlen(test_log) - 1);
  strncat(test_log, " ", sizeof(test_log) - strlen(test_log) - 1);
}

// The module's state is its name; self is its descriptor.
static const char* name_of(void* self) {
  return ((const iree_vm_native_module_descriptor_t*)self)->name.data;
}
static iree_status_t test_alloc_state(void* self, iree_allocator_t allocator,
                                      iree_vm_module_state_t** out_module_state) {
  log_event(name_of(self), "+");
  *out_module_state = (iree_vm_module_state_t*)self;
  return iree_ok_status();
}
static void test_free_state(void* self, iree_vm_module_state_t* module_state) {
  assert_ptr_equal(self, module_state);
  log_event(name_of(self), "-");
}
static iree_status_t test_resolve_import(void* self, iree_vm_module_state_t* module_state,
                                         iree_host_size_t ordinal,
                                         const iree_vm_function_t* function,
                                         const iree_vm_function_signature_t* signature) {
  log_event(name_of(self), "<");
  assert_true(signature->calling_convention.size > 0);
  return iree_ok_status();
}
static iree_status_t test_notify(void* self, iree_vm_module_state_t* module_state,
                                 iree_vm_signal_t signal) {
  log_event(name_of(self), "!");
  return iree_make_status(IREE_STATUS_DATA_LOSS, "%s can't", name_of(self));
}
static iree_vm_native_function_flags_t test_init_fails = 0;
IREE_VM_ABI_EXPORT(test_init, const iree_vm_native_module_descriptor_t, v, v) {
  log_event(state->name.data, "init");
  if (test_init_fails) return iree_make_status(IREE_STATUS_DATA_LOSS, "no init");
  return iree_ok_status();
}
IREE_VM_ABI_EXPORT(test_deinit, const iree_vm_native_module_descriptor_t, v, v) {
  log_event(state->name.data, "deinit");
  return iree_ok_status();
}
IREE_VM_ABI_EXPORT(test_one, void, v, i) {
  rets->i0 = 1;
  return iree_ok_status();
}
IREE_VM_ABI_EXPORT(test_two, void, v, i) {
  rets->i0 = 2;
  return iree_ok_status();
}

#define TARGET(f) ((iree_vm_native_function_target_t)(f))
static const iree_string_pair_t declaration[] = {
    {{{"iree.abi.declaration", 20}}, {{"func @get() -> i32", 18}}},
};
static const iree_vm_native_export_descriptor_t library_exports[] = {
    {IREE_VM_NATIVE_STR("__init"), IREE_VM_NATIVE_STR("0v_v"), 0, NULL},
    {IREE_VM_NATIVE_STR("__deinit"), IREE_VM_NATIVE_STR("0v_v"), 0, NULL},
    {IREE_VM_NATIVE_STR("get"), IREE_VM_NATIVE_STR("0v_i"), 1, declaration},
    {IREE_VM_NATIVE_STR("get.dotted"), IREE_VM_NATIVE_STR("0v_i"), 0, NULL},
};
static const iree_vm_native_function_ptr_t library_functions[] = {
    {iree_vm_shim_v_v, TARGET(test_init)},
    {iree_vm_shim_v_v, TARGET(test_deinit)},
    {iree_vm_shim_v_i, TARGET(test_one)},
    {iree_vm_shim_v_i, TARGET(test_two)},
};
static const iree_vm_native_module_descriptor_t library_descriptor = {
    .name = IREE_VM_NATIVE_STR("lib"),
    .version = 2,
    .export_count = 4,
    .exports = library_exports,
    .function_count = 4,
    .functions = library_functions,
};
// Another module of that name, whose `get` is get.dotted.
static const iree_vm_native_module_descriptor_t newer_descriptor = {
    .name = IREE_VM_NATIVE_STR("lib"),
    .version = 3,
    .export_count = 1,
    .exports = &library_exports[2],
    .function_count = 1,
    .functions = &library_functions[3],
};

// A user of lib; tests change copies of it.
static const iree_vm_native_import_descriptor_t user_imports[] = {
    {0, IREE_VM_NATIVE_STR("lib.get")},
    {IREE_VM_NATIVE_IMPORT_OPTIONAL, IREE_VM_NATIVE_STR("lib.nosuch")},
    {IREE_VM_NATIVE_IMPORT_OPTIONAL, IREE_VM_NATIVE_STR("other.nosuch")},
};
static const iree_vm_native_export_descriptor_t user_exports[] = {
    {IREE_VM_NATIVE_STR("__init"), IREE_VM_NATIVE_STR("0v_v"), 0, NULL},
    {IREE_VM_NATIVE_STR("__deinit"), IREE_VM_NATIVE_STR("0v_v"), 0, NULL},
};
static const iree_vm_native_module_descriptor_t user_descriptor = {
    .name = IREE_VM_NATIVE_STR("user"),
    .import_count = 3,
    .imports = user_imports,
    .export_count = 2,
    .exports = user_exports,
    .function_count = 2,
    .functions = library_functions,
};

//===--------------------------------------------------------------------------------------------===//
// Fixture
//===--------------------------------------------------------------------------------------------===//

static iree_vm_instance_t* instance;

static iree_status_t make_module_in(iree_allocator_t allocator,
                                    const iree_vm_native_module_descriptor_t* descriptor,
                                    iree_vm_module_t** out_module) {
  iree_vm_module_t interface;
  IREE_RETURN_IF_ERROR(iree_vm_module_initialize(&interface, (void*)(uintptr_t)descriptor));
  interface.alloc_state = test_alloc_state;
  interface.free_state = test_free_state;
  interface.resolve_import = test_resolve_import;
  interface.notify = test_notify;
  return iree_vm_native_module_create(&interface, descriptor, instance, allocator, out_module);
}

static iree_vm_module_t* make_module(const iree_vm_native_module_descriptor_t* descriptor) {
  iree_vm_module_t* module = NULL;
  expect_ok(make_module_in(iree_allocator_system(), descriptor, &module));
  return module;
}

static iree_vm_context_t* make_context(void) {
  iree_vm_context_t* context = NULL;
  expect_ok(iree_vm_context_create(instance, 0, iree_allocator_system(), &context));
  return context;
}

// Registers a module made for this context only.
static iree_status_t add(iree_vm_context_t* context,
                         const iree_vm_native_module_descriptor_t* descriptor) {
  iree_vm_module_t* module = make_module(descriptor);
  iree_status_t status = iree_vm_context_register_modules(context, 1, &module);
  iree_vm_module_release(module);
  return status;
}

static int setup(void** state) {
  test_log[0] = 0;
  test_init_fails = 0;
  expect_ok(iree_vm_instance_create(iree_allocator_system(), &instance));
  return 0;
}
static int teardown(void** state) {
  iree_vm_instance_release(instance);
  return 0;
}

static int32_t call(iree_vm_context_t* context, const char* name) {
  iree_vm_function_t function;
  expect_ok(iree_vm_context_resolve_function(context, iree_make_cstring_view(name), &function));
  iree_vm_list_t* outputs = NULL;
  expect_ok(iree_vm_list_create(NULL, 1, iree_allocator_system(), &outputs));
  expect_ok(iree_vm_invoke(context, function, 0, NULL, NULL, outputs, iree_allocator_system()));
  iree_vm_value_t value;
  expect_ok(iree_vm_list_get_value(outputs, 0, &value));
  iree_vm_list_release(outputs);
  return value.i32;
}

//===--------------------------------------------------------------------------------------------===//
// Tests
//===--------------------------------------------------------------------------------------------===//

static void test_order_of_events(void** state) {
  iree_vm_context_t* context = make_context();
  expect_ok(add(context, &library_descriptor));
  expect_ok(add(context, &user_descriptor));
  iree_vm_context_retain(context);
  iree_vm_context_release(context);
  iree_vm_context_release(context);
  assert_string_equal(test_log,
                      "lib+ libinit user+ user< userinit userdeinit libdeinit user- lib- ");
}

static void test_resolve_function(void** state) {
  iree_vm_context_t* context = make_context();
  iree_vm_function_t function;
  expect_message(IREE_STATUS_NOT_FOUND,
                 "no module 'lib' to find 'lib.get' in; registered modules: none",
                 iree_vm_context_resolve_function(context, IREE_SV("lib.get"), &function));
  expect_ok(add(context, &library_descriptor));
  assert_int_equal(call(context, "lib.get"), 1);
  assert_int_equal(call(context, "lib.get.dotted"), 2);
  expect_message(IREE_STATUS_INVALID_ARGUMENT, "expected MODULE.FUNCTION",
                 iree_vm_context_resolve_function(context, IREE_SV("get"), &function));
  expect_message(IREE_STATUS_NOT_FOUND, "registered modules: lib",
                 iree_vm_context_resolve_function(context, IREE_SV("lob.get"), &function));
  expect_message(IREE_STATUS_NOT_FOUND,
                 "module 'lib' has no exported function 'nosuch'; it exports: get, get.dotted",
                 iree_vm_context_resolve_function(context, IREE_SV("lib.nosuch"), &function));
  assert_true(iree_vm_function_is_null(function));
  // The newest of a name.
  expect_ok(add(context, &newer_descriptor));
  assert_int_equal(call(context, "lib.get"), 2);
  iree_vm_context_release(context);
}

static void test_missing_imports(void** state) {
  iree_vm_context_t* context = make_context();
  expect_message(IREE_STATUS_NOT_FOUND,
                 "module 'user' imports 'lib.get', but no module 'lib' is registered before it "
                 "(registered: none); register module 'lib' before 'user'",
                 add(context, &user_descriptor));
  expect_ok(add(context, &library_descriptor));
  iree_vm_native_module_descriptor_t descriptor = user_descriptor;
  const iree_vm_native_import_descriptor_t imports[] = {{0, IREE_VM_NATIVE_STR("lib.nosuch")}};
  descriptor.import_count = 1;
  descriptor.imports = imports;
  expect_message(IREE_STATUS_NOT_FOUND, "it exports: get, get.dotted", add(context, &descriptor));
  expect_message(IREE_STATUS_NOT_FOUND, "module 'user' imports 'lib.nosuch'",
                 add(context, &descriptor));
  expect_message(IREE_STATUS_NOT_FOUND, "while registering module 'user'",
                 add(context, &descriptor));
  // What failed is not registered.
  iree_vm_function_t function;
  expect_code(IREE_STATUS_NOT_FOUND,
              iree_vm_context_resolve_function(context, IREE_SV("user.__init"), &function));
  expect_ok(add(context, &user_descriptor));
  iree_vm_context_release(context);
}

// An importing module that says what it expects: the interface of `user` with a signature for its
// import.
static iree_status_t (*native_get_function)(void*, iree_vm_function_linkage_t, iree_host_size_t,
                                            iree_vm_function_t*, iree_string_view_t*,
                                            iree_vm_function_signature_t*);
static iree_status_t get_function_with_signature(void* self, iree_vm_function_linkage_t linkage,
                                                 iree_host_size_t ordinal,
                                                 iree_vm_function_t* out_function,
                                                 iree_string_view_t* out_name,
                                                 iree_vm_function_signature_t* out_signature) {
  IREE_RETURN_IF_ERROR(
      native_get_function(self, linkage, ordinal, out_function, out_name, out_signature));
  if (out_signature && linkage == IREE_VM_FUNCTION_LINKAGE_IMPORT) {
    out_signature->calling_convention = IREE_SV("0r_I");
  }
  return iree_ok_status();
}

static void test_signature_mismatch(void** state) {
  iree_vm_context_t* context = make_context();
  expect_ok(add(context, &library_descriptor));
  iree_vm_module_t* module = make_module(&user_descriptor);
  native_get_function = module->get_function;
  module->get_function = get_function_with_signature;
  expect_message(IREE_STATUS_INTERNAL,
                 "module 'user' imports 'lib.get' as 0r_I, but the module that was registered has "
                 "it as 0v_i: func @get() -> i32",
                 iree_vm_context_register_modules(context, 1, &module));
  iree_vm_module_release(module);
  iree_vm_context_release(context);
}

static iree_status_t get_function_without_signature(void* self, iree_vm_function_linkage_t linkage,
                                                    iree_host_size_t ordinal,
                                                    iree_vm_function_t* out_function,
                                                    iree_string_view_t* out_name,
                                                    iree_vm_function_signature_t* out_signature) {
  IREE_RETURN_IF_ERROR(
      native_get_function(self, linkage, ordinal, out_function, out_name, out_signature));
  if (out_signature) out_signature->calling_convention = iree_string_view_empty();
  return iree_ok_status();
}

// An import that is sure how it is called is not bound to an export of which that is not known.
static void test_unknown_signature(void** state) {
  iree_vm_context_t* context = make_context();
  iree_vm_module_t* library = make_module(&library_descriptor);
  expect_ok(iree_vm_context_register_modules(context, 1, &library));
  native_get_function = library->get_function;
  library->get_function = get_function_without_signature;
  iree_vm_module_t* module = make_module(&user_descriptor);
  native_get_function = module->get_function;
  module->get_function = get_function_with_signature;
  expect_message(IREE_STATUS_INTERNAL,
                 "imports 'lib.get' as 0r_I, but the module that was registered has it as unknown",
                 iree_vm_context_register_modules(context, 1, &module));
  // `__deinit` is looked up in the usual way.
  library->get_function = native_get_function;
  iree_vm_module_release(library);
  iree_vm_module_release(module);
  iree_vm_context_release(context);
}

static void test_dependencies(void** state) {
  iree_vm_context_t* context = make_context();
  iree_vm_module_dependency_t dependencies[] = {
      {IREE_VM_NATIVE_STR("none"), 0, IREE_VM_MODULE_DEPENDENCY_FLAG_OPTIONAL},
      {IREE_VM_NATIVE_STR("lib"), 2, IREE_VM_MODULE_DEPENDENCY_FLAG_REQUIRED},
  };
  iree_vm_native_module_descriptor_t descriptor = user_descriptor;
  descriptor.dependency_count = 2;
  descriptor.dependencies = dependencies;
  expect_message(IREE_STATUS_NOT_FOUND, "register 'lib' first", add(context, &descriptor));
  expect_ok(add(context, &library_descriptor));
  expect_ok(add(context, &descriptor));
  dependencies[1].minimum_version = 3;
  expect_message(IREE_STATUS_FAILED_PRECONDITION,
                 "version 3 or later of module 'lib', but version 2", add(context, &descriptor));
  iree_vm_context_release(context);
}

// Counts in user_data, fails at the second.
static iree_status_t count_dependency(void* user_data,
                                      const iree_vm_module_dependency_t* dependency) {
  return ++*(int*)user_data == 2 ? iree_status_from_code(IREE_STATUS_CANCELLED) : iree_ok_status();
}

static void test_reflection(void** state) {
  iree_vm_context_t* context = make_context();
  assert_int_equal(tenon_vm_context_module_count(context), 0);
  iree_vm_module_dependency_t dependencies[] = {
      {IREE_VM_NATIVE_STR("lib"), 2, IREE_VM_MODULE_DEPENDENCY_FLAG_REQUIRED},
      {IREE_VM_NATIVE_STR("other"), 0, IREE_VM_MODULE_DEPENDENCY_FLAG_OPTIONAL},
      {IREE_VM_NATIVE_STR("third"), 0, IREE_VM_MODULE_DEPENDENCY_FLAG_OPTIONAL},
  };
  iree_vm_native_module_descriptor_t descriptor = user_descriptor;
  descriptor.dependency_count = 3;
  descriptor.dependencies = dependencies;
  iree_vm_module_t* modules[] = {make_module(&library_descriptor), make_module(&descriptor),
                                 make_module(&newer_descriptor)};
  expect_ok(iree_vm_context_register_modules(context, 3, modules));
  assert_int_equal(tenon_vm_context_module_count(context), 3);
  iree_vm_module_t *user = modules[1], *found = NULL;
  for (iree_host_size_t i = 0; i < 3; ++i) {
    expect_ok(tenon_vm_context_module_at(context, i, &found));
    assert_ptr_equal(found, modules[i]);
    iree_vm_module_release(found);
  }
  expect_message(IREE_STATUS_OUT_OF_RANGE, "no module 3: the context has 3",
                 tenon_vm_context_module_at(context, 3, &found));
  assert_null(found);
  const iree_vm_module_signature_t signature = iree_vm_module_signature(user);
  assert_int_equal(signature.import_function_count, 3);
  assert_int_equal(signature.export_function_count, 2);
  iree_vm_function_t import, target;
  const iree_vm_function_linkage_t linkage = IREE_VM_FUNCTION_LINKAGE_IMPORT;
  for (iree_host_size_t i = 0; i < 3; ++i) {
    expect_ok(iree_vm_module_lookup_function_by_ordinal(user, linkage, i, &import));
    assert_int_equal(import.linkage, i ? IREE_VM_FUNCTION_LINKAGE_IMPORT_OPTIONAL : linkage);
    expect_ok(tenon_vm_context_resolve_import(context, user, i, &target));
    assert_int_equal(iree_vm_function_is_null(target), i > 0);
    // The one that was there when it was registered, and not the newer one.
    if (i == 0) assert_ptr_equal(target.module, modules[0]);
  }
  expect_message(IREE_STATUS_OUT_OF_RANGE, "module 'user' has 3 imports, 2 exports and 0 internal",
                 iree_vm_module_lookup_function_by_ordinal(user, linkage, 3, &import));
  assert_true(iree_vm_function_is_null(import));
  expect_message(IREE_STATUS_OUT_OF_RANGE, "there is no number 3",
                 tenon_vm_context_resolve_import(context, user, 3, &target));
  assert_true(iree_vm_function_is_null(target));
  iree_vm_context_t* other = make_context();
  expect_message(IREE_STATUS_NOT_FOUND, "module 'user' is not registered",
                 tenon_vm_context_resolve_import(other, user, 0, &target));
  iree_vm_context_release(other);
  int count = 0;
  expect_code(IREE_STATUS_CANCELLED,
              iree_vm_module_enumerate_dependencies(user, count_dependency, &count));
  assert_int_equal(count, 2);
  count = 2;
  expect_ok(iree_vm_module_enumerate_dependencies(user, count_dependency, &count));
  assert_int_equal(count, 5);
  iree_string_pair_t attribute;
  expect_code(IREE_STATUS_OUT_OF_RANGE, iree_vm_module_get_attr(user, 0, &attribute));
  expect_code(IREE_STATUS_OUT_OF_RANGE, iree_vm_function_get_attr(import, 0, &attribute));
  iree_vm_context_release(context);
}

static void test_failing_initialiser(void** state) {
  iree_vm_context_t* context = make_context();
  test_init_fails = 1;
  expect_message(IREE_STATUS_DATA_LOSS, "lib.__init", add(context, &library_descriptor));
  iree_vm_context_release(context);
  assert_string_equal(test_log, "lib+ libinit lib- ");
}

static void test_frozen(void** state) {
  iree_vm_module_t* module = make_module(&library_descriptor);
  iree_vm_context_t* context = NULL;
  expect_ok(iree_vm_context_create_with_modules(instance, IREE_VM_CONTEXT_FLAG_CONCURRENT, 1,
                                                &module, iree_allocator_system(), &context));
  assert_int_equal(iree_vm_context_flags(context) & IREE_VM_CONTEXT_FLAG_CONCURRENT,
                   IREE_VM_CONTEXT_FLAG_CONCURRENT);
  expect_message(IREE_STATUS_FAILED_PRECONDITION, "frozen", add(context, &user_descriptor));
  iree_vm_context_t* other = make_context();
  assert_true(iree_vm_context_id(context) != iree_vm_context_id(other));
  expect_ok(iree_vm_context_freeze(other));
  expect_code(IREE_STATUS_FAILED_PRECONDITION, add(other, &library_descriptor));
  // States belong to contexts.
  iree_vm_module_state_t* module_state = NULL;
  expect_ok(iree_vm_context_resolve_module_state(context, module, &module_state));
  assert_ptr_equal(module_state, &library_descriptor);
  expect_message(IREE_STATUS_NOT_FOUND, "module 'lib' is not registered in this context",
                 iree_vm_context_resolve_module_state(other, module, &module_state));
  iree_vm_module_t* null_module = NULL;
  expect_code(IREE_STATUS_INVALID_ARGUMENT,
              iree_vm_context_register_modules(other, 1, &null_module));
  iree_vm_context_release(other);
  iree_vm_context_release(context);
  iree_vm_module_release(module);
}

static void test_signals(void** state) {
  iree_vm_context_t* context = make_context();
  expect_ok(add(context, &library_descriptor));
  expect_ok(add(context, &user_descriptor));
  test_log[0] = 0;
  expect_message(IREE_STATUS_DATA_LOSS, "user can't",
                 iree_vm_context_notify(context, IREE_VM_SIGNAL_LOW_MEMORY));
  assert_string_equal(test_log, "user! lib! ");
  expect_message(IREE_STATUS_DATA_LOSS, "lib can't",
                 iree_vm_context_notify(context, IREE_VM_SIGNAL_RESUME));
  assert_string_equal(test_log, "user! lib! lib! user! ");
  iree_vm_context_release(context);
}

// A context keeps what it needs after everybody else has let go.
static void test_ownership(void** state) {
  iree_vm_context_t* context = make_context();
  expect_ok(add(context, &library_descriptor));
  iree_vm_instance_release(instance);
  assert_int_equal(call(context, "lib.get"), 1);
  iree_vm_context_release(context);
  expect_ok(iree_vm_instance_create(iree_allocator_system(), &instance));
}

static iree_status_t link_modules(iree_allocator_t allocator, void* user_data) {
  iree_vm_module_t* modules[2] = {NULL, NULL};
  iree_vm_context_t* context = NULL;
  iree_status_t status = make_module_in(allocator, &library_descriptor, &modules[0]);
  if (iree_status_is_ok(status)) {
    status = make_module_in(allocator, &user_descriptor, &modules[1]);
  }
  if (iree_status_is_ok(status)) {
    status = iree_vm_context_create_with_modules(instance, 0, 2, modules, allocator, &context);
  }
  iree_vm_context_release(context);
  iree_vm_module_release(modules[0]);
  iree_vm_module_release(modules[1]);
  return status;
}

static void test_allocation_failures(void** state) {
  assert_true(tenon_test_for_each_failure(link_modules, NULL) >= 4);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_order_of_events, setup, teardown),
      cmocka_unit_test_setup_teardown(test_resolve_function, setup, teardown),
      cmocka_unit_test_setup_teardown(test_missing_imports, setup, teardown),
      cmocka_unit_test_setup_teardown(test_signature_mismatch, setup, teardown),
      cmocka_unit_test_setup_teardown(test_unknown_signature, setup, teardown),
      cmocka_unit_test_setup_teardown(test_dependencies, setup, teardown),
      cmocka_unit_test_setup_teardown(test_reflection, setup, teardown),
      cmocka_unit_test_setup_teardown(test_failing_initialiser, setup, teardown),
      cmocka_unit_test_setup_teardown(test_frozen, setup, teardown),
      cmocka_unit_test_setup_teardown(test_signals, setup, teardown),
      cmocka_unit_test_setup_teardown(test_ownership, setup, teardown),
      cmocka_unit_test_setup_teardown(test_allocation_failures, setup, teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
