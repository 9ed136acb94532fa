// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The module around the interpreter: what it tells about itself, who owns the archive, what it
// refuses.

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
// cmocka needs those before it.
#include <cmocka.h>

#include "base/testing/failing_allocator.h"
#include "format/testing/sample_module.h"
#include "iree/vm/bytecode_module.h"
#include "vm/bytecode/testing/test_module.h"

static void begin_sample(test_module_t* module) {
  memset(module, 0, sizeof(*module));
  tenon_make_sample_module(&module->data, &module->length);
}

static void test_queries(void** state) {
  test_module_t sample;
  begin_sample(&sample);
  IREE_CHECK_OK(
      tenon_harness_create(archive_of(&sample), iree_allocator_system(), &sample.harness));
  iree_vm_module_t* module = sample.harness.module;
  assert_true(
      iree_string_view_equal(iree_vm_module_name(module), iree_make_cstring_view("sample")));
  iree_vm_module_signature_t signature = iree_vm_module_signature(module);
  assert_int_equal(signature.import_function_count, 2);
  assert_int_equal(signature.export_function_count, 2);
  assert_int_equal(signature.internal_function_count, 3);

  iree_vm_function_t function;
  IREE_CHECK_OK(iree_vm_module_lookup_function_by_name(module, IREE_VM_FUNCTION_LINKAGE_EXPORT,
                                                       iree_make_cstring_view("main"), &function));
  assert_true(
      iree_string_view_equal(iree_vm_function_name(&function), iree_make_cstring_view("main")));
  assert_true(iree_string_view_equal(iree_vm_function_signature(&function).calling_convention,
                                     iree_make_cstring_view("0iIfFr_iIfFr")));
  assert_true(iree_string_view_equal(iree_vm_function_lookup_attr_by_name(
                                         &function, iree_make_cstring_view("iree.abi.declaration")),
                                     iree_make_cstring_view("sync func @main(...)")));
  IREE_CHECK_OK(iree_vm_module_lookup_function_by_name(
      module, IREE_VM_FUNCTION_LINKAGE_IMPORT, iree_make_cstring_view("custom.sum"), &function));
  assert_int_equal(function.linkage, IREE_VM_FUNCTION_LINKAGE_IMPORT_OPTIONAL);
  assert_int_equal(function.ordinal, 1);
  IREE_CHECK_OK(iree_vm_module_lookup_function_by_name(
      module, IREE_VM_FUNCTION_LINKAGE_INTERNAL, iree_make_cstring_view("helper"), &function));
  assert_int_equal(function.ordinal, 1);
  static const iree_vm_function_linkage_t linkages[] = {IREE_VM_FUNCTION_LINKAGE_EXPORT,
                                                        IREE_VM_FUNCTION_LINKAGE_IMPORT,
                                                        IREE_VM_FUNCTION_LINKAGE_INTERNAL};
  for (size_t i = 0; i < IREE_ARRAYSIZE(linkages); ++i) {
    iree_status_t status = iree_vm_module_lookup_function_by_name(
        module, linkages[i], iree_make_cstring_view("nothing"), &function);
    assert_true(iree_status_is_not_found(status));
    iree_status_ignore(status);
    status = iree_vm_module_lookup_function_by_ordinal(module, linkages[i], 3, &function);
    assert_true(iree_status_is_out_of_range(status));
    iree_status_ignore(status);
  }
  iree_string_pair_t attribute;
  assert_int_equal(iree_status_consume_code(module->get_function_attr(
                       module->self, IREE_VM_FUNCTION_LINKAGE_EXPORT, 1, 1, &attribute)),
                   IREE_STATUS_OUT_OF_RANGE);
  end_module(&sample);
}

// What the file says of the module: its version, its attributes, and the versions that it needs of others.
static iree_status_t take_version(void* user_data, const iree_vm_module_dependency_t* dependency) {
  assert_true(iree_string_view_equal(dependency->name, IREE_SV("custom")));
  *(uint32_t*)user_data = dependency->minimum_version;
  return iree_ok_status();
}

static void test_versions_and_attributes(void** state) {
  for (uint32_t minimum_version = 0; minimum_version < 3; minimum_version += 2) {
    test_module_t file = begin_module();
    const tenon_attribute_t attributes[] = {{text_of(&file, "first"), text_of(&file, "1")},
                                            {text_of(&file, "second"), text_of(&file, "")}};
    tenon_writer_set_version(file.writer, 7);
    declare_import(&file, "custom.twice", "0i_i");
    const uint32_t import = declare_import(&file, "custom.same", "0r_r");
    tenon_writer_set_import_version(file.writer, import, minimum_version);
    tenon_writer_set_import_version(file.writer, import, minimum_version / 2);
    tenon_writer_set_attributes(file.writer, attributes, 2);
    write_module(&file);
    iree_status_t status =
        tenon_harness_create(archive_of(&file), iree_allocator_system(), &file.harness);
    if (minimum_version) {
      // The native module is version 0.
      EXPECT_FAILURE(status, IREE_STATUS_FAILED_PRECONDITION,
                     "version 2 or later of module 'custom', but version 0 is registered",
                     "while registering module 'm'");
    } else {
      IREE_CHECK_OK(status);
      iree_vm_module_t* module = file.harness.module;
      const iree_vm_module_signature_t signature = iree_vm_module_signature(module);
      assert_int_equal(signature.version, 7);
      assert_int_equal(signature.attr_count, 2);
      iree_string_pair_t attribute;
      IREE_CHECK_OK(iree_vm_module_get_attr(module, 1, &attribute));
      assert_true(iree_string_view_equal(attribute.key, IREE_SV("second")));
      assert_int_equal(attribute.value.size, 0);
      assert_true(iree_string_view_equal(
          iree_vm_module_lookup_attr_by_name(module, IREE_SV("first")), IREE_SV("1")));
      assert_int_equal(iree_status_consume_code(iree_vm_module_get_attr(module, 2, &attribute)),
                       IREE_STATUS_OUT_OF_RANGE);
      uint32_t version = 99;
      IREE_CHECK_OK(iree_vm_module_enumerate_dependencies(module, take_version, &version));
      assert_int_equal(version, 0);
    }
    end_module(&file);
  }
}

typedef struct dependencies_t {
  size_t count, required_count;
  char last[32];
} dependencies_t;

static iree_status_t take_dependency(void* user_data,
                                     const iree_vm_module_dependency_t* dependency) {
  dependencies_t* dependencies = (dependencies_t*)user_data;
  assert_int_equal(dependency->minimum_version, 0);
  assert_true(dependency->flags & TENON_VM_MODULE_DEPENDENCY_FLAG_IMPORTED);
  ++dependencies->count;
  const bool is_required = dependency->flags & IREE_VM_MODULE_DEPENDENCY_FLAG_REQUIRED;
  dependencies->required_count += is_required;
  assert_int_equal((dependency->flags & IREE_VM_MODULE_DEPENDENCY_FLAG_OPTIONAL) != 0,
                   !is_required);
  snprintf(dependencies->last, sizeof(dependencies->last), "%.*s", (int)dependency->name.size,
           dependency->name.data);
  // Fails at the hundredth.
  return dependencies->count == 100 ? iree_status_from_code(IREE_STATUS_CANCELLED)
                                    : iree_ok_status();
}

// Module |i| of those that are imported from: one import, or two of which at most one is optional.
static void import_from(test_module_t* module, int i, uint32_t first_flags, uint32_t second_flags) {
  char name[32];
  snprintf(name, sizeof(name), "module%d.first.function", i);
  tenon_writer_add_import(module->writer, text_of(module, name), text_of(module, "0v_v"),
                          first_flags, NULL, 0);
  snprintf(name, sizeof(name), "module%d.second", i);
  tenon_writer_add_import(module->writer, text_of(module, name), text_of(module, "0v_v"),
                          second_flags, NULL, 0);
}

static void test_dependencies(void** state) {
  static const struct {
    int module_count;
    size_t count, required_count;
    const char* last;
  } cases[] = {{0, 0, 0, ""},
               {1, 1, 0, "module0"},
               {3, 3, 2, "module2"},
               // More than are remembered: the others are told first, for each import.
               {65, 66, 43, "module63"},
               {200, 100, 0, ""}};
  iree_vm_instance_t* instance = NULL;
  IREE_CHECK_OK(iree_vm_instance_create(iree_allocator_system(), &instance));
  for (size_t i = 0; i < IREE_ARRAYSIZE(cases); ++i) {
    test_module_t file = begin_module();
    for (int j = 0; j < cases[i].module_count; ++j) {
      import_from(&file, j, j % 3 == 1 ? 0 : TENON_IMPORT_OPTIONAL,
                  j % 3 == 2 ? 0 : TENON_IMPORT_OPTIONAL);
    }
    write_module(&file);
    iree_vm_module_t* module = NULL;
    IREE_CHECK_OK(iree_vm_bytecode_module_create(instance, archive_of(&file), iree_allocator_null(),
                                                 iree_allocator_system(), &module));
    dependencies_t found = {0};
    iree_status_t status = iree_vm_module_enumerate_dependencies(module, take_dependency, &found);
    assert_int_equal(iree_status_consume_code(status),
                     cases[i].count == 100 ? IREE_STATUS_CANCELLED : IREE_STATUS_OK);
    assert_int_equal(found.count, cases[i].count);
    if (cases[i].count < 100) {
      assert_int_equal(found.required_count, cases[i].required_count);
      assert_string_equal(found.last, cases[i].last);
    }
    iree_vm_module_release(module);
    free(file.data);
  }
  iree_vm_instance_release(instance);
}

// A call whose storages don't fit the function.
static void test_wrong_storage(void** state) {
  test_module_t sample;
  begin_sample(&sample);
  IREE_CHECK_OK(
      tenon_harness_create(archive_of(&sample), iree_allocator_system(), &sample.harness));
  iree_vm_stack_t* stack = NULL;
  IREE_CHECK_OK(iree_vm_stack_allocate(IREE_VM_INVOCATION_FLAG_NONE,
                                       iree_vm_context_state_resolver(sample.harness.context),
                                       iree_allocator_system(), &stack));
  uint8_t storage[48] = {0};
  iree_vm_function_call_t call = {.arguments = iree_make_byte_span(storage, 39),
                                  .results = iree_make_byte_span(storage, 40)};
  IREE_CHECK_OK(
      iree_vm_module_lookup_function_by_name(sample.harness.module, IREE_VM_FUNCTION_LINKAGE_EXPORT,
                                             iree_make_cstring_view("main"), &call.function));
  EXPECT_FAILURE(iree_vm_module_begin_call(stack, call), IREE_STATUS_INVALID_ARGUMENT,
                 "main takes 40 bytes of arguments and gives 40 of results", "0iIfFr_iIfFr",
                 "called with 39 and 40");
  call.function.ordinal = 2;
  EXPECT_FAILURE(iree_vm_module_begin_call(stack, call), IREE_STATUS_INVALID_ARGUMENT,
                 "not a function of the module");
  call.function.linkage = IREE_VM_FUNCTION_LINKAGE_INTERNAL;
  call.function.ordinal = 99;
  EXPECT_FAILURE(iree_vm_module_begin_call(stack, call), IREE_STATUS_INVALID_ARGUMENT,
                 "not a function of the module");
  // An internal function can be called from its own module's side.
  call.function.ordinal = 0;
  EXPECT_FAILURE(iree_vm_module_begin_call(stack, call), IREE_STATUS_INVALID_ARGUMENT,
                 "called with 39 and 40");
  EXPECT_FAILURE(sample.harness.module->resume_call(sample.harness.module->self, stack,
                                                    iree_byte_span_empty()),
                 IREE_STATUS_FAILED_PRECONDITION, "no call of this module is suspended");
  iree_vm_stack_free(stack);
  end_module(&sample);
}

static void test_unknown_type(void** state) {
  test_module_t module = begin_module();
  tenon_writer_add_type(module.writer, text_of(&module, "custom.widget"));
  write_module(&module);
  EXPECT_FAILURE(
      tenon_harness_create(archive_of(&module), iree_allocator_system(), &module.harness),
      IREE_STATUS_NOT_FOUND, "type custom.widget, which is not registered");
  end_module(&module);
}

//===----------------------------------------------------------------------===//
// The archive
//===----------------------------------------------------------------------===//

// An allocator that counts what it frees.
static iree_status_t count_frees(void* self, iree_allocator_command_t command, const void* params,
                                 void** inout_ptr) {
  assert_int_equal(command, IREE_ALLOCATOR_COMMAND_FREE);
  ++*(int*)self;
  free(*inout_ptr);
  *inout_ptr = NULL;
  return iree_ok_status();
}

static void test_archive_is_freed_once(void** state) {
  int frees = 0;
  iree_allocator_t counter = {&frees, count_frees};
  iree_allocator_t allocator = iree_allocator_system();
  iree_vm_instance_t* instance = NULL;
  IREE_CHECK_OK(iree_vm_instance_create(allocator, &instance));
  test_module_t sample;
  begin_sample(&sample);
  iree_vm_module_t* module = NULL;
  // Refused: stays ours.
  sample.data[20] ^= 1;
  iree_status_t status =
      iree_vm_bytecode_module_create(instance, archive_of(&sample), counter, allocator, &module);
  assert_false(iree_status_is_ok(status));
  iree_status_ignore(status);
  assert_null(module);
  assert_int_equal(frees, 0);
  sample.data[20] ^= 1;
  IREE_CHECK_OK(
      iree_vm_bytecode_module_create(instance, archive_of(&sample), counter, allocator, &module));
  assert_int_equal(frees, 0);
  iree_vm_module_release(module);
  assert_int_equal(frees, 1);
  iree_vm_instance_release(instance);
}

// A buffer of constants that is held longer than the module, the context and the instance.
static void test_constants_outlive_the_module(void** state) {
  test_module_t sample;
  begin_sample(&sample);
  IREE_CHECK_OK(
      tenon_harness_create(archive_of(&sample), iree_allocator_system(), &sample.harness));
  iree_vm_list_t *inputs = make_list(), *outputs = make_list();
  push_i32(inputs, 1);
  push_i64(inputs, 1);
  iree_vm_value_t narrow = iree_vm_value_make_f32(0), wide = iree_vm_value_make_f64(0);
  IREE_CHECK_OK(iree_vm_list_push_value(inputs, &narrow));
  IREE_CHECK_OK(iree_vm_list_push_value(inputs, &wide));
  push_null(inputs);
  IREE_CHECK_OK(tenon_harness_call(&sample.harness, "main", inputs, outputs));
  iree_vm_ref_t ref = iree_vm_ref_null();
  IREE_CHECK_OK(iree_vm_list_get_ref_retain(outputs, 4, &ref));
  iree_vm_list_release(inputs);
  iree_vm_list_release(outputs);
  tenon_harness_destroy(&sample.harness);
  assert_memory_equal(iree_vm_buffer_deref(ref)->data.data, "\1\2\3\4\5", 5);
  iree_vm_ref_release(&ref);
  free(sample.data);
}

// An allocator that frees the block that starts |offset| bytes before the pointer.
typedef struct offset_allocator_t {
  size_t offset;
  int frees;
} offset_allocator_t;
static iree_status_t free_at_offset(void* self, iree_allocator_command_t command,
                                    const void* params, void** inout_ptr) {
  offset_allocator_t* allocator = (offset_allocator_t*)self;
  ++allocator->frees;
  free((uint8_t*)*inout_ptr - allocator->offset);
  *inout_ptr = NULL;
  return iree_ok_status();
}

// The copy is what runs: the original goes at once.
static void test_unaligned_archive(void** state) {
  iree_allocator_t allocator = iree_allocator_system();
  iree_vm_instance_t* instance = NULL;
  IREE_CHECK_OK(iree_vm_instance_create(allocator, &instance));
  test_module_t sample;
  begin_sample(&sample);
  for (size_t offset = 1; offset < 8; ++offset) {
    uint8_t* moved = malloc(sample.length + offset);
    memcpy(moved + offset, sample.data, sample.length);
    offset_allocator_t owner = {offset, 0};
    iree_vm_module_t* module = NULL;
    IREE_CHECK_OK(iree_vm_bytecode_module_create(
        instance, iree_make_const_byte_span(moved + offset, sample.length),
        (iree_allocator_t){&owner, free_at_offset}, allocator, &module));
    assert_int_equal(owner.frees, 1);
    assert_true(
        iree_string_view_equal(iree_vm_module_name(module), iree_make_cstring_view("sample")));
    iree_vm_module_release(module);
    assert_int_equal(owner.frees, 1);
  }
  free(sample.data);
  iree_vm_instance_release(instance);
}

//===----------------------------------------------------------------------===//
// Failing allocations
//===----------------------------------------------------------------------===//

static iree_status_t load_and_call(iree_allocator_t allocator, void* user_data) {
  const test_module_t* sample = (const test_module_t*)user_data;
  tenon_harness_t harness;
  // Off by one, so that the copy is part of it.
  IREE_RETURN_IF_ERROR(tenon_harness_create(
      iree_make_const_byte_span(sample->data + 1, sample->length), allocator, &harness));
  iree_vm_list_t *inputs = make_list(), *outputs = make_list();
  push_i32(inputs, 1);
  push_i64(inputs, 1);
  iree_vm_value_t narrow = iree_vm_value_make_f32(0), wide = iree_vm_value_make_f64(0);
  IREE_CHECK_OK(iree_vm_list_push_value(inputs, &narrow));
  IREE_CHECK_OK(iree_vm_list_push_value(inputs, &wide));
  push_null(inputs);
  iree_status_t status = tenon_harness_call(&harness, "main", inputs, outputs);
  iree_vm_list_release(inputs);
  iree_vm_list_release(outputs);
  tenon_harness_destroy(&harness);
  return status;
}

static void test_failing_allocator(void** state) {
  test_module_t sample;
  begin_sample(&sample);
  test_module_t moved = {.data = malloc(sample.length + 1), .length = sample.length};
  memcpy(moved.data + 1, sample.data, sample.length);
  // Archive, its copy, the verifier's scratch, module, state, constants at the least.
  assert_true(tenon_test_for_each_failure(load_and_call, &moved) >= 6);
  free(moved.data);
  free(sample.data);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_queries),
      cmocka_unit_test(test_dependencies),
      cmocka_unit_test(test_versions_and_attributes),
      cmocka_unit_test(test_wrong_storage),
      cmocka_unit_test(test_unknown_type),
      cmocka_unit_test(test_archive_is_freed_once),
      cmocka_unit_test(test_constants_outlive_the_module),
      cmocka_unit_test(test_unaligned_archive),
      cmocka_unit_test(test_failing_allocator),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
