# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What is computed of constants alone: its values, and that calls have no dispatches for it."""

import numpy as np

from fusion_test import count
from harness import Program, Suite, is_float, scratch

A = np.arange(12).reshape(3, 4) % 7
B = (np.arange(12).reshape(3, 4) * 5 + 1) % 6
DTYPES = {"i8": np.int8, "i16": np.int16, "i32": np.int32, "i64": np.int64, "f16": np.float16, "f32": np.float32, "f64": np.float64}


def dense(array, element):
    numbers = str([[float(x) if is_float(element) else int(x) for x in row] for row in array])
    return f"arith.constant dense<{numbers}> : tensor<3x4x{element}>"


def functions(e):
    """Name: (result's shape, body with %a and %b, value)."""
    add, multiply = ("arith.addf", "arith.mulf") if is_float(e) else ("arith.addi", "arith.muli")
    one, zero = ("1.0", "0.0") if is_float(e) else ("1", "0")
    t = f"tensor<3x4x{e}>"
    transposed = (f"%e = tensor.empty() : tensor<4x3x{e}>\n"
                  f"%t = linalg.transpose ins(%b : {t}) outs(%e : tensor<4x3x{e}>) permutation = [1, 0]\n")
    return {
        "sum": ("3x4", f"%r = {add} %a, %b : {t}", A + B),
        "transposed": ("4x3", transposed.replace("%t =", "%r ="), B.T),
        "slice": ("2x2", f"%s = {multiply} %a, %b : {t}\n%r = tensor.extract_slice %s[0, 1] [2, 2] [2, 2] : {t} to tensor<2x2x{e}>", (A * B)[::2, 1::2]),
        "pad": ("4x5", f"%n = arith.constant {one} : {e}\n%r = tensor.pad %a low[1, 0] high[0, 1] {{\n^bb0(%i: index, %j: index):\n"
                       f"tensor.yield %n : {e}\n}} : {t} to tensor<4x5x{e}>", np.pad(A, ((1, 0), (0, 1)), constant_values=1)),
        "concat": ("6x4", f"%s = {add} %b, %b : {t}\n%r = tensor.concat dim(0) %a, %s : ({t}, {t}) -> tensor<6x4x{e}>", np.concatenate([A, B + B])),
        "inserted": ("3x4", f"%s = tensor.extract_slice %b[0, 0] [2, 2] [1, 1] : {t} to tensor<2x2x{e}>\n"
                            f"%r = tensor.insert_slice %s into %a[1, 1] [2, 2] [1, 2] : tensor<2x2x{e}> into {t}",
                     np.block([[A[:1]], [np.stack([A[1:, 0], B[:2, 0], A[1:, 2], B[:2, 1]], axis=1)]])),
        "product": ("3x3", f"{transposed}%n = arith.constant {zero} : {e}\n%o = tensor.empty() : tensor<3x3x{e}>\n"
                           f"%f = linalg.fill ins(%n : {e}) outs(%o : tensor<3x3x{e}>) -> tensor<3x3x{e}>\n"
                           f"%r = linalg.matmul ins(%a, %t : {t}, tensor<4x3x{e}>) outs(%f : tensor<3x3x{e}>) -> tensor<3x3x{e}>", A @ B.T),
        "reshaped": ("12", f"%s = {add} %a, %b : {t}\n%r = tensor.collapse_shape %s [[0, 1]] : {t} into tensor<12x{e}>", (A + B).ravel()),
    }


def text_of(e):
    """Each function once alone, and once with an argument added: work that calls have to do."""
    parts = []
    for name, (shape, body, _) in functions(e).items():
        r = f"tensor<{shape}x{e}>"
        begin = f"%a = {dense(A, e)}\n%b = {dense(B, e)}\n{body}\n"
        add = "arith.addf" if is_float(e) else "arith.addi"
        parts.append(f"func.func @{name}() -> {r} {{\n{begin}return %r : {r}\n}}\n"
                     f"func.func @{name}_added(%x: {r}) -> {r} {{\n{begin}%y = {add} %x, %r : {r}\nreturn %y : {r}\n}}\n")
    return "module @m {\n" + "".join(parts) + "}\n"


def main():
    suite = Suite()
    counts = count(text_of("f32"))
    for name in functions("f32"):
        suite.check_text(f"{name}: dispatches", counts[name][0], 0)
        suite.check_text(f"{name}, added: dispatches", counts[f"{name}_added"][0], 1)
    for e, dtype in DTYPES.items():
        with scratch() as directory:
            program = Program(text_of(e), directory)
            for name, (shape, _, value) in functions(e).items():
                expected = value.astype(dtype)
                x = np.arange(expected.size).reshape(expected.shape).astype(dtype)
                try:
                    suite.check(f"{name} of {e}", program.run(name, [])[0], expected)
                    suite.check(f"{name} of {e}, added", program.run(f"{name}_added", [x])[0], expected + x)
                except RuntimeError as error:
                    suite.error(f"{name} of {e}", error)
    suite.finish()


if __name__ == "__main__":
    main()
