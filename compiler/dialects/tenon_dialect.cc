// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/dialects/tenon_dialect.h"

#include "mlir/CAPI/IR.h"
#include "mlir/IR/Dialect.h"

namespace tenon {

class TenonDialect : public mlir::Dialect {
 public:
  explicit TenonDialect(mlir::MLIRContext* owner)
      : Dialect(getDialectNamespace(), owner, mlir::TypeID::get<TenonDialect>()) {
    allowUnknownOperations();
    allowUnknownTypes();
  }
  static constexpr llvm::StringLiteral getDialectNamespace() { return "tenon"; }
};

}  // namespace tenon

MLIR_DECLARE_EXPLICIT_TYPE_ID(tenon::TenonDialect)
MLIR_DEFINE_EXPLICIT_TYPE_ID(tenon::TenonDialect)

void tenon_dialect_load(MlirContext context) {
  unwrap(context)->loadDialect<tenon::TenonDialect>();
}

void tenon_dialect_register(MlirDialectRegistry registry) {
  unwrap(registry)->insert<tenon::TenonDialect>();
}
