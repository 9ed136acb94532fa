// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which variables can't have one register: those of which one is set where the other's value is
// still read. A copy does not count for its own two, which then hold the same. Only variables that
// are copied are looked at, since only they are worth merging.

#include <stdlib.h>

#include "compiler/emit/code.h"

// Bounds the matrix to 2 MB; what is copied beyond that, in a huge function, stays copied.
#define MAX_VARIABLES 4096

static void add_bit(uint64_t* set, size_t bit) { set[bit / 64] |= (uint64_t)1 << (bit % 64); }
static void remove_bit(uint64_t* set, size_t bit) { set[bit / 64] &= ~((uint64_t)1 << (bit % 64)); }
static bool has_bit(const uint64_t* set, size_t bit) { return (set[bit / 64] >> (bit % 64)) & 1; }

static uint64_t* row_of(const tenon_interference_t* graph, size_t number) {
  return &graph->rows[number * graph->word_count];
}

//===----------------------------------------------------------------------===//
// The variables
//===----------------------------------------------------------------------===//

static void number_variable(tenon_interference_t* graph, uint64_t var) {
  if (graph->numbers[var] != TENON_NOT_COPIED || graph->count == MAX_VARIABLES) return;
  graph->variables[graph->count] = (tenon_var_t)var;
  graph->numbers[var] = (uint32_t)graph->count++;
}

static void number_variables(const tenon_code_t* code, tenon_interference_t* graph) {
  graph->numbers = tenon_xcalloc(code->variables.count, sizeof(*graph->numbers));
  graph->variables = tenon_xcalloc(code->variables.count, sizeof(*graph->variables));
  for (size_t i = 0; i < code->variables.count; ++i) graph->numbers[i] = TENON_NOT_COPIED;
  for (size_t i = 0; i < code->order.count; ++i) {
    const tenon_instruction_list_t* list = &code->blocks.data[code->order.data[i]];
    for (size_t j = 0; j < list->count; ++j) {
      if (!tenon_code_is_copy(list->data[j].op)) continue;
      const tenon_operand_t* operands = tenon_code_operands(code, &list->data[j]);
      number_variable(graph, operands[0].value);
      number_variable(graph, operands[1].value);
    }
  }
}

//===----------------------------------------------------------------------===//
// Where they meet
//===----------------------------------------------------------------------===//

// |number| is set where the others in |live| are read later.
static void meet_all(const tenon_interference_t* graph, uint32_t number, const uint64_t* live) {
  uint64_t* row = row_of(graph, number);
  for (size_t i = 0; i < graph->word_count; ++i) row[i] |= live[i];
}

// The number of the variable that the operand reads or sets, as |kind| says; else TENON_NOT_COPIED.
static uint32_t number_of(const tenon_interference_t* graph, const tenon_operand_t* operand,
                          tenon_operand_kind_t kind) {
  return operand->kind == kind ? graph->numbers[operand->value] : TENON_NOT_COPIED;
}

static void visit_sets(const tenon_code_t* code, const tenon_interference_t* graph,
                       const tenon_instruction_t* instruction, uint64_t* live) {
  const tenon_operand_t* operands = tenon_code_operands(code, instruction);
  uint32_t source = TENON_NOT_COPIED;
  if (tenon_code_is_copy(instruction->op)) {
    source = number_of(graph, &operands[1], TENON_OPERAND_USE);
  }
  bool source_lives = source != TENON_NOT_COPIED && has_bit(live, source);
  if (source_lives) remove_bit(live, source);
  // What is set together, results of a call, is there together, read or not.
  for (uint32_t i = 0; i < instruction->operand_count; ++i) {
    uint32_t number = number_of(graph, &operands[i], TENON_OPERAND_DEF);
    if (number != TENON_NOT_COPIED) add_bit(live, number);
  }
  for (uint32_t i = 0; i < instruction->operand_count; ++i) {
    uint32_t number = number_of(graph, &operands[i], TENON_OPERAND_DEF);
    if (number != TENON_NOT_COPIED) meet_all(graph, number, live);
  }
  for (uint32_t i = 0; i < instruction->operand_count; ++i) {
    uint32_t number = number_of(graph, &operands[i], TENON_OPERAND_DEF);
    if (number != TENON_NOT_COPIED) remove_bit(live, number);
  }
  if (source_lives) add_bit(live, source);
}

static void visit_reads(const tenon_code_t* code, const tenon_interference_t* graph,
                        const tenon_instruction_t* instruction, uint64_t* live) {
  const tenon_operand_t* operands = tenon_code_operands(code, instruction);
  for (uint32_t i = 0; i < instruction->operand_count; ++i) {
    uint32_t number = number_of(graph, &operands[i], TENON_OPERAND_USE);
    if (number != TENON_NOT_COPIED) add_bit(live, number);
  }
  if (instruction->op != TENON_OP_RETURN) return;
  // A return gives its refs away: each needs a register of its own.
  for (uint32_t i = 0; i < instruction->operand_count; ++i) {
    uint32_t number = number_of(graph, &operands[i], TENON_OPERAND_USE);
    if (number == TENON_NOT_COPIED) continue;
    bool is_ref = tenon_code_class(code, (tenon_var_t)operands[i].value) == TENON_CLASS_REF;
    if (is_ref) meet_all(graph, number, live);
  }
}

static void visit_block(const tenon_code_t* code, const tenon_interference_t* graph,
                        tenon_code_block_t block, uint64_t* live) {
  const tenon_instruction_list_t* list = &code->blocks.data[block];
  for (size_t i = list->count; i-- > 0;) {
    visit_sets(code, graph, &list->data[i], live);
    visit_reads(code, graph, &list->data[i], live);
  }
}

tenon_interference_t tenon_interference_compute(const tenon_code_t* code,
                                                const tenon_liveness_t* liveness) {
  tenon_interference_t graph = {0};
  number_variables(code, &graph);
  graph.word_count = (graph.count + 63) / 64;
  graph.rows = tenon_xcalloc(graph.count * graph.word_count, sizeof(*graph.rows));
  uint64_t* live = tenon_xcalloc(graph.word_count, sizeof(*live));
  for (size_t i = 0; i < code->order.count && graph.count > 0; ++i) {
    tenon_code_block_t block = code->order.data[i];
    for (size_t j = 0; j < graph.word_count; ++j) live[j] = 0;
    for (size_t j = 0; j < graph.count; ++j) {
      if (tenon_live(liveness, liveness->live_out, block, graph.variables[j])) add_bit(live, j);
    }
    visit_block(code, &graph, block, live);
  }
  free(live);
  return graph;
}

void tenon_interference_free(tenon_interference_t* graph) {
  free(graph->numbers);
  free(graph->variables);
  free(graph->rows);
}

bool tenon_interference_meet(const tenon_interference_t* graph, uint32_t a, uint32_t b) {
  return has_bit(row_of(graph, a), b) || has_bit(row_of(graph, b), a);
}

void tenon_interference_merge(tenon_interference_t* graph, uint32_t a, uint32_t b) {
  meet_all(graph, a, row_of(graph, b));
  for (size_t i = 0; i < graph->count; ++i) {
    if (has_bit(row_of(graph, i), b)) add_bit(row_of(graph, i), a);
  }
}
