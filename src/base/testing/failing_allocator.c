// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "base/testing/failing_allocator.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "iree/base/internal/atomics.h"

static iree_status_t tenon_failing_allocator_ctl(void* self, iree_allocator_command_t command,
                                                 const void* params, void** inout_ptr) {
  tenon_failing_allocator_t* state = self;
  if (command == IREE_ALLOCATOR_COMMAND_FREE) {
    // Whoever sees the last block go may end the state.
    iree_atomic_fetch_sub(&state->live_count, 1, iree_memory_order_release);
    return iree_allocator_system_ctl(NULL, command, params, inout_ptr);
  }
  iree_host_size_t call =
      iree_atomic_fetch_add(&state->call_count, 1, iree_memory_order_relaxed) + 1;
  if (call == state->fail_at) {
    iree_atomic_store(&state->has_failed, true, iree_memory_order_relaxed);
    return iree_make_status(IREE_STATUS_RESOURCE_EXHAUSTED,
                            "allocation %" PRIhsz " fails for the test", call);
  }
  bool is_new = command != IREE_ALLOCATOR_COMMAND_REALLOC || !*inout_ptr;
  IREE_RETURN_IF_ERROR(iree_allocator_system_ctl(NULL, command, params, inout_ptr));
  if (is_new) iree_atomic_fetch_add(&state->live_count, 1, iree_memory_order_relaxed);
  return iree_ok_status();
}

void tenon_failing_allocator_initialize(iree_host_size_t fail_at,
                                        tenon_failing_allocator_t* out_state) {
  memset(out_state, 0, sizeof(*out_state));
  out_state->fail_at = fail_at;
}

iree_allocator_t tenon_failing_allocator(tenon_failing_allocator_t* state) {
  iree_allocator_t allocator = {state, tenon_failing_allocator_ctl};
  return allocator;
}

iree_host_size_t tenon_test_for_each_failure(tenon_test_body_t body, void* user_data) {
  for (iree_host_size_t fail_at = 1;; ++fail_at) {
    tenon_failing_allocator_t state;
    tenon_failing_allocator_initialize(fail_at, &state);
    iree_status_t status = body(tenon_failing_allocator(&state), user_data);
    bool is_expected = iree_status_is_ok(status) ||
                       (state.has_failed && iree_status_is_resource_exhausted(status));
    if (!is_expected) iree_status_fprint(stderr, status);
    iree_status_ignore(status);
    if (!is_expected) {
      fail_msg("with allocation %zu %s the body failed with the status above", fail_at,
               state.has_failed ? "failing" : "out of reach");
    }
    if (state.live_count != 0)
      fail_msg("with allocation %zu failing, %zu blocks leak", fail_at, state.live_count);
    if (!state.has_failed) return state.call_count;
  }
}
