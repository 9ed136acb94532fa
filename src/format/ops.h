// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The instruction set: one X-macro list from which the writer, the verifier, the interpreter, the
// disassembler and the tests are made. docs/bytecode.md explains the machine.
//
// An instruction is a sequence of 16-bit units: the opcode, then its operands in the order of the
// list. Each letter of the operand string is one operand:
//
//   i l f d    read an i32, i64, f32, f64 register               1 unit
//   I L F D    write one                                         1 unit
//   r          read a ref register                               1 unit; bit 15 (TENON_REG_MOVE):
//              the register gives its reference away and is null afterwards
//   R          write a ref register (what it held is released)   1 unit
//   4          32-bit immediate, low unit first                  2 units
//   8          64-bit immediate, low unit first                  4 units
//   p          a floating-point predicate, 0 to 15 (below)       1 unit
//   b          branch target: a pc of this function              2 units, low unit first
//   k          a rodata segment                                  2 units
//   s          a string                                          2 units
//   g          a ref global                                      2 units
//   u          a value global: a slot of 64 bits                 2 units
//   t          a type (below)                                    2 units
//   c          an internal function                              2 units
//   m          an import                                         2 units
//   a          arguments of the c or m before: a count of units, then registers       1 + n units
//   o          results of the c or m before: a count, then registers                  1 + n units
//   z          results of this function: a count, then registers                      1 + n units
//
// A register list follows the calling convention from left to right, one unit each. A span `C...D`
// of an import is a unit with the number of its tuples, then the tuples' registers. Argument refs
// may carry TENON_REG_MOVE; the result refs of `z` always move. A pc is in units from the
// function's first. Targets are starts of instructions. The last instruction of a function does not
// fall through (a terminator: br, return, fail).
//
// Integers wrap. Narrow integers (i8, i16) live sign-extended in i32 registers, i1 as 0 or 1.

#ifndef TENON_FORMAT_OPS_H_
#define TENON_FORMAT_OPS_H_

#define TENON_REG_MOVE 0x8000u

// Types: any value or reference, the scalars (1 to 6, as iree_vm_value_type_t), any reference, a
// reference of the type in entry |n| of the TYPES section. Where an instruction is about a reference
// scalars are refused and TENON_TYPE_ANY stands for any reference.
#define TENON_TYPE_ANY 0u
#define TENON_TYPE_I8 1u
#define TENON_TYPE_I16 2u
#define TENON_TYPE_I32 3u
#define TENON_TYPE_I64 4u
#define TENON_TYPE_F32 5u
#define TENON_TYPE_F64 6u
#define TENON_TYPE_ANY_REF 0x7FFFFFFFu
#define TENON_TYPE_REF_BIT 0x80000000u
#define TENON_TYPE_REF(n) (TENON_TYPE_REF_BIT | (n))

// The longest operand string.
#define TENON_MAX_OPERANDS 6

// OP(ENUM, "mnemonic", "operands"): opcodes are numbered from 0 in this order; new ones go at the
// end.
#define TENON_OPS(OP)                                                                                  \
  /* Control. */                                                                                       \
  OP(BR, "br", "b")                                                                                    \
  OP(BR_IF, "br.if", "ib") /* taken when not 0 */                                                      \
  OP(BR_EQ_I32, "br.eq.i32", "iib")                                                                    \
  OP(BR_NE_I32, "br.ne.i32", "iib")                                                                    \
  OP(BR_SLT_I32, "br.slt.i32", "iib")                                                                  \
  OP(BR_SLE_I32, "br.sle.i32", "iib")                                                                  \
  OP(BR_ULT_I32, "br.ult.i32", "iib")                                                                  \
  OP(BR_ULE_I32, "br.ule.i32", "iib")                                                                  \
  OP(BR_EQ_I64, "br.eq.i64", "llb")                                                                    \
  OP(BR_NE_I64, "br.ne.i64", "llb")                                                                    \
  OP(BR_SLT_I64, "br.slt.i64", "llb")                                                                  \
  OP(BR_SLE_I64, "br.sle.i64", "llb")                                                                  \
  OP(BR_ULT_I64, "br.ult.i64", "llb")                                                                  \
  OP(BR_ULE_I64, "br.ule.i64", "llb")                                                                  \
  OP(CALL, "call", "cao")                                                                              \
  OP(CALL_IMPORT, "call.import", "mao")                                                                \
  OP(RETURN, "return", "z")                                                                            \
  OP(FAIL, "fail", "4s") /* status code (not 0, not DEFERRED) and message */                           \
  /* Fails with INVALID_ARGUMENT and both values unless equal; the string says what they are. */       \
  OP(CHECK_EQ_I64, "check.eq.i64", "lls")                                                              \
  /* The same unless the first is at least the second (signed). */                                     \
  OP(CHECK_GE_I64, "check.ge.i64", "lls")                                                              \
  /* Constants and moves. */                                                                           \
  OP(CONST_I32, "const.i32", "I4")                                                                     \
  OP(CONST_I64, "const.i64", "L8")                                                                     \
  OP(CONST_F32, "const.f32", "F4")                                                                     \
  OP(CONST_F64, "const.f64", "D8")                                                                     \
  OP(MOV_I32, "mov.i32", "Ii")                                                                         \
  OP(MOV_I64, "mov.i64", "Ll")                                                                         \
  OP(MOV_F32, "mov.f32", "Ff")                                                                         \
  OP(MOV_F64, "mov.f64", "Dd")                                                                         \
  OP(SELECT_I32, "select.i32", "Iiii") /* condition, value if not 0, value if 0 */                     \
  OP(SELECT_I64, "select.i64", "Lill")                                                                 \
  OP(SELECT_F32, "select.f32", "Fiff")                                                                 \
  OP(SELECT_F64, "select.f64", "Didd")                                                                 \
  /* Refs. */                                                                                          \
  OP(MOV_REF, "mov.ref", "Rr")                                                                         \
  OP(NULL_REF, "null.ref", "R") /* also: drop what the register holds */                               \
  OP(SELECT_REF, "select.ref", "Rirr")                                                                 \
  OP(RODATA, "rodata", "Rk") /* the segment as a read-only vm.buffer */                                \
  OP(GLOBAL_LOAD_REF, "global.load.ref", "Rg")                                                         \
  OP(GLOBAL_STORE_REF, "global.store.ref", "rg")                                                       \
  /* i32. Division by zero fails with INVALID_ARGUMENT; MIN/-1 is MIN, MIN%-1 is 0. Shift amounts  \
   * of the */   \
  /* width or more give 0, or the sign for shrs. */                                                    \
  OP(ADD_I32, "add.i32", "Iii")                                                                        \
  OP(SUB_I32, "sub.i32", "Iii")                                                                        \
  OP(MUL_I32, "mul.i32", "Iii")                                                                        \
  OP(DIVS_I32, "divs.i32", "Iii")                                                                      \
  OP(DIVU_I32, "divu.i32", "Iii")                                                                      \
  OP(REMS_I32, "rems.i32", "Iii")                                                                      \
  OP(REMU_I32, "remu.i32", "Iii")                                                                      \
  OP(AND_I32, "and.i32", "Iii")                                                                        \
  OP(OR_I32, "or.i32", "Iii")                                                                          \
  OP(XOR_I32, "xor.i32", "Iii")                                                                        \
  OP(SHL_I32, "shl.i32", "Iii")                                                                        \
  OP(SHRS_I32, "shrs.i32", "Iii")                                                                      \
  OP(SHRU_I32, "shru.i32", "Iii")                                                                      \
  OP(CMP_EQ_I32, "cmp.eq.i32", "Iii")                                                                  \
  OP(CMP_NE_I32, "cmp.ne.i32", "Iii")                                                                  \
  OP(CMP_SLT_I32, "cmp.slt.i32", "Iii")                                                                \
  OP(CMP_SLE_I32, "cmp.sle.i32", "Iii")                                                                \
  OP(CMP_ULT_I32, "cmp.ult.i32", "Iii")                                                                \
  OP(CMP_ULE_I32, "cmp.ule.i32", "Iii")                                                                \
  /* i64, likewise. */                                                                                 \
  OP(ADD_I64, "add.i64", "Lll")                                                                        \
  OP(SUB_I64, "sub.i64", "Lll")                                                                        \
  OP(MUL_I64, "mul.i64", "Lll")                                                                        \
  OP(DIVS_I64, "divs.i64", "Lll")                                                                      \
  OP(DIVU_I64, "divu.i64", "Lll")                                                                      \
  OP(REMS_I64, "rems.i64", "Lll")                                                                      \
  OP(REMU_I64, "remu.i64", "Lll")                                                                      \
  OP(MULHS_I64, "mulhs.i64", "Lll") /* high half of the 128-bit product */                             \
  OP(MULHU_I64, "mulhu.i64", "Lll")                                                                    \
  OP(AND_I64, "and.i64", "Lll")                                                                        \
  OP(OR_I64, "or.i64", "Lll")                                                                          \
  OP(XOR_I64, "xor.i64", "Lll")                                                                        \
  OP(SHL_I64, "shl.i64", "Lll")                                                                        \
  OP(SHRS_I64, "shrs.i64", "Lll")                                                                      \
  OP(SHRU_I64, "shru.i64", "Lll")                                                                      \
  OP(CMP_EQ_I64, "cmp.eq.i64", "Ill")                                                                  \
  OP(CMP_NE_I64, "cmp.ne.i64", "Ill")                                                                  \
  OP(CMP_SLT_I64, "cmp.slt.i64", "Ill")                                                                \
  OP(CMP_SLE_I64, "cmp.sle.i64", "Ill")                                                                \
  OP(CMP_ULT_I64, "cmp.ult.i64", "Ill")                                                                \
  OP(CMP_ULE_I64, "cmp.ule.i64", "Ill")                                                                \
  /* f32 and f64. rem has the sign of the dividend, exact, as C's fmod. */                             \
  OP(ADD_F32, "add.f32", "Fff")                                                                        \
  OP(SUB_F32, "sub.f32", "Fff")                                                                        \
  OP(MUL_F32, "mul.f32", "Fff")                                                                        \
  OP(DIV_F32, "div.f32", "Fff")                                                                        \
  OP(REM_F32, "rem.f32", "Fff")                                                                        \
  OP(NEG_F32, "neg.f32", "Ff")                                                                         \
  OP(CMP_F32, "cmp.f32", "Iffp")                                                                       \
  OP(ADD_F64, "add.f64", "Ddd")                                                                        \
  OP(SUB_F64, "sub.f64", "Ddd")                                                                        \
  OP(MUL_F64, "mul.f64", "Ddd")                                                                        \
  OP(DIV_F64, "div.f64", "Ddd")                                                                        \
  OP(REM_F64, "rem.f64", "Ddd")                                                                        \
  OP(NEG_F64, "neg.f64", "Dd")                                                                         \
  OP(CMP_F64, "cmp.f64", "Iddp")                                                                       \
  /* Conversions: destination first. Float to integer saturates, NaN gives 0. */                       \
  OP(EXTS_I8_I32, "exts.i8.i32", "Ii") /* of the low 8 bits */                                         \
  OP(EXTS_I16_I32, "exts.i16.i32", "Ii")                                                               \
  OP(EXTS_I32_I64, "exts.i32.i64", "Li")                                                               \
  OP(EXTU_I32_I64, "extu.i32.i64", "Li")                                                               \
  OP(TRUNC_I64_I32, "trunc.i64.i32", "Il")                                                             \
  OP(CVT_S32_F32, "cvt.s32.f32", "Fi")                                                                 \
  OP(CVT_U32_F32, "cvt.u32.f32", "Fi")                                                                 \
  OP(CVT_S64_F32, "cvt.s64.f32", "Fl")                                                                 \
  OP(CVT_U64_F32, "cvt.u64.f32", "Fl")                                                                 \
  OP(CVT_S32_F64, "cvt.s32.f64", "Di")                                                                 \
  OP(CVT_U32_F64, "cvt.u32.f64", "Di")                                                                 \
  OP(CVT_S64_F64, "cvt.s64.f64", "Dl")                                                                 \
  OP(CVT_U64_F64, "cvt.u64.f64", "Dl")                                                                 \
  OP(CVT_F32_S32, "cvt.f32.s32", "If")                                                                 \
  OP(CVT_F32_U32, "cvt.f32.u32", "If")                                                                 \
  OP(CVT_F32_S64, "cvt.f32.s64", "Lf")                                                                 \
  OP(CVT_F32_U64, "cvt.f32.u64", "Lf")                                                                 \
  OP(CVT_F64_S32, "cvt.f64.s32", "Id")                                                                 \
  OP(CVT_F64_U32, "cvt.f64.u32", "Id")                                                                 \
  OP(CVT_F64_S64, "cvt.f64.s64", "Ld")                                                                 \
  OP(CVT_F64_U64, "cvt.f64.u64", "Ld")                                                                 \
  OP(EXT_F32_F64, "ext.f32.f64", "Df")                                                                 \
  OP(TRUNC_F64_F32, "trunc.f64.f32", "Fd")                                                             \
  OP(BITS_F32_I32, "bits.f32.i32", "If")                                                               \
  OP(BITS_I32_F32, "bits.i32.f32", "Fi")                                                               \
  OP(BITS_F64_I64, "bits.f64.i64", "Ld")                                                               \
  OP(BITS_I64_F64, "bits.i64.f64", "Dl")                                                               \
  /* Whether the context has the import: 1, or 0 for an optional one that no module provides. */       \
  OP(IMPORT_EXISTS, "import.exists", "Im")                                                             \
  /* Value globals: zero at start. */                                                                  \
  OP(GLOBAL_LOAD_I32, "global.load.i32", "Iu")                                                         \
  OP(GLOBAL_LOAD_I64, "global.load.i64", "Lu")                                                         \
  OP(GLOBAL_LOAD_F32, "global.load.f32", "Fu")                                                         \
  OP(GLOBAL_LOAD_F64, "global.load.f64", "Du")                                                         \
  OP(GLOBAL_STORE_I32, "global.store.i32", "iu")                                                       \
  OP(GLOBAL_STORE_I64, "global.store.i64", "lu")                                                       \
  OP(GLOBAL_STORE_F32, "global.store.f32", "fu")                                                       \
  OP(GLOBAL_STORE_F64, "global.store.f64", "du")                                                       \
  /* Whether both are the same object, or null. */                                                     \
  OP(CMP_EQ_REF, "cmp.eq.ref", "Irr")                                                                  \
  /* Moves or copies a reference of that type, or null; INVALID_ARGUMENT for any other. */             \
  OP(CAST_REF, "cast.ref", "Rrt")                                                                      \
  /* Buffers (vm.buffer). Offsets and lengths are in bytes, of any alignment. INVALID_ARGUMENT for   \
   * anything that is no buffer and for a negative size, OUT_OF_RANGE for bytes outside of the       \
   * buffer, PERMISSION_DENIED for a write to a read-only one. Nothing is written then. */ \
  OP(BUFFER_ALLOC, "buffer.alloc", "Rl")   /* length; zeroed */                                        \
  OP(BUFFER_CLONE, "buffer.clone", "Rrll") /* offset, length; a mutable copy */                        \
  OP(BUFFER_LENGTH, "buffer.length", "Lr")                                                             \
  OP(BUFFER_COPY, "buffer.copy", "rlrll") /* source, offset, target, offset, length */                 \
  OP(BUFFER_COMPARE, "buffer.compare",                                                                 \
     "Irlrll") /* 1 if the bytes are equal; operands as copy's */                                      \
  /* Buffer, offset, length, pattern; both multiples of the pattern's size. */                         \
  OP(BUFFER_FILL_I8, "buffer.fill.i8", "rlli")                                                         \
  OP(BUFFER_FILL_I16, "buffer.fill.i16", "rlli")                                                       \
  OP(BUFFER_FILL_I32, "buffer.fill.i32", "rlli")                                                       \
  OP(BUFFER_FILL_I64, "buffer.fill.i64", "rlll")                                                       \
  /* Buffer, offset. i8 and i16 are sign-extended. */                                                  \
  OP(BUFFER_LOAD_I8, "buffer.load.i8", "Irl")                                                          \
  OP(BUFFER_LOAD_I16, "buffer.load.i16", "Irl")                                                        \
  OP(BUFFER_LOAD_I32, "buffer.load.i32", "Irl")                                                        \
  OP(BUFFER_LOAD_I64, "buffer.load.i64", "Lrl")                                                        \
  OP(BUFFER_LOAD_F32, "buffer.load.f32", "Frl")                                                        \
  OP(BUFFER_LOAD_F64, "buffer.load.f64", "Drl")                                                        \
  OP(BUFFER_STORE_I8, "buffer.store.i8", "rli")                                                        \
  OP(BUFFER_STORE_I16, "buffer.store.i16", "rli")                                                      \
  OP(BUFFER_STORE_I32, "buffer.store.i32", "rli")                                                      \
  OP(BUFFER_STORE_I64, "buffer.store.i64", "rll")                                                      \
  OP(BUFFER_STORE_F32, "buffer.store.f32", "rlf")                                                      \
  OP(BUFFER_STORE_F64, "buffer.store.f64", "rld")                                                      \
  /* Lists (vm.list). INVALID_ARGUMENT for anything that is no list and for a negative size,         \
   * OUT_OF_RANGE for an index outside of the list. Values convert as iree/vm/list.h says; i8 and    \
   * i16 elements go through the i32 forms. */ \
  OP(LIST_ALLOC, "list.alloc", "Rtl") /* element type, initial capacity */                             \
  OP(LIST_RESERVE, "list.reserve", "rl")                                                               \
  OP(LIST_SIZE, "list.size", "Lr")                                                                     \
  OP(LIST_RESIZE, "list.resize", "rl")                                                                 \
  OP(LIST_GET_I32, "list.get.i32", "Irl")                                                              \
  OP(LIST_GET_I64, "list.get.i64", "Lrl")                                                              \
  OP(LIST_GET_F32, "list.get.f32", "Frl")                                                              \
  OP(LIST_GET_F64, "list.get.f64", "Drl")                                                              \
  OP(LIST_GET_REF, "list.get.ref", "Rrlt") /* of that type or null, as cast.ref */                     \
  OP(LIST_SET_I32, "list.set.i32", "rli")                                                              \
  OP(LIST_SET_I64, "list.set.i64", "rll")                                                              \
  OP(LIST_SET_F32, "list.set.f32", "rlf")                                                              \
  OP(LIST_SET_F64, "list.set.f64", "rld")                                                              \
  OP(LIST_SET_REF, "list.set.ref", "rlr")                                                              \
  /* Correctly rounded. */                                                                             \
  OP(SQRT_F32, "sqrt.f32", "Ff")                                                                       \
  OP(SQRT_F64, "sqrt.f64", "Dd")                                                                       \
  OP(CTLZ_I32, "ctlz.i32", "Ii") /* of 0: the width */                                                 \
  OP(CTLZ_I64, "ctlz.i64", "Ll")                                                                       \
  /* Adds, then branches if the sum is less (signed) than the third. */                                \
  OP(ADD_BR_SLT_I32, "add.br.slt.i32", "Iiiib")                                                        \
  OP(ADD_BR_SLT_I64, "add.br.slt.i64", "Llllb")                                                        \
  /* Turns: the order of invocations that touch mutable globals. */                                    \
  OP(TURN_BEGIN, "turn.begin", "")  /* waits for the turn, which ends with this frame */               \
  OP(TURN_TAKE, "turn.take", "RR")  /* a vm.turn, and the fence of its coming */                       \
  OP(TURN_ENTER, "turn.enter", "r") /* begins a turn that was taken and has come */

typedef enum tenon_op_e {
#define TENON_OP_ENUM(name, mnemonic, operands) TENON_OP_##name,
  TENON_OPS(TENON_OP_ENUM)
#undef TENON_OP_ENUM
      TENON_OP_COUNT,
} tenon_op_t;

// Floating-point predicates, numbered as arith.cmpf's: o: false when either is NaN, u: true when
// either is NaN.
typedef enum tenon_fcmp_e {
  TENON_FCMP_FALSE = 0,
  TENON_FCMP_OEQ,
  TENON_FCMP_OGT,
  TENON_FCMP_OGE,
  TENON_FCMP_OLT,
  TENON_FCMP_OLE,
  TENON_FCMP_ONE,
  TENON_FCMP_ORD,
  TENON_FCMP_UEQ,
  TENON_FCMP_UGT,
  TENON_FCMP_UGE,
  TENON_FCMP_ULT,
  TENON_FCMP_ULE,
  TENON_FCMP_UNE,
  TENON_FCMP_UNO,
  TENON_FCMP_TRUE,
} tenon_fcmp_t;

#endif  // TENON_FORMAT_OPS_H_
