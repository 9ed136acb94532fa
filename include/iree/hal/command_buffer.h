// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Command buffers: work that is recorded once and submitted as one operation of a queue
// (iree_hal_device_queue_execute), once or many times.
//
//   create, begin, {fill, update, copy, dispatch, execution_barrier}..., end, submit
//
// Order. Commands between two barriers may run in any order and at the same time; a barrier lets all
// commands before it end before any after it begins. Begin and end of the command buffer are barriers.
//
// Errors. Recording checks each command (states, ranges, access, the dispatch's bindings) and returns
// what is wrong; a command that was refused isn't recorded. What only shows when it runs fails the
// submission's signal list.
//
// Ownership. See resource.h. A command buffer retains the buffers and executables of its commands until
// it goes. A submission retains the command buffer.
// Thread-safety. Recording is one thread's at a time. Once ended it doesn't change: it may be submitted
// from any thread, and a reusable one be in flight several times at once (that its runs don't disturb
// one another is up to the semaphores).

#ifndef IREE_HAL_COMMAND_BUFFER_H_
#define IREE_HAL_COMMAND_BUFFER_H_

#include "iree/base/api.h"
#include "iree/hal/allocator.h"
#include "iree/hal/buffer.h"
#include "iree/hal/executable.h"
#include "iree/hal/resource.h"

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

typedef struct iree_hal_device_t iree_hal_device_t;
typedef struct iree_hal_command_buffer_t iree_hal_command_buffer_t;

enum iree_hal_command_buffer_mode_bits_t {
  // Submitted at most once: a second submission is refused. Without it: reusable.
  IREE_HAL_COMMAND_BUFFER_MODE_ONE_SHOT = 1u << 0,
};
typedef uint32_t iree_hal_command_buffer_mode_t;

// What a command buffer may hold; recording anything else is refused.
enum iree_hal_command_category_bits_t {
  IREE_HAL_COMMAND_CATEGORY_TRANSFER = 1u << 0,
  IREE_HAL_COMMAND_CATEGORY_DISPATCH = 1u << 1,
  IREE_HAL_COMMAND_CATEGORY_ANY =
      IREE_HAL_COMMAND_CATEGORY_TRANSFER | IREE_HAL_COMMAND_CATEGORY_DISPATCH,
};
typedef uint32_t iree_hal_command_category_t;

// An empty command buffer of |device| with a count of 1. It keeps what it needs of the device.
// |binding_capacity| must be 0: there are no binding tables.
IREE_API_EXPORT iree_status_t iree_hal_command_buffer_create(
    iree_hal_device_t* device, iree_hal_command_buffer_mode_t mode,
    iree_hal_command_category_t command_categories, iree_hal_queue_affinity_t queue_affinity,
    iree_host_size_t binding_capacity, iree_hal_command_buffer_t** out_command_buffer);

IREE_API_EXPORT void iree_hal_command_buffer_retain(iree_hal_command_buffer_t* command_buffer);
IREE_API_EXPORT void iree_hal_command_buffer_release(iree_hal_command_buffer_t* command_buffer);

IREE_API_EXPORT iree_hal_command_buffer_mode_t
iree_hal_command_buffer_mode(const iree_hal_command_buffer_t* command_buffer);
IREE_API_EXPORT iree_hal_command_category_t
iree_hal_command_buffer_allowed_categories(const iree_hal_command_buffer_t* command_buffer);

// Opens and closes the recording; each once. FAILED_PRECONDITION otherwise, and for commands outside.
IREE_API_EXPORT iree_status_t
iree_hal_command_buffer_begin(iree_hal_command_buffer_t* command_buffer);
IREE_API_EXPORT iree_status_t
iree_hal_command_buffer_end(iree_hal_command_buffer_t* command_buffer);

enum iree_hal_execution_stage_bits_t {
  IREE_HAL_EXECUTION_STAGE_COMMAND_ISSUE = 1u << 0,
  IREE_HAL_EXECUTION_STAGE_COMMAND_PROCESS = 1u << 1,
  IREE_HAL_EXECUTION_STAGE_DISPATCH = 1u << 2,
  IREE_HAL_EXECUTION_STAGE_TRANSFER = 1u << 3,
  IREE_HAL_EXECUTION_STAGE_COMMAND_RETIRE = 1u << 4,
  IREE_HAL_EXECUTION_STAGE_HOST = 1u << 5,
};
typedef uint32_t iree_hal_execution_stage_t;

enum iree_hal_execution_barrier_flag_bits_t {
  IREE_HAL_EXECUTION_BARRIER_FLAG_NONE = 0u,
};
typedef uint32_t iree_hal_execution_barrier_flags_t;

typedef uint32_t iree_hal_access_scope_t;
typedef struct iree_hal_memory_barrier_t {
  iree_hal_access_scope_t source_scope;
  iree_hal_access_scope_t target_scope;
} iree_hal_memory_barrier_t;

typedef struct iree_hal_buffer_barrier_t {
  iree_hal_access_scope_t source_scope;
  iree_hal_access_scope_t target_scope;
  iree_hal_buffer_t* buffer;
  iree_device_size_t offset;
  iree_device_size_t length;
} iree_hal_buffer_barrier_t;

// All commands before it end before any after it begins. The stages and lists may narrow that for devices
// that can make use of it; local devices always do all of it.
IREE_API_EXPORT iree_status_t iree_hal_command_buffer_execution_barrier(
    iree_hal_command_buffer_t* command_buffer, iree_hal_execution_stage_t source_stage_mask,
    iree_hal_execution_stage_t target_stage_mask, iree_hal_execution_barrier_flags_t flags,
    iree_host_size_t memory_barrier_count, const iree_hal_memory_barrier_t* memory_barriers,
    iree_host_size_t buffer_barrier_count, const iree_hal_buffer_barrier_t* buffer_barriers);

// As the queue operations of the same names (device.h): a pattern of 1, 2, 4 or 8 bytes; host memory is
// copied while it is recorded; ranges of a copy must not overlap.
IREE_API_EXPORT iree_status_t iree_hal_command_buffer_fill_buffer(
    iree_hal_command_buffer_t* command_buffer, iree_hal_buffer_t* target_buffer,
    iree_device_size_t target_offset, iree_device_size_t length, const void* pattern,
    iree_host_size_t pattern_length);
IREE_API_EXPORT iree_status_t iree_hal_command_buffer_update_buffer(
    iree_hal_command_buffer_t* command_buffer, const void* source_buffer,
    iree_host_size_t source_offset, iree_hal_buffer_t* target_buffer,
    iree_device_size_t target_offset, iree_device_size_t length);
IREE_API_EXPORT iree_status_t iree_hal_command_buffer_copy_buffer(
    iree_hal_command_buffer_t* command_buffer, iree_hal_buffer_t* source_buffer,
    iree_device_size_t source_offset, iree_hal_buffer_t* target_buffer,
    iree_device_size_t target_offset, iree_device_size_t length);

// Runs the dispatch |ordinal| of |executable| on whole buffers, with its 64-bit constants (copied), as
// docs/dispatch-abi.md says. The dispatch's own metadata give the grid. A binding that is written must
// not overlap any other, which isn't checked.
IREE_API_EXPORT iree_status_t tenon_hal_command_buffer_dispatch(
    iree_hal_command_buffer_t* command_buffer, iree_hal_executable_t* executable, uint32_t ordinal,
    iree_host_size_t binding_count, iree_hal_buffer_t* const* bindings,
    iree_host_size_t constant_count, const int64_t* constants);

// Destroys the command buffer, whatever its count. For the VM, whose references count by themselves.
IREE_API_EXPORT void iree_hal_command_buffer_destroy(iree_hal_command_buffer_t* command_buffer);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  // IREE_HAL_COMMAND_BUFFER_H_
