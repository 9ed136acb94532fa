// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the parts of the bytecode module share.

#ifndef TENON_VM_BYTECODE_MODULE_H_
#define TENON_VM_BYTECODE_MODULE_H_

#include "format/reader.h"
#include "iree/vm/api.h"

// The bytes of a module file; counted, since buffers of constants outlive the module.
typedef struct tenon_archive_t {
  iree_atomic_ref_count_t ref_count;
  iree_allocator_t allocator;  // of this struct and of |copy|
  iree_const_byte_span_t contents;
  iree_allocator_t contents_allocator;
  void* copy;  // the contents at an aligned address, if they were not
  tenon_module_file_t file;
} tenon_archive_t;

// A function, with what calls need to know worked out.
typedef struct tenon_bytecode_function_t {
  iree_vm_function_t function;
  const struct tenon_bytecode_module_t* module;
  const tenon_function_t* record;
  const uint16_t* code;
  const char* arguments;  // letters
  const char* results;
  const uint16_t* argument_registers;  // where each argument arrives
  uint16_t argument_count;
  uint16_t result_count;
  uint32_t argument_size;  // of the packed storages
  uint32_t result_size;
  uint16_t ref_count;
  uint16_t return_offset;  // from the operands of a call within the module to what follows it
  uint8_t internal_flags;  // of frames for such calls
  uint32_t ref_offset;     // of the refs, behind the values
  uint32_t register_size;  // of all registers: values, then refs, rounded up to 16 bytes
  uint32_t frame_size;
} tenon_bytecode_function_t;

typedef struct tenon_bytecode_import_t {
  const tenon_import_t* record;
  const char* arguments;  // letters, with spans
  const char* results;
  uint16_t argument_length;
  uint16_t result_length;
  uint32_t result_size;
  // References in result storage must be null before a call: how much of it to clear, in steps of 16
  // bytes, which it is rounded up to. 0 if it holds none.
  uint32_t cleared_result_size;
} tenon_bytecode_import_t;

typedef struct tenon_bytecode_module_t {
  iree_vm_module_t interface;
  iree_vm_instance_t* instance;
  iree_allocator_t allocator;
  tenon_archive_t* archive;
  const tenon_module_file_t* file;  // the archive's
  tenon_bytecode_function_t* functions;
  tenon_bytecode_import_t* imports;
  iree_vm_ref_type_t* types;  // of the TYPES section
} tenon_bytecode_module_t;

//===----------------------------------------------------------------------===//
// Archive (archive.c)
//===----------------------------------------------------------------------===//

// Reads and verifies. The contents are taken over with tenon_archive_own_contents() only.
iree_status_t tenon_archive_create(iree_const_byte_span_t contents, iree_allocator_t allocator,
                                   tenon_archive_t** out_archive);
void tenon_archive_own_contents(tenon_archive_t* archive, iree_allocator_t contents_allocator);
void tenon_archive_release(tenon_archive_t* archive);

// A read-only buffer over a segment of constants, which keeps the archive; what |out_ref| held is
// released.
iree_status_t tenon_archive_make_rodata(tenon_archive_t* archive, uint32_t segment,
                                        iree_vm_ref_t* out_ref);

//===----------------------------------------------------------------------===//
// Dependencies (dependencies.c)
//===----------------------------------------------------------------------===//

iree_status_t tenon_bytecode_enumerate_dependencies(void* self,
                                                    iree_vm_module_dependency_callback_t callback,
                                                    void* user_data);

//===----------------------------------------------------------------------===//
// Places (location.c)
//===----------------------------------------------------------------------===//

iree_status_t tenon_bytecode_resolve_source_location(void* self, iree_vm_stack_frame_t* frame,
                                                     iree_vm_source_location_t* out_location);

#endif  // TENON_VM_BYTECODE_MODULE_H_
