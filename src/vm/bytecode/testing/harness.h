// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs module files in tests and fuzz targets: an instance, a context with the native module
// `custom` and the file's module.

#ifndef TENON_VM_BYTECODE_TESTING_HARNESS_H_
#define TENON_VM_BYTECODE_TESTING_HARNESS_H_

#include "iree/vm/api.h"

typedef struct tenon_harness_t {
  iree_allocator_t allocator;
  iree_vm_instance_t* instance;
  iree_vm_module_t* custom;
  iree_vm_module_t* module;
  iree_vm_context_t* context;
} tenon_harness_t;

// The functions of `custom`:
//   twice  0i_i      2 * x
//   mix    0IfFr_rFfI  its arguments in reverse order
//   sum    0iCrID_I  the integers of the tuples together
//   same   0r_r      its argument
//   fail   0ir_r     fails with UNAVAILABLE "custom failure" after it has set its result
//   yield  0ri_i     suspends itself |x| times (8 at most), then gives 2 * x; fails with ABORTED
//   "gave up" instead if x is negative refs   0r_i      how many references there are to the
//   vm.buffer, this one included; 0 for null
// The archive stays the caller's and must outlive the harness. On failure nothing is left.
iree_status_t tenon_harness_create(iree_const_byte_span_t archive, iree_allocator_t allocator,
                                   tenon_harness_t* out_harness);
void tenon_harness_destroy(tenon_harness_t* harness);

// Calls an export of the file's module. |inputs| and |outputs| may be NULL as for iree_vm_invoke().
iree_status_t tenon_harness_call(tenon_harness_t* harness, const char* name, iree_vm_list_t* inputs,
                                 iree_vm_list_t* outputs);

#endif  // TENON_VM_BYTECODE_TESTING_HARNESS_H_
