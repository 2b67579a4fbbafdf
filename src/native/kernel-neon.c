/* Four nonces at a time with Advanced SIMD, for arm64 without SHA-2 instructions. */
#include "search.h"

IN_THIS_ORDER

#ifdef CHEESE_ARM64
#include <arm_neon.h>

#define VEC uint32x4_t
#define ADD(x, y) vaddq_u32(x, y)
/* A shift, and an insert of what it lost. */
#define ROR(x, n) vsriq_n_u32(vshlq_n_u32(x, 32 - (n)), x, n)
#define SHR(x, n) vshrq_n_u32(x, n)
#define XOR3(x, y, z) veorq_u32(veorq_u32(x, y), z)
#define CHOOSE(e, f, g) vbslq_u32(e, f, g)
#define MAJORITY(a, b, c) vbslq_u32(veorq_u32(a, b), c, b)
#define ALL(word) vdupq_n_u32(word)
#define LANES_TARGET
#include "lanes.h"

bool search_neon(const search_job *job, uint32_t low, uint64_t tries, uint32_t *hit) {
  static const uint32_t COUNT[4] = {0, 1, 2, 3};
  const uint32x4_t limit = ALL(job->target[0]);
  uint32x4_t nonces = ADD(ALL(low), vld1q_u32(COUNT));
  for (uint64_t i = 0; i < tries; i += 4, nonces = ADD(nonces, ALL(4))) {
    uint32_t passed[4];
    uint32x4_t at_most = vcleq_u32(lanes_top(job, nonces), limit);
    if (vmaxvq_u32(at_most) == 0) continue;
    vst1q_u32(passed, at_most);
    for (uint32_t lane = 0; lane < 4 && i + lane < tries; lane++) {
      if (passed[lane] == 0 || !is_hit(job, low + (uint32_t)i + lane)) continue;
      *hit = low + (uint32_t)i + lane;
      return true;
    }
  }
  return false;
}
#endif
