/*
 * One try in every lane of a vector. A kernel includes this after it has said what a vector is:
 *   VEC                       as many 32-bit words as it has lanes
 *   ADD XOR AND               of two vectors
 *   ROR(x, n) SHR(x, n)       each lane by a constant n
 *   XOR3(x, y, z)             x ^ y ^ z
 *   CHOOSE(e, f, g)           (e & f) ^ (~e & g)
 *   MAJORITY(a, b, c)         (a & b) ^ (a & c) ^ (b & c)
 *   ALL(word)                 a vector with `word` in every lane
 *   LANES_TARGET              the attribute that allows its instructions
 * Plain unsigned words are vectors of one lane.
 */

#define BIG0(x) XOR3(ROR(x, 2), ROR(x, 13), ROR(x, 22))
#define BIG1(x) XOR3(ROR(x, 6), ROR(x, 11), ROR(x, 25))
#define SMALL0(x) XOR3(ROR(x, 7), ROR(x, 18), SHR(x, 3))
#define SMALL1(x) XOR3(ROR(x, 17), ROR(x, 19), SHR(x, 10))

/* One round with K[t] + W[t] in `kw`; the caller passes the variables turned by one from round to round. */
#define ROUND(a, b, c, d, e, f, g, h, kw)                        \
  do {                                                           \
    VEC big1 = BIG1(e);                                          \
    VEC t1 = ADD(ADD(ADD(h, kw), CHOOSE(e, f, g)), big1);        \
    VEC big0 = BIG0(a);                                          \
    d = ADD(d, t1);                                              \
    h = ADD(t1, ADD(big0, MAJORITY(a, b, c)));                   \
  } while (0)

#define K_PLUS(t, w) ADD(w, ALL(SHA256_K[t]))

/* Word t of the schedule from the sixteen before it, in the place of word t - 16. */
#define NEXT(w, t)                                                                                                  \
  (w[(t) & 15] = ADD(ADD(w[(t) & 15], SMALL0(w[((t) + 1) & 15])), ADD(w[((t) + 9) & 15], SMALL1(w[((t) + 14) & 15]))))

#define EIGHT(k)                             \
  ROUND(a, b, c, d, e, f, g, h, k(0));       \
  ROUND(h, a, b, c, d, e, f, g, k(1));       \
  ROUND(g, h, a, b, c, d, e, f, k(2));       \
  ROUND(f, g, h, a, b, c, d, e, k(3));       \
  ROUND(e, f, g, h, a, b, c, d, k(4));       \
  ROUND(d, e, f, g, h, a, b, c, k(5));       \
  ROUND(c, d, e, f, g, h, a, b, k(6));       \
  ROUND(b, c, d, e, f, g, h, a, k(7))

#define PART(t) ALL(job->part[t])
#define KW_NEXT(t) K_PLUS(t, NEXT(w, t))
#define WORD(t) K_PLUS(t, w[(t) & 15])
#define FROM_32(i) KW_NEXT(32 + (i))
#define FROM_40(i) KW_NEXT(40 + (i))
#define FROM_45(i) KW_NEXT(45 + (i))
#define FROM_48(i) KW_NEXT(48 + (i))
#define FROM_53(i) KW_NEXT(53 + (i))
#define FROM_56(i) KW_NEXT(56 + (i))

/* The digest's top word of each lane's try. */
LANES_TARGET ALWAYS_INLINE VEC lanes_top(const search_job *job, VEC nonce) {
  VEC w[16];
  const uint32_t *s = job->early;
  /* Round 12, and the names that the variables have after it. */
  VEC a = ADD(nonce, ALL(job->a12)), b = ALL(s[0]), c = ALL(s[1]), d = ALL(s[2]);
  VEC e = ADD(nonce, ALL(job->e12)), f = ALL(s[4]), g = ALL(s[5]), h = ALL(s[6]);
  ROUND(a, b, c, d, e, f, g, h, ALL(job->kw[13]));
  ROUND(h, a, b, c, d, e, f, g, ALL(job->kw[14]));
  ROUND(g, h, a, b, c, d, e, f, ALL(job->kw[15]));
  ROUND(f, g, h, a, b, c, d, e, ALL(job->kw[16]));
  ROUND(e, f, g, h, a, b, c, d, ALL(job->kw[17]));
  ROUND(d, e, f, g, h, a, b, c, ALL(job->kw[18]));
  w[3] = ADD(nonce, PART(19));
  ROUND(c, d, e, f, g, h, a, b, K_PLUS(19, w[3]));
  ROUND(b, c, d, e, f, g, h, a, ALL(job->kw[20]));
  w[5] = ADD(SMALL1(w[3]), PART(21));
  ROUND(a, b, c, d, e, f, g, h, K_PLUS(21, w[5]));
  ROUND(h, a, b, c, d, e, f, g, ALL(job->kw[22]));
  w[7] = ADD(SMALL1(w[5]), PART(23));
  ROUND(g, h, a, b, c, d, e, f, K_PLUS(23, w[7]));
  ROUND(f, g, h, a, b, c, d, e, ALL(job->kw[24]));
  w[9] = ADD(SMALL1(w[7]), PART(25));
  ROUND(e, f, g, h, a, b, c, d, K_PLUS(25, w[9]));
  w[10] = ADD(w[3], PART(26));
  ROUND(d, e, f, g, h, a, b, c, K_PLUS(26, w[10]));
  w[11] = ADD(ADD(SMALL1(w[9]), SMALL0(nonce)), PART(27));
  ROUND(c, d, e, f, g, h, a, b, K_PLUS(27, w[11]));
  w[12] = ADD(ADD(SMALL1(w[10]), w[5]), ADD(nonce, PART(28)));
  ROUND(b, c, d, e, f, g, h, a, K_PLUS(28, w[12]));
  w[13] = ADD(SMALL1(w[11]), PART(29));
  ROUND(a, b, c, d, e, f, g, h, K_PLUS(29, w[13]));
  w[14] = ADD(ADD(SMALL1(w[12]), w[7]), PART(30));
  ROUND(h, a, b, c, d, e, f, g, K_PLUS(30, w[14]));
  w[15] = ADD(SMALL1(w[13]), PART(31));
  ROUND(g, h, a, b, c, d, e, f, K_PLUS(31, w[15]));
  w[0] = ADD(ADD(SMALL1(w[14]), w[9]), PART(32));
  ROUND(f, g, h, a, b, c, d, e, K_PLUS(32, w[0]));
  w[1] = ADD(ADD(SMALL1(w[15]), w[10]), PART(33));
  ROUND(e, f, g, h, a, b, c, d, K_PLUS(33, w[1]));
  w[2] = ADD(ADD(SMALL1(w[0]), w[11]), ADD(SMALL0(w[3]), PART(34)));
  ROUND(d, e, f, g, h, a, b, c, K_PLUS(34, w[2]));
  w[3] = ADD(ADD(SMALL1(w[1]), w[12]), ADD(w[3], PART(35)));
  ROUND(c, d, e, f, g, h, a, b, K_PLUS(35, w[3]));
  w[4] = ADD(ADD(SMALL1(w[2]), w[13]), ADD(SMALL0(w[5]), PART(36)));
  ROUND(b, c, d, e, f, g, h, a, K_PLUS(36, w[4]));
  w[5] = ADD(ADD(SMALL1(w[3]), w[14]), ADD(w[5], PART(37)));
  ROUND(a, b, c, d, e, f, g, h, K_PLUS(37, w[5]));
  w[6] = ADD(ADD(SMALL1(w[4]), w[15]), ADD(SMALL0(w[7]), PART(38)));
  ROUND(h, a, b, c, d, e, f, g, K_PLUS(38, w[6]));
  w[7] = ADD(ADD(SMALL1(w[5]), w[0]), ADD(w[7], PART(39)));
  ROUND(g, h, a, b, c, d, e, f, K_PLUS(39, w[7]));
  w[8] = ADD(ADD(SMALL1(w[6]), w[1]), ADD(SMALL0(w[9]), PART(40)));
  ROUND(f, g, h, a, b, c, d, e, K_PLUS(40, w[8]));
  ROUND(e, f, g, h, a, b, c, d, KW_NEXT(41));
  ROUND(d, e, f, g, h, a, b, c, KW_NEXT(42));
  ROUND(c, d, e, f, g, h, a, b, KW_NEXT(43));
  ROUND(b, c, d, e, f, g, h, a, KW_NEXT(44));
  EIGHT(FROM_45);
  EIGHT(FROM_53);
  ROUND(a, b, c, d, e, f, g, h, KW_NEXT(61));
  ROUND(h, a, b, c, d, e, f, g, KW_NEXT(62));
  ROUND(g, h, a, b, c, d, e, f, KW_NEXT(63));

  /* The second SHA-256: the first digest, one bit, and the length of 256 bits. */
  w[0] = ADD(f, ALL(job->midstate[0]));
  w[1] = ADD(g, ALL(job->midstate[1]));
  w[2] = ADD(h, ALL(job->midstate[2]));
  w[3] = ADD(a, ALL(job->midstate[3]));
  w[4] = ADD(b, ALL(job->midstate[4]));
  w[5] = ADD(c, ALL(job->midstate[5]));
  w[6] = ADD(d, ALL(job->midstate[6]));
  w[7] = ADD(e, ALL(job->midstate[7]));
  a = ALL(0x6a09e667), b = ALL(0xbb67ae85), c = ALL(0x3c6ef372);
  e = ALL(0x510e527f), f = ALL(0x9b05688c), g = ALL(0x1f83d9ab);
  /* Round 0, which starts from constants alone. */
  d = ADD(w[0], ALL(0x98c7e2a2));
  h = ADD(w[0], ALL(0xfc08884d));
  ROUND(h, a, b, c, d, e, f, g, WORD(1));
  ROUND(g, h, a, b, c, d, e, f, WORD(2));
  ROUND(f, g, h, a, b, c, d, e, WORD(3));
  ROUND(e, f, g, h, a, b, c, d, WORD(4));
  ROUND(d, e, f, g, h, a, b, c, WORD(5));
  ROUND(c, d, e, f, g, h, a, b, WORD(6));
  ROUND(b, c, d, e, f, g, h, a, WORD(7));
  ROUND(a, b, c, d, e, f, g, h, ALL(SHA256_K[8] + 0x80000000));
  ROUND(h, a, b, c, d, e, f, g, ALL(SHA256_K[9]));
  ROUND(g, h, a, b, c, d, e, f, ALL(SHA256_K[10]));
  ROUND(f, g, h, a, b, c, d, e, ALL(SHA256_K[11]));
  ROUND(e, f, g, h, a, b, c, d, ALL(SHA256_K[12]));
  ROUND(d, e, f, g, h, a, b, c, ALL(SHA256_K[13]));
  ROUND(c, d, e, f, g, h, a, b, ALL(SHA256_K[14]));
  ROUND(b, c, d, e, f, g, h, a, ALL(SHA256_K[15] + 256));
  /* SMALL1(256) = 0x00a00000, SMALL0(2^31) = 0x11002000, SMALL0(256) = 0x00400022. */
  w[0] = ADD(w[0], SMALL0(w[1]));
  ROUND(a, b, c, d, e, f, g, h, WORD(16));
  w[1] = ADD(ADD(w[1], SMALL0(w[2])), ALL(0x00a00000));
  ROUND(h, a, b, c, d, e, f, g, WORD(17));
  w[2] = ADD(ADD(w[2], SMALL0(w[3])), SMALL1(w[0]));
  ROUND(g, h, a, b, c, d, e, f, WORD(18));
  w[3] = ADD(ADD(w[3], SMALL0(w[4])), SMALL1(w[1]));
  ROUND(f, g, h, a, b, c, d, e, WORD(19));
  w[4] = ADD(ADD(w[4], SMALL0(w[5])), SMALL1(w[2]));
  ROUND(e, f, g, h, a, b, c, d, WORD(20));
  w[5] = ADD(ADD(w[5], SMALL0(w[6])), SMALL1(w[3]));
  ROUND(d, e, f, g, h, a, b, c, WORD(21));
  w[6] = ADD(ADD(w[6], SMALL0(w[7])), ADD(SMALL1(w[4]), ALL(256)));
  ROUND(c, d, e, f, g, h, a, b, WORD(22));
  w[7] = ADD(ADD(w[7], w[0]), ADD(SMALL1(w[5]), ALL(0x11002000)));
  ROUND(b, c, d, e, f, g, h, a, WORD(23));
  w[8] = ADD(ADD(w[1], SMALL1(w[6])), ALL(0x80000000));
  ROUND(a, b, c, d, e, f, g, h, WORD(24));
  w[9] = ADD(w[2], SMALL1(w[7]));
  ROUND(h, a, b, c, d, e, f, g, WORD(25));
  w[10] = ADD(w[3], SMALL1(w[8]));
  ROUND(g, h, a, b, c, d, e, f, WORD(26));
  w[11] = ADD(w[4], SMALL1(w[9]));
  ROUND(f, g, h, a, b, c, d, e, WORD(27));
  w[12] = ADD(w[5], SMALL1(w[10]));
  ROUND(e, f, g, h, a, b, c, d, WORD(28));
  w[13] = ADD(w[6], SMALL1(w[11]));
  ROUND(d, e, f, g, h, a, b, c, WORD(29));
  w[14] = ADD(ADD(w[7], SMALL1(w[12])), ALL(0x00400022));
  ROUND(c, d, e, f, g, h, a, b, WORD(30));
  w[15] = ADD(ADD(w[8], SMALL1(w[13])), ADD(SMALL0(w[0]), ALL(256)));
  ROUND(b, c, d, e, f, g, h, a, WORD(31));
  EIGHT(FROM_32);
  EIGHT(FROM_40);
  EIGHT(FROM_48);
  EIGHT(FROM_56);
  /* Of the digest only this word is made: the compiler leaves out what no longer reaches it. */
  return ADD(a, ALL(0x6a09e667));
}
