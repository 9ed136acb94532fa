// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "base/new_file.h"

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

// cmocka.h needs the headers above.
#include <cmocka.h>

static char folder[64];

static const char* in_folder(const char* name) {
  static char path[128];
  snprintf(path, sizeof(path), "%s/%s", folder, name);
  return path;
}

static int make_folder(void** state) {
  strcpy(folder, "/tmp/new_file_test.XXXXXX");
  return mkdtemp(folder) ? 0 : 1;
}

static int remove_folder(void** state) {
  static const char* const names[] = {"a", "link", "target"};
  for (size_t i = 0; i < 3; ++i) unlink(in_folder(names[i]));
  return rmdir(folder);  // fails if anything else was left
}

static void expect_contents(const char* name, const char* expected) {
  char text[64] = {0};
  FILE* file = fopen(in_folder(name), "rb");
  assert_non_null(file);
  text[fread(text, 1, sizeof(text) - 1, file)] = 0;
  fclose(file);
  assert_string_equal(text, expected);
}

static int count_files(void) {
  int count = 0;
  DIR* dir = opendir(folder);
  while (readdir(dir)) ++count;
  closedir(dir);
  return count - 2;  // . and ..
}

static iree_status_t write_text(const char* name, const char* text) {
  return tenon_new_file_write(in_folder(name), iree_make_const_byte_span(text, strlen(text)));
}

static void expect_code(iree_status_t status, iree_status_code_t code) {
  assert_int_equal(iree_status_code(status), code);
  iree_status_ignore(status);
}

static void writes_and_replaces(void** state) {
  expect_code(write_text("a", "one"), IREE_STATUS_OK);
  expect_contents("a", "one");
  struct stat info;
  mode_t mask = umask(0);
  umask(mask);
  assert_int_equal(stat(in_folder("a"), &info), 0);
  assert_int_equal(info.st_mode & 0777, 0666 & ~mask);
  chmod(in_folder("a"), 0640);
  expect_code(write_text("a", ""), IREE_STATUS_OK);
  expect_contents("a", "");
  assert_int_equal(stat(in_folder("a"), &info), 0);
  assert_int_equal(info.st_mode & 0777, 0640);
  assert_int_equal(count_files(), 1);
}

static void is_not_there_before_its_end(void** state) {
  expect_code(write_text("a", "old"), IREE_STATUS_OK);
  tenon_new_file_t file;
  expect_code(tenon_new_file_open(in_folder("a"), &file), IREE_STATUS_OK);
  fputs("new", file.stream);
  fflush(file.stream);
  expect_contents("a", "old");
  expect_code(tenon_new_file_close(&file, iree_status_from_code(IREE_STATUS_CANCELLED)),
              IREE_STATUS_CANCELLED);
  expect_contents("a", "old");
  assert_int_equal(count_files(), 1);
}

static void appends(void** state) {
  tenon_new_file_t file;
  for (int i = 0; i < 3; ++i) {
    expect_code(tenon_new_file_append(in_folder("a"), &file), IREE_STATUS_OK);
    fprintf(file.stream, "%d", i);
    fflush(file.stream);
    expect_code(
        tenon_new_file_close(&file, iree_status_from_code(i == 1 ? IREE_STATUS_DATA_LOSS : 0)),
        i == 1 ? IREE_STATUS_DATA_LOSS : IREE_STATUS_OK);
  }
  expect_contents("a", "02");
}

static void writes_through_links(void** state) {
  assert_int_equal(symlink("target", in_folder("link")), 0);
  expect_code(write_text("link", "text"), IREE_STATUS_OK);
  expect_contents("target", "text");
  struct stat info;
  assert_int_equal(lstat(in_folder("link"), &info), 0);
  assert_true(S_ISLNK(info.st_mode));
}

// A limit on the size of files stands for a full disk.
static void full_disk(void** state) {
  expect_code(write_text("a", "old"), IREE_STATUS_OK);
  struct rlimit before, limit;
  signal(SIGXFSZ, SIG_IGN);
  getrlimit(RLIMIT_FSIZE, &before);
  limit = (struct rlimit){100, before.rlim_max};
  char* large = calloc(1, 100000);
  memset(large, 'x', 99999);
  setrlimit(RLIMIT_FSIZE, &limit);
  iree_status_t status = write_text("a", large);
  tenon_new_file_t file;
  iree_status_t opened = tenon_new_file_append(in_folder("a"), &file);
  fputs(large, file.stream);
  iree_status_t appended = tenon_new_file_close(&file, iree_ok_status());
  setrlimit(RLIMIT_FSIZE, &before);
  assert_false(iree_status_is_ok(status));
  iree_status_ignore(status);
  expect_code(opened, IREE_STATUS_OK);
  assert_false(iree_status_is_ok(appended));
  iree_status_ignore(appended);
  expect_contents("a", "old");
  assert_int_equal(count_files(), 1);
  free(large);
  expect_code(tenon_new_file_write("/dev/full", iree_make_const_byte_span("x", 1)),
              IREE_STATUS_RESOURCE_EXHAUSTED);
}

static void says_what_can_not_be_opened(void** state) {
  expect_code(write_text("no/such", "x"), IREE_STATUS_NOT_FOUND);
  tenon_new_file_t file;
  expect_code(tenon_new_file_append(in_folder("no/such"), &file), IREE_STATUS_NOT_FOUND);
  iree_status_t status = tenon_new_file_open(folder, &file);
  assert_false(iree_status_is_ok(status));
  iree_status_ignore(status);
  char* name = calloc(1, PATH_MAX + 2);
  memset(name, 'x', PATH_MAX + 1);
  expect_code(tenon_new_file_open(name, &file), iree_status_code_from_errno(ENAMETOOLONG));
  free(name);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
  const struct CMUnitTest tests[] = {
      TEST(writes_and_replaces),
      TEST(is_not_there_before_its_end),
      TEST(appends),
      TEST(writes_through_links),
      TEST(full_disk),
      TEST(says_what_can_not_be_opened),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
