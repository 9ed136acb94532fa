// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A value and what it is copied to become one variable where they can, and the copy goes. So what a
// loop carries is computed in place, a value that is read after the loop too.

#include <stdlib.h>

#include "compiler/emit/code.h"

typedef struct copy_t {
  uint32_t depth;     // the number of loops around it
  uint32_t position;  // copies of one depth go in their order
  uint32_t to, from;  // numbers in the graph
} copy_t;

typedef struct copy_list_t {
  copy_t* data;
  size_t count, capacity;
} copy_list_t;

//===----------------------------------------------------------------------===//
// The copies, those of inner loops first
//===----------------------------------------------------------------------===//

// Loops are intervals of the order: from a block to one after it that branches back. Gives by place
// in the order how many there are around it.
static uint32_t* count_loops(const tenon_code_t* code) {
  uint32_t* places = tenon_xcalloc(code->blocks.count, sizeof(*places));
  uint32_t* depths = tenon_xcalloc(code->order.count + 1, sizeof(*depths));
  for (size_t i = 0; i < code->order.count; ++i) places[code->order.data[i]] = (uint32_t)i;
  for (size_t i = 0; i < code->order.count; ++i) {
    const tenon_instruction_list_t* list = &code->blocks.data[code->order.data[i]];
    for (size_t j = 0; j < list->count; ++j) {
      const tenon_operand_t* operands = tenon_code_operands(code, &list->data[j]);
      for (uint32_t k = 0; k < list->data[j].operand_count; ++k) {
        if (operands[k].kind != TENON_OPERAND_BLOCK || places[operands[k].value] > i) continue;
        ++depths[places[operands[k].value]];
        --depths[i + 1];
      }
    }
  }
  for (size_t i = 1; i < code->order.count; ++i) depths[i] += depths[i - 1];
  free(places);
  return depths;
}

static int compare_copies(const void* a, const void* b) {
  const copy_t *x = a, *y = b;
  if (x->depth != y->depth) return x->depth > y->depth ? -1 : 1;
  return x->position < y->position ? -1 : 1;
}

static copy_list_t list_copies(const tenon_code_t* code, const tenon_interference_t* graph) {
  copy_list_t copies = {0};
  uint32_t* depths = count_loops(code);
  for (size_t i = 0; i < code->order.count; ++i) {
    const tenon_instruction_list_t* list = &code->blocks.data[code->order.data[i]];
    for (size_t j = 0; j < list->count; ++j) {
      if (!tenon_code_is_copy(list->data[j].op)) continue;
      const tenon_operand_t* operands = tenon_code_operands(code, &list->data[j]);
      copy_t copy = {depths[i], (uint32_t)copies.count, graph->numbers[operands[0].value],
                     graph->numbers[operands[1].value]};
      if (copy.to == TENON_NOT_COPIED || copy.from == TENON_NOT_COPIED) continue;
      TENON_APPEND(&copies, copy);
    }
  }
  free(depths);
  if (copies.count) qsort(copies.data, copies.count, sizeof(copy_t), compare_copies);
  return copies;
}

//===----------------------------------------------------------------------===//
// Merging
//===----------------------------------------------------------------------===//

static uint32_t find(uint32_t* parents, uint32_t number) {
  while (parents[number] != number) {
    parents[number] = parents[parents[number]];
    number = parents[number];
  }
  return number;
}

// The one variable of two is an argument, if one of them is; arguments stay apart.
static void merge(const tenon_code_t* code, tenon_interference_t* graph, uint32_t* parents,
                  const copy_t* copy) {
  uint32_t a = find(parents, copy->to), b = find(parents, copy->from);
  if (a == b || tenon_interference_meet(graph, a, b)) return;
  bool a_is_argument = graph->variables[a] < code->argument_count;
  bool b_is_argument = graph->variables[b] < code->argument_count;
  if (a_is_argument && b_is_argument) return;
  uint32_t kept = b_is_argument ? b : a, other = b_is_argument ? a : b;
  parents[other] = kept;
  tenon_interference_merge(graph, kept, other);
}

static void rename_variables(tenon_code_t* code, const tenon_interference_t* graph,
                             uint32_t* parents, const tenon_instruction_t* instruction) {
  tenon_operand_t* operands = tenon_code_operands(code, instruction);
  for (uint32_t i = 0; i < instruction->operand_count; ++i) {
    bool is_var = operands[i].kind == TENON_OPERAND_USE || operands[i].kind == TENON_OPERAND_DEF;
    if (!is_var || graph->numbers[operands[i].value] == TENON_NOT_COPIED) continue;
    operands[i].value = graph->variables[find(parents, graph->numbers[operands[i].value])];
  }
}

static bool copies_itself(const tenon_code_t* code, const tenon_instruction_t* instruction) {
  const tenon_operand_t* operands = tenon_code_operands(code, instruction);
  return tenon_code_is_copy(instruction->op) && operands[0].value == operands[1].value;
}

// Renames, and leaves out what copies a variable to itself.
static void rewrite(tenon_code_t* code, const tenon_interference_t* graph, uint32_t* parents) {
  for (size_t i = 0; i < code->order.count; ++i) {
    tenon_instruction_list_t* list = &code->blocks.data[code->order.data[i]];
    size_t count = 0;
    for (size_t j = 0; j < list->count; ++j) {
      rename_variables(code, graph, parents, &list->data[j]);
      if (!copies_itself(code, &list->data[j])) list->data[count++] = list->data[j];
    }
    list->count = count;
  }
}

void tenon_code_coalesce(tenon_code_t* code) {
  tenon_liveness_t liveness = tenon_liveness_compute(code);
  tenon_interference_t graph = tenon_interference_compute(code, &liveness);
  tenon_liveness_free(&liveness);
  copy_list_t copies = list_copies(code, &graph);
  uint32_t* parents = tenon_xcalloc(graph.count, sizeof(*parents));
  for (uint32_t i = 0; i < graph.count; ++i) parents[i] = i;
  for (size_t i = 0; i < copies.count; ++i) merge(code, &graph, parents, &copies.data[i]);
  rewrite(code, &graph, parents);
  free(parents);
  free(copies.data);
  tenon_interference_free(&graph);
}
