// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Fuzz target: any text, read as a buffer view, is refused or gives a view whose text reads back as
// a view with that same text.

#include <stdlib.h>
#include <string.h>

#include "iree/hal/api.h"

// Memory of at most a mebibyte at a time: dimensions are the fuzzer's.
static iree_status_t limited_ctl(void* self, iree_allocator_command_t command, const void* params,
                                 void** inout_ptr) {
  const iree_allocator_alloc_params_t* alloc_params = (const iree_allocator_alloc_params_t*)params;
  if (command != IREE_ALLOCATOR_COMMAND_FREE && alloc_params->byte_length > (1u << 20)) {
    return iree_status_from_code(IREE_STATUS_RESOURCE_EXHAUSTED);
  }
  return iree_allocator_system_ctl(self, command, params, inout_ptr);
}

static void require(bool condition) {
  if (!condition) abort();
}

static void check_text(iree_hal_buffer_view_t* view, iree_hal_allocator_t* heap,
                       iree_allocator_t allocator) {
  iree_string_builder_t first, second;
  iree_string_builder_initialize(allocator, &first);
  iree_string_builder_initialize(allocator, &second);
  // What is left out can't be read back, so only whole texts are compared.
  const bool is_whole = iree_hal_buffer_view_element_count(view) <= 1000 &&
                        iree_hal_buffer_view_element_count(view) > 0;
  if (iree_status_consume_code(iree_hal_buffer_view_append_to_builder(view, 1000, &first)) ==
          IREE_STATUS_OK &&
      is_whole) {
    iree_hal_buffer_view_t* back = NULL;
    const iree_status_code_t code = iree_status_consume_code(
        iree_hal_buffer_view_parse(iree_string_builder_view(&first), heap, &back));
    require(code == IREE_STATUS_OK);
    require(iree_status_consume_code(iree_hal_buffer_view_append_to_builder(back, 1000, &second)) ==
            IREE_STATUS_OK);
    require(iree_string_view_equal(iree_string_builder_view(&first),
                                   iree_string_builder_view(&second)));
    iree_hal_buffer_view_release(back);
  }
  iree_string_builder_deinitialize(&first);
  iree_string_builder_deinitialize(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const iree_allocator_t allocator = {NULL, limited_ctl};
  iree_hal_allocator_t* heap = NULL;
  require(iree_status_consume_code(iree_hal_allocator_create_heap(
              iree_make_cstring_view("fuzz"), allocator, allocator, &heap)) == IREE_STATUS_OK);
  iree_hal_buffer_view_t* view = NULL;
  const iree_string_view_t text = iree_make_string_view((const char*)data, size);
  if (iree_status_consume_code(iree_hal_buffer_view_parse(text, heap, &view)) == IREE_STATUS_OK) {
    check_text(view, heap, allocator);
    iree_hal_buffer_view_release(view);
  }
  iree_hal_allocator_release(heap);
  return 0;
}
