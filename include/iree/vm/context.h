// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A context: modules linked together, each with its state in this context.
//
// Modules are registered in order. For each one: dependencies are checked, its state is made, each
// of its imports is looked up among the modules registered *before* it (the latest of that name
// wins) and compared by calling convention, and its export `__init` runs, if there is one. When the
// context goes, all `__deinit` run in reverse order, then states are freed in reverse order.
//
// Ownership: counted; it retains the instance and its modules. Invocations that go on by themselves,
// as asynchronous programs begin them, retain the context until they have ended: it may go a little
// later than their fences say, on another thread. Release may run user code (`__deinit`, free_state)
// on whichever thread it is.
// Thread-safety: counting and, once modules are registered, lookups and invocations from any
// thread, as far as the modules' states allow concurrent calls; those of compiled modules do: what
// changes in them is ordered as follows. Registering modules needs exclusion from everything else on the context.
//
// Order: an invocation begins on its caller's thread, in the order of the calls, and has returned
// or suspended itself before the call returns. Any number may be in flight at once, begun by any threads. Beyond that
// fences order invocations with each other; and those of compiled functions that touch globals which change take turns,
// in the order of the calls: one after the other to its end, failed or aborted or not, across all modules of the
// context. One that has to wait for its turn is suspended. A turn goes along with its invocation, whichever thread
// resumes that. A native function that is called in a turn is in it, and so is all that it invokes on this thread, in
// the same context: that takes turns within the turn, and what of it goes on when the native function returns prolongs it. So nobody waits for an
// invocation that waits for him, unless a native function waits for another's end by other means than invoking it.
//
// Errors of registration (the failing module and those after it are not registered; earlier ones
// stay):
//   NOT_FOUND            a required import or module is missing. The message names the import and
//                        the importing module, lists what is there instead, and says what to
//                        register before it.
//   INTERNAL             an import's calling convention differs from the export's, or the export's is
//                        not known: both are shown, with their declarations (attribute
//                        `iree.abi.declaration`) where known. A native module's own imports, whose
//                        convention is not known, are for its resolve_import to check.
//   FAILED_PRECONDITION  the context is frozen, or a dependency is older than required.
//   else                 what alloc_state, resolve_import or `__init` failed with; it names the
//                        module.
#ifndef IREE_VM_CONTEXT_H_
#define IREE_VM_CONTEXT_H_

#include "iree/base/api.h"
#include "iree/vm/instance.h"
#include "iree/vm/module.h"
#include "iree/vm/stack.h"

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

typedef struct iree_vm_context_t iree_vm_context_t;

enum iree_vm_context_flag_bits_t {
  IREE_VM_CONTEXT_FLAG_NONE = 0u,
  // All invocations get IREE_VM_INVOCATION_FLAG_TRACE_EXECUTION, also those of `__init` and
  // `__deinit`. A Tenon built with -DIREE_VM_EXECUTION_TRACING_FORCE_ENABLE=1 traces all without it.
  IREE_VM_CONTEXT_FLAG_TRACE_EXECUTION = 1u << 0,
  // Several threads will invoke at once. Kept for the modules' information; the context itself
  // always allows it.
  IREE_VM_CONTEXT_FLAG_CONCURRENT = 1u << 1,
};
typedef uint32_t iree_vm_context_flags_t;

// Makes an empty context, to which modules can be added.
IREE_API_EXPORT iree_status_t iree_vm_context_create(iree_vm_instance_t* instance,
                                                     iree_vm_context_flags_t flags,
                                                     iree_allocator_t allocator,
                                                     iree_vm_context_t** out_context);

// Makes a context with these modules, in this order, and freezes it if there is at least one.
IREE_API_EXPORT iree_status_t iree_vm_context_create_with_modules(
    iree_vm_instance_t* instance, iree_vm_context_flags_t flags, iree_host_size_t module_count,
    iree_vm_module_t** modules, iree_allocator_t allocator, iree_vm_context_t** out_context);

IREE_API_EXPORT void iree_vm_context_retain(iree_vm_context_t* context);
IREE_API_EXPORT void iree_vm_context_release(iree_vm_context_t* context);

// Unique among the contexts of the process, also of past ones.
IREE_API_EXPORT intptr_t iree_vm_context_id(const iree_vm_context_t* context);
IREE_API_EXPORT iree_vm_context_flags_t iree_vm_context_flags(const iree_vm_context_t* context);

IREE_API_EXPORT iree_status_t iree_vm_context_register_modules(iree_vm_context_t* context,
                                                               iree_host_size_t module_count,
                                                               iree_vm_module_t** modules);

// No module can be registered afterwards.
IREE_API_EXPORT iree_status_t iree_vm_context_freeze(iree_vm_context_t* context);

// Finds states for a stack; valid as long as the context.
IREE_API_EXPORT iree_vm_state_resolver_t
iree_vm_context_state_resolver(const iree_vm_context_t* context);

// The state of |module| (borrowed; NULL if it has none). NOT_FOUND if the module isn't registered.
IREE_API_EXPORT iree_status_t
iree_vm_context_resolve_module_state(const iree_vm_context_t* context, iree_vm_module_t* module,
                                     iree_vm_module_state_t** out_module_state);

// `module.function`: the name is split at the first dot, so functions may have dots in theirs.
//   INVALID_ARGUMENT: no dot.   NOT_FOUND: no such module or function, listing those that exist.
IREE_API_EXPORT iree_status_t iree_vm_context_resolve_function(const iree_vm_context_t* context,
                                                               iree_string_view_t full_name,
                                                               iree_vm_function_t* out_function);

// What is registered, in order, borrowed from the context. With iree/vm/module.h this tells all that there is to call:
// names, signatures and attributes of the modules' imports, exports and internal functions, and dependencies.
IREE_API_EXPORT iree_host_size_t tenon_vm_context_module_count(const iree_vm_context_t* context);
// OUT_OF_RANGE past the last.
IREE_API_EXPORT iree_status_t tenon_vm_context_module_at(const iree_vm_context_t* context,
                                                         iree_host_size_t index,
                                                         iree_vm_module_t** out_module);

// The export that import |ordinal| of |module| is bound to in this context; null for an optional one that is missing.
// NOT_FOUND: the module is not registered.   OUT_OF_RANGE: it has no such import.
IREE_API_EXPORT iree_status_t tenon_vm_context_resolve_import(const iree_vm_context_t* context,
                                                              iree_vm_module_t* module,
                                                              iree_host_size_t ordinal,
                                                              iree_vm_function_t* out_function);

// Sends |signal| to every module: SUSPEND and LOW_MEMORY in reverse order of registration, RESUME
// in order. All get it; the first failure is returned.
IREE_API_EXPORT iree_status_t iree_vm_context_notify(iree_vm_context_t* context,
                                                     iree_vm_signal_t signal);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  // IREE_VM_CONTEXT_H_
