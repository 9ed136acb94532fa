// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// References: counted pointers to objects of registered types, and the registry of these types.
//
// An object takes part by holding a counter (iree_vm_ref_object_t as its first member, or any
// iree_atomic_ref_count_t within its first 255 bytes) that starts at 1, and by having a descriptor
// that tells where the counter is and how the object is destroyed. The VM moves such objects
// between native functions and compiled programs without knowing more about them.
//
// Ownership: an iree_vm_ref_t variable *owns* one count of its object unless a comment says
// "borrowed". A copy made by plain assignment or by iree_vm_ref_assign() is borrowed: it must not
// be released and lives no longer than the original. Every function whose output is named |out_ref|
// expects it initialised (iree_vm_ref_null() or {0}) and releases what it held before.
//
// Null: a reference whose type is IREE_VM_REF_TYPE_NULL (0), which is what zeroed memory is.
// Wrapping a NULL pointer gives the null reference, whatever the type.
//
// Thread-safety: counters are atomic, so distinct iree_vm_ref_t variables naming one object may be
// used from several threads. One iree_vm_ref_t variable is no more thread-safe than an int.
// Registration and lookup of types may happen on any thread at any time.
#ifndef IREE_VM_REF_H_
#define IREE_VM_REF_H_

#include <string.h>

#include "iree/base/api.h"
#include "iree/base/internal/atomics.h"

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

enum iree_vm_ref_type_bits_t {
  IREE_VM_REF_TYPE_NULL = 0,
  IREE_VM_REF_TYPE_MAX_VALUE = 0x00FFFFFEu,
  // In a type definition: a reference to an object of any type.
  IREE_VM_REF_TYPE_ANY = 0x00FFFFFFu,
};
// Identifies a registered type within this process: small, dense, stable until the process ends,
// different in the next.
typedef uint32_t iree_vm_ref_type_t;

// How many types a process can register, the two of the VM itself (vm.buffer, vm.list) included.
#define IREE_VM_MAX_REGISTERED_TYPES 63

// Place this first in a struct to make its instances referencable. Initialise |counter| to 1
// (iree_atomic_ref_count_init, or assign IREE_ATOMIC_VAR_INIT(1)).
typedef struct iree_vm_ref_object_t {
  iree_atomic_ref_count_t counter;
} iree_vm_ref_object_t;

// 16 bytes where pointers have 8. In argument and result storage references may lie unaligned: copy
// them in and out with memcpy.
typedef struct iree_vm_ref_t {
  void* ptr;
  // Where in *ptr the counter lies, in bytes.
  uint32_t offsetof_counter : 8;
  iree_vm_ref_type_t type : 24;
} iree_vm_ref_t;

// Frees an object whose count reached 0. Called on whichever thread dropped the last count.
typedef void(IREE_API_PTR* iree_vm_ref_destroy_t)(void* ptr);

// Describes a type. Lives in static storage (or at least as long as the process uses the VM); the
// registry keeps the pointer. All but |type| is filled in by its author.
typedef struct iree_vm_ref_type_descriptor_t {
  iree_vm_ref_destroy_t destroy;
  uint32_t offsetof_counter : 8;
  // Written by iree_vm_ref_register_type(); 0 until then.
  iree_vm_ref_type_t type : 24;
  // `module.type` without a leading `!`, such as `custom.string`. Not copied.
  iree_string_view_t type_name;
} iree_vm_ref_type_descriptor_t;

//===--------------------------------------------------------------------------------------------===//
// Types
//===--------------------------------------------------------------------------------------------===//

// Gives |descriptor| a type id, for the whole process and for good. Registering the same descriptor
// again does nothing.
//   ALREADY_EXISTS: another descriptor has that name.   RESOURCE_EXHAUSTED: 63 types are
//   registered. INVALID_ARGUMENT: no name or no destroy function.
IREE_API_EXPORT iree_status_t iree_vm_ref_register_type(iree_vm_ref_type_descriptor_t* descriptor);

// The name under which |type| was registered, `null` for IREE_VM_REF_TYPE_NULL, `any` for
// IREE_VM_REF_TYPE_ANY, an empty view for an unknown id.
IREE_API_EXPORT iree_string_view_t iree_vm_ref_type_name(iree_vm_ref_type_t type);

// The descriptor registered as |full_name| (`hal.buffer_view`), or NULL.
IREE_API_EXPORT const iree_vm_ref_type_descriptor_t* iree_vm_ref_lookup_registered_type(
    iree_string_view_t full_name);

// The descriptor of a registered type id, or NULL.
IREE_API_EXPORT const iree_vm_ref_type_descriptor_t* iree_vm_ref_type_descriptor(
    iree_vm_ref_type_t type);

//===--------------------------------------------------------------------------------------------===//
// Objects without a reference around them
//===--------------------------------------------------------------------------------------------===//

// Adds or drops one count of the object at |ptr|; NULL is allowed and does nothing.
IREE_API_EXPORT void iree_vm_ref_object_retain(
    void* ptr, const iree_vm_ref_type_descriptor_t* type_descriptor);
IREE_API_EXPORT void iree_vm_ref_object_release(
    void* ptr, const iree_vm_ref_type_descriptor_t* type_descriptor);

//===--------------------------------------------------------------------------------------------===//
// References
//===--------------------------------------------------------------------------------------------===//

static inline iree_vm_ref_t iree_vm_ref_null(void) {
  iree_vm_ref_t ref = {NULL, 0, 0};
  return ref;
}

static inline bool iree_vm_ref_is_null(const iree_vm_ref_t* ref) { return ref->type == 0; }

// True if both name the same object with the same type (two nulls are equal).
static inline bool iree_vm_ref_equal(const iree_vm_ref_t* lhs, const iree_vm_ref_t* rhs) {
  return lhs->ptr == rhs->ptr && lhs->type == rhs->type;
}

// Makes |out_ref| own the caller's count of |ptr|: no count is added.  INVALID_ARGUMENT: |type| is
// not registered (then the caller keeps its count and |out_ref| is unchanged).
IREE_API_EXPORT iree_status_t iree_vm_ref_wrap_assign(void* ptr, iree_vm_ref_type_t type,
                                                      iree_vm_ref_t* out_ref);
// The same, adding a count: the caller keeps its own.
IREE_API_EXPORT iree_status_t iree_vm_ref_wrap_retain(void* ptr, iree_vm_ref_type_t type,
                                                      iree_vm_ref_t* out_ref);

// Makes the INVALID_ARGUMENT that says that |type| was expected and what |ref| is instead.
IREE_API_EXPORT iree_status_t iree_vm_ref_make_type_error(iree_vm_ref_t ref,
                                                          iree_vm_ref_type_t type);

// OK if |ref| has exactly |type|, else INVALID_ARGUMENT naming both types. A null is not of any
// type.
static inline iree_status_t iree_vm_ref_check(const iree_vm_ref_t ref, iree_vm_ref_type_t type) {
  return ref.type == type ? iree_ok_status() : iree_vm_ref_make_type_error(ref, type);
}

// Adds a count to the object of a non-null |ref|; for a bitwise copy that is to become an owner.
static inline void iree_vm_ref_retain_inplace(const iree_vm_ref_t* ref) {
  if (!ref->ptr) return;
  iree_atomic_ref_count_inc((iree_atomic_ref_count_t*)((uint8_t*)ref->ptr + ref->offsetof_counter));
}

// Destroys the object of |ref|, whose last count the caller has just dropped. Only
// iree_vm_ref_release() has use for it.
IREE_API_EXPORT void iree_vm_ref_destroy_object(iree_vm_ref_t ref);

// What iree_vm_ref_release() does, inline and as a call.
static inline void tenon_vm_ref_release_inline(iree_vm_ref_t* ref) {
  const iree_vm_ref_t dropped = *ref;
  // Null before the destructor runs: it may reach this very variable.
  *ref = iree_vm_ref_null();
  if (dropped.ptr &&
      iree_atomic_ref_count_dec(
          (iree_atomic_ref_count_t*)((uint8_t*)dropped.ptr + dropped.offsetof_counter)) == 1) {
    iree_vm_ref_destroy_object(dropped);
  }
}
IREE_API_EXPORT void tenon_vm_ref_release(iree_vm_ref_t* ref);

// Drops the count that |ref| owns and makes it null. Null is fine.
static inline void iree_vm_ref_release(iree_vm_ref_t* ref) {
#if defined(__OPTIMIZE_SIZE__)
  tenon_vm_ref_release(ref);
#else
  tenon_vm_ref_release_inline(ref);
#endif  // __OPTIMIZE_SIZE__
}

// |out_ref| becomes another owner of what |ref| names. They may be the same variable (nothing
// happens then).
static inline void iree_vm_ref_retain(const iree_vm_ref_t* ref, iree_vm_ref_t* out_ref) {
  const iree_vm_ref_t value = *ref;
  iree_vm_ref_retain_inplace(&value);
  iree_vm_ref_t dropped = *out_ref;
  *out_ref = value;
  iree_vm_ref_release(&dropped);
}

// |out_ref| takes what |ref| owns; |ref| becomes null. They may be the same variable (nothing
// happens then).
static inline void iree_vm_ref_move(iree_vm_ref_t* ref, iree_vm_ref_t* out_ref) {
  if (ref == out_ref) return;
  iree_vm_ref_t dropped = *out_ref;
  *out_ref = *ref;
  *ref = iree_vm_ref_null();
  iree_vm_ref_release(&dropped);
}

// |out_ref| becomes a *borrowed* copy; what it owned is released. It must not be released itself.
static inline void iree_vm_ref_assign(const iree_vm_ref_t* ref, iree_vm_ref_t* out_ref) {
  const iree_vm_ref_t value = *ref;
  iree_vm_ref_release(out_ref);
  *out_ref = value;
}

// Moves if |is_move| is not 0, else retains.
static inline void iree_vm_ref_retain_or_move(int is_move, iree_vm_ref_t* ref,
                                              iree_vm_ref_t* out_ref) {
  if (is_move) {
    iree_vm_ref_move(ref, out_ref);
  } else {
    iree_vm_ref_retain(ref, out_ref);
  }
}

// As above after a check that |ref| is null or of |type|: INVALID_ARGUMENT otherwise, with nothing
// changed.
IREE_API_EXPORT iree_status_t iree_vm_ref_retain_checked(iree_vm_ref_t* ref,
                                                         iree_vm_ref_type_t type,
                                                         iree_vm_ref_t* out_ref);
IREE_API_EXPORT iree_status_t iree_vm_ref_retain_or_move_checked(int is_move, iree_vm_ref_t* ref,
                                                                 iree_vm_ref_type_t type,
                                                                 iree_vm_ref_t* out_ref);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

//===--------------------------------------------------------------------------------------------===//
// Typed access
//===--------------------------------------------------------------------------------------------===//
// For a type T with the prefix |name|, DECLARE (in a header, outside extern "C"; T may be
// incomplete) announces:
//
//   iree_vm_ref_t name_retain_ref(T* value)
//       A new reference with a count of its own; null for NULL.
//   iree_vm_ref_t name_move_ref(T* value)
//       A reference that takes the caller's count; null for NULL.
//   T* name_deref(const iree_vm_ref_t ref)
//       Borrowed; NULL if null or of another type.
//   iree_status_t name_check_deref(const iree_vm_ref_t ref, T** out_ptr)
//       Borrowed; INVALID_ARGUMENT if null or of another type.
//   iree_status_t name_check_deref_or_null(const iree_vm_ref_t ref, T** out_ptr)
//       Borrowed; NULL for null, INVALID_ARGUMENT if of another type.
//   const iree_vm_ref_type_descriptor_t* name_get_descriptor(void)
//   bool name_isa(const iree_vm_ref_t ref)
//       Exactly this type, so not null.
//   iree_vm_ref_type_t name_type_id(void)
//       0 while T is not registered.
//
// and, in C++, makes iree::vm::ref<T> work. DEFINE (in one C or C++ source file, at file scope)
// implements them on the variable `name_descriptor` in scope there. While T is not registered,
// retain_ref and move_ref give null references and move_ref drops the count it was given (so
// nothing leaks).

#define IREE_VM_DECLARE_TYPE_ADAPTERS(name, T)                                                    \
  IREE_API_EXPORT iree_vm_ref_t name##_retain_ref(T* value);                                      \
  IREE_API_EXPORT iree_vm_ref_t name##_move_ref(T* value);                                        \
  IREE_API_EXPORT T* name##_deref(const iree_vm_ref_t ref);                                       \
  IREE_API_EXPORT iree_status_t name##_check_deref(const iree_vm_ref_t ref, T** out_ptr);         \
  IREE_API_EXPORT iree_status_t name##_check_deref_or_null(const iree_vm_ref_t ref, T** out_ptr); \
  IREE_API_EXPORT const iree_vm_ref_type_descriptor_t* name##_get_descriptor(void);               \
  IREE_API_EXPORT iree_vm_ref_type_t name##_type_id(void);                                        \
  IREE_ATTRIBUTE_UNUSED static inline bool name##_isa(const iree_vm_ref_t ref) {                  \
    return ref.type != 0 && ref.type == name##_type_id();                                         \
  }                                                                                               \
  IREE_VM_DECLARE_CC_TYPE_LOOKUP(name, T)                                                         \
  IREE_API_EXPORT iree_vm_ref_type_t name##_type_id(void)

#define IREE_VM_DEFINE_TYPE_ADAPTERS(name, T)                                                      \
  IREE_API_EXPORT iree_vm_ref_t name##_retain_ref(T* value) {                                      \
    return iree_vm_ref_from_object(value, &name##_descriptor, true);                               \
  }                                                                                                \
  IREE_API_EXPORT iree_vm_ref_t name##_move_ref(T* value) {                                        \
    return iree_vm_ref_from_object(value, &name##_descriptor, false);                              \
  }                                                                                                \
  IREE_API_EXPORT T* name##_deref(const iree_vm_ref_t ref) {                                       \
    return ref.type != 0 && ref.type == name##_descriptor.type ? (T*)ref.ptr : NULL;               \
  }                                                                                                \
  IREE_API_EXPORT iree_status_t name##_check_deref(const iree_vm_ref_t ref, T** out_ptr) {         \
    return iree_vm_ref_check_object(ref, &name##_descriptor, false, (void**)out_ptr);              \
  }                                                                                                \
  IREE_API_EXPORT iree_status_t name##_check_deref_or_null(const iree_vm_ref_t ref, T** out_ptr) { \
    return iree_vm_ref_check_object(ref, &name##_descriptor, true, (void**)out_ptr);               \
  }                                                                                                \
  IREE_API_EXPORT const iree_vm_ref_type_descriptor_t* name##_get_descriptor(void) {               \
    return &name##_descriptor;                                                                     \
  }                                                                                                \
  IREE_API_EXPORT iree_vm_ref_type_t name##_type_id(void) { return name##_descriptor.type; }       \
  IREE_API_EXPORT iree_vm_ref_type_t name##_type_id(void)

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

// What the adapters above are made of. Makes a reference of |descriptor|'s type to |ptr|; adds a
// count if |retain|.
IREE_API_EXPORT iree_vm_ref_t
iree_vm_ref_from_object(void* ptr, const iree_vm_ref_type_descriptor_t* descriptor, bool retain);
// *out_ptr = the object of |ref| if it is of |descriptor|'s type, NULL otherwise (also when it
// fails).
static inline iree_status_t iree_vm_ref_check_object(
    iree_vm_ref_t ref, const iree_vm_ref_type_descriptor_t* descriptor, bool null_allowed,
    void** out_ptr) {
  if (ref.type != 0 && ref.type == descriptor->type) {
    *out_ptr = ref.ptr;
    return iree_ok_status();
  }
  *out_ptr = NULL;
  if (ref.type == 0 && null_allowed) return iree_ok_status();
  return iree_vm_ref_make_type_error(ref, descriptor->type);
}

#ifdef __cplusplus
}  // extern "C"

namespace iree {
namespace vm {
// Specialised by IREE_VM_DECLARE_TYPE_ADAPTERS for every type that can be held by iree::vm::ref<T>.
template <typename T>
struct ref_type_descriptor;
}  // namespace vm
}  // namespace iree

#define IREE_VM_DECLARE_CC_TYPE_LOOKUP(name, T)                                                  \
  namespace iree {                                                                               \
  namespace vm {                                                                                 \
  template <>                                                                                    \
  struct ref_type_descriptor<T> {                                                                \
    static inline const iree_vm_ref_type_descriptor_t* get() { return name##_get_descriptor(); } \
  };                                                                                             \
  }                                                                                              \
  }
#else
#define IREE_VM_DECLARE_CC_TYPE_LOOKUP(name, T)
#endif  // __cplusplus

#endif  // IREE_VM_REF_H_
