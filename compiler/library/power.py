# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""powf, fpowi, rsqrt, cbrt.

|x|^y = e^(y log |x|) with the logarithm and the product as pairs, for f32 in f64. Special values as C's pow has them (Annex F).
cbrt: a guess from a third of the bits (W. Kahan), two steps of Halley's iteration, and a last one of Newton's from a value of so few
bits that its square is exact.
"""

from basics import *
from exponential import LN2_HIGH, exp_pair, exp_simple, reduce_exp
from ir import extend, make, narrow
from logarithm import S_BOUND, log_simple, normalized, reduce_log


def log_pair(x):
    """log x of x > 0 as a pair, to about 2^-66."""
    scaled, more = normalized(x)
    k, f, _ = reduce_log(scaled)
    k = k + more
    s = pair_over((f, const(0.0, "f64")), two_sum(as_value(2.0, "f64"), f))
    z = pair_times(s, s)
    tail = polynomial("log_pair", z[0], series(lambda n: 1 / mpf(2 * n + 5)), 0, S_BOUND, 8)
    third = pair_of(mpf(1) / 3)
    cubic = pair_times(z, fast_two_sum(third[0], third[1] + z[0] * tail))
    cubic = pair_times(s, cubic)
    mantissa = pair_plus((s[0] + s[0], s[1] + s[1]), (cubic[0] + cubic[0], cubic[1] + cubic[1]))
    middle, rest = upper(mpmath.log(2) - mpf(LN2_HIGH), 33)
    exponent = fast_two_sum(k * LN2_HIGH, k * middle)
    return pair_plus((exponent[0], exponent[1] + k * float(rest)), mantissa)


def power_pair(a, y):
    """a^y of a > 0 finite, y a pair."""
    l = log_pair(a)
    limit = 2.0**66
    bounded = minimum(maximum(y[0], -limit), limit)
    p, e = two_product(bounded, l[0])
    e = e + (bounded * l[1] + y[1] * l[0])
    inside = (p > -760.0) & (p < 720.0)
    low = select(inside, e, 0.0)
    _, k, r = reduce_exp(minimum(maximum(p, -760.0), 720.0), low)
    return times_power_of_two(exp_pair(r)[0], k)


def power_simple(a, y):
    k, rest = log_simple(a)
    l = k * float(mpmath.log(2)) + rest
    product = minimum(maximum(y * l, -200.0), 200.0)
    return exp_simple(product)


def power_special(x, y, a, result, is_integer, is_odd):
    """x^y of what isn't positive and finite; |result| is a^y otherwise, a = |x|."""
    at_edge = a.eq(0.0) | a.eq(INFINITY)
    grows = a.eq(0.0) ^ (y > 0.0)
    result = select(at_edge, select(grows, INFINITY, const(0.0, "f64")), result)
    result = select((bits(x) < 0) & is_odd, -result, result)
    result = select((x < 0.0) & (a < INFINITY) & ~is_integer, NAN, result)
    grows = (a > 1.0) ^ (y < 0.0)
    at_infinity = select(a.eq(1.0), 1.0, select(grows, INFINITY, const(0.0, "f64")))
    result = select(absolute(y).eq(INFINITY), at_infinity, result)
    result = select(x.is_nan() | y.is_nan(), x + y, result)
    return select(y.eq(0.0) | x.eq(1.0), 1.0, result)


def kind_of(y):
    """Whether y is an integer, whether an odd one."""
    a = absolute(y)
    shifted = a + 2.0**52
    large = ~(a < 2.0**52)
    is_integer = large | (shifted - 2.0**52).eq(a)
    unit = select(large, bits(a), bits(shifted)) & 1
    return is_integer, is_integer & (a < 2.0**53) & unit.ne(0)


def powf_f64(x, y):
    a = absolute(x)
    usual = (a > 0.0) & (a < INFINITY)
    result = power_pair(select(usual, a, 1.0), (y, const(0.0, "f64")))
    return power_special(x, y, a, result, *kind_of(y))


def powf_f32(x, y):
    xw, yw = extend(x, "f64"), extend(y, "f64")
    a = absolute(xw)
    usual = (a > 0.0) & (a < INFINITY)
    result = power_simple(select(usual, a, 1.0), yw)
    return narrow(power_special(xw, yw, a, result, *kind_of(yw)), "f32")


def power_of_integer(x, n):
    """x^n in f64: n as a pair is exact."""
    high = make("arith.sitofp", "f64", n >> 32) * 2.0**32
    y = fast_two_sum(high, make("arith.sitofp", "f64", n & 0xFFFFFFFF))
    a = absolute(x)
    usual = (a > 0.0) & (a < INFINITY)
    always = n.eq(n)
    return power_special(x, y[0], a, power_pair(select(usual, a, 1.0), y), always, (n & 1).ne(0))


def fpowi_f64_i64(x: "f64", n: "i64"): return power_of_integer(x, n)


def fpowi_f32_i64(x: "f32", n: "i64"):
    return narrow(power_of_integer(extend(x, "f64"), n), "f32")


# ---- Roots ----

def rsqrt_f64(x):
    return 1.0 / sqrt(x)


def rsqrt_f32(x):
    return narrow(1.0 / sqrt(extend(x, "f64")), "f32")


def cbrt_step(t, x):
    """Halley's."""
    cube = t * t * t
    return t * ((cube + 2.0 * x) / (2.0 * cube + x))


def cbrt_guess(a):
    """To 5 bits, of a normal number. (The division by three is a multiplication.)"""
    third = ((bits(a).shru(32)) * 0x55555556).shru(32)
    return from_bits((third + 715094163) << 32)


def cbrt_f64(x):
    a = absolute(x)
    tiny = a < 2.0**-1022
    scaled = select(tiny, a * 2.0**54, a)
    usual = (a > 0.0) & (a < INFINITY)
    scaled = select(usual, scaled, 1.0)
    # Halfway into the range of exponents, so that the cube neither overflows nor underflows.
    t = cbrt_guess(scaled)
    exponent = bits(t).shru(52)
    back = from_bits((2046 - exponent) << 52)
    t = t * back
    small = ((scaled * back) * back) * back
    t = cbrt_step(cbrt_step(t, small), small)
    t = from_bits((bits(t) + 0x80000000) & ~0xFFFFFFFF)  # to 21 bits
    square = t * t  # exact
    ratio = small / square
    t = t + t * ((ratio - t) / (t + t + ratio))
    t = t * from_bits(exponent << 52)
    t = select(tiny, t * 2.0**-18, t)
    return select(usual, copy_sign(t, x), x)


def cbrt_f32(x):
    wide = extend(x, "f64")
    a = absolute(wide)
    usual = (a > 0.0) & (a < INFINITY)
    safe = select(usual, a, 1.0)
    t = cbrt_step(cbrt_step(cbrt_guess(safe), safe), safe)
    return select(usual, narrow(copy_sign(t, wide), "f32"), x)


FUNCTIONS = [powf_f32, powf_f64, fpowi_f32_i64, fpowi_f64_i64, rsqrt_f32, rsqrt_f64, cbrt_f32, cbrt_f64]
