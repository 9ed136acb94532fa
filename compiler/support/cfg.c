// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/support/cfg.h"

#include <stdbool.h>
#include <stdlib.h>

#include "compiler/support/memory.h"
#include "compiler/support/mlir_util.h"

typedef struct visit_t {
  MlirBlock block;
  intptr_t next_successor;
} visit_t;

typedef struct visit_stack_t {
  visit_t* data;
  size_t count, capacity;
} visit_stack_t;

static void reverse(tenon_block_list_t* list) {
  for (size_t i = 0; i < list->count / 2; ++i) {
    MlirBlock block = list->data[i];
    list->data[i] = list->data[list->count - 1 - i];
    list->data[list->count - 1 - i] = block;
  }
}

// Successors are visited last to first, so that the first, the likely one, follows its branch.
tenon_block_list_t tenon_reverse_postorder(MlirRegion region) {
  tenon_block_list_t list = {0};
  tenon_map_t seen = {0};
  visit_stack_t stack = {0};
  MlirBlock entry = mlirRegionGetFirstBlock(region);
  tenon_map_set(&seen, entry.ptr, entry.ptr);
  TENON_APPEND(&stack, ((visit_t){entry, mlirBlockGetNumSuccessors(entry)}));
  while (stack.count > 0) {
    visit_t* top = &stack.data[stack.count - 1];
    if (top->next_successor == 0) {
      TENON_APPEND(&list, top->block);
      --stack.count;
      continue;
    }
    MlirBlock successor = mlirBlockGetSuccessor(top->block, --top->next_successor);
    if (tenon_map_get(&seen, successor.ptr)) continue;
    tenon_map_set(&seen, successor.ptr, successor.ptr);
    TENON_APPEND(&stack, ((visit_t){successor, mlirBlockGetNumSuccessors(successor)}));
  }
  tenon_map_free(&seen);
  free(stack.data);
  reverse(&list);
  return list;
}

// The nearest block that dominates both |a| and |b|: dominators come earlier.
static size_t common_dominator(const size_t* dominators, size_t a, size_t b) {
  while (a != b) {
    if (a > b) a = dominators[a];
    if (b > a) b = dominators[b];
  }
  return a;
}

// Cooper, Harvey and Kennedy's: goes round until nothing changes, twice for most programs.
size_t* tenon_immediate_dominators(const tenon_block_list_t* blocks) {
  const size_t unknown = (size_t)-1;
  tenon_map_t positions = {0};  // block -> position + 1
  size_t* dominators = tenon_xcalloc(blocks->count, sizeof(*dominators));
  for (size_t i = 0; i < blocks->count; ++i) {
    tenon_map_set(&positions, blocks->data[i].ptr, (void*)(i + 1));
    dominators[i] = i == 0 ? 0 : unknown;
  }
  for (bool changed = true; changed;) {
    changed = false;
    for (size_t i = 0; i < blocks->count; ++i) {
      for (intptr_t j = 0; j < mlirBlockGetNumSuccessors(blocks->data[i]); ++j) {
        MlirBlock successor = mlirBlockGetSuccessor(blocks->data[i], j);
        size_t to = (size_t)tenon_map_get(&positions, successor.ptr) - 1;
        size_t found =
            dominators[to] == unknown ? i : common_dominator(dominators, dominators[to], i);
        changed |= found != dominators[to];
        dominators[to] = found;
      }
    }
  }
  tenon_map_free(&positions);
  return dominators;
}

static intptr_t segment(MlirOperation op, const char* attribute, intptr_t index) {
  return mlirDenseI32ArrayGetElement(mlirOperationGetAttributeByName(op, tenon_str(attribute)),
                                     index);
}

MlirLogicalResult tenon_branch_operands(MlirOperation branch, intptr_t successor,
                                        intptr_t* out_first, intptr_t* out_count) {
  if (tenon_op_is(branch, "cf.br")) {
    *out_first = 0;
    *out_count = mlirOperationGetNumOperands(branch);
  } else if (tenon_op_is(branch, "cf.cond_br")) {
    *out_first = successor == 0 ? 1 : 1 + segment(branch, "operandSegmentSizes", 1);
    *out_count = segment(branch, "operandSegmentSizes", 1 + successor);
  } else if (tenon_op_is(branch, "cf.switch")) {
    intptr_t first = 1, count = segment(branch, "operandSegmentSizes", 1);
    for (intptr_t i = 0; i < successor; ++i) {
      first += count;
      count = segment(branch, "case_operand_segments", i);
    }
    *out_first = first;
    *out_count = count;
  } else {
    MlirStringRef name = tenon_op_name(branch);
    return tenon_error(branch, "branches by '%.*s' are not supported", (int)name.length, name.data);
  }
  return mlirLogicalResultSuccess();
}
