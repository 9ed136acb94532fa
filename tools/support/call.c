// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "support/call.h"

#include <inttypes.h>

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

iree_status_t tenon_find_function(iree_vm_module_t* module, iree_string_view_t name,
                                  iree_vm_function_t* out_function) {
  const iree_string_view_t module_name = iree_vm_module_name(module);
  if (iree_string_view_starts_with(name, module_name) && name.size > module_name.size &&
      name.data[module_name.size] == '.') {
    name = iree_string_view_remove_prefix(name, module_name.size + 1);
  }
  return iree_vm_module_lookup_function_by_name(module, IREE_VM_FUNCTION_LINKAGE_EXPORT, name,
                                                out_function);
}

static iree_status_t check_input_count(iree_host_size_t given, iree_host_size_t expected) {
  if (given == expected) return iree_ok_status();
  return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                          "the function takes %" PRIhsz " argument%s, but %" PRIhsz
                          " --input %s given",
                          expected, expected == 1 ? "" : "s", given, given == 1 ? "was" : "were");
}

iree_status_t tenon_inputs_parse(const tenon_string_list_t* texts, iree_string_view_t types,
                                 iree_hal_allocator_t* allocator, tenon_values_t* out_inputs) {
  *out_inputs = (tenon_values_t){0};
  // A flag may give several arguments, but not none: too many flags are too many arguments.
  if (texts->count > types.size) return check_input_count(texts->count, types.size);
  IREE_RETURN_IF_ERROR(tenon_values_parse(texts, types, allocator, out_inputs), "reading --input");
  return check_input_count(iree_vm_list_size(out_inputs->list), types.size);
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
