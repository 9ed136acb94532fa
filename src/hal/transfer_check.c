// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hal/transfer_check.h"

#include "hal/buffer_impl.h"

static iree_status_t tenon_hal_null_error(const char* what) {
  return iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "the %s is null", what);
}

// |what| is source or target.
static iree_status_t tenon_hal_check_permission(const iree_hal_buffer_t* buffer,
                                                iree_hal_memory_access_t access,
                                                iree_hal_buffer_usage_t usage, const char* what) {
  iree_status_t status = iree_hal_buffer_validate_access(buffer->allowed_access, access);
  if (iree_status_is_ok(status))
    status = iree_hal_buffer_validate_usage(buffer->allowed_usage, usage);
  if (IREE_LIKELY(iree_status_is_ok(status))) return status;
  return iree_status_annotate_f(status, "the %s buffer", what);
}

static iree_status_t tenon_hal_check_target(const iree_hal_buffer_t* target) {
  return tenon_hal_check_permission(target, IREE_HAL_MEMORY_ACCESS_WRITE,
                                    IREE_HAL_BUFFER_USAGE_TRANSFER_TARGET, "target");
}

iree_status_t tenon_hal_check_fill(const iree_hal_buffer_t* target,
                                   iree_device_size_t target_offset,
                                   iree_device_size_t* inout_length, const void* pattern,
                                   iree_host_size_t pattern_length) {
  if (!target) return tenon_hal_null_error("target buffer");
  if (!pattern) return tenon_hal_null_error("pattern");
  IREE_RETURN_IF_ERROR(tenon_hal_resolve_fill(target, target_offset, inout_length, pattern_length));
  return tenon_hal_check_target(target);
}

iree_status_t tenon_hal_check_update(const void* source, const iree_hal_buffer_t* target,
                                     iree_device_size_t target_offset,
                                     iree_device_size_t* inout_length) {
  if (!target) return tenon_hal_null_error("target buffer");
  iree_device_size_t local_offset = 0;
  IREE_RETURN_IF_ERROR(tenon_hal_buffer_resolve_range(target, target_offset, *inout_length,
                                                      &local_offset, inout_length));
  if (!source && *inout_length) return tenon_hal_null_error("source");
  return tenon_hal_check_target(target);
}

iree_status_t tenon_hal_check_copy(const iree_hal_buffer_t* source,
                                   iree_device_size_t source_offset,
                                   const iree_hal_buffer_t* target,
                                   iree_device_size_t target_offset,
                                   iree_device_size_t* inout_length) {
  if (!source) return tenon_hal_null_error("source buffer");
  if (!target) return tenon_hal_null_error("target buffer");
  IREE_RETURN_IF_ERROR(
      tenon_hal_resolve_copy(source, source_offset, target, target_offset, inout_length));
  IREE_RETURN_IF_ERROR(tenon_hal_check_permission(source, IREE_HAL_MEMORY_ACCESS_READ,
                                                  IREE_HAL_BUFFER_USAGE_TRANSFER_SOURCE, "source"));
  return tenon_hal_check_target(target);
}
