// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Calls the functions of the module as the interpreter does, with arguments in packed storage.

#include "iree/modules/hal/module.h"

#include "base/testing/failing_allocator.h"
#include "iree/base/internal/file_io.h"
#include "iree/hal/drivers/init.h"
#include "modules/hal/testing/packer.h"

#define I32 ((int32_t)IREE_HAL_ELEMENT_TYPE_INT_32)
#define F32 ((int32_t)IREE_HAL_ELEMENT_TYPE_FLOAT_32)

static iree_vm_instance_t* instance;
static iree_hal_device_t* device;
static iree_vm_module_t* module;
static iree_vm_context_t* context;

static int set_up(void** state) {
  IREE_CHECK_OK(iree_vm_instance_create(iree_allocator_system(), &instance));
  IREE_CHECK_OK(iree_hal_module_register_all_types(instance));
  IREE_CHECK_OK(iree_hal_register_all_available_drivers(iree_hal_driver_registry_default()));
  IREE_CHECK_OK(iree_hal_create_device(iree_hal_driver_registry_default(),
                                       iree_make_cstring_view("local-sync"),
                                       iree_allocator_system(), &device));
  IREE_CHECK_OK(iree_hal_module_create(instance, device, IREE_HAL_MODULE_FLAG_NONE,
                                       iree_allocator_system(), &module));
  IREE_CHECK_OK(iree_vm_context_create_with_modules(instance, IREE_VM_CONTEXT_FLAG_NONE, 1, &module,
                                                    iree_allocator_system(), &context));
  return 0;
}

static int tear_down(void** state) {
  iree_vm_context_release(context);
  iree_vm_module_release(module);
  iree_hal_device_release(device);
  iree_vm_instance_release(instance);
  return 0;
}

//===--------------------------------------------------------------------------------------------===//
// Calls
//===--------------------------------------------------------------------------------------------===//

static iree_status_t call(const char* name, packer_t* packer, void* result,
                          iree_host_size_t result_size) {
  uint8_t results[64];
  memset(results, 0, sizeof(results));
  iree_vm_function_call_t function_call = {
      .arguments = iree_make_byte_span(packer->bytes + 1, packer->length),
      .results = iree_make_byte_span(results + 1, result_size),
  };
  IREE_CHECK_OK(iree_vm_module_lookup_function_by_name(module, IREE_VM_FUNCTION_LINKAGE_EXPORT,
                                                       iree_make_cstring_view(name),
                                                       &function_call.function));
  iree_vm_stack_t* stack = NULL;
  IREE_CHECK_OK(iree_vm_stack_allocate(IREE_VM_INVOCATION_FLAG_NONE,
                                       iree_vm_context_state_resolver(context),
                                       iree_allocator_system(), &stack));
  iree_status_t status = iree_vm_module_begin_call(stack, function_call);
  iree_vm_stack_free(stack);
  if (result_size) memcpy(result, results + 1, result_size);
  return status;
}

//===--------------------------------------------------------------------------------------------===//
// Objects
//===--------------------------------------------------------------------------------------------===//

static iree_vm_ref_t parse_view(const char* text) {
  iree_hal_buffer_view_t* view = NULL;
  IREE_CHECK_OK(iree_hal_buffer_view_parse(iree_make_cstring_view(text),
                                           iree_hal_device_allocator(device), &view));
  return iree_hal_buffer_view_move_ref(view);
}

static iree_vm_ref_t import_view(const char* text, int32_t element_type, int32_t rank,
                                 const int64_t* dims) {
  packer_t packer = {.length = 0};
  pack_ref(&packer, parse_view(text));
  pack_type(&packer, element_type, rank, dims);
  iree_vm_ref_t buffer = iree_vm_ref_null();
  IREE_CHECK_OK(call("buffer_view.import", &packer, &buffer, sizeof(buffer)));
  assert_true(iree_hal_buffer_isa(buffer));
  return buffer;
}

static void import_fails(iree_vm_ref_t view, int32_t element_type, int32_t rank,
                         const int64_t* dims, const char* message) {
  packer_t packer = {.length = 0};
  pack_ref(&packer, view);
  pack_type(&packer, element_type, rank, dims);
  iree_vm_ref_t buffer = iree_vm_ref_null();
  assert_failure(call("buffer_view.import", &packer, &buffer, sizeof(buffer)),
                 IREE_STATUS_INVALID_ARGUMENT, message);
  assert_true(iree_vm_ref_is_null(&buffer));
  release_arguments(&packer, 1);
}

static iree_vm_ref_t allocate(int32_t element_type, int32_t rank, const int64_t* dims) {
  packer_t packer = {.length = 0};
  pack_type(&packer, element_type, rank, dims);
  iree_vm_ref_t buffer = iree_vm_ref_null();
  IREE_CHECK_OK(call("buffer.allocate", &packer, &buffer, sizeof(buffer)));
  return buffer;
}

static void allocate_fails(int32_t element_type, int32_t rank, const int64_t* dims,
                           iree_status_code_t code, const char* message) {
  packer_t packer = {.length = 0};
  pack_type(&packer, element_type, rank, dims);
  iree_vm_ref_t buffer = iree_vm_ref_null();
  assert_failure(call("buffer.allocate", &packer, &buffer, sizeof(buffer)), code, message);
  assert_true(iree_vm_ref_is_null(&buffer));
}

// Bytes as the rodata of a module.
static iree_vm_ref_t make_rodata(const void* data, iree_host_size_t length) {
  iree_vm_buffer_t* buffer = NULL;
  IREE_CHECK_OK(
      iree_vm_buffer_create(IREE_VM_BUFFER_ACCESS_MUTABLE | IREE_VM_BUFFER_ACCESS_ORIGIN_MODULE,
                            length, 64, iree_allocator_system(), &buffer));
  if (length) memcpy(iree_vm_buffer_data(buffer), data, length);
  return iree_vm_buffer_move_ref(buffer);
}

static iree_vm_ref_t load_executable(void) {
  iree_file_contents_t* contents = NULL;
  IREE_CHECK_OK(iree_file_read_contents(TENON_TEST_EXECUTABLE, iree_allocator_system(), &contents));
  packer_t packer = {.length = 0};
  pack_ref(&packer, make_rodata(contents->buffer.data, contents->buffer.data_length));
  iree_file_contents_free(contents);
  iree_vm_ref_t executable = iree_vm_ref_null();
  IREE_CHECK_OK(call("executable.create", &packer, &executable, sizeof(executable)));
  assert_true(iree_hal_executable_isa(executable));
  return executable;
}

//===--------------------------------------------------------------------------------------------===//
// Tests
//===--------------------------------------------------------------------------------------------===//

static void import_accepts_what_agrees(void** state) {
  const struct {
    const char* view;
    int32_t element_type;
    int32_t rank;
    int64_t dims[2];
  } cases[] = {
      {"3xi32=1 2 3", I32, 1, {3}},
      {"3xi32=1 2 3", I32, 1, {-1}},
      {"3xsi32=1 2 3", I32, 1, {-1}},
      {"3xui32=1 2 3", I32, 1, {-1}},
      {"2x3xf32", F32, 2, {-1, 3}},
      {"i32=5", I32, 0, {0}},
      {"0x3xf32", F32, 2, {-1, 3}},
      {"3xi32", IREE_HAL_ELEMENT_TYPE_SINT_32, 1, {3}},
      {"2xi1=1 0", IREE_HAL_ELEMENT_TYPE_BOOL_8, 1, {2}},
  };
  for (size_t i = 0; i < IREE_ARRAYSIZE(cases); ++i) {
    iree_vm_ref_t buffer =
        import_view(cases[i].view, cases[i].element_type, cases[i].rank, cases[i].dims);
    iree_vm_ref_release(&buffer);
  }
}

static void import_says_what_differs(void** state) {
  import_fails(iree_vm_ref_null(), I32, DIMS(-1),
               "the view is null; pass an iree_hal_buffer_view_t of type ?xi32");
  import_fails(
      parse_view("3xi32"), F32, DIMS(4, -1),
      "expected a tensor of 4x?xf32 but the view is 3xi32 (element type i32 instead of f32)");
  import_fails(parse_view("3xi32"), I32, DIMS(4, -1),
               "expected a tensor of 4x?xi32 but the view is 3xi32 (rank 1 instead of 2)");
  import_fails(
      parse_view("4x3xi32"), I32, DIMS(4, 5),
      "expected a tensor of 4x5xi32 but the view is 4x3xi32 (dimension 1 is 3 instead of 5)");
  import_fails(parse_view("3xsi32"), (int32_t)IREE_HAL_ELEMENT_TYPE_UINT_32, DIMS(3),
               "element type si32 instead of ui32");
  import_fails(parse_view("3xi8"), (int32_t)IREE_HAL_ELEMENT_TYPE_BOOL_8, DIMS(3),
               "element type i8 instead of i1");
  import_fails(parse_view("3xi32"), F32, DIMS(3), "element type i32 instead of f32");
  import_fails(import_view("3xi32", I32, DIMS(3)), I32, DIMS(3), "hal.buffer_view");
}

static void import_gives_open_dims(void** state) {
  struct __attribute__((packed)) {
    iree_vm_ref_t buffer;
    int64_t dims[2];
  } results = {0};
  packer_t packer = {.length = 0};
  pack_ref(&packer, parse_view("2x3x5xi32"));
  pack_type(&packer, I32, DIMS(-1, 3, -1));
  IREE_CHECK_OK(call("buffer_view.import.2", &packer, &results, sizeof(results)));
  assert_int_equal(results.dims[0], 2);
  assert_int_equal(results.dims[1], 5);
  iree_vm_ref_t buffer = results.buffer;
  iree_vm_ref_release(&buffer);

  // More than are open.
  packer = (packer_t){.length = 0};
  pack_ref(&packer, parse_view("2x3x5xi32"));
  pack_type(&packer, I32, DIMS(-1, 3, 5));
  assert_failure(call("buffer_view.import.2", &packer, &results, sizeof(results)),
                 IREE_STATUS_INVALID_ARGUMENT, "2 dimensions are asked for");
  release_arguments(&packer, 1);
}

static void allocate_makes_buffers(void** state) {
  iree_vm_ref_t buffer = allocate(I32, DIMS(3, 5));
  assert_int_equal(iree_hal_buffer_byte_length(iree_hal_buffer_deref(buffer)), 60);
  iree_vm_ref_release(&buffer);
  buffer = allocate(I32, DIMS(0, 5));
  assert_int_equal(iree_hal_buffer_byte_length(iree_hal_buffer_deref(buffer)), 0);
  iree_vm_ref_release(&buffer);
  allocate_fails(I32, DIMS(3, -5), IREE_STATUS_INVALID_ARGUMENT,
                 "dimension 1 of a new tensor is negative: -5");
  allocate_fails(I32, DIMS(INT64_MAX, INT64_MAX), IREE_STATUS_OUT_OF_RANGE, "");
  const int64_t many[65] = {1};
  allocate_fails(I32, 65, many, IREE_STATUS_INVALID_ARGUMENT, "rank 65");
}

static void clone_copies(void** state) {
  packer_t packer = {.length = 0};
  pack_ref(&packer, import_view("3xi32=1 2 3", I32, DIMS(3)));
  pack_type(&packer, I32, DIMS(2));
  iree_vm_ref_t clone = iree_vm_ref_null();
  IREE_CHECK_OK(call("buffer.clone", &packer, &clone, sizeof(clone)));
  int32_t data[2] = {0};
  assert_int_equal(iree_hal_buffer_byte_length(iree_hal_buffer_deref(clone)), sizeof(data));
  IREE_CHECK_OK(iree_hal_buffer_map_read(iree_hal_buffer_deref(clone), 0, data, sizeof(data)));
  assert_int_equal(data[0], 1);
  assert_int_equal(data[1], 2);

  packer = (packer_t){.length = 0};
  pack_ref(&packer, clone);
  pack_type(&packer, I32, DIMS(3));
  assert_failure(call("buffer.clone", &packer, &clone, sizeof(clone)), IREE_STATUS_OUT_OF_RANGE,
                 "");
  release_arguments(&packer, 1);
}

static void constants_share_rodata(void** state) {
  const int32_t data[] = {7, 8, 9};
  packer_t packer = {.length = 0};
  iree_vm_ref_t rodata = make_rodata(data, sizeof(data));
  const void* bytes = iree_vm_buffer_data(iree_vm_buffer_deref(rodata));
  pack_ref(&packer, rodata);
  iree_vm_ref_t constant = iree_vm_ref_null();
  IREE_CHECK_OK(call("buffer.constant", &packer, &constant, sizeof(constant)));
  iree_hal_buffer_t* buffer = iree_hal_buffer_deref(constant);
  iree_hal_buffer_mapping_t mapping = {.buffer = NULL};
  IREE_CHECK_OK(iree_hal_buffer_map_range(buffer, IREE_HAL_MAPPING_MODE_SCOPED,
                                          IREE_HAL_MEMORY_ACCESS_READ, 0, IREE_WHOLE_BUFFER,
                                          &mapping));
  assert_ptr_equal(mapping.contents.data, bytes);
  assert_memory_equal(mapping.contents.data, data, sizeof(data));
  IREE_CHECK_OK(iree_hal_buffer_unmap_range(&mapping));
  assert_failure(iree_hal_buffer_map_zero(buffer, 0, IREE_WHOLE_BUFFER),
                 IREE_STATUS_PERMISSION_DENIED, "");
  iree_vm_ref_release(&constant);

  packer = (packer_t){.length = 0};
  pack_ref(&packer, make_rodata(NULL, 0));
  IREE_CHECK_OK(call("buffer.constant", &packer, &constant, sizeof(constant)));
  assert_int_equal(iree_hal_buffer_byte_length(iree_hal_buffer_deref(constant)), 0);
  iree_vm_ref_release(&constant);

  packer = (packer_t){.length = 0};
  pack_ref(&packer, iree_vm_ref_null());
  assert_failure(call("buffer.constant", &packer, &constant, sizeof(constant)),
                 IREE_STATUS_INVALID_ARGUMENT, "vm.buffer");
}

static void views_are_created_over_buffers(void** state) {
  packer_t packer = {.length = 0};
  pack_ref(&packer, import_view("4xi32=1 2 3 4", I32, DIMS(4)));
  pack_type(&packer, I32, DIMS(2, 2));
  iree_vm_ref_t view = iree_vm_ref_null();
  IREE_CHECK_OK(call("buffer_view.create", &packer, &view, sizeof(view)));
  char text[64];
  IREE_CHECK_OK(
      iree_hal_buffer_view_format(iree_hal_buffer_view_deref(view), 16, sizeof(text), text, NULL));
  assert_string_equal(text, "2x2xi32=[1 2][3 4]");
  iree_vm_ref_release(&view);

  packer = (packer_t){.length = 0};
  pack_ref(&packer, import_view("4xi32=1 2 3 4", I32, DIMS(4)));
  pack_type(&packer, I32, DIMS(5));
  assert_failure(call("buffer_view.create", &packer, &view, sizeof(view)), IREE_STATUS_OUT_OF_RANGE,
                 "");
  release_arguments(&packer, 1);
}

static void pack_multiply(packer_t* packer, iree_vm_ref_t* executable, int32_t ordinal,
                          iree_vm_ref_t out, int64_t count) {
  iree_vm_ref_t executable_argument = iree_vm_ref_null();
  iree_vm_ref_retain(executable, &executable_argument);
  pack_ref(packer, executable_argument);
  pack_i32(packer, ordinal);
  pack_i32(packer, 3);
  pack_ref(packer, import_view("5xi32=1 2 3 4 5", I32, DIMS(5)));
  pack_ref(packer, import_view("5xi32=10 20 30 40 50", I32, DIMS(5)));
  pack_ref(packer, out);
  pack_i32(packer, 1);
  pack_i64(packer, count);
}

// A failed dispatch leaves its references in the arguments: the executable and three buffers.
static void release_multiply(packer_t* packer) {
  release_arguments(packer, 1);
  for (int i = 0; i < 3; ++i) {
    iree_vm_ref_t ref;
    memcpy(&ref, packer->bytes + 1 + 24 + i * 16, sizeof(ref));
    iree_vm_ref_release(&ref);
  }
}

static void dispatch_runs(void** state) {
  iree_vm_ref_t executable = load_executable();
  iree_vm_ref_t out = allocate(I32, DIMS(5));
  iree_vm_ref_t out_argument = iree_vm_ref_null();
  iree_vm_ref_retain(&out, &out_argument);
  packer_t packer = {.length = 0};
  pack_multiply(&packer, &executable, 0, out_argument, 5);
  IREE_CHECK_OK(call("dispatch", &packer, NULL, 0));
  int32_t data[5];
  IREE_CHECK_OK(iree_hal_buffer_map_read(iree_hal_buffer_deref(out), 0, data, sizeof(data)));
  const int32_t expected[5] = {10, 40, 90, 160, 250};
  assert_memory_equal(data, expected, sizeof(expected));
  iree_vm_ref_release(&out);
  iree_vm_ref_release(&executable);
}

static void dispatch_refuses(void** state) {
  iree_vm_ref_t executable = load_executable();
  const struct {
    int32_t ordinal;
    int64_t out_dim;
    int64_t count;
    iree_status_code_t code;
    const char* message;
  } cases[] = {
      {0, 4, 5, IREE_STATUS_OUT_OF_RANGE, "multiply"},
      {0, 7, 6, IREE_STATUS_OUT_OF_RANGE, ""},
      {0, 5, -1, IREE_STATUS_OUT_OF_RANGE, "negative"},
      {0, 5, INT64_MAX, IREE_STATUS_OUT_OF_RANGE, ""},
      {2, 5, 5, IREE_STATUS_OUT_OF_RANGE, ""},
      {-1, 5, 5, IREE_STATUS_OUT_OF_RANGE, ""},
      {1, 5, 5, IREE_STATUS_INVALID_ARGUMENT, "bindings"},
  };
  for (size_t i = 0; i < IREE_ARRAYSIZE(cases); ++i) {
    packer_t packer = {.length = 0};
    pack_multiply(&packer, &executable, cases[i].ordinal, allocate(I32, DIMS(cases[i].out_dim)),
                  cases[i].count);
    assert_failure(call("dispatch", &packer, NULL, 0), cases[i].code, cases[i].message);
    release_multiply(&packer);
  }
  packer_t packer = {.length = 0};
  pack_multiply(&packer, &executable, 0, iree_vm_ref_null(), 5);
  assert_failure(call("dispatch", &packer, NULL, 0), IREE_STATUS_INVALID_ARGUMENT, "hal.buffer");
  release_multiply(&packer);

  // The dispatch that reports a failure.
  packer = (packer_t){.length = 0};
  pack_ref(&packer, executable);
  pack_i32(&packer, 1);
  pack_i32(&packer, 0);
  pack_i32(&packer, 0);
  assert_failure(call("dispatch", &packer, NULL, 0), IREE_STATUS_INTERNAL, "7");
  release_arguments(&packer, 1);
}

static void dispatch_limits_spans(void** state) {
  packer_t packer = {.length = 0};
  pack_ref(&packer, iree_vm_ref_null());
  pack_i32(&packer, 0);
  pack_i32(&packer, 65);
  pack_i32(&packer, 0);
  assert_failure(call("dispatch", &packer, NULL, 0), IREE_STATUS_INVALID_ARGUMENT,
                 "65 bindings; the most is 64");
  packer = (packer_t){.length = 0};
  pack_ref(&packer, iree_vm_ref_null());
  pack_i32(&packer, 0);
  pack_i32(&packer, 0);
  pack_i32(&packer, -1);
  assert_failure(call("dispatch", &packer, NULL, 0), IREE_STATUS_INVALID_ARGUMENT,
                 "constants; the most is 256");
}

// Storage of any other length is refused, whatever is in it: nothing reads past its end.
static void storage_must_match(void** state) {
  const struct {
    const char* name;
    iree_host_size_t arguments, results;
  } cases[] = {
      {"buffer.allocate", 7, 16},
      {"buffer.allocate", 9, 16},
      {"buffer.allocate", 8, 8},
      {"buffer.clone", 23, 16},
      {"buffer.constant", 15, 16},
      {"buffer.constant", 16, 0},
      {"buffer_view.create", 25, 16},
      {"buffer_view.import", 32, 16},
      {"buffer_view.import.1", 24, 20},
      {"dispatch", 27, 0},
      {"dispatch", 29, 0},
      {"dispatch", 28, 4},
      {"executable.create", 0, 16},
  };
  for (size_t i = 0; i < IREE_ARRAYSIZE(cases); ++i) {
    packer_t packer = {.length = cases[i].arguments};
    uint8_t results[24];
    assert_failure(call(cases[i].name, &packer, results, cases[i].results),
                   IREE_STATUS_INVALID_ARGUMENT, "doesn't match the calling convention");
  }
}

static void executables_are_checked(void** state) {
  packer_t packer = {.length = 0};
  pack_ref(&packer, make_rodata("no ELF", 6));
  iree_vm_ref_t executable = iree_vm_ref_null();
  assert_failure(call("executable.create", &packer, &executable, sizeof(executable)),
                 IREE_STATUS_INVALID_ARGUMENT, "");
  release_arguments(&packer, 1);
}

static void module_knows_its_device(void** state) {
  iree_vm_module_state_t* module_state = NULL;
  IREE_CHECK_OK(iree_vm_context_resolve_module_state(context, module, &module_state));
  assert_ptr_equal(iree_hal_module_state_device(module_state), device);
  iree_vm_module_t* other = NULL;
  assert_failure(iree_hal_module_create(instance, device, 1u << 7, iree_allocator_system(), &other),
                 IREE_STATUS_INVALID_ARGUMENT, "0x80");
  assert_null(other);
}

// Makes one of everything that programs make, on a device and with a module of its own.
static iree_status_t make_objects(iree_vm_ref_t* rodata) {
  iree_vm_ref_t argument = iree_vm_ref_null();
  iree_vm_ref_retain(rodata, &argument);
  packer_t packer = {.length = 0};
  pack_ref(&packer, argument);
  iree_vm_ref_t constant = iree_vm_ref_null();
  iree_status_t status = call("buffer.constant", &packer, &constant, sizeof(constant));
  release_arguments(&packer, 1);
  iree_vm_ref_t clone = iree_vm_ref_null();
  if (iree_status_is_ok(status)) {
    packer = (packer_t){.length = 0};
    pack_ref(&packer, constant);
    pack_type(&packer, I32, DIMS(1));
    status = call("buffer.clone", &packer, &clone, sizeof(clone));
    release_arguments(&packer, 1);
  }
  iree_vm_ref_t view = iree_vm_ref_null();
  if (iree_status_is_ok(status)) {
    packer = (packer_t){.length = 0};
    pack_ref(&packer, clone);
    pack_type(&packer, I32, DIMS(1));
    status = call("buffer_view.create", &packer, &view, sizeof(view));
    release_arguments(&packer, 1);
  }
  iree_vm_ref_release(&view);
  return status;
}

static iree_status_t make_objects_with(iree_allocator_t allocator, void* user_data) {
  iree_hal_device_t* own_device = NULL;
  IREE_RETURN_IF_ERROR(iree_hal_create_device(iree_hal_driver_registry_default(),
                                              iree_make_cstring_view("local-sync"), allocator,
                                              &own_device));
  iree_vm_module_t* own_module = NULL;
  iree_status_t status = iree_hal_module_create(instance, own_device, IREE_HAL_MODULE_FLAG_NONE,
                                                allocator, &own_module);
  iree_vm_context_t* own_context = NULL;
  if (iree_status_is_ok(status)) {
    status = iree_vm_context_create_with_modules(instance, IREE_VM_CONTEXT_FLAG_NONE, 1,
                                                 &own_module, allocator, &own_context);
  }
  if (iree_status_is_ok(status)) {
    iree_vm_module_t* const shared_module = module;
    iree_vm_context_t* const shared_context = context;
    module = own_module;
    context = own_context;
    status = make_objects(user_data);
    module = shared_module;
    context = shared_context;
  }
  iree_vm_context_release(own_context);
  iree_vm_module_release(own_module);
  iree_hal_device_release(own_device);
  return status;
}

static void no_failed_allocation_leaks(void** state) {
  iree_vm_ref_t rodata = make_rodata("\1\0\0", 4);
  assert_in_range(tenon_test_for_each_failure(make_objects_with, &rodata), 5, 50);
  // Nobody kept a count.
  assert_int_equal(iree_atomic_ref_count_load(&iree_vm_buffer_deref(rodata)->ref_object.counter),
                   1);
  iree_vm_ref_release(&rodata);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(import_accepts_what_agrees),
      cmocka_unit_test(import_says_what_differs),
      cmocka_unit_test(import_gives_open_dims),
      cmocka_unit_test(allocate_makes_buffers),
      cmocka_unit_test(clone_copies),
      cmocka_unit_test(constants_share_rodata),
      cmocka_unit_test(views_are_created_over_buffers),
      cmocka_unit_test(dispatch_runs),
      cmocka_unit_test(dispatch_refuses),
      cmocka_unit_test(dispatch_limits_spans),
      cmocka_unit_test(storage_must_match),
      cmocka_unit_test(executables_are_checked),
      cmocka_unit_test(module_knows_its_device),
      cmocka_unit_test(no_failed_allocation_leaks),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
