// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef SAMPLES_CUSTOM_MODULE_ASYNC_MODULE_H_
#define SAMPLES_CUSTOM_MODULE_ASYNC_MODULE_H_

#include "iree/base/api.h"
#include "iree/hal/api.h"
#include "iree/vm/api.h"

#ifdef __cplusplus
extern "C" {
#endif

// Creates the module `custom`, whose function `call.async` doubles every element of an i32 tensor: it returns at once, works
// when its wait fence is reached and then signals its signal fence. One module may be registered with any number of
// sessions. Results are allocated from |device|.
// The sample has three implementations: module.c and module_cc.cc, which do it all themselves, and module_friendly.c.
iree_status_t iree_custom_module_async_create(iree_vm_instance_t* instance,
                                              iree_hal_device_t* device,
                                              iree_allocator_t host_allocator,
                                              iree_vm_module_t** out_module);

#ifdef __cplusplus
}
#endif

#endif  // SAMPLES_CUSTOM_MODULE_ASYNC_MODULE_H_
