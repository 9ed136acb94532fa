# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The functions of the native module `ext`, which host_run.c has in C."""

from semantics import Failure, wrap
from tree import NUMBERS

DECLARATIONS = """func.func private @ext.mix(i32, i64) -> i64
func.func private @ext.swap(i32, f32, i64, f64) -> (f64, i64, f32, i32)
func.func private @ext.narrow(i1, i8, i16) -> i16
func.func private @ext.count(index) -> index
func.func private @ext.odd(i32) -> i32
""" + "".join(f"func.func private @ext.use_{t}({t})\n" for t in NUMBERS)


def odd(value):
    if value & 1:
        return (wrap(value * 3 + 1, "i32"),)
    raise Failure("DATA_LOSS", f"ext.odd was given {value}")


# Name: (arguments, results, what it does).
EXTERNALS = {
    "ext.mix": (["i32", "i64"], ["i64"], lambda a, b: (wrap(b * 31 + a, "i64"),)),
    "ext.swap": (["i32", "f32", "i64", "f64"], ["f64", "i64", "f32", "i32"], lambda a, b, c, d: (d, c, b, a)),
    "ext.narrow": (["i1", "i8", "i16"], ["i16"], lambda a, b, c: (wrap(b - c + a, "i16"),)),
    "ext.count": (["index"], ["index"], lambda a: (wrap(a + 1, "index"),)),
    "ext.odd": (["i32"], ["i32"], odd),
}
FUNCTIONS = list(EXTERNALS)
EXTERNALS.update({f"ext.use_{t}": ([t], [], lambda a: ()) for t in NUMBERS})
