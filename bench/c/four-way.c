/* What our kernel in WebAssembly does, in C: four nonces at a time in vectors of 128 bits, with all that is known before the nonce. */
#include <string.h>

#include "../../src/native/search.h"

typedef uint32_t vector __attribute__((vector_size(16)));
#define VEC vector
#define ADD(x, y) ((x) + (y))
#define ROR(x, n) ((x) >> (n) | (x) << (32 - (n)))
#define SHR(x, n) ((x) >> (n))
#define XOR3(x, y, z) ((x) ^ (y) ^ (z))
#define CHOOSE(e, f, g) ((g) ^ ((e) & ((f) ^ (g))))
#define MAJORITY(a, b, c) ((b) ^ (((a) ^ (b)) & ((b) ^ (c))))
#define ALL(word) ((vector){(word), (word), (word), (word)})
#define LANES_TARGET
#include "../../src/native/lanes.h"

static bool search_four(const search_job *job, uint32_t low, uint64_t tries, uint32_t *hit) {
  const vector limit = ALL(job->target[0]);
  vector nonces = ALL(low) + (vector){0, 1, 2, 3};
  for (uint64_t i = 0; i < tries; i += 4, nonces += ALL(4)) {
    vector passed = (vector)(lanes_top(job, nonces) <= limit);
    if (!(passed[0] | passed[1] | passed[2] | passed[3])) continue;
    for (uint32_t lane = 0; lane < 4 && i + lane < tries; lane++) {
      if (!passed[lane] || !is_hit(job, low + (uint32_t)i + lane)) continue;
      *hit = low + (uint32_t)i + lane;
      return true;
    }
  }
  return false;
}

#include "measure.h"

static void try_nonces(uint64_t start, uint64_t count) {
  static const uint8_t header[HEADER_BYTES] = {1}, target[TARGET_BYTES] = {0};
  uint64_t hit;
  if (search_nonces(search_four, header, start, count, target, &hit)) exit(2);
}
