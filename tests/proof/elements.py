# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Element types: their values in numpy, as MLIR text, and samples of them.

bf16 is held as float32 with values that are bf16's, i4 as int8 from -8 to 7."""

import numpy as np

INTEGERS = ["i1", "i4", "i8", "i16", "i32", "i64", "index"]
FLOATS = ["f16", "bf16", "f32", "f64"]
COMPLEX = ["complex<f32>", "complex<f64>"]

DTYPES = {
    "i1": np.bool_, "i4": np.int8, "i8": np.int8, "i16": np.int16, "i32": np.int32, "i64": np.int64, "index": np.int64,
    "f16": np.float16, "bf16": np.float32, "f32": np.float32, "f64": np.float64,
    "complex<f32>": np.complex64, "complex<f64>": np.complex128,
}
WIDTH = {"i1": 1, "i4": 4, "i8": 8, "i16": 16, "i32": 32, "i64": 64, "index": 64, "f16": 16, "bf16": 16, "f32": 32, "f64": 64}


def is_float(t):
    return t in FLOATS


def is_complex(t):
    return t in COMPLEX


def is_integer(t):
    return t in INTEGERS


# -- Integers as Python's

def to_ints(t, array, signed=True):
    if t == "i1":
        return [-int(v) if signed else int(v) for v in array.ravel()]
    return [int(v) if signed else int(v) & (1 << WIDTH[t]) - 1 for v in array.ravel()]


def from_ints(t, values, shape):
    """Wraps."""
    width = WIDTH[t]
    values = [v & (1 << width) - 1 for v in values]
    if t != "i1":
        values = [v - (1 << width) if v >> (width - 1) else v for v in values]
    return np.array(values, dtype=DTYPES[t]).reshape(shape)


# -- Floats

def round_bf16(array):
    """To the nearest bf16, ties to even."""
    bits = np.asarray(array, np.float32).view(np.uint32)
    rounded = (bits + np.uint32(0x7FFF) + (bits >> np.uint32(16) & np.uint32(1))) & np.uint32(0xFFFF0000)
    return np.where(np.isnan(array), np.float32(np.nan), rounded.view(np.float32)).astype(np.float32).reshape(np.shape(array))


def cast(t, array):
    """To the type's values, once rounded."""
    with np.errstate(all="ignore"):
        if t == "bf16":
            return round_bf16(np.asarray(array).astype(np.float32))
        return np.asarray(array).astype(DTYPES[t])


# -- As MLIR

def tensor_type(t, shape, dynamic=False):
    return "tensor<" + "".join(("?" if dynamic else str(d)) + "x" for d in shape) + t + ">"


def encode(t, array):
    if t == "bf16":
        return (array.view(np.uint32) >> np.uint32(16)).astype(np.uint16).tobytes()
    return np.ascontiguousarray(array).tobytes()


def dense(t, array):
    """dense<...> of the elements, to the bit."""
    if array.size == 0:
        text = ""
    elif t == "i1":
        text = str(array.tolist()).lower()
    elif t == "i4":
        text = str(array.tolist())
    else:
        text = f'"0x{encode(t, array).hex().upper()}"'
    return f"dense<{text}> : {tensor_type(t, array.shape)}"


# -- Samples

def special(t):
    """The corners of a type."""
    if t == "i1":
        return [False, True]
    if is_integer(t):
        low, high = -(1 << (WIDTH[t] - 1)), (1 << (WIDTH[t] - 1)) - 1
        return [v for v in (0, 1, -1, high, low, 2, 3, -7, 5, 31, 32, 63, 64, 8, 16) if low <= v <= high]
    if is_complex(t):
        return [0, 1, -1, 1j, -1j, 0.5 - 2j, 3 + 4j]
    largest = {"f16": 65504.0, "bf16": 3.3895314e38}.get(t) or float(np.finfo(DTYPES[t]).max)
    least = {"f16": 2.0**-24, "bf16": 2.0**-133}.get(t) or float(np.finfo(DTYPES[t]).smallest_subnormal)
    return [0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, largest, -largest, least, 0.5, -2.5, 255.5, 127.5, -128.5, 3e4]


def sample(t, shape, rng, plain=False):
    """|plain|: small numbers, whose sums and products in any order are exact."""
    count = int(np.prod(shape, dtype=np.int64))
    if plain:
        if is_complex(t):
            values = rng.integers(-3, 4, count) + 1j * rng.integers(-3, 4, count)
        elif t == "i1":
            values = rng.integers(0, 2, count)
        else:
            most = 1 if t == "bf16" else 3
            values = rng.integers(-most, most + 1, count)
        return cast(t, values).reshape(shape)
    corners = special(t)
    if t == "i1":
        rest = rng.integers(0, 2, count)
    elif is_integer(t):
        low, high = -(1 << (WIDTH[t] - 1)), (1 << (WIDTH[t] - 1)) - 1
        rest = np.where(rng.random(count) < 0.5, rng.integers(low, high, count, endpoint=True),
                        rng.integers(max(low, -20), min(high, 20), count, endpoint=True))
    elif is_complex(t):
        rest = rng.standard_normal(count) * 4 + 1j * rng.standard_normal(count)
    else:
        rest = rng.standard_normal(count) * 10.0 ** rng.integers(-3, 4, count)
    pool = np.concatenate([cast(t, np.array(corners)), cast(t, rest)])
    return rng.permutation(pool)[:count].reshape(shape)
