// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What TableGen leaves open of util_global.td.

#include "compiler/dialects/util_global.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

// clang-format off
#include "util_dialect.h.inc"
#define GET_TYPEDEF_CLASSES
#include "util_types.h.inc"
#define GET_OP_CLASSES
#include "util_ops.h.inc"
// clang-format on

namespace tenon::util {

mlir::ParseResult parseVisibility(mlir::OpAsmParser& parser, mlir::StringAttr& visibility) {
  llvm::StringRef keyword;
  if (mlir::succeeded(parser.parseOptionalKeyword(&keyword, {"public", "private"}))) {
    visibility = parser.getBuilder().getStringAttr(keyword);
  }
  return mlir::success();
}

void printVisibility(mlir::OpAsmPrinter& printer, mlir::Operation*, mlir::StringAttr visibility) {
  if (visibility) printer << visibility.getValue();
}

mlir::ParseResult parseTypeOrValue(mlir::OpAsmParser& parser, mlir::TypeAttr& type,
                                   mlir::TypedAttr& value) {
  mlir::Type parsed;
  if (mlir::failed(parser.parseOptionalEqual())) {
    if (parser.parseColonType(parsed)) return mlir::failure();
  } else {
    mlir::Attribute attribute;
    llvm::SMLoc place = parser.getCurrentLocation();
    if (parser.parseAttribute(attribute)) return mlir::failure();
    value = mlir::dyn_cast<mlir::TypedAttr>(attribute);
    if (!value) return parser.emitError(place, "expected a value with a type");
    parsed = value.getType();
  }
  type = mlir::TypeAttr::get(parsed);
  return mlir::success();
}

void printTypeOrValue(mlir::OpAsmPrinter& printer, mlir::Operation*, mlir::TypeAttr type,
                      mlir::TypedAttr value) {
  if (value) {
    printer << "= " << value;
  } else {
    printer << ": " << type;
  }
}

// The global that |op| names, which must hold a |type|.
static GlobalOp findGlobal(mlir::Operation* op, mlir::SymbolTableCollection& tables,
                           mlir::FlatSymbolRefAttr symbol, mlir::Type type) {
  auto global = tables.lookupNearestSymbolFrom<GlobalOp>(op, symbol);
  if (!global) {
    op->emitOpError() << "there is no util.global " << symbol;
    return nullptr;
  }
  if (global.getType() == type) return global;
  op->emitOpError() << "the global " << symbol << " is " << global.getType() << ", not " << type;
  return nullptr;
}

mlir::LogicalResult GlobalLoadOp::verifySymbolUses(mlir::SymbolTableCollection& tables) {
  GlobalOp global = findGlobal(*this, tables, getGlobalAttr(), getResult().getType());
  if (!global) return mlir::failure();
  if (!getIsImmutable() || !global.getIsMutable()) return mlir::success();
  return emitOpError() << "the global " << getGlobalAttr() << " is mutable";
}

static constexpr llvm::StringLiteral kInitializer = "tenon.initializer";

static bool isInInitializer(mlir::Operation* op) {
  while (op && !op->hasAttr(kInitializer)) op = op->getParentOp();
  return op != nullptr;
}

mlir::LogicalResult GlobalStoreOp::verifySymbolUses(mlir::SymbolTableCollection& tables) {
  GlobalOp global = findGlobal(*this, tables, getGlobalAttr(), getValue().getType());
  if (!global) return mlir::failure();
  if (global.getIsMutable() || isInInitializer(*this)) return mlir::success();
  return emitOpError() << "the global " << getGlobalAttr()
                       << " is not mutable: only a util.initializer stores to it; write "
                          "'util.global mutable' to change it elsewhere";
}

//===--------------------------------------------------------------------===//
// Initializers
//===--------------------------------------------------------------------===//

// A name that no other initializer has: where this one stands.
static std::string nameOf(mlir::Location location) {
  auto place = mlir::dyn_cast<mlir::FileLineColLoc>(location);
  std::string name = "__init";
  if (place) {
    name += "$" + std::to_string(place.getLine()) + "$" + std::to_string(place.getColumn());
  }
  return name;
}

mlir::ParseResult parseInitializer(mlir::OpAsmParser& parser, mlir::OperationState& result) {
  mlir::Builder& builder = parser.getBuilder();
  std::string name = nameOf(parser.getEncodedSourceLoc(parser.getNameLoc()));
  mlir::Region* body = result.addRegion();
  if (parser.parseOptionalAttrDictWithKeyword(result.attributes) || parser.parseRegion(*body)) {
    return mlir::failure();
  }
  if (body->empty()) {
    return parser.emitError(parser.getNameLoc(), "expected a body that ends with util.return");
  }
  result.name = mlir::OperationName("func.func", builder.getContext());
  result.attributes.set("sym_name", builder.getStringAttr(name));
  result.attributes.set("sym_visibility", builder.getStringAttr("private"));
  result.attributes.set("function_type", mlir::TypeAttr::get(builder.getFunctionType({}, {})));
  result.attributes.set(kInitializer, builder.getUnitAttr());
  return mlir::success();
}

mlir::ParseResult parseInitializerReturn(mlir::OpAsmParser& parser, mlir::OperationState& result) {
  result.name = mlir::OperationName("func.return", parser.getContext());
  return parser.parseOptionalAttrDict(result.attributes);
}

}  // namespace tenon::util
