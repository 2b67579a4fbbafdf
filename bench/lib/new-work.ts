/** How long threads that search one header take until they search the next one: what is left of the time from a new tip to new work. */
import type { SearchEvents, SearchPool } from '../../src/mining/pool.ts'

const NEVER = new Uint8Array(32)
const ANY_MOMENT_MS = 100
const ALWAYS = new Uint8Array(32).fill(0xff)

/** The next event of a kind that tells of the job. */
function next(pool: SearchPool, kind: 'hit' | 'tried', job: number): Promise<void> {
  return new Promise((resolve) => {
    const end = pool.events.on(kind, (event: SearchEvents['hit'] | SearchEvents['tried']) => {
      if (event.job !== job) return
      end()
      resolve()
    })
  })
}

/**
 * Milliseconds, `rounds` times: from handing over a header that every nonce hits, while all of the pool's threads search one
 * that none does, until the first hit is there.
 */
export async function newWorkTimes(pool: SearchPool, threads: number, rounds: number): Promise<number[]> {
  const times: number[] = []
  const header = new Uint8Array(116).fill(2)
  pool.setThreads(threads)
  for (let round = 1; round <= rounds; round++) {
    pool.search({ id: 2 * round, header, target: NEVER })
    // Until it is being searched for certain; and then at any moment, since threads tell between two slices of their work.
    await next(pool, 'tried', 2 * round)
    await new Promise((resolve) => setTimeout(resolve, ANY_MOMENT_MS * Math.random()))
    const hit = next(pool, 'hit', 2 * round + 1)
    const started = performance.now()
    pool.search({ id: 2 * round + 1, header, target: ALWAYS })
    await hit
    times.push(performance.now() - started)
  }
  return times
}
