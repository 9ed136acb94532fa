// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Typed access to argument and result storage, for native modules in C.
//
// For a string of letters (module.h) such as `rIi`, iree_vm_abi_rIi_t is the packed struct
// {r0, i1, i2}: each field is its letter (in lower case, with I and F as `i` and `f` of 64 bits)
// and its position. A function with arguments `rI` and result `i` is written, and entered in the
// table of functions, so:
//
//   IREE_VM_ABI_EXPORT(my_function, my_state_t, rI, i) {
//     my_thing_t* thing = NULL;
//     IREE_RETURN_IF_ERROR(my_thing_check_deref(args->r0, &thing));
//     rets->i0 = my_compute(state, thing, args->i1);
//     return iree_ok_status();
//   }
//   ...
//   {iree_vm_shim_rI_i, (iree_vm_native_function_target_t)my_function},
//
// References in |args| are borrowed from the function's point of view: the shim releases those that
// are still there when it returns. To keep one, move it (take the value and zero the field) or
// retain it. A reference stored in |rets| passes to the caller, also when the function fails. The
// packed fields may be unaligned: use them by value, don't take their address.
//
// A function that suspends itself (native_module.h) is better written as a shim of its own, which
// sees the flags. A target of these shims may forward the DEFERRED of a call that it makes last,
// with its own |args| or |rets|.
//
// The shims below are in the library. For another combination, in your own source file:
//   IREE_VM_ABI_FIXED_STRUCT(rrF, { iree_vm_ref_t r0; iree_vm_ref_t r1; double f2; });
//   static IREE_VM_ABI_DEFINE_SHIM(rrF, r)
//
// A function that takes any number of values at its end (C...D in module.h) has a count and an array instead:
//   IREE_VM_ABI_VLA_STRUCT(fCiD, count, values, { float f0; int32_t count; int32_t values[]; });
//   static IREE_VM_ABI_DEFINE_SHIM(fCiD, i)
// Of tuples, `CirD`, the elements are packed structs: `struct __attribute__((packed)) { int32_t i0; iree_vm_ref_t r1; } values[];`.
#ifndef IREE_VM_SHIMS_H_
#define IREE_VM_SHIMS_H_

#include <string.h>

#include "iree/base/api.h"
#include "iree/vm/module.h"
#include "iree/vm/native_module.h"
#include "iree/vm/ref.h"

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

#define IREE_VM_ABI_TYPE_NAME(types) iree_vm_abi_##types##_t

#define IREE_VM_ABI_STRUCT_(types, ...) \
  typedef struct __attribute__((packed)) iree_vm_abi_##types##_t __VA_ARGS__ iree_vm_abi_##types##_t

// Declares iree_vm_abi_TYPES_t with the fields of |body|, in braces.
#define IREE_VM_ABI_FIXED_STRUCT(types, ...)                                \
  IREE_VM_ABI_STRUCT_(types, __VA_ARGS__);                                  \
  static inline bool iree_vm_abi_##types##_fits(iree_byte_span_t storage) { \
    return storage.data_length == sizeof(iree_vm_abi_##types##_t);          \
  }                                                                         \
  struct iree_vm_abi_##types##_t

// ... whose last field, |items|, is an array of as many elements as the i32 |count| before it says.
#define IREE_VM_ABI_VLA_STRUCT(types, count, items, ...)                                      \
  IREE_VM_ABI_STRUCT_(types, __VA_ARGS__);                                                    \
  static inline bool iree_vm_abi_##types##_fits(iree_byte_span_t storage) {                   \
    const iree_vm_abi_##types##_t* args =                                                     \
        (const iree_vm_abi_##types##_t*)(const void*)storage.data;                            \
    return storage.data_length >= sizeof(*args) && args->count >= 0 &&                        \
           storage.data_length == sizeof(*args) + (size_t)args->count * sizeof(*args->items); \
  }                                                                                           \
  struct iree_vm_abi_##types##_t

// `v`: nothing. Its storage has no bytes; don't access |unused|.
typedef struct iree_vm_abi_v_t {
  char unused;
} iree_vm_abi_v_t;
static inline bool iree_vm_abi_v_fits(iree_byte_span_t storage) { return storage.data_length == 0; }

IREE_VM_ABI_FIXED_STRUCT(i, { int32_t i0; });
IREE_VM_ABI_FIXED_STRUCT(I, { int64_t i0; });
IREE_VM_ABI_FIXED_STRUCT(f, { float f0; });
IREE_VM_ABI_FIXED_STRUCT(F, { double f0; });
IREE_VM_ABI_FIXED_STRUCT(r, { iree_vm_ref_t r0; });
IREE_VM_ABI_FIXED_STRUCT(ii, {
  int32_t i0;
  int32_t i1;
});
IREE_VM_ABI_FIXED_STRUCT(II, {
  int64_t i0;
  int64_t i1;
});
IREE_VM_ABI_FIXED_STRUCT(ff, {
  float f0;
  float f1;
});
IREE_VM_ABI_FIXED_STRUCT(FF, {
  double f0;
  double f1;
});
IREE_VM_ABI_FIXED_STRUCT(ri, {
  iree_vm_ref_t r0;
  int32_t i1;
});
IREE_VM_ABI_FIXED_STRUCT(rI, {
  iree_vm_ref_t r0;
  int64_t i1;
});
IREE_VM_ABI_FIXED_STRUCT(rf, {
  iree_vm_ref_t r0;
  float f1;
});
IREE_VM_ABI_FIXED_STRUCT(rF, {
  iree_vm_ref_t r0;
  double f1;
});
IREE_VM_ABI_FIXED_STRUCT(rr, {
  iree_vm_ref_t r0;
  iree_vm_ref_t r1;
});
IREE_VM_ABI_FIXED_STRUCT(ir, {
  int32_t i0;
  iree_vm_ref_t r1;
});
IREE_VM_ABI_FIXED_STRUCT(Ir, {
  int64_t i0;
  iree_vm_ref_t r1;
});
IREE_VM_ABI_FIXED_STRUCT(iii, {
  int32_t i0;
  int32_t i1;
  int32_t i2;
});
IREE_VM_ABI_FIXED_STRUCT(III, {
  int64_t i0;
  int64_t i1;
  int64_t i2;
});
IREE_VM_ABI_FIXED_STRUCT(rii, {
  iree_vm_ref_t r0;
  int32_t i1;
  int32_t i2;
});
IREE_VM_ABI_FIXED_STRUCT(rII, {
  iree_vm_ref_t r0;
  int64_t i1;
  int64_t i2;
});
IREE_VM_ABI_FIXED_STRUCT(rri, {
  iree_vm_ref_t r0;
  iree_vm_ref_t r1;
  int32_t i2;
});
IREE_VM_ABI_FIXED_STRUCT(rrI, {
  iree_vm_ref_t r0;
  iree_vm_ref_t r1;
  int64_t i2;
});
IREE_VM_ABI_FIXED_STRUCT(rrr, {
  iree_vm_ref_t r0;
  iree_vm_ref_t r1;
  iree_vm_ref_t r2;
});
IREE_VM_ABI_FIXED_STRUCT(rIII, {
  iree_vm_ref_t r0;
  int64_t i1;
  int64_t i2;
  int64_t i3;
});
IREE_VM_ABI_FIXED_STRUCT(rrrr, {
  iree_vm_ref_t r0;
  iree_vm_ref_t r1;
  iree_vm_ref_t r2;
  iree_vm_ref_t r3;
});

// Head of a target function's definition; |stack|, |module|, |state|, |args| and |rets| are its
// parameters. (What is called has the type that shims expect, and passes the state on as its own.)
#define IREE_VM_ABI_EXPORT(function_name, module_state, arg_types, ret_types)           \
  static inline iree_status_t function_name##_with_state(                               \
      iree_vm_stack_t* stack, void* module, module_state* state,                        \
      iree_vm_abi_##arg_types##_t* args, iree_vm_abi_##ret_types##_t* rets);            \
  static iree_status_t function_name(iree_vm_stack_t* stack, void* module, void* state, \
                                     iree_vm_abi_##arg_types##_t* args,                 \
                                     iree_vm_abi_##ret_types##_t* rets) {               \
    return function_name##_with_state(stack, module, (module_state*)state, args, rets); \
  }                                                                                     \
  static inline iree_status_t function_name##_with_state(                               \
      IREE_ATTRIBUTE_UNUSED iree_vm_stack_t* stack, IREE_ATTRIBUTE_UNUSED void* module, \
      IREE_ATTRIBUTE_UNUSED module_state* state,                                        \
      IREE_ATTRIBUTE_UNUSED iree_vm_abi_##arg_types##_t* args,                          \
      IREE_ATTRIBUTE_UNUSED iree_vm_abi_##ret_types##_t* rets)

// The INVALID_ARGUMENT for storages of the wrong size.
IREE_API_EXPORT iree_status_t iree_vm_abi_make_size_error(const char* arg_types,
                                                          const char* ret_types,
                                                          iree_byte_span_t args_storage,
                                                          iree_byte_span_t rets_storage);

#define IREE_VM_ABI_DECLARE_SHIM(arg_types, ret_types)                                     \
  iree_status_t iree_vm_shim_##arg_types##_##ret_types(                                    \
      iree_vm_stack_t* stack, IREE_ATTRIBUTE_UNUSED iree_vm_native_function_flags_t flags, \
      iree_byte_span_t args_storage, iree_byte_span_t rets_storage,                        \
      iree_vm_native_function_target_t target_fn, void* module, void* module_state)

#define IREE_VM_ABI_DEFINE_SHIM(arg_types, ret_types)                                              \
  IREE_VM_ABI_DECLARE_SHIM(arg_types, ret_types) {                                                 \
    typedef iree_status_t (*target_t)(iree_vm_stack_t*, void*, void*,                              \
                                      iree_vm_abi_##arg_types##_t*, iree_vm_abi_##ret_types##_t*); \
    if (IREE_UNLIKELY(!iree_vm_abi_##arg_types##_fits(args_storage) ||                             \
                      !iree_vm_abi_##ret_types##_fits(rets_storage))) {                            \
      return iree_vm_abi_make_size_error(#arg_types, #ret_types, args_storage, rets_storage);      \
    }                                                                                              \
    iree_status_t status = ((target_t)target_fn)(                                                  \
        stack, module, module_state, (iree_vm_abi_##arg_types##_t*)(void*)args_storage.data,       \
        (iree_vm_abi_##ret_types##_t*)(void*)rets_storage.data);                                   \
    if (strchr(#arg_types, 'r') && !iree_status_is_deferred(status)) {                             \
      iree_vm_function_release_storage(iree_make_string_view(#arg_types, sizeof(#arg_types) - 1),  \
                                       args_storage);                                              \
    }                                                                                              \
    return status;                                                                                 \
  }

// The combinations that the library has: X(arguments, results).
// clang-format off
#define IREE_VM_ABI_COMMON_SHIMS(X) \
  X(v, v) X(v, i) X(v, I) X(v, f) X(v, F) X(v, r) X(i, v) X(i, i) X(i, I) X(i, r) X(I, v) \
  X(I, i) X(I, I) X(I, r) X(f, v) X(f, f) X(F, v) X(F, F) X(ii, v) X(ii, i) X(II, v) \
  X(II, I) X(ff, f) X(FF, F) X(iii, i) X(III, I) X(r, v) X(r, i) X(r, I) X(r, f) X(r, F) \
  X(r, r) X(r, rr) X(ri, v) X(ri, i) X(ri, r) X(rI, v) X(rI, i) X(rI, I) X(rI, r) X(rf, r) \
  X(rF, r) X(ir, r) X(Ir, r) X(rii, v) X(rii, r) X(rII, v) X(rII, r) X(rIII, v) X(rIII, r) \
  X(rr, v) X(rr, i) X(rr, I) X(rr, r) X(rr, rr) X(rri, v) X(rri, r) X(rrI, v) X(rrI, r) \
  X(rrr, v) X(rrr, i) X(rrr, r) X(rrrr, v) X(rrrr, r)
// clang-format on

#define IREE_VM_ABI_DECLARE_COMMON_SHIM_(arg_types, ret_types) \
  IREE_API_EXPORT IREE_VM_ABI_DECLARE_SHIM(arg_types, ret_types);
IREE_VM_ABI_COMMON_SHIMS(IREE_VM_ABI_DECLARE_COMMON_SHIM_)

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  // IREE_VM_SHIMS_H_
