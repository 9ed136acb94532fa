// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Element types: how a value lies in memory and in registers.
//
//   type         memory                    register
//   i1           a byte, 0 or 1            i1
//   i4           a byte, sign-extended     i4
//   f16, bf16    2 bytes                   float, a value that the type has
//   complex<T>   re, im                    { T, T }
//   others       as LLVM has them          the same
//
// LLVM's `half` is used only where the target has instructions that convert it: otherwise it stands for
// calls of a library that no executable has. Its `bfloat` is not used at all; what the processors' own
// conversions do with subnormal numbers is not what the dispatch ABI says.

#include <string.h>

#include "compiler/codegen/ir.h"
#include "compiler/support/mlir_util.h"

LLVMValueRef tenon_ir_intrinsic(const tenon_ir_t* ir, const char* name, LLVMTypeRef* overloads,
                                size_t overload_count, LLVMValueRef* operands,
                                unsigned operand_count) {
  unsigned id = LLVMLookupIntrinsicID(name, strlen(name));
  LLVMValueRef function = LLVMGetIntrinsicDeclaration(ir->module, id, overloads, overload_count);
  LLVMTypeRef type = LLVMIntrinsicGetType(ir->context, id, overloads, overload_count);
  return LLVMBuildCall2(ir->builder, type, function, operands, operand_count, "");
}

bool tenon_is_narrow_float(MlirType type) { return mlirTypeIsAF16(type) || mlirTypeIsABF16(type); }

static LLVMTypeRef integer_type(const tenon_ir_t* ir, MlirType type) {
  if (!mlirTypeIsAInteger(type) || !mlirIntegerTypeIsSignless(type)) return NULL;
  switch (mlirIntegerTypeGetWidth(type)) {
    case 1:
      return ir->i1;
    case 4:
      return ir->i4;
    case 8:
      return ir->i8;
    case 16:
      return ir->i16;
    case 32:
      return ir->i32;
    case 64:
      return ir->i64;
    default:
      return NULL;
  }
}

LLVMTypeRef tenon_ir_type(const tenon_ir_t* ir, MlirType type) {
  if (mlirTypeIsAIndex(type)) return ir->i64;
  if (mlirTypeIsAF32(type) || tenon_is_narrow_float(type)) return ir->f32;
  if (mlirTypeIsAF64(type)) return ir->f64;
  if (!mlirTypeIsAComplex(type)) return integer_type(ir, type);
  MlirType part = mlirComplexTypeGetElementType(type);
  if (!mlirTypeIsAF32(part) && !mlirTypeIsAF64(part)) return NULL;
  LLVMTypeRef parts[] = {tenon_ir_type(ir, part), tenon_ir_type(ir, part)};
  return LLVMStructTypeInContext(ir->context, parts, 2, false);
}

LLVMTypeRef tenon_ir_memory_type(const tenon_ir_t* ir, MlirType type) {
  if (tenon_is_narrow_float(type)) return ir->i16;
  LLVMTypeRef in_registers = tenon_ir_type(ir, type);
  return in_registers == ir->i1 || in_registers == ir->i4 ? ir->i8 : in_registers;
}

uint32_t tenon_element_size(MlirType type) {
  if (mlirTypeIsAComplex(type)) return 2 * tenon_element_size(mlirComplexTypeGetElementType(type));
  if (tenon_is_narrow_float(type)) return 2;
  if (mlirTypeIsAF32(type)) return 4;
  if (mlirTypeIsAF64(type) || mlirTypeIsAIndex(type)) return 8;
  return (mlirIntegerTypeGetWidth(type) + 7) / 8;
}

//===----------------------------------------------------------------------===//
// f16 and bf16
//===----------------------------------------------------------------------===//

static LLVMValueRef u32(const tenon_ir_t* ir, uint32_t value) {
  return LLVMConstInt(ir->i32, value, false);
}
static LLVMValueRef and32(const tenon_ir_t* ir, LLVMValueRef a, uint32_t mask) {
  return LLVMBuildAnd(ir->builder, a, u32(ir, mask), "");
}
static LLVMValueRef add32(const tenon_ir_t* ir, LLVMValueRef a, uint32_t b) {
  return LLVMBuildAdd(ir->builder, a, u32(ir, b), "");
}
static LLVMValueRef or32(const tenon_ir_t* ir, LLVMValueRef a, LLVMValueRef b) {
  return LLVMBuildOr(ir->builder, a, b, "");
}
static LLVMValueRef shr32(const tenon_ir_t* ir, LLVMValueRef a, uint32_t count) {
  return LLVMBuildLShr(ir->builder, a, u32(ir, count), "");
}
static LLVMValueRef shl32(const tenon_ir_t* ir, LLVMValueRef a, uint32_t count) {
  return LLVMBuildShl(ir->builder, a, u32(ir, count), "");
}
static LLVMValueRef if_less(const tenon_ir_t* ir, LLVMValueRef a, uint32_t limit, LLVMValueRef yes,
                            LLVMValueRef no) {
  LLVMValueRef less = LLVMBuildICmp(ir->builder, LLVMIntULT, a, u32(ir, limit), "");
  return LLVMBuildSelect(ir->builder, less, yes, no, "");
}
static LLVMValueRef bits_of(const tenon_ir_t* ir, LLVMValueRef value) {
  return LLVMBuildBitCast(ir->builder, value, ir->i32, "");
}
static LLVMValueRef float_of(const tenon_ir_t* ir, LLVMValueRef bits) {
  return LLVMBuildBitCast(ir->builder, bits, ir->f32, "");
}
static LLVMValueRef f32(const tenon_ir_t* ir, double value) {
  return LLVMConstReal(ir->f32, value);
}

enum {
  MAGNITUDE = 0x7FFFFFFF,
  INFINITE = 0x7F800000,
  QUIET = 0x00400000,
  // Of f16, among the bits of an f32.
  HALF_NORMAL = 0x38800000,   // 2^-14, the smallest normal number
  HALF_LARGEST = 0x477FE000,  // 65504
  HALF_UNIT = 0x3F000000,     // 0.5: a unit of its last place is 2^-24, the smallest number of f16
  HALF_BIAS = 112 << 23,      // between the exponents
};

// To the nearest, ties to even, of numbers with |dropped| bits too many.
static LLVMValueRef round_bits(const tenon_ir_t* ir, LLVMValueRef bits, uint32_t dropped) {
  LLVMValueRef odd = and32(ir, shr32(ir, bits, dropped), 1);
  LLVMValueRef sum = LLVMBuildAdd(ir->builder, add32(ir, bits, (1u << (dropped - 1)) - 1), odd, "");
  return and32(ir, sum, ~((1u << dropped) - 1));
}

static LLVMValueRef round_to_bf16(const tenon_ir_t* ir, LLVMValueRef value) {
  LLVMValueRef bits = bits_of(ir, value);
  LLVMValueRef nan = and32(ir, or32(ir, bits, u32(ir, QUIET)), 0xFFFF0000);
  LLVMValueRef is_nan = LLVMBuildFCmp(ir->builder, LLVMRealUNO, value, value, "");
  return float_of(ir, LLVMBuildSelect(ir->builder, is_nan, nan, round_bits(ir, bits, 16), ""));
}

// Where the magnitude is below 2^-14, what adding 0.5 leaves in the last places are the units of f16.
static LLVMValueRef round_to_f16(const tenon_ir_t* ir, LLVMValueRef value) {
  if (ir->converts_half) {
    return LLVMBuildFPExt(ir->builder, LLVMBuildFPTrunc(ir->builder, value, ir->f16, ""), ir->f32,
                          "");
  }
  LLVMValueRef bits = bits_of(ir, value), magnitude = and32(ir, bits, MAGNITUDE);
  LLVMValueRef unit = f32(ir, 0.5);
  LLVMValueRef units = LLVMBuildFAdd(ir->builder, float_of(ir, magnitude), unit, "");
  LLVMValueRef small = bits_of(ir, LLVMBuildFSub(ir->builder, units, unit, ""));
  LLVMValueRef normal = round_bits(ir, magnitude, 13);
  LLVMValueRef rounded = if_less(ir, normal, HALF_LARGEST + 1, normal, u32(ir, INFINITE));
  rounded = if_less(ir, magnitude, HALF_NORMAL, small, rounded);
  LLVMValueRef nan = and32(ir, or32(ir, magnitude, u32(ir, QUIET)), ~0x1FFFu);
  rounded = if_less(ir, magnitude, INFINITE + 1, rounded, nan);
  return float_of(ir, or32(ir, rounded, and32(ir, bits, 0x80000000u)));
}

LLVMValueRef tenon_ir_round(const tenon_ir_t* ir, MlirType type, LLVMValueRef value) {
  if (mlirTypeIsAF16(type)) return round_to_f16(ir, value);
  return mlirTypeIsABF16(type) ? round_to_bf16(ir, value) : value;
}

// The neighbour of an inexact result whose last bit is 1. It says on which side the exact value lies,
// so that rounding it again rounds the exact value (Boldo and Melquiond).
LLVMValueRef tenon_ir_f64_to_odd_f32(const tenon_ir_t* ir, LLVMValueRef value) {
  LLVMBuilderRef b = ir->builder;
  LLVMValueRef near = LLVMBuildFPTrunc(b, value, ir->f32, "");
  LLVMValueRef back = LLVMBuildFPExt(b, near, ir->f64, "");
  LLVMValueRef bits = bits_of(ir, near);
  LLVMValueRef even = LLVMBuildICmp(b, LLVMIntEQ, and32(ir, bits, 1), u32(ir, 0), "");
  LLVMValueRef inexact = LLVMBuildFCmp(b, LLVMRealONE, value, back, "");
  // Away from zero, or towards it. A result of 0 has the value's sign, and lies nearer to 0.
  LLVMTypeRef f64 = ir->f64;
  LLVMValueRef exact_size = tenon_ir_intrinsic(ir, "llvm.fabs", &f64, 1, &value, 1);
  LLVMValueRef near_size = tenon_ir_intrinsic(ir, "llvm.fabs", &f64, 1, &back, 1);
  LLVMValueRef larger = LLVMBuildFCmp(b, LLVMRealOGT, exact_size, near_size, "");
  LLVMValueRef step = LLVMBuildSelect(b, larger, u32(ir, 1), u32(ir, UINT32_MAX), "");
  LLVMValueRef correct = LLVMBuildAnd(b, even, inexact, "");
  LLVMValueRef odd = LLVMBuildAdd(b, bits, LLVMBuildSelect(b, correct, step, u32(ir, 0), ""), "");
  return float_of(ir, odd);
}

// |value| is one that f16 has.
static LLVMValueRef f16_to_bits(const tenon_ir_t* ir, LLVMValueRef value) {
  LLVMBuilderRef b = ir->builder;
  if (ir->converts_half)
    return LLVMBuildBitCast(b, LLVMBuildFPTrunc(b, value, ir->f16, ""), ir->i16, "");
  LLVMValueRef bits = bits_of(ir, value), magnitude = and32(ir, bits, MAGNITUDE);
  LLVMValueRef normal = shr32(ir, add32(ir, magnitude, 0u - HALF_BIAS), 13);
  LLVMValueRef units = LLVMBuildFAdd(b, float_of(ir, magnitude), f32(ir, 0.5), "");
  LLVMValueRef small = add32(ir, bits_of(ir, units), 0u - HALF_UNIT);
  LLVMValueRef half = if_less(ir, magnitude, HALF_NORMAL, small, normal);
  half = if_less(ir, magnitude, INFINITE, half, or32(ir, half, u32(ir, 0x7C00)));
  half = or32(ir, and32(ir, half, 0x7FFF), and32(ir, shr32(ir, bits, 16), 0x8000));
  return LLVMBuildTrunc(b, half, ir->i16, "");
}

static LLVMValueRef f16_from_bits(const tenon_ir_t* ir, LLVMValueRef half) {
  LLVMBuilderRef b = ir->builder;
  if (ir->converts_half)
    return LLVMBuildFPExt(b, LLVMBuildBitCast(b, half, ir->f16, ""), ir->f32, "");
  half = LLVMBuildZExt(b, half, ir->i32, "");
  LLVMValueRef shifted = shl32(ir, and32(ir, half, 0x7FFF), 13);
  LLVMValueRef normal = add32(ir, shifted, HALF_BIAS);
  LLVMValueRef lifted = float_of(ir, add32(ir, shifted, HALF_NORMAL));
  LLVMValueRef small = bits_of(ir, LLVMBuildFSub(b, lifted, f32(ir, 0x1p-14), ""));
  LLVMValueRef bits = if_less(ir, shifted, 0x0F800000, normal, add32(ir, normal, HALF_BIAS));
  bits = if_less(ir, shifted, 0x00800000, small, bits);
  return float_of(ir, or32(ir, bits, shl32(ir, and32(ir, half, 0x8000), 16)));
}

LLVMValueRef tenon_ir_to_memory(const tenon_ir_t* ir, MlirType type, LLVMValueRef value) {
  LLVMBuilderRef b = ir->builder;
  LLVMTypeRef in_registers = LLVMTypeOf(value);
  if (mlirTypeIsAF16(type)) return f16_to_bits(ir, value);
  if (mlirTypeIsABF16(type))
    return LLVMBuildTrunc(b, shr32(ir, bits_of(ir, value), 16), ir->i16, "");
  if (in_registers == ir->i1) return LLVMBuildZExt(b, value, ir->i8, "");
  if (in_registers == ir->i4) return LLVMBuildSExt(b, value, ir->i8, "");
  return value;
}

LLVMValueRef tenon_ir_from_memory(const tenon_ir_t* ir, MlirType type, LLVMValueRef value) {
  LLVMBuilderRef b = ir->builder;
  LLVMTypeRef in_registers = tenon_ir_type(ir, type);
  if (mlirTypeIsAF16(type)) return f16_from_bits(ir, value);
  if (mlirTypeIsABF16(type))
    return float_of(ir, shl32(ir, LLVMBuildZExt(b, value, ir->i32, ""), 16));
  if (in_registers == ir->i1) return LLVMBuildICmp(b, LLVMIntNE, value, LLVMConstNull(ir->i8), "");
  if (in_registers == ir->i4) return LLVMBuildTrunc(b, value, ir->i4, "");
  return value;
}

//===----------------------------------------------------------------------===//
// Loads and stores
//===----------------------------------------------------------------------===//

// The address of part |index| of a complex number.
static LLVMValueRef part_address(const tenon_ir_t* ir, LLVMTypeRef part, LLVMValueRef address,
                                 int64_t index) {
  LLVMValueRef position = tenon_ir_i64(ir, index);
  return index ? LLVMBuildInBoundsGEP2(ir->builder, part, address, &position, 1, "") : address;
}

static void align(LLVMValueRef instruction, MlirType type) {
  bool is_complex = mlirTypeIsAComplex(type);
  LLVMSetAlignment(instruction, tenon_element_size(type) / (is_complex ? 2 : 1));
}

LLVMValueRef tenon_ir_load(const tenon_ir_t* ir, MlirType type, LLVMValueRef address,
                           tenon_ir_access_t* out_access) {
  LLVMTypeRef memory_type = tenon_ir_memory_type(ir, type);
  bool is_complex = mlirTypeIsAComplex(type);
  LLVMTypeRef part = is_complex ? LLVMStructGetTypeAtIndex(memory_type, 0) : memory_type;
  LLVMValueRef value = LLVMGetPoison(memory_type);
  out_access->count = is_complex ? 2 : 1;
  for (int i = 0; i < out_access->count; ++i) {
    LLVMValueRef load = LLVMBuildLoad2(ir->builder, part, part_address(ir, part, address, i), "");
    align(load, type);
    out_access->instructions[i] = load;
    value = is_complex ? LLVMBuildInsertValue(ir->builder, value, load, (unsigned)i, "") : load;
  }
  return tenon_ir_from_memory(ir, type, value);
}

void tenon_ir_store(const tenon_ir_t* ir, MlirType type, LLVMValueRef value, LLVMValueRef address,
                    tenon_ir_access_t* out_access) {
  value = tenon_ir_to_memory(ir, type, value);
  bool is_complex = mlirTypeIsAComplex(type);
  out_access->count = is_complex ? 2 : 1;
  for (int i = 0; i < out_access->count; ++i) {
    LLVMValueRef part =
        is_complex ? LLVMBuildExtractValue(ir->builder, value, (unsigned)i, "") : value;
    out_access->instructions[i] =
        LLVMBuildStore(ir->builder, part, part_address(ir, LLVMTypeOf(part), address, i));
    align(out_access->instructions[i], type);
  }
}
