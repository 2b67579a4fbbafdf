/** A thread of the mining pool (mine-pool.ts): searches its share of a header's nonces, some 20 ms at a time, so that new work reaches it in between. */
import { setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import { typescriptKernel } from '../../mining/search.ts'
import { NonceWalk } from '../../mining/walk.ts'
import type { FromMiningThread, ToMiningThread } from '../mine-messages.ts'

const SLICE_MS = 20
const REPORT_MS = 200
const FIRST_TRIES = 4_000
/** Where a thread cannot step back behind the others, it rests this long after each slice. */
const REST_MS = 1

const port = parentPort
if (!port) throw new Error('bug: this file runs as a worker thread')

const polite = stepBack()
let work: { readonly job: number; readonly walk: NonceWalk } | undefined
let scheduled = false
let tries = FIRST_TRIES
let unreported = 0
let reportedAt = 0

port.on('message', ({ search }: ToMiningThread) => {
  work = search === null ? undefined : { job: search.job, walk: new NonceWalk(typescriptKernel, search.header, search.target, search.first, search.stride) }
  if (work) schedule()
  else report()
})

function schedule(): void {
  if (scheduled) return
  scheduled = true
  if (polite) setImmediate(slice)
  else setTimeout(slice, REST_MS)
}

function slice(): void {
  scheduled = false
  if (!work) return
  const start = performance.now()
  const { tried, hit } = work.walk.step(tries)
  const end = performance.now()
  // Twice as many at most: the first slices run before the search is compiled.
  if (hit === undefined) tries = Math.max(1000, Math.min(2 * tries, Math.round((tried * SLICE_MS) / Math.max(0.01, end - start))))
  unreported += tried
  if (hit !== undefined || end - reportedAt >= REPORT_MS) report()
  if (hit === undefined) {
    schedule()
  } else {
    send({ type: 'hit', job: work.job, nonce: hit })
    work = undefined
  }
}

function report(): void {
  if (unreported > 0) send({ type: 'tried', count: unreported })
  unreported = 0
  reportedAt = performance.now()
}

function send(message: FromMiningThread): void {
  port?.postMessage(message)
}

/** Lets everything else on the machine go first. Linux alone counts priority by thread; elsewhere it would slow the whole process. */
function stepBack(): boolean {
  if (process.platform !== 'linux') return false
  try {
    setPriority(10)
    return true
  } catch {
    return false
  }
}
