// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// In an asynchronous program who writes to a tensor's storage waits for those who read it: all of them that come before do so on every way
// there (ownership.h), so their points are at hand.

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

static MlirBlock block_of(MlirValue point) {
  return mlirValueIsABlockArgument(point) ? mlirBlockArgumentGetOwner(point)
                                          : mlirOperationGetBlock(mlirOpResultGetOwner(point));
}

// Whether every way to the builder's block comes through the one that makes |point|. If not the reader is in another branch.
static bool is_on_the_way(const tenon_builder_t* builder, MlirValue point) {
  const void *block = builder->block.ptr, *wanted = block_of(point).ptr;
  while (block && block != wanted) block = tenon_map_get(&builder->above, block);
  return block != NULL;
}

MlirValue tenon_point_to_write(tenon_converter_t* converter, MlirValue value,
                               const tenon_tensor_t* tensor) {
  const struct tenon_reader_list_t* list =
      find_list(&converter->readers, tenon_storage_root(value));
  tenon_value_list_t points = {0};
  for (size_t i = 0; list && i < list->points.count; ++i) {
    MlirValue point = list->points.data[i];
    if (is_on_the_way(&converter->builder, point)) TENON_APPEND(&points, point);
  }
  // Whoever read it had waited for the tensor.
  MlirValue joined =
      points.count ? tenon_build_join(&converter->builder, points.data, (intptr_t)points.count)
                   : tensor->point;
  free(points.data);
  return joined;
}

void tenon_readers_free(tenon_readers_t* readers) {
  for (size_t i = 0; i < readers->lists.count; ++i) free(readers->lists.data[i].points.data);
  free(readers->lists.data);
  tenon_map_free(&readers->positions);
}
