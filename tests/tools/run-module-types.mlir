// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// i4, f16, bf16 and complex numbers: what is read, printed, compared and kept in files.
//
// RUN: iree-compile --iree-hal-target-backends=llvm-cpu %s -o %t.vmfb
// RUN: iree-run-module --module=%t.vmfb --function=constants | FileCheck %s --check-prefix=CONSTANTS
// RUN: iree-run-module --module=%t.vmfb --function=twice --input=4xf16="1 65504 5.96046e-08 nan" --input=4xbf16="1 3e38 1e-40 -0" --input=4xi4="3 -8 7 0" --input=2xcf64="1+2j -0.5j" --input=cf128=-1e300-2e300j | FileCheck %s --check-prefix=TWICE
// RUN: iree-run-module --module=%t.vmfb --function=elements --input=3xf16="1 -2.5 3" --input=3xbf16="1 3.14 3" --input=3xi4="1 -7 2" | FileCheck %s --check-prefix=ELEMENTS
// RUN: iree-run-module --module=%t.vmfb --function=scalars --input=1.0004 --input=bf16=1.004 --input=9 | FileCheck %s --check-prefix=SCALARS
// RUN: iree-run-module --module=%t.vmfb --function=fill --input=0.1 --input=-3 | FileCheck %s --check-prefix=FILL
//
// RUN: iree-run-module --module=%t.vmfb --function=constants --output=@%t.f16.npy --output=@%t.bf16.npy --output=@%t.i4.npy --output=@%t.c64.npy --output=@%t.c128.npy
// RUN: head -c 80 %t.f16.npy | grep -a "'<f2'"
// RUN: head -c 80 %t.bf16.npy | grep -a "'<V2'"
// RUN: head -c 80 %t.i4.npy | grep -a "'|i1'"
// RUN: head -c 80 %t.c64.npy | grep -a "'<c8'"
// RUN: head -c 80 %t.c128.npy | grep -a "'<c16'"
// RUN: iree-run-module --module=%t.vmfb --function=twice --input=@%t.f16.npy --input=@%t.bf16.npy --input=4xi4=1 --input=@%t.c64.npy --input=cf128=1 --expected_output=4xf16="2 -5 0.2 inf" --expected_output=4xbf16="2 -5 0.2 -inf" --expected_output=4xi4="2 2 2 2" --expected_output=2xcf64="2+4.00001j -7" --expected_output=cf128=2
// RUN: not iree-run-module --module=%t.vmfb --function=twice --input=4xbf16=1 --input=4xbf16=1 --input=4xi4=1 --input=2xcf64=1 --input=cf128=1 2>&1 | FileCheck %s --check-prefix=MISMATCH

// CONSTANTS: 4xf16=1 -2.5 0.0999756 INF
// CONSTANTS: 4xbf16=1 -2.5 0.100098 -INF
// CONSTANTS: 4xi4=01 FE 07 F8
// CONSTANTS: 2xcf64=0000803F00000040 000060C000000000
// CONSTANTS: cf128=000000000000F03F00000000000004C0
func.func @constants() -> (tensor<4xf16>, tensor<4xbf16>, tensor<4xi4>, tensor<2xcomplex<f32>>, tensor<complex<f64>>) {
  %0 = arith.constant dense<[1.0, -2.5, 0.1, 0x7C00]> : tensor<4xf16>
  %1 = arith.constant dense<[1.0, -2.5, 0.1, 0xFF80]> : tensor<4xbf16>
  %2 = arith.constant dense<[1, -2, 7, -8]> : tensor<4xi4>
  %3 = arith.constant dense<[(1.0, 2.0), (-3.5, 0.0)]> : tensor<2xcomplex<f32>>
  %4 = arith.constant dense<(1.0, -2.5)> : tensor<complex<f64>>
  return %0, %1, %2, %3, %4 : tensor<4xf16>, tensor<4xbf16>, tensor<4xi4>, tensor<2xcomplex<f32>>, tensor<complex<f64>>
}

// MISMATCH: expected a tensor of ?xf16 but the view is 4xbf16 (element type bf16 instead of f16)

// TWICE: 4xf16=2 INF 1.19209E-07 NAN
// TWICE: 4xbf16=2 INF 1.83671E-40 -0
// TWICE: 4xi4=06 00 FE 00
// TWICE: 2xcf64=0000004000008040 00000000000080BF
// TWICE: cf128={{[0-9A-F]*}}FE{{[0-9A-F]*}}FE
func.func @twice(%a: tensor<?xf16>, %b: tensor<?xbf16>, %c: tensor<?xi4>, %d: tensor<?xcomplex<f32>>, %e: tensor<complex<f64>>)
    -> (tensor<?xf16>, tensor<?xbf16>, tensor<?xi4>, tensor<?xcomplex<f32>>, tensor<complex<f64>>) {
  %0 = arith.addf %a, %a : tensor<?xf16>
  %1 = arith.addf %b, %b : tensor<?xbf16>
  %2 = arith.addi %c, %c : tensor<?xi4>
  %zero = arith.constant 0 : index
  %n = tensor.dim %d, %zero : tensor<?xcomplex<f32>>
  %d_out = tensor.empty(%n) : tensor<?xcomplex<f32>>
  %3 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%d : tensor<?xcomplex<f32>>) outs(%d_out : tensor<?xcomplex<f32>>) {
  ^bb0(%x: complex<f32>, %o: complex<f32>):
    %re = complex.re %x : complex<f32>
    %im = complex.im %x : complex<f32>
    %two = complex.constant [2.0 : f32, 0.0 : f32] : complex<f32>
    %factor = complex.re %two : complex<f32>
    %r = arith.mulf %re, %factor : f32
    %i = arith.mulf %im, %factor : f32
    %y = complex.create %r, %i : complex<f32>
    linalg.yield %y : complex<f32>
  } -> tensor<?xcomplex<f32>>
  %e_out = tensor.empty() : tensor<complex<f64>>
  %4 = linalg.generic {indexing_maps = [affine_map<() -> ()>, affine_map<() -> ()>], iterator_types = []}
      ins(%e : tensor<complex<f64>>) outs(%e_out : tensor<complex<f64>>) {
  ^bb0(%x: complex<f64>, %o: complex<f64>):
    %re = complex.re %x : complex<f64>
    %im = complex.im %x : complex<f64>
    %r = arith.addf %re, %re : f64
    %i = arith.addf %im, %im : f64
    %y = complex.create %r, %i : complex<f64>
    linalg.yield %y : complex<f64>
  } -> tensor<complex<f64>>
  return %0, %1, %2, %3, %4 : tensor<?xf16>, tensor<?xbf16>, tensor<?xi4>, tensor<?xcomplex<f32>>, tensor<complex<f64>>
}

// ELEMENTS: f32=-2.5
// ELEMENTS: f32=3.14062
// ELEMENTS: i32=-7
func.func @elements(%a: tensor<3xf16>, %b: tensor<3xbf16>, %c: tensor<3xi4>) -> (f16, bf16, i4) {
  %one = arith.constant 1 : index
  %0 = tensor.extract %a[%one] : tensor<3xf16>
  %1 = tensor.extract %b[%one] : tensor<3xbf16>
  %2 = tensor.extract %c[%one] : tensor<3xi4>
  return %0, %1, %2 : f16, bf16, i4
}

// An argument is rounded to its type, then its sum with itself: 9 of i4 is -7.
// SCALARS: f32=2
// SCALARS: f32=2.01562
// SCALARS: i32=2
func.func @scalars(%a: f16, %b: bf16, %c: i4) -> (f16, bf16, i4) {
  %0 = arith.addf %a, %a : f16
  %1 = arith.addf %b, %b : bf16
  %2 = arith.addi %c, %c : i4
  return %0, %1, %2 : f16, bf16, i4
}

// FILL: 2xf16=0.0999756 0.0999756
// FILL: 3xi4=FD FD FD
func.func @fill(%a: f16, %b: i4) -> (tensor<2xf16>, tensor<3xi4>) {
  %0 = tensor.splat %a : tensor<2xf16>
  %1 = tensor.splat %b : tensor<3xi4>
  return %0, %1 : tensor<2xf16>, tensor<3xi4>
}
