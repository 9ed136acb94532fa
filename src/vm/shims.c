// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "iree/vm/shims.h"

IREE_API_EXPORT iree_status_t iree_vm_abi_make_size_error(const char* arg_types,
                                                          const char* ret_types,
                                                          iree_byte_span_t args_storage,
                                                          iree_byte_span_t rets_storage) {
  return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                          "the function is implemented as 0%s_%s, but it was called with %zu bytes "
                          "of arguments and %zu of results; its export says otherwise",
                          arg_types, ret_types, args_storage.data_length, rets_storage.data_length);
}

#define TENON_DEFINE_COMMON_SHIM(arg_types, ret_types) \
  IREE_API_EXPORT IREE_VM_ABI_DEFINE_SHIM(arg_types, ret_types)
IREE_VM_ABI_COMMON_SHIMS(TENON_DEFINE_COMMON_SHIM)
