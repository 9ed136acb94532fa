// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a build may choose. A program must be built with the same sizes (IREE_HOST_SIZE_T,
// IREE_DEVICE_SIZE_T) as the library it links; all else here may differ between the two.
#ifndef IREE_BASE_CONFIG_H_
#define IREE_BASE_CONFIG_H_

#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>

// -DIREE_USER_CONFIG_H='"my_config.h"' names a header in which these choices may be made.
#if defined(IREE_USER_CONFIG_H)
#include IREE_USER_CONFIG_H
#endif

// A size in host memory: bytes, element counts, capacities. PRIhsz is its printf conversion: "%"
// PRIhsz.
#if defined(IREE_HOST_SIZE_T)
typedef IREE_HOST_SIZE_T iree_host_size_t;
#else
typedef size_t iree_host_size_t;
#define PRIhsz "zu"
#endif
#define IREE_HOST_SIZE_MAX ((iree_host_size_t) ~(iree_host_size_t)0)

// A size or an offset in device memory, in bytes. PRIdsz is its printf conversion.
#if defined(IREE_DEVICE_SIZE_T)
typedef IREE_DEVICE_SIZE_T iree_device_size_t;
#else
typedef size_t iree_device_size_t;
#define PRIdsz "zu"
#endif
#define IREE_DEVICE_SIZE_MAX ((iree_device_size_t) ~(iree_device_size_t)0)

// How much a status made in this translation unit carries:
//   0  its code alone; nothing is formatted or allocated, annotations are dropped
//   1  and the source file and line
//   2  and a message and annotations
//   3  as 2 (reserved for stack traces)
// Only macros depend on it, so units with different modes may be mixed in one program.
#if !defined(IREE_STATUS_MODE)
#ifdef NDEBUG
#define IREE_STATUS_MODE 2
#else
#define IREE_STATUS_MODE 3
#endif
#endif

#endif  // IREE_BASE_CONFIG_H_
