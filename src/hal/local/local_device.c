// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hal/local/local_device.h"

#include "hal/local/command_buffer.h"
#include "hal/local/elf_image.h"
#include "hal/local/executable_loader.h"
#include "hal/local/queue.h"
#include "hal/timepoint.h"
#include "hal/transfer_check.h"
#include "task/executor.h"
#include "tenon/task_device.h"

typedef struct tenon_hal_local_device_t {
  iree_hal_resource_t resource;
  iree_allocator_t host_allocator;
  iree_hal_allocator_t* device_allocator;
  tenon_executor_t* executor;     // NULL: local-sync
  iree_string_view_t identifier;  // behind this struct
} tenon_hal_local_device_t;

static const iree_hal_device_vtable_t tenon_hal_local_device_vtable;

static tenon_hal_local_device_t* tenon_hal_local_device_cast(iree_hal_device_t* device) {
  return (tenon_hal_local_device_t*)device;
}

//===--- Making and freeing -------------------------------------------------------------------===//

iree_status_t tenon_hal_local_device_create(iree_string_view_t identifier,
                                            tenon_executor_t* executor,
                                            iree_hal_allocator_t* device_allocator,
                                            iree_allocator_t host_allocator,
                                            iree_hal_device_t** out_device) {
  *out_device = NULL;
  iree_host_size_t total = 0;
  if (!iree_host_size_checked_add(sizeof(tenon_hal_local_device_t), identifier.size, &total)) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "the device's identifier is too long");
  }
  tenon_hal_local_device_t* device = NULL;
  IREE_RETURN_IF_ERROR(iree_allocator_malloc(host_allocator, total, (void**)&device));
  if (device_allocator) {
    iree_hal_allocator_retain(device_allocator);
  } else {
    iree_status_t status = iree_hal_allocator_create_heap(identifier, host_allocator,
                                                          host_allocator, &device_allocator);
    if (!iree_status_is_ok(status)) {
      iree_allocator_free(host_allocator, device);
      return status;
    }
  }
  iree_hal_resource_initialize(&tenon_hal_local_device_vtable, &device->resource);
  device->host_allocator = host_allocator;
  device->device_allocator = device_allocator;
  device->executor = executor;
  if (executor) tenon_executor_retain(executor);
  iree_string_view_append_to_buffer(identifier, &device->identifier, (char*)(device + 1));
  *out_device = (iree_hal_device_t*)device;
  return iree_ok_status();
}

iree_status_t tenon_hal_task_device_create(iree_string_view_t identifier,
                                           tenon_executor_t* executor,
                                           iree_hal_allocator_t* device_allocator,
                                           iree_allocator_t host_allocator,
                                           iree_hal_device_t** out_device) {
  if (!executor) {
    *out_device = NULL;
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "the executor is null; a local-task device needs one");
  }
  return tenon_hal_local_device_create(identifier, executor, device_allocator, host_allocator,
                                       out_device);
}

static void tenon_hal_local_device_destroy(iree_hal_device_t* base) {
  tenon_hal_local_device_t* device = tenon_hal_local_device_cast(base);
  iree_allocator_t host_allocator = device->host_allocator;
  if (device->executor) tenon_executor_release(device->executor);
  iree_hal_allocator_release(device->device_allocator);
  iree_allocator_free(host_allocator, device);
}

bool tenon_hal_local_device_isa(iree_hal_device_t* device) {
  return iree_hal_resource_is(device, &tenon_hal_local_device_vtable);
}

tenon_executor_t* tenon_hal_local_device_executor(iree_hal_device_t* device) {
  return tenon_hal_local_device_cast(device)->executor;
}

//===--- Properties ---------------------------------------------------------------------------===//

static iree_string_view_t tenon_hal_local_device_id(iree_hal_device_t* base) {
  return tenon_hal_local_device_cast(base)->identifier;
}

static iree_allocator_t tenon_hal_local_device_host_allocator(iree_hal_device_t* base) {
  return tenon_hal_local_device_cast(base)->host_allocator;
}

static iree_hal_allocator_t* tenon_hal_local_device_allocator(iree_hal_device_t* base) {
  return tenon_hal_local_device_cast(base)->device_allocator;
}

static iree_status_t tenon_hal_local_device_trim(iree_hal_device_t* base) {
  return iree_hal_allocator_trim(tenon_hal_local_device_cast(base)->device_allocator);
}

static iree_status_t tenon_hal_local_device_query_i64(iree_hal_device_t* base,
                                                      iree_string_view_t category,
                                                      iree_string_view_t key, int64_t* out_value) {
  if (iree_string_view_equal(category, IREE_SV("hal.executable.format"))) {
    *out_value = iree_string_view_equal(key, IREE_SV(TENON_ELF_EXECUTABLE_FORMAT)) ? 1 : 0;
    return iree_ok_status();
  }
  const iree_string_view_t identifier = tenon_hal_local_device_cast(base)->identifier;
  return iree_make_status(IREE_STATUS_NOT_FOUND,
                          "the device '%.*s' has no property '%.*s' :: '%.*s'",
                          (int)identifier.size, identifier.data, (int)category.size, category.data,
                          (int)key.size, key.data);
}

static iree_status_t tenon_hal_local_device_create_semaphore(iree_hal_device_t* base,
                                                             uint64_t initial_value,
                                                             iree_hal_semaphore_t** out_semaphore) {
  return tenon_hal_semaphore_create(
      initial_value, tenon_hal_local_device_cast(base)->host_allocator, out_semaphore);
}

static iree_status_t tenon_hal_local_device_create_command_buffer(
    iree_hal_device_t* base, iree_hal_command_buffer_mode_t mode,
    iree_hal_command_category_t command_categories, iree_hal_queue_affinity_t queue_affinity,
    iree_hal_command_buffer_t** out_command_buffer) {
  return tenon_hal_local_command_buffer_create(mode, command_categories,
                                               tenon_hal_local_device_cast(base)->host_allocator,
                                               out_command_buffer);
}

//===--- The queue ----------------------------------------------------------------------------===//

static iree_status_t tenon_hal_local_device_queue_alloca(iree_hal_device_t* base,
                                                         iree_hal_semaphore_list_t wait_list,
                                                         iree_hal_semaphore_list_t signal_list,
                                                         iree_hal_buffer_params_t params,
                                                         iree_device_size_t allocation_size,
                                                         iree_hal_buffer_t** out_buffer) {
  // Host memory is there at once.
  IREE_RETURN_IF_ERROR(iree_hal_allocator_allocate_buffer(
      tenon_hal_local_device_cast(base)->device_allocator, params, allocation_size,
      iree_const_byte_span_empty(), out_buffer));
  iree_status_t status =
      tenon_hal_queue_submit_command_buffers(base, wait_list, signal_list, 0, NULL);
  if (!iree_status_is_ok(status)) {
    iree_hal_buffer_release(*out_buffer);
    *out_buffer = NULL;
  }
  return status;
}

// Nothing to do, but the buffer stays until then.
static iree_status_t tenon_hal_local_device_queue_dealloca(iree_hal_device_t* base,
                                                           iree_hal_semaphore_list_t wait_list,
                                                           iree_hal_semaphore_list_t signal_list,
                                                           iree_hal_buffer_t* buffer) {
  const tenon_command_t command = {.buffers = &buffer, .buffer_count = 1};
  return tenon_hal_queue_submit_command(base, wait_list, signal_list, &command);
}

static iree_status_t tenon_hal_local_device_queue_fill(
    iree_hal_device_t* base, iree_hal_semaphore_list_t wait_list,
    iree_hal_semaphore_list_t signal_list, iree_hal_buffer_t* target_buffer,
    iree_device_size_t target_offset, iree_device_size_t length, const void* pattern,
    iree_host_size_t pattern_length) {
  tenon_command_t command;
  IREE_RETURN_IF_ERROR(tenon_command_prepare_fill(&target_buffer, target_offset, length, pattern,
                                                  pattern_length, &command));
  return tenon_hal_queue_submit_command(base, wait_list, signal_list, &command);
}

static iree_status_t tenon_hal_local_device_queue_update(
    iree_hal_device_t* base, iree_hal_semaphore_list_t wait_list,
    iree_hal_semaphore_list_t signal_list, const void* source, iree_hal_buffer_t* target_buffer,
    iree_device_size_t target_offset, iree_device_size_t length) {
  tenon_command_t command;
  IREE_RETURN_IF_ERROR(
      tenon_command_prepare_update(&target_buffer, source, target_offset, length, &command));
  return tenon_hal_queue_submit_command(base, wait_list, signal_list, &command);
}

static iree_status_t tenon_hal_local_device_queue_copy(
    iree_hal_device_t* base, iree_hal_semaphore_list_t wait_list,
    iree_hal_semaphore_list_t signal_list, iree_hal_buffer_t* source_buffer,
    iree_device_size_t source_offset, iree_hal_buffer_t* target_buffer,
    iree_device_size_t target_offset, iree_device_size_t length) {
  iree_hal_buffer_t* const buffers[2] = {source_buffer, target_buffer};
  tenon_command_t command;
  IREE_RETURN_IF_ERROR(
      tenon_command_prepare_copy(buffers, source_offset, target_offset, length, &command));
  return tenon_hal_queue_submit_command(base, wait_list, signal_list, &command);
}

static iree_status_t tenon_hal_local_device_queue_flush(iree_hal_device_t* base) {
  return iree_ok_status();
}

static const iree_hal_device_vtable_t tenon_hal_local_device_vtable = {
    .destroy = tenon_hal_local_device_destroy,
    .id = tenon_hal_local_device_id,
    .host_allocator = tenon_hal_local_device_host_allocator,
    .device_allocator = tenon_hal_local_device_allocator,
    .trim = tenon_hal_local_device_trim,
    .query_i64 = tenon_hal_local_device_query_i64,
    .create_semaphore = tenon_hal_local_device_create_semaphore,
    .create_command_buffer = tenon_hal_local_device_create_command_buffer,
    .queue_alloca = tenon_hal_local_device_queue_alloca,
    .queue_dealloca = tenon_hal_local_device_queue_dealloca,
    .queue_fill = tenon_hal_local_device_queue_fill,
    .queue_update = tenon_hal_local_device_queue_update,
    .queue_copy = tenon_hal_local_device_queue_copy,
    .queue_execute = tenon_hal_queue_submit_command_buffers,
    .queue_flush = tenon_hal_local_device_queue_flush,
};

//===--- Dispatches that block ----------------------------------------------------------------===//

typedef struct tenon_dispatch_job_t {
  tenon_range_job_t job;
  const tenon_command_t* command;
} tenon_dispatch_job_t;

static int tenon_dispatch_job_run(tenon_range_job_t* job, int64_t begin, int64_t end,
                                  uint32_t worker_id) {
  return tenon_command_run(((tenon_dispatch_job_t*)job)->command, begin, end, worker_id);
}

static IREE_ATTRIBUTE_NOINLINE iree_status_t
tenon_dispatch_with_workers(tenon_executor_t* executor, const tenon_hal_dispatch_t* dispatch) {
  void* pointers[TENON_DISPATCH_MAX_BINDINGS];
  tenon_command_t command;
  IREE_RETURN_IF_ERROR(tenon_command_prepare_dispatch(dispatch, pointers, &command));
  if (command.count <= 1 || command.size < tenon_executor_inline_size(executor))
    return tenon_command_run_inline(&command);
  tenon_dispatch_job_t job = {
      .job = {.count = command.count,
              .grain = tenon_command_grain(command.count, tenon_executor_worker_count(executor)),
              .run = tenon_dispatch_job_run},
      .command = &command,
  };
  const int result = tenon_executor_run(executor, &job.job);
  return IREE_LIKELY(result == 0) ? iree_ok_status() : tenon_command_error(&command, result);
}

iree_status_t tenon_hal_local_device_dispatch(iree_hal_device_t* base,
                                              const tenon_hal_dispatch_t* dispatch) {
  tenon_executor_t* executor = tenon_hal_local_device_cast(base)->executor;
  if (executor) return tenon_dispatch_with_workers(executor, dispatch);
  return tenon_hal_local_executable_dispatch(dispatch->executable, dispatch->ordinal,
                                             dispatch->binding_count, dispatch->bindings,
                                             dispatch->constant_count, dispatch->constants);
}

//===--- Work behind fences -------------------------------------------------------------------===//

static iree_status_t tenon_command_run_after(iree_hal_device_t* base, iree_hal_fence_t* wait_fence,
                                             const tenon_command_t* command,
                                             iree_hal_fence_t** out_fence) {
  const tenon_hal_local_device_t* device = tenon_hal_local_device_cast(base);
  if ((!device->executor || command->size < tenon_executor_inline_size(device->executor)) &&
      tenon_hal_fence_is_reached(wait_fence)) {
    return tenon_command_run_inline(command);
  }
  iree_hal_fence_t* fence = NULL;
  IREE_RETURN_IF_ERROR(tenon_hal_fence_create_pending(device->host_allocator, &fence));
  iree_status_t status =
      tenon_hal_queue_submit_command(base, iree_hal_fence_semaphore_list(wait_fence),
                                     iree_hal_fence_semaphore_list(fence), command);
  if (iree_status_is_ok(status)) {
    *out_fence = fence;
  } else {
    iree_hal_fence_release(fence);
  }
  return status;
}

iree_status_t tenon_hal_local_device_dispatch_after(iree_hal_device_t* base,
                                                    iree_hal_fence_t* wait_fence,
                                                    const tenon_hal_dispatch_t* dispatch,
                                                    iree_hal_fence_t** out_fence) {
  *out_fence = NULL;
  void* pointers[TENON_DISPATCH_MAX_BINDINGS];
  tenon_command_t command;
  IREE_RETURN_IF_ERROR(tenon_command_prepare_dispatch(dispatch, pointers, &command));
  return tenon_command_run_after(base, wait_fence, &command, out_fence);
}

iree_status_t tenon_hal_local_device_copy_after(
    iree_hal_device_t* base, iree_hal_fence_t* wait_fence, iree_hal_buffer_t* source_buffer,
    iree_hal_buffer_t* target_buffer, iree_device_size_t length, iree_hal_fence_t** out_fence) {
  *out_fence = NULL;
  IREE_RETURN_IF_ERROR(tenon_hal_check_copy(source_buffer, 0, target_buffer, 0, &length));
  iree_hal_buffer_t* const buffers[2] = {source_buffer, target_buffer};
  tenon_command_t command;
  IREE_RETURN_IF_ERROR(tenon_command_prepare_copy(buffers, 0, 0, length, &command));
  return tenon_command_run_after(base, wait_fence, &command, out_fence);
}

iree_status_t tenon_hal_local_device_signal_after(iree_hal_device_t* base,
                                                  iree_hal_fence_t* wait_fence,
                                                  iree_hal_fence_t* signal_fence) {
  const iree_hal_semaphore_list_t signal_list = iree_hal_fence_semaphore_list(signal_fence);
  if (signal_list.count == 0) return iree_ok_status();
  if (tenon_hal_fence_is_reached(wait_fence)) {
    tenon_hal_queue_resolve(signal_list, iree_ok_status());
    return iree_ok_status();
  }
  return tenon_hal_queue_submit_command_buffers(base, iree_hal_fence_semaphore_list(wait_fence),
                                                signal_list, 0, NULL);
}

//===--- Going on -----------------------------------------------------------------------------===//

_Static_assert(offsetof(tenon_hal_resumption_t, item) == 0, "an item is its resumption");

static void tenon_resumption_run_ready(tenon_ready_item_t* item) {
  tenon_hal_resumption_t* resumption = (tenon_hal_resumption_t*)item;
  resumption->run(resumption);
}

static void tenon_resumption_run_blocking(tenon_blocking_work_t* work) {
  tenon_hal_resumption_t* resumption = (tenon_hal_resumption_t*)work;
  resumption->run(resumption);
}

void tenon_hal_local_device_resume(iree_hal_device_t* base, tenon_hal_resumption_t* resumption) {
  tenon_executor_t* executor = tenon_hal_local_device_cast(base)->executor;
  // What a program of a device without threads waits for may have been signaled by another device's worker.
  if (!executor) executor = tenon_executor_of_this_thread();
  if (executor) {
    resumption->item.blocking.run = tenon_resumption_run_blocking;
    tenon_blocking_pool_submit(tenon_executor_blocking_pool(executor), &resumption->item.blocking);
  } else {
    resumption->item.ready.run = tenon_resumption_run_ready;
    tenon_ready_push(&resumption->item.ready);
  }
}
