import type { NetworkVerifier } from '../../../src/net/identity.ts'
import { probe } from '../../../src/net/probe.ts'
import type { MemoryInternet } from '../../../src/platform/memory-transport.ts'
import { listingJson } from '../../../src/tracker/answer-json.ts'
import type { Post } from '../../../src/tracker/post.ts'
import { Registry } from '../../../src/tracker/registry.ts'
import { TrackerService, tableLimits } from '../../../src/tracker/service.ts'
import { parseIp } from '../../../src/util/ip.ts'
import { silent } from '../../../src/util/ports.ts'
import { err, ok } from '../../../src/util/result.ts'
import { encodeUtf8 } from '../../../src/util/utf8.ts'
import { HANDSHAKE_BYTES, type Lines, onLine } from './lines.ts'
import type { Dice } from './random.ts'
import type { VirtualClock } from './virtual-time.ts'

/** Head lines of a request and of an answer, as node:http and the tracker's server write them, bytes. */
const REQUEST_HEAD = 190
const ANSWER_HEAD = 330
const DIAL_BACK_MS = 8_000
const SWEEP_MS = 1_000

export interface TrackerTotals {
  announces: number
  refused: number
  /** With heads and the headers of TCP and IP. */
  bytesIn: number
  bytesOut: number
}

/** The real tracker's service at a host of its own; its HTTP is latency and a count of bytes. */
export class SimTracker {
  readonly host: string
  readonly service: TrackerService
  /** Its table of members. */
  readonly registry: Registry
  readonly totals: TrackerTotals = { announces: 0, refused: 0, bytesIn: 0, bytesOut: 0 }
  readonly #clock: VirtualClock
  readonly #lines: Lines
  readonly #kept = new Set<string>()
  #cancel: () => void = () => undefined

  constructor(options: {
    readonly host: string
    readonly clock: VirtualClock
    readonly dice: Dice
    readonly lines: Lines
    readonly internet: MemoryInternet
    readonly memberId: string
    readonly verifier: NetworkVerifier
  }) {
    const { host, clock, dice, lines, internet, memberId, verifier } = options
    this.host = host
    this.#clock = clock
    this.#lines = lines
    const transport = internet.transport(memberId, host)
    this.registry = new Registry(clock, dice, tableLimits())
    this.service = new TrackerService({
      clock,
      random: dice,
      table: this.registry,
      log: silent,
      verifier,
      dialBack: ({ endpoint, blueSmell }) => probe({ transport, endpoint, blueSmell, timeoutMs: DIAL_BACK_MS, clock, random: dice }),
      onChange: () => undefined,
    })
    this.#sweep()
  }

  stop(): void {
    this.#cancel()
  }

  /** How a host posts to it: a connection for each announce, as members do it. */
  post(from: string): Post {
    return async (url, json, { timeoutMs, signal }) => {
      const request = JSON.stringify(json)
      const lines = this.#lines
      const began = this.#clock.now()
      if (!lines.reaches(from, this.host)) {
        await this.#pass(timeoutMs, signal)
        return err({ message: 'The tracker does not answer.' })
      }
      const sent = onLine(REQUEST_HEAD + request.length)
      this.totals.bytesIn += sent
      // Connections are kept from one announce to the next; the first one takes TCP's handshake, a round trip.
      const handshake = this.#kept.has(from) ? 0 : 2 * lines.oneWayMs(from, this.host)
      this.#kept.add(from)
      await this.#clock.wait(handshake + lines.carrySizeMs(from, this.host, sent))
      const ip = parseIp(from)
      if (!ip) throw new Error('bug: a host without an IP address')
      const asker = { ip, host: new URL(url).host }
      const away = this.service.turnedAway(ip)
      const answered = away === undefined ? await this.service.announce(json, asker) : err({ code: away, message: 'not now' })
      this.totals.announces++
      if (!answered.ok) this.totals.refused++
      const status = answered.ok ? 200 : 429
      const body = answered.ok ? listingJson(answered.value) : JSON.stringify({ error: answered.error, now: this.service.now })
      const size = onLine(ANSWER_HEAD + encodeUtf8(body).length)
      this.totals.bytesOut += size
      if (!lines.reaches(this.host, from)) {
        await this.#pass(Math.max(0, timeoutMs - (this.#clock.now() - began)), signal)
        return err({ message: 'The tracker does not answer.' })
      }
      await this.#clock.wait(lines.carrySizeMs(this.host, from, size))
      return ok({ status, body, remote: parseIp(this.host) })
    }
  }

  /** Bytes of the dial-backs' handshakes, which no message shows. */
  get dialBackBytes(): number {
    const { good, failed } = this.service.dialBacks.counts
    return (good + failed) * HANDSHAKE_BYTES
  }

  #pass(ms: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const callOff = this.#clock.after(ms, resolve)
      signal?.addEventListener('abort', () => {
        callOff()
        resolve()
      })
    })
  }

  #sweep(): void {
    void this.service.sweep()
    this.#cancel = this.#clock.after(SWEEP_MS, () => this.#sweep())
  }
}
