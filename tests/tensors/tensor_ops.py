# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Draws operations of the tensor dialect, and control flow that carries tensors."""

import numpy as np

from elementwise_ops import generic_text, identity
from graph import MAX_ELEMENTS, Statement
from harness import DTYPES, tensor_type


class Entry:
    """An offset, size or stride: a constant of the program, or known at run time only."""

    def __init__(self, s, value, static):
        self.value, self.static = value, static
        self.text = str(value) if static else s.run_time_index(value)


def entries(s, values, may_be_static=None):
    return [Entry(s, v, s.graph.chance(0.5) and (may_be_static is None or may_be_static[i])) for i, v in enumerate(values)]


def offset_entries(s, offsets, shape):
    """MLIR takes no static offset in an empty dimension."""
    return entries(s, offsets, [n > 0 for n in shape])


def listed(items):
    return "[" + ", ".join(e.text for e in items) + "]"


def some_slice(g, shape):
    """offsets, sizes, strides inside of |shape|."""
    offsets, sizes, strides = [], [], []
    for n in shape:
        stride = int(g.choose([1, 1, 1, 2, 3]))
        size = int(g.rng.integers(0 if g.chance(0.1) else min(1, n), n + 1))
        while size and (size - 1) * stride >= n:
            stride, size = (1, size) if g.chance(0.5) else (stride, size // 2)
        room = n - ((size - 1) * stride + 1 if size else 0)
        offsets.append(min(int(g.rng.integers(0, room + 1)), max(n - 1, 0)))
        sizes.append(size)
        strides.append(stride)
    return offsets, sizes, strides


def window(offsets, sizes, strides):
    return tuple(slice(o, o + s * t, t) if s else slice(0, 0) for o, s, t in zip(offsets, sizes, strides))


def extract_slice(g):
    a = g.pick(lambda n: n.value.ndim)
    if not a:
        return None
    parts = some_slice(g, a.shape)
    s = Statement(g, "extract_slice")
    s.use(a)
    offsets, sizes, strides = offset_entries(s, parts[0], a.shape), entries(s, parts[1]), entries(s, parts[2])
    value = a.value[window(*parts)].copy()
    dynamic = tuple(i for i, e in enumerate(sizes) if not e.static)
    dropped = [i for i, e in enumerate(sizes) if e.static and e.value == 1 and g.chance(0.4)]
    if dropped:
        kept = [i for i in range(value.ndim) if i not in dropped]
        dynamic = tuple(j for j, i in enumerate(kept) if i in dynamic)
        value = value.reshape([value.shape[i] for i in kept])
    text = f"tensor.extract_slice {a.name}{listed(offsets)} {listed(sizes)} {listed(strides)} : {a.type} to {tensor_type(a.element, value.shape, dynamic)}"
    return s.finish(s.assign(text), a.element, value, dynamic)


def insert_slice(g):
    a = g.pick(lambda n: n.value.ndim)
    if not a:
        return None
    parts = some_slice(g, a.shape)
    source = g.pick_or_make(a.element, tuple(parts[1]))
    s = Statement(g, "insert_slice")
    s.use(a, source)
    offsets, strides = offset_entries(s, parts[0], a.shape), entries(s, parts[2])
    sizes = "[" + ", ".join(s.dim(source, i) if i in source.dynamic else str(n) for i, n in enumerate(source.shape)) + "]"
    value = a.value.copy()
    value[window(*parts)] = source.value
    text = f"tensor.insert_slice {source.name} into {a.name}{listed(offsets)} {sizes} {listed(strides)} : {source.type} into {a.type}"
    return s.finish(s.assign(text), a.element, value, a.dynamic)


def pad(g):
    a = g.pick(lambda n: n.value.ndim and n.value.size < 3000)
    if not a:
        return None
    rank = a.value.ndim
    low, high = ([int(v) for v in g.rng.integers(0, 4, rank)] for _ in range(2))
    number = g.some_values(a.element, (1,))[0]
    s = Statement(g, "pad")
    s.use(a)
    lows, highs = entries(s, low), entries(s, high)
    value = np.full([n + x + y for n, x, y in zip(a.shape, low, high)], number, dtype=DTYPES[a.element])
    value[tuple(slice(x, x + n) for n, x in zip(a.shape, low))] = a.value
    if value.size > MAX_ELEMENTS:
        return None
    dynamic = tuple(i for i in range(rank) if i in a.dynamic or not lows[i].static or not highs[i].static)
    filler = s.number(number, a.element)
    arguments = ", ".join(f"%i{i}_{g.counter}: index" for i in range(rank))
    text = (f"tensor.pad {a.name} low{listed(lows)} high{listed(highs)} {{\n^bb0({arguments}):\n  tensor.yield {filler} : {a.element}\n}} : "
            f"{a.type} to {tensor_type(a.element, value.shape, dynamic)}")
    return s.finish(s.assign(text), a.element, value, dynamic)


def concat(g):
    a = g.pick(lambda n: n.value.ndim)
    if not a:
        return None
    axis = int(g.rng.integers(a.value.ndim))
    shape = list(a.shape)
    shape[axis] = int(g.choose([0, 1, 3, a.shape[axis]]))
    b = g.pick_or_make(a.element, tuple(shape))
    if a.value.size + b.value.size > MAX_ELEMENTS:
        return None
    value = np.concatenate([a.value, b.value], axis=axis)
    # A dimension that any operand knows is static in the result.
    dynamic = tuple(i for i in range(value.ndim) if (i in a.dynamic or i in b.dynamic if i == axis else i in a.dynamic and i in b.dynamic))
    s = Statement(g, "concat")
    s.use(a, b)
    text = f"tensor.concat dim({axis}) {a.name}, {b.name} : ({a.type}, {b.type}) -> {tensor_type(a.element, value.shape, dynamic)}"
    return s.finish(s.assign(text), a.element, value, dynamic)


def collapse(g):
    a = g.pick(lambda n: n.value.ndim >= 2)
    if not a:
        return None
    at = int(g.rng.integers(a.value.ndim - 1))
    groups = [[i] for i in range(at)] + [[at, at + 1]] + [[i] for i in range(at + 2, a.value.ndim)]
    shape = tuple(int(np.prod([a.shape[i] for i in group])) for group in groups)
    dynamic = tuple(j for j, group in enumerate(groups) if any(i in a.dynamic for i in group))
    s = Statement(g, "collapse_shape")
    s.use(a)
    text = f"tensor.collapse_shape {a.name} {groups} : {a.type} into {tensor_type(a.element, shape, dynamic)}"
    return s.finish(s.assign(text), a.element, a.value.reshape(shape), dynamic)


def expand(g):
    a = g.pick(lambda n: 0 < n.value.ndim < 5)
    if not a:
        return None
    at = int(g.rng.integers(a.value.ndim))
    n = a.shape[at]
    divisors = [d for d in range(1, min(n, 12) + 1) if n % d == 0] or [1]
    inner = int(g.choose(divisors))
    groups = [[i] for i in range(at)] + [[at, at + 1]] + [[i + 1] for i in range(at + 1, a.value.ndim)]
    shape = a.shape[:at] + (n // inner, inner) + a.shape[at + 1:]
    dynamic = tuple(i if i < at else at if i == at else i + 1 for i in a.dynamic)
    s = Statement(g, "expand_shape")
    s.use(a)
    outer = s.run_time_index(n // inner) if at in a.dynamic else None
    sizes = [(outer if i == at else s.dim(a, i if i < at else i - 1)) if i in dynamic else str(d) for i, d in enumerate(shape)]
    text = f"tensor.expand_shape {a.name} {groups} output_shape [{', '.join(sizes)}] : {a.type} into {tensor_type(a.element, shape, dynamic)}"
    return s.finish(s.assign(text), a.element, a.value.reshape(shape), dynamic)


def gather_body(g):
    """A generic that reads a tensor at indices which another one holds."""
    a = g.pick(lambda n: n.value.ndim == 1 and n.value.size)
    if not a:
        return None
    shape = g.choose([(1,), (7,), (33,), (3, 5), ()])
    indices = g.argument("i32", shape, g.rng.integers(0, a.value.size, shape))
    s = Statement(g, "gather")
    s.use(a, indices)
    empty = s.empty(a.element, shape, indices.dynamic, lambda i: s.dim(indices, i))

    def body(names):
        n = g.counter
        return [f"%i_{n} = arith.index_cast {names['x0']} : i32 to index", f"%y_{n} = tensor.extract {a.name}[%i_{n}] : {a.type}",
                f"linalg.yield %y_{n} : {a.element}"]
    kind = tensor_type(a.element, shape, indices.dynamic)
    text = generic_text(s, [identity(len(shape))] * 2, ["parallel"] * len(shape), [(indices.name, indices.type, "i32")], [(empty, kind, a.element)], body)
    return s.finish(s.assign(text), a.element, a.value[indices.value], indices.dynamic)


def gather_and_scatter(g):
    """tensor.gather of whole rows, or tensor.scatter of them to different places."""
    a = g.pick(lambda n: n.value.ndim == 2 and n.shape[0])
    if not a:
        return None
    rows, columns = a.shape
    count = int(g.rng.integers(0, min(rows, 9) + 1))
    indices = g.argument(g.choose(["i32", "i64"]), (count, 1), g.rng.permutation(rows)[:count].reshape(count, 1), ())
    s = Statement(g, "tensor.gather")
    s.use(a, indices)
    kind = tensor_type(a.element, (count, 1, columns), (2,) if 1 in a.dynamic else ())
    rows_read = s.assign(f"tensor.gather {a.name}[{indices.name}] gather_dims([0]) unique : ({a.type}, {indices.type}) -> {kind}")
    taken = a.value[indices.value[:, 0]].reshape(count, 1, columns)
    if g.chance(0.5):
        return s.finish(rows_read, a.element, taken, (2,) if 1 in a.dynamic else ())
    s.label = "tensor.scatter"
    order = g.rng.permutation(rows)[:count]
    places = g.argument("i32", (count, 1), order.reshape(count, 1), ())
    target = g.pick_or_make(a.element, a.shape)
    s.use(places)
    dynamic = tuple(sorted({0} & set(target.dynamic) | {1} & set(a.dynamic)))
    into = s.cast(target, dynamic)
    value = target.value.copy()
    value[order] = taken[:, 0]
    whole = tensor_type(a.element, a.shape, dynamic)
    name = s.assign(f"tensor.scatter {rows_read} into {into}[{places.name}] scatter_dims([0]) unique : ({kind}, {whole}, {places.type}) -> {whole}")
    return s.finish(name, a.element, value, dynamic)


def reshape(g):
    """tensor.reshape to a shape that a tensor holds."""
    a = g.pick(lambda n: n.value.size)
    if not a:
        return None
    size = a.value.size
    first = int(g.choose([d for d in range(1, min(size, 40) + 1) if size % d == 0]))
    shape = g.choose([(size,), (first, size // first), (size // first, 1, first)])
    dims = g.argument("i32", (len(shape),), shape, ())
    dynamic = g.some_dynamic(len(shape))
    s = Statement(g, "reshape")
    s.use(a, dims)
    text = f"tensor.reshape {a.name}({dims.name}) : ({a.type}, {dims.type}) -> {tensor_type(a.element, shape, dynamic)}"
    return s.finish(s.assign(text), a.element, a.value.reshape(shape), dynamic)


def generate(g):
    """tensor.generate: the sum of the indices."""
    shape = g.some_shape()
    dynamic = g.some_dynamic(len(shape))
    value = np.zeros(shape, dtype=np.int64)
    for i, n in enumerate(shape):
        value += np.arange(n).reshape([-1 if j == i else 1 for j in range(len(shape))])
    s = Statement(g, "generate")
    sizes = s.sizes(shape, dynamic, lambda i: s.run_time_index(shape[i]))
    n = g.counter
    lines, last = [f"%z_{n} = arith.constant 0 : index"], f"%z_{n}"
    for i in range(len(shape)):
        lines.append(f"%s{i}_{n} = arith.addi {last}, %i{i}_{n} : index")
        last = f"%s{i}_{n}"
    lines += [f"%y_{n} = arith.index_cast {last} : index to i64", f"tensor.yield %y_{n} : i64"]
    arguments = ", ".join(f"%i{i}_{n}: index" for i in range(len(shape)))
    block = f"^bb0({arguments}):\n" if shape else ""
    text = f"tensor.generate {sizes} {{\n{block}" + "\n".join("  " + line for line in lines) + f"\n}} : {tensor_type('i64', shape, dynamic)}"
    return s.finish(s.assign(text), "i64", value, dynamic)


def insert(g):
    a = g.pick(lambda n: n.value.size and n.value.ndim)
    if not a:
        return None
    position = tuple(int(g.rng.integers(n)) for n in a.shape)
    number = g.some_values(a.element, (1,))[0]
    value = a.value.copy()
    value[position] = number
    s = Statement(g, "insert")
    s.use(a)
    indices = ", ".join(s.run_time_index(p) if g.chance(0.5) else s.index(p) for p in position)
    return s.finish(s.assign(f"tensor.insert {s.number(number, a.element)} into {a.name}[{indices}] : {a.type}"), a.element, value, a.dynamic)


def from_elements(g):
    a = g.pick(lambda n: n.value.size)
    if not a:
        return None
    count = int(g.rng.integers(1, 6))
    s = Statement(g, "from_elements")
    s.use(a)
    names, values = [], []
    for _ in range(count):
        position = tuple(int(g.rng.integers(n)) for n in a.shape)
        indices = ", ".join(s.index(p) for p in position)
        names.append(s.assign(f"tensor.extract {a.name}[{indices}] : {a.type}"))
        values.append(a.value[position])
    return s.finish(s.assign(f"tensor.from_elements {', '.join(names)} : {tensor_type(a.element, (count,))}"), a.element, np.array(values, dtype=DTYPES[a.element]))


def choose_by_if(g):
    """scf.if between two tensors, by a number of the caller's."""
    a = g.pick()
    b = g.pick_or_make(a.element, a.shape)
    condition = int(g.rng.integers(2))
    s = Statement(g, "scf.if")
    scalar = g.scalar(condition)
    s.use(a, scalar)
    other = s.cast(b, a.dynamic)
    flag = s.assign(f"arith.trunci {scalar.name} : i32 to i1")
    text = f"scf.if {flag} -> ({a.type}) {{\n  scf.yield {a.name} : {a.type}\n}} else {{\n  scf.yield {other} : {a.type}\n}}"
    return s.finish(s.assign(text), a.element, a.value if condition else b.value, a.dynamic)


def repeat(g):
    """scf.for that carries a tensor and doubles it a few times, or overwrites an element per round."""
    a = g.pick(lambda n: n.element in ("i8", "i16", "i32", "i64"))
    if not a:
        return None
    rounds = int(g.rng.integers(0, 5))
    s = Statement(g, "scf.for")
    s.use(a)
    low, high, step = s.index(0), s.run_time_index(rounds), s.index(1)
    n = g.counter
    value = a.value.copy()
    if a.value.ndim == 1 and a.value.size >= 5 and g.chance(0.6):
        value[:rounds] = np.arange(rounds)
        body = [f"%k_{n} = arith.index_cast %i_{n} : index to {a.element}", f"%y_{n} = tensor.insert %k_{n} into %t_{n}[%i_{n}] : {a.type}"]
    else:
        value = value << np.array(rounds, dtype=value.dtype)
        body = [f"%y_{n} = arith.addi %t_{n}, %t_{n} : {a.type}"]
    lines = "\n".join("  " + line for line in body + [f"scf.yield %y_{n} : {a.type}"])
    text = f"scf.for %i_{n} = {low} to {high} step {step} iter_args(%t_{n} = {a.name}) -> ({a.type}) {{\n{lines}\n}}"
    return s.finish(s.assign(text), a.element, value, a.dynamic)


OPS = [(extract_slice, 4), (insert_slice, 3), (pad, 3), (concat, 2), (collapse, 2), (expand, 2), (gather_body, 2), (generate, 1), (insert, 1),
       (gather_and_scatter, 2), (reshape, 2), (from_elements, 1), (choose_by_if, 2), (repeat, 2)]
