#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random host programs, against an interpreter that shares nothing with Tenon: random_programs.py [--count N] [--seed S].

A program is drawn from the seed and its number alone, so a single one can be run again: --only NUMBER. A program that fails is
made smaller and left as a .mlir file that says how to run it. Needs iree-compile on PATH and TENON_HOST_RUN (or host_run on PATH)."""

import argparse
import os
import sys
import tempfile
import time

from generator import make_program
from reducer import reduce
from runner import CompileError, Runner, compile_module, module_text
from tree import all_ops

BATCH = 100
SECONDS = 60  # for each process; a hundred programs take less than one


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1500, help="how many programs (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="the number of the first program")
    parser.add_argument("--only", type=int, help="run the program of this number")
    parser.add_argument("--model", choices=["host-only", "default"], help="instead of host-only for all, and both for the first batch")
    parser.add_argument("--keep", default="random-host-failures", help="folder for programs that fail (default: %(default)s)")
    parser.add_argument("--no-reduce", action="store_true", help="leave programs that fail as they are")
    parser.add_argument("--reduce-seconds", type=float, default=120)
    parser.add_argument("--max-findings", type=int, default=5, help="end after so many")
    return parser.parse_args()


def report(options, runner, finding, model, seed, folder):
    """Leaves a file; prints what is wrong and where the file is."""
    program = finding.program
    number = int(program.name[1:])
    print(f"FAILED program {number} of seed {seed}, {model}: {finding.kind}: {finding.text}", flush=True)
    if not options.no_reduce:
        runner.seconds = 3  # for one program

        def same(candidate):
            found = runner.check([candidate], model)
            return bool(found) and found[0].kind == finding.kind
        if same(program):
            program = reduce(program, same, options.reduce_seconds)
        found = runner.check([program], model)
        finding = found[0] if found else finding
        runner.seconds = SECONDS
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, f"seed{seed}-{number}-{model}.mlir")
    about = [f"Program {number} of seed {seed}, execution model {model}: {finding.kind}", *finding.text.splitlines(),
             "", "Again, from the start: " + f"tests/host/random_programs.py --seed {seed} --only {number} --model {model}",
             f"This file: iree-compile {'--iree-execution-model=host-only ' if model == 'host-only' else ''}{os.path.basename(path)} -o p.vmfb",
             "and: printf 'reset\\n" + "".join(f"{line}\\n" for line in finding.text.splitlines() if line.startswith("call ")) + "' | host_run p.vmfb"]
    with open(path, "w", encoding="utf-8") as file:
        file.write("".join(f"// {line}\n" for line in about) + module_text([program]))
    print(f"  reduced to {sum(1 for _ in all_ops(program))} operations in {path}: {finding.text}", flush=True)


def same_bytes(programs, model, directory):
    """Whether the same text gives the same file."""
    contents = []
    for i in range(2):
        path = os.path.join(directory, f"again{i}.vmfb")
        compile_module(module_text(programs), model, path, SECONDS)
        with open(path, "rb") as file:
            contents.append(file.read())
    return contents[0] == contents[1]


def main():
    options = arguments()
    first, count = (options.only, 1) if options.only is not None else (options.first, options.count)
    start, found, operations = time.monotonic(), 0, 0
    with tempfile.TemporaryDirectory(prefix="tenon-random-") as directory:
        runner = Runner(directory, SECONDS)
        for begin in range(first, first + count, BATCH):
            programs = [make_program(options.seed, i) for i in range(begin, min(begin + BATCH, first + count))]
            operations += sum(1 for p in programs for _ in all_ops(p))
            models = [options.model] if options.model else ["host-only", "default"] if begin == first else ["host-only"]
            for model in models:
                for finding in runner.check(programs, model):
                    found += 1
                    report(options, runner, finding, model, options.seed, options.keep)
            if begin == first:
                try:
                    for model in models:
                        if not same_bytes(programs[:10], model, directory):
                            found += 1
                            print(f"FAILED {model}: the same programs, compiled twice, give different files")
                except CompileError:
                    pass  # a finding already
            if (begin - first) // BATCH % 10 == 9:
                print(f"{begin + len(programs) - first} programs, {time.monotonic() - start:.0f} s", flush=True)
            if found >= options.max_findings:
                print(f"ends after {begin + len(programs) - first} programs")
                break
    seconds = time.monotonic() - start
    print(f"{count} programs of seed {options.seed}, {operations} operations, {runner.call_count} calls ({runner.failure_count} of them expected to fail, "
          f"{runner.skipped_count} left out), {seconds:.0f} s: {found} findings")
    sys.exit(1 if found or not runner.call_count else 0)


if __name__ == "__main__":
    main()
