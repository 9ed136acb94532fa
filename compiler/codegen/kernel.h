// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A dispatch as code generation sees it: members, each of which is loops around a body, and arrays that are read and
// written at linear functions of the loops' indices. Read from a function of @tenon_dispatches (docs/schedule.md),
// checked once, here: what comes later relies on it.

#ifndef TENON_COMPILER_CODEGEN_KERNEL_H_
#define TENON_COMPILER_CODEGEN_KERNEL_H_

#include <stdbool.h>
#include <stdint.h>

#include "compiler/codegen/linear.h"
#include "compiler/support/memory.h"
#include "hal/local/executable_abi.h"
#include "mlir-c/IR.h"

// A number of iterations or elements: the dispatch's constant number |constant|, or |fixed| if that is negative. Both
// are negative while nothing has told it.
typedef struct tenon_count_t {
  int64_t fixed;
  int32_t constant;
} tenon_count_t;

#define TENON_COUNT_UNKNOWN ((tenon_count_t){.fixed = -1, .constant = -1})

static inline bool tenon_count_is_known(tenon_count_t count) {
  return count.fixed >= 0 || count.constant >= 0;
}
static inline bool tenon_count_is_fixed(tenon_count_t count) {
  return count.constant < 0 && count.fixed >= 0;
}
static inline bool tenon_count_is(tenon_count_t count, int64_t number) {
  return count.constant < 0 && count.fixed == number;
}
static inline bool tenon_count_equal(tenon_count_t a, tenon_count_t b) {
  return a.constant == b.constant && (a.constant >= 0 || a.fixed == b.fixed);
}

typedef struct tenon_loop_t {
  tenon_count_t count;
  bool reduction;
  bool index_used;  // the body asks for the loop's index
} tenon_loop_t;

// An array in memory, dense and row-major. Inputs come first, then results.
typedef struct tenon_array_t {
  MlirValue value;  // the function's argument, or what it returns
  MlirType type;    // of an element
  int rank;
  bool written;
  tenon_count_t extents[TENON_KERNEL_MAX_RANK];
} tenon_array_t;

// One operand of a member.
typedef struct tenon_access_t {
  int array;  // index into arrays, or -1: not in memory
  int slot;   // an earlier member's result that is in registers, or -1
  MlirValue
      scalar;  // with neither: a scalar, or the splat constant that stands for it; may be null for outputs
  MlirType type;  // of the tensor
  tenon_linear_t
      indices[TENON_KERNEL_MAX_RANK];  // one per dimension of the tensor, of the member's loops
} tenon_access_t;

// A linalg.generic or tenon.update. Its loops are numbered anew: the kernel's outer loops come first.
typedef struct tenon_member_t {
  MlirOperation op;
  MlirBlock body;
  bool updates;  // tenon.update: the body says where its value goes
  int loop_count;
  tenon_loop_t loops[TENON_KERNEL_MAX_RANK];
  int loop_of[TENON_KERNEL_MAX_RANK];  // the number of each of the operation's own dimensions
  bool reduces;                        // has a reduction loop
  // What is read, then where each result goes (nowhere: array -1), then what each output holds at first (nothing: a
  // null scalar).
  int read_count, output_count, access_count;
  tenon_access_t* accesses;
  int first_slot;  // of its outputs: results while they are numbers
} tenon_member_t;

typedef struct tenon_kernel_t {
  MlirOperation function;
  MlirStringRef name;
  int outer_count;
  tenon_loop_t outer[TENON_KERNEL_MAX_RANK];
  int member_count, slot_count;
  tenon_member_t* members;
  int array_count, input_count;
  tenon_array_t* arrays;
  int constant_count;
  MlirValue* constants;  // the function's scalar arguments in order
  // Comparisons that must hold before anything runs: needed, of a member's loops' counts, <= declared.
  struct {
    struct tenon_extent_check_t {
      const tenon_member_t* member;
      tenon_linear_t needed;
      tenon_count_t declared;
    }* data;
    size_t count, capacity;
  } checks;
} tenon_kernel_t;

static inline tenon_access_t* tenon_member_result(const tenon_member_t* member, int output) {
  return &member->accesses[member->read_count + output];
}
static inline tenon_access_t* tenon_member_init(const tenon_member_t* member, int output) {
  return &member->accesses[member->read_count + member->output_count + output];
}
static inline bool tenon_access_is_nothing(const tenon_access_t* access) {
  return access->array < 0 && access->slot < 0 && mlirValueIsNull(access->scalar);
}

// Reads |function|. On failure the reason was reported at the operation concerned, and |out_kernel|
// holds nothing.
MlirLogicalResult tenon_kernel_read(MlirOperation function, tenon_kernel_t* out_kernel);
void tenon_kernel_free(tenon_kernel_t* kernel);

// The number of the function's scalar argument |value|, or -1.
int tenon_kernel_constant(const tenon_kernel_t* kernel, MlirValue value);
// The array that |value| is, or -1.
int tenon_kernel_array(const tenon_kernel_t* kernel, MlirValue value);

//===--- The parts of reading ----------------------------------------------------------------===//

// Reads the operation of |member|, whose |op| is set; the members before it are read already (member.c).
MlirLogicalResult tenon_member_read(tenon_kernel_t* kernel, tenon_member_t* member);
// Finds how often the loops run and how large the arrays are (sizes.c).
MlirLogicalResult tenon_kernel_size(tenon_kernel_t* kernel);

// Whether |needed|, of the counts of |member|'s loops, is known to be no more than |declared| whatever numbers the
// dispatch is given (sizes.c).
bool tenon_never_exceeds(const tenon_member_t* member, const tenon_linear_t* needed,
                         tenon_count_t declared);

#endif  // TENON_COMPILER_CODEGEN_KERNEL_H_
