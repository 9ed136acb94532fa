// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Registers the upstream passes that the stages' pipelines name. Most have no C API of their own, or one that drags in
// every other pass of its kind.

#ifndef TENON_COMPILER_SUPPORT_PASSES_H_
#define TENON_COMPILER_SUPPORT_PASSES_H_

#ifdef __cplusplus
extern "C" {
#endif

// Registers them once per process. Not thread-safe.
void tenon_register_passes(void);

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // TENON_COMPILER_SUPPORT_PASSES_H_
