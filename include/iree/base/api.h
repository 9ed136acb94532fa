// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The base of the runtime API: sizes, strings, allocators, statuses, time. Everything else includes
// this header. It also gives a C source <stdbool.h>, <stddef.h>, <stdint.h> and <string.h>, which
// code against this API may rely on.
#ifndef IREE_BASE_API_H_
#define IREE_BASE_API_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "iree/base/alignment.h"
#include "iree/base/allocator.h"
#include "iree/base/assert.h"
#include "iree/base/attributes.h"
#include "iree/base/bitfield.h"
#include "iree/base/config.h"
#include "iree/base/loop.h"
#include "iree/base/loop_inline.h"
#include "iree/base/status.h"
#include "iree/base/string_builder.h"
#include "iree/base/string_view.h"
#include "iree/base/time.h"
#include "iree/base/tracing.h"
#include "iree/base/wait_source.h"

#endif  // IREE_BASE_API_H_
