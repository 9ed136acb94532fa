# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""fma, correctly rounded without an instruction for it.

f32, f16 and bf16: the product is exact in f64, and a sum rounded to odd survives the rounding to f32 (S. Boldo and G. Melquiond, "Emulation of
FMA and correctly rounded sums", 2008). f64: with integers of 128 bits.
"""

from basics import *
from ir import count_leading_zeros, extend, multiply_wide, narrow, zext


def fma_odd_f32(x, y, z):
    """x * y + z in f64, rounded to odd: what f32, f16 and bf16 round once more."""
    product = extend(x, "f64") * extend(y, "f64")
    s, e = two_sum(product, extend(z, "f64"))
    inexact = e.ne(0.0) & (absolute(s) < INFINITY)
    even = (bits(s) & 1).eq(0)
    # One step towards e: up in magnitude if it has the sum's sign.
    step = select((bits(s) ^ bits(e)) < 0, const(-1, "i64"), 1)
    return select(inexact & even & (absolute(e) < INFINITY), from_bits(bits(s) + step), s)


def fma_f32(x, y, z):
    return narrow(fma_odd_f32(x, y, z), "f32")


def decode(x):
    """A finite x as m 2^e: m of 53 bits (0 of 0)."""
    b = bits(absolute(x))
    field = b.shru(52)
    fraction = b & (2**52 - 1)
    shift = count_leading_zeros(fraction | 1) - 11
    subnormal = field.eq(0)
    m = select(subnormal, fraction << (shift & 63), fraction | 2**52)
    e = select(subnormal, 1 - shift, field) - 1075
    return m, e


def shift_right_sticky(high, low, count):
    """Of 128 bits, by 0 to any count; the last bit is set if a bit fell out."""
    count = select(count > 127, 127, count)
    small = count < 64
    within = count & 63
    # For small counts.
    back = (high << 1) << (63 - within)
    low_small = low.shru(within) | back
    lost_small = (low << 1) << (63 - within)
    high_small = high.shru(within)
    low_large = high.shru(within)
    lost_large = back | low
    lost = select(small, lost_small, lost_large)
    sticky = zext(lost.ne(0), "i64")
    return select(small, high_small, 0), select(small, low_small, low_large) | sticky


def shift_left(high, low, count):
    """Of 128 bits, by 0 to 127."""
    small = count < 64
    within = count & 63
    moved = (high << within) | low.shru(1).shru(63 - within)
    shifted = low << within
    return select(small, moved, shifted), select(small, shifted, 0)


def fma_f64(x, y, z):
    """The product, 106 bits, and z, each with its highest bit at 124 or 125 of 128, are aligned, added, and rounded once."""
    mx, ex = decode(x)
    my, ey = decode(y)
    mz, ez = decode(z)
    p_low, p_high = multiply_wide(mx << 10, my << 10)
    z_high, z_low = mz << 9, const(0, "i64")
    ep, ez = ex + ey - 20, ez - 73  # the weights of the last bits
    d = ep - ez
    zero = const(0, "i64")
    p_high, p_low = shift_right_sticky(p_high, p_low, select(d < 0, 0 - d, zero))
    z_high, z_low = shift_right_sticky(z_high, z_low, select(d > 0, d, zero))
    e = select(d > 0, ep, ez)
    sign_p, sign_z = (bits(x) ^ bits(y)) < 0, bits(z) < 0
    # -z if the signs differ; then the sum is in terms of the product's sign.
    flip = select(sign_p ^ sign_z, const(-1, "i64"), 0)
    z_low = (z_low ^ flip) - flip
    z_high = (z_high ^ flip) + select(flip.ne(0) & z_low.eq(0), const(1, "i64"), 0)
    low = p_low + z_low
    high = p_high + z_high + zext(low.ult(p_low), "i64")
    negative = high < 0
    mask = select(negative, const(-1, "i64"), 0)
    low = (low ^ mask) - mask
    high = (high ^ mask) + select(negative & low.eq(0), const(1, "i64"), 0)
    sign = sign_p ^ negative
    # The highest bit goes to 127.
    zeros = select(high.eq(0), count_leading_zeros(low) + 64, count_leading_zeros(high))
    is_zero = (high | low).eq(0)
    high, low = shift_left(high, low, select(is_zero, zero, zeros))
    exponent = e - zeros + 127  # of the highest bit
    # Cut to 53 bits, fewer of a subnormal; 64 bits with the rest below as one sticky bit are enough.
    top = high | zext(low.ne(0), "i64")
    biased = exponent + 1023
    less = select(biased < 1, 1 - biased, zero)
    less = select(less > 55, 55, less)
    drop = less + 11
    unit = const(1, "i64") << (drop & 63)
    drop_all = drop > 63
    kept = select(drop_all, zero, top.shru(drop & 63))
    rest = select(drop_all, top.shru(1) | (top & 1), top & (unit - 1))
    # All 64 bits dropped, or more, which is less than half of the smallest number. (Rests are halved there.)
    half = select(drop_all, select(drop.eq(64), const(2**62, "i64"), 2**63 - 1), unit.shru(1))
    up = half.ult(rest) | (rest.eq(half) & (kept & 1).ne(0))
    kept = kept + zext(up, "i64")
    # The hidden bit counts as one of the exponent's.
    field = select(biased < 1, zero, biased - 1)
    field = select(field > 2046, 2046, field)
    magnitude = (field << 52) + kept
    too_large = (biased > 2046) | (magnitude.shru(52) > 2046)
    magnitude = select(too_large, 0x7FF0000000000000, magnitude)
    # An exact 0 of numbers that are not: +0.
    rounded = from_bits(select(is_zero, zero, magnitude | (zext(sign, "i64") << 63)))
    product = x * y
    some_zero = x.eq(0.0) | y.eq(0.0)
    result = select(z.eq(0.0), select(some_zero, product + z, product), select(some_zero, z, rounded))
    finite = (absolute(x) < INFINITY) & (absolute(y) < INFINITY)
    return select(finite, select(absolute(z) < INFINITY, result, z + z), product + z)


FUNCTIONS = [fma_f32, fma_f64, fma_odd_f32]
