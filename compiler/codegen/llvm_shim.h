// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What LLVM's C API lacks, as C functions.

#ifndef TENON_COMPILER_CODEGEN_LLVM_SHIM_H_
#define TENON_COMPILER_CODEGEN_LLVM_SHIM_H_

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// Whether programs for |triple| are ELF files.
bool tenon_triple_is_elf(const char* triple);
// The architecture of |triple| as LLVM spells it ("x86_64", "aarch64"); a static string.
const char* tenon_triple_arch(const char* triple);

// Whether LLVM knows processor |cpu| of |triple|. An empty |cpu| is known.
bool tenon_cpu_is_known(const char* triple, const char* cpu);
// Whether LLVM knows feature |name| of |triple|.
bool tenon_feature_is_known(const char* triple, const char* name, size_t length);
// The features of processor |cpu| with |features| ("+a,-b"), each with a comma before and after it;
// free().
char* tenon_cpu_feature_list(const char* triple, const char* cpu, const char* features);

// Runs LLVM's ELF linker in this process. Returns false with its messages in |out_messages|
// (free()) when it fails; NULL on success. One call at a time in a process.
bool tenon_link_elf(int argument_count, const char* const* arguments, char** out_messages);

#ifdef __cplusplus
}
#endif

#endif  // TENON_COMPILER_CODEGEN_LLVM_SHIM_H_
