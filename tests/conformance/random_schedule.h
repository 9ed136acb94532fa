// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Randomized schedules: a directed acyclic graph of queue operations over some buffers, and what the host
// does meanwhile: signals late, fails, drops what is waited for. A plan is made from a seed; running it is
// up to the threads; what it must lead to is computed by a sequential model.
//
// Operations are numbered so that each waits only for those before it, and conflicting ones (cells
// of buffers that one of them writes) are always ordered by waits. So whatever the threads do,
// the contents at the end are those of a run in the order of the numbers, of just those operations
// whose waits were all reached.
//
// Which were can depend on the threads: the host may fail a timeline before or after an operation
// signals it. But each semaphore's final number tells which of its points were reached, for ever;
// from these follows exactly what ran, what failed, and of what it may have failed.

#ifndef TENON_TESTS_CONFORMANCE_RANDOM_SCHEDULE_H_
#define TENON_TESTS_CONFORMANCE_RANDOM_SCHEDULE_H_

#include "conformance.h"

enum {
  RS_MAX_OPS = 40,
  RS_MAX_WAITS = RS_MAX_OPS + 8,
  RS_MAX_TIMELINES = 8,
  RS_MAX_GATES = 6,
  RS_MAX_BUFFERS = 5,
  RS_CELLS = 4,  // conflicts are told by fourths of buffers
  RS_MAX_COMMANDS = 5,
  RS_MAX_ACTIONS = 32,
  RS_MAX_THREADS = 3,
  RS_MAX_OBSERVERS = 6,
  RS_MAX_POINTS = 12,  // of an observer
};

// splitmix64
typedef struct rs_random_t {
  uint64_t state;
} rs_random_t;
uint64_t rs_next(rs_random_t* random);
// 0 to count - 1
uint32_t rs_below(rs_random_t* random, uint32_t count);
bool rs_chance(rs_random_t* random, uint32_t percent);

// What can be waited for.
typedef enum rs_source_e { RS_GATE, RS_TIMELINE, RS_DONE } rs_source_t;
typedef struct rs_point_t {
  rs_source_t source;
  int index;  // of the gate, the timeline, or the operation that is done
  uint64_t value;
} rs_point_t;

typedef enum rs_command_kind_e {
  RS_FILL,
  RS_UPDATE,
  RS_COPY,
  RS_SCALE,  // a dispatch from one range to another
  RS_ADD,    // a dispatch on one range
  RS_FAIL,   // a dispatch that fails
} rs_command_kind_t;

typedef struct rs_command_t {
  rs_command_kind_t kind;
  bool has_barrier;  // before it
  int target, source;
  size_t target_offset, source_offset, length;
  uint64_t number;  // pattern, seed of the data, constant
  uint32_t pattern_length;
} rs_command_t;

typedef enum rs_op_kind_e {
  RS_TRANSFER,
  RS_EXECUTE,
  RS_BARRIER,
  RS_ALLOCA,
  RS_DEALLOCA
} rs_op_kind_t;

typedef struct rs_op_t {
  rs_op_kind_t kind;
  bool on_other_device;
  int command_count;
  rs_command_t commands[RS_MAX_COMMANDS];
  int reuses;  // the operation whose command buffer is submitted again; -1: none
  bool is_reused;
  int buffer;  // of alloca and dealloca
  int wait_count;
  rs_point_t waits[RS_MAX_WAITS];
  // Beside its own `done` the operation signals a point of a timeline; -1: none. Backwards: to a value
  // that the timeline has reached already.
  int timeline;
  uint64_t value;
  bool is_backwards;
  bool fails;  // by itself
} rs_op_t;

// Nobody's reason, or the first failure: a bit of a gate, of a timeline that the host fails, of an
// operation that fails by itself or signals backwards.
#define RS_ROOT_OF_GATE(i) (1ull << (i))
#define RS_ROOT_OF_TIMELINE(i) (1ull << (RS_MAX_GATES + (i)))
#define RS_ROOT_OF_OP(i) (1ull << (RS_MAX_GATES + RS_MAX_TIMELINES + (i)))

typedef enum rs_ending_e { RS_ENDS_REACHED, RS_ENDS_FAILED, RS_ENDS_DROPPED } rs_ending_t;
typedef struct rs_gate_t {
  uint64_t final_value;
  rs_ending_t ending;
} rs_gate_t;

typedef enum rs_action_kind_e { RS_SIGNAL_GATE, RS_END_GATE, RS_FAIL_TIMELINE } rs_action_kind_t;
typedef struct rs_action_t {
  rs_action_kind_t kind;
  int index;
  uint64_t value;
  uint32_t delay_us;
} rs_action_t;

typedef enum rs_observer_kind_e {
  RS_WAIT_ALL,
  RS_WAIT_ANY,
  RS_WAIT_SHORTLY,  // for all, and often in vain
  RS_LISTEN,
} rs_observer_kind_t;
typedef struct rs_observer_t {
  rs_observer_kind_t kind;
  int point_count;
  uint32_t timeout_us;
  rs_point_t points[RS_MAX_POINTS];
} rs_observer_t;

typedef struct rs_plan_t {
  uint64_t seed;
  size_t cell_size;
  int buffer_count;
  bool is_allocated_in_order[RS_MAX_BUFFERS];
  bool is_deallocated[RS_MAX_BUFFERS];
  int gate_count;
  rs_gate_t gates[RS_MAX_GATES];
  int timeline_count;
  uint64_t initial_values[RS_MAX_TIMELINES];
  uint64_t last_values[RS_MAX_TIMELINES];
  bool host_fails[RS_MAX_TIMELINES];
  bool is_over[RS_MAX_TIMELINES];  // something was signaled backwards
  int op_count;
  rs_op_t ops[RS_MAX_OPS];
  int submitter_count;
  int order[RS_MAX_OPS];  // in which they are submitted
  int host_count;
  int action_counts[RS_MAX_THREADS];
  rs_action_t actions[RS_MAX_THREADS][RS_MAX_ACTIONS];
  int observer_count;
  rs_observer_t observers[RS_MAX_OBSERVERS];
  bool releases_devices;  // as soon as everything is submitted
} rs_plan_t;

void rs_make_plan(uint64_t seed, rs_plan_t* out_plan);
// For people who look for what went wrong.
void rs_print_plan(const rs_plan_t* plan);

// What a run led to. Statuses are OK or the failure itself.
typedef struct rs_result_t {
  iree_status_t done[RS_MAX_OPS];
  uint64_t values[RS_MAX_TIMELINES];
  iree_status_t timelines[RS_MAX_TIMELINES];
  iree_status_t observers[RS_MAX_OBSERVERS];
  uint8_t* contents[RS_MAX_BUFFERS];
} rs_result_t;

// Runs the plan to its end. False if it doesn't end, or a call failed that must not: said on stderr.
bool rs_run(ct_env_t* ct, iree_hal_executable_t* kernels, const rs_plan_t* plan,
            rs_result_t* out_result);
void rs_result_deinitialize(rs_result_t* result);

typedef struct rs_totals_t {
  uint64_t ran, failed, observed;
} rs_totals_t;

// Compares the result with the model. False with the first difference on stderr.
bool rs_check(const rs_plan_t* plan, const rs_result_t* result, rs_totals_t* totals);

// What the buffers start with, and the data of updates.
void rs_make_data(uint64_t seed, uint8_t* data, size_t size);

#endif  // TENON_TESTS_CONFORMANCE_RANDOM_SCHEDULE_H_
