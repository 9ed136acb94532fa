// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Calls within calls on the C stack: native functions that call back into the virtual machine, and programs that call
// programs. The stacks of invocations are bounded (iree/vm/stack.h); this is what keeps a thread's own from overflowing.
#ifndef TENON_VM_NESTING_H_
#define TENON_VM_NESTING_H_

#include "iree/base/api.h"

// Every thread's stack takes so many calls; from there on it is looked at.
#define TENON_VM_UNCHECKED_NESTING 8

// What must be left of the stack for one more.
#define TENON_VM_NESTING_RESERVE (64 * 1024)

// How many calls this thread is in.
extern __attribute__((visibility("hidden"))) _Thread_local uint32_t tenon_vm_nesting;

// RESOURCE_EXHAUSTED if this thread's stack is about to end.
iree_status_t tenon_vm_check_nesting(void);

// Before a call: whether it may be made. tenon_vm_unnest() follows if so.
#define TENON_VM_NEST_OR_RETURN()                                        \
  do {                                                                   \
    if (IREE_UNLIKELY(tenon_vm_nesting >= TENON_VM_UNCHECKED_NESTING)) { \
      IREE_RETURN_IF_ERROR(tenon_vm_check_nesting());                    \
    }                                                                    \
    ++tenon_vm_nesting;                                                  \
  } while (0)

static inline void tenon_vm_unnest(void) { --tenon_vm_nesting; }

#endif  // TENON_VM_NESTING_H_
