// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The inside of a stack: for the interpreter, whose calls within a module enter and leave frames without a function
// call, and for those who run invocations and wait for what they are suspended on.
#ifndef TENON_VM_STACK_INTERNAL_H_
#define TENON_VM_STACK_INTERNAL_H_

#include "iree/base/alignment.h"
#include "iree/vm/context.h"
#include "iree/vm/stack.h"

// Further memory of a stack; frames follow.
typedef struct tenon_stack_segment_t {
  struct tenon_stack_segment_t* previous;
  iree_host_size_t size;
  // Where the previous segment stood.
  uint8_t* previous_next;
  uint8_t* previous_limit;
} tenon_stack_segment_t;

typedef enum tenon_stack_wait_state_e {
  TENON_STACK_WAIT_NONE = 0,
  // There is something to wait for.
  TENON_STACK_WAIT_PENDING,
  // The wait is over, and the resumed function has not asked how it went.
  TENON_STACK_WAIT_ENDED,
} tenon_stack_wait_state_t;

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
  uint32_t wait_state;  // tenon_stack_wait_state_t
  iree_allocator_t allocator;
  // The turns (turns.h) of which it is in one, NULL otherwise; the one that it waits for; the stack in a turn from which
  // it was called, on this thread.
  struct tenon_turns_t* turns;
  struct tenon_turns_t*
      inner_turns;  // with |turns|: those inside of its turn, NULL before there are any
  struct tenon_turn_t* turn;
  iree_vm_stack_t* outer_in_turn;
  union {
    // TENON_STACK_WAIT_PENDING
    struct {
      iree_wait_source_t source;
      iree_vm_ref_t owner;
    };
    // TENON_STACK_WAIT_ENDED
    iree_status_t status;
  } wait;
};

#define TENON_STACK_SEGMENT_HEADER_SIZE ((sizeof(tenon_stack_segment_t) + 15) & ~(size_t)15)

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
#if defined(IREE_VM_EXECUTION_TRACING_FORCE_ENABLE) && IREE_VM_EXECUTION_TRACING_FORCE_ENABLE
  flags |= IREE_VM_INVOCATION_FLAG_TRACE_EXECUTION;
#endif
  stack->flags = flags;
  stack->wait_state = TENON_STACK_WAIT_NONE;
  stack->allocator = allocator;
  stack->turns = NULL;
  stack->turn = NULL;
}

// Whether what is executed is printed.
static inline bool tenon_stack_is_traced(const iree_vm_stack_t* stack) {
  return (stack->flags & IREE_VM_INVOCATION_FLAG_TRACE_EXECUTION) != 0;
}

// Whether nothing is left in |stack| that iree_vm_stack_deinitialize() would have to release.
static inline bool tenon_stack_is_clean(const iree_vm_stack_t* stack) {
  return ((uintptr_t)stack->top | (uintptr_t)stack->spare | stack->wait_state) == 0;
}

// Takes what the invocation waits for out of |stack|; *out_owner, which is overwritten, keeps it alive. False: it waits
// for nothing in particular.
bool tenon_stack_take_wait(iree_vm_stack_t* stack, iree_wait_source_t* out_source,
                           iree_vm_ref_t* out_owner);

// Whether there is something to wait for.
static inline bool tenon_stack_has_wait(const iree_vm_stack_t* stack) {
  return stack->wait_state == TENON_STACK_WAIT_PENDING;
}

// Says how the wait has ended to the function that will be resumed; |status| is the stack's from then on.
void tenon_stack_set_wait_status(iree_vm_stack_t* stack, iree_status_t status);

// Forgets what the invocation waits for, and how its last wait ended.
void tenon_stack_drop_wait(iree_vm_stack_t* stack);

// Ends the wait if what it is for has ended. False if that is pending.
bool tenon_stack_poll_wait(iree_vm_stack_t* stack);

// Blocks until what the invocation waits for, which is something, has ended; the function that is resumed then can ask
// how.
void tenon_stack_wait(iree_vm_stack_t* stack);

// The INTERNAL for a function that has returned DEFERRED but has no frame.
iree_status_t tenon_stack_make_no_frame_error(void);

// Removes the frames above |end|, which may be NULL, because of a failure, which is |status|: each says where it stood,
// innermost first. Those that stand at the same place, one upon the other, say it once; of very many the innermost and
// the outermost are named.
iree_status_t tenon_stack_unwind(iree_vm_stack_t* stack, const iree_vm_stack_frame_t* end,
                                 iree_status_t status);

// What the first call of an invocation on |stack| has come to, given what begin_call has returned.
static inline iree_status_t tenon_stack_check_begun(const iree_vm_stack_t* stack,
                                                    iree_status_t status) {
  if (IREE_UNLIKELY(iree_status_is_deferred(status)) && !stack->top) {
    iree_status_ignore(status);
    status = tenon_stack_make_no_frame_error();
  }
  return status;
}

// The flags of an invocation of |context| that asks for |flags|.
static inline iree_vm_invocation_flags_t tenon_invocation_flags(const iree_vm_context_t* context,
                                                                iree_vm_invocation_flags_t flags) {
  if (iree_vm_context_flags(context) & IREE_VM_CONTEXT_FLAG_TRACE_EXECUTION) {
    flags |= IREE_VM_INVOCATION_FLAG_TRACE_EXECUTION;
  }
  return flags;
}

// Puts a frame of |size| bytes, its header included, for which there is room, on top of |caller|, the topmost or NULL.
static inline IREE_ATTRIBUTE_ALWAYS_INLINE iree_vm_stack_frame_t* tenon_stack_push(
    iree_vm_stack_t* stack, iree_vm_stack_frame_t* caller, iree_vm_function_t function,
    iree_vm_module_state_t* module_state, iree_vm_stack_frame_type_t type, iree_host_size_t size,
    iree_vm_stack_frame_cleanup_fn_t cleanup_fn) {
  iree_vm_stack_frame_t* frame = (iree_vm_stack_frame_t*)(void*)stack->next;
  stack->next += size;
  stack->top = frame;
  frame->parent = caller;
  frame->function = function;
  frame->module_state = module_state;
  frame->pc = 0;
  frame->cleanup_fn = cleanup_fn;
  frame->call_results = iree_byte_span_empty();
  frame->arguments = iree_byte_span_empty();
  frame->results = iree_byte_span_empty();
  frame->depth = caller ? caller->depth + 1 : 0;
  frame->type = (uint8_t)type;
  frame->user_flags = 0;
  frame->reserved = 0;
  return frame;
}

// Enters a bytecode frame of |function| on top of |caller|, the topmost (or NULL); |frame_size| is
// a multiple of 16. NULL if it needs a new segment: iree_vm_stack_function_enter() makes one.
static inline iree_vm_stack_frame_t* tenon_stack_try_enter(
    iree_vm_stack_t* stack, iree_vm_stack_frame_t* caller, iree_vm_function_t function,
    iree_vm_module_state_t* module_state, iree_host_size_t frame_size,
    iree_vm_stack_frame_cleanup_fn_t frame_cleanup_fn) {
  const iree_host_size_t size = TENON_STACK_FRAME_HEADER_SIZE + frame_size;
  if (IREE_UNLIKELY(size > (iree_host_size_t)(stack->limit - stack->next))) return NULL;
  return tenon_stack_push(stack, caller, function, module_state, IREE_VM_STACK_FRAME_BYTECODE, size,
                          frame_cleanup_fn);
}

// Enters a bytecode frame of |function|, of the same module as that of |caller|, the topmost; for calls within a module,
// which are many. Of pc, arguments, results and call_results nothing is set: who uses them sets them. NULL if it needs a
// new segment.
static inline IREE_ATTRIBUTE_ALWAYS_INLINE iree_vm_stack_frame_t* tenon_stack_try_enter_internal(
    iree_vm_stack_t* stack, iree_vm_stack_frame_t* caller, const iree_vm_function_t* function,
    iree_host_size_t frame_size, uint8_t user_flags,
    iree_vm_stack_frame_cleanup_fn_t frame_cleanup_fn) {
  const iree_host_size_t size = TENON_STACK_FRAME_HEADER_SIZE + frame_size;
  uint8_t* next = stack->next;
  if (IREE_UNLIKELY(size > (iree_host_size_t)(stack->limit - next))) return NULL;
  iree_vm_stack_frame_t* frame = (iree_vm_stack_frame_t*)(void*)next;
  stack->next = next + size;
  stack->top = frame;
  frame->parent = caller;
  frame->function = *function;
  frame->module_state = caller->module_state;
  frame->cleanup_fn = frame_cleanup_fn;
  frame->depth = caller->depth + 1;
  frame->type = IREE_VM_STACK_FRAME_BYTECODE;
  frame->user_flags = user_flags;
  return frame;
}

// Whether the topmost frame is the only one in its segment: then iree_vm_stack_function_leave() leaves both.
static inline bool tenon_stack_ends_segment(const iree_vm_stack_t* stack,
                                            const iree_vm_stack_frame_t* frame) {
  return (uintptr_t)frame == (uintptr_t)stack->segment + TENON_STACK_SEGMENT_HEADER_SIZE;
}

// Removes the topmost frame, which has been cleaned up and does not end a segment.
static inline void tenon_stack_pop(iree_vm_stack_t* stack, iree_vm_stack_frame_t* frame) {
  stack->top = frame->parent;
  stack->next = (uint8_t*)frame;
}

#endif  // TENON_VM_STACK_INTERNAL_H_
