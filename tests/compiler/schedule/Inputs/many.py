# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# A program with that many tensors from before a wait that are used after it.
import sys

count = int(sys.argv[1])
tensor = "tensor<4xi32>"
print(f"func.func private @ext.sync({tensor}) -> {tensor}")
print(f"func.func private @add(%x: {tensor}, %y: {tensor}) -> {tensor} {{")
print(f"%z = arith.addi %x, %y : {tensor}\nreturn %z : {tensor}\n}}")
print(f"func.func @f(%a0: {tensor}) -> {tensor} {{")
for i in range(count):
    print(f"%a{i + 1} = call @add(%a{i}, %a0) : ({tensor}, {tensor}) -> {tensor}")
print(f"%b0 = call @ext.sync(%a0) : ({tensor}) -> {tensor}")
for i in range(count):
    print(f"%b{i + 1} = call @add(%b{i}, %a{i + 1}) : ({tensor}, {tensor}) -> {tensor}")
print(f"return %b{count} : {tensor}\n}}")
