// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The `check` module: what programs that test something call by the operations of the `check` dialect (docs/testing.md).
// iree-check-module has it; programs that run tests themselves link libtenon_check.a before the runtime.
//
//   expect_true(i32)  expect_false(i32)          not zero; zero
//   expect_all_true(view)                        no element is zero
//   expect_eq(view, view)                        equal type, shape and contents: bits, where any NaN is as good as another
//   expect_almost_eq(view, view, atol, rtol)     floats (and the parts of complex ones) may differ by atol + rtol * |second|,
//                                                where infinities equal themselves and NaNs NaNs; all else as expect_eq.
//                                                atol below 0 is that of the type: 1e-4 for f32 and f64, 1e-3 for f16, 1e-2
//                                                for bf16
//   expect_eq.i64  expect_eq.f64  expect_almost_eq.f64     the same of two numbers
//
// A failed expectation doesn't fail the call: it is reported, and the program goes on. A call fails if its arguments are not
// what its name promises, such as a null reference.
//
// Thread-safety. As of all modules (iree/vm/module.h).

#ifndef IREE_MODULES_CHECK_MODULE_H_
#define IREE_MODULES_CHECK_MODULE_H_

#include "iree/base/api.h"
#include "iree/vm/api.h"

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

// A module that prints failures to standard error, with a count of 1 for the caller; it retains |instance|. How many there
// were tells tenon_check_module_failure_count (tenon/check_module.h), which also says how to be told of each.
//   FAILED_PRECONDITION: the HAL's types are not registered (iree/modules/hal/types.h).
IREE_API_EXPORT iree_status_t iree_check_module_create(iree_vm_instance_t* instance,
                                                       iree_allocator_t allocator,
                                                       iree_vm_module_t** out_module);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  // IREE_MODULES_CHECK_MODULE_H_
