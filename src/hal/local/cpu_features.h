// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the processor of this machine can do beyond the baseline of its architecture.

#ifndef TENON_HAL_LOCAL_CPU_FEATURES_H_
#define TENON_HAL_LOCAL_CPU_FEATURES_H_

#include "iree/base/api.h"

// Whether the processor has the feature and the system has switched it on. |name| is LLVM's
// (`sse4.2`, `avx512vnni`) or Linux's (`sse4_2`, `avx512_vnni`); '.', '-' and '_' don't count.
// False for names that are not known.
bool tenon_cpu_has_feature(iree_string_view_t name);

// Checks a comma-separated list, each name with an optional '+' before it. Sets |*out_missing| to
// the first that is missing, a view into the list, and returns false.
bool tenon_cpu_has_features(iree_string_view_t list, iree_string_view_t* out_missing);

#endif  // TENON_HAL_LOCAL_CPU_FEATURES_H_
