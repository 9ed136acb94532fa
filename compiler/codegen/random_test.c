// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Maps of all kinds, with and without reductions, against plain loops in C.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// cmocka.h needs the headers above.
#include <cmocka.h>

#include "compiler/codegen/codegen_testing.h"
#include "compiler/support/mlir_util.h"

#define MAX_LOOPS 6
#define MAX_OPERANDS 5
#define CASES 800
#define CASES_PER_MODULE 40

static uint32_t random_state = 12345;
static uint32_t random_below(uint32_t limit) {
  random_state = random_state * 1664525u + 1013904223u;
  return (random_state >> 8) % limit;
}

typedef struct operand_t {
  int rank;
  int64_t base[MAX_LOOPS], coefficients[MAX_LOOPS][MAX_LOOPS];
  int64_t sizes[MAX_LOOPS];
  bool dynamic[MAX_LOOPS];
  int constant_of[MAX_LOOPS];  // of dynamic dimensions that are no loop's: its number + 1
  int64_t length;
} operand_t;

typedef struct case_t {
  int loops;
  int64_t extents[MAX_LOOPS];
  bool dynamic[MAX_LOOPS];
  int constant_of[MAX_LOOPS];  // of dynamic loops
  int64_t constants[MAX_LOOPS * (MAX_OPERANDS + 1)];
  int constant_count;
  bool reduction[MAX_LOOPS];
  bool uses_index, reduces;  // if it reduces, results are added to what inputs of their shape hold
  int inputs, results;
  operand_t operands[MAX_OPERANDS];
} case_t;

static void random_permutation(int count, int* out) {
  for (int i = 0; i < count; ++i) out[i] = i;
  for (int i = count - 1; i > 0; --i) {
    int k = (int)random_below((uint32_t)i + 1), t = out[i];
    out[i] = out[k];
    out[k] = t;
  }
}

// Makes dimension |p| dynamic or not; if so with its size as a constant.
static void random_own_size(case_t* c, operand_t* o, int p) {
  o->dynamic[p] = random_below(2);
  if (!o->dynamic[p]) return;
  c->constants[c->constant_count++] = o->sizes[p];
  o->constant_of[p] = c->constant_count;
}

static void random_input(case_t* c, operand_t* o) {
  int order[MAX_LOOPS];
  uint32_t kind = random_below(5);
  if (kind < 2) {
    for (int i = 0; i < c->loops; ++i) order[i] = i;
  } else {
    random_permutation(c->loops, order);
  }
  for (int i = 0; i < c->loops; ++i) {
    if (kind >= 3 && random_below(3) == 0) continue;  // a loop that is not used: broadcast
    int p = o->rank++, d = order[i];
    o->coefficients[p][d] = 1;
    o->sizes[p] = c->extents[d];
    o->dynamic[p] = c->dynamic[d] && random_below(4) != 0;
    if (kind == 4 && random_below(3) == 0) {
      // A window.
      o->coefficients[p][d] = 2 + random_below(2);
      if (random_below(2)) o->coefficients[p][random_below((uint32_t)c->loops)] += 1;
      o->base[p] = random_below(3);
      o->sizes[p] = o->base[p] + 1;
      for (int k = 0; k < c->loops; ++k)
        o->sizes[p] += o->coefficients[p][k] * (c->extents[k] > 0 ? c->extents[k] - 1 : 0);
      o->sizes[p] += random_below(2);
      random_own_size(c, o, p);
    } else if (kind == 4 && random_below(4) == 0) {
      o->coefficients[p][d] = 0;  // one element of a dimension
      o->sizes[p] = 1 + random_below(3);
      o->base[p] = random_below((uint32_t)o->sizes[p]);
      random_own_size(c, o, p);
    }
  }
}

static void random_result(const case_t* c, operand_t* o) {
  int order[MAX_LOOPS];
  bool straight = random_below(3) != 0;
  random_permutation(c->loops, order);
  for (int i = 0; i < c->loops; ++i) {
    int loop = straight ? i : order[i];
    if (c->reduction[loop]) continue;
    int p = o->rank++;
    o->coefficients[p][loop] = 1;
    o->sizes[p] = c->extents[loop];
    o->dynamic[p] = c->dynamic[loop];
  }
}

// The loop that dimension |p| of |o| is indexed by alone, or -1.
static int single_loop(const operand_t* o, int p) {
  int single = -1;
  for (int d = 0; d < MAX_LOOPS; ++d) {
    if (!o->coefficients[p][d]) continue;
    if (single >= 0 || o->coefficients[p][d] != 1) return -1;
    single = d;
  }
  return o->base[p] ? -1 : single;
}

// Some of the loops that inputs tell the count of: whose count none does must be a result's.
static void random_reductions(case_t* c) {
  bool any = random_below(2);
  for (int i = 0; i < c->inputs && any; ++i) {
    for (int p = 0; p < c->operands[i].rank; ++p) {
      int loop = single_loop(&c->operands[i], p);
      if (loop < 0 || c->operands[i].constant_of[p] || random_below(2)) continue;
      c->reduction[loop] = c->reduces = true;
    }
  }
  // An input's dimension that is a reduction's has to be named.
  for (int i = 0; i < c->inputs; ++i) {
    for (int p = 0; p < c->operands[i].rank; ++p) {
      int loop = single_loop(&c->operands[i], p);
      if (c->operands[i].dynamic[p] && loop >= 0 && c->reduction[loop])
        c->operands[i].constant_of[p] = c->constant_of[loop] + 1;
    }
  }
}

static void random_case(case_t* c) {
  memset(c, 0, sizeof(*c));
  c->loops = (int)random_below(MAX_LOOPS + 1);
  static const uint32_t largest[] = {1, 9000, 120, 40, 12, 7, 5};
  for (int d = 0; d < c->loops; ++d) {
    c->extents[d] = random_below(40) == 0  ? 0
                    : random_below(6) == 0 ? 1
                                           : 1 + random_below(largest[c->loops]);
    c->dynamic[d] = random_below(2);
    if (!c->dynamic[d]) continue;
    c->constant_of[d] = c->constant_count;
    c->constants[c->constant_count++] = c->extents[d];
  }
  c->uses_index = random_below(4) == 0;
  c->inputs = (int)random_below(4);
  c->results = 1 + (int)random_below(2);
  for (int i = 0; i < c->inputs; ++i) random_input(c, &c->operands[i]);
  random_reductions(c);
  for (int i = 0; i < c->inputs + c->results; ++i) {
    operand_t* o = &c->operands[i];
    if (i >= c->inputs) random_result(c, o);
    o->length = 1;
    for (int p = 0; p < o->rank; ++p) o->length *= o->sizes[p];
  }
}

static void append_type(tenon_text_t* text, const operand_t* o) {
  tenon_text_appendf(text, "tensor<");
  for (int p = 0; p < o->rank; ++p) {
    if (o->dynamic[p]) {
      tenon_text_appendf(text, "?x");
    } else {
      tenon_text_appendf(text, "%lldx", (long long)o->sizes[p]);
    }
  }
  tenon_text_appendf(text, "i32>");
}

static void append_map(tenon_text_t* text, const case_t* c, const operand_t* o) {
  tenon_text_appendf(text, "affine_map<(");
  for (int d = 0; d < c->loops; ++d) tenon_text_appendf(text, "%sd%d", d ? ", " : "", d);
  tenon_text_appendf(text, ") -> (");
  for (int p = 0; p < o->rank; ++p) {
    tenon_text_appendf(text, "%s%lld", p ? ", " : "", (long long)o->base[p]);
    for (int d = 0; d < c->loops; ++d) {
      if (o->coefficients[p][d])
        tenon_text_appendf(text, " + d%d * %lld", d, (long long)o->coefficients[p][d]);
    }
  }
  tenon_text_appendf(text, ")>");
}

// The attributes of the function, whose constants begin at argument |first|.
static void append_attributes(tenon_text_t* text, const case_t* c, int first) {
  tenon_text_appendf(text, " attributes {tenon.results = [");
  for (int r = 0; r < c->results; ++r) {
    const operand_t* o = &c->operands[c->inputs + r];
    tenon_text_appendf(text, "%sarray<i64", r ? ", " : "");
    for (int p = 0, some = 0; p < o->rank; ++p) {
      if (o->dynamic[p])
        tenon_text_appendf(text, "%s%d", some++ ? ", " : ": ",
                           first + c->constant_of[single_loop(o, p)]);
    }
    tenon_text_appendf(text, ">");
  }
  tenon_text_appendf(text, "], tenon.dims = [");
  for (int i = 0, count = 0; i < c->inputs; ++i) {
    for (int p = 0; p < c->operands[i].rank; ++p) {
      if (!c->operands[i].constant_of[p]) continue;
      tenon_text_appendf(text, "%sarray<i64: %d, %d, %d>", count++ ? ", " : "", i, p,
                         first + c->operands[i].constant_of[p] - 1);
    }
  }
  tenon_text_appendf(text, "]}");
}

// result k = k + sum(inputs[i] * (i + 3)) (+ sum(indices[d] * (d + 11))), added to what is there if it reduces.
static void append_case(tenon_text_t* text, int number, const case_t* c) {
  int operands = c->inputs + c->results;
  tenon_text_appendf(text, "func.func @case%d(", number);
  for (int i = 0; i < c->inputs; ++i) {
    tenon_text_appendf(text, "%s%%i%d: ", i ? ", " : "", i);
    append_type(text, &c->operands[i]);
  }
  for (int i = c->inputs; i < operands && c->reduces; ++i) {
    tenon_text_appendf(text, "%s%%e%d: ", i ? ", " : "", i);
    append_type(text, &c->operands[i]);
  }
  for (int i = 0; i < c->constant_count; ++i)
    tenon_text_appendf(text, "%s%%n%d: index", i || c->inputs || c->reduces ? ", " : "", i);
  tenon_text_appendf(text, ") -> (");
  for (int i = c->inputs; i < operands; ++i) {
    tenon_text_appendf(text, "%s", i > c->inputs ? ", " : "");
    append_type(text, &c->operands[i]);
  }
  tenon_text_appendf(text, ")");
  append_attributes(text, c, c->inputs + (c->reduces ? c->results : 0));
  tenon_text_appendf(text, " {\n");
  for (int i = c->inputs; i < operands && !c->reduces; ++i) {
    const operand_t* o = &c->operands[i];
    tenon_text_appendf(text, "  %%e%d = tensor.empty(", i);
    for (int p = 0, some = 0; p < o->rank; ++p) {
      for (int d = 0; d < c->loops; ++d) {
        if (o->coefficients[p][d] && c->dynamic[d])
          tenon_text_appendf(text, "%s%%n%d", some++ ? ", " : "", c->constant_of[d]);
      }
    }
    tenon_text_appendf(text, ") : ");
    append_type(text, o);
    tenon_text_appendf(text, "\n");
  }
  tenon_text_appendf(text, "  %%r%s = linalg.generic {indexing_maps = [",
                     c->results > 1 ? ":2" : "");
  for (int i = 0; i < operands; ++i) {
    tenon_text_appendf(text, "%s", i ? ", " : "");
    append_map(text, c, &c->operands[i]);
  }
  tenon_text_appendf(text, "], iterator_types = [");
  for (int d = 0; d < c->loops; ++d)
    tenon_text_appendf(text, "%s\"%s\"", d ? ", " : "", c->reduction[d] ? "reduction" : "parallel");
  tenon_text_appendf(text, "]}");
  for (int group = 0; group < 2; ++group) {
    int from = group ? c->inputs : 0, to = group ? operands : c->inputs;
    if (from == to) continue;
    tenon_text_appendf(text, group ? " outs(" : " ins(");
    for (int i = from; i < to; ++i)
      tenon_text_appendf(text, "%s%%%s%d", i > from ? ", " : "", group ? "e" : "i", i);
    for (int i = from; i < to; ++i) {
      tenon_text_appendf(text, i > from ? ", " : " : ");
      append_type(text, &c->operands[i]);
    }
    tenon_text_appendf(text, ")");
  }
  tenon_text_appendf(text, " {\n  ^bb0(");
  for (int i = 0; i < operands; ++i) tenon_text_appendf(text, "%s%%x%d: i32", i ? ", " : "", i);
  tenon_text_appendf(text, "):\n    %%s0 = arith.constant 0 : i32\n");
  int sums = 0;
  for (int i = 0; i < c->inputs; ++i, ++sums) {
    tenon_text_appendf(
        text, "    %%f%d = arith.constant %d : i32\n    %%p%d = arith.muli %%x%d, %%f%d : i32\n",
        sums, i + 3, sums, i, sums);
    tenon_text_appendf(text, "    %%s%d = arith.addi %%s%d, %%p%d : i32\n", sums + 1, sums, sums);
  }
  for (int d = 0; d < c->loops && c->uses_index; ++d, ++sums) {
    tenon_text_appendf(text,
                       "    %%f%d = arith.constant %d : i32\n    %%j%d = linalg.index %d : index\n",
                       sums, d + 11, sums, d);
    tenon_text_appendf(text, "    %%k%d = arith.index_cast %%j%d : index to i32\n", sums, sums);
    tenon_text_appendf(text, "    %%p%d = arith.muli %%k%d, %%f%d : i32\n", sums, sums, sums);
    tenon_text_appendf(text, "    %%s%d = arith.addi %%s%d, %%p%d : i32\n", sums + 1, sums, sums);
  }
  if (c->reduces) {
    for (int k = 0; k < c->results; ++k)
      tenon_text_appendf(text, "    %%t%d = arith.addi %%x%d, %%s%d : i32\n", k, c->inputs + k,
                         sums);
  } else {
    for (int k = 0; k < c->results; ++k)
      tenon_text_appendf(
          text,
          "    %%zero%d = arith.constant 0 : i32\n    %%t%d = arith.addi %%s%d, %%zero%d : i32\n",
          k, k, sums, k);
  }
  const char* last = c->results > 1 ? "%t1" : "%t0";
  tenon_text_appendf(
      text, "    %%one = arith.constant 1 : i32\n    %%last = arith.addi %s, %%one : i32\n", last);
  tenon_text_appendf(text, c->results > 1 ? "    linalg.yield %%t0, %%last : i32, i32\n  } -> ("
                                          : "    linalg.yield %%t0 : i32\n  } -> (");
  for (int group = 0; group < 2; ++group) {
    if (group) tenon_text_appendf(text, ")\n  return %s : ", c->results > 1 ? "%r#0, %r#1" : "%r");
    for (int i = c->inputs; i < operands; ++i) {
      if (i > c->inputs) tenon_text_appendf(text, ", ");
      append_type(text, &c->operands[i]);
    }
  }
  tenon_text_appendf(text, "\n}\n");
}

static int64_t element_of(const case_t* c, const operand_t* o, const int64_t* index) {
  int64_t element = 0;
  for (int p = 0; p < o->rank; ++p) {
    int64_t at = o->base[p];
    for (int d = 0; d < c->loops; ++d) at += o->coefficients[p][d] * index[d];
    assert_true(at < o->sizes[p]);
    element = element * o->sizes[p] + at;
  }
  return element;
}

static void compute_case(const case_t* c, int32_t** arrays) {
  int64_t index[MAX_LOOPS] = {0};
  for (int d = 0; d < c->loops; ++d) {
    if (c->extents[d] == 0) return;
  }
  for (;;) {
    uint32_t sum = 0;
    for (int i = 0; i < c->inputs; ++i)
      sum += (uint32_t)arrays[i][element_of(c, &c->operands[i], index)] * (uint32_t)(i + 3);
    for (int d = 0; d < c->loops && c->uses_index; ++d)
      sum += (uint32_t)index[d] * (uint32_t)(d + 11);
    for (int k = 0; k < c->results; ++k) {
      const operand_t* o = &c->operands[c->inputs + k];
      int32_t* element = &arrays[c->inputs + k][element_of(c, o, index)];
      uint32_t before = c->reduces ? (uint32_t)*element : 0;
      *element = (int32_t)(before + sum + (uint32_t)k);
    }
    int d = c->loops - 1;
    while (d >= 0 && ++index[d] == c->extents[d]) index[d--] = 0;
    if (d < 0) return;
  }
}

static void check_case(const tenon_loaded_t* loaded, uint32_t ordinal, const case_t* c) {
  int32_t *arrays[MAX_OPERANDS], *results[MAX_OPERANDS], *starts[MAX_OPERANDS];
  void* bindings[2 * MAX_OPERANDS];
  int64_t lengths[2 * MAX_OPERANDS];
  int initial = c->reduces ? c->results : 0;
  int operands = c->inputs + c->results;
  for (int i = 0; i < operands; ++i) {
    size_t bytes = ((size_t)c->operands[i].length + 1) * sizeof(int32_t);
    int64_t length = c->operands[i].length;
    arrays[i] = malloc(bytes);
    for (int64_t k = 0; k <= length; ++k) arrays[i][k] = (int32_t)(k * 17 + i);
    results[i] = malloc(bytes);
    starts[i] = malloc(bytes);
    memcpy(results[i], arrays[i], bytes);
    memcpy(starts[i], arrays[i], bytes);
    int binding = i < c->inputs ? i : i + initial;
    bindings[binding] = i < c->inputs ? arrays[i] : results[i];
    lengths[binding] = length;
    if (i < c->inputs || !initial) continue;
    bindings[i] = starts[i];
    lengths[i] = length;
  }
  compute_case(c, arrays);
  for (int parts = 1; parts <= 5; parts += 2) {
    tenon_call(loaded, ordinal, bindings, lengths, c->constants, parts);
    for (int i = c->inputs; i < operands; ++i) {
      int64_t length = c->operands[i].length;
      for (int64_t k = 0; k <= length; ++k) {
        if (results[i][k] != arrays[i][k]) {
          tenon_text_t text = {0};
          append_case(&text, (int)ordinal, c);
          fail_msg("result %d, element %lld in %d parts: %d instead of %d\n%s", i - c->inputs,
                   (long long)k, parts, results[i][k], arrays[i][k], text.data);
        }
        if (k < length) results[i][k] = -1;
      }
    }
  }
  for (int i = 0; i < operands; ++i) {
    free(arrays[i]);
    free(results[i]);
    free(starts[i]);
  }
}

static void random_maps(void** state) {
  tenon_options_t options = tenon_default_options();
  static case_t cases[CASES_PER_MODULE];
  for (int module = 0; module < CASES / CASES_PER_MODULE; ++module) {
    tenon_text_t text = {0};
    for (int i = 0; i < CASES_PER_MODULE; ++i) {
      random_case(&cases[i]);
      append_case(&text, i, &cases[i]);
    }
    options.target_cpu = module % 2 ? "host" : "generic";
    tenon_loaded_t loaded = tenon_load_dispatches(&options, text.data);
    for (int i = 0; i < CASES_PER_MODULE; ++i) check_case(&loaded, (uint32_t)i, &cases[i]);
    tenon_unload(&loaded);
    free(text.data);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(random_maps),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
