// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Delays as wait sources. One thread of the process serves those that are listened to; it ends with the last of them.
#include <pthread.h>

#include "iree/base/allocator.h"
#include "iree/base/wait_source.h"

typedef struct tenon_delay_t {
  struct tenon_delay_t* next;
  iree_time_t deadline_ns;
  tenon_wait_listener_t listener;
} tenon_delay_t;

static pthread_mutex_t tenon_delay_mutex = PTHREAD_MUTEX_INITIALIZER;
// The first delay has changed. On the wall clock, as the deadlines are.
static pthread_cond_t tenon_delay_changed = PTHREAD_COND_INITIALIZER;
// In the order of their deadlines.
static tenon_delay_t* tenon_delays;
static bool tenon_delay_has_thread;

// Waits for the first delay or a change, at most.
static void tenon_delay_sleep(void) {
  const iree_time_t deadline_ns = tenon_delays->deadline_ns;
  struct timespec wake;
  wake.tv_sec = (time_t)(deadline_ns / 1000000000);
  wake.tv_nsec = (long)(deadline_ns % 1000000000);
  if (deadline_ns == IREE_TIME_INFINITE_FUTURE) {
    pthread_cond_wait(&tenon_delay_changed, &tenon_delay_mutex);
  } else {
    pthread_cond_timedwait(&tenon_delay_changed, &tenon_delay_mutex, &wake);
  }
}

static void* tenon_delay_serve(void* unused) {
  pthread_mutex_lock(&tenon_delay_mutex);
  while (tenon_delays) {
    tenon_delay_t* delay = tenon_delays;
    if (delay->deadline_ns > iree_time_now()) {
      tenon_delay_sleep();
      continue;
    }
    tenon_delays = delay->next;
    pthread_mutex_unlock(&tenon_delay_mutex);
    delay->listener.fn(delay->listener.user_data, iree_ok_status());
    iree_allocator_free(iree_allocator_system(), delay);
    pthread_mutex_lock(&tenon_delay_mutex);
  }
  tenon_delay_has_thread = false;
  pthread_mutex_unlock(&tenon_delay_mutex);
  return NULL;
}

// Called with the mutex.
static iree_status_t tenon_delay_start_thread(void) {
  if (tenon_delay_has_thread) return iree_ok_status();
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_t thread;
  const int error = pthread_create(&thread, &attributes, tenon_delay_serve, NULL);
  pthread_attr_destroy(&attributes);
  tenon_delay_has_thread = error == 0;
  if (!error) return iree_ok_status();
  return iree_make_status(IREE_STATUS_RESOURCE_EXHAUSTED,
                          "no thread could be started to wait for a delay");
}

static iree_status_t tenon_delay_listen(iree_time_t deadline_ns, tenon_wait_listener_t listener) {
  if (deadline_ns <= iree_time_now()) return iree_ok_status();
  tenon_delay_t* delay = NULL;
  // A delay refers to nothing, so it has no allocator either.
  IREE_RETURN_IF_ERROR(
      iree_allocator_malloc(iree_allocator_system(), sizeof(*delay), (void**)&delay));
  delay->deadline_ns = deadline_ns;
  delay->listener = listener;
  pthread_mutex_lock(&tenon_delay_mutex);
  iree_status_t status = tenon_delay_start_thread();
  if (iree_status_is_ok(status)) {
    tenon_delay_t** place = &tenon_delays;
    while (*place && (*place)->deadline_ns <= deadline_ns) place = &(*place)->next;
    delay->next = *place;
    *place = delay;
    status = iree_status_from_code(IREE_STATUS_DEFERRED);
    if (tenon_delays == delay) pthread_cond_signal(&tenon_delay_changed);
  } else {
    iree_allocator_free(iree_allocator_system(), delay);
  }
  pthread_mutex_unlock(&tenon_delay_mutex);
  return status;
}

static iree_status_t tenon_delay_wait(iree_time_t deadline_ns, iree_timeout_t timeout) {
  const iree_time_t end_ns = iree_timeout_as_deadline_ns(timeout);
  if (!iree_wait_until(deadline_ns < end_ns ? deadline_ns : end_ns)) {
    return iree_make_status(IREE_STATUS_INTERNAL, "the system can't sleep");
  }
  return deadline_ns <= end_ns || deadline_ns <= iree_time_now()
             ? iree_ok_status()
             : iree_status_from_code(IREE_STATUS_DEADLINE_EXCEEDED);
}

iree_status_t iree_wait_source_delay_ctl(iree_wait_source_t wait_source,
                                         iree_wait_source_command_t command, const void* params,
                                         void** inout_ptr) {
  const iree_time_t deadline_ns = (iree_time_t)wait_source.data;
  switch ((uint32_t)command) {
    case IREE_WAIT_SOURCE_COMMAND_QUERY:
      *(iree_status_code_t*)inout_ptr =
          deadline_ns <= iree_time_now() ? IREE_STATUS_OK : IREE_STATUS_DEFERRED;
      return iree_ok_status();
    case IREE_WAIT_SOURCE_COMMAND_WAIT_ONE:
      return tenon_delay_wait(deadline_ns,
                              ((const iree_wait_source_wait_params_t*)params)->timeout);
    case TENON_WAIT_SOURCE_COMMAND_LISTEN:
      return tenon_delay_listen(deadline_ns, *(const tenon_wait_listener_t*)params);
    default:
      return iree_make_status(IREE_STATUS_UNIMPLEMENTED, "wait sources have no command %u",
                              (unsigned)command);
  }
}
