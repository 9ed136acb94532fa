// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A chunk: some of a program's dispatches as one LLVM module of their own, in a context of their own, so that a thread can make
// machine code of it while others have theirs.

#ifndef TENON_COMPILER_CODEGEN_CHUNK_H_
#define TENON_COMPILER_CODEGEN_CHUNK_H_

#include "compiler/codegen/dump.h"
#include "compiler/codegen/ir.h"
#include "compiler/codegen/target.h"
#include "llvm-c/Core.h"
#include "llvm-c/TargetMachine.h"

typedef struct tenon_chunk_t {
  tenon_ir_t ir;
  LLVMTargetMachineRef machine;
  size_t number;  // of the chunk among the program's
  const tenon_dump_t* dump;
  bool keep_text;              // |text| is wanted
  char* text;                  // the optimised module, for people; free()
  LLVMMemoryBufferRef object;  // machine code
  char* error;                 // why there is none; free()
} tenon_chunk_t;

// Makes an empty module for |target|. False, with |error| set, if LLVM can't make code for it.
bool tenon_chunk_open(const tenon_target_t* target, tenon_chunk_t* out_chunk);
// Optimises the module and makes machine code of it: sets |object| or |error|. On any thread, another chunk on another.
void tenon_chunk_compile(void* chunk);
void tenon_chunk_free(tenon_chunk_t* chunk);

#endif  // TENON_COMPILER_CODEGEN_CHUNK_H_
