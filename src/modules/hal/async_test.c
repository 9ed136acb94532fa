// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Calls the functions of the module that have to do with time, as the interpreter does, on a device without threads and
// on one with workers.

#include "base/testing/failing_allocator.h"
#include "iree/base/internal/file_io.h"
#include "iree/hal/drivers/init.h"
#include "iree/modules/hal/module.h"
#include "modules/hal/testing/packer.h"
#include "tenon/task_device.h"

#define I32 ((int32_t)IREE_HAL_ELEMENT_TYPE_INT_32)

typedef struct fixture_t {
  iree_allocator_t allocator;
  iree_vm_instance_t* instance;
  iree_hal_device_t* device;
  iree_vm_module_t* module;
  iree_vm_context_t* context;
  iree_vm_stack_t* stack;  // of the call that is suspended
  packer_t arguments;
  uint8_t results[40];
} fixture_t;

static fixture_t fixture;

// With workers that take all work, however small.
static iree_status_t create_task_device(iree_allocator_t allocator, iree_hal_device_t** out) {
  tenon_executor_options_t options;
  tenon_executor_options_initialize(&options);
  options.worker_count = 2;
  options.inline_size = 1;
  tenon_executor_t* executor = NULL;
  IREE_RETURN_IF_ERROR(tenon_executor_create(&options, allocator, &executor));
  iree_status_t status = tenon_hal_task_device_create(iree_make_cstring_view("local-task"),
                                                      executor, NULL, allocator, out);
  tenon_executor_release(executor);
  return status;
}

static iree_status_t open_fixture(fixture_t* f, bool is_threaded, iree_allocator_t allocator) {
  memset(f, 0, sizeof(*f));
  f->allocator = allocator;
  IREE_RETURN_IF_ERROR(iree_vm_instance_create(allocator, &f->instance));
  IREE_RETURN_IF_ERROR(iree_hal_module_register_all_types(f->instance));
  IREE_RETURN_IF_ERROR(is_threaded ? create_task_device(allocator, &f->device)
                                   : iree_hal_create_device(iree_hal_driver_registry_default(),
                                                            iree_make_cstring_view("local-sync"),
                                                            allocator, &f->device));
  IREE_RETURN_IF_ERROR(iree_hal_module_create(f->instance, f->device, IREE_HAL_MODULE_FLAG_NONE,
                                              allocator, &f->module));
  return iree_vm_context_create_with_modules(f->instance, IREE_VM_CONTEXT_FLAG_NONE, 1, &f->module,
                                             allocator, &f->context);
}

static void close_fixture(fixture_t* f) {
  iree_vm_context_release(f->context);
  iree_vm_module_release(f->module);
  iree_hal_device_release(f->device);
  iree_vm_instance_release(f->instance);
}

static int set_up_sync(void** state) {
  IREE_CHECK_OK(iree_hal_register_all_available_drivers(iree_hal_driver_registry_default()));
  IREE_CHECK_OK(open_fixture(&fixture, false, iree_allocator_system()));
  *state = &fixture;
  return 0;
}

static int set_up_task(void** state) {
  IREE_CHECK_OK(open_fixture(&fixture, true, iree_allocator_system()));
  *state = &fixture;
  return 0;
}

static int tear_down(void** state) {
  close_fixture(&fixture);
  return 0;
}

//===--------------------------------------------------------------------------------------------===//
// Calls
//===--------------------------------------------------------------------------------------------===//

static packer_t* begin_arguments(fixture_t* f) {
  f->arguments.length = 0;
  return &f->arguments;
}

static void end_call(fixture_t* f) {
  iree_vm_stack_free(f->stack);
  f->stack = NULL;
}

// Calls with the packed arguments. If this returns DEFERRED the call is suspended on f->stack.
static iree_status_t call(fixture_t* f, const char* name, iree_host_size_t result_size) {
  memset(f->results, 0, sizeof(f->results));
  iree_vm_function_call_t function_call = {
      .arguments = iree_make_byte_span(f->arguments.bytes + 1, f->arguments.length),
      .results = iree_make_byte_span(f->results + 1, result_size),
  };
  IREE_CHECK_OK(iree_vm_module_lookup_function_by_name(f->module, IREE_VM_FUNCTION_LINKAGE_EXPORT,
                                                       iree_make_cstring_view(name),
                                                       &function_call.function));
  IREE_RETURN_IF_ERROR(iree_vm_stack_allocate(IREE_VM_INVOCATION_FLAG_NONE,
                                              iree_vm_context_state_resolver(f->context),
                                              f->allocator, &f->stack));
  iree_status_t status = iree_vm_module_begin_call(f->stack, function_call);
  if (!iree_status_is_deferred(status)) end_call(f);
  return status;
}

static iree_vm_ref_t result(fixture_t* f, int index) {
  iree_vm_ref_t ref;
  memcpy(&ref, f->results + 1 + 16 * index, sizeof(ref));
  return ref;
}

static iree_hal_fence_t* result_fence(fixture_t* f, int index) {
  const iree_vm_ref_t ref = result(f, index);
  if (iree_vm_ref_is_null(&ref)) return NULL;
  assert_true(iree_hal_fence_isa(ref));
  return ref.ptr;
}

// References in the arguments, at the start, behind |offset| bytes, that a failed call has left.
static void release_from(fixture_t* f, iree_host_size_t offset, iree_host_size_t count) {
  for (iree_host_size_t i = 0; i < count; ++i) {
    iree_vm_ref_t ref;
    memcpy(&ref, f->arguments.bytes + 1 + offset + i * sizeof(ref), sizeof(ref));
    iree_vm_ref_release(&ref);
  }
}

//===--------------------------------------------------------------------------------------------===//
// Objects
//===--------------------------------------------------------------------------------------------===//

static iree_hal_fence_t* create_fence(fixture_t* f) {
  begin_arguments(f);
  IREE_CHECK_OK(call(f, "fence.create", 16));
  iree_hal_fence_t* fence = result_fence(f, 0);
  assert_non_null(fence);
  assert_int_equal(iree_hal_fence_timepoint_count(fence), 1);
  assert_failure(iree_hal_fence_query(fence), IREE_STATUS_DEFERRED, "");
  return fence;
}

static iree_hal_buffer_t* create_buffer(fixture_t* f, int32_t first, int32_t count) {
  iree_hal_buffer_t* buffer = NULL;
  const iree_hal_buffer_params_t params = {
      .type = IREE_HAL_MEMORY_TYPE_DEVICE_LOCAL | IREE_HAL_MEMORY_TYPE_HOST_VISIBLE,
      .usage = IREE_HAL_BUFFER_USAGE_DEFAULT | IREE_HAL_BUFFER_USAGE_MAPPING,
  };
  IREE_CHECK_OK(iree_hal_allocator_allocate_buffer(iree_hal_device_allocator(f->device), params,
                                                   (iree_device_size_t)count * 4,
                                                   iree_const_byte_span_empty(), &buffer));
  for (int32_t i = 0; i < count; ++i) {
    const int32_t value = first + i;
    IREE_CHECK_OK(iree_hal_buffer_map_write(buffer, (iree_device_size_t)i * 4, &value, 4));
  }
  return buffer;
}

static void expect_element(iree_hal_buffer_t* buffer, int32_t index, int32_t expected) {
  int32_t value = 0;
  IREE_CHECK_OK(iree_hal_buffer_map_read(buffer, (iree_device_size_t)index * 4, &value, 4));
  assert_int_equal(value, expected);
}

static void wait_and_release(iree_hal_fence_t* fence) {
  IREE_CHECK_OK(iree_hal_fence_wait(fence, iree_infinite_timeout()));
  iree_hal_fence_release(fence);
}

static iree_status_t stuck(void) {
  return iree_make_status(IREE_STATUS_DATA_LOSS, "the disk is full of holes");
}

//===--------------------------------------------------------------------------------------------===//
// fence
//===--------------------------------------------------------------------------------------------===//

static iree_status_t await(fixture_t* f, iree_vm_ref_t fence) {
  pack_ref(begin_arguments(f), fence);
  return call(f, "fence.await", 0);
}

static void await_passes_reached_points(void** state) {
  fixture_t* f = *state;
  IREE_CHECK_OK(await(f, iree_vm_ref_null()));
  iree_hal_fence_t* fence = create_fence(f);
  IREE_CHECK_OK(iree_hal_fence_signal(fence));
  IREE_CHECK_OK(await(f, iree_hal_fence_move_ref(fence)));
  fence = create_fence(f);
  iree_hal_fence_fail(fence, stuck());
  assert_failure(await(f, iree_hal_fence_move_ref(fence)), IREE_STATUS_DATA_LOSS, "holes");
  release_from(f, 0, 1);
}

static void await_suspends(void** state) {
  fixture_t* f = *state;
  iree_hal_fence_t* fence = create_fence(f);
  assert_failure(await(f, iree_hal_fence_retain_ref(fence)), IREE_STATUS_DEFERRED, "");
  assert_failure(iree_vm_stack_resume(f->stack), IREE_STATUS_DEFERRED, "");
  IREE_CHECK_OK(iree_hal_fence_signal(fence));
  IREE_CHECK_OK(iree_vm_stack_resume(f->stack));
  assert_null(iree_vm_stack_top(f->stack));
  end_call(f);
  iree_hal_fence_release(fence);
}

static void await_fails_as_the_point_does(void** state) {
  fixture_t* f = *state;
  iree_hal_fence_t* fence = create_fence(f);
  assert_failure(await(f, iree_hal_fence_retain_ref(fence)), IREE_STATUS_DEFERRED, "");
  iree_hal_fence_fail(fence, stuck());
  assert_failure(iree_vm_stack_resume(f->stack), IREE_STATUS_DATA_LOSS, "holes");
  end_call(f);
  // Given up while it waits: the fence goes with the stack.
  assert_failure(await(f, iree_hal_fence_move_ref(create_fence(f))), IREE_STATUS_DEFERRED, "");
  end_call(f);
  iree_hal_fence_release(fence);
}

static iree_hal_fence_t* join(fixture_t* f, int32_t count, iree_hal_fence_t* const* fences) {
  packer_t* packer = begin_arguments(f);
  pack_i32(packer, count);
  for (int32_t i = 0; i < count; ++i) pack_ref(packer, iree_hal_fence_retain_ref(fences[i]));
  IREE_CHECK_OK(call(f, "fence.join", 16));
  return result_fence(f, 0);
}

static void join_leaves_out_what_is_reached(void** state) {
  fixture_t* f = *state;
  iree_hal_fence_t* a = create_fence(f);
  iree_hal_fence_t* b = create_fence(f);
  iree_hal_fence_t* reached = create_fence(f);
  IREE_CHECK_OK(iree_hal_fence_signal(reached));
  assert_null(join(f, 0, NULL));
  assert_null(join(f, 3, (iree_hal_fence_t*[]){NULL, reached, NULL}));
  // One is itself.
  iree_hal_fence_t* joined = join(f, 4, (iree_hal_fence_t*[]){NULL, reached, a, reached});
  assert_ptr_equal(joined, a);
  iree_hal_fence_release(joined);
  joined = join(f, 5, (iree_hal_fence_t*[]){a, NULL, b, reached, a});
  assert_int_equal(iree_hal_fence_timepoint_count(joined), 2);
  IREE_CHECK_OK(iree_hal_fence_signal(a));
  assert_failure(iree_hal_fence_query(joined), IREE_STATUS_DEFERRED, "");
  IREE_CHECK_OK(iree_hal_fence_signal(b));
  IREE_CHECK_OK(iree_hal_fence_query(joined));
  iree_hal_fence_release(joined);
  iree_hal_fence_release(reached);
  iree_hal_fence_release(b);
  iree_hal_fence_release(a);
}

// Many points become one, so that joining over and over stays cheap.
static void join_merges_many_points(void** state) {
  fixture_t* f = *state;
  iree_hal_fence_t* fences[65];
  for (int fails = 0; fails < 2; ++fails) {
    for (int i = 0; i < 65; ++i) fences[i] = create_fence(f);
    iree_hal_fence_t* some = join(f, 64, fences);
    assert_int_equal(iree_hal_fence_timepoint_count(some), 64);
    iree_hal_fence_t* joined = join(f, 2, (iree_hal_fence_t*[]){some, fences[64]});
    assert_int_equal(iree_hal_fence_timepoint_count(joined), 1);
    for (int i = 64; i > 0; --i) IREE_CHECK_OK(iree_hal_fence_signal(fences[i]));
    assert_failure(iree_hal_fence_query(joined), IREE_STATUS_DEFERRED, "");
    if (fails) {
      iree_hal_fence_fail(fences[0], stuck());
      assert_failure(iree_hal_fence_query(joined), IREE_STATUS_DATA_LOSS, "holes");
    } else {
      IREE_CHECK_OK(iree_hal_fence_signal(fences[0]));
      IREE_CHECK_OK(iree_hal_fence_query(joined));
    }
    iree_hal_fence_release(joined);
    iree_hal_fence_release(some);
    for (int i = 0; i < 65; ++i) iree_hal_fence_release(fences[i]);
  }
}

//===--------------------------------------------------------------------------------------------===//
// queue
//===--------------------------------------------------------------------------------------------===//

static iree_status_t barrier(fixture_t* f, iree_hal_fence_t* wait, iree_hal_fence_t* signal) {
  packer_t* packer = begin_arguments(f);
  pack_ref(packer, iree_hal_fence_retain_ref(wait));
  pack_ref(packer, iree_hal_fence_retain_ref(signal));
  return call(f, "queue.barrier", 0);
}

static void barriers_pass_points_on(void** state) {
  fixture_t* f = *state;
  IREE_CHECK_OK(barrier(f, NULL, NULL));
  iree_hal_fence_t* signal = create_fence(f);
  IREE_CHECK_OK(barrier(f, NULL, signal));
  wait_and_release(signal);
  iree_hal_fence_t* wait = create_fence(f);
  signal = create_fence(f);
  IREE_CHECK_OK(barrier(f, wait, NULL));
  IREE_CHECK_OK(barrier(f, wait, signal));
  assert_failure(iree_hal_fence_query(signal), IREE_STATUS_DEFERRED, "");
  IREE_CHECK_OK(iree_hal_fence_signal(wait));
  wait_and_release(signal);
  iree_hal_fence_release(wait);
  wait = create_fence(f);
  signal = create_fence(f);
  IREE_CHECK_OK(barrier(f, wait, signal));
  iree_hal_fence_fail(wait, stuck());
  assert_failure(iree_hal_fence_wait(signal, iree_infinite_timeout()), IREE_STATUS_ABORTED,
                 "holes");
  assert_failure(iree_hal_fence_query(signal), IREE_STATUS_DATA_LOSS, "holes");
  iree_hal_fence_release(signal);
  iree_hal_fence_release(wait);
}

static iree_status_t queue_clone(fixture_t* f, iree_hal_fence_t* wait, iree_hal_buffer_t* source,
                                 int64_t count) {
  packer_t* packer = begin_arguments(f);
  pack_ref(packer, iree_hal_fence_retain_ref(wait));
  pack_ref(packer, iree_hal_buffer_retain_ref(source));
  pack_type(packer, I32, 1, &count);
  return call(f, "queue.clone", 32);
}

static void clones_wait(void** state) {
  fixture_t* f = *state;
  iree_hal_buffer_t* source = create_buffer(f, 7, 3);
  for (int is_pending = 0; is_pending < 2; ++is_pending) {
    iree_hal_fence_t* wait = is_pending ? create_fence(f) : NULL;
    IREE_CHECK_OK(queue_clone(f, wait, source, 2));
    iree_hal_buffer_t* clone = iree_hal_buffer_deref(result(f, 0));
    iree_hal_fence_t* fence = result_fence(f, 1);
    if (is_pending) {
      assert_failure(iree_hal_fence_query(fence), IREE_STATUS_DEFERRED, "");
      IREE_CHECK_OK(iree_hal_fence_signal(wait));
    }
    wait_and_release(fence);
    assert_int_equal(iree_hal_buffer_byte_length(clone), 8);
    expect_element(clone, 1, 8);
    iree_hal_buffer_release(clone);
    iree_hal_fence_release(wait);
  }
  assert_failure(queue_clone(f, NULL, source, 4), IREE_STATUS_OUT_OF_RANGE, "");
  release_from(f, 0, 2);
  assert_failure(queue_clone(f, NULL, source, -1), IREE_STATUS_INVALID_ARGUMENT, "negative");
  release_from(f, 0, 2);
  assert_failure(queue_clone(f, NULL, NULL, 1), IREE_STATUS_INVALID_ARGUMENT, "hal.buffer");
  iree_hal_buffer_release(source);
}

static iree_status_t queue_copy(fixture_t* f, iree_hal_fence_t* wait, iree_hal_buffer_t* source,
                                iree_hal_buffer_t* target, int64_t count) {
  packer_t* packer = begin_arguments(f);
  pack_ref(packer, iree_hal_fence_retain_ref(wait));
  pack_ref(packer, iree_hal_buffer_retain_ref(source));
  pack_ref(packer, iree_hal_buffer_retain_ref(target));
  pack_type(packer, I32, 1, &count);
  return call(f, "queue.copy", 16);
}

static void copies_wait(void** state) {
  fixture_t* f = *state;
  iree_hal_buffer_t* source = create_buffer(f, 7, 3);
  iree_hal_buffer_t* target = create_buffer(f, 0, 3);
  iree_hal_fence_t* wait = create_fence(f);
  IREE_CHECK_OK(queue_copy(f, wait, source, target, 2));
  iree_hal_fence_t* copied = result_fence(f, 0);
  expect_element(target, 1, 1);
  IREE_CHECK_OK(iree_hal_fence_signal(wait));
  wait_and_release(copied);
  iree_hal_fence_release(wait);
  expect_element(target, 1, 8);
  expect_element(target, 2, 2);
  // The failure of what is waited for.
  wait = create_fence(f);
  iree_hal_fence_fail(wait, stuck());
  IREE_CHECK_OK(queue_copy(f, wait, source, target, 3));
  copied = result_fence(f, 0);
  assert_failure(iree_hal_fence_query(copied), IREE_STATUS_DATA_LOSS, "holes");
  iree_hal_fence_release(copied);
  iree_hal_fence_release(wait);
  expect_element(target, 2, 2);
  assert_failure(queue_copy(f, NULL, source, target, 4), IREE_STATUS_OUT_OF_RANGE, "");
  release_from(f, 0, 3);
  iree_hal_buffer_release(target);
  iree_hal_buffer_release(source);
}

static iree_vm_ref_t load_executable(fixture_t* f) {
  iree_file_contents_t* contents = NULL;
  IREE_CHECK_OK(iree_file_read_contents(TENON_TEST_EXECUTABLE, iree_allocator_system(), &contents));
  iree_vm_buffer_t* rodata = NULL;
  IREE_CHECK_OK(
      iree_vm_buffer_create(IREE_VM_BUFFER_ACCESS_MUTABLE | IREE_VM_BUFFER_ACCESS_ORIGIN_MODULE,
                            contents->buffer.data_length, 64, iree_allocator_system(), &rodata));
  memcpy(iree_vm_buffer_data(rodata), contents->buffer.data, contents->buffer.data_length);
  iree_file_contents_free(contents);
  pack_ref(begin_arguments(f), iree_vm_buffer_move_ref(rodata));
  IREE_CHECK_OK(call(f, "executable.create", 16));
  return result(f, 0);
}

static void pack_multiply(packer_t* packer, iree_hal_buffer_t* const buffers[3], int64_t count) {
  pack_i32(packer, 3);
  for (int i = 0; i < 3; ++i) pack_ref(packer, iree_hal_buffer_retain_ref(buffers[i]));
  pack_i32(packer, 1);
  pack_i64(packer, count);
}

static iree_status_t queue_dispatch(fixture_t* f, iree_vm_ref_t executable, int32_t ordinal,
                                    iree_hal_fence_t* wait, iree_hal_buffer_t* const buffers[3],
                                    int64_t count) {
  packer_t* packer = begin_arguments(f);
  iree_vm_ref_retain_inplace(&executable);
  pack_ref(packer, executable);
  pack_i32(packer, ordinal);
  pack_ref(packer, iree_hal_fence_retain_ref(wait));
  pack_multiply(packer, buffers, count);
  return call(f, "queue.dispatch", 16);
}

static void release_queue_dispatch(fixture_t* f) {
  release_from(f, 0, 1);
  release_from(f, 20, 1);
  release_from(f, 40, 3);
}

static void dispatches_wait(void** state) {
  fixture_t* f = *state;
  iree_vm_ref_t executable = load_executable(f);
  iree_hal_buffer_t* buffers[3] = {create_buffer(f, 1, 50), create_buffer(f, 0, 50),
                                   create_buffer(f, 0, 50)};
  iree_hal_fence_t* wait = create_fence(f);
  iree_hal_fence_t* first = NULL;
  // A chain: the second squares what the first gives, times i + 1.
  IREE_CHECK_OK(queue_dispatch(f, executable, 0, wait, buffers, 50));
  first = result_fence(f, 0);
  assert_failure(iree_hal_fence_query(first), IREE_STATUS_DEFERRED, "");
  iree_hal_buffer_t* second_buffers[3] = {buffers[2], buffers[0], buffers[1]};
  IREE_CHECK_OK(queue_dispatch(f, executable, 0, first, second_buffers, 50));
  iree_hal_fence_t* second = result_fence(f, 0);
  IREE_CHECK_OK(iree_hal_fence_signal(wait));
  wait_and_release(second);
  IREE_CHECK_OK(iree_hal_fence_query(first));
  iree_hal_fence_release(first);
  iree_hal_fence_release(wait);
  for (int i = 0; i < 50; ++i) {
    expect_element(buffers[2], i, (i + 1) * i);
    expect_element(buffers[1], i, (i + 1) * i * (i + 1));
  }
  // Ready; and in one go.
  IREE_CHECK_OK(queue_dispatch(f, executable, 0, NULL, second_buffers, 50));
  wait_and_release(result_fence(f, 0));
  packer_t* packer = begin_arguments(f);
  iree_vm_ref_retain_inplace(&executable);
  pack_ref(packer, executable);
  pack_i32(packer, 0);
  pack_multiply(packer, buffers, 50);
  IREE_CHECK_OK(call(f, "dispatch", 0));
  for (int i = 0; i < 50; ++i) expect_element(buffers[2], i, (i + 1) * (i + 1) * (i + 1) * i);
  // Checked at once, whatever is waited for.
  wait = create_fence(f);
  assert_failure(queue_dispatch(f, executable, 0, wait, buffers, 51), IREE_STATUS_OUT_OF_RANGE,
                 "multiply");
  release_queue_dispatch(f);
  assert_failure(queue_dispatch(f, executable, 9, wait, buffers, 50), IREE_STATUS_OUT_OF_RANGE, "");
  release_queue_dispatch(f);
  iree_hal_fence_release(wait);
  for (int i = 0; i < 3; ++i) iree_hal_buffer_release(buffers[i]);
  iree_vm_ref_release(&executable);
}

//===--------------------------------------------------------------------------------------------===//
// Wrong calls
//===--------------------------------------------------------------------------------------------===//

static void storage_must_match(void** state) {
  fixture_t* f = *state;
  const struct {
    const char* name;
    iree_host_size_t arguments, results;
  } cases[] = {
      {"buffer.load", 27, 8},     {"buffer.load", 28, 4},    {"buffer.subspan", 31, 16},
      {"buffer.subspan", 32, 8},  {"fence.await", 15, 0},    {"fence.await", 16, 8},
      {"fence.create", 1, 16},    {"fence.create", 0, 0},    {"fence.join", 0, 16},
      {"fence.join", 5, 16},      {"fence.join", 4, 8},      {"invoke", 27, 0},
      {"invoke", 29, 0},          {"invoke", 28, 8},         {"queue.barrier", 31, 0},
      {"queue.barrier", 32, 4},   {"queue.clone", 40, 16},   {"queue.clone", 39, 32},
      {"queue.copy", 55, 16},     {"queue.copy", 56, 0},     {"queue.dispatch", 43, 16},
      {"queue.dispatch", 45, 16}, {"queue.dispatch", 44, 0},
  };
  for (size_t i = 0; i < IREE_ARRAYSIZE(cases); ++i) {
    memset(&f->arguments, 0, sizeof(f->arguments));
    f->arguments.length = cases[i].arguments;
    assert_failure(call(f, cases[i].name, cases[i].results), IREE_STATUS_INVALID_ARGUMENT,
                   "doesn't match the calling convention");
  }
}

// A buffer where a fence is expected.
static void types_must_match(void** state) {
  fixture_t* f = *state;
  iree_hal_buffer_t* buffer = create_buffer(f, 0, 1);
  assert_failure(await(f, iree_hal_buffer_retain_ref(buffer)), IREE_STATUS_INVALID_ARGUMENT,
                 "hal.fence");
  release_from(f, 0, 1);
  iree_hal_fence_t* fence = create_fence(f);
  packer_t* packer = begin_arguments(f);
  pack_i32(packer, 3);
  pack_ref(packer, iree_vm_ref_null());
  pack_ref(packer, iree_hal_fence_move_ref(fence));
  pack_ref(packer, iree_hal_buffer_retain_ref(buffer));
  assert_failure(call(f, "fence.join", 16), IREE_STATUS_INVALID_ARGUMENT, "hal.fence");
  release_from(f, 4, 3);
  packer = begin_arguments(f);
  pack_ref(packer, iree_vm_ref_null());
  pack_ref(packer, iree_hal_buffer_retain_ref(buffer));
  assert_failure(call(f, "queue.barrier", 0), IREE_STATUS_INVALID_ARGUMENT, "hal.fence");
  release_from(f, 0, 2);
  packer = begin_arguments(f);
  pack_i32(packer, 0);
  pack_ref(packer, iree_hal_buffer_retain_ref(buffer));
  pack_i32(packer, 0);
  pack_i32(packer, 0);
  assert_failure(call(f, "invoke", 0), IREE_STATUS_INVALID_ARGUMENT, "hal.fence");
  release_from(f, 4, 1);
  iree_hal_buffer_release(buffer);
}

// A module whose function is not called by a module has none to begin.
static void invoke_needs_a_caller(void** state) {
  fixture_t* f = *state;
  packer_t* packer = begin_arguments(f);
  pack_i32(packer, 0);
  pack_ref(packer, iree_vm_ref_null());
  pack_i32(packer, 0);
  pack_i32(packer, 0);
  assert_failure(call(f, "invoke", 0), IREE_STATUS_FAILED_PRECONDITION, "only a module's function");
}

//===--------------------------------------------------------------------------------------------===//
// buffer.load
//===--------------------------------------------------------------------------------------------===//

static iree_status_t load(fixture_t* f, iree_vm_ref_t buffer, int64_t index, uint32_t type,
                          int64_t* out_slot) {
  packer_t* packer = begin_arguments(f);
  pack_ref(packer, buffer);
  pack_i64(packer, index);
  pack_i32(packer, (int32_t)type);
  iree_status_t status = call(f, "buffer.load", 8);
  memcpy(out_slot, f->results + 1, sizeof(*out_slot));
  return status;
}

static void loads_elements(void** state) {
  fixture_t* f = *state;
  iree_hal_buffer_t* buffer = create_buffer(f, 0, 4);
  const uint8_t bytes[16] = {0x80, 0xFF, 0x00, 0x02, 0x00, 0x00, 0x80, 0xFF,
                             0xF0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
  IREE_CHECK_OK(iree_hal_buffer_map_write(buffer, 0, bytes, sizeof(bytes)));
  const struct {
    uint32_t type;
    int64_t index;
    int64_t expected;
  } cases[] = {
      {IREE_HAL_ELEMENT_TYPE_INT_8, 0, -128},      {IREE_HAL_ELEMENT_TYPE_SINT_8, 1, -1},
      {IREE_HAL_ELEMENT_TYPE_UINT_8, 1, 255},      {IREE_HAL_ELEMENT_TYPE_BOOL_8, 2, 0},
      {IREE_HAL_ELEMENT_TYPE_BOOL_8, 3, 1},        {IREE_HAL_ELEMENT_TYPE_INT_16, 0, -128},
      {IREE_HAL_ELEMENT_TYPE_FLOAT_16, 0, 0xFF80}, {IREE_HAL_ELEMENT_TYPE_BFLOAT_16, 3, 0xFF80},
      {IREE_HAL_ELEMENT_TYPE_INT_32, 1, -8388608}, {IREE_HAL_ELEMENT_TYPE_FLOAT_32, 1, 0xFF800000},
      {IREE_HAL_ELEMENT_TYPE_INT_64, 1, -16},      {IREE_HAL_ELEMENT_TYPE_FLOAT_64, 1, -16},
  };
  int64_t slot = 0;
  for (size_t i = 0; i < IREE_ARRAYSIZE(cases); ++i) {
    IREE_CHECK_OK(
        load(f, iree_hal_buffer_retain_ref(buffer), cases[i].index, cases[i].type, &slot));
    assert_int_equal(slot, cases[i].expected);
  }
  const int64_t outside[] = {4, -1, INT64_MAX, INT64_MIN};
  for (size_t i = 0; i < IREE_ARRAYSIZE(outside); ++i) {
    assert_failure(load(f, iree_hal_buffer_retain_ref(buffer), outside[i],
                        IREE_HAL_ELEMENT_TYPE_INT_32, &slot),
                   IREE_STATUS_OUT_OF_RANGE, "of a buffer of 4 elements");
    release_from(f, 0, 1);
  }
  const uint32_t odd[] = {IREE_HAL_ELEMENT_TYPE_NONE, IREE_HAL_ELEMENT_TYPE_INT_4,
                          IREE_HAL_ELEMENT_TYPE_COMPLEX_FLOAT_128};
  for (size_t i = 0; i < IREE_ARRAYSIZE(odd); ++i) {
    assert_failure(load(f, iree_hal_buffer_retain_ref(buffer), 0, odd[i], &slot),
                   IREE_STATUS_INVALID_ARGUMENT, "can't be loaded");
    release_from(f, 0, 1);
  }
  assert_failure(load(f, iree_vm_ref_null(), 0, IREE_HAL_ELEMENT_TYPE_INT_32, &slot),
                 IREE_STATUS_INVALID_ARGUMENT, "hal.buffer");
  iree_hal_buffer_release(buffer);
}

//===--------------------------------------------------------------------------------------------===//
// buffer.subspan
//===--------------------------------------------------------------------------------------------===//

static iree_status_t take_part(fixture_t* f, iree_vm_ref_t buffer, int64_t offset, int64_t length) {
  packer_t* packer = begin_arguments(f);
  pack_ref(packer, buffer);
  pack_i64(packer, offset);
  pack_i64(packer, length);
  return call(f, "buffer.subspan", 16);
}

static void parts_keep_all_alive(void** state) {
  fixture_t* f = *state;
  iree_hal_buffer_t* buffer = create_buffer(f, 7, 4);
  const int64_t wrong[][2] = {{17, 0}, {-1, 1}, {4, 13}, {INT64_MIN, 1}, {0, INT64_MIN}};
  for (size_t i = 0; i < IREE_ARRAYSIZE(wrong); ++i) {
    assert_failure(take_part(f, iree_hal_buffer_retain_ref(buffer), wrong[i][0], wrong[i][1]),
                   IREE_STATUS_OUT_OF_RANGE, "");
    release_from(f, 0, 1);
  }
  assert_failure(take_part(f, iree_vm_ref_null(), 0, 1), IREE_STATUS_INVALID_ARGUMENT,
                 "hal.buffer");
  IREE_CHECK_OK(take_part(f, iree_hal_buffer_move_ref(buffer), 4, 8));
  iree_vm_ref_t result;
  memcpy(&result, f->results + 1, sizeof(result));
  iree_hal_buffer_t* part = iree_hal_buffer_deref(result);
  int32_t elements[2] = {0, 0};
  IREE_CHECK_OK(iree_hal_buffer_map_read(part, 0, elements, sizeof(elements)));
  assert_int_equal(elements[0], 8);
  assert_int_equal(elements[1], 9);
  assert_int_equal(iree_hal_buffer_byte_length(part), 8);
  iree_vm_ref_release(&result);
}

#define TESTS                                                                               \
  cmocka_unit_test(await_passes_reached_points), cmocka_unit_test(await_suspends),          \
      cmocka_unit_test(await_fails_as_the_point_does),                                      \
      cmocka_unit_test(join_leaves_out_what_is_reached),                                    \
      cmocka_unit_test(join_merges_many_points), cmocka_unit_test(barriers_pass_points_on), \
      cmocka_unit_test(clones_wait), cmocka_unit_test(copies_wait),                         \
      cmocka_unit_test(dispatches_wait), cmocka_unit_test(storage_must_match),              \
      cmocka_unit_test(types_must_match), cmocka_unit_test(invoke_needs_a_caller),          \
      cmocka_unit_test(loads_elements), cmocka_unit_test(parts_keep_all_alive)

int main(void) {
  const struct CMUnitTest on_sync[] = {TESTS};
  const struct CMUnitTest on_task[] = {TESTS};
  return cmocka_run_group_tests(on_sync, set_up_sync, tear_down) +
         cmocka_run_group_tests(on_task, set_up_task, tear_down);
}
