// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// In an asynchronous program who writes to a tensor's storage waits for those who read it: all of them come before on every way there
// (ownership.h), so their points are at hand.

#include <stdlib.h>

#include "compiler/schedule/convert.h"
#include "compiler/schedule/origins.h"
#include "compiler/schedule/ownership.h"

static struct tenon_reader_list_t* find_list(const tenon_readers_t* readers, MlirValue root) {
  size_t position = (size_t)tenon_map_get(&readers->positions, root.ptr);
  return position ? &readers->lists.data[position - 1] : NULL;
}

void tenon_note_reader(tenon_converter_t* converter, MlirValue value, MlirValue point) {
  MlirValue root = tenon_storage_root(value);
  if (!converter->schedule->asynchronous ||
      !tenon_is_written(converter->info->origins->ownership, root)) {
    return;
  }
  tenon_readers_t* readers = &converter->readers;
  if (!find_list(readers, root)) {
    struct tenon_reader_list_t added = {.root = root};
    TENON_APPEND(&readers->lists, added);
    tenon_map_set(&readers->positions, root.ptr, (void*)readers->lists.count);
  }
  TENON_APPEND(&find_list(readers, root)->points, point);
}

MlirValue tenon_point_to_write(tenon_converter_t* converter, MlirValue value,
                               const tenon_tensor_t* tensor) {
  const struct tenon_reader_list_t* list =
      find_list(&converter->readers, tenon_storage_root(value));
  if (!list) return tensor->point;
  // Whoever read it had waited for the tensor.
  return tenon_build_join(&converter->builder, list->points.data, (intptr_t)list->points.count);
}

void tenon_readers_free(tenon_readers_t* readers) {
  for (size_t i = 0; i < readers->lists.count; ++i) free(readers->lists.data[i].points.data);
  free(readers->lists.data);
  tenon_map_free(&readers->positions);
}
