// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/dispatch/hoist.h"

#include <stdlib.h>

#include "compiler/dialects/dialects.h"
#include "compiler/dispatch/loops.h"
#include "compiler/dispatch/total.h"
#include "compiler/input/generic.h"
#include "compiler/input/globals.h"
#include "compiler/input/ir.h"
#include "compiler/support/mlir_util.h"

// How many times as large a result may be as what it is made of. Of anything larger the program has more from making it where it is
// read, without its going through memory.
#define MAX_GROWTH 2
// ... and what is too large for the context to keep, if it grows, of that which nobody makes where it is read: reductions and updates.
#define MAX_KEPT ((int64_t)1 << 24)

// Work that needs nothing but constants.
typedef struct work_t {
  MlirOperation op;
  bool has_constants;  // other than those of one number everywhere
  int64_t sources;     // bytes that it is made of
  bool is_kept;        // others use the results, which globals hold
  bool is_moved;       // kept, or for what is
  bool stays;          // others do it where it was
} work_t;

typedef struct hoister_t {
  MlirOperation module;
  tenon_map_t works;  // operation -> work_t
  tenon_arena_t arena;
  struct {
    work_t** data;
    size_t count, capacity;
  } all;  // in order of the text
  // The initializers.
  MlirOperation function, first;
  tenon_map_t moved;          // value -> what it is there
  tenon_value_list_t kept;    // results where they were
  tenon_value_list_t stored;  // ... and there
} hoister_t;

static bool is_wanted(MlirOperation op) {
  static const char* const names[] = {"linalg.generic", "tenon.update", "tenon.reshape",
                                      "tensor.empty"};
  bool is_named = false;
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && !is_named; ++i) {
    is_named = tenon_op_is(op, names[i]);
  }
  if (!is_named) return false;
  MlirOperation parent = mlirOperationGetParentOperation(op);
  return tenon_op_is(parent, "func.func") && !tenon_is_initializer(parent);
}

static bool has_body(MlirOperation op) { return tenon_is_generic(op) || tenon_is_update(op); }

static work_t* work_of(const hoister_t* hoister, MlirOperation op) {
  return mlirOperationIsNull(op) ? NULL : tenon_map_get(&hoister->works, op.ptr);
}

//===--------------------------------------------------------------------===//
// What may move
//===--------------------------------------------------------------------===//

static int64_t saturated_add(int64_t a, int64_t b) {
  int64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

static int64_t bytes_of_element(MlirType type) {
  if (mlirTypeIsAComplex(type)) return 2 * bytes_of_element(mlirComplexTypeGetElementType(type));
  if (mlirTypeIsAInteger(type)) return ((int64_t)mlirIntegerTypeGetWidth(type) + 7) / 8;
  return mlirTypeIsAFloat(type) ? ((int64_t)mlirFloatTypeGetWidth(type) + 7) / 8 : 8;
}

// Of a static shape.
static int64_t bytes_of(MlirType type) {
  int64_t bytes = bytes_of_element(mlirShapedTypeGetElementType(type));
  for (intptr_t d = 0; d < mlirShapedTypeGetRank(type); ++d) {
    int64_t size = mlirShapedTypeGetDimSize(type, d);
    if (size == 0) return 0;
    if (__builtin_mul_overflow(bytes, size, &bytes)) return INT64_MAX;
  }
  return bytes;
}

static bool is_static(MlirValue value) {
  MlirType type = mlirValueGetType(value);
  return !mlirTypeIsATensor(type) ||
         (mlirTypeIsARankedTensor(type) && mlirShapedTypeHasStaticShape(type));
}

// Counts |value| in if |work| can have it among the initializers.
static bool add_source(const hoister_t* hoister, work_t* work, MlirValue value) {
  MlirAttribute constant = tenon_constant_value(value);
  const work_t* maker = work_of(hoister, tenon_defining_op(value));
  if (!is_static(value) || (mlirAttributeIsNull(constant) && !maker)) return false;
  if (!tenon_value_is_tensor(value)) return true;
  bool has_constants =
      maker ? maker->has_constants
            : !mlirAttributeIsADenseElements(constant) || !mlirDenseElementsAttrIsSplat(constant);
  if (!has_constants) return true;
  int64_t bytes = bytes_of(mlirValueGetType(value));
  if (maker && maker->sources < bytes) bytes = maker->sources;
  work->has_constants = true;
  work->sources = saturated_add(work->sources, bytes);
  return true;
}

static bool is_inside(MlirValue value, MlirBlock body) {
  MlirBlock owner = mlirValueIsABlockArgument(value)
                        ? mlirBlockArgumentGetOwner(value)
                        : mlirOperationGetBlock(mlirOpResultGetOwner(value));
  return mlirBlockEqual(owner, body);
}

static bool add_sources_of_body(const hoister_t* hoister, work_t* work) {
  MlirBlock body = tenon_body_of(work->op);
  MlirOperation op = mlirBlockGetFirstOperation(body);
  for (; !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
      MlirValue value = mlirOperationGetOperand(op, i);
      if (!is_inside(value, body) && !add_source(hoister, work, value)) return false;
    }
  }
  return true;
}

static bool add_sources(const hoister_t* hoister, work_t* work) {
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(work->op); ++i) {
    if (!add_source(hoister, work, mlirOperationGetOperand(work->op, i))) return false;
  }
  for (intptr_t i = 0; i < mlirOperationGetNumResults(work->op); ++i) {
    if (!is_static(mlirOperationGetResult(work->op, i))) return false;
  }
  return !has_body(work->op) || (add_sources_of_body(hoister, work) && tenon_cannot_fail(work->op));
}

// Returns whether any of it has constants.
static bool find_works(hoister_t* hoister) {
  bool has_constants = false;
  tenon_op_list_t ops = tenon_collect_ops(hoister->module, is_wanted);
  for (size_t i = 0; i < ops.count; ++i) {
    work_t work = {.op = ops.data[i]};
    if (!add_sources(hoister, &work)) continue;
    work_t* added = tenon_arena_alloc(&hoister->arena, 1, sizeof(*added));
    *added = work;
    tenon_map_set(&hoister->works, work.op.ptr, added);
    TENON_APPEND(&hoister->all, added);
    has_constants |= work.has_constants;
  }
  free(ops.data);
  return has_constants;
}

//===--------------------------------------------------------------------===//
// What moves
//===--------------------------------------------------------------------===//

// The work that |use| is in; null if it is another operation.
static const work_t* user_of(const hoister_t* hoister, MlirOpOperand use) {
  MlirOperation user = mlirOpOperandGetOwner(use);
  MlirOperation parent = mlirOperationGetParentOperation(user);
  return work_of(hoister, has_body(parent) ? parent : user);
}

static bool is_used_by_others(const hoister_t* hoister, MlirValue result) {
  MlirOpOperand use = mlirValueGetFirstUse(result);
  for (; !mlirOpOperandIsNull(use); use = mlirOpOperandGetNextUse(use)) {
    const work_t* user = user_of(hoister, use);
    if (!user || user->stays) return true;
  }
  return false;
}

static bool is_used_by_moved(const hoister_t* hoister, MlirValue result) {
  MlirOpOperand use = mlirValueGetFirstUse(result);
  for (; !mlirOpOperandIsNull(use); use = mlirOpOperandGetNextUse(use)) {
    const work_t* user = user_of(hoister, use);
    if (user && user->is_moved) return true;
  }
  return false;
}

// A reshape costs nothing where it is.
static bool is_worth_keeping(const work_t* work) {
  if (!work->has_constants || !has_body(work->op)) return false;
  int64_t bytes = 0;
  for (intptr_t i = 0; i < mlirOperationGetNumResults(work->op); ++i) {
    bytes = saturated_add(bytes, bytes_of(mlirValueGetType(mlirOperationGetResult(work->op, i))));
  }
  bool is_made_in_memory =
      tenon_is_update(work->op) || tenon_loop_count(work->op) > tenon_parallel_count(work->op);
  return bytes / MAX_GROWTH <= work->sources || (is_made_in_memory && bytes <= MAX_KEPT);
}

// Users first.
static void choose(hoister_t* hoister) {
  for (size_t i = hoister->all.count; i-- > 0;) {
    work_t* work = hoister->all.data[i];
    bool is_needed = false;
    for (intptr_t r = 0; r < mlirOperationGetNumResults(work->op); ++r) {
      MlirValue result = mlirOperationGetResult(work->op, r);
      is_needed |= is_used_by_others(hoister, result);
      work->is_moved |= is_used_by_moved(hoister, result);
    }
    work->is_kept = is_needed && is_worth_keeping(work);
    work->stays = is_needed && !work->is_kept;
    work->is_moved |= work->is_kept;
  }
}

//===--------------------------------------------------------------------===//
// Moving
//===--------------------------------------------------------------------===//

static void find_initializers(hoister_t* hoister, MlirLocation location) {
  MlirRegion region = mlirOperationGetFirstRegion(hoister->module);
  MlirOperation op = mlirBlockGetFirstOperation(mlirRegionGetFirstBlock(region));
  while (!mlirOperationIsNull(op) && !(tenon_op_is(op, "func.func") && tenon_is_initializer(op))) {
    op = mlirOperationGetNextInBlock(op);
  }
  if (mlirOperationIsNull(op)) op = tenon_make_initializers(hoister->module, location);
  hoister->function = op;
  hoister->first =
      mlirBlockGetFirstOperation(mlirRegionGetFirstBlock(mlirOperationGetFirstRegion(op)));
}

static MlirOperation insert_clone(hoister_t* hoister, MlirOperation op) {
  MlirOperation clone = mlirOperationClone(op);
  mlirBlockInsertOwnedOperationBefore(mlirOperationGetBlock(hoister->first), hoister->first, clone);
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i) {
    tenon_map_set(&hoister->moved, mlirOperationGetResult(op, i).ptr,
                  (void*)mlirOperationGetResult(clone, i).ptr);
  }
  return clone;
}

// What is not there yet is a constant.
static void replace_operand(hoister_t* hoister, MlirOperation op, intptr_t position) {
  MlirValue value = mlirOperationGetOperand(op, position);
  if (!tenon_map_get(&hoister->moved, value.ptr)) insert_clone(hoister, tenon_defining_op(value));
  mlirOperationSetOperand(op, position, (MlirValue){tenon_map_get(&hoister->moved, value.ptr)});
}

static void replace_operands_of_body(hoister_t* hoister, MlirBlock body) {
  MlirOperation op = mlirBlockGetFirstOperation(body);
  for (; !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
      if (!is_inside(mlirOperationGetOperand(op, i), body)) replace_operand(hoister, op, i);
    }
  }
}

static void move(hoister_t* hoister, const work_t* work) {
  // The clone comes behind the constants that it needs.
  MlirOperation place = hoister->first, clone = insert_clone(hoister, work->op);
  hoister->first = clone;
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(clone); ++i) {
    replace_operand(hoister, clone, i);
  }
  if (has_body(clone)) replace_operands_of_body(hoister, tenon_body_of(clone));
  hoister->first = place;
}

static void note_kept(hoister_t* hoister, const work_t* work) {
  for (intptr_t i = 0; i < mlirOperationGetNumResults(work->op); ++i) {
    MlirValue result = mlirOperationGetResult(work->op, i);
    if (!is_used_by_others(hoister, result)) continue;
    TENON_APPEND(&hoister->kept, result);
    TENON_APPEND(&hoister->stored, (MlirValue){tenon_map_get(&hoister->moved, result.ptr)});
  }
}

// Equal work of several functions becomes one.
static MlirLogicalResult join_equal(hoister_t* hoister, tenon_program_t* program) {
  tenon_value_list_t* stored = &hoister->stored;
  if (stored->count < 2) return mlirLogicalResultSuccess();
  tenon_type_list_t types = {0};
  for (size_t i = 0; i < stored->count; ++i) {
    TENON_APPEND(&types, mlirValueGetType(stored->data[i]));
  }
  intptr_t count = (intptr_t)stored->count;
  MlirOperation users = tenon_insert_op(hoister->first, "util.optimization_barrier", count,
                                        types.data, count, stored->data, 0, NULL);
  MlirLogicalResult status = tenon_run_passes(program, hoister->function, "func.func(cse)");
  for (intptr_t i = 0; i < count; ++i) stored->data[i] = mlirOperationGetOperand(users, i);
  hoister->first = mlirOperationGetNextInBlock(users);
  mlirOperationDestroy(users);
  free(types.data);
  return status;
}

//===--------------------------------------------------------------------===//
// Keeping
//===--------------------------------------------------------------------===//

// A global before |place| for |value| of the initializers, which store it; returns its symbol.
static MlirAttribute add_global(hoister_t* hoister, MlirOperation place, MlirStringRef name,
                                MlirValue value) {
  MlirContext context = mlirOperationGetContext(hoister->module);
  const MlirNamedAttribute attributes[] = {
      tenon_attr(context, "sym_name", mlirStringAttrGet(context, name)),
      tenon_attr(context, "sym_visibility", tenon_string_attr(context, "private")),
      tenon_attr(context, "type", mlirTypeAttrGet(mlirValueGetType(value))),
  };
  MlirLocation location = mlirOperationGetLocation(tenon_defining_op(value));
  mlirBlockInsertOwnedOperationBefore(
      mlirOperationGetBlock(place), place,
      tenon_build_op("util.global", location, 0, NULL, 0, NULL,
                     sizeof(attributes) / sizeof(attributes[0]), attributes));
  MlirAttribute symbol = mlirFlatSymbolRefAttrGet(context, name);
  MlirNamedAttribute global = tenon_attr(context, "global", symbol);
  tenon_insert_op(hoister->first, "util.global.store", 0, NULL, 1, &value, 1, &global);
  return symbol;
}

// In the uses of work that stays or isn't any; those of what moves go.
static void insert_load(MlirValue result, MlirAttribute symbol) {
  MlirContext context = mlirAttributeGetContext(symbol);
  MlirType type = mlirValueGetType(result);
  const MlirNamedAttribute attributes[] = {
      tenon_attr(context, "global", symbol),
      tenon_attr(context, "is_immutable", mlirUnitAttrGet(context)),
  };
  MlirOperation load = tenon_insert_op(tenon_defining_op(result), "util.global.load", 1, &type, 0,
                                       NULL, 2, attributes);
  mlirValueReplaceAllUsesOfWith(result, mlirOperationGetResult(load, 0));
}

// A name that no symbol has.
static tenon_text_t next_name(MlirSymbolTable symbols, int* number) {
  for (;;) {
    tenon_text_t name = {0};
    tenon_text_appendf(&name, "constant$%d", (*number)++);
    MlirOperation other =
        mlirSymbolTableLookup(symbols, mlirStringRefCreate(name.data, name.length));
    if (mlirOperationIsNull(other)) return name;
    free(name.data);
  }
}

static void keep(hoister_t* hoister) {
  MlirSymbolTable symbols = mlirSymbolTableCreate(hoister->module);
  MlirRegion region = mlirOperationGetFirstRegion(hoister->module);
  MlirOperation place = mlirBlockGetFirstOperation(mlirRegionGetFirstBlock(region));
  tenon_map_t globals = {0};  // stored value -> symbol
  int number = 0;
  for (size_t i = 0; i < hoister->kept.count; ++i) {
    MlirValue value = hoister->stored.data[i];
    MlirAttribute symbol = {tenon_map_get(&globals, value.ptr)};
    if (mlirAttributeIsNull(symbol)) {
      tenon_text_t name = next_name(symbols, &number);
      symbol = add_global(hoister, place, mlirStringRefCreate(name.data, name.length), value);
      tenon_map_set(&globals, value.ptr, (void*)symbol.ptr);
      free(name.data);
    }
    insert_load(hoister->kept.data[i], symbol);
  }
  tenon_map_free(&globals);
  mlirSymbolTableDestroy(symbols);
}

static MlirLogicalResult hoist(hoister_t* hoister, tenon_program_t* program) {
  choose(hoister);
  for (size_t i = 0; i < hoister->all.count; ++i) {
    const work_t* work = hoister->all.data[i];
    if (!work->is_moved) continue;
    if (mlirOperationIsNull(hoister->function)) {
      find_initializers(hoister, mlirOperationGetLocation(work->op));
    }
    move(hoister, work);
    if (work->is_kept) note_kept(hoister, work);
  }
  MlirLogicalResult status = join_equal(hoister, program);
  if (mlirLogicalResultIsFailure(status)) return status;
  keep(hoister);
  for (size_t i = hoister->all.count; i-- > 0;) {  // users first
    if (!hoister->all.data[i]->stays) mlirOperationDestroy(hoister->all.data[i]->op);
  }
  return mlirLogicalResultSuccess();
}

MlirLogicalResult tenon_hoist_constants(tenon_program_t* program) {
  hoister_t hoister = {.module = mlirModuleGetOperation(program->module)};
  MlirLogicalResult status = mlirLogicalResultSuccess();
  if (find_works(&hoister)) status = hoist(&hoister, program);
  free(hoister.all.data);
  free(hoister.kept.data);
  free(hoister.stored.data);
  tenon_map_free(&hoister.works);
  tenon_map_free(&hoister.moved);
  tenon_arena_free(&hoister.arena);
  return status;
}
