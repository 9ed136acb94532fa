# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`arith` between types. Floats to integers saturate, NaN gives 0."""

import numpy as np

from elements import DTYPES, FLOATS, INTEGERS, WIDTH, cast, from_ints, sample, to_ints
from elementwise import FEW_SHAPES, arith
from prove import proves


def conversion_row(op, source, target, function):
    @proves(f"arith.{op}", [f"{source}.{target}"], FEW_SHAPES)
    def write(f, t, shape):
        a = f.input(source, sample(source, shape, f.rng))
        f.expect(f.op(f"arith.{op} {a} : {a.type} to {f.type(target, shape)}", target, function(a.array)))


def to_integer(array, to, signed):
    width = WIDTH[to]
    low, high = (-(1 << (width - 1)), (1 << (width - 1)) - 1) if signed else (0, (1 << width) - 1)

    def convert(v):
        if np.isnan(v):
            return 0
        return (high if v > 0 else low) if np.isinf(v) else min(max(int(v), low), high)
    return from_ints(to, [convert(float(v)) for v in array.ravel()], array.shape)


def to_float(array, source, to, signed):
    """Rounded once."""
    digits = {"f16": 11, "bf16": 8, "f32": 24, "f64": 53}[to]
    values = [arith.round_to_digits(v, digits) for v in to_ints(source, array, signed)]
    return cast(to, np.array(values, np.float64).reshape(array.shape))


def conversions():
    sized = [t for t in INTEGERS if t != "index"]
    for i, narrow in enumerate(sized):
        for wide in sized[i + 1:]:
            for op, signed in (("extsi", True), ("extui", False)):
                yield op, narrow, wide, lambda x, n=narrow, w=wide, s=signed: from_ints(w, to_ints(n, x, s), x.shape)
            yield "trunci", wide, narrow, lambda x, n=narrow, w=wide: from_ints(n, to_ints(w, x), x.shape)
    for a in sized:
        for op, signed in (("index_cast", True), ("index_castui", False)):
            yield op, a, "index", lambda x, a=a, s=signed: from_ints("index", to_ints(a, x, s), x.shape)
            yield op, "index", a, lambda x, a=a: from_ints(a, to_ints("index", x), x.shape)
        for t in FLOATS:
            yield "sitofp", a, t, lambda x, a=a, t=t: to_float(x, a, t, True)
            yield "uitofp", a, t, lambda x, a=a, t=t: to_float(x, a, t, False)
            yield "fptosi", t, a, lambda x, a=a: to_integer(x, a, True)
            yield "fptoui", t, a, lambda x, a=a: to_integer(x, a, False)
    for source, target in (("f16", "f32"), ("f16", "f64"), ("bf16", "f32"), ("bf16", "f64"), ("f32", "f64")):
        yield "extf", source, target, lambda x, t=target: cast(t, x)
        yield "truncf", target, source, lambda x, t=source: cast(t, x)
    for a, b in (("f16", "i16"), ("f32", "i32"), ("f64", "i64")):
        yield "bitcast", a, b, lambda x, b=b: x.view(DTYPES[b])
        yield "bitcast", b, a, lambda x, a=a: x.view(DTYPES[a])


for _op, _source, _target, _function in conversions():
    conversion_row(_op, _source, _target, _function)
