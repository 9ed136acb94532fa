// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "iree/runtime/call.h"

#include "iree/modules/hal/types.h"

IREE_API_EXPORT iree_status_t iree_runtime_call_initialize(iree_runtime_session_t* session,
                                                           iree_vm_function_t function,
                                                           iree_runtime_call_t* out_call) {
  const iree_allocator_t allocator = iree_runtime_session_host_allocator(session);
  *out_call = (iree_runtime_call_t){.session = session, .function = function};
  iree_runtime_session_retain(session);
  // The lists grow when they are filled; nearly all functions have few arguments and results.
  iree_status_t status = iree_vm_list_create(NULL, 4, allocator, &out_call->inputs);
  if (iree_status_is_ok(status))
    status = iree_vm_list_create(NULL, 4, allocator, &out_call->outputs);
  if (!iree_status_is_ok(status)) iree_runtime_call_deinitialize(out_call);
  return status;
}

IREE_API_EXPORT iree_status_t iree_runtime_call_initialize_by_name(iree_runtime_session_t* session,
                                                                   iree_string_view_t full_name,
                                                                   iree_runtime_call_t* out_call) {
  *out_call = (iree_runtime_call_t){0};
  iree_vm_function_t function;
  IREE_RETURN_IF_ERROR(iree_runtime_session_lookup_function(session, full_name, &function));
  return iree_runtime_call_initialize(session, function, out_call);
}

IREE_API_EXPORT void iree_runtime_call_deinitialize(iree_runtime_call_t* call) {
  iree_vm_list_release(call->inputs);
  iree_vm_list_release(call->outputs);
  iree_runtime_session_release(call->session);
  *call = (iree_runtime_call_t){0};
}

IREE_API_EXPORT void iree_runtime_call_reset(iree_runtime_call_t* call) {
  iree_vm_list_clear(call->inputs);
  iree_vm_list_clear(call->outputs);
}

IREE_API_EXPORT iree_vm_list_t* iree_runtime_call_inputs(const iree_runtime_call_t* call) {
  return call->inputs;
}

IREE_API_EXPORT iree_vm_list_t* iree_runtime_call_outputs(const iree_runtime_call_t* call) {
  return call->outputs;
}

IREE_API_EXPORT iree_status_t iree_runtime_call_invoke(iree_runtime_call_t* call,
                                                       iree_runtime_call_flags_t flags) {
  if (flags) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "unknown call flags 0x%X; pass 0", flags);
  }
  return iree_runtime_session_call(call->session, &call->function, call->inputs, call->outputs);
}

IREE_API_EXPORT iree_status_t iree_runtime_call_inputs_push_back_buffer_view(
    iree_runtime_call_t* call, iree_hal_buffer_view_t* buffer_view) {
  iree_vm_ref_t ref = iree_hal_buffer_view_retain_ref(buffer_view);
  iree_status_t status = iree_vm_list_push_ref_move(call->inputs, &ref);
  iree_vm_ref_release(&ref);
  return status;
}

IREE_API_EXPORT iree_status_t iree_runtime_call_outputs_pop_front_buffer_view(
    iree_runtime_call_t* call, iree_hal_buffer_view_t** out_buffer_view) {
  *out_buffer_view = NULL;
  iree_vm_ref_t ref = iree_vm_ref_null();
  IREE_RETURN_IF_ERROR(iree_vm_list_pop_front_ref_move(call->outputs, &ref));
  iree_status_t status = iree_hal_buffer_view_check_deref(ref, out_buffer_view);
  if (!iree_status_is_ok(status)) iree_vm_ref_release(&ref);
  return status;  // on success the count moves from |ref| to the caller
}
