import type { Clock } from '../util/ports.ts'

/** Longest delay that timers keep to (2^31 - 1 ms, about 25 days); longer ones are cut to it. */
const MAX_DELAY = 0x7fffffff

/** The machine's own clock. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, fn) {
    const timer = setTimeout(fn, Math.min(Math.max(0, ms), MAX_DELAY))
    timer.unref()
    return () => clearTimeout(timer)
  },
}
