// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A library that must not be loaded: whatever is wrong with it is given by macros. It says so if it is loaded all the same.

#include <stdlib.h>

#include "tenon/note.h"
// With it, one of the library's source files was compiled against the right headers.
#ifdef BAD_PLUGIN_HAS_HEADER
#include "iree/vm/dynamic/module.h"
#endif

#ifdef BAD_PLUGIN_VERSION
TENON_DEFINE_NOTE(bad_note, TENON_NOTE_PLUGIN, BAD_PLUGIN_VERSION, BAD_PLUGIN_SIZES);
#endif

__attribute__((constructor)) static void loaded(void) { abort(); }

#ifdef BAD_PLUGIN_HAS_HEADER
iree_status_t iree_vm_dynamic_module_create(iree_vm_dynamic_module_version_t max_version,
                                            iree_vm_instance_t* instance,
                                            iree_host_size_t param_count,
                                            const iree_string_pair_t* params,
                                            iree_allocator_t host_allocator,
                                            iree_vm_module_t** out_module) {
  abort();
}
#endif
