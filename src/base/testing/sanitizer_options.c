// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Part of every unit test: under a sanitizer, too, a malloc of more memory than there is returns NULL and is not the end.

const char* __asan_default_options(void);
const char* __asan_default_options(void) { return "allocator_may_return_null=1"; }

const char* __tsan_default_options(void);
const char* __tsan_default_options(void) { return "allocator_may_return_null=1"; }
