import type { MemberEvent, Status } from '../schemas.ts'
import type { MemberService } from '../service.ts'

/** A status of a member that does nothing. */
export const idleStatus: Status = {
  network: 'regtest',
  version: '0.0.0',
  height: 7,
  tip: '00ff',
  work: '2048',
  syncing: false,
  sync: {
    stage: 'alone',
    height: 7,
    bestHeight: 7,
    claimedHeight: null,
    headersPerSecond: null,
    cheesesPerSecond: null,
    transfersPerSecond: null,
    bytesPerSecond: null,
    secondsLeft: null,
    progress: null,
    setback: null,
    servers: [],
  },
  peers: 0,
  mempool: 0,
  mining: {
    on: false,
    threads: 1,
    maxThreads: 2,
    hashRate: 0,
    hashRate10m: 0,
    found: 0,
    stale: 0,
    tries: 0,
    staleTries: 0,
    expectedSeconds: null,
    chanceNextHour: null,
    luck: { found: 0, expected: 0, since: 0 },
    kernel: 'fake',
    kernels: [{ name: 'fake', hashRate: null, chosen: true }],
    kernelChoice: 'auto',
    intensity: 100,
    resting: null,
    mineOnBattery: false,
    onlyWhenIdle: false,
    idleMinutes: 5,
    knowsIdle: false,
    autoStart: false,
    consented: false,
    energy: null,
    address: null,
  },
  balance: { spendable: '150000000', ripening: '0', pending: '1' },
  address: 'rcheese1me',
  nickname: 'Alice',
  wallet: 'locked',
  memberId: 'ab',
  listen: '127.0.0.1:1',
  reachable: null,
  reach: {
    verdict: 'unknown',
    words: 'Nobody has tried yet whether you can be reached.',
    repair: null,
    checkedAt: null,
    basis: null,
    mapping: { state: 'off', by: null, external: null, error: null },
    lan: { on: false, found: 0 },
    proxy: null,
  },
  alone: null,
  tracker: { hosting: null, joined: [] },
  problems: [],
  dataDir: '/nowhere',
  verifier: 'fake',
}

type Overrides = { readonly [K in keyof MemberService]?: MemberService[K] extends (...args: never[]) => unknown ? MemberService[K] : Partial<MemberService[K]> }

/** A `MemberService` whose every call but those in `overrides` is a bug. */
export function fakeService(overrides: Overrides = {}): MemberService {
  const missing = (path: string) =>
    new Proxy(() => undefined, {
      get: (_target, key) => missing(`${path}.${String(key)}`),
      apply: () => Promise.reject(new Error(`the fake has no ${path}`)),
    })
  const part = (given: object | undefined, path: string): unknown =>
    new Proxy(given ?? {}, { get: (target, key) => (key in target ? Reflect.get(target, key) : missing(`${path}.${String(key)}`)) })
  const whole: Record<string, unknown> = { status: async () => idleStatus, balance: async () => idleStatus.balance, ...overrides }
  for (const name of ['wallet', 'contacts', 'peers', 'mining', 'stack', 'tracker']) whole[name] = part(whole[name] as object | undefined, name)
  return part(whole, 'service') as MemberService
}

/** Events that tell one status and then wait for `signal`. */
export async function* oneStatus(signal: AbortSignal | undefined): AsyncIterable<MemberEvent> {
  yield { type: 'status', status: idleStatus }
  if (signal?.aborted === true) return
  await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }))
}
