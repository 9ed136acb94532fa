// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "iree/vm/ref.h"

#include <pthread.h>

#include "vm/builtin_types.h"

// The first types are there from the start; the others are kept apart, so that a program's file has no room for them.
// Slots are written under the lock, published by storing the count, and never change after.
static const iree_vm_ref_type_descriptor_t* const tenon_builtin_types[] = {
    [TENON_VM_BUFFER_TYPE - 1] = &iree_vm_buffer_descriptor,
    [TENON_VM_LIST_TYPE - 1] = &iree_vm_list_descriptor,
    [TENON_VM_TURN_TYPE - 1] = &tenon_vm_turn_descriptor,
};
static const iree_vm_ref_type_descriptor_t*
    tenon_registered_types[IREE_VM_MAX_REGISTERED_TYPES - TENON_VM_BUILTIN_TYPE_COUNT];
static iree_atomic_int32_t tenon_type_count = TENON_VM_BUILTIN_TYPE_COUNT;
static pthread_mutex_t tenon_types_mutex = PTHREAD_MUTEX_INITIALIZER;

static int32_t tenon_load_type_count(void) {
  return iree_atomic_load(&tenon_type_count, iree_memory_order_acquire);
}

// The descriptor of a type that there is.
static const iree_vm_ref_type_descriptor_t* tenon_type(iree_vm_ref_type_t type) {
  return type <= TENON_VM_BUILTIN_TYPE_COUNT
             ? tenon_builtin_types[type - 1]
             : tenon_registered_types[type - TENON_VM_BUILTIN_TYPE_COUNT - 1];
}

// Called with the lock held.
static iree_status_t tenon_register_type_locked(iree_vm_ref_type_descriptor_t* descriptor) {
  const iree_vm_ref_type_descriptor_t* existing =
      iree_vm_ref_lookup_registered_type(descriptor->type_name);
  if (existing == descriptor) return iree_ok_status();
  if (existing) {
    return iree_make_status(IREE_STATUS_ALREADY_EXISTS,
                            "another type is registered as '%.*s' already",
                            (int)descriptor->type_name.size, descriptor->type_name.data);
  }
  const int32_t count = tenon_load_type_count();
  if (count == IREE_VM_MAX_REGISTERED_TYPES) {
    return iree_make_status(
        IREE_STATUS_RESOURCE_EXHAUSTED, "can't register type '%.*s': a process can have %d types",
        (int)descriptor->type_name.size, descriptor->type_name.data, IREE_VM_MAX_REGISTERED_TYPES);
  }
  const int32_t type = count + 1;
  tenon_registered_types[count - TENON_VM_BUILTIN_TYPE_COUNT] = descriptor;
  descriptor->type = (iree_vm_ref_type_t)type & 0x00FFFFFFu;
  iree_atomic_store(&tenon_type_count, type, iree_memory_order_release);
  return iree_ok_status();
}

IREE_API_EXPORT iree_status_t iree_vm_ref_register_type(iree_vm_ref_type_descriptor_t* descriptor) {
  if (!descriptor->destroy || iree_string_view_is_empty(descriptor->type_name)) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "a type needs a name and a destroy function to be registered");
  }
  pthread_mutex_lock(&tenon_types_mutex);
  iree_status_t status = tenon_register_type_locked(descriptor);
  pthread_mutex_unlock(&tenon_types_mutex);
  return status;
}

IREE_API_EXPORT const iree_vm_ref_type_descriptor_t* iree_vm_ref_type_descriptor(
    iree_vm_ref_type_t type) {
  if (type == IREE_VM_REF_TYPE_NULL || type > IREE_VM_MAX_REGISTERED_TYPES ||
      (int32_t)type > tenon_load_type_count()) {
    return NULL;
  }
  return tenon_type(type);
}

IREE_API_EXPORT iree_string_view_t iree_vm_ref_type_name(iree_vm_ref_type_t type) {
  if (type == IREE_VM_REF_TYPE_NULL) return iree_make_cstring_view("null");
  if (type == IREE_VM_REF_TYPE_ANY) return iree_make_cstring_view("any");
  const iree_vm_ref_type_descriptor_t* descriptor = iree_vm_ref_type_descriptor(type);
  return descriptor ? descriptor->type_name : iree_string_view_empty();
}

IREE_API_EXPORT const iree_vm_ref_type_descriptor_t* iree_vm_ref_lookup_registered_type(
    iree_string_view_t full_name) {
  const int32_t count = tenon_load_type_count();
  for (int32_t i = 1; i <= count; ++i) {
    const iree_vm_ref_type_descriptor_t* type = tenon_type((iree_vm_ref_type_t)i);
    if (iree_string_view_equal(type->type_name, full_name)) return type;
  }
  return NULL;
}

static iree_atomic_ref_count_t* tenon_ref_counter(
    void* ptr, const iree_vm_ref_type_descriptor_t* type_descriptor) {
  return (iree_atomic_ref_count_t*)((uint8_t*)ptr + type_descriptor->offsetof_counter);
}

IREE_API_EXPORT void iree_vm_ref_object_retain(
    void* ptr, const iree_vm_ref_type_descriptor_t* type_descriptor) {
  if (ptr) iree_atomic_ref_count_inc(tenon_ref_counter(ptr, type_descriptor));
}

IREE_API_EXPORT void iree_vm_ref_object_release(
    void* ptr, const iree_vm_ref_type_descriptor_t* type_descriptor) {
  if (ptr && iree_atomic_ref_count_dec(tenon_ref_counter(ptr, type_descriptor)) == 1) {
    type_descriptor->destroy(ptr);
  }
}

IREE_API_EXPORT void tenon_vm_ref_release(iree_vm_ref_t* ref) { tenon_vm_ref_release_inline(ref); }

IREE_API_EXPORT void iree_vm_ref_destroy_object(iree_vm_ref_t ref) {
  // References are made of registered types only, and types stay registered.
  tenon_type(ref.type)->destroy(ref.ptr);
}

IREE_API_EXPORT iree_vm_ref_t
iree_vm_ref_from_object(void* ptr, const iree_vm_ref_type_descriptor_t* descriptor, bool retain) {
  iree_vm_ref_t ref = iree_vm_ref_null();
  if (!ptr) return ref;
  if (IREE_UNLIKELY(descriptor->type == IREE_VM_REF_TYPE_NULL)) {
    if (!retain) iree_vm_ref_object_release(ptr, descriptor);
    return ref;
  }
  if (retain) iree_atomic_ref_count_inc(tenon_ref_counter(ptr, descriptor));
  ref.ptr = ptr;
  ref.offsetof_counter = descriptor->offsetof_counter;
  ref.type = descriptor->type;
  return ref;
}

static iree_status_t tenon_ref_wrap(void* ptr, iree_vm_ref_type_t type, bool retain,
                                    iree_vm_ref_t* out_ref) {
  const iree_vm_ref_type_descriptor_t* descriptor = iree_vm_ref_type_descriptor(type);
  if (!descriptor) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "type %u is not registered",
                            (unsigned)type);
  }
  iree_vm_ref_t ref = iree_vm_ref_from_object(ptr, descriptor, retain);
  if (!retain && out_ref->ptr == ptr && out_ref->type == type) return iree_ok_status();
  iree_vm_ref_release(out_ref);
  *out_ref = ref;
  return iree_ok_status();
}

IREE_API_EXPORT iree_status_t iree_vm_ref_wrap_assign(void* ptr, iree_vm_ref_type_t type,
                                                      iree_vm_ref_t* out_ref) {
  return tenon_ref_wrap(ptr, type, false, out_ref);
}

IREE_API_EXPORT iree_status_t iree_vm_ref_wrap_retain(void* ptr, iree_vm_ref_type_t type,
                                                      iree_vm_ref_t* out_ref) {
  return tenon_ref_wrap(ptr, type, true, out_ref);
}

IREE_API_EXPORT iree_status_t iree_vm_ref_make_type_error(iree_vm_ref_t ref,
                                                          iree_vm_ref_type_t type) {
  const iree_string_view_t expected =
      type == IREE_VM_REF_TYPE_NULL
          ? iree_make_cstring_view("reference of a type that isn't registered")
          : iree_vm_ref_type_name(type);
  const iree_string_view_t actual = iree_vm_ref_type_name(ref.type);
  return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                          "expected a %.*s but the reference is %s%.*s", (int)expected.size,
                          expected.data, ref.type ? "a " : "", (int)actual.size, actual.data);
}

IREE_API_EXPORT iree_status_t iree_vm_ref_retain_checked(iree_vm_ref_t* ref,
                                                         iree_vm_ref_type_t type,
                                                         iree_vm_ref_t* out_ref) {
  return iree_vm_ref_retain_or_move_checked(0, ref, type, out_ref);
}

IREE_API_EXPORT iree_status_t iree_vm_ref_retain_or_move_checked(int is_move, iree_vm_ref_t* ref,
                                                                 iree_vm_ref_type_t type,
                                                                 iree_vm_ref_t* out_ref) {
  if (!iree_vm_ref_is_null(ref)) IREE_RETURN_IF_ERROR(iree_vm_ref_check(*ref, type));
  iree_vm_ref_retain_or_move(is_move, ref, out_ref);
  return iree_ok_status();
}
