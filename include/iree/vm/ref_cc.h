// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Owners of VM objects in C++14 to C++20: ref<T> of a known type, opaque_ref of any.
//
// What a ref<T> holds it owns one count of. Thread-safety as in ref.h.
#ifndef IREE_VM_REF_CC_H_
#define IREE_VM_REF_CC_H_

#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

#include "iree/base/api.h"
#include "iree/vm/context.h"
#include "iree/vm/instance.h"
#include "iree/vm/module.h"
#include "iree/vm/ref.h"

namespace iree {
namespace vm {

// How a ref<T> counts. By default through the type's descriptor; IREE_VM_DECLARE_CC_TYPE_ADAPTERS
// replaces both for types that are counted but can't be put into an iree_vm_ref_t.
template <typename T>
inline void ref_type_retain(T* p) {
  if (p) {
    iree_atomic_ref_count_inc(reinterpret_cast<iree_atomic_ref_count_t*>(
        reinterpret_cast<uint8_t*>(p) + ref_type_descriptor<T>::get()->offsetof_counter));
  }
}
template <typename T>
inline void ref_type_release(T* p) {
  iree_vm_ref_object_release(p, ref_type_descriptor<T>::get());
}

// For a type with name_retain(T*) and name_release(T*).
#define IREE_VM_DECLARE_CC_TYPE_ADAPTERS(name, T) \
  namespace iree {                                \
  namespace vm {                                  \
  template <>                                     \
  inline void ref_type_retain<T>(T * p) {         \
    if (p) name##_retain(p);                      \
  }                                               \
  template <>                                     \
  inline void ref_type_release<T>(T * p) {        \
    if (p) name##_release(p);                     \
  }                                               \
  }                                               \
  }

// A counted pointer. Copies are made by construction or by retain_ref(); copy *assignment* doesn't
// exist, so that no count is added by accident.
template <typename T>
class ref {
 public:
  constexpr ref() noexcept = default;
  constexpr ref(std::nullptr_t) noexcept {}
  // Adopts the caller's count.
  ref(T* p) noexcept { ref_.ptr = p; }
  ref(const ref& other) noexcept {
    ref_.ptr = other.get();
    if (ref_.ptr) ref_type_retain<T>(get());
  }
  ref(ref&& other) noexcept { ref_.ptr = other.release(); }
  template <typename U,
            typename = typename std::enable_if<std::is_convertible<U*, T*>::value>::type>
  ref(ref<U>&& other) noexcept {
    T* p = other.release();
    ref_.ptr = p;
  }
  ref& operator=(const ref&) = delete;
  ref& operator=(ref&& other) noexcept {
    if (this != std::addressof(other)) assign(other.release());
    return *this;
  }
  template <typename U,
            typename = typename std::enable_if<std::is_convertible<U*, T*>::value>::type>
  ref& operator=(ref<U>&& other) noexcept {
    assign(other.release());
    return *this;
  }
  ref& operator=(std::nullptr_t) noexcept {
    reset();
    return *this;
  }
  ~ref() {
    if (ref_.ptr) ref_type_release<T>(get());
  }

  // Borrowed.
  T* get() const noexcept { return static_cast<T*>(ref_.ptr); }
  // Hands the count to the caller.
  T* release() noexcept {
    T* p = get();
    ref_.ptr = nullptr;
    return p;
  }
  void reset() noexcept { assign(nullptr); }
  // Adopts the caller's count of |value|, dropping what was held.
  void assign(T* value) noexcept {
    T* dropped = get();
    ref_.ptr = value;
    if (dropped) ref_type_release<T>(dropped);
  }
  void swap(ref& other) noexcept { std::swap(ref_.ptr, other.ref_.ptr); }

  T& operator*() const noexcept { return *get(); }
  T* operator->() const noexcept { return get(); }
  explicit operator bool() const noexcept { return ref_.ptr != nullptr; }
  bool operator!() const noexcept { return ref_.ptr == nullptr; }

  // For out-parameters of C functions. What is held is not released first: use it on a null ref.
  T** operator&() noexcept { return reinterpret_cast<T**>(&ref_.ptr); }

  // For C functions that take references; valid while this lives, and still owned by this (a
  // function that moves out of it leaves this null).
  operator iree_vm_ref_t*() const noexcept {
    if (ref_.ptr) {
      const iree_vm_ref_type_descriptor_t* descriptor = ref_type_descriptor<T>::get();
      ref_.offsetof_counter = descriptor->offsetof_counter;
      ref_.type = descriptor->type;
    } else {
      ref_.offsetof_counter = 0;
      ref_.type = IREE_VM_REF_TYPE_NULL;
    }
    return &ref_;
  }

  // T's type id, also while this is null.
  iree_vm_ref_type_t type() const noexcept { return ref_type_descriptor<T>::get()->type; }

 private:
  // The type is filled in when somebody asks for the whole.
  mutable iree_vm_ref_t ref_ = {nullptr, 0, 0};
};

// Adopts the caller's count.
template <typename T>
inline ref<T> assign_ref(T* value) noexcept {
  return ref<T>(value);
}
// Adds a count.
template <typename T>
inline ref<T> retain_ref(T* value) noexcept {
  if (value) ref_type_retain<T>(value);
  return ref<T>(value);
}
template <typename T>
inline ref<T> retain_ref(const ref<T>& value) noexcept {
  return retain_ref(value.get());
}

template <typename T, typename U>
inline bool operator==(const ref<T>& lhs, const ref<U>& rhs) noexcept {
  return lhs.get() == rhs.get();
}
template <typename T, typename U>
inline bool operator!=(const ref<T>& lhs, const ref<U>& rhs) noexcept {
  return lhs.get() != rhs.get();
}
template <typename T>
inline bool operator<(const ref<T>& lhs, const ref<T>& rhs) noexcept {
  return lhs.get() < rhs.get();
}
// (All four, also in C++20: what it would derive gives way to the conversion to iree_vm_ref_t*.)
template <typename T>
inline bool operator==(const ref<T>& lhs, std::nullptr_t) noexcept {
  return !lhs;
}
template <typename T>
inline bool operator!=(const ref<T>& lhs, std::nullptr_t) noexcept {
  return static_cast<bool>(lhs);
}
template <typename T>
inline bool operator==(std::nullptr_t, const ref<T>& rhs) noexcept {
  return !rhs;
}
template <typename T>
inline bool operator!=(std::nullptr_t, const ref<T>& rhs) noexcept {
  return static_cast<bool>(rhs);
}
template <typename T>
inline void swap(ref<T>& lhs, ref<T>& rhs) noexcept {
  lhs.swap(rhs);
}

// Owns a reference to an object of any type.
class opaque_ref {
 public:
  constexpr opaque_ref() noexcept = default;
  opaque_ref(const opaque_ref& other) noexcept { iree_vm_ref_retain(&other.value_, &value_); }
  opaque_ref(opaque_ref&& other) noexcept { iree_vm_ref_move(&other.value_, &value_); }
  opaque_ref& operator=(const opaque_ref&) = delete;
  opaque_ref& operator=(opaque_ref&& other) noexcept {
    iree_vm_ref_move(&other.value_, &value_);
    return *this;
  }
  ~opaque_ref() { iree_vm_ref_release(&value_); }

  // Borrowed; may be filled by C functions, which release what it held.
  iree_vm_ref_t* get() const noexcept { return &value_; }
  iree_vm_ref_t* operator&() const noexcept { return &value_; }
  iree_vm_ref_type_t type() const noexcept { return value_.type; }
  explicit operator bool() const noexcept { return value_.type != IREE_VM_REF_TYPE_NULL; }
  bool operator!() const noexcept { return value_.type == IREE_VM_REF_TYPE_NULL; }
  void reset() noexcept { iree_vm_ref_release(&value_); }
  // Hands the count to the caller.
  iree_vm_ref_t release() noexcept {
    iree_vm_ref_t value = value_;
    value_ = iree_vm_ref_null();
    return value;
  }

 private:
  mutable iree_vm_ref_t value_ = {nullptr, 0, 0};
};

// Base of counted C++ classes: `class Thing : public RefObject<Thing>`. A new object has a count
// of 1. The descriptor of such a class is filled in and registered by IREE_VM_REGISTER_CC_TYPE.
template <typename T>
class RefObject {
 public:
  // What offsetof_counter of the class's descriptor is.
  static constexpr size_t offsetof_counter() { return offsetof(RefObject, counter_); }
  static void DirectDestroy(void* ptr) { delete static_cast<T*>(ptr); }

  void AddReference() { iree_atomic_ref_count_inc(&counter_); }
  void ReleaseReference() {
    if (iree_atomic_ref_count_dec(&counter_) == 1) delete static_cast<T*>(this);
  }

 protected:
  RefObject() { iree_atomic_ref_count_init(&counter_); }
  RefObject(const RefObject&) = delete;
  RefObject& operator=(const RefObject&) = delete;
  ~RefObject() = default;

 private:
  iree_atomic_ref_count_t counter_;
};

// Fills in all but the type, which shares a word with the counter's offset: a descriptor that
// another thread has registered meanwhile must not be written again.
template <typename T>
iree_vm_ref_type_descriptor_t* FillDescriptor(const char* name,
                                              iree_vm_ref_type_descriptor_t* descriptor) {
  descriptor->destroy = &RefObject<T>::DirectDestroy;
  descriptor->offsetof_counter = RefObject<T>::offsetof_counter();
  descriptor->type_name = iree_make_cstring_view(name);
  return descriptor;
}
template <typename T>
iree_status_t RegisterType(const char* name, iree_vm_ref_type_descriptor_t* descriptor) {
  static const iree_vm_ref_type_descriptor_t* const filled = FillDescriptor<T>(name, descriptor);
  if (filled != descriptor && descriptor->type == IREE_VM_REF_TYPE_NULL) {
    FillDescriptor<T>(name, descriptor);
  }
  return iree_vm_ref_register_type(descriptor);
}

// An expression of iree_status_t: registers class |cc_type|, which derives from RefObject<cc_type>
// first and alone and has no virtual functions, as |name| with the variable |descriptor|. A class
// has one descriptor; threads may register it at once, and again.
#define IREE_VM_REGISTER_CC_TYPE(cc_type, name, descriptor) \
  ::iree::vm::RegisterType<cc_type>(name, &(descriptor))

}  // namespace vm
}  // namespace iree

IREE_VM_DECLARE_CC_TYPE_ADAPTERS(iree_vm_instance, iree_vm_instance_t)
IREE_VM_DECLARE_CC_TYPE_ADAPTERS(iree_vm_module, iree_vm_module_t)
IREE_VM_DECLARE_CC_TYPE_ADAPTERS(iree_vm_context, iree_vm_context_t)

#endif  // IREE_VM_REF_CC_H_
