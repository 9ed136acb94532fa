// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Merging of linalg.generics where one reads what another wrote, element for element, although
// others read it too: upstream's fusion leaves those alone. So diamonds and chains with several
// results become one generic with several results.

#ifndef TENON_COMPILER_DISPATCH_MERGE_H_
#define TENON_COMPILER_DISPATCH_MERGE_H_

#include "mlir-c/IR.h"

// Merges all it can below |module|. Generics must be in the plain form (compiler/input/generic.h),
// and stay in it.
void tenon_merge_generics(MlirOperation module);

#endif  // TENON_COMPILER_DISPATCH_MERGE_H_
