// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Modules compiled to module files by iree-compile. docs/module-format.md describes the files,
// docs/bytecode.md the machine.
//
// Trust: nothing in the host part of a file is trusted. It is verified before anything runs, and
// code that passes can do no more than call the functions that it imports, with values of the types
// that these declare. The native code of executables inside a file is as trusted as any shared
// library.
#ifndef IREE_VM_BYTECODE_MODULE_H_
#define IREE_VM_BYTECODE_MODULE_H_

#include "iree/base/api.h"
#include "iree/vm/api.h"

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

// Makes a module of the file in |archive_contents|, with a count of 1. Reference types that the
// file names (of custom modules) must be registered before.
//
// Ownership: on success the contents belong to the module and are freed with |archive_allocator|
// (iree_allocator_null(): never; then they must stay in place and unchanged) once the module and
// every buffer of its constants are gone, or earlier if the module works on a copy, which it does
// for contents that don't lie at a multiple of 8. On failure they stay the caller's. The module's
// own memory comes from |allocator|. The instance is retained. Thread-safety: the module is
// immutable; contexts on different threads may share it.
//
// Errors:
//   INVALID_ARGUMENT     not a module file, or malformed; the message names the part, for code the
//   function and pc. DATA_LOSS            cut short, or changed since it was written.
//   FAILED_PRECONDITION  written by a compiler that is newer than this runtime or too old; both
//   versions are shown. NOT_FOUND            a type that the file names is not registered.
IREE_API_EXPORT iree_status_t iree_vm_bytecode_module_create(
    iree_vm_instance_t* instance, iree_const_byte_span_t archive_contents,
    iree_allocator_t archive_allocator, iree_allocator_t allocator, iree_vm_module_t** out_module);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  // IREE_VM_BYTECODE_MODULE_H_
