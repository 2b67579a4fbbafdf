/* Which kernels this processor runs, and whether its system keeps their registers. */
#include "search.h"

#if defined(CHEESE_X64)

#ifdef _MSC_VER
#include <intrin.h>
static void cpuid(uint32_t leaf, uint32_t out[4]) { __cpuidex((int *)out, (int)leaf, 0); }
static uint64_t saved_state(void) { return _xgetbv(0); }
#else
#include <cpuid.h>
static void cpuid(uint32_t leaf, uint32_t out[4]) {
  if (!__get_cpuid_count(leaf, 0, &out[0], &out[1], &out[2], &out[3])) out[0] = out[1] = out[2] = out[3] = 0;
}
static uint64_t saved_state(void) {
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (uint64_t)high << 32 | low;
}
#endif

static bool bit(uint32_t word, int n) { return word >> n & 1; }

size_t find_kernels(kernel out[MAX_KERNELS]) {
  size_t count = 0;
  uint32_t most[4], basic[4], more[4] = {0};
  cpuid(0, most);
  cpuid(1, basic);
  if (most[0] >= 7) cpuid(7, more);
  /* OSXSAVE, then what the system saves: SSE and AVX (bits 1, 2), AVX-512 (5, 6, 7). */
  uint64_t saves = bit(basic[2], 27) ? saved_state() : 0;
  bool ymm = (saves & 0x06) == 0x06, zmm = (saves & 0xe6) == 0xe6;

  out[count++] = (kernel){"native-scalar", search_scalar};
  if (ymm && bit(basic[2], 28) && bit(more[1], 5)) out[count++] = (kernel){"native-avx2", search_avx2};
  /* SHA, with SSSE3 and SSE4.1. */
  if (bit(more[1], 29) && bit(basic[2], 9) && bit(basic[2], 19)) out[count++] = (kernel){"native-sha", search_sha_x64};
  if (zmm && bit(more[1], 16)) out[count++] = (kernel){"native-avx512", search_avx512};
  return count;
}

#elif defined(CHEESE_ARM64)

#ifdef CHEESE_ARM64_SHA
#if defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
static bool has_sha2(void) { return (getauxval(AT_HWCAP) & HWCAP_SHA2) != 0; }
#elif defined(__APPLE__)
/* Every arm64 processor of Apple's has them. */
static bool has_sha2(void) { return true; }
#elif defined(_WIN32)
#include <windows.h>
static bool has_sha2(void) { return IsProcessorFeaturePresent(PF_ARM_V8_CRYPTO_INSTRUCTIONS_AVAILABLE) != 0; }
#else
static bool has_sha2(void) { return false; }
#endif
#endif

size_t find_kernels(kernel out[MAX_KERNELS]) {
  size_t count = 0;
  out[count++] = (kernel){"native-scalar", search_scalar};
  /* Advanced SIMD is part of AArch64. */
  out[count++] = (kernel){"native-neon", search_neon};
#ifdef CHEESE_ARM64_SHA
  if (has_sha2()) out[count++] = (kernel){"native-sha", search_sha_arm64};
#endif
  return count;
}

#else

size_t find_kernels(kernel out[MAX_KERNELS]) {
  out[0] = (kernel){"native-scalar", search_scalar};
  return 1;
}

#endif
