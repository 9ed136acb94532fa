// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/codegen/llvm_shim.h"

#include <cstring>
#include <memory>
#include <string>

#include "lld/Common/Driver.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/TargetParser/Triple.h"

LLD_HAS_DRIVER(elf)

bool tenon_triple_is_elf(const char* triple) { return llvm::Triple(triple).isOSBinFormatELF(); }

const char* tenon_triple_arch(const char* triple) {
  return llvm::Triple::getArchTypeName(llvm::Triple(triple).getArch()).data();
}

static std::unique_ptr<llvm::MCSubtargetInfo> subtarget(const char* triple, const char* cpu,
                                                        const char* features) {
  std::string error;
  llvm::Triple parsed(triple);
  const llvm::Target* target = llvm::TargetRegistry::lookupTarget(parsed, error);
  if (!target) return nullptr;
  return std::unique_ptr<llvm::MCSubtargetInfo>(
      target->createMCSubtargetInfo(parsed, cpu, features));
}

bool tenon_cpu_is_known(const char* triple, const char* cpu) {
  auto info = subtarget(triple, "", "");
  return info && (!*cpu || info->isCPUStringValid(cpu));
}

bool tenon_feature_is_known(const char* triple, const char* name, size_t length) {
  auto info = subtarget(triple, "", "");
  if (!info) return false;
  for (const llvm::SubtargetFeatureKV& feature : info->getAllProcessorFeatures()) {
    if (llvm::StringRef(feature.Key) == llvm::StringRef(name, length)) return true;
  }
  return false;
}

char* tenon_cpu_feature_list(const char* triple, const char* cpu, const char* features) {
  std::string list = ",";
  if (auto info = subtarget(triple, cpu, features)) {
    for (const llvm::SubtargetFeatureKV& feature : info->getEnabledProcessorFeatures())
      list.append(feature.Key).append(",");
  }
  return strdup(list.c_str());
}

bool tenon_link_elf(int argument_count, const char* const* arguments, char** out_messages) {
  std::string text;
  llvm::raw_string_ostream messages(text);
  lld::Result result =
      lld::lldMain(llvm::ArrayRef<const char*>(arguments, static_cast<size_t>(argument_count)),
                   messages, messages, {{lld::Gnu, &lld::elf::link}});
  *out_messages = result.retCode ? strdup(messages.str().c_str()) : nullptr;
  return result.retCode == 0;
}
