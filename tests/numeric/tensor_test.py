# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The tensor dialect against numpy: static, dynamic, empty and odd shapes of every element type, offsets and sizes that are constants
or arguments, and those that must fail."""

import itertools

import numpy as np

from harness import DTYPES, Program, Suite, bf16_bits, round_to_bf16, scratch, tensor_type

NUMBERS = ["i1", "i4", "i8", "i16", "i32", "i64", "f16", "bf16", "f32", "f64"]
ELEMENTS = NUMBERS + ["complex<f32>", "complex<f64>"]  # which have no scalars on the host
DTYPES = {**DTYPES, "complex<f32>": np.complex64, "complex<f64>": np.complex128}


class Function:
    """A function in the making: its arguments with their values, and its lines."""

    def __init__(self, rng):
        self.rng, self.arguments, self.operands, self.lines = rng, [], [], []

    def value(self, element, shape):
        kind = DTYPES[element]
        if element == "i1":
            return self.rng.integers(0, 2, shape).astype(kind)
        if element.startswith("i"):
            low, high = (-8, 8) if element == "i4" else (-100, 100)
            return self.rng.integers(low, high, shape).astype(kind)
        if element.startswith("complex"):
            return np.asarray(self.rng.standard_normal(shape) + 1j * self.rng.standard_normal(shape)).astype(kind)
        if element == "bf16":
            return round_to_bf16(self.rng.standard_normal(shape))
        return np.asarray(self.rng.standard_normal(shape)).astype(kind)

    def tensor(self, element, array, dynamic=False):
        """An argument that is a tensor; gives its name and type."""
        dims = range(array.ndim) if dynamic is True else dynamic or ()
        name, text = f"%a{len(self.arguments)}", tensor_type(element, array.shape, tuple(dims))
        self.arguments.append(f"{name}: {text}")
        self.operands.append(array)
        return name, text

    def number(self, value, dynamic, type_name="index"):
        """A literal, or an argument."""
        if not dynamic:
            return str(value)
        name = f"%a{len(self.arguments)}"
        self.arguments.append(f"{name}: {type_name}")
        self.operands.append(str(value))
        return name

    def numbers(self, values, dynamic):
        return "[" + ", ".join(self.number(v, dynamic) for v in values) + "]"

    def index(self, value, dynamic):
        """A value, whichever it is."""
        if dynamic:
            return self.number(value, True)
        name = f"%c{len(self.lines)}"
        self.line(f"{name} = arith.constant {value} : index")
        return name

    def line(self, text):
        self.lines.append("  " + text + "\n")

    def finish(self, result, result_type):
        self.line(f"return {result} : {result_type}")
        return f"({', '.join(self.arguments)}) -> {result_type}", "".join(self.lines)


# (shape, offsets, sizes, strides, dimensions left out)
SLICES = [
    ((7,), (0,), (7,), (1,), ()),
    ((7,), (2,), (3,), (1,), ()),
    ((7,), (1,), (3,), (2,), ()),
    ((7,), (7,), (0,), (1,), ()),
    ((0,), (0,), (0,), (1,), ()),
    ((37,), (36,), (1,), (5,), ()),
    ((5, 9), (1, 3), (2, 2), (2, 5), ()),
    ((5, 9), (4, 0), (1, 9), (1, 1), (0,)),
    ((5, 9), (0, 8), (5, 1), (1, 1), (1,)),
    ((1, 1), (0, 0), (1, 1), (1, 1), (0, 1)),
    ((4, 0, 3), (1, 0, 2), (2, 0, 1), (1, 3, 1), ()),
    ((3, 1, 17), (2, 0, 0), (1, 1, 16), (1, 1, 1), (0, 1)),
    ((3, 4, 5, 6), (0, 1, 2, 3), (3, 2, 1, 2), (1, 2, 3, 2), (2,)),
    ((2, 2, 3, 3, 2, 2), (1, 0, 1, 0, 0, 1), (1, 2, 2, 3, 2, 1), (1, 1, 1, 1, 1, 1), (5,)),
]


def slice_of(offsets, sizes, strides):
    return tuple(slice(o, o + max(n - 1, 0) * t + 1 if n else o, t) for o, n, t in zip(offsets, sizes, strides))


def test_slices(rng, run):
    for number, (shape, offsets, sizes, strides, dropped) in enumerate(SLICES):
        for element, dynamic in zip(itertools.islice(itertools.cycle(ELEMENTS), number, None), ("static", "tensor", "all")):
            kept = [d for d in range(len(shape)) if d not in dropped]
            out_shape = tuple(sizes[d] for d in kept)
            if dynamic == "static" and any(o >= n for o, n in zip(offsets, shape)):
                continue  # MLIR refuses a slice of nothing at the end, if it is constant
            # Those that are left out are of one element by what the text says.
            size_names = lambda f: "[" + ", ".join(f.number(n, dynamic == "all" and d not in dropped) for d, n in enumerate(sizes)) + "]"
            out_type = tensor_type(element, out_shape, range(len(kept)) if dynamic == "all" else ())
            label = f"{element} {dynamic} {shape} {offsets} {sizes} {strides} {dropped}"

            f = Function(rng)
            a = f.value(element, shape)
            name, text = f.tensor(element, a, dynamic != "static")
            part = f"{f.numbers(offsets, dynamic == 'all')} {size_names(f)} {f.numbers(strides, dynamic == 'all')}"
            f.line(f"%r = tensor.extract_slice {name}{part} : {text} to {out_type}")
            run("extract_slice " + label, *f.finish("%r", out_type), f.operands, [a[slice_of(offsets, sizes, strides)].reshape(out_shape)])

            f = Function(rng)
            a, b = f.value(element, shape), f.value(element, out_shape)
            name, text = f.tensor(element, a, dynamic != "static")
            source, source_type = f.tensor(element, b, dynamic == "all")
            part = f"{f.numbers(offsets, dynamic == 'all')} {size_names(f)} {f.numbers(strides, dynamic == 'all')}"
            f.line(f"%r = tensor.insert_slice {source} into {name}{part} : {source_type} into {text}")
            expected = a.copy()
            expected[slice_of(offsets, sizes, strides)] = b.reshape(sizes)
            run("insert_slice " + label, *f.finish("%r", text), f.operands, [expected])


def test_bad_slices(rng, run):
    for offset, size, stride, message in [(-1, 2, 1, "offset 0 is -1"), (6, 0, 1, "offset 0 is 6, but the dimension's size is 5"), (2, 4, 1, "size 0 is 4, but from the offset on there are 3"),
                                          (1, -2, 1, "size 0 is -2"), (1, 3, 2, "size 0 is 3, but from the offset on there are 2"), (0, 1, 0, "stride 0 is 0"),
                                          (0, 2, -1, "stride 0 is -1"), (0, 2, 2**63 - 1, "size 0 is 2, but from the offset on there are 1"), (2**63 - 1, 1, 1, "offset 0 is 9223372036854775807"),
                                          (1, 2**63 - 1, 1, "size 0 is 9223372036854775807")]:
        f = Function(rng)
        name, text = f.tensor("f32", f.value("f32", 5), True)
        f.line(f"%r = tensor.extract_slice {name}[{f.number(offset, True)}] [{f.number(size, True)}] [{f.number(stride, True)}] : {text} to tensor<?xf32>")
        run(f"extract_slice [{offset}] [{size}] [{stride}]", *f.finish("%r", "tensor<?xf32>"), f.operands, "tensor.extract_slice: " + message)
    f = Function(rng)
    name, text = f.tensor("f32", f.value("f32", 5), True)
    source, source_type = f.tensor("f32", f.value("f32", 3), True)
    f.line(f"%r = tensor.insert_slice {source} into {name}[0] [{f.number(2, True)}] [1] : {source_type} into {text}")
    run("insert_slice of another size", *f.finish("%r", text), f.operands, "tensor.insert_slice: dimension 0 is 3, expected 2")


def test_bad_constants(rng, run):
    """Constants that are as wrong as arguments can be: the program compiles, and says so when it runs there."""
    a = rng.standard_normal((4, 4)).astype(np.float32)
    t, v = "tensor<4x4xf32>", "tensor<?xf32>"
    nine = "  %c9 = arith.constant 9 : index\n  %m5 = arith.constant -5 : index\n  %c1 = arith.constant 1.0 : f32\n"
    for text, message in [(f"tensor.extract_slice %a[0, 1] [1, %c9] [1, 1] : {t} to {v}", "size 1 is 9"), (f"tensor.extract_slice %a[0, 1] [1, %m5] [1, 1] : {t} to {v}", "size 1 is -5"),
                          (f"tensor.generate %m5 {{\n  ^bb0(%i: index):\n    tensor.yield %c1 : f32\n  }} : {v}", "size 0 is -5"), (f"tensor.splat %c1[%m5] : {v}", "size 0 is -5")]:
        run(text, f"(%a: {t}) -> {v}", f"{nine}  %r = {text}\n  %s = arith.addf %r, %r : {v}\n  return %s : {v}\n", [a], message)
    run("an offset", f"(%a: {t}) -> tensor<4xf32>", f"{nine}  %r = tensor.extract_slice %a[%c9, 0] [1, 4] [1, 1] : {t} to tensor<4xf32>\n  return %r : tensor<4xf32>\n", [a], "offset 0 is 9")
    run("a padding", f"(%a: {t}) -> tensor<4x?xf32>",
        f"{nine}  %r = tensor.pad %a low[0, 0] high[0, %m5] {{\n  ^bb0(%i: index, %j: index):\n    tensor.yield %c1 : f32\n  }} : {t} to tensor<4x?xf32>\n  return %r : tensor<4x?xf32>\n", [a], "high padding 1 is -5")


def test_insert(rng, run):
    for number, (shape, at) in enumerate([((), ()), ((1,), (0,)), ((9,), (8,)), ((3, 4), (2, 0)), ((2, 3, 4, 5), (1, 2, 3, 4))]):
        for element in NUMBERS if number == 3 else NUMBERS[number:number + 2]:
            for dynamic in (False, True):
                f = Function(rng)
                a = f.value(element, shape)
                value = f.value(element, ())
                name, text = f.tensor(element, np.asarray(a), dynamic)
                scalar = f.number(int(value) if element.startswith("i") else float(value), True, element)
                indices = ", ".join([f.index(i, dynamic) for i in at])
                f.line(f"%r = tensor.insert {scalar} into {name}[{indices}] : {text}")
                f.line(f"%s = tensor.insert {scalar} into %r[{indices}] : {text}")
                expected = np.array(a)
                expected[at] = value
                run(f"insert {element} {shape} {at}", *f.finish("%s", text), f.operands, [expected])
    for at, message in [(-1, "index 0 is -1, expected 0 or more"), (5, "index 0 is 5, expected 4 or less"), (2**63 - 1, "index 0 is 9223372036854775807, expected 4 or less")]:
        f = Function(rng)
        name, text = f.tensor("i8", f.value("i8", 5), True)
        f.line(f"%v = arith.constant 1 : i8")
        f.line(f"%r = tensor.insert %v into {name}[{f.number(at, True)}] : {text}")
        run(f"insert at {at}", *f.finish("%r", text), f.operands, "tensor.insert: " + message)


def test_concat(rng, run):
    cases = [([(3,), (4,)], 0), ([(3,)], 0), ([(0,), (5,), (0,)], 0), ([(2, 3), (2, 1), (2, 4)], 1), ([(1, 3), (4, 3)], 0), ([(2, 0, 3), (2, 5, 3)], 1), ([(0, 3), (0, 2)], 1),
             ([(2, 3)] * 7, 0), ([(5, 1), (5, 2), (5, 0), (5, 4), (5, 3)], 1), ([(2, 3, 2, 2), (2, 3, 2, 5)], 3)]
    for number, (shapes, dim) in enumerate(cases):
        for element in ELEMENTS if number == 3 else ELEMENTS[number % 4::4]:
            for dynamic in (False, True):
                f = Function(rng)
                values = [f.value(element, s) for s in shapes]
                names, types = zip(*[f.tensor(element, v, dynamic) for v in values])
                expected = np.concatenate(values, dim)
                result = tensor_type(element, expected.shape, range(expected.ndim) if dynamic else ())
                f.line(f"%r = tensor.concat dim({dim}) {', '.join(names)} : ({', '.join(types)}) -> {result}")
                run(f"concat {element} {shapes} {dim}", *f.finish("%r", result), f.operands, [expected])
    f = Function(rng)
    names, types = zip(*[f.tensor("f32", f.value("f32", s), True) for s in [(2, 3), (2, 4)]])
    f.line(f"%r = tensor.concat dim(0) {', '.join(names)} : ({', '.join(types)}) -> tensor<?x?xf32>")
    run("concat of other sizes", *f.finish("%r", "tensor<?x?xf32>"), f.operands, "tensor.concat: dimension 1 of operand 1 is 4, expected 3")


PADS = [((3,), (0,), (0,)), ((3,), (2,), (1,)), ((0,), (2,), (3,)), ((0,), (0,), (0,)), ((4, 5), (1, 0), (0, 7)), ((4, 0), (1, 2), (1, 3)), ((1, 2, 3), (3, 2, 1), (1, 2, 3)), ((33, 17), (5, 0), (1, 16))]


def test_pad(rng, run):
    for number, (shape, low, high) in enumerate(PADS):
        for element in NUMBERS if number in (1, 4) else NUMBERS[number % 3::3]:
            for dynamic in (False, True):
                f = Function(rng)
                a, value = f.value(element, shape), f.value(element, ())
                name, text = f.tensor(element, a, dynamic)
                expected = np.pad(a, list(zip(low, high)), constant_values=value)
                result = tensor_type(element, expected.shape, range(expected.ndim) if dynamic else ())
                scalar = f.number(int(value) if element.startswith("i") else float(value), True, element)
                arguments = ", ".join(f"%i{d}: index" for d in range(len(shape)))
                f.line(f"%r = tensor.pad {name}{' nofold' if number % 2 else ''} low{f.numbers(low, dynamic)} high{f.numbers(high, dynamic)} {{")
                f.line(f"^bb0({arguments}):\n    tensor.yield {scalar} : {element}\n  }} : {text} to {result}")
                run(f"pad {element} {shape} {low} {high}", *f.finish("%r", result), f.operands, [expected])
    # Padding that is computed, of the result's indices and of what is read at them; there is nothing to read for other elements.
    f = Function(rng)
    a, edge = f.value("i32", (5,)), f.value("i32", (2,))
    name, text = f.tensor("i32", a, True)
    other, other_type = f.tensor("i32", edge, True)
    f.line(f"%r = tensor.pad {name} low[2] high[0] {{\n  ^bb0(%i: index):\n    %v = tensor.extract {other}[%i] : {other_type}")
    f.line(f"  %j = arith.index_cast %i : index to i32\n    %w = arith.addi %v, %j : i32\n    tensor.yield %w : i32\n  }} : {text} to tensor<?xi32>")
    run("pad by what is computed", *f.finish("%r", "tensor<?xi32>"), f.operands, [np.concatenate([edge + np.arange(2, dtype=np.int32), a])])
    for low, high, message in [(-1, 0, "low padding 0 is -1"), (0, -2, "high padding 0 is -2"), (2**62, 2**62, "the sum of the sizes does not fit")]:
        f = Function(rng)
        name, text = f.tensor("f32", f.value("f32", 5), True)
        f.line(f"%c = arith.constant 0.0 : f32\n  %r = tensor.pad {name} low[{f.number(low, True)}] high[{f.number(high, True)}] {{\n  ^bb0(%i: index):\n    tensor.yield %c : f32\n  }} : {text} to tensor<?xf32>")
        run(f"pad [{low}] [{high}]", *f.finish("%r", "tensor<?xf32>"), f.operands, "tensor.pad: " + message)


def test_made(rng, run):
    """generate, splat, from_elements, empty, rank, dim."""
    for shape in [(), (5,), (0,), (3, 7), (2, 0, 3), (2, 3, 4, 5)]:
        for dynamic in (False, True):
            f = Function(rng)
            text = tensor_type("i64", shape, range(len(shape)) if dynamic else ())
            sizes = ", ".join([f.number(n, True) for n in shape] if dynamic else [])
            arguments = ", ".join(f"%i{d}: index" for d in range(len(shape)))
            f.line(f"%k = arith.constant 7 : index")
            f.line(f"%r = tensor.generate {sizes} {{\n  ^bb0({arguments}):" if shape else "%r = tensor.generate {")
            last = "%k"
            for d in range(len(shape)):
                f.line(f"  %m{d} = arith.muli {last}, %k : index\n    %s{d} = arith.addi %m{d}, %i{d} : index")
                last = f"%s{d}"
            f.line(f"  %v = arith.index_cast {last} : index to i64\n    tensor.yield %v : i64\n  }} : {text}")
            expected = np.full(shape, 7, np.int64)
            for d, grid in enumerate(np.indices(shape)):
                expected = expected * 7 + grid
            run(f"generate {shape}", *f.finish("%r", text), f.operands, [expected])
    for element in NUMBERS:
        for count, shape in [(1, ()), (1, (1,)), (3, (3,)), (6, (2, 3)), (16, (16,)), (40, (5, 2, 4)), (150, (150,))]:
            f = Function(rng)
            values = f.value(element, count)
            text = tensor_type(element, shape)
            names = []
            for i, v in enumerate(values):
                if i % 3:
                    names.append(f.number(int(v) if element.startswith("i") else float(v), True, element))
                else:
                    names.append(f"%k{i}")
                    literal = ("true" if v else "false") if element == "i1" else f"{int(v)} : {element}" if element.startswith("i") else f"{float(v)!r} : {element}"
                    f.line(f"%k{i} = arith.constant {literal}")
            f.line(f"%r = tensor.from_elements {', '.join(names)} : {text}")
            run(f"from_elements {element} {shape}", *f.finish("%r", text), f.operands, [values.reshape(shape)])
    for dimension in (0, 2):
        f = Function(rng)
        name, text = f.tensor("f32", f.value("f32", (3, 4, 5)), True)
        f.line(f"%d = tensor.dim {name}, {f.number(dimension, True)} : {text}\n  %k = tensor.rank {name} : {text}")
        f.line("%r = tensor.from_elements %d, %k : tensor<2xindex>")
        run(f"dim {dimension}", *f.finish("%r", "tensor<2xindex>"), f.operands, [np.array([(3, 4, 5)[dimension], 3], np.int64)])
    for text, message in [("%r = tensor.empty(%a0) : tensor<?xf32>", "tensor.empty: size 0 is -3"), ("%c = arith.constant 1.0 : f32\n  %r = tensor.splat %c[%a0] : tensor<?xf32>", "tensor.splat: size 0 is -3"),
                          ("%c = arith.constant 1.0 : f32\n  %r = tensor.generate %a0 {\n  ^bb0(%i: index):\n    tensor.yield %c : f32\n  } : tensor<?xf32>", "tensor.generate: size 0 is -3")]:
        f = Function(rng)
        f.number(-3, True)
        f.line(text)
        run("a negative size", *f.finish("%r", "tensor<?xf32>"), f.operands, message)


def test_reshapes(rng, run):
    cases = [((12,), (3, 4), "[[0, 1]]"), ((0,), (0, 4), "[[0, 1]]"), ((5, 12), (5, 2, 3, 2), "[[0], [1, 2, 3]]"), ((6, 4), (2, 3, 4), "[[0, 1], [2]]"), ((1,), (1, 1), "[[0, 1]]"), ((0, 6), (0, 2, 3), "[[0], [1, 2]]")]
    for number, (small, large, groups) in enumerate(cases):
        for element in ELEMENTS[number % 2::2]:
            for dynamic in ((), (0,), range(len(large))):
                # A dimension of the small shape is dynamic if one that it consists of is.
                members = eval(groups)
                small_dynamic = [i for i, group in enumerate(members) if set(group) & set(dynamic)]
                f = Function(rng)
                a = f.value(element, small)
                name, text = f.tensor(element, a, small_dynamic)
                target = tensor_type(element, large, tuple(dynamic))
                sizes = ", ".join(f.number(n, d in dynamic) for d, n in enumerate(large))
                f.line(f"%r = tensor.expand_shape {name} {groups} output_shape [{sizes}] : {text} into {target}")
                run(f"expand_shape {element} {small} {large} {list(dynamic)}", *f.finish("%r", target), f.operands, [a.reshape(large)])
                f = Function(rng)
                a = f.value(element, large)
                name, text = f.tensor(element, a, dynamic)
                target = tensor_type(element, small, small_dynamic)
                f.line(f"%r = tensor.collapse_shape {name} {groups} : {text} into {target}")
                run(f"collapse_shape {element} {large} {small} {list(dynamic)}", *f.finish("%r", target), f.operands, [a.reshape(small)])
    for shape, target in [((12,), (2, 6)), ((3, 4), (2, 2, 3)), ((0, 5), (7, 0)), ((), (1, 1)), ((1, 1), ()), ((2, 3, 5), (30,))]:
        for element, shape_element in zip(ELEMENTS, itertools.cycle(["index", "i32", "i64"])):
            for dynamic in (False, True):
                f = Function(rng)
                a = f.value(element, shape)
                name, text = f.tensor(element, a, dynamic)
                sizes, sizes_type = f.tensor(shape_element, np.array(target, DTYPES[shape_element]))
                result = tensor_type(element, target, range(len(target)) if dynamic else ())
                f.line(f"%r = tensor.reshape {name}({sizes}) : ({text}, {sizes_type}) -> {result}")
                run(f"reshape {element} {shape} {target}", *f.finish("%r", result), f.operands, [a.reshape(target)])
    bad = [((2**31, 2**31), "has"), ((2**32, 2**32), "product of the sizes does not fit"), ((-1, -12), "size 0 is -1"), ((5, 2), "the shape has 10 elements, but the operand has 12")]
    for target, message in bad:
        f = Function(rng)
        name, text = f.tensor("f32", f.value("f32", 12), True)
        sizes, sizes_type = f.tensor("i64", np.array(target, np.int64))
        f.line(f"%r = tensor.reshape {name}({sizes}) : ({text}, {sizes_type}) -> tensor<?x?xf32>")
        run(f"reshape to {target}", *f.finish("%r", "tensor<?x?xf32>"), f.operands, message)
    for n, m, message in [(4, 4, "dimension 0 is 12, expected 16"), (2**62, 4, "the product of the sizes does not fit"), (-3, -4, "size 0 is -3")]:
        f = Function(rng)
        name, text = f.tensor("f32", f.value("f32", 12), True)
        f.line(f"%r = tensor.expand_shape {name} [[0, 1]] output_shape [{f.number(n, True)}, {f.number(m, True)}] : {text} into tensor<?x?xf32>")
        run(f"expand_shape to {n} {m}", *f.finish("%r", "tensor<?x?xf32>"), f.operands, "tensor.expand_shape: " + message)
    f = Function(rng)
    name, text = f.tensor("f32", f.value("f32", 12), True)
    f.line(f"%r = tensor.expand_shape {name} [[0, 1]] output_shape [{f.number(2, True)}, 5] : {text} into tensor<?x5xf32>")
    run("expand_shape that doesn't divide", *f.finish("%r", "tensor<?x5xf32>"), f.operands, "dimension 0 is not a multiple of 5: the remainder is 2")


def test_gather(rng, run):
    for number, (shape, dims, batch) in enumerate([((9,), (0,), (4,)), ((5, 6), (0,), (7,)), ((5, 6), (1,), (2, 3)), ((5, 6), (0, 1), (8,)), ((4, 5, 3), (0, 2), (3,)), ((4, 5), (0,), (0,)), ((4, 0), (0,), (3,))]):
        window = [n for d, n in enumerate(shape) if d not in dims]
        ones = [1 if d in dims else n for d, n in enumerate(shape)]
        for element, at_element in zip(ELEMENTS if number == 1 else ELEMENTS[number % 3::3], itertools.cycle(["index", "i32", "i64", "i8"])):
            for dynamic, reduced in itertools.product((False, True), (False, True)):
                f = Function(rng)
                a = f.value(element, shape)
                count = int(np.prod(batch))
                cells = [shape[d] for d in dims]
                flat = rng.permutation(int(np.prod(cells)))[:count] if element != "i1" else rng.permutation(int(np.prod(cells)))[:count]
                count = len(flat)
                if count != int(np.prod(batch)):
                    batch = (count,)
                at = np.stack(np.unravel_index(flat, cells), -1).reshape(tuple(batch) + (len(dims),)).astype(DTYPES[at_element])
                where = [slice(None)] * len(shape)
                moved = np.moveaxis(a, dims, range(len(dims)))
                taken = moved[tuple(at[..., i] for i in range(len(dims)))]  # batch, then the window
                out_shape = tuple(batch) + tuple(window if reduced else ones)
                expected = taken.reshape(out_shape)
                name, text = f.tensor(element, a, dynamic)
                indices, indices_type = f.tensor(at_element, at, range(len(batch)) if dynamic else ())
                out_dynamic = [d for d in range(len(out_shape)) if dynamic and (d < len(batch) or reduced or (d - len(batch)) not in dims)]
                result = tensor_type(element, out_shape, out_dynamic)
                list_ = ", ".join(str(d) for d in dims)
                f.line(f"%r = tensor.gather {name}[{indices}] gather_dims([{list_}]) : ({text}, {indices_type}) -> {result}")
                run(f"gather {element} {at_element} {shape} {dims} {batch} {reduced}", *f.finish("%r", result), f.operands, [expected])

                f = Function(rng)
                b = f.value(element, out_shape)
                source, source_type = f.tensor(element, b, out_dynamic)
                name, text = f.tensor(element, a, dynamic)
                indices, indices_type = f.tensor(at_element, at, range(len(batch)) if dynamic else ())
                f.line(f"%r = tensor.scatter {source} into {name}[{indices}] scatter_dims([{list_}]) unique : ({source_type}, {text}, {indices_type}) -> {text}")
                expected = np.moveaxis(a.copy(), dims, range(len(dims)))
                expected[tuple(at[..., i] for i in range(len(dims)))] = b.reshape(tuple(batch) + tuple(window))
                run(f"scatter {element} {at_element} {shape} {dims} {batch} {reduced}", *f.finish("%r", text), f.operands, [np.ascontiguousarray(np.moveaxis(expected, range(len(dims)), dims))])
    for at in (-1, 4):
        f = Function(rng)
        name, text = f.tensor("f32", f.value("f32", 4), True)
        indices, indices_type = f.tensor("i32", np.array([[0], [at]], np.int32))
        f.line(f"%r = tensor.gather {name}[{indices}] gather_dims([0]) : ({text}, {indices_type}) -> tensor<2xf32>")
        run(f"gather at {at}", *f.finish("%r", "tensor<2xf32>"), f.operands, "an index lies outside of its tensor")
        f = Function(rng)
        name, text = f.tensor("f32", f.value("f32", 4), True)
        indices, indices_type = f.tensor("i32", np.array([[0], [at]], np.int32))
        source, source_type = f.tensor("f32", f.value("f32", 2))
        f.line(f"%r = tensor.scatter {source} into {name}[{indices}] scatter_dims([0]) unique : ({source_type}, {text}, {indices_type}) -> {text}")
        run(f"scatter at {at}", *f.finish("%r", text), f.operands, "an index lies outside of its tensor")


def test_bitcast(rng, run):
    for source, target in [("f32", "i32"), ("i32", "f32"), ("f64", "i64"), ("i64", "f64"), ("i16", "f16"), ("bf16", "i16"), ("i8", "i8")]:
        for dynamic in (False, True):
            f = Function(rng)
            a = f.value(source, (3, 5))
            name, text = f.tensor(source, a, dynamic)
            result = tensor_type(target, a.shape, (0, 1) if dynamic else ())
            f.line(f"%r = tensor.bitcast {name} : {text} to {result}")
            run(f"bitcast {source} {target}", *f.finish("%r", result), f.operands, [bf16_bits(a).view(np.int16) if source == "bf16" else a.view(DTYPES[target])])


def test_loops(rng, run):
    """scf that carries tensors."""
    t = "tensor<?x?xf32>"
    a = rng.standard_normal((6, 8)).astype(np.float32)
    text = (f"  %c0 = arith.constant 0 : index\n  %c1 = arith.constant 1 : index\n  %m = tensor.dim %a, %c0 : {t}\n  %n = tensor.dim %a, %c1 : {t}\n"
            f"  %r = scf.forall (%i, %j) = (0, 0) to (%m, %n) step (2, 3) shared_outs(%o = %a) -> ({t}) {{\n"
            f"    %l = arith.subi %n, %j : index\n    %c3 = arith.constant 3 : index\n    %w = arith.minsi %l, %c3 : index\n"
            f"    %s = tensor.extract_slice %a[%i, %j] [2, %w] [1, 1] : {t} to tensor<2x?xf32>\n    %d = arith.addf %s, %s : tensor<2x?xf32>\n"
            f"    scf.forall.in_parallel {{\n      tensor.parallel_insert_slice %d into %o[%i, %j] [2, %w] [1, 1] : tensor<2x?xf32> into {t}\n    }}\n  }}\n  return %r : {t}\n")
    run("forall", f"(%a: {t}) -> {t}", text, [a], [a + a])
    run("forall over nothing", f"(%a: {t}) -> {t}", text, [a[:0]], [a[:0]])
    text = (f"  %c0 = arith.constant 0 : index\n  %c1 = arith.constant 1 : index\n"
            f"  %r:2 = scf.for %i = %c0 to %k step %c1 iter_args(%x = %a, %y = %a) -> ({t}, {t}) {{\n"
            f"    %z = arith.addf %x, %y : {t}\n    %odd = arith.andi %i, %c1 : index\n    %p = arith.cmpi eq, %odd, %c1 : index\n"
            f"    %q = scf.if %p -> {t} {{\n      scf.yield %z : {t}\n    }} else {{\n      scf.yield %x : {t}\n    }}\n    scf.yield %z, %q : {t}, {t}\n  }}\n"
            f"  return %r#0, %r#1 : {t}, {t}\n")
    for count in (0, 1, 5):
        x = y = a
        for i in range(count):
            z = x + y
            x, y = z, (z if i % 2 else x)
        run(f"for {count}", f"(%a: {t}, %k: index) -> ({t}, {t})", text, [a, str(count)], [x, y])
    text = (f"  %c1 = arith.constant 1 : index\n  %r:2 = scf.while (%x = %a, %n = %k) : ({t}, index) -> ({t}, index) {{\n    %p = arith.cmpi sgt, %n, %c1 : index\n"
            f"    scf.condition(%p) %x, %n : {t}, index\n  }} do {{\n  ^bb0(%x: {t}, %n: index):\n    %y = arith.addf %x, %x : {t}\n    %m = arith.subi %n, %c1 : index\n"
            f"    scf.yield %y, %m : {t}, index\n  }}\n  return %r#0 : {t}\n")
    run("while", f"(%a: {t}, %k: index) -> {t}", text, [a, "4"], [a * 8])
    text = (f"  %r = scf.index_switch %k -> {t}\n  case 2 {{\n    %x = arith.addf %a, %a : {t}\n    scf.yield %x : {t}\n  }}\n  case 5 {{\n"
            f"    %x = scf.execute_region -> {t} {{\n      %y = arith.mulf %a, %a : {t}\n      scf.yield %y : {t}\n    }}\n    scf.yield %x : {t}\n  }}\n"
            f"  default {{\n    scf.yield %a : {t}\n  }}\n  return %r : {t}\n")
    for k, expected in ((2, a + a), (5, a * a), (0, a)):
        run(f"index_switch {k}", f"(%a: {t}, %k: index) -> {t}", text, [a, str(k)], [expected])
    text = ("  %c0 = arith.constant 0 : index\n  %c1 = arith.constant 1 : index\n  %n = tensor.dim %a, %c0 : tensor<?xf64>\n  %z = arith.constant 0.0 : f64\n"
            "  %r = scf.parallel (%i) = (%c0) to (%n) step (%c1) init (%z) -> f64 {\n    %x = tensor.extract %a[%i] : tensor<?xf64>\n"
            "    scf.reduce(%x : f64) {\n    ^bb0(%p: f64, %q: f64):\n      %s = arith.addf %p, %q : f64\n      scf.reduce.return %s : f64\n    }\n  }\n"
            "  %t = tensor.from_elements %r : tensor<f64>\n  return %t : tensor<f64>\n")
    b = rng.integers(-50, 50, 9).astype(np.float64)
    run("parallel", "(%a: tensor<?xf64>) -> tensor<f64>", text, [b], [np.array(b.sum())])


def test_bodies(rng, run):
    """math and branches in the regions of pad and generate; what a branch reads is read only there."""
    a = np.array([4, 9, 16, 25], np.float64)
    text = ("  %0 = tensor.pad %a low[1] high[1] {\n  ^bb0(%i: index):\n    %x = arith.index_cast %i : index to i64\n    %y = arith.sitofp %x : i64 to f64\n"
            "    %z = math.sqrt %y : f64\n    tensor.yield %z : f64\n  } : tensor<?xf64> to tensor<?xf64>\n"
            "  %1 = tensor.generate %n {\n  ^bb0(%i: index):\n    %c0 = arith.constant 0 : index\n    %m = tensor.dim %a, %c0 : tensor<?xf64>\n    %p = arith.cmpi slt, %i, %m : index\n"
            "    %z = scf.if %p -> f64 {\n      %e = tensor.extract %a[%i] : tensor<?xf64>\n      %s = math.sqrt %e : f64\n      scf.yield %s : f64\n    } else {\n"
            "      %s = arith.constant -1.0 : f64\n      scf.yield %s : f64\n    }\n    tensor.yield %z : f64\n  } : tensor<?xf64>\n  return %0, %1 : tensor<?xf64>, tensor<?xf64>\n")
    for b in (a, a[:0]):
        padded = np.concatenate([[0.0], b, np.sqrt([len(b) + 1.0])])
        made = np.concatenate([np.sqrt(b), np.full(6 - len(b), -1.0)])
        run(f"bodies {len(b)}", "(%a: tensor<?xf64>, %n: index) -> (tensor<?xf64>, tensor<?xf64>)", text, [b, "6"], [padded, made])


def test_chains(rng, run):
    """Results of one operation that are the operand of the next, and are used again after an update."""
    t = "tensor<?xf32>"
    a = rng.standard_normal(10).astype(np.float32)
    text = (f"  %v = arith.constant 9.0 : f32\n  %c1 = arith.constant 1 : index\n  %x = arith.addf %a, %a : {t}\n  %y = tensor.insert %v into %x[%c1] : {t}\n"
            f"  %z = arith.subf %y, %x : {t}\n  return %x, %y, %z : {t}, {t}, {t}\n")
    x = a + a
    y = x.copy()
    y[1] = 9
    run("a tensor that is updated and used", f"(%a: {t}) -> ({t}, {t}, {t})", text, [a], [x, y, y - x])
    text = (f"  %s = tensor.extract_slice %a[2] [4] [2] : {t} to tensor<4xf32>\n  %e = tensor.expand_shape %s [[0, 1]] output_shape [2, 2] : tensor<4xf32> into tensor<2x2xf32>\n"
            f"  %z = arith.constant 0.0 : f32\n  %p = tensor.pad %e low[1, 0] high[0, 1] {{\n  ^bb0(%i: index, %j: index):\n    tensor.yield %z : f32\n  }} : tensor<2x2xf32> to tensor<3x3xf32>\n"
            f"  %q = arith.mulf %p, %p : tensor<3x3xf32>\n  %r = tensor.insert_slice %e into %q[1, 1] [2, 2] [1, 1] : tensor<2x2xf32> into tensor<3x3xf32>\n"
            f"  %f = tensor.collapse_shape %r [[0, 1]] : tensor<3x3xf32> into tensor<9xf32>\n  return %f, %e : tensor<9xf32>, tensor<2x2xf32>\n")
    e = a[2:10:2].reshape(2, 2)
    q = np.pad(e, ((1, 0), (0, 1)))
    r = q * q
    r[1:, 1:] = e
    run("a chain", f"(%a: {t}) -> (tensor<9xf32>, tensor<2x2xf32>)", text, [a], [r.reshape(9), e])


def main():
    rng = np.random.default_rng(5)
    suite = Suite()
    functions, runs = [], []

    def collect(label, signature, body, operands, expected):
        symbol = f"f{len(functions)}"
        # An asynchronous export can't return at once what has sizes that it reads.
        model = 'attributes {iree.abi.model = "sync"} ' if label.startswith("reshape") else ""
        functions.append(f"func.func @{symbol}{signature} {model}{{\n{body}}}\n")
        runs.append((label, symbol, operands, expected))

    for test in (test_slices, test_bad_slices, test_bad_constants, test_insert, test_concat, test_pad, test_made, test_reshapes, test_gather, test_bitcast, test_loops, test_bodies, test_chains):
        test(rng, collect)
    with scratch() as directory:
        common = Program("module @m {\n" + "".join(functions) + "}\n", directory)
        for label, symbol, operands, expected in runs:
            try:
                for i, (a, e) in enumerate(zip(common.run(symbol, operands, 1 if isinstance(expected, str) else len(expected)), expected)):
                    if isinstance(expected, str):
                        suite.error(label, f"runs; expected an error: {expected}")
                        break
                    suite.check(f"{label}, result {i}", a, e)
            except RuntimeError as error:
                if isinstance(expected, str):
                    suite.check_text(label, expected in str(error) or str(error), True)
                else:
                    suite.error(label, error)
    suite.finish()


if __name__ == "__main__":
    main()
