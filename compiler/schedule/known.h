// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What is known of the results of an export before it waits for the first time: numbers and the sizes of tensors that follow
// from its arguments, and from what was called before, by arithmetic alone.
//
// The analysis goes over the operations that are still to be converted. A *fact* is a number in the new program; it stays known
// through arithmetic, which is done ahead, where control flow meets with the same fact, and where the program checks that the number is
// another one. Calls of the program's own functions are looked
// into, a few levels deep. What imports return and elements of tensors are not known.

#ifndef TENON_COMPILER_SCHEDULE_KNOWN_H_
#define TENON_COMPILER_SCHEDULE_KNOWN_H_

#include "compiler/schedule/convert.h"

typedef enum tenon_fact_state_e {
  TENON_FACT_UNVISITED = 0,
  TENON_FACT_KNOWN,
  TENON_FACT_UNKNOWN,
} tenon_fact_state_t;

typedef struct tenon_fact_t {
  tenon_fact_state_t state;
  MlirValue value;      // KNOWN: in the new program
  MlirOperation blame;  // UNKNOWN: the operation of the old program that decides it
} tenon_fact_t;

typedef struct tenon_known_t tenon_known_t;
struct tenon_known_t {
  tenon_converter_t* converter;
  const tenon_function_info_t* info;  // the function: the converter's, or one that it calls
  MlirOperation first;  // where to begin in the entry block: what is before has been converted
  int depth;            // of calls
  tenon_map_t
      facts;  // old value -> tenon_fact_t[]: one for a number, one for each dynamic dim of a tensor
  tenon_map_t
      equals;  // old number -> another that the function, if it returns, has checked to be equal
  tenon_map_t block_equals;  // ... that the block which is visited checks
  tenon_map_t calls;         // func.call -> tenon_known_t of its callee
  tenon_fact_t** results;    // for each result of the function, as in |facts|
  tenon_known_t* root;       // of the converter's function, which has all of
  struct {
    MlirOperation* data;
    size_t count, capacity;
  } made;  // ... the arithmetic that was done ahead, in order
  struct {
    tenon_known_t** data;
    size_t count, capacity;
  } callees;
};

// Finds what is known of the results of the function that |converter| converts, if it stops before |first|. Arithmetic is appended at the
// end of the converter's block.
MlirLogicalResult tenon_known_find(tenon_known_t* known, tenon_converter_t* converter,
                                   MlirOperation first);
// Erases the arithmetic that nothing used.
void tenon_known_finish(tenon_known_t* known);

#endif  // TENON_COMPILER_SCHEDULE_KNOWN_H_
