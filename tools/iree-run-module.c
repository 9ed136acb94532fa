// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tenon/run_module.h"

int main(int argc, char** argv) { return tenon_run_module(argc, argv, 0, NULL); }
