// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The processor that dispatches are compiled for.

#ifndef TENON_COMPILER_CODEGEN_TARGET_H_
#define TENON_COMPILER_CODEGEN_TARGET_H_

#include "compiler/codegen/plan.h"
#include "compiler/options.h"
#include "compiler/support/mlir_util.h"
#include "llvm-c/TargetMachine.h"

typedef struct tenon_target_t {
  char* triple;             // normalised; LLVMDisposeMessage
  char *cpu, *features;     // as LLVM takes them; LLVMDisposeMessage
  char* required_features;  // beyond the architecture's baseline, comma-separated; free()
  bool converts_half;       // between f16 and f32, by instructions
  tenon_vectors_t vectors;
} tenon_target_t;

// Makes the target that |options| ask for. Reports what is wrong with them at |location|.
MlirLogicalResult tenon_target_make(const tenon_options_t* options, MlirLocation location,
                                    tenon_target_t* out_target);
// Code generation for the target, NULL if LLVM has none; LLVMDisposeTargetMachine. A thread has one of its own.
LLVMTargetMachineRef tenon_target_machine(const tenon_target_t* target);
void tenon_target_free(tenon_target_t* target);

#endif  // TENON_COMPILER_CODEGEN_TARGET_H_
