// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sets of bits, and their text: the names of the bits set, joined by `|`.
#ifndef IREE_BASE_BITFIELD_H_
#define IREE_BASE_BITFIELD_H_

#include <stdint.h>

#include "iree/base/attributes.h"
#include "iree/base/status.h"
#include "iree/base/string_builder.h"
#include "iree/base/string_view.h"

#ifdef __cplusplus
extern "C" {
#endif

#define iree_all_bits_set(value, required_bits) (((value) & (required_bits)) == (required_bits))
#define iree_any_bit_set(value, required_bits) (((value) & (required_bits)) != 0)

typedef struct iree_bitfield_string_mapping_t {
  // One or more bits.
  uint32_t bits;
  iree_string_view_t string;
} iree_bitfield_string_mapping_t;

// Room for the text of _format_inline.
typedef struct iree_bitfield_string_temp_t {
  char buffer[256];
} iree_bitfield_string_temp_t;

// Appends the text of `value`: each mapping in turn whose bits are all set takes its bits out, so
// the mappings of several bits come first. Bits without a name are a hexadecimal number at the end;
// zero is "NONE".
IREE_API_EXPORT iree_status_t iree_bitfield_format(uint32_t value, iree_host_size_t mapping_count,
                                                   const iree_bitfield_string_mapping_t* mappings,
                                                   iree_string_builder_t* string_builder);
// The same as a view into *out_temp, valid while it lives, for use in an argument of printf. A text
// that is too long for it becomes "(error)".
IREE_API_EXPORT iree_string_view_t iree_bitfield_format_inline(
    uint32_t value, iree_host_size_t mapping_count, const iree_bitfield_string_mapping_t* mappings,
    iree_bitfield_string_temp_t* out_temp);

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // IREE_BASE_BITFIELD_H_
