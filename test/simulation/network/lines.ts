import type { Parcel, Wire } from '../../../src/platform/memory-transport.ts'
import type { Dice } from './random.ts'
import type { VirtualClock } from './virtual-time.ts'

export type Continent = 'europe' | 'north america' | 'asia' | 'south america' | 'oceania' | 'africa'

/** Shares of members, about those of today's public peer-to-peer networks. */
const SHARES: readonly (readonly [Continent, number])[] = [
  ['europe', 0.38],
  ['north america', 0.32],
  ['asia', 0.18],
  ['south america', 0.06],
  ['oceania', 0.04],
  ['africa', 0.02],
]

/** One way between two well-connected hosts, milliseconds: half of public round-trip tables, rounded. */
const ONE_WAY: Readonly<Record<Continent, Readonly<Record<Continent, number>>>> = {
  europe: { europe: 14, 'north america': 48, asia: 90, 'south america': 100, oceania: 135, africa: 65 },
  'north america': { europe: 48, 'north america': 24, asia: 80, 'south america': 65, oceania: 80, africa: 110 },
  asia: { europe: 90, 'north america': 80, asia: 36, 'south america': 150, oceania: 60, africa: 120 },
  'south america': { europe: 100, 'north america': 65, asia: 150, 'south america': 28, oceania: 140, africa: 150 },
  oceania: { europe: 135, 'north america': 80, asia: 60, 'south america': 140, oceania: 20, africa: 180 },
  africa: { europe: 65, 'north america': 110, asia: 120, 'south america': 150, oceania: 180, africa: 38 },
}

interface Access {
  readonly share: number
  /** Bytes a millisecond. */
  readonly up: number
  readonly down: number
  /** Added one way, milliseconds. */
  readonly lastMile: readonly [number, number]
  /** Chance that a segment is lost. */
  readonly loss: number
}

const mbit = (rate: number) => (rate * 1e6) / 8 / 1000

/** What people have at home, and a few in data centres. */
const ACCESS: readonly Access[] = [
  { share: 0.25, up: mbit(2), down: mbit(16), lastMile: [8, 25], loss: 0.004 },
  { share: 0.4, up: mbit(20), down: mbit(100), lastMile: [4, 15], loss: 0.001 },
  { share: 0.25, up: mbit(100), down: mbit(300), lastMile: [1, 5], loss: 0.0003 },
  { share: 0.1, up: mbit(1000), down: mbit(1000), lastMile: [0, 1], loss: 0.0001 },
]

/** Where a host is and what line it has. */
export interface Place extends Access {
  readonly continent: Continent
  /** Of its last mile, one way, milliseconds. */
  readonly delay: number
}

interface Host extends Place {
  upFree: number
  downFree: number
}

/** A place as members have them, or one in a data centre. */
export function drawPlace(dice: Dice, dataCentre = false): Place {
  const access = dataCentre ? (ACCESS.at(-1) as Access) : dice.weighted(ACCESS, ({ share }) => share)
  const [continent] = dice.weighted(SHARES, ([, share]) => share)
  return { ...access, continent, delay: dice.between(...access.lastMile) }
}

/** One way between two places, without queues, milliseconds. */
export function oneWayBetween(a: Place, b: Place): number {
  return a.delay + b.delay + ONE_WAY[a.continent][b.continent]
}

/** TCP, IPv4 and TLS 1.3 around what is sent: bytes of a segment's headers, of a segment's contents, of a TLS record. */
const SEGMENT_OVERHEAD = 40
const SEGMENT = 1_400
const RECORD_OVERHEAD = 22
/** What TCP sends before it has heard anything, bytes. */
const FIRST_WINDOW = 10 * SEGMENT
/** Shortest wait before TCP sends again what was not acknowledged. */
const RETRANSMIT_MS = 200
/** A handshake of TCP and TLS 1.3 is two round trips. */
const HANDSHAKE_TRIPS = 4
/** Bytes of a TLS 1.3 handshake with certificates on both sides, each way. */
export const HANDSHAKE_BYTES = 1_500

/** Told of each message that leaves a host: the frame as it is sent, and what it takes on the line. */
export type Tap = (from: string, to: string, frame: Uint8Array, onLine: number) => void

/** Lines between hosts all over the world, the same for the same seed: latency, loss as TCP shows it, and bandwidth; and what is cut or switched off. */
export class Lines implements Wire {
  readonly #clock: VirtualClock
  readonly #dice: Dice
  readonly #hosts = new Map<string, Host>()
  readonly #off = new Set<string>()
  readonly #tap: Tap
  readonly #isClosed: (host: string) => boolean
  #cut: (a: string, b: string) => boolean = () => false

  /** @param isClosed whether a host lies behind a router that lets nobody in */
  constructor(clock: VirtualClock, dice: Dice, tap: Tap, isClosed: (host: string) => boolean) {
    this.#isClosed = isClosed
    this.#clock = clock
    this.#dice = dice
    this.#tap = tap
  }

  /** Gives a host its line. `dataCentre`: the best there is. */
  place(host: string, dataCentre = false): void {
    this.#hosts.set(host, { ...drawPlace(this.#dice, dataCentre), upFree: 0, downFree: 0 })
  }

  /** From now on nothing passes between two hosts for which `cut` is true. */
  cut(cut: (a: string, b: string) => boolean): void {
    this.#cut = cut
  }

  /** A host that loses its power, without a word to anybody; or has it again. */
  power(host: string, on: boolean): void {
    if (on) this.#off.delete(host)
    else this.#off.add(host)
  }

  /** Whether a packet gets from one to the other. */
  reaches(from: string, to: string): boolean {
    return !this.#off.has(from) && !this.#off.has(to) && !this.#cut(from, to)
  }

  /** One way, without queues, milliseconds. */
  oneWayMs(from: string, to: string): number {
    return oneWayBetween(this.#host(from), this.#host(to))
  }

  connectMs(from: string, to: string): number | undefined {
    return this.reaches(from, to) && !this.#isClosed(to) ? HANDSHAKE_TRIPS * this.oneWayMs(from, to) * this.#jitter() : undefined
  }

  carryMs(from: string, to: string, parcel: Parcel): number | undefined {
    const bytes = parcel === 'end' ? 0 : parcel.length
    const size = onLine(bytes)
    // Counted also where it gets lost: it was sent.
    if (parcel !== 'end') this.#tap(from, to, parcel, size)
    if (!this.reaches(from, to)) return undefined
    return this.carrySizeMs(from, to, size)
  }

  /** Milliseconds for so many bytes, headers included. */
  carrySizeMs(from: string, to: string, size: number): number {
    const now = this.#clock.exact
    const [a, b] = [this.#host(from), this.#host(to)]
    const trip = this.oneWayMs(from, to) * this.#jitter()
    a.upFree = Math.max(now, a.upFree) + size / a.up
    let arrives = a.upFree + trip
    // What does not fit the first window waits for acknowledgements, a round trip for each doubling.
    if (size > FIRST_WINDOW) arrives += 2 * trip * Math.floor(Math.log2(size / FIRST_WINDOW))
    const segments = Math.ceil(size / (SEGMENT + SEGMENT_OVERHEAD))
    const kept = (1 - Math.max(a.loss, b.loss)) ** segments
    if (this.#dice.fraction() > kept) arrives += segments > 3 ? 2 * trip : Math.max(RETRANSMIT_MS, 2 * trip) + trip
    // As if everybody were as far away: what is long under way must not keep waiting what was sent later and nearer.
    b.downFree = Math.max(now, b.downFree) + size / b.down
    return arrives + b.downFree - 2 * now
  }

  #jitter(): number {
    return this.#dice.between(0.95, 1.15)
  }

  #host(host: string): Host {
    const found = this.#hosts.get(host)
    if (!found) throw new Error(`bug: ${host} has no line`)
    return found
  }
}

/** What so many bytes of the members' protocol take on the line. */
export function onLine(bytes: number): number {
  return bytes + RECORD_OVERHEAD + SEGMENT_OVERHEAD * Math.max(1, Math.ceil(bytes / SEGMENT))
}
