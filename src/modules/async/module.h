// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A module of asynchronous functions as its calls see it.

#ifndef TENON_MODULES_ASYNC_MODULE_H_
#define TENON_MODULES_ASYNC_MODULE_H_

#include "modules/async/signature.h"
#include "tenon/async_module.h"

typedef struct tenon_async_module_t tenon_async_module_t;

// One function, its type read and checked.
typedef struct tenon_async_entry_t {
  tenon_async_module_t* module;
  const tenon_async_function_t* function;
  tenon_async_signature_t* signature;
} tenon_async_entry_t;

struct tenon_async_module_t {
  // The native module itself, which calls retain. Borrowed: it owns this.
  iree_vm_module_t* base;
  iree_allocator_t host_allocator;
  iree_hal_device_t* device;
  tenon_blocking_pool_t* pool;
  void* user_data;
  void(IREE_API_PTR* destroy)(void* user_data);
  iree_vm_native_module_descriptor_t descriptor;
  // descriptor.export_count of each.
  iree_vm_native_export_descriptor_t* exports;
  iree_vm_native_function_ptr_t* functions;
  tenon_async_entry_t entries[];
};

// The argument from which result |i| of |entry| has its open dims.
static inline iree_host_size_t tenon_async_result_like(const tenon_async_entry_t* entry,
                                                       iree_host_size_t i) {
  return entry->function->result_like ? entry->function->result_like[i] : i;
}

// Begins a call of the entry that |target| points to.
iree_status_t tenon_async_shim(iree_vm_stack_t* stack, iree_vm_native_function_flags_t flags,
                               iree_byte_span_t args_storage, iree_byte_span_t rets_storage,
                               iree_vm_native_function_target_t target, void* module,
                               void* module_state);

#endif  // TENON_MODULES_ASYNC_MODULE_H_
