import { arch, availableParallelism, cpus, platform } from 'node:os'
import type { Kernel, KernelName } from '../../mining/kernel.ts'
import { fromHex } from '../../util/bytes.ts'
import type { FromChoosingThread, ToChoosingThread } from '../mine-messages.ts'
import { kernelsHere } from './kernels.ts'

type Measured = FromChoosingThread['kernels'][number]

/** Checked before a kernel is trusted: a range of an odd length that passes from one high half of the nonce to the next, with its hits by node:crypto. */
export const KNOWN = {
  header: Uint8Array.from({ length: 116 }, (_, i) => (37 * i + 11) % 256),
  start: 0x7_ffff_fe00n,
  count: 1001,
  target: fromHex(`03${'5a'.repeat(31)}`),
  hits: [
    0x7_ffff_fe2an,
    0x7_ffff_fe31n,
    0x7_ffff_fe4an,
    0x7_ffff_ff89n,
    0x8_0000_0013n,
    0x8_0000_004an,
    0x8_0000_0062n,
    0x8_0000_0086n,
    0x8_0000_00b6n,
    0x8_0000_017dn,
    0x8_0000_01e2n,
    0x8_0000_01e7n,
  ],
} as const

/** A target that no smell meets in practice: the whole range is searched. */
const NEVER = new Uint8Array(32)
/** How long a kernel runs at most before it is believed that it gets no faster, in terms of the time it is measured for: the engine compiles while it runs. */
const PATIENCE = 8
const FASTER = 1.05
const FIRST_TRIES = 2_000
/** Slices that one measurement is made of. */
const SLICES = 5

/** Whether `kernel` finds just the hits of a range that is known. One that throws does not. */
export function passesCheck(kernel: Kernel): boolean {
  const { header, start, count, target, hits } = KNOWN
  try {
    const found: bigint[] = []
    for (let at = 0; at < count; ) {
      const hit = kernel.search(header, start + BigInt(at), count - at, target)
      if (hit === undefined) break
      found.push(hit)
      if (found.length > hits.length) return false
      at = Number(hit - start) + 1
    }
    return found.length === hits.length && hits.every((hit, i) => found[i] === hit) && kernel.search(header, start, count, NEVER) === undefined
  } catch {
    return false
  }
}

/**
 * Tries per second of one thread: the fastest of some slices, together about `ms` long, since whatever else the machine does makes
 * slices slower and never faster. Goes on as long as later ones are faster, for a few times as long at most.
 * @param now milliseconds
 */
export function measureKernel(kernel: Kernel, ms: number, now: () => number): number {
  const slice = ms / SLICES
  const begun = now()
  let best = 0
  let tries = FIRST_TRIES
  let start = 0n
  for (let settled = 0, from = begun; settled < SLICES && from - begun < PATIENCE * ms; from = now()) {
    kernel.search(KNOWN.header, start, tries, NEVER)
    start += BigInt(tries)
    const took = Math.max(0.001, now() - from)
    const rate = tries / took
    // A slice that was too short to be timed well does not count.
    if (took < slice / 2) {
      tries *= 2
      continue
    }
    settled = rate > FASTER * best ? 1 : settled + 1
    best = Math.max(best, rate)
  }
  return Math.round(1000 * best)
}

/**
 * Milliseconds that this thread has worked, where the system tells them exactly: then it does not matter what else the machine does
 * meanwhile. Elsewhere those of the clock.
 */
function threadTime(): number {
  if (process.platform !== 'linux' || !('threadCpuUsage' in process)) return performance.now()
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

/** What a measurement holds for: another processor, version or list of kernels asks for a new one. */
function machineKey(names: readonly KernelName[], version: string): string {
  return JSON.stringify([cpus()[0]?.model ?? '', availableParallelism(), platform(), arch(), version, process.versions.node, names])
}

/** The rates that were remembered for this very machine; undefined when there are none or they cannot be read. */
function readRemembered(text: string | undefined, machine: string): ReadonlyMap<string, number> | undefined {
  if (text === undefined) return undefined
  try {
    const { machine: measuredOn, rates } = JSON.parse(text) as { machine: unknown; rates: unknown }
    if (measuredOn !== machine || typeof rates !== 'object' || rates === null) return undefined
    return new Map(
      Object.entries(rates).filter((entry): entry is [string, number] => typeof entry[1] === 'number' && entry[1] > 0 && Number.isFinite(entry[1])),
    )
  } catch {
    return undefined
  }
}

/** Checks the kernels that run here, and measures them unless that is remembered. Takes twice `measureMs` a kernel, and a little more: for a worker thread. */
export function chooseKernels(
  { remembered, version, measureMs, nativeAddon }: ToChoosingThread & { readonly nativeAddon: string | undefined },
  { kernels, problems } = kernelsHere(nativeAddon),
  now: () => number = threadTime,
): FromChoosingThread {
  const good = kernels.filter(passesCheck)
  const wrong = kernels.filter((kernel) => !good.includes(kernel))
  const machine = machineKey(
    kernels.map(({ name }) => name),
    version,
  )
  const known = readRemembered(remembered, machine)
  const isKnown = known !== undefined && good.every(({ name }) => known.has(name))
  // Once over all of them first: meanwhile the engine compiles those that are not native.
  if (!isKnown) for (const kernel of good) measureKernel(kernel, measureMs, now)
  const measured = kernels.map((kernel): Measured => {
    if (!good.includes(kernel)) return { name: kernel.name, hashRate: null }
    return { name: kernel.name, hashRate: isKnown ? (known.get(kernel.name) ?? null) : measureKernel(kernel, measureMs, now) }
  })
  const rates = Object.fromEntries(measured.map(({ name, hashRate }) => [name, hashRate]))
  return {
    kernels: measured.sort((a, b) => (a.hashRate ?? 0) - (b.hashRate ?? 0)),
    remember: isKnown ? undefined : `${JSON.stringify({ machine, rates })}\n`,
    problems: [...problems, ...wrong.map(({ name }) => `the kernel ${name} gave a wrong answer and is not used`)],
  }
}
