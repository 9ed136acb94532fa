// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: split-file --leading-lines %s %t
// RUN: not iree-compile --compile-to=input %t/types.mlir 2>&1 | FileCheck %s --check-prefix=TYPES
// RUN: not iree-compile --compile-to=input %t/operations.mlir 2>&1 | FileCheck %s --check-prefix=OPERATIONS
// RUN: not iree-compile --compile-to=input %t/buffer.mlir 2>&1 | FileCheck %s --check-prefix=BUFFER
// RUN: not iree-compile --compile-to=input --iree-execution-model=host-only %t/tensors.mlir 2>&1 | FileCheck %s --check-prefix=TENSORS

//--- types.mlir
// TYPES: types.mlir:[[@LINE+1]]:14: error: 'a': type !custom.list<i32> is not supported: expected a type that is only a name, like !custom.string
func.func @a(%x: !custom.list<i32>) { return }
// Those of the compiler are not for programs.
// TYPES: types.mlir:[[@LINE+1]]:14: error: 'b': type !tenon.buffer is not supported
func.func @b(%x: !tenon.buffer) { return }
// TYPES: types.mlir:[[@LINE+1]]:14: error: 'c': type tensor<4x!custom.string> is not supported: expected elements of
func.func @c(%x: tensor<4x!custom.string>) { return }

//--- operations.mlir
// OPERATIONS: operations.mlir:[[@LINE+2]]:3: error: unknown operation 'custom.print'
func.func @a(%x: !custom.string) {
  "custom.print"(%x) : (!custom.string) -> ()
  return
}

//--- buffer.mlir
func.func @a() {
  // BUFFER: buffer.mlir:[[@LINE+1]]:8: error: 'util.buffer.constant': expected a string, or dense elements of i1, i4, i8, i16, i32, i64, index, f16, bf16, f32 or f64
  %0 = util.buffer.constant : !util.buffer = 5
  // BUFFER: buffer.mlir:[[@LINE+1]]:8: error: 'util.buffer.constant': expected a string, or dense elements
  %1 = util.buffer.constant : !util.buffer = dense<1> : tensor<4xi7>
  // BUFFER: buffer.mlir:[[@LINE+1]]:8: error: 'util.buffer.constant': an alignment of 64 is not supported
  %2 = util.buffer.constant {alignment = 64 : index} : !util.buffer = "a"
  return
}

//--- tensors.mlir
// TENSORS: tensors.mlir:[[@LINE+1]]:1: error: 'a.f': type tensor<4xi32> is not supported: tensors are of a device, and a program of --iree-execution-model=host-only has none; use !util.buffer, or another execution model
func.func private @a.f(tensor<4xi32>)
func.func @b() -> i32 {
  // TENSORS: tensors.mlir:[[@LINE+1]]:8: error: 'arith.constant': type tensor<1xi32> is not supported: tensors are of a device
  %0 = arith.constant dense<1> : tensor<1xi32>
  %i = arith.constant 0 : index
  %1 = tensor.extract %0[%i] : tensor<1xi32>
  return %1 : i32
}
