import { createHash, createPublicKey, sign as nodeSign, verify as nodeVerify, X509Certificate } from 'node:crypto'
import { p256 } from '@noble/curves/nist.js'
import { describe, expect, it } from 'vitest'
import { concatBytes } from '../util/bytes.ts'
import { createIdentity, memberIdOf, readIdentity, verifyNetworkSignature } from './identity.ts'

const identity = await createIdentity()
const message = new TextEncoder().encode('cheese')

describe('an identity', () => {
  it('has the id that OpenSSL computes from its certificate', () => {
    const certificate = new X509Certificate(identity.certificatePem)
    const spki = certificate.publicKey.export({ format: 'der', type: 'spki' })
    expect(new Uint8Array(spki)).toEqual(identity.spki)
    expect(createHash('sha256').update(spki).digest('hex')).toBe(identity.memberId)
    expect(memberIdOf(identity.spki)).toBe(identity.memberId)
    expect(certificate.verify(certificate.publicKey)).toBe(true)
  })

  it('signs what node:crypto verifies, and the other way round', () => {
    const key = createPublicKey({ key: Buffer.from(identity.spki), format: 'der', type: 'spki' })
    expect(nodeVerify('sha256', message, { key, dsaEncoding: 'ieee-p1363' }, identity.sign(message))).toBe(true)
    const foreign = new Uint8Array(nodeSign('sha256', message, { key: identity.keyPem, dsaEncoding: 'ieee-p1363' }))
    expect(verifyNetworkSignature(identity.spki, message, lowered(foreign))).toBe(true)
  })

  it('refuses other messages, sizes, forms of key and the twin signature', () => {
    const signature = identity.sign(message)
    expect(verifyNetworkSignature(identity.spki, message, signature)).toBe(true)
    expect(verifyNetworkSignature(identity.spki, message.subarray(1), signature)).toBe(false)
    expect(verifyNetworkSignature(identity.spki, message, signature.subarray(1))).toBe(false)
    expect(verifyNetworkSignature(identity.spki, message, flipped(signature))).toBe(false)
    expect(verifyNetworkSignature(identity.spki, message, new Uint8Array(64))).toBe(false)
    const offCurve = identity.spki.slice()
    offCurve[90] = (offCurve[90] as number) ^ 1
    expect(verifyNetworkSignature(offCurve, message, signature)).toBe(false)
    const otherCurve = identity.spki.slice()
    otherCurve[22] = 1
    expect(verifyNetworkSignature(otherCurve, message, signature)).toBe(false)
    expect(verifyNetworkSignature(new Uint8Array(), message, signature)).toBe(false)
  })

  it('is read back from its PEM, and nothing else is', async () => {
    const copy = readIdentity(identity.keyPem, identity.certificatePem)
    expect(copy.ok && copy.value.memberId).toBe(identity.memberId)
    expect(copy.ok && verifyNetworkSignature(identity.spki, message, copy.value.sign(message))).toBe(true)
    expect(readIdentity('', identity.certificatePem).ok).toBe(false)
    expect(readIdentity(identity.keyPem, (await createIdentity()).certificatePem).ok).toBe(false)
    expect(readIdentity(identity.keyPem.replace(/[A-Z]{4}/, '!!!!'), identity.certificatePem).ok).toBe(false)
  })
})

const order = p256.Point.Fn.ORDER

function flipped(signature: Uint8Array): Uint8Array {
  const s = order - BigInt(`0x${Buffer.from(signature.subarray(32)).toString('hex')}`)
  return concatBytes(signature.subarray(0, 32), new Uint8Array(Buffer.from(s.toString(16).padStart(64, '0'), 'hex')))
}

function lowered(signature: Uint8Array): Uint8Array {
  return BigInt(`0x${Buffer.from(signature.subarray(32)).toString('hex')}`) > order / 2n ? flipped(signature) : signature
}
