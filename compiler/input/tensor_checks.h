// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Run-time checks of operations on tensors: sizes, offsets and indices that the program computes. Each is overflow-safe,
// comes before |op| and names it.

#ifndef TENON_COMPILER_INPUT_TENSOR_CHECKS_H_
#define TENON_COMPILER_INPUT_TENSOR_CHECKS_H_

#include "mlir-c/IR.h"

// |what| is at least |least|, e.g. "size" number 2. Nothing where a constant or the size of a tensor is.
void tenon_check_least(MlirOperation op, const char* what, intptr_t number, MlirValue value,
                       int64_t least);

// |value|, which is |what| number |number|, is |expected|.
void tenon_check_same(MlirOperation op, const char* what, intptr_t number, MlirValue value,
                      MlirValue expected);

// |index|, number |number| of |op|'s indices, is in [0, |size|).
void tenon_check_index(MlirOperation op, intptr_t number, MlirValue index, MlirValue size);

// |size| elements |stride| apart from |offset| on are in a dimension of |extent|.
void tenon_check_slice(MlirOperation op, intptr_t dim, MlirValue offset, MlirValue size,
                       MlirValue stride, MlirValue extent);

// The product of sizes, none of which is negative; the program has checked that it fits 64 bits.
MlirValue tenon_insert_product(MlirOperation op, intptr_t count, const MlirValue* sizes);

// |a| + |b|, neither of which is negative; the program has checked that it fits.
MlirValue tenon_insert_sum(MlirOperation op, MlirValue a, MlirValue b);

#endif  // TENON_COMPILER_INPUT_TENSOR_CHECKS_H_
