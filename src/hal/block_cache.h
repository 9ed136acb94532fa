// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Large blocks of memory that are kept for reuse when they are freed. Getting 64 MB from the system and giving them
// back costs as long as a pass of arithmetic over them, nearly all of it in page faults; smaller
// blocks the C library keeps by itself.
//
// Thread-safety: everything may be called from any thread, but for deinitialize.

#ifndef TENON_HAL_BLOCK_CACHE_H_
#define TENON_HAL_BLOCK_CACHE_H_

#include <pthread.h>

#include "iree/base/api.h"

// Blocks of at least this many bytes are worth keeping.
#define TENON_BLOCK_CACHE_MIN_SIZE (1024 * 1024)
// What is kept at most, in bytes; beyond it the blocks that have been there longest go.
#define TENON_BLOCK_CACHE_CAPACITY (256 * 1024 * 1024)

typedef struct tenon_cached_block_t tenon_cached_block_t;

typedef struct tenon_block_cache_t {
  iree_allocator_t source;  // where blocks come from
  pthread_mutex_t mutex;
  tenon_cached_block_t* newest;  // in the order in which they were freed
} tenon_block_cache_t;

void tenon_block_cache_initialize(iree_allocator_t source, tenon_block_cache_t* out_cache);
// Frees what is kept. All blocks must have been freed before.
void tenon_block_cache_deinitialize(tenon_block_cache_t* cache);

// Frees what is kept, now.
void tenon_block_cache_trim(tenon_block_cache_t* cache);

// The cache as an allocator, which mallocs and frees and does nothing else.
iree_allocator_t tenon_block_cache_allocator(tenon_block_cache_t* cache);

#endif  // TENON_HAL_BLOCK_CACHE_H_
