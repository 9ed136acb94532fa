# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Every elementwise `arith` operation on tensors of every type: static, dynamic, empty, rank 0, odd sizes; against numpy."""

import numpy as np

import arith
from harness import DTYPES, Program, Suite, is_float, scratch, tensor_type

# (shape, dynamic dimensions)
CASES = [((), ()), ((0,), (0,)), ((131,), (0,)), ((7, 19), ()), ((3, 0, 5), (1,)), ((2, 3, 5, 7), (0, 2))]
# The vector tails: around every width a target may use.
TAILS = [((n,), (0,)) for n in (1, 2, 3, 5, 9, 17, 33, 67)]


def function(name, op, types, result, case, attribute=""):
    shape, dynamic = case
    arguments = ", ".join(f"%a{i}: {tensor_type(t, shape, dynamic)}" for i, t in enumerate(types))
    operands = ", ".join(f"%a{i}" for i in range(len(types)))
    out = tensor_type(result, shape, dynamic)
    if op.startswith("cmp"):
        signature = tensor_type(types[0], shape, dynamic)
    elif op == "select":
        signature = f"{tensor_type('i1', shape, dynamic)}, {out}"
    elif len(types) == 1 and op not in ("negf",):
        signature = f"{tensor_type(types[0], shape, dynamic)} to {out}"
    else:
        signature = out
    return (f"func.func @{name}({arguments}) -> {out} {{\n  %r = arith.{op} {attribute}{operands} : {signature}\n"
            f"  return %r : {out}\n}}\n")


def test_group(suite, rng, name, entries):
    """|entries|: (label, op, attribute, operand types, result type, make operands, reference)."""
    functions, runs = [], []
    for label, op, attribute, types, result, make, reference in entries:
        for i, case in enumerate(CASES + (TAILS if op in ("divsi", "addf", "addi", "cmpf") else [])):
            symbol = f"f{len(functions)}"
            functions.append(function(symbol, op, types, result, case, attribute))
            runs.append((f"{label} {case}", symbol, make(case[0]), reference))
    with scratch() as directory:
        try:
            program = Program("module @m {\n" + "".join(functions) + "}\n", directory)
        except RuntimeError as error:
            suite.error(name, error)
            return
        for label, symbol, operands, reference in runs:
            try:
                suite.check(label, program.run(symbol, operands)[0], reference(*operands))
            except RuntimeError as error:
                suite.error(label, error)


def binary_entries(type_name, rng):
    def entry(op, reference, attribute="", result=None):
        return (f"{op} {attribute}{type_name}", op, attribute, [type_name] * 2, result or type_name,
                lambda shape: arith.operand_pair(type_name, shape, rng, op), reference)
    if is_float(type_name):
        for op, reference in arith.FLOAT_BINARY.items():
            yield entry(op, arith.float_reference(type_name, reference))
        for predicate, reference in arith.CMPF.items():
            yield entry("cmpf", reference, predicate + ", ", "i1")
    else:
        for op, reference in {**arith.INTEGER_BINARY, **arith.INTEGER_DIVISIONS}.items():
            yield entry(op, lambda a, b, reference=reference: reference(type_name, a, b))
        for predicate in arith.CMPI:
            yield entry("cmpi", lambda a, b, p=predicate: arith.compare_integers(p, type_name, a, b), predicate + ", ", "i1")
    yield (f"select {type_name}", "select", "", ["i1", type_name, type_name], type_name,
           lambda shape: (arith.operand_pair("i1", shape, rng)[0], *arith.operand_pair(type_name, shape, rng)), np.where)


def unary_entries(rng):
    for type_name in arith.FLOATS:
        yield (f"negf {type_name}", "negf", "", [type_name], type_name,
               lambda shape, t=type_name: arith.operand_pair(t, shape, rng)[:1], lambda x: -x)
    for op, source, target, reference in arith.conversions():
        yield (f"{op} {source} to {target}", op, "", [source], target,
               lambda shape, s=source: arith.operand_pair(s, shape, rng)[:1], reference)


def main():
    rng = np.random.default_rng(20221127)
    suite = Suite()
    with np.errstate(all="ignore"):
        for type_name in DTYPES:
            test_group(suite, rng, type_name, list(binary_entries(type_name, rng)))
        unary = list(unary_entries(rng))
        for i in range(0, len(unary), 12):
            test_group(suite, rng, "conversions", unary[i:i + 12])
    suite.finish()


if __name__ == "__main__":
    main()
