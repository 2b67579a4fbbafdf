/** What must hold for any input: codecs, decoders, targets. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatAddress, parseAddress } from '../../src/consensus/address.ts'
import { decodeBody, decodeHeader, decodeTransfer, encodeBody, encodeHeader, encodeTransfer, transferSize } from '../../src/consensus/codec.ts'
import { applyBody, checkBody, checkTransferShape } from '../../src/consensus/connect.ts'
import { medianTime } from '../../src/consensus/header.ts'
import { bodyRoot } from '../../src/consensus/merkle.ts'
import { params } from '../../src/consensus/params.ts'
import { verifySignature } from '../../src/consensus/signature.ts'
import { bitsToTarget, requiredBits, targetToBits, workOf } from '../../src/consensus/target.ts'
import { decodePage } from '../../src/consensus/tree-pages.ts'
import type { Account, Body, Header, Transfer } from '../../src/consensus/types.ts'
import { concatBytes, toHex } from '../../src/util/bytes.ts'
import { decodeUtf8, encodeUtf8 } from '../../src/util/utf8.ts'

const u32 = fc.integer({ min: 0, max: 0xffffffff })
const u64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n })
const bytes = (minLength: number, maxLength = minLength) => fc.uint8Array({ minLength, maxLength })
const header: fc.Arbitrary<Header> = fc.record({
  version: u32,
  parent: bytes(32),
  accountsRoot: bytes(32),
  bodyRoot: bytes(32),
  time: u32,
  bits: u32,
  nonce: u64,
})
const transfer: fc.Arbitrary<Transfer> = fc.record({
  version: fc.integer({ min: 0, max: 255 }),
  from: bytes(32),
  sequence: u32,
  expiry: u32,
  fee: u64,
  payments: fc.array(fc.record({ to: bytes(20), amount: u64 }), { maxLength: 255, size: 'small' }),
  memo: bytes(0, 255),
  signature: bytes(64),
})
const body: fc.Arbitrary<Body> = fc.record({
  reward: fc.record({ height: u32, to: bytes(20), extra: bytes(0, 255) }),
  transfers: fc.array(transfer, { maxLength: 6 }),
})

/** Bytes with a few of them replaced, cut out or put in. */
function mutated(input: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const change = fc.record({ at: fc.nat(), cut: fc.nat({ max: 3 }), put: bytes(0, 3) })
  return fc.tuple(input, fc.array(change, { minLength: 1, maxLength: 4 })).map(([original, changes]) => {
    let out = original
    for (const { at, cut, put } of changes) {
      const place = out.length === 0 ? 0 : at % out.length
      out = concatBytes(out.subarray(0, place), put, out.subarray(place + cut))
    }
    return out
  })
}

describe('codecs', () => {
  it('give back what they were given', () => {
    fc.assert(fc.property(header, (value) => void expect(decodeHeader(encodeHeader(value))).toEqual({ ok: true, value })))
    fc.assert(
      fc.property(transfer, (value) => {
        const encoded = encodeTransfer(value)
        expect(encoded.length).toBe(transferSize(value))
        expect(decodeTransfer(encoded)).toEqual({ ok: true, value })
      }),
    )
    fc.assert(fc.property(body, (value) => void expect(decodeBody(encodeBody(value))).toEqual({ ok: true, value })))
  })

  it('take each thing in one form only: what decodes encodes to the same bytes', () => {
    const random = fc.oneof(mutated(body.map(encodeBody)), bytes(0, 400), mutated(transfer.map(encodeTransfer)))
    fc.assert(
      fc.property(random, (input) => {
        const asBody = decodeBody(input)
        const asTransfer = decodeTransfer(input)
        // Built anew, so that no encoding that the decoder remembered is compared with itself.
        if (asBody.ok) expect(toHex(encodeBody({ ...asBody.value, transfers: asBody.value.transfers.map((one) => ({ ...one })) }))).toBe(toHex(input))
        else expect(asBody.error.fault).toBe('sender')
        if (asTransfer.ok) expect(toHex(encodeTransfer({ ...asTransfer.value }))).toBe(toHex(input))
      }),
      { numRuns: 1000 },
    )
  })

  it('and checks never throw, whatever they are given', () => {
    const accounts = { get: (): Account => ({ balance: 1n << 62n, sequence: 0 }) }
    const inputs = fc.oneof(mutated(body.map(encodeBody)), bytes(0, 2_000))
    fc.assert(
      fc.property(inputs, header, u32, (input, above, height) => {
        decodeHeader(input)
        decodePage(input)
        parseAddress(decodeUtf8(input) ?? '', params('main'))
        const decoded = decodeBody(input)
        if (!decoded.ok) return
        checkBody(input, above, height)
        checkBody(input, { bodyRoot: bodyRoot(decoded.value) }, decoded.value.reward.height)
        for (const one of decoded.value.transfers) checkTransferShape(one)
        applyBody({ body: decoded.value, height, accounts, ripe: undefined })
      }),
      { numRuns: 1000 },
    )
  })

  it('verify no random signature, and never throw', () => {
    fc.assert(
      fc.property(bytes(0, 64), bytes(0, 40), bytes(0, 70), (publicKey, message, signature) => verifySignature({ publicKey, message, signature }) === false),
    )
  })

  it('read any text that they wrote, and as UTF-8 what TextDecoder does', () => {
    const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => decodeUtf8(encodeUtf8(text)) === text))
    fc.assert(
      fc.property(fc.oneof(bytes(0, 12), mutated(fc.string({ unit: 'binary', maxLength: 6 }).map(encodeUtf8))), (input) => {
        let expected: string | undefined
        try {
          expected = strict.decode(input)
        } catch {
          expected = undefined
        }
        expect(decodeUtf8(input)).toBe(expected)
      }),
      { numRuns: 2000 },
    )
  })

  it('show addresses that are read back, and no other text', () => {
    const main = params('main')
    fc.assert(fc.property(bytes(20), (address) => void expect(parseAddress(formatAddress(address, main), main)).toEqual({ ok: true, value: address })))
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !parseAddress(text, main).ok))
  })
})

describe('targets', () => {
  it('have one form, and easier ones are less work', () => {
    fc.assert(
      fc.property(u32, (bits) => {
        const target = bitsToTarget(bits)
        if (target !== undefined) expect(targetToBits(target)).toBe(bits)
      }),
    )
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: (1n << 256n) - 1n }), fc.nat({ max: 250 }), (value, shift) => {
        const target = (value >> BigInt(shift)) + 1n
        const bits = targetToBits(target)
        const rounded = bitsToTarget(bits) as bigint
        expect(rounded <= target).toBe(true)
        expect((target - rounded) * 32_768n <= target).toBe(true)
        expect(workOf(bits) * (rounded + 1n) <= 1n << 256n).toBe(true)
      }),
    )
  })

  it('are canonical and never easier than the easiest, whatever the clocks said', () => {
    const main = params('main')
    const easy = fc.bigInt({ min: 1n, max: main.easiestTarget }).map(targetToBits)
    fc.assert(
      fc.property(u32, u32, easy, (time, before, bits) => {
        const next = requiredBits({ height: 3, parent: { time, bits }, grandparent: { time: before } }, main)
        const target = bitsToTarget(next)
        expect(target !== undefined && target <= main.easiestTarget).toBe(true)
        const spread = time - before
        const old = bitsToTarget(bits) as bigint
        if (spread > 60) expect((target as bigint) >= old || next === main.easiestBits).toBe(true)
        if (spread < 60) expect((target as bigint) <= old).toBe(true)
      }),
    )
  })

  it('are compared with times whose median is one of them, half of the others on each side', () => {
    fc.assert(
      fc.property(fc.array(u32, { minLength: 1, maxLength: 11 }), (times) => {
        const median = medianTime(times)
        expect(times.filter((time) => time < median).length).toBeLessThanOrEqual(Math.floor(times.length / 2))
        expect(times.filter((time) => time > median).length).toBeLessThanOrEqual(Math.floor((times.length - 1) / 2))
      }),
    )
  })
})
