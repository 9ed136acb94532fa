// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The `tenon` dialect: what the stages hand to one another beside upstream MLIR. docs/schedule.md
// gives the meaning of each operation; tenon_ops.def lists them with the form that the verifier
// here enforces.
//
// MLIR sees these operations as unregistered ones: it treats them as having unknown effects, so no
// pass drops, repeats or reorders them. (IRDL, the textual way to define a dialect, can't describe
// a variable number of operands of different types.) Users can't write them: the input stage
// refuses every operation outside the language.

#ifndef TENON_COMPILER_DIALECTS_DIALECTS_H_
#define TENON_COMPILER_DIALECTS_DIALECTS_H_

#include <stdbool.h>

#include "mlir-c/IR.h"
#include "mlir-c/Support.h"

#ifdef __cplusplus
extern "C" {
#endif

// Makes |context| accept the tenon dialect, types of unknown dialects, and know the check, util
// and vm dialects.
void tenon_load_dialects(MlirContext context);
// Lets contexts made with |registry| know all dialects of ours.
void tenon_register_dialects(MlirDialectRegistry registry);

// Verifies every operation of the tenon dialect below |root|: known, and of the form that
// tenon_ops.def states. Reports each that isn't at its location. mlirOperationVerify doesn't do
// this, so every stage that makes such operations calls it.
MlirLogicalResult tenon_verify_ops(MlirOperation root);

MlirType tenon_buffer_type(MlirContext context);  // !tenon.buffer: storage of one tensor
MlirType tenon_view_type(
    MlirContext context);  // !tenon.view: a buffer with shape and element type, at the border
MlirType tenon_timepoint_type(MlirContext context);  // !tenon.timepoint: a point of the timeline
MlirType tenon_fence_type(MlirContext context);      // !tenon.fence: one to be signaled
MlirType tenon_turn_type(MlirContext context);       // !tenon.turn: a turn that was taken

bool tenon_type_is_buffer(MlirType type);
bool tenon_type_is_view(MlirType type);
bool tenon_type_is_timepoint(MlirType type);
bool tenon_type_is_fence(MlirType type);
bool tenon_type_is_turn(MlirType type);

// Types that programs may write of objects of the host: !util.buffer, !util.list, !util.object, and
// opaque ones of dialects that nobody knows, like !custom.string.
bool tenon_type_is_ref(MlirType type);
bool tenon_type_is_util_buffer(MlirType type);
// What imports may call these: !vm.buffer, !vm.ref<!custom.string>, !vm.list<i32>.
bool tenon_type_is_vm(MlirType type);
bool tenon_type_is_object(MlirType type);
bool tenon_type_is_list(MlirType type);
// The type of a list's elements; a null type for `?`, any.
MlirType tenon_list_element_type(MlirType list);

// Whether |function| is a util.initializer, or all of them together: it has the attribute `tenon.initializer`.
bool tenon_is_initializer(MlirOperation function);

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // TENON_COMPILER_DIALECTS_DIALECTS_H_
