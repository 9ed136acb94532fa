// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Calling a program's function, which may be asynchronous, to its end.

#ifndef TENON_TOOLS_SUPPORT_CALL_H_
#define TENON_TOOLS_SUPPORT_CALL_H_

#include "iree/runtime/api.h"
#include "support/flags.h"
#include "support/values.h"

// The types of |function|'s arguments and results as fragments of a calling convention, without the two fences that
// asynchronous functions take behind their arguments; |out_is_async| says whether there are any.
iree_status_t tenon_function_types(const iree_vm_function_t* function,
                                   iree_string_view_t* out_arguments,
                                   iree_string_view_t* out_results, bool* out_is_async);

// Finds what |module| exports as |name|, which may be `function` or `module.function`.
iree_status_t tenon_find_function(iree_vm_module_t* module, iree_string_view_t name,
                                  iree_vm_function_t* out_function);

// Reads the texts of --input as the arguments |types| of a function, as many as it takes. |out_inputs| must be deinitialized
// in every case.
iree_status_t tenon_inputs_parse(const tenon_string_list_t* texts, iree_string_view_t types,
                                 iree_hal_allocator_t* allocator, tenon_values_t* out_inputs);

// Calls it. An asynchronous one is given fences, behind |inputs|: it waits for nothing, and its end is waited for.
iree_status_t tenon_call(iree_runtime_session_t* session, const iree_vm_function_t* function,
                         bool is_async, iree_vm_list_t* inputs, iree_vm_list_t* results);

#endif  // TENON_TOOLS_SUPPORT_CALL_H_
