import { MESSAGE_LIMITS } from '../../../src/net/messages.ts'
import type { SimMember } from './member.ts'
import type { VirtualClock } from './virtual-time.ts'

/** What messages are about. */
export const FAMILIES = ['cheeses', 'transfers', 'inventories', 'cards', 'pings', 'other'] as const
export type Family = (typeof FAMILIES)[number]

const FAMILY_OF: Readonly<Record<string, Family>> = {
  getHeaders: 'cheeses',
  headers: 'cheeses',
  getBodies: 'cheeses',
  body: 'cheeses',
  notFound: 'other',
  sendCompact: 'cheeses',
  compact: 'cheeses',
  getCompact: 'cheeses',
  getMissing: 'cheeses',
  missing: 'cheeses',
  getInventory: 'inventories',
  inv: 'inventories',
  getTransfers: 'inventories',
  transfer: 'transfers',
  getCards: 'cards',
  cards: 'cards',
  ping: 'pings',
  pong: 'pings',
}

const NUMBERS = new Map<number, string>(Object.entries(MESSAGE_LIMITS).map(([type, { number }]) => [number, type]))

/** A cheese of this run. */
export interface SeenCheese {
  readonly smell: string
  readonly height: number
  readonly at: number
  readonly time: number
  readonly bits: number
  readonly miner: SimMember
  readonly transfers: number
}

export interface SeenTransfer {
  readonly relayId: string
  readonly id: string
  readonly at: number
  readonly from: SimMember
  /** When a cheese with it was first connected by its sender. */
  confirmedAt: number | undefined
}

/** Bytes with all headers, by family of messages, of all members together. */
export type Bytes = Record<Family, number>

interface Watched {
  member: SimMember
  /** Since when it runs and has been as high as its peers, without a break. */
  readySince: number | undefined
}

/** Notes what happens: who hears of what when, what travels, who is banned. */
export class Observer {
  readonly cheeses = new Map<string, SeenCheese>()
  readonly transfers = new Map<string, SeenTransfer>()
  /** Milliseconds from a cheese's (a transfer's) making to each member that was there all the time. */
  readonly cheeseDelays: number[] = []
  readonly transferDelays: number[] = []
  readonly bans: { readonly by: string; readonly whom: string; readonly why: string; readonly at: number }[] = []
  bytes: Bytes = none()
  readonly byType = new Map<string, { count: number; bytes: number }>()
  readonly sent = new Map<string, number>()
  readonly received = new Map<string, number>()
  /** Whether delays are noted: off while the network is cut or floods. */
  measuring = true
  readonly #clock: VirtualClock
  readonly #watched = new Map<SimMember, Watched>()
  readonly #heard = new Map<string, Set<SimMember>>()

  constructor(clock: VirtualClock) {
    this.#clock = clock
  }

  /** Every frame that leaves a host. */
  readonly tap = (from: string, to: string, frame: Uint8Array, onLine: number): void => {
    const type = NUMBERS.get(((frame[4] as number) << 8) | (frame[5] as number)) ?? 'unknown'
    this.bytes[FAMILY_OF[type] ?? 'other'] += onLine
    const tally = this.byType.get(type) ?? { count: 0, bytes: 0 }
    tally.count++
    tally.bytes += onLine
    this.byType.set(type, tally)
    this.sent.set(from, (this.sent.get(from) ?? 0) + onLine)
    this.received.set(to, (this.received.get(to) ?? 0) + onLine)
  }

  /** Forgets what travelled so far. */
  resetTraffic(): void {
    this.bytes = none()
    this.byType.clear()
    this.sent.clear()
    this.received.clear()
  }

  /** Looks at a member that has just started, until it stops. */
  watch(member: SimMember, nameOf: (memberId: string) => string): void {
    const { session } = member
    if (!session) return
    const watched: Watched = { member, readySince: undefined }
    this.#watched.set(member, watched)
    const note = () => {
      const isReady = member.isOn && session.network.sync().stage === 'synced'
      if (!isReady) watched.readySince = undefined
      else watched.readySince ??= this.#clock.exact
    }
    session.network.events.on('sync', note)
    session.network.events.on('peerDisconnected', ({ memberId, reason }) => {
      if (reason.startsWith('banned: ')) this.bans.push({ by: member.name, whom: nameOf(memberId), why: reason.slice(8), at: this.#clock.exact })
    })
    session.stack.events.on('tip', ({ connected }) => {
      for (const { entry, ids } of connected) {
        const cheese = this.cheeses.get(entry.smell)
        if (!cheese) continue
        this.#note(this.cheeseDelays, entry.smell, cheese.at, watched)
        for (const id of ids) {
          const transfer = this.#byId.get(id)
          if (transfer?.from === member) transfer.confirmedAt ??= this.#clock.exact
        }
      }
    })
    session.mempool.events.on('added', ({ entry, returned }) => {
      const transfer = this.transfers.get(entry.relayId)
      if (transfer && !returned) this.#note(this.transferDelays, entry.relayId, transfer.at, watched)
    })
  }

  readonly #byId = new Map<string, SeenTransfer>()

  made(cheese: SeenCheese): void {
    this.cheeses.set(cheese.smell, cheese)
  }

  sentTransfer(transfer: SeenTransfer): void {
    this.transfers.set(transfer.relayId, transfer)
    this.#byId.set(transfer.id, transfer)
  }

  unsent(transfer: SeenTransfer): void {
    this.transfers.delete(transfer.relayId)
    this.#byId.delete(transfer.id)
  }

  /** Members that run and are as high as their peers. */
  ready(): SimMember[] {
    return [...this.#watched.values()].filter(({ member, readySince }) => member.isOn && readySince !== undefined).map(({ member }) => member)
  }

  #note(delays: number[], what: string, at: number, { member, readySince }: Watched): void {
    if (!this.measuring || readySince === undefined || readySince > at) return
    const heard = this.#heard.get(what) ?? new Set()
    this.#heard.set(what, heard)
    if (heard.has(member)) return
    heard.add(member)
    delays.push(this.#clock.exact - at)
  }
}

function none(): Bytes {
  return { cheeses: 0, transfers: 0, inventories: 0, cards: 0, pings: 0, other: 0 }
}

/** The value that this share of `values` is at most; undefined where there are none. */
export function percentile(values: readonly number[], share: number): number | undefined {
  if (values.length === 0) return undefined
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
}

export function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
}
