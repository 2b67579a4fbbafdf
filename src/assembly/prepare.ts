import { bigSigma0, bigSigma1, sigma0, sigma1 } from './lanes'
import { HEADER, KNOWN, MIDSTATE, NONCE_A, NONCE_E, PART, ROUND, ROUND_WORD, SCHEDULE, STATE, STATE_XOR, WORKING } from './layout'

/** FIPS 180-4, section 4.2.2. */
const K = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
])
/** Section 5.3.3. */
const IV = memory.data<u32>([0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19])

const HEADER_BITS = 8 * 116

// @ts-ignore: decorator
@inline
function word(base: usize, i: i32): u32 {
  return load<u32>(base + 4 * i)
}

// @ts-ignore: decorator
@inline
function put(base: usize, i: i32, value: u32): void {
  store<u32>(base + 4 * i, value)
}

/** Keeps what is the same for all nonces, once a lane. */
function keep(base: usize, index: i32, value: u32): void {
  for (let lane = 0; lane < 4; lane++) put(base + 16 * index, lane, value)
}

/** T1 and T2 of round `i`, without the round's word. */
function t1(i: i32): u32 {
  const e = word(WORKING, 4)
  const g = word(WORKING, 6)
  return word(WORKING, 7) + bigSigma1<u32>(e) + (g ^ (e & (word(WORKING, 5) ^ g))) + word(K, i)
}

function t2(): u32 {
  const a = word(WORKING, 0)
  const b = word(WORKING, 1)
  const c = word(WORKING, 2)
  return bigSigma0<u32>(a) + ((a & b) | (c & (a | b)))
}

/** So many rounds over SCHEDULE, from round 0 on. */
function rounds(count: i32): void {
  for (let i = 0; i < count; i++) {
    const first = t1(i) + word(SCHEDULE, i)
    const second = t2()
    memory.copy(WORKING + 4, WORKING, 28)
    put(WORKING, 4, word(WORKING, 4) + first)
    put(WORKING, 0, first + second)
  }
}

/** Whether a word of the second block's schedule does not hang on the nonce, which is word 12. */
// @ts-ignore: decorator
@inline
function isKnown(i: i32): bool {
  return i != 12 && (i < 19 || i == 20 || i == 22 || i == 24)
}

/** A word of the schedule: of those that it is made of all, or those alone that do not hang on the nonce. */
function scheduled(i: i32, all: bool): u32 {
  let sum: u32 = 0
  if (all || isKnown(i - 16)) sum += word(SCHEDULE, i - 16)
  if (all || isKnown(i - 15)) sum += sigma0<u32>(word(SCHEDULE, i - 15))
  if (all || isKnown(i - 7)) sum += word(SCHEDULE, i - 7)
  if (all || isKnown(i - 2)) sum += sigma1<u32>(word(SCHEDULE, i - 2))
  return sum
}

/** The hash of the first block. */
function midstate(): void {
  for (let i = 0; i < 16; i++) put(SCHEDULE, i, bswap(word(HEADER, i)))
  for (let i = 16; i < 64; i++) put(SCHEDULE, i, scheduled(i, true))
  memory.copy(WORKING, IV, 32)
  rounds(64)
  for (let i = 0; i < 8; i++) {
    put(WORKING, i, word(WORKING, i) + word(IV, i))
    keep(KNOWN, MIDSTATE + i, word(WORKING, i))
  }
}

/**
 * Works out all that is the same for the nonces with this high half, of the header in HEADER: the first block's hash, the second
 * block's first twelve rounds, and what of its schedule does not hang on the low half.
 */
export function prepare(high: u32): void {
  for (let i = 0; i < 64; i++) keep(ROUND, i, word(K, i))
  midstate()
  for (let i = 0; i < 11; i++) put(SCHEDULE, i, bswap(word(HEADER, 16 + i)))
  put(SCHEDULE, 11, high)
  // The nonce's low half, which is added later; then SHA-256's padding.
  put(SCHEDULE, 12, 0)
  put(SCHEDULE, 13, 0x80000000)
  put(SCHEDULE, 14, 0)
  put(SCHEDULE, 15, HEADER_BITS)
  for (let i = 16; i < 41; i++) {
    put(SCHEDULE, i, scheduled(i, false))
    keep(KNOWN, PART + i, word(SCHEDULE, i))
  }
  for (let i = 13; i < 25; i++) keep(KNOWN, ROUND_WORD + i, word(K, i) + word(SCHEDULE, i))
  rounds(12)
  for (let i = 0; i < 8; i++) keep(KNOWN, STATE + i, word(WORKING, i))
  keep(KNOWN, STATE_XOR, word(WORKING, 0) ^ word(WORKING, 1))
  keep(KNOWN, NONCE_E, word(WORKING, 3) + t1(12))
  keep(KNOWN, NONCE_A, t1(12) + t2())
}
