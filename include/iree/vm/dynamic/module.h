// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Plugins: modules in shared libraries, loaded by programs that were built without them. All tools
// that run programs take them: --module=libmine.so@create?key=value.
//
// ## Writing one
// A library has one exported function for each module that it can make:
//
//   #include "iree/vm/dynamic/module.h"
//
//   IREE_VM_DYNAMIC_MODULE_EXPORT iree_status_t iree_vm_dynamic_module_create(
//       iree_vm_dynamic_module_version_t max_version, iree_vm_instance_t* instance,
//       iree_host_size_t param_count, const iree_string_pair_t* params,
//       iree_allocator_t host_allocator, iree_vm_module_t** out_module) {
//     return my_module_create(instance, host_allocator, out_module);
//   }
//
// It is linked with -shared and *without* the runtime (CMake: Tenon::Plugin, pkg-config:
// tenon-plugin): it uses the functions of the program that loads it. Types, statuses, references and
// threads are those of one runtime, so a library that contains one of its own is refused.
//
// An entry point is given no device, since a module may serve many. All devices work on host memory
// so far: a module that allocates results makes an allocator (iree_hal_allocator_create_heap) or a
// device (`local-sync`) of its own, which costs a few hundred bytes.
//
// ## Versions
// The API is source compatible from version to version, but compiled code is not: public structs
// and inline functions change. Including this header records in the library which version it is
// compiled against; a program refuses any other than its own before it loads the library. Compile
// the plugin again then.
//
// ## Loading
// The program has to contain the whole runtime and to export its functions (CMake:
// tenon_plugin_host(TARGET); otherwise -rdynamic and --whole-archive).
//
// A library whose entry point has been called stays loaded until the process ends: types that it
// registered, statuses that it made and threads that it started refer to it.
//
// Thread-safety: everything from any thread.
#ifndef IREE_VM_DYNAMIC_MODULE_H_
#define IREE_VM_DYNAMIC_MODULE_H_

#include "iree/base/api.h"
#include "iree/vm/instance.h"
#include "iree/vm/module.h"
#include "tenon/note.h"

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

// Counts the changes of anything that plugins and programs must agree on: the entry point, public
// structs, signatures, inline functions, the shims' layouts.
#define IREE_VM_DYNAMIC_MODULE_VERSION_LATEST 1u
typedef uint32_t iree_vm_dynamic_module_version_t;

// The types whose size a build may choose (iree/base/config.h), for the record.
#define TENON_PLUGIN_SIZES (sizeof(iree_host_size_t) << 8 | sizeof(iree_device_size_t))
TENON_DEFINE_NOTE(tenon_plugin_note, TENON_NOTE_PLUGIN, IREE_VM_DYNAMIC_MODULE_VERSION_LATEST,
                  TENON_PLUGIN_SIZES);

// Put this before the definition of an entry point.
#define IREE_VM_DYNAMIC_MODULE_EXPORT IREE_API_EXPORT

// The entry point that is meant when none is named.
#define IREE_VM_DYNAMIC_MODULE_EXPORT_NAME "iree_vm_dynamic_module_create"

// An entry point. Makes a module with a count of 1, which passes to the caller; when it fails, it
// makes none. |max_version| is the program's IREE_VM_DYNAMIC_MODULE_VERSION_LATEST, which has been
// compared with the library's. |params|, in the order in which the user gave them, and their
// strings are the caller's and live as long as the call; a key may occur twice, a value may be
// empty. A plugin should refuse keys that it doesn't know.
typedef iree_status_t(IREE_API_PTR* iree_vm_dynamic_module_create_fn_t)(
    iree_vm_dynamic_module_version_t max_version, iree_vm_instance_t* instance,
    iree_host_size_t param_count, const iree_string_pair_t* params, iree_allocator_t host_allocator,
    iree_vm_module_t** out_module);

// Declared so that compilers check a plugin's definition; no program has it.
IREE_VM_DYNAMIC_MODULE_EXPORT iree_status_t iree_vm_dynamic_module_create(
    iree_vm_dynamic_module_version_t max_version, iree_vm_instance_t* instance,
    iree_host_size_t param_count, const iree_string_pair_t* params, iree_allocator_t host_allocator,
    iree_vm_module_t** out_module);

// Loads the library at |path| and has the function |export_name| (empty:
// IREE_VM_DYNAMIC_MODULE_EXPORT_NAME) make a module, with a count of 1 for the caller. A |path|
// without a slash is a file of the working directory; libraries are not searched for. Loading one
// again makes another module.
//   NOT_FOUND: no such file, or no such function in it.   INVALID_ARGUMENT: not a shared library for
//   this machine, or one that is no plugin.   FAILED_PRECONDITION: compiled against another version
//   (the message has both) or with a runtime of its own; or this program doesn't export the
//   functions that plugins use; or the system can't load it, and why.   Others: from the entry
//   point.
IREE_API_EXPORT iree_status_t iree_vm_dynamic_module_load_from_file(
    iree_vm_instance_t* instance, iree_string_view_t path, iree_string_view_t export_name,
    iree_host_size_t param_count, const iree_string_pair_t* params, iree_allocator_t host_allocator,
    iree_vm_module_t** out_module);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  // IREE_VM_DYNAMIC_MODULE_H_
