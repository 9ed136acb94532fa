// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a bytecode module keeps per context: its imports and globals.
//
// Thread-safety: imports are resolved before anything runs. Globals are written by `__init`; if
// others write them, those who touch them take turns (vm/turns.h).

#ifndef TENON_VM_BYTECODE_STATE_H_
#define TENON_VM_BYTECODE_STATE_H_

#include "vm/bytecode/module.h"
#include "vm/native_module_call.h"

// Arguments that follow each other: references, then i32s or f32s, then at most one span, whose
// tuples are one value each. What most imports take is one or two of these, and packing by them
// looks at far fewer letters: `riCrDCID` is {1, 1, REFS}, {0, 0, WIDE}.
typedef struct tenon_argument_group_t {
  uint8_t ref_count;
  uint8_t narrow_count;
  uint8_t span;  // tenon_span_t
} tenon_argument_group_t;

typedef enum tenon_span_t {
  TENON_SPAN_NONE = 0,
  TENON_SPAN_REFS = 1,
  TENON_SPAN_WIDE = 2,  // i64s or f64s
} tenon_span_t;

#define TENON_MAX_ARGUMENT_GROUPS 4

// An import in a context. Without a shim it is no plain native function and called through its
// module; without a function's module it is optional and missing.
typedef struct tenon_bytecode_target_t {
  tenon_native_import_t native;
  // Copied from the module's import, to be at hand.
  const char* arguments;
  const char* results;
  uint16_t result_size;
  uint16_t cleared_result_size;
  // 0 if the arguments are no few groups: they are packed letter by letter.
  uint8_t group_count;
  tenon_argument_group_t groups[TENON_MAX_ARGUMENT_GROUPS];
  // A native function whose arguments are all of one width, as its results are, and no references:
  // the interpreter copies them without a look at their types. The rest is set only then.
  bool is_plain;
  bool is_unary;           // plain, and takes and gives one value of 4 bytes
  uint8_t argument_width;  // 4 or 8 bytes
  uint8_t result_width;
  uint16_t argument_count;
  uint16_t result_count;
  uint16_t argument_size;
  uint16_t result_offset;  // behind the arguments, in the call's storage
  uint16_t length;         // of the instruction
} tenon_bytecode_target_t;

typedef struct tenon_bytecode_state_t {
  iree_allocator_t allocator;
  iree_vm_ref_t* globals;
  uint64_t* value_globals;  // each as a register holds it
  uint32_t global_count;
  tenon_bytecode_target_t imports[];
} tenon_bytecode_state_t;

// The entries of the module interface.
iree_status_t tenon_bytecode_alloc_state(void* self, iree_allocator_t allocator,
                                         iree_vm_module_state_t** out_module_state);
void tenon_bytecode_free_state(void* self, iree_vm_module_state_t* module_state);
iree_status_t tenon_bytecode_resolve_import(void* self, iree_vm_module_state_t* module_state,
                                            iree_host_size_t ordinal,
                                            const iree_vm_function_t* function,
                                            const iree_vm_function_signature_t* signature);

#endif  // TENON_VM_BYTECODE_STATE_H_
