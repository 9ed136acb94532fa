# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ceil, floor, round, roundeven, trunc, absf, copysign, clampf, isfinite, isinf, isnan, isnormal: all exact."""

from basics import *
from ir import make

BIG = {"f32": 2.0**23, "f64": 2.0**52}  # numbers from here on are integers


def nearest_magnitude(x):
    """|x| rounded to an integer, ties to even; also what is large, or NaN, as it is."""
    a = absolute(x)
    big = BIG[x.type]
    return select(a < big, (a + big) - big, a), a


def roundeven(x):
    t, _ = nearest_magnitude(x)
    return copy_sign(t, x)


def ceil(x):
    t = roundeven(x)
    return copy_sign(select(t < x, t + 1.0, t), x)


def floor(x):
    t = roundeven(x)
    return copy_sign(select(t > x, t - 1.0, t), x)


def truncated(x):
    t, a = nearest_magnitude(x)
    return select(t > a, t - 1.0, t), a


def trunc(x):
    return copy_sign(truncated(x)[0], x)


def round_away(x):
    """Ties away from zero."""
    t, a = truncated(x)
    return copy_sign(select(a - t >= 0.5, t + 1.0, t), x)


def clampf(value, low, high):
    """maxf(minf(value, low), high) in MLIR's words; what is meant, and what its lowering does: value cut to [low, high], of a NaN
    NaN, and -0 below +0."""
    return make("arith.minimumf", value.type, make("arith.maximumf", value.type, value, low), high)


def isfinite(x): return absolute(x) < INFINITY
def isinf(x): return absolute(x).eq(INFINITY)
def isnan(x): return x.is_nan()
def isnormal(x): return (absolute(x) < INFINITY) & (absolute(x) >= {"f32": 2.0**-126, "f64": 2.0**-1022}[x.type])


FUNCTIONS = []
for _name, _function, _count in [("absf", absolute, 1), ("ceil", ceil, 1), ("clampf", clampf, 3), ("copysign", copy_sign, 2),
                                 ("floor", floor, 1), ("isfinite", isfinite, 1), ("isinf", isinf, 1), ("isnan", isnan, 1),
                                 ("isnormal", isnormal, 1), ("round", round_away, 1), ("roundeven", roundeven, 1),
                                 ("trunc", trunc, 1)]:
    for _type in ("f32", "f64"):
        FUNCTIONS.append((f"{_name}_{_type}", [_type] * _count, _function))
