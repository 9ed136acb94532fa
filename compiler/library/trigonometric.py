# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""sin, cos, sincos, tan of every finite number.

x = n pi/2 + r, |r| <= pi/4. Up to 2^20 by Cody and Waite's reduction with pi/2 in parts; beyond by Payne and Hanek's: the
bits of 2/pi that matter are looked up by a tree of selections and multiplied as integers. Both are computed, one is selected.
sin r = r + r^3 S(r^2), cos r = 1 - r^2/2 + r^4 C(r^2) with Chebyshev interpolations S and C.
"""

from basics import *
from ir import extend, make, multiply_wide, narrow

TWO_OVER_PI = float(2 / mpmath.pi)
LARGE = 2.0**20
Z_BOUND = mpf("0.6169")  # (pi/4)^2 and a little more, for roundings of n


def word_at(words, index, bits_of_index, count):
    """|count| words from |index| on: a barrel shifter of selections."""
    words = [const(w, "i64") for w in words]
    for bit in reversed(range(bits_of_index)):
        step = 1 << bit
        is_set = (index & step).ne(0)
        kept = count + step - 1
        words = [select(is_set, words[i + step], words[i]) if i + step < len(words) else words[i]
                 for i in range(min(kept, len(words)))]
    return words[:count]


def two_over_pi_words(count):
    """64 zeros, then the bits of 2/pi, as words of 64 bits."""
    number = int(mpmath.floor(mp_two_over_pi() * mpf(2) ** (64 * (count - 1))))
    return [(number >> (64 * (count - 1 - i))) & (2**64 - 1) for i in range(count)]


def mp_two_over_pi():
    with mpmath.workprec(1600):
        return 2 / +mpmath.pi


def window(words, start, bits_of_index, count):
    """|count| words of 64 bits from bit |start| on."""
    found = word_at(words, start >> 6, bits_of_index, count + 1)
    shift = start & 63
    return [(found[i] << shift) | found[i + 1].shru(1).shru(63 - shift) for i in range(count)]


def mantissa_and_exponent(x):
    """|x| = m 2^e, m of 53 bits."""
    b = bits(x)
    return (b & (2**52 - 1)) | 2**52, (b.shru(52) & 0x7FF) - 1075


def unsigned_to_double(v):
    """Of less than 2^52."""
    return from_bits(v | 0x4330000000000000) - 2.0**52


def reduce_large(x):
    """n mod 4 and r as a pair, of |x| >= 2^20 (anything for others)."""
    with mpmath.workprec(1600):
        words = two_over_pi_words(21)
    m, e = mantissa_and_exponent(x)
    # The bits of 2/pi 2^e from the weight 2^1 down to 2^-190.
    high, middle, low = window(words, select(e < -33, -33, e) + 62, 5, 3)
    _, p0 = multiply_wide(m, low)
    p1, carry = multiply_wide(m, middle)
    q1 = p1 + p0
    q2 = m * high + carry + select(q1.ult(p1), const(1, "i64"), 0)
    # Of 2^-190 units: two bits of quadrant, rounded to the nearest, then a signed fraction of 126 bits.
    n = (q2 + 2**61).shru(62)
    f1 = (q2 << 2) | q1.shru(62)
    f0 = q1 << 2
    a = make("arith.sitofp", "f64", f1 >> 21) * 2.0**-43
    b = unsigned_to_double(((f1 << 43) | f0.shru(21)).shru(21)) * 2.0**-86
    c = unsigned_to_double((f0 << 22).shru(21)) * 2.0**-129
    h, l = fast_two_sum(a, b)
    fraction = fast_two_sum(h, l + c)
    r = pair_times(fraction, pair_of(mpmath.pi / 2))
    negative = x < 0.0
    return select(negative, 0 - n, n), (select(negative, -r[0], r[0]), select(negative, -r[1], r[1]))


def parts_of_half_pi(count, kept):
    parts, rest = [], mpmath.pi / 2
    for _ in range(count):
        high, rest = upper(rest, kept)
        parts.append(high)
    return parts, float(rest)


def reduce_medium(x):
    """n and r as a pair of |x| < 2^20."""
    nf, n = nearest_integer(x * TWO_OVER_PI)
    parts, rest = parts_of_half_pi(3, 33)
    r = x - nf * parts[0]  # exact
    r, e = two_sum(r, nf * -parts[1])
    s, e2 = two_sum(r, nf * -parts[2])
    return n, fast_two_sum(s, (e + e2) - nf * rest)


def rem_pio2_large_f64(x):
    """x = n pi/2 + r of |x| >= 2^20: n, r as hi and lo."""
    n, r = reduce_large(x)
    return n, r[0], r[1]


def reduce_f64(x):
    n, r = reduce_medium(x)
    n_large, r_large = reduce_large(x)
    large = ~(absolute(x) < LARGE)
    return select(large, n_large, n), (select(large, r_large[0], r[0]), select(large, r_large[1], r[1]))


def sin_tail(z, exact):
    return polynomial("sin", z, series(lambda k: mpf(-1) ** (k + 1) / mpmath.factorial(2 * k + 3)), 0, Z_BOUND, 7 if exact else 4)


def cos_tail(z, exact):
    return polynomial("cos", z, series(lambda k: mpf(-1) ** k / mpmath.factorial(2 * k + 4)), 0, Z_BOUND, 7 if exact else 4)


def sin_pair(r):
    z = r[0] * r[0]
    return fast_two_sum(r[0], r[0] * z * sin_tail(z, True) + (r[1] - 0.5 * z * r[1]))


def cos_pair(r):
    p, e = two_product(r[0], r[0])
    s, s_low = fast_two_sum(as_value(1.0, "f64"), -0.5 * p)
    return fast_two_sum(s, s_low + (p * p * cos_tail(p, True) - (0.5 * e + r[0] * r[1])))


def finite(x, result):
    """NaN of infinity and NaN."""
    return select(absolute(x) < INFINITY, result, x - x)


def quadrant_sign(value, n, bit):
    """-value if |bit| of n is set."""
    return from_bits(bits(value) ^ ((n & bit) << (62 if bit == 2 else 63)))


def sin_of(s, c, n):
    return quadrant_sign(select((n & 1).ne(0), c, s), n, 2)


def cos_of(s, c, n):
    return quadrant_sign(select((n & 1).ne(0), s, c), n + 1, 2)


def sincos_f64(x):
    n, r = reduce_f64(x)
    s, c = sin_pair(r)[0], cos_pair(r)[0]
    return finite(x, select(absolute(x) < 2.0**-28, x, sin_of(s, c, n))), finite(x, cos_of(s, c, n))


def sin_f64(x): return sincos_f64(x)[0]
def cos_f64(x): return sincos_f64(x)[1]


def tan_f64(x):
    n, r = reduce_f64(x)
    s, c = sin_pair(r), cos_pair(r)
    odd = (n & 1).ne(0)
    top = select(odd, -c[0], s[0]), select(odd, -c[1], s[1])
    bottom = select(odd, s[0], c[0]), select(odd, s[1], c[1])
    bottom = select(bottom[0].eq(0.0), 1.0, bottom[0]), bottom[1]
    return finite(x, select(absolute(x) < 2.0**-28, x, pair_over(top, bottom)[0]))


# ---- f32 ----

def reduce_large_f32(x):
    """n mod 4 and r of |x| >= 2^20, a float in a double: 24 bits times a window of 96."""
    with mpmath.workprec(1600):
        words = two_over_pi_words(6)
    m, e = mantissa_and_exponent(x)
    m, e = m.shru(29), e + 29
    e = select(e < -3, -3, select(e > 104, 104, e))
    high, low = window(words, e + 62, 2, 2)
    product = m * high + (m * low.shru(32)).shru(32)
    n = (product + 2**61).shru(62)
    r = make("arith.sitofp", "f64", product << 2) * float(mpmath.pi / 2 / mpf(2) ** 64)
    negative = x < 0.0
    return select(negative, 0 - n, n), select(negative, -r, r)


def reduce_f32(x):
    nf, n = nearest_integer(x * TWO_OVER_PI)
    parts, rest = parts_of_half_pi(1, 33)
    r = (x - nf * parts[0]) - nf * rest
    n_large, r_large = reduce_large_f32(x)
    large = ~(absolute(x) < LARGE)
    return select(large, n_large, n), select(large, r_large, r)


def sin_cos_f32(x):
    n, r = reduce_f32(x)
    z = r * r
    return n, r + r * z * sin_tail(z, False), 1.0 - z * (0.5 - z * cos_tail(z, False))


def sincos_f32(x):
    wide = extend(x, "f64")
    n, s, c = sin_cos_f32(wide)
    sine = select(absolute(wide) < 2.0**-13, x, narrow(finite(wide, sin_of(s, c, n)), "f32"))
    return sine, narrow(finite(wide, cos_of(s, c, n)), "f32")


def sin_f32(x): return sincos_f32(x)[0]
def cos_f32(x): return sincos_f32(x)[1]


def tan_f32(x):
    wide = extend(x, "f64")
    n, s, c = sin_cos_f32(wide)
    odd = (n & 1).ne(0)
    result = select(odd, -c, s) / select(odd, s, c)
    return select(absolute(wide) < 2.0**-13, x, narrow(finite(wide, result), "f32"))


FUNCTIONS = [sin_f32, sin_f64, cos_f32, cos_f64, sincos_f32, sincos_f64, tan_f32, tan_f64]
