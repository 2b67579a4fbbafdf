/** For the mempool's tests: a stack that is a map of accounts, and transfers whose signatures a fake verifier believes. */
import { addressOf } from '../consensus/address.ts'
import { transferSize } from '../consensus/codec.ts'
import { AccountsOverlay, applyTransfer } from '../consensus/connect.ts'
import { transferId } from '../consensus/hash.ts'
import { params } from '../consensus/params.ts'
import type { Account, AddressHex, Body, SignatureJob, Transfer } from '../consensus/types.ts'
import { toHex } from '../util/bytes.ts'
import type { Clock } from '../util/ports.ts'
import { Mempool, type MempoolEvents } from './mempool.ts'
import type { Policy } from './policy.ts'
import type { MempoolChain, MovedCheese } from './ports.ts'

export const regtest = params('regtest')

/** A clock that stands still until it is moved. */
export class FakeClock implements Clock {
  time = 1_800_000_000_000
  #timers: { at: number; fn: () => void }[] = []

  now(): number {
    return this.time
  }

  after(ms: number, fn: () => void): () => void {
    const timer = { at: this.time + ms, fn }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  /** Moves on, and calls what is due, earliest first. */
  advance(ms: number): void {
    const end = this.time + ms
    for (;;) {
      const due = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
      if (!due) break
      this.#timers = this.#timers.filter((other) => other !== due)
      this.time = Math.max(this.time, due.at)
      due.fn()
    }
    this.time = end
  }
}

/** A stack whose cheeses are bodies alone, with undo by copy. */
export class FakeChain implements MempoolChain {
  accounts = new Map<AddressHex, Account>()
  #height = 100
  readonly #below: { accounts: Map<AddressHex, Account>; cheese: MovedCheese }[] = []

  height(): number {
    return this.#height
  }

  account(address: Uint8Array): Account | undefined {
    return this.accounts.get(toHex(address))
  }

  fund(person: Person, balance: bigint, sequence = 0): void {
    this.accounts.set(person.hex, { balance, sequence })
  }

  /** Connects a cheese of `transfers`; throws when they are not valid in this order. */
  connect(...transfers: readonly Transfer[]): MovedCheese {
    const overlay = new AccountsOverlay({ get: (address) => this.account(address) })
    for (const transfer of transfers) {
      const broken = applyTransfer(overlay, transfer, this.#height + 1)
      if (broken) throw new Error(broken.message)
    }
    const body: Body = { reward: { height: this.#height + 1, to: new Uint8Array(20), extra: new Uint8Array() }, transfers }
    const cheese = { body, ids: transfers.map((each) => toHex(transferId(each, regtest))) }
    this.#below.push({ accounts: new Map(this.accounts), cheese })
    for (const [hex, account] of overlay.changes()) {
      if (account) this.accounts.set(hex, account)
      else this.accounts.delete(hex)
    }
    this.#height += 1
    return cheese
  }

  disconnect(): MovedCheese {
    const last = this.#below.pop()
    if (!last) throw new Error('nothing to disconnect')
    this.accounts = last.accounts
    this.#height -= 1
    return last.cheese
  }
}

export interface Person {
  readonly key: Uint8Array
  readonly address: Uint8Array
  readonly hex: AddressHex
}

export function person(name: number): Person {
  const key = new Uint8Array(32).fill(name % 256)
  key[0] = Math.floor(name / 256)
  const address = addressOf(key)
  return { key, address, hex: toHex(address) }
}

export interface Draft {
  readonly from: Person
  readonly to?: Person | readonly Person[]
  readonly sequence?: number
  readonly amount?: bigint
  readonly fee?: bigint
  readonly expiry?: number
  readonly memo?: string
  /** A signature that begins with 0xff is bad. */
  readonly signature?: number
}

export function transfer({ from, to = person(99), sequence = 0, amount = 100_000n, fee = 1000n, expiry = 0, memo = '', signature = 1 }: Draft): Transfer {
  const payees = Array.isArray(to) ? (to as readonly Person[]) : [to as Person]
  const payments = payees.map(({ address }) => ({ to: address, amount }))
  return { version: 1, from: from.key, sequence, expiry, fee, payments, memo: new TextEncoder().encode(memo), signature: new Uint8Array(64).fill(signature) }
}

/** Size of a transfer with one payment and no memo. */
export const PLAIN = transferSize(transfer({ from: person(1) }))

export interface Bench {
  readonly chain: FakeChain
  readonly clock: FakeClock
  readonly mempool: Mempool
  /** How many signatures were looked at. */
  readonly verified: () => number
  /** What happened since it was asked last: "added id", "removed id reason". */
  readonly log: () => string[]
  /** How often `best` came since it was asked last. */
  readonly best: () => number
  /** When set, a verification waits for it. */
  gate: Promise<void> | undefined
}

export function bench(policy: Partial<Policy> = {}, chain = new FakeChain()): Bench {
  const clock = new FakeClock()
  let verified = 0
  const made: { gate: Promise<void> | undefined } = { gate: undefined }
  const verifier = {
    async verify(jobs: readonly SignatureJob[]) {
      verified += jobs.length
      await made.gate
      return jobs.map(({ signature }) => signature[0] !== 0xff)
    },
  }
  const mempool = new Mempool({ params: regtest, chain, verifier, clock, policy })
  let lines: string[] = []
  let best = 0
  const name = ({ entry }: MempoolEvents['added'] | MempoolEvents['removed']) => `${entry.sender.slice(0, 4)}:${entry.transfer.sequence}`
  mempool.events.on('added', (event) => lines.push(`added ${name(event)}${event.returned ? ' returned' : ''}`))
  mempool.events.on('removed', (event) => lines.push(`removed ${name(event)} ${event.reason}`))
  mempool.events.on('best', () => {
    best += 1
  })
  const flush = () => {
    const out = lines
    lines = []
    return out
  }
  const bests = () => {
    const out = best
    best = 0
    return out
  }
  return Object.assign(made, { chain, clock, mempool, verified: () => verified, log: flush, best: bests })
}

/** "abcd:3": how `Bench.log` names a transfer. */
export function named(from: Person, sequence: number): string {
  return `${from.hex.slice(0, 4)}:${sequence}`
}
