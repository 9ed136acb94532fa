# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What every elementwise `arith` operation means, in numpy: the reference for tensors and for scalars on the host.

Integers wrap. x/0 is 0, x%0 is x, MIN/-1 is MIN, MIN%-1 is 0; a shift by the width or more gives 0, or the sign; a float to integer
conversion saturates, NaN gives 0 (docs/dispatch-abi.md)."""

import numpy as np

from harness import DTYPES, UNSIGNED, WIDTH, bf16_bits, bf16_of_bits, is_float, round_to_bf16

INTEGERS = ["i1", "i4", "i8", "i16", "i32", "i64", "index"]
FLOATS = ["f16", "bf16", "f32", "f64"]


def big(array, signed=True, type_name=None):
    """The values as Python integers."""
    if array.dtype == np.bool_:
        return [(-int(v) if signed else int(v)) for v in array.ravel()]
    view = array if signed else array.view(UNSIGNED[type_name])
    mask = -1 if signed else (1 << WIDTH[type_name]) - 1
    return [int(v) & mask for v in view.ravel()]


def wrap(values, type_name, shape):
    width = WIDTH[type_name]
    bits = [v & ((1 << width) - 1) for v in values]
    if type_name == "i1":
        return np.array(bits, dtype=np.bool_).reshape(shape)
    if type_name == "i4":
        bits = [b | 0xF0 if b & 8 else b for b in bits]
    return np.array(bits, dtype=UNSIGNED[type_name]).view(DTYPES[type_name]).reshape(shape)


def integer(function, signed=True):
    def reference(type_name, a, b):
        pairs = zip(big(a, signed, type_name), big(b, signed, type_name))
        return wrap([function(x, y, WIDTH[type_name]) for x, y in pairs], type_name, a.shape)
    return reference


def div_trunc(x, y, _):
    return 0 if y == 0 else abs(x) // abs(y) * (1 if (x < 0) == (y < 0) else -1)


def rem_trunc(x, y, w):
    return x if y == 0 else x - y * div_trunc(x, y, w)


def shift_left(x, y, w):
    return x << y if y < w else 0


def shift_right_signed(x, y, w):
    y &= (1 << w) - 1
    return x >> min(y, w - 1)


def shift_right(x, y, w):
    return x >> y if y < w else 0


def ceil_div(x, y, _):
    return -((-x) // y)


INTEGER_BINARY = {
    "addi": integer(lambda x, y, w: x + y),
    "subi": integer(lambda x, y, w: x - y),
    "muli": integer(lambda x, y, w: x * y),
    "divsi": integer(div_trunc),
    "divui": integer(div_trunc, signed=False),
    "remsi": integer(rem_trunc),
    "remui": integer(rem_trunc, signed=False),
    "andi": integer(lambda x, y, w: x & y),
    "ori": integer(lambda x, y, w: x | y),
    "xori": integer(lambda x, y, w: x ^ y),
    "shli": integer(shift_left, signed=False),
    "shrsi": integer(shift_right_signed),
    "shrui": integer(shift_right, signed=False),
    "maxsi": integer(lambda x, y, w: max(x, y)),
    "maxui": integer(lambda x, y, w: max(x, y), signed=False),
    "minsi": integer(lambda x, y, w: min(x, y)),
    "minui": integer(lambda x, y, w: min(x, y), signed=False),
}
# Only for divisors other than 0, and not MIN by -1.
INTEGER_DIVISIONS = {
    "ceildivsi": integer(ceil_div),
    "ceildivui": integer(ceil_div, signed=False),
    "floordivsi": integer(lambda x, y, w: x // y),
}


def maximum(a, b):
    result = np.maximum(a, b)
    zero = (a == 0) & (b == 0)
    return np.where(zero, np.where(np.signbit(a), b, a), result).astype(a.dtype)


def minimum(a, b):
    result = np.minimum(a, b)
    zero = (a == 0) & (b == 0)
    return np.where(zero, np.where(np.signbit(a), a, b), result).astype(a.dtype)


FLOAT_BINARY = {
    "addf": lambda a, b: a + b,
    "subf": lambda a, b: a - b,
    "mulf": lambda a, b: a * b,
    "divf": lambda a, b: a / b,
    "remf": lambda a, b: np.fmod(a, b),
    "maximumf": maximum,
    "minimumf": minimum,
    # Of two zeros either may be returned: compared through + 0.0 by the caller's values (none has two zeros of different signs).
    "maxnumf": np.fmax,
    "minnumf": np.fmin,
}

def float_reference(type_name, function):
    """What |function| of f32 and f64 is on |type_name|: of bf16 in double precision, rounded."""
    if type_name != "bf16":
        return function
    return lambda *arrays: round_to_bf16(function(*(a.astype(np.float64) for a in arrays)))


CMPI = {
    "eq": (True, lambda x, y: x == y), "ne": (True, lambda x, y: x != y),
    "slt": (True, lambda x, y: x < y), "sle": (True, lambda x, y: x <= y),
    "sgt": (True, lambda x, y: x > y), "sge": (True, lambda x, y: x >= y),
    "ult": (False, lambda x, y: x < y), "ule": (False, lambda x, y: x <= y),
    "ugt": (False, lambda x, y: x > y), "uge": (False, lambda x, y: x >= y),
}


def compare_integers(predicate, type_name, a, b):
    signed, function = CMPI[predicate]
    values = [function(x, y) for x, y in zip(big(a, signed, type_name), big(b, signed, type_name))]
    return np.array(values, dtype=np.bool_).reshape(a.shape)


def nan(a, b):
    return np.isnan(a) | np.isnan(b)


CMPF = {
    "false": lambda a, b: np.zeros(a.shape, np.bool_),
    "oeq": lambda a, b: a == b, "ogt": lambda a, b: a > b, "oge": lambda a, b: a >= b,
    "olt": lambda a, b: a < b, "ole": lambda a, b: a <= b, "one": lambda a, b: (a != b) & ~nan(a, b),
    "ord": lambda a, b: ~nan(a, b),
    "ueq": lambda a, b: (a == b) | nan(a, b), "ugt": lambda a, b: (a > b) | nan(a, b), "uge": lambda a, b: (a >= b) | nan(a, b),
    "ult": lambda a, b: (a < b) | nan(a, b), "ule": lambda a, b: (a <= b) | nan(a, b), "une": lambda a, b: a != b,
    "uno": nan,
    "true": lambda a, b: np.ones(a.shape, np.bool_),
}


def to_integer(array, to, signed):
    width = WIDTH[to]
    low, high = (-(1 << (width - 1)), (1 << (width - 1)) - 1) if signed else (0, (1 << width) - 1)
    values = []
    for v in array.ravel():
        value = float(v)
        if np.isnan(value):
            values.append(0)
        elif np.isinf(value):
            values.append(high if value > 0 else low)
        else:
            values.append(min(max(int(value), low), high))
    return wrap(values, to, array.shape)


def to_float(array, source, to, signed):
    # Python's int to float is correctly rounded; for narrower floats the integer is rounded to their digits first.
    digits = {"f16": 11, "bf16": 8, "f32": 24, "f64": 53}[to]
    values = [round_to_digits(v, digits) for v in big(array, signed, source)]
    return np.array(values, dtype=np.float64).astype(DTYPES[to]).reshape(array.shape)


def round_to_digits(value, digits):
    """An integer rounded once, to nearest even."""
    sign, magnitude = (-1, -value) if value < 0 else (1, value)
    excess = max(0, magnitude.bit_length() - digits)
    if excess:
        down = magnitude >> excess
        rest, half = magnitude & ((1 << excess) - 1), 1 << (excess - 1)
        down += rest > half or (rest == half and down & 1)
        magnitude = down << excess
    return float(sign * magnitude)


def conversions():
    """(op, from, to, reference)."""
    for wide in range(1, len(INTEGERS) - 1):  # without index
        for narrow in range(wide):
            a, b = INTEGERS[narrow], INTEGERS[wide]
            yield "extsi", a, b, lambda x, a=a, b=b: wrap(big(x, True, a), b, x.shape)
            yield "extui", a, b, lambda x, a=a, b=b: wrap(big(x, False, a), b, x.shape)
            yield "trunci", b, a, lambda x, a=a, b=b: wrap(big(x, True, b), a, x.shape)
    for a in INTEGERS[:-1]:
        yield "index_cast", a, "index", lambda x, a=a: wrap(big(x, True, a), "index", x.shape)
        yield "index_castui", a, "index", lambda x, a=a: wrap(big(x, False, a), "index", x.shape)
        yield "index_cast", "index", a, lambda x, a=a: wrap(big(x, True, "index"), a, x.shape)
        for f in FLOATS:
            yield "sitofp", a, f, lambda x, a=a, f=f: to_float(x, a, f, True)
            yield "uitofp", a, f, lambda x, a=a, f=f: to_float(x, a, f, False)
            yield "fptosi", f, a, lambda x, a=a: to_integer(x, a, True)
            yield "fptoui", f, a, lambda x, a=a: to_integer(x, a, False)
    for narrow, wide in (("f16", "f32"), ("bf16", "f32"), ("f16", "f64"), ("bf16", "f64"), ("f32", "f64")):
        yield "extf", narrow, wide, lambda x, wide=wide: x.astype(DTYPES[wide])
        yield "truncf", wide, narrow, lambda x, narrow=narrow: round_to_bf16(x) if narrow == "bf16" else x.astype(DTYPES[narrow])
    yield "bitcast", "f16", "i16", lambda x: x.view(np.int16)
    yield "bitcast", "i16", "f16", lambda x: x.view(np.float16)
    yield "bitcast", "bf16", "i16", lambda x: bf16_bits(x).view(np.int16)
    yield "bitcast", "i16", "bf16", lambda x: bf16_of_bits(x.view(np.uint16))
    yield "bitcast", "bf16", "f16", lambda x: bf16_bits(x).view(np.float16)
    yield "bitcast", "f32", "i32", lambda x: x.view(np.int32)
    yield "bitcast", "i32", "f32", lambda x: x.view(np.float32)
    yield "bitcast", "f64", "i64", lambda x: x.view(np.int64)
    yield "bitcast", "i64", "f64", lambda x: x.view(np.float64)


def values(type_name, count, rng):
    """The corners of a type first, then random bits and small numbers."""
    dtype = DTYPES[type_name]
    if type_name == "i1":
        return rng.integers(0, 2, count).astype(np.bool_)
    if is_float(type_name):
        info = np.finfo(dtype)
        largest, smallest, tiny = info.max, info.smallest_subnormal, info.tiny
        if type_name == "bf16":
            largest, smallest = np.ldexp(255.0, 120), np.ldexp(1.0, -133)
        corners = [0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, largest, -largest, tiny, smallest, 0.5, -2.5, 3e9, 1e19, -1e19, 255.5, 127.5, -128.5, 7.5, -8.5]
        rest = rng.standard_normal(count) * 10.0 ** rng.integers(-3, 6 if type_name == "f16" else 12, count)
        # Halfway between numbers of f16 and bf16, and next to that: where they would be rounded twice.
        halfway = np.ldexp(1 + np.ldexp(2 * rng.integers(0, 128, count) + 1.0, rng.choice([-8, -11], count)), rng.integers(-20, 16, count))
        beside = halfway * (1 + rng.choice([0.0, 1.0, -1.0], count) * info.eps)
        rest = np.where(rng.random(count) < 0.3, beside, rest)
        if type_name == "bf16":
            rest, corners = round_to_bf16(rest), round_to_bf16(corners)
    else:
        info = np.iinfo(dtype)
        if type_name == "i4":
            return rng.integers(-8, 8, count).astype(np.int8)
        corners = [0, 1, -1, info.max, info.min, 2, 3, -7, 5, 31, 32, 63, 64, 8, 16]
        rest = np.where(rng.random(count) < 0.5, rng.integers(info.min, info.max, count, endpoint=True), rng.integers(-20, 20, count))
    with np.errstate(over="ignore"):
        pool = np.concatenate([np.array(corners, dtype=dtype), rest.astype(dtype)])
    return rng.permutation(pool)[:count]


def operand_pair(type_name, shape, rng, op=""):
    count = int(np.prod(shape, dtype=np.int64))
    a, b = values(type_name, count, rng), values(type_name, count, rng)
    if op in INTEGER_DIVISIONS and count:
        bad = (b == 0) | ((b == -1) if type_name != "i1" else np.zeros(count, np.bool_))
        b = np.where(bad, np.array(True if type_name == "i1" else 3, dtype=b.dtype), b)
    if op in ("maxnumf", "minnumf"):
        b = np.where(b == 0, np.array(1, dtype=b.dtype), b)
    return a.reshape(shape), b.reshape(shape)
