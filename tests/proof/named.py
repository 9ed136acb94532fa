# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Named elementwise operations of linalg, linalg.map and linalg.elementwise, convolutions and pooling."""

import numpy as np

from elements import DTYPES, FLOATS, INTEGERS, WIDTH, cast, from_ints, is_integer, sample, to_ints
from elementwise import FEW_SHAPES, SHAPES, arith
from prove import proves

SIZED = [t for t in INTEGERS if t not in ("index", "i1")]


def each(t, function, *arrays):
    """Of integers, wrapping."""
    values = zip(*(to_ints(t, a) for a in arrays))
    return from_ints(t, [function(*row, WIDTH[t]) for row in values], arrays[0].shape)


def named(op, inputs, out):
    ins = f"ins({', '.join(map(str, inputs))} : {', '.join(v.type for v in inputs)})"
    return f"linalg.{op} {ins} outs({out} : {out.type}) -> {out.type}"


def binary_row(op, integers, floats, types=SIZED + FLOATS, name=None):
    @proves(f"linalg.{name or op}", types, FEW_SHAPES)
    def write(f, t, shape):
        a, b = sample(t, shape, f.rng), sample(t, shape, f.rng)
        if "div" in op and is_integer(t):
            b = np.where((b == 0) | (b == -1), DTYPES[t](3), b)
        a, b = f.input(t, a), f.input(t, b)
        values = each(t, integers, a.array, b.array) if is_integer(t) else cast(t, floats(a.array, b.array))
        f.expect(f.op(named(op, [a, b], f.empty(t, shape)), t, values))


binary_row("add", lambda x, y, w: x + y, np.add)
binary_row("sub", lambda x, y, w: x - y, np.subtract)
binary_row("mul", lambda x, y, w: x * y, np.multiply)
binary_row("div", arith.div_trunc, np.divide)
binary_row("max", lambda x, y, w: max(x, y), arith.maximum)
binary_row("min", lambda x, y, w: min(x, y), arith.minimum)
binary_row("elementwise kind=#linalg.elementwise_kind<add>", lambda x, y, w: x + y, np.add, ["i8", "f32", "bf16"], "elementwise")


@proves("linalg.div_unsigned", SIZED, FEW_SHAPES)
def div_unsigned(f, t, shape):
    a, b = sample(t, shape, f.rng), sample(t, shape, f.rng)
    a, b = f.input(t, a), f.input(t, np.where(b == 0, DTYPES[t](3), b))
    values = [x // y for x, y in zip(to_ints(t, a.array, False), to_ints(t, b.array, False))]
    f.expect(f.op(named("div_unsigned", [a, b], f.empty(t, shape)), t, from_ints(t, values, shape)))


def round_away(x):
    return np.where(np.abs(x - np.trunc(x)) == 0.5, np.trunc(x) + np.copysign(1, x), np.copysign(np.round(x), x))


# Exact, but for the two that say how near.
for _op, _function in {"abs": np.abs, "ceil": np.ceil, "floor": np.floor, "negf": np.negative, "square": np.square,
                       "sqrt": np.sqrt, "reciprocal": np.reciprocal, "round": round_away}.items():
    def _row(op, function):
        @proves(f"linalg.{op}", FLOATS, FEW_SHAPES)
        def write(f, t, shape):
            a = f.input(t, sample(t, shape, f.rng))
            f.expect(f.op(named(op, [a], f.empty(t, shape)), t, cast(t, function(a.array))))
    _row(_op, _function)

NEAR = {"f16": 1e-3, "bf16": 8e-3, "f32": 3e-7, "f64": 5e-16}
for _op, _function in {"exp": np.exp, "log": np.log, "tanh": np.tanh, "rsqrt": lambda x: 1 / np.sqrt(x)}.items():
    def _near_row(op, function):
        @proves(f"linalg.{op}", FLOATS, FEW_SHAPES)
        def write(f, t, shape):
            a = f.input(t, cast(t, np.abs(f.rng.standard_normal(shape)) + 0.01))
            r = f.op(named(op, [a], f.empty(t, shape)), t, cast(t, function(a.array.astype(np.longdouble))))
            f.expect(r, atol=1e-7 if t in ("f16", "bf16") else 1e-9 if t == "f32" else 1e-18, rtol=NEAR[t])
    _near_row(_op, _function)


@proves("linalg.select", ["i1", "i4", "i64", "bf16", "f64"], FEW_SHAPES)
def select(f, t, shape):
    c, a, b = f.input("i1", sample("i1", shape, f.rng)), f.input(t, sample(t, shape, f.rng)), f.input(t, sample(t, shape, f.rng))
    f.expect(f.op(named("select", [c, a, b], f.empty(t, shape)), t, np.where(c.array, a.array, b.array)))


@proves("linalg.map", SIZED + FLOATS, SHAPES)
def map_(f, t, shape):
    a, b, out = f.input(t, sample(t, shape, f.rng)), f.input(t, sample(t, shape, f.rng)), f.empty(t, shape)
    op = "arith.subi" if is_integer(t) else "arith.subf"
    values = each(t, lambda x, y, w: x - y, a.array, b.array) if is_integer(t) else cast(t, a.array - b.array)
    f.expect(f.op(f"linalg.map {{ {op} }} ins({a}, {b} : {a.type}, {b.type}) outs({out} : {out.type})", t, values))


# -- Windows

PLAIN = ["i8", "i32", "f16", "f32", "f64"]


def zero(t):
    return "0" if is_integer(t) else "0.0"


def total(t, values):
    return from_ints(t, [int(v) for v in values.ravel()], values.shape) if is_integer(t) else cast(t, values)


def windows(a, size, step, dims):
    """a[..., i * step + w, ...] with w as a last dimension for each of |dims|."""
    view = np.lib.stride_tricks.sliding_window_view(a, size, axis=dims)
    return view[tuple(slice(None, None, step) if d in dims else slice(None) for d in range(a.ndim))]


@proves("linalg.conv_1d", PLAIN, [(1, 1), (9, 3), (67, 5)])
def conv_1d(f, t, shape):
    n, k = shape
    a, b = f.input(t, sample(t, (n,), f.rng, plain=True)), f.input(t, sample(t, (k,), f.rng, plain=True))
    out = f.fill(t, (n - k + 1,), zero(t))
    f.expect(f.op(named("conv_1d", [a, b], out), t, total(t, np.correlate(a.array.astype(float), b.array.astype(float), "valid"))))


# (batch, rows, columns, channels in, filters, window, step)
CONVOLUTIONS = [(1, 5, 7, 2, 3, (3, 2), 1), (2, 9, 8, 1, 5, (1, 1), 2), (0, 4, 4, 2, 2, (2, 2), 1), (1, 7, 9, 3, 2, (3, 3), 2)]


@proves("linalg.conv_2d_nhwc_hwcf", ["i32", "f32", "f16"], CONVOLUTIONS)
def conv_2d(f, t, shape):
    n, h, w, c, k, size, step = shape
    a = f.input(t, sample(t, (n, h, w, c), f.rng, plain=True))
    b = f.input(t, sample(t, (*size, c, k), f.rng, plain=True))
    values = np.einsum("nijcyx,yxck->nijk", windows(a.array, size, step, (1, 2)).astype(float), b.array.astype(float))
    out = f.fill(t, values.shape, zero(t))
    attributes = f"{{dilations = dense<1> : tensor<2xi64>, strides = dense<{step}> : tensor<2xi64>}} "
    f.expect(f.op(named("conv_2d_nhwc_hwcf " + attributes, [a, b], out), t, total(t, values)))


@proves("linalg.depthwise_conv_2d_nhwc_hwc", ["i32", "f32"], CONVOLUTIONS)
def depthwise(f, t, shape):
    n, h, w, c, _, size, step = shape
    a = f.input(t, sample(t, (n, h, w, c), f.rng, plain=True))
    b = f.input(t, sample(t, (*size, c), f.rng, plain=True))
    values = np.einsum("nijcyx,yxc->nijc", windows(a.array, size, step, (1, 2)).astype(float), b.array.astype(float))
    out = f.fill(t, values.shape, zero(t))
    attributes = f"{{dilations = dense<1> : tensor<2xi64>, strides = dense<{step}> : tensor<2xi64>}} "
    f.expect(f.op(named("depthwise_conv_2d_nhwc_hwc " + attributes, [a, b], out), t, total(t, values)))


def pooling_row(op, function, types, start):
    @proves(f"linalg.{op}", types, CONVOLUTIONS)
    def write(f, t, shape):
        n, h, w, c, _, size, step = shape
        a = f.input(t, sample(t, (n, h, w, c), f.rng, plain=True))
        values = function(windows(a.array, size, step, (1, 2)).astype(float), axis=(-1, -2))
        window, out = f.empty(t, size), f.fill(t, values.shape, start(t))
        attributes = f"{{dilations = dense<1> : tensor<2xi64>, strides = dense<{step}> : tensor<2xi64>}} "
        f.expect(f.op(named(f"{op} {attributes}", [a, window], out), t, total(t, values)))


pooling_row("pooling_nhwc_sum", np.sum, ["i32", "f32", "f64"], zero)
pooling_row("pooling_nhwc_max", np.max, ["i8", "i32", "f16", "f32"], lambda t: "-9" if is_integer(t) else "-9.0")
pooling_row("pooling_nhwc_min", np.min, ["i8", "f32"], lambda t: "9" if is_integer(t) else "9.0")
