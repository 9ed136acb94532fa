// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The functions of exports.h that are not called for every piece of work, compiled for size: copies, constants, single
// elements, executables.

#include <assert.h>

#include "hal/local/executable_loader.h"
#include "iree/modules/hal/types.h"
#include "modules/hal/shim.h"

iree_status_t tenon_hal_check_sizes(iree_byte_span_t arguments, iree_host_size_t argument_size,
                                    iree_byte_span_t results, iree_host_size_t result_size) {
  return arguments.data_length == argument_size && results.data_length == result_size
             ? iree_ok_status()
             : tenon_hal_make_storage_error(arguments, results);
}

iree_status_t tenon_hal_load_copy(hal_module_t* module, iree_byte_span_t arguments,
                                  iree_host_size_t offset, bool is_clone, iree_byte_span_t results,
                                  iree_host_size_t result_count, copy_arguments_t* out_copy) {
  const iree_host_size_t shape_offset = offset + (is_clone ? 1 : 2) * REF_SIZE;
  iree_hal_dim_t dims[TENON_HAL_MAX_RANK];
  tenon_tensor_type_t type = {0};
  IREE_RETURN_IF_ERROR(
      load_tensor_shape(arguments, shape_offset, results, result_count, dims, &type));
  void* buffer = NULL;
  IREE_RETURN_IF_ERROR(load_object(arguments.data + offset, module->buffer_type, &buffer));
  out_copy->source = buffer;
  IREE_RETURN_IF_ERROR(tensor_size(&type, dims, &out_copy->size));
  if (is_clone) return allocate_bytes(module, out_copy->size, &out_copy->target);
  IREE_RETURN_IF_ERROR(
      load_object(arguments.data + offset + REF_SIZE, module->buffer_type, &buffer));
  out_copy->target = buffer;
  return iree_ok_status();
}

SHIM(tenon_hal_shim_buffer_clone) {
  hal_module_t* module = self;
  copy_arguments_t copy = {NULL, NULL, 0};
  IREE_RETURN_IF_ERROR(tenon_hal_load_copy(module, arguments, 0, true, results, 1, &copy));
  iree_status_t status = iree_hal_buffer_map_copy(copy.source, 0, copy.target, 0, copy.size);
  if (!iree_status_is_ok(status)) {
    iree_hal_buffer_release(copy.target);
    return status;
  }
  store_result(results, copy.target, module->buffer_type);
  release_argument(arguments.data);
  return iree_ok_status();
}

static void release_constant(void* user_data, iree_hal_buffer_t* buffer) {
  iree_vm_buffer_release(user_data);
}

SHIM(tenon_hal_shim_buffer_constant) {
  hal_module_t* module = self;
  IREE_RETURN_IF_ERROR(tenon_hal_check_sizes(arguments, REF_SIZE, results, REF_SIZE));
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

static IREE_ATTRIBUTE_COLD iree_status_t make_index_error(int64_t index,
                                                          const iree_hal_buffer_t* buffer,
                                                          iree_device_size_t element_size) {
  return iree_make_status(IREE_STATUS_OUT_OF_RANGE,
                          "element %" PRId64 " of a buffer of %" PRIdsz " elements", index,
                          buffer->byte_length / element_size);
}

// The bytes of an element, the low ones of |bits|, as a slot of the dispatch ABI.
static int64_t make_slot(uint64_t bits, uint32_t bit_count, iree_hal_element_type_t type) {
  const iree_hal_numerical_type_t kind = iree_hal_element_numerical_type(type);
  if (kind == IREE_HAL_NUMERICAL_TYPE_BOOLEAN) return bits != 0;
  const uint32_t unused = 64 - bit_count;
  if (kind == IREE_HAL_NUMERICAL_TYPE_INTEGER || kind == IREE_HAL_NUMERICAL_TYPE_INTEGER_SIGNED) {
    return (int64_t)(bits << unused) >> unused;
  }
  return (int64_t)bits;
}

SHIM(tenon_hal_shim_buffer_load) {
  hal_module_t* module = self;
  IREE_RETURN_IF_ERROR(tenon_hal_check_sizes(
      arguments, REF_SIZE + sizeof(int64_t) + sizeof(int32_t), results, sizeof(int64_t)));
  void* object = NULL;
  IREE_RETURN_IF_ERROR(load_object(arguments.data, module->buffer_type, &object));
  iree_hal_buffer_t* buffer = object;
  const int64_t index = load_i64(arguments.data + REF_SIZE);
  const iree_hal_element_type_t type =
      (iree_hal_element_type_t)load_i32(arguments.data + REF_SIZE + sizeof(int64_t));
  const uint32_t bit_count = (uint32_t)iree_hal_element_bit_count(type);
  const iree_device_size_t size = bit_count / 8;
  if (IREE_UNLIKELY(bit_count % 8 != 0 || !size || size > sizeof(uint64_t))) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "elements of type 0x%08X can't be loaded one by one", type);
  }
  if (IREE_UNLIKELY(index < 0 || (uint64_t)index >= buffer->byte_length / size)) {
    return make_index_error(index, buffer, size);
  }
  uint64_t bits = 0;  // little-endian, as all machines that there are executables for
  IREE_RETURN_IF_ERROR(
      iree_hal_buffer_map_read(buffer, (iree_device_size_t)index * size, &bits, size));
  const int64_t slot = make_slot(bits, bit_count, type);
  memcpy(results.data, &slot, sizeof(slot));
  release_argument(arguments.data);
  return iree_ok_status();
}

SHIM(tenon_hal_shim_buffer_subspan) {
  hal_module_t* module = self;
  IREE_RETURN_IF_ERROR(
      tenon_hal_check_sizes(arguments, REF_SIZE + 2 * sizeof(int64_t), results, REF_SIZE));
  void* object = NULL;
  IREE_RETURN_IF_ERROR(load_object(arguments.data, module->buffer_type, &object));
  iree_hal_buffer_t* part = NULL;
  IREE_RETURN_IF_ERROR(iree_hal_buffer_subspan(
      object, (iree_device_size_t)load_i64(arguments.data + REF_SIZE),
      (iree_device_size_t)load_i64(arguments.data + REF_SIZE + sizeof(int64_t)), &part));
  store_result(results, part, module->buffer_type);
  release_argument(arguments.data);
  return iree_ok_status();
}

SHIM(tenon_hal_shim_executable_create) {
  hal_module_t* module = self;
  IREE_RETURN_IF_ERROR(tenon_hal_check_sizes(arguments, REF_SIZE, results, REF_SIZE));
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
