// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the files of the emit stage share. The way of a function:
//
//   lower*.c     MLIR operations -> code on variables (code.h)
//   coalesce.c   values are computed where they are copied to
//   liveness.c   unread results go, refs are released at their last use
//   registers.c  variables -> registers
//   encode.c     -> the assembler of format/writer.h
//
// and of the module: emit.c, with module.c for what its functions share (imports, constants, the
// executable).

#ifndef TENON_COMPILER_EMIT_EMIT_H_
#define TENON_COMPILER_EMIT_EMIT_H_

#include <stdbool.h>
#include <stdint.h>

#include "compiler/program.h"
#include "compiler/support/memory.h"
#include "compiler/support/mlir_util.h"
#include "format/writer.h"
#include "modules/hal/exports.h"

typedef enum tenon_hal_export_e {
#define TENON_HAL_EXPORT_ENUM(name, text, calling_convention) TENON_HAL_##name,
  TENON_HAL_EXPORTS(TENON_HAL_EXPORT_ENUM)
#undef TENON_HAL_EXPORT_ENUM
      TENON_HAL_EXPORT_COUNT,
} tenon_hal_export_t;

// A function of the program, or an import.
typedef struct tenon_callee_t {
  MlirOperation op;
  MlirStringRef name;  // as the source has it
  MlirType type;       // of the function
  MlirType signature;  // ... of an import as it is called: |type|, or what vm.signature says
  bool is_import;
  bool is_export;
  uint32_t index;  // among the module's functions, or its imports
} tenon_callee_t;

// A segment whose buffer __init makes once per context, for all uses.
typedef struct tenon_segment_t {
  const uint8_t* data;
  size_t length;
  uint32_t kind;    // TENON_RODATA_*
  uint32_t rodata;  // index of the segment
  uint32_t global;  // holds the hal.buffer or hal.executable
  size_t next;      // another with the same hash: its position + 1
} tenon_segment_t;

// A segment that the code reads itself.
typedef struct tenon_text_segment_t {
  MlirStringRef bytes;
  uint32_t rodata;
} tenon_text_segment_t;

// Which numbers a register of f32 holds.
typedef enum tenon_narrow_e {
  TENON_NARROW_NONE,  // all
  TENON_NARROW_F16,
  TENON_NARROW_BF16,
} tenon_narrow_t;

// How a type lies in registers: its class, and for integers its width (index: 64). i4, i8 and i16 are
// i32 with their sign; f16 and bf16 are f32.
typedef struct tenon_kind_t {
  tenon_register_class_t register_class;
  int width;
  tenon_narrow_t narrow;
} tenon_kind_t;

// A util.global that the program uses.
typedef struct tenon_global_t {
  MlirOperation op;
  tenon_kind_t kind;
  uint32_t index;  // among the ref globals or the value globals
} tenon_global_t;

typedef struct tenon_emitter_t {
  tenon_program_t* program;
  tenon_writer_t* writer;
  tenon_arena_t arena;
  MlirSymbolTable symbols;
  bool asynchronous;           // points are fences at run time; else they are nothing
  tenon_map_t callee_indices;  // operation -> index in |callees| + 1
  tenon_map_t signalers;       // an argument of a spawned function -> the callee whose point it is
  struct {
    tenon_callee_t* data;
    size_t count, capacity;
  } callees;
  struct {
    tenon_segment_t* data;
    size_t count, capacity;
  } segments;
  tenon_map_t segments_by_hash;  // position of the last one with that hash + 1
  tenon_map_t constants;         // elements' attribute -> global + 1
  uint32_t executable;           // the global with it + 1
  struct {
    tenon_text_segment_t* data;
    size_t count, capacity;
  } texts;
  struct {
    tenon_global_t* data;
    size_t count, capacity;
  } globals;
  tenon_map_t global_positions;  // util.global -> position in |globals| + 1
  // The function with the program's initializers: its index, or TENON_NO_INDEX; where the first is.
  uint32_t initializers;
  MlirLocation initializers_location;
} tenon_emitter_t;

// Index of the import of a function of the hal module; added at its first use.
uint32_t tenon_emitter_hal_import(tenon_emitter_t* emitter, tenon_hal_export_t function);
// The function that a call's symbol names; NULL when there is none.
const tenon_callee_t* tenon_emitter_find(tenon_emitter_t* emitter, MlirAttribute symbol);
// The ref global with the program's executable.
uint32_t tenon_emitter_executable(tenon_emitter_t* emitter);
// The ref global with the buffer of a constant; equal bytes share one. Fails with a diagnostic at
// |op|.
MlirLogicalResult tenon_emitter_constant(tenon_emitter_t* emitter, MlirOperation op,
                                         MlirAttribute value, uint32_t* out_global);
// The read-only segment with |bytes|, which live as long as the emitter; equal bytes share one.
uint32_t tenon_emitter_text(tenon_emitter_t* emitter, MlirStringRef bytes);
// The TENON_TYPE_* of a type that a list may have elements of, null for any. A ref type is listed in
// the file.
uint32_t tenon_emitter_type(tenon_emitter_t* emitter, MlirType type);
// Appends the initial values of the globals that are used. Changes the first register of each class.
void tenon_emitter_init_globals(tenon_emitter_t* emitter, tenon_assembler_t* as);
// Emits and exports __init, if anything needs it: constants first, then globals, then the program's initializers.
void tenon_emitter_add_init(tenon_emitter_t* emitter);

// Bytes of a constant as they lie in a buffer, in |arena| or kept by MLIR; false when the type or
// form is not supported.
bool tenon_constant_bytes(tenon_arena_t* arena, MlirAttribute value, const uint8_t** out_data,
                          size_t* out_length);

// False when values of the type can't be in a host program.
bool tenon_kind_of(MlirType type, tenon_kind_t* out_kind);
// The element type of views and buffers for an MLIR element type; false when there is none.
bool tenon_element_type_of(MlirType type, uint32_t* out_element_type);
// Points of a synchronous program: they have no variables and are no arguments.
bool tenon_is_erased(const tenon_emitter_t* emitter, MlirType type);
// "0r_r", as a string of the module. Fails with a diagnostic at |op|.
MlirLogicalResult tenon_calling_convention(const tenon_emitter_t* emitter, MlirOperation op,
                                           MlirType type, uint32_t* out_string);

// lower.c: the code of one function.
// What |op|, a function or the module, tells of itself (reflection.c): its own attributes and those of the dictionary
// `iree.reflection`. *out_attributes is in the arena.
MlirLogicalResult tenon_emitter_reflect(tenon_emitter_t* emitter, MlirOperation op,
                                        tenon_attribute_t** out_attributes, size_t* out_count);
// The version that attribute |name| of |op| states; 0 without it.
MlirLogicalResult tenon_emitter_version(MlirOperation op, const char* name, uint32_t* out_version);

MlirLogicalResult tenon_emit_function(tenon_emitter_t* emitter, const tenon_callee_t* function);

#endif  // TENON_COMPILER_EMIT_EMIT_H_
