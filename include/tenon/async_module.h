// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Native modules of plain C functions on tensors, which compiled programs call asynchronously. A function here needs
// neither threads nor fences of its own: it runs when its arguments are there, on a pool for functions that may
// block, with all tensors mapped, and what waits for its results goes on when it returns. Tenon's own addition to
// the API.
//
//   // func.func private @images.blur(tensor<?x?xf32>, f32) -> tensor<?x?xf32>
//   //     attributes {iree.abi.model = "coarse-fences", nosideeffects}
//   static iree_status_t blur(void* user_data, const tenon_async_call_t* call) {
//     const float* source = call->arguments[0].data;
//     float radius = *(const float*)call->arguments[1].data;
//     float* target = call->results[0].data;
//     ...  call->arguments[0].dims[0] rows
//     return iree_ok_status();
//   }
//   static const tenon_async_function_t functions[] = {
//       {.name = "blur", .type = "(tensor<?x?xf32>, f32) -> tensor<?x?xf32>", .fn = blur},
//   };
//   const tenon_async_module_params_t params = {
//       .name = "images", .function_count = 1, .functions = functions, .device = device};
//   IREE_RETURN_IF_ERROR(tenon_async_module_create(vm_instance, &params, host_allocator, &module));
//
// The program declares the import with `iree.abi.model = "coarse-fences"`. With `nosideeffects` calls that don't depend on
// each other run in any order, also at the same time; without it the program goes on after the call only when it has ended.
//
// ## What happens in a call
// 1. At once, on the thread that calls: arguments are checked against |type|, the results' dims are worked out, their
//    buffers allocated, their views returned. Errors until here are returned by the call: nothing has begun.
// 2. When the wait fence is reached: |fn| runs on the pool. If the wait fence fails, it never runs.
// 3. When |fn| has returned: the signal fence is signaled, or failed with its status and the name `module.function`. (A call by
//    hand may pass null for both: no waiting, and nobody is told of the end, nor of a failure.)
// A call keeps the module, its views and its pool until it has ended, however long that takes.
//
// Rules against deadlock: async.h.
//
// Thread-safety: modules as all modules (iree/vm/module.h). One function may run on several threads at a time, for as many
// calls as are in flight: |user_data| needs the locks that this takes.

#ifndef TENON_ASYNC_MODULE_H_
#define TENON_ASYNC_MODULE_H_

#include "iree/base/api.h"
#include "iree/hal/api.h"
#include "iree/vm/api.h"
#include "tenon/async.h"

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

// A tensor or a number that the function is given. Read-only.
typedef struct tenon_async_argument_t {
  // The elements, dense and row-major, or the number itself: an int32_t (i1 to i32, sign-extended as the program has it),
  // int64_t (i64, index), float or double.
  const void* data;
  iree_host_size_t byte_length;
  iree_host_size_t element_count;
  iree_hal_element_type_t element_type;
  // Numbers have rank 0.
  iree_host_size_t rank;
  const iree_hal_dim_t* dims;
  // NULL for a number.
  iree_hal_buffer_view_t* view;
} tenon_async_argument_t;

// A tensor that the function writes; its contents are undefined before.
typedef struct tenon_async_result_t {
  void* data;
  iree_host_size_t byte_length;
  iree_host_size_t element_count;
  iree_hal_element_type_t element_type;
  iree_host_size_t rank;
  const iree_hal_dim_t* dims;
  iree_hal_buffer_view_t* view;
} tenon_async_result_t;

// One call. All that it points to is valid until the function returns; views may be retained.
typedef struct tenon_async_call_t {
  iree_host_size_t argument_count;
  const tenon_async_argument_t* arguments;
  iree_host_size_t result_count;
  const tenon_async_result_t* results;
} tenon_async_call_t;

// The function itself. It writes all results and returns OK, or fails.
typedef iree_status_t(IREE_API_PTR* tenon_async_call_fn_t)(void* user_data,
                                                           const tenon_async_call_t* call);

// Says how large the results are: fills in the dims that |type| leaves open (0 on entry), result_dims[RESULT][DIM]. It runs on
// the thread that calls, at once, so it must be short and not block. Tensors among |arguments| have no contents yet:
// their |data| is NULL. Numbers are there.
typedef iree_status_t(IREE_API_PTR* tenon_async_shape_fn_t)(void* user_data,
                                                            const tenon_async_argument_t* arguments,
                                                            iree_hal_dim_t* const* result_dims);

// One function of a module. Strings and arrays are kept by pointer: usually all static const.
typedef struct tenon_async_function_t {
  // Without the module's name.
  const char* name;
  // Its type as the program declares it: (ARGUMENTS) -> RESULT or -> (RESULTS). Arguments are `tensor<4x?xf32>` and the like, or
  // numbers (i1, i8, i16, i32, i64, index, f32, f64); results are tensors. A call whose tensors are of another
  // element type, rank or fixed dim is refused, with both types.
  const char* type;
  tenon_async_call_fn_t fn;
  // Where the open dims of results come from, in this order:
  //   shape          this function says
  //   result_like    result i has those of argument result_like[i] at the same place
  //   neither        result i has those of argument i
  tenon_async_shape_fn_t shape;
  const iree_host_size_t* result_like;
} tenon_async_function_t;

typedef struct tenon_async_module_params_t {
  const char* name;
  iree_host_size_t function_count;
  const tenon_async_function_t* functions;
  // Where results are allocated. Retained.
  iree_hal_device_t* device;
  // Where functions run. Retained; NULL: a pool of the module's own with default options, which has no threads
  // before the first call and gives them back when idle.
  tenon_blocking_pool_t* pool;
  // Handed to all functions; |destroy| (may be NULL) is called with it when the module and all calls are gone, on whichever
  // thread that happens.
  void* user_data;
  void(IREE_API_PTR* destroy)(void* user_data);
} tenon_async_module_params_t;

// Makes a module with a count of 1. |params| itself is only read.
//   INVALID_ARGUMENT: a type that can't be read, saying where; a result with an open dim that no rule gives; no device.
//   On failure |destroy| is not called.
IREE_API_EXPORT iree_status_t tenon_async_module_create(iree_vm_instance_t* instance,
                                                        const tenon_async_module_params_t* params,
                                                        iree_allocator_t host_allocator,
                                                        iree_vm_module_t** out_module);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  // TENON_ASYNC_MODULE_H_
