// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The custom module in C: a type of its own, and four functions on it.

#include "module.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

//===----------------------------------------------------------------------===//
// The type
//===----------------------------------------------------------------------===//

struct iree_custom_string_t {
  // The count is anywhere in the first 255 bytes.
  iree_vm_ref_object_t ref_object;
  iree_allocator_t allocator;
  iree_string_view_t value;  // the bytes follow the struct
};

static void IREE_API_PTR string_destroy(void* ptr) {
  iree_custom_string_t* string = (iree_custom_string_t*)ptr;
  iree_allocator_free(string->allocator, string);
}

static iree_vm_ref_type_descriptor_t iree_custom_string_descriptor = {
    .destroy = string_destroy,
    .offsetof_counter = offsetof(iree_custom_string_t, ref_object.counter),
    .type_name = {"custom.string", sizeof("custom.string") - 1},
};

IREE_VM_DEFINE_TYPE_ADAPTERS(iree_custom_string, iree_custom_string_t);

iree_status_t iree_custom_module_register_types(void) {
  if (iree_custom_string_descriptor.type) return iree_ok_status();
  return iree_vm_ref_register_type(&iree_custom_string_descriptor);
}

static iree_status_t string_create(iree_string_view_t value, iree_allocator_t allocator,
                                   iree_custom_string_t** out_string) {
  iree_custom_string_t* string = NULL;
  IREE_RETURN_IF_ERROR(
      iree_allocator_malloc(allocator, sizeof(*string) + value.size, (void**)&string));
  string->ref_object.counter = IREE_ATOMIC_VAR_INIT(1);
  string->allocator = allocator;
  string->value = iree_make_string_view((const char*)(string + 1), value.size);
  if (value.size) memcpy(string + 1, value.data, value.size);
  *out_string = string;
  return iree_ok_status();
}

//===----------------------------------------------------------------------===//
// The functions. Arguments are references that go when the function returns; of any type, so each is looked at.
//===----------------------------------------------------------------------===//

typedef struct custom_module_t {
  iree_allocator_t host_allocator;
} custom_module_t;

// These functions have nothing to remember from call to call.
typedef void no_state_t;

IREE_VM_ABI_EXPORT(custom_create, no_state_t, r, r) {
  iree_vm_buffer_t* buffer = NULL;
  IREE_RETURN_IF_ERROR(iree_vm_buffer_check_deref(args->r0, &buffer));
  iree_string_view_t value = iree_vm_buffer_as_string(buffer);
  printf("CREATE %.*s\n", (int)value.size, value.data);
  iree_custom_string_t* string = NULL;
  IREE_RETURN_IF_ERROR(string_create(value, ((custom_module_t*)module)->host_allocator, &string));
  rets->r0 = iree_custom_string_move_ref(string);
  return iree_ok_status();
}

IREE_VM_ABI_EXPORT(custom_length, no_state_t, r, I) {
  iree_custom_string_t* string = NULL;
  IREE_RETURN_IF_ERROR(iree_custom_string_check_deref(args->r0, &string));
  printf("LENGTH %.*s = %zu\n", (int)string->value.size, string->value.data, string->value.size);
  rets->i0 = (int64_t)string->value.size;
  return iree_ok_status();
}

IREE_VM_ABI_EXPORT(custom_print, no_state_t, r, v) {
  iree_custom_string_t* string = NULL;
  IREE_RETURN_IF_ERROR(iree_custom_string_check_deref(args->r0, &string));
  printf("PRINT %.*s\n", (int)string->value.size, string->value.data);
  return iree_ok_status();
}

//===----------------------------------------------------------------------===//
// The module
//===----------------------------------------------------------------------===//

static const iree_vm_native_export_descriptor_t exports[] = {
    {.local_name = IREE_VM_NATIVE_STR("string.create"),
     .calling_convention = IREE_VM_NATIVE_STR("0r_r")},
    {.local_name = IREE_VM_NATIVE_STR("string.length"),
     .calling_convention = IREE_VM_NATIVE_STR("0r_I")},
    {.local_name = IREE_VM_NATIVE_STR("string.print"),
     .calling_convention = IREE_VM_NATIVE_STR("0r_v")},
#if !defined(NDEBUG)
    {.local_name = IREE_VM_NATIVE_STR("string.dprint"),
     .calling_convention = IREE_VM_NATIVE_STR("0r_v")},
#endif
};
static const iree_vm_native_function_ptr_t functions[] = {
    {(iree_vm_native_function_shim_t)iree_vm_shim_r_r,
     (iree_vm_native_function_target_t)custom_create},
    {(iree_vm_native_function_shim_t)iree_vm_shim_r_I,
     (iree_vm_native_function_target_t)custom_length},
    {(iree_vm_native_function_shim_t)iree_vm_shim_r_v,
     (iree_vm_native_function_target_t)custom_print},
#if !defined(NDEBUG)
    {(iree_vm_native_function_shim_t)iree_vm_shim_r_v,
     (iree_vm_native_function_target_t)custom_print},
#endif
};
static const iree_vm_native_module_descriptor_t descriptor = {
    .name = IREE_VM_NATIVE_STR("custom"),
    .export_count = IREE_ARRAYSIZE(exports),
    .exports = exports,
    .function_count = IREE_ARRAYSIZE(functions),
    .functions = functions,
};

static void IREE_API_PTR destroy(void* self) {
  custom_module_t* module = (custom_module_t*)self;
  iree_allocator_free(module->host_allocator, module);
}

iree_status_t iree_custom_module_basic_create(iree_vm_instance_t* instance,
                                              iree_allocator_t host_allocator,
                                              iree_vm_module_t** out_module) {
  *out_module = NULL;
  custom_module_t* module = NULL;
  IREE_RETURN_IF_ERROR(iree_allocator_malloc(host_allocator, sizeof(*module), (void**)&module));
  module->host_allocator = host_allocator;
  iree_vm_module_t interface;
  iree_status_t status = iree_vm_module_initialize(&interface, module);
  if (iree_status_is_ok(status)) {
    interface.destroy = destroy;
    status =
        iree_vm_native_module_create(&interface, &descriptor, instance, host_allocator, out_module);
  }
  if (!iree_status_is_ok(status)) destroy(module);
  return status;
}
