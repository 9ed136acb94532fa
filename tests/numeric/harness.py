# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles MLIR text, runs its functions on numpy arrays through the command-line tools, compares bit for bit."""

import os
import re
import subprocess
import sys
import tempfile

import numpy as np

# Every test takes --device=NAME and flags for iree-compile, such as --iree-execution-model=async-external.
DEVICE = next((a.split("=", 1)[1] for a in sys.argv if a.startswith("--device=")), "local-sync")
COMPILE_FLAGS = [a for a in sys.argv[1:] if a.startswith("--") and not a.startswith("--device=")]

# numpy has neither i4 nor bf16: their arrays are of int8 and float32, with values that the types have.
DTYPES = {
    "i1": np.bool_, "i4": np.int8, "i8": np.int8, "i16": np.int16, "i32": np.int32, "i64": np.int64, "index": np.int64,
    "f16": np.float16, "bf16": np.float32, "f32": np.float32, "f64": np.float64,
}
UNSIGNED = {"i1": np.uint8, "i4": np.uint8, "i8": np.uint8, "i16": np.uint16, "i32": np.uint32, "i64": np.uint64, "index": np.uint64}
WIDTH = {"i1": 1, "i4": 4, "i8": 8, "i16": 16, "i32": 32, "i64": 64, "index": 64, "f16": 16, "bf16": 16, "f32": 32, "f64": 64}


def is_float(type_name):
    return "f" in type_name


def round_to_bf16(array):
    """To the nearest, ties to even, of numbers in double precision (or less)."""
    x = np.asarray(array, np.float64)
    exponent = np.maximum(np.frexp(np.where(np.isfinite(x), x, 1.0))[1] - 1, -126)  # of the value's first bit
    unit = np.ldexp(1.0, exponent - 7)
    rounded = np.where(np.isfinite(x), np.copysign(np.rint(x / unit) * unit, x), x)
    return np.where(np.abs(rounded) > np.ldexp(255.0, 120), np.copysign(np.inf, x), rounded).astype(np.float32)


def bf16_bits(array):
    """Of float32 values that bf16 has."""
    return (np.asarray(array, np.float32).view(np.uint32) >> 16).astype(np.uint16)


def bf16_of_bits(bits):
    return (np.asarray(bits, np.uint16).astype(np.uint32) << 16).view(np.float32)


def save(stem, array, type_name=None):
    """Writes a tensor to a file |stem|.npy or .bin; returns how the tools' flags name it."""
    if type_name == "i4":
        array.tofile(stem + ".bin")
        return "".join(f"{d}x" for d in array.shape) + f"i4=@{stem}.bin"
    np.save(stem + ".npy", bf16_bits(array).view("V2") if type_name == "bf16" else array)
    return f"@{stem}.npy"


def load(path):
    array = np.load(path)
    return bf16_of_bits(array.view(np.uint16)) if array.dtype.kind == "V" else array


def element_types(text, function):
    """The element types of the tensors that @function in |text| takes; None for what is no tensor."""
    signature = re.search(rf"func\.func @{re.escape(function)}\((.*?)\) ->", text, re.S)
    if not signature:
        return []
    types = re.findall(r"%\w+: ([^,]+)", signature[1])
    return [t.removesuffix(">").rsplit("x", 1)[-1].removeprefix("tensor<") if t.startswith("tensor") else None for t in types]


def tensor_type(element, shape, dynamic=()):
    """MLIR's spelling; the dimensions whose index is in |dynamic| are '?'."""
    return "tensor<" + "".join(("?" if i in dynamic else str(d)) + "x" for i, d in enumerate(shape)) + element + ">"


class Program:
    """One compiled module. |runner| is the command that runs modules."""

    def __init__(self, text, directory, flags=(), runner=("iree-run-module",)):
        self.text = text
        self.runner = list(runner)
        self.directory = directory
        self.path = os.path.join(directory, "program.vmfb")
        command = ["iree-compile", "--iree-hal-target-backends=llvm-cpu", *COMPILE_FLAGS, *flags, "-", "-o", self.path]
        result = subprocess.run(command, input=text, text=True, capture_output=True)
        if result.returncode != 0:
            raise RuntimeError(f"does not compile:\n{text}\n{result.stderr}")

    def run(self, function, inputs, result_count=1):
        """Runs @function on arrays and numbers; returns its results, all of them tensors."""
        command = [*self.runner, f"--module={self.path}", f"--device={DEVICE}", f"--function={function}"]
        types = element_types(self.text, function)
        for i, value in enumerate(inputs):
            type_name = types[i] if i < len(types) else None
            if isinstance(value, np.ndarray):
                value = save(os.path.join(self.directory, f"in{i}"), value, type_name)
            command.append(f"--input={value}")
        outputs = [os.path.join(self.directory, f"out{i}.npy") for i in range(result_count)]
        command += [f"--output=@{path}" for path in outputs]
        result = subprocess.run(command, text=True, capture_output=True)
        if result.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}\nexits with {result.returncode}:\n{result.stderr}")
        return [load(path) for path in outputs]

    def run_scalar(self, function, inputs):
        """Runs a function of numbers; returns the text of its one result, e.g. 'i64=42'."""
        command = [*self.runner, f"--module={self.path}", f"--device={DEVICE}", f"--function={function}"]
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
