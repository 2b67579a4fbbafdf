import * as tiny from 'tiny-secp256k1'
import type { Key } from '../../../src/chain/testing/maker.ts'
import { keyOf } from '../../../src/chain/testing/maker.ts'
import type { Verifier } from '../../../src/chain/verifier.ts'
import { signingHash } from '../../../src/consensus/hash.ts'
import type { Params, SignatureJob, Transfer } from '../../../src/consensus/types.ts'
import { openInlineVerifier } from '../../../src/platform/verify-inline.ts'
import type { VirtualClock } from './virtual-time.ts'

const NO_AUX = new Uint8Array(32)
/** What a member's machine takes to verify a signature, with others at work on other cores, milliseconds. */
const VERIFY_MS = 0.1
/** Verdicts that are remembered. */
const MAX_VERDICTS = 200_000

/** Accounts of a simulation: the same keys for the same number. */
export function accounts(count: number): Key[] {
  return Array.from({ length: count }, (_, i) => keyOf(1_000_000 + i))
}

/** Signs as wallets do, but the same bytes each time. */
export function signed(unsigned: Omit<Transfer, 'signature'>, key: Key, params: Pick<Params, 'blueSmell'>): Transfer {
  const message = signingHash({ ...unsigned, signature: new Uint8Array(64) }, params)
  return { ...unsigned, signature: tiny.signSchnorr(message, key.secret, NO_AUX) }
}

/** All members' verifier: each signature is really verified once in the process, and takes each member its time on the clock. */
export function sharedVerifier(clock: VirtualClock): Verifier {
  const inline = openInlineVerifier()
  const known = new Map<string, boolean>()
  const nameOf = ({ publicKey, message, signature }: SignatureJob) => `${latin1(signature)}${latin1(message)}${latin1(publicKey)}`
  return {
    async verify(jobs) {
      if (jobs.length === 0) return []
      await clock.wait(VERIFY_MS * jobs.length)
      const names = jobs.map(nameOf)
      const unknown = jobs.filter((_, i) => !known.has(names[i] as string))
      const found = await inline.verify(unknown)
      if (known.size > MAX_VERDICTS) known.clear()
      let next = 0
      return names.map((name) => {
        const good = known.get(name) ?? (found[next++] as boolean)
        known.set(name, good)
        return good
      })
    },
    async close() {},
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}
