// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hal/local/command.h"

#include <string.h>

#include "hal/buffer_heap.h"
#include "hal/local/executable_loader.h"

// What a transfer is cut into. A multiple of every pattern's length.
#define TENON_TRANSFER_BLOCK_SIZE (64 * 1024)

//===--- Preparing ----------------------------------------------------------------------------===//

iree_status_t tenon_command_prepare_dispatch(const tenon_hal_dispatch_t* dispatch, void** pointers,
                                             tenon_command_t* out_command) {
  *out_command = (tenon_command_t){
      .buffers = dispatch->bindings,
      .buffer_count = dispatch->binding_count,
      .executable = dispatch->executable,
      .pointers = pointers,
      .constants = dispatch->constants,
  };
  IREE_RETURN_IF_ERROR(tenon_hal_local_executable_prepare(
      dispatch->executable, dispatch->ordinal, dispatch->binding_count, dispatch->bindings,
      dispatch->constant_count, dispatch->constants, pointers, &out_command->info,
      &out_command->count));
  for (iree_host_size_t i = 0; i < dispatch->binding_count; ++i)
    out_command->size += dispatch->bindings[i]->byte_length;
  return iree_ok_status();
}

static iree_status_t tenon_command_memory(const iree_hal_buffer_t* buffer,
                                          iree_device_size_t offset, uint8_t** out_data) {
  if (!tenon_hal_buffer_is_heap(buffer)) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "the buffer is one that this device did not make; import its memory");
  }
  *out_data = tenon_hal_heap_buffer_data(buffer) + offset;
  return iree_ok_status();
}

static iree_status_t tenon_command_prepare_transfer(iree_hal_buffer_t* const* buffers,
                                                    iree_host_size_t buffer_count,
                                                    iree_device_size_t target_offset,
                                                    iree_device_size_t length,
                                                    tenon_command_t* out_command) {
  *out_command = (tenon_command_t){
      .count =
          (int64_t)(length / TENON_TRANSFER_BLOCK_SIZE + (length % TENON_TRANSFER_BLOCK_SIZE != 0)),
      .size = length,
      .buffers = buffers,
      .buffer_count = buffer_count,
      .length = length,
  };
  return tenon_command_memory(buffers[buffer_count - 1], target_offset, &out_command->target);
}

iree_status_t tenon_command_prepare_fill(iree_hal_buffer_t* const* buffers,
                                         iree_device_size_t target_offset,
                                         iree_device_size_t length, const void* pattern,
                                         iree_host_size_t pattern_length,
                                         tenon_command_t* out_command) {
  IREE_RETURN_IF_ERROR(
      tenon_command_prepare_transfer(buffers, 1, target_offset, length, out_command));
  out_command->pattern_length = (uint8_t)pattern_length;
  memcpy(out_command->pattern, pattern, pattern_length);
  return iree_ok_status();
}

iree_status_t tenon_command_prepare_update(iree_hal_buffer_t* const* buffers, const void* source,
                                           iree_device_size_t target_offset,
                                           iree_device_size_t length,
                                           tenon_command_t* out_command) {
  IREE_RETURN_IF_ERROR(
      tenon_command_prepare_transfer(buffers, 1, target_offset, length, out_command));
  out_command->source = (const uint8_t*)source;
  out_command->is_update = true;
  return iree_ok_status();
}

iree_status_t tenon_command_prepare_copy(iree_hal_buffer_t* const* buffers,
                                         iree_device_size_t source_offset,
                                         iree_device_size_t target_offset,
                                         iree_device_size_t length, tenon_command_t* out_command) {
  IREE_RETURN_IF_ERROR(
      tenon_command_prepare_transfer(buffers, 2, target_offset, length, out_command));
  uint8_t* source = NULL;
  IREE_RETURN_IF_ERROR(tenon_command_memory(buffers[0], source_offset, &source));
  out_command->source = source;
  // Two buffers may be imported from overlapping memory: then only one move of all is right.
  const bool is_apart =
      source + length <= out_command->target || out_command->target + length <= source;
  if (!is_apart) out_command->count = 1;
  return iree_ok_status();
}

//===--- Running ------------------------------------------------------------------------------===//

static void tenon_command_run_transfer(const tenon_command_t* command, int64_t begin, int64_t end) {
  const iree_device_size_t first = (iree_device_size_t)begin * TENON_TRANSFER_BLOCK_SIZE;
  const iree_device_size_t last =
      end == command->count ? command->length : (iree_device_size_t)end * TENON_TRANSFER_BLOCK_SIZE;
  if (!command->source) {
    tenon_hal_fill_bytes(command->target + first, last - first, command->pattern,
                         command->pattern_length);
  } else {
    memmove(command->target + first, command->source + first, last - first);
  }
}

int tenon_command_run(const tenon_command_t* command, int64_t begin, int64_t end,
                      uint32_t worker_id) {
  if (!command->info) {
    tenon_command_run_transfer(command, begin, end);
    return 0;
  }
  const tenon_dispatch_state_t state = {
      .bindings = command->pointers, .constants = command->constants, .worker_id = worker_id};
  return command->info->function(&state, begin, end);
}

iree_status_t tenon_command_error(const tenon_command_t* command, int result) {
  return tenon_hal_dispatch_result_error(command->info, result);
}

iree_status_t tenon_command_run_inline(const tenon_command_t* command) {
  if (command->count == 0) return iree_ok_status();
  const int result = tenon_command_run(command, 0, command->count, 0);
  return IREE_LIKELY(result == 0) ? iree_ok_status() : tenon_command_error(command, result);
}

int64_t tenon_command_grain(int64_t count, iree_host_size_t worker_count) {
  const int64_t range_count = (int64_t)worker_count * 4;
  return count <= range_count ? 1 : (count - 1) / range_count + 1;
}

//===--- Keeping ------------------------------------------------------------------------------===//

bool tenon_command_clone_size(const tenon_command_t* command, iree_host_size_t* out_size) {
  iree_host_size_t size = sizeof(*command) + command->buffer_count * sizeof(void*);
  if (command->info)
    size += command->buffer_count * sizeof(void*) + command->info->constant_count * sizeof(int64_t);
  return iree_host_size_checked_add(size, command->is_update ? command->length : 0, &size) &&
         iree_host_size_checked_align(size, 8, out_size);
}

static void* tenon_command_append(uint8_t** inout_memory, const void* data, iree_host_size_t size) {
  uint8_t* copy = *inout_memory;
  if (size) memcpy(copy, data, size);
  *inout_memory += size;
  return copy;
}

tenon_command_t* tenon_command_clone(const tenon_command_t* command, void* memory) {
  tenon_command_t* clone = (tenon_command_t*)memory;
  *clone = *command;
  uint8_t* end = (uint8_t*)(clone + 1);
  const iree_host_size_t pointers_size = command->buffer_count * sizeof(void*);
  clone->buffers = tenon_command_append(&end, command->buffers, pointers_size);
  if (command->info) {
    clone->pointers = tenon_command_append(&end, command->pointers, pointers_size);
    clone->constants = tenon_command_append(&end, command->constants,
                                            command->info->constant_count * sizeof(int64_t));
  }
  if (command->is_update)
    clone->source = tenon_command_append(&end, command->source, command->length);
  for (iree_host_size_t i = 0; i < clone->buffer_count; ++i)
    iree_hal_buffer_retain(clone->buffers[i]);
  iree_hal_executable_retain(clone->executable);
  return clone;
}

void tenon_command_release(const tenon_command_t* clone) {
  for (iree_host_size_t i = 0; i < clone->buffer_count; ++i)
    iree_hal_buffer_release(clone->buffers[i]);
  iree_hal_executable_release(clone->executable);
}
