// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A command: one dispatch or transfer, checked, with all memory found, so that it can run at any time, on any
// threads, in ranges. What queues and command buffers are made of.
//
// A command is first *prepared*: it borrows everything. It may be run like that. To be kept it is *cloned* into
// one block, which retains the buffers and the executable and copies the rest.

#ifndef TENON_HAL_LOCAL_COMMAND_H_
#define TENON_HAL_LOCAL_COMMAND_H_

#include "hal/local/executable_abi.h"
#include "hal/local/local_device.h"

typedef struct tenon_command_t {
  int64_t count;            // ranges are of [0, count): tiles or blocks of bytes; 0: nothing to do
  iree_device_size_t size;  // bytes that it may touch, about
  iree_hal_buffer_t* const* buffers;
  iree_host_size_t buffer_count;
  iree_hal_executable_t* executable;  // of a dispatch
  // Of a dispatch; NULL for a transfer.
  const tenon_dispatch_info_t* info;
  void* const* pointers;
  const int64_t* constants;
  // Of a transfer: where to, from where (NULL: a fill), how much.
  uint8_t* target;
  const uint8_t* source;
  iree_device_size_t length;
  bool is_update;  // |source| is host memory, which a clone copies
  uint8_t pattern_length;
  uint8_t pattern[8];
} tenon_command_t;

// Prepares a dispatch with all its checks. |pointers| has room for TENON_DISPATCH_MAX_BINDINGS.
iree_status_t tenon_command_prepare_dispatch(const tenon_hal_dispatch_t* dispatch, void** pointers,
                                             tenon_command_t* out_command);

// Prepare transfers whose arguments have been checked (hal/transfer_check.h), but for the kind of the buffers.
// |buffers| is {target}, for a copy {source, target}; borrowed like all else.
iree_status_t tenon_command_prepare_fill(iree_hal_buffer_t* const* buffers,
                                         iree_device_size_t target_offset,
                                         iree_device_size_t length, const void* pattern,
                                         iree_host_size_t pattern_length,
                                         tenon_command_t* out_command);
iree_status_t tenon_command_prepare_update(iree_hal_buffer_t* const* buffers, const void* source,
                                           iree_device_size_t target_offset,
                                           iree_device_size_t length, tenon_command_t* out_command);
iree_status_t tenon_command_prepare_copy(iree_hal_buffer_t* const* buffers,
                                         iree_device_size_t source_offset,
                                         iree_device_size_t target_offset,
                                         iree_device_size_t length, tenon_command_t* out_command);

// Works through [begin, end). The result is 0 or that of a dispatch's function.
int tenon_command_run(const tenon_command_t* command, int64_t begin, int64_t end,
                      uint32_t worker_id);

// The failure for a |result| that isn't 0.
iree_status_t tenon_command_error(const tenon_command_t* command, int result);

// Runs all of a command on this thread.
iree_status_t tenon_command_run_inline(const tenon_command_t* command);

// Numbers per range for |worker_count| workers: some four ranges each.
int64_t tenon_command_grain(int64_t count, iree_host_size_t worker_count);

// The bytes of a clone, a multiple of 8. False if there is no such number.
bool tenon_command_clone_size(const tenon_command_t* command, iree_host_size_t* out_size);

// Makes a clone in |memory|, which is aligned to 8 bytes. Ended by tenon_command_release().
tenon_command_t* tenon_command_clone(const tenon_command_t* command, void* memory);
void tenon_command_release(const tenon_command_t* clone);

#endif  // TENON_HAL_LOCAL_COMMAND_H_
