// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A session: a VM context with a device. Modules are appended to it, in the order of their
// dependencies, and their functions called by name or by handle.
//
// Ownership: counted. A session retains its instance, its device and its modules; callers keep and
// release their own counts of these whenever they like. Buffers that a call returned outlive the
// session. A session may be released while asynchronous calls of it are in flight: what they need
// stays until they have ended, which is a little later than their fences say.
// Thread-safety: once its modules are appended, a session's functions may be looked up and called from
// any threads at the same time, each call with lists of its own and as far as the native modules allow
// it; appending needs exclusion from everything else. Counting and the accessors are safe anywhere.
// Different sessions are independent of each other, also on one device or with one native module.
// Order: a call begins on the thread that makes it, in the order of that thread's calls. Calls of
// functions with fences (vm/invocation.h) return while their work goes on; only fences order that
// work, and any number of such calls may be in flight. Errors of calls come back as the callee made them,
// annotated with where in the program it happened; a failed call leaves the session usable.

#ifndef IREE_RUNTIME_SESSION_H_
#define IREE_RUNTIME_SESSION_H_

#include "iree/base/api.h"
#include "iree/hal/api.h"
#include "iree/runtime/instance.h"
#include "iree/vm/api.h"

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

typedef struct iree_runtime_session_t iree_runtime_session_t;

// Native modules that come with the runtime and that a session may register by itself, besides
// `hal`, which it always registers. None exist yet: whatever is asked for, of that nothing, is
// there.
#define IREE_RUNTIME_SESSION_BUILTIN_ALL UINT64_MAX
typedef uint64_t iree_runtime_session_builtins_t;

typedef struct iree_runtime_session_options_t {
  iree_vm_context_flags_t context_flags;
  iree_runtime_session_builtins_t builtin_modules;
} iree_runtime_session_options_t;

// Sets the defaults: all zero. A program that is built with -DIREE_VM_EXECUTION_TRACING_FORCE_ENABLE=1
// traces what its sessions execute (IREE_VM_CONTEXT_FLAG_TRACE_EXECUTION) without a change of it.
static inline void iree_runtime_session_options_initialize(
    iree_runtime_session_options_t* out_options) {
  out_options->context_flags = IREE_VM_CONTEXT_FLAG_NONE;
  out_options->builtin_modules = 0;
#if defined(IREE_VM_EXECUTION_TRACING_FORCE_ENABLE) && IREE_VM_EXECUTION_TRACING_FORCE_ENABLE
  out_options->context_flags |= IREE_VM_CONTEXT_FLAG_TRACE_EXECUTION;
#endif
}

// Makes a session with a count of 1, whose `hal` module runs on |device|. |options| is only read.
// Everything that its programs make for themselves comes from |host_allocator|; buffers come from
// the device.
IREE_API_EXPORT iree_status_t iree_runtime_session_create_with_device(
    iree_runtime_instance_t* instance, const iree_runtime_session_options_t* options,
    iree_hal_device_t* device, iree_allocator_t host_allocator,
    iree_runtime_session_t** out_session);

// NULL is allowed.
IREE_API_EXPORT void iree_runtime_session_retain(iree_runtime_session_t* session);
IREE_API_EXPORT void iree_runtime_session_release(iree_runtime_session_t* session);

IREE_API_EXPORT iree_allocator_t
iree_runtime_session_host_allocator(const iree_runtime_session_t* session);

// These are borrowed.
IREE_API_EXPORT iree_runtime_instance_t* iree_runtime_session_instance(
    const iree_runtime_session_t* session);
IREE_API_EXPORT iree_vm_context_t* iree_runtime_session_context(
    const iree_runtime_session_t* session);
IREE_API_EXPORT iree_hal_device_t* iree_runtime_session_device(
    const iree_runtime_session_t* session);
IREE_API_EXPORT iree_hal_allocator_t* iree_runtime_session_device_allocator(
    const iree_runtime_session_t* session);

//===--------------------------------------------------------------------------------------------===//
// Modules
//===--------------------------------------------------------------------------------------------===//
// A module's imports are resolved against the modules appended before it, then its initialiser
// runs. Errors of all four: see iree_vm_context_register_modules; a module that can't be appended
// leaves the session as it was.

// The session takes a count of its own.
IREE_API_EXPORT iree_status_t iree_runtime_session_append_module(iree_runtime_session_t* session,
                                                                 iree_vm_module_t* module);

// A module file that lies in memory. |flatbuffer_data| must stay as it is while the module lives;
// the module frees it with |flatbuffer_allocator| in the end (iree_allocator_null(): it is not the
// module's to free). On failure the caller keeps it. INVALID_ARGUMENT and others of
// iree_vm_bytecode_module_create for a file that is damaged or of another version.
IREE_API_EXPORT iree_status_t iree_runtime_session_append_bytecode_module_from_memory(
    iree_runtime_session_t* session, iree_const_byte_span_t flatbuffer_data,
    iree_allocator_t flatbuffer_allocator);

// The whole file is read. Errors name the file: NOT_FOUND, PERMISSION_DENIED, ...
IREE_API_EXPORT iree_status_t iree_runtime_session_append_bytecode_module_from_file(
    iree_runtime_session_t* session, const char* file_path);

// Reads standard input to its end.
IREE_API_EXPORT iree_status_t
iree_runtime_session_append_bytecode_module_from_stdin(iree_runtime_session_t* session);

//===--------------------------------------------------------------------------------------------===//
// Functions
//===--------------------------------------------------------------------------------------------===//

// Finds `module.function`. *out_function is valid while the session lives. NOT_FOUND lists the
// functions that there are; INVALID_ARGUMENT: no module name in |full_name|.
IREE_API_EXPORT iree_status_t iree_runtime_session_lookup_function(
    const iree_runtime_session_t* session, iree_string_view_t full_name,
    iree_vm_function_t* out_function);

// Calls a function and waits for its end. See iree_vm_invoke: |input_list| (NULL: no arguments)
// keeps its contents; |output_list| (NULL if there are no results) is replaced by the results.
// Lists may be reused from call to call, which is the cheap way.
IREE_API_EXPORT iree_status_t iree_runtime_session_call(iree_runtime_session_t* session,
                                                        const iree_vm_function_t* function,
                                                        iree_vm_list_t* input_list,
                                                        iree_vm_list_t* output_list);

// Both in one. A caller in a hurry looks a function up once.
IREE_API_EXPORT iree_status_t iree_runtime_session_call_by_name(iree_runtime_session_t* session,
                                                                iree_string_view_t full_name,
                                                                iree_vm_list_t* input_list,
                                                                iree_vm_list_t* output_list);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  // IREE_RUNTIME_SESSION_H_
