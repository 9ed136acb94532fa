// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Modules whose functions are C functions: a table of exports, a table of function pointers, and as
// much of the module interface as the module needs.
//
//   static const iree_vm_native_export_descriptor_t exports[] = {
//       {IREE_VM_NATIVE_STR("add"), IREE_VM_NATIVE_STR("0ii_i"), 0, NULL},
//   };
//   static const iree_vm_native_function_ptr_t functions[] = {
//       {iree_vm_shim_ii_i, (iree_vm_native_function_target_t)my_add},
//   };
// shims.h has the shims and how to write more.
//
// What a function costs: compiled programs call the shim directly: no frame, no lookup, no lock.
//
// ## How a native function suspends
// (The whole protocol is in stack.h.) The shim, on its first call:
//   1. iree_vm_stack_function_enter(stack, NULL, IREE_VM_STACK_FRAME_NATIVE, size, cleanup,
//   &frame);
//   2. stores what it needs in iree_vm_stack_frame_storage(frame);
//   3. returns iree_status_from_code(IREE_STATUS_DEFERRED).
// When the invocation is resumed the shim is called again with the same arguments, and
// IREE_VM_NATIVE_FUNCTION_CALL_RESUME in |flags|; its frame is iree_vm_stack_top(stack). It may
// return DEFERRED again, or it writes its results, leaves its frame (iree_vm_stack_function_leave)
// and returns OK or an error. References in the argument storage that it had not taken are still
// there. The same goes for a shim that calls another function, by iree_vm_module_begin_call, and
// gets DEFERRED: its frame is then resumed after the callee is done, with the results where it
// asked for them.
// Returning DEFERRED without a frame is an error (INTERNAL). A shim that fails need not leave the
// frames that it entered.
//
// Thread-safety: as of all modules (module.h). Functions get called from every thread that invokes.
#ifndef IREE_VM_NATIVE_MODULE_H_
#define IREE_VM_NATIVE_MODULE_H_

#include "iree/base/api.h"
#include "iree/vm/instance.h"
#include "iree/vm/module.h"
#include "iree/vm/stack.h"

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

// A string view of a literal, for static tables.
#define IREE_VM_NATIVE_STR(literal) {(literal), sizeof(literal) - 1}

enum iree_vm_native_import_flag_bits_t {
  IREE_VM_NATIVE_IMPORT_REQUIRED = 1u << 0,
  IREE_VM_NATIVE_IMPORT_OPTIONAL = 1u << 1,
};
typedef uint32_t iree_vm_native_import_flags_t;

// A function that this module calls: it is handed to resolve_import of the module interface.
// Neither flag: required.
typedef struct iree_vm_native_import_descriptor_t {
  iree_vm_native_import_flags_t flags;
  // `module.function`.
  iree_string_view_t full_name;
} iree_vm_native_import_descriptor_t;

typedef struct iree_vm_native_export_descriptor_t {
  // Without the module's name.
  iree_string_view_t local_name;
  // See module.h; checked when the module is created.
  iree_string_view_t calling_convention;
  iree_host_size_t attr_count;
  const iree_string_pair_t* attrs;
} iree_vm_native_export_descriptor_t;

typedef struct iree_vm_native_function_ptr_t {
  iree_vm_native_function_shim_t shim;
  iree_vm_native_function_target_t target;
} iree_vm_native_function_ptr_t;

// The whole module as tables; kept by pointer, so usually static const. functions[i] implements
// exports[i].
typedef struct iree_vm_native_module_descriptor_t {
  iree_string_view_t name;
  uint32_t version;
  iree_host_size_t attr_count;
  const iree_string_pair_t* attrs;
  iree_host_size_t dependency_count;
  const iree_vm_module_dependency_t* dependencies;
  iree_host_size_t import_count;
  const iree_vm_native_import_descriptor_t* imports;
  // In any order; names differ.
  iree_host_size_t export_count;
  const iree_vm_native_export_descriptor_t* exports;
  iree_host_size_t function_count;
  const iree_vm_native_function_ptr_t* functions;
} iree_vm_native_module_descriptor_t;

// Bytes of the module object: what a module that keeps fields of its own behind it adds to their
// size.
IREE_API_EXPORT iree_host_size_t iree_vm_native_module_size(void);

// Makes a module from |module_descriptor| with a count of 1. Of |module_interface| (copied) these
// are used where set: destroy, alloc_state, free_state, resolve_import, notify, get_module_attr,
// get_function_attr, resolve_source_location, enumerate_dependencies, begin_call, resume_call; the
// rest comes from the tables. They are called with module_interface->self; if that is NULL, with
// the new module's address. |destroy| frees what self refers to, not the module object. The
// instance is retained.
//   INVALID_ARGUMENT: tables that don't fit together (counts differ, a malformed calling
//   convention), saying which entry.
IREE_API_EXPORT iree_status_t iree_vm_native_module_create(
    const iree_vm_module_t* module_interface,
    const iree_vm_native_module_descriptor_t* module_descriptor, iree_vm_instance_t* instance,
    iree_allocator_t allocator, iree_vm_module_t** out_module);

// The same in memory that the caller has allocated from |allocator|: at least
// iree_vm_native_module_size() bytes (what follows them is the caller's), to be freed by the module
// with |allocator| after |destroy| has run. If this fails the memory is still the caller's.
IREE_API_EXPORT iree_status_t iree_vm_native_module_initialize(
    const iree_vm_module_t* module_interface,
    const iree_vm_native_module_descriptor_t* module_descriptor, iree_vm_instance_t* instance,
    iree_allocator_t allocator, iree_vm_module_t* module);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  // IREE_VM_NATIVE_MODULE_H_
