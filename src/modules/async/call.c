// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Calls: what is done at once (checks, results' buffers), and what is done when the wait fence is reached.

#include <string.h>

#include "iree/modules/hal/types.h"
#include "modules/async/module.h"
#include "modules/async/operation.h"

// A call in flight, in one block: this, then its arrays.
typedef struct tenon_async_invocation_t {
  tenon_async_operation_t operation;
  const tenon_async_entry_t* entry;
  iree_allocator_t host_allocator;
  tenon_async_argument_t* arguments;
  tenon_async_result_t* results;
  // Of all arguments (numbers have none), then all results.
  iree_hal_buffer_mapping_t* mappings;
  // One for each argument: numbers, where they are aligned.
  uint64_t* numbers;
} tenon_async_invocation_t;

static void tenon_async_invocation_free(tenon_async_invocation_t* invocation) {
  const tenon_async_signature_t* signature = invocation->entry->signature;
  iree_vm_module_t* module = invocation->entry->module->base;
  for (iree_host_size_t i = 0; i < signature->argument_count; ++i) {
    iree_hal_buffer_view_release(invocation->arguments[i].view);
  }
  for (iree_host_size_t i = 0; i < signature->result_count; ++i) {
    iree_hal_buffer_view_release(invocation->results[i].view);
  }
  iree_allocator_free(invocation->host_allocator, invocation);
  iree_vm_module_release(module);
}

static iree_status_t tenon_async_invocation_allocate(const tenon_async_entry_t* entry,
                                                     tenon_async_invocation_t** out_invocation) {
  const iree_host_size_t argument_count = entry->signature->argument_count;
  const iree_host_size_t result_count = entry->signature->result_count;
  const iree_host_size_t arguments_size =
      argument_count * (sizeof(tenon_async_argument_t) + sizeof(uint64_t));
  const iree_host_size_t results_size = result_count * sizeof(tenon_async_result_t);
  const iree_host_size_t mappings_size =
      (argument_count + result_count) * sizeof(iree_hal_buffer_mapping_t);
  tenon_async_invocation_t* invocation = NULL;
  const iree_allocator_t host_allocator = entry->module->host_allocator;
  IREE_RETURN_IF_ERROR(iree_allocator_malloc(
      host_allocator, sizeof(*invocation) + arguments_size + results_size + mappings_size,
      (void**)&invocation));
  invocation->entry = entry;
  invocation->host_allocator = host_allocator;
  invocation->arguments = (tenon_async_argument_t*)(invocation + 1);
  invocation->results = (tenon_async_result_t*)(invocation->arguments + argument_count);
  invocation->mappings = (iree_hal_buffer_mapping_t*)(invocation->results + result_count);
  invocation->numbers = (uint64_t*)(invocation->mappings + argument_count + result_count);
  iree_vm_module_retain(entry->module->base);
  *out_invocation = invocation;
  return iree_ok_status();
}

//===--------------------------------------------------------------------------------------------===//
// Arguments
//===--------------------------------------------------------------------------------------------===//

// What is asked of a tensor; the buffer's length the view has checked itself.
static bool tenon_async_type_accepts(const tenon_async_type_t* type, iree_hal_buffer_view_t* view) {
  bool accepts = iree_hal_buffer_view_element_type(view) == type->element_type &&
                 iree_hal_buffer_view_shape_rank(view) == type->rank &&
                 iree_hal_buffer_view_encoding_type(view) == IREE_HAL_ENCODING_TYPE_DENSE_ROW_MAJOR;
  for (iree_host_size_t d = 0; accepts && d < type->rank; ++d) {
    accepts = type->dims[d] == TENON_ASYNC_OPEN_DIM ||
              type->dims[d] == iree_hal_buffer_view_shape_dim(view, d);
  }
  return accepts;
}

static iree_status_t tenon_async_make_type_error(const tenon_async_entry_t* entry,
                                                 iree_hal_buffer_view_t* view) {
  iree_string_builder_t builder;
  iree_string_builder_initialize(entry->module->host_allocator, &builder);
  iree_status_t status = iree_hal_append_shape_and_element_type_string(
      iree_hal_buffer_view_shape_rank(view), iree_hal_buffer_view_shape_dims(view),
      iree_hal_buffer_view_element_type(view), &builder);
  if (iree_status_is_ok(status)) {
    const iree_string_view_t actual = iree_string_builder_view(&builder);
    status =
        iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "it is %.*s, but the function's type is %s",
                         (int)actual.size, actual.data, entry->function->type);
  }
  iree_string_builder_deinitialize(&builder);
  return status;
}

// Moves a view out of |storage|.
static iree_status_t tenon_async_take_tensor(const tenon_async_entry_t* entry,
                                             const tenon_async_type_t* type, uint8_t* storage,
                                             tenon_async_argument_t* argument) {
  iree_vm_ref_t ref;
  memcpy(&ref, storage, sizeof(ref));
  iree_hal_buffer_view_t* view = NULL;
  IREE_RETURN_IF_ERROR(iree_hal_buffer_view_check_deref(ref, &view));
  if (!tenon_async_type_accepts(type, view)) return tenon_async_make_type_error(entry, view);
  memset(storage, 0, sizeof(ref));
  argument->view = view;
  argument->byte_length = iree_hal_buffer_view_byte_length(view);
  argument->element_count = iree_hal_buffer_view_element_count(view);
  argument->element_type = type->element_type;
  argument->rank = type->rank;
  argument->dims = iree_hal_buffer_view_shape_dims(view);
  return iree_ok_status();
}

// Takes all arguments, and leaves |storage| at the first fence.
static iree_status_t tenon_async_take_arguments(tenon_async_invocation_t* invocation,
                                                uint8_t** storage) {
  const tenon_async_entry_t* entry = invocation->entry;
  for (iree_host_size_t i = 0; i < entry->signature->argument_count; ++i) {
    const tenon_async_type_t* type = &entry->signature->arguments[i];
    tenon_async_argument_t* argument = &invocation->arguments[i];
    if (type->letter == 'r') {
      IREE_RETURN_IF_ERROR(tenon_async_take_tensor(entry, type, *storage, argument),
                           "argument %" PRIhsz, i);
      *storage += sizeof(iree_vm_ref_t);
      continue;
    }
    argument->element_type = type->element_type;
    argument->element_count = 1;
    argument->byte_length = iree_hal_element_dense_byte_count(type->element_type);
    argument->data = &invocation->numbers[i];
    memcpy(&invocation->numbers[i], *storage, argument->byte_length);
    *storage += argument->byte_length;
  }
  return iree_ok_status();
}

static iree_status_t tenon_async_deref_fence(const uint8_t* storage, const char* which,
                                             iree_hal_fence_t** out_fence) {
  iree_vm_ref_t ref;
  memcpy(&ref, storage, sizeof(ref));
  IREE_RETURN_IF_ERROR(iree_hal_fence_check_deref_or_null(ref, out_fence), "%s fence", which);
  return iree_ok_status();
}

//===--------------------------------------------------------------------------------------------===//
// Results
//===--------------------------------------------------------------------------------------------===//

// Lets the user's function fill in |dims|, those of all results, and sees to it that it left the known ones alone.
static iree_status_t tenon_async_ask_dims(const tenon_async_invocation_t* invocation,
                                          iree_hal_dim_t* dims, iree_hal_dim_t** result_dims) {
  const tenon_async_entry_t* entry = invocation->entry;
  const tenon_async_signature_t* signature = entry->signature;
  for (iree_host_size_t i = 0; i < signature->result_count; ++i) {
    const tenon_async_type_t* type = &signature->results[i];
    result_dims[i] = dims;
    for (iree_host_size_t d = 0; d < type->rank; ++d, ++dims) {
      *dims = type->dims[d] == TENON_ASYNC_OPEN_DIM ? 0 : type->dims[d];
    }
  }
  IREE_RETURN_IF_ERROR(
      entry->function->shape(entry->module->user_data, invocation->arguments, result_dims),
      "asking the shape function");
  for (iree_host_size_t i = 0; i < signature->result_count; ++i) {
    const tenon_async_type_t* type = &signature->results[i];
    for (iree_host_size_t d = 0; d < type->rank; ++d) {
      if (type->dims[d] == TENON_ASYNC_OPEN_DIM || type->dims[d] == result_dims[i][d]) continue;
      return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                              "the shape function set dim %" PRIhsz " of result %" PRIhsz
                              " to %" PRIhsz ", but the function's type is %s",
                              d, i, (iree_host_size_t)result_dims[i][d], entry->function->type);
    }
  }
  return iree_ok_status();
}

// Dims from the type, and from the argument that the result is like.
static void tenon_async_derive_dims(const tenon_async_invocation_t* invocation,
                                    iree_hal_dim_t* dims) {
  const tenon_async_entry_t* entry = invocation->entry;
  for (iree_host_size_t i = 0; i < entry->signature->result_count; ++i) {
    const tenon_async_type_t* type = &entry->signature->results[i];
    for (iree_host_size_t d = 0; d < type->rank; ++d) {
      *dims++ = type->dims[d] != TENON_ASYNC_OPEN_DIM
                    ? type->dims[d]
                    : invocation->arguments[tenon_async_result_like(entry, i)].dims[d];
    }
  }
}

// A buffer and a view of |dims|, whose contents come later.
static iree_status_t tenon_async_make_result(const tenon_async_entry_t* entry,
                                             const tenon_async_type_t* type,
                                             const iree_hal_dim_t* dims,
                                             tenon_async_result_t* result) {
  const iree_hal_buffer_params_t params = {
      .usage = IREE_HAL_BUFFER_USAGE_DEFAULT | IREE_HAL_BUFFER_USAGE_MAPPING,
      .type = IREE_HAL_MEMORY_TYPE_OPTIMAL_FOR_DEVICE | IREE_HAL_MEMORY_TYPE_HOST_VISIBLE,
  };
  IREE_RETURN_IF_ERROR(iree_hal_buffer_view_allocate_buffer(
      iree_hal_device_allocator(entry->module->device), type->rank, dims, type->element_type,
      IREE_HAL_ENCODING_TYPE_DENSE_ROW_MAJOR, params, iree_const_byte_span_empty(), &result->view));
  result->byte_length = iree_hal_buffer_view_byte_length(result->view);
  result->element_count = iree_hal_buffer_view_element_count(result->view);
  result->element_type = type->element_type;
  result->rank = type->rank;
  result->dims = iree_hal_buffer_view_shape_dims(result->view);
  return iree_ok_status();
}

// |dims| has room for those of all results, |result_dims| for a pointer for each.
static iree_status_t tenon_async_make_results_in(tenon_async_invocation_t* invocation,
                                                 iree_hal_dim_t* dims,
                                                 iree_hal_dim_t** result_dims) {
  const tenon_async_entry_t* entry = invocation->entry;
  if (entry->function->shape) {
    IREE_RETURN_IF_ERROR(tenon_async_ask_dims(invocation, dims, result_dims));
  } else {
    tenon_async_derive_dims(invocation, dims);
  }
  for (iree_host_size_t i = 0; i < entry->signature->result_count; ++i) {
    const tenon_async_type_t* type = &entry->signature->results[i];
    IREE_RETURN_IF_ERROR(tenon_async_make_result(entry, type, dims, &invocation->results[i]),
                         "result %" PRIhsz, i);
    dims += type->rank;
  }
  return iree_ok_status();
}

#define TENON_ASYNC_SMALL_DIMS 16
#define TENON_ASYNC_SMALL_RESULTS 4

static iree_status_t tenon_async_make_results(tenon_async_invocation_t* invocation) {
  const tenon_async_signature_t* signature = invocation->entry->signature;
  if (signature->result_dim_count <= TENON_ASYNC_SMALL_DIMS &&
      signature->result_count <= TENON_ASYNC_SMALL_RESULTS) {
    iree_hal_dim_t dims[TENON_ASYNC_SMALL_DIMS];
    iree_hal_dim_t* result_dims[TENON_ASYNC_SMALL_RESULTS];
    return tenon_async_make_results_in(invocation, dims, result_dims);
  }
  iree_hal_dim_t** result_dims = NULL;
  IREE_RETURN_IF_ERROR(
      iree_allocator_malloc(invocation->host_allocator,
                            signature->result_count * sizeof(*result_dims) +
                                signature->result_dim_count * sizeof(**result_dims),
                            (void**)&result_dims));
  iree_status_t status = tenon_async_make_results_in(
      invocation, (iree_hal_dim_t*)(result_dims + signature->result_count), result_dims);
  iree_allocator_free(invocation->host_allocator, result_dims);
  return status;
}

//===--------------------------------------------------------------------------------------------===//
// Later, on the pool
//===--------------------------------------------------------------------------------------------===//

static iree_status_t tenon_async_map(tenon_async_invocation_t* invocation) {
  const tenon_async_signature_t* signature = invocation->entry->signature;
  iree_hal_buffer_mapping_t* mapping = invocation->mappings;
  for (iree_host_size_t i = 0; i < signature->argument_count; ++i, ++mapping) {
    tenon_async_argument_t* argument = &invocation->arguments[i];
    if (!argument->view) continue;
    IREE_RETURN_IF_ERROR(
        iree_hal_buffer_map_range(iree_hal_buffer_view_buffer(argument->view),
                                  IREE_HAL_MAPPING_MODE_SCOPED, IREE_HAL_MEMORY_ACCESS_READ, 0,
                                  argument->byte_length, mapping),
        "argument %" PRIhsz " can't be mapped into host memory", i);
    argument->data = mapping->contents.data;
  }
  for (iree_host_size_t i = 0; i < signature->result_count; ++i, ++mapping) {
    tenon_async_result_t* result = &invocation->results[i];
    IREE_RETURN_IF_ERROR(iree_hal_buffer_map_range(iree_hal_buffer_view_buffer(result->view),
                                                   IREE_HAL_MAPPING_MODE_SCOPED,
                                                   IREE_HAL_MEMORY_ACCESS_DISCARD_WRITE, 0,
                                                   result->byte_length, mapping),
                         "result %" PRIhsz " can't be mapped into host memory", i);
    result->data = mapping->contents.data;
  }
  return iree_ok_status();
}

static iree_status_t tenon_async_invocation_run(tenon_async_invocation_t* invocation) {
  const tenon_async_entry_t* entry = invocation->entry;
  const tenon_async_call_t call = {
      .argument_count = entry->signature->argument_count,
      .arguments = invocation->arguments,
      .result_count = entry->signature->result_count,
      .results = invocation->results,
  };
  iree_status_t status = tenon_async_map(invocation);
  if (iree_status_is_ok(status)) status = entry->function->fn(entry->module->user_data, &call);
  for (iree_host_size_t i = 0; i < call.argument_count + call.result_count; ++i) {
    status = iree_status_join(status, iree_hal_buffer_unmap_range(&invocation->mappings[i]));
  }
  const iree_string_view_t module_name = entry->module->descriptor.name;
  return iree_status_annotate_f(status, "while invoking asynchronous function %.*s.%s",
                                (int)module_name.size, module_name.data, entry->function->name);
}

static iree_status_t tenon_async_invocation_end(tenon_async_operation_t* operation,
                                                iree_status_t status) {
  tenon_async_invocation_t* invocation = (tenon_async_invocation_t*)operation;
  if (iree_status_is_ok(status)) status = tenon_async_invocation_run(invocation);
  tenon_async_invocation_free(invocation);
  return status;
}

//===--------------------------------------------------------------------------------------------===//
// The call
//===--------------------------------------------------------------------------------------------===//

// Everything that can fail. |storage| is that of the arguments.
static iree_status_t tenon_async_prepare(tenon_async_invocation_t* invocation, uint8_t* storage,
                                         iree_hal_fence_t** out_wait_fence,
                                         iree_hal_fence_t** out_signal_fence) {
  IREE_RETURN_IF_ERROR(tenon_async_take_arguments(invocation, &storage));
  IREE_RETURN_IF_ERROR(tenon_async_deref_fence(storage, "wait", out_wait_fence));
  IREE_RETURN_IF_ERROR(
      tenon_async_deref_fence(storage + sizeof(iree_vm_ref_t), "signal", out_signal_fence));
  return tenon_async_make_results(invocation);
}

iree_status_t tenon_async_shim(iree_vm_stack_t* stack, iree_vm_native_function_flags_t flags,
                               iree_byte_span_t args_storage, iree_byte_span_t rets_storage,
                               iree_vm_native_function_target_t target, void* module,
                               void* module_state) {
  const tenon_async_entry_t* entry = (const tenon_async_entry_t*)(uintptr_t)target;
  tenon_async_invocation_t* invocation = NULL;
  IREE_RETURN_IF_ERROR(tenon_async_invocation_allocate(entry, &invocation));
  iree_hal_fence_t *wait_fence = NULL, *signal_fence = NULL;
  iree_status_t status =
      tenon_async_prepare(invocation, args_storage.data, &wait_fence, &signal_fence);
  if (!iree_status_is_ok(status)) {
    tenon_async_invocation_free(invocation);
    return status;
  }
  for (iree_host_size_t i = 0; i < entry->signature->result_count; ++i) {
    iree_vm_ref_t ref = iree_hal_buffer_view_retain_ref(invocation->results[i].view);
    memcpy(rets_storage.data + i * sizeof(ref), &ref, sizeof(ref));
  }
  tenon_async_operation_begin(&invocation->operation, entry->module->pool, wait_fence, signal_fence,
                              tenon_async_invocation_end);
  // The fences, which the operation holds by itself.
  iree_vm_function_release_storage(
      IREE_SV("rr"),
      iree_make_byte_span(args_storage.data + args_storage.data_length - 2 * sizeof(iree_vm_ref_t),
                          2 * sizeof(iree_vm_ref_t)));
  return iree_ok_status();
}
