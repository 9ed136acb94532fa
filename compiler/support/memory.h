// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Memory for the compiler's stages: a program that can't get memory ends with a message, so nobody
// checks.

#ifndef TENON_COMPILER_SUPPORT_MEMORY_H_
#define TENON_COMPILER_SUPPORT_MEMORY_H_

#include <stddef.h>
#include <stdint.h>

// Zeroed memory from malloc; never NULL, also for nothing. Freed with free().
void* tenon_xcalloc(size_t count, size_t size);

// Makes room for |needed| elements in an array from malloc (NULL at first); new elements are not
// initialised.
void* tenon_array_reserve(void* data, size_t* capacity, size_t needed, size_t element_size);

// Appends |value| to `T* data; size_t count, capacity;` of the struct |array|.
#define TENON_APPEND(array, value)                                                             \
  do {                                                                                         \
    (array)->data = tenon_array_reserve((array)->data, &(array)->capacity, (array)->count + 1, \
                                        sizeof(*(array)->data));                               \
    (array)->data[(array)->count++] = (value);                                                 \
  } while (0)

// Many small things that die together.
typedef struct tenon_arena_t {
  struct tenon_arena_chunk_t* chunks;
} tenon_arena_t;
// Zeroed, aligned for any type; never NULL.
void* tenon_arena_alloc(tenon_arena_t* arena, size_t count, size_t size);
void tenon_arena_free(tenon_arena_t* arena);

// A map from addresses to addresses: MLIR values, blocks or operations by their `ptr`.
typedef struct tenon_map_t {
  struct tenon_map_entry_t* entries;
  size_t count, capacity;  // capacity: 0 or a power of two
} tenon_map_t;
// Adds |key| or changes what it maps to.
void tenon_map_set(tenon_map_t* map, const void* key, void* value);
// NULL when |key| is not there.
void* tenon_map_get(const tenon_map_t* map, const void* key);
void tenon_map_free(tenon_map_t* map);

#endif  // TENON_COMPILER_SUPPORT_MEMORY_H_
