# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles programs, many in one module, runs their calls with host_run, and says which of them do something else than expected."""

import os
import subprocess
from dataclasses import dataclass

from externals import DECLARATIONS
from interpreter import Interpreter
from semantics import bits_of
from tree import BUFFER, WIDTHS, program_text

MODELS = {"host-only": ["--iree-execution-model=host-only"], "default": ["--iree-hal-target-backends=llvm-cpu"]}


@dataclass
class Finding:
    """What is wrong with a program. |kind|: compile, crash, hang, wrong."""
    program: object
    kind: str
    text: str


class CompileError(Exception):
    def __init__(self, kind, text):
        super().__init__(text)
        self.kind = kind


def module_text(programs):
    return "module @m {\n" + DECLARATIONS + "".join(program_text(p) for p in programs) + "}\n"


def compile_module(text, model, path, seconds):
    try:
        result = subprocess.run(["iree-compile", *MODELS[model], "-", "-o", path], input=text, text=True, capture_output=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        raise CompileError("hang", f"iree-compile takes more than {seconds} s") from None
    if result.returncode != 0:
        raise CompileError("compile" if result.returncode > 0 else "crash", f"iree-compile exits with {result.returncode}: {result.stderr[:2000]}")


def run_lines(path, lines, seconds):
    """The driver's answers, fewer than calls if it ended early, and why."""
    process = subprocess.Popen([os.environ.get("TENON_HOST_RUN", "host_run"), path], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    try:
        output, errors = process.communicate("\n".join(lines) + "\n", timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        output, errors = process.communicate()
        return output.splitlines(), ("hang", f"takes more than {seconds} s")
    if process.returncode != 0:
        return output.splitlines(), ("crash", f"host_run exits with {process.returncode}: {errors[:3000]}")
    return output.splitlines(), None


def expectations(program):
    """(function, arguments, outcome) of each call that ends in time."""
    interpreter = Interpreter(program)
    expected = [(name, arguments, interpreter.call(name, arguments)) for name, arguments in program.calls]
    return [e for e in expected if e[2] is not None]


def in_register(bits, type_name):
    """Narrow integers are sign-extended to 32 bits."""
    width = WIDTHS.get(type_name, 64)
    return bits | (0xFFFFFFFF << width & 0xFFFFFFFF) if 1 < width < 32 and bits >> (width - 1) else bits


def is_nan(bits, type_name):
    return type_name in ("f32", "f64") and (bits & 0x7FFFFFFF > 0x7F800000 if type_name == "f32" else bits & (2**63 - 1) > 0x7FF << 52)


def result_text(bits, type_name):
    if type_name == BUFFER:
        return "null" if bits is None else f"#{bits}"
    return "nan" if is_nan(bits, type_name) else f"{in_register(bits, type_name):x}"


def agrees(line, outcome):
    words = line.split(" ")
    if outcome[0] == "error":
        codes = outcome[1] if isinstance(outcome[1], tuple) else (outcome[1],)
        return words[0] == "error" and words[1] in codes and outcome[2].replace("\n", " ") in line
    if words[0] != "ok" or len(words) != len(outcome[1]) + 1:
        return False
    for word, (type_name, bits) in zip(words[1:], outcome[1]):
        if type_name != BUFFER and is_nan(int(word, 16), type_name):
            word = "nan"
        if word != result_text(bits, type_name):
            return False
    return True


def outcome_text(outcome):
    if outcome[0] == "error":
        return f"error {outcome[1]} ...{outcome[2]}..."
    return " ".join(["ok"] + [result_text(bits, t) for t, bits in outcome[1]])


def call_line(program, name, arguments):
    function = program.function(name)
    return " ".join(["call", f"m.{name}"] + [f"{in_register(bits_of(a, v.type), v.type):x}" for a, v in zip(arguments, function.args)])


class Runner:
    """|seconds| is what each process may take."""

    def __init__(self, directory, seconds):
        self.path = os.path.join(directory, "programs.vmfb")
        self.seconds = seconds
        self.call_count = self.failure_count = self.skipped_count = 0

    def check(self, programs, model):
        """The findings of these programs, compiled as one module."""
        if not programs:
            return []
        try:
            compile_module(module_text(programs), model, self.path, self.seconds)
        except CompileError as error:
            if len(programs) == 1:
                return [Finding(programs[0], error.kind, str(error))]
            middle = len(programs) // 2
            return self.check(programs[:middle], model) + self.check(programs[middle:], model)
        return self.run(programs, model)

    def run(self, programs, model):
        # Twice, in two contexts, which know nothing of each other.
        calls = [(p, *e) for p in programs for e in expectations(p)]
        lines = [call_line(p, name, arguments) for p, name, arguments, _ in calls]
        answers, broken = run_lines(self.path, ["reset", *lines, "reset", *lines], self.seconds)
        self.call_count += len(answers)
        self.failure_count += sum(1 for c in calls if c[3][0] == "error")
        self.skipped_count += sum(len(p.calls) for p in programs) - len(calls)
        findings = {}
        for (program, name, _, outcome), line, answer in zip(calls * 2, lines * 2, answers):
            if not agrees(answer, outcome) and program.name not in findings:
                text = f"{line}\n  gives    {answer}\n  expected {outcome_text(outcome)}"
                findings[program.name] = Finding(program, "wrong", text)
        found = list(findings.values())
        if broken and len(answers) < 2 * len(calls):
            culprit, line = (calls * 2)[len(answers)][0], (lines * 2)[len(answers)]
            others = [p for p in programs if p.name != culprit.name and p.name not in findings]
            found = [f for f in found if f.program.name != culprit.name]
            return found + [Finding(culprit, broken[0], f"{line}\n  {broken[1]}")] + self.check(others, model)
        if broken and len(programs) > 1:  # at the end: something leaks
            middle = len(programs) // 2
            return self.check(programs[:middle], model) + self.check(programs[middle:], model)
        return found + ([Finding(programs[0], *broken)] if broken else [])
