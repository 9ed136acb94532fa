// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An executable as the compiler makes them (hal/local/executable_abi.h), written by hand: for tests
// without a compiler.

#include <stddef.h>

#include "hal/local/executable_abi.h"

#define TILE 4

// out[i] = a[i] * b[i] for `constants[0]` elements of i32.
static int multiply(const tenon_dispatch_state_t* state, int64_t tile_begin, int64_t tile_end) {
  const int32_t* a = state->bindings[0];
  const int32_t* b = state->bindings[1];
  int32_t* out = state->bindings[2];
  const int64_t count = state->constants[0];
  const int64_t end = tile_end * TILE < count ? tile_end * TILE : count;
  for (int64_t i = tile_begin * TILE; i < end; ++i)
    out[i] = (int32_t)((uint32_t)a[i] * (uint32_t)b[i]);
  return 0;
}

static int fail(const tenon_dispatch_state_t* state, int64_t tile_begin, int64_t tile_end) {
  return 7;
}

static const tenon_extent_term_t count_term = {.scale = 1, .constant = 0};
static const tenon_extent_t count_extent = {.base = 0, .term_count = 1, .terms = &count_term};

static const tenon_binding_info_t multiply_bindings[] = {
    {.element_size = 4, .access = TENON_BINDING_READ, .rank = 1, .dims = &count_extent},
    {.element_size = 4, .access = TENON_BINDING_READ, .rank = 1, .dims = &count_extent},
    {.element_size = 4, .access = TENON_BINDING_WRITE, .rank = 1, .dims = &count_extent},
};
static const tenon_grid_dim_t multiply_grid = {
    .extent = {.base = 0, .term_count = 1, .terms = &count_term}, .tile_size = TILE};

static const tenon_dispatch_info_t dispatches[] = {
    {.name = "multiply",
     .source = "test.mlir:3:8",
     .function = multiply,
     .binding_count = 3,
     .constant_count = 1,
     .grid_rank = 1,
     .bindings = multiply_bindings,
     .grid = &multiply_grid},
    {.name = "fail", .source = "", .function = fail},
};

static const tenon_executable_info_t info = {
    .abi_version = TENON_EXECUTABLE_ABI_VERSION,
    .dispatch_count = sizeof(dispatches) / sizeof(dispatches[0]),
    .dispatches = dispatches,
    .target_triple = "",
    .required_features = "",
};

__attribute__((visibility("default"))) const tenon_executable_info_t* tenon_executable_query(
    uint32_t max_version);

const tenon_executable_info_t* tenon_executable_query(uint32_t max_version) {
  return max_version >= TENON_EXECUTABLE_ABI_VERSION ? &info : NULL;
}
