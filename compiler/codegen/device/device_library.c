// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The device library: what LLVM calls by name in generated code. Executables have no C library; of
// this object the linker takes what is undefined. Built without any header but the compiler's own,
// for each target.

#include <stddef.h>
#include <stdint.h>

#include "base/fmod.h"

void* memcpy(void* restrict to, const void* restrict from, size_t length);
void* memmove(void* to, const void* from, size_t length);
void* memset(void* to, int value, size_t length);
double fmod(double x, double y);
float fmodf(float x, float y);

void* memcpy(void* restrict to, const void* restrict from, size_t length) {
  unsigned char* restrict d = to;
  const unsigned char* restrict s = from;
  for (size_t i = 0; i < length; ++i) d[i] = s[i];
  return to;
}

void* memmove(void* to, const void* from, size_t length) {
  unsigned char* d = to;
  const unsigned char* s = from;
  if ((uintptr_t)d - (uintptr_t)s >= length) {
    for (size_t i = 0; i < length; ++i) d[i] = s[i];
  } else {
    for (size_t i = length; i > 0; --i) d[i - 1] = s[i - 1];
  }
  return to;
}

void* memset(void* to, int value, size_t length) {
  unsigned char* d = to;
  for (size_t i = 0; i < length; ++i) d[i] = (unsigned char)value;
  return to;
}

double fmod(double x, double y) { return tenon_fmod(x, y); }

float fmodf(float x, float y) { return tenon_fmodf(x, y); }
