// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What --module=WHERE names: a compiled program or a plugin.

#ifndef TENON_TOOLS_SUPPORT_MODULES_H_
#define TENON_TOOLS_SUPPORT_MODULES_H_

#include "iree/base/api.h"
#include "iree/vm/api.h"

// For the help.
#define TENON_MODULES_WHERE "FILE[@EXPORT][?KEY=VALUE&...]"

// A value of --module, taken apart. Views into it.
#define TENON_MODULE_MAX_PARAMS 32
typedef struct tenon_module_spec_t {
  iree_string_view_t path;
  // Empty if none is given.
  iree_string_view_t export_name;
  // Whether there is a `@` or `?` at all.
  bool is_plugin;
  iree_host_size_t param_count;
  iree_string_pair_t params[TENON_MODULE_MAX_PARAMS];
} tenon_module_spec_t;

// Takes |text| apart at the first `?` and at the last `@` before it.
//   INVALID_ARGUMENT: an empty part, or too many parameters.
iree_status_t tenon_module_spec_parse(iree_string_view_t text, tenon_module_spec_t* out_spec);

// Loads the module that |where| names, with a count of 1 for the caller: `-` is a compiled program from
// standard input; a file is a plugin if it begins as shared libraries do, and a compiled program if
// not, whatever its name. A file whose whole name is |where| comes before any taking apart.
iree_status_t tenon_load_module(iree_vm_instance_t* instance, iree_string_view_t where,
                                iree_allocator_t host_allocator, iree_vm_module_t** out_module);

#endif  // TENON_TOOLS_SUPPORT_MODULES_H_
