// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hal/block_cache.h"

// Lies before what the user has.
struct tenon_cached_block_t {
  tenon_cached_block_t* older;
  iree_host_size_t size;  // of the whole
};

#define TENON_BLOCK_HEADER_SIZE 64

static void tenon_free_blocks(iree_allocator_t source, tenon_cached_block_t* block) {
  while (block) {
    tenon_cached_block_t* older = block->older;
    iree_allocator_free(source, block);
    block = older;
  }
}

// Takes out the newest block that has |size| bytes and not a quarter more.
static tenon_cached_block_t* tenon_block_cache_take(tenon_block_cache_t* cache,
                                                    iree_host_size_t size) {
  pthread_mutex_lock(&cache->mutex);
  tenon_cached_block_t** link = &cache->newest;
  while (*link && ((*link)->size < size || (*link)->size - size > size / 4)) link = &(*link)->older;
  tenon_cached_block_t* block = *link;
  if (block) *link = block->older;
  pthread_mutex_unlock(&cache->mutex);
  return block;
}

// Puts |block| in, and lets go what is too much then.
static void tenon_block_cache_put(tenon_block_cache_t* cache, tenon_cached_block_t* block) {
  pthread_mutex_lock(&cache->mutex);
  block->older = cache->newest;
  cache->newest = block;
  iree_host_size_t size = 0;
  tenon_cached_block_t** link = &cache->newest;
  while (*link && (*link)->size <= TENON_BLOCK_CACHE_CAPACITY - size) {
    size += (*link)->size;
    link = &(*link)->older;
  }
  tenon_cached_block_t* evicted = *link;
  *link = NULL;
  pthread_mutex_unlock(&cache->mutex);
  // Giving memory back takes long: without the lock.
  tenon_free_blocks(cache->source, evicted);
}

static iree_status_t tenon_block_cache_malloc(tenon_block_cache_t* cache, iree_host_size_t length,
                                              void** out_ptr) {
  iree_host_size_t size = 0;
  if (!iree_host_size_checked_add(length, TENON_BLOCK_HEADER_SIZE, &size)) {
    return iree_make_status(IREE_STATUS_RESOURCE_EXHAUSTED, "%" PRIhsz " bytes are too many",
                            length);
  }
  tenon_cached_block_t* block = tenon_block_cache_take(cache, size);
  if (!block) {
    iree_status_t status = iree_allocator_malloc_uninitialized(cache->source, size, (void**)&block);
    if (!iree_status_is_ok(status)) {
      // What is kept may be what is missing.
      iree_status_ignore(status);
      tenon_block_cache_trim(cache);
      IREE_RETURN_IF_ERROR(
          iree_allocator_malloc_uninitialized(cache->source, size, (void**)&block));
    }
    block->size = size;
  }
  *out_ptr = (uint8_t*)block + TENON_BLOCK_HEADER_SIZE;
  return iree_ok_status();
}

static iree_status_t tenon_block_cache_ctl(void* self, iree_allocator_command_t command,
                                           const void* params, void** inout_ptr) {
  tenon_block_cache_t* cache = self;
  switch (command) {
    case IREE_ALLOCATOR_COMMAND_MALLOC:
      return tenon_block_cache_malloc(
          cache, ((const iree_allocator_alloc_params_t*)params)->byte_length, inout_ptr);
    case IREE_ALLOCATOR_COMMAND_FREE:
      if (*inout_ptr) {
        tenon_block_cache_put(cache, (void*)((uint8_t*)*inout_ptr - TENON_BLOCK_HEADER_SIZE));
      }
      return iree_ok_status();
    default:
      return iree_status_from_code(IREE_STATUS_UNIMPLEMENTED);
  }
}

void tenon_block_cache_initialize(iree_allocator_t source, tenon_block_cache_t* out_cache) {
  out_cache->source = source;
  pthread_mutex_init(&out_cache->mutex, NULL);
  out_cache->newest = NULL;
}

void tenon_block_cache_deinitialize(tenon_block_cache_t* cache) {
  tenon_free_blocks(cache->source, cache->newest);
  pthread_mutex_destroy(&cache->mutex);
}

void tenon_block_cache_trim(tenon_block_cache_t* cache) {
  pthread_mutex_lock(&cache->mutex);
  tenon_cached_block_t* newest = cache->newest;
  cache->newest = NULL;
  pthread_mutex_unlock(&cache->mutex);
  tenon_free_blocks(cache->source, newest);
}

iree_allocator_t tenon_block_cache_allocator(tenon_block_cache_t* cache) {
  iree_allocator_t allocator = {cache, tenon_block_cache_ctl};
  return allocator;
}
