// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Executables for the CPU: from the bytes of an ELF shared object to dispatches that run.
// docs/dispatch-abi.md is the contract with the compiler's code.
//
// Thread-safety. An executable may be dispatched from several threads at once.

#ifndef TENON_HAL_LOCAL_EXECUTABLE_LOADER_H_
#define TENON_HAL_LOCAL_EXECUTABLE_LOADER_H_

#include "hal/local/executable_abi.h"
#include "iree/hal/buffer.h"
#include "iree/hal/executable.h"

// Loads an executable. |elf_data| is copied and needs no alignment. Released by the caller, as soon
// as it will dispatch no more: results don't need the code.
//
// INVALID_ARGUMENT for what is no executable or has a malformed table; FAILED_PRECONDITION for one
// of another machine, of a newer ABI, or with required features that this processor lacks;
// UNAVAILABLE when the system refuses it. Messages name both sides.
iree_status_t tenon_hal_local_executable_create(iree_const_byte_span_t elf_data,
                                                iree_allocator_t host_allocator,
                                                iree_hal_executable_t** out_executable);

// The executable's table; lives as long as the executable.
const tenon_executable_info_t* tenon_hal_local_executable_info(
    const iree_hal_executable_t* executable);

// Runs a dispatch, all of its tiles, on the calling thread. Its bindings are whole buffers, borrowed
// during the call. Before it runs, everything is checked that the native code relies on:
// OUT_OF_RANGE for an ordinal that doesn't exist, a binding shorter than its extents, extents that
// overflow or are negative;
// INVALID_ARGUMENT for wrong counts, null or foreign buffers and alignment; PERMISSION_DENIED for
// access that a buffer doesn't allow. INTERNAL when the code itself reports a failure. Messages
// name the dispatch, its source and the binding.
iree_status_t tenon_hal_local_executable_dispatch(iree_hal_executable_t* executable,
                                                  uint32_t ordinal, iree_host_size_t binding_count,
                                                  iree_hal_buffer_t* const* buffers,
                                                  iree_host_size_t constant_count,
                                                  const int64_t* constants);

// The same in two steps, for dispatches that run later or in ranges. Checks everything and finds what the
// range function needs: |pointers|, with room for TENON_DISPATCH_MAX_BINDINGS, gets the bindings'
// memory. *out_info lives as long as the executable. With no tiles the function must not be called.
// INVALID_ARGUMENT, too, for an executable that is null or not of this kind.
iree_status_t tenon_hal_local_executable_prepare(
    iree_hal_executable_t* executable, uint32_t ordinal, iree_host_size_t binding_count,
    iree_hal_buffer_t* const* buffers, iree_host_size_t constant_count, const int64_t* constants,
    void** pointers, const tenon_dispatch_info_t** out_info, int64_t* out_tile_count);

// The failure for a |result| of a range function that isn't 0.
iree_status_t tenon_hal_dispatch_result_error(const tenon_dispatch_info_t* info, int result);

#endif  // TENON_HAL_LOCAL_EXECUTABLE_LOADER_H_
