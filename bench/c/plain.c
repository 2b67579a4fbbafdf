/* The loop that anybody would write first: SHA-256 (FIPS 180-4) of the header, and of that, nonce after nonce, nothing known beforehand. */
#include <string.h>

#include "../../src/native/search.h"
#include "measure.h"

static uint32_t ror(uint32_t x, int n) { return x >> n | x << (32 - n); }

static void compress(uint32_t state[8], const uint8_t block[64]) {
  uint32_t w[64], s[8];
  for (int i = 0; i < 16; i++) w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 | (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
  for (int i = 16; i < 64; i++) {
    uint32_t x = w[i - 15], y = w[i - 2];
    w[i] = w[i - 16] + (ror(x, 7) ^ ror(x, 18) ^ x >> 3) + w[i - 7] + (ror(y, 17) ^ ror(y, 19) ^ y >> 10);
  }
  memcpy(s, state, sizeof s);
  for (int i = 0; i < 64; i++) {
    uint32_t e = s[4], a = s[0];
    uint32_t t1 = s[7] + (ror(e, 6) ^ ror(e, 11) ^ ror(e, 25)) + ((e & s[5]) ^ (~e & s[6])) + SHA256_K[i] + w[i];
    uint32_t t2 = (ror(a, 2) ^ ror(a, 13) ^ ror(a, 22)) + ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));
    s[7] = s[6], s[6] = s[5], s[5] = e, s[4] = s[3] + t1;
    s[3] = s[2], s[2] = s[1], s[1] = a, s[0] = t1 + t2;
  }
  for (int i = 0; i < 8; i++) state[i] += s[i];
}

/* At most 119 bytes. */
static void sha256(const uint8_t *bytes, size_t length, uint8_t digest[32]) {
  uint8_t blocks[128] = {0};
  uint32_t state[8];
  size_t padded = length < 56 ? 64 : 128;
  memcpy(blocks, bytes, length);
  blocks[length] = 0x80;
  blocks[padded - 2] = (uint8_t)(8 * length >> 8);
  blocks[padded - 1] = (uint8_t)(8 * length);
  memcpy(state, SHA256_IV, sizeof state);
  for (size_t at = 0; at < padded; at += 64) compress(state, blocks + at);
  for (int i = 0; i < 32; i++) digest[i] = (uint8_t)(state[i / 4] >> (24 - 8 * (i % 4)));
}

static void try_nonces(uint64_t start, uint64_t count) {
  uint8_t header[HEADER_BYTES] = {1}, first[32], smell[32];
  static const uint8_t target[32] = {0};
  for (uint64_t nonce = start; nonce < start + count; nonce++) {
    for (int i = 0; i < 8; i++) header[108 + i] = (uint8_t)(nonce >> (56 - 8 * i));
    sha256(header, sizeof header, first);
    sha256(first, sizeof first, smell);
    if (memcmp(smell, target, sizeof smell) <= 0) exit(2);
  }
}
