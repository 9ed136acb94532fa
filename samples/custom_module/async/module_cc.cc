// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The raw way in C++: the wrapper finds the signature, fences included, in the method's type; a std::thread for every call.

#include <cstdio>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>

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
  iree_status_t Map(iree_hal_buffer_t* buffer, iree_hal_memory_access_t access) {
    return iree_hal_buffer_map_range(buffer, IREE_HAL_MAPPING_MODE_SCOPED, access, 0,
                                     IREE_WHOLE_BUFFER, &mapping_);
  }
  int32_t* data() const { return reinterpret_cast<int32_t*>(mapping_.contents.data); }

 private:
  iree_hal_buffer_mapping_t mapping_ = {{nullptr, 0}, nullptr, {}};
};

// All that a call needs after it has returned.
struct Call {
  vm::ref<iree_hal_buffer_view_t> source;
  vm::ref<iree_hal_buffer_t> target;
  // When the target is allocated, which is not before the source's contents are there.
  vm::ref<iree_hal_fence_t> wait_fence;
  vm::ref<iree_hal_fence_t> signal_fence;

  iree_status_t Double() const {
    Mapping from, to;
    IREE_RETURN_IF_ERROR(
        from.Map(iree_hal_buffer_view_buffer(source.get()), IREE_HAL_MEMORY_ACCESS_READ));
    IREE_RETURN_IF_ERROR(to.Map(target.get(), IREE_HAL_MEMORY_ACCESS_DISCARD_WRITE));
    const size_t count = iree_hal_buffer_view_element_count(source.get());
    for (size_t i = 0; i < count; ++i) {
      to.data()[i] = static_cast<int32_t>(static_cast<uint32_t>(from.data()[i]) * 2u);
    }
    return iree_ok_status();
  }

  // On the call's own thread. Whatever happens, the fence is signaled or failed in the end.
  void Run() const {
    IREE_TRACE_SET_THREAD_NAME("custom.call.async");
    IREE_TRACE_SCOPE();
    std::printf("ASYNC: BEFORE WAIT\n");
    iree_status_t status = iree_hal_fence_wait(wait_fence.get(), iree_infinite_timeout());
    std::printf("ASYNC: AFTER WAIT\n");
    if (iree_status_is_ok(status)) status = Double();
    std::printf("ASYNC: BEFORE SIGNAL\n");
    if (iree_status_is_ok(status)) status = iree_hal_fence_signal(signal_fence.get());
    if (!iree_status_is_ok(status)) iree_hal_fence_fail(signal_fence.get(), status);
    std::printf("ASYNC: AFTER SIGNAL\n");
  }
};

class CustomState final {
 public:
  CustomState(vm::ref<iree_hal_device_t> device, iree_allocator_t host_allocator)
      : device_(std::move(device)), host_allocator_(host_allocator) {}

  // Nothing here may look at the tensor's contents: they may not be there yet.
  StatusOr<vm::ref<iree_hal_buffer_view_t>> CallAsync(
      const vm::ref<iree_hal_buffer_view_t> view, const vm::ref<iree_hal_fence_t> wait_fence,
      const vm::ref<iree_hal_fence_t> signal_fence) {
    if (!view || iree_hal_buffer_view_element_type(view.get()) != IREE_HAL_ELEMENT_TYPE_INT_32) {
      return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                              "custom.call.async doubles tensors of i32 only");
    }
    auto call = std::make_unique<Call>();
    call->source = vm::retain_ref(view);
    call->signal_fence = vm::retain_ref(signal_fence);
    IREE_RETURN_IF_ERROR(AllocateTarget(wait_fence.get(), call.get()));
    vm::ref<iree_hal_buffer_view_t> result_view;
    IREE_RETURN_IF_ERROR(iree_hal_buffer_view_create_like(call->target.get(), view.get(),
                                                          host_allocator_, &result_view));
    try {
      std::thread([call = std::move(call)] { call->Run(); }).detach();
    } catch (const std::system_error& error) {
      return iree_make_status(IREE_STATUS_RESOURCE_EXHAUSTED, "no thread: %s", error.what());
    }
    return result_view;
  }

 private:
  // Allocates the target in the device's own order: once the wait fence is reached. The handle is there at once.
  Status AllocateTarget(iree_hal_fence_t* wait_fence, Call* call) {
    vm::ref<iree_hal_semaphore_t> semaphore;
    IREE_RETURN_IF_ERROR(iree_hal_semaphore_create(device_.get(), 0ull, &semaphore));
    IREE_RETURN_IF_ERROR(
        iree_hal_fence_create_at(semaphore.get(), 1ull, host_allocator_, &call->wait_fence));
    iree_hal_buffer_params_t params = {
        IREE_HAL_BUFFER_USAGE_DEFAULT | IREE_HAL_BUFFER_USAGE_MAPPING,
        IREE_HAL_MEMORY_ACCESS_ALL,
        IREE_HAL_MEMORY_TYPE_OPTIMAL_FOR_DEVICE | IREE_HAL_MEMORY_TYPE_HOST_VISIBLE,
        IREE_HAL_QUEUE_AFFINITY_ANY,
        /*min_alignment=*/64,
    };
    return iree_hal_device_queue_alloca(
        device_.get(), IREE_HAL_QUEUE_AFFINITY_ANY, iree_hal_fence_semaphore_list(wait_fence),
        iree_hal_fence_semaphore_list(call->wait_fence.get()), IREE_HAL_ALLOCATOR_POOL_DEFAULT,
        params, iree_hal_buffer_view_byte_length(call->source.get()), &call->target);
  }

  vm::ref<iree_hal_device_t> device_;
  iree_allocator_t host_allocator_;
};

const vm::NativeFunction<CustomState> kFunctions[] = {
    vm::MakeNativeFunction("call.async", &CustomState::CallAsync),
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

extern "C" iree_status_t iree_custom_module_async_create(iree_vm_instance_t* instance,
                                                         iree_hal_device_t* device,
                                                         iree_allocator_t host_allocator,
                                                         iree_vm_module_t** out_module) {
  auto module = std::make_unique<CustomModule>(vm::retain_ref(device), instance, host_allocator);
  *out_module = module.release()->interface();
  return iree_ok_status();
}
