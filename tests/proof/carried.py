# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tensors that loops, branches, calls and globals carry."""

import numpy as np

from elements import cast, from_ints, is_integer, sample, to_ints
from prove import Value, proves

TYPES = ["i1", "i4", "i8", "i64", "f16", "bf16", "f64", "complex<f32>"]
SHAPES = [(), (0,), (1,), (67,), (7, 19)]
INTEGERS = ["i8", "i32", "i64"]


def plus(t, a, b):
    return from_ints(t, [x + y for x, y in zip(to_ints(t, a), to_ints(t, b))], a.shape) if is_integer(t) else cast(t, a + b)


@proves("scf.if", TYPES, SHAPES)
def choose(f, t, shape):
    a, b = f.input(t, sample(t, shape, f.rng)), f.input(t, sample(t, shape, f.rng))
    for name, value, chosen in (("%p", "true", a), ("%q", "false", b)):
        c = f.new(f"util.unfoldable_constant {value}")
        f.line(f"{name} = scf.if {c} -> {a.type} {{")
        f.line(f"  scf.yield {a} : {a.type}")
        f.line("} else {")
        f.line(f"  scf.yield {b} : {a.type}")
        f.line("}")
        f.expect(Value(name, t, chosen.array, a.dynamic))


@proves("scf.for.add", INTEGERS + ["f16", "f32"], SHAPES)
def repeat(f, t, shape):
    """Adds a tensor a number of times, 0 included; what it started with is as it was."""
    a, b = f.input(t, sample(t, shape, f.rng, plain=True)), f.input(t, sample(t, shape, f.rng, plain=True))
    low, step = f.index(0), f.index(1)
    for name, count in (("%p", 0), ("%q", 1), ("%r", 5)):
        high, expected = f.index(count), a.array
        for _ in range(count):
            expected = plus(t, expected, b.array)
        f.line(f"{name} = scf.for %i = {low} to {high} step {step} iter_args(%x = {a}) -> ({a.type}) {{")
        f.line(f"  %y = arith.add{'i' if is_integer(t) else 'f'} %x, {b} : {a.type}")
        f.line(f"  scf.yield %y : {a.type}")
        f.line("}")
        f.expect(Value(name, t, expected, a.dynamic))
    f.expect(a)


@proves("scf.for.swap", TYPES, SHAPES)
def swap(f, t, shape):
    """Two that take each other's place."""
    a, b = f.input(t, sample(t, shape, f.rng)), f.input(t, sample(t, shape, f.rng))
    low, high, step = f.index(0), f.index(3), f.index(1)
    f.line(f"%r:2 = scf.for %i = {low} to {high} step {step} iter_args(%x = {a}, %y = {b}) -> ({a.type}, {b.type}) {{")
    f.line(f"  scf.yield %y, %x : {a.type}, {b.type}")
    f.line("}")
    f.expect(Value("%r#0", t, b.array, a.dynamic))
    f.expect(Value("%r#1", t, a.array, a.dynamic))


@proves("scf.for.insert", INTEGERS + ["i1", "i4", "bf16", "f64"], [(1,), (67,)])
def fill_by_elements(f, t, shape):
    """Writes one element after the other, the last first."""
    n, = shape
    a, b = f.input(t, sample(t, shape, f.rng)), f.input(t, sample(t, shape, f.rng))
    low, high, step, last = f.index(0), f.index(n), f.index(1), f.index(n - 1)
    f.line(f"%r = scf.for %i = {low} to {high} step {step} iter_args(%x = {a}) -> ({a.type}) {{")
    f.line(f"  %e = tensor.extract {b}[%i] : {b.type}")
    f.line(f"  %k = arith.subi {last}, %i : index")
    f.line(f"  %y = tensor.insert %e into %x[%k] : {a.type}")
    f.line(f"  scf.yield %y : {a.type}")
    f.line("}")
    f.expect(Value("%r", t, b.array[::-1].copy(), a.dynamic))
    f.expect(a)


@proves("scf.while.halve", INTEGERS, [(1,), (5,), (67,)])
def halve(f, t, shape):
    """Until the first element is zero: a branch on what a tensor holds."""
    a = f.input(t, np.abs(sample(t, shape, f.rng, plain=True)) * 5 + np.array(3, sample(t, (), f.rng).dtype))
    zero, one = f.index(0), f.input(t, np.ones(shape, a.array.dtype))
    none = f.number(t, "0")
    f.line(f"%r = scf.while (%x = {a}) : ({a.type}) -> {a.type} {{")
    f.line(f"  %e = tensor.extract %x[{zero}] : {a.type}")
    f.line(f"  %c = arith.cmpi ne, %e, {none} : {t}")
    f.line(f"  scf.condition(%c) %x : {a.type}")
    f.line("} do {")
    f.line(f"^bb0(%x: {a.type}):")
    f.line(f"  %y = arith.shrsi %x, {one} : {a.type}")
    f.line(f"  scf.yield %y : {a.type}")
    f.line("}")
    expected = a.array
    while expected[0] != 0:
        expected = expected >> 1
    f.expect(Value("%r", t, expected, a.dynamic))


@proves("scf.index_switch", TYPES, [(0,), (67,)])
def switch(f, t, shape):
    a, b = f.input(t, sample(t, shape, f.rng)), f.input(t, sample(t, shape, f.rng))
    for number, chosen in ((7, a), (2, b), (5, b)):
        flag = f.new(f"util.unfoldable_constant {number} : index")
        f.line(f"%r{number} = scf.index_switch {flag} -> {a.type}")
        f.line(f"case 7 {{ scf.yield {a} : {a.type} }}")
        f.line(f"case 2 {{ scf.yield {b} : {a.type} }}")
        f.line(f"default {{ scf.yield {b} : {a.type} }}")
        f.expect(Value(f"%r{number}", t, chosen.array, a.dynamic))


@proves("call", TYPES, SHAPES)
def call(f, t, shape):
    """A function that swaps."""
    a, b = f.input(t, sample(t, shape, f.rng)), f.input(t, sample(t, shape, f.rng))
    name = f'"swap of {f.name}"'
    f.before += (f"func.func private @{name}(%x: {a.type}, %y: {b.type}) -> ({b.type}, {a.type}) {{\n"
                 f"  return %y, %x : {b.type}, {a.type}\n}}\n")
    f.line(f"%r:2 = call @{name}({a}, {b}) : ({a.type}, {b.type}) -> ({b.type}, {a.type})")
    f.expect(Value("%r#0", t, b.array, a.dynamic))
    f.expect(Value("%r#1", t, a.array, a.dynamic))


@proves("util.global", TYPES, SHAPES)
def global_(f, t, shape):
    """Holds what was stored last; what was loaded before stays as it was."""
    a, b = f.input(t, sample(t, shape, f.rng)), f.input(t, sample(t, shape, f.rng))
    name = f'"global of {f.name}"'
    f.before += f"util.global private mutable @{name} : {a.type}\n"
    f.line(f"util.global.store {a}, @{name} : {a.type}")
    f.line(f"%x = util.global.load @{name} : {a.type}")
    f.line(f"util.global.store {b}, @{name} : {a.type}")
    f.line(f"%y = util.global.load @{name} : {a.type}")
    f.expect(Value("%x", t, a.array, a.dynamic))
    f.expect(Value("%y", t, b.array, a.dynamic))


@proves("util.global.accumulate", INTEGERS + ["f32"], [(0,), (67,), (7, 19)])
def accumulate(f, t, shape):
    a = f.input(t, sample(t, shape, f.rng, plain=True))
    name = f'"global of {f.name}"'
    f.before += f"util.global private mutable @{name} : {a.type}\n"
    f.line(f"util.global.store {a}, @{name} : {a.type}")
    low, high, step = f.index(0), f.index(3), f.index(1)
    f.line(f"scf.for %i = {low} to {high} step {step} {{")
    f.line(f"  %x = util.global.load @{name} : {a.type}")
    f.line(f"  %y = arith.add{'i' if is_integer(t) else 'f'} %x, %x : {a.type}")
    f.line(f"  util.global.store %y, @{name} : {a.type}")
    f.line("}")
    f.line(f"%r = util.global.load @{name} : {a.type}")
    f.expect(Value("%r", t, cast(t, a.array * np.array(8, a.array.dtype)), a.dynamic))
    f.expect(a)
