// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --compile-to=dispatch %s | FileCheck %s
// RUN: iree-compile --compile-to=schedule --iree-execution-model=async-external %s | FileCheck %s --check-prefix=ASYNC
//
// Work on constants alone is done by the initializers; globals hold what others use of it.

// CHECK: module @hoist
module @hoist {
  // CHECK-NEXT: util.global private @constant$0 : tensor<3x2xf32>
  // CHECK-NEXT: util.global private @constant$2 : tensor<4xi32>
  // CHECK-NEXT: util.global private @constant$3 : tensor<4xi32>
  // CHECK-NEXT: util.global private @constant$4 : tensor<4xi32>
  // CHECK-NEXT: util.global private @constant$5 : tensor<i32>
  // CHECK-NEXT: util.global private @constant$6 : tensor<2x2xi32>
  // CHECK-NEXT: util.global private @constant$7 : tensor<2xi32>
  // CHECK-NEXT: util.global private @own
  util.global private @own : tensor<2x2xi32>
  // A name that is taken.
  util.global private mutable @constant$1 = 1 : i32

  // CHECK-LABEL: func.func @transposed(
  // CHECK-SAME: %[[X:.+]]: tensor
  // CHECK-NEXT: %[[T:.+]] = util.global.load immutable @constant$0
  // CHECK-NEXT: %[[R:.+]] = "tenon.dispatch"(%[[X]], %[[T]])
  // CHECK-NEXT: return %[[R]]
  // ASYNC-LABEL: func.func public @transposed(
  // ASYNC-NOT: tenon.wait
  // ASYNC: util.global.load @constant$0
  // ASYNC-NOT: tenon.wait
  // ASYNC: tenon.signal
  func.func @transposed(%x: tensor<3x2xf32>) -> tensor<3x2xf32> {
    %w = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
    %empty = tensor.empty() : tensor<3x2xf32>
    %t = linalg.transpose ins(%w : tensor<2x3xf32>) outs(%empty : tensor<3x2xf32>) permutation = [1, 0]
    %0 = arith.subf %x, %t : tensor<3x2xf32>
    return %0 : tensor<3x2xf32>
  }

  // The same, in another function.
  // CHECK-LABEL: func.func @again(
  // CHECK-NEXT: util.global.load immutable @constant$0
  // CHECK-NEXT: tenon.dispatch
  // CHECK-NEXT: return
  func.func @again(%x: tensor<3x2xf32>) -> tensor<3x2xf32> {
    %w = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
    %empty = tensor.empty() : tensor<3x2xf32>
    %t = linalg.transpose ins(%w : tensor<2x3xf32>) outs(%empty : tensor<3x2xf32>) permutation = [1, 0]
    %0 = arith.mulf %x, %t : tensor<3x2xf32>
    return %0 : tensor<3x2xf32>
  }

  // What is in between isn't kept.
  // CHECK-LABEL: func.func @chain(
  // CHECK-NEXT: %[[C:.+]] = util.global.load immutable @constant$2
  // CHECK-NEXT: return %[[C]]
  func.func @chain() -> tensor<4xi32> {
    %a = arith.constant dense<[1, 2, 3, 4]> : tensor<4xi32>
    %b = arith.constant dense<[10, 20, 30, 40]> : tensor<4xi32>
    %sum = arith.addi %a, %b : tensor<4xi32>
    %both = tensor.concat dim(0) %sum, %a : (tensor<4xi32>, tensor<4xi32>) -> tensor<8xi32>
    %middle = tensor.extract_slice %both[2] [4] [1] : tensor<8xi32> to tensor<4xi32>
    return %middle : tensor<4xi32>
  }

  // ... but what is used beside it, which is updated in a copy.
  // CHECK-LABEL: func.func @updated(
  // CHECK-SAME: %[[X:.+]]: tensor
  // CHECK-NEXT: %[[U:.+]] = util.global.load immutable @constant$3
  // CHECK-NEXT: %[[R:.+]] = "tenon.dispatch"(%[[U]], %[[X]]) {{.*}}updates
  // CHECK-NEXT: %[[D:.+]] = util.global.load immutable @constant$4
  // CHECK-NEXT: %[[S:.+]] = "tenon.reshape"(%[[D]])
  // CHECK-NEXT: return %[[R]], %[[S]]
  func.func @updated(%x: tensor<1xi32>) -> (tensor<4xi32>, tensor<2x2xi32>) {
    %a = arith.constant dense<[1, 2]> : tensor<2xi32>
    %b = arith.constant dense<[10, 20, 30, 40]> : tensor<4xi32>
    %0 = tensor.insert_slice %a into %b[1] [2] [1] : tensor<2xi32> into tensor<4xi32>
    %1 = tensor.insert_slice %x into %0[3] [1] [1] : tensor<1xi32> into tensor<4xi32>
    %2 = arith.addi %0, %0 : tensor<4xi32>
    %3 = tensor.expand_shape %2 [[0, 1]] output_shape [2, 2] : tensor<4xi32> into tensor<2x2xi32>
    return %1, %3 : tensor<4xi32>, tensor<2x2xi32>
  }

  // CHECK-LABEL: func.func @sum(
  // CHECK-NEXT: util.global.load immutable @constant$5
  // CHECK-NEXT: return
  func.func @sum() -> tensor<i32> {
    %a = arith.constant dense<[1, 2, 3, 4]> : tensor<4xi32>
    %zero = arith.constant dense<0> : tensor<i32>
    %0 = linalg.reduce { arith.addi } ins(%a : tensor<4xi32>) outs(%zero : tensor<i32>) dimensions = [0]
    return %0 : tensor<i32>
  }

  // Initializers may call who uses it.
  // CHECK-LABEL: func.func private @table(
  // CHECK-NEXT: util.global.load immutable @constant$6
  func.func private @table() -> tensor<2x2xi32> {
    %a = arith.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi32>
    %0 = arith.addi %a, %a : tensor<2x2xi32>
    return %0 : tensor<2x2xi32>
  }
  util.initializer {
    %0 = func.call @table() : () -> tensor<2x2xi32>
    %1 = arith.muli %0, %0 : tensor<2x2xi32>
    util.global.store %1, @own : tensor<2x2xi32>
    util.return
  }

  // Indices that are known to be inside.
  // CHECK-LABEL: func.func @reversed(
  // CHECK-NEXT: util.global.load immutable @constant$7
  // CHECK-NEXT: return
  func.func @reversed() -> tensor<2xi32> {
    %a = arith.constant dense<[1, 2, 3, 4]> : tensor<4xi32>
    %empty = tensor.empty() : tensor<2xi32>
    %0 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%empty : tensor<2xi32>) {
    ^bb0(%out: i32):
      %i = linalg.index 0 : index
      %c2 = arith.constant 2 : index
      %c3 = arith.constant 3 : index
      %twice = arith.muli %i, %c2 : index
      %j = arith.subi %c3, %twice : index
      %x = tensor.extract %a[%j] : tensor<4xi32>
      linalg.yield %x : i32
    } -> tensor<2xi32>
    return %0 : tensor<2xi32>
  }

  // What stays: others would be much larger than what they are made of, ...
  // CHECK-LABEL: func.func @grows(
  // CHECK-NEXT: %[[A:.+]] = arith.constant dense<[1, 2]>
  // CHECK-NEXT: "tenon.dispatch"(%[[A]])
  // CHECK-NEXT: return
  func.func @grows() -> tensor<64x2xi32> {
    %a = arith.constant dense<[1, 2]> : tensor<2xi32>
    %empty = tensor.empty() : tensor<64x2xi32>
    %0 = linalg.broadcast ins(%a : tensor<2xi32>) outs(%empty : tensor<64x2xi32>) dimensions = [0]
    return %0 : tensor<64x2xi32>
  }

  // ... or are of one number everywhere, ...
  // CHECK-LABEL: func.func @splat(
  // CHECK: tenon.dispatch
  func.func @splat() -> tensor<4xindex> {
    %a = arith.constant dense<3> : tensor<4xindex>
    %0 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%a : tensor<4xindex>) {
    ^bb0(%x: index):
      %i = linalg.index 0 : index
      %sum = arith.addi %x, %i : index
      linalg.yield %sum : index
    } -> tensor<4xindex>
    return %0 : tensor<4xindex>
  }

  // ... fail, ...
  // CHECK-LABEL: func.func @fails(
  // CHECK: tenon.dispatch
  func.func @fails() -> tensor<2xi32> {
    %a = arith.constant dense<[5, 6, 7, 8]> : tensor<4xi32>
    %i = arith.constant dense<[[3], [4]]> : tensor<2x1xindex>
    %0 = tensor.gather %a[%i] gather_dims([0]) : (tensor<4xi32>, tensor<2x1xindex>) -> tensor<2xi32>
    return %0 : tensor<2xi32>
  }

  // ... or need a number of this call.
  // CHECK-LABEL: func.func @number(
  // CHECK: tenon.dispatch
  func.func @number(%n: i32) -> tensor<2xi32> {
    %a = arith.constant dense<[5, 6]> : tensor<2xi32>
    %n2 = tensor.splat %n : tensor<2xi32>
    %0 = arith.addi %a, %n2 : tensor<2xi32>
    return %0 : tensor<2xi32>
  }

  // The work comes before the program's own initializers. Who loads a global that never changes doesn't wait, so the initializers do.
  // CHECK-LABEL: func.func @__init()
  // CHECK-SAME: tenon.initializer
  // CHECK-COUNT-7: tenon.dispatch
  // CHECK: util.global.store %{{.+}}, @constant$0
  // CHECK: util.global.store %{{.+}}, @constant$7
  // CHECK: call @table
  // CHECK: util.global.store %{{.+}}, @own
  // ASYNC-LABEL: func.func public @__init()
  // ASYNC: %[[P:.+]] = "tenon.execute"(%{{.+}}, %{{.+}}, %[[B:.+]]) {callee = @__init_dispatch_0
  // ASYNC: "tenon.wait"(%[[P]])
  // ASYNC-NEXT: util.global.store %[[B]], @constant$0
  // ASYNC-NEXT: "tenon.wait"
  // ASYNC-NEXT: util.global.store %{{.+}}, @constant$2
}
