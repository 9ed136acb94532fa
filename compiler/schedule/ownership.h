// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which updates of tensors are made in place: where the destination's storage was allocated by the function itself and nobody reads it
// any more, neither through the destination nor through anything else that may share the storage.
//
// A loop that updates what it carries must not copy it in each round. Its block argument *owns* its storage then: whatever comes in
// is copied there unless it is new and used no more. So the copy is made before the loop, if at all.
//
// Tensors that may share storage are a *class*: those that forward one another (casts, reshapes, branches to owners), and an update in place
// with its destination. A class is *foreign* if it has an argument, a constant, what a call returns or a global holds, or what may be one
// of several (a selection, an argument that doesn't own); or if any of its tensors is given to a call, a global or such a choice and one of them
// is still updated afterwards. An update is in place if its destination's class isn't foreign and none of it but the result is live after
// the update; so is passing to an owning argument. In asynchronous programs what reads the storage must have ended first: it has to come
// before the update on every way to it, so that its point can be waited for, or never come before it.

#ifndef TENON_COMPILER_SCHEDULE_OWNERSHIP_H_
#define TENON_COMPILER_SCHEDULE_OWNERSHIP_H_

#include "compiler/schedule/schedule.h"
#include "compiler/support/cfg.h"

typedef struct tenon_ownership_t {
  tenon_map_t in_place;  // a tenon.dispatch that updates its destination itself -> itself
  tenon_map_t owners;    // a block argument that owns its storage -> itself
  tenon_map_t copied;    // a branch -> bool[] by operand: copied on the way
  tenon_map_t
      written;  // tenon_storage_root() of what is written to, or passed to an owner -> itself
} tenon_ownership_t;

// In the schedule's arena, but for what tenon_ownership_free frees. NULL where nothing is updated.
tenon_ownership_t* tenon_find_ownership(tenon_schedule_t* schedule,
                                        const tenon_block_list_t* blocks);
void tenon_ownership_free(tenon_ownership_t* ownership);

// These take NULL, too.
bool tenon_updates_in_place(const tenon_ownership_t* ownership, MlirOperation update);
bool tenon_is_owner(const tenon_ownership_t* ownership, MlirValue block_argument);
// Whether operand |position| of a branch is copied.
bool tenon_is_copied(const tenon_ownership_t* ownership, MlirOperation branch, intptr_t position);
// Whether those who read the storage of |root| must be known, since somebody writes to it afterwards.
bool tenon_is_written(const tenon_ownership_t* ownership, MlirValue root);

// Whether the result of |op| has the storage of its operand 0.
bool tenon_forwards_storage(MlirOperation op);
// The value whose storage |value| has, by operations that only forward it.
MlirValue tenon_storage_root(MlirValue value);

#endif  // TENON_COMPILER_SCHEDULE_OWNERSHIP_H_
