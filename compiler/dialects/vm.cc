// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What TableGen makes of vm.td, and the text of operations with spans.

#include "compiler/dialects/vm.h"

#include "llvm/ADT/TypeSwitch.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/CAPI/IR.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"

namespace tenon::vm {

// A type, or `?`: a null type.
static mlir::ParseResult parseTypeOrAny(mlir::AsmParser& parser, mlir::Type& type) {
  if (mlir::succeeded(parser.parseOptionalQuestion())) return mlir::success();
  return parser.parseType(type);
}

static void printTypeOrAny(mlir::AsmPrinter& printer, mlir::Type type) {
  if (type) {
    printer << type;
  } else {
    printer << '?';
  }
}

}  // namespace tenon::vm

// clang-format off
#include "vm_dialect.h.inc"
#define GET_TYPEDEF_CLASSES
#include "vm_types.h.inc"
#define GET_OP_CLASSES
#include "vm_ops.h.inc"

#include "vm_dialect.cc.inc"
#define GET_TYPEDEF_CLASSES
#include "vm_types.cc.inc"
#define GET_OP_CLASSES
#include "vm_ops.cc.inc"
// clang-format on

namespace tenon::vm {

using mlir::ParseResult;

void VMDialect::initialize() {
  addTypes<BufferType, RefType, ListType>();
  addOperations<ImportOp, ImportResolvedOp, CallOp, CallVariadicOp>();
}

//===--------------------------------------------------------------------===//
// vm.import
//===--------------------------------------------------------------------===//

// `%name : type ...`, of which only the type must be there.
static ParseResult parseArgument(mlir::OpAsmParser& parser, mlir::Type& type,
                                 mlir::NamedAttrList& attributes) {
  mlir::Builder& builder = parser.getBuilder();
  mlir::OpAsmParser::UnresolvedOperand name;
  mlir::OptionalParseResult named = parser.parseOptionalOperand(name, /*allowResultNumber=*/false);
  if (named.has_value()) {
    if (mlir::failed(*named) || parser.parseColon()) return mlir::failure();
    attributes.set("vm.name", builder.getStringAttr(name.name.drop_front()));
  }
  if (parser.parseType(type)) return mlir::failure();
  if (mlir::succeeded(parser.parseOptionalEllipsis())) {
    attributes.set("vm.variadic", builder.getUnitAttr());
  }
  return mlir::success();
}

ParseResult ImportOp::parse(mlir::OpAsmParser& parser, mlir::OperationState& result) {
  mlir::Builder& builder = parser.getBuilder();
  llvm::StringRef visibility;
  if (mlir::succeeded(parser.parseOptionalKeyword(&visibility, {"private", "public", "nested"}))) {
    result.addAttribute("sym_visibility", builder.getStringAttr(visibility));
  }
  if (mlir::succeeded(parser.parseOptionalKeyword("optional"))) {
    result.addAttribute("is_optional", builder.getUnitAttr());
  }
  mlir::StringAttr name;
  llvm::SmallVector<mlir::Type> types, results;
  llvm::SmallVector<mlir::Attribute> dictionaries;
  auto parseOne = [&]() -> ParseResult {
    mlir::NamedAttrList attributes;
    if (parseArgument(parser, types.emplace_back(), attributes)) return mlir::failure();
    dictionaries.push_back(attributes.getDictionary(builder.getContext()));
    return mlir::success();
  };
  if (parser.parseSymbolName(name, "sym_name", result.attributes) ||
      parser.parseCommaSeparatedList(mlir::OpAsmParser::Delimiter::Paren, parseOne) ||
      parser.parseOptionalArrowTypeList(results) ||
      parser.parseOptionalAttrDictWithKeyword(result.attributes)) {
    return mlir::failure();
  }
  result.addAttribute("function_type",
                      mlir::TypeAttr::get(builder.getFunctionType(types, results)));
  result.addAttribute("arg_attrs", builder.getArrayAttr(dictionaries));
  return mlir::success();
}

void ImportOp::print(mlir::OpAsmPrinter& printer) {
  if (auto visibility = getSymVisibility()) printer << ' ' << *visibility;
  if (getIsOptional()) printer << " optional";
  printer << ' ';
  printer.printSymbolName(getSymName());
  auto type = mlir::cast<mlir::FunctionType>(getFunctionType());
  printer << '(';
  for (auto [i, input] : llvm::enumerate(type.getInputs())) {
    auto attributes = getArgAttrs() && i < getArgAttrs()->size()
                          ? mlir::dyn_cast<mlir::DictionaryAttr>((*getArgAttrs())[i])
                          : mlir::DictionaryAttr();
    if (i) printer << ", ";
    if (attributes && attributes.getAs<mlir::StringAttr>("vm.name")) {
      printer << '%' << attributes.getAs<mlir::StringAttr>("vm.name").getValue() << " : ";
    }
    printer << input;
    if (attributes && attributes.get("vm.variadic")) printer << " ...";
  }
  printer << ')';
  printer.printOptionalArrowTypeList(type.getResults());
  printer.printOptionalAttrDictWithKeyword(
      (*this)->getAttrs(),
      {"sym_name", "sym_visibility", "function_type", "arg_attrs", "is_optional"});
}

//===--------------------------------------------------------------------===//
// vm.call.variadic
//===--------------------------------------------------------------------===//

namespace {

// The operands as they stand in the text.
struct Operands {
  llvm::SmallVector<mlir::OpAsmParser::UnresolvedOperand> values;
  llvm::SmallVector<int32_t> sizes;  // segment_sizes
};

ParseResult parseSpan(mlir::OpAsmParser& parser, Operands& operands) {
  int32_t count = 0;
  auto parseItem = [&]() -> ParseResult {
    ++count;
    if (mlir::failed(parser.parseOptionalLParen())) {
      return parser.parseOperand(operands.values.emplace_back());
    }
    if (parser.parseOperandList(operands.values)) return mlir::failure();
    return parser.parseRParen();
  };
  if (mlir::failed(parser.parseOptionalRSquare())) {
    if (parser.parseCommaSeparatedList(parseItem) || parser.parseRSquare()) return mlir::failure();
  }
  operands.sizes.push_back(count);
  return mlir::success();
}

ParseResult parseOperands(mlir::OpAsmParser& parser, Operands& operands) {
  return parser.parseCommaSeparatedList(mlir::OpAsmParser::Delimiter::Paren, [&]() -> ParseResult {
    if (mlir::succeeded(parser.parseOptionalLSquare())) return parseSpan(parser, operands);
    operands.sizes.push_back(-1);
    return parser.parseOperand(operands.values.emplace_back());
  });
}

// The types of one item of a segment.
llvm::ArrayRef<mlir::Type> typesOf(const mlir::Type& type) {
  auto tuple = mlir::dyn_cast<mlir::TupleType>(type);
  return tuple ? tuple.getTypes() : llvm::ArrayRef<mlir::Type>(type);
}

void flatten(llvm::ArrayRef<int32_t> sizes, llvm::ArrayRef<mlir::Type> types,
             llvm::SmallVectorImpl<mlir::Type>& flat) {
  for (auto [size, type] : llvm::zip(sizes, types)) {
    if (size < 0) flat.push_back(type);
    for (int32_t i = 0; i < size; ++i) llvm::append_range(flat, typesOf(type));
  }
}

}  // namespace

ParseResult CallVariadicOp::parse(mlir::OpAsmParser& parser, mlir::OperationState& result) {
  mlir::Builder& builder = parser.getBuilder();
  mlir::FlatSymbolRefAttr callee;
  Operands operands;
  llvm::SmallVector<mlir::Type> types, flat;
  llvm::SmallVector<bool> spans;
  auto parseType = [&]() -> ParseResult {
    if (parser.parseType(types.emplace_back())) return mlir::failure();
    spans.push_back(mlir::succeeded(parser.parseOptionalEllipsis()));
    return mlir::success();
  };
  if (parser.parseAttribute(callee, "callee", result.attributes) ||
      parseOperands(parser, operands) || parser.parseOptionalAttrDict(result.attributes) ||
      parser.parseColon()) {
    return mlir::failure();
  }
  llvm::SMLoc place = parser.getCurrentLocation();
  if (parser.parseCommaSeparatedList(mlir::OpAsmParser::Delimiter::Paren, parseType) ||
      parser.parseOptionalArrowTypeList(result.types)) {
    return mlir::failure();
  }
  if (types.size() != operands.sizes.size()) {
    return parser.emitError(place)
           << "expected " << operands.sizes.size()
           << " types, one for each argument, but there are " << types.size();
  }
  for (size_t i = 0; i < types.size(); ++i) {
    if (spans[i] == (operands.sizes[i] >= 0)) continue;
    return parser.emitError(place) << "argument " << i << " is "
                                   << (spans[i] ? "not in brackets but its type has `...`"
                                                : "in brackets but its type has no `...`");
  }
  flatten(operands.sizes, types, flat);
  result.addAttribute("segment_sizes", builder.getDenseI32ArrayAttr(operands.sizes));
  result.addAttribute("segment_types", builder.getTypeArrayAttr(types));
  return parser.resolveOperands(operands.values, flat, place, result.operands);
}

void CallVariadicOp::print(mlir::OpAsmPrinter& printer) {
  printer << ' ';
  printer.printSymbolName(getCallee());
  auto types = llvm::to_vector(getSegmentTypes().getAsValueRange<mlir::TypeAttr>());
  size_t next = 0;
  auto printItem = [&](mlir::Type type) {
    bool isTuple = mlir::isa<mlir::TupleType>(type);
    size_t count = typesOf(type).size();
    if (isTuple) printer << '(';
    printer.printOperands(getOperands().slice(next, count));
    if (isTuple) printer << ')';
    next += count;
  };
  printer << '(';
  for (auto [i, size] : llvm::enumerate(getSegmentSizes())) {
    if (i) printer << ", ";
    if (size < 0) {
      printer.printOperand(getOperand(next++));
      continue;
    }
    printer << '[';
    for (int32_t item = 0; item < size; ++item) {
      if (item) printer << ", ";
      printItem(types[i]);
    }
    printer << ']';
  }
  printer << ')';
  printer.printOptionalAttrDict((*this)->getAttrs(), {"callee", "segment_sizes", "segment_types"});
  printer << " : (";
  for (auto [i, size] : llvm::enumerate(getSegmentSizes())) {
    printer << (i ? ", " : "") << types[i] << (size < 0 ? "" : " ...");
  }
  printer << ')';
  printer.printOptionalArrowTypeList(getResultTypes());
}

mlir::LogicalResult CallVariadicOp::verify() {
  auto types = llvm::to_vector(getSegmentTypes().getAsValueRange<mlir::TypeAttr>());
  llvm::SmallVector<mlir::Type> flat;
  if (types.size() == getSegmentSizes().size()) flatten(getSegmentSizes(), types, flat);
  if (types.size() == getSegmentSizes().size() && llvm::equal(flat, getOperandTypes())) {
    return mlir::success();
  }
  return emitOpError("has operands that its segments don't describe");
}

}  // namespace tenon::vm

void tenon_vm_load(MlirContext context) { unwrap(context)->loadDialect<tenon::vm::VMDialect>(); }

void tenon_vm_register(MlirDialectRegistry registry) {
  unwrap(registry)->insert<tenon::vm::VMDialect>();
}
