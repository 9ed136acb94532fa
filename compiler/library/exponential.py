# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""exp, exp2, expm1, sinh, cosh, tanh.

e^x = 2^k e^r with |r| <= ln2/2 (Cody and Waite's reduction), e^r = 1 + r + r^2 Q(r) with Q a Chebyshev interpolation. For
f64 the rounding errors of the reduction and of the last sum are carried along. For f32 everything is in f64 without these.
"""

from basics import *
from ir import extend, narrow

LN2_HIGH, _rest = upper(mpmath.log(2), 33)
LN2_LOW = float(_rest)
LOG2_E = float(1 / mpmath.log(2))
EXP_BOUND = 0.35


def exp_tail(r, exact):
    """(e^r - 1 - r) / r^2."""
    return polynomial("exp", r, series(lambda n: 1 / mpmath.factorial(n + 2)), -EXP_BOUND, EXP_BOUND, 11 if exact else 7)


def reduce_exp(x, low=None):
    """x + low = k ln2 + r, r as a pair; k as a double and as i64."""
    kf, k = nearest_integer(x * LOG2_E)
    high = x - kf * LN2_HIGH  # exact
    correction = kf * -LN2_LOW if low is None else low - kf * LN2_LOW
    r = high + correction
    return kf, k, (r, (high - r) + correction)


def exp_pair(r):
    """e^r of a reduced pair, as a pair, to about 2^-57."""
    s, e = fast_two_sum(as_value(1.0, "f64"), r[0])
    rest = r[0] * r[0] * exp_tail(r[0], True) + (r[1] + r[0] * r[1])
    return fast_two_sum(s, e + rest)


def exp_simple(x):
    """e^x for f32: |x| < 700."""
    kf, k = nearest_integer(x * LOG2_E)
    r = x - kf * float(mpmath.log(2))
    return (1.0 + (r + r * r * exp_tail(r, False))) * power_of_two(k)


def exp_f64(x):
    bounded = minimum(maximum(x, -746.0), 710.0)
    _, k, r = reduce_exp(bounded)
    return times_power_of_two(exp_pair(r)[0], k)


def exp_f32(x):
    bounded = minimum(maximum(extend(x, "f64"), -200.0), 200.0)
    return narrow(exp_simple(bounded), "f32")


def exp2_f64(x):
    bounded = minimum(maximum(x, -1076.0), 1025.0)
    kf, k = nearest_integer(bounded)
    product, e = two_product(bounded - kf, const(mpmath.log(2), "f64"))
    low = e + (bounded - kf) * float(mpmath.log(2) - mpf(float(mpmath.log(2))))
    return times_power_of_two(exp_pair((product, low))[0], k)


def exp2_f32(x):
    bounded = minimum(maximum(extend(x, "f64"), -200.0), 200.0)
    kf, k = nearest_integer(bounded)
    r = (bounded - kf) * float(mpmath.log(2))
    return narrow((1.0 + (r + r * r * exp_tail(r, False))) * power_of_two(k), "f32")


def expm1_pair(x, low=None):
    """e^x - 1 as (pair, k): 2^k times the pair. -40 <= x."""
    _, k, r = reduce_exp(x, low)
    rest = r[0] * r[0] * exp_tail(r[0], True) + (r[1] + r[0] * r[1])
    p, p_low = fast_two_sum(r[0], rest)
    # 2^k (1 - 2^-k + p); beyond 2^60 the 1 doesn't matter.
    inverse = power_of_two(0 - select(k > 60, 60, k))
    one, one_low = two_sum(as_value(1.0, "f64"), -inverse)
    s, e = two_sum(one, p)
    return (s, e + (p_low + one_low)), k


def expm1_f64(x):
    bounded = minimum(maximum(x, -40.0), 710.0)
    pair, k = expm1_pair(bounded)
    result = times_power_of_two(pair[0] + pair[1], k)
    return select(absolute(x) < 2.0**-54, x, result)  # keeps -0 and subnormals


def expm1_simple(x):
    """For f32: -100 < x < 700."""
    kf, k = nearest_integer(x * LOG2_E)
    r = x - kf * float(mpmath.log(2))
    scale = power_of_two(k)
    return (r + r * r * exp_tail(r, False)) * scale + (scale - 1.0)


def expm1_f32(x):
    wide = extend(x, "f64")
    result = expm1_simple(minimum(maximum(wide, -50.0), 200.0))
    return select(absolute(x) < 2.0**-26, x, narrow(result, "f32"))


# ---- Hyperbolic functions ----

def exp_both(a):
    """e^a / 2 = 2^k (pair) and e^-a / 2 / 2^k as a double, of 0 <= a < 711."""
    _, k, r = reduce_exp(a)
    k = k - 1
    grown = exp_pair(r)
    # e^-a / 2 = 2^-(k + 2) / grown; it doesn't matter where it is 2^-120 of the other.
    shrunk = power_of_two(0 - select(k > 60, 60, k) * 2 - 2) / grown[0]
    return k, grown, shrunk


def sinh_tail(z, exact):
    """(sinh(x)/x - 1) / z of z = x^2 <= 1."""
    return polynomial("sinh", z, series(lambda n: 1 / mpmath.factorial(2 * n + 3)), 0, 1, 9 if exact else 5)


def sinh_f64(x):
    a = minimum(absolute(x), 711.0)
    k, grown, shrunk = exp_both(a)
    s, e = fast_two_sum(grown[0], -shrunk)
    large = times_power_of_two(s + (e + grown[1]), k)
    z = x * x
    small = x + x * z * sinh_tail(z, True)
    small = select(absolute(x) < 2.0**-28, x, small)
    return select(absolute(x) < 1.0, small, copy_sign(large, x))


def sinh_f32(x):
    wide = extend(x, "f64")
    grown = exp_simple(minimum(absolute(wide), 200.0))
    large = 0.5 * grown - 0.5 / grown
    z = wide * wide
    small = wide + wide * z * sinh_tail(z, False)
    return narrow(select(absolute(wide) < 1.0, small, copy_sign(large, wide)), "f32")


def cosh_f64(x):
    a = minimum(absolute(x), 711.0)
    k, grown, shrunk = exp_both(a)
    s, e = fast_two_sum(grown[0], shrunk)
    return times_power_of_two(s + (e + grown[1]), k)


def cosh_f32(x):
    grown = exp_simple(minimum(absolute(extend(x, "f64")), 200.0))
    return narrow(0.5 * grown + 0.5 / grown, "f32")


def tanh_f64(x):
    """E / (E + 2) with E = e^2|x| - 1, as pairs."""
    a = minimum(absolute(x), 22.0)
    pair, k = expm1_pair(a + a)
    scale = power_of_two(k)
    e = fast_two_sum(pair[0] * scale, pair[1] * scale)
    divisor = two_sum(e[0], as_value(2.0, "f64"))
    ratio = pair_over(e, (divisor[0], divisor[1] + e[1]))
    result = select(absolute(x) < 2.0**-28, absolute(x), ratio[0])
    return copy_sign(result, x)


def tanh_f32(x):
    wide = extend(x, "f64")
    e = expm1_simple(2.0 * minimum(absolute(wide), 22.0))
    result = copy_sign(e / (e + 2.0), wide)
    return select(absolute(x) < 2.0**-13, x, narrow(result, "f32"))


FUNCTIONS = [exp_f32, exp_f64, exp2_f32, exp2_f64, expm1_f32, expm1_f64, sinh_f32, sinh_f64, cosh_f32, cosh_f64, tanh_f32, tanh_f64]
