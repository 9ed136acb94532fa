// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/input/reshapes.h"

#include <stdio.h>
#include <stdlib.h>

#include "compiler/input/checks.h"
#include "compiler/input/elements.h"
#include "compiler/input/slices.h"
#include "compiler/input/tensor_checks.h"
#include "compiler/support/mlir_util.h"

MlirValue tenon_insert_reshape(MlirOperation before, MlirValue tensor, MlirType type,
                               const MlirValue* sizes) {
  if (mlirTypeEqual(mlirValueGetType(tensor), type) && mlirShapedTypeHasStaticShape(type)) {
    return tensor;
  }
  tenon_value_list_t operands = {0};
  TENON_APPEND(&operands, tensor);
  for (intptr_t d = 0; d < mlirShapedTypeGetRank(type); ++d) {
    if (mlirShapedTypeIsDynamicDim(type, d)) TENON_APPEND(&operands, sizes[d]);
  }
  MlirOperation reshape = tenon_insert_op(before, "tenon.reshape", 1, &type,
                                          (intptr_t)operands.count, operands.data, 0, NULL);
  free(operands.data);
  return mlirOperationGetResult(reshape, 0);
}

static void replace(MlirOperation op, MlirType type, const tenon_value_list_t* sizes) {
  MlirValue reshaped = tenon_insert_reshape(op, mlirOperationGetOperand(op, 0), type, sizes->data);
  mlirValueReplaceAllUsesOfWith(mlirOperationGetResult(op, 0), reshaped);
  mlirOperationDestroy(op);
}

static MlirAttribute groups_of(MlirOperation op) {
  return mlirOperationGetAttributeByName(op, tenon_str("reassociation"));
}

static int64_t last_of_group(MlirAttribute group) {
  return mlirIntegerAttrGetValueInt(
      mlirArrayAttrGetElement(group, mlirArrayAttrGetNumElements(group) - 1));
}

//===--------------------------------------------------------------------===//
// tensor.expand_shape
//===--------------------------------------------------------------------===//

// The position of the one size that isn't constant, with the product of the others; -1 when there are more, or
// the product isn't positive.
static intptr_t only_unknown(intptr_t count, const MlirValue* sizes, int64_t* product) {
  intptr_t unknown = -1;
  int64_t size = 0;
  *product = 1;
  for (intptr_t i = 0; i < count; ++i) {
    if (tenon_constant_int(sizes[i], &size)) {
      if (__builtin_mul_overflow(*product, size, product)) return -1;
    } else if (unknown >= 0) {
      return -1;
    } else {
      unknown = i;
    }
  }
  return *product > 0 ? unknown : -1;
}

// Dimension |number| of the operand, |whole|, is the product of |count| sizes from |first| on.
static void check_group(MlirOperation op, intptr_t number, MlirValue whole, intptr_t first,
                        intptr_t count, const MlirValue* sizes) {
  int64_t product = 0;
  intptr_t unknown = only_unknown(count, sizes, &product);
  if (unknown < 0) {  // by multiplying
    for (intptr_t i = 0; i < count; ++i) tenon_check_least(op, "size", first + i, sizes[i], 0);
    MlirValue all = tenon_insert_product(op, count, sizes);
    tenon_check_same(op, "dimension", number, whole, all);
    return;
  }
  if (product == 1) {
    tenon_check_same(op, "size", first + unknown, sizes[unknown], whole);
    return;
  }
  // By dividing, which can't overflow.
  MlirValue divisor = tenon_insert_index(op, product);
  MlirValue rest = tenon_insert_binary(op, "arith.remsi", whole, divisor);
  char message[160];
  snprintf(message, sizeof(message),
           "tensor.expand_shape: dimension %d is not a multiple of %lld: the remainder is {0}",
           (int)number, (long long)product);
  tenon_insert_check(op, "tenon.check_eq", rest, tenon_insert_index(op, 0), message);
  tenon_check_same(op, "size", first + unknown, sizes[unknown],
                   tenon_insert_binary(op, "arith.divsi", whole, divisor));
}

void tenon_lower_expand_shape(MlirOperation op) {
  MlirType type = mlirValueGetType(mlirOperationGetResult(op, 0));
  MlirAttribute groups = groups_of(op);
  intptr_t operand = 1, first = 0;
  tenon_value_list_t sizes = tenon_mixed_values(op, "static_output_shape", &operand);
  for (intptr_t g = 0; g < mlirArrayAttrGetNumElements(groups); ++g) {
    intptr_t end = last_of_group(mlirArrayAttrGetElement(groups, g)) + 1;
    MlirValue whole = tenon_insert_dim(op, mlirOperationGetOperand(op, 0), g);
    check_group(op, g, whole, first, end - first, sizes.data + first);
    first = end;
  }
  // Without a group the operand is one element, and so are all sizes: what a static shape of ones says.
  replace(op, type, &sizes);
  free(sizes.data);
}

//===--------------------------------------------------------------------===//
// tensor.collapse_shape
//===--------------------------------------------------------------------===//

// The product of some sizes of a tensor may not fit only if the tensor is empty by another size.
void tenon_lower_collapse_shape(MlirOperation op) {
  MlirType type = mlirValueGetType(mlirOperationGetResult(op, 0));
  MlirValue tensor = mlirOperationGetOperand(op, 0);
  MlirAttribute groups = groups_of(op);
  tenon_value_list_t sizes = {0};
  intptr_t first = 0;
  for (intptr_t g = 0; g < mlirArrayAttrGetNumElements(groups); ++g) {
    intptr_t end = last_of_group(mlirArrayAttrGetElement(groups, g)) + 1;
    tenon_value_list_t factors = {0};
    for (intptr_t d = first; d < end; ++d) TENON_APPEND(&factors, tenon_insert_dim(op, tensor, d));
    TENON_APPEND(&sizes, tenon_insert_product(op, (intptr_t)factors.count, factors.data));
    free(factors.data);
    first = end;
  }
  replace(op, type, &sizes);
  free(sizes.data);
}

//===--------------------------------------------------------------------===//
// tensor.reshape
//===--------------------------------------------------------------------===//

static MlirValue to_index(MlirOperation op, MlirValue value) {
  MlirType index = mlirIndexTypeGet(mlirOperationGetContext(op));
  if (mlirTypeIsAIndex(mlirValueGetType(value))) return value;
  return mlirOperationGetResult(
      tenon_insert_op(op, "arith.index_cast", 1, &index, 1, &value, 0, NULL), 0);
}

// Element |d| of the shape.
static MlirValue load_size(MlirOperation op, MlirValue shape, intptr_t d) {
  MlirValue element = tenon_known_element(op, shape, d);
  if (mlirValueIsNull(element)) {
    MlirType type = mlirShapedTypeGetElementType(mlirValueGetType(shape));
    MlirValue operands[] = {shape, tenon_insert_index(op, d)};
    element = mlirOperationGetResult(
        tenon_insert_op(op, "tensor.extract", 1, &type, 2, operands, 0, NULL), 0);
  }
  return to_index(op, element);
}

// The sizes, as the type and the shape say; both agree.
static tenon_value_list_t load_sizes(MlirOperation op, MlirType type, MlirValue shape) {
  tenon_value_list_t sizes = {0};
  intptr_t rank = mlirShapedTypeGetRank(type);
  for (intptr_t d = 0; d < rank; ++d) {
    MlirValue size = load_size(op, shape, d);
    if (mlirShapedTypeIsDynamicDim(type, d)) {
      tenon_check_least(op, "size", d, size, 0);
    } else {
      MlirValue expected = tenon_insert_index(op, mlirShapedTypeGetDimSize(type, d));
      tenon_check_same(op, "size", d, size, expected);
      size = expected;
    }
    TENON_APPEND(&sizes, size);
  }
  return sizes;
}

static MlirValue element_count(MlirOperation op, MlirValue tensor) {
  tenon_value_list_t sizes = {0};
  for (intptr_t d = 0; d < mlirShapedTypeGetRank(mlirValueGetType(tensor)); ++d) {
    TENON_APPEND(&sizes, tenon_insert_dim(op, tensor, d));
  }
  MlirValue count = tenon_insert_product(op, (intptr_t)sizes.count, sizes.data);
  free(sizes.data);
  return count;
}

void tenon_lower_reshape(MlirOperation op) {
  MlirType type = mlirValueGetType(mlirOperationGetResult(op, 0));
  tenon_value_list_t sizes = load_sizes(op, type, mlirOperationGetOperand(op, 1));
  MlirValue count = element_count(op, mlirOperationGetOperand(op, 0));
  MlirValue wanted = tenon_insert_product(op, (intptr_t)sizes.count, sizes.data);
  tenon_insert_check(op, "tenon.check_eq", wanted, count,
                     "tensor.reshape: the shape has {0} elements, but the operand has {1}");
  replace(op, type, &sizes);
  free(sizes.data);
}
