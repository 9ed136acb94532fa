#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a host function would reach if it were compiled ahead of time: the functions of host.mlir in bytecode, the same
through MLIR and LLVM in a shared object, and a compiled function called from bytecode.

usage: aot_experiment.py

Needs the package installed in build/prefix, as bench.py, and LLVM's mlir-opt, mlir-translate and clang. The loop mixes by
xor: a sum LLVM would replace by its formula. Compiled twice: as -O2 does it, and one number at a time as the bytecode does.
Figures are the best of several runs.
"""

import os
import shutil
import subprocess
import sys

import bench

ROUNDS = 9
PASSES = ["--convert-arith-to-llvm", "--convert-cf-to-llvm", "--convert-func-to-llvm", "--reconcile-unrealized-casts"]
ROWS = [
    ("bytecode_loop", "a round of the loop, bytecode"),
    ("compiled_loop", "a round of the loop, compiled"),
    ("bytecode_call", "a call, bytecode to bytecode"),
    ("compiled_call", "a call, compiled to compiled"),
    ("import_call", "a call, bytecode to compiled, as an import"),
]


def tool(name):
    for candidate in (name + "-22", name):
        if shutil.which(candidate):
            return candidate
    sys.exit(f"aot_experiment.py: {name} of LLVM 22 is not installed")


def shared_object(name, *flags):
    """host.mlir as a library. Calls that are to stay calls say so in LLVM's way."""
    with open(os.path.join(bench.ROOT, "bench", "host.mlir")) as file:
        source = file.read().replace("attributes {noinline}", 'attributes {passthrough = ["noinline"]}')
    lowered = bench.run(tool("mlir-opt"), *PASSES, input=source)
    path = os.path.join(bench.WORK, name)
    with open(path + ".ll", "w") as file:
        file.write(bench.run(tool("mlir-translate"), "--mlir-to-llvmir", input=lowered))
    bench.run(tool("clang"), "-O2", *flags, "-Wno-override-module", "-shared", "-fPIC", path + ".ll", "-o", path + ".so")
    return path + ".so"


def measure(program, library, modules):
    results = {}
    for _ in range(ROUNDS):
        for line in bench.run(program, library, *modules).splitlines():
            name, value = line.split()
            results.setdefault(name, []).append(float(value))
    return {name: min(values) for name, values in results.items()}


def main():
    experiment = bench.Bench(rounds=1, with_peer=False)
    program = experiment.build("aot_experiment", [("bench/aot_experiment.c", "-O2"), ("bench/bench_program.c", "-O2")])
    source = os.path.join(bench.ROOT, "bench", "aot_experiment.mlir")
    modules = [experiment.host, experiment.compiled(source, "aot_experiment.vmfb")]
    optimised = measure(program, shared_object("host_aot"), modules)
    scalar = measure(program, shared_object("host_aot_scalar", "-fno-vectorize", "-fno-unroll-loops"), modules)
    print(f"{'nanoseconds':<46} {'-O2':>6} {'one by one':>11}")
    for name, description in ROWS:
        print(f"{description:<46} {optimised[name]:>6.2f} {scalar[name]:>11.2f}")


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"aot_experiment.py: {error}\n{error.stderr}")
