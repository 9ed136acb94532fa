// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Detached invocations: they begin on the caller's thread and, if they suspend, go on by themselves on whichever
// thread a scheduler finds, after the caller has returned.

#ifndef TENON_VM_DETACHED_H_
#define TENON_VM_DETACHED_H_

#include "iree/vm/context.h"
#include "iree/vm/module.h"

// Where a suspended invocation goes on.
typedef struct tenon_vm_resumption_t tenon_vm_resumption_t;
struct tenon_vm_resumption_t {
  // For the scheduler's own use.
  void* storage[4];
  // Resumes the invocation; |resumption| may be gone when it returns, or be waiting for the next time.
  void (*run)(tenon_vm_resumption_t* resumption);
};
typedef struct tenon_vm_scheduler_t {
  void* self;
  // Lets resumption->run be called soon, on any thread, once. Called by listeners, on whichever thread: it must be
  // short and can't fail. Also called by the thread that runs the invocation if that waits for nothing in particular.
  void (*resume)(void* self, tenon_vm_resumption_t* resumption);
} tenon_vm_scheduler_t;

// Told once how the invocation ended; owns |status|. Runs on the thread on which it ended, when nothing of the invocation
// is left and its context has been released.
typedef struct tenon_vm_completion_t {
  void (*fn)(void* user_data, iree_status_t status);
  void* user_data;
} tenon_vm_completion_t;

// The context whose invocation |stack| belongs to; borrowed. NULL if it has none.
iree_vm_context_t* tenon_vm_stack_context(iree_vm_stack_t* stack);

// Invokes |function|, which returns nothing, with the packed arguments in |storage| (iree/vm/module.h), which match
// its calling convention: their references are moved out of it. Retains the context until the end. The completion is called once if this returns
// OK, possibly before; if it fails nothing has begun, the arguments are still the caller's and the completion is not
// called.
iree_status_t tenon_vm_invoke_detached(iree_vm_context_t* context, iree_vm_function_t function,
                                       iree_vm_invocation_flags_t flags, iree_byte_span_t storage,
                                       tenon_vm_scheduler_t scheduler,
                                       tenon_vm_completion_t completion,
                                       iree_allocator_t host_allocator);

#endif  // TENON_VM_DETACHED_H_
