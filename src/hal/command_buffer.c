// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "iree/hal/command_buffer.h"

#include "hal/command_buffer_impl.h"
#include "hal/transfer_check.h"
#include "iree/hal/device.h"

static const tenon_hal_command_buffer_vtable_t* tenon_hal_command_buffer_vtable(
    const iree_hal_command_buffer_t* command_buffer) {
  return (const tenon_hal_command_buffer_vtable_t*)command_buffer->resource.vtable;
}

iree_status_t iree_hal_command_buffer_create(iree_hal_device_t* device,
                                             iree_hal_command_buffer_mode_t mode,
                                             iree_hal_command_category_t command_categories,
                                             iree_hal_queue_affinity_t queue_affinity,
                                             iree_host_size_t binding_capacity,
                                             iree_hal_command_buffer_t** out_command_buffer) {
  *out_command_buffer = NULL;
  if (binding_capacity) {
    return iree_make_status(
        IREE_STATUS_INVALID_ARGUMENT,
        "binding_capacity must be 0: there are no binding tables; it is %" PRIhsz,
        binding_capacity);
  }
  return ((const iree_hal_device_vtable_t*)((iree_hal_resource_t*)device)->vtable)
      ->create_command_buffer(device, mode, command_categories, queue_affinity, out_command_buffer);
}

void iree_hal_command_buffer_retain(iree_hal_command_buffer_t* command_buffer) {
  iree_hal_resource_retain(command_buffer);
}

void iree_hal_command_buffer_release(iree_hal_command_buffer_t* command_buffer) {
  if (command_buffer && iree_atomic_ref_count_dec(&command_buffer->resource.ref_count) == 1)
    iree_hal_command_buffer_destroy(command_buffer);
}

void iree_hal_command_buffer_destroy(iree_hal_command_buffer_t* command_buffer) {
  tenon_hal_command_buffer_vtable(command_buffer)->destroy(command_buffer);
}

iree_hal_command_buffer_mode_t iree_hal_command_buffer_mode(
    const iree_hal_command_buffer_t* command_buffer) {
  return command_buffer->mode;
}

iree_hal_command_category_t iree_hal_command_buffer_allowed_categories(
    const iree_hal_command_buffer_t* command_buffer) {
  return command_buffer->categories;
}

//===--- States -------------------------------------------------------------------------------===//

static iree_status_t tenon_hal_expect_state(const iree_hal_command_buffer_t* command_buffer,
                                            tenon_hal_recording_state_t expected) {
  if (IREE_LIKELY(command_buffer->state == expected)) return iree_ok_status();
  static const char names[][10] = {"not begun", "open", "ended"};
  return iree_make_status(IREE_STATUS_FAILED_PRECONDITION,
                          "the command buffer must be %s for this; it is %s", names[expected],
                          names[command_buffer->state]);
}

iree_status_t iree_hal_command_buffer_begin(iree_hal_command_buffer_t* command_buffer) {
  IREE_RETURN_IF_ERROR(tenon_hal_expect_state(command_buffer, TENON_HAL_RECORDING_INITIAL));
  command_buffer->state = TENON_HAL_RECORDING_OPEN;
  return iree_ok_status();
}

iree_status_t iree_hal_command_buffer_end(iree_hal_command_buffer_t* command_buffer) {
  IREE_RETURN_IF_ERROR(tenon_hal_expect_state(command_buffer, TENON_HAL_RECORDING_OPEN));
  command_buffer->state = TENON_HAL_RECORDING_ENDED;
  return iree_ok_status();
}

static iree_status_t tenon_hal_expect_recording(const iree_hal_command_buffer_t* command_buffer,
                                                iree_hal_command_category_t category) {
  IREE_RETURN_IF_ERROR(tenon_hal_expect_state(command_buffer, TENON_HAL_RECORDING_OPEN));
  if (IREE_LIKELY(command_buffer->categories & category)) return iree_ok_status();
  return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                          "the command is of the category 0x%" PRIx32
                          ", but the command buffer was created for 0x%" PRIx32,
                          category, command_buffer->categories);
}

//===--- Commands -----------------------------------------------------------------------------===//

iree_status_t iree_hal_command_buffer_execution_barrier(
    iree_hal_command_buffer_t* command_buffer, iree_hal_execution_stage_t source_stage_mask,
    iree_hal_execution_stage_t target_stage_mask, iree_hal_execution_barrier_flags_t flags,
    iree_host_size_t memory_barrier_count, const iree_hal_memory_barrier_t* memory_barriers,
    iree_host_size_t buffer_barrier_count, const iree_hal_buffer_barrier_t* buffer_barriers) {
  IREE_RETURN_IF_ERROR(tenon_hal_expect_state(command_buffer, TENON_HAL_RECORDING_OPEN));
  return tenon_hal_command_buffer_vtable(command_buffer)->execution_barrier(command_buffer);
}

iree_status_t iree_hal_command_buffer_fill_buffer(iree_hal_command_buffer_t* command_buffer,
                                                  iree_hal_buffer_t* target_buffer,
                                                  iree_device_size_t target_offset,
                                                  iree_device_size_t length, const void* pattern,
                                                  iree_host_size_t pattern_length) {
  IREE_RETURN_IF_ERROR(
      tenon_hal_expect_recording(command_buffer, IREE_HAL_COMMAND_CATEGORY_TRANSFER));
  IREE_RETURN_IF_ERROR(
      tenon_hal_check_fill(target_buffer, target_offset, &length, pattern, pattern_length));
  return tenon_hal_command_buffer_vtable(command_buffer)
      ->fill(command_buffer, target_buffer, target_offset, length, pattern, pattern_length);
}

iree_status_t iree_hal_command_buffer_update_buffer(iree_hal_command_buffer_t* command_buffer,
                                                    const void* source_buffer,
                                                    iree_host_size_t source_offset,
                                                    iree_hal_buffer_t* target_buffer,
                                                    iree_device_size_t target_offset,
                                                    iree_device_size_t length) {
  IREE_RETURN_IF_ERROR(
      tenon_hal_expect_recording(command_buffer, IREE_HAL_COMMAND_CATEGORY_TRANSFER));
  IREE_RETURN_IF_ERROR(
      tenon_hal_check_update(source_buffer, target_buffer, target_offset, &length));
  if (length == 0) return iree_ok_status();
  return tenon_hal_command_buffer_vtable(command_buffer)
      ->update(command_buffer, (const uint8_t*)source_buffer + source_offset, target_buffer,
               target_offset, length);
}

iree_status_t iree_hal_command_buffer_copy_buffer(iree_hal_command_buffer_t* command_buffer,
                                                  iree_hal_buffer_t* source_buffer,
                                                  iree_device_size_t source_offset,
                                                  iree_hal_buffer_t* target_buffer,
                                                  iree_device_size_t target_offset,
                                                  iree_device_size_t length) {
  IREE_RETURN_IF_ERROR(
      tenon_hal_expect_recording(command_buffer, IREE_HAL_COMMAND_CATEGORY_TRANSFER));
  IREE_RETURN_IF_ERROR(
      tenon_hal_check_copy(source_buffer, source_offset, target_buffer, target_offset, &length));
  return tenon_hal_command_buffer_vtable(command_buffer)
      ->copy(command_buffer, source_buffer, source_offset, target_buffer, target_offset, length);
}

iree_status_t tenon_hal_command_buffer_dispatch(iree_hal_command_buffer_t* command_buffer,
                                                iree_hal_executable_t* executable, uint32_t ordinal,
                                                iree_host_size_t binding_count,
                                                iree_hal_buffer_t* const* bindings,
                                                iree_host_size_t constant_count,
                                                const int64_t* constants) {
  IREE_RETURN_IF_ERROR(
      tenon_hal_expect_recording(command_buffer, IREE_HAL_COMMAND_CATEGORY_DISPATCH));
  if ((binding_count && !bindings) || (constant_count && !constants)) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "the list of bindings or constants is null, but its count is not 0");
  }
  return tenon_hal_command_buffer_vtable(command_buffer)
      ->dispatch(command_buffer, executable, ordinal, binding_count, bindings, constant_count,
                 constants);
}
