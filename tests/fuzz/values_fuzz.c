// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Any text as a value: refused, or its print reads back as the same value, of which the print is
// the same.

#include <stdlib.h>
#include <string.h>

#include "iree/hal/api.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

// Values of up to 1 MiB: a fuzzer finds large ones quickly and learns nothing from them.
static iree_status_t limited_ctl(void* self, iree_allocator_command_t command, const void* params,
                                 void** inout_ptr) {
  if (command != IREE_ALLOCATOR_COMMAND_FREE &&
      ((const iree_allocator_alloc_params_t*)params)->byte_length > 1024 * 1024) {
    return iree_status_from_code(IREE_STATUS_RESOURCE_EXHAUSTED);
  }
  return iree_allocator_system_ctl(NULL, command, params, inout_ptr);
}

// The whole value as text, from malloc; NULL if it has none.
static char* print(const iree_hal_buffer_view_t* view) {
  iree_host_size_t length = 0;
  iree_status_t status = iree_hal_buffer_view_format(view, IREE_HOST_SIZE_MAX, 0, NULL, &length);
  if (!iree_status_is_out_of_range(status)) abort();
  iree_status_ignore(status);
  char* text = malloc(length + 1);
  IREE_CHECK_OK(iree_hal_buffer_view_format(view, IREE_HOST_SIZE_MAX, length + 1, text, &length));
  return text;
}

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  iree_allocator_t limited = {NULL, limited_ctl};
  iree_hal_allocator_t* allocator = NULL;
  IREE_CHECK_OK(iree_hal_allocator_create_heap(iree_make_cstring_view("fuzz"), limited,
                                               iree_allocator_system(), &allocator));
  // Without a NUL behind it, for the sanitizer.
  char* text = malloc(size ? size : 1);
  memcpy(text, data, size);
  iree_hal_buffer_view_t* view = NULL;
  iree_status_t status =
      iree_hal_buffer_view_parse(iree_make_string_view(text, size), allocator, &view);
  if (iree_status_is_ok(status)) {
    char* first = print(view);
    if (!strstr(first, "...")) {
      iree_hal_buffer_view_t* again = NULL;
      IREE_CHECK_OK(iree_hal_buffer_view_parse(iree_make_cstring_view(first), allocator, &again));
      char* second = print(again);
      if (strcmp(first, second) != 0) abort();
      free(second);
      iree_hal_buffer_view_release(again);
    }
    free(first);
    iree_hal_buffer_view_release(view);
  }
  iree_status_ignore(status);
  free(text);
  iree_hal_allocator_release(allocator);
  return 0;
}
