// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the tests of asynchronous programs share: a session whose allocator counts, invocations with their fences, and a native
// module `custom` in the raw way, whose functions get fences, keep them and signal them from threads of their own.

#ifndef TENON_TESTS_E2E_ASYNC_SUPPORT_H_
#define TENON_TESTS_E2E_ASYNC_SUPPORT_H_

#include "base/testing/failing_allocator.h"
#include "iree/modules/hal/types.h"
#include "iree/runtime/api.h"

//===-- custom.call, custom.effect: x + 1, once the wait fence is reached ---------------------------------------------===//

typedef enum behaviour_e {
  ANSWER = 0,    // a thread waits, computes, signals
  FAIL_LATER,    // a thread waits, then fails the signal fence
  FAIL_AT_ONCE,  // the call itself fails
  KEEP,          // nothing happens until the test says so (custom_answer_kept, custom_drop_kept)
  OTHER_SHAPE,   // as ANSWER, but the result has one element more
  FAIL_THIRDS,  // as ANSWER, but custom.effect and custom.sync fail with DATA_LOSS if the first element is a multiple of 3
} behaviour_t;

// For the calls from now on.
void custom_behave(behaviour_t behaviour);
// How many calls there have been of custom.call and custom.effect, and of custom.sync, since the session was opened.
int custom_call_count(void);
int custom_sync_count(void);
// Blocks until there have been |count| calls of the first kind.
void custom_expect_calls(int count);
// Answers the oldest call that was kept, on this thread.
void custom_answer_kept(void);
// Drops all calls that were kept, their fences unsignaled.
void custom_drop_kept(void);

//===-- Programs of tests: PROGRAM FOLDER-OF-MODULES [PATTERN-OF-TESTS] -----------------------------------------------===//

// False, with the usage, if the arguments aren't these.
bool take_arguments(int argc, char** argv);
// The file of a module in that folder; until the next call.
const char* path_of_module(const char* name);

// The entries of a test that takes the name of a driver as its state, for one driver and for all.
#define ON(driver, test) {#test " on " driver, test, NULL, NULL, (void*)driver}
#define ON_ALL(test) ON("local-sync", test), ON("local-task", test)

//===-- Sessions ------------------------------------------------------------------------------------------------------===//

typedef struct fixture_t {
  tenon_failing_allocator_t memory;
  iree_allocator_t allocator;
  iree_runtime_instance_t* instance;
  iree_hal_device_t* device;
  iree_runtime_session_t* session;
} fixture_t;

// A session on |driver| with the custom module and the module in the file |path|.
void fixture_open(fixture_t* fixture, const char* driver, const char* path);
// ... with an allocator that may fail, in |fixture|, which is zeroed otherwise. To be closed in any case.
iree_status_t fixture_try_open(fixture_t* fixture, const char* driver, const char* path);
// Adds the native module of |descriptor| to the session.
void fixture_append_native(fixture_t* fixture,
                           const iree_vm_native_module_descriptor_t* descriptor);
// Releases session, device and instance; what is in flight goes on.
void fixture_release(fixture_t* fixture);
// ... after which, when the custom functions' threads have ended, everything that was ever allocated must go.
void fixture_close(fixture_t* fixture);

//===-- Invocations of functions with fences ---------------------------------------------------------------------------===//

typedef struct invocation_t {
  fixture_t* fixture;
  iree_vm_list_t *inputs, *outputs;
  iree_hal_fence_t *wait, *signal;
} invocation_t;

// A new fence of a new semaphore, which it alone holds.
iree_hal_fence_t* new_fence(fixture_t* fixture);
iree_hal_buffer_view_t* new_tensor(fixture_t* fixture, iree_host_size_t rank,
                                   const iree_hal_dim_t* dims, iree_hal_element_type_t type,
                                   const void* data);

// The arguments come first, then start(). |wait| (may be NULL) is retained.
void invocation_initialize(invocation_t* invocation, fixture_t* fixture, iree_hal_fence_t* wait);
void push_tensor_i32(invocation_t* invocation, iree_host_size_t count, const int32_t* data);
// Gives |view| away.
void push_view(invocation_t* invocation, iree_hal_buffer_view_t* view);
void push_i32(invocation_t* invocation, int32_t value);
void push_i64(invocation_t* invocation, int64_t value);
void push_f64(invocation_t* invocation, double value);
// Adds the fences and calls `module.function`.
iree_status_t try_start(invocation_t* invocation, const char* function);
void start(invocation_t* invocation, const char* function);
// Waits until the results are there, and checks one of them.
void expect_reached(invocation_t* invocation);
void expect_pending(invocation_t* invocation);
void expect_i32(invocation_t* invocation, iree_host_size_t result, iree_host_size_t count,
                const int32_t* expected);
// The signal fence fails: a query gives |code| and a wait ABORTED, both with |text|.
void expect_signal_fails(invocation_t* invocation, iree_status_code_t code, const char* text);
void invocation_deinitialize(invocation_t* invocation);

// Expects |status| to have |code| and |text| in its message; frees it.
void expect_failure(iree_status_t status, iree_status_code_t code, const char* text);

// Long enough for anything that isn't stuck.
static inline iree_timeout_t patience(void) { return iree_make_timeout_ms(60 * 1000); }

#endif  // TENON_TESTS_E2E_ASYNC_SUPPORT_H_
