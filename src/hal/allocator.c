// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "iree/hal/allocator.h"

#include <string.h>

static const iree_hal_allocator_vtable_t* tenon_hal_allocator_vtable(
    const iree_hal_allocator_t* allocator) {
  return (const iree_hal_allocator_vtable_t*)allocator->resource.vtable;
}

void iree_hal_allocator_retain(iree_hal_allocator_t* allocator) {
  iree_hal_resource_retain(allocator);
}

void iree_hal_allocator_release(iree_hal_allocator_t* allocator) {
  if (allocator && iree_atomic_ref_count_dec(&allocator->resource.ref_count) == 1) {
    iree_hal_allocator_destroy(allocator);
  }
}

void iree_hal_allocator_destroy(iree_hal_allocator_t* IREE_RESTRICT allocator) {
  tenon_hal_allocator_vtable(allocator)->destroy(allocator);
}

iree_allocator_t iree_hal_allocator_host_allocator(
    const iree_hal_allocator_t* IREE_RESTRICT allocator) {
  return tenon_hal_allocator_vtable(allocator)->host_allocator(allocator);
}

iree_status_t iree_hal_allocator_trim(iree_hal_allocator_t* IREE_RESTRICT allocator) {
  return tenon_hal_allocator_vtable(allocator)->trim(allocator);
}

void iree_hal_allocator_query_statistics(iree_hal_allocator_t* IREE_RESTRICT allocator,
                                         iree_hal_allocator_statistics_t* out_statistics) {
  memset(out_statistics, 0, sizeof(*out_statistics));
  tenon_hal_allocator_vtable(allocator)->query_statistics(allocator, out_statistics);
}

static iree_status_t tenon_hal_append_statistics_line(iree_string_builder_t* builder,
                                                      const char* name, iree_device_size_t peak,
                                                      iree_device_size_t allocated,
                                                      iree_device_size_t freed) {
  return iree_string_builder_append_format(builder,
                                           "%12s: %14" PRIdsz " B peak / %14" PRIdsz
                                           " B allocated / %14" PRIdsz " B freed / %14" PRIdsz
                                           " B live\n",
                                           name, peak, allocated, freed, allocated - freed);
}

iree_status_t iree_hal_allocator_statistics_format(
    const iree_hal_allocator_statistics_t* statistics, iree_string_builder_t* builder) {
  IREE_RETURN_IF_ERROR(tenon_hal_append_statistics_line(
      builder, "HOST_LOCAL", statistics->host_bytes_peak, statistics->host_bytes_allocated,
      statistics->host_bytes_freed));
  return tenon_hal_append_statistics_line(builder, "DEVICE_LOCAL", statistics->device_bytes_peak,
                                          statistics->device_bytes_allocated,
                                          statistics->device_bytes_freed);
}

iree_status_t iree_hal_allocator_statistics_fprint(FILE* file,
                                                   iree_hal_allocator_t* IREE_RESTRICT allocator) {
  iree_hal_allocator_statistics_t statistics;
  iree_hal_allocator_query_statistics(allocator, &statistics);
  iree_string_builder_t builder;
  iree_string_builder_initialize(iree_hal_allocator_host_allocator(allocator), &builder);
  iree_status_t status = iree_hal_allocator_statistics_format(&statistics, &builder);
  if (iree_status_is_ok(status)) {
    fprintf(file, "%.*s", (int)iree_string_builder_size(&builder),
            iree_string_builder_buffer(&builder));
  }
  iree_string_builder_deinitialize(&builder);
  return status;
}

iree_hal_buffer_compatibility_t iree_hal_allocator_query_compatibility(
    iree_hal_allocator_t* IREE_RESTRICT allocator, iree_hal_buffer_params_t params,
    iree_device_size_t allocation_size) {
  iree_hal_buffer_params_canonicalize(&params);
  return tenon_hal_allocator_vtable(allocator)->query_compatibility(allocator, &params,
                                                                    allocation_size);
}

static iree_status_t tenon_hal_validate_alignment(const iree_hal_buffer_params_t* params) {
  const iree_device_size_t alignment = params->min_alignment;
  if (IREE_LIKELY((alignment & (alignment - 1)) == 0)) return iree_ok_status();
  return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                          "min_alignment must be 0 or a power of two; it is %" PRIdsz, alignment);
}

iree_status_t iree_hal_allocator_allocate_buffer(iree_hal_allocator_t* IREE_RESTRICT allocator,
                                                 iree_hal_buffer_params_t params,
                                                 iree_device_size_t allocation_size,
                                                 iree_const_byte_span_t initial_data,
                                                 iree_hal_buffer_t** out_buffer) {
  *out_buffer = NULL;
  iree_hal_buffer_params_canonicalize(&params);
  IREE_RETURN_IF_ERROR(tenon_hal_validate_alignment(&params));
  if (IREE_UNLIKELY(initial_data.data_length > allocation_size)) {
    return iree_make_status(IREE_STATUS_OUT_OF_RANGE,
                            "%" PRIhsz " bytes of initial data do not fit in a buffer of %" PRIdsz
                            " bytes",
                            initial_data.data_length, allocation_size);
  }
  return tenon_hal_allocator_vtable(allocator)->allocate_buffer(allocator, &params, allocation_size,
                                                                initial_data, out_buffer);
}

iree_status_t iree_hal_allocator_import_buffer(
    iree_hal_allocator_t* IREE_RESTRICT allocator, iree_hal_buffer_params_t params,
    iree_hal_external_buffer_t* IREE_RESTRICT external_buffer,
    iree_hal_buffer_release_callback_t release_callback, iree_hal_buffer_t** out_buffer) {
  *out_buffer = NULL;
  iree_hal_buffer_params_canonicalize(&params);
  IREE_RETURN_IF_ERROR(tenon_hal_validate_alignment(&params));
  return tenon_hal_allocator_vtable(allocator)->import_buffer(allocator, &params, external_buffer,
                                                              release_callback, out_buffer);
}

iree_status_t iree_hal_allocator_export_buffer(
    iree_hal_allocator_t* IREE_RESTRICT allocator, iree_hal_buffer_t* IREE_RESTRICT buffer,
    iree_hal_external_buffer_type_t requested_type,
    iree_hal_external_buffer_flags_t requested_flags,
    iree_hal_external_buffer_t* IREE_RESTRICT out_external_buffer) {
  memset(out_external_buffer, 0, sizeof(*out_external_buffer));
  return tenon_hal_allocator_vtable(allocator)->export_buffer(allocator, buffer, requested_type,
                                                              requested_flags, out_external_buffer);
}
