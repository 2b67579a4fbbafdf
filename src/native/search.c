/* Prepares a search for the kernels, splits it where the nonce's low half rolls over, and checks what they find. */
#include "search.h"

#include <string.h>

/* The words of the second block that hold the nonce's halves. */
enum { NONCE_HIGH = 11, NONCE_LOW = 12 };

static uint32_t ror(uint32_t x, int n) { return (x >> n) | (x << (32 - n)); }
static uint32_t small0(uint32_t x) { return ror(x, 7) ^ ror(x, 18) ^ (x >> 3); }
static uint32_t small1(uint32_t x) { return ror(x, 17) ^ ror(x, 19) ^ (x >> 10); }
static uint32_t big0(uint32_t x) { return ror(x, 2) ^ ror(x, 13) ^ ror(x, 22); }
static uint32_t big1(uint32_t x) { return ror(x, 6) ^ ror(x, 11) ^ ror(x, 25); }
static uint32_t choose(uint32_t e, uint32_t f, uint32_t g) { return g ^ (e & (f ^ g)); }
static uint32_t majority(uint32_t a, uint32_t b, uint32_t c) { return (a & b) | (c & (a | b)); }

static uint32_t read_word(const uint8_t *at) {
  return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* The rounds `from` to `to` - 1 on the state `s` (section 6.2.2), with the message schedule `w`. */
static void rounds(uint32_t s[8], const uint32_t *w, int from, int to) {
  for (int t = from; t < to; t++) {
    uint32_t t1 = s[7] + big1(s[4]) + choose(s[4], s[5], s[6]) + SHA256_K[t] + w[t];
    uint32_t t2 = big0(s[0]) + majority(s[0], s[1], s[2]);
    memmove(s + 1, s, 7 * sizeof *s);
    s[4] += t1;
    s[0] = t1 + t2;
  }
}

/* The message schedule from its first 16 words. */
static void expand(uint32_t w[64]) {
  for (int t = 16; t < 64; t++) w[t] = small1(w[t - 2]) + w[t - 7] + small0(w[t - 15]) + w[t - 16];
}

static void compress(const uint32_t state[8], const uint32_t block[16], uint32_t out[8]) {
  uint32_t w[64], s[8];
  memcpy(w, block, 16 * sizeof *w);
  expand(w);
  memcpy(s, state, sizeof s);
  rounds(s, w, 0, 64);
  for (int i = 0; i < 8; i++) out[i] = state[i] + s[i];
}

bool is_hit(const search_job *job, uint32_t low) {
  uint32_t block[16], inner[16] = {0}, digest[8];
  memcpy(block, job->words, sizeof block);
  block[NONCE_LOW] = low;
  compress(job->midstate, block, inner);
  inner[8] = 0x80000000;
  inner[15] = 8 * 32;
  compress(SHA256_IV, inner, digest);
  for (int i = 0; i < 8; i++) {
    if (digest[i] != job->target[i]) return digest[i] < job->target[i];
  }
  return true;
}

/* Whether word t of the second block's schedule depends on the nonce's low half. */
static bool varies(int t) { return t == NONCE_LOW || (t >= 19 && t != 20 && t != 22 && t != 24); }

/* All of the job that depends on the nonce's high half. */
static void set_high(search_job *job, uint32_t high) {
  job->words[NONCE_HIGH] = high;
  memcpy(job->early, job->midstate, sizeof job->early);
  rounds(job->early, job->words, 0, 12);
  const uint32_t *s = job->early;
  uint32_t t1 = s[7] + big1(s[4]) + choose(s[4], s[5], s[6]) + SHA256_K[12];
  job->e12 = s[3] + t1;
  job->a12 = t1 + big0(s[0]) + majority(s[0], s[1], s[2]);

  /* The schedule with zeros for what depends on the nonce: kernels add that to `part`. */
  uint32_t w[41];
  memcpy(w, job->words, 16 * sizeof *w);
  for (int t = 16; t < 41; t++) {
    w[t] = 0;
    if (!varies(t - 2)) w[t] += small1(w[t - 2]);
    if (!varies(t - 7)) w[t] += w[t - 7];
    if (!varies(t - 15)) w[t] += small0(w[t - 15]);
    if (!varies(t - 16)) w[t] += w[t - 16];
    job->part[t] = w[t];
  }
  for (int t = 13; t < 25; t++) job->kw[t] = SHA256_K[t] + w[t];
}

bool search_nonces(search_low_fn search_low, const uint8_t header[HEADER_BYTES], uint64_t start, uint64_t count,
                   const uint8_t target[TARGET_BYTES], uint64_t *hit) {
  search_job job;
  uint32_t first[16];
  for (int i = 0; i < 8; i++) job.target[i] = read_word(target + 4 * i);
  for (int i = 0; i < 16; i++) first[i] = read_word(header + 4 * i);
  compress(SHA256_IV, first, job.midstate);
  /* The rest of the header, then SHA-256's padding for 116 bytes. */
  for (int i = 0; i < NONCE_HIGH; i++) job.words[i] = read_word(header + 64 + 4 * i);
  job.words[NONCE_LOW] = 0;
  job.words[13] = 0x80000000;
  job.words[14] = 0;
  job.words[15] = 8 * HEADER_BYTES;

  uint32_t high = (uint32_t)(start >> 32), low = (uint32_t)start;
  while (count > 0) {
    uint64_t room = ((uint64_t)1 << 32) - low;
    uint64_t tries = count < room ? count : room;
    uint32_t found;
    set_high(&job, high);
    if (search_low(&job, low, tries, &found)) {
      *hit = (uint64_t)high << 32 | found;
      return true;
    }
    count -= tries;
    low = 0;
    high++;
  }
  return false;
}
