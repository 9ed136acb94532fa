// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Tensors from and to files.
// RUN: iree-compile %s --iree-hal-target-backends=llvm-cpu -o %t.vmfb

// Raw bytes, written, appended to, and read back.
// RUN: iree-run-module --module=%t.vmfb --function=square --input="3xi32=1 2 3" --output=@%t.bin | FileCheck %s --check-prefix=QUIET --match-full-lines
// RUN: iree-run-module --module=%t.vmfb --function=square --input="2xi32=4 5" --output=+%t.bin
// RUN: iree-run-module --module=%t.vmfb --function=square --input=5xi32=@%t.bin | FileCheck %s --check-prefix=BINARY
//     QUIET: EXEC @square
// QUIET-NOT: {{.}}
//    BINARY: 5xi32=1 16 81 256 625

// NumPy's files: one array, several arrays in one file, scalars.
// RUN: iree-run-module --module=%t.vmfb --function=square --input="3xi32=1 2 3" --output=@%t.npy
// RUN: %python -c "import sys; data = open(sys.argv[1], 'rb').read(); print(data[:6], len(data) %% 64, data[10:70].decode())" %t.npy | FileCheck %s --check-prefix=NPY
// NPY: b'\x93NUMPY' 12 {'descr': '<i4', 'fortran_order': False, 'shape': (3,), }
// RUN: iree-run-module --module=%t.vmfb --function=square --input=@%t.npy | FileCheck %s --check-prefix=AGAIN
// AGAIN: 3xi32=1 16 81
// RUN: iree-run-module --module=%t.vmfb --function=add --input="2xf32=1 2" --input="2xf32=0.5" --input=7 --output=@%t.two.npy --output=+%t.two.npy --output=
// RUN: iree-run-module --module=%t.vmfb --function=add --input=@%t.two.npy --input=7 | FileCheck %s --check-prefix=SEVERAL
//      SEVERAL: 2xf32=2 4
//      SEVERAL: 2xf32=1 1
// RUN: iree-run-module --module=%t.vmfb --function=square --input="3xi32=1 2 3" --expected_output=@%t.npy | FileCheck %s --check-prefix=MATCH
// MATCH: [SUCCESS]

// RUN: iree-run-module --module=%t.vmfb --function=add --input="2xf32=1 2" --input="2xf32=0.5" --input=7 --output= --output=- --output=- | FileCheck %s --check-prefix=PRINT --match-full-lines
//      PRINT: EXEC @add
// PRINT-NEXT: hal.buffer_view
// PRINT-NEXT: 2xf32=0.5 1.5
// PRINT-NEXT: i32=7

// What can't be read or written.
// RUN: not iree-run-module --module=%t.vmfb --function=square --input=4xi32=@%t.bin 2>&1 | FileCheck %s --check-prefix=LENGTH
// LENGTH: the file holds 20 bytes but 4xi32 takes 16
// RUN: not iree-run-module --module=%t.vmfb --function=square --input=@%t.missing.npy 2>&1 | FileCheck %s --check-prefix=MISSING
// MISSING: NOT_FOUND; {{.*}}missing.npy
// RUN: not iree-run-module --module=%t.vmfb --function=square --input=@%t.vmfb 2>&1 | FileCheck %s --check-prefix=NONPY
// NONPY: this is no .npy file
// RUN: not iree-run-module --module=%t.vmfb --function=square --input=1xi32=1 --output=@%t.none/x.npy 2>&1 | FileCheck %s --check-prefix=NODIR
// NODIR: NOT_FOUND; can't write {{.*}}x.npy': No such file or directory
// RUN: not iree-run-module --module=%t.vmfb --function=square --input=1xi32=1 --output=@/dev/full 2>&1 | FileCheck %s --check-prefix=FULL
// RUN: not iree-run-module --module=%t.vmfb --function=square --input=9999xi32 --output=@/dev/full 2>&1 | FileCheck %s --check-prefix=FULL
// RUN: not iree-run-module --module=%t.vmfb --function=square --input=1xi32=1 2>&1 > /dev/full | FileCheck %s --check-prefix=FULL
// FULL: RESOURCE_EXHAUSTED; {{.*}}No space left on device
// RUN: not iree-run-module --module=%t.vmfb --function=add --input=1xf32 --input=1xf32 --input=1 --output=- 2>&1 | FileCheck %s --check-prefix=FEW
// FEW: 1 --output given, but the function has 3 results
// RUN: not iree-run-module --module=%t.vmfb --function=square --input=3xi32 --output= --output= 2>&1 | FileCheck %s --check-prefix=ONE
// ONE: 2 --output given, but the function has 1 result;

module @files {
  func.func @square(%arg0: tensor<?xi32>) -> tensor<?xi32> {
    %0 = arith.muli %arg0, %arg0 : tensor<?xi32>
    return %0 : tensor<?xi32>
  }
  func.func @add(%arg0: tensor<?xf32>, %arg1: tensor<?xf32>, %arg2: i32) -> (tensor<?xf32>, tensor<?xf32>, i32) {
    %0 = arith.addf %arg0, %arg1 : tensor<?xf32>
    %1 = arith.subf %arg0, %arg1 : tensor<?xf32>
    return %0, %1, %arg2 : tensor<?xf32>, tensor<?xf32>, i32
  }
}
