// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#if !defined(_GNU_SOURCE)
#define _GNU_SOURCE  // pthread_getattr_np
#endif
#include "vm/nesting.h"

#include <pthread.h>

_Thread_local uint32_t tenon_vm_nesting;

// The lowest address of this thread's stack; 0 if it is not known. Asking takes a while.
static uintptr_t tenon_thread_stack_begin(void) {
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes)) return 0;
  void* begin = NULL;
  size_t size = 0;
  if (pthread_attr_getstack(&attributes, &begin, &size)) begin = NULL;
  pthread_attr_destroy(&attributes);
  return (uintptr_t)begin;
}

iree_status_t tenon_vm_check_nesting(void) {
  static _Thread_local uintptr_t begin;
  if (!begin) begin = tenon_thread_stack_begin();
  const uintptr_t here = (uintptr_t)__builtin_frame_address(0);
  // Not on a stack that somebody has made for a coroutine: its bounds are not known.
  if (!begin || here < begin || here - begin >= TENON_VM_NESTING_RESERVE) return iree_ok_status();
  return iree_make_status(IREE_STATUS_RESOURCE_EXHAUSTED,
                          "stack overflow: %u calls between native functions and programs are in "
                          "each other, and %zu bytes of this thread's stack are left; let native "
                          "functions call back less deeply, or give the thread a larger stack",
                          tenon_vm_nesting, (size_t)(here - begin));
}
