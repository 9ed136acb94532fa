// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What failed expectations say.

#ifndef TENON_MODULES_CHECK_MESSAGE_H_
#define TENON_MODULES_CHECK_MESSAGE_H_

#include "hal/compare.h"
#include "iree/hal/api.h"

// Each compares, and where what is expected isn't so appends to |message| what is there instead. |tolerances| is NULL where
// contents must be equal.

iree_status_t tenon_check_views(const iree_hal_buffer_view_t* lhs,
                                const iree_hal_buffer_view_t* rhs,
                                const tenon_tolerances_t* tolerances,
                                iree_string_builder_t* message);

iree_status_t tenon_check_all_true(const iree_hal_buffer_view_t* view,
                                   iree_string_builder_t* message);

#endif  // TENON_MODULES_CHECK_MESSAGE_H_
