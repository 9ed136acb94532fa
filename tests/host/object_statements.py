# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Statements on buffers and lists, for FunctionMaker.

Every buffer that a program holds has at least MIN_SIZE bytes and none is null: lists may give null, which is replaced at once. What may
fail is followed by a call that needs its result, since what nothing needs is not done."""

from tree import BUFFER, NUMBERS, element_of, is_list, list_of

MIN_SIZE = 8
ANY_LIST = "!util.list<?>"
LISTS = [list_of(t) for t in NUMBERS] + [list_of(BUFFER), list_of(BUFFER), list_of(list_of("i32")), ANY_LIST, ANY_LIST]
REFS = [BUFFER] * 8 + LISTS
BYTES = {"i1": 1, "i8": 1, "i16": 2, "i32": 4, "i64": 8, "index": 8, "f32": 4, "f64": 8}
TEXTS = ["a text that can't be written", "naïve\n\"quoted\" \\", "12345678", "0123456789abcdef" * 4]


class ObjectStatements:
    def index(self, value):
        return self.literal(value, "index")

    def any_type(self):
        return self.rng.choice(REFS) if self.rng.random() < 0.2 else self.rng.choice(NUMBERS)

    def below(self, bound):
        """An index from 0 to |bound| - 1, which is an index above 0."""
        return self.binary("remui", self.value("index"), bound)

    def needed(self, op_result):
        """The result of something that may fail, which then does."""
        self.emit("func.call", [op_result], callee=f"ext.use_{op_result.type}")
        return op_result

    def new_object(self, type_name):
        if type_name != BUFFER:
            capacity = [self.index(self.rng.randint(0, 9))] if self.rng.random() < 0.3 else []
            made = self.emit("util.list.create", capacity, [type_name])
            if self.rng.random() < 0.8:
                self.fill_list(made)
            return made
        if self.rng.random() < 0.1:
            return self.emit("util.buffer.constant", [], [BUFFER], text=self.rng.choice(TEXTS))
        size = self.binary("addi", self.small("index", 31), self.index(MIN_SIZE)) if self.rng.random() < 0.5 else self.index(self.rng.randint(MIN_SIZE, 40))
        made = self.emit("util.buffer.alloc", [size], [BUFFER])
        for _ in range(self.rng.randint(0, 2)):
            self.store(made)
        return made

    # Buffers.

    def size_of(self, buffer):
        return self.emit("util.buffer.size", [buffer], ["index"])

    def place(self, size, width):
        """Where |width| bytes fit into |size|; now and then where they may not."""
        if self.rng.random() < 0.05:
            return self.small("index", 31) if self.rng.random() < 0.7 else self.value("index"), True
        if self.rng.random() < 0.3:
            return self.index(self.rng.randint(0, MIN_SIZE - width)), False
        return self.below(self.binary("subi", size, self.index(width - 1))), False

    def buffer_load(self):
        buffer, type_name = self.value(BUFFER), self.rng.choice(NUMBERS)
        self.load(buffer, type_name)

    def load(self, buffer, type_name):
        size = self.size_of(buffer)
        offset, may_fail = self.place(size, BYTES[type_name])
        operands = [buffer, size, offset, self.index(BYTES[type_name])]
        if may_fail:
            return self.needed(self.emit("util.buffer.load", operands, [type_name], may_fail=True))
        return self.emit("util.buffer.load", operands, [type_name])

    def buffer_store(self):
        self.store(self.value(BUFFER))

    def stored(self, type_name):
        value = self.value(type_name)
        return self.without_nan(value) if type_name in ("f32", "f64") else value

    def store(self, buffer):
        type_name = self.rng.choice(NUMBERS)
        value, size = self.stored(type_name), self.size_of(buffer)
        offset, _ = self.place(size, BYTES[type_name])
        self.emit("util.buffer.store", [buffer, size, offset, self.index(BYTES[type_name]), value])

    def range_of(self, buffer):
        """An offset and a length that fit."""
        size = self.size_of(buffer)
        length = self.below(self.binary("addi", size, self.index(1)))
        offset = self.below(self.binary("addi", self.binary("subi", size, length), self.index(1)))
        return size, offset, length

    def buffer_fill(self):
        buffer, type_name = self.value(BUFFER), self.rng.choice(NUMBERS)
        value, width = self.stored(type_name), self.index(BYTES[type_name])
        size, offset, length = self.range_of(buffer)
        if self.rng.random() < 0.95:  # else they may be no multiples
            offset, length = (self.binary("muli", self.binary("divui", v, width), width) for v in (offset, length))
        self.emit("util.buffer.fill", [buffer, size, offset, length, value])

    def two_ranges(self):
        """Parts of two buffers, or of one, of the same length."""
        a = self.value(BUFFER)
        b = a if self.rng.random() < 0.3 else self.value(BUFFER)
        a_size, a_offset, a_length = self.range_of(a)
        b_size, b_offset, b_length = self.range_of(b)
        length = self.binary("minui", a_length, b_length) if self.rng.random() < 0.97 else a_length
        return a, a_size, a_offset, b, b_size, b_offset, length

    def buffer_copy(self):
        self.emit("util.buffer.copy", self.two_ranges())

    def buffer_compare(self):
        result = self.emit("util.buffer.compare", self.two_ranges(), ["i1"], may_fail=True)
        self.needed(result)

    def buffer_slice(self):
        buffer = self.value(BUFFER)
        size, offset, length = self.range_of(buffer)
        least = self.index(MIN_SIZE)
        length = self.binary("maxui", length, least)
        offset = self.binary("minui", offset, self.binary("subi", size, length))
        self.emit("util.buffer.slice", [buffer, size, offset, length], [BUFFER])

    # Lists.

    def a_list(self):
        there = [v for v in self.scope if is_list(v.type)]
        return self.rng.choice(there) if there and self.rng.random() < 0.7 else self.value(self.rng.choice(LISTS))

    def list_size(self):
        self.size_of_list(self.a_list())

    def size_of_list(self, made):
        return self.emit("util.list.size", [made], ["index"])

    def list_resize(self):
        self.emit("util.list.resize", [self.a_list(), self.small("index", 15)])

    def element(self, made):
        """An index that is there, since the list has one element at least now; or any."""
        if self.rng.random() < 0.06:
            return self.small("index", 7), True
        size = self.emit("arith.maxui", [self.size_of_list(made), self.index(1)], ["index"])
        self.emit("util.list.resize", [made, size])
        return self.below(size), False

    def list_set(self):
        self.set_element(self.a_list())

    def fill_list(self, made):
        self.emit("util.list.resize", [made, self.index(self.rng.randint(1, 6))])
        for _ in range(self.rng.randint(0, 2)):
            self.set_element(made)

    def set_element(self, made):
        position, _ = self.element(made)
        type_name = element_of(made.type)
        if type_name == "?":
            type_name = self.rng.choice(NUMBERS + [BUFFER])
        self.emit("util.list.set", [made, position, self.value(type_name)])

    def list_get(self):
        made = self.a_list()
        type_name = element_of(made.type)
        position, may_fail = self.element(made)
        if type_name == "?":
            type_name, may_fail = self.rng.choice(NUMBERS + [BUFFER]), True
        attrs = {"may_fail": True} if may_fail else {}
        result = self.emit("util.list.get", [made, position], [type_name], **attrs)
        if type_name in NUMBERS:
            if may_fail:
                self.needed(result)
            return
        self.scope.remove(result)
        is_null = self.emit("util.cmp.eq", [result, self.null(type_name)], ["i1"])
        self.needed(is_null)
        self.emit("arith.select", [is_null, self.value(type_name), result], [type_name])

    def null(self, type_name):
        value = self.emit("util.null", [], [type_name])
        self.scope.remove(value)
        return value

    def ref_compare(self):
        type_name = self.rng.choice(REFS)
        self.emit(self.rng.choice(["util.cmp.eq", "util.cmp.ne"]), [self.value(type_name), self.value(type_name)], ["i1"])

    def object_statement(self):
        table = [(self.buffer_load, 4), (self.buffer_store, 5), (self.buffer_fill, 1.5), (self.buffer_copy, 1.5), (self.buffer_compare, 1), (self.buffer_slice, 1),
                 (self.list_size, 1), (self.list_resize, 1), (self.list_set, 3), (self.list_get, 4), (self.ref_compare, 1)]
        self.rng.choices([s for s, _ in table], [w for _, w in table])[0]()
