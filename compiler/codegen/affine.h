// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Indices that bodies compute: which of them need no check in each iteration.

#ifndef TENON_COMPILER_CODEGEN_AFFINE_H_
#define TENON_COMPILER_CODEGEN_AFFINE_H_

#include "compiler/codegen/kernel.h"

// base + sum(loops[d] * the index of loop d) + sum(factor * a constant of the dispatch).
#define TENON_AFFINE_TERMS 4
typedef struct tenon_affine_t {
  int64_t base;
  int64_t loops[TENON_KERNEL_MAX_RANK];
  struct {
    int constant;
    int64_t factor;
  } terms[TENON_AFFINE_TERMS];
  int term_count;
} tenon_affine_t;

// Reads how |index| is computed in the body of |member|. Returns false for anything else.
bool tenon_affine_read(const tenon_kernel_t* kernel, const tenon_member_t* member, MlirValue index,
                       tenon_affine_t* out_affine);

// How an index stays within a dimension of |extent| elements.
typedef enum tenon_index_kind_t {
  TENON_INDEX_SAFE,    // always, whatever numbers the dispatch is given
  TENON_INDEX_AFFINE,  // where the least and the largest are within
  TENON_INDEX_FREE,    // each has to be looked at
} tenon_index_kind_t;
tenon_index_kind_t tenon_index_kind(const tenon_kernel_t* kernel, const tenon_member_t* member,
                                    MlirValue index, tenon_count_t extent,
                                    tenon_affine_t* out_affine);

#endif  // TENON_COMPILER_CODEGEN_AFFINE_H_
