// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The functions of the `hal` module, through which compiled programs reach the device: the
// compiler's and the module's common list, HAL_EXPORT("name", "calling convention", signature
// words). Kept sorted by name.
//
// Dimensions, sizes and offsets are i64; element types are iree_hal_element_type_t as i32. Any
// error names what was expected and found; the caller's location table adds which argument, result
// or operation it was.
//
//   buffer.allocate(element_type, dims...) -> buffer
//       A new buffer of the device for a dense tensor; contents undefined. A negative dim or a size
//       that overflows fails.
//   buffer.clone(source, element_type, dims...) -> buffer
//       A new buffer with the first bytes of |source|, as many as the tensor has.
//   buffer.constant(rodata) -> buffer
//       A read-only buffer over the bytes of a vm.buffer, without a copy; it retains the vm.buffer.
//   buffer_view.create(buffer, element_type, dims...) -> buffer_view
//   buffer_view.import(buffer_view, element_type, dims...) -> buffer
//       The view's buffer, once the view is checked: not null, dense, of this element type, this
//       rank and these dims (-1: any), its buffer long enough. The check of what users and their
//       functions hand to a program.
//   buffer_view.import.N(buffer_view, element_type, dims...) -> buffer, N dims
//       The same, and the extents of the first N of the dims that are -1.
//   dispatch(executable, ordinal, buffers..., constants...)
//       Runs a dispatch, as the dispatch ABI says, on whole buffers.
//   executable.create(rodata) -> executable

#ifndef TENON_MODULES_HAL_EXPORTS_H_
#define TENON_MODULES_HAL_EXPORTS_H_

// E(enum, name, calling convention)
#define TENON_HAL_EXPORTS(E)                                        \
  E(BUFFER_ALLOCATE, "buffer.allocate", "0iCID_r")                  \
  E(BUFFER_CLONE, "buffer.clone", "0riCID_r")                       \
  E(BUFFER_CONSTANT, "buffer.constant", "0r_r")                     \
  E(BUFFER_VIEW_CREATE, "buffer_view.create", "0riCID_r")           \
  E(BUFFER_VIEW_IMPORT, "buffer_view.import", "0riCID_r")           \
  E(BUFFER_VIEW_IMPORT_1, "buffer_view.import.1", "0riCID_rI")      \
  E(BUFFER_VIEW_IMPORT_2, "buffer_view.import.2", "0riCID_rII")     \
  E(BUFFER_VIEW_IMPORT_3, "buffer_view.import.3", "0riCID_rIII")    \
  E(BUFFER_VIEW_IMPORT_4, "buffer_view.import.4", "0riCID_rIIII")   \
  E(BUFFER_VIEW_IMPORT_5, "buffer_view.import.5", "0riCID_rIIIII")  \
  E(BUFFER_VIEW_IMPORT_6, "buffer_view.import.6", "0riCID_rIIIIII") \
  E(DISPATCH, "dispatch", "0riCrDCID_v")                            \
  E(EXECUTABLE_CREATE, "executable.create", "0r_r")

#endif  // TENON_MODULES_HAL_EXPORTS_H_
