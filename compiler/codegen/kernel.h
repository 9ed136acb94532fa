// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A dispatch as code generation sees it: loops, and arrays that are read and written at linear
// functions of the loops' indices. Read from a function of @tenon_dispatches (docs/schedule.md),
// checked once, here: what comes later relies on it.

#ifndef TENON_COMPILER_CODEGEN_KERNEL_H_
#define TENON_COMPILER_CODEGEN_KERNEL_H_

#include <stdbool.h>
#include <stdint.h>

#include "compiler/codegen/linear.h"
#include "hal/local/executable_abi.h"
#include "mlir-c/IR.h"

// How often a loop runs: |scale| times the dispatch's constant number |constant|, or just |scale|
// if that is negative.
typedef struct tenon_loop_t {
  int64_t scale;
  int32_t constant;
  bool index_used;  // the body asks for the loop's index
} tenon_loop_t;

// An array in memory, dense and row-major. Inputs come first, then results.
typedef struct tenon_array_t {
  MlirType type;  // of an element
  int rank;
  bool written;
  bool sized;  // false while nothing has told the dynamic extents
  // Of the loops' extents. A dynamic dimension of an input is either one loop's extent, or a
  // constant of its own.
  tenon_linear_t extents[TENON_KERNEL_MAX_RANK];
} tenon_array_t;

// One operand of the linalg.generic.
typedef struct tenon_access_t {
  int array;         // index into arrays, or -1: no memory, the value is |scalar| everywhere
  MlirValue scalar;  // a scalar, or the splat constant that stands for it
  tenon_linear_t indices[TENON_KERNEL_MAX_RANK];  // one per dimension of the array
} tenon_access_t;

typedef struct tenon_kernel_t {
  MlirOperation function;
  MlirStringRef name;
  MlirOperation generic;
  MlirBlock body;  // of the generic
  int loop_count;
  tenon_loop_t loops[TENON_KERNEL_MAX_RANK];
  int array_count, input_count;
  tenon_array_t* arrays;
  // Operands in the order of the body's arguments: reads, then one per result of the generic (array
  // -1: not returned).
  int read_count, access_count;
  tenon_access_t* accesses;
  int constant_count;
  MlirValue* constants;  // the function's scalar arguments in order
  // Comparisons that must hold before anything runs: needed <= declared, in the loops' extents.
  int check_count;
  struct tenon_extent_check_t {
    tenon_linear_t needed, declared;
  }* checks;
} tenon_kernel_t;

// Reads |function|. On failure the reason was reported at the operation concerned, and |out_kernel|
// holds nothing.
MlirLogicalResult tenon_kernel_read(MlirOperation function, tenon_kernel_t* out_kernel);
void tenon_kernel_free(tenon_kernel_t* kernel);

// The extents in which every loop of fixed length is part of the base.
tenon_linear_t tenon_linear_fold(const tenon_kernel_t* kernel, const tenon_linear_t* linear);

#endif  // TENON_COMPILER_CODEGEN_KERNEL_H_
