#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random control-flow graphs whose branches depend on what tensors hold, with calls of asynchronous and synchronous functions
and work on the device in between, against an interpreter of the graph. Several invocations of each are in flight at
the same time (e2e/graph_run.c).

Updates of tensors, some of which are in place, must not be seen by those who have what was there before.

What it may find: points that get lost or mixed up on the way through blocks, waits that are missing or come too early, and
anything in the runtime that depends on when fences are signaled."""

import itertools
import os
import random
import subprocess
import sys

from harness import Program, Suite, scratch

PROGRAMS = 40
INVOCATIONS = 4
DEVICES = ["local-sync", "local-task"]
TENSOR = "tensor<?xi32>"
NUMBERS = ["a0", "a1", "a2"]
TENSORS = ["t0", "t1", "t2"]
# What the functions declared so do: x + 1. custom.effect runs in order, custom.sync needs its argument at once.
IMPORTS = f"""
func.func private @custom.call({TENSOR}) -> {TENSOR} attributes {{iree.abi.model = "coarse-fences", nosideeffects}}
func.func private @custom.effect({TENSOR}) -> {TENSOR} attributes {{iree.abi.model = "coarse-fences"}}
func.func private @custom.sync({TENSOR}) -> {TENSOR}
"""


def wrapped(value, bits):
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


# Steps: (MLIR of the result %r from tensor %t or numbers %a and %b, what it is).
def tensor_step(kind, r, t):
    if kind == "double":
        return f"  %{r} = arith.addi %{t}, %{t} : {TENSOR}"
    return f"  %{r} = func.call @custom.{kind}(%{t}) : ({TENSOR}) -> {TENSOR}"


class Fails(Exception):
    """A custom function does. What does not depend on it may run or not, but the invocation fails."""


def apply_tensor_step(kind, tensor, may_fail):
    size, value = tensor
    if may_fail and kind in ("effect", "sync") and value % 3 == 0:
        raise Fails
    return size, wrapped(2 * value if kind == "double" else value + 1, 32)


class Graph:
    """A function of three numbers and three tensors, of each of which the first element counts. Fuel, which each block burns, ends
    every loop."""

    KINDS = ["double", "double", "call", "call", "effect", "sync", "read", "read", "select", "mix", "set", "set", "set"]

    def __init__(self, name, rng):
        self.name, self.rng = name, rng
        self.shapes = [(rng.randint(0, 3), rng.randint(0, 3)) for _ in range(rng.randint(2, 6))]
        self.fuel = rng.randint(2, 12)
        self.start = self.edge(NUMBERS, TENSORS, 0)
        self.lines = []
        self.blocks = [self.make_block(index) for index in range(len(self.shapes))]

    def edge(self, numbers, tensors, target=None):
        """Where to go, and with which values."""
        target = self.rng.randrange(len(self.shapes)) if target is None else target
        number_count, tensor_count = self.shapes[target]
        return (target, [self.rng.choice(numbers) for _ in range(number_count)],
                [self.rng.choice(tensors) for _ in range(tensor_count)])

    @staticmethod
    def edge_text(edge, fuel):
        target, numbers, tensors = edge
        names = ", ".join("%" + name for name in [fuel] + numbers + tensors)
        types = ", ".join(["i64"] * (1 + len(numbers)) + [TENSOR] * len(tensors))
        return f"^b{target}({names} : {types})"

    def make_steps(self, index, numbers, tensors):
        rng, steps = self.rng, []
        for k in range(rng.randint(0, 4)):
            r, kind = f"r{index}_{k}", rng.choice(self.KINDS)
            if kind == "read":
                steps.append((kind, r, rng.choice(tensors)))
                self.lines += [f"  %{r}_v = tensor.extract %{steps[-1][2]}[%zero_index] : {TENSOR}", f"  %{r} = arith.extsi %{r}_v : i32 to i64"]
                numbers.append(r)
            elif kind == "mix":
                steps.append((kind, r, rng.choice(numbers), rng.choice(numbers)))
                self.lines.append(f"  %{r} = arith.subi %{steps[-1][2]}, %{steps[-1][3]} : i64")
                numbers.append(r)
            elif kind == "set":
                steps.append((kind, r, rng.choice(tensors), rng.choice(numbers)))
                _, _, t, a = steps[-1]
                self.lines += [f"  %{r}_v = arith.trunci %{a} : i64 to i32",
                               f"  %{r} = tensor.insert %{r}_v into %{t}[%zero_index] : {TENSOR}"]
                tensors.append(r)
            elif kind == "select":
                steps.append((kind, r, rng.choice(numbers), rng.choice(numbers), rng.choice(tensors), rng.choice(tensors)))
                _, _, a, b, s, t = steps[-1]
                self.lines += [f"  %{r}_c = arith.cmpi slt, %{a}, %{b} : i64", f"  %{r} = arith.select %{r}_c, %{s}, %{t} : {TENSOR}"]
                tensors.append(r)
            else:
                steps.append((kind, r, rng.choice(tensors)))
                self.lines.append(tensor_step(kind, r, steps[-1][2]))
                tensors.append(r)
        return steps

    def make_block(self, index):
        rng, (number_count, tensor_count) = self.rng, self.shapes[index]
        own_numbers = [f"n{index}_{k}" for k in range(number_count)]
        own_tensors = [f"p{index}_{k}" for k in range(tensor_count)]
        arguments = [f"%f{index}: i64"] + [f"%{n}: i64" for n in own_numbers] + [f"%{t}: {TENSOR}" for t in own_tensors]
        numbers, tensors = own_numbers + NUMBERS, own_tensors + TENSORS
        self.lines.append(f"^b{index}({', '.join(arguments)}):")
        steps = self.make_steps(index, numbers, tensors)
        result = (rng.choice(numbers), rng.choice(tensors), rng.choice(tensors))
        a, b, yes, no = rng.choice(numbers), rng.choice(numbers), self.edge(numbers, tensors), self.edge(numbers, tensors)
        x, s, t = result
        self.lines += [
            f"  %g{index} = arith.subi %f{index}, %one : i64", f"  %e{index} = arith.cmpi sle, %g{index}, %zero : i64",
            f"  cf.cond_br %e{index}, ^exit(%{x}, %{s}, %{t} : i64, {TENSOR}, {TENSOR}), ^go{index}", f"^go{index}:",
            f"  %d{index} = arith.cmpi slt, %{a}, %{b} : i64",
            f"  cf.cond_br %d{index}, {self.edge_text(yes, f'g{index}')}, {self.edge_text(no, f'g{index}')}"]
        return own_numbers, own_tensors, steps, result, (a, b, yes, no)

    def text(self):
        head = ", ".join([f"%{n}: i64" for n in NUMBERS] + [f"%{t}: {TENSOR}" for t in TENSORS])
        # The number, the size of one tensor and the contents of another.
        return "\n".join([
            f"func.func @{self.name}({head}) -> (tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) {{", "  %one = arith.constant 1 : i64",
            "  %zero = arith.constant 0 : i64", "  %zero_index = arith.constant 0 : index", f"  %fuel = arith.constant {self.fuel} : i64",
            f"  cf.br {self.edge_text(self.start, 'fuel')}", *self.lines, f"^exit(%x: i64, %s: {TENSOR}, %t: {TENSOR}):",
            f"  %size = tensor.dim %s, %zero_index : {TENSOR}", "  %y = arith.index_cast %size : index to i64",
            f"  %v = tensor.extract %t[%zero_index] : {TENSOR}", "  %z = arith.extsi %v : i32 to i64",
            *(f"  %{n}s = tensor.splat %{n} : tensor<1xi64>" for n in "xyz"),
            "  return %xs, %ys, %zs : tensor<1xi64>, tensor<1xi64>, tensor<1xi64>", "}", ""])

    def interpret(self, numbers, may_fail):
        try:
            return self.interpret_blocks(numbers, may_fail)
        except Fails:
            return ["fails"]

    def interpret_blocks(self, numbers, may_fail):
        base = dict(zip(NUMBERS + TENSORS, numbers + [(1, 11), (2, 22), (3, 33)]))
        (index, *carried), values, fuel = self.start, base, self.fuel
        while True:
            own_numbers, own_tensors, steps, result, (a, b, yes, no) = self.blocks[index]
            incoming = [values[name] for names in carried for name in names]
            values = dict(base, **dict(zip(own_numbers + own_tensors, incoming)))
            for kind, r, *operands in steps:
                known = [values[name] for name in operands]
                if kind == "read":
                    values[r] = known[0][1]
                elif kind == "mix":
                    values[r] = wrapped(known[0] - known[1], 64)
                elif kind == "set":
                    values[r] = known[0][0], wrapped(known[1], 32)
                elif kind == "select":
                    values[r] = known[2] if known[0] < known[1] else known[3]
                else:
                    values[r] = apply_tensor_step(kind, known[0], may_fail)
            fuel -= 1
            if fuel <= 0:
                x, s, t = (values[name] for name in result)
                return [x, s[0], t[1]]
            index, *carried = yes if values[a] < values[b] else no


def run(program, device, lines, flags):
    result = subprocess.run([os.environ["TENON_GRAPH_RUN"], program.path, device, *flags], input="\n".join(lines), text=True, capture_output=True)
    if result.returncode != 0:
        raise RuntimeError(f"{device}: exits with {result.returncode}: {result.stderr[-2000:]}")
    return [[word if word == "fails" else int(word) for word in line.split()] for line in result.stdout.splitlines()]


def main():
    seeds = [int(a) for a in sys.argv[1:] if not a.startswith("--")]
    rng = random.Random(seeds[0] if seeds else 4)
    suite = Suite()
    with scratch() as directory:
        graphs = [Graph(f"f{i}", rng) for i in range(PROGRAMS)]
        program = Program("module @m {" + IMPORTS + "".join(graph.text() for graph in graphs) + "}\n", directory)
        calls = [(graph, [rng.choice([3, -5, 0, 7, 23, 10**12]) for _ in NUMBERS]) for graph in graphs for _ in range(INVOCATIONS)]
        lines = [f"m.{graph.name} {' '.join(map(str, numbers))}" for graph, numbers in calls]
        for device, flags in itertools.product(DEVICES, ([], ["--fail"])):
            expected = [graph.interpret(numbers, bool(flags)) for graph, numbers in calls]
            try:
                results = run(program, device, lines, flags)
                suite.check_text(f"the number of results on {device}", len(results), len(lines))
                for line, actual, wanted in zip(lines, results, expected):
                    suite.check_text(f"{line} on {device} {flags}", actual, wanted)
            except RuntimeError as error:
                suite.error(device, error)
    suite.finish()


if __name__ == "__main__":
    main()
