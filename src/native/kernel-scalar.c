/* One nonce at a time in plain C, for every processor. */
#include "search.h"

IN_THIS_ORDER

#define VEC uint32_t
#define ADD(x, y) ((x) + (y))
#define ROR(x, n) ((x) >> (n) | (x) << (32 - (n)))
#define SHR(x, n) ((x) >> (n))
#define XOR3(x, y, z) ((x) ^ (y) ^ (z))
#define CHOOSE(e, f, g) ((g) ^ ((e) & ((f) ^ (g))))
#define MAJORITY(a, b, c) (((a) & (b)) | ((c) & ((a) | (b))))
#define ALL(word) (word)
#define LANES_TARGET
#include "lanes.h"

bool search_scalar(const search_job *job, uint32_t low, uint64_t tries, uint32_t *hit) {
  for (uint64_t i = 0; i < tries; i++) {
    uint32_t nonce = low + (uint32_t)i;
    if (lanes_top(job, nonce) <= job->target[0] && is_hit(job, nonce)) {
      *hit = nonce;
      return true;
    }
  }
  return false;
}
