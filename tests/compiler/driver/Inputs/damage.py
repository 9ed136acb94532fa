# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Flips bits of MLIR bytecode and truncates it: iree-compile exits 0, or 1 with a message."""

import random
import subprocess
import sys

path, tool = sys.argv[1:]
with open(path, "rb") as file:
    data = file.read()
random.seed(7)
damaged = [data[:n] for n in range(4, len(data), 97)]
for _ in range(60):
    flipped = bytearray(data)
    # The first kilobyte holds the tables of dialects, attributes and types, on which the reader crashes.
    flipped[random.randrange(4, min(len(data), 1024))] ^= 1 << random.randrange(8)
    damaged.append(bytes(flipped))
for number, source in enumerate(damaged):
    run = subprocess.run([tool, "--iree-hal-target-backends=llvm-cpu", "-", "-o", "/dev/null"],
                         input=source, capture_output=True, timeout=60)
    assert run.returncode in (0, 1), f"damage {number}: exit status {run.returncode}"
    assert run.returncode == 0 or b"error: " in run.stderr, f"damage {number}: no message"
