import { describe, expect, it } from 'vitest'
import { params as paramsOf } from '../consensus/params.ts'
import type { Params } from '../consensus/types.ts'
import { openMemoryStore } from '../platform/store-memory.ts'
import { concatBytes, fromHex } from '../util/bytes.ts'
import { encodeU32 } from './records.ts'
import { keyOf, type Made, Maker } from './testing/maker.ts'
import { addAll, derived, openStack, regtest } from './testing/stack.ts'

const ann = keyOf(1)

function cheesesOf(params: Params): { maker: Maker; cheeses: Made[] } {
  const maker = new Maker(params)
  const cheeses = maker.makeMany(maker.blue, 4, { to: ann.address })
  const transfers = [maker.transfer({ from: ann, sequence: 0, payments: [{ to: keyOf(2).address, amount: 100_000n }], memo: 'hi' })]
  cheeses.push(maker.make(cheeses[3] as Made, { transfers }))
  return { maker, cheeses }
}

const fileOf = (cheeses: readonly Pick<Made, 'headerBytes' | 'bodyBytes'>[]): Uint8Array =>
  concatBytes(...cheeses.flatMap(({ headerBytes, bodyBytes }) => [encodeU32(116 + bodyBytes.length), headerBytes, bodyBytes]))

/** `bytes` in pieces of `size`. */
async function* pieces(bytes: Uint8Array, size: number): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

describe('a cheese dump', () => {
  const { maker, cheeses } = cheesesOf(regtest)
  const whole = fileOf([maker.blue, ...cheeses])

  it('is every cheese as u32 length ‖ header ‖ body', async () => {
    const { stack } = await openStack(openMemoryStore())
    await addAll(stack, [...cheeses, maker.make(maker.blue)])
    const parts: Uint8Array[] = []
    const dumped = await stack.dump((bytes) => void parts.push(bytes.slice()))
    expect(concatBytes(...parts)).toEqual(whole)
    expect(dumped).toEqual({ height: 5, tip: cheeses[4]?.smell, bytes: whole.length })
  })

  it.each([1, 7, 1000, 1 << 20])('is loaded from chunks of %i bytes', async (size) => {
    const [store, straight] = [openMemoryStore(), openMemoryStore()]
    const { stack } = await openStack(store)
    const heights: number[] = []
    expect(await stack.load(pieces(whole, size), (height) => heights.push(height))).toEqual({
      ok: true,
      value: { height: 5, tip: cheeses[4]?.smell, cheeses: 6 },
    })
    expect(heights).toEqual([1, 2, 3, 4, 5])
    const other = (await openStack(straight)).stack
    await addAll(other, cheeses)
    expect(await derived(store, stack)).toEqual(await derived(straight, other))
    expect(await stack.load(pieces(whole, size))).toMatchObject({ ok: true })
  })

  const bad = maker.make(cheeses[2] as Made, { header: { accountsRoot: new Uint8Array(32).fill(9) } })
  const flipped = whole.slice()
  flipped[flipped.length - 70] = (flipped[flipped.length - 70] ?? 0) ^ 1
  it.each([
    ['a bad cheese', fileOf([maker.blue, ...cheeses.slice(0, 3), bad, ...maker.makeMany(bad, 2)]), 4, 'accounts-root', 3],
    ['a gap', fileOf([maker.blue, ...cheeses.slice(0, 2), ...cheeses.slice(3)]), 3, 'header-parent', 2],
    ['a changed byte', flipped, 5, 'body-root', 4],
    ['a cut body', whole.subarray(0, whole.length - 1), 5, 'body-shape', 4],
    ['a cut header', concatBytes(fileOf([maker.blue]), encodeU32(200), new Uint8Array(100)), 1, 'header-length', 0],
    ['a cut length', concatBytes(fileOf([maker.blue]), new Uint8Array(3)), 1, 'header-length', 0],
    ['a length without a header', concatBytes(fileOf([maker.blue]), encodeU32(5), new Uint8Array(5)), 1, 'header-length', 0],
    ['a huge length', concatBytes(fileOf([maker.blue]), encodeU32(0xffffffff)), 1, 'body-size', 0],
  ] as const)('is refused from %s on, keeping what was good', async (_name, bytes, height, code, kept) => {
    const { stack } = await openStack(openMemoryStore())
    expect(await stack.load(pieces(bytes, 64))).toMatchObject({ ok: false, error: { height, code } })
    expect(stack.tip.height).toBe(kept)
  })

  it.each([
    ['of another network', fileOf([new Maker(paramsOf('test')).blue]), /network test/],
    ['of another blue cheese', fileOf([cheeses[0] as Made]), /does not begin with the blue cheese/],
    ['that is something else', fromHex('89504e470d0a1a0a'), /not a cheese dump/],
    ['that is empty', new Uint8Array(), /not a cheese dump/],
  ] as const)('is refused when it is a file %s', async (_name, bytes, message) => {
    const { stack } = await openStack(openMemoryStore())
    expect(await stack.load(pieces(bytes, 64))).toMatchObject({ ok: false, error: { height: 0, code: 'foreign', message: expect.stringMatching(message) } })
    expect(stack.bestHeader.height).toBe(0)
  })
})
