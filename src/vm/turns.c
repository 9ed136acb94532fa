// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "vm/turns.h"

#include <stddef.h>

#include "hal/timepoint.h"
#include "iree/hal/fence.h"
#include "vm/builtin_types.h"
#include "vm/detached.h"
#include "vm/stack_internal.h"

struct tenon_turn_t {
  iree_atomic_ref_count_t ref_count;
  iree_atomic_int32_t is_open;  // 1 until the turn is entered
  uint64_t ticket;
  iree_vm_context_t* context;
  tenon_turn_t* next_dropped;
};

// The stacks that this thread runs and that are in a turn, the innermost call first.
static _Thread_local iree_vm_stack_t* tenon_stacks_in_turns;

//===--------------------------------------------------------------------------------------------===//
// The timeline
//===--------------------------------------------------------------------------------------------===//
// Two parties that each write one number and then read the other's (a ticket is taken, a turn ends) must not both miss
// each other: hence the one order of all these operations.

void tenon_turns_initialize(tenon_turns_t* turns) { pthread_mutex_init(&turns->mutex, NULL); }

void tenon_turns_deinitialize(tenon_turns_t* turns) {
  iree_hal_semaphore_release(turns->semaphore);
  pthread_mutex_destroy(&turns->mutex);
}

static uint64_t tenon_turns_over(tenon_turns_t* turns) {
  return iree_atomic_load(&turns->over, iree_memory_order_seq_cst);
}

// Takes a ticket if it comes at once.
static bool tenon_turns_try_take(tenon_turns_t* turns, uint64_t* out_ticket) {
  *out_ticket = tenon_turns_over(turns);
  uint64_t next = *out_ticket;
  return iree_atomic_compare_exchange_strong(&turns->next, &next, next + 1,
                                             iree_memory_order_seq_cst, iree_memory_order_relaxed);
}

// Takes any ticket, and sees to it that its coming can be waited for.
static iree_status_t tenon_turns_take(tenon_turns_t* turns, iree_allocator_t allocator,
                                      uint64_t* out_ticket) {
  iree_status_t status = iree_ok_status();
  pthread_mutex_lock(&turns->mutex);
  if (!turns->semaphore) {
    status = tenon_hal_semaphore_create(tenon_turns_over(turns), allocator, &turns->semaphore);
  }
  if (iree_status_is_ok(status)) {
    *out_ticket = iree_atomic_fetch_add(&turns->next, 1, iree_memory_order_seq_cst);
  }
  pthread_mutex_unlock(&turns->mutex);
  return status;
}

// Takes the ticket whose turn it is out of those that were given back. With the lock.
static tenon_turn_t* tenon_turns_find_dropped(tenon_turns_t* turns) {
  const uint64_t over = tenon_turns_over(turns);
  for (tenon_turn_t** link = &turns->dropped; *link; link = &(*link)->next_dropped) {
    tenon_turn_t* turn = *link;
    if (turn->ticket != over) continue;
    *link = turn->next_dropped;
    return turn;
  }
  return NULL;
}

static void tenon_turn_free(tenon_turn_t* turn) {
  iree_vm_context_t* context = turn->context;
  iree_allocator_free(tenon_vm_context_allocator(context), turn);
  iree_vm_context_release(context);
}

// Passes over tickets that were given back, |dropped| (or NULL) among them, and wakes whoever has the next.
static IREE_ATTRIBUTE_NOINLINE void tenon_turns_advance(tenon_turns_t* turns,
                                                        tenon_turn_t* dropped) {
  tenon_turn_t* passed = NULL;
  pthread_mutex_lock(&turns->mutex);
  if (dropped) {
    dropped->next_dropped = turns->dropped;
    turns->dropped = dropped;
  }
  for (tenon_turn_t* turn; (turn = tenon_turns_find_dropped(turns));) {
    iree_atomic_store(&turns->over, turn->ticket + 1, iree_memory_order_seq_cst);
    turn->next_dropped = passed;
    passed = turn;
  }
  // Kept, since the context may go meanwhile: nothing of |turns| is used from here on.
  iree_hal_semaphore_t* semaphore = turns->semaphore;
  iree_hal_semaphore_retain(semaphore);
  const uint64_t over = tenon_turns_over(turns);
  pthread_mutex_unlock(&turns->mutex);
  // Somebody else may have been faster and signaled as much or more, which is no failure.
  if (semaphore && !tenon_hal_semaphore_is_reached(semaphore, over)) {
    iree_status_ignore(iree_hal_semaphore_signal(semaphore, over));
  }
  iree_hal_semaphore_release(semaphore);
  while (passed) {
    tenon_turn_t* turn = passed;
    passed = turn->next_dropped;
    tenon_turn_free(turn);
  }
}

// The present turn, |ticket|'s, is over.
static void tenon_turns_end(tenon_turns_t* turns) {
  const uint64_t over = iree_atomic_load(&turns->over, iree_memory_order_relaxed) + 1;
  iree_atomic_store(&turns->over, over, iree_memory_order_seq_cst);
  if (iree_atomic_load(&turns->next, iree_memory_order_seq_cst) != over) {
    tenon_turns_advance(turns, NULL);
  }
}

//===--------------------------------------------------------------------------------------------===//
// Tickets as objects
//===--------------------------------------------------------------------------------------------===//

static void tenon_turn_destroy(void* ptr) {
  tenon_turn_t* turn = ptr;
  if (iree_atomic_load(&turn->is_open, iree_memory_order_acquire)) {
    tenon_turns_advance(tenon_vm_context_turns(turn->context), turn);
  } else {
    tenon_turn_free(turn);
  }
}

const iree_vm_ref_type_descriptor_t tenon_vm_turn_descriptor = {
    .destroy = tenon_turn_destroy,
    .offsetof_counter = offsetof(tenon_turn_t, ref_count),
    .type = TENON_VM_TURN_TYPE,
    .type_name = {.data = "vm.turn", .size = 7},
};

// A new object with the next ticket, whose coming can be waited for.
static iree_status_t tenon_turn_create(iree_vm_context_t* context, tenon_turn_t** out_turn) {
  tenon_turns_t* turns = tenon_vm_context_turns(context);
  const iree_allocator_t allocator = tenon_vm_context_allocator(context);
  tenon_turn_t* turn = NULL;
  IREE_RETURN_IF_ERROR(iree_allocator_malloc(allocator, sizeof(*turn), (void**)&turn));
  iree_status_t status = tenon_turns_take(turns, allocator, &turn->ticket);
  if (!iree_status_is_ok(status)) {
    iree_allocator_free(allocator, turn);
    return status;
  }
  iree_atomic_ref_count_init(&turn->ref_count);
  turn->is_open = 1;
  turn->context = context;
  iree_vm_context_retain(context);
  *out_turn = turn;
  return iree_ok_status();
}

static iree_status_t tenon_turn_find_context(iree_vm_stack_t* stack,
                                             iree_vm_context_t** out_context) {
  *out_context = tenon_vm_stack_context(stack);
  return *out_context
             ? iree_ok_status()
             : iree_make_status(IREE_STATUS_FAILED_PRECONDITION,
                                "functions with mutable globals are invoked in a context only");
}

iree_status_t tenon_turn_take(iree_vm_stack_t* stack, iree_vm_ref_t* out_turn,
                              iree_vm_ref_t* out_fence) {
  iree_vm_context_t* context = NULL;
  IREE_RETURN_IF_ERROR(tenon_turn_find_context(stack, &context));
  tenon_turn_t* turn = NULL;
  IREE_RETURN_IF_ERROR(tenon_turn_create(context, &turn));
  iree_vm_ref_t ref = iree_vm_ref_from_object(turn, &tenon_vm_turn_descriptor, false);
  tenon_turns_t* turns = tenon_vm_context_turns(context);
  if (tenon_turns_over(turns) != turn->ticket) {
    const iree_vm_ref_type_descriptor_t* type =
        iree_vm_ref_lookup_registered_type(IREE_SV("hal.fence"));
    iree_hal_fence_t* fence = NULL;
    iree_status_t status =
        type ? iree_hal_fence_create_at(turns->semaphore, turn->ticket,
                                        tenon_vm_context_allocator(context), &fence)
             : iree_make_status(IREE_STATUS_FAILED_PRECONDITION, "there is no type hal.fence");
    if (!iree_status_is_ok(status)) {
      iree_vm_ref_release(&ref);
      return status;
    }
    *out_fence = iree_vm_ref_from_object(fence, type, false);
  }
  *out_turn = ref;
  return iree_ok_status();
}

//===--------------------------------------------------------------------------------------------===//
// Stacks in turns
//===--------------------------------------------------------------------------------------------===//

void tenon_turn_go_on(iree_vm_stack_t* stack) {
  if (!stack->turns) return;
  stack->outer_in_turn = tenon_stacks_in_turns;
  tenon_stacks_in_turns = stack;
}

void tenon_turn_pause(iree_vm_stack_t* stack) {
  if (!stack->turns) return;
  for (iree_vm_stack_t** link = &tenon_stacks_in_turns; *link; link = &(*link)->outer_in_turn) {
    if (*link != stack) continue;
    *link = stack->outer_in_turn;
    return;
  }
}

static bool tenon_thread_is_in_turn(const tenon_turns_t* turns) {
  const iree_vm_stack_t* stack = tenon_stacks_in_turns;
  while (stack && stack->turns != turns) stack = stack->outer_in_turn;
  return stack != NULL;
}

// The turn has come, and |stack| is the first that is in it.
static void tenon_turn_bind(iree_vm_stack_t* stack, tenon_turns_t* turns) {
  iree_atomic_store(&turns->members, 1, iree_memory_order_relaxed);
  stack->turns = turns;
  tenon_turn_go_on(stack);
}

// Enters the turn that |stack| waits for, or waits on.
static iree_status_t tenon_turn_try_enter(iree_vm_stack_t* stack) {
  tenon_turn_t* turn = stack->turn;
  tenon_turns_t* turns = tenon_vm_context_turns(turn->context);
  if (tenon_turns_over(turns) != turn->ticket) {
    iree_vm_stack_wait_on(stack, iree_hal_semaphore_await(turns->semaphore, turn->ticket), NULL);
    return iree_status_from_code(IREE_STATUS_DEFERRED);
  }
  stack->turn = NULL;
  turn->is_open = 0;
  tenon_turn_bind(stack, turns);
  tenon_turn_free(turn);
  return iree_ok_status();
}

// Begins a turn that has to be waited for, probably.
static IREE_ATTRIBUTE_NOINLINE iree_status_t tenon_turn_begin_later(iree_vm_stack_t* stack,
                                                                    iree_vm_context_t* context,
                                                                    bool* out_holds) {
  if (!stack->turn) {
    IREE_RETURN_IF_ERROR(tenon_turn_create(context, &stack->turn));
    *out_holds = true;
  } else {
    IREE_RETURN_IF_ERROR(iree_vm_stack_consume_wait_status(stack));
  }
  return tenon_turn_try_enter(stack);
}

iree_status_t tenon_turn_begin(iree_vm_stack_t* stack, bool* out_holds) {
  if (stack->turns) return iree_ok_status();
  iree_vm_context_t* context = NULL;
  IREE_RETURN_IF_ERROR(tenon_turn_find_context(stack, &context));
  tenon_turns_t* turns = tenon_vm_context_turns(context);
  uint64_t ticket = 0;
  if (stack->turn) return tenon_turn_begin_later(stack, context, out_holds);
  if (tenon_stacks_in_turns && tenon_thread_is_in_turn(turns)) {
    iree_atomic_fetch_add(&turns->members, 1, iree_memory_order_relaxed);
    stack->turns = turns;
    tenon_turn_go_on(stack);
  } else if (IREE_LIKELY(tenon_turns_try_take(turns, &ticket))) {
    tenon_turn_bind(stack, turns);
  } else {
    return tenon_turn_begin_later(stack, context, out_holds);
  }
  *out_holds = true;
  return iree_ok_status();
}

iree_status_t tenon_turn_enter(iree_vm_stack_t* stack, const iree_vm_ref_t* ref) {
  if (ref->type != TENON_VM_TURN_TYPE) {
    return iree_vm_ref_make_type_error(*ref, TENON_VM_TURN_TYPE);
  }
  tenon_turn_t* turn = ref->ptr;
  tenon_turns_t* turns = tenon_vm_context_turns(turn->context);
  if (stack->turns || stack->turn || tenon_vm_stack_context(stack) != turn->context ||
      tenon_turns_over(turns) != turn->ticket ||
      !iree_atomic_exchange(&turn->is_open, 0, iree_memory_order_acq_rel)) {
    return iree_make_status(IREE_STATUS_FAILED_PRECONDITION,
                            "the turn has not come, or is not this invocation's to enter");
  }
  tenon_turn_bind(stack, turns);
  return iree_ok_status();
}

void tenon_turn_end(iree_vm_stack_t* stack) {
  if (stack->turn) {
    iree_vm_ref_t waited_for =
        iree_vm_ref_from_object(stack->turn, &tenon_vm_turn_descriptor, false);
    stack->turn = NULL;
    iree_vm_ref_release(&waited_for);
  }
  tenon_turns_t* turns = stack->turns;
  if (!turns) return;
  tenon_turn_pause(stack);
  stack->turns = NULL;
  // Alone, this stays so: who joins does it from inside.
  if (iree_atomic_load(&turns->members, iree_memory_order_acquire) == 1 ||
      iree_atomic_fetch_sub(&turns->members, 1, iree_memory_order_acq_rel) == 1) {
    tenon_turns_end(turns);
  }
}
