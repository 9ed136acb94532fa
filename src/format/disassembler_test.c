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

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_sample)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
