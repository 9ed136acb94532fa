// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Scalar operations. Everything here is defined for all operands (docs/dispatch-abi.md): nothing
// traps and nothing is poison. Flags that would allow poison (nsw, nuw, fastmath) are not taken
// over.

#include <string.h>

#include "compiler/codegen/ir.h"
#include "compiler/support/mlir_util.h"

typedef struct tenon_op_t {
  const tenon_ir_t* ir;
  LLVMBuilderRef builder;
  MlirOperation op;
  LLVMValueRef operands[3];
  LLVMTypeRef type;             // of the first result
  MlirType from_type, to_type;  // of the first operand and result: what registers don't say
  LLVMValueRef results[2];
} tenon_op_t;

typedef LLVMValueRef (*tenon_op_function_t)(tenon_op_t* op, int detail);

static LLVMValueRef tenon_zero(tenon_op_t* op) { return LLVMConstNull(op->type); }
static LLVMValueRef tenon_const(tenon_op_t* op, int64_t value) {
  return LLVMConstInt(op->type, (uint64_t)value, true);
}
static LLVMValueRef tenon_icmp(tenon_op_t* op, LLVMIntPredicate predicate, LLVMValueRef a,
                               LLVMValueRef b) {
  return LLVMBuildICmp(op->builder, predicate, a, b, "");
}
static LLVMValueRef tenon_choose(tenon_op_t* op, LLVMValueRef condition, LLVMValueRef a,
                                 LLVMValueRef b) {
  return LLVMBuildSelect(op->builder, condition, a, b, "");
}

//===----------------------------------------------------------------------===//
// Operations that LLVM has as such
//===----------------------------------------------------------------------===//

static LLVMValueRef tenon_op_binary(tenon_op_t* op, int opcode) {
  return LLVMBuildBinOp(op->builder, (LLVMOpcode)opcode, op->operands[0], op->operands[1], "");
}

// Of f16 and bf16 the sum, product, quotient and root are those of f32, rounded: f32 has more than
// twice as many bits, so the first rounding doesn't show.
static LLVMValueRef tenon_op_float(tenon_op_t* op, int opcode) {
  return tenon_ir_round(op->ir, op->to_type, tenon_op_binary(op, opcode));
}

static LLVMValueRef tenon_op_cast(tenon_op_t* op, int opcode) {
  return LLVMBuildCast(op->builder, (LLVMOpcode)opcode, op->operands[0], op->type, "");
}

// Numbers of f16 and bf16 are floats already.
static LLVMValueRef tenon_op_extf(tenon_op_t* op, int detail) {
  if (LLVMTypeOf(op->operands[0]) == op->type) return op->operands[0];
  return tenon_op_cast(op, LLVMFPExt);
}

static LLVMValueRef tenon_op_truncf(tenon_op_t* op, int detail) {
  if (!tenon_is_narrow_float(op->to_type)) return tenon_op_cast(op, LLVMFPTrunc);
  bool from_f64 = LLVMTypeOf(op->operands[0]) == op->ir->f64;
  LLVMValueRef value =
      from_f64 ? tenon_ir_f64_to_odd_f32(op->ir, op->operands[0]) : op->operands[0];
  return tenon_ir_round(op->ir, op->to_type, value);
}

// Rounds to odd what f64 can't hold, leaving 53 bits.
static LLVMValueRef tenon_i64_to_odd_f64(tenon_op_t* op, LLVMOpcode opcode) {
  const tenon_ir_t* ir = op->ir;
  LLVMBuilderRef b = op->builder;
  LLVMValueRef value = op->operands[0], limit = tenon_ir_i64(ir, INT64_C(1) << 53);
  LLVMValueRef shifted = LLVMBuildAdd(b, value, limit, "");
  LLVMValueRef fits = tenon_icmp(op, LLVMIntULE, shifted, tenon_ir_i64(ir, INT64_C(1) << 54));
  LLVMValueRef lost = LLVMBuildAnd(b, value, tenon_ir_i64(ir, 0x7FF), "");
  LLVMValueRef exact = tenon_icmp(op, LLVMIntEQ, lost, tenon_ir_i64(ir, 0));
  LLVMValueRef odd = tenon_choose(op, exact, tenon_ir_i64(ir, 0), tenon_ir_i64(ir, 0x800));
  odd = LLVMBuildOr(b, LLVMBuildAnd(b, value, tenon_ir_i64(ir, ~INT64_C(0x7FF)), ""), odd, "");
  return LLVMBuildCast(b, opcode, tenon_choose(op, fits, value, odd), ir->f64, "");
}

// To f16 through f32: what f32 doesn't hold is infinite in f16. To bf16 through f64, rounded to odd.
static LLVMValueRef tenon_op_itofp(tenon_op_t* op, int opcode) {
  unsigned width = LLVMGetIntTypeWidth(LLVMTypeOf(op->operands[0]));
  if (!mlirTypeIsABF16(op->to_type) || width <= 16)
    return tenon_ir_round(op->ir, op->to_type, tenon_op_cast(op, opcode));
  LLVMValueRef value = width == 64 ? tenon_i64_to_odd_f64(op, (LLVMOpcode)opcode)
                                   : LLVMBuildCast(op->builder, (LLVMOpcode)opcode, op->operands[0],
                                                   op->ir->f64, "");
  return tenon_ir_round(op->ir, op->to_type, tenon_ir_f64_to_odd_f32(op->ir, value));
}

// As they lie in memory.
static LLVMValueRef tenon_op_bitcast(tenon_op_t* op, int detail) {
  LLVMValueRef bits = tenon_ir_to_memory(op->ir, op->from_type, op->operands[0]);
  LLVMTypeRef type = tenon_ir_memory_type(op->ir, op->to_type);
  return tenon_ir_from_memory(op->ir, op->to_type,
                              LLVMBuildCast(op->builder, LLVMBitCast, bits, type, ""));
}

static LLVMValueRef tenon_op_complex_create(tenon_op_t* op, int detail) {
  LLVMValueRef value = LLVMGetPoison(op->type);
  value = LLVMBuildInsertValue(op->builder, value, op->operands[0], 0, "");
  return LLVMBuildInsertValue(op->builder, value, op->operands[1], 1, "");
}

static LLVMValueRef tenon_op_complex_part(tenon_op_t* op, int index) {
  return LLVMBuildExtractValue(op->builder, op->operands[0], (unsigned)index, "");
}

static LLVMValueRef tenon_op_negf(tenon_op_t* op, int detail) {
  return LLVMBuildFNeg(op->builder, op->operands[0], "");
}

static LLVMValueRef tenon_op_select(tenon_op_t* op, int detail) {
  return tenon_choose(op, op->operands[0], op->operands[1], op->operands[2]);
}

// |detail|: whether the extension is signed.
static LLVMValueRef tenon_op_index_cast(tenon_op_t* op, int is_signed) {
  return LLVMBuildIntCast2(op->builder, op->operands[0], op->type, is_signed, "");
}

static LLVMValueRef tenon_op_cmpi(tenon_op_t* op, int detail) {
  static const LLVMIntPredicate predicates[] = {LLVMIntEQ,  LLVMIntNE,  LLVMIntSLT, LLVMIntSLE,
                                                LLVMIntSGT, LLVMIntSGE, LLVMIntULT, LLVMIntULE,
                                                LLVMIntUGT, LLVMIntUGE};
  int64_t predicate =
      mlirIntegerAttrGetValueInt(mlirOperationGetAttributeByName(op->op, tenon_str("predicate")));
  return tenon_icmp(op, predicates[predicate], op->operands[0], op->operands[1]);
}

static LLVMValueRef tenon_op_cmpf(tenon_op_t* op, int detail) {
  static const LLVMRealPredicate predicates[] = {LLVMRealPredicateFalse,
                                                 LLVMRealOEQ,
                                                 LLVMRealOGT,
                                                 LLVMRealOGE,
                                                 LLVMRealOLT,
                                                 LLVMRealOLE,
                                                 LLVMRealONE,
                                                 LLVMRealORD,
                                                 LLVMRealUEQ,
                                                 LLVMRealUGT,
                                                 LLVMRealUGE,
                                                 LLVMRealULT,
                                                 LLVMRealULE,
                                                 LLVMRealUNE,
                                                 LLVMRealUNO,
                                                 LLVMRealPredicateTrue};
  int64_t predicate =
      mlirIntegerAttrGetValueInt(mlirOperationGetAttributeByName(op->op, tenon_str("predicate")));
  return LLVMBuildFCmp(op->builder, predicates[predicate], op->operands[0], op->operands[1], "");
}

//===----------------------------------------------------------------------===//
// Operations that need care to be defined everywhere
//===----------------------------------------------------------------------===//

// A quotient or remainder with a divisor that never traps; constants fold to the plain division.
typedef struct tenon_division_t {
  LLVMValueRef by_zero, by_minus_one, divisor;
} tenon_division_t;

static tenon_division_t tenon_safe_division(tenon_op_t* op, bool is_signed) {
  LLVMValueRef b = op->operands[1];
  tenon_division_t division;
  division.by_zero = tenon_icmp(op, LLVMIntEQ, b, tenon_zero(op));
  division.by_minus_one =
      is_signed ? tenon_icmp(op, LLVMIntEQ, b, tenon_const(op, -1)) : LLVMConstNull(op->ir->i1);
  LLVMValueRef unsafe = LLVMBuildOr(op->builder, division.by_zero, division.by_minus_one, "");
  division.divisor = tenon_choose(op, unsafe, tenon_const(op, 1), b);
  return division;
}

static LLVMValueRef tenon_divsi(tenon_op_t* op, const tenon_division_t* division) {
  LLVMValueRef quotient = LLVMBuildSDiv(op->builder, op->operands[0], division->divisor, "");
  LLVMValueRef negated = LLVMBuildNeg(op->builder, op->operands[0], "");
  return tenon_choose(op, division->by_zero, tenon_zero(op),
                      tenon_choose(op, division->by_minus_one, negated, quotient));
}

static LLVMValueRef tenon_op_divsi(tenon_op_t* op, int detail) {
  tenon_division_t division = tenon_safe_division(op, true);
  return tenon_divsi(op, &division);
}

static LLVMValueRef tenon_op_divui(tenon_op_t* op, int detail) {
  tenon_division_t division = tenon_safe_division(op, false);
  LLVMValueRef quotient = LLVMBuildUDiv(op->builder, op->operands[0], division.divisor, "");
  return tenon_choose(op, division.by_zero, tenon_zero(op), quotient);
}

// |is_signed|; the remainder by 1 that stands for -1 is 0 already.
static LLVMValueRef tenon_op_rem(tenon_op_t* op, int is_signed) {
  tenon_division_t division = tenon_safe_division(op, is_signed);
  LLVMValueRef remainder = is_signed
                               ? LLVMBuildSRem(op->builder, op->operands[0], division.divisor, "")
                               : LLVMBuildURem(op->builder, op->operands[0], division.divisor, "");
  return tenon_choose(op, division.by_zero, op->operands[0], remainder);
}

// |direction|: +1 rounds up, -1 down. The quotient truncated towards zero is corrected where there
// is a remainder and the true quotient lies on the side to round to.
static LLVMValueRef tenon_op_rounded_divsi(tenon_op_t* op, int direction) {
  tenon_division_t division = tenon_safe_division(op, true);
  LLVMValueRef quotient = tenon_divsi(op, &division);
  LLVMValueRef remainder = LLVMBuildSRem(op->builder, op->operands[0], division.divisor, "");
  LLVMValueRef inexact = tenon_icmp(op, LLVMIntNE, remainder, tenon_zero(op));
  LLVMValueRef signs = LLVMBuildXor(op->builder, op->operands[0], op->operands[1], "");
  LLVMValueRef on_side =
      tenon_icmp(op, direction > 0 ? LLVMIntSGE : LLVMIntSLT, signs, tenon_zero(op));
  LLVMValueRef correct = LLVMBuildAnd(op->builder, inexact, on_side, "");
  return tenon_choose(
      op, correct, LLVMBuildAdd(op->builder, quotient, tenon_const(op, direction), ""), quotient);
}

static LLVMValueRef tenon_op_ceildivui(tenon_op_t* op, int detail) {
  tenon_division_t division = tenon_safe_division(op, false);
  LLVMValueRef quotient = LLVMBuildUDiv(op->builder, op->operands[0], division.divisor, "");
  LLVMValueRef remainder = LLVMBuildURem(op->builder, op->operands[0], division.divisor, "");
  LLVMValueRef inexact = tenon_icmp(op, LLVMIntNE, remainder, tenon_zero(op));
  LLVMValueRef up = tenon_choose(
      op, inexact, LLVMBuildAdd(op->builder, quotient, tenon_const(op, 1), ""), quotient);
  return tenon_choose(op, division.by_zero, tenon_zero(op), up);
}

// Shifts by the width or more: nothing is left, or, of a signed right shift, the sign.
static LLVMValueRef tenon_op_shift(tenon_op_t* op, int opcode) {
  int64_t width = LLVMGetIntTypeWidth(op->type);
  LLVMValueRef in_range = width == 1
                              ? tenon_icmp(op, LLVMIntEQ, op->operands[1], tenon_zero(op))
                              : tenon_icmp(op, LLVMIntULT, op->operands[1], tenon_const(op, width));
  LLVMValueRef most = opcode == LLVMAShr ? tenon_const(op, width - 1) : tenon_zero(op);
  LLVMValueRef amount = tenon_choose(op, in_range, op->operands[1], most);
  LLVMValueRef shifted =
      LLVMBuildBinOp(op->builder, (LLVMOpcode)opcode, op->operands[0], amount, "");
  return opcode == LLVMAShr ? shifted : tenon_choose(op, in_range, shifted, tenon_zero(op));
}

// Minimum and maximum.
static const char* const tenon_minmax_names[] = {"llvm.smin",   "llvm.smax",    "llvm.umin",
                                                 "llvm.umax",   "llvm.minimum", "llvm.maximum",
                                                 "llvm.minnum", "llvm.maxnum"};
// The number when just one is NaN. LLVM would make this of f16 a call where the target has no such
// instruction.
static LLVMValueRef tenon_narrow_minmax_number(tenon_op_t* op, LLVMRealPredicate first) {
  LLVMValueRef a = op->operands[0], b = op->operands[1];
  LLVMValueRef chosen = tenon_choose(op, LLVMBuildFCmp(op->builder, first, a, b, ""), a, b);
  return tenon_choose(op, LLVMBuildFCmp(op->builder, LLVMRealUNO, b, b, ""), a, chosen);
}

static LLVMValueRef tenon_op_minmax(tenon_op_t* op, int which) {
  if (which >= 6 && tenon_is_narrow_float(op->to_type))
    return tenon_narrow_minmax_number(op, which == 6 ? LLVMRealOLT : LLVMRealOGT);
  return tenon_ir_intrinsic(op->ir, tenon_minmax_names[which], &op->type, 1, op->operands, 2);
}

// Saturating; NaN gives 0.
static LLVMValueRef tenon_op_fptoi(tenon_op_t* op, int is_signed) {
  LLVMTypeRef overloads[] = {op->type, LLVMTypeOf(op->operands[0])};
  return tenon_ir_intrinsic(op->ir, is_signed ? "llvm.fptosi.sat" : "llvm.fptoui.sat", overloads, 2,
                            op->operands, 1);
}

static LLVMValueRef tenon_op_sqrt(tenon_op_t* op, int detail) {
  LLVMValueRef root = tenon_ir_intrinsic(op->ir, "llvm.sqrt", &op->type, 1, op->operands, 1);
  return tenon_ir_round(op->ir, op->to_type, root);
}

// Of 0 the width.
static LLVMValueRef tenon_op_ctlz(tenon_op_t* op, int detail) {
  LLVMValueRef operands[] = {op->operands[0], LLVMConstNull(op->ir->i1)};
  return tenon_ir_intrinsic(op->ir, "llvm.ctlz", &op->type, 1, operands, 2);
}

static LLVMValueRef tenon_op_addui_extended(tenon_op_t* op, int detail) {
  LLVMValueRef sum = LLVMBuildAdd(op->builder, op->operands[0], op->operands[1], "");
  op->results[1] = tenon_icmp(op, LLVMIntULT, sum, op->operands[0]);
  return sum;
}

static LLVMValueRef tenon_op_mul_extended(tenon_op_t* op, int is_signed) {
  unsigned width = LLVMGetIntTypeWidth(op->type);
  LLVMTypeRef wide = LLVMIntTypeInContext(op->ir->context, 2 * width);
  LLVMValueRef a = LLVMBuildIntCast2(op->builder, op->operands[0], wide, is_signed, "");
  LLVMValueRef b = LLVMBuildIntCast2(op->builder, op->operands[1], wide, is_signed, "");
  LLVMValueRef product = LLVMBuildMul(op->builder, a, b, "");
  LLVMValueRef high = LLVMBuildLShr(op->builder, product, LLVMConstInt(wide, width, false), "");
  op->results[1] = LLVMBuildTrunc(op->builder, high, op->type, "");
  return LLVMBuildTrunc(op->builder, product, op->type, "");
}

//===----------------------------------------------------------------------===//
// The table of operations
//===----------------------------------------------------------------------===//

static const struct {
  const char* name;
  tenon_op_function_t emit;
  int detail;
} tenon_ops[] = {
    {"arith.addf", tenon_op_float, LLVMFAdd},
    {"arith.addi", tenon_op_binary, LLVMAdd},
    {"arith.addui_extended", tenon_op_addui_extended, 0},
    {"arith.andi", tenon_op_binary, LLVMAnd},
    {"arith.bitcast", tenon_op_bitcast, 0},
    {"arith.ceildivsi", tenon_op_rounded_divsi, +1},
    {"arith.ceildivui", tenon_op_ceildivui, 0},
    {"arith.cmpf", tenon_op_cmpf, 0},
    {"arith.cmpi", tenon_op_cmpi, 0},
    {"math.ctlz", tenon_op_ctlz, 0},
    {"arith.divf", tenon_op_float, LLVMFDiv},
    {"arith.divsi", tenon_op_divsi, 0},
    {"arith.divui", tenon_op_divui, 0},
    {"arith.extf", tenon_op_extf, 0},
    {"arith.extsi", tenon_op_cast, LLVMSExt},
    {"arith.extui", tenon_op_cast, LLVMZExt},
    {"arith.floordivsi", tenon_op_rounded_divsi, -1},
    {"arith.fptosi", tenon_op_fptoi, true},
    {"arith.fptoui", tenon_op_fptoi, false},
    {"arith.index_cast", tenon_op_index_cast, true},
    {"arith.index_castui", tenon_op_index_cast, false},
    {"arith.maximumf", tenon_op_minmax, 5},
    {"arith.maxnumf", tenon_op_minmax, 7},
    {"arith.maxsi", tenon_op_minmax, 1},
    {"arith.maxui", tenon_op_minmax, 3},
    {"arith.minimumf", tenon_op_minmax, 4},
    {"arith.minnumf", tenon_op_minmax, 6},
    {"arith.minsi", tenon_op_minmax, 0},
    {"arith.minui", tenon_op_minmax, 2},
    {"arith.mulf", tenon_op_float, LLVMFMul},
    {"arith.muli", tenon_op_binary, LLVMMul},
    {"arith.mulsi_extended", tenon_op_mul_extended, true},
    {"arith.mului_extended", tenon_op_mul_extended, false},
    {"arith.negf", tenon_op_negf, 0},
    {"arith.ori", tenon_op_binary, LLVMOr},
    {"arith.remf", tenon_op_float, LLVMFRem},
    {"arith.remsi", tenon_op_rem, true},
    {"arith.remui", tenon_op_rem, false},
    {"arith.select", tenon_op_select, 0},
    {"arith.shli", tenon_op_shift, LLVMShl},
    {"arith.shrsi", tenon_op_shift, LLVMAShr},
    {"arith.shrui", tenon_op_shift, LLVMLShr},
    {"arith.sitofp", tenon_op_itofp, LLVMSIToFP},
    {"math.sqrt", tenon_op_sqrt, 0},
    {"arith.subf", tenon_op_float, LLVMFSub},
    {"arith.subi", tenon_op_binary, LLVMSub},
    {"arith.trunci", tenon_op_cast, LLVMTrunc},
    {"arith.truncf", tenon_op_truncf, 0},
    {"arith.uitofp", tenon_op_itofp, LLVMUIToFP},
    {"arith.xori", tenon_op_binary, LLVMXor},
    {"complex.create", tenon_op_complex_create, 0},
    {"complex.im", tenon_op_complex_part, 1},
    {"complex.re", tenon_op_complex_part, 0},
};

static LLVMValueRef tenon_attribute_value(const tenon_ir_t* ir, MlirType type,
                                          MlirAttribute value) {
  LLVMTypeRef llvm_type = tenon_ir_type(ir, type);
  if (!llvm_type) return NULL;
  if (mlirAttributeIsAInteger(value))
    return LLVMConstInt(llvm_type, (uint64_t)mlirIntegerAttrGetValueInt(value), true);
  if (mlirAttributeIsAFloat(value))
    return LLVMConstReal(llvm_type, mlirFloatAttrGetValueDouble(value));
  if (!mlirTypeIsAComplex(type) || !mlirAttributeIsAArray(value)) return NULL;
  LLVMValueRef parts[2];
  for (int i = 0; i < 2; ++i) {
    parts[i] = tenon_attribute_value(ir, mlirComplexTypeGetElementType(type),
                                     mlirArrayAttrGetElement(value, i));
  }
  return LLVMConstStructInContext(ir->context, parts, 2, false);
}

// A constant scalar, or the scalar of a splat constant; NULL for anything else.
static LLVMValueRef tenon_constant_value(const tenon_ir_t* ir, MlirOperation op) {
  MlirAttribute value = mlirOperationGetAttributeByName(op, tenon_str("value"));
  MlirType type = mlirValueGetType(mlirOperationGetResult(op, 0));
  if (mlirAttributeIsADenseElements(value) && mlirDenseElementsAttrIsSplat(value)) {
    return tenon_attribute_value(ir, mlirShapedTypeGetElementType(type),
                                 mlirDenseElementsAttrGetSplatValue(value));
  }
  return tenon_attribute_value(ir, type, value);
}

void tenon_scalars_set(tenon_scalars_t* scalars, MlirValue value, LLVMValueRef computed) {
  tenon_map_set(&scalars->values, value.ptr, computed);
}

static bool tenon_is_constant(MlirOperation op) {
  return tenon_op_is(op, "arith.constant") || tenon_op_is(op, "complex.constant");
}

LLVMValueRef tenon_scalars_get(tenon_scalars_t* scalars, MlirOperation user, MlirValue value) {
  LLVMValueRef known = tenon_map_get(&scalars->values, value.ptr);
  if (known) return known;
  if (mlirValueIsAOpResult(value) && tenon_is_constant(mlirOpResultGetOwner(value))) {
    known = tenon_constant_value(scalars->ir, mlirOpResultGetOwner(value));
  }
  if (!known) {
    MlirStringRef name = tenon_op_name(user);
    tenon_error(user,
                "an operand of '%.*s' has a type that dispatches don't support "
                "(supported: " TENON_ELEMENT_TYPES ")",
                (int)name.length, name.data);
  }
  return known;
}

static MlirLogicalResult tenon_refuse(MlirOperation op) {
  MlirStringRef name = tenon_op_name(op);
  return tenon_error(op,
                     "'%.*s' is not supported in a dispatch: its body may hold scalar operations "
                     "of arith, math.sqrt and math.ctlz, complex.create, re and im, linalg.index, "
                     "tensor.extract and tenon.read",
                     (int)name.length, name.data);
}

static MlirLogicalResult tenon_emit_op(tenon_scalars_t* scalars, MlirOperation mlir_op) {
  MlirStringRef name = tenon_op_name(mlir_op);
  tenon_op_t op = {.ir = scalars->ir, .builder = scalars->ir->builder, .op = mlir_op};
  intptr_t operands = mlirOperationGetNumOperands(mlir_op),
           results = mlirOperationGetNumResults(mlir_op);
  if (operands < 1 || operands > 3 || results < 1 || results > 2) return tenon_refuse(mlir_op);
  if (!mlirAttributeIsNull(mlirOperationGetAttributeByName(mlir_op, tenon_str("roundingmode")))) {
    return tenon_error(mlir_op, "a rounding mode is not supported: dispatches round to nearest");
  }
  for (size_t i = 0; i < sizeof(tenon_ops) / sizeof(*tenon_ops); ++i) {
    if (!tenon_str_equal(name, tenon_ops[i].name)) continue;
    for (intptr_t k = 0; k < operands; ++k) {
      op.operands[k] = tenon_scalars_get(scalars, mlir_op, mlirOperationGetOperand(mlir_op, k));
      if (!op.operands[k]) return mlirLogicalResultFailure();
    }
    op.from_type = mlirValueGetType(mlirOperationGetOperand(mlir_op, 0));
    op.to_type = mlirValueGetType(mlirOperationGetResult(mlir_op, 0));
    op.type = tenon_ir_type(scalars->ir, op.to_type);
    if (!op.type)
      return tenon_error(mlir_op, "the result of '%.*s' has a type that dispatches don't support",
                         (int)name.length, name.data);
    op.results[0] = tenon_ops[i].emit(&op, tenon_ops[i].detail);
    for (intptr_t k = 0; k < results; ++k)
      tenon_scalars_set(scalars, mlirOperationGetResult(mlir_op, k), op.results[k]);
    return mlirLogicalResultSuccess();
  }
  return tenon_refuse(mlir_op);
}

MlirLogicalResult tenon_scalars_emit(tenon_scalars_t* scalars, MlirBlock body,
                                     MlirOperation* out_yield) {
  for (MlirOperation op = mlirBlockGetFirstOperation(body); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op)) {
    if (tenon_op_is(op, "linalg.yield") || tenon_op_is(op, "tenon.yield")) {
      *out_yield = op;
    } else if (tenon_op_is(op, "linalg.index")) {
      int64_t dim =
          mlirIntegerAttrGetValueInt(mlirOperationGetAttributeByName(op, tenon_str("dim")));
      tenon_scalars_set(scalars, mlirOperationGetResult(op, 0), scalars->indices[dim]);
    } else if (tenon_op_is(op, "tensor.extract") || tenon_op_is(op, "tenon.read")) {
      if (mlirLogicalResultIsFailure(scalars->emit_gather(scalars->user, op)))
        return mlirLogicalResultFailure();
    } else if (!tenon_is_constant(op)) {  // constants are made where they are used
      if (mlirLogicalResultIsFailure(tenon_emit_op(scalars, op))) return mlirLogicalResultFailure();
    }
  }
  return mlirLogicalResultSuccess();
}
