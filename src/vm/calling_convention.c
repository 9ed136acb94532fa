// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Calling convention strings and the storage that they describe.
#include <string.h>

#include "format/calling_convention.h"
#include "iree/base/alignment.h"
#include "iree/vm/module.h"

// Letters, and spans (not nested, not empty) of letters.
static bool tenon_is_fragment(iree_string_view_t fragment) {
  bool in_span = false;
  for (iree_host_size_t i = 0; i < fragment.size; ++i) {
    const char letter = fragment.data[i];
    if (IREE_LIKELY(tenon_cconv_value_size(letter))) continue;
    if (letter == 'C' && !in_span) {
      in_span = true;
    } else if (letter == 'D' && in_span && fragment.data[i - 1] != 'C') {
      in_span = false;
    } else {
      return false;
    }
  }
  return !in_span;
}

// A fragment, where `v` alone means none.
static bool tenon_split_fragment(iree_string_view_t text, iree_string_view_t* out_fragment) {
  if (text.size == 1 && text.data[0] == 'v') {
    *out_fragment = iree_string_view_empty();
    return true;
  }
  *out_fragment = text;
  return text.size != 0 && tenon_is_fragment(text);
}

IREE_API_EXPORT iree_status_t iree_vm_function_call_get_cconv_fragments(
    const iree_vm_function_signature_t* signature, iree_string_view_t* out_arguments,
    iree_string_view_t* out_results) {
  *out_arguments = *out_results = iree_string_view_empty();
  const iree_string_view_t text = signature->calling_convention;
  if (text.size == 0) return iree_ok_status();
  const char* separator = (const char*)memchr(text.data, '_', text.size);
  if (IREE_LIKELY(separator && text.data[0] == '0')) {
    const iree_string_view_t arguments =
        iree_make_string_view(text.data + 1, (iree_host_size_t)(separator - text.data) - 1);
    const iree_string_view_t results = iree_make_string_view(
        separator + 1, text.size - (iree_host_size_t)(separator - text.data) - 1);
    if (IREE_LIKELY(tenon_split_fragment(arguments, out_arguments) &&
                    tenon_split_fragment(results, out_results))) {
      return iree_ok_status();
    }
  }
  *out_arguments = *out_results = iree_string_view_empty();
  return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                          "'%.*s' is no calling convention: expected '0' arguments '_' results, "
                          "each 'v' or letters of i, I, f, F, r, C...D",
                          (int)text.size, text.data);
}

IREE_API_EXPORT bool iree_vm_function_call_is_variadic_cconv(iree_string_view_t cconv) {
  return cconv.size && memchr(cconv.data, 'C', cconv.size) != NULL;
}

static iree_host_size_t tenon_count_values(iree_string_view_t fragment) {
  iree_host_size_t count = 0;
  for (iree_host_size_t i = 0; i < fragment.size; ++i) {
    ++count;
    if (fragment.data[i] != 'C') continue;
    while (i < fragment.size && fragment.data[i] != 'D') ++i;
  }
  return count;
}

IREE_API_EXPORT iree_status_t iree_vm_function_call_count_arguments_and_results(
    const iree_vm_function_signature_t* signature, iree_host_size_t* out_argument_count,
    iree_host_size_t* out_result_count) {
  iree_string_view_t arguments, results;
  *out_argument_count = *out_result_count = 0;
  IREE_RETURN_IF_ERROR(iree_vm_function_call_get_cconv_fragments(signature, &arguments, &results));
  *out_argument_count = tenon_count_values(arguments);
  *out_result_count = tenon_count_values(results);
  return iree_ok_status();
}

// The end of the span that begins at |i| (the index of its 'D'), and the bytes of one of its
// elements.
static iree_host_size_t tenon_measure_span(iree_string_view_t fragment, iree_host_size_t i,
                                           iree_host_size_t* out_element_size) {
  *out_element_size = 0;
  for (++i; i < fragment.size && fragment.data[i] != 'D'; ++i) {
    *out_element_size += tenon_cconv_value_size(fragment.data[i]);
  }
  return i;
}

IREE_API_EXPORT iree_status_t iree_vm_function_call_compute_cconv_fragment_size(
    iree_string_view_t cconv_fragment, const iree_vm_register_list_t* segment_size_list,
    iree_host_size_t* out_required_size) {
  // Strings are far shorter than sizes are wide and counts have 16 bits: the sum can't overflow.
  *out_required_size = 0;
  iree_host_size_t size = 0;
  iree_host_size_t span_ordinal = 0;
  for (iree_host_size_t i = 0; i < cconv_fragment.size; ++i) {
    if (cconv_fragment.data[i] != 'C') {
      size += tenon_cconv_value_size(cconv_fragment.data[i]);
      continue;
    }
    if (!segment_size_list || span_ordinal >= segment_size_list->size) {
      return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                              "the number of elements of span %zu of '%.*s' is missing",
                              span_ordinal, (int)cconv_fragment.size, cconv_fragment.data);
    }
    iree_host_size_t element_size = 0;
    i = tenon_measure_span(cconv_fragment, i, &element_size);
    size += sizeof(int32_t) + element_size * segment_size_list->registers[span_ordinal++];
  }
  *out_required_size = size;
  return iree_ok_status();
}

// Releases the references among the values of |letters| that lie at *inout_offset; false at the end
// of the storage.
static bool tenon_release_values(iree_string_view_t letters, iree_byte_span_t storage,
                                 iree_host_size_t* inout_offset) {
  for (iree_host_size_t i = 0; i < letters.size; ++i) {
    const iree_host_size_t size = tenon_cconv_value_size(letters.data[i]);
    if (size > storage.data_length - *inout_offset) return false;
    if (letters.data[i] == 'r') {
      // Storage has no alignment.
      iree_vm_ref_t ref;
      memcpy(&ref, storage.data + *inout_offset, sizeof(ref));
      iree_vm_ref_release(&ref);
      memcpy(storage.data + *inout_offset, &ref, sizeof(ref));
    }
    *inout_offset += size;
  }
  return true;
}

// The same for a span of elements of |letters|.
static bool tenon_release_span(iree_string_view_t letters, iree_byte_span_t storage,
                               iree_host_size_t* inout_offset) {
  int32_t count = 0;
  if (sizeof(count) > storage.data_length - *inout_offset) return false;
  memcpy(&count, storage.data + *inout_offset, sizeof(count));
  *inout_offset += sizeof(count);
  for (int32_t i = 0; i < count; ++i) {
    if (!tenon_release_values(letters, storage, inout_offset)) return false;
  }
  return true;
}

IREE_API_EXPORT void iree_vm_function_release_storage(iree_string_view_t cconv_fragment,
                                                      iree_byte_span_t storage) {
  iree_host_size_t offset = 0;
  for (iree_host_size_t i = 0; i < cconv_fragment.size; ++i) {
    iree_host_size_t length = 1;
    if (cconv_fragment.data[i] != 'C') {
      const iree_string_view_t letter = iree_make_string_view(cconv_fragment.data + i, length);
      if (!tenon_release_values(letter, storage, &offset)) return;
      continue;
    }
    const iree_host_size_t begin = i + 1;
    while (i < cconv_fragment.size && cconv_fragment.data[i] != 'D') ++i;
    length = i - begin;
    if (!tenon_release_span(iree_make_string_view(cconv_fragment.data + begin, length), storage,
                            &offset)) {
      return;
    }
  }
}
