// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <string.h>

#include "format/verifier.h"
#include "vm/bytecode/module.h"

// The records' fields are read in place.
#define TENON_ARCHIVE_ALIGNMENT 8

static iree_status_t tenon_archive_load(tenon_archive_t* archive, iree_const_byte_span_t contents) {
  archive->contents = contents;
  iree_const_byte_span_t bytes = contents;
  if ((uintptr_t)contents.data % TENON_ARCHIVE_ALIGNMENT != 0 && contents.data_length) {
    IREE_RETURN_IF_ERROR(iree_allocator_malloc_uninitialized(archive->allocator,
                                                             contents.data_length, &archive->copy));
    memcpy(archive->copy, contents.data, contents.data_length);
    bytes.data = archive->copy;
  }
  IREE_RETURN_IF_ERROR(tenon_module_file_read(bytes, &archive->file));
  return tenon_module_file_verify(&archive->file, archive->allocator);
}

iree_status_t tenon_archive_create(iree_const_byte_span_t contents, iree_allocator_t allocator,
                                   tenon_archive_t** out_archive) {
  tenon_archive_t* archive = NULL;
  IREE_RETURN_IF_ERROR(iree_allocator_malloc(allocator, sizeof(*archive), (void**)&archive));
  iree_atomic_ref_count_init(&archive->ref_count);
  archive->allocator = allocator;
  archive->contents_allocator = iree_allocator_null();
  iree_status_t status = tenon_archive_load(archive, contents);
  if (iree_status_is_ok(status)) {
    *out_archive = archive;
  } else {
    tenon_archive_release(archive);
  }
  return status;
}

void tenon_archive_own_contents(tenon_archive_t* archive, iree_allocator_t contents_allocator) {
  if (archive->copy) {
    iree_allocator_free(contents_allocator, (void*)archive->contents.data);
  } else {
    archive->contents_allocator = contents_allocator;
  }
}

void tenon_archive_release(tenon_archive_t* archive) {
  if (!archive || iree_atomic_ref_count_dec(&archive->ref_count) != 1) return;
  iree_allocator_t allocator = archive->allocator;
  iree_allocator_free(archive->contents_allocator, (void*)archive->contents.data);
  iree_allocator_free(allocator, archive->copy);
  iree_allocator_free(allocator, archive);
}

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

typedef struct tenon_rodata_buffer_t {
  iree_vm_buffer_t buffer;
  tenon_archive_t* archive;
} tenon_rodata_buffer_t;

// The "allocator" of a buffer's bytes: freeing them, which happens when the buffer dies, drops the
// buffer and its hold on the archive.
static iree_status_t tenon_rodata_buffer_ctl(void* self, iree_allocator_command_t command,
                                             const void* params, void** inout_ptr) {
  if (command != IREE_ALLOCATOR_COMMAND_FREE) {
    return iree_make_status(IREE_STATUS_FAILED_PRECONDITION, "constants can't be reallocated");
  }
  tenon_rodata_buffer_t* rodata = (tenon_rodata_buffer_t*)self;
  tenon_archive_t* archive = rodata->archive;
  iree_allocator_free(archive->allocator, rodata);
  tenon_archive_release(archive);
  *inout_ptr = NULL;
  return iree_ok_status();
}

iree_status_t tenon_archive_make_rodata(tenon_archive_t* archive, uint32_t segment,
                                        iree_vm_ref_t* out_ref) {
  tenon_rodata_buffer_t* rodata = NULL;
  IREE_RETURN_IF_ERROR(
      iree_allocator_malloc_uninitialized(archive->allocator, sizeof(*rodata), (void**)&rodata));
  const tenon_rodata_t* record = &archive->file.rodata[segment];
  iree_byte_span_t bytes = {(uint8_t*)archive->file.rodata_bytes + record->offset,
                            (iree_host_size_t)record->length};
  iree_allocator_t allocator = {rodata, tenon_rodata_buffer_ctl};
  iree_vm_buffer_initialize(IREE_VM_BUFFER_ACCESS_ORIGIN_MODULE, bytes, allocator, &rodata->buffer);
  iree_atomic_ref_count_inc(&archive->ref_count);
  rodata->archive = archive;
  iree_vm_ref_release(out_ref);
  *out_ref = iree_vm_buffer_move_ref(&rodata->buffer);
  return iree_ok_status();
}
