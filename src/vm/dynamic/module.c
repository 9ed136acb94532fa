// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "iree/vm/dynamic/module.h"

#include <dlfcn.h>
#include <link.h>
#include <string.h>

#include "vm/dynamic/library_file.h"

// The two names with a NUL, as the system wants them, in one allocation at |path|.
typedef struct tenon_plugin_names_t {
  char* path;
  const char* export_name;
} tenon_plugin_names_t;

static iree_status_t tenon_plugin_names_make(iree_string_view_t path,
                                             iree_string_view_t export_name,
                                             iree_allocator_t allocator,
                                             tenon_plugin_names_t* out_names) {
  if (!path.size || memchr(path.data, 0, path.size) ||
      (export_name.size && memchr(export_name.data, 0, export_name.size))) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "the name of a plugin or of its entry point is empty or has a NUL");
  }
  if (!export_name.size) export_name = IREE_SV(IREE_VM_DYNAMIC_MODULE_EXPORT_NAME);
  // A name without a slash would be searched for in the system's folders.
  const iree_string_view_t folder = iree_make_cstring_view(
      iree_string_view_find_char(path, '/', 0) == IREE_STRING_VIEW_NPOS ? "./" : "");
  iree_host_size_t size;
  if (!iree_host_size_checked_add(path.size, export_name.size, &size) ||
      !iree_host_size_checked_add(size, folder.size + 2, &size)) {
    return iree_make_status(IREE_STATUS_RESOURCE_EXHAUSTED, "the name of a plugin is too long");
  }
  char* text = NULL;
  IREE_RETURN_IF_ERROR(iree_allocator_malloc(allocator, size, (void**)&text));
  memset(text, 0, size);
  memcpy(text, folder.data, folder.size);
  memcpy(text + folder.size, path.data, path.size);
  char* name = text + folder.size + path.size + 1;
  memcpy(name, export_name.data, export_name.size);
  out_names->path = text;
  out_names->export_name = name;
  return iree_ok_status();
}

static iree_status_t tenon_plugin_check(const char* path) {
  tenon_library_info_t info;
  IREE_RETURN_IF_ERROR(tenon_library_file_inspect(path, &info));
  if (!info.is_plugin) {
    return iree_make_status(
        IREE_STATUS_INVALID_ARGUMENT,
        "'%s' is no Tenon plugin: it does not say which version it was compiled against; the "
        "source of its entry point must include iree/vm/dynamic/module.h",
        path);
  }
  if (info.version != IREE_VM_DYNAMIC_MODULE_VERSION_LATEST) {
    return iree_make_status(
        IREE_STATUS_FAILED_PRECONDITION,
        "'%s' was compiled against version %u of the plugin interface, but this program has "
        "version %u; compile the plugin again with the headers of this program's Tenon",
        path, info.version, IREE_VM_DYNAMIC_MODULE_VERSION_LATEST);
  }
  if (info.sizes != TENON_PLUGIN_SIZES) {
    return iree_make_status(
        IREE_STATUS_FAILED_PRECONDITION,
        "'%s' was compiled with an iree_host_size_t of %u and an iree_device_size_t of %u bytes, "
        "but this program with %zu and %zu; compile the plugin again with the same "
        "IREE_HOST_SIZE_T and IREE_DEVICE_SIZE_T",
        path, info.sizes >> 8, info.sizes & 0xFF, sizeof(iree_host_size_t),
        sizeof(iree_device_size_t));
  }
  if (info.has_runtime) {
    return iree_make_status(
        IREE_STATUS_FAILED_PRECONDITION,
        "'%s' contains a Tenon runtime of its own, which would know nothing of this program's; "
        "link it with Tenon::Plugin (pkg-config: tenon-plugin), not with the runtime",
        path);
  }
  return iree_ok_status();
}

// Plugins call the functions that the whole process has to offer, which must be ours.
static iree_status_t tenon_plugin_check_program(void) {
  if (dlsym(RTLD_DEFAULT, "iree_vm_instance_create") ==
      (void*)(uintptr_t)&iree_vm_instance_create) {
    return iree_ok_status();
  }
  return iree_make_status(
      IREE_STATUS_FAILED_PRECONDITION,
      "this program does not export the runtime's functions, which plugins call; link it with "
      "-rdynamic and the whole archive (CMake: tenon_plugin_host(TARGET))");
}

static iree_status_t tenon_plugin_load_error(const char* path, const char* error) {
  // The system's text usually begins with the file's name.
  const bool has_path = strncmp(error, path, strlen(path)) == 0;
  iree_status_t status =
      iree_make_status(IREE_STATUS_FAILED_PRECONDITION, "the system can't load %s%s%s",
                       has_path ? "" : path, has_path ? "" : ": ", error);
  if (!strstr(error, "undefined symbol: iree_") && !strstr(error, "undefined symbol: tenon_")) {
    return status;
  }
  return iree_status_annotate(
      status, IREE_SV("if that is a function of the runtime, this program contains only a part of "
                      "it: link the whole archive (CMake: tenon_plugin_host(TARGET))"));
}

// A function of the library itself: a name is looked up in the libraries that it depends on, too,
// which could give us any function of libc.
static void* tenon_plugin_find(void* library, const char* name) {
  void* symbol = dlsym(library, name);
  Dl_info info;
  struct link_map *own = NULL, *found = NULL;
  return symbol && dlinfo(library, RTLD_DI_LINKMAP, &own) == 0 &&
                 dladdr1(symbol, &info, (void**)&found, RTLD_DL_LINKMAP) != 0 && found == own
             ? symbol
             : NULL;
}

// Loads the library and finds its entry point; NULL if that fails. The library stays if there is one.
static iree_vm_dynamic_module_create_fn_t tenon_plugin_open(const tenon_plugin_names_t* names,
                                                            iree_status_t* out_status) {
  // Now rather than lazily: a missing function is found here, where it is an error like any other.
  void* library = dlopen(names->path, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    *out_status = tenon_plugin_load_error(names->path, dlerror());
    return NULL;
  }
  void* symbol = tenon_plugin_find(library, names->export_name);
  if (!symbol) {
    dlclose(library);
    *out_status = iree_make_status(
        IREE_STATUS_NOT_FOUND,
        "'%s' exports no function '%s'; an entry point is marked IREE_VM_DYNAMIC_MODULE_EXPORT (in "
        "C++ it is extern \"C\" by that), and '%s' is used when none is named",
        names->path, names->export_name, IREE_VM_DYNAMIC_MODULE_EXPORT_NAME);
  }
  return (iree_vm_dynamic_module_create_fn_t)(uintptr_t)symbol;
}

static iree_status_t tenon_plugin_load(iree_vm_instance_t* instance,
                                       const tenon_plugin_names_t* names,
                                       iree_host_size_t param_count,
                                       const iree_string_pair_t* params,
                                       iree_allocator_t host_allocator,
                                       iree_vm_module_t** out_module) {
  IREE_RETURN_IF_ERROR(tenon_plugin_check(names->path));
  IREE_RETURN_IF_ERROR(tenon_plugin_check_program());
  iree_status_t status = iree_ok_status();
  const iree_vm_dynamic_module_create_fn_t create = tenon_plugin_open(names, &status);
  if (!create) return status;
  // From here on the library stays, even if the call fails: the status may refer to it.
  iree_vm_module_t* module = NULL;
  status = create(IREE_VM_DYNAMIC_MODULE_VERSION_LATEST, instance, param_count, params,
                  host_allocator, &module);
  if (iree_status_is_ok(status) && !module) {
    status = iree_make_status(IREE_STATUS_INTERNAL, "the entry point succeeded without a module");
  }
  if (!iree_status_is_ok(status)) {
    return iree_status_annotate_f(status, "creating the module of plugin %s@%s", names->path,
                                  names->export_name);
  }
  *out_module = module;
  return iree_ok_status();
}

IREE_API_EXPORT iree_status_t iree_vm_dynamic_module_load_from_file(
    iree_vm_instance_t* instance, iree_string_view_t path, iree_string_view_t export_name,
    iree_host_size_t param_count, const iree_string_pair_t* params, iree_allocator_t host_allocator,
    iree_vm_module_t** out_module) {
  *out_module = NULL;
  tenon_plugin_names_t names;
  IREE_RETURN_IF_ERROR(tenon_plugin_names_make(path, export_name, host_allocator, &names));
  iree_status_t status =
      tenon_plugin_load(instance, &names, param_count, params, host_allocator, out_module);
  iree_allocator_free(host_allocator, names.path);
  return status;
}
