import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toHex } from '../util/bytes.ts'
import { encodeFrame, FRAME_HEADER_BYTES, FrameDecoder, MAX_UNKNOWN_BYTES } from './frame.ts'
import { decodeMessage, encodeMessage, GOODBYES, MAX_AGENT_LENGTH, MAX_APPENDED_BYTES, type Message, PROTOCOL_VERSION, payloadLimit } from './messages.ts'

const id = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toHex)
const ids = fc.array(id, { maxLength: 16 })
const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
const u32 = fc.nat({ max: 0xffffffff })
const u16 = fc.nat({ max: 0xffff })
const bytes = (maxLength: number) => fc.uint8Array({ maxLength })

const hello = fc.record({
  type: fc.constant('hello' as const),
  version: u16,
  lowestVersion: u16,
  network: fc.constantFrom('main', 'test', 'regtest', ''),
  blueSmell: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  instance: u64,
  nonce: u64,
  features: u32,
  listenPort: u16,
  height: u32,
  work: fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
  tip: id,
  agent: fc.string({ maxLength: MAX_AGENT_LENGTH }),
  card: bytes(644),
})

const rising = (list: readonly number[]) => [...list].sort((a, b) => a - b)
const compact = fc
  .record({
    header: fc.uint8Array({ minLength: 116, maxLength: 116 }),
    nonce: u64,
    reward: fc.tuple(fc.uint8Array({ minLength: 24, maxLength: 24 }), bytes(32)).map(([fixed, extra]) => Uint8Array.of(...fixed, extra.length, ...extra)),
    shortIds: fc.nat({ max: 60 }).chain((count) => fc.uint8Array({ minLength: 6 * count, maxLength: 6 * count })),
    filled: fc.array(bytes(300), { maxLength: 6 }),
    gaps: fc.infiniteStream(fc.nat({ max: 8 })),
  })
  .map(({ filled, gaps, ...rest }) => {
    // Places that rise, and leave room for all that come after.
    const total = rest.shortIds.length / 6 + filled.length
    let next = 0
    const prefilled = filled.map((one, i) => {
      const index = Math.min(next + (gaps.next().value as number), total - (filled.length - i))
      next = index + 1
      return { index, bytes: one }
    })
    return { type: 'compact' as const, ...rest, prefilled }
  })

const message: fc.Arbitrary<Message> = fc.oneof(
  hello,
  fc.record({ type: fc.constant('goodbye' as const), code: fc.constantFrom(...GOODBYES), reason: fc.string({ maxLength: 60 }) }),
  fc.record({ type: fc.constant('ping' as const), nonce: u64 }),
  fc.record({ type: fc.constant('pong' as const), nonce: u64 }),
  fc.record({ type: fc.constant('getHeaders' as const), request: u32, locator: ids }),
  fc.record({ type: fc.constant('headers' as const), request: u32, headers: fc.array(fc.uint8Array({ minLength: 116, maxLength: 116 }), { maxLength: 20 }) }),
  fc.record({ type: fc.constant('getBodies' as const), smells: ids }),
  fc.record({ type: fc.constant('body' as const), smell: id, body: bytes(3_000) }),
  fc.record({ type: fc.constant('notFound' as const), what: fc.constantFrom('body' as const, 'transfer' as const), ids }),
  fc.record({ type: fc.constant('inv' as const), ids }),
  fc.record({ type: fc.constant('getTransfers' as const), ids }),
  fc.record({ type: fc.constant('sendCompact' as const), mode: fc.constantFrom('low' as const, 'high' as const) }),
  compact,
  fc.record({ type: fc.constant('getMissing' as const), smell: id, indexes: fc.uniqueArray(fc.nat({ max: 6_991 }), { maxLength: 40 }).map(rising) }),
  fc.record({ type: fc.constant('missing' as const), smell: id, transfers: fc.array(bytes(900), { maxLength: 10 }) }),
  fc.record({ type: fc.constant('getCompact' as const), smell: id }),
  fc.record({ type: fc.constant('transfer' as const), bytes: bytes(2_000) }),
  fc.record({ type: fc.constant('cards' as const), cards: fc.array(bytes(700), { maxLength: 10 }) }),
  fc.record({ type: fc.constant('checkPort' as const), request: u32, port: u16, what: fc.constantFrom('member' as const, 'tracker' as const) }),
  fc.record({
    type: fc.constant('portChecked' as const),
    request: u32,
    verdict: fc.constantFrom('not-tried' as const, 'answers' as const, 'nobody' as const),
    dialled: fc.constantFrom(0, 4, 16).chain((length) => fc.uint8Array({ minLength: length, maxLength: length })),
  }),
  fc.constantFrom({ type: 'getInventory' as const }, { type: 'getCards' as const }),
)

describe('messages', () => {
  it('come back as they were sent', () => {
    fc.assert(
      fc.property(message, (sent) => {
        const { type, payload } = encodeMessage(sent)
        expect(payload.length).toBeLessThanOrEqual(payloadLimit(type) ?? -1)
        expect(decodeMessage(type, payload)).toEqual({ ok: true, value: sent })
      }),
    )
  })

  it('of a goodbye are cut to what fits, between characters', () => {
    const { type, payload } = encodeMessage({ type: 'goodbye', code: 'other', reason: '\u{1F9C0}'.repeat(120) })
    const back = decodeMessage(type, payload)
    if (!back.ok || back.value?.type !== 'goodbye') throw new Error('no goodbye')
    expect(back.value.reason).toMatch(/^(\u{1F9C0})+$/u)
  })

  it('of hello may be longer than we know; others may not', () => {
    fc.assert(
      fc.property(message, (sent) => {
        const { type, payload } = encodeMessage(sent)
        const back = decodeMessage(type, Uint8Array.of(...payload, 0))
        // What a body or a transfer holds goes to the end.
        if (sent.type === 'hello') expect(back).toEqual({ ok: true, value: sent })
        else expect(back.ok).toBe(sent.type === 'body' || sent.type === 'transfer')
      }),
    )
  })

  it('that are cut off are refused', () => {
    fc.assert(
      fc.property(hello, fc.nat(), (sent, cut) => {
        const { type, payload } = encodeMessage(sent)
        expect(decodeMessage(type, payload.subarray(0, cut % payload.length)).ok).toBe(false)
      }),
    )
  })

  it('of any bytes are read or refused, never thrown at', () => {
    const types = Array.from({ length: 60 }, (_, i) => i).filter((type) => payloadLimit(type) !== undefined)
    fc.assert(
      fc.property(fc.constantFrom(...types), bytes(400), (type, payload) => {
        const decoded = decodeMessage(type, payload)
        if (decoded.ok && decoded.value && decoded.value.type !== 'hello') expect(encodeMessage(decoded.value)).toBeDefined()
      }),
      { numRuns: 2_000 },
    )
  })

  it('of a type that is not known mean nothing', () => {
    expect(decodeMessage(12_345, new Uint8Array(10))).toEqual({ ok: true, value: undefined })
  })

  it('with more than a list may hold are refused', () => {
    expect(decodeMessage(18, Uint8Array.of(17, ...new Uint8Array(17 * 32))).ok).toBe(false)
    expect(decodeMessage(16, Uint8Array.of(0, 0, 0, 1, 65, ...new Uint8Array(65 * 32))).ok).toBe(false)
    expect(decodeMessage(20, Uint8Array.of(3, 0, 0)).ok).toBe(false)
  })
})

describe('frames', () => {
  it('are the same however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(1, 3, 17, 999), bytes(8)), { maxLength: 10 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 200 }),
        (frames, cuts) => {
          const stream = frames.flatMap(([type, payload]) => [...encodeFrame(type, payload)])
          const decoder = new FrameDecoder((type) => (type === 999 ? undefined : 8))
          const seen: [number, string | undefined][] = []
          for (let at = 0, i = 0; at < stream.length; i++) {
            const size = cuts[i % cuts.length] as number
            expect(decoder.push(Uint8Array.from(stream.slice(at, at + size)), (type, payload) => seen.push([type, payload && toHex(payload)]))).toBeUndefined()
            at += size
          }
          expect(seen).toEqual(frames.map(([type, payload]) => [type, type === 999 ? undefined : toHex(payload)]))
        },
      ),
    )
  })

  it('too long for their type end the stream at their header', () => {
    const decoder = new FrameDecoder((type) => (type === 3 ? 8 : undefined))
    const header = encodeFrame(3, new Uint8Array(9)).subarray(0, FRAME_HEADER_BYTES)
    expect(decoder.push(header, () => expect.unreachable())).toContain('at most 8')
    expect(decoder.push(encodeFrame(3, new Uint8Array(8)), () => expect.unreachable())).toContain('at most 8')
  })

  it('of unknown types are skipped up to a limit', () => {
    const decoder = new FrameDecoder(() => undefined)
    const seen: number[] = []
    expect(decoder.push(encodeFrame(500, new Uint8Array(MAX_UNKNOWN_BYTES)), (type) => seen.push(type))).toBeUndefined()
    expect(seen).toEqual([500])
    expect(decoder.push(encodeFrame(500, new Uint8Array(MAX_UNKNOWN_BYTES + 1)), () => undefined)).toBeDefined()
  })

  it('keep no piece of the stream: not its memory, nor what becomes of it', () => {
    const payload = new Uint8Array(1_000_000).map((_, i) => i)
    const stream = encodeFrame(19, payload)
    const decoder = new FrameDecoder(() => 1_000_000)
    const seen: Uint8Array[] = []
    // One buffer for all, as a socket may use; byte by byte, which must not cost an object each.
    const chunk = Buffer.alloc(1)
    const before = process.memoryUsage().heapUsed
    let most = 0
    for (let i = 0; i < stream.length; i++) {
      chunk[0] = stream[i] as number
      decoder.push(chunk, (_type, body) => void (body && seen.push(body)))
      if (i % 50_000 === 0) most = Math.max(most, process.memoryUsage().heapUsed - before)
    }
    expect(Buffer.compare(seen[0] as Uint8Array, payload)).toBe(0)
    expect(most).toBeLessThan(50_000_000)
  })
})

describe('versions', () => {
  const newer = { spoken: PROTOCOL_VERSION, theirs: PROTOCOL_VERSION + 1 }
  const older = { spoken: 1, theirs: 1 }

  it('above ours may append fields to what we know, and not without end', () => {
    fc.assert(
      fc.property(message, bytes(40), (sent, appended) => {
        if (sent.type === 'body' || sent.type === 'transfer') return
        const { type, payload } = encodeMessage(sent)
        expect(decodeMessage(type, Uint8Array.of(...payload, ...appended), newer)).toEqual({ ok: true, value: sent })
      }),
    )
    expect(decodeMessage(3, new Uint8Array(8 + MAX_APPENDED_BYTES), newer).ok).toBe(true)
    expect(decodeMessage(3, new Uint8Array(9 + MAX_APPENDED_BYTES), newer).ok).toBe(false)
    // What goes to the end of its message has no room behind it.
    expect(payloadLimit(19, newer)).toBe(payloadLimit(19))
    expect(payloadLimit(35, newer)).toBe(payloadLimit(35))
  })

  it('below ours do not know what came later: it is skipped as any unknown type', () => {
    const { type, payload } = encodeMessage({ type: 'sendCompact', mode: 'high' })
    expect(decodeMessage(type, payload, older)).toEqual({ ok: true, value: undefined })
    expect(payloadLimit(type, older)).toBeUndefined()
    expect(payloadLimit(3, older)).toBe(8)
  })
})

describe('compact messages', () => {
  const header = new Uint8Array(116)
  const reward = new Uint8Array(25)
  const made = (prefilled: readonly { index: number; bytes: Uint8Array }[], ids = 2) =>
    encodeMessage({ type: 'compact', header, nonce: 1n, reward, shortIds: new Uint8Array(6 * ids), prefilled })
  const back = ({ type, payload }: { type: number; payload: Uint8Array }) => decodeMessage(type, payload).ok

  it('with places that fall, come twice or lie outside are refused', () => {
    const bytes = Uint8Array.of(1)
    expect(
      back(
        made([
          { index: 0, bytes },
          { index: 3, bytes },
        ]),
      ),
    ).toBe(true)
    expect(
      back(
        made([
          { index: 1, bytes },
          { index: 1, bytes },
        ]),
      ),
    ).toBe(false)
    expect(
      back(
        made([
          { index: 2, bytes },
          { index: 1, bytes },
        ]),
      ),
    ).toBe(false)
    expect(back(made([{ index: 3, bytes }]))).toBe(false)
    const smell = 'ab'.repeat(32)
    expect(back(encodeMessage({ type: 'getMissing', smell, indexes: [1, 2, 6_991] }))).toBe(true)
    expect(back(encodeMessage({ type: 'getMissing', smell, indexes: [2, 2] }))).toBe(false)
    expect(back(encodeMessage({ type: 'getMissing', smell, indexes: [2, 1] }))).toBe(false)
    expect(back(encodeMessage({ type: 'getMissing', smell, indexes: [6_992] }))).toBe(false)
  })

  it('with more than a body can hold are refused', () => {
    const payload = new Uint8Array(116 + 8 + 25 + 2 + 2)
    new DataView(payload.buffer).setUint16(116 + 8 + 25, 6_993)
    expect(decodeMessage(22, payload).ok).toBe(false)
    const filled = Array.from({ length: 18 }, (_, index) => ({ index, bytes: new Uint8Array(7_335) }))
    expect(back(made(filled.slice(0, 17)))).toBe(true)
    expect(back(made(filled))).toBe(false)
    expect(decodeMessage(21, Uint8Array.of(3)).ok).toBe(false)
  })
})
