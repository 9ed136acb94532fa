// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "iree/vm/context.h"

#include <string.h>

#include "iree/base/internal/atomics.h"
#include "iree/vm/invocation.h"
#include "vm/text.h"
#include "vm/turns.h"

typedef struct tenon_context_entry_t {
  iree_vm_module_t* module;
  iree_vm_module_state_t* state;
} tenon_context_entry_t;

struct iree_vm_context_t {
  iree_atomic_ref_count_t ref_count;
  iree_vm_context_flags_t flags;
  bool is_frozen;
  bool is_closed;  // the modules' `__deinit` has run
  intptr_t id;
  iree_vm_instance_t* instance;
  iree_allocator_t allocator;
  // In order of registration. A handful: searched from the end, which is where names are looked up
  // too.
  iree_host_size_t count;
  iree_host_size_t capacity;
  tenon_context_entry_t* entries;
  tenon_turns_t turns;
};

static iree_atomic_intptr_t tenon_next_context_id = 1;

//===--------------------------------------------------------------------------------------------===//
// Lookup
//===--------------------------------------------------------------------------------------------===//

// The latest of the first |count| modules with that name, or NULL.
static iree_vm_module_t* tenon_context_find_module(const iree_vm_context_t* context,
                                                   iree_host_size_t count,
                                                   iree_string_view_t name) {
  for (iree_host_size_t i = count; i > 0; --i) {
    iree_vm_module_t* module = context->entries[i - 1].module;
    if (iree_string_view_equal(iree_vm_module_name(module), name)) return module;
  }
  return NULL;
}

// The names of the first |count| modules.
static void tenon_context_list_modules(const iree_vm_context_t* context, iree_host_size_t count,
                                       tenon_text_t* out_text) {
  out_text->size = 0;
  for (iree_host_size_t i = 0; i < count; ++i) {
    tenon_vm_text_append_item(out_text, iree_vm_module_name(context->entries[i].module));
  }
  if (!out_text->size) tenon_vm_text_append(out_text, iree_make_cstring_view("none"));
}

static iree_status_t tenon_context_query_module_state(void* self, iree_vm_module_t* module,
                                                      iree_vm_module_state_t** out_module_state) {
  const iree_vm_context_t* context = (const iree_vm_context_t*)self;
  for (iree_host_size_t i = context->count; i > 0; --i) {
    if (context->entries[i - 1].module == module) {
      *out_module_state = context->entries[i - 1].state;
      return iree_ok_status();
    }
  }
  *out_module_state = NULL;
  const iree_string_view_t name = module ? iree_vm_module_name(module) : IREE_SV("(null)");
  return iree_make_status(IREE_STATUS_NOT_FOUND, "module '%.*s' is not registered in this context",
                          (int)name.size, name.data);
}

IREE_API_EXPORT iree_vm_state_resolver_t
iree_vm_context_state_resolver(const iree_vm_context_t* context) {
  const iree_vm_state_resolver_t resolver = {(void*)(uintptr_t)context,
                                             tenon_context_query_module_state};
  return resolver;
}

IREE_API_EXPORT iree_status_t
iree_vm_context_resolve_module_state(const iree_vm_context_t* context, iree_vm_module_t* module,
                                     iree_vm_module_state_t** out_module_state) {
  return tenon_context_query_module_state((void*)(uintptr_t)context, module, out_module_state);
}

// Splits `module.function` at the first dot.
static iree_status_t tenon_split_full_name(iree_string_view_t full_name,
                                           iree_string_view_t* out_module_name,
                                           iree_string_view_t* out_function_name) {
  *out_module_name = *out_function_name = iree_string_view_empty();
  const iree_host_size_t dot = iree_string_view_find_char(full_name, '.', 0);
  if (dot == IREE_STRING_VIEW_NPOS) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "'%.*s' names no module: expected MODULE.FUNCTION", (int)full_name.size,
                            full_name.data);
  }
  *out_module_name = iree_make_string_view(full_name.data, dot);
  *out_function_name = iree_make_string_view(full_name.data + dot + 1, full_name.size - dot - 1);
  return iree_ok_status();
}

IREE_API_EXPORT iree_status_t iree_vm_context_resolve_function(const iree_vm_context_t* context,
                                                               iree_string_view_t full_name,
                                                               iree_vm_function_t* out_function) {
  memset(out_function, 0, sizeof(*out_function));
  iree_string_view_t module_name, function_name;
  IREE_RETURN_IF_ERROR(tenon_split_full_name(full_name, &module_name, &function_name));
  const iree_vm_module_t* module = tenon_context_find_module(context, context->count, module_name);
  if (!module) {
    tenon_text_t names;
    tenon_context_list_modules(context, context->count, &names);
    return iree_make_status(IREE_STATUS_NOT_FOUND,
                            "there is no module '%.*s' to find '%.*s' in; registered modules: %.*s",
                            (int)module_name.size, module_name.data, (int)full_name.size,
                            full_name.data, names.size, names.data);
  }
  return iree_vm_module_lookup_function_by_name(module, IREE_VM_FUNCTION_LINKAGE_EXPORT,
                                                function_name, out_function);
}

//===--------------------------------------------------------------------------------------------===//
// Imports
//===--------------------------------------------------------------------------------------------===//

// One import being resolved.
typedef struct tenon_import_t {
  iree_vm_function_t function;
  iree_string_view_t full_name;
  iree_vm_function_signature_t signature;
} tenon_import_t;

static iree_status_t tenon_module_get_import(const iree_vm_module_t* module,
                                             iree_host_size_t ordinal, tenon_import_t* out_import) {
  memset(out_import, 0, sizeof(*out_import));
  return module->get_function(module->self, IREE_VM_FUNCTION_LINKAGE_IMPORT, ordinal,
                              &out_import->function, &out_import->full_name,
                              &out_import->signature);
}

static iree_status_t tenon_make_missing_module_error(const iree_vm_context_t* context,
                                                     iree_host_size_t index,
                                                     iree_string_view_t module_name,
                                                     iree_string_view_t full_name) {
  tenon_text_t names;
  tenon_context_list_modules(context, index, &names);
  const iree_string_view_t importer = iree_vm_module_name(context->entries[index].module);
  return iree_make_status(
      IREE_STATUS_NOT_FOUND,
      "module '%.*s' imports '%.*s', but no module '%.*s' is registered before it (registered: "
      "%.*s); register module '%.*s' before '%.*s'",
      (int)importer.size, importer.data, (int)full_name.size, full_name.data, (int)module_name.size,
      module_name.data, names.size, names.data, (int)module_name.size, module_name.data,
      (int)importer.size, importer.data);
}

static iree_status_t tenon_make_signature_error(const iree_vm_context_t* context,
                                                iree_host_size_t index,
                                                const tenon_import_t* import,
                                                const iree_vm_function_t* function) {
  tenon_text_t expected, found;
  tenon_text_signature(&import->function, &expected);
  tenon_text_signature(function, &found);
  const iree_string_view_t importer = iree_vm_module_name(context->entries[index].module);
  return iree_make_status(
      IREE_STATUS_INTERNAL,
      "module '%.*s' imports '%.*s' as %.*s, but the module that was registered has it as %.*s; "
      "change the declaration in the program or the function's signature so that they agree",
      (int)importer.size, importer.data, (int)import->full_name.size, import->full_name.data,
      expected.size, expected.data, found.size, found.data);
}

// Finds the export among the modules before |index|. A null function: it is missing, and optional.
static iree_status_t tenon_context_find_import(const iree_vm_context_t* context,
                                               iree_host_size_t index, const tenon_import_t* import,
                                               iree_vm_function_t* out_function) {
  memset(out_function, 0, sizeof(*out_function));
  const bool is_optional = import->function.linkage == IREE_VM_FUNCTION_LINKAGE_IMPORT_OPTIONAL;
  iree_string_view_t module_name, function_name;
  IREE_RETURN_IF_ERROR(tenon_split_full_name(import->full_name, &module_name, &function_name));
  const iree_vm_module_t* module = tenon_context_find_module(context, index, module_name);
  if (!module) {
    if (is_optional) return iree_ok_status();
    return tenon_make_missing_module_error(context, index, module_name, import->full_name);
  }
  iree_status_t status = iree_vm_module_lookup_function_by_name(
      module, IREE_VM_FUNCTION_LINKAGE_EXPORT, function_name, out_function);
  if (iree_status_is_ok(status)) return status;
  if (is_optional && iree_status_is_not_found(status)) return iree_status_ignore(status);
  const iree_string_view_t importer = iree_vm_module_name(context->entries[index].module);
  return iree_status_annotate_f(status, "module '%.*s' imports '%.*s'", (int)importer.size,
                                importer.data, (int)import->full_name.size, import->full_name.data);
}

static iree_status_t tenon_context_resolve_import(const iree_vm_context_t* context,
                                                  iree_host_size_t index,
                                                  iree_host_size_t ordinal) {
  const tenon_context_entry_t* importer = &context->entries[index];
  tenon_import_t import;
  IREE_RETURN_IF_ERROR(tenon_module_get_import(importer->module, ordinal, &import));
  iree_vm_function_t function;
  IREE_RETURN_IF_ERROR(tenon_context_find_import(context, index, &import, &function));
  if (iree_vm_function_is_null(function)) return iree_ok_status();
  const iree_vm_function_signature_t signature = iree_vm_function_signature(&function);
  const iree_string_view_t expected = import.signature.calling_convention;
  const iree_string_view_t found = signature.calling_convention;
  // What is called with storages of another layout could take integers for references.
  if (expected.size && !iree_string_view_equal(expected, found)) {
    return tenon_make_signature_error(context, index, &import, &function);
  }
  if (!importer->module->resolve_import) {
    return iree_make_status(IREE_STATUS_INTERNAL,
                            "a module with imports has no resolve_import to receive '%.*s'",
                            (int)import.full_name.size, import.full_name.data);
  }
  return importer->module->resolve_import(importer->module->self, importer->state, ordinal,
                                          &function, &signature);
}

//===--------------------------------------------------------------------------------------------===//
// Registration
//===--------------------------------------------------------------------------------------------===//

typedef struct tenon_dependency_check_t {
  const iree_vm_context_t* context;
  iree_host_size_t index;
} tenon_dependency_check_t;

static iree_status_t tenon_context_check_dependency(void* user_data,
                                                    const iree_vm_module_dependency_t* dependency) {
  const tenon_dependency_check_t* check = (const tenon_dependency_check_t*)user_data;
  const iree_vm_context_t* context = check->context;
  const iree_string_view_t name = dependency->name;
  const iree_vm_module_t* module = tenon_context_find_module(context, check->index, name);
  if (module) {
    const uint32_t version = iree_vm_module_signature(module).version;
    if (version >= dependency->minimum_version) return iree_ok_status();
    return iree_make_status(IREE_STATUS_FAILED_PRECONDITION,
                            "it depends on version %u or later of module '%.*s', but version %u is "
                            "registered",
                            dependency->minimum_version, (int)name.size, name.data, version);
  }
  const iree_vm_module_dependency_flags_t is_checked =
      dependency->flags &
      (IREE_VM_MODULE_DEPENDENCY_FLAG_REQUIRED | TENON_VM_MODULE_DEPENDENCY_FLAG_IMPORTED);
  if (is_checked != IREE_VM_MODULE_DEPENDENCY_FLAG_REQUIRED) return iree_ok_status();
  tenon_text_t names;
  tenon_context_list_modules(context, check->index, &names);
  return iree_make_status(IREE_STATUS_NOT_FOUND,
                          "it depends on module '%.*s', which is not registered before it "
                          "(registered: %.*s); register '%.*s' first",
                          (int)name.size, name.data, names.size, names.data, (int)name.size,
                          name.data);
}

// Runs an export of module |index| that takes and returns nothing, if it has it.
static iree_status_t tenon_context_run(iree_vm_context_t* context, iree_host_size_t index,
                                       const char* name) {
  iree_vm_module_t* module = context->entries[index].module;
  const iree_string_view_t function_name = iree_make_cstring_view(name);
  const iree_host_size_t count = iree_vm_module_signature(module).export_function_count;
  for (iree_host_size_t i = 0; i < count; ++i) {
    iree_vm_function_t function;
    iree_string_view_t candidate = iree_string_view_empty();
    IREE_RETURN_IF_ERROR(module->get_function(module->self, IREE_VM_FUNCTION_LINKAGE_EXPORT, i,
                                              &function, &candidate, NULL));
    if (!iree_string_view_equal(candidate, function_name)) continue;
    return iree_vm_invoke(context, function, IREE_VM_INVOCATION_FLAG_NONE, NULL, NULL, NULL,
                          context->allocator);
  }
  return iree_ok_status();
}

// Takes the last module, whose `__deinit` has run or must not run, out of the context.
static void tenon_context_pop(iree_vm_context_t* context) {
  const tenon_context_entry_t entry = context->entries[context->count - 1];
  if (entry.module->free_state) entry.module->free_state(entry.module->self, entry.state);
  --context->count;
  iree_vm_module_release(entry.module);
}

static iree_status_t tenon_context_link(iree_vm_context_t* context, iree_host_size_t index) {
  const iree_host_size_t import_count =
      iree_vm_module_signature(context->entries[index].module).import_function_count;
  for (iree_host_size_t i = 0; i < import_count; ++i) {
    IREE_RETURN_IF_ERROR(tenon_context_resolve_import(context, index, i));
  }
  return tenon_context_run(context, index, "__init");
}

static iree_status_t tenon_context_reserve(iree_vm_context_t* context, iree_host_size_t capacity) {
  if (capacity <= context->capacity) return iree_ok_status();
  if (capacity < context->capacity * 2) capacity = context->capacity * 2;
  IREE_RETURN_IF_ERROR(iree_allocator_realloc(
      context->allocator, capacity * sizeof(context->entries[0]), (void**)&context->entries));
  context->capacity = capacity;
  return iree_ok_status();
}

static iree_status_t tenon_context_register_module(iree_vm_context_t* context,
                                                   iree_vm_module_t* module) {
  IREE_RETURN_IF_ERROR(tenon_context_reserve(context, context->count + 1));
  const iree_host_size_t index = context->count;
  tenon_dependency_check_t check = {context, index};
  IREE_RETURN_IF_ERROR(
      iree_vm_module_enumerate_dependencies(module, tenon_context_check_dependency, &check));
  tenon_context_entry_t* entry = &context->entries[index];
  entry->module = module;
  entry->state = NULL;
  if (module->alloc_state) {
    IREE_RETURN_IF_ERROR(module->alloc_state(module->self, context->allocator, &entry->state));
  }
  iree_vm_module_retain(module);
  ++context->count;
  iree_status_t status = tenon_context_link(context, index);
  if (!iree_status_is_ok(status)) tenon_context_pop(context);
  return status;
}

static iree_status_t tenon_context_register_all(iree_vm_context_t* context,
                                                iree_host_size_t module_count,
                                                iree_vm_module_t** modules) {
  for (iree_host_size_t i = 0; i < module_count; ++i) {
    iree_status_t status = tenon_context_register_module(context, modules[i]);
    if (iree_status_is_ok(status)) continue;
    const iree_string_view_t name = iree_vm_module_name(modules[i]);
    return iree_status_annotate_f(status, "while registering module '%.*s'", (int)name.size,
                                  name.data);
  }
  return iree_ok_status();
}

IREE_API_EXPORT iree_status_t iree_vm_context_register_modules(iree_vm_context_t* context,
                                                               iree_host_size_t module_count,
                                                               iree_vm_module_t** modules) {
  for (iree_host_size_t i = 0; i < module_count; ++i) {
    if (modules[i]) continue;
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "module %zu of %zu to register is null",
                            i, module_count);
  }
  if (context->is_frozen) {
    return iree_make_status(IREE_STATUS_FAILED_PRECONDITION,
                            "the context is frozen: modules can't be registered any more");
  }
  return tenon_context_register_all(context, module_count, modules);
}

//===--------------------------------------------------------------------------------------------===//
// Lifetime
//===--------------------------------------------------------------------------------------------===//

// Runs `__deinit` of all modules, latest first. Such a function may begin invocations that keep the context.
static void tenon_context_close(iree_vm_context_t* context) {
  context->is_closed = true;
  for (iree_host_size_t i = context->count; i > 0; --i) {
    // There is nobody to tell that a module could not clean up after itself.
    iree_status_ignore(tenon_context_run(context, i - 1, "__deinit"));
  }
}

static void tenon_context_destroy(iree_vm_context_t* context) {
  while (context->count) tenon_context_pop(context);
  tenon_turns_deinitialize(&context->turns);
  iree_vm_instance_release(context->instance);
  iree_allocator_free(context->allocator, context->entries);
  iree_allocator_free(context->allocator, context);
}

IREE_API_EXPORT iree_status_t iree_vm_context_create(iree_vm_instance_t* instance,
                                                     iree_vm_context_flags_t flags,
                                                     iree_allocator_t allocator,
                                                     iree_vm_context_t** out_context) {
  return iree_vm_context_create_with_modules(instance, flags, 0, NULL, allocator, out_context);
}

IREE_API_EXPORT iree_status_t iree_vm_context_create_with_modules(
    iree_vm_instance_t* instance, iree_vm_context_flags_t flags, iree_host_size_t module_count,
    iree_vm_module_t** modules, iree_allocator_t allocator, iree_vm_context_t** out_context) {
  *out_context = NULL;
  iree_vm_context_t* context = NULL;
  IREE_RETURN_IF_ERROR(iree_allocator_malloc(allocator, sizeof(*context), (void**)&context));
  iree_atomic_ref_count_init(&context->ref_count);
  context->flags = flags;
  context->id = iree_atomic_fetch_add(&tenon_next_context_id, 1, iree_memory_order_relaxed);
  context->instance = instance;
  context->allocator = allocator;
  iree_vm_instance_retain(instance);
  tenon_turns_initialize(&context->turns, context);
  iree_status_t status = iree_vm_context_register_modules(context, module_count, modules);
  if (iree_status_is_ok(status)) {
    context->is_frozen = module_count > 0;
    *out_context = context;
  } else {
    iree_vm_context_release(context);
  }
  return status;
}

IREE_API_EXPORT void iree_vm_context_retain(iree_vm_context_t* context) {
  if (context) iree_atomic_ref_count_inc(&context->ref_count);
}

IREE_API_EXPORT void iree_vm_context_release(iree_vm_context_t* context) {
  if (!context || iree_atomic_ref_count_dec(&context->ref_count) != 1) return;
  if (!context->is_closed) {
    iree_atomic_ref_count_init(&context->ref_count);
    tenon_context_close(context);
    if (iree_atomic_ref_count_dec(&context->ref_count) != 1) return;
  }
  tenon_context_destroy(context);
}

IREE_API_EXPORT intptr_t iree_vm_context_id(const iree_vm_context_t* context) {
  return context->id;
}

IREE_API_EXPORT iree_vm_context_flags_t iree_vm_context_flags(const iree_vm_context_t* context) {
  return context->flags;
}

tenon_turns_t* tenon_vm_context_turns(iree_vm_context_t* context) { return &context->turns; }

iree_allocator_t tenon_vm_context_allocator(const iree_vm_context_t* context) {
  return context->allocator;
}

IREE_API_EXPORT iree_status_t iree_vm_context_freeze(iree_vm_context_t* context) {
  context->is_frozen = true;
  return iree_ok_status();
}

//===--------------------------------------------------------------------------------------------===//
// Reflection
//===--------------------------------------------------------------------------------------------===//

IREE_API_EXPORT iree_host_size_t tenon_vm_context_module_count(const iree_vm_context_t* context) {
  return context->count;
}

IREE_API_EXPORT iree_status_t tenon_vm_context_module_at(const iree_vm_context_t* context,
                                                         iree_host_size_t index,
                                                         iree_vm_module_t** out_module) {
  *out_module = index < context->count ? context->entries[index].module : NULL;
  if (*out_module) return iree_ok_status();
  return iree_make_status(IREE_STATUS_OUT_OF_RANGE, "there is no module %zu: the context has %zu",
                          index, context->count);
}

IREE_API_EXPORT iree_status_t tenon_vm_context_resolve_import(const iree_vm_context_t* context,
                                                              iree_vm_module_t* module,
                                                              iree_host_size_t ordinal,
                                                              iree_vm_function_t* out_function) {
  memset(out_function, 0, sizeof(*out_function));
  iree_vm_module_state_t* state = NULL;
  IREE_RETURN_IF_ERROR(iree_vm_context_resolve_module_state(context, module, &state));
  iree_vm_function_t function;
  IREE_RETURN_IF_ERROR(iree_vm_module_lookup_function_by_ordinal(
      module, IREE_VM_FUNCTION_LINKAGE_IMPORT, ordinal, &function));
  iree_host_size_t index = context->count - 1;
  while (context->entries[index].module != module) --index;
  // As when it was registered: modules that came later don't count.
  tenon_import_t import;
  IREE_RETURN_IF_ERROR(tenon_module_get_import(module, ordinal, &import));
  return tenon_context_find_import(context, index, &import, out_function);
}

//===--------------------------------------------------------------------------------------------===//
// Signals
//===--------------------------------------------------------------------------------------------===//

IREE_API_EXPORT iree_status_t iree_vm_context_notify(iree_vm_context_t* context,
                                                     iree_vm_signal_t signal) {
  iree_status_t status = iree_ok_status();
  for (iree_host_size_t i = 0; i < context->count; ++i) {
    const bool in_order = signal == IREE_VM_SIGNAL_RESUME;
    const tenon_context_entry_t* entry = &context->entries[in_order ? i : context->count - 1 - i];
    if (!entry->module->notify) continue;
    status =
        iree_status_join(status, entry->module->notify(entry->module->self, entry->state, signal));
  }
  return status;
}
