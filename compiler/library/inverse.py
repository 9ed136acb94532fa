# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""asin, acos, atan, atan2.

atan: of |x| <= tan(pi/8) a polynomial, else pi/4 + atan((x - 1)/(x + 1)) or pi/2 - atan(1/x), with the quotient as a pair.
asin: of |x| <= 1/2 a polynomial, else pi/2 - 2 asin(sqrt((1 - |x|)/2)) with the root as a pair; acos likewise.
"""

from basics import *
from ir import extend, narrow

TAN_1 = float(mpmath.tan(mpmath.pi / 8))
TAN_3 = float(mpmath.tan(3 * mpmath.pi / 8))
HALF_PI, QUARTER_PI = mpmath.pi / 2, mpmath.pi / 4


def atan_tail(z, exact):
    """(atan(t)/t - 1) / z of z = t^2."""
    return polynomial("atan", z, lambda v: (mpmath.atan(mpmath.sqrt(v)) / mpmath.sqrt(v) - 1) / v if v else mpf(-1) / 3, 0,
                      mpf("0.17158"), 12 if exact else 6)


def asin_tail(z, exact):
    """(asin(t)/t - 1) / z of z = t^2 <= 1/4."""
    return polynomial("asin", z, lambda v: (mpmath.asin(mpmath.sqrt(v)) / mpmath.sqrt(v) - 1) / v if v else mpf(1) / 6, 0,
                      mpf("0.25"), 15 if exact else 8)


def choose_constant(first, second, offsets):
    """offsets[0], [1] or [2]: if |first|, else if |second|, else; as a pair."""
    pairs = [pair_of(o) for o in offsets]
    return tuple(select(first, pairs[0][i], select(second, pairs[1][i], pairs[2][i])) for i in range(2))


def atan_ratio(a, b):
    """atan(a / b) of a, b >= 0, not both 0, neither tiny nor huge, as a pair."""
    first, second = a <= b * TAN_1, a <= b * TAN_3
    difference, sum_ = two_sum(a, -b), two_sum(a, b)
    top = select(first, a, select(second, difference[0], -b)), select(first | ~second, 0.0, difference[1])
    bottom = select(first, b, select(second, sum_[0], a)), select(first | ~second, 0.0, sum_[1])
    t = pair_over(top, bottom)
    z = t[0] * t[0]
    tail = t[0] * z * atan_tail(z, True) + t[1] * (1.0 - z)
    offset = choose_constant(first, second, [0, QUARTER_PI, HALF_PI])
    s, e = fast_two_sum(offset[0], t[0])
    s, e = select(first, t[0], s), select(first, 0.0, e)
    return fast_two_sum(s, e + (offset[1] + tail))


def atan_ratio_simple(a, b):
    """The same for f32."""
    first, second = a <= b * TAN_1, a <= b * TAN_3
    t = select(first, a, select(second, a - b, -b)) / select(first, b, select(second, a + b, a))
    z = t * t
    offset = select(first, const(0.0, "f64"), select(second, const(QUARTER_PI, "f64"), HALF_PI))
    return offset + (t + t * z * atan_tail(z, False))


def atan_f64(x):
    a = absolute(x)
    result = atan_ratio(minimum(maximum(a, 2.0**-100), 2.0**100), const(1.0, "f64"))[0]
    return copy_sign(select(a < 2.0**-28, a, result), x)


def atan_f32(x):
    a = extend(absolute(x), "f64")
    result = atan_ratio_simple(minimum(a, 2.0**100), const(1.0, "f64"))
    return select(absolute(x) < 2.0**-13, x, narrow(copy_sign(result, extend(x, "f64")), "f32"))


def atan2_select(y, x, a, b, quotient, inner):
    """atan2 of the signs and special values of y and x: |inner| is atan(a / b) as a pair, for x < 0 subtracted from pi. a and b
    are |y| and |x|, |quotient| their quotient where it is tiny."""
    left = bits(x) < 0
    pi = pair_of(mpmath.pi)
    s, e = fast_two_sum(pi[0], -inner[0])
    turned = s + (e + (pi[1] - inner[1]))
    value = select(left, turned, quotient)
    both_zero, both_infinite = a.eq(0.0) & b.eq(0.0), a.eq(INFINITY) & b.eq(INFINITY)
    value = select(both_zero, select(left, float(mpmath.pi), const(0.0, "f64")), value)
    value = select(both_infinite, select(left, float(3 * QUARTER_PI), const(QUARTER_PI, "f64")), value)
    return select(a.is_nan() | b.is_nan(), y + x, copy_sign(value, y))


def atan2_f64(y, x):
    a, b = absolute(y), absolute(x)
    larger = select(a > b, a, b)
    # Both are scaled so that the larger is in [1, 2), and the other kept from being too small to be exact.
    exponent = bits(larger).shru(52)
    subnormal = exponent.eq(0)
    scale = from_bits(2046 - select(exponent > 2045, 2045, select(exponent < 1, 1, exponent)) << 52)
    scale = select(subnormal, 2.0**1022, scale)
    extra = select(subnormal, const(2.0**52, "f64"), 1.0)
    an, bn = (a * scale) * extra, (b * scale) * extra
    an = select(a.eq(INFINITY), 1.0, select(b.eq(INFINITY), 2.0**-200, an))
    bn = select(b.eq(INFINITY), 1.0, select(a.eq(INFINITY), 2.0**-200, bn))
    low = 2.0**-200
    inner = atan_ratio(maximum(an, low), maximum(bn, low))
    tiny = ~(an > bn * 2.0**-60)
    quotient = select(tiny, a / b, inner[0])
    return atan2_select(y, x, a, b, quotient, inner)


def atan2_f32(y, x):
    yw, xw = extend(y, "f64"), extend(x, "f64")
    a, b = absolute(yw), absolute(xw)
    an, bn = minimum(a, 2.0**300), minimum(b, 2.0**300)
    inner = atan_ratio_simple(an, select(a.eq(0.0) & b.eq(0.0), 1.0, bn))
    inner = select(a.eq(0.0), 0.0, inner)
    quotient = select(b.eq(INFINITY), 0.0, inner)
    return narrow(atan2_select(yw, xw, a, b, quotient, (inner, const(0.0, "f64"))), "f32")


def root_parts(a):
    """z = (1 - a)/2 and sqrt(z) as a pair, of 0 <= a <= 1."""
    z = 0.5 - 0.5 * a
    return z, pair_sqrt((z, const(0.0, "f64")))


def outside(x, result):
    return select(absolute(x) > 1.0, NAN, select(x.is_nan(), x, result))


def asin_f64(x):
    a = absolute(x)
    zs = a * a
    small = a + a * zs * asin_tail(zs, True)
    z, root = root_parts(minimum(a, 1.0))
    half_pi = pair_of(HALF_PI)
    s, e = fast_two_sum(half_pi[0], -2.0 * root[0])
    large = s + (e + (half_pi[1] - 2.0 * (root[1] + root[0] * z * asin_tail(z, True))))
    result = select(a <= 0.5, select(a < 2.0**-28, a, small), large)
    return outside(x, copy_sign(result, x))


def acos_f64(x):
    a = absolute(x)
    zs = x * x
    half_pi, pi = pair_of(HALF_PI), pair_of(mpmath.pi)
    s, e = fast_two_sum(half_pi[0], -x)
    small = s + (e + (half_pi[1] - x * zs * asin_tail(zs, True)))
    z, root = root_parts(minimum(a, 1.0))
    rest = root[1] + root[0] * z * asin_tail(z, True)
    right = 2.0 * (root[0] + rest)
    s, e = fast_two_sum(pi[0], -2.0 * root[0])
    left = s + (e + (pi[1] - 2.0 * rest))
    return outside(x, select(a <= 0.5, small, select(x < 0.0, left, right)))


def asin_simple(x):
    """asin(|x|) for f32, |x| <= 1: (a <= 1/2, asin t of the reduced t)."""
    a = absolute(x)
    is_small = a <= 0.5
    z = select(is_small, a * a, 0.5 - 0.5 * a)
    t = select(is_small, a, sqrt(z))
    return is_small, t + t * z * asin_tail(z, False)


def asin_f32(x):
    wide = extend(x, "f64")
    is_small, inner = asin_simple(minimum(absolute(wide), 1.0))
    result = copy_sign(select(is_small, inner, float(HALF_PI) - 2.0 * inner), wide)
    return select(absolute(x) < 2.0**-13, x, outside(x, narrow(result, "f32")))


def acos_f32(x):
    wide = extend(x, "f64")
    is_small, inner = asin_simple(minimum(absolute(wide), 1.0))
    negative = wide < 0.0
    small = float(HALF_PI) - copy_sign(inner, wide)
    large = select(negative, float(mpmath.pi) - 2.0 * inner, 2.0 * inner)
    return outside(x, narrow(select(is_small, small, large), "f32"))


FUNCTIONS = [asin_f32, asin_f64, acos_f32, acos_f64, atan_f32, atan_f64, atan2_f32, atan2_f64]
