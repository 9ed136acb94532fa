# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""linalg.reduce, linalg.generic with every mix of iterators and maps, and what is made of these."""

import functools

import numpy as np

from elements import DTYPES, FLOATS, INTEGERS, WIDTH, cast, from_ints, is_float, is_integer, sample, to_ints
from elementwise import arith
from generics import generic
from prove import Value, proves

SIZED = [t for t in INTEGERS if t != "index"]
# (shape, dimensions that go)
SHAPES = [((0,), (0,)), ((1,), (0,)), ((67,), (0,)), ((5, 0), (1,)), ((0, 5), (1,)), ((7, 19), (0,)), ((7, 19), (1,)),
          ((17, 33), (0, 1)), ((3, 5, 18), (0, 2)), ((4, 3, 2, 5), (1, 3))]
FEW_SHAPES = [((67,), (0,)), ((5, 0), (1,)), ((7, 19), (0,)), ((3, 5, 18), (1, 2))]

# Exact in any order. (signed, function of Python's integers) or a function of arrays of floats.
INTEGER_KINDS = {
    "addi": (True, lambda x, y: x + y), "muli": (True, lambda x, y: x * y), "andi": (True, lambda x, y: x & y),
    "ori": (True, lambda x, y: x | y), "xori": (True, lambda x, y: x ^ y), "maxsi": (True, max), "minsi": (True, min),
    "maxui": (False, max), "minui": (False, min),
}
FLOAT_KINDS = {"addf": np.add, "mulf": np.multiply, "maximumf": arith.maximum, "minimumf": arith.minimum,
               "maxnumf": np.fmax, "minnumf": np.fmin}


def shape_without(shape, dims):
    return tuple(n for i, n in enumerate(shape) if i not in dims)


def slices(a, dims):
    """What is folded, one after the other."""
    count = int(np.prod([a.shape[d] for d in dims]))
    return np.moveaxis(a, dims, range(len(dims))).reshape(count, *shape_without(a.shape, dims))


def fold(t, a, initial, dims, function):
    """One element after the other."""
    return functools.reduce(lambda x, y: np.asarray(cast(t, function(x, y))).reshape(initial.shape), slices(a, dims), initial)


def fold_ints(t, a, initial, dims, signed, function):
    def combine(x, y):
        return from_ints(t, [function(p, q) for p, q in zip(to_ints(t, x, signed), to_ints(t, y, signed))], x.shape)
    return functools.reduce(combine, slices(a, dims), initial)


def reduce_row(op, types, shapes, reference, values):
    @proves(f"linalg.reduce.{op}", types, shapes)
    def write(f, t, shape):
        shape, dims = shape
        a = f.input(t, values(t, shape, f.rng))
        c = f.input(t, values(t, shape_without(shape, dims), f.rng))
        f.expect(f.op(f"linalg.reduce {{ arith.{op} }} ins({a} : {a.type}) outs({c} : {c.type}) dimensions = {list(dims)}",
                      t, reference(t, a.array, c.array, dims)))


def two_powers(t, shape, rng):
    """Whose products are exact."""
    return cast(t, rng.choice([1.0, 1.0, 1.0, 2.0, -1.0, 0.5], shape))


def no_zeros(t, shape, rng):
    """Of two zeros of different signs maxnumf and minnumf may take either."""
    values = sample(t, shape, rng)
    return np.where(values == 0, DTYPES[t](1), values)


for _op, (_signed, _function) in INTEGER_KINDS.items():
    reduce_row(_op, SIZED, SHAPES if _op == "addi" else FEW_SHAPES,
               lambda t, a, c, dims, s=_signed, fn=_function: fold_ints(t, a, c, dims, s, fn), sample)
for _op, _function in FLOAT_KINDS.items():
    reduce_row(_op, FLOATS, SHAPES if _op in ("addf", "maximumf") else FEW_SHAPES,
               lambda t, a, c, dims, fn=_function: fold(t, a, c, dims, fn),
               {"addf": functools.partial(sample, plain=True), "mulf": two_powers, "maxnumf": no_zeros,
                "minnumf": no_zeros}.get(_op, sample))


# -- linalg.generic

def add(t):
    return "arith.addi" if is_integer(t) else "arith.addf"


def mul(t):
    return "arith.muli" if is_integer(t) else "arith.mulf"


PLAIN = ["i1", "i4", "i8", "i32", "i64", "f16", "bf16", "f32", "f64"]
MATRICES = [(0, 5), (5, 0), (1, 1), (7, 19), (16, 64)]


@proves("generic.transposed", PLAIN, MATRICES)
def transposed(f, t, shape):
    m, n = shape
    a, b = f.input(t, sample(t, (n, m), f.rng, plain=True)), f.input(t, sample(t, (m, n), f.rng, plain=True))
    body = [f"%s = {add(t)} %a_, %b_ : {t}", f"linalg.yield %s : {t}"]
    values = from_ints(t, [x + y for x, y in zip(to_ints(t, a.array.T), to_ints(t, b.array))], shape) if is_integer(t) else \
        cast(t, a.array.T + b.array)
    f.expect(f.op(generic(f, ["(i, j) -> (j, i)", "(i, j) -> (i, j)", "(i, j) -> (i, j)"], "pp", [a, b],
                          [f.empty(t, shape)], body), t, values))


@proves("generic.broadcast", PLAIN, MATRICES)
def broadcast(f, t, shape):
    m, n = shape
    a, b, c = (f.input(t, sample(t, s, f.rng, plain=True)) for s in ((m,), (n,), ()))
    body = [f"%s = {add(t)} %a_, %b_ : {t}", f"%p = {add(t)} %s, %c_ : {t}", f"linalg.yield %p : {t}"]
    total = a.array.reshape(m, 1).astype(np.float64) + b.array.reshape(1, n) + c.array
    values = from_ints(t, [int(v) for v in total.ravel()], shape) if is_integer(t) else cast(t, total)
    f.expect(f.op(generic(f, ["(i, j) -> (i)", "(i, j) -> (j)", "(i, j) -> ()", "(i, j) -> (i, j)"], "pp", [a, b, c],
                          [f.empty(t, shape)], body), t, values))


@proves("generic.index", ["i8", "i32", "i64", "index"], MATRICES)
def index(f, t, shape):
    m, n = shape
    body = ["%i = linalg.index 0 : index", "%j = linalg.index 1 : index", "%s = arith.muli %i, %i : index",
            "%p = arith.subi %s, %j : index"]
    body += ["linalg.yield %p : index"] if t == "index" else [f"%c = arith.index_cast %p : index to {t}", f"linalg.yield %c : {t}"]
    values = [i * i - j for i in range(m) for j in range(n)]
    f.expect(f.op(generic(f, ["(i, j) -> (i, j)"], "pp", [], [f.empty(t, shape)], body), t, from_ints(t, values, shape)))


@proves("generic.window", ["i8", "i32", "f16", "f32", "f64"], [(1, 1), (9, 3), (64, 5), (3, 3)])
def window(f, t, shape):
    """A sum of loops in a map: a convolution."""
    n, k = shape
    a, b = f.input(t, sample(t, (n,), f.rng, plain=True)), f.input(t, sample(t, (k,), f.rng, plain=True))
    c = f.fill(t, (n - k + 1,), "0" if is_integer(t) else "0.0")
    body = [f"%p = {mul(t)} %a_, %b_ : {t}", f"%s = {add(t)} %c_, %p : {t}", f"linalg.yield %s : {t}"]
    total = np.correlate(a.array.astype(np.float64), b.array.astype(np.float64), "valid")
    values = from_ints(t, [int(v) for v in total], total.shape) if is_integer(t) else cast(t, total)
    f.expect(f.op(generic(f, ["(i, j) -> (i + j)", "(i, j) -> (j)", "(i, j) -> (i)"], "pr", [a, b], [c], body), t, values))


@proves("generic.strided", ["i16", "f32"], [(1, 1), (7, 2), (33, 3)])
def strided(f, t, shape):
    n, step = shape
    a = f.input(t, sample(t, ((n - 1) * step + 2,), f.rng))
    f.expect(f.op(generic(f, [f"(i) -> (i * {step} + 1)", "(i) -> (i)"], "p", [a], [f.empty(t, (n,))],
                          [f"linalg.yield %a_ : {t}"]), t, a.array[1::step][:n].copy()))


@proves("generic.two_results", ["i8", "i32", "f32", "f64"], MATRICES)
def two_results(f, t, shape):
    """Of different types."""
    a = f.input(t, sample(t, shape, f.rng, plain=True))
    zero = f.number(t, "0" if is_integer(t) else "0.0")
    compare = "arith.cmpi slt" if is_integer(t) else "arith.cmpf olt"
    body = [f"%s = {add(t)} %a_, %a_ : {t}", f"%c = {compare}, %a_, {zero} : {t}", f"linalg.yield %s, %c : {t}, i1"]
    outputs = [f.empty(t, shape), f.empty("i1", shape)]
    f.line("%r:2 = " + generic(f, ["(i, j) -> (i, j)", "(i, j) -> (i, j)", "(i, j) -> (j, i)"] if shape[0] == shape[1] else
                               ["(i, j) -> (i, j)"] * 3, "pp", [a], outputs, body))
    f.expect(Value("%r#0", t, cast(t, a.array + a.array), a.dynamic))
    negative = a.array < 0
    f.expect(Value("%r#1", "i1", negative.T.copy() if shape[0] == shape[1] else negative, a.dynamic))


@proves("generic.argmax", ["i8", "i64", "f16", "f32"], [(1, 1), (7, 19), (3, 64), (0, 4)])
def argmax(f, t, shape):
    """Two running values that depend on each other."""
    m, n = shape
    values = sample(t, shape, f.rng)
    values = np.where(np.isnan(values), DTYPES[t](1), values) if is_float(t) else values
    a = f.input(t, values)
    least = str(-(1 << WIDTH[t] - 1)) if is_integer(t) else {"f16": "0xFC00", "f32": "0xFF800000"}[t]
    best, place = f.fill(t, (m,), least), f.fill("i32", (m,), "0")
    compare = "arith.cmpi sgt" if is_integer(t) else "arith.cmpf ogt"
    body = ["%j = linalg.index 1 : index", "%k = arith.index_cast %j : index to i32", f"%g = {compare}, %a_, %b_ : {t}",
            f"%v = arith.select %g, %a_, %b_ : {t}", "%p = arith.select %g, %k, %c_ : i32", f"linalg.yield %v, %p : {t}, i32"]
    f.line("%r:2 = " + generic(f, ["(i, j) -> (i, j)", "(i, j) -> (i)", "(i, j) -> (i)"], "pr", [a], [best, place], body))
    f.expect(Value("%r#0", t, a.array.max(axis=1), a.dynamic))
    f.expect(Value("%r#1", "i32", a.array.argmax(axis=1).astype(np.int32), a.dynamic))


@proves("generic.prefix", ["i32", "f64"], [(1,), (9,), (67,)])
def prefix(f, t, shape):
    """A choice in the body."""
    n, = shape
    a = f.input(t, sample(t, shape, f.rng, plain=True))
    c = f.fill(t, shape, "0" if is_integer(t) else "0.0")
    body = ["%i = linalg.index 0 : index", "%j = linalg.index 1 : index", "%g = arith.cmpi ule, %j, %i : index",
            f"%v = scf.if %g -> {t} {{", f"  %s = {add(t)} %a_, %b_ : {t}", f"  scf.yield %s : {t}", "} else {",
            f"  scf.yield %b_ : {t}", "}", f"linalg.yield %v : {t}"]
    # The extent of the first loop comes from the output.
    f.expect(f.op(generic(f, ["(i, j) -> (j)", "(i, j) -> (i)"], "pr", [a], [c], body), t, np.cumsum(a.array, dtype=DTYPES[t])))


# -- Several at once

def floats64(a):
    return a.astype(np.float64)


@proves("softmax", ["f16", "bf16", "f32", "f64"], [(0, 5), (1, 1), (7, 19), (3, 64), (2, 3, 18)])
def softmax(f, t, shape):
    a = f.input(t, cast(t, f.rng.standard_normal(shape) * 3))
    e = np.exp(floats64(a.array) - floats64(a.array).max(axis=-1, keepdims=True, initial=-1e9))
    out = f.empty(t, shape)
    r = f.op(f"linalg.softmax dimension({len(shape) - 1}) ins({a} : {a.type}) outs({out} : {out.type}) -> {out.type}", t,
             cast(t, e / e.sum(axis=-1, keepdims=True)))
    f.expect(r, atol={"f16": 2e-3, "bf16": 1e-2, "f32": 1e-6, "f64": 1e-13}[t])


@proves("softmax.first", ["f32"], [(1, 3), (7, 19), (4, 3, 5)])
def softmax_first(f, t, shape):
    """Along the dimension that isn't the last."""
    a = f.input(t, cast(t, f.rng.standard_normal(shape) * 3))
    e = np.exp(floats64(a.array) - floats64(a.array).max(axis=0, keepdims=True))
    out = f.empty(t, shape)
    r = f.op(f"linalg.softmax dimension(0) ins({a} : {a.type}) outs({out} : {out.type}) -> {out.type}", t,
             cast(t, e / e.sum(axis=0, keepdims=True)))
    f.expect(r, atol=1e-6)


@proves("layer_norm", ["f32", "f64"], [(0, 5), (1, 1), (7, 19), (5, 64)])
def layer_norm(f, t, shape):
    m, n = shape
    a = f.input(t, cast(t, f.rng.standard_normal(shape) * 3))
    zeros, size, least = f.fill(t, (m,), "0.0"), f.number(t, f"{float(n)}"), f.number(t, "1.0e-5")
    rows = ["(i, j) -> (i, j)", "(i, j) -> (i)"]
    total = f.op(generic(f, rows, "pr", [a], [zeros], [f"%s = arith.addf %a_, %b_ : {t}", f"linalg.yield %s : {t}"]), t,
                 floats64(a.array).sum(axis=1))
    squares = f.op(generic(f, ["(i, j) -> (i, j)", "(i, j) -> (i)", "(i, j) -> (i)"], "pr", [a, total], [zeros],
                           [f"%m = arith.divf %b_, {size} : {t}", f"%d = arith.subf %a_, %m : {t}",
                            f"%q = arith.mulf %d, %d : {t}", f"%s = arith.addf %c_, %q : {t}", f"linalg.yield %s : {t}"]), t,
                   total.array)
    out = f.empty(t, shape)
    r = f.op(generic(f, ["(i, j) -> (i, j)", "(i, j) -> (i)", "(i, j) -> (i)", "(i, j) -> (i, j)"], "pp", [a, total, squares],
                     [out], [f"%m = arith.divf %b_, {size} : {t}", f"%d = arith.subf %a_, %m : {t}",
                             f"%v = arith.divf %c_, {size} : {t}", f"%e = arith.addf %v, {least} : {t}",
                             f"%x = math.rsqrt %e : {t}", f"%y = arith.mulf %d, %x : {t}", f"linalg.yield %y : {t}"]), t,
             cast(t, (floats64(a.array) - floats64(a.array).mean(axis=1, keepdims=True))
                  / np.sqrt(floats64(a.array).var(axis=1, keepdims=True) + 1e-5)))
    f.expect(r, atol=1e-4 if n == 1 else 1e-5)
