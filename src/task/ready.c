// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "task/ready.h"

#include <stddef.h>

static _Thread_local struct {
  tenon_ready_item_t* first;
  tenon_ready_item_t* last;  // if there is a first
  bool is_held;              // a drain is under way, or put off
} tenon_ready;

void tenon_ready_push(tenon_ready_item_t* item) {
  item->next = NULL;
  if (tenon_ready.first) {
    tenon_ready.last->next = item;
  } else {
    tenon_ready.first = item;
  }
  tenon_ready.last = item;
}

bool tenon_ready_hold(void) {
  const bool was_held = tenon_ready.is_held;
  tenon_ready.is_held = true;
  return was_held;
}

void tenon_ready_unhold(bool was_held) {
  tenon_ready.is_held = was_held;
  tenon_ready_drain();
}

void tenon_ready_drain(void) {
  if (!tenon_ready.is_held) tenon_ready_help();
}

void tenon_ready_help(void) {
  // What the items make ready is put behind them, not run inside them.
  const bool was_held = tenon_ready_hold();
  tenon_ready_item_t* item;
  while ((item = tenon_ready.first)) {
    tenon_ready.first = item->next;
    item->run(item);
  }
  tenon_ready.is_held = was_held;
}
