// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Globals that are updated in place: a function of a synchronous program loads such a tensor, updates it and stores it again in one
// block, without another load of the global in between, nor a call or a check after the update.
//
// Nobody else may have the buffer then. So all that any function loads from such a global is only read, by work, before anything else is called
// that could update the global; and what any function stores there is new and given to nobody else, or a copy. Functions that touch
// what changes run one after the other (turns.h), and their work has ended when they have.

#ifndef TENON_COMPILER_SCHEDULE_EXCLUSIVE_H_
#define TENON_COMPILER_SCHEDULE_EXCLUSIVE_H_

#include "compiler/schedule/schedule.h"

// Adds such updates to those in place, and fills in the schedule's |copied_stores|. Ownership is known.
void tenon_find_exclusive_globals(tenon_schedule_t* schedule);

#endif  // TENON_COMPILER_SCHEDULE_EXCLUSIVE_H_
