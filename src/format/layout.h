// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The module file (.vmfb), byte for byte. docs/module-format.md is the manual.
//
// A file is one header, a table of sections, and the sections, all little-endian, each section
// starting at a multiple of 64 bytes with zeros between. Records are arrays of the fixed-size
// structs below; text and code are referred to by index or by offset and length. Nothing needs
// relocation: a reader may map the file and use it in place. A module that lies at an address not
// aligned to 8 bytes is copied first.

#ifndef TENON_FORMAT_LAYOUT_H_
#define TENON_FORMAT_LAYOUT_H_

#include <stdint.h>

#define TENON_MODULE_MAGIC \
  "TENON\r\n\x1a"  // 8 bytes without the NUL; a text-mode copy damages it visibly
// A reader takes files of its own major version with a minor version up to its own.
#define TENON_MODULE_VERSION_MAJOR 1
#define TENON_MODULE_VERSION_MINOR 1
#define TENON_MODULE_ALIGNMENT 64
// Limits that let a reader check a file in time proportional to its length.
#define TENON_MAX_CALLING_CONVENTION 2048
// Of values and of refs, each.
#define TENON_MAX_REGISTERS 0x7FFF
// As many imports and exports, too: the API numbers each with 16 bits.
#define TENON_MAX_FUNCTIONS 0xFFFF
#define TENON_MAX_REF_GLOBALS 0xFFFF
#define TENON_MAX_VALUE_GLOBALS 0xFFFF

typedef struct tenon_module_header_t {
  char magic[8];
  uint16_t version_major;
  uint16_t version_minor;
  uint32_t section_count;  // = TENON_SECTION_COUNT in this version
  uint64_t file_length;    // of the whole file; anything shorter or longer is damaged
  // XXH64 of all behind the header, seeded by the XXH64 (seed 0) of the header with this field as zero.
  uint64_t checksum;
  uint32_t name;                // string: the module's name
  uint32_t module_flags;        // 0
  uint32_t ref_global_count;    // refs in the per-context state, null at start
  uint32_t value_global_count;  // 64-bit slots in the per-context state, zero at start
  uint32_t module_version;      // the module's own, for those that depend on it
  uint32_t attribute_begin;     // of the module itself
  uint32_t attribute_count;
  uint32_t reserved;      // 0
} tenon_module_header_t;  // 64 bytes

typedef struct tenon_section_t {
  uint32_t kind;      // tenon_section_kind_t; entry i of the table has kind i
  uint32_t reserved;  // 0
  uint64_t offset;    // from the start of the file: the end of the section before, rounded up to 64
  uint64_t length;    // in bytes; the file ends where the last section does
} tenon_section_t;

typedef enum tenon_section_kind_e {
  TENON_SECTION_STRINGS = 0,   // tenon_string_t[]
  TENON_SECTION_TYPES,         // uint32_t[]: strings, full names of ref types such as "hal.buffer"
  TENON_SECTION_IMPORTS,       // tenon_import_t[]
  TENON_SECTION_FUNCTIONS,     // tenon_function_t[]
  TENON_SECTION_EXPORTS,       // tenon_export_t[]
  TENON_SECTION_ATTRIBUTES,    // tenon_attribute_t[]
  TENON_SECTION_RODATA,        // tenon_rodata_t[]
  TENON_SECTION_LOCATIONS,     // tenon_location_t[], by function, then by rising pc
  TENON_SECTION_BYTECODE,      // uint16_t[]: the functions' code
  TENON_SECTION_STRING_BYTES,  // UTF-8, every string followed by a NUL
  TENON_SECTION_RODATA_BYTES,  // the segments' bytes
  TENON_SECTION_COUNT,
} tenon_section_kind_t;

#define TENON_NO_INDEX UINT32_MAX  // in an index field: none

// String 0 is the empty string. Strings hold no NUL and lie one behind the other, in order.
typedef struct tenon_string_t {
  uint32_t offset;  // in STRING_BYTES
  uint32_t length;
} tenon_string_t;

enum {
  TENON_IMPORT_OPTIONAL = 1u << 0,
};
typedef struct tenon_import_t {
  uint32_t full_name;           // string "module.function"
  uint32_t calling_convention;  // string "0..._..."
  uint32_t flags;               // TENON_IMPORT_*
  uint32_t attribute_begin;
  uint32_t attribute_count;
  uint32_t minimum_version;  // that the module has which it is imported from
} tenon_import_t;

// Registers of a function: value registers are 64-bit slots in the order i32, i64, f32, f64; refs
// have a file of their own. Register operands number the value file from 0: the i32 registers come
// first, then i64, f32, f64; so a register's type is told by its number. Arguments arrive in the
// first registers of their type, in order. All others start as zero or null.
typedef struct tenon_function_t {
  uint32_t name;                // string, for messages; need not be unique
  uint32_t calling_convention;  // string, without C..D: internal functions have no spans
  uint16_t i32_count, i64_count, f32_count, f64_count;  // together at most 0x7FFF
  uint16_t ref_count;                                   // at most 0x7FFF
  uint16_t reserved0;                                   // 0
  // Bytes that the longest argument and result storage of any call to an import in this function
  // take together, each rounded up to 16.
  uint32_t call_storage_size;
  // Functions' code and locations lie one behind the other, in the order of the functions, and fill
  // their sections.
  uint32_t bytecode_begin;  // in uint16_t units, in BYTECODE
  uint32_t bytecode_length;
  uint32_t location_begin;
  uint32_t location_count;
  uint32_t reserved1;  // 0
} tenon_function_t;

typedef struct tenon_export_t {
  uint32_t
      name;  // string, unique among the exports; "__init" runs when a context registers the module
  uint32_t function;  // index
  uint32_t attribute_begin;
  uint32_t attribute_count;
} tenon_export_t;

// Reflection, e.g. "iree.abi.declaration" -> "sync func @main(%arg0: tensor<?xi32>) ->
// (tensor<?xi32>)".
typedef struct tenon_attribute_t {
  uint32_t key;    // string
  uint32_t value;  // string
} tenon_attribute_t;

enum {
  TENON_RODATA_DATA = 0,        // constants of the program
  TENON_RODATA_EXECUTABLE = 1,  // an executable of hal/local/executable_abi.h
};
typedef struct tenon_rodata_t {
  uint64_t offset;  // in RODATA_BYTES: the end of the segment before, rounded up to 64
  uint64_t length;
  uint32_t kind;  // TENON_RODATA_*
  uint32_t name;  // string, for dumps
} tenon_rodata_t;

// Where the instruction at |pc| (of its function, in units) comes from. An instruction without an
// entry has no location.
typedef struct tenon_location_t {
  uint32_t pc;
  uint32_t file;     // string
  uint32_t line;     // 1-based, 0: unknown
  uint32_t column;   // 1-based, 0: unknown
  uint32_t context;  // string: what the instruction does for the program, e.g. "argument 0 of
                     // @main"; may be empty
} tenon_location_t;

#if defined(__cplusplus)
#define TENON_STATIC_ASSERT static_assert
#else
#define TENON_STATIC_ASSERT _Static_assert
#endif
TENON_STATIC_ASSERT(sizeof(tenon_module_header_t) == 64, "the header is 64 bytes");
TENON_STATIC_ASSERT(sizeof(tenon_section_t) == 24, "no padding");
TENON_STATIC_ASSERT(sizeof(tenon_import_t) == 24, "no padding");
TENON_STATIC_ASSERT(sizeof(tenon_function_t) == 44, "no padding");
TENON_STATIC_ASSERT(sizeof(tenon_rodata_t) == 24, "no padding");
TENON_STATIC_ASSERT(sizeof(tenon_location_t) == 20, "no padding");

#endif  // TENON_FORMAT_LAYOUT_H_
