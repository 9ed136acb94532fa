// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// linalg operations: their operands and maps, and how to make a linalg.generic. The plain form that the stages after
// `input` see is in docs/schedule.md.

#ifndef TENON_COMPILER_INPUT_GENERIC_H_
#define TENON_COMPILER_INPUT_GENERIC_H_

#include "compiler/input/affine.h"
#include "compiler/input/ir.h"

bool tenon_is_generic(MlirOperation op);

// The array of indexing maps, one for each operand; null for operations that have none.
MlirAttribute tenon_linalg_maps(MlirOperation op);
MlirAffineMap tenon_linalg_map(MlirAttribute maps, intptr_t operand);

// The loops that are a result of |map| alone, one bit each.
uint32_t tenon_loops_of(MlirAffineMap map);

// The attribute iterator_types of |count| loops: parallel ones and, where a bit is 0, reductions.
MlirAttribute tenon_iterators(MlirContext context, uint32_t parallel, intptr_t count);

// Builds a linalg.generic before |before| and takes over |body|, whose one
// block must have an argument for each input and each output. |maps| has one for each of these too.
// The results are of the outputs' types. The loops in the outputs' maps are parallel, others reductions.
MlirOperation tenon_insert_generic(MlirOperation before, MlirLocation location,
                                   const tenon_value_list_t* inputs,
                                   const tenon_value_list_t* outputs, const tenon_attr_list_t* maps,
                                   intptr_t loop_count, MlirRegion body);

#endif  // TENON_COMPILER_INPUT_GENERIC_H_
