# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Elementwise `arith` on integers. They wrap; docs/dispatch-abi.md says what divisions and shifts give where others leave it open."""

import numpy as np

from elements import COMPLEX, DTYPES, FLOATS, INTEGERS, WIDTH, from_ints, sample, to_ints
from elementwise import FEW_SHAPES, SHAPES, arith, operands
from prove import Value, proves

# (signed operands, function of two numbers and the width)
BINARY = {
    "addi": (True, lambda x, y, w: x + y),
    "subi": (True, lambda x, y, w: x - y),
    "muli": (True, lambda x, y, w: x * y),
    "divsi": (True, arith.div_trunc),
    "divui": (False, arith.div_trunc),
    "remsi": (True, arith.rem_trunc),
    "remui": (False, arith.rem_trunc),
    "andi": (True, lambda x, y, w: x & y),
    "ori": (True, lambda x, y, w: x | y),
    "xori": (True, lambda x, y, w: x ^ y),
    "shli": (False, arith.shift_left),
    "shrsi": (True, arith.shift_right_signed),
    "shrui": (False, arith.shift_right),
    "maxsi": (True, lambda x, y, w: max(x, y)),
    "maxui": (False, lambda x, y, w: max(x, y)),
    "minsi": (True, lambda x, y, w: min(x, y)),
    "minui": (False, lambda x, y, w: min(x, y)),
    # Only for divisors other than 0, and not MIN by -1.
    "ceildivsi": (True, arith.ceil_div),
    "ceildivui": (False, arith.ceil_div),
    "floordivsi": (True, lambda x, y, w: x // y),
}


def integer_row(op, signed, function):
    @proves(f"arith.{op}", INTEGERS, SHAPES)
    def write(f, t, shape):
        a, b = sample(t, shape, f.rng), sample(t, shape, f.rng)
        if "ceil" in op or "floor" in op:
            b = np.where((b == 0) | (b == -1), DTYPES[t](3 if t != "i1" else True), b) if t != "i1" else np.ones_like(b)
        a, b = f.input(t, a), f.input(t, b)
        values = [function(x, y, WIDTH[t]) for x, y in zip(to_ints(t, a.array, signed), to_ints(t, b.array, signed))]
        f.expect(f.op(f"arith.{op} {a}, {b} : {a.type}", t, from_ints(t, values, shape)))


for _op, (_signed, _function) in BINARY.items():
    integer_row(_op, _signed, _function)


def extended_row(op, signed):
    """Two results."""
    @proves(f"arith.{op}", [t for t in INTEGERS if t != "index"], SHAPES)
    def write(f, t, shape):
        a, b = operands(f, shape, t, t)
        pairs = list(zip(to_ints(t, a.array, signed), to_ints(t, b.array, signed)))
        carry = op == "addui_extended"
        f.line(f"%r:2 = arith.{op} {a}, {b} : {a.type}" + (f", {f.type('i1', shape)}" if carry else ""))
        if carry:
            results = [(t, from_ints(t, [x + y for x, y in pairs], shape)),
                       ("i1", from_ints("i1", [x + y >> WIDTH[t] for x, y in pairs], shape))]
        else:
            results = [(t, from_ints(t, [x * y for x, y in pairs], shape)),
                       (t, from_ints(t, [x * y >> WIDTH[t] for x, y in pairs], shape))]
        for i, (result_type, array) in enumerate(results):
            f.expect(Value(f"%r#{i}", result_type, array, a.dynamic))


for _op, _signed in (("addui_extended", False), ("mulsi_extended", True), ("mului_extended", False)):
    extended_row(_op, _signed)


def cmpi_row(predicate, signed, function):
    @proves(f"arith.cmpi.{predicate}", INTEGERS, FEW_SHAPES)
    def write(f, t, shape):
        a, b = operands(f, shape, t, t)
        values = [function(x, y) for x, y in zip(to_ints(t, a.array, signed), to_ints(t, b.array, signed))]
        f.expect(f.op(f"arith.cmpi {predicate}, {a}, {b} : {a.type}", "i1", np.array(values, np.bool_).reshape(shape)))


for _predicate, (_signed, _function) in arith.CMPI.items():
    cmpi_row(_predicate, _signed, _function)


# -- Of every type

@proves("arith.select", INTEGERS + FLOATS + COMPLEX, SHAPES)
def select(f, t, shape):
    c, a, b = operands(f, shape, "i1", t, t)
    f.expect(f.op(f"arith.select {c}, {a}, {b} : {c.type}, {a.type}", t, np.where(c.array, a.array, b.array)))


@proves("arith.select.scalar", INTEGERS + FLOATS + COMPLEX, SHAPES)
def select_scalar(f, t, shape):
    a, b = operands(f, shape, t, t)
    c = f.new("util.unfoldable_constant false")
    f.expect(f.op(f"arith.select {c}, {a}, {b} : {a.type}", t, b.array))
