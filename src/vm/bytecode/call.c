// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Values on their way between registers and packed storage.

#include <string.h>

#include "vm/bytecode/frame.h"

// Packed storage knows no alignment; these become single loads and stores.
static inline void tenon_copy4(void* target, const void* source) { memcpy(target, source, 4); }
static inline void tenon_copy8(void* target, const void* source) { memcpy(target, source, 8); }

// A reference in two halves: storage is written and read in pieces of 8 bytes throughout, so that
// no load waits for two stores to be joined.
static inline void tenon_copy_ref(void* target, const void* source) {
  tenon_copy8(target, source);
  tenon_copy8((uint8_t*)target + 8, (const uint8_t*)source + 8);
}
_Static_assert(sizeof(iree_vm_ref_t) == 16, "two halves");

static inline void tenon_clear_ref(void* target) {
  static const uint64_t zero = 0;
  tenon_copy8(target, &zero);
  tenon_copy8((uint8_t*)target + 8, &zero);
}

static inline void tenon_store_ref(iree_vm_ref_t* refs, uint32_t operand, uint8_t* target) {
  iree_vm_ref_t* source = &refs[operand & ~TENON_REG_MOVE];
  tenon_copy_ref(target, source);
  if (operand & TENON_REG_MOVE) {
    tenon_clear_ref(source);
  } else {
    iree_vm_ref_retain_inplace(source);
  }
}

// Takes a reference out of packed storage, which becomes null.
static inline void tenon_load_ref(uint8_t* source, iree_vm_ref_t* target) {
  iree_vm_ref_t dropped = *target;
  tenon_copy_ref(target, source);
  tenon_clear_ref(source);
  iree_vm_ref_release(&dropped);
}

// Packs the registers in |units| by |letters|, up to the `_` behind them. A span starts with its
// number of tuples and comes back to its first letter for each.
static IREE_ATTRIBUTE_COLD IREE_ATTRIBUTE_NOINLINE uint8_t* tenon_pack_letters(
    tenon_frame_t* f, const char* letters, const uint16_t* units, uint8_t* target) {
  const char* span = letters;
  uint32_t tuples_left = 0;
  for (;;) {
    switch (*letters++) {
      case 'r':
        tenon_store_ref(f->refs, *units++, target);
        target += sizeof(iree_vm_ref_t);
        break;
      case 'I':
      case 'F':
        tenon_copy8(target, &f->values[*units++]);
        target += 8;
        break;
      case 'i':
      case 'f':
        tenon_copy4(target, &f->values[*units++]);
        target += 4;
        break;
      case 'C':
        tuples_left = *units++;
        tenon_copy4(target, &tuples_left);
        target += 4;
        span = letters;
        if (tuples_left == 0) {
          while (*letters++ != 'D') continue;
        }
        break;
      case 'D':
        if (--tuples_left) letters = span;
        break;
      default:  // '_', or the 'v' of no arguments
        return target;
    }
  }
}

// The same by the groups of the target, which has some.
static inline uint8_t* tenon_pack_groups(tenon_frame_t* f, const tenon_bytecode_target_t* import,
                                         const uint16_t* units, uint8_t* target) {
  iree_vm_ref_t* refs = f->refs;
  const tenon_slot_t* values = f->values;
  const tenon_argument_group_t* group = import->groups;
  const tenon_argument_group_t* end = group + import->group_count;
  do {
    for (uint32_t n = group->ref_count; n; --n, target += sizeof(iree_vm_ref_t)) {
      tenon_store_ref(refs, *units++, target);
    }
    for (uint32_t n = group->narrow_count; n; --n, target += 4) {
      tenon_copy4(target, &values[*units++]);
    }
    if (group->span) {
      uint32_t count = *units++;
      tenon_copy4(target, &count);
      target += 4;
      if (group->span == TENON_SPAN_WIDE) {
        for (; count; --count, target += 8) tenon_copy8(target, &values[*units++]);
      } else {
        for (; count; --count, target += sizeof(iree_vm_ref_t)) {
          tenon_store_ref(refs, *units++, target);
        }
      }
    }
  } while (++group < end);
  return target;
}

// Unpacks |letters|, up to the `_` or NUL behind them, into the registers in |units|; |source| is
// emptied of its references.
static IREE_ATTRIBUTE_COLD IREE_ATTRIBUTE_NOINLINE void tenon_unpack_letters(tenon_frame_t* f,
                                                                             const char* letters,
                                                                             const uint16_t* units,
                                                                             uint8_t* source) {
  for (;;) {
    switch (*letters++) {
      case 'r':
        tenon_load_ref(source, &f->refs[*units++]);
        source += sizeof(iree_vm_ref_t);
        break;
      case 'I':
      case 'F':
        tenon_copy8(&f->values[*units++], source);
        source += 8;
        break;
      case 'i':
      case 'f': {
        // Whole slots are written, so that copies of them need not wait.
        uint32_t narrow;
        tenon_copy4(&narrow, source);
        f->values[*units++].u64 = narrow;
        source += 4;
        break;
      }
      default:
        return;
    }
  }
}

// The same. Most lists are references and then, of results, the sizes of a tensor.
static inline void tenon_unpack(tenon_frame_t* f, const char* letters, const uint16_t* units,
                                uint8_t* source) {
  for (; *letters == 'r'; ++letters, source += sizeof(iree_vm_ref_t)) {
    tenon_load_ref(source, &f->refs[*units++]);
  }
  for (; *letters == 'I'; ++letters, source += 8) tenon_copy8(&f->values[*units++], source);
  if (*letters && *letters != '_') tenon_unpack_letters(f, letters, units, source);
}

void tenon_bytecode_unpack_arguments(tenon_frame_t* f, iree_byte_span_t arguments) {
  tenon_unpack(f, f->function->arguments, f->function->argument_registers, arguments.data);
}

void tenon_bytecode_pack_results(tenon_frame_t* f, const uint16_t* units, uint8_t* results) {
  // Results move: their registers go away.
  uint8_t* target = results;
  const char* letters = f->function->results;
  for (uint32_t i = 0; i < f->function->result_count; ++i) {
    uint32_t unit = units[1 + i];
    if (letters[i] == 'r') {
      tenon_store_ref(f->refs, unit | TENON_REG_MOVE, target);
      target += sizeof(iree_vm_ref_t);
    } else {
      uint32_t size = letters[i] == 'i' || letters[i] == 'f' ? 4 : 8;
      memcpy(target, &f->values[unit], size);
      target += size;
    }
  }
}

static iree_status_t tenon_make_missing_import_error(const tenon_frame_t* f,
                                                     const tenon_bytecode_import_t* import) {
  return iree_make_status(IREE_STATUS_NOT_FOUND,
                          "the optional import %s is called but no module provides it",
                          tenon_module_text(f->function->module->file, import->record->full_name));
}

// Keeps what a call that did not return OK leaves: for its resumption or for cleanup. Returns
// |status|.
static iree_status_t tenon_keep_call(iree_vm_stack_frame_t* frame, iree_byte_span_t arguments,
                                     iree_byte_span_t results, iree_status_t status) {
  frame->arguments = arguments;
  frame->call_results = results;
  frame->user_flags |= TENON_FRAME_IN_CALL;
  return status;
}

// What the first call of an import does beforehand: finds the module's state.
static IREE_ATTRIBUTE_COLD IREE_ATTRIBUTE_NOINLINE iree_status_t
tenon_prepare_call(iree_vm_stack_t* stack, const tenon_frame_t* f, tenon_bytecode_target_t* target,
                   const uint16_t* units) {
  if (!target->native.function.module) {
    return tenon_make_missing_import_error(f, &f->function->module->imports[tenon_load_u32(units)]);
  }
  intptr_t module_state = 0;
  // Without a shim the import's own module looks its state up.
  return target->native.shim
             ? tenon_native_import_resolve_state(stack, &target->native, &module_state)
             : iree_ok_status();
}

// Where a call's results lie behind its arguments, which end at |end|: storage is aligned.
static inline uint8_t* tenon_results_behind(uint8_t* end) {
  return (uint8_t*)iree_host_align((iree_host_size_t)(uintptr_t)end, 16);
}

// A call, with arguments up to |end|, that did not return OK.
static IREE_ATTRIBUTE_COLD IREE_ATTRIBUTE_NOINLINE iree_status_t
tenon_end_call(iree_vm_stack_t* stack, tenon_frame_t* f, tenon_bytecode_target_t* target,
               uint8_t* end, iree_status_t status) {
  iree_vm_stack_frame_t* frame = tenon_bytecode_stack_frame(f);
  uint8_t* storage = f->call_storage;
  iree_byte_span_t arguments = {storage, (iree_host_size_t)(end - storage)};
  iree_byte_span_t results = {tenon_results_behind(end), target->result_size};
  if (target->native.shim) {
    intptr_t module_state =
        iree_atomic_load(&target->native.module_state, iree_memory_order_relaxed);
    status = tenon_native_import_end(stack, frame, &target->native, arguments, results,
                                     module_state, status);
  }
  return tenon_keep_call(frame, arguments, results, status);
}

// Calls |target|, which is no native function, by its module.
static IREE_ATTRIBUTE_NOINLINE iree_status_t
tenon_call_module(iree_vm_stack_t* stack, const tenon_bytecode_target_t* target,
                  iree_byte_span_t arguments, iree_byte_span_t results) {
  iree_vm_function_call_t call = {target->native.function, arguments, results};
  return iree_vm_module_begin_call(stack, call);
}

iree_status_t tenon_bytecode_call_import(iree_vm_stack_t* stack, tenon_frame_t* f,
                                         tenon_bytecode_target_t* target, const uint16_t* units) {
  intptr_t module_state = iree_atomic_load(&target->native.module_state, iree_memory_order_relaxed);
  if (IREE_UNLIKELY(module_state == TENON_NATIVE_STATE_UNKNOWN)) {
    IREE_RETURN_IF_ERROR(tenon_prepare_call(stack, f, target, units));
    module_state = iree_atomic_load(&target->native.module_state, iree_memory_order_relaxed);
  }
  uint8_t* begin = f->call_storage;
  uint8_t* end = IREE_LIKELY(target->group_count)
                     ? tenon_pack_groups(f, target, units + 3, begin)
                     : tenon_pack_letters(f, target->arguments, units + 3, begin);
  uint8_t* storage = tenon_results_behind(end);
  // References must be null beforehand.
  const uint8_t* cleared_end = storage + target->cleared_result_size;
  for (uint8_t* p = storage; p < cleared_end; p += 16) tenon_clear_ref(p);
  iree_byte_span_t arguments = {begin, (iree_host_size_t)(end - begin)};
  iree_byte_span_t results = {storage, target->result_size};
  iree_status_t status =
      IREE_LIKELY(target->native.shim)
          ? target->native.shim(stack, IREE_VM_NATIVE_FUNCTION_CALL_BEGIN, arguments, results,
                                target->native.target, target->native.self, (void*)module_state)
          : tenon_call_module(stack, target, arguments, results);
  if (IREE_UNLIKELY(!iree_status_is_ok(status))) {
    return tenon_end_call(stack, f, target, end, status);
  }
  tenon_unpack(f, target->results, tenon_skip_list(units + 2) + 1, tenon_results_behind(end));
  return iree_ok_status();
}

IREE_ATTRIBUTE_COLD IREE_ATTRIBUTE_NOINLINE iree_status_t
tenon_bytecode_end_plain_call(iree_vm_stack_t* stack, tenon_frame_t* f,
                              tenon_bytecode_target_t* target, iree_status_t status) {
  iree_vm_stack_frame_t* frame = tenon_bytecode_stack_frame(f);
  uint8_t* storage = f->call_storage;
  iree_byte_span_t arguments = {storage, target->argument_size};
  iree_byte_span_t results = {storage + target->result_offset, target->result_size};
  intptr_t module_state = iree_atomic_load(&target->native.module_state, iree_memory_order_relaxed);
  status = tenon_native_import_end(stack, frame, &target->native, arguments, results, module_state,
                                   status);
  return tenon_keep_call(frame, arguments, results, status);
}

iree_status_t tenon_bytecode_call_plain(iree_vm_stack_t* stack, tenon_frame_t* f,
                                        tenon_bytecode_target_t* target, const uint16_t* units) {
  intptr_t module_state = iree_atomic_load(&target->native.module_state, iree_memory_order_relaxed);
  // The first call looks the state up.
  if (IREE_UNLIKELY(module_state == TENON_NATIVE_STATE_UNKNOWN)) {
    return tenon_bytecode_call_import(stack, f, target, units);
  }
  const tenon_slot_t* values = f->values;
  uint8_t* storage = f->call_storage;
  const uint16_t* registers = units + 3;
  const uint16_t* end = registers + target->argument_count;
  if (target->argument_width == 4) {
    for (uint8_t* p = storage; registers < end; p += 4) *(uint32_t*)p = values[*registers++].u32;
  } else {
    for (uint8_t* p = storage; registers < end; p += 8) *(uint64_t*)p = values[*registers++].u64;
  }
  uint8_t* results = storage + target->result_offset;
  iree_status_t status =
      target->native.shim(stack, IREE_VM_NATIVE_FUNCTION_CALL_BEGIN,
                          iree_make_byte_span(storage, target->argument_size),
                          iree_make_byte_span(results, target->result_size), target->native.target,
                          target->native.self, (void*)module_state);
  if (IREE_UNLIKELY(!iree_status_is_ok(status))) {
    return tenon_bytecode_end_plain_call(stack, f, target, status);
  }
  ++registers;
  end = registers + target->result_count;
  if (target->result_width == 4) {
    for (; registers < end; results += 4) f->values[*registers++].u64 = *(uint32_t*)results;
  } else {
    for (; registers < end; results += 8) f->values[*registers++].u64 = *(uint64_t*)results;
  }
  return status;
}

IREE_ATTRIBUTE_COLD void tenon_bytecode_finish_import(iree_vm_stack_frame_t* frame,
                                                      tenon_frame_t* f, const uint16_t* units,
                                                      iree_byte_span_t results) {
  frame->user_flags &= (uint8_t)~TENON_FRAME_IN_CALL;
  const uint16_t* targets = tenon_skip_list(units + 2) + 1;
  const tenon_bytecode_import_t* import = &f->function->module->imports[tenon_load_u32(units)];
  tenon_unpack(f, import->results, targets, results.data);
}
