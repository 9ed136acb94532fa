// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reading one member: its loops, what it reads, and where its results go.

#include "compiler/codegen/kernel.h"
#include "compiler/support/mlir_util.h"
#include "mlir-c/AffineMap.h"

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

static bool tenon_is_parallel(MlirOperation op, MlirAttribute iterators, int dim) {
  MlirAttribute parallel = mlirAttributeParseGet(mlirOperationGetContext(op),
                                                 tenon_str("#linalg.iterator_type<parallel>"));
  return mlirAttributeEqual(mlirArrayAttrGetElement(iterators, dim), parallel);
}

// Numbers the loops in the order in which they run: parallel ones first, with the outer ones at their head.
static MlirLogicalResult tenon_number_loops(tenon_kernel_t* kernel, tenon_member_t* member) {
  MlirAttribute iterators =
      mlirOperationGetAttributeByName(member->op, tenon_str("iterator_types"));
  int count = (int)mlirArrayAttrGetNumElements(iterators);
  if (count > TENON_KERNEL_MAX_RANK) {
    return tenon_error(member->op, "%d loops are not supported: at most %d", count,
                       TENON_KERNEL_MAX_RANK);
  }
  member->loop_count = count;
  int next = 0;
  for (int reduction = 0; reduction < 2; ++reduction) {
    for (int d = 0; d < count; ++d) {
      if (tenon_is_parallel(member->op, iterators, d) == (reduction != 0)) continue;
      member->loop_of[d] = next;
      member->loops[next++] =
          (tenon_loop_t){.count = TENON_COUNT_UNKNOWN, .reduction = reduction != 0};
    }
    if (kernel->outer_count < 0) kernel->outer_count = next;
  }
  member->reduces = count > 0 && member->loops[count - 1].reduction;
  for (int d = 0; d < kernel->outer_count && kernel->member_count > 1; ++d) {
    if (d >= count || member->loop_of[d] != d || member->loops[d].reduction) {
      return tenon_error(member->op,
                         "the first %d iterators must be parallel: they are the dispatch's outer "
                         "loops",
                         kernel->outer_count);
    }
  }
  for (MlirOperation op = mlirBlockGetFirstOperation(member->body); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op)) {
    if (!tenon_op_is(op, "linalg.index")) continue;
    int64_t dim = mlirIntegerAttrGetValueInt(mlirOperationGetAttributeByName(op, tenon_str("dim")));
    member->loops[member->loop_of[dim]].index_used = true;
  }
  return mlirLogicalResultSuccess();
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

// The index map of operand |i| into |access|.
static MlirLogicalResult tenon_read_map(const tenon_member_t* member, intptr_t i,
                                        tenon_access_t* access) {
  MlirAttribute maps = mlirOperationGetAttributeByName(member->op, tenon_str("indexing_maps"));
  MlirAffineMap map = mlirAffineMapAttrGetValue(mlirArrayAttrGetElement(maps, i));
  intptr_t count = mlirAffineMapGetNumResults(map);
  if (count > TENON_KERNEL_MAX_RANK) {
    return tenon_error(member->op, "an operand of rank %d is not supported: at most %d", (int)count,
                       TENON_KERNEL_MAX_RANK);
  }
  for (intptr_t p = 0; p < count; ++p) {
    if (!tenon_linear_add(mlirAffineMapGetResult(map, p), 1, member->loop_of,
                          &access->indices[p])) {
      return tenon_error(member->op,
                         "the indexing map of operand #%d is not supported: an index must be a sum "
                         "of loop indices times constants "
                         "from 1 to %d, plus a constant that is not negative",
                         (int)i, TENON_MAX_COEFFICIENT);
    }
  }
  return mlirLogicalResultSuccess();
}

// A splat tensor constant stands for a scalar; its own value is what tenon_access_t.scalar names.
static bool tenon_is_splat(MlirValue value) {
  if (!mlirValueIsAOpResult(value)) return false;
  MlirOperation op = mlirOpResultGetOwner(value);
  if (!tenon_op_is(op, "arith.constant")) return false;
  MlirAttribute attribute = mlirOperationGetAttributeByName(op, tenon_str("value"));
  return mlirAttributeIsADenseElements(attribute) && mlirDenseElementsAttrIsSplat(attribute);
}

static bool tenon_is_empty(MlirValue value) {
  return mlirValueIsAOpResult(value) && tenon_op_is(mlirOpResultGetOwner(value), "tensor.empty");
}

static int tenon_access_rank(const tenon_access_t* access) {
  return (int)mlirShapedTypeGetRank(access->type);
}

// The member before |member| that makes |value|, or NULL.
static const tenon_member_t* tenon_find_writer(const tenon_kernel_t* kernel,
                                               const tenon_member_t* member, MlirValue value) {
  if (!mlirValueIsAOpResult(value)) return NULL;
  MlirOperation op = mlirOpResultGetOwner(value);
  for (const tenon_member_t* other = kernel->members; other < member; ++other) {
    if (mlirOperationEqual(other->op, op)) return other;
  }
  return NULL;
}

// What an earlier member wrote: a number, where its map holds the outer loops only, or an array. It is read by the
// iteration of the outer loops that wrote it, so where an outer loop wrote, the same must read.
static MlirLogicalResult tenon_read_earlier(const tenon_kernel_t* kernel,
                                            const tenon_member_t* member,
                                            const tenon_member_t* writer, int operand,
                                            MlirValue value, tenon_access_t* access) {
  int output = (int)mlirOpResultGetResultNumber(value);
  const tenon_access_t* written = tenon_member_result(writer, output);
  bool is_number = true;
  for (int p = 0; p < tenon_access_rank(access); ++p) {
    int dim = tenon_linear_single_dim(&written->indices[p]);
    bool outer = dim >= 0 && dim < kernel->outer_count;
    is_number = is_number && outer;
    if (outer && !tenon_linear_is_dim(&access->indices[p], dim)) {
      return tenon_error(member->op,
                         "operand #%d reads dimension %d of an earlier member's result by another "
                         "index than the outer loop that wrote it",
                         operand, p);
    }
  }
  access->array = is_number ? -1 : written->array;
  access->slot = is_number ? writer->first_slot + output : -1;
  if (is_number || access->array >= 0) return mlirLogicalResultSuccess();
  return tenon_error(member->op,
                     "operand #%d is an earlier member's result that is more than a number in each "
                     "outer iteration; the dispatch must return it",
                     operand);
}

// Operand |operand|, with its map, into |access|.
static MlirLogicalResult tenon_read_operand(const tenon_kernel_t* kernel,
                                            const tenon_member_t* member, int operand,
                                            tenon_access_t* access) {
  MlirValue value = mlirOperationGetOperand(member->op, operand);
  access->array = access->slot = -1;
  access->type = mlirValueGetType(value);
  if (!mlirTypeIsARankedTensor(access->type) || tenon_is_splat(value)) {
    access->scalar = value;
    return mlirLogicalResultSuccess();
  }
  if (mlirLogicalResultIsFailure(tenon_read_map(member, operand, access)))
    return mlirLogicalResultFailure();
  const tenon_member_t* writer = tenon_find_writer(kernel, member, value);
  if (writer) return tenon_read_earlier(kernel, member, writer, operand, value, access);
  access->array = tenon_kernel_array(kernel, value);
  if (access->array >= 0) return mlirLogicalResultSuccess();
  return tenon_error(member->op,
                     "operand #%d must be an argument of the dispatch, a result of an earlier "
                     "member, a scalar or a splat constant",
                     operand);
}

// Results are indexed by single loops, all outer ones and no reduction among them.
static MlirLogicalResult tenon_check_result(const tenon_kernel_t* kernel,
                                            const tenon_member_t* member, int result) {
  const tenon_access_t* access = tenon_member_result(member, result);
  bool used[TENON_KERNEL_MAX_RANK] = {false};
  for (int p = 0; p < tenon_access_rank(access); ++p) {
    int dim = tenon_linear_single_dim(&access->indices[p]);
    if (dim < 0 || used[dim] || member->loops[dim].reduction)
      return tenon_error(member->op,
                         "the indexing map of result #%d is not a permutation of parallel loops",
                         result);
    used[dim] = true;
  }
  for (int d = 0; d < member->loop_count; ++d) {
    if (!used[d] && (d < kernel->outer_count || !member->loops[d].reduction)) {
      return tenon_error(member->op,
                         "loop #%d is parallel and does not appear in the indexing map of result "
                         "#%d",
                         d, result);
    }
  }
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult tenon_read_outputs(const tenon_kernel_t* kernel, tenon_member_t* member) {
  for (int r = 0; r < member->output_count; ++r) {
    int operand = member->read_count + r;
    tenon_access_t* init = tenon_member_init(member, r);
    MlirValue value = mlirOperationGetOperand(member->op, operand);
    if (tenon_is_empty(value)) {
      *init = (tenon_access_t){.array = -1, .slot = -1, .type = mlirValueGetType(value)};
    } else if (mlirLogicalResultIsFailure(tenon_read_operand(kernel, member, operand, init))) {
      return mlirLogicalResultFailure();
    }
    tenon_access_t* result = tenon_member_result(member, r);
    MlirValue made = mlirOperationGetResult(member->op, r);
    result->array = tenon_kernel_array(kernel, made);
    result->slot = member->first_slot + r;
    result->type = mlirValueGetType(made);
    if (mlirLogicalResultIsFailure(tenon_read_map(member, operand, result)) ||
        mlirLogicalResultIsFailure(tenon_check_result(kernel, member, r)))
      return mlirLogicalResultFailure();
  }
  return mlirLogicalResultSuccess();
}

//===----------------------------------------------------------------------===//
// Members
//===----------------------------------------------------------------------===//

// One loop for each extent; the block's arguments are their indices.
static MlirLogicalResult tenon_read_update(tenon_kernel_t* kernel, tenon_member_t* member) {
  member->loop_count = (int)mlirBlockGetNumArguments(member->body);
  if (member->loop_count > TENON_KERNEL_MAX_RANK ||
      member->loop_count != mlirOperationGetNumOperands(member->op) - 1) {
    return tenon_error(member->op,
                       "the body of a tenon.update takes an index for each extent, at most %d",
                       TENON_KERNEL_MAX_RANK);
  }
  kernel->outer_count = member->loop_count;
  for (int d = 0; d < member->loop_count; ++d) {
    member->loops[d] = (tenon_loop_t){.count = TENON_COUNT_UNKNOWN, .index_used = true};
    member->loop_of[d] = d;
  }
  member->output_count = 1;
  member->access_count = 2;
  member->accesses = tenon_xcalloc(2, sizeof(*member->accesses));
  MlirValue destination = mlirOperationGetOperand(member->op, 0);
  MlirValue made = mlirOperationGetResult(member->op, 0);
  if (!tenon_is_empty(destination))
    return tenon_error(member->op, "a tenon.update in a dispatch must be of a tensor.empty");
  *tenon_member_result(member, 0) = (tenon_access_t){
      .array = tenon_kernel_array(kernel, made), .slot = -1, .type = mlirValueGetType(made)};
  *tenon_member_init(member, 0) =
      (tenon_access_t){.array = -1, .slot = -1, .type = mlirValueGetType(made)};
  return mlirLogicalResultSuccess();
}

MlirLogicalResult tenon_member_read(tenon_kernel_t* kernel, tenon_member_t* member) {
  member->body = mlirRegionGetFirstBlock(mlirOperationGetRegion(member->op, 0));
  member->first_slot = kernel->slot_count;
  kernel->slot_count += (int)mlirOperationGetNumResults(member->op);
  if (member->updates) return tenon_read_update(kernel, member);
  member->output_count = (int)mlirOperationGetNumResults(member->op);
  member->read_count = (int)mlirOperationGetNumOperands(member->op) - member->output_count;
  member->access_count = member->read_count + 2 * member->output_count;
  member->accesses = tenon_xcalloc((size_t)member->access_count, sizeof(*member->accesses));
  if (mlirLogicalResultIsFailure(tenon_number_loops(kernel, member)))
    return mlirLogicalResultFailure();
  for (int i = 0; i < member->read_count; ++i) {
    if (mlirLogicalResultIsFailure(tenon_read_operand(kernel, member, i, &member->accesses[i])))
      return mlirLogicalResultFailure();
  }
  return tenon_read_outputs(kernel, member);
}
