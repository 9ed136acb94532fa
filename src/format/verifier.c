// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Two passes over the code of each function, both driven by the op table alone. The first checks
// everything but branch targets and marks where instructions start; the second checks the targets
// against the marks.

#include "format/verifier.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "format/calling_convention.h"
#include "format/op_info.h"

typedef struct tenon_verifier_t {
  const tenon_module_file_t* file;
  const char* const* operands;  // the operand string of each opcode
  const tenon_function_t* function;
  const uint16_t* code;
  uint32_t length;   // of the code
  uint32_t pc;       // of the instruction
  uint32_t next;     // of the operand
  uint32_t limit;    // where the operands must end: of the code or of the register list
  uint64_t* starts;  // a bit per unit
  // Where the registers of each type end; they start where the type before ends.
  uint32_t i32_end, i64_end, f32_end, f64_end;
  tenon_cconv_t callee;        // of the call at |pc|
  uint32_t call_storage;       // of the call at |pc| so far
  uint32_t call_storage_size;  // the maximum so far
} tenon_verifier_t;

// Says what is wrong with the instruction. One function for all, of which |line| tells which: each place is small.
static IREE_ATTRIBUTE_COLD IREE_ATTRIBUTE_NOINLINE IREE_PRINTF_ATTRIBUTE(3, 4) iree_status_t
    tenon_refuse(const tenon_verifier_t* v, uint32_t line, const char* format, ...) {
  char reason[160];
  va_list args;
  va_start(args, format);
  vsnprintf(reason, sizeof(reason), format, args);
  va_end(args);
  return iree_status_allocate_f(IREE_STATUS_INVALID_ARGUMENT, __FILE__, line,
                                "malformed bytecode in @%s at pc %u: %s",
                                tenon_module_text(v->file, v->function->name), v->pc, reason);
}
#define TENON_REFUSE(v, ...) tenon_refuse(v, __LINE__, __VA_ARGS__)

static uint32_t tenon_load_u32(const uint16_t* units) {
  return units[0] | (uint32_t)units[1] << 16;
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

static iree_status_t tenon_verify_available(tenon_verifier_t* v, uint32_t count) {
  if (v->limit - v->next >= count) return iree_ok_status();
  return TENON_REFUSE(v, "%s (%u units are missing)",
                      v->limit == v->length ? "the code ends within the instruction"
                                            : "a register list is too short",
                      count - (v->limit - v->next));
}

// |letter| is of the calling conventions: i I f F.
static iree_status_t tenon_verify_value(tenon_verifier_t* v, char letter) {
  IREE_RETURN_IF_ERROR(tenon_verify_available(v, 1));
  uint32_t reg = v->code[v->next++];
  uint32_t begin = 0, end = v->i32_end;
  if (letter == 'I') {
    begin = v->i32_end, end = v->i64_end;
  } else if (letter == 'f') {
    begin = v->i64_end, end = v->f32_end;
  } else if (letter == 'F') {
    begin = v->f32_end, end = v->f64_end;
  }
  if (reg >= begin && reg < end) return iree_ok_status();
  return TENON_REFUSE(v, "register %u is not one of type %s (these are %u to %u)", reg,
                      letter == 'i'   ? "i32"
                      : letter == 'I' ? "i64"
                      : letter == 'f' ? "f32"
                                      : "f64",
                      begin, end ? end - 1 : 0);
}

static iree_status_t tenon_verify_ref(tenon_verifier_t* v, bool may_move) {
  IREE_RETURN_IF_ERROR(tenon_verify_available(v, 1));
  uint32_t reg = v->code[v->next++];
  if (may_move) reg &= ~TENON_REG_MOVE;
  if (reg < v->function->ref_count) return iree_ok_status();
  return TENON_REFUSE(v, "ref register %u does not exist (there are %u)", reg,
                      v->function->ref_count);
}

static iree_status_t tenon_verify_index(tenon_verifier_t* v, uint32_t count, const char* what) {
  IREE_RETURN_IF_ERROR(tenon_verify_available(v, 2));
  uint32_t index = tenon_load_u32(v->code + v->next);
  v->next += 2;
  if (index < count) return iree_ok_status();
  return TENON_REFUSE(v, "%s %u does not exist (there are %u)", what, index, count);
}

static iree_status_t tenon_verify_type(tenon_verifier_t* v) {
  IREE_RETURN_IF_ERROR(tenon_verify_available(v, 2));
  uint32_t type = tenon_load_u32(v->code + v->next);
  if (type & TENON_TYPE_REF_BIT) {
    // The index is what the bit leaves.
    if ((type ^ TENON_TYPE_REF_BIT) >= v->file->type_count) {
      return TENON_REFUSE(v, "reference type %u does not exist (there are %u)",
                          type ^ TENON_TYPE_REF_BIT, v->file->type_count);
    }
  } else if (type != TENON_TYPE_ANY_REF &&
             type > (v->code[v->pc] == TENON_OP_LIST_ALLOC ? TENON_TYPE_F64 : TENON_TYPE_ANY)) {
    return TENON_REFUSE(v, "type %u does not exist or is none of a reference", type);
  }
  v->next += 2;
  return iree_ok_status();
}

static iree_status_t tenon_verify_predicate(tenon_verifier_t* v) {
  IREE_RETURN_IF_ERROR(tenon_verify_available(v, 1));
  uint32_t predicate = v->code[v->next++];
  if (predicate <= TENON_FCMP_TRUE) return iree_ok_status();
  return TENON_REFUSE(v, "predicate %u does not exist", predicate);
}

static iree_status_t tenon_verify_callee(tenon_verifier_t* v, bool is_import) {
  const tenon_module_file_t* file = v->file;
  uint32_t count = is_import ? file->import_count : file->function_count;
  IREE_RETURN_IF_ERROR(tenon_verify_index(v, count, is_import ? "import" : "function"));
  uint32_t index = tenon_load_u32(v->code + v->next - 2);
  uint32_t cconv = is_import ? file->imports[index].calling_convention
                             : file->functions[index].calling_convention;
  v->call_storage = 0;
  // Cannot fail: the reader parsed it.
  tenon_cconv_parse(tenon_module_text(file, cconv), file->strings[cconv].length, is_import,
                    &v->callee);
  return iree_ok_status();
}

//===----------------------------------------------------------------------===//
// Register lists
//===----------------------------------------------------------------------===//

// A register that holds a value of |letter|.
static iree_status_t tenon_verify_list_item(tenon_verifier_t* v, char letter, bool may_move,
                                            uint32_t* storage) {
  *storage += tenon_cconv_value_size(letter);
  return letter == 'r' ? tenon_verify_ref(v, may_move) : tenon_verify_value(v, letter);
}

// The count and tuples of a span whose letters follow |letters|; gives the number of letters up to
// the D.
static iree_status_t tenon_verify_span(tenon_verifier_t* v, const char* letters,
                                       uint32_t* out_width, uint32_t* storage) {
  uint32_t width = 0;
  while (letters[width] != 'D') ++width;
  *out_width = width;
  IREE_RETURN_IF_ERROR(tenon_verify_available(v, 1));
  uint32_t tuple_count = v->code[v->next++];
  *storage += 4;
  for (uint32_t i = 0; i < tuple_count; ++i) {
    for (uint32_t j = 0; j < width; ++j) {
      IREE_RETURN_IF_ERROR(tenon_verify_list_item(v, letters[j], true, storage));
    }
  }
  return iree_ok_status();
}

// A count of units, then the registers that |letters| ask for. Each item takes units of the code,
// so that its length bounds the time and |storage|.
static iree_status_t tenon_verify_list(tenon_verifier_t* v, const char* letters, uint32_t length,
                                       bool may_move) {
  IREE_RETURN_IF_ERROR(tenon_verify_available(v, 1));
  uint32_t unit_count = v->code[v->next++];
  IREE_RETURN_IF_ERROR(tenon_verify_available(v, unit_count));
  uint32_t storage = 0;
  v->limit = v->next + unit_count;
  for (uint32_t i = 0; i < length; ++i) {
    if (letters[i] == 'C') {
      uint32_t width = 0;
      IREE_RETURN_IF_ERROR(tenon_verify_span(v, letters + i + 1, &width, &storage));
      i += width + 1;
    } else {
      IREE_RETURN_IF_ERROR(tenon_verify_list_item(v, letters[i], may_move, &storage));
    }
  }
  if (v->next != v->limit) {
    return TENON_REFUSE(v, "a register list has %u units and its calling convention asks for %u",
                        unit_count, unit_count - (v->limit - v->next));
  }
  v->limit = v->length;
  v->call_storage += tenon_cconv_round_storage(storage);
  return iree_ok_status();
}

static iree_status_t tenon_verify_returned(tenon_verifier_t* v) {
  uint32_t string = v->function->calling_convention;
  tenon_cconv_t cconv;
  tenon_cconv_parse(tenon_module_text(v->file, string), v->file->strings[string].length, false,
                    &cconv);
  return tenon_verify_list(v, cconv.results, cconv.result_length, false);
}

//===----------------------------------------------------------------------===//
// Instructions
//===----------------------------------------------------------------------===//

static iree_status_t tenon_verify_operand(tenon_verifier_t* v, char letter) {
  // Two letters for each class of values.
  static const char value_letters[] = "iIlLfFdD", classes[] = "iIfF";
  const char* value_letter = strchr(value_letters, letter);
  if (value_letter) return tenon_verify_value(v, classes[(value_letter - value_letters) / 2]);
  uint32_t immediate_units = 0;
  switch (letter) {
    case 'r':
      return tenon_verify_ref(v, true);
    case 'R':
      return tenon_verify_ref(v, false);
    case 'p':
      return tenon_verify_predicate(v);
    case 'k':
      return tenon_verify_index(v, v->file->rodata_count, "rodata segment");
    case 's':
      return tenon_verify_index(v, v->file->string_count, "string");
    case 'g':
      return tenon_verify_index(v, v->file->header->ref_global_count, "ref global");
    case 'u':
      return tenon_verify_index(v, v->file->header->value_global_count, "value global");
    case 't':
      return tenon_verify_type(v);
    case 'c':
      return tenon_verify_callee(v, false);
    case 'm':
      return tenon_verify_callee(v, true);
    case 'a':
      return tenon_verify_list(v, v->callee.arguments, v->callee.argument_length, true);
    case 'o':
      return tenon_verify_list(v, v->callee.results, v->callee.result_length, false);
    case 'z':
      return tenon_verify_returned(v);
    case 'b':
      return tenon_verify_index(v, v->length, "branch target");
    case '8':
      immediate_units = 4;
      break;
    default:  // '4'
      immediate_units = 2;
      break;
  }
  IREE_RETURN_IF_ERROR(tenon_verify_available(v, immediate_units));
  v->next += immediate_units;
  return iree_ok_status();
}

static iree_status_t tenon_verify_instruction(tenon_verifier_t* v) {
  uint32_t op = v->code[v->pc];
  if (op >= TENON_OP_COUNT) return TENON_REFUSE(v, "opcode %u does not exist", op);
  v->next = v->pc + 1;
  for (const char* letters = v->operands[op]; *letters; ++letters) {
    IREE_RETURN_IF_ERROR(tenon_verify_operand(v, *letters));
  }
  if (op == TENON_OP_CALL_IMPORT && v->call_storage > v->call_storage_size) {
    v->call_storage_size = v->call_storage;
  }
  if (op == TENON_OP_FAIL) {
    uint32_t code = tenon_load_u32(v->code + v->pc + 1);
    if (code == IREE_STATUS_OK || code >= IREE_STATUS_DEFERRED) {
      return TENON_REFUSE(v, "fail has the status code %u; expected 1 to %u", code,
                          IREE_STATUS_DEFERRED - 1);
    }
  }
  return iree_ok_status();
}

static iree_status_t tenon_verify_instructions(tenon_verifier_t* v) {
  memset(v->starts, 0, (v->length / 64 + 1) * sizeof(*v->starts));
  uint32_t last_op = TENON_OP_COUNT;
  for (v->pc = 0; v->pc < v->length; v->pc = v->next) {
    IREE_RETURN_IF_ERROR(tenon_verify_instruction(v));
    v->starts[v->pc / 64] |= 1ull << (v->pc % 64);
    last_op = v->code[v->pc];
  }
  if (last_op != TENON_OP_BR && last_op != TENON_OP_RETURN && last_op != TENON_OP_FAIL) {
    return TENON_REFUSE(
        v, "the code runs off its end (%s)",
        v->length ? "its last instruction is no br, return or fail" : "there is none");
  }
  if (v->call_storage_size != v->function->call_storage_size) {
    return TENON_REFUSE(v, "the calls need %u bytes of storage and the function declares %u",
                        v->call_storage_size, v->function->call_storage_size);
  }
  return iree_ok_status();
}

static bool tenon_is_start(const tenon_verifier_t* v, uint32_t pc) {
  return pc < v->length && (v->starts[pc / 64] >> (pc % 64) & 1);
}

// Relies on 'b' following only operands of one unit, as it does in all ops.
static iree_status_t tenon_verify_targets(tenon_verifier_t* v) {
  for (v->pc = 0; v->pc < v->length; ++v->pc) {
    if (!tenon_is_start(v, v->pc)) continue;
    const char* letters = v->operands[v->code[v->pc]];
    const char* branch = strchr(letters, 'b');
    if (!branch) continue;
    uint32_t target = tenon_load_u32(v->code + v->pc + 1 + (branch - letters));
    if (!tenon_is_start(v, target)) {
      return TENON_REFUSE(v, "the branch target %u is not the start of an instruction", target);
    }
  }
  return iree_ok_status();
}

static iree_status_t tenon_verify_locations(tenon_verifier_t* v) {
  const tenon_location_t* locations = v->file->locations + v->function->location_begin;
  for (uint32_t i = 0; i < v->function->location_count; ++i) {
    v->pc = locations[i].pc;
    if (!tenon_is_start(v, v->pc) || (i && v->pc <= locations[i - 1].pc)) {
      return TENON_REFUSE(v, "location %u is out of order or not the start of an instruction", i);
    }
  }
  return iree_ok_status();
}

static iree_status_t tenon_verify_function(const tenon_module_file_t* file,
                                           const char* const operands[TENON_OP_COUNT],
                                           const tenon_function_t* function, uint64_t* starts) {
  tenon_verifier_t v = {
      .file = file,
      .operands = operands,
      .function = function,
      .code = file->bytecode + function->bytecode_begin,
      .length = function->bytecode_length,
      .limit = function->bytecode_length,
      .starts = starts,
      .i32_end = function->i32_count,
  };
  v.i64_end = v.i32_end + function->i64_count;
  v.f32_end = v.i64_end + function->f32_count;
  v.f64_end = v.f32_end + function->f64_count;
  IREE_RETURN_IF_ERROR(tenon_verify_instructions(&v));
  IREE_RETURN_IF_ERROR(tenon_verify_targets(&v));
  return tenon_verify_locations(&v);
}

iree_status_t tenon_module_file_verify(const tenon_module_file_t* file,
                                       iree_allocator_t allocator) {
  uint32_t longest = 0;
  for (uint32_t i = 0; i < file->function_count; ++i) {
    if (file->functions[i].bytecode_length > longest) longest = file->functions[i].bytecode_length;
  }
  const char* operands[TENON_OP_COUNT];
  const char* text = tenon_op_texts;
  for (uint32_t op = 0; op < TENON_OP_COUNT; ++op) {
    operands[op] = text += strlen(text) + 1;
    text += strlen(text) + 1;
  }
  uint64_t* starts = NULL;
  IREE_RETURN_IF_ERROR(iree_allocator_malloc_uninitialized(
      allocator, ((iree_host_size_t)longest / 64 + 1) * sizeof(*starts), (void**)&starts));
  iree_status_t status = iree_ok_status();
  for (uint32_t i = 0; i < file->function_count && iree_status_is_ok(status); ++i) {
    status = tenon_verify_function(file, operands, &file->functions[i], starts);
  }
  iree_allocator_free(allocator, starts);
  return status;
}
