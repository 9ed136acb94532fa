// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The `check` module (iree/modules/check/module.h) for those who want to know what failed: test frameworks.

#ifndef TENON_CHECK_MODULE_H_
#define TENON_CHECK_MODULE_H_

#include "iree/base/api.h"
#include "iree/vm/api.h"

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

// An expectation has failed: |message| says of which values, in one line or more without a newline at the end. |place| is
// where it stands in the program, such as `model.mlir:12:5`, or empty if that is not known. Called by the thread that runs
// the program, on which it may be called at any time; the texts live until it returns.
typedef void(IREE_API_PTR* tenon_check_failure_fn_t)(void* user_data, iree_string_view_t place,
                                                     iree_string_view_t message);

// As iree_check_module_create, with failures handed to |failure_fn| instead of printed.
IREE_API_EXPORT iree_status_t tenon_check_module_create(iree_vm_instance_t* instance,
                                                        tenon_check_failure_fn_t failure_fn,
                                                        void* user_data, iree_allocator_t allocator,
                                                        iree_vm_module_t** out_module);

// How many expectations have failed so far in all contexts that have |module|, which one of the functions above has made.
IREE_API_EXPORT iree_host_size_t
tenon_check_module_failure_count(const iree_vm_module_t* check_module);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  // TENON_CHECK_MODULE_H_
