import { describe, expect, it } from 'vitest'
import { decodeHeader, encodeBody, encodeReward, MAX_BODY_BYTES } from '../consensus/codec.ts'
import { ruleError } from '../consensus/errors.ts'
import { smellHex, smellOf } from '../consensus/hash.ts'
import { meetsTarget } from '../consensus/header.ts'
import { bodyRoot } from '../consensus/merkle.ts'
import { params } from '../consensus/params.ts'
import { bitsToTarget } from '../consensus/target.ts'
import type { Cheese, Header, Transfer } from '../consensus/types.ts'
import { FakeClock, person, transfer } from '../mempool/fixture.ts'
import { toHex } from '../util/bytes.ts'
import { Emitter } from '../util/events.ts'
import { err, ok } from '../util/result.ts'
import { Miner } from './miner.ts'
import type { SearchEvents, SearchJob, SearchPool } from './pool.ts'
import type { MiningPorts, SubmitOutcome } from './ports.ts'
import { searchNonces } from './search.ts'

/** A pool that does nothing by itself. */
class FakePool implements SearchPool {
  readonly events = new Emitter<SearchEvents>()
  readonly kernel = 'typescript'
  readonly maxThreads = 4
  threads = 0
  job: SearchJob | undefined
  searched = 0
  closed = false

  setThreads(count: number): void {
    this.threads = count
  }

  setIntensity(): void {}

  kernels() {
    return [{ name: this.kernel, hashRate: null, chosen: true }] as const
  }

  setKernel(): void {}

  search(job: SearchJob | undefined): void {
    this.job = job
    if (job) this.searched += 1
  }

  async close(): Promise<void> {
    this.closed = true
  }

  header(): Header {
    const header = this.job && decodeHeader(this.job.header)
    if (!header?.ok) throw new Error('nothing is searched')
    return header.value
  }

  /** Finds what is to be found on the present job, or on an earlier one. */
  hit(job = this.job): void {
    if (!job) throw new Error('nothing is searched')
    const nonce = searchNonces(job.header, 0n, 1 << 20, job.target)
    if (nonce === undefined) throw new Error('nothing found')
    this.events.emit('hit', { job: job.id, nonce })
  }
}

/** A stack of headers alone, whose tip anybody can move. */
function world(options: Partial<ConstructorParameters<typeof Miner>[0]> & { readonly silent?: boolean } = {}) {
  const clock = new FakeClock()
  const pool = new FakePool()
  const cheeses: Cheese[] = []
  const state = {
    parent: new Uint8Array(32).fill(1) as Uint8Array,
    height: 10,
    waiting: [] as Transfer[],
    address: person(1).address as Uint8Array | undefined,
    outcome: undefined as SubmitOutcome | 'refused' | 'disk' | undefined,
    gate: undefined as Promise<void> | undefined,
    previews: [] as number[],
    bad: undefined as Transfer | undefined,
    room: 0,
    previewSteps: 0,
    ready: true,
  }
  const ports: MiningPorts = {
    next: () => ({ parent: state.parent, height: state.height + 1, bits: 0x20010000, minTime: 1_800_000_000 - 50 }),
    ready: () => state.ready,
    *preview(transfers) {
      for (let i = 0; i < state.previewSteps; i++) yield
      state.previews.push(transfers.length)
      const at = state.bad ? transfers.indexOf(state.bad) : -1
      return at < 0 ? ok({ accountsRoot: new Uint8Array(32).fill(transfers.length) }) : err(ruleError('transfer-balance', 'too little', at))
    },
    select(maxBytes) {
      state.room = maxBytes
      return state.waiting
    },
    address: () => state.address,
    async submit(cheese) {
      await state.gate
      if (state.outcome === 'refused') return err(ruleError('accounts-root', 'another root'))
      if (state.outcome === 'disk') throw new Error('the disk is full')
      if (state.outcome) return ok(state.outcome)
      expect(meetsTarget(smellOf(cheese.header), bitsToTarget(cheese.header.bits) ?? 0n)).toBe(true)
      expect(toHex(cheese.header.parent)).toBe(toHex(state.parent))
      expect(toHex(bodyRoot(cheese.body))).toBe(toHex(cheese.header.bodyRoot))
      cheeses.push(cheese)
      moveTip(smellOf(cheese.header))
      return ok('connected')
    },
  }
  const miner = new Miner({ params: params('regtest'), ports, pool, clock, random: { bytes: (n) => new Uint8Array(n).fill(9), fraction: () => 0 }, ...options })
  const problems: string[] = []
  miner.events.on('problem', ({ message }) => problems.push(message))
  function moveTip(smell: Uint8Array): void {
    state.parent = smell
    state.height += 1
    if (!options.silent) miner.handleTip()
  }
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  return { clock, pool, cheeses, state, miner, moveTip, problems, turn }
}

describe('a template', () => {
  it('builds on the tip, pays the address, and holds what waits', async () => {
    const { miner, pool, state, cheeses, turn, clock } = world()
    state.waiting = [transfer({ from: person(2) }), transfer({ from: person(3) })]
    miner.start()
    const header = pool.header()
    expect(header).toMatchObject({ version: 1, time: Math.floor(clock.time / 1000), bits: 0x20010000, nonce: 0n })
    expect(toHex(header.parent)).toBe(toHex(state.parent))
    expect(header.accountsRoot[0]).toBe(2)
    pool.hit()
    await turn()
    const [cheese] = cheeses
    expect(cheese?.body.reward).toMatchObject({ height: 11, to: person(1).address })
    expect(cheese?.body.reward.extra.length).toBeLessThanOrEqual(32)
    expect(cheese?.body.transfers).toEqual(state.waiting)
    expect(state.room + encodeReward(cheese?.body.reward as never).length + 4).toBe(MAX_BODY_BYTES)
    expect(encodeBody(cheese?.body as never).length).toBeLessThanOrEqual(MAX_BODY_BYTES)
  })

  it('is never the same twice, and its time never lies before the least', () => {
    const { miner, pool, clock } = world()
    clock.time = 1_000_000_000_000
    miner.start()
    expect(pool.header().time).toBe(1_800_000_000 - 50)
    const roots = new Set([toHex(pool.header().bodyRoot)])
    for (let i = 0; i < 5; i++) {
      miner.stop()
      miner.start()
      roots.add(toHex(pool.header().bodyRoot))
    }
    expect(roots.size).toBe(6)
  })

  it('leaves out a sender whose transfers cannot be connected', () => {
    const { miner, pool, state } = world()
    state.waiting = [transfer({ from: person(2) }), transfer({ from: person(3) }), transfer({ from: person(2), sequence: 1 })]
    state.bad = state.waiting[0]
    miner.start()
    expect(state.previews).toEqual([3, 1])
    expect(pool.header().accountsRoot[0]).toBe(1)
  })
})

describe('a template that takes several turns of the event loop', () => {
  /** As many steps as take longer than one turn may. */
  function slow(state: { previewSteps: number }): void {
    state.previewSteps = 1_000_000
  }
  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise((resolve) => setImmediate(resolve))
  }

  it('is searched when it is done, and given up when the tip moves meanwhile', async () => {
    const { miner, pool, state, moveTip, turn } = world()
    slow(state)
    miner.start()
    expect(pool.job).toBeUndefined()
    // Its tip goes before anybody is told: it must never be searched.
    state.parent = new Uint8Array(32).fill(7)
    await turn()
    moveTip(new Uint8Array(32).fill(8))
    expect(pool.job).toBeUndefined()
    await until(() => pool.job !== undefined)
    expect([pool.header().parent[0], pool.searched, state.previews.length]).toEqual([8, 1, 1])
  })

  it('leaves the threads at the earlier one of the same tip, and looks again at what came meanwhile', async () => {
    const { miner, pool, state, clock } = world()
    miner.start()
    const old = pool.job
    clock.advance(3000)
    slow(state)
    miner.handleBest()
    miner.handleBest()
    expect(pool.job).toBe(old)
    await until(() => pool.job !== old)
    state.previewSteps = 0
    clock.advance(3000)
    expect(pool.searched).toBe(3)
  })

  it('is begun anew for generate when the tip moves', async () => {
    const { miner, state, moveTip, cheeses, turn } = world()
    slow(state)
    const generating = miner.generate(1)
    await turn()
    expect(state.previews).toEqual([])
    state.previewSteps = 0
    moveTip(new Uint8Array(32).fill(9))
    expect((await generating).ok).toBe(true)
    expect(cheeses[0]?.header.parent[0]).toBe(9)
  })

  it('is called off when mining stops', async () => {
    const { miner, pool, state, turn } = world()
    slow(state)
    miner.start()
    miner.stop()
    for (let i = 0; i < 50; i++) await turn()
    expect([pool.job, state.previews.length]).toEqual([undefined, 0])
  })
})

describe('the search', () => {
  it('turns to a new tip at once, and drops what is found for the old one', async () => {
    const { miner, pool, moveTip, cheeses, turn } = world()
    miner.start()
    const old = pool.job
    moveTip(new Uint8Array(32).fill(2))
    expect(pool.header().parent[0]).toBe(2)
    pool.hit(old)
    await turn()
    expect([cheeses.length, miner.status().found, miner.status().stale]).toEqual([0, 0, 1])
  })

  it('takes what is found on an older template of the same tip', async () => {
    const { miner, pool, state, clock, cheeses, turn } = world()
    miner.start()
    const old = pool.job
    clock.advance(3000)
    state.waiting = [transfer({ from: person(2) })]
    miner.handleBest()
    expect(pool.job).not.toBe(old)
    pool.hit(old)
    await turn()
    expect(cheeses).toHaveLength(1)
    expect(cheeses[0]?.body.transfers).toEqual([])
    expect(miner.status()).toMatchObject({ found: 1, stale: 0 })
  })

  it('takes one cheese a tip: nothing is searched or taken while one is on its way', async () => {
    const { miner, pool, state, cheeses, turn } = world()
    let open = () => {}
    state.gate = new Promise((resolve) => {
      open = resolve
    })
    miner.start()
    const job = pool.job
    pool.hit()
    expect(pool.job).toBeUndefined()
    miner.handleBest()
    pool.hit(job)
    expect(pool.job).toBeUndefined()
    open()
    await turn()
    expect(cheeses).toHaveLength(1)
    expect(miner.status().stale).toBe(1)
    expect(toHex(pool.header().parent)).toBe(smellHex((cheeses[0] as Cheese).header))
  })

  it('goes on after its own cheese also when nobody tells it of the tip', async () => {
    const { miner, pool, cheeses, turn } = world({ silent: true })
    miner.start()
    pool.hit()
    await turn()
    pool.hit()
    await turn()
    expect(cheeses.map(({ body }) => body.reward.height)).toEqual([11, 12])
  })

  it('looks at the mempool again at once, then not more often than every two seconds', () => {
    const { miner, pool, clock } = world()
    miner.start()
    clock.advance(5000)
    expect(pool.searched).toBe(1)
    miner.handleBest()
    expect(pool.searched).toBe(2)
    for (let i = 0; i < 10; i++) {
      clock.advance(100)
      miner.handleBest()
    }
    expect(pool.searched).toBe(2)
    clock.advance(1000)
    expect(pool.searched).toBe(3)
    clock.advance(5000)
    expect(pool.searched).toBe(3)
  })

  it('renews the time, and nothing but the time', () => {
    const { miner, pool, clock, state } = world()
    miner.start()
    const before = pool.header()
    const previews = state.previews.length
    clock.advance(35_000)
    expect(pool.searched).toBe(4)
    expect(pool.header()).toEqual({ ...before, time: before.time + 30 })
    expect(state.previews.length).toBe(previews)
    clock.time -= 3_600_000
    clock.advance(10_000)
    expect(pool.header().time).toBe(before.time + 30)
  })

  it('rests while it is held, off, or without an address', () => {
    const { miner, pool, state } = world()
    state.address = undefined
    expect(miner.start()).toMatchObject({ ok: false, error: { code: 'no-address' } })
    expect([miner.status().on, pool.threads, pool.job]).toEqual([false, 0, undefined])
    state.address = person(1).address
    expect(miner.start().ok).toBe(true)
    expect([miner.status().on, pool.threads]).toEqual([true, 3])
    miner.setHeld(true)
    expect([miner.status().on, pool.job]).toEqual([true, undefined])
    miner.handleTip()
    miner.handleBest()
    expect(pool.job).toBeUndefined()
    miner.setHeld(false)
    expect(pool.job).toBeDefined()
    state.address = undefined
    miner.handleAddress()
    expect(pool.job).toBeUndefined()
    state.address = person(2).address
    miner.handleAddress()
    expect(pool.job).toBeDefined()
    miner.stop()
    miner.handleTip()
    expect([miner.status().on, pool.threads, pool.job]).toEqual([false, 0, undefined])
  })

  it('rests while what waits is being held against a new tip', async () => {
    const { miner, pool, state, clock, turn } = world()
    state.ready = false
    miner.start()
    clock.advance(20_000)
    miner.handleBest()
    const generating = miner.generate(1)
    await turn()
    expect([pool.job, state.previews]).toEqual([undefined, []])
    state.ready = true
    expect((await generating).ok).toBe(true)
    expect(pool.job).toBeDefined()
    // It also finds out by itself: a stack that moves and comes back tells nobody.
    state.ready = false
    miner.handleTip()
    expect(pool.job).toBeUndefined()
    state.ready = true
    clock.advance(2000)
    expect(pool.job).toBeDefined()
  })

  it('changes the number of threads while it runs', async () => {
    const { miner, pool } = world({ threads: 2 })
    const changes: boolean[] = []
    miner.events.on('changed', ({ on }) => changes.push(on))
    miner.setThreads(3)
    expect(pool.threads).toBe(0)
    miner.start()
    expect(pool.threads).toBe(3)
    miner.setThreads(1)
    expect([pool.threads, miner.status().threads]).toEqual([1, 1])
    miner.setThreads(0)
    expect(miner.status().threads).toBe(1)
    expect(changes).toEqual([false, true, true])
    await miner.close()
    expect([pool.closed, miner.status().on]).toEqual([true, false])
  })
})

describe('a cheese that is not taken', () => {
  it('counts as stale when another was first', async () => {
    const { miner, pool, state, turn, problems } = world()
    state.outcome = 'stored'
    miner.start()
    pool.hit()
    await turn()
    expect(miner.status()).toMatchObject({ found: 0, stale: 1 })
    expect(problems).toEqual([])
  })

  it('is reported, and mining rests for a while and goes on', async () => {
    for (const [outcome, words] of [
      ['refused', 'accounts-root'],
      ['disk', 'the disk is full'],
    ] as const) {
      const { miner, pool, state, turn, problems, clock } = world()
      state.outcome = outcome
      miner.start()
      pool.hit()
      await turn()
      expect(problems).toHaveLength(1)
      expect(problems[0]).toContain(words)
      expect(pool.job).toBeUndefined()
      clock.advance(4999)
      expect(pool.job).toBeUndefined()
      clock.advance(1)
      expect(pool.job).toBeDefined()
      expect(miner.status()).toMatchObject({ found: 0, stale: 0 })
    }
  })

  it('so is a thread that died', () => {
    const { pool, problems } = world()
    pool.events.emit('failed', { message: 'out of memory' })
    expect(problems).toEqual(['A mining thread failed and was started again: out of memory'])
  })
})

describe('figures', () => {
  it('come from what the threads counted over the last ten seconds', () => {
    const { miner, pool, clock } = world()
    expect(miner.status()).toMatchObject({ hashRate: 0, expectedSeconds: null, threads: 3, maxThreads: 4, kernel: 'typescript' })
    miner.start()
    for (let i = 0; i < 4; i++) {
      clock.advance(500)
      pool.events.emit('tried', { count: 1000 })
    }
    expect(miner.status().hashRate).toBe(2000)
    // 0x20010000: a target of 2^248, so 2^256 ÷ (2^248 + 1) tries
    expect(miner.status().expectedSeconds).toBeCloseTo(255 / 2000, 9)
    clock.advance(8000)
    expect(miner.status().hashRate).toBe(400)
    clock.advance(1000)
    expect(miner.status().hashRate).toBe(200)
    clock.advance(10_000)
    expect(miner.status().hashRate).toBe(0)
    pool.events.emit('tried', { count: 5000 })
    expect(miner.status().hashRate).toBe(500)
    miner.stop()
    expect(miner.status()).toMatchObject({ hashRate: 0, expectedSeconds: null })
  })
})

describe('the pace', () => {
  it('is at most one cheese in so many seconds, whoever moves the tip', async () => {
    const { miner, pool, clock, turn, cheeses, moveTip } = world({ paceSeconds: 2 })
    miner.start()
    pool.hit()
    await turn()
    expect(pool.job).toBeUndefined()
    clock.advance(1000)
    moveTip(new Uint8Array(32).fill(5))
    miner.handleBest()
    expect(pool.job).toBeUndefined()
    clock.advance(999)
    expect(pool.job).toBeUndefined()
    clock.advance(1)
    pool.hit()
    await turn()
    expect(cheeses).toHaveLength(2)
    expect(pool.job).toBeUndefined()
  })

  it('is for regtest alone', async () => {
    const { miner, pool, turn, cheeses } = world({ params: params('test'), paceSeconds: 2 })
    miner.start()
    pool.hit()
    await turn()
    expect(cheeses).toHaveLength(1)
    expect(pool.job).toBeDefined()
  })
})

describe('generate', () => {
  it('makes cheeses one after the other, mining or not, whatever the pace', async () => {
    const { miner, cheeses, pool } = world({ paceSeconds: 60 })
    const off = await miner.generate(3)
    expect(off).toEqual({ ok: true, value: cheeses.map(({ header, body }) => ({ height: body.reward.height, smell: smellHex(header) })) })
    expect(cheeses.map(({ body }) => body.reward.height)).toEqual([11, 12, 13])
    miner.start()
    const running = miner.generate(2)
    expect(pool.job).toBeUndefined()
    const both = await Promise.all([running, miner.generate(1)])
    expect(both.map((result) => result.ok && result.value.map(({ height }) => height))).toEqual([[14, 15], [16]])
    expect(pool.job).toBeDefined()
    expect(miner.status()).toMatchObject({ on: true, found: 6 })
    expect(await miner.generate(0)).toEqual({ ok: true, value: [] })
  })

  it('is refused on other networks, without an address, and when the stack refuses', async () => {
    expect(await world({ params: params('test') }).miner.generate(1)).toMatchObject({ ok: false, error: { code: 'not-regtest' } })
    const { miner, state } = world()
    state.outcome = 'disk'
    expect(await miner.generate(1)).toMatchObject({ ok: false, error: { code: 'refused' } })
    state.outcome = 'stored'
    expect(await miner.generate(1)).toMatchObject({ ok: false, error: { code: 'refused' } })
    state.address = undefined
    expect(await miner.generate(1)).toMatchObject({ ok: false, error: { code: 'no-address' } })
  })
})
