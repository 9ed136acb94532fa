// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The result of an operation that can fail.
//
// A status is a pointer-sized value: 0 is success; a number up to 31 is a bare code; anything else
// is a heap object, whose address is a multiple of 32, or-ed with its code. The object carries the
// source location, a message and annotations. Making, passing and testing a success costs nothing.
//
// Ownership: a status moves. Whoever receives one passes it on, or gives it to exactly one of the
// functions that take it over (ignore, free, consume_code, join, annotate, abort). The tests
// (iree_status_is_*, _code) and the printers borrow. Dropping a failure leaks it; using it after it
// was given away is a use after free.
//
// Threads: two statuses are independent; one status is used by one thread at a time and may move
// between threads.
//
// Memory: statuses come from the C library's malloc, not from the user's allocator, so that "out of
// memory" can be told. Where even that fails, the status is its bare code and annotations are
// dropped: making a status never fails.
#ifndef IREE_BASE_STATUS_H_
#define IREE_BASE_STATUS_H_

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "iree/base/attributes.h"
#include "iree/base/config.h"
#include "iree/base/string_view.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct iree_allocator_t iree_allocator_t;

typedef enum iree_status_code_e {
  IREE_STATUS_OK = 0,
  // The operation was cancelled, usually by its caller.
  IREE_STATUS_CANCELLED = 1,
  // An error of unknown kind, or one that has no code here.
  IREE_STATUS_UNKNOWN = 2,
  // An argument is wrong whatever the state of the system is.
  IREE_STATUS_INVALID_ARGUMENT = 3,
  // The time limit passed first; the operation may still complete.
  IREE_STATUS_DEADLINE_EXCEEDED = 4,
  IREE_STATUS_NOT_FOUND = 5,
  IREE_STATUS_ALREADY_EXISTS = 6,
  IREE_STATUS_PERMISSION_DENIED = 7,
  // Out of memory, of disk space, of a quota.
  IREE_STATUS_RESOURCE_EXHAUSTED = 8,
  // The system is not in the state that the operation needs; a retry alone won't help.
  IREE_STATUS_FAILED_PRECONDITION = 9,
  // The operation was given up because of another failure.
  IREE_STATUS_ABORTED = 10,
  // Past a valid range: an index, an offset, a payload value.
  IREE_STATUS_OUT_OF_RANGE = 11,
  IREE_STATUS_UNIMPLEMENTED = 12,
  // A bug in the library.
  IREE_STATUS_INTERNAL = 13,
  // Not available now; a retry may succeed.
  IREE_STATUS_UNAVAILABLE = 14,
  // Data is lost or damaged beyond recovery.
  IREE_STATUS_DATA_LOSS = 15,
  IREE_STATUS_UNAUTHENTICATED = 16,
  // Not finished yet: ask again later. No failure in itself.
  IREE_STATUS_DEFERRED = 17,
  IREE_STATUS_CODE_MASK = 0x1Fu,
} iree_status_code_t;

typedef struct iree_status_handle_t* iree_status_t;

//===--- Making and testing ------------------------------------------------------------------===//

#define iree_ok_status() ((iree_status_t)(uintptr_t)0)
// A bare code: no message, nothing to free.
#define iree_status_from_code(code) ((iree_status_t)(uintptr_t)((code) & IREE_STATUS_CODE_MASK))
// The code of a status; borrows it.
#define iree_status_code(status) \
  ((iree_status_code_t)(((uintptr_t)(status)) & IREE_STATUS_CODE_MASK))

#define iree_status_is_ok(status) ((uintptr_t)(status) == 0)
#define iree_status_is_cancelled(status) (iree_status_code(status) == IREE_STATUS_CANCELLED)
#define iree_status_is_unknown(status) (iree_status_code(status) == IREE_STATUS_UNKNOWN)
#define iree_status_is_invalid_argument(status) \
  (iree_status_code(status) == IREE_STATUS_INVALID_ARGUMENT)
#define iree_status_is_deadline_exceeded(status) \
  (iree_status_code(status) == IREE_STATUS_DEADLINE_EXCEEDED)
#define iree_status_is_not_found(status) (iree_status_code(status) == IREE_STATUS_NOT_FOUND)
#define iree_status_is_already_exists(status) \
  (iree_status_code(status) == IREE_STATUS_ALREADY_EXISTS)
#define iree_status_is_permission_denied(status) \
  (iree_status_code(status) == IREE_STATUS_PERMISSION_DENIED)
#define iree_status_is_resource_exhausted(status) \
  (iree_status_code(status) == IREE_STATUS_RESOURCE_EXHAUSTED)
#define iree_status_is_failed_precondition(status) \
  (iree_status_code(status) == IREE_STATUS_FAILED_PRECONDITION)
#define iree_status_is_aborted(status) (iree_status_code(status) == IREE_STATUS_ABORTED)
#define iree_status_is_out_of_range(status) (iree_status_code(status) == IREE_STATUS_OUT_OF_RANGE)
#define iree_status_is_unimplemented(status) (iree_status_code(status) == IREE_STATUS_UNIMPLEMENTED)
#define iree_status_is_internal(status) (iree_status_code(status) == IREE_STATUS_INTERNAL)
#define iree_status_is_unavailable(status) (iree_status_code(status) == IREE_STATUS_UNAVAILABLE)
#define iree_status_is_data_loss(status) (iree_status_code(status) == IREE_STATUS_DATA_LOSS)
#define iree_status_is_unauthenticated(status) \
  (iree_status_code(status) == IREE_STATUS_UNAUTHENTICATED)
#define iree_status_is_deferred(status) (iree_status_code(status) == IREE_STATUS_DEFERRED)

// iree_make_status(code [, format [, arguments...]]): a status with this source location and a
// printf-formatted message.
#define iree_make_status(...) TENON_SELECT_(__VA_ARGS__)(TENON_MAKE_STATUS_, __VA_ARGS__)

//===--- Control flow ------------------------------------------------------------------------===//
// Each evaluates its expression once. In C++ the expression may be an rvalue iree::Status, and the
// enclosing function may return iree_status_t, iree::Status or iree::StatusOr<T>.

// IREE_RETURN_IF_ERROR(expr [, format [, arguments...]]): returns a failure from the enclosing
// function, annotated with the formatted text, which is evaluated only then.
#define IREE_RETURN_IF_ERROR(...) \
  TENON_SELECT_(__VA_ARGS__)(TENON_RETURN_IF_ERROR_, (void)0, __VA_ARGS__)

// IREE_RETURN_AND_EVAL_IF_ERROR(tail, expr [, format...]): the same, and evaluates `tail` before it
// returns.
#define IREE_RETURN_AND_EVAL_IF_ERROR(tail_expr, ...) \
  TENON_SELECT_(__VA_ARGS__)(TENON_RETURN_IF_ERROR_, tail_expr, __VA_ARGS__)

// Drops a failure on purpose.
#define IREE_IGNORE_ERROR(expr) ((void)iree_status_ignore(expr))

// For programs without error handling: prints a failure to stderr and aborts.
#define IREE_CHECK_OK(expr)                                                                 \
  do {                                                                                      \
    iree_status_t tenon_status_ = (expr);                                                   \
    if (IREE_UNLIKELY(!iree_status_is_ok(tenon_status_))) iree_status_abort(tenon_status_); \
  } while (0)

//===--- Functions ---------------------------------------------------------------------------===//

// Takes the status over, frees it and returns OK.
IREE_API_EXPORT iree_status_t iree_status_ignore(iree_status_t status);

IREE_API_EXPORT void iree_status_free(iree_status_t status);

// A copy with the same code, source location, message and annotations; the original stays its
// owner's.
IREE_API_EXPORT IREE_MUST_USE_RESULT iree_status_t iree_status_clone(iree_status_t status);

// The first failure wins: returns base_status and frees new_status when base_status failed, else
// returns new_status. For clean-up: status = iree_status_join(status, close(thing)).
IREE_API_EXPORT iree_status_t iree_status_join(iree_status_t base_status, iree_status_t new_status);

// Prints the status and a newline to stderr, and aborts the process.
IREE_API_EXPORT IREE_ATTRIBUTE_NORETURN void iree_status_abort(iree_status_t status);

// Frees the status and returns its code.
IREE_API_EXPORT iree_status_code_t iree_status_consume_code(iree_status_t status);

// "OK", "INVALID_ARGUMENT", ...; "UNKNOWN" for a value that is no code. The string is constant.
IREE_API_EXPORT const char* iree_status_code_string(iree_status_code_t code);

// The code that fits an errno value: ENOENT is NOT_FOUND; UNKNOWN where none does.
IREE_API_EXPORT iree_status_code_t iree_status_code_from_errno(int error_number);

// Makes a status. The message is copied; `file` is not: it is null or a string that lives as long
// as the status (a literal). IREE_STATUS_OK gives OK. Prefer iree_make_status.
IREE_API_EXPORT IREE_MUST_USE_RESULT iree_status_t iree_status_allocate(iree_status_code_t code,
                                                                        const char* file,
                                                                        uint32_t line,
                                                                        iree_string_view_t message);
IREE_API_EXPORT IREE_MUST_USE_RESULT IREE_PRINTF_ATTRIBUTE(4, 5) iree_status_t
    iree_status_allocate_f(iree_status_code_t code, const char* file, uint32_t line,
                           const char* format, ...);
IREE_API_EXPORT IREE_MUST_USE_RESULT IREE_PRINTF_ATTRIBUTE(4, 0) iree_status_t
    iree_status_allocate_vf(iree_status_code_t code, const char* file, uint32_t line,
                            const char* format, va_list varargs);

// Adds context behind what the status already says, and returns it. OK stays OK. The first 64 pieces are kept, and "..." for
// all that follow.
IREE_API_EXPORT IREE_MUST_USE_RESULT iree_status_t iree_status_annotate(iree_status_t base_status,
                                                                        iree_string_view_t message);
IREE_API_EXPORT IREE_MUST_USE_RESULT IREE_PRINTF_ATTRIBUTE(2, 3) iree_status_t
    iree_status_annotate_f(iree_status_t base_status, const char* format, ...);

//===--- Text --------------------------------------------------------------------------------===//
// The form is [FILE:LINE: ]CODE_NAME[; message][; annotation]...

// Writes the text and a NUL into a buffer of buffer_capacity bytes. *out_buffer_length (may be
// null) is the length of the whole text without the NUL, whether it fitted or not. True when it
// fitted, or when buffer is null, which measures. Where it did not fit, the buffer holds the text's
// beginning, NUL-terminated.
IREE_API_EXPORT bool iree_status_format(iree_status_t status, iree_host_size_t buffer_capacity,
                                        char* buffer, iree_host_size_t* out_buffer_length);

// The text in a NUL-terminated block from the allocator, which the caller frees with it. False when
// out of memory; *out_buffer is then null.
IREE_API_EXPORT bool iree_status_to_string(iree_status_t status, const iree_allocator_t* allocator,
                                           char** out_buffer, iree_host_size_t* out_buffer_length);

// Prints the text and a newline. Allocates nothing.
IREE_API_EXPORT void iree_status_fprint(FILE* file, iree_status_t status);

//===--- How the macros work -----------------------------------------------------------------===//
// TENON_SELECT_(arguments...) is TENON_ONE_ for one argument and TENON_MANY_ for two to 25.
// TENON_ONE_(M, ...) continues with M##ONE_(...) and TENON_MANY_(M, ...) with M##MANY_(...).

#define TENON_ARGUMENT_26_(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, \
                           a17, a18, a19, a20, a21, a22, a23, a24, a25, a26, ...)                 \
  a26
#define TENON_SELECT_(...)                                                                         \
  TENON_ARGUMENT_26_(__VA_ARGS__, TENON_MANY_, TENON_MANY_, TENON_MANY_, TENON_MANY_, TENON_MANY_, \
                     TENON_MANY_, TENON_MANY_, TENON_MANY_, TENON_MANY_, TENON_MANY_, TENON_MANY_, \
                     TENON_MANY_, TENON_MANY_, TENON_MANY_, TENON_MANY_, TENON_MANY_, TENON_MANY_, \
                     TENON_MANY_, TENON_MANY_, TENON_MANY_, TENON_MANY_, TENON_MANY_, TENON_MANY_, \
                     TENON_MANY_, TENON_ONE_, 0)
#define TENON_ONE_(M, ...) M##ONE_(__VA_ARGS__)
#define TENON_MANY_(M, ...) M##MANY_(__VA_ARGS__)

// Tells the optimizer that a status of a constant failure code is one: it then sees that what
// follows the check of that status does not run, which saves code and false warnings of
// uninitialized variables. A code that is no constant is not evaluated here.
#define TENON_IS_FAILURE_(code) (__builtin_constant_p(code) && (code) != IREE_STATUS_OK)
IREE_MUST_USE_RESULT static inline iree_status_t tenon_status_hint(iree_status_t status,
                                                                   bool is_failure) {
  if (is_failure && iree_status_is_ok(status)) __builtin_unreachable();
  return status;
}

// What a mode drops stays in a branch that is never taken: formats are checked and variables count
// as used in every mode, and no code remains.
#if IREE_STATUS_MODE == 0
#define TENON_MAKE_STATUS_ONE_(code) iree_status_from_code(code)
#define TENON_MAKE_STATUS_MANY_(code, ...) \
  (1 ? iree_status_from_code(code) : iree_status_allocate_f((code), NULL, 0, __VA_ARGS__))
#else
#define TENON_MAKE_STATUS_ONE_(code)                                                            \
  tenon_status_hint(iree_status_allocate((code), __FILE__, __LINE__, iree_string_view_empty()), \
                    TENON_IS_FAILURE_(code))
#if IREE_STATUS_MODE == 1
#define TENON_MAKE_STATUS_MANY_(code, ...) \
  (1 ? TENON_MAKE_STATUS_ONE_(code) : iree_status_allocate_f((code), NULL, 0, __VA_ARGS__))
#else
#define TENON_MAKE_STATUS_MANY_(code, ...)                                           \
  tenon_status_hint(iree_status_allocate_f((code), __FILE__, __LINE__, __VA_ARGS__), \
                    TENON_IS_FAILURE_(code))
#endif
#endif
#if IREE_STATUS_MODE < 2
#define iree_status_annotate(base_status, message) \
  (1 ? (base_status) : (iree_status_annotate)(NULL, message))
#define iree_status_annotate_f(base_status, ...) \
  (1 ? (base_status) : (iree_status_annotate_f)(NULL, __VA_ARGS__))
#endif

// In C++ the returned value must be an rvalue to convert to iree::Status or iree::StatusOr<T>.
#ifdef __cplusplus
#define TENON_STATUS_RVALUE_(status) static_cast<iree_status_t&&>(status)
#else
#define TENON_STATUS_RVALUE_(status) (status)
#endif
#define TENON_RETURN_IF_ERROR_ONE_(tail_expr, expr)         \
  do {                                                      \
    iree_status_t tenon_status_ = (expr);                   \
    if (IREE_UNLIKELY(!iree_status_is_ok(tenon_status_))) { \
      tail_expr;                                            \
      return TENON_STATUS_RVALUE_(tenon_status_);           \
    }                                                       \
  } while (0)
#define TENON_RETURN_IF_ERROR_MANY_(tail_expr, expr, ...)                 \
  do {                                                                    \
    iree_status_t tenon_status_ = (expr);                                 \
    if (IREE_UNLIKELY(!iree_status_is_ok(tenon_status_))) {               \
      tenon_status_ = iree_status_annotate_f(tenon_status_, __VA_ARGS__); \
      tail_expr;                                                          \
      return TENON_STATUS_RVALUE_(tenon_status_);                         \
    }                                                                     \
  } while (0)

#ifdef __cplusplus
}  // extern "C"

#include "iree/base/status_cc.h"
#endif

#endif  // IREE_BASE_STATUS_H_
