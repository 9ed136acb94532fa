// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "vm/text.h"

#include <string.h>

void tenon_vm_text_append(tenon_text_t* text, iree_string_view_t value) {
  const iree_host_size_t room = sizeof(text->data) - (iree_host_size_t)text->size;
  const iree_host_size_t length = value.size < room ? value.size : room;
  if (length) memcpy(text->data + text->size, value.data, length);
  text->size += (int)length;
  // A text that was cut shows it, and takes nothing more.
  if (length < value.size) memcpy(text->data + sizeof(text->data) - 3, "...", 3);
}

void tenon_vm_text_append_item(tenon_text_t* text, iree_string_view_t value) {
  if (text->size) tenon_vm_text_append(text, iree_make_cstring_view(", "));
  tenon_vm_text_append(text, value);
}

void tenon_text_list_functions(const iree_vm_module_t* module, iree_vm_function_linkage_t linkage,
                               tenon_text_t* out_text) {
  out_text->size = 0;
  const iree_vm_module_signature_t signature = iree_vm_module_signature(module);
  const iree_host_size_t count =
      linkage == IREE_VM_FUNCTION_LINKAGE_EXPORT     ? signature.export_function_count
      : linkage == IREE_VM_FUNCTION_LINKAGE_INTERNAL ? signature.internal_function_count
                                                     : signature.import_function_count;
  for (iree_host_size_t i = 0; i < count; ++i) {
    iree_string_view_t name = iree_string_view_empty();
    iree_status_t status = module->get_function(module->self, linkage, i, NULL, &name, NULL);
    if (!iree_status_is_ok(status)) {
      iree_status_ignore(status);
    } else if (!iree_string_view_starts_with(name, iree_make_cstring_view("__"))) {
      tenon_vm_text_append_item(out_text, name);
    }
  }
  if (!out_text->size) tenon_vm_text_append(out_text, iree_make_cstring_view("nothing"));
}

void tenon_text_signature(const iree_vm_function_t* function, tenon_text_t* out_text) {
  out_text->size = 0;
  const iree_string_view_t convention = iree_vm_function_signature(function).calling_convention;
  tenon_vm_text_append(out_text, convention.size ? convention : iree_make_cstring_view("unknown"));
  const iree_string_view_t declaration = iree_vm_function_lookup_attr_by_name(
      function, iree_make_cstring_view("iree.abi.declaration"));
  if (!declaration.size) return;
  tenon_vm_text_append(out_text, iree_make_cstring_view(": "));
  tenon_vm_text_append(out_text, declaration);
}
