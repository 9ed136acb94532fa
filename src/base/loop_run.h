// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What loops of every kind do alike.
#ifndef TENON_BASE_LOOP_RUN_H_
#define TENON_BASE_LOOP_RUN_H_

#include "iree/base/loop.h"

// Runs the workgroups of a dispatch until one fails; returns what it failed with.
static inline iree_status_t tenon_loop_run_workgroups(iree_loop_t loop,
                                                      const iree_loop_dispatch_params_t* params) {
  const uint32_t* count = params->workgroup_count_xyz;
  for (uint32_t z = 0; z < count[2]; ++z) {
    for (uint32_t y = 0; y < count[1]; ++y) {
      for (uint32_t x = 0; x < count[0]; ++x) {
        IREE_RETURN_IF_ERROR(params->workgroup_fn(params->callback.user_data, loop, x, y, z));
      }
    }
  }
  return iree_ok_status();
}

// Whether the source has ended: then *out_status is OK or the code that it failed with.
static inline bool tenon_loop_poll(iree_wait_source_t source, iree_status_t* out_status) {
  iree_status_code_t code = IREE_STATUS_OK;
  *out_status = iree_wait_source_query(source, &code);
  if (!iree_status_is_ok(*out_status)) return true;
  if (code == IREE_STATUS_DEFERRED) return false;
  *out_status = iree_status_from_code(code);
  return true;
}

#endif  // TENON_BASE_LOOP_RUN_H_
