// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An executable as the compiler would make it, but from C: built into ELF files for the tests of
// the loader. It has neither libc nor constructors. TEST_OFFSET tells variants apart.

#include "hal/local/executable_abi.h"

#ifndef TEST_OFFSET
#define TEST_OFFSET 0
#endif
#ifndef TEST_FEATURES
#define TEST_FEATURES ""
#endif
#ifndef TEST_VERSION
#define TEST_VERSION TENON_EXECUTABLE_ABI_VERSION
#endif
#ifndef TEST_NEEDED_VERSION
#define TEST_NEEDED_VERSION 1
#endif

enum { TILE = 4 };

// Elementwise over n = constants[0]: bindings[1] = bindings[0] + TEST_OFFSET.
static int add_offset(const tenon_dispatch_state_t* state, int64_t begin, int64_t end) {
  const int32_t* in = (const int32_t*)state->bindings[0];
  int32_t* out = (int32_t*)state->bindings[1];
  const int64_t n = state->constants[0];
  const int64_t last = end * TILE < n ? end * TILE : n;
  for (int64_t i = begin * TILE; i < last; ++i) out[i] = in[i] + TEST_OFFSET;
  return 0;
}

// A window of 3 with stride 2 over d = constants[0] outputs reads 2 * d + 1 elements.
static int window(const tenon_dispatch_state_t* state, int64_t begin, int64_t end) {
  const int64_t* in = (const int64_t*)state->bindings[0];
  int64_t* out = (int64_t*)state->bindings[1];
  for (int64_t i = begin; i < end; ++i) out[i] = in[2 * i] + in[2 * i + 1] + in[2 * i + 2];
  return 0;
}

// Fails with constants[0], however it is called.
static int fail(const tenon_dispatch_state_t* state, int64_t begin, int64_t end) {
  return (int)state->constants[0];
}

// Stores what it sees of the call in bindings[0]: begin, end, the worker.
static int describe(const tenon_dispatch_state_t* state, int64_t begin, int64_t end) {
  int64_t* out = (int64_t*)state->bindings[0];
  out[0] = begin;
  out[1] = end;
  out[2] = state->worker_id;
  return 0;
}

#define EXTENT(base, terms) {base, sizeof(terms) / sizeof((terms)[0]), 0, terms}
#define FIXED(base) {base, 0, 0, 0}

static const tenon_extent_term_t term_c0[] = {{1, 0, 0}};
static const tenon_extent_term_t term_2c0[] = {{2, 0, 0}};
static const tenon_extent_term_t term_c1[] = {{1, 1, 0}};

static const tenon_extent_t dims_c0[] = {EXTENT(0, term_c0)};
static const tenon_extent_t dims_window[] = {EXTENT(1, term_2c0)};
static const tenon_extent_t dims_3[] = {FIXED(3)};

static const tenon_binding_info_t bindings_add[] = {
    {4, TENON_BINDING_READ, 1, dims_c0},
    {4, TENON_BINDING_WRITE, 1, dims_c0},
};
static const tenon_binding_info_t bindings_window[] = {
    {8, TENON_BINDING_READ, 1, dims_window},
    {8, TENON_BINDING_READ | TENON_BINDING_WRITE, 1, dims_c0},
};
static const tenon_binding_info_t bindings_describe[] = {{8, TENON_BINDING_WRITE, 1, dims_3}};

static const tenon_grid_dim_t grid_add[] = {{EXTENT(0, term_c0), TILE}};
static const tenon_grid_dim_t grid_window[] = {{EXTENT(0, term_c0), 1}};
static const tenon_grid_dim_t grid_describe[] = {{EXTENT(0, term_c0), 3}, {EXTENT(0, term_c1), 5}};
static const tenon_grid_dim_t grid_fixed[] = {{FIXED(3), 2}};

static const tenon_dispatch_info_t dispatches[] = {
    {"add_offset", "add.mlir:3:8", add_offset, 2, 1, 1, 0, bindings_add, grid_add},
    {"window", "", window, 2, 1, 1, 0, bindings_window, grid_window},
    {"fail", "fail.mlir:1:2", fail, 0, 1, 0, 0, 0, 0},
    {"describe", "", describe, 1, 2, 2, 0, bindings_describe, grid_describe},
    {"fixed", "", describe, 1, 0, 1, 0, bindings_describe, grid_fixed},
};

static const tenon_executable_info_t info = {
    TEST_VERSION,  sizeof(dispatches) / sizeof(dispatches[0]), dispatches, "test-target",
    TEST_FEATURES,
};

__attribute__((visibility("default"))) const tenon_executable_info_t* TEST_QUERY(
    uint32_t max_version);
const tenon_executable_info_t* TEST_QUERY(uint32_t max_version) {
  return max_version >= TEST_NEEDED_VERSION ? &info : 0;
}
