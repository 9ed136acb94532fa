# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the device library: generate.py [--check] writes (or compares) the .mlir files beside it,
with the errors that docs/math.md states. Needs mpmath."""

import importlib
import inspect
import os
import sys

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, FOLDER)
sys.dont_write_bytecode = True

import ir  # noqa: E402

MODULES = ["complex", "error", "exponential", "fused", "integer", "inverse", "logarithm", "power", "rounding", "trigonometric"]


def comment(text):
    return "".join(f"// {line}".rstrip() + "\n" for line in text.strip().splitlines())


def entry(function):
    """(name, types of the arguments, function): of a function alone the types are its annotations, else all as its name ends."""
    if isinstance(function, tuple):
        return function
    default = function.__name__.rsplit("_", 1)[1]
    parameters = inspect.signature(function).parameters.values()
    return function.__name__, [p.annotation if p.annotation is not p.empty else default for p in parameters], function


def errors():
    """What docs/math.md states of each function: {name_f32: (measured, bound, how)}."""
    found = {}
    with open(os.path.join(FOLDER, "..", "..", "docs", "math.md")) as file:
        for line in file:
            cells = [cell.strip() for cell in line.split("|")[1:-1]]
            if len(cells) == 6 and cells[2][0].isdigit():
                for name in cells[0].split(", "):
                    found[name + "_f32"] = cells[1], cells[2], cells[5]
                    found[name + "_f64"] = cells[3], cells[4], cells[5]
    return found


def text_of(name, error):
    module = importlib.import_module(name)
    text = "// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception\n//\n"
    text += f"// Made by compiler/library/generate.py from {name}.py; change that.\n//\n" + comment(module.__doc__)
    for function in module.FUNCTIONS:
        symbol, types, body = entry(function)
        text += "\n" + (comment(body.__doc__) if body.__doc__ else "")
        of = symbol.removesuffix("_i64") if symbol.startswith("fpowi") else symbol
        if of in error:
            measured, bound, how = error[of]
            text += comment(f"{how[0].upper()}{how[1:]}.\nError: {measured} ulp measured, tested to be below {bound}.")
        text += ir.build(symbol, types, body)
    return text


def main():
    ir.remember_names.folder = FOLDER
    stale, error = [], errors()
    for name in MODULES:
        path = os.path.join(FOLDER, name + ".mlir")
        text = text_of(name, error)
        if "--check" not in sys.argv:
            with open(path, "w") as file:
                file.write(text)
        elif not os.path.exists(path) or open(path).read() != text:
            stale.append(path)
    if stale:
        sys.exit("not what generate.py makes: " + ", ".join(stale))


if __name__ == "__main__":
    main()
