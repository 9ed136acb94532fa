// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Command line flags of the runtime tools: `--name=value`, described by a table.
//
// A flag may be given any number of times: lists collect the values, of others the last counts.
// `--flagfile=FILE` reads flags from a file, one a line, where it stands; blank lines and lines
// that start with # are skipped. `--help` and `--version` are recognised everywhere. Every other
// argument, `-` and such with one dash included, is positional.

#ifndef TENON_TOOLS_SUPPORT_FLAGS_H_
#define TENON_TOOLS_SUPPORT_FLAGS_H_

#include "iree/base/api.h"
#include "iree/base/internal/file_io.h"

// How many flag files a command line may read, so that files that name each other come to an end.
#define TENON_MAX_FLAG_FILES 32

// Values in the order given. Zeroed: empty. The texts live as long as the arguments and the flags
// (see below).
typedef struct tenon_string_list_t {
  iree_host_size_t count;
  iree_host_size_t capacity;
  iree_string_view_t* values;
} tenon_string_list_t;

typedef enum tenon_flag_kind_e {
  TENON_FLAG_BOOL,    // bool*; `--name` is true
  TENON_FLAG_STRING,  // iree_string_view_t*
  TENON_FLAG_LIST,    // tenon_string_list_t*
  TENON_FLAG_SIZE,    // iree_host_size_t*
  TENON_FLAG_DOUBLE,  // double*; not negative
  TENON_FLAG_OPTION,  // tenon_option_t*; the value may be left out
} tenon_flag_kind_t;

typedef struct tenon_option_t {
  bool given;
  iree_string_view_t value;  // empty if none was given
} tenon_option_t;

typedef struct tenon_flag_t {
  const char* name;
  const char* alias;  // another spelling that means the same; NULL if none
  tenon_flag_kind_t kind;
  void* storage;
  const char* value_name;  // for the help, e.g. "FILE"; NULL for bools
  const char* help;        // one or more lines
} tenon_flag_t;

typedef struct tenon_flags_t {
  const tenon_flag_t* table;
  iree_host_size_t table_size;
  bool help;
  bool version;
  tenon_string_list_t positional;
  // The flag files, which values point into.
  iree_host_size_t file_count;
  iree_file_contents_t* files[TENON_MAX_FLAG_FILES];
} tenon_flags_t;

// Reads the arguments into the storage of |table|. Errors name the flag, and the nearest one there
// is where none has that name. |out_flags| must be deinitialized in every case.
iree_status_t tenon_flags_parse(const tenon_flag_t* table, iree_host_size_t table_size, int argc,
                                char** argv, tenon_flags_t* out_flags);

// Frees the lists and the flag files.
void tenon_flags_deinitialize(tenon_flags_t* flags);

// Prints |usage| and then every flag with its help.
void tenon_flags_print_help(const tenon_flags_t* flags, const char* usage);

#endif  // TENON_TOOLS_SUPPORT_FLAGS_H_
