// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "format/checksum.h"

#include <string.h>

#define XXH_INLINE_ALL
// The lesser of its hashes: XXH3 is several times the code, for a speed that small files have no use for.
#include <xxhash.h>

#include "format/layout.h"

uint64_t tenon_module_checksum(const void* data, size_t length) {
  tenon_module_header_t header;
  memcpy(&header, data, sizeof(header));
  header.checksum = 0;
  const uint64_t seed = XXH64(&header, sizeof(header), 0);
  return XXH64((const uint8_t*)data + sizeof(header), length - sizeof(header), seed);
}
