// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "iree/hal/semaphore.h"

#include <pthread.h>

#include "base/allocator_inline.h"
#include "hal/timepoint.h"
#include "iree/hal/device.h"
#include "task/ready.h"

struct iree_hal_semaphore_t {
  iree_atomic_ref_count_t ref_count;  // comes first, as the VM expects
  // Guards |points|, and every change of |value| and |failure|.
  pthread_mutex_t mutex;
  // Both are read without the mutex. Once there is a failure neither changes any more.
  uint64_t value;
  iree_status_t failure;
  // The ring of those who listen, by value, equal ones in the order in which they came; its |next| is the
  // first of them. A timepoint that is not in it has no |previous|.
  tenon_timepoint_t points;
  iree_allocator_t host_allocator;
};

// ---- The object -------------------------------------------------------------------------------

iree_status_t iree_hal_semaphore_create(iree_hal_device_t* device, uint64_t initial_value,
                                        iree_hal_semaphore_t** out_semaphore) {
  const iree_hal_device_vtable_t* vtable = ((iree_hal_resource_t*)device)->vtable;
  return vtable->create_semaphore(device, initial_value, out_semaphore);
}

iree_status_t tenon_hal_semaphore_create(uint64_t initial_value, iree_allocator_t host_allocator,
                                         iree_hal_semaphore_t** out_semaphore) {
  *out_semaphore = NULL;
  iree_hal_semaphore_t* semaphore = NULL;
  IREE_RETURN_IF_ERROR(
      tenon_allocator_malloc_inline(host_allocator, sizeof(*semaphore), (void**)&semaphore));
  iree_atomic_ref_count_init(&semaphore->ref_count);
  pthread_mutex_init(&semaphore->mutex, NULL);
  semaphore->value = initial_value;
  semaphore->failure = iree_ok_status();
  semaphore->points.next = semaphore->points.previous = &semaphore->points;
  semaphore->host_allocator = host_allocator;
  *out_semaphore = semaphore;
  return iree_ok_status();
}

void iree_hal_semaphore_retain(iree_hal_semaphore_t* semaphore) {
  if (semaphore) iree_atomic_ref_count_inc(&semaphore->ref_count);
}

void iree_hal_semaphore_release(iree_hal_semaphore_t* semaphore) {
  if (semaphore && iree_atomic_ref_count_dec(&semaphore->ref_count) == 1)
    iree_hal_semaphore_destroy(semaphore);
}

iree_allocator_t tenon_hal_semaphore_host_allocator(const iree_hal_semaphore_t* semaphore) {
  return semaphore->host_allocator;
}

// ---- Those who listen ---------------------------------------------------------------------------

// Takes the timepoints up to |value| out of the ring, as a list that ends with NULL. With the mutex.
static tenon_timepoint_t* detach_points(iree_hal_semaphore_t* semaphore, uint64_t value) {
  tenon_timepoint_t* const ring = &semaphore->points;
  tenon_timepoint_t* const first = ring->next;
  tenon_timepoint_t* last = ring;
  tenon_timepoint_t* end = first;
  for (; end != ring && end->value <= value; end = end->next) {
    end->previous = NULL;
    last = end;
  }
  if (last == ring) return NULL;
  last->next = NULL;
  ring->next = end;
  end->previous = ring;
  return first;
}

// Calls the functions of detached timepoints, and then runs what became ready by it: not before, since that may wait
// for one of them. Without the mutex; the semaphore may be gone by now.
static void notify(tenon_timepoint_t* points, iree_status_t failure) {
  const bool was_held = tenon_ready_hold();
  while (points) {
    tenon_timepoint_t* const point = points;
    points = point->next;
    point->fn(point, failure);
  }
  tenon_ready_unhold(was_held);
}

bool tenon_hal_semaphore_is_reached(const iree_hal_semaphore_t* semaphore, uint64_t value) {
  return iree_atomic_load(&semaphore->value, iree_memory_order_acquire) >= value;
}

bool tenon_hal_semaphore_poll(const iree_hal_semaphore_t* semaphore, uint64_t value,
                              iree_status_t* out_failure) {
  *out_failure = iree_ok_status();
  if (tenon_hal_semaphore_is_reached(semaphore, value)) return true;
  const iree_status_t failure = iree_atomic_load(&semaphore->failure, iree_memory_order_acquire);
  if (iree_status_is_ok(failure)) return false;
  // It may have been reached between the two, before it failed.
  if (!tenon_hal_semaphore_is_reached(semaphore, value)) *out_failure = iree_status_clone(failure);
  return true;
}

bool tenon_hal_semaphore_listen(iree_hal_semaphore_t* semaphore, uint64_t value,
                                tenon_timepoint_fn_t fn, tenon_timepoint_t* timepoint,
                                iree_status_t* out_failure) {
  timepoint->previous = NULL;
  timepoint->value = value;
  timepoint->fn = fn;
  pthread_mutex_lock(&semaphore->mutex);
  const bool is_over = tenon_hal_semaphore_poll(semaphore, value, out_failure);
  if (!is_over) {
    tenon_timepoint_t* previous = semaphore->points.previous;
    while (previous != &semaphore->points && previous->value > value) previous = previous->previous;
    timepoint->previous = previous;
    timepoint->next = previous->next;
    timepoint->next->previous = timepoint;
    previous->next = timepoint;
  }
  pthread_mutex_unlock(&semaphore->mutex);
  return !is_over;
}

bool tenon_hal_semaphore_cancel(iree_hal_semaphore_t* semaphore, tenon_timepoint_t* timepoint) {
  pthread_mutex_lock(&semaphore->mutex);
  const bool is_listening = timepoint->previous != NULL;
  if (is_listening) {
    timepoint->previous->next = timepoint->next;
    timepoint->next->previous = timepoint->previous;
    timepoint->previous = NULL;
  }
  pthread_mutex_unlock(&semaphore->mutex);
  return is_listening;
}

// ---- The timeline -------------------------------------------------------------------------------

iree_status_t tenon_hal_semaphore_make_aborted(iree_status_t failure) {
  const iree_allocator_t allocator = iree_allocator_system();
  char* text = NULL;
  iree_status_to_string(failure, &allocator, &text, NULL);
  iree_status_free(failure);
  if (!text) return iree_status_from_code(IREE_STATUS_ABORTED);
  const iree_status_t status =
      iree_make_status(IREE_STATUS_ABORTED, "what this depends on has failed: %s", text);
  iree_allocator_free(allocator, text);
  return status;
}

iree_status_t iree_hal_semaphore_query(iree_hal_semaphore_t* semaphore, uint64_t* out_value) {
  const iree_status_t failure = iree_atomic_load(&semaphore->failure, iree_memory_order_acquire);
  *out_value = iree_atomic_load(&semaphore->value, iree_memory_order_acquire);
  return iree_status_clone(failure);
}

iree_status_t iree_hal_semaphore_signal(iree_hal_semaphore_t* semaphore, uint64_t new_value) {
  tenon_timepoint_t* points = NULL;
  pthread_mutex_lock(&semaphore->mutex);
  const iree_status_t failure = iree_status_clone(semaphore->failure);
  const uint64_t value = semaphore->value;
  const bool is_valid = new_value > value && new_value <= IREE_HAL_SEMAPHORE_MAX_VALUE;
  if (iree_status_is_ok(failure) && is_valid) {
    iree_atomic_store(&semaphore->value, new_value, iree_memory_order_release);
    points = detach_points(semaphore, new_value);
  }
  pthread_mutex_unlock(&semaphore->mutex);
  // From here on the semaphore may be gone: whoever waited for this may hold the last reference.
  if (!iree_status_is_ok(failure)) return tenon_hal_semaphore_make_aborted(failure);
  if (!is_valid) {
    return iree_make_status(IREE_STATUS_OUT_OF_RANGE,
                            "a semaphore at %" PRIu64 " can't be signaled to %" PRIu64
                            ": values must grow, and end at %" PRIu64,
                            value, new_value, IREE_HAL_SEMAPHORE_MAX_VALUE);
  }
  notify(points, iree_ok_status());
  return iree_ok_status();
}

void iree_hal_semaphore_fail(iree_hal_semaphore_t* semaphore, iree_status_t status) {
  if (iree_status_is_ok(status) || iree_status_is_deferred(status)) {
    status = iree_make_status(IREE_STATUS_INTERNAL, "a semaphore was failed with %s",
                              iree_status_code_string(iree_status_consume_code(status)));
  }
  // The semaphore's own may be gone with it while the functions are called.
  const iree_status_t copy = iree_status_clone(status);
  tenon_timepoint_t* points = NULL;
  pthread_mutex_lock(&semaphore->mutex);
  if (iree_status_is_ok(semaphore->failure)) {
    iree_atomic_store(&semaphore->failure, status, iree_memory_order_release);
    status = iree_ok_status();
    points = detach_points(semaphore, UINT64_MAX);
  }
  pthread_mutex_unlock(&semaphore->mutex);
  iree_status_free(status);
  notify(points, copy);
  iree_status_free(copy);
}

void iree_hal_semaphore_destroy(iree_hal_semaphore_t* semaphore) {
  // Whoever signaled it last may be just about to let go of the mutex.
  pthread_mutex_lock(&semaphore->mutex);
  const uint64_t value = semaphore->value;
  tenon_timepoint_t* point = detach_points(semaphore, UINT64_MAX);
  pthread_mutex_unlock(&semaphore->mutex);
  pthread_mutex_destroy(&semaphore->mutex);
  iree_status_free(semaphore->failure);
  tenon_allocator_free_inline(semaphore->host_allocator, semaphore);

  const bool was_held = tenon_ready_hold();
  while (point) {
    tenon_timepoint_t* const next = point->next;
    const iree_status_t failure = iree_make_status(
        IREE_STATUS_CANCELLED,
        "value %" PRIu64 " of a semaphore will never be reached: the semaphore is gone, at %" PRIu64
        "; whoever is to signal it, or a fence of it, must do so before letting go",
        point->value, value);
    point->fn(point, failure);
    iree_status_free(failure);
    point = next;
  }
  tenon_ready_unhold(was_held);
}

// ---- Several ------------------------------------------------------------------------------------

iree_status_t iree_hal_semaphore_list_signal(iree_hal_semaphore_list_t semaphore_list) {
  iree_status_t status = iree_ok_status();
  for (iree_host_size_t i = 0; i < semaphore_list.count; ++i) {
    status = iree_status_join(status, iree_hal_semaphore_signal(semaphore_list.semaphores[i],
                                                                semaphore_list.payload_values[i]));
  }
  return status;
}

void iree_hal_semaphore_list_fail(iree_hal_semaphore_list_t semaphore_list,
                                  iree_status_t signal_status) {
  for (iree_host_size_t i = 0; i < semaphore_list.count; ++i)
    iree_hal_semaphore_fail(semaphore_list.semaphores[i], iree_status_clone(signal_status));
  iree_status_free(signal_status);
}
