// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Globals that hold tensors. Such a global becomes several: a buffer, which keeps its name, an index for each dynamic dimension, and, if
// it changes in an asynchronous program, the point at which the contents are there.
//
// A global shares its buffer with nobody who may write to it: what comes from outside is copied before it is stored, and what is
// returned is no global's (origins.h).

#ifndef TENON_COMPILER_SCHEDULE_GLOBALS_H_
#define TENON_COMPILER_SCHEDULE_GLOBALS_H_

#include "compiler/schedule/convert.h"

// Makes the globals that a tensor needs beside the buffer. Those that change are known.
void tenon_add_tensor_globals(tenon_schedule_t* schedule);
// Makes the tensors' own globals hold buffers, when nobody needs the tensors' types any more.
void tenon_finish_tensor_globals(tenon_schedule_t* schedule);

// The global that |op| loads or stores; null if it does neither.
MlirOperation tenon_global_of(const tenon_schedule_t* schedule, MlirOperation op);
// util.global.load and util.global.store of tensors.
MlirLogicalResult tenon_convert_global_load(tenon_converter_t* converter, MlirOperation op);
MlirLogicalResult tenon_convert_global_store(tenon_converter_t* converter, MlirOperation op);
// Dynamic dimension |index|, in order, of what |op| loads.
MlirValue tenon_build_global_dim(tenon_builder_t* builder, MlirOperation op, intptr_t index);

#endif  // TENON_COMPILER_SCHEDULE_GLOBALS_H_
