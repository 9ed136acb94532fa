// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "iree/vm/native_module.h"

#include <string.h>

#include "vm/native_module_call.h"
#include "vm/stack_internal.h"

typedef struct iree_vm_native_module_t {
  // First: the module's address is this struct's.
  iree_vm_module_t base;
  // What the author has set.
  iree_vm_module_t user;
  // What the author's functions are called with.
  void* user_self;
  const iree_vm_native_module_descriptor_t* descriptor;
  iree_vm_instance_t* instance;
  iree_allocator_t allocator;
} iree_vm_native_module_t;

static iree_vm_native_module_t* tenon_native(void* self) { return (iree_vm_native_module_t*)self; }

static void tenon_native_destroy(void* self) {
  iree_vm_native_module_t* module = tenon_native(self);
  if (module->user.destroy) module->user.destroy(module->user_self);
  iree_vm_instance_release(module->instance);
  iree_allocator_free(module->allocator, module);
}

static iree_string_view_t tenon_native_name(void* self) {
  return tenon_native(self)->descriptor->name;
}

static iree_vm_module_signature_t tenon_native_signature(void* self) {
  const iree_vm_native_module_descriptor_t* descriptor = tenon_native(self)->descriptor;
  const iree_vm_module_signature_t signature = {
      .version = descriptor->version,
      .attr_count = descriptor->attr_count,
      .import_function_count = descriptor->import_count,
      .export_function_count = descriptor->export_count,
  };
  return signature;
}

static iree_status_t tenon_native_enumerate_dependencies(
    void* self, iree_vm_module_dependency_callback_t callback, void* user_data) {
  iree_vm_native_module_t* module = tenon_native(self);
  if (module->user.enumerate_dependencies) {
    return module->user.enumerate_dependencies(module->user_self, callback, user_data);
  }
  for (iree_host_size_t i = 0; i < module->descriptor->dependency_count; ++i) {
    IREE_RETURN_IF_ERROR(callback(user_data, &module->descriptor->dependencies[i]));
  }
  return iree_ok_status();
}

static iree_status_t tenon_get_attr(iree_host_size_t count, const iree_string_pair_t* attrs,
                                    iree_host_size_t index, iree_string_pair_t* out_attr) {
  if (index >= count) return iree_status_from_code(IREE_STATUS_OUT_OF_RANGE);
  *out_attr = attrs[index];
  return iree_ok_status();
}

static iree_status_t tenon_native_get_module_attr(void* self, iree_host_size_t index,
                                                  iree_string_pair_t* out_attr) {
  iree_vm_native_module_t* module = tenon_native(self);
  if (module->user.get_module_attr) {
    return module->user.get_module_attr(module->user_self, index, out_attr);
  }
  return tenon_get_attr(module->descriptor->attr_count, module->descriptor->attrs, index, out_attr);
}

static iree_status_t tenon_native_get_function_attr(void* self, iree_vm_function_linkage_t linkage,
                                                    iree_host_size_t ordinal,
                                                    iree_host_size_t index,
                                                    iree_string_pair_t* out_attr) {
  iree_vm_native_module_t* module = tenon_native(self);
  if (module->user.get_function_attr) {
    return module->user.get_function_attr(module->user_self, linkage, ordinal, index, out_attr);
  }
  if (linkage != IREE_VM_FUNCTION_LINKAGE_EXPORT || ordinal >= module->descriptor->export_count) {
    return iree_status_from_code(IREE_STATUS_OUT_OF_RANGE);
  }
  const iree_vm_native_export_descriptor_t* function = &module->descriptor->exports[ordinal];
  return tenon_get_attr(function->attr_count, function->attrs, index, out_attr);
}

static iree_status_t tenon_native_resolve_source_location(
    void* self, iree_vm_stack_frame_t* frame, iree_vm_source_location_t* out_source_location) {
  iree_vm_native_module_t* module = tenon_native(self);
  if (!module->user.resolve_source_location) {
    return iree_status_from_code(IREE_STATUS_UNAVAILABLE);
  }
  return module->user.resolve_source_location(module->user_self, frame, out_source_location);
}

static void tenon_native_make_function(iree_vm_native_module_t* module,
                                       iree_vm_function_linkage_t linkage, iree_host_size_t ordinal,
                                       iree_vm_function_t* out_function) {
  out_function->module = &module->base;
  out_function->linkage = (uint16_t)linkage;
  out_function->ordinal = (uint16_t)ordinal;
}

static iree_status_t tenon_native_get_import(iree_vm_native_module_t* module,
                                             iree_host_size_t ordinal,
                                             iree_vm_function_t* out_function,
                                             iree_string_view_t* out_name,
                                             iree_vm_function_signature_t* out_signature) {
  if (ordinal >= module->descriptor->import_count) {
    return iree_status_from_code(IREE_STATUS_OUT_OF_RANGE);
  }
  const iree_vm_native_import_descriptor_t* import = &module->descriptor->imports[ordinal];
  if (out_function) {
    const bool is_optional = (import->flags & IREE_VM_NATIVE_IMPORT_OPTIONAL) != 0;
    tenon_native_make_function(
        module,
        is_optional ? IREE_VM_FUNCTION_LINKAGE_IMPORT_OPTIONAL : IREE_VM_FUNCTION_LINKAGE_IMPORT,
        ordinal, out_function);
  }
  if (out_name) *out_name = import->full_name;
  if (out_signature) out_signature->calling_convention = iree_string_view_empty();
  return iree_ok_status();
}

static iree_status_t tenon_native_get_function(void* self, iree_vm_function_linkage_t linkage,
                                               iree_host_size_t ordinal,
                                               iree_vm_function_t* out_function,
                                               iree_string_view_t* out_name,
                                               iree_vm_function_signature_t* out_signature) {
  iree_vm_native_module_t* module = tenon_native(self);
  if (linkage == IREE_VM_FUNCTION_LINKAGE_IMPORT ||
      linkage == IREE_VM_FUNCTION_LINKAGE_IMPORT_OPTIONAL) {
    return tenon_native_get_import(module, ordinal, out_function, out_name, out_signature);
  }
  if (linkage != IREE_VM_FUNCTION_LINKAGE_EXPORT || ordinal >= module->descriptor->export_count) {
    return iree_status_from_code(IREE_STATUS_OUT_OF_RANGE);
  }
  const iree_vm_native_export_descriptor_t* function = &module->descriptor->exports[ordinal];
  if (out_function) tenon_native_make_function(module, linkage, ordinal, out_function);
  if (out_name) *out_name = function->local_name;
  if (out_signature) out_signature->calling_convention = function->calling_convention;
  return iree_ok_status();
}

static iree_status_t tenon_native_alloc_state(void* self, iree_allocator_t allocator,
                                              iree_vm_module_state_t** out_module_state) {
  iree_vm_native_module_t* module = tenon_native(self);
  *out_module_state = NULL;
  if (!module->user.alloc_state) return iree_ok_status();
  return module->user.alloc_state(module->user_self, allocator, out_module_state);
}

static void tenon_native_free_state(void* self, iree_vm_module_state_t* module_state) {
  iree_vm_native_module_t* module = tenon_native(self);
  if (module->user.free_state) module->user.free_state(module->user_self, module_state);
}

static iree_status_t tenon_native_resolve_import(void* self, iree_vm_module_state_t* module_state,
                                                 iree_host_size_t ordinal,
                                                 const iree_vm_function_t* function,
                                                 const iree_vm_function_signature_t* signature) {
  iree_vm_native_module_t* module = tenon_native(self);
  if (!module->user.resolve_import) {
    return iree_make_status(IREE_STATUS_FAILED_PRECONDITION,
                            "the module declares imports but has no resolve_import");
  }
  return module->user.resolve_import(module->user_self, module_state, ordinal, function, signature);
}

static iree_status_t tenon_native_notify(void* self, iree_vm_module_state_t* module_state,
                                         iree_vm_signal_t signal) {
  iree_vm_native_module_t* module = tenon_native(self);
  if (!module->user.notify) return iree_ok_status();
  return module->user.notify(module->user_self, module_state, signal);
}

//===--------------------------------------------------------------------------------------------===//
// Calls
//===--------------------------------------------------------------------------------------------===//

static iree_status_t tenon_native_begin_call(void* self, iree_vm_stack_t* stack,
                                             iree_vm_function_call_t call) {
  iree_vm_native_module_t* module = tenon_native(self);
  if (module->user.begin_call) return module->user.begin_call(module->user_self, stack, call);
  if (IREE_UNLIKELY(call.function.linkage != IREE_VM_FUNCTION_LINKAGE_EXPORT ||
                    call.function.ordinal >= module->descriptor->export_count)) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "function %u (linkage %u) of module '%.*s' is no export of it",
                            (unsigned)call.function.ordinal, (unsigned)call.function.linkage,
                            (int)module->descriptor->name.size, module->descriptor->name.data);
  }
  const iree_vm_native_function_ptr_t* function =
      &module->descriptor->functions[call.function.ordinal];
  iree_vm_module_state_t* module_state = NULL;
  IREE_RETURN_IF_ERROR(iree_vm_stack_query_module_state(stack, &module->base, &module_state));
  iree_vm_stack_frame_t* caller_frame = iree_vm_stack_top(stack);
  iree_status_t status =
      function->shim(stack, IREE_VM_NATIVE_FUNCTION_CALL_BEGIN, call.arguments, call.results,
                     function->target, module->user_self, module_state);
  if (IREE_LIKELY(iree_status_is_ok(status))) return status;
  return tenon_native_call_end(stack, caller_frame, &call, module_state, "native", status);
}

static iree_status_t tenon_native_resume_call(void* self, iree_vm_stack_t* stack,
                                              iree_byte_span_t call_results) {
  iree_vm_native_module_t* module = tenon_native(self);
  if (module->user.resume_call) {
    return module->user.resume_call(module->user_self, stack, call_results);
  }
  // The frame was completed by tenon_native_call_end(). It is gone when the function is done.
  iree_vm_stack_frame_t* frame = iree_vm_stack_top(stack);
  iree_vm_stack_frame_t* caller_frame = frame->parent;
  iree_vm_module_state_t* module_state = frame->module_state;
  const iree_vm_function_call_t call = {frame->function, frame->arguments, frame->results};
  const iree_vm_native_function_ptr_t* function =
      &module->descriptor->functions[call.function.ordinal];
  iree_status_t status =
      function->shim(stack, IREE_VM_NATIVE_FUNCTION_CALL_RESUME, call.arguments, call.results,
                     function->target, module->user_self, module_state);
  if (IREE_LIKELY(iree_status_is_ok(status))) return status;
  return tenon_native_call_end(stack, caller_frame, &call, module_state, "native", status);
}

// The frame that lies directly on |caller_frame|, NULL if there is none.
static iree_vm_stack_frame_t* tenon_find_callee_frame(iree_vm_stack_t* stack,
                                                      iree_vm_stack_frame_t* caller_frame) {
  iree_vm_stack_frame_t* frame = iree_vm_stack_top(stack);
  if (frame == caller_frame) return NULL;
  while (frame && frame->parent != caller_frame) frame = frame->parent;
  return frame;
}

static iree_status_t tenon_native_annotate(const iree_vm_function_t* function, const char* kind,
                                           iree_status_t status) {
  const iree_string_view_t module_name = iree_vm_module_name(function->module);
  const iree_string_view_t function_name = iree_vm_function_name(function);
  return iree_status_annotate_f(status, "while invoking %s function %.*s.%.*s", kind,
                                (int)module_name.size, module_name.data, (int)function_name.size,
                                function_name.data);
}

iree_status_t tenon_native_call_end(iree_vm_stack_t* stack, iree_vm_stack_frame_t* caller_frame,
                                    const iree_vm_function_call_t* call, void* module_state,
                                    const char* kind, iree_status_t status) {
  iree_vm_stack_frame_t* frame = tenon_find_callee_frame(stack, caller_frame);
  if (iree_status_is_deferred(status) && frame) {
    // A frame that has a function already belongs to a callee to which this call was passed on, or
    // says what we would.
    if (!frame->function.module) {
      frame->function = call->function;
      frame->module_state = (iree_vm_module_state_t*)module_state;
    }
    if (frame->function.module == call->function.module &&
        frame->function.ordinal == call->function.ordinal) {
      frame->arguments = call->arguments;
      frame->results = call->results;
    }
    return status;
  }
  if (iree_status_is_deferred(status)) {
    iree_status_ignore(status);
    status = tenon_stack_make_no_frame_error();
  }
  while (frame && iree_vm_stack_top(stack) != caller_frame) {
    iree_status_ignore(iree_vm_stack_function_leave(stack));
  }
  return tenon_native_annotate(&call->function, kind, status);
}

//===--------------------------------------------------------------------------------------------===//
// Direct calls
//===--------------------------------------------------------------------------------------------===//

static bool tenon_native_get_native_call(void* self, const iree_vm_function_t* function,
                                         iree_vm_native_call_t* out_call) {
  iree_vm_native_module_t* module = tenon_native(self);
  if (module->user.begin_call || function->linkage != IREE_VM_FUNCTION_LINKAGE_EXPORT ||
      function->ordinal >= module->descriptor->export_count) {
    return false;
  }
  out_call->shim = module->descriptor->functions[function->ordinal].shim;
  out_call->target = module->descriptor->functions[function->ordinal].target;
  out_call->self = module->user_self;
  out_call->kind = "native";
  return true;
}

bool tenon_native_import_bind(const iree_vm_function_t* function,
                              tenon_native_import_t* out_import) {
  memset(out_import, 0, sizeof(*out_import));
  iree_vm_module_t* module = function->module;
  iree_vm_native_call_t call = {0};
  if (!module || !module->get_native_call ||
      !module->get_native_call(module->self, function, &call)) {
    return false;
  }
  out_import->shim = call.shim;
  out_import->target = call.target;
  out_import->self = call.self;
  out_import->kind = call.kind;
  out_import->module_state = TENON_NATIVE_STATE_UNKNOWN;
  out_import->function = *function;
  return true;
}

iree_status_t tenon_native_import_resolve_state(iree_vm_stack_t* stack,
                                                tenon_native_import_t* import,
                                                intptr_t* out_module_state) {
  iree_vm_module_state_t* module_state = NULL;
  IREE_RETURN_IF_ERROR(
      iree_vm_stack_query_module_state(stack, import->function.module, &module_state));
  *out_module_state = (intptr_t)module_state;
  iree_atomic_store(&import->module_state, *out_module_state, iree_memory_order_relaxed);
  return iree_ok_status();
}

iree_status_t tenon_native_import_end(iree_vm_stack_t* stack, iree_vm_stack_frame_t* caller_frame,
                                      const tenon_native_import_t* import,
                                      iree_byte_span_t arguments, iree_byte_span_t results,
                                      intptr_t module_state, iree_status_t status) {
  const iree_vm_function_call_t call = {import->function, arguments, results};
  status =
      tenon_native_call_end(stack, caller_frame, &call, (void*)module_state, import->kind, status);
  if (iree_status_is_deferred(status) && caller_frame) caller_frame->call_results = results;
  return status;
}

//===--------------------------------------------------------------------------------------------===//
// Creation
//===--------------------------------------------------------------------------------------------===//

IREE_API_EXPORT iree_host_size_t iree_vm_native_module_size(void) {
  return (sizeof(iree_vm_native_module_t) + 15) & ~(iree_host_size_t)15;
}

static iree_status_t tenon_check_export(const iree_vm_native_module_descriptor_t* descriptor,
                                        iree_host_size_t i) {
  const iree_vm_native_export_descriptor_t* function = &descriptor->exports[i];
  const iree_vm_function_signature_t signature = {function->calling_convention};
  iree_string_view_t arguments, results;
  IREE_RETURN_IF_ERROR(iree_vm_function_call_get_cconv_fragments(&signature, &arguments, &results));
  if (!descriptor->functions[i].shim) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "the function has no shim");
  }
  return iree_ok_status();
}

static iree_status_t tenon_check_descriptor(const iree_vm_native_module_descriptor_t* descriptor) {
  const iree_string_view_t name = descriptor->name;
  if (descriptor->export_count != descriptor->function_count ||
      descriptor->export_count > UINT16_MAX || descriptor->import_count > UINT16_MAX) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "native module '%.*s' has %zu exports for %zu functions (and %zu "
                            "imports); one each, and fewer than 65536, are needed",
                            (int)name.size, name.data, descriptor->export_count,
                            descriptor->function_count, descriptor->import_count);
  }
  for (iree_host_size_t i = 0; i < descriptor->export_count; ++i) {
    IREE_RETURN_IF_ERROR(tenon_check_export(descriptor, i), "export %zu '%.*s' of module '%.*s'", i,
                         (int)descriptor->exports[i].local_name.size,
                         descriptor->exports[i].local_name.data, (int)name.size, name.data);
  }
  return iree_ok_status();
}

IREE_API_EXPORT iree_status_t iree_vm_native_module_initialize(
    const iree_vm_module_t* module_interface,
    const iree_vm_native_module_descriptor_t* module_descriptor, iree_vm_instance_t* instance,
    iree_allocator_t allocator, iree_vm_module_t* out_module) {
  IREE_RETURN_IF_ERROR(tenon_check_descriptor(module_descriptor));
  iree_vm_native_module_t* module = (iree_vm_native_module_t*)out_module;
  module->user = *module_interface;
  module->user_self = module_interface->self ? module_interface->self : module;
  module->descriptor = module_descriptor;
  module->instance = instance;
  module->allocator = allocator;
  iree_vm_instance_retain(instance);
  IREE_RETURN_IF_ERROR(iree_vm_module_initialize(&module->base, module));
  module->base.destroy = tenon_native_destroy;
  module->base.name = tenon_native_name;
  module->base.signature = tenon_native_signature;
  module->base.enumerate_dependencies = tenon_native_enumerate_dependencies;
  module->base.get_module_attr = tenon_native_get_module_attr;
  module->base.get_function = tenon_native_get_function;
  module->base.get_function_attr = tenon_native_get_function_attr;
  module->base.resolve_source_location = tenon_native_resolve_source_location;
  module->base.alloc_state = tenon_native_alloc_state;
  module->base.free_state = tenon_native_free_state;
  module->base.resolve_import = tenon_native_resolve_import;
  module->base.notify = tenon_native_notify;
  module->base.begin_call = tenon_native_begin_call;
  module->base.resume_call = tenon_native_resume_call;
  module->base.get_native_call = tenon_native_get_native_call;
  return iree_ok_status();
}

IREE_API_EXPORT iree_status_t iree_vm_native_module_create(
    const iree_vm_module_t* module_interface,
    const iree_vm_native_module_descriptor_t* module_descriptor, iree_vm_instance_t* instance,
    iree_allocator_t allocator, iree_vm_module_t** out_module) {
  *out_module = NULL;
  iree_vm_module_t* module = NULL;
  IREE_RETURN_IF_ERROR(
      iree_allocator_malloc(allocator, iree_vm_native_module_size(), (void**)&module));
  iree_status_t status = iree_vm_native_module_initialize(module_interface, module_descriptor,
                                                          instance, allocator, module);
  if (iree_status_is_ok(status)) {
    *out_module = module;
  } else {
    iree_allocator_free(allocator, module);
  }
  return status;
}
