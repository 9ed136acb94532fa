// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs plans of randomized schedules: submitters, hosts and observers on threads of their own.
#include "random_schedule.h"

#include <sched.h>

#include "iree/base/internal/atomics.h"

typedef struct rs_run_t {
  const rs_plan_t* plan;
  iree_hal_device_t* devices[2];
  iree_hal_executable_t* kernels;
  iree_hal_buffer_t* buffers[RS_MAX_BUFFERS];
  iree_hal_semaphore_t* gates[RS_MAX_GATES];
  iree_hal_semaphore_t* timelines[RS_MAX_TIMELINES];
  iree_hal_semaphore_t* done[RS_MAX_OPS];
  iree_hal_command_buffer_t* commands[RS_MAX_OPS];
  // What a call that must succeed returned instead.
  iree_atomic_int32_t unexpected_count;
} rs_run_t;

static void rs_must(rs_run_t* run, const char* what, iree_status_t status) {
  if (iree_status_is_ok(status)) return;
  fprintf(stderr, "%s failed: ", what);
  iree_status_fprint(stderr, status);
  iree_status_free(status);
  iree_atomic_fetch_add(&run->unexpected_count, 1, iree_memory_order_relaxed);
}

// Points as lists: borrowed arrays.
typedef struct rs_list_t {
  iree_hal_semaphore_t* semaphores[RS_MAX_WAITS];
  uint64_t values[RS_MAX_WAITS];
} rs_list_t;

static iree_hal_semaphore_list_t rs_list(rs_run_t* run, int count, const rs_point_t* points,
                                         rs_list_t* storage) {
  for (int i = 0; i < count; ++i) {
    const int index = points[i].index;
    storage->semaphores[i] = points[i].source == RS_GATE       ? run->gates[index]
                             : points[i].source == RS_TIMELINE ? run->timelines[index]
                                                               : run->done[index];
    storage->values[i] = points[i].value;
  }
  return ct_list((iree_host_size_t)count, storage->semaphores, storage->values);
}

//===--- Submitting ---------------------------------------------------------------------------===//

static void rs_dispatch(rs_run_t* run, iree_hal_command_buffer_t* commands, const rs_command_t* c) {
  const int64_t constants[] = {(int64_t)(c->length / 4), (int64_t)(c->number & 0x7FFFFFFF)};
  if (c->kind == RS_FAIL) {
    const int64_t code = (int64_t)c->number;
    rs_must(run, "recording",
            tenon_hal_command_buffer_dispatch(commands, run->kernels, CT_KERNEL_FAIL, 0, NULL, 1,
                                              &code));
    return;
  }
  iree_hal_buffer_t* target = NULL;
  iree_hal_buffer_t* source = NULL;
  rs_must(run, "subspan",
          iree_hal_buffer_subspan(run->buffers[c->target], c->target_offset, c->length, &target));
  rs_must(run, "subspan",
          iree_hal_buffer_subspan(run->buffers[c->source], c->source_offset, c->length, &source));
  iree_hal_buffer_t* const bindings[] = {source, target};
  const bool has_source = c->kind == RS_SCALE;
  rs_must(run, "recording",
          tenon_hal_command_buffer_dispatch(
              commands, run->kernels, has_source ? CT_KERNEL_SCALE : CT_KERNEL_ADD,
              has_source ? 2 : 1, has_source ? bindings : bindings + 1, 2, constants));
  iree_hal_buffer_release(target);
  iree_hal_buffer_release(source);
}

static void rs_record(rs_run_t* run, int i) {
  const rs_op_t* op = &run->plan->ops[i];
  iree_hal_command_buffer_t* commands = NULL;
  rs_must(run, "creating",
          iree_hal_command_buffer_create(run->devices[op->on_other_device],
                                         op->is_reused ? 0 : IREE_HAL_COMMAND_BUFFER_MODE_ONE_SHOT,
                                         IREE_HAL_COMMAND_CATEGORY_ANY, IREE_HAL_QUEUE_AFFINITY_ANY,
                                         0, &commands));
  rs_must(run, "begin", iree_hal_command_buffer_begin(commands));
  for (int k = 0; k < op->command_count; ++k) {
    const rs_command_t* c = &op->commands[k];
    if (c->has_barrier) {
      rs_must(run, "barrier",
              iree_hal_command_buffer_execution_barrier(
                  commands, IREE_HAL_EXECUTION_STAGE_COMMAND_RETIRE,
                  IREE_HAL_EXECUTION_STAGE_COMMAND_ISSUE, IREE_HAL_EXECUTION_BARRIER_FLAG_NONE, 0,
                  NULL, 0, NULL));
    }
    if (c->kind == RS_FILL) {
      rs_must(
          run, "fill",
          iree_hal_command_buffer_fill_buffer(commands, run->buffers[c->target], c->target_offset,
                                              c->length, &c->number, c->pattern_length));
    } else if (c->kind == RS_UPDATE) {
      uint8_t* data = malloc(c->length);
      rs_make_data(c->number, data, c->length);
      rs_must(run, "update",
              iree_hal_command_buffer_update_buffer(commands, data, 0, run->buffers[c->target],
                                                    c->target_offset, c->length));
      free(data);
    } else if (c->kind == RS_COPY) {
      rs_must(run, "copy",
              iree_hal_command_buffer_copy_buffer(commands, run->buffers[c->source],
                                                  c->source_offset, run->buffers[c->target],
                                                  c->target_offset, c->length));
    } else {
      rs_dispatch(run, commands, c);
    }
  }
  rs_must(run, "end", iree_hal_command_buffer_end(commands));
  run->commands[i] = commands;
}

static iree_status_t rs_transfer(rs_run_t* run, iree_hal_device_t* device,
                                 iree_hal_semaphore_list_t wait, iree_hal_semaphore_list_t signal,
                                 const rs_command_t* c) {
  iree_hal_buffer_t* target = run->buffers[c->target];
  if (c->kind == RS_FILL) {
    return iree_hal_device_queue_fill(ON(device), wait, signal, target, c->target_offset, c->length,
                                      &c->number, c->pattern_length);
  }
  if (c->kind == RS_COPY) {
    return iree_hal_device_queue_copy(ON(device), wait, signal, run->buffers[c->source],
                                      c->source_offset, target, c->target_offset, c->length);
  }
  uint8_t* data = malloc(c->length);
  rs_make_data(c->number, data, c->length);
  iree_status_t status = iree_hal_device_queue_update(ON(device), wait, signal, data, 0, target,
                                                      c->target_offset, c->length);
  free(data);
  return status;
}

static void rs_submit(rs_run_t* run, int i) {
  const rs_op_t* op = &run->plan->ops[i];
  iree_hal_device_t* device = run->devices[op->on_other_device];
  rs_list_t waits, signals;
  const iree_hal_semaphore_list_t wait = rs_list(run, op->wait_count, op->waits, &waits);
  // The timeline first for some, last for others.
  rs_point_t points[2] = {{RS_DONE, i, 1}, {RS_TIMELINE, op->timeline, op->value}};
  if (i % 2 && op->timeline >= 0) {
    points[0] = points[1];
    points[1] = (rs_point_t){RS_DONE, i, 1};
  }
  const iree_hal_semaphore_list_t signal =
      rs_list(run, op->timeline >= 0 ? 2 : 1, points, &signals);
  const iree_hal_buffer_params_t params = {0};
  const size_t size = run->plan->cell_size * RS_CELLS;
  iree_status_t status = iree_ok_status();
  switch (op->kind) {
    case RS_TRANSFER:
      status = rs_transfer(run, device, wait, signal, &op->commands[0]);
      break;
    case RS_EXECUTE:
      status = iree_hal_device_queue_execute(ON(device), wait, signal, 1,
                                             &run->commands[op->reuses >= 0 ? op->reuses : i]);
      break;
    case RS_BARRIER:
      status = iree_hal_device_queue_barrier(ON(device), wait, signal);
      break;
    case RS_ALLOCA:
      status =
          iree_hal_device_queue_alloca(ON(device), wait, signal, IREE_HAL_ALLOCATOR_POOL_DEFAULT,
                                       params, size, &run->buffers[op->buffer]);
      break;
    case RS_DEALLOCA:
      status = iree_hal_device_queue_dealloca(ON(device), wait, signal, run->buffers[op->buffer]);
      break;
  }
  rs_must(run, "a submission", status);
}

//===--- Threads ------------------------------------------------------------------------------===//

typedef struct rs_thread_t {
  rs_run_t* run;
  int index;
  ct_thread_t thread;
} rs_thread_t;

static void* rs_submitter(void* argument) {
  const rs_thread_t* self = argument;
  const rs_plan_t* plan = self->run->plan;
  for (int k = self->index; k < plan->op_count; k += plan->submitter_count) {
    const int i = plan->order[k];
    if (plan->ops[i].kind != RS_ALLOCA) rs_submit(self->run, i);
    if (k % 5 == 0) sched_yield();
  }
  return NULL;
}

static void* rs_host(void* argument) {
  const rs_thread_t* self = argument;
  rs_run_t* run = self->run;
  const rs_plan_t* plan = run->plan;
  for (int k = 0; k < plan->action_counts[self->index]; ++k) {
    const rs_action_t* action = &plan->actions[self->index][k];
    if (action->delay_us) ct_pause_us(action->delay_us);
    const int i = action->index;
    if (action->kind == RS_SIGNAL_GATE) {
      rs_must(run, "signaling a gate", iree_hal_semaphore_signal(run->gates[i], action->value));
    } else if (action->kind == RS_FAIL_TIMELINE) {
      iree_hal_semaphore_fail(run->timelines[i],
                              iree_make_status(IREE_STATUS_UNAVAILABLE, "timeline %d fails;", i));
    } else if (plan->gates[i].ending == RS_ENDS_FAILED) {
      iree_hal_semaphore_fail(
          run->gates[i], iree_make_status(i % 2 ? IREE_STATUS_DATA_LOSS : IREE_STATUS_CANCELLED,
                                          "gate %d fails;", i));
    } else {
      // The last reference is this one or the submitters', which goes when they are through.
      iree_hal_semaphore_release(run->gates[i]);
    }
  }
  return NULL;
}

typedef struct rs_watch_t {
  rs_run_t* run;
  const rs_observer_t* observer;
  iree_hal_device_t* device;
  ct_thread_t thread;
  iree_atomic_int32_t is_over;
  iree_status_t status;
} rs_watch_t;

static void* rs_wait_on_thread(void* argument) {
  rs_watch_t* watch = argument;
  rs_list_t storage;
  const iree_hal_wait_mode_t mode =
      watch->observer->kind == RS_WAIT_ANY ? IREE_HAL_WAIT_MODE_ANY : IREE_HAL_WAIT_MODE_ALL;
  const iree_timeout_t timeout = watch->observer->kind == RS_WAIT_SHORTLY
                                     ? iree_make_timeout_ns(watch->observer->timeout_us * 1000)
                                     : ct_long_time();
  watch->status = iree_hal_device_wait_semaphores(
      watch->device, mode,
      rs_list(watch->run, watch->observer->point_count, watch->observer->points, &storage),
      timeout);
  return NULL;
}

static void rs_on_told(void* user_data, iree_status_t status) {
  rs_watch_t* watch = user_data;
  watch->status = status;
  iree_atomic_store(&watch->is_over, 1, iree_memory_order_release);
}

static void rs_listen(rs_watch_t* watch) {
  rs_list_t storage;
  const iree_hal_semaphore_list_t list =
      rs_list(watch->run, watch->observer->point_count, watch->observer->points, &storage);
  iree_hal_fence_t* fence = NULL;
  rs_must(watch->run, "a fence",
          iree_hal_fence_create(list.count, iree_allocator_system(), &fence));
  for (iree_host_size_t i = 0; i < list.count; ++i) {
    rs_must(watch->run, "an insertion",
            iree_hal_fence_insert(fence, list.semaphores[i], list.payload_values[i]));
  }
  iree_status_t status = tenon_wait_source_listen(iree_hal_fence_await(fence),
                                                  (tenon_wait_listener_t){rs_on_told, watch});
  if (iree_status_is_deferred(status)) {
    iree_status_ignore(status);
  } else {
    rs_on_told(watch, status);
  }
  iree_hal_fence_release(fence);
}

static void rs_start_watch(rs_run_t* run, int i, rs_watch_t* watch) {
  *watch =
      (rs_watch_t){.run = run, .observer = &run->plan->observers[i], .device = run->devices[0]};
  iree_hal_device_retain(watch->device);
  if (watch->observer->kind == RS_LISTEN) {
    rs_listen(watch);
  } else {
    watch->thread = ct_start(rs_wait_on_thread, watch);
  }
}

static iree_status_t rs_end_watch(rs_watch_t* watch) {
  if (watch->observer->kind != RS_LISTEN) {
    ct_join(watch->thread);
  } else {
    int patience = 60 * 1000;
    while (!iree_atomic_load(&watch->is_over, iree_memory_order_acquire) && patience-- > 0)
      ct_pause_us(1000);
    if (patience <= 0) rs_must(watch->run, "being told", iree_make_status(IREE_STATUS_INTERNAL));
  }
  iree_hal_device_release(watch->device);
  return watch->status;
}

//===--- All of it ----------------------------------------------------------------------------===//

static void rs_create_objects(ct_env_t* ct, rs_run_t* run) {
  const rs_plan_t* plan = run->plan;
  const size_t size = plan->cell_size * RS_CELLS;
  uint8_t* data = malloc(size);
  for (int b = 0; b < plan->buffer_count; ++b) {
    if (plan->is_allocated_in_order[b]) continue;
    rs_make_data(plan->seed + (uint64_t)b, data, size);
    run->buffers[b] = create_buffer(iree_hal_device_allocator(run->devices[b % 2]), size, data);
  }
  free(data);
  for (int i = 0; i < plan->gate_count; ++i) {
    run->gates[i] = ct_semaphore(ct, 0);
    // One reference for the submitters, one for the host that drops it.
    if (plan->gates[i].ending == RS_ENDS_DROPPED) iree_hal_semaphore_retain(run->gates[i]);
  }
  for (int i = 0; i < plan->timeline_count; ++i)
    run->timelines[i] = ct_semaphore(ct, plan->initial_values[i]);
  for (int i = 0; i < plan->op_count; ++i) run->done[i] = ct_semaphore(ct, 0);
  for (int i = 0; i < plan->op_count; ++i) {
    if (plan->ops[i].kind == RS_ALLOCA) rs_submit(run, i);
  }
  for (int i = 0; i < plan->op_count; ++i) {
    if (plan->ops[i].kind == RS_EXECUTE && plan->ops[i].reuses < 0) rs_record(run, i);
  }
}

static bool rs_start_and_join(rs_run_t* run, rs_watch_t* watches) {
  const rs_plan_t* plan = run->plan;
  rs_thread_t hosts[RS_MAX_THREADS], submitters[RS_MAX_THREADS];
  // Some observers and submitters are there before the hosts begin, some later.
  for (int i = 0; i < plan->observer_count; i += 2) rs_start_watch(run, i, &watches[i]);
  for (int i = 0; i < plan->host_count; ++i) {
    hosts[i] = (rs_thread_t){.run = run, .index = i};
    hosts[i].thread = ct_start(rs_host, &hosts[i]);
  }
  for (int i = 0; i < plan->submitter_count; ++i) {
    submitters[i] = (rs_thread_t){.run = run, .index = i};
    submitters[i].thread = ct_start(rs_submitter, &submitters[i]);
  }
  for (int i = 1; i < plan->observer_count; i += 2) rs_start_watch(run, i, &watches[i]);
  for (int i = 0; i < plan->submitter_count; ++i) ct_join(submitters[i].thread);
  for (int i = 0; i < plan->gate_count; ++i) {
    if (plan->gates[i].ending == RS_ENDS_DROPPED) iree_hal_semaphore_release(run->gates[i]);
  }
  for (int i = 0; i < plan->op_count; ++i) iree_hal_command_buffer_release(run->commands[i]);
  for (int i = 0; i < 2 && plan->releases_devices; ++i) {
    iree_hal_device_release(run->devices[i]);
    run->devices[i] = NULL;
  }
  for (int i = 0; i < plan->host_count; ++i) ct_join(hosts[i].thread);
  return iree_atomic_load(&run->unexpected_count, iree_memory_order_relaxed) == 0;
}

// Waits until nothing is under way any more.
static bool rs_quiesce(rs_run_t* run) {
  const rs_plan_t* plan = run->plan;
  bool is_quiet = true;
  for (int i = 0; i < plan->op_count + plan->timeline_count; ++i) {
    const int t = i - plan->op_count;
    const bool fails = t >= 0 && (plan->host_fails[t] || plan->is_over[t]);
    iree_status_t status =
        iree_hal_semaphore_wait(t < 0 ? run->done[i] : run->timelines[t],
                                t < 0 ? 1 : plan->last_values[t] + (fails ? 1 : 0), ct_long_time());
    if (iree_status_is_deadline_exceeded(status)) {
      fprintf(stderr, "%s %d never ends\n", t < 0 ? "op" : "timeline", t < 0 ? i : t);
      is_quiet = false;
    }
    iree_status_ignore(status);
  }
  return is_quiet;
}

static void rs_read_result(rs_run_t* run, rs_result_t* result) {
  const rs_plan_t* plan = run->plan;
  uint64_t value = 0;
  for (int i = 0; i < plan->op_count; ++i)
    result->done[i] = iree_hal_semaphore_query(run->done[i], &value);
  for (int t = 0; t < plan->timeline_count; ++t)
    result->timelines[t] = iree_hal_semaphore_query(run->timelines[t], &result->values[t]);
  for (int b = 0; b < plan->buffer_count; ++b) {
    if (plan->is_deallocated[b]) continue;
    // An allocation that failed has nothing to read; the model knows.
    result->contents[b] = calloc(RS_CELLS, plan->cell_size);
    iree_status_ignore(iree_hal_buffer_map_read(run->buffers[b], 0, result->contents[b],
                                                plan->cell_size * RS_CELLS));
  }
}

bool rs_run(ct_env_t* ct, iree_hal_executable_t* kernels, const rs_plan_t* plan,
            rs_result_t* out_result) {
  memset(out_result, 0, sizeof(*out_result));
  rs_run_t run = {.plan = plan, .devices = {ct->device, ct->other}, .kernels = kernels};
  rs_watch_t watches[RS_MAX_OBSERVERS];
  if (plan->releases_devices) ct->device = ct->other = NULL;
  const ct_env_t devices = {.device = run.devices[0], .other = run.devices[1]};
  ct_env_t for_objects = devices;
  rs_create_objects(&for_objects, &run);
  if (!rs_start_and_join(&run, watches)) return false;
  if (!rs_quiesce(&run)) return false;
  for (int i = 0; i < plan->observer_count; ++i)
    out_result->observers[i] = rs_end_watch(&watches[i]);
  rs_read_result(&run, out_result);
  for (int b = 0; b < plan->buffer_count; ++b) iree_hal_buffer_release(run.buffers[b]);
  for (int i = 0; i < plan->gate_count; ++i) {
    if (plan->gates[i].ending != RS_ENDS_DROPPED) iree_hal_semaphore_release(run.gates[i]);
  }
  for (int t = 0; t < plan->timeline_count; ++t) iree_hal_semaphore_release(run.timelines[t]);
  for (int i = 0; i < plan->op_count; ++i) iree_hal_semaphore_release(run.done[i]);
  return iree_atomic_load(&run.unexpected_count, iree_memory_order_relaxed) == 0;
}

void rs_result_deinitialize(rs_result_t* result) {
  for (int i = 0; i < RS_MAX_OPS; ++i) iree_status_ignore(result->done[i]);
  for (int i = 0; i < RS_MAX_TIMELINES; ++i) iree_status_ignore(result->timelines[i]);
  for (int i = 0; i < RS_MAX_OBSERVERS; ++i) iree_status_ignore(result->observers[i]);
  for (int i = 0; i < RS_MAX_BUFFERS; ++i) free(result->contents[i]);
}
