// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hal/local/cpu_features.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

//===--- Names --------------------------------------------------------------------------------===//

static bool tenon_is_name_filler(char c) { return c == '.' || c == '-' || c == '_'; }

// Equal but for the characters between letters and digits, which LLVM and Linux set differently.
static bool tenon_is_same_feature(iree_string_view_t lhs, iree_string_view_t rhs) {
  iree_host_size_t i = 0, j = 0;
  for (;;) {
    while (i < lhs.size && tenon_is_name_filler(lhs.data[i])) ++i;
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

typedef struct tenon_cpu_bit_t {
  char name[16];  // in the table itself: pointers would need relocations
  uint32_t leaf;
  uint8_t subleaf;
  uint8_t reg;
  uint8_t bit;
  uint8_t xcr0;
} tenon_cpu_bit_t;

static const tenon_cpu_bit_t tenon_cpu_bits[] = {
    {"sse3", 1, 0, TENON_ECX, 0, TENON_XCR0_NONE},
    {"pclmul", 1, 0, TENON_ECX, 1, TENON_XCR0_NONE},
    {"ssse3", 1, 0, TENON_ECX, 9, TENON_XCR0_NONE},
    {"fma", 1, 0, TENON_ECX, 12, TENON_XCR0_AVX},
    {"cx16", 1, 0, TENON_ECX, 13, TENON_XCR0_NONE},
    {"sse4.1", 1, 0, TENON_ECX, 19, TENON_XCR0_NONE},
    {"sse4.2", 1, 0, TENON_ECX, 20, TENON_XCR0_NONE},
    {"crc32", 1, 0, TENON_ECX, 20, TENON_XCR0_NONE},
    {"movbe", 1, 0, TENON_ECX, 22, TENON_XCR0_NONE},
    {"popcnt", 1, 0, TENON_ECX, 23, TENON_XCR0_NONE},
    {"aes", 1, 0, TENON_ECX, 25, TENON_XCR0_NONE},
    {"xsave", 1, 0, TENON_ECX, 27, TENON_XCR0_NONE},
    {"avx", 1, 0, TENON_ECX, 28, TENON_XCR0_AVX},
    {"f16c", 1, 0, TENON_ECX, 29, TENON_XCR0_AVX},
    {"rdrnd", 1, 0, TENON_ECX, 30, TENON_XCR0_NONE},
    {"bmi", 7, 0, TENON_EBX, 3, TENON_XCR0_NONE},
    {"bmi1", 7, 0, TENON_EBX, 3, TENON_XCR0_NONE},
    {"avx2", 7, 0, TENON_EBX, 5, TENON_XCR0_AVX},
    {"bmi2", 7, 0, TENON_EBX, 8, TENON_XCR0_NONE},
    {"avx512f", 7, 0, TENON_EBX, 16, TENON_XCR0_AVX512},
    {"evex512", 7, 0, TENON_EBX, 16, TENON_XCR0_AVX512},
    {"avx512dq", 7, 0, TENON_EBX, 17, TENON_XCR0_AVX512},
    {"avx512ifma", 7, 0, TENON_EBX, 21, TENON_XCR0_AVX512},
    {"avx512cd", 7, 0, TENON_EBX, 28, TENON_XCR0_AVX512},
    {"sha", 7, 0, TENON_EBX, 29, TENON_XCR0_NONE},
    {"avx512bw", 7, 0, TENON_EBX, 30, TENON_XCR0_AVX512},
    {"avx512vl", 7, 0, TENON_EBX, 31, TENON_XCR0_AVX512},
    {"avx512vbmi", 7, 0, TENON_ECX, 1, TENON_XCR0_AVX512},
    {"avx512vbmi2", 7, 0, TENON_ECX, 6, TENON_XCR0_AVX512},
    {"gfni", 7, 0, TENON_ECX, 8, TENON_XCR0_NONE},
    {"vaes", 7, 0, TENON_ECX, 9, TENON_XCR0_AVX},
    {"vpclmulqdq", 7, 0, TENON_ECX, 10, TENON_XCR0_AVX},
    {"avx512vnni", 7, 0, TENON_ECX, 11, TENON_XCR0_AVX512},
    {"avx512bitalg", 7, 0, TENON_ECX, 12, TENON_XCR0_AVX512},
    {"avx512vpopcntdq", 7, 0, TENON_ECX, 14, TENON_XCR0_AVX512},
    {"avx512fp16", 7, 0, TENON_EDX, 23, TENON_XCR0_AVX512},
    {"avxvnni", 7, 1, TENON_EAX, 4, TENON_XCR0_AVX},
    {"avx512bf16", 7, 1, TENON_EAX, 5, TENON_XCR0_AVX512},
    {"sahf", 0x80000001u, 0, TENON_ECX, 0, TENON_XCR0_NONE},
    {"lzcnt", 0x80000001u, 0, TENON_ECX, 5, TENON_XCR0_NONE},
    {"prfchw", 0x80000001u, 0, TENON_ECX, 8, TENON_XCR0_NONE},
    {"64bit", 0x80000001u, 0, TENON_EDX, 29, TENON_XCR0_NONE},
    {"x87", 1, 0, TENON_EDX, 0, TENON_XCR0_NONE},
    {"cx8", 1, 0, TENON_EDX, 8, TENON_XCR0_NONE},
    {"cmov", 1, 0, TENON_EDX, 15, TENON_XCR0_NONE},
    {"mmx", 1, 0, TENON_EDX, 23, TENON_XCR0_NONE},
    {"fxsr", 1, 0, TENON_EDX, 24, TENON_XCR0_NONE},
    {"sse", 1, 0, TENON_EDX, 25, TENON_XCR0_NONE},
    {"sse2", 1, 0, TENON_EDX, 26, TENON_XCR0_NONE},
};

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
  for (iree_host_size_t i = 0; i < IREE_ARRAYSIZE(tenon_cpu_bits); ++i) {
    const tenon_cpu_bit_t* entry = &tenon_cpu_bits[i];
    if (!tenon_is_same_feature(name, iree_make_cstring_view(entry->name))) continue;
    return tenon_cpuid_bit(entry->leaf, entry->subleaf, entry->reg, entry->bit) &&
           tenon_system_saves(entry->xcr0);
  }
  return false;
}

#else

static bool tenon_processor_has_feature(iree_string_view_t name) { return false; }

#endif  // __x86_64__

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
