// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "vm/bytecode/testing/run_anything.h"

#include <stdlib.h>
#include <string.h>

#include "format/ops.h"
#include "vm/bytecode/testing/harness.h"

_Thread_local int64_t tenon_vm_instruction_budget = 0;

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

// How much a program may allocate in all: what it makes may be large, and it may make much.
enum { MEMORY_LIMIT = 16 << 20 };

// Before each block, which stays aligned.
typedef struct block_t {
  struct block_t *previous, *next;
  iree_host_size_t size;
  uint64_t unused;
} block_t;

typedef struct memory_t {
  block_t blocks;  // a ring of those alive
  iree_host_size_t allocated;
} memory_t;

static void unlink_block(block_t* block) {
  block->previous->next = block->next;
  block->next->previous = block->previous;
}

static iree_status_t memory_ctl(void* self, iree_allocator_command_t command, const void* params,
                                void** inout_ptr) {
  memory_t* memory = (memory_t*)self;
  block_t* old = *inout_ptr ? (block_t*)*inout_ptr - 1 : NULL;
  if (command == IREE_ALLOCATOR_COMMAND_FREE) {
    if (old) unlink_block(old);
    free(old);
    *inout_ptr = NULL;
    return iree_ok_status();
  }
  iree_host_size_t size = ((const iree_allocator_alloc_params_t*)params)->byte_length;
  if (size > MEMORY_LIMIT - memory->allocated) {
    return iree_make_status(IREE_STATUS_RESOURCE_EXHAUSTED, "the program allocates too much");
  }
  block_t* block = calloc(1, sizeof(*block) + size);
  if (!block) return iree_status_from_code(IREE_STATUS_RESOURCE_EXHAUSTED);
  memory->allocated += size;
  block->size = size;
  block->previous = &memory->blocks;
  block->next = memory->blocks.next;
  block->previous->next = block->next->previous = block;
  if (command == IREE_ALLOCATOR_COMMAND_REALLOC && old) {
    memcpy(block + 1, old + 1, old->size < size ? old->size : size);
    unlink_block(old);
    free(old);
  }
  *inout_ptr = block + 1;
  return iree_ok_status();
}

// Frees what a program keeps alive by a ring of references: a list that holds itself, a turn in a
// global of the context that it keeps. Programs that can't make one must not leave anything.
static void end_memory(memory_t* memory, const uint8_t* data, size_t length) {
  bool makes_rings = false;
  for (size_t i = 0; i + 2 <= length && !makes_rings; i += 2) {
    makes_rings =
        (data[i] == TENON_OP_LIST_SET_REF || data[i] == TENON_OP_TURN_TAKE) && data[i + 1] == 0;
  }
  while (makes_rings && memory->blocks.next != &memory->blocks) {
    block_t* block = memory->blocks.next;
    unlink_block(block);
    free(block);
  }
}

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

// An argument for a letter: corners by turns, so that loops, divisions and nulls meet something.
static void push_argument(tenon_harness_t* harness, iree_vm_list_t* list, char letter,
                          uint32_t turn) {
  static const int64_t integers[] = {0, 1, -1, INT64_MIN, INT64_MAX, 5, INT32_MIN, INT32_MAX};
  static const double floats[] = {0.0, -0.0, 1.5, -1e300, 1e-300, 7.0, 1.0 / 3.0, -2.0};
  iree_vm_value_t value = iree_vm_value_make_none();
  switch (letter) {
    case 'i':
      value = iree_vm_value_make_i32((int32_t)integers[turn % 8]);
      break;
    case 'I':
      value = iree_vm_value_make_i64(integers[turn % 8]);
      break;
    case 'f':
      value = iree_vm_value_make_f32((float)floats[turn % 4 + 4]);
      break;
    case 'F':
      value = iree_vm_value_make_f64(floats[turn % 8]);
      break;
    default: {
      iree_vm_ref_t ref = iree_vm_ref_null();
      if (turn % 2) {
        iree_vm_buffer_t* buffer = NULL;
        // Null when the memory is used up.
        iree_status_ignore(iree_vm_buffer_create(IREE_VM_BUFFER_ACCESS_MUTABLE, 16, 0,
                                                 harness->allocator, &buffer));
        ref = iree_vm_buffer_move_ref(buffer);
      }
      IREE_CHECK_OK(iree_vm_list_push_ref_move(list, &ref));
      return;
    }
  }
  IREE_CHECK_OK(iree_vm_list_push_value(list, &value));
}

enum { MAX_RESUMES = 64 };

static void call_export(tenon_harness_t* harness, iree_vm_function_t* function, uint32_t turn) {
  iree_vm_function_signature_t signature = iree_vm_function_signature(function);
  iree_string_view_t arguments, results;
  IREE_CHECK_OK(iree_vm_function_call_get_cconv_fragments(&signature, &arguments, &results));
  iree_vm_list_t *inputs = NULL, *outputs = NULL;
  IREE_CHECK_OK(iree_vm_list_create(NULL, 8, iree_allocator_system(), &inputs));
  IREE_CHECK_OK(iree_vm_list_create(NULL, 8, iree_allocator_system(), &outputs));
  for (iree_host_size_t i = 0; i < arguments.size; ++i) {
    push_argument(harness, inputs, arguments.data[i], turn + (uint32_t)i);
  }
  // A program may wait for what never comes, such as a turn that it keeps in a global.
  iree_vm_invoke_state_t invocation = {0};
  iree_status_t status =
      iree_vm_begin_invoke(&invocation, harness->context, *function, IREE_VM_INVOCATION_FLAG_NONE,
                           NULL, inputs, iree_allocator_system());
  for (int i = 0; i < MAX_RESUMES && iree_status_is_deferred(status); ++i) {
    iree_status_ignore(status);
    status = iree_vm_resume_invoke(&invocation);
  }
  if (iree_status_is_ok(status)) {
    iree_status_ignore(iree_vm_end_invoke(&invocation, outputs, &status));
  } else {
    iree_vm_abort_invoke(&invocation);
  }
  iree_status_ignore(status);
  iree_vm_list_release(inputs);
  iree_vm_list_release(outputs);
}

static bool run_with(const uint8_t* data, size_t length, int64_t budget,
                     iree_allocator_t allocator) {
  tenon_vm_instruction_budget = budget;
  tenon_harness_t harness;
  iree_status_t status =
      tenon_harness_create(iree_make_const_byte_span(data, length), allocator, &harness);
  if (!iree_status_is_ok(status)) {
    iree_status_ignore(status);
    return false;
  }
  iree_host_size_t count = iree_vm_module_signature(harness.module).export_function_count;
  // No more than a few of a file that exports thousands.
  for (iree_host_size_t i = 0; i < count && i < 16; ++i) {
    iree_vm_function_t function;
    IREE_CHECK_OK(iree_vm_module_lookup_function_by_ordinal(
        harness.module, IREE_VM_FUNCTION_LINKAGE_EXPORT, i, &function));
    for (uint32_t turn = 0; turn < 3; ++turn) {
      tenon_vm_instruction_budget = budget;
      call_export(&harness, &function, turn);
    }
  }
  tenon_harness_destroy(&harness);
  return true;
}

bool tenon_run_anything(const uint8_t* data, size_t length, int64_t budget) {
  memory_t memory = {.allocated = 0};
  memory.blocks.previous = memory.blocks.next = &memory.blocks;
  iree_allocator_t allocator = {&memory, memory_ctl};
  bool was_accepted = run_with(data, length, budget, allocator);
  end_memory(&memory, data, length);
  return was_accepted;
}
