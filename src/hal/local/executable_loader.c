// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hal/local/executable_loader.h"

#include <string.h>

#include "hal/buffer_heap.h"
#include "hal/local/cpu_features.h"
#include "hal/local/elf_image.h"
#include "hal/local/executable_table.h"

typedef struct tenon_hal_local_executable_t {
  iree_hal_resource_t resource;
  iree_allocator_t host_allocator;
  tenon_elf_image_t image;
  const tenon_executable_info_t* info;  // in the image
} tenon_hal_local_executable_t;

//===--- Loading
//----------------------------------------------------------------------------------===//

static void tenon_hal_local_executable_destroy(iree_hal_executable_t* base) {
  tenon_hal_local_executable_t* executable = (tenon_hal_local_executable_t*)base;
  iree_allocator_t host_allocator = executable->host_allocator;
  tenon_elf_image_close(&executable->image);
  iree_allocator_free(host_allocator, executable);
}

static const iree_hal_executable_vtable_t tenon_hal_local_executable_vtable = {
    .destroy = tenon_hal_local_executable_destroy,
};

static iree_status_t tenon_hal_local_executable_query(const tenon_elf_image_t* image,
                                                      const tenon_executable_info_t** out_info) {
  *out_info = NULL;
  void* symbol = tenon_elf_image_symbol(image, TENON_EXECUTABLE_QUERY_SYMBOL);
  if (!symbol) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "the executable does not export '%s'",
                            TENON_EXECUTABLE_QUERY_SYMBOL);
  }
  tenon_executable_query_function_t query = NULL;
  memcpy(&query, &symbol, sizeof(query));  // C has no cast from object to function pointers
  const tenon_executable_info_t* info = query(TENON_EXECUTABLE_ABI_VERSION);
  if (!info) {
    return iree_make_status(
        IREE_STATUS_FAILED_PRECONDITION,
        "the executable needs a newer version of the dispatch ABI than %u, the newest that this "
        "runtime knows",
        TENON_EXECUTABLE_ABI_VERSION);
  }
  IREE_RETURN_IF_ERROR(tenon_executable_table_validate(info));
  const iree_string_view_t features = iree_make_cstring_view(info->required_features);
  iree_string_view_t missing = iree_string_view_empty();
  if (!tenon_cpu_has_features(features, &missing)) {
    return iree_make_status(
        IREE_STATUS_FAILED_PRECONDITION,
        "the executable needs the processor feature '%.*s' (of '%s'), which this machine lacks; "
        "compile the module for this processor",
        (int)missing.size, missing.data, info->required_features);
  }
  *out_info = info;
  return iree_ok_status();
}

iree_status_t tenon_hal_local_executable_create(iree_const_byte_span_t elf_data,
                                                iree_allocator_t host_allocator,
                                                iree_hal_executable_t** out_executable) {
  *out_executable = NULL;
  tenon_hal_local_executable_t* executable = NULL;
  IREE_RETURN_IF_ERROR(
      iree_allocator_malloc(host_allocator, sizeof(*executable), (void**)&executable));
  iree_hal_resource_initialize(&tenon_hal_local_executable_vtable, &executable->resource);
  executable->host_allocator = host_allocator;
  iree_status_t status = tenon_elf_image_open(elf_data, &executable->image);
  if (iree_status_is_ok(status)) {
    status = tenon_hal_local_executable_query(&executable->image, &executable->info);
  }
  if (!iree_status_is_ok(status)) {
    tenon_hal_local_executable_destroy((iree_hal_executable_t*)executable);
    return status;
  }
  *out_executable = (iree_hal_executable_t*)executable;
  return iree_ok_status();
}

const tenon_executable_info_t* tenon_hal_local_executable_info(
    const iree_hal_executable_t* executable) {
  return ((const tenon_hal_local_executable_t*)executable)->info;
}

//===--- Checks of a dispatch
//---------------------------------------------------------------------===//

static IREE_ATTRIBUTE_COLD iree_status_t
tenon_dispatch_annotate(iree_status_t status, const tenon_dispatch_info_t* info) {
  return iree_status_annotate_f(status, "in dispatch '%s'%s%s", info->name,
                                *info->source ? " of " : "", info->source);
}

// The extent's value; negative on failure: -1 for a constant below 0, -2 for overflow.
static inline int64_t tenon_dispatch_extent(const tenon_extent_t* extent,
                                            const int64_t* constants) {
  int64_t value = extent->base;
  bool is_empty = false;
  for (uint32_t i = 0; i < extent->term_count; ++i) {
    const tenon_extent_term_t* term = &extent->terms[i];
    const int64_t constant = constants[term->constant];
    if (IREE_UNLIKELY(constant < 0)) return -1;
    is_empty |= constant == 0;
    int64_t product = 0;
    if (IREE_UNLIKELY(__builtin_mul_overflow(term->scale, constant, &product) ||
                      __builtin_add_overflow(value, product, &value))) {
      return -2;
    }
  }
  return is_empty || value < 0 ? 0 : value;
}

static IREE_ATTRIBUTE_COLD iree_status_t tenon_dispatch_extent_error(int64_t error, uint32_t dim) {
  return iree_make_status(IREE_STATUS_OUT_OF_RANGE, "dimension %" PRIu32 " %s", dim,
                          error == -1 ? "has a negative size" : "is too large");
}

// The bytes that the dispatch may touch in a binding.
static inline iree_status_t tenon_dispatch_binding_size(const tenon_binding_info_t* info,
                                                        uint32_t index, const int64_t* constants,
                                                        uint64_t* out_size) {
  uint64_t size = info->element_size;
  bool is_empty = false, is_overflow = false;
  for (uint16_t i = 0; i < info->rank; ++i) {
    const int64_t extent = tenon_dispatch_extent(&info->dims[i], constants);
    if (IREE_UNLIKELY(extent < 0))
      return iree_status_annotate_f(tenon_dispatch_extent_error(extent, i), "binding %" PRIu32,
                                    index);
    is_empty |= extent == 0;
    is_overflow |= __builtin_mul_overflow(size, (uint64_t)extent, &size);
  }
  *out_size = is_empty ? 0 : size;
  if (IREE_UNLIKELY(is_overflow && !is_empty)) {
    return iree_make_status(IREE_STATUS_OUT_OF_RANGE,
                            "binding %" PRIu32 " has more bytes than fit in an address", index);
  }
  return iree_ok_status();
}

static IREE_ATTRIBUTE_COLD iree_status_t tenon_dispatch_binding_error(
    const tenon_binding_info_t* info, uint32_t index, const iree_hal_buffer_t* buffer,
    uint64_t needed_size, uint64_t size, const void* data) {
  if (needed_size > size) {
    return iree_make_status(IREE_STATUS_OUT_OF_RANGE,
                            "binding %" PRIu32 " needs %" PRIu64 " bytes, but it is given %" PRIu64,
                            index, needed_size, size);
  }
  if (needed_size && ((uintptr_t)data & (info->element_size - 1))) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "binding %" PRIu32 ", at %p, is not aligned to its elements of %" PRIu32
                            " bytes; import memory that is",
                            index, data, info->element_size);
  }
  iree_bitfield_string_temp_t temp;
  const iree_string_view_t allowed = iree_hal_memory_access_format(buffer->allowed_access, &temp);
  const char* required = info->access == TENON_BINDING_READ    ? "READ"
                         : info->access == TENON_BINDING_WRITE ? "WRITE"
                                                               : "READ and WRITE";
  return iree_make_status(IREE_STATUS_PERMISSION_DENIED,
                          "binding %" PRIu32 " needs the access %s, but its buffer allows %.*s",
                          index, required, (int)allowed.size, allowed.data);
}

// The HAL's access bits are the ABI's.
_Static_assert(TENON_BINDING_READ == (int)IREE_HAL_MEMORY_ACCESS_READ, "the access bits differ");
_Static_assert(TENON_BINDING_WRITE == (int)IREE_HAL_MEMORY_ACCESS_WRITE, "the access bits differ");

// Checks a binding against what the dispatch declares, and finds its memory.
static inline iree_status_t tenon_dispatch_resolve_binding(
    const tenon_binding_info_t* info, uint32_t index, const tenon_hal_dispatch_binding_t* binding,
    const int64_t* constants, void** out_data) {
  const iree_hal_buffer_t* buffer = binding->buffer;
  if (IREE_UNLIKELY(!buffer || !tenon_hal_buffer_is_heap(buffer))) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "binding %" PRIu32 " %s", index,
                            buffer ? "is a buffer of another kind of device" : "is null");
  }
  iree_device_size_t local_offset = 0, length = 0;
  iree_status_t status = tenon_hal_buffer_resolve_range(buffer, binding->offset, binding->length,
                                                        &local_offset, &length);
  if (IREE_UNLIKELY(!iree_status_is_ok(status)))
    return iree_status_annotate_f(status, "binding %" PRIu32, index);
  uint64_t needed_size = 0;
  IREE_RETURN_IF_ERROR(tenon_dispatch_binding_size(info, index, constants, &needed_size));
  void* data = tenon_hal_heap_buffer_data(buffer) + binding->offset;
  const bool is_allowed = (buffer->allowed_access & info->access) == info->access ||
                          (buffer->allowed_access & IREE_HAL_MEMORY_ACCESS_ANY);
  const bool is_aligned = ((uintptr_t)data & (info->element_size - 1)) == 0 || needed_size == 0;
  if (IREE_UNLIKELY(needed_size > length || !is_aligned || !is_allowed)) {
    return tenon_dispatch_binding_error(info, index, buffer, needed_size, length, data);
  }
  *out_data = data;
  return iree_ok_status();
}

static inline iree_status_t tenon_dispatch_tile_count(const tenon_dispatch_info_t* info,
                                                      const int64_t* constants,
                                                      int64_t* out_tile_count) {
  int64_t tile_count = 1;
  bool is_empty = false, is_overflow = false;
  for (uint32_t i = 0; i < info->grid_rank; ++i) {
    const int64_t extent = tenon_dispatch_extent(&info->grid[i].extent, constants);
    if (IREE_UNLIKELY(extent < 0))
      return iree_status_annotate_f(tenon_dispatch_extent_error(extent, i), "the grid");
    const int64_t tile_size = info->grid[i].tile_size;
    const int64_t tiles =
        extent <= tile_size ? extent > 0 : extent / tile_size + (extent % tile_size != 0);
    is_empty |= tiles == 0;
    is_overflow |= __builtin_mul_overflow(tile_count, tiles, &tile_count);
  }
  *out_tile_count = is_empty ? 0 : tile_count;
  if (IREE_UNLIKELY(is_overflow && !is_empty)) {
    return iree_make_status(IREE_STATUS_OUT_OF_RANGE,
                            "the grid has more tiles than can be counted");
  }
  return iree_ok_status();
}

static IREE_ATTRIBUTE_COLD iree_status_t
tenon_dispatch_count_error(const tenon_dispatch_info_t* info, iree_host_size_t binding_count,
                           iree_host_size_t constant_count) {
  return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                          "the dispatch takes %" PRIu32 " bindings and %" PRIu32
                          " constants, but is given %" PRIhsz " and %" PRIhsz,
                          info->binding_count, info->constant_count, binding_count, constant_count);
}

// Checks everything and fills in what the range function sees.
static inline iree_status_t tenon_dispatch_prepare(const tenon_dispatch_info_t* info,
                                                   iree_host_size_t binding_count,
                                                   const tenon_hal_dispatch_binding_t* bindings,
                                                   iree_host_size_t constant_count,
                                                   const int64_t* constants, void** out_pointers,
                                                   int64_t* out_tile_count) {
  if (IREE_UNLIKELY(binding_count != info->binding_count ||
                    constant_count != info->constant_count)) {
    return tenon_dispatch_count_error(info, binding_count, constant_count);
  }
  for (uint32_t i = 0; i < info->binding_count; ++i) {
    IREE_RETURN_IF_ERROR(tenon_dispatch_resolve_binding(&info->bindings[i], i, &bindings[i],
                                                        constants, &out_pointers[i]));
  }
  return tenon_dispatch_tile_count(info, constants, out_tile_count);
}

//===--- Dispatching
//------------------------------------------------------------------------------===//

iree_status_t tenon_hal_local_executable_dispatch(iree_hal_executable_t* base, uint32_t ordinal,
                                                  iree_host_size_t binding_count,
                                                  const tenon_hal_dispatch_binding_t* bindings,
                                                  iree_host_size_t constant_count,
                                                  const int64_t* constants) {
  const tenon_executable_info_t* table = ((const tenon_hal_local_executable_t*)base)->info;
  if (IREE_UNLIKELY(ordinal >= table->dispatch_count)) {
    return iree_make_status(IREE_STATUS_OUT_OF_RANGE,
                            "the executable has no dispatch %" PRIu32 "; it has %" PRIu32
                            ", numbered from 0",
                            ordinal, table->dispatch_count);
  }
  const tenon_dispatch_info_t* info = &table->dispatches[ordinal];
  void* pointers[TENON_DISPATCH_MAX_BINDINGS];
  int64_t tile_count = 0;
  iree_status_t status = tenon_dispatch_prepare(info, binding_count, bindings, constant_count,
                                                constants, pointers, &tile_count);
  if (IREE_UNLIKELY(!iree_status_is_ok(status))) return tenon_dispatch_annotate(status, info);
  if (tile_count == 0) return iree_ok_status();
  const tenon_dispatch_state_t state = {.bindings = pointers, .constants = constants};
  const int result = info->function(&state, 0, tile_count);
  if (IREE_LIKELY(result == 0)) return iree_ok_status();
  return tenon_dispatch_annotate(
      iree_make_status(IREE_STATUS_INTERNAL, "the dispatch's code reports failure %d", result),
      info);
}
