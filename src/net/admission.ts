import { type BucketRate, TokenBucket, TokenBuckets } from '../util/bucket.ts'
import { isLoopback, parseIp } from '../util/ip.ts'
import type { Clock } from '../util/ports.ts'
import { addressGroup, addressOwner } from './address-group.ts'

/** Connections that may be tried, at once and a second: by one address, by one group of addresses and by everybody. */
const ATTEMPTS = {
  address: { burst: 16, perSecond: 1 / 10 },
  group: { burst: 64, perSecond: 1 },
  all: { burst: 300, perSecond: 30 },
} as const satisfies Readonly<Record<string, BucketRate>>
const MAX_ADDRESSES = 4_096
const MAX_GROUPS = 1_024

export interface AdmissionOptions {
  readonly clock: Clock
  /** Connections that came in from one address, and from one group of addresses, at most. */
  readonly perAddress: number
  readonly perGroup: number
  /** Regtest: everybody shares one address, and connects as often as he likes. */
  readonly relaxed: boolean
}

/** Who may knock how often, so that no part of the internet keeps the others out. This machine is not counted. */
export class Admission {
  readonly #options: AdmissionOptions
  readonly #byAddress: TokenBuckets
  readonly #byGroup: TokenBuckets
  readonly #all: TokenBucket

  constructor(options: AdmissionOptions) {
    const { clock } = options
    this.#options = options
    this.#byAddress = new TokenBuckets(clock, ATTEMPTS.address, MAX_ADDRESSES)
    this.#byGroup = new TokenBuckets(clock, ATTEMPTS.group, MAX_GROUPS)
    this.#all = new TokenBucket(clock, ATTEMPTS.all.burst, ATTEMPTS.all.perSecond)
  }

  /** Whether one more may come from there. `hosts`: where the connections that came in, and exist, come from. */
  hasRoom(host: string, hosts: Iterable<string>): boolean {
    if (this.#isFree(host)) return true
    const [owner, group] = [addressOwner(host), addressGroup(host)]
    let [fromAddress, fromGroup] = [0, 0]
    for (const other of hosts) {
      if (addressOwner(other) === owner) fromAddress++
      if (group !== undefined && addressGroup(other) === group) fromGroup++
    }
    return fromAddress < this.#options.perAddress && fromGroup < this.#options.perGroup
  }

  /** Whether another attempt may come from there now; if so, it is counted. */
  mayTry(host: string): boolean {
    if (this.#isFree(host)) return true
    // Asked one after the other, so that one address cannot use up what the others have.
    if (!this.#byAddress.take(addressOwner(host))) return false
    const group = addressGroup(host)
    return (group === undefined || this.#byGroup.take(group)) && this.#all.take()
  }

  #isFree(host: string): boolean {
    const ip = parseIp(host)
    return this.#options.relaxed || (ip !== undefined && isLoopback(ip))
  }
}
