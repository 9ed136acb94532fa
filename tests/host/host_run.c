// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs the programs of random_programs.py, without a device: host_run MODULE, with lines on standard input:
//
//   reset                       a new context: what globals hold is forgotten
//   call FUNCTION HEX HEX ...   the bits of each argument
//
// Each call gives a line: `ok HEX HEX ...`, a buffer as `#` and its bytes, null as `null`; or `error CODE TEXT`, TEXT without line
// ends. What is left in memory at the end is an error. The module `ext` that programs may import is also here.

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/testing/failing_allocator.h"
#include "iree/base/api.h"
#include "iree/base/internal/file_io.h"
#include "iree/vm/api.h"
#include "iree/vm/bytecode_module.h"

//===-- The module `ext` -------------------------------------------------------------------------------------------------===//

IREE_VM_ABI_FIXED_STRUCT(iI, {
  int32_t i0;
  int64_t i1;
});
IREE_VM_ABI_FIXED_STRUCT(ifIF, {
  int32_t i0;
  float f1;
  int64_t i2;
  double f3;
});
IREE_VM_ABI_FIXED_STRUCT(FIfi, {
  double f0;
  int64_t i1;
  float f2;
  int32_t i3;
});
// clang-format off
static IREE_VM_ABI_DEFINE_SHIM(iI, I)
static IREE_VM_ABI_DEFINE_SHIM(ifIF, FIfi)
    // clang-format on

    IREE_VM_ABI_EXPORT(ext_mix, void, iI, I) {
  rets->i0 = (int64_t)((uint64_t)args->i1 * 31 + (uint64_t)(int64_t)args->i0);
  return iree_ok_status();
}

IREE_VM_ABI_EXPORT(ext_swap, void, ifIF, FIfi) {
  rets->f0 = args->f3;
  rets->i1 = args->i2;
  rets->f2 = args->f1;
  rets->i3 = args->i0;
  return iree_ok_status();
}

IREE_VM_ABI_EXPORT(ext_narrow, void, iii, i) {
  rets->i0 = (int16_t)(args->i1 - args->i2 + args->i0);
  return iree_ok_status();
}

IREE_VM_ABI_EXPORT(ext_count, void, I, I) {
  rets->i0 = (int64_t)((uint64_t)args->i0 + 1);
  return iree_ok_status();
}

IREE_VM_ABI_EXPORT(ext_odd, void, i, i) {
  if (!(args->i0 & 1)) {
    return iree_make_status(IREE_STATUS_DATA_LOSS, "ext.odd was given %" PRId32, args->i0);
  }
  rets->i0 = (int32_t)((uint32_t)args->i0 * 3 + 1);
  return iree_ok_status();
}

// For what nothing else needs.
IREE_VM_ABI_EXPORT(ext_use_i32, void, i, v) { return iree_ok_status(); }
IREE_VM_ABI_EXPORT(ext_use_i64, void, I, v) { return iree_ok_status(); }
IREE_VM_ABI_EXPORT(ext_use_f32, void, f, v) { return iree_ok_status(); }
IREE_VM_ABI_EXPORT(ext_use_f64, void, F, v) { return iree_ok_status(); }

#define EXPORT(name, types) \
  {.local_name = IREE_VM_NATIVE_STR(name), .calling_convention = IREE_VM_NATIVE_STR("0" types)}
static const iree_vm_native_export_descriptor_t exports[] = {
    EXPORT("count", "I_I"),     EXPORT("mix", "iI_I"),       EXPORT("narrow", "iii_i"),
    EXPORT("odd", "i_i"),       EXPORT("swap", "ifIF_FIfi"), EXPORT("use_f32", "f_v"),
    EXPORT("use_f64", "F_v"),   EXPORT("use_i1", "i_v"),     EXPORT("use_i16", "i_v"),
    EXPORT("use_i32", "i_v"),   EXPORT("use_i64", "I_v"),    EXPORT("use_i8", "i_v"),
    EXPORT("use_index", "I_v"),
};
#define FUNCTION(types, results, target)                             \
  {(iree_vm_native_function_shim_t)iree_vm_shim_##types##_##results, \
   (iree_vm_native_function_target_t)(target)}
static const iree_vm_native_function_ptr_t functions[] = {
    FUNCTION(I, I, ext_count),   FUNCTION(iI, I, ext_mix),       FUNCTION(iii, i, ext_narrow),
    FUNCTION(i, i, ext_odd),     FUNCTION(ifIF, FIfi, ext_swap), FUNCTION(f, v, ext_use_f32),
    FUNCTION(F, v, ext_use_f64), FUNCTION(i, v, ext_use_i32),    FUNCTION(i, v, ext_use_i32),
    FUNCTION(i, v, ext_use_i32), FUNCTION(I, v, ext_use_i64),    FUNCTION(i, v, ext_use_i32),
    FUNCTION(I, v, ext_use_i64),
};
static const iree_vm_native_module_descriptor_t descriptor = {
    .name = IREE_VM_NATIVE_STR("ext"),
    .export_count = IREE_ARRAYSIZE(exports),
    .exports = exports,
    .function_count = IREE_ARRAYSIZE(functions),
    .functions = functions,
};

//===-- Contexts ---------------------------------------------------------------------------------------------------------===//

static void check(iree_status_t status) {
  if (iree_status_is_ok(status)) return;
  iree_status_fprint(stderr, status);
  exit(2);
}

typedef struct machine_t {
  tenon_failing_allocator_t memory;  // which never fails, but counts
  iree_allocator_t allocator;
  iree_vm_instance_t* instance;
  iree_vm_module_t* modules[2];
  iree_vm_context_t* context;
} machine_t;

static void machine_open(machine_t* machine, const char* path) {
  *machine = (machine_t){0};
  tenon_failing_allocator_initialize(0, &machine->memory);
  iree_allocator_t allocator = machine->allocator = tenon_failing_allocator(&machine->memory);
  check(iree_vm_instance_create(allocator, &machine->instance));
  iree_vm_module_t interface;
  check(iree_vm_module_initialize(&interface, NULL));
  check(iree_vm_native_module_create(&interface, &descriptor, machine->instance, allocator,
                                     &machine->modules[0]));
  iree_file_contents_t* contents = NULL;
  check(iree_file_read_contents(path, allocator, &contents));
  check(iree_vm_bytecode_module_create(machine->instance, contents->const_buffer,
                                       iree_file_contents_deallocator(contents), allocator,
                                       &machine->modules[1]));
}

static void machine_reset(machine_t* machine) {
  iree_vm_context_release(machine->context);
  machine->context = NULL;
  check(iree_vm_context_create_with_modules(machine->instance, IREE_VM_CONTEXT_FLAG_NONE,
                                            IREE_ARRAYSIZE(machine->modules), machine->modules,
                                            machine->allocator, &machine->context));
}

static void machine_close(machine_t* machine) {
  iree_vm_context_release(machine->context);
  for (size_t i = 0; i < IREE_ARRAYSIZE(machine->modules); ++i) {
    iree_vm_module_release(machine->modules[i]);
  }
  iree_vm_instance_release(machine->instance);
}

//===-- Calls ------------------------------------------------------------------------------------------------------------===//

// The bits |text| as what the letter of a calling convention says.
static void push(iree_vm_list_t* list, char letter, const char* text) {
  uint64_t bits = strtoull(text, NULL, 16);
  uint32_t low = (uint32_t)bits;
  iree_vm_value_t value = iree_vm_value_make_i64((int64_t)bits);
  if (letter == 'i') value = iree_vm_value_make_i32((int32_t)low);
  if (letter == 'f') {
    float f;
    memcpy(&f, &low, sizeof(f));
    value = iree_vm_value_make_f32(f);
  }
  if (letter == 'F') {
    double f;
    memcpy(&f, &bits, sizeof(f));
    value = iree_vm_value_make_f64(f);
  }
  check(iree_vm_list_push_value(list, &value));
}

static void print_buffer(const iree_vm_ref_t* ref) {
  iree_vm_buffer_t* buffer = NULL;
  if (iree_vm_ref_is_null(ref)) {
    printf(" null");
    return;
  }
  check(iree_vm_buffer_check_deref(*ref, &buffer));
  iree_const_byte_span_t bytes =
      iree_make_const_byte_span(iree_vm_buffer_data(buffer), iree_vm_buffer_length(buffer));
  printf(" #");
  for (size_t i = 0; i < bytes.data_length; ++i) printf("%02x", bytes.data[i]);
}

static void print_results(const iree_vm_list_t* list) {
  printf("ok");
  for (iree_host_size_t i = 0; i < iree_vm_list_size(list); ++i) {
    iree_vm_variant_t variant = iree_vm_variant_empty();
    check(iree_vm_list_get_variant(list, i, &variant));
    if (iree_vm_variant_is_ref(variant) || iree_vm_variant_is_empty(variant)) {
      print_buffer(&variant.ref);
      continue;
    }
    iree_vm_value_t value;
    check(iree_vm_list_get_value(list, i, &value));
    bool is_wide = value.type == IREE_VM_VALUE_TYPE_I64 || value.type == IREE_VM_VALUE_TYPE_F64;
    uint64_t bits = 0;
    memcpy(&bits, value.value_storage, is_wide ? 8 : 4);
    printf(" %" PRIx64, bits);
  }
  printf("\n");
}

static void print_failure(iree_status_t status) {
  char text[8192];
  iree_host_size_t length = 0;
  iree_status_format(status, sizeof(text), text, &length);
  for (char* c = text; *c; ++c) {
    if (*c == '\n') *c = ' ';
  }
  printf("error %s %s\n", iree_status_code_string(iree_status_code(status)), text);
  iree_status_free(status);
}

static void call(machine_t* machine, char* words) {
  char* save = NULL;
  char* name = strtok_r(words, " ", &save);
  iree_vm_function_t function;
  check(
      iree_vm_context_resolve_function(machine->context, iree_make_cstring_view(name), &function));
  iree_vm_function_signature_t signature = iree_vm_function_signature(&function);
  const char* letter = signature.calling_convention.data + 1;
  iree_vm_list_t *inputs = NULL, *outputs = NULL;
  check(iree_vm_list_create(NULL, 8, machine->allocator, &inputs));
  check(iree_vm_list_create(NULL, 8, machine->allocator, &outputs));
  for (char* word; (word = strtok_r(NULL, " ", &save)) != NULL; ++letter)
    push(inputs, *letter, word);
  iree_status_t status = iree_vm_invoke(machine->context, function, IREE_VM_INVOCATION_FLAG_NONE,
                                        NULL, inputs, outputs, machine->allocator);
  if (iree_status_is_ok(status)) {
    print_results(outputs);
  } else {
    print_failure(status);
  }
  fflush(stdout);
  iree_vm_list_release(inputs);
  iree_vm_list_release(outputs);
}

int main(int argc, char** argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: host_run MODULE < LINES\n");
    return 1;
  }
  machine_t machine;
  machine_open(&machine, argv[1]);
  char line[4096];
  while (fgets(line, sizeof(line), stdin)) {
    line[strcspn(line, "\n")] = 0;
    if (strcmp(line, "reset") == 0) machine_reset(&machine);
    if (strncmp(line, "call ", 5) == 0) call(&machine, line + 5);
  }
  machine_close(&machine);
  if (machine.memory.live_count == 0) return 0;
  fprintf(stderr, "%zu blocks leak\n", (size_t)machine.memory.live_count);
  return 3;
}
