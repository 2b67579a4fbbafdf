/** A real member (TLS, LevelDB, worker threads) for benches, and how its main loop fares. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Member } from '../../src/member/member.ts'
import { consoleLogger } from '../../src/platform/logger.ts'
import { layoutFrom } from '../../src/server/layout.ts'

const { workers, version, nativeAddon } = layoutFrom(new URL('../../src/main/index.ts', import.meta.url).href)
const PASSPHRASE = 'a good long passphrase'

/** What verifies signatures, as the member starts it. */
export const verifying = { workerUrl: workers.verify, nativeAddon }

/** What searches nonces, as the member starts it. */
export const mining = { workerUrl: workers.mine, nativeAddon, version }

/** Opens a member on regtest at a free port of loopback. */
export function openMember(dataDir: string, options: { readonly wallet?: boolean } = {}): Promise<Member> {
  return Member.open({
    network: 'regtest',
    dataDir,
    listen: '127.0.0.1:0',
    trackers: [],
    peers: [],
    paceSeconds: 0,
    workers,
    nativeAddon,
    version,
    log: consoleLogger(process.env.BENCH_LOG === '1' ? 'debug' : 'warn', (line) => process.stderr.write(line)),
    ...(options.wallet ? { passphrase: PASSPHRASE, init: true } : {}),
  })
}

/** Delay of the event loop, milliseconds. */
export interface LoopDelay {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** Watches this process's event loop until it is stopped. */
export function watchLoop(): () => LoopDelay {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  return () => {
    delay.disable()
    const ms = (nanoseconds: number) => nanoseconds / 1e6
    return { p50: ms(delay.percentile(50)), p99: ms(delay.percentile(99)), max: ms(delay.max) }
  }
}

/** Waits until `condition` holds; looks twenty times a second. */
export async function until(what: string, withinMs: number, condition: () => Promise<boolean> | boolean): Promise<void> {
  const end = Date.now() + withinMs
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
