// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "base/fmod.h"
#include "vm/bytecode/objects.h"

void tenon_bytecode_select_ref(iree_vm_ref_t* refs, int32_t condition, const uint16_t* units) {
  uint32_t chosen = units[condition ? 2 : 3], other = units[condition ? 3 : 2];
  iree_vm_ref_t value = iree_vm_ref_null();
  tenon_bytecode_read_ref(refs, chosen, &value);
  // A register that is given away is null afterwards, chosen or not.
  if (other & TENON_REG_MOVE) iree_vm_ref_release(&refs[other & ~TENON_REG_MOVE]);
  iree_vm_ref_move(&value, &refs[units[0]]);
}

void tenon_bytecode_read_ref(iree_vm_ref_t* refs, uint32_t operand, iree_vm_ref_t* out_ref) {
  iree_vm_ref_retain_or_move(operand & TENON_REG_MOVE, &refs[operand & ~TENON_REG_MOVE], out_ref);
}

void tenon_bytecode_end_use(tenon_frame_t* f, uint32_t operand) {
  if (operand & TENON_REG_MOVE) iree_vm_ref_release(tenon_bytecode_ref(f, operand));
}

void tenon_bytecode_set_ref(tenon_frame_t* f, const uint16_t* units, iree_vm_ref_t ref) {
  iree_vm_ref_move(&ref, &f->refs[units[1]]);
}

double tenon_bytecode_rem(double a, double b) { return tenon_fmod(a, b); }

uint64_t tenon_bytecode_to_integer(double value, uint32_t type) {
  bool is_signed = type % 2 == 0;
  uint32_t bits = (type < 2 ? 32 : 64) - is_signed;
  // 2^bits, just above what fits; MAX itself may be no double.
  double limit = (double)(UINT64_C(1) << (bits - 1)) * 2;
  uint64_t maximum = UINT64_MAX >> (64 - bits);
  if (value >= limit) return maximum;
  if (!(value > (is_signed ? -limit : 0))) {
    return is_signed && value == value ? maximum + 1 : 0;
  }
  uint64_t whole = is_signed ? (uint64_t)(int64_t)value : (uint64_t)value;
  return type < 2 ? (uint32_t)whole : whole;
}

void tenon_bytecode_from_integer(const tenon_slot_t* source, uint32_t types, tenon_slot_t* target) {
  bool is_unsigned = types & 1, is_wide = types & 2;
  // Each but u64 is an i64.
  int64_t value = is_wide ? source->i64 : is_unsigned ? (int64_t)source->u32 : source->i32;
  bool is_u64 = is_unsigned && is_wide;
  if (types < 4) {
    target->u64 = tenon_bits_of_f32(is_u64 ? (float)source->u64 : (float)value);
  } else {
    target->f64 = is_u64 ? (double)source->u64 : (double)value;
  }
}

iree_status_t tenon_bytecode_check_size(int64_t size) {
  if (size >= 0) return iree_ok_status();
  return iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "the size %lld is negative",
                          (long long)size);
}

iree_status_t tenon_bytecode_check_cast(tenon_frame_t* f, iree_vm_ref_t ref,
                                        const uint16_t* type_units) {
  uint32_t type = tenon_load_u32(type_units);
  if (!(type & TENON_TYPE_REF_BIT) || iree_vm_ref_is_null(&ref)) return iree_ok_status();
  return iree_vm_ref_check(ref, f->function->module->types[type ^ TENON_TYPE_REF_BIT]);
}

iree_status_t tenon_bytecode_run_object(iree_vm_stack_frame_t* frame, const uint16_t* units) {
  if (units[0] >= TENON_OP_LIST_ALLOC) return tenon_bytecode_run_list(frame, units);
  if (units[0] >= TENON_OP_BUFFER_ALLOC) return tenon_bytecode_run_buffer(frame, units);
  tenon_frame_t* f = tenon_bytecode_frame(frame);
  if (units[0] == TENON_OP_CMP_EQ_REF) {
    f->values[units[1]].u64 =
        iree_vm_ref_equal(tenon_bytecode_ref(f, units[2]), tenon_bytecode_ref(f, units[3]));
    tenon_bytecode_end_use(f, units[2]);
    tenon_bytecode_end_use(f, units[3]);
    return iree_ok_status();
  }
  IREE_RETURN_IF_ERROR(tenon_bytecode_check_cast(f, *tenon_bytecode_ref(f, units[2]), units + 3));
  tenon_bytecode_read_ref(f->refs, units[2], &f->refs[units[1]]);
  return iree_ok_status();
}
