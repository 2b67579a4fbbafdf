/*
 * What the kernels share. Each searches the low half of the nonce with the high half fixed: SHA-256d (FIPS 180-4) of the
 * 116-byte header, of which only word 12 of the second 64-byte block varies.
 */
#ifndef CHEESE_SEARCH_H
#define CHEESE_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEADER_BYTES 116
#define TARGET_BYTES 32

/* What is the same for every try, worked out once a run. */
typedef struct {
  /* After the first block. */
  uint32_t midstate[8];
  /* Before round 12 of the second block, which is the first that sees the nonce's low half. */
  uint32_t early[8];
  /* The second block's words; word 12 is zero here. */
  uint32_t words[16];
  /* Big-endian words, the most significant first. */
  uint32_t target[8];
  /* What round 12 makes of `e` and of `a`, before the nonce is added to both. */
  uint32_t e12, a12;
  /* K[t] + W[t] of the rounds 13 to 24 whose word does not see the nonce: 13..18, 20, 22, 24. Others are unused. */
  uint32_t kw[25];
  /* What is known of the words 19 to 40 of the message schedule; the rest is the kernel's. */
  uint32_t part[41];
} search_job;

/* Looks at `tries` low halves from `low` on (low + tries <= 2^32). True, and the first that hits in `hit`, when one does. */
typedef bool (*search_low_fn)(const search_job *job, uint32_t low, uint64_t tries, uint32_t *hit);

typedef struct {
  const char *name;
  search_low_fn search_low;
} kernel;

/* Those that this processor and system run, slowest first; at most `MAX_KERNELS`. */
#define MAX_KERNELS 4
size_t find_kernels(kernel out[MAX_KERNELS]);

/* The whole search: `count` tries from `start` on, after 2^64 - 1 comes 0. */
bool search_nonces(search_low_fn search_low, const uint8_t header[HEADER_BYTES], uint64_t start, uint64_t count,
                   const uint8_t target[TARGET_BYTES], uint64_t *hit);

/* Whether this low half hits, all 256 bits compared: for the rare one whose top word passed. */
bool is_hit(const search_job *job, uint32_t low);

/* FIPS 180-4, sections 4.2.2 and 5.3.3. Every file has its own, so that compilers make constants of them. */
static const uint32_t SHA256_K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};
static const uint32_t SHA256_IV[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

bool search_scalar(const search_job *job, uint32_t low, uint64_t tries, uint32_t *hit);

#if defined(__x86_64__) || defined(_M_X64)
#define CHEESE_X64 1
bool search_avx2(const search_job *job, uint32_t low, uint64_t tries, uint32_t *hit);
bool search_avx512(const search_job *job, uint32_t low, uint64_t tries, uint32_t *hit);
bool search_sha_x64(const search_job *job, uint32_t low, uint64_t tries, uint32_t *hit);
#elif defined(__aarch64__) || defined(_M_ARM64)
#define CHEESE_ARM64 1
bool search_neon(const search_job *job, uint32_t low, uint64_t tries, uint32_t *hit);
/* Clang before 16 knows these instructions only where every processor that is compiled for has them, as Apple's do. */
#if defined(__ARM_FEATURE_SHA2) || defined(__ARM_FEATURE_CRYPTO) || !defined(__clang__) || __clang_major__ >= 16
#define CHEESE_ARM64_SHA 1
bool search_sha_arm64(const search_job *job, uint32_t low, uint64_t tries, uint32_t *hit);
#endif
#endif

/* The kernels' statements stand in an order that keeps the processor's units busy: GCC's own made them a tenth to a third slower. */
#if defined(__GNUC__) && !defined(__clang__)
#define IN_THIS_ORDER _Pragma("GCC optimize (\"no-tree-ter\", \"no-tree-reassoc\", \"no-schedule-insns2\")")
#else
#define IN_THIS_ORDER
#endif

/* A function that uses instructions which the rest of the addon must not: MSVC lets every function use all of them. */
#if defined(__GNUC__) || defined(__clang__)
#define USES(features) __attribute__((target(features)))
#define ALWAYS_INLINE static inline __attribute__((always_inline))
#else
#define USES(features)
#define ALWAYS_INLINE static __forceinline
#endif

#endif
