import { compareBytes, toHex } from '../../util/bytes.ts'
import type { Files } from '../../util/files.ts'
import type { Clock, Random } from '../../util/ports.ts'
import type { Store, StoreOp, StoreRange } from '../../util/store.ts'

/** The wallet's host in memory: files that can fail, a clock that is moved by hand, chance from a seed. */

export class MemoryFiles implements Files {
  readonly files = new Map<string, { readonly bytes: Uint8Array; readonly secret: boolean }>()
  /** Paths whose next write fails, as on a full disk. */
  readonly broken = new Set<string>()

  async read(path: string): Promise<Uint8Array | undefined> {
    return this.files.get(path)?.bytes.slice()
  }

  async write(path: string, bytes: Uint8Array, options?: { readonly secret?: boolean }): Promise<void> {
    if (this.broken.has(path)) throw new Error(`the disk is full: ${path}`)
    this.files.set(path, { bytes: bytes.slice(), secret: options?.secret === true })
  }

  async remove(path: string): Promise<void> {
    this.files.delete(path)
  }

  async list(folder: string): Promise<string[]> {
    return [...this.files.keys()].filter((path) => path.startsWith(`${folder}/`)).map((path) => path.slice(folder.length + 1))
  }

  text(path: string): string {
    return new TextDecoder().decode(this.files.get(path)?.bytes)
  }
}

export class FakeClock implements Clock {
  #now: number
  #timers: { readonly at: number; readonly fn: () => void }[] = []

  constructor(now = 1_800_000_000_000) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  after(ms: number, fn: () => void): () => void {
    const timer = { at: this.#now + ms, fn }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  /** Lets time pass and the timers that are due run; `late` leaves them out, as a machine that slept does. */
  pass(ms: number, { late = false } = {}): void {
    this.#now += ms
    if (late) return
    const due = this.#timers.filter(({ at }) => at <= this.#now)
    this.#timers = this.#timers.filter(({ at }) => at > this.#now)
    for (const { fn } of due) fn()
  }
}

/** Not random at all: the same bytes for the same seed. */
export class SeededRandom implements Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => Math.floor(this.fraction() * 256))
  }

  /** Mulberry32. */
  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** A small store that outlives the wallet that uses it, and counts what has surely reached the disk. */
export class FakeStore implements Store {
  readonly #entries = new Map<string, { readonly key: Uint8Array; readonly value: Uint8Array }>()
  synced = 0

  get size(): number {
    return this.#entries.size
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#entries.get(toHex(key))?.value
  }

  async batch(ops: Iterable<StoreOp>, options?: { readonly sync?: boolean }): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    for (const op of ops) {
      if (op.type === 'put') this.#entries.set(toHex(op.key), { key: op.key, value: op.value })
      else this.#entries.delete(toHex(op.key))
    }
    if (options?.sync === true) this.synced++
  }

  async *entries({ gte, lt }: StoreRange): AsyncIterable<readonly [Uint8Array, Uint8Array]> {
    const sorted = [...this.#entries.values()].sort((a, b) => compareBytes(a.key, b.key))
    for (const { key, value } of sorted) {
      if ((!gte || compareBytes(key, gte) >= 0) && (!lt || compareBytes(key, lt) < 0)) yield [key, value]
    }
  }

  async close(): Promise<void> {}
}
