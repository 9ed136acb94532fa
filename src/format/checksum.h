// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_FORMAT_CHECKSUM_H_
#define TENON_FORMAT_CHECKSUM_H_

#include <stddef.h>
#include <stdint.h>

// The checksum that belongs into the header of the module file |data|, whatever stands there now.
// |length| is at least sizeof(tenon_module_header_t); |data| may have any alignment.
uint64_t tenon_module_checksum(const void* data, size_t length);

#endif  // TENON_FORMAT_CHECKSUM_H_
