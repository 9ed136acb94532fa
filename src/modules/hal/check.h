// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The check of what users and their functions hand to a program: a buffer view against a tensor
// type.

#ifndef TENON_MODULES_HAL_CHECK_H_
#define TENON_MODULES_HAL_CHECK_H_

#include <string.h>

#include "iree/hal/api.h"

// No tensor type has more dimensions than this.
#define TENON_HAL_MAX_RANK 64

// A tensor type as programs pass it, borrowed from argument storage.
typedef struct tenon_tensor_type_t {
  iree_hal_element_type_t element_type;
  iree_host_size_t rank;
  const uint8_t* dims;  // int64_t each, unaligned
} tenon_tensor_type_t;

// A dimension; below 0 stands for any extent.
static inline int64_t tenon_tensor_dim(const tenon_tensor_type_t* type, iree_host_size_t i) {
  int64_t dim;
  memcpy(&dim, type->dims + i * sizeof(dim), sizeof(dim));
  return dim;
}

// Whether what a view holds may be taken for what a type asks for: a signless integer agrees with
// the signed and the unsigned one of its width; all other element types agree with themselves only.
bool tenon_hal_element_types_agree(iree_hal_element_type_t a, iree_hal_element_type_t b);

// The INVALID_ARGUMENT for a view that is not of |type|, showing both.
iree_status_t tenon_hal_make_mismatch_error(const iree_hal_buffer_view_t* view,
                                            tenon_tensor_type_t type);

// The INVALID_ARGUMENT for a null reference where a view of |type| is expected.
iree_status_t tenon_hal_make_null_view_error(tenon_tensor_type_t type);

#endif  // TENON_MODULES_HAL_CHECK_H_
