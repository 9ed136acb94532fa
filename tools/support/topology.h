// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Flags that say which workers local-task devices have, and devices made after them.

#ifndef TENON_TOOLS_SUPPORT_TOPOLOGY_H_
#define TENON_TOOLS_SUPPORT_TOPOLOGY_H_

#include "iree/hal/api.h"
#include "support/flags.h"

typedef struct tenon_topology_t {
  iree_string_view_t mode;
  iree_host_size_t group_count;
  iree_host_size_t max_group_count;
  iree_string_view_t cpu_ids;
  iree_host_size_t worker_spin_us;
} tenon_topology_t;

// Initialises one.
#define TENON_TOPOLOGY_DEFAULTS {.mode = IREE_SVL("physical_cores"), .max_group_count = 8}

// clang-format off
// Lines of a table of flags; |topology| is where their values go.
#define TENON_TOPOLOGY_FLAGS(topology) \
    {"task_topology_group_count", NULL, TENON_FLAG_SIZE, &(topology)->group_count, "N", \
     "How many workers a local-task device has. 0: as many as the next flags say (0)."}, \
    {"task_topology_mode", NULL, TENON_FLAG_STRING, &(topology)->mode, "MODE", \
     "What there is a worker for (physical_cores).\n" \
     "  physical_cores  each core that the process may use\n" \
     "  processors      each processor that it may use; a core may have several"}, \
    {"task_topology_max_group_count", NULL, TENON_FLAG_SIZE, &(topology)->max_group_count, "N", \
     "The most workers that --task_topology_mode gives; 0: no limit (8)."}, \
    {"task_topology_cpu_ids", NULL, TENON_FLAG_STRING, &(topology)->cpu_ids, "LIST", \
     "The processors on which the workers run, such as 0,2,4-7, in turns. One worker for each unless\n" \
     "--task_topology_group_count says otherwise. By default the system chooses."}, \
    {"task_worker_spin_us", NULL, TENON_FLAG_SIZE, &(topology)->worker_spin_us, "N", \
     "How many microseconds an idle worker watches for work before it sleeps, up to 1000 (0)."}
// clang-format on

// Creates the device of a URI (iree_hal_create_device), a local-task device with the workers that
// |topology| says as far as the URI's own parameters don't.
iree_status_t tenon_create_device(iree_hal_driver_registry_t* registry, iree_string_view_t uri,
                                  const tenon_topology_t* topology, iree_hal_device_t** out_device);

#endif  // TENON_TOOLS_SUPPORT_TOPOLOGY_H_
