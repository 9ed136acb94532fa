// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Allocators for tests: they count what is alive and fail where they are told to. Not part of the
// library.
#ifndef TENON_BASE_TESTING_FAILING_ALLOCATOR_H_
#define TENON_BASE_TESTING_FAILING_ALLOCATOR_H_

#include "iree/base/api.h"

// The state behind such an allocator, over the system's. May be used from several threads.
typedef struct tenon_failing_allocator_t {
  // The call that fails with RESOURCE_EXHAUSTED, counted from 1; 0 for none. Malloc, calloc and
  // realloc count.
  iree_host_size_t fail_at;
  // Calls so far.
  iree_host_size_t call_count;
  // Blocks that were allocated and not yet freed.
  iree_host_size_t live_count;
  // Whether a call has failed.
  bool has_failed;
} tenon_failing_allocator_t;

void tenon_failing_allocator_initialize(iree_host_size_t fail_at,
                                        tenon_failing_allocator_t* out_state);
// The allocator over a state, which outlives all that is allocated.
iree_allocator_t tenon_failing_allocator(tenon_failing_allocator_t* state);

// What is tested: does its work with the allocator, frees everything, and returns the first failure
// that it met.
typedef iree_status_t (*tenon_test_body_t)(iree_allocator_t allocator, void* user_data);

// Runs the body with the first allocation failing, then with the second, and so on, until none is
// left to fail; that last run must succeed. After each run nothing may be alive, and a failure must
// be RESOURCE_EXHAUSTED (a body may also do without the memory and succeed). Anything else is a
// failed cmocka assertion that names the call. Returns the number of allocation calls of the body.
iree_host_size_t tenon_test_for_each_failure(tenon_test_body_t body, void* user_data);

#endif  // TENON_BASE_TESTING_FAILING_ALLOCATOR_H_
