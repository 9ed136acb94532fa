// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --compile-to=schedule %s | FileCheck %s
//
// Inside the program a tensor is its buffer, its dynamic dimensions and the point at which it is there.

module {
  // CHECK-LABEL: func.func private @helper(
  // CHECK-SAME: %arg0: !tenon.buffer, %arg1: index, %arg2: index, %arg3: !tenon.timepoint, %arg4: i32)
  // CHECK-SAME: -> (!tenon.buffer, index, index, !tenon.timepoint)
  // CHECK-NOT: tenon.declaration
  // CHECK: %[[B:.+]]:2 = "tenon.alloc"(%{{.+}}, %arg1, %arg2) {type = tensor<?x3x?xi32>}
  // CHECK: %[[J:.+]] = "tenon.join"(%arg3, %[[B]]#1)
  // CHECK: %[[P:.+]] = "tenon.execute"(%[[J]], %arg0, %[[B]]#0, %arg4,
  // CHECK: return %[[B]]#0, %arg1, %arg2, %[[P]]
  func.func private @helper(%x: tensor<?x3x?xi32>, %k: i32) -> tensor<?x3x?xi32> {
    %s = linalg.fill ins(%k : i32) outs(%x : tensor<?x3x?xi32>) -> tensor<?x3x?xi32>
    %y = arith.addi %x, %s : tensor<?x3x?xi32>
    return %y : tensor<?x3x?xi32>
  }

  // The work of a function that is called and exported is a function of its own, and so is its border.
  // CHECK-LABEL: func.func public @both(%arg0: !tenon.view, %arg1: i32) -> (!tenon.view, i32)
  // CHECK-SAME: tenon.declaration
  // CHECK: %[[A:.+]]:3 = "tenon.tensor_import"(%arg0) {context = "argument 0 of @both"
  // CHECK: %[[R:.+]]:5 = call @both$internal(%[[A]]#0, %[[A]]#1, %[[A]]#2, %{{.+}}, %arg1)
  // CHECK: "tenon.wait"(%[[R]]#3)
  // CHECK: %[[V:.+]] = "tenon.tensor_export"(%[[R]]#0, %[[R]]#1, %[[R]]#2)
  // CHECK: return %[[V]], %[[R]]#4
  // CHECK: func.func private @both$internal
  // CHECK-SAME: tenon.source_name = "both"
  // CHECK: call @helper
  func.func @both(%x: tensor<?x3x?xi32>, %k: i32) -> (tensor<?x3x?xi32>, i32) {
    %y = call @helper(%x, %k) : (tensor<?x3x?xi32>, i32) -> tensor<?x3x?xi32>
    return %y, %k : tensor<?x3x?xi32>, i32
  }

  // CHECK-LABEL: func.func public @caller
  // CHECK: call @both$internal
  func.func @caller(%x: tensor<?x3x?xi32>, %k: i32) -> i32 {
    %y:2 = call @both(%x, %k) : (tensor<?x3x?xi32>, i32) -> (tensor<?x3x?xi32>, i32)
    return %y#1 : i32
  }

  // CHECK-LABEL: func.func public @loop
  // CHECK: cf.br ^bb1(%{{.+}}, %[[A:.+]]#0, %[[A]]#1, %[[NOW:.+]] : index, !tenon.buffer, index, !tenon.timepoint)
  // CHECK: ^bb1(%{{.+}}: index, %[[B:.+]]: !tenon.buffer, %[[D:.+]]: index, %[[P:.+]]: !tenon.timepoint)
  // CHECK: %[[J:.+]] = "tenon.join"(%[[P]],
  // CHECK: %[[Q:.+]] = "tenon.execute"(%[[J]], %[[B]],
  // CHECK-NOT: tenon.wait
  // CHECK: cf.br ^bb1(%{{.+}}, %{{.+}}, %{{.+}}, %[[Q]]
  // CHECK: ^bb3:
  // CHECK: "tenon.clone"(%[[P]], %[[B]], %[[D]])
  func.func @loop(%x: tensor<?xf32>, %n: index) -> tensor<?xf32> {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %r = scf.for %i = %c0 to %n step %c1 iter_args(%t = %x) -> (tensor<?xf32>) {
      %u = arith.addf %t, %t : tensor<?xf32>
      scf.yield %u : tensor<?xf32>
    }
    return %r : tensor<?xf32>
  }

  // The dims are chosen with the buffer; the point is reached when both are there.
  // CHECK-LABEL: func.func public @select
  // CHECK: %[[A:.+]]:2 = "tenon.tensor_import"(%arg1)
  // CHECK: %[[B:.+]]:2 = "tenon.tensor_import"(%arg2)
  // CHECK: arith.select %arg0, %[[A]]#0, %[[B]]#0 : !tenon.buffer
  // CHECK: %[[D:.+]] = arith.select %arg0, %[[A]]#1, %[[B]]#1 : index
  // CHECK: return %{{.+}}, %[[D]] : !tenon.view, index
  func.func @select(%c: i1, %x: tensor<?xf32>, %y: tensor<?xf32>) -> (tensor<?xf32>, index) {
    %c0 = arith.constant 0 : index
    %r = arith.select %c, %x, %y : tensor<?xf32>
    %d = tensor.dim %r, %c0 : tensor<?xf32>
    return %r, %d : tensor<?xf32>, index
  }

  // CHECK-LABEL: func.func public @dims
  // CHECK: %[[A:.+]]:3 = "tenon.tensor_import"(%arg0) {{.*}}type = tensor<?x4x?xi8>
  // CHECK: return %[[A]]#2, %c4
  func.func @dims(%x: tensor<?x4x?xi8>) -> (index, index) {
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %b = tensor.dim %x, %c2 : tensor<?x4x?xi8>
    %c = tensor.dim %x, %c1 : tensor<?x4x?xi8>
    return %b, %c : index, index
  }

  // The same buffer and point under another type; the sizes were checked before.
  // CHECK-LABEL: func.func public @cast
  // CHECK: %[[A:.+]]:2 = "tenon.tensor_import"(%arg0) {{.*}}type = tensor<?x4xf32>
  // CHECK: "tenon.clone"(%{{.+}}, %[[A]]#0, %c4{{.*}}) {type = tensor<2x?xf32>}
  func.func @cast(%x: tensor<?x4xf32>) -> tensor<2x?xf32> {
    %r = tensor.cast %x : tensor<?x4xf32> to tensor<2x?xf32>
    return %r : tensor<2x?xf32>
  }
}
