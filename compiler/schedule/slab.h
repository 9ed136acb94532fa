// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Transient buffers: those that nobody sees but the dispatches of one block. They share memory where one is not needed any more
// when the other is first written, and what is left of them are parts of one allocation.
//
// In a synchronous program that is so if all uses of the one come before the other's allocation in the text. In an asynchronous one
// the dispatch that writes the other must wait for them anyway.

#ifndef TENON_COMPILER_SCHEDULE_SLAB_H_
#define TENON_COMPILER_SCHEDULE_SLAB_H_

#include "compiler/schedule/schedule.h"

// For the functions of the timeline, once they are whole.
void tenon_pack_transients(tenon_schedule_t* schedule);

#endif  // TENON_COMPILER_SCHEDULE_SLAB_H_
