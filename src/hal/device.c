// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "iree/hal/device.h"

#include "hal/timepoint.h"
#include "hal/transfer_check.h"

static const iree_hal_device_vtable_t* tenon_hal_device_vtable(iree_hal_device_t* device) {
  return (const iree_hal_device_vtable_t*)((iree_hal_resource_t*)device)->vtable;
}

void iree_hal_device_retain(iree_hal_device_t* device) { iree_hal_resource_retain(device); }

void iree_hal_device_release(iree_hal_device_t* device) {
  iree_hal_resource_t* resource = (iree_hal_resource_t*)device;
  if (resource && iree_atomic_ref_count_dec(&resource->ref_count) == 1)
    iree_hal_device_destroy(device);
}

void iree_hal_device_destroy(iree_hal_device_t* device) {
  tenon_hal_device_vtable(device)->destroy(device);
}

iree_string_view_t iree_hal_device_id(iree_hal_device_t* device) {
  return tenon_hal_device_vtable(device)->id(device);
}

iree_allocator_t iree_hal_device_host_allocator(iree_hal_device_t* device) {
  return tenon_hal_device_vtable(device)->host_allocator(device);
}

iree_hal_allocator_t* iree_hal_device_allocator(iree_hal_device_t* device) {
  return tenon_hal_device_vtable(device)->device_allocator(device);
}

iree_status_t iree_hal_device_trim(iree_hal_device_t* device) {
  return tenon_hal_device_vtable(device)->trim(device);
}

iree_status_t iree_hal_device_query_i64(iree_hal_device_t* device, iree_string_view_t category,
                                        iree_string_view_t key, int64_t* out_value) {
  *out_value = 0;
  if (iree_string_view_equal(category, IREE_SV("hal.device.id"))) {
    *out_value = iree_string_view_match_pattern(iree_hal_device_id(device), key) ? 1 : 0;
    return iree_ok_status();
  }
  return tenon_hal_device_vtable(device)->query_i64(device, category, key, out_value);
}

//===--- Queues -------------------------------------------------------------------------------===//

static iree_status_t tenon_hal_check_list(iree_hal_semaphore_list_t list, const char* what) {
  bool is_valid = !list.count || (list.semaphores && list.payload_values);
  for (iree_host_size_t i = 0; is_valid && i < list.count; ++i)
    is_valid = list.semaphores[i] != NULL;
  if (IREE_LIKELY(is_valid)) return iree_ok_status();
  return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                          "the %s list of %" PRIhsz " points has a null semaphore or array", what,
                          list.count);
}

static iree_status_t tenon_hal_check_lists(iree_hal_semaphore_list_t wait_list,
                                           iree_hal_semaphore_list_t signal_list) {
  IREE_RETURN_IF_ERROR(tenon_hal_check_list(wait_list, "wait"));
  return tenon_hal_check_list(signal_list, "signal");
}

iree_status_t iree_hal_device_queue_alloca(iree_hal_device_t* device,
                                           iree_hal_queue_affinity_t queue_affinity,
                                           const iree_hal_semaphore_list_t wait_semaphore_list,
                                           const iree_hal_semaphore_list_t signal_semaphore_list,
                                           iree_hal_allocator_pool_t pool,
                                           iree_hal_buffer_params_t params,
                                           iree_device_size_t allocation_size,
                                           iree_hal_buffer_t** IREE_RESTRICT out_buffer) {
  *out_buffer = NULL;
  IREE_RETURN_IF_ERROR(tenon_hal_check_lists(wait_semaphore_list, signal_semaphore_list));
  if (pool != IREE_HAL_ALLOCATOR_POOL_DEFAULT) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "the pool must be the default, 0; it is %" PRIu32, pool);
  }
  return tenon_hal_device_vtable(device)->queue_alloca(
      device, wait_semaphore_list, signal_semaphore_list, params, allocation_size, out_buffer);
}

iree_status_t iree_hal_device_queue_dealloca(iree_hal_device_t* device,
                                             iree_hal_queue_affinity_t queue_affinity,
                                             const iree_hal_semaphore_list_t wait_semaphore_list,
                                             const iree_hal_semaphore_list_t signal_semaphore_list,
                                             iree_hal_buffer_t* buffer) {
  IREE_RETURN_IF_ERROR(tenon_hal_check_lists(wait_semaphore_list, signal_semaphore_list));
  if (!buffer) return iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "the buffer is null");
  return tenon_hal_device_vtable(device)->queue_dealloca(device, wait_semaphore_list,
                                                         signal_semaphore_list, buffer);
}

iree_status_t iree_hal_device_queue_fill(iree_hal_device_t* device,
                                         iree_hal_queue_affinity_t queue_affinity,
                                         const iree_hal_semaphore_list_t wait_semaphore_list,
                                         const iree_hal_semaphore_list_t signal_semaphore_list,
                                         iree_hal_buffer_t* target_buffer,
                                         iree_device_size_t target_offset,
                                         iree_device_size_t length, const void* pattern,
                                         iree_host_size_t pattern_length) {
  IREE_RETURN_IF_ERROR(tenon_hal_check_lists(wait_semaphore_list, signal_semaphore_list));
  IREE_RETURN_IF_ERROR(
      tenon_hal_check_fill(target_buffer, target_offset, &length, pattern, pattern_length));
  return tenon_hal_device_vtable(device)->queue_fill(
      device, wait_semaphore_list, signal_semaphore_list, target_buffer, target_offset, length,
      pattern, pattern_length);
}

iree_status_t iree_hal_device_queue_update(
    iree_hal_device_t* device, iree_hal_queue_affinity_t queue_affinity,
    const iree_hal_semaphore_list_t wait_semaphore_list,
    const iree_hal_semaphore_list_t signal_semaphore_list, const void* source_buffer,
    iree_host_size_t source_offset, iree_hal_buffer_t* target_buffer,
    iree_device_size_t target_offset, iree_device_size_t length) {
  IREE_RETURN_IF_ERROR(tenon_hal_check_lists(wait_semaphore_list, signal_semaphore_list));
  IREE_RETURN_IF_ERROR(
      tenon_hal_check_update(source_buffer, target_buffer, target_offset, &length));
  const uint8_t* source = length ? (const uint8_t*)source_buffer + source_offset : NULL;
  return tenon_hal_device_vtable(device)->queue_update(device, wait_semaphore_list,
                                                       signal_semaphore_list, source, target_buffer,
                                                       target_offset, length);
}

iree_status_t iree_hal_device_queue_copy(
    iree_hal_device_t* device, iree_hal_queue_affinity_t queue_affinity,
    const iree_hal_semaphore_list_t wait_semaphore_list,
    const iree_hal_semaphore_list_t signal_semaphore_list, iree_hal_buffer_t* source_buffer,
    iree_device_size_t source_offset, iree_hal_buffer_t* target_buffer,
    iree_device_size_t target_offset, iree_device_size_t length) {
  IREE_RETURN_IF_ERROR(tenon_hal_check_lists(wait_semaphore_list, signal_semaphore_list));
  IREE_RETURN_IF_ERROR(
      tenon_hal_check_copy(source_buffer, source_offset, target_buffer, target_offset, &length));
  return tenon_hal_device_vtable(device)->queue_copy(
      device, wait_semaphore_list, signal_semaphore_list, source_buffer, source_offset,
      target_buffer, target_offset, length);
}

iree_status_t iree_hal_device_queue_execute(iree_hal_device_t* device,
                                            iree_hal_queue_affinity_t queue_affinity,
                                            const iree_hal_semaphore_list_t wait_semaphore_list,
                                            const iree_hal_semaphore_list_t signal_semaphore_list,
                                            iree_host_size_t command_buffer_count,
                                            iree_hal_command_buffer_t* const* command_buffers) {
  IREE_RETURN_IF_ERROR(tenon_hal_check_lists(wait_semaphore_list, signal_semaphore_list));
  for (iree_host_size_t i = 0; i < command_buffer_count; ++i) {
    if (!command_buffers || !command_buffers[i])
      return iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "command buffer %" PRIhsz " is null",
                              i);
  }
  return tenon_hal_device_vtable(device)->queue_execute(
      device, wait_semaphore_list, signal_semaphore_list, command_buffer_count, command_buffers);
}

iree_status_t iree_hal_device_queue_barrier(iree_hal_device_t* device,
                                            iree_hal_queue_affinity_t queue_affinity,
                                            const iree_hal_semaphore_list_t wait_semaphore_list,
                                            const iree_hal_semaphore_list_t signal_semaphore_list) {
  return iree_hal_device_queue_execute(device, queue_affinity, wait_semaphore_list,
                                       signal_semaphore_list, 0, NULL);
}

iree_status_t iree_hal_device_queue_flush(iree_hal_device_t* device,
                                          iree_hal_queue_affinity_t queue_affinity) {
  return tenon_hal_device_vtable(device)->queue_flush(device);
}

iree_status_t iree_hal_device_wait_semaphores(iree_hal_device_t* device,
                                              iree_hal_wait_mode_t wait_mode,
                                              const iree_hal_semaphore_list_t semaphore_list,
                                              iree_timeout_t timeout) {
  IREE_RETURN_IF_ERROR(tenon_hal_check_list(semaphore_list, "wait"));
  return tenon_hal_semaphore_list_wait(semaphore_list, wait_mode, timeout);
}
