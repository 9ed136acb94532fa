// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Functions and their blocks: the new ones are made beside the old, and filled block by block.

#include <stdlib.h>

#include "compiler/dialects/dialects.h"
#include "compiler/schedule/convert.h"
#include "compiler/schedule/origins.h"
#include "compiler/schedule/split.h"
#include "compiler/schedule/turns.h"
#include "compiler/support/branches.h"
#include "compiler/support/cfg.h"

MlirType tenon_converted_type(tenon_schedule_t* schedule, const tenon_function_info_t* info,
                              bool is_border) {
  MlirType function_type = info->type;
  tenon_type_list_t inputs = {0}, results = {0};
  intptr_t input_count = mlirFunctionTypeGetNumInputs(function_type);
  for (intptr_t i = 0; i < input_count + mlirFunctionTypeGetNumResults(function_type); ++i) {
    MlirType type = i < input_count ? mlirFunctionTypeGetInput(function_type, i)
                                    : mlirFunctionTypeGetResult(function_type, i - input_count);
    tenon_type_list_t* list = i < input_count ? &inputs : &results;
    if (is_border) {
      TENON_APPEND(list, (tenon_is_tensor(type) ? schedule->view_type : type));
    } else {
      tenon_append_part_types(schedule, type, list);
    }
  }
  if (is_border && info->fenced) {
    TENON_APPEND(&inputs, schedule->timepoint_type);
    TENON_APPEND(&inputs, schedule->fence_type);
  }
  MlirType converted = mlirFunctionTypeGet(schedule->context, (intptr_t)inputs.count, inputs.data,
                                           (intptr_t)results.count, results.data);
  free(inputs.data);
  free(results.data);
  return converted;
}

// What an import says of how it is called, and that it may be missing. (Its calls have been told
// already what to call then.) The number of attributes.
static intptr_t import_attributes(MlirContext context, MlirOperation op,
                                  MlirNamedAttribute* out_attributes) {
  static const char* const kept[] = {"vm.signature", "tenon.source_name", "tenon.convention",
                                     "tenon.spans",  "tenon.optional",    "vm.minimum_version"};
  intptr_t count = 0;
  for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); ++i) {
    MlirAttribute attribute = mlirOperationGetAttributeByName(op, tenon_str(kept[i]));
    if (!mlirAttributeIsNull(attribute)) {
      out_attributes[count++] = tenon_attr(context, kept[i], attribute);
    }
  }
  if (!mlirAttributeIsNull(mlirOperationGetAttributeByName(op, tenon_str("vm.fallback")))) {
    out_attributes[count++] = tenon_attr(context, "tenon.optional", mlirUnitAttrGet(context));
  }
  return count;
}

MlirOperation tenon_new_function(tenon_schedule_t* schedule, const tenon_function_info_t* info,
                                 MlirStringRef name, MlirType type, bool is_border) {
  MlirContext context = schedule->context;
  bool is_public = is_border && info->kind == TENON_FUNCTION_EXPORT;
  MlirNamedAttribute attributes[14] = {
      tenon_attr(context, "sym_name", mlirStringAttrGet(context, name)),
      tenon_attr(context, "function_type", mlirTypeAttrGet(type)),
      tenon_attr(context, "sym_visibility",
                 tenon_string_attr(context, is_public ? "public" : "private")),
  };
  intptr_t attribute_count = 3;
  if (is_border) {
    attributes[attribute_count++] =
        tenon_attr(context, "tenon.declaration", tenon_declaration(context, info));
    MlirAttribute told = mlirOperationGetAttributeByName(info->op, tenon_str("iree.reflection"));
    if (!mlirAttributeIsNull(told)) {
      attributes[attribute_count++] = tenon_attr(context, "iree.reflection", told);
    }
    if (info->fenced) {
      attributes[attribute_count++] =
          tenon_attr(context, "iree.abi.model", tenon_string_attr(context, "coarse-fences"));
    }
    if (info->fenced && info->nosideeffects) {
      attributes[attribute_count++] =
          tenon_attr(context, "nosideeffects", mlirUnitAttrGet(context));
    }
    if (tenon_is_initializer(info->op)) {
      attributes[attribute_count++] =
          tenon_attr(context, "tenon.initializer", mlirUnitAttrGet(context));
    }
    if (info->kind == TENON_FUNCTION_IMPORT) {
      attribute_count += import_attributes(context, info->op, attributes + attribute_count);
    }
  } else if (!mlirStringRefEqual(name, info->name)) {
    attributes[attribute_count++] =
        tenon_attr(context, "tenon.source_name", mlirStringAttrGet(context, info->name));
  }
  MlirRegion region = mlirRegionCreate();
  MlirOperationState state =
      mlirOperationStateGet(tenon_str("func.func"), mlirOperationGetLocation(info->op));
  mlirOperationStateAddAttributes(&state, attribute_count, attributes);
  mlirOperationStateAddOwnedRegions(&state, 1, &region);
  MlirOperation function = mlirOperationCreate(&state);
  mlirBlockInsertOwnedOperationBefore(mlirModuleGetBody(schedule->program->module), info->op,
                                      function);
  return function;
}

// Block arguments become their parts; those of an export's entry become views.
static void add_arguments(tenon_converter_t* converter, MlirBlock old, MlirBlock block,
                          bool is_border) {
  tenon_schedule_t* schedule = converter->schedule;
  for (intptr_t i = 0; i < mlirBlockGetNumArguments(old); ++i) {
    MlirValue argument = mlirBlockGetArgument(old, i);
    MlirLocation location = mlirValueGetLocation(argument);
    MlirType type = mlirValueGetType(argument);
    if (is_border) {
      mlirBlockAddArgument(block, tenon_is_tensor(type) ? schedule->view_type : type, location);
      continue;
    }
    tenon_type_list_t types = {0};
    tenon_append_part_types(schedule, type, &types);
    intptr_t next = mlirBlockGetNumArguments(block);
    for (size_t j = 0; j < types.count; ++j) {
      mlirBlockAddArgument(block, types.data[j], location);
    }
    free(types.data);
    if (tenon_is_tensor(type)) {
      tenon_tensor_t* tensor =
          tenon_tensor_of_parts(&converter->builder, type, tenon_get_argument, &block, &next);
      tenon_map_tensor(converter, argument, tensor);
      bool is_entry = mlirBlockEqual(block, converter->builder.entry);
      if (!is_entry) tenon_add_work(&converter->builder, block, tensor->point);
    } else {
      tenon_map_scalar(converter, argument, mlirBlockGetArgument(block, next));
    }
  }
}

// The two last arguments of an export with fences; returns the first. It must not signal before that is reached.
static MlirValue add_fences(tenon_converter_t* converter, MlirBlock entry) {
  tenon_schedule_t* schedule = converter->schedule;
  MlirLocation location = mlirOperationGetLocation(converter->info->op);
  MlirValue wait = mlirBlockAddArgument(entry, schedule->timepoint_type, location);
  converter->builder.signal = mlirBlockAddArgument(entry, schedule->fence_type, location);
  tenon_add_work(&converter->builder, entry, wait);
  return wait;
}

void tenon_begin_entry(tenon_converter_t* converter, MlirBlock old, MlirBlock block) {
  mlirRegionAppendOwnedBlock(converter->region, block);
  tenon_map_set(&converter->blocks, old.ptr, block.ptr);
  converter->builder.entry = block;
  converter->builder.block = block;
}

static void begin_function(tenon_converter_t* converter, MlirBlock old) {
  MlirBlock block = mlirBlockCreate(0, NULL, NULL);
  tenon_begin_entry(converter, old, block);
  add_arguments(converter, old, block, converter->is_export);
  if (!converter->is_export) return;
  // Those with fences are split, and don't wait themselves.
  if (!converter->info->fenced) tenon_build_turn_begin(&converter->builder, converter->info);
  MlirValue wait = {NULL};
  if (converter->info->fenced) wait = add_fences(converter, block);
  tenon_import_arguments(converter, old, wait);
}

static void add_other_blocks(tenon_converter_t* converter, const tenon_block_list_t* old_blocks) {
  for (size_t i = 1; i < old_blocks->count; ++i) {
    MlirBlock old = old_blocks->data[i];
    MlirBlock block = mlirBlockCreate(0, NULL, NULL);
    mlirRegionAppendOwnedBlock(converter->region, block);
    tenon_map_set(&converter->blocks, old.ptr, block.ptr);
    add_arguments(converter, old, block, /*is_border=*/false);
  }
}

static MlirBlock new_block(const tenon_converter_t* converter, MlirBlock old) {
  return (MlirBlock){tenon_map_get(&converter->blocks, old.ptr)};
}

// What the host has waited for holds in the blocks that are dominated.
static void note_dominators(tenon_converter_t* converter, const tenon_block_list_t* old_blocks) {
  size_t* dominators = tenon_immediate_dominators(old_blocks);
  for (size_t i = 1; i < old_blocks->count; ++i) {
    tenon_map_set(&converter->builder.above, new_block(converter, old_blocks->data[i]).ptr,
                  new_block(converter, old_blocks->data[dominators[i]]).ptr);
  }
  free(dominators);
}

static MlirLogicalResult convert_ops(tenon_converter_t* converter, MlirOperation op) {
  MlirLogicalResult status = mlirLogicalResultSuccess();
  for (; !mlirOperationIsNull(op) && mlirLogicalResultIsSuccess(status);
       op = mlirOperationGetNextInBlock(op)) {
    // Asynchronous programs must know of all work before they can say when it has ended.
    if (converter->schedule->asynchronous && tenon_op_is(op, "func.return")) break;
    status = tenon_convert_op(converter, op);
  }
  return status;
}

static MlirLogicalResult convert_returns(tenon_converter_t* converter,
                                         const tenon_block_list_t* old_blocks) {
  MlirLogicalResult status = mlirLogicalResultSuccess();
  for (size_t i = 0; i < old_blocks->count && mlirLogicalResultIsSuccess(status); ++i) {
    MlirOperation end = tenon_block_end(old_blocks->data[i]);
    if (!tenon_op_is(end, "func.return")) continue;
    converter->builder.block = new_block(converter, old_blocks->data[i]);
    status = tenon_convert_op(converter, end);
  }
  return status;
}

MlirLogicalResult tenon_convert_rest(tenon_converter_t* converter, MlirOperation op) {
  const tenon_block_list_t* old_blocks = &converter->info->origins->blocks;
  add_other_blocks(converter, old_blocks);
  if (converter->schedule->asynchronous) note_dominators(converter, old_blocks);
  MlirLogicalResult status = convert_ops(converter, op);
  for (size_t i = 1; i < old_blocks->count && mlirLogicalResultIsSuccess(status); ++i) {
    converter->builder.block = new_block(converter, old_blocks->data[i]);
    status = convert_ops(converter, mlirBlockGetFirstOperation(old_blocks->data[i]));
  }
  if (!converter->schedule->asynchronous || mlirLogicalResultIsFailure(status)) return status;
  status = tenon_carry_unfinished(converter);
  return mlirLogicalResultIsFailure(status) ? status : convert_returns(converter, old_blocks);
}

void tenon_converter_free(tenon_converter_t* converter) {
  tenon_builder_free(&converter->builder);
  tenon_map_free(&converter->values);
  tenon_map_free(&converter->blocks);
  tenon_map_free(&converter->in_place);
  tenon_readers_free(&converter->readers);
}

static MlirLogicalResult convert_body(tenon_schedule_t* schedule, const tenon_function_info_t* info,
                                      MlirStringRef name, bool is_export) {
  MlirType type = tenon_converted_type(schedule, info, is_export);
  MlirOperation function = tenon_new_function(schedule, info, name, type, is_export);
  tenon_converter_t converter = {
      .builder = {.schedule = schedule, .location = mlirOperationGetLocation(info->op)},
      .schedule = schedule,
      .info = info,
      .is_export = is_export,
      .region = mlirOperationGetFirstRegion(function),
  };
  MlirBlock entry = info->origins->blocks.data[0];
  begin_function(&converter, entry);
  MlirOperation op = mlirBlockGetFirstOperation(entry);
  MlirLogicalResult status = is_export && info->fenced && info->may_wait
                                 ? tenon_convert_export(&converter, op)
                                 : tenon_convert_rest(&converter, op);
  tenon_converter_free(&converter);
  return status;
}

MlirLogicalResult tenon_convert_function(tenon_schedule_t* schedule,
                                         const tenon_function_info_t* info) {
  if (info->kind == TENON_FUNCTION_IMPORT) {
    tenon_convert_import(schedule, info);
    return mlirLogicalResultSuccess();
  }
  bool is_export = info->kind == TENON_FUNCTION_EXPORT;
  if (is_export && info->called && !info->fenced) {
    tenon_build_wrapper(schedule, info);
  } else if (is_export) {
    MlirLogicalResult status = convert_body(schedule, info, info->name, /*is_export=*/true);
    if (mlirLogicalResultIsFailure(status) || !info->called) return status;
  }
  return convert_body(schedule, info, info->internal, /*is_export=*/false);
}
