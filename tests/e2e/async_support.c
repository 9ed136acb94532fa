// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "async_support.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
// cmocka wants the four above first.
#include <cmocka.h>

static void pause_briefly(void) {
  const struct timespec pause = {0, 200 * 1000};
  nanosleep(&pause, NULL);
}

//===-- The custom module ----------------------------------------------------------------------------------------------===//

#define MAX_CALLS 1024

// A call that has begun. Owns a reference to each.
typedef struct custom_task_t {
  bool is_effect;
  behaviour_t behaviour;
  iree_hal_buffer_view_t *argument, *result;
  iree_hal_fence_t *wait, *signal;
} custom_task_t;

static struct {
  pthread_mutex_t mutex;
  behaviour_t behaviour;
  int call_count, sync_count;
  pthread_t threads[MAX_CALLS];
  int thread_count;
  custom_task_t* kept[MAX_CALLS];
  int kept_begin, kept_end;
  iree_hal_allocator_t* device_allocator;
  iree_allocator_t allocator;
} custom = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static int read_count(const int* count) {
  pthread_mutex_lock(&custom.mutex);
  int result = *count;
  pthread_mutex_unlock(&custom.mutex);
  return result;
}

void custom_behave(behaviour_t behaviour) {
  pthread_mutex_lock(&custom.mutex);
  custom.behaviour = behaviour;
  pthread_mutex_unlock(&custom.mutex);
}
int custom_call_count(void) { return read_count(&custom.call_count); }
int custom_sync_count(void) { return read_count(&custom.sync_count); }

void custom_expect_calls(int count) {
  for (int i = 0; i < 100000 && custom_call_count() < count; ++i) pause_briefly();
  assert_int_equal(custom_call_count(), count);
}

static iree_status_t new_view_like(iree_hal_buffer_view_t* view, bool is_longer,
                                   iree_hal_buffer_view_t** out_view) {
  iree_hal_dim_t dim = iree_hal_buffer_view_shape_dim(view, 0) + (is_longer ? 1 : 0);
  iree_hal_buffer_params_t params = {0};
  iree_hal_buffer_t* buffer = NULL;
  IREE_RETURN_IF_ERROR(iree_hal_allocator_allocate_buffer(custom.device_allocator, params,
                                                          dim * sizeof(int32_t),
                                                          iree_const_byte_span_empty(), &buffer));
  iree_status_t status = iree_hal_buffer_view_create(buffer, 1, &dim, IREE_HAL_ELEMENT_TYPE_INT_32,
                                                     IREE_HAL_ENCODING_TYPE_DENSE_ROW_MAJOR,
                                                     custom.allocator, out_view);
  iree_hal_buffer_release(buffer);
  return status;
}

static iree_status_t add_one(iree_hal_buffer_view_t* argument, iree_hal_buffer_view_t* result) {
  iree_host_size_t count = iree_hal_buffer_view_element_count(argument);
  int32_t data[64] = {0};
  if (count > 64) return iree_make_status(IREE_STATUS_OUT_OF_RANGE, "too large for this test");
  iree_device_size_t length = count * sizeof(int32_t);
  IREE_RETURN_IF_ERROR(
      iree_hal_buffer_map_read(iree_hal_buffer_view_buffer(argument), 0, data, length));
  for (iree_host_size_t i = 0; i < count; ++i) ++data[i];
  return iree_hal_buffer_map_write(iree_hal_buffer_view_buffer(result), 0, data, length);
}

static iree_status_t fail_thirds(iree_hal_buffer_view_t* argument) {
  int32_t first = 0;
  IREE_RETURN_IF_ERROR(
      iree_hal_buffer_map_read(iree_hal_buffer_view_buffer(argument), 0, &first, sizeof(first)));
  return first % 3 ? iree_ok_status()
                   : iree_make_status(IREE_STATUS_DATA_LOSS, "%d is a multiple of 3", (int)first);
}

static void task_drop(custom_task_t* task) {
  iree_hal_buffer_view_release(task->argument);
  iree_hal_buffer_view_release(task->result);
  iree_hal_fence_release(task->wait);
  iree_hal_fence_release(task->signal);
  free(task);
}

// Waits for the arguments, computes, tells. A failure that arrives is passed on as it is.
static void* task_run(void* argument) {
  custom_task_t* task = argument;
  iree_status_t status = iree_hal_fence_wait(task->wait, patience());
  if (!iree_status_is_ok(status)) {
    iree_status_ignore(status);
    status = iree_hal_fence_query(task->wait);
  } else if (task->behaviour == FAIL_LATER) {
    status = iree_make_status(IREE_STATUS_PERMISSION_DENIED, "the vault is closed on Sundays");
  } else {
    if (task->behaviour == FAIL_THIRDS && task->is_effect) status = fail_thirds(task->argument);
    if (iree_status_is_ok(status)) status = add_one(task->argument, task->result);
  }
  if (iree_status_is_ok(status)) {
    IREE_CHECK_OK(iree_hal_fence_signal(task->signal));
  } else {
    iree_hal_fence_fail(task->signal, status);
  }
  task_drop(task);
  return NULL;
}

void custom_answer_kept(void) {
  pthread_mutex_lock(&custom.mutex);
  assert_true(custom.kept_begin < custom.kept_end);
  custom_task_t* task = custom.kept[custom.kept_begin++];
  pthread_mutex_unlock(&custom.mutex);
  task_run(task);
}

void custom_drop_kept(void) {
  pthread_mutex_lock(&custom.mutex);
  int begin = custom.kept_begin, end = custom.kept_end;
  custom.kept_begin = end;
  pthread_mutex_unlock(&custom.mutex);
  for (int i = begin; i < end; ++i) task_drop(custom.kept[i]);
}

// Gives |task| away.
static iree_status_t task_begin(custom_task_t* task, iree_hal_buffer_view_t** out_result) {
  pthread_mutex_lock(&custom.mutex);
  task->behaviour = custom.behaviour;
  iree_status_t status = iree_ok_status();
  if (task->behaviour == FAIL_AT_ONCE) {
    status = iree_make_status(IREE_STATUS_UNAVAILABLE, "the vault does not even open");
  } else if (custom.call_count == MAX_CALLS) {
    status = iree_make_status(IREE_STATUS_OUT_OF_RANGE, "too many calls for this test");
  } else {
    status = new_view_like(task->argument, task->behaviour == OTHER_SHAPE, &task->result);
  }
  ++custom.call_count;
  if (iree_status_is_ok(status)) {
    *out_result = task->result;
    iree_hal_buffer_view_retain(task->result);
    if (task->behaviour == KEEP) {
      custom.kept[custom.kept_end++] = task;
    } else {
      pthread_create(&custom.threads[custom.thread_count++], NULL, task_run, task);
    }
  } else {
    task_drop(task);
  }
  pthread_mutex_unlock(&custom.mutex);
  return status;
}

static iree_status_t begin_call(bool is_effect, iree_vm_abi_rrr_t* args, iree_vm_abi_r_t* rets) {
  iree_hal_buffer_view_t *argument = NULL, *result = NULL;
  iree_hal_fence_t *wait = NULL, *signal = NULL;
  IREE_RETURN_IF_ERROR(iree_hal_buffer_view_check_deref(args->r0, &argument));
  IREE_RETURN_IF_ERROR(iree_hal_fence_check_deref_or_null(args->r1, &wait));
  IREE_RETURN_IF_ERROR(iree_hal_fence_check_deref(args->r2, &signal));
  custom_task_t* task = calloc(1, sizeof(*task));
  *task =
      (custom_task_t){.is_effect = is_effect, .argument = argument, .wait = wait, .signal = signal};
  iree_hal_buffer_view_retain(argument);
  iree_hal_fence_retain(wait);
  iree_hal_fence_retain(signal);
  IREE_RETURN_IF_ERROR(task_begin(task, &result));
  rets->r0 = iree_hal_buffer_view_move_ref(result);
  return iree_ok_status();
}

IREE_VM_ABI_EXPORT(custom_call, void, rrr, r) { return begin_call(false, args, rets); }
IREE_VM_ABI_EXPORT(custom_effect, void, rrr, r) { return begin_call(true, args, rets); }

// Needs its argument at once.
IREE_VM_ABI_EXPORT(custom_sync, void, r, r) {
  iree_hal_buffer_view_t *argument = NULL, *result = NULL;
  IREE_RETURN_IF_ERROR(iree_hal_buffer_view_check_deref(args->r0, &argument));
  IREE_RETURN_IF_ERROR(new_view_like(argument, false, &result));
  rets->r0 = iree_hal_buffer_view_move_ref(result);
  pthread_mutex_lock(&custom.mutex);
  ++custom.sync_count;
  bool may_fail = custom.behaviour == FAIL_THIRDS;
  pthread_mutex_unlock(&custom.mutex);
  if (may_fail) IREE_RETURN_IF_ERROR(fail_thirds(argument));
  return add_one(argument, result);
}

static const iree_vm_native_export_descriptor_t custom_exports[] = {
    {IREE_VM_NATIVE_STR("call"), IREE_VM_NATIVE_STR("0rrr_r"), 0, NULL},
    {IREE_VM_NATIVE_STR("effect"), IREE_VM_NATIVE_STR("0rrr_r"), 0, NULL},
    {IREE_VM_NATIVE_STR("sync"), IREE_VM_NATIVE_STR("0r_r"), 0, NULL},
};
static const iree_vm_native_function_ptr_t custom_functions[] = {
    {(iree_vm_native_function_shim_t)iree_vm_shim_rrr_r,
     (iree_vm_native_function_target_t)custom_call},
    {(iree_vm_native_function_shim_t)iree_vm_shim_rrr_r,
     (iree_vm_native_function_target_t)custom_effect},
    {(iree_vm_native_function_shim_t)iree_vm_shim_r_r,
     (iree_vm_native_function_target_t)custom_sync},
};
static const iree_vm_native_module_descriptor_t custom_descriptor = {
    .name = IREE_VM_NATIVE_STR("custom"),
    .export_count = 3,
    .exports = custom_exports,
    .function_count = 3,
    .functions = custom_functions,
};

//===-- Programs of tests ----------------------------------------------------------------------------------------------===//

static const char* module_folder;

bool take_arguments(int argc, char** argv) {
  if (argc != 2 && argc != 3) {
    fprintf(stderr, "usage: %s FOLDER-OF-MODULES [PATTERN-OF-TESTS]\n", argv[0]);
    return false;
  }
  module_folder = argv[1];
  if (argc == 3) cmocka_set_test_filter(argv[2]);
  return true;
}

const char* path_of_module(const char* name) {
  static char path[1024];
  snprintf(path, sizeof(path), "%s/%s.vmfb", module_folder, name);
  return path;
}

//===-- Sessions --------------------------------------------------------------------------------------------------------===//

static iree_status_t append_native(fixture_t* fixture,
                                   const iree_vm_native_module_descriptor_t* descriptor) {
  iree_vm_module_t interface;
  IREE_RETURN_IF_ERROR(iree_vm_module_initialize(&interface, NULL));
  iree_vm_module_t* module = NULL;
  IREE_RETURN_IF_ERROR(iree_vm_native_module_create(
      &interface, descriptor, iree_runtime_instance_vm_instance(fixture->instance),
      fixture->allocator, &module));
  iree_status_t status = iree_runtime_session_append_module(fixture->session, module);
  iree_vm_module_release(module);
  return status;
}

void fixture_append_native(fixture_t* fixture,
                           const iree_vm_native_module_descriptor_t* descriptor) {
  IREE_CHECK_OK(append_native(fixture, descriptor));
}

static iree_status_t append_custom(fixture_t* fixture) {
  custom.device_allocator = iree_hal_device_allocator(fixture->device);
  custom.allocator = fixture->allocator;
  custom.behaviour = ANSWER;
  custom.call_count = custom.sync_count = custom.thread_count = 0;
  custom.kept_begin = custom.kept_end = 0;
  return append_native(fixture, &custom_descriptor);
}

iree_status_t fixture_try_open(fixture_t* fixture, const char* driver, const char* path) {
  iree_runtime_instance_options_t options;
  iree_runtime_instance_options_initialize(&options);
  iree_runtime_instance_options_use_all_available_drivers(&options);
  IREE_RETURN_IF_ERROR(
      iree_runtime_instance_create(&options, fixture->allocator, &fixture->instance));
  IREE_RETURN_IF_ERROR(iree_runtime_instance_try_create_default_device(
      fixture->instance, iree_make_cstring_view(driver), &fixture->device));
  iree_runtime_session_options_t session_options;
  iree_runtime_session_options_initialize(&session_options);
  IREE_RETURN_IF_ERROR(iree_runtime_session_create_with_device(
      fixture->instance, &session_options, fixture->device, fixture->allocator, &fixture->session));
  IREE_RETURN_IF_ERROR(append_custom(fixture));
  return iree_runtime_session_append_bytecode_module_from_file(fixture->session, path);
}

void fixture_open(fixture_t* fixture, const char* driver, const char* path) {
  memset(fixture, 0, sizeof(*fixture));
  tenon_failing_allocator_initialize(0, &fixture->memory);
  fixture->allocator = tenon_failing_allocator(&fixture->memory);
  IREE_CHECK_OK(fixture_try_open(fixture, driver, path));
}

void fixture_release(fixture_t* fixture) {
  iree_runtime_session_release(fixture->session);
  iree_hal_device_release(fixture->device);
  iree_runtime_instance_release(fixture->instance);
  fixture->session = NULL;
  fixture->device = NULL;
  fixture->instance = NULL;
}

// Joins the threads from |*joined| on.
static void join_threads(int* joined) {
  while (*joined < read_count(&custom.thread_count)) {
    pthread_mutex_lock(&custom.mutex);
    pthread_t thread = custom.threads[(*joined)++];
    pthread_mutex_unlock(&custom.mutex);
    pthread_join(thread, NULL);
  }
}

void fixture_close(fixture_t* fixture) {
  fixture_release(fixture);
  // What is in flight may call again, and the device's own threads give things back when they like.
  int joined = 0;
  for (int i = 0; i < 100000; ++i) {
    join_threads(&joined);
    if (iree_atomic_load(&fixture->memory.live_count, iree_memory_order_acquire) == 0) return;
    pause_briefly();
  }
  fail_msg("%zu blocks leak", (size_t)fixture->memory.live_count);
}

//===-- Invocations -----------------------------------------------------------------------------------------------------===//

iree_hal_fence_t* new_fence(fixture_t* fixture) {
  iree_hal_semaphore_t* semaphore = NULL;
  iree_hal_fence_t* fence = NULL;
  IREE_CHECK_OK(iree_hal_semaphore_create(fixture->device, 0, &semaphore));
  IREE_CHECK_OK(iree_hal_fence_create_at(semaphore, 1, fixture->allocator, &fence));
  iree_hal_semaphore_release(semaphore);
  return fence;
}

iree_hal_buffer_view_t* new_tensor(fixture_t* fixture, iree_host_size_t rank,
                                   const iree_hal_dim_t* dims, iree_hal_element_type_t type,
                                   const void* data) {
  iree_host_size_t length = iree_hal_element_dense_byte_count(type);
  for (iree_host_size_t i = 0; i < rank; ++i) length *= dims[i];
  iree_hal_buffer_params_t params = {0};
  iree_hal_buffer_view_t* view = NULL;
  IREE_CHECK_OK(
      iree_hal_buffer_view_allocate_buffer(iree_hal_device_allocator(fixture->device), rank, dims,
                                           type, IREE_HAL_ENCODING_TYPE_DENSE_ROW_MAJOR, params,
                                           iree_make_const_byte_span(data, length), &view));
  return view;
}

void invocation_initialize(invocation_t* invocation, fixture_t* fixture, iree_hal_fence_t* wait) {
  invocation->fixture = fixture;
  IREE_CHECK_OK(iree_vm_list_create(NULL, 4, fixture->allocator, &invocation->inputs));
  IREE_CHECK_OK(iree_vm_list_create(NULL, 4, fixture->allocator, &invocation->outputs));
  invocation->wait = wait;
  iree_hal_fence_retain(wait);
  invocation->signal = new_fence(fixture);
}

void push_view(invocation_t* invocation, iree_hal_buffer_view_t* view) {
  iree_vm_ref_t ref = iree_hal_buffer_view_move_ref(view);
  IREE_CHECK_OK(iree_vm_list_push_ref_move(invocation->inputs, &ref));
}

void push_tensor_i32(invocation_t* invocation, iree_host_size_t count, const int32_t* data) {
  const iree_hal_dim_t dims[] = {count};
  push_view(invocation,
            new_tensor(invocation->fixture, 1, dims, IREE_HAL_ELEMENT_TYPE_INT_32, data));
}

static void push_value(invocation_t* invocation, iree_vm_value_t value) {
  IREE_CHECK_OK(iree_vm_list_push_value(invocation->inputs, &value));
}
void push_i32(invocation_t* invocation, int32_t value) {
  push_value(invocation, iree_vm_value_make_i32(value));
}
void push_i64(invocation_t* invocation, int64_t value) {
  push_value(invocation, iree_vm_value_make_i64(value));
}
void push_f64(invocation_t* invocation, double value) {
  push_value(invocation, iree_vm_value_make_f64(value));
}

static void push_fence(invocation_t* invocation, iree_hal_fence_t* fence) {
  iree_vm_ref_t ref = fence ? iree_hal_fence_retain_ref(fence) : iree_vm_ref_null();
  IREE_CHECK_OK(iree_vm_list_push_ref_move(invocation->inputs, &ref));
}

iree_status_t try_start(invocation_t* invocation, const char* function) {
  push_fence(invocation, invocation->wait);
  push_fence(invocation, invocation->signal);
  return iree_runtime_session_call_by_name(invocation->fixture->session,
                                           iree_make_cstring_view(function), invocation->inputs,
                                           invocation->outputs);
}

void start(invocation_t* invocation, const char* function) {
  IREE_CHECK_OK(try_start(invocation, function));
  // What is in flight keeps what it needs.
  IREE_CHECK_OK(iree_vm_list_resize(invocation->inputs, 0));
}

void expect_reached(invocation_t* invocation) {
  IREE_CHECK_OK(iree_hal_fence_wait(invocation->signal, patience()));
  IREE_CHECK_OK(iree_hal_fence_query(invocation->signal));
}

void expect_pending(invocation_t* invocation) {
  iree_status_t status = iree_hal_fence_query(invocation->signal);
  assert_int_equal(iree_status_code(status), IREE_STATUS_DEFERRED);
  iree_status_ignore(status);
}

void expect_i32(invocation_t* invocation, iree_host_size_t result, iree_host_size_t count,
                const int32_t* expected) {
  iree_hal_buffer_view_t* view = iree_vm_list_get_buffer_view_assign(invocation->outputs, result);
  assert_non_null(view);
  assert_int_equal(iree_hal_buffer_view_element_type(view), IREE_HAL_ELEMENT_TYPE_INT_32);
  assert_int_equal(iree_hal_buffer_view_element_count(view), count);
  int32_t data[64];
  assert_true(count <= 64);
  IREE_CHECK_OK(iree_hal_buffer_map_read(iree_hal_buffer_view_buffer(view), 0, data,
                                         count * sizeof(int32_t)));
  assert_memory_equal(data, expected, count * sizeof(int32_t));
}

void expect_failure(iree_status_t status, iree_status_code_t code, const char* text) {
  char* message = NULL;
  iree_host_size_t length = 0;
  iree_allocator_t allocator = iree_allocator_system();
  assert_true(iree_status_to_string(status, &allocator, &message, &length));
  if (iree_status_code(status) != code) {
    fail_msg("expected %s, got: %s", iree_status_code_string(code), message);
  }
  if (!strstr(message, text)) fail_msg("expected '%s' in: %s", text, message);
  iree_allocator_free(allocator, message);
  iree_status_free(status);
}

void expect_signal_fails(invocation_t* invocation, iree_status_code_t code, const char* text) {
  expect_failure(iree_hal_fence_wait(invocation->signal, patience()), IREE_STATUS_ABORTED, text);
  expect_failure(iree_hal_fence_query(invocation->signal), code, text);
}

void invocation_deinitialize(invocation_t* invocation) {
  iree_vm_list_release(invocation->inputs);
  iree_vm_list_release(invocation->outputs);
  iree_hal_fence_release(invocation->wait);
  iree_hal_fence_release(invocation->signal);
}
