// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/support/resources.h"

#include "mlir/CAPI/IR.h"
#include "mlir/CAPI/Support.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/DialectResourceBlobManager.h"

bool tenon_resource_bytes(MlirAttribute attribute, MlirStringRef* name, const void** data,
                          size_t* length) {
  auto elements = llvm::cast<mlir::DenseResourceElementsAttr>(unwrap(attribute));
  *name = wrap(elements.getRawHandle().getKey());
  const mlir::AsmResourceBlob* blob = elements.getRawHandle().getBlob();
  if (!blob) return false;
  *data = blob->getData().data();
  *length = blob->getData().size();
  return true;
}
