import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { publicKeyOf, sign, verifySignature } from '../consensus/signature.ts'
import type { SignatureJob } from '../consensus/types.ts'
import { layoutFrom } from '../server/layout.ts'
import { bigIntToBytes, concatBytes } from '../util/bytes.ts'
import { openNativeVerifier } from './native-verify.ts'
import { TINY, verifyWithTiny } from './tiny-verify.ts'
import { openInlineVerifier } from './verify-inline.ts'
import { openVerifyPool } from './verify-pool.ts'

const WORKER = new URL('./workers/verify.ts', import.meta.url)
const { nativeAddon } = layoutFrom(new URL('../main/index.ts', import.meta.url).href)
const P = 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2fn
const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

function jobOf(seed: number): SignatureJob {
  const secret = bigIntToBytes(BigInt(seed) * 7919n + 1n, 32)
  const message = new Uint8Array(32).fill(seed & 0xff)
  return { publicKey: publicKeyOf(secret), message, signature: sign(message, secret) }
}
const withSignature = (job: SignatureJob, r: bigint | undefined, s: bigint | undefined): SignatureJob => ({
  ...job,
  signature: concatBytes(
    r === undefined ? job.signature.subarray(0, 32) : bigIntToBytes(r, 32),
    s === undefined ? job.signature.subarray(32) : bigIntToBytes(s, 32),
  ),
})
function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const out = bytes.slice()
  out[bit >> 3] = (out[bit >> 3] ?? 0) ^ (1 << (bit & 7))
  return out
}

/** Good ones, and whatever is at an edge of the field, the group or the layout. */
function edgeCases(): SignatureJob[] {
  const good = jobOf(5)
  const values = [0n, 1n, N - 1n, N, N + 1n, P - 1n, P, P + 1n, (1n << 256n) - 1n]
  const jobs: SignatureJob[] = [good]
  for (const value of values) {
    jobs.push(withSignature(good, value, undefined), withSignature(good, undefined, value), withSignature(good, value, value))
    jobs.push({ ...good, publicKey: bigIntToBytes(value, 32) }, { ...good, message: bigIntToBytes(value, 32) })
  }
  // x = 5 is on no point of the curve; x = 4 is.
  jobs.push({ ...good, publicKey: bigIntToBytes(5n, 32) }, { ...good, publicKey: bigIntToBytes(4n, 32) })
  const s = BigInt(`0x${Buffer.from(good.signature.subarray(32)).toString('hex')}`)
  jobs.push(withSignature(good, undefined, N - s))
  if (s + N < 1n << 256n) jobs.push(withSignature(good, undefined, s + N))
  for (let bit = 0; bit < 512; bit += 37) jobs.push({ ...good, signature: flipped(good.signature, bit) })
  for (let bit = 0; bit < 256; bit += 41) jobs.push({ ...good, publicKey: flipped(good.publicKey, bit) }, { ...good, message: flipped(good.message, bit) })
  for (let seed = 1; seed <= 12; seed++) jobs.push(jobOf(seed))
  return jobs
}
const misshapen: SignatureJob[] = [
  { ...jobOf(9), publicKey: new Uint8Array(33) },
  { ...jobOf(9), publicKey: new Uint8Array() },
  { ...jobOf(9), message: new Uint8Array(31) },
  { ...jobOf(9), signature: new Uint8Array(65) },
  { ...jobOf(9), signature: jobOf(9).signature.subarray(0, 63) },
]

describe('tiny-secp256k1', () => {
  it('agrees with noble on every edge case', () => {
    const jobs = edgeCases()
    expect(jobs.map(verifyWithTiny)).toEqual(jobs.map(verifySignature))
    expect(jobs.filter(verifyWithTiny).length).toBe(13)
  })

  it('agrees with noble on wrong lengths', () => {
    expect(misshapen.filter((job) => job.message.length === 32).map(verifyWithTiny)).toEqual([false, false, false, false])
  })
})

describe.each([
  ['inline', () => openInlineVerifier()],
  ['pool of 1', () => openVerifyPool({ workerUrl: WORKER, threads: 1 })],
  ['pool of 3', () => openVerifyPool({ workerUrl: WORKER, threads: 3 })],
  ['pool of 2 with the native addon, where it was built', () => openVerifyPool({ workerUrl: WORKER, threads: 2, nativeAddon })],
])('%s verifier', (_name, open) => {
  it('answers each job in order, as noble does', async () => {
    const verifier = open()
    const jobs = [...edgeCases(), ...misshapen, ...edgeCases()]
    const wanted = [...edgeCases().map(verifySignature), ...misshapen.map(() => false), ...edgeCases().map(verifySignature)]
    expect(await verifier.verify(jobs)).toEqual(wanted)
    expect(await verifier.verify([])).toEqual([])
    const overlapping = await Promise.all([verifier.verify([jobOf(1)]), verifier.verify(misshapen), verifier.verify([jobOf(2), jobOf(3)])])
    expect(overlapping).toEqual([[true], misshapen.map(() => false), [true, true]])
    await verifier.close()
  })
})

describe('verifier pool', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cheese-worker-'))
  })
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true })
  })
  const workerOf = async (name: string, source: string): Promise<URL> => {
    const path = join(folder, name)
    await writeFile(path, source)
    return pathToFileURL(path)
  }
  const jobs = [jobOf(1), { ...jobOf(2), message: new Uint8Array(32) }, jobOf(3)]

  it('says what verifies', async () => {
    for (const [addon, name] of [
      [undefined, TINY],
      ['/nowhere/cheese.node', TINY],
      [nativeAddon, openNativeVerifier(nativeAddon)?.name ?? TINY],
    ]) {
      const verifier = openVerifyPool({ workerUrl: WORKER, threads: 1, nativeAddon: addon })
      expect(verifier.name).toBe(name)
      await verifier.close()
    }
  })

  it('has the next message lie there before a thread is through with one', async () => {
    // Answers one only when it has the next.
    const url = await workerOf(
      'ahead.mjs',
      `import { parentPort } from 'node:worker_threads'
       let before
       parentPort.on('message', (packed) => {
         if (before) for (const { length } of [before, packed]) parentPort.postMessage({ good: new Uint8Array(length / 128).fill(1), ms: 1 })
         before = before ? undefined : packed
       })`,
    )
    const verifier = openVerifyPool({ workerUrl: url, threads: 1 })
    const many = Array.from({ length: 80 }, (_, i) => jobs[i % 3] as SignatureJob)
    expect(await verifier.verify(many)).toEqual(many.map(() => true))
    await verifier.close()
  })

  it('starts another thread for one that dies, and finishes the job', async () => {
    // Dies at its first message, unless another has died before it.
    const marker = JSON.stringify(join(folder, 'died'))
    const url = await workerOf(
      'once.mjs',
      `import { parentPort } from 'node:worker_threads'
       import { existsSync, writeFileSync } from 'node:fs'
       parentPort.on('message', (packed) => {
         if (!existsSync(${marker})) { writeFileSync(${marker}, ''); process.exit(1) }
         parentPort.postMessage({ good: new Uint8Array(packed.length / 128).fill(1), ms: 1 })
       })`,
    )
    const verifier = openVerifyPool({ workerUrl: url, threads: 1 })
    // All good: the answer came from the second thread and not from the caller's.
    expect(await verifier.verify(jobs)).toEqual([true, true, true])
    await verifier.close()
  })

  it('does the work itself when they cannot live', async () => {
    for (const source of [
      'throw new Error("never starts")',
      `import { parentPort } from 'node:worker_threads'; parentPort.on('message', () => process.exit(1))`,
    ]) {
      const verifier = openVerifyPool({ workerUrl: await workerOf('never.mjs', source), threads: 2 })
      expect(await verifier.verify(jobs)).toEqual([true, false, true])
      expect(await verifier.verify(jobs)).toEqual([true, false, true])
      await verifier.close()
    }
  })

  it('rejects what still waits when it is closed', async () => {
    const verifier = openVerifyPool({
      workerUrl: await workerOf('idle.mjs', `import { parentPort } from 'node:worker_threads'; parentPort.on('message', () => {})`),
      threads: 1,
    })
    const answer = verifier.verify(jobs)
    const rejected = expect(answer).rejects.toThrow('closed')
    await verifier.close()
    await rejected
  })
})
