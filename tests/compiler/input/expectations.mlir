// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --compile-to=input %s | FileCheck %s

// CHECK-LABEL: func.func @views(%arg0: tensor<4xf32>, %arg1: tensor<?xi32>, %arg2: !hal.buffer_view)
func.func @views(%a: tensor<4xf32>, %b: tensor<?xi32>, %c: !hal.buffer_view) {
  // CHECK-DAG: %[[ZERO:.+]] = arith.constant 0.0
  // CHECK-DAG: %[[OWN:.+]] = arith.constant -1.0
  // CHECK-DAG: %[[HALF:.+]] = arith.constant 5.000000e-01 : f32
  // CHECK-DAG: %[[QUARTER:.+]] = arith.constant 2.500000e-01 : f32
  // CHECK-DAG: %[[FLOATS:.+]] = arith.constant dense<1.0{{.+}}> : tensor<4xf32>
  // CHECK-DAG: %[[INTEGERS:.+]] = arith.constant dense<[1, 2]> : tensor<2xi32>
  // CHECK: call @[[ALL:".+"]](%arg1) : (tensor<?xi32>) -> ()
  check.expect_all_true(%b) : tensor<?xi32>
  // CHECK: call @[[EQ:".+"]](%arg0, %arg0)
  check.expect_eq(%a, %a) : tensor<4xf32>
  // CHECK: %[[CAST:.+]] = tensor.cast %[[INTEGERS]] : tensor<2xi32> to tensor<?xi32>
  // CHECK: call @[[EQ_DYNAMIC:".+"]](%arg1, %[[CAST]])
  check.expect_eq_const(%b, dense<[1, 2]> : tensor<2xi32>) : tensor<?xi32>
  // CHECK: call @[[ALMOST:".+"]](%arg0, %arg0, %[[OWN]], %[[ZERO]])
  check.expect_almost_eq(%a, %a) : tensor<4xf32>
  // CHECK: call @[[ALMOST]](%arg0, %[[FLOATS]], %[[HALF]], %[[QUARTER]])
  check.expect_almost_eq_const(%a, dense<1.0> : tensor<4xf32>, rtol 0.25, atol 5.0e-1) : tensor<4xf32>
  // CHECK: call @[[EQ_VIEW:".+"]](%arg2, %[[INTEGERS]]) : (!hal.buffer_view, tensor<2xi32>) -> ()
  check.expect_eq_const(%c, dense<[1, 2]> : tensor<2xi32>) : !hal.buffer_view
  return
}

// CHECK-LABEL: func.func @numbers
func.func @numbers(%a: i1, %b: i8, %c: i64, %d: index, %e: f32, %f: f64) {
  // CHECK-DAG: %[[THREE:.+]] = arith.constant 3 : i64
  // CHECK-DAG: %[[A:.+]] = arith.extui %arg0 : i1 to i32
  // CHECK: call @[[TRUE:".+"]](%[[A]]) : (i32) -> ()
  check.expect_true(%a) : i1
  // CHECK: %[[B:.+]] = arith.extsi %arg1 : i8 to i32
  // CHECK: call @[[FALSE:".+"]](%[[B]]) : (i32) -> ()
  check.expect_false(%b) : i8
  // CHECK: %[[NONZERO:.+]] = arith.cmpi ne, %arg2,
  // CHECK: %[[C:.+]] = arith.extui %[[NONZERO]] : i1 to i32
  // CHECK: call @[[TRUE]](%[[C]]) : (i32) -> ()
  check.expect_true(%c) : i64
  // CHECK: %[[D:.+]] = arith.index_cast %arg3 : index to i64
  // CHECK: call @[[EQ_I64:".+"]](%[[D]], %[[THREE]]) : (i64, i64) -> ()
  check.expect_eq_const(%d, 3 : index) : index
  // CHECK: %[[E:.+]] = arith.extf %arg4 : f32 to f64
  // CHECK: call @[[EQ_F64:".+"]](%[[E]], %[[E]]) : (f64, f64) -> ()
  check.expect_eq(%e, %e) : f32
  // CHECK: call @[[ALMOST_F64:".+"]](%arg5, %arg5, %{{.+}}, %{{.+}}) : (f64, f64, f32, f32) -> ()
  check.expect_almost_eq(%f, %f) : f64
  return
}

// A constant that nothing is computed of.
// CHECK-LABEL: func.func @unfoldable
func.func @unfoldable() -> (tensor<2xi32>, i32) {
  // CHECK-DAG: %[[TENSOR:.+]] = arith.constant dense<[1, 2]> : tensor<2xi32>
  // CHECK-DAG: %[[NUMBER:.+]] = arith.constant 3 : i32
  // CHECK: util.optimization_barrier %[[TENSOR]] : tensor<2xi32>
  %0 = util.unfoldable_constant dense<[1, 2]> : tensor<2xi32>
  // CHECK: %[[BARRIER:.+]] = util.optimization_barrier %[[NUMBER]] : i32
  %1 = util.unfoldable_constant 3 : i32
  // CHECK: arith.addi %[[BARRIER]], %[[BARRIER]]
  %2 = arith.addi %1, %1 : i32
  return %0, %2 : tensor<2xi32>, i32
}

// Of each import one declaration for each type.
// CHECK-DAG: func.func private @[[ALL]](tensor<?xi32>) attributes {tenon.source_name = "check.expect_all_true"}
// CHECK-DAG: func.func private @[[EQ]](tensor<4xf32>, tensor<4xf32>) attributes {tenon.source_name = "check.expect_eq"}
// CHECK-DAG: func.func private @[[EQ_DYNAMIC]](tensor<?xi32>, tensor<?xi32>) attributes {tenon.source_name = "check.expect_eq"}
// CHECK-DAG: func.func private @[[EQ_VIEW]](!hal.buffer_view, tensor<2xi32>) attributes {tenon.source_name = "check.expect_eq"}
// CHECK-DAG: func.func private @[[ALMOST]](tensor<4xf32>, tensor<4xf32>, f32, f32) attributes {tenon.source_name = "check.expect_almost_eq"}
// CHECK-DAG: func.func private @[[TRUE]](i32) attributes {tenon.source_name = "check.expect_true"}
// CHECK-DAG: func.func private @[[FALSE]](i32) attributes {tenon.source_name = "check.expect_false"}
// CHECK-DAG: func.func private @[[EQ_I64]](i64, i64) attributes {tenon.source_name = "check.expect_eq.i64"}
// CHECK-DAG: func.func private @[[EQ_F64]](f64, f64) attributes {tenon.source_name = "check.expect_eq.f64"}
// CHECK-DAG: func.func private @[[ALMOST_F64]](f64, f64, f32, f32) attributes {tenon.source_name = "check.expect_almost_eq.f64"}
