// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Waiting for semaphores without blocking a thread, and semaphores and fences as wait sources.

#include <pthread.h>

#include "hal/timepoint.h"

// ---- Listening to several points ----------------------------------------------------------------

typedef struct listening_t listening_t;

typedef struct listening_point_t {
  tenon_timepoint_t timepoint;
  listening_t* listening;
} listening_point_t;

// Stays until the last of its timepoints is over, also after the listener has been told: a semaphore
// whose timepoint is pending may be gone any moment, with the timepoint's function being called for it, so
// there is nobody who could cancel it.
struct listening_t {
  iree_allocator_t host_allocator;
  tenon_wait_listener_t listener;
  pthread_mutex_t mutex;
  // Timepoints that are not over, plus 1 during registration: the listener is told afterwards only, as it may
  // let go of the semaphores.
  iree_host_size_t pending_count;
  bool is_registered;
  bool is_told;
  iree_status_t failure;  // the first, until the listener is told
  listening_point_t points[];
};

// One of the points is over (or, with |is_registered|, the registration). True: the listener is to be told
// *out_status by the caller. |listening| may be gone afterwards.
static bool step(listening_t* listening, iree_status_t failure, bool is_registered,
                 iree_status_t* out_status) {
  *out_status = iree_ok_status();
  pthread_mutex_lock(&listening->mutex);
  --listening->pending_count;
  listening->is_registered |= is_registered;
  if (iree_status_is_ok(listening->failure) && !listening->is_told)
    listening->failure = iree_status_clone(failure);
  const bool is_last = listening->pending_count == 0;
  const bool tells = listening->is_registered && !listening->is_told &&
                     (is_last || !iree_status_is_ok(listening->failure));
  if (tells) {
    listening->is_told = true;
    *out_status = listening->failure;
    listening->failure = iree_ok_status();
  }
  pthread_mutex_unlock(&listening->mutex);
  if (is_last) {
    pthread_mutex_destroy(&listening->mutex);
    iree_allocator_free(listening->host_allocator, listening);
  }
  return tells;
}

static void point_is_over(tenon_timepoint_t* timepoint, iree_status_t failure) {
  listening_t* const listening = ((listening_point_t*)timepoint)->listening;
  const tenon_wait_listener_t listener = listening->listener;
  iree_status_t status;
  if (step(listening, failure, /*is_registered=*/false, &status))
    listener.fn(listener.user_data, status);
}

iree_status_t tenon_hal_semaphore_list_listen(iree_hal_semaphore_list_t semaphore_list,
                                              tenon_wait_listener_t listener,
                                              iree_allocator_t host_allocator) {
  iree_status_t status = iree_ok_status();
  if (tenon_hal_semaphore_list_poll(semaphore_list, IREE_HAL_WAIT_MODE_ALL, &status)) return status;
  iree_host_size_t size = 0;
  listening_t* listening = NULL;
  if (!iree_host_size_checked_mul(semaphore_list.count, sizeof(listening->points[0]), &size) ||
      !iree_host_size_checked_add(size, sizeof(*listening), &size)) {
    return iree_status_from_code(IREE_STATUS_RESOURCE_EXHAUSTED);
  }
  IREE_RETURN_IF_ERROR(iree_allocator_malloc(host_allocator, size, (void**)&listening));
  listening->host_allocator = host_allocator;
  listening->listener = listener;
  pthread_mutex_init(&listening->mutex, NULL);
  listening->pending_count = semaphore_list.count + 1;

  for (iree_host_size_t i = 0; i < semaphore_list.count; ++i) {
    listening_point_t* const point = &listening->points[i];
    point->listening = listening;
    iree_status_t failure = iree_ok_status();
    if (!tenon_hal_semaphore_listen(semaphore_list.semaphores[i], semaphore_list.payload_values[i],
                                    point_is_over, &point->timepoint, &failure)) {
      step(listening, failure, /*is_registered=*/false, &status);
      iree_status_free(failure);
    }
  }
  return step(listening, iree_ok_status(), /*is_registered=*/true, &status)
             ? status
             : iree_status_from_code(IREE_STATUS_DEFERRED);
}

// ---- Wait sources ---------------------------------------------------------------------------------

static iree_status_t list_ctl(iree_hal_semaphore_list_t list, iree_allocator_t host_allocator,
                              iree_wait_source_command_t command, const void* params,
                              void** inout_ptr) {
  iree_status_t failure = iree_ok_status();
  switch ((uint32_t)command) {
    case IREE_WAIT_SOURCE_COMMAND_QUERY:
      *(iree_status_code_t*)inout_ptr =
          tenon_hal_semaphore_list_poll(list, IREE_HAL_WAIT_MODE_ALL, &failure)
              ? iree_status_consume_code(failure)
              : IREE_STATUS_DEFERRED;
      return iree_ok_status();
    case IREE_WAIT_SOURCE_COMMAND_WAIT_ONE:
      return iree_hal_semaphore_list_wait(list,
                                          ((const iree_wait_source_wait_params_t*)params)->timeout);
    case TENON_WAIT_SOURCE_COMMAND_LISTEN:
      return tenon_hal_semaphore_list_listen(list, *(const tenon_wait_listener_t*)params,
                                             host_allocator);
    default:
      return iree_make_status(IREE_STATUS_UNIMPLEMENTED, "wait sources have no command %u",
                              (unsigned)command);
  }
}

static iree_status_t semaphore_ctl(iree_wait_source_t wait_source,
                                   iree_wait_source_command_t command, const void* params,
                                   void** inout_ptr) {
  iree_hal_semaphore_t* semaphore = wait_source.self;
  uint64_t value = wait_source.data;
  const iree_hal_semaphore_list_t list = {1, &semaphore, &value};
  return list_ctl(list, tenon_hal_semaphore_host_allocator(semaphore), command, params, inout_ptr);
}

iree_wait_source_t iree_hal_semaphore_await(iree_hal_semaphore_t* semaphore, uint64_t value) {
  const iree_wait_source_t source = {{{semaphore, value}}, semaphore_ctl};
  return source;
}

static iree_status_t fence_ctl(iree_wait_source_t wait_source, iree_wait_source_command_t command,
                               const void* params, void** inout_ptr) {
  iree_hal_fence_t* const fence = wait_source.self;
  return list_ctl(iree_hal_fence_semaphore_list(fence), fence->host_allocator, command, params,
                  inout_ptr);
}

iree_wait_source_t iree_hal_fence_await(iree_hal_fence_t* fence) {
  const iree_wait_source_t source = {{{fence, 0}}, fence ? fence_ctl : NULL};
  return source;
}
