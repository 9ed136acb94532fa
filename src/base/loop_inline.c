// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "iree/base/loop_inline.h"

#include <string.h>

#include "base/loop_run.h"

// How long sources that are waited for together sleep on one of them before the others are asked.
#define TENON_LOOP_INLINE_SLICE_NS 1000000

typedef struct tenon_inline_op_t {
  iree_loop_command_t command;
  union {
    // At the start of each of the others.
    iree_loop_callback_t callback;
    iree_loop_call_params_t call;
    iree_loop_dispatch_params_t dispatch;
    iree_loop_wait_until_params_t wait_until;
    iree_loop_wait_one_params_t wait_one;
    iree_loop_wait_multi_params_t wait_multi;
  } params;
} tenon_inline_op_t;

// On the stack of the outermost call: what is still to run.
typedef struct tenon_inline_run_t {
  iree_host_size_t begin;
  iree_host_size_t count;
  bool is_aborting;
  tenon_inline_op_t ops[TENON_LOOP_INLINE_CAPACITY];
} tenon_inline_run_t;

static iree_host_size_t tenon_inline_params_size(iree_loop_command_t command) {
  switch (command) {
    case IREE_LOOP_COMMAND_CALL:
      return sizeof(iree_loop_call_params_t);
    case IREE_LOOP_COMMAND_DISPATCH:
      return sizeof(iree_loop_dispatch_params_t);
    case IREE_LOOP_COMMAND_WAIT_UNTIL:
      return sizeof(iree_loop_wait_until_params_t);
    case IREE_LOOP_COMMAND_WAIT_ONE:
      return sizeof(iree_loop_wait_one_params_t);
    case IREE_LOOP_COMMAND_WAIT_ANY:
    case IREE_LOOP_COMMAND_WAIT_ALL:
      return sizeof(iree_loop_wait_multi_params_t);
    default:
      return 0;
  }
}

static iree_status_t tenon_inline_push(tenon_inline_run_t* run, iree_loop_command_t command,
                                       const void* params) {
  const iree_host_size_t size = tenon_inline_params_size(command);
  if (!size) {
    return iree_make_status(IREE_STATUS_UNIMPLEMENTED, "inline loops have no command %d", command);
  }
  if (run->is_aborting) {
    return iree_make_status(IREE_STATUS_ABORTED, "the loop is being given up after a failure");
  }
  if (run->count == TENON_LOOP_INLINE_CAPACITY) {
    return iree_make_status(IREE_STATUS_RESOURCE_EXHAUSTED,
                            "an inline loop takes %d operations at a time",
                            TENON_LOOP_INLINE_CAPACITY);
  }
  tenon_inline_op_t* op = &run->ops[(run->begin + run->count++) % TENON_LOOP_INLINE_CAPACITY];
  op->command = command;
  memcpy(&op->params, params, size);
  return iree_ok_status();
}

// Waits until one of the sources has ended, or all of them are resolved.
static iree_status_t tenon_inline_wait_multi(const iree_loop_wait_multi_params_t* params,
                                             bool is_any) {
  const iree_timeout_t deadline = iree_make_deadline(params->deadline_ns);
  for (;;) {
    iree_host_size_t resolved_count = 0;
    iree_wait_source_t pending = iree_wait_source_immediate();
    for (iree_host_size_t i = 0; i < params->count; ++i) {
      iree_status_t status = iree_ok_status();
      const bool has_ended = tenon_loop_poll(params->wait_sources[i], &status);
      if (has_ended && (is_any || !iree_status_is_ok(status))) return status;
      resolved_count += has_ended;
      if (!has_ended) pending = params->wait_sources[i];
    }
    if (resolved_count == params->count) return iree_ok_status();
    if (iree_time_now() >= params->deadline_ns) {
      return iree_status_from_code(IREE_STATUS_DEADLINE_EXCEEDED);
    }
    // How that wait ends shows when the sources are asked.
    iree_status_ignore(iree_wait_source_wait_one(
        pending, iree_timeout_min(deadline, iree_make_timeout_ns(TENON_LOOP_INLINE_SLICE_NS))));
  }
}

// Does what is to be done before |op|'s callback is called.
static iree_status_t tenon_inline_perform(iree_loop_t loop, const tenon_inline_op_t* op) {
  switch (op->command) {
    case IREE_LOOP_COMMAND_DISPATCH:
      return tenon_loop_run_workgroups(loop, &op->params.dispatch);
    case IREE_LOOP_COMMAND_WAIT_UNTIL:
      if (iree_wait_until(op->params.wait_until.deadline_ns)) return iree_ok_status();
      return iree_make_status(IREE_STATUS_INTERNAL, "the system can't sleep");
    case IREE_LOOP_COMMAND_WAIT_ONE:
      return iree_wait_source_wait_one(op->params.wait_one.wait_source,
                                       iree_make_deadline(op->params.wait_one.deadline_ns));
    case IREE_LOOP_COMMAND_WAIT_ANY:
    case IREE_LOOP_COMMAND_WAIT_ALL:
      return tenon_inline_wait_multi(&op->params.wait_multi,
                                     op->command == IREE_LOOP_COMMAND_WAIT_ANY);
    default:
      return iree_ok_status();
  }
}

// The control function of the loops that callbacks get.
static iree_status_t tenon_inline_nested_ctl(void* self, iree_loop_command_t command,
                                             const void* params, void** inout_ptr) {
  if (command == IREE_LOOP_COMMAND_DRAIN) {
    return iree_make_status(IREE_STATUS_FAILED_PRECONDITION,
                            "a loop can't be drained by one of its own callbacks");
  }
  return tenon_inline_push((tenon_inline_run_t*)self, command, params);
}

static iree_status_t tenon_inline_run_next(tenon_inline_run_t* run) {
  const iree_loop_t loop = {run, tenon_inline_nested_ctl};
  const tenon_inline_op_t op = run->ops[run->begin];
  run->begin = (run->begin + 1) % TENON_LOOP_INLINE_CAPACITY;
  --run->count;
  iree_status_t status = run->is_aborting ? iree_status_from_code(IREE_STATUS_ABORTED)
                                          : tenon_inline_perform(loop, &op);
  return op.params.callback.fn(op.params.callback.user_data, loop, status);
}

iree_status_t iree_loop_inline_ctl(void* self, iree_loop_command_t command, const void* params,
                                   void** inout_ptr) {
  // Everything has run by now.
  if (command == IREE_LOOP_COMMAND_DRAIN) return iree_ok_status();
  tenon_inline_run_t run;
  run.begin = run.count = 0;
  run.is_aborting = false;
  IREE_RETURN_IF_ERROR(tenon_inline_push(&run, command, params));
  iree_status_t first = iree_ok_status();
  while (run.count) {
    iree_status_t status = tenon_inline_run_next(&run);
    if (iree_status_is_ok(status)) continue;
    run.is_aborting = true;
    first = iree_status_is_ok(first) ? status : (iree_status_ignore(status), first);
  }
  iree_status_t* out_status = (iree_status_t*)self;
  if (out_status && iree_status_is_ok(*out_status)) {
    *out_status = first;
  } else {
    iree_status_ignore(first);
  }
  return iree_ok_status();
}
