// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The part of the `vm` dialect that programs may use: imports that `func` can't declare, because they take any number of
// values, and the types that `vm.signature` speaks of.

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"

def VM_Dialect : Dialect {
  let name = "vm";
  let cppNamespace = "tenon::vm";
  let useDefaultTypePrinterParser = 1;
}

class VM_Type<string name, string text> : TypeDef<VM_Dialect, name> {
  let mnemonic = text;
}

// What !util.buffer is at run time.
def VM_Buffer : VM_Type<"Buffer", "buffer">;

// A reference to an object of that type, such as !vm.ref<!custom.string>; of any where the type is `?` (a null type here).
def VM_Ref : VM_Type<"Ref", "ref"> {
  let parameters = (ins "mlir::Type":$object);
  let assemblyFormat = "`<` custom<TypeOrAny>($object) `>`";
}

// What !util.list is at run time, likewise.
def VM_List : VM_Type<"List", "list"> {
  let parameters = (ins "mlir::Type":$element);
  let assemblyFormat = "`<` custom<TypeOrAny>($element) `>`";
}

// A function of another module. Arguments followed by `...` are *spans*: as many of them as a call has; of a tuple, as many
// tuples.
//
//   vm.import private @custom.sum(%scale : f32, %values : i32 ...) -> i32
//   vm.import private optional @custom.print(%format : !util.buffer, %pairs : tuple<i32, f32> ...)
//
// Its attributes are those of a symbol, without MLIR's interface of symbols: that asks the parent for a trait by an id which gcc and
// the clang that MLIR may have been built with make different names of.
def VM_ImportOp : Op<VM_Dialect, "import"> {
  let arguments = (ins
    StrAttr:$sym_name,
    OptionalAttr<StrAttr>:$sym_visibility,
    TypeAttr:$function_type,
    OptionalAttr<ArrayAttr>:$arg_attrs,  // {vm.name = "scale"}, {vm.name = "values", vm.variadic}
    UnitAttr:$is_optional
  );
  let hasCustomAssemblyFormat = 1;
}

// Whether the context has an optional import.
def VM_ImportResolvedOp : Op<VM_Dialect, "import.resolved"> {
  let arguments = (ins FlatSymbolRefAttr:$import);
  let results = (outs AnySignlessInteger:$result);
  let assemblyFormat = "$import attr-dict `:` type($result)";
}

// Calls an import without spans.
def VM_CallOp : Op<VM_Dialect, "call"> {
  let arguments = (ins FlatSymbolRefAttr:$callee, Variadic<AnyType>:$operands);
  let results = (outs Variadic<AnyType>:$results);
  let assemblyFormat = "$callee `(` operands `)` attr-dict `:` functional-type(operands, results)";
}

// Calls an import with spans, each in brackets:
//
//   %sum = vm.call.variadic @custom.sum(%scale, [%a, %b, %c]) : (f32, i32 ...) -> i32
//   vm.call.variadic @custom.print(%format, [(%a, %x), (%b, %y)]) : (!util.buffer, tuple<i32, f32> ...)
def VM_CallVariadicOp : Op<VM_Dialect, "call.variadic"> {
  let arguments = (ins
    FlatSymbolRefAttr:$callee,
    DenseI32ArrayAttr:$segment_sizes,  // for each argument -1, or of a span the number of its values or tuples
    TypeArrayAttr:$segment_types,
    Variadic<AnyType>:$operands
  );
  let results = (outs Variadic<AnyType>:$results);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
}
