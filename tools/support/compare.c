// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "support/compare.h"

#include <inttypes.h>
#include <string.h>

#include "iree/hal/api.h"
#include "iree/modules/hal/types.h"

//===--------------------------------------------------------------------------------------------===//
// Views
//===--------------------------------------------------------------------------------------------===//

static iree_status_t print_type(FILE* file, const iree_hal_buffer_view_t* view) {
  iree_string_builder_t builder;
  iree_string_builder_initialize(iree_allocator_system(), &builder);
  iree_status_t status = iree_hal_append_shape_and_element_type_string(
      iree_hal_buffer_view_shape_rank(view), iree_hal_buffer_view_shape_dims(view),
      iree_hal_buffer_view_element_type(view), &builder);
  if (iree_status_is_ok(status)) {
    fprintf(file, "%.*s", (int)iree_string_builder_size(&builder),
            iree_string_builder_buffer(&builder));
  }
  iree_string_builder_deinitialize(&builder);
  return status;
}

static bool types_equal(const iree_hal_buffer_view_t* a, const iree_hal_buffer_view_t* b) {
  const iree_host_size_t rank = iree_hal_buffer_view_shape_rank(a);
  return iree_hal_buffer_view_element_type(a) == iree_hal_buffer_view_element_type(b) &&
         rank == iree_hal_buffer_view_shape_rank(b) &&
         memcmp(iree_hal_buffer_view_shape_dims(a), iree_hal_buffer_view_shape_dims(b),
                rank * sizeof(iree_hal_dim_t)) == 0;
}

static iree_status_t map_view(const iree_hal_buffer_view_t* view,
                              iree_hal_buffer_mapping_t* out_mapping) {
  return iree_hal_buffer_map_range(iree_hal_buffer_view_buffer(view), IREE_HAL_MAPPING_MODE_SCOPED,
                                   IREE_HAL_MEMORY_ACCESS_READ, 0,
                                   iree_hal_buffer_view_byte_length(view), out_mapping);
}

static void print_element(FILE* file, const uint8_t* element,
                          iree_hal_element_type_t element_type) {
  char text[80] = "?";
  IREE_IGNORE_ERROR(iree_hal_format_element(
      iree_make_const_byte_span(element, iree_hal_element_dense_byte_count(element_type)),
      element_type, sizeof(text), text, NULL));
  fprintf(file, "%s", text);
}

// Prints the first element that differs, if there is one. Both views have the same type.
static iree_status_t compare_elements(const iree_hal_buffer_view_t* expected,
                                      const iree_hal_buffer_view_t* actual,
                                      const tenon_tolerances_t* tolerances, iree_host_size_t index,
                                      FILE* file, bool* out_equal) {
  iree_hal_buffer_mapping_t expected_mapping = {.buffer = NULL};
  iree_hal_buffer_mapping_t actual_mapping = {.buffer = NULL};
  IREE_RETURN_IF_ERROR(map_view(expected, &expected_mapping));
  iree_status_t status = map_view(actual, &actual_mapping);
  if (iree_status_is_ok(status)) {
    const iree_hal_element_type_t type = iree_hal_buffer_view_element_type(expected);
    const iree_host_size_t size = iree_hal_element_dense_byte_count(type);
    const iree_host_size_t count = iree_hal_buffer_view_element_count(expected);
    const uint8_t* a = actual_mapping.contents.data;
    const uint8_t* e = expected_mapping.contents.data;
    const iree_host_size_t i = tenon_hal_find_difference(a, e, count, type, tolerances);
    *out_equal = i == count;
    if (i < count) {
      fprintf(file, "[FAILED] result[%" PRIhsz "]: element at index %" PRIhsz " (", index, i);
      print_element(file, a + i * size, type);
      fprintf(file, ") does not match the expected (");
      print_element(file, e + i * size, type);
      fprintf(file, ")");
    }
    status = iree_hal_buffer_unmap_range(&actual_mapping);
  }
  return iree_status_join(status, iree_hal_buffer_unmap_range(&expected_mapping));
}

static iree_status_t compare_views(const iree_hal_buffer_view_t* expected,
                                   const iree_hal_buffer_view_t* actual,
                                   const tenon_tolerances_t* tolerances, iree_host_size_t index,
                                   iree_host_size_t max_element_count, FILE* file,
                                   bool* out_equal) {
  *out_equal = false;
  if (types_equal(expected, actual)) {
    IREE_RETURN_IF_ERROR(compare_elements(expected, actual, tolerances, index, file, out_equal));
    if (*out_equal) return iree_ok_status();
  } else {
    fprintf(file, "[FAILED] result[%" PRIhsz "]: metadata is ", index);
    IREE_RETURN_IF_ERROR(print_type(file, actual));
    fprintf(file, "; expected that the view matches ");
    IREE_RETURN_IF_ERROR(print_type(file, expected));
  }
  fprintf(file, "; expected that the view is equal to contents of a view of ");
  IREE_RETURN_IF_ERROR(print_type(file, expected));
  fprintf(file, "\n  expected:\n");
  IREE_RETURN_IF_ERROR(
      iree_hal_buffer_view_fprint(file, expected, max_element_count, iree_allocator_system()));
  fprintf(file, "\n  actual:\n");
  IREE_RETURN_IF_ERROR(
      iree_hal_buffer_view_fprint(file, actual, max_element_count, iree_allocator_system()));
  fprintf(file, "\n");
  return iree_ok_status();
}

//===--------------------------------------------------------------------------------------------===//
// Values
//===--------------------------------------------------------------------------------------------===//

// What kind of value it is, for messages.
static iree_string_view_t variant_type_name(const iree_vm_variant_t* value) {
  switch (value->type.value_type) {
    case IREE_VM_VALUE_TYPE_I8:
      return iree_make_cstring_view("i8");
    case IREE_VM_VALUE_TYPE_I16:
      return iree_make_cstring_view("i16");
    case IREE_VM_VALUE_TYPE_I32:
      return iree_make_cstring_view("i32");
    case IREE_VM_VALUE_TYPE_I64:
      return iree_make_cstring_view("i64");
    case IREE_VM_VALUE_TYPE_F32:
      return iree_make_cstring_view("f32");
    case IREE_VM_VALUE_TYPE_F64:
      return iree_make_cstring_view("f64");
    default:
      return iree_vm_ref_type_name(value->ref.type);
  }
}

static bool scalars_equal(const iree_vm_variant_t* actual, const iree_vm_variant_t* expected,
                          const tenon_tolerances_t* tolerances) {
  switch (expected->type.value_type) {
    case IREE_VM_VALUE_TYPE_I32:
      return actual->i32 == expected->i32;
    case IREE_VM_VALUE_TYPE_I64:
      return actual->i64 == expected->i64;
    case IREE_VM_VALUE_TYPE_F32:
      return tenon_numbers_are_close(actual->f32, expected->f32, tolerances->absolute_f32,
                                     tolerances->relative);
    case IREE_VM_VALUE_TYPE_F64:
      return tenon_numbers_are_close(actual->f64, expected->f64, tolerances->absolute_f64,
                                     tolerances->relative);
    default:
      return false;
  }
}

static iree_status_t compare_scalars(const iree_vm_variant_t* expected,
                                     const iree_vm_variant_t* actual,
                                     const tenon_tolerances_t* tolerances, iree_host_size_t index,
                                     FILE* file, bool* out_equal) {
  *out_equal = scalars_equal(actual, expected, tolerances);
  if (*out_equal) return iree_ok_status();
  fprintf(file, "[FAILED] result[%" PRIhsz "]: value does not match the expected\n  expected:\n",
          index);
  IREE_RETURN_IF_ERROR(tenon_value_print(file, expected, 0));
  fprintf(file, "  actual:\n");
  return tenon_value_print(file, actual, 0);
}

static iree_status_t compare_variants(const iree_vm_variant_t* expected,
                                      const iree_vm_variant_t* actual,
                                      const tenon_tolerances_t* tolerances, iree_host_size_t index,
                                      iree_host_size_t max_element_count, FILE* file,
                                      bool* out_equal) {
  const bool is_scalar = expected->type.value_type != IREE_VM_VALUE_TYPE_NONE;
  const bool both_scalars = is_scalar && expected->type.value_type == actual->type.value_type;
  const bool both_refs = !is_scalar && actual->type.value_type == IREE_VM_VALUE_TYPE_NONE &&
                         expected->ref.type == actual->ref.type;
  if (!both_scalars && !both_refs) {
    const iree_string_view_t expected_type = variant_type_name(expected);
    const iree_string_view_t actual_type = variant_type_name(actual);
    fprintf(file,
            "[FAILED] result[%" PRIhsz "]: variant types mismatch; expected %.*s but got %.*s\n",
            index, (int)expected_type.size, expected_type.data, (int)actual_type.size,
            actual_type.data);
    *out_equal = false;
    return iree_ok_status();
  }
  if (both_scalars) return compare_scalars(expected, actual, tolerances, index, file, out_equal);
  // Of references, only views and nulls can be given on a command line.
  *out_equal = true;
  if (iree_vm_ref_is_null(&expected->ref)) return iree_ok_status();
  return compare_views(iree_hal_buffer_view_deref(expected->ref),
                       iree_hal_buffer_view_deref(actual->ref), tolerances, index,
                       max_element_count, file, out_equal);
}

iree_status_t tenon_compare(const tenon_values_t* expected, const iree_vm_list_t* actual,
                            const tenon_tolerances_t* tolerances,
                            iree_host_size_t max_element_count, FILE* file, bool* out_equal) {
  *out_equal = true;
  for (iree_host_size_t i = 0; i < iree_vm_list_size(expected->list); ++i) {
    if (expected->ignored[i]) continue;
    iree_vm_variant_t expected_value, actual_value;
    IREE_RETURN_IF_ERROR(iree_vm_list_get_variant(expected->list, i, &expected_value));
    IREE_RETURN_IF_ERROR(iree_vm_list_get_variant(actual, i, &actual_value));
    bool equal = true;
    IREE_RETURN_IF_ERROR(compare_variants(&expected_value, &actual_value, tolerances, i,
                                          max_element_count, file, &equal));
    *out_equal &= equal;
  }
  return iree_ok_status();
}
