// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A module file, every section of it, for people or for programs.

#ifndef TENON_TOOLS_SUPPORT_DUMP_H_
#define TENON_TOOLS_SUPPORT_DUMP_H_

#include <stdio.h>

#include "format/reader.h"

// |module| has been read and verified.
iree_status_t tenon_dump_text(const tenon_module_file_t* module, FILE* file);
iree_status_t tenon_dump_json(const tenon_module_file_t* module, FILE* file);

// Names of enumerations.
const char* tenon_dump_section_name(uint32_t kind);
const char* tenon_dump_rodata_kind_name(uint32_t kind);

// As many bytes of each segment are shown.
#define TENON_DUMP_PREVIEW_LENGTH 16

#endif  // TENON_TOOLS_SUPPORT_DUMP_H_
