// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Growable lists: what goes into a call and comes out of it, and the `!vm.list` of programs.
//
// The element type decides the storage: scalars of one type, packed; references (of one type, or of
// any type with IREE_VM_REF_TYPE_ANY); or variants, any of these in each element. NULL as element
// type means variant.
//
// Ownership: a list is a counted object (reference type `vm.list`) and owns one count of every
// reference in it.
// Thread-safety: counting is thread-safe; the contents are not. Concurrent reads are fine, a write
// needs exclusion.
//
// Errors, unless a function says otherwise: OUT_OF_RANGE for an index past the size;
// FAILED_PRECONDITION for a scalar where references are, or the reverse; INVALID_ARGUMENT for a
// reference of a type that the list does not hold. A failed call changes nothing.
//
// Conversions: integers convert to each other by truncation or sign extension, silently, and f32
// and f64 convert to each other by rounding. Between integers and floats nothing converts:
// FAILED_PRECONDITION. A variant element takes the type of what is stored into it.
#ifndef IREE_VM_LIST_H_
#define IREE_VM_LIST_H_

#include "iree/base/api.h"
#include "iree/vm/ref.h"
#include "iree/vm/type_def.h"
#include "iree/vm/value.h"

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

typedef struct iree_vm_list_t iree_vm_list_t;

// Bytes needed by iree_vm_list_initialize() for a list that never grows past |capacity|. 0 if no
// storage of that many elements can exist (the size overflows).
IREE_API_EXPORT iree_host_size_t iree_vm_list_storage_size(const iree_vm_type_def_t* element_type,
                                                           iree_host_size_t capacity);

// Makes an empty list in |storage| (aligned to 16 bytes, at least iree_vm_list_storage_size()
// long), which the caller owns and keeps until iree_vm_list_deinitialize(). Such a list allocates
// nothing and can't grow: RESOURCE_EXHAUSTED.
IREE_API_EXPORT iree_status_t iree_vm_list_initialize(iree_byte_span_t storage,
                                                      const iree_vm_type_def_t* element_type,
                                                      iree_host_size_t capacity,
                                                      iree_vm_list_t** out_list);

// Releases the contents of a list made by iree_vm_list_initialize(). Nobody else may hold a count
// of it.
IREE_API_EXPORT void iree_vm_list_deinitialize(iree_vm_list_t* list);

// Makes an empty list with a count of 1. It is allocated from |allocator|, as is its storage when
// it grows (to a multiple of 64 elements, at least doubling, unless reserved exactly).
IREE_API_EXPORT iree_status_t iree_vm_list_create(const iree_vm_type_def_t* element_type,
                                                  iree_host_size_t initial_capacity,
                                                  iree_allocator_t allocator,
                                                  iree_vm_list_t** out_list);

// Makes a list with the same element type and contents (a shallow copy: references are retained).
IREE_API_EXPORT iree_status_t iree_vm_list_clone(const iree_vm_list_t* source,
                                                 iree_allocator_t host_allocator,
                                                 iree_vm_list_t** out_target);

IREE_API_EXPORT void iree_vm_list_retain(iree_vm_list_t* list);
IREE_API_EXPORT void iree_vm_list_release(iree_vm_list_t* list);

IREE_API_EXPORT iree_vm_type_def_t iree_vm_list_element_type(const iree_vm_list_t* list);

// Elements that fit without an allocation.
IREE_API_EXPORT iree_host_size_t iree_vm_list_capacity(const iree_vm_list_t* list);

// Makes room for |minimum_capacity| elements in all. RESOURCE_EXHAUSTED if the memory can't be had.
IREE_API_EXPORT iree_status_t iree_vm_list_reserve(iree_vm_list_t* list,
                                                   iree_host_size_t minimum_capacity);

IREE_API_EXPORT iree_host_size_t iree_vm_list_size(const iree_vm_list_t* list);

// New elements are zero, null or empty; dropped ones are released. Capacity is kept.
IREE_API_EXPORT iree_status_t iree_vm_list_resize(iree_vm_list_t* list, iree_host_size_t new_size);

// Resizes to 0.
IREE_API_EXPORT void iree_vm_list_clear(iree_vm_list_t* list);

//===--------------------------------------------------------------------------------------------===//
// Scalars
//===--------------------------------------------------------------------------------------------===//

// The element with its own type. An empty variant gives IREE_VM_VALUE_TYPE_NONE.
IREE_API_EXPORT iree_status_t iree_vm_list_get_value(const iree_vm_list_t* list, iree_host_size_t i,
                                                     iree_vm_value_t* out_value);

// The element converted to |value_type|.
IREE_API_EXPORT iree_status_t iree_vm_list_get_value_as(const iree_vm_list_t* list,
                                                        iree_host_size_t i,
                                                        iree_vm_value_type_t value_type,
                                                        iree_vm_value_t* out_value);

// Stores *value, converted to the list's type where it has one.
IREE_API_EXPORT iree_status_t iree_vm_list_set_value(iree_vm_list_t* list, iree_host_size_t i,
                                                     const iree_vm_value_t* value);
IREE_API_EXPORT iree_status_t iree_vm_list_push_value(iree_vm_list_t* list,
                                                      const iree_vm_value_t* value);

//===--------------------------------------------------------------------------------------------===//
// References
//===--------------------------------------------------------------------------------------------===//

// The object itself if element |i| is a reference of exactly that type; NULL in every other case.
// Borrowed: valid while the list holds it.
IREE_API_EXPORT void* iree_vm_list_get_ref_deref(
    const iree_vm_list_t* list, iree_host_size_t i,
    const iree_vm_ref_type_descriptor_t* type_descriptor);

// A borrowed copy; what *out_value owned is released.
IREE_API_EXPORT iree_status_t iree_vm_list_get_ref_assign(const iree_vm_list_t* list,
                                                          iree_host_size_t i,
                                                          iree_vm_ref_t* out_value);
IREE_API_EXPORT iree_status_t iree_vm_list_get_ref_retain(const iree_vm_list_t* list,
                                                          iree_host_size_t i,
                                                          iree_vm_ref_t* out_value);

IREE_API_EXPORT iree_status_t iree_vm_list_set_ref_retain(iree_vm_list_t* list, iree_host_size_t i,
                                                          const iree_vm_ref_t* value);
IREE_API_EXPORT iree_status_t iree_vm_list_push_ref_retain(iree_vm_list_t* list,
                                                           const iree_vm_ref_t* value);

// The list takes the count that *value owns, and *value becomes null. When they fail *value keeps
// it.
IREE_API_EXPORT iree_status_t iree_vm_list_set_ref_move(iree_vm_list_t* list, iree_host_size_t i,
                                                        iree_vm_ref_t* value);
IREE_API_EXPORT iree_status_t iree_vm_list_push_ref_move(iree_vm_list_t* list,
                                                         iree_vm_ref_t* value);

// Removes element 0, shifting the others down (linear in the size), and moves its reference to
// *out_value. OUT_OF_RANGE if the list is empty.
IREE_API_EXPORT iree_status_t iree_vm_list_pop_front_ref_move(iree_vm_list_t* list,
                                                              iree_vm_ref_t* out_value);

//===--------------------------------------------------------------------------------------------===//
// Variants
//===--------------------------------------------------------------------------------------------===//

// The element, whatever it is. A reference in it is borrowed. *out_value is overwritten, not
// released.
IREE_API_EXPORT iree_status_t iree_vm_list_get_variant(const iree_vm_list_t* list,
                                                       iree_host_size_t i,
                                                       iree_vm_variant_t* out_value);

// Stores the scalar, or retains the reference, or (variant lists only) stores nothing.
IREE_API_EXPORT iree_status_t iree_vm_list_set_variant(iree_vm_list_t* list, iree_host_size_t i,
                                                       const iree_vm_variant_t* value);
IREE_API_EXPORT iree_status_t iree_vm_list_push_variant(iree_vm_list_t* list,
                                                        const iree_vm_variant_t* value);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

IREE_VM_DECLARE_TYPE_ADAPTERS(iree_vm_list, iree_vm_list_t);

#endif  // IREE_VM_LIST_H_
