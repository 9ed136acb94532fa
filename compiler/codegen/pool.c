// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/codegen/pool.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "compiler/support/memory.h"

// LLVM recurses; a thread's default is what the shell allows the main thread's stack, which may be little.
#define TENON_POOL_STACK_SIZE ((size_t)8 << 20)

struct tenon_pool_t {
  tenon_pool_run_t run;
  pthread_mutex_t lock;
  pthread_cond_t changed;  // an item was added, or none will be
  void** items;
  size_t added, begun;
  bool complete;  // no item will be added
  size_t thread_count;
  pthread_t threads[];
};

// Runs items until all are begun and none will be added.
static void work(tenon_pool_t* pool) {
  pthread_mutex_lock(&pool->lock);
  for (;;) {
    while (pool->begun == pool->added && !pool->complete) {
      pthread_cond_wait(&pool->changed, &pool->lock);
    }
    if (pool->begun == pool->added) break;
    void* item = pool->items[pool->begun++];
    pthread_mutex_unlock(&pool->lock);
    pool->run(item);
    pthread_mutex_lock(&pool->lock);
  }
  pthread_mutex_unlock(&pool->lock);
}

static void* thread_main(void* pool) {
  work(pool);
  return NULL;
}

// Threads are a help, not a need: where one can't be made, the others do its work.
static void start_threads(tenon_pool_t* pool, size_t count) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, TENON_POOL_STACK_SIZE);
  while (pool->thread_count < count &&
         pthread_create(&pool->threads[pool->thread_count], &attributes, thread_main, pool) == 0) {
    ++pool->thread_count;
  }
  pthread_attr_destroy(&attributes);
}

tenon_pool_t* tenon_pool_create(tenon_pool_run_t run, size_t item_count, int thread_count) {
  size_t threads = thread_count > 1 ? (size_t)thread_count : 1;
  if (threads > item_count) threads = item_count ? item_count : 1;
  tenon_pool_t* pool = tenon_xcalloc(1, sizeof(*pool) + threads * sizeof(pool->threads[0]));
  pool->run = run;
  pool->items = tenon_xcalloc(item_count, sizeof(*pool->items));
  pthread_mutex_init(&pool->lock, NULL);
  pthread_cond_init(&pool->changed, NULL);
  start_threads(pool, threads - 1);
  return pool;
}

void tenon_pool_add(tenon_pool_t* pool, void* item) {
  pthread_mutex_lock(&pool->lock);
  pool->items[pool->added++] = item;
  pthread_cond_signal(&pool->changed);
  pthread_mutex_unlock(&pool->lock);
}

void tenon_pool_finish(tenon_pool_t* pool) {
  pthread_mutex_lock(&pool->lock);
  pool->complete = true;
  pthread_cond_broadcast(&pool->changed);
  pthread_mutex_unlock(&pool->lock);
  work(pool);
  for (size_t i = 0; i < pool->thread_count; ++i) pthread_join(pool->threads[i], NULL);
  pthread_cond_destroy(&pool->changed);
  pthread_mutex_destroy(&pool->lock);
  free(pool->items);
  free(pool);
}
