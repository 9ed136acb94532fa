// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "iree/base/loop.h"

static iree_status_t tenon_loop_ask(iree_loop_t loop, iree_loop_command_t command,
                                    iree_loop_callback_t callback, const void* params) {
  if (!loop.ctl || !callback.fn) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "%s: a loop and a function to call back are needed",
                            loop.ctl ? "there is no function" : "the loop is null");
  }
  return loop.ctl(loop.self, command, params, NULL);
}

iree_status_t iree_loop_call(iree_loop_t loop, iree_loop_priority_t priority,
                             iree_loop_callback_fn_t callback, void* user_data) {
  const iree_loop_call_params_t params = {{callback, user_data}, priority};
  return tenon_loop_ask(loop, IREE_LOOP_COMMAND_CALL, params.callback, &params);
}

iree_status_t iree_loop_dispatch(iree_loop_t loop, const uint32_t workgroup_count_xyz[3],
                                 iree_loop_workgroup_fn_t workgroup_callback,
                                 iree_loop_callback_fn_t completion_callback, void* user_data) {
  if (!workgroup_callback) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "a dispatch needs a function to run");
  }
  const iree_loop_dispatch_params_t params = {
      {completion_callback, user_data},
      workgroup_callback,
      {workgroup_count_xyz[0], workgroup_count_xyz[1], workgroup_count_xyz[2]}};
  return tenon_loop_ask(loop, IREE_LOOP_COMMAND_DISPATCH, params.callback, &params);
}

iree_status_t iree_loop_wait_until(iree_loop_t loop, iree_timeout_t timeout,
                                   iree_loop_callback_fn_t callback, void* user_data) {
  const iree_loop_wait_until_params_t params = {{callback, user_data},
                                                iree_timeout_as_deadline_ns(timeout)};
  return tenon_loop_ask(loop, IREE_LOOP_COMMAND_WAIT_UNTIL, params.callback, &params);
}

iree_status_t iree_loop_wait_one(iree_loop_t loop, iree_wait_source_t wait_source,
                                 iree_timeout_t timeout, iree_loop_callback_fn_t callback,
                                 void* user_data) {
  const iree_loop_wait_one_params_t params = {
      {callback, user_data}, iree_timeout_as_deadline_ns(timeout), wait_source};
  return tenon_loop_ask(loop, IREE_LOOP_COMMAND_WAIT_ONE, params.callback, &params);
}

static iree_status_t tenon_loop_wait_multi(iree_loop_t loop, iree_loop_command_t command,
                                           iree_host_size_t count, iree_wait_source_t* wait_sources,
                                           iree_timeout_t timeout, iree_loop_callback_fn_t callback,
                                           void* user_data) {
  // Nothing to wait for is over at once, for any as for all.
  if (!count) return iree_loop_call(loop, IREE_LOOP_PRIORITY_DEFAULT, callback, user_data);
  const iree_loop_wait_multi_params_t params = {
      {callback, user_data}, iree_timeout_as_deadline_ns(timeout), count, wait_sources};
  return tenon_loop_ask(loop, command, params.callback, &params);
}

iree_status_t iree_loop_wait_any(iree_loop_t loop, iree_host_size_t count,
                                 iree_wait_source_t* wait_sources, iree_timeout_t timeout,
                                 iree_loop_callback_fn_t callback, void* user_data) {
  return tenon_loop_wait_multi(loop, IREE_LOOP_COMMAND_WAIT_ANY, count, wait_sources, timeout,
                               callback, user_data);
}

iree_status_t iree_loop_wait_all(iree_loop_t loop, iree_host_size_t count,
                                 iree_wait_source_t* wait_sources, iree_timeout_t timeout,
                                 iree_loop_callback_fn_t callback, void* user_data) {
  return tenon_loop_wait_multi(loop, IREE_LOOP_COMMAND_WAIT_ALL, count, wait_sources, timeout,
                               callback, user_data);
}

iree_status_t iree_loop_drain(iree_loop_t loop, iree_timeout_t timeout) {
  if (!loop.ctl) return iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "the loop is null");
  const iree_loop_drain_params_t params = {iree_timeout_as_deadline_ns(timeout)};
  return loop.ctl(loop.self, IREE_LOOP_COMMAND_DRAIN, &params, NULL);
}
