# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""linalg's named operations, and maps and bodies of every form, against numpy: static, dynamic and empty shapes, and what must fail.
(The matmul family, reductions and softmax on every type are proved in tests/proof.)

Floats are small integers wherever they are added up, so that any order gives the same bits."""

import math

import numpy as np

from harness import DTYPES, Program, Suite, scratch, tensor_type


COMPLEX = {"c64": "complex<f32>", "c128": "complex<f64>"}
KINDS = {**DTYPES, "c64": np.complex64, "c128": np.complex128}


def values(rng, element, shape, low=-4, high=5):
    kind = KINDS[element]
    if element in COMPLEX:
        return np.asarray(rng.integers(low, high, shape) + 1j * rng.integers(low, high, shape), kind)
    if element == "i1":
        return rng.integers(0, 2, shape).astype(kind)
    return rng.integers(low, high, shape).astype(kind)


class Case:
    """One function: operands, and the operation's line with `{ins}` and `{outs}` for its operands."""

    def __init__(self, label, line, ins, outs, expected, dynamic=False, before=""):
        """ins: (element, array) or (type, text of a number); outs: (element, array)."""
        arguments, types = [], []
        for i, (element, value) in enumerate([*ins, *outs]):
            is_tensor = isinstance(value, np.ndarray)
            element = COMPLEX.get(element, element)
            types.append(tensor_type(element, value.shape, range(value.ndim) if dynamic else ()) if is_tensor else element)
            arguments.append(f"%a{i}: {types[-1]}")
        names = [f"%a{i}" for i in range(len(arguments))]
        count = len(ins)
        group = lambda part: ", ".join(names[part]) + " : " + ", ".join(types[part])
        ins_text, outs_text = group(slice(0, count)), group(slice(count, None))
        results = ", ".join(types[count:])
        line = line.replace("{ins}", ins_text).replace("{outs}", outs_text).replace("{results}", results)
        named = ", ".join(f"%r#{i}" for i in range(len(outs))) if len(outs) > 1 else "%r"
        self.body = f"{before}  %r{f':{len(outs)}' if len(outs) > 1 else ''} = {line}\n  return {named} : {results}\n"
        self.signature = f"({', '.join(arguments)}) -> " + (f"({results})" if len(outs) > 1 else results)
        self.label, self.operands, self.expected = f"{label}{' dynamic' if dynamic else ''}", [v for _, v in [*ins, *outs]], expected


def both(label, line, ins, outs, expected):
    return [Case(label, line, ins, outs, expected, dynamic) for dynamic in (False, True)]


# ---- Contractions, windows ----

def iterate(extents):
    """All iterations: {loop: array of indices}."""
    loops = list(extents)
    grid = np.indices([extents[l] for l in loops]).reshape(len(loops), -1)
    return dict(zip(loops, grid))


def accumulate(combine, out, out_index, terms):
    """numpy's own scatter, in the order of the iterations."""
    result = out.copy()
    combine.at(result, out_index, terms)
    return result


SIZES = {"n": 2, "c": 3, "f": 4, "g": 2, "m": 2}


def window_sizes(spatial, rng, stride, dilation, empty=None):
    extents = {}
    for axis in spatial:
        extents["o" + axis] = int(rng.integers(1, 5))
        extents["k" + axis] = int(rng.integers(1, 4))
    if empty:
        extents[empty] = 0
    needed = {axis: max(0, (extents["o" + axis] - 1) * stride + (extents["k" + axis] - 1) * dilation + 1) for axis in spatial}
    return extents, needed


def window(rng, name, element, in_layout, kernel_layout, out_layout, out_element=None, combine=np.add, stride=1, dilation=1, zero_points=(),
           pooling=False, unsigned=False, empty=None):
    out_element = out_element or element
    spatial = [a for a in "dhw" if a in in_layout]
    extents, needed = window_sizes(spatial, rng, stride, dilation, empty)
    loops = dict(extents)
    for letter in set(in_layout + out_layout + kernel_layout) - set(spatial):
        loops[letter] = SIZES[letter]
    if not pooling and len(spatial) == len(in_layout):  # linalg.conv_1d and the like: no other dimension
        pass
    x = values(rng, element, [needed.get(a, loops.get(a)) for a in in_layout])
    k = values(rng, element, [loops.get("k" + a, loops.get(a)) for a in kernel_layout])
    out = values(rng, out_element, [loops.get("o" + a, loops.get(a)) for a in out_layout])
    at = iterate(loops)
    x_index = tuple(at["o" + a] * stride + at["k" + a] * dilation if a in spatial else at[a] for a in in_layout)
    k_index = tuple(at["k" + a] if a in spatial else at[a] for a in kernel_layout)
    out_index = tuple(at["o" + a] if a in spatial else at[a] for a in out_layout)
    kind = DTYPES[out_element]
    terms = x[x_index].astype(kind)
    if pooling:
        if unsigned:
            view = {1: np.uint8, 4: np.uint32}[np.dtype(kind).itemsize]
            expected = accumulate(combine, out.view(view), out_index, terms.view(view)).view(kind)
        else:
            expected = accumulate(combine, out, out_index, terms)
    else:
        zx, zk = zero_points or (0, 0)
        expected = accumulate(np.add, out, out_index, (terms - kind(zx)) * (k[k_index].astype(kind) - kind(zk)))
    attributes = ""
    if stride != 1 or dilation != 1:
        count = len(spatial)
        attributes = f" {{strides = dense<{stride}> : tensor<{count}xi64>, dilations = dense<{dilation}> : tensor<{count}xi64>}}"
    ins = [(element, x), (element, k)] + [("i32", str(z)) for z in zero_points]
    label = f"{name} {element} stride {stride} dilation {dilation}{' empty ' + empty if empty else ''}"
    return both(label, f"linalg.{name}{attributes} ins({{ins}}) outs({{outs}}) -> {{results}}", ins, [(out_element, out)], [expected])


CONVOLUTIONS = [
    ("conv_1d_nwc_wcf", "nwc", "wcf", "nwf"), ("conv_1d_ncw_fcw", "ncw", "fcw", "nfw"),
    ("conv_2d_nhwc_hwcf", "nhwc", "hwcf", "nhwf"), ("conv_2d_nhwc_fhwc", "nhwc", "fhwc", "nhwf"), ("conv_2d_nchw_fchw", "nchw", "fchw", "nfhw"),
    ("conv_2d_ngchw_fgchw", "ngchw", "fgchw", "ngfhw"), ("conv_2d_ngchw_gfchw", "ngchw", "gfchw", "ngfhw"), ("conv_2d_nhwgc_gfhwc", "nhwgc", "gfhwc", "nhwgf"),
    ("conv_3d_ndhwc_dhwcf", "ndhwc", "dhwcf", "ndhwf"), ("conv_3d_ncdhw_fcdhw", "ncdhw", "fcdhw", "nfdhw"),
    ("depthwise_conv_1d_nwc_wc", "nwc", "wc", "nwc"), ("depthwise_conv_1d_nwc_wcm", "nwc", "wcm", "nwcm"), ("depthwise_conv_1d_ncw_cw", "ncw", "cw", "ncw"),
    ("depthwise_conv_2d_nhwc_hwc", "nhwc", "hwc", "nhwc"), ("depthwise_conv_2d_nhwc_hwcm", "nhwc", "hwcm", "nhwcm"), ("depthwise_conv_2d_nchw_chw", "nchw", "chw", "nchw"),
    ("depthwise_conv_3d_ndhwc_dhwc", "ndhwc", "dhwc", "ndhwc"), ("depthwise_conv_3d_ncdhw_cdhw", "ncdhw", "cdhw", "ncdhw"), ("depthwise_conv_3d_ndhwc_dhwcm", "ndhwc", "dhwcm", "ndhwcm"),
]
POOLINGS = [("pooling_nhwc", "nhwc"), ("pooling_nchw", "nchw"), ("pooling_nwc", "nwc"), ("pooling_ncw", "ncw"), ("pooling_ndhwc", "ndhwc")]


def convolutions(rng):
    for spatial, name in (("w", "conv_1d"), ("hw", "conv_2d"), ("dhw", "conv_3d")):
        yield from window(rng, name, "f32", spatial, spatial, spatial)
    for i, (name, in_layout, kernel_layout, out_layout) in enumerate(CONVOLUTIONS):
        yield from window(rng, name, "f32", in_layout, kernel_layout, out_layout)
        yield from window(rng, name, ("i32", "f64", "i16")[i % 3], in_layout, kernel_layout, out_layout, stride=2, dilation=2)
    yield from window(rng, "conv_2d_nhwc_hwcf", "f16", "nhwc", "hwcf", "nhwf", "f32", stride=3)
    yield from window(rng, "conv_2d_nhwc_hwcf", "i8", "nhwc", "hwcf", "nhwf", "i32", dilation=3)
    yield from window(rng, "conv_1d_nwc_wcf", "f32", "nwc", "wcf", "nwf", empty="kw")
    yield from window(rng, "conv_1d_nwc_wcf", "f32", "nwc", "wcf", "nwf", empty="ow")
    for name, layouts in (("conv_2d_nhwc_hwcf_q", ("nhwc", "hwcf", "nhwf")), ("conv_2d_nchw_fchw_q", ("nchw", "fchw", "nfhw")),
                          ("conv_3d_ndhwc_dhwcf_q", ("ndhwc", "dhwcf", "ndhwf")), ("depthwise_conv_2d_nhwc_hwc_q", ("nhwc", "hwc", "nhwc")),
                          ("depthwise_conv_2d_nhwc_hwcm_q", ("nhwc", "hwcm", "nhwcm")), ("conv_2d_ngchw_gfchw_q", ("ngchw", "gfchw", "ngfhw")),
                          ("conv_2d_nhwgc_gfhwc_q", ("nhwgc", "gfhwc", "nhwgf")), ("conv_2d_nhwc_fhwc_q", ("nhwc", "fhwc", "nhwf"))):
        yield from window(rng, name, "i8", *layouts, "i32", zero_points=(3, -2))


def poolings(rng):
    for name, layout in POOLINGS:
        kernel = "".join(a for a in "dhw" if a in layout)
        for suffix, combine in (("sum", np.add), ("max", np.maximum), ("min", np.minimum)):
            if suffix == "min" and name in ("pooling_nchw", "pooling_ncw"):
                continue  # linalg has none
            yield from window(rng, f"{name}_{suffix}", "f32", layout, kernel, layout, combine=combine, pooling=True)
            yield from window(rng, f"{name}_{suffix}", "i32", layout, kernel, layout, combine=combine, pooling=True, stride=2, dilation=2)
        if name in ("pooling_nhwc", "pooling_nwc"):
            for suffix, combine in (("max_unsigned", np.maximum), ("min_unsigned", np.minimum)):
                yield from window(rng, f"{name}_{suffix}", "i8", layout, kernel, layout, combine=combine, pooling=True, unsigned=True)
    yield from window(rng, "pooling_nhwc_sum", "f32", "nhwc", "hw", "nhwc", pooling=True, empty="kh")


def einsum(rng, label, line, subscripts, sizes, elements, formula=None):
    """formula: of the inputs as arrays of the result's type, instead of einsum."""
    left, right = subscripts.split("->")
    parts = left.split(",")
    kind = KINDS[elements[-1]]
    ins = [(e, values(rng, e, [sizes[l] for l in part])) for e, part in zip(elements, parts)]
    out = values(rng, elements[-1], [sizes[l] for l in right])
    wide = [a.astype(kind) for _, a in ins]
    product = np.einsum(subscripts, *wide) if formula is None else formula(*wide)
    return both(f"{label} {sizes}", line, ins, [(elements[-1], out)], [(out + product).astype(kind)])


def contractions(rng):
    for m, n, k in ((1, 1, 1), (4, 8, 5), (17, 3, 9), (0, 4, 5), (4, 0, 5), (4, 5, 0)):
        sizes = dict(m=m, n=n, k=k, b=2)
        plain = lambda name, subscripts, elements=("f32", "f32", "f32"): einsum(
            rng, name, f"linalg.{name} ins({{ins}}) outs({{outs}}) -> {{results}}", subscripts, sizes, elements)
        yield from plain("batch_reduce_matmul", "bmk,bkn->mn")
        yield from plain("batch_vecmat", "bk,bkn->bn")
        yield from plain("batch_matvec", "bmk,bk->bm", ("f64", "f64", "f64"))
        yield from plain("matmul", "mk,kn->mn", ("i8", "i8", "i32"))
        yield from plain("matmul", "mk,kn->mn", ("bf16", "bf16", "f32"))
        named = lambda name, maps, subscripts: einsum(
            rng, f"{name} {subscripts}", f"linalg.{name} indexing_maps = [{', '.join(f'affine_map<({d}) -> ({r})>' for d, r in maps)}] ins({{ins}}) outs({{outs}}) -> {{results}}",
            subscripts, sizes, ("f32", "f32", "f32"))
        d = "m, n, k"
        yield from named("matmul", [(d, "k, m"), (d, "k, n"), (d, "m, n")], "km,kn->mn")
        yield from named("matmul", [(d, "m, k"), (d, "n, k"), (d, "m, n")], "mk,nk->mn")
        yield from named("contract", [(d, "k, m"), (d, "n, k"), (d, "n, m")], "km,nk->nm")
        d = "b, m, n, k"
        yield from named("batch_matmul", [(d, "b, m, k"), (d, "b, n, k"), (d, "b, m, n")], "bmk,bnk->bmn")
        yield from named("batch_matmul", [(d, "b, k, m"), (d, "b, k, n"), (d, "b, m, n")], "bkm,bkn->bmn")
        yield from named("contract", [(d, "m, b, k"), (d, "k, n, b"), (d, "b, m, n")], "mbk,knb->bmn")
        yield from plain("matmul", "mk,kn->mn", ("i4", "i4", "i32"))
        yield from plain("matmul", "mk,kn->mn", ("c64", "c64", "c64"))
        yield from plain("matmul", "mk,kn->mn", ("c128", "c128", "c128"))
    sizes = dict(m=3, n=2, k=4, i=2, j=3, l=5, b=2)
    yield from einsum(rng, "mmt4d", "linalg.mmt4d ins({ins}) outs({outs}) -> {results}", "mkil,nkjl->mnij", sizes, ("i8", "i8", "i32"))
    yield from einsum(rng, "batch_mmt4d", "linalg.batch_mmt4d ins({ins}) outs({outs}) -> {results}", "bmkil,bnkjl->bmnij", sizes, ("f32", "f32", "f32"))
    for name, subscripts in (("quantized_matmul", "mk,kn->mn"), ("quantized_batch_matmul", "bmk,bkn->bmn")):
        parts = subscripts.replace("->", ",").split(",")
        a, b = (values(rng, "i8", [sizes[l] for l in part]) for part in parts[:2])
        out = values(rng, "i32", [sizes[l] for l in parts[2]])
        expected = out + np.einsum(subscripts, a.astype(np.int32) - 5, b.astype(np.int32) + 3).astype(np.int32)
        yield from both(name, f"linalg.{name} ins({{ins}}) outs({{outs}}) -> {{results}}", [("i8", a), ("i8", b), ("i32", "5"), ("i32", "-3")], [("i32", out)], [expected])
    # The least of i8 as 128.
    a, b = np.array([[-128, 1], [-1, 2]], np.int8), np.array([[2, 0], [1, -1]], np.int8)
    unsigned = (a.view(np.uint8).astype(np.int32) @ b.view(np.uint8).astype(np.int32)).astype(np.int32)
    yield from both("matmul, unsigned", "linalg.matmul {cast = #linalg.type_fn<cast_unsigned>} ins({ins}) outs({outs}) -> {results}", [("i8", a), ("i8", b)],
                    [("i32", np.zeros((2, 2), np.int32))], [unsigned])
    p, q = values(rng, "i1", (5, 7)), values(rng, "i1", (7, 3))
    yield from both("matmul i1", "linalg.matmul ins({ins}) outs({outs}) -> {results}", [("i1", p), ("i1", q)], [("i1", np.zeros((5, 3), np.bool_))],
                    [(p.astype(np.int32) @ q.astype(np.int32)) > 0])


# ---- Elementwise ----

def random_numbers(low, high, seed, rows, columns):
    """linalg.fill_rng_2d: a linear congruential generator, seeded by the row, then by the column."""
    step = lambda v: (v * 1103515245 + 12345) & 0xFFFFFFFF
    signed = lambda v: v - (1 << 32) if v >> 31 else v
    number = lambda i, j: (signed(step(j + step(i + seed))) + 2147483647.0) * ((high - low) * 2.3283064e-10) + low
    return np.array([[number(i, j) for j in range(columns)] for i in range(rows)]).astype(np.float32)


def elementwise(rng):
    shapes = [(1,), (37,), (3, 5), (0, 4), (2, 3, 1, 4)]
    line = lambda name: f"linalg.{name} ins({{ins}}) outs({{outs}}) -> {{results}}"
    kind_line = lambda name: f"linalg.elementwise kind=#linalg.elementwise_kind<{name}> ins({{ins}}) outs({{outs}}) -> {{results}}"
    binary = {"add": np.add, "sub": np.subtract, "mul": np.multiply, "max": np.maximum, "min": np.minimum, "div": None, "powf": None}
    for shape in shapes:
        for element in ("f32", "i32"):
            a, b, o = (values(rng, element, shape, 1, 9) for _ in range(3))
            for name, function in binary.items():
                if name == "powf" and element == "i32":
                    continue
                if name == "div":
                    expected = a / b if element == "f32" else a // b
                elif name == "powf":
                    expected = np.power(a.astype(np.float64), b).astype(np.float32)
                else:
                    expected = function(a, b)
                signed = name + "_signed" if name in ("max", "min") else name
                for text in (line(name), kind_line(signed)):
                    yield from both(f"{name} {element} {shape}", text, [(element, a), (element, b)], [(element, o)], [expected.astype(DTYPES[element])])
        a, o = values(rng, "f32", shape, 1, 9) * np.float32(0.75), values(rng, "f32", shape)
        exact = {"abs": np.abs, "ceil": np.ceil, "floor": np.floor, "negf": np.negative, "round": lambda v: np.trunc(v + np.float32(0.5)), "sqrt": np.sqrt,
                 "square": np.square, "reciprocal": lambda v: np.float32(1) / v}
        for name, function in exact.items():
            for form in (line, kind_line):
                yield from both(f"{name} {shape}", form(name), [("f32", a)], [("f32", o)], [function(a).astype(np.float32)])
        c, b = values(rng, "i1", shape), values(rng, "f32", shape)
        for form in (line, kind_line):
            yield from both(f"select {shape}", form("select"), [("i1", c), ("f32", a), ("f32", b)], [("f32", o)], [np.where(c, a, b)])
    near = {"exp": np.exp, "log": np.log, "rsqrt": lambda v: 1 / np.sqrt(v), "tanh": np.tanh, "erf": np.vectorize(math.erf)}
    a = np.array([0.25, 1.5, 3.0, 7.75, 0.5, 2.0, 11.0], np.float32)
    for name, function in near.items():  # f32 is rounded correctly but for rare cases, which these are not
        for form in (line, kind_line):
            yield from both(name, form(name), [("f32", a)], [("f32", a)], [function(a.astype(np.float64)).astype(np.float32)])
    lo, hi, seed = 0.0, 10.0, 5
    yield from both("fill_rng_2d", line("fill_rng_2d"), [("f64", str(lo)), ("f64", str(hi)), ("i32", str(seed))], [("f32", np.zeros((3, 4), np.float32))], [random_numbers(lo, hi, seed, 3, 4)])
    u, v = np.array([-128, -1, 5, 127], np.int8), np.array([3, 16, 2, -1], np.int8)
    yield from both("div_unsigned", line("div_unsigned"), [("i8", u), ("i8", v)], [("i8", u)], [(u.view(np.uint8) // v.view(np.uint8)).view(np.int8)])
    a = values(rng, "f32", (3,))
    maps = "indexing_maps = [affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (j, i)>, affine_map<(i, j) -> (i, j)>]"
    b = values(rng, "f32", (4, 3))
    yield from both("elementwise with maps", f"linalg.elementwise kind=#linalg.elementwise_kind<sub> {maps} ins({{ins}}) outs({{outs}}) -> {{results}}",
                    [("f32", a), ("f32", b)], [("f32", np.zeros((3, 4), np.float32))], [a[:, None] - b.T])


def moves(rng):
    for shape, order in (((3, 5), (1, 0)), ((2, 3, 4), (2, 0, 1)), ((0, 3), (1, 0)), ((7,), (0,))):
        a = values(rng, "i16", shape)
        out = np.zeros([shape[o] for o in order], np.int16)
        yield Case(f"transpose {shape}", f"linalg.transpose ins({{ins}}) outs({{outs}}) permutation = {list(order)}", [("i16", a)], [("i16", out)],
                   [np.ascontiguousarray(a.transpose(order))], True)
    for shape, new, dims in (((3,), (3, 4), [1]), ((3,), (2, 3), [0]), ((), (2, 2), [0, 1]), ((2, 3), (2, 0, 3), [1])):
        a = values(rng, "f64", shape)
        expected = np.broadcast_to(np.expand_dims(a, tuple(dims)), new)
        yield Case(f"broadcast {shape} to {new}", f"linalg.broadcast ins({{ins}}) outs({{outs}}) dimensions = {dims}", [("f64", a)], [("f64", np.zeros(new))],
                   [np.ascontiguousarray(expected)], True)
    a = values(rng, "i32", (4, 5))
    yield from both("copy", "linalg.copy ins({ins}) outs({outs}) -> {results}", [("i32", a)], [("i32", a * 0)], [a])
    yield from both("copy with a cast", "linalg.copy ins({ins}) outs({outs}) -> {results}", [("i32", a)], [("f32", np.zeros((4, 5), np.float32))], [a.astype(np.float32)])
    yield from both("fill", "linalg.fill ins({ins}) outs({outs}) -> {results}", [("f32", "2.5")], [("f32", np.zeros((3, 7), np.float32))], [np.full((3, 7), 2.5, np.float32)])
    yield from both("map", "linalg.map { arith.subi } ins({ins}) outs({outs})", [("i32", a), ("i32", a * 3)], [("i32", a)], [a - a * 3])
    body = "(%x: i32, %y: i32, %z: i32) {\n    %s = arith.muli %x, %y : i32\n    %t = arith.addi %s, %x : i32\n    linalg.yield %t : i32\n  }"
    yield from both("map with a body", f"linalg.map ins({{ins}}) outs({{outs}}) {body}", [("i32", a), ("i32", a + 1)], [("i32", a)], [a * (a + 1) + a])


def reductions(rng):
    for shape, dims in (((4, 5), [1]), ((4, 5), [0]), ((3, 4, 5), [0, 2]), ((4, 0), [1]), ((0, 4), [1]), ((6,), [0])):
        a = values(rng, "f32", shape)
        kept = [s for i, s in enumerate(shape) if i not in dims]
        o = values(rng, "f32", kept)
        q, w = values(rng, "c64", shape), values(rng, "c64", kept)
        add = "(%x: complex<f32>, %s: complex<f32>) {\n    %u = complex.add %x, %s : complex<f32>\n    linalg.yield %u : complex<f32>\n  }"
        yield from both(f"reduce complex {shape} {dims}", f"linalg.reduce ins({{ins}}) outs({{outs}}) dimensions = {dims} {add}", [("c64", q)], [("c64", w)],
                        [np.asarray(w + q.sum(axis=tuple(dims)), np.complex64)])
        yield from both(f"reduce {shape} {dims}", f"linalg.reduce {{ arith.addf }} ins({{ins}}) outs({{outs}}) dimensions = {dims}", [("f32", a)], [("f32", o)],
                        [np.asarray(o + a.sum(axis=tuple(dims)), np.float32)])
        b = values(rng, "i32", shape)
        p = values(rng, "i32", kept)
        body = ("(%x: f32, %y: i32, %s: f32, %t: i32) {\n    %u = arith.addf %x, %s : f32\n    %v = arith.maxsi %y, %t : i32\n"
                "    linalg.yield %u, %v : f32, i32\n  }")
        largest = np.maximum(p, b.max(axis=tuple(dims), initial=-100))
        yield from both(f"reduce two {shape} {dims}", f"linalg.reduce ins({{ins}}) outs({{outs}}) dimensions = {dims} {body}", [("f32", a), ("i32", b)],
                        [("f32", o), ("i32", p)], [np.asarray(o + a.sum(axis=tuple(dims)), np.float32), np.asarray(largest, np.int32)])


def generic(maps, iterators, body, arguments):
    iterators = ", ".join({"p": '"parallel"', "r": '"reduction"'}[i] for i in iterators)
    return (f"linalg.generic {{indexing_maps = [{', '.join(f'affine_map<{m}>' for m in maps)}], iterator_types = [{iterators}]}} "
            f"ins({{ins}}) outs({{outs}}) {{\n  ^bb0({arguments}):\n{body}  }} -> ({{results}})")


ARGMAX = """    %i = linalg.index 1 : index
    %j = arith.index_cast %i : index to i64
    %c = arith.cmpf ogt, %x, %m : f32
    %u = arith.select %c, %x, %m : f32
    %v = arith.select %c, %j, %n : i64
    linalg.yield %u, %v : f32, i64
"""


def generics(rng):
    yield_x = "    linalg.yield %x : f32\n"
    a = values(rng, "f32", (6, 10), -99, 99)
    z = lambda *shape: np.zeros(shape, np.float32)
    copy = lambda label, map_, loops, out, expected, source=a: both(
        label, generic([f"({', '.join(loops)}) -> ({map_})", f"({', '.join(loops)}) -> ({', '.join(loops)})"], "p" * len(loops), yield_x, "%x: f32, %o: f32"),
        [("f32", source)], [("f32", out)], [np.ascontiguousarray(expected)])
    yield from copy("reversed", "5 - i, 9 - j", ["i", "j"], z(6, 10), a[::-1, ::-1])
    yield from copy("every other, backwards", "5 - i * 2, j", ["i", "j"], z(3, 10), a[5::-2])
    yield from copy("modulo", "i mod 6, j mod 3", ["i", "j"], z(13, 10), a[np.arange(13) % 6][:, np.arange(10) % 3])
    yield from copy("modulo of what is negative", "(i - 4) mod 6, (j - 9) floordiv 2 + 5", ["i", "j"], z(9, 10), a[(np.arange(9) - 4) % 6][:, (np.arange(10) - 9) // 2 + 5])
    yield from copy("quotients", "i floordiv 3, j ceildiv 2", ["i", "j"], z(14, 11), a[np.arange(14) // 3][:, (np.arange(11) + 1) // 2])
    yield from copy("unfolded", "(i * 10 + j) floordiv 10, (i * 10 + j) mod 10", ["i", "j"], z(6, 10), a)
    yield from copy("a sum written apart", "(i + j) * 2 - i - j * 2, j", ["i", "j"], z(6, 10), a)
    yield from copy("more than i16", "i * 70000 - i * 69999, j", ["i", "j"], z(6, 10), a)
    # A reduction over what a computed index reads: its number of iterations is told by another operand.
    w = values(rng, "f32", (4,))
    yield from both("reduced at computed places", generic(["(i, k) -> ((i + k) mod 6)", "(i, k) -> (k)", "(i, k) -> (i)"], "pr",
                    "    %s = arith.mulf %x, %y : f32\n    %t = arith.addf %o, %s : f32\n    linalg.yield %t : f32\n", "%x: f32, %y: f32, %o: f32"),
                    [("f32", a[:, 0].copy()), ("f32", w)], [("f32", z(6))], [np.array([sum(a[(i + k) % 6, 0] * w[k] for k in range(4)) for i in range(6)], np.float32)])
    # What is read at computed places tells it itself.
    yield from both("counted by what is read at computed places", generic(["(i, k) -> ((i * 2 + k) mod 6, k)", "(i, k) -> (i)"], "pr", "    %t = arith.addf %o, %x : f32\n    linalg.yield %t : f32\n",
                    "%x: f32, %o: f32"), [("f32", a)], [("f32", z(4))], [np.array([sum(a[(i * 2 + k) % 6, k] for k in range(10)) for i in range(4)], np.float32)])
    # Nobody reads what tells the number of iterations.
    yield from both("counted", generic(["(i, k) -> (k)", "(i, k) -> (i)"], "pr", "    %c = arith.constant 1.0 : f32\n    %t = arith.addf %o, %c : f32\n    linalg.yield %t : f32\n",
                    "%x: f32, %o: f32"), [("f32", w)], [("f32", z(3))], [np.full(3, 4, np.float32)])
    for shape in ((4, 7), (1, 1), (3, 0), (0, 3), (5, 33)):
        b = values(rng, "f32", shape, -99, 99)
        start = np.full(shape[0], -np.inf, np.float32)
        at = np.argmax(b, axis=1) if shape[1] else np.zeros(shape[0], np.int64)
        yield from both(f"argmax {shape}", generic(["(i, k) -> (i, k)", "(i, k) -> (i)", "(i, k) -> (i)"], "pr", ARGMAX, "%x: f32, %m: f32, %n: i64"), [("f32", b)],
                        [("f32", start), ("i64", np.zeros(shape[0], np.int64))], [np.max(b, axis=1, initial=-np.inf).astype(np.float32), at.astype(np.int64)])
        # Outputs that different loops write.
        body = "    %s = arith.addf %x, %p : f32\n    %d = arith.addf %x, %q : f32\n    %t = arith.addf %d, %x : f32\n    linalg.yield %s, %t : f32, f32\n"
        yield from both(f"a sum and the double {shape}", generic(["(i, k) -> (i, k)", "(i, k) -> (i)", "(i, k) -> (i, k)"], "pr", body, "%x: f32, %p: f32, %q: f32"),
                        [("f32", b)], [("f32", z(shape[0])), ("f32", b * 3)], [b.sum(axis=1), b * 5])
        body = "    %s = arith.addf %q, %p : f32\n    %t = arith.addf %x, %x : f32\n    linalg.yield %s, %t : f32, f32\n"
        yield from both(f"a sum of what another output held {shape}", generic(["(i, k) -> (i, k)", "(i, k) -> (i)", "(i, k) -> (i, k)"], "pr", body, "%x: f32, %p: f32, %q: f32"),
                        [("f32", b)], [("f32", z(shape[0])), ("f32", b * 3)], [b.sum(axis=1) * 3, b * 2])
        yield from both(f"into one element {shape}", generic(["(i, k) -> (i, k)", "(i, k) -> (0, 0)"], "rr", "    %s = arith.addf %x, %o : f32\n    linalg.yield %s : f32\n", "%x: f32, %o: f32"),
                        [("f32", b)], [("f32", z(1, 1) + 7)], [np.asarray(b.sum() + 7, np.float32).reshape(1, 1)])
        last = b[:, -1] if shape[1] else np.arange(shape[0], dtype=np.float32)
        yield from both(f"the last {shape}", generic(["(i, k) -> (i, k)", "(i, k) -> (i)"], "pr", yield_x, "%x: f32, %o: f32"), [("f32", b)],
                        [("f32", np.arange(shape[0], dtype=np.float32))], [last.copy()])
    # As many loops as there may be.
    many = [f"d{i}" for i in range(16)]
    parts = [values(rng, "f32", (1, 2, 1, 2, 1)), values(rng, "f32", (2, 1, 2, 1, 1)), values(rng, "f32", (1, 2, 1, 1, 2, 1))]
    d = ", ".join(many)
    body = "    %s = arith.mulf %x, %y : f32\n    %t = arith.mulf %s, %z : f32\n    %u = arith.addf %t, %o : f32\n    linalg.yield %u : f32\n"
    total = np.float32(parts[0].sum() * parts[1].sum() * parts[2].sum())
    yield from both("16 loops", generic([f"({d}) -> ({', '.join(many[:5])})", f"({d}) -> ({', '.join(many[5:10])})", f"({d}) -> ({', '.join(many[10:])})", f"({d}) -> ()"], "r" * 16, body,
                    "%x: f32, %y: f32, %z: f32, %o: f32"), [("f32", p) for p in parts], [("f32", np.zeros((), np.float32))], [np.asarray(total)])


BRANCHES = """    %i = linalg.index 0 : index
    %c0 = arith.constant 0 : index
    %n = tensor.dim %a1, %c0 : {type}
    %m = arith.muli %i, %k : index
    %c = arith.cmpi slt, %m, %n : index
    %r = scf.if %c -> f32 {{
      %v = tensor.extract %a1[%m] : {type}
      scf.yield %v : f32
    }} else {{
      %p = arith.cmpf ogt, %x, %zero : f32
      %q = scf.if %p -> f32 {{
        %l = math.sqrt %x : f32
        scf.yield %l : f32
      }} else {{
        %e = tensor.extract %a0[%i] : {of_x}
        %g = arith.negf %e : f32
        scf.yield %g : f32
      }}
      scf.yield %q : f32
    }}
    linalg.yield %r : f32
"""


def branches(rng):
    for n, m, k in ((8, 4, 1), (8, 0, 1), (0, 4, 1), (9, 20, 3), (1, 1, 0)):
        x, t = values(rng, "f32", (n,), -9, 9) ** 2 * np.float32([-1, 1])[rng.integers(0, 2, n)], values(rng, "f32", (m,))
        for dynamic in (False, True):
            type_, of_x = tensor_type("f32", (m,), (0,) if dynamic else ()), tensor_type("f32", (n,), (0,) if dynamic else ())
            body = BRANCHES.format(type=type_, of_x=of_x)
            line = generic(["(i) -> (i)", "(i) -> (i)"], "p", body, "%x: f32, %o: f32").replace("ins({ins})", f"ins(%a0 : {of_x})")
            before = f"  %k = arith.constant {k} : index\n  %zero = arith.constant 0.0 : f32\n"
            expected = np.array([t[i * k] if i * k < m else np.sqrt(v) if v > 0 else -v for i, v in enumerate(x)], np.float32)
            yield Case(f"branches {n} {m} {k}", line, [("f32", x), ("f32", t)], [("f32", np.zeros(n, np.float32))], [expected], dynamic, before)
    # The branch that is taken reads outside.
    outside = "    %i = linalg.index 0 : index\n    %b = scf.if %true -> f32 {\n      %v = tensor.extract %a0[%k] : tensor<?xf32>\n      scf.yield %v : f32\n    } else {\n" \
              "      scf.yield %x : f32\n    }\n    linalg.yield %b : f32\n"
    for k, size in ((4, 4), (-1, 4), (0, 0), (1 << 62, 4)):
        line = generic(["(i) -> (i)"], "p", outside.replace("%true", "%p"), "%x: f32").replace("ins({ins})", "")
        yield Case(f"outside at {k} of {size}", line, [("f32", np.ones(size, np.float32)), ("index", str(k)), ("i1", "1")], [("f32", np.zeros(3, np.float32))],
                   "an index lies outside of its tensor", True, before="").named(k="%a1", p="%a2")
        yield Case(f"not taken at {k} of {size}", line, [("f32", np.ones(size, np.float32)), ("index", str(k)), ("i1", "0")], [("f32", np.arange(3, dtype=np.float32))],
                   [np.arange(3, dtype=np.float32)], True, before="").named(k="%a1", p="%a2")


def named(self, **names):
    for name, value in names.items():
        self.body = self.body.replace(f"%{name}]", f"{value}]").replace(f"%{name} ", f"{value} ")
    return self


Case.named = named


def packing(rng):
    for shape, tiles in (((8, 12), (4, 3)), ((7, 10), (4, 3)), ((1, 1), (8, 8)), ((0, 5), (2, 2))):
        a = values(rng, "f32", shape)
        outer = [-(-s // t) for s, t in zip(shape, tiles)]
        padded = np.full([o * t for o, t in zip(outer, tiles)], 7, np.float32)
        padded[:shape[0], :shape[1]] = a
        packed = np.ascontiguousarray(padded.reshape(outer[0], tiles[0], outer[1], tiles[1]).transpose(0, 2, 1, 3))
        text = f"inner_dims_pos = [0, 1] inner_tiles = [{tiles[0]}, {tiles[1]}]"
        for dynamic in (False, True):
            plain_type = tensor_type("f32", shape, (0, 1) if dynamic else ())
            packed_type = f"tensor<{'?x?' if dynamic else f'{outer[0]}x{outer[1]}'}x{tiles[0]}x{tiles[1]}xf32>"
            whole = Case(f"pack {shape} {tiles}", f"linalg.pack %a0 padding_value(%a1 : f32) {text} into %a2 : {plain_type} -> {packed_type}",
                         [("f32", a), ("f32", "7")], [("f32", np.zeros_like(packed))], [packed])
            whole.signature = f"(%a0: {plain_type}, %a1: f32, %a2: {packed_type}) -> {packed_type}"
            whole.body = whole.body.rsplit(":", 1)[0] + f": {packed_type}\n"
            whole.label += " dynamic" if dynamic else ""
            yield whole
            back = Case(f"unpack {shape} {tiles}", f"linalg.unpack %a0 {text} into %a1 : {packed_type} -> {plain_type}", [("f32", packed)], [("f32", np.zeros_like(a))], [a])
            back.signature = f"(%a0: {packed_type}, %a1: {plain_type}) -> {plain_type}"
            back.body = back.body.rsplit(":", 1)[0] + f": {plain_type}\n"
            back.label += " dynamic" if dynamic else ""
            yield back


def failures(rng):
    z = lambda *shape: ("f32", np.zeros(shape, np.float32))
    line = lambda name: f"linalg.{name} ins({{ins}}) outs({{outs}}) -> {{results}}"
    fails = lambda *arguments: Case(*arguments, True)
    yield fails("matmul", line("matmul"), [z(2, 3), z(4, 5)], [z(2, 5)], "linalg.matmul: dimension 0 of operand 1 is 4, but dimension 1 of operand 0 is 3")
    yield fails("matmul", line("matmul"), [z(2, 3), z(3, 5)], [z(2, 4)], "linalg.matmul: dimension 1 of operand 2 is 4, but dimension 1 of operand 1 is 5")
    yield fails("matmul of nothing", line("matmul"), [z(2, 0), z(0, 5)], [z(0, 5)], "linalg.matmul: dimension 0 of operand 2 is 0, but dimension 0 of operand 0 is 2")
    yield fails("convolution", line("conv_1d"), [z(4), z(3)], [z(3)], "linalg.conv_1d: dimension 0 of operand 0 is 4, but its indexing map needs 5")
    yield fails("reduce", "linalg.reduce { arith.addf } ins({ins}) outs({outs}) dimensions = [1]", [z(2, 3)], [z(3)], "linalg.reduce: dimension 0 of operand 1 is 3, but dimension 0 of operand 0 is 2")
    yield fails("transpose", "linalg.transpose ins({ins}) outs({outs}) permutation = [1, 0]", [z(2, 3)], [z(2, 3)], "linalg.transpose: dimension")
    yield fails("softmax", "linalg.softmax dimension(1) ins({ins}) outs({outs}) -> {results}", [z(2, 3)], [z(2, 4)],
                "linalg.softmax: dimension 1 of the output is 4, but that of the input is 3")
    yield fails("one of many", generic(["(i) -> (i)", "(i) -> (0)"], "r", "    linalg.yield %x : f32\n", "%x: f32, %o: f32"), [z(2)], [z(2)],
                "linalg.generic: dimension 0 of operand 1, an output, is 2, but its indexing map writes 1")
    yield fails("reversed", generic(["(i) -> (3 - i)", "(i) -> (i)"], "p", "    linalg.yield %x : f32\n", "%x: f32, %o: f32"), [z(4)], [z(5)],
                "an index lies outside of its tensor")


def main():
    rng = np.random.default_rng(5)
    suite = Suite()
    cases = [c for group in (convolutions, poolings, contractions, elementwise, moves, reductions, generics, branches, packing, failures) for c in group(rng)]
    functions = [f"func.func @f{i}{c.signature} {{\n{c.body}}}\n" for i, c in enumerate(cases)]
    step = 60
    with scratch() as directory:
        for start in range(0, len(cases), step):
            part = range(start, min(start + step, len(cases)))
            for i, program in compile_all(suite, functions, cases, part, directory):
                run(suite, program, f"f{i}", cases[i])
    suite.finish()


def compile_all(suite, functions, cases, part, directory):
    """All in one program; if that doesn't compile, each in its own, to tell which are to blame."""
    try:
        program = Program("".join(functions[i] for i in part), directory)
        return [(i, program) for i in part]
    except RuntimeError:
        return compile_each(suite, functions, cases, part, directory)


def compile_each(suite, functions, cases, part, directory):
    for i in part:
        try:
            yield i, Program(functions[i], directory)
        except RuntimeError as error:
            suite.error(cases[i].label, error)


def run(suite, program, symbol, case):
    try:
        results = program.run(symbol, case.operands, 1 if isinstance(case.expected, str) else len(case.expected))
    except RuntimeError as error:
        if isinstance(case.expected, str):
            suite.check_text(case.label, case.expected in str(error) or str(error), True)
        else:
            suite.error(case.label, error)
        return
    if isinstance(case.expected, str):
        suite.error(case.label, f"runs; expected an error: {case.expected}")
        return
    for i, (actual, expected) in enumerate(zip(results, case.expected)):
        suite.check(f"{case.label}, result {i}", actual, expected)


if __name__ == "__main__":
    main()
