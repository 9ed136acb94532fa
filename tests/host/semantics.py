# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What operations on scalars mean, in Python's integers and floats and nothing else: integers of any size, cut to their width; f64 is
Python's float, an f32 is one that was rounded. Nothing is shared with numeric/arith.py, which says the same with numpy.

Integers are held signed, i1 as 0 or 1 (docs/bytecode.md). A NaN is a NaN: programs must not look at its bits."""

import ctypes
import math
import struct
from fractions import Fraction

from tree import WIDTHS


class Failure(Exception):
    """The call ends with this status; the text is part of its message."""

    def __init__(self, code, text):
        super().__init__(code, text)
        self.code, self.text = code, text


def signed(value, type_name):
    return -value if type_name == "i1" else value


def unsigned(value, type_name):
    return value & ((1 << WIDTHS[type_name]) - 1)


def wrap(value, type_name):
    width = WIDTHS[type_name]
    value &= (1 << width) - 1
    return value - (1 << width) if width > 1 and value >> (width - 1) else value


def to_f32(value):
    return ctypes.c_float(value).value


def rounded(value, type_name):
    return to_f32(value) if type_name == "f32" else value


def bits_of(value, type_name):
    """As an unsigned integer; every NaN as the same one."""
    if type_name in WIDTHS:
        return unsigned(value, type_name)
    if math.isnan(value):
        value = math.nan
    code, integer = ("<f", "<I") if type_name == "f32" else ("<d", "<Q")
    return struct.unpack(integer, struct.pack(code, value))[0]


def of_bits(bits, type_name):
    if type_name in WIDTHS:
        return wrap(bits, type_name)
    code, integer, size = ("<f", "<I", 32) if type_name == "f32" else ("<d", "<Q", 64)
    return struct.unpack(code, struct.pack(integer, bits & ((1 << size) - 1)))[0]


# Integers.

def truncated_quotient(x, y):
    return abs(x) // abs(y) * (1 if (x < 0) == (y < 0) else -1)


def division(function):
    def checked(x, y, _):
        if y == 0:
            raise Failure("INVALID_ARGUMENT", "integer division by zero")
        return function(x, y)
    return checked


SIGNED_BINARY = {
    "addi": lambda x, y, w: x + y,
    "subi": lambda x, y, w: x - y,
    "muli": lambda x, y, w: x * y,
    "andi": lambda x, y, w: x & y,
    "ori": lambda x, y, w: x | y,
    "xori": lambda x, y, w: x ^ y,
    "divsi": division(truncated_quotient),
    "remsi": division(lambda x, y: x - y * truncated_quotient(x, y)),
    "floordivsi": division(lambda x, y: x // y),
    "ceildivsi": division(lambda x, y: -(-x // y)),
    "maxsi": lambda x, y, w: max(x, y),
    "minsi": lambda x, y, w: min(x, y),
}
UNSIGNED_BINARY = {
    "divui": division(lambda x, y: x // y),
    "remui": division(lambda x, y: x % y),
    "ceildivui": division(lambda x, y: -(-x // y)),
    "maxui": lambda x, y, w: max(x, y),
    "minui": lambda x, y, w: min(x, y),
    "shli": lambda x, y, w: x << y if y < w else 0,
    "shrui": lambda x, y, w: x >> y if y < w else 0,
}
DIVISIONS = ["divsi", "remsi", "floordivsi", "ceildivsi", "divui", "remui", "ceildivui"]
INTEGER_BINARY = [*SIGNED_BINARY, *UNSIGNED_BINARY, "shrsi"]


def integer_binary(name, x, y, t):
    if name in SIGNED_BINARY:
        return wrap(SIGNED_BINARY[name](signed(x, t), signed(y, t), WIDTHS[t]), t)
    if name == "shrsi":
        return wrap(signed(x, t) >> min(unsigned(y, t), WIDTHS[t] - 1), t)
    return wrap(UNSIGNED_BINARY[name](unsigned(x, t), unsigned(y, t), WIDTHS[t]), t)


def extended(name, x, y, t):
    """Two results."""
    if name == "addui_extended":
        total = unsigned(x, t) + unsigned(y, t)
        return wrap(total, t), total >> WIDTHS[t]
    view = signed if name == "mulsi_extended" else unsigned
    product = view(x, t) * view(y, t)
    return wrap(product, t), wrap(product >> WIDTHS[t], t)


EXTENDED = ["addui_extended", "mulsi_extended", "mului_extended"]
ORDERS = {"eq": lambda x, y: x == y, "ne": lambda x, y: x != y, "lt": lambda x, y: x < y, "le": lambda x, y: x <= y,
          "gt": lambda x, y: x > y, "ge": lambda x, y: x >= y}
CMPI = ["eq", "ne"] + [sign + order for sign in "su" for order in ("lt", "le", "gt", "ge")]


def compare_integers(predicate, x, y, t):
    if predicate in ("eq", "ne"):
        return int(ORDERS[predicate](x, y))
    view = signed if predicate[0] == "s" else unsigned
    return int(ORDERS[predicate[1:]](view(x, t), view(y, t)))


# Floats.

def divide(x, y):
    if y != 0:
        return x / y
    if x == 0 or math.isnan(x):
        return math.nan
    return math.copysign(math.inf, x) * math.copysign(1, y)


def remainder(x, y):
    return math.nan if math.isinf(x) or y == 0 or math.isnan(x) or math.isnan(y) else math.fmod(x, y)


def larger(x, y):
    if x == y == 0:
        return y if math.copysign(1, x) < 0 else x
    return x if x > y else y


def smaller(x, y):
    if x == y == 0:
        return x if math.copysign(1, x) < 0 else y
    return x if x < y else y


def propagating(function):
    return lambda x, y: math.nan if math.isnan(x) or math.isnan(y) else function(x, y)


def ignoring(function):
    return lambda x, y: y if math.isnan(x) else x if math.isnan(y) else function(x, y)


FLOAT_BINARY = {
    "addf": lambda x, y: x + y, "subf": lambda x, y: x - y, "mulf": lambda x, y: x * y, "divf": divide, "remf": remainder,
    "maximumf": propagating(larger), "minimumf": propagating(smaller), "maxnumf": ignoring(larger), "minnumf": ignoring(smaller),
}
CMPF = ["false", "true", "ord", "uno"] + [kind + order for kind in "ou" for order in ORDERS]


def compare_floats(predicate, x, y):
    unordered = math.isnan(x) or math.isnan(y)
    if predicate in ("false", "true"):
        return int(predicate == "true")
    if predicate in ("ord", "uno"):
        return int(unordered == (predicate == "uno"))
    return int(predicate[0] == "u" if unordered else ORDERS[predicate[1:]](x, y))


# Conversions.

def round_to_f32(value):
    """An integer, rounded once: to nearest, ties to even."""
    excess = max(0, abs(value).bit_length() - 24)
    kept, rest = divmod(abs(value), 1 << excess)
    half = (1 << excess) >> 1
    kept += excess > 0 and (rest > half or (rest == half and kept & 1))
    return math.copysign(float(kept << excess), value)


def to_float(value, source, to, view):
    value = view(value, source)
    return float(value) if to == "f64" else round_to_f32(value)


def to_integer(value, to, is_signed):
    width = WIDTHS[to]
    low, high = (-(1 << (width - 1)), (1 << (width - 1)) - 1) if is_signed else (0, (1 << width) - 1)
    if math.isnan(value):
        return 0
    if math.isinf(value):
        return wrap(high if value > 0 else low, to)
    return wrap(min(max(int(value), low), high), to)


CONVERSIONS = {
    "extsi": lambda v, a, b: wrap(signed(v, a), b), "extui": lambda v, a, b: wrap(unsigned(v, a), b),
    "trunci": lambda v, a, b: wrap(v, b),
    "index_cast": lambda v, a, b: wrap(signed(v, a), b), "index_castui": lambda v, a, b: wrap(unsigned(v, a), b),
    "sitofp": lambda v, a, b: to_float(v, a, b, signed), "uitofp": lambda v, a, b: to_float(v, a, b, unsigned),
    "fptosi": lambda v, a, b: to_integer(v, b, True), "fptoui": lambda v, a, b: to_integer(v, b, False),
    "extf": lambda v, a, b: v, "truncf": lambda v, a, b: to_f32(v),
    "bitcast": lambda v, a, b: of_bits(bits_of(v, a), b),
}


def conversion_pairs():
    """(operation, from, to) of all."""
    plain = ["i1", "i8", "i16", "i32", "i64"]
    for i, narrow in enumerate(plain):
        for wide in plain[i + 1:]:
            yield from (("extsi", narrow, wide), ("extui", narrow, wide), ("trunci", wide, narrow))
        for cast in ("index_cast", "index_castui"):
            yield from ((cast, narrow, "index"), (cast, "index", narrow))
        for f in ("f32", "f64"):
            yield from (("sitofp", narrow, f), ("uitofp", narrow, f), ("fptosi", f, narrow), ("fptoui", f, narrow))
    yield from (("extf", "f32", "f64"), ("truncf", "f64", "f32"))
    yield from (("bitcast", a, b) for a, b in [("i32", "f32"), ("f32", "i32"), ("i64", "f64"), ("f64", "i64")])


# math. Only what has one right answer.

def round_half_even(value):
    return value if not math.isfinite(value) else math.copysign(float(round(value)), value)


def round_half_away(value):
    floor = math.floor(abs(value))
    return math.copysign(floor + (abs(value) - floor >= 0.5), value)


def whole(function):
    return lambda v: v if not math.isfinite(v) else math.copysign(float(function(v)), v)


FLOAT_UNARY = {
    "math.absf": abs, "math.floor": whole(math.floor), "math.ceil": whole(math.ceil), "math.trunc": whole(math.trunc),
    "math.roundeven": round_half_even, "math.sqrt": lambda v: math.sqrt(v) if v >= 0 else math.nan if v != 0 else v,
    "math.round": whole(round_half_away),
}


def round_fraction(value, type_name):
    """A number other than 0, rounded once, to nearest, ties to even."""
    digits, least, limit = (24, -149, 128) if type_name == "f32" else (53, -1074, 1024)
    exponent = value.numerator.bit_length() - value.denominator.bit_length() - digits
    while abs(value) >= Fraction(2) ** (exponent + digits):
        exponent += 1
    exponent = max(exponent, least)
    sign = 1 if value > 0 else -1
    kept = round(abs(value) / Fraction(2) ** exponent)
    if kept >= 2 ** (limit - exponent):
        return math.copysign(math.inf, sign)
    return math.copysign(math.ldexp(kept, exponent), sign)


def fused(a, b, c, type_name):
    if not (math.isfinite(a) and math.isfinite(b) and math.isfinite(c)):
        product = math.nan if 0 in (a, b) and (math.isinf(a) or math.isinf(b)) else math.copysign(1, a) * math.copysign(1, b)
        if not math.isnan(product) and not math.isnan(a) and not math.isnan(b):
            product = math.copysign(math.inf, product) if math.isinf(a) or math.isinf(b) else 0.0
            return product + c
        return math.nan
    exact = Fraction(a) * Fraction(b) + Fraction(c)
    if exact != 0:
        return round_fraction(exact, type_name)
    both_negative = math.copysign(1, a) * math.copysign(1, b) < 0 and c == 0 and math.copysign(1, c) < 0
    return -0.0 if both_negative and 0 in (a, b) else 0.0


def clamp(value, low, high):
    if math.isnan(value) or math.isnan(low) or math.isnan(high):
        return math.nan
    return smaller(larger(value, low), high)


def integer_power(x, y, t):
    x, y = signed(x, t), signed(y, t)
    if y >= 0:
        return wrap(pow(x, y, 1 << WIDTHS[t]), t)
    return wrap(1 if x == 1 or (x == -1 and y % 2 == 0) else -1 if x == -1 else 0, t)


SMALLEST_NORMAL = {"f32": 2.0 ** -126, "f64": 2.0 ** -1022}
QUESTIONS = {
    "math.isfinite": lambda v, t: math.isfinite(v), "math.isinf": lambda v, t: math.isinf(v), "math.isnan": lambda v, t: math.isnan(v),
    "math.isnormal": lambda v, t: math.isfinite(v) and abs(v) >= SMALLEST_NORMAL[t],
}


def count_leading(value, t):
    return WIDTHS[t] - unsigned(value, t).bit_length()


def count_trailing(value, t):
    value = unsigned(value, t)
    return (value & -value).bit_length() - 1 if value else WIDTHS[t]


INTEGER_UNARY = {
    "math.ctlz": count_leading, "math.cttz": count_trailing, "math.ctpop": lambda v, t: unsigned(v, t).bit_count(),
    "math.absi": lambda v, t: abs(signed(v, t)),
}
