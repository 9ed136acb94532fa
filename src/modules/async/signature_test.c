// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "modules/async/signature.h"

#include "vm/testing/vm_test.h"

static tenon_async_signature_t* parse(const char* text) {
  tenon_async_signature_t* signature = NULL;
  expect_ok(tenon_async_signature_parse(iree_make_cstring_view(text), iree_allocator_system(),
                                        &signature));
  return signature;
}

static void test_calling_conventions(void** state) {
  static const char* const cases[][2] = {
      {"(tensor<?xi32>) -> tensor<?xi32>", "0rrr_r"},
      {"(tensor<f32>) -> (tensor<f32>)", "0rrr_r"},
      {"() -> ()", "0rr_v"},
      {" ( tensor< 4 x ? x f32 > ,f32,i1,index , f64 ) ->( tensor<2xi8>,tensor<i1> ) ",
       "0rfiIFrr_rr"},
      {"(i8, i16, i32, i64) -> tensor<1xbf16>", "0iiiIrr_r"},
  };
  for (size_t i = 0; i < IREE_ARRAYSIZE(cases); ++i) {
    tenon_async_signature_t* signature = parse(cases[i][0]);
    if (!iree_string_view_equal(signature->calling_convention,
                                iree_make_cstring_view(cases[i][1]))) {
      fail_msg("%s became %.*s", cases[i][0], (int)signature->calling_convention.size,
               signature->calling_convention.data);
    }
    iree_allocator_free(iree_allocator_system(), signature);
  }
}

static void test_types(void** state) {
  tenon_async_signature_t* signature =
      parse("(tensor<?x4xi1>, index, i16, tensor<f64>) -> (tensor<0x?xbf16>, tensor<7xindex>)");
  assert_int_equal(signature->argument_count, 4);
  assert_int_equal(signature->arguments[0].element_type, IREE_HAL_ELEMENT_TYPE_BOOL_8);
  assert_int_equal(signature->arguments[0].rank, 2);
  assert_true(signature->arguments[0].dims[0] == TENON_ASYNC_OPEN_DIM);
  assert_int_equal(signature->arguments[0].dims[1], 4);
  assert_int_equal(signature->arguments[1].element_type, IREE_HAL_ELEMENT_TYPE_INT_64);
  assert_int_equal(signature->arguments[2].element_type, IREE_HAL_ELEMENT_TYPE_INT_32);
  assert_int_equal(signature->arguments[3].rank, 0);
  assert_int_equal(signature->result_count, 2);
  assert_int_equal(signature->result_dim_count, 3);
  assert_int_equal(signature->results[0].element_type, IREE_HAL_ELEMENT_TYPE_BFLOAT_16);
  assert_int_equal(signature->results[0].dims[0], 0);
  assert_true(signature->results[0].dims[1] == TENON_ASYNC_OPEN_DIM);
  assert_int_equal(signature->results[1].element_type, IREE_HAL_ELEMENT_TYPE_INT_64);
  assert_int_equal(signature->results[1].dims[0], 7);
  iree_allocator_free(iree_allocator_system(), signature);
}

// Every text ends where something else was expected, and the message says what and where.
static void test_errors(void** state) {
  static const char* const cases[][2] = {
      {"", "expected ( at ''"},
      {"tensor<4xf32>", "expected ( at 'tensor<4xf32>'"},
      {"(tensor<4xf32>", "expected , or ) at ''"},
      {"(tensor<4xf32>)", "expected -> at ''"},
      {"(tensor<4xf32>) -> ", "expected tensor<...> (results are tensors) at ''"},
      {"() -> f32", "expected tensor<...> (results are tensors) at 'f32'"},
      {"() -> (tensor<f32>, i32)", "expected tensor<...> (results are tensors) at 'i32)'"},
      {"() -> tensor<f32> x", "expected the end at 'x'"},
      {"(f16) -> ()", "expected tensor<...>, i1 to i64, index, f32 or f64 at 'f16) -> ()'"},
      {"(i33) -> ()", "at 'i33) -> ()'"},
      {"(,) -> ()", "at ',) -> ()'"},
      {"(tensor f32) -> ()", "expected < at"},
      {"(tensor<*xf32>) -> ()", "expected an element type such as f32 at '*xf32>) -> ()'"},
      {"(tensor<4xfoo>) -> ()", "expected an element type such as f32 at 'foo>) -> ()'"},
      {"(tensor<4>) -> ()", "expected x and an element type at '>) -> ()'"},
      {"(tensor<4x", "expected an element type such as f32 at ''"},
      {"(tensor<4xf32", "expected > at ''"},
      {"(tensor<99999999999999999999xf32>) -> ()", "expected a dim"},
      {"(tensor<18446744073709551615xf32>) -> ()", "expected a dim"},
      {"(tensor<-1xf32>) -> ()", "expected an element type"},
      {"(tensor<4xf32>,) -> ()", "at ') -> ()'"},
  };
  for (size_t i = 0; i < IREE_ARRAYSIZE(cases); ++i) {
    tenon_async_signature_t* signature = NULL;
    expect_message(IREE_STATUS_INVALID_ARGUMENT, cases[i][1],
                   tenon_async_signature_parse(iree_make_cstring_view(cases[i][0]),
                                               iree_allocator_system(), &signature));
    assert_null(signature);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_calling_conventions),
      cmocka_unit_test(test_types),
      cmocka_unit_test(test_errors),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
