/** Many members in one process: an internet in memory, one clock that tests turn, and randomness from a seed. */

import { CheeseStack } from '../../chain/stack.ts'
import { type Made, Maker } from '../../chain/testing/maker.ts'
import type { Verifier } from '../../chain/verifier.ts'
import { sha256 } from '../../consensus/hash.ts'
import { params as paramsOf } from '../../consensus/params.ts'
import type { Params } from '../../consensus/types.ts'
import { Mempool } from '../../mempool/mempool.ts'
import { MemoryInternet } from '../../platform/memory-transport.ts'
import { openMemoryStore } from '../../platform/store-memory.ts'
import { openInlineVerifier } from '../../platform/verify-inline.ts'
import { toHex } from '../../util/bytes.ts'
import type { Files } from '../../util/files.ts'
import { type Clock, type Logger, type Random, silent } from '../../util/ports.ts'
import type { Store } from '../../util/store.ts'
import { chainPort, mempoolPort } from '../adapters.ts'
import { Network, type NetworkOptions } from '../network.ts'
import type { HostPort, Transport } from '../transport.ts'

/** Half an hour after the blue cheese. */
export const START_MS = (1_795_305_600 + 1_800) * 1000

/** Time that passes when a test says so. */
export class FakeClock implements Clock {
  #now = START_MS
  /** In the order in which they are due; those called off stay until their turn. */
  readonly #timers: { readonly at: number; fn: (() => void) | undefined }[] = []

  now(): number {
    return this.#now
  }

  after(ms: number, fn: () => void): () => void {
    const timer: { readonly at: number; fn: (() => void) | undefined } = { at: this.#now + Math.max(0, ms), fn }
    let [low, high] = [0, this.#timers.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#timers[middle]?.at ?? 0) <= timer.at) low = middle + 1
      else high = middle
    }
    this.#timers.splice(low, 0, timer)
    return () => {
      timer.fn = undefined
    }
  }

  /** Goes on by `ms`, running every timer at its time and everything that follows from it. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    for (;;) {
      await settle()
      const at = this.#timers[0]?.at
      if (at === undefined || at > end) break
      this.#now = Math.max(this.#now, at)
      while (this.#timers[0] && this.#timers[0].at <= this.#now) this.#timers.shift()?.fn?.()
    }
    this.#now = end
  }

  /** Lets time pass until `condition` holds; throws when it does not within `ms`. */
  async until(condition: () => boolean, what: string, ms = 120_000): Promise<void> {
    for (const end = this.#now + ms; !condition(); await this.advance(50)) if (this.#now > end) throw new Error(`never came true: ${what}`)
  }
}

/** Lets everything that waits for nothing but its turn run. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 4; i++) await new Promise<void>((resolve) => setImmediate(resolve))
}

/** The same bytes for the same seed: mulberry32. */
export function seeded(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return (t ^ (t >>> 14)) >>> 0
  }
  return { bytes: (length) => Uint8Array.from({ length }, () => next() & 0xff), fraction: () => next() / 2 ** 32 }
}

/** Files that live as long as this object. */
export function memoryFiles(): Files {
  const files = new Map<string, Uint8Array>()
  return {
    read: async (path) => files.get(path),
    write: async (path, bytes) => void files.set(path, bytes.slice()),
    remove: async (path) => void files.delete(path),
    list: async (folder) => [...files.keys()].filter((path) => path.startsWith(`${folder}/`)).map((path) => path.slice(folder.length + 1)),
  }
}

export interface TestMember {
  readonly name: string
  readonly host: string
  readonly network: Network
  readonly stack: CheeseStack
  readonly mempool: Mempool
  readonly store: Store
  readonly files: Files
  /** Adds cheeses as if it had found them. */
  give(cheeses: readonly Made[]): Promise<void>
}

export interface MemberOptions extends Partial<NetworkOptions> {
  readonly store?: Store
  readonly host?: string
  /** What checks signatures; by default at once, on this thread. */
  readonly signatures?: Verifier
}

export const PORT = 9875

/** A world on one network. */
export class World {
  readonly clock = new FakeClock()
  readonly params: Params
  readonly maker: Maker
  readonly internet: MemoryInternet
  readonly members: TestMember[] = []
  readonly #log: Logger
  #count = 0

  constructor(options: { readonly network?: Params['network']; readonly latencyMs?: (from: string, to: string) => number; readonly log?: Logger } = {}) {
    this.params = paramsOf(options.network ?? 'regtest')
    this.maker = new Maker(this.params)
    this.internet = new MemoryInternet({ clock: this.clock, ...(options.latencyMs ? { latencyMs: options.latencyMs } : {}) })
    this.#log = options.log ?? silent
  }

  /** A transport at a host of its own, for somebody who is no member. */
  stranger(name: string, host = `203.0.113.${++this.#count}`): Transport {
    return this.internet.transport(idOf(name), host)
  }

  async member(name: string, options: MemberOptions = {}): Promise<TestMember> {
    const seed = ++this.#count
    const host = options.host ?? `8.${seed}.0.1`
    const { clock, params } = this
    const store = options.store ?? openMemoryStore()
    const files = options.files ?? memoryFiles()
    const verifier = options.signatures ?? openInlineVerifier()
    const stack = await CheeseStack.open({ store, params, clock, log: silent, verifier })
    const mempool = new Mempool({ params, chain: { height: () => stack.tip.height, account: (address) => stack.account(address) }, verifier, clock })
    stack.events.on('tip', (change) => mempool.handleTip(change))
    const opened = await Network.open({
      params,
      transport: this.internet.transport(idOf(name), host),
      listen: { host, port: PORT },
      chain: chainPort(stack),
      mempool: mempoolPort(mempool),
      clock,
      random: seeded(seed),
      log: this.#log.child(name),
      files,
      folder: `/${name}/net`,
      agent: `test ${name}`,
      ...options,
    })
    if (!opened.ok) throw new Error(opened.error.message)
    const member: TestMember = {
      name,
      host,
      network: opened.value,
      stack,
      mempool,
      store,
      files,
      async give(cheeses) {
        for (const { headerBytes, bodyBytes } of cheeses) {
          const added = await stack.addCheese(headerBytes, bodyBytes)
          if (!added.ok) throw new Error(added.error.message)
        }
      },
    }
    this.members.push(member)
    return member
  }

  /** Connects `from` to `to`, and waits until both know. */
  async link(from: TestMember, to: TestMember): Promise<void> {
    const connecting = from.network.connect(at(to))
    const result = await this.run(connecting)
    if (!result.ok) throw new Error(result.error.message)
    await this.clock.until(() => to.network.peers().some((peer) => peer.memberId === from.network.memberId), `${to.name} knows ${from.name}`)
  }

  /** Lets time pass until `promise` has settled. */
  async run<T>(promise: Promise<T>): Promise<T> {
    let done = false
    promise.then(
      () => (done = true),
      () => (done = true),
    )
    await this.clock.until(() => done, 'a promise settles')
    return promise
  }

  /** Waits until every member given has this tip. */
  async agree(smell: string, members: readonly TestMember[] = this.members, ms?: number): Promise<void> {
    await this.clock.until(() => members.every((member) => member.stack.tip.smell === smell), `everybody has ${smell.slice(0, 12)}`, ms)
  }

  async close(): Promise<void> {
    for (const member of this.members.splice(0)) {
      await member.network.close()
      await member.stack.close()
    }
  }
}

/** Where a member listens. */
export function at(member: TestMember): HostPort {
  return { host: member.host, port: PORT }
}

/** The id of a name, in place of a key's hash. */
export function idOf(name: string): string {
  return toHex(sha256(new TextEncoder().encode(name)))
}
