// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What TableGen makes of util.td, and the little that it leaves open.

#include "compiler/dialects/util.h"

#include "compiler/dialects/util_global.h"

#include "llvm/ADT/TypeSwitch.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/CAPI/IR.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributeInterfaces.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace tenon::util {

static bool is_ref(mlir::Type type);
static bool is_number(mlir::Type type);

// The types of list.get and list.set.
static mlir::ParseResult parseListGet(mlir::OpAsmParser& parser, mlir::Type& list,
                                      mlir::Type& result);
static void printListGet(mlir::OpAsmPrinter& printer, mlir::Operation* op, mlir::Type list,
                         mlir::Type result);
static mlir::ParseResult parseListSet(mlir::OpAsmParser& parser, mlir::Type& list,
                                      mlir::Type& value);
static void printListSet(mlir::OpAsmPrinter& printer, mlir::Operation* op, mlir::Type list,
                         mlir::Type value);

}  // namespace tenon::util

// clang-format off
#include "util_dialect.h.inc"
#define GET_TYPEDEF_CLASSES
#include "util_types.h.inc"
#define GET_OP_CLASSES
#include "util_ops.h.inc"

#include "util_dialect.cc.inc"
#define GET_TYPEDEF_CLASSES
#include "util_types.cc.inc"
#define GET_OP_CLASSES
#include "util_ops.cc.inc"
// clang-format on

namespace tenon::util {

void UtilDialect::initialize() {
  allowUnknownOperations();
  addTypes<
#define GET_TYPEDEF_LIST
#include "util_types.cc.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "util_ops.cc.inc"
      >();
}

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

static bool is_ref(mlir::Type type) {
  if (auto opaque = mlir::dyn_cast<mlir::OpaqueType>(type)) {
    return opaque.getDialectNamespace() != "tenon";
  }
  return mlir::isa<BufferType, ListType, ObjectType>(type);
}

static bool is_number(mlir::Type type) {
  return type.isIndex() || type.isF32() || type.isF64() || type.isSignlessInteger(1) ||
         type.isSignlessInteger(8) || type.isSignlessInteger(16) || type.isSignlessInteger(32) ||
         type.isSignlessInteger(64);
}

mlir::Type ListType::parse(mlir::AsmParser& parser) {
  mlir::Type element;
  llvm::SMLoc place;
  if (parser.parseLess()) return {};
  place = parser.getCurrentLocation();
  if (parser.parseOptionalQuestion() && parser.parseType(element)) return {};
  if (parser.parseGreater()) return {};
  return getChecked([&] { return parser.emitError(place); }, parser.getContext(), element);
}

void ListType::print(mlir::AsmPrinter& printer) const {
  printer << '<';
  if (getElementType()) {
    printer << getElementType();
  } else {
    printer << '?';
  }
  printer << '>';
}

mlir::LogicalResult ListType::verify(llvm::function_ref<mlir::InFlightDiagnostic()> emit_error,
                                     mlir::Type element) {
  if (!element || is_number(element) || is_ref(element)) return mlir::success();
  return emit_error()
         << "a list of " << element
         << " is not supported: expected i1, i8, i16, i32, i64, index, f32, f64, ?, or "
            "a reference like !util.buffer";
}

//===----------------------------------------------------------------------===//
// Operations
//===----------------------------------------------------------------------===//

// What comes out is what goes in.
mlir::LogicalResult OptimizationBarrierOp::inferReturnTypes(
    mlir::MLIRContext*, std::optional<mlir::Location>, mlir::ValueRange operands,
    mlir::DictionaryAttr, mlir::OpaqueProperties, mlir::RegionRange,
    llvm::SmallVectorImpl<mlir::Type>& types) {
  llvm::append_range(types, operands.getTypes());
  return mlir::success();
}

static mlir::ParseResult parse_unreachable(mlir::OpAsmParser& parser, mlir::OperationState& state) {
  std::string message;
  if (mlir::succeeded(parser.parseOptionalString(&message))) {
    state.addAttribute("message", parser.getBuilder().getStringAttr(message));
  }
  return parser.parseOptionalAttrDict(state.attributes);
}

std::optional<mlir::Dialect::ParseOpHook> UtilDialect::getParseOperationHook(
    llvm::StringRef op) const {
  if (op == "util.unreachable") return parse_unreachable;
  if (op == "util.initializer") return parseInitializer;
  // The second was the name in 2022.
  if (op == "util.return" || op == "util.initializer.return") return parseInitializerReturn;
  return std::nullopt;
}

static bool is_any(mlir::Type type) { return mlir::isa<ObjectType>(type); }

mlir::LogicalResult CastOp::verify() {
  mlir::Type from = getOperand().getType(), to = getResult().getType();
  bool lists = mlir::isa<ListType>(from) && mlir::isa<ListType>(to);
  if (from == to || is_any(from) || is_any(to) || lists) return mlir::success();
  return emitOpError() << "can't make " << to << " of " << from
                       << ": expected the same type, lists, or !util.object as one of the two";
}

static mlir::LogicalResult verify_element(mlir::Operation* op, mlir::Type list, mlir::Type type) {
  mlir::Type element = mlir::cast<ListType>(list).getElementType();
  if (!element || element == type) return mlir::success();
  return op->emitOpError() << "of " << type << " on " << list << ", expected " << element;
}

mlir::LogicalResult ListGetOp::verify() {
  return verify_element(*this, getList().getType(), getResult().getType());
}

mlir::LogicalResult ListSetOp::verify() {
  return verify_element(*this, getList().getType(), getValue().getType());
}

// The element type of |list|, at |place|.
static mlir::ParseResult element_of(mlir::OpAsmParser& parser, llvm::SMLoc place, mlir::Type list,
                                    mlir::Type& element) {
  auto type = mlir::dyn_cast<ListType>(list);
  if (!type) return parser.emitError(place) << "expected a !util.list, found " << list;
  element = type.getElementType();
  return mlir::success();
}

// `!util.list<i32>` or `!util.list<?> -> i32`
static mlir::ParseResult parseListGet(mlir::OpAsmParser& parser, mlir::Type& list,
                                      mlir::Type& result) {
  llvm::SMLoc place = parser.getCurrentLocation();
  if (parser.parseType(list) || element_of(parser, place, list, result)) return mlir::failure();
  if (!result) return mlir::failure(parser.parseArrow() || parser.parseType(result));
  return mlir::failure(mlir::succeeded(parser.parseOptionalArrow()) && parser.parseType(result));
}

static void printListGet(mlir::OpAsmPrinter& printer, mlir::Operation*, mlir::Type list,
                         mlir::Type result) {
  printer << list;
  if (mlir::cast<ListType>(list).getElementType() != result) printer << " -> " << result;
}

// `!util.list<i32>` or `i32 -> !util.list<?>`
static mlir::ParseResult parseListSet(mlir::OpAsmParser& parser, mlir::Type& list,
                                      mlir::Type& value) {
  llvm::SMLoc place = parser.getCurrentLocation();
  if (parser.parseType(value)) return mlir::failure();
  if (mlir::succeeded(parser.parseOptionalArrow())) return parser.parseType(list);
  list = value;
  if (element_of(parser, place, list, value)) return mlir::failure();
  return value ? mlir::success()
               : parser.emitError(place) << "expected the type of the value, as in "
                                            "`i32 -> !util.list<?>`";
}

static void printListSet(mlir::OpAsmPrinter& printer, mlir::Operation*, mlir::Type list,
                         mlir::Type value) {
  if (mlir::cast<ListType>(list).getElementType() != value) printer << value << " -> ";
  printer << list;
}

}  // namespace tenon::util

//===----------------------------------------------------------------------===//
// For C
//===----------------------------------------------------------------------===//

void tenon_util_load(MlirContext context) {
  unwrap(context)->loadDialect<tenon::util::UtilDialect>();
}

void tenon_util_register(MlirDialectRegistry registry) {
  unwrap(registry)->insert<tenon::util::UtilDialect>();
}

bool tenon_util_is_buffer(MlirType type) {
  return mlir::isa<tenon::util::BufferType>(unwrap(type));
}

bool tenon_util_is_list(MlirType type) { return mlir::isa<tenon::util::ListType>(unwrap(type)); }

MlirType tenon_util_list_element(MlirType type) {
  return wrap(mlir::cast<tenon::util::ListType>(unwrap(type)).getElementType());
}

bool tenon_util_is_object(MlirType type) {
  return mlir::isa<tenon::util::ObjectType>(unwrap(type));
}
