# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The complex dialect in the bodies of linalg operations. Sums and products are exact, of functions both parts are near."""

import numpy as np

from elements import COMPLEX, DTYPES, cast, sample
from generics import generic
from prove import proves

SHAPES = [(0,), (1,), (67,), (7, 19)]
NEAR = {"complex<f32>": {"atol": 2e-6, "rtol": 1e-6}, "complex<f64>": {"atol": 1e-13, "rtol": 1e-13}}


def part(t):
    return t[8:11]


def elementwise(f, shape, inputs, result, body):
    """The text of a generic on tensors of one shape; |result| is the type of its elements."""
    loops = ", ".join(f"d{i}" for i in range(len(shape)))
    maps = [f"({loops}) -> ({loops})"] * (len(inputs) + 1)
    return generic(f, maps, "p" * len(shape), inputs, [f.empty(result, shape)], [*body, f"linalg.yield %r : {result}"])


def exact_row(op, count, kind, function):
    """|kind|: of the result, c for complex, r for real, b for i1."""
    @proves(f"complex.{op}", COMPLEX, SHAPES)
    def write(f, t, shape):
        inputs = [f.input(t, sample(t, shape, f.rng, plain=True)) for _ in range(count)]
        result = {"c": t, "r": part(t), "b": "i1"}[kind]
        body = [f"%r = complex.{op} {', '.join(['%a_', '%b_'][:count])} : {t}"]
        f.expect(f.op(elementwise(f, shape, inputs, result, body), result, cast(result, function(*(v.array for v in inputs)))))


for _op, _count, _kind, _function in [
        ("add", 2, "c", np.add), ("sub", 2, "c", np.subtract), ("mul", 2, "c", np.multiply), ("neg", 1, "c", np.negative),
        ("conj", 1, "c", np.conj), ("re", 1, "r", np.real), ("im", 1, "r", np.imag), ("eq", 2, "b", np.equal),
        ("neq", 2, "b", np.not_equal)]:
    exact_row(_op, _count, _kind, _function)


@proves("complex.create", COMPLEX, SHAPES)
def create(f, t, shape):
    p = part(t)
    a, b = (f.input(p, sample(p, shape, f.rng)) for _ in range(2))
    values = np.empty(shape, DTYPES[t])
    values.real, values.imag = a.array, b.array
    f.expect(f.op(elementwise(f, shape, [a, b], t, [f"%r = complex.create %a_, %b_ : {t}"]), t, values))


@proves("complex.constant", COMPLEX, SHAPES)
def constant(f, t, shape):
    a = f.input(t, sample(t, shape, f.rng, plain=True))
    body = [f"%k = complex.constant [2.0 : {part(t)}, -1.0 : {part(t)}] : {t}", f"%r = complex.mul %a_, %k : {t}"]
    f.expect(f.op(elementwise(f, shape, [a], t, body), t, cast(t, a.array * (2 - 1j))))


def near_row(op, count, kind, function, values=None):
    @proves(f"complex.{op}", COMPLEX, SHAPES)
    def write(f, t, shape):
        def operand():
            z = f.rng.standard_normal(shape) * 2 + 1j * f.rng.standard_normal(shape)
            return f.input(t, cast(t, z if values is None else values(z)))
        inputs = [operand() for _ in range(count)]
        result = {"c": t, "r": part(t)}[kind]
        body = [f"%r = complex.{op} {', '.join(['%a_', '%b_'][:count])} : {t}"]
        expected = function(*(v.array.astype(np.clongdouble) for v in inputs))
        f.expect(f.op(elementwise(f, shape, inputs, result, body), result, cast(result, expected)), **NEAR[t])


for _op, _count, _kind, _function in [
        ("div", 2, "c", np.divide), ("abs", 1, "r", np.abs), ("angle", 1, "r", np.angle), ("exp", 1, "c", np.exp),
        ("expm1", 1, "c", np.expm1), ("log", 1, "c", np.log), ("log1p", 1, "c", np.log1p), ("sqrt", 1, "c", np.sqrt),
        ("rsqrt", 1, "c", lambda z: 1 / np.sqrt(z)), ("sign", 1, "c", lambda z: z / np.abs(z)), ("sin", 1, "c", np.sin),
        ("cos", 1, "c", np.cos), ("tan", 1, "c", np.tan), ("tanh", 1, "c", np.tanh),
        ("pow", 2, "c", lambda z, w: np.exp(w * np.log(z)))]:
    near_row(_op, _count, _kind, _function)


# -- As elements of what knows them by their type only

@proves("linalg.reduce.complex.add", COMPLEX, [(0, 5), (5, 0), (1, 1), (7, 19)])
def reduce(f, t, shape):
    a, c = f.input(t, sample(t, shape, f.rng, plain=True)), f.input(t, sample(t, shape[:1], f.rng, plain=True))
    f.expect(f.op(f"linalg.reduce {{ complex.add }} ins({a} : {a.type}) outs({c} : {c.type}) dimensions = [1]", t,
                  cast(t, a.array.sum(axis=1) + c.array)))


@proves("linalg.add.complex", COMPLEX, SHAPES)
def named(f, t, shape):
    a, b, out = *(f.input(t, sample(t, shape, f.rng, plain=True)) for _ in range(2)), f.empty(t, shape)
    for op, function in (("add", np.add), ("sub", np.subtract), ("mul", np.multiply)):
        f.expect(f.op(f"linalg.{op} ins({a}, {b} : {a.type}, {b.type}) outs({out} : {out.type}) -> {out.type}", t,
                      cast(t, function(a.array, b.array))))
