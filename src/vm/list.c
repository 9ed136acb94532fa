// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "iree/vm/list.h"

#include "iree/base/alignment.h"
#include "vm/builtin_types.h"
#include "vm/list_internal.h"

#define TENON_LIST_GROWTH 64

static iree_host_size_t tenon_list_header_size(void) {
  return iree_host_align(sizeof(iree_vm_list_t), 16);
}
static uint8_t* tenon_list_inline_storage(iree_vm_list_t* list) {
  return (uint8_t*)list + tenon_list_header_size();
}

static tenon_list_kind_t tenon_type_kind(iree_vm_type_def_t type) {
  if (iree_vm_type_def_is_value(&type)) return TENON_LIST_VALUES;
  return iree_vm_type_def_is_ref(&type) ? TENON_LIST_REFS : TENON_LIST_VARIANTS;
}

static uint32_t tenon_type_size(iree_vm_type_def_t type) {
  static const uint8_t value_sizes[IREE_VM_VALUE_TYPE_COUNT] = {0, 1, 2, 4, 8, 4, 8};
  switch (tenon_type_kind(type)) {
    case TENON_LIST_VALUES:
      return type.value_type <= IREE_VM_VALUE_TYPE_MAX ? value_sizes[type.value_type] : 0;
    case TENON_LIST_REFS:
      return sizeof(iree_vm_ref_t);
    default:
      return sizeof(iree_vm_variant_t);
  }
}

static iree_vm_ref_t* tenon_list_refs(const iree_vm_list_t* list) {
  return (iree_vm_ref_t*)(void*)list->storage;
}

//===--------------------------------------------------------------------------------------------===//
// Lifetime and storage
//===--------------------------------------------------------------------------------------------===//

// Releases what elements [begin, end) own; they are garbage afterwards.
static void tenon_list_drop(iree_vm_list_t* list, iree_host_size_t begin, iree_host_size_t end) {
  if (list->kind == TENON_LIST_REFS) {
    for (iree_host_size_t i = begin; i < end; ++i) iree_vm_ref_release(&tenon_list_refs(list)[i]);
  } else if (list->kind == TENON_LIST_VARIANTS) {
    for (iree_host_size_t i = begin; i < end; ++i) {
      iree_vm_variant_t* variant = &tenon_list_variants(list)[i];
      if (iree_vm_variant_is_ref(*variant)) iree_vm_ref_release(&variant->ref);
    }
  }
}

// While this thread destroys a list, those whose last references that one had: they wait their turn,
// since lists may hold one another deeper than the stack of C is. Linked through |capacity|.
static _Thread_local iree_vm_list_t** tenon_list_doomed;

static void iree_vm_list_destroy(void* ptr) {
  iree_vm_list_t* list = (iree_vm_list_t*)ptr;
  iree_vm_list_t* next = NULL;
  if (tenon_list_doomed) {
    list->capacity = (uintptr_t)*tenon_list_doomed;
    *tenon_list_doomed = list;
    return;
  }
  tenon_list_doomed = &next;
  do {
    iree_vm_list_clear(list);
    if (list->storage != tenon_list_inline_storage(list)) {
      iree_allocator_free(list->allocator, list->storage);
    }
    iree_allocator_free(list->allocator, list);
    list = next;
    if (list) next = (iree_vm_list_t*)(uintptr_t)list->capacity;
  } while (list);
  tenon_list_doomed = NULL;
}

const iree_vm_ref_type_descriptor_t iree_vm_list_descriptor = {
    .destroy = iree_vm_list_destroy,
    .offsetof_counter = offsetof(iree_vm_list_t, ref_object.counter),
    .type = TENON_VM_LIST_TYPE,
    .type_name = {"vm.list", sizeof("vm.list") - 1},
};

IREE_VM_DEFINE_TYPE_ADAPTERS(iree_vm_list, iree_vm_list_t);

static iree_vm_type_def_t tenon_type_or_variant(const iree_vm_type_def_t* element_type) {
  return element_type ? *element_type : iree_vm_type_def_make_variant_type();
}

static void tenon_list_setup(iree_vm_type_def_t element_type, iree_host_size_t capacity,
                             iree_allocator_t allocator, iree_vm_list_t* list) {
  iree_atomic_ref_count_init(&list->ref_object.counter);
  list->element_type = element_type;
  list->kind = tenon_type_kind(element_type);
  list->element_size = tenon_type_size(element_type);
  list->count = 0;
  list->capacity = capacity;
  list->storage = tenon_list_inline_storage(list);
  list->allocator = allocator;
}

static iree_status_t tenon_list_check_element_type(iree_vm_type_def_t type) {
  if (type.value_type > IREE_VM_VALUE_TYPE_MAX ||
      (iree_vm_type_def_is_value(&type) && iree_vm_type_def_is_ref(&type))) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "element type of a list is neither a scalar type (%u) nor a reference "
                            "type (%u) nor variant",
                            (unsigned)type.value_type, (unsigned)type.ref_type);
  }
  return iree_ok_status();
}

static iree_status_t tenon_list_make_size_error(iree_host_size_t capacity) {
  return iree_make_status(IREE_STATUS_RESOURCE_EXHAUSTED,
                          "a list of %zu elements is larger than memory can be", capacity);
}

IREE_API_EXPORT iree_host_size_t iree_vm_list_storage_size(const iree_vm_type_def_t* element_type,
                                                           iree_host_size_t capacity) {
  iree_host_size_t size = 0;
  if (!iree_host_size_checked_mul(tenon_type_size(tenon_type_or_variant(element_type)), capacity,
                                  &size) ||
      !iree_host_size_checked_add(size, tenon_list_header_size(), &size)) {
    return 0;
  }
  return size;
}

IREE_API_EXPORT iree_status_t iree_vm_list_initialize(iree_byte_span_t storage,
                                                      const iree_vm_type_def_t* element_type,
                                                      iree_host_size_t capacity,
                                                      iree_vm_list_t** out_list) {
  *out_list = NULL;
  const iree_vm_type_def_t type = tenon_type_or_variant(element_type);
  IREE_RETURN_IF_ERROR(tenon_list_check_element_type(type));
  const iree_host_size_t required_size = iree_vm_list_storage_size(&type, capacity);
  if (required_size == 0) return tenon_list_make_size_error(capacity);
  if (storage.data_length < required_size || (uintptr_t)storage.data % 16 != 0) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "storage of a list needs %zu bytes, aligned to 16; it has %zu",
                            required_size, storage.data_length);
  }
  iree_vm_list_t* list = (iree_vm_list_t*)(void*)storage.data;
  tenon_list_setup(type, capacity, iree_allocator_null(), list);
  *out_list = list;
  return iree_ok_status();
}

IREE_API_EXPORT void iree_vm_list_deinitialize(iree_vm_list_t* list) {
  IREE_ASSERT(iree_atomic_ref_count_load(&list->ref_object.counter) == 1);
  iree_vm_list_clear(list);
}

IREE_API_EXPORT iree_status_t iree_vm_list_create(const iree_vm_type_def_t* element_type,
                                                  iree_host_size_t initial_capacity,
                                                  iree_allocator_t allocator,
                                                  iree_vm_list_t** out_list) {
  *out_list = NULL;
  const iree_vm_type_def_t type = tenon_type_or_variant(element_type);
  IREE_RETURN_IF_ERROR(tenon_list_check_element_type(type));
  const iree_host_size_t size = iree_vm_list_storage_size(&type, initial_capacity);
  if (size == 0) return tenon_list_make_size_error(initial_capacity);
  IREE_RETURN_IF_ERROR(iree_allocator_malloc_uninitialized(allocator, size, (void**)out_list));
  tenon_list_setup(type, initial_capacity, allocator, *out_list);
  return iree_ok_status();
}

IREE_API_EXPORT iree_status_t iree_vm_list_clone(const iree_vm_list_t* source,
                                                 iree_allocator_t host_allocator,
                                                 iree_vm_list_t** out_target) {
  IREE_RETURN_IF_ERROR(
      iree_vm_list_create(&source->element_type, source->count, host_allocator, out_target));
  iree_vm_list_t* target = *out_target;
  if (source->count) {
    memcpy(target->storage, source->storage, source->count * source->element_size);
  }
  target->count = source->count;
  for (iree_host_size_t i = 0; i < target->count; ++i) {
    if (target->kind == TENON_LIST_REFS) {
      iree_vm_ref_retain_inplace(&tenon_list_refs(target)[i]);
    } else if (target->kind == TENON_LIST_VARIANTS) {
      iree_vm_variant_t* variant = &tenon_list_variants(target)[i];
      if (iree_vm_variant_is_ref(*variant)) iree_vm_ref_retain_inplace(&variant->ref);
    }
  }
  return iree_ok_status();
}

IREE_API_EXPORT void iree_vm_list_retain(iree_vm_list_t* list) {
  iree_vm_ref_object_retain(list, &iree_vm_list_descriptor);
}

IREE_API_EXPORT void iree_vm_list_release(iree_vm_list_t* list) {
  iree_vm_ref_object_release(list, &iree_vm_list_descriptor);
}

IREE_API_EXPORT iree_vm_type_def_t iree_vm_list_element_type(const iree_vm_list_t* list) {
  return list->element_type;
}

IREE_API_EXPORT iree_host_size_t iree_vm_list_capacity(const iree_vm_list_t* list) {
  return list->capacity;
}

IREE_API_EXPORT iree_host_size_t iree_vm_list_size(const iree_vm_list_t* list) {
  return list->count;
}

IREE_API_EXPORT iree_status_t iree_vm_list_reserve(iree_vm_list_t* list,
                                                   iree_host_size_t minimum_capacity) {
  if (minimum_capacity <= list->capacity) return iree_ok_status();
  if (iree_allocator_is_null(list->allocator)) {
    return iree_make_status(IREE_STATUS_RESOURCE_EXHAUSTED,
                            "a list in fixed storage for %zu elements can't hold %zu",
                            list->capacity, minimum_capacity);
  }
  iree_host_size_t size = 0;
  if (!iree_host_size_checked_mul(minimum_capacity, list->element_size, &size)) {
    return tenon_list_make_size_error(minimum_capacity);
  }
  if (list->storage != tenon_list_inline_storage(list)) {
    IREE_RETURN_IF_ERROR(iree_allocator_realloc(list->allocator, size, (void**)&list->storage));
  } else {
    uint8_t* storage = NULL;
    IREE_RETURN_IF_ERROR(
        iree_allocator_malloc_uninitialized(list->allocator, size, (void**)&storage));
    memcpy(storage, list->storage, list->count * list->element_size);
    list->storage = storage;
  }
  list->capacity = minimum_capacity;
  return iree_ok_status();
}

static iree_status_t tenon_list_grow(iree_vm_list_t* list, iree_host_size_t minimum_capacity) {
  iree_host_size_t capacity = minimum_capacity;
  if (capacity < list->capacity * 2) capacity = list->capacity * 2;
  if (!iree_allocator_is_null(list->allocator)) {
    if (!iree_host_size_checked_align(capacity, TENON_LIST_GROWTH, &capacity)) {
      return tenon_list_make_size_error(minimum_capacity);
    }
  } else {
    capacity = minimum_capacity;
  }
  return iree_vm_list_reserve(list, capacity);
}

IREE_API_EXPORT iree_status_t iree_vm_list_resize(iree_vm_list_t* list, iree_host_size_t new_size) {
  if (new_size <= list->count) {
    // Shrunk first: destructors may look at the list.
    const iree_host_size_t old_size = list->count;
    list->count = new_size;
    tenon_list_drop(list, new_size, old_size);
    return iree_ok_status();
  }
  if (IREE_UNLIKELY(new_size > list->capacity)) {
    IREE_RETURN_IF_ERROR(tenon_list_grow(list, new_size));
  }
  memset(list->storage + list->count * list->element_size, 0,
         (new_size - list->count) * list->element_size);
  list->count = new_size;
  return iree_ok_status();
}

IREE_API_EXPORT void iree_vm_list_clear(iree_vm_list_t* list) {
  iree_status_ignore(iree_vm_list_resize(list, 0));
}

// Appends an empty element.
static iree_status_t tenon_list_push_empty(iree_vm_list_t* list, iree_host_size_t* out_index) {
  *out_index = list->count;
  return iree_vm_list_resize(list, list->count + 1);
}

// The status of having set a pushed element; takes the element away if that failed.
static iree_status_t tenon_list_end_push(iree_vm_list_t* list, iree_status_t status) {
  if (!iree_status_is_ok(status)) --list->count;
  return status;
}

static iree_status_t tenon_list_check_index(const iree_vm_list_t* list, iree_host_size_t i) {
  if (IREE_LIKELY(i < list->count)) return iree_ok_status();
  // Programs' indices are signed: a negative one arrives as a very large one.
  return iree_make_status(IREE_STATUS_OUT_OF_RANGE,
                          "index %lld is outside of a list of %zu elements", (long long)i,
                          list->count);
}

//===--------------------------------------------------------------------------------------------===//
// Scalars
//===--------------------------------------------------------------------------------------------===//

static iree_status_t tenon_make_kind_error(const char* expected, const char* actual) {
  return iree_make_status(IREE_STATUS_FAILED_PRECONDITION, "expected %s but the element is %s",
                          expected, actual);
}

static const char* tenon_value_type_name(iree_vm_value_type_t type) {
  static const char names[IREE_VM_VALUE_TYPE_COUNT][6] = {"empty", "i8",  "i16", "i32",
                                                          "i64",   "f32", "f64"};
  return type <= IREE_VM_VALUE_TYPE_MAX ? names[type] : "unknown";
}

static bool tenon_is_integer(iree_vm_value_type_t type) {
  return type >= IREE_VM_VALUE_TYPE_I8 && type <= IREE_VM_VALUE_TYPE_I64;
}
static bool tenon_is_float(iree_vm_value_type_t type) {
  return type == IREE_VM_VALUE_TYPE_F32 || type == IREE_VM_VALUE_TYPE_F64;
}

static int64_t tenon_value_as_i64(const iree_vm_value_t* value) {
  switch (value->type) {
    case IREE_VM_VALUE_TYPE_I8:
      return value->i8;
    case IREE_VM_VALUE_TYPE_I16:
      return value->i16;
    case IREE_VM_VALUE_TYPE_I32:
      return value->i32;
    default:
      return value->i64;
  }
}

// Converts as list.h says.
static iree_status_t tenon_value_convert(const iree_vm_value_t* value, iree_vm_value_type_t type,
                                         iree_vm_value_t* out_value) {
  if (IREE_LIKELY(value->type == type)) {
    *out_value = *value;
    return iree_ok_status();
  }
  iree_vm_value_t result = iree_vm_value_make_none();
  result.type = type;
  if (tenon_is_integer(value->type) && tenon_is_integer(type)) {
    const int64_t wide = tenon_value_as_i64(value);
    switch (type) {
      case IREE_VM_VALUE_TYPE_I8:
        result.i8 = (int8_t)wide;
        break;
      case IREE_VM_VALUE_TYPE_I16:
        result.i16 = (int16_t)wide;
        break;
      case IREE_VM_VALUE_TYPE_I32:
        result.i32 = (int32_t)wide;
        break;
      default:
        result.i64 = wide;
        break;
    }
  } else if (tenon_is_float(value->type) && tenon_is_float(type)) {
    if (type == IREE_VM_VALUE_TYPE_F32) {
      result.f32 = (float)value->f64;
    } else {
      result.f64 = value->f32;
    }
  } else {
    return iree_make_status(IREE_STATUS_FAILED_PRECONDITION, "a value of type %s is no %s",
                            tenon_value_type_name(value->type), tenon_value_type_name(type));
  }
  *out_value = result;
  return iree_ok_status();
}

IREE_API_EXPORT iree_status_t iree_vm_list_get_value(const iree_vm_list_t* list, iree_host_size_t i,
                                                     iree_vm_value_t* out_value) {
  IREE_RETURN_IF_ERROR(tenon_list_check_index(list, i));
  if (list->kind == TENON_LIST_VARIANTS) {
    const iree_vm_variant_t* variant = &tenon_list_variants(list)[i];
    if (IREE_UNLIKELY(iree_vm_variant_is_ref(*variant))) {
      return tenon_make_kind_error("a scalar", "a reference");
    }
    out_value->type = variant->type.value_type;
    memcpy(out_value->value_storage, variant->value_storage, sizeof(out_value->value_storage));
    return iree_ok_status();
  }
  if (IREE_UNLIKELY(list->kind == TENON_LIST_REFS)) {
    return tenon_make_kind_error("a scalar", "a reference");
  }
  *out_value = iree_vm_value_make_none();
  out_value->type = list->element_type.value_type;
  memcpy(out_value->value_storage, list->storage + i * list->element_size, list->element_size);
  return iree_ok_status();
}

IREE_API_EXPORT iree_status_t iree_vm_list_get_value_as(const iree_vm_list_t* list,
                                                        iree_host_size_t i,
                                                        iree_vm_value_type_t value_type,
                                                        iree_vm_value_t* out_value) {
  iree_vm_value_t value;
  IREE_RETURN_IF_ERROR(iree_vm_list_get_value(list, i, &value));
  return tenon_value_convert(&value, value_type, out_value);
}

IREE_API_EXPORT iree_status_t iree_vm_list_set_value(iree_vm_list_t* list, iree_host_size_t i,
                                                     const iree_vm_value_t* value) {
  IREE_RETURN_IF_ERROR(tenon_list_check_index(list, i));
  if (IREE_UNLIKELY(list->kind == TENON_LIST_REFS)) {
    return tenon_make_kind_error("a reference to store", "a scalar");
  }
  if (list->kind == TENON_LIST_VALUES) {
    iree_vm_value_t converted;
    IREE_RETURN_IF_ERROR(tenon_value_convert(value, list->element_type.value_type, &converted));
    memcpy(list->storage + i * list->element_size, converted.value_storage, list->element_size);
    return iree_ok_status();
  }
  iree_vm_variant_t* variant = &tenon_list_variants(list)[i];
  iree_vm_ref_t dropped = iree_vm_variant_is_ref(*variant) ? variant->ref : iree_vm_ref_null();
  variant->type = iree_vm_type_def_make_value_type(value->type);
  memcpy(variant->value_storage, value->value_storage, sizeof(value->value_storage));
  iree_vm_ref_release(&dropped);
  return iree_ok_status();
}

IREE_API_EXPORT iree_status_t iree_vm_list_push_value(iree_vm_list_t* list,
                                                      const iree_vm_value_t* value) {
  iree_host_size_t i = 0;
  IREE_RETURN_IF_ERROR(tenon_list_push_empty(list, &i));
  return tenon_list_end_push(list, iree_vm_list_set_value(list, i, value));
}

//===--------------------------------------------------------------------------------------------===//
// References
//===--------------------------------------------------------------------------------------------===//

// A borrowed look at the reference in element |i|.
static iree_status_t tenon_list_peek_ref(const iree_vm_list_t* list, iree_host_size_t i,
                                         iree_vm_ref_t* out_ref) {
  IREE_RETURN_IF_ERROR(tenon_list_check_index(list, i));
  if (list->kind == TENON_LIST_REFS) {
    *out_ref = tenon_list_refs(list)[i];
    return iree_ok_status();
  }
  const char* actual = tenon_value_type_name(list->element_type.value_type);
  if (list->kind == TENON_LIST_VARIANTS) {
    const iree_vm_variant_t* variant = &tenon_list_variants(list)[i];
    if (IREE_LIKELY(iree_vm_variant_is_ref(*variant))) {
      *out_ref = variant->ref;
      return iree_ok_status();
    }
    if (iree_vm_variant_is_empty(*variant)) {
      *out_ref = iree_vm_ref_null();
      return iree_ok_status();
    }
    actual = tenon_value_type_name(variant->type.value_type);
  }
  return tenon_make_kind_error("a reference", actual);
}

// Puts |value|, whose count the list takes, into element |i|. On failure the caller keeps it.
static iree_status_t tenon_list_put_ref(iree_vm_list_t* list, iree_host_size_t i,
                                        iree_vm_ref_t value) {
  IREE_RETURN_IF_ERROR(tenon_list_check_index(list, i));
  iree_vm_ref_t dropped = iree_vm_ref_null();
  if (list->kind == TENON_LIST_REFS) {
    const iree_vm_ref_type_t type = list->element_type.ref_type;
    if (type != IREE_VM_REF_TYPE_ANY && value.type != IREE_VM_REF_TYPE_NULL) {
      IREE_RETURN_IF_ERROR(iree_vm_ref_check(value, type));
    }
    dropped = tenon_list_refs(list)[i];
    tenon_list_refs(list)[i] = value;
  } else if (list->kind == TENON_LIST_VARIANTS) {
    iree_vm_variant_t* variant = &tenon_list_variants(list)[i];
    if (iree_vm_variant_is_ref(*variant)) dropped = variant->ref;
    variant->type = iree_vm_type_def_make_ref_type(value.type);
    variant->ref = value;
  } else {
    return tenon_make_kind_error("a scalar to store", "a reference");
  }
  iree_vm_ref_release(&dropped);
  return iree_ok_status();
}

IREE_API_EXPORT void* iree_vm_list_get_ref_deref(
    const iree_vm_list_t* list, iree_host_size_t i,
    const iree_vm_ref_type_descriptor_t* type_descriptor) {
  const iree_vm_ref_t* ref = NULL;
  if (i >= list->count) return NULL;
  if (list->kind == TENON_LIST_REFS) {
    ref = &tenon_list_refs(list)[i];
  } else if (list->kind == TENON_LIST_VARIANTS &&
             iree_vm_variant_is_ref(tenon_list_variants(list)[i])) {
    ref = &tenon_list_variants(list)[i].ref;
  }
  return ref && ref->type != 0 && ref->type == type_descriptor->type ? ref->ptr : NULL;
}

IREE_API_EXPORT iree_status_t iree_vm_list_get_ref_assign(const iree_vm_list_t* list,
                                                          iree_host_size_t i,
                                                          iree_vm_ref_t* out_value) {
  iree_vm_ref_t value;
  IREE_RETURN_IF_ERROR(tenon_list_peek_ref(list, i, &value));
  iree_vm_ref_assign(&value, out_value);
  return iree_ok_status();
}

IREE_API_EXPORT iree_status_t iree_vm_list_get_ref_retain(const iree_vm_list_t* list,
                                                          iree_host_size_t i,
                                                          iree_vm_ref_t* out_value) {
  iree_vm_ref_t value;
  IREE_RETURN_IF_ERROR(tenon_list_peek_ref(list, i, &value));
  iree_vm_ref_retain(&value, out_value);
  return iree_ok_status();
}

IREE_API_EXPORT iree_status_t iree_vm_list_set_ref_retain(iree_vm_list_t* list, iree_host_size_t i,
                                                          const iree_vm_ref_t* value) {
  iree_vm_ref_t retained = iree_vm_ref_null();
  iree_vm_ref_retain(value, &retained);
  iree_status_t status = tenon_list_put_ref(list, i, retained);
  if (!iree_status_is_ok(status)) iree_vm_ref_release(&retained);
  return status;
}

IREE_API_EXPORT iree_status_t iree_vm_list_push_ref_retain(iree_vm_list_t* list,
                                                           const iree_vm_ref_t* value) {
  iree_host_size_t i = 0;
  IREE_RETURN_IF_ERROR(tenon_list_push_empty(list, &i));
  return tenon_list_end_push(list, iree_vm_list_set_ref_retain(list, i, value));
}

IREE_API_EXPORT iree_status_t iree_vm_list_set_ref_move(iree_vm_list_t* list, iree_host_size_t i,
                                                        iree_vm_ref_t* value) {
  IREE_RETURN_IF_ERROR(tenon_list_put_ref(list, i, *value));
  *value = iree_vm_ref_null();
  return iree_ok_status();
}

IREE_API_EXPORT iree_status_t iree_vm_list_push_ref_move(iree_vm_list_t* list,
                                                         iree_vm_ref_t* value) {
  iree_host_size_t i = 0;
  IREE_RETURN_IF_ERROR(tenon_list_push_empty(list, &i));
  return tenon_list_end_push(list, iree_vm_list_set_ref_move(list, i, value));
}

IREE_API_EXPORT iree_status_t iree_vm_list_pop_front_ref_move(iree_vm_list_t* list,
                                                              iree_vm_ref_t* out_value) {
  iree_vm_ref_t value;
  IREE_RETURN_IF_ERROR(tenon_list_peek_ref(list, 0, &value));
  --list->count;
  memmove(list->storage, list->storage + list->element_size, list->count * list->element_size);
  iree_vm_ref_move(&value, out_value);
  return iree_ok_status();
}

//===--------------------------------------------------------------------------------------------===//
// Variants
//===--------------------------------------------------------------------------------------------===//

IREE_API_EXPORT iree_status_t iree_vm_list_get_variant(const iree_vm_list_t* list,
                                                       iree_host_size_t i,
                                                       iree_vm_variant_t* out_value) {
  IREE_RETURN_IF_ERROR(tenon_list_check_index(list, i));
  if (list->kind == TENON_LIST_VARIANTS) {
    *out_value = tenon_list_variants(list)[i];
    return iree_ok_status();
  }
  *out_value = iree_vm_variant_empty();
  if (list->kind == TENON_LIST_REFS) {
    out_value->ref = tenon_list_refs(list)[i];
    out_value->type = iree_vm_type_def_make_ref_type(out_value->ref.type);
  } else {
    out_value->type = list->element_type;
    memcpy(out_value->value_storage, list->storage + i * list->element_size, list->element_size);
  }
  return iree_ok_status();
}

IREE_API_EXPORT iree_status_t iree_vm_list_set_variant(iree_vm_list_t* list, iree_host_size_t i,
                                                       const iree_vm_variant_t* value) {
  if (iree_vm_variant_is_ref(*value)) return iree_vm_list_set_ref_retain(list, i, &value->ref);
  if (iree_vm_variant_is_value(*value)) {
    iree_vm_value_t scalar;
    scalar.type = value->type.value_type;
    memcpy(scalar.value_storage, value->value_storage, sizeof(scalar.value_storage));
    return iree_vm_list_set_value(list, i, &scalar);
  }
  if (list->kind == TENON_LIST_VALUES) return tenon_make_kind_error("a scalar to store", "empty");
  return tenon_list_put_ref(list, i, iree_vm_ref_null());
}

IREE_API_EXPORT iree_status_t iree_vm_list_push_variant(iree_vm_list_t* list,
                                                        const iree_vm_variant_t* value) {
  iree_host_size_t i = 0;
  IREE_RETURN_IF_ERROR(tenon_list_push_empty(list, &i));
  return tenon_list_end_push(list, iree_vm_list_set_variant(list, i, value));
}
