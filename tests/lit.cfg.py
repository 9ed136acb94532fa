# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
import os

import lit.formats

config.name = "tenon"
config.test_format = lit.formats.ShTest(execute_external=True)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs", "e2e", "math"]
config.test_source_root = os.path.dirname(__file__)
config.environment["PYTHONDONTWRITEBYTECODE"] = "1"
# Sanitizers report on stderr and fail the command; a leak in a tool is a failed test.
for name in ("UBSAN_OPTIONS", "LSAN_OPTIONS", "HOME"):
    if name in os.environ:
        config.environment[name] = os.environ[name]
# What asks for more memory than there is gets none, as without sanitizers.
for name in ("ASAN_OPTIONS", "TSAN_OPTIONS"):
    config.environment[name] = ":".join(["allocator_may_return_null=1", os.environ.get(name, "")])
