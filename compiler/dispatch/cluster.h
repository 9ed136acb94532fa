// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Groups in the making: which generics of a block can share their outer loops.

#ifndef TENON_COMPILER_DISPATCH_CLUSTER_H_
#define TENON_COMPILER_DISPATCH_CLUSTER_H_

#include "compiler/dispatch/order.h"
#include "hal/local/executable_abi.h"

#define TENON_CLUSTER_MAX_LOOPS TENON_DISPATCH_MAX_RANK

// A generic, and which of its loops are the cluster's.
typedef struct tenon_cluster_member_t {
  MlirOperation op;
  intptr_t outer[TENON_CLUSTER_MAX_LOOPS];
} tenon_cluster_member_t;

// Generics of one block, in order of the text, that run where the last of them does. One that was joined to another is empty.
typedef struct tenon_cluster_t {
  struct {
    tenon_cluster_member_t* data;
    size_t count, capacity;
  } members;
  intptr_t outer;
  bool has_reduction;
  intptr_t length, tensors, scalars;  // of the bodies; at most
} tenon_cluster_t;

// What is known of the function while clusters grow.
typedef struct tenon_clustering_t {
  tenon_order_t order;
  tenon_map_t clusters;  // generic -> its cluster
} tenon_clustering_t;

// A cluster of |generic| alone, from malloc: its outer loops are those of its first output, in that order.
tenon_cluster_t* tenon_new_cluster(tenon_clustering_t* clustering, MlirOperation generic);
void tenon_free_cluster(tenon_cluster_t* cluster);

// Joins |earlier| to |cluster|, whose last member comes after all others, if they can be one dispatch and that pays.
bool tenon_join_clusters(tenon_clustering_t* clustering, tenon_cluster_t* earlier,
                         tenon_cluster_t* cluster);

#endif  // TENON_COMPILER_DISPATCH_CLUSTER_H_
