// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "iree/runtime/session.h"

#include "iree/base/internal/atomics.h"
#include "iree/base/internal/file_io.h"
#include "iree/modules/hal/module.h"
#include "iree/vm/bytecode_module.h"

struct iree_runtime_session_t {
  iree_atomic_ref_count_t ref_count;
  iree_allocator_t host_allocator;
  iree_runtime_instance_t* instance;
  iree_hal_device_t* device;
  iree_vm_context_t* context;
};

// Registers the `hal` module that every compiled program with tensors imports from.
static iree_status_t register_hal_module(iree_runtime_session_t* session) {
  iree_vm_module_t* module = NULL;
  IREE_RETURN_IF_ERROR(iree_hal_module_create(iree_runtime_instance_vm_instance(session->instance),
                                              session->device, IREE_HAL_MODULE_FLAG_NONE,
                                              session->host_allocator, &module));
  iree_status_t status = iree_vm_context_register_modules(session->context, 1, &module);
  iree_vm_module_release(module);
  return status;
}

IREE_API_EXPORT iree_status_t iree_runtime_session_create_with_device(
    iree_runtime_instance_t* instance, const iree_runtime_session_options_t* options,
    iree_hal_device_t* device, iree_allocator_t host_allocator,
    iree_runtime_session_t** out_session) {
  *out_session = NULL;
  iree_runtime_session_t* session = NULL;
  IREE_RETURN_IF_ERROR(iree_allocator_malloc(host_allocator, sizeof(*session), (void**)&session));
  iree_atomic_ref_count_init(&session->ref_count);
  session->host_allocator = host_allocator;
  session->instance = instance;
  iree_runtime_instance_retain(instance);
  session->device = device;
  iree_hal_device_retain(device);
  iree_status_t status =
      iree_vm_context_create(iree_runtime_instance_vm_instance(instance), options->context_flags,
                             host_allocator, &session->context);
  if (iree_status_is_ok(status)) status = register_hal_module(session);
  if (!iree_status_is_ok(status)) {
    iree_runtime_session_release(session);
    return status;
  }
  *out_session = session;
  return iree_ok_status();
}

IREE_API_EXPORT void iree_runtime_session_retain(iree_runtime_session_t* session) {
  if (session) iree_atomic_ref_count_inc(&session->ref_count);
}

IREE_API_EXPORT void iree_runtime_session_release(iree_runtime_session_t* session) {
  if (!session || iree_atomic_ref_count_dec(&session->ref_count) != 1) return;
  // The context first: its modules may use the device until they are gone.
  iree_vm_context_release(session->context);
  iree_hal_device_release(session->device);
  iree_runtime_instance_release(session->instance);
  iree_allocator_free(session->host_allocator, session);
}

IREE_API_EXPORT iree_allocator_t
iree_runtime_session_host_allocator(const iree_runtime_session_t* session) {
  return session->host_allocator;
}

IREE_API_EXPORT iree_runtime_instance_t* iree_runtime_session_instance(
    const iree_runtime_session_t* session) {
  return session->instance;
}

IREE_API_EXPORT iree_vm_context_t* iree_runtime_session_context(
    const iree_runtime_session_t* session) {
  return session->context;
}

IREE_API_EXPORT iree_hal_device_t* iree_runtime_session_device(
    const iree_runtime_session_t* session) {
  return session->device;
}

IREE_API_EXPORT iree_hal_allocator_t* iree_runtime_session_device_allocator(
    const iree_runtime_session_t* session) {
  return iree_hal_device_allocator(session->device);
}

IREE_API_EXPORT iree_status_t iree_runtime_session_append_module(iree_runtime_session_t* session,
                                                                 iree_vm_module_t* module) {
  return iree_vm_context_register_modules(session->context, 1, &module);
}

// Frees a module file in memory on behalf of its module, which may ask for that at any time: at
// once if it works on a copy, or when the last buffer of its constants goes. The file is the
// caller's until the module is appended, and stays so if that fails.
typedef enum archive_state_e {
  ARCHIVE_PENDING,   // not appended yet, in use by the module
  ARCHIVE_UNUSED,    // not appended yet, the module is done with it
  ARCHIVE_OWNED,     // appended
  ARCHIVE_RETURNED,  // the caller's
} archive_state_t;

typedef struct archive_t {
  iree_allocator_t host_allocator;  // of this struct
  iree_const_byte_span_t file;
  iree_allocator_t file_allocator;
  archive_state_t state;
} archive_t;

static void archive_free(archive_t* archive, bool free_file) {
  if (free_file) iree_allocator_free(archive->file_allocator, (void*)(uintptr_t)archive->file.data);
  iree_allocator_free(archive->host_allocator, archive);
}

static iree_status_t archive_ctl(void* self, iree_allocator_command_t command, const void* params,
                                 void** inout_ptr) {
  archive_t* archive = self;
  if (command != IREE_ALLOCATOR_COMMAND_FREE) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "frees a module file, allocates nothing");
  }
  if (archive->state == ARCHIVE_PENDING) {
    archive->state = ARCHIVE_UNUSED;
  } else {
    archive_free(archive, archive->state == ARCHIVE_OWNED);
  }
  return iree_ok_status();
}

// Decides whose the file is, once that is known.
static void archive_settle(archive_t* archive, bool appended) {
  if (archive->state == ARCHIVE_UNUSED) {
    archive_free(archive, appended);
  } else {
    archive->state = appended ? ARCHIVE_OWNED : ARCHIVE_RETURNED;
  }
}

IREE_API_EXPORT iree_status_t iree_runtime_session_append_bytecode_module_from_memory(
    iree_runtime_session_t* session, iree_const_byte_span_t flatbuffer_data,
    iree_allocator_t flatbuffer_allocator) {
  archive_t* archive = NULL;
  IREE_RETURN_IF_ERROR(
      iree_allocator_malloc(session->host_allocator, sizeof(*archive), (void**)&archive));
  *archive = (archive_t){.host_allocator = session->host_allocator,
                         .file = flatbuffer_data,
                         .file_allocator = flatbuffer_allocator};
  iree_vm_module_t* module = NULL;
  iree_status_t status = iree_vm_bytecode_module_create(
      iree_runtime_instance_vm_instance(session->instance), flatbuffer_data,
      (iree_allocator_t){.self = archive, .ctl = archive_ctl}, session->host_allocator, &module);
  if (!iree_status_is_ok(status)) {
    iree_allocator_free(session->host_allocator, archive);
    return status;
  }
  status = iree_runtime_session_append_module(session, module);
  archive_settle(archive, iree_status_is_ok(status));
  iree_vm_module_release(module);
  return status;
}

// Appends a module that owns |contents|, which are freed on failure.
static iree_status_t append_contents(iree_runtime_session_t* session,
                                     iree_file_contents_t* contents) {
  iree_status_t status = iree_runtime_session_append_bytecode_module_from_memory(
      session, contents->const_buffer, iree_file_contents_deallocator(contents));
  if (!iree_status_is_ok(status)) iree_file_contents_free(contents);
  return status;
}

IREE_API_EXPORT iree_status_t iree_runtime_session_append_bytecode_module_from_file(
    iree_runtime_session_t* session, const char* file_path) {
  iree_file_contents_t* contents = NULL;
  IREE_RETURN_IF_ERROR(iree_file_read_contents(file_path, session->host_allocator, &contents));
  IREE_RETURN_IF_ERROR(append_contents(session, contents), "loading module file '%s'", file_path);
  return iree_ok_status();
}

IREE_API_EXPORT iree_status_t
iree_runtime_session_append_bytecode_module_from_stdin(iree_runtime_session_t* session) {
  iree_file_contents_t* contents = NULL;
  IREE_RETURN_IF_ERROR(iree_stdin_read_contents(session->host_allocator, &contents));
  IREE_RETURN_IF_ERROR(append_contents(session, contents), "loading a module from standard input");
  return iree_ok_status();
}

IREE_API_EXPORT iree_status_t iree_runtime_session_lookup_function(
    const iree_runtime_session_t* session, iree_string_view_t full_name,
    iree_vm_function_t* out_function) {
  return iree_vm_context_resolve_function(session->context, full_name, out_function);
}

IREE_API_EXPORT iree_status_t iree_runtime_session_call(iree_runtime_session_t* session,
                                                        const iree_vm_function_t* function,
                                                        iree_vm_list_t* input_list,
                                                        iree_vm_list_t* output_list) {
  return iree_vm_invoke(session->context, *function, IREE_VM_INVOCATION_FLAG_NONE, /*policy=*/NULL,
                        input_list, output_list, session->host_allocator);
}

IREE_API_EXPORT iree_status_t iree_runtime_session_call_by_name(iree_runtime_session_t* session,
                                                                iree_string_view_t full_name,
                                                                iree_vm_list_t* input_list,
                                                                iree_vm_list_t* output_list) {
  iree_vm_function_t function;
  IREE_RETURN_IF_ERROR(iree_runtime_session_lookup_function(session, full_name, &function));
  return iree_runtime_session_call(session, &function, input_list, output_list);
}
