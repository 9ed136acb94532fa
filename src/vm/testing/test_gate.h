// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Gates, which are waited for until the test opens them, and a context with a module `gates` whose functions wait:
//
//   wait(gate)             suspends itself until the gate is open, and fails if it has failed
//   wait_two(gate, gate)   waits for the one, then for the other
//   spin(i64)              suspends itself as often as told, without saying what it waits for
//   careless(gate)         says that it waits, and does not
//   bad()                  suspends itself without a frame
#ifndef TENON_VM_TESTING_TEST_GATE_H_
#define TENON_VM_TESTING_TEST_GATE_H_

#include "iree/vm/api.h"

// Counted; used by any threads.
typedef struct test_gate_t test_gate_t;
IREE_VM_DECLARE_TYPE_ADAPTERS(test_gate, test_gate_t);

iree_status_t test_gate_register(void);

// A closed gate. A deaf one can't be listened to, only waited for. One that goes before it was opened fails with
// CANCELLED.
test_gate_t* test_gate_create(bool is_deaf);
void test_gate_release(test_gate_t* gate);

// Opens the gate, or fails it with |code| and the message "the gate is stuck". Calls listeners.
void test_gate_open(test_gate_t* gate, iree_status_code_t code);

// How many gates exist, and how many frames of the module's functions.
int test_gate_live_count(void);
int test_gate_frame_count(void);
// How often functions of the module were resumed.
int test_gate_resume_count(void);

// The module `gates`.
iree_status_t test_gate_module_create(iree_vm_instance_t* instance, iree_allocator_t allocator,
                                      iree_vm_module_t** out_module);

// A context with the module `gates` and nothing else.
iree_status_t test_gate_context_create(iree_allocator_t allocator, iree_vm_context_t** out_context);

#endif  // TENON_VM_TESTING_TEST_GATE_H_
