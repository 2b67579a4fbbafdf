import { type Card, checkCard } from '../net/card.ts'
import type { NetworkVerifier } from '../net/identity.ts'
import { TokenBuckets } from '../util/bucket.ts'
import { equalBytes } from '../util/bytes.ts'
import { formatEndpoint, formatIp } from '../util/ip.ts'
import type { Clock, Logger } from '../util/ports.ts'
import type { Result } from '../util/result.ts'
import { addressKey, type Entry } from './registry.ts'

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
/** How long a success stays believed before it is tried again, milliseconds. */
const BELIEVED_MS = 10 * 60_000
const MAX_AT_ONCE = 16

/** Dials members back: one address at most once a minute, few at a time, and says what came of it. */
export class DialBacks {
  readonly #dialBack: DialBack
  readonly #clock: Clock
  readonly #log: Logger
  readonly #verifier: NetworkVerifier | undefined
  /** Of one IP address, all ports together. */
  readonly #perAddress: TokenBuckets
  /** When an address (IP and port) was last dialled, and when it last answered as it should. */
  readonly #dialed = new Map<string, { readonly at: number; readonly good: string | undefined }>()
  readonly #running = new Map<string, Promise<boolean | undefined>>()
  readonly counts = { good: 0, failed: 0 }

  constructor(options: { readonly dialBack: DialBack; readonly clock: Clock; readonly log: Logger; readonly verifier?: NetworkVerifier | undefined }) {
    this.#dialBack = options.dialBack
    this.#clock = options.clock
    this.#log = options.log
    this.#verifier = options.verifier
    this.#perAddress = new TokenBuckets(options.clock, { burst: 16, perSecond: 0.25 }, 10_000)
  }

  /** Whether `entry` can be dialled; undefined when it is not tried now. At most one dial an address at a time. */
  check(entry: Entry): Promise<boolean | undefined> {
    const place = formatEndpoint(entry.endpoint)
    const job = `${place} ${entry.key}`
    const running = this.#running.get(job)
    if (running) return running
    if (!this.#mayDial(entry, place)) return Promise.resolve(undefined)
    const dialing = this.#dial(entry, place).finally(() => this.#running.delete(job))
    this.#running.set(job, dialing)
    return dialing
  }

  /** Forgets addresses that may be dialled again anyway. */
  sweep(): void {
    const now = this.#clock.now()
    for (const [place, { at }] of this.#dialed) if (now - at > BELIEVED_MS) this.#dialed.delete(place)
    this.#perAddress.sweep()
  }

  #mayDial(entry: Entry, place: string): boolean {
    if (entry.endpoint.port < LOWEST_PORT || this.#running.size >= MAX_AT_ONCE) return false
    const last = this.#dialed.get(place)
    const now = this.#clock.now()
    if (last && now - last.at < AGAIN_MS) return false
    if (last?.good === entry.key && entry.reachable === true && now - last.at < BELIEVED_MS) return false
    return this.#perAddress.take(addressKey(entry.endpoint.ip))
  }

  async #dial(entry: Entry, place: string): Promise<boolean> {
    this.#dialed.set(place, { at: this.#clock.now(), good: undefined })
    const why = await this.#failure(entry)
    this.#dialed.set(place, { at: this.#clock.now(), good: why === undefined ? entry.key : undefined })
    this.counts[why === undefined ? 'good' : 'failed']++
    if (why !== undefined) this.#log.debug('a member could not be dialled back', { place, memberId: entry.card.memberId, why })
    return why === undefined
  }

  async #failure(entry: Entry): Promise<string | undefined> {
    const { card } = entry
    try {
      const endpoint = { host: formatIp(entry.endpoint.ip), port: entry.endpoint.port }
      const answer = await this.#dialBack({ endpoint, memberId: card.memberId, blueSmell: card.blueSmell })
      if (!answer.ok) return answer.error.message
      if (answer.value.memberId !== card.memberId) return 'another member answered'
      return this.#shows(card, answer.value.card) ? undefined : 'it showed another card'
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }

  /** The card of the announce, or one that the same member made since. */
  #shows(card: Card, shown: Uint8Array): boolean {
    if (equalBytes(shown, card.bytes)) return true
    const context = { now: Math.floor(this.#clock.now() / 1000), params: { blueSmell: card.blueSmell } }
    const other = checkCard(shown, this.#verifier ? { ...context, verifier: this.#verifier } : context)
    return other.ok && other.value.memberId === card.memberId && other.value.time >= card.time
  }
}
