// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What implementations of command buffers share with the functions of iree/hal/command_buffer.h.

#ifndef TENON_HAL_COMMAND_BUFFER_IMPL_H_
#define TENON_HAL_COMMAND_BUFFER_IMPL_H_

#include "iree/hal/command_buffer.h"

typedef enum tenon_hal_recording_state_e {
  TENON_HAL_RECORDING_INITIAL = 0,
  TENON_HAL_RECORDING_OPEN,
  TENON_HAL_RECORDING_ENDED,
} tenon_hal_recording_state_t;

// The head of every command buffer.
struct iree_hal_command_buffer_t {
  iree_hal_resource_t resource;
  iree_hal_command_buffer_mode_t mode;
  iree_hal_command_category_t categories;
  tenon_hal_recording_state_t state;
};

// Called with the command buffer open, the category allowed and all arguments checked that can be checked
// without knowing the device; lengths are resolved.
typedef struct tenon_hal_command_buffer_vtable_t {
  void (*destroy)(iree_hal_command_buffer_t* command_buffer);
  iree_status_t (*execution_barrier)(iree_hal_command_buffer_t* command_buffer);
  iree_status_t (*fill)(iree_hal_command_buffer_t* command_buffer, iree_hal_buffer_t* target,
                        iree_device_size_t target_offset, iree_device_size_t length,
                        const void* pattern, iree_host_size_t pattern_length);
  iree_status_t (*update)(iree_hal_command_buffer_t* command_buffer, const void* source,
                          iree_hal_buffer_t* target, iree_device_size_t target_offset,
                          iree_device_size_t length);
  iree_status_t (*copy)(iree_hal_command_buffer_t* command_buffer, iree_hal_buffer_t* source,
                        iree_device_size_t source_offset, iree_hal_buffer_t* target,
                        iree_device_size_t target_offset, iree_device_size_t length);
  iree_status_t (*dispatch)(iree_hal_command_buffer_t* command_buffer,
                            iree_hal_executable_t* executable, uint32_t ordinal,
                            iree_host_size_t binding_count, iree_hal_buffer_t* const* bindings,
                            iree_host_size_t constant_count, const int64_t* constants);
} tenon_hal_command_buffer_vtable_t;

#endif  // TENON_HAL_COMMAND_BUFFER_IMPL_H_
