// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Prints everything that can be called in a context: its modules in order, what they depend on, their imports and what
// these are bound to, their exports, and the attributes of all.

#include <stdio.h>

#include "iree/runtime/api.h"

#define TEXT(view) (int)(view).size, (view).data

static void print_attribute(const char* indent, const iree_string_pair_t* attribute) {
  printf("%s%.*s = %.*s\n", indent, TEXT(attribute->key), TEXT(attribute->value));
}

static iree_status_t print_module_attributes(const iree_vm_module_t* module) {
  for (iree_host_size_t i = 0;; ++i) {
    iree_string_pair_t attribute;
    iree_status_t status = iree_vm_module_get_attr(module, i, &attribute);
    // The last one was printed.
    if (iree_status_is_out_of_range(status)) return iree_status_ignore(status);
    IREE_RETURN_IF_ERROR(status);
    print_attribute("  ", &attribute);
  }
}

static iree_status_t print_function_attributes(iree_vm_function_t function) {
  for (iree_host_size_t i = 0;; ++i) {
    iree_string_pair_t attribute;
    iree_status_t status = iree_vm_function_get_attr(function, i, &attribute);
    if (iree_status_is_out_of_range(status)) return iree_status_ignore(status);
    IREE_RETURN_IF_ERROR(status);
    print_attribute("      ", &attribute);
  }
}

static iree_status_t print_dependency(void* user_data,
                                      const iree_vm_module_dependency_t* dependency) {
  const bool is_required = dependency->flags & IREE_VM_MODULE_DEPENDENCY_FLAG_REQUIRED;
  printf("  depends on %.*s", TEXT(dependency->name));
  if (dependency->minimum_version) printf(", version %u or later", dependency->minimum_version);
  printf("%s\n", is_required ? "" : ", if it is there");
  return iree_ok_status();
}

// A function's name and how it is called; nothing where that is not known.
static void print_function(const char* what, const iree_vm_function_t* function) {
  const iree_string_view_t name = iree_vm_function_name(function);
  const iree_string_view_t convention = iree_vm_function_signature(function).calling_convention;
  printf("    %s %.*s %.*s", what, TEXT(name), TEXT(convention));
}

static iree_status_t print_import(const iree_vm_context_t* context, iree_vm_module_t* module,
                                  iree_host_size_t ordinal) {
  iree_vm_function_t import, target;
  IREE_RETURN_IF_ERROR(iree_vm_module_lookup_function_by_ordinal(
      module, IREE_VM_FUNCTION_LINKAGE_IMPORT, ordinal, &import));
  IREE_RETURN_IF_ERROR(tenon_vm_context_resolve_import(context, module, ordinal, &target));
  const bool is_optional = import.linkage == IREE_VM_FUNCTION_LINKAGE_IMPORT_OPTIONAL;
  print_function(is_optional ? "optional import" : "import", &import);
  if (iree_vm_function_is_null(target)) {
    printf(": missing\n");
  } else {
    const iree_vm_module_signature_t signature = iree_vm_module_signature(target.module);
    printf(": export %u of %.*s version %u\n", target.ordinal,
           TEXT(iree_vm_module_name(target.module)), signature.version);
  }
  return print_function_attributes(import);
}

static iree_status_t print_functions(iree_vm_module_t* module, iree_vm_function_linkage_t linkage,
                                     const char* what, iree_host_size_t count) {
  for (iree_host_size_t i = 0; i < count; ++i) {
    iree_vm_function_t function;
    IREE_RETURN_IF_ERROR(iree_vm_module_lookup_function_by_ordinal(module, linkage, i, &function));
    print_function(what, &function);
    printf("\n");
    IREE_RETURN_IF_ERROR(print_function_attributes(function));
  }
  return iree_ok_status();
}

static iree_status_t print_module(const iree_vm_context_t* context, iree_vm_module_t* module) {
  const iree_vm_module_signature_t signature = iree_vm_module_signature(module);
  printf("module %.*s version %u\n", TEXT(iree_vm_module_name(module)), signature.version);
  IREE_RETURN_IF_ERROR(print_module_attributes(module));
  IREE_RETURN_IF_ERROR(iree_vm_module_enumerate_dependencies(module, print_dependency, NULL));
  for (iree_host_size_t i = 0; i < signature.import_function_count; ++i) {
    IREE_RETURN_IF_ERROR(print_import(context, module, i));
  }
  IREE_RETURN_IF_ERROR(print_functions(module, IREE_VM_FUNCTION_LINKAGE_EXPORT, "export",
                                       signature.export_function_count));
  return print_functions(module, IREE_VM_FUNCTION_LINKAGE_INTERNAL, "function",
                         signature.internal_function_count);
}

static iree_status_t print_context(const iree_vm_context_t* context) {
  for (iree_host_size_t i = 0; i < tenon_vm_context_module_count(context); ++i) {
    iree_vm_module_t* module = NULL;
    IREE_RETURN_IF_ERROR(tenon_vm_context_module_at(context, i, &module));
    IREE_RETURN_IF_ERROR(print_module(context, module));
  }
  return iree_ok_status();
}

// Loads the files into one session, in order, and prints its context.
static iree_status_t run(iree_runtime_instance_t* instance, iree_hal_device_t* device,
                         int file_count, char** files) {
  iree_runtime_session_options_t options;
  iree_runtime_session_options_initialize(&options);
  iree_runtime_session_t* session = NULL;
  IREE_RETURN_IF_ERROR(iree_runtime_session_create_with_device(
      instance, &options, device, iree_runtime_instance_host_allocator(instance), &session));
  iree_status_t status = iree_ok_status();
  for (int i = 0; i < file_count && iree_status_is_ok(status); ++i) {
    status = iree_runtime_session_append_bytecode_module_from_file(session, files[i]);
  }
  if (iree_status_is_ok(status)) status = print_context(iree_runtime_session_context(session));
  iree_runtime_session_release(session);
  return status;
}

int main(int argc, char** argv) {
  iree_runtime_instance_options_t options;
  iree_runtime_instance_options_initialize(&options);
  iree_runtime_instance_options_use_all_available_drivers(&options);
  iree_runtime_instance_t* instance = NULL;
  iree_status_t status = iree_runtime_instance_create(&options, iree_allocator_system(), &instance);
  iree_hal_device_t* device = NULL;
  if (iree_status_is_ok(status)) {
    status = iree_runtime_instance_try_create_default_device(
        instance, iree_make_cstring_view("local-sync"), &device);
  }
  if (iree_status_is_ok(status)) status = run(instance, device, argc - 1, argv + 1);
  iree_hal_device_release(device);
  iree_runtime_instance_release(instance);
  if (iree_status_is_ok(status)) return 0;
  iree_status_fprint(stderr, status);
  iree_status_ignore(status);
  return 1;
}
