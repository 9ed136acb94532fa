# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""math on tensors, elementwise and in the bodies of linalg.generic, gives the bits of the device library as native code (whose
errors tests/math measures). TENON_MATH_LIBRARY is that code, a shared library. Of f16 and bf16 that is the function of f32, rounded; fma
of them is rounded once."""

import ctypes
import fractions
import os

import numpy as np

import arith
from harness import DTYPES, UNSIGNED, WIDTH, Program, Suite, bf16_of_bits, is_float, round_to_bf16, save, scratch

UNARY = """absf acos acosh asin asinh atan atanh cbrt ceil cos cosh erf erfc exp exp2 expm1 floor log log10 log1p log2 round roundeven rsqrt
sin sinh tan tanh trunc""".split()
C_TYPES = {"f32": ctypes.c_float, "f64": ctypes.c_double, "i64": ctypes.c_int64}
SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, np.inf, -np.inf, np.nan, 1e-40, 3e38, -3e38, 2.0, 88.8, -104.0, 1e22, 12345.678]
COUNT = 1003  # not a multiple of any vector

library = ctypes.CDLL(os.environ["TENON_MATH_LIBRARY"])


def native(name, result, *arrays):
    """The library's function on each element."""
    function = getattr(library, "__tenon_" + name)
    types = ["f32" if a.dtype == np.float32 else "f64" if a.dtype == np.float64 else "i64" for a in arrays]
    function.argtypes = [C_TYPES[t] for t in types]
    function.restype = ctypes.c_uint8 if result == "i1" else C_TYPES[result]
    values = [function(*(v.item() for v in row)) for row in zip(*arrays)]
    return np.array([v & 1 for v in values], np.bool_) if result == "i1" else np.array(values, DTYPES[result])


def rounded(type_name, array):
    """f32 values as |type_name|."""
    return round_to_bf16(array) if type_name == "bf16" else array.astype(np.float16)


def round_fraction(type_name, value):
    """A fraction as f16 or bf16, rounded once."""
    digits, smallest, largest = (11, -14, 15) if type_name == "f16" else (8, -126, 127)
    magnitude = abs(value)
    exponent = max(smallest, magnitude.numerator.bit_length() - magnitude.denominator.bit_length() - 1)
    while magnitude >= fractions.Fraction(2) ** (exponent + 1):
        exponent += 1
    unit = fractions.Fraction(2) ** (exponent - digits + 1)
    result = round(magnitude / unit) * unit  # ties to even
    result = float(result) if result < fractions.Fraction(2) ** (largest + 1) else np.inf
    return -result if value < 0 else result


def fma_reference(type_name, x, y, z):
    """Where all are finite; elsewhere, and of a sum of 0, what double precision says."""
    simple = x.astype(np.float64) * y.astype(np.float64) + z.astype(np.float64)
    exact = [fractions.Fraction(float(a)) * fractions.Fraction(float(b)) + fractions.Fraction(float(c)) if np.isfinite(s) else 0
             for a, b, c, s in zip(x, y, z, simple)]
    return np.array([round_fraction(type_name, e) if e else s for e, s in zip(exact, simple)]).astype(DTYPES[type_name])


def narrow_bodies(type_name):
    """Of f16 and bf16, in the form of |bodies|."""
    for name, types, result, text, reference in bodies("f32"):
        types = [type_name if t == "f32" else t for t in types]

        def narrow_reference(*arrays, reference=reference, result=result):
            with_f32 = [a.astype(np.float32) if a.dtype.kind == "f" else a for a in arrays]
            return reference(*with_f32) if result == "i1" else rounded(type_name, reference(*with_f32))
        if name == "fma":
            narrow_reference = lambda x, y, z: fma_reference(type_name, x, y, z)
        if name == "isnormal":
            tiny = np.ldexp(1.0, -14 if type_name == "f16" else -126)
            narrow_reference = lambda x: np.isfinite(x) & (np.abs(x) >= tiny)
        yield name, types, type_name if result == "f32" else result, text, narrow_reference


def arguments(rng, type_name, count):
    """Numbers of every size, and small ones."""
    if type_name in ("f16", "bf16"):
        bits = rng.integers(0, 2**16, count).astype(np.uint16)
        every = bits.view(np.float16) if type_name == "f16" else bf16_of_bits(bits)
        values = np.where(rng.random(count) < 0.5, every, rounded(type_name, (rng.standard_normal(count) * 3).astype(np.float32)))
        values[:len(SPECIAL)] = rounded(type_name, np.array(SPECIAL, np.float32))
        return values
    if type_name == "i4":
        return rng.integers(-8, 8, count).astype(np.int8)
    if not is_float(type_name):
        raw = rng.integers(0, 2**min(WIDTH[type_name], 63), count, dtype=np.uint64).astype(UNSIGNED[type_name])
        raw[:4] = [0, 1, 3, 7]
        return (raw >> rng.integers(0, WIDTH[type_name], count).astype(raw.dtype)).view(DTYPES[type_name])
    raw = rng.integers(0, 2**63, count, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    every = (raw.view(np.float64) if type_name == "f64" else (raw >> np.uint64(32)).astype(np.uint32).view(np.float32))
    small = (rng.standard_normal(count) * 3).astype(DTYPES[type_name])
    values = np.where(rng.random(count) < 0.5, every, small)
    values[:len(SPECIAL)] = np.array(SPECIAL).astype(DTYPES[type_name])
    return values


def bodies(type_name):
    """(name, operand types, result type, text, reference)"""
    t = type_name
    for op in UNARY:
        yield op, [t], t, f"math.{op} %a0 : {{0}}", lambda x, op=op: native(f"{op}_{t}", t, x)
    for op in ("isfinite", "isinf", "isnan", "isnormal"):
        yield op, [t], "i1", f"math.{op} %a0 : {{0}}", lambda x, op=op: native(f"{op}_{t}", "i1", x)
    for op in ("atan2", "copysign", "powf"):
        yield op, [t, t], t, f"math.{op} %a0, %a1 : {{0}}", lambda x, y, op=op: native(f"{op}_{t}", t, x, y)
    yield "fma", [t, t, t], t, "math.fma %a0, %a1, %a2 : {0}", lambda x, y, z: native(f"fma_{t}", t, x, y, z)
    yield "clampf", [t, t, t], t, "math.clampf %a0 to [%a1, %a2] : {0}", lambda x, y, z: native(f"clampf_{t}", t, x, y, z)
    yield "sqrt", [t], t, "math.sqrt %a0 : {0}", np.sqrt
    for n in ("i16", "i64"):
        yield (f"fpowi_{n}", [t, n], t, "math.fpowi %a0, %a1 : {0}, {1}",
               lambda x, n: native(f"fpowi_{t}_i64", t, x, n.astype(np.int64)))


def integer_bodies(type_name):
    width = WIDTH[type_name]

    def each(function):
        return lambda *arrays: arith.wrap([function(*(int(v) for v in row)) for row in zip(*arrays)], type_name, arrays[0].shape)

    def unsigned_of(x):
        return x & (2**width - 1)

    def power(x, n):
        if n < 0:
            return {1: 1, -1: -1 if n & 1 else 1}.get(x, 0)
        return pow(x, n, 2**width)
    t = type_name
    yield "absi", [t], t, "math.absi %a0 : {0}", each(abs)
    yield "ctlz", [t], t, "math.ctlz %a0 : {0}", each(lambda x: width - unsigned_of(x).bit_length())
    yield "cttz", [t], t, "math.cttz %a0 : {0}", each(lambda x: (x & -x).bit_length() - 1 if x else width)
    yield "ctpop", [t], t, "math.ctpop %a0 : {0}", each(lambda x: bin(unsigned_of(x)).count("1"))
    yield "ipowi", [t, t], t, "math.ipowi %a0, %a1 : {0}", each(power)


def tensor(type_name):
    return f"tensor<?x{type_name}>"


def elementwise(name, types, result, text):
    parameters = ", ".join(f"%a{i}: {tensor(t)}" for i, t in enumerate(types))
    return (f"func.func @{name}({parameters}) -> {tensor(result)} {{\n  %r = {text.format(*map(tensor, types))}\n"
            f"  return %r : {tensor(result)}\n}}\n")


def in_a_body(name, types, result, text):
    """As one of several operations of a linalg.generic."""
    parameters = ", ".join(f"%t{i}: {tensor(t)}" for i, t in enumerate(types))
    maps = ", ".join(["affine_map<(i) -> (i)>"] * (len(types) + 1))
    ins = ", ".join(f"%t{i}" for i in range(len(types))) + " : " + ", ".join(map(tensor, types))
    block = ", ".join(f"%a{i}: {t}" for i, t in enumerate(types))
    return (f"func.func @{name}({parameters}) -> {tensor(result)} {{\n  %c0 = arith.constant 0 : index\n"
            f"  %d = tensor.dim %t0, %c0 : {tensor(types[0])}\n  %e = tensor.empty(%d) : {tensor(result)}\n"
            f"  %g = linalg.generic {{indexing_maps = [{maps}], iterator_types = [\"parallel\"]}} ins({ins}) outs(%e : {tensor(result)}) {{\n"
            f"  ^bb0({block}, %o: {result}):\n    %r = {text.format(*types)}\n    linalg.yield %r : {result}\n"
            f"  }} -> {tensor(result)}\n  return %g : {tensor(result)}\n}}\n")


def on_the_host(name, result, text, t):
    """Counts the numbers of |t| for which the host's result is not the element of a tensor."""
    bits = {"i1": "i1"}.get(result, "i16")
    as_bits = "" if result == "i1" else f"      %rb = arith.bitcast %r : {t} to i16\n      %eb = arith.bitcast %e : {t} to i16\n"
    r, e = ("%r", "%e") if result == "i1" else ("%rb", "%eb")
    nans = ("      %other = arith.ori %ne, %ne : i1\n" if result == "i1" else
            f"      %rn = arith.cmpf ord, %r, %r : {t}\n      %en = arith.cmpf ord, %e, %e : {t}\n"
            f"      %some = arith.ori %rn, %en : i1\n      %other = arith.andi %ne, %some : i1\n")
    return (f"func.func @{name}(%t: tensor<65536x{result}>) -> i64 {{\n  %zero = arith.constant 0 : index\n"
            f"  %one = arith.constant 1 : index\n  %all = arith.constant 65536 : index\n  %none = arith.constant 0 : i64\n"
            f"  %count = scf.for %i = %zero to %all step %one iter_args(%n = %none) -> (i64) {{\n"
            f"      %pattern = arith.index_cast %i : index to i16\n      %a0 = arith.bitcast %pattern : i16 to {t}\n"
            f"      %r = {text.format(t)}\n      %e = tensor.extract %t[%i] : tensor<65536x{result}>\n{as_bits}"
            f"      %ne = arith.cmpi ne, {r}, {e} : {bits}\n{nans}      %more = arith.extui %other : i1 to i64\n"
            f"      %m = arith.addi %n, %more : i64\n      scf.yield %m : i64\n  }}\n  return %count : i64\n}}\n")


def every_pattern(suite, type_name):
    """All functions of one number on all numbers of f16 or bf16: in dispatches what f32 gives, rounded; on the host the same."""
    patterns = np.arange(65536, dtype=np.uint32).astype(np.uint16)
    numbers = patterns.view(np.float16) if type_name == "f16" else bf16_of_bits(patterns)
    cases = [case for case in narrow_bodies(type_name) if case[1] == [type_name] and case[0] != "sqrt"]
    cases.append(("sqrt", [type_name], type_name, "math.sqrt %a0 : {0}", lambda x: rounded(type_name, np.sqrt(x.astype(np.float64)).astype(np.float32))))
    text = "".join(elementwise("e_" + name, types, result, body) + on_the_host("h_" + name, result, body, type_name)
                   for name, types, result, body, _ in cases)
    with scratch() as directory:
        program = Program("module @m {\n" + text + "}\n", directory)
        for name, _, result, _, reference in cases:
            case = f"math.{name} on all {type_name}"
            try:
                actual, = program.run(f"e_{name}", [numbers])
                suite.check(case, actual, reference(numbers))
                expected = save(os.path.join(directory, "expected"), actual, result)
                suite.check_text(f"{case}, on the host", program.run_scalar(f"h_{name}", [expected]), "i64=0")
            except RuntimeError as error:
                suite.error(case, error)


def main():
    rng = np.random.default_rng(11)
    suite = Suite()
    with np.errstate(all="ignore"), scratch() as directory:
        for type_name in ("f16", "bf16", "f32", "f64", "i4", "i8", "i16", "i32", "i64"):
            forms = narrow_bodies if type_name in ("f16", "bf16") else bodies if is_float(type_name) else integer_bodies
            cases = list(forms(type_name))
            text = "".join(form(f"{prefix}_{name}", types, result, body) for prefix, form in (("e", elementwise), ("g", in_a_body))
                           for name, types, result, body, _ in cases)
            program = Program("module @m {\n" + text + "}\n", directory)
            for name, types, result, _, reference in cases:
                operands = [arguments(rng, t, COUNT) for t in types]
                if name == "fma":  # halfway between two numbers, and something beside that
                    for i, (x, z) in enumerate(((1.5, 0), (1.5, 1e-7), (1.5, -1e-7), (-1.5, 1e-7), (-1.5, -1e-7))):
                        unit = 2.0 ** -7 if type_name == "bf16" else 2.0 ** -10
                        for operand, value in zip(operands, (x, 1 + unit, z)):
                            operand[-1 - i] = rounded(type_name, np.array(value, np.float32)) if type_name in ("f16", "bf16") else value
                expected = reference(*operands)
                for prefix in "eg":
                    case = f"{prefix} math.{name} {types}"
                    try:
                        actual, = program.run(f"{prefix}_{name}", operands)
                    except RuntimeError as error:
                        suite.error(case, error)
                        continue
                    suite.check(case, actual, expected)
        for type_name in ("f16", "bf16"):
            every_pattern(suite, type_name)
    suite.finish()


if __name__ == "__main__":
    main()
