// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "vm/bytecode/testing/run_anything.h"

#include "vm/bytecode/testing/harness.h"

_Thread_local int64_t tenon_vm_instruction_budget = 0;

// An argument for a letter: corners by turns, so that loops, divisions and nulls meet something.
static void push_argument(iree_vm_list_t* list, char letter, uint32_t turn) {
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
        IREE_CHECK_OK(iree_vm_buffer_create(IREE_VM_BUFFER_ACCESS_MUTABLE, 16, 0,
                                            iree_allocator_system(), &buffer));
        ref = iree_vm_buffer_move_ref(buffer);
      }
      IREE_CHECK_OK(iree_vm_list_push_ref_move(list, &ref));
      return;
    }
  }
  IREE_CHECK_OK(iree_vm_list_push_value(list, &value));
}

static void call_export(tenon_harness_t* harness, iree_vm_function_t* function, uint32_t turn) {
  iree_vm_function_signature_t signature = iree_vm_function_signature(function);
  iree_string_view_t arguments, results;
  IREE_CHECK_OK(iree_vm_function_call_get_cconv_fragments(&signature, &arguments, &results));
  iree_vm_list_t *inputs = NULL, *outputs = NULL;
  IREE_CHECK_OK(iree_vm_list_create(NULL, 8, iree_allocator_system(), &inputs));
  IREE_CHECK_OK(iree_vm_list_create(NULL, 8, iree_allocator_system(), &outputs));
  for (iree_host_size_t i = 0; i < arguments.size; ++i) {
    push_argument(inputs, arguments.data[i], turn + (uint32_t)i);
  }
  iree_status_ignore(iree_vm_invoke(harness->context, *function, IREE_VM_INVOCATION_FLAG_NONE, NULL,
                                    inputs, outputs, iree_allocator_system()));
  iree_vm_list_release(inputs);
  iree_vm_list_release(outputs);
}

bool tenon_run_anything(const uint8_t* data, size_t length, int64_t budget) {
  tenon_vm_instruction_budget = budget;
  tenon_harness_t harness;
  iree_status_t status = tenon_harness_create(iree_make_const_byte_span(data, length),
                                              iree_allocator_system(), &harness);
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
