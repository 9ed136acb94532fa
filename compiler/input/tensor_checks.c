// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/input/tensor_checks.h"

#include <stdint.h>
#include <stdio.h>

#include "compiler/input/checks.h"
#include "compiler/input/ir.h"
#include "compiler/support/mlir_util.h"

#define STR(ref) (int)(ref).length, (ref).data

// A check with a message that begins with the operation's name.
static void check(MlirOperation op, const char* name, MlirValue a, MlirValue b, const char* what,
                  intptr_t number, const char* rest) {
  char message[200];
  snprintf(message, sizeof(message), "%.*s: %s %d %s", STR(tenon_op_name(op)), what, (int)number,
           rest);
  tenon_insert_check(op, name, a, b, message);
}

// Whether |value| is the size of a tensor that exists.
static bool is_size(MlirValue value) {
  MlirOperation op = tenon_defining_op(value);
  return !mlirOperationIsNull(op) && tenon_op_is(op, "tensor.dim");
}

void tenon_check_least(MlirOperation op, const char* what, intptr_t number, MlirValue value,
                       int64_t least) {
  int64_t constant = 0;
  if (tenon_constant_int(value, &constant) && constant >= least) return;
  if (least <= 0 && is_size(value)) return;
  check(op, "tenon.check_ge", value, tenon_insert_index(op, least), what, number,
        "is {0}, expected {1} or more");
}

// Whether both are the same constant, or the same value.
static bool are_same(MlirValue a, MlirValue b) {
  int64_t x = 0, y = 0;
  if (tenon_constant_int(a, &x) && tenon_constant_int(b, &y)) return x == y;
  return mlirValueEqual(a, b);
}

void tenon_check_same(MlirOperation op, const char* what, intptr_t number, MlirValue value,
                      MlirValue expected) {
  if (are_same(value, expected)) return;
  check(op, "tenon.check_eq", value, expected, what, number, "is {0}, expected {1}");
}

void tenon_check_index(MlirOperation op, intptr_t number, MlirValue index, MlirValue size) {
  tenon_check_least(op, "index", number, index, 0);
  MlirValue last = tenon_insert_binary(op, "arith.subi", size, tenon_insert_index(op, 1));
  check(op, "tenon.check_ge", last, index, "index", number, "is {1}, expected {0} or less");
}

void tenon_check_slice(MlirOperation op, intptr_t dim, MlirValue offset, MlirValue size,
                       MlirValue stride, MlirValue extent) {
  tenon_check_least(op, "offset", dim, offset, 0);
  tenon_check_least(op, "size", dim, size, 0);
  tenon_check_least(op, "stride", dim, stride, 1);
  int64_t constant = 0;
  bool at_begin = tenon_constant_int(offset, &constant) && constant == 0;
  if (!at_begin) {
    check(op, "tenon.check_ge", extent, offset, "offset", dim,
          "is {1}, but the dimension's size is {0}");
  }
  MlirValue room = at_begin ? extent : tenon_insert_binary(op, "arith.subi", extent, offset);
  bool is_dense = tenon_constant_int(stride, &constant) && constant == 1;
  if (!is_dense) room = tenon_insert_binary(op, "arith.ceildivsi", room, stride);
  if (are_same(room, size)) return;
  check(op, "tenon.check_ge", room, size, "size", dim,
        "is {1}, but from the offset on there are {0} such elements");
}

// The high half of the product of |a| and |b|, which becomes the low half.
static MlirValue multiply(MlirOperation op, MlirValue* a, MlirValue b) {
  MlirType type = mlirValueGetType(b);
  MlirType types[] = {type, type};
  MlirValue operands[] = {*a, b};
  MlirOperation product =
      tenon_insert_op(op, "arith.mulsi_extended", 2, types, 2, operands, 0, NULL);
  *a = mlirOperationGetResult(product, 0);
  return mlirOperationGetResult(product, 1);
}

// The largest of |count| products so far is checked by its halves: the high one of a number that is not negative and
// fits is 0, and the low one then isn't negative.
MlirValue tenon_insert_product(MlirOperation op, intptr_t count, const MlirValue* sizes) {
  int64_t known = 1, size = 0;
  bool fits = true;
  for (intptr_t i = 0; i < count; ++i) {
    if (tenon_constant_int(sizes[i], &size)) {
      fits = fits && !__builtin_mul_overflow(known, size, &known);
    }
  }
  char message[120];
  snprintf(message, sizeof(message), "%.*s: the product of the sizes does not fit 64 bits",
           STR(tenon_op_name(op)));
  MlirValue product = tenon_insert_index(op, fits ? known : -1);
  MlirValue zero = tenon_insert_index(op, 0);
  bool is_one = fits && known == 1;
  if (!fits) tenon_insert_check(op, "tenon.check_ge", product, zero, message);
  for (intptr_t i = 0; i < count; ++i) {
    if (tenon_constant_int(sizes[i], &size)) continue;
    if (is_one) {
      product = sizes[i];
      is_one = false;
      continue;
    }
    tenon_insert_check(op, "tenon.check_eq", multiply(op, &product, sizes[i]), zero, message);
    tenon_insert_check(op, "tenon.check_ge", product, zero, message);
  }
  return product;
}

MlirValue tenon_insert_sum(MlirOperation op, MlirValue a, MlirValue b) {
  int64_t x = 0, y = 0, sum = 0;
  if (tenon_constant_int(a, &x) && tenon_constant_int(b, &y) &&
      !__builtin_add_overflow(x, y, &sum)) {
    return tenon_insert_index(op, sum);
  }
  if (tenon_constant_int(a, &x) && x == 0) return b;
  if (tenon_constant_int(b, &y) && y == 0) return a;
  MlirValue total = tenon_insert_binary(op, "arith.addi", a, b);
  char message[120];
  snprintf(message, sizeof(message), "%.*s: the sum of the sizes does not fit 64 bits",
           STR(tenon_op_name(op)));
  tenon_insert_check(op, "tenon.check_ge", total, tenon_insert_index(op, 0), message);
  return total;
}
