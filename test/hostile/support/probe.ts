/**
 * Loaded into the victim's process before anything else (`node --import`), and asked over its IPC line: how long its main
 * loop was held up, and what memory it holds.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { isMainThread } from 'node:worker_threads'
import type { Measure } from './victim.ts'

const TICK_MS = 10
const MEBI = 1_048_576

const delay = monitorEventLoopDelay({ resolution: TICK_MS })

let longestTurn = 0
let peakRss = 0
let before = process.threadCpuUsage()

/** Processor time of this thread between two looks: what one turn of the loop took, whatever else the machine was busy with. */
function look(): void {
  const { user, system } = process.threadCpuUsage(before)
  before = process.threadCpuUsage()
  longestTurn = Math.max(longestTurn, (user + system) / 1000)
  peakRss = Math.max(peakRss, process.memoryUsage.rss())
  setTimeout(look, TICK_MS).unref()
}

function collect(): void {
  for (let i = 0; i < 2; i++) globalThis.gc?.()
}

function answer(ask: unknown): void {
  // What was held up by the collection that is asked for here is nobody's fault.
  const turn = longestTurn
  const p99 = delay.percentile(99) / 1e6
  const peak = peakRss
  collect()
  const { heapUsed, external, rss } = process.memoryUsage()
  const measure: Measure = {
    longestTurnMs: turn,
    delayP99Ms: Number.isFinite(p99) ? p99 : 0,
    heldMiB: (heapUsed + external) / MEBI,
    peakRssMiB: peak / MEBI,
  }
  if (ask === 'begin') {
    longestTurn = 0
    peakRss = rss
    delay.reset()
    before = process.threadCpuUsage()
  }
  process.send?.(measure)
}

// Worker threads load it, too.
if (isMainThread) {
  delay.enable()
  look()
  process.on('message', answer)
  // The line must not keep the member from ending.
  process.channel?.unref()
}
