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
//   buffer.load(buffer, index, element_type) -> i64
//       The element |index| of a dense buffer as a slot of the dispatch ABI: integers sign-extended (i1: 0
//       or 1), floats as their zero-extended bits. Past the end is an error.
//   buffer.subspan(buffer, offset, length) -> buffer
//       So many of its bytes, which keep all of them alive. Beyond the end is an error.
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
//
// Asynchronous programs. A *point* is a fence, null when it is known to be reached.
//   fence.await(point)
//       Suspends the invocation until the point is reached. Fails with the first failure.
//   fence.create() -> fence
//       A fence of one new point, for a function that will signal it.
//   fence.join(points...) -> point
//       Where there are many of them, it is a new one.
//   invoke(function, signal, refs..., slots...)
//       Begins an invocation of the calling module's internal function |function| (its number), whose
//       calling convention is the references, then the i64s: `0r..I.._v`. It runs to its end or until it
//       suspends; then this returns, and it goes on by itself. If it fails, |signal| is failed.
//   queue.barrier(wait, signal)
//       Signals the fence |signal| (null: nobody) once the point |wait| is reached, or fails it.
//   queue.clone(wait, source, element_type, dims...) -> buffer, point
//       buffer.clone, once |wait| is reached.
//   queue.copy(wait, source, target, element_type, dims...) -> point
//       Copies as many bytes as the tensor has.
//   queue.dispatch(executable, ordinal, wait, buffers..., constants...) -> point

#ifndef TENON_MODULES_HAL_EXPORTS_H_
#define TENON_MODULES_HAL_EXPORTS_H_

// E(enum, name, calling convention)
#define TENON_HAL_EXPORTS(E)                                        \
  E(BUFFER_ALLOCATE, "buffer.allocate", "0iCID_r")                  \
  E(BUFFER_CLONE, "buffer.clone", "0riCID_r")                       \
  E(BUFFER_CONSTANT, "buffer.constant", "0r_r")                     \
  E(BUFFER_LOAD, "buffer.load", "0rIi_I")                           \
  E(BUFFER_SUBSPAN, "buffer.subspan", "0rII_r")                     \
  E(BUFFER_VIEW_CREATE, "buffer_view.create", "0riCID_r")           \
  E(BUFFER_VIEW_IMPORT, "buffer_view.import", "0riCID_r")           \
  E(BUFFER_VIEW_IMPORT_1, "buffer_view.import.1", "0riCID_rI")      \
  E(BUFFER_VIEW_IMPORT_2, "buffer_view.import.2", "0riCID_rII")     \
  E(BUFFER_VIEW_IMPORT_3, "buffer_view.import.3", "0riCID_rIII")    \
  E(BUFFER_VIEW_IMPORT_4, "buffer_view.import.4", "0riCID_rIIII")   \
  E(BUFFER_VIEW_IMPORT_5, "buffer_view.import.5", "0riCID_rIIIII")  \
  E(BUFFER_VIEW_IMPORT_6, "buffer_view.import.6", "0riCID_rIIIIII") \
  E(DISPATCH, "dispatch", "0riCrDCID_v")                            \
  E(EXECUTABLE_CREATE, "executable.create", "0r_r")                 \
  E(FENCE_AWAIT, "fence.await", "0r_v")                             \
  E(FENCE_CREATE, "fence.create", "0v_r")                           \
  E(FENCE_JOIN, "fence.join", "0CrD_r")                             \
  E(INVOKE, "invoke", "0irCrDCID_v")                                \
  E(QUEUE_BARRIER, "queue.barrier", "0rr_v")                        \
  E(QUEUE_CLONE, "queue.clone", "0rriCID_rr")                       \
  E(QUEUE_COPY, "queue.copy", "0rrriCID_r")                         \
  E(QUEUE_DISPATCH, "queue.dispatch", "0rirCrDCID_r")

#endif  // TENON_MODULES_HAL_EXPORTS_H_
