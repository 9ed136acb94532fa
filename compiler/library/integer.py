# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""absi, ctlz, cttz, ctpop, ipowi on i1 to i64.

Of the smallest number absi is that number; of 0, ctlz and cttz are the width. ipowi wraps, and is what x^-n = 1/x^n is cut to an
integer: 0 unless x is 1 or -1 (of 0, where it would divide by zero, 0 as well, as in dispatches).
"""

from basics import *
from ir import count_leading_zeros, trunc_int, width, zext

WIDTHS = ("i1", "i4", "i8", "i16", "i32", "i64")


def absi(x):
    return select(x < 0, 0 - x, x) if x.type != "i1" else x


def ctlz(x):
    return trunc_int(count_leading_zeros(zext(x, "i32")) - (32 - width(x.type)), x.type)


def cttz(x):
    """The zeros above the lowest bit give its place."""
    wide = x if x.type in ("i32", "i64") else zext(x, "i32")
    lowest = wide & (0 - wide)
    place = (width(wide.type) - 1) - count_leading_zeros(lowest)
    return trunc_int(select(wide.eq(0), width(x.type), place), x.type)


def repeated(pattern, type_name):
    return int.from_bytes(bytes([pattern]) * (width(type_name) // 8), "little")


def ctpop(x):
    """Sums of neighbours, in pairs, fours and eights (H. S. Warren, "Hacker's Delight", 5-1)."""
    wide = x if x.type in ("i32", "i64") else zext(x, "i32")
    pairs = wide - (wide.shru(1) & repeated(0x55, wide.type))
    fours = (pairs & repeated(0x33, wide.type)) + (pairs.shru(2) & repeated(0x33, wide.type))
    eights = (fours + fours.shru(4)) & repeated(0x0F, wide.type)
    return trunc_int((eights * repeated(0x01, wide.type)).shru(width(wide.type) - 8), x.type)


def ipowi(x, n):
    """Bit by bit of the exponent. Above the width, more squarings change nothing: an odd x has an order of at most
    2^(width - 2), and an even one is 0 by then, which the low bits of an exponent of 64 and more wouldn't say."""
    if x.type == "i1":
        return x | n.eq(0)
    bits_of_width = width(x.type)
    result, square = const(1, x.type), x
    for bit in range(max(bits_of_width - 2, 3)):
        result = select((n & (1 << bit)).ne(0), result * square, result)
        square = square * square
    vanishes = (x & 1).eq(0) & (n >= bits_of_width)
    result = select(vanishes, 0, result)
    minus_one = select((n & 1).ne(0), const(-1, x.type), 1)
    negative = select(x.eq(1), 1, select(x.eq(-1), minus_one, 0))
    return select(n < 0, negative, result)


FUNCTIONS = [(f"{f.__name__}_{t}", [t] * count, f) for f, count in ((absi, 1), (ctlz, 1), (cttz, 1), (ctpop, 1), (ipowi, 2))
             for t in WIDTHS if not (f is ctlz and t in ("i32", "i64"))]  # those are instructions
