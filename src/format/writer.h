// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Builds a module file in memory. Used by the compiler's emit stage and by tests; not part of the
// runtime archive.
//
//   tenon_writer_t* writer = tenon_writer_create();
//   tenon_writer_set_name(writer, tenon_writer_cstring(writer, "example"));
//   uint32_t twice = tenon_writer_declare_function(writer, name, tenon_writer_cstring(writer,
//   "0i_i")); tenon_assembler_t* as = tenon_assembler_create(writer, twice); tenon_register_t x =
//   tenon_assembler_argument(as, 0); TENON_EMIT(as, TENON_OP_ADD_I32, x, x, x);
//   tenon_assembler_return(as, &x, 1);
//   tenon_assembler_finish(as);
//   tenon_writer_add_export(writer, name, twice, NULL, 0);
//   if (!tenon_writer_serialize(writer, &data, &length)) puts(tenon_writer_error(writer));
//   tenon_writer_destroy(writer);
//
// Errors are sticky: the first one is kept, everything after it does nothing, and serialize fails
// with its text. So callers check once, at the end; indices returned after an error are 0. Memory
// comes from malloc; running out of it is such an error. A writer and its assemblers are used by
// one thread at a time. The same calls give the same bytes.

#ifndef TENON_FORMAT_WRITER_H_
#define TENON_FORMAT_WRITER_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "format/layout.h"
#include "format/ops.h"

typedef struct tenon_writer_t tenon_writer_t;

// NULL when out of memory.
tenon_writer_t* tenon_writer_create(void);
// Accepts NULL. Assemblers that were not finished are destroyed before their writer.
void tenon_writer_destroy(tenon_writer_t* writer);

// The first error's text, which names the function and instruction where it has one, or NULL. Owned
// by the writer.
const char* tenon_writer_error(const tenon_writer_t* writer);

// The module file; |out_data| is from malloc and the caller frees it. False on an error, with
// nothing returned.
bool tenon_writer_serialize(tenon_writer_t* writer, uint8_t** out_data, size_t* out_length);

//===----------------------------------------------------------------------===//
// Parts of a module. All texts are given as strings of the module, by index.
//===----------------------------------------------------------------------===//

// The index of a string; equal strings have one. |data| is copied and may not contain a NUL.
uint32_t tenon_writer_string(tenon_writer_t* writer, const char* data, size_t length);
uint32_t tenon_writer_cstring(tenon_writer_t* writer, const char* text);

void tenon_writer_set_name(tenon_writer_t* writer, uint32_t name);

// Names a ref type, such as "custom.string", that must be registered wherever the module is loaded.
// Returns its number, for TENON_TYPE_REF(); adding one again returns the first's.
uint32_t tenon_writer_add_type(tenon_writer_t* writer, uint32_t name);

// A ref that lives as long as the module's state in a context, null at first. Returns its number,
// for the 'g' operands.
uint32_t tenon_writer_add_ref_global(tenon_writer_t* writer);

// The same of a value, zero at first, for the 'u' operands.
uint32_t tenon_writer_add_value_global(tenon_writer_t* writer);

// An import, for tenon_assembler_call_import. Adding one of equal name and calling convention again
// returns the first's index (its attributes and flags stay). |flags| is of TENON_IMPORT_*.
uint32_t tenon_writer_add_import(tenon_writer_t* writer, uint32_t full_name,
                                 uint32_t calling_convention, uint32_t flags,
                                 const tenon_attribute_t* attributes, size_t attribute_count);

// Import |index| needs this version, or a later one, of the module that it is imported from.
void tenon_writer_set_import_version(tenon_writer_t* writer, uint32_t index,
                                     uint32_t minimum_version);

// What the module tells of itself: its version (0 before) and its attributes (none before; at most once).
void tenon_writer_set_version(tenon_writer_t* writer, uint32_t version);
void tenon_writer_set_attributes(tenon_writer_t* writer, const tenon_attribute_t* attributes,
                                 size_t attribute_count);

// A function to be called or exported; an assembler (or define_function) gives its code, before
// serialisation, once.
uint32_t tenon_writer_declare_function(tenon_writer_t* writer, uint32_t name,
                                       uint32_t calling_convention);

void tenon_writer_add_export(tenon_writer_t* writer, uint32_t name, uint32_t function,
                             const tenon_attribute_t* attributes, size_t attribute_count);

// A segment of constant bytes of TENON_RODATA_* kind. |data| is not copied: it must live until the
// last serialisation. Returns its index, for the 'k' operands.
uint32_t tenon_writer_add_rodata(tenon_writer_t* writer, uint32_t kind, uint32_t name,
                                 const void* data, size_t length);

// Gives a declared function its code as it is, unchecked: for tests of what the assembler refuses.
// Of |record| the register counts, call_storage_size and reserved fields are taken. Code and
// locations are copied.
void tenon_writer_define_function(tenon_writer_t* writer, uint32_t function,
                                  const tenon_function_t* record, const uint16_t* code,
                                  size_t code_length, const tenon_location_t* locations,
                                  size_t location_count);

//===----------------------------------------------------------------------===//
// Assembler: the code of one function
//===----------------------------------------------------------------------===//

// A register before its final number is known: class and index within the class. Ref registers may
// be or-ed with TENON_REG_MOVE where they are read.
typedef uint32_t tenon_register_t;
typedef enum tenon_register_class_e {
  TENON_CLASS_I32 = 0,
  TENON_CLASS_I64,
  TENON_CLASS_F32,
  TENON_CLASS_F64,
  TENON_CLASS_REF,
  TENON_CLASS_COUNT,
  // In the arguments of a call: the number of tuples of a span C...D, followed by the tuples'
  // registers.
  TENON_CLASS_SPAN = TENON_CLASS_COUNT,
} tenon_register_class_t;

static inline tenon_register_t tenon_register(tenon_register_class_t register_class,
                                              uint32_t index) {
  return ((uint32_t)register_class << 16) | (index & 0x7FFFu);
}
static inline tenon_register_t tenon_register_move(tenon_register_t reg) {
  return reg | TENON_REG_MOVE;
}
static inline tenon_register_t tenon_register_span(uint32_t tuple_count) {
  return ((uint32_t)TENON_CLASS_SPAN << 16) | (tuple_count & 0xFFFFu);
}
static inline tenon_register_class_t tenon_register_class_of(tenon_register_t reg) {
  return (tenon_register_class_t)(reg >> 16);
}

// Bits of floating-point immediates, for const.f32 and const.f64.
static inline uint64_t tenon_f32_bits(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof(bits));
  return bits;
}
static inline uint64_t tenon_f64_bits(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof(bits));
  return bits;
}

typedef struct tenon_assembler_t tenon_assembler_t;
typedef uint32_t tenon_label_t;

// Starts the code of a declared function. Its calling convention may not have spans. Never NULL
// unless |writer| is out of memory (then every function below accepts the NULL and does nothing).
tenon_assembler_t* tenon_assembler_create(tenon_writer_t* writer, uint32_t function);
// Resolves labels and registers, gives the function its code and destroys the assembler.
void tenon_assembler_finish(tenon_assembler_t* as);
// Drops the code.
void tenon_assembler_destroy(tenon_assembler_t* as);

// The register that the function's argument |index| arrives in.
tenon_register_t tenon_assembler_argument(tenon_assembler_t* as, size_t index);
// A register that nothing has used so far. Registers made with tenon_register() count as used once
// they are in an instruction.
tenon_register_t tenon_assembler_new_register(tenon_assembler_t* as,
                                              tenon_register_class_t register_class);

// A place to branch to; bound once, before or after the branches to it.
tenon_label_t tenon_assembler_new_label(tenon_assembler_t* as);
void tenon_assembler_bind(tenon_assembler_t* as, tenon_label_t label);

// Where the next instruction, and only that, comes from. |context| may be 0, the empty string.
// Lines and columns are 1-based.
void tenon_assembler_location(tenon_assembler_t* as, uint32_t file, uint32_t line, uint32_t column,
                              uint32_t context);

// Appends an instruction without register lists. One entry of |operands| per letter of its operand
// string: a register of that letter's class, an immediate (of '4' the low 32 bits, sign- or
// zero-extended), a label for 'b', a TENON_TYPE_* for 't', an index.
void tenon_assembler_emit(tenon_assembler_t* as, tenon_op_t op, const uint64_t* operands,
                          size_t operand_count);
#define TENON_EMIT(as, op, ...)                                     \
  tenon_assembler_emit((as), (op), (const uint64_t[]){__VA_ARGS__}, \
                       sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t))

// The instructions with register lists. Arguments and results follow the callee's calling
// convention from left to right; a span is a tenon_register_span(tuples), then the tuples'
// registers. Ref arguments with TENON_REG_MOVE are given away.
void tenon_assembler_call(tenon_assembler_t* as, uint32_t function,
                          const tenon_register_t* arguments, size_t argument_count,
                          const tenon_register_t* results, size_t result_count);
void tenon_assembler_call_import(tenon_assembler_t* as, uint32_t import,
                                 const tenon_register_t* arguments, size_t argument_count,
                                 const tenon_register_t* results, size_t result_count);
void tenon_assembler_return(tenon_assembler_t* as, const tenon_register_t* results,
                            size_t result_count);

#endif  // TENON_FORMAT_WRITER_H_
