# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reads a dump in JSON from standard input and compares it with the module file."""
import json
import os
import sys

dump = json.load(sys.stdin)
with open(sys.argv[1], "rb") as f:
    module = f.read()

assert dump["name"] == "dump", dump["name"]
assert dump["length"] == len(module) == os.path.getsize(sys.argv[1])
assert (dump["version_major"], dump["version_minor"]) == (1, 1)

sections = {s["kind"]: s for s in dump["sections"]}
assert len(sections) == 11
assert all(s["offset"] + s["length"] <= len(module) for s in dump["sections"])

imports = {i["name"]: i for i in dump["imports"]}
assert imports["custom.call"]["calling_convention"] == "0r_r"
assert imports["custom.call"]["optional"] is False

exports = {e["name"]: e for e in dump["exports"]}
assert exports["main"]["calling_convention"] == "0rr_r"
assert "@main(" in exports["main"]["attributes"]["iree.abi.declaration"]
main = dump["functions"][exports["main"]["function"]]
assert main["name"] == "main" and main["registers"]["ref"] >= 2
assert any("call.import" in line and "custom.call" in line for line in main["code"])
assert any(l["file"].endswith("dump-module.mlir") and l["line"] > 0 for l in main["locations"])

executable = next(r for r in dump["rodata"] if r["kind"] == "executable")
begin = sections["rodata_bytes"]["offset"] + executable["offset"]
assert module[begin : begin + 4] == b"\x7fELF"
assert executable["first_bytes"].startswith("7f454c46")
assert executable["length"] <= sections["rodata_bytes"]["length"]
assert "custom.call" in dump["strings"]
