/* Sixteen nonces at a time with AVX-512 F, which rotates in one instruction and takes any function of three bits in one. */
#include "search.h"

IN_THIS_ORDER

#ifdef CHEESE_X64
#include <immintrin.h>

#define VEC __m512i
#define ADD(x, y) _mm512_add_epi32(x, y)
#define ROR(x, n) _mm512_ror_epi32(x, n)
#define SHR(x, n) _mm512_srli_epi32(x, n)
/* The last argument is the function's truth table. */
#define XOR3(x, y, z) _mm512_ternarylogic_epi32(x, y, z, 0x96)
#define CHOOSE(e, f, g) _mm512_ternarylogic_epi32(e, f, g, 0xca)
#define MAJORITY(a, b, c) _mm512_ternarylogic_epi32(a, b, c, 0xe8)
#define ALL(word) _mm512_set1_epi32((int)(word))
#define LANES_TARGET USES("avx512f")
#include "lanes.h"

USES("avx512f") bool search_avx512(const search_job *job, uint32_t low, uint64_t tries, uint32_t *hit) {
  const __m512i limit = ALL(job->target[0]);
  __m512i nonces = ADD(ALL(low), _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
  for (uint64_t i = 0; i < tries; i += 16, nonces = ADD(nonces, ALL(16))) {
    unsigned passed = _mm512_cmple_epu32_mask(lanes_top(job, nonces), limit);
    for (uint32_t lane = 0; passed != 0; lane++, passed >>= 1) {
      if (!(passed & 1) || i + lane >= tries || !is_hit(job, low + (uint32_t)i + lane)) continue;
      *hit = low + (uint32_t)i + lane;
      return true;
    }
  }
  return false;
}
#endif
