// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How often each loop runs and how large each array is: numbers, or constants of the dispatch.

#include <stdlib.h>

#include "compiler/codegen/kernel.h"
#include "compiler/dispatch/outline.h"
#include "compiler/support/mlir_util.h"

static int tenon_rank(const tenon_access_t* access) {
  return mlirTypeIsNull(access->type) || !mlirTypeIsARankedTensor(access->type)
             ? 0
             : (int)mlirShapedTypeGetRank(access->type);
}

// What a number that the function takes as a dimension is: one of its arguments, or a constant.
static MlirLogicalResult tenon_read_count(const tenon_kernel_t* kernel, MlirOperation user,
                                          MlirValue value, tenon_count_t* out_count) {
  *out_count = TENON_COUNT_UNKNOWN;
  out_count->constant = tenon_kernel_constant(kernel, value);
  if (out_count->constant >= 0) return mlirLogicalResultSuccess();
  if (!mlirValueIsAOpResult(value) || !tenon_op_is(mlirOpResultGetOwner(value), "arith.constant")) {
    return tenon_error(user,
                       "a dynamic dimension must be an argument of the dispatch or a constant");
  }
  out_count->fixed = mlirIntegerAttrGetValueInt(
      mlirOperationGetAttributeByName(mlirOpResultGetOwner(value), tenon_str("value")));
  if (out_count->fixed < 0)
    return tenon_error(user, "a dimension of %lld is negative", (long long)out_count->fixed);
  return mlirLogicalResultSuccess();
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

// A loop over a dimension of known size, in any operand, runs that often: what the bytecode says
// does not matter then.
static void tenon_tell(tenon_count_t* count, tenon_count_t told) {
  if (!tenon_count_is_known(told)) return;
  if (!tenon_count_is_known(*count) || (tenon_count_is_fixed(told) && count->constant >= 0))
    *count = told;
}

static void tenon_tell_by_type(tenon_member_t* member, const tenon_access_t* access) {
  for (int p = 0; p < tenon_rank(access); ++p) {
    int dim = tenon_linear_single_dim(&access->indices[p]);
    if (dim < 0 || mlirShapedTypeIsDynamicDim(access->type, p)) continue;
    tenon_count_t size = {.fixed = mlirShapedTypeGetDimSize(access->type, p), .constant = -1};
    tenon_tell(&member->loops[dim].count, size);
  }
}

static void tenon_tell_by_array(const tenon_kernel_t* kernel, tenon_member_t* member,
                                const tenon_access_t* access) {
  if (access->array < 0) return;
  for (int p = 0; p < tenon_rank(access); ++p) {
    int dim = tenon_linear_single_dim(&access->indices[p]);
    if (dim >= 0) tenon_tell(&member->loops[dim].count, kernel->arrays[access->array].extents[p]);
  }
}

// From the operands of the tensor.empty into which output |r| is written, if it is one.
static MlirLogicalResult tenon_tell_by_empty(const tenon_kernel_t* kernel, tenon_member_t* member,
                                             int r) {
  MlirValue value = mlirOperationGetOperand(member->op, member->read_count + r);
  if (!mlirValueIsAOpResult(value) || !tenon_op_is(mlirOpResultGetOwner(value), "tensor.empty"))
    return mlirLogicalResultSuccess();
  MlirOperation empty = mlirOpResultGetOwner(value);
  const tenon_access_t* result = tenon_member_result(member, r);
  int dynamic = 0;
  for (int p = 0; p < tenon_rank(result); ++p) {
    if (!mlirShapedTypeIsDynamicDim(mlirValueGetType(value), p)) continue;
    tenon_count_t count;
    if (mlirLogicalResultIsFailure(
            tenon_read_count(kernel, empty, mlirOperationGetOperand(empty, dynamic++), &count)))
      return mlirLogicalResultFailure();
    int dim = tenon_linear_single_dim(&result->indices[p]);
    tenon_tell(&member->loops[dim].count, count);
  }
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult tenon_size_loops(const tenon_kernel_t* kernel, tenon_member_t* member) {
  for (int i = 0; i < member->access_count; ++i) tenon_tell_by_type(member, &member->accesses[i]);
  for (int r = 0; r < member->output_count; ++r) {
    tenon_tell_by_array(kernel, member, tenon_member_result(member, r));
    if (mlirLogicalResultIsFailure(tenon_tell_by_empty(kernel, member, r)))
      return mlirLogicalResultFailure();
  }
  for (int i = 0; i < member->access_count; ++i)
    tenon_tell_by_array(kernel, member, &member->accesses[i]);
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult tenon_size_update(tenon_kernel_t* kernel, tenon_member_t* member) {
  for (int d = 0; d < member->loop_count; ++d) {
    if (mlirLogicalResultIsFailure(tenon_read_count(kernel, member->op,
                                                    mlirOperationGetOperand(member->op, d + 1),
                                                    &member->loops[d].count)))
      return mlirLogicalResultFailure();
  }
  MlirOperation empty = mlirOpResultGetOwner(mlirOperationGetOperand(member->op, 0));
  tenon_array_t* array = &kernel->arrays[tenon_member_result(member, 0)->array];
  int dynamic = 0;
  for (int p = 0; p < array->rank; ++p) {
    tenon_count_t count;
    if (array->extents[p].fixed >= 0) continue;
    if (mlirLogicalResultIsFailure(
            tenon_read_count(kernel, empty, mlirOperationGetOperand(empty, dynamic++), &count)))
      return mlirLogicalResultFailure();
    tenon_tell(&array->extents[p], count);
  }
  return mlirLogicalResultSuccess();
}

// The outer loops run equally often in all members: what one knows holds for all.
static void tenon_size_outer(tenon_kernel_t* kernel) {
  for (int d = 0; d < kernel->outer_count; ++d) {
    tenon_loop_t* outer = &kernel->outer[d];
    outer->count = TENON_COUNT_UNKNOWN;
    for (int i = 0; i < kernel->member_count; ++i) {
      const tenon_loop_t* loop = &kernel->members[i].loops[d];
      tenon_tell(&outer->count, loop->count);
      outer->index_used = outer->index_used || loop->index_used;
    }
    for (int i = 0; i < kernel->member_count; ++i) kernel->members[i].loops[d].count = outer->count;
  }
}

static MlirLogicalResult tenon_check_loops(const tenon_member_t* member) {
  for (int d = 0; d < member->loop_count; ++d) {
    if (tenon_count_is_known(member->loops[d].count)) continue;
    return tenon_error(member->op,
                       "nothing says how often loop #%d runs: '%s' or '%s' must name the argument "
                       "of the dispatch",
                       d, TENON_RESULTS_ATTRIBUTE, TENON_DIMS_ATTRIBUTE);
  }
  return mlirLogicalResultSuccess();
}

//===----------------------------------------------------------------------===//
// Arrays
//===----------------------------------------------------------------------===//

// Results are indexed by loops alone: they are as large as these run often.
static void tenon_size_results(tenon_kernel_t* kernel, const tenon_member_t* member) {
  if (member->updates) return;
  for (int r = 0; r < member->output_count; ++r) {
    const tenon_access_t* result = tenon_member_result(member, r);
    if (result->array < 0) continue;
    for (int p = 0; p < tenon_rank(result); ++p) {
      tenon_count_t count = member->loops[tenon_linear_single_dim(&result->indices[p])].count;
      if (tenon_count_is_known(count)) kernel->arrays[result->array].extents[p] = count;
    }
  }
}

// Dynamic extents of inputs that have no constant of their own follow from the loops'. Returns whether something was
// learnt.
static bool tenon_size_inputs(tenon_kernel_t* kernel, const tenon_member_t* member) {
  bool learnt = false;
  for (int i = 0; i < member->access_count; ++i) {
    const tenon_access_t* access = &member->accesses[i];
    for (int p = 0; access->array >= 0 && p < tenon_rank(access); ++p) {
      tenon_count_t* extent = &kernel->arrays[access->array].extents[p];
      int dim = tenon_linear_single_dim(&access->indices[p]);
      if (tenon_count_is_known(*extent) || dim < 0) continue;
      *extent = member->loops[dim].count;
      learnt = learnt || tenon_count_is_known(*extent);
    }
  }
  return learnt;
}

static MlirLogicalResult tenon_check_inputs(const tenon_kernel_t* kernel,
                                            const tenon_member_t* member) {
  for (int i = 0; i < member->access_count; ++i) {
    const tenon_access_t* access = &member->accesses[i];
    for (int p = 0; access->array >= 0 && p < tenon_rank(access); ++p) {
      if (tenon_count_is_known(kernel->arrays[access->array].extents[p])) continue;
      return tenon_error(member->op,
                         "operand #%d: the dynamic dimension %d is not indexed by a loop alone; "
                         "'%s' must say which argument of the dispatch is its extent",
                         i, p, TENON_DIMS_ATTRIBUTE);
    }
  }
  return mlirLogicalResultSuccess();
}

bool tenon_never_exceeds(const tenon_member_t* member, const tenon_linear_t* needed,
                         tenon_count_t declared) {
  int64_t base = needed->base;
  int dynamic = -1;
  for (int d = 0; d < member->loop_count; ++d) {
    int64_t coefficient = needed->coefficients[d];
    if (!coefficient) continue;
    tenon_count_t count = member->loops[d].count;
    if (tenon_count_is_fixed(count)) {
      base += coefficient * count.fixed;
    } else if (dynamic >= 0 || coefficient != 1) {
      return false;
    } else {
      dynamic = d;
    }
  }
  if (dynamic < 0) return tenon_count_is_fixed(declared) && base <= declared.fixed;
  return base <= 0 && tenon_count_equal(member->loops[dynamic].count, declared);
}

// An access that reaches further than its array's declared extents for some numbers makes a check.
static void tenon_check_access(tenon_kernel_t* kernel, const tenon_member_t* member,
                               const tenon_access_t* access) {
  if (access->array < 0) return;
  const tenon_array_t* array = &kernel->arrays[access->array];
  for (int p = 0; p < array->rank; ++p) {
    struct tenon_extent_check_t check = {.member = member,
                                         .needed = tenon_needed_extent(&access->indices[p]),
                                         .declared = array->extents[p]};
    if (!tenon_never_exceeds(member, &check.needed, check.declared))
      TENON_APPEND(&kernel->checks, check);
  }
}

// The loops of fixed length: nothing that the plan multiplies may overflow.
static MlirLogicalResult tenon_check_total(const tenon_member_t* member) {
  int64_t iterations = 1;
  for (int d = 0; d < member->loop_count; ++d) {
    tenon_count_t count = member->loops[d].count;
    if (!tenon_count_is_fixed(count) || count.fixed == 0) continue;
    if (__builtin_mul_overflow(iterations, count.fixed, &iterations) ||
        iterations > INT64_MAX / 64) {
      return tenon_error(
          member->op, "a result has too many elements for any memory; make its dimensions smaller");
    }
  }
  return mlirLogicalResultSuccess();
}

// One round over all members: what one tells of an array another may need for its loops.
static MlirLogicalResult tenon_size_round(tenon_kernel_t* kernel, bool* out_learnt) {
  *out_learnt = false;
  for (int m = 0; m < kernel->member_count; ++m) {
    tenon_member_t* member = &kernel->members[m];
    if (mlirLogicalResultIsFailure(member->updates ? tenon_size_update(kernel, member)
                                                   : tenon_size_loops(kernel, member)))
      return mlirLogicalResultFailure();
    tenon_size_results(kernel, member);
  }
  tenon_size_outer(kernel);
  for (int m = 0; m < kernel->member_count; ++m) {
    const tenon_member_t* member = &kernel->members[m];
    tenon_size_results(kernel, member);
    if (!member->updates && tenon_size_inputs(kernel, member)) *out_learnt = true;
  }
  return mlirLogicalResultSuccess();
}

MlirLogicalResult tenon_kernel_size(tenon_kernel_t* kernel) {
  bool learnt = true;
  while (learnt) {
    if (mlirLogicalResultIsFailure(tenon_size_round(kernel, &learnt)))
      return mlirLogicalResultFailure();
  }
  for (int m = 0; m < kernel->member_count; ++m) {
    const tenon_member_t* member = &kernel->members[m];
    if (mlirLogicalResultIsFailure(tenon_check_loops(member)) ||
        mlirLogicalResultIsFailure(tenon_check_total(member)))
      return mlirLogicalResultFailure();
    if (member->updates) continue;
    if (mlirLogicalResultIsFailure(tenon_check_inputs(kernel, member)))
      return mlirLogicalResultFailure();
    for (int i = 0; i < member->access_count; ++i)
      tenon_check_access(kernel, member, &member->accesses[i]);
  }
  return mlirLogicalResultSuccess();
}
