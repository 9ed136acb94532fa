// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The functions of exports.h. Each takes its arguments straight from the packed storage, which may
// be unaligned; nothing here allocates but the objects that a function is asked for.

#include <assert.h>

#include "hal/local/executable_loader.h"
#include "iree/modules/hal/types.h"
#include "modules/hal/shim.h"

iree_status_t tenon_hal_make_storage_error(iree_byte_span_t arguments, iree_byte_span_t results) {
  return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                          "argument or result storage (%" PRIhsz " and %" PRIhsz
                          " bytes) doesn't match the calling convention",
                          arguments.data_length, results.data_length);
}

iree_status_t tenon_hal_make_shape_error(iree_host_size_t rank, const uint8_t* dims) {
  if (rank > TENON_HAL_MAX_RANK) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "a tensor of rank %" PRIhsz "; the most is %d", rank,
                            TENON_HAL_MAX_RANK);
  }
  const tenon_tensor_type_t type = {.rank = rank, .dims = dims};
  iree_host_size_t i = 0;
  while (tenon_tensor_dim(&type, i) >= 0) ++i;
  return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                          "dimension %" PRIhsz " of a new tensor is negative: %" PRId64, i,
                          tenon_tensor_dim(&type, i));
}

iree_status_t tenon_hal_make_limit_error(iree_host_size_t count, const char* what, int most) {
  return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                          "a dispatch with %" PRIhsz " %s; the most is %d", count, what, most);
}

//===--------------------------------------------------------------------------------------------===//
// buffer
//===--------------------------------------------------------------------------------------------===//

SHIM(tenon_hal_shim_buffer_allocate) {
  hal_module_t* module = self;
  iree_hal_dim_t dims[TENON_HAL_MAX_RANK];
  tenon_tensor_type_t type = {0};
  IREE_RETURN_IF_ERROR(load_tensor_shape(arguments, 0, results, 1, dims, &type));
  iree_hal_buffer_t* buffer = NULL;
  iree_device_size_t size = 0;
  IREE_RETURN_IF_ERROR(tensor_size(&type, dims, &size));
  IREE_RETURN_IF_ERROR(allocate_bytes(module, size, &buffer));
  store_result(results, buffer, module->buffer_type);
  return iree_ok_status();
}

//===--------------------------------------------------------------------------------------------===//
// buffer_view
//===--------------------------------------------------------------------------------------------===//

SHIM(tenon_hal_shim_buffer_view_create) {
  hal_module_t* module = self;
  iree_hal_dim_t dims[TENON_HAL_MAX_RANK];
  tenon_tensor_type_t type = {0};
  IREE_RETURN_IF_ERROR(load_tensor_shape(arguments, REF_SIZE, results, 1, dims, &type));
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
SHIM(tenon_hal_shim_buffer_view_import) {
  hal_module_t* module = self;
  tenon_tensor_type_t type = {0};
  if (IREE_UNLIKELY(results.data_length % DIM_SIZE != 0)) {
    return tenon_hal_make_storage_error(arguments, results);
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

static IREE_ATTRIBUTE_NOINLINE iree_status_t
dispatch_with_workers(const hal_module_t* module, dispatch_arguments_t loaded,
                      iree_hal_buffer_t* const* buffers, const int64_t* constants) {
  const tenon_hal_dispatch_t dispatch = make_dispatch(&loaded, buffers, constants);
  return tenon_hal_local_device_dispatch(module->device, &dispatch);
}

SHIM(tenon_hal_shim_dispatch) {
  hal_module_t* module = self;
  iree_hal_buffer_t* buffers[TENON_DISPATCH_MAX_BINDINGS];
  int64_t constants[TENON_DISPATCH_MAX_CONSTANTS];
  dispatch_arguments_t loaded = {0};
  IREE_RETURN_IF_ERROR(load_dispatch(module, arguments, REF_SIZE + sizeof(int32_t), results, 0,
                                     buffers, constants, &loaded));
  IREE_RETURN_IF_ERROR(IREE_UNLIKELY(module->has_executor)
                           ? dispatch_with_workers(module, loaded, buffers, constants)
                           : tenon_hal_local_executable_dispatch(loaded.executable, loaded.ordinal,
                                                                 loaded.binding_count, buffers,
                                                                 loaded.constant_count, constants));
  release_dispatch(arguments, &loaded, buffers);
  return iree_ok_status();
}
