// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Exports with fences that may wait. They must return at once, so all that comes from the first wait on is a function of its own,
// which is spawned: the export itself makes the buffers that the results will be in.

#ifndef TENON_COMPILER_SCHEDULE_SPLIT_H_
#define TENON_COMPILER_SCHEDULE_SPLIT_H_

#include "compiler/schedule/convert.h"

// Fills in every function's |begins_work| and |may_wait|.
void tenon_find_waits(tenon_schedule_t* schedule);

// Converts the body of an export that may wait, from its first operation |op| on, and splits it where it would wait.
MlirLogicalResult tenon_convert_export(tenon_converter_t* converter, MlirOperation op);

// Ends the rest of a split export: |op| is the return of the old program.
void tenon_return_to_targets(tenon_converter_t* converter, MlirOperation op);

#endif  // TENON_COMPILER_SCHEDULE_SPLIT_H_
