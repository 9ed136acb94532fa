# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Makes a program that fails smaller, as long as it fails in the same way. What it should do is computed anew each time."""

import copy
import time

from externals import EXTERNALS
from tree import NUMBERS, Block, Op, Value, all_ops, walk


def zero_for(value, number=0):
    return Op("arith.constant", [value], [], {"value": number if value.type[0] == "i" else float(number)})


def edges(op):
    """The (block, operands) of a branch."""
    if op.kind == "cf.br":
        return [op.attrs["to"]]
    if op.kind == "cf.cond_br":
        return [op.attrs["yes"], op.attrs["no"]]
    return [op.attrs["default"]] + [to for _, to in op.attrs["cases"]] if op.kind == "cf.switch" else []


def used_names(program):
    used = {}
    for function in program.functions:
        used[function.name] = names = set()
        for _, _, op in walk(function.blocks):
            names.update(o.name for o in op.operands)
            names.update(o.name for _, operands in edges(op) for o in operands)
    return used


def rename(ops, mapping):
    def new(values):
        return [mapping.get(v.name, v) for v in values]
    for op in ops:
        op.operands = new(op.operands)
        for key in ("to", "yes", "no", "default"):
            if isinstance(op.attrs.get(key), tuple):
                op.attrs[key] = (op.attrs[key][0], new(op.attrs[key][1]))
        if op.kind == "cf.switch":
            op.attrs["cases"] = [(case, (to, new(operands))) for case, (to, operands) in op.attrs["cases"]]
        for region in op.regions:
            rename(region.ops, mapping)


def drop_unreachable(program):
    """Functions, blocks, globals and stand-ins that nothing refers to."""
    for function in program.functions:
        reached, todo = set(), [0]
        while todo:
            number = todo.pop()
            if number not in reached:
                reached.add(number)
                todo += [to for to, _ in edges(function.blocks[number].ops[-1])]
        kept = sorted(reached)
        if len(kept) < len(function.blocks):
            function.blocks = [function.blocks[i] for i in kept]
            for block in function.blocks:
                op = block.ops[-1]
                for key in ("to", "yes", "no", "default"):
                    if key in op.attrs:
                        op.attrs[key] = (kept.index(op.attrs[key][0]), op.attrs[key][1])
                if op.kind == "cf.switch":
                    op.attrs["cases"] = [(c, (kept.index(to), values)) for c, (to, values) in op.attrs["cases"]]
    called, todo = set(), [name for name, _ in program.calls]
    while todo:
        name = todo.pop()
        if name in called or name in EXTERNALS:
            continue
        called.add(name)
        todo += [program.optional[name]] if name in program.optional else [op.attrs["callee"] for _, _, op in walk(program.function(name).blocks) if op.kind == "func.call"]
    program.functions = [f for f in program.functions if f.name in called]
    program.optional = {k: v for k, v in program.optional.items() if k in called}
    accessed = {op.attrs["global"] for _, _, op in all_ops(program) if "global" in op.attrs}
    for item in reversed(program.globals):  # an initializer reads those before
        if item.name in accessed and isinstance(item.initial, list):
            accessed |= {op.attrs["global"] for _, _, op in walk([Block([], item.initial)]) if "global" in op.attrs}
    program.globals = [g for g in program.globals if g.name in accessed]
    return program


def is_valid(program):
    """A division that may fail is followed by the call that needs it."""
    for ops, i, op in all_ops(program):
        if "may_fail" in op.attrs and not (ops[i + 1].attrs.get("callee", "").startswith("ext.use") and ops[i + 1].operands == op.results):
            return False
    return True


# Each gives changed copies of a program, large changes first.

def fewer_calls(program):
    for call in reversed(program.calls):
        if len(program.calls) > 1:
            yield with_calls(program, [call])
    for i in reversed(range(len(program.calls))):
        if len(program.calls) > 1:
            yield with_calls(program, program.calls[:i] + program.calls[i + 1:])


def with_calls(program, calls):
    smaller = copy.deepcopy(program)
    smaller.calls = calls
    return smaller


def inlined(op, region, operands):
    """The operations of a region in the place of |op|."""
    rename(region.ops, {a.name: o for a, o in zip(region.args, operands)})
    last = region.ops.pop()
    return region.ops, dict(zip((r.name for r in op.results), last.operands))


def simpler_op(program, position, choice):
    """A copy with operation number |position| made simpler in the |choice|th way; None if there is no such way."""
    smaller = copy.deepcopy(program)
    ops, i, op = list(all_ops(smaller))[position]
    function = next(f for f in smaller.functions if any(o is op for _, _, o in walk(f.blocks)))
    used = used_names(smaller)[function.name]
    if op.kind in ("func.return", "scf.yield", "scf.condition", "cf.br"):
        return None
    if op.kind in ("cf.cond_br", "cf.switch"):
        targets = edges(op)
        if choice >= len(targets):
            return None
        ops[i] = Op("cf.br", [], [], {"to": targets[choice]})
        return smaller
    results = [r for r in op.results if r.name in used]
    if choice < 2:
        if op.kind == "arith.constant" and (results or choice) or any(r.type not in NUMBERS for r in results) or choice and not results:
            return None
        ops[i:i + 1] = [zero_for(r, choice) for r in results]
        return smaller
    if choice < 2 + len(op.regions) and op.kind in ("scf.if", "scf.index_switch", "scf.for"):
        operands = [op.operands[0], *op.operands[3:]] if op.kind == "scf.for" else []
        ops[i:i + 1], mapping = inlined(op, op.regions[choice - 2], operands)
        for block in function.blocks:
            rename(block.ops, mapping)
        return smaller
    same = [o for o in op.operands if op.results and o.type == op.results[0].type]
    if not op.regions and len(op.results) == 1 and choice - 2 < len(same):
        del ops[i]
        for block in function.blocks:
            rename(block.ops, {op.results[0].name: same[choice - 2]})
        return smaller
    return None


def simpler_ops(program):
    """Backwards, so that what is used by nothing any more goes next."""
    for position in reversed(range(sum(1 for _ in all_ops(program)))):
        for choice in range(6):
            smaller = simpler_op(program, position, choice)
            if smaller:
                yield smaller


def fewer_arguments(program):
    used = used_names(program)
    for number, function in enumerate(program.functions):
        for i, argument in enumerate(function.args):
            smaller = copy.deepcopy(program)
            target = smaller.functions[number]
            del target.args[i]
            if argument.name in used[function.name]:
                if argument.type not in NUMBERS:
                    continue
                target.blocks[0].ops.insert(0, zero_for(argument))
            for _, _, op in calls_of(smaller, function.name):
                del op.operands[i]
            smaller.calls = [(n, a[:i] + a[i + 1:] if n == function.name else a) for n, a in smaller.calls]
            yield smaller


def calls_of(program, name):
    callees = {name} | {n for n, stand_in in program.optional.items() if stand_in == name}
    return [entry for entry in all_ops(program) if entry[2].kind == "func.call" and entry[2].attrs["callee"] in callees]


def fewer_results(program):
    used = used_names(program)
    for number, function in enumerate(program.functions):
        for i in range(len(function.results)):
            smaller = copy.deepcopy(program)
            if any(op.results[i].name in used[f.name] for f in program.functions for _, _, op in walk(f.blocks)
                   if op.kind == "func.call" and program.optional.get(op.attrs["callee"], op.attrs["callee"]) == function.name):
                continue
            for _, _, op in calls_of(smaller, function.name):
                del op.results[i]
            target = smaller.functions[number]
            del target.results[i]
            for _, _, op in walk(target.blocks):
                if op.kind == "func.return":
                    del op.operands[i]
            yield smaller


def fewer_carried(program):
    """Results of scf operations and arguments of blocks that nothing uses."""
    used = used_names(program)
    for position, (_, _, op) in enumerate(all_ops(program)):
        if op.kind not in ("scf.if", "scf.index_switch"):
            continue
        for i, result in enumerate(op.results):
            if not any(result.name in names for names in used.values()):
                smaller = copy.deepcopy(program)
                target = list(all_ops(smaller))[position][2]
                del target.results[i]
                for region in target.regions:
                    del region.ops[-1].operands[i]
                yield smaller


def simpler_globals(program):
    for i, item in enumerate(program.globals):
        if isinstance(item.initial, list) and item.type in NUMBERS:
            smaller = copy.deepcopy(program)
            smaller.globals[i].initial = None
            yield smaller


STEPS = [fewer_calls, simpler_ops, simpler_globals, fewer_results, fewer_arguments, fewer_carried]


def reduce(program, still_fails, seconds):
    """|still_fails| takes a program; errors that it raises mean no. Ends after so many seconds with the smallest so far."""
    end = time.monotonic() + seconds

    def fails(candidate):
        try:
            return is_valid(candidate) and still_fails(candidate)
        except (KeyError, IndexError, ValueError, TypeError, AttributeError):
            return False

    best, improved = program, True
    while improved and time.monotonic() < end:
        improved = False
        for step in STEPS:
            go_on = True
            while go_on and time.monotonic() < end:
                go_on = False
                for candidate in step(best):
                    if time.monotonic() > end:
                        break
                    candidate = drop_unreachable(candidate)
                    if fails(candidate):
                        best, improved = candidate, True
                        if step is not simpler_ops:
                            go_on = True
                            break
                        best = sweep(best, fails, end)
                        break
    return best


def sweep(program, fails, end):
    """One pass over all operations from the last to the first, keeping every change that still fails."""
    position = sum(1 for _ in all_ops(program)) - 1
    while position >= 0 and time.monotonic() < end:
        for choice in range(6):
            try:
                candidate = simpler_op(program, position, choice)
            except IndexError:
                break
            if candidate and fails(drop_unreachable(candidate)):
                program = candidate
                break
        position = min(position, sum(1 for _ in all_ops(program))) - 1
    return program
