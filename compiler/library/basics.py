# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the functions are made of: scaling, rounding, sums and products of two doubles, polynomials.

A pair (hi, lo) stands for hi + lo: Dekker and Knuth's error-free transformations (T. J. Dekker, "A floating-point technique
for extending the available precision", 1971; D. E. Knuth, TAOCP 2, 4.2.2).
"""

import mpmath
from mpmath import mpf

from ir import as_value, bits, const, from_bits, select, sqrt

mpmath.mp.prec = 250

INFINITY = float("inf")
NAN = float("nan")
MAGIC = float(3 << 51)  # x + MAGIC - MAGIC is x rounded to an integer, ties to even, for |x| < 2^51
MAGIC_BITS = 0x4338000000000000


def two_sum(a, b):
    """a + b = s + e, whatever their sizes."""
    s = a + b
    bb = s - a
    e = (a - (s - bb)) + (b - bb)
    return s, e


def fast_two_sum(a, b):
    """a + b = s + e if a is 0 or not smaller than b."""
    s = a + b
    e = b - (s - a)
    return s, e


def split(a):
    """Halves of at most 26 bits each. |a| < 2^996."""
    scaled = a * 134217729.0
    high = scaled - (scaled - a)
    return high, a - high


def two_product(a, b):
    """a * b = p + e, where neither overflows nor e underflows."""
    ah, al = split(a)
    bh, bl = split(b)
    p = a * b
    e = ((ah * bh - p) + ah * bl + al * bh) + al * bl
    return p, e


def pair_times(a, b):
    """The product of two pairs, to about 2^-102."""
    p, e = two_product(a[0], b[0])
    return fast_two_sum(p, e + (a[0] * b[1] + a[1] * b[0]))


def pair_plus(a, b):
    """The sum of two pairs, of any sizes."""
    s, e = two_sum(a[0], b[0])
    return fast_two_sum(s, e + (a[1] + b[1]))


def pair_over(a, b):
    """The quotient of two pairs, to about 2^-100."""
    q = a[0] / b[0]
    p, e = two_product(q, b[0])
    return fast_two_sum(q, (((a[0] - p) - e) + (a[1] - q * b[1])) / b[0])


def pair_sqrt(a):
    """The square root of a pair; of 0 it is 0."""
    r = sqrt(a[0])
    p, e = two_product(r, r)
    safe = select(r.eq(0.0), 1.0, r)
    return fast_two_sum(r, (((a[0] - p) - e) + a[1]) / (safe + safe))


def pair_of(number):
    """A constant as a pair."""
    number = mpf(number)
    hi = float(number)
    return const(hi, "f64"), const(float(number - mpf(hi)), "f64")


def upper(number, kept):
    """A constant cut to |kept| bits, as a float, and what is cut off, exactly."""
    number = mpf(number)
    exponent = mpmath.frexp(number)[1]
    scale = mpf(2) ** (kept - exponent)
    hi = float(mpmath.floor(number * scale) / scale)
    return hi, number - mpf(hi)


# ---- Bits ----

def sign_mask(type_name):
    return -(1 << (int(type_name[1:]) - 1))


def absolute(x):
    return from_bits(bits(x) & ~sign_mask(x.type))


def copy_sign(magnitude, sign):
    mask = sign_mask(magnitude.type)
    return from_bits((bits(magnitude) & ~mask) | (bits(sign) & mask))


def minimum(x, limit):
    """NaN stays."""
    return select(x > limit, limit, x)


def maximum(x, limit):
    return select(x < limit, limit, x)


def power_of_two(k):
    """2^k of an i64, -1022 <= k <= 1023."""
    return from_bits((k + 1023) << 52)


def times_power_of_two(x, k):
    """x * 2^k for |k| < 2044, through overflow and subnormals."""
    half = k >> 1
    return (x * power_of_two(half)) * power_of_two(k - half)


def nearest_integer(x):
    """|x| < 2^51 rounded, as a double and as an i64."""
    shifted = x + MAGIC
    return shifted - MAGIC, bits(shifted) - MAGIC_BITS


# ---- Polynomials ----

def fit(function, low, high, count):
    """|count| coefficients, from the constant on, of the Chebyshev interpolation of |function|: within a small factor of
    the best polynomial."""
    coefficients, error = mpmath.chebyfit(function, [mpf(low), mpf(high)], count, error=True)
    return [c for c in reversed(coefficients)], error


def horner(x, coefficients):
    result = as_value(coefficients[-1], x.type)
    for c in reversed(coefficients[:-1]):
        result = result * x + c
    return result


_fits = {}


def polynomial(name, x, function, low, high, count):
    """|function| on [low, high] as a polynomial of x; remembered by |name|."""
    key = (name, count)
    if key not in _fits:
        _fits[key] = fit(function, low, high, count)[0]
    return horner(x, _fits[key])


def series(coefficient, terms=60):
    """A function given by its power series around 0: coefficient(n) of x^n."""
    return lambda x: mpmath.fsum(coefficient(n) * mpf(x) ** n for n in range(terms))


__all__ = [name for name in dir() if not name.startswith("_")]
