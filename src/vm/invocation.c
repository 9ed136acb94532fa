// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "iree/vm/invocation.h"

#include <sched.h>
#include <string.h>

#include "format/calling_convention.h"
#include "iree/hal/fence.h"
#include "vm/list_internal.h"
#include "vm/nesting.h"
#include "vm/stack_internal.h"
#include "vm/text.h"

#define TENON_INLINE static inline IREE_ATTRIBUTE_ALWAYS_INLINE

// Bytes of arguments and results that iree_vm_invoke() keeps on the C stack.
#define TENON_INVOKE_STORAGE_SIZE 512

//===--------------------------------------------------------------------------------------------===//
// Between lists and storage
//===--------------------------------------------------------------------------------------------===//

static iree_vm_value_type_t tenon_letter_value_type(char letter) {
  switch (letter) {
    case 'i':
      return IREE_VM_VALUE_TYPE_I32;
    case 'I':
      return IREE_VM_VALUE_TYPE_I64;
    case 'f':
      return IREE_VM_VALUE_TYPE_F32;
    default:
      return IREE_VM_VALUE_TYPE_F64;
  }
}

// "module.function with signature 0r_r: declaration", for messages.
static void tenon_text_function(const iree_vm_function_t* function, tenon_text_t* out_text) {
  tenon_text_t signature;
  out_text->size = 0;
  tenon_vm_text_append(out_text, iree_vm_module_name(function->module));
  tenon_vm_text_append(out_text, iree_make_cstring_view("."));
  tenon_vm_text_append(out_text, iree_vm_function_name(function));
  tenon_vm_text_append(out_text, iree_make_cstring_view(" with signature "));
  tenon_text_signature(function, &signature);
  tenon_vm_text_append(out_text, iree_make_string_view(signature.data, (size_t)signature.size));
}

static iree_status_t tenon_annotate_value(const iree_vm_function_t* function, const char* role,
                                          iree_host_size_t index, iree_status_t status) {
  tenon_text_t text;
  tenon_text_function(function, &text);
  return iree_status_annotate_f(status, "%s %zu of %.*s", role, index, text.size, text.data);
}

// Copies list element |i| to |target|, whose bytes may be anything.
TENON_INLINE iree_status_t tenon_pack_value(const iree_vm_list_t* list, iree_host_size_t i,
                                            char letter, uint8_t* target) {
  if (letter == 'r') {
    const iree_vm_ref_t* peeked = tenon_list_peek_variant_ref(list, i);
    if (IREE_LIKELY(peeked != NULL)) {
      memcpy(target, peeked, sizeof(*peeked));
      iree_vm_ref_retain_inplace(peeked);
      return iree_ok_status();
    }
    iree_vm_ref_t ref = iree_vm_ref_null();
    IREE_RETURN_IF_ERROR(iree_vm_list_get_ref_retain(list, i, &ref));
    memcpy(target, &ref, sizeof(ref));
    return iree_ok_status();
  }
  iree_vm_value_t value;
  IREE_RETURN_IF_ERROR(iree_vm_list_get_value_as(list, i, tenon_letter_value_type(letter), &value));
  memcpy(target, value.value_storage, tenon_cconv_value_size(letter));
  return iree_ok_status();
}

// Says that list element |i| doesn't fit where |letter| is expected. To the caller that is a wrong
// argument.
static IREE_ATTRIBUTE_COLD iree_status_t tenon_make_kind_error(const iree_vm_list_t* list,
                                                               iree_host_size_t i, char letter) {
  static const char names[IREE_VM_VALUE_TYPE_COUNT][8] = {"nothing", "an i8",  "an i16", "an i32",
                                                          "an i64",  "an f32", "an f64"};
  iree_vm_variant_t variant;
  IREE_RETURN_IF_ERROR(iree_vm_list_get_variant(list, i, &variant));
  const char* actual =
      iree_vm_variant_is_ref(variant) ? "a reference" : names[variant.type.value_type];
  return iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "expected %s but it is %s",
                          letter == 'r' ? "a reference" : names[tenon_letter_value_type(letter)],
                          actual);
}

// Argument |i|, for |target|, could not be packed, with |status|. Makes the rest of the storage null.
static IREE_ATTRIBUTE_COLD IREE_ATTRIBUTE_NOINLINE iree_status_t
tenon_pack_failed(const iree_vm_invoke_state_t* state, const iree_vm_list_t* inputs,
                  iree_host_size_t i, uint8_t* target, iree_status_t status) {
  const uint8_t* end = state->arguments.data + state->arguments.data_length;
  memset(target, 0, (size_t)(end - target));
  if (iree_status_is_failed_precondition(status)) {
    iree_status_ignore(status);
    status = tenon_make_kind_error(inputs, i, state->cconv_arguments.data[i]);
  }
  const iree_vm_function_t function = state->function;
  return tenon_annotate_value(&function, "argument", i, status);
}

// Fills the argument storage. If this fails all of it is defined, and owns what was packed so far.
TENON_INLINE iree_status_t tenon_pack_arguments(const iree_vm_invoke_state_t* state,
                                                const iree_vm_list_t* inputs) {
  uint8_t* target = state->arguments.data;
  for (iree_host_size_t i = 0; i < state->cconv_arguments.size; ++i) {
    const char letter = state->cconv_arguments.data[i];
    iree_status_t status = tenon_pack_value(inputs, i, letter, target);
    if (IREE_UNLIKELY(!iree_status_is_ok(status))) {
      return tenon_pack_failed(state, inputs, i, target, status);
    }
    target += tenon_cconv_value_size(letter);
  }
  return iree_ok_status();
}

// Appends the value at |source|, which is moved, to the list.
TENON_INLINE iree_status_t tenon_unpack_value(uint8_t* source, char letter, iree_vm_list_t* list) {
  if (letter == 'r') {
    iree_vm_ref_t ref;
    memcpy(&ref, source, sizeof(ref));
    // On failure the storage keeps it.
    if (IREE_UNLIKELY(!tenon_list_try_append_ref(list, ref))) {
      iree_vm_ref_t moved = ref;
      IREE_RETURN_IF_ERROR(iree_vm_list_push_ref_move(list, &moved));
    }
    memset(source, 0, sizeof(ref));
    return iree_ok_status();
  }
  iree_vm_value_t value;
  value.type = tenon_letter_value_type(letter);
  memcpy(value.value_storage, source, tenon_cconv_value_size(letter));
  return iree_vm_list_push_value(list, &value);
}

TENON_INLINE iree_status_t tenon_unpack_results(const iree_vm_invoke_state_t* state,
                                                iree_vm_list_t* outputs) {
  const iree_host_size_t count = state->cconv_results.size;
  if (!outputs) return iree_ok_status();
  // It was emptied before the call, but others may have the list, too.
  if (IREE_UNLIKELY(outputs->count)) iree_vm_list_clear(outputs);
  uint8_t* source = state->results.data;
  for (iree_host_size_t i = 0; i < count; ++i) {
    const char letter = state->cconv_results.data[i];
    iree_status_t status = tenon_unpack_value(source, letter, outputs);
    if (IREE_UNLIKELY(!iree_status_is_ok(status))) {
      iree_vm_list_clear(outputs);
      const iree_vm_function_t function = state->function;
      return tenon_annotate_value(&function, "result", i, status);
    }
    source += tenon_cconv_value_size(letter);
  }
  return iree_ok_status();
}

//===--------------------------------------------------------------------------------------------===//
// The parts of an invocation
//===--------------------------------------------------------------------------------------------===//

static IREE_ATTRIBUTE_COLD iree_status_t tenon_make_count_error(const iree_vm_function_t* function,
                                                                iree_host_size_t expected,
                                                                iree_host_size_t provided) {
  tenon_text_t text;
  tenon_text_function(function, &text);
  return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                          "expected %zu argument%s but %zu %s provided for %.*s", expected,
                          expected == 1 ? "" : "s", provided, provided == 1 ? "was" : "were",
                          text.size, text.data);
}

// Takes the letters up to |end| at the head of |text|, where `v` stands for none, and sums their
// sizes. False if something else than the letters of values is there.
TENON_INLINE bool tenon_take_letters(const char** inout_text, const char* end,
                                     iree_string_view_t* out_letters, iree_host_size_t* out_size) {
  const char* text = *inout_text;
  *out_letters = iree_make_string_view(text, 0);
  *out_size = 0;
  if (text != end && *text == 'v') {
    *inout_text = text + 1;
    return true;
  }
  for (; text != end; ++text) {
    const iree_host_size_t size = tenon_cconv_value_size(*text);
    if (!size) break;
    *out_size += size;
  }
  out_letters->size = (iree_host_size_t)(text - *inout_text);
  *inout_text = text;
  return out_letters->size != 0;
}

// Splits a calling convention. This is iree_vm_function_call_get_cconv_fragments() for what
// invocations can pass, in one go.
TENON_INLINE bool tenon_split_convention(iree_string_view_t convention,
                                         iree_vm_invoke_state_t* state) {
  const char* text = convention.data;
  const char* end = text + convention.size;
  if (IREE_UNLIKELY(text == end || *text++ != '0')) return false;
  if (IREE_UNLIKELY(!tenon_take_letters(&text, end, &state->cconv_arguments,
                                        &state->arguments.data_length)) ||
      IREE_UNLIKELY(text == end || *text++ != '_')) {
    return false;
  }
  return tenon_take_letters(&text, end, &state->cconv_results, &state->results.data_length) &&
         text == end;
}

static IREE_ATTRIBUTE_COLD iree_status_t tenon_make_convention_error(iree_vm_function_t function) {
  tenon_text_t text;
  tenon_text_function(&function, &text);
  return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                          "this function can't be invoked from outside: its calling convention is "
                          "not known, malformed, or has lists of values in it: %.*s",
                          text.size, text.data);
}

// Looks up how |function| is called, and checks that |inputs| may fit. The spans of *state get
// their sizes only.
//
// This and the functions below are inlined into iree_vm_invoke(), so that the state dissolves into
// registers: storing it piecemeal and reading it back in wider pieces costs more than all the
// instructions do.
TENON_INLINE iree_status_t tenon_invoke_prepare(iree_vm_invoke_state_t* state,
                                                iree_vm_context_t* context,
                                                iree_vm_function_t function,
                                                const iree_vm_list_t* inputs,
                                                iree_allocator_t host_allocator) {
  if (IREE_UNLIKELY(!function.module)) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "the function to invoke is null");
  }
  state->context = context;
  state->host_allocator = host_allocator;
  state->function = function;
  state->stack = NULL;
  state->status = iree_ok_status();
  state->arguments = state->results = iree_byte_span_empty();
  const iree_vm_function_signature_t signature = iree_vm_function_signature(&function);
  if (IREE_UNLIKELY(!tenon_split_convention(signature.calling_convention, state))) {
    return tenon_make_convention_error(function);
  }
  const iree_host_size_t provided = inputs ? iree_vm_list_size(inputs) : 0;
  if (IREE_UNLIKELY(provided != state->cconv_arguments.size)) {
    return tenon_make_count_error(&function, state->cconv_arguments.size, provided);
  }
  return iree_ok_status();
}

// Lays both storages out in |storage| and makes the references among the results null.
TENON_INLINE void tenon_invoke_set_storage(iree_vm_invoke_state_t* state, uint8_t* storage) {
  state->arguments.data = storage;
  state->results.data = storage + state->arguments.data_length;
  uint8_t* result = state->results.data;
  for (iree_host_size_t i = 0; i < state->cconv_results.size; ++i) {
    const char letter = state->cconv_results.data[i];
    if (letter == 'r') memset(result, 0, sizeof(iree_vm_ref_t));
    result += tenon_cconv_value_size(letter);
  }
}

TENON_INLINE void tenon_invoke_release_storage(const iree_vm_invoke_state_t* state) {
  iree_vm_function_release_storage(state->cconv_arguments, state->arguments);
  iree_vm_function_release_storage(state->cconv_results, state->results);
}

TENON_INLINE iree_status_t tenon_invoke_call(const iree_vm_invoke_state_t* state,
                                             iree_vm_stack_t* stack) {
  const iree_vm_function_call_t call = {state->function, state->arguments, state->results};
  iree_vm_module_t* module = call.function.module;
  TENON_VM_NEST_OR_RETURN();
  iree_status_t status = module->begin_call(module->self, stack, call);
  tenon_vm_unnest();
  return tenon_stack_check_begun(stack, status);
}

//===--------------------------------------------------------------------------------------------===//
// Fences that failed calls owe
//===--------------------------------------------------------------------------------------------===//

static bool tenon_is_fence(const iree_vm_ref_t* ref) {
  return iree_string_view_equal(iree_vm_ref_type_name(ref->type), IREE_SV("hal.fence"));
}

// Fails |signal|, the last argument of a call of |function| that has failed with |status|, if it is a fence that the
// function would have signaled: nobody else will.
static IREE_ATTRIBUTE_COLD void tenon_invoke_fail_signal(iree_vm_function_t function,
                                                         const iree_vm_ref_t* signal,
                                                         iree_status_t status) {
  if (!tenon_is_fence(signal)) return;
  const iree_string_view_t model =
      iree_vm_function_lookup_attr_by_name(&function, IREE_SV("iree.abi.model"));
  if (!iree_string_view_equal(model, IREE_SV("coarse-fences"))) return;
  iree_hal_fence_fail(signal->ptr, iree_status_clone(status));
}

// The same for the last of |inputs|, whatever that is.
static IREE_ATTRIBUTE_COLD IREE_ATTRIBUTE_NOINLINE void tenon_invoke_fail_last(
    iree_vm_function_t function, const iree_vm_list_t* inputs, iree_status_t status) {
  const iree_host_size_t count = inputs ? iree_vm_list_size(inputs) : 0;
  iree_vm_ref_t last = iree_vm_ref_null();
  // A number is no reference: then there is nothing to fail.
  if (count) iree_status_ignore(iree_vm_list_get_ref_retain(inputs, count - 1, &last));
  tenon_invoke_fail_signal(function, &last, status);
  iree_vm_ref_release(&last);
}

//===--------------------------------------------------------------------------------------------===//
// At once
//===--------------------------------------------------------------------------------------------===//

static IREE_ATTRIBUTE_NOINLINE iree_status_t tenon_invoke_wait(iree_vm_stack_t* stack,
                                                               iree_status_t status) {
  while (iree_status_is_deferred(status)) {
    iree_status_ignore(status);
    if (tenon_stack_has_wait(stack)) {
      tenon_stack_wait(stack);
    } else {
      sched_yield();
    }
    status = iree_vm_stack_resume(stack);
  }
  return status;
}

// Calls with everything in place until the function is done.
TENON_INLINE iree_status_t tenon_invoke_run(const iree_vm_invoke_state_t* prepared,
                                            iree_vm_invocation_flags_t flags) {
  iree_alignas(16) uint8_t stack_storage[IREE_VM_STACK_DEFAULT_SIZE];
  iree_vm_stack_t* stack = (iree_vm_stack_t*)(void*)stack_storage;
  tenon_stack_setup(stack, sizeof(stack_storage), tenon_invocation_flags(prepared->context, flags),
                    iree_vm_context_state_resolver(prepared->context), prepared->host_allocator);
  iree_status_t status = tenon_invoke_call(prepared, stack);
  if (IREE_UNLIKELY(iree_status_is_deferred(status))) status = tenon_invoke_wait(stack, status);
  if (IREE_UNLIKELY(!tenon_stack_is_clean(stack))) iree_vm_stack_deinitialize(stack);
  return status;
}

TENON_INLINE iree_status_t tenon_invoke_in_storage(iree_vm_invoke_state_t* state, uint8_t* storage,
                                                   iree_vm_invocation_flags_t flags,
                                                   const iree_vm_list_t* inputs,
                                                   iree_vm_list_t* outputs) {
  tenon_invoke_set_storage(state, storage);
  iree_status_t status = tenon_pack_arguments(state, inputs);
  if (outputs) iree_vm_list_clear(outputs);
  if (IREE_LIKELY(iree_status_is_ok(status))) {
    status = tenon_invoke_run(state, flags);
    if (IREE_LIKELY(iree_status_is_ok(status))) status = tenon_unpack_results(state, outputs);
    if (IREE_UNLIKELY(!iree_status_is_ok(status))) {
      tenon_invoke_fail_last(state->function, inputs, status);
    }
  }
  if (IREE_UNLIKELY(!iree_status_is_ok(status))) tenon_invoke_release_storage(state);
  return status;
}

IREE_API_EXPORT iree_status_t iree_vm_invoke(iree_vm_context_t* context,
                                             iree_vm_function_t function,
                                             iree_vm_invocation_flags_t flags,
                                             const iree_vm_invocation_policy_t* policy,
                                             const iree_vm_list_t* inputs, iree_vm_list_t* outputs,
                                             iree_allocator_t host_allocator) {
  iree_vm_invoke_state_t state;
  iree_status_t status = tenon_invoke_prepare(&state, context, function, inputs, host_allocator);
  if (IREE_LIKELY(iree_status_is_ok(status)) && !outputs && state.cconv_results.size) {
    status = iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                              "the function has %zu results but there is no list to put them into",
                              state.cconv_results.size);
  }
  if (IREE_UNLIKELY(!iree_status_is_ok(status))) {
    if (outputs) iree_vm_list_clear(outputs);
    return status;
  }
  uint8_t inline_storage[TENON_INVOKE_STORAGE_SIZE];
  uint8_t* storage = inline_storage;
  const iree_host_size_t size = state.arguments.data_length + state.results.data_length;
  if (IREE_UNLIKELY(size > sizeof(inline_storage))) {
    IREE_RETURN_IF_ERROR(
        iree_allocator_malloc_uninitialized(host_allocator, size, (void**)&storage));
  }
  status = tenon_invoke_in_storage(&state, storage, flags, inputs, outputs);
  if (IREE_UNLIKELY(storage != inline_storage)) iree_allocator_free(host_allocator, storage);
  return status;
}

//===--------------------------------------------------------------------------------------------===//
// In steps
//===--------------------------------------------------------------------------------------------===//

// Ends whatever there is in *state and zeroes it; frames go first, since they may use the storages.
static void tenon_invoke_discard(iree_vm_invoke_state_t* state) {
  iree_vm_stack_free(state->stack);
  tenon_invoke_release_storage(state);
  iree_allocator_free(state->host_allocator, state->arguments.data);
  iree_vm_ref_release(&state->signal);
  iree_vm_context_release(state->context);
  memset(state, 0, sizeof(*state));
}

// Records how a call or its resumption has ended.
static iree_status_t tenon_invoke_record(iree_vm_invoke_state_t* state, iree_status_t status) {
  if (iree_status_is_deferred(status)) {
    iree_status_ignore(status);
    state->status = iree_status_from_code(IREE_STATUS_DEFERRED);
    return iree_status_from_code(IREE_STATUS_DEFERRED);
  }
  state->status = status;
  if (!iree_status_is_ok(status)) {
    tenon_invoke_fail_signal(state->function, &state->signal, status);
  }
  // What a function that has completed promised to signal is no longer this call's business.
  iree_vm_ref_release(&state->signal);
  return iree_ok_status();
}

// Keeps the last argument if it is a fence, in case that the call fails.
static void tenon_invoke_keep_signal(iree_vm_invoke_state_t* state) {
  const iree_host_size_t count = state->cconv_arguments.size;
  if (!count || state->cconv_arguments.data[count - 1] != 'r') return;
  iree_vm_ref_t last;
  memcpy(&last, state->arguments.data + state->arguments.data_length - sizeof(last), sizeof(last));
  if (tenon_is_fence(&last)) iree_vm_ref_retain(&last, &state->signal);
}

// Storage, stack and arguments of a prepared state.
static iree_status_t tenon_invoke_allocate(iree_vm_invoke_state_t* state,
                                           iree_vm_invocation_flags_t flags,
                                           const iree_vm_list_t* inputs) {
  const iree_host_size_t size = state->arguments.data_length + state->results.data_length;
  uint8_t* storage = NULL;
  iree_status_t status =
      iree_allocator_malloc_uninitialized(state->host_allocator, size ? size : 1, (void**)&storage);
  if (!iree_status_is_ok(status)) {
    state->arguments = state->results = iree_byte_span_empty();
    return status;
  }
  tenon_invoke_set_storage(state, storage);
  IREE_RETURN_IF_ERROR(tenon_pack_arguments(state, inputs));
  tenon_invoke_keep_signal(state);
  return iree_vm_stack_allocate(tenon_invocation_flags(state->context, flags),
                                iree_vm_context_state_resolver(state->context),
                                state->host_allocator, &state->stack);
}

IREE_API_EXPORT iree_status_t iree_vm_begin_invoke(
    iree_vm_invoke_state_t* state, iree_vm_context_t* context, iree_vm_function_t function,
    iree_vm_invocation_flags_t flags, const iree_vm_invocation_policy_t* policy,
    const iree_vm_list_t* inputs, iree_allocator_t host_allocator) {
  iree_status_t status = tenon_invoke_prepare(state, context, function, inputs, host_allocator);
  if (!iree_status_is_ok(status)) {
    memset(state, 0, sizeof(*state));
    return status;
  }
  state->signal = iree_vm_ref_null();
  iree_vm_context_retain(context);
  status = tenon_invoke_allocate(state, flags, inputs);
  if (!iree_status_is_ok(status)) {
    tenon_invoke_discard(state);
    return status;
  }
  return tenon_invoke_record(state, tenon_invoke_call(state, state->stack));
}

static IREE_ATTRIBUTE_COLD iree_status_t tenon_make_no_invocation_error(void) {
  return iree_make_status(IREE_STATUS_FAILED_PRECONDITION, "there is no invocation in this state");
}

IREE_API_EXPORT iree_status_t iree_vm_resume_invoke(iree_vm_invoke_state_t* state) {
  if (!state->stack) return tenon_make_no_invocation_error();
  if (!iree_status_is_deferred(state->status)) return iree_ok_status();
  return tenon_invoke_record(state, iree_vm_stack_resume(state->stack));
}

IREE_API_EXPORT iree_wait_source_t
tenon_vm_invoke_wait_source(const iree_vm_invoke_state_t* state) {
  const iree_vm_stack_t* stack = state->stack;
  return stack && tenon_stack_has_wait(stack) ? stack->wait.source : iree_wait_source_immediate();
}

IREE_API_EXPORT iree_status_t iree_vm_end_invoke(iree_vm_invoke_state_t* state,
                                                 iree_vm_list_t* outputs,
                                                 iree_status_t* out_status) {
  *out_status = iree_ok_status();
  if (!state->stack) return tenon_make_no_invocation_error();
  if (iree_status_is_deferred(state->status)) {
    return iree_make_status(IREE_STATUS_FAILED_PRECONDITION,
                            "the invocation is suspended; resume it to its end, or abort it");
  }
  if (outputs) iree_vm_list_clear(outputs);
  iree_status_t status = iree_ok_status();
  if (!iree_status_is_ok(state->status)) {
    *out_status = state->status;
  } else if (!outputs && state->cconv_results.size) {
    status = iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                              "the function has %zu results but there is no list to put them into",
                              state->cconv_results.size);
  } else {
    status = tenon_unpack_results(state, outputs);
  }
  tenon_invoke_discard(state);
  return status;
}

IREE_API_EXPORT void iree_vm_abort_invoke(iree_vm_invoke_state_t* state) {
  if (!state->stack) return;
  if (state->signal.ptr) {
    iree_status_t status = iree_make_status(IREE_STATUS_CANCELLED, "the invocation was aborted");
    tenon_invoke_fail_signal(state->function, &state->signal, status);
    iree_status_ignore(status);
  }
  iree_status_ignore(state->status);
  tenon_invoke_discard(state);
}
