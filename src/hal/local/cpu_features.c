// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hal/local/cpu_features.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

//===--- Names --------------------------------------------------------------------------------===//

static bool tenon_is_name_filler(char c) { return c == '.' || c == '-' || c == '_'; }

// Equal but for the characters between letters and digits, which LLVM and Linux set differently.
static bool tenon_is_same_feature(iree_string_view_t lhs, iree_string_view_t rhs) {
  iree_host_size_t i = 0, j = 0;
  for (;;) {
    while (i < lhs.size && tenon_is_name_filler(lhs.data[i])) ++i;
    // The analyser does not see where a name in a table of names ends.
    // NOLINTNEXTLINE(clang-analyzer-security.ArrayBound)
    while (j < rhs.size && tenon_is_name_filler(rhs.data[j])) ++j;
    if (i == lhs.size || j == rhs.size) return i == lhs.size && j == rhs.size;
    if (lhs.data[i++] != rhs.data[j++]) return false;
  }
}

//===--- From the processor -------------------------------------------------------------------===//

#if defined(__x86_64__)

enum { TENON_EAX, TENON_EBX, TENON_ECX, TENON_EDX };

// Registers that the system must save, as bits of XCR0.
enum { TENON_XCR0_NONE = 0, TENON_XCR0_AVX = 0x06, TENON_XCR0_AVX512 = 0xE6 };

enum { TENON_LEAF_1, TENON_LEAF_7, TENON_LEAF_7_1, TENON_LEAF_EXT };
static const struct {
  uint32_t leaf;
  uint32_t subleaf;
} tenon_cpu_leaves[] = {{1, 0}, {7, 0}, {7, 1}, {0x80000001u, 0}};

// B(name, leaf, register, bit, what the system must save)
#define TENON_CPU_BITS(B)                       \
  B("sse3", LEAF_1, ECX, 0, NONE)               \
  B("pclmul", LEAF_1, ECX, 1, NONE)             \
  B("ssse3", LEAF_1, ECX, 9, NONE)              \
  B("fma", LEAF_1, ECX, 12, AVX)                \
  B("cx16", LEAF_1, ECX, 13, NONE)              \
  B("sse4.1", LEAF_1, ECX, 19, NONE)            \
  B("sse4.2", LEAF_1, ECX, 20, NONE)            \
  B("crc32", LEAF_1, ECX, 20, NONE)             \
  B("movbe", LEAF_1, ECX, 22, NONE)             \
  B("popcnt", LEAF_1, ECX, 23, NONE)            \
  B("aes", LEAF_1, ECX, 25, NONE)               \
  B("xsave", LEAF_1, ECX, 27, NONE)             \
  B("avx", LEAF_1, ECX, 28, AVX)                \
  B("f16c", LEAF_1, ECX, 29, AVX)               \
  B("rdrnd", LEAF_1, ECX, 30, NONE)             \
  B("bmi", LEAF_7, EBX, 3, NONE)                \
  B("bmi1", LEAF_7, EBX, 3, NONE)               \
  B("avx2", LEAF_7, EBX, 5, AVX)                \
  B("bmi2", LEAF_7, EBX, 8, NONE)               \
  B("avx512f", LEAF_7, EBX, 16, AVX512)         \
  B("evex512", LEAF_7, EBX, 16, AVX512)         \
  B("avx512dq", LEAF_7, EBX, 17, AVX512)        \
  B("avx512ifma", LEAF_7, EBX, 21, AVX512)      \
  B("avx512cd", LEAF_7, EBX, 28, AVX512)        \
  B("sha", LEAF_7, EBX, 29, NONE)               \
  B("avx512bw", LEAF_7, EBX, 30, AVX512)        \
  B("avx512vl", LEAF_7, EBX, 31, AVX512)        \
  B("avx512vbmi", LEAF_7, ECX, 1, AVX512)       \
  B("avx512vbmi2", LEAF_7, ECX, 6, AVX512)      \
  B("gfni", LEAF_7, ECX, 8, NONE)               \
  B("vaes", LEAF_7, ECX, 9, AVX)                \
  B("vpclmulqdq", LEAF_7, ECX, 10, AVX)         \
  B("avx512vnni", LEAF_7, ECX, 11, AVX512)      \
  B("avx512bitalg", LEAF_7, ECX, 12, AVX512)    \
  B("avx512vpopcntdq", LEAF_7, ECX, 14, AVX512) \
  B("avx512fp16", LEAF_7, EDX, 23, AVX512)      \
  B("avxvnni", LEAF_7_1, EAX, 4, AVX)           \
  B("avx512bf16", LEAF_7_1, EAX, 5, AVX512)     \
  B("sahf", LEAF_EXT, ECX, 0, NONE)             \
  B("lzcnt", LEAF_EXT, ECX, 5, NONE)            \
  B("prfchw", LEAF_EXT, ECX, 8, NONE)           \
  B("64bit", LEAF_EXT, EDX, 29, NONE)           \
  B("x87", LEAF_1, EDX, 0, NONE)                \
  B("cx8", LEAF_1, EDX, 8, NONE)                \
  B("cmov", LEAF_1, EDX, 15, NONE)              \
  B("mmx", LEAF_1, EDX, 23, NONE)               \
  B("fxsr", LEAF_1, EDX, 24, NONE)              \
  B("sse", LEAF_1, EDX, 25, NONE)               \
  B("sse2", LEAF_1, EDX, 26, NONE)

typedef struct tenon_cpu_bit_t {
  uint8_t leaf;
  uint8_t reg;
  uint8_t bit;
  uint8_t xcr0;
} tenon_cpu_bit_t;

static const tenon_cpu_bit_t tenon_cpu_bits[] = {
#define TENON_CPU_BIT(name, leaf, reg, bit, xcr0) \
  {TENON_##leaf, TENON_##reg, bit, TENON_XCR0_##xcr0},
    TENON_CPU_BITS(TENON_CPU_BIT)
#undef TENON_CPU_BIT
};
// Their names, one behind the other, each with its NUL.
static const char tenon_cpu_bit_names[] =
#define TENON_CPU_BIT_NAME(name, leaf, reg, bit, xcr0) name "\0"
    TENON_CPU_BITS(TENON_CPU_BIT_NAME)  // NOLINT(bugprone-string-literal-with-embedded-nul)
#undef TENON_CPU_BIT_NAME
    ;

static bool tenon_cpuid_bit(uint32_t leaf, uint32_t subleaf, int reg, int bit) {
  unsigned int registers[4] = {0, 0, 0, 0};
  if (!__get_cpuid_count(leaf, subleaf, &registers[0], &registers[1], &registers[2], &registers[3]))
    return false;
  return (registers[reg] >> bit) & 1;
}

static bool tenon_system_saves(uint32_t xcr0_bits) {
  if (!xcr0_bits) return true;
  const int osxsave = 27;
  if (!tenon_cpuid_bit(1, 0, TENON_ECX, osxsave)) return false;
  uint32_t low = 0, high = 0;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (low & xcr0_bits) == xcr0_bits;
}

static bool tenon_processor_has_feature(iree_string_view_t name) {
  iree_string_view_t next = iree_make_cstring_view(tenon_cpu_bit_names);
  for (iree_host_size_t i = 0; i < IREE_ARRAYSIZE(tenon_cpu_bits); ++i) {
    const tenon_cpu_bit_t* entry = &tenon_cpu_bits[i];
    if (tenon_is_same_feature(name, next)) {
      return tenon_cpuid_bit(tenon_cpu_leaves[entry->leaf].leaf,
                             tenon_cpu_leaves[entry->leaf].subleaf, entry->reg, entry->bit) &&
             tenon_system_saves(entry->xcr0);
    }
    next = iree_make_cstring_view(next.data + next.size + 1);
  }
  return false;
}

#elif defined(__aarch64__)

// What the kernel tells every program. Code for this architecture asks for these.
static const struct {
  iree_string_view_t name;
  unsigned long capability, capability2;  // of AT_HWCAP, of AT_HWCAP2
} tenon_capabilities[] = {
    {IREE_SVL("lse"), HWCAP_ATOMICS, 0},      {IREE_SVL("rdm"), HWCAP_ASIMDRDM, 0},
    {IREE_SVL("dotprod"), HWCAP_ASIMDDP, 0},  {IREE_SVL("fullfp16"), HWCAP_FPHP | HWCAP_ASIMDHP, 0},
    {IREE_SVL("fp16fml"), HWCAP_ASIMDFHM, 0}, {IREE_SVL("sve"), HWCAP_SVE, 0},
    {IREE_SVL("rcpc"), HWCAP_LRCPC, 0},       {IREE_SVL("jsconv"), HWCAP_JSCVT, 0},
    {IREE_SVL("crc"), HWCAP_CRC32, 0},        {IREE_SVL("bf16"), 0, HWCAP2_BF16},
    {IREE_SVL("i8mm"), 0, HWCAP2_I8MM},       {IREE_SVL("sve2"), 0, HWCAP2_SVE2},
};

static bool tenon_processor_has_feature(iree_string_view_t name) {
  for (iree_host_size_t i = 0; i < IREE_ARRAYSIZE(tenon_capabilities); ++i) {
    if (!tenon_is_same_feature(name, tenon_capabilities[i].name)) continue;
    const unsigned long wanted = tenon_capabilities[i].capability;
    const unsigned long wanted2 = tenon_capabilities[i].capability2;
    return (getauxval(AT_HWCAP) & wanted) == wanted && (getauxval(AT_HWCAP2) & wanted2) == wanted2;
  }
  return false;
}

#else

static bool tenon_processor_has_feature(iree_string_view_t name) { return false; }

#endif

//===--- From Linux ---------------------------------------------------------------------------===//

// LLVM's names that Linux has others for.
static const struct {
  iree_string_view_t llvm;
  iree_string_view_t linux_name;
} tenon_linux_names[] = {
#if defined(__aarch64__)
    {IREE_SVL("neon"), IREE_SVL("asimd")},       {IREE_SVL("fp-armv8"), IREE_SVL("fp")},
    {IREE_SVL("fullfp16"), IREE_SVL("fphp")},    {IREE_SVL("dotprod"), IREE_SVL("asimddp")},
    {IREE_SVL("lse"), IREE_SVL("atomics")},      {IREE_SVL("crc"), IREE_SVL("crc32")},
    {IREE_SVL("rdm"), IREE_SVL("asimdrdm")},     {IREE_SVL("rcpc"), IREE_SVL("lrcpc")},
    {IREE_SVL("jsconv"), IREE_SVL("jscvt")},     {IREE_SVL("complxnum"), IREE_SVL("fcma")},
    {IREE_SVL("fp16fml"), IREE_SVL("asimdfhm")},
#else
    {IREE_SVL("mwaitx"), IREE_SVL("monitorx")},
#endif
};

// Fills |buffer| with the start of /proc/cpuinfo, which covers the first processor.
static iree_string_view_t tenon_read_cpuinfo(char* buffer, size_t capacity) {
  const int fd = open("/proc/cpuinfo", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return iree_string_view_empty();
  size_t length = 0;
  for (;;) {
    const ssize_t count = read(fd, buffer + length, capacity - length);
    if (count <= 0) break;
    length += (size_t)count;
  }
  close(fd);
  return iree_make_string_view(buffer, length);
}

static bool tenon_linux_lists_feature(iree_string_view_t name) {
  for (iree_host_size_t i = 0; i < IREE_ARRAYSIZE(tenon_linux_names); ++i) {
    if (tenon_is_same_feature(name, tenon_linux_names[i].llvm))
      name = tenon_linux_names[i].linux_name;
  }
  char buffer[8192];
  iree_string_view_t text = tenon_read_cpuinfo(buffer, sizeof(buffer));
  while (text.size) {
    iree_string_view_t line = iree_string_view_empty(), words = iree_string_view_empty();
    iree_string_view_split(text, '\n', &line, &text);
    iree_string_view_split(line, ':', &line, &words);
    line = iree_string_view_trim(line);
    if (!iree_string_view_equal(line, IREE_SV("flags")) &&
        !iree_string_view_equal(line, IREE_SV("Features")))
      continue;
    while (words.size) {
      iree_string_view_t word = iree_string_view_empty();
      iree_string_view_split(words, ' ', &word, &words);
      if (word.size && tenon_is_same_feature(name, word)) return true;
    }
    return false;
  }
  return false;
}

//===--- Both ---------------------------------------------------------------------------------===//

bool tenon_cpu_has_feature(iree_string_view_t name) {
  return tenon_processor_has_feature(name) || tenon_linux_lists_feature(name);
}

bool tenon_cpu_has_features(iree_string_view_t list, iree_string_view_t* out_missing) {
  *out_missing = iree_string_view_empty();
  while (list.size) {
    iree_string_view_t name = iree_string_view_empty();
    iree_string_view_split(list, ',', &name, &list);
    name = iree_string_view_strip_prefix(iree_string_view_trim(name), IREE_SV("+"));
    if (name.size && !tenon_cpu_has_feature(name)) {
      *out_missing = name;
      return false;
    }
  }
  return true;
}
