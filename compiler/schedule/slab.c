// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/schedule/slab.h"

#include <stdlib.h>

#include "compiler/schedule/build.h"
#include "compiler/support/values.h"

// A tenon.alloc that may share memory with others. Its slot is where it goes.
typedef struct transient_t {
  MlirOperation op;
  size_t place, end;  // positions in the block: of |op|, of the last use
  MlirOperation writer;
  size_t slot;
} transient_t;

// Room for one tensor at a time, of one size.
typedef struct slot_t {
  size_t tenant;   // the last one so far
  int64_t size;    // static: bytes, of the largest tenant; else -1
  MlirValue part;  // where it is, once there is memory
} slot_t;

// The transients of a block, or those of them that can be allocated together at |anchor|, the first.
typedef struct packer_t {
  tenon_schedule_t* schedule;
  tenon_builder_t builder;
  tenon_map_t positions;  // operation -> its number in the block + 1
  MlirBlock block;
  struct {
    transient_t* data;
    size_t count, capacity;
  } transients;
  struct {
    slot_t* data;
    size_t count, capacity;
  } slots;
} packer_t;

#define ALIGNMENT 64

static size_t position(const packer_t* packer, MlirOperation op) {
  return (size_t)tenon_map_get(&packer->positions, op.ptr);
}

static MlirType tensor_type(MlirOperation alloc) {
  return mlirTypeAttrGetValue(mlirOperationGetAttributeByName(alloc, tenon_str("type")));
}

//===----------------------------------------------------------------------===//
// Finding transients
//===----------------------------------------------------------------------===//

// Operand 0 of work is a point; all other buffers of an execute are its bindings.
static bool is_transient_use(MlirOperation user, intptr_t operand) {
  return tenon_op_is(user, "tenon.execute") || tenon_op_is(user, "tenon.load") ||
         ((tenon_op_is(user, "tenon.clone") || tenon_op_is(user, "tenon.copy")) && operand == 1);
}

// Whether |op| allocates something that only work of its own block uses.
static bool find_transient(const packer_t* packer, MlirOperation op, transient_t* out) {
  if (!tenon_op_is(op, "tenon.alloc")) return false;
  *out = (transient_t){.op = op, .place = position(packer, op)};
  size_t first = SIZE_MAX;
  MlirOpOperand use = mlirValueGetFirstUse(mlirOperationGetResult(op, 0));
  for (; !mlirOpOperandIsNull(use); use = mlirOpOperandGetNextUse(use)) {
    MlirOperation user = mlirOpOperandGetOwner(use);
    if (!mlirBlockEqual(mlirOperationGetBlock(user), packer->block) ||
        !is_transient_use(user, mlirOpOperandGetOperandNumber(use))) {
      return false;
    }
    size_t at = position(packer, user);
    if (at > out->end) out->end = at;
    if (at < first) {
      first = at;
      out->writer = user;
    }
  }
  return out->end > 0 && tenon_op_is(out->writer, "tenon.execute");
}

// Whether the dynamic dimensions of |op| are there before position |place|.
static bool are_dims_there(const packer_t* packer, MlirOperation op, size_t place) {
  for (intptr_t i = 1; i < mlirOperationGetNumOperands(op); ++i) {
    MlirValue dim = mlirOperationGetOperand(op, i);
    if (!mlirValueIsAOpResult(dim)) continue;
    MlirOperation maker = mlirOpResultGetOwner(dim);
    if (mlirBlockEqual(mlirOperationGetBlock(maker), packer->block) &&
        position(packer, maker) >= place) {
      return false;
    }
  }
  return true;
}

//===----------------------------------------------------------------------===//
// Sizes
//===----------------------------------------------------------------------===//

static int64_t element_size(MlirType type) {
  if (mlirTypeIsAComplex(type)) return 2 * element_size(mlirComplexTypeGetElementType(type));
  if (mlirTypeIsAIndex(type)) return 8;
  unsigned bits =
      mlirTypeIsAFloat(type) ? mlirFloatTypeGetWidth(type) : mlirIntegerTypeGetWidth(type);
  return bits < 8 ? 1 : bits / 8;
}

// The bytes of a tensor as far as its type tells, the rest of its dimensions 1; -1 if they are too many.
static int64_t static_factor(MlirType type) {
  int64_t size = element_size(mlirShapedTypeGetElementType(type));
  for (intptr_t i = 0; i < mlirShapedTypeGetRank(type); ++i) {
    if (mlirShapedTypeIsDynamicDim(type, i)) continue;
    if (__builtin_mul_overflow(size, mlirShapedTypeGetDimSize(type, i), &size)) return -1;
  }
  return size > INT64_MAX / 2 ? -1 : size;
}

static int64_t aligned(int64_t size) { return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT; }

static bool is_static(MlirOperation alloc) { return mlirOperationGetNumOperands(alloc) == 1; }

static int compare_pointers(const void* a, const void* b) {
  const void *x = *(void* const*)a, *y = *(void* const*)b;
  return (x > y) - (x < y);
}

// Whether two dynamic sizes are equal since they are the same product.
static bool is_same_size(MlirOperation a, MlirOperation b) {
  intptr_t count = mlirOperationGetNumOperands(a) - 1;
  if (count != mlirOperationGetNumOperands(b) - 1 ||
      static_factor(tensor_type(a)) != static_factor(tensor_type(b))) {
    return false;
  }
  const void** dims = tenon_xcalloc(2 * (size_t)count, sizeof(*dims));
  for (intptr_t i = 0; i < count; ++i) {
    dims[i] = mlirOperationGetOperand(a, i + 1).ptr;
    dims[count + i] = mlirOperationGetOperand(b, i + 1).ptr;
  }
  qsort(dims, (size_t)count, sizeof(*dims), compare_pointers);
  qsort(dims + count, (size_t)count, sizeof(*dims), compare_pointers);
  bool same = memcmp(dims, dims + count, (size_t)count * sizeof(*dims)) == 0;
  free(dims);
  return same;
}

//===----------------------------------------------------------------------===//
// Slots
//===----------------------------------------------------------------------===//

// Whether the work that makes |point| comes after |earlier|, by what it waits for in this block. Looked for nearby only.
static bool comes_after(const packer_t* packer, MlirValue point, MlirOperation earlier) {
  enum { NEARBY = 64 };
  MlirValue stack[NEARBY];
  size_t count = 0, seen = 0, limit = position(packer, earlier);
  stack[count++] = point;
  while (count) {
    MlirValue value = stack[--count];
    if (!mlirValueIsAOpResult(value)) continue;
    MlirOperation op = mlirOpResultGetOwner(value);
    if (mlirOperationEqual(op, earlier)) return true;
    bool is_join = tenon_op_is(op, "tenon.join");
    bool is_work = tenon_op_is(op, "tenon.execute") || tenon_op_is(op, "tenon.clone") ||
                   tenon_op_is(op, "tenon.copy");
    if ((!is_join && !is_work) || position(packer, op) < limit) continue;
    intptr_t waits = is_join ? mlirOperationGetNumOperands(op) : 1;
    for (intptr_t i = 0; i < waits; ++i) {
      if (seen++ == NEARBY || count == NEARBY) return false;
      stack[count++] = mlirOperationGetOperand(op, i);
    }
  }
  return false;
}

// Whether the memory of |old| is free when |transient| is written.
static bool is_free(const packer_t* packer, const transient_t* old, const transient_t* transient) {
  if (old->end >= transient->place) return false;
  if (!packer->schedule->asynchronous) return true;
  MlirValue wait = mlirOperationGetOperand(transient->writer, 0);
  MlirOpOperand use = mlirValueGetFirstUse(mlirOperationGetResult(old->op, 0));
  for (; !mlirOpOperandIsNull(use); use = mlirOpOperandGetNextUse(use)) {
    MlirOperation user = mlirOpOperandGetOwner(use);
    // The host has loaded it when it goes on.
    if (!tenon_op_is(user, "tenon.load") && !comes_after(packer, wait, user)) return false;
  }
  return true;
}

// How well a transient of |size| bytes goes where there are |room|: the less the better.
static int64_t misfit(int64_t size, int64_t room) {
  return size > room ? size - room : room - size;
}

// Gives |transient| a slot: one that is free, among the last few, or a new one.
static void place(packer_t* packer, size_t index) {
  enum { CANDIDATES = 32 };
  transient_t* transient = &packer->transients.data[index];
  int64_t size = is_static(transient->op) ? static_factor(tensor_type(transient->op)) : -1;
  size_t count = packer->slots.count, best = count;
  for (size_t i = count; i-- > 0 && count - i <= CANDIDATES;) {
    const slot_t* slot = &packer->slots.data[i];
    const transient_t* tenant = &packer->transients.data[slot->tenant];
    if ((slot->size < 0) != (size < 0) || !is_free(packer, tenant, transient)) continue;
    if (size < 0) {
      if (!is_same_size(tenant->op, transient->op)) continue;
    } else if (best < count &&
               misfit(size, slot->size) >= misfit(size, packer->slots.data[best].size)) {
      continue;
    }
    best = i;
  }
  if (best == count) {
    slot_t added = {.size = size};
    TENON_APPEND(&packer->slots, added);
  }
  transient->slot = best;
  packer->slots.data[best].tenant = index;
  if (size > packer->slots.data[best].size) packer->slots.data[best].size = size;
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

static MlirValue combine(tenon_builder_t* builder, const char* name, MlirValue a, MlirValue b) {
  const MlirValue operands[] = {a, b};
  return mlirOperationGetResult(
      tenon_append(builder, name, 1, &builder->schedule->index_type, 2, operands, 0, NULL), 0);
}

// The bytes of a slot of dynamic size, a multiple of the alignment. A product that overflows is found where the buffer is used: its
// dispatch needs more than there is.
static MlirValue dynamic_size(packer_t* packer, MlirOperation op) {
  tenon_builder_t* builder = &packer->builder;
  MlirValue size = tenon_build_index(builder, static_factor(tensor_type(op)));
  for (intptr_t i = 1; i < mlirOperationGetNumOperands(op); ++i) {
    size = combine(builder, "arith.muli", size, mlirOperationGetOperand(op, i));
  }
  MlirValue rounded =
      combine(builder, "arith.addi", size, tenon_build_index(builder, ALIGNMENT - 1));
  return combine(builder, "arith.andi", rounded, tenon_build_index(builder, -ALIGNMENT));
}

static MlirType bytes_type(packer_t* packer, int64_t size) {
  return mlirRankedTensorTypeGet(1, &size, mlirIntegerTypeGet(packer->schedule->context, 8),
                                 mlirAttributeGetNull());
}

static MlirValue append_part(tenon_builder_t* builder, MlirValue slab, MlirValue offset,
                             MlirValue length) {
  const MlirValue operands[] = {slab, offset, length};
  MlirOperation op = tenon_append(builder, "tenon.subspan", 1, &builder->schedule->buffer_type, 3,
                                  operands, 0, NULL);
  return mlirOperationGetResult(op, 0);
}

// The slots one after the other, those of static sizes first. The first needs no part of its own: who uses it looks no further
// than its own end.
static void allocate_slots(packer_t* packer) {
  tenon_builder_t* builder = &packer->builder;
  tenon_value_list_t offsets = {0}, sizes = {0};
  int64_t fixed = 0;
  size_t count = packer->slots.count;
  size_t* order = tenon_xcalloc(count, sizeof(*order));
  size_t next = 0;
  for (int is_dynamic = 0; is_dynamic < 2; ++is_dynamic) {
    for (size_t i = 0; i < count; ++i) {
      if ((packer->slots.data[i].size < 0) == is_dynamic) order[next++] = i;
    }
  }
  MlirValue end = {NULL};  // as soon as it is dynamic
  MlirOperation last = {NULL};
  for (size_t i = 0; i < count; ++i) {
    const slot_t* slot = &packer->slots.data[order[i]];
    if (slot->size >= 0) {
      MlirValue none = {NULL};
      TENON_APPEND(&offsets, (i ? tenon_build_index(builder, fixed) : none));
      TENON_APPEND(&sizes, (i ? tenon_build_index(builder, slot->size) : none));
      fixed += aligned(slot->size);
      continue;
    }
    MlirOperation op = packer->transients.data[slot->tenant].op;
    bool is_known = !mlirOperationIsNull(last) && is_same_size(last, op);
    MlirValue size = is_known ? sizes.data[i - 1] : dynamic_size(packer, op);
    last = op;
    if (mlirValueIsNull(end) && i > 0) end = tenon_build_index(builder, fixed);
    TENON_APPEND(&offsets, end);
    TENON_APPEND(&sizes, size);
    end = i > 0 ? combine(builder, "arith.addi", end, size) : size;
  }
  bool is_fixed = mlirValueIsNull(end);
  MlirType type = bytes_type(packer, is_fixed ? fixed : mlirShapedTypeGetDynamicSize());
  const tenon_tensor_t* slab = tenon_build_alloc(builder, type, &end);
  mlirOperationSetDiscardableAttributeByName(
      mlirOpResultGetOwner(slab->buffer), tenon_str("context"),
      tenon_string_attr(packer->schedule->context, "allocating temporary memory"));
  for (size_t i = 0; i < count; ++i) {
    packer->slots.data[order[i]].part =
        i == 0 ? slab->buffer : append_part(builder, slab->buffer, offsets.data[i], sizes.data[i]);
  }
  free(order);
  free(offsets.data);
  free(sizes.data);
}

// What is appended to the builder's block goes before |anchor|.
static void insert_before(packer_t* packer, MlirBlock from, MlirOperation anchor) {
  for (MlirOperation op = mlirBlockGetFirstOperation(from); !mlirOperationIsNull(op);
       op = mlirBlockGetFirstOperation(from)) {
    mlirOperationRemoveFromParent(op);
    mlirBlockInsertOwnedOperationBefore(packer->block, anchor, op);
  }
  mlirBlockDestroy(from);
}

static void replace(packer_t* packer, const transient_t* transient) {
  MlirValue part = packer->slots.data[transient->slot].part;
  mlirValueReplaceAllUsesOfWith(mlirOperationGetResult(transient->op, 0), part);
  mlirValueReplaceAllUsesOfWith(mlirOperationGetResult(transient->op, 1),
                                mlirOperationGetOperand(transient->op, 0));
  mlirOperationDestroy(transient->op);
}

// Ends a group of transients: makes its memory and forgets it.
static void pack(packer_t* packer) {
  if (packer->transients.count > 1) {
    MlirOperation anchor = packer->transients.data[0].op;
    MlirBlock block = mlirBlockCreate(0, NULL, NULL);
    packer->builder.block = block;
    packer->builder.location = mlirOperationGetLocation(anchor);
    packer->builder.immediate = mlirOperationGetOperand(anchor, 0);
    allocate_slots(packer);
    insert_before(packer, block, anchor);
    for (size_t i = 0; i < packer->transients.count; ++i) {
      replace(packer, &packer->transients.data[i]);
    }
  }
  packer->transients.count = 0;
  packer->slots.count = 0;
}

static void pack_block(packer_t* packer, MlirBlock block) {
  packer->block = block;
  MlirOperation op = mlirBlockGetFirstOperation(block);
  for (size_t i = 1; !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op), ++i) {
    tenon_map_set(&packer->positions, op.ptr, (void*)i);
  }
  op = mlirBlockGetFirstOperation(block);
  while (!mlirOperationIsNull(op)) {
    MlirOperation next = mlirOperationGetNextInBlock(op);
    transient_t transient;
    if (find_transient(packer, op, &transient) && static_factor(tensor_type(op)) >= 0) {
      size_t count = packer->transients.count;
      if (count && !are_dims_there(packer, op, packer->transients.data[0].place)) {
        pack(packer);
        count = 0;
      }
      TENON_APPEND(&packer->transients, transient);
      place(packer, count);
    }
    op = next;
  }
  pack(packer);
  tenon_map_free(&packer->positions);
}

void tenon_pack_transients(tenon_schedule_t* schedule) {
  packer_t packer = {.schedule = schedule, .builder = {.schedule = schedule}};
  MlirOperation op = mlirBlockGetFirstOperation(mlirModuleGetBody(schedule->program->module));
  for (; !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    if (!tenon_op_is(op, "func.func")) continue;
    MlirBlock block = mlirRegionGetFirstBlock(mlirOperationGetFirstRegion(op));
    for (; !mlirBlockIsNull(block); block = mlirBlockGetNextInRegion(block)) {
      pack_block(&packer, block);
    }
  }
  free(packer.transients.data);
  free(packer.slots.data);
}
