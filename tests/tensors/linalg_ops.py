# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Draws reductions, products and transpositions: operations of linalg whose result doesn't depend on the order of what they add."""

import numpy as np

import arith
from elementwise_ops import affine, generic_text, identity, is_integer, whole
from graph import Statement
from harness import DTYPES, WIDTH, is_float, tensor_type

DIGITS = {"f16": 11, "bf16": 8, "f32": 24, "f64": 53}

REDUCTIONS = {
    False: {"addi": 0, "muli": 1, "xori": 0, "maxsi": None, "minui": None},
    True: {"addf": 0.0, "maximumf": -np.inf, "minimumf": np.inf},
}


def sums_are_exact(element, magnitudes):
    """Whether adding these whole numbers gives the same in every order."""
    return bool(np.isfinite(magnitudes).all() and (magnitudes <= 2.0 ** DIGITS[element]).all())


def reduced(op, element, value, axes, start):
    """What a reduction of |value| over |axes| gives, element by element through Python for integers."""
    kept = [i for i in range(value.ndim) if i not in axes]
    rows = value.transpose(kept + list(axes)).reshape([value.shape[i] for i in kept] + [int(np.prod([value.shape[i] for i in axes]))])
    if is_float(element):
        if op == "addf":
            return rows.astype(np.float64).sum(axis=-1).astype(value.dtype) + np.zeros((), value.dtype)
        function = np.maximum.reduce if op == "maximumf" else np.minimum.reduce
        return np.asarray(function(rows, axis=-1, initial=start), dtype=value.dtype)
    result = np.full(rows.shape[:-1], start, dtype=value.dtype)
    for i in range(rows.shape[-1]):
        result = arith.INTEGER_BINARY[op](element, result, np.ascontiguousarray(rows[..., i]))
    return result


def has_both_zeros(value):
    zeros = np.signbit(value[value == 0])
    return zeros.any() and not zeros.all()


def reduction(g):
    """linalg.reduce, or a generic with its loops in any order."""
    a = g.pick(lambda n: 0 < n.value.ndim and n.value.size <= 4000)
    if not a:
        return None
    rank = a.value.ndim
    axes = [i for i in range(rank) if g.chance(0.5)] or [int(g.rng.integers(rank))]
    op, start = g.choose(list(REDUCTIONS[is_float(a.element)].items()))
    if start is None:
        start = np.array(a.value.flat[0] if a.value.size else 0)[()]
    if op == "addf":
        with np.errstate(all="ignore"):
            if not whole(a.value) or not sums_are_exact(a.element, np.abs(a.value.astype(np.float64)).sum(axis=tuple(axes))):
                return None
    if op in ("maximumf", "minimumf") and has_both_zeros(a.value):
        return None
    with np.errstate(all="ignore"):
        value = reduced(op, a.element, a.value, axes, start)
    kept = [i for i in range(rank) if i not in axes]
    dynamic = tuple(j for j, i in enumerate(kept) if i in a.dynamic)
    s = Statement(g, "reduce " + op)
    s.use(a)
    shape = tuple(a.shape[i] for i in kept)
    init = s.filled(s.number(start, a.element), a.element, shape, dynamic, lambda j: s.dim(a, kept[j]))
    kind = tensor_type(a.element, shape, dynamic)
    if g.chance(0.5):
        name = s.assign(f"linalg.reduce {{ arith.{op} }} ins({a.name} : {a.type}) outs({init} : {kind}) dimensions = [{', '.join(map(str, axes))}]")
    else:
        order = [int(i) for i in g.rng.permutation(rank)]  # dimension i is loop order[i]

        def body(names):
            n = g.counter
            return [f"%y_{n} = arith.{op} {names['o0']}, {names['x0']} : {a.element}", f"linalg.yield %y_{n} : {a.element}"]
        maps = [affine(rank, [f"d{order[i]}" for i in range(rank)]), affine(rank, [f"d{order[i]}" for i in kept])]
        iterators = ["reduction" if order.index(d) in axes else "parallel" for d in range(rank)]
        name = s.assign(generic_text(s, maps, iterators, [(a.name, a.type, a.element)], [(init, kind, a.element)], body))
    return s.finish(name, a.element, value, dynamic)


def product(element, a, b, subscripts, init):
    """einsum that wraps, or None where a float sum depends on the order."""
    if not is_float(element):
        exact = np.einsum(subscripts, a.astype(object), b.astype(object)) if a.size and b.size else np.zeros(init.shape, dtype=object)
        return arith.wrap([int(x) + int(y) for x, y in zip(np.asarray(exact).ravel(), init.ravel())], element, init.shape)
    wide = [x.astype(np.float64) for x in (a, b)]
    if not whole(a, b, init):
        return None
    if not sums_are_exact(element, np.einsum(subscripts, np.abs(wide[0]), np.abs(wide[1])) + np.abs(init.astype(np.float64))):
        return None
    return (np.einsum(subscripts, *wide) + init.astype(np.float64)).astype(DTYPES[element]) + np.zeros((), DTYPES[element])


# name: (subscripts); letters b m n k.
PRODUCTS = {
    "matmul": "mk,kn->mn", "matvec": "mk,k->m", "vecmat": "k,kn->n", "dot": "k,k->", "batch_matmul": "bmk,bkn->bmn",
    "batch_matvec": "bmk,bk->bm", "generic": "mk,nk->mn", "generic2": "km,kn->nm",
}


def multiply(g):
    name = g.choose(list(PRODUCTS))
    subscripts = PRODUCTS[name]
    left, rest = subscripts.split(",")
    right, out = rest.split("->")
    a = g.pick(lambda n: n.value.ndim == len(left) and n.element not in ("i1", "index") and n.value.size <= 4000)
    if not a:
        return None
    sizes = dict(zip(left, a.shape))
    for letter in right:
        sizes.setdefault(letter, int(g.choose([0, 1, 2, 5, 8, 13, 17, 32])))
    b = g.pick_or_make(a.element, tuple(sizes[c] for c in right))
    shape = tuple(sizes[c] for c in out)
    if np.prod(shape, dtype=np.int64) * sizes["k"] > 60000:
        return None
    start = int(g.choose([0, 0, 1, 3]))
    with np.errstate(all="ignore"):
        value = product(a.element, a.value, b.value, subscripts, np.full(shape, start, dtype=DTYPES[a.element]))
    if value is None:
        return None

    def is_dynamic(c):
        return left.index(c) in a.dynamic if c in left else right.index(c) in b.dynamic
    dynamic = tuple(i for i, c in enumerate(out) if is_dynamic(c))
    s = Statement(g, name)
    s.use(a, b)
    init = s.filled(s.number(start, a.element), a.element, shape, dynamic,
                    lambda i: s.dim(a, left.index(out[i])) if out[i] in left else s.dim(b, right.index(out[i])))
    kind = tensor_type(a.element, shape, dynamic)
    if name.startswith("generic"):
        letters = "".join(g.rng.permutation(sorted(sizes)))
        place = {c: f"d{i}" for i, c in enumerate(letters)}
        float_suffix = "f" if is_float(a.element) else "i"

        def body(names):
            n = g.counter
            return [f"%p_{n} = arith.mul{float_suffix} {names['x0']}, {names['x1']} : {a.element}",
                    f"%y_{n} = arith.add{float_suffix} {names['o0']}, %p_{n} : {a.element}", f"linalg.yield %y_{n} : {a.element}"]
        maps = [affine(len(letters), [place[c] for c in t]) for t in (left, right, out)]
        iterators = ["parallel" if c in out else "reduction" for c in letters]
        result = s.assign(generic_text(s, maps, iterators, [(a.name, a.type, a.element), (b.name, b.type, b.element)], [(init, kind, a.element)], body))
    else:
        result = s.assign(f"linalg.{name} ins({a.name}, {b.name} : {a.type}, {b.type}) outs({init} : {kind}) -> {kind}")
    return s.finish(result, a.element, value, dynamic)


def mixed_multiply(g):
    """i8 by i8 to i32: a generic whose body extends, or linalg.matmul, which does so itself."""
    a = g.pick(lambda n: n.value.ndim == 2 and n.element == "i8" and n.value.size <= 4000)
    if not a:
        return None
    m, k = a.shape
    n = int(g.choose([0, 1, 4, 7, 16, 33]))
    b = g.pick_or_make("i8", (k, n))
    if m * n * k > 60000:
        return None
    wide = a.value.astype(np.int64) @ b.value.astype(np.int64)
    value = arith.wrap([int(v) for v in wide.ravel()], "i32", wide.shape)
    dynamic = ((0,) if 0 in a.dynamic else ()) + ((1,) if 1 in b.dynamic else ())
    s = Statement(g, "mixed matmul")
    s.use(a, b)
    init = s.filled(s.number(0, "i32"), "i32", (m, n), dynamic, lambda i: s.dim(b, 1) if i else s.dim(a, 0))
    kind = tensor_type("i32", (m, n), dynamic)
    if g.chance(0.5):
        name = s.assign(f"linalg.matmul ins({a.name}, {b.name} : {a.type}, {b.type}) outs({init} : {kind}) -> {kind}")
    else:
        def body(names):
            c = g.counter
            return [f"%l_{c} = arith.extsi {names['x0']} : i8 to i32", f"%r_{c} = arith.extsi {names['x1']} : i8 to i32",
                    f"%p_{c} = arith.muli %l_{c}, %r_{c} : i32", f"%y_{c} = arith.addi {names['o0']}, %p_{c} : i32", f"linalg.yield %y_{c} : i32"]
        maps = [affine(3, ["d0", "d2"]), affine(3, ["d2", "d1"]), affine(3, ["d0", "d1"])]
        name = s.assign(generic_text(s, maps, ["parallel", "parallel", "reduction"], [(a.name, a.type, "i8"), (b.name, b.type, "i8")], [(init, kind, "i32")], body))
    return s.finish(name, "i32", value, dynamic)


def convolve(g):
    """A window that slides over the first dimension, with a stride and a dilation."""
    a = g.pick(lambda n: n.value.ndim in (1, 2) and n.element in ("i8", "i16", "i32", "i64", "f32", "f64") and n.shape[0] and n.value.size <= 2000)
    if not a:
        return None
    stride, dilation = int(g.choose([1, 2, 3])), int(g.choose([1, 1, 2]))
    size = int(g.rng.integers(1, 5))
    reach = (size - 1) * dilation
    if reach >= a.shape[0]:
        return None
    count = (a.shape[0] - 1 - reach) // stride + 1
    w = g.pick_or_make(a.element, (size,))
    windows = np.stack([a.value[j * dilation:j * dilation + (count - 1) * stride + 1:stride] for j in range(size)])
    letters = "ji"[:1] + "icd"[:a.value.ndim]
    zero = np.zeros((count,) + a.shape[1:], dtype=DTYPES[a.element])
    with np.errstate(all="ignore"):
        value = product(a.element, windows, w.value, f"{letters},j->{letters[1:]}", zero)
    if value is None:
        return None
    rank = a.value.ndim  # of the result, too; the last loop is the window's
    s = Statement(g, "convolution")
    s.use(a, w)
    dynamic = tuple(i for i in range(1, rank) if i in a.dynamic)
    if g.chance(0.5):
        dynamic = (0,) + dynamic
    init = s.filled(s.number(0, a.element), a.element, value.shape, dynamic, lambda i: s.dim(a, i) if i else s.run_time_index(count))
    suffix = "f" if is_float(a.element) else "i"

    def body(names):
        n = g.counter
        return [f"%p_{n} = arith.mul{suffix} {names['x0']}, {names['x1']} : {a.element}",
                f"%y_{n} = arith.add{suffix} {names['o0']}, %p_{n} : {a.element}", f"linalg.yield %y_{n} : {a.element}"]
    loops = [f"d{i}" for i in range(rank)]
    maps = [affine(rank + 1, [f"d0 * {stride} + d{rank} * {dilation}"] + loops[1:]), affine(rank + 1, [f"d{rank}"]), affine(rank + 1, loops)]
    kind = tensor_type(a.element, value.shape, dynamic)
    text = generic_text(s, maps, ["parallel"] * rank + ["reduction"], [(a.name, a.type, a.element), (w.name, w.type, w.element)], [(init, kind, a.element)], body)
    return s.finish(s.assign(text), a.element, value, dynamic)


def transpose(g):
    a = g.pick(lambda n: n.value.ndim)
    if not a:
        return None
    order = [int(i) for i in g.rng.permutation(a.value.ndim)]
    dynamic = tuple(i for i, o in enumerate(order) if o in a.dynamic)
    shape = tuple(a.shape[o] for o in order)
    s = Statement(g, "transpose")
    s.use(a)
    empty = s.empty(a.element, shape, dynamic, lambda i: s.dim(a, order[i]))
    text = f"linalg.transpose ins({a.name} : {a.type}) outs({empty} : {tensor_type(a.element, shape, dynamic)}) permutation = [{', '.join(map(str, order))}]"
    return s.finish(s.assign(text), a.element, np.ascontiguousarray(a.value.transpose(order)), dynamic)


def broadcast(g):
    a = g.pick(lambda n: n.value.ndim < 4 and n.value.size < 500)
    if not a:
        return None
    axis, size = int(g.rng.integers(a.value.ndim + 1)), int(g.choose([0, 1, 2, 3, 9]))
    shape = a.shape[:axis] + (size,) + a.shape[axis:]
    new_dynamic = g.chance(0.5)
    source = [i for i in range(len(shape)) if i != axis]
    dynamic = tuple(i for i in range(len(shape)) if (new_dynamic if i == axis else source.index(i) in a.dynamic))
    s = Statement(g, "broadcast")
    s.use(a)
    empty = s.empty(a.element, shape, dynamic, lambda i: s.run_time_index(size) if i == axis else s.dim(a, source.index(i)))
    text = f"linalg.broadcast ins({a.name} : {a.type}) outs({empty} : {tensor_type(a.element, shape, dynamic)}) dimensions = [{axis}]"
    return s.finish(s.assign(text), a.element, np.broadcast_to(np.expand_dims(a.value, axis), shape).copy(), dynamic)


def argmax(g):
    """A reduction with two results: the largest element of each row, and where it is."""
    a = g.pick(lambda n: n.value.ndim == 2 and is_integer(n) and n.element != "i1" and n.value.size <= 4000)
    if not a:
        return None
    rows, columns = a.shape
    least = -1 << (WIDTH[a.element] - 1)
    value = np.array([int(np.argmax(row)) if columns and row.max() > least else 0 for row in a.value], dtype=np.int64)
    dynamic = (0,) if 0 in a.dynamic else ()
    s = Statement(g, "argmax")
    s.use(a)
    init = s.filled(s.number(least, a.element), a.element, (rows,), dynamic, lambda i: s.dim(a, 0))
    init2 = s.filled(s.number(0, "i64"), "i64", (rows,), dynamic, lambda i: s.dim(a, 0))
    kinds = tensor_type(a.element, (rows,), dynamic), tensor_type("i64", (rows,), dynamic)

    def body(names):
        n = g.counter
        return [f"%i_{n} = linalg.index 1 : index", f"%j_{n} = arith.index_cast %i_{n} : index to i64",
                f"%c_{n} = arith.cmpi sgt, {names['x0']}, {names['o0']} : {a.element}",
                f"%m_{n} = arith.select %c_{n}, {names['x0']}, {names['o0']} : {a.element}",
                f"%w_{n} = arith.select %c_{n}, %j_{n}, {names['o1']} : i64", f"linalg.yield %m_{n}, %w_{n} : {a.element}, i64"]
    text = generic_text(s, [identity(2), affine(2, ["d0"]), affine(2, ["d0"])], ["parallel", "reduction"], [(a.name, a.type, a.element)],
                        [(init, kinds[0], a.element), (init2, kinds[1], "i64")], body)
    name = s.fresh()
    s.line(f"{name}:2 = {text}")
    second = s.assign(f"tensor.cast {name}#1 : {kinds[1]} to {kinds[1]}")
    return s.finish(second, "i64", value, dynamic)


OPS = [(reduction, 6), (multiply, 5), (transpose, 3), (broadcast, 2), (argmax, 1), (mixed_multiply, 2), (convolve, 2)]
