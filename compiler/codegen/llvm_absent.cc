// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Static links only. lld initialises every target that Debian's LLVM was built with, and LLVM's
// plugins name Polly. Tenon generates code for X86 and AArch64 alone: for all else, nothing is
// initialised and nothing is linked.

#include "llvm/Plugins/PassPlugin.h"

#define TENON_ABSENT_TARGET(name)            \
  void LLVMInitialize##name##TargetInfo() {} \
  void LLVMInitialize##name##Target() {}     \
  void LLVMInitialize##name##TargetMC() {}   \
  void LLVMInitialize##name##AsmPrinter() {} \
  void LLVMInitialize##name##AsmParser() {}

extern "C" {
TENON_ABSENT_TARGET(AMDGPU)
TENON_ABSENT_TARGET(ARM)
TENON_ABSENT_TARGET(AVR)
TENON_ABSENT_TARGET(BPF)
TENON_ABSENT_TARGET(Hexagon)
TENON_ABSENT_TARGET(Lanai)
TENON_ABSENT_TARGET(LoongArch)
TENON_ABSENT_TARGET(M68k)
TENON_ABSENT_TARGET(MSP430)
TENON_ABSENT_TARGET(Mips)
TENON_ABSENT_TARGET(NVPTX)
TENON_ABSENT_TARGET(PowerPC)
TENON_ABSENT_TARGET(RISCV)
TENON_ABSENT_TARGET(SPIRV)
TENON_ABSENT_TARGET(Sparc)
TENON_ABSENT_TARGET(SystemZ)
TENON_ABSENT_TARGET(VE)
TENON_ABSENT_TARGET(WebAssembly)
TENON_ABSENT_TARGET(XCore)
TENON_ABSENT_TARGET(Xtensa)
}

llvm::PassPluginLibraryInfo getPollyPluginInfo() {
  return {LLVM_PLUGIN_API_VERSION, "absent", "", nullptr, nullptr};
}
