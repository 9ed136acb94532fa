#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random programs on tensors, compared with numpy bit for bit: random_tensors.py [--count N] [--seed S].

Types, shapes (static and dynamic, empty and odd) and up to 30 operations are drawn from the seed and the program's number alone, so a
single one can be run again: --only NUMBER. Each runs on local-sync and local-task. One that fails is made smaller and left as a .mlir
file with its inputs. Needs iree-compile and iree-run-module on PATH, and numpy."""

import argparse
import os
import subprocess
import sys
import tempfile
import time

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "numeric"))
sys.argv, ARGV = sys.argv[:1], sys.argv  # harness reads flags of its own

import elementwise_ops  # noqa: E402
import linalg_ops  # noqa: E402
import tensor_ops  # noqa: E402
from graph import ELEMENTS, Graph, function_text, needed  # noqa: E402
from harness import load, same_bits, save  # noqa: E402

BATCH = 20
# What an asynchronous program can't do, and the compiler says so: sizes of results that come from data.
REFUSED = "may come after this asynchronous export has returned"
DEVICES = ["local-sync", "local-task"]
FAMILIES = {"elementwise": elementwise_ops.OPS, "linalg": linalg_ops.OPS, "tensor": tensor_ops.OPS}


class Drawn:
    """A program: its graph, and which of its tensors are results."""

    def __init__(self, options, number):
        rng = np.random.default_rng([options.seed, number])
        self.number = number
        self.graph = graph = Graph(rng, options.elements.split(","))
        ops = [entry for family in options.ops.split(",") for entry in FAMILIES[family]]
        weights = np.array([w for _, w in ops], dtype=np.float64)
        for _ in range(int(rng.integers(1, 4))):
            graph.argument(graph.choose(graph.elements), graph.some_shape())
        wanted, tries, made = int(rng.integers(1, options.max_ops + 1)), 0, 0
        while made < wanted and tries < 10 * wanted:
            tries += 1
            before = len(graph.nodes)
            draw = ops[int(rng.choice(len(ops), p=weights / weights.sum()))][0]
            if draw(graph) is None:
                del graph.nodes[before:]
            else:
                made += 1
        used = {id(i) for node in graph.nodes for i in node.inputs}
        last = [n for n in graph.nodes if n.is_tensor and n.lines and id(n) not in used]
        extra = [n for n in graph.nodes if n.is_tensor and n.lines and id(n) in used and rng.random() < 0.05]
        self.outputs = (last + extra)[:16]

    @property
    def name(self):
        return f"p{self.number}"


class Failure(Exception):
    def __init__(self, kind, text):
        super().__init__(text)
        self.kind = kind


class Runner:
    def __init__(self, directory, options):
        self.directory, self.flags = directory, options.compile_flags
        self.calls = 0

    def command(self, what, command, text=None):
        try:
            result = subprocess.run(command, input=text, text=True, capture_output=True, timeout=120)
        except subprocess.TimeoutExpired:
            raise Failure("hang", f"{what} takes more than 120 s") from None
        if result.returncode != 0:
            kind = what if result.returncode == 1 else "crash"
            raise Failure(kind, f"exits with {result.returncode}: {result.stderr[:3000]}")

    def compile(self, text):
        path = os.path.join(self.directory, "program.vmfb")
        self.command("compile", ["iree-compile", "--iree-hal-target-backends=llvm-cpu", *self.flags, "-", "-o", path], text)
        return path

    def run(self, path, name, arguments, outputs, device):
        """The number of the first output that is wrong, and how; None if all are right."""
        self.calls += 1
        command = ["iree-run-module", f"--module={path}", f"--device={device}", f"--function={name}"]
        for i, node in enumerate(arguments):
            if node.is_tensor:
                command.append("--input=" + save(os.path.join(self.directory, f"in{i}"), node.value, node.element))
            else:
                command.append(f"--input={node.value}")
        files = [os.path.join(self.directory, f"out{i}.npy") for i in range(len(outputs))]
        self.command("run", command + [f"--output=@{file}" for file in files])
        for i, (node, file) in enumerate(zip(outputs, files)):
            actual = load(file)
            if not same_bits(actual, node.value):
                return i, difference(actual, node.value)
        return None

    def check(self, path, program, outputs, arguments):
        for device in DEVICES:
            wrong = self.run(path, program.name, arguments, outputs, device)
            if wrong:
                raise Failure("wrong", f"{device}: result {wrong[0]} ({outputs[wrong[0]].label}): {wrong[1]}")

    def failure(self, program, outputs, cut=()):
        """What is wrong with the program that computes |outputs|; None if nothing."""
        try:
            text, arguments = function_text(program.name, program.graph, outputs, cut)
            self.check(self.compile(f"module @m {{\n{text}}}\n"), program, outputs, arguments)
        except Failure as found:
            return None if REFUSED in str(found) else found
        return None


def difference(actual, expected):
    if actual.dtype != expected.dtype or actual.shape != expected.shape:
        return f"{actual.dtype}{actual.shape} instead of {expected.dtype}{expected.shape}"
    same = (actual == expected) | ((actual != actual) & (expected != expected))
    if expected.dtype.kind == "f":
        same &= (np.signbit(actual) == np.signbit(expected)) | np.isnan(expected)
    wrong = np.flatnonzero(~same)
    return f"{wrong.size} of {actual.size} elements; element {wrong[0]} is {actual.flat[wrong[0]]!r}, expected {expected.flat[wrong[0]]!r}"


def reduce(runner, program, found, seconds):
    """The smallest program found that fails in the same way: one result, as many tensors as possible given instead of computed."""
    end = time.monotonic() + seconds

    def fails(outputs, cut=()):
        failure = runner.failure(program, outputs, cut) if time.monotonic() < end else None
        return failure if failure and failure.kind == found.kind else None

    outputs, cut = program.outputs, []
    for node in program.graph.nodes:  # the first that is wrong when it is the only result
        if node.is_tensor and node.lines and id(node) in needed(program.outputs) and fails([node]):
            outputs = [node]
            break
    candidates = [n for n in program.graph.nodes if n.is_tensor and n.lines and n not in outputs]
    for node in reversed(candidates):  # those near the result first: each may make many others needless
        if id(node) in needed(outputs, cut) and fails(outputs, cut + [node]):
            cut.append(node)
    return outputs, cut, fails(outputs, cut) or found


def report(options, runner, program, found):
    print(f"FAILED program {program.number} of seed {options.seed}: {found.kind}: {found}", flush=True)
    outputs, cut = program.outputs, []
    if not options.no_reduce:
        outputs, cut, found = reduce(runner, program, found, options.reduce_seconds)
    folder = os.path.join(options.keep, f"seed{options.seed}-{program.number}")
    os.makedirs(folder, exist_ok=True)
    text, arguments = function_text("main", program.graph, outputs, cut)
    inputs = []
    for i, node in enumerate(arguments):
        value = save(os.path.join(folder, f"in{i}"), node.value, node.element).replace(folder + os.sep, "") if node.is_tensor else node.value
        inputs.append(f"--input={value}")
    expected = []
    for i, node in enumerate(outputs):
        value = save(os.path.join(folder, f"expected{i}"), node.value, node.element).replace(folder + os.sep, "")
        expected.append(f"--expected_output={value}")
    lines = [f"Program {program.number} of seed {options.seed}: {found.kind}", *str(found).splitlines(), "",
             f"Again: tests/tensors/random_tensors.py --seed {options.seed} --only {program.number} --ops {options.ops} --elements {options.elements}",
             f"Here: iree-compile --iree-hal-target-backends=llvm-cpu {' '.join(options.compile_flags)} program.mlir -o p.vmfb && "
             f"iree-run-module --module=p.vmfb --function=main {' '.join(inputs + expected)}"]
    path = os.path.join(folder, "program.mlir")
    with open(path, "w", encoding="utf-8") as file:
        file.write("".join(f"// {line}\n" for line in lines) + text)
    count = sum(1 for n in needed(outputs, cut).values() if n.lines and n not in cut)
    print(f"  reduced to {count} operations in {path}: {found}", flush=True)


def check_batch(options, runner, programs):
    """The programs that fail, with why. All are compiled together; if that fails, each by itself."""
    texts = [function_text(p.name, p.graph, p.outputs) for p in programs]
    try:
        path = runner.compile("module @m {\n" + "".join(t for t, _ in texts) + "}\n")
    except Failure:
        return [(p, f) for p in programs if (f := runner.failure(p, p.outputs))]
    failures = []
    for program, (_, arguments) in zip(programs, texts):
        try:
            runner.check(path, program, program.outputs, arguments)
        except Failure as found:
            failures.append((program, found))
    return failures


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=500, help="how many programs (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="the number of the first program")
    parser.add_argument("--only", type=int, help="run the program of this number")
    parser.add_argument("--max-ops", type=int, default=30, help="operations of a program (default: %(default)s)")
    parser.add_argument("--ops", default=",".join(FAMILIES), help="families of operations (default: %(default)s)")
    parser.add_argument("--elements", default=",".join(ELEMENTS), help="element types (default: %(default)s)")
    parser.add_argument("--keep", default="random-tensor-failures", help="folder for programs that fail (default: %(default)s)")
    parser.add_argument("--no-reduce", action="store_true", help="leave programs that fail as they are")
    parser.add_argument("--reduce-seconds", type=float, default=60)
    parser.add_argument("--max-findings", type=int, default=5, help="end after so many")
    options, options.compile_flags = parser.parse_known_args(ARGV[1:])
    return options


def main():
    options = arguments()
    first, count = (options.only, 1) if options.only is not None else (options.first, options.count)
    start, found, operations = time.monotonic(), 0, {}
    with tempfile.TemporaryDirectory(prefix="tenon-random-") as directory:
        runner = Runner(directory, options)
        for begin in range(first, first + count, BATCH):
            programs = [Drawn(options, i) for i in range(begin, min(begin + BATCH, first + count))]
            programs = [p for p in programs if p.outputs]
            for program in programs:
                for node in program.graph.nodes:
                    if node.lines:
                        operations[node.label] = operations.get(node.label, 0) + 1
            for program, failure in check_batch(options, runner, programs):
                found += 1
                if found <= options.max_findings:
                    report(options, runner, program, failure)
            if found >= options.max_findings:
                print(f"ends after {begin + len(programs) - first} programs")
                break
    seconds = time.monotonic() - start
    print(f"{count} programs of seed {options.seed}, {sum(operations.values())} operations of {len(operations)} kinds, {runner.calls} calls, "
          f"{seconds:.0f} s: {found} findings")
    sys.exit(1 if found or not runner.calls else 0)


if __name__ == "__main__":
    main()
