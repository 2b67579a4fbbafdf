import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import type { SearchEvents, SearchPool } from '../mining/pool.ts'
import { openMinePool } from './mine-pool.ts'

const workerUrl = new URL('./workers/mine.ts', import.meta.url)
const NEVER = new Uint8Array(32)
const header = Uint8Array.from({ length: 116 }, (_, i) => 255 - i)

let pool: SearchPool | undefined
afterEach(async () => {
  await pool?.close()
  pool = undefined
})

function open(url = workerUrl): SearchPool {
  pool = openMinePool({ workerUrl: url, measureMs: 2 })
  return pool
}

/** The next event of a kind that is wanted. */
function next<K extends keyof SearchEvents>(from: SearchPool, name: K, wanted: (event: SearchEvents[K]) => boolean = () => true): Promise<SearchEvents[K]> {
  return new Promise((resolve) => {
    const off = from.events.on(name, (event) => {
      if (!wanted(event)) return
      off()
      resolve(event)
    })
  })
}

function smell(of: Uint8Array, nonce: bigint): string {
  const bytes = Buffer.from(of)
  bytes.writeBigUInt64BE(nonce, 108)
  return createHash('sha256').update(createHash('sha256').update(bytes).digest()).digest('hex')
}

describe('the mining pool', () => {
  it('finds nonces that meet the target, each thread in its share', async () => {
    const mining = open()
    mining.setThreads(2)
    const highs = new Set<bigint>()
    const target = new Uint8Array(32).fill(0xff, 2)
    for (let id = 1; highs.size < 2; id++) {
      const hit = next(mining, 'hit', ({ job }) => job === id)
      const other = header.slice()
      other[103] = id
      mining.search({ id, header: other, target })
      const { nonce } = await hit
      expect(smell(other, nonce).startsWith('0000')).toBe(true)
      highs.add(nonce >> 32n)
    }
    expect(highs).toEqual(new Set([0n, 1n]))
  })

  it('counts what it tries, turns to new work at once, and rests when there is none', async () => {
    const mining = open()
    mining.setThreads(1)
    let tried = 0
    mining.events.on('tried', ({ count }) => {
      tried += count
    })
    mining.search({ id: 1, header, target: NEVER })
    for (let i = 0; i < 3; i++) await next(mining, 'tried')
    expect(tried).toBeGreaterThan(1000)
    const start = performance.now()
    const hit = next(mining, 'hit')
    mining.search({ id: 2, header, target: new Uint8Array(32).fill(0xff) })
    expect(await hit).toEqual({ job: 2, nonce: 0n })
    expect(performance.now() - start).toBeLessThan(1000)
    mining.search({ id: 3, header, target: NEVER })
    await next(mining, 'tried')
    mining.search(undefined)
    const everything = new Uint8Array(32).fill(0xff)
    for (const id of [4, 5]) {
      const before = tried
      const first = next(mining, 'hit', ({ job }) => job === id)
      mining.search({ id, header, target: everything })
      await first
      // After a hit it rests: from there to the hit at the very first nonce it is one try.
      if (id === 5) expect(tried).toBe(before + 1)
    }
  })

  it('takes more and fewer threads while it searches', async () => {
    const mining = open()
    mining.search({ id: 7, header, target: new Uint8Array(32).fill(0xff) })
    const seen: bigint[] = []
    const three = new Promise<void>((resolve) => {
      mining.events.on('hit', ({ nonce }) => {
        seen.push(nonce >> 32n)
        if (new Set(seen).size === 3) resolve()
      })
    })
    mining.setThreads(3)
    await three
    mining.setThreads(1)
    seen.length = 0
    const hit = next(mining, 'hit', ({ job }) => job === 8)
    mining.search({ id: 8, header, target: new Uint8Array(32).fill(0xff) })
    expect(await hit).toEqual({ job: 8, nonce: 0n })
    mining.setThreads(0)
    expect(mining.maxThreads).toBeGreaterThan(0)
  })

  it('reports a thread that dies, starts it again and gives it its work', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cheese-mine-'))
    try {
      const mark = join(folder, 'died')
      await writeFile(mark, 'not yet')
      // Dies at its first message, once; the next one is a good one.
      const file = join(folder, 'worker.mjs')
      await writeFile(
        file,
        `import { readFileSync, writeFileSync } from 'node:fs'
         import { parentPort, workerData } from 'node:worker_threads'
         const measuring = workerData.task === 'choose'
         if (measuring) parentPort.once('message', () => parentPort.postMessage({ kernels: [], problems: [] }))
         else if (readFileSync(${JSON.stringify(mark)}, 'utf8') === 'not yet') {
           writeFileSync(${JSON.stringify(mark)}, 'died')
           throw new Error('as it was told to')
         }
         if (!measuring) parentPort.on('message', ({ search }) => search && parentPort.postMessage({ type: 'hit', job: search.job, nonce: 5n }))`,
      )
      const mining = open(pathToFileURL(file))
      const failed = next(mining, 'failed')
      const hit = next(mining, 'hit')
      mining.setThreads(1)
      mining.search({ id: 3, header, target: NEVER })
      expect(await failed).toEqual({ message: 'as it was told to' })
      expect(await hit).toEqual({ job: 3, nonce: 5n })
      expect(await readFile(mark, 'utf8')).toBe('died')
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('reports a worker that cannot be loaded', async () => {
    const mining = open(new URL('./workers/no-such-worker.ts', import.meta.url))
    const failed = next(mining, 'failed')
    mining.setThreads(1)
    expect((await failed).message).toContain('no-such-worker')
  })
})
