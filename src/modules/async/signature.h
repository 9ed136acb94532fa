// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The type of an asynchronous function, read from the text that also declares it in programs:
// `(tensor<?x4xi32>, f32) -> (tensor<?xi32>, tensor<2xf32>)`.

#ifndef TENON_MODULES_ASYNC_SIGNATURE_H_
#define TENON_MODULES_ASYNC_SIGNATURE_H_

#include "iree/hal/element_type.h"
#include "iree/base/api.h"

// A dim that is known only at the call.
#define TENON_ASYNC_OPEN_DIM ((iree_hal_dim_t) - 1)

// An argument or a result.
typedef struct tenon_async_type_t {
  // In calling conventions: `r` for a tensor, `i`, `I`, `f` or `F` for a number.
  char letter;
  // What a number is in storage: INT_32 for all of i1 to i32.
  iree_hal_element_type_t element_type;
  iree_host_size_t rank;
  const iree_hal_dim_t* dims;
} tenon_async_type_t;

typedef struct tenon_async_signature_t {
  iree_host_size_t argument_count;
  iree_host_size_t result_count;
  const tenon_async_type_t* arguments;
  const tenon_async_type_t* results;
  // Of the results, together.
  iree_host_size_t result_dim_count;
  // With the two fences behind the arguments.
  iree_string_view_t calling_convention;
} tenon_async_signature_t;

// Reads |text|. One allocation, to be freed with |allocator|.
iree_status_t tenon_async_signature_parse(iree_string_view_t text, iree_allocator_t allocator,
                                          tenon_async_signature_t** out_signature);

#endif  // TENON_MODULES_ASYNC_SIGNATURE_H_
