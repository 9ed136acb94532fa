// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the functions of a module share: imports, constants, the executable, and __init which makes
// those.

#include "compiler/emit/emit.h"

const tenon_callee_t* tenon_emitter_find(tenon_emitter_t* emitter, MlirAttribute symbol) {
  MlirOperation op = mlirSymbolTableLookup(emitter->symbols, mlirFlatSymbolRefAttrGetValue(symbol));
  if (mlirOperationIsNull(op)) return NULL;
  size_t index = (size_t)tenon_map_get(&emitter->callee_indices, op.ptr);
  return index ? &emitter->callees.data[index - 1] : NULL;
}

uint32_t tenon_emitter_hal_import(tenon_emitter_t* emitter, tenon_hal_export_t function) {
  static const struct {
    const char* name;
    const char* calling_convention;
  } exports[TENON_HAL_EXPORT_COUNT] = {
#define TENON_HAL_EXPORT_ENTRY(name, text, calling_convention) {"hal." text, calling_convention},
      TENON_HAL_EXPORTS(TENON_HAL_EXPORT_ENTRY)
#undef TENON_HAL_EXPORT_ENTRY
  };
  tenon_writer_t* writer = emitter->writer;
  return tenon_writer_add_import(writer, tenon_writer_cstring(writer, exports[function].name),
                                 tenon_writer_cstring(writer, exports[function].calling_convention),
                                 0, NULL, 0);
}

//===----------------------------------------------------------------------===//
// Segments and their globals
//===----------------------------------------------------------------------===//

// Never 0.
static uintptr_t hash_of(const uint8_t* data, size_t length) {
  const uint64_t factor = 0x9E3779B97F4A7C15u;
  uint64_t hash = length * factor;
  for (size_t i = 0; i < length; i += sizeof(uint64_t)) {
    uint64_t word = 0;
    memcpy(&word, data + i, length - i < sizeof(word) ? length - i : sizeof(word));
    hash = (hash ^ word) * factor;
    hash ^= hash >> 32;
  }
  return (uintptr_t)hash | 1;
}

static uint32_t add_segment(tenon_emitter_t* emitter, uint32_t kind, const uint8_t* data,
                            size_t length) {
  const void* hash = (const void*)hash_of(data, length);
  size_t first = (size_t)tenon_map_get(&emitter->segments_by_hash, hash);
  for (size_t i = first; i; i = emitter->segments.data[i - 1].next) {
    const tenon_segment_t* segment = &emitter->segments.data[i - 1];
    if (segment->kind == kind && segment->length == length &&
        memcmp(segment->data, data, length) == 0) {
      return segment->global;
    }
  }
  tenon_writer_t* writer = emitter->writer;
  const char* name = kind == TENON_RODATA_EXECUTABLE ? "executable" : "constant";
  tenon_segment_t segment = {
      .data = data,
      .length = length,
      .kind = kind,
      .rodata =
          tenon_writer_add_rodata(writer, kind, tenon_writer_cstring(writer, name), data, length),
      .global = tenon_writer_add_ref_global(writer),
      .next = first,
  };
  TENON_APPEND(&emitter->segments, segment);
  tenon_map_set(&emitter->segments_by_hash, hash, (void*)emitter->segments.count);
  return segment.global;
}

uint32_t tenon_emitter_executable(tenon_emitter_t* emitter) {
  if (!emitter->executable) {
    emitter->executable =
        add_segment(emitter, TENON_RODATA_EXECUTABLE, emitter->program->executable.data,
                    emitter->program->executable.length) +
        1;
  }
  return emitter->executable - 1;
}

uint32_t tenon_emitter_text(tenon_emitter_t* emitter, MlirStringRef bytes) {
  for (size_t i = 0; i < emitter->texts.count; ++i) {
    const tenon_text_segment_t* text = &emitter->texts.data[i];
    if (mlirStringRefEqual(text->bytes, bytes)) return text->rodata;
  }
  tenon_writer_t* writer = emitter->writer;
  tenon_text_segment_t text = {bytes, tenon_writer_add_rodata(writer, TENON_RODATA_DATA,
                                                              tenon_writer_cstring(writer, "text"),
                                                              bytes.data, bytes.length)};
  TENON_APPEND(&emitter->texts, text);
  return text.rodata;
}

MlirLogicalResult tenon_emitter_constant(tenon_emitter_t* emitter, MlirOperation op,
                                         MlirAttribute value, uint32_t* out_global) {
  // An attribute is one wherever it is used; others may have the same bytes.
  size_t known = (size_t)tenon_map_get(&emitter->constants, value.ptr);
  if (known) {
    *out_global = (uint32_t)(known - 1);
    return mlirLogicalResultSuccess();
  }
  const uint8_t* data = NULL;
  size_t length = 0;
  if (!tenon_constant_bytes(&emitter->arena, value, &data, &length)) {
    return tenon_error(op,
                       "the constant is not supported; supported are dense elements of i1, "
                       "i8, i16, i32, i64, index, f32 and f64");
  }
  *out_global = add_segment(emitter, TENON_RODATA_DATA, data, length);
  tenon_map_set(&emitter->constants, value.ptr, (void*)((size_t)*out_global + 1));
  return mlirLogicalResultSuccess();
}

static void call_initializers(tenon_emitter_t* emitter, tenon_assembler_t* as) {
  tenon_position_t position;
  if (tenon_resolve_location(emitter->initializers_location, &position)) {
    uint32_t file = tenon_writer_string(emitter->writer, position.file.data, position.file.length);
    tenon_assembler_location(as, file, (uint32_t)position.line, (uint32_t)position.column, 0);
  }
  tenon_assembler_call(as, emitter->initializers, NULL, 0, NULL, 0);
}

void tenon_emitter_add_init(tenon_emitter_t* emitter) {
  bool has_initializers = emitter->initializers != TENON_NO_INDEX;
  if (emitter->segments.count == 0 && emitter->globals.count == 0 && !has_initializers) return;
  tenon_writer_t* writer = emitter->writer;
  uint32_t name = tenon_writer_cstring(writer, "__init");
  uint32_t function =
      tenon_writer_declare_function(writer, name, tenon_writer_cstring(writer, "0v_v"));
  tenon_assembler_t* as = tenon_assembler_create(writer, function);
  tenon_register_t source = tenon_register(TENON_CLASS_REF, 0);
  tenon_register_t given = tenon_register_move(source);
  for (size_t i = 0; i < emitter->segments.count; ++i) {
    const tenon_segment_t* segment = &emitter->segments.data[i];
    uint32_t make = tenon_emitter_hal_import(emitter, segment->kind == TENON_RODATA_EXECUTABLE
                                                          ? TENON_HAL_EXECUTABLE_CREATE
                                                          : TENON_HAL_BUFFER_CONSTANT);
    TENON_EMIT(as, TENON_OP_RODATA, source, segment->rodata);
    tenon_assembler_call_import(as, make, &given, 1, &source, 1);
    TENON_EMIT(as, TENON_OP_GLOBAL_STORE_REF, given, segment->global);
  }
  tenon_emitter_init_globals(emitter, as);
  if (has_initializers) call_initializers(emitter, as);
  tenon_assembler_return(as, NULL, 0);
  tenon_assembler_finish(as);
  tenon_writer_add_export(writer, name, function, NULL, 0);
}
