// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every operation of math on every type of number, each a function.

func.func @absf_f32(%x: f32) -> f32 {
  %r = math.absf %x : f32
  return %r : f32
}
func.func @acos_f32(%x: f32) -> f32 {
  %r = math.acos %x : f32
  return %r : f32
}
func.func @acosh_f32(%x: f32) -> f32 {
  %r = math.acosh %x : f32
  return %r : f32
}
func.func @asin_f32(%x: f32) -> f32 {
  %r = math.asin %x : f32
  return %r : f32
}
func.func @asinh_f32(%x: f32) -> f32 {
  %r = math.asinh %x : f32
  return %r : f32
}
func.func @atan_f32(%x: f32) -> f32 {
  %r = math.atan %x : f32
  return %r : f32
}
func.func @atanh_f32(%x: f32) -> f32 {
  %r = math.atanh %x : f32
  return %r : f32
}
func.func @cbrt_f32(%x: f32) -> f32 {
  %r = math.cbrt %x : f32
  return %r : f32
}
func.func @ceil_f32(%x: f32) -> f32 {
  %r = math.ceil %x : f32
  return %r : f32
}
func.func @cos_f32(%x: f32) -> f32 {
  %r = math.cos %x : f32
  return %r : f32
}
func.func @cosh_f32(%x: f32) -> f32 {
  %r = math.cosh %x : f32
  return %r : f32
}
func.func @erf_f32(%x: f32) -> f32 {
  %r = math.erf %x : f32
  return %r : f32
}
func.func @erfc_f32(%x: f32) -> f32 {
  %r = math.erfc %x : f32
  return %r : f32
}
func.func @exp_f32(%x: f32) -> f32 {
  %r = math.exp %x : f32
  return %r : f32
}
func.func @exp2_f32(%x: f32) -> f32 {
  %r = math.exp2 %x : f32
  return %r : f32
}
func.func @expm1_f32(%x: f32) -> f32 {
  %r = math.expm1 %x : f32
  return %r : f32
}
func.func @floor_f32(%x: f32) -> f32 {
  %r = math.floor %x : f32
  return %r : f32
}
func.func @log_f32(%x: f32) -> f32 {
  %r = math.log %x : f32
  return %r : f32
}
func.func @log10_f32(%x: f32) -> f32 {
  %r = math.log10 %x : f32
  return %r : f32
}
func.func @log1p_f32(%x: f32) -> f32 {
  %r = math.log1p %x : f32
  return %r : f32
}
func.func @log2_f32(%x: f32) -> f32 {
  %r = math.log2 %x : f32
  return %r : f32
}
func.func @round_f32(%x: f32) -> f32 {
  %r = math.round %x : f32
  return %r : f32
}
func.func @roundeven_f32(%x: f32) -> f32 {
  %r = math.roundeven %x : f32
  return %r : f32
}
func.func @rsqrt_f32(%x: f32) -> f32 {
  %r = math.rsqrt %x : f32
  return %r : f32
}
func.func @sin_f32(%x: f32) -> f32 {
  %r = math.sin %x : f32
  return %r : f32
}
func.func @sinh_f32(%x: f32) -> f32 {
  %r = math.sinh %x : f32
  return %r : f32
}
func.func @sqrt_f32(%x: f32) -> f32 {
  %r = math.sqrt %x : f32
  return %r : f32
}
func.func @tan_f32(%x: f32) -> f32 {
  %r = math.tan %x : f32
  return %r : f32
}
func.func @tanh_f32(%x: f32) -> f32 {
  %r = math.tanh %x : f32
  return %r : f32
}
func.func @trunc_f32(%x: f32) -> f32 {
  %r = math.trunc %x : f32
  return %r : f32
}
func.func @isfinite_f32(%x: f32) -> i1 {
  %r = math.isfinite %x : f32
  return %r : i1
}
func.func @isinf_f32(%x: f32) -> i1 {
  %r = math.isinf %x : f32
  return %r : i1
}
func.func @isnan_f32(%x: f32) -> i1 {
  %r = math.isnan %x : f32
  return %r : i1
}
func.func @isnormal_f32(%x: f32) -> i1 {
  %r = math.isnormal %x : f32
  return %r : i1
}
func.func @atan2_f32(%x: f32, %y: f32) -> f32 {
  %r = math.atan2 %x, %y : f32
  return %r : f32
}
func.func @copysign_f32(%x: f32, %y: f32) -> f32 {
  %r = math.copysign %x, %y : f32
  return %r : f32
}
func.func @powf_f32(%x: f32, %y: f32) -> f32 {
  %r = math.powf %x, %y : f32
  return %r : f32
}
func.func @fma_f32(%x: f32, %y: f32, %z: f32) -> f32 {
  %r = math.fma %x, %y, %z : f32
  return %r : f32
}
func.func @clampf_f32(%x: f32, %y: f32, %z: f32) -> f32 {
  %r = math.clampf %x to [%y, %z] : f32
  return %r : f32
}
func.func @sincos_f32(%x: f32) -> (f32, f32) {
  %s, %c = math.sincos %x : f32
  return %s, %c : f32, f32
}
func.func @fpowi_f32_i8(%x: f32, %n: i8) -> f32 {
  %r = math.fpowi %x, %n : f32, i8
  return %r : f32
}
func.func @fpowi_f32_i16(%x: f32, %n: i16) -> f32 {
  %r = math.fpowi %x, %n : f32, i16
  return %r : f32
}
func.func @fpowi_f32_i32(%x: f32, %n: i32) -> f32 {
  %r = math.fpowi %x, %n : f32, i32
  return %r : f32
}
func.func @fpowi_f32_i64(%x: f32, %n: i64) -> f32 {
  %r = math.fpowi %x, %n : f32, i64
  return %r : f32
}
func.func @fpowi_f32_index(%x: f32, %n: index) -> f32 {
  %r = math.fpowi %x, %n : f32, index
  return %r : f32
}
func.func @absf_f64(%x: f64) -> f64 {
  %r = math.absf %x : f64
  return %r : f64
}
func.func @acos_f64(%x: f64) -> f64 {
  %r = math.acos %x : f64
  return %r : f64
}
func.func @acosh_f64(%x: f64) -> f64 {
  %r = math.acosh %x : f64
  return %r : f64
}
func.func @asin_f64(%x: f64) -> f64 {
  %r = math.asin %x : f64
  return %r : f64
}
func.func @asinh_f64(%x: f64) -> f64 {
  %r = math.asinh %x : f64
  return %r : f64
}
func.func @atan_f64(%x: f64) -> f64 {
  %r = math.atan %x : f64
  return %r : f64
}
func.func @atanh_f64(%x: f64) -> f64 {
  %r = math.atanh %x : f64
  return %r : f64
}
func.func @cbrt_f64(%x: f64) -> f64 {
  %r = math.cbrt %x : f64
  return %r : f64
}
func.func @ceil_f64(%x: f64) -> f64 {
  %r = math.ceil %x : f64
  return %r : f64
}
func.func @cos_f64(%x: f64) -> f64 {
  %r = math.cos %x : f64
  return %r : f64
}
func.func @cosh_f64(%x: f64) -> f64 {
  %r = math.cosh %x : f64
  return %r : f64
}
func.func @erf_f64(%x: f64) -> f64 {
  %r = math.erf %x : f64
  return %r : f64
}
func.func @erfc_f64(%x: f64) -> f64 {
  %r = math.erfc %x : f64
  return %r : f64
}
func.func @exp_f64(%x: f64) -> f64 {
  %r = math.exp %x : f64
  return %r : f64
}
func.func @exp2_f64(%x: f64) -> f64 {
  %r = math.exp2 %x : f64
  return %r : f64
}
func.func @expm1_f64(%x: f64) -> f64 {
  %r = math.expm1 %x : f64
  return %r : f64
}
func.func @floor_f64(%x: f64) -> f64 {
  %r = math.floor %x : f64
  return %r : f64
}
func.func @log_f64(%x: f64) -> f64 {
  %r = math.log %x : f64
  return %r : f64
}
func.func @log10_f64(%x: f64) -> f64 {
  %r = math.log10 %x : f64
  return %r : f64
}
func.func @log1p_f64(%x: f64) -> f64 {
  %r = math.log1p %x : f64
  return %r : f64
}
func.func @log2_f64(%x: f64) -> f64 {
  %r = math.log2 %x : f64
  return %r : f64
}
func.func @round_f64(%x: f64) -> f64 {
  %r = math.round %x : f64
  return %r : f64
}
func.func @roundeven_f64(%x: f64) -> f64 {
  %r = math.roundeven %x : f64
  return %r : f64
}
func.func @rsqrt_f64(%x: f64) -> f64 {
  %r = math.rsqrt %x : f64
  return %r : f64
}
func.func @sin_f64(%x: f64) -> f64 {
  %r = math.sin %x : f64
  return %r : f64
}
func.func @sinh_f64(%x: f64) -> f64 {
  %r = math.sinh %x : f64
  return %r : f64
}
func.func @sqrt_f64(%x: f64) -> f64 {
  %r = math.sqrt %x : f64
  return %r : f64
}
func.func @tan_f64(%x: f64) -> f64 {
  %r = math.tan %x : f64
  return %r : f64
}
func.func @tanh_f64(%x: f64) -> f64 {
  %r = math.tanh %x : f64
  return %r : f64
}
func.func @trunc_f64(%x: f64) -> f64 {
  %r = math.trunc %x : f64
  return %r : f64
}
func.func @isfinite_f64(%x: f64) -> i1 {
  %r = math.isfinite %x : f64
  return %r : i1
}
func.func @isinf_f64(%x: f64) -> i1 {
  %r = math.isinf %x : f64
  return %r : i1
}
func.func @isnan_f64(%x: f64) -> i1 {
  %r = math.isnan %x : f64
  return %r : i1
}
func.func @isnormal_f64(%x: f64) -> i1 {
  %r = math.isnormal %x : f64
  return %r : i1
}
func.func @atan2_f64(%x: f64, %y: f64) -> f64 {
  %r = math.atan2 %x, %y : f64
  return %r : f64
}
func.func @copysign_f64(%x: f64, %y: f64) -> f64 {
  %r = math.copysign %x, %y : f64
  return %r : f64
}
func.func @powf_f64(%x: f64, %y: f64) -> f64 {
  %r = math.powf %x, %y : f64
  return %r : f64
}
func.func @fma_f64(%x: f64, %y: f64, %z: f64) -> f64 {
  %r = math.fma %x, %y, %z : f64
  return %r : f64
}
func.func @clampf_f64(%x: f64, %y: f64, %z: f64) -> f64 {
  %r = math.clampf %x to [%y, %z] : f64
  return %r : f64
}
func.func @sincos_f64(%x: f64) -> (f64, f64) {
  %s, %c = math.sincos %x : f64
  return %s, %c : f64, f64
}
func.func @fpowi_f64_i8(%x: f64, %n: i8) -> f64 {
  %r = math.fpowi %x, %n : f64, i8
  return %r : f64
}
func.func @fpowi_f64_i16(%x: f64, %n: i16) -> f64 {
  %r = math.fpowi %x, %n : f64, i16
  return %r : f64
}
func.func @fpowi_f64_i32(%x: f64, %n: i32) -> f64 {
  %r = math.fpowi %x, %n : f64, i32
  return %r : f64
}
func.func @fpowi_f64_i64(%x: f64, %n: i64) -> f64 {
  %r = math.fpowi %x, %n : f64, i64
  return %r : f64
}
func.func @fpowi_f64_index(%x: f64, %n: index) -> f64 {
  %r = math.fpowi %x, %n : f64, index
  return %r : f64
}
func.func @absi_i1(%x: i1) -> i1 {
  %r = math.absi %x : i1
  return %r : i1
}
func.func @ctlz_i1(%x: i1) -> i1 {
  %r = math.ctlz %x : i1
  return %r : i1
}
func.func @cttz_i1(%x: i1) -> i1 {
  %r = math.cttz %x : i1
  return %r : i1
}
func.func @ctpop_i1(%x: i1) -> i1 {
  %r = math.ctpop %x : i1
  return %r : i1
}
func.func @ipowi_i1(%x: i1, %n: i1) -> i1 {
  %r = math.ipowi %x, %n : i1
  return %r : i1
}
func.func @absi_i8(%x: i8) -> i8 {
  %r = math.absi %x : i8
  return %r : i8
}
func.func @ctlz_i8(%x: i8) -> i8 {
  %r = math.ctlz %x : i8
  return %r : i8
}
func.func @cttz_i8(%x: i8) -> i8 {
  %r = math.cttz %x : i8
  return %r : i8
}
func.func @ctpop_i8(%x: i8) -> i8 {
  %r = math.ctpop %x : i8
  return %r : i8
}
func.func @ipowi_i8(%x: i8, %n: i8) -> i8 {
  %r = math.ipowi %x, %n : i8
  return %r : i8
}
func.func @absi_i16(%x: i16) -> i16 {
  %r = math.absi %x : i16
  return %r : i16
}
func.func @ctlz_i16(%x: i16) -> i16 {
  %r = math.ctlz %x : i16
  return %r : i16
}
func.func @cttz_i16(%x: i16) -> i16 {
  %r = math.cttz %x : i16
  return %r : i16
}
func.func @ctpop_i16(%x: i16) -> i16 {
  %r = math.ctpop %x : i16
  return %r : i16
}
func.func @ipowi_i16(%x: i16, %n: i16) -> i16 {
  %r = math.ipowi %x, %n : i16
  return %r : i16
}
func.func @absi_i32(%x: i32) -> i32 {
  %r = math.absi %x : i32
  return %r : i32
}
func.func @ctlz_i32(%x: i32) -> i32 {
  %r = math.ctlz %x : i32
  return %r : i32
}
func.func @cttz_i32(%x: i32) -> i32 {
  %r = math.cttz %x : i32
  return %r : i32
}
func.func @ctpop_i32(%x: i32) -> i32 {
  %r = math.ctpop %x : i32
  return %r : i32
}
func.func @ipowi_i32(%x: i32, %n: i32) -> i32 {
  %r = math.ipowi %x, %n : i32
  return %r : i32
}
func.func @absi_i64(%x: i64) -> i64 {
  %r = math.absi %x : i64
  return %r : i64
}
func.func @ctlz_i64(%x: i64) -> i64 {
  %r = math.ctlz %x : i64
  return %r : i64
}
func.func @cttz_i64(%x: i64) -> i64 {
  %r = math.cttz %x : i64
  return %r : i64
}
func.func @ctpop_i64(%x: i64) -> i64 {
  %r = math.ctpop %x : i64
  return %r : i64
}
func.func @ipowi_i64(%x: i64, %n: i64) -> i64 {
  %r = math.ipowi %x, %n : i64
  return %r : i64
}
func.func @absi_index(%x: index) -> index {
  %r = math.absi %x : index
  return %r : index
}
func.func @ctlz_index(%x: index) -> index {
  %r = math.ctlz %x : index
  return %r : index
}
func.func @cttz_index(%x: index) -> index {
  %r = math.cttz %x : index
  return %r : index
}
func.func @ctpop_index(%x: index) -> index {
  %r = math.ctpop %x : index
  return %r : index
}
func.func @ipowi_index(%x: index, %n: index) -> index {
  %r = math.ipowi %x, %n : index
  return %r : index
}
