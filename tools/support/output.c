// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "support/output.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/new_file.h"
#include "iree/modules/hal/types.h"
#include "support/npy.h"
#include "support/path.h"
#include "support/report.h"
#include "support/values.h"

static iree_status_t write_elements(FILE* file, bool npy, iree_host_size_t rank,
                                    const iree_hal_dim_t* dims,
                                    iree_hal_element_type_t element_type,
                                    iree_const_byte_span_t contents) {
  if (npy) return tenon_npy_write(file, rank, dims, element_type, contents);
  return tenon_write(file, contents);
}

static iree_status_t write_view(FILE* file, bool npy, const iree_hal_buffer_view_t* view) {
  iree_hal_buffer_mapping_t mapping = {.buffer = NULL};
  IREE_RETURN_IF_ERROR(iree_hal_buffer_map_range(
      iree_hal_buffer_view_buffer(view), IREE_HAL_MAPPING_MODE_SCOPED, IREE_HAL_MEMORY_ACCESS_READ,
      0, iree_hal_buffer_view_byte_length(view), &mapping));
  iree_status_t status = write_elements(
      file, npy, iree_hal_buffer_view_shape_rank(view), iree_hal_buffer_view_shape_dims(view),
      iree_hal_buffer_view_element_type(view),
      iree_make_const_byte_span(mapping.contents.data, mapping.contents.data_length));
  return iree_status_join(status, iree_hal_buffer_unmap_range(&mapping));
}

static iree_status_t write_scalar(FILE* file, bool npy, const void* value,
                                  iree_hal_element_type_t element_type) {
  return write_elements(
      file, npy, 0, NULL, element_type,
      iree_make_const_byte_span(value, iree_hal_element_dense_byte_count(element_type)));
}

static iree_status_t write_value(FILE* file, bool npy, const iree_vm_variant_t* value) {
  switch (value->type.value_type) {
    case IREE_VM_VALUE_TYPE_I32:
      return write_scalar(file, npy, &value->i32, IREE_HAL_ELEMENT_TYPE_INT_32);
    case IREE_VM_VALUE_TYPE_I64:
      return write_scalar(file, npy, &value->i64, IREE_HAL_ELEMENT_TYPE_INT_64);
    case IREE_VM_VALUE_TYPE_F32:
      return write_scalar(file, npy, &value->f32, IREE_HAL_ELEMENT_TYPE_FLOAT_32);
    case IREE_VM_VALUE_TYPE_F64:
      return write_scalar(file, npy, &value->f64, IREE_HAL_ELEMENT_TYPE_FLOAT_64);
    default:
      break;
  }
  const iree_hal_buffer_view_t* view = iree_hal_buffer_view_deref(value->ref);
  if (view) return write_view(file, npy, view);
  const iree_string_view_t type = iree_vm_ref_type_name(value->ref.type);
  return iree_make_status(IREE_STATUS_UNIMPLEMENTED,
                          "a result of type %.*s can't be written to a file", (int)type.size,
                          type.data);
}

typedef iree_status_t (*open_fn_t)(const char* path, tenon_new_file_t* out_file);

static iree_status_t write_file(iree_string_view_t name, open_fn_t open_file,
                                const iree_vm_variant_t* value) {
  tenon_path_t path;
  IREE_RETURN_IF_ERROR(tenon_path_make(name, &path));
  tenon_new_file_t file;
  IREE_RETURN_IF_ERROR(open_file(path.text, &file));
  const bool npy = iree_string_view_ends_with(name, iree_make_cstring_view(".npy"));
  iree_status_t status = tenon_new_file_close(&file, write_value(file.stream, npy, value));
  return iree_status_annotate_f(status, "writing '%s'", path.text);
}

static iree_status_t output_result(iree_string_view_t specification, const iree_vm_variant_t* value,
                                   iree_host_size_t max_element_count) {
  if (!specification.size) return iree_ok_status();
  if (iree_string_view_equal(specification, iree_make_cstring_view("-"))) {
    return tenon_value_print(stdout, value, max_element_count);
  }
  iree_string_view_t path = specification;
  if (iree_string_view_consume_prefix(&path, iree_make_cstring_view("@")))
    return write_file(path, tenon_new_file_open, value);
  if (iree_string_view_consume_prefix(&path, iree_make_cstring_view("+")))
    return write_file(path, tenon_new_file_append, value);
  return iree_make_status(
      IREE_STATUS_INVALID_ARGUMENT,
      "--output=%.*s says nothing that can be done; expected -, @FILE, +FILE or nothing",
      (int)specification.size, specification.data);
}

iree_status_t tenon_output_results(const tenon_string_list_t* specifications,
                                   const iree_vm_list_t* results,
                                   iree_host_size_t max_element_count) {
  const iree_host_size_t count = iree_vm_list_size(results);
  if (specifications->count != count) {
    return iree_make_status(IREE_STATUS_OUT_OF_RANGE,
                            "%" PRIhsz " --output given, but the function has %" PRIhsz
                            " result%s; give one for each, --output= for those of no interest",
                            specifications->count, count, count == 1 ? "" : "s");
  }
  for (iree_host_size_t i = 0; i < count; ++i) {
    iree_vm_variant_t value;
    IREE_RETURN_IF_ERROR(iree_vm_list_get_variant(results, i, &value));
    IREE_RETURN_IF_ERROR(output_result(specifications->values[i], &value, max_element_count));
  }
  return iree_ok_status();
}
