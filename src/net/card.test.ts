import { schnorr } from '@noble/curves/secp256k1.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../util/bytes.ts'
import { parseEndpoint } from '../util/ip.ts'
import { CARD_SECONDS, checkCard, endpointTexts, isCardFresh, MAX_CARD_BYTES, makeCard, replacesCard } from './card.ts'
import { CERTIFICATE_SECONDS, decodeCertificate, encodeCertificate, makeCertificate, verifyCertificate } from './certificate.ts'
import { createIdentity } from './identity.ts'

const NOW = 1_800_000_000
const blueSmell = new Uint8Array(32).fill(7)
const other = new Uint8Array(32).fill(8)
const identity = await createIdentity()
const paymentSecret = new Uint8Array(32).fill(3)
const endpoints = ['203.0.113.7:9875', '[2001:db8::1]:9875'].map((text) => parseEndpoint(text)).filter((e) => e !== undefined)
const certificate = makeCertificate({ nickname: 'Alice', memberId: fromHex(identity.memberId), time: NOW - 50 }, blueSmell, paymentSecret)
const base = { blueSmell, nickname: 'Alice', endpoints, height: 5, software: 'cheese-stack 0.1.0', time: NOW }
const plain = makeCard(base, identity)
const certified = makeCard({ ...base, certificate }, identity)

describe('a certificate', () => {
  it('survives its bytes and is good on its own network alone', () => {
    const copy = decodeCertificate(encodeCertificate(certificate))
    expect(copy).toEqual(certificate)
    expect(verifyCertificate(certificate, blueSmell)).toBe(true)
    expect(verifyCertificate(certificate, other)).toBe(false)
    expect(verifyCertificate({ ...certificate, nickname: 'Bob' }, blueSmell)).toBe(false)
    expect(decodeCertificate(encodeCertificate(certificate).subarray(1))).toBeUndefined()
  })
})

describe('a card', () => {
  it('gives what was put in, with and without certificate', () => {
    const a = checkCard(plain.bytes, { now: NOW, params: { blueSmell } })
    expect(a).toEqual({ ok: true, value: plain })
    expect(plain).toMatchObject({ memberId: identity.memberId, nickname: 'Alice', paymentKey: undefined, height: 5, time: NOW })
    expect(endpointTexts(plain)).toEqual(['203.0.113.7:9875', '[2001:db8::1]:9875'])
    const b = checkCard(certified.bytes, { now: NOW })
    expect(b.ok && toHex(b.value.paymentKey ?? new Uint8Array())).toBe(toHex(schnorr.getPublicKey(paymentSecret)))
  })

  it('is refused on another network, when old, and from the future', () => {
    const code = (bytes: Uint8Array, now: number, params?: { blueSmell: Uint8Array }) => {
      const result = checkCard(bytes, params ? { now, params } : { now })
      return result.ok ? 'ok' : result.error.code
    }
    expect(code(plain.bytes, NOW, { blueSmell: other })).toBe('other-network')
    expect(code(plain.bytes, NOW + CARD_SECONDS)).toBe('ok')
    expect(code(plain.bytes, NOW + CARD_SECONDS + 1)).toBe('expired')
    expect(code(plain.bytes, NOW - 600)).toBe('ok')
    expect(code(plain.bytes, NOW - 601)).toBe('future')
    expect(isCardFresh(plain, NOW + CARD_SECONDS)).toBe(true)
    expect(isCardFresh(plain, NOW + CARD_SECONDS + 1)).toBe(false)
  })

  it('is refused with a certificate that is too old, another member’s or of another network', async () => {
    const fields = { nickname: 'Alice', memberId: fromHex(identity.memberId), time: NOW - CERTIFICATE_SECONDS }
    const old = makeCertificate(fields, blueSmell, paymentSecret)
    const aged = makeCard({ ...base, certificate: old }, identity)
    expect(checkCard(aged.bytes, { now: NOW + 1 })).toMatchObject({ error: { code: 'certificate' } })
    const mallory = await createIdentity()
    expect(() => makeCard({ ...base, certificate }, mallory)).toThrow(/another member/)
    const foreign = makeCertificate({ ...fields, time: NOW }, other, paymentSecret)
    expect(() => makeCard({ ...base, certificate: foreign }, identity)).toThrow(/payment key/)
  })

  it('is refused when any bit of it is changed', () => {
    fc.assert(
      fc.property(fc.nat(certified.bytes.length * 8 - 1), (bit) => {
        const bytes = certified.bytes.slice()
        bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7))
        return !checkCard(bytes, { now: NOW }).ok
      }),
      { numRuns: 150 },
    )
  })

  it('is refused when cut, lengthened or random, and never throws', () => {
    for (let length = 0; length < certified.bytes.length; length++) expect(checkCard(certified.bytes.subarray(0, length), { now: NOW }).ok).toBe(false)
    expect(checkCard(new Uint8Array([...plain.bytes, 0]), { now: NOW })).toMatchObject({ error: { code: 'malformed' } })
    expect(checkCard(new Uint8Array(MAX_CARD_BYTES + 1), { now: NOW })).toMatchObject({ error: { code: 'malformed' } })
    expect(checkCard(new Uint8Array([2, 0]), { now: NOW })).toMatchObject({ error: { code: 'version' } })
    fc.assert(fc.property(fc.uint8Array({ maxLength: 700 }), (bytes) => !checkCard(bytes, { now: NOW }).ok))
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 700 }), (bytes) => !checkCard(new Uint8Array([...plain.bytes.subarray(0, 34), ...bytes]), { now: NOW }).ok),
    )
  })

  it('at its fullest is exactly as long as the limit', () => {
    const nickname = '𝒜'.repeat(32)
    const full = makeCertificate({ nickname, memberId: fromHex(identity.memberId), time: NOW }, blueSmell, paymentSecret)
    const ips = Array.from({ length: 8 }, (_, i) => ({ ip: new Uint8Array(16).fill(i + 1), port: 1 }))
    expect(makeCard({ ...base, certificate: full, endpoints: ips, software: 'x'.repeat(32) }, identity).bytes.length).toBe(MAX_CARD_BYTES)
    expect(() => makeCard({ ...base, endpoints: [...ips, ...endpoints] }, identity)).toThrow()
    expect(() => makeCard({ ...base, endpoints: [ips[0] as (typeof ips)[0], ips[0] as (typeof ips)[0]] }, identity)).toThrow()
    expect(() => makeCard({ ...base, nickname: ' Alice' }, identity)).toThrow()
    expect(() => makeCard({ ...base, software: 'é' }, identity)).toThrow()
  })

  it('replaces only an older one of the same member and network', async () => {
    const later = makeCard({ ...base, time: NOW + 1 }, identity)
    expect(replacesCard(later, plain)).toBe(true)
    expect(replacesCard(plain, undefined)).toBe(true)
    expect(replacesCard(certified, plain)).toBe(false)
    expect(replacesCard(plain, later)).toBe(false)
    expect(replacesCard(makeCard({ ...base, time: NOW + 2 }, await createIdentity()), later)).toBe(false)
    expect(replacesCard(makeCard({ ...base, blueSmell: other, time: NOW + 2 }, identity), later)).toBe(false)
  })
})
