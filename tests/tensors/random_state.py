#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random programs whose tensors live on: updates of slices while older values are still used, loops, branches and calls that carry
tensors, globals. random_state.py [--count N] [--seed S] [--only NUMBER] [flags of iree-compile].

Each is computed in Python, too, and runs on local-sync and local-task; those that fail are left as .mlir files. Needs iree-compile and
iree-run-module on PATH, and numpy."""

import argparse
import os
import subprocess
import sys
import tempfile

import numpy as np


class Program:
    """Text, and the same as functions on an environment of values by name."""

    def __init__(self, rng):
        self.rng, self.counter = rng, 0
        self.rows, self.columns = int(rng.integers(1, 9)), int(rng.integers(1, 9))
        self.is_dynamic = rng.random() < 0.5
        if rng.random() < 0.1:  # large enough for several workers
            self.rows, self.columns = [(300, 257), (3, 5000), (5000, 3)][int(rng.integers(3))]
        if rng.random() < 0.08:
            self.rows, self.columns = (0, self.columns) if rng.random() < 0.5 else (self.rows, 0)
        self.is_empty = self.rows * self.columns == 0
        self.type = "tensor<?x?xi32>" if self.is_dynamic else f"tensor<{self.rows}x{self.columns}xi32>"
        self.globals = {f"@g{i}": None for i in range(int(rng.integers(0, 3)))}
        self.functions = []
        text = "".join(f"util.global private mutable {g} = dense<{i + 1}> : {self.global_type()}\n" for i, g in enumerate(self.globals))
        for i in range(int(rng.integers(0, 4))):
            text += self.function(f"f{i}", False)
        self.text = text + self.function("main", True)

    def global_type(self):
        return f"tensor<{self.rows}x{self.columns}xi32>"

    def fresh(self):
        self.counter += 1
        return f"%v{self.counter}"

    def chance(self, p):
        return self.rng.random() < p

    def choose(self, items):
        return items[int(self.rng.integers(len(items)))]

    def recent(self, names):
        return names[max(int(self.rng.integers(len(names))), int(self.rng.integers(len(names))))]

    def function(self, name, is_public):
        count = int(self.rng.integers(1, 4))
        arguments = [f"%a{i}_{self.counter}" for i in range(count)]
        body = Body(self, arguments, ["%c0", "%c1"], 0)
        body.draw(int(self.rng.integers(3, 16 if is_public else 9)))
        results = [self.recent(body.names) for _ in range(int(self.rng.integers(1, 4)))]
        if is_public:
            for g in self.globals:
                results.append(body.load(g))
        else:
            self.functions.append((name, arguments, body, results))
        result_type = self.type
        if is_public and self.is_dynamic:  # an asynchronous export must know its results' sizes at once
            results = [body.fixed(r) for r in results]
            result_type = self.global_type()
        self.main = (arguments, body, results)
        types = ", ".join([result_type] * len(results))
        constants = f"  %c0 = arith.constant 0 : index\n  %c1 = arith.constant 1 : index\n  %rows = arith.constant {self.rows} : index\n  %columns = arith.constant {self.columns} : index\n"
        return (f"func.func {'' if is_public else 'private '}@{name}({', '.join(f'{a}: {self.type}' for a in arguments)}) -> ({types}) "
                f"{'' if is_public or self.chance(0.5) else 'attributes {noinline} '}{{\n{constants}" + "".join(f"  {line}\n" for line in body.lines) + f"  return {', '.join(results)} : {types}\n}}\n")

    def run(self, values):
        arguments, body, results = self.main
        state = {g: np.full((self.rows, self.columns), i + 1, np.int32) for i, g in enumerate(self.globals)}
        env = dict(zip(arguments, values))
        env.update({"%c0": 0, "%c1": 1, "globals": state})
        for step in body.steps:
            step(env)
        return [env[r] for r in results]


def execute(steps, env):
    for step in steps:
        step(env)


class Body:
    def __init__(self, program, names, indices, depth):
        self.p, self.names, self.indices, self.depth = program, list(names), list(indices), depth
        self.lines, self.steps = [], []

    def emit(self, text, value=None):
        """|text| with a new name; |value| computes it."""
        name = self.p.fresh()
        self.lines.append(f"{name} = {text}")
        if value:
            self.steps.append(lambda env: env.__setitem__(name, value(env)))
        return name

    def keep(self, name):
        self.names.append(name)
        return name

    def pick(self):
        return self.p.recent(self.names)

    def draw(self, count):
        kinds = [self.elementwise, self.element, self.move, self.move, self.move, self.row, self.norm, self.chain, self.chain, self.product, self.select, self.touch, self.reshaped,
                 self.pair, self.scatter, self.transfer, self.transfer]
        if self.depth < 3:
            kinds += [self.branch, self.loop, self.loop, self.loop, self.while_loop, self.forall, self.call, self.call]
        if self.p.is_empty:  # without an element
            kinds = [k for k in kinds if k in (self.elementwise, self.norm, self.chain, self.product, self.pair, self.touch, self.loop, self.while_loop, self.call)]
        for _ in range(count):
            self.p.choose(kinds)()

    # Numbers

    def index(self, limit):
        """An index from 0 to |limit|, of a loop, a constant or what a tensor holds."""
        if limit == 0:
            return "%c0"
        if self.p.chance(0.15) and self.p.rows:
            a = self.pick()
            x = self.emit(f"tensor.extract {a}[%c0, %c0] : {self.p.type}", lambda env: env[a][0, 0])
            c = self.emit(f"arith.constant {limit} : i32")
            m = self.emit(f"arith.remui {x}, {c} : i32", lambda env: int(np.uint32(env[x])) % limit)
            return self.emit(f"arith.index_cast {m} : i32 to index", lambda env: env[m])
        if self.p.chance(0.5):
            i = self.p.choose(self.indices)
            c = self.emit(f"arith.constant {limit + 1} : index")
            return self.emit(f"arith.remui {i}, {c} : index", lambda env: env[i] % (limit + 1))
        number = int(self.p.rng.integers(limit + 1))
        return self.emit(f"arith.constant {number} : index", lambda env: number)

    def flag(self):
        a, i, j = self.pick(), self.index(self.p.rows - 1), self.index(self.p.columns - 1)
        x = self.emit(f"tensor.extract {a}[{i}, {j}] : {self.p.type}", lambda env: env[a][env[i], env[j]])
        zero = self.emit("arith.constant 1 : i32")
        y = self.emit(f"arith.andi {x}, {zero} : i32", lambda env: env[x] & 1)
        return self.emit(f"arith.cmpi eq, {y}, {zero} : i32", lambda env: env[y] == 1)

    # Tensors

    def elementwise(self):
        a, b, op = self.pick(), self.pick(), self.p.choose(["addi", "subi", "muli", "xori", "maxsi"])
        f = {"addi": np.add, "subi": np.subtract, "muli": np.multiply, "xori": np.bitwise_xor, "maxsi": np.maximum}[op]
        self.keep(self.emit(f"arith.{op} {a}, {b} : {self.p.type}", lambda env: f(env[a], env[b])))

    def element(self):
        a, i, j = self.pick(), self.index(self.p.rows - 1), self.index(self.p.columns - 1)
        n = int(self.p.rng.integers(-50, 50))
        c = self.emit(f"arith.constant {n} : i32")

        def value(env):
            new = env[a].copy()
            new[env[i], env[j]] = n
            return new
        self.keep(self.emit(f"tensor.insert {c} into {a}[{i}, {j}] : {self.p.type}", value))

    def window(self):
        h, w = int(self.p.rng.integers(1, self.p.rows + 1)), int(self.p.rng.integers(1, self.p.columns + 1))
        return h, w

    def move(self):
        """A part of one tensor into another, or the same, perhaps computed on the way."""
        a = self.pick()
        b = a if self.p.chance(0.4) else self.pick()
        h, w = self.window()
        part = f"tensor<{h}x{w}xi32>"
        i, j = self.index(self.p.rows - h), self.index(self.p.columns - w)
        k, m = self.index(self.p.rows - h), self.index(self.p.columns - w)
        s = self.emit(f"tensor.extract_slice {b}[{i}, {j}] [{h}, {w}] [1, 1] : {self.p.type} to {part}",
                      lambda env: env[b][env[i]:env[i] + h, env[j]:env[j] + w].copy())
        if self.p.chance(0.3):
            t, old = self.pick(), s
            s = self.emit(f"arith.addi {old}, {old} : {part}", lambda env: env[old] + env[old])

        def value(env):
            new = env[a].copy()
            new[env[k]:env[k] + h, env[m]:env[m] + w] = env[s]
            return new
        self.keep(self.emit(f"tensor.insert_slice {s} into {a}[{k}, {m}] [{h}, {w}] [1, 1] : {part} into {self.p.type}", value))

    def row(self):
        """A row that is what a reduction of another tensor makes."""
        a, b, i = self.pick(), self.pick(), self.index(self.p.rows - 1)
        n, p = self.p.columns, self.p
        zero = self.emit("arith.constant 0 : i32")
        empty = self.emit(f"tensor.empty() : tensor<{n}xi32>")
        init = self.emit(f"linalg.fill ins({zero} : i32) outs({empty} : tensor<{n}xi32>) -> tensor<{n}xi32>")
        x = self.emit(f"tensor.cast {b} : {p.type} to tensor<{p.rows}x{n}xi32>" if p.is_dynamic else f"util.optimization_barrier {b} : {p.type}",
                      lambda env: env[b])
        sums = self.emit(f"linalg.reduce ins({x} : tensor<{p.rows}x{n}xi32>) outs({init} : tensor<{n}xi32>) dimensions = [0] (%x: i32, %y: i32) "
                         "{ %z = arith.addi %x, %y : i32 linalg.yield %z : i32 }", lambda env: env[x].sum(axis=0, dtype=np.int32))

        def value(env):
            new = env[a].copy()
            new[env[i]] = env[sums]
            return new
        self.keep(self.emit(f"tensor.insert_slice {sums} into {a}[{i}, 0] [1, {n}] [1, 1] : tensor<{n}xi32> into {p.type}", value))

    def like(self, a):
        if not self.p.is_dynamic:
            return self.emit(f"tensor.empty() : {self.p.type}")
        d0 = self.emit(f"tensor.dim {a}, %c0 : {self.p.type}")
        d1 = self.emit(f"tensor.dim {a}, %c1 : {self.p.type}")
        return self.emit(f"tensor.empty({d0}, {d1}) : {self.p.type}")

    def norm(self):
        """Less the largest of each row, plus the sum of another's row."""
        a, b, t = self.pick(), self.pick(), self.p.type
        v = "tensor<?xi32>" if self.p.is_dynamic else f"tensor<{self.p.rows}xi32>"
        low, zero = self.emit("arith.constant -2147483648 : i32"), self.emit("arith.constant 0 : i32")
        d0 = self.emit(f"tensor.dim {a}, %c0 : {t}")
        empty = self.emit(f"tensor.empty({d0 if self.p.is_dynamic else ''}) : {v}")
        lows = self.emit(f"linalg.fill ins({low} : i32) outs({empty} : {v}) -> {v}")
        zeros = self.emit(f"linalg.fill ins({zero} : i32) outs({empty} : {v}) -> {v}")
        most = self.emit(f"linalg.reduce ins({a} : {t}) outs({lows} : {v}) dimensions = [1] (%x: i32, %y: i32) {{ %z = arith.maxsi %x, %y : i32 linalg.yield %z : i32 }}",
                         lambda env: env[a].max(axis=1, initial=-2147483648))
        total = self.emit(f"linalg.reduce ins({b} : {t}) outs({zeros} : {v}) dimensions = [1] (%x: i32, %y: i32) {{ %z = arith.addi %x, %y : i32 linalg.yield %z : i32 }}",
                          lambda env: env[b].sum(axis=1, dtype=np.int32))
        out = self.like(a)
        maps = "affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i, j)>"
        self.keep(self.emit(f"linalg.generic {{indexing_maps = [{maps}], iterator_types = [\"parallel\", \"parallel\"]}} ins({a}, {most}, {total} : {t}, {v}, {v}) outs({out} : {t}) "
                            "{ ^bb0(%x: i32, %y: i32, %w: i32, %o: i32): %z = arith.subi %x, %y : i32 %q = arith.addi %z, %w : i32 linalg.yield %q : i32 } "
                            f"-> {t}", lambda env: env[a] - env[most][:, None] + env[total][:, None]))

    def reduce(self, inputs, axis, op, init=None):
        """What the products of |inputs| make along |axis|: a vector's name. |init|, a vector, is where it begins."""
        p, t = self.p, self.p.type
        length = [p.rows, p.columns][1 - axis]
        v = "tensor<?xi32>" if p.is_dynamic else f"tensor<{length}xi32>"
        if not init:
            zero = self.emit(f"arith.constant {0 if op == 'addi' else -2147483648} : i32")
            d = self.emit(f"tensor.dim {inputs[0]}, %c{1 - axis} : {t}")
            empty = self.emit(f"tensor.empty({d if p.is_dynamic else ''}) : {v}")
            init = self.emit(f"linalg.fill ins({zero} : i32) outs({empty} : {v}) -> {v}",
                             lambda env: np.full(length, 0 if op == "addi" else -2147483648, np.int32))
        loops = ["parallel", "reduction"] if axis == 1 else ["reduction", "parallel"]
        maps = ["affine_map<(i, j) -> (i, j)>"] * len(inputs) + [f"affine_map<(i, j) -> ({'ij'[1 - axis]})>"]
        product = "%x0" if len(inputs) == 1 else "%m"
        lines = "" if len(inputs) == 1 else "%m = arith.muli %x0, %x1 : i32 "
        arguments = ", ".join(f"%x{k}: i32" for k in range(len(inputs)))
        f = {"addi": lambda x: x.sum(axis=axis, dtype=np.int32), "maxsi": lambda x: x.max(axis=axis, initial=-2147483648)}[op]
        g = {"addi": np.add, "maxsi": np.maximum}[op]
        return v, self.emit(f"linalg.generic {{indexing_maps = [{', '.join(maps)}], iterator_types = [{', '.join(chr(34) + k + chr(34) for k in loops)}]}} "
                            f"ins({', '.join(inputs)} : {', '.join([t] * len(inputs))}) outs({init} : {v}) {{ ^bb0({arguments}, %o: i32): {lines}"
                            f"%y = arith.{op} %o, {product} : i32 linalg.yield %y : i32 }} -> {v}",
                            lambda env: g(env[init], f(env[inputs[0]] if len(inputs) == 1 else env[inputs[0]] * env[inputs[1]])))

    def spread(self, a, axis, v, vector):
        """|a| less the number of |vector| in its row, or column."""
        t, out = self.p.type, self.like(a)
        maps = f"affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> ({'ij'[1 - axis]})>, affine_map<(i, j) -> (i, j)>"
        return self.emit(f"linalg.generic {{indexing_maps = [{maps}], iterator_types = [\"parallel\", \"parallel\"]}} ins({a}, {vector} : {t}, {v}) outs({out} : {t}) "
                         f"{{ ^bb0(%x: i32, %y: i32, %o: i32): %z = arith.subi %x, %y : i32 linalg.yield %z : i32 }} -> {t}",
                         lambda env: env[a] - np.expand_dims(env[vector], axis))

    def chain(self):
        """Reductions and what follows them, as in a normalization: groups."""
        a, axis = self.pick(), int(self.p.rng.integers(2))
        vector = None
        for _ in range(int(self.p.rng.integers(1, 4))):
            if self.p.chance(0.2):
                axis, vector = 1 - axis, None
            if self.p.chance(0.2):
                vector = None
            inputs = [a, self.pick()] if self.p.chance(0.4) else [a]
            v, vector = self.reduce(inputs, axis, self.p.choose(["addi", "maxsi"]), vector)
            if self.p.chance(0.7):
                a = self.spread(a if self.p.chance(0.7) else self.pick(), axis, v, vector)
                if self.p.chance(0.4):
                    self.keep(a)
        self.keep(self.spread(a, axis, v, vector))

    def product(self):
        """a * b^T of a, then as much of it as fits: a matrix product with what comes before and after."""
        a, b, p = self.pick(), self.pick(), self.p
        if p.rows * p.rows * p.columns > 100000:
            return
        t, w = p.type, "tensor<?x?xi32>" if p.is_dynamic else f"tensor<{p.rows}x{p.rows}xi32>"
        d0 = self.emit(f"tensor.dim {a}, %c0 : {t}")
        empty = self.emit(f"tensor.empty({f'{d0}, {d0}' if p.is_dynamic else ''}) : {w}")
        zero = self.emit("arith.constant 0 : i32")
        init = self.emit(f"linalg.fill ins({zero} : i32) outs({empty} : {w}) -> {w}")
        maps = "affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (j, k)>, affine_map<(i, j, k) -> (i, j)>"
        body = "^bb0(%x: i32, %y: i32, %o: i32): %z = arith.muli %x, %y : i32 %q = arith.addi %o, %z : i32 linalg.yield %q : i32"
        square = self.emit(f"linalg.generic {{indexing_maps = [{maps}], iterator_types = [\"parallel\", \"parallel\", \"reduction\"]}} ins({a}, {b} : {t}, {t}) outs({init} : {w}) {{ {body} }} -> {w}",
                           lambda env: env[a] @ env[b].T)
        out, c = self.emit(f"tensor.empty({f'{d0}' if p.is_dynamic else ''}) : {'tensor<?xi32>' if p.is_dynamic else f'tensor<{p.rows}xi32>'}"), self.pick()
        v = "tensor<?xi32>" if p.is_dynamic else f"tensor<{p.rows}xi32>"
        ones = self.emit(f"linalg.fill ins({zero} : i32) outs({out} : {v}) -> {v}")
        along = int(p.rng.integers(2))
        total = self.emit(f"linalg.reduce ins({square} : {w}) outs({ones} : {v}) dimensions = [{along}] (%x: i32, %y: i32) {{ %z = arith.addi %x, %y : i32 linalg.yield %z : i32 }}",
                          lambda env: env[square].sum(axis=along, dtype=np.int32))
        self.keep(self.spread(c, 1, v, total))

    def pair(self):
        """Two results of one generic: the prefix of a group."""
        a, b, t = self.pick(), self.pick(), self.p.type
        o, q = self.like(a), self.like(a)
        name, m = self.p.fresh(), "affine_map<(i, j) -> (i, j)>"
        self.lines.append(f"{name}:2 = linalg.generic {{indexing_maps = [{m}, {m}, {m}, {m}], iterator_types = [\"parallel\", \"parallel\"]}} ins({a}, {b} : {t}, {t}) outs({o}, {q} : {t}, {t}) "
                          "{ ^bb0(%x: i32, %y: i32, %w: i32, %o: i32): %z = arith.subi %x, %y : i32 %q = arith.xori %z, %x : i32 linalg.yield %z, %q : i32, i32 } "
                          f"-> ({t}, {t})")
        self.steps.append(lambda env: env.update({f"{name}#0": env[a] - env[b], f"{name}#1": (env[a] - env[b]) ^ env[a]}))
        self.keep(f"{name}#0")
        self.keep(f"{name}#1")

    def scatter(self):
        """Elements at places that a tensor says."""
        a, b, p = self.pick(), self.pick(), self.p
        order = p.rng.permutation(p.rows)
        count = int(p.rng.integers(1, p.rows + 1))
        places = self.emit(f"arith.constant dense<{[[int(k)] for k in order[:count]]}> : tensor<{count}x1xi32>")
        whole = f"tensor<{p.rows}x{p.columns}xi32>"
        part = f"tensor<{count}x1x{p.columns}xi32>"
        x = self.emit(f"tensor.cast {b} : {p.type} to {whole}", lambda env: env[b]) if p.is_dynamic else b
        y = self.emit(f"tensor.cast {a} : {p.type} to {whole}", lambda env: env[a]) if p.is_dynamic else a
        backwards = self.emit(f"arith.constant dense<{[[int(k)] for k in order[:count][::-1]]}> : tensor<{count}x1xi32>")
        rows = self.emit(f"tensor.gather {x}[{backwards}] gather_dims([0]) unique : ({whole}, tensor<{count}x1xi32>) -> {part}", lambda env: env[x][order[:count][::-1]])

        def value(env):
            new = env[y].copy()
            new[order[:count]] = env[rows]
            return new
        name = self.emit(f"tensor.scatter {rows} into {y}[{places}] scatter_dims([0]) unique : ({part}, {whole}, tensor<{count}x1xi32>) -> {whole}", value)
        if p.is_dynamic:
            old = name
            name = self.emit(f"tensor.cast {old} : {whole} to {p.type}", lambda env: env[old])
        self.keep(name)

    def reshaped(self):
        """An element of the tensor as one row."""
        a, p = self.pick(), self.p
        size = p.rows * p.columns
        flat = "tensor<?xi32>" if p.is_dynamic else f"tensor<{size}xi32>"
        i = self.index(size - 1)
        x = self.emit(f"tensor.collapse_shape {a} [[0, 1]] : {p.type} into {flat}", lambda env: env[a].reshape(-1))
        n = int(p.rng.integers(-50, 50))
        c = self.emit(f"arith.constant {n} : i32")

        def value(env):
            new = env[x].copy()
            new[env[i]] = n
            return new
        y = self.emit(f"tensor.insert {c} into {x}[{i}] : {flat}", value)
        shape = "%rows, %columns" if p.is_dynamic else f"{p.rows}, {p.columns}"
        self.keep(self.emit(f"tensor.expand_shape {y} [[0, 1]] output_shape [{shape}] : {flat} into {p.type}", lambda env: env[y].reshape(p.rows, p.columns)))

    def select(self):
        c, a, b = self.flag(), self.pick(), self.pick()
        self.keep(self.emit(f"arith.select {c}, {a}, {b} : {self.p.type}", lambda env: env[a] if env[c] else env[b]))

    def touch(self):
        a = self.pick()
        self.keep(self.emit(f"util.optimization_barrier {a} : {self.p.type}", lambda env: env[a]))

    # Globals

    def load(self, g):
        p = self.p
        name = self.emit(f"util.global.load {g} : {p.global_type()}", lambda env: env["globals"][g])
        return self.keep(self.emit(f"tensor.cast {name} : {p.global_type()} to {p.type}", lambda env: env[name]) if p.is_dynamic else name)

    def fixed(self, a):
        return self.emit(f"tensor.cast {a} : {self.p.type} to {self.p.global_type()}", lambda env: env[a])

    def store(self, g, a):
        p = self.p
        name = self.fixed(a) if p.is_dynamic else a
        self.lines.append(f"util.global.store {name}, {g} : {p.global_type()}")
        self.steps.append(lambda env: env["globals"].__setitem__(g, env[name]))

    def transfer(self):
        if not self.p.globals:
            return
        g = self.p.choose(list(self.p.globals))
        kind = self.p.rng.random()
        if kind < 0.3:
            self.load(g)
        elif kind < 0.5:
            self.store(g, self.pick())
        else:
            self.load(g)
            for _ in range(int(self.p.rng.integers(1, 3))):
                self.p.choose([self.element, self.move, self.row, self.scatter, self.reshaped])()
            self.store(g, self.names[-1])

    # Control flow

    def inner(self, names, indices, count):
        body = Body(self.p, names, indices, self.depth + 1)
        body.draw(int(self.p.rng.integers(1, 5)))
        return body, [body.pick() for _ in range(count)]

    def branch(self):
        c, count = self.flag(), int(self.p.rng.integers(1, 3))
        sides = [self.inner(self.names, self.indices, count) for _ in range(2)]
        name, types = self.p.fresh(), ", ".join([self.p.type] * count)
        self.lines.append(f"{name}:{count} = scf.if {c} -> ({types}) {{")
        for k, (body, results) in enumerate(sides):
            self.lines += ["  " + line for line in body.lines] + [f"  scf.yield {', '.join(results)} : {types}", "} else {" if k == 0 else "}"]

        def step(env):
            body, results = sides[0 if env[c] else 1]
            execute(body.steps, env)
            env.update({f"{name}#{k}": env[r] for k, r in enumerate(results)})
        self.steps.append(step)
        for k in range(count):
            self.keep(f"{name}#{k}")

    def loop(self):
        count, rounds = int(self.p.rng.integers(1, 4)), int(self.p.rng.integers(0, 4))
        i, carried = self.p.fresh(), [self.p.fresh() for _ in range(count)]
        begin = [self.pick() for _ in range(count)]
        outer = [n for n in self.names if self.p.chance(0.4)]
        body, results = self.inner(outer + carried, self.indices + [i], count)
        high = self.emit(f"arith.constant {rounds} : index")
        name, types = self.p.fresh(), ", ".join([self.p.type] * count)
        pairs = ", ".join(f"{c} = {b}" for c, b in zip(carried, begin))
        self.lines.append(f"{name}:{count} = scf.for {i} = %c0 to {high} step %c1 iter_args({pairs}) -> ({types}) {{")
        self.lines += ["  " + line for line in body.lines] + [f"  scf.yield {', '.join(results)} : {types}", "}"]

        def step(env):
            values = [env[b] for b in begin]
            for k in range(rounds):
                env[i] = k
                env.update(zip(carried, values))
                execute(body.steps, env)
                values = [env[r] for r in results]
            env.update({f"{name}#{k}": v for k, v in enumerate(values)})
        self.steps.append(step)
        for k in range(count):
            self.keep(f"{name}#{k}")

    def while_loop(self):
        """The values of the round before go to what follows the condition, and out."""
        count, rounds, p = int(self.p.rng.integers(1, 4)), int(self.p.rng.integers(0, 4)), self.p
        begin, i = [self.pick() for _ in range(count)], p.fresh()
        carried, passed = [p.fresh() for _ in range(count)], [p.fresh() for _ in range(count)]
        outer = [n for n in self.names if p.chance(0.4)]
        before = Body(p, outer + carried, self.indices + [i], self.depth + 1)
        before.draw(int(p.rng.integers(0, 4)))
        given = [p.choose(before.names) for _ in range(count)]
        after, results = self.inner(outer + passed, self.indices, count)
        high = self.emit(f"arith.constant {rounds} : index")
        name, types, next_i, j, c = p.fresh(), ", ".join([p.type] * count), p.fresh(), p.fresh(), p.fresh()
        pairs = ", ".join(f"{x} = {b}" for x, b in zip(carried, begin))
        self.lines.append(f"{name}:{count + 1} = scf.while ({pairs}, {i} = %c0) : ({types}, index) -> ({types}, index) {{")
        self.lines += ["  " + line for line in before.lines]
        self.lines += [f"  {next_i} = arith.addi {i}, %c1 : index", f"  {c} = arith.cmpi slt, {i}, {high} : index",
                       f"  scf.condition({c}) {', '.join(given)}, {next_i} : {types}, index", "} do {",
                       f"^bb0({', '.join(f'{x}: {p.type}' for x in passed)}, {j}: index):"]
        self.lines += ["  " + line for line in after.lines] + [f"  scf.yield {', '.join(results)}, {j} : {types}, index", "}"]

        def step(env):
            values = [env[b] for b in begin]
            for k in range(rounds + 1):
                env[i] = k
                env.update(zip(carried, values))
                execute(before.steps, env)
                values = [env[g] for g in given]
                if k == rounds:
                    break
                env.update(zip(passed, values))
                execute(after.steps, env)
                values = [env[r] for r in results]
            env.update({f"{name}#{k}": v for k, v in enumerate(values)})
        self.steps.append(step)
        for k in range(count):
            self.keep(f"{name}#{k}")

    def forall(self):
        """Rows that are exchanged; what is read is the tensor before."""
        a, b, p = self.pick(), self.pick(), self.p
        if p.chance(0.6):
            b = a
        if p.rows > 50:
            return
        row, t, n = f"tensor<1x{p.columns}xi32>", p.type, p.fresh()[1:]
        last = self.emit(f"arith.constant {p.rows - 1} : index")
        self.keep(self.emit(f"scf.forall (%i{n}) in ({p.rows}) shared_outs(%o{n} = {a}) -> ({t}) {{ %k{n} = arith.subi {last}, %i{n} : index "
                            f"%x{n} = tensor.extract_slice {b}[%k{n}, 0] [1, {p.columns}] [1, 1] : {t} to {row} "
                            f"scf.forall.in_parallel {{ tensor.parallel_insert_slice %x{n} into %o{n}[%i{n}, 0] [1, {p.columns}] [1, 1] : {row} into {t} }} }}",
                            lambda env: env[b][::-1].copy()))

    def call(self):
        if not self.p.functions:
            return
        callee, arguments, body, results = self.p.choose(self.p.functions)
        given = [self.pick() for _ in arguments]
        name, t = self.p.fresh(), self.p.type
        self.lines.append(f"{name}:{len(results)} = func.call @{callee}({', '.join(given)}) : ({', '.join([t] * len(given))}) -> ({', '.join([t] * len(results))})")

        def step(env):
            local = {"%c0": 0, "%c1": 1, "globals": env["globals"], **{a: env[g] for a, g in zip(arguments, given)}}
            execute(body.steps, local)
            env.update({f"{name}#{k}": local[r] for k, r in enumerate(results)})
        self.steps.append(step)
        for k in range(len(results)):
            self.keep(f"{name}#{k}")


def failure(directory, flags, program, arguments, expected):
    path = os.path.join(directory, "p.vmfb")
    made = subprocess.run(["iree-compile", "--iree-hal-target-backends=llvm-cpu", *flags, "-", "-o", path], input=program.text, text=True,
                          capture_output=True, timeout=240)
    if made.returncode:
        return f"compile: {made.returncode}: {made.stderr[:3000]}"
    command = [f"--module={path}", "--function=main"]
    for i, value in enumerate(arguments):
        np.save(os.path.join(directory, f"in{i}.npy"), value)
        command.append(f"--input=@{directory}/in{i}.npy")
    for device in ["local-sync", "local-task"]:
        files = [os.path.join(directory, f"out{i}.npy") for i in range(len(expected))]
        run = subprocess.run(["iree-run-module", f"--device={device}", *command, *[f"--output=@{f}" for f in files]], text=True, capture_output=True, timeout=120)
        if run.returncode:
            return f"{device}: {run.returncode}: {run.stderr[:3000]}"
        for i, (value, file) in enumerate(zip(expected, files)):
            actual = np.load(file)
            if not np.array_equal(actual, value):
                return f"{device}: result {i} is\n{actual}\nnot\n{value}"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=200, help="how many programs (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="run the program of this number")
    parser.add_argument("--keep", default="random-state-failures", help="folder for programs that fail (default: %(default)s)")
    options, flags = parser.parse_known_args()
    numbers = range(options.count) if options.only is None else [options.only]
    found = 0
    with tempfile.TemporaryDirectory(prefix="tenon-state-") as directory:
        for number in numbers:
            rng = np.random.default_rng([options.seed, number])
            with np.errstate(all="ignore"):
                program = Program(rng)
                arguments = [rng.integers(-9, 10, (program.rows, program.columns)).astype(np.int32) for _ in program.main[0]]
                expected = program.run(arguments)
            try:
                wrong = failure(directory, flags, program, arguments, expected)
            except subprocess.TimeoutExpired as late:
                wrong = f"hang: {late}"
            if not wrong:
                continue
            found += 1
            os.makedirs(options.keep, exist_ok=True)
            with open(os.path.join(options.keep, f"seed{options.seed}-{number}.mlir"), "w", encoding="utf-8") as file:
                file.write("".join(f"// {line}\n" for line in wrong.splitlines()) + program.text)
            for i, value in enumerate(arguments):
                np.save(os.path.join(options.keep, f"seed{options.seed}-{number}-in{i}.npy"), value)
            print(f"FAILED program {number} of seed {options.seed}: {wrong[:1500]}", flush=True)
    print(f"{len(numbers)} programs of seed {options.seed}: {found} findings")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
