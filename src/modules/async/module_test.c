// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tenon/async_module.h"

#include <pthread.h>
#include <unistd.h>

#include "base/testing/failing_allocator.h"
#include "iree/hal/drivers/init.h"
#include "iree/modules/hal/types.h"
#include "vm/testing/vm_test.h"

static iree_vm_instance_t* instance;
static iree_hal_device_t* device;

static int set_up(void** state) {
  expect_ok(iree_vm_instance_create(iree_allocator_system(), &instance));
  expect_ok(iree_hal_module_register_all_types(instance));
  expect_ok(iree_hal_register_all_available_drivers(iree_hal_driver_registry_default()));
  expect_ok(iree_hal_create_device(iree_hal_driver_registry_default(), IREE_SV("local-sync"),
                                   iree_allocator_system(), &device));
  return 0;
}

static int tear_down(void** state) {
  iree_hal_device_release(device);
  iree_vm_instance_release(instance);
  return 0;
}

//===--------------------------------------------------------------------------------------------===//
// The functions of the module
//===--------------------------------------------------------------------------------------------===//

static iree_status_t double_elements(void* user_data, const tenon_async_call_t* call) {
  const int32_t* source = (const int32_t*)call->arguments[0].data;
  int32_t* target = (int32_t*)call->results[0].data;
  if (call->results[0].byte_length != call->arguments[0].byte_length) {
    return iree_make_status(IREE_STATUS_INTERNAL, "the lengths differ");
  }
  for (size_t i = 0; i < call->arguments[0].element_count; ++i) target[i] = source[i] * 2;
  return iree_ok_status();
}

// All numbers, added up.
static iree_status_t add_numbers(void* user_data, const tenon_async_call_t* call) {
  double* sum = (double*)call->results[0].data;
  *sum = *(const int32_t*)call->arguments[0].data + *(const float*)call->arguments[1].data +
         (double)*(const int64_t*)call->arguments[2].data + *(const double*)call->arguments[3].data;
  for (size_t i = 0; i < call->argument_count; ++i) {
    if (call->arguments[i].view || call->arguments[i].rank || call->arguments[i].element_count != 1)
      return iree_make_status(IREE_STATUS_INTERNAL, "argument %zu is no number", i);
  }
  return iree_ok_status();
}

// A tensor |count| times; the count is known when the shape is asked for, the contents are not.
static iree_status_t repeat_shape(void* user_data, const tenon_async_argument_t* arguments,
                                  iree_hal_dim_t* const* result_dims) {
  const int32_t count = *(const int32_t*)arguments[1].data;
  if (arguments[0].data) return iree_make_status(IREE_STATUS_INTERNAL, "contents too early");
  if (result_dims[0][0] != 0 || result_dims[0][1] != 2)
    return iree_make_status(IREE_STATUS_INTERNAL, "dims are not as the type says");
  if (count == -1) result_dims[0][1] = 3;
  if (count < 0) return iree_ok_status();
  if (count > 100) return iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "that is too often");
  result_dims[0][0] = arguments[0].dims[0] * (iree_hal_dim_t)count;
  return iree_ok_status();
}
static iree_status_t repeat(void* user_data, const tenon_async_call_t* call) {
  const iree_host_size_t length = call->arguments[0].byte_length;
  for (iree_host_size_t at = 0; at < call->results[0].byte_length; at += length) {
    memcpy((uint8_t*)call->results[0].data + at, call->arguments[0].data, length);
  }
  return iree_ok_status();
}

// result_like: the first result is like the second argument, and the other way round.
static iree_status_t swap(void* user_data, const tenon_async_call_t* call) {
  for (int i = 0; i < 2; ++i) {
    memcpy(call->results[i].data, call->arguments[1 - i].data, call->results[i].byte_length);
  }
  return iree_ok_status();
}
static const iree_host_size_t swapped[] = {1, 0};

// More results and dims than are kept on the stack.
static iree_status_t count_dims(void* user_data, const tenon_async_call_t* call) {
  for (iree_host_size_t i = 0; i < call->result_count; ++i) {
    iree_hal_dim_t sum = 0;
    for (iree_host_size_t d = 0; d < call->results[i].rank; ++d) sum += call->results[i].dims[d];
    *(int32_t*)call->results[i].data = (int32_t)sum;
  }
  return iree_ok_status();
}
static const iree_host_size_t all_zero[6] = {0};

static iree_status_t burn(void* user_data, const tenon_async_call_t* call) {
  return iree_make_status(IREE_STATUS_DATA_LOSS, "the disk is on fire");
}

// Work for many threads at once.
static iree_status_t add_slowly(void* user_data, const tenon_async_call_t* call) {
  usleep(100);
  int32_t* total = (int32_t*)user_data;
  __atomic_fetch_add(total, 1, __ATOMIC_RELAXED);
  return double_elements(user_data, call);
}

static const tenon_async_function_t functions[] = {
    {.name = "double", .type = "(tensor<?xi32>) -> tensor<?xi32>", .fn = double_elements},
    {.name = "sum", .type = "(i8, f32, index, f64) -> tensor<f64>", .fn = add_numbers},
    {.name = "repeat",
     .type = "(tensor<?x2xi32>, i32) -> tensor<?x2xi32>",
     .fn = repeat,
     .shape = repeat_shape},
    {.name = "swap",
     .type = "(tensor<?xi32>, tensor<?xi64>) -> (tensor<?xi64>, tensor<?xi32>)",
     .fn = swap,
     .result_like = swapped},
    {.name = "dims",
     .type = "(tensor<?x?xi32>) -> (tensor<?x?xi32>, tensor<1x?xi32>, tensor<1x1x1xi32>, "
             "tensor<1x1x1x1x1xi32>, tensor<1x1x1x1x1xi32>, tensor<1xi32>)",
     .fn = count_dims,
     .result_like = all_zero},
    {.name = "fail", .type = "(tensor<?xi32>) -> tensor<?xi32>", .fn = burn},
    {.name = "slow.double", .type = "(tensor<?xi32>) -> tensor<?xi32>", .fn = add_slowly},
    {.name = "nothing", .type = "() -> ()", .fn = count_dims},
};

static tenon_async_module_params_t module_params(void) {
  return (tenon_async_module_params_t){.name = "custom",
                                       .function_count = IREE_ARRAYSIZE(functions),
                                       .functions = functions,
                                       .device = device};
}

//===--------------------------------------------------------------------------------------------===//
// Calls
//===--------------------------------------------------------------------------------------------===//

static iree_vm_context_t* make_context(const tenon_async_module_params_t* params) {
  iree_vm_module_t* module = NULL;
  expect_ok(tenon_async_module_create(instance, params, iree_allocator_system(), &module));
  iree_vm_context_t* context = NULL;
  expect_ok(iree_vm_context_create_with_modules(instance, IREE_VM_CONTEXT_FLAG_CONCURRENT, 1,
                                                &module, iree_allocator_system(), &context));
  iree_vm_module_release(module);
  return context;
}

static iree_hal_buffer_view_t* make_view(iree_host_size_t rank, const iree_hal_dim_t* dims,
                                         iree_hal_element_type_t type, const void* data,
                                         iree_host_size_t length) {
  const iree_hal_buffer_params_t params = {.usage = IREE_HAL_BUFFER_USAGE_DEFAULT |
                                                    IREE_HAL_BUFFER_USAGE_MAPPING};
  iree_hal_buffer_view_t* view = NULL;
  expect_ok(iree_hal_buffer_view_allocate_buffer(
      iree_hal_device_allocator(device), rank, dims, type, IREE_HAL_ENCODING_TYPE_DENSE_ROW_MAJOR,
      params, iree_make_const_byte_span(data, length), &view));
  return view;
}

static iree_hal_buffer_view_t* make_i32s(iree_host_size_t count, const int32_t* data) {
  const iree_hal_dim_t dims[] = {count};
  return make_view(1, dims, IREE_HAL_ELEMENT_TYPE_INT_32, data, count * sizeof(*data));
}

static iree_vm_list_t* make_list(void) {
  iree_vm_list_t* list = NULL;
  expect_ok(iree_vm_list_create(NULL, 8, iree_allocator_system(), &list));
  return list;
}

// Gives the view to the list.
static void push_view(iree_vm_list_t* list, iree_hal_buffer_view_t* view) {
  iree_vm_ref_t ref = iree_hal_buffer_view_move_ref(view);
  expect_ok(iree_vm_list_push_ref_move(list, &ref));
}

static void push_fence(iree_vm_list_t* list, iree_hal_fence_t* fence) {
  iree_vm_ref_t ref = iree_hal_fence_retain_ref(fence);
  expect_ok(iree_vm_list_push_ref_move(list, &ref));
}

// A fence at 1 of a new semaphore, which only the fence holds.
static iree_hal_fence_t* make_fence(void) {
  iree_hal_semaphore_t* semaphore = NULL;
  iree_hal_fence_t* fence = NULL;
  expect_ok(iree_hal_semaphore_create(device, 0, &semaphore));
  expect_ok(iree_hal_fence_create_at(semaphore, 1, iree_allocator_system(), &fence));
  iree_hal_semaphore_release(semaphore);
  return fence;
}

static iree_timeout_t soon(void) {
  return (iree_timeout_t){IREE_TIMEOUT_RELATIVE, 60ll * 1000 * 1000 * 1000};
}

// Calls |name| with |inputs|, which it releases, and the two fences.
static iree_status_t begin_call(iree_vm_context_t* context, const char* name,
                                iree_vm_list_t* inputs, iree_hal_fence_t* wait_fence,
                                iree_hal_fence_t* signal_fence, iree_vm_list_t* outputs) {
  push_fence(inputs, wait_fence);
  push_fence(inputs, signal_fence);
  iree_vm_function_t function;
  expect_ok(iree_vm_context_resolve_function(context, iree_make_cstring_view(name), &function));
  iree_status_t status = iree_vm_invoke(context, function, IREE_VM_INVOCATION_FLAG_NONE, NULL,
                                        inputs, outputs, iree_allocator_system());
  iree_vm_list_release(inputs);
  return status;
}

// The same without waiting, to the end.
static iree_status_t call(iree_vm_context_t* context, const char* name, iree_vm_list_t* inputs,
                          iree_vm_list_t* outputs) {
  iree_hal_fence_t* end = make_fence();
  iree_status_t status = begin_call(context, name, inputs, NULL, end, outputs);
  if (iree_status_is_ok(status)) {
    status = iree_hal_fence_wait(end, soon());
    if (iree_status_is_aborted(status)) {
      iree_status_ignore(status);
      status = iree_hal_fence_query(end);
    }
  }
  iree_hal_fence_release(end);
  return status;
}

static iree_hal_buffer_view_t* output(iree_vm_list_t* outputs, iree_host_size_t i) {
  iree_hal_buffer_view_t* view = iree_vm_list_get_buffer_view_assign(outputs, i);
  assert_non_null(view);
  return view;
}

static void expect_contents(iree_hal_buffer_view_t* view, const void* data,
                            iree_host_size_t length) {
  uint8_t actual[256];
  assert_true(length <= sizeof(actual));
  assert_int_equal(iree_hal_buffer_view_byte_length(view), length);
  expect_ok(iree_hal_buffer_map_read(iree_hal_buffer_view_buffer(view), 0, actual, length));
  if (length) assert_memory_equal(actual, data, length);
}

//===--------------------------------------------------------------------------------------------===//
// Tests
//===--------------------------------------------------------------------------------------------===//

static const int32_t numbers[] = {1, 2, 3, 4, 5};
static const int32_t doubled[] = {2, 4, 6, 8, 10};

static void test_call(void** state) {
  const tenon_async_module_params_t params = module_params();
  iree_vm_context_t* context = make_context(&params);
  for (iree_host_size_t count = 0; count <= 5; count += 5) {
    iree_vm_list_t *inputs = make_list(), *outputs = make_list();
    push_view(inputs, make_i32s(count, numbers));
    expect_ok(call(context, "custom.double", inputs, outputs));
    expect_contents(output(outputs, 0), doubled, count * sizeof(int32_t));
    iree_vm_list_release(outputs);
  }
  iree_vm_context_release(context);
}

// The call returns before it can have run; results are there once their fence is reached.
static void test_call_waits(void** state) {
  const tenon_async_module_params_t params = module_params();
  iree_vm_context_t* context = make_context(&params);
  iree_hal_fence_t *start = make_fence(), *end = make_fence();
  iree_vm_list_t *inputs = make_list(), *outputs = make_list();
  int32_t later[5] = {0};
  iree_hal_buffer_view_t* view = make_i32s(5, later);
  iree_hal_buffer_t* buffer = iree_hal_buffer_view_buffer(view);
  iree_hal_buffer_retain(buffer);
  push_view(inputs, view);
  expect_ok(begin_call(context, "custom.double", inputs, start, end, outputs));
  assert_int_equal(iree_hal_buffer_view_shape_dim(output(outputs, 0), 0), 5);
  expect_code(IREE_STATUS_DEFERRED, iree_hal_fence_query(end));
  expect_ok(iree_hal_buffer_map_write(buffer, 0, numbers, sizeof(numbers)));
  expect_ok(iree_hal_fence_signal(start));
  expect_ok(iree_hal_fence_wait(end, soon()));
  expect_contents(output(outputs, 0), doubled, sizeof(doubled));
  iree_vm_list_release(outputs);
  iree_hal_buffer_release(buffer);
  iree_hal_fence_release(start);
  iree_hal_fence_release(end);
  iree_vm_context_release(context);
}

static void test_numbers(void** state) {
  const tenon_async_module_params_t params = module_params();
  iree_vm_context_t* context = make_context(&params);
  iree_vm_list_t *inputs = make_list(), *outputs = make_list();
  const iree_vm_value_t values[] = {iree_vm_value_make_i32(-7), iree_vm_value_make_f32(0.5f),
                                    iree_vm_value_make_i64(1ll << 40),
                                    iree_vm_value_make_f64(0.25)};
  for (size_t i = 0; i < IREE_ARRAYSIZE(values); ++i) {
    expect_ok(iree_vm_list_push_value(inputs, &values[i]));
  }
  expect_ok(call(context, "custom.sum", inputs, outputs));
  const double expected = -7 + 0.5 + (double)(1ll << 40) + 0.25;
  assert_int_equal(iree_hal_buffer_view_shape_rank(output(outputs, 0)), 0);
  expect_contents(output(outputs, 0), &expected, sizeof(expected));
  iree_vm_list_release(outputs);
  iree_vm_context_release(context);
}

static void push_repeat(iree_vm_list_t* inputs, int32_t count) {
  const iree_hal_dim_t dims[] = {1, 2};
  push_view(inputs, make_view(2, dims, IREE_HAL_ELEMENT_TYPE_INT_32, numbers, 8));
  const iree_vm_value_t value = iree_vm_value_make_i32(count);
  expect_ok(iree_vm_list_push_value(inputs, &value));
}

static void test_shape_function(void** state) {
  const tenon_async_module_params_t params = module_params();
  iree_vm_context_t* context = make_context(&params);
  static const struct {
    int32_t count;
    iree_status_code_t code;
    const char* message;
  } cases[] = {
      {3, IREE_STATUS_OK, ""},
      {101, IREE_STATUS_INVALID_ARGUMENT, "that is too often"},
      {-1, IREE_STATUS_INVALID_ARGUMENT, "set dim 1 of result 0 to 3"},
  };
  for (size_t i = 0; i < IREE_ARRAYSIZE(cases); ++i) {
    iree_vm_list_t *inputs = make_list(), *outputs = make_list();
    push_repeat(inputs, cases[i].count);
    iree_status_t status = call(context, "custom.repeat", inputs, outputs);
    if (cases[i].code == IREE_STATUS_OK) {
      expect_ok(status);
      const int32_t expected[] = {1, 2, 1, 2, 1, 2};
      expect_contents(output(outputs, 0), expected, sizeof(expected));
      assert_int_equal(iree_hal_buffer_view_shape_dim(output(outputs, 0), 0), 3);
    } else {
      expect_message(cases[i].code, cases[i].message, status);
    }
    iree_vm_list_release(outputs);
  }
  iree_vm_context_release(context);
}

static void test_result_like(void** state) {
  const tenon_async_module_params_t params = module_params();
  iree_vm_context_t* context = make_context(&params);
  iree_vm_list_t *inputs = make_list(), *outputs = make_list();
  const iree_hal_dim_t dims[] = {2};
  const int64_t wide[] = {-1, 1ll << 50};
  push_view(inputs, make_i32s(5, numbers));
  push_view(inputs, make_view(1, dims, IREE_HAL_ELEMENT_TYPE_INT_64, wide, sizeof(wide)));
  expect_ok(call(context, "custom.swap", inputs, outputs));
  expect_contents(output(outputs, 0), wide, sizeof(wide));
  expect_contents(output(outputs, 1), numbers, sizeof(numbers));
  iree_vm_list_release(outputs);
  iree_vm_context_release(context);
}

static void test_many_results(void** state) {
  const tenon_async_module_params_t params = module_params();
  iree_vm_context_t* context = make_context(&params);
  iree_vm_list_t *inputs = make_list(), *outputs = make_list();
  const iree_hal_dim_t dims[] = {1, 1};
  push_view(inputs, make_view(2, dims, IREE_HAL_ELEMENT_TYPE_INT_32, numbers, 4));
  expect_ok(call(context, "custom.dims", inputs, outputs));
  const int32_t expected[] = {2, 2, 3, 5, 5, 1};
  for (iree_host_size_t i = 0; i < 6; ++i) {
    expect_contents(output(outputs, i), &expected[i], sizeof(expected[i]));
  }
  iree_vm_list_release(outputs);
  iree_vm_context_release(context);
}

// What is wrong with an argument is said at once, to the caller and to who waits for the end.
static void test_bad_arguments(void** state) {
  const tenon_async_module_params_t params = module_params();
  iree_vm_context_t* context = make_context(&params);
  const iree_hal_dim_t square[] = {1, 1}, wrong[] = {2, 3};
  struct {
    const char* function;
    iree_hal_buffer_view_t* view;
    const char* message;
  } cases[] = {
      {"custom.double", NULL, "argument 0"},
      {"custom.double", make_view(0, NULL, IREE_HAL_ELEMENT_TYPE_INT_32, numbers, 4),
       "it is i32, but the function's type is (tensor<?xi32>) -> tensor<?xi32>"},
      {"custom.double", make_view(2, square, IREE_HAL_ELEMENT_TYPE_INT_32, numbers, 4),
       "it is 1x1xi32, but"},
      {"custom.double", make_view(1, square, IREE_HAL_ELEMENT_TYPE_FLOAT_32, numbers, 4),
       "it is 1xf32, but"},
      {"custom.repeat", make_view(2, wrong, IREE_HAL_ELEMENT_TYPE_INT_32, numbers, 20),
       "it is 2x3xi32, but"},
  };
  for (size_t i = 0; i < IREE_ARRAYSIZE(cases); ++i) {
    iree_vm_list_t *inputs = make_list(), *outputs = make_list();
    iree_hal_fence_t* end = make_fence();
    push_view(inputs, cases[i].view);
    if (strcmp(cases[i].function, "custom.repeat") == 0) {
      const iree_vm_value_t value = iree_vm_value_make_i32(1);
      expect_ok(iree_vm_list_push_value(inputs, &value));
    }
    expect_message(IREE_STATUS_INVALID_ARGUMENT, cases[i].message,
                   begin_call(context, cases[i].function, inputs, NULL, end, outputs));
    expect_message(IREE_STATUS_INVALID_ARGUMENT, cases[i].message, iree_hal_fence_query(end));
    iree_hal_fence_release(end);
    iree_vm_list_release(outputs);
  }
  // A view where a fence belongs.
  iree_vm_list_t *inputs = make_list(), *outputs = make_list();
  push_view(inputs, make_i32s(5, numbers));
  push_view(inputs, make_i32s(5, numbers));
  push_fence(inputs, NULL);
  iree_vm_function_t function;
  expect_ok(iree_vm_context_resolve_function(context, IREE_SV("custom.double"), &function));
  expect_message(IREE_STATUS_INVALID_ARGUMENT, "wait fence",
                 iree_vm_invoke(context, function, IREE_VM_INVOCATION_FLAG_NONE, NULL, inputs,
                                outputs, iree_allocator_system()));
  iree_vm_list_release(inputs);
  iree_vm_list_release(outputs);
  iree_vm_context_release(context);
}

// Failures after the call has begun are the fence's, with the function's name.
static void test_failures(void** state) {
  const tenon_async_module_params_t params = module_params();
  iree_vm_context_t* context = make_context(&params);
  iree_vm_list_t *inputs = make_list(), *outputs = make_list();
  push_view(inputs, make_i32s(5, numbers));
  iree_status_t status = call(context, "custom.fail", inputs, outputs);
  assert_int_equal(iree_status_code(status), IREE_STATUS_DATA_LOSS);
  expect_message(IREE_STATUS_DATA_LOSS, "the disk is on fire", iree_status_clone(status));
  expect_message(IREE_STATUS_DATA_LOSS, "custom.fail", status);
  iree_vm_list_release(outputs);

  // A buffer that can't be read.
  const iree_hal_buffer_params_t write_only = {.usage = IREE_HAL_BUFFER_USAGE_MAPPING,
                                               .access = IREE_HAL_MEMORY_ACCESS_WRITE};
  const iree_hal_dim_t dims[] = {1};
  iree_hal_buffer_view_t* view = NULL;
  expect_ok(iree_hal_buffer_view_allocate_buffer(
      iree_hal_device_allocator(device), 1, dims, IREE_HAL_ELEMENT_TYPE_INT_32,
      IREE_HAL_ENCODING_TYPE_DENSE_ROW_MAJOR, write_only, iree_const_byte_span_empty(), &view));
  inputs = make_list();
  outputs = make_list();
  push_view(inputs, view);
  expect_message(IREE_STATUS_PERMISSION_DENIED, "argument 0 can't be mapped",
                 call(context, "custom.double", inputs, outputs));
  iree_vm_list_release(outputs);
  iree_vm_context_release(context);
}

static void IREE_API_PTR set_flag(void* user_data) { __atomic_store_n((int*)user_data, 1, 5); }

// The call keeps what it uses: everything else may go before it begins.
static void test_released_in_flight(void** state) {
  int is_destroyed = 0;
  tenon_async_module_params_t params = module_params();
  params.user_data = &is_destroyed;
  params.destroy = set_flag;
  iree_vm_context_t* context = make_context(&params);
  iree_hal_fence_t *start = make_fence(), *end = make_fence();
  iree_vm_list_t *inputs = make_list(), *outputs = make_list();
  push_view(inputs, make_i32s(5, numbers));
  expect_ok(begin_call(context, "custom.double", inputs, start, end, outputs));
  iree_vm_context_release(context);
  assert_int_equal(is_destroyed, 0);
  expect_ok(iree_hal_fence_signal(start));
  expect_ok(iree_hal_fence_wait(end, soon()));
  assert_int_equal(__atomic_load_n(&is_destroyed, 5), 1);
  expect_contents(output(outputs, 0), doubled, sizeof(doubled));
  iree_vm_list_release(outputs);
  iree_hal_fence_release(start);
  iree_hal_fence_release(end);
}

static void test_without_fences(void** state) {
  int is_destroyed = 0;
  tenon_async_module_params_t params = module_params();
  params.user_data = &is_destroyed;
  params.destroy = set_flag;
  iree_vm_context_t* context = make_context(&params);
  iree_vm_list_t* outputs = make_list();
  expect_ok(begin_call(context, "custom.nothing", make_list(), NULL, NULL, outputs));
  iree_vm_list_release(outputs);
  iree_vm_context_release(context);
  while (!__atomic_load_n(&is_destroyed, 5)) usleep(100);
}

// Many in flight, from several threads at once.
typedef struct burst_t {
  iree_vm_context_t* context;
  iree_hal_fence_t* start;
} burst_t;

static void* run_burst(void* user_data) {
  burst_t* burst = (burst_t*)user_data;
  enum { COUNT = 25 };
  iree_hal_fence_t* ends[COUNT];
  iree_vm_list_t* outputs[COUNT];
  for (int i = 0; i < COUNT; ++i) {
    iree_vm_list_t* inputs = make_list();
    ends[i] = make_fence();
    outputs[i] = make_list();
    push_view(inputs, make_i32s(5, numbers));
    expect_ok(begin_call(burst->context, "custom.slow.double", inputs, burst->start, ends[i],
                         outputs[i]));
  }
  for (int i = 0; i < COUNT; ++i) {
    expect_ok(iree_hal_fence_wait(ends[i], soon()));
    expect_contents(output(outputs[i], 0), doubled, sizeof(doubled));
    iree_hal_fence_release(ends[i]);
    iree_vm_list_release(outputs[i]);
  }
  return NULL;
}

static void test_many_in_flight(void** state) {
  int32_t total = 0;
  tenon_blocking_pool_t* pool = NULL;
  const tenon_blocking_pool_options_t options = {.max_thread_count = 4};
  expect_ok(tenon_blocking_pool_create(&options, iree_allocator_system(), &pool));
  tenon_async_module_params_t params = module_params();
  params.pool = pool;
  params.user_data = &total;
  burst_t burst = {make_context(&params), make_fence()};
  tenon_blocking_pool_release(pool);
  pthread_t threads[4];
  for (int i = 0; i < 4; ++i) {
    assert_int_equal(pthread_create(&threads[i], NULL, run_burst, &burst), 0);
  }
  usleep(1000);
  expect_ok(iree_hal_fence_signal(burst.start));
  for (int i = 0; i < 4; ++i) pthread_join(threads[i], NULL);
  assert_int_equal(total, 100);
  iree_hal_fence_release(burst.start);
  iree_vm_context_release(burst.context);
}

//===--------------------------------------------------------------------------------------------===//
// Creation
//===--------------------------------------------------------------------------------------------===//

static void test_bad_functions(void** state) {
  static const iree_host_size_t beyond[] = {1};
  const struct {
    tenon_async_function_t function;
    const char* message;
  } cases[] = {
      {{.name = "f", .type = "(f16) -> ()", .fn = burn}, "can't read the type '(f16) -> ()'"},
      {{.name = "f", .type = "() -> ()"}, "it needs a name, a type and a function"},
      {{.name = "f", .type = "() -> tensor<?xi32>", .fn = burn},
       "dim 0 of result 0 of '() -> tensor<?xi32>' is open and argument 0 has none in its place"},
      {{.name = "f", .type = "(tensor<?xi32>) -> tensor<4x?xi32>", .fn = burn},
       "dim 1 of result 0"},
      {{.name = "f", .type = "(i32) -> tensor<?xi32>", .fn = burn}, "dim 0 of result 0"},
      {{.name = "f", .type = "(tensor<?xi32>) -> tensor<?xi32>", .fn = burn, .result_like = beyond},
       "argument 1 has none"},
  };
  for (size_t i = 0; i < IREE_ARRAYSIZE(cases); ++i) {
    int is_destroyed = 0;
    tenon_async_module_params_t params = module_params();
    params.function_count = 1;
    params.functions = &cases[i].function;
    params.user_data = &is_destroyed;
    params.destroy = set_flag;
    iree_vm_module_t* module = NULL;
    expect_message(IREE_STATUS_INVALID_ARGUMENT, cases[i].message,
                   tenon_async_module_create(instance, &params, iree_allocator_system(), &module));
    assert_null(module);
    assert_int_equal(is_destroyed, 0);
  }
  tenon_async_module_params_t params = module_params();
  params.device = NULL;
  iree_vm_module_t* module = NULL;
  expect_message(IREE_STATUS_INVALID_ARGUMENT, "device",
                 tenon_async_module_create(instance, &params, iree_allocator_system(), &module));
}

// A module and a call, with each allocation failing in turn.
static iree_status_t create_and_call(iree_allocator_t allocator, void* user_data) {
  tenon_async_module_params_t params = module_params();
  params.pool = (tenon_blocking_pool_t*)user_data;
  iree_vm_module_t* module = NULL;
  IREE_RETURN_IF_ERROR(tenon_async_module_create(instance, &params, allocator, &module));
  iree_vm_context_t* context = NULL;
  expect_ok(iree_vm_context_create_with_modules(instance, IREE_VM_CONTEXT_FLAG_NONE, 1, &module,
                                                iree_allocator_system(), &context));
  iree_vm_module_release(module);
  iree_vm_list_t *inputs = make_list(), *outputs = make_list();
  const iree_hal_dim_t dims[] = {1, 1};
  push_view(inputs, make_view(2, dims, IREE_HAL_ELEMENT_TYPE_INT_32, numbers, 4));
  iree_status_t status = call(context, "custom.dims", inputs, outputs);
  iree_vm_list_release(outputs);
  iree_vm_context_release(context);
  return status;
}

static void test_memory(void** state) {
  tenon_blocking_pool_t* pool = NULL;
  const tenon_blocking_pool_options_t options = {.max_thread_count = 1};
  expect_ok(tenon_blocking_pool_create(&options, iree_allocator_system(), &pool));
  assert_true(tenon_test_for_each_failure(create_and_call, pool) > IREE_ARRAYSIZE(functions) + 2);
  tenon_blocking_pool_release(pool);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_call),
      cmocka_unit_test(test_call_waits),
      cmocka_unit_test(test_numbers),
      cmocka_unit_test(test_shape_function),
      cmocka_unit_test(test_result_like),
      cmocka_unit_test(test_many_results),
      cmocka_unit_test(test_bad_arguments),
      cmocka_unit_test(test_failures),
      cmocka_unit_test(test_released_in_flight),
      cmocka_unit_test(test_without_fences),
      cmocka_unit_test(test_many_in_flight),
      cmocka_unit_test(test_bad_functions),
      cmocka_unit_test(test_memory),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
