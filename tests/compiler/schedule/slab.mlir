// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --compile-to=schedule %s | FileCheck %s
// RUN: iree-compile --compile-to=schedule --iree-execution-model=async-external %s | FileCheck %s --check-prefix=ASYNC
//
// What only the dispatches of a block see is parts of one allocation, and shares memory where one is done before the other begins.

module {
  func.func private @m.use(tensor<?xf32>) -> ()

  // Two take turns; the result is on its own.
  // CHECK-LABEL: func.func public @chain(
  // CHECK: %[[D:.+]]:2 = "tenon.tensor_import"
  // CHECK: %[[BYTES:.+]] = arith.muli %{{.+}}, %[[D]]#1
  // CHECK: %[[MORE:.+]] = arith.addi %[[BYTES]], %c63
  // CHECK: %[[SIZE:.+]] = arith.andi %[[MORE]], %c-64
  // CHECK: %[[ALL:.+]] = arith.addi %[[SIZE]], %[[SIZE]]
  // CHECK: %[[SLAB:.+]]:2 = "tenon.alloc"(%{{.+}}, %[[ALL]]) {context = "allocating temporary memory", type = tensor<?xi8>}
  // CHECK: %[[PART:.+]] = "tenon.subspan"(%[[SLAB]]#0, %[[SIZE]], %[[SIZE]])
  // CHECK: "tenon.execute"(%{{.+}}, %[[D]]#0, %[[SLAB]]#0, %[[D]]#1)
  // CHECK: "tenon.execute"(%{{.+}}, %[[SLAB]]#0, %[[PART]], %[[D]]#1)
  // CHECK: "tenon.execute"(%{{.+}}, %[[PART]], %[[SLAB]]#0, %[[D]]#1)
  // CHECK: %[[R:.+]]:2 = "tenon.alloc"(%{{.+}}, %[[D]]#1) {type = tensor<?xf32>}
  // CHECK: "tenon.execute"(%{{.+}}, %[[SLAB]]#0, %[[R]]#0, %[[D]]#1)
  // CHECK-NOT: tenon.alloc
  // CHECK: "tenon.tensor_export"(%[[R]]#0
  // ASYNC-LABEL: func.func public @chain(
  // ASYNC: "tenon.subspan"
  // ASYNC-NOT: tenon.subspan
  // ASYNC: return
  func.func @chain(%x: tensor<?xf32>) -> tensor<?xf32> {
    %a0 = arith.addf %x, %x : tensor<?xf32>
    %a = util.optimization_barrier %a0 : tensor<?xf32>
    %b0 = arith.addf %a, %a : tensor<?xf32>
    %b = util.optimization_barrier %b0 : tensor<?xf32>
    %c0 = arith.addf %b, %b : tensor<?xf32>
    %c = util.optimization_barrier %c0 : tensor<?xf32>
    %d = arith.addf %c, %c : tensor<?xf32>
    return %d : tensor<?xf32>
  }

  // Of static sizes, which the smaller one shares with the larger. In an asynchronous program the third, which waits for neither of the
  // others, has memory of its own.
  // CHECK-LABEL: func.func public @static(
  // CHECK: %[[SLAB:.+]]:2 = "tenon.alloc"(%{{.+}}) {context = "allocating temporary memory", type = tensor<448xi8>}
  // CHECK-NOT: tenon.subspan
  // CHECK: "tenon.execute"(%{{.+}}, %{{.+}}, %[[SLAB]]#0)
  // CHECK: "tenon.execute"(%{{.+}}, %[[SLAB]]#0, %{{.+}}#0)
  // CHECK: "tenon.execute"(%{{.+}}, %{{.+}}, %[[SLAB]]#0)
  // CHECK: "tenon.execute"(%{{.+}}, %[[SLAB]]#0, %{{.+}}#0)
  // CHECK: return
  // ASYNC-LABEL: func.func public @static(
  // ASYNC: %[[SLAB:.+]]:2 = "tenon.alloc"(%{{.+}}) {context = "allocating temporary memory", type = tensor<576xi8>}
  // ASYNC: %{{.+}} = "tenon.subspan"(%[[SLAB]]#0, %c448, %{{.+}})
  func.func @static(%x: tensor<100xf32>, %y: tensor<30xf32>) -> (tensor<100xf32>, tensor<30xf32>) {
    %a0 = arith.addf %x, %x : tensor<100xf32>
    %a = util.optimization_barrier %a0 : tensor<100xf32>
    %b = arith.mulf %a, %a : tensor<100xf32>
    %c0 = arith.addf %y, %y : tensor<30xf32>
    %c = util.optimization_barrier %c0 : tensor<30xf32>
    %d = arith.mulf %c, %c : tensor<30xf32>
    return %b, %d : tensor<100xf32>, tensor<30xf32>
  }

  // What leaves the block is a buffer of its own, and so is a single one.
  // CHECK-LABEL: func.func public @seen(
  // CHECK-NOT: tenon.subspan
  // CHECK-NOT: tensor<?xi8>
  // CHECK: return
  func.func @seen(%x: tensor<?xf32>) -> tensor<?xf32> {
    %a = arith.addf %x, %x : tensor<?xf32>
    call @m.use(%a) : (tensor<?xf32>) -> ()
    %b0 = arith.addf %a, %x : tensor<?xf32>
    %b = util.optimization_barrier %b0 : tensor<?xf32>
    %c = arith.addf %b, %b : tensor<?xf32>
    return %c : tensor<?xf32>
  }
}
