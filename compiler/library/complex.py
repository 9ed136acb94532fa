# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Functions of complex numbers, on their parts. They call math's functions of reals, which are put in afterwards.

Of f32 everything is computed as f64 and rounded at the end; of f64, sums of products that may cancel are pairs, and what may
overflow on the way is scaled. tanh is W. Kahan's ("Branch cuts for complex elementary functions", 1987), the quotient with
zeros and infinities R. L. Smith's ("Algorithm 116: Complex division", 1962); the rest is by the definitions.
"""

from basics import *
from ir import extend, make, narrow


def math(name, *operands):
    return make("math." + name, "f64", *operands)


def larger(a, b):
    return select(a > b, a, b)


def is_finite(x):
    return absolute(x) < INFINITY


def times(a, b):
    """a * b, where 0 times infinity is 0."""
    return select(a.eq(0.0), a, a * b)


# ---- Scaling ----

def exponent_of(m):
    """The biased exponent of m >= 0, in [1, 2045]."""
    e = bits(m).shru(52)
    return select(e > 2045, 2045, select(e < 1, 1, e))


def scaled(z):
    """z times a power of two, so that the larger part is near 1; and the biased exponent of what it was divided by."""
    e = exponent_of(larger(absolute(z[0]), absolute(z[1])))
    scale = from_bits(2046 - e << 52)
    return (z[0] * scale, z[1] * scale), e


def sum_of_products(a, b, c, d):
    """a * b + c * d, as a pair."""
    return pair_plus(two_product(a, b), two_product(c, d))


def length(z):
    """|z|, correctly rounded but for rare cases."""
    s, e = scaled(z)
    root = pair_sqrt(sum_of_products(s[0], s[0], s[1], s[1]))
    result = (root[0] + root[1]) * from_bits(e << 52)
    infinite = absolute(z[0]).eq(INFINITY) | absolute(z[1]).eq(INFINITY)
    return select(infinite, INFINITY, select(z[0].is_nan() | z[1].is_nan(), NAN, result))


def length_wide(z):
    """The same of parts that are f32: nothing overflows."""
    result = sqrt(z[0] * z[0] + z[1] * z[1])
    infinite = absolute(z[0]).eq(INFINITY) | absolute(z[1]).eq(INFINITY)
    return select(infinite, INFINITY, result)


# ---- Functions: of parts, and whether they are f32 in truth ----

def abs_(wide, z):
    return (length_wide(z) if wide else length(z),)


def angle(wide, z):
    return (math("atan2", z[1], z[0]),)


def sign(wide, z):
    """z / |z|; 0 of 0."""
    s, _ = scaled(z)
    size = length_wide(s)
    zero = z[0].eq(0.0) & z[1].eq(0.0)
    return select(zero, z[0], s[0] / size), select(zero, z[1], s[1] / size)


def smith(a, b):
    c, d = b
    swap = absolute(c) < absolute(d)
    big, small = select(swap, d, c), select(swap, c, d)
    top, other = select(swap, a[1], a[0]), select(swap, a[0], a[1])
    ratio = small / big
    scale = 1.0 / (big + small * ratio)
    re = (top + other * ratio) * scale
    im = (other - top * ratio) * scale
    im = select(swap, -im, im)
    zero = c.eq(0.0) & d.eq(0.0)
    return select(zero, a[0] / absolute(c), re), select(zero, a[1] / absolute(c), im)


def div(wide, a, b):
    plain = smith(a, b)
    if wide:
        return plain
    n, en = scaled(a)
    m, em = scaled(b)
    below = sum_of_products(m[0], m[0], m[1], m[1])[0]
    re = sum_of_products(n[0], m[0], n[1], m[1])[0] / below
    im = sum_of_products(n[1], m[0], -n[0], m[1])[0] / below
    size = absolute(b[0]) + absolute(b[1])
    good = is_finite(a[0]) & is_finite(a[1]) & is_finite(b[0]) & is_finite(b[1]) & (size > 0.0)
    return tuple(select(good, times_power_of_two(exact, en - em), other) for exact, other in zip((re, im), plain))


def exp(wide, z):
    a, b = z
    # In halves where e^a alone would overflow.
    large = a > 700.0
    e = math("exp", select(large, a * 0.5, a))
    more = select(large, e, 1.0)
    re, im = e * math("cos", b) * more, e * math("sin", b) * more
    endless = absolute(a).eq(INFINITY) & ~is_finite(b)
    re = select(endless, select(a > 0.0, INFINITY, const(0.0, "f64")), re)
    im = select(endless & (a < 0.0), 0.0, select(b.eq(0.0), b, im))
    return re, im


def expm1(wide, z):
    """e^a cos b - 1 = (e^a - 1) cos b - 2 sin^2(b/2)."""
    a, b = z
    half = math("sin", b * 0.5)
    cosine = math("cos", b)
    grown = math("expm1", a)
    small = grown * cosine - 2.0 * half * half
    large = exp(wide, z)
    # Where e^a is large the 1 doesn't matter.
    big = a > 40.0
    return select(big, large[0], select(b.eq(0.0), grown, small)), large[1]


def log_of_length(z, near_one):
    """log |z|, where |near_one|, a pair, is |z|^2 - 1 if that isn't large."""
    x = larger(absolute(z[0]), absolute(z[1]))
    y = select(absolute(z[0]) > absolute(z[1]), absolute(z[1]), absolute(z[0]))
    near = (x >= 0.5) & (x < 2.0)
    ratio = select(y.eq(x), 1.0, y / x)
    far_log = math("log", x) + 0.5 * math("log1p", ratio * ratio)
    near_log = 0.5 * math("log1p", select(near, near_one[0] + near_one[1], 0.0))
    result = select(near, near_log, far_log)
    infinite = absolute(z[0]).eq(INFINITY) | absolute(z[1]).eq(INFINITY)
    nan = z[0].is_nan() | z[1].is_nan()
    return select(infinite, INFINITY, select(nan, NAN, select(x.eq(0.0), -INFINITY, result)))


def log(wide, z):
    one = const(-1.0, "f64"), const(0.0, "f64")
    near_one = pair_plus(pair_plus(two_product(z[0], z[0]), one), two_product(z[1], z[1]))
    return log_of_length(z, near_one), math("atan2", z[1], z[0])


def log1p(wide, z):
    a, b = z
    squares = sum_of_products(a, a, b, b)
    near_one = pair_plus((2.0 * a, const(0.0, "f64")), squares)
    moved = 1.0 + a, b
    # Around 0, too, where the larger part of 1 + z is near 1.
    return log_of_length(moved, near_one), math("atan2", b, moved[0])


def sqrt_(wide, z):
    a, b = z
    if wide:
        s, size = z, length_wide(z)
        back = const(1.0, "f64")
    else:
        e = exponent_of(larger(absolute(a), absolute(b)))
        even = (e & ~1) | 1  # so that the true exponent is even
        scale = from_bits(2046 - even << 52)
        s = a * scale, b * scale
        size = length_wide(s)
        back = from_bits(((even - 1023) >> 1) + 1023 << 52)
    root = sqrt((absolute(s[0]) + size) * 0.5)
    other = absolute(s[1]) / (2.0 * root)
    left = bits(a) < 0
    re = select(left, other, root) * back
    im = copy_sign(select(left, root, other) * back, b)
    zero = a.eq(0.0) & b.eq(0.0)
    tall = absolute(b).eq(INFINITY)
    re = select(zero, 0.0, select(tall, INFINITY, re))
    return re, select(zero | tall, b, im)


def rsqrt(wide, z):
    root = sqrt_(wide, z)
    size = root[0] * root[0] + root[1] * root[1]
    zero = size.eq(0.0)
    return select(zero, INFINITY, root[0] / size), select(zero, NAN, -root[1] / size)


def cos(wide, z):
    a, b = z
    return math("cos", a) * math("cosh", b), -times(math("sin", a), math("sinh", b))


def sin(wide, z):
    a, b = z
    return times(math("sin", a), math("cosh", b)), times(math("sinh", b), math("cos", a))


def tanh(wide, z):
    a, b = z
    t = math("tan", b)
    beta = 1.0 + t * t
    s = math("sinh", minimum(maximum(a, -30.0), 30.0))
    root = sqrt(1.0 + s * s)
    below = 1.0 + beta * s * s
    far = absolute(a) > 25.0
    tail = 4.0 * math("sin", b) * math("cos", b) * math("exp", -2.0 * absolute(a))
    re = select(far, copy_sign(const(1.0, "f64"), a), beta * root * s / below)
    return select(a.is_nan(), a, re), select(b.eq(0.0), b, select(far, tail, t / below))


def tan(wide, z):
    """tan z = -i tanh(iz)"""
    re, im = tanh(wide, (-z[1], z[0]))
    return im, -re


def product(a, b):
    return sum_of_products(a[0], b[0], -a[1], b[1])[0], sum_of_products(a[0], b[1], a[1], b[0])[0]


def pow_(wide, z, w):
    """e^(w log z); 1 where w is 0, 0 where z is."""
    result = exp(wide, product(w, log(wide, z)))
    zero, one = z[0].eq(0.0) & z[1].eq(0.0), w[0].eq(0.0) & w[1].eq(0.0)
    of_zero = select((w[0] > 0.0) & w[1].eq(0.0), const(0.0, "f64"), NAN)
    return tuple(select(one, unit, select(zero, of_zero, part)) for unit, part in zip((1.0, 0.0), result))


def atan2(wide, y, x):
    """-i log((x + iy) / sqrt(x^2 + y^2)); of a small w = y/x that is -i log(1 + iw) + i/2 log(1 + w^2)."""
    squares = [product(v, v) for v in (x, y)]
    root = sqrt_(wide, (squares[0][0] + squares[1][0], squares[0][1] + squares[1][1]))
    logarithm = log(wide, div(wide, (x[0] - y[1], x[1] + y[0]), root))
    w = div(wide, y, x)
    small = (x[0] > 0.0) & (absolute(w[0]) + absolute(w[1]) < 0.125)
    first, second = log1p(wide, (-w[1], w[0])), log1p(wide, product(w, w))
    return (select(small, first[1] - 0.5 * second[1], logarithm[1]),
            select(small, 0.5 * second[0] - first[0], -logarithm[0]))


def entries():
    """Each function of f32 and of f64: of the parts of its operands."""
    for function in (abs_, angle, atan2, cos, div, exp, expm1, log, log1p, pow_, rsqrt, sign, sin, sqrt_, tan, tanh):
        count = function.__code__.co_argcount - 1
        for type_name in ("f32", "f64"):
            yield f"complex_{function.__name__.rstrip('_')}_{type_name}", [type_name] * (2 * count), on_parts(function, count)


def on_parts(function, count):
    def of_one(a, b):
        return whole(function, (a, b))

    def of_two(a, b, c, d):
        return whole(function, (a, b), (c, d))

    return of_one if count == 1 else of_two


def whole(function, *operands):
    type_name = operands[0][0].type
    wide = [tuple(extend(part, "f64") for part in z) for z in operands]
    results = function(type_name == "f32", *wide)
    return tuple(narrow(part, type_name) for part in results)


FUNCTIONS = list(entries())
