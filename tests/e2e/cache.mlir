// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What cache_test.c runs, compiled with --iree-execution-model=async-external and without: a table in a global, of which calls change rows.
module @cache {
  util.global private mutable @table : tensor<8x4xi32>

  // In place, in a synchronous program.
  func.func @write(%i: index, %x: tensor<4xi32>) {
    %old = util.global.load @table : tensor<8x4xi32>
    %new = tensor.insert_slice %x into %old[%i, 0] [1, 4] [1, 1] : tensor<4xi32> into tensor<8x4xi32>
    util.global.store %new, @table : tensor<8x4xi32>
    return
  }
  func.func @read() -> tensor<8x4xi32> {
    %0 = util.global.load @table : tensor<8x4xi32>
    return %0 : tensor<8x4xi32>
  }
  // The result is a copy of what is kept.
  func.func @write_and_read(%i: index, %x: tensor<4xi32>) -> tensor<8x4xi32> {
    %old = util.global.load @table : tensor<8x4xi32>
    %new = tensor.insert_slice %x into %old[%i, 0] [1, 4] [1, 1] : tensor<4xi32> into tensor<8x4xi32>
    util.global.store %new, @table : tensor<8x4xi32>
    return %new : tensor<8x4xi32>
  }
  // What was there is read after the update.
  func.func @write_and_read_old(%i: index, %x: tensor<4xi32>) -> tensor<8x4xi32> {
    %old = util.global.load @table : tensor<8x4xi32>
    %new = tensor.insert_slice %x into %old[%i, 0] [1, 4] [1, 1] : tensor<4xi32> into tensor<8x4xi32>
    util.global.store %new, @table : tensor<8x4xi32>
    %c = arith.addi %old, %old : tensor<8x4xi32>
    return %c : tensor<8x4xi32>
  }
  // Two rows, the second what the first was.
  func.func @move(%i: index, %j: index, %x: tensor<4xi32>) {
    %old = util.global.load @table : tensor<8x4xi32>
    %row = tensor.extract_slice %old[%i, 0] [1, 4] [1, 1] : tensor<8x4xi32> to tensor<4xi32>
    %kept = util.optimization_barrier %row : tensor<4xi32>
    %0 = tensor.insert_slice %x into %old[%i, 0] [1, 4] [1, 1] : tensor<4xi32> into tensor<8x4xi32>
    %1 = tensor.insert_slice %kept into %0[%j, 0] [1, 4] [1, 1] : tensor<4xi32> into tensor<8x4xi32>
    util.global.store %1, @table : tensor<8x4xi32>
    return
  }
  // The same without keeping the row apart.
  func.func @copy_row(%i: index, %j: index) {
    %old = util.global.load @table : tensor<8x4xi32>
    %row = tensor.extract_slice %old[%i, 0] [1, 4] [1, 1] : tensor<8x4xi32> to tensor<4xi32>
    %new = tensor.insert_slice %row into %old[%j, 0] [1, 4] [1, 1] : tensor<4xi32> into tensor<8x4xi32>
    util.global.store %new, @table : tensor<8x4xi32>
    return
  }
  // Rows from 0 on, each in a round of its own.
  func.func @fill(%n: index, %x: tensor<4xi32>) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    scf.for %i = %c0 to %n step %c1 {
      %old = util.global.load @table : tensor<8x4xi32>
      %new = tensor.insert_slice %x into %old[%i, 0] [1, 4] [1, 1] : tensor<4xi32> into tensor<8x4xi32>
      util.global.store %new, @table : tensor<8x4xi32>
    }
    return
  }
  // What was loaded before the loop is returned after it.
  func.func @fill_and_read_old(%n: index, %x: tensor<4xi32>) -> tensor<8x4xi32> {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %first = util.global.load @table : tensor<8x4xi32>
    scf.for %i = %c0 to %n step %c1 {
      %old = util.global.load @table : tensor<8x4xi32>
      %new = tensor.insert_slice %x into %old[%i, 0] [1, 4] [1, 1] : tensor<4xi32> into tensor<8x4xi32>
      util.global.store %new, @table : tensor<8x4xi32>
    }
    %c = arith.addi %first, %first : tensor<8x4xi32>
    return %c : tensor<8x4xi32>
  }
  // A new table, of which what is kept is read once more.
  func.func @build(%n: index, %x: tensor<4xi32>) -> tensor<8x4xi32> {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %zero = arith.constant 0 : i32
    %empty = tensor.splat %zero : tensor<8x4xi32>
    %new = scf.for %i = %c0 to %n step %c1 iter_args(%t = %empty) -> tensor<8x4xi32> {
      %u = tensor.insert_slice %x into %t[%i, 0] [1, 4] [1, 1] : tensor<4xi32> into tensor<8x4xi32>
      scf.yield %u : tensor<8x4xi32>
    }
    util.global.store %new, @table : tensor<8x4xi32>
    %c = arith.addi %new, %new : tensor<8x4xi32>
    return %c : tensor<8x4xi32>
  }
  // The same, but every other round is kept, and the table returned as it is.
  func.func @build_and_keep(%n: index, %x: tensor<4xi32>) -> tensor<8x4xi32> {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %zero = arith.constant 0 : i32
    %empty = tensor.splat %zero : tensor<8x4xi32>
    util.global.store %empty, @table : tensor<8x4xi32>
    %new = scf.for %i = %c0 to %n step %c1 iter_args(%t = %empty) -> tensor<8x4xi32> {
      %u = tensor.insert_slice %x into %t[%i, 0] [1, 4] [1, 1] : tensor<4xi32> into tensor<8x4xi32>
      %odd = arith.andi %i, %c1 : index
      %is_odd = arith.cmpi eq, %odd, %c1 : index
      scf.if %is_odd {
        util.global.store %u, @table : tensor<8x4xi32>
      }
      scf.yield %u : tensor<8x4xi32>
    }
    return %new : tensor<8x4xi32>
  }
  func.func @reset(%x: tensor<8x4xi32>) {
    util.global.store %x, @table : tensor<8x4xi32>
    return
  }
}
