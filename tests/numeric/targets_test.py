# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What depends on the target's instructions, for each: masks and tails of vectors, i1, divisions by 0 and of MIN by -1, conversions of
f16 and bf16, blocks of products and rows of reductions that no vector fills. The code is looked at, and run where that is possible: on this machine if it has the instructions, and by qemu-user for
aarch64 if TENON_AARCH64_RUN names a tool that runs modules there. What can't run is said, and skipped.

targets_test.py [NAME...]: baseline, avx2, avx512, aarch64, sve."""

import os
import re
import shlex
import sys

import numpy as np

import arith
from harness import DTYPES, WIDTH, Program, Suite, is_float, round_to_bf16, scratch

sys.argv, names = sys.argv[:1], [a for a in sys.argv[1:] if not a.startswith("--")]

AVX2 = "+avx,+avx2,+f16c,+fma,+bmi,+bmi2,+lzcnt,+movbe"
AARCH64 = ["--iree-llvmcpu-target-triple=aarch64-linux-gnu"]
HALF_X86 = r"vcvtps2ph"
# (flags, whether it is for aarch64, patterns that the assembly has, patterns that it has not)
TARGETS = {
    "baseline": (["--iree-llvmcpu-target-cpu=generic"], False, [r"xmm\d"], [r"[yz]mm\d", HALF_X86]),
    "avx2": ([f"--iree-llvmcpu-target-cpu-features={AVX2}"], False, [r"ymm\d", HALF_X86], [r"zmm\d"]),
    "avx512": ([f"--iree-llvmcpu-target-cpu-features={AVX2},+avx512f,+avx512cd,+avx512bw,+avx512dq,+avx512vl"], False,
               [r"zmm\d", r"%k\d", HALF_X86], []),
    "aarch64": (AARCH64, True, [r"\bv\d+\.16b", r"fcvtn\t.*\.4h"], [r"\bz\d+\.[bhsd]"]),
    "sve": (AARCH64 + ["--iree-llvmcpu-target-cpu=neoverse-v1"], True, [r"fcvt|\.8h"], []),
}
LENGTHS = [1, 7, 64, 131]

INTEGER_OPS = ["addi", "divsi", "divui", "remsi", "remui", "shli", "shrsi", "shrui", "maxui"]
FLOAT_OPS = ["addf", "subf", "mulf", "divf", "remf", "maximumf", "minnumf"]


def operations(t):
    """Of two operands of type |t|: (MLIR, result type, reference)."""
    if is_float(t):
        for op in FLOAT_OPS:
            yield f"arith.{op} %x, %y : {t}", t, arith.float_reference(t, arith.FLOAT_BINARY[op])
        yield f"arith.cmpf ult, %x, %y : {t}", "i1", arith.CMPF["ult"]
        yield f"arith.fptosi %x : {t} to i8", "i8", lambda a, b: arith.to_integer(a, "i8", True)
        yield f"arith.fptoui %x : {t} to i4", "i4", lambda a, b: arith.to_integer(a, "i4", False)
        for to in arith.FLOATS:
            if WIDTH[to] > WIDTH[t]:
                yield f"arith.extf %x : {t} to {to}", to, lambda a, b, to=to: a.astype(DTYPES[to])
            elif WIDTH[to] < WIDTH[t]:
                yield f"arith.truncf %x : {t} to {to}", to, lambda a, b, to=to: round_to_bf16(a) if to == "bf16" else a.astype(DTYPES[to])
        return
    for op in INTEGER_OPS:
        yield f"arith.{op} %x, %y : {t}", t, lambda a, b, op=op: arith.INTEGER_BINARY[op](t, a, b)
    for predicate in ("slt", "uge"):
        yield f"arith.cmpi {predicate}, %x, %y : {t}", "i1", lambda a, b, p=predicate: arith.compare_integers(p, t, a, b)
    for to in ("f16", "bf16"):
        yield f"arith.sitofp %x : {t} to {to}", to, lambda a, b, to=to: arith.to_float(a, t, to, True)
        yield f"arith.uitofp %x : {t} to {to}", to, lambda a, b, to=to: arith.to_float(a, t, to, False)


def function(t, cases):
    """One generic that has all of |cases|: so every vector is as wide as the widest type allows."""
    tensor, results = f"tensor<?x{t}>", [r for _, r, _ in cases]
    types = ", ".join(f"tensor<?x{r}>" for r in results)
    empties = "".join(f"  %e{i} = tensor.empty(%n) : tensor<?x{r}>\n" for i, r in enumerate(results))
    maps = ", ".join(["affine_map<(i) -> (i)>"] * (2 + len(cases)))
    body = "".join(f"    %v{i} = {text}\n" for i, (text, _, _) in enumerate(cases))
    outs = ", ".join(f"%e{i}" for i in range(len(cases)))
    return (f"func.func @f_{t}(%a: {tensor}, %b: {tensor}) -> ({types}) {{\n  %zero = arith.constant 0 : index\n"
            f"  %n = tensor.dim %a, %zero : {tensor}\n{empties}"
            f"  %r:{len(cases)} = linalg.generic {{indexing_maps = [{maps}], iterator_types = [\"parallel\"]}}\n"
            f"      ins(%a, %b : {tensor}, {tensor}) outs({outs} : {types}) {{\n"
            f"  ^bb0(%x: {t}, %y: {t}, {', '.join(f'%o{i}: {r}' for i, r in enumerate(results))}):\n{body}"
            f"    linalg.yield {', '.join(f'%v{i}' for i in range(len(cases)))} : {', '.join(results)}\n"
            f"  }} -> ({types})\n  return {', '.join(f'%r#{i}' for i in range(len(cases)))} : {types}\n}}\n")


PRODUCTS = [("f32", "f32"), ("f16", "f32"), ("bf16", "f32"), ("f64", "f64"), ("i8", "i32"), ("i4", "i32")]
PRODUCT_SHAPES = [(1, 1, 1), (3, 5, 7), (17, 33, 19), (8, 131, 2), (4, 16, 0)]
# Along the last dimension: (name, type, MLIR of one step, start, reference)
ROWS = [
    ("sum", "f32", "arith.addf %x, %acc : f32", "0.0 : f32", lambda a: a.sum(-1, dtype=np.float64).astype(np.float32)),
    ("largest", "f16", "arith.maximumf %x, %acc : f16", "0xFC00 : f16", lambda a: a.max(-1, initial=-np.inf)),
    ("any", "i1", "arith.ori %x, %acc : i1", "false", lambda a: a.any(-1)),
    ("all_bits", "i8", "arith.xori %x, %acc : i8", "0 : i8", lambda a: np.bitwise_xor.reduce(a, -1)),
]
ROW_SHAPES = [(1, 1), (5, 31), (33, 7), (3, 131), (2, 0)]


def reductions():
    """The functions, and (function, operands from shapes, reference)."""
    text, cases = "", []
    for t, r in PRODUCTS:
        a, c = f"tensor<?x?x{t}>", f"tensor<?x?x{r}>"
        text += (f"func.func @product_{t}(%a: {a}, %b: {a}, %c: {c}) -> ({c}) {{\n"
                 f"  %r = linalg.matmul ins(%a, %b : {a}, {a}) outs(%c : {c}) -> {c}\n  return %r : {c}\n}}\n")
        for m, n, k in PRODUCT_SHAPES:
            cases.append((f"product_{t}", [(t, (m, k)), (t, (k, n)), (r, (m, n))],
                          lambda x, y, z: (x.astype(z.dtype) @ y.astype(z.dtype) + z).astype(z.dtype)))
    for name, t, step, start, reference in ROWS:
        a, r = f"tensor<?x?x{t}>", f"tensor<?x{t}>"
        text += (f"func.func @{name}(%a: {a}) -> ({r}) {{\n  %zero = arith.constant 0 : index\n  %n = tensor.dim %a, %zero : {a}\n"
                 f"  %s = arith.constant {start}\n  %e = tensor.splat %s[%n] : {r}\n"
                 f"  %r = linalg.reduce ins(%a : {a}) outs(%e : {r}) dimensions = [1] (%x: {t}, %acc: {t}) {{\n    %v = {step}\n"
                 f"    linalg.yield %v : {t}\n  }}\n  return %r : {r}\n}}\n")
        cases += [(name, [(t, shape)], reference) for shape in ROW_SHAPES]
    return text, cases


def small(t, shape, rng):
    """Numbers whose sums are exact in every order."""
    if t == "i1":
        return rng.random(shape) < 0.1
    return rng.integers(-8, 8, shape).astype(DTYPES[t])


def operands(t, length, rng):
    """With a division by 0, and one of MIN by -1, as the last: where the tails of vectors are."""
    a, b = arith.operand_pair(t, (length,), rng, "minnumf")
    if not is_float(t) and t != "i1":
        b[-1] = 0
        if length > 2:
            a[-2], b[-2] = -1 << (WIDTH[t] - 1), -1
    return a, b


def parts(cases, most=10):
    return [cases[i:i + most] for i in range(0, len(cases), most)]


def runner_of(is_aarch64):
    """The command that runs modules for the target; None with a reason if there is none."""
    machine = os.uname().machine
    if is_aarch64 == (machine == "aarch64"):
        return ["iree-run-module"], None
    if is_aarch64 and os.environ.get("TENON_AARCH64_RUN"):
        return shlex.split(os.environ["TENON_AARCH64_RUN"]), None
    return None, f"this machine is {machine}, and there is nothing that emulates the target (for aarch64: qemu-user and a cross compiler)"


def check_code(suite, name, directory, has, has_not):
    text = "".join(open(os.path.join(directory, f)).read() for f in sorted(os.listdir(directory)) if f.endswith(".s"))
    for pattern in has:
        suite.check_text(f"{name}: code with {pattern}", bool(re.search(pattern, text)), True)
    for pattern in has_not:
        suite.check_text(f"{name}: code without {pattern}", bool(re.search(pattern, text)), False)


def run_target(suite, name, rng):
    flags, is_aarch64, has, has_not = TARGETS[name]
    runner, reason = runner_of(is_aarch64)
    groups = [(f"{t}_{i}", t, part) for t in DTYPES if t != "index" for i, part in enumerate(parts(list(operations(t))))]
    text = "".join(function(t, cases).replace(f"@f_{t}(", f"@f_{label}(") for label, t, cases in groups)
    reduction_text, reduction_cases = reductions()
    text += reduction_text
    with scratch() as directory:
        dump = os.path.join(directory, "code")
        program = Program(text, directory, [*flags, f"--iree-hal-dump-executable-intermediates-to={dump}"], runner or ())
        check_code(suite, name, dump, has, has_not)
        for label, t, cases in groups if runner else ():
            for length in LENGTHS:
                a, b = operands(t, length, rng)
                try:
                    results = program.run(f"f_{label}", [a, b], len(cases))
                except RuntimeError as error:
                    missing = re.search(r"needs the processor feature '([^']*)'", str(error))
                    if missing:
                        print(f"{name}: compiled, not run: this machine lacks {missing[1]}")
                        return
                    suite.error(f"{name} {label} [{length}]", error)
                    continue
                for (operation, _, reference), result in zip(cases, results):
                    suite.check(f"{name} {operation} [{length}]", result, reference(a, b))
        for symbol, types, reference in reduction_cases if runner else ():
            inputs = [small(t, shape, rng) for t, shape in types]
            case = f"{name} {symbol} {[shape for _, shape in types]}"
            try:
                suite.check(case, program.run(symbol, inputs)[0], reference(*inputs))
            except RuntimeError as error:
                suite.error(case, error)
    print(f"{name}: run" if runner else f"{name}: compiled, not run: {reason}")


def main():
    rng = np.random.default_rng(5)
    suite = Suite()
    with np.errstate(all="ignore"):
        for name in names or TARGETS:
            run_target(suite, name, rng)
    suite.finish()


if __name__ == "__main__":
    main()
