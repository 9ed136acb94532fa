// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hal/local/executable_table.h"

static bool tenon_is_valid_extent(const tenon_extent_t* extent, uint32_t constant_count) {
  // A constant may appear more than once, in terms to be added.
  if (extent->term_count > TENON_DISPATCH_MAX_CONSTANTS || (extent->term_count && !extent->terms))
    return false;
  for (uint32_t i = 0; i < extent->term_count; ++i) {
    if (extent->terms[i].scale <= 0 || extent->terms[i].constant >= constant_count) return false;
  }
  return true;
}

static bool tenon_is_valid_binding(const tenon_binding_info_t* binding, uint32_t constant_count) {
  const uint32_t size = binding->element_size;
  if (size == 0 || size > 16 || (size & (size - 1))) return false;
  const uint16_t known_access = TENON_BINDING_READ | TENON_BINDING_WRITE;
  if (binding->access == 0 || (binding->access & ~known_access)) return false;
  if (binding->rank > TENON_DISPATCH_MAX_RANK || (binding->rank && !binding->dims)) return false;
  for (uint16_t i = 0; i < binding->rank; ++i) {
    if (!tenon_is_valid_extent(&binding->dims[i], constant_count)) return false;
  }
  return true;
}

static bool tenon_is_valid_grid(const tenon_dispatch_info_t* dispatch) {
  if (dispatch->grid_rank > TENON_DISPATCH_MAX_RANK || (dispatch->grid_rank && !dispatch->grid))
    return false;
  for (uint32_t i = 0; i < dispatch->grid_rank; ++i) {
    if (dispatch->grid[i].tile_size < 1) return false;
    if (!tenon_is_valid_extent(&dispatch->grid[i].extent, dispatch->constant_count)) return false;
  }
  return true;
}

static iree_status_t tenon_table_invalid(uint32_t ordinal, const char* what) {
  return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                          "the executable's table is malformed: dispatch %" PRIu32 " %s", ordinal,
                          what);
}

static iree_status_t tenon_validate_dispatch(uint32_t ordinal,
                                             const tenon_dispatch_info_t* dispatch) {
  if (!dispatch->name || !dispatch->source)
    return tenon_table_invalid(ordinal, "has no name or source");
  if (!dispatch->function) return tenon_table_invalid(ordinal, "has no function");
  if (dispatch->constant_count > TENON_DISPATCH_MAX_CONSTANTS) {
    return tenon_table_invalid(ordinal, "has too many constants");
  }
  if (dispatch->binding_count > TENON_DISPATCH_MAX_BINDINGS ||
      (dispatch->binding_count && !dispatch->bindings)) {
    return tenon_table_invalid(ordinal, "has too many bindings or a null list of them");
  }
  for (uint32_t i = 0; i < dispatch->binding_count; ++i) {
    if (!tenon_is_valid_binding(&dispatch->bindings[i], dispatch->constant_count)) {
      return tenon_table_invalid(ordinal,
                                 "has a binding with an impossible size, access or extent");
    }
  }
  if (!tenon_is_valid_grid(dispatch)) return tenon_table_invalid(ordinal, "has an impossible grid");
  return iree_ok_status();
}

iree_status_t tenon_executable_table_validate(const tenon_executable_info_t* info) {
  if (info->abi_version != TENON_EXECUTABLE_ABI_VERSION) {
    return iree_make_status(IREE_STATUS_FAILED_PRECONDITION,
                            "the executable has version %" PRIu32
                            " of the dispatch ABI, but this runtime knows version %u",
                            info->abi_version, TENON_EXECUTABLE_ABI_VERSION);
  }
  if ((info->dispatch_count && !info->dispatches) || !info->target_triple ||
      !info->required_features) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "the executable's table is malformed: it has null entries");
  }
  for (uint32_t i = 0; i < info->dispatch_count; ++i) {
    IREE_RETURN_IF_ERROR(tenon_validate_dispatch(i, &info->dispatches[i]));
  }
  return iree_ok_status();
}
