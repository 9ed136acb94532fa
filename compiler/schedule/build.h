// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Appends the operations of a schedule to a block, one function for each.

#ifndef TENON_COMPILER_SCHEDULE_BUILD_H_
#define TENON_COMPILER_SCHEDULE_BUILD_H_

#include "compiler/schedule/schedule.h"
#include "compiler/support/values.h"

// What stands for a tensor in the host program.
typedef struct tenon_tensor_t {
  MlirType type;  // the ranked tensor type
  MlirValue buffer;
  MlirValue point;  // its contents are there once this is reached
  MlirValue* dims;  // one `index` per dynamic dimension
  intptr_t dim_count;
} tenon_tensor_t;

typedef struct tenon_builder_t {
  tenon_schedule_t* schedule;
  MlirBlock entry;        // of the function; holds the immediate point
  MlirBlock block;        // where operations are appended
  MlirLocation location;  // of what is appended
  MlirValue immediate;    // null until needed
  MlirValue signal;       // of an export with fences: the one to signal at its end; else null
  tenon_map_t reached;    // point -> the block in which the host has waited for it
  tenon_map_t above;      // block -> its immediate dominator
  tenon_map_t works;      // block -> tenon_value_list_t: the points of the work that begins there
  struct {
    tenon_value_list_t** data;
    size_t count, capacity;
  } work_lists;  // all of those
} tenon_builder_t;

void tenon_builder_free(tenon_builder_t* builder);

// Appends any operation; it has |result_count| results of the given types.
MlirOperation tenon_append(tenon_builder_t* builder, const char* name, intptr_t result_count,
                           const MlirType* results, intptr_t operand_count,
                           const MlirValue* operands, intptr_t attribute_count,
                           const MlirNamedAttribute* attributes);

// The number of dynamic dimensions of a ranked tensor type.
intptr_t tenon_dynamic_dim_count(MlirType type);
// A tensor with room for its dims, in the schedule's arena.
tenon_tensor_t* tenon_new_tensor(tenon_builder_t* builder, MlirType type);
// The tensor's dimension |dim|, static or dynamic, as an `index`.
MlirValue tenon_tensor_dim(tenon_builder_t* builder, const tenon_tensor_t* tensor, intptr_t dim);

MlirValue tenon_build_index(tenon_builder_t* builder, int64_t value);
// The point that is always reached: one per function, at its start.
MlirValue tenon_build_immediate(tenon_builder_t* builder);
// Whether the host has waited for |point| here. In synchronous programs it is the immediate point only.
bool tenon_is_reached(const tenon_builder_t* builder, MlirValue point);
// |point|, or the immediate point where the host has waited for it before.
MlirValue tenon_point(tenon_builder_t* builder, MlirValue point);
// Maps to |mark| the points that have been reached once |point| has: itself, and all that its work waited for. What has that mark
// already, or the host has waited for, is not followed.
void tenon_mark_implied(tenon_builder_t* builder, MlirValue point, tenon_map_t* marks, void* mark);
// A point reached when all are; needs no operation when there is only one to wait for.
MlirValue tenon_build_join(tenon_builder_t* builder, const MlirValue* points, intptr_t count);
// Lets the host wait for all of |points|, unless there is nothing to wait for.
void tenon_build_wait(tenon_builder_t* builder, const MlirValue* points, intptr_t count);
// A new fence for a function that will signal it, and the point at which it has.
MlirValue tenon_build_fence(tenon_builder_t* builder, MlirValue* out_point);
void tenon_build_signal(tenon_builder_t* builder, MlirValue point, MlirValue fence);
// Notes that work which must end before the function does begins in |block|, or comes into it as an argument: |point| is its end.
void tenon_add_work(tenon_builder_t* builder, MlirBlock block, MlirValue point);
// Adds to |points| those of the work that is not over when all of |points| are reached, of what began on the way to the builder's
// block: after the block |stop| which dominates it, or from the function's entry on (NULL).
void tenon_add_unfinished(tenon_builder_t* builder, void* stop, tenon_value_list_t* points);
tenon_tensor_t* tenon_build_import(tenon_builder_t* builder, MlirType type, MlirValue view,
                                   const char* context);
MlirValue tenon_build_export(tenon_builder_t* builder, const tenon_tensor_t* tensor,
                             const char* context);
tenon_tensor_t* tenon_build_constant(tenon_builder_t* builder, MlirType type, MlirAttribute value);
tenon_tensor_t* tenon_build_alloc(tenon_builder_t* builder, MlirType type, const MlirValue* dims);
// A tensor in a buffer that is there already and will be written.
tenon_tensor_t* tenon_build_in_place(tenon_builder_t* builder, MlirType type, const MlirValue* dims,
                                     MlirValue buffer);
// Copies |source| into |target|; the point at which that is done.
MlirValue tenon_build_copy(tenon_builder_t* builder, const tenon_tensor_t* source,
                           MlirValue target);
tenon_tensor_t* tenon_build_clone(tenon_builder_t* builder, const tenon_tensor_t* source);
// Element |number|, in row-major order, of a tensor that is there.
MlirValue tenon_build_load(tenon_builder_t* builder, const tenon_tensor_t* tensor,
                           MlirValue number);
// The dispatch |callee|: reads |inputs|, writes |outputs|, which get its point.
void tenon_build_execute(tenon_builder_t* builder, MlirAttribute callee, int64_t ordinal,
                         tenon_tensor_t* const* inputs, intptr_t input_count,
                         tenon_tensor_t* const* outputs, intptr_t output_count,
                         const MlirValue* scalars, intptr_t scalar_count);

#endif  // TENON_COMPILER_SCHEDULE_BUILD_H_
