// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/status_object.h"
#include "iree/base/api.h"

// Checks the status's text and frees it.
static void expect_text(iree_status_t status, const char* expected) {
  char buffer[512];
  iree_host_size_t length = 0;
  assert_true(iree_status_format(status, sizeof(buffer), buffer, &length));
  iree_status_ignore(status);
  assert_string_equal(buffer, expected);
  assert_int_equal(length, strlen(expected));
}

static void test_ok_and_bare_codes(void** state) {
  assert_true(iree_status_is_ok(iree_ok_status()));
  expect_text(iree_ok_status(), "OK");
  iree_status_t bare = iree_status_from_code(IREE_STATUS_DEFERRED);
  assert_true(iree_status_is_deferred(bare));
  assert_false(iree_status_is_ok(bare));
  assert_null(tenon_status_object(bare));
  expect_text(bare, "DEFERRED");
  assert_true(iree_status_is_ok(iree_status_allocate(IREE_STATUS_OK, "f", 1, IREE_SV("dropped"))));
}

static void test_every_code_has_its_test_and_name(void** state) {
  static const char* const names[] = {"OK",
                                      "CANCELLED",
                                      "UNKNOWN",
                                      "INVALID_ARGUMENT",
                                      "DEADLINE_EXCEEDED",
                                      "NOT_FOUND",
                                      "ALREADY_EXISTS",
                                      "PERMISSION_DENIED",
                                      "RESOURCE_EXHAUSTED",
                                      "FAILED_PRECONDITION",
                                      "ABORTED",
                                      "OUT_OF_RANGE",
                                      "UNIMPLEMENTED",
                                      "INTERNAL",
                                      "UNAVAILABLE",
                                      "DATA_LOSS",
                                      "UNAUTHENTICATED",
                                      "DEFERRED"};
  for (int code = 0; code < 18; ++code) {
    iree_status_t status = iree_status_from_code(code);
    const bool is[18] = {iree_status_is_ok(status),
                         iree_status_is_cancelled(status),
                         iree_status_is_unknown(status),
                         iree_status_is_invalid_argument(status),
                         iree_status_is_deadline_exceeded(status),
                         iree_status_is_not_found(status),
                         iree_status_is_already_exists(status),
                         iree_status_is_permission_denied(status),
                         iree_status_is_resource_exhausted(status),
                         iree_status_is_failed_precondition(status),
                         iree_status_is_aborted(status),
                         iree_status_is_out_of_range(status),
                         iree_status_is_unimplemented(status),
                         iree_status_is_internal(status),
                         iree_status_is_unavailable(status),
                         iree_status_is_data_loss(status),
                         iree_status_is_unauthenticated(status),
                         iree_status_is_deferred(status)};
    for (int i = 0; i < 18; ++i) assert_int_equal(is[i], i == code);
    assert_string_equal(iree_status_code_string((iree_status_code_t)code), names[code]);
  }
  assert_string_equal(iree_status_code_string((iree_status_code_t)31), "UNKNOWN");
}

static void test_text_form(void** state) {
  expect_text(iree_status_allocate(IREE_STATUS_NOT_FOUND, "a.c", 7, IREE_SV("no file")),
              "a.c:7: NOT_FOUND; no file");
  expect_text(iree_status_allocate(IREE_STATUS_NOT_FOUND, NULL, 0, IREE_SV("no file")),
              "NOT_FOUND; no file");
  expect_text(iree_status_allocate(IREE_STATUS_NOT_FOUND, "a.c", 7, iree_string_view_empty()),
              "a.c:7: NOT_FOUND");
  iree_status_t status =
      iree_status_allocate_f(IREE_STATUS_ABORTED, "a.c", 4294967295u, "%d of %s", 3, "x");
  assert_true(iree_status_is_aborted(status));
  assert_int_equal((uintptr_t)tenon_status_object(status) % 32, 0);
  status = iree_status_annotate(status, IREE_SV("first"));
  status = iree_status_annotate_f(status, "second %c", '!');
  expect_text(status, "a.c:4294967295: ABORTED; 3 of x; first; second !");
  // A bare code can be annotated; success is left alone.
  expect_text(iree_status_annotate_f(iree_status_from_code(IREE_STATUS_INTERNAL), "why"),
              "INTERNAL; why");
  assert_true(iree_status_is_ok(iree_status_annotate(iree_ok_status(), IREE_SV("x"))));
  assert_true(iree_status_is_ok(iree_status_annotate_f(iree_ok_status(), "x")));
}

static void test_annotations_end(void** state) {
  iree_status_t status = iree_status_allocate(IREE_STATUS_UNKNOWN, NULL, 0, IREE_SV("m"));
  char expected[512] = "UNKNOWN; m";
  for (int i = 0; i < 64; ++i) {
    status = i % 2 ? iree_status_annotate(status, IREE_SV("odd"))
                   : iree_status_annotate_f(status, "%d", i % 10);
    snprintf(expected + strlen(expected), 8, i % 2 ? "; odd" : "; %d", i % 10);
  }
  // From there on one stands for all.
  for (int i = 0; i < 3; ++i) status = iree_status_annotate(status, IREE_SV("more"));
  status = iree_status_annotate_f(status, "%s", "");
  strcat(expected, "; ...");
  expect_text(iree_status_clone(status), expected);
  expect_text(status, expected);
}

static void test_format_into_small_buffers(void** state) {
  iree_status_t status = iree_status_allocate(IREE_STATUS_UNKNOWN, NULL, 0, IREE_SV("abc"));
  const char* text = "UNKNOWN; abc";
  iree_host_size_t length = 0;
  assert_true(iree_status_format(status, 0, NULL, &length));
  assert_int_equal(length, strlen(text));
  for (iree_host_size_t capacity = 1; capacity <= strlen(text); ++capacity) {
    char buffer[16];
    memset(buffer, '#', sizeof(buffer));
    assert_false(iree_status_format(status, capacity, buffer, &length));
    assert_int_equal(length, strlen(text));
    assert_memory_equal(buffer, text, capacity - 1);
    assert_int_equal(buffer[capacity - 1], 0);
    assert_int_equal(buffer[capacity], '#');
  }
  char buffer[13];
  assert_true(iree_status_format(status, sizeof(buffer), buffer, NULL));
  assert_string_equal(buffer, text);
  assert_false(iree_status_format(status, 0, buffer, NULL));
  iree_status_ignore(status);
}

static void test_to_string(void** state) {
  iree_status_t status = iree_status_allocate(IREE_STATUS_DATA_LOSS, "b.c", 1, IREE_SV("m"));
  iree_allocator_t allocator = iree_allocator_system();
  char* text = NULL;
  iree_host_size_t length = 0;
  assert_true(iree_status_to_string(status, &allocator, &text, &length));
  assert_string_equal(text, "b.c:1: DATA_LOSS; m");
  assert_int_equal(length, strlen(text));
  iree_allocator_free(allocator, text);
  allocator = iree_allocator_null();
  assert_false(iree_status_to_string(status, &allocator, &text, &length));
  assert_null(text);
  iree_status_ignore(status);
}

static void test_fprint(void** state) {
  char* text = NULL;
  size_t size = 0;
  FILE* file = open_memstream(&text, &size);
  iree_status_t status = iree_status_annotate(
      iree_status_allocate(IREE_STATUS_ABORTED, "c.c", 2, IREE_SV("m")), IREE_SV("n"));
  iree_status_fprint(file, status);
  fclose(file);
  iree_status_ignore(status);
  assert_string_equal(text, "c.c:2: ABORTED; m; n\n");
  free(text);
}

static void test_clone_join_consume(void** state) {
  iree_status_t status = iree_status_allocate(IREE_STATUS_ABORTED, "c.c", 2, IREE_SV("m"));
  status = iree_status_annotate(status, IREE_SV("n"));
  iree_status_t clone = iree_status_clone(status);
  assert_ptr_not_equal(clone, status);
  iree_status_ignore(status);
  expect_text(clone, "c.c:2: ABORTED; m; n");
  assert_true(iree_status_is_ok(iree_status_clone(iree_ok_status())));
  assert_true(
      iree_status_is_deferred(iree_status_clone(iree_status_from_code(IREE_STATUS_DEFERRED))));

  iree_status_t first = iree_status_allocate(IREE_STATUS_ABORTED, NULL, 0, IREE_SV("first"));
  iree_status_t second = iree_status_allocate(IREE_STATUS_UNKNOWN, NULL, 0, IREE_SV("second"));
  iree_status_t joined = iree_status_join(first, second);
  assert_ptr_equal(joined, first);
  assert_ptr_equal(iree_status_join(iree_ok_status(), joined), joined);
  assert_ptr_equal(iree_status_join(joined, iree_ok_status()), joined);
  assert_int_equal(iree_status_consume_code(joined), IREE_STATUS_ABORTED);
  assert_int_equal(iree_status_consume_code(iree_ok_status()), IREE_STATUS_OK);
}

static int evaluated;
static iree_status_t count_and_return(iree_status_t status) {
  ++evaluated;
  return status;
}
static iree_status_t returns_plain(iree_status_t status) {
  IREE_RETURN_IF_ERROR(count_and_return(status));
  return iree_status_from_code(IREE_STATUS_DEFERRED);
}
static iree_status_t returns_annotated(iree_status_t status, int value) {
  IREE_RETURN_IF_ERROR(count_and_return(status), "value %d of %s", value, "x");
  return iree_status_from_code(IREE_STATUS_DEFERRED);
}
static iree_status_t returns_and_evals(iree_status_t status, int* tail) {
  IREE_RETURN_AND_EVAL_IF_ERROR(++*tail, count_and_return(status));
  IREE_RETURN_AND_EVAL_IF_ERROR(++*tail, count_and_return(status), "why");
  return iree_status_from_code(IREE_STATUS_DEFERRED);
}

static void test_macros(void** state) {
  evaluated = 0;
  assert_true(iree_status_is_deferred(returns_plain(iree_ok_status())));
  assert_true(iree_status_is_deferred(returns_annotated(iree_ok_status(), 1)));
  expect_text(returns_plain(iree_status_allocate(IREE_STATUS_ABORTED, NULL, 0, IREE_SV("m"))),
              "ABORTED; m");
  expect_text(
      returns_annotated(iree_status_allocate(IREE_STATUS_ABORTED, NULL, 0, IREE_SV("m")), 5),
      "ABORTED; m; value 5 of x");
  assert_int_equal(evaluated, 4);
  int tail = 0;
  assert_true(iree_status_is_deferred(returns_and_evals(iree_ok_status(), &tail)));
  assert_int_equal(tail, 0);
  expect_text(returns_and_evals(iree_status_from_code(IREE_STATUS_INTERNAL), &tail), "INTERNAL");
  assert_int_equal(tail, 1);
  IREE_IGNORE_ERROR(iree_make_status(IREE_STATUS_ABORTED, "dropped"));
  IREE_CHECK_OK(iree_ok_status());

  char expected[256];
  snprintf(expected, sizeof(expected), "%s:%d: NOT_FOUND; 1 2 3", __FILE__, __LINE__ + 1);
  expect_text(iree_make_status(IREE_STATUS_NOT_FOUND, "%d %d %d", 1, 2, 3), expected);
  snprintf(expected, sizeof(expected), "%s:%d: NOT_FOUND", __FILE__, __LINE__ + 1);
  expect_text(iree_make_status(IREE_STATUS_NOT_FOUND), expected);
  // As many arguments as the selection of macros carries.
  iree_status_t many =
      iree_make_status(IREE_STATUS_NOT_FOUND, "%d%d%d%d%d%d%d%d%d%d%d%d%d%d%d%d%d%d%d%d%d%d%d", 1,
                       2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3);
  assert_string_equal(tenon_status_object(many)->message, "12345678901234567890123");
  iree_status_ignore(many);
}

static void test_codes_from_errno(void** state) {
  assert_int_equal(iree_status_code_from_errno(0), IREE_STATUS_OK);
  assert_int_equal(iree_status_code_from_errno(ENOENT), IREE_STATUS_NOT_FOUND);
  assert_int_equal(iree_status_code_from_errno(EACCES), IREE_STATUS_PERMISSION_DENIED);
  assert_int_equal(iree_status_code_from_errno(ENOMEM), IREE_STATUS_RESOURCE_EXHAUSTED);
  assert_int_equal(iree_status_code_from_errno(ENOSPC), IREE_STATUS_RESOURCE_EXHAUSTED);
  assert_int_equal(iree_status_code_from_errno(EINVAL), IREE_STATUS_INVALID_ARGUMENT);
  assert_int_equal(iree_status_code_from_errno(12345), IREE_STATUS_UNKNOWN);
}

// Runs the function in a child process; returns its wait status and what it wrote to stderr.
static int run_in_child(void (*function)(void), char* text, size_t capacity) {
  int pipe_fds[2];
  assert_int_equal(pipe(pipe_fds), 0);
  fflush(NULL);
  pid_t pid = fork();
  assert_true(pid >= 0);
  if (pid == 0) {
    struct rlimit no_core = {0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    signal(SIGABRT, SIG_DFL);
    dup2(pipe_fds[1], STDERR_FILENO);
    function();
    _exit(0);
  }
  close(pipe_fds[1]);
  size_t length = 0;
  ssize_t count;
  while ((count = read(pipe_fds[0], text + length, capacity - 1 - length)) > 0)
    length += (size_t)count;
  text[length] = 0;
  close(pipe_fds[0]);
  int wait_status = 0;
  assert_int_equal(waitpid(pid, &wait_status, 0), pid);
  return wait_status;
}

static void fail_a_check(void) {
  IREE_CHECK_OK(iree_status_allocate(IREE_STATUS_DATA_LOSS, "d.c", 9, IREE_SV("gone")));
}

static void test_check_prints_and_aborts(void** state) {
  char text[512];
  int wait_status = run_in_child(fail_a_check, text, sizeof(text));
  assert_true(WIFSIGNALED(wait_status) && WTERMSIG(wait_status) == SIGABRT);
  assert_string_equal(text, "d.c:9: DATA_LOSS; gone\n");
}

// A sanitizer needs memory of its own.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define IS_SANITIZED 1
#endif
#endif
#if !defined(IS_SANITIZED)
// With no memory left at all a status is its bare code, and annotating it changes nothing.
static void make_without_memory(void) {
  struct rlimit limit = {0, 0};
  setrlimit(RLIMIT_AS, &limit);
  static void* volatile keep;  // or the compiler leaves the allocations out
  while ((keep = malloc(1 << 20))) continue;
  while ((keep = malloc(16))) continue;
  iree_status_t status = iree_make_status(IREE_STATUS_NOT_FOUND, "%0500d", 1);
  status = iree_status_annotate_f(status, "%0500d", 1);
  if (tenon_status_object(status) || !iree_status_is_not_found(status)) _exit(3);
}

static void test_no_memory_leaves_the_code(void** state) {
  char text[512];
  int wait_status = run_in_child(make_without_memory, text, sizeof(text));
  assert_true(WIFEXITED(wait_status));
  assert_int_equal(WEXITSTATUS(wait_status), 0);
}
#endif

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_ok_and_bare_codes),
      cmocka_unit_test(test_every_code_has_its_test_and_name),
      cmocka_unit_test(test_text_form),
      cmocka_unit_test(test_annotations_end),
      cmocka_unit_test(test_format_into_small_buffers),
      cmocka_unit_test(test_to_string),
      cmocka_unit_test(test_fprint),
      cmocka_unit_test(test_clone_join_consume),
      cmocka_unit_test(test_macros),
      cmocka_unit_test(test_codes_from_errno),
      cmocka_unit_test(test_check_prints_and_aborts),
#if !defined(IS_SANITIZED)
      cmocka_unit_test(test_no_memory_leaves_the_code),
#endif
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
