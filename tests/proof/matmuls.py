# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The matmul family of linalg, on numbers whose sums are exact in any order."""

import numpy as np

from elements import DTYPES, cast, from_ints, is_integer, sample, to_ints
from prove import proves

# Of the operands and the result where they differ.
TYPES = ["i4", "i8", "i16", "i32", "i64", "f16", "bf16", "f32", "f64", "complex<f32>", "complex<f64>",
         "i8_i32", "i8_i16", "f16_f32", "bf16_f32", "f32_f64"]
# m, n, k: empty in each, one, odd, a multiple of what a tile may be and not.
SHAPES = [(0, 3, 5), (3, 0, 5), (3, 5, 0), (1, 1, 1), (5, 7, 3), (16, 16, 16), (17, 33, 9), (1, 67, 4), (4, 1, 67)]
FEW_SHAPES = [(0, 3, 5), (3, 5, 0), (5, 7, 3), (17, 35, 9)]


def split(t):
    """Types of operands and result."""
    return t.split("_") if "_" in t else (t, t)


def product(t, equation, shape, *arrays):
    """einsum in the type |t|, wrapping; of |shape|, also where an operand is the same along a dimension of the result."""
    operands, result = equation.split("->")
    known = "".join(c for c in result if c in operands)
    wide = np.int64 if is_integer(t) else np.complex128 if "complex" in t else np.float64
    total = np.einsum(f"{operands}->{known}", *(a.astype(wide) for a in arrays))
    total = np.broadcast_to(total.reshape([n if c in operands else 1 for c, n in zip(result, shape)]), shape)
    return from_ints(t, [int(v) for v in total.ravel()], shape) if is_integer(t) else cast(t, total)


def plus(t, a, b):
    return from_ints(t, [x + y for x, y in zip(to_ints(t, a), to_ints(t, b))], a.shape) if is_integer(t) else cast(t, a + b)


def contraction(name, equation, shapes=FEW_SHAPES, types=TYPES, extra="", op=None):
    """A row for an operation on two operands that are indexed as |equation| says: letters m, n, k and b, of 2."""
    left, right, result = equation.replace("->", ",").split(",")

    @proves(f"linalg.{name}", types, shapes)
    def write(f, t, shape):
        size = dict(zip("mnkb", (*shape, 2)))
        source, target = split(t)

        def operand(kind, letters):
            return f.input(kind, sample(kind, tuple(size[c] for c in letters), f.rng, plain=True))
        a, b, c = operand(source, left), operand(source, right), operand(target, result)
        expected = plus(target, c.array, product(target, equation, c.array.shape, a.array, b.array))
        f.expect(f.op(f"linalg.{op or name} {extra} ins({a}, {b} : {a.type}, {b.type}) outs({c} : {c.type}) -> {c.type}",
                      target, expected))


def maps(loops, *results):
    return ("indexing_maps = ["
            + ", ".join(f"affine_map<({', '.join(loops)}) -> ({', '.join(r)})>" for r in results) + "]")


contraction("matmul", "mk,kn->mn", shapes=SHAPES)
contraction("batch_matmul", "bmk,bkn->bmn")
contraction("matvec", "mk,k->m")
contraction("vecmat", "k,kn->n")
contraction("batch_matvec", "bmk,bk->bm")
contraction("batch_vecmat", "bk,bkn->bn")
contraction("dot", "k,k->")
contraction("batch_reduce_matmul", "bmk,bkn->mn")
contraction("matmul.transpose_a", "km,kn->mn", extra=maps("mnk", "km", "kn", "mn"), op="matmul")
contraction("matmul.transpose_b", "mk,nk->mn", extra=maps("mnk", "mk", "nk", "mn"), op="matmul")
contraction("matmul.transpose_ab", "km,nk->mn", extra=maps("mnk", "km", "nk", "mn"), op="matmul")
contraction("matmul.broadcast_a", "k,kn->mn", extra=maps("mnk", "k", "kn", "mn"), op="matmul", types=["i32", "f32"])
contraction("batch_matmul.transpose_a", "bkm,bkn->bmn", extra=maps("bmnk", "bkm", "bkn", "bmn"), op="batch_matmul", types=["i32", "f32", "bf16_f32"])
contraction("batch_matmul.transpose_b", "bmk,bnk->bmn", extra=maps("bmnk", "bmk", "bnk", "bmn"), op="batch_matmul", types=["i32", "f32", "bf16_f32"])
contraction("contract", "kbm,nbk->nmb", extra=maps("bmnk", "kbm", "nbk", "nmb"), op="contract", types=["i16", "f32", "f16_f32", "complex<f32>"])


@proves("linalg.matmul.unsigned", ["i8_i32", "i4_i32", "i16_i64"], FEW_SHAPES)
def unsigned(f, t, shape):
    (m, n, k), (source, target) = shape, split(t)
    a, b = f.input(source, sample(source, (m, k), f.rng)), f.input(source, sample(source, (k, n), f.rng))
    c = f.fill(target, (m, n), "0")
    x, y = (np.array(to_ints(source, v.array, signed=False), np.int64).reshape(v.array.shape) for v in (a, b))
    f.expect(f.op("linalg.matmul {cast = #linalg.type_fn<cast_unsigned>} "
                  f"ins({a}, {b} : {a.type}, {b.type}) outs({c} : {c.type}) -> {c.type}",
                  target, from_ints(target, [int(v) for v in (x @ y).ravel()], (m, n))))


@proves("linalg.matmul.fill", ["i8_i32", "f32", "f16_f32", "bf16", "complex<f32>"], SHAPES)
def filled(f, t, shape):
    """As frontends write it: of zeros, with a bias and a clamp behind it."""
    (m, n, k), (source, target) = shape, split(t)
    a = f.input(source, sample(source, (m, k), f.rng, plain=True))
    b = f.input(source, sample(source, (k, n), f.rng, plain=True))
    c = f.fill(target, (m, n), "[0.0 : f32, 0.0 : f32]" if "complex" in t else "0" if is_integer(target) else "0.0")
    r = f.op(f"linalg.matmul ins({a}, {b} : {a.type}, {b.type}) outs({c} : {c.type}) -> {c.type}", target,
             product(target, "mk,kn->mn", (m, n), a.array, b.array))
    f.expect(r)
    if "complex" in t:
        return
    bias = f.input(target, sample(target, (n,), f.rng, plain=True))
    empty = f.empty(target, (m, n))
    suffix = "i" if is_integer(target) else "f"
    zero = f.number(target, "0" if is_integer(target) else "0.0")
    f.line(f"%relu = linalg.generic {{indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>, "
           f"affine_map<(i, j) -> (i, j)>], iterator_types = [\"parallel\", \"parallel\"]}} "
           f"ins({r}, {bias} : {r.type}, {bias.type}) outs({empty} : {empty.type}) {{")
    f.line(f"^bb0(%x: {target}, %y: {target}, %z: {target}):")
    f.line(f"  %s = arith.add{suffix} %x, %y : {target}")
    f.line(f"  %m = arith.{'maxsi' if is_integer(target) else 'maximumf'} %s, {zero} : {target}")
    f.line(f"  linalg.yield %m : {target}")
    f.line(f"}} -> {empty.type}")
    clamped = np.maximum(plus(target, r.array, np.broadcast_to(bias.array, (m, n))), DTYPES[target](0))
    f.expect(type(r)("%relu", target, clamped, r.dynamic))
