// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From one object file to an executable in memory.

#ifndef TENON_COMPILER_CODEGEN_LINK_H_
#define TENON_COMPILER_CODEGEN_LINK_H_

#include "compiler/program.h"

// Links |object| with what it needs of the device library of |triple| into a shared object without
// undefined symbols. Reports failures at |location|. The result's bytes are the caller's to free.
MlirLogicalResult tenon_link_executable(MlirLocation location, const char* triple,
                                        const void* object, size_t object_length,
                                        tenon_bytes_t* out_executable);

#endif  // TENON_COMPILER_CODEGEN_LINK_H_
