// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The `hal` module as an object.

#include "iree/modules/hal/module.h"

#include "iree/modules/hal/types.h"
#include "modules/hal/exports.h"
#include "modules/hal/shim.h"

// Names and calling conventions in turn, each with its NUL.
static const char hal_export_texts[] =
#define EXPORT(id, name, convention) name "\0" convention "\0"
    TENON_HAL_EXPORTS(EXPORT)
#undef EXPORT
    ;
enum {
#define EXPORT(id, name, convention) EXPORT_##id,
  TENON_HAL_EXPORTS(EXPORT)
#undef EXPORT
      EXPORT_COUNT
};

// What describes the module, the same for each. Made when it is created: constant tables of pointers to the texts would be
// larger than all of them.
typedef struct hal_tables_t {
  iree_vm_native_module_descriptor_t descriptor;
  iree_vm_native_export_descriptor_t exports[EXPORT_COUNT];
  iree_vm_native_function_ptr_t functions[EXPORT_COUNT];
} hal_tables_t;

static const iree_vm_native_function_shim_t hal_shims[EXPORT_COUNT] = {
    [EXPORT_BUFFER_ALLOCATE] = tenon_hal_shim_buffer_allocate,
    [EXPORT_BUFFER_CLONE] = tenon_hal_shim_buffer_clone,
    [EXPORT_BUFFER_CONSTANT] = tenon_hal_shim_buffer_constant,
    [EXPORT_BUFFER_LOAD] = tenon_hal_shim_buffer_load,
    [EXPORT_BUFFER_SUBSPAN] = tenon_hal_shim_buffer_subspan,
    [EXPORT_BUFFER_VIEW_CREATE] = tenon_hal_shim_buffer_view_create,
    [EXPORT_DISPATCH] = tenon_hal_shim_dispatch,
    [EXPORT_EXECUTABLE_CREATE] = tenon_hal_shim_executable_create,
    [EXPORT_FENCE_AWAIT] = tenon_hal_shim_fence_await,
    [EXPORT_FENCE_CREATE] = tenon_hal_shim_fence_create,
    [EXPORT_FENCE_JOIN] = tenon_hal_shim_fence_join,
    [EXPORT_INVOKE] = tenon_hal_shim_invoke,
    [EXPORT_QUEUE_BARRIER] = tenon_hal_shim_queue_barrier,
    [EXPORT_QUEUE_CLONE] = tenon_hal_shim_queue_clone,
    [EXPORT_QUEUE_COPY] = tenon_hal_shim_queue_copy,
    [EXPORT_QUEUE_DISPATCH] = tenon_hal_shim_queue_dispatch,
    [EXPORT_BUFFER_VIEW_IMPORT... EXPORT_BUFFER_VIEW_IMPORT_6] = tenon_hal_shim_buffer_view_import,
};

// |tables| are all zero.
static void make_tables(hal_tables_t* tables) {
  const char* text = hal_export_texts;
  for (int i = 0; i < EXPORT_COUNT; ++i) {
    iree_string_view_t* const views[] = {&tables->exports[i].local_name,
                                         &tables->exports[i].calling_convention};
    for (int j = 0; j < 2; ++j) {
      *views[j] = iree_make_cstring_view(text);
      text += views[j]->size + 1;
    }
    tables->functions[i].shim = hal_shims[i];
  }
  tables->descriptor.name = IREE_SV("hal");
  tables->descriptor.export_count = tables->descriptor.function_count = EXPORT_COUNT;
  tables->descriptor.exports = tables->exports;
  tables->descriptor.functions = tables->functions;
}

static void hal_module_destroy(void* self) {
  hal_module_t* module = self;
  iree_hal_device_release(module->device);
}

static iree_status_t hal_module_alloc_state(void* self, iree_allocator_t allocator,
                                            iree_vm_module_state_t** out_module_state) {
  *out_module_state = self;
  return iree_ok_status();
}

static void hal_module_free_state(void* self, iree_vm_module_state_t* module_state) {}

IREE_API_EXPORT iree_status_t iree_hal_module_create(iree_vm_instance_t* instance,
                                                     iree_hal_device_t* device,
                                                     iree_hal_module_flags_t flags,
                                                     iree_allocator_t allocator,
                                                     iree_vm_module_t** out_module) {
  *out_module = NULL;
  if (flags != IREE_HAL_MODULE_FLAG_NONE) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "unknown hal module flags 0x%X; pass 0",
                            flags);
  }
  if (!device || !tenon_hal_local_device_isa(device)) {
    const iree_string_view_t id = device ? iree_hal_device_id(device) : IREE_SV("(null)");
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "the hal module runs on devices of the drivers local-sync and "
                            "local-task; '%.*s' is none",
                            (int)id.size, id.data);
  }
  if (!iree_hal_buffer_view_type_id()) {
    return iree_make_status(
        IREE_STATUS_FAILED_PRECONDITION,
        "the HAL's types are not registered; call iree_hal_module_register_all_types first");
  }
  const iree_host_size_t offset = iree_host_align(iree_vm_native_module_size(), 16);
  const iree_host_size_t tables_offset = offset + iree_host_align(sizeof(hal_module_t), 16);
  iree_vm_module_t* base = NULL;
  IREE_RETURN_IF_ERROR(
      iree_allocator_malloc(allocator, tables_offset + sizeof(hal_tables_t), (void**)&base));
  hal_tables_t* tables = (hal_tables_t*)((uint8_t*)base + tables_offset);
  make_tables(tables);
  hal_module_t* module = (hal_module_t*)((uint8_t*)base + offset);
  *module = (hal_module_t){
      .host_allocator = allocator,
      .device = device,
      .device_allocator = iree_hal_device_allocator(device),
      .buffer_type = iree_hal_buffer_type_id(),
      .buffer_view_type = iree_hal_buffer_view_type_id(),
      .executable_type = iree_hal_executable_type_id(),
      .fence_type = iree_hal_fence_type_id(),
      .vm_buffer_type = iree_vm_buffer_type_id(),
      .has_executor = tenon_hal_local_device_executor(device) != NULL,
  };
  iree_vm_module_t module_interface;
  iree_status_t status = iree_vm_module_initialize(&module_interface, module);
  module_interface.destroy = hal_module_destroy;
  module_interface.alloc_state = hal_module_alloc_state;
  module_interface.free_state = hal_module_free_state;
  if (iree_status_is_ok(status)) {
    status = iree_vm_native_module_initialize(&module_interface, &tables->descriptor, instance,
                                              allocator, base);
  }
  if (!iree_status_is_ok(status)) {
    iree_allocator_free(allocator, base);
    return status;
  }
  iree_hal_device_retain(device);
  *out_module = base;
  return iree_ok_status();
}

IREE_API_EXPORT iree_hal_device_t* iree_hal_module_state_device(
    iree_vm_module_state_t* module_state) {
  return ((hal_module_t*)module_state)->device;
}
