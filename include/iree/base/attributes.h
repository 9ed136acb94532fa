// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the compiler is told about declarations. Each macro expands to nothing where it isn't
// supported.
#ifndef IREE_BASE_ATTRIBUTES_H_
#define IREE_BASE_ATTRIBUTES_H_

#if defined(__has_attribute)
#define IREE_HAVE_ATTRIBUTE(x) __has_attribute(x)
#else
#define IREE_HAVE_ATTRIBUTE(x) 0
#endif

// A function of the public API: C linkage in C++ too, and visible from a shared library built with
// hidden visibility.
#if IREE_HAVE_ATTRIBUTE(visibility)
#define IREE_API_VISIBILITY __attribute__((visibility("default")))
#else
#define IREE_API_VISIBILITY
#endif
#ifdef __cplusplus
#define IREE_API_EXPORT extern "C" IREE_API_VISIBILITY
#else
#define IREE_API_EXPORT IREE_API_VISIBILITY
#endif

// The calling convention of function pointers that cross the API: the platform's own.
#define IREE_API_PTR

// Marks what may change its layout or meaning between versions.
#define IREE_API_UNSTABLE

// The compiler warns when the result is dropped.
#if IREE_HAVE_ATTRIBUTE(warn_unused_result)
#define IREE_MUST_USE_RESULT __attribute__((warn_unused_result))
#else
#define IREE_MUST_USE_RESULT
#endif

// Checks printf-like arguments. Parameters count from 1 (the implicit `this` of a C++ method is
// one); first_to_check is 0 for functions that take a va_list.
#if IREE_HAVE_ATTRIBUTE(format)
#define IREE_PRINTF_ATTRIBUTE(format_index, first_to_check) \
  __attribute__((__format__(__printf__, format_index, first_to_check)))
#else
#define IREE_PRINTF_ATTRIBUTE(format_index, first_to_check)
#endif

#if IREE_HAVE_ATTRIBUTE(noreturn)
#define IREE_ATTRIBUTE_NORETURN __attribute__((noreturn))
#else
#define IREE_ATTRIBUTE_NORETURN
#endif

#if IREE_HAVE_ATTRIBUTE(always_inline)
#define IREE_ATTRIBUTE_ALWAYS_INLINE __attribute__((always_inline))
#else
#define IREE_ATTRIBUTE_ALWAYS_INLINE
#endif

#if IREE_HAVE_ATTRIBUTE(noinline)
#define IREE_ATTRIBUTE_NOINLINE __attribute__((noinline))
#else
#define IREE_ATTRIBUTE_NOINLINE
#endif

#if IREE_HAVE_ATTRIBUTE(hot)
#define IREE_ATTRIBUTE_HOT __attribute__((hot))
#else
#define IREE_ATTRIBUTE_HOT
#endif

#if IREE_HAVE_ATTRIBUTE(cold)
#define IREE_ATTRIBUTE_COLD __attribute__((cold))
#else
#define IREE_ATTRIBUTE_COLD
#endif

#if IREE_HAVE_ATTRIBUTE(unused)
#define IREE_ATTRIBUTE_UNUSED __attribute__((unused))
#else
#define IREE_ATTRIBUTE_UNUSED
#endif

// The pointer is the only one through which its object is reached while it is in scope.
#if defined(__GNUC__) || defined(__clang__)
#define IREE_RESTRICT __restrict__
#else
#define IREE_RESTRICT
#endif

// Which way a branch nearly always goes: IREE_UNLIKELY(error).
#if defined(__GNUC__) || defined(__clang__)
#define IREE_LIKELY(x) (__builtin_expect(!!(x), 1))
#define IREE_UNLIKELY(x) (__builtin_expect(!!(x), 0))
#else
#define IREE_LIKELY(x) (x)
#define IREE_UNLIKELY(x) (x)
#endif

// The number of elements of an array (not of a pointer).
#define IREE_ARRAYSIZE(arr) (sizeof(arr) / sizeof((arr)[0]))

#endif  // IREE_BASE_ATTRIBUTES_H_
