// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the functions of the `hal` module share: the module itself, and the packed storage of arguments and results,
// which may be unaligned.

#ifndef TENON_MODULES_HAL_SHIM_H_
#define TENON_MODULES_HAL_SHIM_H_

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "hal/buffer_view_impl.h"
#include "hal/local/local_device.h"
#include "iree/vm/api.h"
#include "modules/hal/check.h"

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
  iree_vm_ref_type_t fence_type;
  iree_vm_ref_type_t vm_buffer_type;
  // Whether the device has workers to share a dispatch with.
  bool has_executor;
} hal_module_t;

#define SHIM(name)                                                                  \
  iree_status_t name(iree_vm_stack_t* stack, iree_vm_native_function_flags_t flags, \
                     iree_byte_span_t arguments, iree_byte_span_t results,          \
                     iree_vm_native_function_target_t target_fn, void* self, void* state)

// The functions of programs that run at once (module.c).
SHIM(tenon_hal_shim_buffer_allocate);
SHIM(tenon_hal_shim_buffer_clone);
SHIM(tenon_hal_shim_buffer_constant);
SHIM(tenon_hal_shim_buffer_load);
SHIM(tenon_hal_shim_buffer_subspan);
SHIM(tenon_hal_shim_buffer_view_create);
SHIM(tenon_hal_shim_buffer_view_import);
SHIM(tenon_hal_shim_dispatch);
SHIM(tenon_hal_shim_executable_create);

// The functions that have to do with time (async.c).
SHIM(tenon_hal_shim_fence_await);
SHIM(tenon_hal_shim_fence_create);
SHIM(tenon_hal_shim_fence_join);
SHIM(tenon_hal_shim_invoke);
SHIM(tenon_hal_shim_queue_barrier);
SHIM(tenon_hal_shim_queue_clone);
SHIM(tenon_hal_shim_queue_copy);
SHIM(tenon_hal_shim_queue_dispatch);

#define REF_SIZE sizeof(iree_vm_ref_t)
#define DIM_SIZE sizeof(int64_t)

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

IREE_ATTRIBUTE_COLD iree_status_t tenon_hal_make_storage_error(iree_byte_span_t arguments,
                                                               iree_byte_span_t results);

// What load_tensor_type() has read is no shape of a tensor: its rank is too large or one of its dimensions negative.
IREE_ATTRIBUTE_COLD iree_status_t tenon_hal_make_shape_error(iree_host_size_t rank,
                                                             const uint8_t* dims);

// A dispatch has more of |what| than |most|.
IREE_ATTRIBUTE_COLD iree_status_t tenon_hal_make_limit_error(iree_host_size_t count,
                                                             const char* what, int most);

// Fails unless the storages have these sizes.
iree_status_t tenon_hal_check_sizes(iree_byte_span_t arguments, iree_host_size_t argument_size,
                                    iree_byte_span_t results, iree_host_size_t result_size);

// What a copy is made of, borrowed from the arguments.
typedef struct copy_arguments_t {
  iree_hal_buffer_t* source;
  iree_hal_buffer_t* target;
  iree_device_size_t size;
} copy_arguments_t;

// Takes the source at |offset|, the target behind it, and the shape of a tensor to the end of the storage: `rriCID`. A
// copy that |is_clone| has no such argument: its target is new, and the caller's. |result_count| references are to be
// returned.
iree_status_t tenon_hal_load_copy(hal_module_t* module, iree_byte_span_t arguments,
                                  iree_host_size_t offset, bool is_clone, iree_byte_span_t results,
                                  iree_host_size_t result_count, copy_arguments_t* out_copy);

// The arguments `iCID`, a tensor type, which start at |offset| and end the storage.
static inline iree_status_t load_tensor_type(iree_byte_span_t arguments, iree_host_size_t offset,
                                             iree_byte_span_t results,
                                             tenon_tensor_type_t* out_type) {
  const iree_host_size_t head = offset + 2 * sizeof(int32_t);
  if (IREE_UNLIKELY(arguments.data_length < head || results.data_length < REF_SIZE)) {
    return tenon_hal_make_storage_error(arguments, results);
  }
  out_type->element_type = (iree_hal_element_type_t)load_i32(arguments.data + offset);
  out_type->rank = (uint32_t)load_i32(arguments.data + offset + sizeof(int32_t));
  out_type->dims = arguments.data + head;
  if (IREE_UNLIKELY(arguments.data_length != head + out_type->rank * DIM_SIZE)) {
    return tenon_hal_make_storage_error(arguments, results);
  }
  return iree_ok_status();
}

// The same for a tensor whose dimensions are all extents, which are copied to |dims|; |result_count| references are
// to be returned.
static inline iree_status_t load_tensor_shape(iree_byte_span_t arguments, iree_host_size_t offset,
                                              iree_byte_span_t results,
                                              iree_host_size_t result_count,
                                              iree_hal_dim_t dims[TENON_HAL_MAX_RANK],
                                              tenon_tensor_type_t* out_type) {
  if (IREE_UNLIKELY(results.data_length != result_count * REF_SIZE)) {
    return tenon_hal_make_storage_error(arguments, results);
  }
  IREE_RETURN_IF_ERROR(load_tensor_type(arguments, offset, results, out_type));
  if (IREE_UNLIKELY(out_type->rank > TENON_HAL_MAX_RANK)) {
    return tenon_hal_make_shape_error(out_type->rank, out_type->dims);
  }
  for (iree_host_size_t i = 0; i < out_type->rank; ++i) {
    const int64_t dim = tenon_tensor_dim(out_type, i);
    if (IREE_UNLIKELY(dim < 0)) return tenon_hal_make_shape_error(out_type->rank, out_type->dims);
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

static inline IREE_ATTRIBUTE_ALWAYS_INLINE iree_status_t tensor_size(
    const tenon_tensor_type_t* type, const iree_hal_dim_t* dims, iree_device_size_t* out_size) {
  if (IREE_LIKELY(tenon_hal_dense_size(type->rank, dims, type->element_type, out_size))) {
    return iree_ok_status();
  }
  return iree_hal_buffer_compute_view_size(type->rank, dims, type->element_type,
                                           IREE_HAL_ENCODING_TYPE_DENSE_ROW_MAJOR, out_size);
}

static inline iree_status_t allocate_bytes(hal_module_t* module, iree_device_size_t size,
                                           iree_hal_buffer_t** out_buffer) {
  // Canonical, so the allocator's implementation takes them as they are.
  static const iree_hal_buffer_params_t params = {
      .usage = IREE_HAL_BUFFER_USAGE_DEFAULT | IREE_HAL_BUFFER_USAGE_MAPPING,
      .access = IREE_HAL_MEMORY_ACCESS_ALL,
      .type = IREE_HAL_MEMORY_TYPE_OPTIMAL_FOR_DEVICE | IREE_HAL_MEMORY_TYPE_HOST_VISIBLE,
      .queue_affinity = IREE_HAL_QUEUE_AFFINITY_ANY,
  };
  const iree_hal_allocator_vtable_t* vtable = module->device_allocator->resource.vtable;
  return vtable->allocate_buffer(module->device_allocator, &params, size,
                                 iree_const_byte_span_empty(), out_buffer);
}

// A dispatch in argument storage, from which its objects are borrowed.
typedef struct dispatch_arguments_t {
  iree_hal_executable_t* executable;
  uint32_t ordinal;
  iree_host_size_t binding_count;
  uint8_t* bindings;  // in the storage
  iree_host_size_t constant_count;
} dispatch_arguments_t;

// Takes `ri` at the start and `CrDCID` from |offset| to the end; |result_size| bytes are to be returned.
static inline IREE_ATTRIBUTE_ALWAYS_INLINE iree_status_t
load_dispatch(const hal_module_t* module, iree_byte_span_t arguments, iree_host_size_t offset,
              iree_byte_span_t results, iree_host_size_t result_size,
              iree_hal_buffer_t* buffers[TENON_DISPATCH_MAX_BINDINGS],
              int64_t constants[TENON_DISPATCH_MAX_CONSTANTS], dispatch_arguments_t* out) {
  if (IREE_UNLIKELY(arguments.data_length < offset + 2 * sizeof(int32_t) ||
                    results.data_length != result_size)) {
    return tenon_hal_make_storage_error(arguments, results);
  }
  out->binding_count = (uint32_t)load_i32(arguments.data + offset);
  offset += sizeof(int32_t);
  out->bindings = arguments.data + offset;
  if (IREE_UNLIKELY(out->binding_count > TENON_DISPATCH_MAX_BINDINGS)) {
    return tenon_hal_make_limit_error(out->binding_count, "bindings", TENON_DISPATCH_MAX_BINDINGS);
  }
  offset += out->binding_count * REF_SIZE;
  if (IREE_UNLIKELY(arguments.data_length < offset + sizeof(int32_t))) {
    return tenon_hal_make_storage_error(arguments, results);
  }
  out->constant_count = (uint32_t)load_i32(arguments.data + offset);
  offset += sizeof(int32_t);
  if (IREE_UNLIKELY(out->constant_count > TENON_DISPATCH_MAX_CONSTANTS)) {
    return tenon_hal_make_limit_error(out->constant_count, "constants",
                                      TENON_DISPATCH_MAX_CONSTANTS);
  }
  if (IREE_UNLIKELY(arguments.data_length != offset + out->constant_count * sizeof(int64_t))) {
    return tenon_hal_make_storage_error(arguments, results);
  }
  void* object = NULL;
  IREE_RETURN_IF_ERROR(load_object(arguments.data, module->executable_type, &object));
  out->executable = object;
  out->ordinal = (uint32_t)load_i32(arguments.data + REF_SIZE);
  for (iree_host_size_t i = 0; i < out->binding_count; ++i) {
    const iree_vm_ref_t ref = load_ref(out->bindings + i * REF_SIZE);
    if (IREE_UNLIKELY(ref.type != module->buffer_type)) {
      return iree_vm_ref_make_type_error(ref, module->buffer_type);
    }
    buffers[i] = ref.ptr;
  }
  for (iree_host_size_t i = 0; i < out->constant_count; ++i) {
    constants[i] = load_i64(arguments.data + offset + i * sizeof(int64_t));
  }
  return iree_ok_status();
}

static inline tenon_hal_dispatch_t make_dispatch(const dispatch_arguments_t* loaded,
                                                 iree_hal_buffer_t* const* buffers,
                                                 const int64_t* constants) {
  return (tenon_hal_dispatch_t){
      .executable = loaded->executable,
      .ordinal = loaded->ordinal,
      .binding_count = loaded->binding_count,
      .bindings = buffers,
      .constant_count = loaded->constant_count,
      .constants = constants,
  };
}

static inline IREE_ATTRIBUTE_ALWAYS_INLINE void release_dispatch(
    iree_byte_span_t arguments, const dispatch_arguments_t* loaded,
    iree_hal_buffer_t* const* buffers) {
  for (iree_host_size_t i = 0; i < loaded->binding_count; ++i) {
    release_hal_argument(loaded->bindings + i * REF_SIZE, buffers[i]);
  }
  release_hal_argument(arguments.data, loaded->executable);
}

#endif  // TENON_MODULES_HAL_SHIM_H_
