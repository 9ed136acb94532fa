// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef SAMPLES_CUSTOM_MODULE_SYNC_MODULE_H_
#define SAMPLES_CUSTOM_MODULE_SYNC_MODULE_H_

#include "iree/base/api.h"
#include "iree/hal/api.h"
#include "iree/vm/api.h"

#ifdef __cplusplus
extern "C" {
#endif

// Creates the module `custom`, whose function `call.sync` doubles every element of an i32 tensor. One module may be
// registered with any number of sessions; each gets a state of its own, bound to |device| for allocating results.
// The sample has two implementations: module.c and module_cc.cc.
iree_status_t iree_custom_module_sync_create(iree_vm_instance_t* instance,
                                             iree_hal_device_t* device,
                                             iree_allocator_t host_allocator,
                                             iree_vm_module_t** out_module);

#ifdef __cplusplus
}
#endif

#endif  // SAMPLES_CUSTOM_MODULE_SYNC_MODULE_H_
