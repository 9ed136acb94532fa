// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// iree-run-module as a function, for building it anew with modules of yours inside. CMake:
// tenon_add_run_module() (samples/custom_module/static); otherwise link libtenon_tooling.a before the
// runtime. Modules can also be loaded by the tool as it is: iree/vm/dynamic/module.h.
#ifndef TENON_RUN_MODULE_H_
#define TENON_RUN_MODULE_H_

#include "iree/base/api.h"
#include "iree/hal/api.h"
#include "iree/vm/api.h"

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

// Makes a module with a count of 1, which passes to the caller, for programs that run on |device|.
typedef iree_status_t(IREE_API_PTR* tenon_run_module_create_fn_t)(iree_vm_instance_t* instance,
                                                                  iree_hal_device_t* device,
                                                                  iree_allocator_t host_allocator,
                                                                  iree_vm_module_t** out_module);

// Does what iree-run-module does with the arguments of main(), and returns the process's exit code.
// The |count| modules are made first and registered in this order, before those of --module.
IREE_API_EXPORT int tenon_run_module(int argc, char** argv, iree_host_size_t count,
                                     const tenon_run_module_create_fn_t* functions);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  // TENON_RUN_MODULE_H_
