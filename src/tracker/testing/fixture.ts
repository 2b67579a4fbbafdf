import { params } from '../../consensus/params.ts'
import { type Card, type CardFields, cardGoodUntil, makeCard } from '../../net/card.ts'
import { makeCertificate } from '../../net/certificate.ts'
import { createIdentity, type Identity } from '../../net/identity.ts'
import { fromHex, toHex } from '../../util/bytes.ts'
import { parseIp } from '../../util/ip.ts'
import type { Clock, Random } from '../../util/ports.ts'
import { type Announce, makeAnnounce, toBase64 } from '../protocol.ts'
import type { Arrival } from '../table.ts'

/** 2027-01-15 08:00 UTC, Unix seconds. */
export const START = 1_800_000_000
export const regtest = params('regtest')

/** A clock that moves when told to. */
export class ManualClock implements Clock {
  #now = START * 1000
  readonly #timers: { at: number; fn: () => void }[] = []

  now(): number {
    return this.#now
  }

  after(ms: number, fn: () => void): () => void {
    const timer = { at: this.#now + ms, fn }
    this.#timers.push(timer)
    return () => {
      const i = this.#timers.indexOf(timer)
      if (i >= 0) this.#timers.splice(i, 1)
    }
  }

  /** Moves on by `ms`; what falls due on the way runs at its own time, in order. */
  advance(ms: number): void {
    const end = this.#now + ms
    for (;;) {
      const due = this.#timers.filter((t) => t.at <= end).sort((a, b) => a.at - b.at)[0]
      if (!due) break
      this.#timers.splice(this.#timers.indexOf(due), 1)
      this.#now = Math.max(this.#now, due.at)
      due.fn()
    }
    this.#now = end
  }
}

/** mulberry32: the same numbers each time. */
export function seededRandom(seed: number): Random {
  let state = seed
  const fraction = () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  return { fraction, bytes: (length) => Uint8Array.from({ length }, () => Math.floor(fraction() * 256)) }
}

/** An announce of `card` as the table takes it. */
export function arrivalOf(card: Card, fields: Partial<Omit<Arrival, 'ip'>> & { readonly ip?: string } = {}): Arrival {
  const { ip = '192.0.2.1', ...rest } = fields
  return {
    memberId: card.memberId,
    network: toHex(card.blueSmell),
    card: toBase64(card.bytes),
    cardHash: card.hash,
    cardTime: card.time,
    cardUntil: cardGoodUntil(card),
    version: card.software,
    event: 'update',
    time: START,
    host: 'tracker:9876',
    port: 9875,
    height: 1,
    keepMs: 60_000,
    ...rest,
    ip: parseIp(ip) as Uint8Array,
  }
}

/** A member that announces itself. */
export interface TestMember {
  readonly identity: Identity
  card(fields?: Partial<CardFields>): Card
  announce(host: string, fields?: Partial<Announce>, card?: Card): Announce
}

/** A member on regtest; with `paid`, its card lists a payment address. */
export async function testMember(nickname: string, options: { readonly paid?: boolean } = {}): Promise<TestMember> {
  const identity = await createIdentity()
  const secret = new Uint8Array(32).fill(nickname.length + 1)
  const certificate = options.paid ? makeCertificate({ nickname, memberId: fromHex(identity.memberId), time: START }, regtest.blueSmell, secret) : undefined
  const card = (fields: Partial<CardFields> = {}) =>
    makeCard({ blueSmell: regtest.blueSmell, nickname, certificate, endpoints: [], height: 1, software: 'cheese-stack test', time: START, ...fields }, identity)
  return {
    identity,
    card,
    announce: (host, fields = {}, shown = card()) => makeAnnounce({ host, event: 'started', time: START, port: 9875, height: 1, ...fields }, shown, identity),
  }
}
