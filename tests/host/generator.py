# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Draws whole programs. The same seed and number give the same program, alone or among others."""

import random

from function_maker import FunctionMaker, draw_number
from interpreter import Interpreter, TooLong
from object_statements import REFS
from objects import Undefined
from semantics import Failure
from tree import BUFFER, NUMBERS, Block, Function, Global, Op, Program, Value


class ProgramMaker:
    def __init__(self, seed, number):
        self.rng = random.Random(f"{seed}:{number}")
        self.program = Program(f"p{number}")
        self.costs, self.callees, self.is_last = {}, [], False

    def types(self, low, high, refs=()):
        return [self.rng.choice(refs if refs and self.rng.random() < 0.2 else NUMBERS) for _ in range(self.rng.randint(low, high))]

    def signature(self, fueled):
        """Exports give buffers, of references, and take none."""
        program, public = self.program, self.is_last or self.rng.random() < 0.5
        args = ["i32"] * fueled + self.types(1, 4, () if public else REFS)
        results = self.types(1, 3, [BUFFER] if public else REFS)
        if self.rng.random() < 0.7:
            results = ["i64"] + results
        function = Function(f"{program.name}_f{len(program.functions)}", public,
                            [Value(f"a{i}", t) for i, t in enumerate(args)], results)
        program.functions.append(function)
        return function

    def maker(self, function, **more):
        return FunctionMaker(self.rng, function, self.program, list(self.callees), self.costs, **more)

    def done(self, function, cost):
        self.costs[function.name] = cost
        self.callees.append(function)
        if self.rng.random() < 0.15:
            self.program.optional[f"absent.{function.name}"] = function.name

    def plain(self):
        function = self.signature(False)
        maker = self.maker(function)
        maker.statements(self.rng.randint(2, 10))
        maker.finish()
        function.blocks = [Block([], maker.ops)]
        self.done(function, maker.cost)

    def recursive(self):
        """One or two functions that call themselves and each other with less fuel."""
        group = [self.signature(True) for _ in range(self.rng.randint(1, 2))]
        total = 0
        for function in group:
            maker = self.maker(function, recursive=group)
            limit = maker.literal(4, "i32")
            maker.fuel = maker.binary("minsi", function.args[0], limit)
            is_out = maker.compare("sle", maker.fuel, maker.literal(0, "i32"))
            maker.emit("cf.cond_br", [is_out], yes=(1, []), no=(2, []))
            entry, maker.ops = maker.ops, []
            shared = list(maker.scope)
            maker.finish()
            out, maker.ops, maker.scope = maker.ops, [], shared
            maker.statements(self.rng.randint(1, 6))
            maker.call()
            maker.finish()
            function.blocks = [Block([], entry), Block([], out), Block([], maker.ops)]
            total += maker.cost
        for function in group:
            self.done(function, total * 16)

    def deep(self):
        """Recursion without an end: the argument says how deep, which may be more than the stack holds."""
        function = self.signature(False)
        function.args, function.results = [Value("n", "i32"), Value("x", "i64")], ["i64"]
        maker = self.maker(function)
        is_out = maker.compare("sle", function.args[0], maker.literal(0, "i32"))
        maker.emit("cf.cond_br", [is_out], yes=(1, []), no=(2, []))
        entry, maker.ops = maker.ops, []
        maker.emit("func.return", [function.args[1]])
        out, maker.ops = maker.ops, []
        less = maker.binary("subi", function.args[0], maker.literal(1, "i32"))
        below = maker.emit("func.call", [less, maker.binary("addi", function.args[1], maker.constant("i64"))], ["i64"], callee=function.name)
        maker.emit("func.return", [maker.binary(self.rng.choice(["xori", "muli", "subi"]), below, function.args[1])])
        function.blocks = [Block([], entry), Block([], out), Block([], maker.ops)]
        function.public = True

    def graph(self):
        """Blocks in any order, which end when the fuel does that each of them burns: block 2i+1, then 2i+2 with its branch."""
        function = self.signature(False)
        maker, rng = self.maker(function), self.rng
        count, fuel = rng.randint(2, 5), rng.randint(2, 12)
        shapes = [["i32"] + self.types(0, 3, REFS) for _ in range(count)]
        exit_block = 2 * count + 1

        def edge(left):
            target = rng.randrange(count)
            return 2 * target + 1, [left] + [maker.value(t) for t in shapes[target][1:]]

        maker.statements(rng.randint(0, 3))
        maker.emit("cf.br", [], to=edge(maker.literal(fuel, "i32")))
        function.blocks, shared = [Block([], maker.ops)], list(maker.scope)
        maker.factor = fuel
        for shape in shapes:
            args = [maker.fresh(t) for t in shape]
            maker.ops, maker.scope = [], shared + args
            maker.statements(rng.randint(0, 4))
            left = maker.binary("subi", args[0], maker.literal(1, "i32"))
            is_out = maker.compare("sle", left, maker.literal(0, "i32"))
            results = [maker.value(t) for t in function.results]
            maker.emit("cf.cond_br", [is_out], yes=(exit_block, results), no=(len(function.blocks) + 1, []))
            function.blocks.append(Block(args, maker.ops))
            maker.ops = []
            self.branch(maker, edge, left)
            function.blocks.append(Block([], maker.ops))
        results = [maker.fresh(t) for t in function.results]
        function.blocks.append(Block(results, [Op("func.return", [], results)]))
        self.done(function, maker.cost)

    def branch(self, maker, edge, left):
        rng, kind = self.rng, self.rng.choice(["always", "two", "two", "two", "many", "many"])
        if kind == "always":
            maker.emit("cf.br", [], to=edge(left))
        elif kind == "two":
            flag = maker.value("i1")
            maker.emit("cf.cond_br", [flag], yes=edge(left), no=edge(left))
        else:
            type_name = rng.choice(["i8", "i32", "i64"])
            flag = maker.small(type_name, 3) if rng.random() < 0.8 else maker.value(type_name)
            cases = [(case, edge(left)) for case in rng.sample([0, 1, 2, 3, -1, 100], rng.randint(0, 4))]
            maker.emit("cf.switch", [flag], cases=cases, default=edge(left))

    def make_globals(self):
        """Those before are there already in an initializer. References always have one, and so are never null."""
        for i in range(self.rng.choice([0, 0, 1, 2, 3, 4])):
            is_ref = self.rng.random() < 0.35
            item = Global(f"{self.program.name}_g{i}", self.rng.choice(REFS if is_ref else NUMBERS), self.rng.random() < 0.7, None)
            if is_ref or self.rng.random() < 0.4:
                item.initial = self.initializer(item.type)
            elif self.rng.random() < 0.7 or not item.mutable:
                item.initial = draw_number(self.rng, item.type)
            self.program.globals.append(item)

    def initializer(self, type_name):
        """Operations, the last of which has the value. They don't fail: then there would be no context."""
        while True:
            maker = self.maker(Function("initializer", False, [], []))
            maker.statements(self.rng.randint(0, 4))
            maker.barrier(maker.value(type_name))
            attempt = Program("", [*self.program.globals, Global("attempt", type_name, False, maker.ops)])
            try:
                Interpreter(attempt)
                return maker.ops
            except (Failure, Undefined, TooLong):
                pass

    def make_calls(self):
        rng, program = self.rng, self.program
        exports = [f for f in program.functions if f.public]
        for function in exports:
            deep = [a.name for a in function.args] == ["n", "x"]
            for _ in range(rng.randint(2, 4)):
                arguments = [draw_number(rng, a.type) for a in function.args]
                if deep:
                    arguments[0] = rng.choice([0, 3, 40, 250, 10_000_000, 2**31 - 1])
                program.calls.append((function.name, arguments))
        rng.shuffle(program.calls)

    def make(self):
        self.make_globals()
        kinds = [self.plain, self.plain, self.recursive, self.graph, self.graph]
        count = self.rng.randint(1, 4)
        for i in range(count):
            self.is_last = i == count - 1
            self.rng.choice(kinds)()
        if self.rng.random() < 0.03:
            self.deep()
        self.make_calls()
        return self.program


def make_program(seed, number):
    return ProgramMaker(seed, number).make()
