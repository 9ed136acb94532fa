// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "format/testing/sample_module.h"

#include <stdio.h>
#include <stdlib.h>

#include "format/checksum.h"
#include "format/writer.h"

typedef struct tenon_sample_t {
  tenon_writer_t* writer;
  uint32_t twice, sum;  // imports
  uint32_t init, helper, main;
  uint32_t bytes;   // rodata
  uint32_t global;  // ref
} tenon_sample_t;

static uint32_t text(tenon_sample_t* s, const char* string) {
  return tenon_writer_cstring(s->writer, string);
}

static void declare(tenon_sample_t* s) {
  static const uint8_t bytes[] = {1, 2, 3, 4, 5};
  static const uint8_t code[100] = {0x7F, 'E', 'L', 'F'};
  tenon_writer_t* writer = s->writer;
  tenon_writer_set_name(writer, text(s, "sample"));
  tenon_writer_add_type(writer, text(s, "vm.buffer"));
  tenon_attribute_t attribute = {text(s, "key"), text(s, "value")};
  s->twice =
      tenon_writer_add_import(writer, text(s, "custom.twice"), text(s, "0i_i"), 0, &attribute, 1);
  s->sum = tenon_writer_add_import(writer, text(s, "custom.sum"), text(s, "0iCrID_I"),
                                   TENON_IMPORT_OPTIONAL, NULL, 0);
  s->bytes = tenon_writer_add_rodata(writer, TENON_RODATA_DATA, text(s, "bytes"), bytes, 5);
  tenon_writer_add_rodata(writer, TENON_RODATA_EXECUTABLE, text(s, "code"), code, sizeof(code));
  s->global = tenon_writer_add_ref_global(writer);
  s->init = tenon_writer_declare_function(writer, text(s, "__init"), text(s, "0v_v"));
  s->helper = tenon_writer_declare_function(writer, text(s, "helper"), text(s, "0rI_rI"));
  s->main = tenon_writer_declare_function(writer, text(s, "main"), text(s, "0iIfFr_iIfFr"));
  attribute = (tenon_attribute_t){text(s, "iree.abi.declaration"), text(s, "sync func @main(...)")};
  tenon_writer_add_export(writer, text(s, "main"), s->main, &attribute, 1);
  tenon_writer_add_export(writer, text(s, "__init"), s->init, NULL, 0);
}

static void define_init(tenon_sample_t* s) {
  tenon_assembler_t* as = tenon_assembler_create(s->writer, s->init);
  tenon_register_t buffer = tenon_assembler_new_register(as, TENON_CLASS_REF);
  TENON_EMIT(as, TENON_OP_RODATA, buffer, s->bytes);
  TENON_EMIT(as, TENON_OP_GLOBAL_STORE_REF, tenon_register_move(buffer), s->global);
  tenon_assembler_return(as, NULL, 0);
  tenon_assembler_finish(as);
}

// Twice the integer, by a loop; the global instead of the ref.
static void define_helper(tenon_sample_t* s) {
  tenon_assembler_t* as = tenon_assembler_create(s->writer, s->helper);
  tenon_register_t ref = tenon_assembler_argument(as, 0);
  tenon_register_t value = tenon_assembler_argument(as, 1);
  tenon_register_t sum = tenon_assembler_new_register(as, TENON_CLASS_I64);
  tenon_register_t i = tenon_assembler_new_register(as, TENON_CLASS_I32);
  tenon_register_t one = tenon_assembler_new_register(as, TENON_CLASS_I32);
  tenon_register_t two = tenon_assembler_new_register(as, TENON_CLASS_I32);
  tenon_label_t loop = tenon_assembler_new_label(as);
  TENON_EMIT(as, TENON_OP_CONST_I32, one, 1);
  TENON_EMIT(as, TENON_OP_CONST_I32, two, 2);
  tenon_assembler_bind(as, loop);
  TENON_EMIT(as, TENON_OP_ADD_I64, sum, sum, value);
  TENON_EMIT(as, TENON_OP_ADD_I32, i, i, one);
  TENON_EMIT(as, TENON_OP_BR_SLT_I32, i, two, loop);
  TENON_EMIT(as, TENON_OP_GLOBAL_LOAD_REF, ref, s->global);
  tenon_register_t results[] = {ref, sum};
  tenon_assembler_return(as, results, 2);
  tenon_assembler_finish(as);
}

static void define_main(tenon_sample_t* s) {
  tenon_assembler_t* as = tenon_assembler_create(s->writer, s->main);
  tenon_register_t values[5];
  for (int i = 0; i < 5; ++i) values[i] = tenon_assembler_argument(as, (size_t)i);
  tenon_register_t zero = tenon_assembler_new_register(as, TENON_CLASS_I32);
  tenon_register_t wide = tenon_assembler_new_register(as, TENON_CLASS_I64);
  tenon_register_t two = tenon_assembler_new_register(as, TENON_CLASS_F32);
  tenon_register_t wide_two = tenon_assembler_new_register(as, TENON_CLASS_F64);
  tenon_label_t good = tenon_assembler_new_label(as);
  TENON_EMIT(as, TENON_OP_BR_SLE_I32, zero, values[0], good);
  tenon_assembler_location(as, text(s, "sample.mlir"), 7, 3, text(s, "argument 0 of @main"));
  TENON_EMIT(as, TENON_OP_FAIL, 11, text(s, "negative"));
  tenon_assembler_bind(as, good);

  tenon_assembler_location(as, text(s, "sample.mlir"), 8, 5, 0);
  tenon_assembler_call_import(as, s->twice, values, 1, values, 1);
  tenon_register_t call[] = {tenon_register_move(values[4]), values[1]};
  tenon_register_t call_results[] = {values[4], values[1]};
  tenon_assembler_location(as, text(s, "sample.mlir"), 9, 5, 0);
  tenon_assembler_call(as, s->helper, call, 2, call_results, 2);
  tenon_register_t sum[] = {zero, tenon_register_span(2), values[4], values[1], values[4], wide};
  tenon_assembler_location(as, text(s, "sample.mlir"), 10, 5, 0);
  tenon_assembler_call_import(as, s->sum, sum, 6, &wide, 1);
  TENON_EMIT(as, TENON_OP_CHECK_EQ_I64, wide, values[1], text(s, "sum is {0}, expected {1}"));

  TENON_EMIT(as, TENON_OP_CONST_F32, two, tenon_f32_bits(2.0f));
  TENON_EMIT(as, TENON_OP_MUL_F32, values[2], values[2], two);
  TENON_EMIT(as, TENON_OP_CONST_F64, wide_two, tenon_f64_bits(2.0));
  TENON_EMIT(as, TENON_OP_MUL_F64, values[3], values[3], wide_two);
  TENON_EMIT(as, TENON_OP_CMP_F64, zero, values[3], wide_two, TENON_FCMP_OLT);
  TENON_EMIT(as, TENON_OP_SELECT_REF, values[4], zero, tenon_register_move(values[4]), values[4]);
  TENON_EMIT(as, TENON_OP_CONST_I64, wide, 1);
  tenon_assembler_return(as, values, 5);
  tenon_assembler_finish(as);
}

void tenon_make_sample_module(uint8_t** out_data, size_t* out_length) {
  tenon_sample_t s = {.writer = tenon_writer_create()};
  if (!s.writer) abort();
  declare(&s);
  define_init(&s);
  define_helper(&s);
  define_main(&s);
  if (!tenon_writer_serialize(s.writer, out_data, out_length)) {
    fprintf(stderr, "the sample module: %s\n", tenon_writer_error(s.writer));
    abort();
  }
  tenon_writer_destroy(s.writer);
}

void tenon_fix_checksum(uint8_t* data, size_t length) {
  if (length < sizeof(tenon_module_header_t)) return;
  uint64_t checksum = tenon_module_checksum(data, length);
  memcpy(data + offsetof(tenon_module_header_t, checksum), &checksum, sizeof(checksum));
}
