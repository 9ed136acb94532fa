// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The `check` dialect: what a program that tests something expects, as docs/testing.md describes it. The assembly is IREE's.

include "mlir/IR/OpBase.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"

def Check_Dialect : Dialect {
  let name = "check";
  let cppNamespace = "tenon::check";
}

class Check_Op<string mnemonic, list<Trait> traits = []> : Op<Check_Dialect, mnemonic, traits>;

class Check_ConditionOp<string mnemonic> : Check_Op<mnemonic> {
  let arguments = (ins AnyTypeOf<[AnySignlessInteger, Index]>:$operand);
  let assemblyFormat = "`(` $operand `)` attr-dict `:` type($operand)";
}
// Not zero.
def Check_ExpectTrueOp : Check_ConditionOp<"expect_true">;
// Zero.
def Check_ExpectFalseOp : Check_ConditionOp<"expect_false">;

// No element is zero.
def Check_ExpectAllTrueOp : Check_Op<"expect_all_true"> {
  let arguments = (ins AnyType:$operand);
  let assemblyFormat = "`(` $operand `)` attr-dict `:` type($operand)";
}

// Of the same type, shape and contents.
def Check_ExpectEqOp : Check_Op<"expect_eq", [SameTypeOperands]> {
  let arguments = (ins AnyType:$lhs, AnyType:$rhs);
  let assemblyFormat = "`(` $lhs `,` $rhs `)` attr-dict `:` type($lhs)";
}
def Check_ExpectEqConstOp : Check_Op<"expect_eq_const"> {
  let arguments = (ins AnyType:$lhs, TypedAttrInterface:$value);
  let assemblyFormat = "`(` $lhs `,` $value `)` attr-dict `:` type($lhs)";
}

// The same where floats may differ by `atol X`, and in addition by `rtol X` times the right one; without these by what
// the type allows.
def Check_ExpectAlmostEqOp : Check_Op<"expect_almost_eq", [SameTypeOperands]> {
  let arguments = (ins AnyType:$lhs, AnyType:$rhs, OptionalAttr<F32Attr>:$atol,
      OptionalAttr<F32Attr>:$rtol);
  let assemblyFormat =
      "`(` $lhs `,` $rhs custom<Tolerances>($atol, $rtol) `)` attr-dict `:` type($lhs)";
}
def Check_ExpectAlmostEqConstOp : Check_Op<"expect_almost_eq_const"> {
  let arguments = (ins AnyType:$lhs, TypedAttrInterface:$value, OptionalAttr<F32Attr>:$atol,
      OptionalAttr<F32Attr>:$rtol);
  let assemblyFormat =
      "`(` $lhs `,` $value custom<Tolerances>($atol, $rtol) `)` attr-dict `:` type($lhs)";
}
