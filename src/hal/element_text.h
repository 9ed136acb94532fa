// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Single elements as text; the grammar is in iree/hal/string_util.h.

#ifndef TENON_HAL_ELEMENT_TEXT_H_
#define TENON_HAL_ELEMENT_TEXT_H_

#include "iree/hal/element_type.h"

// Appends the element at |data|, which needs no alignment.
iree_status_t tenon_hal_append_element(const uint8_t* data, iree_hal_element_type_t element_type,
                                       iree_string_builder_t* builder);

// Reads |text| to |data|, which has the element's dense size.
iree_status_t tenon_hal_parse_element(iree_string_view_t text, iree_hal_element_type_t element_type,
                                      uint8_t* data);

#endif  // TENON_HAL_ELEMENT_TEXT_H_
