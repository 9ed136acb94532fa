// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Making modules: everything that a call would otherwise work out each time is read and checked here.

#include "modules/async/module.h"

// Says to whoever calls that the function takes fences.
static const iree_string_pair_t tenon_async_abi_model = {
    .key = IREE_SVL("iree.abi.model"),
    .value = IREE_SVL("coarse-fences"),
};

static void tenon_async_module_free(tenon_async_module_t* module) {
  for (iree_host_size_t i = 0; i < module->descriptor.export_count; ++i) {
    iree_allocator_free(module->host_allocator, module->entries[i].signature);
  }
  tenon_blocking_pool_release(module->pool);
  iree_hal_device_release(module->device);
  iree_allocator_free(module->host_allocator, module);
}

static void IREE_API_PTR tenon_async_module_destroy(void* self) {
  tenon_async_module_t* module = (tenon_async_module_t*)self;
  if (module->destroy) module->destroy(module->user_data);
  tenon_async_module_free(module);
}

// Every open dim of the results comes from somewhere.
static iree_status_t tenon_check_open_dims(const tenon_async_entry_t* entry) {
  const tenon_async_signature_t* signature = entry->signature;
  if (entry->function->shape) return iree_ok_status();
  for (iree_host_size_t i = 0; i < signature->result_count; ++i) {
    const iree_host_size_t like = tenon_async_result_like(entry, i);
    const iree_host_size_t known_rank =
        like < signature->argument_count ? signature->arguments[like].rank : 0;
    for (iree_host_size_t d = 0; d < signature->results[i].rank; ++d) {
      if (signature->results[i].dims[d] != TENON_ASYNC_OPEN_DIM || d < known_rank) continue;
      return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                              "dim %" PRIhsz " of result %" PRIhsz
                              " of '%s' is open and argument %" PRIhsz
                              " has none in its place; name another argument with result_like, or "
                              "write a shape function",
                              d, i, entry->function->type, like);
    }
  }
  return iree_ok_status();
}

static iree_status_t tenon_async_entry_initialize(tenon_async_module_t* module, iree_host_size_t i,
                                                  const tenon_async_function_t* function) {
  tenon_async_entry_t* entry = &module->entries[i];
  entry->module = module;
  entry->function = function;
  if (!function->name || !function->type || !function->fn) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "it needs a name, a type and a function");
  }
  IREE_RETURN_IF_ERROR(tenon_async_signature_parse(iree_make_cstring_view(function->type),
                                                   module->host_allocator, &entry->signature));
  IREE_RETURN_IF_ERROR(tenon_check_open_dims(entry));
  module->exports[i].local_name = iree_make_cstring_view(function->name);
  module->exports[i].calling_convention = entry->signature->calling_convention;
  module->exports[i].attr_count = 1;
  module->exports[i].attrs = &tenon_async_abi_model;
  module->functions[i].shim = tenon_async_shim;
  module->functions[i].target = (iree_vm_native_function_target_t)(uintptr_t)entry;
  return iree_ok_status();
}

// The module and its tables in one block, with all functions but the native module itself.
static iree_status_t tenon_async_module_allocate(const tenon_async_module_params_t* params,
                                                 iree_allocator_t host_allocator,
                                                 tenon_async_module_t** out_module) {
  const iree_host_size_t count = params->function_count;
  const iree_host_size_t size_of_each = sizeof(tenon_async_entry_t) +
                                        sizeof(iree_vm_native_export_descriptor_t) +
                                        sizeof(iree_vm_native_function_ptr_t);
  if (count > UINT16_MAX) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "%" PRIhsz " functions; a module has at most 65535", count);
  }
  tenon_async_module_t* module = NULL;
  IREE_RETURN_IF_ERROR(iree_allocator_malloc(host_allocator, sizeof(*module) + count * size_of_each,
                                             (void**)&module));
  module->host_allocator = host_allocator;
  module->exports = (iree_vm_native_export_descriptor_t*)&module->entries[count];
  module->functions = (iree_vm_native_function_ptr_t*)&module->exports[count];
  module->descriptor.name = iree_make_cstring_view(params->name);
  module->descriptor.export_count = count;
  module->descriptor.exports = module->exports;
  module->descriptor.function_count = count;
  module->descriptor.functions = module->functions;
  module->device = params->device;
  iree_hal_device_retain(module->device);
  module->pool = params->pool;
  tenon_blocking_pool_retain(module->pool);
  *out_module = module;
  return iree_ok_status();
}

static iree_status_t tenon_async_module_initialize(tenon_async_module_t* module,
                                                   iree_vm_instance_t* instance,
                                                   const tenon_async_module_params_t* params) {
  for (iree_host_size_t i = 0; i < params->function_count; ++i) {
    const tenon_async_function_t* function = &params->functions[i];
    IREE_RETURN_IF_ERROR(tenon_async_entry_initialize(module, i, function),
                         "asynchronous function %" PRIhsz " '%s' of module '%s'", i,
                         function->name ? function->name : "", params->name);
  }
  if (!module->pool) {
    const tenon_blocking_pool_options_t options = {0};
    IREE_RETURN_IF_ERROR(
        tenon_blocking_pool_create(&options, module->host_allocator, &module->pool));
  }
  iree_vm_module_t interface;
  IREE_RETURN_IF_ERROR(iree_vm_module_initialize(&interface, module));
  interface.destroy = tenon_async_module_destroy;
  return iree_vm_native_module_create(&interface, &module->descriptor, instance,
                                      module->host_allocator, &module->base);
}

IREE_API_EXPORT iree_status_t tenon_async_module_create(iree_vm_instance_t* instance,
                                                        const tenon_async_module_params_t* params,
                                                        iree_allocator_t host_allocator,
                                                        iree_vm_module_t** out_module) {
  *out_module = NULL;
  if (!params->name || !params->device) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "an asynchronous module needs a name and a device for its results");
  }
  tenon_async_module_t* module = NULL;
  IREE_RETURN_IF_ERROR(tenon_async_module_allocate(params, host_allocator, &module));
  iree_status_t status = tenon_async_module_initialize(module, instance, params);
  if (!iree_status_is_ok(status)) {
    tenon_async_module_free(module);
    return status;
  }
  // From now on the module's end is the user data's.
  module->user_data = params->user_data;
  module->destroy = params->destroy;
  *out_module = module->base;
  return iree_ok_status();
}
