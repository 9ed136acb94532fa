// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The inside of a stack, for the interpreter: calls within a module enter and leave frames without a function call.
#ifndef TENON_VM_STACK_INTERNAL_H_
#define TENON_VM_STACK_INTERNAL_H_

#include "iree/base/alignment.h"
#include "iree/vm/stack.h"

// Further memory of a stack; frames follow.
typedef struct tenon_stack_segment_t {
  struct tenon_stack_segment_t* previous;
  iree_host_size_t size;
  // Where the previous segment stood.
  uint8_t* previous_next;
  uint8_t* previous_limit;
} tenon_stack_segment_t;

struct iree_vm_stack_t {
  iree_vm_stack_frame_t* top;
  // Free memory of the current segment.
  uint8_t* next;
  uint8_t* limit;
  // The state that was looked up last: calls tend to go to the same module.
  iree_vm_module_t* cached_module;
  iree_vm_module_state_t* cached_state;
  iree_vm_state_resolver_t state_resolver;
  // NULL while in the initial storage.
  tenon_stack_segment_t* segment;
  // One segment that was left lately, so that a call at a segment's end, in a loop, doesn't
  // allocate each time.
  tenon_stack_segment_t* spare;
  // Of all segments, the spare one aside.
  iree_host_size_t total_size;
  iree_vm_invocation_flags_t flags;
  iree_allocator_t allocator;
};

#define TENON_STACK_FRAME_HEADER_SIZE ((sizeof(iree_vm_stack_frame_t) + 15) & ~(size_t)15)

#define TENON_STACK_ALIGNMENT 16

// Makes |stack|, which is aligned, an empty one that has |size| bytes from its own address on.
static inline void tenon_stack_setup(iree_vm_stack_t* stack, iree_host_size_t size,
                                     iree_vm_invocation_flags_t flags,
                                     iree_vm_state_resolver_t state_resolver,
                                     iree_allocator_t allocator) {
  stack->top = NULL;
  stack->next = (uint8_t*)stack + iree_host_align(sizeof(*stack), TENON_STACK_ALIGNMENT);
  stack->limit = (uint8_t*)stack + size;
  stack->cached_module = NULL;
  stack->cached_state = NULL;
  stack->state_resolver = state_resolver;
  stack->segment = NULL;
  stack->spare = NULL;
  stack->total_size = size;
  stack->flags = flags;
  stack->allocator = allocator;
}

// Enters a bytecode frame of |function| on top of |caller|, the topmost (or NULL); |frame_size| is
// a multiple of 16. NULL if it needs a new segment: iree_vm_stack_function_enter() makes one.
static inline iree_vm_stack_frame_t* tenon_stack_try_enter(
    iree_vm_stack_t* stack, iree_vm_stack_frame_t* caller, iree_vm_function_t function,
    iree_vm_module_state_t* module_state, iree_host_size_t frame_size,
    iree_vm_stack_frame_cleanup_fn_t frame_cleanup_fn) {
  const iree_host_size_t size = TENON_STACK_FRAME_HEADER_SIZE + frame_size;
  if (IREE_UNLIKELY(size > (iree_host_size_t)(stack->limit - stack->next))) return NULL;
  iree_vm_stack_frame_t* frame = (iree_vm_stack_frame_t*)(void*)stack->next;
  stack->next += size;
  stack->top = frame;
  frame->parent = caller;
  frame->function = function;
  frame->module_state = module_state;
  frame->pc = 0;
  frame->cleanup_fn = frame_cleanup_fn;
  frame->call_results = iree_byte_span_empty();
  frame->arguments = iree_byte_span_empty();
  frame->results = iree_byte_span_empty();
  frame->depth = caller ? caller->depth + 1 : 0;
  frame->type = IREE_VM_STACK_FRAME_BYTECODE;
  frame->user_flags = 0;
  frame->reserved = 0;
  return frame;
}

// Removes the topmost frame, which has been cleaned up. False if it may end a segment and nothing was done:
// iree_vm_stack_function_leave() looks.
static inline bool tenon_stack_try_leave(iree_vm_stack_t* stack, iree_vm_stack_frame_t* frame) {
  if (IREE_UNLIKELY(stack->segment != NULL)) return false;
  stack->top = frame->parent;
  stack->next = (uint8_t*)frame;
  return true;
}

#endif  // TENON_VM_STACK_INTERNAL_H_
