// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The parts of the test of all instructions. Each returns how many of its tests have failed.

#ifndef TENON_VM_BYTECODE_OPS_TEST_H_
#define TENON_VM_BYTECODE_OPS_TEST_H_

int run_reference_tests(void);  // ops_reference_test.c
int run_control_tests(void);    // ops_control_test.c
int run_buffer_tests(void);     // ops_buffer_test.c
int run_list_tests(void);       // ops_list_test.c

#endif  // TENON_VM_BYTECODE_OPS_TEST_H_
