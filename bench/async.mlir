// What async_bench runs, compiled with --iree-execution-model=async-external.
module @bench {
  func.func @square(%x: tensor<?xi32>) -> tensor<?xi32> {
    %0 = arith.muli %x, %x : tensor<?xi32>
    return %0 : tensor<?xi32>
  }

  // Enough arithmetic that memory is not what limits it: a polynomial of degree 14 by Horner's rule.
  func.func @heavy(%x: tensor<?xf32>) -> tensor<?xf32> {
    %0 = arith.mulf %x, %x : tensor<?xf32>
    %1 = arith.addf %0, %x : tensor<?xf32>
    %2 = arith.mulf %1, %x : tensor<?xf32>
    %3 = arith.addf %2, %0 : tensor<?xf32>
    %4 = arith.mulf %3, %x : tensor<?xf32>
    %5 = arith.addf %4, %0 : tensor<?xf32>
    %6 = arith.mulf %5, %x : tensor<?xf32>
    %7 = arith.addf %6, %0 : tensor<?xf32>
    %8 = arith.mulf %7, %x : tensor<?xf32>
    %9 = arith.addf %8, %0 : tensor<?xf32>
    %10 = arith.mulf %9, %x : tensor<?xf32>
    %11 = arith.addf %10, %0 : tensor<?xf32>
    %12 = arith.mulf %11, %x : tensor<?xf32>
    %13 = arith.addf %12, %0 : tensor<?xf32>
    %14 = arith.mulf %13, %x : tensor<?xf32>
    %15 = arith.addf %14, %0 : tensor<?xf32>
    %16 = arith.mulf %15, %x : tensor<?xf32>
    %17 = arith.addf %16, %0 : tensor<?xf32>
    %18 = arith.mulf %17, %x : tensor<?xf32>
    %19 = arith.addf %18, %0 : tensor<?xf32>
    %20 = arith.mulf %19, %x : tensor<?xf32>
    %21 = arith.addf %20, %0 : tensor<?xf32>
    %22 = arith.mulf %21, %x : tensor<?xf32>
    %23 = arith.addf %22, %0 : tensor<?xf32>
    %24 = arith.mulf %23, %x : tensor<?xf32>
    %25 = arith.addf %24, %0 : tensor<?xf32>
    return %25 : tensor<?xf32>
  }
}
