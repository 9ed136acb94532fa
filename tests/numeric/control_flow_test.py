#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random control-flow graphs that carry numbers and tensors, against an interpreter of the graph.

Blocks take numbers and tensors in any order and number, loop, exchange and drop them: what registers, moves between them
and the early release of buffers can get wrong. The tensors have 1, 2 and 3 elements, so a result tells which one it is."""

import random
import subprocess
import sys

from harness import DEVICE, Program, Suite, scratch

PROGRAMS = 150
MASK = (1 << 64) - 1
OPS = {"addi": lambda a, b: a + b, "subi": lambda a, b: a - b, "muli": lambda a, b: a * b, "xori": lambda a, b: a ^ b}
NUMBERS = ["a0", "a1", "a2"]
TENSORS = ["t0", "t1", "t2"]
TENSOR = "tensor<?xi32>"
SAME = "func.func private @same(%x: i64) -> i64 {\n  return %x : i64\n}\n"


def signed(value):
    value &= MASK
    return value - (1 << 64) if value >> 63 else value


class Graph:
    """A function of three numbers and three tensors. Fuel, which each block burns, ends every loop."""

    def __init__(self, name, rng):
        self.name, self.rng = name, rng
        self.shapes = [(rng.randint(1, 4), rng.randint(0, 3)) for _ in range(rng.randint(2, 7))]
        self.fuel = rng.randint(3, 30)
        self.start = self.edge(0, NUMBERS, TENSORS)
        self.lines = []
        self.blocks = [self.make_block(index) for index in range(len(self.shapes))]

    def edge(self, target, numbers, tensors):
        """Where to go, and with which values."""
        number_count, tensor_count = self.shapes[target]
        return (target, [self.rng.choice(numbers) for _ in range(number_count)],
                [self.rng.choice(tensors) for _ in range(tensor_count)])

    @staticmethod
    def edge_text(edge, fuel):
        target, numbers, tensors = edge
        names = ", ".join("%" + name for name in [fuel] + numbers + tensors)
        types = ", ".join(["i64"] * (1 + len(numbers)) + [TENSOR] * len(tensors))
        return f"^b{target}({names} : {types})"

    def make_block(self, index):
        rng, (number_count, tensor_count) = self.rng, self.shapes[index]
        own_numbers = [f"n{index}_{k}" for k in range(number_count)]
        own_tensors = [f"p{index}_{k}" for k in range(tensor_count)]
        arguments = [f"%f{index}: i64"] + [f"%{n}: i64" for n in own_numbers] + [f"%{t}: {TENSOR}" for t in own_tensors]
        numbers, tensors, steps = own_numbers + NUMBERS, own_tensors + TENSORS, []
        emit = self.lines.append
        emit(f"^b{index}({', '.join(arguments)}):")
        for k in range(rng.randint(0, 4)):
            step = (f"r{index}_{k}", rng.choice(sorted(OPS)), rng.choice(numbers), rng.choice(numbers))
            emit(f"  %{step[0]} = arith.{step[1]} %{step[2]}, %{step[3]} : i64")
            steps.append(step)
            numbers = numbers + [step[0]]
        choice = None
        if rng.random() < 0.4:
            choice = (f"s{index}", rng.choice(numbers), rng.choice(numbers), rng.choice(tensors), rng.choice(tensors))
            emit(f"  %c{index} = arith.cmpi slt, %{choice[1]}, %{choice[2]} : i64")
            emit(f"  %{choice[0]} = arith.select %c{index}, %{choice[3]}, %{choice[4]} : {TENSOR}")
            tensors = tensors + [choice[0]]
        result = (rng.choice(numbers), rng.choice(numbers), rng.choice(tensors))
        emit(f"  %g{index} = arith.subi %f{index}, %one : i64")
        emit(f"  %e{index} = arith.cmpi sle, %g{index}, %zero : i64")
        emit(f"  cf.cond_br %e{index}, ^exit(%{result[0]}, %{result[1]}, %{result[2]} : i64, i64, {TENSOR}), ^go{index}")
        emit(f"^go{index}:")
        branch = self.make_branch(index, numbers, tensors)
        return own_numbers, own_tensors, steps, choice, result, branch

    def make_branch(self, index, numbers, tensors):
        rng, emit = self.rng, self.lines.append
        a, b = rng.choice(numbers), rng.choice(numbers)
        yes = self.edge(rng.randrange(len(self.shapes)), numbers, tensors)
        no = self.edge(rng.randrange(len(self.shapes)), numbers, tensors)
        kind = rng.choice(["less", "less", "switch", "always"])
        yes_text, no_text = self.edge_text(yes, f"g{index}"), self.edge_text(no, f"g{index}")
        # Through a call, so that no branch is decided at compile time and all blocks stay.
        emit(f"  %o{index} = func.call @same(%{a}) : (i64) -> i64")
        if kind == "less":
            emit(f"  %d{index} = arith.cmpi slt, %o{index}, %{b} : i64")
            emit(f"  cf.cond_br %d{index}, {yes_text}, {no_text}")
        elif kind == "switch":
            emit(f"  cf.switch %o{index} : i64, [default: {no_text}, 3: {yes_text}]")
        else:
            emit(f"  cf.br {yes_text}")
        return kind, a, b, yes, no

    def text(self):
        head = ", ".join([f"%{n}: i64" for n in NUMBERS] + [f"%{t}: {TENSOR}" for t in TENSORS])
        return "\n".join([
            f"func.func @{self.name}({head}) -> (i64, i64, {TENSOR}) {{", "  %one = arith.constant 1 : i64",
            "  %zero = arith.constant 0 : i64", f"  %fuel = arith.constant {self.fuel} : i64",
            f"  cf.br {self.edge_text(self.start, 'fuel')}", *self.lines, f"^exit(%x: i64, %y: i64, %z: {TENSOR}):",
            f"  return %x, %y, %z : i64, i64, {TENSOR}", "}", ""])

    def interpret(self, numbers, tensors):
        base = dict(zip(NUMBERS + TENSORS, numbers + tensors))
        (index, *carried), values, fuel = self.start, base, self.fuel
        while True:
            own_numbers, own_tensors, steps, choice, result, (kind, a, b, yes, no) = self.blocks[index]
            incoming = [values[name] for names in carried for name in names]
            values = dict(base, **dict(zip(own_numbers + own_tensors, incoming)))
            for name, op, x, y in steps:
                values[name] = signed(OPS[op](values[x], values[y]))
            if choice:
                name, x, y, s, t = choice
                values[name] = values[s] if values[x] < values[y] else values[t]
            fuel -= 1
            if fuel <= 0:
                return [values[name] for name in result]
            taken = kind == "always" or (values[a] == 3 if kind == "switch" else values[a] < values[b])
            index, *carried = yes if taken else no


def run(program, graph, numbers):
    command = ["iree-run-module", f"--module={program.path}", f"--device={DEVICE}", f"--function={graph.name}"]
    command += [f"--input={n}" for n in numbers] + ["--input=1xi32=7", "--input=2xi32=7", "--input=3xi32=7"]
    result = subprocess.run(command, text=True, capture_output=True)
    if result.returncode != 0:
        raise RuntimeError(f"exits with {result.returncode}: {result.stderr}")
    lines = result.stdout.splitlines()
    return [int(line.split("i64=")[1]) for line in lines if "i64=" in line] + [int(lines[-1].split("x")[0])]


def main():
    seeds = [int(a) for a in sys.argv[1:] if not a.startswith("--")]
    rng = random.Random(seeds[0] if seeds else 11)
    suite = Suite()
    with scratch() as directory:
        graphs = [Graph(f"f{i}", rng) for i in range(PROGRAMS)]
        program = Program("module @m {\n" + SAME + "".join(graph.text() for graph in graphs) + "}\n", directory)
        for graph in graphs:
            numbers = [rng.choice([3, -5, 0, 7, 10**12, -1]) for _ in NUMBERS]
            expected = graph.interpret(numbers, [1, 2, 3])
            try:
                suite.check_text(graph.name, str(run(program, graph, numbers)), str(expected))
            except RuntimeError as error:
                suite.error(graph.name, error)
    suite.finish()


if __name__ == "__main__":
    main()
