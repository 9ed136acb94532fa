// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef SAMPLES_CUSTOM_MODULE_BASIC_MODULE_H_
#define SAMPLES_CUSTOM_MODULE_BASIC_MODULE_H_

#include <stdint.h>

#include "iree/base/api.h"
#include "iree/vm/api.h"

// A string that is never changed: what programs call !custom.string. Counted; the last reference to go frees it.
typedef struct iree_custom_string_t iree_custom_string_t;

// iree_custom_string_move_ref() and the like: strings as the references that the runtime hands about.
IREE_VM_DECLARE_TYPE_ADAPTERS(iree_custom_string, iree_custom_string_t);

#ifdef __cplusplus
extern "C" {
#endif

// Makes the type known to the runtime under the name that programs use. Before loading any that does; once per process is
// enough, more do no harm.
iree_status_t iree_custom_module_register_types(void);

// Creates the module `custom`: string.create, string.length, string.print, and unless NDEBUG is defined string.dprint.
// The sample has two implementations: module.c and module_cc.cc.
iree_status_t iree_custom_module_basic_create(iree_vm_instance_t* instance,
                                              iree_allocator_t host_allocator,
                                              iree_vm_module_t** out_module);

#ifdef __cplusplus
}
#endif

#endif  // SAMPLES_CUSTOM_MODULE_BASIC_MODULE_H_
