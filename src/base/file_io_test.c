// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/testing/failing_allocator.h"
#include "iree/base/api.h"
#include "iree/base/internal/file_io.h"

static char directory[] = "/tmp/tenon-file-io-XXXXXX";
static char path[64];

static int set_up(void** state) {
  if (!mkdtemp(directory)) return -1;
  snprintf(path, sizeof(path), "%s/file", directory);
  return 0;
}
static int tear_down(void** state) {
  unlink(path);
  return rmdir(directory);
}

static void expect_failure(iree_status_t status, iree_status_code_t code, const char* fragment) {
  char text[512];
  iree_status_format(status, sizeof(text), text, NULL);
  assert_int_equal(iree_status_consume_code(status), code);
  assert_non_null(strstr(text, fragment));
}

static void write_pattern(iree_host_size_t length) {
  uint8_t* data = malloc(length + 1);
  for (iree_host_size_t i = 0; i < length; ++i) data[i] = (uint8_t)(i * 31 + (i >> 8));
  IREE_CHECK_OK(iree_file_write_contents(path, iree_make_const_byte_span(data, length)));
  free(data);
}
static void expect_pattern(const iree_file_contents_t* contents, iree_host_size_t length) {
  assert_int_equal(contents->buffer.data_length, length);
  assert_int_equal((uintptr_t)contents->buffer.data % 64, 0);
  for (iree_host_size_t i = 0; i < length; ++i) {
    if (contents->buffer.data[i] != (uint8_t)(i * 31 + (i >> 8))) fail_msg("byte %zu differs", i);
  }
  assert_int_equal(contents->buffer.data[length], 0);
}

static void test_round_trip(void** state) {
  static const iree_host_size_t lengths[] = {0, 1, 63, 64, 65535, 65536, 65537, 1000000};
  for (size_t i = 0; i < IREE_ARRAYSIZE(lengths); ++i) {
    write_pattern(lengths[i]);
    iree_file_contents_t* contents = NULL;
    IREE_CHECK_OK(iree_file_read_contents(path, iree_allocator_system(), &contents));
    expect_pattern(contents, lengths[i]);
    iree_file_contents_free(contents);
  }
  iree_file_contents_free(NULL);
}

static void test_deallocator(void** state) {
  write_pattern(10);
  tenon_failing_allocator_t counts;
  tenon_failing_allocator_initialize(0, &counts);
  iree_file_contents_t* contents = NULL;
  IREE_CHECK_OK(iree_file_read_contents(path, tenon_failing_allocator(&counts), &contents));
  assert_int_equal(counts.live_count, 1);
  iree_allocator_t deallocator = iree_file_contents_deallocator(contents);
  void* ptr = NULL;
  expect_failure(iree_allocator_malloc(deallocator, 1, &ptr), IREE_STATUS_INVALID_ARGUMENT,
                 "deallocator");
  iree_allocator_free(deallocator, contents->buffer.data + 1);
  assert_int_equal(counts.live_count, 1);
  iree_allocator_free(deallocator, contents->buffer.data);
  assert_int_equal(counts.live_count, 0);
}

static void* feed_pipe(void* argument) {
  int fd = (int)(intptr_t)argument;
  for (int i = 0; i < 200000; ++i) {
    uint8_t byte = (uint8_t)(i * 31 + (i >> 8));
    if (write(fd, &byte, 1) != 1) break;
  }
  close(fd);
  return NULL;
}

// Standard input through a pipe, in many small pieces and growing past the first chunk.
static void test_stdin(void** state) {
  int fds[2];
  assert_int_equal(pipe(fds), 0);
  int saved = dup(STDIN_FILENO);
  dup2(fds[0], STDIN_FILENO);
  close(fds[0]);
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, NULL, feed_pipe, (void*)(intptr_t)fds[1]), 0);
  iree_file_contents_t* contents = NULL;
  IREE_CHECK_OK(iree_stdin_read_contents(iree_allocator_system(), &contents));
  pthread_join(thread, NULL);
  expect_pattern(contents, 200000);
  iree_file_contents_free(contents);
  // A closed input is an error that says so.
  close(STDIN_FILENO);
  expect_failure(iree_stdin_read_contents(iree_allocator_system(), &contents),
                 IREE_STATUS_FAILED_PRECONDITION, "'stdin': Bad file descriptor");
  assert_null(contents);
  dup2(saved, STDIN_FILENO);
  close(saved);
}

// A file that claims no size.
static void test_proc_file(void** state) {
  iree_file_contents_t* contents = NULL;
  IREE_CHECK_OK(iree_file_read_contents("/proc/self/status", iree_allocator_system(), &contents));
  assert_non_null(strstr((const char*)contents->buffer.data, "VmSize:"));
  iree_file_contents_free(contents);
}

static void test_refusals(void** state) {
  iree_allocator_t allocator = iree_allocator_system();
  iree_file_contents_t* contents = NULL;
  expect_failure(iree_file_read_contents("/nonexistent/f", allocator, &contents),
                 IREE_STATUS_NOT_FOUND,
                 "failed to open '/nonexistent/f': No such file or directory");
  expect_failure(iree_file_read_contents("", allocator, &contents), IREE_STATUS_NOT_FOUND, "''");
  expect_failure(iree_file_read_contents(directory, allocator, &contents),
                 IREE_STATUS_FAILED_PRECONDITION, "Is a directory");
  assert_null(contents);
  iree_const_byte_span_t content = iree_make_const_byte_span("abc", 3);
  expect_failure(iree_file_write_contents("/nonexistent/f", content), IREE_STATUS_NOT_FOUND,
                 "failed to create '/nonexistent/f'");
  expect_failure(iree_file_write_contents(directory, content), IREE_STATUS_FAILED_PRECONDITION,
                 "Is a directory");
  expect_failure(iree_file_write_contents("/dev/full", content), IREE_STATUS_RESOURCE_EXHAUSTED,
                 "failed to write '/dev/full': No space left on device");
  assert_int_equal(access("/dev/full", F_OK), 0);
  if (geteuid() != 0) {  // nothing is forbidden to root
    write_pattern(3);
    chmod(path, 0);
    expect_failure(iree_file_read_contents(path, allocator, &contents),
                   IREE_STATUS_PERMISSION_DENIED, path);
    expect_failure(iree_file_write_contents(path, content), IREE_STATUS_PERMISSION_DENIED, path);
    chmod(path, 0600);
  }
}

static void limit_file_size(rlim_t limit) {
  struct rlimit limits;
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &limits), 0);
  limits.rlim_cur = limit;
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &limits), 0);
}

// A write that fails half way leaves no file: here past the limit of a file's size.
static void test_failed_write_removes_the_file(void** state) {
  write_pattern(10);
  assert_true(iree_status_is_ok(iree_file_exists(path)));
  signal(SIGXFSZ, SIG_IGN);
  limit_file_size(4096);
  uint8_t data[10000] = {1};
  iree_status_t status =
      iree_file_write_contents(path, iree_make_const_byte_span(data, sizeof(data)));
  limit_file_size(RLIM_INFINITY);
  expect_failure(status, IREE_STATUS_OUT_OF_RANGE, "File too large");
  expect_failure(iree_file_exists(path), IREE_STATUS_NOT_FOUND, path);
}

static iree_status_t read_file(iree_allocator_t allocator, void* user_data) {
  iree_file_contents_t* contents = NULL;
  IREE_RETURN_IF_ERROR(iree_file_read_contents(user_data, allocator, &contents));
  iree_file_contents_free(contents);
  return iree_ok_status();
}

// Standard input of 100,000 bytes, which grows past the first chunk.
static iree_status_t read_stdin(iree_allocator_t allocator, void* user_data) {
  static const uint8_t data[100000] = {1};
  int fds[2];
  assert_int_equal(pipe(fds), 0);
  assert_true(fcntl(fds[1], F_SETPIPE_SZ, 2 * sizeof(data)) >= (int)sizeof(data));
  assert_int_equal(write(fds[1], data, sizeof(data)), sizeof(data));
  close(fds[1]);
  dup2(fds[0], STDIN_FILENO);
  close(fds[0]);
  iree_file_contents_t* contents = NULL;
  IREE_RETURN_IF_ERROR(iree_stdin_read_contents(allocator, &contents));
  assert_int_equal(contents->buffer.data_length, sizeof(data));
  iree_file_contents_free(contents);
  return iree_ok_status();
}

static void test_every_failure(void** state) {
  write_pattern(100);
  assert_int_equal(tenon_test_for_each_failure(read_file, path), 1);
  int saved = dup(STDIN_FILENO);
  assert_int_equal(tenon_test_for_each_failure(read_stdin, NULL), 2);
  dup2(saved, STDIN_FILENO);
  close(saved);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_round_trip),    cmocka_unit_test(test_deallocator),
      cmocka_unit_test(test_stdin),         cmocka_unit_test(test_proc_file),
      cmocka_unit_test(test_refusals),      cmocka_unit_test(test_failed_write_removes_the_file),
      cmocka_unit_test(test_every_failure),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
