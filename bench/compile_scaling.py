# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""How compile time grows with the program: generated programs of a size, and what one more operation costs."""

import random


def elementwise(count):
    """A chain of operations on tensors, drawn at random so that no two dispatches it is cut into are equal."""
    draw = random.Random(count)
    lines = ["func.func @main(%v0: tensor<64xf32>, %x: tensor<64xf32>) -> tensor<64xf32> {"]
    for i in range(count):
        operation, other = draw.choice(["addf", "mulf", "subf", "maximumf"]), draw.choice(["x", "v0", f"v{i}"])
        lines.append(f"  %v{i + 1} = arith.{operation} %v{i}, %{other} : tensor<64xf32>")
    return "\n".join(lines + [f"  return %v{count} : tensor<64xf32>", "}\n"])


def dispatches(count):
    """As many different dispatches, kept apart by barriers."""
    lines = ["func.func @main(%v0: tensor<64xi32>) -> tensor<64xi32> {"]
    for i in range(count):
        lines += [f"  %c{i} = arith.constant dense<{i + 1}> : tensor<64xi32>", f"  %a{i} = arith.addi %v{i}, %c{i} : tensor<64xi32>",
                  f"  %v{i + 1} = util.optimization_barrier %a{i} : tensor<64xi32>"]
    return "\n".join(lines + [f"  return %v{count} : tensor<64xi32>", "}\n"])


# What is counted, the program, its sizes.
KINDS = {"operation": (elementwise, (10, 1000, 10000)), "dispatch": (dispatches, (1, 50, 500))}


def slopes(times, sizes):
    """(milliseconds for one more, over all sizes; its growth: between the large sizes over between the small ones). A time that is None was
    not reached: the growth is None, and the first is over the sizes that were."""
    reached = [(time, size) for time, size in zip(times, sizes) if time is not None]
    if len(reached) < 2:
        return None, None
    steps = [(b[0] - a[0]) / (b[1] - a[1]) for a, b in zip(reached, reached[1:])]
    (first, small), (last, large) = reached[0], reached[-1]
    return (last - first) / (large - small), (steps[1] / steps[0] if len(steps) > 1 else None)
