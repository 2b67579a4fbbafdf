import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { MachineFacts, MachinePort } from '../util/machine.ts'

export interface NodeMachineOptions {
  /** Where Linux tells of power supplies and of what the processor draws; another folder in tests. */
  readonly sysClass?: string
  readonly now?: () => number
}

/** How exactly the event loop's delay is measured. */
const RESOLUTION_MS = 10
/** Batteries are asked so often: some answer slowly. */
const POWER_MS = 5_000

/**
 * The machine as plain Node sees it. On battery is known on Linux alone; that nobody uses it, nowhere. In Electron main/machine.ts
 * knows better.
 */
export function nodeMachine({ sysClass = '/sys/class', now = () => performance.now() }: NodeMachineOptions = {}): MachinePort {
  const onLinux = process.platform === 'linux'
  const gaps = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  let before = NO_GAPS
  const meter = new EnergyMeter(join(sysClass, 'powercap'), now)
  let onBattery = false
  let askedAt = Number.NEGATIVE_INFINITY
  return {
    knowsIdle: false,
    watch() {
      gaps.enable()
      return () => {
        gaps.disable()
        gaps.reset()
        before = NO_GAPS
      }
    },
    async facts(): Promise<MachineFacts> {
      // Without a reset in between: the gap that this is called in would be lost, and it may be the longest.
      const sums = sumsOf(gaps)
      const waitMs = meanWait({ length: sums.length - before.length, squares: sums.squares - before.squares })
      before = sums
      if (onLinux && now() - askedAt >= POWER_MS) {
        askedAt = now()
        onBattery = await isOnBattery(join(sysClass, 'power_supply'))
      }
      return { onBattery, idleSeconds: undefined, waitMs, watts: onLinux ? await meter.watts() : undefined }
    },
  }
}

/** Of the gaps between two turns of the event loop: the sum of their lengths, nanoseconds, and of the squares of these. */
interface Gaps {
  readonly length: number
  readonly squares: number
}

const NO_GAPS: Gaps = { length: 0, squares: 0 }

function sumsOf({ count, mean, stddev }: { readonly count: number; readonly mean: number; readonly stddev: number }): Gaps {
  return count === 0 ? NO_GAPS : { length: count * mean, squares: count * (mean ** 2 + stddev ** 2) }
}

/**
 * What somebody who comes at a random moment waits on average, milliseconds: half the length of the gap that they come in, and long gaps
 * are come upon more often. Gaps as short as the measuring itself makes them are no wait.
 */
export function meanWait({ length, squares }: Gaps): number {
  const wait = length > 0 ? squares / (2 * length) / 1e6 - RESOLUTION_MS / 2 : 0
  return Math.max(0, wait)
}

async function text(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch {
    return undefined
  }
}

async function names(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => [])
}

/** Whether no mains supply is plugged in; where none is listed, whether a battery of the machine itself is being emptied. */
async function isOnBattery(folder: string): Promise<boolean> {
  let mains: boolean | undefined
  let emptied = false
  for (const name of await names(folder)) {
    const [type, online, status, scope] = await Promise.all(['type', 'online', 'status', 'scope'].map((file) => text(join(folder, name, file))))
    if ((type === 'Mains' || type === 'USB') && online !== undefined) mains = mains === true || online === '1'
    // A mouse has a battery too.
    if (type === 'Battery' && scope !== 'Device' && status === 'Discharging') emptied = true
  }
  return mains === false ? emptied : mains === undefined && emptied
}

/** What the processor's own meters (Intel's and AMD's RAPL) counted between two looks. They are often for root alone. */
class EnergyMeter {
  readonly #folder: string
  readonly #now: () => number
  #last: { readonly at: number; readonly microjoules: number } | undefined
  #packages: string[] | undefined

  constructor(folder: string, now: () => number) {
    this.#folder = folder
    this.#now = now
  }

  async watts(): Promise<number | undefined> {
    this.#packages ??= (await names(this.#folder)).filter((name) => /^intel-rapl:[0-9]+$/.test(name))
    if (this.#packages.length === 0) return undefined
    const read = await Promise.all(this.#packages.map((name) => text(join(this.#folder, name, 'energy_uj'))))
    if (read.some((one) => one === undefined || !/^[0-9]+$/.test(one))) {
      this.#packages = []
      return undefined
    }
    const [last, at] = [this.#last, this.#now()]
    const microjoules = read.reduce((sum, one) => sum + Number(one), 0)
    this.#last = { at, microjoules }
    // The counters begin again at zero now and then.
    return last && at > last.at && microjoules >= last.microjoules ? (microjoules - last.microjoules) / (1000 * (at - last.at)) : undefined
  }
}
