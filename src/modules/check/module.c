// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "iree/modules/check/module.h"

#include <inttypes.h>
#include <stdio.h>

#include "iree/base/internal/atomics.h"
#include "iree/modules/hal/types.h"
#include "modules/check/message.h"
#include "tenon/check_module.h"

// Lies behind the VM's module object, in the same allocation.
typedef struct check_module_t {
  iree_allocator_t host_allocator;
  tenon_check_failure_fn_t failure_fn;
  void* user_data;
  iree_atomic_int64_t failure_count;
} check_module_t;

//===--------------------------------------------------------------------------------------------===//
// Failures
//===--------------------------------------------------------------------------------------------===//

// Where the program stands that calls, if that is known.
static iree_status_t append_place(iree_vm_stack_t* stack, iree_string_builder_t* place) {
  iree_vm_stack_frame_t* frame = iree_vm_stack_top(stack);
  iree_vm_source_location_t location;
  if (!frame || !frame->function.module) return iree_ok_status();
  iree_status_t status =
      iree_vm_module_resolve_source_location(frame->function.module, frame, &location);
  if (!iree_status_is_ok(status)) {
    iree_status_ignore(status);
    return iree_ok_status();
  }
  return iree_vm_source_location_format(&location, IREE_VM_SOURCE_LOCATION_FORMAT_FLAG_SINGLE_LINE,
                                        place);
}

// Reports |message| if there is one, frees it, and returns |status| unless something else fails.
static iree_status_t report(check_module_t* module, iree_vm_stack_t* stack, iree_status_t status,
                            iree_string_builder_t* message) {
  if (iree_status_is_ok(status) && iree_string_builder_size(message)) {
    iree_atomic_fetch_add(&module->failure_count, 1, iree_memory_order_relaxed);
    iree_string_builder_t place;
    iree_string_builder_initialize(module->host_allocator, &place);
    status = append_place(stack, &place);
    if (iree_status_is_ok(status)) {
      module->failure_fn(module->user_data, iree_string_builder_view(&place),
                         iree_string_builder_view(message));
    }
    iree_string_builder_deinitialize(&place);
  }
  iree_string_builder_deinitialize(message);
  return status;
}

static void print_failure(void* user_data, iree_string_view_t place, iree_string_view_t message) {
  fprintf(stderr, "%.*s%sFailure\n%.*s\n", (int)place.size, place.data, place.size ? ": " : "",
          (int)message.size, message.data);
}

//===--------------------------------------------------------------------------------------------===//
// Functions
//===--------------------------------------------------------------------------------------------===//

IREE_VM_ABI_FIXED_STRUCT(rrff, {
  iree_vm_ref_t r0;
  iree_vm_ref_t r1;
  float f2;
  float f3;
});
IREE_VM_ABI_FIXED_STRUCT(FFff, {
  double f0;
  double f1;
  float f2;
  float f3;
});
static IREE_VM_ABI_DEFINE_SHIM(rrff, v);
static IREE_VM_ABI_DEFINE_SHIM(FFff, v);
static IREE_VM_ABI_DEFINE_SHIM(FF, v);

// The state of a context is the module.
#define EXPECT(name, arguments) IREE_VM_ABI_EXPORT(name, check_module_t, arguments, v)

// Begins a function: an empty message.
#define MESSAGE(name)         \
  iree_string_builder_t name; \
  iree_string_builder_initialize(state->host_allocator, &name)

EXPECT(expect_true, i) {
  if (args->i0) return iree_ok_status();
  MESSAGE(message);
  iree_status_t status =
      iree_string_builder_append_cstring(&message, "Expected this value to be true:\n  0");
  return report(state, stack, status, &message);
}

EXPECT(expect_false, i) {
  if (!args->i0) return iree_ok_status();
  MESSAGE(message);
  iree_status_t status = iree_string_builder_append_format(
      &message, "Expected this value to be false:\n  %" PRIi32, args->i0);
  return report(state, stack, status, &message);
}

EXPECT(expect_all_true, r) {
  iree_hal_buffer_view_t* view = NULL;
  IREE_RETURN_IF_ERROR(iree_hal_buffer_view_check_deref(args->r0, &view));
  MESSAGE(message);
  return report(state, stack, tenon_check_all_true(view, &message), &message);
}

static iree_status_t compare_views(iree_vm_stack_t* stack, check_module_t* state, iree_vm_ref_t lhs,
                                   iree_vm_ref_t rhs, const tenon_tolerances_t* tolerances) {
  iree_hal_buffer_view_t *lhs_view = NULL, *rhs_view = NULL;
  IREE_RETURN_IF_ERROR(iree_hal_buffer_view_check_deref(lhs, &lhs_view));
  IREE_RETURN_IF_ERROR(iree_hal_buffer_view_check_deref(rhs, &rhs_view));
  MESSAGE(message);
  return report(state, stack, tenon_check_views(lhs_view, rhs_view, tolerances, &message),
                &message);
}

EXPECT(expect_eq, rr) { return compare_views(stack, state, args->r0, args->r1, NULL); }

EXPECT(expect_almost_eq, rrff) {
  const double absolute = args->f2;
  tenon_tolerances_t tolerances = {TENON_TOLERANCES_ABSOLUTE, .relative = args->f3};
  if (absolute >= 0) {
    tolerances = (tenon_tolerances_t){absolute, absolute, absolute, absolute, args->f3};
  }
  return compare_views(stack, state, args->r0, args->r1, &tolerances);
}

EXPECT(expect_eq_i64, II) {
  if (args->i0 == args->i1) return iree_ok_status();
  MESSAGE(message);
  iree_status_t status = iree_string_builder_append_format(
      &message, "Expected equality of these values:\n  lhs: %" PRIi64 "\n  rhs: %" PRIi64, args->i0,
      args->i1);
  return report(state, stack, status, &message);
}

static iree_status_t report_numbers(iree_vm_stack_t* stack, check_module_t* state,
                                    const char* equality, double lhs, double rhs) {
  MESSAGE(message);
  iree_status_t status = iree_string_builder_append_format(
      &message, "Expected %s of these values:\n  lhs: %.17g\n  rhs: %.17g", equality, lhs, rhs);
  return report(state, stack, status, &message);
}

EXPECT(expect_eq_f64, FF) {
  if (tenon_numbers_are_equal(args->f0, args->f1)) return iree_ok_status();
  return report_numbers(stack, state, "equality", args->f0, args->f1);
}

EXPECT(expect_almost_eq_f64, FFff) {
  if (tenon_numbers_are_close(args->f0, args->f1, args->f2, args->f3)) return iree_ok_status();
  return report_numbers(stack, state, "near equality", args->f0, args->f1);
}

//===--------------------------------------------------------------------------------------------===//
// The module
//===--------------------------------------------------------------------------------------------===//

#define EXPORT(name, arguments)            \
  {.local_name = IREE_VM_NATIVE_STR(name), \
   .calling_convention = IREE_VM_NATIVE_STR("0" #arguments "_v")}
static const iree_vm_native_export_descriptor_t exports[] = {
    EXPORT("expect_true", i),         EXPORT("expect_false", i),
    EXPORT("expect_all_true", r),     EXPORT("expect_eq", rr),
    EXPORT("expect_almost_eq", rrff), EXPORT("expect_eq.i64", II),
    EXPORT("expect_eq.f64", FF),      EXPORT("expect_almost_eq.f64", FFff),
};
#define FUNCTION(name, arguments)                                \
  {(iree_vm_native_function_shim_t)iree_vm_shim_##arguments##_v, \
   (iree_vm_native_function_target_t)name}
static const iree_vm_native_function_ptr_t functions[] = {
    FUNCTION(expect_true, i),         FUNCTION(expect_false, i),
    FUNCTION(expect_all_true, r),     FUNCTION(expect_eq, rr),
    FUNCTION(expect_almost_eq, rrff), FUNCTION(expect_eq_i64, II),
    FUNCTION(expect_eq_f64, FF),      FUNCTION(expect_almost_eq_f64, FFff),
};
static const iree_vm_native_module_descriptor_t descriptor = {
    .name = IREE_VM_NATIVE_STR("check"),
    .export_count = IREE_ARRAYSIZE(exports),
    .exports = exports,
    .function_count = IREE_ARRAYSIZE(functions),
    .functions = functions,
};

static check_module_t* module_of(const iree_vm_module_t* base) {
  const iree_host_size_t offset = iree_host_align(iree_vm_native_module_size(), 16);
  return (check_module_t*)((uint8_t*)base + offset);
}

static void destroy(void* self) {}

static iree_status_t alloc_state(void* self, iree_allocator_t allocator,
                                 iree_vm_module_state_t** out_module_state) {
  *out_module_state = self;
  return iree_ok_status();
}

static void free_state(void* self, iree_vm_module_state_t* module_state) {}

IREE_API_EXPORT iree_status_t tenon_check_module_create(iree_vm_instance_t* instance,
                                                        tenon_check_failure_fn_t failure_fn,
                                                        void* user_data, iree_allocator_t allocator,
                                                        iree_vm_module_t** out_module) {
  *out_module = NULL;
  if (!iree_hal_buffer_view_type_id()) {
    return iree_make_status(
        IREE_STATUS_FAILED_PRECONDITION,
        "the HAL's types are not registered; call iree_hal_module_register_all_types first");
  }
  const iree_host_size_t size =
      iree_host_align(iree_vm_native_module_size(), 16) + sizeof(check_module_t);
  iree_vm_module_t* base = NULL;
  IREE_RETURN_IF_ERROR(iree_allocator_malloc(allocator, size, (void**)&base));
  check_module_t* module = module_of(base);
  module->host_allocator = allocator;
  module->failure_fn = failure_fn;
  module->user_data = user_data;
  iree_vm_module_t interface;
  iree_status_t status = iree_vm_module_initialize(&interface, module);
  interface.destroy = destroy;
  interface.alloc_state = alloc_state;
  interface.free_state = free_state;
  if (iree_status_is_ok(status)) {
    status = iree_vm_native_module_initialize(&interface, &descriptor, instance, allocator, base);
  }
  if (!iree_status_is_ok(status)) {
    iree_allocator_free(allocator, base);
    return status;
  }
  *out_module = base;
  return iree_ok_status();
}

IREE_API_EXPORT iree_status_t iree_check_module_create(iree_vm_instance_t* instance,
                                                       iree_allocator_t allocator,
                                                       iree_vm_module_t** out_module) {
  return tenon_check_module_create(instance, print_failure, NULL, allocator, out_module);
}

IREE_API_EXPORT iree_host_size_t
tenon_check_module_failure_count(const iree_vm_module_t* check_module) {
  return (iree_host_size_t)iree_atomic_load(&module_of(check_module)->failure_count,
                                            iree_memory_order_relaxed);
}
