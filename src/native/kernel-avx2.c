/* Eight nonces at a time with AVX2. */
#include "search.h"

IN_THIS_ORDER

#ifdef CHEESE_X64
#include <immintrin.h>

#define VEC __m256i
#define ADD(x, y) _mm256_add_epi32(x, y)
#define ROR(x, n) _mm256_or_si256(_mm256_srli_epi32(x, n), _mm256_slli_epi32(x, 32 - (n)))
#define SHR(x, n) _mm256_srli_epi32(x, n)
#define XOR(x, y) _mm256_xor_si256(x, y)
#define AND(x, y) _mm256_and_si256(x, y)
#define XOR3(x, y, z) XOR(XOR(x, y), z)
#define CHOOSE(e, f, g) XOR(g, AND(e, XOR(f, g)))
#define MAJORITY(a, b, c) XOR(b, AND(XOR(a, b), XOR(b, c)))
#define ALL(word) _mm256_set1_epi32((int)(word))
#define LANES_TARGET USES("avx2")
#include "lanes.h"

USES("avx2") bool search_avx2(const search_job *job, uint32_t low, uint64_t tries, uint32_t *hit) {
  const __m256i limit = ALL(job->target[0]);
  __m256i nonces = ADD(ALL(low), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  for (uint64_t i = 0; i < tries; i += 8, nonces = ADD(nonces, ALL(8))) {
    __m256i top = lanes_top(job, nonces);
    int passed = _mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpeq_epi32(_mm256_min_epu32(top, limit), top)));
    for (uint32_t lane = 0; passed != 0; lane++, passed >>= 1) {
      if (!(passed & 1) || i + lane >= tries || !is_hit(job, low + (uint32_t)i + lane)) continue;
      *hit = low + (uint32_t)i + lane;
      return true;
    }
  }
  return false;
}
#endif
