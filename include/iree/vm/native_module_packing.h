// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How arguments and results of C++ methods map to calling conventions and storage (module.h).
// native_module_cc.h uses it; there is no need to include this alone.
//
//   C++ type                                     letter(s)
//   bool, integers and enums up to 32 bits       i
//   integers and enums of 64 bits                I
//   float, double                                f, F
//   ref<T>, opaque_ref                           r          null is allowed; any other type than T
//                                                           is INVALID_ARGUMENT
//   iree_string_view_t, std::string_view         r          arguments only: the bytes of a
//                                                           vm.buffer, empty for null
//   std::array<U, N>, std::tuple<U...>                      those of the elements, in order
//   iree::span<U>, iree::span<const U>           C..D       arguments only
//
// const and & on parameters make no difference. Reference arguments are moved out of argument
// storage into the parameters, and go with them when the method returns; reference results move
// into the result storage.
#ifndef IREE_VM_NATIVE_MODULE_PACKING_H_
#define IREE_VM_NATIVE_MODULE_PACKING_H_

#include <array>
#include <cstring>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>
#if __cplusplus >= 201703L
#include <string_view>
#endif  // __cplusplus >= 201703L

#include "iree/base/api.h"
#include "iree/base/internal/span.h"
#include "iree/vm/buffer.h"
#include "iree/vm/module.h"
#include "iree/vm/ref.h"
#include "iree/vm/ref_cc.h"
#include "iree/vm/stack.h"

namespace iree {
namespace vm {

template <typename Owner>
struct NativeFunction;

namespace packing {

//===--------------------------------------------------------------------------------------------===//
// Letters
//===--------------------------------------------------------------------------------------------===//

template <char... C>
struct Letters {};

template <typename... L>
struct Join {
  using type = Letters<>;
};
template <char... A>
struct Join<Letters<A...>> {
  using type = Letters<A...>;
};
template <char... A, char... B, typename... L>
struct Join<Letters<A...>, Letters<B...>, L...> {
  using type = typename Join<Letters<A..., B...>, L...>::type;
};
template <typename L, size_t N>
struct Repeat {
  using type = typename Join<L, typename Repeat<L, N - 1>::type>::type;
};
template <typename L>
struct Repeat<L, 0> {
  using type = Letters<>;
};

// strlen, as a constant where the text is one.
constexpr size_t Length(const char* text) { return *text ? 1 + Length(text + 1) : 0; }

// `v` where there are none.
template <typename L>
struct OrVoid {
  using type = L;
};
template <>
struct OrVoid<Letters<>> {
  using type = Letters<'v'>;
};

template <typename L>
struct Text;
template <char... C>
struct Text<Letters<C...>> {
  static constexpr char kValue[sizeof...(C) + 1] = {C..., '\0'};
  static constexpr iree_string_view_t view() { return iree_string_view_t{kValue, sizeof...(C)}; }
};
template <char... C>
constexpr char Text<Letters<C...>>::kValue[sizeof...(C) + 1];

//===--------------------------------------------------------------------------------------------===//
// Storage
//===--------------------------------------------------------------------------------------------===//

// Walks argument storage. The first problem sticks in |status|; what is read after it is zero.
struct Reader {
  uint8_t* ptr;
  uint8_t* end;
  iree_status_t status;

  template <typename T>
  T Read() {
    T value = T();
    if (IREE_LIKELY(static_cast<size_t>(end - ptr) >= sizeof(T))) {
      std::memcpy(&value, ptr, sizeof(T));
      ptr += sizeof(T);
    } else {
      Overrun();
    }
    return value;
  }
  // Takes the reference out of the storage if it is null or of |type|.
  void* TakeRef(iree_vm_ref_type_t type) {
    uint8_t* slot = ptr;
    iree_vm_ref_t ref = Read<iree_vm_ref_t>();
    if (ref.type == IREE_VM_REF_TYPE_NULL) return nullptr;
    if (IREE_UNLIKELY(ref.type != type)) {
      Fail(iree_vm_ref_make_type_error(ref, type));
      return nullptr;
    }
    std::memset(slot, 0, sizeof(ref));
    return ref.ptr;
  }
  void Fail(iree_status_t new_status) {
    if (iree_status_is_ok(status)) {
      status = new_status;
    } else {
      iree_status_ignore(new_status);
    }
  }
  void Overrun() {
    Fail(iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                          "argument storage is too short for the function's signature"));
    ptr = end;
  }
};

// Walks result storage, whose size was checked before.
struct Writer {
  uint8_t* ptr;
  iree_status_t status;

  template <typename T>
  void Write(const T& value) {
    std::memcpy(ptr, &value, sizeof(T));
    ptr += sizeof(T);
  }
};

// For each type: its letters; Holder, what an argument is kept in during the call; Load into and
// get out of the holder; and, for results, kSize in storage and Store.
template <typename T, typename Enable = void>
struct Value;

template <typename T>
using Plain = typename std::remove_cv<typename std::remove_reference<T>::type>::type;

template <typename T, typename Stored, char kLetter>
struct ScalarValue {
  using Signature = Letters<kLetter>;
  using Holder = T;
  static constexpr size_t kSize = sizeof(Stored);
  static void Load(Reader& reader, Holder& holder) {
    holder = static_cast<T>(reader.Read<Stored>());
  }
  static T& Get(Holder& holder) { return holder; }
  static void Store(Writer& writer, T&& value) { writer.Write(static_cast<Stored>(value)); }
};
template <typename T>
struct Value<T, typename std::enable_if<(std::is_integral<T>::value || std::is_enum<T>::value) &&
                                        sizeof(T) <= 4>::type> : ScalarValue<T, int32_t, 'i'> {};
template <typename T>
struct Value<T, typename std::enable_if<(std::is_integral<T>::value || std::is_enum<T>::value) &&
                                        sizeof(T) == 8>::type> : ScalarValue<T, int64_t, 'I'> {};
template <>
struct Value<float> : ScalarValue<float, float, 'f'> {};
template <>
struct Value<double> : ScalarValue<double, double, 'F'> {};

template <typename T>
struct Value<ref<T>> {
  using Signature = Letters<'r'>;
  using Holder = ref<T>;
  static constexpr size_t kSize = sizeof(iree_vm_ref_t);
  static void Load(Reader& reader, Holder& holder) {
    holder.assign(static_cast<T*>(reader.TakeRef(ref_type_descriptor<T>::get()->type)));
  }
  static ref<T>& Get(Holder& holder) { return holder; }
  static void Store(Writer& writer, ref<T>&& value) {
    iree_vm_ref_t result = iree_vm_ref_null();
    if (value) {
      const iree_vm_ref_type_descriptor_t* descriptor = ref_type_descriptor<T>::get();
      if (IREE_UNLIKELY(descriptor->type == IREE_VM_REF_TYPE_NULL)) {
        iree_status_ignore(writer.status);
        writer.status = iree_make_status(
            IREE_STATUS_FAILED_PRECONDITION, "the type '%.*s' of a result is not registered",
            static_cast<int>(descriptor->type_name.size), descriptor->type_name.data);
      } else {
        result.offsetof_counter = descriptor->offsetof_counter;
        result.type = descriptor->type;
        result.ptr = value.release();
      }
    }
    writer.Write(result);
  }
};

template <>
struct Value<opaque_ref> {
  using Signature = Letters<'r'>;
  using Holder = opaque_ref;
  static constexpr size_t kSize = sizeof(iree_vm_ref_t);
  static void Load(Reader& reader, Holder& holder) {
    uint8_t* slot = reader.ptr;
    *holder.get() = reader.Read<iree_vm_ref_t>();
    if (holder) std::memset(slot, 0, sizeof(iree_vm_ref_t));
  }
  static opaque_ref& Get(Holder& holder) { return holder; }
  static void Store(Writer& writer, opaque_ref&& value) { writer.Write(value.release()); }
};

template <typename View>
struct StringValue {
  struct Holder {
    ref<iree_vm_buffer_t> buffer;
    View view;
  };
  using Signature = Letters<'r'>;
  static void Load(Reader& reader, Holder& holder) {
    holder.buffer.assign(static_cast<iree_vm_buffer_t*>(reader.TakeRef(iree_vm_buffer_type_id())));
    const iree_string_view_t text = iree_vm_buffer_as_string(holder.buffer.get());
    holder.view = View{text.data, text.size};
  }
  static View& Get(Holder& holder) { return holder.view; }
};
template <>
struct Value<iree_string_view_t> : StringValue<iree_string_view_t> {};
#if __cplusplus >= 201703L
template <>
struct Value<std::string_view> : StringValue<std::string_view> {};
#endif  // __cplusplus >= 201703L

template <typename U, size_t N>
struct Value<std::array<U, N>> {
  static_assert(std::is_same<typename Value<U>::Holder, U>::value,
                "only scalars and references can be elements of arrays");
  using Signature = typename Repeat<typename Value<U>::Signature, N>::type;
  using Holder = std::array<U, N>;
  static constexpr size_t kSize = Value<U>::kSize * N;
  static void Load(Reader& reader, Holder& holder) {
    for (auto& element : holder) Value<U>::Load(reader, element);
  }
  static Holder& Get(Holder& holder) { return holder; }
  static void Store(Writer& writer, Holder&& value) {
    for (auto& element : value) Value<U>::Store(writer, std::move(element));
  }
};

constexpr size_t Sum() { return 0; }
template <typename... N>
constexpr size_t Sum(size_t first, N... rest) {
  return first + Sum(rest...);
}

template <typename... U>
struct Value<std::tuple<U...>> {
  static_assert(std::is_same<std::tuple<typename Value<U>::Holder...>, std::tuple<U...>>::value,
                "only scalars, references, arrays and tuples of them can be elements of tuples");
  using Signature = typename Join<typename Value<U>::Signature...>::type;
  using Holder = std::tuple<U...>;
  static constexpr size_t kSize = Sum(Value<U>::kSize...);
  static void Load(Reader& reader, Holder& holder) {
    LoadEach(reader, holder, std::index_sequence_for<U...>());
  }
  static Holder& Get(Holder& holder) { return holder; }
  static void Store(Writer& writer, Holder&& value) {
    StoreEach(writer, value, std::index_sequence_for<U...>());
  }

 private:
  template <size_t... I>
  static void LoadEach(Reader& reader, Holder& holder, std::index_sequence<I...>) {
    const int in_order[] = {0, (Value<U>::Load(reader, std::get<I>(holder)), 0)...};
    static_cast<void>(in_order);
  }
  template <size_t... I>
  static void StoreEach(Writer& writer, Holder& value, std::index_sequence<I...>) {
    const int in_order[] = {0, (Value<U>::Store(writer, std::move(std::get<I>(value))), 0)...};
    static_cast<void>(in_order);
  }
};

// A span keeps its elements in a vector for the time of the call.
template <typename E>
struct SpanValue {
  using U = Plain<E>;
  static_assert(std::is_same<typename Value<U>::Holder, U>::value && !std::is_same<U, bool>::value,
                "only scalars but bool, references and tuples of them can be elements of spans");
  struct Holder {
    std::vector<U> elements;
    iree::span<E> view;
  };
  using Signature = typename Join<Letters<'C'>, typename Value<U>::Signature, Letters<'D'>>::type;
  static void Load(Reader& reader, Holder& holder) {
    const int32_t count = reader.Read<int32_t>();
    // Compared with what is there before anything is allocated for it.
    if (count < 0 || static_cast<size_t>(count) >
                         static_cast<size_t>(reader.end - reader.ptr) / Value<U>::kSize) {
      reader.Overrun();
      return;
    }
    holder.elements.resize(static_cast<size_t>(count));
    for (auto& element : holder.elements) Value<U>::Load(reader, element);
    holder.view = iree::span<E>(holder.elements.data(), holder.elements.size());
  }
  static iree::span<E>& Get(Holder& holder) { return holder.view; }
};
#if __cplusplus >= 202002L
template <typename E>
struct Value<std::span<E>> : SpanValue<E> {};
#else
template <typename E>
struct Value<iree::span<E>> : SpanValue<E> {};
#endif  // __cplusplus >= 202002L

//===--------------------------------------------------------------------------------------------===//
// Calls
//===--------------------------------------------------------------------------------------------===//

struct NoResult {};
template <>
struct Value<NoResult> {
  using Signature = Letters<>;
  static constexpr size_t kSize = 0;
};

#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wcast-function-type"
#endif  // __GNUC__
// Result = NoResult for methods that return Status.
template <typename Owner, typename Result, typename... Params>
struct Dispatch {
  using Signature = typename Join<
      Letters<'0'>,
      typename OrVoid<typename Join<typename Value<Plain<Params>>::Signature...>::type>::type,
      Letters<'_'>, typename OrVoid<typename Value<Result>::Signature>::type>::type;
  using Method =
      typename std::conditional<std::is_same<Result, NoResult>::value, Status (Owner::*)(Params...),
                                StatusOr<Result> (Owner::*)(Params...)>::type;

  static Status Call(void (Owner::*ptr)(), Owner* self, iree_vm_stack_t* stack,
                     iree_vm_function_call_t call) {
    // The long way to the shim, which thus is the only code that there is for the function.
    const NativeFunction<Owner> function = {{}, {}, ptr, nullptr, nullptr};
    return Shim(
        stack, IREE_VM_NATIVE_FUNCTION_CALL_BEGIN, call.arguments, call.results,
        reinterpret_cast<iree_vm_native_function_target_t>(reinterpret_cast<uintptr_t>(&function)),
        nullptr, self);
  }

  // An iree_vm_native_function_shim_t: |target| is the NativeFunction, |module_state| the Owner.
  static IREE_ATTRIBUTE_NOINLINE iree_status_t Shim(iree_vm_stack_t* stack,
                                                    iree_vm_native_function_flags_t flags,
                                                    iree_byte_span_t arguments,
                                                    iree_byte_span_t results,
                                                    iree_vm_native_function_target_t target,
                                                    void* module, void* module_state) {
    static_cast<void>(stack);
    static_cast<void>(flags);
    static_cast<void>(module);
    const auto* function =
        reinterpret_cast<const NativeFunction<Owner>*>(reinterpret_cast<uintptr_t>(target));
    return Invoke((Method)function->ptr, static_cast<Owner*>(module_state), arguments, results,
                  std::index_sequence_for<Params...>())
        .release();
  }

 private:
  template <size_t... I>
  static inline IREE_ATTRIBUTE_ALWAYS_INLINE Status Invoke(Method method, Owner* self,
                                                           iree_byte_span_t arguments,
                                                           iree_byte_span_t results,
                                                           std::index_sequence<I...>) {
    if (IREE_UNLIKELY(results.data_length != Value<Result>::kSize)) {
      return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                              "result storage has %zu bytes where the function returns %zu",
                              static_cast<size_t>(results.data_length),
                              static_cast<size_t>(Value<Result>::kSize));
    }
    Reader reader = {arguments.data, arguments.data + arguments.data_length, iree_ok_status()};
    std::tuple<typename Value<Plain<Params>>::Holder...> holders;
    const int in_order[] = {0, (Value<Plain<Params>>::Load(reader, std::get<I>(holders)), 0)...};
    static_cast<void>(in_order);
    if (IREE_UNLIKELY(reader.ptr != reader.end)) {
      reader.Fail(iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                                   "argument storage has %zu bytes more than the function takes",
                                   static_cast<size_t>(reader.end - reader.ptr)));
    }
    if (IREE_UNLIKELY(!iree_status_is_ok(reader.status))) return std::move(reader.status);
    return Return(
        (self->*method)(static_cast<Params&&>(Value<Plain<Params>>::Get(std::get<I>(holders)))...),
        results);
  }

  static Status Return(Status&& status, iree_byte_span_t results) { return std::move(status); }
  template <typename R>
  static Status Return(StatusOr<R>&& result, iree_byte_span_t results) {
    if (IREE_UNLIKELY(!result.ok())) return std::move(result).status();
    Writer writer = {results.data, iree_ok_status()};
    Value<R>::Store(writer, std::move(result).value());
    return std::move(writer.status);
  }
};
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif  // __GNUC__

}  // namespace packing
}  // namespace vm
}  // namespace iree

#endif  // IREE_VM_NATIVE_MODULE_PACKING_H_
