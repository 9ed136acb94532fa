// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "runtime/testing/program.h"

#include <stdio.h>
#include <stdlib.h>

#include "format/writer.h"
#include "iree/base/internal/file_io.h"
#include "iree/hal/api.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

// `#list` without the parentheses' help of a macro: register lists are written in place.
#define REGISTERS(...) \
  (const tenon_register_t[]){__VA_ARGS__}, COUNT(((const tenon_register_t[]){__VA_ARGS__}))

typedef struct program_t {
  tenon_writer_t* writer;
  uint32_t executable_rodata;
  uint32_t executable_global;
} program_t;

static uint32_t text(program_t* program, const char* value) {
  return tenon_writer_cstring(program->writer, value);
}

static uint32_t import(program_t* program, const char* name, const char* convention) {
  return tenon_writer_add_import(program->writer, text(program, name), text(program, convention), 0,
                                 NULL, 0);
}

static tenon_assembler_t* begin_export(program_t* program, const char* name, const char* convention,
                                       const char* declaration) {
  const uint32_t function = tenon_writer_declare_function(program->writer, text(program, name),
                                                          text(program, convention));
  const tenon_attribute_t attribute = {text(program, "iree.abi.declaration"),
                                       text(program, declaration)};
  tenon_writer_add_export(program->writer, text(program, name), function, &attribute,
                          *declaration ? 1 : 0);
  return tenon_assembler_create(program->writer, function);
}

static void at(program_t* program, tenon_assembler_t* as, uint32_t line, const char* context) {
  tenon_assembler_location(as, text(program, "test.mlir"), line, 8, text(program, context));
}

static void build_init(program_t* program) {
  tenon_assembler_t* as = begin_export(program, "__init", "0v_v", "");
  const tenon_register_t ref = tenon_assembler_new_register(as, TENON_CLASS_REF);
  TENON_EMIT(as, TENON_OP_RODATA, ref, program->executable_rodata);
  tenon_assembler_call_import(as, import(program, "hal.executable.create", "0r_r"), REGISTERS(ref),
                              REGISTERS(ref));
  TENON_EMIT(as, TENON_OP_GLOBAL_STORE_REF, ref, program->executable_global);
  tenon_assembler_return(as, NULL, 0);
  tenon_assembler_finish(as);
}

static void build_square(program_t* program) {
  tenon_assembler_t* as = begin_export(
      program, "square", "0r_r", "sync func @square(%arg0: tensor<?xi32>) -> (tensor<?xi32>)");
  const tenon_register_t argument = tenon_assembler_argument(as, 0);
  const tenon_register_t source = tenon_assembler_new_register(as, TENON_CLASS_REF);
  const tenon_register_t target = tenon_assembler_new_register(as, TENON_CLASS_REF);
  const tenon_register_t executable = tenon_assembler_new_register(as, TENON_CLASS_REF);
  const tenon_register_t type = tenon_assembler_new_register(as, TENON_CLASS_I32);
  const tenon_register_t zero = tenon_assembler_new_register(as, TENON_CLASS_I32);
  const tenon_register_t any = tenon_assembler_new_register(as, TENON_CLASS_I64);
  const tenon_register_t dim = tenon_assembler_new_register(as, TENON_CLASS_I64);
  const tenon_register_t one = tenon_register_span(1);
  TENON_EMIT(as, TENON_OP_CONST_I32, type, IREE_HAL_ELEMENT_TYPE_INT_32);
  TENON_EMIT(as, TENON_OP_CONST_I64, any, UINT64_MAX);
  at(program, as, 2, "argument 0 of @square");
  tenon_assembler_call_import(as, import(program, "hal.buffer_view.import.1", "0riCID_rI"),
                              REGISTERS(argument, type, one, any), REGISTERS(source, dim));
  tenon_assembler_call_import(as, import(program, "hal.buffer.allocate", "0iCID_r"),
                              REGISTERS(type, one, dim), REGISTERS(target));
  TENON_EMIT(as, TENON_OP_GLOBAL_LOAD_REF, executable, program->executable_global);
  at(program, as, 3, "");
  tenon_assembler_call_import(
      as, import(program, "hal.dispatch", "0riCrDCID_v"),
      REGISTERS(executable, zero, tenon_register_span(3), source, source, target, one, dim), NULL,
      0);
  tenon_assembler_call_import(as, import(program, "hal.buffer_view.create", "0riCID_r"),
                              REGISTERS(target, type, one, dim), REGISTERS(target));
  tenon_assembler_return(as, REGISTERS(target));
  tenon_assembler_finish(as);
}

static void build_add(program_t* program) {
  tenon_assembler_t* as =
      begin_export(program, "add", "0ii_i", "sync func @add(%arg0: i32, %arg1: i32) -> (i32)");
  const tenon_register_t sum = tenon_assembler_new_register(as, TENON_CLASS_I32);
  TENON_EMIT(as, TENON_OP_ADD_I32, sum, tenon_assembler_argument(as, 0),
             tenon_assembler_argument(as, 1));
  tenon_assembler_return(as, REGISTERS(sum));
  tenon_assembler_finish(as);
}

static void build_twice(program_t* program) {
  tenon_assembler_t* as =
      begin_export(program, "twice", "0i_i", "sync func @twice(%arg0: i32) -> (i32)");
  const tenon_register_t result = tenon_assembler_new_register(as, TENON_CLASS_I32);
  at(program, as, 9, "");
  tenon_assembler_call_import(as, import(program, "custom.twice", "0i_i"),
                              REGISTERS(tenon_assembler_argument(as, 0)), REGISTERS(result));
  tenon_assembler_return(as, REGISTERS(result));
  tenon_assembler_finish(as);
}

iree_byte_span_t tenon_test_program(bool with_custom) {
  iree_file_contents_t* executable = NULL;
  IREE_CHECK_OK(
      iree_file_read_contents(TENON_TEST_EXECUTABLE, iree_allocator_system(), &executable));
  program_t program = {.writer = tenon_writer_create()};
  tenon_writer_set_name(program.writer, text(&program, "test"));
  program.executable_rodata = tenon_writer_add_rodata(
      program.writer, TENON_RODATA_EXECUTABLE, text(&program, "test executable"),
      executable->buffer.data, executable->buffer.data_length);
  program.executable_global = tenon_writer_add_ref_global(program.writer);
  build_init(&program);
  build_square(&program);
  build_add(&program);
  if (with_custom) build_twice(&program);
  iree_byte_span_t file = iree_byte_span_empty();
  size_t length = 0;
  if (!tenon_writer_serialize(program.writer, &file.data, &length)) {
    fprintf(stderr, "%s\n", tenon_writer_error(program.writer));
    abort();
  }
  file.data_length = length;
  tenon_writer_destroy(program.writer);
  iree_file_contents_free(executable);
  return file;
}
