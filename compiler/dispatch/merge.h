// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Merging of elementwise linalg.generics into what reads them, generics of all kinds and updates, so
// that chains and diamonds of elementwise work become one generic, with several results where several
// are needed, and reductions read what they are given, whatever shape it has. pair.h says what is
// merged, cost.h when it pays.
//
// Upstream's fusion is not used: it merges only where there is one use, and the patterns that it
// brings along make a tensor's type static before the check that shows it to be so, by what is done
// with the tensor later.

#ifndef TENON_COMPILER_DISPATCH_MERGE_H_
#define TENON_COMPILER_DISPATCH_MERGE_H_

#include "mlir-c/IR.h"

// Merges all it can below |module|. Generics must be in the plain form (compiler/input/generic.h),
// and stay in it.
void tenon_merge_generics(MlirOperation module);

#endif  // TENON_COMPILER_DISPATCH_MERGE_H_
