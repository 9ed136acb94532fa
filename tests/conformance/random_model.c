// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The sequential model of randomized schedules: what must have run, what must have failed and of what,
// and what the buffers must hold.
#include "random_schedule.h"

typedef struct rs_model_t {
  const rs_plan_t* plan;
  const rs_result_t* result;
  bool ran[RS_MAX_OPS];
  // What each may have failed of; 0: it hasn't.
  uint64_t op_roots[RS_MAX_OPS];
  uint64_t timeline_roots[RS_MAX_TIMELINES];
  uint8_t* contents[RS_MAX_BUFFERS];
} rs_model_t;

static bool rs_is_reached(const rs_model_t* m, rs_point_t point) {
  switch (point.source) {
    case RS_GATE:
      return point.value <= m->plan->gates[point.index].final_value;
    case RS_TIMELINE:
      return point.value <= m->result->values[point.index];
    default:
      return iree_status_is_ok(m->result->done[point.index]);
  }
}

static uint64_t rs_roots_of(const rs_model_t* m, rs_point_t point) {
  switch (point.source) {
    case RS_GATE:
      return RS_ROOT_OF_GATE(point.index);
    case RS_TIMELINE:
      return m->timeline_roots[point.index];
    default:
      return m->op_roots[point.index];
  }
}

//===--- Failures -----------------------------------------------------------------------------===//

// Whether the text and code are those of the root.
static bool rs_is_root(const rs_model_t* m, int root, iree_status_code_t code, const char* text) {
  char part[64];
  if (root < RS_MAX_GATES) {
    if (m->plan->gates[root].ending == RS_ENDS_DROPPED) return code == IREE_STATUS_CANCELLED;
    snprintf(part, sizeof(part), "gate %d fails;", root);
    return code == (root % 2 ? IREE_STATUS_DATA_LOSS : IREE_STATUS_CANCELLED) && strstr(text, part);
  }
  if (root < RS_MAX_GATES + RS_MAX_TIMELINES) {
    snprintf(part, sizeof(part), "timeline %d fails;", root - RS_MAX_GATES);
    return code == IREE_STATUS_UNAVAILABLE && strstr(text, part);
  }
  const int op = root - RS_MAX_GATES - RS_MAX_TIMELINES;
  if (!m->plan->ops[op].fails) return code == IREE_STATUS_OUT_OF_RANGE;
  snprintf(part, sizeof(part), "the code reports failure %d;", 100 + op);
  return code == IREE_STATUS_INTERNAL && strstr(text, part);
}

static bool rs_report(const char* what, int index, const char* difference, iree_status_t status) {
  char text[1024];
  iree_status_format(status, sizeof(text), text, NULL);
  fprintf(stderr, "%s %d %s: %s\n", what, index, difference, text);
  return false;
}

// A failure must be of one of |roots|; success needs that there are none. |code|: the failure's, for
// statuses that only have it in their text.
static bool rs_check_failure(const rs_model_t* m, const char* what, int index, iree_status_t status,
                             uint64_t roots) {
  if (iree_status_is_ok(status))
    return roots == 0 || rs_report(what, index, "must have failed", status);
  if (roots == 0) return rs_report(what, index, "had no reason to fail", status);
  char text[1024];
  iree_status_format(status, sizeof(text), text, NULL);
  for (int root = 0; root < 64; ++root) {
    if ((roots >> root & 1) && rs_is_root(m, root, iree_status_code(status), text)) return true;
  }
  return rs_report(what, index, "failed of what is no reason of its own", status);
}

// Failures travel until nothing changes.
static void rs_spread_roots(rs_model_t* m) {
  const rs_plan_t* plan = m->plan;
  for (bool changes = true; changes;) {
    changes = false;
    for (int i = 0; i < plan->op_count; ++i) {
      const rs_op_t* op = &plan->ops[i];
      uint64_t roots = m->ran[i] && op->fails ? RS_ROOT_OF_OP(i) : 0;
      for (int k = 0; k < op->wait_count && !m->ran[i]; ++k) {
        if (!rs_is_reached(m, op->waits[k])) roots |= rs_roots_of(m, op->waits[k]);
      }
      uint64_t* timeline = op->timeline >= 0 ? &m->timeline_roots[op->timeline] : NULL;
      const uint64_t spread = roots | (op->is_backwards && m->ran[i] ? RS_ROOT_OF_OP(i) : 0);
      changes = changes || roots != m->op_roots[i] || (timeline && (spread & ~*timeline));
      m->op_roots[i] = roots;
      if (timeline) *timeline |= spread;
    }
  }
}

static bool rs_check_failures(rs_model_t* m) {
  const rs_plan_t* plan = m->plan;
  const rs_result_t* result = m->result;
  for (int t = 0; t < plan->timeline_count; ++t)
    m->timeline_roots[t] = plan->host_fails[t] ? RS_ROOT_OF_TIMELINE(t) : 0;
  rs_spread_roots(m);
  for (int i = 0; i < plan->op_count; ++i) {
    const rs_op_t* op = &plan->ops[i];
    if (!rs_check_failure(m, "op", i, result->done[i], m->op_roots[i])) return false;
    if (op->timeline < 0 || op->is_backwards) continue;
    const bool is_reached = op->value <= result->values[op->timeline];
    const bool is_done = iree_status_is_ok(result->done[i]);
    if (is_reached && !is_done)
      return rs_report("op", i, "failed, but its timeline is signaled", result->done[i]);
    if (!is_reached && iree_status_is_ok(result->timelines[op->timeline]))
      return rs_report("timeline", op->timeline, "is not where it must be", iree_ok_status());
  }
  for (int t = 0; t < plan->timeline_count; ++t) {
    if (!rs_check_failure(m, "timeline", t, result->timelines[t], m->timeline_roots[t]))
      return false;
    if (iree_status_is_ok(result->timelines[t]) && result->values[t] != plan->last_values[t])
      return rs_report("timeline", t, "has not reached its end", iree_ok_status());
  }
  return true;
}

// ALL and listeners need every point, ANY one.
static bool rs_check_observers(const rs_model_t* m) {
  for (int i = 0; i < m->plan->observer_count; ++i) {
    const rs_observer_t* observer = &m->plan->observers[i];
    int reached = 0;
    for (int k = 0; k < observer->point_count; ++k)
      reached += rs_is_reached(m, observer->points[k]);
    const bool is_ok =
        observer->kind == RS_WAIT_ANY ? reached > 0 : reached == observer->point_count;
    iree_status_t status = m->result->observers[i];
    if (observer->kind == RS_WAIT_SHORTLY && iree_status_is_deadline_exceeded(status)) continue;
    if (is_ok != iree_status_is_ok(status))
      return rs_report("observer", i, is_ok ? "must be OK" : "must have failed", status);
    if (!is_ok && observer->kind != RS_LISTEN && !iree_status_is_aborted(status))
      return rs_report("observer", i, "must be ABORTED", status);
  }
  return true;
}

//===--- Contents -----------------------------------------------------------------------------===//

static void rs_apply(rs_model_t* m, const rs_command_t* c) {
  uint8_t* target = m->contents[c->target] + c->target_offset;
  const uint8_t* source = m->contents[c->source] + c->source_offset;
  const uint32_t constant = (uint32_t)(c->number & 0x7FFFFFFF);
  switch (c->kind) {
    case RS_FILL:
      for (size_t i = 0; i < c->length; i += c->pattern_length)
        memcpy(target + i, &c->number, c->pattern_length);
      break;
    case RS_UPDATE:
      rs_make_data(c->number, target, c->length);
      break;
    case RS_COPY:
      memcpy(target, source, c->length);
      break;
    case RS_SCALE:
    case RS_ADD:
      for (size_t i = 0; i < c->length; i += 4) {
        uint32_t value = 0;
        memcpy(&value, (c->kind == RS_ADD ? target : source) + i, 4);
        value = (c->kind == RS_ADD ? value : value * 3u) + constant;
        memcpy(target + i, &value, 4);
      }
      break;
    case RS_FAIL:
      break;
  }
}

static bool rs_check_contents(rs_model_t* m) {
  const rs_plan_t* plan = m->plan;
  const size_t size = plan->cell_size * RS_CELLS;
  // Memory allocated in order has contents once something has filled it.
  bool has_contents[RS_MAX_BUFFERS];
  for (int b = 0; b < plan->buffer_count; ++b) {
    has_contents[b] = !plan->is_allocated_in_order[b];
    rs_make_data(plan->seed + (uint64_t)b, m->contents[b], size);
  }
  for (int i = 0; i < plan->op_count; ++i) {
    for (int k = 0; k < plan->ops[i].command_count && m->ran[i]; ++k) {
      rs_apply(m, &plan->ops[i].commands[k]);
      if (plan->ops[i].commands[k].kind != RS_FAIL)
        has_contents[plan->ops[i].commands[k].target] = true;
    }
  }
  for (int b = 0; b < plan->buffer_count; ++b) {
    if (!has_contents[b] || plan->is_deallocated[b]) continue;
    for (size_t i = 0; i < size; ++i) {
      if (m->contents[b][i] == m->result->contents[b][i]) continue;
      fprintf(stderr, "buffer %d, byte %zu: %02x, must be %02x\n", b, i, m->result->contents[b][i],
              m->contents[b][i]);
      return false;
    }
  }
  return true;
}

bool rs_check(const rs_plan_t* plan, const rs_result_t* result, rs_totals_t* totals) {
  rs_model_t model = {.plan = plan, .result = result};
  rs_model_t* m = &model;
  for (int i = 0; i < plan->op_count; ++i) {
    m->ran[i] = true;
    for (int k = 0; k < plan->ops[i].wait_count; ++k)
      m->ran[i] = m->ran[i] && rs_is_reached(m, plan->ops[i].waits[k]);
    if (iree_status_is_ok(result->done[i]) != (m->ran[i] && !plan->ops[i].fails))
      return rs_report("op", i, m->ran[i] ? "must have run" : "must not have run", result->done[i]);
    totals->ran += m->ran[i];
    totals->failed += !iree_status_is_ok(result->done[i]);
  }
  totals->observed += (uint64_t)plan->observer_count;
  if (!rs_check_failures(m) || !rs_check_observers(m)) return false;
  for (int b = 0; b < plan->buffer_count; ++b) m->contents[b] = malloc(plan->cell_size * RS_CELLS);
  const bool is_same = rs_check_contents(m);
  for (int b = 0; b < plan->buffer_count; ++b) free(m->contents[b]);
  return is_same;
}
