# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Work that is large enough for a device to share it among its workers, and of sizes that no tile divides."""

import numpy as np

from elements import cast, from_ints, sample
from generics import generic
from prove import proves


@proves("arith.addi", ["i8", "i32"], [(300007,), (509, 1021)])
def addi(f, t, shape):
    a, b = f.input(t, sample(t, shape, f.rng, plain=True)), f.input(t, sample(t, shape, f.rng, plain=True))
    f.expect(f.op(f"arith.addi {a}, {b} : {a.type}", t, a.array + b.array))


@proves("linalg.transpose", ["i8", "f32"], [(509, 1021)])
def transpose(f, t, shape):
    a, out = f.input(t, sample(t, shape, f.rng)), f.empty(t, shape[::-1])
    f.expect(f.op(f"linalg.transpose ins({a} : {a.type}) outs({out} : {out.type}) permutation = [1, 0]", t, a.array.T.copy()))


@proves("linalg.matmul", ["i8_i32", "f32", "bf16_f32"], [(131, 67, 259), (1, 1021, 513), (1021, 1, 513)])
def matmul(f, t, shape):
    (m, n, k), (source, *target) = shape, t.split("_")
    target = target[0] if target else source
    a, b = f.input(source, sample(source, (m, k), f.rng, plain=True)), f.input(source, sample(source, (k, n), f.rng, plain=True))
    c = f.fill(target, (m, n), "0" if target == "i32" else "0.0")
    product = a.array.astype(np.float64) @ b.array.astype(np.float64)
    f.expect(f.op(f"linalg.matmul ins({a}, {b} : {a.type}, {b.type}) outs({c} : {c.type}) -> {c.type}", target,
                  product.astype(np.int32) if target == "i32" else cast(target, product)))


@proves("linalg.reduce", ["i32", "f32"], [((509, 1021), 0), ((509, 1021), 1), ((300007,), 0), ((3, 100003), 1)])
def reduce(f, t, shape):
    shape, dim = shape
    a = f.input(t, sample(t, shape, f.rng, plain=True))
    c = f.fill(t, tuple(n for d, n in enumerate(shape) if d != dim), "0" if t == "i32" else "0.0")
    total = a.array.astype(np.float64).sum(axis=dim)
    f.expect(f.op(f"linalg.reduce {{ arith.add{t[0]} }} ins({a} : {a.type}) outs({c} : {c.type}) dimensions = [{dim}]", t,
                  from_ints(t, [int(v) for v in np.ravel(total)], total.shape) if t == "i32" else cast(t, total)))


@proves("softmax", ["f32"], [(257, 1021)])
def softmax(f, t, shape):
    a, out = f.input(t, cast(t, f.rng.standard_normal(shape) * 3)), f.empty(t, shape)
    e = np.exp(a.array.astype(np.float64))
    f.expect(f.op(f"linalg.softmax dimension(1) ins({a} : {a.type}) outs({out} : {out.type}) -> {out.type}", t,
                  cast(t, e / e.sum(axis=1, keepdims=True))), atol=1e-6)


@proves("generic.gather", ["i16"], [(50021, 7)])
def gather(f, t, shape):
    count, columns = shape
    table, chosen = f.input(t, sample(t, (97, columns), f.rng)), f.input("i8", f.rng.integers(0, 97, count).astype(np.int8))
    body = ["%k = arith.index_cast %a_ : i8 to index", "%j = linalg.index 1 : index",
            f"%x = tensor.extract {table}[%k, %j] : {table.type}", f"linalg.yield %x : {t}"]
    f.expect(f.op(generic(f, ["(i, j) -> (i)", "(i, j) -> (i, j)"], "pp", [chosen], [f.empty(t, shape)], body), t,
                  table.array[chosen.array]))


@proves("tensor.pad", ["f32"], [(503, 601)])
def pad(f, t, shape):
    a = f.input(t, sample(t, shape, f.rng))
    zero = f.number(t, "0.0")
    result = np.pad(a.array, ((1, 2), (3, 0)))
    value = f.op(f"tensor.pad {a} low[1, 3] high[2, 0] {{\n  ^bb0(%i: index, %j: index):\n    tensor.yield {zero} : {t}\n"
                 f"  }} : {a.type} to {f.type(t, result.shape)}", t, result)
    f.expect(value)
