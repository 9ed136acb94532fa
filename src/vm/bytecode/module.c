// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The bytecode module behind the module interface.

#include "iree/vm/bytecode_module.h"

#include <string.h>

#include "format/calling_convention.h"
#include "vm/bytecode/frame.h"
#include "vm/bytecode/module.h"
#include "vm/bytecode/state.h"

//===----------------------------------------------------------------------===//
// Queries
//===----------------------------------------------------------------------===//

static iree_string_view_t tenon_bytecode_name(void* self) {
  const tenon_bytecode_module_t* module = (const tenon_bytecode_module_t*)self;
  return tenon_module_string(module->file, module->file->header->name);
}

static iree_vm_module_signature_t tenon_bytecode_signature(void* self) {
  const tenon_bytecode_module_t* module = (const tenon_bytecode_module_t*)self;
  return (iree_vm_module_signature_t){
      .version = module->file->header->module_version,
      .attr_count = module->file->header->attribute_count,
      .import_function_count = module->file->import_count,
      .export_function_count = module->file->export_count,
      .internal_function_count = module->file->function_count,
  };
}

static bool tenon_is_import_linkage(iree_vm_function_linkage_t linkage) {
  return linkage == IREE_VM_FUNCTION_LINKAGE_IMPORT ||
         linkage == IREE_VM_FUNCTION_LINKAGE_IMPORT_OPTIONAL;
}

static iree_host_size_t tenon_function_count(const tenon_module_file_t* file,
                                             iree_vm_function_linkage_t linkage) {
  if (linkage == IREE_VM_FUNCTION_LINKAGE_EXPORT) return file->export_count;
  return tenon_is_import_linkage(linkage) ? file->import_count : file->function_count;
}

static iree_status_t tenon_bytecode_get_function(void* self, iree_vm_function_linkage_t linkage,
                                                 iree_host_size_t ordinal,
                                                 iree_vm_function_t* out_function,
                                                 iree_string_view_t* out_name,
                                                 iree_vm_function_signature_t* out_signature) {
  tenon_bytecode_module_t* module = (tenon_bytecode_module_t*)self;
  const tenon_module_file_t* file = module->file;
  uint32_t name, cconv;
  // Exports first: every invocation from outside asks for one.
  if (linkage == IREE_VM_FUNCTION_LINKAGE_EXPORT && ordinal < file->export_count) {
    name = file->exports[ordinal].name;
    cconv = file->functions[file->exports[ordinal].function].calling_convention;
  } else if (ordinal >= tenon_function_count(file, linkage)) {
    return iree_status_from_code(IREE_STATUS_OUT_OF_RANGE);
  } else if (tenon_is_import_linkage(linkage)) {
    const tenon_import_t* import = &file->imports[ordinal];
    linkage = import->flags & TENON_IMPORT_OPTIONAL ? IREE_VM_FUNCTION_LINKAGE_IMPORT_OPTIONAL
                                                    : IREE_VM_FUNCTION_LINKAGE_IMPORT;
    name = import->full_name;
    cconv = import->calling_convention;
  } else {
    name = file->functions[ordinal].name;
    cconv = file->functions[ordinal].calling_convention;
  }
  if (out_function) {
    *out_function = (iree_vm_function_t){&module->interface, (uint16_t)linkage, (uint16_t)ordinal};
  }
  if (out_name) *out_name = tenon_module_string(file, name);
  if (out_signature) out_signature->calling_convention = tenon_module_string(file, cconv);
  return iree_ok_status();
}

static iree_status_t tenon_bytecode_lookup_function(void* self, iree_vm_function_linkage_t linkage,
                                                    iree_string_view_t name,
                                                    iree_vm_function_t* out_function) {
  const tenon_bytecode_module_t* module = (const tenon_bytecode_module_t*)self;
  if (linkage == IREE_VM_FUNCTION_LINKAGE_EXPORT) {
    uint32_t ordinal = tenon_module_find_export(module->file, name);
    if (ordinal == TENON_NO_INDEX) return iree_status_from_code(IREE_STATUS_NOT_FOUND);
    return tenon_bytecode_get_function(self, linkage, ordinal, out_function, NULL, NULL);
  }
  iree_host_size_t count = tenon_function_count(module->file, linkage);
  for (iree_host_size_t i = 0; i < count; ++i) {
    iree_string_view_t candidate = iree_string_view_empty();
    IREE_RETURN_IF_ERROR(
        tenon_bytecode_get_function(self, linkage, i, out_function, &candidate, NULL));
    if (iree_string_view_equal(candidate, name)) return iree_ok_status();
  }
  memset(out_function, 0, sizeof(*out_function));
  return iree_status_from_code(IREE_STATUS_NOT_FOUND);
}

// Attribute |index| of the |count| from |begin| on.
static iree_status_t tenon_bytecode_get_attr(const tenon_module_file_t* file, uint32_t begin,
                                             uint32_t count, iree_host_size_t index,
                                             iree_string_pair_t* out_attr) {
  if (index >= count) return iree_status_from_code(IREE_STATUS_OUT_OF_RANGE);
  const tenon_attribute_t* attribute = &file->attributes[begin + index];
  out_attr->key = tenon_module_string(file, attribute->key);
  out_attr->value = tenon_module_string(file, attribute->value);
  return iree_ok_status();
}

static iree_status_t tenon_bytecode_get_module_attr(void* self, iree_host_size_t index,
                                                    iree_string_pair_t* out_attr) {
  const tenon_module_file_t* file = ((const tenon_bytecode_module_t*)self)->file;
  return tenon_bytecode_get_attr(file, file->header->attribute_begin, file->header->attribute_count,
                                 index, out_attr);
}

static iree_status_t tenon_bytecode_get_function_attr(void* self,
                                                      iree_vm_function_linkage_t linkage,
                                                      iree_host_size_t ordinal,
                                                      iree_host_size_t index,
                                                      iree_string_pair_t* out_attr) {
  const tenon_module_file_t* file = ((const tenon_bytecode_module_t*)self)->file;
  uint32_t begin = 0, count = 0;
  if (ordinal < tenon_function_count(file, linkage)) {
    if (tenon_is_import_linkage(linkage)) {
      begin = file->imports[ordinal].attribute_begin;
      count = file->imports[ordinal].attribute_count;
    } else if (linkage == IREE_VM_FUNCTION_LINKAGE_EXPORT) {
      begin = file->exports[ordinal].attribute_begin;
      count = file->exports[ordinal].attribute_count;
    }
  }
  return tenon_bytecode_get_attr(file, begin, count, index, out_attr);
}

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

static iree_status_t tenon_bytecode_begin_call(void* self, iree_vm_stack_t* stack,
                                               iree_vm_function_call_t call) {
  const tenon_bytecode_module_t* module = (const tenon_bytecode_module_t*)self;
  const tenon_module_file_t* file = module->file;
  uint32_t index = call.function.ordinal;
  if (IREE_LIKELY(call.function.linkage == IREE_VM_FUNCTION_LINKAGE_EXPORT &&
                  index < file->export_count)) {
    index = file->exports[index].function;
  } else if (call.function.linkage != IREE_VM_FUNCTION_LINKAGE_INTERNAL ||
             index >= file->function_count) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "not a function of the module");
  }
  const tenon_bytecode_function_t* function = &module->functions[index];
  if (call.arguments.data_length != function->argument_size ||
      call.results.data_length != function->result_size) {
    const iree_vm_function_t callee = call.function;
    const iree_string_view_t name = iree_vm_function_name(&callee);
    return iree_make_status(
        IREE_STATUS_INVALID_ARGUMENT,
        "%.*s takes %u bytes of arguments and gives %u of results (calling convention %s); it is "
        "called with %zu and %zu",
        (int)name.size, name.data, function->argument_size, function->result_size,
        tenon_module_text(file, function->record->calling_convention),
        (size_t)call.arguments.data_length, (size_t)call.results.data_length);
  }
  return tenon_bytecode_begin(stack, function, &call);
}

// The topmost frame was suspended in a call of an import, whose results are now in the frame's
// storage, or waits for its turn.
static iree_status_t tenon_bytecode_resume_call(void* self, iree_vm_stack_t* stack,
                                                iree_byte_span_t call_results) {
  const tenon_bytecode_module_t* module = (const tenon_bytecode_module_t*)self;
  iree_vm_stack_frame_t* frame = iree_vm_stack_top(stack);
  if (!frame || frame->function.module != &module->interface ||
      !(frame->user_flags & TENON_FRAME_IN_CALL || stack->turn)) {
    return iree_make_status(IREE_STATUS_FAILED_PRECONDITION,
                            "no call of this module is suspended on the stack");
  }
  if (!(frame->user_flags & TENON_FRAME_IN_CALL)) {
    return tenon_bytecode_run(stack, (uint32_t)frame->pc);
  }
  tenon_frame_t* f = tenon_bytecode_frame(frame);
  const uint16_t* instruction = f->function->code + frame->pc;
  frame->call_results = iree_byte_span_empty();
  tenon_bytecode_finish_import(frame, f, instruction + 1, call_results);
  const uint16_t* next = tenon_skip_list(tenon_skip_list(instruction + 3));
  return tenon_bytecode_run(stack, (uint32_t)(next - f->function->code));
}

//===----------------------------------------------------------------------===//
// Creation
//===----------------------------------------------------------------------===//

static uint32_t tenon_packed_size(const char* letters, uint32_t count) {
  uint32_t size = 0;
  for (uint32_t i = 0; i < count; ++i) size += tenon_cconv_value_size(letters[i]);
  return size;
}

static void tenon_prepare_imports(tenon_bytecode_module_t* module) {
  const tenon_module_file_t* file = module->file;
  for (uint32_t i = 0; i < file->import_count; ++i) {
    tenon_bytecode_import_t* import = &module->imports[i];
    iree_string_view_t text = tenon_module_string(file, file->imports[i].calling_convention);
    tenon_cconv_t cconv;
    tenon_cconv_parse(text.data, text.size, true, &cconv);
    import->record = &file->imports[i];
    import->arguments = cconv.arguments;
    import->results = cconv.results;
    import->argument_length = (uint16_t)cconv.argument_length;
    import->result_length = (uint16_t)cconv.result_length;
    import->result_size = tenon_packed_size(cconv.results, cconv.result_length);
    const bool has_refs =
        cconv.result_length && memchr(cconv.results, 'r', cconv.result_length) != NULL;
    import->cleared_result_size = has_refs ? import->result_size : 0;
  }
}

// Arguments arrive in the first registers of their type. Returns the end of the numbers written to
// |registers|.
static uint16_t* tenon_place_arguments(const tenon_function_t* record, const tenon_cconv_t* cconv,
                                       uint16_t* registers) {
  uint32_t i32_next = 0, i64_next = record->i32_count;
  uint32_t f32_next = i64_next + record->i64_count, f64_next = f32_next + record->f32_count;
  uint32_t ref_next = 0;
  for (uint32_t i = 0; i < cconv->argument_length; ++i) {
    switch (cconv->arguments[i]) {
      case 'i':
        *registers++ = (uint16_t)i32_next++;
        break;
      case 'I':
        *registers++ = (uint16_t)i64_next++;
        break;
      case 'f':
        *registers++ = (uint16_t)f32_next++;
        break;
      case 'F':
        *registers++ = (uint16_t)f64_next++;
        break;
      default:
        *registers++ = (uint16_t)ref_next++;
        break;
    }
  }
  return registers;
}

static void tenon_prepare_functions(tenon_bytecode_module_t* module, uint16_t* registers) {
  const tenon_module_file_t* file = module->file;
  for (uint32_t i = 0; i < file->function_count; ++i) {
    tenon_bytecode_function_t* function = &module->functions[i];
    const tenon_function_t* record = &file->functions[i];
    iree_string_view_t text = tenon_module_string(file, record->calling_convention);
    tenon_cconv_t cconv;
    tenon_cconv_parse(text.data, text.size, false, &cconv);
    function->function.module = &module->interface;
    function->function.linkage = IREE_VM_FUNCTION_LINKAGE_INTERNAL;
    function->function.ordinal = (uint16_t)i;
    function->module = module;
    function->record = record;
    function->code = file->bytecode + record->bytecode_begin;
    function->arguments = cconv.arguments;
    function->results = cconv.results;
    function->argument_count = (uint16_t)cconv.argument_length;
    function->result_count = (uint16_t)cconv.result_length;
    function->argument_size = tenon_packed_size(cconv.arguments, cconv.argument_length);
    function->result_size = tenon_packed_size(cconv.results, cconv.result_length);
    uint32_t value_count =
        (uint32_t)record->i32_count + record->i64_count + record->f32_count + record->f64_count;
    // Far from overflow: 0x7FFF registers of 16 bytes and as many of 8; the verifier bounds the
    // storage.
    function->ref_count = record->ref_count;
    // The callee, its arguments and its results, these two with their counts.
    function->return_offset = (uint16_t)(2 + 1 + cconv.argument_length + 1 + cconv.result_length);
    function->internal_flags =
        (uint8_t)(TENON_FRAME_INTERNAL | (record->ref_count ? TENON_FRAME_NOT_PLAIN : 0));
    function->ref_offset = value_count * (uint32_t)sizeof(tenon_slot_t);
    function->register_size = tenon_cconv_round_storage(
        function->ref_offset + record->ref_count * (uint32_t)sizeof(iree_vm_ref_t));
    function->frame_size =
        (uint32_t)sizeof(tenon_frame_t) + function->register_size + record->call_storage_size;
    function->argument_registers = registers;
    registers = tenon_place_arguments(record, &cconv, registers);
  }
}

// Bytes of the argument registers of all functions.
static iree_host_size_t tenon_argument_table_size(const tenon_module_file_t* file) {
  iree_host_size_t count = 0;
  for (uint32_t i = 0; i < file->function_count; ++i) {
    // At least as long as its arguments; function_count and the length are bounded by the format.
    count += file->strings[file->functions[i].calling_convention].length;
  }
  return count * sizeof(uint16_t);
}

static iree_status_t tenon_resolve_types(tenon_bytecode_module_t* module) {
  const tenon_module_file_t* file = module->file;
  for (uint32_t i = 0; i < file->type_count; ++i) {
    iree_string_view_t name = tenon_module_string(file, file->types[i]);
    const iree_vm_ref_type_descriptor_t* descriptor = iree_vm_ref_lookup_registered_type(name);
    if (!descriptor) {
      return iree_make_status(
          IREE_STATUS_NOT_FOUND,
          "the module uses the type %s, which is not registered; register it (or "
          "create the custom module that does) before loading this module",
          name.data);
    }
    module->types[i] = descriptor->type;
  }
  return iree_ok_status();
}

static void tenon_bytecode_destroy(void* self) {
  tenon_bytecode_module_t* module = (tenon_bytecode_module_t*)self;
  iree_allocator_t allocator = module->allocator;
  iree_vm_instance_t* instance = module->instance;
  tenon_archive_release(module->archive);
  iree_allocator_free(allocator, module);
  iree_vm_instance_release(instance);
}

static void tenon_bytecode_fill_interface(tenon_bytecode_module_t* module) {
  iree_vm_module_t* interface = &module->interface;
  interface->destroy = tenon_bytecode_destroy;
  interface->name = tenon_bytecode_name;
  interface->signature = tenon_bytecode_signature;
  interface->enumerate_dependencies = tenon_bytecode_enumerate_dependencies;
  interface->lookup_function = tenon_bytecode_lookup_function;
  interface->get_function = tenon_bytecode_get_function;
  interface->get_function_attr = tenon_bytecode_get_function_attr;
  interface->get_module_attr = tenon_bytecode_get_module_attr;
  interface->resolve_source_location = tenon_bytecode_resolve_source_location;
  interface->alloc_state = tenon_bytecode_alloc_state;
  interface->free_state = tenon_bytecode_free_state;
  interface->resolve_import = tenon_bytecode_resolve_import;
  interface->begin_call = tenon_bytecode_begin_call;
  interface->resume_call = tenon_bytecode_resume_call;
}

// Makes the module of an archive, which it takes over.
static iree_status_t tenon_bytecode_module_of_archive(iree_vm_instance_t* instance,
                                                      tenon_archive_t* archive,
                                                      iree_allocator_t allocator,
                                                      tenon_bytecode_module_t** out_module) {
  const tenon_module_file_t* file = &archive->file;
  // Module, functions, imports, types, argument registers: one block.
  iree_host_size_t functions_offset = iree_host_align(sizeof(tenon_bytecode_module_t), 16);
  iree_host_size_t imports_offset =
      functions_offset + file->function_count * sizeof(tenon_bytecode_function_t);
  iree_host_size_t types_offset =
      imports_offset + file->import_count * sizeof(tenon_bytecode_import_t);
  iree_host_size_t registers_offset = types_offset + file->type_count * sizeof(iree_vm_ref_type_t);
  tenon_bytecode_module_t* module = NULL;
  IREE_RETURN_IF_ERROR(iree_allocator_malloc(
      allocator, registers_offset + tenon_argument_table_size(file), (void**)&module));
  module->file = file;
  module->types = (iree_vm_ref_type_t*)((uint8_t*)module + types_offset);
  iree_status_t status = tenon_resolve_types(module);
  if (iree_status_is_ok(status)) status = iree_vm_module_initialize(&module->interface, module);
  if (!iree_status_is_ok(status)) {
    iree_allocator_free(allocator, module);
    return status;
  }
  tenon_bytecode_fill_interface(module);
  module->instance = instance;
  iree_vm_instance_retain(instance);
  module->allocator = allocator;
  module->archive = archive;
  module->functions = (tenon_bytecode_function_t*)((uint8_t*)module + functions_offset);
  module->imports = (tenon_bytecode_import_t*)((uint8_t*)module + imports_offset);
  tenon_prepare_imports(module);
  tenon_prepare_functions(module, (uint16_t*)((uint8_t*)module + registers_offset));
  *out_module = module;
  return iree_ok_status();
}

iree_status_t iree_vm_bytecode_module_create(iree_vm_instance_t* instance,
                                             iree_const_byte_span_t archive_contents,
                                             iree_allocator_t archive_allocator,
                                             iree_allocator_t allocator,
                                             iree_vm_module_t** out_module) {
  IREE_ASSERT_ARGUMENT(instance);
  IREE_ASSERT_ARGUMENT(out_module);
  *out_module = NULL;
  tenon_archive_t* archive = NULL;
  IREE_RETURN_IF_ERROR(tenon_archive_create(archive_contents, allocator, &archive));
  tenon_bytecode_module_t* module = NULL;
  iree_status_t status = tenon_bytecode_module_of_archive(instance, archive, allocator, &module);
  if (!iree_status_is_ok(status)) {
    tenon_archive_release(archive);
    return status;
  }
  tenon_archive_own_contents(archive, archive_allocator);
  *out_module = &module->interface;
  return iree_ok_status();
}
