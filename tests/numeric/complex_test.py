# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The complex dialect against numpy in more precision: how far a result is from the true one, relative to its size as a complex
number; special values one by one."""

import sys

import mpmath
import numpy as np

from harness import Program, Suite, scratch

mpmath.mp.prec = 160
EPSILON = {"f32": 2.0**-24, "f64": 2.0**-53}
DTYPE = {"f32": np.complex64, "f64": np.complex128}

# Name: (number of operands, function of mpmath, the error that is allowed in units of the last place of |result|).
FUNCTIONS = {
    "add": (2, lambda a, b: a + b, 1), "sub": (2, lambda a, b: a - b, 1), "mul": (2, lambda a, b: a * b, 2), "div": (2, lambda a, b: a / b, 2),
    "neg": (1, lambda a: -a, 0), "conj": (1, mpmath.conj, 0), "exp": (1, mpmath.exp, 2), "expm1": (1, mpmath.expm1, 3), "log": (1, mpmath.log, 2),
    "log1p": (1, lambda a: mpmath.log(1 + a), 2), "sqrt": (1, mpmath.sqrt, 2), "rsqrt": (1, lambda a: 1 / mpmath.sqrt(a), 2),
    "sin": (1, mpmath.sin, 2), "cos": (1, mpmath.cos, 2), "tan": (1, mpmath.tan, 3), "tanh": (1, mpmath.tanh, 3), "sign": (1, lambda a: a / abs(a), 2),
    "pow": (2, mpmath.power, 20), "atan2": (2, lambda y, x: -1j * mpmath.log((x + 1j * y) / mpmath.sqrt(x * x + y * y)), 15),
}
REAL = {"abs": (abs, 2), "angle": (mpmath.arg, 3)}


def function_text(name, count, type_name, result):
    operands = ", ".join(f"%x{i}" for i in range(count))
    shape = lambda t: f"tensor<?x{t}>"
    complex_type = f"complex<{type_name}>"
    arguments = ", ".join(f"%a{i}: {shape(complex_type)}" for i in range(count))
    maps = ", ".join(["affine_map<(i) -> (i)>"] * (count + 1))
    blocks = ", ".join([f"%x{i}: {complex_type}" for i in range(count)] + [f"%o: {result}"])
    ins = ", ".join(f"%a{i}" for i in range(count)) + " : " + ", ".join([shape(complex_type)] * count)
    return (f"func.func @{name}_{type_name}({arguments}) -> {shape(result)} {{\n  %c0 = arith.constant 0 : index\n"
            f"  %n = tensor.dim %a0, %c0 : {shape(complex_type)}\n  %e = tensor.empty(%n) : {shape(result)}\n"
            f"  %r = linalg.generic {{indexing_maps = [{maps}], iterator_types = [\"parallel\"]}} ins({ins}) outs(%e : {shape(result)}) {{\n  ^bb0({blocks}):\n"
            f"    %y = complex.{name} {operands} : {complex_type}\n    linalg.yield %y : {result}\n  }} -> {shape(result)}\n  return %r : {shape(result)}\n}}\n")


def program_text():
    text = ""
    for type_name in ("f32", "f64"):
        for name, (count, _, _) in FUNCTIONS.items():
            text += function_text(name, count, type_name, f"complex<{type_name}>")
        for name in REAL:
            text += function_text(name, 1, type_name, type_name)
        for name in ("eq", "neq"):
            text += function_text(name, 2, type_name, "i1")
    return text


def arguments(rng, name, count, type_name):
    """Numbers of all sizes, some of them near where functions are hard: 1, 0, the axes."""
    kind = DTYPE[type_name]
    wide = name in ("add", "sub", "neg", "conj", "abs", "angle", "sign", "div", "sqrt", "rsqrt", "log", "log1p")
    results = []
    for position in range(count):
        exponents = rng.uniform(-30, 30, 400) if wide else rng.uniform(-6, 3, 400)
        if name in ("div", "abs", "sqrt", "log", "sign") and type_name == "f64":
            exponents = rng.uniform(-300, 300, 400) * (0.3 if name == "div" else 1)
        if name in ("pow", "atan2"):
            exponents = rng.uniform(-1, 1, 400)
        if name in ("exp", "sin", "cos", "expm1"):
            exponents = np.minimum(exponents, 1.5)
        size = 10.0**exponents
        z = size * np.exp(1j * rng.uniform(-np.pi, np.pi, 400))
        z[:40] = np.exp(1j * rng.uniform(-np.pi, np.pi, 40)) * (1 + 10.0**rng.uniform(-12, -1, 40))  # |z| near 1
        z[40:80] = 10.0**rng.uniform(-12, -1, 40) * np.exp(1j * rng.uniform(-np.pi, np.pi, 40)) 
        z[80:90] = z[80:90].real
        z[90:100] = 1j * z[90:100].imag
        results.append(z.astype(kind))
    return results


def exact(z):
    return mpmath.mpc(float(z.real), float(z.imag))


def check_accuracy(suite, program, rng, name, count, function, allowed, type_name):
    operands = arguments(rng, name, count, type_name)
    (actual,) = program.run(f"{name}_{type_name}", operands)
    worst, where = 0.0, None
    for i in range(len(actual)):
        true = function(*(exact(z[i]) for z in operands))
        size = abs(true)
        error = abs((exact(actual[i]) if np.iscomplexobj(actual) else mpmath.mpf(float(actual[i]))) - true)
        if not np.isfinite(actual[i]) or size == 0:
            units = 0.0 if error == 0 or size > np.finfo(actual.dtype).max else float("inf")
        else:
            units = float(error / (max(size, float(np.finfo(actual.dtype).tiny)) * 2 * EPSILON[type_name]))
        if units > worst:
            worst, where = units, i
    if worst <= allowed:
        suite.passed += 1
    else:
        suite.error(f"{name} {type_name}", f"{worst:.3g} units at {[z[where] for z in operands]}: {actual[where]}")
    if "-v" in sys.argv:
        print(f"{name} {type_name}: {worst:.3g}")


def same(a, b):
    part = lambda x, y: (np.isnan(x) and np.isnan(y)) or (x == y and np.signbit(x) == np.signbit(y))
    return part(a.real, b.real) and part(a.imag, b.imag)


INF, NAN = float("inf"), float("nan")
# What C99's Annex G says.
SPECIAL = [
    ("sqrt", 0j, 0j), ("sqrt", complex(-0.0, 0.0), 0j), ("sqrt", complex(-4, 0.0), 2j), ("sqrt", complex(-4, -0.0), complex(0, -2)), ("sqrt", complex(INF, 1), complex(INF, 0)),
    ("sqrt", complex(-INF, 1), complex(0, INF)), ("sqrt", complex(1, INF), complex(INF, INF)), ("sqrt", complex(NAN, -INF), complex(INF, -INF)),
    ("exp", 0j, 1 + 0j), ("exp", complex(-INF, 3), None), ("exp", complex(INF, 0), complex(INF, 0)), ("exp", complex(-INF, INF), 0j),
    ("log", 0j, complex(-INF, 0)), ("log", complex(-0.0, 0.0), complex(-INF, np.pi)), ("log", complex(INF, 1), complex(INF, 0)), ("log", complex(-1, 0.0), complex(0, np.pi)),
    ("tanh", complex(INF, 1), None), ("tanh", 0j, 0j), ("tan", 0j, 0j), ("sin", 0j, 0j), ("cos", 0j, complex(1, -0.0)), ("sign", 0j, 0j), ("expm1", 0j, 0j), ("log1p", 0j, 0j),
    ("abs", complex(NAN, INF), INF), ("abs", complex(-INF, 0), INF), ("abs", 0j, 0.0), ("abs", complex(NAN, 1), NAN),
]


def check_special(suite, program, type_name):
    for name, z, expected in SPECIAL:
        (actual,) = program.run(f"{name}_{type_name}", [np.array([z], DTYPE[type_name])])
        if expected is None:  # a value that any sign of 0 and any part in it may have
            expected = {"exp": 0j, "tanh": 1 + 0j}[name]
            ok = abs(complex(actual[0]) - expected) == 0
        else:
            ok = same(complex(actual[0]), complex(actual.dtype.type(expected)))
        suite.check_text(f"{name} {type_name} of {z}", ok or complex(actual[0]), True)


def check_comparisons(suite, program, type_name):
    z = np.array([1 + 2j, 1 + 2j, 1 + 2j, complex(NAN, 0), 0j], DTYPE[type_name])
    w = np.array([1 + 2j, 1 + 3j, 2 + 2j, complex(NAN, 0), complex(-0.0, -0.0)], DTYPE[type_name])
    for name, expected in (("eq", z == w), ("neq", z != w)):
        (actual,) = program.run(f"{name}_{type_name}", [z, w])
        suite.check(f"{name} {type_name}", actual, expected)


def main():
    suite, rng = Suite(), np.random.default_rng(7)
    with scratch() as directory:
        program = Program(program_text(), directory)
        for type_name in ("f32", "f64"):
            for name, (count, function, allowed) in FUNCTIONS.items():
                check_accuracy(suite, program, rng, name, count, function, allowed, type_name)
            for name, (function, allowed) in REAL.items():
                check_accuracy(suite, program, rng, name, 1, function, allowed, type_name)
            check_special(suite, program, type_name)
            check_comparisons(suite, program, type_name)
    suite.finish()


if __name__ == "__main__":
    main()
