// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The virtual machine, whole. Order of reading: ref.h (counted objects), value.h, type_def.h,
// list.h and buffer.h (what travels through calls), module.h (what a callable thing is),
// native_module.h with shims.h (your own functions, in C; native_module_cc.h in C++), instance.h
// and context.h (linking modules together), invocation.h (calling), stack.h (frames, suspension and
// resumption).
#ifndef IREE_VM_API_H_
#define IREE_VM_API_H_

#include "iree/base/api.h"          // IWYU pragma: export
#include "iree/vm/buffer.h"         // IWYU pragma: export
#include "iree/vm/context.h"        // IWYU pragma: export
#include "iree/vm/instance.h"       // IWYU pragma: export
#include "iree/vm/invocation.h"     // IWYU pragma: export
#include "iree/vm/list.h"           // IWYU pragma: export
#include "iree/vm/module.h"         // IWYU pragma: export
#include "iree/vm/native_module.h"  // IWYU pragma: export
#include "iree/vm/ref.h"            // IWYU pragma: export
#include "iree/vm/shims.h"          // IWYU pragma: export
#include "iree/vm/stack.h"          // IWYU pragma: export
#include "iree/vm/type_def.h"       // IWYU pragma: export
#include "iree/vm/value.h"          // IWYU pragma: export

#ifdef __cplusplus
#include "iree/vm/ref_cc.h"  // IWYU pragma: export
#endif                       // __cplusplus

#endif  // IREE_VM_API_H_
