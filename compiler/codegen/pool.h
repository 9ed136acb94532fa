// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Work for all cores: items that don't need one another, begun in the order in which they are added.

#ifndef TENON_COMPILER_CODEGEN_POOL_H_
#define TENON_COMPILER_CODEGEN_POOL_H_

#include <stddef.h>

typedef void (*tenon_pool_run_t)(void* item);

typedef struct tenon_pool_t tenon_pool_t;

// A pool that calls |run| for each of |item_count| items, on at most |thread_count| threads, the caller's
// included: with one item or one thread no other is started. |run| must not touch MLIR: its context has no locks.
tenon_pool_t* tenon_pool_create(tenon_pool_run_t run, size_t item_count, int thread_count);
// Adds an item, which another thread may begin at once.
void tenon_pool_add(tenon_pool_t* pool, void* item);
// Runs what nobody has begun, returns when all that was added has ended, and frees the pool. Fewer items than
// announced may have been added.
void tenon_pool_finish(tenon_pool_t* pool);

#endif  // TENON_COMPILER_CODEGEN_POOL_H_
