// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A value that is computed only to be copied into a block's argument is computed right there.
// Without this, every value that a loop carries costs a move in each round, since the old and the
// new value have different variables.

#include <stdlib.h>

#include "compiler/emit/code.h"

// How far before the copy the value may be computed.
#define WINDOW 256

static bool mentions(const tenon_code_t* code, const tenon_instruction_t* instruction,
                     tenon_operand_kind_t kind, uint64_t var) {
  const tenon_operand_t* operands = tenon_code_operands(code, instruction);
  for (uint32_t i = 0; i < instruction->operand_count; ++i) {
    if (operands[i].kind == kind && operands[i].value == var) return true;
  }
  return false;
}

static void rename_var(tenon_code_t* code, const tenon_instruction_list_t* list, size_t first,
                       uint64_t from, uint64_t to) {
  for (size_t i = first; i < list->count; ++i) {
    tenon_operand_t* operands = tenon_code_operands(code, &list->data[i]);
    for (uint32_t j = 0; j < list->data[i].operand_count; ++j) {
      bool is_var = operands[j].kind == TENON_OPERAND_USE || operands[j].kind == TENON_OPERAND_DEF;
      if (is_var && operands[j].value == from) operands[j].value = to;
    }
  }
}

// Where |source| is set, when nothing from there to the copy at |copy| reads or sets |target|; else
// |copy|.
static size_t find_definition(const tenon_code_t* code, const tenon_instruction_list_t* list,
                              size_t copy, uint64_t source, uint64_t target) {
  for (size_t i = copy; i-- > 0 && copy - i <= WINDOW;) {
    if (mentions(code, &list->data[i], TENON_OPERAND_DEF, target)) return copy;
    if (mentions(code, &list->data[i], TENON_OPERAND_DEF, source)) return i;
    if (mentions(code, &list->data[i], TENON_OPERAND_USE, target)) return copy;
  }
  return copy;
}

// After the copy both names mean the same until |target| is set again.
static bool is_set_after(const tenon_code_t* code, const tenon_instruction_list_t* list,
                         size_t copy, uint64_t target) {
  for (size_t i = copy + 1; i < list->count; ++i) {
    if (mentions(code, &list->data[i], TENON_OPERAND_DEF, target)) return true;
  }
  return false;
}

static void visit_block(tenon_code_t* code, const tenon_liveness_t* liveness,
                        const uint32_t* set_counts, tenon_code_block_t block) {
  const tenon_instruction_list_t* list = &code->blocks.data[block];
  for (size_t i = 0; i < list->count; ++i) {
    if (!tenon_code_is_copy(list->data[i].op)) continue;
    const tenon_operand_t* operands = tenon_code_operands(code, &list->data[i]);
    uint64_t target = operands[0].value, source = operands[1].value;
    if (target == source || set_counts[source] != 1 ||
        tenon_live(liveness, liveness->live_out, block, (tenon_var_t)source) ||
        is_set_after(code, list, i, target)) {
      continue;
    }
    size_t definition = find_definition(code, list, i, source, target);
    if (definition < i) rename_var(code, list, definition, source, target);
  }
}

// Arguments are set once by the call.
static uint32_t* count_sets(const tenon_code_t* code) {
  uint32_t* counts = tenon_xcalloc(code->variables.count, sizeof(*counts));
  for (size_t i = 0; i < code->argument_count; ++i) counts[i] = 1;
  for (size_t i = 0; i < code->blocks.count; ++i) {
    const tenon_instruction_list_t* list = &code->blocks.data[i];
    for (size_t j = 0; j < list->count; ++j) {
      const tenon_operand_t* operands = tenon_code_operands(code, &list->data[j]);
      for (uint32_t k = 0; k < list->data[j].operand_count; ++k) {
        if (operands[k].kind == TENON_OPERAND_DEF) ++counts[operands[k].value];
      }
    }
  }
  return counts;
}

void tenon_code_coalesce(tenon_code_t* code) {
  tenon_liveness_t liveness = tenon_liveness_compute(code);
  uint32_t* set_counts = count_sets(code);
  for (size_t i = 0; i < code->order.count; ++i) {
    visit_block(code, &liveness, set_counts, code->order.data[i]);
  }
  free(set_counts);
  tenon_liveness_free(&liveness);
}
