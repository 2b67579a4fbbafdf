import { beforeAll, describe, expect, it } from 'vitest'
import { encodeHeader } from '../consensus/codec.ts'
import { ruleError } from '../consensus/errors.ts'
import { smellHex, smellOf } from '../consensus/hash.ts'
import { params as paramsOf } from '../consensus/params.ts'
import { workOf } from '../consensus/target.ts'
import type { Header } from '../consensus/types.ts'
import { bytesToBigInt, fromHex, toHex } from '../util/bytes.ts'
import { silent } from '../util/ports.ts'
import { err, ok } from '../util/result.ts'
import type { NetContext } from './context.ts'
import { HeaderSync } from './header-sync.ts'
import { MAX_HEADERS, type Message } from './messages.ts'
import type { Peer } from './peer.ts'
import type { ChainEntry, ChainPort } from './ports.ts'
import { Presync } from './presync.ts'
import { FakeClock, seeded, settle } from './testing/world.ts'

const params = paramsOf('regtest')
const blue: ChainEntry = {
  smell: params.blueSmellHex,
  height: 0,
  time: params.blue.header.time,
  bits: params.blue.header.bits,
  work: workOf(params.easiestBits),
  parent: undefined,
  state: 'valid',
  header: params.blue.header,
}

/** Headers with their work done, on the blue cheese. */
function mineHeaders(count: number): Header[] {
  const headers: Header[] = []
  let parent = params.blueSmellHex
  for (let i = 1; i <= count; i++) {
    const plan = {
      version: 1,
      parent: fromHex(parent),
      accountsRoot: new Uint8Array(32),
      bodyRoot: new Uint8Array(32),
      time: blue.time + i,
      bits: params.easiestBits,
    }
    let nonce = 0n
    while (bytesToBigInt(smellOf({ ...plan, nonce })) > params.easiestTarget) nonce++
    headers.push({ ...plan, nonce })
    parent = smellHex({ ...plan, nonce })
  }
  return headers
}

/** A chain that knows the blue cheese and has a tip with as much work as the test wants. */
function fakeChain(tipCheeses: number) {
  const entries = new Map([[blue.smell, blue]])
  const tip: ChainEntry = { ...blue, smell: 'aa'.repeat(32), height: tipCheeses, work: BigInt(tipCheeses) * workOf(blue.bits) }
  let best = tip
  const chain: ChainPort = {
    tip,
    get bestHeader() {
      return best
    },
    entry: (smell) => entries.get(smell),
    entryAt: (height) => (height === 0 ? blue : height === tip.height ? tip : undefined),
    ancestor(entry, height) {
      let at: ChainEntry | undefined = entry
      while (at && at.height > height) at = at.parent
      return at
    },
    async addHeaders(headers) {
      for (const header of headers) {
        const parent = entries.get(toHex(header.parent))
        if (!parent) return err(ruleError('header-parent', 'unknown'))
        const entry = {
          smell: smellHex(header),
          height: parent.height + 1,
          time: header.time,
          bits: header.bits,
          work: parent.work + workOf(header.bits),
          state: 'header' as const,
          parent,
          header,
        }
        entries.set(entry.smell, entry)
        if (entry.work > best.work) best = entry
      }
      return ok(undefined)
    },
    headersFrom: async () => [],
    addBody: async () => ok(undefined),
    prefetch: () => false,
    missingBodies: () => [],
    hasBody: () => false,
    body: () => undefined,
    onTip: () => () => undefined,
  }
  return { chain, entries }
}

/** A header sync with one peer that answers as `answer` says. */
function setUp(chain: ChainPort, answer: (locator: readonly string[]) => readonly Header[]) {
  const faults: string[] = []
  const asked: (readonly string[])[] = []
  const seen: number[] = []
  const clock = new FakeClock()
  const peers = new Map<string, Peer>()
  const context: NetContext = {
    params,
    chain,
    clock,
    random: seeded(1),
    log: silent,
    peers,
    punish: (_peer, fault) => void faults.push(fault),
    isSynced: () => true,
    sawNew: (_smell, time) => void seen.push(time),
    mempool: undefined as never,
  }
  const sync = new HeaderSync(context, () => undefined)
  const peer = {
    cheeses: new Set<string>(),
    claim: { smell: 'bb'.repeat(32), height: 9_999, work: 1n << 60n },
    send(message: Message) {
      if (message.type !== 'getHeaders') return
      asked.push(message.locator)
      queueMicrotask(() => void sync.onHeaders(peer, message.request, answer(message.locator).map(encodeHeader)))
    },
  } as unknown as Peer
  peers.set('p', peer)
  return { sync, peer, faults, asked, seen, clock }
}

async function finish(sync: HeaderSync, peer: Peer): Promise<void> {
  sync.advance()
  for (let i = 0; i < 200; i++) await settle()
  expect(sync.behind || peer.claim.work > 1n << 59n).toBe(false)
}

let headers: Header[]
let smells: Map<string, number>
beforeAll(() => {
  headers = mineHeaders(MAX_HEADERS + 300)
  smells = new Map([[blue.smell, 0], ...headers.map((header, i) => [smellHex(header), i + 1] as const)])
}, 60_000)

/** What an honest peer with these headers answers. */
const honest = (own: () => readonly Header[]) => (locator: readonly string[]) => {
  const from = locator.map((smell) => smells.get(smell)).find((height) => height !== undefined && height <= own().length) ?? 0
  return own().slice(from, from + MAX_HEADERS)
}

describe('a branch from far below', () => {
  it('is asked for twice and then stored, once its work is shown', async () => {
    const { chain, entries } = fakeChain(MAX_HEADERS + 144 + 50)
    let storedAtFirstPass = -1
    const { sync, peer, faults, asked } = setUp(chain, (locator) => {
      if (asked.length === 3) storedAtFirstPass = entries.size
      return honest(() => headers)(locator)
    })
    await finish(sync, peer)
    expect(storedAtFirstPass).toBe(1)
    expect(entries.size).toBe(headers.length + 1)
    expect(asked.slice(1, 4)).toEqual([[smellHex(headers[MAX_HEADERS - 1] as Header)], [blue.smell], [smellHex(headers[MAX_HEADERS - 1] as Header)]])
    expect(faults).toEqual([])
  })

  it('is not stored when it ends with too little work', async () => {
    const { chain, entries } = fakeChain(MAX_HEADERS + 144 + 500)
    const { sync, peer, faults } = setUp(
      chain,
      honest(() => headers),
    )
    await finish(sync, peer)
    expect(entries.size).toBe(1)
    expect(faults).toEqual([])
    expect(peer.claim.work).toBe(0n)
  })

  it('is not stored when the second pass shows another one', async () => {
    const { chain, entries } = fakeChain(MAX_HEADERS + 144 + 50)
    const other = [...headers.slice(0, 10), { ...(headers[10] as Header), accountsRoot: new Uint8Array(32).fill(1) }, ...headers.slice(11)]
    const { sync, peer, asked } = setUp(chain, (locator) => honest(() => (asked.length >= 3 ? other : headers))(locator))
    sync.advance()
    for (let i = 0; i < 200; i++) await settle()
    expect(asked.length).toBe(3)
    expect(entries.size).toBe(1)
    expect(peer.claim.work).toBeGreaterThan(0n)
  })

  it('with a header that breaks a rule is the sender’s fault, and nothing is stored', async () => {
    const { chain, entries } = fakeChain(MAX_HEADERS)
    const { sync, faults } = setUp(chain, () => [...headers.slice(0, 300), { ...(headers[300] as Header), bits: 0x1d00ffff }])
    sync.advance()
    for (let i = 0; i < 50; i++) await settle()
    expect(faults).toEqual(['broken-header'])
    expect(entries.size).toBe(1)
  })

  it('costs no memory but a digest a batch while it is checked', () => {
    const { chain } = fakeChain(10 * MAX_HEADERS)
    const presync = new Presync(chain.tip, blue, params)
    expect(presync.check(headers.slice(0, MAX_HEADERS), blue.time)).toEqual({ ok: true, value: 'more' })
    expect(presync.check(headers.slice(MAX_HEADERS), blue.time)).toEqual({ ok: true, value: 'more' })
    expect(presync.height).toBe(headers.length)
    expect(presync.pass(headers.slice(0, MAX_HEADERS))).toBe('same')
    expect(presync.pass(headers.slice(MAX_HEADERS, -1))).toBe('other')
    expect(presync.pass(headers.slice(MAX_HEADERS))).toBe('finished')
  })
})

describe('a peer that answers', () => {
  it('the same for ever loses its turn', async () => {
    const { chain, entries } = fakeChain(1)
    const { sync, faults, asked } = setUp(chain, () => headers.slice(0, MAX_HEADERS))
    sync.advance()
    for (let i = 0; i < 200; i++) await settle()
    expect(entries.size).toBe(MAX_HEADERS + 1)
    expect(asked).toHaveLength(2)
    expect(faults).toEqual([])
  })
})

describe('an announced cheese', () => {
  it('on our tip tells what the time is, and so does one that is held back for being early, without blame', async () => {
    const { chain } = fakeChain(1)
    const [first, second] = headers as [Header, Header]
    const atBlue: ChainPort = Object.defineProperty({ ...chain }, 'tip', { value: blue })
    const fresh = setUp(atBlue, () => [])
    await fresh.sync.onHeaders(fresh.peer, 0, [encodeHeader(first)])
    await fresh.sync.onHeaders(fresh.peer, 0, [encodeHeader(first)])
    expect(fresh.seen).toEqual([first.time])
    const held = setUp({ ...atBlue, tip: blue, addHeaders: async () => ok(undefined) }, () => [])
    await held.sync.onHeaders(held.peer, 0, [encodeHeader(second)])
    expect(held.seen).toEqual([second.time])
    expect([...fresh.faults, ...held.faults]).toEqual([])
  })
})
