// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "format/disassembler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
// cmocka needs those before it.
#include <cmocka.h>

#include "base/testing/failing_allocator.h"
#include "format/testing/sample_module.h"
#include "format/verifier.h"
#include "format/writer.h"

static iree_status_t disassemble(iree_allocator_t allocator, void* user_data) {
  iree_string_builder_t builder;
  iree_string_builder_initialize(allocator, &builder);
  const tenon_module_file_t* file = (const tenon_module_file_t*)user_data;
  iree_status_t status = iree_ok_status();
  for (uint32_t i = 0; i < file->function_count && iree_status_is_ok(status); ++i) {
    status = tenon_disassemble_function(file, i, allocator, &builder);
  }
  static const char expected[] =
      "@__init (0v_v): i32 0, i64 0, f32 0, f64 0, ref 1, call storage 0\n"
      "     0  rodata           r0, #0 \"bytes\"\n"
      "     4  global.store.ref move r0, global 0\n"
      "     8  return           ()\n"
      "@helper (0rI_rI): i32 3, i64 2, f32 0, f64 0, ref 1, call storage 0\n"
      "     0  const.i32        i1, 1\n"
      "     4  const.i32        i2, 2\n"
      "L8:\n"
      "     8  add.i64          l1, l1, l0\n"
      "    12  add.i32          i0, i0, i1\n"
      "    16  br.slt.i32       i0, i2, L8\n"
      "    21  global.load.ref  r0, global 0\n"
      "    25  return           (r0, l1)\n"
      "@main (0iIfFr_iIfFr): i32 2, i64 2, f32 2, f64 2, ref 1, call storage 80\n"
      "     0  br.sle.i32       i1, i0, L10\n"
      "     5  fail             OUT_OF_RANGE, \"negative\"  ; sample.mlir:7:3 argument 0 of @main\n"
      "L10:\n"
      "    10  call.import      custom.twice(i0) -> (i0)  ; sample.mlir:8:5\n"
      "    17  call             @helper(move r0, l0) -> (r0, l0)  ; sample.mlir:9:5\n"
      "    26  call.import      custom.sum(i1, [r0, l0, r0, l1]) -> (l1)  ; sample.mlir:10:5\n"
      "    38  check.eq.i64     l1, l0, \"sum is {0}, expected {1}\"\n"
      "    43  const.f32        f1, 2\n"
      "    47  mul.f32          f0, f0, f1\n"
      "    51  const.f64        d1, 2\n"
      "    57  mul.f64          d0, d0, d1\n"
      "    61  cmp.f64          i1, d0, d1, olt\n"
      "    66  select.ref       r0, i1, move r0, r0\n"
      "    71  const.i64        l1, 1\n"
      "    77  return           (i0, l0, f0, d0, r0)\n";
  if (iree_status_is_ok(status)) {
    assert_string_equal(iree_string_builder_buffer(&builder), expected);
  }
  iree_string_builder_deinitialize(&builder);
  return status;
}

static void test_sample(void** state) {
  uint8_t* data = NULL;
  size_t length = 0;
  tenon_make_sample_module(&data, &length);
  tenon_module_file_t file;
  IREE_CHECK_OK(tenon_module_file_read(iree_make_const_byte_span(data, length), &file));
  IREE_CHECK_OK(tenon_module_file_verify(&file, iree_allocator_system()));
  tenon_test_for_each_failure(disassemble, &file);
  free(data);
}

// Types, value globals and the end of a counting loop.
static void test_host_instructions(void** state) {
  tenon_writer_t* writer = tenon_writer_create();
  uint32_t name = tenon_writer_cstring(writer, "host");
  tenon_writer_set_name(writer, name);
  uint32_t type = tenon_writer_add_type(writer, tenon_writer_cstring(writer, "vm.list"));
  tenon_writer_add_value_global(writer);
  uint32_t global = tenon_writer_add_value_global(writer);
  uint32_t function =
      tenon_writer_declare_function(writer, name, tenon_writer_cstring(writer, "0rIi_v"));
  tenon_assembler_t* as = tenon_assembler_create(writer, function);
  tenon_register_t r = tenon_assembler_argument(as, 0), l = tenon_assembler_argument(as, 1);
  tenon_register_t i = tenon_assembler_argument(as, 2);
  static const uint32_t types[] = {TENON_TYPE_ANY, TENON_TYPE_I8,     TENON_TYPE_I16,
                                   TENON_TYPE_I32, TENON_TYPE_I64,    TENON_TYPE_F32,
                                   TENON_TYPE_F64, TENON_TYPE_ANY_REF};
  for (size_t n = 0; n < IREE_ARRAYSIZE(types); ++n) {
    TENON_EMIT(as, TENON_OP_LIST_ALLOC, r, types[n], l);
  }
  TENON_EMIT(as, TENON_OP_CAST_REF, r, tenon_register_move(r), TENON_TYPE_REF(type));
  TENON_EMIT(as, TENON_OP_GLOBAL_STORE_I32, i, global);
  tenon_label_t loop = tenon_assembler_new_label(as);
  tenon_assembler_bind(as, loop);
  TENON_EMIT(as, TENON_OP_BUFFER_COMPARE, i, r, l, tenon_register_move(r), l, l);
  TENON_EMIT(as, TENON_OP_ADD_BR_SLT_I32, i, i, i, i, loop);
  tenon_assembler_return(as, NULL, 0);
  tenon_assembler_finish(as);
  uint8_t* data = NULL;
  size_t length = 0;
  if (!tenon_writer_serialize(writer, &data, &length)) fail_msg("%s", tenon_writer_error(writer));
  tenon_writer_destroy(writer);
  tenon_module_file_t file;
  IREE_CHECK_OK(tenon_module_file_read(iree_make_const_byte_span(data, length), &file));
  IREE_CHECK_OK(tenon_module_file_verify(&file, iree_allocator_system()));
  iree_string_builder_t builder;
  iree_string_builder_initialize(iree_allocator_system(), &builder);
  IREE_CHECK_OK(tenon_disassemble_function(&file, 0, iree_allocator_system(), &builder));
  assert_string_equal(iree_string_builder_buffer(&builder),
                      "@host (0rIi_v): i32 1, i64 1, f32 0, f64 0, ref 1, call storage 0\n"
                      "     0  list.alloc       r0, any, l0\n"
                      "     5  list.alloc       r0, i8, l0\n"
                      "    10  list.alloc       r0, i16, l0\n"
                      "    15  list.alloc       r0, i32, l0\n"
                      "    20  list.alloc       r0, i64, l0\n"
                      "    25  list.alloc       r0, f32, l0\n"
                      "    30  list.alloc       r0, f64, l0\n"
                      "    35  list.alloc       r0, ref, l0\n"
                      "    40  cast.ref         r0, move r0, !vm.list\n"
                      "    45  global.store.i32 i0, value 1\n"
                      "L49:\n"
                      "    49  buffer.compare   i0, r0, l0, move r0, l0, l0\n"
                      "    56  add.br.slt.i32   i0, i0, i0, i0, L49\n"
                      "    63  return           ()\n");
  iree_string_builder_deinitialize(&builder);
  free(data);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_sample),
                                     cmocka_unit_test(test_host_instructions)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
