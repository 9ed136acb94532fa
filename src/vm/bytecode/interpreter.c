// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The interpreter. Operands are not checked here: the verifier did. Built with computed goto where
// the compiler has it, with a switch otherwise or when TENON_VM_SWITCH is defined.

#include <string.h>

#include "format/ops.h"
#include "vm/bytecode/arithmetic.h"
#include "vm/bytecode/enter.h"
#include "vm/bytecode/objects.h"

iree_status_t tenon_bytecode_begin(iree_vm_stack_t* stack, const tenon_bytecode_function_t* callee,
                                   const iree_vm_function_call_t* call) {
  iree_vm_module_state_t* module_state = NULL;
  IREE_RETURN_IF_ERROR(
      iree_vm_stack_query_module_state(stack, call->function.module, &module_state));
  iree_vm_stack_frame_t* frame = tenon_stack_try_enter(
      stack, stack->top, call->function, module_state, callee->frame_size, tenon_bytecode_cleanup);
  if (IREE_UNLIKELY(!frame)) {
    IREE_RETURN_IF_ERROR(
        iree_vm_stack_function_enter(stack, &call->function, IREE_VM_STACK_FRAME_BYTECODE,
                                     callee->frame_size, tenon_bytecode_cleanup, &frame));
  }
  frame->results = call->results;
  tenon_bytecode_unpack_arguments(tenon_bytecode_start_frame(frame, callee), call->arguments);
  return tenon_bytecode_run(stack, 0);
}

// The first call of an import looks its module's state up.
static inline bool tenon_bytecode_has_state(const tenon_bytecode_target_t* target) {
  return iree_atomic_load(&target->native.module_state, iree_memory_order_relaxed) !=
         TENON_NATIVE_STATE_UNKNOWN;
}

// Calls a unary import whose module's state is known. The loop has this inline: native functions of
// this kind cost little themselves.
static inline iree_status_t tenon_bytecode_call_unary(iree_vm_stack_t* stack, uint8_t* storage,
                                                      uint32_t argument,
                                                      const tenon_bytecode_target_t* target) {
  intptr_t module_state = iree_atomic_load(&target->native.module_state, iree_memory_order_relaxed);
  memcpy(storage, &argument, 4);
  return target->native.shim(stack, IREE_VM_NATIVE_FUNCTION_CALL_BEGIN,
                             iree_make_byte_span(storage, 4), iree_make_byte_span(storage + 16, 4),
                             target->native.target, target->native.self, (void*)module_state);
}

//===----------------------------------------------------------------------===//
// The loop
//===----------------------------------------------------------------------===//

#if defined(TENON_VM_INSTRUCTION_LIMIT)
// For fuzzing: how many more instructions this thread may run; RESOURCE_EXHAUSTED past them.
extern _Thread_local int64_t tenon_vm_instruction_budget;
#define COUNT()                                                                         \
  do {                                                                                  \
    if (tenon_vm_instruction_budget-- <= 0) {                                           \
      status = iree_make_status(IREE_STATUS_RESOURCE_EXHAUSTED, "out of instructions"); \
      goto failed;                                                                      \
    }                                                                                   \
  } while (0)
#else
#define COUNT() (void)0
#endif

#if !defined(TENON_VM_SWITCH) && (defined(__GNUC__) || defined(__clang__))
#pragma GCC diagnostic ignored "-Wpointer-arith"
#define CASE(name) op_##name
#define DISPATCH()                        \
  do {                                    \
    COUNT();                              \
    goto*(void*)(&&trace + offsets[*ip]); \
  } while (0)
// Goes on at |place|, by the guess that it is where the last branch went. A processor waits for a place that it must load,
// but goes on past a comparison: so the next round of a loop begins before this one has ended.
#define GO_TO(place)                                       \
  do {                                                     \
    const uint16_t* guess = last_place;                    \
    new_place = (place);                                   \
    __asm__("" : "+r"(guess));                             \
    if (IREE_UNLIKELY(guess != new_place)) goto new_guess; \
    ip = last_place;                                       \
    COUNT();                                               \
    goto* last_handler;                                    \
  } while (0)
#else
#define CASE(name) case TENON_OP_##name
#define DISPATCH() break
#define GO_TO(place) \
  {                  \
    ip = (place);    \
    break;           \
  }
#endif

// Instructions that do the same to slots share their code.
#define CASES_2(a, b) CASE(a) : CASE(b)
#define CASES_4(a, b, c, d) CASES_2(a, b) : CASES_2(c, d)

// Goes on after an instruction of |length| units.
#define NEXT(length) \
  ip += (length);    \
  DISPATCH()
#define BRANCH_IF(condition, units)                              \
  if (condition) GO_TO(code + tenon_load_u32(ip + 1 + (units))); \
  NEXT(3 + (units))
// The value of operand |n|, counted in units from 1.
#define V(n) v[ip[n]]

#define OP_BRANCH(name, field, operator) CASE(name) : BRANCH_IF(V(1).field operator V(2).field, 2);
// Writes operand 1, of type |type|.
#define SET_i32(value) V(1).u64 = (uint32_t)(value)
#define SET_i64(value) V(1).u64 = (uint64_t)(value)
#define SET_f32(value) V(1).u64 = tenon_bits_of_f32(value)
#define SET_f64(value) V(1).f64 = (value)

#define OP_UNARY(name, type, expression) \
  CASE(name) : SET_##type(expression);   \
  NEXT(3);
#define OP_BINARY(name, type, expression) \
  CASE(name) : SET_##type(expression);    \
  NEXT(4);
#define OP_DIVIDE(name, type, expression)                 \
  CASE(name) : if (V(3).type == 0) goto division_by_zero; \
  SET_##type(expression);                                 \
  NEXT(4);

#define OP_ADD_BR(name, type, expression) \
  CASE(name) : SET_##type(expression);    \
  BRANCH_IF(V(1).type < V(4).type, 4);
// Behind the CASEs of instructions of |length| units that run out of line.
#define OP_OBJECT(length)                                     \
  status = tenon_bytecode_run_object(TOP, ip);                \
  if (IREE_UNLIKELY(!iree_status_is_ok(status))) goto failed; \
  NEXT(length)

#define OP_TURN(name, length)                                     \
  CASE(name) : TOP->pc = ip - code;                               \
  status = tenon_bytecode_turn(stack, TOP, ip);                   \
  if (IREE_UNLIKELY(!iree_status_is_ok(status))) goto call_ended; \
  NEXT(length);

// Goes on in another frame, the topmost. Of a frame only what every instruction needs is kept at hand.
#define LOAD_FRAME(top) \
  v = (top)->values;    \
  code = FRAME->function->code
#define FRAME tenon_bytecode_frame_of(v)
#define TOP tenon_bytecode_stack_frame(FRAME)
#define STATE ((tenon_bytecode_state_t*)TOP->module_state)

iree_status_t tenon_bytecode_run(iree_vm_stack_t* given_stack, uint32_t pc) {
  // Kept in memory: the processor's few registers are for what every instruction needs.
  iree_vm_stack_t* volatile stack = given_stack;
#if !defined(TENON_VM_SWITCH) && (defined(__GNUC__) || defined(__clang__))
  // Offsets, not addresses: they need no relocation.
  static const int32_t op_offsets[TENON_OP_COUNT] = {
#define TENON_OP_OFFSET(name, mnemonic, operands) (int32_t)(&&op_##name - &&trace),
      TENON_OPS(TENON_OP_OFFSET)
#undef TENON_OP_OFFSET
  };
  // While tracing, all opcodes lead to what prints the instruction and goes on by the table above.
  // All zero and, said to be written to, among the data that take no room in a program's file.
  static int32_t __attribute__((used)) trace_offsets[TENON_OP_COUNT];
  const int32_t* offsets = IREE_UNLIKELY(tenon_stack_is_traced(stack)) ? trace_offsets : op_offsets;
#else
  const bool is_traced = tenon_stack_is_traced(stack);
#endif
  iree_status_t status;
  tenon_slot_t* v;
  const uint16_t* code;
  LOAD_FRAME(tenon_bytecode_frame(stack->top));  // NOLINT(clang-analyzer-security.ArrayBound)
  const uint16_t* ip = code + pc;

#if !defined(TENON_VM_SWITCH) && (defined(__GNUC__) || defined(__clang__))
  const uint16_t *last_place = NULL, *new_place;
  const void* last_handler = NULL;
  DISPATCH();
  {
    {
    new_guess:
      last_place = ip = new_place;
      last_handler = (const void*)(&&trace + offsets[*ip]);
      DISPATCH();
    trace:
      tenon_bytecode_trace(stack, TOP, ip);
      goto*(void*)(&&trace + op_offsets[*ip]);
#else
  for (;;) {
    COUNT();
    if (IREE_UNLIKELY(is_traced)) tenon_bytecode_trace(stack, TOP, ip);
    switch ((tenon_op_t)*ip) {
#endif
      // Control.
      CASE(BR) : ip = code + tenon_load_u32(ip + 1);
      DISPATCH();
      CASE(BR_IF) : BRANCH_IF(V(1).i32 != 0, 1);
      OP_BRANCH(BR_EQ_I32, i32, ==)
      OP_BRANCH(BR_NE_I32, i32, !=)
      OP_BRANCH(BR_SLT_I32, i32, <)
      OP_BRANCH(BR_SLE_I32, i32, <=)
      OP_BRANCH(BR_ULT_I32, u32, <)
      OP_BRANCH(BR_ULE_I32, u32, <=)
      OP_BRANCH(BR_EQ_I64, i64, ==)
      OP_BRANCH(BR_NE_I64, i64, !=)
      OP_BRANCH(BR_SLT_I64, i64, <)
      OP_BRANCH(BR_SLE_I64, i64, <=)
      OP_BRANCH(BR_ULT_I64, u64, <)
      OP_BRANCH(BR_ULE_I64, u64, <=)

      CASE(CALL) : {
        TOP->pc = ip - code;
        const tenon_bytecode_function_t* callee =
            &FRAME->function->module->functions[tenon_load_u32(ip + 1)];
        tenon_frame_t* frame = tenon_bytecode_call_internal(stack, FRAME, callee, ip + 1, &status);
        if (IREE_UNLIKELY(!frame)) goto unwind;
        v = frame->values;
        ip = code = callee->code;
        DISPATCH();
      }
      CASE(CALL_IMPORT) : {
        tenon_bytecode_target_t* target = &STATE->imports[tenon_load_u32(ip + 1)];
        TOP->pc = ip - code;
        if (target->is_unary && IREE_LIKELY(tenon_bytecode_has_state(target))) {
          status = tenon_bytecode_call_unary(stack, FRAME->call_storage, V(4).u32, target);
          if (IREE_UNLIKELY(!iree_status_is_ok(status))) goto unary_failed;
          uint32_t result;
          memcpy(&result, FRAME->call_storage + 16, 4);
          V(6).u64 = result;
          NEXT(7);
        }
        if (target->is_plain) {
          status = tenon_bytecode_call_plain(stack, FRAME, target, ip + 1);
          if (IREE_UNLIKELY(!iree_status_is_ok(status))) goto call_ended;
          // The same in all cases. A processor guesses the way of a branch and goes on, but waits for a length that it must load:
          // these are no argument or result, one of them, one of each.
          if (target->length == 7) {
            NEXT(7);
          } else if (target->length == 6) {
            NEXT(6);
          } else if (target->length == 5) {
            NEXT(5);
          }
          NEXT(target->length);
        }
        status = tenon_bytecode_call_import(stack, FRAME, target, ip + 1);
        if (IREE_UNLIKELY(!iree_status_is_ok(status))) goto call_ended;
        ip = tenon_skip_list(tenon_skip_list(ip + 3));
        DISPATCH();
      }
      CASE(RETURN) : {
        if (!(TOP->user_flags & TENON_FRAME_INTERNAL)) {
          tenon_bytecode_pack_results(FRAME, ip + 1, TOP->results.data);
          tenon_bytecode_leave(stack, TOP);
          return iree_ok_status();
        }
        tenon_frame_t* caller = tenon_bytecode_frame(TOP->parent);
        const uint16_t* return_ip = FRAME->return_ip;
        tenon_bytecode_return_internal(stack, caller, FRAME, ip + 1);
        LOAD_FRAME(caller);
        ip = return_ip;
        DISPATCH();
      }
      CASE(FAIL) : status = tenon_bytecode_fail(FRAME, ip + 1);
      goto failed;
      CASE(CHECK_EQ_I64) : if (IREE_UNLIKELY(V(1).i64 != V(2).i64)) goto check_failed;
      NEXT(5);
      CASE(CHECK_GE_I64) : if (IREE_UNLIKELY(V(1).i64 < V(2).i64)) goto check_failed;
      NEXT(5);

      // Constants and moves.
      CASES_2(CONST_I32, CONST_F32) : V(1).u64 = tenon_load_u32(ip + 2);
      NEXT(4);
      CASES_2(CONST_I64, CONST_F64)
          : V(1).u64 = tenon_load_u32(ip + 2) | (uint64_t)tenon_load_u32(ip + 4) << 32;
      NEXT(6);
      // The low half of a slot, alone; all of it.
      CASES_4(MOV_I32, MOV_F32, BITS_F32_I32, BITS_I32_F32)
          : CASES_2(EXTU_I32_I64, TRUNC_I64_I32) : V(1).u64 = V(2).u32;
      NEXT(3);
      CASES_4(MOV_I64, MOV_F64, BITS_F64_I64, BITS_I64_F64) : V(1) = V(2);
      NEXT(3);
      CASES_4(SELECT_I32, SELECT_I64, SELECT_F32, SELECT_F64) : V(1) = V(2).i32 ? V(3) : V(4);
      NEXT(5);

      // Refs.
      CASE(MOV_REF) : tenon_bytecode_read_ref(FRAME->refs, ip[2], &FRAME->refs[ip[1]]);
      NEXT(3);
      CASE(NULL_REF) : iree_vm_ref_release(&FRAME->refs[ip[1]]);
      NEXT(2);
      CASE(SELECT_REF) : tenon_bytecode_select_ref(FRAME->refs, V(2).i32, ip + 1);
      NEXT(5);
      CASE(RODATA)
          : status = tenon_archive_make_rodata(FRAME->function->module->archive,
                                               tenon_load_u32(ip + 2), &FRAME->refs[ip[1]]);
      if (IREE_UNLIKELY(!iree_status_is_ok(status))) goto failed;
      NEXT(4);
      CASE(GLOBAL_LOAD_REF)
          : iree_vm_ref_retain(&STATE->globals[tenon_load_u32(ip + 2)], &FRAME->refs[ip[1]]);
      NEXT(4);
      CASE(GLOBAL_STORE_REF)
          : tenon_bytecode_read_ref(FRAME->refs, ip[1], &STATE->globals[tenon_load_u32(ip + 2)]);
      NEXT(4);

      CASES_4(GLOBAL_LOAD_I32, GLOBAL_LOAD_I64, GLOBAL_LOAD_F32, GLOBAL_LOAD_F64)
          : V(1).u64 = STATE->value_globals[tenon_load_u32(ip + 2)];
      NEXT(4);
      CASES_4(GLOBAL_STORE_I32, GLOBAL_STORE_I64, GLOBAL_STORE_F32, GLOBAL_STORE_F64)
          : STATE->value_globals[tenon_load_u32(ip + 2)] = V(1).u64;
      NEXT(4);

      CASE(IMPORT_EXISTS)
          : SET_i32(STATE->imports[tenon_load_u32(ip + 2)].native.function.module != NULL);
      NEXT(4);

      OP_TURN(TURN_BEGIN, 1)
      OP_TURN(TURN_TAKE, 3)
      OP_TURN(TURN_ENTER, 2)

      // Buffers and lists, by length.
      CASES_4(BUFFER_ALLOC, LIST_RESERVE, LIST_SIZE, LIST_RESIZE)
          : CASE(BUFFER_LENGTH) : OP_OBJECT(3);
      CASES_4(BUFFER_LOAD_I8, BUFFER_LOAD_I16, BUFFER_LOAD_I32, BUFFER_LOAD_I64)
          : CASES_4(BUFFER_LOAD_F32, BUFFER_LOAD_F64, BUFFER_STORE_F32, BUFFER_STORE_F64)
          : CASES_4(BUFFER_STORE_I8, BUFFER_STORE_I16, BUFFER_STORE_I32, BUFFER_STORE_I64)
          : CASES_4(LIST_GET_I32, LIST_GET_I64, LIST_GET_F32, LIST_GET_F64)
          : CASES_4(LIST_SET_I32, LIST_SET_I64, LIST_SET_F32, LIST_SET_F64)
          : CASES_2(LIST_SET_REF, CMP_EQ_REF) : OP_OBJECT(4);
      CASES_4(BUFFER_FILL_I8, BUFFER_FILL_I16, BUFFER_FILL_I32, BUFFER_FILL_I64)
          : CASES_2(BUFFER_CLONE, LIST_ALLOC) : CASE(CAST_REF) : OP_OBJECT(5);
      CASES_2(BUFFER_COPY, LIST_GET_REF) : OP_OBJECT(6);
      CASE(BUFFER_COMPARE) : OP_OBJECT(7);

      // clang-format off
      // i32.
      OP_BINARY(ADD_I32, i32, V(2).u32 + V(3).u32)
      OP_BINARY(SUB_I32, i32, V(2).u32 - V(3).u32)
      OP_BINARY(MUL_I32, i32, V(2).u32 * V(3).u32)
      OP_DIVIDE(DIVS_I32, i32, tenon_divs_i32(V(2).i32, V(3).i32))
      OP_DIVIDE(DIVU_I32, i32, V(2).u32 / V(3).u32)
      OP_DIVIDE(REMS_I32, i32, tenon_rems_i32(V(2).i32, V(3).i32))
      OP_DIVIDE(REMU_I32, i32, V(2).u32 % V(3).u32)
      OP_BINARY(AND_I32, i32, V(2).u32 & V(3).u32)
      OP_BINARY(OR_I32, i32, V(2).u32 | V(3).u32)
      OP_BINARY(XOR_I32, i32, V(2).u32 ^ V(3).u32)
      OP_BINARY(SHL_I32, i32, tenon_shl_i32(V(2).u32, V(3).u32))
      OP_BINARY(SHRS_I32, i32, tenon_shrs_i32(V(2).i32, V(3).u32))
      OP_BINARY(SHRU_I32, i32, tenon_shru_i32(V(2).u32, V(3).u32))
      OP_BINARY(CMP_EQ_I32, i32, V(2).i32 == V(3).i32)
      OP_BINARY(CMP_NE_I32, i32, V(2).i32 != V(3).i32)
      OP_BINARY(CMP_SLT_I32, i32, V(2).i32 < V(3).i32)
      OP_BINARY(CMP_SLE_I32, i32, V(2).i32 <= V(3).i32)
      OP_BINARY(CMP_ULT_I32, i32, V(2).u32 < V(3).u32)
      OP_BINARY(CMP_ULE_I32, i32, V(2).u32 <= V(3).u32)

      // i64.
      OP_BINARY(ADD_I64, i64, V(2).u64 + V(3).u64)
      OP_BINARY(SUB_I64, i64, V(2).u64 - V(3).u64)
      OP_BINARY(MUL_I64, i64, V(2).u64 * V(3).u64)
      OP_DIVIDE(DIVS_I64, i64, tenon_divs_i64(V(2).i64, V(3).i64))
      OP_DIVIDE(DIVU_I64, i64, V(2).u64 / V(3).u64)
      OP_DIVIDE(REMS_I64, i64, tenon_rems_i64(V(2).i64, V(3).i64))
      OP_DIVIDE(REMU_I64, i64, V(2).u64 % V(3).u64)
      OP_BINARY(MULHS_I64, i64, tenon_mulhs_i64(V(2).i64, V(3).i64))
      OP_BINARY(MULHU_I64, i64, tenon_mulhu_i64(V(2).u64, V(3).u64))
      OP_BINARY(AND_I64, i64, V(2).u64 & V(3).u64)
      OP_BINARY(OR_I64, i64, V(2).u64 | V(3).u64)
      OP_BINARY(XOR_I64, i64, V(2).u64 ^ V(3).u64)
      OP_BINARY(SHL_I64, i64, tenon_shl_i64(V(2).u64, V(3).u64))
      OP_BINARY(SHRS_I64, i64, tenon_shrs_i64(V(2).i64, V(3).u64))
      OP_BINARY(SHRU_I64, i64, tenon_shru_i64(V(2).u64, V(3).u64))
      OP_BINARY(CMP_EQ_I64, i32, V(2).i64 == V(3).i64)
      OP_BINARY(CMP_NE_I64, i32, V(2).i64 != V(3).i64)
      OP_BINARY(CMP_SLT_I64, i32, V(2).i64 < V(3).i64)
      OP_BINARY(CMP_SLE_I64, i32, V(2).i64 <= V(3).i64)
      OP_BINARY(CMP_ULT_I64, i32, V(2).u64 < V(3).u64)
      OP_BINARY(CMP_ULE_I64, i32, V(2).u64 <= V(3).u64)
      OP_UNARY(CTLZ_I32, i32, tenon_ctlz_i32(V(2).u32))
      OP_UNARY(CTLZ_I64, i64, tenon_ctlz_i64(V(2).u64))
      OP_ADD_BR(ADD_BR_SLT_I32, i32, V(2).u32 + V(3).u32)
      OP_ADD_BR(ADD_BR_SLT_I64, i64, V(2).u64 + V(3).u64)
      // clang-format on

      // f32 and f64. A negation flips the sign of anything, NaN too.
      OP_BINARY(ADD_F32, f32, V(2).f32 + V(3).f32)
      OP_BINARY(SUB_F32, f32, V(2).f32 - V(3).f32)
      OP_BINARY(MUL_F32, f32, V(2).f32 * V(3).f32)
      OP_BINARY(DIV_F32, f32, V(2).f32 / V(3).f32)
      OP_BINARY(REM_F32, f32, (float)tenon_bytecode_rem(V(2).f32, V(3).f32))
      OP_UNARY(NEG_F32, i32, V(2).u32 ^ UINT32_C(1) << 31)
      CASE(CMP_F32) : SET_i32(tenon_compare_f64(V(2).f32, V(3).f32, ip[4]));
      NEXT(5);
      OP_BINARY(ADD_F64, f64, V(2).f64 + V(3).f64)
      OP_BINARY(SUB_F64, f64, V(2).f64 - V(3).f64)
      OP_BINARY(MUL_F64, f64, V(2).f64 * V(3).f64)
      OP_BINARY(DIV_F64, f64, V(2).f64 / V(3).f64)
      OP_BINARY(REM_F64, f64, tenon_bytecode_rem(V(2).f64, V(3).f64))
      OP_UNARY(NEG_F64, i64, V(2).u64 ^ UINT64_C(1) << 63)
      CASE(CMP_F64) : SET_i32(tenon_compare_f64(V(2).f64, V(3).f64, ip[4]));
      NEXT(5);

      OP_UNARY(SQRT_F32, f32, tenon_sqrt_f32(V(2).f32))
      OP_UNARY(SQRT_F64, f64, tenon_sqrt_f64(V(2).f64))

      // Conversions.
      OP_UNARY(EXTS_I8_I32, i32, (int8_t)V(2).u32)
      OP_UNARY(EXTS_I16_I32, i32, (int16_t)V(2).u32)
      OP_UNARY(EXTS_I32_I64, i64, V(2).i32)
      CASES_4(CVT_S32_F32, CVT_U32_F32, CVT_S64_F32, CVT_U64_F32)
          : CASES_4(CVT_S32_F64, CVT_U32_F64, CVT_S64_F64, CVT_U64_F64)
          : tenon_bytecode_from_integer(&V(2), *ip - TENON_OP_CVT_S32_F32, &V(1));
      NEXT(3);
      CASES_4(CVT_F32_S32, CVT_F32_U32, CVT_F32_S64, CVT_F32_U64)
          : V(1).u64 = tenon_bytecode_to_integer(V(2).f32, *ip - TENON_OP_CVT_F32_S32);
      NEXT(3);
      CASES_4(CVT_F64_S32, CVT_F64_U32, CVT_F64_S64, CVT_F64_U64)
          : V(1).u64 = tenon_bytecode_to_integer(V(2).f64, *ip - TENON_OP_CVT_F64_S32);
      NEXT(3);
      OP_UNARY(EXT_F32_F64, f64, V(2).f32)
      OP_UNARY(TRUNC_F64_F32, f32, (float)V(2).f64)
#if defined(TENON_VM_SWITCH) || !(defined(__GNUC__) || defined(__clang__))
      case TENON_OP_COUNT:
        break;
#endif
    }
  }

division_by_zero:
  status = iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "integer division by zero");
  goto failed;
check_failed:
  status = tenon_bytecode_check_failed(FRAME, ip + 1);
  goto failed;
unary_failed:
  status =
      tenon_bytecode_end_plain_call(stack, FRAME, &STATE->imports[tenon_load_u32(ip + 1)], status);
call_ended:
  if (iree_status_is_deferred(status)) {
    tenon_turn_pause(stack);
    return status;
  }
  goto unwind;
failed:
  TOP->pc = ip - code;
unwind:
  return tenon_bytecode_unwind(stack, status);
}
