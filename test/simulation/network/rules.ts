import { smellOf } from '../../../src/consensus/hash.ts'
import { params } from '../../../src/consensus/params.ts'
import { bitsToTarget, workOf } from '../../../src/consensus/target.ts'
import type { Header, Params } from '../../../src/consensus/types.ts'
import { bytesToBigInt, toHex } from '../../../src/util/bytes.ts'

/** The easiest target of a simulated network: some 64 tries. */
const EASIEST_BITS = 0x2003ffff
/** Tries that a cheese takes where the hash rate is the usual one: so few that the nonces are really searched for. */
export const USUAL_WORK = 1_600
/** Wanted seconds between cheeses, as the rules have it. */
export const SPACING = 60

/**
 * The rules of the network named test, with an easiest target that makes nonces cheap to find. Everything else is as in
 * public: the target moves by aserti3, times ahead of the clock are held back, a reward ripens for 20 cheeses.
 */
export function simulationParams(): Params {
  const test = params('test')
  const easiestTarget = bitsToTarget(EASIEST_BITS)
  if (easiestTarget === undefined) throw new Error('bug: the easiest bits are canonical')
  const header = searchNonce({ ...test.blue.header, bits: EASIEST_BITS, nonce: 0n })
  const blueSmell = smellOf(header)
  return { ...test, easiestBits: EASIEST_BITS, easiestTarget, blue: { header, body: test.blue.body }, blueSmell, blueSmellHex: toHex(blueSmell) }
}

/** The header with the lowest nonce that does its work. */
export function searchNonce(header: Header): Header {
  const target = bitsToTarget(header.bits) ?? 0n
  for (let nonce = 0n; ; nonce++) {
    const tried = { ...header, nonce }
    if (bytesToBigInt(smellOf(tried)) <= target) return tried
  }
}

/** Tries that a cheese with these bits takes on average. */
export function triesOf(bits: number): number {
  return Number(workOf(bits))
}
