// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The types that every process has registered from the start, with fixed ids.
#ifndef TENON_VM_BUILTIN_TYPES_H_
#define TENON_VM_BUILTIN_TYPES_H_

#include "iree/vm/ref.h"

enum {
  TENON_VM_BUFFER_TYPE = 1,
  TENON_VM_LIST_TYPE = 2,
  TENON_VM_TURN_TYPE = 3,  // turns.h
  TENON_VM_BUILTIN_TYPE_COUNT = 3,
};

extern const iree_vm_ref_type_descriptor_t iree_vm_buffer_descriptor;
extern const iree_vm_ref_type_descriptor_t iree_vm_list_descriptor;
extern const iree_vm_ref_type_descriptor_t tenon_vm_turn_descriptor;

#endif  // TENON_VM_BUILTIN_TYPES_H_
