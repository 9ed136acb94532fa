// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Made by compiler/library/generate.py from rounding.py; change that.
//
// ceil, floor, round, roundeven, trunc, absf, copysign, clampf, isfinite, isinf, isnan, isnormal: all exact.

func.func private @__tenon_absf_f32(%x: f32) -> f32 {
  %t_0 = arith.bitcast %x : f32 to i32
  %c_0 = arith.constant 2147483647 : i32
  %t_1 = arith.andi %t_0, %c_0 : i32
  %t_2 = arith.bitcast %t_1 : i32 to f32
  return %t_2 : f32
}

func.func private @__tenon_absf_f64(%x: f64) -> f64 {
  %t_0 = arith.bitcast %x : f64 to i64
  %c_0 = arith.constant 9223372036854775807 : i64
  %t_1 = arith.andi %t_0, %c_0 : i64
  %t_2 = arith.bitcast %t_1 : i64 to f64
  return %t_2 : f64
}

func.func private @__tenon_ceil_f32(%x: f32) -> f32 {
  %t_0 = arith.bitcast %x : f32 to i32
  %c_0 = arith.constant 2147483647 : i32
  %t_1 = arith.andi %t_0, %c_0 : i32
  %_ = arith.bitcast %t_1 : i32 to f32
  %c_1 = arith.constant 8388608.0 : f32
  %t_2 = arith.cmpf olt, %_, %c_1 : f32
  %t_3 = arith.addf %_, %c_1 : f32
  %t_4 = arith.subf %t_3, %c_1 : f32
  %t_5 = arith.select %t_2, %t_4, %_ : f32
  %t_6 = arith.bitcast %t_5 : f32 to i32
  %t_7 = arith.andi %t_6, %c_0 : i32
  %c_2 = arith.constant -2147483648 : i32
  %t_8 = arith.andi %t_0, %c_2 : i32
  %t_9 = arith.ori %t_7, %t_8 : i32
  %t_10 = arith.bitcast %t_9 : i32 to f32
  %t_11 = arith.cmpf olt, %t_10, %x : f32
  %c_3 = arith.constant 1.0 : f32
  %t_12 = arith.addf %t_10, %c_3 : f32
  %magnitude = arith.select %t_11, %t_12, %t_10 : f32
  %t_13 = arith.bitcast %magnitude : f32 to i32
  %t_14 = arith.andi %t_13, %c_0 : i32
  %t_15 = arith.ori %t_14, %t_8 : i32
  %t_16 = arith.bitcast %t_15 : i32 to f32
  return %t_16 : f32
}

func.func private @__tenon_ceil_f64(%x: f64) -> f64 {
  %t_0 = arith.bitcast %x : f64 to i64
  %c_0 = arith.constant 9223372036854775807 : i64
  %t_1 = arith.andi %t_0, %c_0 : i64
  %_ = arith.bitcast %t_1 : i64 to f64
  %c_1 = arith.constant 4503599627370496.0 : f64
  %t_2 = arith.cmpf olt, %_, %c_1 : f64
  %t_3 = arith.addf %_, %c_1 : f64
  %t_4 = arith.subf %t_3, %c_1 : f64
  %t_5 = arith.select %t_2, %t_4, %_ : f64
  %t_6 = arith.bitcast %t_5 : f64 to i64
  %t_7 = arith.andi %t_6, %c_0 : i64
  %c_2 = arith.constant -9223372036854775808 : i64
  %t_8 = arith.andi %t_0, %c_2 : i64
  %t_9 = arith.ori %t_7, %t_8 : i64
  %t_10 = arith.bitcast %t_9 : i64 to f64
  %t_11 = arith.cmpf olt, %t_10, %x : f64
  %c_3 = arith.constant 1.0 : f64
  %t_12 = arith.addf %t_10, %c_3 : f64
  %magnitude = arith.select %t_11, %t_12, %t_10 : f64
  %t_13 = arith.bitcast %magnitude : f64 to i64
  %t_14 = arith.andi %t_13, %c_0 : i64
  %t_15 = arith.ori %t_14, %t_8 : i64
  %t_16 = arith.bitcast %t_15 : i64 to f64
  return %t_16 : f64
}

// maxf(minf(value, low), high) in MLIR's words; what is meant, and what its lowering does: value cut to [low, high], of a NaN
//     NaN, and -0 below +0.
func.func private @__tenon_clampf_f32(%value: f32, %low: f32, %high: f32) -> f32 {
  %t_0 = arith.maximumf %value, %low : f32
  %t_1 = arith.minimumf %t_0, %high : f32
  return %t_1 : f32
}

// maxf(minf(value, low), high) in MLIR's words; what is meant, and what its lowering does: value cut to [low, high], of a NaN
//     NaN, and -0 below +0.
func.func private @__tenon_clampf_f64(%value: f64, %low: f64, %high: f64) -> f64 {
  %t_0 = arith.maximumf %value, %low : f64
  %t_1 = arith.minimumf %t_0, %high : f64
  return %t_1 : f64
}

func.func private @__tenon_copysign_f32(%magnitude: f32, %sign: f32) -> f32 {
  %t_0 = arith.bitcast %magnitude : f32 to i32
  %c_0 = arith.constant 2147483647 : i32
  %t_1 = arith.andi %t_0, %c_0 : i32
  %t_2 = arith.bitcast %sign : f32 to i32
  %c_1 = arith.constant -2147483648 : i32
  %t_3 = arith.andi %t_2, %c_1 : i32
  %t_4 = arith.ori %t_1, %t_3 : i32
  %t_5 = arith.bitcast %t_4 : i32 to f32
  return %t_5 : f32
}

func.func private @__tenon_copysign_f64(%magnitude: f64, %sign: f64) -> f64 {
  %t_0 = arith.bitcast %magnitude : f64 to i64
  %c_0 = arith.constant 9223372036854775807 : i64
  %t_1 = arith.andi %t_0, %c_0 : i64
  %t_2 = arith.bitcast %sign : f64 to i64
  %c_1 = arith.constant -9223372036854775808 : i64
  %t_3 = arith.andi %t_2, %c_1 : i64
  %t_4 = arith.ori %t_1, %t_3 : i64
  %t_5 = arith.bitcast %t_4 : i64 to f64
  return %t_5 : f64
}

func.func private @__tenon_floor_f32(%x: f32) -> f32 {
  %t_0 = arith.bitcast %x : f32 to i32
  %c_0 = arith.constant 2147483647 : i32
  %t_1 = arith.andi %t_0, %c_0 : i32
  %_ = arith.bitcast %t_1 : i32 to f32
  %c_1 = arith.constant 8388608.0 : f32
  %t_2 = arith.cmpf olt, %_, %c_1 : f32
  %t_3 = arith.addf %_, %c_1 : f32
  %t_4 = arith.subf %t_3, %c_1 : f32
  %t_5 = arith.select %t_2, %t_4, %_ : f32
  %t_6 = arith.bitcast %t_5 : f32 to i32
  %t_7 = arith.andi %t_6, %c_0 : i32
  %c_2 = arith.constant -2147483648 : i32
  %t_8 = arith.andi %t_0, %c_2 : i32
  %t_9 = arith.ori %t_7, %t_8 : i32
  %t_10 = arith.bitcast %t_9 : i32 to f32
  %t_11 = arith.cmpf ogt, %t_10, %x : f32
  %c_3 = arith.constant 1.0 : f32
  %t_12 = arith.subf %t_10, %c_3 : f32
  %magnitude = arith.select %t_11, %t_12, %t_10 : f32
  %t_13 = arith.bitcast %magnitude : f32 to i32
  %t_14 = arith.andi %t_13, %c_0 : i32
  %t_15 = arith.ori %t_14, %t_8 : i32
  %t_16 = arith.bitcast %t_15 : i32 to f32
  return %t_16 : f32
}

func.func private @__tenon_floor_f64(%x: f64) -> f64 {
  %t_0 = arith.bitcast %x : f64 to i64
  %c_0 = arith.constant 9223372036854775807 : i64
  %t_1 = arith.andi %t_0, %c_0 : i64
  %_ = arith.bitcast %t_1 : i64 to f64
  %c_1 = arith.constant 4503599627370496.0 : f64
  %t_2 = arith.cmpf olt, %_, %c_1 : f64
  %t_3 = arith.addf %_, %c_1 : f64
  %t_4 = arith.subf %t_3, %c_1 : f64
  %t_5 = arith.select %t_2, %t_4, %_ : f64
  %t_6 = arith.bitcast %t_5 : f64 to i64
  %t_7 = arith.andi %t_6, %c_0 : i64
  %c_2 = arith.constant -9223372036854775808 : i64
  %t_8 = arith.andi %t_0, %c_2 : i64
  %t_9 = arith.ori %t_7, %t_8 : i64
  %t_10 = arith.bitcast %t_9 : i64 to f64
  %t_11 = arith.cmpf ogt, %t_10, %x : f64
  %c_3 = arith.constant 1.0 : f64
  %t_12 = arith.subf %t_10, %c_3 : f64
  %magnitude = arith.select %t_11, %t_12, %t_10 : f64
  %t_13 = arith.bitcast %magnitude : f64 to i64
  %t_14 = arith.andi %t_13, %c_0 : i64
  %t_15 = arith.ori %t_14, %t_8 : i64
  %t_16 = arith.bitcast %t_15 : i64 to f64
  return %t_16 : f64
}

func.func private @__tenon_isfinite_f32(%x: f32) -> i1 {
  %t_0 = arith.bitcast %x : f32 to i32
  %c_0 = arith.constant 2147483647 : i32
  %t_1 = arith.andi %t_0, %c_0 : i32
  %t_2 = arith.bitcast %t_1 : i32 to f32
  %c_1 = arith.constant 0x7F800000 : f32
  %t_3 = arith.cmpf olt, %t_2, %c_1 : f32
  return %t_3 : i1
}

func.func private @__tenon_isfinite_f64(%x: f64) -> i1 {
  %t_0 = arith.bitcast %x : f64 to i64
  %c_0 = arith.constant 9223372036854775807 : i64
  %t_1 = arith.andi %t_0, %c_0 : i64
  %t_2 = arith.bitcast %t_1 : i64 to f64
  %c_1 = arith.constant 0x7FF0000000000000 : f64
  %t_3 = arith.cmpf olt, %t_2, %c_1 : f64
  return %t_3 : i1
}

func.func private @__tenon_isinf_f32(%x: f32) -> i1 {
  %t_0 = arith.bitcast %x : f32 to i32
  %c_0 = arith.constant 2147483647 : i32
  %t_1 = arith.andi %t_0, %c_0 : i32
  %t_2 = arith.bitcast %t_1 : i32 to f32
  %c_1 = arith.constant 0x7F800000 : f32
  %t_3 = arith.cmpf oeq, %t_2, %c_1 : f32
  return %t_3 : i1
}

func.func private @__tenon_isinf_f64(%x: f64) -> i1 {
  %t_0 = arith.bitcast %x : f64 to i64
  %c_0 = arith.constant 9223372036854775807 : i64
  %t_1 = arith.andi %t_0, %c_0 : i64
  %t_2 = arith.bitcast %t_1 : i64 to f64
  %c_1 = arith.constant 0x7FF0000000000000 : f64
  %t_3 = arith.cmpf oeq, %t_2, %c_1 : f64
  return %t_3 : i1
}

func.func private @__tenon_isnan_f32(%x: f32) -> i1 {
  %t_0 = arith.cmpf uno, %x, %x : f32
  return %t_0 : i1
}

func.func private @__tenon_isnan_f64(%x: f64) -> i1 {
  %t_0 = arith.cmpf uno, %x, %x : f64
  return %t_0 : i1
}

func.func private @__tenon_isnormal_f32(%x: f32) -> i1 {
  %t_0 = arith.bitcast %x : f32 to i32
  %c_0 = arith.constant 2147483647 : i32
  %t_1 = arith.andi %t_0, %c_0 : i32
  %t_2 = arith.bitcast %t_1 : i32 to f32
  %c_1 = arith.constant 0x7F800000 : f32
  %t_3 = arith.cmpf olt, %t_2, %c_1 : f32
  %c_2 = arith.constant 1.175494351e-38 : f32
  %t_4 = arith.cmpf oge, %t_2, %c_2 : f32
  %t_5 = arith.andi %t_3, %t_4 : i1
  return %t_5 : i1
}

func.func private @__tenon_isnormal_f64(%x: f64) -> i1 {
  %t_0 = arith.bitcast %x : f64 to i64
  %c_0 = arith.constant 9223372036854775807 : i64
  %t_1 = arith.andi %t_0, %c_0 : i64
  %t_2 = arith.bitcast %t_1 : i64 to f64
  %c_1 = arith.constant 0x7FF0000000000000 : f64
  %t_3 = arith.cmpf olt, %t_2, %c_1 : f64
  %c_2 = arith.constant 2.2250738585072014e-308 : f64
  %t_4 = arith.cmpf oge, %t_2, %c_2 : f64
  %t_5 = arith.andi %t_3, %t_4 : i1
  return %t_5 : i1
}

// Ties away from zero.
func.func private @__tenon_round_f32(%x: f32) -> f32 {
  %t_0 = arith.bitcast %x : f32 to i32
  %c_0 = arith.constant 2147483647 : i32
  %t_1 = arith.andi %t_0, %c_0 : i32
  %a = arith.bitcast %t_1 : i32 to f32
  %c_1 = arith.constant 8388608.0 : f32
  %t_2 = arith.cmpf olt, %a, %c_1 : f32
  %t_3 = arith.addf %a, %c_1 : f32
  %t_4 = arith.subf %t_3, %c_1 : f32
  %t_5 = arith.select %t_2, %t_4, %a : f32
  %t_6 = arith.cmpf ogt, %t_5, %a : f32
  %c_2 = arith.constant 1.0 : f32
  %t_7 = arith.subf %t_5, %c_2 : f32
  %t_8 = arith.select %t_6, %t_7, %t_5 : f32
  %t_9 = arith.subf %a, %t_8 : f32
  %c_3 = arith.constant 0.5 : f32
  %t_10 = arith.cmpf oge, %t_9, %c_3 : f32
  %t_11 = arith.addf %t_8, %c_2 : f32
  %magnitude = arith.select %t_10, %t_11, %t_8 : f32
  %t_12 = arith.bitcast %magnitude : f32 to i32
  %t_13 = arith.andi %t_12, %c_0 : i32
  %c_4 = arith.constant -2147483648 : i32
  %t_14 = arith.andi %t_0, %c_4 : i32
  %t_15 = arith.ori %t_13, %t_14 : i32
  %t_16 = arith.bitcast %t_15 : i32 to f32
  return %t_16 : f32
}

// Ties away from zero.
func.func private @__tenon_round_f64(%x: f64) -> f64 {
  %t_0 = arith.bitcast %x : f64 to i64
  %c_0 = arith.constant 9223372036854775807 : i64
  %t_1 = arith.andi %t_0, %c_0 : i64
  %a = arith.bitcast %t_1 : i64 to f64
  %c_1 = arith.constant 4503599627370496.0 : f64
  %t_2 = arith.cmpf olt, %a, %c_1 : f64
  %t_3 = arith.addf %a, %c_1 : f64
  %t_4 = arith.subf %t_3, %c_1 : f64
  %t_5 = arith.select %t_2, %t_4, %a : f64
  %t_6 = arith.cmpf ogt, %t_5, %a : f64
  %c_2 = arith.constant 1.0 : f64
  %t_7 = arith.subf %t_5, %c_2 : f64
  %t_8 = arith.select %t_6, %t_7, %t_5 : f64
  %t_9 = arith.subf %a, %t_8 : f64
  %c_3 = arith.constant 0.5 : f64
  %t_10 = arith.cmpf oge, %t_9, %c_3 : f64
  %t_11 = arith.addf %t_8, %c_2 : f64
  %magnitude = arith.select %t_10, %t_11, %t_8 : f64
  %t_12 = arith.bitcast %magnitude : f64 to i64
  %t_13 = arith.andi %t_12, %c_0 : i64
  %c_4 = arith.constant -9223372036854775808 : i64
  %t_14 = arith.andi %t_0, %c_4 : i64
  %t_15 = arith.ori %t_13, %t_14 : i64
  %t_16 = arith.bitcast %t_15 : i64 to f64
  return %t_16 : f64
}

func.func private @__tenon_roundeven_f32(%x: f32) -> f32 {
  %t_0 = arith.bitcast %x : f32 to i32
  %c_0 = arith.constant 2147483647 : i32
  %t_1 = arith.andi %t_0, %c_0 : i32
  %_ = arith.bitcast %t_1 : i32 to f32
  %c_1 = arith.constant 8388608.0 : f32
  %t_2 = arith.cmpf olt, %_, %c_1 : f32
  %t_3 = arith.addf %_, %c_1 : f32
  %t_4 = arith.subf %t_3, %c_1 : f32
  %t_5 = arith.select %t_2, %t_4, %_ : f32
  %t_6 = arith.bitcast %t_5 : f32 to i32
  %t_7 = arith.andi %t_6, %c_0 : i32
  %c_2 = arith.constant -2147483648 : i32
  %t_8 = arith.andi %t_0, %c_2 : i32
  %t_9 = arith.ori %t_7, %t_8 : i32
  %t_10 = arith.bitcast %t_9 : i32 to f32
  return %t_10 : f32
}

func.func private @__tenon_roundeven_f64(%x: f64) -> f64 {
  %t_0 = arith.bitcast %x : f64 to i64
  %c_0 = arith.constant 9223372036854775807 : i64
  %t_1 = arith.andi %t_0, %c_0 : i64
  %_ = arith.bitcast %t_1 : i64 to f64
  %c_1 = arith.constant 4503599627370496.0 : f64
  %t_2 = arith.cmpf olt, %_, %c_1 : f64
  %t_3 = arith.addf %_, %c_1 : f64
  %t_4 = arith.subf %t_3, %c_1 : f64
  %t_5 = arith.select %t_2, %t_4, %_ : f64
  %t_6 = arith.bitcast %t_5 : f64 to i64
  %t_7 = arith.andi %t_6, %c_0 : i64
  %c_2 = arith.constant -9223372036854775808 : i64
  %t_8 = arith.andi %t_0, %c_2 : i64
  %t_9 = arith.ori %t_7, %t_8 : i64
  %t_10 = arith.bitcast %t_9 : i64 to f64
  return %t_10 : f64
}

func.func private @__tenon_trunc_f32(%x: f32) -> f32 {
  %t_0 = arith.bitcast %x : f32 to i32
  %c_0 = arith.constant 2147483647 : i32
  %t_1 = arith.andi %t_0, %c_0 : i32
  %a = arith.bitcast %t_1 : i32 to f32
  %c_1 = arith.constant 8388608.0 : f32
  %t_2 = arith.cmpf olt, %a, %c_1 : f32
  %t_3 = arith.addf %a, %c_1 : f32
  %t_4 = arith.subf %t_3, %c_1 : f32
  %t_5 = arith.select %t_2, %t_4, %a : f32
  %t_6 = arith.cmpf ogt, %t_5, %a : f32
  %c_2 = arith.constant 1.0 : f32
  %t_7 = arith.subf %t_5, %c_2 : f32
  %magnitude = arith.select %t_6, %t_7, %t_5 : f32
  %t_8 = arith.bitcast %magnitude : f32 to i32
  %t_9 = arith.andi %t_8, %c_0 : i32
  %c_3 = arith.constant -2147483648 : i32
  %t_10 = arith.andi %t_0, %c_3 : i32
  %t_11 = arith.ori %t_9, %t_10 : i32
  %t_12 = arith.bitcast %t_11 : i32 to f32
  return %t_12 : f32
}

func.func private @__tenon_trunc_f64(%x: f64) -> f64 {
  %t_0 = arith.bitcast %x : f64 to i64
  %c_0 = arith.constant 9223372036854775807 : i64
  %t_1 = arith.andi %t_0, %c_0 : i64
  %a = arith.bitcast %t_1 : i64 to f64
  %c_1 = arith.constant 4503599627370496.0 : f64
  %t_2 = arith.cmpf olt, %a, %c_1 : f64
  %t_3 = arith.addf %a, %c_1 : f64
  %t_4 = arith.subf %t_3, %c_1 : f64
  %t_5 = arith.select %t_2, %t_4, %a : f64
  %t_6 = arith.cmpf ogt, %t_5, %a : f64
  %c_2 = arith.constant 1.0 : f64
  %t_7 = arith.subf %t_5, %c_2 : f64
  %magnitude = arith.select %t_6, %t_7, %t_5 : f64
  %t_8 = arith.bitcast %magnitude : f64 to i64
  %t_9 = arith.andi %t_8, %c_0 : i64
  %c_3 = arith.constant -9223372036854775808 : i64
  %t_10 = arith.andi %t_0, %c_3 : i64
  %t_11 = arith.ori %t_9, %t_10 : i64
  %t_12 = arith.bitcast %t_11 : i64 to f64
  return %t_12 : f64
}
