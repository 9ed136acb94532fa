// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The command buffers of local devices: a list of commands. Once ended it doesn't change, so a submission only
// reads it and keeps all it needs to know about its own progress.

#ifndef TENON_HAL_LOCAL_COMMAND_BUFFER_H_
#define TENON_HAL_LOCAL_COMMAND_BUFFER_H_

#include "hal/local/command.h"

iree_status_t tenon_hal_local_command_buffer_create(iree_hal_command_buffer_mode_t mode,
                                                    iree_hal_command_category_t command_categories,
                                                    iree_allocator_t host_allocator,
                                                    iree_hal_command_buffer_t** out_command_buffer);

// The commands; a NULL among them is a barrier.
typedef struct tenon_command_span_t {
  const tenon_command_t* const* commands;
  iree_host_size_t count;
} tenon_command_span_t;
tenon_command_span_t tenon_hal_local_command_buffer_span(
    const iree_hal_command_buffer_t* command_buffer);

// Refuses what can't be submitted: another implementation's, one that has not ended.
iree_status_t tenon_hal_local_command_buffer_check(iree_hal_command_buffer_t* command_buffer);

// Marks all as submitted; FAILED_PRECONDITION, and nothing is marked, if a one-shot one was before.
iree_status_t tenon_hal_local_command_buffers_claim(
    iree_host_size_t count, iree_hal_command_buffer_t* const* command_buffers);

#endif  // TENON_HAL_LOCAL_COMMAND_BUFFER_H_
