# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The text of linalg.generic."""


def generic(f, maps, iterators, inputs, outputs, body):
    """A generic's text. |maps| are texts like `(i, j) -> (j, i)`, |iterators| of letters p and r."""
    kinds = ", ".join('"parallel"' if c == "p" else '"reduction"' for c in iterators)
    ins = f"ins({', '.join(map(str, inputs))} : {', '.join(v.type for v in inputs)}) " if inputs else ""
    outs = f"outs({', '.join(map(str, outputs))} : {', '.join(v.type for v in outputs)})"
    arguments = ", ".join(f"%{chr(97 + i)}_: {v.t}" for i, v in enumerate([*inputs, *outputs]))
    types = ", ".join(v.type for v in outputs)
    lines = "\n    ".join(body)
    return (f"linalg.generic {{indexing_maps = [{', '.join(f'affine_map<{m}>' for m in maps)}], iterator_types = [{kinds}]}} "
            f"{ins}{outs} {{\n  ^bb0({arguments}):\n    {lines}\n  }} -> {types if len(outputs) == 1 else f'({types})'}")
