// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/support/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void out_of_memory(void) {
  fputs("iree-compile: error: out of memory\n", stderr);
  exit(1);
}

void* tenon_xcalloc(size_t count, size_t size) {
  void* data = calloc(count ? count : 1, size ? size : 1);
  if (!data) out_of_memory();
  return data;
}

void* tenon_array_reserve(void* data, size_t* capacity, size_t needed, size_t element_size) {
  if (needed <= *capacity) return data;
  size_t grown_capacity = *capacity < 8 ? 8 : *capacity;
  while (grown_capacity < needed) {
    if (grown_capacity > SIZE_MAX / 2 / element_size) out_of_memory();
    grown_capacity *= 2;
  }
  void* grown = realloc(data, grown_capacity * element_size);
  if (!grown) out_of_memory();
  *capacity = grown_capacity;
  return grown;
}

#define ARENA_CHUNK_SIZE ((size_t)16 * 1024)

typedef struct tenon_arena_chunk_t {
  struct tenon_arena_chunk_t* next;
  size_t used, size;
  max_align_t data[];
} tenon_arena_chunk_t;

void* tenon_arena_alloc(tenon_arena_t* arena, size_t count, size_t size) {
  if (size && count > (SIZE_MAX / 2) / size) out_of_memory();
  size_t length = (count * size + sizeof(max_align_t) - 1) & ~(sizeof(max_align_t) - 1);
  tenon_arena_chunk_t* chunk = arena->chunks;
  if (!chunk || chunk->size - chunk->used < length) {
    size_t chunk_size = length > ARENA_CHUNK_SIZE ? length : ARENA_CHUNK_SIZE;
    chunk = tenon_xcalloc(1, sizeof(*chunk) + chunk_size);
    chunk->size = chunk_size;
    chunk->next = arena->chunks;
    arena->chunks = chunk;
  }
  void* data = (char*)chunk->data + chunk->used;
  chunk->used += length;
  return data;
}

void tenon_arena_free(tenon_arena_t* arena) {
  while (arena->chunks) {
    tenon_arena_chunk_t* next = arena->chunks->next;
    free(arena->chunks);
    arena->chunks = next;
  }
}

typedef struct tenon_map_entry_t {
  const void* key;  // NULL: free
  void* value;
} tenon_map_entry_t;

static tenon_map_entry_t* map_find(const tenon_map_t* map, const void* key) {
  size_t slot = ((uintptr_t)key >> 3) * (size_t)0x9E3779B97F4A7C15u;
  slot ^= slot >> 29;
  for (;; ++slot) {
    tenon_map_entry_t* entry = &map->entries[slot & (map->capacity - 1)];
    if (!entry->key || entry->key == key) return entry;
  }
}

static void map_grow(tenon_map_t* map) {
  tenon_map_t grown = {.capacity = map->capacity ? map->capacity * 2 : 64, .count = map->count};
  grown.entries = tenon_xcalloc(grown.capacity, sizeof(*grown.entries));
  for (size_t i = 0; i < map->capacity; ++i) {
    if (map->entries[i].key) *map_find(&grown, map->entries[i].key) = map->entries[i];
  }
  free(map->entries);
  *map = grown;
}

void tenon_map_set(tenon_map_t* map, const void* key, void* value) {
  if (map->count * 4 >= map->capacity * 3) map_grow(map);
  tenon_map_entry_t* entry = map_find(map, key);
  if (!entry->key) ++map->count;
  *entry = (tenon_map_entry_t){key, value};
}

void* tenon_map_get(const tenon_map_t* map, const void* key) {
  return map->count ? map_find(map, key)->value : NULL;
}

void tenon_map_free(tenon_map_t* map) {
  free(map->entries);
  *map = (tenon_map_t){0};
}
