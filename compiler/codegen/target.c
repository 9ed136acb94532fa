// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/codegen/target.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/codegen/llvm_shim.h"
#include "llvm-c/Core.h"
#include "llvm-c/Target.h"

typedef struct tenon_arch_t {
  const char* name;      // as LLVM spells it
  const char* baseline;  // the processor that "generic" means
  void (*initialize)(void);
  const char* const* features;  // beyond the baseline, that generated code may use
  const char* converts_half;    // the feature that does; NULL: the baseline
  int vector_registers;         // of the baseline
} tenon_arch_t;

static void tenon_initialize_x86(void) {
  LLVMInitializeX86TargetInfo();
  LLVMInitializeX86Target();
  LLVMInitializeX86TargetMC();
  LLVMInitializeX86AsmPrinter();
}

static void tenon_initialize_aarch64(void) {
  LLVMInitializeAArch64TargetInfo();
  LLVMInitializeAArch64Target();
  LLVMInitializeAArch64TargetMC();
  LLVMInitializeAArch64AsmPrinter();
}

// Extensions of the instruction set. LLVM's other features tune, or name what no dispatch uses.
static const char* const tenon_x86_features[] = {
    "sse3",       "ssse3",      "sse4.1",      "sse4.2",     "popcnt",       "avx",
    "avx2",       "fma",        "f16c",        "bmi",        "bmi2",         "lzcnt",
    "movbe",      "avx512f",    "avx512cd",    "avx512bw",   "avx512dq",     "avx512vl",
    "avx512ifma", "avx512vbmi", "avx512vbmi2", "avx512vnni", "avx512bitalg", "avx512vpopcntdq",
    "avx512bf16", "avx512fp16", "avxvnni",     "gfni",       "xop",          "fma4",
    "tbm",        NULL};
static const char* const tenon_aarch64_features[] = {
    "lse", "rdm",  "dotprod", "fullfp16", "fp16fml", "bf16", "i8mm",
    "sve", "sve2", "rcpc",    "jsconv",   "crc",     NULL};

static const tenon_arch_t tenon_archs[] = {
    {"x86_64", "x86-64", tenon_initialize_x86, tenon_x86_features, "f16c", 16},
    {"aarch64", "generic", tenon_initialize_aarch64, tenon_aarch64_features, NULL, 32},
};

static const tenon_arch_t* tenon_find_arch(const char* triple) {
  for (size_t i = 0; i < sizeof(tenon_archs) / sizeof(*tenon_archs); ++i) {
    if (strcmp(tenon_triple_arch(triple), tenon_archs[i].name) == 0) return &tenon_archs[i];
  }
  return NULL;
}

static bool tenon_lists(const char* list, const char* name) {
  size_t length = strlen(name);
  for (const char* at = strstr(list, name); at; at = strstr(at + 1, name)) {
    if (at[-1] == ',' && at[length] == ',') return true;
  }
  return false;
}

static char* tenon_required_features(const tenon_arch_t* arch, const char* triple, const char* cpu,
                                     const char* features) {
  tenon_text_t text = {0};
  tenon_text_append(&text, "", 0);
  if (strcmp(cpu, arch->baseline) == 0 && !*features) return text.data ? text.data : strdup("");
  char* all = tenon_cpu_feature_list(triple, cpu, features);
  char* baseline = tenon_cpu_feature_list(triple, arch->baseline, "");
  for (const char* const* name = arch->features; *name; ++name) {
    if (!tenon_lists(all, *name) || tenon_lists(baseline, *name)) continue;
    tenon_text_appendf(&text, "%s%s", text.length ? "," : "", *name);
  }
  free(all);
  free(baseline);
  return text.data ? text.data : strdup("");
}

static bool tenon_has_feature(const char* triple, const char* cpu, const char* features,
                              const char* name) {
  char* all = tenon_cpu_feature_list(triple, cpu, features);
  bool has = tenon_lists(all, name);
  free(all);
  return has;
}

static tenon_vectors_t tenon_find_vectors(const tenon_target_t* target, const tenon_arch_t* arch) {
  tenon_vectors_t vectors = {.bytes = 16, .registers = arch->vector_registers};
  if (tenon_has_feature(target->triple, target->cpu, target->features, "avx")) vectors.bytes = 32;
  if (tenon_has_feature(target->triple, target->cpu, target->features, "avx512f"))
    vectors = (tenon_vectors_t){.bytes = 64, .registers = 32};
  return vectors;
}

// Checks "+a,-b,..." item by item.
static MlirLogicalResult tenon_check_features(MlirLocation location, const char* triple,
                                              const char* features) {
  for (const char* at = features; *at;) {
    size_t length = strcspn(at, ",");
    if (length < 2 || (*at != '+' && *at != '-') ||
        !tenon_feature_is_known(triple, at + 1, length - 1)) {
      return tenon_error_at(location,
                            "unknown processor feature '%.*s' for %s: expected +NAME or -NAME, "
                            "separated by commas; `llc-22 -mtriple=%s "
                            "-mattr=help` lists the names",
                            (int)length, at, triple, triple);
    }
    at += length;
    if (*at == ',') ++at;
  }
  return mlirLogicalResultSuccess();
}

// What "host" means, or a copy of |name|. The result is LLVMDisposeMessage's.
static MlirLogicalResult tenon_resolve_cpu(const tenon_options_t* options, MlirLocation location,
                                           const char* triple, const tenon_arch_t* arch,
                                           char** out_cpu, char** out_features) {
  *out_cpu = *out_features = NULL;
  bool host_cpu = strcmp(options->target_cpu, "host") == 0,
       host_features = strcmp(options->target_cpu_features, "host") == 0;
  if (host_cpu || host_features) {
    char* host = LLVMGetDefaultTargetTriple();
    bool same = strcmp(tenon_triple_arch(host), tenon_triple_arch(triple)) == 0;
    LLVMDisposeMessage(host);
    if (!same)
      return tenon_error_at(
          location,
          "processor 'host' is not a %s: name a processor of the target, or use 'generic'",
          arch->name);
  }
  const char* cpu = options->target_cpu;
  if (!*cpu || strcmp(cpu, "generic") == 0) cpu = arch->baseline;
  *out_cpu = host_cpu ? LLVMGetHostCPUName() : LLVMCreateMessage(cpu);
  // The host's name alone says too much where a hypervisor hides features.
  bool use_host = host_features || (host_cpu && !*options->target_cpu_features);
  *out_features =
      use_host ? LLVMGetHostCPUFeatures() : LLVMCreateMessage(options->target_cpu_features);
  if (!tenon_cpu_is_known(triple, *out_cpu)) {
    return tenon_error_at(location,
                          "unknown processor '%s' for %s: expected 'generic', 'host' or a name "
                          "that LLVM knows; `llc-22 -mtriple=%s "
                          "-mcpu=help` lists them",
                          *out_cpu, triple, triple);
  }
  return use_host ? mlirLogicalResultSuccess()
                  : tenon_check_features(location, triple, *out_features);
}

LLVMTargetMachineRef tenon_target_machine(const tenon_target_t* target) {
  LLVMTargetRef found = NULL;
  char* message = NULL;
  if (LLVMGetTargetFromTriple(target->triple, &found, &message)) {
    LLVMDisposeMessage(message);
    return NULL;
  }
  LLVMTargetMachineOptionsRef options = LLVMCreateTargetMachineOptions();
  LLVMTargetMachineOptionsSetCPU(options, target->cpu);
  LLVMTargetMachineOptionsSetFeatures(options, target->features);
  LLVMTargetMachineOptionsSetCodeGenOptLevel(options, LLVMCodeGenLevelDefault);
  LLVMTargetMachineOptionsSetRelocMode(options, LLVMRelocPIC);
  LLVMTargetMachineRef machine = LLVMCreateTargetMachineWithOptions(found, target->triple, options);
  LLVMDisposeTargetMachineOptions(options);
  return machine;
}

MlirLogicalResult tenon_target_make(const tenon_options_t* options, MlirLocation location,
                                    tenon_target_t* out_target) {
  memset(out_target, 0, sizeof(*out_target));
  if (!options->targets_cpu) {
    return tenon_error_at(location,
                          "the program works on tensors, but no backend is named to compile that "
                          "work for: add --iree-hal-target-backends=llvm-cpu");
  }
  char* triple = options->target_triple ? LLVMNormalizeTargetTriple(options->target_triple)
                                        : LLVMGetDefaultTargetTriple();
  const tenon_arch_t* arch = tenon_find_arch(triple);
  if (!arch || !tenon_triple_is_elf(triple)) {
    MlirLogicalResult failure =
        tenon_error_at(location,
                       "target '%s' is not supported: expected x86_64 or aarch64 with an ELF "
                       "system, such as x86_64-linux-gnu",
                       triple);
    LLVMDisposeMessage(triple);
    return failure;
  }
  arch->initialize();
  out_target->triple = triple;
  MlirLogicalResult result =
      tenon_resolve_cpu(options, location, triple, arch, &out_target->cpu, &out_target->features);
  if (mlirLogicalResultIsFailure(result)) {
    tenon_target_free(out_target);
    return result;
  }
  out_target->required_features =
      tenon_required_features(arch, triple, out_target->cpu, out_target->features);
  out_target->converts_half =
      !arch->converts_half ||
      tenon_has_feature(triple, out_target->cpu, out_target->features, arch->converts_half);
  out_target->vectors = tenon_find_vectors(out_target, arch);
  return result;
}

void tenon_target_free(tenon_target_t* target) {
  if (target->triple) LLVMDisposeMessage(target->triple);
  if (target->cpu) LLVMDisposeMessage(target->cpu);
  if (target->features) LLVMDisposeMessage(target->features);
  free(target->required_features);
  memset(target, 0, sizeof(*target));
}
