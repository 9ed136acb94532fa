# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`math` on tensors. Functions are within a unit in the last place of the exact result (docs/math.md has the bounds, tests/math the
sweeps that hold them); what rounds, compares and moves bits is exact."""

import math

import numpy as np

from elements import DTYPES, FLOATS, INTEGERS, WIDTH, cast, from_ints, sample, to_ints
from elementwise import FEW_SHAPES
from prove import proves

# A unit in the last place, relative and of the smallest numbers.
NEAR = {"f16": {"rtol": 1e-3, "atol": 6e-8}, "bf16": {"rtol": 8e-3, "atol": 1e-40}, "f32": {"rtol": 1.3e-7, "atol": 3e-45},
        "f64": {"rtol": 4e-16}}
SIZED = [t for t in INTEGERS if t != "index"]


def wide(function):
    """Of numbers with more digits than the type has."""
    return lambda *arrays: function(*(a.astype(np.longdouble) for a in arrays))


def one_by_one(function):
    """Of Python's numbers."""
    return lambda a: np.array([function(float(v)) for v in a.ravel()]).reshape(a.shape)


# (function, whether the argument may be anything; else it is from -0.9 to 0.9, or what is said)
FUNCTIONS = {
    "exp": (wide(np.exp), None), "exp2": (wide(np.exp2), None), "expm1": (wide(np.expm1), None),
    "log": (wide(np.log), None), "log2": (wide(np.log2), None), "log10": (wide(np.log10), None), "log1p": (wide(np.log1p), None),
    "sqrt": (wide(np.sqrt), None), "rsqrt": (wide(lambda x: 1 / np.sqrt(x)), None), "cbrt": (wide(np.cbrt), None),
    "sin": (wide(np.sin), (-3e4, 3e4)), "cos": (wide(np.cos), (-3e4, 3e4)), "tan": (wide(np.tan), (-100, 100)),
    "sinh": (wide(np.sinh), None), "cosh": (wide(np.cosh), None), "tanh": (wide(np.tanh), None),
    "asin": (wide(np.arcsin), (-1, 1)), "acos": (wide(np.arccos), (-1, 1)), "atan": (wide(np.arctan), None),
    "asinh": (wide(np.arcsinh), None), "acosh": (wide(np.arccosh), (1, 1e4)), "atanh": (wide(np.arctanh), (-0.99, 0.99)),
    "erf": (one_by_one(math.erf), None), "erfc": (one_by_one(math.erfc), (-4, 8)),
}
EXACT = {
    "absf": np.abs, "ceil": np.ceil, "floor": np.floor, "trunc": np.trunc, "roundeven": np.round,
    "round": lambda x: np.where(np.abs(x - np.trunc(x)) == 0.5, np.trunc(x) + np.copysign(1, x), np.copysign(np.round(x), x)),
}
TESTS = {
    "isnan": np.isnan, "isinf": np.isinf, "isfinite": np.isfinite,
}


def near_row(op, function, interval):
    @proves(f"math.{op}", FLOATS, FEW_SHAPES)
    def write(f, t, shape):
        a = f.input(t, sample(t, shape, f.rng) if interval is None else cast(t, f.rng.uniform(*interval, shape)))
        f.expect(f.op(f"math.{op} {a} : {a.type}", t, cast(t, function(a.array))), **NEAR[t])


for _op, (_function, _interval) in FUNCTIONS.items():
    near_row(_op, _function, _interval)


def exact_row(op, function, result=None):
    @proves(f"math.{op}", FLOATS, FEW_SHAPES)
    def write(f, t, shape):
        a = f.input(t, sample(t, shape, f.rng))
        f.expect(f.op(f"math.{op} {a} : {a.type}", result or t, cast(result or t, function(a.array))))


for _op, _function in EXACT.items():
    exact_row(_op, _function)
for _op, _function in TESTS.items():
    exact_row(_op, _function, "i1")


def near_pair_row(op, function, make):
    @proves(f"math.{op}", FLOATS, FEW_SHAPES)
    def write(f, t, shape):
        a, b = (f.input(t, cast(t, values)) for values in make(f.rng, shape))
        f.expect(f.op(f"math.{op} {a}, {b} : {a.type}", t, cast(t, wide(function)(a.array, b.array))), **NEAR[t])


near_pair_row("atan2", np.arctan2, lambda rng, shape: (rng.standard_normal(shape), rng.standard_normal(shape)))
near_pair_row("powf", np.power, lambda rng, shape: (np.abs(rng.standard_normal(shape)) + 0.1, rng.standard_normal(shape) * 3))


@proves("math.copysign", FLOATS, FEW_SHAPES)
def copysign(f, t, shape):
    a, b = f.input(t, sample(t, shape, f.rng)), f.input(t, sample(t, shape, f.rng))
    f.expect(f.op(f"math.copysign {a}, {b} : {a.type}", t, np.copysign(a.array, b.array)))


@proves("math.fma", FLOATS, FEW_SHAPES)
def fma(f, t, shape):
    a, b, c = (f.input(t, sample(t, shape, f.rng, plain=True)) for _ in range(3))
    f.expect(f.op(f"math.fma {a}, {b}, {c} : {a.type}", t, cast(t, a.array.astype(np.float64) * b.array + c.array)))


@proves("math.fma.once", ["f32"], [(67,)])
def fma_once(f, t, shape):
    """Where a product that is rounded gives another result; f64 holds it all."""
    a, b = (f.input(t, cast(t, 1 + f.rng.random(shape) * 2**-8)) for _ in range(2))
    c = f.input(t, cast(t, -(a.array * b.array)))
    f.expect(f.op(f"math.fma {a}, {b}, {c} : {a.type}", t, cast(t, a.array.astype(np.float64) * b.array + c.array)))


@proves("math.fpowi", FLOATS, FEW_SHAPES)
def fpowi(f, t, shape):
    a, n = f.input(t, cast(t, f.rng.standard_normal(shape))), f.input("i32", f.rng.integers(-3, 6, shape).astype(np.int32))
    f.expect(f.op(f"math.fpowi {a}, {n} : {a.type}, {n.type}", t, cast(t, a.array.astype(np.longdouble) ** n.array)), **NEAR[t])


# -- Integers

def integer_row(op, function):
    @proves(f"math.{op}", SIZED, FEW_SHAPES)
    def write(f, t, shape):
        a = f.input(t, sample(t, shape, f.rng))
        mask = (1 << WIDTH[t]) - 1
        f.expect(f.op(f"math.{op} {a} : {a.type}", t, from_ints(t, [function(v, v & mask, WIDTH[t]) for v in to_ints(t, a.array)], shape)))


# (the number, its bits, how many)
integer_row("absi", lambda v, bits, width: abs(v))
integer_row("ctlz", lambda v, bits, width: width - bits.bit_length())
integer_row("cttz", lambda v, bits, width: (bits & -bits).bit_length() - 1 if bits else width)
integer_row("ctpop", lambda v, bits, width: bits.bit_count())


@proves("math.ipowi", SIZED, FEW_SHAPES)
def ipowi(f, t, shape):
    a, n = sample(t, shape, f.rng), sample(t, shape, f.rng, plain=True)
    # 0 has no negative powers.
    a, n = f.input(t, np.where((a == 0) & (n < 0), DTYPES[t](1), a) if t != "i1" else np.ones_like(a)), f.input(t, n)

    def power(x, e):
        if e < 0:
            return {1: 1, -1: -1 if e & 1 else 1}.get(x, 0)
        return x**e
    values = [power(x, e) for x, e in zip(to_ints(t, a.array), to_ints(t, n.array))]
    f.expect(f.op(f"math.ipowi {a}, {n} : {a.type}", t, from_ints(t, values, shape)))
