// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the analysis of ownership.h works on: tensors by number, and what operations say of them.

#ifndef TENON_COMPILER_SCHEDULE_OWNING_H_
#define TENON_COMPILER_SCHEDULE_OWNING_H_

#include "compiler/schedule/ownership.h"
#include "compiler/support/values.h"

#define TENON_LIST(type)    \
  struct {                  \
    type* data;             \
    size_t count, capacity; \
  }

// A tensor that something is said of.
typedef struct tenon_owning_node_t {
  MlirValue value;
  size_t parent;  // itself, or nearer to the one that stands for the class
  bool foreign;   // ... of which this is said
  bool is_live;   // while a block is looked at
} tenon_owning_node_t;

// An update of |from|, whose result is |to|.
typedef struct tenon_owning_update_t {
  MlirOperation op;
  size_t from, to;
  bool in_place;
  bool is_refused;  // what it updates is used afterwards
} tenon_owning_update_t;

// Operand |position| of the branch |op|, to an argument of its successor.
typedef struct tenon_owning_pass_t {
  MlirOperation op;
  intptr_t successor, position;
  size_t from, to;
  bool to_owner;
  bool is_copied;
  bool is_refused;  // to be passed as it is: it is used afterwards, or passed twice
  bool is_foreign;  // given away, and updated afterwards
} tenon_owning_pass_t;

// A tensor that is given to a call or a global.
typedef struct tenon_owning_escape_t {
  MlirOperation op;
  size_t node;
  bool is_foreign;  // updated afterwards
} tenon_owning_escape_t;

typedef struct tenon_owning_union_t {
  size_t a, b;
} tenon_owning_union_t;

typedef TENON_LIST(size_t) tenon_owning_passes_t;

typedef struct tenon_owning_t {
  tenon_schedule_t* schedule;
  const tenon_block_list_t* blocks;
  tenon_map_t numbers;                            // value -> node + 1
  tenon_map_t wanted;                             // block arguments that should own their storage
  tenon_map_t passes_of;                          // block argument -> tenon_owning_passes_t
  TENON_LIST(tenon_owning_passes_t*) pass_lists;  // all of those
  TENON_LIST(tenon_owning_node_t) nodes;
  TENON_LIST(tenon_owning_union_t) unions;  // of the same storage
  TENON_LIST(size_t) foreign;
  TENON_LIST(tenon_owning_update_t) updates;
  TENON_LIST(tenon_owning_pass_t) passes;  // those of one branch in order
  TENON_LIST(tenon_owning_escape_t) escapes;
} tenon_owning_t;

size_t tenon_owning_node(tenon_owning_t* owning, MlirValue value);
size_t tenon_owning_class(tenon_owning_t* owning, size_t node);
void tenon_owning_free(tenon_owning_t* owning);

// owning_live.c: takes back what is in place, or passed as it is, although something else of its class is live afterwards. False if
// something proved to be foreign or refused, which none of the decisions knew: all is to be decided again.
bool tenon_owning_check(tenon_owning_t* owning);

#endif  // TENON_COMPILER_SCHEDULE_OWNING_H_
