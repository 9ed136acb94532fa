// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a bytecode module keeps per context: its imports and globals.
//
// Thread-safety: imports are resolved before anything runs. Globals are written by `__init`; a
// program that writes them elsewhere orders its invocations itself.

#ifndef TENON_VM_BYTECODE_STATE_H_
#define TENON_VM_BYTECODE_STATE_H_

#include "vm/bytecode/module.h"
#include "vm/native_module_call.h"

typedef struct tenon_bytecode_state_t {
  iree_allocator_t allocator;
  iree_vm_ref_t* globals;
  uint32_t global_count;
  // By import. Without a shim: not a plain native function, called through its module. Without a
  // function's module: an optional import that is missing.
  tenon_native_import_t imports[];
} tenon_bytecode_state_t;

// The entries of the module interface.
iree_status_t tenon_bytecode_alloc_state(void* self, iree_allocator_t allocator,
                                         iree_vm_module_state_t** out_module_state);
void tenon_bytecode_free_state(void* self, iree_vm_module_state_t* module_state);
iree_status_t tenon_bytecode_resolve_import(void* self, iree_vm_module_state_t* module_state,
                                            iree_host_size_t ordinal,
                                            const iree_vm_function_t* function,
                                            const iree_vm_function_signature_t* signature);

#endif  // TENON_VM_BYTECODE_STATE_H_
