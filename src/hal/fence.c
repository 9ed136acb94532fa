// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "iree/hal/fence.h"

#include "base/allocator_inline.h"
#include "hal/timepoint.h"

static iree_hal_semaphore_t** semaphores_of(const iree_hal_fence_t* fence) {
  return (iree_hal_semaphore_t**)(fence + 1);
}

static uint64_t* values_of(const iree_hal_fence_t* fence) {
  return (uint64_t*)(semaphores_of(fence) + fence->capacity);
}

// ---- The object -------------------------------------------------------------------------------

iree_status_t iree_hal_fence_create(iree_host_size_t capacity, iree_allocator_t host_allocator,
                                    iree_hal_fence_t** out_fence) {
  *out_fence = NULL;
  if (capacity > UINT16_MAX) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "a fence can't have room for %" PRIhsz " points: at most 65535",
                            capacity);
  }
  iree_hal_fence_t* fence = NULL;
  IREE_RETURN_IF_ERROR(tenon_allocator_malloc_inline(
      host_allocator,
      sizeof(*fence) + capacity * (sizeof(iree_hal_semaphore_t*) + sizeof(uint64_t)),
      (void**)&fence));
  iree_atomic_ref_count_init(&fence->ref_count);
  fence->host_allocator = host_allocator;
  fence->capacity = (uint16_t)capacity;
  fence->count = 0;
  *out_fence = fence;
  return iree_ok_status();
}

iree_status_t iree_hal_fence_create_at(iree_hal_semaphore_t* semaphore, uint64_t value,
                                       iree_allocator_t host_allocator,
                                       iree_hal_fence_t** out_fence) {
  IREE_RETURN_IF_ERROR(iree_hal_fence_create(1, host_allocator, out_fence));
  iree_status_t status = iree_hal_fence_insert(*out_fence, semaphore, value);
  if (!iree_status_is_ok(status)) {
    iree_hal_fence_release(*out_fence);
    *out_fence = NULL;
  }
  return status;
}

iree_status_t tenon_hal_fence_create_pending(iree_allocator_t host_allocator,
                                             iree_hal_fence_t** out_fence) {
  *out_fence = NULL;
  iree_hal_semaphore_t* semaphore = NULL;
  IREE_RETURN_IF_ERROR(tenon_hal_semaphore_create(0, host_allocator, &semaphore));
  iree_status_t status = iree_hal_fence_create_at(semaphore, 1, host_allocator, out_fence);
  iree_hal_semaphore_release(semaphore);
  return status;
}

iree_status_t iree_hal_fence_join(iree_host_size_t fence_count, iree_hal_fence_t** fences,
                                  iree_allocator_t host_allocator, iree_hal_fence_t** out_fence) {
  *out_fence = NULL;
  iree_host_size_t capacity = 0;
  for (iree_host_size_t i = 0; i < fence_count; ++i)
    capacity += iree_hal_fence_timepoint_count(fences[i]);
  if (capacity == 0) return iree_ok_status();
  // The sum is more than is needed where semaphores repeat.
  if (capacity > UINT16_MAX) capacity = UINT16_MAX;
  iree_hal_fence_t* fence = NULL;
  IREE_RETURN_IF_ERROR(iree_hal_fence_create(capacity, host_allocator, &fence));
  for (iree_host_size_t i = 0; i < fence_count; ++i)
    IREE_RETURN_AND_EVAL_IF_ERROR(iree_hal_fence_release(fence),
                                  iree_hal_fence_extend(fence, fences[i]));
  *out_fence = fence;
  return iree_ok_status();
}

void iree_hal_fence_retain(iree_hal_fence_t* fence) {
  if (fence) iree_atomic_ref_count_inc(&fence->ref_count);
}

void iree_hal_fence_release(iree_hal_fence_t* fence) {
  if (fence && iree_atomic_ref_count_dec(&fence->ref_count) == 1) iree_hal_fence_destroy(fence);
}

void iree_hal_fence_destroy(iree_hal_fence_t* fence) {
  for (iree_host_size_t i = 0; i < fence->count; ++i)
    iree_hal_semaphore_release(semaphores_of(fence)[i]);
  tenon_allocator_free_inline(fence->host_allocator, fence);
}

// ---- Points -------------------------------------------------------------------------------------

iree_hal_semaphore_list_t iree_hal_fence_semaphore_list(iree_hal_fence_t* fence) {
  if (!fence) return iree_hal_semaphore_list_empty();
  const iree_hal_semaphore_list_t list = {fence->count, semaphores_of(fence), values_of(fence)};
  return list;
}

iree_host_size_t iree_hal_fence_timepoint_count(const iree_hal_fence_t* fence) {
  return fence ? fence->count : 0;
}

iree_status_t iree_hal_fence_insert(iree_hal_fence_t* fence, iree_hal_semaphore_t* semaphore,
                                    uint64_t value) {
  if (!fence || !semaphore)
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "%s",
                            fence ? "no semaphore" : "no fence");
  const iree_hal_semaphore_list_t list = iree_hal_fence_semaphore_list(fence);
  iree_host_size_t i = 0;
  while (i < list.count && list.semaphores[i] != semaphore) ++i;
  if (i < list.count) {
    if (list.payload_values[i] < value) list.payload_values[i] = value;
    return iree_ok_status();
  }
  if (i == fence->capacity) {
    return iree_make_status(IREE_STATUS_RESOURCE_EXHAUSTED,
                            "the fence is full: it was created with room for %u semaphores",
                            (unsigned)fence->capacity);
  }
  iree_hal_semaphore_retain(semaphore);
  list.semaphores[i] = semaphore;
  list.payload_values[i] = value;
  ++fence->count;
  return iree_ok_status();
}

iree_status_t iree_hal_fence_extend(iree_hal_fence_t* into_fence, iree_hal_fence_t* from_fence) {
  const iree_hal_semaphore_list_t list = iree_hal_fence_semaphore_list(from_fence);
  for (iree_host_size_t i = 0; i < list.count; ++i)
    IREE_RETURN_IF_ERROR(
        iree_hal_fence_insert(into_fence, list.semaphores[i], list.payload_values[i]));
  return iree_ok_status();
}

// ---- State --------------------------------------------------------------------------------------

bool tenon_hal_fence_is_reached(iree_hal_fence_t* fence) {
  const iree_hal_semaphore_list_t list = iree_hal_fence_semaphore_list(fence);
  iree_host_size_t i = 0;
  while (i < list.count &&
         tenon_hal_semaphore_is_reached(list.semaphores[i], list.payload_values[i]))
    ++i;
  return i == list.count;
}

iree_status_t iree_hal_fence_query(iree_hal_fence_t* fence) {
  iree_status_t failure = iree_ok_status();
  return tenon_hal_semaphore_list_poll(iree_hal_fence_semaphore_list(fence), IREE_HAL_WAIT_MODE_ALL,
                                       &failure)
             ? failure
             : iree_status_from_code(IREE_STATUS_DEFERRED);
}

iree_status_t iree_hal_fence_signal(iree_hal_fence_t* fence) {
  return iree_hal_semaphore_list_signal(iree_hal_fence_semaphore_list(fence));
}

void iree_hal_fence_fail(iree_hal_fence_t* fence, iree_status_t signal_status) {
  iree_hal_semaphore_list_fail(iree_hal_fence_semaphore_list(fence), signal_status);
}

iree_status_t iree_hal_fence_wait(iree_hal_fence_t* fence, iree_timeout_t timeout) {
  return iree_hal_semaphore_list_wait(iree_hal_fence_semaphore_list(fence), timeout);
}
