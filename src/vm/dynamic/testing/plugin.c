// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A plugin with entry points of every kind: those that work and those that don't.

#include "iree/vm/api.h"
#include "iree/vm/dynamic/module.h"

//===--- A module that shows whose runtime it uses -----------------------------------------------===//

typedef struct plugin_thing_t {
  iree_vm_ref_object_t ref_object;
  iree_allocator_t allocator;
} plugin_thing_t;

static void IREE_API_PTR thing_destroy(void* self) {
  plugin_thing_t* thing = (plugin_thing_t*)self;
  iree_allocator_free(thing->allocator, thing);
}

static iree_vm_ref_type_descriptor_t plugin_thing_descriptor = {
    .destroy = thing_destroy,
    .offsetof_counter = offsetof(plugin_thing_t, ref_object.counter),
    .type_name = IREE_VM_NATIVE_STR("plugin.thing"),
};
IREE_VM_DECLARE_TYPE_ADAPTERS(plugin_thing, plugin_thing_t);
IREE_VM_DEFINE_TYPE_ADAPTERS(plugin_thing, plugin_thing_t);

typedef struct plugin_module_t {
  iree_allocator_t allocator;
  int32_t value;
} plugin_module_t;

// plugin.value() -> i32
IREE_VM_ABI_EXPORT(value, void, v, i) {
  rets->i0 = ((const plugin_module_t*)module)->value;
  return iree_ok_status();
}

// plugin.thing() -> !plugin.thing
IREE_VM_ABI_EXPORT(make_thing, void, v, r) {
  const iree_allocator_t allocator = ((const plugin_module_t*)module)->allocator;
  plugin_thing_t* thing = NULL;
  IREE_RETURN_IF_ERROR(iree_allocator_malloc(allocator, sizeof(*thing), (void**)&thing));
  iree_atomic_ref_count_init(&thing->ref_object.counter);
  thing->allocator = allocator;
  rets->r0 = plugin_thing_move_ref(thing);
  return iree_ok_status();
}

// plugin.fail()
IREE_VM_ABI_EXPORT(fail, void, v, v) {
  return iree_make_status(IREE_STATUS_DATA_LOSS, "a failure of the %s", "plugin");
}

static const iree_vm_native_export_descriptor_t exports[] = {
    {.local_name = IREE_VM_NATIVE_STR("fail"), .calling_convention = IREE_VM_NATIVE_STR("0v_v")},
    {.local_name = IREE_VM_NATIVE_STR("thing"), .calling_convention = IREE_VM_NATIVE_STR("0v_r")},
    {.local_name = IREE_VM_NATIVE_STR("value"), .calling_convention = IREE_VM_NATIVE_STR("0v_i")},
};
static const iree_vm_native_function_ptr_t functions[] = {
    {iree_vm_shim_v_v, (iree_vm_native_function_target_t)fail},
    {iree_vm_shim_v_r, (iree_vm_native_function_target_t)make_thing},
    {iree_vm_shim_v_i, (iree_vm_native_function_target_t)value},
};
static const iree_vm_native_module_descriptor_t descriptor = {
    .name = IREE_VM_NATIVE_STR("plugin"),
    .export_count = IREE_ARRAYSIZE(exports),
    .exports = exports,
    .function_count = IREE_ARRAYSIZE(functions),
    .functions = functions,
};

static void IREE_API_PTR destroy(void* self) {
  plugin_module_t* module = (plugin_module_t*)self;
  iree_allocator_free(module->allocator, module);
}

static iree_status_t create(iree_vm_instance_t* instance, int32_t result,
                            iree_allocator_t allocator, iree_vm_module_t** out_module) {
  IREE_RETURN_IF_ERROR(iree_vm_ref_register_type(&plugin_thing_descriptor));
  plugin_module_t* module = NULL;
  IREE_RETURN_IF_ERROR(iree_allocator_malloc(allocator, sizeof(*module), (void**)&module));
  module->allocator = allocator;
  module->value = result;
  iree_vm_module_t interface;
  iree_status_t status = iree_vm_module_initialize(&interface, module);
  if (iree_status_is_ok(status)) {
    interface.destroy = destroy;
    status = iree_vm_native_module_create(&interface, &descriptor, instance, allocator, out_module);
  }
  if (!iree_status_is_ok(status)) destroy(module);
  return status;
}

//===--- Entry points ----------------------------------------------------------------------------===//

// The number is the version with which the entry point was called.
IREE_VM_DYNAMIC_MODULE_EXPORT iree_status_t iree_vm_dynamic_module_create(
    iree_vm_dynamic_module_version_t max_version, iree_vm_instance_t* instance,
    iree_host_size_t param_count, const iree_string_pair_t* params, iree_allocator_t host_allocator,
    iree_vm_module_t** out_module) {
  return create(instance, (int32_t)max_version, host_allocator, out_module);
}

// The number is given as `value=N`; any other key is refused.
IREE_VM_DYNAMIC_MODULE_EXPORT iree_status_t
create_with_value(iree_vm_dynamic_module_version_t max_version, iree_vm_instance_t* instance,
                  iree_host_size_t param_count, const iree_string_pair_t* params,
                  iree_allocator_t host_allocator, iree_vm_module_t** out_module);
IREE_VM_DYNAMIC_MODULE_EXPORT iree_status_t
create_with_value(iree_vm_dynamic_module_version_t max_version, iree_vm_instance_t* instance,
                  iree_host_size_t param_count, const iree_string_pair_t* params,
                  iree_allocator_t host_allocator, iree_vm_module_t** out_module) {
  int32_t number = 0;
  for (iree_host_size_t i = 0; i < param_count; ++i) {
    if (!iree_string_view_equal(params[i].key, IREE_SV("value")) ||
        !iree_string_view_atoi_int32(params[i].value, &number)) {
      return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                              "expected value=NUMBER, but parameter %" PRIhsz " is '%.*s' = '%.*s'",
                              i, (int)params[i].key.size, params[i].key.data,
                              (int)params[i].value.size, params[i].value.data);
    }
  }
  return create(instance, number, host_allocator, out_module);
}

// Breaks the contract: success without a module.
IREE_VM_DYNAMIC_MODULE_EXPORT iree_status_t
create_nothing(iree_vm_dynamic_module_version_t max_version, iree_vm_instance_t* instance,
               iree_host_size_t param_count, const iree_string_pair_t* params,
               iree_allocator_t host_allocator, iree_vm_module_t** out_module);
IREE_VM_DYNAMIC_MODULE_EXPORT iree_status_t
create_nothing(iree_vm_dynamic_module_version_t max_version, iree_vm_instance_t* instance,
               iree_host_size_t param_count, const iree_string_pair_t* params,
               iree_allocator_t host_allocator, iree_vm_module_t** out_module) {
  return iree_ok_status();
}
