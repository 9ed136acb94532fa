// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The same module in C++: the wrapper finds the signatures in the methods' types, a buffer arrives as its bytes, and
// references are checked before a method sees them.

#include <cstddef>
#include <cstdio>
#include <cstring>
#include <memory>

#include "iree/vm/native_module_cc.h"
#include "module.h"

using iree::OkStatus;
using iree::Status;
using iree::StatusOr;
namespace vm = iree::vm;

struct iree_custom_string_t {
  iree_vm_ref_object_t ref_object;
  iree_allocator_t allocator;
  iree_string_view_t value;  // the bytes follow the struct
};

static void IREE_API_PTR StringDestroy(void* ptr) {
  auto* string = static_cast<iree_custom_string_t*>(ptr);
  iree_allocator_free(string->allocator, string);
}

// Filled in by iree_custom_module_register_types().
static iree_vm_ref_type_descriptor_t iree_custom_string_descriptor = {};

IREE_VM_DEFINE_TYPE_ADAPTERS(iree_custom_string, iree_custom_string_t);

extern "C" iree_status_t iree_custom_module_register_types(void) {
  if (iree_custom_string_descriptor.type) return iree_ok_status();
  iree_custom_string_descriptor.type_name = iree_make_cstring_view("custom.string");
  iree_custom_string_descriptor.offsetof_counter =
      offsetof(iree_custom_string_t, ref_object.counter);
  iree_custom_string_descriptor.destroy = StringDestroy;
  return iree_vm_ref_register_type(&iree_custom_string_descriptor);
}

namespace {

StatusOr<vm::ref<iree_custom_string_t>> CreateString(iree_string_view_t value,
                                                     iree_allocator_t allocator) {
  vm::ref<iree_custom_string_t> string;
  IREE_RETURN_IF_ERROR(iree_allocator_malloc(allocator, sizeof(iree_custom_string_t) + value.size,
                                             reinterpret_cast<void**>(&string)));
  string->ref_object.counter = IREE_ATOMIC_VAR_INIT(1);
  string->allocator = allocator;
  char* bytes = reinterpret_cast<char*>(string.get() + 1);
  string->value = iree_make_string_view(bytes, value.size);
  if (value.size) memcpy(bytes, value.data, value.size);
  return string;
}

// References may be null; a method that can do nothing with that says so.
class CustomState final {
 public:
  explicit CustomState(iree_allocator_t host_allocator) : host_allocator_(host_allocator) {}

  StatusOr<vm::ref<iree_custom_string_t>> Create(iree_string_view_t value) {
    printf("CREATE %.*s\n", static_cast<int>(value.size), value.data);
    return CreateString(value, host_allocator_);
  }

  StatusOr<int64_t> Length(const vm::ref<iree_custom_string_t> string) {
    if (!string) return NullString();
    printf("LENGTH %.*s = %zu\n", static_cast<int>(string->value.size), string->value.data,
           string->value.size);
    return static_cast<int64_t>(string->value.size);
  }

  Status Print(const vm::ref<iree_custom_string_t> string) {
    if (!string) return NullString();
    printf("PRINT %.*s\n", static_cast<int>(string->value.size), string->value.data);
    return OkStatus();
  }

 private:
  static iree_status_t NullString() {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "expected a string, not null");
  }

  iree_allocator_t host_allocator_;
};

const vm::NativeFunction<CustomState> kFunctions[] = {
    vm::MakeNativeFunction("string.create", &CustomState::Create),
    vm::MakeNativeFunction("string.length", &CustomState::Length),
    vm::MakeNativeFunction("string.print", &CustomState::Print),
#if !defined(NDEBUG)
    vm::MakeNativeFunction("string.dprint", &CustomState::Print),
#endif
};

class CustomModule final : public vm::NativeModule<CustomState> {
 public:
  using vm::NativeModule<CustomState>::NativeModule;
  StatusOr<std::unique_ptr<CustomState>> CreateState(iree_allocator_t host_allocator) override {
    return std::make_unique<CustomState>(host_allocator);
  }
};

}  // namespace

extern "C" iree_status_t iree_custom_module_basic_create(iree_vm_instance_t* instance,
                                                         iree_allocator_t host_allocator,
                                                         iree_vm_module_t** out_module) {
  auto module =
      std::make_unique<CustomModule>("custom", /*version=*/0, instance, host_allocator,
                                     iree::span<const vm::NativeFunction<CustomState>>(kFunctions));
  *out_module = module.release()->interface();
  return iree_ok_status();
}
