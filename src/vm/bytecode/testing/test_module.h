// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Short ways to make a module in a test and to call it. For cmocka programs: include after
// cmocka.h.

#ifndef TENON_VM_BYTECODE_TESTING_TEST_MODULE_H_
#define TENON_VM_BYTECODE_TESTING_TEST_MODULE_H_

#include <stdlib.h>
#include <string.h>

#include "format/writer.h"
#include "vm/bytecode/testing/harness.h"

// A module `m` in the making.
typedef struct test_module_t {
  tenon_writer_t* writer;
  uint8_t* data;
  size_t length;
  tenon_harness_t harness;
} test_module_t;

static inline test_module_t begin_module(void) {
  test_module_t module = {.writer = tenon_writer_create()};
  tenon_writer_set_name(module.writer, tenon_writer_cstring(module.writer, "m"));
  return module;
}

static inline uint32_t text_of(test_module_t* module, const char* text) {
  return tenon_writer_cstring(module->writer, text);
}

// A function, exported under its name.
static inline uint32_t declare_export(test_module_t* module, const char* name, const char* cconv) {
  uint32_t function =
      tenon_writer_declare_function(module->writer, text_of(module, name), text_of(module, cconv));
  tenon_writer_add_export(module->writer, text_of(module, name), function, NULL, 0);
  return function;
}

static inline uint32_t declare_import(test_module_t* module, const char* name, const char* cconv) {
  return tenon_writer_add_import(module->writer, text_of(module, name), text_of(module, cconv), 0,
                                 NULL, 0);
}

// The file, in |data|.
static inline void write_module(test_module_t* module) {
  if (!tenon_writer_serialize(module->writer, &module->data, &module->length)) {
    fail_msg("%s", tenon_writer_error(module->writer));
  }
  tenon_writer_destroy(module->writer);
  module->writer = NULL;
}

static inline iree_const_byte_span_t archive_of(const test_module_t* module) {
  return iree_make_const_byte_span(module->data, module->length);
}

// Writes and loads.
static inline void load_module(test_module_t* module) {
  write_module(module);
  IREE_CHECK_OK(
      tenon_harness_create(archive_of(module), iree_allocator_system(), &module->harness));
}

static inline void end_module(test_module_t* module) {
  tenon_harness_destroy(&module->harness);
  free(module->data);
}

static inline iree_vm_list_t* make_list(void) {
  iree_vm_list_t* list = NULL;
  IREE_CHECK_OK(iree_vm_list_create(NULL, 8, iree_allocator_system(), &list));
  return list;
}

static inline void push_i32(iree_vm_list_t* list, int32_t x) {
  iree_vm_value_t value = iree_vm_value_make_i32(x);
  IREE_CHECK_OK(iree_vm_list_push_value(list, &value));
}
static inline void push_i64(iree_vm_list_t* list, int64_t x) {
  iree_vm_value_t value = iree_vm_value_make_i64(x);
  IREE_CHECK_OK(iree_vm_list_push_value(list, &value));
}
static inline void push_null(iree_vm_list_t* list) {
  iree_vm_ref_t null = iree_vm_ref_null();
  IREE_CHECK_OK(iree_vm_list_push_ref_retain(list, &null));
}

static inline int64_t get_integer(iree_vm_list_t* list, size_t i) {
  iree_vm_value_t value;
  IREE_CHECK_OK(iree_vm_list_get_value_as(list, i, IREE_VM_VALUE_TYPE_I64, &value));
  return value.i64;
}

// A new vm.buffer; the list holds the only reference.
static inline iree_vm_buffer_t* push_buffer(iree_vm_list_t* list) {
  iree_vm_buffer_t* buffer = NULL;
  IREE_CHECK_OK(iree_vm_buffer_create(IREE_VM_BUFFER_ACCESS_MUTABLE, 16, 0, iree_allocator_system(),
                                      &buffer));
  iree_vm_ref_t ref = iree_vm_buffer_move_ref(buffer);
  IREE_CHECK_OK(iree_vm_list_push_ref_move(list, &ref));
  return buffer;
}

static inline int ref_count(iree_vm_buffer_t* buffer) {
  return iree_atomic_ref_count_load(&buffer->ref_object.counter);
}

// Expects a failure whose text contains each of the texts up to NULL, in this order.
static inline void expect_failure(iree_status_t status, iree_status_code_t code,
                                  const char* const* texts) {
  char buffer[2048] = "OK";
  iree_host_size_t length = 0;
  if (!iree_status_is_ok(status)) iree_status_format(status, sizeof(buffer), buffer, &length);
  bool matches = iree_status_code(status) == code;
  const char* rest = buffer;
  for (; *texts && rest; ++texts) {
    rest = strstr(rest, *texts);
    matches = matches && rest;
  }
  if (!matches) {
    fail_msg("expected %s with \"%s\", found: %s", iree_status_code_string(code), texts[-1],
             buffer);
  }
  iree_status_ignore(status);
}
#define EXPECT_FAILURE(status, code, ...) \
  expect_failure((status), (code), (const char* const[]){__VA_ARGS__, NULL})

#endif  // TENON_VM_BYTECODE_TESTING_TEST_MODULE_H_
