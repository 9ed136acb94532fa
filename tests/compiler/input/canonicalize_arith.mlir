// RUN: iree-compile --iree-execution-model=host-only --compile-to=input %s | FileCheck %s

// Upstream's canonicalisation of the high half of x * 1 is an arith.extsi to index, which there is not.
// CHECK-LABEL: func.func @high
// CHECK: arith.mulsi_extended
func.func @high(%x: index) -> i64 {
  %one = arith.constant 1 : index
  %low, %high = arith.mulsi_extended %x, %one : index
  %0 = arith.index_cast %high : index to i64
  return %0 : i64
}

// And it takes a cast to a narrow integer and back for nothing.
// CHECK-LABEL: func.func @narrow
// CHECK: arith.index_cast %{{.*}} : index to i16
// CHECK: arith.index_cast %{{.*}} : i16 to index
// CHECK: arith.index_castui %{{.*}} : index to i8
// CHECK: arith.index_castui %{{.*}} : i8 to index
func.func @narrow(%x: index) -> (index, index) {
  %0 = arith.index_cast %x : index to i16
  %1 = arith.index_cast %0 : i16 to index
  %2 = arith.index_castui %x : index to i8
  %3 = arith.index_castui %2 : i8 to index
  return %1, %3 : index, index
}

// And it crashes here.
// CHECK-LABEL: func.func @compared
func.func @compared(%x: i32) -> (i1, i1) {
  %one = arith.constant 1.0 : f32
  %y = arith.sitofp %x : i32 to f32
  %0 = arith.cmpf false, %y, %one : f32
  %1 = arith.cmpf true, %y, %one : f32
  return %0, %1 : i1, i1
}
