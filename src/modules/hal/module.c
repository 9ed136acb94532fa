// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The functions of exports.h. Each takes its arguments straight from the packed storage, which may
// be unaligned; nothing here allocates but the objects that a function is asked for.

#include "iree/modules/hal/module.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "hal/buffer_view_impl.h"
#include "hal/local/executable_abi.h"
#include "hal/local/executable_loader.h"
#include "iree/modules/hal/types.h"
#include "modules/hal/check.h"
#include "modules/hal/exports.h"

// Lies behind the VM's module object, in the same allocation. Constant, so that all contexts share
// it as their state.
typedef struct hal_module_t {
  iree_allocator_t host_allocator;
  iree_hal_device_t* device;
  iree_hal_allocator_t* device_allocator;  // the device's
  // Looked up once: the types of the references that cross the border.
  iree_vm_ref_type_t buffer_type;
  iree_vm_ref_type_t buffer_view_type;
  iree_vm_ref_type_t executable_type;
  iree_vm_ref_type_t vm_buffer_type;
} hal_module_t;

#define REF_SIZE sizeof(iree_vm_ref_t)
#define DIM_SIZE sizeof(int64_t)

//===--------------------------------------------------------------------------------------------===//
// Storage
//===--------------------------------------------------------------------------------------------===//

static inline iree_vm_ref_t load_ref(const uint8_t* p) {
  iree_vm_ref_t ref;
  memcpy(&ref, p, sizeof(ref));
  return ref;
}
static inline int32_t load_i32(const uint8_t* p) {
  int32_t value;
  memcpy(&value, p, sizeof(value));
  return value;
}
static inline int64_t load_i64(const uint8_t* p) {
  int64_t value;
  memcpy(&value, p, sizeof(value));
  return value;
}

// Releases a reference in argument storage and makes it null there, which is what a callee owes.
static inline void release_argument(uint8_t* p) {
  iree_vm_ref_t ref = load_ref(p);
  iree_vm_ref_release(&ref);
  memcpy(p, &ref, sizeof(ref));
}

// The same for one that is known to name |object|, one of the HAL's: they have their counter at 0.
static inline void release_hal_argument(uint8_t* p, void* object) {
  const iree_vm_ref_t ref = load_ref(p);
  memset(p, 0, sizeof(ref));
  if (iree_atomic_ref_count_dec(object) == 1) iree_vm_ref_destroy_object(ref);
}

// Returns |object| with the caller's count of it. HAL objects have their counter at 0.
static inline void store_result(iree_byte_span_t results, void* object, iree_vm_ref_type_t type) {
  const iree_vm_ref_t ref = {object, offsetof(iree_hal_resource_t, ref_count), type};
  memcpy(results.data, &ref, sizeof(ref));
}

static IREE_ATTRIBUTE_COLD iree_status_t make_storage_error(iree_byte_span_t arguments,
                                                            iree_byte_span_t results) {
  return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                          "argument or result storage (%" PRIhsz " and %" PRIhsz
                          " bytes) doesn't match the calling convention",
                          arguments.data_length, results.data_length);
}

// The arguments `iCID`, a tensor type, which start at |offset| and end the storage.
static inline iree_status_t load_tensor_type(iree_byte_span_t arguments, iree_host_size_t offset,
                                             iree_byte_span_t results,
                                             tenon_tensor_type_t* out_type) {
  const iree_host_size_t head = offset + 2 * sizeof(int32_t);
  if (IREE_UNLIKELY(arguments.data_length < head || results.data_length < REF_SIZE)) {
    return make_storage_error(arguments, results);
  }
  out_type->element_type = (iree_hal_element_type_t)load_i32(arguments.data + offset);
  out_type->rank = (uint32_t)load_i32(arguments.data + offset + sizeof(int32_t));
  out_type->dims = arguments.data + head;
  if (IREE_UNLIKELY(arguments.data_length != head + out_type->rank * DIM_SIZE)) {
    return make_storage_error(arguments, results);
  }
  return iree_ok_status();
}

// The same for a tensor that is to be made: all dimensions are extents, which are copied to |dims|.
static inline iree_status_t load_tensor_shape(iree_byte_span_t arguments, iree_host_size_t offset,
                                              iree_byte_span_t results,
                                              iree_hal_dim_t dims[TENON_HAL_MAX_RANK],
                                              tenon_tensor_type_t* out_type) {
  if (IREE_UNLIKELY(results.data_length != REF_SIZE)) return make_storage_error(arguments, results);
  IREE_RETURN_IF_ERROR(load_tensor_type(arguments, offset, results, out_type));
  if (IREE_UNLIKELY(out_type->rank > TENON_HAL_MAX_RANK)) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "a tensor of rank %" PRIhsz "; the most is %d", out_type->rank,
                            TENON_HAL_MAX_RANK);
  }
  for (iree_host_size_t i = 0; i < out_type->rank; ++i) {
    const int64_t dim = tenon_tensor_dim(out_type, i);
    if (IREE_UNLIKELY(dim < 0)) {
      return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                              "dimension %" PRIhsz " of a new tensor is negative: %" PRId64, i,
                              dim);
    }
    dims[i] = (iree_hal_dim_t)dim;
  }
  return iree_ok_status();
}

// The object of a reference in argument storage, borrowed from it.
static inline iree_status_t load_object(const uint8_t* p, iree_vm_ref_type_t type,
                                        void** out_object) {
  const iree_vm_ref_t ref = load_ref(p);
  if (IREE_UNLIKELY(ref.type != type)) {
    iree_status_t status = iree_vm_ref_make_type_error(ref, type);
    IREE_ASSERT(!iree_status_is_ok(status));
    return status;
  }
  *out_object = ref.ptr;
  return iree_ok_status();
}

#define SHIM(name)                                                                         \
  static iree_status_t name(iree_vm_stack_t* stack, iree_vm_native_function_flags_t flags, \
                            iree_byte_span_t arguments, iree_byte_span_t results,          \
                            iree_vm_native_function_target_t target_fn, void* self, void* state)

//===--------------------------------------------------------------------------------------------===//
// buffer
//===--------------------------------------------------------------------------------------------===//

static inline IREE_ATTRIBUTE_ALWAYS_INLINE iree_status_t
allocate_tensor(hal_module_t* module, const tenon_tensor_type_t* type, const iree_hal_dim_t* dims,
                iree_hal_buffer_t** out_buffer, iree_device_size_t* out_size) {
  if (IREE_UNLIKELY(!tenon_hal_dense_size(type->rank, dims, type->element_type, out_size))) {
    IREE_RETURN_IF_ERROR(iree_hal_buffer_compute_view_size(
        type->rank, dims, type->element_type, IREE_HAL_ENCODING_TYPE_DENSE_ROW_MAJOR, out_size));
  }
  // Canonical, so the allocator's implementation takes them as they are.
  static const iree_hal_buffer_params_t params = {
      .usage = IREE_HAL_BUFFER_USAGE_DEFAULT | IREE_HAL_BUFFER_USAGE_MAPPING,
      .access = IREE_HAL_MEMORY_ACCESS_ALL,
      .type = IREE_HAL_MEMORY_TYPE_OPTIMAL_FOR_DEVICE | IREE_HAL_MEMORY_TYPE_HOST_VISIBLE,
      .queue_affinity = IREE_HAL_QUEUE_AFFINITY_ANY,
  };
  const iree_hal_allocator_vtable_t* vtable = module->device_allocator->resource.vtable;
  return vtable->allocate_buffer(module->device_allocator, &params, *out_size,
                                 iree_const_byte_span_empty(), out_buffer);
}

SHIM(buffer_allocate) {
  hal_module_t* module = self;
  iree_hal_dim_t dims[TENON_HAL_MAX_RANK];
  tenon_tensor_type_t type = {0};
  IREE_RETURN_IF_ERROR(load_tensor_shape(arguments, 0, results, dims, &type));
  iree_hal_buffer_t* buffer = NULL;
  iree_device_size_t size = 0;
  IREE_RETURN_IF_ERROR(allocate_tensor(module, &type, dims, &buffer, &size));
  store_result(results, buffer, module->buffer_type);
  return iree_ok_status();
}

SHIM(buffer_clone) {
  hal_module_t* module = self;
  iree_hal_dim_t dims[TENON_HAL_MAX_RANK];
  tenon_tensor_type_t type = {0};
  IREE_RETURN_IF_ERROR(load_tensor_shape(arguments, REF_SIZE, results, dims, &type));
  void* source = NULL;
  IREE_RETURN_IF_ERROR(load_object(arguments.data, module->buffer_type, &source));
  iree_hal_buffer_t* target = NULL;
  iree_device_size_t size = 0;
  IREE_RETURN_IF_ERROR(allocate_tensor(module, &type, dims, &target, &size));
  iree_status_t status = iree_hal_buffer_map_copy(source, 0, target, 0, size);
  if (!iree_status_is_ok(status)) {
    iree_hal_buffer_release(target);
    return status;
  }
  store_result(results, target, module->buffer_type);
  release_argument(arguments.data);
  return iree_ok_status();
}

static void release_constant(void* user_data, iree_hal_buffer_t* buffer) {
  iree_vm_buffer_release(user_data);
}

SHIM(buffer_constant) {
  hal_module_t* module = self;
  if (arguments.data_length != REF_SIZE || results.data_length != REF_SIZE) {
    return make_storage_error(arguments, results);
  }
  void* object = NULL;
  IREE_RETURN_IF_ERROR(load_object(arguments.data, module->vm_buffer_type, &object));
  iree_vm_buffer_t* rodata = object;
  IREE_ASSERT(rodata);
  iree_hal_external_buffer_t memory = {
      .type = IREE_HAL_EXTERNAL_BUFFER_TYPE_HOST_ALLOCATION,
      .size = iree_vm_buffer_length(rodata),
      .handle = {.host_allocation = {.ptr = iree_vm_buffer_data(rodata)}},
  };
  const iree_hal_buffer_params_t params = {
      .usage = IREE_HAL_BUFFER_USAGE_DEFAULT | IREE_HAL_BUFFER_USAGE_MAPPING,
      .access = IREE_HAL_MEMORY_ACCESS_READ,
      .type = IREE_HAL_MEMORY_TYPE_OPTIMAL_FOR_DEVICE | IREE_HAL_MEMORY_TYPE_HOST_VISIBLE,
      .queue_affinity = IREE_HAL_QUEUE_AFFINITY_ANY,
  };
  iree_hal_buffer_release_callback_t on_release = {.fn = release_constant, .user_data = rodata};
  iree_hal_buffer_t* buffer = NULL;
  IREE_RETURN_IF_ERROR(iree_hal_allocator_import_buffer(module->device_allocator, params, &memory,
                                                        on_release, &buffer));
  // The buffer has the argument's count of the rodata now.
  memset(arguments.data, 0, REF_SIZE);
  store_result(results, buffer, module->buffer_type);
  return iree_ok_status();
}

//===--------------------------------------------------------------------------------------------===//
// buffer_view
//===--------------------------------------------------------------------------------------------===//

SHIM(buffer_view_create) {
  hal_module_t* module = self;
  iree_hal_dim_t dims[TENON_HAL_MAX_RANK];
  tenon_tensor_type_t type = {0};
  IREE_RETURN_IF_ERROR(load_tensor_shape(arguments, REF_SIZE, results, dims, &type));
  void* buffer = NULL;
  IREE_RETURN_IF_ERROR(load_object(arguments.data, module->buffer_type, &buffer));
  iree_hal_buffer_view_t* view = NULL;
  IREE_RETURN_IF_ERROR(tenon_hal_buffer_view_create_move(buffer, type.rank, dims, type.element_type,
                                                         IREE_HAL_ENCODING_TYPE_DENSE_ROW_MAJOR,
                                                         module->host_allocator, &view));
  // The view has the argument's count of the buffer now.
  memset(arguments.data, 0, REF_SIZE);
  store_result(results, view, module->buffer_view_type);
  return iree_ok_status();
}

static IREE_ATTRIBUTE_COLD iree_status_t make_open_dims_error(iree_byte_span_t results) {
  return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                          "%" PRIhsz
                          " dimensions are asked for, of which the type leaves fewer open",
                          (results.data_length - REF_SIZE) / DIM_SIZE);
}

// Checks |view| against |type| and stores the extents of the dims that the type leaves open, as
// many as |results| takes. That the buffer is long enough and the encoding dense is true of every
// view.
static inline iree_status_t import_dims(const iree_hal_buffer_view_t* view,
                                        const tenon_tensor_type_t* type, iree_byte_span_t results) {
  if (IREE_UNLIKELY(view->shape_rank != type->rank ||
                    (view->element_type != type->element_type &&
                     !tenon_hal_element_types_agree(view->element_type, type->element_type)))) {
    return tenon_hal_make_mismatch_error(view, *type);
  }
  uint8_t* p = results.data + REF_SIZE;
  const uint8_t* end = results.data + results.data_length;
  for (iree_host_size_t i = 0; i < type->rank; ++i) {
    const int64_t actual = (int64_t)view->shape[i];
    const int64_t expected = tenon_tensor_dim(type, i);
    if (expected >= 0) {
      if (IREE_UNLIKELY(expected != actual)) return tenon_hal_make_mismatch_error(view, *type);
    } else if (p < end) {
      memcpy(p, &actual, sizeof(actual));
      p += sizeof(actual);
    }
  }
  return IREE_LIKELY(p == end) ? iree_ok_status() : make_open_dims_error(results);
}

// All of the imports: they differ in the size of their results.
SHIM(buffer_view_import) {
  hal_module_t* module = self;
  tenon_tensor_type_t type = {0};
  if (IREE_UNLIKELY(results.data_length % DIM_SIZE != 0)) {
    return make_storage_error(arguments, results);
  }
  IREE_RETURN_IF_ERROR(load_tensor_type(arguments, REF_SIZE, results, &type));
  const iree_vm_ref_t ref = load_ref(arguments.data);
  if (IREE_UNLIKELY(ref.type != module->buffer_view_type)) {
    return ref.type ? iree_vm_ref_make_type_error(ref, module->buffer_view_type)
                    : tenon_hal_make_null_view_error(type);
  }
  const iree_hal_buffer_view_t* view = ref.ptr;
  IREE_RETURN_IF_ERROR(import_dims(view, &type, results));
  iree_hal_buffer_t* buffer = view->buffer;
  iree_hal_resource_retain(buffer);
  store_result(results, buffer, module->buffer_type);
  release_hal_argument(arguments.data, ref.ptr);
  return iree_ok_status();
}

//===--------------------------------------------------------------------------------------------===//
// dispatch and executable
//===--------------------------------------------------------------------------------------------===//

// The two spans of a dispatch's arguments, `CrD` and `CID`.
typedef struct dispatch_arguments_t {
  iree_host_size_t binding_count;
  uint8_t* bindings;
  iree_host_size_t constant_count;
  const uint8_t* constants;
} dispatch_arguments_t;

static inline iree_status_t load_dispatch_arguments(iree_byte_span_t arguments,
                                                    iree_byte_span_t results,
                                                    dispatch_arguments_t* out) {
  iree_host_size_t offset = REF_SIZE + sizeof(int32_t);
  if (IREE_UNLIKELY(arguments.data_length < offset + 2 * sizeof(int32_t) ||
                    results.data_length != 0)) {
    return make_storage_error(arguments, results);
  }
  out->binding_count = (uint32_t)load_i32(arguments.data + offset);
  offset += sizeof(int32_t);
  out->bindings = arguments.data + offset;
  if (IREE_UNLIKELY(out->binding_count > TENON_DISPATCH_MAX_BINDINGS)) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "a dispatch with %" PRIhsz " bindings; the most is %d",
                            out->binding_count, TENON_DISPATCH_MAX_BINDINGS);
  }
  offset += out->binding_count * REF_SIZE;
  if (IREE_UNLIKELY(arguments.data_length < offset + sizeof(int32_t)))
    return make_storage_error(arguments, results);
  out->constant_count = (uint32_t)load_i32(arguments.data + offset);
  offset += sizeof(int32_t);
  out->constants = arguments.data + offset;
  if (IREE_UNLIKELY(out->constant_count > TENON_DISPATCH_MAX_CONSTANTS)) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "a dispatch with %" PRIhsz " constants; the most is %d",
                            out->constant_count, TENON_DISPATCH_MAX_CONSTANTS);
  }
  if (IREE_UNLIKELY(arguments.data_length != offset + out->constant_count * sizeof(int64_t))) {
    return make_storage_error(arguments, results);
  }
  return iree_ok_status();
}

SHIM(dispatch) {
  hal_module_t* module = self;
  dispatch_arguments_t spans = {0};
  IREE_RETURN_IF_ERROR(load_dispatch_arguments(arguments, results, &spans));
  void* executable = NULL;
  IREE_RETURN_IF_ERROR(load_object(arguments.data, module->executable_type, &executable));
  iree_hal_buffer_t* buffers[TENON_DISPATCH_MAX_BINDINGS];
  for (iree_host_size_t i = 0; i < spans.binding_count; ++i) {
    void* buffer = NULL;
    IREE_RETURN_IF_ERROR(load_object(spans.bindings + i * REF_SIZE, module->buffer_type, &buffer));
    buffers[i] = buffer;
  }
  int64_t constants[TENON_DISPATCH_MAX_CONSTANTS];
  for (iree_host_size_t i = 0; i < spans.constant_count; ++i) {
    constants[i] = load_i64(spans.constants + i * sizeof(int64_t));
  }
  IREE_RETURN_IF_ERROR(tenon_hal_local_executable_dispatch(
      executable, (uint32_t)load_i32(arguments.data + REF_SIZE), spans.binding_count, buffers,
      spans.constant_count, constants));
  for (iree_host_size_t i = 0; i < spans.binding_count; ++i)
    release_hal_argument(spans.bindings + i * REF_SIZE, buffers[i]);
  release_hal_argument(arguments.data, executable);
  return iree_ok_status();
}

SHIM(executable_create) {
  hal_module_t* module = self;
  if (arguments.data_length != REF_SIZE || results.data_length != REF_SIZE) {
    return make_storage_error(arguments, results);
  }
  void* rodata = NULL;
  IREE_RETURN_IF_ERROR(load_object(arguments.data, module->vm_buffer_type, &rodata));
  IREE_ASSERT(rodata);
  iree_hal_executable_t* executable = NULL;
  IREE_RETURN_IF_ERROR(tenon_hal_local_executable_create(
      iree_make_const_byte_span(iree_vm_buffer_data(rodata), iree_vm_buffer_length(rodata)),
      module->host_allocator, &executable));
  store_result(results, executable, module->executable_type);
  release_argument(arguments.data);
  return iree_ok_status();
}

//===--------------------------------------------------------------------------------------------===//
// The module
//===--------------------------------------------------------------------------------------------===//

static const iree_vm_native_export_descriptor_t hal_exports[] = {
#define EXPORT(id, name, convention) \
  {IREE_VM_NATIVE_STR(name), IREE_VM_NATIVE_STR(convention), 0, NULL},
    TENON_HAL_EXPORTS(EXPORT)
#undef EXPORT
};

// In the order of the exports.
static const iree_vm_native_function_ptr_t hal_functions[] = {
    {buffer_allocate, NULL},    {buffer_clone, NULL},       {buffer_constant, NULL},
    {buffer_view_create, NULL}, {buffer_view_import, NULL}, {buffer_view_import, NULL},
    {buffer_view_import, NULL}, {buffer_view_import, NULL}, {buffer_view_import, NULL},
    {buffer_view_import, NULL}, {buffer_view_import, NULL}, {dispatch, NULL},
    {executable_create, NULL},
};
static_assert(IREE_ARRAYSIZE(hal_functions) == IREE_ARRAYSIZE(hal_exports),
              "one function per export");

static const iree_vm_native_module_descriptor_t hal_descriptor = {
    .name = IREE_VM_NATIVE_STR("hal"),
    .export_count = IREE_ARRAYSIZE(hal_exports),
    .exports = hal_exports,
    .function_count = IREE_ARRAYSIZE(hal_functions),
    .functions = hal_functions,
};

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
  if (!iree_hal_buffer_view_type_id()) {
    return iree_make_status(
        IREE_STATUS_FAILED_PRECONDITION,
        "the HAL's types are not registered; call iree_hal_module_register_all_types first");
  }
  const iree_host_size_t offset = iree_host_align(iree_vm_native_module_size(), 16);
  iree_vm_module_t* base = NULL;
  IREE_RETURN_IF_ERROR(
      iree_allocator_malloc(allocator, offset + sizeof(hal_module_t), (void**)&base));
  hal_module_t* module = (hal_module_t*)((uint8_t*)base + offset);
  *module = (hal_module_t){
      .host_allocator = allocator,
      .device = device,
      .device_allocator = iree_hal_device_allocator(device),
      .buffer_type = iree_hal_buffer_type_id(),
      .buffer_view_type = iree_hal_buffer_view_type_id(),
      .executable_type = iree_hal_executable_type_id(),
      .vm_buffer_type = iree_vm_buffer_type_id(),
  };
  iree_vm_module_t module_interface;
  iree_status_t status = iree_vm_module_initialize(&module_interface, module);
  module_interface.destroy = hal_module_destroy;
  module_interface.alloc_state = hal_module_alloc_state;
  module_interface.free_state = hal_module_free_state;
  if (iree_status_is_ok(status)) {
    status = iree_vm_native_module_initialize(&module_interface, &hal_descriptor, instance,
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
