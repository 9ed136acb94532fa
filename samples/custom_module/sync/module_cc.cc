// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The same module in C++: the wrapper finds the signature in the method's type and does the marshalling.

#include <memory>

#include "iree/modules/hal/types.h"
#include "iree/vm/native_module_cc.h"
#include "module.h"

namespace {

using iree::Status;
using iree::StatusOr;
namespace vm = iree::vm;

// A buffer mapped into host memory for as long as the object lives.
class Mapping {
 public:
  ~Mapping() { iree_status_ignore(iree_hal_buffer_unmap_range(&mapping_)); }
  Status Map(iree_hal_buffer_t* buffer, iree_hal_memory_access_t access) {
    return iree_hal_buffer_map_range(buffer, IREE_HAL_MAPPING_MODE_SCOPED, access, 0,
                                     IREE_WHOLE_BUFFER, &mapping_);
  }
  int32_t* data() const { return reinterpret_cast<int32_t*>(mapping_.contents.data); }

 private:
  iree_hal_buffer_mapping_t mapping_ = {{nullptr, 0}, nullptr, {}};
};

class CustomState final {
 public:
  CustomState(vm::ref<iree_hal_device_t> device, iree_allocator_t host_allocator)
      : device_(std::move(device)), host_allocator_(host_allocator) {}

  StatusOr<vm::ref<iree_hal_buffer_view_t>> CallSync(const vm::ref<iree_hal_buffer_view_t> view) {
    if (!view || iree_hal_buffer_view_element_type(view.get()) != IREE_HAL_ELEMENT_TYPE_INT_32) {
      return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                              "custom.call.sync doubles tensors of i32 only");
    }
    iree_hal_buffer_params_t params = {};
    params.usage = IREE_HAL_BUFFER_USAGE_DEFAULT | IREE_HAL_BUFFER_USAGE_MAPPING;
    params.type = IREE_HAL_MEMORY_TYPE_OPTIMAL_FOR_DEVICE | IREE_HAL_MEMORY_TYPE_HOST_VISIBLE;
    vm::ref<iree_hal_buffer_t> result;
    IREE_RETURN_IF_ERROR(iree_hal_allocator_allocate_buffer(
        iree_hal_device_allocator(device_.get()), params,
        iree_hal_buffer_view_byte_length(view.get()), iree_const_byte_span_empty(), &result));
    {
      Mapping source, target;
      IREE_RETURN_IF_ERROR(
          source.Map(iree_hal_buffer_view_buffer(view.get()), IREE_HAL_MEMORY_ACCESS_READ));
      IREE_RETURN_IF_ERROR(target.Map(result.get(), IREE_HAL_MEMORY_ACCESS_DISCARD_WRITE));
      const size_t count = iree_hal_buffer_view_element_count(view.get());
      for (size_t i = 0; i < count; ++i) {
        target.data()[i] = static_cast<int32_t>(static_cast<uint32_t>(source.data()[i]) * 2u);
      }
    }
    vm::ref<iree_hal_buffer_view_t> result_view;
    IREE_RETURN_IF_ERROR(
        iree_hal_buffer_view_create_like(result.get(), view.get(), host_allocator_, &result_view));
    return result_view;
  }

 private:
  vm::ref<iree_hal_device_t> device_;
  iree_allocator_t host_allocator_;
};

const vm::NativeFunction<CustomState> kFunctions[] = {
    vm::MakeNativeFunction("call.sync", &CustomState::CallSync),
};

class CustomModule final : public vm::NativeModule<CustomState> {
 public:
  CustomModule(vm::ref<iree_hal_device_t> device, iree_vm_instance_t* instance,
               iree_allocator_t host_allocator)
      : vm::NativeModule<CustomState>(
            "custom", /*version=*/0, instance, host_allocator,
            iree::span<const vm::NativeFunction<CustomState>>(kFunctions)),
        device_(std::move(device)) {}

  StatusOr<std::unique_ptr<CustomState>> CreateState(iree_allocator_t host_allocator) override {
    return std::make_unique<CustomState>(vm::retain_ref(device_), host_allocator);
  }

 private:
  vm::ref<iree_hal_device_t> device_;
};

}  // namespace

extern "C" iree_status_t iree_custom_module_sync_create(iree_vm_instance_t* instance,
                                                        iree_hal_device_t* device,
                                                        iree_allocator_t host_allocator,
                                                        iree_vm_module_t** out_module) {
  auto module = std::make_unique<CustomModule>(vm::retain_ref(device), instance, host_allocator);
  *out_module = module.release()->interface();
  return iree_ok_status();
}
