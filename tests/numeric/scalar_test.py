# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Every `arith` operation on scalars, which run in the host program; against the same references as tensors.

Operands enter as two i32 halves and the result leaves as i64, so that every bit of every type is seen."""

import numpy as np

import arith
from harness import DTYPES, UNSIGNED, WIDTH, bf16_bits, bf16_of_bits, Program, Suite, is_float, scratch

CASES_PER_OP = 6


def to_type(name, type_name):
    """MLIR that makes %name of |type_name| from its i64 bits %name_bits."""
    if type_name == "index":
        return f"  %{name} = arith.index_cast %{name}_bits : i64 to index\n"
    if type_name == "i64":
        return f"  %{name}_zero = arith.constant 0 : i64\n  %{name} = arith.addi %{name}_bits, %{name}_zero : i64\n"
    if type_name == "f64":
        return f"  %{name} = arith.bitcast %{name}_bits : i64 to f64\n"
    if type_name == "f32":
        return f"  %{name}_i32 = arith.trunci %{name}_bits : i64 to i32\n  %{name} = arith.bitcast %{name}_i32 : i32 to f32\n"
    if type_name in ("f16", "bf16"):
        return f"  %{name}_i16 = arith.trunci %{name}_bits : i64 to i16\n  %{name} = arith.bitcast %{name}_i16 : i16 to {type_name}\n"
    return f"  %{name} = arith.trunci %{name}_bits : i64 to {type_name}\n"


def to_bits(type_name):
    """MLIR that makes %bits : i64 from %r."""
    if type_name == "index":
        return "  %bits = arith.index_cast %r : index to i64\n"
    if type_name == "i64":
        return "  %r_zero = arith.constant 0 : i64\n  %bits = arith.addi %r, %r_zero : i64\n"
    if type_name == "f64":
        return "  %bits = arith.bitcast %r : f64 to i64\n"
    if type_name == "f32":
        return "  %r_i32 = arith.bitcast %r : f32 to i32\n  %bits = arith.extui %r_i32 : i32 to i64\n"
    if type_name in ("f16", "bf16"):
        return f"  %r_i16 = arith.bitcast %r : {type_name} to i16\n  %bits = arith.extui %r_i16 : i16 to i64\n"
    return f"  %bits = arith.extui %r : {type_name} to i64\n"


def function(symbol, op, attribute, types, result):
    arguments = ", ".join(f"%h{i}: i32, %l{i}: i32" for i in range(len(types)))
    body = "  %c32 = arith.constant 32 : i64\n"
    for i, type_name in enumerate(types):
        body += (f"  %h{i}_64 = arith.extsi %h{i} : i32 to i64\n  %l{i}_64 = arith.extui %l{i} : i32 to i64\n"
                 f"  %h{i}_up = arith.shli %h{i}_64, %c32 : i64\n  %a{i}_bits = arith.ori %h{i}_up, %l{i}_64 : i64\n")
        body += to_type(f"a{i}", type_name)
    operands = ", ".join(f"%a{i}" for i in range(len(types)))
    op, _, part = op.partition("#")
    results = {"": "%r", "0": "%r, %other", "1": "%other, %r"}[part]
    if op == "addui_extended":
        signature = f"{types[0]}, i1"
    elif part:
        signature = types[0]
    elif len(types) == 1 and op != "negf":
        signature = f"{types[0]} to {result}"
    else:
        signature = types[-1] if op.startswith("cmp") else result
    body += f"  {results} = arith.{op} {attribute}{operands} : {signature}\n" + to_bits(result)
    return f"func.func @{symbol}({arguments}) -> i64 {{\n{body}  return %bits : i64\n}}\n"


def bits_of(array, type_name):
    """One element's bits as a Python integer."""
    if type_name == "i1":
        return int(array.ravel()[0])
    if type_name == "bf16":
        return int(bf16_bits(array.ravel())[0])
    unsigned = {"f16": np.uint16, "f32": np.uint32, "f64": np.uint64}.get(type_name) or UNSIGNED[type_name]
    return int(array.ravel().view(unsigned)[0]) & ((1 << WIDTH[type_name]) - 1)


def as_signed(bits, width):
    return bits - (1 << width) if bits >> (width - 1) else bits


def halves(array, type_name):
    bits = bits_of(array, type_name)
    return [as_signed(bits >> 32, 32), as_signed(bits & 0xFFFFFFFF, 32)]


def divides(op):
    return op in ("divsi", "divui", "remsi", "remui", "ceildivsi", "ceildivui", "floordivsi")


def extended(type_name):
    """Of the operations with two results: (name, type of the result that is looked at, reference)."""
    width = WIDTH[type_name]
    yield "addui_extended#0", type_name, arith.integer(lambda x, y, w: x + y, signed=False)
    yield "addui_extended#1", "i1", lambda t, a, b: arith.wrap(
        [x + y >> width for x, y in zip(arith.big(a, False, t), arith.big(b, False, t))], "i1", a.shape)
    for op, signed in (("mulsi_extended", True), ("mului_extended", False)):
        yield f"{op}#0", type_name, arith.integer(lambda x, y, w: x * y, signed=signed)
        yield f"{op}#1", type_name, arith.integer(lambda x, y, w: x * y >> w, signed=signed)


def entries(rng):
    for type_name in DTYPES:
        def make(op, t=type_name):
            a, b = arith.operand_pair(t, (64,), rng, op)
            if divides(op):  # on the host x/0 is an error, which a test of its own expects
                b = np.where(b == 0, np.array(True if t == "i1" else 3, dtype=b.dtype), b)
            return a, b
        if is_float(type_name):
            for op, reference in arith.FLOAT_BINARY.items():
                yield op, "", [type_name] * 2, type_name, make(op), arith.float_reference(type_name, reference)
            for predicate, reference in arith.CMPF.items():
                yield "cmpf", predicate + ", ", [type_name] * 2, "i1", make("cmpf"), reference
            yield "negf", "", [type_name], type_name, make("negf")[:1], lambda x: -x
        else:
            for op, reference in {**arith.INTEGER_BINARY, **arith.INTEGER_DIVISIONS}.items():
                yield op, "", [type_name] * 2, type_name, make(op), lambda a, b, r=reference, t=type_name: r(t, a, b)
            for op, result, reference in extended(type_name):
                yield op, "", [type_name] * 2, result, make(op), lambda a, b, r=reference, t=type_name: r(t, a, b)
            for predicate in arith.CMPI:
                yield ("cmpi", predicate + ", ", [type_name] * 2, "i1", make("cmpi"),
                       lambda a, b, p=predicate, t=type_name: arith.compare_integers(p, t, a, b))
        yield ("select", "", ["i1", type_name, type_name], type_name,
               (arith.operand_pair("i1", (64,), rng)[0], *make("select")), np.where)
    for op, source, target, reference in arith.conversions():
        yield op, "", [source], target, arith.operand_pair(source, (64,), rng)[:1], reference


def is_nan_bits(bits, type_name):
    if type_name == "bf16":
        return np.isnan(bf16_of_bits([bits]))[0]
    unsigned = {"f16": np.uint16, "f32": np.uint32, "f64": np.uint64}.get(type_name)
    return unsigned is not None and np.isnan(np.array([bits], unsigned).view(DTYPES[type_name]))[0]


def main():
    rng = np.random.default_rng(7)
    suite = Suite()
    with np.errstate(all="ignore"), scratch() as directory:
        cases = list(entries(rng))
        text = "".join(function(f"f{i}", op, attribute, types, result) for i, (op, attribute, types, result, _, _) in enumerate(cases))
        program = Program("module @m {\n" + text + "}\n", directory)
        for i, (op, attribute, types, result, operands, reference) in enumerate(cases):
            for k in range(CASES_PER_OP):
                one = [o[k:k + 1] for o in operands]
                expected = bits_of(reference(*one), result)
                name = f"{op} {attribute}{types} {[o[0] for o in one]}"
                try:
                    actual = program.run_scalar(f"f{i}", sum((halves(o, t) for o, t in zip(one, types)), []))
                except RuntimeError as error:
                    suite.error(name, error)
                    continue
                bits = int(actual.removeprefix("i64=")) & ((1 << WIDTH[result]) - 1)
                if is_nan_bits(expected, result) and is_nan_bits(bits, result):
                    bits = expected
                suite.check_text(name, hex(bits), hex(expected))
    suite.finish()


if __name__ == "__main__":
    main()
