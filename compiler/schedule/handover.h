// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a split export hands over to the function that does the rest: buffers, points and numbers. Numbers travel as `index`.

#ifndef TENON_COMPILER_SCHEDULE_HANDOVER_H_
#define TENON_COMPILER_SCHEDULE_HANDOVER_H_

#include "compiler/schedule/convert.h"

typedef struct tenon_handover_t {
  tenon_converter_t* from;
  tenon_value_list_t unfinished;  // points that the rest must see reached
  tenon_value_list_t live;        // old values that the rest uses
  // Of |from|, each once; |refs| are what the host only holds.
  tenon_value_list_t buffers, points, refs, indices;
  tenon_map_t positions;  // any of those -> its position in its list + 1
  tenon_map_t numbers;    // a number of |from| -> itself as an index
  tenon_map_t received;   // any of those -> what it is in the rest
} tenon_handover_t;

// Adds what the operations from |first|, in the entry block, on use and |from| has converted.
void tenon_handover_add_live(tenon_handover_t* handover, MlirOperation first);
// Adds the points of all work that |from| began and that isn't over when others of them are reached. The rest waits for them
// at its end.
void tenon_handover_add_unfinished(tenon_handover_t* handover);
// Adds the points of those who read what the rest may write to.
void tenon_handover_add_readers(tenon_handover_t* handover);
// Adds a value of |from|.
void tenon_handover_add(tenon_handover_t* handover, MlirValue value);
// Appends everything in the order of a tenon.spawn's operands.
void tenon_handover_append(const tenon_handover_t* handover, tenon_value_list_t* operands);
// Makes the function |name| and prepares |rest|, but for its |targets|, to convert into it.
void tenon_handover_begin(tenon_handover_t* handover, MlirStringRef name, tenon_converter_t* rest);
// What |value|, a value of |from| that was added, is in |rest|.
MlirValue tenon_handover_get(tenon_handover_t* handover, tenon_converter_t* rest, MlirValue value);
void tenon_handover_free(tenon_handover_t* handover);

#endif  // TENON_COMPILER_SCHEDULE_HANDOVER_H_
