// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The order of invocations that touch what a context keeps between them: the globals that functions change, or that hold what can be
// changed. An export that touches them, itself or through others, takes a turn.

#ifndef TENON_COMPILER_SCHEDULE_TURNS_H_
#define TENON_COMPILER_SCHEDULE_TURNS_H_

#include "compiler/schedule/convert.h"

// Fills in every function's |stateful|.
void tenon_find_stateful(tenon_schedule_t* schedule);

// Whether |op| loads or stores one of those.
bool tenon_touches_state(const tenon_schedule_t* schedule, MlirOperation op);

// The export waits for its turn, if it needs one, and has it to its end.
void tenon_build_turn_begin(tenon_builder_t* builder, const tenon_function_info_t* info);

// The same for a split export: it takes its turn, which waits for |*out_point|, and another function enters it.
MlirValue tenon_build_turn_take(tenon_builder_t* builder, MlirValue* out_point);
void tenon_build_turn_enter(tenon_builder_t* builder, MlirValue turn, MlirValue point);

#endif  // TENON_COMPILER_SCHEDULE_TURNS_H_
