import { BoundedMap } from '../util/bounded.ts'
import { TokenBucket } from '../util/bucket.ts'
import { formatIp, isLinkLocal, isLoopback, isPrivate, parseIp } from '../util/ip.ts'
import type { Clock, Random } from '../util/ports.ts'
import type { HostPort } from './transport.ts'

/** What members in one local network call out to each other. Who says it is seen from where it comes, not from what it says. */
export type LanMessage =
  | { readonly kind: 'question' }
  /** `here`: a member of this network (the first bytes of its blue smell, hex) takes connections at `port`. `gone`: it leaves. */
  | { readonly kind: 'here' | 'gone'; readonly memberId: string; readonly blue: string; readonly port: number }

/** Carries such messages to everybody in the local network. Adapter: platform/lan.ts (mDNS); a twin in memory for tests. */
export interface LanWire {
  send(message: LanMessage): void
  close(): Promise<void>
}

/** Opens the wire; `onMessage` is called with what comes and the IP address that it came from. */
export type OpenLanWire = (onMessage: (message: LanMessage, from: string) => void) => LanWire

export interface LanOptions {
  readonly open: OpenLanWire
  readonly memberId: string
  readonly blueSmellHex: string
  /** Where we listen; undefined when we do not. */
  readonly port: () => number | undefined
  readonly clock: Clock
  readonly random: Random
  /** Regtest: several members share this machine. */
  readonly relaxed: boolean
  /** Somebody is there, or says so: to be tried, not believed. */
  readonly onFound: (found: HostPort & { readonly memberId: string }) => void
}

/** Hex digits of the blue smell that tell networks apart. */
const BLUE_DIGITS = 16
const MAX_FOUND = 64
/** What is taken of all that comes. */
const TAKEN = { burst: 64, perSecond: 4 } as const
/** Everybody is asked so often; in between who comes announces itself. */
const ASK_MS = 5 * 60_000
/** A question is answered once for all who ask within a second, and not by everybody at the same moment (RFC 6762, section 6). */
const ANSWER_EVERY_MS = 1_000
const [SOONEST_MS, LATEST_MS] = [20, 120]
/** Who comes says so twice: the first may be lost. */
const AGAIN_MS = 1_000

/** Finds members in the local network, and is found there. */
export class Lan {
  readonly #options: LanOptions
  readonly #found = new BoundedMap<string, HostPort>(MAX_FOUND)
  readonly #taken: TokenBucket
  readonly #callOffs = new Set<() => void>()
  #wire: LanWire | undefined
  #answeredAt = Number.NEGATIVE_INFINITY

  constructor(options: LanOptions) {
    this.#options = options
    this.#taken = new TokenBucket(options.clock, TAKEN.burst, TAKEN.perSecond)
  }

  get on(): boolean {
    return this.#wire !== undefined
  }

  /** How many members were found. */
  get found(): number {
    return this.#found.size
  }

  start(): void {
    if (this.#wire) return
    this.#wire = this.#options.open((message, from) => this.#take(message, from))
    this.again()
    this.#later(AGAIN_MS, () => this.#call('here'))
    const ask = () => {
      this.#wire?.send({ kind: 'question' })
      this.#later(ASK_MS * (0.8 + 0.4 * this.#options.random.fraction()), ask)
    }
    this.#later(ASK_MS, ask)
  }

  /** Asks and announces now: we are in another network, or awake again. */
  again(): void {
    this.#wire?.send({ kind: 'question' })
    this.#call('here')
  }

  async stop(): Promise<void> {
    const wire = this.#wire
    if (!wire) return
    this.#call('gone')
    this.#wire = undefined
    for (const callOff of this.#callOffs) callOff()
    this.#callOffs.clear()
    this.#found.clear()
    await wire.close()
  }

  #call(kind: 'here' | 'gone'): void {
    const { memberId, blueSmellHex, port } = this.#options
    const at = port()
    if (at !== undefined) this.#wire?.send({ kind, memberId, blue: blueSmellHex.slice(0, BLUE_DIGITS), port: at })
  }

  #take(message: LanMessage, from: string): void {
    if (!this.#wire || !this.#taken.take()) return
    const ip = parseIp(from)
    // Who is not in the local network cannot be found in it.
    if (!ip || !(isPrivate(ip) || isLinkLocal(ip) || (this.#options.relaxed && isLoopback(ip)))) return
    if (message.kind === 'question') this.#answer()
    else this.#meet(message, formatIp(ip))
  }

  #meet(message: Exclude<LanMessage, { kind: 'question' }>, host: string): void {
    const { memberId, blue, port, kind } = message
    if (memberId === this.#options.memberId || !this.#options.blueSmellHex.startsWith(blue) || blue.length !== BLUE_DIGITS) return
    if (!/^[0-9a-f]{64}$/.test(memberId) || port < 1024 || port > 65_535) return
    const known = this.#found.get(memberId)
    if (kind === 'gone') {
      // Its own address alone may say so.
      if (known?.host === host) this.#found.delete(memberId)
      return
    }
    this.#found.set(memberId, { host, port })
    this.#options.onFound({ host, port, memberId })
  }

  #answer(): void {
    const { clock, random } = this.#options
    if (clock.now() - this.#answeredAt < ANSWER_EVERY_MS) return
    this.#answeredAt = clock.now()
    this.#later(SOONEST_MS + (LATEST_MS - SOONEST_MS) * random.fraction(), () => this.#call('here'))
  }

  #later(ms: number, job: () => void): void {
    const callOff = this.#options.clock.after(ms, () => {
      this.#callOffs.delete(callOff)
      job()
    })
    this.#callOffs.add(callOff)
  }
}
