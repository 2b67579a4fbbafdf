/* Several nonces, one after the other in step, with the SHA-2 instructions of ARMv8: see kernel-sha-x64.c. */
#include "search.h"

IN_THIS_ORDER

#ifdef CHEESE_ARM64_SHA
#include <arm_neon.h>

#define STREAMS 2
#if defined(__ARM_FEATURE_SHA2) || defined(__ARM_FEATURE_CRYPTO)
#define SHA_TARGET
#elif defined(__clang__)
#define SHA_TARGET USES("sha2")
#else
#define SHA_TARGET USES("+crypto")
#endif
#define EACH(statement)            \
  {                                \
    enum { s = 0 };                \
    statement;                     \
  }                                \
  {                                \
    enum { s = 1 };                \
    statement;                     \
  }

#define ADD(x, y) vaddq_u32(x, y)
#define K4(t) vld1q_u32(SHA256_K + (t))

/* Four rounds with K + W in `kw`. */
#define ROUNDS(abcd, efgh, kw)                     \
  do {                                             \
    uint32x4_t sum = kw, before = abcd;            \
    abcd = vsha256hq_u32(abcd, efgh, sum);         \
    efgh = vsha256h2q_u32(efgh, before, sum);      \
  } while (0)

/* Words t to t + 3 of the schedule from the four vectors before them, into the place of those from t - 16 on. */
#define NEXT(w0, w1, w2, w3) (w0 = vsha256su1q_u32(vsha256su0q_u32(w0, w1), w2, w3))

#define FOUR(t, w0, w1, w2, w3) EACH(ROUNDS(abcd[s], efgh[s], ADD(NEXT(w0[s], w1[s], w2[s], w3[s]), K4(t))))
#define SIXTEEN(t)              \
  FOUR(t, w0, w1, w2, w3)       \
  FOUR((t) + 4, w1, w2, w3, w0) \
  FOUR((t) + 8, w2, w3, w0, w1) \
  FOUR((t) + 12, w3, w0, w1, w2)

SHA_TARGET bool search_sha_arm64(const search_job *job, uint32_t low, uint64_t tries, uint32_t *hit) {
  static const uint32_t PAD[8] = {0x80000000, 0, 0, 0, 0, 0, 0, 8 * 32};
  const uint32x4_t early_abcd = vld1q_u32(job->early), early_efgh = vld1q_u32(job->early + 4);
  const uint32x4_t mid_abcd = vld1q_u32(job->midstate), mid_efgh = vld1q_u32(job->midstate + 4);
  const uint32x4_t iv_abcd = vld1q_u32(SHA256_IV), iv_efgh = vld1q_u32(SHA256_IV + 4);
  const uint32x4_t from4 = vld1q_u32(job->words + 4), from8 = vld1q_u32(job->words + 8), from12 = vld1q_u32(job->words + 12);
  /* As far as they do not depend on the nonce, which is added to word 12 and, from there, to word 19. */
  const uint32x4_t from16 = vld1q_u32(job->part + 16);
  const uint32x4_t pad8 = vld1q_u32(PAD), pad12 = vld1q_u32(PAD + 4);

  for (uint64_t i = 0; i < tries; i += STREAMS) {
    uint32x4_t abcd[STREAMS], efgh[STREAMS], w0[STREAMS], w1[STREAMS], w2[STREAMS], w3[STREAMS];
    EACH(abcd[s] = early_abcd; efgh[s] = early_efgh)
    EACH(w3[s] = vsetq_lane_u32(low + (uint32_t)i + s, from12, 0))
    EACH(ROUNDS(abcd[s], efgh[s], ADD(w3[s], K4(12))))
    EACH(w0[s] = vsetq_lane_u32(job->part[19] + low + (uint32_t)i + s, from16, 3))
    EACH(ROUNDS(abcd[s], efgh[s], ADD(w0[s], K4(16))))
    EACH(w1[s] = from4; ROUNDS(abcd[s], efgh[s], ADD(NEXT(w1[s], from8, w3[s], w0[s]), K4(20))))
    EACH(w2[s] = from8; ROUNDS(abcd[s], efgh[s], ADD(NEXT(w2[s], w3[s], w0[s], w1[s]), K4(24))))
    FOUR(28, w3, w0, w1, w2)
    SIXTEEN(32)
    SIXTEEN(48)

    EACH(w0[s] = ADD(abcd[s], mid_abcd); w1[s] = ADD(efgh[s], mid_efgh); w2[s] = pad8; w3[s] = pad12)
    EACH(abcd[s] = iv_abcd; efgh[s] = iv_efgh)
    EACH(ROUNDS(abcd[s], efgh[s], ADD(w0[s], K4(0))))
    EACH(ROUNDS(abcd[s], efgh[s], ADD(w1[s], K4(4))))
    EACH(ROUNDS(abcd[s], efgh[s], ADD(w2[s], K4(8))))
    EACH(ROUNDS(abcd[s], efgh[s], ADD(w3[s], K4(12))))
    SIXTEEN(16)
    SIXTEEN(32)
    SIXTEEN(48)

    for (uint32_t s = 0; s < STREAMS; s++) {
      uint32_t nonce = low + (uint32_t)i + s, top = vgetq_lane_u32(abcd[s], 0) + SHA256_IV[0];
      if (top > job->target[0] || i + s >= tries || !is_hit(job, nonce)) continue;
      *hit = nonce;
      return true;
    }
  }
  return false;
}
#endif
