# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reading at computed indices in the bodies of linalg.generic."""

import numpy as np

from elements import sample
from generics import generic
from prove import proves


@proves("generic.reversed", ["i1", "i4", "i8", "bf16", "f64", "complex<f32>"], [(0,), (1,), (67,)])
def reversed_(f, t, shape):
    """Reads by an index that is computed."""
    n, = shape
    a = f.input(t, sample(t, shape, f.rng))
    last = f.index(n - 1) if n else f.index(0)
    body = ["%i = linalg.index 0 : index", f"%k = arith.subi {last}, %i : index", f"%x = tensor.extract {a}[%k] : {a.type}",
            f"linalg.yield %x : {t}"]
    f.expect(f.op(generic(f, ["(i) -> (i)"], "p", [], [f.empty(t, shape)], body), t, a.array[::-1].copy()))


@proves("generic.gather", ["i1", "i4", "i8", "i64", "f16", "bf16", "f32", "complex<f64>"], [(0, 5, 3), (7, 1, 1), (19, 9, 5), (3, 2, 0)])
def gather(f, t, shape):
    """Rows of a table."""
    count, rows, columns = shape
    table = f.input(t, sample(t, (rows, columns), f.rng))
    chosen = f.input("i32", f.rng.integers(0, rows, count).astype(np.int32))
    body = ["%k = arith.index_cast %a_ : i32 to index", "%j = linalg.index 1 : index",
            f"%x = tensor.extract {table}[%k, %j] : {table.type}", f"linalg.yield %x : {t}"]
    f.expect(f.op(generic(f, ["(i, j) -> (i)", "(i, j) -> (i, j)"], "pp", [chosen], [f.empty(t, (count, columns))], body), t,
                  table.array[chosen.array]))
