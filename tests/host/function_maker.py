# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Draws the body of one function: operations on what is in scope, and structured control flow."""

import math

import semantics
from externals import EXTERNALS, FUNCTIONS
from object_statements import REFS, ObjectStatements
from tree import BUFFER, FLOATS, INTEGERS, NUMBERS, WIDTHS, Block, Op, Value

CORNERS = [0, 1, -1, 2, 3, 5, -7, 7, 8, 15, 16, 31, 32, 63, 64, 100, 255, 1 << 31, (1 << 31) - 1, 1 << 63, (1 << 63) - 1]
FLOAT_CORNERS = [0.0, -0.0, 1.0, -1.0, math.inf, -math.inf, math.nan, 0.5, -2.5, 3e9, 1e19, -1e19, 255.5, 127.5, -128.5, 1e-45, 5e-324,
                 3.4028234663852886e38, 1.7976931348623157e308, 1.1754943508222875e-38, 0.1, 16777217.0]
# None of them may be taken for a format.
MESSAGES = ["wrong", "value is {0}, not {1}", "100%s %d %n", 'a "quoted" \\ thing', "naïve", "two\nlines", "{", ""]
MAX_COST = 4000
CONVERSIONS = list(semantics.conversion_pairs())
CONVERSIONS_TO = {t: [c for c in CONVERSIONS if c[2] == t] for t in NUMBERS}


def draw_number(rng, type_name):
    if type_name == "i1":
        return rng.randint(0, 1)
    if type_name in WIDTHS:
        kind, width = rng.random(), WIDTHS[type_name]
        value = rng.choice(CORNERS + [1 << (width - 1), (1 << (width - 1)) - 1, width]) if kind < 0.5 else rng.randint(-9, 20) if kind < 0.8 else rng.getrandbits(64)
        return semantics.wrap(value, type_name)
    if rng.random() < 0.5:
        return semantics.rounded(rng.choice(FLOAT_CORNERS), type_name)
    return semantics.rounded(rng.gauss(0, 1) * 10.0 ** rng.randint(-3, 12), type_name)


class FunctionMaker(ObjectStatements):
    """|callees|: functions that may be called, with what they cost. |recursive|: those that take fuel, the fuel being %fuel here."""

    def __init__(self, rng, function, program, callees, costs, recursive=(), fuel=None):
        self.rng, self.function, self.program = rng, function, program
        self.callees, self.costs, self.recursive, self.fuel = callees, costs, recursive, fuel
        self.scope, self.ops, self.counter = list(function.args), [], 0
        self.factor = self.cost = 1
        self.depth = self.recursions = 0

    # Operations.

    def fresh(self, type_name):
        self.counter += 1
        return Value(f"v{self.counter}", type_name)

    def emit(self, kind, operands, result_types=(), regions=(), **attrs):
        results = [self.fresh(t) for t in result_types]
        self.ops.append(Op(kind, results, list(operands), attrs, list(regions)))
        self.scope += results
        self.cost += self.factor
        return results[0] if len(results) == 1 else results

    def literal(self, value, type_name):
        return self.emit("arith.constant", [], [type_name], value=value)

    def constant(self, type_name):
        value = self.literal(draw_number(self.rng, type_name), type_name)
        return self.barrier(value) if self.rng.random() < 0.3 else value

    def barrier(self, value):
        """Of whose results the compiler knows nothing."""
        return self.emit("util.optimization_barrier", [value], [value.type])

    def value(self, type_name):
        """Something of that type: preferably what was made last."""
        there = [v for v in self.scope if v.type == type_name]
        if there and self.rng.random() < 0.85:
            return there[max(self.rng.randrange(len(there)), self.rng.randrange(len(there)))]
        if type_name not in NUMBERS:
            return self.new_object(type_name)
        if self.rng.random() < 0.5:
            pair = self.rng.choice(CONVERSIONS_TO[type_name])
            sources = [v for v in self.scope if v.type == pair[1]]
            if sources:
                return self.convert(pair, self.rng.choice(sources))
        return self.constant(type_name)

    def convert(self, pair, value):
        name, source, to = pair
        if name == "bitcast" and source in FLOATS:
            value = self.without_nan(value)
        return self.emit(f"arith.{name}", [value], [to], converts=True)

    def without_nan(self, value):
        """What the bits of a NaN are is nobody's promise."""
        is_nan = self.emit("arith.cmpf", [value, value], ["i1"], predicate="uno")
        return self.emit("arith.select", [is_nan, self.literal(0.0, value.type), value], [value.type])

    def binary(self, name, a, b):
        return self.emit(f"arith.{name}", [a, b], [a.type])

    def compare(self, predicate, a, b):
        return self.emit("arith.cmpi", [a, b], ["i1"], predicate=predicate)

    # Statements.

    def integer_binary(self):
        type_name, name = self.rng.choice(INTEGERS), self.rng.choice(semantics.INTEGER_BINARY)
        a, b = self.value(type_name), self.value(type_name)
        if name not in semantics.DIVISIONS:
            self.binary(name, a, b)
        elif self.rng.random() < 0.12:
            # What nothing needs is not computed; so it is given to a function outside.
            self.needed(self.emit(f"arith.{name}", [a, b], [type_name], may_fail=True))
        else:
            is_zero = self.compare("eq", b, self.literal(0, type_name))
            safe = self.emit("arith.select", [is_zero, self.literal(1, type_name), b], [type_name])
            self.binary(name, a, safe)

    def float_binary(self):
        type_name, name = self.rng.choice(FLOATS), self.rng.choice(list(semantics.FLOAT_BINARY))
        result = self.binary(name, self.value(type_name), self.value(type_name))
        if "num" in name:  # of two zeros either will do: then both become +0
            self.scope.remove(result)
            self.binary("addf", result, self.literal(0.0, type_name))

    def extended(self):
        type_name, name = self.rng.choice(INTEGERS), self.rng.choice(semantics.EXTENDED)
        second = "i1" if name == "addui_extended" else type_name
        self.emit(f"arith.{name}", [self.value(type_name), self.value(type_name)], [type_name, second])

    def unary(self):
        type_name = self.rng.choice(NUMBERS)
        if type_name in WIDTHS:
            self.emit(self.rng.choice(list(semantics.INTEGER_UNARY)), [self.value(type_name)], [type_name])
        else:
            self.emit(self.rng.choice([*semantics.FLOAT_UNARY, "arith.negf"]), [self.value(type_name)], [type_name])

    def mathematics(self):
        """Of math, what takes several operands or gives an i1, and has one right answer."""
        type_name, kind = self.rng.choice(FLOATS), self.rng.choice(["fma", "fma", "clampf", "copysign", "ipowi", "question"])
        if kind == "question":
            self.emit(self.rng.choice(list(semantics.QUESTIONS)), [self.value(type_name)], ["i1"])
        elif kind == "ipowi":
            type_name = self.rng.choice(["i8", "i16", "i32", "i64"])
            self.emit("math.ipowi", [self.value(type_name), self.value(type_name)], [type_name])
        elif kind == "copysign":
            value, sign = self.value(type_name), self.without_nan(self.value(type_name))
            self.emit("math.copysign", [value, sign], [type_name])
        else:
            self.emit(f"math.{kind}", [self.value(type_name) for _ in range(3)], [type_name])

    def comparison(self):
        type_name = self.rng.choice(NUMBERS)
        a, b = self.value(type_name), self.value(type_name)
        if type_name in WIDTHS:
            self.compare(self.rng.choice(semantics.CMPI), a, b)
        else:
            self.emit("arith.cmpf", [a, b], ["i1"], predicate=self.rng.choice(semantics.CMPF))

    def select(self):
        type_name = self.any_type()
        self.emit("arith.select", [self.value("i1"), self.value(type_name), self.value(type_name)], [type_name])

    def conversion(self):
        pair = self.rng.choice(CONVERSIONS)
        self.convert(pair, self.value(pair[1]))

    def assertion(self):
        type_name = self.rng.choice(INTEGERS[1:])
        predicate = self.rng.choice(["ne", "ne", "ne", "ule", "sge"])
        bound = {"ule": -2, "sge": semantics.wrap(1 << (WIDTHS[type_name] - 1), type_name) + 1}.get(predicate, draw_number(self.rng, type_name))
        holds = self.compare(predicate, self.value(type_name), self.literal(bound, type_name))
        self.emit("cf.assert", [holds], message=self.rng.choice(MESSAGES) + f" {self.counter}")

    def barriers(self):
        values = [self.value(self.any_type()) for _ in range(self.rng.randint(1, 3))]
        self.emit("util.optimization_barrier", values, [v.type for v in values])

    def call(self):
        if self.recursive and self.recursions < 2 and self.factor == 1 and self.rng.random() < 0.6:
            self.recursions += 1
            callee = self.rng.choice(self.recursive)
            less = self.binary("subi", self.fuel, self.literal(1, "i32"))
            self.emit("func.call", [less] + [self.value(a.type) for a in callee.args[1:]], callee.results, callee=callee.name)
            return
        affordable = [f for f in self.callees if self.costs[f.name] * self.factor + self.cost < MAX_COST]
        if not affordable or self.rng.random() < 0.3:
            name = self.rng.choice(FUNCTIONS)
            arguments, results, _ = EXTERNALS[name]
            if name == "ext.odd" and self.rng.random() < 0.7:
                odd = self.binary("ori", self.value("i32"), self.literal(1, "i32"))
                self.emit("func.call", [odd], results, callee=name)
                return
            self.emit("func.call", [self.value(t) for t in arguments], results, callee=name)
            return
        callee = self.rng.choice(affordable)
        self.cost += self.costs[callee.name] * self.factor
        names = [n for n, stand_in in self.program.optional.items() if stand_in == callee.name]
        self.emit("func.call", [self.value(a.type) for a in callee.args], callee.results, callee=self.rng.choice([callee.name, *names]))

    def global_access(self):
        if not self.program.globals:
            return
        item = self.rng.choice(self.program.globals)
        if item.mutable and self.rng.random() < 0.5:
            self.emit("util.global.store", [self.value(item.type)], **{"global": item.name})
        else:
            self.emit("util.global.load", [], [item.type], **{"global": item.name})

    # Structured control flow.

    def some_types(self, low, high):
        return [self.any_type() for _ in range(self.rng.randint(low, high))]

    def region(self, args, yields, factor=1, kind="scf.yield", before_yield=None):
        """A block with its own scope; |yields| are the types of what it gives."""
        outer_ops, outer_scope, outer_factor = self.ops, self.scope, self.factor
        self.ops, self.scope, self.factor = [], outer_scope + args, outer_factor * factor
        self.depth += 1
        self.statements(self.rng.randint(0, 5 if self.depth < 3 else 2))
        first = before_yield() if before_yield else []
        self.emit(kind, first + [self.value(t) for t in yields])
        block = Block(args, self.ops)
        self.depth -= 1
        self.ops, self.scope, self.factor = outer_ops, outer_scope, outer_factor
        return block

    def if_statement(self):
        flag, results = self.value("i1"), self.some_types(0, 3)
        regions = [self.region([], results)]
        if results or self.rng.random() < 0.5:
            regions.append(self.region([], results))
        self.emit("scf.if", [flag], results, regions)

    def small(self, type_name, mask):
        """Between 0 and |mask|, mostly not known."""
        return self.binary("andi", self.value(type_name), self.literal(mask, type_name))

    def for_loop(self):
        type_name, results = self.rng.choice(["index", "i32", "i64"]), self.some_types(0, 3)
        low = self.literal(self.rng.randint(-2, 3), type_name)
        high = self.small(type_name, 7) if self.rng.random() < 0.6 else self.literal(self.rng.randint(-1, 8), type_name)
        step = self.literal(self.rng.randint(1, 3), type_name)
        if self.rng.random() < 0.2:
            step = self.barrier(step)
        inits = [self.value(t) for t in results]
        body = self.region([self.fresh(t) for t in [type_name, *results]], results, factor=6)
        self.emit("scf.for", [low, high, step, *inits], results, [body])

    def while_loop(self):
        inputs, passed = self.some_types(0, 2), self.some_types(0, 2)
        inits = [self.literal(self.rng.randint(0, 6), "i32")] + [self.value(t) for t in inputs]
        before_args = [self.fresh(v.type) for v in inits]
        after_args = [self.fresh(t) for t in ["i32", *passed]]

        def condition():
            goes_on = self.compare("sgt", before_args[0], self.literal(0, "i32"))
            if self.rng.random() < 0.5:
                goes_on = self.binary("andi", goes_on, self.value("i1"))
            return [goes_on, before_args[0]]

        before = self.region(before_args, passed, 6, "scf.condition", condition)
        after = self.region(after_args, inputs, 6, "scf.yield", lambda: [self.binary("subi", after_args[0], self.literal(1, "i32"))])
        self.emit("scf.while", inits, ["i32", *passed], [before, after])

    def index_switch(self):
        flag = self.small("index", 3) if self.rng.random() < 0.8 else self.value("index")
        results, cases = self.some_types(0, 2), self.rng.sample([0, 1, 2, 3, 7, -1, 1 << 40], self.rng.randint(0, 4))
        regions = [self.region([], results) for _ in range(len(cases) + 1)]
        self.emit("scf.index_switch", [flag], results, regions, cases=cases)

    STATEMENTS = [(integer_binary, 9), (float_binary, 4), (extended, 1), (unary, 2), (mathematics, 1.5), (comparison, 3), (select, 2), (conversion, 4), (assertion, 1),
                  (barriers, 0.5), (call, 2), (global_access, 3), (ObjectStatements.object_statement, 6)]
    NESTED = [(if_statement, 2), (for_loop, 1), (while_loop, 0.7), (index_switch, 0.7)]

    def statements(self, count):
        table = self.STATEMENTS + (self.NESTED if self.depth < 3 and self.factor < 200 else [])
        for statement in self.rng.choices([s for s, _ in table], [w for _, w in table], k=count):
            statement(self)

    def digest(self):
        """An i64 into which a part of what is in scope goes."""
        total = self.literal(0, "i64")
        for value in self.rng.sample(self.scope, min(len(self.scope), 8)):
            if value.type == BUFFER:
                value = self.load(value, "i64")
            elif value.type in REFS:
                value = self.size_of_list(value)
            if value.type in FLOATS:
                value = self.convert(("bitcast", value.type, "i32" if value.type == "f32" else "i64"), value)
            if value.type == "index":
                value = self.convert(("index_cast", "index", "i64"), value)
            elif value.type in WIDTHS and value.type != "i64":
                value = self.convert(("extui", value.type, "i64"), value)
            if value.type == "i64":
                total = self.binary("addi", self.binary("muli", total, self.literal(31, "i64")), value)
        return total

    def finish(self, kind="func.return"):
        """The function's last operation."""
        values = [self.digest() if t == "i64" and i == 0 else self.value(t) for i, t in enumerate(self.function.results)]
        self.emit(kind, values)
