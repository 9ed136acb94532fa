// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "bench_module.h"

void bench_reference_poly(const float* restrict source, float* restrict target, size_t count) {
  for (size_t i = 0; i < count; ++i) target[i] = source[i] * source[i] * 3.0f + source[i];
}
