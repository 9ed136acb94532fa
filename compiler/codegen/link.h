// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From object files to an executable in memory.

#ifndef TENON_COMPILER_CODEGEN_LINK_H_
#define TENON_COMPILER_CODEGEN_LINK_H_

#include "compiler/program.h"

// An object file in memory.
typedef struct tenon_object_t {
  const void* data;
  size_t length;
} tenon_object_t;

// Links |objects|, in their order, with what they need of the device library of |triple| into a shared object
// without undefined symbols. Reports failures at |location|. The result's bytes are the caller's to free.
MlirLogicalResult tenon_link_executable(MlirLocation location, const char* triple,
                                        const tenon_object_t* objects, size_t object_count,
                                        tenon_bytes_t* out_executable);

#endif  // TENON_COMPILER_CODEGEN_LINK_H_
