// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "vm/bytecode/state.h"

iree_status_t tenon_bytecode_alloc_state(void* self, iree_allocator_t allocator,
                                         iree_vm_module_state_t** out_module_state) {
  const tenon_bytecode_module_t* module = (const tenon_bytecode_module_t*)self;
  iree_host_size_t import_count = module->file->import_count;
  iree_host_size_t global_count = module->file->header->ref_global_count;
  iree_host_size_t value_count = module->file->header->value_global_count;
  tenon_bytecode_state_t* state = NULL;
  // No product overflows: the counts have 32 bits.
  iree_host_size_t size = sizeof(*state) + import_count * sizeof(state->imports[0]);
  size = iree_host_align(size, sizeof(iree_vm_ref_t));
  iree_host_size_t values_offset = size + global_count * sizeof(iree_vm_ref_t);
  IREE_RETURN_IF_ERROR(iree_allocator_malloc(
      allocator, values_offset + value_count * sizeof(uint64_t), (void**)&state));
  state->allocator = allocator;
  state->globals = (iree_vm_ref_t*)((uint8_t*)state + size);
  state->global_count = (uint32_t)global_count;
  state->value_globals = (uint64_t*)((uint8_t*)state + values_offset);
  for (iree_host_size_t i = 0; i < import_count; ++i) {
    iree_atomic_store(&state->imports[i].native.module_state, TENON_NATIVE_STATE_UNKNOWN,
                      iree_memory_order_relaxed);
  }
  *out_module_state = (iree_vm_module_state_t*)state;
  return iree_ok_status();
}

void tenon_bytecode_free_state(void* self, iree_vm_module_state_t* module_state) {
  tenon_bytecode_state_t* state = (tenon_bytecode_state_t*)module_state;
  for (uint32_t i = 0; i < state->global_count; ++i) iree_vm_ref_release(&state->globals[i]);
  iree_allocator_free(state->allocator, state);
}

// The bytes of each value if all have the same and none is a reference, else 0. Of none: 4.
static uint8_t tenon_common_width(const char* letters, uint32_t count) {
  uint32_t narrow_count = 0, wide_count = 0;
  for (uint32_t i = 0; i < count; ++i) {
    narrow_count += letters[i] == 'i' || letters[i] == 'f';
    wide_count += letters[i] == 'I' || letters[i] == 'F';
  }
  if (narrow_count == count) return 4;
  return wide_count == count ? 8 : 0;
}

static void tenon_prepare_plain_call(const tenon_bytecode_import_t* import,
                                     tenon_bytecode_target_t* target) {
  uint32_t argument_count = import->argument_length, result_count = import->result_length;
  target->argument_width = tenon_common_width(import->arguments, argument_count);
  target->result_width = tenon_common_width(import->results, result_count);
  target->is_plain = target->argument_width && target->result_width;
  target->is_unary = target->argument_width == 4 && argument_count == 1 &&
                     target->result_width == 4 && result_count == 1;
  // In 16 bits: a calling convention is not long (TENON_MAX_CALLING_CONVENTION).
  target->argument_count = (uint16_t)argument_count;
  target->result_count = (uint16_t)result_count;
  target->argument_size = (uint16_t)(argument_count * target->argument_width);
  target->result_offset = (uint16_t)iree_host_align(target->argument_size, 16);
  // Opcode, import, two counts, registers.
  target->length = (uint16_t)(1 + 2 + 2 + argument_count + result_count);
}

// The head of |letters| as one group. Returns the letters behind it: the same if there is none.
static const char* tenon_take_group(const char* letters, const char* end,
                                    tenon_argument_group_t* out_group) {
  tenon_argument_group_t group = {0};
  for (; letters < end && *letters == 'r' && group.ref_count < UINT8_MAX; ++letters) {
    ++group.ref_count;
  }
  for (; letters < end && (*letters == 'i' || *letters == 'f') && group.narrow_count < UINT8_MAX;
       ++letters) {
    ++group.narrow_count;
  }
  if (end - letters >= 3 && letters[0] == 'C' && letters[2] == 'D') {
    if (letters[1] == 'r') group.span = TENON_SPAN_REFS;
    if (letters[1] == 'I' || letters[1] == 'F') group.span = TENON_SPAN_WIDE;
    if (group.span) letters += 3;
  }
  *out_group = group;
  return letters;
}

static void tenon_group_arguments(const tenon_bytecode_import_t* import,
                                  tenon_bytecode_target_t* target) {
  const char* letters = import->arguments;
  const char* end = letters + import->argument_length;
  uint8_t count = 0;
  while (letters < end && count < TENON_MAX_ARGUMENT_GROUPS) {
    const char* behind = tenon_take_group(letters, end, &target->groups[count]);
    if (behind == letters) break;
    letters = behind;
    ++count;
  }
  target->group_count = letters == end ? count : 0;
}

iree_status_t tenon_bytecode_resolve_import(void* self, iree_vm_module_state_t* module_state,
                                            iree_host_size_t ordinal,
                                            const iree_vm_function_t* function,
                                            const iree_vm_function_signature_t* signature) {
  const tenon_bytecode_module_t* module = (const tenon_bytecode_module_t*)self;
  tenon_bytecode_state_t* state = (tenon_bytecode_state_t*)module_state;
  if (ordinal >= module->file->import_count) {
    return iree_make_status(IREE_STATUS_OUT_OF_RANGE, "the module has no import %zu",
                            (size_t)ordinal);
  }
  tenon_bytecode_target_t* target = &state->imports[ordinal];
  const tenon_bytecode_import_t* import = &module->imports[ordinal];
  if (tenon_native_import_bind(function, &target->native)) {
    tenon_prepare_plain_call(import, target);
  } else {
    target->native.function = *function;
    iree_atomic_store(&target->native.module_state, TENON_NATIVE_STATE_UNKNOWN,
                      iree_memory_order_relaxed);
  }
  target->arguments = import->arguments;
  tenon_group_arguments(import, target);
  target->results = import->result_length ? import->results : "";
  // In 16 bits, as above.
  target->result_size = (uint16_t)import->result_size;
  target->cleared_result_size = (uint16_t)import->cleared_result_size;
  return iree_ok_status();
}
