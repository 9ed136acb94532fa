// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// TEST_KERNEL_DIR is the folder with the variants of testing/test_kernels.c.

#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hal/local/executable_loader.h"
#include "hal/local/executable_table.h"
#include "hal/testing/hal_testing.h"
#include "iree/base/internal/file_io.h"

static iree_hal_allocator_t* heap;

static int setup(void** state) {
  heap = create_heap();
  return 0;
}

static int teardown(void** state) {
  iree_hal_allocator_release(heap);
  return 0;
}

static iree_file_contents_t* read_kernels(const char* variant) {
  char path[1024];
  snprintf(path, sizeof(path), "%s/libhal_test_kernels_%s.so", TEST_KERNEL_DIR, variant);
  iree_file_contents_t* contents = NULL;
  expect_ok(iree_file_read_contents(path, iree_allocator_system(), &contents));
  return contents;
}

static iree_status_t try_load(const char* variant, iree_hal_executable_t** out_executable) {
  iree_file_contents_t* contents = read_kernels(variant);
  iree_status_t status = tenon_hal_local_executable_create(contents->const_buffer,
                                                           iree_allocator_system(), out_executable);
  // The bytes are not needed any more.
  memset(contents->buffer.data, 0xEE, contents->buffer.data_length);
  iree_file_contents_free(contents);
  return status;
}

static iree_hal_executable_t* load(const char* variant) {
  iree_hal_executable_t* executable = NULL;
  expect_ok(try_load(variant, &executable));
  return executable;
}

enum { ADD_OFFSET, WINDOW, FAIL, DESCRIBE, FIXED };

// Adds the executable's offset to 0, 1, ... |n| - 1 and returns what it must be.
static int32_t run_add_offset(iree_hal_executable_t* executable, int64_t n) {
  int32_t data[64];
  for (int32_t i = 0; i < 64; ++i) data[i] = i;
  iree_hal_buffer_t* in = create_buffer(heap, (iree_device_size_t)n * 4, data);
  iree_hal_buffer_t* out = create_buffer(heap, (iree_device_size_t)n * 4, NULL);
  iree_hal_buffer_t* const buffers[] = {in, out};
  expect_ok(tenon_hal_local_executable_dispatch(executable, ADD_OFFSET, 2, buffers, 1, &n));
  expect_ok(iree_hal_buffer_map_read(out, 0, data, (iree_device_size_t)n * 4));
  for (int32_t i = 1; i < n; ++i) assert_int_equal(data[i], data[0] + i);
  iree_hal_buffer_release(in);
  iree_hal_buffer_release(out);
  return n ? data[0] : 0;
}

static int count_descriptors(void) {
  int count = 0;
  DIR* folder = opendir("/proc/self/fd");
  if (!folder) return 0;
  while (readdir(folder)) ++count;
  closedir(folder);
  return count;
}

static void test_load_and_run(void** state) {
  iree_hal_executable_t* executable = load("100");
  const tenon_executable_info_t* info = tenon_hal_local_executable_info(executable);
  assert_int_equal(info->dispatch_count, 5);
  assert_string_equal(info->dispatches[0].name, "add_offset");
  for (int64_t n = 1; n <= 40; ++n) assert_int_equal(run_add_offset(executable, n), 100);
  run_add_offset(executable, 0);
  iree_hal_executable_retain(executable);
  iree_hal_executable_release(executable);
  iree_hal_executable_release(executable);
  iree_hal_executable_release(NULL);
}

// With a reused file name the loader hands out the code of the first.
static void test_each_keeps_its_own_code(void** state) {
  iree_hal_executable_t* a = load("100");
  iree_hal_executable_t* b = load("200");
  assert_int_equal(run_add_offset(a, 5), 100);
  assert_int_equal(run_add_offset(b, 5), 200);
  iree_hal_executable_release(a);
  assert_int_equal(run_add_offset(b, 5), 200);
  a = load("100");
  iree_hal_executable_t* c = load("300");
  assert_int_equal(run_add_offset(c, 5), 300);
  assert_int_equal(run_add_offset(a, 5), 100);
  iree_hal_executable_t* second_b = load("200");
  iree_hal_executable_release(b);
  assert_int_equal(run_add_offset(second_b, 5), 200);
  iree_hal_executable_release(second_b);
  iree_hal_executable_release(a);
  iree_hal_executable_release(c);
}

static void test_in_turn_without_leaks(void** state) {
  const int before = count_descriptors();
  for (int i = 0; i < 20; ++i) {
    const char* variants[] = {"100", "200", "300"};
    iree_hal_executable_t* executable = load(variants[i % 3]);
    assert_int_equal(run_add_offset(executable, 3), (i % 3 + 1) * 100);
    iree_hal_executable_release(executable);
  }
  iree_hal_executable_t* executable = NULL;
  expect_failure(try_load("bad_version", &executable), IREE_STATUS_FAILED_PRECONDITION,
                 "has version 7 of the dispatch ABI");
  assert_int_equal(count_descriptors(), before);
}

//===--- What can't be loaded -----------------------------------------------------------------===//

static void test_refused_executables(void** state) {
  iree_hal_executable_t* executable = NULL;
  expect_failure(try_load("needs_newer", &executable), IREE_STATUS_FAILED_PRECONDITION,
                 "needs a newer version of the dispatch ABI than 1");
  expect_failure(try_load("no_query", &executable), IREE_STATUS_INVALID_ARGUMENT,
                 "does not export 'tenon_executable_query'");
  expect_failure(try_load("features", &executable), IREE_STATUS_FAILED_PRECONDITION,
                 "needs the processor feature 'flux-capacitor' (of '");
  assert_null(executable);
  expect_failure(tenon_hal_local_executable_create(iree_make_const_byte_span("no ELF", 6),
                                                   iree_allocator_system(), &executable),
                 IREE_STATUS_INVALID_ARGUMENT, "shorter than an ELF header");
}

// Changes some bytes of an executable and expects it to be refused.
static void expect_patched_refused(size_t offset, const void* bytes, size_t size,
                                   iree_status_code_t code, const char* part) {
  iree_file_contents_t* contents = read_kernels("100");
  memcpy(contents->buffer.data + offset, bytes, size);
  iree_hal_executable_t* executable = NULL;
  expect_failure(tenon_hal_local_executable_create(contents->const_buffer, iree_allocator_system(),
                                                   &executable),
                 code, part);
  assert_null(executable);
  iree_file_contents_free(contents);
}

static void test_foreign_files(void** state) {
  const uint16_t arm = EM_ARM, mips = EM_MIPS, relocatable = ET_REL, header_size = 7;
  expect_patched_refused(offsetof(Elf64_Ehdr, e_machine), &arm, 2, IREE_STATUS_FAILED_PRECONDITION,
                         "for the machine Arm (32 bits) (40), but this process runs on ");
  expect_patched_refused(offsetof(Elf64_Ehdr, e_machine), &mips, 2, IREE_STATUS_FAILED_PRECONDITION,
                         "unknown (8)");
  expect_patched_refused(EI_CLASS, "\1", 1, IREE_STATUS_FAILED_PRECONDITION, "ELF class 1");
  expect_patched_refused(EI_DATA, "\2", 1, IREE_STATUS_FAILED_PRECONDITION, "byte order 2");
  expect_patched_refused(0, "MZ", 2, IREE_STATUS_INVALID_ARGUMENT,
                         "does not start with the ELF magic");
  expect_patched_refused(offsetof(Elf64_Ehdr, e_type), &relocatable, 2,
                         IREE_STATUS_INVALID_ARGUMENT, "not shared object");
  expect_patched_refused(offsetof(Elf64_Ehdr, e_phentsize), &header_size, 2,
                         IREE_STATUS_INVALID_ARGUMENT, "wrong size");
  expect_patched_refused(offsetof(Elf64_Ehdr, e_phoff), "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8,
                         IREE_STATUS_INVALID_ARGUMENT, "behind its end");
}

// A file that is cut off is refused, or still whole in all that is loaded.
static void test_truncated_files(void** state) {
  iree_file_contents_t* contents = read_kernels("100");
  int refused = 0;
  for (size_t length = 0; length < contents->buffer.data_length; length += 61) {
    iree_hal_executable_t* executable = NULL;
    iree_status_t status =
        tenon_hal_local_executable_create(iree_make_const_byte_span(contents->buffer.data, length),
                                          iree_allocator_system(), &executable);
    if (iree_status_is_ok(status)) {
      assert_int_equal(run_add_offset(executable, 5), 100);
      iree_hal_executable_release(executable);
    } else {
      iree_status_ignore(status);
      ++refused;
    }
  }
  assert_true(refused > 10);
  iree_file_contents_free(contents);
}

// Makes memfd_create fail for the rest of the process, as on a system that lacks it.
static bool forbid_memory_files(void) {
  struct sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_memfd_create, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const struct sock_fprog program = {IREE_ARRAYSIZE(filter), filter};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0 && memfd_create("x", 0) < 0;
}

enum { CHILD_OK, CHILD_SKIPPED, CHILD_WRONG_CODE, CHILD_LEFT_FILES, CHILD_WRONG_STATUS };

static int count_files(const char* path) {
  int count = 0;
  DIR* folder = opendir(path);
  if (!folder) return -1;
  while (readdir(folder)) ++count;
  closedir(folder);
  return count;
}

static int load_from_temporary_files(const char* folder) {
  if (!forbid_memory_files()) return CHILD_SKIPPED;
  setenv("TMPDIR", folder, 1);
  const char* variants[] = {"100", "200"};
  iree_hal_executable_t* executables[2];
  for (int i = 0; i < 2; ++i) executables[i] = load(variants[i]);
  for (int i = 0; i < 2; ++i) {
    if (run_add_offset(executables[i], 5) != (i + 1) * 100) return CHILD_WRONG_CODE;
    iree_hal_executable_release(executables[i]);
  }
  if (count_files(folder) != 2) return CHILD_LEFT_FILES;  // . and ..
  setenv("TMPDIR", "/nonexistent", 1);
  iree_hal_executable_t* executable = NULL;
  return iree_status_consume_code(try_load("100", &executable)) == IREE_STATUS_NOT_FOUND
             ? CHILD_OK
             : CHILD_WRONG_STATUS;
}

static void test_temporary_files(void** state) {
  char folder[] = "/tmp/tenon-test-XXXXXX";
  assert_non_null(mkdtemp(folder));
  const pid_t child = fork();
  if (child == 0) _exit(load_from_temporary_files(folder));
  int status = 0;
  assert_int_equal(waitpid(child, &status, 0), child);
  rmdir(folder);
  assert_true(WIFEXITED(status));
  if (WEXITSTATUS(status) == CHILD_SKIPPED) skip();
  assert_int_equal(WEXITSTATUS(status), CHILD_OK);
}

//===--- Tables -------------------------------------------------------------------------------===//

static int nothing(const tenon_dispatch_state_t* state, int64_t begin, int64_t end) { return 0; }

typedef struct table_t {
  tenon_extent_term_t term;
  tenon_extent_t dim;
  tenon_binding_info_t binding;
  tenon_grid_dim_t grid;
  tenon_dispatch_info_t dispatch;
  tenon_executable_info_t info;
} table_t;

static void make_table(table_t* t) {
  memset(t, 0, sizeof(*t));
  t->term = (tenon_extent_term_t){.scale = 1, .constant = 0};
  t->dim = (tenon_extent_t){.term_count = 1, .terms = &t->term};
  t->binding = (tenon_binding_info_t){
      .element_size = 4, .access = TENON_BINDING_READ, .rank = 1, .dims = &t->dim};
  t->grid = (tenon_grid_dim_t){.extent = t->dim, .tile_size = 1};
  t->dispatch = (tenon_dispatch_info_t){.name = "d",
                                        .source = "",
                                        .function = nothing,
                                        .binding_count = 1,
                                        .constant_count = 1,
                                        .grid_rank = 1,
                                        .bindings = &t->binding,
                                        .grid = &t->grid};
  t->info = (tenon_executable_info_t){.abi_version = TENON_EXECUTABLE_ABI_VERSION,
                                      .dispatch_count = 1,
                                      .dispatches = &t->dispatch,
                                      .target_triple = "",
                                      .required_features = ""};
}

#define EXPECT_BAD_TABLE(change, part)                                                            \
  do {                                                                                            \
    table_t t;                                                                                    \
    make_table(&t);                                                                               \
    change;                                                                                       \
    expect_failure(tenon_executable_table_validate(&t.info), IREE_STATUS_INVALID_ARGUMENT, part); \
  } while (0)

static void test_malformed_tables(void** state) {
  table_t good;
  make_table(&good);
  expect_ok(tenon_executable_table_validate(&good.info));
  good.info.abi_version = 2;
  expect_failure(tenon_executable_table_validate(&good.info), IREE_STATUS_FAILED_PRECONDITION,
                 "has version 2 of the dispatch ABI, but this runtime knows version 1");
  EXPECT_BAD_TABLE(t.info.dispatches = NULL, "null entries");
  EXPECT_BAD_TABLE(t.info.target_triple = NULL, "null entries");
  EXPECT_BAD_TABLE(t.info.required_features = NULL, "null entries");
  EXPECT_BAD_TABLE(t.dispatch.name = NULL, "dispatch 0 has no name");
  EXPECT_BAD_TABLE(t.dispatch.source = NULL, "dispatch 0 has no name or source");
  EXPECT_BAD_TABLE(t.dispatch.function = NULL, "has no function");
  EXPECT_BAD_TABLE(t.dispatch.constant_count = TENON_DISPATCH_MAX_CONSTANTS + 1,
                   "too many constants");
  EXPECT_BAD_TABLE(t.dispatch.constant_count = 0, "a binding with an impossible");
  EXPECT_BAD_TABLE(t.dispatch.binding_count = TENON_DISPATCH_MAX_BINDINGS + 1, "too many bindings");
  EXPECT_BAD_TABLE(t.dispatch.bindings = NULL, "null list");
  EXPECT_BAD_TABLE(t.binding.element_size = 0, "impossible size");
  EXPECT_BAD_TABLE(t.binding.element_size = 3, "impossible size");
  EXPECT_BAD_TABLE(t.binding.element_size = 32, "impossible size");
  EXPECT_BAD_TABLE(t.binding.access = 0, "impossible size, access");
  EXPECT_BAD_TABLE(t.binding.access = 5, "impossible size, access");
  EXPECT_BAD_TABLE(t.binding.rank = TENON_DISPATCH_MAX_RANK + 1, "impossible size");
  EXPECT_BAD_TABLE(t.binding.dims = NULL, "impossible size");
  EXPECT_BAD_TABLE(t.dim.terms = NULL, "extent");
  EXPECT_BAD_TABLE(t.term.scale = 0, "extent");
  EXPECT_BAD_TABLE(t.term.scale = -1, "extent");
  EXPECT_BAD_TABLE(t.term.constant = 1, "extent");
  EXPECT_BAD_TABLE(t.dispatch.grid_rank = TENON_DISPATCH_MAX_RANK + 1, "impossible grid");
  EXPECT_BAD_TABLE(t.dispatch.grid = NULL, "impossible grid");
  EXPECT_BAD_TABLE(t.grid.tile_size = 0, "impossible grid");
  EXPECT_BAD_TABLE(t.grid.extent.term_count = 257, "impossible grid");
}

//===--- Checks of a dispatch -----------------------------------------------------------------===//

static iree_hal_executable_t* executable;

static iree_status_t dispatch(uint32_t ordinal, iree_hal_buffer_t* first, iree_hal_buffer_t* second,
                              int64_t constant) {
  iree_hal_buffer_t* const buffers[] = {first, second};
  return tenon_hal_local_executable_dispatch(executable, ordinal, 2, buffers, 1, &constant);
}

// Dispatches ADD_OFFSET on parts of buffers, from |first_offset| and |second_offset| on.
static iree_status_t dispatch_parts(iree_hal_buffer_t* first, iree_device_size_t first_offset,
                                    iree_hal_buffer_t* second, iree_device_size_t second_offset,
                                    iree_device_size_t second_length, int64_t constant) {
  iree_hal_buffer_t *first_part = NULL, *second_part = NULL;
  expect_ok(iree_hal_buffer_subspan(first, first_offset, IREE_WHOLE_BUFFER, &first_part));
  expect_ok(iree_hal_buffer_subspan(second, second_offset, second_length, &second_part));
  iree_status_t status = dispatch(ADD_OFFSET, first_part, second_part, constant);
  iree_hal_buffer_release(first_part);
  iree_hal_buffer_release(second_part);
  return status;
}

static void test_dispatch_checks(void** state) {
  executable = load("100");
  iree_hal_buffer_t* in = create_buffer(heap, 64, NULL);
  iree_hal_buffer_t* out = create_buffer(heap, 64, NULL);
  expect_ok(iree_hal_buffer_map_zero(in, 0, 64));

  expect_ok(dispatch(ADD_OFFSET, in, out, 16));
  expect_failure(dispatch(5, in, out, 16), IREE_STATUS_OUT_OF_RANGE,
                 "no dispatch 5; it has 5, numbered from 0");
  expect_failure(
      dispatch(ADD_OFFSET, in, out, 17), IREE_STATUS_OUT_OF_RANGE,
      "it needs 68 bytes, but is given 64; binding 0 of dispatch 'add_offset' of add.mlir:3:8");
  expect_failure(dispatch_parts(in, 0, out, 4, IREE_WHOLE_BUFFER, 16), IREE_STATUS_OUT_OF_RANGE,
                 "it needs 64 bytes, but is given 60; binding 1");
  expect_failure(dispatch_parts(in, 0, out, 0, 63, 16), IREE_STATUS_OUT_OF_RANGE,
                 "it needs 64 bytes, but is given 63; binding 1");
  // An offset that is aligned, and one that isn't.
  expect_ok(dispatch_parts(in, 4, out, 60, 4, 1));
  expect_failure(dispatch(ADD_OFFSET, NULL, out, 1), IREE_STATUS_INVALID_ARGUMENT,
                 "it is null; binding 0 of");
  expect_failure(dispatch_parts(in, 2, out, 0, 64, 1), IREE_STATUS_INVALID_ARGUMENT,
                 "is not aligned to its elements of 4 bytes");
  expect_failure(dispatch(ADD_OFFSET, in, out, -1), IREE_STATUS_OUT_OF_RANGE,
                 "dimension 0 has a negative size; binding 0 of dispatch");
  expect_failure(dispatch(ADD_OFFSET, in, out, INT64_MAX), IREE_STATUS_OUT_OF_RANGE,
                 "it has more bytes than fit in an address; binding 0");
  expect_failure(dispatch(WINDOW, in, out, INT64_MAX), IREE_STATUS_OUT_OF_RANGE,
                 "dimension 0 is too large; binding 0 of dispatch 'window'");
  const int64_t constants[] = {1, 2};
  iree_hal_buffer_t* const buffers[] = {in, out};
  expect_failure(
      tenon_hal_local_executable_dispatch(executable, ADD_OFFSET, 1, buffers, 1, constants),
      IREE_STATUS_INVALID_ARGUMENT,
      "it takes 2 bindings and 1 constants, but is given 1 and 1; dispatch 'add_offset'");
  expect_failure(
      tenon_hal_local_executable_dispatch(executable, ADD_OFFSET, 2, buffers, 2, constants),
      IREE_STATUS_INVALID_ARGUMENT, "is given 2 and 2");
  iree_hal_buffer_release(in);
  iree_hal_buffer_release(out);
  iree_hal_executable_release(executable);
}

static iree_hal_buffer_t* create_with_access(iree_hal_memory_access_t access) {
  iree_hal_buffer_t* buffer = NULL;
  expect_ok(iree_hal_allocator_allocate_buffer(heap, (iree_hal_buffer_params_t){.access = access},
                                               64, iree_const_byte_span_empty(), &buffer));
  return buffer;
}

static void test_dispatch_access(void** state) {
  executable = load("100");
  iree_hal_buffer_t* readable = create_with_access(IREE_HAL_MEMORY_ACCESS_READ);
  iree_hal_buffer_t* writable = create_with_access(IREE_HAL_MEMORY_ACCESS_WRITE);
  iree_hal_buffer_t* any = create_with_access(IREE_HAL_MEMORY_ACCESS_ANY);
  expect_ok(dispatch(ADD_OFFSET, readable, writable, 1));
  expect_ok(dispatch(ADD_OFFSET, any, any, 1));
  expect_failure(
      dispatch(ADD_OFFSET, readable, readable, 1), IREE_STATUS_PERMISSION_DENIED,
      "allows the access READ, but the operation needs WRITE; binding 1 of dispatch 'add_offset'");
  expect_failure(dispatch(ADD_OFFSET, writable, writable, 1), IREE_STATUS_PERMISSION_DENIED,
                 "allows the access WRITE, but the operation needs READ; binding 0");
  expect_failure(dispatch(WINDOW, readable, writable, 1), IREE_STATUS_PERMISSION_DENIED,
                 "allows the access WRITE, but the operation needs READ|WRITE; binding 1");
  iree_hal_buffer_release(readable);
  iree_hal_buffer_release(writable);
  iree_hal_buffer_release(any);
  iree_hal_executable_release(executable);
}

static void test_dispatch_extents(void** state) {
  executable = load("100");
  int64_t data[7] = {1, 2, 3, 4, 5, 6, 7};
  iree_hal_buffer_t* in = create_buffer(heap, sizeof(data), data);
  iree_hal_buffer_t* out = create_buffer(heap, 64, NULL);
  expect_ok(dispatch(WINDOW, in, out, 3));
  expect_ok(iree_hal_buffer_map_read(out, 0, data, 24));
  assert_int_equal(data[0], 6);
  assert_int_equal(data[2], 18);
  expect_failure(dispatch(WINDOW, in, out, 4), IREE_STATUS_OUT_OF_RANGE, "it needs 72 bytes");
  // Nothing is touched, not even the one element of the formula.
  iree_hal_buffer_t* empty = create_buffer(heap, 0, NULL);
  expect_ok(dispatch(WINDOW, empty, empty, 0));
  iree_hal_buffer_release(empty);
  // A part of a buffer, itself a part.
  iree_hal_buffer_t* span = NULL;
  iree_hal_buffer_t* part = NULL;
  expect_ok(iree_hal_buffer_subspan(in, 16, IREE_WHOLE_BUFFER, &span));
  expect_ok(iree_hal_buffer_subspan(span, 8, 24, &part));
  expect_ok(dispatch(WINDOW, part, out, 1));
  iree_hal_buffer_release(part);
  expect_ok(iree_hal_buffer_map_read(out, 0, data, 8));
  assert_int_equal(data[0], 4 + 5 + 6);
  iree_hal_buffer_release(span);
  iree_hal_buffer_release(in);
  iree_hal_buffer_release(out);
  iree_hal_executable_release(executable);
}

static void test_dispatch_grid(void** state) {
  executable = load("100");
  iree_hal_buffer_t* out = create_buffer(heap, 24, NULL);
  int64_t seen[3] = {-1, -1, -1};
  int64_t sizes[] = {7, 11};
  expect_ok(tenon_hal_local_executable_dispatch(executable, DESCRIBE, 1, &out, 2, sizes));
  expect_ok(iree_hal_buffer_map_read(out, 0, seen, sizeof(seen)));
  assert_int_equal(seen[0], 0);
  assert_int_equal(seen[1], 3 * 3);
  assert_int_equal(seen[2], 0);
  // No tiles, no call.
  expect_ok(iree_hal_buffer_map_fill(out, 0, 24, "\xFF", 1));
  sizes[0] = 0;
  sizes[1] = INT64_MAX;
  expect_ok(tenon_hal_local_executable_dispatch(executable, DESCRIBE, 1, &out, 2, sizes));
  expect_ok(iree_hal_buffer_map_read(out, 0, seen, sizeof(seen)));
  assert_int_equal(seen[1], -1);
  sizes[0] = INT64_MAX;
  expect_failure(tenon_hal_local_executable_dispatch(executable, DESCRIBE, 1, &out, 2, sizes),
                 IREE_STATUS_OUT_OF_RANGE, "more tiles than can be counted");
  sizes[0] = -5;
  expect_failure(tenon_hal_local_executable_dispatch(executable, DESCRIBE, 1, &out, 2, sizes),
                 IREE_STATUS_OUT_OF_RANGE,
                 "dimension 0 has a negative size; the grid; dispatch 'describe'");
  // Sizes that are no constants of the call.
  expect_ok(tenon_hal_local_executable_dispatch(executable, FIXED, 1, &out, 0, NULL));
  expect_ok(iree_hal_buffer_map_read(out, 0, seen, sizeof(seen)));
  assert_int_equal(seen[1], 2);
  iree_hal_buffer_t* small = create_buffer(heap, 16, NULL);
  expect_failure(tenon_hal_local_executable_dispatch(executable, FIXED, 1, &small, 0, NULL),
                 IREE_STATUS_OUT_OF_RANGE, "it needs 24 bytes, but is given 16; binding 0");
  iree_hal_buffer_release(small);
  iree_hal_buffer_release(out);
  iree_hal_executable_release(executable);
}

static void test_dispatch_failure(void** state) {
  executable = load("100");
  const int64_t zero = 0, seven = 7;
  expect_ok(tenon_hal_local_executable_dispatch(executable, FAIL, 0, NULL, 1, &zero));
  expect_failure(tenon_hal_local_executable_dispatch(executable, FAIL, 0, NULL, 1, &seven),
                 IREE_STATUS_INTERNAL,
                 "the code reports failure 7; dispatch 'fail' of fail.mlir:1:2");
  iree_hal_executable_release(executable);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_load_and_run),          cmocka_unit_test(test_each_keeps_its_own_code),
      cmocka_unit_test(test_in_turn_without_leaks), cmocka_unit_test(test_refused_executables),
      cmocka_unit_test(test_foreign_files),         cmocka_unit_test(test_truncated_files),
      cmocka_unit_test(test_temporary_files),       cmocka_unit_test(test_malformed_tables),
      cmocka_unit_test(test_dispatch_checks),       cmocka_unit_test(test_dispatch_access),
      cmocka_unit_test(test_dispatch_extents),      cmocka_unit_test(test_dispatch_grid),
      cmocka_unit_test(test_dispatch_failure),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
