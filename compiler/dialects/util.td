// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The part of the `util` dialect that programs may use. The assembly is IREE's, of its releases from November 2022 on: where these
// differ, both forms parse. docs/host-programs.md says what the operations do.

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Util_Dialect : Dialect {
  let name = "util";
  let cppNamespace = "tenon::util";
  let useDefaultTypePrinterParser = 1;
  // For util.unreachable "message", which fails when it is reached. It isn't defined below: whether an operation ends a block is a
  // trait, and those MLIR knows by names that the compiler it was built with gave them, which need not be ours. Of an operation that
  // isn't defined it assumes that it may.
  let extraClassDeclaration = [{
    std::optional<ParseOpHook> getParseOperationHook(::llvm::StringRef op) const override;
  }];
}

class Util_Type<string name, string mnemonic_> : TypeDef<Util_Dialect, name> {
  let mnemonic = mnemonic_;
}
class Util_Op<string mnemonic, list<Trait> traits = []> : Op<Util_Dialect, mnemonic, traits>;

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

// Bytes in the host's memory.
def Util_Buffer : Util_Type<"Buffer", "buffer">;

// A list that grows, of numbers or of references; of both where the element type is `?` (a null type here).
def Util_List : Util_Type<"List", "list"> {
  let parameters = (ins "mlir::Type":$elementType);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

// Any object.
def Util_Object : Util_Type<"Object", "object">;

def Util_Ref : Type<CPred<"::tenon::util::is_ref($_self)">,
                    "a reference (!util.buffer, !util.list, !util.object or a type like !custom.string)">;
def Util_Number : Type<CPred<"::tenon::util::is_number($_self)">, "i1, i8, i16, i32, i64, index, f32 or f64">;
def Util_Element : Type<Or<[Util_Ref.predicate, Util_Number.predicate]>, "a number or a reference">;

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

def Util_NullOp : Util_Op<"null", [Pure]> {
  let results = (outs Util_Ref:$result);
  let assemblyFormat = "attr-dict `:` type($result)";
}

class Util_CompareOp<string mnemonic> : Util_Op<mnemonic, [Pure, SameTypeOperands]> {
  let arguments = (ins Util_Ref:$lhs, Util_Ref:$rhs);
  let results = (outs I1:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($lhs)";
}
// Whether both are the same object, or null.
def Util_CmpEqOp : Util_CompareOp<"cmp.eq">;
def Util_CmpNeOp : Util_CompareOp<"cmp.ne">;

// The same reference as another type; fails when the object is of yet another.
def Util_CastOp : Util_Op<"cast"> {
  let arguments = (ins Util_Ref:$operand);
  let results = (outs Util_Ref:$result);
  let assemblyFormat = "$operand attr-dict `:` type($operand) `to` type($result)";
  let hasVerifier = 1;
}

// Its operands, of which the compiler may assume nothing.
def Util_OptimizationBarrierOp : Util_Op<"optimization_barrier", [DeclareOpInterfaceMethods<InferTypeOpInterface>]> {
  let arguments = (ins Variadic<AnyType>:$operands);
  let results = (outs Variadic<AnyType>:$results);
  let assemblyFormat = "attr-dict ($operands^ `:` type($operands))?";
}

// A constant, of which likewise: for tests of what would be computed when it is compiled.
def Util_UnfoldableConstantOp : Util_Op<"unfoldable_constant", [AllTypesMatch<["value", "result"]>]> {
  let arguments = (ins TypedAttrInterface:$value);
  let results = (outs AnyType:$result);
  let assemblyFormat = "attr-dict $value";
}

//===----------------------------------------------------------------------===//
// Buffers
//===----------------------------------------------------------------------===//

// A read-only buffer with exactly the bytes of a string, no NUL after them, or of the elements of dense<...>.
def Util_BufferConstantOp : Util_Op<"buffer.constant", [Pure]> {
  let arguments = (ins OptionalAttr<StrAttr>:$name, AnyAttr:$value, OptionalAttr<IndexAttr>:$alignment,
                       OptionalAttr<StrAttr>:$mime_type);
  let results = (outs Util_Buffer:$result);
  let assemblyFormat = "($name^)? attr-dict `:` type($result) `=` $value";
}

def Util_BufferAllocOp : Util_Op<"buffer.alloc"> {
  let arguments = (ins Index:$storage_size, UnitAttr:$zeroinitialized, OptionalAttr<IndexAttr>:$alignment);
  let results = (outs Util_Buffer:$result);
  let assemblyFormat = [{
    (`zeroinitialized` $zeroinitialized^):(`uninitialized`)?
    (`<` `alignment` `=` $alignment^ `>`)? attr-dict `:` type($result) `` `{` $storage_size `}`
  }];
}

def Util_BufferDeallocOp : Util_Op<"buffer.dealloc"> {
  let arguments = (ins Util_Buffer:$operand, Index:$operand_size);
  let assemblyFormat = "$operand attr-dict `:` type($operand) `` `{` $operand_size `}`";
}

// A copy of a part.
def Util_BufferSliceOp : Util_Op<"buffer.slice"> {
  let arguments = (ins Util_Buffer:$source, Index:$source_size, Index:$source_offset, Index:$result_size);
  let results = (outs Util_Buffer:$result);
  let assemblyFormat = [{
    $source `[` $source_offset `]` attr-dict `:`
    type($source) `` `{` $source_size `}` `->` type($result) `` `{` $result_size `}`
  }];
}

def Util_BufferSizeOp : Util_Op<"buffer.size"> {
  let arguments = (ins Util_Buffer:$operand);
  let results = (outs Index:$result);
  let assemblyFormat = "$operand attr-dict `:` type($operand)";
}

def Util_BufferCompareOp : Util_Op<"buffer.compare"> {
  let arguments = (ins Util_Buffer:$lhs, Index:$lhs_size, Index:$lhs_offset, Util_Buffer:$rhs, Index:$rhs_size, Index:$rhs_offset,
                       Index:$length);
  let results = (outs I1:$result);
  let assemblyFormat = [{
    $lhs `[` $lhs_offset `]` `,` $rhs `[` $rhs_offset `]` `,` $length attr-dict `:`
    type($lhs) `` `{` $lhs_size `}` `,` type($rhs) `` `{` $rhs_size `}`
  }];
}

def Util_BufferCopyOp : Util_Op<"buffer.copy"> {
  let arguments = (ins Util_Buffer:$source, Index:$source_size, Index:$source_offset, Util_Buffer:$target, Index:$target_size,
                       Index:$target_offset, Index:$length);
  let assemblyFormat = [{
    $source `[` $source_offset `]` `,` $target `[` $target_offset `]` `,` $length attr-dict `:`
    type($source) `` `{` $source_size `}` `->` type($target) `` `{` $target_size `}`
  }];
}

def Util_BufferFillOp : Util_Op<"buffer.fill"> {
  let arguments = (ins Util_Number:$pattern, Util_Buffer:$target, Index:$target_size, Index:$target_offset, Index:$length);
  let assemblyFormat = [{
    $pattern `,` $target `[` $target_offset `for` $length `]` attr-dict `:`
    type($pattern) `->` type($target) `` `{` $target_size `}`
  }];
}

// Without a length in the releases of 2022; else it is that of the type.
def Util_BufferLoadOp : Util_Op<"buffer.load"> {
  let arguments = (ins Util_Buffer:$source, Index:$source_size, Index:$source_offset, Optional<Index>:$length);
  let results = (outs Util_Number:$result);
  let assemblyFormat = [{
    $source `[` $source_offset (`for` $length^)? `]` attr-dict `:`
    type($source) `` `{` $source_size `}` `->` type($result)
  }];
}

def Util_BufferStoreOp : Util_Op<"buffer.store"> {
  let arguments = (ins Util_Number:$source, Util_Buffer:$target, Index:$target_size, Index:$target_offset, Optional<Index>:$length);
  let assemblyFormat = [{
    $source `,` $target `[` $target_offset (`for` $length^)? `]` attr-dict `:`
    type($source) `->` type($target) `` `{` $target_size `}`
  }];
}

//===----------------------------------------------------------------------===//
// Lists
//===----------------------------------------------------------------------===//

def Util_ListCreateOp : Util_Op<"list.create"> {
  let arguments = (ins Optional<Index>:$initial_capacity);
  let results = (outs Util_List:$result);
  let assemblyFormat = "($initial_capacity^)? attr-dict `:` qualified(type($result))";
}

def Util_ListSizeOp : Util_Op<"list.size"> {
  let arguments = (ins Util_List:$list);
  let results = (outs Index:$result);
  let assemblyFormat = "$list attr-dict `:` qualified(type($list))";
}

def Util_ListResizeOp : Util_Op<"list.resize"> {
  let arguments = (ins Util_List:$list, Index:$new_size);
  let assemblyFormat = "$list `,` $new_size attr-dict `:` qualified(type($list))";
}

// The type of the result follows where the list's doesn't say it.
def Util_ListGetOp : Util_Op<"list.get"> {
  let arguments = (ins Util_List:$list, Index:$index);
  let results = (outs Util_Element:$result);
  let assemblyFormat = "$list `[` $index `]` attr-dict `:` custom<ListGet>(type($list), type($result))";
  let hasVerifier = 1;
}

def Util_ListSetOp : Util_Op<"list.set"> {
  let arguments = (ins Util_List:$list, Index:$index, Util_Element:$value);
  let assemblyFormat = "$list `[` $index `]` `,` $value attr-dict `:` custom<ListSet>(type($list), type($value))";
  let hasVerifier = 1;
}

include "util_global.td"
