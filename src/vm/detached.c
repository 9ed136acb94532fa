// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "vm/detached.h"

#include <string.h>

#include "vm/stack_internal.h"

// Bytes of an invocation: its state, its arguments and the first segment of its stack, in one block. Frames that don't
// fit go to further segments.
#define TENON_DETACHED_SIZE (4 * 1024)

typedef struct tenon_detached_t {
  // First: the scheduler knows the invocation by it.
  tenon_vm_resumption_t resumption;
  iree_allocator_t host_allocator;
  iree_vm_context_t* context;
  iree_vm_stack_t* stack;
  tenon_vm_scheduler_t scheduler;
  tenon_vm_completion_t completion;
  // The letters of the arguments in |arguments|; borrowed from the module, which the context keeps.
  iree_string_view_t letters;
  iree_byte_span_t arguments;
} tenon_detached_t;

iree_vm_context_t* tenon_vm_stack_context(iree_vm_stack_t* stack) {
  const iree_vm_state_resolver_t resolver = stack->state_resolver;
  const bool is_context =
      resolver.query_module_state == iree_vm_context_state_resolver(NULL).query_module_state;
  return is_context ? (iree_vm_context_t*)resolver.self : NULL;
}

// Frees the invocation and drops its context, which may be the last that keeps the modules; whoever learns that it has
// ended finds nothing of it left.
static void tenon_detached_end(tenon_detached_t* invocation, iree_status_t status) {
  // Frames go first, since they may use the arguments.
  iree_vm_stack_deinitialize(invocation->stack);
  iree_vm_function_release_storage(invocation->letters, invocation->arguments);
  const tenon_vm_completion_t completion = invocation->completion;
  iree_vm_context_t* context = invocation->context;
  iree_allocator_free(invocation->host_allocator, invocation);
  iree_vm_context_release(context);
  completion.fn(completion.user_data, status);
}

static void tenon_detached_on_wait_end(void* user_data, iree_status_t status) {
  tenon_detached_t* invocation = (tenon_detached_t*)user_data;
  tenon_stack_set_wait_status(invocation->stack, status);
  invocation->scheduler.resume(invocation->scheduler.self, &invocation->resumption);
}

// Arranges for a suspended invocation to be resumed. True: it need not wait and goes on at once. False: it is out of our
// hands, and may be running elsewhere or be gone by now.
static bool tenon_detached_suspend(tenon_detached_t* invocation) {
  iree_wait_source_t source;
  iree_vm_ref_t owner;
  if (!tenon_stack_take_wait(invocation->stack, &source, &owner)) {
    invocation->scheduler.resume(invocation->scheduler.self, &invocation->resumption);
    return false;
  }
  const tenon_wait_listener_t listener = {tenon_detached_on_wait_end, invocation};
  iree_status_t status = tenon_wait_source_listen(source, listener);
  const bool has_ended = !iree_status_is_deferred(status);
  if (has_ended) {
    tenon_stack_set_wait_status(invocation->stack, status);
  } else {
    iree_status_ignore(status);
  }
  // The listener needs the source's object no longer; dropped last, it may be what fails the wait.
  iree_vm_ref_release(&owner);
  return has_ended;
}

// Goes on from where a call or its resumption has returned |status|, until the invocation ends or has to wait.
static void tenon_detached_continue(tenon_detached_t* invocation, iree_status_t status) {
  while (iree_status_is_deferred(status)) {
    iree_status_ignore(status);
    if (!tenon_detached_suspend(invocation)) return;
    status = iree_vm_stack_resume(invocation->stack);
  }
  tenon_detached_end(invocation, status);
}

static void tenon_detached_resume(tenon_vm_resumption_t* resumption) {
  tenon_detached_t* invocation = (tenon_detached_t*)resumption;
  tenon_detached_continue(invocation, iree_vm_stack_resume(invocation->stack));
}

// Lays out an invocation that takes |storage|'s references.
static iree_status_t tenon_detached_create(iree_vm_context_t* context,
                                           iree_vm_invocation_flags_t flags,
                                           iree_byte_span_t storage,
                                           iree_allocator_t host_allocator,
                                           tenon_detached_t** out_invocation) {
  const iree_host_size_t head =
      iree_host_align(sizeof(tenon_detached_t) + storage.data_length, TENON_STACK_ALIGNMENT);
  iree_host_size_t size = TENON_DETACHED_SIZE;
  if (size < head + IREE_VM_STACK_MIN_SIZE) size = head + IREE_VM_STACK_MIN_SIZE;
  tenon_detached_t* invocation = NULL;
  IREE_RETURN_IF_ERROR(
      iree_allocator_malloc_uninitialized(host_allocator, size, (void**)&invocation));
  uint8_t* bytes = (uint8_t*)invocation;
  invocation->resumption.run = tenon_detached_resume;
  invocation->host_allocator = host_allocator;
  invocation->context = context;
  invocation->arguments =
      iree_make_byte_span(bytes + sizeof(tenon_detached_t), storage.data_length);
  if (storage.data_length) {
    memcpy(invocation->arguments.data, storage.data, storage.data_length);
    memset(storage.data, 0, storage.data_length);
  }
  invocation->stack = (iree_vm_stack_t*)(void*)(bytes + head);
  tenon_stack_setup(invocation->stack, size - head, tenon_invocation_flags(context, flags),
                    iree_vm_context_state_resolver(context), host_allocator);
  iree_vm_context_retain(context);
  *out_invocation = invocation;
  return iree_ok_status();
}

iree_status_t tenon_vm_invoke_detached(iree_vm_context_t* context, iree_vm_function_t function,
                                       iree_vm_invocation_flags_t flags, iree_byte_span_t storage,
                                       tenon_vm_scheduler_t scheduler,
                                       tenon_vm_completion_t completion,
                                       iree_allocator_t host_allocator) {
  const iree_vm_function_signature_t signature = iree_vm_function_signature(&function);
  iree_string_view_t letters, results;
  IREE_RETURN_IF_ERROR(iree_vm_function_call_get_cconv_fragments(&signature, &letters, &results));
  tenon_detached_t* invocation = NULL;
  IREE_RETURN_IF_ERROR(tenon_detached_create(context, flags, storage, host_allocator, &invocation));
  invocation->scheduler = scheduler;
  invocation->completion = completion;
  invocation->letters = letters;
  const iree_vm_function_call_t call = {function, invocation->arguments, iree_byte_span_empty()};
  iree_status_t status = iree_vm_module_begin_call(invocation->stack, call);
  tenon_detached_continue(invocation, tenon_stack_check_begun(invocation->stack, status));
  return iree_ok_status();
}
