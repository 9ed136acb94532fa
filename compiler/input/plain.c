// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/input/plain.h"

#include <stdlib.h>

#include "compiler/input/generic.h"
#include "compiler/input/types.h"
#include "compiler/support/mlir_util.h"

// A linalg operation.
typedef struct source_t {
  MlirOperation op;
  MlirAttribute maps;
  MlirBlock block;
  intptr_t loops, inputs, operands;
} source_t;

static source_t source_of(MlirOperation op) {
  MlirAttribute maps = tenon_linalg_maps(op);
  return (source_t){.op = op,
                    .maps = maps,
                    .block = mlirRegionGetFirstBlock(mlirOperationGetRegion(op, 0)),
                    .loops = mlirAffineMapGetNumDims(tenon_linalg_map(maps, 0)),
                    .inputs = tenon_linalg_input_count(op),
                    .operands = mlirOperationGetNumOperands(op)};
}

static bool is_used(MlirValue value) { return !mlirOpOperandIsNull(mlirValueGetFirstUse(value)); }

static bool is_read(const source_t* source, intptr_t operand) {
  return is_used(mlirBlockGetArgument(source->block, operand));
}

//===--------------------------------------------------------------------===//
// Outputs and their loops
//===--------------------------------------------------------------------===//

// How many results of an output's map are constants.
static intptr_t constant_count(MlirAffineMap map) {
  intptr_t count = 0;
  for (intptr_t i = 0; i < mlirAffineMapGetNumResults(map); ++i) {
    count += mlirAffineExprIsAConstant(mlirAffineMapGetResult(map, i));
  }
  return count;
}

uint32_t tenon_writing_loops(MlirAffineMap map) {
  uint32_t added = ((uint32_t)1 << constant_count(map)) - 1;
  return tenon_loops_of(map) | added << mlirAffineMapGetNumDims(map);
}

static uint32_t loops_of_output(const source_t* source, intptr_t operand) {
  return tenon_writing_loops(tenon_linalg_map(source->maps, operand));
}

static uint32_t all_loops(const source_t* source) { return ((uint32_t)1 << source->loops) - 1; }

//===--------------------------------------------------------------------===//
// Values
//===--------------------------------------------------------------------===//

static bool is_empty(MlirValue value) {
  MlirOperation op = tenon_defining_op(value);
  return !mlirOperationIsNull(op) && tenon_op_is(op, "tensor.empty");
}

static bool is_splat(MlirValue value) {
  MlirAttribute constant = tenon_constant_value(value);
  return !mlirAttributeIsNull(constant) && mlirAttributeIsADenseElements(constant) &&
         mlirDenseElementsAttrIsSplat(constant);
}

// The number that every element of |value|, a scalar or a splat constant, is.
static MlirValue element_of(MlirOperation before, MlirValue value) {
  if (!tenon_value_is_tensor(value)) return value;
  MlirType element = mlirShapedTypeGetElementType(mlirValueGetType(value));
  MlirAttribute number = mlirDenseElementsAttrGetSplatValue(tenon_constant_value(value));
  if (!mlirTypeIsAComplex(element)) return tenon_insert_constant(before, element, number);
  MlirNamedAttribute parts = tenon_attr(mlirTypeGetContext(element), "value", number);
  return mlirOperationGetResult(
      tenon_insert_op(before, "complex.constant", 1, &element, 0, NULL, 1, &parts), 0);
}

// The number of iterations that a type says |loop| has; -1 when none does.
static int64_t static_extent(const source_t* source, intptr_t loop) {
  for (intptr_t i = 0; i < source->operands; ++i) {
    MlirAffineMap map = tenon_linalg_map(source->maps, i);
    for (intptr_t d = 0; d < mlirAffineMapGetNumResults(map); ++d) {
      MlirAffineExpr expr = mlirAffineMapGetResult(map, d);
      MlirType type = mlirValueGetType(mlirOperationGetOperand(source->op, i));
      if (mlirAffineExprIsADim(expr) && mlirAffineDimExprGetPosition(expr) == loop &&
          !mlirShapedTypeIsDynamicDim(type, d)) {
        return mlirShapedTypeGetDimSize(type, d);
      }
    }
  }
  return -1;
}

// The number of iterations of |loop|, which a dimension of an operand is.
static MlirValue insert_extent(const source_t* source, intptr_t loop) {
  for (intptr_t i = 0; i < source->operands; ++i) {
    MlirAffineMap map = tenon_linalg_map(source->maps, i);
    for (intptr_t d = 0; d < mlirAffineMapGetNumResults(map); ++d) {
      MlirAffineExpr expr = mlirAffineMapGetResult(map, d);
      if (mlirAffineExprIsADim(expr) && mlirAffineDimExprGetPosition(expr) == loop) {
        return tenon_insert_dim(source->op, mlirOperationGetOperand(source->op, i), d);
      }
    }
  }
  return tenon_insert_index(source->op, 1);  // a loop for a constant
}

//===--------------------------------------------------------------------===//
// A generic for the outputs that the same loops write
//===--------------------------------------------------------------------===//

typedef struct group_t {
  const source_t* source;
  uint32_t written;   // the loops
  intptr_t loops;     // all of them, those for constants included
  MlirRegion region;  // the body in the making
  MlirBlock block;
  tenon_value_list_t inputs, outputs;
  tenon_attr_list_t maps;
  uint32_t known;  // the loops whose extents the inputs and outputs tell
} group_t;

static bool is_reduced(const group_t* group) {
  return (all_loops(group->source) & ~group->written) != 0;
}

static bool is_output(const group_t* group, intptr_t operand) {
  return operand >= group->source->inputs &&
         loops_of_output(group->source, operand) == group->written;
}

// The map of an operand in the new generic.
static MlirAffineMap map_of(const group_t* group, intptr_t operand) {
  const source_t* source = group->source;
  MlirAffineMap map = tenon_linalg_map(source->maps, operand);
  intptr_t extra = group->loops - source->loops;
  if (operand < source->inputs) return tenon_simplify_map(map, extra);
  MlirContext context = mlirAffineMapGetContext(map);
  MlirAffineExpr results[TENON_MAX_RANK];
  intptr_t count = mlirAffineMapGetNumResults(map), loop = source->loops;
  for (intptr_t i = 0; i < count; ++i) {
    results[i] = mlirAffineMapGetResult(map, i);
    bool is_loop = is_output(group, operand) && mlirAffineExprIsAConstant(results[i]);
    if (is_loop) results[i] = mlirAffineDimExprGet(context, loop++);
  }
  return mlirAffineMapGet(context, group->loops, 0, count, results);
}

static MlirOperation start_of(const group_t* group) {
  return mlirBlockGetFirstOperation(group->block);
}

// Appends an argument to the block that stands for its argument |old| from now on.
static void renew_argument(const group_t* group, intptr_t old) {
  MlirValue argument = mlirBlockGetArgument(group->block, old);
  MlirValue renewed = mlirBlockAddArgument(group->block, mlirValueGetType(argument),
                                           mlirValueGetLocation(argument));
  mlirValueReplaceAllUsesOfWith(argument, renewed);
}

static void add_input(group_t* group, MlirValue tensor, MlirAffineMap map) {
  TENON_APPEND(&group->inputs, tensor);
  TENON_APPEND(&group->maps, mlirAffineMapAttrGet(map));
  group->known |= tenon_loops_of(map);
}

// Reads |tensor| in the body, at the indices that |map| gives.
static MlirValue insert_extract(const group_t* group, MlirValue tensor, MlirAffineMap map) {
  MlirOperation start = start_of(group);
  MlirValue operands[1 + TENON_MAX_RANK] = {tensor};
  intptr_t count = mlirAffineMapGetNumResults(map);
  for (intptr_t i = 0; i < count; ++i) {
    operands[i + 1] = tenon_insert_expression(start, mlirAffineMapGetResult(map, i));
  }
  MlirType type = mlirShapedTypeGetElementType(mlirValueGetType(tensor));
  return mlirOperationGetResult(
      tenon_insert_op(start, "tensor.extract", 1, &type, count + 1, operands, 0, NULL), 0);
}

// What the body reads of an operand: an input, or a value in its place.
static void read_operand(group_t* group, intptr_t operand) {
  MlirValue value = mlirOperationGetOperand(group->source->op, operand);
  MlirValue argument = mlirBlockGetArgument(group->block, operand);
  MlirAffineMap map = map_of(group, operand);
  if (!is_used(argument)) return;
  if (!tenon_value_is_tensor(value) || is_splat(value)) {
    mlirValueReplaceAllUsesOfWith(argument, element_of(group->source->op, value));
  } else if (!tenon_is_linear_map(map)) {
    mlirValueReplaceAllUsesOfWith(argument, insert_extract(group, value, map));
  } else {
    renew_argument(group, operand);
    add_input(group, value, map);
  }
}

static void read_operands(group_t* group) {
  const source_t* source = group->source;
  for (intptr_t i = 0; i < source->operands; ++i) {
    if (!is_output(group, i) || !is_reduced(group)) read_operand(group, i);
  }
}

//===--------------------------------------------------------------------===//
// Loops that only operands tell which the body doesn't read
//===--------------------------------------------------------------------===//

static void add_unread(group_t* group, MlirValue tensor, MlirAffineMap map) {
  mlirBlockAddArgument(group->block, mlirShapedTypeGetElementType(mlirValueGetType(tensor)),
                       mlirOperationGetLocation(group->source->op));
  add_input(group, tensor, map);
}

// An input that is there for |loop| only: bytes that nobody reads.
static void add_carrier(group_t* group, intptr_t loop) {
  MlirOperation op = group->source->op;
  MlirContext context = mlirOperationGetContext(op);
  MlirType byte = mlirIntegerTypeGet(context, 8);
  MlirValue extent = insert_extent(group->source, loop), tensor;
  int64_t size = mlirShapedTypeGetDynamicSize();
  bool is_static = tenon_constant_int(extent, &size);
  MlirType type = mlirRankedTensorTypeGet(1, &size, byte, mlirAttributeGetNull());
  if (is_static) {
    tensor = tenon_insert_constant(
        op, type, mlirDenseElementsAttrSplatGet(type, mlirIntegerAttrGet(byte, 0)));
  } else {
    tensor = mlirOperationGetResult(
        tenon_insert_op(op, "tensor.empty", 1, &type, 1, &extent, 0, NULL), 0);
  }
  MlirAffineExpr expr = mlirAffineDimExprGet(context, loop);
  add_unread(group, tensor, mlirAffineMapGet(context, group->loops, 0, 1, &expr));
}

static bool is_made_for_size(MlirValue tensor) {
  return is_empty(tensor) || !mlirAttributeIsNull(tenon_constant_value(tensor));
}

static void tell_extents(group_t* group) {
  const source_t* source = group->source;
  group->known |= group->written;
  for (intptr_t i = 0; i < source->operands; ++i) {
    MlirValue value = mlirOperationGetOperand(source->op, i);
    MlirAffineMap map = map_of(group, i);
    bool is_new = (tenon_loops_of(map) & ~group->known) != 0;
    if (is_new && !is_output(group, i) && tenon_is_linear_map(map) && !is_made_for_size(value)) {
      add_unread(group, value, map);
    }
  }
  for (intptr_t loop = 0; loop < group->loops; ++loop) {
    if (!(group->known >> loop & 1)) add_carrier(group, loop);
  }
}

//===--------------------------------------------------------------------===//
// Outputs
//===--------------------------------------------------------------------===//

// Whether a loop that isn't in the outputs' maps may have no iteration.
static bool may_be_nothing(const group_t* group) {
  const source_t* source = group->source;
  for (intptr_t loop = 0; loop < source->loops; ++loop) {
    if (!(group->written >> loop & 1) && static_extent(source, loop) <= 0) return true;
  }
  return false;
}

// |yielded|, in a way that needs the running value |argument|: so the output is what it is where there is no iteration.
static MlirValue insert_keep(const group_t* group, MlirValue yielded, MlirValue argument) {
  MlirOperation yield = mlirBlockGetTerminator(group->block);
  MlirValue index = tenon_insert_loop_index(yield, __builtin_ctz(~group->written));
  MlirValue condition = tenon_insert_compare(yield, TENON_SGE, index, tenon_insert_index(yield, 0));
  MlirType type = mlirValueGetType(yielded);
  MlirValue operands[] = {condition, yielded, argument};
  return mlirOperationGetResult(
      tenon_insert_op(yield, "arith.select", 1, &type, 3, operands, 0, NULL), 0);
}

// A generic that makes a tensor like |value|, a splat constant.
static MlirValue insert_fill(MlirOperation before, MlirValue value) {
  MlirContext context = mlirOperationGetContext(before);
  MlirLocation location = mlirOperationGetLocation(before);
  MlirType type = mlirValueGetType(value), element = mlirShapedTypeGetElementType(type);
  intptr_t rank = mlirShapedTypeGetRank(type);
  MlirValue number = element_of(before, value);
  MlirBlock block = mlirBlockCreate(1, &element, &location);
  mlirBlockAppendOwnedOperation(
      block, tenon_build_op("linalg.yield", location, 0, NULL, 1, &number, 0, NULL));
  MlirRegion body = mlirRegionCreate();
  mlirRegionAppendOwnedBlock(body, block);
  tenon_value_list_t inputs = {0}, outputs = {0};
  tenon_attr_list_t maps = {0};
  TENON_APPEND(&outputs, tenon_insert_empty_like(before, type, value));
  TENON_APPEND(&maps, mlirAffineMapAttrGet(mlirAffineMapMultiDimIdentityGet(context, rank)));
  MlirOperation fill = tenon_insert_generic(before, location, &inputs, &outputs, &maps, rank, body);
  free(outputs.data);
  free(maps.data);
  return mlirOperationGetResult(fill, 0);
}

static void add_output(group_t* group, intptr_t operand) {
  const source_t* source = group->source;
  MlirValue value = mlirOperationGetOperand(source->op, operand);
  bool is_running = is_reduced(group) &&
                    (is_used(mlirBlockGetArgument(group->block, operand)) || may_be_nothing(group));
  if (is_running && is_splat(value)) {
    value = insert_fill(source->op, value);
  } else if (!is_running && !is_empty(value)) {
    value = tenon_insert_empty_like(source->op, mlirValueGetType(value), value);
  }
  renew_argument(group, operand);
  TENON_APPEND(&group->outputs, value);
  TENON_APPEND(&group->maps, mlirAffineMapAttrGet(map_of(group, operand)));
}

// Ends the body with what this group's outputs are given.
static void add_outputs(group_t* group) {
  const source_t* source = group->source;
  MlirOperation yield = mlirBlockGetTerminator(group->block);
  tenon_value_list_t yielded = {0};
  for (intptr_t i = source->inputs; i < source->operands; ++i) {
    if (!is_output(group, i)) continue;
    MlirValue value = mlirOperationGetOperand(yield, i - source->inputs);
    add_output(group, i);
    // The argument's successor, if it is what is yielded.
    value = mlirOperationGetOperand(yield, i - source->inputs);
    MlirValue argument =
        mlirBlockGetArgument(group->block, mlirBlockGetNumArguments(group->block) - 1);
    if (is_reduced(group) && !is_used(argument) && may_be_nothing(group)) {
      value = insert_keep(group, value, argument);
    }
    TENON_APPEND(&yielded, value);
  }
  mlirOperationSetOperands(yield, (intptr_t)yielded.count, yielded.data);
  free(yielded.data);
}

//===--------------------------------------------------------------------===//
// The whole
//===--------------------------------------------------------------------===//

// A copy of the body of |source|.
static MlirRegion copy_region(const source_t* source) {
  MlirOperation copy = mlirOperationClone(source->op);
  MlirRegion region = mlirRegionCreate();
  mlirRegionTakeBody(region, mlirOperationGetRegion(copy, 0));
  mlirOperationDestroy(copy);
  return region;
}

static void replace_results(const group_t* group, MlirOperation generic) {
  const source_t* source = group->source;
  intptr_t next = 0;
  for (intptr_t i = source->inputs; i < source->operands; ++i) {
    if (!is_output(group, i)) continue;
    mlirValueReplaceAllUsesOfWith(mlirOperationGetResult(source->op, i - source->inputs),
                                  mlirOperationGetResult(generic, next++));
  }
}

static void make_group(const source_t* source, uint32_t written) {
  group_t group = {.source = source, .written = written, .region = copy_region(source)};
  group.loops = source->loops + __builtin_popcount(written & ~all_loops(source));
  group.block = mlirRegionGetFirstBlock(group.region);
  read_operands(&group);
  tell_extents(&group);
  add_outputs(&group);
  for (intptr_t i = 0; i < source->operands; ++i) mlirBlockEraseArgument(group.block, 0);
  MlirOperation generic =
      tenon_insert_generic(source->op, mlirOperationGetLocation(source->op), &group.inputs,
                           &group.outputs, &group.maps, group.loops, group.region);
  replace_results(&group, generic);
  free(group.inputs.data);
  free(group.outputs.data);
  free(group.maps.data);
}

// Whether input |operand| is one in the plain form, too.
static bool is_plain_input(const source_t* source, intptr_t operand) {
  MlirValue value = mlirOperationGetOperand(source->op, operand);
  if (!tenon_value_is_tensor(value) ||
      !tenon_is_linear_map(tenon_linalg_map(source->maps, operand))) {
    return false;
  }
  if (is_read(source, operand)) return !is_splat(value);
  return !is_made_for_size(value) || mlirShapedTypeGetRank(mlirValueGetType(value)) == 1;
}

static bool is_plain_output(const source_t* source, intptr_t operand, uint32_t written) {
  MlirValue value = mlirOperationGetOperand(source->op, operand);
  if (loops_of_output(source, operand) != written) return false;
  if (!is_read(source, operand)) return is_empty(value);
  return written != all_loops(source) && !is_splat(value);
}

static bool is_plain(const source_t* source) {
  if (!tenon_is_generic(source->op)) return false;
  uint32_t written = loops_of_output(source, source->inputs);
  if (written & ~all_loops(source)) return false;
  for (intptr_t i = 0; i < source->operands; ++i) {
    if (!(i < source->inputs ? is_plain_input(source, i) : is_plain_output(source, i, written)))
      return false;
  }
  MlirAttribute iterators =
      mlirOperationGetAttributeByName(source->op, tenon_str("iterator_types"));
  return mlirAttributeEqual(
      iterators, tenon_iterators(mlirOperationGetContext(source->op), written, source->loops));
}

void tenon_make_plain(MlirOperation op) {
  source_t source = source_of(op);
  if (is_plain(&source)) return;
  for (intptr_t i = source.inputs; i < source.operands; ++i) {
    uint32_t written = loops_of_output(&source, i);
    bool is_first = true;
    for (intptr_t j = source.inputs; j < i; ++j) {
      is_first = is_first && loops_of_output(&source, j) != written;
    }
    if (is_first) make_group(&source, written);
  }
  mlirOperationDestroy(op);
}

void tenon_make_all_plain(MlirOperation root) {
  tenon_op_list_t generics = tenon_collect_ops(root, tenon_is_generic);
  for (size_t i = 0; i < generics.count; ++i) tenon_make_plain(generics.data[i]);
  free(generics.data);
}
