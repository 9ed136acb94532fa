// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --iree-execution-model=async-external --compile-to=schedule %s | FileCheck %s
//
// An export has ended when all has that it began, also what no result waits for.

module {
  func.func private @ext.f(tensor<?xi32>) -> tensor<?xi32> attributes {iree.abi.model = "coarse-fences", nosideeffects}
  func.func private @ext.tick() attributes {iree.abi.model = "coarse-fences", nosideeffects}

  // CHECK-LABEL: func.func public @unused(
  // CHECK: %[[F:.+]]:2 = "tenon.fence"
  // CHECK: ^bb1:
  // CHECK: %[[A:.+]]:2 = "tenon.clone"(%[[F]]#1
  // CHECK: "tenon.signal"(%[[A]]#1, %arg3)
  // CHECK: ^bb2:
  // CHECK: %[[B:.+]]:2 = "tenon.clone"(%arg2
  // CHECK: %[[J:.+]] = "tenon.join"(%[[B]]#1, %[[F]]#1)
  // CHECK: "tenon.signal"(%[[J]], %arg3)
  func.func @unused(%x: tensor<?xi32>, %c: i1) -> tensor<?xi32> {
    %0 = func.call @ext.f(%x) : (tensor<?xi32>) -> tensor<?xi32>
    cf.cond_br %c, ^a, ^b
  ^a:
    return %0 : tensor<?xi32>
  ^b:
    return %x : tensor<?xi32>
  }

  // What began in one branch goes on to where they meet.
  // CHECK-LABEL: func.func public @branch(
  // CHECK: %[[NOW:.+]] = "tenon.immediate"
  // CHECK: cf.cond_br %arg1, ^bb1, ^bb2(%[[NOW]] : !tenon.timepoint)
  // CHECK: ^bb1:
  // CHECK: %[[F:.+]]:2 = "tenon.fence"
  // CHECK: cf.br ^bb2(%[[F]]#1 : !tenon.timepoint)
  // CHECK: ^bb2(%[[P:.+]]: !tenon.timepoint):
  // CHECK: %[[Q:.+]] = "tenon.execute"
  // CHECK: %[[J:.+]] = "tenon.join"(%[[Q]], %[[P]])
  // CHECK: "tenon.signal"(%[[J]], %arg3)
  func.func @branch(%x: tensor<?xi32>, %c: i1) -> tensor<?xi32> {
    scf.if %c {
      %0 = func.call @ext.f(%x) : (tensor<?xi32>) -> tensor<?xi32>
    }
    %2 = arith.addi %x, %x : tensor<?xi32>
    return %2 : tensor<?xi32>
  }

  // ... and around a loop, from one round to the next.
  // CHECK-LABEL: func.func public @loop(
  // CHECK: %[[NOW:.+]] = "tenon.immediate"
  // CHECK: cf.br ^bb1(%{{.+}}, %[[NOW]] : index, !tenon.timepoint)
  // CHECK: ^bb1(%{{.+}}: index, %[[P:.+]]: !tenon.timepoint):
  // CHECK: ^bb2:
  // CHECK: %[[F:.+]]:2 = "tenon.fence"
  // CHECK: %[[Q:.+]] = "tenon.join"(%[[F]]#1, %[[P]])
  // CHECK: cf.br ^bb1(%{{.+}}, %[[Q]] : index, !tenon.timepoint)
  // CHECK: ^bb3:
  // CHECK: %[[J:.+]] = "tenon.join"(%[[P]], %arg1)
  // CHECK: "tenon.signal"(%[[J]], %arg2)
  func.func @loop(%n: index) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    scf.for %i = %c0 to %n step %c1 {
      func.call @ext.tick() : () -> ()
    }
    return
  }

  // What is handed on anyway needs nothing.
  // CHECK-LABEL: func.func public @carried(
  // CHECK: ^bb1(%{{.+}}: index, %{{.+}}: !tenon.buffer, %{{.+}}: index, %{{.+}}: !tenon.timepoint):
  func.func @carried(%x: tensor<?xi32>, %n: index) -> tensor<?xi32> {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %r = scf.for %i = %c0 to %n step %c1 iter_args(%t = %x) -> tensor<?xi32> {
      %a = func.call @ext.f(%t) : (tensor<?xi32>) -> tensor<?xi32>
      %b = arith.addi %a, %t : tensor<?xi32>
      scf.yield %a : tensor<?xi32>
    }
    return %r : tensor<?xi32>
  }

  // A function of the program says it with its first result's point, or waits.
  // CHECK-LABEL: func.func private @with_result(
  // CHECK: %[[F:.+]]:2 = "tenon.fence"
  // CHECK: %[[P:.+]] = "tenon.execute"
  // CHECK: %[[J:.+]] = "tenon.join"(%[[P]], %[[F]]#1)
  // CHECK: return %{{.+}}, %{{.+}}, %{{.+}}, %[[J]]
  func.func private @with_result(%x: tensor<?xi32>) -> (index, tensor<?xi32>) {
    %c1 = arith.constant 1 : index
    %0 = func.call @ext.f(%x) : (tensor<?xi32>) -> tensor<?xi32>
    %2 = arith.addi %x, %x : tensor<?xi32>
    return %c1, %2 : index, tensor<?xi32>
  }
  // CHECK-LABEL: func.func private @without(
  // CHECK: %[[F:.+]]:2 = "tenon.fence"
  // CHECK: "tenon.wait"(%[[F]]#1)
  // CHECK-NEXT: return
  func.func private @without() {
    func.call @ext.tick() : () -> ()
    return
  }
  // CHECK-LABEL: func.func public @calls(
  // CHECK: call @with_result
  // CHECK: tenon.spawn
  // CHECK: func.func private @calls$async
  // CHECK: call @without
  func.func @calls(%x: tensor<?xi32>) -> tensor<?xi32> {
    %0:2 = func.call @with_result(%x) : (tensor<?xi32>) -> (index, tensor<?xi32>)
    func.call @without() : () -> ()
    return %0#1 : tensor<?xi32>
  }
}
