import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createIdentity, verifyNetworkSignature } from '../net/identity.ts'
import { nodeVerifier } from './network-verify.ts'

const identity = await createIdentity()

describe('node:crypto as verifier of network signatures', () => {
  it('agrees with plain JavaScript on good and on changed ones', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(64 * 8 - 1), fc.nat(91 * 8 - 1), fc.integer({ min: 0, max: 2 }), (message, bit, keyBit, change) => {
        const signature = identity.sign(message)
        const spki = identity.spki.slice()
        if (change === 1) signature[bit >> 3] = (signature[bit >> 3] as number) ^ (1 << (bit & 7))
        if (change === 2) spki[keyBit >> 3] = (spki[keyBit >> 3] as number) ^ (1 << (keyBit & 7))
        expect(verifyNetworkSignature(spki, message, signature, nodeVerifier)).toBe(change === 0)
        expect(verifyNetworkSignature(spki, message, signature)).toBe(change === 0)
      }),
    )
    for (const signature of [new Uint8Array(64), new Uint8Array(64).fill(255), new Uint8Array(63)]) {
      expect(verifyNetworkSignature(identity.spki, new Uint8Array(1), signature, nodeVerifier)).toBe(false)
    }
  })
})
