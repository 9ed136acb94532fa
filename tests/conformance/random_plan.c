// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Plans of randomized schedules, from seeds.
#include "random_schedule.h"

uint64_t rs_next(rs_random_t* random) {
  uint64_t z = (random->state += 0x9E3779B97F4A7C15ull);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

uint32_t rs_below(rs_random_t* random, uint32_t count) {
  return (uint32_t)((rs_next(random) >> 32) * count >> 32);
}

bool rs_chance(rs_random_t* random, uint32_t percent) { return rs_below(random, 100) < percent; }

void rs_make_data(uint64_t seed, uint8_t* data, size_t size) {
  rs_random_t random = {seed};
  for (size_t i = 0; i < size; ++i) data[i] = (uint8_t)rs_next(&random);
}

// While a plan is made.
typedef struct rs_maker_t {
  rs_plan_t* plan;
  rs_random_t random;
  uint32_t failure_percent;  // of whatever can fail
  // Of each cell: the operation that wrote it last (-1: none), and those that read it since.
  int writer[RS_MAX_BUFFERS][RS_CELLS];
  uint64_t readers[RS_MAX_BUFFERS][RS_CELLS];
  // The last operation of each timeline, -1: none.
  int last_op[RS_MAX_TIMELINES];
} rs_maker_t;

// The cells that something reads and writes, a mask for each buffer.
typedef struct rs_access_t {
  uint32_t reads[RS_MAX_BUFFERS];
  uint32_t writes[RS_MAX_BUFFERS];
} rs_access_t;

static bool rs_conflicts(const rs_access_t* a, const rs_access_t* b) {
  for (int i = 0; i < RS_MAX_BUFFERS; ++i) {
    if ((a->writes[i] & (b->reads[i] | b->writes[i])) || (b->writes[i] & a->reads[i])) return true;
  }
  return false;
}

static void rs_merge(rs_access_t* into, const rs_access_t* from) {
  for (int i = 0; i < RS_MAX_BUFFERS; ++i) {
    into->reads[i] |= from->reads[i];
    into->writes[i] |= from->writes[i];
  }
}

static uint32_t rs_cells(const rs_plan_t* plan, size_t offset, size_t length) {
  uint32_t mask = 0;
  for (size_t cell = offset / plan->cell_size; cell * plan->cell_size < offset + length; ++cell)
    mask |= 1u << cell;
  return mask;
}

//===--- Commands -----------------------------------------------------------------------------===//

// A range within a buffer, in units of |unit| bytes, of at most |most| bytes.
static void rs_pick_range(rs_maker_t* m, size_t unit, size_t most, size_t* out_offset,
                          size_t* out_length) {
  const size_t size = m->plan->cell_size * RS_CELLS;
  const uint32_t units = (uint32_t)(size / unit);
  uint32_t length = 1 + rs_below(&m->random, rs_chance(&m->random, 50) ? units : units / RS_CELLS);
  if (length > most / unit) length = (uint32_t)(most / unit);
  *out_offset = rs_below(&m->random, units - length + 1) * unit;
  *out_length = length * unit;
}

static rs_access_t rs_make_command(rs_maker_t* m, bool with_dispatches, rs_command_t* command) {
  rs_plan_t* plan = m->plan;
  rs_access_t access = {0};
  command->kind =
      (rs_command_kind_t)rs_below(&m->random, with_dispatches ? RS_ADD + 1 : RS_COPY + 1);
  command->target = command->source = (int)rs_below(&m->random, (uint32_t)plan->buffer_count);
  command->number = rs_next(&m->random);
  command->pattern_length = 1u << rs_below(&m->random, 4);
  const bool has_source = command->kind == RS_COPY || command->kind == RS_SCALE;
  const size_t unit = command->kind >= RS_SCALE ? 4 : command->kind == RS_FILL ? 8 : 1;
  rs_pick_range(m, unit, SIZE_MAX, &command->target_offset, &command->length);
  access.writes[command->target] = rs_cells(plan, command->target_offset, command->length);
  if (has_source) {
    // From another buffer: ranges of one buffer must not overlap.
    command->source =
        (command->target + 1 + (int)rs_below(&m->random, (uint32_t)plan->buffer_count - 1)) %
        plan->buffer_count;
    size_t length = 0;
    rs_pick_range(m, unit, command->length, &command->source_offset, &length);
    command->length = length;
    access.reads[command->source] = rs_cells(plan, command->source_offset, length);
    access.writes[command->target] = rs_cells(plan, command->target_offset, length);
  }
  return access;
}

//===--- Operations ---------------------------------------------------------------------------===//

static void rs_add_wait(rs_op_t* op, rs_point_t point) {
  for (int i = 0; i < op->wait_count; ++i) {
    if (op->waits[i].source == point.source && op->waits[i].index == point.index &&
        op->waits[i].value == point.value) {
      return;
    }
  }
  if (op->wait_count < RS_MAX_WAITS) op->waits[op->wait_count++] = point;
}

// A point that operation |i| signals when it has ended.
static rs_point_t rs_end_of(rs_maker_t* m, int i) {
  const rs_op_t* op = &m->plan->ops[i];
  if (op->timeline >= 0 && !op->is_backwards && rs_chance(&m->random, 60))
    return (rs_point_t){RS_TIMELINE, op->timeline, op->value};
  return (rs_point_t){RS_DONE, i, 1};
}

// Makes |op|, the next one, wait for all that it conflicts with.
static void rs_order(rs_maker_t* m, rs_op_t* op, const rs_access_t* access) {
  const int self = m->plan->op_count;
  uint64_t before = 0;
  for (int b = 0; b < m->plan->buffer_count; ++b) {
    for (int c = 0; c < RS_CELLS; ++c) {
      const bool reads = access->reads[b] >> c & 1, writes = access->writes[b] >> c & 1;
      if ((reads || writes) && m->writer[b][c] >= 0) before |= 1ull << m->writer[b][c];
      if (writes) before |= m->readers[b][c];
      if (writes) {
        m->writer[b][c] = self;
        m->readers[b][c] = 0;
      } else if (reads) {
        m->readers[b][c] |= 1ull << self;
      }
    }
  }
  for (int i = 0; i < self; ++i) {
    if (before >> i & 1) rs_add_wait(op, rs_end_of(m, i));
  }
}

// What it signals, and more to wait for.
static void rs_connect(rs_maker_t* m, rs_op_t* op) {
  rs_plan_t* plan = m->plan;
  // Command buffers are their device's.
  op->on_other_device =
      op->reuses < 0 ? rs_chance(&m->random, 40) : plan->ops[op->reuses].on_other_device;
  op->timeline = -1;
  const int t = (int)rs_below(&m->random, (uint32_t)plan->timeline_count);
  if (rs_chance(&m->random, 70) && !plan->is_over[t]) {
    // Points of a timeline are signaled one after another.
    if (m->last_op[t] >= 0) rs_add_wait(op, (rs_point_t){RS_TIMELINE, t, plan->last_values[t]});
    op->timeline = t;
    op->is_backwards = plan->last_values[t] > 0 && rs_chance(&m->random, m->failure_percent / 4);
    op->value = op->is_backwards ? 1 + rs_below(&m->random, (uint32_t)plan->last_values[t])
                                 : plan->last_values[t] + 1 + rs_below(&m->random, 3);
    plan->is_over[t] = op->is_backwards;
    if (!op->is_backwards) plan->last_values[t] = op->value;
    m->last_op[t] = plan->op_count;
  }
  if (plan->gate_count && rs_chance(&m->random, 40)) {
    rs_add_wait(op, (rs_point_t){RS_GATE, (int)rs_below(&m->random, (uint32_t)plan->gate_count),
                                 1 + rs_below(&m->random, 3)});
  }
  while (plan->op_count && rs_chance(&m->random, 25))
    rs_add_wait(op, rs_end_of(m, (int)rs_below(&m->random, (uint32_t)plan->op_count)));
  ++plan->op_count;
}

static void rs_add_buffer_op(rs_maker_t* m, rs_op_kind_t kind, int buffer) {
  rs_op_t* op = &m->plan->ops[m->plan->op_count];
  op->kind = kind;
  op->buffer = buffer;
  op->reuses = -1;
  rs_access_t access = {0};
  access.writes[buffer] = (1u << RS_CELLS) - 1;
  rs_order(m, op, &access);
  rs_connect(m, op);
}

// Gives memory without contents its first ones.
static void rs_add_first_fill(rs_maker_t* m, int buffer) {
  rs_op_t* op = &m->plan->ops[m->plan->op_count];
  op->kind = RS_TRANSFER;
  op->reuses = -1;
  op->command_count = 1;
  op->commands[0] = (rs_command_t){.kind = RS_FILL,
                                   .target = buffer,
                                   .source = buffer,
                                   .length = m->plan->cell_size * RS_CELLS,
                                   .number = rs_next(&m->random),
                                   .pattern_length = 8};
  rs_access_t access = {0};
  access.writes[buffer] = (1u << RS_CELLS) - 1;
  rs_order(m, op, &access);
  rs_connect(m, op);
}

static rs_access_t rs_record(rs_maker_t* m, rs_op_t* op) {
  rs_access_t all = {0}, since_barrier = {0};
  op->command_count = 1 + (int)rs_below(&m->random, RS_MAX_COMMANDS);
  for (int i = 0; i < op->command_count; ++i) {
    const rs_access_t access = rs_make_command(m, true, &op->commands[i]);
    if (rs_conflicts(&since_barrier, &access) || rs_chance(&m->random, 15)) {
      op->commands[i].has_barrier = true;
      memset(&since_barrier, 0, sizeof(since_barrier));
    }
    rs_merge(&since_barrier, &access);
    rs_merge(&all, &access);
  }
  return all;
}

// The access of commands that were made before.
static rs_access_t rs_access_of(const rs_plan_t* plan, const rs_op_t* op) {
  rs_access_t access = {0};
  for (int i = 0; i < op->command_count; ++i) {
    const rs_command_t* c = &op->commands[i];
    if (c->kind == RS_FAIL) continue;
    access.writes[c->target] |= rs_cells(plan, c->target_offset, c->length);
    if (c->kind == RS_COPY || c->kind == RS_SCALE)
      access.reads[c->source] |= rs_cells(plan, c->source_offset, c->length);
  }
  return access;
}

// Submits the commands of an earlier operation again, if there are any.
static bool rs_reuse(rs_maker_t* m, rs_op_t* op) {
  rs_plan_t* plan = m->plan;
  if (!plan->op_count || !rs_chance(&m->random, 25)) return false;
  const int i = (int)rs_below(&m->random, (uint32_t)plan->op_count);
  rs_op_t* earlier = &plan->ops[i];
  if (earlier->kind != RS_EXECUTE || earlier->reuses >= 0 || earlier->fails) return false;
  op->command_count = earlier->command_count;
  memcpy(op->commands, earlier->commands, sizeof(op->commands));
  op->reuses = i;
  earlier->is_reused = true;
  return true;
}

static void rs_add_op(rs_maker_t* m) {
  rs_op_t* op = &m->plan->ops[m->plan->op_count];
  op->reuses = -1;
  const uint32_t choice = rs_below(&m->random, 100);
  rs_access_t access = {0};
  if (choice < 15) {
    op->kind = RS_BARRIER;
  } else if (choice < 60) {
    op->kind = RS_TRANSFER;
    op->command_count = 1;
    access = rs_make_command(m, false, &op->commands[0]);
  } else {
    op->kind = RS_EXECUTE;
    if (rs_chance(&m->random, m->failure_percent / 3)) {
      op->fails = true;
      op->command_count = 1;
      op->commands[0].kind = RS_FAIL;
      op->commands[0].number = 100 + (uint64_t)m->plan->op_count;
    } else if (rs_reuse(m, op)) {
      access = rs_access_of(m->plan, op);
    } else {
      access = rs_record(m, op);
    }
  }
  rs_order(m, op, &access);
  rs_connect(m, op);
}

//===--- The host -----------------------------------------------------------------------------===//

static uint32_t rs_delay(rs_maker_t* m) {
  return rs_chance(&m->random, 50) ? 0 : rs_below(&m->random, rs_chance(&m->random, 80) ? 60 : 600);
}

static void rs_add_action(rs_maker_t* m, int host, rs_action_kind_t kind, int index,
                          uint64_t value) {
  rs_plan_t* plan = m->plan;
  plan->actions[host][plan->action_counts[host]++] = (rs_action_t){kind, index, value, rs_delay(m)};
}

static void rs_make_gates(rs_maker_t* m) {
  rs_plan_t* plan = m->plan;
  plan->gate_count = (int)rs_below(&m->random, RS_MAX_GATES + 1);
  for (int i = 0; i < plan->gate_count; ++i) {
    rs_gate_t* gate = &plan->gates[i];
    const int host = (int)rs_below(&m->random, (uint32_t)plan->host_count);
    const bool fails = rs_chance(&m->random, m->failure_percent);
    gate->ending = !fails                      ? RS_ENDS_REACHED
                   : rs_chance(&m->random, 50) ? RS_ENDS_FAILED
                                               : RS_ENDS_DROPPED;
    gate->final_value = fails ? rs_below(&m->random, 4) : 3;
    for (uint64_t value = 1; value <= gate->final_value; ++value) {
      if (value == gate->final_value || rs_chance(&m->random, 60))
        rs_add_action(m, host, RS_SIGNAL_GATE, i, value);
    }
    if (fails) rs_add_action(m, host, RS_END_GATE, i, 0);
  }
}

static void rs_fail_timelines(rs_maker_t* m) {
  rs_plan_t* plan = m->plan;
  for (int t = 0; t < plan->timeline_count; ++t) {
    plan->host_fails[t] = rs_chance(&m->random, m->failure_percent / 2);
    if (plan->host_fails[t]) {
      rs_add_action(m, (int)rs_below(&m->random, (uint32_t)plan->host_count), RS_FAIL_TIMELINE, t,
                    0);
    }
  }
}

// A host's actions in another order; those on one gate keep theirs.
static void rs_shuffle_actions(rs_maker_t* m, int host) {
  rs_action_t* actions = m->plan->actions[host];
  for (int round = 0; round < m->plan->action_counts[host] * 3; ++round) {
    for (int i = 0; i + 1 < m->plan->action_counts[host]; ++i) {
      const bool is_same = actions[i].kind != RS_FAIL_TIMELINE &&
                           actions[i + 1].kind != RS_FAIL_TIMELINE &&
                           actions[i].index == actions[i + 1].index;
      if (is_same || rs_chance(&m->random, 50)) continue;
      const rs_action_t action = actions[i];
      actions[i] = actions[i + 1];
      actions[i + 1] = action;
    }
  }
}

static void rs_make_observers(rs_maker_t* m) {
  rs_plan_t* plan = m->plan;
  plan->observer_count = (int)rs_below(&m->random, RS_MAX_OBSERVERS + 1);
  for (int i = 0; i < plan->observer_count; ++i) {
    rs_observer_t* observer = &plan->observers[i];
    observer->kind = (rs_observer_kind_t)rs_below(&m->random, RS_LISTEN + 1);
    observer->timeout_us = rs_below(&m->random, 300);
    observer->point_count =
        1 + (int)rs_below(&m->random, rs_chance(&m->random, 80) ? 3 : RS_MAX_POINTS);
    for (int k = 0; k < observer->point_count; ++k)
      observer->points[k] = rs_end_of(m, (int)rs_below(&m->random, (uint32_t)plan->op_count));
  }
}

void rs_make_plan(uint64_t seed, rs_plan_t* out_plan) {
  memset(out_plan, 0, sizeof(*out_plan));
  rs_plan_t* plan = out_plan;
  rs_maker_t maker = {.plan = plan, .random = {seed}};
  rs_maker_t* m = &maker;
  memset(m->writer, 0xFF, sizeof(m->writer));
  memset(m->last_op, 0xFF, sizeof(m->last_op));
  plan->seed = seed;
  m->failure_percent = rs_chance(&m->random, 35) ? 0 : 5 + rs_below(&m->random, 30);
  const uint32_t size = rs_below(&m->random, 100);
  plan->cell_size = size < 70 ? 64 : size < 95 ? 2048 : 96 * 1024;
  plan->buffer_count = 2 + (int)rs_below(&m->random, RS_MAX_BUFFERS - 1);
  plan->timeline_count = 1 + (int)rs_below(&m->random, RS_MAX_TIMELINES);
  plan->host_count = 1 + (int)rs_below(&m->random, RS_MAX_THREADS);
  plan->submitter_count = 1 + (int)rs_below(&m->random, RS_MAX_THREADS);
  for (int t = 0; t < plan->timeline_count; ++t)
    plan->initial_values[t] = plan->last_values[t] = rs_below(&m->random, 6);
  rs_make_gates(m);
  for (int b = 0; b < plan->buffer_count; ++b) {
    plan->is_allocated_in_order[b] = rs_chance(&m->random, 25);
    if (plan->is_allocated_in_order[b]) rs_add_buffer_op(m, RS_ALLOCA, b);
  }
  for (int b = 0; b < plan->buffer_count; ++b) {
    if (plan->is_allocated_in_order[b]) rs_add_first_fill(m, b);
  }
  const int count = 1 + (int)rs_below(&m->random, RS_MAX_OPS - 3 * RS_MAX_BUFFERS);
  for (int i = 0; i < count; ++i) rs_add_op(m);
  for (int b = 0; b < plan->buffer_count; ++b) {
    plan->is_deallocated[b] = plan->is_allocated_in_order[b] && rs_chance(&m->random, 50);
    if (plan->is_deallocated[b]) rs_add_buffer_op(m, RS_DEALLOCA, b);
  }
  for (int i = 0; i < plan->op_count; ++i) {
    const int at = (int)rs_below(&m->random, (uint32_t)i + 1);
    plan->order[i] = plan->order[at];
    plan->order[at] = i;
  }
  rs_fail_timelines(m);
  for (int host = 0; host < plan->host_count; ++host) rs_shuffle_actions(m, host);
  rs_make_observers(m);
  plan->releases_devices = rs_chance(&m->random, 10);
}

void rs_print_plan(const rs_plan_t* plan) {
  static const char* const kinds[] = {"transfer", "execute", "barrier", "alloca", "dealloca"};
  static const char* const endings[] = {"reached", "failed", "dropped"};
  fprintf(stderr, "%d buffers of %zu bytes, %d submitters, %d hosts\n", plan->buffer_count,
          plan->cell_size * RS_CELLS, plan->submitter_count, plan->host_count);
  for (int i = 0; i < plan->gate_count; ++i) {
    fprintf(stderr, "gate %d: %s at %d\n", i, endings[plan->gates[i].ending],
            (int)plan->gates[i].final_value);
  }
  for (int t = 0; t < plan->timeline_count; ++t) {
    fprintf(stderr, "timeline %d: from %d to %d%s%s\n", t, (int)plan->initial_values[t],
            (int)plan->last_values[t], plan->host_fails[t] ? ", the host fails it" : "",
            plan->is_over[t] ? ", signaled backwards" : "");
  }
  for (int i = 0; i < plan->op_count; ++i) {
    const rs_op_t* op = &plan->ops[i];
    fprintf(stderr, "op %d: %s%s, waits for", i, kinds[op->kind], op->fails ? " that fails" : "");
    for (int k = 0; k < op->wait_count; ++k) {
      fprintf(stderr, " %c%d@%d", "gtd"[op->waits[k].source], op->waits[k].index,
              (int)op->waits[k].value);
    }
    if (op->timeline >= 0) fprintf(stderr, ", signals t%d@%d", op->timeline, (int)op->value);
    fprintf(stderr, "\n");
  }
}
