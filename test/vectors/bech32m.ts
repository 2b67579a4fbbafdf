/**
 * BIP 350: strings that are Bech32m, and strings that are not, with the reason.
 * Source: https://github.com/bitcoin/bips/blob/master/bip-0350.mediawiki, "Test vectors for Bech32m", and the rows about
 * Bech32 instead of Bech32m, mixed case and padding of "Test vectors for v0-v16 native segregated witness addresses".
 */
export const BECH32M_VALID: readonly string[] = [
  'A1LQFN3A',
  'a1lqfn3a',
  'an83characterlonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11sg7hg6',
  'abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx',
  '11llllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllludsr8',
  'split1checkupstagehandshakeupstreamerranterredcaperredlc445v',
  '?1v759aa',
]

export const BECH32M_INVALID: readonly (readonly [text: string, reason: string])[] = [
  ['\x201xj0phk', 'HRP character out of range'],
  ['\x7f1g6xzxy', 'HRP character out of range'],
  ['\x801vctc34', 'HRP character out of range'],
  ['an84characterslonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11d6pts4', 'overall max length exceeded'],
  ['qyrz8wqd2c9m', 'No separator character'],
  ['1qyrz8wqd2c9m', 'Empty HRP'],
  ['y1b0jsk6g', 'Invalid data character'],
  ['lt1igcx5c0', 'Invalid data character'],
  ['in1muywd', 'Too short checksum'],
  ['mm1crxm3i', 'Invalid character in checksum'],
  ['au1s5cgom', 'Invalid character in checksum'],
  ['M1VUXWEZ', 'checksum calculated with uppercase form of HRP'],
  ['16plkw9', 'empty HRP'],
  ['1p2gdwpf', 'empty HRP'],
  ['bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd', 'Invalid checksum (Bech32 instead of Bech32m)'],
  ['tb1z0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqglt7rf', 'Invalid checksum (Bech32 instead of Bech32m)'],
  ['bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4', 'Invalid character in checksum'],
  ['tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq47Zagq', 'Mixed case'],
]

/** Segregated witness address, its witness version, its program: the data part of a Bech32m string, taken apart. */
export const BECH32M_DATA: readonly (readonly [text: string, version: number, program: string])[] = [
  [
    'bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y',
    1,
    '751e76e8199196d454941c45d1b3a323f1433bd6751e76e8199196d454941c45d1b3a323f1433bd6',
  ],
  ['BC1SW50QGDZ25J', 16, '751e'],
  ['bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs', 2, '751e76e8199196d454941c45d1b3a323'],
  ['tb1pqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesf3hn0c', 1, '000000c4a5cad46221b2a187905e5266362b99d5e91c6ce24d165dab93e86433'],
  ['bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0', 1, '79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798'],
]
