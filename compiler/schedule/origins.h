// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where the storage of each tensor may come from, so that results which might share storage with an
// argument, a constant or another result are copied, and only those.
//
// An origin is a bit: one for each argument, one for all constants, one for whatever imports
// return, one for what globals hold, and one for each tensor that an operation makes. A tensor has a set of them; two tensors
// may share storage when their sets meet. What an import returns may be anything that was ever
// passed to an import (it may have kept it), so all those origins are added wherever the bit of the
// imports is. Calls between functions map the callee's sets into the caller's. The analysis goes
// round until nothing changes; sets only grow.

#ifndef TENON_COMPILER_SCHEDULE_ORIGINS_H_
#define TENON_COMPILER_SCHEDULE_ORIGINS_H_

#include "compiler/schedule/schedule.h"
#include "compiler/support/cfg.h"

typedef struct tenon_origins_t {
  size_t argument_count;  // bits [0, argument_count) are the arguments
  size_t bit_count, word_count;
  tenon_map_t sets;  // tensor value -> uint64_t[word_count]
  tenon_map_t
      own_bits;  // operation -> its first result's bit + 1; block argument that owns its storage -> its bit + 1
  uint64_t* escaped;    // what was passed to imports
  uint64_t* stored;     // what was stored in globals, as it is
  bool globals_escape;  // imports may return what a global holds
  uint64_t** results;   // what each result of the function may be
  size_t result_count;
  tenon_block_list_t blocks;            // reachable ones
  struct tenon_ownership_t* ownership;  // NULL where nothing is updated
} tenon_origins_t;

// Fills in every function's |origins|. They live in the schedule's arena, but for what
// tenon_origins_free frees.
MlirLogicalResult tenon_origins_analyse(tenon_schedule_t* schedule);
void tenon_origins_free(tenon_origins_t* origins);

// Whether the storage of |value| may be an argument's, or an import's: somebody outside may write to it when the function has
// returned. It is copied before a global may hold it.
bool tenon_origins_is_foreign(const tenon_origins_t* origins, MlirValue value);

// Says which of the |operands|, returned together, must be copied: |out_copy[i]|, false for
// scalars.
void tenon_origins_of_return(const tenon_origins_t* origins, MlirOperation return_op,
                             bool* out_copy);
// ... of all the results of a function, whatever return it took.
void tenon_origins_of_results(const tenon_origins_t* origins, const bool* is_tensor,
                              bool* out_copy);

#endif  // TENON_COMPILER_SCHEDULE_ORIGINS_H_
