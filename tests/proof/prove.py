# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Proves operations: `prove.py FAMILY [PATTERN]` runs what the module FAMILY lists, each with every type and shape, on every device.

A row is a function that writes one test, with its expected values from numpy:

    @proves("arith.addf", types=FLOATS, shapes=[(5,), (0, 3)])
    def add(f, t, shape):
        a, b = f.input(t, sample(t, shape, f.rng)), f.input(t, sample(t, shape, f.rng))
        f.expect(f.op(f"arith.addf {a}, {b} : {a.type}", t, cast(t, a.array + b.array)))

It is called for tensors with static and with dynamic dimensions. Tests become functions of few modules with the check dialect, which
iree-check-module runs. What fails is named as ROW/TYPE/SHAPE/FORM; PATTERN, a regular expression, picks tests by that name. --every=N
takes each N-th test only; other flags are for iree-compile."""

import importlib
import os
import re
import subprocess
import sys
import tempfile
import zlib

import numpy as np

from elements import dense, tensor_type

DEVICES = ["local-sync", "local-task"]
BATCH = 300  # tests in a module

ROWS = []


class Value:
    """An SSA value, the type of its elements, and what it holds."""

    def __init__(self, name, t, array, dynamic):
        self.name, self.t, self.array, self.dynamic = name, t, array, dynamic
        self.type = tensor_type(t, array.shape, dynamic)
        self.static_type = tensor_type(t, array.shape)

    def __str__(self):
        return self.name


class Test:
    """A function of the module under test, in the making."""

    def __init__(self, name, dynamic):
        self.name, self.dynamic = name, dynamic
        # Its own numbers, whatever else there is.
        self.rng = np.random.default_rng(zlib.crc32(name.encode()))
        self.lines, self.count = [], 0
        self.before = ""  # what the test needs beside its function
        self.failure = None  # a pattern of the message that it ends with, if it should fail

    def line(self, text):
        self.lines.append("  " + text)

    def new(self, text):
        """Appends `%N = text`; returns %N."""
        name = f"%{self.count}"
        self.count += 1
        self.line(f"{name} = {text}")
        return name

    def type(self, t, shape):
        return tensor_type(t, shape, self.dynamic)

    def input(self, t, array):
        """A tensor of which the compiler knows nothing but its type."""
        value = Value(self.new(f"util.unfoldable_constant {dense(t, array)}"), t, array, False)
        if not self.dynamic or not array.shape:
            return value
        open_type = tensor_type(t, array.shape, True)
        cast = self.new(f"tensor.cast {value} : {value.type} to {open_type}")
        return Value(self.new(f"util.optimization_barrier {cast} : {open_type}"), t, array, True)

    def index(self, number):
        """An index: a constant, or one that the compiler doesn't know."""
        return self.new(f"{'util.unfoldable_constant' if self.dynamic else 'arith.constant'} {number} : index")

    def number(self, t, text):
        return self.new(f"{'complex' if 'complex' in t else 'arith'}.constant {text} : {t}")

    def empty(self, t, shape):
        dims = ", ".join(self.index(d) for d in shape) if self.dynamic else ""
        array = np.zeros(shape, np.int8)
        return Value(self.new(f"tensor.empty({dims}) : {self.type(t, shape)}"), t, array, self.dynamic)

    def fill(self, t, shape, text):
        """A tensor of the number |text|."""
        number, empty = self.number(t, text), self.empty(t, shape)
        name = self.new(f"linalg.fill ins({number} : {t}) outs({empty} : {empty.type}) -> {empty.type}")
        return Value(name, t, empty.array, self.dynamic)

    def op(self, text, t, expected):
        """The result of an operation that has one, and what it should be."""
        return Value(self.new(text), t, np.asarray(expected), self.dynamic and np.ndim(expected) > 0)

    def expect(self, value, atol=None, rtol=None):
        constant = dense(value.t, value.array)
        if atol is None and rtol is None:
            self.line(f"check.expect_eq_const({value}, {constant}) : {value.type}")
        else:
            self.line(f"check.expect_almost_eq_const({value}, {constant}, atol {atol or 0:e}, rtol {rtol or 0:e}) : {value.type}")

    def text(self):
        return self.before + "\n".join([f'func.func @"{self.name}"() {{', *self.lines, "  return", "}", ""])


def proves(name, types, shapes, forms=("static", "dynamic")):
    """Enters a row into the table."""
    def enter(write):
        ROWS.append((name, types, shapes, forms, write))
        return write
    return enter


def label(part):
    if not isinstance(part, tuple):
        return str(part)
    return ("_" if any(isinstance(p, (tuple, str)) for p in part) else "x").join(map(label, part)) or "0d"


def tests(pattern):
    for name, types, shapes, forms, write in ROWS:
        for t in types:
            for shape in shapes:
                for form in forms:
                    test = Test("/".join(filter(None, [name, label(t), label(shape), form])), form == "dynamic")
                    if pattern and not re.search(pattern, test.name):
                        continue
                    with np.errstate(all="ignore"):
                        write(test, t, shape)
                    yield test


class Proof:
    """Counts what passed; keeps going after a failure."""

    def __init__(self, directory, flags):
        self.directory, self.flags = directory, flags
        self.passed, self.failed = 0, 0

    def fail(self, name, reason):
        self.failed += 1
        print(f"FAILED {name}\n{reason.strip()[:2000]}", flush=True)

    def run(self, batch):
        """Compiles a batch and runs it on every device; parts of it where the whole doesn't compile."""
        path = os.path.join(self.directory, "batch.mlir")
        starts, text = [], "module @proof {\n"
        for test in batch:
            starts.append(text.count("\n") + 1)
            text += test.text()
        with open(path, "w") as file:
            file.write(text + "}\n")
        module = os.path.join(self.directory, "batch.vmfb")
        result = subprocess.run(["iree-compile", "--iree-hal-target-backends=llvm-cpu", *self.flags, path, "-o", module],
                                capture_output=True, text=True)
        if result.returncode == 0:
            for device in DEVICES:
                self.check(batch, module, device)
            return
        if len(batch) == 1:
            return self.fail(batch[0].name, f"{result.stderr}\n(exit code {result.returncode})\n{batch[0].text()}")
        named = [max(i for i, start in enumerate(starts) if start <= int(line))
                 for line in re.findall(r"batch\.mlir:(\d+):\d+: error", result.stderr)]
        bad = set(named) or set(range(len(batch) // 2))
        for part in ([[batch[i]] for i in sorted(bad)] if named else [[batch[i] for i in sorted(bad)]]):
            self.run(part)
        rest = [test for i, test in enumerate(batch) if i not in bad]
        if rest:
            self.run(rest)

    def check(self, batch, module, device):
        result = subprocess.run(["iree-check-module", module, f"--device={device}"], capture_output=True, text=True)
        output = result.stdout
        ends = {name: end for end, name in re.findall(r"^\[ *(OK|FAILED) *\] proof\.(\S+) \(", output, re.M)}
        for test in batch:
            reason = self.reason(test, ends.get(test.name), output, result)
            if reason is None:
                self.passed += 1
            else:
                self.fail(f"{test.name} on {device}", reason)

    @staticmethod
    def reason(test, end, output, result):
        """Why the test that ended so has failed; None if it hasn't."""
        begin = output.find(f"[ RUN      ] proof.{test.name}\n")
        if begin < 0:
            return f"did not run\n{result.stderr}"
        if end is None:
            return f"{output[begin:]}\n{result.stderr}\n(exit code {result.returncode})"
        message = output[begin:output.find(f"] proof.{test.name} (", begin)]
        if test.failure is None:
            return None if end == "OK" else message
        if end == "FAILED" and re.search(test.failure, message):
            return None
        return f"expected it to fail with: {test.failure}\n{message}"


def main():
    flags = [a for a in sys.argv[1:] if a.startswith("--") and not a.startswith("--every=")]
    every = int(next((a.split("=")[1] for a in sys.argv[1:] if a.startswith("--every=")), 1))
    family, *pattern = [a for a in sys.argv[1:] if not a.startswith("--")]
    importlib.import_module(family)
    batch = list(tests(pattern[0] if pattern else None))[::every]
    with tempfile.TemporaryDirectory(prefix="tenon-proof-") as directory:
        proof = Proof(directory, flags)
        for i in range(0, len(batch), BATCH):
            proof.run(batch[i:i + BATCH])
    print(f"{family}: {proof.passed} passed, {proof.failed} failed")
    sys.exit(1 if proof.failed or not proof.passed else 0)


if __name__ == "__main__":
    # The families import this module by its name.
    sys.modules["prove"] = sys.modules["__main__"]
    main()
