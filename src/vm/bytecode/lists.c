// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Instructions on lists.

#include <string.h>

#include "vm/builtin_types.h"
#include "vm/bytecode/objects.h"

// The value of operand |n|, counted in units from 1.
#define V(n) f->values[units[n]]

static iree_vm_type_def_t tenon_type_def(tenon_frame_t* f, uint32_t type) {
  if (type & TENON_TYPE_REF_BIT) {
    return iree_vm_type_def_make_ref_type(f->function->module->types[type ^ TENON_TYPE_REF_BIT]);
  }
  if (type == TENON_TYPE_ANY_REF) return iree_vm_type_def_make_ref_type(IREE_VM_REF_TYPE_ANY);
  return type == TENON_TYPE_ANY ? iree_vm_type_def_make_variant_type()
                                : iree_vm_type_def_make_value_type((iree_vm_value_type_t)type);
}

static iree_status_t tenon_list_alloc(const iree_vm_stack_frame_t* frame, tenon_frame_t* f,
                                      const uint16_t* units) {
  iree_vm_type_def_t type = tenon_type_def(f, tenon_load_u32(units + 2));
  iree_vm_list_t* list = NULL;
  IREE_RETURN_IF_ERROR(tenon_bytecode_check_size(V(4).i64));
  IREE_RETURN_IF_ERROR(iree_vm_list_create(&type, (iree_host_size_t)V(4).i64,
                                           tenon_bytecode_allocator(frame), &list));
  tenon_bytecode_set_ref(f, units, iree_vm_list_move_ref(list));
  return iree_ok_status();
}

// reserve and resize.
static iree_status_t tenon_list_change(iree_vm_list_t* list, tenon_frame_t* f,
                                       const uint16_t* units) {
  int64_t size = V(2).i64;
  IREE_RETURN_IF_ERROR(tenon_bytecode_check_size(size));
  return (units[0] == TENON_OP_LIST_RESERVE ? iree_vm_list_reserve : iree_vm_list_resize)(
      list, (iree_host_size_t)size);
}

// The scalar type of the get or set that is |index| after the first.
static iree_vm_value_type_t tenon_list_value_type(uint32_t index) {
  return (iree_vm_value_type_t)(IREE_VM_VALUE_TYPE_I32 + index);
}

static iree_status_t tenon_list_get(const iree_vm_list_t* list, tenon_frame_t* f,
                                    const uint16_t* units) {
  iree_vm_value_type_t type = tenon_list_value_type(units[0] - TENON_OP_LIST_GET_I32);
  iree_vm_value_t value;
  IREE_RETURN_IF_ERROR(iree_vm_list_get_value_as(list, (iree_host_size_t)V(3).i64, type, &value));
  bool is_wide = type == IREE_VM_VALUE_TYPE_I64 || type == IREE_VM_VALUE_TYPE_F64;
  V(1).u64 = is_wide ? (uint64_t)value.i64 : (uint32_t)value.i32;
  return iree_ok_status();
}

static iree_status_t tenon_list_set(iree_vm_list_t* list, tenon_frame_t* f, const uint16_t* units) {
  iree_vm_value_t value = iree_vm_value_make_i64(V(3).i64);
  value.type = tenon_list_value_type(units[0] - TENON_OP_LIST_SET_I32);
  return iree_vm_list_set_value(list, (iree_host_size_t)V(2).i64, &value);
}

static iree_status_t tenon_list_get_ref(const iree_vm_list_t* list, tenon_frame_t* f,
                                        const uint16_t* units) {
  iree_vm_ref_t value = iree_vm_ref_null();
  IREE_RETURN_IF_ERROR(iree_vm_list_get_ref_retain(list, (iree_host_size_t)V(3).i64, &value));
  iree_status_t status = tenon_bytecode_check_cast(f, value, units + 4);
  if (!iree_status_is_ok(status)) {
    iree_vm_ref_release(&value);
    return status;
  }
  // Before the target is written: it may be the same register.
  tenon_bytecode_end_use(f, units[2]);
  tenon_bytecode_set_ref(f, units, value);
  return iree_ok_status();
}

static iree_status_t tenon_list_set_ref(iree_vm_list_t* list, tenon_frame_t* f,
                                        const uint16_t* units) {
  IREE_RETURN_IF_ERROR(iree_vm_list_set_ref_retain(list, (iree_host_size_t)V(2).i64,
                                                   tenon_bytecode_ref(f, units[3])));
  tenon_bytecode_end_use(f, units[3]);
  return iree_ok_status();
}

iree_status_t tenon_bytecode_run_list(iree_vm_stack_frame_t* frame, const uint16_t* units) {
  tenon_frame_t* f = tenon_bytecode_frame(frame);
  uint32_t op = units[0];
  if (op == TENON_OP_LIST_ALLOC) return tenon_list_alloc(frame, f, units);
  // Those with a result have it first.
  bool has_result =
      op == TENON_OP_LIST_SIZE || (op >= TENON_OP_LIST_GET_I32 && op <= TENON_OP_LIST_GET_REF);
  uint32_t operand = units[has_result ? 2 : 1];
  const iree_vm_ref_t* ref = tenon_bytecode_ref(f, operand);
  IREE_RETURN_IF_ERROR(iree_vm_ref_check(*ref, TENON_VM_LIST_TYPE));
  iree_vm_list_t* list = (iree_vm_list_t*)ref->ptr;
  if (op == TENON_OP_LIST_GET_REF) return tenon_list_get_ref(list, f, units);
  iree_status_t status = iree_ok_status();
  if (op == TENON_OP_LIST_SET_REF) {
    status = tenon_list_set_ref(list, f, units);
  } else if (op >= TENON_OP_LIST_SET_I32) {
    status = tenon_list_set(list, f, units);
  } else if (op >= TENON_OP_LIST_GET_I32) {
    status = tenon_list_get(list, f, units);
  } else if (op == TENON_OP_LIST_SIZE) {
    V(1).u64 = iree_vm_list_size(list);
  } else {
    status = tenon_list_change(list, f, units);
  }
  if (iree_status_is_ok(status)) tenon_bytecode_end_use(f, operand);
  return status;
}
