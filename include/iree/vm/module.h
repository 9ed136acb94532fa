// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Modules and functions: the interface through which everything callable is called, whether written
// in C (native_module.h makes this easier), in C++ (native_module_cc.h) or compiled to a module
// file (bytecode_module.h).
//
// A module is immutable and may be used in any number of contexts at once; what changes lives in a
// *module state*, of which every context has its own.
//
// Ownership: modules are counted; contexts retain theirs. An iree_vm_function_t borrows its module.
// Thread-safety: reference counting and all queries, from any thread. Calls: see context.h.
//
// ## Calling convention strings
// `0` ARGUMENTS `_` RESULTS, one letter for each value:
//   i  integer of 32 bits or fewer     4 bytes      f  float     4 bytes
//   I  integer of 64 bits              8 bytes      F  double    8 bytes
//   r  reference (iree_vm_ref_t)      16 bytes      v  nothing, standing alone: `0v_v`
//   C...D  an i32 count (4 bytes) and then that many times what stands between C and D
// The empty string means "not known". An import of which that is so (those of native modules) agrees
// with every export; an export of which that is so can't be invoked, nor imported by a compiled
// program, which could pass it integers for references.
//
// ## Argument and result storage
// Values lie in that order *without padding*, in the machine's byte order, so references may be
// unaligned: memcpy.
//
// The caller owns both storages and keeps them at their place until the call has completed, failed
// or been aborted, also while it is suspended. It zeroes the references in the result storage
// beforehand (other bytes may be anything).
//
// References in argument storage pass to the callee: it moves them out or releases them, and leaves
// each one null. When the call *fails* or is aborted the callee may leave some behind, in either
// storage, and the caller releases all that is not null there (iree_vm_function_release_storage()
// does that). On success none is left in the arguments.
//
// ## Errors
// Whoever runs a function adds `MODULE.FUNCTION` to the failures that leave it (native modules do
// so; a module that implements this interface itself should, too). begin_call and resume_call leave
// no frame of theirs on the stack when they return anything but DEFERRED.
//
// ## Suspension
// stack.h says how a call suspends itself by returning IREE_STATUS_DEFERRED and how it is resumed.
// A caller of begin_call that cannot be suspended itself must not call functions that may be.
#ifndef IREE_VM_MODULE_H_
#define IREE_VM_MODULE_H_

#include "iree/base/api.h"
#include "iree/base/internal/atomics.h"
#include "iree/base/string_builder.h"
#include "iree/vm/ref.h"

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

typedef struct iree_vm_module_t iree_vm_module_t;
typedef struct iree_vm_stack_t iree_vm_stack_t;
typedef struct iree_vm_stack_frame_t iree_vm_stack_frame_t;
// Whatever a module wants to keep per context; opaque to everybody else.
typedef struct iree_vm_module_state_t iree_vm_module_state_t;

typedef enum iree_vm_function_linkage_e {
  IREE_VM_FUNCTION_LINKAGE_INTERNAL = 0,
  // A function of another module that this one calls.
  IREE_VM_FUNCTION_LINKAGE_IMPORT = 1,
  IREE_VM_FUNCTION_LINKAGE_EXPORT = 2,
  // An import that may be missing; accepted wherever IMPORT is and shares its ordinals.
  IREE_VM_FUNCTION_LINKAGE_IMPORT_OPTIONAL = 3,
} iree_vm_function_linkage_t;

// Names a function of a module; plain data. Ordinals are dense per linkage. All zero: no function.
typedef struct iree_vm_function_t {
  iree_vm_module_t* module;
  uint16_t linkage;
  uint16_t ordinal;
} iree_vm_function_t;

static inline bool iree_vm_function_is_null(iree_vm_function_t function) {
  return function.module == NULL;
}

typedef struct iree_vm_function_signature_t {
  // Borrowed from the module.
  iree_string_view_t calling_convention;
} iree_vm_function_signature_t;

typedef struct iree_vm_module_signature_t {
  uint32_t version;
  iree_host_size_t attr_count;
  iree_host_size_t import_function_count;
  iree_host_size_t export_function_count;
  iree_host_size_t internal_function_count;
} iree_vm_module_signature_t;

enum iree_vm_module_dependency_flag_bits_t {
  IREE_VM_MODULE_DEPENDENCY_FLAG_NONE = 0u,
  IREE_VM_MODULE_DEPENDENCY_FLAG_REQUIRED = 1u << 0,
  IREE_VM_MODULE_DEPENDENCY_FLAG_OPTIONAL = 1u << 1,
  // Follows from what the module imports, as all dependencies of compiled modules do. That it is there is found out when
  // the imports are resolved.
  TENON_VM_MODULE_DEPENDENCY_FLAG_IMPORTED = 1u << 2,
};
typedef uint32_t iree_vm_module_dependency_flags_t;

// Another module that must (or may) be registered before this one, at least in |minimum_version|.
typedef struct iree_vm_module_dependency_t {
  iree_string_view_t name;
  uint32_t minimum_version;
  iree_vm_module_dependency_flags_t flags;
} iree_vm_module_dependency_t;

typedef iree_status_t(IREE_API_PTR* iree_vm_module_dependency_callback_t)(
    void* user_data_ptr, const iree_vm_module_dependency_t* dependency);

// One call: what to call, and the two storages (see above).
typedef struct iree_vm_function_call_t {
  iree_vm_function_t function;
  iree_byte_span_t arguments;
  iree_byte_span_t results;
} iree_vm_function_call_t;

typedef enum iree_vm_signal_e {
  IREE_VM_SIGNAL_RESUME = 0,
  IREE_VM_SIGNAL_SUSPEND = 1,
  IREE_VM_SIGNAL_LOW_MEMORY = 2,
} iree_vm_signal_t;

// A position within a function, in whatever unit its module counts.
typedef int64_t iree_vm_source_offset_t;

enum iree_vm_source_location_format_flag_bits_e {
  IREE_VM_SOURCE_LOCATION_FORMAT_FLAG_NONE = 0u,
  // One line, also where locations are nested (inlined calls).
  IREE_VM_SOURCE_LOCATION_FORMAT_FLAG_SINGLE_LINE = 1u << 0,
};
typedef uint32_t iree_vm_source_location_format_flags_t;

// A place in a program's source that knows how to print itself.
typedef struct iree_vm_source_location_t {
  void* self;
  uint64_t data[2];
  // Appends the text, such as `model.mlir:12:5`.
  iree_status_t(IREE_API_PTR* format)(void* self, uint64_t data[2],
                                      iree_vm_source_location_format_flags_t flags,
                                      iree_string_builder_t* builder);
} iree_vm_source_location_t;

//===--------------------------------------------------------------------------------------------===//
// Direct calls
//===--------------------------------------------------------------------------------------------===//
// What functions written in C or C++ come down to; see native_module.h.

enum iree_vm_native_function_flag_bits_t {
  IREE_VM_NATIVE_FUNCTION_CALL_BEGIN = 0u,
  // The function suspended itself earlier and goes on.
  IREE_VM_NATIVE_FUNCTION_CALL_RESUME = 1u << 0,
};
typedef uint32_t iree_vm_native_function_flags_t;

// The function that does the work, of whatever C type its shim expects.
typedef void(IREE_API_PTR* iree_vm_native_function_target_t)(void);

// Takes the arguments apart, calls |target_fn|, puts the results together. It must check the sizes
// of both storages if it can be called with others than the calling convention says; calls through
// this API always match. The references in |args_storage| are the shim's to consume (module.h).
// |module|: the self of the module interface.
typedef iree_status_t(IREE_API_PTR* iree_vm_native_function_shim_t)(
    iree_vm_stack_t* stack, iree_vm_native_function_flags_t flags, iree_byte_span_t args_storage,
    iree_byte_span_t rets_storage, iree_vm_native_function_target_t target_fn, void* module,
    void* module_state);

// Everything that a call to one exported function needs, besides the module's state in the caller's
// context:
//   shim(stack, IREE_VM_NATIVE_FUNCTION_CALL_BEGIN, arguments, results, target, self, module_state)
typedef struct iree_vm_native_call_t {
  iree_vm_native_function_shim_t shim;
  iree_vm_native_function_target_t target;
  void* self;
  // What such functions are called in messages: `native` or `C++`.
  const char* kind;
} iree_vm_native_call_t;

//===--------------------------------------------------------------------------------------------===//
// The interface
//===--------------------------------------------------------------------------------------------===//

// The interface of a module. Set it up with iree_vm_module_initialize() and fill in what there is;
// an entry left NULL means "has none" (no attributes, no dependencies, no state, no imports, no
// source locations, no interest in signals) except destroy, name, signature, get_function,
// begin_call, which every module has.
struct iree_vm_module_t {
  IREE_API_UNSTABLE
  void* self;
  iree_atomic_ref_count_t ref_count;

  // Frees the module; called when the last count is dropped.
  void(IREE_API_PTR* destroy)(void* self);

  iree_string_view_t(IREE_API_PTR* name)(void* self);
  iree_vm_module_signature_t(IREE_API_PTR* signature)(void* self);

  iree_status_t(IREE_API_PTR* enumerate_dependencies)(void* self,
                                                      iree_vm_module_dependency_callback_t callback,
                                                      void* user_data);

  // OUT_OF_RANGE past the last.
  iree_status_t(IREE_API_PTR* get_module_attr)(void* self, iree_host_size_t index,
                                               iree_string_pair_t* out_attr);

  // By the local name: `call.sync` of module `custom`. NOT_FOUND if there is none. NULL: found
  // through get_function.
  iree_status_t(IREE_API_PTR* lookup_function)(void* self, iree_vm_function_linkage_t linkage,
                                               iree_string_view_t name,
                                               iree_vm_function_t* out_function);

  // Any of the three outputs may be NULL. The name of an import is its full name
  // (`custom.call.sync`), and its out_function->linkage tells whether it is optional. OUT_OF_RANGE
  // past the last.
  iree_status_t(IREE_API_PTR* get_function)(void* self, iree_vm_function_linkage_t linkage,
                                            iree_host_size_t ordinal,
                                            iree_vm_function_t* out_function,
                                            iree_string_view_t* out_name,
                                            iree_vm_function_signature_t* out_signature);

  // OUT_OF_RANGE past the last. The attribute `iree.abi.declaration` is shown in messages about
  // calls.
  iree_status_t(IREE_API_PTR* get_function_attr)(void* self, iree_vm_function_linkage_t linkage,
                                                 iree_host_size_t ordinal, iree_host_size_t index,
                                                 iree_string_pair_t* out_attr);

  // The source of where |frame|, a frame of this module, stands.
  iree_status_t(IREE_API_PTR* resolve_source_location)(
      void* self, iree_vm_stack_frame_t* frame, iree_vm_source_location_t* out_source_location);

  // Called once for each context that the module is registered with, from any thread.
  iree_status_t(IREE_API_PTR* alloc_state)(void* self, iree_allocator_t allocator,
                                           iree_vm_module_state_t** out_module_state);
  void(IREE_API_PTR* free_state)(void* self, iree_vm_module_state_t* module_state);

  // Tells the state which function import |ordinal| is. Calling conventions have been compared.
  // Called before anything of the module runs in that context; not called for a missing optional
  // import.
  iree_status_t(IREE_API_PTR* resolve_import)(void* self, iree_vm_module_state_t* module_state,
                                              iree_host_size_t ordinal,
                                              const iree_vm_function_t* function,
                                              const iree_vm_function_signature_t* signature);

  iree_status_t(IREE_API_PTR* notify)(void* self, iree_vm_module_state_t* module_state,
                                      iree_vm_signal_t signal);

  // Runs call.function, which is an export of this module, or an internal function where the module has called for it
  // itself (modules may leave that out). OK: done, results are in place.
  // DEFERRED: suspended, with frames left on the stack. The module finds its state through
  // iree_vm_stack_query_module_state() or the frame it enters.
  iree_status_t(IREE_API_PTR* begin_call)(void* self, iree_vm_stack_t* stack,
                                          iree_vm_function_call_t call);

  // Goes on with the topmost frame, which is one of this module's: see stack.h. NULL: this module
  // never suspends.
  iree_status_t(IREE_API_PTR* resume_call)(void* self, iree_vm_stack_t* stack,
                                           iree_byte_span_t call_results);

  // Whether an export may be called without begin_call, and how: programs that import it do so,
  // which saves more than half of what a call costs. The answer never changes. NULL: none may.
  bool(IREE_API_PTR* get_native_call)(void* self, const iree_vm_function_t* function,
                                      iree_vm_native_call_t* out_call);
};

//===--------------------------------------------------------------------------------------------===//
// Modules
//===--------------------------------------------------------------------------------------------===//

// Zeroes |module|, stores |self|, sets the count to 1.
IREE_API_EXPORT iree_status_t iree_vm_module_initialize(iree_vm_module_t* module, void* self);
IREE_API_EXPORT void iree_vm_module_retain(iree_vm_module_t* module);
IREE_API_EXPORT void iree_vm_module_release(iree_vm_module_t* module);

// The name under which programs import from it. Borrowed.
IREE_API_EXPORT iree_string_view_t iree_vm_module_name(const iree_vm_module_t* module);
IREE_API_EXPORT iree_vm_module_signature_t iree_vm_module_signature(const iree_vm_module_t* module);

// Calls back for each dependency, until one call fails; returns what it failed with. Compiled modules depend on the
// modules that they import from (required, unless all those imports are optional), each named once if it is one of the
// first 64.
IREE_API_EXPORT iree_status_t iree_vm_module_enumerate_dependencies(
    iree_vm_module_t* module, iree_vm_module_dependency_callback_t callback, void* user_data);

// The value of a module attribute, empty if there is none of that name. Borrowed.
IREE_API_EXPORT iree_string_view_t
iree_vm_module_lookup_attr_by_name(const iree_vm_module_t* module, iree_string_view_t name);
// OUT_OF_RANGE past the last.
IREE_API_EXPORT iree_status_t iree_vm_module_get_attr(const iree_vm_module_t* module,
                                                      iree_host_size_t index,
                                                      iree_string_pair_t* out_attr);

// |name| is local for exports and full for imports. NOT_FOUND names what was asked for and lists
// what the module has.
IREE_API_EXPORT iree_status_t iree_vm_module_lookup_function_by_name(
    const iree_vm_module_t* module, iree_vm_function_linkage_t linkage, iree_string_view_t name,
    iree_vm_function_t* out_function);
// Functions are numbered from 0 in each linkage; how many there are is in the module's signature. The out_function of an
// import tells by its linkage whether it is optional. OUT_OF_RANGE, saying how many there are, past the last.
IREE_API_EXPORT iree_status_t iree_vm_module_lookup_function_by_ordinal(
    const iree_vm_module_t* module, iree_vm_function_linkage_t linkage, iree_host_size_t ordinal,
    iree_vm_function_t* out_function);

// UNAVAILABLE if the module has no source information for that frame.
IREE_API_EXPORT iree_status_t
iree_vm_module_resolve_source_location(const iree_vm_module_t* module, iree_vm_stack_frame_t* frame,
                                       iree_vm_source_location_t* out_source_location);

// Appends the text of a location. UNAVAILABLE if it has none.
IREE_API_EXPORT iree_status_t iree_vm_source_location_format(
    iree_vm_source_location_t* source_location, iree_vm_source_location_format_flags_t flags,
    iree_string_builder_t* builder);

//===--------------------------------------------------------------------------------------------===//
// Functions
//===--------------------------------------------------------------------------------------------===//

// Empty if the module can't tell. Borrowed from the module.
IREE_API_EXPORT iree_string_view_t iree_vm_function_name(const iree_vm_function_t* function);
IREE_API_EXPORT iree_vm_function_signature_t
iree_vm_function_signature(const iree_vm_function_t* function);

// As for modules: empty if there is none of that name; OUT_OF_RANGE past the last. Borrowed from the module.
IREE_API_EXPORT iree_string_view_t
iree_vm_function_lookup_attr_by_name(const iree_vm_function_t* function, iree_string_view_t name);
IREE_API_EXPORT iree_status_t iree_vm_function_get_attr(iree_vm_function_t function,
                                                        iree_host_size_t index,
                                                        iree_string_pair_t* out_attr);

// Calls call.function on top of what |stack| holds: begin_call, plus what a caller owes if the
// callee suspends (the calling frame remembers call.results for its own resume_call).
IREE_API_EXPORT iree_status_t iree_vm_module_begin_call(iree_vm_stack_t* stack,
                                                        iree_vm_function_call_t call);

//===--------------------------------------------------------------------------------------------===//
// Calling conventions
//===--------------------------------------------------------------------------------------------===//

// Numbers of elements of each variadic span of a call, in order; other entries are not looked at.
typedef struct iree_vm_register_list_t {
  uint16_t size;
  uint16_t registers[];
} iree_vm_register_list_t;

// Splits a signature into arguments and results, with `v` made empty. The whole string is checked:
// INVALID_ARGUMENT, showing it, if it isn't of the form above. The empty signature gives two empty
// fragments.
IREE_API_EXPORT iree_status_t iree_vm_function_call_get_cconv_fragments(
    const iree_vm_function_signature_t* signature, iree_string_view_t* out_arguments,
    iree_string_view_t* out_results);

// True if the fragment has a C...D span.
IREE_API_EXPORT bool iree_vm_function_call_is_variadic_cconv(iree_string_view_t cconv);

// A span counts as one value.
IREE_API_EXPORT iree_status_t iree_vm_function_call_count_arguments_and_results(
    const iree_vm_function_signature_t* signature, iree_host_size_t* out_argument_count,
    iree_host_size_t* out_result_count);

// Bytes of storage that a fragment needs. |segment_size_list|: for each *span* of the fragment in
// order the number of its elements; may be NULL without spans. INVALID_ARGUMENT if it is missing or
// too short.
IREE_API_EXPORT iree_status_t iree_vm_function_call_compute_cconv_fragment_size(
    iree_string_view_t cconv_fragment, const iree_vm_register_list_t* segment_size_list,
    iree_host_size_t* out_required_size);

// Releases and nulls every reference in |storage|, laid out by |cconv_fragment|. Stops at the end
// of the storage.
IREE_API_EXPORT void iree_vm_function_release_storage(iree_string_view_t cconv_fragment,
                                                      iree_byte_span_t storage);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  // IREE_VM_MODULE_H_
