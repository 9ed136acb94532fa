// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Points of the timeline: what one implies, what has been reached, and which work nobody waits for.

#include <stdlib.h>

#include "compiler/schedule/build.h"

MlirValue tenon_build_immediate(tenon_builder_t* builder) {
  if (mlirValueIsNull(builder->immediate)) {
    MlirOperation op = tenon_build_op("tenon.immediate", builder->location, 1,
                                      &builder->schedule->timepoint_type, 0, NULL, 0, NULL);
    mlirBlockInsertOwnedOperation(builder->entry, 0, op);
    builder->immediate = mlirOperationGetResult(op, 0);
  }
  return builder->immediate;
}

// Whether every way to |block| comes through |other|.
static bool comes_after(const tenon_builder_t* builder, void* block, const void* other) {
  while (block && block != other) block = tenon_map_get(&builder->above, block);
  return block != NULL;
}

bool tenon_is_reached(const tenon_builder_t* builder, MlirValue point) {
  if (mlirValueEqual(point, builder->immediate)) return true;
  const void* waited = tenon_map_get(&builder->reached, point.ptr);
  return waited && comes_after(builder, builder->block.ptr, waited);
}

MlirValue tenon_point(tenon_builder_t* builder, MlirValue point) {
  return tenon_is_reached(builder, point) ? tenon_build_immediate(builder) : point;
}

// The operands of |op| that the point it makes comes after: [*out_first, *out_first + count). For a fence that is what the function
// which signals it waits for: the operand before the fence in its call.
static intptr_t implied_operands(MlirOperation* op, intptr_t* out_first) {
  *out_first = 0;
  if (tenon_op_is(*op, "tenon.join")) return mlirOperationGetNumOperands(*op);
  if (tenon_op_is(*op, "tenon.execute") || tenon_op_is(*op, "tenon.clone") ||
      tenon_op_is(*op, "tenon.copy")) {
    return 1;
  }
  if (!tenon_op_is(*op, "tenon.fence")) return 0;
  MlirOpOperand use = mlirValueGetFirstUse(mlirOperationGetResult(*op, 0));
  if (mlirOpOperandIsNull(use)) return 0;
  *op = mlirOpOperandGetOwner(use);
  *out_first = mlirOpOperandGetOperandNumber(use) - 1;
  return 1;
}

void tenon_mark_implied(tenon_builder_t* builder, MlirValue point, tenon_map_t* marks, void* mark) {
  tenon_value_list_t stack = {0};
  TENON_APPEND(&stack, point);
  while (stack.count) {
    MlirValue value = stack.data[--stack.count];
    if (tenon_is_reached(builder, value) || tenon_map_get(marks, value.ptr) == mark) continue;
    tenon_map_set(marks, value.ptr, mark);
    if (!mlirValueIsAOpResult(value)) continue;
    MlirOperation op = mlirOpResultGetOwner(value);
    intptr_t first, count = implied_operands(&op, &first);
    for (intptr_t i = 0; i < count; ++i) {
      TENON_APPEND(&stack, mlirOperationGetOperand(op, first + i));
    }
  }
  free(stack.data);
}

static bool contains(const tenon_value_list_t* list, MlirValue value) {
  for (size_t i = 0; i < list->count; ++i) {
    if (mlirValueEqual(list->data[i], value)) return true;
  }
  return false;
}

MlirValue tenon_build_join(tenon_builder_t* builder, const MlirValue* points, intptr_t count) {
  tenon_value_list_t pending = {0};
  for (intptr_t i = 0; i < count; ++i) {
    if (!tenon_is_reached(builder, points[i]) && !contains(&pending, points[i]))
      TENON_APPEND(&pending, points[i]);
  }
  MlirValue joined;
  if (pending.count == 0) {
    joined = tenon_build_immediate(builder);
  } else if (pending.count == 1) {
    joined = pending.data[0];
  } else {
    MlirOperation op = tenon_append(builder, "tenon.join", 1, &builder->schedule->timepoint_type,
                                    (intptr_t)pending.count, pending.data, 0, NULL);
    joined = mlirOperationGetResult(op, 0);
  }
  free(pending.data);
  return joined;
}

static void mark_reached(tenon_builder_t* builder, MlirValue point) {
  if (!builder->schedule->asynchronous) return;
  tenon_mark_implied(builder, point, &builder->reached, builder->block.ptr);
}

void tenon_build_wait(tenon_builder_t* builder, const MlirValue* points, intptr_t count) {
  if (count == 0) return;
  MlirValue joined = tenon_build_join(builder, points, count);
  if (tenon_is_reached(builder, joined)) return;
  tenon_append(builder, "tenon.wait", 0, NULL, 1, &joined, 0, NULL);
  mark_reached(builder, joined);
}

MlirValue tenon_build_fence(tenon_builder_t* builder, MlirValue* out_point) {
  const MlirType types[] = {builder->schedule->fence_type, builder->schedule->timepoint_type};
  MlirOperation op = tenon_append(builder, "tenon.fence", 2, types, 0, NULL, 0, NULL);
  *out_point = mlirOperationGetResult(op, 1);
  tenon_add_work(builder, builder->block, *out_point);
  return mlirOperationGetResult(op, 0);
}

void tenon_build_signal(tenon_builder_t* builder, MlirValue point, MlirValue fence) {
  const MlirValue operands[] = {point, fence};
  tenon_append(builder, "tenon.signal", 0, NULL, 2, operands, 0, NULL);
}

//===----------------------------------------------------------------------===//
// Work
//===----------------------------------------------------------------------===//

// Lists live in the schedule's arena, but for their data.
static tenon_value_list_t* works_of(tenon_builder_t* builder, MlirBlock block) {
  return tenon_map_get(&builder->works, block.ptr);
}

void tenon_add_work(tenon_builder_t* builder, MlirBlock block, MlirValue point) {
  if (!builder->schedule->asynchronous || mlirValueEqual(point, builder->immediate)) return;
  tenon_value_list_t* works = works_of(builder, block);
  if (!works) {
    works = tenon_arena_alloc(&builder->schedule->arena, 1, sizeof(*works));
    tenon_map_set(&builder->works, block.ptr, works);
    TENON_APPEND(&builder->work_lists, works);
  }
  TENON_APPEND(works, point);
}

void tenon_add_unfinished(tenon_builder_t* builder, void* stop, tenon_value_list_t* points) {
  tenon_map_t implied = {0};
  for (size_t i = 0; i < points->count; ++i) {
    tenon_mark_implied(builder, points->data[i], &implied, builder);
  }
  // What began later may imply what began before.
  for (void* block = builder->block.ptr; block && block != stop;
       block = tenon_map_get(&builder->above, block)) {
    const tenon_value_list_t* works = works_of(builder, (MlirBlock){block});
    for (size_t i = works ? works->count : 0; i-- > 0;) {
      MlirValue point = works->data[i];
      if (tenon_is_reached(builder, point) || tenon_map_get(&implied, point.ptr)) continue;
      TENON_APPEND(points, point);
      tenon_mark_implied(builder, point, &implied, builder);
    }
  }
  tenon_map_free(&implied);
}

void tenon_builder_free(tenon_builder_t* builder) {
  for (size_t i = 0; i < builder->work_lists.count; ++i) free(builder->work_lists.data[i]->data);
  free(builder->work_lists.data);
  tenon_map_free(&builder->works);
  tenon_map_free(&builder->reached);
  tenon_map_free(&builder->above);
}
