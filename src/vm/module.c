// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "iree/vm/module.h"

#include <string.h>

#include "iree/vm/stack.h"
#include "vm/nesting.h"
#include "vm/text.h"

IREE_API_EXPORT iree_status_t iree_vm_module_initialize(iree_vm_module_t* module, void* self) {
  memset(module, 0, sizeof(*module));
  module->self = self;
  iree_atomic_ref_count_init(&module->ref_count);
  return iree_ok_status();
}

IREE_API_EXPORT void iree_vm_module_retain(iree_vm_module_t* module) {
  if (module) iree_atomic_ref_count_inc(&module->ref_count);
}

IREE_API_EXPORT void iree_vm_module_release(iree_vm_module_t* module) {
  if (module && iree_atomic_ref_count_dec(&module->ref_count) == 1) module->destroy(module->self);
}

IREE_API_EXPORT iree_string_view_t iree_vm_module_name(const iree_vm_module_t* module) {
  return module->name(module->self);
}

IREE_API_EXPORT iree_vm_module_signature_t
iree_vm_module_signature(const iree_vm_module_t* module) {
  return module->signature(module->self);
}

IREE_API_EXPORT iree_status_t iree_vm_module_enumerate_dependencies(
    iree_vm_module_t* module, iree_vm_module_dependency_callback_t callback, void* user_data) {
  if (!module->enumerate_dependencies) return iree_ok_status();
  return module->enumerate_dependencies(module->self, callback, user_data);
}

IREE_API_EXPORT iree_status_t iree_vm_module_get_attr(const iree_vm_module_t* module,
                                                      iree_host_size_t index,
                                                      iree_string_pair_t* out_attr) {
  *out_attr = iree_string_pair_empty();
  if (!module->get_module_attr) return iree_status_from_code(IREE_STATUS_OUT_OF_RANGE);
  return module->get_module_attr(module->self, index, out_attr);
}

IREE_API_EXPORT iree_string_view_t
iree_vm_module_lookup_attr_by_name(const iree_vm_module_t* module, iree_string_view_t name) {
  iree_string_pair_t attr;
  for (iree_host_size_t i = 0;; ++i) {
    iree_status_t status = iree_vm_module_get_attr(module, i, &attr);
    if (!iree_status_is_ok(status)) {
      iree_status_ignore(status);
      return iree_string_view_empty();
    }
    if (iree_string_view_equal(attr.key, name)) return attr.value;
  }
}

//===--------------------------------------------------------------------------------------------===//
// Functions
//===--------------------------------------------------------------------------------------------===//

// NOT_FOUND (without a message) or other failures of the module.
static iree_status_t tenon_module_find_function(const iree_vm_module_t* module,
                                                iree_vm_function_linkage_t linkage,
                                                iree_string_view_t name,
                                                iree_vm_function_t* out_function) {
  if (module->lookup_function) {
    return module->lookup_function(module->self, linkage, name, out_function);
  }
  for (iree_host_size_t i = 0;; ++i) {
    iree_string_view_t candidate = iree_string_view_empty();
    iree_status_t status =
        module->get_function(module->self, linkage, i, out_function, &candidate, NULL);
    if (iree_status_is_out_of_range(status)) {
      iree_status_ignore(status);
      return iree_status_from_code(IREE_STATUS_NOT_FOUND);
    }
    IREE_RETURN_IF_ERROR(status);
    if (iree_string_view_equal(candidate, name)) return iree_ok_status();
  }
}

IREE_API_EXPORT iree_status_t iree_vm_module_lookup_function_by_name(
    const iree_vm_module_t* module, iree_vm_function_linkage_t linkage, iree_string_view_t name,
    iree_vm_function_t* out_function) {
  memset(out_function, 0, sizeof(*out_function));
  iree_status_t status = tenon_module_find_function(module, linkage, name, out_function);
  if (IREE_LIKELY(!iree_status_is_not_found(status))) return status;
  iree_status_ignore(status);
  memset(out_function, 0, sizeof(*out_function));
  tenon_text_t names;
  tenon_text_list_functions(module, linkage, &names);
  const iree_string_view_t module_name = iree_vm_module_name(module);
  const bool is_export = linkage == IREE_VM_FUNCTION_LINKAGE_EXPORT;
  const bool is_internal = linkage == IREE_VM_FUNCTION_LINKAGE_INTERNAL;
  return iree_make_status(
      IREE_STATUS_NOT_FOUND, "module '%.*s' has no %s function '%.*s'; it %s: %.*s",
      (int)module_name.size, module_name.data,
      is_export ? "exported" : (is_internal ? "internal" : "imported"), (int)name.size, name.data,
      is_export ? "exports" : (is_internal ? "has" : "imports"), names.size, names.data);
}

IREE_API_EXPORT iree_status_t iree_vm_module_lookup_function_by_ordinal(
    const iree_vm_module_t* module, iree_vm_function_linkage_t linkage, iree_host_size_t ordinal,
    iree_vm_function_t* out_function) {
  memset(out_function, 0, sizeof(*out_function));
  iree_status_t status =
      module->get_function(module->self, linkage, ordinal, out_function, NULL, NULL);
  if (IREE_LIKELY(!iree_status_is_out_of_range(status))) return status;
  const iree_vm_module_signature_t signature = iree_vm_module_signature(module);
  const iree_string_view_t name = iree_vm_module_name(module);
  return iree_status_annotate_f(
      status,
      "module '%.*s' has %zu imports, %zu exports and %zu internal functions; there is no "
      "number %zu of that kind",
      (int)name.size, name.data, signature.import_function_count, signature.export_function_count,
      signature.internal_function_count, ordinal);
}

IREE_API_EXPORT iree_string_view_t iree_vm_function_name(const iree_vm_function_t* function) {
  iree_string_view_t name = iree_string_view_empty();
  if (!function->module) return name;
  iree_status_t status = function->module->get_function(
      function->module->self, (iree_vm_function_linkage_t)function->linkage, function->ordinal,
      NULL, &name, NULL);
  if (iree_status_is_ok(status)) return name;
  iree_status_ignore(status);
  return iree_string_view_empty();
}

IREE_API_EXPORT iree_vm_function_signature_t
iree_vm_function_signature(const iree_vm_function_t* function) {
  iree_vm_function_signature_t signature = {{NULL, 0}};
  if (!function->module) return signature;
  iree_status_t status = function->module->get_function(
      function->module->self, (iree_vm_function_linkage_t)function->linkage, function->ordinal,
      NULL, NULL, &signature);
  if (IREE_LIKELY(iree_status_is_ok(status))) return signature;
  iree_status_ignore(status);
  signature.calling_convention = iree_string_view_empty();
  return signature;
}

IREE_API_EXPORT iree_status_t iree_vm_function_get_attr(iree_vm_function_t function,
                                                        iree_host_size_t index,
                                                        iree_string_pair_t* out_attr) {
  *out_attr = iree_string_pair_empty();
  if (!function.module || !function.module->get_function_attr) {
    return iree_status_from_code(IREE_STATUS_OUT_OF_RANGE);
  }
  return function.module->get_function_attr(function.module->self,
                                            (iree_vm_function_linkage_t)function.linkage,
                                            function.ordinal, index, out_attr);
}

IREE_API_EXPORT iree_string_view_t
iree_vm_function_lookup_attr_by_name(const iree_vm_function_t* function, iree_string_view_t name) {
  iree_string_pair_t attr;
  for (iree_host_size_t i = 0;; ++i) {
    iree_status_t status = iree_vm_function_get_attr(*function, i, &attr);
    if (!iree_status_is_ok(status)) {
      iree_status_ignore(status);
      return iree_string_view_empty();
    }
    if (iree_string_view_equal(attr.key, name)) return attr.value;
  }
}

IREE_API_EXPORT iree_status_t iree_vm_module_begin_call(iree_vm_stack_t* stack,
                                                        iree_vm_function_call_t call) {
  iree_vm_stack_frame_t* caller_frame = iree_vm_stack_top(stack);
  iree_vm_module_t* module = call.function.module;
  if (IREE_UNLIKELY(!module)) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "the function to call is null");
  }
  TENON_VM_NEST_OR_RETURN();
  iree_status_t status = module->begin_call(module->self, stack, call);
  tenon_vm_unnest();
  if (IREE_UNLIKELY(iree_status_is_deferred(status)) && caller_frame) {
    caller_frame->call_results = call.results;
  }
  return status;
}

//===--------------------------------------------------------------------------------------------===//
// Source locations
//===--------------------------------------------------------------------------------------------===//

IREE_API_EXPORT iree_status_t
iree_vm_module_resolve_source_location(const iree_vm_module_t* module, iree_vm_stack_frame_t* frame,
                                       iree_vm_source_location_t* out_source_location) {
  memset(out_source_location, 0, sizeof(*out_source_location));
  if (!module->resolve_source_location) return iree_status_from_code(IREE_STATUS_UNAVAILABLE);
  return module->resolve_source_location(module->self, frame, out_source_location);
}

IREE_API_EXPORT iree_status_t iree_vm_source_location_format(
    iree_vm_source_location_t* source_location, iree_vm_source_location_format_flags_t flags,
    iree_string_builder_t* builder) {
  if (!source_location->format) return iree_status_from_code(IREE_STATUS_UNAVAILABLE);
  return source_location->format(source_location->self, source_location->data, flags, builder);
}
