// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "iree/base/wait_source.h"

iree_status_t iree_wait_source_query(iree_wait_source_t wait_source,
                                     iree_status_code_t* out_wait_status_code) {
  *out_wait_status_code = IREE_STATUS_OK;
  if (!wait_source.ctl) return iree_ok_status();
  return wait_source.ctl(wait_source, IREE_WAIT_SOURCE_COMMAND_QUERY, NULL,
                         (void**)out_wait_status_code);
}

iree_status_t iree_wait_source_wait_one(iree_wait_source_t wait_source, iree_timeout_t timeout) {
  if (!wait_source.ctl) return iree_ok_status();
  const iree_wait_source_wait_params_t params = {timeout};
  return wait_source.ctl(wait_source, IREE_WAIT_SOURCE_COMMAND_WAIT_ONE, &params, NULL);
}

iree_status_t tenon_wait_source_listen(iree_wait_source_t wait_source,
                                       tenon_wait_listener_t listener) {
  if (!wait_source.ctl) return iree_ok_status();
  return wait_source.ctl(wait_source, TENON_WAIT_SOURCE_COMMAND_LISTEN, &listener, NULL);
}
