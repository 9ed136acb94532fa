// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Short texts for messages: a fixed buffer that drops what doesn't fit, so that reporting an error
// can't fail itself.
#ifndef TENON_VM_TEXT_H_
#define TENON_VM_TEXT_H_

#include "iree/base/api.h"
#include "iree/vm/module.h"

typedef struct tenon_text_t {
  int size;
  char data[512];
} tenon_text_t;

void tenon_vm_text_append(tenon_text_t* text, iree_string_view_t value);

// Appends an element of a list: with `, ` in front unless |text| is empty.
void tenon_vm_text_append_item(tenon_text_t* text, iree_string_view_t value);

// The names of |module|'s functions of |linkage|, without those that start with `__`; `nothing` if
// there are none.
void tenon_text_list_functions(const iree_vm_module_t* module, iree_vm_function_linkage_t linkage,
                               tenon_text_t* out_text);

// `0rI_r`, with the declaration in the attribute `iree.abi.declaration` behind it where there is
// one; for messages.
void tenon_text_signature(const iree_vm_function_t* function, tenon_text_t* out_text);

#endif  // TENON_VM_TEXT_H_
