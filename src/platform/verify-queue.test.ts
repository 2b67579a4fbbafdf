import { describe, expect, it } from 'vitest'
import type { SignatureJob } from '../consensus/types.ts'
import { Batch, MessageSize, packChunks, takeTogether } from './verify-queue.ts'

const jobs = (count: number): SignatureJob[] =>
  Array.from({ length: count }, (_, i) => ({
    publicKey: new Uint8Array(32).fill(i),
    message: new Uint8Array(32).fill(100 + i),
    signature: new Uint8Array(64).fill(200 + i),
  }))

describe('the jobs of one call', () => {
  it('are cut into chunks, packed one after the other, and answered in order', async () => {
    const batch = new Batch(jobs(5))
    const chunks = batch.chunks(2)
    expect(chunks.map(({ from, count }) => [from, count])).toEqual([
      [0, 2],
      [2, 2],
      [4, 1],
    ])
    expect([...packChunks(chunks.slice(1))].filter((_, i) => i % 32 === 0)).toEqual([2, 102, 202, 202, 3, 103, 203, 203, 4, 104, 204, 204])
    // The last chunk first, out of the middle of a message.
    for (const [i, at] of [
      [2, 1],
      [0, 0],
      [1, 0],
    ] as const)
      batch.answer(chunks[i] as (typeof chunks)[number], Uint8Array.of(0, 1), at)
    expect(await batch.answers).toEqual([false, true, false, true, true])
  })

  it('are no good when a field has another length, whatever a thread says', async () => {
    const [first, second] = jobs(2) as [SignatureJob, SignatureJob]
    const batch = new Batch([{ ...first, signature: new Uint8Array(65) }, second])
    const [chunk] = batch.chunks(2)
    if (!chunk) throw new Error('there is one')
    expect(packChunks([chunk]).subarray(0, 128)).toEqual(new Uint8Array(128))
    batch.answer(chunk, Uint8Array.of(1, 1), 0)
    expect(await batch.answers).toEqual([false, true])
  })

  it('go to a thread together up to the size of a message, but not with a chunk that a thread died over', () => {
    const waiting = [3, 4, 4, 9, 2].flatMap((count) => new Batch(jobs(count)).chunks(count))
    const sizes = () => takeTogether(waiting, 8).map(({ count }) => count)
    expect([sizes(), sizes(), sizes(), sizes(), sizes()]).toEqual([[3, 4], [4], [9], [2], []])
    const [first, second, third] = [1, 1, 1].flatMap((count) => new Batch(jobs(count)).chunks(count))
    if (!first || !second || !third) throw new Error('there are three')
    second.tries = 1
    const all = [first, second, third]
    expect([takeTogether(all, 8), takeTogether(all, 8), takeTogether(all, 8)]).toEqual([[first], [second], [third]])
  })
})

describe('the size of a message', () => {
  it('is some milliseconds of work, at the rate that the threads show', () => {
    const size = new MessageSize(false)
    const learn = (perMs: number) => {
      for (let i = 0; i < 50; i++) size.took(100, 100 / perMs)
      return size.jobs
    }
    expect(new MessageSize(true).jobs).toBeGreaterThan(3 * size.jobs)
    expect(learn(10)).toBe(80)
    expect(learn(40)).toBe(320)
    expect(learn(0.01)).toBe(16)
    expect(learn(1_000_000)).toBe(1024)
  })

  it('does not learn from a few signatures', () => {
    const size = new MessageSize(true)
    const before = size.jobs
    for (let i = 0; i < 50; i++) size.took(3, 100)
    expect(size.jobs).toBe(before)
  })
})
