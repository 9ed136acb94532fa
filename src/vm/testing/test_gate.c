// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "vm/testing/test_gate.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define MAX_LISTENERS 16

struct test_gate_t {
  iree_vm_ref_object_t ref_object;
  bool is_deaf;
  pthread_mutex_t mutex;
  pthread_cond_t opened;
  // Under the mutex.
  bool is_open;
  iree_status_code_t code;
  int listener_count;
  tenon_wait_listener_t listeners[MAX_LISTENERS];
};

static iree_atomic_int32_t gate_count;
static iree_atomic_int32_t frame_count;
static iree_atomic_int32_t resume_count;

int test_gate_live_count(void) { return iree_atomic_load(&gate_count, iree_memory_order_acquire); }
int test_gate_frame_count(void) {
  return iree_atomic_load(&frame_count, iree_memory_order_acquire);
}
int test_gate_resume_count(void) {
  return iree_atomic_load(&resume_count, iree_memory_order_acquire);
}

//===--------------------------------------------------------------------------------------------===//
// Gates
//===--------------------------------------------------------------------------------------------===//

static void gate_destroy(void* ptr) {
  test_gate_t* gate = (test_gate_t*)ptr;
  // Nobody can open it any more.
  if (!gate->is_open) test_gate_open(gate, IREE_STATUS_CANCELLED);
  pthread_cond_destroy(&gate->opened);
  pthread_mutex_destroy(&gate->mutex);
  free(gate);
  iree_atomic_fetch_add(&gate_count, -1, iree_memory_order_acq_rel);
}

static iree_vm_ref_type_descriptor_t test_gate_descriptor = {
    .destroy = gate_destroy,
    .offsetof_counter = offsetof(test_gate_t, ref_object.counter),
    .type_name = {"test.gate", sizeof("test.gate") - 1},
};
IREE_VM_DEFINE_TYPE_ADAPTERS(test_gate, test_gate_t);

iree_status_t test_gate_register(void) { return iree_vm_ref_register_type(&test_gate_descriptor); }

test_gate_t* test_gate_create(bool is_deaf) {
  test_gate_t* gate = (test_gate_t*)calloc(1, sizeof(*gate));
  if (!gate) abort();
  iree_atomic_ref_count_init(&gate->ref_object.counter);
  gate->is_deaf = is_deaf;
  pthread_mutex_init(&gate->mutex, NULL);
  pthread_cond_init(&gate->opened, NULL);
  iree_atomic_fetch_add(&gate_count, 1, iree_memory_order_acq_rel);
  return gate;
}

void test_gate_release(test_gate_t* gate) {
  iree_vm_ref_object_release(gate, &test_gate_descriptor);
}

static iree_status_t make_outcome(iree_status_code_t code) {
  return code ? iree_make_status(code, "the gate is stuck") : iree_ok_status();
}

void test_gate_open(test_gate_t* gate, iree_status_code_t code) {
  tenon_wait_listener_t listeners[MAX_LISTENERS];
  pthread_mutex_lock(&gate->mutex);
  gate->is_open = true;
  gate->code = code;
  const int count = gate->listener_count;
  memcpy(listeners, gate->listeners, sizeof(listeners));
  pthread_cond_broadcast(&gate->opened);
  pthread_mutex_unlock(&gate->mutex);
  for (int i = 0; i < count; ++i) listeners[i].fn(listeners[i].user_data, make_outcome(code));
}

static iree_status_t gate_wait(test_gate_t* gate, iree_timeout_t timeout) {
  if (!gate->is_open && !iree_timeout_is_infinite(timeout)) {
    return iree_status_from_code(IREE_STATUS_DEADLINE_EXCEEDED);
  }
  while (!gate->is_open) pthread_cond_wait(&gate->opened, &gate->mutex);
  if (!gate->code) return iree_ok_status();
  return iree_make_status(IREE_STATUS_ABORTED, "waited for a stuck gate");
}

static iree_status_t gate_listen(test_gate_t* gate, const tenon_wait_listener_t* listener) {
  if (gate->is_deaf) return iree_status_from_code(IREE_STATUS_UNIMPLEMENTED);
  if (gate->is_open) return make_outcome(gate->code);
  if (gate->listener_count == MAX_LISTENERS) abort();
  gate->listeners[gate->listener_count++] = *listener;
  return iree_status_from_code(IREE_STATUS_DEFERRED);
}

static iree_status_t gate_ctl(iree_wait_source_t source, iree_wait_source_command_t command,
                              const void* params, void** inout_ptr) {
  test_gate_t* gate = (test_gate_t*)source.self;
  iree_status_t status = iree_ok_status();
  pthread_mutex_lock(&gate->mutex);
  if (command == IREE_WAIT_SOURCE_COMMAND_QUERY) {
    *(iree_status_code_t*)inout_ptr = gate->is_open ? gate->code : IREE_STATUS_DEFERRED;
  } else if (command == IREE_WAIT_SOURCE_COMMAND_WAIT_ONE) {
    status = gate_wait(gate, ((const iree_wait_source_wait_params_t*)params)->timeout);
  } else {
    status = gate_listen(gate, (const tenon_wait_listener_t*)params);
  }
  pthread_mutex_unlock(&gate->mutex);
  return status;
}

//===--------------------------------------------------------------------------------------------===//
// The module
//===--------------------------------------------------------------------------------------------===//

#define SHIM(name)                                                                         \
  static iree_status_t name(iree_vm_stack_t* stack, iree_vm_native_function_flags_t flags, \
                            iree_byte_span_t arguments, iree_byte_span_t results,          \
                            iree_vm_native_function_target_t target, void* module, void* state)

static void frame_cleanup(iree_vm_stack_frame_t* frame) {
  iree_atomic_fetch_add(&frame_count, -1, iree_memory_order_acq_rel);
}

static iree_status_t enter(iree_vm_stack_t* stack) {
  iree_vm_stack_frame_t* frame = NULL;
  IREE_RETURN_IF_ERROR(iree_vm_stack_function_enter(stack, NULL, IREE_VM_STACK_FRAME_NATIVE, 16,
                                                    frame_cleanup, &frame));
  iree_atomic_fetch_add(&frame_count, 1, iree_memory_order_acq_rel);
  memset(iree_vm_stack_frame_storage(frame), 0, 16);
  return iree_ok_status();
}

// Waits for the gate that is the next reference in |arguments|; it owns the wait.
static iree_status_t wait_for(iree_vm_stack_t* stack, uint8_t* argument) {
  iree_vm_ref_t owner;
  memcpy(&owner, argument, sizeof(owner));
  memset(argument, 0, sizeof(owner));
  const iree_wait_source_t source = {{{owner.ptr, 0}}, gate_ctl};
  iree_vm_stack_wait_on(stack, source, &owner);
  return iree_status_from_code(IREE_STATUS_DEFERRED);
}

// Waits for as many gates as there are arguments, one after the other.
SHIM(wait_gates) {
  if (!(flags & IREE_VM_NATIVE_FUNCTION_CALL_RESUME)) {
    IREE_RETURN_IF_ERROR(enter(stack));
  } else {
    iree_atomic_fetch_add(&resume_count, 1, iree_memory_order_acq_rel);
    IREE_RETURN_IF_ERROR(iree_vm_stack_consume_wait_status(stack));
  }
  uint64_t* next = (uint64_t*)iree_vm_stack_frame_storage(iree_vm_stack_top(stack));
  const uint64_t offset = (*next)++ * sizeof(iree_vm_ref_t);
  if (offset < arguments.data_length) return wait_for(stack, arguments.data + offset);
  return iree_vm_stack_function_leave(stack);
}

SHIM(spin) {
  if (!(flags & IREE_VM_NATIVE_FUNCTION_CALL_RESUME)) {
    IREE_RETURN_IF_ERROR(enter(stack));
  } else {
    iree_atomic_fetch_add(&resume_count, 1, iree_memory_order_acq_rel);
  }
  int64_t* done = (int64_t*)iree_vm_stack_frame_storage(iree_vm_stack_top(stack));
  int64_t count = 0;
  memcpy(&count, arguments.data, sizeof(count));
  if ((*done)++ < count) return iree_status_from_code(IREE_STATUS_DEFERRED);
  return iree_vm_stack_function_leave(stack);
}

SHIM(bad) { return iree_status_from_code(IREE_STATUS_DEFERRED); }

SHIM(careless) { return iree_status_ignore(wait_for(stack, arguments.data)); }

static const iree_vm_native_export_descriptor_t exports[] = {
    {IREE_VM_NATIVE_STR("wait"), IREE_VM_NATIVE_STR("0r_v"), 0, NULL},
    {IREE_VM_NATIVE_STR("wait_two"), IREE_VM_NATIVE_STR("0rr_v"), 0, NULL},
    {IREE_VM_NATIVE_STR("spin"), IREE_VM_NATIVE_STR("0I_v"), 0, NULL},
    {IREE_VM_NATIVE_STR("careless"), IREE_VM_NATIVE_STR("0r_v"), 0, NULL},
    {IREE_VM_NATIVE_STR("bad"), IREE_VM_NATIVE_STR("0v_v"), 0, NULL},
};
static const iree_vm_native_function_ptr_t functions[] = {
    {wait_gates, NULL}, {wait_gates, NULL}, {spin, NULL}, {careless, NULL}, {bad, NULL}};
static const iree_vm_native_module_descriptor_t descriptor = {
    .name = IREE_VM_NATIVE_STR("gates"),
    .export_count = IREE_ARRAYSIZE(exports),
    .exports = exports,
    .function_count = IREE_ARRAYSIZE(functions),
    .functions = functions,
};

iree_status_t test_gate_module_create(iree_vm_instance_t* instance, iree_allocator_t allocator,
                                      iree_vm_module_t** out_module) {
  *out_module = NULL;
  iree_vm_module_t interface;
  IREE_RETURN_IF_ERROR(iree_vm_module_initialize(&interface, NULL));
  return iree_vm_native_module_create(&interface, &descriptor, instance, allocator, out_module);
}

iree_status_t test_gate_context_create(iree_allocator_t allocator,
                                       iree_vm_context_t** out_context) {
  *out_context = NULL;
  iree_vm_instance_t* instance = NULL;
  IREE_RETURN_IF_ERROR(iree_vm_instance_create(allocator, &instance));
  iree_vm_module_t* module = NULL;
  iree_status_t status = test_gate_module_create(instance, allocator, &module);
  if (iree_status_is_ok(status)) {
    status = iree_vm_context_create_with_modules(instance, 0, 1, &module, allocator, out_context);
  }
  iree_vm_module_release(module);
  iree_vm_instance_release(instance);
  return status;
}
