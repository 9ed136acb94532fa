// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --compile-to=schedule %s | FileCheck %s
// RUN: iree-compile --compile-to=schedule --iree-execution-model=async-external %s | FileCheck %s --check-prefix=ASYNC
//
// Updates are in place where the function has allocated the storage itself and nobody sees that it changes.

module {
  func.func private @m.use(tensor<8xf32>) -> ()
  util.global private mutable @state : tensor<8xf32>

  // What a loop carries is copied before the loop, if at all.
  // CHECK-LABEL: func.func public @loop(
  // CHECK: %[[A:.+]]:2 = "tenon.tensor_import"
  // CHECK: %[[C:.+]]:2 = "tenon.clone"(%{{.+}}, %[[A]]#0, %[[A]]#1)
  // CHECK-NEXT: cf.br ^bb1(%{{.+}}, %[[C]]#0, %[[A]]#1, %[[C]]#1
  // CHECK: ^bb1(%{{.+}}: index, %[[B:.+]]: !tenon.buffer, %[[D:.+]]: index, %[[P:.+]]: !tenon.timepoint)
  // CHECK-NOT: tenon.clone
  // CHECK: "tenon.execute"(%{{.+}}, %[[B]], %[[E:.+]]#0,
  // CHECK: "tenon.execute"(%{{.+}}, %[[E]]#0, %[[B]],
  // CHECK: cf.br ^bb1(%{{.+}}, %[[B]], %[[D]],
  // CHECK-NOT: tenon.clone
  // CHECK: "tenon.tensor_export"(%[[B]], %[[D]])
  //
  // Who writes waits for who reads.
  // ASYNC-LABEL: func.func public @loop(
  // ASYNC: %[[C:.+]]:2 = "tenon.clone"
  // ASYNC: ^bb1(%{{.+}}: index, %[[B:.+]]: !tenon.buffer, %{{.+}}: index, %[[P:.+]]: !tenon.timepoint)
  // ASYNC: %[[J:.+]] = "tenon.join"(%[[P]],
  // ASYNC: %[[READ:.+]] = "tenon.execute"(%[[J]], %[[B]], %[[E:.+]]#0,
  // ASYNC-NOT: tenon.clone
  // ASYNC: %[[WRITTEN:.+]] = "tenon.execute"(%[[READ]], %[[E]]#0, %[[B]],
  // ASYNC: cf.br ^bb1(%{{.+}}, %[[B]], %{{.+}}, %[[WRITTEN]]
  // ASYNC-NOT: tenon.clone
  // ASYNC: tenon.signal
  func.func @loop(%x: tensor<?xf32>, %n: index) -> tensor<?xf32> {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %r = scf.for %i = %c0 to %n step %c1 iter_args(%t = %x) -> (tensor<?xf32>) {
      %e = tensor.extract_slice %t[%i] [1] [1] : tensor<?xf32> to tensor<1xf32>
      %e2 = util.optimization_barrier %e : tensor<1xf32>
      %u = tensor.insert_slice %e2 into %t[%i] [1] [1] : tensor<1xf32> into tensor<?xf32>
      scf.yield %u : tensor<?xf32>
    }
    return %r : tensor<?xf32>
  }

  // What is new needs no copy; what is used once more does, but for the last time. In an asynchronous program the last waits for the copy.
  // CHECK-LABEL: func.func public @line(
  // CHECK: %[[Y:.+]]:2 = "tenon.alloc"
  // CHECK: "tenon.execute"(%{{.+}}, %{{.+}}, %[[Y]]#0)
  // CHECK: "tenon.execute"(%{{.+}}, %{{.+}}, %[[Y]]#0,
  // CHECK: %[[V:.+]]:2 = "tenon.clone"(%{{.+}}, %[[Y]]#0)
  // CHECK: "tenon.execute"(%[[V]]#1, %{{.+}}, %[[V]]#0,
  // CHECK-NOT: tenon.clone
  // CHECK: "tenon.execute"(%{{.+}}, %{{.+}}, %[[Y]]#0)
  // CHECK-NOT: tenon.clone
  // CHECK: return
  // ASYNC-LABEL: func.func public @line(
  // ASYNC: %[[V:.+]]:2 = "tenon.clone"(
  // ASYNC: %[[VP:.+]] = "tenon.execute"(%[[V]]#1, %{{.+}}, %[[V]]#0,
  // ASYNC: %[[WP:.+]] = "tenon.execute"(%[[VP]], %{{.+}})
  // ASYNC: %[[ALL:.+]] = "tenon.join"(%[[VP]], %[[WP]])
  // ASYNC: "tenon.signal"(%[[ALL]]
  func.func @line(%x: tensor<8xf32>, %i: index) -> (tensor<8xf32>, tensor<8xf32>) {
    %y = arith.addf %x, %x : tensor<8xf32>
    %c = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
    %u = tensor.insert_slice %c into %y[%i] [2] [1] : tensor<2xf32> into tensor<8xf32>
    %v = tensor.insert_slice %c into %u[%i] [2] [1] : tensor<2xf32> into tensor<8xf32>
    %w = tensor.insert_slice %c into %u[2] [2] [1] : tensor<2xf32> into tensor<8xf32>
    return %v, %w : tensor<8xf32>, tensor<8xf32>
  }

  // A loop that is left in its middle.
  // CHECK-LABEL: func.func public @do_while(
  // CHECK-COUNT-1: tenon.clone
  // CHECK-NOT: tenon.clone
  // CHECK: return
  // ASYNC-LABEL: func.func public @do_while(
  func.func @do_while(%x: tensor<8xf32>, %n: index) -> tensor<8xf32> {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c = arith.constant dense<[1.0]> : tensor<1xf32>
    %r:2 = scf.while (%t = %x, %i = %c0) : (tensor<8xf32>, index) -> (tensor<8xf32>, index) {
      %u = tensor.insert_slice %c into %t[%i] [1] [1] : tensor<1xf32> into tensor<8xf32>
      %more = arith.cmpi slt, %i, %n : index
      scf.condition(%more) %u, %i : tensor<8xf32>, index
    } do {
    ^bb0(%t: tensor<8xf32>, %i: index):
      %j = arith.addi %i, %c1 : index
      scf.yield %t, %j : tensor<8xf32>, index
    }
    return %r#0 : tensor<8xf32>
  }

  // The import may keep what it is given.
  // CHECK-LABEL: func.func public @given_away(
  // CHECK: ^bb2:
  // CHECK: "tenon.clone"
  // CHECK: "tenon.execute"
  // CHECK: call @m.use
  // CHECK: cf.br ^bb1
  func.func @given_away(%n: index) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %zero = arith.constant 0.0 : f32
    %x = tensor.splat %zero : tensor<8xf32>
    %c = arith.constant dense<[1.0]> : tensor<1xf32>
    %r = scf.for %i = %c0 to %n step %c1 iter_args(%t = %x) -> (tensor<8xf32>) {
      %u = tensor.insert_slice %c into %t[%i] [1] [1] : tensor<1xf32> into tensor<8xf32>
      func.call @m.use(%u) : (tensor<8xf32>) -> ()
      scf.yield %u : tensor<8xf32>
    }
    return
  }

  // A global may have it when the loop is over.
  // CHECK-LABEL: func.func public @kept(
  // CHECK-NOT: tenon.clone
  // CHECK: util.global.store
  func.func @kept(%n: index) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %zero = arith.constant 0.0 : f32
    %x = tensor.splat %zero : tensor<8xf32>
    %c = arith.constant dense<[1.0]> : tensor<1xf32>
    %r = scf.for %i = %c0 to %n step %c1 iter_args(%t = %x) -> (tensor<8xf32>) {
      %u = tensor.insert_slice %c into %t[%i] [1] [1] : tensor<1xf32> into tensor<8xf32>
      scf.yield %u : tensor<8xf32>
    }
    util.global.store %r, @state : tensor<8xf32>
    return
  }

  // ... and what is in it be read then.
  // CHECK-LABEL: func.func public @kept_and_read(
  // CHECK-NOT: tenon.clone
  // CHECK: util.global.store
  // CHECK-NOT: tenon.clone
  // CHECK: return
  // ASYNC-LABEL: func.func private @kept_and_read
  // ASYNC-NOT: tenon.clone
  // ASYNC: util.global.store
  func.func @kept_and_read(%n: index) -> tensor<8xf32> {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %zero = arith.constant 0.0 : f32
    %x = tensor.splat %zero : tensor<8xf32>
    %c = arith.constant dense<[1.0]> : tensor<1xf32>
    %r = scf.for %i = %c0 to %n step %c1 iter_args(%t = %x) -> (tensor<8xf32>) {
      %u = tensor.insert_slice %c into %t[%i] [1] [1] : tensor<1xf32> into tensor<8xf32>
      scf.yield %u : tensor<8xf32>
    }
    util.global.store %r, @state : tensor<8xf32>
    %y = arith.addf %r, %r : tensor<8xf32>
    return %y : tensor<8xf32>
  }

  // Each round's is kept.
  // CHECK-LABEL: func.func public @kept_each(
  // CHECK: ^bb2:
  // CHECK: tenon.clone
  // CHECK: util.global.store
  func.func @kept_each(%n: index) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %zero = arith.constant 0.0 : f32
    %x = tensor.splat %zero : tensor<8xf32>
    %c = arith.constant dense<[1.0]> : tensor<1xf32>
    %r = scf.for %i = %c0 to %n step %c1 iter_args(%t = %x) -> (tensor<8xf32>) {
      %u = tensor.insert_slice %c into %t[%i] [1] [1] : tensor<1xf32> into tensor<8xf32>
      util.global.store %u, @state : tensor<8xf32>
      scf.yield %u : tensor<8xf32>
    }
    return
  }

  // Two that are carried are one at first.
  // CHECK-LABEL: func.func public @twice(
  // CHECK: %[[X:.+]]:2 = "tenon.alloc"
  // CHECK: %[[Y:.+]]:2 = "tenon.clone"(%{{.+}}, %[[X]]#0)
  // CHECK: cf.br ^bb1(%{{.+}}, %[[X]]#0, %{{.+}}, %[[Y]]#0, %[[Y]]#1
  // CHECK-NOT: tenon.clone
  // CHECK: return
  func.func @twice(%n: index) -> (tensor<8xf32>, tensor<8xf32>) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %zero = arith.constant 0.0 : f32
    %x = tensor.splat %zero : tensor<8xf32>
    %c = arith.constant dense<[1.0]> : tensor<1xf32>
    %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%t = %x, %s = %x) -> (tensor<8xf32>, tensor<8xf32>) {
      %u = tensor.insert_slice %c into %t[%i] [1] [1] : tensor<1xf32> into tensor<8xf32>
      %v = tensor.insert_slice %c into %s[2] [1] [1] : tensor<1xf32> into tensor<8xf32>
      scf.yield %u, %v : tensor<8xf32>, tensor<8xf32>
    }
    return %r#0, %r#1 : tensor<8xf32>, tensor<8xf32>
  }

  // Who reads it in one branch keeps nobody in the other waiting.
  // ASYNC-LABEL: func.func public @either(
  // ASYNC: %[[WRITTEN:.+]] = "tenon.execute"
  // ASYNC-NOT: tenon.clone
  // ASYNC: "tenon.execute"
  // ASYNC: "tenon.execute"(%[[WRITTEN]], %{{[0-9]+}}#0)
  // ASYNC-NOT: tenon.clone
  // ASYNC: return
  func.func @either(%a: tensor<4xi32>, %c: i1) -> tensor<4xi32> {
    %c0 = arith.constant 0 : index
    %c7 = arith.constant 7 : i32
    %x = arith.addi %a, %a : tensor<4xi32>
    %r = scf.if %c -> tensor<4xi32> {
      %y = arith.muli %x, %a : tensor<4xi32>
      scf.yield %y : tensor<4xi32>
    } else {
      %z = tensor.insert %c7 into %x[%c0] : tensor<4xi32>
      scf.yield %z : tensor<4xi32>
    }
    return %r : tensor<4xi32>
  }
}
