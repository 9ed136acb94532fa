// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//   hal_random_schedule_test [--rounds=N] [--seed=N] [the options of hal_conformance_test for devices]
//
// Runs N randomized schedules, of the seeds from SEED on. One that goes wrong, or never ends, prints its
// seed and its plan; --seed=THAT --rounds=1 (or more: the threads differ each time) runs it again. The
// environment's TENON_RANDOM_ROUNDS and TENON_RANDOM_SEED win over the options.

#include <signal.h>
#include <unistd.h>

#include "random_schedule.h"

static uint64_t round_count = 100;
static uint64_t first_seed = 1;
static bool repeats;

// What to print if this round never ends.
static rs_plan_t plan;

static void give_up(const char* why) {
  fprintf(stderr, "%s: run again with --seed=%llu --rounds=1\n", why,
          (unsigned long long)plan.seed);
  rs_print_plan(&plan);
  fflush(stderr);
}

static void on_alarm(int signal_number) {
  give_up("this schedule hangs");
  _exit(3);
}

static void test_random_schedules(void** state) {
  ct_env_t* ct = calloc(1, sizeof(*ct));
  iree_hal_executable_t* kernels = NULL;
  rs_totals_t totals = {0};
  for (uint64_t i = 0; i < round_count; ++i) {
    alarm(240);
    rs_make_plan(repeats ? first_seed : first_seed + i, &plan);
    if (!ct->device) {
      ct_open(ct);
      kernels = ct_load_kernels(iree_allocator_system());
    }
    rs_result_t result;
    const bool is_over = rs_run(ct, kernels, &plan, &result);
    if (!is_over || !rs_check(&plan, &result, &totals)) {
      give_up("this schedule goes wrong");
      fail();
    }
    rs_result_deinitialize(&result);
    // Rounds share devices until one of them releases these.
    if (!ct->device || i + 1 == round_count) {
      iree_hal_executable_release(kernels);
      ct_close(ct);
      memset(ct, 0, sizeof(*ct));
    }
  }
  alarm(0);
  free(ct);
  fprintf(stderr, "%llu rounds: %llu operations ran, %llu failed, %llu observers\n",
          (unsigned long long)round_count, (unsigned long long)totals.ran,
          (unsigned long long)totals.failed, (unsigned long long)totals.observed);
}

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (strncmp(argv[i], "--rounds=", 9) == 0) {
      round_count = strtoull(argv[i] + 9, NULL, 10);
    } else if (strncmp(argv[i], "--seed=", 7) == 0) {
      first_seed = strtoull(argv[i] + 7, NULL, 10);
    } else if (strcmp(argv[i], "--repeat") == 0) {
      repeats = true;
    } else if (!ct_parse_option(argv[i])) {
      fprintf(stderr,
              "unknown option %s; the options: --rounds=N --seed=N --repeat --device=URI "
              "--other=URI --workers=N --inline_size=BYTES --shared_executor\n",
              argv[i]);
      return 2;
    }
  }
  if (getenv("TENON_RANDOM_ROUNDS"))
    round_count = strtoull(getenv("TENON_RANDOM_ROUNDS"), NULL, 10);
  if (getenv("TENON_RANDOM_SEED")) first_seed = strtoull(getenv("TENON_RANDOM_SEED"), NULL, 10);
  if (!ct_config.uri && !ct_config.has_executor) ct_config.uri = "local-sync";
  signal(SIGALRM, on_alarm);
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_random_schedules)};
  return cmocka_run_group_tests_name("random_schedule", tests, NULL, NULL);
}
