import { describe, expect, it } from 'vitest'
import { testKey, testTransfer } from '../../test/support/cheeses.ts'
import { concatBytes, fromHex, toHex } from '../util/bytes.ts'
import { decodeBody, decodeHeader, decodeTransfer, encodeBody, encodeHeader, encodeReward, encodeTransfer, MAX_BODY_BYTES, transferSize } from './codec.ts'
import { relayId, sha256, signingHash, taggedHash, transferId } from './hash.ts'
import { params } from './params.ts'
import type { Body, Header, Transfer } from './types.ts'

const regtest = params('regtest')
const alice = testKey('alice', regtest)

function filled(length: number, value: number): Uint8Array {
  return new Uint8Array(length).fill(value)
}

function code(result: { ok: true } | { ok: false; error: { code: string } }): string | undefined {
  return result.ok ? undefined : result.error.code
}

const header: Header = {
  version: 1,
  parent: filled(32, 0xaa),
  accountsRoot: filled(32, 0xbb),
  bodyRoot: filled(32, 0xcc),
  time: 0x01020304,
  bits: 0x1d00ffff,
  nonce: 0x1122334455667788n,
}

const transfer: Transfer = {
  version: 1,
  from: filled(32, 0xaa),
  sequence: 0x01020304,
  expiry: 0x05060708,
  fee: 0x1112131415161718n,
  payments: [
    { to: filled(20, 0xbb), amount: 1n },
    { to: filled(20, 0xcc), amount: 0xffffffffffffffffn },
  ],
  memo: fromHex('6869'),
  signature: filled(64, 0xdd),
}

const transferHex = [
  '01',
  'aa'.repeat(32),
  '01020304',
  '05060708',
  '1112131415161718',
  '02',
  `${'bb'.repeat(20)}0000000000000001`,
  `${'cc'.repeat(20)}ffffffffffffffff`,
  '026869',
  'dd'.repeat(64),
].join('')

const body: Body = { reward: { height: 0x0a0b0c0d, to: filled(20, 0xee), extra: fromHex('c0ffee') }, transfers: [transfer] }
const bodyHex = `0a0b0c0d${'ee'.repeat(20)}03c0ffee00000001${transferHex}`

describe('headers', () => {
  it('have 116 bytes, each where it belongs', () => {
    const hex = `00000001${'aa'.repeat(32)}${'bb'.repeat(32)}${'cc'.repeat(32)}010203041d00ffff1122334455667788`
    expect(toHex(encodeHeader(header))).toBe(hex)
    expect(decodeHeader(fromHex(hex))).toEqual({ ok: true, value: header })
  })

  it.each([0, 115, 117])('of %i bytes are none', (length) => {
    expect(code(decodeHeader(new Uint8Array(length)))).toBe('header-length')
  })

  it('are read from a view into other bytes, and do not follow when those change', () => {
    const outer = concatBytes(filled(7, 1), encodeHeader(header))
    const read = decodeHeader(outer.subarray(7))
    outer.fill(0)
    expect(read).toEqual({ ok: true, value: header })
  })
})

describe('transfers', () => {
  it('are laid out as the protocol says', () => {
    expect(toHex(encodeTransfer(transfer))).toBe(transferHex)
    expect(transferSize(transfer)).toBe(transferHex.length / 2)
    expect(decodeTransfer(fromHex(transferHex))).toEqual({ ok: true, value: transfer })
  })

  it('that are cut short anywhere, or have anything left over, are none', () => {
    const bytes = fromHex(transferHex)
    for (let length = 0; length < bytes.length; length++) expect(code(decodeTransfer(bytes.subarray(0, length)))).toBe('body-shape')
    expect(code(decodeTransfer(concatBytes(bytes, Uint8Array.of(0))))).toBe('body-shape')
  })

  it('are decoded even where they break limits, which are checked later', () => {
    const odd: Transfer = { ...transfer, version: 255, sequence: 0xffffffff, payments: [], memo: filled(255, 0xff) }
    expect(decodeTransfer(encodeTransfer(odd))).toEqual({ ok: true, value: odd })
    const many: Transfer = { ...transfer, payments: Array.from({ length: 255 }, () => ({ to: filled(20, 0), amount: 0n })) }
    expect(decodeTransfer(encodeTransfer(many))).toEqual({ ok: true, value: many })
  })

  it('that no layout can hold are a bug of ours', () => {
    const wrong: Partial<Transfer>[] = [
      { fee: 1n << 64n },
      { fee: -1n },
      { sequence: 1 << 31 },
      { sequence: 2 ** 32 },
      { expiry: 1.5 },
      { version: 256 },
      { from: filled(33, 0) },
      { signature: filled(63, 0) },
      { memo: filled(256, 0) },
      { payments: Array.from({ length: 256 }, () => ({ to: filled(20, 0), amount: 1n })) },
      { payments: [{ to: filled(21, 0), amount: 1n }] },
    ]
    for (const fields of wrong) expect(() => encodeTransfer({ ...transfer, ...fields }), JSON.stringify(Object.keys(fields))).toThrow(/bug/)
  })

  it('keep their encoding when the bytes they came from change', () => {
    const bytes = fromHex(transferHex)
    const read = decodeTransfer(bytes)
    bytes.fill(0)
    expect(read.ok && toHex(encodeTransfer(read.value))).toBe(transferHex)
    expect(read).toEqual({ ok: true, value: transfer })
  })
})

describe('bodies', () => {
  it('are laid out as the protocol says', () => {
    expect(toHex(encodeBody(body))).toBe(bodyHex)
    expect(toHex(encodeReward(body.reward))).toBe(bodyHex.slice(0, 56))
    expect(decodeBody(fromHex(bodyHex))).toEqual({ ok: true, value: body })
  })

  it('that are cut short anywhere, or have anything left over, are none', () => {
    const bytes = fromHex(bodyHex)
    for (let length = 0; length < bytes.length; length++) expect(code(decodeBody(bytes.subarray(0, length)))).toBe('body-shape')
    expect(code(decodeBody(concatBytes(bytes, Uint8Array.of(0))))).toBe('body-shape')
  })

  it('whose count says more transfers than bytes could hold cost nothing to refuse', () => {
    const bytes = fromHex(bodyHex)
    new DataView(bytes.buffer).setUint32(28, 0xffffffff)
    expect(code(decodeBody(bytes))).toBe('body-shape')
    new DataView(bytes.buffer).setUint32(28, 2)
    expect(code(decodeBody(bytes))).toBe('body-shape')
    new DataView(bytes.buffer).setUint32(28, 0)
    expect(code(decodeBody(bytes))).toBe('body-shape')
  })

  it('have at most 1,000,000 bytes', () => {
    const size = transferSize(transfer)
    const transfers = Array.from({ length: Math.floor(MAX_BODY_BYTES / size) }, () => transfer)
    const rest = MAX_BODY_BYTES - 29 - transfers.length * size
    const full = encodeBody({ reward: { ...body.reward, extra: filled(rest, 0) }, transfers })
    expect(full.length).toBe(MAX_BODY_BYTES)
    expect(decodeBody(full).ok).toBe(true)
    expect(code(decodeBody(concatBytes(full, Uint8Array.of(0))))).toBe('body-size')
  })

  it('say which transfer is cut short', () => {
    const two = encodeBody({ ...body, transfers: [transfer, transfer] })
    const cut = decodeBody(two.subarray(0, two.length - 1))
    expect(cut).toMatchObject({ ok: false, error: { code: 'body-shape', fault: 'sender', transfer: 1 } })
  })
})

describe('what transfers are called', () => {
  const signed = testTransfer(alice, regtest, { payments: [{ to: alice.address, amount: 1n }], memo: 'hi' })
  const bytes = encodeTransfer(signed)
  const unsigned = bytes.subarray(0, -64)

  it('follows the definitions', () => {
    expect(toHex(relayId(signed))).toBe(toHex(sha256(bytes)))
    expect(toHex(transferId(signed, regtest))).toBe(toHex(taggedHash('Cheese/transfer-id', regtest.blueSmell, unsigned)))
    const tag = sha256(new TextEncoder().encode('Cheese/transfer'))
    expect(toHex(signingHash(signed, regtest))).toBe(toHex(sha256(tag, tag, regtest.blueSmell, unsigned)))
  })

  it('is one id for any signature, and another on another network', () => {
    const other = { ...signed, signature: filled(64, 1) }
    expect(toHex(transferId(other, regtest))).toBe(toHex(transferId(signed, regtest)))
    expect(toHex(relayId(other))).not.toBe(toHex(relayId(signed)))
    expect(toHex(transferId(signed, params('test')))).not.toBe(toHex(transferId(signed, regtest)))
    expect(toHex(signingHash(signed, params('main')))).not.toBe(toHex(signingHash(signed, regtest)))
  })
})
