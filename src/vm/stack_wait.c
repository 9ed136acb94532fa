// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a suspended invocation waits for, and how that ended.
#include "iree/vm/stack.h"
#include "vm/stack_internal.h"

void tenon_stack_drop_wait(iree_vm_stack_t* stack) {
  const uint32_t wait_state = stack->wait_state;
  stack->wait_state = TENON_STACK_WAIT_NONE;
  if (wait_state == TENON_STACK_WAIT_PENDING) {
    iree_vm_ref_release(&stack->wait.owner);
  } else if (wait_state == TENON_STACK_WAIT_ENDED) {
    iree_status_ignore(stack->wait.status);
  }
}

IREE_API_EXPORT void iree_vm_stack_wait_on(iree_vm_stack_t* stack, iree_wait_source_t wait_source,
                                           iree_vm_ref_t* owner) {
  // Taken first: it may be what keeps the new source alive.
  iree_vm_ref_t kept = iree_vm_ref_null();
  if (owner) iree_vm_ref_move(owner, &kept);
  tenon_stack_drop_wait(stack);
  stack->wait_state = TENON_STACK_WAIT_PENDING;
  stack->wait.source = wait_source;
  stack->wait.owner = kept;
}

IREE_API_EXPORT iree_status_t iree_vm_stack_consume_wait_status(iree_vm_stack_t* stack) {
  if (stack->wait_state != TENON_STACK_WAIT_ENDED) return iree_ok_status();
  stack->wait_state = TENON_STACK_WAIT_NONE;
  return stack->wait.status;
}

bool tenon_stack_take_wait(iree_vm_stack_t* stack, iree_wait_source_t* out_source,
                           iree_vm_ref_t* out_owner) {
  if (!tenon_stack_has_wait(stack)) return false;
  stack->wait_state = TENON_STACK_WAIT_NONE;
  *out_source = stack->wait.source;
  *out_owner = stack->wait.owner;
  return true;
}

void tenon_stack_set_wait_status(iree_vm_stack_t* stack, iree_status_t status) {
  tenon_stack_drop_wait(stack);
  if (iree_status_is_ok(status)) return;
  stack->wait_state = TENON_STACK_WAIT_ENDED;
  stack->wait.status = status;
}

static void tenon_stack_ignore_outcome(void* user_data, iree_status_t status) {
  iree_status_ignore(status);
}

// The failure of a source of which |status| says that it has failed: the failure itself, which a source that was waited
// for only quotes, if it can be had.
static iree_status_t tenon_stack_find_failure(iree_wait_source_t source, iree_status_t status) {
  const tenon_wait_listener_t nobody = {tenon_stack_ignore_outcome, NULL};
  iree_status_t failure = tenon_wait_source_listen(source, nobody);
  if (iree_status_is_ok(failure) || iree_status_is_deferred(failure) ||
      iree_status_is_unimplemented(failure)) {
    iree_status_ignore(failure);
    return status;
  }
  iree_status_ignore(status);
  return failure;
}

static void tenon_stack_end_wait(iree_vm_stack_t* stack, iree_status_t status) {
  if (!iree_status_is_ok(status)) status = tenon_stack_find_failure(stack->wait.source, status);
  tenon_stack_set_wait_status(stack, status);
}

void tenon_stack_wait(iree_vm_stack_t* stack) {
  tenon_stack_end_wait(stack,
                       iree_wait_source_wait_one(stack->wait.source, iree_infinite_timeout()));
}

bool tenon_stack_poll_wait(iree_vm_stack_t* stack) {
  iree_status_code_t code = IREE_STATUS_OK;
  iree_status_t status = iree_wait_source_query(stack->wait.source, &code);
  if (iree_status_is_ok(status)) {
    if (code == IREE_STATUS_DEFERRED) return false;
    status = iree_status_from_code(code);
  }
  tenon_stack_end_wait(stack, status);
  return true;
}
