// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "format/checksum.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "format/layout.h"

uint64_t tenon_module_checksum(const void* data, size_t length) {
  tenon_module_header_t header;
  memcpy(&header, data, sizeof(header));
  header.checksum = 0;
  XXH3_state_t state;
  XXH3_INITSTATE(&state);
  XXH3_64bits_reset(&state);
  XXH3_64bits_update(&state, &header, sizeof(header));
  XXH3_64bits_update(&state, (const uint8_t*)data + sizeof(header), length - sizeof(header));
  return XXH3_64bits_digest(&state);
}
