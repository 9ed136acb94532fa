# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs a tree (tree.py) and says what each call gives: numbers, or a failure with its code and text."""

import copy
import math
import sys

import objects
import semantics
from externals import EXTERNALS
from objects import Undefined, zero_of
from semantics import Failure
from tree import BUFFER, WIDTHS

sys.setrecursionlimit(20000)
MAX_STEPS = 60000
# All other recursion ends far below; this one goes on until the stack of the machine ends.
TOO_DEEP = 300


class TooLong(Exception):
    """The call takes more steps than the test wants to spend."""


class Interpreter:
    """A program in a context: its globals live as long as this."""

    def __init__(self, program):
        self.functions = {f.name: f for f in program.functions}
        self.optional = program.optional
        self.steps = self.depth = 0
        self.globals = {}
        for item in program.globals:
            self.globals[item.name] = zero_of(item.type) if item.initial is None else item.initial
            if isinstance(item.initial, list):
                env = {}
                for op in item.initial:
                    self.execute(op, env)
                self.globals[item.name] = env[item.initial[-1].results[0].name]

    def call(self, name, arguments):
        """('ok', [(type, bits)...]) or ('error', code, text), or None for a call that is not to be made."""
        before = copy.deepcopy(self.globals)
        self.steps = self.depth = 0
        try:
            results = self.invoke(name, arguments)
        except Failure as failure:
            return "error", failure.code, failure.text
        except (TooLong, Undefined):
            self.globals = before
            return None
        return "ok", [(t, self.observe(v, t)) for t, v in zip(self.functions[name].results, results)]

    @staticmethod
    def observe(value, type_name):
        if type_name == BUFFER:
            return None if value is None else value.data.hex()
        return semantics.bits_of(value, type_name)

    def invoke(self, name, arguments):
        function = self.functions[name]
        if self.depth >= TOO_DEEP:
            raise Failure("RESOURCE_EXHAUSTED", "")
        self.depth += 1
        env, number, values = {}, 0, arguments
        while True:
            block = function.blocks[number]
            for argument, value in zip(block.args if number else function.args, values):
                env[argument.name] = value
            for op in block.ops[:-1]:
                self.execute(op, env)
            last = block.ops[-1]
            self.spend()
            if last.kind == "func.return":
                self.depth -= 1
                return [env[o.name] for o in last.operands]
            number, operands = self.branch(last, env)
            values = [env[o.name] for o in operands]

    def spend(self):
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise TooLong

    @staticmethod
    def branch(op, env):
        if op.kind == "cf.br":
            return op.attrs["to"]
        flag = env[op.operands[0].name]
        if op.kind == "cf.cond_br":
            return op.attrs["yes" if flag else "no"]
        for case, to in op.attrs["cases"]:
            if case == flag:
                return to
        return op.attrs["default"]

    def region(self, block, values, env):
        """Runs a region of an scf operation; the values that it yields."""
        for argument, value in zip(block.args, values):
            env[argument.name] = value
        for op in block.ops[:-1]:
            self.execute(op, env)
        return [env[o.name] for o in block.ops[-1].operands]

    def execute(self, op, env):
        self.spend()
        values = [env[o.name] for o in op.operands]
        kind = op.kind
        method = METHODS.get(kind)
        if method:
            results = method(self, op, values, env)
        elif kind == "arith.constant":
            results = [op.attrs["value"]]
        elif kind in objects.OBJECT_OPS:
            results = objects.run(op, values)
        else:
            results = self.run_scalar(op, values)
        for result, value in zip(op.results, results):
            env[result.name] = value

    @staticmethod
    def run_scalar(op, values):
        try:
            return scalar(op, values)
        except Failure:
            if "may_fail" in op.attrs:
                raise
            raise Undefined from None

    # Structured control flow.

    def run_if(self, op, values, env):
        if values[0]:
            return self.region(op.regions[0], [], env)
        return self.region(op.regions[1], [], env) if len(op.regions) > 1 else []

    def run_for(self, op, values, env):
        low, high, step, *carried = values
        while low < high:
            self.spend()
            carried = self.region(op.regions[0], [low, *carried], env)
            low += step
        return carried

    def run_while(self, op, values, env):
        while True:
            self.spend()
            go_on, *values = self.region(op.regions[0], values, env)
            if not go_on:
                return values
            values = self.region(op.regions[1], values, env)

    def run_index_switch(self, op, values, env):
        cases = op.attrs["cases"]
        return self.region(op.regions[cases.index(values[0]) if values[0] in cases else -1], [], env)

    # Calls and checks.

    def run_call(self, op, values, env):
        callee = op.attrs["callee"]
        if callee in EXTERNALS:
            return EXTERNALS[callee][2](*values)
        return self.invoke(self.optional.get(callee, callee), values)

    def run_assert(self, op, values, env):
        if not values[0]:
            raise Failure(ASSERT_CODE, op.attrs["message"])
        return []

    def run_barrier(self, op, values, env):
        return values

    # Globals.

    def run_global_load(self, op, values, env):
        return [self.globals[op.attrs["global"]]]

    def run_global_store(self, op, values, env):
        self.globals[op.attrs["global"]] = values[0]
        return []


ASSERT_CODE = "FAILED_PRECONDITION"


def scalar(op, values):
    """arith and math."""
    dialect, _, name = op.kind.partition(".")
    type_name = op.operands[0].type
    if op.kind == "arith.select":
        return [values[1] if values[0] else values[2]]
    if name in semantics.CONVERSIONS:
        return [semantics.CONVERSIONS[name](values[0], type_name, op.results[0].type)]
    if name == "cmpi":
        return [semantics.compare_integers(op.attrs["predicate"], *values, type_name)]
    if name == "cmpf":
        return [semantics.compare_floats(op.attrs["predicate"], *values)]
    if name in semantics.EXTENDED:
        return semantics.extended(name, *values, type_name)
    if op.kind in semantics.INTEGER_UNARY:
        return [semantics.wrap(semantics.INTEGER_UNARY[op.kind](values[0], type_name), type_name)]
    if op.kind in semantics.QUESTIONS:
        return [int(semantics.QUESTIONS[op.kind](values[0], type_name))]
    if op.kind == "math.ipowi":
        return [semantics.integer_power(*values, type_name)]
    if op.kind == "math.fma":
        return [semantics.fused(*values, type_name)]
    if op.kind == "math.clampf":
        return [semantics.clamp(*values)]
    if op.kind == "math.copysign":
        return [math.copysign(*values)]
    if type_name in WIDTHS:
        return [semantics.integer_binary(name, *values, type_name)]
    if name == "negf":
        return [-values[0]]
    function = semantics.FLOAT_UNARY.get(op.kind) or semantics.FLOAT_BINARY[name]
    return [semantics.rounded(function(*values), type_name)]


METHODS = {
    "scf.if": Interpreter.run_if, "scf.for": Interpreter.run_for, "scf.while": Interpreter.run_while,
    "scf.index_switch": Interpreter.run_index_switch, "func.call": Interpreter.run_call, "cf.assert": Interpreter.run_assert,
    "util.optimization_barrier": Interpreter.run_barrier, "util.global.load": Interpreter.run_global_load,
    "util.global.store": Interpreter.run_global_store,
}
