# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Conversions to and from f16 and bf16 round once, to the nearest, ties to even: of every number of theirs, of what lies halfway between two
and next to that, and of every 2^12-th f32. In dispatches for processors without and with instructions for it, and on the host."""

import os

import numpy as np

import arith
from harness import DTYPES, Program, Suite, bf16_of_bits, round_to_bf16, save, scratch

F16C = ["--iree-llvmcpu-target-cpu-features=+avx,+avx2,+f16c,+fma"]


def patterns(narrow):
    bits = np.arange(65536, dtype=np.uint32).astype(np.uint16)
    return bits.view(np.float16) if narrow == "f16" else bf16_of_bits(bits)


def halfway(narrow, wide):
    """What is, as |wide|, halfway between neighbours of |narrow| or next to that; and numbers of all sizes."""
    numbers = patterns(narrow).astype(np.float64)
    finite = np.sort(numbers[np.isfinite(numbers)])
    overflow = 65520.0 if narrow == "f16" else np.ldexp(511.0, 119)
    middle = np.append((finite[1:] + finite[:-1]) / 2, [overflow, -overflow])
    middle = middle.astype(DTYPES[wide])
    near = [middle, np.nextafter(middle, DTYPES[wide](np.inf)), np.nextafter(middle, DTYPES[wide](-np.inf))]
    every = (np.arange(0, 2**32, 4096, dtype=np.uint64) * 2654435761 % 2**32).astype(np.uint32).view(np.float32)
    return np.concatenate(near + [every.astype(DTYPES[wide]), np.array([np.nan, np.inf, -np.inf, 0.0, -0.0], DTYPES[wide])])


def integers(wide):
    """One more and one less than halfway between numbers of 8 and of 11 digits, at all places."""
    width = 8 * np.dtype(DTYPES[wide]).itemsize
    odd = [2 * s + 1 for s in range(256, 512)] + [2 * s + 1 for s in range(1024, 2048, 17)]
    near = [(s << k) + d for k in range(width) for s in odd for d in (-1, 0, 1)] + [0, 1, (1 << width) - 1, 1 << (width - 1)]
    return np.array([n for n in near if 0 <= n < 1 << width], np.uint64).astype({32: np.uint32, 64: np.uint64}[width]).view(DTYPES[wide])


def cases():
    """(op, from, to, values, reference)"""
    for narrow in ("f16", "bf16"):
        for wide in ("f32", "f64"):
            yield "extf", narrow, wide, patterns(narrow), lambda x, wide=wide: x.astype(DTYPES[wide])
            yield ("truncf", wide, narrow, halfway(narrow, wide),
                   lambda x, narrow=narrow: round_to_bf16(x) if narrow == "bf16" else x.astype(np.float16))
        for wide in ("i32", "i64"):
            for op, signed in (("sitofp", True), ("uitofp", False)):
                yield op, wide, narrow, integers(wide), lambda x, w=wide, n=narrow, s=signed: arith.to_float(x, w, n, s)


def functions(op, source, target):
    """On tensors; and on the host, which counts the elements that it has others for."""
    bits = {"f16": "i16", "bf16": "i16", "f32": "i32", "f64": "i64"}[target]
    return (f"func.func @dispatch_{op}_{source}_{target}(%a: tensor<?x{source}>) -> tensor<?x{target}> {{\n"
            f"  %r = arith.{op} %a : tensor<?x{source}> to tensor<?x{target}>\n  return %r : tensor<?x{target}>\n}}\n"
            f"func.func @host_{op}_{source}_{target}(%a: tensor<?x{source}>) -> i64 {{\n  %zero = arith.constant 0 : index\n"
            f"  %one = arith.constant 1 : index\n  %all = tensor.dim %a, %zero : tensor<?x{source}>\n  %none = arith.constant 0 : i64\n"
            f"  %t = arith.{op} %a : tensor<?x{source}> to tensor<?x{target}>\n"
            f"  %count = scf.for %i = %zero to %all step %one iter_args(%n = %none) -> (i64) {{\n"
            f"    %x = tensor.extract %a[%i] : tensor<?x{source}>\n    %e = tensor.extract %t[%i] : tensor<?x{target}>\n"
            f"    %r = arith.{op} %x : {source} to {target}\n"
            f"    %rb = arith.bitcast %r : {target} to {bits}\n    %eb = arith.bitcast %e : {target} to {bits}\n"
            f"    %ne = arith.cmpi ne, %rb, %eb : {bits}\n"
            f"    %rn = arith.cmpf ord, %r, %r : {target}\n    %en = arith.cmpf ord, %e, %e : {target}\n"
            f"    %some = arith.ori %rn, %en : i1\n    %other = arith.andi %ne, %some : i1\n    %more = arith.extui %other : i1 to i64\n"
            f"    %m = arith.addi %n, %more : i64\n    scf.yield %m : i64\n  }}\n  return %count : i64\n}}\n")


def run(suite, name, flags, on_host):
    text = "".join(functions(op, source, target) for op, source, target, _, _ in cases())
    with scratch() as directory:
        program = Program("module @m {\n" + text + "}\n", directory, flags)
        for op, source, target, values, reference in cases():
            case = f"{name}: {op} {source} to {target}"
            try:
                suite.check(case, program.run(f"dispatch_{op}_{source}_{target}", [values])[0], reference(values))
                if on_host:
                    tensor = save(os.path.join(directory, "values"), values, source)
                    suite.check_text(case + ", on the host", program.run_scalar(f"host_{op}_{source}_{target}", [tensor]), "i64=0")
            except RuntimeError as error:
                if "needs the processor feature" in str(error):
                    print(f"{name}: compiled, not run: this machine lacks the instructions")
                    return
                suite.error(case, error)


def main():
    suite = Suite()
    with np.errstate(all="ignore"):
        run(suite, "baseline", [], True)
        if os.uname().machine == "x86_64":
            run(suite, "with f16c", F16C, False)
    suite.finish()


if __name__ == "__main__":
    main()
