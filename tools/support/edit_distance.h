// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How unlike two names are, for "did you mean".

#ifndef TENON_TOOLS_SUPPORT_EDIT_DISTANCE_H_
#define TENON_TOOLS_SUPPORT_EDIT_DISTANCE_H_

#include "iree/base/api.h"

// How many insertions, deletions and replacements of a character turn |a| into |b| (Levenshtein).
// IREE_HOST_SIZE_MAX where |b| has 64 characters or more: names are shorter.
static inline iree_host_size_t tenon_edit_distance(iree_string_view_t a, iree_string_view_t b) {
  iree_host_size_t row[64];
  if (b.size >= IREE_ARRAYSIZE(row)) return IREE_HOST_SIZE_MAX;
  for (iree_host_size_t j = 0; j <= b.size; ++j) row[j] = j;
  for (iree_host_size_t i = 1; i <= a.size; ++i) {
    iree_host_size_t diagonal = row[0];
    row[0] = i;
    for (iree_host_size_t j = 1; j <= b.size; ++j) {
      iree_host_size_t best = diagonal + (a.data[i - 1] != b.data[j - 1]);
      if (row[j] + 1 < best) best = row[j] + 1;
      if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
      diagonal = row[j];
      row[j] = best;
    }
  }
  return row[b.size];
}

#endif  // TENON_TOOLS_SUPPORT_EDIT_DISTANCE_H_
