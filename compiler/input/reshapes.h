// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The same elements in another shape: tensor.expand_shape, collapse_shape and reshape become tenon.reshape.
// Each function replaces |op|.

#ifndef TENON_COMPILER_INPUT_RESHAPES_H_
#define TENON_COMPILER_INPUT_RESHAPES_H_

#include "compiler/input/ir.h"

// |tensor| as a tensor of |type|, which has as many elements; |sizes| has one for each dimension.
MlirValue tenon_insert_reshape(MlirOperation before, MlirValue tensor, MlirType type,
                               const MlirValue* sizes);

void tenon_lower_expand_shape(MlirOperation op);
void tenon_lower_collapse_shape(MlirOperation op);
void tenon_lower_reshape(MlirOperation op);

#endif  // TENON_COMPILER_INPUT_RESHAPES_H_
