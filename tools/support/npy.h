// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// NumPy's .npy files: arrays with their shape and type, one after the other.
//
// Read: versions 1, 2 and 3, little-endian (or of one byte), C order, booleans, integers, floats
// and complex numbers. Signed integers are read as signless ones, which is what programs take.
// Written: version 1.

#ifndef TENON_TOOLS_SUPPORT_NPY_H_
#define TENON_TOOLS_SUPPORT_NPY_H_

#include <stdio.h>

#include "iree/hal/api.h"

// Makes a view of the first array in |*file| and moves |*file| past it. Errors say what is wrong
// and, where something of NumPy's isn't supported, how to save the array so that it is.
iree_status_t tenon_npy_read(iree_const_byte_span_t* file, iree_hal_allocator_t* allocator,
                             iree_hal_buffer_view_t** out_view);

// Writes an array: a header, then |contents|. UNIMPLEMENTED for an element type that NumPy doesn't
// have.
iree_status_t tenon_npy_write(FILE* file, iree_host_size_t rank, const iree_hal_dim_t* dims,
                              iree_hal_element_type_t element_type,
                              iree_const_byte_span_t contents);

#endif  // TENON_TOOLS_SUPPORT_NPY_H_
