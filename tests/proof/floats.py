# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Elementwise `arith` on floats. Those of 16 bits are computed in f32 and rounded. Which NaN it is is not defined, the sign of zero is."""

import numpy as np

from elements import DTYPES, FLOATS, cast, sample
from elementwise import FEW_SHAPES, SHAPES, arith, operands
from prove import proves


def float_row(op, function):
    @proves(f"arith.{op}", FLOATS, SHAPES)
    def write(f, t, shape):
        a, b = sample(t, shape, f.rng), sample(t, shape, f.rng)
        if op in ("maxnumf", "minnumf"):  # of two zeros either may come out
            b = np.where(b == 0, DTYPES[t](1), b)
        a, b = f.input(t, a), f.input(t, b)
        f.expect(f.op(f"arith.{op} {a}, {b} : {a.type}", t, cast(t, function(a.array, b.array))))


for _op, _function in arith.FLOAT_BINARY.items():
    float_row(_op, _function)


def cmpf_row(predicate, function):
    @proves(f"arith.cmpf.{predicate}", FLOATS, FEW_SHAPES)
    def write(f, t, shape):
        a, b = operands(f, shape, t, t)
        f.expect(f.op(f"arith.cmpf {predicate}, {a}, {b} : {a.type}", "i1", function(a.array, b.array)))


for _predicate, _function in arith.CMPF.items():
    cmpf_row(_predicate, _function)


@proves("arith.negf", FLOATS, SHAPES)
def negf(f, t, shape):
    a, = operands(f, shape, t)
    f.expect(f.op(f"arith.negf {a} : {a.type}", t, -a.array))
