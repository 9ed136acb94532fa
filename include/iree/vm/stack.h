// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The stack of one invocation: frames that stay where they are, so that an invocation can be
// suspended in the middle of a call and resumed later, on another thread if need be.
//
// Memory: the first segment is what iree_vm_stack_initialize() is given (usually some KB of the
// caller's own stack); more segments come from the allocator as frames need them and go when the
// frames do. Frames never move. All segments together are limited to IREE_VM_STACK_MAX_SIZE bytes;
// past it, RESOURCE_EXHAUSTED tells the depth and the limit.
//
// Ownership: the stack borrows everything it refers to (storage, modules, states, allocator).
// Thread-safety: one thread at a time; handing a suspended stack to another thread needs the
// synchronisation that hands over any memory.
//
// ## Suspension
//
// A call is suspended when begin_call (or resume_call) returns IREE_STATUS_DEFERRED. What each
// party does:
//
// 1. *The function that yields* keeps a frame on the stack (iree_vm_stack_function_enter) with all
//    that it needs to go on, and returns DEFERRED. C locals are lost. It has moved its arguments'
//    references into its frame, or leaves them in the argument storage, which stays in place, as
//    does the result storage.
// 2. *Each caller* whose callee returns DEFERRED saves where it stands in its own frame, sets
//    frame->call_results to the result storage it gave to the callee (iree_vm_module_begin_call()
//    does) and returns DEFERRED as well. Argument and result storage of a call must therefore lie
//    in the caller's frame, or in other memory that survives the return.
// 3. *The invocation* keeps the stack. To resume it (iree_vm_stack_resume) it calls
//    resume_call(self, stack, frame->call_results) on the module of the topmost frame:
//      OK        that frame's function is complete: its results are written, its frame is left.
//                If frames remain, the now topmost frame's module gets resume_call in turn; its
//                call_results holds the callee's results.
//      DEFERRED  suspended again, in this frame or in a new callee's on top of it.
//      else      failed: the frame is left. The remaining frames are cleaned up from the top
//                (iree_vm_stack_frame_cleanup_fn_t), and the invocation fails with that status.
//    A module may enter several frames for one call (internal calls) and complete several in one
//    resume_call, as long as those that it completes are its own and topmost.
// 4. A frame that yielded by itself finds its call_results empty; a frame resumed because its
//    callee is done finds there what it set in step 2.
//
// ## What a suspended invocation waits for
// A function that suspends says so with iree_vm_stack_wait_on(): a wait source (base/wait_source.h). Whoever
// runs the invocation takes it, waits (blocking, or with a listener) and resumes; the resumed function asks how
// the wait ended (iree_vm_stack_consume_wait_status). Without a source the invocation is resumed soon, again and again,
// whatever happens. iree_vm_stack_resume() does not block: while the source is pending it returns DEFERRED and
// nothing runs.
//
// Aborting: frames are cleaned up from the top, without resume_call. A frame's cleanup function
// releases what the frame owns, including references in the storages of the call that it had in
// flight.
//
// For native functions (native_module.h) most of this is done by the module: a shim enters a frame,
// returns DEFERRED, and is called again with IREE_VM_NATIVE_FUNCTION_CALL_RESUME and the same two
// storages.
#ifndef IREE_VM_STACK_H_
#define IREE_VM_STACK_H_

#include "iree/base/api.h"
#include "iree/base/tracing.h"  // IWYU pragma: export
#include "iree/vm/module.h"

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

// Bytes of storage that invocations put on the C stack.
#define IREE_VM_STACK_DEFAULT_SIZE (8 * 1024)

// The least storage that iree_vm_stack_initialize() takes.
#define IREE_VM_STACK_MIN_SIZE (1 * 1024)

// All segments of one stack together, in bytes.
#if !defined(IREE_VM_STACK_MAX_SIZE)
#define IREE_VM_STACK_MAX_SIZE (1 * 1024 * 1024)
#endif  // !IREE_VM_STACK_MAX_SIZE

enum iree_vm_invocation_flag_bits_t {
  IREE_VM_INVOCATION_FLAG_NONE = 0u,
  // Each instruction of a compiled program is printed to standard error before it is executed, a line
  // for each, with the values that it reads (docs/bytecode.md). Calls of native functions show as the
  // instructions that call them. What the invocation begins, e.g. to go on later, is printed, too.
  IREE_VM_INVOCATION_FLAG_TRACE_EXECUTION = 1u << 0,
  // Accepted and not used: a line has always all there is to say.
  IREE_VM_INVOCATION_FLAG_TRACE_INLINE = 1u << 1,
};
typedef uint32_t iree_vm_invocation_flags_t;

// Finds the state of a module: iree_vm_context_state_resolver() makes one. NOT_FOUND if there is
// none.
typedef struct iree_vm_state_resolver_t {
  void* self;
  iree_status_t(IREE_API_PTR* query_module_state)(void* state_resolver, iree_vm_module_t* module,
                                                  iree_vm_module_state_t** out_module_state);
} iree_vm_state_resolver_t;

typedef enum iree_vm_stack_frame_type_e {
  // Put there by the application.
  IREE_VM_STACK_FRAME_EXTERNAL = 0,
  IREE_VM_STACK_FRAME_NATIVE = 1,
  IREE_VM_STACK_FRAME_BYTECODE = 2,
} iree_vm_stack_frame_type_t;

// Releases what |frame|'s storage owns. Runs when the frame is left, whether the function
// completed, failed or was aborted.
typedef void(IREE_API_PTR* iree_vm_stack_frame_cleanup_fn_t)(iree_vm_stack_frame_t* frame);

struct iree_vm_stack_frame_t {
  // The caller's frame; NULL at the bottom.
  iree_vm_stack_frame_t* parent;
  // Null in the frame of a native function until it has suspended.
  iree_vm_function_t function;
  iree_vm_module_state_t* module_state;
  // For the module's own use and for source locations.
  iree_vm_source_offset_t pc;
  iree_vm_stack_frame_cleanup_fn_t cleanup_fn;
  // Result storage of the call that this frame's function has in flight. Set by the caller when its
  // callee is deferred (step 2 above); empty otherwise.
  iree_byte_span_t call_results;
  // The storages of the call that this frame serves. Set for native functions when they suspend;
  // other modules may use them as they like.
  iree_byte_span_t arguments;
  iree_byte_span_t results;
  // 0 at the bottom.
  int32_t depth;
  uint8_t type;  // iree_vm_stack_frame_type_t
  // The module's own use; 0 on entry.
  uint8_t user_flags;
  uint16_t reserved;
};

// The |frame_size| bytes that the frame was entered with: aligned to 16 bytes, NOT initialised.
static inline void* iree_vm_stack_frame_storage(iree_vm_stack_frame_t* frame) {
  return (void*)((uint8_t*)frame + ((sizeof(iree_vm_stack_frame_t) + 15) & ~(size_t)15));
}

// Makes a stack in |storage| (at least IREE_VM_STACK_MIN_SIZE bytes, any alignment), which is not
// cleared and must outlive it.
IREE_API_EXPORT iree_status_t iree_vm_stack_initialize(iree_byte_span_t storage,
                                                       iree_vm_invocation_flags_t flags,
                                                       iree_vm_state_resolver_t state_resolver,
                                                       iree_allocator_t allocator,
                                                       iree_vm_stack_t** out_stack);

// Cleans up all frames, frees all segments.
IREE_API_EXPORT void iree_vm_stack_deinitialize(iree_vm_stack_t* stack);

// The same, all in memory of |allocator|.
IREE_API_EXPORT iree_status_t iree_vm_stack_allocate(iree_vm_invocation_flags_t flags,
                                                     iree_vm_state_resolver_t state_resolver,
                                                     iree_allocator_t allocator,
                                                     iree_vm_stack_t** out_stack);
IREE_API_EXPORT void iree_vm_stack_free(iree_vm_stack_t* stack);

// Cleans up all frames; the stack can be used again.
IREE_API_EXPORT void iree_vm_stack_reset(iree_vm_stack_t* stack);

IREE_API_EXPORT iree_vm_invocation_flags_t
iree_vm_stack_invocation_flags(const iree_vm_stack_t* stack);

// The allocator that segments come from.
IREE_API_EXPORT iree_allocator_t iree_vm_stack_allocator(const iree_vm_stack_t* stack);

// The topmost frame, NULL if there is none. Native functions called directly have no frame unless
// they enter one.
IREE_API_EXPORT iree_vm_stack_frame_t* iree_vm_stack_top(iree_vm_stack_t* stack);
IREE_API_EXPORT iree_vm_stack_frame_t* iree_vm_stack_current_frame(iree_vm_stack_t* stack);
// The caller of the current frame, or NULL.
IREE_API_EXPORT iree_vm_stack_frame_t* iree_vm_stack_parent_frame(iree_vm_stack_t* stack);

// The state of |module| in the stack's context (borrowed; NULL for modules without one). NOT_FOUND:
// it isn't registered there.
IREE_API_EXPORT iree_status_t iree_vm_stack_query_module_state(
    iree_vm_stack_t* stack, iree_vm_module_t* module, iree_vm_module_state_t** out_module_state);

// Enters a frame with |frame_size| bytes of storage. |function| is NULL in native functions that
// don't know who they are; the module that called them fills it in if they suspend. |cleanup_fn|
// may be NULL. When this fails nothing has changed.
//   RESOURCE_EXHAUSTED: out of stack or memory.   NOT_FOUND: the function's module has no state
//   here.
IREE_API_EXPORT iree_status_t iree_vm_stack_function_enter(
    iree_vm_stack_t* stack, const iree_vm_function_t* function,
    iree_vm_stack_frame_type_t frame_type, iree_host_size_t frame_size,
    iree_vm_stack_frame_cleanup_fn_t frame_cleanup_fn, iree_vm_stack_frame_t** out_callee_frame);

// Cleans up the topmost frame and removes it. FAILED_PRECONDITION if there is none.
IREE_API_EXPORT iree_status_t iree_vm_stack_function_leave(iree_vm_stack_t* stack);

// Resumes a suspended stack until no call is left, one fails or it suspends again: step 3 above.
// Frames of type EXTERNAL stay, and end it. On failure the other frames are cleaned up and the
// status names their functions and places. FAILED_PRECONDITION if there is nothing to resume.
IREE_API_EXPORT iree_status_t iree_vm_stack_resume(iree_vm_stack_t* stack);

// Says what the invocation waits for, by a function that is about to return DEFERRED. |owner| (may be NULL, or
// hold null) is a reference that keeps the source's object alive; it is moved into the stack, which drops it
// when the wait is over, or listened to, or given up. Replaces what was there. The function enters its frame
// first: that may fail.
IREE_API_EXPORT void iree_vm_stack_wait_on(iree_vm_stack_t* stack, iree_wait_source_t wait_source,
                                           iree_vm_ref_t* owner);

// For the function that is resumed after iree_vm_stack_wait_on(): OK, or the failure with which the wait ended, the
// first failure itself where the source can tell it. Owned by the caller. Asked again it is OK.
IREE_API_EXPORT iree_status_t iree_vm_stack_consume_wait_status(iree_vm_stack_t* stack);

// Appends one line for each frame, from the top: `[DEPTH] at PLACE in bytecode function MODULE.FUNCTION`, or
// `[DEPTH] while invoking native function MODULE.FUNCTION` where the place in a source is not known.
IREE_API_EXPORT iree_status_t iree_vm_stack_format_backtrace(iree_vm_stack_t* stack,
                                                             iree_string_builder_t* builder);

// Adds the backtrace to a failure. An OK status stays OK. Takes and returns ownership of
// |base_status|.
IREE_API_EXPORT IREE_MUST_USE_RESULT iree_status_t
iree_vm_stack_annotate_backtrace(iree_vm_stack_t* stack, iree_status_t base_status);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  // IREE_VM_STACK_H_
