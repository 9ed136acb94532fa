// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the files of the schedule stage share. docs/schedule.md says what the stage makes.
//
//   schedule.c     the stage: finds the functions, converts each
//   declaration.c  the text of a function's source signature
//   origins.c      where each tensor's storage may come from
//   build.c        the operations of the timeline, one function each
//   points.c       what points imply, which have been reached, and what is not finished
//   function.c     functions, their blocks and arguments
//   convert.c      calls, branches, returns and arithmetic
//   tensor_ops.c   operations that only move tensors about
//   dispatches.c   dispatches, and which buffers they read and write
//   border.c       tensors that enter and leave: arguments, results, calls of imports
//   globals.c      globals that hold tensors
//   ownership.c    which updates are in place; owning_live.c proves it
//   exclusive.c    updates of what a global holds
//   readers.c      who reads what is written to afterwards
//   turns.c        exports that touch globals which change, one after the other
//   known.c        what an export knows of its results before it waits
//   split.c        exports with fences that may wait: their results at once, the rest on its own
//   handover.c     what the rest is given
//   slab.c         memory that nobody sees outside of a block
//   carry.c        work that begins in one branch only and nobody waits for

#ifndef TENON_COMPILER_SCHEDULE_SCHEDULE_H_
#define TENON_COMPILER_SCHEDULE_SCHEDULE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler/program.h"
#include "compiler/support/memory.h"
#include "compiler/support/mlir_util.h"

struct tenon_origins_t;

typedef enum tenon_function_kind_e {
  TENON_FUNCTION_IMPORT,    // a declaration: views
  TENON_FUNCTION_INTERNAL,  // private: buffers, dims and points
  TENON_FUNCTION_EXPORT,    // public: views; when |called|, a wrapper around an internal function
} tenon_function_kind_t;

typedef struct tenon_function_info_t {
  MlirOperation op;  // before it was scheduled
  tenon_function_kind_t kind;
  bool called;       // by a function of the program
  bool fenced;       // takes a wait point and a fence to signal: coarse-fences
  bool may_wait;     // of an EXPORT or INTERNAL of an asynchronous program: the host may wait in it
  bool begins_work;  // likewise: work that it began may go on when it has returned
  bool
      stateful;  // likewise, and of synchronous programs: touches globals that change, also by calls
  bool nosideeffects;  // of an IMPORT: nobody need wait for a call but who uses its results
  MlirStringRef name;  // lives as long as the context
  MlirStringRef
      internal;   // of an INTERNAL, or a called EXPORT: the symbol of the internal function
  MlirType type;  // before it was scheduled
  struct tenon_origins_t* origins;  // NULL for imports
} tenon_function_info_t;

typedef struct tenon_schedule_t {
  tenon_program_t* program;
  MlirContext context;
  MlirType buffer_type, view_type, timepoint_type, fence_type, index_type;
  bool asynchronous;  // points may be pending; else every one is reached when it is made
  tenon_arena_t arena;
  struct {
    tenon_function_info_t* data;
    size_t count, capacity;
  } functions;
  tenon_map_t function_indices;   // operation -> index in |functions| + 1
  tenon_map_t changed_globals;    // util.global -> itself, if it or what it holds may change
  tenon_map_t tensor_globals;     // util.global of a tensor -> what globals.c knows of it
  tenon_map_t copied_stores;      // util.global.store of a tensor -> itself, if it stores a copy
  tenon_map_t dispatch_ordinals;  // callee's operation -> ordinal + 1
  MlirOperation dispatches;       // @tenon_dispatches, or null
  MlirSymbolTable host_symbols, dispatch_symbols;  // the latter null without dispatches
} tenon_schedule_t;

// The function that |symbol|, a flat symbol reference, names; NULL when there is none.
tenon_function_info_t* tenon_schedule_find(tenon_schedule_t* schedule, MlirAttribute symbol);

// True for tensors. Unranked ones count: whoever needs their shape refuses them.
bool tenon_is_tensor(MlirType type);

// The attribute of exports and imports with the source signature, before views took the place of
// tensors: "sync func @main(%input0: tensor<?xi32>) -> (%output0: tensor<?xi32>)", or "async ..." for
// one with fences.
MlirAttribute tenon_declaration(MlirContext context, const tenon_function_info_t* info);

// A symbol that nothing else has, like "@main$internal": |stem|, '$', |ending|. Lives as long as the context.
MlirStringRef tenon_unused_name(tenon_schedule_t* schedule, MlirStringRef stem, const char* ending);

// Adds the converted function beside the old one, and for a called export the wrapper, too.
MlirLogicalResult tenon_convert_function(tenon_schedule_t* schedule,
                                         const tenon_function_info_t* info);

#endif  // TENON_COMPILER_SCHEDULE_SCHEDULE_H_
