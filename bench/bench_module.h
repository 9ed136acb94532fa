// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The native modules that the benchmarks' programs call, and the reference loop.

#ifndef BENCH_BENCH_MODULE_H_
#define BENCH_BENCH_MODULE_H_

#include "iree/base/api.h"
#include "iree/hal/api.h"
#include "iree/vm/api.h"

#ifdef __cplusplus
extern "C" {
#endif

// The sync sample's module.
iree_status_t iree_custom_module_sync_create(iree_vm_instance_t* instance,
                                             iree_hal_device_t* device,
                                             iree_allocator_t host_allocator,
                                             iree_vm_module_t** out_module);

// `native.step` and `wrapped.step`: i32 -> i32, adds 3; in C, and through the C++ wrapper.
iree_status_t bench_native_module_create(iree_vm_instance_t* instance, iree_hal_device_t* device,
                                         iree_allocator_t host_allocator,
                                         iree_vm_module_t** out_module);
iree_status_t bench_wrapped_module_create(iree_vm_instance_t* instance, iree_hal_device_t* device,
                                          iree_allocator_t host_allocator,
                                          iree_vm_module_t** out_module);

// `custom.call.async` of the async sample, without its sleep.
iree_status_t bench_async_module_create(iree_vm_instance_t* instance, iree_hal_device_t* device,
                                        iree_allocator_t host_allocator,
                                        iree_vm_module_t** out_module);

// target[i] = source[i] * source[i] * 3 + source[i], as a C programmer writes it; compiled by gcc -O3.
void bench_reference_poly(const float* source, float* target, size_t count);

#ifdef __cplusplus
}
#endif

#endif  // BENCH_BENCH_MODULE_H_
