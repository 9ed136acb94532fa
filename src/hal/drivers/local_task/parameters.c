// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hal/drivers/local_task/parameters.h"

// The numbers, by name, with their limits.
enum { WORKER_COUNT, WORKER_SPIN_US, INLINE_SIZE, BLOCKING_THREADS, NUMBER_COUNT };
static const struct {
  const char name[20];
  uint32_t min;
  uint64_t max;
} tenon_hal_local_task_numbers[NUMBER_COUNT] = {
    {"worker_count", 0, TENON_EXECUTOR_MAX_WORKER_COUNT},
    {"worker_spin_us", 0, 1000},
    {"inline_size", 0, INT64_MAX},
    {"blocking_threads", 1, TENON_BLOCKING_POOL_MAX_THREAD_COUNT},
};

// Numbers and ranges of them: 0,2,4-7.
static bool tenon_hal_local_task_parse_list(iree_string_view_t list,
                                            uint32_t processors[TENON_EXECUTOR_MAX_WORKER_COUNT],
                                            iree_host_size_t* out_count) {
  *out_count = 0;
  do {
    iree_string_view_t item, first_text, last_text;
    iree_string_view_split(list, ',', &item, &list);
    uint32_t first = 0, last = 0;
    const bool is_range = iree_string_view_split(item, '-', &first_text, &last_text) != -1;
    if (!iree_string_view_atoi_uint32(first_text, &first)) return false;
    if (!iree_string_view_atoi_uint32(is_range ? last_text : first_text, &last)) return false;
    if (last < first || last - first >= TENON_EXECUTOR_MAX_WORKER_COUNT - *out_count) return false;
    for (uint32_t i = 0; i <= last - first; ++i) processors[(*out_count)++] = first + i;
  } while (!iree_string_view_is_empty(list));
  return true;
}

iree_status_t tenon_hal_local_task_parse_parameters(
    iree_host_size_t param_count, const iree_string_pair_t* params,
    uint32_t processors[TENON_EXECUTOR_MAX_WORKER_COUNT], tenon_executor_options_t* out_options) {
  tenon_executor_options_initialize(out_options);
  out_options->processors = processors;
  uint64_t numbers[NUMBER_COUNT] = {[INLINE_SIZE] = out_options->inline_size};
  for (iree_host_size_t i = 0; i < param_count; ++i) {
    const iree_string_view_t key = params[i].key, value = params[i].value;
    if (iree_string_view_equal(key, IREE_SV("processors"))) {
      if (tenon_hal_local_task_parse_list(value, processors, &out_options->processor_count))
        continue;
      return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                              "the parameter 'processors' can't be '%.*s'; expected up to %d "
                              "numbers of processors, such as 0,2,4-7",
                              (int)value.size, value.data, TENON_EXECUTOR_MAX_WORKER_COUNT);
    }
    int n = 0;
    while (n < NUMBER_COUNT &&
           !iree_string_view_equal(key,
                                   iree_make_cstring_view(tenon_hal_local_task_numbers[n].name))) {
      ++n;
    }
    if (n == NUMBER_COUNT) {
      return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                              "devices of the driver 'local-task' have no parameter '%.*s'; they "
                              "have worker_count, processors, worker_spin_us, inline_size and "
                              "blocking_threads",
                              (int)key.size, key.data);
    }
    if (!iree_string_view_atoi_uint64(value, &numbers[n]) ||
        numbers[n] < tenon_hal_local_task_numbers[n].min ||
        numbers[n] > tenon_hal_local_task_numbers[n].max) {
      return iree_make_status(
          IREE_STATUS_INVALID_ARGUMENT,
          "the parameter '%s' can't be '%.*s'; expected a number from %" PRIu32 " to %" PRIu64,
          tenon_hal_local_task_numbers[n].name, (int)value.size, value.data,
          tenon_hal_local_task_numbers[n].min, tenon_hal_local_task_numbers[n].max);
    }
  }
  out_options->worker_count = (iree_host_size_t)numbers[WORKER_COUNT];
  out_options->worker_spin_ns = (iree_duration_t)numbers[WORKER_SPIN_US] * 1000;
  out_options->inline_size = (iree_device_size_t)numbers[INLINE_SIZE];
  out_options->blocking_pool.max_thread_count = (iree_host_size_t)numbers[BLOCKING_THREADS];
  return iree_ok_status();
}
