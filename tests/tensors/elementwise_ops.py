# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Draws operations that work element by element. Each function adds one to the graph, or returns None where it can't."""

import numpy as np

import arith
from graph import Statement
from harness import DTYPES, is_float, tensor_type


def has_nan(*nodes):
    return any(is_float(n.element) and np.isnan(n.value).any() for n in nodes)


def is_integer(node):
    return not is_float(node.element)


def whole(*arrays):
    """Whether all elements are whole numbers."""
    return all(np.isfinite(a).all() and (a == np.trunc(a)).all() for a in arrays)


def matching(statement, other, like):
    """|other| as a tensor of |like|'s type."""
    return statement.cast(other, like.dynamic)


def binary(g):
    a = g.pick()
    b = g.pick_or_make(a.element, a.shape)
    table = arith.INTEGER_BINARY if is_integer(a) else arith.FLOAT_BINARY
    op = g.choose(list(table))
    with np.errstate(all="ignore"):
        if op in ("maxnumf", "minnumf") and ((a.value == 0) & (b.value == 0)).any():
            return None
        value = table[op](a.element, a.value, b.value) if is_integer(a) else arith.float_reference(a.element, table[op])(a.value, b.value)
    s = Statement(g, op)
    s.use(a)
    return s.finish(s.assign(f"arith.{op} {a.name}, {matching(s, b, a)} : {a.type}"), a.element, value, a.dynamic)


UNARY = {
    "arith.negf": lambda x: -x, "math.absf": np.abs, "math.floor": np.floor, "math.ceil": np.ceil,
    "math.trunc": np.trunc, "math.roundeven": np.rint, "math.sqrt": np.sqrt,
}


def unary(g):
    a = g.pick(lambda n: not is_integer(n))
    if not a:
        return None
    op = g.choose(list(UNARY))
    with np.errstate(all="ignore"):
        value = arith.float_reference(a.element, UNARY[op])(a.value)
    s = Statement(g, op)
    s.use(a)
    return s.finish(s.assign(f"{op} {a.name} : {a.type}"), a.element, value, a.dynamic)


def compare(g):
    a = g.pick()
    b = g.pick_or_make(a.element, a.shape)
    s = Statement(g, "compare")
    s.use(a)
    if is_integer(a):
        predicate = g.choose(list(arith.CMPI))
        value = arith.compare_integers(predicate, a.element, a.value, b.value)
        op = "cmpi"
    else:
        predicate = g.choose(list(arith.CMPF))
        with np.errstate(invalid="ignore"):
            value = arith.CMPF[predicate](a.value, b.value)
        op = "cmpf"
    return s.finish(s.assign(f"arith.{op} {predicate}, {a.name}, {matching(s, b, a)} : {a.type}"), "i1", value, a.dynamic)


def select(g):
    condition = g.pick(lambda n: n.element == "i1")
    if not condition:
        return None
    a = g.pick_or_make(g.choose(g.elements), condition.shape)
    b = g.pick_or_make(a.element, condition.shape)
    s = Statement(g, "select")
    s.use(a)
    text = f"arith.select {matching(s, condition, a)}, {a.name}, {matching(s, b, a)} : {tensor_type('i1', a.shape, a.dynamic)}, {a.type}"
    return s.finish(s.assign(text), a.element, np.where(condition.value, a.value, b.value), a.dynamic)


def convert(g):
    a = g.pick()
    found = [c for c in arith.conversions() if c[1] == a.element and c[2] in g.elements]
    if not found:
        return None
    op, _, to, reference = g.choose(found)
    if op == "bitcast" and has_nan(a):
        return None
    with np.errstate(all="ignore"):
        value = reference(a.value)
    s = Statement(g, op)
    s.use(a)
    return s.finish(s.assign(f"arith.{op} {a.name} : {a.type} to {tensor_type(to, a.shape, a.dynamic)}"), to, value, a.dynamic)


def generic_text(s, maps, iterators, ins, outs, body, captured=()):
    """A linalg.generic: ins and outs are (name, type, element); the body names its arguments %x0.. and %o0.. of this statement."""
    number = s.graph.counter
    arguments = [(f"%x{i}_{number}", e) for i, (_, _, e) in enumerate(ins)] + [(f"%o{i}_{number}", e) for i, (_, _, e) in enumerate(outs)]
    inputs = f"ins({', '.join(n for n, _, _ in ins)} : {', '.join(t for _, t, _ in ins)}) " if ins else ""
    types = ", ".join(t for _, t, _ in outs)
    names = {f"x{i}": arguments[i][0] for i in range(len(ins))} | {f"o{i}": arguments[len(ins) + i][0] for i in range(len(outs))}
    lines = "\n".join("  " + line for line in body(names))
    kinds = ", ".join(f'"{k}"' for k in iterators)
    return (f"linalg.generic {{indexing_maps = [{', '.join(maps)}], iterator_types = [{kinds}]}} {inputs}"
            f"outs({', '.join(n for n, _, _ in outs)} : {types}) {{\n"
            f"^bb0({', '.join(f'{n}: {e}' for n, e in arguments)}):\n{lines}\n}} -> " + (types if len(outs) == 1 else f"({types})"))


def affine(rank, results):
    return f"affine_map<({', '.join(f'd{i}' for i in range(rank))}) -> ({', '.join(results)})>"


def identity(rank):
    return affine(rank, [f"d{i}" for i in range(rank)])


BODY_OPS = {False: ["addi", "subi", "muli", "xori", "maxsi", "minui", "divsi", "remui"], True: ["addf", "subf", "mulf", "divf", "maximumf", "minimumf"]}


def broadcast_binary(g):
    """A generic that reads one operand along some of the loops only."""
    a = g.pick(lambda n: n.value.ndim)
    if not a:
        return None
    rank = a.value.ndim
    keep = [i for i in range(rank) if g.chance(0.5)]
    b = g.pick_or_make(a.element, tuple(a.shape[i] for i in keep))
    op = g.choose(BODY_OPS[is_float(a.element)])
    expanded = np.broadcast_to(b.value.reshape([a.shape[i] if i in keep else 1 for i in range(rank)]), a.shape)
    with np.errstate(all="ignore"):
        value = arith.INTEGER_BINARY[op](a.element, a.value, np.ascontiguousarray(expanded)) if is_integer(a) else arith.float_reference(a.element, arith.FLOAT_BINARY[op])(a.value, expanded)
    s = Statement(g, "broadcast " + op)
    s.use(a, b)
    empty = s.empty(a.element, a.shape, a.dynamic, lambda i: s.dim(a, i))

    def body(names):
        return [f"%y_{g.counter} = arith.{op} {names['x0']}, {names['x1']} : {a.element}", f"linalg.yield %y_{g.counter} : {a.element}"]
    maps = [identity(rank), affine(rank, [f"d{i}" for i in keep]), identity(rank)]
    text = generic_text(s, maps, ["parallel"] * rank, [(a.name, a.type, a.element), (b.name, b.type, b.element)], [(empty, a.type, a.element)], body)
    return s.finish(s.assign(text), a.element, value, a.dynamic)


def index_generic(g):
    """Adds linalg.index to the elements."""
    a = g.pick(lambda n: n.value.ndim and n.element in ("i8", "i16", "i32", "i64"))
    if not a:
        return None
    rank, axis = a.value.ndim, int(g.rng.integers(a.value.ndim))
    positions = np.arange(a.shape[axis]).reshape([-1 if i == axis else 1 for i in range(rank)])
    value = arith.wrap([int(v) + int(p) for v, p in zip(a.value.ravel(), np.broadcast_to(positions, a.shape).ravel())], a.element, a.shape)
    s = Statement(g, "linalg.index")
    s.use(a)
    empty = s.empty(a.element, a.shape, a.dynamic, lambda i: s.dim(a, i))

    def body(names):
        n = g.counter
        return [f"%i_{n} = linalg.index {axis} : index", f"%c_{n} = arith.index_cast %i_{n} : index to {a.element}",
                f"%y_{n} = arith.addi {names['x0']}, %c_{n} : {a.element}", f"linalg.yield %y_{n} : {a.element}"]
    text = generic_text(s, [identity(rank)] * 2, ["parallel"] * rank, [(a.name, a.type, a.element)], [(empty, a.type, a.element)], body)
    return s.finish(s.assign(text), a.element, value, a.dynamic)


def fill(g):
    element, shape = g.choose(g.elements), g.some_shape()
    number = g.some_values(element, (1,))[0]
    dynamic = g.some_dynamic(len(shape))
    s = Statement(g, "fill")
    name = s.filled(s.number(number, element), element, shape, dynamic, lambda i: s.run_time_index(shape[i]))
    return s.finish(name, element, np.full(shape, number, dtype=DTYPES[element]), dynamic)


OPS = [(binary, 8), (unary, 3), (compare, 2), (select, 3), (convert, 4), (broadcast_binary, 4), (index_generic, 2), (fill, 1)]
