// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Modules whose functions are methods of a C++ class (C++14 to C++20).
//
//   class State {
//    public:
//     StatusOr<int32_t> Add(int32_t a, int32_t b) { return a + b; }
//   };
//   static const vm::NativeFunction<State> kFunctions[] = {
//       vm::MakeNativeFunction("add", &State::Add),
//   };
//   class Module final : public vm::NativeModule<State> {
//    public:
//     using vm::NativeModule<State>::NativeModule;
//     StatusOr<std::unique_ptr<State>> CreateState(iree_allocator_t) override {
//       return std::make_unique<State>();
//     }
//   };
//   ...
//   auto module = std::make_unique<Module>(
//       "calc", /*version=*/0, instance, allocator,
//       iree::span<const vm::NativeFunction<State>>(kFunctions));
//   iree_vm_module_t* interface = module.release()->interface();
//
// Types of parameters and results: native_module_packing.h. Methods can't suspend themselves, and
// exceptions must not leave them.
//
// Ownership: the module deletes itself when the last count of its interface is released; states
// belong to contexts. Names and the table are kept by pointer: string literals and static tables.
// Thread-safety: CreateState and the methods may be called from any thread that creates a context
// or invokes, several at once.
#ifndef IREE_VM_NATIVE_MODULE_CC_H_
#define IREE_VM_NATIVE_MODULE_CC_H_

#include <cstring>
#include <functional>
#include <memory>
#include <utility>

#include "iree/base/api.h"
#include "iree/base/internal/span.h"
#include "iree/base/tracing.h"  // IWYU pragma: export
#include "iree/vm/api.h"
#include "iree/vm/native_module_packing.h"  // IWYU pragma: export

#ifndef __cplusplus
#error "This header is for C++; in C include iree/vm/native_module.h."
#endif  // !__cplusplus

namespace iree {
namespace vm {

// One export. Made by MakeNativeFunction().
template <typename Owner>
struct NativeFunction {
  iree_string_view_t name;
  iree_string_view_t cconv;
  void (Owner::* const ptr)();
  Status (*const call)(void (Owner::*ptr)(), Owner* self, iree_vm_stack_t* stack,
                       iree_vm_function_call_t call);
  // The same for callers that come straight from compiled programs; |target| is this struct. May be
  // null.
  iree_vm_native_function_shim_t shim;
};

// Methods of different types are kept in one table: each is cast back by the Dispatch of its own
// type before it is called.
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wcast-function-type"
#endif  // __GNUC__
template <typename Owner, typename Result, typename... Params>
constexpr NativeFunction<Owner> MakeNativeFunction(const char* name,
                                                   StatusOr<Result> (Owner::*fn)(Params...)) {
  using Dispatch = packing::Dispatch<Owner, Result, Params...>;
  return {iree_string_view_t{name, packing::Length(name)},
          packing::Text<typename Dispatch::Signature>::view(), (void (Owner::*)())fn,
          &Dispatch::Call, &Dispatch::Shim};
}

template <typename Owner, typename... Params>
constexpr NativeFunction<Owner> MakeNativeFunction(const char* name,
                                                   Status (Owner::*fn)(Params...)) {
  using Dispatch = packing::Dispatch<Owner, packing::NoResult, Params...>;
  return {iree_string_view_t{name, packing::Length(name)},
          packing::Text<typename Dispatch::Signature>::view(), (void (Owner::*)())fn,
          &Dispatch::Call, &Dispatch::Shim};
}
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif  // __GNUC__

template <typename State>
class NativeModule {
 public:
  // Retains |instance|.
  NativeModule(const char* name, uint32_t version, iree_vm_instance_t* instance,
               iree_allocator_t allocator, iree::span<const NativeFunction<State>> dispatch_table)
      : name_(name),
        version_(version),
        instance_(retain_ref(instance)),
        allocator_(allocator),
        dispatch_table_(dispatch_table) {
    iree_status_ignore(iree_vm_module_initialize(&interface_, this));
    interface_.destroy = ModuleDestroy;
    interface_.name = ModuleName;
    interface_.signature = ModuleSignature;
    interface_.enumerate_dependencies = ModuleEnumerateDependencies;
    interface_.lookup_function = ModuleLookupFunction;
    interface_.get_function = ModuleGetFunction;
    interface_.alloc_state = ModuleAllocState;
    interface_.free_state = ModuleFreeState;
    interface_.resolve_import = ModuleResolveImport;
    interface_.notify = ModuleNotify;
    interface_.begin_call = ModuleBeginCall;
    interface_.get_native_call = ModuleGetNativeCall;
  }
  NativeModule(const NativeModule&) = delete;
  NativeModule& operator=(const NativeModule&) = delete;
  virtual ~NativeModule() = default;

  // The module as the rest of the API knows it, with the one count that the new module has: release
  // it in the end.
  iree_vm_module_t* interface() { return &interface_; }

 protected:
  const char* name() const { return name_; }
  iree_vm_instance_t* instance() const { return instance_.get(); }
  iree_allocator_t allocator() const { return allocator_; }

  // Calls |callback| for every module that has to be registered earlier; returns its failures.
  virtual Status EnumerateDependencies(
      std::function<Status(const iree_vm_module_dependency_t*)> callback) {
    return OkStatus();
  }

  // Makes the state for a new context.
  virtual StatusOr<std::unique_ptr<State>> CreateState(iree_allocator_t allocator) = 0;

  virtual Status Notify(State* state, iree_vm_signal_t signal) { return OkStatus(); }

 private:
  static NativeModule* From(void* self) { return static_cast<NativeModule*>(self); }
  static State* FromState(iree_vm_module_state_t* state) { return reinterpret_cast<State*>(state); }

  static void ModuleDestroy(void* self) { delete From(self); }

  static iree_string_view_t ModuleName(void* self) {
    return iree_make_cstring_view(From(self)->name_);
  }

  static iree_vm_module_signature_t ModuleSignature(void* self) {
    iree_vm_module_signature_t signature;
    std::memset(&signature, 0, sizeof(signature));
    signature.version = From(self)->version_;
    signature.export_function_count = From(self)->dispatch_table_.size();
    return signature;
  }

  static iree_status_t ModuleEnumerateDependencies(void* self,
                                                   iree_vm_module_dependency_callback_t callback,
                                                   void* user_data) {
    return From(self)
        ->EnumerateDependencies([=](const iree_vm_module_dependency_t* dependency) -> Status {
          return callback(user_data, dependency);
        })
        .release();
  }

  static iree_status_t ModuleLookupFunction(void* self, iree_vm_function_linkage_t linkage,
                                            iree_string_view_t name,
                                            iree_vm_function_t* out_function) {
    NativeModule* module = From(self);
    std::memset(out_function, 0, sizeof(*out_function));
    if (linkage == IREE_VM_FUNCTION_LINKAGE_EXPORT) {
      for (size_t i = 0; i < module->dispatch_table_.size(); ++i) {
        if (!iree_string_view_equal(module->dispatch_table_[i].name, name)) continue;
        out_function->module = &module->interface_;
        out_function->linkage = static_cast<uint16_t>(linkage);
        out_function->ordinal = static_cast<uint16_t>(i);
        return iree_ok_status();
      }
    }
    return iree_status_from_code(IREE_STATUS_NOT_FOUND);
  }

  static iree_status_t ModuleGetFunction(void* self, iree_vm_function_linkage_t linkage,
                                         iree_host_size_t ordinal, iree_vm_function_t* out_function,
                                         iree_string_view_t* out_name,
                                         iree_vm_function_signature_t* out_signature) {
    NativeModule* module = From(self);
    if (linkage != IREE_VM_FUNCTION_LINKAGE_EXPORT || ordinal >= module->dispatch_table_.size()) {
      return iree_make_status(IREE_STATUS_OUT_OF_RANGE,
                              "module '%s' has no function %zu of that linkage", module->name_,
                              static_cast<size_t>(ordinal));
    }
    const NativeFunction<State>& function = module->dispatch_table_[ordinal];
    if (out_function) {
      out_function->module = &module->interface_;
      out_function->linkage = static_cast<uint16_t>(linkage);
      out_function->ordinal = static_cast<uint16_t>(ordinal);
    }
    if (out_name) *out_name = function.name;
    if (out_signature) out_signature->calling_convention = function.cconv;
    return iree_ok_status();
  }

  static iree_status_t ModuleAllocState(void* self, iree_allocator_t allocator,
                                        iree_vm_module_state_t** out_module_state) {
    *out_module_state = nullptr;
    StatusOr<std::unique_ptr<State>> state = From(self)->CreateState(allocator);
    if (!state.ok()) return std::move(state).status().release();
    *out_module_state =
        reinterpret_cast<iree_vm_module_state_t*>(std::move(state).value().release());
    return iree_ok_status();
  }

  static void ModuleFreeState(void* self, iree_vm_module_state_t* module_state) {
    delete FromState(module_state);
  }

  static iree_status_t ModuleResolveImport(void* self, iree_vm_module_state_t* module_state,
                                           iree_host_size_t ordinal,
                                           const iree_vm_function_t* function,
                                           const iree_vm_function_signature_t* signature) {
    return iree_make_status(IREE_STATUS_UNIMPLEMENTED, "C++ modules can't import functions");
  }

  static iree_status_t ModuleNotify(void* self, iree_vm_module_state_t* module_state,
                                    iree_vm_signal_t signal) {
    return From(self)->Notify(FromState(module_state), signal).release();
  }

  static iree_status_t ModuleBeginCall(void* self, iree_vm_stack_t* stack,
                                       iree_vm_function_call_t call) {
    NativeModule* module = From(self);
    iree_vm_module_state_t* state = nullptr;
    iree_status_t status = iree_vm_stack_query_module_state(stack, &module->interface_, &state);
    if (IREE_LIKELY(iree_status_is_ok(status))) {
      if (IREE_UNLIKELY(call.function.ordinal >= module->dispatch_table_.size())) {
        return iree_make_status(IREE_STATUS_OUT_OF_RANGE, "module '%s' has no function %u",
                                module->name_, static_cast<unsigned>(call.function.ordinal));
      }
      const NativeFunction<State>& function = module->dispatch_table_[call.function.ordinal];
      status = function.shim
                   ? function.shim(stack, IREE_VM_NATIVE_FUNCTION_CALL_BEGIN, call.arguments,
                                   call.results, TargetOf(function), module, state)
                   : function.call(function.ptr, FromState(state), stack, call).release();
    }
    if (IREE_LIKELY(iree_status_is_ok(status))) return status;
    return module->AnnotateFailure(status, call.function.ordinal);
  }

  static bool ModuleGetNativeCall(void* self, const iree_vm_function_t* function,
                                  iree_vm_native_call_t* out_call) {
    NativeModule* module = From(self);
    if (function->linkage != IREE_VM_FUNCTION_LINKAGE_EXPORT ||
        function->ordinal >= module->dispatch_table_.size()) {
      return false;
    }
    const NativeFunction<State>& native = module->dispatch_table_[function->ordinal];
    out_call->shim = native.shim;
    out_call->target = TargetOf(native);
    out_call->self = module;
    out_call->kind = "C++";
    return native.shim != nullptr;
  }

  static iree_vm_native_function_target_t TargetOf(const NativeFunction<State>& function) {
    return reinterpret_cast<iree_vm_native_function_target_t>(
        reinterpret_cast<uintptr_t>(&function));
  }

  iree_status_t AnnotateFailure(iree_status_t status, uint16_t ordinal) {
    if (iree_status_is_deferred(status)) {
      iree_status_ignore(status);
      status = iree_make_status(IREE_STATUS_INTERNAL,
                                "the function returned DEFERRED, but C++ methods can't suspend");
    }
    const iree_string_view_t function_name = dispatch_table_[ordinal].name;
    return iree_status_annotate_f(status, "while invoking C++ function %s.%.*s", name_,
                                  static_cast<int>(function_name.size), function_name.data);
  }

  const char* name_;
  uint32_t version_;
  ref<iree_vm_instance_t> instance_;
  iree_allocator_t allocator_;
  iree::span<const NativeFunction<State>> dispatch_table_;
  iree_vm_module_t interface_;
};

}  // namespace vm
}  // namespace iree

#endif  // IREE_VM_NATIVE_MODULE_CC_H_
