// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A call: a function together with its argument and result lists, to be filled, invoked and emptied
// again and again.
//
//   iree_runtime_call_t call;
//   iree_runtime_call_initialize_by_name(session, iree_make_cstring_view("example.main"), &call);
//   iree_runtime_call_inputs_push_back_buffer_view(&call, view);
//   iree_runtime_call_invoke(&call, 0);
//   iree_runtime_call_outputs_pop_front_buffer_view(&call, &result);  // release |result| when done
//   iree_runtime_call_reset(&call);                                   // then fill it again, or
//   iree_runtime_call_deinitialize(&call);
//
// Ownership: the struct is the caller's; between initialize and deinitialize it holds a count of
// the session and its two lists. Thread-safety: one thread at a time, as the session.

#ifndef IREE_RUNTIME_CALL_H_
#define IREE_RUNTIME_CALL_H_

#include "iree/base/api.h"
#include "iree/hal/api.h"
#include "iree/runtime/session.h"
#include "iree/vm/api.h"

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

// None exist yet.
enum iree_runtime_call_flag_bits_t {
  IREE_RUNTIME_CALL_FLAG_RESERVED = 0u,
};
typedef uint32_t iree_runtime_call_flags_t;

// Contents are private.
typedef struct iree_runtime_call_t {
  iree_runtime_session_t* session;
  iree_vm_function_t function;
  iree_vm_list_t* inputs;
  iree_vm_list_t* outputs;
} iree_runtime_call_t;

// On failure *out_call is zero, and deinitialize may but need not be called.
IREE_API_EXPORT iree_status_t iree_runtime_call_initialize(iree_runtime_session_t* session,
                                                           iree_vm_function_t function,
                                                           iree_runtime_call_t* out_call);
// Errors of iree_runtime_session_lookup_function, too.
IREE_API_EXPORT iree_status_t iree_runtime_call_initialize_by_name(iree_runtime_session_t* session,
                                                                   iree_string_view_t full_name,
                                                                   iree_runtime_call_t* out_call);
IREE_API_EXPORT void iree_runtime_call_deinitialize(iree_runtime_call_t* call);

// Empties both lists, keeping their memory.
IREE_API_EXPORT void iree_runtime_call_reset(iree_runtime_call_t* call);

// The lists; borrowed.
IREE_API_EXPORT iree_vm_list_t* iree_runtime_call_inputs(const iree_runtime_call_t* call);
IREE_API_EXPORT iree_vm_list_t* iree_runtime_call_outputs(const iree_runtime_call_t* call);

// Calls the function with the inputs and waits for its end; the outputs are replaced by the
// results. |flags| must be 0: INVALID_ARGUMENT otherwise.
IREE_API_EXPORT iree_status_t iree_runtime_call_invoke(iree_runtime_call_t* call,
                                                       iree_runtime_call_flags_t flags);

// Appends a view to the inputs, which take a count of their own.
IREE_API_EXPORT iree_status_t iree_runtime_call_inputs_push_back_buffer_view(
    iree_runtime_call_t* call, iree_hal_buffer_view_t* buffer_view);

// Moves the first output to the caller, who releases it, and the rest up. OUT_OF_RANGE: there is
// none left; INVALID_ARGUMENT: it is no buffer view (the output is dropped then).
IREE_API_EXPORT iree_status_t iree_runtime_call_outputs_pop_front_buffer_view(
    iree_runtime_call_t* call, iree_hal_buffer_view_t** out_buffer_view);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  // IREE_RUNTIME_CALL_H_
