// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The checks that every access to a buffer begins with, for the interpreter's instructions.
#ifndef TENON_VM_BUFFER_INTERNAL_H_
#define TENON_VM_BUFFER_INTERNAL_H_

#include "iree/vm/buffer.h"

// OUT_OF_RANGE unless |length| bytes at |offset| are in the buffer. Programs' numbers are signed:
// a negative one, converted, is larger than any buffer, and the message shows it as it was.
iree_status_t tenon_buffer_check_range(const iree_vm_buffer_t* buffer, iree_host_size_t offset,
                                       iree_host_size_t length);

// The same for a write: PERMISSION_DENIED if the buffer is read-only.
iree_status_t tenon_buffer_check_writable(const iree_vm_buffer_t* buffer, iree_host_size_t offset,
                                          iree_host_size_t length);

#endif  // TENON_VM_BUFFER_INTERNAL_H_
