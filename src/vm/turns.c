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
  tenon_turns_t* turns;  // counted until the turn is entered: the stack takes it over
  tenon_turn_t* next_dropped;
};

// The stacks that this thread runs and that are in a turn, the innermost call first.
static _Thread_local iree_vm_stack_t* tenon_stacks_in_turns;

//===--------------------------------------------------------------------------------------------===//
// The timeline
//===--------------------------------------------------------------------------------------------===//
// Two parties that each write one number and then read the other's (a ticket is taken, a turn ends) must not both miss
// each other: hence the one order of all these operations.

void tenon_turns_initialize(tenon_turns_t* turns, iree_vm_context_t* context) {
  pthread_mutex_init(&turns->mutex, NULL);
  turns->context = context;
}

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

static void tenon_turns_retain(tenon_turns_t* turns) {
  if (turns->outer) iree_atomic_ref_count_inc(&turns->ref_count);
}

static void tenon_turns_leave(tenon_turns_t* turns);

// Without the last reference to turns inside of a turn that one is left, and so on outward: turns that each begin the
// next inside of them may lie in each other without end.
static void tenon_turns_release(tenon_turns_t* turns) {
  tenon_turns_t* outer = NULL;
  for (; turns && turns->outer && iree_atomic_ref_count_dec(&turns->ref_count) == 1;
       turns = outer) {
    outer = turns->outer;
    tenon_turns_deinitialize(turns);
    iree_allocator_free(tenon_vm_context_allocator(turns->context), turns);
    tenon_turns_leave(outer);
  }
}

static void tenon_turn_free(tenon_turn_t* turn) {
  iree_vm_context_t* context = turn->context;
  if (turn->is_open) tenon_turns_release(turn->turns);
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

// The stack that has the present turn, or the turns inside of it, are through with it.
static void tenon_turns_leave(tenon_turns_t* turns) {
  // Alone, this stays so: the other comes from inside.
  if (iree_atomic_load(&turns->members, iree_memory_order_acquire) == 1 ||
      iree_atomic_fetch_sub(&turns->members, 1, iree_memory_order_acq_rel) == 1) {
    tenon_turns_end(turns);
  }
}

//===--------------------------------------------------------------------------------------------===//
// Tickets as objects
//===--------------------------------------------------------------------------------------------===//

static void tenon_turn_destroy(void* ptr) {
  tenon_turn_t* turn = ptr;
  if (iree_atomic_load(&turn->is_open, iree_memory_order_acquire)) {
    tenon_turns_advance(turn->turns, turn);
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
static iree_status_t tenon_turn_create(tenon_turns_t* turns, tenon_turn_t** out_turn) {
  const iree_allocator_t allocator = tenon_vm_context_allocator(turns->context);
  tenon_turn_t* turn = NULL;
  IREE_RETURN_IF_ERROR(iree_allocator_malloc(allocator, sizeof(*turn), (void**)&turn));
  iree_status_t status = tenon_turns_take(turns, allocator, &turn->ticket);
  if (!iree_status_is_ok(status)) {
    iree_allocator_free(allocator, turn);
    return status;
  }
  iree_atomic_ref_count_init(&turn->ref_count);
  turn->is_open = 1;
  turn->context = turns->context;
  iree_vm_context_retain(turn->context);
  turn->turns = turns;
  tenon_turns_retain(turns);
  *out_turn = turn;
  return iree_ok_status();
}

// The turns inside of the turn of |stack|.
static IREE_ATTRIBUTE_NOINLINE iree_status_t tenon_turns_find_inner(iree_vm_stack_t* stack,
                                                                    tenon_turns_t** out_turns) {
  tenon_turns_t* inner = stack->inner_turns;
  if (!inner) {
    tenon_turns_t* outer = stack->turns;
    IREE_RETURN_IF_ERROR(iree_allocator_malloc(tenon_vm_context_allocator(outer->context),
                                               sizeof(*inner), (void**)&inner));
    tenon_turns_initialize(inner, outer->context);
    iree_atomic_ref_count_init(&inner->ref_count);
    inner->outer = outer;
    tenon_turns_retain(outer);
    iree_atomic_fetch_add(&outer->members, 1, iree_memory_order_relaxed);
    stack->inner_turns = inner;
  }
  *out_turns = inner;
  return iree_ok_status();
}

// Where |stack|, or who calls from it, takes turns: inside of the turn that this thread is in, or in the context.
static iree_status_t tenon_turns_find(iree_vm_stack_t* stack, tenon_turns_t** out_turns) {
  iree_vm_context_t* context = tenon_vm_stack_context(stack);
  if (!context) {
    return iree_make_status(IREE_STATUS_FAILED_PRECONDITION,
                            "functions with mutable globals are invoked in a context only");
  }
  *out_turns = tenon_vm_context_turns(context);
  iree_vm_stack_t* holder = tenon_stacks_in_turns;
  while (holder && holder->turns->context != context) holder = holder->outer_in_turn;
  return IREE_LIKELY(!holder) ? iree_ok_status() : tenon_turns_find_inner(holder, out_turns);
}

iree_status_t tenon_turn_take(iree_vm_stack_t* stack, iree_vm_ref_t* out_turn,
                              iree_vm_ref_t* out_fence) {
  tenon_turns_t* turns = NULL;
  IREE_RETURN_IF_ERROR(tenon_turns_find(stack, &turns));
  tenon_turn_t* turn = NULL;
  IREE_RETURN_IF_ERROR(tenon_turn_create(turns, &turn));
  iree_vm_ref_t ref = iree_vm_ref_from_object(turn, &tenon_vm_turn_descriptor, false);
  if (tenon_turns_over(turns) != turn->ticket) {
    const iree_vm_ref_type_descriptor_t* type =
        iree_vm_ref_lookup_registered_type(IREE_SV("hal.fence"));
    iree_hal_fence_t* fence = NULL;
    iree_status_t status =
        type ? iree_hal_fence_create_at(turns->semaphore, turn->ticket,
                                        tenon_vm_context_allocator(turns->context), &fence)
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

// The turn has come. Takes over a reference to |turns|.
static void tenon_turn_bind(iree_vm_stack_t* stack, tenon_turns_t* turns) {
  iree_atomic_store(&turns->members, 1, iree_memory_order_relaxed);
  stack->turns = turns;
  stack->inner_turns = NULL;
  tenon_turn_go_on(stack);
}

// Enters the turn that |stack| waits for, or waits on.
static iree_status_t tenon_turn_try_enter(iree_vm_stack_t* stack) {
  tenon_turn_t* turn = stack->turn;
  tenon_turns_t* turns = turn->turns;
  if (tenon_turns_over(turns) != turn->ticket) {
    iree_vm_stack_wait_on(stack, iree_hal_semaphore_await(turns->semaphore, turn->ticket), NULL);
    return iree_status_from_code(IREE_STATUS_DEFERRED);
  }
  stack->turn = NULL;
  if (!stack->turns) {
    turn->is_open = 0;
    tenon_turn_bind(stack, turns);
  }
  // In a turn already it had to wait for those inside only: this one is given back.
  tenon_turn_destroy(turn);
  return iree_ok_status();
}

// Begins a turn that has to be waited for, probably.
static IREE_ATTRIBUTE_NOINLINE iree_status_t tenon_turn_begin_later(iree_vm_stack_t* stack,
                                                                    tenon_turns_t* turns,
                                                                    bool* out_holds) {
  if (!stack->turn) {
    IREE_RETURN_IF_ERROR(tenon_turn_create(turns, &stack->turn));
    *out_holds = !stack->turns;
  } else {
    IREE_RETURN_IF_ERROR(iree_vm_stack_consume_wait_status(stack));
  }
  return tenon_turn_try_enter(stack);
}

iree_status_t tenon_turn_begin(iree_vm_stack_t* stack, bool* out_holds) {
  if (stack->turns && !stack->inner_turns) return iree_ok_status();
  if (stack->turn) return tenon_turn_begin_later(stack, NULL, out_holds);
  tenon_turns_t* turns = NULL;
  IREE_RETURN_IF_ERROR(tenon_turns_find(stack, &turns));
  uint64_t ticket = tenon_turns_over(turns);
  if (stack->turns) {
    // What it has begun before comes before what it does now.
    if (iree_atomic_load(&turns->next, iree_memory_order_seq_cst) == ticket) {
      return iree_ok_status();
    }
  } else if (IREE_LIKELY(tenon_turns_try_take(turns, &ticket))) {
    tenon_turns_retain(turns);
    tenon_turn_bind(stack, turns);
    *out_holds = true;
    return iree_ok_status();
  }
  return tenon_turn_begin_later(stack, turns, out_holds);
}

iree_status_t tenon_turn_enter(iree_vm_stack_t* stack, const iree_vm_ref_t* ref) {
  if (ref->type != TENON_VM_TURN_TYPE) {
    return iree_vm_ref_make_type_error(*ref, TENON_VM_TURN_TYPE);
  }
  tenon_turn_t* turn = ref->ptr;
  // Whoever has closed it may look at its |turns|.
  if (!stack->turns && !stack->turn && tenon_vm_stack_context(stack) == turn->context &&
      iree_atomic_exchange(&turn->is_open, 0, iree_memory_order_acq_rel)) {
    if (tenon_turns_over(turn->turns) == turn->ticket) {
      tenon_turn_bind(stack, turn->turns);
      return iree_ok_status();
    }
    iree_atomic_store(&turn->is_open, 1, iree_memory_order_release);
  }
  return iree_make_status(IREE_STATUS_FAILED_PRECONDITION,
                          "the turn has not come, or is not this invocation's to enter");
}

void tenon_turn_end(iree_vm_stack_t* stack) {
  if (stack->turn) {
    tenon_turn_destroy(stack->turn);
    stack->turn = NULL;
  }
  tenon_turns_t* turns = stack->turns;
  if (!turns) return;
  tenon_turn_pause(stack);
  stack->turns = NULL;
  tenon_turns_release(stack->inner_turns);
  tenon_turns_leave(turns);
  tenon_turns_release(turns);
}
