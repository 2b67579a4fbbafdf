/*
 * Several nonces, one after the other in step, with the SHA instructions of x86-64: a round instruction takes longer to
 * answer than the next can be given, so each waits while another nonce's is at work.
 */
#include "search.h"

IN_THIS_ORDER

#ifdef CHEESE_X64
#include <immintrin.h>

#define STREAMS 2
#define EACH(statement)            \
  {                                \
    enum { s = 0 };                \
    statement;                     \
  }                                \
  {                                \
    enum { s = 1 };                \
    statement;                     \
  }

#define ADD(x, y) _mm_add_epi32(x, y)
#define WORDS(w0, w1, w2, w3) _mm_setr_epi32((int)(w0), (int)(w1), (int)(w2), (int)(w3))
#define K4(t) WORDS(SHA256_K[t], SHA256_K[(t) + 1], SHA256_K[(t) + 2], SHA256_K[(t) + 3])

/* Four rounds with K + W in `kw`. The state lies as the instructions want it: a b e f and c d g h, from the top down. */
#define ROUNDS(abef, cdgh, kw)                                      \
  do {                                                              \
    __m128i sum = kw;                                               \
    cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);                  \
    abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e)); \
  } while (0)

/* Words t to t + 3 of the schedule from the four vectors before them, into the place of those from t - 16 on. */
#define NEXT(w0, w1, w2, w3) (w0 = _mm_sha256msg2_epu32(ADD(_mm_sha256msg1_epu32(w0, w1), _mm_alignr_epi8(w3, w2, 4)), w3))

#define FOUR(t, w0, w1, w2, w3) EACH(ROUNDS(abef[s], cdgh[s], ADD(NEXT(w0[s], w1[s], w2[s], w3[s]), K4(t))))
#define SIXTEEN(t)              \
  FOUR(t, w0, w1, w2, w3)       \
  FOUR((t) + 4, w1, w2, w3, w0) \
  FOUR((t) + 8, w2, w3, w0, w1) \
  FOUR((t) + 12, w3, w0, w1, w2)

/* The halves of a state in `s`, as the instructions want them. */
#define ABEF(s) WORDS((s)[5], (s)[4], (s)[1], (s)[0])
#define CDGH(s) WORDS((s)[7], (s)[6], (s)[3], (s)[2])

USES("sha,ssse3,sse4.1") bool search_sha_x64(const search_job *job, uint32_t low, uint64_t tries, uint32_t *hit) {
  const uint32_t *words = job->words, *part = job->part;
  const __m128i early_abef = ABEF(job->early), early_cdgh = CDGH(job->early);
  const __m128i mid_abef = ABEF(job->midstate), mid_cdgh = CDGH(job->midstate);
  const __m128i iv_abef = ABEF(SHA256_IV), iv_cdgh = CDGH(SHA256_IV);
  /* The first SHA-256's words from 8 on, as far as they do not depend on the nonce: it is added to word 12 and, from there, to word 19. */
  const __m128i from8 = WORDS(words[8], words[9], words[10], words[11]);
  const __m128i from12 = WORDS(0, words[13], words[14], words[15]);
  const __m128i from16 = WORDS(part[16], part[17], part[18], part[19]);
  const __m128i from20 = ADD(_mm_sha256msg1_epu32(WORDS(words[4], words[5], words[6], words[7]), from8), WORDS(words[13], words[14], words[15], part[16]));
  /* The second one's: its padding, and what that adds to the words from 24 on. */
  const __m128i pad8 = WORDS(0x80000000, 0, 0, 0), pad12 = WORDS(0, 0, 0, 8 * 32), pad24 = _mm_sha256msg1_epu32(pad8, pad12);

  for (uint64_t i = 0; i < tries; i += STREAMS) {
    __m128i abef[STREAMS], cdgh[STREAMS], w0[STREAMS], w1[STREAMS], w2[STREAMS], w3[STREAMS];
    __m128i nonce[STREAMS];
    EACH(nonce[s] = _mm_cvtsi32_si128((int)(low + (uint32_t)i + s)))
    EACH(abef[s] = early_abef; cdgh[s] = early_cdgh)
    EACH(w3[s] = ADD(from12, nonce[s]))
    EACH(ROUNDS(abef[s], cdgh[s], ADD(w3[s], K4(12))))
    EACH(w0[s] = ADD(from16, _mm_slli_si128(nonce[s], 12)))
    EACH(ROUNDS(abef[s], cdgh[s], ADD(w0[s], K4(16))))
    EACH(w1[s] = _mm_sha256msg2_epu32(from20, w0[s]))
    EACH(ROUNDS(abef[s], cdgh[s], ADD(w1[s], K4(20))))
    EACH(w2[s] = from8; ROUNDS(abef[s], cdgh[s], ADD(NEXT(w2[s], w3[s], w0[s], w1[s]), K4(24))))
    FOUR(28, w3, w0, w1, w2)
    SIXTEEN(32)
    SIXTEEN(48)

    EACH(abef[s] = ADD(abef[s], mid_abef); cdgh[s] = ADD(cdgh[s], mid_cdgh))
    /* The digest as words of a message: a b c d and e f g h, from the bottom up. */
    EACH(w0[s] = _mm_shuffle_epi32(_mm_unpackhi_epi64(abef[s], cdgh[s]), 0xb1))
    EACH(w1[s] = _mm_shuffle_epi32(_mm_unpacklo_epi64(abef[s], cdgh[s]), 0xb1))
    EACH(abef[s] = iv_abef; cdgh[s] = iv_cdgh)
    EACH(ROUNDS(abef[s], cdgh[s], ADD(w0[s], K4(0))))
    EACH(ROUNDS(abef[s], cdgh[s], ADD(w1[s], K4(4))))
    EACH(ROUNDS(abef[s], cdgh[s], ADD(pad8, K4(8))))
    EACH(ROUNDS(abef[s], cdgh[s], ADD(pad12, K4(12))))
    EACH(w0[s] = _mm_sha256msg2_epu32(_mm_sha256msg1_epu32(w0[s], w1[s]), pad12))
    EACH(ROUNDS(abef[s], cdgh[s], ADD(w0[s], K4(16))))
    EACH(w1[s] = _mm_sha256msg2_epu32(ADD(_mm_sha256msg1_epu32(w1[s], pad8), _mm_alignr_epi8(w0[s], pad12, 4)), w0[s]))
    EACH(ROUNDS(abef[s], cdgh[s], ADD(w1[s], K4(20))))
    EACH(w2[s] = _mm_sha256msg2_epu32(ADD(pad24, _mm_alignr_epi8(w1[s], w0[s], 4)), w1[s]))
    EACH(ROUNDS(abef[s], cdgh[s], ADD(w2[s], K4(24))))
    EACH(w3[s] = pad12; ROUNDS(abef[s], cdgh[s], ADD(NEXT(w3[s], w0[s], w1[s], w2[s]), K4(28))))
    SIXTEEN(32)
    SIXTEEN(48)

    for (uint32_t s = 0; s < STREAMS; s++) {
      uint32_t nonce_low = low + (uint32_t)i + s, top = (uint32_t)_mm_extract_epi32(abef[s], 3) + SHA256_IV[0];
      if (top > job->target[0] || i + s >= tries || !is_hit(job, nonce_low)) continue;
      *hit = nonce_low;
      return true;
    }
  }
  return false;
}
#endif
