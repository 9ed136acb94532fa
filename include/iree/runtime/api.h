// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The runtime's front: everything needed to load a compiled program and call its functions.
//
//   iree_runtime_instance_t   once per process or component: the VM, and the drivers that make
//                             devices
//   iree_runtime_session_t    once per loaded program: its modules, its state, its device
//   iree_runtime_call_t       optional: a function with its argument and result lists, to be called
//                             again and again
//
// The shortest program:
//
//   iree_runtime_instance_options_t instance_options;
//   iree_runtime_instance_options_initialize(&instance_options);
//   iree_runtime_instance_options_use_all_available_drivers(&instance_options);
//   iree_runtime_instance_create(&instance_options, iree_allocator_system(), &instance);
//   iree_runtime_instance_try_create_default_device(
//       instance, iree_make_cstring_view("local-sync"), &device);
//   iree_runtime_session_options_t session_options;
//   iree_runtime_session_options_initialize(&session_options);
//   iree_runtime_session_create_with_device(
//       instance, &session_options, device, iree_allocator_system(), &session);
//   iree_runtime_session_append_bytecode_module_from_file(session, "example.vmfb");
//   iree_runtime_session_call_by_name(
//       session, iree_make_cstring_view("example.main"), inputs, outputs);
//
// (with each status checked), and releases in any order.
//
// Memory. Everything comes from the iree_allocator_t that a create function was given, except:
// statuses (iree/base/status.h), the process-wide registries of types and drivers, and what the
// system's dynamic loader takes for loaded executables.

#ifndef IREE_RUNTIME_API_H_
#define IREE_RUNTIME_API_H_

#include "iree/base/api.h"          // IWYU pragma: export
#include "iree/hal/api.h"           // IWYU pragma: export
#include "iree/runtime/call.h"      // IWYU pragma: export
#include "iree/runtime/instance.h"  // IWYU pragma: export
#include "iree/runtime/session.h"   // IWYU pragma: export
#include "iree/vm/api.h"            // IWYU pragma: export

#endif  // IREE_RUNTIME_API_H_
