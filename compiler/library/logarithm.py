# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""log, log2, log10, log1p, asinh, acosh, atanh.

x = 2^k m with sqrt(1/2) <= m < sqrt(2); with f = m - 1 and s = f / (2 + f), log m = 2 atanh s, computed as
f - (f^2/2 - s (f^2/2 + R)), R = 2 atanh(s)/s - 2: the way of Sun's fdlibm, with a polynomial of our own.
"""

from basics import *
from ir import extend, narrow

LN2_HIGH, _rest = upper(mpmath.log(2), 33)
LN2_LOW = float(_rest)
SQRT_HALF_BITS = 0x3FE6A09E667F3BCD
S_BOUND = mpf("0.02945")  # s^2 is at most (sqrt(2) - 1)^2 / (sqrt(2) + 1)^2


def log_tail(z, exact):
    """(2 atanh(s) / s - 2) / z of z = s^2."""
    return polynomial("log", z, series(lambda n: mpf(2) / (2 * n + 3)), 0, S_BOUND, 8 if exact else 5)


def reduce_log(x):
    """x = 2^k m, x > 0 and normal: k as double, f = m - 1, 2^-k."""
    b = bits(x)
    k = (b - SQRT_HALF_BITS) >> 52
    m = from_bits(b - (k << 52))
    return int_to_double(k), m - 1.0, k


def int_to_double(k):
    """|k| < 2^51."""
    return from_bits(k + MAGIC_BITS) - MAGIC


def normalized(x):
    """x, times 2^54 if subnormal, and what to add to k."""
    tiny = x < 2.0**-1022
    return select(tiny, x * 2.0**54, x), select(tiny, as_value(-54.0, "f64"), 0.0)


def log_parts(f, exact):
    """f^2/2 and s (f^2/2 + R)."""
    s = f / (2.0 + f)
    z = s * s
    square = 0.5 * f * f
    return square, s * (square + z * log_tail(z, exact))


def special(x, result):
    """log of 0, negative numbers, infinity, NaN; |result| for others."""
    result = select(x.eq(0.0), -INFINITY, result)
    result = select(x < 0.0, NAN, result)
    return select((x < INFINITY) & ~x.is_nan(), result, select(x.is_nan() | x.eq(INFINITY), x, result))


def log_f64(x):
    scaled, more = normalized(x)
    k, f, _ = reduce_log(scaled)
    k = k + more
    square, rest = log_parts(f, True)
    return special(x, k * LN2_HIGH - ((square - (rest + k * LN2_LOW)) - f))


def log_simple(x):
    """(k, log m) for f32."""
    k, f, _ = reduce_log(x)
    s = f / (2.0 + f)
    z = s * s
    return k, s * 2.0 + s * z * log_tail(z, False)


def log_f32(x):
    wide = extend(x, "f64")
    k, rest = log_simple(wide)
    return narrow(special(wide, k * float(mpmath.log(2)) + rest), "f32")


def log_of_base(x, base):
    """log2 and log10: log m as hi + lo, hi of 21 bits, times 1 / ln(base) as hi + lo."""
    scaled, more = normalized(x)
    k, f, _ = reduce_log(scaled)
    k = k + more
    square, rest = log_parts(f, True)
    high = from_bits(bits(f - square) & ~0xFFFFFFFF)
    low = ((f - high) - square) + rest
    inverse, inverse_low = upper(1 / mpmath.log(base), 30)
    product = high * inverse  # exact
    product_low = (low + high) * float(inverse_low) + low * inverse
    if base == 2:
        sum_, e = two_sum(k, product)
        return special(x, sum_ + (e + product_low))
    log_high, log_low = upper(mpmath.log(2, base), 40)
    sum_, e = two_sum(k * log_high, product)
    return special(x, sum_ + (e + (product_low + k * float(log_low))))


def log_of_base_f32(x, base):
    wide = extend(x, "f64")
    k, rest = log_simple(wide)
    result = k * float(mpmath.log(2, base)) + rest * float(1 / mpmath.log(base))
    return narrow(special(wide, result), "f32")


def log2_f64(x): return log_of_base(x, 2)
def log2_f32(x): return log_of_base_f32(x, 2)
def log10_f64(x): return log_of_base(x, 10)
def log10_f32(x): return log_of_base_f32(x, 10)


def log1p_pair(a, more=None):
    """log(1 + a) + |more| ln2 of a pair a > -1, as one double."""
    u, u_low = two_sum(as_value(1.0, "f64"), a[0])
    u_low = u_low + a[1]
    kf, f, k = reduce_log(u)
    # 2^-k: what the rounding of 1 + a lost is far below for k > 60.
    scale = power_of_two(0 - select(k > 60, 60, k))
    f_low = u_low * scale
    near = k.eq(0)
    f = select(near, a[0], f)
    f_low = select(near, a[1], f_low)
    square, rest = log_parts(f, True)
    correction = f_low / (1.0 + f)
    kf = kf if more is None else kf + more
    return kf * LN2_HIGH - ((square - (rest + (kf * LN2_LOW + correction))) - f)


def log1p_f64(x):
    result = log1p_pair((x, as_value(0.0, "f64")))
    result = select(absolute(x) < 2.0**-54, x, result)
    result = select(x.eq(-1.0), -INFINITY, result)
    result = select(x < -1.0, NAN, result)
    return select(x.is_nan() | x.eq(INFINITY), x, result)


def log1p_simple(x):
    """For f32, x > -1."""
    k, f, ki = reduce_log(1.0 + x)
    f = select(ki.eq(0), x, f)
    s = f / (2.0 + f)
    z = s * s
    return k * float(mpmath.log(2)) + (s * 2.0 + s * z * log_tail(z, False))


def log1p_f32(x):
    wide = extend(x, "f64")
    result = select(x.eq(-1.0), -INFINITY, narrow(log1p_simple(wide), "f32"))
    result = select(x < -1.0, NAN, result)
    return select((absolute(x) < 2.0**-26) | x.is_nan() | x.eq(INFINITY), x, result)


# ---- Inverse hyperbolic functions ----

def asinh_f64(x):
    """log1p(a + a^2 / (1 + sqrt(1 + a^2))) of a = |x|, as pairs; log(2a) beyond 2^30."""
    a = absolute(x)
    huge = ~(a < 2.0**30)
    bounded = select(huge, 1.0, a)
    square = two_product(bounded, bounded)
    root = pair_sqrt(pair_plus(pair_of(1), square))
    ratio = pair_over(square, pair_plus(pair_of(1), root))
    argument = pair_plus((bounded, const(0.0, "f64")), ratio)
    argument = select(huge, a, argument[0]), select(huge, -1.0, argument[1])
    result = log1p_pair(argument, select(huge, as_value(1.0, "f64"), 0.0))
    result = select(a < 2.0**-28, a, result)
    return copy_sign(select(a < INFINITY, result, a), x)


def asinh_f32(x):
    wide = extend(absolute(x), "f64")
    square = wide * wide
    result = log1p_simple(wide + square / (1.0 + sqrt(1.0 + square)))
    result = narrow(copy_sign(result, extend(x, "f64")), "f32")
    return select((absolute(x) < 2.0**-13) | ~(absolute(x) < INFINITY), x, result)


def acosh_f64(x):
    """log1p(t + sqrt(2t + t^2)) of t = x - 1; log(2x) beyond 2^30."""
    huge = ~(x < 2.0**30)
    t = select(huge, 1.0, x - 1.0)
    root = pair_sqrt(pair_plus((t + t, const(0.0, "f64")), two_product(t, t)))
    argument = pair_plus((t, const(0.0, "f64")), root)
    argument = select(huge, x, argument[0]), select(huge, -1.0, argument[1])
    result = log1p_pair(argument, select(huge, as_value(1.0, "f64"), 0.0))
    result = select(x < 1.0, NAN, result)
    return select(x.is_nan() | x.eq(INFINITY), x, result)


def acosh_f32(x):
    t = extend(x, "f64") - 1.0
    result = narrow(log1p_simple(t + sqrt(t * (t + 2.0))), "f32")
    result = select(x < 1.0, NAN, result)
    return select(x.is_nan() | x.eq(INFINITY), x, result)


def atanh_f64(x):
    """log1p(2a / (1 - a)) / 2 of a = |x|, as pairs."""
    a = absolute(x)
    bounded = minimum(a, 1.0 - 2.0**-53)
    ratio = pair_over((bounded + bounded, const(0.0, "f64")), two_sum(as_value(1.0, "f64"), -bounded))
    result = 0.5 * log1p_pair(ratio)
    result = select(a < 2.0**-28, a, result)
    result = select(a.eq(1.0), INFINITY, result)
    return copy_sign(select(a > 1.0, NAN, select(a.is_nan(), a, result)), x)


def atanh_f32(x):
    a = extend(absolute(x), "f64")
    bounded = minimum(a, 1.0 - 2.0**-24)
    result = 0.5 * log1p_simple((bounded + bounded) / (1.0 - bounded))
    result = select(a.eq(1.0), INFINITY, result)
    result = narrow(copy_sign(select(a > 1.0, NAN, result), extend(x, "f64")), "f32")
    return select((absolute(x) < 2.0**-13) | x.is_nan(), x, result)


FUNCTIONS = [log_f32, log_f64, log2_f32, log2_f64, log10_f32, log10_f64, log1p_f32, log1p_f64, asinh_f32, asinh_f64, acosh_f32, acosh_f64, atanh_f32, atanh_f64]
