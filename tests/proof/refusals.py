# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What fails when it is run: sizes that don't agree, places that aren't there, more elements than there is memory."""

import numpy as np

from elements import sample
from generics import generic
from prove import proves

TYPES = ["i1", "i8", "i64", "f32", "complex<f32>"]
ANY = "INVALID_ARGUMENT|OUT_OF_RANGE|FAILED_PRECONDITION|RESOURCE_EXHAUSTED"


def refusal(name, types=TYPES):
    """A row for one form only: dimensions that the compiler knows it refuses itself."""
    def enter(write):
        def fail(f, t, shape):
            f.failure = ANY
            write(f, t)
        return proves(name, types, [""], forms=("dynamic",))(fail)
    return enter


def pair(f, t, a, b):
    return f.input(t, sample(t, a, f.rng)), f.input(t, sample(t, b, f.rng))


def use(f, text, kind=None):
    """A value that is looked at; its type ends the text unless it is given."""
    f.line(f"%r = {text}")
    f.line(f"check.expect_eq(%r, %r) : {kind or text[text.rfind('tensor<'):]}")


for _name, (_a, _b) in {"longer": ((4,), (5,)), "shorter": ((5,), (4,)), "empty": ((5,), (0,)), "inner": ((3, 4), (3, 5))}.items():
    def _elementwise(a, b):
        @refusal(f"select.{_name}")
        def write(f, t):
            x, y = pair(f, t, a, b)
            c = f.input("i1", sample("i1", a, f.rng))
            use(f, f"arith.select {c}, {x}, {y} : {c.type}, {x.type}")
    _elementwise(_a, _b)

for _name, (_a, _b, _c) in {"inner": ((2, 3), (4, 5), (2, 5)), "rows": ((2, 3), (3, 5), (3, 5)), "columns": ((2, 3), (3, 5), (2, 4))}.items():
    def _matmul(a, b, c):
        @refusal(f"matmul.{_name}", ["i8", "f32", "complex<f32>"])
        def write(f, t):
            x, y = pair(f, t, a, b)
            z = f.input(t, sample(t, c, f.rng))
            use(f, f"linalg.matmul ins({x}, {y} : {x.type}, {y.type}) outs({z} : {z.type}) -> {z.type}")
    _matmul(_a, _b, _c)


@refusal("reduce", ["i32", "f32"])
def reduce(f, t):
    x, y = pair(f, t, (3, 4), (4,))
    use(f, f"linalg.reduce {{ arith.add{t[0]} }} ins({x} : {x.type}) outs({y} : {y.type}) dimensions = [1]", y.type)


@refusal("concat")
def concat(f, t):
    x, y = pair(f, t, (3, 4), (3, 5))
    use(f, f"tensor.concat dim(0) {x}, {y} : ({x.type}, {y.type}) -> {x.type}")


# (offset, size, stride) of a part of 5 elements
for _name, _part in {"behind": (6, 0, 1), "too_long": (2, 4, 1), "strided": (1, 3, 2), "negative_offset": (-1, 2, 1), "negative_size": (1, -2, 1),
                     "overflow": (4, 2**62, 4), "wraps": (2**63 - 1, 2, 1)}.items():
    def _slices(name, part):
        @refusal(f"extract_slice.{name}")
        def extract(f, t):
            x = f.input(t, sample(t, (5,), f.rng))
            o, n, s = (f.index(v) for v in part)
            use(f, f"tensor.extract_slice {x}[{o}] [{n}] [{s}] : {x.type} to {x.type}")

        @refusal(f"insert_slice.{name}")
        def insert(f, t):
            x, y = pair(f, t, (5,), (max(0, min(part[1], 9)),))
            o, n, s = (f.index(v) for v in part)
            use(f, f"tensor.insert_slice {y} into {x}[{o}] [{n}] [{s}] : {y.type} into {x.type}")
    _slices(_name, _part)


@refusal("insert_slice.size")
def insert_size(f, t):
    x, y = pair(f, t, (5,), (2,))
    o, n = f.index(0), f.index(3)
    use(f, f"tensor.insert_slice {y} into {x}[{o}] [{n}] [1] : {y.type} into {x.type}")


for _name, _place in {"behind": 5, "negative": -1, "far": 2**62}.items():
    def _elements(name, place):
        @refusal(f"extract.{name}", ["i8", "f32"])
        def extract(f, t):
            x, i = f.input(t, sample(t, (5,), f.rng)), f.index(place)
            f.line(f"%r = tensor.extract {x}[{i}] : {x.type}")
            f.line(f"check.expect_eq(%r, %r) : {t}")

        @refusal(f"insert.{name}", ["i8", "f32"])
        def insert(f, t):
            x, i = f.input(t, sample(t, (5,), f.rng)), f.index(place)
            n = f.new(f"util.unfoldable_constant {'1' if t == 'i8' else '1.0'} : {t}")
            use(f, f"tensor.insert {n} into {x}[{i}] : {x.type}")

        @refusal(f"gather.{name}")
        def gather(f, t):
            x, chosen, out = f.input(t, sample(t, (5,), f.rng)), f.input("index", np.array([0, 4, place, 1])), f.empty(t, (4,))
            use(f, generic(f, ["(i) -> (i)", "(i) -> (i)"], "p", [chosen], [out],
                           [f"%x = tensor.extract {x}[%a_] : {x.type}", f"linalg.yield %x : {t}"]))
    _elements(_name, _place)


for _name, _dims in {"negative": (-1,), "negative_inner": (3, -2), "large": (2**40, 2**20), "overflow": (2**40, 2**40)}.items():
    def _sizes(name, dims):
        @refusal(f"splat.{name}", ["i8", "f64"])
        def splat(f, t):
            n = f.new(f"util.unfoldable_constant {'1' if t == 'i8' else '1.0'} : {t}")
            use(f, f"tensor.splat {n}[{', '.join(f.index(d) for d in dims)}] : {f.type(t, dims)}")
    _sizes(_name, _dims)


for _name, (_low, _high) in {"low": (-1, 0), "high": (0, -6), "both": (2**62, 2**62)}.items():
    def _pads(name, low, high):
        @refusal(f"pad.{name}", ["i8", "f32"])
        def pad(f, t):
            x, n = f.input(t, sample(t, (5,), f.rng)), f.number(t, "1" if t == "i8" else "1.0")
            use(f, f"tensor.pad {x} low[{f.index(low)}] high[{f.index(high)}] {{\n  ^bb0(%i: index):\n    tensor.yield {n} : {t}\n"
                   f"  }} : {x.type} to {x.type}")
    _pads(_name, _low, _high)


@refusal("reshape")
def reshape(f, t):
    x, n = f.input(t, sample(t, (6,), f.rng)), f.new("util.unfoldable_constant dense<[2, 4]> : tensor<2xindex>")
    use(f, f"tensor.reshape {x}({n}) : ({x.type}, tensor<2xindex>) -> {f.type(t, (2, 4))}")


@refusal("expand_shape")
def expand(f, t):
    x = f.input(t, sample(t, (6,), f.rng))
    use(f, f"tensor.expand_shape {x} [[0, 1]] output_shape [{f.index(4)}, {f.index(2)}] : {x.type} into {f.type(t, (4, 2))}")


@refusal("cast")
def cast(f, t):
    x = f.input(t, sample(t, (6,), f.rng))
    use(f, f"tensor.cast {x} : {x.type} to tensor<5x{t}>")


@refusal("assert.expect", ["i32"])
def expectation(f, t):
    """The proof itself: a value that differs."""
    f.failure = "Expected equality"
    x = f.input(t, np.array([1, 2, 3], np.int32))
    f.line(f"check.expect_eq_const({x}, dense<[1, 2, 4]> : tensor<3xi32>) : {x.type}")
