// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The dispatch ABI: the border between the runtime and the native code that the compiler makes.
//
// A local executable is an ELF shared object without any undefined symbol. It exports one function,
// `tenon_executable_query`, which returns a table of the dispatches inside, with everything the
// runtime needs to call them safely. docs/dispatch-abi.md explains the whole; this header is the
// binary contract, included by the compiler, the runtime and nobody else. All structs are laid out
// by the C rules of the target; pointers inside point into the executable's own image.
//
// Range functions. A dispatch computes a grid of tiles, numbered from 0 in row-major order of the
// grid. `function(state, begin, end)` computes the tiles [begin, end). The synchronous device calls
// it once with the whole range; other devices may split the range, in any order, on any threads: calls
// on disjoint ranges never write the same byte.
//
// A range function
//  - returns 0 on success, TENON_DISPATCH_OUTSIDE when an index that it computed lies outside of its tensor (no memory
//    outside was touched); any other value fails the invocation with that number in the message;
//  - reads only `state`, the bindings' declared extents and its constants; it keeps nothing and
//    calls nothing outside of the executable; it allocates no memory and takes no lock;
//  - uses at most TENON_DISPATCH_STACK_BYTES of the caller's stack;
//  - expects the default floating-point environment (round to nearest, no traps, denormals kept) and
//    leaves it so;
//  - never traps: integer x/0 is 0, x%0 is x, MIN/-1 is MIN, MIN%-1 is 0; a shift by the width or more gives 0 (or
//    the sign); a float to integer conversion saturates, NaN gives 0;
//  - may assume that a written binding overlaps no other binding of the call, that the bindings it only reads
//    may overlap one another, that every binding starts at an address aligned to its element size, and that bindings
//    have at least the extents it declares. It may not assume any greater alignment.

#ifndef TENON_HAL_LOCAL_EXECUTABLE_ABI_H_
#define TENON_HAL_LOCAL_EXECUTABLE_ABI_H_

#include <stdint.h>

#define TENON_EXECUTABLE_ABI_VERSION 1u
#define TENON_EXECUTABLE_QUERY_SYMBOL "tenon_executable_query"
#define TENON_DISPATCH_STACK_BYTES (32 * 1024)
#define TENON_DISPATCH_OUTSIDE 1

// Limits that the runtime relies on; the compiler refuses programs beyond them.
#define TENON_DISPATCH_MAX_BINDINGS 64
#define TENON_DISPATCH_MAX_CONSTANTS 256
#define TENON_DISPATCH_MAX_RANK 16

// What one call sees. Owned by the caller, constant during the call, shared by all ranges of a dispatch.
typedef struct tenon_dispatch_state_t {
  // One pointer per binding, to its first element. For an empty binding the pointer may be any value.
  void* const* bindings;
  // The dispatch's scalars: dynamic dimensions and captured values, one 64-bit slot each. Integers
  // (i1 to i64, index) are sign-extended, i1 as 0 or 1; f32 is its bit pattern zero-extended; f64 its bit pattern.
  const int64_t* constants;
  // Tells apart the threads that run ranges of one dispatch at the same time: less than the number of the
  // device's workers + 2. Always 0 on local-sync.
  uint32_t worker_id;
  uint32_t reserved;
} tenon_dispatch_state_t;

typedef int (*tenon_dispatch_function_t)(const tenon_dispatch_state_t* state, int64_t tile_begin,
                                         int64_t tile_end);

// One summand of an extent: scale * constants[constant].
typedef struct tenon_extent_term_t {
  int64_t scale;      // > 0
  uint32_t constant;  // index into the dispatch's constants; the constant's value must be >= 0
  uint32_t reserved;
} tenon_extent_term_t;

// An extent in elements (of a binding's dimension) or iterations (of a loop): base + the sum of its terms.
// If any constant in the terms is 0 or the sum is below 0 the extent is 0: nothing is touched. The
// base may be negative: the last element that a window of 3 over d outputs of stride 2 touches gives 2*d + 1 elements.
typedef struct tenon_extent_t {
  int64_t base;
  uint32_t term_count;
  uint32_t reserved;
  const tenon_extent_term_t* terms;
} tenon_extent_t;

enum {
  TENON_BINDING_READ = 1u << 0,
  TENON_BINDING_WRITE = 1u << 1,
};

// A binding is a dense row-major array; its byte length must be at least
// element_size * the product of its dims' extents.
typedef struct tenon_binding_info_t {
  uint32_t element_size;  // in bytes: 1, 2, 4, 8 or 16; i1 is one byte, 0 or 1
  uint16_t access;        // TENON_BINDING_*
  uint16_t rank;
  const tenon_extent_t* dims;
} tenon_binding_info_t;

// The grid: along each of its dimensions ceil(extent / tile_size) tiles.
typedef struct tenon_grid_dim_t {
  tenon_extent_t extent;
  int64_t tile_size;  // >= 1
} tenon_grid_dim_t;

typedef struct tenon_dispatch_info_t {
  const char* name;    // NUL-terminated, for messages and profiles
  const char* source;  // "file:line:col" of the program, "" when unknown
  tenon_dispatch_function_t function;
  uint32_t binding_count;
  uint32_t constant_count;
  uint32_t grid_rank;  // 0: one tile
  uint32_t reserved;
  const tenon_binding_info_t* bindings;
  const tenon_grid_dim_t* grid;
} tenon_dispatch_info_t;

typedef struct tenon_executable_info_t {
  uint32_t abi_version;     // the version that the table is written in
  uint32_t dispatch_count;  // dispatches are named by their ordinal in `dispatches`
  const tenon_dispatch_info_t* dispatches;
  const char* target_triple;
  // Features that the code needs beyond its architecture's baseline, as Linux names them in /proc/cpuinfo or
  // LLVM does ("avx2,fma"), comma-separated; "" when it needs none.
  const char* required_features;
} tenon_executable_info_t;

// Returns the executable's table, or NULL when the executable can't be used by a runtime that knows ABI
// versions up to |max_version|. The table is constant and lives as long as the executable is loaded.
typedef const tenon_executable_info_t* (*tenon_executable_query_function_t)(uint32_t max_version);

#endif  // TENON_HAL_LOCAL_EXECUTABLE_ABI_H_
