import { readFileSync } from 'node:fs'
import { p256 } from '@noble/curves/nist.js'
import { base64 } from '@scure/base'
import { describe, expect, it } from 'vitest'
import { params } from '../consensus/params.ts'
import { makeCard } from '../net/card.ts'
import { encodeCertificate, makeCertificate } from '../net/certificate.ts'
import { type Identity, memberIdOf } from '../net/identity.ts'
import { concatBytes, fromHex, toHex } from '../util/bytes.ts'
import { parseEndpoint } from '../util/ip.ts'
import { announceHash, makeAnnounce } from './protocol.ts'

/** The example of docs/protocol-tracker.md, byte for byte: both signatures are deterministic (RFC 6979; BIP 340 with 32 zero bytes of auxiliary randomness). */
const secret = new Uint8Array(32).fill(1)
const spki = concatBytes(fromHex('3059301306072a8648ce3d020106082a8648ce3d030107034200'), p256.getPublicKey(secret, false))
const identity: Identity = {
  memberId: memberIdOf(spki),
  spki,
  keyPem: '',
  certificatePem: '',
  sign: (message) => p256.sign(message, secret, { prehash: true, lowS: true }),
  agree: (point) => p256.getSharedSecret(secret, point, true).slice(1),
}
const { blueSmell } = params('regtest')
const time = 1_800_000_000
const certificate = makeCertificate({ nickname: 'Zoë', memberId: fromHex(identity.memberId), time }, blueSmell, new Uint8Array(32).fill(2))
const endpoints = [parseEndpoint('192.0.2.7:9875'), parseEndpoint('[2001:db8::1]:9875')].filter((e) => e !== undefined)
const card = makeCard({ blueSmell, nickname: '', certificate, endpoints, height: 12, software: 'cheese-stack 0.1.0', time: time + 60 }, identity)
const announce = makeAnnounce({ host: 'tracker.example:9876', event: 'started', time: time + 61, port: 9875, height: 13 }, card, identity)

const page = readFileSync(new URL('../../docs/protocol-tracker.md', import.meta.url), 'utf8').replace(/\s+/g, '')

describe('the example in docs/protocol-tracker.md', () => {
  it.each([
    ['member id', identity.memberId],
    ['certificate', toHex(encodeCertificate(certificate))],
    ['card', toHex(card.bytes)],
    ['card hash', card.hash],
    ['announce', toHex(announceHash(announce, card.bytes))],
    ['signature', toHex(base64.decode(announce.signature))],
  ])('is what this code makes: %s', (_what, hex) => expect(page).toContain(hex))
})
