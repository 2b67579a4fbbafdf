/**
 * Bitcoin's proof of work, which ours copies: SHA-256d of a header, and compact bits.
 * Sources: the headers are in Bitcoin's chain (heights 0 and 125552); compact forms are from Bitcoin Core,
 * src/test/arith_uint256_tests.cpp, "bignum_SetCompact", and from the Bitcoin wiki, "Difficulty".
 */

/** A header of 80 bytes, its hash as Bitcoin shows it (reversed: a number), its bits. */
export const BITCOIN_HEADERS: readonly (readonly [header: string, hash: string, bits: number])[] = [
  [
    '0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c',
    '000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f',
    0x1d00ffff,
  ],
  [
    '0100000081cd02ab7e569e8bcd9317e2fe99f2de44d49ab2b8851ba4a308000000000000e320b6c2fffc8d750423db8b1eb942ae710e951ed797f7affc8892b0f1fc122bc7f5d74df2b9441a42a14695',
    '00000000000000001e8d6829a8a21adc5d38d0a473b144b6765798e61f98bd1d',
    0x1a44b9f2,
  ],
]

/** Bits and the target that they stand for, hex without leading zeros; canonical both ways. */
export const CANONICAL_BITS: readonly (readonly [bits: number, target: string])[] = [
  [0x1d00ffff, 'ffff0000000000000000000000000000000000000000000000000000'],
  [0x1b0404cb, '404cb000000000000000000000000000000000000000000000000'],
  [0x01120000, '12'],
  [0x02008000, '80'],
  [0x02123400, '1234'],
  [0x03123456, '123456'],
  [0x04123456, '12345600'],
  [0x05009234, '92340000'],
  [0x20123456, '1234560000000000000000000000000000000000000000000000000000000000'],
]

/** Bits that are no target for us, and why. */
export const REFUSED_BITS: readonly (readonly [bits: number, reason: string])[] = [
  [0x00000000, 'zero'],
  [0x00123456, 'zero: shifted away'],
  [0x01003456, 'zero: shifted away'],
  [0x02000056, 'zero: shifted away'],
  [0x03000000, 'zero'],
  [0x04000000, 'zero'],
  [0x00923456, 'negative zero'],
  [0x01803456, 'negative zero'],
  [0x02800056, 'negative zero'],
  [0x03800000, 'negative zero'],
  [0x04800000, 'negative zero'],
  [0x01fedcba, 'negative: -0x7e'],
  [0x04923456, 'negative: -0x12345600'],
  [0x01123456, 'not canonical: 0x12 is 0x01120000'],
  [0x02123456, 'not canonical: 0x1234 is 0x02123400'],
  [0x05001234, 'not canonical: 0x12340000 is 0x04123400'],
  [0xff123456, 'above 256 bits'],
  [0x21010000, 'above 256 bits: 2^256'],
]

/** Bits and the work of one block: the chain's work at height 0 and at height 1 less that at height 0. */
export const WORK: readonly (readonly [bits: number, work: bigint])[] = [[0x1d00ffff, 0x100010001n]]
