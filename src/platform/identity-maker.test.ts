import { describe, expect, it } from 'vitest'
import { verifyNetworkSignature } from '../net/identity.ts'
import { makeIdentity } from './identity-maker.ts'

const workerUrl = new URL('./workers/identity.ts', import.meta.url)

describe('an identity made in a thread', () => {
  it('is whole, and another one each time', async () => {
    const [one, other] = await Promise.all([makeIdentity(workerUrl), makeIdentity(workerUrl)])
    expect(one.memberId).not.toBe(other.memberId)
    const message = Uint8Array.of(1, 2, 3)
    expect(verifyNetworkSignature(one.spki, message, one.sign(message))).toBe(true)
    expect(verifyNetworkSignature(other.spki, message, one.sign(message))).toBe(false)
  })

  it('is an error when the thread cannot be had', async () => {
    await expect(makeIdentity(new URL('./workers/none.ts', import.meta.url))).rejects.toThrow()
  })
})
