// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The part of the `util` dialect that programs may use.

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Util_Dialect : Dialect {
  let name = "util";
  let cppNamespace = "tenon::util";
  let useDefaultTypePrinterParser = 1;
}

// Bytes in the host's memory.
def Util_Buffer : TypeDef<Util_Dialect, "Buffer"> {
  let mnemonic = "buffer";
}

// A read-only buffer with exactly the bytes of the string: no NUL after them.
def Util_BufferConstantOp : Op<Util_Dialect, "buffer.constant", [Pure]> {
  let arguments = (ins StrAttr:$value);
  let results = (outs Util_Buffer:$result);
  let assemblyFormat = "attr-dict `:` type($result) `=` $value";
}

// Its operands, of which the compiler may assume nothing.
def Util_OptimizationBarrierOp : Op<Util_Dialect, "optimization_barrier",
                                    [DeclareOpInterfaceMethods<InferTypeOpInterface>]> {
  let arguments = (ins Variadic<AnyType>:$operands);
  let results = (outs Variadic<AnyType>:$results);
  let assemblyFormat = "attr-dict ($operands^ `:` type($operands))?";
}
