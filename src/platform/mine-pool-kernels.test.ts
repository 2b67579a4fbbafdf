import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, it } from 'vitest'
import { KERNEL_NAMES } from '../mining/kernel.ts'
import type { SearchEvents, SearchPool } from '../mining/pool.ts'
import type { Logger } from '../util/ports.ts'
import { MemoryFiles } from '../wallet/testing/fake-host.ts'
import type { FromMiningThread, MiningThreadData, ToMiningThread } from './mine-messages.ts'
import { type MinePoolOptions, openMinePool } from './mine-pool.ts'

const workerUrl = new URL('./workers/mine.ts', import.meta.url)
const header = new Uint8Array(116)
const PATH = '/data/kernels.json'

let pool: SearchPool | undefined
afterEach(async () => {
  await pool?.close()
  pool = undefined
})

/** A worker that answers what it is asked to measure with `answer`, and each time that it is told what to do with a try as many as its kernel's name has letters. */
function fakeWorker(answer: string): URL {
  const code = `
    import { parentPort, workerData } from 'node:worker_threads'
    parentPort.on('message', (message) => {
      if (workerData.task === 'choose') { ${answer} }
      else if (message.search && message.kernel) parentPort.postMessage({ type: 'tried', job: message.search.job, count: message.kernel.length })
    })`
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`)
}

const THREE = `parentPort.postMessage({ problems: ['native-sha lies'], remember: 'kept', kernels: [
  { name: 'native-sha', hashRate: null }, { name: 'typescript', hashRate: 10 }, { name: 'wasm-simd', hashRate: 30 }] })`

function open(options: Partial<MinePoolOptions> = {}) {
  const warned: string[] = []
  const log: Logger = { debug() {}, info() {}, warn: (message) => warned.push(message), error() {}, child: () => log }
  const mining = openMinePool({ workerUrl, measureMs: 2, log, ...options })
  pool = mining
  return { mining, warned }
}

function next<K extends keyof SearchEvents>(from: SearchPool, name: K): Promise<SearchEvents[K]> {
  return new Promise((resolve) => {
    const off = from.events.on(name, (event) => {
      off()
      resolve(event)
    })
  })
}

describe('the choice of a kernel', () => {
  it('falls on the fastest that runs here, and is remembered', async () => {
    const files = new MemoryFiles()
    const { mining } = open({ measureAtOnce: true, version: '1', remember: { files, path: PATH } })
    expect(mining.kernels()).toEqual([{ name: 'typescript', hashRate: null, chosen: true }])
    const { name } = await next(mining, 'kernel')
    const kernels = mining.kernels()
    expect(kernels.map((kernel) => kernel.name)).toEqual(expect.arrayContaining(['typescript', 'wasm', 'wasm-simd']))
    const rates = kernels.map(({ hashRate }) => hashRate ?? 0)
    expect(rates).toEqual([...rates].sort((a, b) => a - b))
    expect(rates[0]).toBeGreaterThan(0)
    expect(kernels.filter(({ chosen }) => chosen)).toEqual([kernels.at(-1)])
    expect([name, mining.kernel]).toEqual([kernels.at(-1)?.name, name])
    expect(JSON.parse(files.text(PATH))).toMatchObject({ rates: { typescript: expect.any(Number) } })
  })

  it('is that of the last run while machine and version are the same', async () => {
    const files = new MemoryFiles()
    const remember = { files, path: PATH }
    const first = open({ measureAtOnce: true, version: '1', remember })
    await next(first.mining, 'kernel')
    const { machine, rates } = JSON.parse(files.text(PATH))
    await first.mining.close()
    // It believes what it reads, so that what it reads shows that it did not measure.
    const odd = JSON.stringify({ machine, rates: { ...rates, typescript: 1e15 } })
    await files.write(PATH, new TextEncoder().encode(odd))
    const second = open({ measureAtOnce: true, version: '1', remember })
    expect(await next(second.mining, 'kernel')).toEqual({ name: 'typescript' })
    expect(files.text(PATH)).toBe(odd)
    await second.mining.close()
    const third = open({ measureAtOnce: true, version: '2', remember })
    expect((await next(third.mining, 'kernel')).name).not.toBe('typescript')
    expect(files.text(PATH)).not.toBe(odd)
  })

  it('is made anew when what was remembered is broken, and without what cannot be read or written', async () => {
    const files = new MemoryFiles()
    await files.write(PATH, new TextEncoder().encode('{"machine":'))
    const { mining } = open({ measureAtOnce: true, remember: { files, path: PATH } })
    await next(mining, 'kernel')
    expect(mining.kernels().length).toBeGreaterThanOrEqual(3)
    expect(JSON.parse(files.text(PATH))).toHaveProperty('rates')
    await mining.close()

    const broken = {
      ...files,
      read: () => Promise.reject(new Error('a bad disk')),
      write: () => Promise.reject(new Error('a full disk')),
    } as unknown as MemoryFiles
    const other = open({ measureAtOnce: true, remember: { files: broken, path: PATH } })
    await next(other.mining, 'kernel')
    expect(other.mining.kernels().length).toBeGreaterThanOrEqual(3)
    expect(other.warned).toEqual(['the rates of the mining kernels could not be read', 'the rates of the mining kernels could not be remembered'])
  })

  it('is made when threads are wanted, if not before; they wait for it', async () => {
    const { mining } = open({ workerUrl: fakeWorker(THREE) })
    mining.search({ id: 1, header, target: header.subarray(0, 32) })
    expect(mining.kernels()).toHaveLength(1)
    const tried = next(mining, 'tried')
    mining.setThreads(1)
    expect(await tried).toEqual({ job: 1, count: 'wasm-simd'.length })
    expect(mining.kernel).toBe('wasm-simd')
  })

  it('never falls on a kernel that gave a wrong answer, also when it is asked for', async () => {
    const { mining, warned } = open({ workerUrl: fakeWorker(THREE), measureAtOnce: true })
    expect(await next(mining, 'kernel')).toEqual({ name: 'wasm-simd' })
    mining.setKernel('native-sha')
    expect(mining.kernel).toBe('wasm-simd')
    expect(mining.kernels()).toEqual([
      { name: 'native-sha', hashRate: null, chosen: false },
      { name: 'typescript', hashRate: 10, chosen: false },
      { name: 'wasm-simd', hashRate: 30, chosen: true },
    ])
    expect(warned).toEqual(['native-sha lies', 'the kernel native-sha does not run here, so the fastest is taken'])
  })

  it('is a person’s, who can take any that runs here and leave it to the machine again', async () => {
    const { mining, warned } = open({ workerUrl: fakeWorker(THREE) })
    // Before anything is known of the machine.
    mining.setKernel('typescript')
    mining.search({ id: 1, header, target: header.subarray(0, 32) })
    mining.setThreads(1)
    expect(await next(mining, 'kernel')).toEqual({ name: 'typescript' })
    expect(await next(mining, 'tried')).toEqual({ job: 1, count: 'typescript'.length })
    const tried = next(mining, 'tried')
    mining.setKernel('auto')
    expect(await tried).toEqual({ job: 1, count: 'wasm-simd'.length })
    mining.setKernel('typescript')
    expect(mining.kernels().find(({ chosen }) => chosen)?.name).toBe('typescript')
    mining.setKernel('native-avx512')
    expect(mining.kernel).toBe('wasm-simd')
    expect(warned).toEqual(['native-sha lies', 'the kernel native-avx512 does not run here, so the fastest is taken'])
  })

  it('is made without the native addon when that breaks the thread, and is what always runs when every thread breaks', async () => {
    const picky = fakeWorker(`if (workerData.nativeAddon) throw new Error('illegal instruction'); ${THREE}`)
    const { mining, warned } = open({ workerUrl: picky, nativeAddon: '/no/such/addon.node', measureAtOnce: true })
    expect(await next(mining, 'kernel')).toEqual({ name: 'wasm-simd' })
    expect(warned[0]).toBe('the mining kernels could not be measured')
    await mining.close()
    const broken = open({ workerUrl: fakeWorker('process.exit(1)'), measureAtOnce: true })
    expect(await next(broken.mining, 'kernel')).toEqual({ name: 'typescript' })
    expect(broken.mining.kernels()).toEqual([{ name: 'typescript', hashRate: null, chosen: true }])
  })

  it('goes on without the native addon when that cannot be loaded', async () => {
    const { mining, warned } = open({ nativeAddon: '/no/such/addon.node', measureAtOnce: true })
    await next(mining, 'kernel')
    expect(mining.kernels()).toHaveLength(3)
    expect(warned).toHaveLength(1)
    expect(warned[0]).toContain('the native addon cannot be loaded')
  })
})

describe('a thread', () => {
  it('finds the same hit with every kernel that it is told to take', async () => {
    const { mining } = open()
    const target = new Uint8Array(32).fill(0xff, 1)
    mining.setThreads(1)
    await next(mining, 'kernel')
    const hits = new Set<bigint>()
    for (const [id, { name }] of mining.kernels().entries()) {
      mining.setKernel(name)
      expect(mining.kernel).toBe(name)
      const hit = next(mining, 'hit')
      mining.search({ id, header, target })
      hits.add((await hit).nonce)
    }
    expect(hits.size).toBe(1)
    expect(KERNEL_NAMES).toEqual(expect.arrayContaining(mining.kernels().map(({ name }) => name)))
  })

  it('tells of a hit on earlier work as of that work, also when it comes after there is other work', async () => {
    // Answers a job with a hit on the one before it, and then with one on the job itself.
    const code = `
      import { parentPort, workerData } from 'node:worker_threads'
      let last
      parentPort.on('message', ({ search }) => {
        if (workerData.task === 'choose') { ${THREE} }
        else if (search) {
          if (last !== undefined) parentPort.postMessage({ type: 'hit', job: last, nonce: 1n })
          parentPort.postMessage({ type: 'hit', job: search.job, nonce: 2n })
          last = search.job
        }
      })`
    const { mining } = open({ workerUrl: new URL(`data:text/javascript,${encodeURIComponent(code)}`) })
    mining.setThreads(1)
    await next(mining, 'kernel')
    const hits: SearchEvents['hit'][] = []
    const three = new Promise<void>((resolve) => {
      mining.events.on('hit', (hit) => {
        if (hits.push(hit) === 3) resolve()
      })
    })
    mining.search({ id: 5, header, target: header.subarray(0, 32) })
    mining.search({ id: 6, header, target: header.subarray(0, 32) })
    await three
    expect(hits).toEqual([
      { job: 5, nonce: 2n },
      { job: 5, nonce: 1n },
      { job: 6, nonce: 2n },
    ])
  })

  it('takes the next best kernel when it cannot run the one that was chosen, and says so', async () => {
    const data: MiningThreadData = { task: 'search', nativeAddon: undefined }
    const worker = new Worker(workerUrl, { workerData: data })
    try {
      const told: FromMiningThread[] = []
      const hit = new Promise<void>((resolve) => {
        worker.on('message', (message: FromMiningThread) => {
          told.push(message)
          if (message.type === 'hit') resolve()
        })
      })
      const message: ToMiningThread = {
        kernel: 'native-neon',
        intensity: 100,
        search: { job: 4, header, target: new Uint8Array(32).fill(0xff), first: 0, stride: 1 },
      }
      worker.postMessage(message)
      worker.postMessage(message)
      await hit
      expect(told.filter(({ type }) => type !== 'tried')).toEqual([
        { type: 'fell-back', wanted: 'native-neon', to: 'wasm-simd' },
        { type: 'hit', job: 4, nonce: 0n },
      ])
    } finally {
      await worker.terminate()
    }
  })

  it('works no less than one percent of the time, and no more than all of it', async () => {
    const code = `
      import { parentPort, workerData } from 'node:worker_threads'
      parentPort.on('message', ({ search, intensity }) => {
        if (workerData.task === 'choose') { ${THREE} }
        else if (search) parentPort.postMessage({ type: 'tried', job: search.job, count: intensity })
      })`
    const { mining } = open({ workerUrl: new URL(`data:text/javascript,${encodeURIComponent(code)}`) })
    mining.setThreads(1)
    await next(mining, 'kernel')
    mining.search({ id: 1, header, target: header.subarray(0, 32) })
    expect(await next(mining, 'tried')).toEqual({ job: 1, count: 100 })
    for (const [asked, told] of [
      [0, 1],
      [33.4, 33],
      [250, 100],
    ] as const) {
      const tried = next(mining, 'tried')
      mining.setIntensity(asked)
      expect(await tried).toEqual({ job: 1, count: told })
    }
  })
})
