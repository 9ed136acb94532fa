// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A function on its way from tensors to the timeline: shared by the files that convert it.

#ifndef TENON_COMPILER_SCHEDULE_CONVERT_H_
#define TENON_COMPILER_SCHEDULE_CONVERT_H_

#include "compiler/schedule/build.h"
#include "compiler/support/values.h"

// Old value, the root of its storage -> points. In asynchronous programs, of what ownership.h says is written.
typedef struct tenon_readers_t {
  tenon_map_t positions;  // root -> position in |lists| + 1
  struct {
    struct tenon_reader_list_t {
      MlirValue root;
      tenon_value_list_t points;
    }* data;
    size_t count, capacity;
  } lists;
} tenon_readers_t;

typedef struct tenon_converter_t {
  tenon_builder_t builder;
  tenon_schedule_t* schedule;
  const tenon_function_info_t* info;
  bool is_export;      // views outside, or buffers, dims and points
  MlirRegion region;   // of the new function
  tenon_map_t values;  // old value -> tenon_tensor_t of a tensor, MlirValue.ptr of a scalar
  tenon_map_t blocks;  // old block -> new block
  // The rest of a split export: the buffers that its results go to (null for numbers), else NULL.
  const MlirValue* targets;
  // ... old value -> MlirValue.ptr of the target that its dispatch writes itself.
  tenon_map_t in_place;
  // The points of those who read what is written to afterwards: readers.c.
  tenon_readers_t readers;
} tenon_converter_t;

MlirValue tenon_converted_scalar(const tenon_converter_t* converter, MlirValue old);
tenon_tensor_t* tenon_converted_tensor(const tenon_converter_t* converter, MlirValue old);
void tenon_map_scalar(tenon_converter_t* converter, MlirValue old, MlirValue converted);
void tenon_map_tensor(tenon_converter_t* converter, MlirValue old, tenon_tensor_t* converted);

// Appends the parts of a value as it is inside the program: a scalar itself; a tensor's buffer,
// dims and point.
void tenon_append_parts(tenon_converter_t* converter, MlirValue old, tenon_value_list_t* list);
// ... the types of those parts.
void tenon_append_part_types(tenon_schedule_t* schedule, MlirType type, tenon_type_list_t* list);
// The converse: takes the parts of a tensor from |next| on, and moves |next| on.
tenon_tensor_t* tenon_tensor_of_parts(tenon_builder_t* builder, MlirType type,
                                      MlirValue (*get)(void* source, intptr_t index), void* source,
                                      intptr_t* next);
MlirValue tenon_get_result(void* op, intptr_t index);
MlirValue tenon_get_argument(void* block, intptr_t index);

// The function's type with views or parts in the place of tensors, and at the border the fences.
MlirType tenon_converted_type(tenon_schedule_t* schedule, const tenon_function_info_t* info,
                              bool is_border);
// Creates a function beside |info->op|. Its region is empty.
MlirOperation tenon_new_function(tenon_schedule_t* schedule, const tenon_function_info_t* info,
                                 MlirStringRef name, MlirType type, bool is_border);

// function.c: converts |op| and what comes after it in the entry block, then all other blocks.
MlirLogicalResult tenon_convert_rest(tenon_converter_t* converter, MlirOperation op);
// convert.c: whether an operand or a result of |op| is a tensor.
bool tenon_touches_tensors(MlirOperation op);
// ... converts one operation, at the end of the builder's block.
MlirLogicalResult tenon_convert_op(tenon_converter_t* converter, MlirOperation op);
// Appends a branch like |like|, with the condition and then all successors' operands in |operands|, |counts| of them for each.
void tenon_append_branch(tenon_builder_t* builder, MlirOperation like,
                         const tenon_value_list_t* operands, const MlirBlock* successors,
                         const int32_t* counts);
// carry.c: where branches meet again, hands on what is not finished of the work that began in some of them only. For a
// function whose blocks are converted, but for the returns.
MlirLogicalResult tenon_carry_unfinished(tenon_converter_t* converter);
// Makes |block| stand for |old|, the first of a function's blocks.
void tenon_begin_entry(tenon_converter_t* converter, MlirBlock old, MlirBlock block);
void tenon_converter_free(tenon_converter_t* converter);

// tensor_ops.c: an operation other than calls, branches and returns that has tensor operands or
// results.
MlirLogicalResult tenon_convert_tensor_op(tenon_converter_t* converter, MlirOperation op);

// readers.c: notes that work which ends at |point| reads the old tensor |value|.
void tenon_note_reader(tenon_converter_t* converter, MlirValue value, MlirValue point);
// ... the point at which the old tensor |value|, converted to |tensor|, is there and all who read it are done.
MlirValue tenon_point_to_write(tenon_converter_t* converter, MlirValue value,
                               const tenon_tensor_t* tensor);
void tenon_readers_free(tenon_readers_t* readers);

// dispatches.c: a tenon.dispatch.
MlirLogicalResult tenon_convert_dispatch(tenon_converter_t* converter, MlirOperation op);
// ... whether |op| is a dispatch that replaces elements of a tensor: its first operand.
bool tenon_dispatch_updates(MlirOperation op);
// ... the operands of the tenon.dispatch |op| that are the dynamic dims of its result |index|, appended to |out_dims|. Reports
// a dispatch that has another form.
MlirLogicalResult tenon_dispatch_dims(tenon_schedule_t* schedule, MlirOperation op, intptr_t index,
                                      tenon_value_list_t* out_dims);

// border.c: the arguments of an export are taken in, the results of an export given out.
// |wait|: the point at which the arguments are there; null if they are there at once.
void tenon_import_arguments(tenon_converter_t* converter, MlirBlock old_entry, MlirValue wait);
void tenon_return_views(tenon_builder_t* builder, const tenon_function_info_t* info,
                        tenon_tensor_t** tensors, const MlirValue* scalars, const bool* copy);
MlirValue tenon_export_result(tenon_builder_t* builder, const tenon_tensor_t* tensor,
                              const tenon_function_info_t* info, intptr_t index);
// |out_signaled|: the point at which one with fences is done, else null. The host doesn't wait for it.
void tenon_convert_import_call(tenon_converter_t* converter, MlirOperation op,
                               const tenon_function_info_t* callee, MlirValue* out_signaled);
// Signals the builder's fence once |points| are reached and all that the function began has ended.
void tenon_signal_all(tenon_builder_t* builder, tenon_value_list_t* points);
void tenon_convert_import(tenon_schedule_t* schedule, const tenon_function_info_t* info);
void tenon_build_wrapper(tenon_schedule_t* schedule, const tenon_function_info_t* info);

#endif  // TENON_COMPILER_SCHEDULE_CONVERT_H_
