// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "support/topology.h"

#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

// Whether |processor| is the first that the process may use of its core. The system lists the core's
// processors, in order: `0,4` or `0-1`. Where it says nothing each processor has a core of its own.
static bool is_first_of_core(int processor, const cpu_set_t* allowed) {
  char path[96];
  snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list",
           processor);
  FILE* file = fopen(path, "r");
  if (!file) return true;
  char list[256] = "";
  const char* text = fgets(list, sizeof(list), file);
  fclose(file);
  while (text && *text >= '0' && *text <= '9') {
    char* end = NULL;
    const long first = strtol(text, &end, 10);
    const long last = *end == '-' ? strtol(end + 1, &end, 10) : first;
    for (long i = first; i <= last && i < processor; ++i) {
      if (i >= 0 && i < CPU_SETSIZE && CPU_ISSET((size_t)i, allowed)) return false;
    }
    text = *end == ',' ? end + 1 : NULL;
  }
  return true;
}

// 0, which leaves it to the driver, if the system doesn't tell what the process may use.
static iree_host_size_t count_processors(bool only_cores) {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0) return 0;
  iree_host_size_t count = 0;
  for (int i = 0; i < CPU_SETSIZE; ++i) {
    if (CPU_ISSET(i, &allowed) && (!only_cores || is_first_of_core(i, &allowed))) ++count;
  }
  return count;
}

static iree_status_t choose_worker_count(const tenon_topology_t* topology,
                                         iree_host_size_t* out_count) {
  const bool cores = iree_string_view_equal(topology->mode, IREE_SV("physical_cores"));
  if (!cores && !iree_string_view_equal(topology->mode, IREE_SV("processors"))) {
    return iree_make_status(
        IREE_STATUS_INVALID_ARGUMENT,
        "'%.*s' is no value for --task_topology_mode; expected physical_cores or processors",
        (int)topology->mode.size, topology->mode.data);
  }
  *out_count = topology->group_count;
  if (*out_count || topology->cpu_ids.size) return iree_ok_status();
  *out_count = count_processors(cores);
  if (topology->max_group_count && *out_count > topology->max_group_count) {
    *out_count = topology->max_group_count;
  }
  return iree_ok_status();
}

// Appends `location?` and the parameters; of equal ones the last counts, so that |own| comes last.
static iree_status_t build_uri(const tenon_topology_t* topology, iree_string_view_t location,
                               iree_string_view_t own, iree_string_builder_t* builder) {
  iree_host_size_t worker_count = 0;
  IREE_RETURN_IF_ERROR(choose_worker_count(topology, &worker_count));
  IREE_RETURN_IF_ERROR(
      iree_string_builder_append_format(builder, "%.*s?", (int)location.size, location.data));
  // The URI's own list of processors also says how many workers there are.
  if (worker_count && (topology->group_count || !own.size)) {
    IREE_RETURN_IF_ERROR(
        iree_string_builder_append_format(builder, "worker_count=%" PRIhsz "&", worker_count));
  }
  if (topology->cpu_ids.size) {
    IREE_RETURN_IF_ERROR(iree_string_builder_append_format(
        builder, "processors=%.*s&", (int)topology->cpu_ids.size, topology->cpu_ids.data));
  }
  if (topology->worker_spin_us) {
    IREE_RETURN_IF_ERROR(iree_string_builder_append_format(builder, "worker_spin_us=%" PRIhsz "&",
                                                           topology->worker_spin_us));
  }
  return iree_string_builder_append_string(builder, own);
}

iree_status_t tenon_create_device(iree_hal_driver_registry_t* registry, iree_string_view_t uri,
                                  const tenon_topology_t* topology,
                                  iree_hal_device_t** out_device) {
  *out_device = NULL;
  iree_string_view_t location = iree_string_view_empty(), own = iree_string_view_empty();
  iree_string_view_split(uri, '?', &location, &own);
  iree_string_view_t driver = iree_string_view_empty();
  iree_string_view_split(location, ':', &driver, NULL);
  iree_string_builder_t builder;
  iree_string_builder_initialize(iree_allocator_system(), &builder);
  iree_status_t status = iree_ok_status();
  if (iree_string_view_equal(driver, IREE_SV("local-task"))) {
    status = build_uri(topology, location, own, &builder);
    uri = iree_string_builder_view(&builder);
  }
  if (iree_status_is_ok(status)) {
    status = iree_hal_create_device(registry, uri, iree_allocator_system(), out_device);
    if (!iree_status_is_ok(status))
      status = iree_status_annotate_f(status, "creating device %.*s", (int)uri.size, uri.data);
  }
  iree_string_builder_deinitialize(&builder);
  return status;
}
