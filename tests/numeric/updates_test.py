#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random control-flow graphs that update tensors, in place where nobody sees it, against an interpreter of the graph. (async_graph_test.py
has the same with calls in between.)"""

import random
import sys

import numpy as np

from async_graph_test import NUMBERS, Graph
from harness import Program, Suite, scratch

PROGRAMS = 60
INVOCATIONS = 2


class Updates(Graph):
    KINDS = ["double", "read", "select", "mix", "set", "set", "set"]


def main():
    seeds = [int(a) for a in sys.argv[1:] if not a.startswith("--")]
    rng = random.Random(seeds[0] if seeds else 5)
    suite = Suite()
    tensors = [np.full(size, value, np.int32) for size, value in [(1, 11), (2, 22), (3, 33)]]
    with scratch() as directory:
        graphs = [Updates(f"f{i}", rng) for i in range(PROGRAMS)]
        program = Program("module @m {" + "".join(graph.text() for graph in graphs) + "}\n", directory)
        for graph in graphs:
            for _ in range(INVOCATIONS):
                numbers = [rng.choice([3, -5, 0, 7, 23, 10**12]) for _ in NUMBERS]
                name = f"{graph.name} {numbers}"
                try:
                    results = program.run(graph.name, numbers + tensors, 3)
                    suite.check_text(name, [int(result[0]) for result in results], graph.interpret(numbers, False))
                except RuntimeError as error:
                    suite.error(name, error)
    suite.finish()


if __name__ == "__main__":
    main()
