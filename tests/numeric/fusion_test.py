# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What becomes one dispatch, and what it costs: programs with their values, and how many dispatches, allocations and copied bytes each takes.
Then random programs of reductions, broadcasts and transpositions, which have values only."""

import re
import subprocess

import numpy as np

from harness import COMPILE_FLAGS, Program, Suite, scratch

F = "f32"
MIN = "0xFF800000"


class Text:
    """A function's body in the making; values are (name, shape with '?' for what is dynamic)."""

    def __init__(self):
        self.lines, self.count, self.sizes = [], 0, {}

    def name(self):
        self.count += 1
        return f"%v{self.count}"

    def add(self, line):
        self.lines.append("  " + line)

    def type(self, shape):
        return "tensor<" + "".join(f"{d}x" for d in shape) + F + ">"

    def argument(self, name, shape):
        for i, d in enumerate(shape):
            if isinstance(d, str) and d not in self.sizes:
                self.sizes[d] = self.name()
                self.add(f"{self.sizes[d]}c = arith.constant {i} : index")
                self.add(f"{self.sizes[d]} = tensor.dim {name}, {self.sizes[d]}c : {self.spell(shape)}")
        return name, tuple(shape)

    def spell(self, shape):
        return self.type(["?" if isinstance(d, str) else d for d in shape])

    def empty(self, shape):
        name = self.name()
        dims = ", ".join(self.sizes[d] for d in shape if isinstance(d, str))
        self.add(f"{name} = tensor.empty({dims}) : {self.spell(shape)}")
        return name

    def fill(self, number, shape):
        name, out = self.name(), self.empty(shape)
        self.add(f"{name}c = arith.constant {number} : {F}")
        self.add(f"{name} = linalg.fill ins({name}c : {F}) outs({out} : {self.spell(shape)}) -> {self.spell(shape)}")
        return name, shape

    def op(self, op, *operands):
        name = self.name()
        shape = operands[0][1]
        self.add(f"{name} = {op} {', '.join(o[0] for o in operands)} : {self.spell(shape)}")
        return name, shape

    def reduce(self, op, x, dim):
        shape = x[1][:dim] + x[1][dim + 1:]
        start = {"arith.addf": "0.0", "arith.mulf": "1.0", "arith.maximumf": MIN}[op]
        out, name = self.fill(start, shape)[0], self.name()
        self.add(f"{name} = linalg.reduce {{ {op} }} ins({x[0]} : {self.spell(x[1])}) outs({out} : {self.spell(shape)}) dimensions = [{dim}]")
        return name, shape

    def broadcast(self, x, dim, size):
        shape = x[1][:dim] + (size,) + x[1][dim:]
        out, name = self.empty(shape), self.name()
        self.add(f"{name} = linalg.broadcast ins({x[0]} : {self.spell(x[1])}) outs({out} : {self.spell(shape)}) dimensions = [{dim}]")
        return name, shape

    def transpose(self, x, permutation):
        shape = tuple(x[1][p] for p in permutation)
        out, name = self.empty(shape), self.name()
        self.add(f"{name} = linalg.transpose ins({x[0]} : {self.spell(x[1])}) outs({out} : {self.spell(shape)}) permutation = {list(permutation)}")
        return name, shape

    def matmul(self, a, b, begin=None):
        shape = a[1][:-1] + b[1][-1:]
        op = "linalg.matmul" if len(shape) == 2 else "linalg.batch_matmul"
        out, name = (begin or self.fill("0.0", shape))[0], self.name()
        self.add(f"{name} = {op} ins({a[0]}, {b[0]} : {self.spell(a[1])}, {self.spell(b[1])}) outs({out} : {self.spell(shape)}) -> {self.spell(shape)}")
        return name, shape

    def softmax(self, x, dim):
        out, name = self.empty(x[1]), self.name()
        self.add(f"{name} = linalg.softmax dimension({dim}) ins({x[0]} : {self.spell(x[1])}) outs({out} : {self.spell(x[1])}) -> {self.spell(x[1])}")
        return name, x[1]

    def slice(self, x, offsets, sizes):
        """With static offsets and sizes; 'n' stays whole."""
        name, shape = self.name(), tuple(sizes)
        spelled = ", ".join(self.sizes[d] if isinstance(d, str) else str(d) for d in sizes)
        self.add(f"{name} = tensor.extract_slice {x[0]}[{', '.join(map(str, offsets))}] [{spelled}] [{', '.join('1' for _ in sizes)}] : "
                 f"{self.spell(x[1])} to {self.spell(shape)}")
        return name, shape


def program(build, *shapes):
    """A function that takes tensors of |shapes|, where names are dynamic, and returns what |build| does: (signature, body)."""
    text = Text()
    arguments = [text.argument(f"%a{i}", shape) for i, shape in enumerate(shapes)]
    results = build(text, *arguments)
    results = results if isinstance(results, list) else [results]
    spelled = ", ".join(text.spell(s) for _, s in results)
    signature = "(" + ", ".join(f"{n}: {text.spell(s)}" for n, s in arguments) + f") -> ({spelled})"
    return signature, "\n".join(text.lines) + f"\n  return {', '.join(n for n, _ in results)} : {spelled}\n"


def softmax(x, axis=-1):
    e = np.exp(x - x.max(axis=axis, keepdims=True, initial=-np.inf))
    return e / e.sum(axis=axis, keepdims=True)


def relu(x):
    return np.maximum(x, 0)


#===----------------------------------------------------------------------===#
# The programs
#===----------------------------------------------------------------------===#


def softmax_in_generics(t, x):
    n, m = x[1]
    top = t.broadcast(t.reduce("arith.maximumf", x, 1), 1, m)
    e = t.op("math.exp", t.op("arith.subf", x, top))
    return t.op("arith.divf", e, t.broadcast(t.reduce("arith.addf", e, 1), 1, m))


def normalize(t, x, count, axis):
    """(x - mean) / sqrt(variance + 1)"""
    size, rest = x[1][axis], x[1][:axis] + x[1][axis + 1:]
    n = t.fill(f"{count}.0", rest)
    mean = t.op("arith.divf", t.reduce("arith.addf", x, axis), n)
    d = t.op("arith.subf", x, t.broadcast(mean, axis, size))
    variance = t.op("arith.divf", t.reduce("arith.addf", t.op("arith.mulf", d, d), axis), n)
    one = t.fill("1.0", rest)
    return t.op("arith.divf", d, t.broadcast(t.op("math.sqrt", t.op("arith.addf", variance, one)), axis, size))


def layer_norm(t, x, gamma, beta):
    n = x[1][0]
    y = t.op("arith.mulf", normalize(t, x, x[1][1], 1), t.broadcast(gamma, 0, n))
    return t.op("arith.addf", y, t.broadcast(beta, 0, n))


def normalized(x, axis):
    return (x - x.mean(axis=axis, keepdims=True)) / np.sqrt(x.var(axis=axis, keepdims=True) + 1)


def dense(t, x, w, bias):
    y = t.op("arith.addf", t.matmul(x, w), t.broadcast(bias, 0, x[1][0]))
    return t.op("arith.maximumf", y, t.fill("0.0", y[1]))


def attention(t, q, k, v):
    scores = t.matmul(q, t.transpose(k, (0, 2, 1)))
    return t.matmul(t.softmax(t.op("arith.mulf", scores, t.fill("0.25", scores[1])), 2), v)


def attended(q, k, v):
    return softmax(q @ k.transpose(0, 2, 1) * np.float32(0.25)) @ v


def chain(t, x, y):
    """Diamonds, of which all in between is used again."""
    a = t.op("arith.mulf", x, y)
    b = t.op("arith.subf", a, x)
    c = t.op("arith.addf", t.op("math.absf", b), a)
    return [t.op("arith.addf", c, b), c]


def transposes(t, x):
    y = t.transpose(t.op("arith.negf", x), (1, 0))
    return t.op("arith.addf", t.transpose(t.op("arith.mulf", y, y), (1, 0)), x)


def slices(t, x):
    n = x[1][0]
    left, right = t.slice(t.op("arith.negf", x), (0, 0), (n, 5)), t.slice(t.op("math.absf", x), (0, 2), (n, 5))
    return t.op("arith.mulf", left, right)


def padding(t, x):
    """By 1 on all sides."""
    name, y = t.name(), t.op("arith.negf", x)
    t.add(f"{name}p = arith.constant 3.0 : f32")
    t.add(f"{name} = tensor.pad {y[0]} low[1, 1] high[1, 1] {{\n  ^bb0(%i: index, %j: index):\n    tensor.yield {name}p : f32\n"
          f"  }} : {t.spell(x[1])} to {t.type((6, 9))}")
    return t.op("arith.addf", (name, (6, 9)), (name, (6, 9)))


def loop(t, x, w):
    name = t.name()
    t.add(f"{name}l = arith.constant 0 : index\n  {name}s = arith.constant 1 : index\n  {name}h = arith.constant 3 : index")
    t.add(f"{name} = scf.for %i = {name}l to {name}h step {name}s iter_args(%x = {x[0]}) -> {t.spell(x[1])} {{")
    inner = t.op("arith.addf", t.op("math.absf", t.matmul(("%x", x[1]), w)), ("%x", x[1]))
    t.add(f"scf.yield {inner[0]} : {t.spell(x[1])}\n  }}")
    return name, x[1]


def looped(x, w):
    for _ in range(3):
        x = np.abs(x @ w) + x
    return x


def kinds(t, x):
    return [t.reduce(op, x, 1) for op in ("arith.addf", "arith.maximumf", "arith.mulf")]


def reshaped(t, x):
    """4 x 6 to 24 and on."""
    y, name = t.op("arith.negf", x), t.name()
    t.add(f"{name} = tensor.collapse_shape {y[0]} [[0, 1]] : {t.spell(y[1])} into {t.type((24,))}")
    return t.op("math.absf", (name, (24,)))


def other_rows(t, x):
    """What one row's sum is divided by comes from another row."""
    n = x[1][0]
    return t.op("arith.subf", x, t.broadcast(t.reduce("arith.addf", x, 1), 0, n))


def neighbours(t, x):
    """Sums of rows, and of pairs of these."""
    s = t.reduce("arith.addf", x, 1)
    return t.op("arith.addf", t.slice(s, (0,), (4,)), t.slice(s, (1,), (4,)))


def costly_twice(t, x):
    """A producer that is better kept than computed twice, for a reduction of rows and what follows it."""
    y = x
    for _ in range(20):
        y = t.op("math.absf", t.op("arith.addf", t.op("arith.negf", y), x))
    return t.op("arith.subf", y, t.broadcast(t.reduce("arith.addf", y, 1), 1, x[1][1]))


def kept_twice(x):
    y = x
    for _ in range(20):
        y = np.abs(x - y)
    return y - y.sum(axis=1, keepdims=True)


def products(t, a, b, c):
    """The first product is what the second begins with."""
    first = t.matmul(a, b)
    return [t.matmul(a, c, first), first]


def with_begin(t, x, begin):
    """A sum that begins with a computed tensor, which is returned as well."""
    start, name = t.op("arith.mulf", begin, begin), t.name()
    t.add(f"{name} = linalg.reduce {{ arith.addf }} ins({x[0]} : {t.spell(x[1])}) outs({start[0]} : {t.spell(start[1])}) dimensions = [1]")
    return [(name, start[1]), start]


# Name: (build, shapes, value by numpy, dispatches, allocations, copied bytes)
PROGRAMS = {
    "softmax": (lambda t, x: t.softmax(x, 1), [("n", "m")], softmax, 1, 2, 0),
    "softmax of a vector": (lambda t, x: t.softmax(x, 0), [("n",)], softmax, 1, 2, 0),
    "softmax by columns": (lambda t, x: t.softmax(x, 1), [(3, 4, 5)], lambda x: softmax(x, 1), 4, 2, 0),
    "softmax in generics": (softmax_in_generics, [("n", "m")], softmax, 1, 2, 0),
    "layer norm": (layer_norm, [("n", 12), (12,), (12,)], lambda x, g, b: normalized(x, 1) * g + b, 1, 1, 0),
    "batch norm": (lambda t, x: normalize(t, x, 6, 0), [(6, 5)], lambda x: normalized(x, 0), 2, 2, 0),
    "dense layer": (dense, [("n", 8), (8, 7), (7,)], lambda x, w, b: relu(x @ w + b), 1, 1, 0),
    "perceptron": (lambda t, x, w, b, u, c: dense(t, dense(t, x, w, b), u, c), [("n", 8), (8, 7), (7,), (7, 3), (3,)],
                   lambda x, w, b, u, c: relu(relu(x @ w + b) @ u + c), 2, 2, 0),
    "attention": (attention, [(2, 5, 8)] * 3, attended, 3, 2, 0),
    "chain": (chain, [("n", 3), ("n", 3)], lambda x, y: [np.abs(x * y - x) + x * y + (x * y - x), np.abs(x * y - x) + x * y], 1, 2, 0),
    "transposes": (transposes, [("n", "m")], lambda x: x * x + x, 1, 1, 0),
    "slices": (slices, [("n", 7)], lambda x: -x[:, :5] * np.abs(x[:, 2:]), 1, 1, 0),
    "padding": (padding, [(4, 7)], lambda x: 2 * np.pad(-x, 1, constant_values=3), 1, 1, 0),
    "loop": (loop, [(4, 4), (4, 4)], looped, 1, 1, 64),
    "sums of several kinds": (kinds, [("n", "m")], lambda x: [x.sum(axis=1), x.max(axis=1, initial=-np.inf), x.prod(axis=1)], 1, 3, 0),
    "reshape": (reshaped, [(4, 6)], lambda x: np.abs(x).ravel(), 1, 1, 0),
    "sum of all": (lambda t, x: t.reduce("arith.addf", t.reduce("arith.addf", t.op("arith.mulf", x, x), 1), 0), [("n", "m")],
                   lambda x: np.array((x * x).sum(), np.float32), 2, 2, 0),
    "other rows": (other_rows, [(5, 5)], lambda x: x - x.sum(axis=1)[None, :], 2, 2, 0),
    "neighbours": (neighbours, [(5, 3)], lambda x: x.sum(axis=1)[:4] + x.sum(axis=1)[1:], 2, 2, 0),
    "costly twice": (costly_twice, [("n", "m")], kept_twice, 1, 2, 0),
    "products": (products, [(3, 4), (4, 5), (4, 5)], lambda a, b, c: [a @ b + a @ c, a @ b], 1, 2, 0),
    "beginning": (with_begin, [("n", "m"), ("n",)], lambda x, b: [x.sum(axis=1) + b * b, b * b], 1, 2, 0),
}
SIZES = [{"n": 5, "m": 7}, {"n": 1, "m": 1}, {"n": 33, "m": 130}, {"n": 0, "m": 3}]


def count(text):
    """Dispatches, allocations and copied bytes of each function; None for bytes that nobody knows."""
    command = ["iree-compile", "--iree-hal-target-backends=llvm-cpu", *COMPILE_FLAGS, "--compile-to=schedule", "-"]
    result = subprocess.run(command, input=text, text=True, capture_output=True)
    if result.returncode != 0:
        raise RuntimeError(result.stderr)
    counts = {}
    for part in result.stdout.split("func.func ")[1:]:
        name = re.search(r"@(\w+)", part)[1]
        executes, allocations = [len(re.findall(rf'"tenon\.{op}"', part)) for op in ("execute", "alloc")]
        copied = re.findall(r'"tenon\.(?:clone|copy)".*?type = tensor<([^>]*)>', part)
        sizes = [None if "?" in t else int(np.prod([int(d) for d in t.split("x")[:-1]])) * 4 for t in copied]
        found = [executes, allocations, None if None in sizes else sum(sizes)]
        counts.setdefault(name, found)
    return counts


def close(suite, label, actual, expected):
    expected = np.asarray(expected, np.float32)
    ok = actual.shape == expected.shape and np.allclose(actual, expected, rtol=2e-5, atol=2e-5)
    suite.check_text(label, f"{actual}" if not ok else "close", "close" if ok else f"{expected}")


def test_programs(suite, rng):
    texts = {}
    for i, (name, (build, shapes, *_)) in enumerate(PROGRAMS.items()):
        signature, body = program(build, *shapes)
        texts[name] = f"func.func @f{i}{signature} {{\n{body}}}\n"
    text = "module @m {\n" + "".join(texts.values()) + "}\n"
    counts = count(text)
    with scratch() as directory:
        common = Program(text, directory)
        for i, (name, (_, shapes, value, *costs)) in enumerate(PROGRAMS.items()):
            suite.check_text(f"{name}: dispatches, allocations, copied bytes", counts[f"f{i}"], costs)
            is_dynamic = any(isinstance(d, str) for shape in shapes for d in shape)
            for sizes in SIZES if is_dynamic else SIZES[:1]:
                inputs = [rng.standard_normal([sizes.get(d, d) for d in shape], dtype=np.float32) for shape in shapes]
                expected = value(*inputs)
                expected = expected if isinstance(expected, list) else [expected]
                try:
                    for a, e in zip(common.run(f"f{i}", inputs, len(expected)), expected):
                        close(suite, f"{name}, {sizes}", a, e)
                except RuntimeError as error:
                    suite.error(f"{name}, {sizes}", error)


#===----------------------------------------------------------------------===#
# Random programs
#===----------------------------------------------------------------------===#

UNARY = {"arith.negf": np.negative, "math.absf": np.abs}
BINARY = {"arith.addf": np.add, "arith.subf": np.subtract, "arith.maximumf": np.maximum}
REDUCE = {"arith.addf": np.add.reduce, "arith.maximumf": np.maximum.reduce}
DIMS = {"n": 3, "m": 4, "k": 2}


def random_program(rng):
    """(text of the function but its name, inputs, expected values). The numbers are small integers: sums are exact, in any order."""
    text = Text()
    values = []  # (value, what it is)
    inputs = []

    def shape_of(value):
        return tuple(DIMS.get(d, d) for d in value[1])

    for i in range(int(rng.integers(1, 4))):
        shape = tuple(rng.permutation(["n", "m", "k"])[:int(rng.integers(2, 4))].tolist())
        value = text.argument(f"%a{i}", shape)
        inputs.append(rng.integers(-3, 4, shape_of(value)).astype(np.float32))
        values.append((value, inputs[-1]))
    arguments = [v for v, _ in values]
    for _ in range(int(rng.integers(3, 13))):
        value, array = values[int(rng.integers(max(0, len(values) - 6), len(values)))]
        rank, kind = len(value[1]), rng.integers(7)
        if np.abs(array).max(initial=0) > 2**16:
            continue
        if kind == 0:
            op = str(rng.choice(list(UNARY)))
            values.append((text.op(op, value), UNARY[op](array)))
        elif kind in (1, 2) and rank > 0:
            op, dim = str(rng.choice(list(REDUCE))), int(rng.integers(rank))
            values.append((text.reduce(op, value, dim), REDUCE[op](array, axis=dim)))
        elif kind == 3 and rank < 4:
            free = [d for d in DIMS if d not in value[1] and d in text.sizes]
            if free:
                dim, size = int(rng.integers(rank + 1)), str(rng.choice(free))
                result = np.broadcast_to(np.expand_dims(array, dim), array.shape[:dim] + (DIMS[size],) + array.shape[dim:])
                values.append((text.broadcast(value, dim, size), result))
        elif kind == 4 and rank > 1:
            permutation = tuple(int(p) for p in rng.permutation(rank))
            values.append((text.transpose(value, permutation), array.transpose(permutation)))
        else:
            same = [v for v in values if v[0][1] == value[1]]
            other = same[int(rng.integers(len(same)))]
            op = str(rng.choice(list(BINARY)))
            values.append((text.op(op, value, other[0]), BINARY[op](array, other[1])))
    made = values[len(arguments):] or values
    results = [made[-1]] + [v for v in made[:-1] if rng.integers(6) == 0]
    spelled = ", ".join(text.spell(v[1]) for v, _ in results)
    signature = "(" + ", ".join(f"{n}: {text.spell(s)}" for n, s in arguments) + f") -> ({spelled})"
    body = "\n".join(text.lines) + f"\n  return {', '.join(v[0] for v, _ in results)} : {spelled}\n"
    return f"{signature} {{\n{body}}}\n", inputs, [np.array(a, np.float32) for _, a in results]


def test_random(suite, rng, count):
    cases = [random_program(rng) for _ in range(count)]
    text = "module @m {\n" + "".join(f"func.func @f{i}{case[0]}" for i, case in enumerate(cases)) + "}\n"
    with scratch() as directory:
        common = Program(text, directory)
        for i, (function, inputs, expected) in enumerate(cases):
            try:
                for a, e in zip(common.run(f"f{i}", inputs, len(expected)), expected):
                    if a.shape != e.shape or not np.array_equal(a, e):
                        suite.error(f"random program {i}", f"{a}, expected {e}\nfunc.func @f{function}{inputs}")
                    else:
                        suite.passed += 1
            except RuntimeError as error:
                suite.error(f"random program {i}", error)


def main():
    suite = Suite()
    test_programs(suite, np.random.default_rng(5))
    test_random(suite, np.random.default_rng(6), 60)
    suite.finish()


if __name__ == "__main__":
    main()
