// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --compile-to=input %s | FileCheck %s
//
// However many operations a tensor has gone through, its size is taken from where it begins.

// CHECK-LABEL: func.func @updates
// CHECK-NOT: tensor.dim
// CHECK: tensor.dim %arg0, %c0
// CHECK-NOT: tensor.dim
func.func @updates(%v0: tensor<?xf32>, %x: f32, %i: index) -> (tensor<?xf32>, index) {
  %c0 = arith.constant 0 : index
  %v1 = tensor.insert %x into %v0[%i] : tensor<?xf32>
  %v2 = tensor.insert %x into %v1[%i] : tensor<?xf32>
  %v3 = tensor.insert %x into %v2[%i] : tensor<?xf32>
  %v4 = tensor.insert %x into %v3[%i] : tensor<?xf32>
  %v5 = tensor.insert %x into %v4[%i] : tensor<?xf32>
  %v6 = tensor.insert %x into %v5[%i] : tensor<?xf32>
  %v7 = tensor.insert %x into %v6[%i] : tensor<?xf32>
  %v8 = tensor.insert %x into %v7[%i] : tensor<?xf32>
  %v9 = tensor.insert %x into %v8[%i] : tensor<?xf32>
  %v10 = tensor.insert %x into %v9[%i] : tensor<?xf32>
  %v11 = tensor.insert %x into %v10[%i] : tensor<?xf32>
  %v12 = tensor.insert %x into %v11[%i] : tensor<?xf32>
  %v13 = tensor.insert %x into %v12[%i] : tensor<?xf32>
  %v14 = tensor.insert %x into %v13[%i] : tensor<?xf32>
  %v15 = tensor.insert %x into %v14[%i] : tensor<?xf32>
  %v16 = tensor.insert %x into %v15[%i] : tensor<?xf32>
  %v17 = tensor.insert %x into %v16[%i] : tensor<?xf32>
  %v18 = tensor.insert %x into %v17[%i] : tensor<?xf32>
  %v19 = tensor.insert %x into %v18[%i] : tensor<?xf32>
  %v20 = tensor.insert %x into %v19[%i] : tensor<?xf32>
  %v21 = tensor.insert %x into %v20[%i] : tensor<?xf32>
  %v22 = tensor.insert %x into %v21[%i] : tensor<?xf32>
  %v23 = tensor.insert %x into %v22[%i] : tensor<?xf32>
  %v24 = tensor.insert %x into %v23[%i] : tensor<?xf32>
  %v25 = tensor.insert %x into %v24[%i] : tensor<?xf32>
  %v26 = tensor.insert %x into %v25[%i] : tensor<?xf32>
  %v27 = tensor.insert %x into %v26[%i] : tensor<?xf32>
  %v28 = tensor.insert %x into %v27[%i] : tensor<?xf32>
  %v29 = tensor.insert %x into %v28[%i] : tensor<?xf32>
  %v30 = tensor.insert %x into %v29[%i] : tensor<?xf32>
  %v31 = tensor.insert %x into %v30[%i] : tensor<?xf32>
  %v32 = tensor.insert %x into %v31[%i] : tensor<?xf32>
  %v33 = tensor.insert %x into %v32[%i] : tensor<?xf32>
  %v34 = tensor.insert %x into %v33[%i] : tensor<?xf32>
  %v35 = tensor.insert %x into %v34[%i] : tensor<?xf32>
  %v36 = tensor.insert %x into %v35[%i] : tensor<?xf32>
  %v37 = tensor.insert %x into %v36[%i] : tensor<?xf32>
  %v38 = tensor.insert %x into %v37[%i] : tensor<?xf32>
  %v39 = tensor.insert %x into %v38[%i] : tensor<?xf32>
  %v40 = tensor.insert %x into %v39[%i] : tensor<?xf32>
  %size = tensor.dim %v40, %c0 : tensor<?xf32>
  return %v40, %size : tensor<?xf32>, index
}

// What a cast says is known behind it.
// CHECK-LABEL: func.func @casts
// CHECK: return %c4
func.func @casts(%a: tensor<?xf32>, %x: f32, %i: index) -> index {
  %c0 = arith.constant 0 : index
  %b = tensor.insert %x into %a[%i] : tensor<?xf32>
  %c = tensor.cast %b : tensor<?xf32> to tensor<4xf32>
  %d = tensor.insert %x into %c[%i] : tensor<4xf32>
  %e = tensor.cast %d : tensor<4xf32> to tensor<?xf32>
  %f = tensor.insert %x into %e[%i] : tensor<?xf32>
  %size = tensor.dim %f, %c0 : tensor<?xf32>
  return %size : index
}
