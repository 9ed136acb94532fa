// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Globals of a module, and the code that runs when a context registers it. A part of util.td.

include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/SymbolInterfaces.td"

// A value that a module keeps for each context. Only mutable ones are stored to outside of initializers. Its `sym_name` makes it a
// symbol for whoever looks one up; it hasn't MLIR's trait, for the reason that util.unreachable hasn't. Nor are there definitions for
//
//   util.initializer { ... util.return }      code that runs once for each context, in the order of the source
//
// which are parsed as a private function with the attribute `tenon.initializer`, that has a name of its own, and its return.
def Util_GlobalOp : Op<Util_Dialect, "global"> {
  let arguments = (ins SymbolNameAttr:$sym_name, OptionalAttr<StrAttr>:$sym_visibility, TypeAttr:$type,
                       UnitAttr:$is_mutable, OptionalAttr<TypedAttrInterface>:$initial_value);
  let assemblyFormat = [{
    custom<Visibility>($sym_visibility) (`mutable` $is_mutable^)? $sym_name attr-dict
    custom<TypeOrValue>($type, $initial_value)
  }];
}

class Util_GlobalAccessOp<string mnemonic, list<Trait> traits>
    : Op<Util_Dialect, mnemonic, traits # [DeclareOpInterfaceMethods<SymbolUserOpInterface>]>;

// |is_immutable| only says what the global is.
def Util_GlobalLoadOp : Util_GlobalAccessOp<"global.load", [MemoryEffects<[MemRead]>]> {
  let arguments = (ins FlatSymbolRefAttr:$global, UnitAttr:$is_immutable);
  let results = (outs AnyType:$result);
  let assemblyFormat = "(`immutable` $is_immutable^)? $global attr-dict `:` type($result)";
}

def Util_GlobalStoreOp : Util_GlobalAccessOp<"global.store", [MemoryEffects<[MemWrite]>]> {
  let arguments = (ins AnyType:$value, FlatSymbolRefAttr:$global);
  let assemblyFormat = "$value `,` $global attr-dict `:` type($value)";
}
