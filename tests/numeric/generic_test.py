# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""linalg.generic with parallel iterators and what else becomes a dispatch: maps of every kind, ranks 0 to 6, several results,
captured scalars, fusion, constants; against numpy, on shapes that are multiples of nothing."""

import itertools
import re

import numpy as np

from harness import Program, Suite, scratch, tensor_type


def loops(rank):
    return ", ".join(f"d{i}" for i in range(rank))


def affine(rank, results):
    return f"affine_map<({loops(rank)}) -> ({', '.join(results)})>"


def dims(value, type_text, shape, dynamic, prefix):
    """MLIR for the dynamic dims of a tensor, and the operands of a tensor.empty like it."""
    text, names = "", []
    for i in dynamic:
        text += f"  %{prefix}_c{i} = arith.constant {i} : index\n  %{prefix}_d{i} = tensor.dim %{value}, %{prefix}_c{i} : {type_text}\n"
        names.append(f"%{prefix}_d{i}")
    return text, ", ".join(names)


def generic(maps, ins, outs, body):
    """ins: (name, type); outs: (type of tensor, its tensor.empty operands); body: text with %x0.., yields %y0... """
    rank = maps[0].split("->")[0].count("d")
    text = "".join(f"  %e{i} = tensor.empty({dims_}) : {type_}\n" for i, (type_, dims_) in enumerate(outs))
    element = lambda t: re.sub(r"tensor<([0-9?]+x)*|>", "", t)
    arguments = ", ".join([f"%x{i}: {element(t)}" for i, (_, t) in enumerate(ins)] + [f"%o{i}: {element(t)}" for i, (t, _) in enumerate(outs)])
    iterators = ", ".join(['"parallel"'] * rank)
    results = ", ".join(t for t, _ in outs)
    count = f":{len(outs)}" if len(outs) > 1 else ""
    text += (f"  %r{count} = linalg.generic {{indexing_maps = [{', '.join(maps)}], iterator_types = [{iterators}]}}\n"
             f"    ins({', '.join(n for n, _ in ins)} : {', '.join(t for _, t in ins)})\n"
             f"    outs({', '.join(f'%e{i}' for i in range(len(outs)))} : {results}) {{\n"
             f"  ^bb0({arguments}):\n{body}  }} -> ({results})\n")
    return text


def test_permutations(suite, rng, run):
    """Every permutation of rank 3, some of higher rank, static and dynamic."""
    cases = list(itertools.permutations(range(3))) + [(1, 0), (3, 1, 0, 2), (4, 2, 0, 1, 3), (5, 4, 3, 2, 1, 0), (0, 2, 1, 3, 5, 4)]
    for permutation in cases:
        rank = len(permutation)
        shape = tuple(rng.integers(2, 40 if rank < 3 else 7, rank))
        for dynamic in ((), tuple(range(rank))):
            out_shape = tuple(shape[p] for p in permutation)
            source, target = tensor_type("f32", shape, dynamic), tensor_type("f32", out_shape, dynamic)
            text, names = dims("a", source, shape, dynamic, "a")
            order = names.split(", ") if names else []
            text += generic([affine(rank, [f"d{i}" for i in range(rank)]), affine(rank, [f"d{p}" for p in permutation])],
                            [("%a", source)], [(target, ", ".join(order[p] for p in permutation) if order else "")], "    linalg.yield %x0 : f32\n")
            a = rng.standard_normal(shape).astype(np.float32)
            run(f"permutation {permutation} {shape} {dynamic}", f"(%a: {source}) -> {target}", text + f"  return %r : {target}\n", [a],
                [np.ascontiguousarray(a.transpose(permutation))])


def test_broadcasts(suite, rng, run):
    for rank in range(1, 7):
        shape = tuple(int(d) for d in rng.integers(1, 6, rank))
        for keep in ([], [rank - 1], [0], list(range(0, rank, 2))):
            small = tuple(shape[i] for i in keep)
            big_type, small_type = tensor_type("i32", shape, range(rank)), tensor_type("i32", small, range(len(small)))
            text, names = dims("a", big_type, shape, range(rank), "a")
            text += generic([affine(rank, [f"d{i}" for i in range(rank)]), affine(rank, [f"d{i}" for i in keep]), affine(rank, [f"d{i}" for i in range(rank)])],
                            [("%a", big_type), ("%b", small_type)], [(big_type, names)],
                            "    %s = arith.subi %x0, %x1 : i32\n    linalg.yield %s : i32\n")
            a, b = rng.integers(-9, 9, shape, dtype=np.int32), rng.integers(-9, 9, small, dtype=np.int32)
            expanded = b.reshape([shape[i] if i in keep else 1 for i in range(rank)])
            run(f"broadcast {shape} from {keep}", f"(%a: {big_type}, %b: {small_type}) -> {big_type}", text + f"  return %r : {big_type}\n",
                [a, b], [a - expanded])


def test_linear_maps(suite, rng, run):
    """2*d0 + d1 + 1: a window of an input that is larger than the result."""
    for n, m in ((1, 1), (5, 3), (17, 9)):
        a = rng.standard_normal(2 * (n - 1) + (m - 1) + 1 + 1).astype(np.float64)
        source, target = tensor_type("f64", a.shape), tensor_type("f64", (n, m))
        text = generic([affine(2, ["d0 * 2 + d1 + 1"]), affine(2, ["d0", "d1"])], [("%a", source)], [(target, "")], "    linalg.yield %x0 : f64\n")
        expected = np.array([[a[2 * i + j + 1] for j in range(m)] for i in range(n)])
        run(f"window {n}x{m}", f"(%a: {source}) -> {target}", text + f"  return %r : {target}\n", [a], [expected])
    a = rng.standard_normal((4, 6)).astype(np.float32)
    source, target = tensor_type("f32", (4, 6)), tensor_type("f32", (4,))
    text = generic([affine(1, ["d0", "3"]), affine(1, ["d0"])], [("%a", source)], [(target, "")], "    linalg.yield %x0 : f32\n")
    run("a constant in a map", f"(%a: {source}) -> {target}", text + f"  return %r : {target}\n", [a], [np.ascontiguousarray(a[:, 3])])
    text = generic([affine(2, ["d0", "d0"]), affine(2, ["d0", "d1"])], [("%a", tensor_type("f32", (5, 5)))], [(tensor_type("f32", (5, 3)), "")], "    linalg.yield %x0 : f32\n")
    a = rng.standard_normal((5, 5)).astype(np.float32)
    run("a diagonal", f"(%a: tensor<5x5xf32>) -> tensor<5x3xf32>", text + "  return %r : tensor<5x3xf32>\n", [a], [np.repeat(np.diag(a)[:, None], 3, axis=1)])
    test_dynamic_linear_maps(rng, run)


def read_map(a, results, extents):
    """What a generic that copies `a`, read at the map |results|, gives for loops of these extents."""
    d = dict(zip((f"d{i}" for i in range(len(extents))), np.indices(extents)))
    index = tuple(np.broadcast_to(np.asarray(eval(result, {}, d)), extents) for result in results)
    return a[index] if np.prod(extents) else np.zeros(extents, a.dtype)


def test_dynamic_linear_maps(rng, run):
    """Dimensions of an input that no loop has, known at run time only: larger than what is read, or just large enough."""
    maps = [(1, ["d0 * 3"]), (1, ["d0 * 2 + 1"]), (1, ["d0", "d0 * 3"]), (1, ["d0", "2"]), (1, ["2", "d0 + 1", "d0 * 2"]),
            (2, ["d0", "d1 * 3"]), (2, ["d0 + d1", "d1"]), (2, ["d1", "d0 + d1"]), (2, ["d0 * 2 + d1 + 1"]), (2, ["0", "d0 * 2 + d1 + 1"]),
            (2, ["d0 * 2", "1", "d1 + 4"]), (2, ["d0 * 2 + 1"]), (3, ["d0", "d1 + d2", "d2 * 2"]), (3, ["d2 * 2", "d0 + 1", "d1"]), (3, ["d1 * 2 + d0", "d2", "3"])]
    for rank, results in maps:
        for extents in [tuple(int(v) for v in rng.integers(1, (90, 40, 14)[rank - 1], rank)), (1,) * rank] + [(5,) * i + (0,) + (4,) * (rank - 1 - i) for i in range(rank)]:
            # What nothing is read of may have any size: none at all, in half of the cases.
            needed = [eval(r, {}, {f"d{i}": e - 1 for i, e in enumerate(extents)}) + 1 if 0 not in extents else int(rng.integers(0, 2)) for r in results]
            slack = [0 if r in (f"d{i}" for i in range(rank)) else int(rng.integers(0, 4)) for r in results]
            shape = tuple(extents[int(r[1:])] if r in (f"d{i}" for i in range(rank)) else n + s for r, n, s in zip(results, needed, slack))
            a = rng.integers(-1000, 1000, shape, dtype=np.int32)
            o = np.zeros(extents, np.int32)
            for dynamic in (range(len(shape)), range(1, len(shape)), [len(shape) - 1]):
                source, target = tensor_type("i32", shape, dynamic), tensor_type("i32", extents, range(rank))
                text, names = dims("o", target, extents, range(rank), "o")
                text += generic([affine(rank, results), affine(rank, [f"d{i}" for i in range(rank)])], [("%a", source)], [(target, names)], "    linalg.yield %x0 : i32\n")
                run(f"dynamic map {results} {extents} of {source}, {shape}", f"(%a: {source}, %o: {target}) -> {target}", text + f"  return %r : {target}\n",
                    [a, o], [read_map(a, results, extents)])
    # Two maps of one tensor, which is made by another dispatch.
    source, target = "tensor<?x?xi32>", "tensor<?x?xi32>"
    a, o = rng.integers(-99, 99, (7, 26), dtype=np.int32), np.zeros((7, 13), np.int32)
    text, names = dims("o", target, o.shape, (0, 1), "o")
    text += "  %s = arith.addi %a, %a : tensor<?x?xi32>\n"
    text += generic([affine(2, ["d0", "d1 * 2"]), affine(2, ["d0", "d1 * 2 + 1"]), affine(2, ["d0", "d1"])], [("%s", source), ("%s", source)], [(target, names)],
                    "    %d = arith.subi %x0, %x1 : i32\n    linalg.yield %d : i32\n")
    run("even and odd columns", f"(%a: {source}, %o: {target}) -> {target}", text + f"  return %r : {target}\n", [a, o], [2 * (a[:, 0::2] - a[:, 1::2])])
    # Merged into what reads it, whose map then reads both inputs.
    b = rng.integers(-99, 99, (26,), dtype=np.int32)
    text, names = dims("a", source, a.shape, (0, 1), "a")
    text += generic([affine(2, ["d0", "d1"]), affine(2, ["d1"]), affine(2, ["d0", "d1"])], [("%a", source), ("%b", "tensor<?xi32>")], [(source, names)],
                    "    %d = arith.muli %x0, %x1 : i32\n    linalg.yield %d : i32\n").replace("%r", "%p").replace("%e0", "%e")
    more, names = dims("o", target, o.shape, (0, 1), "o")
    text += more + generic([affine(2, ["d0", "d1 * 2 + 1"]), affine(2, ["d0", "d1"])], [("%p", source)], [(target, names)], "    linalg.yield %x0 : i32\n")
    run("merged at odd columns", f"(%a: {source}, %b: tensor<?xi32>, %o: {target}) -> {target}", text + f"  return %r : {target}\n", [a, b, o], [(a * b)[:, 1::2]])
    # A dynamic dimension that a static loop indexes.
    a, b = rng.integers(-99, 99, (5, 4), dtype=np.int32), rng.integers(-99, 99, (4,), dtype=np.int32)
    text = generic([affine(2, ["d0", "d1"]), affine(2, ["d1"]), affine(2, ["d0", "d1"])], [("%a", "tensor<5x?xi32>"), ("%b", "tensor<4xi32>")], [("tensor<5x4xi32>", "")],
                   "    %d = arith.subi %x0, %x1 : i32\n    linalg.yield %d : i32\n")
    run("a static loop over a dynamic dimension", "(%a: tensor<5x?xi32>, %b: tensor<4xi32>) -> tensor<5x4xi32>", text + "  return %r : tensor<5x4xi32>\n", [a, b], [a - b])
    # Too short.
    source, target = "tensor<?x?xi32>", "tensor<?x?xi32>"
    for results, shape, message in ((["d0", "d1 * 3"], (2, 9), "dimension 1 of operand 0 is 9, but its indexing map needs 10"),
                                    (["d0 * 2 + d1", "d1"], (4, 4), "dimension 0 of operand 0 is 4, but its indexing map needs 6"),
                                    (["d0", "5"], (2, 5), "dimension 1 of operand 0 is 5, but its indexing map needs 6"),
                                    (["d0", "d1"], (2, 5), "dimension 1 of operand 1 is 4, but dimension 1 of operand 0 is 5")):
        text, names = dims("o", target, (2, 4), (0, 1), "o")
        text += generic([affine(2, results), affine(2, ["d0", "d1"])], [("%a", source)], [(target, names)], "    linalg.yield %x0 : i32\n")
        run(f"{results} of {shape}", f"(%a: {source}, %o: {target}) -> {target}", text + f"  return %r : {target}\n",
            [np.zeros(shape, np.int32), np.zeros((2, 4), np.int32)], message)


def test_index(suite, rng, run):
    text = generic([affine(3, ["d0", "d1", "d2"])], [], [("tensor<3x5x7xindex>", "")],
                   "    %i = linalg.index 0 : index\n    %j = linalg.index 1 : index\n    %k = linalg.index 2 : index\n"
                   "    %c = arith.constant 100 : index\n    %m = arith.muli %i, %c : index\n    %n = arith.addi %m, %j : index\n"
                   "    %p = arith.muli %n, %c : index\n    %q = arith.addi %p, %k : index\n    linalg.yield %q : index\n")
    text = text.replace("    ins( : )\n", "")
    i, j, k = np.meshgrid(np.arange(3), np.arange(5), np.arange(7), indexing="ij")
    run("linalg.index", "() -> tensor<3x5x7xindex>", text + "  return %r : tensor<3x5x7xindex>\n", [], [((i * 100 + j) * 100 + k).astype(np.int64)])


def test_results_and_scalars(suite, rng, run):
    t = "tensor<?x?xf32>"
    shape = (13, 29)
    text, names = dims("a", t, shape, (0, 1), "a")
    identity = affine(2, ["d0", "d1"])
    text += generic([identity, identity, identity], [("%a", t)], [(t, names), ("tensor<?x?xi1>", names)],
                    "    %s = arith.mulf %x0, %k : f32\n    %p = arith.cmpf ogt, %s, %k : f32\n    linalg.yield %s, %p : f32, i1\n")
    a = rng.standard_normal(shape).astype(np.float32)
    scaled = a * np.float32(1.5)
    run("two results and a captured scalar", f"(%a: {t}, %k: f32) -> ({t}, tensor<?x?xi1>)", text + f"  return %r#0, %r#1 : {t}, tensor<?x?xi1>\n",
        [a, "1.5"], [scaled, scaled > np.float32(1.5)])
    # The init operand is read: acc + x.
    text = (f"  %r = linalg.generic {{indexing_maps = [{identity}, {identity}], iterator_types = [\"parallel\", \"parallel\"]}} ins(%a : {t}) outs(%b : {t}) {{\n"
            f"  ^bb0(%x: f32, %y: f32):\n    %s = arith.subf %y, %x : f32\n    linalg.yield %s : f32\n  }} -> {t}\n  return %r : {t}\n")
    b = rng.standard_normal(shape).astype(np.float32)
    run("an init that is read", f"(%a: {t}, %b: {t}) -> {t}", text, [a, b], [b - a])


def test_fusion(suite, rng, run):
    t = "tensor<?xf32>"
    a, b = (rng.standard_normal(301).astype(np.float32) for _ in range(2))
    text = (f"  %0 = arith.addf %a, %b : {t}\n  %1 = arith.mulf %0, %0 : {t}\n  %2 = arith.subf %0, %a : {t}\n  %3 = arith.mulf %1, %2 : {t}\n"
            f"  return %3, %0 : {t}, {t}\n")
    s = a + b
    run("a diamond with two results", f"(%a: {t}, %b: {t}) -> ({t}, {t})", text, [a, b], [(s * s) * (s - a), s])
    text = (f"  %c0 = arith.constant 0 : index\n  %n = tensor.dim %a, %c0 : {t}\n  %one = arith.constant 1.0 : f32\n  %e = tensor.empty(%n) : {t}\n"
            f"  %ones = linalg.fill ins(%one : f32) outs(%e : {t}) -> {t}\n  %s = tensor.splat %k[%n] : {t}\n"
            f"  %0 = arith.addf %a, %ones : {t}\n  %1 = arith.divf %0, %s : {t}\n  return %1, %ones : {t}, {t}\n")
    run("fill and splat", f"(%a: {t}, %k: f32) -> ({t}, {t})", text, [a, "3.5"], [(a + np.float32(1)) / np.float32(3.5), np.ones_like(a)])


def test_constants(suite, rng, run):
    c = rng.integers(-99, 99, (3, 5)).astype(np.int16)
    a = rng.integers(-99, 99, (3, 5)).astype(np.int16)
    literal = "dense<[" + ", ".join("[" + ", ".join(str(v) for v in row) + "]" for row in c) + "]>"
    t = "tensor<3x5xi16>"
    run("a dense constant", f"(%a: {t}) -> {t}", f"  %c = arith.constant {literal} : {t}\n  %0 = arith.muli %a, %c : {t}\n  return %0 : {t}\n", [a], [a * c])
    run("a constant returned", f"() -> {t}", f"  %c = arith.constant {literal} : {t}\n  return %c : {t}\n", [], [c])
    run("a splat returned", "() -> tensor<1000xi1>", "  %c = arith.constant dense<true> : tensor<1000xi1>\n  return %c : tensor<1000xi1>\n", [], [np.ones(1000, np.bool_)])
    run("an argument returned twice", f"(%a: {t}) -> ({t}, {t})", f"  return %a, %a : {t}, {t}\n", [a], [a, a])
    bits = rng.integers(0, 2, 77).astype(np.bool_)
    literal = "dense<[" + ", ".join("true" if v else "false" for v in bits) + "]>"
    run("an i1 constant", "() -> tensor<77xi1>", f"  %c = arith.constant {literal} : tensor<77xi1>\n  return %c : tensor<77xi1>\n", [], [bits])
    f = rng.standard_normal(5)
    literal = "dense<[" + ", ".join(repr(float(v)) for v in f) + "]>"
    run("an f64 constant", "() -> tensor<5xf64>", f"  %c = arith.constant {literal} : tensor<5xf64>\n  return %c : tensor<5xf64>\n", [], [f])


def test_control(suite, rng, run):
    t = "tensor<?xi32>"
    a = rng.integers(-9, 9, 23, dtype=np.int32)
    text = (f"  %c0 = arith.constant 0 : i32\n  %p = arith.cmpi sgt, %k, %c0 : i32\n"
            f"  cf.cond_br %p, ^bb1, ^bb2\n^bb1:\n  %0 = arith.addi %a, %a : {t}\n  cf.br ^bb3(%0 : {t})\n"
            f"^bb2:\n  %1 = arith.muli %a, %a : {t}\n  cf.br ^bb3(%1 : {t})\n^bb3(%r: {t}):\n  return %r : {t}\n")
    run("a branch", f"(%a: {t}, %k: i32) -> {t}", text, [a, "1"], [a + a])
    run("the other branch", f"(%a: {t}, %k: i32) -> {t}", text, [a, "-1"], [a * a])


def main():
    rng = np.random.default_rng(3)
    suite = Suite()
    functions, runs = [], []

    def collect(label, signature, body, operands, expected):
        symbol = f"f{len(functions)}"
        functions.append(f"func.func @{symbol}{signature} {{\n{body}}}\n")
        runs.append((label, symbol, operands, expected))

    for test in (test_permutations, test_broadcasts, test_linear_maps, test_index, test_results_and_scalars, test_fusion, test_constants, test_control):
        test(suite, rng, collect)
    with scratch() as directory, scratch() as own:
        # What must fail, perhaps in the compiler, has a module of its own.
        works = [f for f, (_, _, _, expected) in zip(functions, runs) if not isinstance(expected, str)]
        common = Program("module @m {\n" + "".join(works) + "}\n", directory)
        for function, (label, symbol, operands, expected) in zip(functions, runs):
            if isinstance(expected, str):
                try:
                    Program("module @m {\n" + function + "}\n", own).run(symbol, operands)
                    suite.error(label, f"runs; expected an error: {expected}")
                except RuntimeError as error:
                    suite.check_text(label, expected in str(error) or str(error), True)
                continue
            try:
                for i, (a, e) in enumerate(zip(common.run(symbol, operands, len(expected)), expected)):
                    suite.check(f"{label}, result {i}", a, e)
            except RuntimeError as error:
                suite.error(label, error)
    suite.finish()


if __name__ == "__main__":
    main()
