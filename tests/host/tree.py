# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Host programs as trees, and their text. A tree is made of operations as MLIR's are: operands, results, attributes, regions."""

import struct
from collections import namedtuple
from dataclasses import dataclass, field

Value = namedtuple("Value", "name type")

WIDTHS = {"i1": 1, "i8": 8, "i16": 16, "i32": 32, "i64": 64, "index": 64}
INTEGERS = list(WIDTHS)
FLOATS = ["f32", "f64"]
NUMBERS = INTEGERS + FLOATS
BUFFER = "!util.buffer"


def list_of(element):
    return f"!util.list<{element}>"


def is_list(type_name):
    return type_name.startswith("!util.list")


def element_of(list_type):
    return list_type[len("!util.list<"):-1]


@dataclass
class Op:
    kind: str
    results: list = field(default_factory=list)
    operands: list = field(default_factory=list)
    attrs: dict = field(default_factory=dict)
    regions: list = field(default_factory=list)


@dataclass
class Block:
    """Its last operation is the terminator. Branches name blocks of a function by number."""
    args: list
    ops: list


@dataclass
class Function:
    name: str
    public: bool
    args: list
    results: list  # types
    blocks: list = field(default_factory=list)


@dataclass
class Global:
    name: str
    type: str
    mutable: bool
    initial: object  # a number, None, or operations of which the last gives it


@dataclass
class Program:
    name: str
    globals: list = field(default_factory=list)
    functions: list = field(default_factory=list)
    optional: dict = field(default_factory=dict)  # import: the function that stands in for it
    calls: list = field(default_factory=list)  # (function name, arguments)

    def function(self, name):
        return next(f for f in self.functions if f.name == name)


def walk(blocks):
    """Every operation, outer ones first, with the list that holds it and its place there."""
    for block in blocks:
        for i, op in enumerate(block.ops):
            yield block.ops, i, op
            yield from walk(op.regions)


def all_ops(program):
    for function in program.functions:
        yield from walk(function.blocks)


# Text.

def number_text(value, type_name):
    if type_name == "i1":
        return "true" if value else "false"
    if type_name == "f32":
        return f"0x{struct.unpack('<I', struct.pack('<f', value))[0]:08X}"
    if type_name == "f64":
        return f"0x{struct.unpack('<Q', struct.pack('<d', value))[0]:016X}"
    return str(value)


def literal_text(value, type_name):
    return number_text(value, type_name) + ("" if type_name == "i1" else f" : {type_name}")


def quoted(text):
    return '"' + "".join(c if c.isprintable() and c.isascii() and c not in '"\\' else "".join(f"\\{b:02X}" for b in c.encode()) for c in text) + '"'


def names(values):
    return ", ".join("%" + v.name for v in values)


def types(values):
    return ", ".join(v.type for v in values)


def result_types(result_list):
    """After an arrow."""
    return result_list[0] if len(result_list) == 1 else "(" + ", ".join(result_list) + ")"


def edge(target, values):
    return f"^b{target}({names(values)} : {types(values)})" if values else f"^b{target}"


def bindings(args, operands):
    return "(" + ", ".join(f"%{a.name} = %{o.name}" for a, o in zip(args, operands)) + ")"


def arrow(results):
    return f" -> ({types(results)})" if results else ""


def if_text(op, indent):
    text = f"scf.if %{op.operands[0].name}{arrow(op.results)} {{\n{ops_text(op.regions[0].ops, indent)}{indent}}}"
    if len(op.regions) > 1:
        text += f" else {{\n{ops_text(op.regions[1].ops, indent)}{indent}}}"
    return text


def for_text(op, indent):
    low, high, step, *inits = op.operands
    variable, *carried = op.regions[0].args
    text = f"scf.for %{variable.name} = %{low.name} to %{high.name} step %{step.name}"
    if inits:
        text += f" iter_args{bindings(carried, inits)}{arrow(op.results)}"
    if low.type != "index":
        text += f" : {low.type}"
    return f"{text} {{\n{ops_text(op.regions[0].ops, indent)}{indent}}}"


def while_text(op, indent):
    before, after = op.regions
    head = f"scf.while {bindings(before.args, op.operands)} : ({types(op.operands)}) -> ({types(op.results)})"
    args = ", ".join(f"%{a.name}: {a.type}" for a in after.args)
    return (f"{head} {{\n{ops_text(before.ops, indent)}{indent}}} do {{\n{indent}^bb0({args}):\n"
            f"{ops_text(after.ops, indent)}{indent}}}")


def index_switch_text(op, indent):
    text = f"scf.index_switch %{op.operands[0].name}" + (f" -> {types(op.results)}" if op.results else "")
    heads = [f"case {c}" for c in op.attrs["cases"]] + ["default"]
    return text + "".join(f"\n{indent}{head} {{\n{ops_text(region.ops, indent)}{indent}}}" for head, region in zip(heads, op.regions))


def switch_text(op):
    flag = op.operands[0]
    parts = [f"default: {edge(*op.attrs['default'])}"]
    parts += [f"{number_text(case, flag.type) if flag.type != 'i1' else case}: {edge(*to)}" for case, to in op.attrs["cases"]]
    return f"cf.switch %{flag.name} : {flag.type}, [{', '.join(parts)}]"


def at(offset, length=None):
    return f"[%{offset.name}" + (f" for %{length.name}]" if length else "]")


def buffer_type(size):
    return f"!util.buffer{{%{size.name}}}"


# (operands, results) in text; buffers go with their sizes.
BUFFER_TEXTS = {
    "util.buffer.alloc": lambda o, r: f"uninitialized : {buffer_type(o[0])}",
    "util.buffer.size": lambda o, r: f"%{o[0].name} : !util.buffer",
    "util.buffer.load": lambda o, r: f"%{o[0].name}{at(o[2], o[3])} : {buffer_type(o[1])} -> {r[0].type}",
    "util.buffer.store": lambda o, r: f"%{o[4].name}, %{o[0].name}{at(o[2], o[3])} : {o[4].type} -> {buffer_type(o[1])}",
    "util.buffer.fill": lambda o, r: f"%{o[4].name}, %{o[0].name}{at(o[2], o[3])} : {o[4].type} -> {buffer_type(o[1])}",
    "util.buffer.copy": lambda o, r: f"%{o[0].name}{at(o[2])}, %{o[3].name}{at(o[5])}, %{o[6].name} : {buffer_type(o[1])} -> {buffer_type(o[4])}",
    "util.buffer.compare": lambda o, r: f"%{o[0].name}{at(o[2])}, %{o[3].name}{at(o[5])}, %{o[6].name} : {buffer_type(o[1])}, {buffer_type(o[4])}",
    "util.buffer.slice": lambda o, r: f"%{o[0].name}{at(o[2])} : {buffer_type(o[1])} -> {buffer_type(o[3])}",
}
OBJECT_TEXTS = {
    "util.list.create": lambda o, r: ("%" + o[0].name + " " if o else "") + f": {r[0].type}",
    "util.list.size": lambda o, r: f"%{o[0].name} : {o[0].type}",
    "util.list.resize": lambda o, r: f"%{o[0].name}, %{o[1].name} : {o[0].type}",
    "util.list.get": lambda o, r: f"%{o[0].name}{at(o[1])} : {o[0].type}" + (f" -> {r[0].type}" if o[0].type == "!util.list<?>" else ""),
    "util.list.set": lambda o, r: f"%{o[0].name}{at(o[1])}, %{o[2].name} : " + (f"{o[2].type} -> " if o[0].type == "!util.list<?>" else "") + o[0].type,
    "util.null": lambda o, r: f": {r[0].type}",
    "util.cmp.eq": lambda o, r: f"{names(o)} : {o[0].type}",
    "util.cmp.ne": lambda o, r: f"{names(o)} : {o[0].type}",
}


def arith_text(op):
    """arith and math: a type, or two."""
    operands, attrs = names(op.operands), op.attrs
    prefix = f"{attrs['predicate']}, " if "predicate" in attrs else ""
    first, result = op.operands[0].type, op.results[0].type
    if op.attrs.get("converts"):
        return f"{op.kind} {operands} : {first} to {result}"
    if op.kind == "math.clampf":
        return f"math.clampf %{op.operands[0].name} to [{names(op.operands[1:])}] : {first}"
    if op.kind.endswith("_extended"):
        return f"{op.kind} {operands} : {first}" + (", i1" if op.kind == "arith.addui_extended" else "")
    return f"{op.kind} {prefix}{operands} : {op.operands[-1].type}"


def op_body(op, indent):
    kind, operands, results = op.kind, op.operands, op.results
    if kind == "arith.constant":
        return f"arith.constant {literal_text(op.attrs['value'], results[0].type)}"
    structured = {"scf.if": if_text, "scf.for": for_text, "scf.while": while_text, "scf.index_switch": index_switch_text}
    if kind in structured:
        return structured[kind](op, indent)
    texts = BUFFER_TEXTS.get(kind) or OBJECT_TEXTS.get(kind)
    if texts:
        return f"{kind} {texts(operands, results)}"
    if kind in ("func.return", "scf.yield", "util.optimization_barrier"):
        return f"{kind} {names(operands)} : {types(operands)}" if operands else kind
    if kind == "scf.condition":
        carried = operands[1:]
        return f"scf.condition(%{operands[0].name})" + (f" {names(carried)} : {types(carried)}" if carried else "")
    if kind == "func.call":
        return f"func.call @{op.attrs['callee']}({names(operands)}) : ({types(operands)}) -> {result_types([r.type for r in results])}"
    if kind == "cf.br":
        return f"cf.br {edge(*op.attrs['to'])}"
    if kind == "cf.cond_br":
        return f"cf.cond_br %{operands[0].name}, {edge(*op.attrs['yes'])}, {edge(*op.attrs['no'])}"
    if kind == "cf.switch":
        return switch_text(op)
    if kind == "cf.assert":
        return f"cf.assert %{operands[0].name}, {quoted(op.attrs['message'])}"
    if kind == "util.buffer.constant":
        return f"util.buffer.constant : !util.buffer = {quoted(op.attrs['text'])}"
    if kind == "util.global.load":
        return f"util.global.load @{op.attrs['global']} : {results[0].type}"
    if kind == "util.global.store":
        return f"util.global.store %{operands[0].name}, @{op.attrs['global']} : {operands[0].type}"
    return arith_text(op)


def op_text(op, indent):
    left = f"{names(op.results)} = " if op.results else ""
    return f"{indent}{left}{op_body(op, indent)}\n"


def ops_text(ops, indent=""):
    return "".join(op_text(op, indent + "  ") for op in ops)


def function_text(function):
    args = ", ".join(f"%{a.name}: {a.type}" for a in function.args)
    visibility = "" if function.public else "private "
    results = f" -> {result_types(function.results)}" if function.results else ""
    text = f"func.func {visibility}@{function.name}({args}){results} {{\n"
    for i, block in enumerate(function.blocks):
        if i:
            text += f"^b{i}" + ("(" + ", ".join(f"%{a.name}: {a.type}" for a in block.args) + ")" if block.args else "") + ":\n"
        text += ops_text(block.ops)
    return text + "}\n"


def global_text(item):
    mutable = "mutable " if item.mutable else ""
    if item.initial is None or isinstance(item.initial, list):
        text = f"util.global private {mutable}@{item.name} : {item.type}\n"
    else:
        text = f"util.global private {mutable}@{item.name} = {literal_text(item.initial, item.type)}\n"
    if isinstance(item.initial, list):
        last = item.initial[-1].results[0]
        text += (f"util.initializer {{\n{ops_text(item.initial)}  util.global.store %{last.name}, @{item.name} : {last.type}\n"
                 "  util.return\n}\n")
    return text


def program_text(program):
    text = "".join(global_text(item) for item in program.globals)
    for name, fallback in program.optional.items():
        function = program.function(fallback)
        text += f"func.func private @{name}({types(function.args)}) -> {result_types(function.results)} attributes {{vm.fallback = @{fallback}}}\n"
    return text + "".join(function_text(function) for function in program.functions)
