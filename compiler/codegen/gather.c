// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Elements at computed places: tensor.extract and tenon.read in bodies, and where a tenon.update stores.
//
// An index that is a sum of loops' indices and constants is compared with its dimension once, before anything runs.
// Any other index of a tensor.extract that lies outside is taken for 0, so that the loop has no branch, and the call
// fails in the end; a tenon.read loads, and an update stores, only where all indices are inside.

#include "compiler/codegen/affine.h"
#include "compiler/codegen/nest.h"
#include "compiler/support/mlir_util.h"

// An operation with indices, and the array that they are of.
typedef struct tenon_place_t {
  MlirOperation op;
  intptr_t first_index;  // among the operands
  int array;
} tenon_place_t;

static bool tenon_is_read(MlirOperation op) { return tenon_op_is(op, "tenon.read"); }
static bool tenon_is_extract(MlirOperation op) { return tenon_op_is(op, "tensor.extract"); }

static MlirValue tenon_read_tensor(MlirOperation op) {
  return mlirOperationGetOperand(op, tenon_is_read(op) ? 1 : 0);
}

// Finds the array that |op| reads; the array -1 stands for a constant with the same element everywhere.
static MlirLogicalResult tenon_find_place(const tenon_nest_t* nest, const tenon_member_t* member,
                                          MlirOperation op, tenon_place_t* out_place) {
  if (tenon_op_is(op, "tenon.yield")) {
    *out_place = (tenon_place_t){op, 1, tenon_member_result(member, 0)->array};
  } else {
    MlirValue tensor = tenon_read_tensor(op);
    *out_place =
        (tenon_place_t){op, tenon_is_read(op) ? 2 : 1, tenon_kernel_array(nest->kernel, tensor)};
    bool splat =
        mlirValueIsAOpResult(tensor) && tenon_op_is(mlirOpResultGetOwner(tensor), "arith.constant");
    if (out_place->array < 0 && splat) return mlirLogicalResultSuccess();
    if (out_place->array < 0 || out_place->array >= nest->kernel->input_count) {
      MlirStringRef name = tenon_op_name(op);
      return tenon_error(op,
                         "'%.*s' reads something else than an argument of the dispatch or a splat "
                         "constant",
                         (int)name.length, name.data);
    }
  }
  const tenon_array_t* array = &nest->kernel->arrays[out_place->array];
  for (int p = 0; p < array->rank; ++p) {
    if (tenon_count_is_known(array->extents[p])) continue;
    return tenon_error(op, "nothing says how large dimension %d of the tensor is", p);
  }
  if (mlirOperationGetNumOperands(op) - out_place->first_index == array->rank)
    return mlirLogicalResultSuccess();
  return tenon_error(op, "a tensor of rank %d takes as many indices", array->rank);
}

// The extent of dimension |p|; of a splat constant its type says it.
static tenon_count_t tenon_place_extent(const tenon_nest_t* nest, const tenon_place_t* place,
                                        int p) {
  if (place->array >= 0) return nest->kernel->arrays[place->array].extents[p];
  MlirType type = mlirValueGetType(tenon_read_tensor(place->op));
  return (tenon_count_t){.fixed = mlirShapedTypeGetDimSize(type, p), .constant = -1};
}

static int tenon_place_rank(const tenon_place_t* place) {
  return (int)(mlirOperationGetNumOperands(place->op) - place->first_index);
}

static tenon_index_kind_t tenon_place_kind(const tenon_nest_t* nest, const tenon_member_t* member,
                                           const tenon_place_t* place, int p,
                                           tenon_affine_t* out_affine) {
  MlirValue index = mlirOperationGetOperand(place->op, place->first_index + p);
  return tenon_index_kind(nest->kernel, member, index, tenon_place_extent(nest, place, p),
                          out_affine);
}

//===----------------------------------------------------------------------===//
// Before anything runs
//===----------------------------------------------------------------------===//

static LLVMValueRef tenon_wide(tenon_nest_t* nest, LLVMValueRef value) {
  return LLVMBuildIntCast2(nest->b, value, LLVMInt128TypeInContext(nest->ir->context), true, "");
}

static LLVMValueRef tenon_wide_product(tenon_nest_t* nest, LLVMValueRef value, int64_t factor) {
  LLVMTypeRef wide = LLVMInt128TypeInContext(nest->ir->context);
  return LLVMBuildMul(nest->b, tenon_wide(nest, value), LLVMConstInt(wide, (uint64_t)factor, true),
                      "");
}

// Whether all indices that |affine| takes are at least 0 and less than |extent|.
static LLVMValueRef tenon_affine_fits(tenon_nest_t* nest, const tenon_member_t* member,
                                      const tenon_affine_t* affine, tenon_count_t extent) {
  LLVMTypeRef wide = LLVMInt128TypeInContext(nest->ir->context);
  LLVMValueRef least = LLVMConstInt(wide, (uint64_t)affine->base, true), most;
  for (int i = 0; i < affine->term_count; ++i) {
    LLVMValueRef constant = nest->constants[affine->terms[i].constant];
    least = LLVMBuildAdd(nest->b, least,
                         tenon_wide_product(nest, constant, affine->terms[i].factor), "");
  }
  most = least;
  for (int d = 0; d < member->loop_count; ++d) {
    if (!affine->loops[d]) continue;
    LLVMValueRef last = LLVMBuildSub(nest->b, tenon_nest_count(nest, member->loops[d].count),
                                     tenon_ir_i64(nest->ir, 1), "");
    LLVMValueRef reach = tenon_wide_product(nest, last, affine->loops[d]);
    if (affine->loops[d] > 0) most = LLVMBuildAdd(nest->b, most, reach, "");
    if (affine->loops[d] < 0) least = LLVMBuildAdd(nest->b, least, reach, "");
  }
  LLVMValueRef above = LLVMBuildICmp(nest->b, LLVMIntSGE, least, LLVMConstNull(wide), "");
  LLVMValueRef below = LLVMBuildICmp(nest->b, LLVMIntSLT, most,
                                     tenon_wide(nest, tenon_nest_count(nest, extent)), "");
  return LLVMBuildAnd(nest->b, above, below, "");
}

static bool tenon_may_be_zero(tenon_count_t count) {
  return !tenon_count_is_fixed(count) || count.fixed == 0;
}

// Whether a loop of |member| does not run, so that its body doesn't; NULL if all do.
static LLVMValueRef tenon_never_runs(tenon_nest_t* nest, const tenon_member_t* member) {
  LLVMValueRef never = NULL, zero = tenon_ir_i64(nest->ir, 0);
  for (int d = 0; d < member->loop_count; ++d) {
    if (!tenon_may_be_zero(member->loops[d].count)) continue;
    LLVMValueRef none =
        LLVMBuildICmp(nest->b, LLVMIntEQ, tenon_nest_count(nest, member->loops[d].count), zero, "");
    never = never ? LLVMBuildOr(nest->b, never, none, "") : none;
  }
  return never;
}

// What must hold for |place| whenever the body runs; a dimension into which any index may point must not be empty.
static LLVMValueRef tenon_place_fits(tenon_nest_t* nest, const tenon_member_t* member,
                                     const tenon_place_t* place) {
  LLVMValueRef fits = NULL;
  for (int p = 0; p < tenon_place_rank(place); ++p) {
    tenon_affine_t affine;
    tenon_count_t extent = tenon_place_extent(nest, place, p);
    tenon_index_kind_t kind = tenon_place_kind(nest, member, place, p, &affine);
    LLVMValueRef one = NULL;
    if (kind == TENON_INDEX_AFFINE) {
      one = tenon_affine_fits(nest, member, &affine, extent);
    } else if (kind == TENON_INDEX_FREE && tenon_may_be_zero(extent)) {
      one = LLVMBuildICmp(nest->b, LLVMIntNE, tenon_nest_count(nest, extent),
                          tenon_ir_i64(nest->ir, 0), "");
    }
    if (one) fits = fits ? LLVMBuildAnd(nest->b, fits, one, "") : one;
  }
  return fits;
}

static MlirLogicalResult tenon_check_member_places(tenon_nest_t* nest, const tenon_member_t* member,
                                                   LLVMValueRef* fits) {
  for (MlirOperation op = mlirBlockGetFirstOperation(member->body); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op)) {
    if (!tenon_is_extract(op) && !tenon_is_read(op) && !tenon_op_is(op, "tenon.yield")) continue;
    tenon_place_t place;
    if (mlirLogicalResultIsFailure(tenon_find_place(nest, member, op, &place)))
      return mlirLogicalResultFailure();
    LLVMValueRef one = tenon_is_read(op) ? NULL : tenon_place_fits(nest, member, &place);
    if (!one) continue;
    LLVMValueRef never = tenon_never_runs(nest, member);
    if (never) one = LLVMBuildOr(nest->b, one, never, "");
    *fits = *fits ? LLVMBuildAnd(nest->b, *fits, one, "") : one;
  }
  return mlirLogicalResultSuccess();
}

MlirLogicalResult tenon_check_places(tenon_nest_t* nest, LLVMValueRef* fits) {
  for (int m = 0; m < nest->kernel->member_count; ++m) {
    if (mlirLogicalResultIsFailure(
            tenon_check_member_places(nest, &nest->kernel->members[m], fits)))
      return mlirLogicalResultFailure();
  }
  return mlirLogicalResultSuccess();
}

//===----------------------------------------------------------------------===//
// In the body
//===----------------------------------------------------------------------===//

// Where |place| is. |clamps|: an index outside of its dimension is taken for 0. |out_inside| says whether none is,
// NULL if that is known.
static LLVMValueRef tenon_place_offset(tenon_nest_t* nest, const tenon_member_t* member,
                                       const tenon_place_t* place, bool clamps,
                                       LLVMValueRef* out_inside) {
  LLVMValueRef offset = tenon_ir_i64(nest->ir, 0);
  *out_inside = NULL;
  for (int p = 0; p < tenon_place_rank(place); ++p) {
    tenon_affine_t affine;
    tenon_index_kind_t kind = tenon_place_kind(nest, member, place, p, &affine);
    LLVMValueRef index = tenon_scalars_get(
        &nest->scalars, place->op, mlirOperationGetOperand(place->op, place->first_index + p));
    if (!index) return NULL;
    LLVMValueRef extent = tenon_nest_count(nest, tenon_place_extent(nest, place, p));
    bool known = nest->inside_loop >= 0 && p + 1 == tenon_place_rank(place) &&
                 kind == TENON_INDEX_AFFINE && affine.loops[nest->inside_loop] == 1;
    if (kind == TENON_INDEX_FREE ||
        (kind == TENON_INDEX_AFFINE && tenon_is_read(place->op) && !known)) {
      LLVMValueRef inside = LLVMBuildICmp(nest->b, LLVMIntULT, index, extent, "");
      *out_inside = *out_inside ? LLVMBuildAnd(nest->b, *out_inside, inside, "") : inside;
      if (clamps) index = LLVMBuildSelect(nest->b, inside, index, tenon_ir_i64(nest->ir, 0), "");
    }
    if (p > 0) offset = LLVMBuildMul(nest->b, offset, extent, "");
    offset = LLVMBuildAdd(nest->b, offset, index, "");
  }
  return offset;
}

// The call fails in the end unless |inside|.
static void tenon_fail_unless(tenon_nest_t* nest, LLVMValueRef inside) {
  if (!inside) return;
  LLVMTypeRef i32 = nest->ir->i32;
  if (!nest->failed) {
    nest->failed = tenon_nest_alloca(nest, i32);
    LLVMBasicBlockRef here = LLVMGetInsertBlock(nest->b);
    LLVMPositionBuilderAtEnd(nest->b, nest->entry);
    LLVMBuildStore(nest->b, LLVMConstNull(i32), nest->failed);
    LLVMPositionBuilderAtEnd(nest->b, here);
  }
  LLVMValueRef outside = LLVMBuildZExt(nest->b, LLVMBuildNot(nest->b, inside, ""), i32, "");
  LLVMValueRef before = LLVMBuildLoad2(nest->b, i32, nest->failed, "");
  LLVMBuildStore(nest->b, LLVMBuildOr(nest->b, before, outside, ""), nest->failed);
}

static LLVMValueRef tenon_emit_extract(tenon_nest_t* nest, const tenon_member_t* member,
                                       const tenon_place_t* place) {
  LLVMValueRef inside, offset = tenon_place_offset(nest, member, place, true, &inside);
  if (!offset) return NULL;
  tenon_fail_unless(nest, inside);
  if (place->array >= 0) return tenon_load_element(nest, place->array, offset);
  return tenon_scalars_get(&nest->scalars, place->op, tenon_read_tensor(place->op));
}

// Whether the last index of the tenon.read |place| is that of loop |loop| plus what does not change with it.
static bool tenon_follows_loop(const tenon_nest_t* nest, const tenon_member_t* member,
                               const tenon_place_t* place, int loop, tenon_affine_t* out_affine) {
  int last = tenon_place_rank(place) - 1;
  return place->array >= 0 && last >= 0 &&
         tenon_place_kind(nest, member, place, last, out_affine) == TENON_INDEX_AFFINE &&
         out_affine->loops[loop] == 1;
}

// Narrows |*from| up to |*to| to where |place|, which follows |loop|, is inside. The sums may wrap around as the index
// itself does: then no iteration is inside, or |*to| comes out below |*from|.
static void tenon_narrow(tenon_nest_t* nest, const tenon_place_t* place, int loop,
                         const tenon_affine_t* affine, LLVMValueRef* from, LLVMValueRef* to) {
  LLVMTypeRef i64 = nest->ir->i64;
  LLVMValueRef rest = tenon_ir_i64(nest->ir, affine->base), some = NULL;
  for (int d = 0; d < nest->kernel->outer_count; ++d) {
    if (d == loop || !affine->loops[d]) continue;
    LLVMValueRef factor = tenon_ir_i64(nest->ir, affine->loops[d]);
    rest =
        LLVMBuildAdd(nest->b, rest, LLVMBuildMul(nest->b, nest->outer_indices[d], factor, ""), "");
  }
  for (int i = 0; i < affine->term_count; ++i) {
    LLVMValueRef factor = tenon_ir_i64(nest->ir, affine->terms[i].factor);
    LLVMValueRef constant = nest->constants[affine->terms[i].constant];
    rest = LLVMBuildAdd(nest->b, rest, LLVMBuildMul(nest->b, constant, factor, ""), "");
  }
  LLVMValueRef first = LLVMBuildNeg(nest->b, rest, ""), extent = NULL;
  // An empty tensor has no inside, whichever of its dimensions is empty.
  for (int p = 0; p < tenon_place_rank(place); ++p) {
    extent = tenon_nest_count(nest, tenon_place_extent(nest, place, p));
    LLVMValueRef one = LLVMBuildICmp(nest->b, LLVMIntNE, extent, LLVMConstNull(i64), "");
    some = some ? LLVMBuildAnd(nest->b, some, one, "") : one;
  }
  LLVMValueRef end = LLVMBuildAdd(nest->b, first, extent, "");
  end = LLVMBuildSelect(nest->b, some, end, first, "");
  LLVMValueRef low[] = {*from, first}, high[] = {*to, end};
  *from = tenon_ir_intrinsic(nest->ir, "llvm.smax", &i64, 1, low, 2);
  *to = tenon_ir_intrinsic(nest->ir, "llvm.smin", &i64, 1, high, 2);
}

bool tenon_split_reads(tenon_nest_t* nest, int loop, LLVMValueRef begin, LLVMValueRef end,
                       LLVMValueRef* out_from, LLVMValueRef* out_to) {
  const tenon_member_t* member = &nest->kernel->members[0];
  if (nest->kernel->member_count > 1 || member->loop_count > nest->kernel->outer_count)
    return false;
  LLVMValueRef from = begin, to = end;
  bool some = false;
  for (MlirOperation op = mlirBlockGetFirstOperation(member->body); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op)) {
    tenon_place_t place;
    tenon_affine_t affine;
    if (!tenon_is_read(op) ||
        mlirLogicalResultIsFailure(tenon_find_place(nest, member, op, &place)) ||
        !tenon_follows_loop(nest, member, &place, loop, &affine))
      continue;
    tenon_narrow(nest, &place, loop, &affine, &from, &to);
    some = true;
  }
  if (!some) return false;
  LLVMTypeRef i64 = nest->ir->i64;
  LLVMValueRef low[] = {from, end};
  *out_from = tenon_ir_intrinsic(nest->ir, "llvm.smin", &i64, 1, low, 2);
  LLVMValueRef high[] = {*out_from, to};
  *out_to = tenon_ir_intrinsic(nest->ir, "llvm.smax", &i64, 1, high, 2);
  return true;
}

// A tenon.read whose last index is known to be inside: it loads in any case, so that LLVM can vectorise the loop.
static LLVMValueRef tenon_emit_inner_read(tenon_nest_t* nest, const tenon_member_t* member,
                                          const tenon_place_t* place, LLVMValueRef outside) {
  LLVMValueRef inside, offset = tenon_place_offset(nest, member, place, true, &inside);
  if (!offset) return NULL;
  LLVMValueRef value = tenon_load_element(nest, place->array, offset);
  return inside ? LLVMBuildSelect(nest->b, inside, value, outside, "") : value;
}

static LLVMValueRef tenon_emit_read(tenon_nest_t* nest, const tenon_member_t* member,
                                    const tenon_place_t* place) {
  LLVMValueRef outside =
      tenon_scalars_get(&nest->scalars, place->op, mlirOperationGetOperand(place->op, 0));
  if (!outside) return NULL;
  tenon_affine_t affine;
  if (nest->inside_loop >= 0 && tenon_follows_loop(nest, member, place, nest->inside_loop, &affine))
    return tenon_emit_inner_read(nest, member, place, outside);
  LLVMValueRef inside, offset = tenon_place_offset(nest, member, place, false, &inside);
  if (!offset) return NULL;
  if (place->array < 0) {
    LLVMValueRef value = tenon_scalars_get(&nest->scalars, place->op, tenon_read_tensor(place->op));
    return value && inside ? LLVMBuildSelect(nest->b, inside, value, outside, "") : value;
  }
  if (!inside) return tenon_load_element(nest, place->array, offset);
  LLVMBasicBlockRef before = LLVMGetInsertBlock(nest->b);
  LLVMBasicBlockRef load = tenon_nest_block(nest), after = tenon_nest_block(nest);
  LLVMBuildCondBr(nest->b, inside, load, after);
  LLVMPositionBuilderAtEnd(nest->b, load);
  LLVMValueRef value = tenon_load_element(nest, place->array, offset);
  LLVMBasicBlockRef from = LLVMGetInsertBlock(nest->b);
  LLVMBuildBr(nest->b, after);
  LLVMPositionBuilderAtEnd(nest->b, after);
  LLVMValueRef either = LLVMBuildPhi(nest->b, LLVMTypeOf(value), "");
  LLVMAddIncoming(either, &value, &from, 1);
  LLVMAddIncoming(either, &outside, &before, 1);
  return either;
}

MlirLogicalResult tenon_emit_gather(void* user, MlirOperation op) {
  tenon_gatherer_t* gatherer = user;
  tenon_nest_t* nest = gatherer->nest;
  tenon_place_t place;
  if (mlirLogicalResultIsFailure(tenon_find_place(nest, gatherer->member, op, &place)))
    return mlirLogicalResultFailure();
  LLVMValueRef value = tenon_is_read(op) ? tenon_emit_read(nest, gatherer->member, &place)
                                         : tenon_emit_extract(nest, gatherer->member, &place);
  if (!value) return mlirLogicalResultFailure();
  tenon_scalars_set(&nest->scalars, mlirOperationGetResult(op, 0), value);
  return mlirLogicalResultSuccess();
}

MlirLogicalResult tenon_emit_scatter(tenon_nest_t* nest, const tenon_member_t* member,
                                     MlirOperation yield) {
  tenon_place_t place;
  if (mlirLogicalResultIsFailure(tenon_find_place(nest, member, yield, &place)))
    return mlirLogicalResultFailure();
  LLVMValueRef value = tenon_scalars_get(&nest->scalars, yield, mlirOperationGetOperand(yield, 0));
  LLVMValueRef inside, offset = tenon_place_offset(nest, member, &place, false, &inside);
  if (!value || !offset) return mlirLogicalResultFailure();
  LLVMBasicBlockRef after = NULL;
  if (inside) {
    tenon_fail_unless(nest, inside);
    LLVMBasicBlockRef store = tenon_nest_block(nest);
    after = tenon_nest_block(nest);
    LLVMBuildCondBr(nest->b, inside, store, after);
    LLVMPositionBuilderAtEnd(nest->b, store);
  }
  tenon_store_element(nest, place.array, offset, value);
  if (!after) return mlirLogicalResultSuccess();
  LLVMBuildBr(nest->b, after);
  LLVMPositionBuilderAtEnd(nest->b, after);
  return mlirLogicalResultSuccess();
}
