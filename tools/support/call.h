// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Calling a program's function, which may be asynchronous, to its end.

#ifndef TENON_TOOLS_SUPPORT_CALL_H_
#define TENON_TOOLS_SUPPORT_CALL_H_

#include "iree/runtime/api.h"

// The types of |function|'s arguments and results as fragments of a calling convention, without the two fences that
// asynchronous functions take behind their arguments; |out_is_async| says whether there are any.
iree_status_t tenon_function_types(const iree_vm_function_t* function,
                                   iree_string_view_t* out_arguments,
                                   iree_string_view_t* out_results, bool* out_is_async);

// Calls it. An asynchronous one is given fences, behind |inputs|: it waits for nothing, and its end is waited for.
iree_status_t tenon_call(iree_runtime_session_t* session, const iree_vm_function_t* function,
                         bool is_async, iree_vm_list_t* inputs, iree_vm_list_t* results);

#endif  // TENON_TOOLS_SUPPORT_CALL_H_
