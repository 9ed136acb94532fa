# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A program of as many different dispatches as its argument says: adds 1, 2, 3, ... to a tensor."""
import sys

count = int(sys.argv[1])
print("func.func @f(%v0: tensor<?xi32>) -> tensor<?xi32> {\n  %zero = arith.constant 0 : index\n  %n = tensor.dim %v0, %zero : tensor<?xi32>")
for i in range(count):
    print(f"""  %s{i} = arith.constant {i + 1} : i32
  %t{i} = tensor.splat %s{i}[%n] : tensor<?xi32>
  %a{i} = arith.addi %v{i}, %t{i} : tensor<?xi32>
  %v{i + 1} = util.optimization_barrier %a{i} : tensor<?xi32>""")
print(f"  return %v{count} : tensor<?xi32>\n}}")
