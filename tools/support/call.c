// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "support/call.h"

#include "iree/modules/hal/types.h"

// What they wait for, and what they signal.
#define FENCE_COUNT 2

iree_status_t tenon_function_types(const iree_vm_function_t* function,
                                   iree_string_view_t* out_arguments,
                                   iree_string_view_t* out_results, bool* out_is_async) {
  *out_is_async = false;
  iree_vm_function_signature_t signature = iree_vm_function_signature(function);
  IREE_RETURN_IF_ERROR(
      iree_vm_function_call_get_cconv_fragments(&signature, out_arguments, out_results));
  const iree_string_view_t model =
      iree_vm_function_lookup_attr_by_name(function, IREE_SV("iree.abi.model"));
  if (out_arguments->size >= FENCE_COUNT &&
      iree_string_view_equal(model, IREE_SV("coarse-fences"))) {
    *out_is_async = true;
    out_arguments->size -= FENCE_COUNT;
  }
  return iree_ok_status();
}

// Appends the fences; *out_fence is the one that the function signals.
static iree_status_t push_fences(iree_hal_device_t* device, iree_vm_list_t* inputs,
                                 iree_hal_fence_t** out_fence) {
  iree_hal_semaphore_t* semaphore = NULL;
  IREE_RETURN_IF_ERROR(iree_hal_semaphore_create(device, 0, &semaphore));
  iree_status_t status = iree_hal_fence_create_at(semaphore, 1, iree_allocator_system(), out_fence);
  iree_hal_semaphore_release(semaphore);
  IREE_RETURN_IF_ERROR(status);
  iree_vm_ref_t wait_fence = iree_vm_ref_null();
  IREE_RETURN_IF_ERROR(iree_vm_list_push_ref_retain(inputs, &wait_fence));
  iree_vm_ref_t signal_fence = iree_hal_fence_retain_ref(*out_fence);
  return iree_vm_list_push_ref_move(inputs, &signal_fence);
}

iree_status_t tenon_call(iree_runtime_session_t* session, const iree_vm_function_t* function,
                         bool is_async, iree_vm_list_t* inputs, iree_vm_list_t* results) {
  if (!is_async) return iree_runtime_session_call(session, function, inputs, results);
  iree_hal_fence_t* fence = NULL;
  iree_status_t status = push_fences(iree_runtime_session_device(session), inputs, &fence);
  if (iree_status_is_ok(status)) {
    status = iree_runtime_session_call(session, function, inputs, results);
  }
  if (iree_status_is_ok(status)) status = iree_hal_fence_wait(fence, iree_infinite_timeout());
  if (iree_status_is_aborted(status)) {
    iree_status_ignore(status);
    status = iree_hal_fence_query(fence);  // the failure itself
  }
  iree_hal_fence_release(fence);
  return status;
}
