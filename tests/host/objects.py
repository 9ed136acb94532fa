# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What operations on buffers and lists do (docs/host-programs.md)."""

import semantics
from semantics import Failure
from tree import BUFFER, FLOATS, NUMBERS, WIDTHS, element_of, is_list


class Undefined(Exception):
    """What happens depends on what is optimised away, or is nobody's promise."""


def zero_of(type_name):
    return None if type_name == BUFFER or is_list(type_name) else 0 if type_name in WIDTHS else 0.0


def byte_width(type_name):
    return {"i1": 1, "f32": 4, "f64": 8}.get(type_name) or WIDTHS[type_name] // 8


def to_bytes(value, type_name):
    return semantics.bits_of(value, type_name).to_bytes(byte_width(type_name), "little")


def of_bytes(data, type_name):
    if type_name == "i1":
        return int(data != b"\0")
    return semantics.of_bits(int.from_bytes(data, "little"), type_name)


class Buffer:
    def __init__(self, data, writable=True):
        self.data, self.writable = bytearray(data), writable

    def check(self, offset, length):
        if offset < 0 or length < 0:
            raise Failure(("INVALID_ARGUMENT", "OUT_OF_RANGE"), "")
        if offset + length > len(self.data):
            raise Failure("OUT_OF_RANGE", f"{length} bytes at offset {offset} leave a buffer of {len(self.data)} bytes")

    def read(self, offset, length):
        self.check(offset, length)
        return bytes(self.data[offset:offset + length])

    def write(self, offset, new):
        if not self.writable:
            raise Failure("PERMISSION_DENIED", "the buffer is read-only")
        self.check(offset, len(new))
        self.data[offset:offset + len(new)] = new


class List:
    """The elements of a list of anything are None or (type, value)."""

    def __init__(self, element):
        self.element, self.items = element, []

    def check(self, position):
        if not 0 <= position < len(self.items):
            raise Failure("OUT_OF_RANGE", f"index {position} is outside of a list of {len(self.items)} elements")


def alloc(values, op):
    return [Buffer(bytes(values[0]))]


def constant(values, op):
    return [Buffer(op.attrs["text"].encode(), False)]


def size(values, op):
    return [len(values[0].data)]


def load(values, op):
    buffer, _, offset, length = values
    return [of_bytes(buffer.read(offset, length), op.results[0].type)]


def store(values, op):
    buffer, _, offset, _, value = values
    buffer.write(offset, to_bytes(value, op.operands[4].type))
    return []


def fill(values, op):
    buffer, _, offset, length, value = values
    pattern = to_bytes(value, op.operands[4].type)
    if offset % len(pattern) or length % len(pattern):
        if not buffer.writable:
            raise Undefined  # two reasons to fail
        raise Failure("INVALID_ARGUMENT", f"offset {offset} and length {length} of a fill are no multiples of its pattern's {len(pattern)} bytes")
    buffer.write(offset, pattern * (length // len(pattern)))
    return []


def copy(values, op):
    source, _, source_offset, target, _, target_offset, length = values
    data = source.read(source_offset, length) if source_offset + length <= len(source.data) else None
    if data is None or target_offset + length > len(target.data):
        if not target.writable or data is None and target_offset + length > len(target.data):
            raise Undefined
    target.write(target_offset, source.read(source_offset, length))
    return []


def compare(values, op):
    a, _, a_offset, b, _, b_offset, length = values
    if a_offset + length > len(a.data) and b_offset + length > len(b.data):
        raise Undefined
    return [int(a.read(a_offset, length) == b.read(b_offset, length))]


def slice_of(values, op):
    buffer, _, offset, length = values
    return [Buffer(buffer.read(offset, length))]


def list_create(values, op):
    return [List(element_of(op.results[0].type))]


def list_size(values, op):
    return [len(values[0].items)]


def list_resize(values, op):
    made, count = values
    if not 0 <= count < 1000:
        raise Undefined
    zero = None if made.element == "?" else zero_of(made.element)
    made.items = made.items[:count] + [zero] * (count - len(made.items))
    return []


def list_set(values, op):
    made, position, value = values
    made.check(position)
    made.items[position] = (op.operands[2].type, value) if made.element == "?" else value
    return []


def list_get(values, op):
    made, position = values
    made.check(position)
    item = made.items[position]
    return [converted(item, op.results[0].type) if made.element == "?" else item]


def converted(item, to):
    """An element of a list of anything, as |to|."""
    if item is None:
        if to in NUMBERS:
            raise Undefined
        return None
    source, value = item
    if (source in NUMBERS) != (to in NUMBERS) or (source in FLOATS) != (to in FLOATS):
        raise Failure("FAILED_PRECONDITION", "")
    if to in WIDTHS:
        return semantics.wrap(value, to)
    return semantics.rounded(value, to) if to in FLOATS else value


def is_same(a, b):
    if isinstance(a, Buffer) and isinstance(b, Buffer) and a is not b and not a.writable and not b.writable:
        raise Undefined  # constants may be one
    return a is b


OBJECT_OPS = {
    "util.buffer.alloc": alloc, "util.buffer.constant": constant, "util.buffer.size": size, "util.buffer.load": load, "util.buffer.store": store,
    "util.buffer.fill": fill, "util.buffer.copy": copy, "util.buffer.compare": compare, "util.buffer.slice": slice_of,
    "util.list.create": list_create, "util.list.size": list_size, "util.list.resize": list_resize, "util.list.get": list_get,
    "util.list.set": list_set, "util.null": lambda values, op: [None],
    "util.cmp.eq": lambda values, op: [int(is_same(*values))], "util.cmp.ne": lambda values, op: [int(not is_same(*values))],
}


def run(op, values):
    """Null fails wherever an object is needed; so does an operation that may not, when it does."""
    if op.kind not in ("util.cmp.eq", "util.cmp.ne", "util.null") and any(v is None for v in values):
        raise Undefined
    try:
        return OBJECT_OPS[op.kind](values, op)
    except Failure:
        if op.results and "may_fail" not in op.attrs:
            raise Undefined from None
        raise
