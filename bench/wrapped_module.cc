// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <memory>

#include "bench_module.h"
#include "iree/vm/native_module_cc.h"

namespace {

struct State {
  iree::StatusOr<int32_t> Step(int32_t value) { return value + 3; }
};

const iree::vm::NativeFunction<State> kFunctions[] = {
    iree::vm::MakeNativeFunction("step", &State::Step)};

struct Module final : iree::vm::NativeModule<State> {
  using iree::vm::NativeModule<State>::NativeModule;
  iree::StatusOr<std::unique_ptr<State>> CreateState(iree_allocator_t) override {
    return std::make_unique<State>();
  }
};

}  // namespace

extern "C" iree_status_t bench_wrapped_module_create(iree_vm_instance_t* instance,
                                                     iree_hal_device_t*,
                                                     iree_allocator_t host_allocator,
                                                     iree_vm_module_t** out_module) {
  auto module =
      std::make_unique<Module>("wrapped", 0, instance, host_allocator,
                               iree::span<const iree::vm::NativeFunction<State>>(kFunctions));
  *out_module = module.release()->interface();
  return iree_ok_status();
}
