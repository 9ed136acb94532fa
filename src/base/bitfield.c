// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "iree/base/bitfield.h"

iree_status_t iree_bitfield_format(uint32_t value, iree_host_size_t mapping_count,
                                   const iree_bitfield_string_mapping_t* mappings,
                                   iree_string_builder_t* string_builder) {
  if (value == 0) return iree_string_builder_append_cstring(string_builder, "NONE");
  uint32_t remaining = value;
  for (iree_host_size_t i = 0; i < mapping_count; ++i) {
    if (mappings[i].bits == 0 || !iree_all_bits_set(remaining, mappings[i].bits)) continue;
    if (remaining != value)
      IREE_RETURN_IF_ERROR(iree_string_builder_append_cstring(string_builder, "|"));
    IREE_RETURN_IF_ERROR(iree_string_builder_append_string(string_builder, mappings[i].string));
    remaining &= ~mappings[i].bits;
  }
  if (remaining == 0) return iree_ok_status();
  return iree_string_builder_append_format(string_builder, "%s0x%x", remaining != value ? "|" : "",
                                           remaining);
}

iree_string_view_t iree_bitfield_format_inline(uint32_t value, iree_host_size_t mapping_count,
                                               const iree_bitfield_string_mapping_t* mappings,
                                               iree_bitfield_string_temp_t* out_temp) {
  iree_string_builder_t builder;
  iree_string_builder_initialize_with_storage(out_temp->buffer, sizeof(out_temp->buffer), &builder);
  iree_status_t status = iree_bitfield_format(value, mapping_count, mappings, &builder);
  if (iree_status_consume_code(status) != IREE_STATUS_OK) return iree_make_cstring_view("(error)");
  return iree_string_builder_view(&builder);
}
