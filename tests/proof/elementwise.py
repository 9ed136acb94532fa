# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What elementwise families share."""

import os
import sys

from elements import sample

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "numeric"))
import arith  # noqa: E402, F401

# Rank 0, empty, of one element, more than a vector and a rest, two loops.
SHAPES = [(), (0,), (1,), (67,), (3, 0, 5), (7, 19)]
# For what differs by its name only.
FEW_SHAPES = [(0,), (67,), (3, 11)]


def operands(f, shape, *types):
    return [f.input(t, sample(t, shape, f.rng)) for t in types]
