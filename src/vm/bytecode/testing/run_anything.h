// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loads a file of any content and calls whatever it exports, with arguments of all kinds. For
// programs that build the interpreter with TENON_VM_INSTRUCTION_LIMIT, since such code need not
// end.

#ifndef TENON_VM_BYTECODE_TESTING_RUN_ANYTHING_H_
#define TENON_VM_BYTECODE_TESTING_RUN_ANYTHING_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// How many instructions the calling thread may still run.
extern _Thread_local int64_t tenon_vm_instruction_budget;

// Each export gets |budget| instructions, as does __init. True if the file was accepted.
bool tenon_run_anything(const uint8_t* data, size_t length, int64_t budget);

#endif  // TENON_VM_BYTECODE_TESTING_RUN_ANYTHING_H_
