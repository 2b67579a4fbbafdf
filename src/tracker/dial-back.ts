import { type Card, checkCard } from '../net/card.ts'
import type { NetworkVerifier } from '../net/identity.ts'
import { TokenBuckets } from '../util/bucket.ts'
import { equalBytes, fromHex } from '../util/bytes.ts'
import { parseIp } from '../util/ip.ts'
import type { Clock, Logger, Random } from '../util/ports.ts'
import type { Result } from '../util/result.ts'
import { addressKey, subnetKey } from './places.ts'
import { fromBase64 } from './protocol.ts'
import { type Entry, endpointText, type MemberTable } from './table.ts'

/** Whom to dial: an address observed by the tracker, and who should answer there. */
export interface DialBackTarget {
  readonly endpoint: { readonly host: string; readonly port: number }
  readonly memberId: string
  readonly blueSmell: Uint8Array
}

/** Dials a member, looks who answers and leaves again: the id that TLS proved and the card that its handshake showed. Must end by itself within seconds. */
export type DialBack = (target: DialBackTarget) => Promise<Result<{ readonly memberId: string; readonly card: Uint8Array }, { readonly message: string }>>

/** Lowest port that is dialled: below it are services that strangers must not make us knock at. */
const LOWEST_PORT = 1024
/** How often one address (IP and port) may be dialled, milliseconds. */
const AGAIN_MS = 60_000
/** How long a success stays believed before it is tried again, milliseconds; and a failure, at most: each one in a row doubles it from AGAIN_MS. */
const BELIEVED_MS = 10 * 60_000
const LONGEST_MS = 30 * 60_000
/** Dials under way, and members that wait for one. */
const MAX_AT_ONCE = 32
const MAX_WAITING = 1_000

export interface DialBacksOptions {
  readonly dialBack: DialBack
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly verifier?: NetworkVerifier | undefined
  readonly table: Pick<MemberTable, 'claimDial' | 'setReachable'>
  /** Called with an entry whose verdict is another than before. */
  readonly onVerdict?: (entry: Entry) => void
}

/**
 * Dials members back when it is their turn: who has not been dialled at its place at once, who answered every ten minutes, who did not
 * after one, two, four … minutes. One address at most once a minute, few at a time, the others in a line of bounded length.
 */
export class DialBacks {
  readonly #options: DialBacksOptions
  /** Of one IP address, all ports together; and of one subnet. */
  readonly #perAddress: TokenBuckets
  readonly #perSubnet: TokenBuckets
  readonly #jobs = new Map<string, Promise<boolean | undefined>>()
  readonly #waiting: (() => void)[] = []
  #dialing = 0
  readonly counts = { good: 0, failed: 0 }

  constructor(options: DialBacksOptions) {
    this.#options = options
    this.#perAddress = new TokenBuckets(options.clock, { burst: 16, perSecond: 0.25 }, 10_000)
    this.#perSubnet = new TokenBuckets(options.clock, { burst: 64, perSecond: 4 }, 10_000)
  }

  /** Members that are dialled now or wait for it. */
  get pending(): number {
    return this.#jobs.size
  }

  /** Whether `entry` can be dialled; undefined when it is not its turn, or it cannot be tried now. Several who ask about one share one dial. */
  check(entry: Entry): Promise<boolean | undefined> {
    const job = `${entry.ip} ${entry.port} ${entry.memberId}${entry.network}`
    const running = this.#jobs.get(job)
    if (running) return running
    if (!this.#isDue(entry)) return Promise.resolve(undefined)
    // What is dialled is what was announced now, even if the entry changes meanwhile.
    const dialing = this.#dialInTurn({ ...entry }).finally(() => this.#jobs.delete(job))
    this.#jobs.set(job, dialing)
    return dialing
  }

  /** Forgets what limits nobody any more. */
  sweep(): void {
    this.#perAddress.sweep()
    this.#perSubnet.sweep()
  }

  #isDue(entry: Entry): boolean {
    if (entry.port < LOWEST_PORT || this.#options.clock.now() < entry.dialAfter) return false
    return this.#dialing < MAX_AT_ONCE || this.#waiting.length < MAX_WAITING
  }

  async #dialInTurn(entry: Entry): Promise<boolean | undefined> {
    // A turn is handed on by whoever leaves, so that nobody who comes in between takes it.
    if (this.#dialing >= MAX_AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#dialing++
    try {
      return await this.#dial(entry)
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#dialing--
    }
  }

  async #dial(entry: Entry): Promise<boolean | undefined> {
    const { clock, random, table, log, onVerdict } = this.#options
    const ip = parseIp(entry.ip)
    if (!ip || !this.#perAddress.take(addressKey(ip)) || !this.#perSubnet.take(subnetKey(ip))) return undefined
    if (!(await table.claimDial(entry, AGAIN_MS))) return undefined
    const why = await this.#failure(entry)
    const reachable = why === undefined
    this.counts[reachable ? 'good' : 'failed']++
    if (why !== undefined) log.debug('a member could not be dialled back', { place: endpointText(entry), memberId: entry.memberId, why })
    const failures = reachable ? 0 : entry.failures + 1
    const wait = reachable ? BELIEVED_MS : Math.min(LONGEST_MS, AGAIN_MS * 2 ** Math.min(failures - 1, 10))
    // Not all who came together are looked at again together.
    const dialAfter = clock.now() + Math.round(wait * (1 + 0.2 * random.fraction()))
    const now = await table.setReachable(entry, { reachable, dialAfter, failures })
    if (now && entry.reachable !== reachable) onVerdict?.(now)
    return reachable
  }

  async #failure(entry: Entry): Promise<string | undefined> {
    try {
      const endpoint = { host: entry.ip, port: entry.port }
      const blueSmell = fromHex(entry.network)
      const answer = await this.#options.dialBack({ endpoint, memberId: entry.memberId, blueSmell })
      if (!answer.ok) return answer.error.message
      if (answer.value.memberId !== entry.memberId) return 'another member answered'
      return this.#shows(entry, blueSmell, answer.value.card) ? undefined : 'it showed another card'
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }

  /** The card of the announce, or one that the same member made since. */
  #shows(entry: Entry, blueSmell: Uint8Array, shown: Uint8Array): boolean {
    const announced = fromBase64(entry.card)
    if (announced && equalBytes(shown, announced)) return true
    const context = { now: Math.floor(this.#options.clock.now() / 1000), params: { blueSmell } }
    const other = checkCard(shown, this.#options.verifier ? { ...context, verifier: this.#options.verifier } : context)
    return other.ok && isSameMember(other.value, entry)
  }
}

function isSameMember(card: Card, entry: Entry): boolean {
  return card.memberId === entry.memberId && card.time >= entry.cardTime
}
