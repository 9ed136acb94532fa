// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// linalg operations: their operands and maps, and linalg.generic in the one form that the stages
// after `input` see.
//
// The plain form: every input is a tensor (scalars and splat constants are numbers that the body
// captures), every output is a tensor.empty whose value the body doesn't use, every iterator is
// parallel, every output map is a permutation of the loops.

#ifndef TENON_COMPILER_INPUT_GENERIC_H_
#define TENON_COMPILER_INPUT_GENERIC_H_

#include "compiler/input/ir.h"

bool tenon_is_generic(MlirOperation op);

// The array of indexing maps, one for each operand; null for operations that have none.
MlirAttribute tenon_linalg_maps(MlirOperation op);
MlirAffineMap tenon_linalg_map(MlirAttribute maps, intptr_t operand);

// Whether every result of |map| is a sum of dimensions times constants from 1 to
// TENON_MAX_COEFFICIENT and constants from 0 to that. Then no index is negative, and none
// overflows: products with any extent that fits in memory stay within 64 bits.
#define TENON_MAX_COEFFICIENT (1 << 15)
bool tenon_is_linear_map(MlirAffineMap map);

// Builds a linalg.generic with parallel iterators before |before| and takes over |body|, whose one
// block must have an argument for each input and each output. |maps| has one for each of these too.
// The results are of the outputs' types.
MlirOperation tenon_insert_generic(MlirOperation before, MlirLocation location,
                                   const tenon_value_list_t* inputs,
                                   const tenon_value_list_t* outputs, const tenon_attr_list_t* maps,
                                   intptr_t loop_count, MlirRegion body);

// Brings every linalg.generic below |root| into the plain form.
void tenon_normalize_generics(MlirOperation root);

#endif  // TENON_COMPILER_INPUT_GENERIC_H_
