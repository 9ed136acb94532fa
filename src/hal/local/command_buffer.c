// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hal/local/command_buffer.h"

#include "hal/command_buffer_impl.h"

// Commands are placed one behind the other in chunks.
typedef struct tenon_recording_chunk_t {
  struct tenon_recording_chunk_t* next;
  iree_host_size_t used;  // of what follows this struct
  iree_host_size_t capacity;
} tenon_recording_chunk_t;

#define TENON_RECORDING_CHUNK_SIZE (4096 - sizeof(tenon_recording_chunk_t))

typedef struct tenon_hal_local_command_buffer_t {
  iree_hal_command_buffer_t base;
  iree_allocator_t host_allocator;
  iree_atomic_int32_t is_submitted;
  tenon_recording_chunk_t* chunks;  // the last one first
  const tenon_command_t** commands;
  iree_host_size_t count;
  iree_host_size_t capacity;
} tenon_hal_local_command_buffer_t;

static const tenon_hal_command_buffer_vtable_t tenon_hal_local_command_buffer_vtable;

iree_status_t tenon_hal_local_command_buffer_create(
    iree_hal_command_buffer_mode_t mode, iree_hal_command_category_t command_categories,
    iree_allocator_t host_allocator, iree_hal_command_buffer_t** out_command_buffer) {
  *out_command_buffer = NULL;
  tenon_hal_local_command_buffer_t* command_buffer = NULL;
  IREE_RETURN_IF_ERROR(
      iree_allocator_malloc(host_allocator, sizeof(*command_buffer), (void**)&command_buffer));
  iree_hal_resource_initialize(&tenon_hal_local_command_buffer_vtable,
                               &command_buffer->base.resource);
  command_buffer->base.mode = mode;
  command_buffer->base.categories = command_categories;
  command_buffer->host_allocator = host_allocator;
  *out_command_buffer = &command_buffer->base;
  return iree_ok_status();
}

static void tenon_hal_local_command_buffer_destroy(iree_hal_command_buffer_t* base) {
  tenon_hal_local_command_buffer_t* command_buffer = (tenon_hal_local_command_buffer_t*)base;
  iree_allocator_t host_allocator = command_buffer->host_allocator;
  for (iree_host_size_t i = 0; i < command_buffer->count; ++i) {
    if (command_buffer->commands[i]) tenon_command_release(command_buffer->commands[i]);
  }
  tenon_recording_chunk_t* next = NULL;
  for (tenon_recording_chunk_t* chunk = command_buffer->chunks; chunk; chunk = next) {
    next = chunk->next;
    iree_allocator_free(host_allocator, chunk);
  }
  iree_allocator_free(host_allocator, command_buffer->commands);
  iree_allocator_free(host_allocator, command_buffer);
}

//===--- Recording ----------------------------------------------------------------------------===//

// Makes room for |size| bytes, a multiple of 8.
static iree_status_t tenon_recording_reserve(tenon_hal_local_command_buffer_t* command_buffer,
                                             iree_host_size_t size) {
  const tenon_recording_chunk_t* last = command_buffer->chunks;
  if (last && last->capacity - last->used >= size) return iree_ok_status();
  const iree_host_size_t capacity =
      size > TENON_RECORDING_CHUNK_SIZE ? size : TENON_RECORDING_CHUNK_SIZE;
  iree_host_size_t total = 0;
  if (!iree_host_size_checked_add(sizeof(*last), capacity, &total))
    return iree_make_status(IREE_STATUS_RESOURCE_EXHAUSTED, "the command is too large");
  tenon_recording_chunk_t* chunk = NULL;
  IREE_RETURN_IF_ERROR(
      iree_allocator_malloc_uninitialized(command_buffer->host_allocator, total, (void**)&chunk));
  *chunk = (tenon_recording_chunk_t){.next = command_buffer->chunks, .capacity = capacity};
  command_buffer->chunks = chunk;
  return iree_ok_status();
}

// Makes room for one more command in the list.
static iree_status_t tenon_recording_reserve_entry(
    tenon_hal_local_command_buffer_t* command_buffer) {
  if (command_buffer->count < command_buffer->capacity) return iree_ok_status();
  const iree_host_size_t capacity = command_buffer->capacity ? command_buffer->capacity * 2 : 16;
  IREE_RETURN_IF_ERROR(iree_allocator_realloc(command_buffer->host_allocator,
                                              capacity * sizeof(*command_buffer->commands),
                                              (void**)&command_buffer->commands));
  command_buffer->capacity = capacity;
  return iree_ok_status();
}

static iree_status_t tenon_recording_append(iree_hal_command_buffer_t* base,
                                            const tenon_command_t* command) {
  tenon_hal_local_command_buffer_t* command_buffer = (tenon_hal_local_command_buffer_t*)base;
  iree_host_size_t size = 0;
  if (!tenon_command_clone_size(command, &size))
    return iree_make_status(IREE_STATUS_RESOURCE_EXHAUSTED, "the command is too large");
  IREE_RETURN_IF_ERROR(tenon_recording_reserve_entry(command_buffer));
  IREE_RETURN_IF_ERROR(tenon_recording_reserve(command_buffer, size));
  tenon_recording_chunk_t* chunk = command_buffer->chunks;
  command_buffer->commands[command_buffer->count++] =
      tenon_command_clone(command, (uint8_t*)(chunk + 1) + chunk->used);
  chunk->used += size;
  return iree_ok_status();
}

static iree_status_t tenon_hal_local_command_buffer_barrier(iree_hal_command_buffer_t* base) {
  tenon_hal_local_command_buffer_t* command_buffer = (tenon_hal_local_command_buffer_t*)base;
  IREE_RETURN_IF_ERROR(tenon_recording_reserve_entry(command_buffer));
  command_buffer->commands[command_buffer->count++] = NULL;
  return iree_ok_status();
}

static iree_status_t tenon_hal_local_command_buffer_fill(
    iree_hal_command_buffer_t* base, iree_hal_buffer_t* target, iree_device_size_t target_offset,
    iree_device_size_t length, const void* pattern, iree_host_size_t pattern_length) {
  tenon_command_t command;
  IREE_RETURN_IF_ERROR(tenon_command_prepare_fill(&target, target_offset, length, pattern,
                                                  pattern_length, &command));
  return tenon_recording_append(base, &command);
}

static iree_status_t tenon_hal_local_command_buffer_update(iree_hal_command_buffer_t* base,
                                                           const void* source,
                                                           iree_hal_buffer_t* target,
                                                           iree_device_size_t target_offset,
                                                           iree_device_size_t length) {
  tenon_command_t command;
  IREE_RETURN_IF_ERROR(
      tenon_command_prepare_update(&target, source, target_offset, length, &command));
  return tenon_recording_append(base, &command);
}

static iree_status_t tenon_hal_local_command_buffer_copy(
    iree_hal_command_buffer_t* base, iree_hal_buffer_t* source, iree_device_size_t source_offset,
    iree_hal_buffer_t* target, iree_device_size_t target_offset, iree_device_size_t length) {
  iree_hal_buffer_t* const buffers[2] = {source, target};
  tenon_command_t command;
  IREE_RETURN_IF_ERROR(
      tenon_command_prepare_copy(buffers, source_offset, target_offset, length, &command));
  return tenon_recording_append(base, &command);
}

static iree_status_t tenon_hal_local_command_buffer_dispatch(
    iree_hal_command_buffer_t* base, iree_hal_executable_t* executable, uint32_t ordinal,
    iree_host_size_t binding_count, iree_hal_buffer_t* const* bindings,
    iree_host_size_t constant_count, const int64_t* constants) {
  const tenon_hal_dispatch_t dispatch = {
      .executable = executable,
      .ordinal = ordinal,
      .binding_count = binding_count,
      .bindings = bindings,
      .constant_count = constant_count,
      .constants = constants,
  };
  void* pointers[TENON_DISPATCH_MAX_BINDINGS];
  tenon_command_t command;
  IREE_RETURN_IF_ERROR(tenon_command_prepare_dispatch(&dispatch, pointers, &command));
  return tenon_recording_append(base, &command);
}

static const tenon_hal_command_buffer_vtable_t tenon_hal_local_command_buffer_vtable = {
    .destroy = tenon_hal_local_command_buffer_destroy,
    .execution_barrier = tenon_hal_local_command_buffer_barrier,
    .fill = tenon_hal_local_command_buffer_fill,
    .update = tenon_hal_local_command_buffer_update,
    .copy = tenon_hal_local_command_buffer_copy,
    .dispatch = tenon_hal_local_command_buffer_dispatch,
};

//===--- Submitting ---------------------------------------------------------------------------===//

tenon_command_span_t tenon_hal_local_command_buffer_span(const iree_hal_command_buffer_t* base) {
  const tenon_hal_local_command_buffer_t* command_buffer =
      (const tenon_hal_local_command_buffer_t*)base;
  return (tenon_command_span_t){command_buffer->commands, command_buffer->count};
}

iree_status_t tenon_hal_local_command_buffer_check(iree_hal_command_buffer_t* command_buffer) {
  if (!iree_hal_resource_is(command_buffer, &tenon_hal_local_command_buffer_vtable)) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "a command buffer is another implementation's; it must be a local "
                            "device's");
  }
  if (IREE_LIKELY(command_buffer->state == TENON_HAL_RECORDING_ENDED)) return iree_ok_status();
  return iree_make_status(IREE_STATUS_FAILED_PRECONDITION,
                          "a command buffer must be ended before it is submitted");
}

// Whether the command buffer may be submitted now.
static bool tenon_hal_local_command_buffer_claim(iree_hal_command_buffer_t* base) {
  if (!(base->mode & IREE_HAL_COMMAND_BUFFER_MODE_ONE_SHOT)) return true;
  return !iree_atomic_exchange(&((tenon_hal_local_command_buffer_t*)base)->is_submitted, 1,
                               iree_memory_order_relaxed);
}

iree_status_t tenon_hal_local_command_buffers_claim(
    iree_host_size_t count, iree_hal_command_buffer_t* const* command_buffers) {
  for (iree_host_size_t i = 0; i < count; ++i) {
    if (IREE_LIKELY(tenon_hal_local_command_buffer_claim(command_buffers[i]))) continue;
    while (i > 0) {
      iree_atomic_store(&((tenon_hal_local_command_buffer_t*)command_buffers[--i])->is_submitted, 0,
                        iree_memory_order_relaxed);
    }
    return iree_make_status(
        IREE_STATUS_FAILED_PRECONDITION,
        "a one-shot command buffer was submitted before; create it without ONE_SHOT to reuse it");
  }
  return iree_ok_status();
}
