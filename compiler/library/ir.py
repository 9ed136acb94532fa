# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A small language for straight-line arithmetic that prints MLIR: Python operators on values append `arith` operations.

A function of the device library is a Python function on `Value`s. Equal operations are made once, what no result needs is
left out, and values carry the names of the Python variables that held them.
"""

import math
import struct
import sys

PREFIX = "__tenon_"

_body = None  # the function that is being built


def is_float(type_name):
    return type_name[0] == "f"


def width(type_name):
    return int(type_name[1:])


class Value:
    def __init__(self, type_name, op, operands, attribute="", results=1, number=0):
        self.type, self.op, self.operands, self.attribute = type_name, op, operands, attribute
        self.results, self.number = results, number  # an operation with two results makes two values
        self.name = None
        self.named = self.printed = False  # whether the name is final; whether the operation that makes it was printed

    def _both(self, other, float_op, int_op, swapped=False):
        other = as_value(other, self.type)
        if other.type != self.type:
            raise TypeError(f"{self.type} and {other.type}")
        a, b = (other, self) if swapped else (self, other)
        return make("arith." + (float_op if is_float(self.type) else int_op), self.type, a, b)

    def __add__(self, other): return self._both(other, "addf", "addi")
    def __radd__(self, other): return self._both(other, "addf", "addi", True)
    def __sub__(self, other): return self._both(other, "subf", "subi")
    def __rsub__(self, other): return self._both(other, "subf", "subi", True)
    def __mul__(self, other): return self._both(other, "mulf", "muli")
    def __rmul__(self, other): return self._both(other, "mulf", "muli", True)
    def __truediv__(self, other): return self._both(other, "divf", "?")
    def __rtruediv__(self, other): return self._both(other, "divf", "?", True)
    def __and__(self, other): return self._both(other, "?", "andi")
    def __or__(self, other): return self._both(other, "?", "ori")
    def __xor__(self, other): return self._both(other, "?", "xori")
    def __lshift__(self, other): return self._both(other, "?", "shli")
    def __rshift__(self, other): return self._both(other, "?", "shrsi")  # keeps the sign
    def shru(self, other): return self._both(other, "?", "shrui")

    def __neg__(self):
        return make("arith.negf", self.type, self) if is_float(self.type) else 0 - self

    def __invert__(self): return self ^ (1 if self.type == "i1" else -1)

    # Comparisons: ordered ones of floats (false with NaN), signed ones of integers; ult is unsigned.
    def _compare(self, other, float_predicate, int_predicate):
        other = as_value(other, self.type)
        op, predicate = ("arith.cmpf", float_predicate) if is_float(self.type) else ("arith.cmpi", int_predicate)
        return make(op, "i1", self, other, attribute=predicate)

    def __lt__(self, other): return self._compare(other, "olt", "slt")
    def __le__(self, other): return self._compare(other, "ole", "sle")
    def __gt__(self, other): return self._compare(other, "ogt", "sgt")
    def __ge__(self, other): return self._compare(other, "oge", "sge")
    def eq(self, other): return self._compare(other, "oeq", "eq")
    def ne(self, other): return self._compare(other, "une", "ne")
    def ult(self, other): return self._compare(other, "?", "ult")
    def is_nan(self): return make("arith.cmpf", "i1", self, self, attribute="uno")


def make(op, type_name, *operands, attribute="", results=1, number=0):
    if "?" in op or "?" in attribute:
        raise TypeError(f"no such operation on {type_name}")
    key = (op, type_name, attribute, number) + tuple(id(v) for v in operands)
    if key not in _body:
        _body[key] = Value(type_name, op, operands, attribute, results, number)
    return _body[key]


def as_value(number, type_name):
    """A constant, unless it is a value already."""
    if isinstance(number, Value):
        return number
    if is_float(type_name):
        number = round_to(float(number), type_name)
        bits = struct.unpack("<Q", struct.pack("<d", number))[0]
        key = f"{bits:x}"
    else:
        number = int(number) & ((1 << width(type_name)) - 1)
        key = f"{number:x}"
    value = make("arith.constant", type_name, attribute=key)
    value.constant = number
    return value


def round_to(number, type_name):
    if type_name == "f64" or not math.isfinite(number):
        return number
    return struct.unpack("<f", struct.pack("<f", number))[0]


def const(number, type_name):
    return as_value(number, type_name)


def select(condition, yes, no):
    type_name = yes.type if isinstance(yes, Value) else no.type
    return make("arith.select", type_name, condition, as_value(yes, type_name), as_value(no, type_name))


def bits(value):
    """A float's bits as an integer."""
    return make("arith.bitcast", "i" + value.type[1:], value)


def from_bits(value):
    """A float of an integer's bits."""
    return make("arith.bitcast", "f" + value.type[1:], as_value(value, "i64"))


def extend(value, type_name):
    return value if value.type == type_name else make("arith.extf", type_name, value)


def narrow(value, type_name):
    return value if value.type == type_name else make("arith.truncf", type_name, value)


def zext(value, type_name):
    return value if value.type == type_name else make("arith.extui", type_name, value)


def sext(value, type_name):
    return value if value.type == type_name else make("arith.extsi", type_name, value)


def trunc_int(value, type_name):
    return value if value.type == type_name else make("arith.trunci", type_name, value)


def multiply_wide(a, b):
    """The low and the high half of the product of two unsigned i64."""
    a, b = as_value(a, "i64"), as_value(b, "i64")
    return tuple(make("arith.mului_extended", "i64", a, b, results=2, number=i) for i in range(2))


def sqrt(value):
    return make("math.sqrt", value.type, value)


def count_leading_zeros(value):
    return make("math.ctlz", value.type, value)


# ---- Printing ----

def constant_text(value):
    number = value.constant
    if not is_float(value.type):
        if value.type == "i1":
            return "true" if number else "false"
        sign = 1 << (width(value.type) - 1)
        return f"{(number ^ sign) - sign} : {value.type}"
    if not math.isfinite(number):
        format_ = "<Q" if value.type == "f64" else "<I"
        packed = struct.pack("<d" if value.type == "f64" else "<f", number)
        return f"0x{struct.unpack(format_, packed)[0]:0{width(value.type) // 4}X} : {value.type}"
    digits = f"{number:.17e}" if value.type == "f64" else f"{number:.9e}"
    short = repr(number)
    mantissa, _, exponent = short.partition("e")
    if round_to(float(short), value.type) == number and len(short) < len(digits):
        digits = (mantissa if "." in mantissa else mantissa + ".0") + (f"e{exponent}" if exponent else "")
    return f"{digits} : {value.type}"


def operation_text(value):
    name = "%" + value.name
    operands = ", ".join("%" + o.name for o in value.operands)
    if value.op == "argument":
        return None
    if value.results == 2:
        return two_results_text(value, operands)
    if value.op == "arith.constant":
        return f"{name} = arith.constant {constant_text(value)}"
    if value.op in ("arith.cmpf", "arith.cmpi"):
        return f"{name} = {value.op} {value.attribute}, {operands} : {value.operands[0].type}"
    if value.op in ("arith.bitcast", "arith.extf", "arith.truncf", "arith.extui", "arith.extsi", "arith.trunci", "arith.sitofp"):
        return f"{name} = {value.op} {operands} : {value.operands[0].type} to {value.type}"
    return f"{name} = {value.op} {operands} : {value.type}"


def two_results_text(value, operands):
    """Both are named where the first that is needed stands."""
    both = [make(value.op, value.type, *value.operands, results=2, number=i) for i in range(2)]
    other = both[1 - value.number]
    if value.printed:
        return None
    if not other.named:
        other.name = value.name + "_unused"
    other.printed = True
    return f"%{both[0].name}, %{both[1].name} = {value.op} {operands} : {value.type}"


def needed(results):
    """Operations that the results depend on, each after its operands."""
    order, seen = [], set()
    stack = [(r, False) for r in reversed(results)]
    while stack:
        value, done = stack.pop()
        if done:
            order.append(value)
        elif id(value) not in seen:
            seen.add(id(value))
            stack.append((value, True))
            stack.extend((o, False) for o in reversed(value.operands))
    return order


def give_names(order, arguments):
    used = {}
    for value in arguments + [v for v in order if v.op != "argument"]:
        if value.op == "arith.constant":
            value.name = "c"
        base = value.name or "t"
        number = used.get(base, -1) + 1
        used[base] = number
        value.name = base if number == 0 and base not in ("c", "t") else f"{base}_{number}"
        value.named = True


def remember_names(frame, event, _):
    """Values are called as the outermost Python variable that holds them."""
    if event != "return" or frame.f_code.co_filename == __file__ or not frame.f_code.co_filename.startswith(remember_names.folder):
        return
    for name, held in frame.f_locals.items():
        if isinstance(held, Value):
            held.name = name
        elif isinstance(held, tuple) and len(held) == 2 and all(isinstance(v, Value) for v in held):
            held[0].name, held[1].name = name + "_hi", name + "_lo"


def build(name, argument_types, function):
    """The text of `func.func private @__tenon_NAME`: |function| is called with its arguments and gives its result, or
    several."""
    global _body
    _body = {}
    arguments = [Value(t, "argument", ()) for t in argument_types]
    names = function.__code__.co_varnames[:len(arguments)]
    sys.setprofile(remember_names)
    results = function(*arguments)
    sys.setprofile(None)
    results = list(results) if isinstance(results, tuple) else [results]
    for value, argument_name in zip(arguments, names):
        value.name = argument_name
    order = needed(results)
    give_names(order, arguments)
    parameters = ", ".join(f"%{a.name}: {a.type}" for a in arguments)
    types = [r.type for r in results]
    result_types = types[0] if len(types) == 1 else "(" + ", ".join(types) + ")"
    lines = [f"func.func private @{PREFIX}{name}({parameters}) -> {result_types} {{"]
    lines += ["  " + text for text in map(operation_text, order) if text]
    lines.append("  return " + ", ".join("%" + r.name for r in results) + " : " + ", ".join(types))
    lines.append("}")
    _body = None
    return "\n".join(lines) + "\n"
