import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { searchNonces } from './search.ts'

/** The same by node:crypto: every nonce of the range whose smell is at most `target`. */
function allHits(header: Uint8Array, start: bigint, count: number, target: Uint8Array): bigint[] {
  const bytes = Buffer.from(header)
  const limit = Buffer.from(target)
  const hits: bigint[] = []
  for (let i = 0n; i < BigInt(count); i++) {
    const nonce = BigInt.asUintN(64, start + i)
    bytes.writeBigUInt64BE(nonce, 108)
    const smell = createHash('sha256').update(createHash('sha256').update(bytes).digest()).digest()
    if (smell.compare(limit) <= 0) hits.push(nonce)
  }
  return hits
}

/** What repeated searches find in the range. */
function searched(header: Uint8Array, start: bigint, count: number, target: Uint8Array): bigint[] {
  const hits: bigint[] = []
  let from = start
  let left = count
  while (left > 0) {
    const hit = searchNonces(header, from, left, target)
    if (hit === undefined) break
    hits.push(hit)
    left -= Number(BigInt.asUintN(64, hit - from)) + 1
    from = hit + 1n
  }
  return hits
}

function target(first: number, rest = 0xff): Uint8Array {
  const bytes = new Uint8Array(32).fill(rest)
  bytes[0] = first
  return bytes
}

function smellAt(header: Uint8Array, nonce: bigint): Buffer {
  const bytes = Buffer.from(header)
  bytes.writeBigUInt64BE(nonce, 108)
  return createHash('sha256').update(createHash('sha256').update(bytes).digest()).digest()
}

describe('searchNonces', () => {
  it('finds the nonces that node:crypto finds, and no others, in random headers', () => {
    let found = 0
    for (let i = 0; i < 40; i++) {
      const header = new Uint8Array(randomBytes(116))
      const start = randomBytes(8).readBigUInt64BE()
      const limit = target(4, i % 2 === 0 ? 0 : 0xff)
      const hits = searched(header, start, 500, limit)
      expect(hits).toEqual(allHits(header, start, 500, limit))
      found += hits.length
    }
    // 40 × 500 tries at about 4.5 in 256
    expect(found).toBeGreaterThan(200)
  })

  it('finds the nonces of the blue cheeses (design, section 2)', () => {
    // regtest: version 1, zero parent, zero accounts root, the body root, 2026-11-22, 0x20010000
    const header = Buffer.alloc(116)
    header.writeUInt32BE(1, 0)
    const extra = Buffer.from('Blue cheese, regtest', 'ascii')
    const reward = Buffer.concat([Buffer.alloc(4), Buffer.alloc(20), Buffer.from([extra.length]), extra])
    createHash('sha256')
      .update(Buffer.from([0]))
      .update(reward)
      .digest()
      .copy(header, 68)
    header.writeUInt32BE(1795305600, 100)
    header.writeUInt32BE(0x20010000, 104)
    const limit = new Uint8Array(32)
    limit[0] = 1
    expect(searchNonces(header, 0n, 1000, limit)).toBe(130n)
    expect(smellAt(header, 130n).toString('hex')).toBe('008cd8c12b0df1d9edd6e757e6eb48cc3f6edcca977966f69455f929066e7fb5')
  })

  it('looks at the first and the last nonce of a range and at none beside it', () => {
    const header = new Uint8Array(randomBytes(116))
    const hit = searchNonces(header, 0n, 100_000, target(0)) as bigint
    expect(hit).toBeTypeOf('bigint')
    expect(searchNonces(header, hit, 1, target(0))).toBe(hit)
    expect(searchNonces(header, hit - 1n, 1, target(0))).toBeUndefined()
    expect(searchNonces(header, hit > 5n ? hit - 5n : 0n, hit > 5n ? 5 : Number(hit), target(0))).toBeUndefined()
    expect(searchNonces(header, hit > 5n ? hit - 5n : 0n, hit > 5n ? 6 : Number(hit) + 1, target(0))).toBe(hit)
    expect(searchNonces(header, 0n, 0, target(0xff))).toBeUndefined()
  })

  it('takes a smell that equals the target, and refuses one that is above it by one', () => {
    for (let i = 0; i < 20; i++) {
      const header = new Uint8Array(randomBytes(116))
      const smell = smellAt(header, 7n)
      const below = Buffer.from(smell)
      let at = 31
      while (below[at] === 0) below[at--] = 0xff
      below[at] = (below[at] as number) - 1
      expect(searchNonces(header, 7n, 1, smell)).toBe(7n)
      expect(searchNonces(header, 7n, 1, below)).toBeUndefined()
    }
  })

  it('carries from the low half of the nonce into the high one, and from the end to zero', () => {
    const limit = target(0x1f)
    for (const start of [0xffff_ff80n, 0x1_ffff_ff80n, 0x7fff_ff80n, 0x7fff_ffff_ffff_ff80n, 0xffff_ffff_ffff_ff80n]) {
      const header = new Uint8Array(randomBytes(116))
      const hits = searched(header, start, 256, limit)
      expect(hits).toEqual(allHits(header, start, 256, limit))
      expect(hits.length).toBeGreaterThan(8)
    }
  })

  it('reads a header that lies within a longer buffer, and leaves it as it was', () => {
    const buffer = new Uint8Array(randomBytes(200))
    const header = buffer.subarray(33, 149)
    const before = Buffer.from(buffer)
    expect(searchNonces(header, 0n, 2000, target(1))).toBe(allHits(header, 0n, 2000, target(1))[0])
    expect(Buffer.from(buffer).equals(before)).toBe(true)
  })

  it('is told when it is called wrongly', () => {
    const good = target(1)
    expect(() => searchNonces(new Uint8Array(115), 0n, 1, good)).toThrow('116 bytes')
    expect(() => searchNonces(new Uint8Array(116), 0n, 1, new Uint8Array(31))).toThrow('32 bytes')
    expect(() => searchNonces(new Uint8Array(116), 0n, 1.5, good)).toThrow('count')
  })
})
