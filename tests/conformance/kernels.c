// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An executable for the conformance tests, as the compiler would make it, but from C. conformance.h says
// what its dispatches do. It has neither libc nor constructors.

#include "hal/local/executable_abi.h"

enum { TILE = 16 };

static int64_t end_of(const tenon_dispatch_state_t* state, int64_t tile_end) {
  const int64_t n = state->constants[0];
  return tile_end * TILE < n ? tile_end * TILE : n;
}

static int scale(const tenon_dispatch_state_t* state, int64_t begin, int64_t end) {
  const int32_t* in = (const int32_t*)state->bindings[0];
  int32_t* out = (int32_t*)state->bindings[1];
  const uint32_t c = (uint32_t)state->constants[1];
  for (int64_t i = begin * TILE; i < end_of(state, end); ++i)
    out[i] = (int32_t)((uint32_t)in[i] * 3u + c);
  return 0;
}

static int add(const tenon_dispatch_state_t* state, int64_t begin, int64_t end) {
  int32_t* data = (int32_t*)state->bindings[0];
  const uint32_t c = (uint32_t)state->constants[1];
  for (int64_t i = begin * TILE; i < end_of(state, end); ++i)
    data[i] = (int32_t)((uint32_t)data[i] + c);
  return 0;
}

static int fail(const tenon_dispatch_state_t* state, int64_t begin, int64_t end) {
  (void)begin;
  (void)end;
  return (int)state->constants[0];
}

static int fail_at(const tenon_dispatch_state_t* state, int64_t begin, int64_t end) {
  int32_t* out = (int32_t*)state->bindings[0];
  const int64_t bad = state->constants[1];
  for (int64_t i = begin * TILE; i < end_of(state, end); ++i) {
    if (i == bad) return 9;
    out[i] = 1;
  }
  return 0;
}

static int worker(const tenon_dispatch_state_t* state, int64_t begin, int64_t end) {
  int32_t* out = (int32_t*)state->bindings[0];
  for (int64_t i = begin * TILE; i < end_of(state, end); ++i) out[i] = (int32_t)state->worker_id;
  return 0;
}

#define EXTENT(base, terms) {base, sizeof(terms) / sizeof((terms)[0]), 0, terms}

static const tenon_extent_term_t term_n[] = {{1, 0, 0}};
static const tenon_extent_t dims_n[] = {EXTENT(0, term_n)};

static const tenon_binding_info_t bindings_in_out[] = {
    {4, TENON_BINDING_READ, 1, dims_n},
    {4, TENON_BINDING_WRITE, 1, dims_n},
};
static const tenon_binding_info_t bindings_data[] = {
    {4, TENON_BINDING_READ | TENON_BINDING_WRITE, 1, dims_n},
};
static const tenon_binding_info_t bindings_out[] = {{4, TENON_BINDING_WRITE, 1, dims_n}};

static const tenon_grid_dim_t grid[] = {{EXTENT(0, term_n), TILE}};

static const tenon_dispatch_info_t dispatches[] = {
    {"scale", "kernels.mlir:1:1", scale, 2, 2, 1, 0, bindings_in_out, grid},
    {"add", "kernels.mlir:2:1", add, 1, 2, 1, 0, bindings_data, grid},
    {"fail", "kernels.mlir:3:1", fail, 0, 1, 0, 0, 0, 0},
    {"fail_at", "kernels.mlir:4:1", fail_at, 1, 2, 1, 0, bindings_out, grid},
    {"worker", "kernels.mlir:5:1", worker, 1, 1, 1, 0, bindings_out, grid},
};

static const tenon_executable_info_t info = {
    TENON_EXECUTABLE_ABI_VERSION,
    sizeof(dispatches) / sizeof(dispatches[0]),
    dispatches,
    "test-target",
    "",
};

__attribute__((visibility("default"))) const tenon_executable_info_t* tenon_executable_query(
    uint32_t max_version);
const tenon_executable_info_t* tenon_executable_query(uint32_t max_version) {
  return max_version >= 1 ? &info : 0;
}
