// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "vm/bytecode/testing/harness.h"

#include <string.h>

#include "iree/vm/bytecode_module.h"

//===----------------------------------------------------------------------===//
// The module `custom`
//===----------------------------------------------------------------------===//

IREE_VM_ABI_EXPORT(custom_twice, void, i, i) {
  rets->i0 = (int32_t)((uint32_t)args->i0 * 2u);
  return iree_ok_status();
}

IREE_VM_ABI_EXPORT(custom_same, void, r, r) {
  rets->r0 = args->r0;
  args->r0 = iree_vm_ref_null();
  return iree_ok_status();
}

IREE_VM_ABI_EXPORT(custom_refs, void, r, i) {
  iree_vm_ref_t ref = args->r0;
  iree_vm_buffer_t* buffer = NULL;
  IREE_RETURN_IF_ERROR(iree_vm_buffer_check_deref_or_null(ref, &buffer));
  rets->i0 = buffer ? iree_atomic_ref_count_load(&buffer->ref_object.counter) : 0;
  return iree_ok_status();
}

static iree_status_t shim_mix(iree_vm_stack_t* stack, iree_vm_native_function_flags_t flags,
                              iree_byte_span_t args, iree_byte_span_t rets,
                              iree_vm_native_function_target_t target, void* module, void* state) {
  // I f F r at 0, 8, 12, 20; r F f I at 0, 16, 24, 28.
  memcpy(rets.data, args.data + 20, 16);
  memset(args.data + 20, 0, 16);
  memcpy(rets.data + 16, args.data + 12, 8);
  memcpy(rets.data + 24, args.data + 8, 4);
  memcpy(rets.data + 28, args.data, 8);
  return iree_ok_status();
}

static iree_status_t shim_sum(iree_vm_stack_t* stack, iree_vm_native_function_flags_t flags,
                              iree_byte_span_t args, iree_byte_span_t rets,
                              iree_vm_native_function_target_t target, void* module, void* state) {
  int32_t count = 0;
  memcpy(&count, args.data + 4, sizeof(count));
  uint64_t sum = 0;
  for (int32_t i = 0; i < count; ++i) {
    uint64_t value;
    memcpy(&value, args.data + 8 + i * 24 + 16, sizeof(value));
    sum += value;
  }
  memcpy(rets.data, &sum, sizeof(sum));
  iree_vm_function_release_storage(iree_make_cstring_view("iCrID"), args);
  return iree_ok_status();
}

static iree_status_t shim_fail(iree_vm_stack_t* stack, iree_vm_native_function_flags_t flags,
                               iree_byte_span_t args, iree_byte_span_t rets,
                               iree_vm_native_function_target_t target, void* module, void* state) {
  // A reference in the results is the caller's also when the call fails; so are the arguments that
  // are left.
  memcpy(rets.data, args.data + 4, 16);
  memset(args.data + 4, 0, 16);
  return iree_make_status(IREE_STATUS_UNAVAILABLE, "custom failure");
}

static iree_status_t shim_yield(iree_vm_stack_t* stack, iree_vm_native_function_flags_t flags,
                                iree_byte_span_t args, iree_byte_span_t rets,
                                iree_vm_native_function_target_t target, void* module,
                                void* state) {
  int32_t count = 0;
  memcpy(&count, args.data + 16, sizeof(count));
  if (count > 8) count = 8;
  iree_vm_stack_frame_t* frame = NULL;
  if (!(flags & IREE_VM_NATIVE_FUNCTION_CALL_RESUME)) {
    IREE_RETURN_IF_ERROR(iree_vm_stack_function_enter(stack, NULL, IREE_VM_STACK_FRAME_NATIVE,
                                                      sizeof(int32_t), NULL, &frame));
    *(int32_t*)iree_vm_stack_frame_storage(frame) = count < 0 ? 1 : count;
  } else {
    frame = iree_vm_stack_top(stack);
    --*(int32_t*)iree_vm_stack_frame_storage(frame);
  }
  if (*(int32_t*)iree_vm_stack_frame_storage(frame) > 0) {
    return iree_status_from_code(IREE_STATUS_DEFERRED);
  }
  IREE_RETURN_IF_ERROR(iree_vm_stack_function_leave(stack));
  if (count < 0) return iree_make_status(IREE_STATUS_ABORTED, "gave up");
  int32_t result = (int32_t)((uint32_t)count * 2u);
  memcpy(rets.data, &result, sizeof(result));
  iree_vm_function_release_storage(iree_make_cstring_view("ri"), args);
  return iree_ok_status();
}

#define STR(text) IREE_VM_NATIVE_STR(text)
static const iree_vm_native_export_descriptor_t custom_exports[] = {
    {STR("twice"), STR("0i_i"), 0, NULL},   {STR("mix"), STR("0IfFr_rFfI"), 0, NULL},
    {STR("sum"), STR("0iCrID_I"), 0, NULL}, {STR("same"), STR("0r_r"), 0, NULL},
    {STR("fail"), STR("0ir_r"), 0, NULL},   {STR("yield"), STR("0ri_i"), 0, NULL},
    {STR("refs"), STR("0r_i"), 0, NULL},
};
#undef STR
static const iree_vm_native_function_ptr_t custom_functions[] = {
    {(iree_vm_native_function_shim_t)iree_vm_shim_i_i,
     (iree_vm_native_function_target_t)custom_twice},
    {shim_mix, NULL},
    {shim_sum, NULL},
    {(iree_vm_native_function_shim_t)iree_vm_shim_r_r,
     (iree_vm_native_function_target_t)custom_same},
    {shim_fail, NULL},
    {shim_yield, NULL},
    {(iree_vm_native_function_shim_t)iree_vm_shim_r_i,
     (iree_vm_native_function_target_t)custom_refs},
};
static const iree_vm_native_module_descriptor_t custom_descriptor = {
    .name = IREE_VM_NATIVE_STR("custom"),
    .export_count = IREE_ARRAYSIZE(custom_exports),
    .exports = custom_exports,
    .function_count = IREE_ARRAYSIZE(custom_functions),
    .functions = custom_functions,
};

//===----------------------------------------------------------------------===//
// Harness
//===----------------------------------------------------------------------===//

static iree_status_t tenon_harness_fill(iree_const_byte_span_t archive, tenon_harness_t* h) {
  IREE_RETURN_IF_ERROR(iree_vm_instance_create(h->allocator, &h->instance));
  iree_vm_module_t interface;
  IREE_RETURN_IF_ERROR(iree_vm_module_initialize(&interface, NULL));
  IREE_RETURN_IF_ERROR(iree_vm_native_module_create(&interface, &custom_descriptor, h->instance,
                                                    h->allocator, &h->custom));
  IREE_RETURN_IF_ERROR(iree_vm_bytecode_module_create(h->instance, archive, iree_allocator_null(),
                                                      h->allocator, &h->module));
  iree_vm_module_t* modules[] = {h->custom, h->module};
  return iree_vm_context_create_with_modules(h->instance, IREE_VM_CONTEXT_FLAG_NONE, 2, modules,
                                             h->allocator, &h->context);
}

iree_status_t tenon_harness_create(iree_const_byte_span_t archive, iree_allocator_t allocator,
                                   tenon_harness_t* out_harness) {
  memset(out_harness, 0, sizeof(*out_harness));
  out_harness->allocator = allocator;
  iree_status_t status = tenon_harness_fill(archive, out_harness);
  if (!iree_status_is_ok(status)) tenon_harness_destroy(out_harness);
  return status;
}

void tenon_harness_destroy(tenon_harness_t* harness) {
  if (harness->context) iree_vm_context_release(harness->context);
  if (harness->module) iree_vm_module_release(harness->module);
  if (harness->custom) iree_vm_module_release(harness->custom);
  if (harness->instance) iree_vm_instance_release(harness->instance);
  memset(harness, 0, sizeof(*harness));
}

iree_status_t tenon_harness_call(tenon_harness_t* harness, const char* name, iree_vm_list_t* inputs,
                                 iree_vm_list_t* outputs) {
  iree_vm_function_t function;
  IREE_RETURN_IF_ERROR(iree_vm_module_lookup_function_by_name(
      harness->module, IREE_VM_FUNCTION_LINKAGE_EXPORT, iree_make_cstring_view(name), &function));
  return iree_vm_invoke(harness->context, function, IREE_VM_INVOCATION_FLAG_NONE, NULL, inputs,
                        outputs, harness->allocator);
}
