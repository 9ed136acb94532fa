# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`arith` and `math` on numbers, which the host program computes, from the tables of the families on tensors."""

import numpy as np

import conversions
import integers
import mathematics
import prove
from elements import DTYPES, FLOATS, INTEGERS, WIDTH, cast, from_ints, sample, to_ints
from elementwise import arith
from prove import proves
from tensors import number_attribute, unknown_number

# Those belong to the other families.
prove.ROWS.clear()

COUNT = 17


def scalar_row(name, types):
    return proves(f"scalar.{name}", types, [""], forms=("static",))


def check(f, t, number, expected, **near):
    constant = number_attribute(t, expected)
    if near:
        f.line(f"check.expect_almost_eq_const({number}, {constant}, atol {near.get('atol', 0):e}, rtol {near.get('rtol', 0):e}) : {t}")
    else:
        f.line(f"check.expect_eq_const({number}, {constant}) : {t}")


def binary(f, op, t, a, b, result, expected, **near):
    """One operation for each pair."""
    for x, y, r in zip(a, b, expected):
        number = f.new(f"{op} {unknown_number(f, t, x)}, {unknown_number(f, t, y)} : {t}")
        check(f, result, number, r, **near)


def unary(f, op, t, a, result, expected, suffix="", **near):
    for x, r in zip(a, expected):
        check(f, result, f.new(f"{op} {unknown_number(f, t, x)} : {t}{suffix}"), r, **near)


def integer_row(op, signed, function):
    @scalar_row(f"arith.{op}", INTEGERS)
    def write(f, t, _):
        a, b = sample(t, (COUNT,), f.rng), sample(t, (COUNT,), f.rng)
        if "ceil" in op or "floor" in op:
            b = np.where((b == 0) | (b == -1), DTYPES[t](3), b) if t != "i1" else np.ones_like(b)
        if "div" in op or "rem" in op:  # by 0 it fails, below
            b = np.where(b == 0, DTYPES[t](1), b)
        values = [function(x, y, WIDTH[t]) for x, y in zip(to_ints(t, a, signed), to_ints(t, b, signed))]
        binary(f, f"arith.{op}", t, a, b, t, from_ints(t, values, (COUNT,)))


for _op, (_signed, _function) in integers.BINARY.items():
    integer_row(_op, _signed, _function)


def zero_row(op):
    @scalar_row(f"arith.{op}.zero", INTEGERS)
    def write(f, t, _):
        f.failure = "division by zero"
        one, zero = DTYPES[t](1), DTYPES[t](0)
        binary(f, f"arith.{op}", t, [one], [zero], t, [zero])


for _op in integers.BINARY:
    if "div" in _op or "rem" in _op:
        zero_row(_op)


def cmpi_row(predicate, signed, function):
    @scalar_row(f"arith.cmpi.{predicate}", INTEGERS)
    def write(f, t, _):
        a, b = sample(t, (COUNT,), f.rng), sample(t, (COUNT,), f.rng)
        values = [function(x, y) for x, y in zip(to_ints(t, a, signed), to_ints(t, b, signed))]
        binary(f, f"arith.cmpi {predicate},", t, a, b, "i1", values)


for _predicate, (_signed, _function) in arith.CMPI.items():
    cmpi_row(_predicate, _signed, _function)


def float_row(op, function):
    @scalar_row(f"arith.{op}", FLOATS)
    def write(f, t, _):
        a, b = sample(t, (COUNT,), f.rng), sample(t, (COUNT,), f.rng)
        if op in ("maxnumf", "minnumf"):  # of two zeros either may come out
            b = np.where(b == 0, DTYPES[t](1), b)
        binary(f, f"arith.{op}", t, a, b, t, cast(t, function(a, b)))


for _op, _function in arith.FLOAT_BINARY.items():
    float_row(_op, _function)


def cmpf_row(predicate, function):
    @scalar_row(f"arith.cmpf.{predicate}", FLOATS)
    def write(f, t, _):
        a, b = sample(t, (COUNT,), f.rng), sample(t, (COUNT,), f.rng)
        binary(f, f"arith.cmpf {predicate},", t, a, b, "i1", function(a, b))


for _predicate, _function in arith.CMPF.items():
    cmpf_row(_predicate, _function)


def conversion_row(op, source, target, function):
    @scalar_row(f"arith.{op}", [f"{source}.{target}"])
    def write(f, t, _):
        a = sample(source, (COUNT,), f.rng)
        unary(f, f"arith.{op}", source, a, target, function(a), suffix=f" to {target}")


for _op, _source, _target, _function in conversions.conversions():
    conversion_row(_op, _source, _target, _function)


def function_row(op, function, interval, near):
    @scalar_row(f"math.{op}", FLOATS)
    def write(f, t, _):
        a = sample(t, (COUNT,), f.rng) if interval is None else cast(t, f.rng.uniform(*interval, COUNT))
        unary(f, f"math.{op}", t, a, t, cast(t, function(a)), **(mathematics.NEAR[t] if near else {}))


for _op, (_function, _interval) in mathematics.FUNCTIONS.items():
    function_row(_op, _function, _interval, True)
for _op, _function in mathematics.EXACT.items():
    function_row(_op, _function, None, False)


@scalar_row("arith.select", INTEGERS + FLOATS)
def select(f, t, _):
    for x, y, c in zip(sample(t, (COUNT,), f.rng), sample(t, (COUNT,), f.rng), sample("i1", (COUNT,), f.rng)):
        numbers = [unknown_number(f, kind, v) for kind, v in (("i1", c), (t, x), (t, y))]
        check(f, t, f.new(f"arith.select {numbers[0]}, {numbers[1]}, {numbers[2]} : {t}"), x if c else y)


@scalar_row("arith.negf", FLOATS)
def negf(f, t, _):
    a = sample(t, (COUNT,), f.rng)
    unary(f, "arith.negf", t, a, t, -a)
