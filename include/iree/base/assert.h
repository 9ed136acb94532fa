// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Assertions state what a correct program guarantees; they are never the check of a user's input,
// which gets a status. With NDEBUG nothing is evaluated (and variables used only there raise no
// warning); otherwise they are assert().
#ifndef IREE_BASE_ASSERT_H_
#define IREE_BASE_ASSERT_H_

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

#include "iree/base/attributes.h"

IREE_ATTRIBUTE_NORETURN static inline void iree_abort(void) { abort(); }

// IREE_ASSERT(condition [, message...]): the message is for the reader of the source.
#if defined(NDEBUG)
#define TENON_ASSERT_IMPL(condition, ...) ((void)sizeof(!(condition)))
#else
#define TENON_ASSERT_IMPL(condition, ...) assert(condition)
#endif
#define IREE_ASSERT(...) TENON_ASSERT_IMPL(__VA_ARGS__, 0)

// An out-parameter or an object that must not be null.
#define IREE_ASSERT_ARGUMENT(name) IREE_ASSERT(name)

#define IREE_ASSERT_TRUE(...) IREE_ASSERT(__VA_ARGS__)
#define IREE_ASSERT_FALSE(expr, ...) IREE_ASSERT(!(expr))
#define IREE_ASSERT_EQ(x, y, ...) IREE_ASSERT((x) == (y))
#define IREE_ASSERT_NE(x, y, ...) IREE_ASSERT((x) != (y))
#define IREE_ASSERT_LE(x, y, ...) IREE_ASSERT((x) <= (y))
#define IREE_ASSERT_LT(x, y, ...) IREE_ASSERT((x) < (y))
#define IREE_ASSERT_GE(x, y, ...) IREE_ASSERT((x) >= (y))
#define IREE_ASSERT_GT(x, y, ...) IREE_ASSERT((x) > (y))
#define IREE_ASSERT_UNREACHABLE(...) IREE_ASSERT(false)

#endif  // IREE_BASE_ASSERT_H_
