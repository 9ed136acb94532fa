// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Growing lists of values and types, for operations whose operand count is found on the way.

#ifndef TENON_COMPILER_SUPPORT_VALUES_H_
#define TENON_COMPILER_SUPPORT_VALUES_H_

#include "compiler/support/memory.h"
#include "mlir-c/IR.h"

// Used with TENON_APPEND; |data| is freed with free().
typedef struct tenon_value_list_t {
  MlirValue* data;
  size_t count, capacity;
} tenon_value_list_t;

typedef struct tenon_type_list_t {
  MlirType* data;
  size_t count, capacity;
} tenon_type_list_t;

#endif  // TENON_COMPILER_SUPPORT_VALUES_H_
