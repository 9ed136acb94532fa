// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hal/local/executable_loader.h"

#include <string.h>

#include "hal/buffer_heap.h"
#include "hal/local/cpu_features.h"
#include "hal/local/elf_image.h"
#include "hal/local/executable_table.h"

// What is known of a dispatch since it was loaded. Most are flat: all bindings and the only
// dimension of the grid have one number of elements. Then one number decides all that a call checks.
typedef struct tenon_dispatch_plan_t {
  int64_t length;       // that number if it is fixed, else 0
  int32_t constant;     // the constant that it is, or -1
  uint32_t tile_shift;  // log2 of the tile size
} tenon_dispatch_plan_t;

typedef struct tenon_hal_local_executable_t {
  iree_hal_resource_t resource;
  iree_allocator_t host_allocator;
  tenon_elf_image_t image;
  const tenon_executable_info_t* info;  // in the image
  tenon_dispatch_plan_t* plans;         // one per dispatch; NULL when there are none
} tenon_hal_local_executable_t;

//===--- Plans --------------------------------------------------------------------------------===//

// Lengths up to this one fit in bytes, too, whatever the elements.
#define TENON_FLAT_MAX_LENGTH (INT64_MAX / 16)

static inline bool tenon_is_flat_length(int64_t length) {
  return (uint64_t)length - 1 < (uint64_t)TENON_FLAT_MAX_LENGTH;
}

// Reads an extent that is a number or one constant.
static bool tenon_plan_extent(const tenon_extent_t* extent, tenon_dispatch_plan_t* plan) {
  plan->length = extent->base;
  plan->constant = -1;
  if (extent->term_count == 0) return true;
  plan->constant = (int32_t)extent->terms->constant;
  return extent->base == 0 && extent->term_count == 1 && extent->terms->scale == 1;
}

static bool tenon_plan_flat(const tenon_dispatch_info_t* info, tenon_dispatch_plan_t* plan) {
  const tenon_grid_dim_t* grid = info->grid;
  if (info->grid_rank != 1 || (grid->tile_size & (grid->tile_size - 1)) != 0) return false;
  plan->tile_shift = (uint32_t)__builtin_ctzll((uint64_t)grid->tile_size);
  if (!tenon_plan_extent(&grid->extent, plan)) return false;
  for (uint32_t i = 0; i < info->binding_count; ++i) {
    const tenon_binding_info_t* binding = &info->bindings[i];
    tenon_dispatch_plan_t other = {0};
    if (binding->rank != 1 || !tenon_plan_extent(binding->dims, &other) ||
        other.length != plan->length || other.constant != plan->constant) {
      return false;
    }
  }
  return true;
}

static iree_status_t tenon_make_plans(tenon_hal_local_executable_t* executable) {
  const tenon_executable_info_t* info = executable->info;
  if (info->dispatch_count == 0) return iree_ok_status();
  IREE_RETURN_IF_ERROR(iree_allocator_malloc_array(executable->host_allocator, info->dispatch_count,
                                                   sizeof(*executable->plans),
                                                   (void**)&executable->plans));
  for (uint32_t i = 0; i < info->dispatch_count; ++i) {
    tenon_dispatch_plan_t* plan = &executable->plans[i];
    // A length of 0 is never flat.
    if (!tenon_plan_flat(&info->dispatches[i], plan)) {
      *plan = (tenon_dispatch_plan_t){.constant = -1};
    }
  }
  return iree_ok_status();
}

//===--- Loading ------------------------------------------------------------------------------===//

static void tenon_hal_local_executable_destroy(iree_hal_executable_t* base) {
  tenon_hal_local_executable_t* executable = (tenon_hal_local_executable_t*)base;
  iree_allocator_t host_allocator = executable->host_allocator;
  tenon_elf_image_close(&executable->image);
  iree_allocator_free(host_allocator, executable->plans);
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

IREE_ATTRIBUTE_COLD iree_status_t
tenon_hal_local_executable_create(iree_const_byte_span_t elf_data, iree_allocator_t host_allocator,
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
  if (iree_status_is_ok(status)) status = tenon_make_plans(executable);
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

//===--- Checks of a dispatch -----------------------------------------------------------------===//
// Every call goes through these checks, so the code that finds out that all is well is kept apart
// from the code that finds out what is wrong.

enum {
  TENON_EXTENT_NEGATIVE = -1,  // a constant is below 0
  TENON_EXTENT_OVERFLOW = -2,
};

// The extent's value, or one of the above.
static inline int64_t tenon_dispatch_extent(const tenon_extent_t* extent,
                                            const int64_t* constants) {
  int64_t value = extent->base;
  const tenon_extent_term_t* term = extent->terms;
  const tenon_extent_term_t* end = term + extent->term_count;
  bool is_empty = false;
  for (; term < end; ++term) {
    const int64_t constant = constants[term->constant];
    if (IREE_UNLIKELY(constant <= 0)) {
      if (constant < 0) return TENON_EXTENT_NEGATIVE;
      is_empty = true;
    }
    int64_t product = 0;
    if (IREE_UNLIKELY(__builtin_mul_overflow(term->scale, constant, &product) ||
                      __builtin_add_overflow(value, product, &value))) {
      return TENON_EXTENT_OVERFLOW;
    }
  }
  return is_empty || value < 0 ? 0 : value;
}

// The elements that the dispatch may touch in a binding; UINT64_MAX when there is no such number.
static inline uint64_t tenon_dispatch_element_count(const tenon_binding_info_t* info,
                                                    const int64_t* constants) {
  uint64_t count = 1;
  bool is_empty = false, is_overflow = false;
  const tenon_extent_t* dim = info->dims;
  for (const tenon_extent_t* end = dim + info->rank; dim < end; ++dim) {
    const int64_t extent = tenon_dispatch_extent(dim, constants);
    if (IREE_UNLIKELY(extent <= 0)) {
      if (extent < 0) return UINT64_MAX;
      is_empty = true;
    } else {
      is_overflow |= __builtin_mul_overflow(count, (uint64_t)extent, &count);
    }
  }
  return is_empty ? 0 : is_overflow ? UINT64_MAX : count;
}

// The same in bytes; UINT64_MAX, which no buffer has, when there is no such number.
static inline uint64_t tenon_dispatch_binding_size(const tenon_binding_info_t* info,
                                                   uint64_t element_count) {
  uint64_t size = 0;
  return IREE_UNLIKELY(__builtin_mul_overflow(element_count, info->element_size, &size)) ||
                 element_count == UINT64_MAX
             ? UINT64_MAX
             : size;
}

// The HAL's access bits are the ABI's.
_Static_assert(TENON_BINDING_READ == (int)IREE_HAL_MEMORY_ACCESS_READ, "the access bits differ");
_Static_assert(TENON_BINDING_WRITE == (int)IREE_HAL_MEMORY_ACCESS_WRITE, "the access bits differ");

static inline bool tenon_is_access_allowed(const tenon_binding_info_t* info,
                                           const iree_hal_buffer_t* buffer) {
  return IREE_LIKELY((info->access & ~buffer->allowed_access) == 0) ||
         (buffer->allowed_access & IREE_HAL_MEMORY_ACCESS_ANY);
}

// Finds the memory of a binding that needs |size| bytes. False when anything is wrong with it.
static inline bool tenon_dispatch_binding_data(const tenon_binding_info_t* info,
                                               const iree_hal_buffer_t* buffer, uint64_t size,
                                               void** out_data) {
  if (IREE_UNLIKELY(!buffer || !tenon_hal_buffer_is_heap(buffer))) return false;
  if (IREE_UNLIKELY(size > buffer->byte_length)) return false;
  if (IREE_UNLIKELY(!tenon_is_access_allowed(info, buffer))) return false;
  *out_data = tenon_hal_heap_buffer_data(buffer);
  const bool is_aligned = ((uintptr_t)*out_data & (info->element_size - 1)) == 0;
  return IREE_LIKELY(is_aligned) || size == 0;
}

// The number of tiles, or a negative number when there is no such number.
static inline int64_t tenon_dispatch_tile_count(const tenon_dispatch_info_t* info,
                                                const int64_t* constants) {
  int64_t tile_count = 1;
  bool is_empty = false, is_overflow = false;
  const tenon_grid_dim_t* dim = info->grid;
  for (const tenon_grid_dim_t* end = dim + info->grid_rank; dim < end; ++dim) {
    const int64_t extent = tenon_dispatch_extent(&dim->extent, constants);
    if (IREE_UNLIKELY(extent < 0)) return extent;
    const int64_t tile_size = dim->tile_size;
    int64_t tiles = extent > 0;
    if (extent > tile_size) {
      // Most tile sizes are powers of two, and a division costs as much as all else here.
      tiles = (tile_size & (tile_size - 1)) == 0
                  ? ((extent - 1) >> __builtin_ctzll((uint64_t)tile_size)) + 1
                  : (extent - 1) / tile_size + 1;
    }
    is_empty |= tiles == 0;
    is_overflow |= __builtin_mul_overflow(tile_count, tiles, &tile_count);
  }
  return is_empty ? 0 : is_overflow ? TENON_EXTENT_OVERFLOW : tile_count;
}

//===--- What is wrong with a dispatch --------------------------------------------------------===//

static iree_status_t tenon_dispatch_extent_error(const tenon_extent_t* extent, uint32_t dim,
                                                 const int64_t* constants) {
  const int64_t value = tenon_dispatch_extent(extent, constants);
  if (value >= 0) return iree_ok_status();
  return iree_make_status(IREE_STATUS_OUT_OF_RANGE, "dimension %" PRIu32 " %s", dim,
                          value == TENON_EXTENT_NEGATIVE ? "has a negative size" : "is too large");
}

static iree_status_t tenon_dispatch_size_error(const tenon_binding_info_t* info,
                                               uint64_t available_size, const int64_t* constants) {
  for (uint32_t i = 0; i < info->rank; ++i) {
    IREE_RETURN_IF_ERROR(tenon_dispatch_extent_error(&info->dims[i], i, constants));
  }
  const uint64_t size =
      tenon_dispatch_binding_size(info, tenon_dispatch_element_count(info, constants));
  if (size == UINT64_MAX) {
    return iree_make_status(IREE_STATUS_OUT_OF_RANGE, "it has more bytes than fit in an address");
  }
  if (size <= available_size) return iree_ok_status();
  return iree_make_status(IREE_STATUS_OUT_OF_RANGE,
                          "it needs %" PRIu64 " bytes, but is given %" PRIu64, size,
                          available_size);
}

static iree_status_t tenon_dispatch_access_error(const tenon_binding_info_t* info,
                                                 const iree_hal_buffer_t* buffer) {
  iree_hal_memory_access_t required = 0;
  if (info->access & TENON_BINDING_READ) required |= IREE_HAL_MEMORY_ACCESS_READ;
  if (info->access & TENON_BINDING_WRITE) required |= IREE_HAL_MEMORY_ACCESS_WRITE;
  return iree_hal_buffer_validate_access(buffer->allowed_access, required);
}

// In the order of tenon_dispatch_binding_data.
static iree_status_t tenon_dispatch_binding_error(const tenon_binding_info_t* info,
                                                  const iree_hal_buffer_t* buffer,
                                                  const int64_t* constants) {
  if (!buffer) return iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "it is null");
  if (!tenon_hal_buffer_is_heap(buffer)) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "it is a buffer that this device did not make; import its memory");
  }
  IREE_RETURN_IF_ERROR(tenon_dispatch_size_error(info, buffer->byte_length, constants));
  IREE_RETURN_IF_ERROR(tenon_dispatch_access_error(info, buffer));
  return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                          "it is not aligned to its elements of %" PRIu32 " bytes: it starts at %p",
                          info->element_size, (void*)tenon_hal_heap_buffer_data(buffer));
}

static iree_status_t tenon_dispatch_grid_error(const tenon_dispatch_info_t* info,
                                               const int64_t* constants) {
  for (uint32_t i = 0; i < info->grid_rank; ++i) {
    IREE_RETURN_IF_ERROR(tenon_dispatch_extent_error(&info->grid[i].extent, i, constants));
  }
  return iree_make_status(IREE_STATUS_OUT_OF_RANGE, "it has more tiles than can be counted");
}

// |what| is a binding's number or the grid.
static IREE_ATTRIBUTE_COLD iree_status_t tenon_dispatch_annotate(iree_status_t status,
                                                                 const tenon_dispatch_info_t* info,
                                                                 const char* what, uint32_t index) {
  const char* of = *info->source ? " of " : "";
  if (!what)
    return iree_status_annotate_f(status, "dispatch '%s'%s%s", info->name, of, info->source);
  return iree_status_annotate_f(status, "%s %" PRIu32 " of dispatch '%s'%s%s", what, index,
                                info->name, of, info->source);
}

// In the order of tenon_dispatch_fits.
static IREE_ATTRIBUTE_COLD iree_status_t
tenon_dispatch_fit_error(const tenon_executable_info_t* table, uint32_t ordinal,
                         iree_host_size_t binding_count, iree_host_size_t constant_count) {
  if (ordinal >= table->dispatch_count) {
    return iree_make_status(IREE_STATUS_OUT_OF_RANGE,
                            "the executable has no dispatch %" PRIu32 "; it has %" PRIu32
                            ", numbered from 0",
                            ordinal, table->dispatch_count);
  }
  const tenon_dispatch_info_t* info = &table->dispatches[ordinal];
  iree_status_t status =
      iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                       "it takes %" PRIu32 " bindings and %" PRIu32
                       " constants, but is given %" PRIhsz " and %" PRIhsz,
                       info->binding_count, info->constant_count, binding_count, constant_count);
  return tenon_dispatch_annotate(status, info, NULL, 0);
}

static IREE_ATTRIBUTE_COLD iree_status_t
tenon_dispatch_bad_binding(const tenon_dispatch_info_t* info, uint32_t index,
                           const iree_hal_buffer_t* buffer, const int64_t* constants) {
  return tenon_dispatch_annotate(
      tenon_dispatch_binding_error(&info->bindings[index], buffer, constants), info, "binding",
      index);
}

static IREE_ATTRIBUTE_COLD iree_status_t tenon_dispatch_bad_grid(const tenon_dispatch_info_t* info,
                                                                 const int64_t* constants) {
  return tenon_dispatch_annotate(
      iree_status_annotate(tenon_dispatch_grid_error(info, constants), IREE_SV("the grid")), info,
      NULL, 0);
}

static IREE_ATTRIBUTE_COLD iree_status_t
tenon_dispatch_bad_result(const tenon_dispatch_info_t* info, int result) {
  iree_status_t status =
      result == TENON_DISPATCH_OUTSIDE
          ? iree_make_status(IREE_STATUS_OUT_OF_RANGE, "an index lies outside of its tensor")
          : iree_make_status(IREE_STATUS_INTERNAL, "the code reports failure %d", result);
  return tenon_dispatch_annotate(status, info, NULL, 0);
}

//===--- Dispatching --------------------------------------------------------------------------===//

// Checks the bindings of a flat dispatch and finds their memory.
static inline iree_status_t tenon_dispatch_bind_flat(const tenon_dispatch_info_t* info,
                                                     iree_hal_buffer_t* const* buffers,
                                                     const int64_t* constants, int64_t length,
                                                     void** pointers) {
  const tenon_binding_info_t* binding = info->bindings;
  const iree_host_size_t count = info->binding_count;
  for (iree_host_size_t i = 0; i < count; ++i, ++binding) {
    const uint64_t size = (uint64_t)length * binding->element_size;
    if (IREE_UNLIKELY(!tenon_dispatch_binding_data(binding, buffers[i], size, &pointers[i])))
      return tenon_dispatch_bad_binding(info, (uint32_t)i, buffers[i], constants);
  }
  return iree_ok_status();
}

// The same for any dispatch, and its grid.
static IREE_ATTRIBUTE_NOINLINE iree_status_t tenon_dispatch_bind(const tenon_dispatch_info_t* info,
                                                                 iree_hal_buffer_t* const* buffers,
                                                                 const int64_t* constants,
                                                                 void** pointers,
                                                                 int64_t* out_tile_count) {
  const tenon_binding_info_t* counted = NULL;  // whose elements are element_count
  uint64_t element_count = 0;
  for (uint32_t i = 0; i < info->binding_count; ++i) {
    const tenon_binding_info_t* binding = &info->bindings[i];
    // Bindings of one shape follow one another, and share the array that describes it.
    if (!counted || binding->dims != counted->dims || binding->rank != counted->rank) {
      element_count = tenon_dispatch_element_count(binding, constants);
      counted = binding;
    }
    const uint64_t size = tenon_dispatch_binding_size(binding, element_count);
    if (IREE_UNLIKELY(!tenon_dispatch_binding_data(binding, buffers[i], size, &pointers[i])))
      return tenon_dispatch_bad_binding(info, i, buffers[i], constants);
  }
  *out_tile_count = tenon_dispatch_tile_count(info, constants);
  return IREE_LIKELY(*out_tile_count >= 0) ? iree_ok_status()
                                           : tenon_dispatch_bad_grid(info, constants);
}

// Whether there is a dispatch |ordinal| that takes so many bindings and constants.
static inline bool tenon_dispatch_fits(const tenon_executable_info_t* table, uint32_t ordinal,
                                       iree_host_size_t binding_count,
                                       iree_host_size_t constant_count) {
  return ordinal < table->dispatch_count &&
         binding_count == table->dispatches[ordinal].binding_count &&
         constant_count == table->dispatches[ordinal].constant_count;
}

iree_status_t tenon_hal_local_executable_prepare(
    iree_hal_executable_t* base, uint32_t ordinal, iree_host_size_t binding_count,
    iree_hal_buffer_t* const* buffers, iree_host_size_t constant_count, const int64_t* constants,
    void** pointers, const tenon_dispatch_info_t** out_info, int64_t* out_tile_count) {
  if (!iree_hal_resource_is(base, &tenon_hal_local_executable_vtable)) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "the executable is %s; it must be one that was loaded for this device",
                            base ? "another implementation's" : "null");
  }
  const tenon_executable_info_t* table = tenon_hal_local_executable_info(base);
  if (!tenon_dispatch_fits(table, ordinal, binding_count, constant_count))
    return tenon_dispatch_fit_error(table, ordinal, binding_count, constant_count);
  *out_info = &table->dispatches[ordinal];
  // What is done later has no use for the few nanoseconds that a plan saves.
  return tenon_dispatch_bind(*out_info, buffers, constants, pointers, out_tile_count);
}

iree_status_t tenon_hal_dispatch_result_error(const tenon_dispatch_info_t* info, int result) {
  return tenon_dispatch_bad_result(info, result);
}

iree_status_t tenon_hal_local_executable_dispatch(iree_hal_executable_t* base, uint32_t ordinal,
                                                  iree_host_size_t binding_count,
                                                  iree_hal_buffer_t* const* buffers,
                                                  iree_host_size_t constant_count,
                                                  const int64_t* constants) {
  const tenon_hal_local_executable_t* executable = (const tenon_hal_local_executable_t*)base;
  const tenon_executable_info_t* table = executable->info;
  if (IREE_UNLIKELY(!tenon_dispatch_fits(table, ordinal, binding_count, constant_count)))
    return tenon_dispatch_fit_error(table, ordinal, binding_count, constant_count);
  const tenon_dispatch_info_t* info = &table->dispatches[ordinal];
  void* pointers[TENON_DISPATCH_MAX_BINDINGS];
  int64_t tile_count = 0;
  const tenon_dispatch_plan_t* plan = &executable->plans[ordinal];
  const int64_t length = plan->constant < 0 ? plan->length : constants[plan->constant];
  if (IREE_LIKELY(tenon_is_flat_length(length))) {
    tile_count = ((length - 1) >> plan->tile_shift) + 1;
    IREE_RETURN_IF_ERROR(tenon_dispatch_bind_flat(info, buffers, constants, length, pointers));
  } else {
    IREE_RETURN_IF_ERROR(tenon_dispatch_bind(info, buffers, constants, pointers, &tile_count));
  }
  if (IREE_UNLIKELY(tile_count == 0)) return iree_ok_status();
  const tenon_dispatch_state_t state = {.bindings = pointers, .constants = constants};
  const int result = info->function(&state, 0, tile_count);
  return IREE_LIKELY(result == 0) ? iree_ok_status() : tenon_dispatch_bad_result(info, result);
}
