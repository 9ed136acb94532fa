// RUN: iree-compile %s --iree-execution-model=host-only --compile-to=input | FileCheck %s

// Nor would it end where a branch on the condition of the branch before cuts the loop off.
// CHECK-LABEL: func.func @p565_f2
module @m {
func.func @p565_f1(%a0: f64, %a1: f64) -> (i8, i1) {
  %v1 = arith.fptosi %a1 : f64 to i16
  %v2 = arith.minui %v1, %v1 : i16
  %v3 = arith.constant 2 : index
  %v4 = util.optimization_barrier %v3 : index
  %v5 = arith.index_castui %v4 : index to i32
  %v6 = arith.constant false
  %v7 = arith.ori %v6, %v6 : i1
  %v8 = arith.divf %a0, %a1 : f64
  %v9 = arith.select %v6, %a1, %a1 : f64
  %v10 = arith.truncf %v9 : f64 to f32
  %v11 = arith.remf %v10, %v10 : f32
  %v12 = arith.fptosi %v10 : f32 to i8
  %v13 = arith.trunci %v5 : i32 to i1
  func.return %v12, %v13 : i8, i1
}
func.func @p565_f2(%a0: i8) -> i8 {
  %v1 = arith.constant 0x421827C88158EA1E : f64
  %v2 = arith.constant 0x419F951F625BF9D1 : f64
  %v3, %v4 = func.call @p565_f1(%v1, %v2) : (f64, f64) -> (i8, i1)
  %v5 = arith.constant 10 : i32
  cf.br ^b1(%v5, %v4, %v5 : i32, i1, i32)
^b1(%v95: i32, %v96: i1, %v97: i32):
  %v143, %v144, %v145 = scf.if %v96 -> (i16, i64, i8) {
    %v98 = arith.constant -5 : i16
    %v99 = util.optimization_barrier %v98 : i16
    %v100 = arith.constant 191676086740240065 : i64
    scf.yield %v99, %v100, %v3 : i16, i64, i8
  } else {
    %v101 = arith.index_cast %v5 : i32 to index
    %v102 = arith.constant 64 : index
    %v103 = arith.xori %v101, %v102 : index
    %v104, %v105 = func.call @p565_f1(%v2, %v2) : (f64, f64) -> (i8, i1)
    %v111 = scf.if %v105 -> (index) {
      %v106 = arith.constant 0x43E158E460913D00 : f64
      %v107 = arith.addf %v2, %v106 : f64
      %v108 = arith.cmpi uge, %v3, %v3 : i8
      scf.yield %v102 : index
    } else {
      scf.yield %v103 : index
    }
    %v138, %v139 = scf.if %v96 -> (i8, i64) {
      %v115 = arith.constant 0 : i64
      %v120 = arith.constant 2 : i32
      %v123 = arith.constant 0 : i32
      %v124 = arith.constant 3 : i32
      %v131 = scf.for %v125 = %v120 to %v123 step %v124 iter_args(%v126 = %v124) -> (i32) : i32 {
        scf.yield %v126 : i32
      }
      scf.yield %v104, %v115 : i8, i64
    } else {
      %v137 = arith.constant 0 : i64
      scf.yield %v3, %v137 : i8, i64
    }
    %v140 = arith.constant 0 : i16
    %v142 = arith.constant 0 : i64
    scf.yield %v140, %v142, %v104 : i16, i64, i8
  }
  cf.br ^b2(%v3 : i8)
^b2(%v171: i8):
  func.return %v171 : i8
}
}
