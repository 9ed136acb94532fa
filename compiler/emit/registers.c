// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Linear scan: blocks lie in their order, a variable occupies its register from the first to the
// last place where it is live or set. Moves between variables that don't overlap get one register,
// and then cost nothing.

#include <stdlib.h>

#include "compiler/emit/code.h"

#define MAX_REGISTERS 0x7FFFu

// Instruction n reads at 2n and sets at 2n + 1; arguments are set at 0 and the first instruction is
// number 1.
typedef struct interval_t {
  tenon_var_t var;
  uint32_t start, end;  // both inclusive; start > end: never used
  tenon_var_t hint;     // the variable that it is first copied from, or itself
} interval_t;

static void extend(interval_t* interval, uint32_t position) {
  if (position < interval->start) interval->start = position;
  if (position > interval->end) interval->end = position;
}

static void visit_instruction(const tenon_code_t* code, const tenon_instruction_t* instruction,
                              uint32_t number, interval_t* intervals) {
  const tenon_operand_t* operands = tenon_code_operands(code, instruction);
  for (uint32_t i = 0; i < instruction->operand_count; ++i) {
    if (operands[i].kind == TENON_OPERAND_USE) extend(&intervals[operands[i].value], 2 * number);
    if (operands[i].kind != TENON_OPERAND_DEF) continue;
    interval_t* interval = &intervals[operands[i].value];
    extend(interval, 2 * number + 1);
    if (tenon_code_is_copy(instruction->op) && interval->start == 2 * number + 1) {
      interval->hint = (tenon_var_t)operands[1].value;
    }
  }
}

static void extend_all(const tenon_liveness_t* liveness, const uint64_t* sets,
                       tenon_code_block_t block, uint32_t position, interval_t* intervals) {
  for (size_t i = 0; i < liveness->word_count; ++i) {
    uint64_t word = sets[block * liveness->word_count + i];
    for (; word; word &= word - 1) {
      extend(&intervals[i * 64 + (size_t)__builtin_ctzll(word)], position);
    }
  }
}

static void visit_block(const tenon_code_t* code, const tenon_liveness_t* liveness,
                        tenon_code_block_t block, uint32_t* number, interval_t* intervals) {
  uint32_t first = 2 * *number;
  const tenon_instruction_list_t* list = &code->blocks.data[block];
  for (size_t i = 0; i < list->count; ++i) {
    visit_instruction(code, &list->data[i], (*number)++, intervals);
  }
  extend_all(liveness, liveness->live_in, block, first, intervals);
  extend_all(liveness, liveness->live_out, block, 2 * *number - 1, intervals);
}

static int compare_intervals(const void* a, const void* b) {
  const interval_t *x = a, *y = b;
  if (x->start != y->start) return x->start < y->start ? -1 : 1;
  return x->var < y->var ? -1 : 1;
}

// Sorted by where they start.
static interval_t* make_intervals(const tenon_code_t* code) {
  interval_t* intervals = tenon_xcalloc(code->variables.count, sizeof(*intervals));
  for (tenon_var_t var = 0; var < code->variables.count; ++var) {
    intervals[var] = (interval_t){var, UINT32_MAX, 0, var};
    if (var < code->argument_count) extend(&intervals[var], 0);
  }
  tenon_liveness_t liveness = tenon_liveness_compute(code);
  uint32_t number = 1;
  for (size_t i = 0; i < code->order.count; ++i) {
    visit_block(code, &liveness, code->order.data[i], &number, intervals);
  }
  tenon_liveness_free(&liveness);
  qsort(intervals, code->variables.count, sizeof(*intervals), compare_intervals);
  return intervals;
}

// The registers of one class, and until when each is taken.
typedef struct file_t {
  uint32_t* data;
  size_t count, capacity;
} file_t;

static uint32_t take_register(file_t* file, const interval_t* interval, uint32_t hint) {
  uint32_t index = hint;
  if (hint >= file->count || file->data[hint] >= interval->start) {
    for (index = 0; index < file->count; ++index) {
      if (file->data[index] < interval->start) break;
    }
  }
  if (index == file->count) TENON_APPEND(file, 0);
  file->data[index] = interval->end;
  return index;
}

bool tenon_registers_assign(const tenon_code_t* code, tenon_registers_t* out_registers) {
  interval_t* intervals = make_intervals(code);
  file_t files[TENON_CLASS_COUNT] = {{0}};
  uint32_t* indices = tenon_xcalloc(code->variables.count, sizeof(*indices));
  *out_registers = (tenon_registers_t){0};
  out_registers->of = tenon_xcalloc(code->variables.count, sizeof(*out_registers->of));
  bool fits = true;
  for (size_t i = 0; i < code->variables.count && fits; ++i) {
    const interval_t* interval = &intervals[i];
    if (interval->start > interval->end) break;  // the rest is never used
    tenon_register_class_t class = tenon_code_class(code, interval->var);
    uint32_t hint = interval->hint == interval->var ? UINT32_MAX : indices[interval->hint];
    uint32_t index = take_register(&files[class], interval, hint);
    indices[interval->var] = index;
    out_registers->of[interval->var] = tenon_register(class, index);
    fits = index < MAX_REGISTERS;
  }
  size_t value_count = 0;
  for (int i = 0; i < TENON_CLASS_COUNT; ++i) {
    out_registers->counts[i] = (uint32_t)files[i].count;
    if (i != TENON_CLASS_REF) value_count += files[i].count;
    free(files[i].data);
  }
  free(indices);
  free(intervals);
  return fits && value_count <= MAX_REGISTERS;
}
