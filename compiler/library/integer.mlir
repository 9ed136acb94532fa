// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Made by compiler/library/generate.py from integer.py; change that.
//
// absi, ctlz, cttz, ctpop, ipowi on i1 to i64.
//
// Of the smallest number absi is that number; of 0, ctlz and cttz are the width. ipowi wraps, and is what x^-n = 1/x^n is cut to an
// integer: 0 unless x is 1 or -1 (of 0, where it would divide by zero, 0 as well, as in dispatches).

func.func private @__tenon_absi_i1(%x: i1) -> i1 {
  return %x : i1
}

func.func private @__tenon_absi_i4(%x: i4) -> i4 {
  %c_0 = arith.constant 0 : i4
  %t_0 = arith.cmpi slt, %x, %c_0 : i4
  %t_1 = arith.subi %c_0, %x : i4
  %t_2 = arith.select %t_0, %t_1, %x : i4
  return %t_2 : i4
}

func.func private @__tenon_absi_i8(%x: i8) -> i8 {
  %c_0 = arith.constant 0 : i8
  %t_0 = arith.cmpi slt, %x, %c_0 : i8
  %t_1 = arith.subi %c_0, %x : i8
  %t_2 = arith.select %t_0, %t_1, %x : i8
  return %t_2 : i8
}

func.func private @__tenon_absi_i16(%x: i16) -> i16 {
  %c_0 = arith.constant 0 : i16
  %t_0 = arith.cmpi slt, %x, %c_0 : i16
  %t_1 = arith.subi %c_0, %x : i16
  %t_2 = arith.select %t_0, %t_1, %x : i16
  return %t_2 : i16
}

func.func private @__tenon_absi_i32(%x: i32) -> i32 {
  %c_0 = arith.constant 0 : i32
  %t_0 = arith.cmpi slt, %x, %c_0 : i32
  %t_1 = arith.subi %c_0, %x : i32
  %t_2 = arith.select %t_0, %t_1, %x : i32
  return %t_2 : i32
}

func.func private @__tenon_absi_i64(%x: i64) -> i64 {
  %c_0 = arith.constant 0 : i64
  %t_0 = arith.cmpi slt, %x, %c_0 : i64
  %t_1 = arith.subi %c_0, %x : i64
  %t_2 = arith.select %t_0, %t_1, %x : i64
  return %t_2 : i64
}

func.func private @__tenon_ctlz_i1(%x: i1) -> i1 {
  %t_0 = arith.extui %x : i1 to i32
  %t_1 = math.ctlz %t_0 : i32
  %c_0 = arith.constant 31 : i32
  %t_2 = arith.subi %t_1, %c_0 : i32
  %t_3 = arith.trunci %t_2 : i32 to i1
  return %t_3 : i1
}

func.func private @__tenon_ctlz_i4(%x: i4) -> i4 {
  %t_0 = arith.extui %x : i4 to i32
  %t_1 = math.ctlz %t_0 : i32
  %c_0 = arith.constant 28 : i32
  %t_2 = arith.subi %t_1, %c_0 : i32
  %t_3 = arith.trunci %t_2 : i32 to i4
  return %t_3 : i4
}

func.func private @__tenon_ctlz_i8(%x: i8) -> i8 {
  %t_0 = arith.extui %x : i8 to i32
  %t_1 = math.ctlz %t_0 : i32
  %c_0 = arith.constant 24 : i32
  %t_2 = arith.subi %t_1, %c_0 : i32
  %t_3 = arith.trunci %t_2 : i32 to i8
  return %t_3 : i8
}

func.func private @__tenon_ctlz_i16(%x: i16) -> i16 {
  %t_0 = arith.extui %x : i16 to i32
  %t_1 = math.ctlz %t_0 : i32
  %c_0 = arith.constant 16 : i32
  %t_2 = arith.subi %t_1, %c_0 : i32
  %t_3 = arith.trunci %t_2 : i32 to i16
  return %t_3 : i16
}

// The zeros above the lowest bit give its place.
func.func private @__tenon_cttz_i1(%x: i1) -> i1 {
  %wide = arith.extui %x : i1 to i32
  %c_0 = arith.constant 0 : i32
  %t_0 = arith.cmpi eq, %wide, %c_0 : i32
  %c_1 = arith.constant 1 : i32
  %c_2 = arith.constant 31 : i32
  %t_1 = arith.subi %c_0, %wide : i32
  %lowest = arith.andi %wide, %t_1 : i32
  %t_2 = math.ctlz %lowest : i32
  %place = arith.subi %c_2, %t_2 : i32
  %t_3 = arith.select %t_0, %c_1, %place : i32
  %t_4 = arith.trunci %t_3 : i32 to i1
  return %t_4 : i1
}

// The zeros above the lowest bit give its place.
func.func private @__tenon_cttz_i4(%x: i4) -> i4 {
  %wide = arith.extui %x : i4 to i32
  %c_0 = arith.constant 0 : i32
  %t_0 = arith.cmpi eq, %wide, %c_0 : i32
  %c_1 = arith.constant 4 : i32
  %c_2 = arith.constant 31 : i32
  %t_1 = arith.subi %c_0, %wide : i32
  %lowest = arith.andi %wide, %t_1 : i32
  %t_2 = math.ctlz %lowest : i32
  %place = arith.subi %c_2, %t_2 : i32
  %t_3 = arith.select %t_0, %c_1, %place : i32
  %t_4 = arith.trunci %t_3 : i32 to i4
  return %t_4 : i4
}

// The zeros above the lowest bit give its place.
func.func private @__tenon_cttz_i8(%x: i8) -> i8 {
  %wide = arith.extui %x : i8 to i32
  %c_0 = arith.constant 0 : i32
  %t_0 = arith.cmpi eq, %wide, %c_0 : i32
  %c_1 = arith.constant 8 : i32
  %c_2 = arith.constant 31 : i32
  %t_1 = arith.subi %c_0, %wide : i32
  %lowest = arith.andi %wide, %t_1 : i32
  %t_2 = math.ctlz %lowest : i32
  %place = arith.subi %c_2, %t_2 : i32
  %t_3 = arith.select %t_0, %c_1, %place : i32
  %t_4 = arith.trunci %t_3 : i32 to i8
  return %t_4 : i8
}

// The zeros above the lowest bit give its place.
func.func private @__tenon_cttz_i16(%x: i16) -> i16 {
  %wide = arith.extui %x : i16 to i32
  %c_0 = arith.constant 0 : i32
  %t_0 = arith.cmpi eq, %wide, %c_0 : i32
  %c_1 = arith.constant 16 : i32
  %c_2 = arith.constant 31 : i32
  %t_1 = arith.subi %c_0, %wide : i32
  %lowest = arith.andi %wide, %t_1 : i32
  %t_2 = math.ctlz %lowest : i32
  %place = arith.subi %c_2, %t_2 : i32
  %t_3 = arith.select %t_0, %c_1, %place : i32
  %t_4 = arith.trunci %t_3 : i32 to i16
  return %t_4 : i16
}

// The zeros above the lowest bit give its place.
func.func private @__tenon_cttz_i32(%x: i32) -> i32 {
  %c_0 = arith.constant 0 : i32
  %t_0 = arith.cmpi eq, %x, %c_0 : i32
  %c_1 = arith.constant 32 : i32
  %c_2 = arith.constant 31 : i32
  %t_1 = arith.subi %c_0, %x : i32
  %lowest = arith.andi %x, %t_1 : i32
  %t_2 = math.ctlz %lowest : i32
  %place = arith.subi %c_2, %t_2 : i32
  %t_3 = arith.select %t_0, %c_1, %place : i32
  return %t_3 : i32
}

// The zeros above the lowest bit give its place.
func.func private @__tenon_cttz_i64(%x: i64) -> i64 {
  %c_0 = arith.constant 0 : i64
  %t_0 = arith.cmpi eq, %x, %c_0 : i64
  %c_1 = arith.constant 64 : i64
  %c_2 = arith.constant 63 : i64
  %t_1 = arith.subi %c_0, %x : i64
  %lowest = arith.andi %x, %t_1 : i64
  %t_2 = math.ctlz %lowest : i64
  %place = arith.subi %c_2, %t_2 : i64
  %t_3 = arith.select %t_0, %c_1, %place : i64
  return %t_3 : i64
}

// Sums of neighbours, in pairs, fours and eights (H. S. Warren, "Hacker's Delight", 5-1).
func.func private @__tenon_ctpop_i1(%x: i1) -> i1 {
  %wide = arith.extui %x : i1 to i32
  %c_0 = arith.constant 1 : i32
  %t_0 = arith.shrui %wide, %c_0 : i32
  %c_1 = arith.constant 1431655765 : i32
  %t_1 = arith.andi %t_0, %c_1 : i32
  %pairs = arith.subi %wide, %t_1 : i32
  %c_2 = arith.constant 858993459 : i32
  %t_2 = arith.andi %pairs, %c_2 : i32
  %c_3 = arith.constant 2 : i32
  %t_3 = arith.shrui %pairs, %c_3 : i32
  %t_4 = arith.andi %t_3, %c_2 : i32
  %fours = arith.addi %t_2, %t_4 : i32
  %c_4 = arith.constant 4 : i32
  %t_5 = arith.shrui %fours, %c_4 : i32
  %t_6 = arith.addi %fours, %t_5 : i32
  %c_5 = arith.constant 252645135 : i32
  %eights = arith.andi %t_6, %c_5 : i32
  %c_6 = arith.constant 16843009 : i32
  %t_7 = arith.muli %eights, %c_6 : i32
  %c_7 = arith.constant 24 : i32
  %t_8 = arith.shrui %t_7, %c_7 : i32
  %t_9 = arith.trunci %t_8 : i32 to i1
  return %t_9 : i1
}

// Sums of neighbours, in pairs, fours and eights (H. S. Warren, "Hacker's Delight", 5-1).
func.func private @__tenon_ctpop_i4(%x: i4) -> i4 {
  %wide = arith.extui %x : i4 to i32
  %c_0 = arith.constant 1 : i32
  %t_0 = arith.shrui %wide, %c_0 : i32
  %c_1 = arith.constant 1431655765 : i32
  %t_1 = arith.andi %t_0, %c_1 : i32
  %pairs = arith.subi %wide, %t_1 : i32
  %c_2 = arith.constant 858993459 : i32
  %t_2 = arith.andi %pairs, %c_2 : i32
  %c_3 = arith.constant 2 : i32
  %t_3 = arith.shrui %pairs, %c_3 : i32
  %t_4 = arith.andi %t_3, %c_2 : i32
  %fours = arith.addi %t_2, %t_4 : i32
  %c_4 = arith.constant 4 : i32
  %t_5 = arith.shrui %fours, %c_4 : i32
  %t_6 = arith.addi %fours, %t_5 : i32
  %c_5 = arith.constant 252645135 : i32
  %eights = arith.andi %t_6, %c_5 : i32
  %c_6 = arith.constant 16843009 : i32
  %t_7 = arith.muli %eights, %c_6 : i32
  %c_7 = arith.constant 24 : i32
  %t_8 = arith.shrui %t_7, %c_7 : i32
  %t_9 = arith.trunci %t_8 : i32 to i4
  return %t_9 : i4
}

// Sums of neighbours, in pairs, fours and eights (H. S. Warren, "Hacker's Delight", 5-1).
func.func private @__tenon_ctpop_i8(%x: i8) -> i8 {
  %wide = arith.extui %x : i8 to i32
  %c_0 = arith.constant 1 : i32
  %t_0 = arith.shrui %wide, %c_0 : i32
  %c_1 = arith.constant 1431655765 : i32
  %t_1 = arith.andi %t_0, %c_1 : i32
  %pairs = arith.subi %wide, %t_1 : i32
  %c_2 = arith.constant 858993459 : i32
  %t_2 = arith.andi %pairs, %c_2 : i32
  %c_3 = arith.constant 2 : i32
  %t_3 = arith.shrui %pairs, %c_3 : i32
  %t_4 = arith.andi %t_3, %c_2 : i32
  %fours = arith.addi %t_2, %t_4 : i32
  %c_4 = arith.constant 4 : i32
  %t_5 = arith.shrui %fours, %c_4 : i32
  %t_6 = arith.addi %fours, %t_5 : i32
  %c_5 = arith.constant 252645135 : i32
  %eights = arith.andi %t_6, %c_5 : i32
  %c_6 = arith.constant 16843009 : i32
  %t_7 = arith.muli %eights, %c_6 : i32
  %c_7 = arith.constant 24 : i32
  %t_8 = arith.shrui %t_7, %c_7 : i32
  %t_9 = arith.trunci %t_8 : i32 to i8
  return %t_9 : i8
}

// Sums of neighbours, in pairs, fours and eights (H. S. Warren, "Hacker's Delight", 5-1).
func.func private @__tenon_ctpop_i16(%x: i16) -> i16 {
  %wide = arith.extui %x : i16 to i32
  %c_0 = arith.constant 1 : i32
  %t_0 = arith.shrui %wide, %c_0 : i32
  %c_1 = arith.constant 1431655765 : i32
  %t_1 = arith.andi %t_0, %c_1 : i32
  %pairs = arith.subi %wide, %t_1 : i32
  %c_2 = arith.constant 858993459 : i32
  %t_2 = arith.andi %pairs, %c_2 : i32
  %c_3 = arith.constant 2 : i32
  %t_3 = arith.shrui %pairs, %c_3 : i32
  %t_4 = arith.andi %t_3, %c_2 : i32
  %fours = arith.addi %t_2, %t_4 : i32
  %c_4 = arith.constant 4 : i32
  %t_5 = arith.shrui %fours, %c_4 : i32
  %t_6 = arith.addi %fours, %t_5 : i32
  %c_5 = arith.constant 252645135 : i32
  %eights = arith.andi %t_6, %c_5 : i32
  %c_6 = arith.constant 16843009 : i32
  %t_7 = arith.muli %eights, %c_6 : i32
  %c_7 = arith.constant 24 : i32
  %t_8 = arith.shrui %t_7, %c_7 : i32
  %t_9 = arith.trunci %t_8 : i32 to i16
  return %t_9 : i16
}

// Sums of neighbours, in pairs, fours and eights (H. S. Warren, "Hacker's Delight", 5-1).
func.func private @__tenon_ctpop_i32(%x: i32) -> i32 {
  %c_0 = arith.constant 1 : i32
  %t_0 = arith.shrui %x, %c_0 : i32
  %c_1 = arith.constant 1431655765 : i32
  %t_1 = arith.andi %t_0, %c_1 : i32
  %pairs = arith.subi %x, %t_1 : i32
  %c_2 = arith.constant 858993459 : i32
  %t_2 = arith.andi %pairs, %c_2 : i32
  %c_3 = arith.constant 2 : i32
  %t_3 = arith.shrui %pairs, %c_3 : i32
  %t_4 = arith.andi %t_3, %c_2 : i32
  %fours = arith.addi %t_2, %t_4 : i32
  %c_4 = arith.constant 4 : i32
  %t_5 = arith.shrui %fours, %c_4 : i32
  %t_6 = arith.addi %fours, %t_5 : i32
  %c_5 = arith.constant 252645135 : i32
  %eights = arith.andi %t_6, %c_5 : i32
  %c_6 = arith.constant 16843009 : i32
  %t_7 = arith.muli %eights, %c_6 : i32
  %c_7 = arith.constant 24 : i32
  %t_8 = arith.shrui %t_7, %c_7 : i32
  return %t_8 : i32
}

// Sums of neighbours, in pairs, fours and eights (H. S. Warren, "Hacker's Delight", 5-1).
func.func private @__tenon_ctpop_i64(%x: i64) -> i64 {
  %c_0 = arith.constant 1 : i64
  %t_0 = arith.shrui %x, %c_0 : i64
  %c_1 = arith.constant 6148914691236517205 : i64
  %t_1 = arith.andi %t_0, %c_1 : i64
  %pairs = arith.subi %x, %t_1 : i64
  %c_2 = arith.constant 3689348814741910323 : i64
  %t_2 = arith.andi %pairs, %c_2 : i64
  %c_3 = arith.constant 2 : i64
  %t_3 = arith.shrui %pairs, %c_3 : i64
  %t_4 = arith.andi %t_3, %c_2 : i64
  %fours = arith.addi %t_2, %t_4 : i64
  %c_4 = arith.constant 4 : i64
  %t_5 = arith.shrui %fours, %c_4 : i64
  %t_6 = arith.addi %fours, %t_5 : i64
  %c_5 = arith.constant 1085102592571150095 : i64
  %eights = arith.andi %t_6, %c_5 : i64
  %c_6 = arith.constant 72340172838076673 : i64
  %t_7 = arith.muli %eights, %c_6 : i64
  %c_7 = arith.constant 56 : i64
  %t_8 = arith.shrui %t_7, %c_7 : i64
  return %t_8 : i64
}

// Bit by bit of the exponent. Above the width, more squarings change nothing: an odd x has an order of at most
//     2^(width - 2), and an even one is 0 by then, which the low bits of an exponent of 64 and more wouldn't say.
func.func private @__tenon_ipowi_i1(%x: i1, %n: i1) -> i1 {
  %c_0 = arith.constant false
  %t_0 = arith.cmpi eq, %n, %c_0 : i1
  %t_1 = arith.ori %x, %t_0 : i1
  return %t_1 : i1
}

// Bit by bit of the exponent. Above the width, more squarings change nothing: an odd x has an order of at most
//     2^(width - 2), and an even one is 0 by then, which the low bits of an exponent of 64 and more wouldn't say.
func.func private @__tenon_ipowi_i4(%x: i4, %n: i4) -> i4 {
  %c_0 = arith.constant 0 : i4
  %t_0 = arith.cmpi slt, %n, %c_0 : i4
  %c_1 = arith.constant 1 : i4
  %t_1 = arith.cmpi eq, %x, %c_1 : i4
  %c_2 = arith.constant -1 : i4
  %t_2 = arith.cmpi eq, %x, %c_2 : i4
  %t_3 = arith.andi %n, %c_1 : i4
  %t_4 = arith.cmpi ne, %t_3, %c_0 : i4
  %minus_one = arith.select %t_4, %c_2, %c_1 : i4
  %t_5 = arith.select %t_2, %minus_one, %c_0 : i4
  %negative = arith.select %t_1, %c_1, %t_5 : i4
  %t_6 = arith.andi %x, %c_1 : i4
  %t_7 = arith.cmpi eq, %t_6, %c_0 : i4
  %c_3 = arith.constant 4 : i4
  %t_8 = arith.cmpi sge, %n, %c_3 : i4
  %vanishes = arith.andi %t_7, %t_8 : i1
  %t_9 = arith.andi %n, %c_3 : i4
  %t_10 = arith.cmpi ne, %t_9, %c_0 : i4
  %c_4 = arith.constant 2 : i4
  %t_11 = arith.andi %n, %c_4 : i4
  %t_12 = arith.cmpi ne, %t_11, %c_0 : i4
  %t_13 = arith.muli %c_1, %x : i4
  %t_14 = arith.select %t_4, %t_13, %c_1 : i4
  %t_15 = arith.muli %x, %x : i4
  %t_16 = arith.muli %t_14, %t_15 : i4
  %t_17 = arith.select %t_12, %t_16, %t_14 : i4
  %t_18 = arith.muli %t_15, %t_15 : i4
  %t_19 = arith.muli %t_17, %t_18 : i4
  %t_20 = arith.select %t_10, %t_19, %t_17 : i4
  %result = arith.select %vanishes, %c_0, %t_20 : i4
  %t_21 = arith.select %t_0, %negative, %result : i4
  return %t_21 : i4
}

// Bit by bit of the exponent. Above the width, more squarings change nothing: an odd x has an order of at most
//     2^(width - 2), and an even one is 0 by then, which the low bits of an exponent of 64 and more wouldn't say.
func.func private @__tenon_ipowi_i8(%x: i8, %n: i8) -> i8 {
  %c_0 = arith.constant 0 : i8
  %t_0 = arith.cmpi slt, %n, %c_0 : i8
  %c_1 = arith.constant 1 : i8
  %t_1 = arith.cmpi eq, %x, %c_1 : i8
  %c_2 = arith.constant -1 : i8
  %t_2 = arith.cmpi eq, %x, %c_2 : i8
  %t_3 = arith.andi %n, %c_1 : i8
  %t_4 = arith.cmpi ne, %t_3, %c_0 : i8
  %minus_one = arith.select %t_4, %c_2, %c_1 : i8
  %t_5 = arith.select %t_2, %minus_one, %c_0 : i8
  %negative = arith.select %t_1, %c_1, %t_5 : i8
  %t_6 = arith.andi %x, %c_1 : i8
  %t_7 = arith.cmpi eq, %t_6, %c_0 : i8
  %c_3 = arith.constant 8 : i8
  %t_8 = arith.cmpi sge, %n, %c_3 : i8
  %vanishes = arith.andi %t_7, %t_8 : i1
  %c_4 = arith.constant 32 : i8
  %t_9 = arith.andi %n, %c_4 : i8
  %t_10 = arith.cmpi ne, %t_9, %c_0 : i8
  %c_5 = arith.constant 16 : i8
  %t_11 = arith.andi %n, %c_5 : i8
  %t_12 = arith.cmpi ne, %t_11, %c_0 : i8
  %t_13 = arith.andi %n, %c_3 : i8
  %t_14 = arith.cmpi ne, %t_13, %c_0 : i8
  %c_6 = arith.constant 4 : i8
  %t_15 = arith.andi %n, %c_6 : i8
  %t_16 = arith.cmpi ne, %t_15, %c_0 : i8
  %c_7 = arith.constant 2 : i8
  %t_17 = arith.andi %n, %c_7 : i8
  %t_18 = arith.cmpi ne, %t_17, %c_0 : i8
  %t_19 = arith.muli %c_1, %x : i8
  %t_20 = arith.select %t_4, %t_19, %c_1 : i8
  %t_21 = arith.muli %x, %x : i8
  %t_22 = arith.muli %t_20, %t_21 : i8
  %t_23 = arith.select %t_18, %t_22, %t_20 : i8
  %t_24 = arith.muli %t_21, %t_21 : i8
  %t_25 = arith.muli %t_23, %t_24 : i8
  %t_26 = arith.select %t_16, %t_25, %t_23 : i8
  %t_27 = arith.muli %t_24, %t_24 : i8
  %t_28 = arith.muli %t_26, %t_27 : i8
  %t_29 = arith.select %t_14, %t_28, %t_26 : i8
  %t_30 = arith.muli %t_27, %t_27 : i8
  %t_31 = arith.muli %t_29, %t_30 : i8
  %t_32 = arith.select %t_12, %t_31, %t_29 : i8
  %t_33 = arith.muli %t_30, %t_30 : i8
  %t_34 = arith.muli %t_32, %t_33 : i8
  %t_35 = arith.select %t_10, %t_34, %t_32 : i8
  %result = arith.select %vanishes, %c_0, %t_35 : i8
  %t_36 = arith.select %t_0, %negative, %result : i8
  return %t_36 : i8
}

// Bit by bit of the exponent. Above the width, more squarings change nothing: an odd x has an order of at most
//     2^(width - 2), and an even one is 0 by then, which the low bits of an exponent of 64 and more wouldn't say.
func.func private @__tenon_ipowi_i16(%x: i16, %n: i16) -> i16 {
  %c_0 = arith.constant 0 : i16
  %t_0 = arith.cmpi slt, %n, %c_0 : i16
  %c_1 = arith.constant 1 : i16
  %t_1 = arith.cmpi eq, %x, %c_1 : i16
  %c_2 = arith.constant -1 : i16
  %t_2 = arith.cmpi eq, %x, %c_2 : i16
  %t_3 = arith.andi %n, %c_1 : i16
  %t_4 = arith.cmpi ne, %t_3, %c_0 : i16
  %minus_one = arith.select %t_4, %c_2, %c_1 : i16
  %t_5 = arith.select %t_2, %minus_one, %c_0 : i16
  %negative = arith.select %t_1, %c_1, %t_5 : i16
  %t_6 = arith.andi %x, %c_1 : i16
  %t_7 = arith.cmpi eq, %t_6, %c_0 : i16
  %c_3 = arith.constant 16 : i16
  %t_8 = arith.cmpi sge, %n, %c_3 : i16
  %vanishes = arith.andi %t_7, %t_8 : i1
  %c_4 = arith.constant 8192 : i16
  %t_9 = arith.andi %n, %c_4 : i16
  %t_10 = arith.cmpi ne, %t_9, %c_0 : i16
  %c_5 = arith.constant 4096 : i16
  %t_11 = arith.andi %n, %c_5 : i16
  %t_12 = arith.cmpi ne, %t_11, %c_0 : i16
  %c_6 = arith.constant 2048 : i16
  %t_13 = arith.andi %n, %c_6 : i16
  %t_14 = arith.cmpi ne, %t_13, %c_0 : i16
  %c_7 = arith.constant 1024 : i16
  %t_15 = arith.andi %n, %c_7 : i16
  %t_16 = arith.cmpi ne, %t_15, %c_0 : i16
  %c_8 = arith.constant 512 : i16
  %t_17 = arith.andi %n, %c_8 : i16
  %t_18 = arith.cmpi ne, %t_17, %c_0 : i16
  %c_9 = arith.constant 256 : i16
  %t_19 = arith.andi %n, %c_9 : i16
  %t_20 = arith.cmpi ne, %t_19, %c_0 : i16
  %c_10 = arith.constant 128 : i16
  %t_21 = arith.andi %n, %c_10 : i16
  %t_22 = arith.cmpi ne, %t_21, %c_0 : i16
  %c_11 = arith.constant 64 : i16
  %t_23 = arith.andi %n, %c_11 : i16
  %t_24 = arith.cmpi ne, %t_23, %c_0 : i16
  %c_12 = arith.constant 32 : i16
  %t_25 = arith.andi %n, %c_12 : i16
  %t_26 = arith.cmpi ne, %t_25, %c_0 : i16
  %t_27 = arith.andi %n, %c_3 : i16
  %t_28 = arith.cmpi ne, %t_27, %c_0 : i16
  %c_13 = arith.constant 8 : i16
  %t_29 = arith.andi %n, %c_13 : i16
  %t_30 = arith.cmpi ne, %t_29, %c_0 : i16
  %c_14 = arith.constant 4 : i16
  %t_31 = arith.andi %n, %c_14 : i16
  %t_32 = arith.cmpi ne, %t_31, %c_0 : i16
  %c_15 = arith.constant 2 : i16
  %t_33 = arith.andi %n, %c_15 : i16
  %t_34 = arith.cmpi ne, %t_33, %c_0 : i16
  %t_35 = arith.muli %c_1, %x : i16
  %t_36 = arith.select %t_4, %t_35, %c_1 : i16
  %t_37 = arith.muli %x, %x : i16
  %t_38 = arith.muli %t_36, %t_37 : i16
  %t_39 = arith.select %t_34, %t_38, %t_36 : i16
  %t_40 = arith.muli %t_37, %t_37 : i16
  %t_41 = arith.muli %t_39, %t_40 : i16
  %t_42 = arith.select %t_32, %t_41, %t_39 : i16
  %t_43 = arith.muli %t_40, %t_40 : i16
  %t_44 = arith.muli %t_42, %t_43 : i16
  %t_45 = arith.select %t_30, %t_44, %t_42 : i16
  %t_46 = arith.muli %t_43, %t_43 : i16
  %t_47 = arith.muli %t_45, %t_46 : i16
  %t_48 = arith.select %t_28, %t_47, %t_45 : i16
  %t_49 = arith.muli %t_46, %t_46 : i16
  %t_50 = arith.muli %t_48, %t_49 : i16
  %t_51 = arith.select %t_26, %t_50, %t_48 : i16
  %t_52 = arith.muli %t_49, %t_49 : i16
  %t_53 = arith.muli %t_51, %t_52 : i16
  %t_54 = arith.select %t_24, %t_53, %t_51 : i16
  %t_55 = arith.muli %t_52, %t_52 : i16
  %t_56 = arith.muli %t_54, %t_55 : i16
  %t_57 = arith.select %t_22, %t_56, %t_54 : i16
  %t_58 = arith.muli %t_55, %t_55 : i16
  %t_59 = arith.muli %t_57, %t_58 : i16
  %t_60 = arith.select %t_20, %t_59, %t_57 : i16
  %t_61 = arith.muli %t_58, %t_58 : i16
  %t_62 = arith.muli %t_60, %t_61 : i16
  %t_63 = arith.select %t_18, %t_62, %t_60 : i16
  %t_64 = arith.muli %t_61, %t_61 : i16
  %t_65 = arith.muli %t_63, %t_64 : i16
  %t_66 = arith.select %t_16, %t_65, %t_63 : i16
  %t_67 = arith.muli %t_64, %t_64 : i16
  %t_68 = arith.muli %t_66, %t_67 : i16
  %t_69 = arith.select %t_14, %t_68, %t_66 : i16
  %t_70 = arith.muli %t_67, %t_67 : i16
  %t_71 = arith.muli %t_69, %t_70 : i16
  %t_72 = arith.select %t_12, %t_71, %t_69 : i16
  %t_73 = arith.muli %t_70, %t_70 : i16
  %t_74 = arith.muli %t_72, %t_73 : i16
  %t_75 = arith.select %t_10, %t_74, %t_72 : i16
  %result = arith.select %vanishes, %c_0, %t_75 : i16
  %t_76 = arith.select %t_0, %negative, %result : i16
  return %t_76 : i16
}

// Bit by bit of the exponent. Above the width, more squarings change nothing: an odd x has an order of at most
//     2^(width - 2), and an even one is 0 by then, which the low bits of an exponent of 64 and more wouldn't say.
func.func private @__tenon_ipowi_i32(%x: i32, %n: i32) -> i32 {
  %c_0 = arith.constant 0 : i32
  %t_0 = arith.cmpi slt, %n, %c_0 : i32
  %c_1 = arith.constant 1 : i32
  %t_1 = arith.cmpi eq, %x, %c_1 : i32
  %c_2 = arith.constant -1 : i32
  %t_2 = arith.cmpi eq, %x, %c_2 : i32
  %t_3 = arith.andi %n, %c_1 : i32
  %t_4 = arith.cmpi ne, %t_3, %c_0 : i32
  %minus_one = arith.select %t_4, %c_2, %c_1 : i32
  %t_5 = arith.select %t_2, %minus_one, %c_0 : i32
  %negative = arith.select %t_1, %c_1, %t_5 : i32
  %t_6 = arith.andi %x, %c_1 : i32
  %t_7 = arith.cmpi eq, %t_6, %c_0 : i32
  %c_3 = arith.constant 32 : i32
  %t_8 = arith.cmpi sge, %n, %c_3 : i32
  %vanishes = arith.andi %t_7, %t_8 : i1
  %c_4 = arith.constant 536870912 : i32
  %t_9 = arith.andi %n, %c_4 : i32
  %t_10 = arith.cmpi ne, %t_9, %c_0 : i32
  %c_5 = arith.constant 268435456 : i32
  %t_11 = arith.andi %n, %c_5 : i32
  %t_12 = arith.cmpi ne, %t_11, %c_0 : i32
  %c_6 = arith.constant 134217728 : i32
  %t_13 = arith.andi %n, %c_6 : i32
  %t_14 = arith.cmpi ne, %t_13, %c_0 : i32
  %c_7 = arith.constant 67108864 : i32
  %t_15 = arith.andi %n, %c_7 : i32
  %t_16 = arith.cmpi ne, %t_15, %c_0 : i32
  %c_8 = arith.constant 33554432 : i32
  %t_17 = arith.andi %n, %c_8 : i32
  %t_18 = arith.cmpi ne, %t_17, %c_0 : i32
  %c_9 = arith.constant 16777216 : i32
  %t_19 = arith.andi %n, %c_9 : i32
  %t_20 = arith.cmpi ne, %t_19, %c_0 : i32
  %c_10 = arith.constant 8388608 : i32
  %t_21 = arith.andi %n, %c_10 : i32
  %t_22 = arith.cmpi ne, %t_21, %c_0 : i32
  %c_11 = arith.constant 4194304 : i32
  %t_23 = arith.andi %n, %c_11 : i32
  %t_24 = arith.cmpi ne, %t_23, %c_0 : i32
  %c_12 = arith.constant 2097152 : i32
  %t_25 = arith.andi %n, %c_12 : i32
  %t_26 = arith.cmpi ne, %t_25, %c_0 : i32
  %c_13 = arith.constant 1048576 : i32
  %t_27 = arith.andi %n, %c_13 : i32
  %t_28 = arith.cmpi ne, %t_27, %c_0 : i32
  %c_14 = arith.constant 524288 : i32
  %t_29 = arith.andi %n, %c_14 : i32
  %t_30 = arith.cmpi ne, %t_29, %c_0 : i32
  %c_15 = arith.constant 262144 : i32
  %t_31 = arith.andi %n, %c_15 : i32
  %t_32 = arith.cmpi ne, %t_31, %c_0 : i32
  %c_16 = arith.constant 131072 : i32
  %t_33 = arith.andi %n, %c_16 : i32
  %t_34 = arith.cmpi ne, %t_33, %c_0 : i32
  %c_17 = arith.constant 65536 : i32
  %t_35 = arith.andi %n, %c_17 : i32
  %t_36 = arith.cmpi ne, %t_35, %c_0 : i32
  %c_18 = arith.constant 32768 : i32
  %t_37 = arith.andi %n, %c_18 : i32
  %t_38 = arith.cmpi ne, %t_37, %c_0 : i32
  %c_19 = arith.constant 16384 : i32
  %t_39 = arith.andi %n, %c_19 : i32
  %t_40 = arith.cmpi ne, %t_39, %c_0 : i32
  %c_20 = arith.constant 8192 : i32
  %t_41 = arith.andi %n, %c_20 : i32
  %t_42 = arith.cmpi ne, %t_41, %c_0 : i32
  %c_21 = arith.constant 4096 : i32
  %t_43 = arith.andi %n, %c_21 : i32
  %t_44 = arith.cmpi ne, %t_43, %c_0 : i32
  %c_22 = arith.constant 2048 : i32
  %t_45 = arith.andi %n, %c_22 : i32
  %t_46 = arith.cmpi ne, %t_45, %c_0 : i32
  %c_23 = arith.constant 1024 : i32
  %t_47 = arith.andi %n, %c_23 : i32
  %t_48 = arith.cmpi ne, %t_47, %c_0 : i32
  %c_24 = arith.constant 512 : i32
  %t_49 = arith.andi %n, %c_24 : i32
  %t_50 = arith.cmpi ne, %t_49, %c_0 : i32
  %c_25 = arith.constant 256 : i32
  %t_51 = arith.andi %n, %c_25 : i32
  %t_52 = arith.cmpi ne, %t_51, %c_0 : i32
  %c_26 = arith.constant 128 : i32
  %t_53 = arith.andi %n, %c_26 : i32
  %t_54 = arith.cmpi ne, %t_53, %c_0 : i32
  %c_27 = arith.constant 64 : i32
  %t_55 = arith.andi %n, %c_27 : i32
  %t_56 = arith.cmpi ne, %t_55, %c_0 : i32
  %t_57 = arith.andi %n, %c_3 : i32
  %t_58 = arith.cmpi ne, %t_57, %c_0 : i32
  %c_28 = arith.constant 16 : i32
  %t_59 = arith.andi %n, %c_28 : i32
  %t_60 = arith.cmpi ne, %t_59, %c_0 : i32
  %c_29 = arith.constant 8 : i32
  %t_61 = arith.andi %n, %c_29 : i32
  %t_62 = arith.cmpi ne, %t_61, %c_0 : i32
  %c_30 = arith.constant 4 : i32
  %t_63 = arith.andi %n, %c_30 : i32
  %t_64 = arith.cmpi ne, %t_63, %c_0 : i32
  %c_31 = arith.constant 2 : i32
  %t_65 = arith.andi %n, %c_31 : i32
  %t_66 = arith.cmpi ne, %t_65, %c_0 : i32
  %t_67 = arith.muli %c_1, %x : i32
  %t_68 = arith.select %t_4, %t_67, %c_1 : i32
  %t_69 = arith.muli %x, %x : i32
  %t_70 = arith.muli %t_68, %t_69 : i32
  %t_71 = arith.select %t_66, %t_70, %t_68 : i32
  %t_72 = arith.muli %t_69, %t_69 : i32
  %t_73 = arith.muli %t_71, %t_72 : i32
  %t_74 = arith.select %t_64, %t_73, %t_71 : i32
  %t_75 = arith.muli %t_72, %t_72 : i32
  %t_76 = arith.muli %t_74, %t_75 : i32
  %t_77 = arith.select %t_62, %t_76, %t_74 : i32
  %t_78 = arith.muli %t_75, %t_75 : i32
  %t_79 = arith.muli %t_77, %t_78 : i32
  %t_80 = arith.select %t_60, %t_79, %t_77 : i32
  %t_81 = arith.muli %t_78, %t_78 : i32
  %t_82 = arith.muli %t_80, %t_81 : i32
  %t_83 = arith.select %t_58, %t_82, %t_80 : i32
  %t_84 = arith.muli %t_81, %t_81 : i32
  %t_85 = arith.muli %t_83, %t_84 : i32
  %t_86 = arith.select %t_56, %t_85, %t_83 : i32
  %t_87 = arith.muli %t_84, %t_84 : i32
  %t_88 = arith.muli %t_86, %t_87 : i32
  %t_89 = arith.select %t_54, %t_88, %t_86 : i32
  %t_90 = arith.muli %t_87, %t_87 : i32
  %t_91 = arith.muli %t_89, %t_90 : i32
  %t_92 = arith.select %t_52, %t_91, %t_89 : i32
  %t_93 = arith.muli %t_90, %t_90 : i32
  %t_94 = arith.muli %t_92, %t_93 : i32
  %t_95 = arith.select %t_50, %t_94, %t_92 : i32
  %t_96 = arith.muli %t_93, %t_93 : i32
  %t_97 = arith.muli %t_95, %t_96 : i32
  %t_98 = arith.select %t_48, %t_97, %t_95 : i32
  %t_99 = arith.muli %t_96, %t_96 : i32
  %t_100 = arith.muli %t_98, %t_99 : i32
  %t_101 = arith.select %t_46, %t_100, %t_98 : i32
  %t_102 = arith.muli %t_99, %t_99 : i32
  %t_103 = arith.muli %t_101, %t_102 : i32
  %t_104 = arith.select %t_44, %t_103, %t_101 : i32
  %t_105 = arith.muli %t_102, %t_102 : i32
  %t_106 = arith.muli %t_104, %t_105 : i32
  %t_107 = arith.select %t_42, %t_106, %t_104 : i32
  %t_108 = arith.muli %t_105, %t_105 : i32
  %t_109 = arith.muli %t_107, %t_108 : i32
  %t_110 = arith.select %t_40, %t_109, %t_107 : i32
  %t_111 = arith.muli %t_108, %t_108 : i32
  %t_112 = arith.muli %t_110, %t_111 : i32
  %t_113 = arith.select %t_38, %t_112, %t_110 : i32
  %t_114 = arith.muli %t_111, %t_111 : i32
  %t_115 = arith.muli %t_113, %t_114 : i32
  %t_116 = arith.select %t_36, %t_115, %t_113 : i32
  %t_117 = arith.muli %t_114, %t_114 : i32
  %t_118 = arith.muli %t_116, %t_117 : i32
  %t_119 = arith.select %t_34, %t_118, %t_116 : i32
  %t_120 = arith.muli %t_117, %t_117 : i32
  %t_121 = arith.muli %t_119, %t_120 : i32
  %t_122 = arith.select %t_32, %t_121, %t_119 : i32
  %t_123 = arith.muli %t_120, %t_120 : i32
  %t_124 = arith.muli %t_122, %t_123 : i32
  %t_125 = arith.select %t_30, %t_124, %t_122 : i32
  %t_126 = arith.muli %t_123, %t_123 : i32
  %t_127 = arith.muli %t_125, %t_126 : i32
  %t_128 = arith.select %t_28, %t_127, %t_125 : i32
  %t_129 = arith.muli %t_126, %t_126 : i32
  %t_130 = arith.muli %t_128, %t_129 : i32
  %t_131 = arith.select %t_26, %t_130, %t_128 : i32
  %t_132 = arith.muli %t_129, %t_129 : i32
  %t_133 = arith.muli %t_131, %t_132 : i32
  %t_134 = arith.select %t_24, %t_133, %t_131 : i32
  %t_135 = arith.muli %t_132, %t_132 : i32
  %t_136 = arith.muli %t_134, %t_135 : i32
  %t_137 = arith.select %t_22, %t_136, %t_134 : i32
  %t_138 = arith.muli %t_135, %t_135 : i32
  %t_139 = arith.muli %t_137, %t_138 : i32
  %t_140 = arith.select %t_20, %t_139, %t_137 : i32
  %t_141 = arith.muli %t_138, %t_138 : i32
  %t_142 = arith.muli %t_140, %t_141 : i32
  %t_143 = arith.select %t_18, %t_142, %t_140 : i32
  %t_144 = arith.muli %t_141, %t_141 : i32
  %t_145 = arith.muli %t_143, %t_144 : i32
  %t_146 = arith.select %t_16, %t_145, %t_143 : i32
  %t_147 = arith.muli %t_144, %t_144 : i32
  %t_148 = arith.muli %t_146, %t_147 : i32
  %t_149 = arith.select %t_14, %t_148, %t_146 : i32
  %t_150 = arith.muli %t_147, %t_147 : i32
  %t_151 = arith.muli %t_149, %t_150 : i32
  %t_152 = arith.select %t_12, %t_151, %t_149 : i32
  %t_153 = arith.muli %t_150, %t_150 : i32
  %t_154 = arith.muli %t_152, %t_153 : i32
  %t_155 = arith.select %t_10, %t_154, %t_152 : i32
  %result = arith.select %vanishes, %c_0, %t_155 : i32
  %t_156 = arith.select %t_0, %negative, %result : i32
  return %t_156 : i32
}

// Bit by bit of the exponent. Above the width, more squarings change nothing: an odd x has an order of at most
//     2^(width - 2), and an even one is 0 by then, which the low bits of an exponent of 64 and more wouldn't say.
func.func private @__tenon_ipowi_i64(%x: i64, %n: i64) -> i64 {
  %c_0 = arith.constant 0 : i64
  %t_0 = arith.cmpi slt, %n, %c_0 : i64
  %c_1 = arith.constant 1 : i64
  %t_1 = arith.cmpi eq, %x, %c_1 : i64
  %c_2 = arith.constant -1 : i64
  %t_2 = arith.cmpi eq, %x, %c_2 : i64
  %t_3 = arith.andi %n, %c_1 : i64
  %t_4 = arith.cmpi ne, %t_3, %c_0 : i64
  %minus_one = arith.select %t_4, %c_2, %c_1 : i64
  %t_5 = arith.select %t_2, %minus_one, %c_0 : i64
  %negative = arith.select %t_1, %c_1, %t_5 : i64
  %t_6 = arith.andi %x, %c_1 : i64
  %t_7 = arith.cmpi eq, %t_6, %c_0 : i64
  %c_3 = arith.constant 64 : i64
  %t_8 = arith.cmpi sge, %n, %c_3 : i64
  %vanishes = arith.andi %t_7, %t_8 : i1
  %c_4 = arith.constant 2305843009213693952 : i64
  %t_9 = arith.andi %n, %c_4 : i64
  %t_10 = arith.cmpi ne, %t_9, %c_0 : i64
  %c_5 = arith.constant 1152921504606846976 : i64
  %t_11 = arith.andi %n, %c_5 : i64
  %t_12 = arith.cmpi ne, %t_11, %c_0 : i64
  %c_6 = arith.constant 576460752303423488 : i64
  %t_13 = arith.andi %n, %c_6 : i64
  %t_14 = arith.cmpi ne, %t_13, %c_0 : i64
  %c_7 = arith.constant 288230376151711744 : i64
  %t_15 = arith.andi %n, %c_7 : i64
  %t_16 = arith.cmpi ne, %t_15, %c_0 : i64
  %c_8 = arith.constant 144115188075855872 : i64
  %t_17 = arith.andi %n, %c_8 : i64
  %t_18 = arith.cmpi ne, %t_17, %c_0 : i64
  %c_9 = arith.constant 72057594037927936 : i64
  %t_19 = arith.andi %n, %c_9 : i64
  %t_20 = arith.cmpi ne, %t_19, %c_0 : i64
  %c_10 = arith.constant 36028797018963968 : i64
  %t_21 = arith.andi %n, %c_10 : i64
  %t_22 = arith.cmpi ne, %t_21, %c_0 : i64
  %c_11 = arith.constant 18014398509481984 : i64
  %t_23 = arith.andi %n, %c_11 : i64
  %t_24 = arith.cmpi ne, %t_23, %c_0 : i64
  %c_12 = arith.constant 9007199254740992 : i64
  %t_25 = arith.andi %n, %c_12 : i64
  %t_26 = arith.cmpi ne, %t_25, %c_0 : i64
  %c_13 = arith.constant 4503599627370496 : i64
  %t_27 = arith.andi %n, %c_13 : i64
  %t_28 = arith.cmpi ne, %t_27, %c_0 : i64
  %c_14 = arith.constant 2251799813685248 : i64
  %t_29 = arith.andi %n, %c_14 : i64
  %t_30 = arith.cmpi ne, %t_29, %c_0 : i64
  %c_15 = arith.constant 1125899906842624 : i64
  %t_31 = arith.andi %n, %c_15 : i64
  %t_32 = arith.cmpi ne, %t_31, %c_0 : i64
  %c_16 = arith.constant 562949953421312 : i64
  %t_33 = arith.andi %n, %c_16 : i64
  %t_34 = arith.cmpi ne, %t_33, %c_0 : i64
  %c_17 = arith.constant 281474976710656 : i64
  %t_35 = arith.andi %n, %c_17 : i64
  %t_36 = arith.cmpi ne, %t_35, %c_0 : i64
  %c_18 = arith.constant 140737488355328 : i64
  %t_37 = arith.andi %n, %c_18 : i64
  %t_38 = arith.cmpi ne, %t_37, %c_0 : i64
  %c_19 = arith.constant 70368744177664 : i64
  %t_39 = arith.andi %n, %c_19 : i64
  %t_40 = arith.cmpi ne, %t_39, %c_0 : i64
  %c_20 = arith.constant 35184372088832 : i64
  %t_41 = arith.andi %n, %c_20 : i64
  %t_42 = arith.cmpi ne, %t_41, %c_0 : i64
  %c_21 = arith.constant 17592186044416 : i64
  %t_43 = arith.andi %n, %c_21 : i64
  %t_44 = arith.cmpi ne, %t_43, %c_0 : i64
  %c_22 = arith.constant 8796093022208 : i64
  %t_45 = arith.andi %n, %c_22 : i64
  %t_46 = arith.cmpi ne, %t_45, %c_0 : i64
  %c_23 = arith.constant 4398046511104 : i64
  %t_47 = arith.andi %n, %c_23 : i64
  %t_48 = arith.cmpi ne, %t_47, %c_0 : i64
  %c_24 = arith.constant 2199023255552 : i64
  %t_49 = arith.andi %n, %c_24 : i64
  %t_50 = arith.cmpi ne, %t_49, %c_0 : i64
  %c_25 = arith.constant 1099511627776 : i64
  %t_51 = arith.andi %n, %c_25 : i64
  %t_52 = arith.cmpi ne, %t_51, %c_0 : i64
  %c_26 = arith.constant 549755813888 : i64
  %t_53 = arith.andi %n, %c_26 : i64
  %t_54 = arith.cmpi ne, %t_53, %c_0 : i64
  %c_27 = arith.constant 274877906944 : i64
  %t_55 = arith.andi %n, %c_27 : i64
  %t_56 = arith.cmpi ne, %t_55, %c_0 : i64
  %c_28 = arith.constant 137438953472 : i64
  %t_57 = arith.andi %n, %c_28 : i64
  %t_58 = arith.cmpi ne, %t_57, %c_0 : i64
  %c_29 = arith.constant 68719476736 : i64
  %t_59 = arith.andi %n, %c_29 : i64
  %t_60 = arith.cmpi ne, %t_59, %c_0 : i64
  %c_30 = arith.constant 34359738368 : i64
  %t_61 = arith.andi %n, %c_30 : i64
  %t_62 = arith.cmpi ne, %t_61, %c_0 : i64
  %c_31 = arith.constant 17179869184 : i64
  %t_63 = arith.andi %n, %c_31 : i64
  %t_64 = arith.cmpi ne, %t_63, %c_0 : i64
  %c_32 = arith.constant 8589934592 : i64
  %t_65 = arith.andi %n, %c_32 : i64
  %t_66 = arith.cmpi ne, %t_65, %c_0 : i64
  %c_33 = arith.constant 4294967296 : i64
  %t_67 = arith.andi %n, %c_33 : i64
  %t_68 = arith.cmpi ne, %t_67, %c_0 : i64
  %c_34 = arith.constant 2147483648 : i64
  %t_69 = arith.andi %n, %c_34 : i64
  %t_70 = arith.cmpi ne, %t_69, %c_0 : i64
  %c_35 = arith.constant 1073741824 : i64
  %t_71 = arith.andi %n, %c_35 : i64
  %t_72 = arith.cmpi ne, %t_71, %c_0 : i64
  %c_36 = arith.constant 536870912 : i64
  %t_73 = arith.andi %n, %c_36 : i64
  %t_74 = arith.cmpi ne, %t_73, %c_0 : i64
  %c_37 = arith.constant 268435456 : i64
  %t_75 = arith.andi %n, %c_37 : i64
  %t_76 = arith.cmpi ne, %t_75, %c_0 : i64
  %c_38 = arith.constant 134217728 : i64
  %t_77 = arith.andi %n, %c_38 : i64
  %t_78 = arith.cmpi ne, %t_77, %c_0 : i64
  %c_39 = arith.constant 67108864 : i64
  %t_79 = arith.andi %n, %c_39 : i64
  %t_80 = arith.cmpi ne, %t_79, %c_0 : i64
  %c_40 = arith.constant 33554432 : i64
  %t_81 = arith.andi %n, %c_40 : i64
  %t_82 = arith.cmpi ne, %t_81, %c_0 : i64
  %c_41 = arith.constant 16777216 : i64
  %t_83 = arith.andi %n, %c_41 : i64
  %t_84 = arith.cmpi ne, %t_83, %c_0 : i64
  %c_42 = arith.constant 8388608 : i64
  %t_85 = arith.andi %n, %c_42 : i64
  %t_86 = arith.cmpi ne, %t_85, %c_0 : i64
  %c_43 = arith.constant 4194304 : i64
  %t_87 = arith.andi %n, %c_43 : i64
  %t_88 = arith.cmpi ne, %t_87, %c_0 : i64
  %c_44 = arith.constant 2097152 : i64
  %t_89 = arith.andi %n, %c_44 : i64
  %t_90 = arith.cmpi ne, %t_89, %c_0 : i64
  %c_45 = arith.constant 1048576 : i64
  %t_91 = arith.andi %n, %c_45 : i64
  %t_92 = arith.cmpi ne, %t_91, %c_0 : i64
  %c_46 = arith.constant 524288 : i64
  %t_93 = arith.andi %n, %c_46 : i64
  %t_94 = arith.cmpi ne, %t_93, %c_0 : i64
  %c_47 = arith.constant 262144 : i64
  %t_95 = arith.andi %n, %c_47 : i64
  %t_96 = arith.cmpi ne, %t_95, %c_0 : i64
  %c_48 = arith.constant 131072 : i64
  %t_97 = arith.andi %n, %c_48 : i64
  %t_98 = arith.cmpi ne, %t_97, %c_0 : i64
  %c_49 = arith.constant 65536 : i64
  %t_99 = arith.andi %n, %c_49 : i64
  %t_100 = arith.cmpi ne, %t_99, %c_0 : i64
  %c_50 = arith.constant 32768 : i64
  %t_101 = arith.andi %n, %c_50 : i64
  %t_102 = arith.cmpi ne, %t_101, %c_0 : i64
  %c_51 = arith.constant 16384 : i64
  %t_103 = arith.andi %n, %c_51 : i64
  %t_104 = arith.cmpi ne, %t_103, %c_0 : i64
  %c_52 = arith.constant 8192 : i64
  %t_105 = arith.andi %n, %c_52 : i64
  %t_106 = arith.cmpi ne, %t_105, %c_0 : i64
  %c_53 = arith.constant 4096 : i64
  %t_107 = arith.andi %n, %c_53 : i64
  %t_108 = arith.cmpi ne, %t_107, %c_0 : i64
  %c_54 = arith.constant 2048 : i64
  %t_109 = arith.andi %n, %c_54 : i64
  %t_110 = arith.cmpi ne, %t_109, %c_0 : i64
  %c_55 = arith.constant 1024 : i64
  %t_111 = arith.andi %n, %c_55 : i64
  %t_112 = arith.cmpi ne, %t_111, %c_0 : i64
  %c_56 = arith.constant 512 : i64
  %t_113 = arith.andi %n, %c_56 : i64
  %t_114 = arith.cmpi ne, %t_113, %c_0 : i64
  %c_57 = arith.constant 256 : i64
  %t_115 = arith.andi %n, %c_57 : i64
  %t_116 = arith.cmpi ne, %t_115, %c_0 : i64
  %c_58 = arith.constant 128 : i64
  %t_117 = arith.andi %n, %c_58 : i64
  %t_118 = arith.cmpi ne, %t_117, %c_0 : i64
  %t_119 = arith.andi %n, %c_3 : i64
  %t_120 = arith.cmpi ne, %t_119, %c_0 : i64
  %c_59 = arith.constant 32 : i64
  %t_121 = arith.andi %n, %c_59 : i64
  %t_122 = arith.cmpi ne, %t_121, %c_0 : i64
  %c_60 = arith.constant 16 : i64
  %t_123 = arith.andi %n, %c_60 : i64
  %t_124 = arith.cmpi ne, %t_123, %c_0 : i64
  %c_61 = arith.constant 8 : i64
  %t_125 = arith.andi %n, %c_61 : i64
  %t_126 = arith.cmpi ne, %t_125, %c_0 : i64
  %c_62 = arith.constant 4 : i64
  %t_127 = arith.andi %n, %c_62 : i64
  %t_128 = arith.cmpi ne, %t_127, %c_0 : i64
  %c_63 = arith.constant 2 : i64
  %t_129 = arith.andi %n, %c_63 : i64
  %t_130 = arith.cmpi ne, %t_129, %c_0 : i64
  %t_131 = arith.muli %c_1, %x : i64
  %t_132 = arith.select %t_4, %t_131, %c_1 : i64
  %t_133 = arith.muli %x, %x : i64
  %t_134 = arith.muli %t_132, %t_133 : i64
  %t_135 = arith.select %t_130, %t_134, %t_132 : i64
  %t_136 = arith.muli %t_133, %t_133 : i64
  %t_137 = arith.muli %t_135, %t_136 : i64
  %t_138 = arith.select %t_128, %t_137, %t_135 : i64
  %t_139 = arith.muli %t_136, %t_136 : i64
  %t_140 = arith.muli %t_138, %t_139 : i64
  %t_141 = arith.select %t_126, %t_140, %t_138 : i64
  %t_142 = arith.muli %t_139, %t_139 : i64
  %t_143 = arith.muli %t_141, %t_142 : i64
  %t_144 = arith.select %t_124, %t_143, %t_141 : i64
  %t_145 = arith.muli %t_142, %t_142 : i64
  %t_146 = arith.muli %t_144, %t_145 : i64
  %t_147 = arith.select %t_122, %t_146, %t_144 : i64
  %t_148 = arith.muli %t_145, %t_145 : i64
  %t_149 = arith.muli %t_147, %t_148 : i64
  %t_150 = arith.select %t_120, %t_149, %t_147 : i64
  %t_151 = arith.muli %t_148, %t_148 : i64
  %t_152 = arith.muli %t_150, %t_151 : i64
  %t_153 = arith.select %t_118, %t_152, %t_150 : i64
  %t_154 = arith.muli %t_151, %t_151 : i64
  %t_155 = arith.muli %t_153, %t_154 : i64
  %t_156 = arith.select %t_116, %t_155, %t_153 : i64
  %t_157 = arith.muli %t_154, %t_154 : i64
  %t_158 = arith.muli %t_156, %t_157 : i64
  %t_159 = arith.select %t_114, %t_158, %t_156 : i64
  %t_160 = arith.muli %t_157, %t_157 : i64
  %t_161 = arith.muli %t_159, %t_160 : i64
  %t_162 = arith.select %t_112, %t_161, %t_159 : i64
  %t_163 = arith.muli %t_160, %t_160 : i64
  %t_164 = arith.muli %t_162, %t_163 : i64
  %t_165 = arith.select %t_110, %t_164, %t_162 : i64
  %t_166 = arith.muli %t_163, %t_163 : i64
  %t_167 = arith.muli %t_165, %t_166 : i64
  %t_168 = arith.select %t_108, %t_167, %t_165 : i64
  %t_169 = arith.muli %t_166, %t_166 : i64
  %t_170 = arith.muli %t_168, %t_169 : i64
  %t_171 = arith.select %t_106, %t_170, %t_168 : i64
  %t_172 = arith.muli %t_169, %t_169 : i64
  %t_173 = arith.muli %t_171, %t_172 : i64
  %t_174 = arith.select %t_104, %t_173, %t_171 : i64
  %t_175 = arith.muli %t_172, %t_172 : i64
  %t_176 = arith.muli %t_174, %t_175 : i64
  %t_177 = arith.select %t_102, %t_176, %t_174 : i64
  %t_178 = arith.muli %t_175, %t_175 : i64
  %t_179 = arith.muli %t_177, %t_178 : i64
  %t_180 = arith.select %t_100, %t_179, %t_177 : i64
  %t_181 = arith.muli %t_178, %t_178 : i64
  %t_182 = arith.muli %t_180, %t_181 : i64
  %t_183 = arith.select %t_98, %t_182, %t_180 : i64
  %t_184 = arith.muli %t_181, %t_181 : i64
  %t_185 = arith.muli %t_183, %t_184 : i64
  %t_186 = arith.select %t_96, %t_185, %t_183 : i64
  %t_187 = arith.muli %t_184, %t_184 : i64
  %t_188 = arith.muli %t_186, %t_187 : i64
  %t_189 = arith.select %t_94, %t_188, %t_186 : i64
  %t_190 = arith.muli %t_187, %t_187 : i64
  %t_191 = arith.muli %t_189, %t_190 : i64
  %t_192 = arith.select %t_92, %t_191, %t_189 : i64
  %t_193 = arith.muli %t_190, %t_190 : i64
  %t_194 = arith.muli %t_192, %t_193 : i64
  %t_195 = arith.select %t_90, %t_194, %t_192 : i64
  %t_196 = arith.muli %t_193, %t_193 : i64
  %t_197 = arith.muli %t_195, %t_196 : i64
  %t_198 = arith.select %t_88, %t_197, %t_195 : i64
  %t_199 = arith.muli %t_196, %t_196 : i64
  %t_200 = arith.muli %t_198, %t_199 : i64
  %t_201 = arith.select %t_86, %t_200, %t_198 : i64
  %t_202 = arith.muli %t_199, %t_199 : i64
  %t_203 = arith.muli %t_201, %t_202 : i64
  %t_204 = arith.select %t_84, %t_203, %t_201 : i64
  %t_205 = arith.muli %t_202, %t_202 : i64
  %t_206 = arith.muli %t_204, %t_205 : i64
  %t_207 = arith.select %t_82, %t_206, %t_204 : i64
  %t_208 = arith.muli %t_205, %t_205 : i64
  %t_209 = arith.muli %t_207, %t_208 : i64
  %t_210 = arith.select %t_80, %t_209, %t_207 : i64
  %t_211 = arith.muli %t_208, %t_208 : i64
  %t_212 = arith.muli %t_210, %t_211 : i64
  %t_213 = arith.select %t_78, %t_212, %t_210 : i64
  %t_214 = arith.muli %t_211, %t_211 : i64
  %t_215 = arith.muli %t_213, %t_214 : i64
  %t_216 = arith.select %t_76, %t_215, %t_213 : i64
  %t_217 = arith.muli %t_214, %t_214 : i64
  %t_218 = arith.muli %t_216, %t_217 : i64
  %t_219 = arith.select %t_74, %t_218, %t_216 : i64
  %t_220 = arith.muli %t_217, %t_217 : i64
  %t_221 = arith.muli %t_219, %t_220 : i64
  %t_222 = arith.select %t_72, %t_221, %t_219 : i64
  %t_223 = arith.muli %t_220, %t_220 : i64
  %t_224 = arith.muli %t_222, %t_223 : i64
  %t_225 = arith.select %t_70, %t_224, %t_222 : i64
  %t_226 = arith.muli %t_223, %t_223 : i64
  %t_227 = arith.muli %t_225, %t_226 : i64
  %t_228 = arith.select %t_68, %t_227, %t_225 : i64
  %t_229 = arith.muli %t_226, %t_226 : i64
  %t_230 = arith.muli %t_228, %t_229 : i64
  %t_231 = arith.select %t_66, %t_230, %t_228 : i64
  %t_232 = arith.muli %t_229, %t_229 : i64
  %t_233 = arith.muli %t_231, %t_232 : i64
  %t_234 = arith.select %t_64, %t_233, %t_231 : i64
  %t_235 = arith.muli %t_232, %t_232 : i64
  %t_236 = arith.muli %t_234, %t_235 : i64
  %t_237 = arith.select %t_62, %t_236, %t_234 : i64
  %t_238 = arith.muli %t_235, %t_235 : i64
  %t_239 = arith.muli %t_237, %t_238 : i64
  %t_240 = arith.select %t_60, %t_239, %t_237 : i64
  %t_241 = arith.muli %t_238, %t_238 : i64
  %t_242 = arith.muli %t_240, %t_241 : i64
  %t_243 = arith.select %t_58, %t_242, %t_240 : i64
  %t_244 = arith.muli %t_241, %t_241 : i64
  %t_245 = arith.muli %t_243, %t_244 : i64
  %t_246 = arith.select %t_56, %t_245, %t_243 : i64
  %t_247 = arith.muli %t_244, %t_244 : i64
  %t_248 = arith.muli %t_246, %t_247 : i64
  %t_249 = arith.select %t_54, %t_248, %t_246 : i64
  %t_250 = arith.muli %t_247, %t_247 : i64
  %t_251 = arith.muli %t_249, %t_250 : i64
  %t_252 = arith.select %t_52, %t_251, %t_249 : i64
  %t_253 = arith.muli %t_250, %t_250 : i64
  %t_254 = arith.muli %t_252, %t_253 : i64
  %t_255 = arith.select %t_50, %t_254, %t_252 : i64
  %t_256 = arith.muli %t_253, %t_253 : i64
  %t_257 = arith.muli %t_255, %t_256 : i64
  %t_258 = arith.select %t_48, %t_257, %t_255 : i64
  %t_259 = arith.muli %t_256, %t_256 : i64
  %t_260 = arith.muli %t_258, %t_259 : i64
  %t_261 = arith.select %t_46, %t_260, %t_258 : i64
  %t_262 = arith.muli %t_259, %t_259 : i64
  %t_263 = arith.muli %t_261, %t_262 : i64
  %t_264 = arith.select %t_44, %t_263, %t_261 : i64
  %t_265 = arith.muli %t_262, %t_262 : i64
  %t_266 = arith.muli %t_264, %t_265 : i64
  %t_267 = arith.select %t_42, %t_266, %t_264 : i64
  %t_268 = arith.muli %t_265, %t_265 : i64
  %t_269 = arith.muli %t_267, %t_268 : i64
  %t_270 = arith.select %t_40, %t_269, %t_267 : i64
  %t_271 = arith.muli %t_268, %t_268 : i64
  %t_272 = arith.muli %t_270, %t_271 : i64
  %t_273 = arith.select %t_38, %t_272, %t_270 : i64
  %t_274 = arith.muli %t_271, %t_271 : i64
  %t_275 = arith.muli %t_273, %t_274 : i64
  %t_276 = arith.select %t_36, %t_275, %t_273 : i64
  %t_277 = arith.muli %t_274, %t_274 : i64
  %t_278 = arith.muli %t_276, %t_277 : i64
  %t_279 = arith.select %t_34, %t_278, %t_276 : i64
  %t_280 = arith.muli %t_277, %t_277 : i64
  %t_281 = arith.muli %t_279, %t_280 : i64
  %t_282 = arith.select %t_32, %t_281, %t_279 : i64
  %t_283 = arith.muli %t_280, %t_280 : i64
  %t_284 = arith.muli %t_282, %t_283 : i64
  %t_285 = arith.select %t_30, %t_284, %t_282 : i64
  %t_286 = arith.muli %t_283, %t_283 : i64
  %t_287 = arith.muli %t_285, %t_286 : i64
  %t_288 = arith.select %t_28, %t_287, %t_285 : i64
  %t_289 = arith.muli %t_286, %t_286 : i64
  %t_290 = arith.muli %t_288, %t_289 : i64
  %t_291 = arith.select %t_26, %t_290, %t_288 : i64
  %t_292 = arith.muli %t_289, %t_289 : i64
  %t_293 = arith.muli %t_291, %t_292 : i64
  %t_294 = arith.select %t_24, %t_293, %t_291 : i64
  %t_295 = arith.muli %t_292, %t_292 : i64
  %t_296 = arith.muli %t_294, %t_295 : i64
  %t_297 = arith.select %t_22, %t_296, %t_294 : i64
  %t_298 = arith.muli %t_295, %t_295 : i64
  %t_299 = arith.muli %t_297, %t_298 : i64
  %t_300 = arith.select %t_20, %t_299, %t_297 : i64
  %t_301 = arith.muli %t_298, %t_298 : i64
  %t_302 = arith.muli %t_300, %t_301 : i64
  %t_303 = arith.select %t_18, %t_302, %t_300 : i64
  %t_304 = arith.muli %t_301, %t_301 : i64
  %t_305 = arith.muli %t_303, %t_304 : i64
  %t_306 = arith.select %t_16, %t_305, %t_303 : i64
  %t_307 = arith.muli %t_304, %t_304 : i64
  %t_308 = arith.muli %t_306, %t_307 : i64
  %t_309 = arith.select %t_14, %t_308, %t_306 : i64
  %t_310 = arith.muli %t_307, %t_307 : i64
  %t_311 = arith.muli %t_309, %t_310 : i64
  %t_312 = arith.select %t_12, %t_311, %t_309 : i64
  %t_313 = arith.muli %t_310, %t_310 : i64
  %t_314 = arith.muli %t_312, %t_313 : i64
  %t_315 = arith.select %t_10, %t_314, %t_312 : i64
  %result = arith.select %vanishes, %c_0, %t_315 : i64
  %t_316 = arith.select %t_0, %negative, %result : i64
  return %t_316 : i64
}
