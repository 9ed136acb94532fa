// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// googletest from C: tests that are known only when the program runs.

#ifndef TENON_TOOLS_SUPPORT_GTEST_BRIDGE_H_
#define TENON_TOOLS_SUPPORT_GTEST_BRIDGE_H_

#ifdef __cplusplus
extern "C" {
#endif

// Takes googletest's flags (--gtest_filter=..., ...) out of the arguments of main().
void tenon_gtest_initialize(int* argc, char** argv);

// Adds the test |suite|.|name| of the file |file|, which calls |run|. The texts are copied.
void tenon_gtest_register(const char* suite, const char* name, const char* file,
                          void (*run)(void* user_data), void* user_data);

// Fails the test that runs, which goes on. |file| may be NULL. May be called from any thread.
void tenon_gtest_fail(const char* file, int line, const char* message);

// Runs the tests as the flags say; 0 if all have passed.
int tenon_gtest_run(void);

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // TENON_TOOLS_SUPPORT_GTEST_BRIDGE_H_
