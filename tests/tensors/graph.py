# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A program on tensors in the making: operations in order, each with the value that it must have.

Values are known while a program is drawn, so an operation can be left out where its result isn't determined to the bit (a float sum whose
order matters, the bits of a NaN)."""

import numpy as np

import arith
from harness import DTYPES, bf16_bits, is_float, tensor_type

ELEMENTS = ["i1", "i4", "i8", "i16", "i32", "i64", "f16", "bf16", "f32", "f64"]
MAX_ELEMENTS = 40000  # of one tensor


class Node:
    """A tensor or a number: how it is computed, and what it is."""

    def __init__(self, name, element, value, dynamic=(), lines=(), inputs=(), label="argument"):
        self.name = name
        self.element = element
        self.value = value  # an array, or an int for a number that isn't an element
        self.dynamic = tuple(dynamic)  # the dimensions that are '?'
        self.lines = list(lines)  # of MLIR; none for an argument
        self.inputs = list(inputs)
        self.label = label

    @property
    def is_tensor(self):
        return isinstance(self.value, np.ndarray)

    @property
    def shape(self):
        return self.value.shape

    @property
    def type(self):
        return tensor_type(self.element, self.shape, self.dynamic) if self.is_tensor else self.element


class Statement:
    """The lines of one operation, and what it reads."""

    def __init__(self, graph, label):
        self.graph, self.label = graph, label
        self.lines, self.inputs = [], []

    def fresh(self):
        return self.graph.fresh()

    def use(self, *nodes):
        self.inputs += [n for n in nodes if n not in self.inputs]

    def line(self, text):
        self.lines.append(text)

    def assign(self, text):
        name = self.fresh()
        self.line(f"{name} = {text}")
        return name

    def index(self, value):
        return self.assign(f"arith.constant {value} : index")

    def number(self, value, element):
        """A constant scalar."""
        return self.assign(f"arith.constant {literal(value, element)}" + ("" if element == "i1" else f" : {element}"))

    def run_time_index(self, value):
        """An index that only the caller knows."""
        scalar = self.graph.scalar(value)
        self.use(scalar)
        return self.assign(f"arith.index_cast {scalar.name} : i32 to index")

    def dim(self, node, i):
        self.use(node)
        return self.assign(f"tensor.dim {node.name}, {self.index(i)} : {node.type}")

    def sizes(self, shape, dynamic, source):
        """The operands for the dynamic dimensions: source(i) gives a name."""
        return ", ".join(source(i) for i in range(len(shape)) if i in dynamic)

    def empty(self, element, shape, dynamic, source):
        return self.assign(f"tensor.empty({self.sizes(shape, dynamic, source)}) : {tensor_type(element, shape, dynamic)}")

    def filled(self, number, element, shape, dynamic, source):
        empty = self.empty(element, shape, dynamic, source)
        kind = tensor_type(element, shape, dynamic)
        return self.assign(f"linalg.fill ins({number} : {element}) outs({empty} : {kind}) -> {kind}")

    def cast(self, node, dynamic):
        """|node|'s name as a tensor type with these dynamic dimensions."""
        self.use(node)
        if tuple(sorted(dynamic)) == tuple(sorted(node.dynamic)):
            return node.name
        return self.assign(f"tensor.cast {node.name} : {node.type} to {tensor_type(node.element, node.shape, dynamic)}")

    def finish(self, name, element, value, dynamic=()):
        value = np.asarray(value, dtype=DTYPES[element])
        return self.graph.add(Node(name, element, value, dynamic, self.lines, self.inputs, self.label))


def raw(array, element):
    """As it lies in memory."""
    return bf16_bits(array) if element == "bf16" else array


def literal(value, element):
    """MLIR's spelling of a number: floats by their bits."""
    if element == "i1":
        return "true" if value else "false"
    if is_float(element):
        array = raw(np.array(value, dtype=DTYPES[element]), element)
        return "0x" + array.tobytes()[::-1].hex().upper()
    return str(int(value))


class Graph:
    def __init__(self, rng, elements):
        self.rng, self.elements = rng, elements
        self.nodes, self.counter = [], 0

    def fresh(self):
        self.counter += 1
        return f"%v{self.counter}"

    def add(self, node):
        self.nodes.append(node)
        return node

    def chance(self, probability):
        return self.rng.random() < probability

    def choose(self, items):
        return items[int(self.rng.integers(len(items)))]

    def some_dynamic(self, rank):
        if self.chance(0.35):
            return ()
        return tuple(i for i in range(rank) if self.chance(0.6))

    def some_values(self, element, shape):
        count = int(np.prod(shape, dtype=np.int64))
        if is_float(element) and self.chance(0.7):  # whole numbers, whose sums don't depend on the order
            return self.rng.integers(-4, 5, shape).astype(DTYPES[element])
        return arith.values(element, count, self.rng).reshape(shape)

    def some_shape(self):
        if self.chance(0.1):
            return ()
        sizes = [0, 1, 1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 31, 33, 64, 65, 100]
        while True:
            shape = tuple(int(self.choose(sizes)) for _ in range(self.rng.integers(1, 5)))
            if np.prod(shape) <= 4000 and (0 not in shape or self.chance(0.15)):
                return shape

    def argument(self, element, shape, value=None, dynamic=None):
        value = self.some_values(element, shape) if value is None else value
        dynamic = self.some_dynamic(len(shape)) if dynamic is None else dynamic
        return self.add(Node(self.fresh(), element, np.asarray(value, dtype=DTYPES[element]).reshape(shape), dynamic))

    def constant(self, element, shape):
        """A dense constant."""
        value = self.some_values(element, shape)
        if self.chance(0.3) and value.size:
            value = np.full(shape, value.flat[0])
        statement = Statement(self, "constant")
        splat = value.size and (value.tobytes() == np.full(shape, value.flat[0]).tobytes())
        if splat:
            body = literal(value.flat[0], element)
        else:
            in_hex = value.size and element not in ("i1", "i4")
            body = '"0x' + raw(value, element).tobytes().hex().upper() + '"' if in_hex else nested(value, element)
        name = statement.assign(f"arith.constant dense<{body}> : {tensor_type(element, shape)}")
        return statement.finish(name, element, value)

    def scalar(self, value):
        return self.add(Node(self.fresh(), "i32", int(value)))

    def tensors(self, wanted=lambda node: True):
        return [n for n in self.nodes if n.is_tensor and wanted(n)]

    def pick(self, wanted=lambda node: True):
        """One of the tensors, the later ones more often; None if there is none."""
        found = self.tensors(wanted)
        if not found:
            return None
        return found[max(int(self.rng.integers(len(found))), int(self.rng.integers(len(found))))]

    def pick_or_make(self, element, shape):
        node = self.pick(lambda n: n.element == element and n.shape == shape) if self.chance(0.7) else None
        if node:
            return node
        return self.constant(element, shape) if self.chance(0.3) else self.argument(element, shape)


def nested(value, element):
    if value.ndim == 0:
        return literal(value[()], element)
    return "[" + ", ".join(nested(v, element) for v in value) + "]" if value.size else ""


def needed(outputs, cut=()):
    """What is computed for |outputs|, in order of the graph; the nodes of |cut| are arguments."""
    wanted, todo = {}, list(outputs)
    while todo:
        node = todo.pop()
        if id(node) in wanted:
            continue
        wanted[id(node)] = node
        if node not in cut:
            todo += node.inputs
    return wanted


def function_text(name, graph, outputs, cut=()):
    """The function, and its arguments in order."""
    wanted = needed(outputs, cut)
    nodes = [n for n in graph.nodes if id(n) in wanted]
    arguments = [n for n in nodes if n in cut or not n.lines]
    text = f"func.func @{name}({', '.join(f'{n.name}: {n.type}' for n in arguments)}) -> ({', '.join(n.type for n in outputs)}) {{\n"
    for node in nodes:
        if node not in arguments:
            text += "".join(f"  {line}\n" for entry in node.lines for line in entry.split("\n"))
    text += f"  return {', '.join(n.name for n in outputs)} : {', '.join(n.type for n in outputs)}\n}}\n"
    return text, arguments
