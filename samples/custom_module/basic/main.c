// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs a function of a program that needs no device: the virtual machine alone, with the custom module and the program in one
// context. (iree/runtime/api.h has less to write, and brings devices.)

#include <stdio.h>
#include <string.h>

#include "iree/base/api.h"
#include "iree/base/internal/file_io.h"
#include "iree/vm/api.h"
#include "iree/vm/bytecode_module.h"
#include "module.h"

static iree_status_t load_program(iree_vm_instance_t* instance, const char* path,
                                  iree_allocator_t allocator, iree_vm_module_t** out_module) {
  iree_file_contents_t* contents = NULL;
  IREE_RETURN_IF_ERROR(strcmp(path, "-") == 0
                           ? iree_stdin_read_contents(allocator, &contents)
                           : iree_file_read_contents(path, allocator, &contents));
  // The module keeps the bytes and frees them with this allocator; if it can't be made they are still ours.
  iree_status_t status = iree_vm_bytecode_module_create(instance, contents->const_buffer,
                                                        iree_file_contents_deallocator(contents),
                                                        allocator, out_module);
  if (!iree_status_is_ok(status)) iree_file_contents_free(contents);
  return status;
}

// A module is registered before those that import it.
static iree_status_t create_context(iree_vm_instance_t* instance, const char* path,
                                    iree_allocator_t allocator, iree_vm_context_t** out_context) {
  IREE_RETURN_IF_ERROR(iree_custom_module_register_types());
  iree_vm_module_t* modules[2] = {NULL, NULL};
  iree_status_t status = iree_custom_module_basic_create(instance, allocator, &modules[0]);
  if (iree_status_is_ok(status)) status = load_program(instance, path, allocator, &modules[1]);
  if (iree_status_is_ok(status)) {
    status = iree_vm_context_create_with_modules(instance, IREE_VM_CONTEXT_FLAG_NONE,
                                                 IREE_ARRAYSIZE(modules), modules, allocator,
                                                 out_context);
  }
  iree_vm_module_release(modules[0]);  // the context holds them
  iree_vm_module_release(modules[1]);
  return status;
}

static iree_status_t call(iree_vm_context_t* context, const char* name,
                          iree_allocator_t allocator) {
  iree_vm_function_t function;
  IREE_RETURN_IF_ERROR(
      iree_vm_context_resolve_function(context, iree_make_cstring_view(name), &function));
  printf("INVOKE BEGIN %s\n", name);
  IREE_RETURN_IF_ERROR(iree_vm_invoke(context, function, IREE_VM_INVOCATION_FLAG_NONE,
                                      /*policy=*/NULL, /*inputs=*/NULL, /*outputs=*/NULL,
                                      allocator));
  printf("INVOKE END\n");
  return iree_ok_status();
}

static iree_status_t run(const char* path, const char* function) {
  iree_allocator_t allocator = iree_allocator_system();
  iree_vm_instance_t* instance = NULL;
  IREE_RETURN_IF_ERROR(iree_vm_instance_create(allocator, &instance));
  iree_vm_context_t* context = NULL;
  iree_status_t status = create_context(instance, path, allocator, &context);
  if (iree_status_is_ok(status)) status = call(context, function, allocator);
  iree_vm_context_release(context);
  iree_vm_instance_release(instance);
  return status;
}

int main(int argc, char** argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: %s MODULE.vmfb|- module.function\n", argv[0]);
    return 1;
  }
  iree_status_t status = run(argv[1], argv[2]);
  if (iree_status_is_ok(status)) return 0;
  fflush(stdout);
  iree_status_fprint(stderr, status);
  fputc('\n', stderr);
  iree_status_free(status);
  return 1;
}
