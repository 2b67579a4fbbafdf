import { describe, expect, it } from 'vitest'
import { toHex } from '../util/bytes.ts'
import { decodeUtf8 } from '../util/utf8.ts'
import { encodeHeader, encodeReward } from './codec.ts'
import { sha256, smellHex, smellOf } from './hash.ts'
import { meetsTarget } from './header.ts'
import { params } from './params.ts'
import { bitsToTarget, targetToBits, workOf } from './target.ts'

const BLUE = [
  ['main', 22_655_988n, '0000002e721c02ac34c4158ccfdfbb4050e5f7100458270548f1725ddf2f9646', 0x1d400000, 26],
  ['test', 273_934n, '000001e0570ae70a726071fc9b8fe0fd3c6be7d9230b21df9352373c18b4cc70', 0x1e040000, 22],
  ['regtest', 130n, '008cd8c12b0df1d9edd6e757e6eb48cc3f6edcca977966f69455f929066e7fb5', 0x20010000, 8],
] as const

describe.each(BLUE)('the blue cheese of %s', (name, nonce, smell, bits, log2) => {
  const { blue, blueSmell, blueSmellHex, easiestBits, easiestTarget } = params(name)

  it('has the nonce and the smell of the design', () => {
    expect(blue.header.nonce).toBe(nonce)
    expect(smellHex(blue.header)).toBe(smell)
    expect(blueSmellHex).toBe(smell)
    expect(toHex(blueSmell)).toBe(smell)
  })

  it('satisfies its target, the easiest', () => {
    expect(blue.header.bits).toBe(bits)
    expect(easiestBits).toBe(bits)
    expect(bitsToTarget(bits)).toBe(easiestTarget)
    expect(targetToBits(easiestTarget)).toBe(bits)
    expect(meetsTarget(blueSmell, easiestTarget)).toBe(true)
    expect(workOf(bits)).toBe((1n << BigInt(log2)) - 1n)
  })

  it('has the lowest nonce that does', () => {
    // All of regtest's; the last two hundred of the others', whose millions take minutes.
    for (let lower = nonce - 1n; lower >= 0n && lower > nonce - 200n; lower--) {
      expect(meetsTarget(smellOf({ ...blue.header, nonce: lower }), easiestTarget)).toBe(false)
    }
  })

  it('says which network it is, pays the zero address, holds nothing', () => {
    expect(decodeUtf8(blue.body.reward.extra)).toBe(`Blue cheese, ${name}`)
    expect(blue.body.reward).toMatchObject({ height: 0, to: new Uint8Array(20) })
    expect(blue.body.transfers).toEqual([])
    expect(blue.header).toMatchObject({ version: 1, parent: new Uint8Array(32), accountsRoot: new Uint8Array(32), time: Date.UTC(2026, 10, 22) / 1000 })
    expect(toHex(blue.header.bodyRoot)).toBe(toHex(sha256(Uint8Array.of(0), encodeReward(blue.body.reward))))
  })
})

describe('params', () => {
  it('are frozen, the same object each time', () => {
    const main = params('main')
    expect(params('main')).toBe(main)
    for (const value of [main, main.blue, main.blue.header, main.blue.body, main.blue.body.reward]) expect(Object.isFrozen(value)).toBe(true)
  })

  it('are the design’s', () => {
    expect(params('main')).toMatchObject({ network: 'main', hrp: 'cheese', coinType: 2026112, ripening: 20, retargets: true, maxFutureSeconds: 600 })
    expect(params('test')).toMatchObject({ network: 'test', hrp: 'tcheese', coinType: 1, ripening: 20, retargets: true, maxFutureSeconds: 600 })
    expect(params('regtest')).toMatchObject({ network: 'regtest', hrp: 'rcheese', coinType: 1, ripening: 2, retargets: false, maxFutureSeconds: null })
  })

  it('put the body root, time, bits and nonce into the second block of SHA-256', () => {
    const bytes = encodeHeader(params('main').blue.header)
    expect(bytes.length).toBe(116)
    expect(toHex(bytes.subarray(68, 100))).toBe(toHex(params('main').blue.header.bodyRoot))
  })
})
