// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs all cases on the device that the options name; without --device, on the default device of every
// registered driver.

#include <signal.h>
#include <unistd.h>

#include "conformance.h"
#include "iree/hal/drivers/init.h"

static void on_alarm(int signal_number) {
  static const char text[] = "the test above hangs\n";
  if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0) _exit(4);
  _exit(3);
}

static int run_groups(void) {
  int failures = 0;
  failures += ct_run_semaphores();
  failures += ct_run_waiting();
  failures += ct_run_fences();
  failures += ct_run_queue_transfer();
  failures += ct_run_queue_errors();
  failures += ct_run_queue_order();
  failures += ct_run_command_buffers();
  failures += ct_run_dispatches();
  failures += ct_run_failures();
  failures += ct_run_lifetime();
  failures += ct_run_threads();
  return failures;
}

static int run_all_drivers(void) {
  iree_hal_driver_registry_t* registry = iree_hal_driver_registry_default();
  iree_host_size_t count = 0;
  iree_hal_driver_info_t* infos = NULL;
  iree_status_t status = iree_hal_register_all_available_drivers(registry);
  if (iree_status_is_ok(status)) {
    status = iree_hal_driver_registry_enumerate(registry, iree_allocator_system(), &count, &infos);
  }
  if (!iree_status_is_ok(status)) {
    iree_status_fprint(stderr, status);
    iree_status_free(status);
    return 1;
  }
  int failures = count ? 0 : 1;
  for (iree_host_size_t i = 0; i < count; ++i) {
    char uri[256];
    snprintf(uri, sizeof(uri), "%.*s", (int)infos[i].driver_name.size, infos[i].driver_name.data);
    fprintf(stderr, "== %s\n", uri);
    ct_config.uri = uri;
    failures += run_groups();
  }
  iree_allocator_free(iree_allocator_system(), infos);
  return failures;
}

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (strncmp(argv[i], "--filter=", 9) == 0) {
      cmocka_set_test_filter(argv[i] + 9);
    } else if (!ct_parse_option(argv[i])) {
      fprintf(stderr,
              "unknown option %s; the options: --device=URI --other=URI --workers=N "
              "--inline_size=BYTES --shared_executor --filter=PATTERN\n",
              argv[i]);
      return 2;
    }
  }
  signal(SIGALRM, on_alarm);
  const bool is_named = ct_config.uri || ct_config.has_executor;
  return (is_named ? run_groups() : run_all_drivers()) ? 1 : 0;
}
