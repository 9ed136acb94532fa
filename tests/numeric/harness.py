# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles MLIR text, runs its functions on numpy arrays through the command-line tools, compares bit for bit."""

import os
import subprocess
import sys
import tempfile

import numpy as np

# Every test takes --device=NAME and flags for iree-compile, such as --iree-execution-model=async-external.
DEVICE = next((a.split("=", 1)[1] for a in sys.argv if a.startswith("--device=")), "local-sync")
COMPILE_FLAGS = [a for a in sys.argv[1:] if a.startswith("--") and not a.startswith("--device=")]

DTYPES = {
    "i1": np.bool_, "i8": np.int8, "i16": np.int16, "i32": np.int32, "i64": np.int64, "index": np.int64,
    "f32": np.float32, "f64": np.float64,
}
UNSIGNED = {"i1": np.uint8, "i8": np.uint8, "i16": np.uint16, "i32": np.uint32, "i64": np.uint64, "index": np.uint64}
WIDTH = {"i1": 1, "i8": 8, "i16": 16, "i32": 32, "i64": 64, "index": 64, "f32": 32, "f64": 64}


def is_float(type_name):
    return type_name.startswith("f")


def tensor_type(element, shape, dynamic=()):
    """MLIR's spelling; the dimensions whose index is in |dynamic| are '?'."""
    return "tensor<" + "".join(("?" if i in dynamic else str(d)) + "x" for i, d in enumerate(shape)) + element + ">"


class Program:
    """One compiled module."""

    def __init__(self, text, directory):
        self.text = text
        self.directory = directory
        self.path = os.path.join(directory, "program.vmfb")
        command = ["iree-compile", "--iree-hal-target-backends=llvm-cpu", *COMPILE_FLAGS, "-", "-o", self.path]
        result = subprocess.run(command, input=text, text=True, capture_output=True)
        if result.returncode != 0:
            raise RuntimeError(f"does not compile:\n{text}\n{result.stderr}")

    def run(self, function, inputs, result_count=1):
        """Runs @function on arrays and numbers; returns its results, all of them tensors."""
        command = ["iree-run-module", f"--module={self.path}", f"--device={DEVICE}", f"--function={function}"]
        for i, value in enumerate(inputs):
            if isinstance(value, np.ndarray):
                path = os.path.join(self.directory, f"in{i}.npy")
                np.save(path, value)
                command.append(f"--input=@{path}")
            else:
                command.append(f"--input={value}")
        outputs = [os.path.join(self.directory, f"out{i}.npy") for i in range(result_count)]
        command += [f"--output=@{path}" for path in outputs]
        result = subprocess.run(command, text=True, capture_output=True)
        if result.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}\nexits with {result.returncode}:\n{result.stderr}")
        return [np.load(path) for path in outputs]

    def run_scalar(self, function, inputs):
        """Runs a function of numbers; returns the text of its one result, e.g. 'i64=42'."""
        command = ["iree-run-module", f"--module={self.path}", f"--device={DEVICE}", f"--function={function}"]
        result = subprocess.run(command + [f"--input={value}" for value in inputs], text=True, capture_output=True)
        if result.returncode != 0:
            raise RuntimeError(f"{function}{inputs}: exits with {result.returncode}: {result.stderr}")
        return result.stdout.strip().splitlines()[-1].split(":", 1)[1].strip()


def same_bits(actual, expected):
    """Equal type, shape and bits; any NaN equals any NaN."""
    if actual.dtype != expected.dtype or actual.shape != expected.shape:
        return False
    if actual.dtype.kind == "f":
        equal = (actual == expected) & (np.signbit(actual) == np.signbit(expected)) | (np.isnan(actual) & np.isnan(expected))
        return bool(np.all(equal))
    return bool(np.array_equal(actual, expected))


class Suite:
    """Counts what passed; keeps going after a failure."""

    def __init__(self):
        self.passed = self.failed = 0

    def check(self, name, actual, expected):
        if same_bits(actual, expected):
            self.passed += 1
            return
        self.failed += 1
        print(f"FAILED {name}: {actual.dtype}{actual.shape} instead of {expected.dtype}{expected.shape}")
        if actual.shape == expected.shape and actual.size:
            wrong = np.flatnonzero(~((actual.ravel() == expected.ravel()) | ((actual.ravel() != actual.ravel()) & (expected.ravel() != expected.ravel()))))
            for i in wrong[:5]:
                print(f"  element {i}: {actual.ravel()[i]!r}, expected {expected.ravel()[i]!r}")

    def check_text(self, name, actual, expected):
        if actual == expected:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAILED {name}: {actual}, expected {expected}")

    def error(self, name, error):
        self.failed += 1
        print(f"FAILED {name}: {error}")

    def finish(self):
        print(f"{self.passed} passed, {self.failed} failed")
        sys.exit(1 if self.failed or not self.passed else 0)


def scratch():
    return tempfile.TemporaryDirectory(prefix="tenon-numeric-")
