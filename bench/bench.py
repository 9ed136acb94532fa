#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prints each figure beside the peer's, and writes bench/out/results.json.

usage: bench.py [--quick] [--only=PATTERN]

Needs the package installed in build/prefix (./dev bench does that first). The peer is IREE's released binaries from
PyPI, in a scratch environment under build/peer; where it does not install, its figures are "not available". Tenon and
the peer run in turn, pair by pair; a figure is the median. The cost of a malloc/free pair tells how fast the machine is.
"""

import argparse
import fnmatch
import functools
import glob
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import compile_scaling

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PREFIX = os.path.join(ROOT, "build", "prefix")
WORK = os.path.join(ROOT, "build", "bench")
OUT = os.path.join(ROOT, "bench", "out")
PEER_PACKAGES = ["iree-base-compiler==3.13.0", "iree-base-runtime==3.13.0"]
PEER = "IREE 3.13"
SAMPLES = os.path.join(ROOT, "samples", "custom_module")
EXAMPLE = os.path.join(SAMPLES, "sync", "test", "example.mlir")
ASYNC_EXAMPLE = os.path.join(SAMPLES, "async", "test", "example.mlir")
TARGET = "--iree-hal-target-backends=llvm-cpu"


def run(*command, **kwargs):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **kwargs).stdout


class Peer:
    """The peer's ELF binaries, or None for what is not there."""

    def __init__(self):
        self.compile = self.benchmark = self.python = None
        venv = os.path.join(ROOT, "build", "peer")
        try:
            if not glob.glob(os.path.join(venv, "lib/*/site-packages/iree/_runtime_libs")):
                run(sys.executable, "-m", "venv", venv)
                run(os.path.join(venv, "bin", "pip"), "install", "-q", "--disable-pip-version-check", *PEER_PACKAGES)
        except (subprocess.CalledProcessError, OSError) as error:
            print(f"note: {PEER} does not install, its figures are not available ({error})", file=sys.stderr)
            return
        site = glob.glob(os.path.join(venv, "lib/*/site-packages/iree"))[0]
        self.compile = os.path.join(site, "compiler", "_mlir_libs", "iree-compile")
        self.benchmark = os.path.join(site, "_runtime_libs", "iree-benchmark-module")
        self.python = os.path.join(venv, "bin", "python")


# Seconds that the peer may take for one of the large programs.
PEER_TIMEOUT = 20


def processor_time(command, output=None):
    """(processor milliseconds, peak memory in MB) of one process and those that it waits for."""
    with open(output or os.devnull, "wb") as stdout:
        process = subprocess.Popen(command, stdout=stdout, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{command[0]} exits with {process.returncode}")
    return (usage.ru_utime + usage.ru_stime) * 1e3, usage.ru_maxrss / 1024


class Bench:
    def __init__(self, rounds, with_peer=True):
        self.rounds = rounds
        self.peer = Peer() if with_peer else None
        os.makedirs(WORK, exist_ok=True)
        os.makedirs(OUT, exist_ok=True)
        self.iree_compile = os.path.join(PREFIX, "bin", "iree-compile")
        self.example = self.compiled(EXAMPLE, "example.vmfb")
        self.programs = self.compiled(os.path.join(ROOT, "bench", "bench.mlir"), "bench.vmfb")
        self.host = self.compiled(os.path.join(ROOT, "bench", "host.mlir"), "host.vmfb")
        self.program = self.build("runtime_bench", [
            ("bench/runtime_bench.c", "-O2"), ("bench/bench_program.c", "-O2"), ("bench/native_module.c", "-O2"),
            ("samples/custom_module/sync/module.c", "-O2"), ("bench/reference_loop.c", "-O3"), ("bench/wrapped_module.cc", "-O2")])

    @functools.cached_property
    def asynchronous(self):
        """The program of the asynchronous figures, its modules: the sample's and its own."""
        flag = "--iree-execution-model=async-external"
        program = self.build("async_bench", [
            ("bench/async_bench.c", "-O2"), ("bench/bench_program.c", "-O2"), ("bench/async_module.c", "-O2")])
        return (program, self.compiled(ASYNC_EXAMPLE, "async_example.vmfb", flag),
                self.compiled(os.path.join(ROOT, "bench", "async.mlir"), "async.vmfb", flag))

    def compiled(self, source, name, *flags):
        path = os.path.join(WORK, name)
        run(self.iree_compile, TARGET, *flags, source, "-o", path)
        return path

    def build(self, name, sources):
        """A program of sources with their optimisation, as a user builds one."""
        environment = dict(os.environ, PKG_CONFIG_PATH=os.path.dirname(glob.glob(PREFIX + "/lib*/**/tenon.pc", recursive=True)[0]))
        flags = run("pkg-config", "--cflags", "tenon", env=environment).split()
        libraries = run("pkg-config", "--libs", "tenon", env=environment).split()
        objects = []
        for source, optimisation in sources:
            compiler = ["g++", "-std=c++17"] if source.endswith(".cc") else ["gcc", "-std=gnu11"]
            objects.append(os.path.join(WORK, name + "." + os.path.basename(source) + ".o"))
            run(*compiler, optimisation, "-DNDEBUG", *flags, f"-I{ROOT}/bench", "-c", os.path.join(ROOT, source), "-o", objects[-1])
        program = os.path.join(WORK, name)
        run("g++", *objects, *libraries, "-o", program)
        return program

    def measure(self, figure, module):
        return float(run(self.program, figure, module))

    def measure_async(self, figure):
        program, example, programs = self.asynchronous
        return float(run(program, figure, example if figure == "friendly" else programs))

    def peer_benchmark(self, module, *inputs, device="local-sync", function="main"):
        """Nanoseconds of one invocation of the function by the peer's own benchmark."""
        text = run(self.peer.benchmark, f"--module={module}", f"--device={device}", f"--function={function}", "--benchmark_format=json",
                   "--benchmark_min_time=0.2s", "--time_unit=ns", *inputs)
        return json.loads(text[text.index("{"):])["benchmarks"][0]["real_time"]

    def peer_compiled(self, source_text, name, *flags):
        source, path = os.path.join(WORK, name + ".mlir"), os.path.join(WORK, name + ".peer.vmfb")
        with open(source, "w") as file:
            file.write(source_text)
        run(self.peer.compile, TARGET, "--iree-llvmcpu-target-cpu=generic", *flags, source, "-o", path)
        return path

    def pairs(self, tenon, peer=None):
        """Medians of interleaved runs."""
        ours, theirs = [], []
        for _ in range(self.rounds):
            ours.append(tenon())
            if peer and self.peer.compile:
                theirs.append(peer())
        return statistics.median(ours), (statistics.median(theirs) if theirs else None)

    # The figures. Each returns (Tenon's value, the peer's or None).

    def malloc(self):
        return self.pairs(lambda: self.measure("malloc", self.example))

    def example_invocation(self):
        # The peer's tools can't load the sample's native module: its two dispatches alone, kept apart by a barrier (which it takes
        # on static shapes only).
        module = self.peer.compile and self.peer_compiled(
            """func.func @main(%x: tensor<5xi32>) -> tensor<5xi32> {
                 %0 = arith.muli %x, %x : tensor<5xi32>
                 %1 = util.optimization_barrier %0 : tensor<5xi32>
                 %2 = arith.muli %1, %1 : tensor<5xi32>
                 return %2 : tensor<5xi32>
               }""", "two_dispatches")
        return self.pairs(lambda: self.measure("example", self.example), lambda: self.peer_benchmark(module, "--input=5xi32=1,2,3,4,5"))

    def dispatch(self):
        module = self.peer.compile and self.peer_compiled(
            """func.func @main(%x: tensor<?xi32>) -> tensor<?xi32> {
                 %0 = arith.muli %x, %x : tensor<?xi32>
                 return %0 : tensor<?xi32>
               }""", "dispatch")
        return self.pairs(lambda: self.measure("dispatch", self.programs), lambda: self.peer_benchmark(module, "--input=5xi32=1,2,3,4,5"))

    def call_c(self):
        return self.pairs(lambda: self.measure("call_c", self.programs))

    def call_cc(self):
        return self.pairs(lambda: self.measure("call_cc", self.programs))

    @functools.cached_property
    def peer_host(self):
        with open(os.path.join(ROOT, "bench", "host.mlir")) as file:
            return self.peer_compiled(file.read(), "host")

    def peer_iteration(self, function):
        """Nanoseconds of one round of the loop that the function of host.mlir is."""
        return self.peer_benchmark(self.peer_host, "--input=100000", function=function) / 1e5

    def host_loop(self):
        return self.pairs(lambda: self.measure("host_loop", self.host), lambda: self.peer_iteration("sum"))

    def host_call(self):
        return self.pairs(lambda: self.measure("host_call", self.host),
                          lambda: self.peer_iteration("mix_by_call") - self.peer_iteration("mix_here"))

    def cold_start(self):
        return self.pairs(lambda: self.measure("cold_start", self.example) / 1e3)

    def sample(self, name):
        """Where a sample's programs are, built as a user builds them."""
        build = os.path.join(WORK, "sample_" + name)
        run("cmake", "-S", os.path.join(SAMPLES, name), "-B", build, "-DCMAKE_BUILD_TYPE=Release", f"-DCMAKE_PREFIX_PATH={PREFIX}")
        run("cmake", "--build", build)
        return build

    def sample_size(self):
        build, largest = self.sample("sync"), 0
        for name in ("custom-module-sync-run", "custom-module-sync-run-cc"):
            stripped = os.path.join(WORK, name)
            run("strip", "-o", stripped, os.path.join(build, name))
            largest = max(largest, os.path.getsize(stripped))
        return largest / 1000, None

    def module_size(self):
        peer = None
        if self.peer.compile:
            # The same program; the import is declared and called in both.
            with open(EXAMPLE) as file:
                peer = os.path.getsize(self.peer_compiled(file.read(), "example")) / 1000
        return os.path.getsize(self.example) / 1000, peer

    def compile(self):
        def tenon():
            return processor_time([self.iree_compile, TARGET, EXAMPLE, "-o", os.devnull])

        def peer():
            return processor_time([self.peer.compile, TARGET, "--iree-llvmcpu-target-cpu=generic", EXAMPLE, "-o", os.devnull])

        ours, theirs = [], []
        for _ in range(self.rounds):
            ours.append(tenon())
            if self.peer.compile:
                theirs.append(peer())
        return ours, theirs

    def compile_time_ratio(self):
        ours, theirs = self.compile()
        time = statistics.median(t for t, _ in ours)
        if not theirs:
            return time, None
        return time, statistics.median(t for t, _ in theirs)

    def compile_memory(self):
        ours, theirs = self.compile()
        return statistics.median(m for _, m in ours), (statistics.median(m for _, m in theirs) if theirs else None)

    @functools.cache
    def scaling(self, kind):
        """compile_scaling.slopes, ours and the peer's, as far as that gets in its time."""
        make, sizes = compile_scaling.KINDS[kind]
        ours, theirs = [], []
        for size in sizes:
            path = os.path.join(WORK, f"{kind}_{size}.mlir")
            with open(path, "w") as file:
                file.write(make(size))
            arguments = [TARGET, path, "-o", os.devnull]
            ours.append(statistics.median(processor_time([self.iree_compile, *arguments])[0] for _ in range(3)))
            if self.peer.compile:
                peer = ["timeout", str(PEER_TIMEOUT), self.peer.compile, "--iree-llvmcpu-target-cpu=generic", *arguments]
                try:
                    theirs.append(processor_time(peer)[0])
                except RuntimeError:
                    theirs.append(None)
        return compile_scaling.slopes(ours, sizes), compile_scaling.slopes(theirs, sizes)

    def scaling_cost(self, kind):
        (ours, _), (theirs, _) = self.scaling(kind)
        return ours, theirs

    def scaling_growth(self, kind):
        (_, ours), (_, theirs) = self.scaling(kind)
        return ours, theirs

    def compile_cores(self):
        """How much faster all processors make the large program of dispatches than one does."""
        make, sizes = compile_scaling.KINDS["dispatch"]
        path = os.path.join(WORK, "cores.mlir")
        with open(path, "w") as file:
            file.write(make(sizes[-1]))

        def seconds(*flags):
            start = time.perf_counter()
            run(self.iree_compile, TARGET, path, "-o", os.devnull, *flags)
            return time.perf_counter() - start

        return statistics.median(seconds("--threads=1") / seconds() for _ in range(3)), None

    def runtime_build(self):
        build = tempfile.mkdtemp(dir=WORK)
        try:
            run("cmake", "-S", ROOT, "-B", build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", "-DTENON_BUILD_COMPILER=OFF",
                "-DTENON_BUILD_TESTS=OFF")
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            run("cmake", "--build", build, "--target", "tenon_runtime")
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
        finally:
            shutil.rmtree(build)
        return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, None

    def elementwise(self):
        return self.pairs(lambda: self.measure("elementwise", self.programs))

    def elementwise_host(self):
        module = self.compiled(os.path.join(ROOT, "bench", "bench.mlir"), "bench-host.vmfb", "--iree-llvmcpu-target-cpu=host")
        program = os.path.join(WORK, "runtime_bench_host")
        reference = os.path.join(WORK, "reference_loop_host.o")
        run("gcc", "-O3", "-march=native", "-DNDEBUG", f"-I{PREFIX}/include", "-c", f"{ROOT}/bench/reference_loop.c", "-o", reference)
        objects = [o for o in sorted(glob.glob(WORK + "/runtime_bench.*.o")) if "reference_loop" not in o]
        library = glob.glob(PREFIX + "/lib*/**/libtenon.a", recursive=True)[0]
        run("g++", *objects, reference, library, "-pthread", "-ldl", "-o", program)
        return self.pairs(lambda: float(run(program, "elementwise", module)))


    # Asynchronous programs, on local-task.

    def async_dispatch(self):
        module = self.peer.compile and self.peer_compiled(
            """func.func @main(%x: tensor<?xi32>) -> tensor<?xi32> {
                 %0 = arith.muli %x, %x : tensor<?xi32>
                 return %0 : tensor<?xi32>
               }""", "async_dispatch", "--iree-execution-model=async-external")
        return self.pairs(lambda: self.measure_async("dispatch") / 1e3,
                          lambda: self.peer_benchmark(module, "--input=5xi32=1,2,3,4,5", device="local-task") / 1e3)

    def async_return(self):
        return self.pairs(lambda: self.measure_async("return") / 1e3)

    def async_friendly(self):
        return self.pairs(lambda: self.measure_async("friendly") / 1e3)

    def pipeline(self):
        program = os.path.join(self.sample("pipeline"), "custom-module-pipeline-run")
        module = self.compiled(os.path.join(SAMPLES, "pipeline", "test", "pipeline.mlir"), "pipeline.vmfb",
                               "--iree-execution-model=async-external")
        # Its first line ends in the time: "64 invocations, 8 in flight: 83.9 ms".
        return self.pairs(lambda: float(run(program, module, "pipeline.main").splitlines()[0].split()[-2]))

    def device_creation(self):
        def peer():
            # Through its Python API, in a process of its own: the first device starts the threads.
            return float(run(self.peer.python, "-c", "import time, iree.runtime\n"
                             "driver = iree.runtime.get_driver('local-task')\nstart = time.perf_counter()\n"
                             "device = driver.create_default_device()\nprint((time.perf_counter() - start) * 1e6)"))

        return self.pairs(lambda: self.measure_async("device_creation") / 1e3, peer)

    def workers(self):
        return self.pairs(lambda: self.measure_async("workers"))


AT_MOST, AT_LEAST = "at most", "at least"

# name, description, unit, method, goal, limit; a limit of None only informs; (f, "peer") is a factor of the peer's value.
FIGURES = [
    ("malloc", "a malloc/free pair (the machine's measure)", "ns", Bench.malloc, AT_MOST, None),
    ("invocation", "one invocation of the sync sample, 5 elements (peer: without the native call)", "ns", Bench.example_invocation, AT_MOST, 700),
    ("dispatch", "one pure dispatch, 5 elements", "ns", Bench.dispatch, AT_MOST, 250),
    ("call_c", "bytecode calls a native i32 function in C", "ns", Bench.call_c, AT_MOST, 5),
    ("call_cc", "bytecode calls a native i32 function through the C++ wrapper", "ns", Bench.call_cc, AT_MOST, 10),
    ("host_loop", "one round of a bytecode loop that adds numbers", "ns", Bench.host_loop, AT_MOST, 2),
    ("host_call", "bytecode calls a function of its own module, two arguments and a result", "ns", Bench.host_call, AT_MOST, 10),
    ("cold_start", "cold start in process, instance to first result", "us", Bench.cold_start, AT_MOST, 150),
    ("sample_size", "the stripped sync sample", "kB", Bench.sample_size, AT_MOST, 150),
    ("module_size", "the module file of the example", "kB", Bench.module_size, AT_MOST, 6),
    ("compile_time", "iree-compile example.mlir, processor time", "ms", Bench.compile_time_ratio, AT_MOST, (0.1, "peer")),
    ("compile_memory", "iree-compile example.mlir, peak memory", "MB", Bench.compile_memory, AT_MOST, 90),
    ("compile_op", "compilation: one more of 10,000 elementwise operations", "ms",
     lambda bench: bench.scaling_cost("operation"), AT_MOST, None),
    ("compile_op_growth", "... its cost between 1,000 and 10,000, over that between 10 and 1,000", "x",
     lambda bench: bench.scaling_growth("operation"), AT_MOST, 1.5),
    ("compile_dispatch", "compilation: one more of 500 different dispatches", "ms",
     lambda bench: bench.scaling_cost("dispatch"), AT_MOST, None),
    ("compile_dispatch_growth", "... its cost between 50 and 500, over that between 1 and 50", "x",
     lambda bench: bench.scaling_growth("dispatch"), AT_MOST, 1.5),
    ("compile_cores", "500 different dispatches: speed of all processors over one", "x", Bench.compile_cores, AT_LEAST, None),
    ("runtime_build", "the runtime built from clean, processor time", "s", Bench.runtime_build, AT_MOST, 10),
    ("elementwise", "1 Mi elements, one thread, speed over gcc -O3, baseline CPU", "x", Bench.elementwise, AT_LEAST, 0.95),
    ("elementwise_host", "1 Mi elements, one thread, speed over gcc -O3 -march=native", "x", Bench.elementwise_host, AT_LEAST, 0.95),
    ("async_dispatch", "one pure asynchronous invocation, 5 elements, local-task, call to signaled", "us", Bench.async_dispatch, AT_MOST, 2),
    ("async_return", "an asynchronous call returns, 1 Mi elements to work on", "us", Bench.async_return, AT_MOST, 10),
    ("async_friendly", "the async sample's invocation, a plain function that doesn't sleep", "us", Bench.async_friendly, AT_MOST, 20),
    ("pipeline", "the pipeline sample: 64 invocations that sleep 10 ms, 8 in flight", "ms", Bench.pipeline, AT_MOST, 104),
    ("device_creation", "creation of a local-task device (peer: through Python)", "us", Bench.device_creation, AT_MOST, 200),
    ("workers", "16 Mi elements, degree 14: speed of 2 workers over 1", "x", Bench.workers, AT_LEAST, 1.8),
]


def evaluate(value, peer, goal, limit):
    """(the limit as a number or None, whether it is met or None)."""
    if isinstance(limit, tuple):
        limit = limit[0] * peer if peer is not None else None
    if limit is None:
        return None, None
    return limit, value <= limit if goal == AT_MOST else value >= limit


def show(value):
    return "not available" if value is None else f"{value:,.2f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer rounds: under 3 minutes in all")
    parser.add_argument("--only", default="*", metavar="PATTERN", help="figures whose name matches, e.g. 'compile*'")
    arguments = parser.parse_args()
    chosen = [f for f in FIGURES if fnmatch.fnmatch(f[0], arguments.only)]
    if not chosen:
        parser.error(f"no figure matches '{arguments.only}'; figures: {', '.join(f[0] for f in FIGURES)}")
    bench = Bench(rounds=3 if arguments.quick else 9)
    results = []
    print(f"{'figure':<23} {'unit':>4} {'Tenon':>12} {PEER:>14} {'ratio':>8}  goal")
    for name, description, unit, method, goal, limit in chosen:
        value, peer = method(bench)
        bound, met = evaluate(value, peer, goal, limit)
        ratio = f"{value / peer:.3f}" if peer else "-"
        verdict = "" if bound is None else f"{goal} {bound:,.4g}: {'met' if met else 'MISSED'}"
        print(f"{name:<23} {unit:>4} {show(value):>12} {show(peer):>14} {ratio:>8}  {verdict:<28} {description}", flush=True)
        results.append({"figure": name, "unit": unit, "tenon": value, "peers": {PEER: peer}, "limit": bound, "goal": goal, "met": met})
    with open(os.path.join(OUT, "results.json"), "w") as file:
        json.dump(results, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
