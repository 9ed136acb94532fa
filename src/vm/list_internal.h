// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The inside of a list, for invocations: they move references between variant lists, which is what
// most are, and storage without a call for each.
#ifndef TENON_VM_LIST_INTERNAL_H_
#define TENON_VM_LIST_INTERNAL_H_

#include "iree/vm/list.h"

typedef enum tenon_list_kind_e {
  TENON_LIST_VALUES = 0,
  TENON_LIST_REFS = 1,
  TENON_LIST_VARIANTS = 2,
} tenon_list_kind_t;

struct iree_vm_list_t {
  iree_vm_ref_object_t ref_object;
  iree_vm_type_def_t element_type;
  tenon_list_kind_t kind;
  uint32_t element_size;
  iree_host_size_t count;
  iree_host_size_t capacity;
  // Bytes of elements past |count| are unspecified. The first storage follows the struct in the
  // same block.
  uint8_t* storage;
  // Null for lists in the caller's memory, which can't grow.
  iree_allocator_t allocator;
};

static inline iree_vm_variant_t* tenon_list_variants(const iree_vm_list_t* list) {
  return (iree_vm_variant_t*)(void*)list->storage;
}

// The reference in element |i|, which is there, of a variant list; borrowed. NULL if the element is
// something else, or the list is: iree_vm_list_get_ref_retain() looks closer.
static inline const iree_vm_ref_t* tenon_list_peek_variant_ref(const iree_vm_list_t* list,
                                                               iree_host_size_t i) {
  if (IREE_UNLIKELY(list->kind != TENON_LIST_VARIANTS)) return NULL;
  const iree_vm_variant_t* variant = &tenon_list_variants(list)[i];
  return IREE_LIKELY(iree_vm_variant_is_ref(*variant)) ? &variant->ref : NULL;
}

// Appends |ref|, whose count the list takes, to a variant list with room for it. False if the list
// is another: iree_vm_list_push_ref_move() grows and checks.
static inline bool tenon_list_try_append_ref(iree_vm_list_t* list, iree_vm_ref_t ref) {
  if (IREE_UNLIKELY(list->kind != TENON_LIST_VARIANTS || list->count == list->capacity)) {
    return false;
  }
  iree_vm_variant_t* variant = &tenon_list_variants(list)[list->count++];
  variant->type = iree_vm_type_def_make_ref_type(ref.type);
  variant->ref = ref;
  return true;
}

#endif  // TENON_VM_LIST_INTERNAL_H_
