// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Calling exported C and C++ functions without going through begin_call: what an importing module
// keeps for an import, resolved once, and the call itself, which costs what an indirect C call with
// nine arguments costs.
//
//   resolve_import:  tenon_native_import_bind(function, &import)
//                    false: it can't be called so; use iree_vm_module_begin_call()
//   call:            tenon_native_import_call(stack, frame, &import, arguments, results)
//
// Thread-safety: after binding, calls from any thread (the module state is looked up on the first
// call; several threads that do so at once find the same).
#ifndef TENON_VM_NATIVE_MODULE_CALL_H_
#define TENON_VM_NATIVE_MODULE_CALL_H_

#include "iree/base/api.h"
#include "iree/base/internal/atomics.h"
#include "iree/vm/module.h"
#include "iree/vm/native_module.h"
#include "iree/vm/stack.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tenon_native_import_t {
  iree_vm_native_function_shim_t shim;
  iree_vm_native_function_target_t target;
  void* self;
  // The target module's state in the context of the importing module; TENON_NATIVE_STATE_UNKNOWN
  // before the first call. (When imports are resolved nobody can ask for it yet: an import knows no
  // context, a stack does.)
  iree_atomic_intptr_t module_state;
  iree_vm_function_t function;
  // For messages.
  const char* kind;
} tenon_native_import_t;

// No object has this address.
#define TENON_NATIVE_STATE_UNKNOWN ((intptr_t)1)

// Fills *out_import if the module of |function| lets it be called directly (get_native_call).
// Otherwise returns false and zeroes it.
bool tenon_native_import_bind(const iree_vm_function_t* function,
                              tenon_native_import_t* out_import);

// What is left to do when a shim has returned something else than OK. DEFERRED: gives the frame
// that the function has entered on top of |caller_frame| (NULL: the stack was empty) what it needs
// to be resumed, and returns DEFERRED (or INTERNAL if there is no such frame). A failure: cleans up
// the frames above |caller_frame| and adds the function's name.
iree_status_t tenon_native_call_end(iree_vm_stack_t* stack, iree_vm_stack_frame_t* caller_frame,
                                    const iree_vm_function_call_t* call, void* module_state,
                                    const char* kind, iree_status_t status);

// The cold parts of the call below.
iree_status_t tenon_native_import_resolve_state(iree_vm_stack_t* stack,
                                                tenon_native_import_t* import,
                                                intptr_t* out_module_state);
iree_status_t tenon_native_import_end(iree_vm_stack_t* stack, iree_vm_stack_frame_t* caller_frame,
                                      const tenon_native_import_t* import,
                                      iree_byte_span_t arguments, iree_byte_span_t results,
                                      intptr_t module_state, iree_status_t status);

// Calls a bound import with storages as in module.h. |caller_frame| is the caller's own frame: the
// topmost of |stack|. When this returns DEFERRED the caller does what callers do then (stack.h,
// step 2), except that call_results of its frame is set.
static inline iree_status_t tenon_native_import_call(iree_vm_stack_t* stack,
                                                     iree_vm_stack_frame_t* caller_frame,
                                                     tenon_native_import_t* import,
                                                     iree_byte_span_t arguments,
                                                     iree_byte_span_t results) {
  intptr_t module_state = iree_atomic_load(&import->module_state, iree_memory_order_relaxed);
  if (IREE_UNLIKELY(module_state == TENON_NATIVE_STATE_UNKNOWN)) {
    IREE_RETURN_IF_ERROR(tenon_native_import_resolve_state(stack, import, &module_state));
  }
  iree_status_t status = import->shim(stack, IREE_VM_NATIVE_FUNCTION_CALL_BEGIN, arguments, results,
                                      import->target, import->self, (void*)module_state);
  if (IREE_LIKELY(iree_status_is_ok(status))) return status;
  return tenon_native_import_end(stack, caller_frame, import, arguments, results, module_state,
                                 status);
}

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // TENON_VM_NATIVE_MODULE_CALL_H_
