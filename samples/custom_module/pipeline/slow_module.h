// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef SAMPLES_CUSTOM_MODULE_PIPELINE_SLOW_MODULE_H_
#define SAMPLES_CUSTOM_MODULE_PIPELINE_SLOW_MODULE_H_

#include "iree/base/api.h"
#include "iree/hal/api.h"
#include "iree/vm/api.h"

// Creates the module `slow`, whose function `step` adds one to every element and takes 10 ms for it: it stands for whatever
// programs wait for, such as a disk, a database or another machine. |max_thread_count| calls run at a time. The time that
// all calls took together is added to *total_time, in nanoseconds, which outlives the module.
iree_status_t slow_module_create(iree_vm_instance_t* instance, iree_hal_device_t* device,
                                 iree_host_size_t max_thread_count, int64_t* total_time,
                                 iree_allocator_t host_allocator, iree_vm_module_t** out_module);

#endif  // SAMPLES_CUSTOM_MODULE_PIPELINE_SLOW_MODULE_H_
