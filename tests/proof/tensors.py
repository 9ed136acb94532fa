# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The tensor dialect and the linalg operations that move elements about, for elements of every type. In the dynamic form offsets,
sizes and strides are values that the compiler doesn't know, too."""

import numpy as np

from elements import COMPLEX, FLOATS, INTEGERS, encode, is_integer, sample
from prove import Value, proves

EVERY = INTEGERS + FLOATS + COMPLEX
ON_HOST = INTEGERS + FLOATS
# One of each size in memory, i1, and a float.
FEW = ["i1", "i4", "i16", "f32", "i64", "complex<f64>"]


def number_attribute(t, value):
    """A number of the type, to the bit."""
    if t == "i1":
        return "true" if value else "false"
    if is_integer(t):
        return f"{int(value)} : {t}"
    bits = int.from_bytes(encode(t, np.asarray(value).reshape(1)), "little")
    return f"0x{bits:0{len(encode(t, np.asarray(value).reshape(1))) * 2}X} : {t}"


def unknown_number(f, t, value):
    return f.new(f"util.unfoldable_constant {number_attribute(t, value)}")


def numbers(f, values):
    """[1, 2], or of values that are not known."""
    return "[" + ", ".join(f.index(v) if f.dynamic else str(v) for v in values) + "]"


def slices(offsets, sizes, strides):
    return tuple(slice(o, o + n * s, s) if n else slice(0, 0) for o, n, s in zip(offsets, sizes, strides))


# -- Elements

@proves("tensor.extract", ON_HOST, [(1,), (67,), (7, 19)])
def extract(f, t, shape):
    a = f.input(t, sample(t, shape, f.rng))
    for _ in range(3):
        place = [int(f.rng.integers(n)) for n in shape]
        x = f.new(f"tensor.extract {a}[{', '.join(f.index(i) for i in place)}] : {a.type}")
        f.line(f"check.expect_eq_const({x}, {number_attribute(t, a.array[tuple(place)])}) : {t}")


@proves("tensor.insert", ON_HOST, [(), (1,), (67,), (7, 19)])
def insert(f, t, shape):
    a, (x,) = f.input(t, sample(t, shape, f.rng)), sample(t, (1,), f.rng)
    place = [int(f.rng.integers(n)) for n in shape]
    result = a.array.copy()
    result[tuple(place)] = x
    f.expect(f.op(f"tensor.insert {unknown_number(f, t, x)} into {a}[{', '.join(f.index(i) for i in place)}] : {a.type}", t, result))
    f.expect(a)


@proves("tensor.splat", ON_HOST, [(), (0,), (67,), (7, 19), (3, 0, 5)])
def splat(f, t, shape):
    x, = sample(t, (1,), f.rng)
    dims = numbers(f, shape) if f.dynamic and shape else ""
    f.expect(f.op(f"tensor.splat {unknown_number(f, t, x)}{dims} : {f.type(t, shape)}", t, np.full(shape, x)))


@proves("tensor.from_elements", ON_HOST, [(), (1,), (5,), (2, 3)], forms=("static",))
def from_elements(f, t, shape):
    array = sample(t, shape, f.rng)
    values = ", ".join(unknown_number(f, t, x) for x in array.ravel())
    f.expect(f.op(f"tensor.from_elements {values} : {f.type(t, shape)}", t, array))


@proves("tensor.generate", ["i32", "index", "i8"], [(0,), (67,), (7, 19), (3, 0, 2)])
def generate(f, t, shape):
    dims = ", ".join(f.index(n) for n in shape) if f.dynamic else ""
    indices = [f"%i{d}" for d in range(len(shape))]
    f.line(f"%r = tensor.generate {dims} {{")
    f.line(f"^bb0({', '.join(f'{i}: index' for i in indices)}):")
    total = indices[0]
    for d, i in enumerate(indices[1:]):
        f.line(f"  %m{d} = arith.muli {total}, {total} : index")
        f.line(f"  %s{d} = arith.subi %m{d}, {i} : index")
        total = f"%s{d}"
    if t != "index":
        f.line(f"  %c = arith.index_cast {total} : index to {t}")
        total = "%c"
    f.line(f"  tensor.yield {total} : {t}")
    f.line(f"}} : {f.type(t, shape)}")
    grid = np.indices(shape)
    expected = grid[0]
    for d in range(1, len(shape)):
        expected = expected * expected - grid[d]
    f.expect(Value("%r", t, expected.astype({"i8": np.int8, "i32": np.int32}.get(t, np.int64)), f.dynamic))


# -- Parts. (shape, offsets, sizes, strides)

PARTS = [((67,), (3,), (17,), (1,)), ((67,), (1,), (22,), (3,)), ((7, 19), (2, 5), (5, 9), (1, 1)), ((7, 19), (1, 0), (3, 7), (2, 3)),
         ((4, 3, 9), (0, 1, 2), (4, 2, 0), (1, 1, 1)), ((7, 19), (0, 0), (7, 19), (1, 1))]
# What MLIR refuses of constants: nothing, at the end.
ENDS = [((5,), (5,), (0,), (1,)), ((0,), (0,), (0,), (1,)), ((7, 4), (2, 4), (3, 0), (2, 1))]


@proves("tensor.extract_slice", EVERY, PARTS)
@proves("tensor.extract_slice", EVERY, ENDS, forms=("dynamic",))
def extract_slice(f, t, shape):
    shape, offsets, sizes, strides = shape
    a = f.input(t, sample(t, shape, f.rng))
    f.expect(f.op(f"tensor.extract_slice {a}{numbers(f, offsets)} {numbers(f, sizes)} {numbers(f, strides)} : "
                  f"{a.type} to {f.type(t, sizes)}", t, a.array[slices(offsets, sizes, strides)].copy()))


@proves("tensor.extract_slice.row", FEW, [(1, 1), (7, 19)])
@proves("tensor.extract_slice.row", FEW, [(5, 0)], forms=("dynamic",))
def extract_row(f, t, shape):
    """Of a lower rank."""
    m, n = shape
    a, row = f.input(t, sample(t, shape, f.rng)), int(f.rng.integers(m))
    columns = f.index(n) if f.dynamic else n
    f.expect(f.op(f"tensor.extract_slice {a}[{f.index(row) if f.dynamic else row}, 0] [1, {columns}] [1, 1] : "
                  f"{a.type} to {f.type(t, (n,))}", t, a.array[row].copy()))


@proves("tensor.insert_slice", EVERY, PARTS)
@proves("tensor.insert_slice", EVERY, ENDS, forms=("dynamic",))
def insert_slice(f, t, shape):
    shape, offsets, sizes, strides = shape
    a, b = f.input(t, sample(t, shape, f.rng)), f.input(t, sample(t, sizes, f.rng))
    result = a.array.copy()
    result[slices(offsets, sizes, strides)] = b.array
    f.expect(f.op(f"tensor.insert_slice {b} into {a}{numbers(f, offsets)} {numbers(f, sizes)} {numbers(f, strides)} : "
                  f"{b.type} into {a.type}", t, result))
    f.expect(a)


@proves("tensor.insert_slice.column", FEW, [(1, 1), (7, 19)])
@proves("tensor.insert_slice.column", FEW, [(0, 5)], forms=("dynamic",))
def insert_column(f, t, shape):
    """Of a lower rank."""
    m, n = shape
    a, b, column = f.input(t, sample(t, shape, f.rng)), f.input(t, sample(t, (m,), f.rng)), int(f.rng.integers(n))
    result = a.array.copy()
    result[:, column] = b.array
    rows, place = (f.index(m), f.index(column)) if f.dynamic else (m, column)
    f.expect(f.op(f"tensor.insert_slice {b} into {a}[0, {place}] [{rows}, 1] [1, 1] : {b.type} into {a.type}", t, result))


@proves("scf.forall", FEW, [(0, 4), (1, 1), (5, 7), (16, 3)])
def forall(f, t, shape):
    """Writes the rows from the last to the first."""
    m, n = shape
    a, out = f.input(t, sample(t, shape, f.rng)), f.empty(t, shape)
    rows, columns, last = f.index(m), f.index(n) if f.dynamic else n, f.index(max(m - 1, 0))
    row = f.type(t, (n,)) if f.dynamic else f"tensor<{n}x{t}>"
    f.line(f"%r = scf.forall (%i) in ({rows}) shared_outs(%o = {out}) -> ({out.type}) {{")
    f.line(f"  %k = arith.subi {last}, %i : index")
    f.line(f"  %p = tensor.extract_slice {a}[%i, 0] [1, {columns}] [1, 1] : {a.type} to {row}")
    f.line("  scf.forall.in_parallel {")
    f.line(f"    tensor.parallel_insert_slice %p into %o[%k, 0] [1, {columns}] [1, 1] : {row} into {out.type}")
    f.line("  }")
    f.line("}")
    f.expect(Value("%r", t, a.array[::-1].copy(), f.dynamic))


@proves("tensor.concat", EVERY, [((67,), 0), ((7, 19), 0), ((7, 19), 1), ((0, 3), 0), ((3, 2, 4), 1)])
def concat(f, t, shape):
    shape, dim = shape
    other = tuple(n + 2 if d == dim else n for d, n in enumerate(shape))
    a, b, c = (f.input(t, sample(t, s, f.rng)) for s in (shape, other, shape))
    result = np.concatenate([a.array, b.array, c.array], axis=dim)
    f.expect(f.op(f"tensor.concat dim({dim}) {a}, {b}, {c} : ({a.type}, {b.type}, {c.type}) -> {f.type(t, result.shape)}", t, result))


# (shape, low, high)
PADS = [((5,), (2,), (3,)), ((67,), (0,), (1,)), ((0,), (1,), (2,)), ((7, 19), (1, 0), (0, 5)), ((3, 4), (0, 0), (0, 0)),
        ((2, 0, 3), (1, 1, 1), (0, 1, 2))]


@proves("tensor.pad", ON_HOST, PADS)
def pad(f, t, shape):
    shape, low, high = shape
    a, (x,) = f.input(t, sample(t, shape, f.rng)), sample(t, (1,), f.rng)
    result = np.pad(a.array, list(zip(low, high)), constant_values=x)
    number = unknown_number(f, t, x)
    f.line(f"%r = tensor.pad {a} low{numbers(f, low)} high{numbers(f, high)} {{")
    f.line(f"^bb0({', '.join(f'%i{d}: index' for d in range(len(shape)))}):")
    f.line(f"  tensor.yield {number} : {t}")
    f.line(f"}} : {a.type} to {f.type(t, result.shape)}")
    f.expect(Value("%r", t, result, f.dynamic))


# -- By tensors of indices

def narrow(f, value, shape):
    """A tensor as one of the type with |shape|, text such as ?x1."""
    if not f.dynamic:
        return value
    kind = f"tensor<{shape}x{value.t}>"
    result = Value(f.new(f"tensor.cast {value} : {value.type} to {kind}"), value.t, value.array, True)
    result.type = kind
    return result


@proves("tensor.gather", FEW, [(0, 5, 3), (7, 1, 1), (19, 9, 5)])
def gather(f, t, shape):
    count, rows, columns = shape
    a = f.input(t, sample(t, (rows, columns), f.rng))
    indices = narrow(f, f.input("index", f.rng.integers(0, rows, (count, 1))), "?x1")
    f.expect(f.op(f"tensor.gather {a}[{indices}] gather_dims([0]) : ({a.type}, {indices.type}) -> {f.type(t, (count, columns))}", t,
                  a.array[indices.array[:, 0]]))


@proves("tensor.scatter", FEW, [(0, 5, 3), (1, 1, 1), (4, 9, 5)])
def scatter(f, t, shape):
    count, rows, columns = shape
    a = f.input(t, sample(t, (rows, columns), f.rng))
    # The dimension that is scattered along is there, with one element.
    b = narrow(f, f.input(t, sample(t, (count, 1, columns), f.rng)), "?x1x?")
    indices = narrow(f, f.input("index", f.rng.permutation(rows)[:count].reshape(count, 1).astype(np.int64)), "?x1")
    result = a.array.copy()
    result[indices.array[:, 0]] = b.array[:, 0]
    f.expect(f.op(f"tensor.scatter {b} into {a}[{indices}] scatter_dims([0]) unique : ({b.type}, {a.type}, {indices.type}) -> {a.type}",
                  t, result))


# -- The same elements in another shape. (shape, groups, expanded shape)

GROUPS = [((12,), ((0, 1),), (3, 4)), ((6, 5), ((0, 1), (2,)), (2, 3, 5)), ((0, 6), ((0,), (1, 2)), (0, 2, 3)), ((1,), ((0, 1, 2),), (1, 1, 1))]


@proves("tensor.expand_shape", FEW, GROUPS)
def expand_shape(f, t, shape):
    shape, groups, expanded = shape
    a = f.input(t, sample(t, shape, f.rng))
    text = "[" + ", ".join(str(list(g)) for g in groups) + "]"
    f.expect(f.op(f"tensor.expand_shape {a} {text} output_shape {numbers(f, expanded)} : {a.type} into {f.type(t, expanded)}", t,
                  a.array.reshape(expanded)))


@proves("tensor.collapse_shape", FEW, GROUPS)
def collapse_shape(f, t, shape):
    shape, groups, expanded = shape
    a = f.input(t, sample(t, expanded, f.rng))
    text = "[" + ", ".join(str(list(g)) for g in groups) + "]"
    f.expect(f.op(f"tensor.collapse_shape {a} {text} : {a.type} into {f.type(t, shape)}", t, a.array.reshape(shape)))


@proves("tensor.reshape", FEW, [((12,), (3, 4)), ((4, 0), (0, 7)), ((6, 5), (30,)), ((1,), ())])
def reshape(f, t, shape):
    shape, target = shape
    a = f.input(t, sample(t, shape, f.rng))
    sizes = f.input("index", np.array(target, np.int64).reshape(len(target)))
    kind = sizes.static_type
    known = f.new(f"tensor.cast {sizes} : {sizes.type} to {kind}") if f.dynamic else sizes
    f.expect(f.op(f"tensor.reshape {a}({known}) : ({a.type}, {kind}) -> {f.type(t, target)}", t, a.array.reshape(target)))


@proves("tensor.cast", FEW, [(0,), (67,), (7, 19)])
def cast(f, t, shape):
    a = f.input(t, sample(t, shape, f.rng))
    b = f.new(f"tensor.cast {a} : {a.type} to {a.static_type}") if f.dynamic else str(a)
    f.line(f"check.expect_eq({b}, {b}) : {a.static_type}")
    open_type = "tensor<" + "?x" * len(shape) + t + ">"
    f.expect(Value(f.new(f"tensor.cast {b} : {a.static_type} to {open_type}"), t, a.array, True))


@proves("tensor.bitcast", ["f16_i16", "f32_i32", "i64_f64", "bf16_f16"], [(0,), (67,), (7, 19)])
def bitcast(f, t, shape):
    source, target = t.split("_")
    a = f.input(source, sample(source, shape, f.rng))
    bits = np.frombuffer(encode(source, a.array), {"i16": np.int16, "i32": np.int32, "f64": np.float64, "f16": np.float16}[target])
    f.expect(f.op(f"tensor.bitcast {a} : {a.type} to {f.type(target, shape)}", target, bits.reshape(shape)))


@proves("tensor.dim", ["i8", "complex<f32>"], [(0,), (67,), (7, 19, 0)])
def dim(f, t, shape):
    a = f.input(t, sample(t, shape, f.rng))
    for d, n in enumerate(shape):
        f.line(f"check.expect_eq_const({f.new(f'tensor.dim {a}, {f.index(d)} : {a.type}')}, {n} : index) : index")
    f.line(f"check.expect_eq_const({f.new(f'tensor.rank {a} : {a.type}')}, {len(shape)} : index) : index")


# -- linalg

@proves("linalg.transpose", EVERY, [(0, 5), (1, 1), (7, 19), (16, 16)])
def transpose(f, t, shape):
    a, out = f.input(t, sample(t, shape, f.rng)), f.empty(t, shape[::-1])
    f.expect(f.op(f"linalg.transpose ins({a} : {a.type}) outs({out} : {out.type}) permutation = [1, 0]", t, a.array.T.copy()))


@proves("linalg.transpose.three", FEW, [(3, 4, 5), (2, 0, 3)])
def transpose_three(f, t, shape):
    a, out = f.input(t, sample(t, shape, f.rng)), f.empty(t, (shape[2], shape[0], shape[1]))
    f.expect(f.op(f"linalg.transpose ins({a} : {a.type}) outs({out} : {out.type}) permutation = [2, 0, 1]", t,
                  a.array.transpose(2, 0, 1).copy()))


@proves("linalg.broadcast", EVERY, [(0,), (1,), (19,)])
def broadcast(f, t, shape):
    a, out = f.input(t, sample(t, shape, f.rng)), f.empty(t, (4, *shape, 2))
    f.expect(f.op(f"linalg.broadcast ins({a} : {a.type}) outs({out} : {out.type}) dimensions = [0, 2]", t,
                  np.broadcast_to(a.array[:, None], (4, *shape, 2)).copy()))


@proves("linalg.copy", FEW, [(), (0,), (67,), (7, 19)])
def copy(f, t, shape):
    a, out = f.input(t, sample(t, shape, f.rng)), f.empty(t, shape)
    f.expect(f.op(f"linalg.copy ins({a} : {a.type}) outs({out} : {out.type}) -> {out.type}", t, a.array))


@proves("linalg.fill", ON_HOST, [(), (0,), (67,), (7, 19)])
def fill(f, t, shape):
    (x,), out = sample(t, (1,), f.rng), f.empty(t, shape)
    f.expect(f.op(f"linalg.fill ins({unknown_number(f, t, x)} : {t}) outs({out} : {out.type}) -> {out.type}", t, np.full(shape, x)))
