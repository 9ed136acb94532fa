// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The modules that a compiled program depends on: those that it imports from.
#include <string.h>

#include "vm/bytecode/module.h"

// So many are told once; from there on one may be told again for each of its imports.
#define TENON_MAX_DISTINCT_DEPENDENCIES 64

// The dependency that import |index| makes.
static iree_vm_module_dependency_t tenon_import_dependency(const tenon_module_file_t* file,
                                                           uint32_t index) {
  const tenon_import_t* import = &file->imports[index];
  const iree_string_view_t full_name = tenon_module_string(file, import->full_name);
  iree_vm_module_dependency_t dependency = {
      .name = iree_string_view_substr(full_name, 0, iree_string_view_find_char(full_name, '.', 0)),
      .minimum_version = import->minimum_version,
      .flags = (import->flags & TENON_IMPORT_OPTIONAL ? IREE_VM_MODULE_DEPENDENCY_FLAG_OPTIONAL
                                                      : IREE_VM_MODULE_DEPENDENCY_FLAG_REQUIRED) |
               TENON_VM_MODULE_DEPENDENCY_FLAG_IMPORTED,
  };
  return dependency;
}

iree_status_t tenon_bytecode_enumerate_dependencies(void* self,
                                                    iree_vm_module_dependency_callback_t callback,
                                                    void* user_data) {
  const tenon_module_file_t* file = ((const tenon_bytecode_module_t*)self)->file;
  iree_vm_module_dependency_t known[TENON_MAX_DISTINCT_DEPENDENCIES];
  iree_host_size_t count = 0;
  for (uint32_t i = 0; i < file->import_count; ++i) {
    const iree_vm_module_dependency_t dependency = tenon_import_dependency(file, i);
    iree_host_size_t j = 0;
    while (j < count && !iree_string_view_equal(known[j].name, dependency.name)) ++j;
    if (j < count) {
      // Required for one import, required; and in the latest version that one of them needs.
      if (dependency.flags & IREE_VM_MODULE_DEPENDENCY_FLAG_REQUIRED) {
        known[j].flags = dependency.flags;
      }
      if (dependency.minimum_version > known[j].minimum_version) {
        known[j].minimum_version = dependency.minimum_version;
      }
    } else if (count < TENON_MAX_DISTINCT_DEPENDENCIES) {
      known[count++] = dependency;
    } else {
      IREE_RETURN_IF_ERROR(callback(user_data, &dependency));
    }
  }
  for (iree_host_size_t i = 0; i < count; ++i) {
    IREE_RETURN_IF_ERROR(callback(user_data, &known[i]));
  }
  return iree_ok_status();
}
